package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// evidenceList shows the evidence of an item; entries are added and removed here.
type evidenceList struct {
	w  *walk
	at int
}

var evidenceKeys = struct{ Add, Remove key.Binding }{
	Add:    bind("add an entry", "a", "a"),
	Remove: bind("remove the entry (u brings it back)", "d", "d"),
}

// editEvidence opens the list, or the form for the first entry.
func (w *walk) editEvidence() tea.Cmd {
	l := &evidenceList{w: w}
	if len(w.s.Response(w.at).Evidence) == 0 {
		return l.add()
	}
	w.app.show(l)
	return nil
}

func (l *evidenceList) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	w := l.w
	list := w.s.Response(w.at).Evidence
	switch press.String() {
	case "esc", "enter", "q":
		w.app.close()
	case "j", "down":
		l.at = max(0, min(len(list)-1, l.at+1))
	case "k", "up":
		l.at = max(0, l.at-1)
	case "a":
		w.app.close()
		return l.add()
	case "d":
		if l.at >= len(list) {
			return nil
		}
		id := w.id()
		cmd, ok := w.do("", func(e *assessment.Edit) error { return e.RemoveEvidence(id, l.at) })
		if ok {
			w.app.say("entry removed; u in the walk brings it back")
			l.at = max(0, min(l.at, len(list)-2))
		}
		return cmd
	}
	return nil
}

func (l *evidenceList) View(w, h int) string {
	a, t := l.w.app, l.w.app.theme
	out := []string{t.Strong.Render("Evidence of " + l.w.id().String())}
	list := l.w.s.Response(l.w.at).Evidence
	first := 0 // line of the chosen entry
	for i, ev := range list {
		mark := " "
		if i == l.at {
			mark, first = t.Glyph.Cursor, len(out)
		}
		for _, line := range wrap(a.plain(evidenceText(ev)), w-3) {
			out = append(out, a.pad(mark+" "+line, w))
			mark = " "
		}
	}
	if len(list) == 0 {
		out = append(out, t.Faint.Render("none"))
	}
	from := max(0, min(first-1, len(out)-h))
	return lines(out[from:min(len(out), from+h)]...)
}

func (l *evidenceList) Cursor() *tea.Cursor { return nil }

func (l *evidenceList) Keys() keys {
	return keys{short: []key.Binding{evidenceKeys.Add, evidenceKeys.Remove, bind("close", "esc", "esc")}}
}

// hashedMsg is the end of hashing the file of an evidence entry.
type hashedMsg struct {
	to       *sitting
	id       content.ItemID
	evidence assessment.Evidence
	err      error
}

// add asks for an entry. A file is hashed before the entry is recorded; the file itself stays where
// it is.
func (l *evidenceList) add() tea.Cmd {
	a, st, id := l.w.app, l.w.sitting, l.w.id()
	d := &struct {
		method          assessment.Method
		ref, date, path string
	}{method: assessment.Examined, date: a.cfg.Now().Format(time.DateOnly)}
	var methods []huh.Option[assessment.Method]
	for _, m := range assessment.Methods {
		methods = append(methods, huh.NewOption(methodText[m], m))
	}
	form, cmd := newForm(a, "New evidence for "+id.String(), 16, func() tea.Cmd {
		ev := assessment.Evidence{Method: d.method, Ref: d.ref, Date: assessment.Date(strings.TrimSpace(d.date))}
		path := strings.TrimSpace(d.path)
		if path == "" {
			return st.hashed(hashedMsg{id: id, evidence: ev})
		}
		hash := a.cfg.HashFile
		a.jobs++
		return func() tea.Msg {
			name, sum, err := hash(path)
			ev.File, ev.SHA256 = name, sum
			return hashedMsg{st, id, ev, err}
		}
	}, huh.NewGroup(
		huh.NewSelect[assessment.Method]().Title("How it was obtained").Options(methods...).Value(&d.method),
		huh.NewInput().Title("What was seen").Description("A document, a ticket, a screen, a person's role.").
			CharLimit(assessment.MaxReference).Value(&d.ref).Validate(needed),
		huh.NewInput().Title("Date").Value(&d.date).Validate(isDate),
		huh.NewInput().Title("Local file").Description("Optional: its SHA-256 is kept, the file is not.").Value(&d.path),
	))
	a.show(form)
	return cmd
}

var methodText = map[assessment.Method]string{
	assessment.Tested:      "Tested: somebody tried it and saw the result",
	assessment.Examined:    "Examined: somebody read the document or the configuration",
	assessment.Interviewed: "Interviewed: the people who do it explained it",
	assessment.Asserted:    "Asserted: somebody said so",
}

// hashed records the entry once its file, if it has one, was hashed: for the item that it was asked
// for, wherever the person is by then.
func (st *sitting) hashed(msg hashedMsg) tea.Cmd {
	if msg.err != nil {
		st.app.fail("hash the file of the evidence", msg.err)
		return nil
	}
	cmd, ok := st.do("", func(e *assessment.Edit) error { return e.AddEvidence(msg.id, msg.evidence) })
	if ok {
		st.app.say("evidence recorded for %s", msg.id)
	}
	return cmd
}
