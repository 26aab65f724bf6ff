package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type scoreCmd struct {
	which
}

func (c *scoreCmd) Run(p *program) error {
	s, err := p.read(c.Session)
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindScore, nil, s, wire.ScoresOf(s))
	}
	in, sc := s.Info(), s.Score()
	all := sc.Session.Total
	p.heading(s)
	t := p.table()
	t.row("rated", shareOf(assessment.Ratio{Num: all.Rated(), Den: all.InProfile})+fmt.Sprintf(" in profile, of which %d inherited", all.Inherited))
	t.row("levels", levelCounts(all))
	if all.ToConfirm > 0 {
		t.row("to re-confirm", shareOf(assessment.Ratio{Num: all.ToConfirm, Den: all.Rated()})+" rated before the pack changed what the item asks")
	}
	t.row("at target", shareOf(assessment.Ratio{Num: all.AtTarget, Den: all.Compared}))
	t.row("attainment", attainment(all, in.Threshold)+"  Σ min(current, target) / Σ target")
	t.row("interval", interval(all.Interval())+"  once the unrated are known")
	t.row("coverage", shareOf(all.Coverage()))
	t.row("supported", shareOf(assessment.Ratio{Num: all.Supported, Den: all.Rated()})+fmt.Sprintf(" by what was examined or tested; %d rated 3 on assertion alone", all.OnAssertion))
	t.row("not counted", fmt.Sprintf("%d out of profile, %d outside the path, %d in a Focus Area out of scope",
		all.OutOfProfile, all.OutsidePath, all.AreaOutOfScope))
	t.end()

	p.print("")
	t = p.table("FUNCTION", "FOCUS AREA", "IN PROFILE", "0", "1", "2", "3", "UNRATED", "AT TARGET", "ATTAINMENT", "INTERVAL")
	row := func(name, area string, n assessment.Tally) {
		t.row(name, area, n.InProfile, n.Levels[0], n.Levels[1], n.Levels[2], n.Levels[3], n.Unrated(),
			share(assessment.Ratio{Num: n.AtTarget, Den: n.Compared}), attainment(n, in.Threshold), percents(n.Interval()))
	}
	for _, f := range append(sc.Functions, sc.Session) {
		name := f.ID + " " + f.Name
		if f.ID == "" {
			name = "all"
		}
		for _, a := range content.Areas {
			row(name, a.Label(), f.Areas[a])
		}
		row(name, "all", f.Total)
	}
	t.end()
	return nil
}

// heading says which session the figures below are of, and on what they stand.
func (p *program) heading(s *assessment.Snapshot) {
	in, pack := s.Info(), s.Catalog().Pack()
	p.print("%s · %s · %s path · journal %s", in.Organization, in.Name, in.Path, s.Head())
	p.print("%s edition %d, %s; questions and wording are Plumbline's, not NIST's", pack.ID, pack.Edition, pack.Status)
	for _, a := range content.Areas {
		if in.Areas[a].Out {
			p.print("%s is out of scope: %s", a.Label(), in.Areas[a].Decided())
		}
	}
}

func levelCounts(t assessment.Tally) string {
	var parts []string
	for n, count := range t.Levels {
		parts = append(parts, fmt.Sprintf("%s %d", assessment.LevelWord(n), count))
	}
	return strings.Join(append(parts, fmt.Sprintf("unrated %d", t.Unrated())), ", ")
}

// percents is "35 % … 54 %".
func percents(i assessment.Interval) string {
	if i.Low.Den == 0 {
		return unknown
	}
	return i.Low.Percent() + " … " + i.High.Percent()
}

// filter keeps some items: those that every flag given admits.
type filter struct {
	Area     []content.Area `sep:"none" placeholder:"AREA" help:"Only items of this Focus Area; may be repeated."`
	Function []string       `sep:"none" placeholder:"ID" help:"Only items of this Function, such as GV; may be repeated."`
	Priority []priority     `sep:"none" placeholder:"N" help:"Only items of this priority (1 High, 2 Moderate, 3 Foundational); may be repeated."`
}

// check refuses Functions that the pack does not have.
func (f *filter) check(cat *content.Catalog) error {
	for i, id := range f.Function {
		f.Function[i] = strings.ToUpper(id)
		if _, ok := cat.Function(f.Function[i]); !ok {
			return usagef("--function: %q is not a Function (GV, ID, PR, DE, RS or RC)", id)
		}
	}
	return nil
}

func (f *filter) keep(id content.ItemID, pr content.Priority) bool {
	return admits(f.Area, id.Area) && admits(f.Function, id.Function()) && admits(f.Priority, priority{pr})
}

func admits[T comparable](given []T, v T) bool { return len(given) == 0 || slices.Contains(given, v) }

type gapsCmd struct {
	which
	Limit int `placeholder:"N" help:"Only the first N."`
	filter
}

func (c *gapsCmd) Run(p *program) error {
	if c.Limit < 0 {
		return usagef("--limit %d is less than nothing", c.Limit)
	}
	s, err := p.read(c.Session)
	if err == nil {
		err = c.check(s.Catalog())
	}
	_, on, dateErr := p.today()
	if err = errors.Join(err, dateErr); err != nil {
		return err
	}
	list := wire.GapsOf(s, on)
	total := len(list.Gaps)
	list.Gaps, list.Unknown = c.rows(list.Gaps), c.rows(list.Unknown)
	if p.JSON {
		return p.json(wire.KindGaps, nil, s, list)
	}
	p.heading(s)
	noun := "gaps"
	if total == 1 {
		noun = "gap"
	}
	p.print("%d %s in the profile, %d of them accepted; order: %s", total, noun, list.Accepted.InForce, list.OrderRule)
	p.print("%d with a target are unrated, so that their gap is unknown", len(s.Unknown()))
	p.print("")
	t := p.table("ITEM", "TITLE", "PRIORITY", "CURRENT", "TARGET", "GAP", "EVIDENCE", "OWNER", "ACTIONS")
	for _, g := range list.Gaps {
		gap := fmt.Sprint(*g.Gap)
		if g.Accepted != nil && g.Accepted.InForce {
			gap += " accepted until " + string(g.Accepted.Expires)
		}
		current := g.Current.String()
		if g.ToConfirm {
			current += " to re-confirm"
		}
		priority := g.Priority.String()
		if g.Priority != g.NISTPriority { // the draft's stays beside the organization's own
			priority += " (draft: " + g.NISTPriority.String() + ")"
		}
		t.row(g.Item, ellipsis(g.Title, 40), priority, current, g.Target, gap, g.Grade,
			ellipsis(orUnknown(g.Owner), 24), orUnknown(strings.Join(g.Actions, ", ")))
	}
	t.end()
	if shown := len(list.Gaps); shown < total {
		p.print("%d of %d shown", shown, total)
	}
	return nil
}

func (c *gapsCmd) rows(rows []wire.GapRow) []wire.GapRow {
	rows = slices.DeleteFunc(rows, func(r wire.GapRow) bool { return !c.keep(r.Item, r.Priority) })
	if c.Limit > 0 && len(rows) > c.Limit {
		rows = rows[:c.Limit]
	}
	return rows
}
