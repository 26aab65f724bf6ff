// Package tui is the terminal app: screens over sessions. The root model is App; a screen is a small
// model that changes in place, knows assessments and reports, and reaches the store only through the
// interface Store. See docs/architecture.md.
package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/tui/theme"
)

// Config is what the app is given. Catalog, Packs, Export and HashFile are called from commands, so they may
// take their time, and Catalog more than once; Now and NewID are called from Update.
type Config struct {
	Store     Store
	StoreName string // what Home calls the store: its file name, or "demo copy"
	ReadOnly  bool   // the store can not be written
	Catalog   func() (*content.Catalog, error)
	Packs     assessment.Packs // finds the pack of a session that is pinned to another one; nil knows Catalog's alone
	Now       func() time.Time
	NewID     func() (string, error)
	Who       string // who answers; "" asks once
	User      string // what is proposed then, for a session without assessors
	ASCII     bool

	// Export writes a report and returns the path of the file. Without force it refuses to replace
	// a file with an error that is fs.ErrExist.
	Export func(s *assessment.Snapshot, f reports.Format, path string, force bool) (string, error)
	// HashFile returns the name of a local file and the hex SHA-256 of its bytes.
	HashFile func(path string) (name, sha256 string, err error)
}

// screen is one full page. It changes in place and is never copied.
type screen interface {
	Init() tea.Cmd
	Update(tea.Msg) tea.Cmd
	Head(w int) []string // title lines; the state of saving is drawn at the right end of the first
	View(w, h int) string
	Keys() keys
}

// dialog is a box over a screen. It has the keys to itself.
type dialog interface {
	Update(tea.Msg) tea.Cmd
	View(w, h int) string // the inside of the box, at most w × h
	Cursor() *tea.Cursor  // within the inside; nil hides it
	Keys() keys
}

// keys are the keys of a screen or dialog: the footer shows short, the help page full.
type keys struct {
	short []key.Binding
	full  []keyGroup
}

type keyGroup struct {
	title string
	keys  []key.Binding
}

func bind(desc, shown string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(shown, desc))
}

var global = struct{ Quit, Help, Back, Dashboard, Gaps, Report, Retry key.Binding }{
	Quit:      bind("quit", "q", "q"),
	Help:      bind("help", "?", "?"),
	Back:      bind("back", "esc", "esc"),
	Dashboard: bind("dashboard", "D", "D"),
	Gaps:      bind("gaps", "G", "G"),
	Report:    bind("report", "R", "R"),
	Retry:     bind("save again", "ctrl+s", "ctrl+s"),
}

var globalKeys = keyGroup{"Everywhere", []key.Binding{
	global.Dashboard, global.Gaps, global.Report, global.Help, global.Back, global.Retry, global.Quit,
}}

// App is the root model.
type App struct {
	cfg      Config
	theme    *theme.Theme
	help     help.Model
	w, h     int
	stack    []screen // the last is in front
	dialog   dialog   // over it; nil when there is none
	saver    saver
	quitting bool
	readOnly bool
	who      string           // who answers, once it is known
	cat      *content.Catalog // of new sessions; a session that is open has its own
	notice   notice
}

// notice is one line above the footer, until the next key.
type notice struct {
	text string
	bad  bool
}

// New returns the app, with Home in front.
func New(cfg Config) *App {
	a := &App{cfg: cfg, theme: theme.New(true, cfg.ASCII), help: help.New(), who: cfg.Who, readOnly: cfg.ReadOnly}
	a.saver.store = cfg.Store
	a.styleHelp()
	a.stack = []screen{newHome(a)}
	return a
}

func (a *App) styleHelp() {
	t := a.theme
	a.help.ShortSeparator = "  "
	a.help.Ellipsis = t.Glyph.Ellipsis
	a.help.Styles = help.Styles{
		Ellipsis: t.Faint, ShortKey: t.Key, ShortDesc: t.Faint, ShortSeparator: t.Faint,
		FullKey: t.Key, FullDesc: t.Text, FullSeparator: t.Faint,
	}
}

// catalogMsg is the end of loading the pack; then is what waited for it.
type catalogMsg struct {
	cat  *content.Catalog
	err  error
	then func() tea.Cmd
}

// Init loads what Home shows and asks the terminal for its background. The pack is loaded when the
// list is there, so that the first frame does not wait for it.
func (a *App) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, a.top().Init()) }

// withCatalog does what needs the pack, at once or as soon as the pack is there. Config.Catalog is
// asked for it once, or again after a failure.
func (a *App) withCatalog(then func() tea.Cmd) tea.Cmd {
	if a.cat != nil {
		return then()
	}
	load := a.cfg.Catalog
	return func() tea.Msg { cat, err := load(); return catalogMsg{cat, err, then} }
}

// load brings back a session, with the pack that it is pinned to.
func (a *App) load(cat *content.Catalog, st assessment.Stored) (*assessment.Session, error) {
	if a.cfg.Packs == nil {
		return assessment.Load(cat, st)
	}
	return assessment.LoadWith(a.cfg.Packs, st)
}

// Update hands a message to the one place that it concerns.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		*a.theme = *theme.New(msg.IsDark(), a.cfg.ASCII)
		a.styleHelp()
		return a, nil
	case catalogMsg:
		if msg.err != nil {
			a.fail("read the content pack", msg.err)
			return a, nil
		}
		a.cat = msg.cat
		return a, msg.then()
	case savedMsg:
		return a, a.saved(msg)
	case sessionsMsg:
		next := msg.to.loaded(msg)
		if msg.err != nil {
			a.fail("read the sessions", msg.err)
		}
		if next != nil {
			return a, next
		}
		return a, a.withCatalog(func() tea.Cmd { return nil }) // so that it is there when it is needed
	case openedMsg:
		return a, a.opened(msg)
	case changedMsg:
		if msg.err != nil {
			a.fail("not done", msg.err)
			return a, nil
		}
		return a, a.saver.add(msg.d)
	case exportedMsg:
		return a, msg.to.exported(msg)
	case hashedMsg:
		return a, msg.to.hashed(msg)
	case tea.PasteMsg:
		// The one text filter stands before every field.
		return a, a.pass(tea.PasteMsg{Content: assessment.CleanText(msg.Content)})
	case tea.KeyPressMsg:
		a.notice = notice{}
		if cmd, done := a.key(msg); done {
			return a, cmd
		}
	}
	return a, a.pass(msg)
}

// pass gives a message to the dialog, or to the screen in front.
func (a *App) pass(msg tea.Msg) tea.Cmd {
	if a.dialog != nil {
		return a.dialog.Update(msg)
	}
	return a.top().Update(msg)
}

// key handles the keys that mean the same everywhere.
func (a *App) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case msg.String() == "ctrl+c":
		return a.leave(), true
	case msg.String() == "ctrl+v":
		return nil, true // text fields would start a clipboard program; a terminal's paste works
	case key.Matches(msg, global.Retry) && a.saver.err != nil:
		return a.saver.flush(), true
	case a.dialog != nil:
		return nil, false
	case a.editing():
		return nil, false
	case key.Matches(msg, global.Quit):
		return a.leave(), true
	case key.Matches(msg, global.Help):
		a.dialog = newHelp(a, a.top().Keys())
		return nil, true
	}
	return nil, false
}

// leave quits when everything is on disk, and starts a last write when not.
func (a *App) leave() tea.Cmd {
	if s, ok := a.top().(interface{ Leave() }); ok {
		s.Leave()
	}
	cmd := a.saver.flushAll()
	if a.saver.idle() && cmd == nil {
		return tea.Quit
	}
	if a.quitting && a.saver.err != nil {
		// Asked twice with a store that can not be written: main tries once more after the program
		// has ended and says what became of it.
		return tea.Quit
	}
	a.quitting = true
	return cmd
}

// saved takes note of the end of a write.
func (a *App) saved(msg savedMsg) tea.Cmd {
	cmd := a.saver.saved(msg)
	if cmd == nil && msg.err == nil && a.quitting {
		cmd = a.saver.flushAll()
	}
	switch {
	case msg.err != nil && a.quitting:
		a.fail("save before leaving", fmt.Errorf("%w; quit again to leave anyway, ctrl+s tries again", msg.err))
	case a.quitting && a.saver.idle() && cmd == nil:
		return tea.Quit
	}
	if h, ok := a.top().(*home); ok {
		cmd = tea.Batch(cmd, h.Init()) // what it lists has changed
	}
	return cmd
}

// Filter sends a request to end that comes from outside (SIGTERM, SIGINT) down the same path as the
// keys while something is not saved. It is meant for tea.WithFilter.
func Filter(m tea.Model, msg tea.Msg) tea.Msg {
	a, ok := m.(*App)
	if !ok || a.saver.idle() || a.quitting {
		return msg
	}
	switch msg.(type) {
	case tea.QuitMsg, tea.InterruptMsg:
		return tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	}
	return msg
}

func (a *App) top() screen { return a.stack[len(a.stack)-1] }

// push puts a screen in front; replace puts it in place of the one in front, unless that is Home.
func (a *App) push(s screen) tea.Cmd {
	a.stack = append(a.stack, s)
	return s.Init()
}

// back returns to the screen behind. Home stays.
func (a *App) back() tea.Cmd {
	if len(a.stack) == 1 {
		return nil
	}
	if s, ok := a.top().(interface{ Leave() }); ok {
		s.Leave()
	}
	a.stack = a.stack[:len(a.stack)-1]
	if h, ok := a.top().(*home); ok {
		return tea.Batch(a.saver.flushAll(), h.Init())
	}
	return nil
}

// close takes the dialog away.
func (a *App) close() { a.dialog = nil }

func (a *App) say(format string, args ...any) { a.notice = notice{text: fmt.Sprintf(format, args...)} }

// fail shows what could not be done, in one line.
func (a *App) fail(doing string, err error) {
	a.notice = notice{fmt.Sprintf("%s: %v", doing, err), true}
	if errors.Is(err, assessment.ErrClosed) {
		a.notice.text += "; unarchive it in the list of sessions (a)"
	}
}

const (
	minWidth, minHeight = 40, 10
	listWidth           = 120 // from here a list stands beside the item
	panelWidth          = 160 // from here the references stand beside it too
)

// View draws the screen in front: head, rule, body, rule, footer; a dialog over it.
func (a *App) View() tea.View {
	content, cursor := a.draw()
	v := tea.NewView(content)
	v.AltScreen = true
	v.WindowTitle = "Plumbline"
	v.Cursor = cursor
	return v
}

func (a *App) draw() (string, *tea.Cursor) {
	if a.w < minWidth || a.h < minHeight {
		return fit(fmt.Sprintf("Plumbline needs %d×%d cells", minWidth, minHeight), a.w, a.h), nil
	}
	t := a.theme
	front := a.top()
	keys := front.Keys()
	if a.dialog != nil {
		keys = a.dialog.Keys()
	}
	head := front.Head(a.w)
	status := a.savingStatus()
	head[0] = a.ends(head[0], status, a.w)
	rule := t.Rule.Render(strings.Repeat(t.Glyph.Rule, a.w))

	foot := ""
	if text := a.unsavedNotice(); text != "" {
		foot = t.Bad.Render(a.cut(" "+text, a.w))
	} else if a.notice.bad {
		foot = t.Bad.Render(a.cut(" "+a.notice.text, a.w))
	} else if a.notice.text != "" {
		foot = t.Accent.Render(a.cut(" "+a.notice.text, a.w))
	} else {
		foot = a.footer(keys.short)
	}
	bodyHeight := a.h - len(head) - 3
	body := fit(front.View(a.w, bodyHeight), a.w, bodyHeight)
	page := fit(lines(head...)+"\n"+rule+"\n"+body+"\n"+rule+"\n"+foot, a.w, a.h)
	if a.dialog == nil {
		return page, nil
	}
	w, h := min(a.w-6, 100), a.h-4
	inside := a.dialog.View(w, h)
	box := t.Box.Render(fit(inside, w, min(h, lipgloss.Height(inside))))
	page, x, y := overlay(page, box, a.w, a.h)
	cursor := a.dialog.Cursor()
	if cursor != nil {
		cursor.X += x + 2
		cursor.Y += y + 1
	}
	return fit(page, a.w, a.h), cursor
}

// footer shows the next keys; help stands at the right end, where no narrow terminal cuts it off.
func (a *App) footer(short []key.Binding) string {
	right := ""
	if a.dialog == nil {
		right = a.help.ShortHelpView([]key.Binding{global.Help}) + " "
	}
	a.help.SetWidth(a.w - ansi.StringWidth(right) - 2)
	return a.ends(" "+a.plain(a.help.ShortHelpView(short)), right, a.w)
}

// editing reports whether letters are text on the screen in front.
func (a *App) editing() bool {
	e, ok := a.top().(interface{ Editing() bool })
	return ok && e.Editing()
}
