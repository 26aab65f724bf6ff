package assessment_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
)

// planOf draws actions over the items of a session.
func planOf(t *rapid.T, s *assessment.Session) []assessment.Action {
	var list []assessment.Action
	for range rapid.IntRange(0, 6).Draw(t, "actions") {
		a := assessment.Action{
			Title:  "T",
			Owner:  rapid.SampledFrom([]string{"", "Ada", "Bob"}).Draw(t, "owner"),
			Due:    rapid.SampledFrom([]assessment.Date{"", "2026-11-20", "2026-11-21", "2027-02-01"}).Draw(t, "due"),
			Effort: rapid.SampledFrom([]string{"", "S", "M", "L"}).Draw(t, "effort"),
			Status: rapid.SampledFrom(assessment.Progresses[:]).Draw(t, "status"),
		}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, s.Catalog().Len()-1), 0, 60, rapid.ID[int]).Draw(t, "items") {
			a.Items = append(a.Items, s.Catalog().At(i).ID)
		}
		list = append(list, a)
	}
	must(t, s, func(e *assessment.Edit) error {
		for _, a := range list {
			if _, err := e.PutAction(a); err != nil {
				return err
			}
		}
		return nil
	})
	return s.Actions()
}

// The what-if is the session after the same ratings were given by hand, and changes nothing itself.
func TestIfDoneIsWhatRatingWouldGive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		actions := planOf(t, s)
		before := s.Score()
		then := s.IfDone(actions)
		if !reflect.DeepEqual(s.Score(), before) {
			t.Fatal("the what-if changed the session")
		}
		must(t, s, func(e *assessment.Edit) error {
			for _, a := range actions {
				for _, id := range a.Items {
					i, _ := s.Catalog().Index(id)
					r := s.Response(i)
					if a.Done() || r.Out != "" || !r.Current.Known() || !r.Target.Known() || r.Current >= r.Target {
						continue
					}
					if err := e.Rate(id, r.Target); err != nil {
						return err
					}
				}
			}
			return nil
		})
		figures := func(sc assessment.Scores) (out []string) {
			for _, p := range slices.Concat([]assessment.RollUp{sc.Session}, sc.Functions, sc.Categories) {
				out = append(out, fmt.Sprintf("%s %v %v %d %d %d", p.ID, p.Total.Attainment(), p.Total.Interval(), p.Total.AtTarget, p.Total.Gaps, p.Total.Unrated()))
			}
			return out
		}
		if got, want := figures(then), figures(s.Score()); !slices.Equal(got, want) {
			t.Fatalf("%v\nwant %v", got, want)
		}
	})
}

// A plan takes nothing away: it closes gaps, never opens one, and the interval only moves up. It makes
// nothing known: coverage, and whether attainment is withheld, stay. Without actions it is the present
// state, and done for every item it is all of what is wanted of those that are rated.
func TestIfDoneOnlyRaises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		now, then := s.Tally(), s.IfDone(planOf(t, s)).Session.Total
		if then.Gaps > now.Gaps || then.AtTarget < now.AtTarget || then.Unrated() != now.Unrated() || then.Coverage() != now.Coverage() ||
			then.Achieved < now.Achieved || then.Interval().High.Num < now.Interval().High.Num || then.WantedAll != now.WantedAll {
			t.Fatalf("now %+v\nthen %+v", now, then)
		}
		if got := s.IfDone(nil).Session.Total; got != now {
			t.Fatalf("without actions %+v, now %+v", got, now)
		}
		var all assessment.Action
		for it := range s.Catalog().Items() {
			all.Items = append(all.Items, it.ID)
		}
		got := s.IfDone([]assessment.Action{all}).Session.Total
		if got.Achieved != now.Wanted || got.Gaps != 0 || got.Compared != now.Compared || got.Rated() != now.Rated() || got.WhyWithheld(60) != now.WhyWithheld(60) {
			t.Fatalf("with everything done %+v", got)
		}
	})
}

// Every gap is handled in one way, those without an open action are those that the what-if leaves and
// that somebody owns or nobody does; loads hold every action once.
func TestPlanAddsUp(t *testing.T) {
	const on = assessment.Date("2026-11-21")
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		planOf(t, s)
		for _, e := range s.Gaps() {
			if rapid.IntRange(0, 2).Draw(t, "accept") == 0 {
				must(t, s, func(ed *assessment.Edit) error {
					return ed.Accept(e.Item.ID, assessment.Acceptance{
						Reason: "R", Approver: "A",
						Expires: rapid.SampledFrom([]assessment.Date{"2026-11-21", "2026-11-22", "2027-02-19", "2027-02-20"}).Draw(t, "expires"),
					})
				})
			}
		}
		p, a := s.Plan(on), s.Agenda(on)
		for _, e := range p.Accepted {
			if !e.Response.Accepted.InForce(on) {
				t.Fatalf("%v: accepted on %s, though it lapses on %s", e.Item.ID, on, e.Response.Accepted.Expires)
			}
		}
		n := p.Handled
		if n[assessment.OpenAction]+n[assessment.AcceptedOnly]+n[assessment.FinishedOnly]+n[assessment.Unhandled] != p.Gaps ||
			n[assessment.FinishedOnly]+n[assessment.Unhandled] != len(p.Without) || p.Gaps != s.Tally().Gaps || n != s.Handled(on) {
			t.Fatalf("%v handled, %d without, of %d gaps", n, len(p.Without), p.Gaps)
		}
		bare := 0
		for _, l := range p.Owners {
			bare += l.Bare
		}
		if left := p.IfDone.Session.Total.Gaps; left != p.Gaps-n[assessment.OpenAction] || bare != left {
			t.Fatalf("%d gaps left if all is done, %d by owner, of %d with %d that an open action names", left, bare, p.Gaps, n[assessment.OpenAction])
		}
		unproven := ids(a.Unproven, func(e assessment.Entry) content.ItemID { return e.Item.ID })
		high := 0
		for _, e := range p.Without {
			if e.Priority == content.High && !slices.Contains(unproven, e.Item.ID.String()) {
				high++
			}
		}
		if high != len(a.Undecided) {
			t.Fatalf("%d undecided of High priority, the plan has %d", len(a.Undecided), high)
		}
		for _, l := range p.Lapses {
			day := l.Response.Accepted.Expires
			if l.Ahead != l.Response.Accepted.InForce(on) {
				t.Fatalf("%v: ahead %v on %s, lapses on %s", l.Item.ID, l.Ahead, on, day)
			}
			for _, a := range l.Early {
				if a.Done() || a.Due != "" && a.Due <= day || !slices.Contains(a.Items, l.Item.ID) {
					t.Fatalf("%v lapses on %s, before %+v", l.Item.ID, day, a)
				}
			}
		}
		for _, e := range a.Lapsing {
			if d := e.Response.Accepted.Expires; d != "2026-11-22" && d != "2027-02-19" {
				t.Fatalf("%s is not within 90 days of %s", d, on)
			}
		}
		for _, groups := range [][]assessment.Workload{p.Owners, p.Quarters} {
			n, open := 0, 0
			for i, l := range groups {
				n += len(l.Actions)
				open += l.Open
				if l.Name == "" && i != len(groups)-1 {
					t.Fatal("what nobody owns, or has no date, does not come last")
				}
			}
			want := 0
			for _, a := range s.Actions() {
				if !a.Done() {
					want++
				}
			}
			if n != len(s.Actions()) || open != want {
				t.Fatalf("%d actions, %d open, in %v", n, open, groups)
			}
		}
	})
}

// The agenda by example: each list with what just meets its condition.
func TestAgenda(t *testing.T) {
	const on = assessment.Date("2026-11-21")
	s := start(t)
	var high []content.ItemID
	for it := range s.Catalog().Items() {
		if it.Priority == content.High {
			high = append(high, it.ID)
		}
	}
	undecided, lapsed, lapsing, later, done, owned, unknown, asserted := high[0], high[1], high[2], high[3], high[4], high[5], high[6], high[7]
	must(t, s, func(e *assessment.Edit) error {
		for _, id := range high[:8] {
			if err := e.Target(id, level(t, 3), "R"); err != nil {
				return err
			}
		}
		for _, id := range high[:6] {
			if err := e.Rate(id, level(t, 1)); err != nil {
				return err
			}
		}
		for id, expires := range map[content.ItemID]assessment.Date{lapsed: on, lapsing: "2027-02-19", later: "2027-02-20"} {
			if err := e.Accept(id, assessment.Acceptance{Reason: "R", Approver: "A", Expires: expires}); err != nil {
				return err
			}
		}
		for _, a := range []assessment.Action{
			{Title: "done", Items: []content.ItemID{done}, Status: "done", Due: "2026-01-01"},
			{Title: "late", Items: []content.ItemID{owned}, Owner: "Ada", Due: "2026-11-20"},
			{Title: "today", Due: on},
		} {
			if _, err := e.PutAction(a); err != nil {
				return err
			}
		}
		return e.Rate(asserted, level(t, 3))
	})
	a := s.Agenda(on)
	of := func(list []assessment.Entry) []string {
		return ids(list, func(e assessment.Entry) content.ItemID { return e.Item.ID })
	}
	for _, c := range []struct {
		name string
		got  []assessment.Entry
		want []content.ItemID
	}{
		{"undecided", a.Undecided, []content.ItemID{undecided, lapsed}},
		{"lapsed", a.Lapsed, []content.ItemID{lapsed}},
		{"lapsing", a.Lapsing, []content.ItemID{lapsing}},
		{"unproven", a.Unproven, []content.ItemID{done}},
		{"unowned", a.Unowned, []content.ItemID{undecided, lapsed, lapsing, later, done}},
		{"unknown", a.Unknown, []content.ItemID{unknown}},
		{"asserted", a.Asserted, []content.ItemID{asserted}},
	} {
		got, want := of(c.got), ids(c.want, func(id content.ItemID) content.ItemID { return id })
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
	if len(a.Overdue) != 1 || a.Overdue[0].Title != "late" {
		t.Errorf("overdue: %v", a.Overdue)
	}
	if !slices.Equal(a.NotAsked, content.Areas[:]) {
		t.Errorf("not asked: %v", a.NotAsked)
	}
}

// What a milestone is written as is read back as the same one, whatever its text is, but for a text that
// itself says what the line would: a day in front where there is none, "(done)" behind what is not done.
func TestMilestoneLine(t *testing.T) {
	date := rapid.SampledFrom([]assessment.Date{"", "2026-12-31", "2027-02-01"})
	words := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"Half of the sites", "(done)", "Half (done)", "2026-12-31", "2026-12-31 Half", "2026-02-31 Half", "é\u0301"}))
	rapid.Check(t, func(t *rapid.T) {
		m := assessment.Milestone{Text: assessment.CleanLine(words.Draw(t, "text")), Due: date.Draw(t, "due"), Done: rapid.Bool().Draw(t, "done")}
		if step := assessment.ParseStep(m.Text); m.Text == "" || !m.Done && strings.HasSuffix(m.Text, "(done)") || m.Due == "" && step.Due != "" {
			t.Skip("the text says more than a text")
		}
		if got := assessment.ParseMilestone(m.String()); got != m {
			t.Errorf("%q is read as %+v, want %+v", m.String(), got, m)
		}
	})
	for line, want := range map[string]assessment.Milestone{
		"2026-12-31 Half (done)":     {Text: "Half", Due: "2026-12-31", Done: true},
		" 2026-12-31\tHalf \n":       {Text: "Half", Due: "2026-12-31"},
		"Half (done)":                {Text: "Half", Done: true},
		"2026-02-31 is no day":       {Text: "2026-02-31 is no day"},
		"2026-12-31":                 {Text: "2026-12-31"},
		"":                           {},
		"2026-12-31 2027-01-01 Half": {Text: "2027-01-01 Half", Due: "2026-12-31"},
	} {
		if got := assessment.ParseMilestone(line); got != want {
			t.Errorf("%q is read as %+v, want %+v", line, got, want)
		}
	}
}
