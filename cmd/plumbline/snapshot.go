package main

import (
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type snapshotCmd struct {
	Session snapshotOf `arg:"" name:"session"`
}

// snapshotOf holds what can be done with the labeled states of one session.
type snapshotOf struct {
	which
	Create snapshotCreateCmd `cmd:"" help:"Label the present state, so that it can be named later."`
	List   snapshotListCmd   `cmd:"" help:"List the labeled states."`
	Diff   snapshotDiffCmd   `cmd:"" help:"Show what changed between two states, or since one."`
}

type snapshotCreateCmd struct {
	Label  string `arg:"" help:"Label of the state, such as \"before the audit\"."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *snapshotCreateCmd) Run(of *snapshotOf, p *program) error {
	var label assessment.Label
	s, delta, err := p.change(of.which.Session, c.Reason, func(_ *assessment.Snapshot, e *assessment.Edit) (err error) {
		label, err = e.TakeSnapshot(c.Label)
		return err
	})
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindSnapshot, nil, s.Snapshot(), wire.SnapshotTaken{Snapshot: wire.SnapshotOf(label), Events: wire.EventsOf(delta.Events)})
	}
	p.print("%s: %q is the state at %v", label.ID, label.Label, label.Head)
	return nil
}

type snapshotListCmd struct{}

func (snapshotListCmd) Run(of *snapshotOf, p *program) error {
	s, err := p.read(of.which.Session)
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindSnapshots, nil, s, wire.Snapshots{Snapshots: wire.SnapshotsOf(s)})
	}
	p.heading(s)
	if len(s.Labels()) == 0 {
		p.say("no snapshots; plumbline snapshot SESSION create labels the present state")
		return nil
	}
	p.print("")
	t := p.table("ID", "LABEL", "STATE", "MADE", "BY")
	for _, l := range s.Labels() {
		t.row(l.ID, ellipsis(l.Label, 48), l.Head, clock(l.At), ellipsis(l.By, 24))
	}
	t.end()
	return nil
}

type snapshotDiffCmd struct {
	From string `arg:"" name:"a" help:"The earlier state: id or label of a snapshot, or a journal head such as 231:5f0c91aa."`
	To   string `arg:"" name:"b" optional:"" help:"The later state, named likewise; without it, the present one."`
}

func (c *snapshotDiffCmd) Run(of *snapshotOf, p *program) error {
	session, err := p.readSession(of.which.Session)
	if err != nil {
		return err
	}
	from, err := stateAt("A", session, c.From)
	if err != nil {
		return err
	}
	to, err := stateAt("B", session, c.To)
	if err != nil {
		return err
	}
	if p.JSON {
		_, on, err := p.today()
		if err != nil {
			return err
		}
		diff, err := wire.SnapshotDiffOf(from, to, on)
		if err != nil {
			return err
		}
		return p.json(wire.KindSnapshotDiff, nil, to, diff)
	}
	diff, err := to.Changes(from)
	if err != nil {
		return err
	}
	p.heading(to)
	p.print("from %v to %v: %d %s", from.Head(), to.Head(), len(diff.Items), pick(len(diff.Items), "item differs", "items differ"))
	if len(diff.Items) > 0 {
		p.print("")
		t := p.table("ITEM", "TITLE", "CHANGES")
		for _, i := range diff.Items {
			t.row(i.ID, ellipsis(titleIn(i.ID, to, from), 40), strings.Join(i.Words(), "; "))
		}
		t.end()
	}
	if len(diff.Records) > 0 {
		p.print("")
		for _, r := range diff.Records {
			p.print("%s", r.Words())
		}
	}
	return nil
}

// titleIn is the title of an item, in the words of the first pack that has it.
func titleIn(id content.ItemID, states ...*assessment.Snapshot) string {
	for _, s := range states {
		if sub, ok := s.Catalog().Subcategory(id.Sub); ok {
			return sub.Title
		}
	}
	return ""
}
