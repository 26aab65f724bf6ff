package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// sitting is one open session. The screens over it share it.
type sitting struct {
	app *App
	s   *assessment.Session
	at  int // index of the item in front of the person
}

// cat is the content that the session is pinned to.
func (st *sitting) cat() *content.Catalog { return st.s.Catalog() }

// document is the short name of what the content follows: "IR 8596 iprd".
func (st *sitting) document() string { return strings.TrimPrefix(st.cat().Pack().Document, "NIST ") }

// openedMsg is the end of reading a session; then says what to show.
type openedMsg struct {
	s     *assessment.Session
	place content.ItemID
	then  func(*sitting) screen
	err   error
}

// open reads a session and then shows a screen over it.
func (a *App) open(id string, then func(*sitting) screen) tea.Cmd {
	return a.withCatalog(func() tea.Cmd {
		cat, store := a.cat, a.cfg.Store
		return func() tea.Msg {
			st, err := store.Load(id)
			if err != nil {
				return openedMsg{err: err}
			}
			s, err := a.load(cat, st)
			place, _ := store.Place(id)
			return openedMsg{s, place, then, err}
		}
	})
}

func (a *App) opened(msg openedMsg) tea.Cmd {
	if msg.err != nil {
		a.fail("open the session", msg.err)
		return nil
	}
	st := &sitting{app: a, s: msg.s}
	next := st.s.Summary().Next
	for _, id := range []content.ItemID{msg.place, next} {
		if i, ok := st.cat().Index(id); ok && id != (content.ItemID{}) {
			st.at = i
			break
		}
	}
	cmd := a.push(msg.then(st))
	if a.who == "" && st.s.Info().Status == assessment.Open && !a.readOnly {
		a.askWho(st)
	}
	return cmd
}

// askWho asks, once, under which name changes are recorded.
func (a *App) askWho(st *sitting) {
	propose := a.cfg.User
	if list := st.s.Info().Assessors; len(list) > 0 {
		propose = list[0]
	}
	take := func(name string) tea.Cmd {
		if name = assessment.CleanLine(name); name == "" {
			name = propose
		}
		a.who = name
		a.say("changes are recorded as made by %s", name)
		return nil
	}
	p := newPrompt(a, "Who is answering?",
		"Every change is recorded with a name and a time. Asked once; --by NAME skips it.", propose, take)
	p.cancel = func() tea.Cmd { return take(propose) }
	a.dialog = p
}

// act is what the person at the keyboard does now.
func (a *App) act(reason string) assessment.Act {
	return assessment.Act{Who: a.who, Time: a.cfg.Now(), Reason: reason}
}

// do changes the session and queues the change. It reports whether the edit was accepted.
func (st *sitting) do(reason string, edit func(*assessment.Edit) error) (tea.Cmd, bool) {
	return st.took(st.s.Do(st.app.act(reason), edit))
}

func (st *sitting) took(d assessment.Delta, err error) (tea.Cmd, bool) {
	a := st.app
	if a.readOnly && err == nil {
		err = errors.New("the store is read only; nothing is recorded")
	}
	if err != nil {
		a.fail("not done", err)
		return nil, false
	}
	return a.saver.add(d), true
}

// rewind undoes or does again, and goes to the item that changed.
func (st *sitting) rewind(undo bool) tea.Cmd {
	a := st.app
	word, step := "redone", st.s.Redo
	if undo {
		word, step = "undone", st.s.Undo
	}
	d, err := step(a.act(""))
	if errors.Is(err, assessment.ErrNothing) {
		a.say("there is nothing to be %s", word)
		return nil
	}
	cmd, ok := st.took(d, err)
	if !ok || len(d.Events) == 0 {
		return cmd
	}
	st.at = min(st.at, st.cat().Len()-1) // it may be another pack now
	e := d.Events[0]
	what := string(e.Kind)
	if id, err := content.ParseItemID(e.Subject); err == nil {
		what = id.String()
		if i, ok := st.cat().Index(id); ok {
			st.at = i
		}
	}
	if n := len(d.Events); n > 1 {
		a.say("%s: %d changes, the first of %s", word, n, what)
	} else {
		a.say("%s: %s", word, what)
	}
	return cmd
}

// siblings handles the keys that lead from any screen over a session to the others.
func (st *sitting) siblings(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	var to screen
	switch msg.String() {
	case "D":
		to = newDashboard(st)
	case "G":
		to = newGaps(st)
	case "R":
		to = newReport(st)
	default:
		return nil, false
	}
	a := st.app
	if _, ok := a.top().(*walk); !ok && len(a.stack) > 2 {
		a.stack = a.stack[:len(a.stack)-1] // beside each other, so that esc leads back to where one came from
	}
	return a.push(to), true
}

// title is the first line of the screens over a session.
func (st *sitting) title() string {
	a, in := st.app, st.s.Info()
	name := a.theme.Title.Render(in.Organization + " " + a.theme.Glyph.Dot + " " + in.Name)
	if in.Status != assessment.Open {
		name += a.theme.Warn.Render(" [" + string(in.Status) + ": changes are refused]")
	}
	return " " + name
}
