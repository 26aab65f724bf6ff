package tui

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// sitting is one open session. The screens over it share it.
type sitting struct {
	app    *App
	s      *assessment.Session
	at     int    // index of the item in front of the person
	damage string // what is wrong with the session's journal; "" when it is sound
}

// cat is the content that the session is pinned to.
func (st *sitting) cat() *content.Catalog { return st.s.Catalog() }

// document is the short name of what the content follows: "IR 8596 iprd".
func (st *sitting) document() string { return strings.TrimPrefix(st.cat().Pack().Document, "NIST ") }

// openedMsg is the end of reading a session; then says what to show.
type openedMsg struct {
	s      *assessment.Session
	damage string
	place  content.ItemID
	then   func(*sitting) screen
	err    error
}

// open reads a session and then shows a screen over it.
func (a *App) open(id string, then func(*sitting) screen) tea.Cmd {
	return a.whenSaved(func() tea.Cmd {
		a.opening = true
		return a.withCatalog(func() tea.Cmd {
			cat, store := a.cat, a.cfg.Store
			return func() tea.Msg {
				s, damage, err := a.read(cat, id)
				place, _ := store.Place(id)
				return openedMsg{s, damage, place, then, err}
			}
		})
	})
}

// read reads a session from the store. One whose journal does not hold together can be read, and is
// not to be changed: damage says what is wrong with it.
func (a *App) read(cat *content.Catalog, id string) (s *assessment.Session, damage string, err error) {
	st, err := a.cfg.Store.Load(id)
	if err != nil {
		return nil, "", err
	}
	if _, err := st.Verify(); err != nil {
		damage = err.Error()
	}
	if s, err = a.load(cat, st); err == nil {
		for range s.Catalog().Lenses() { // read now, so that no key has to wait for them
		}
	}
	return s, damage, err
}

func (a *App) opened(msg openedMsg) tea.Cmd {
	a.opening = false
	if msg.err != nil {
		a.fail("open the session", msg.err)
		return nil
	}
	st := &sitting{app: a, s: msg.s, damage: msg.damage}
	a.sitting = st
	next := st.s.Summary().Next
	for _, id := range []content.ItemID{msg.place, next} {
		if i, ok := st.cat().Index(id); ok && id != (content.ItemID{}) {
			st.at = i
			break
		}
	}
	cmd := a.push(msg.then(st))
	if today, last := a.cfg.Today(), assessment.DayOf(st.s.Changed()); today < last {
		a.notice = notice{fmt.Sprintf("the clock says %s, and the session was last changed on %s: ages and expiry are told by the clock", today, last), true}
	}
	if st.damage != "" {
		a.fail("this session can only be read", errors.New(st.damage))
	} else if _, ok := a.top().(*walk); ok && a.who == "" && st.refusal() == nil {
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
		name = cmp.Or(assessment.CleanLine(name), propose, "unnamed")
		a.who = name
		a.say("changes are recorded as made by %s", name)
		return nil
	}
	p := newPrompt(a, "Who is answering?", "Every change is recorded with a name and a time. Asked once; --by NAME skips it.", "", take)
	p.input.Placeholder = propose + " (enter takes this)"
	p.cancel = func() tea.Cmd { return take(propose) }
	a.show(p)
}

// act is what the person at the keyboard does now.
func (a *App) act(reason string) assessment.Act {
	return assessment.Act{Who: a.who, Time: a.cfg.Now(), Reason: reason}
}

// refusal says why the session takes no changes, nil when it does.
func (st *sitting) refusal() error {
	if err := st.unwritable(); err != nil {
		return err
	}
	if status := st.s.Info().Status; status != assessment.Open {
		return &assessment.ClosedError{Status: status}
	}
	return nil
}

// unwritable says why nothing at all can be recorded in the session, nil when something can.
func (st *sitting) unwritable() error {
	switch {
	case st.app.readOnly:
		return errors.New("the store is read only; nothing is recorded")
	case st.damage != "":
		return fmt.Errorf("the session is damaged and can only be read: %s", st.damage)
	}
	return nil
}

// do changes the session and queues the change. It reports whether the edit was accepted.
func (st *sitting) do(reason string, edit func(*assessment.Edit) error) (tea.Cmd, bool) {
	return st.took(func() (assessment.Delta, error) { return st.s.Do(st.app.act(reason), edit) })
}

func (st *sitting) took(act func() (assessment.Delta, error)) (tea.Cmd, bool) {
	err := st.refusal()
	var d assessment.Delta
	if err == nil {
		d, err = act()
	}
	if err != nil {
		st.app.fail("not done", err)
		return nil, false
	}
	return st.app.saver.add(d), true
}

// rewind undoes or does again, and goes to the item that changed.
func (st *sitting) rewind(undo bool) tea.Cmd {
	a := st.app
	word, step := "redone", st.s.Redo
	if undo {
		word, step = "undone", st.s.Undo
	}
	nothing := false
	var d assessment.Delta
	cmd, ok := st.took(func() (_ assessment.Delta, err error) {
		d, err = step(a.act(""))
		if nothing = errors.Is(err, assessment.ErrNothing); nothing {
			err = nil
		}
		return d, err
	})
	if nothing {
		a.say("there is nothing to be %s", word)
		return nil
	}
	if !ok || len(d.Events) == 0 {
		return cmd
	}
	st.at = min(st.at, st.cat().Len()-1) // it may be another pack now
	e := d.Events[0]
	what := strings.TrimSpace(string(e.Kind) + " " + e.Subject)
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

// siblings handles the keys that lead from any screen over a session to the others. A screen that is
// open already comes to the front again.
func (st *sitting) siblings(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(msg, global.Dashboard):
		return beside(st.app, func() *dashboard { return &dashboard{sitting: st} }), true
	case key.Matches(msg, global.Gaps):
		return beside(st.app, func() *gapList { return newGapList(st) }), true
	case key.Matches(msg, global.Report):
		return beside(st.app, func() *report { return newReport(st).(*report) }), true
	case key.Matches(msg, global.Menu):
		st.menu()
		return nil, true
	}
	return nil, false
}

// bring puts the screen of that kind in front: the one of the stack, or a new one, from which esc leads
// back to the screen that was in front.
func bring[S screen](a *App, make func() S) tea.Cmd {
	for i, s := range a.stack {
		if s, ok := s.(S); ok {
			a.stack = a.stack[:i+1]
			return s.Init()
		}
	}
	return a.push(make())
}

// beside is bring for the screens that stand beside each other: a new one takes the place of all above
// the walk, so that esc leads back there. Without a walk it stands over the screen that Home opened.
func beside[S screen](a *App, make func() S) tea.Cmd {
	keep := 2
	for i, s := range a.stack {
		switch s.(type) {
		case S:
			return bring(a, make)
		case *walk:
			keep = i + 1
		}
	}
	a.stack = a.stack[:min(keep, len(a.stack))]
	return a.push(make())
}

// title is the first line of the screens over a session.
func (st *sitting) title() string {
	a, in := st.app, st.s.Info()
	name := a.theme.Title.Render(in.Organization + " " + a.theme.Glyph.Dot + " " + in.Name)
	if in.Status != assessment.Open {
		name += a.theme.Warn.Render(" [" + string(in.Status) + ": changes are refused]")
	}
	if st.damage != "" {
		name += a.theme.Bad.Render(" [damaged: read only]")
	}
	return " " + name
}
