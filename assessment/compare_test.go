package assessment_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

func ids[T any](list []T, id func(T) content.ItemID) []string {
	var out []string
	for _, v := range list {
		out = append(out, id(v).String())
	}
	return out
}

func changed(c assessment.Comparison) []string {
	return ids(c.Changes, func(v assessment.Change) content.ItemID { return v.ID })
}

func leftOut(c assessment.Comparison) []string {
	return ids(c.LeftOut, func(v assessment.LeftOut) content.ItemID { return v.ID })
}

// two draws two states: of one session with more answers, or of two sessions.
func two(t *rapid.T) (before, after *assessment.Snapshot) {
	s := assessed(t)
	before = s.Snapshot()
	if rapid.Bool().Draw(t, "two sessions") {
		return before, assessed(t).Snapshot()
	}
	given := answers(s.Catalog(), 40).Draw(t, "more answers")
	must(t, s, func(e *assessment.Edit) error {
		for _, a := range given {
			if err := e.Include(a.item); err != nil {
				return err
			}
			if err := a.give(e, s.Catalog()); err != nil {
				return err
			}
		}
		return nil
	})
	return before, s.Snapshot()
}

// Every item of the pack is either compared or left out, once, and an item is compared where both
// states have it rated and in profile, whichever of them is the first.
func TestComparisonHoldsEveryItemOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := two(t)
		c := assessment.Compare(before, after)
		var want, rated []string
		for e := range before.Entries() {
			want = append(want, e.Item.ID.String())
			if e.State == assessment.Rated && after.Entry(e.Item.Index).State == assessment.Rated {
				rated = append(rated, e.Item.ID.String())
			}
		}
		if got := changed(c); !slices.Equal(got, rated) {
			t.Fatalf("compared %v, rated in both %v", got, rated)
		}
		got := append(changed(c), leftOut(c)...)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%d items compared and left out, the pack has %d", len(got), len(want))
		}
		for _, l := range c.LeftOut {
			if !slices.Contains(assessment.Whys[:], l.Why) {
				t.Fatalf("%v is left out for the reason %q", l.ID, l.Why)
			}
			was, is := l.Before.State.InProfile(), l.After.State.InProfile()
			if l.Entered() != (is && !was) || l.Left() != (was && !is) {
				t.Fatalf("%v is %v before and %v after: entered %v, left %v", l.ID, l.Before.State, l.After.State, l.Entered(), l.Left())
			}
		}
	})
}

// Seen from the other side, everything that rose fell, and the same items are compared.
func TestComparisonIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := two(t)
		c, back := assessment.Compare(before, after), assessment.Compare(after, before)
		if !slices.Equal(changed(c), changed(back)) || !slices.Equal(leftOut(c), leftOut(back)) {
			t.Fatalf("other items are compared from the other side")
		}
		a, b := c.Total, back.Total
		if a.Up != b.Down || a.Down != b.Up || a.Same != b.Same || a.Retargeted != b.Retargeted ||
			a.Stronger != b.Weaker || a.Weaker != b.Stronger || a.Closed != b.Opened || a.Opened != b.Closed ||
			a.Paired != b.Paired || a.Was != b.Is || a.Is != b.Was || a.Levels[0] != b.Levels[1] || a.InProfile[0] != b.InProfile[1] {
			t.Fatalf("%+v is not the mirror of %+v", a, b)
		}
	})
}

func TestComparisonWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t).Snapshot()
		c := assessment.Compare(s, s)
		n := c.Total
		if n.Up+n.Down+n.Retargeted+n.Stronger+n.Weaker+n.Closed+n.Opened+n.ByTarget != 0 || n.Same != n.Items {
			t.Fatalf("it differs from itself: %+v", n)
		}
		tally := s.Tally()
		if n.Items != tally.Rated() || n.Paired != tally.Compared || n.Was != tally.Attainment() || n.Rerated != n.Was || n.Is != n.Was {
			t.Fatalf("%+v, but the session has %+v", n, tally)
		}
		if n.Coverage() != tally.Coverage() || n.Withheld(60) != tally.Withheld(60) {
			t.Fatalf("coverage %v, but of the session %v", n.Coverage(), tally.Coverage())
		}
	})
}

// The Focus Areas make the total, and each figure is the count of the changes that say so.
func TestShiftCountsTheChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := assessment.Compare(two(t))
		var sum, n assessment.Shift
		for _, a := range c.Areas {
			sum.Items += a.Items
			sum.Up += a.Up
			sum.Paired += a.Paired
			sum.Closed += a.Closed
			sum.Was.Num += a.Was.Num
			sum.Is.Den += a.Is.Den
		}
		for _, ch := range c.Changes {
			if ch.Moved() > 0 {
				n.Up++
			}
			if ch.Closed() {
				n.Closed++
				if after := ch.After.Response; ch.ByTarget() != (after.Current < ch.Before.Response.Target) {
					t.Fatalf("%v: closed by its target: %v", ch.ID, ch.ByTarget())
				}
			}
			if ch.Before.Known() && ch.After.Known() {
				before, _ := ch.Before.Response.Current.Level()
				old, _ := ch.Before.Response.Target.Level()
				target, _ := ch.After.Response.Target.Level()
				n.Paired++
				n.Was.Num += min(before, old)
				n.Is.Den += target
			}
		}
		for _, got := range []assessment.Shift{sum, n} {
			if got.Up != c.Total.Up || got.Closed != c.Total.Closed || got.Paired != c.Total.Paired || got.Was.Num != c.Total.Was.Num || got.Is.Den != c.Total.Is.Den {
				t.Fatalf("%+v, the total is %+v", got, c.Total)
			}
		}
		if sum.Items != len(c.Changes) || c.Total.Was.Den != c.Total.Rerated.Den {
			t.Fatalf("%d items, %d changes; targets of before %d and %d", sum.Items, len(c.Changes), c.Total.Was.Den, c.Total.Rerated.Den)
		}
	})
}

// The change of attainment is split between ratings and targets: where no target changed it is all of
// the ratings, and where no rating changed all of the targets.
func TestComparisonSplitsTheChange(t *testing.T) {
	s := start(t)
	a, b, gone := item(t, "GV.OC-01/secure"), item(t, "GV.OC-01/defend"), item(t, "GV.OC-02/secure")
	must(t, s, func(e *assessment.Edit) error {
		for _, id := range []content.ItemID{a, b, gone} {
			if err := e.Rate(id, level(t, 1)); err != nil {
				return err
			}
			if err := e.Target(id, level(t, 3), "R"); err != nil {
				return err
			}
		}
		return nil
	})
	before := s.Snapshot()
	must(t, s, func(e *assessment.Edit) error {
		if err := e.Rate(a, level(t, 3)); err != nil {
			return err
		}
		if err := e.Target(b, level(t, 1), "R"); err != nil {
			return err
		}
		return e.Target(gone, assessment.NoTarget, "")
	})
	n := assessment.Compare(before, s.Snapshot()).Total
	want := assessment.Shift{
		InProfile: [2]int{318, 318}, Items: 3, Levels: [2][4]int{{0, 3, 0, 0}, {0, 2, 0, 1}},
		Up: 1, Same: 2, Retargeted: 2, Paired: 2, Closed: 2, ByTarget: 1,
		Was: assessment.Ratio{Num: 2, Den: 6}, Rerated: assessment.Ratio{Num: 4, Den: 6}, Is: assessment.Ratio{Num: 4, Den: 4},
	}
	if n != want {
		t.Errorf("got  %+v\nwant %+v", n, want)
	}
	if !n.Withheld(60) || n.Withheld(0) {
		t.Error("2 of 318 items in profile are enough for a percentage")
	}
}

// What entered or left the profile has a reason of its own, whether it is rated or not, and is not mixed
// with what is merely unrated.
func TestComparisonTellsWhoLeftTheProfile(t *testing.T) {
	ids := []string{"GV.OC-01/secure", "GV.OC-01/defend", "GV.OC-02/secure", "GV.OC-03/secure", "GV.OC-02/defend", "GV.OC-03/defend"}
	var was, fresh, taken, off, never, dropped = item(t, ids[0]), item(t, ids[1]), item(t, ids[2]), item(t, ids[3]), item(t, ids[4]), item(t, ids[5])
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Rate(was, level(t, 1)), e.Rate(dropped, level(t, 1)), e.Rate(taken, level(t, 1)), e.Exclude(off, "not used"), e.Exclude(never, "not used"))
	})
	before := s.Snapshot()
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Rate(fresh, level(t, 2)), e.Rate(dropped, assessment.Unrated), e.Exclude(taken, "sold"), e.Include(off))
	})
	c := assessment.Compare(before, s.Snapshot())
	got := make(map[content.ItemID]assessment.Why)
	for _, l := range c.LeftOut {
		got[l.ID] = l.Why
	}
	for id, want := range map[content.ItemID]assessment.Why{
		fresh: assessment.NotRatedBefore, dropped: assessment.NotRatedAfter, taken: assessment.OutAfter, off: assessment.OutBefore, never: assessment.InNeither,
		item(t, "GV.OC-04/secure"): assessment.RatedInNeither,
	} {
		if got[id] != want {
			t.Errorf("%v: %q, want %q", id, got[id], want)
		}
	}
	if len(c.Changes) != 1 {
		t.Errorf("%d compared, want the one that is rated in both", len(c.Changes))
	}

	narrow := start(t)
	must(t, narrow, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) {
			in.Path, in.AI = assessment.Quick, assessment.AIRoles{Uses: assessment.Yes, Defends: assessment.No}
			in.Areas = assessment.Scoping(in.AI)
		})
	})
	byWhy := make(map[assessment.Why]int)
	for _, l := range assessment.Compare(before, narrow.Snapshot()).LeftOut {
		byWhy[l.Why]++
	}
	tally := narrow.Tally()
	if n := byWhy[assessment.AreaOutAfter] + byWhy[assessment.OutsidePathAfter] + byWhy[assessment.InNeither]; byWhy[assessment.AreaOutAfter] == 0 ||
		byWhy[assessment.OutsidePathAfter] == 0 || n != tally.AreaOutOfScope+tally.OutsidePath {
		t.Errorf("%v, of a session with %+v", byWhy, tally)
	}
}

// Across packs with other facts, what they ask in another way is left out, and so is an answer that
// waits to be re-confirmed.
func TestComparisonAcrossPacks(t *testing.T) {
	draft := contenttest.NextDraft().Catalog()
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		for it := range s.Catalog().Items() {
			if err := e.Rate(it.ID, level(t, 2)); err != nil {
				return err
			}
		}
		return nil
	})
	before := s.Snapshot()
	if _, err := s.Migrate(draft, assessment.Act{Who: "Ada", Time: noon, Reason: "R"}); err != nil {
		t.Fatal(err)
	}
	migrated := s.Snapshot()
	diff := content.Compare(before.Catalog(), draft)
	want := make(map[string]assessment.Why)
	for _, d := range diff.Items {
		switch {
		case d.To == nil:
			want[d.ID.String()] = assessment.OnlyBefore
		case d.From == nil:
			want[d.ID.String()] = assessment.OnlyAfter
		case d.Asks():
			want[d.ID.String()] = assessment.OtherFacts
		}
	}
	c := assessment.Compare(before, migrated)
	if len(want) < 5 || len(c.LeftOut) != len(want) || len(c.Changes) != before.Catalog().Len()-len(want)+1 {
		t.Errorf("%d compared, %d left out, want %v", len(c.Changes), len(c.LeftOut), want)
	}
	for _, l := range c.LeftOut {
		if l.Why != want[l.ID.String()] {
			t.Errorf("%v: %q, want %q", l.ID, l.Why, want[l.ID.String()])
		}
	}
	var waiting []string
	for e := range migrated.Entries() {
		if e.Response.ToConfirm {
			waiting = append(waiting, e.Item.ID.String())
		}
	}
	var got []string
	for _, l := range assessment.Compare(migrated, migrated).LeftOut {
		if l.Why == assessment.Unconfirmed {
			got = append(got, l.ID.String())
		}
	}
	if len(waiting) == 0 || !slices.Equal(got, waiting) {
		t.Errorf("left out as not confirmed %v, to re-confirm %v", got, waiting)
	}
}
