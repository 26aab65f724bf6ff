package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
)

// snapshots shows the labeled states of the session.
type snapshots struct {
	*sitting
	list picker
}

func newSnapshots(st *sitting) *snapshots { return &snapshots{sitting: st} }

func (n *snapshots) Init() tea.Cmd {
	n.list.clamp(len(n.s.Labels()))
	return nil
}

var snapshotKeys = struct{ Create, Since, Before key.Binding }{
	Create: bind("label the present state", "a", "a"),
	Since:  bind("what changed since", "enter", "enter"),
	Before: bind("what changed before it", "b", "b"),
}

func (n *snapshots) Keys() keys {
	k := snapshotKeys
	return keys{
		short: []key.Binding{k.Create, k.Since, k.Before, recordKeys.Undo, global.Menu, global.Back},
		full:  []keyGroup{{"Snapshots", []key.Binding{recordKeys.Move, k.Create, k.Since, k.Before, recordKeys.Undo, recordKeys.Redo}}, globalKeys},
	}
}

func (n *snapshots) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := n.siblings(press); done {
		return cmd
	}
	if cmd, done := n.history(press); done {
		return cmd
	}
	list := n.s.Labels()
	switch s := press.String(); {
	case s == "esc":
		return n.app.back()
	case n.list.move(s, len(list)):
	case s == "a" && n.mayType():
		n.create()
	case n.list.at >= len(list):
	case s == "enter":
		n.compare(list[n.list.at], nil)
	case s == "b":
		if n.list.at == 0 {
			n.app.say("%s is the first; enter shows what changed since", list[0].ID)
			return nil
		}
		n.compare(list[n.list.at-1], &list[n.list.at])
	}
	return nil
}

func (n *snapshots) create() {
	n.app.show(newPrompt(n.app, "Label the present state", "A name under which it can be compared with later, such as: before the audit.", "", func(label string) tea.Cmd {
		var l assessment.Label
		cmd := n.record(func() string { return fmt.Sprintf("%s is the state at %s", l.ID, l.Head) }, func(e *assessment.Edit) (err error) {
			l, err = e.TakeSnapshot(label)
			return err
		})
		if l.ID != "" {
			n.list.at = len(n.s.Labels()) - 1
		}
		return cmd
	}))
}

// compare shows what changed between two labeled states, or since one.
func (n *snapshots) compare(from assessment.Label, to *assessment.Label) {
	a := n.app
	was, err := n.s.At(from.Head)
	now, until := n.s.Snapshot(), "now"
	if err == nil && to != nil {
		until = to.ID
		now, err = n.s.At(to.Head)
	}
	var c assessment.Changes
	if err == nil {
		c, err = now.Changes(was)
	}
	if err != nil {
		a.fail("compare the states", err)
		return
	}
	a.show(&reader{app: a, title: fmt.Sprintf("FROM %s TO %s", from.ID, strings.ToUpper(until)), text: func(w int) []string {
		p := &page{app: a, width: w}
		p.note(fmt.Sprintf("From %q (%s) to %s (%s).", from.Label, from.Head, until, now.Head()))
		p.head(fmt.Sprintf("ITEMS THAT DIFFER (%d)", len(c.Items)))
		for _, i := range c.Items {
			title := ""
			for _, state := range []*assessment.Snapshot{now, was} {
				if sub, ok := state.Catalog().Subcategory(i.ID.Sub); ok && title == "" {
					title = sub.Title
				}
			}
			p.bullet(fmt.Sprintf("%s %s: %s", i.ID, title, strings.Join(i.Words(), "; ")))
		}
		if len(c.Items) == 0 {
			p.bullet("none")
		}
		if len(c.Records) > 0 {
			p.head("BESIDE THE ANSWERS")
			for _, r := range c.Records {
				p.bullet(r.Words())
			}
		}
		return p.lines
	}})
}

func (n *snapshots) Head(int) []string {
	t := n.app.theme
	return []string{n.title(), " " + t.Label.Render("SNAPSHOTS") + t.Faint.Render("  now at "+n.s.Head().String())}
}

func (n *snapshots) View(w, h int) string {
	a := n.app
	list := n.s.Labels()
	if len(list) == 0 {
		return n.nothing(w, "No snapshots yet. A snapshot is a name for the state of this moment. The journal keeps every state, so nothing is copied, and a snapshot can not change.", "a labels the present state.")
	}
	row := func(id, label, made, by string) string {
		return a.pad(id, 6) + a.pad(made, 18) + a.pad(by, 22) + " " + label
	}
	rows := make([]string, 0, len(list))
	for _, l := range list {
		rows = append(rows, row(l.ID, l.Label, l.At.UTC().Format("2006-01-02 15:04"), l.By))
	}
	return n.app.register(w, h, &n.list, row("Id", "Label", "Made (UTC)", "By"), rows, func(p *page) {
		l := list[n.list.at]
		p.section(l.ID+" "+strings.ToUpper(l.Label), fmt.Sprintf("The state after event %d of the journal, %s. %s came since, the label among them.",
			l.Head.Seq, l.Head, plural(int(n.s.Head().Seq-l.Head.Seq), "event")))
	})
}
