package main

import (
	"fmt"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type compareCmd struct {
	A    string `arg:"" help:"The session of before, named as everywhere."`
	B    string `arg:"" help:"The session of after; the same one again compares two of its states."`
	From string `placeholder:"HEAD" help:"State of A: a journal head, or the id or label of a snapshot; without it, the present one."`
	To   string `placeholder:"HEAD" help:"State of B, named likewise."`
}

func (c *compareCmd) Run(p *program) error {
	before, err := p.stateOf(c.A, "--from", c.From)
	if err != nil {
		return err
	}
	after, err := p.stateOf(c.B, "--to", c.To)
	if err != nil {
		return err
	}
	if before.Info().ID == after.Info().ID && before.Head() == after.Head() {
		return usagef("both are the same state of one session; --from or --to names another one")
	}
	if p.JSON {
		o, err := p.options()
		if err != nil {
			return err
		}
		o.Against = before
		data, err := wire.CompareReportOf(after, o)
		if err != nil {
			return err
		}
		return p.json(wire.KindCompare, nil, after, data)
	}
	p.compared(assessment.Compare(before, after))
	return nil
}

// stateOf reads a session and returns the state that it had at a head; "" is now.
func (p *program) stateOf(ref, flag, at string) (*assessment.Snapshot, error) {
	s, err := p.readSession(ref)
	if err != nil {
		return nil, err
	}
	return stateAt(flag, s, at)
}

func (p *program) compared(c assessment.Comparison) {
	p.heading(c.Before)
	p.heading(c.After)
	p.print("")
	t := p.table("FOCUS AREA", "COMPARED", "UP", "DOWN", "SAME", "TARGETS CHANGED", "GAPS CLOSED", "OPENED", "ATTAINMENT BEFORE", "AT OLD TARGETS", "AFTER")
	row := func(name string, n assessment.Shift) {
		t.row(name, n.Items, n.Up, n.Down, n.Same, n.Retargeted, n.Closed, n.Opened, fraction(n.Was), fraction(n.Rerated), fraction(n.Is))
	}
	row("all", c.Total)
	for _, a := range content.Areas {
		row(a.Label(), c.Areas[a])
	}
	t.end()
	p.print("compared are the items rated and in profile in both; %d others are left out (--json lists them, each with its reason)", len(c.LeftOut))

	p.print("")
	t = p.table("ITEM", "TITLE", "CURRENT", "TARGET", "EVIDENCE")
	for _, ch := range c.Changes {
		if ch.Moved() == 0 && !ch.Retargeted() && ch.Strengthened() == 0 {
			continue
		}
		was, is := ch.Before.Response, ch.After.Response
		t.row(ch.ID, ellipsis(titleIn(ch.ID, c.After, c.Before), 40), step(was.Current, is.Current), step(was.Target, is.Target), step(was.Grade(), is.Grade()))
	}
	t.end()
}

// step is "1 → 2", or the value alone where it stayed.
func step[T interface {
	comparable
	fmt.Stringer
}](was, is T) string {
	if was == is {
		return is.String()
	}
	return was.String() + " → " + is.String()
}

// fraction is "75/174", or the sign for what is not known.
func fraction(r assessment.Ratio) string {
	if r.Den == 0 {
		return unknown
	}
	return r.String()
}
