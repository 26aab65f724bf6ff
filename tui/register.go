package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
)

// The screens over the records beside the answers (plan, AI systems, snapshots) are alike: a list, and
// below it the chosen record in full.

var recordKeys = struct{ Move, Scroll, Add, Edit, Remove, Undo, Redo key.Binding }{
	Move:   bind("choose", "j k ↑ ↓", "j", "k", "up", "down"),
	Scroll: bind("read on: the text, then the list", "pgup pgdn", "pgup", "pgdown"),
	Add:    bind("add", "a", "a"),
	Edit:   bind("change", "enter", "enter"),
	Remove: bind("remove", "d", "d"),
	Undo:   walkKeys.Undo,
	Redo:   walkKeys.Redo,
}

// picker is the cursor of a list, and where the text about the chosen row is scrolled to.
type picker struct {
	at, scroll int
	rows       int  // that the list shows, as last drawn
	more       bool // of the text stands below what is shown, as last drawn
}

// move handles the keys that move it in a list of n. It reports whether the key was one.
func (p *picker) move(key string, n int) bool {
	switch key {
	case "j", "down":
		p.at, p.scroll = p.at+1, 0
	case "k", "up":
		p.at, p.scroll = p.at-1, 0
	case "pgdown":
		if p.more {
			p.scroll += 5
		} else {
			p.at, p.scroll = p.at+max(1, p.rows), 0
		}
	case "pgup":
		if p.scroll > 0 {
			p.scroll = max(0, p.scroll-5)
		} else {
			p.at -= max(1, p.rows)
		}
	default:
		return false
	}
	p.clamp(n)
	return true
}

// clamp keeps it within a list of n, which may have become shorter.
func (p *picker) clamp(n int) { p.at = max(0, min(p.at, n-1)) }

// register draws a list under its head, and below it what about writes of the chosen row.
func (a *App) register(w, h int, p *picker, head string, rows []string, about func(*page)) string {
	t := a.theme
	p.clamp(len(rows))
	room := max(1, min(len(rows), h*2/5))
	out := []string{t.Label.Render("   " + a.cut(head, w-3))}
	from := max(0, min(p.at-room/2, len(rows)-room))
	for i := from; i < min(len(rows), from+room); i++ {
		if i == p.at {
			out = append(out, t.Selected.Render(" "+t.Glyph.Cursor+" "+a.pad(rows[i], w-4)))
		} else {
			out = append(out, "   "+a.cut(rows[i], w-4))
		}
	}
	below := &page{app: a, width: w}
	about(below)
	out = append(out, "")
	text := a.scrolled(below.lines, &p.scroll, w, max(1, h-len(out)))
	p.rows, p.more = room, p.scroll+len(text) < len(below.lines)
	return lines(append(out, text...)...)
}

// nothing is a list without rows: what it is for, and the key that begins it.
func (st *sitting) nothing(w int, texts ...string) string {
	out := []string{""}
	for _, text := range texts {
		for _, l := range wrap(st.app.plain(text), min(w-4, 90)) {
			out = append(out, "  "+l)
		}
	}
	return lines(out...)
}

// mayType reports whether the session takes changes, and says why not, before anything is typed.
func (st *sitting) mayType() bool {
	err := st.refusal()
	if err != nil {
		st.app.fail("not now", err)
	}
	return err == nil
}

// history handles the keys of undo and redo on a screen over the session, which then looks at it anew.
func (st *sitting) history(press tea.KeyPressMsg) (tea.Cmd, bool) {
	if !key.Matches(press, walkKeys.Undo, walkKeys.Redo) {
		return nil, false
	}
	a, cat := st.app, st.cat()
	cmd := st.rewind(key.Matches(press, walkKeys.Undo))
	if st.cat() != cat { // the act was a migration: the screens behind show items of the other pack
		a.stack = []screen{a.stack[0], newWalk(st)}
	}
	return tea.Batch(cmd, a.top().Init()), true
}

// record does an act on a record beside the answers, has the screen in front look anew and says what
// was done.
func (st *sitting) record(done func() string, edit func(*assessment.Edit) error) tea.Cmd {
	cmd, ok := st.do("", edit)
	if !ok {
		return cmd
	}
	cmd = tea.Batch(cmd, st.app.top().Init())
	st.app.say("%s  (u undoes)", done())
	return cmd
}

// askRemove asks before a record goes.
func (st *sitting) askRemove(what string, remove func(*assessment.Edit) error) {
	a := st.app
	a.show(&choice{app: a, title: "Remove " + what + "?", text: "Its id does not come back; u undoes.", options: []option{
		{bind("remove it", "y", "y"), func() tea.Cmd { return st.record(func() string { return "removed: " + what }, remove) }},
		{bind("keep it", "n", "n"), func() tea.Cmd { return nil }},
	}})
}

// needed refuses an empty field of a form.
func needed(s string) error {
	if assessment.CleanLine(s) == "" {
		return errEmpty
	}
	return nil
}

// isDate refuses a field of a form that is neither empty nor a day.
func isDate(s string) error {
	_, err := assessment.ParseDate(strings.TrimSpace(s))
	return err
}
