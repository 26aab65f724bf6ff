// Package tui is the terminal app: screens over sessions. The root model is App; a screen is a small
// model that changes in place, knows assessments and reports, and reaches the store only through the
// interface Store. See docs/architecture.md.
package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/official"
	"plumbline/reports"
	"plumbline/reports/wire"
	"plumbline/tui/theme"
)

// Config is what the app is given. Now and NewID are called from Update, the others from commands, so
// they may take their time, and Catalog more than once.
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

	// Today is the day that expiry dates are judged by; nil takes it from Now.
	Today func() assessment.Date

	// Export writes a report and returns the path of the file. Of the options the app fills in what
	// depends on the session; who made it and when is the caller's. Without force it refuses to replace
	// a file with an error that is fs.ErrExist. When ctx ends, it leaves nothing behind.
	Export func(ctx context.Context, s *assessment.Snapshot, k reports.Kind, f reports.Format, o reports.Options, path string, force bool) (string, error)
	// HashFile returns the name of a local file and the hex SHA-256 of its bytes.
	HashFile func(path string) (name, sha256 string, err error)
	// ReadLogo returns the name of a local file and its bytes. Of one that is too large for a logo it may
	// return the beginning alone.
	ReadLogo func(path string) (name string, data []byte, err error)
	// ReadFile reads a file that is to be imported. Of one that is too large it may return the beginning.
	ReadFile func(ctx context.Context, path string) (Input, error)
	// Unlock decrypts a file that is Locked.
	Unlock func(ctx context.Context, in Input, passphrase string) (Input, error)
	// Backup copies the store as it is and returns the path of the copy. An import asks for one first.
	Backup func() (path string, err error)
	// ImportBundle says what taking a bundle into the store would do and, but with DryRun, does it after a
	// backup, all of it or nothing. Where a session went on differently here it does nothing: Counts.Conflict.
	ImportBundle func(ctx context.Context, o BundleImport) (wire.Imported, error)
	// MergeBundle says what merging a session of a bundle into the one of the store would do and, but with
	// DryRun, does it after a backup, in one act. While a conflict is open it does nothing: Counts.Conflict.
	MergeBundle func(ctx context.Context, o BundleMerge) (wire.Merged, error)
	// ExportBundle says what a bundle of a session would hold and, but with DryRun, writes it. Without
	// Force it refuses to replace a file with an error that is fs.ErrExist.
	ExportBundle func(ctx context.Context, o BundleExport) (wire.Exported, error)
	// Official returns NIST's official wording, nil where nobody has added it. It is called from a
	// command, when it is first asked for.
	Official func() (*official.Wording, error)
}

// Input is a file that may be imported.
type Input struct {
	Name   string // without its folder
	Data   []byte
	Sum    string // hex SHA-256 of the file, which Data no longer is once it was unlocked
	Bundle bool   // it brings sessions of its own; anything else goes into a session
	Locked bool   // it is encrypted with a passphrase, and still is
}

// BundleImport is a bundle that is to be taken into the store.
type BundleImport struct {
	Input
	AsCopy *string // name of a new session for what can not be added to the one that is here
	DryRun bool
}

// BundleMerge is a session of a bundle that is to be merged into the one of the store.
type BundleMerge struct {
	Input
	Session string                     // its id
	Take    map[string]assessment.Side // decisions on conflicts, by their keys
	Who     string                     // "" is for the caller to say
	DryRun  bool
}

// BundleExport is a bundle that is to be written.
type BundleExport struct {
	Session    string // its id
	Path       string
	Passphrase string   // "" encrypts nothing
	Redact     []string // notes, names, evidence, organization; none is a whole bundle
	Force      bool
	DryRun     bool
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

// keys are the keys of a screen or dialog: the footer shows short, the help page full. Of short, the
// one that is esc or q is the way back.
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

var global = struct{ Quit, Help, Back, Dashboard, Gaps, Report, Menu, Retry key.Binding }{
	Quit:      bind("quit", "q", "q"),
	Help:      bind("help", "?", "?"),
	Back:      bind("back", "esc", "esc"),
	Dashboard: bind("dashboard", "D", "D"),
	Gaps:      bind("gaps", "G", "G"),
	Report:    bind("report", "R", "R"),
	Menu:      bind("session menu", "M", "M"),
	Retry:     bind("save again", "ctrl+s", "ctrl+s"),
}

var globalKeys = keyGroup{"Everywhere", []key.Binding{
	global.Dashboard, global.Gaps, global.Report, global.Menu, global.Help, global.Back, global.Retry, global.Quit,
}}

// App is the root model.
type App struct {
	cfg      Config
	theme    *theme.Theme
	help     help.Model
	w, h     int
	stack    []screen // the last is in front
	dialog   dialog   // over it; nil when there is none
	waiting  []dialog // for their turn
	sitting  *sitting // the one session that is open; nil on Home
	saver    saver
	jobs     int            // work on files under way
	opening  bool           // a session is being read, so that Home waits
	later    func() tea.Cmd // what waits until everything is saved
	quitting bool           // leave as soon as everything is saved
	asked    bool           // to leave, while the store could not be written
	warned   bool           // that leaving drops what is being typed
	readOnly bool
	who      string           // who answers, once it is known
	cat      *content.Catalog // of new sessions; a session that is open has its own
	notice   notice

	official     *official.Wording // once it was read
	showOfficial bool
}

// notice is one line above the footer, until the next key.
type notice struct {
	text string
	bad  bool
}

// New returns the app, with Home in front.
func New(cfg Config) *App {
	if cfg.Today == nil {
		cfg.Today = func() assessment.Date { return assessment.DayOf(cfg.Now()) }
	}
	a := &App{cfg: cfg, theme: theme.New(true, cfg.ASCII), help: help.New(), who: cfg.Who, readOnly: cfg.ReadOnly}
	a.saver.store = cfg.Store
	a.styleHelp()
	a.stack = []screen{newHome(a)}
	return a
}

func (a *App) styleHelp() {
	t := a.theme
	a.help.ShortSeparator = "  "
	a.help.Styles = help.Styles{
		ShortKey: t.Key, ShortDesc: t.Faint, ShortSeparator: t.Faint,
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
	return func() tea.Msg {
		cat, err := load()
		return catalogMsg{cat, err, then}
	}
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
			a.opening = false
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
		a.opening = false
		if msg.err != nil {
			a.fail("not done", msg.err)
			return a, nil
		}
		a.say("%s", msg.done)
		return a, a.saver.add(msg.d)
	case exportedMsg:
		msg.to.exported(msg)
		return a, a.jobDone()
	case signalMsg:
		return a, a.end()
	case doneMsg:
		return a, tea.Batch(msg.then(), a.jobDone())
	case officialMsg:
		a.gotOfficial(msg)
		return a, nil
	case logoMsg:
		return a, tea.Batch(msg.to.gotLogo(msg), a.jobDone())
	case hashedMsg:
		return a, tea.Batch(msg.to.hashed(msg), a.jobDone())
	case tea.PasteMsg:
		// The one text filter stands before every field.
		return a, a.pass(tea.PasteMsg{Content: assessment.CleanText(msg.Content)})
	case tea.KeyPressMsg:
		a.notice = notice{}
		a.warned = a.warned && msg.String() == "ctrl+c"
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
		return a.interrupt(), true
	case msg.String() == "ctrl+v":
		return nil, true // text fields would start a clipboard program; a terminal's paste works
	case key.Matches(msg, global.Retry) && a.saver.err != nil:
		return a.saver.flush(), true
	case a.dialog != nil:
		return nil, false
	case a.opening && !key.Matches(msg, global.Quit):
		return nil, true
	case a.editing():
		return nil, false
	case key.Matches(msg, global.Quit):
		return a.leave(), true
	case key.Matches(msg, global.Help):
		a.show(newHelp(a, a.top().Keys()))
		return nil, true
	}
	return nil, false
}

// interrupt leaves, unless something would be lost that was typed: then it says so, and the next one
// leaves.
func (a *App) interrupt() tea.Cmd {
	if d, ok := a.dialog.(interface{ Typed() bool }); ok && d.Typed() && !a.warned {
		a.warned = true
		a.say("what is typed here is not kept yet: enter goes on, ctrl+c again leaves without it")
		return nil
	}
	if c, ok := a.top().(*create); ok && a.dialog == nil && !c.blank() {
		c.askDrop()
		return nil
	}
	return a.end()
}

// end leaves, after what is being typed was kept, where it can be kept as it stands.
func (a *App) end() tea.Cmd {
	var kept tea.Cmd
	if d, ok := a.dialog.(interface{ Keep() tea.Cmd }); ok {
		kept = d.Keep()
	}
	return tea.Batch(kept, a.leave())
}

// Keep takes what is being typed, for when the program has ended without asking the app: the terminal was
// closed. It is then among what Unsaved returns.
func (a *App) Keep() {
	if d, ok := a.dialog.(interface{ Keep() tea.Cmd }); ok {
		d.Keep()
	}
}

// signalMsg is a request to end that comes from outside, and can not be asked anything.
type signalMsg struct{}

// leave quits when everything is on disk, and starts a last write when not. While the store can not be
// written, the first call stays and says so, the second leaves: main tries once more after the program
// has ended and says what became of it.
func (a *App) leave() tea.Cmd {
	a.remember()
	if a.saver.err != nil && a.asked {
		return tea.Quit
	}
	a.quitting = true
	return a.proceed()
}

// proceed goes on with leaving: it writes what is left to write, and quits when nothing is.
func (a *App) proceed() tea.Cmd {
	cmd := a.saver.flushAll()
	if cmd == nil && a.saver.idle() && a.jobs == 0 {
		return tea.Quit
	}
	return cmd
}

// remember has the place of the open session written with the next write.
func (a *App) remember() {
	if st := a.sitting; st != nil && !a.readOnly {
		a.saver.place = &place{st.s.Info().ID, st.cat().At(st.at).ID}
	}
}

// saved takes note of the end of a write.
func (a *App) saved(msg savedMsg) tea.Cmd {
	cmd := a.saver.saved(msg)
	if msg.err != nil {
		a.asked, a.quitting, a.later, a.opening = a.quitting, false, nil, false
		a.notice = notice{} // what is not saved says so there
		return nil
	}
	a.asked = false
	switch {
	case cmd != nil:
	case a.quitting:
		cmd = a.proceed()
	case a.later != nil:
		then := a.later
		a.later = nil
		cmd = then()
	case msg.n > 0:
		a.remember() // behind the answers, so that a walk that is killed resumes where it stopped
		cmd = a.saver.flushAll()
	}
	if h, ok := a.top().(*home); ok && msg.n > 0 {
		cmd = tea.Batch(cmd, h.Init()) // what it lists has changed
	}
	return cmd
}

// whenSaved does what reads a session from the store, as soon as all that was answered is there: two
// states of one session must never live side by side.
func (a *App) whenSaved(then func() tea.Cmd) tea.Cmd {
	switch {
	case a.saver.err != nil:
		a.say("answers are not saved yet; ctrl+s tries again")
		return nil
	case !a.saver.idle() || a.jobs > 0:
		a.later, a.opening = then, true
		return nil
	}
	return then()
}

// jobDone takes note that a file was hashed or written.
func (a *App) jobDone() tea.Cmd {
	a.jobs--
	switch {
	case a.quitting:
		return a.proceed()
	case a.later != nil && a.jobs == 0 && a.saver.idle():
		then := a.later
		a.later = nil
		return then()
	}
	return nil
}

// Filter holds up a request to end that comes from outside (SIGTERM, SIGINT) until a note that is being
// typed was kept and everything is saved. It is meant for tea.WithFilter.
func Filter(m tea.Model, msg tea.Msg) tea.Msg {
	a, ok := m.(*App)
	if !ok {
		return msg
	}
	if _, typing := a.dialog.(interface{ Keep() tea.Cmd }); a.quitting || !typing && a.saver.idle() && a.jobs == 0 {
		return msg
	}
	switch msg.(type) {
	case tea.QuitMsg, tea.InterruptMsg:
		return signalMsg{}
	}
	return msg
}

func (a *App) top() screen { return a.stack[len(a.stack)-1] }

// push puts a screen in front.
func (a *App) push(s screen) tea.Cmd {
	a.stack = append(a.stack, s)
	return s.Init()
}

// back returns to the screen behind, which looks at the session anew. Home stays.
func (a *App) back() tea.Cmd {
	if len(a.stack) == 1 {
		return nil
	}
	a.stack = a.stack[:len(a.stack)-1]
	if len(a.stack) > 1 {
		return a.top().Init()
	}
	a.remember()
	a.sitting = nil
	return tea.Batch(a.saver.flushAll(), a.top().Init())
}

// show puts a dialog in front, or behind the one that is there: nothing that is being typed gives way
// to a message that comes late.
func (a *App) show(d dialog) {
	if a.dialog != nil {
		a.waiting = append(a.waiting, d)
		return
	}
	a.dialog = d
}

// close takes the dialog away; the next one that waits comes.
func (a *App) close() {
	a.dialog = nil
	if len(a.waiting) > 0 {
		a.dialog, a.waiting = a.waiting[0], a.waiting[1:]
	}
}

func (a *App) say(format string, args ...any) { a.notice = notice{text: fmt.Sprintf(format, args...)} }

// fail shows what could not be done, in one line.
func (a *App) fail(doing string, err error) {
	a.notice = notice{fmt.Sprintf("%s: %v", doing, err), true}
	if closed, ok := errors.AsType[*assessment.ClosedError](err); ok {
		way := "unarchive it in the list of sessions (a)"
		if closed.Status == assessment.Locked {
			way = "M, then k, unlocks it"
		}
		a.notice.text += "; " + way
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

	foot := []string{a.footer(keys.short)}
	switch unsaved := a.unsavedNotice(); {
	case a.notice.text != "":
		foot = a.message(a.notice.text, a.notice.bad)
	case unsaved != "":
		foot = a.message(unsaved, true)
	}
	bodyHeight := max(0, a.h-len(head)-2-len(foot))
	body := fit(front.View(a.w, bodyHeight), a.w, bodyHeight)
	page := fit(lines(head...)+"\n"+rule+"\n"+body+"\n"+rule+"\n"+lines(foot...), a.w, a.h)
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

// message is a notice in as many lines as it needs, up to three.
func (a *App) message(text string, bad bool) []string {
	style := a.theme.Accent
	if bad {
		style = a.theme.Bad
	}
	out := wrap(a.plain(text), a.w-2)
	for i := range out[:min(len(out), 3)] {
		out[i] = style.Render(" " + out[i])
	}
	return out[:min(len(out), 3)]
}

// footer shows the next keys, and after them the way back; help stands at the right end. No narrow
// terminal cuts these two off.
func (a *App) footer(short []key.Binding) string {
	var next, back []key.Binding
	for _, b := range short {
		if slices.ContainsFunc(b.Keys(), func(k string) bool { return k == "esc" || k == "q" }) {
			back = append(back, b)
		} else {
			next = append(next, b)
		}
	}
	hints := func(keys []key.Binding) string { return a.plain(a.help.ShortHelpView(keys)) }
	way, help := hints(back), ""
	if a.dialog == nil && !a.editing() { // where letters are text, ? is one
		help = hints([]key.Binding{global.Help}) + " "
	}
	shown := hints(next)
	for n := len(next); n > 0 && ansi.StringWidth(" "+shown+"  "+way+"  "+help) > a.w; n-- {
		shown = hints(next[:n-1]) + " " + a.theme.Faint.Render(a.theme.Glyph.Ellipsis)
	}
	if shown != "" {
		shown += "  "
	}
	return a.ends(" "+shown+way, help, a.w)
}

// editing reports whether letters are text on the screen in front.
func (a *App) editing() bool {
	e, ok := a.top().(interface{ Editing() bool })
	return ok && e.Editing()
}
