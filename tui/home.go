package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
)

var errEmpty = errors.New("needed")

// home lists the sessions of the store.
type home struct {
	app    *App
	all    []assessment.Summary
	shown  []assessment.Summary // those that hold every word of search
	search string
	ready  bool // something is listed
	whole  bool // all sessions are
	err    error
	at     int
}

// sessionsMsg is the end of reading a list of sessions.
type sessionsMsg struct {
	to    *home
	list  []assessment.Summary
	whole bool
	err   error
}

func newHome(a *App) *home { return &home{app: a} }

// Init reads the list: the sessions changed last at once, for the first frame, then all.
func (h *home) Init() tea.Cmd {
	store := h.app.cfg.Store
	if h.ready {
		return h.readAll()
	}
	return func() tea.Msg {
		list, err := store.Recent()
		return sessionsMsg{h, list, false, err}
	}
}

func (h *home) readAll() tea.Cmd {
	store := h.app.cfg.Store
	return func() tea.Msg {
		list, err := store.Sessions()
		return sessionsMsg{h, list, true, err}
	}
}

// loaded takes a list and keeps the cursor on its session. Sessions can come with an error that names
// those that can not be read.
func (h *home) loaded(msg sessionsMsg) tea.Cmd {
	id := ""
	if h.at < len(h.shown) {
		id = h.shown[h.at].ID
	}
	if msg.err == nil || len(msg.list) > 0 {
		h.all = msg.list
		h.find(h.search)
		h.at = max(0, slices.IndexFunc(h.shown, func(s assessment.Summary) bool { return s.ID == id }))
	}
	h.err = msg.err
	h.ready, h.whole = h.ready || len(msg.list) > 0 || msg.whole, h.whole || msg.whole
	if !msg.whole {
		return h.readAll()
	}
	return nil
}

// find keeps the sessions that hold every word.
func (h *home) find(text string) {
	h.search, h.shown, h.at = text, h.all, 0
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return
	}
	h.shown = nil
	for _, s := range h.all {
		hay := strings.ToLower(s.Organization + " " + s.Name + " " + s.ID)
		all := true
		for _, w := range words {
			all = all && strings.Contains(hay, w)
		}
		if all {
			h.shown = append(h.shown, s)
		}
	}
}

var homeKeys = struct{ Open, New, Copy, Archive, Import, Search, Move key.Binding }{
	Open:    bind("open", "enter", "enter"),
	New:     bind("new", "n", "n"),
	Copy:    bind("copy", "c", "c"),
	Archive: bind("archive, or unarchive", "a", "a"),
	Import:  bind("import a bundle", "I", "I"),
	Search:  bind("search", "/", "/"),
	Move:    bind("choose", "j k ↑ ↓", "j", "k", "up", "down"),
}

func (h *home) Keys() keys {
	k := homeKeys
	short := []key.Binding{k.Open, k.New, k.Copy, global.Report, bind("import", "I", "I"), k.Search, global.Quit}
	if h.ready && len(h.all) == 0 {
		short = []key.Binding{bind("new session", "n", "n"), k.Import, global.Quit}
	}
	return keys{
		short: short,
		full:  []keyGroup{{"Sessions", []key.Binding{k.Open, k.New, k.Copy, k.Archive, k.Import, k.Search, k.Move}}, globalKeys},
	}
}

func (h *home) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	a := h.app
	switch press.String() {
	case "j", "down":
		h.at = min(h.at+1, max(0, len(h.shown)-1))
	case "k", "up":
		h.at = max(0, h.at-1)
	case "pgdown":
		h.at = min(h.at+10, max(0, len(h.shown)-1))
	case "pgup":
		h.at = max(0, h.at-10)
	case "n":
		if a.readOnly {
			a.say("the store is read only; nothing can be added")
			return nil
		}
		a.opening = true
		return a.withCatalog(func() tea.Cmd {
			a.opening = false
			return a.push(newCreate(a))
		})
	case "I":
		a.askBundle("")
	case "/":
		a.show(newPrompt(a, "Find sessions", "Words of the organization, the name or the id; empty shows all.", h.search,
			func(text string) tea.Cmd { h.find(text); return nil }))
	case "esc":
		if h.search != "" {
			h.find("")
		}
	}
	if h.at >= len(h.shown) {
		return nil
	}
	s, act := h.shown[h.at], a.act("")
	switch press.String() {
	case "enter":
		return a.open(s.ID, newWalk)
	case "D":
		return a.open(s.ID, newDashboard)
	case "G":
		return a.open(s.ID, newGaps)
	case "R":
		return a.open(s.ID, newReport)
	case "M":
		return a.open(s.ID, func(st *sitting) screen {
			st.menu()
			return newWalk(st)
		})
	case "a":
		if s.Status == assessment.Locked {
			a.say("the session is locked; archiving would hide that, so unlock it first (M, then k)")
			return nil
		}
		to, done := assessment.Archived, "archived (a takes it back): "
		if s.Status == assessment.Archived {
			to, done = assessment.Open, "open again: "
		}
		return h.change(s.ID, done+s.Organization+", "+s.Name, func(sess *assessment.Session) (assessment.Delta, error) {
			return sess.Do(signed(act, sess, a.cfg.User), func(e *assessment.Edit) error {
				return e.Info(func(in *assessment.Info) { in.Status = to })
			})
		})
	case "c":
		a.show(newPrompt(a, "Copy "+s.Organization+", "+s.Name, "Name of the copy. It starts with all answers and a journal of its own.",
			"Copy of "+s.Name, func(name string) tea.Cmd {
				id, err := a.cfg.NewID()
				if err != nil {
					a.fail("copy the session", err)
					return nil
				}
				act := a.act("")
				return h.change(s.ID, "copied as "+name, func(sess *assessment.Session) (assessment.Delta, error) {
					_, d, err := sess.Copy(id, name, signed(act, sess, a.cfg.User))
					return d, err
				})
			}))
	}
	return nil
}

// signed names the author of an act on a session that is not open in the app, when nobody was asked
// yet: the session's first assessor, if it has one, else user.
func signed(act assessment.Act, s *assessment.Session, user string) assessment.Act {
	if act.Who != "" {
		return act
	}
	act.Who = user
	if list := s.Info().Assessors; len(list) > 0 {
		act.Who = list[0]
	}
	return act
}

// changedMsg carries a change that was made of a session outside a sitting.
type changedMsg struct {
	d    assessment.Delta
	done string // what was done, in words
	err  error
}

// change reads a session, changes it and queues the change.
func (h *home) change(id, done string, edit func(*assessment.Session) (assessment.Delta, error)) tea.Cmd {
	a := h.app
	if a.readOnly {
		a.say("the store is read only; nothing can be changed")
		return nil
	}
	return a.whenSaved(func() tea.Cmd {
		a.opening = true
		return a.withCatalog(func() tea.Cmd {
			cat := a.cat
			return func() tea.Msg {
				s, damage, err := a.read(cat, id)
				if err == nil && damage != "" {
					err = fmt.Errorf("the session is damaged and can only be read: %s", damage)
				}
				if err != nil {
					return changedMsg{err: err}
				}
				d, err := edit(s)
				return changedMsg{d, done, err}
			}
		})
	})
}

// Head says what is open.
func (h *home) Head(w int) []string {
	t := h.app.theme
	n := fmt.Sprintf("%d sessions", len(h.all))
	if len(h.all) == 1 {
		n = "1 session"
	}
	where := "store: " + h.app.cfg.StoreName
	if h.whole {
		where += " " + t.Glyph.Dot + " " + n
	}
	if h.search != "" {
		where += fmt.Sprintf(" %s %d hold %q", t.Glyph.Dot, len(h.shown), h.search)
	}
	return []string{" " + t.Title.Render("PLUMBLINE") + t.Faint.Render("  "+where)}
}

func (h *home) View(w, height int) string {
	a, t := h.app, h.app.theme
	switch {
	case h.err != nil && len(h.all) == 0:
		return lines(wrap(" The list of sessions can not be read: "+h.err.Error(), w-2)...)
	case !h.ready:
		return t.Faint.Render("   reading the store" + t.Glyph.Ellipsis)
	case len(h.all) == 0:
		return h.welcome(w)
	}
	const details = 7
	rows := max(1, height-1-details)
	wide := w >= 100
	fixed := 3 + 2 + 11 + 11 + 11 // margin, gaps, and the three columns that are always there
	if wide {
		fixed += 10 + 16
	}
	names := w - fixed
	line := func(org, name, path, attained, rated, target, changed string) string {
		s := a.pad(org, names*42/100) + " " + a.pad(name, names-names*42/100) + " "
		if wide {
			s += a.pad(path, 10) + a.pad(attained, 16)
		}
		return s + a.pad(rated, 11) + a.pad(target, 11) + a.pad(changed, 11)
	}
	out := []string{t.Label.Render("   " + line("Organization", "Session", "Path", "Attainment", "Rated", "At target", "Changed"))}
	from := max(0, min(h.at-rows/2, len(h.shown)-rows))
	for i := from; i < min(len(h.shown), from+rows); i++ {
		s := h.shown[i]
		name := s.Name
		if s.Status != assessment.Open {
			name = "[" + string(s.Status) + "] " + name
		}
		row := line(s.Organization, name, string(s.Path), attainmentText(a, s.Tally, s.Threshold),
			fmt.Sprintf("%d of %d", s.Tally.Rated(), s.Tally.InProfile), atTargetText(a, s.Tally), when(s.Changed, a.cfg.Now()))
		if i == h.at {
			out = append(out, t.Selected.Render(" "+t.Glyph.Cursor+" "+row))
		} else {
			out = append(out, "   "+row)
		}
	}
	if len(h.shown) == 0 {
		out = append(out, t.Warn.Render("   No session holds "+fmt.Sprintf("%q", h.search)+"; esc shows all."))
	}
	for len(out) < height-details {
		out = append(out, "")
	}
	if h.at < len(h.shown) {
		out = append(out, h.details(h.shown[h.at], w)...)
	}
	return lines(out...)
}

// details tells more of the session under the cursor.
func (h *home) details(s assessment.Summary, w int) []string {
	a, t := h.app, h.app.theme
	var in, out []string
	for _, area := range content.Areas {
		if s.AreasOut[area] {
			out = append(out, area.Label())
		} else {
			in = append(in, area.Label())
		}
	}
	scope := strings.Join(in, ", ") + " in scope"
	if len(out) > 0 {
		scope += ", " + strings.Join(out, ", ") + " out"
	}
	iv := s.Tally.Interval()
	attained := fmt.Sprintf("attainment %s (%s)", s.Tally.Attainment(), attainmentPercent(s.Tally, s.Threshold))
	if n := s.Tally.Unrated(); n > 0 && iv.Low != iv.High {
		attained += fmt.Sprintf("; %s once %d unrated items are known", intervalText(iv), n)
	}
	next := "every item in profile is rated"
	if s.Next != (content.ItemID{}) {
		next = "next: " + s.Next.String()
		if a.cat != nil {
			if sub, ok := a.cat.Subcategory(s.Next.Sub); ok {
				next += "  " + sub.Title
			}
		}
	}
	rows := []string{"", " " + t.Strong.Render(a.cut(s.Organization+" "+t.Glyph.Dot+" "+s.Name, w-2))}
	pack := s.Pack
	if a.cat != nil && a.cat.Pack().ID == pack {
		pack = a.cat.Pack().Document
	}
	for _, text := range []string{fmt.Sprintf("%s · %s path · %s", scope, s.Path, pack), attained, next} {
		for _, l := range wrap(a.plain(text), w-2) {
			rows = append(rows, " "+l)
		}
	}
	return rows
}

// welcome is what a first run shows.
func (h *home) welcome(w int) string {
	t := h.app.theme
	text := []string{
		"Plumbline measures how far an organization stands from where it means to stand on NIST's Cyber AI Profile (IR 8596, an initial preliminary draft).",
		"You walk through questions on three Focus Areas: securing AI, defending with AI, and thwarting attackers who use it; you rate each from 0 to 3.",
		"Every answer is on disk before the screen says saved. Stop at any moment; the walk resumes where it stopped.",
		"The shortest path is the 75 High-priority items. Reports, with every number and its fraction, are one key away (R).",
		"Press n to start a session. plumbline demo shows a worked example; ? explains the keys.",
	}
	out := []string{"", " " + t.Title.Render("No sessions yet."), ""}
	for _, p := range text {
		for i, l := range wrap(h.app.plain(p), min(w-6, 90)) {
			mark := " "
			if i == 0 {
				mark = t.Glyph.Bullet
			}
			out = append(out, "  "+mark+" "+l)
		}
	}
	return lines(out...)
}

// intervalText is what attainment can become: "133/439 (30 %) to 276/439 (63 %)".
func intervalText(iv assessment.Interval) string {
	return fmt.Sprintf("%s (%s) to %s (%s)", iv.Low, iv.Low.Percent(), iv.High, iv.High.Percent())
}

func atTargetText(a *App, tl assessment.Tally) string {
	if tl.Compared == 0 {
		return a.theme.Glyph.Dash
	}
	return fmt.Sprintf("%d of %d", tl.AtTarget, tl.Compared)
}

// attainmentPercent is the one ratio in words: a percentage, or why there is none.
func attainmentPercent(tl assessment.Tally, threshold int) string {
	switch why := tl.WhyWithheld(threshold); why {
	case "":
		return tl.Attainment().Percent()
	case assessment.NoTargets:
		return why
	default:
		return fmt.Sprintf("%s, coverage %d of %d", why, tl.Compared, tl.InProfile)
	}
}

func attainmentText(a *App, tl assessment.Tally, threshold int) string {
	switch {
	case tl.WantedAll == 0:
		return a.theme.Glyph.Dash
	case tl.Withheld(threshold):
		return tl.Attainment().String()
	}
	return tl.Attainment().String() + " " + tl.Attainment().Percent()
}

// when is a time as a list shows it.
func when(t, now time.Time) string {
	t = t.In(now.Location())
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return "today " + t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}
