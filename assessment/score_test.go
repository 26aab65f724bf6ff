package assessment_test

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
)

// count is the roll-up of docs/methodology.md read word for word: no accumulators, one question after
// the other over the whole pack.
func count(s *assessment.Snapshot, part func(*content.Item) bool) assessment.Tally {
	level := func(r assessment.Rating) int { n, _ := r.Level(); return n }
	is := func(ok func(*content.Item, *assessment.Response, content.Priority) bool) (n int) {
		for it := range s.Catalog().Items() {
			r := s.Response(it.Index)
			priority := it.Priority
			if r.Priority != 0 {
				priority = r.Priority
			}
			if part(it) && ok(it, r, priority) {
				n++
			}
		}
		return n
	}
	type (
		itm = *content.Item
		rsp = *assessment.Response
		pri = content.Priority
	)
	areaOut := func(it itm, _ rsp, _ pri) bool { return s.Info().Areas[it.ID.Area].Out }
	onPath := func(p pri) bool {
		return slices.Contains(map[assessment.Path][]pri{
			assessment.Quick: {1}, assessment.Standard: {1, 2}, assessment.Full: {1, 2, 3},
		}[s.Info().Path], p)
	}
	outside := func(it itm, r rsp, p pri) bool { return !areaOut(it, r, p) && !onPath(p) }
	out := func(it itm, r rsp, p pri) bool { return !areaOut(it, r, p) && onPath(p) && r.Out != "" }
	in := func(it itm, r rsp, p pri) bool { return !areaOut(it, r, p) && onPath(p) && r.Out == "" }
	both := func(it itm, r rsp, p pri) bool { return in(it, r, p) && r.Current.Known() && r.Target.Known() }
	sum := func(add func(rsp) int, ok func(itm, rsp, pri) bool) (n int) {
		is(func(it itm, r rsp, p pri) bool {
			if ok(it, r, p) {
				n += add(r)
			}
			return false
		})
		return n
	}
	t := assessment.Tally{
		Items:          is(func(itm, rsp, pri) bool { return true }),
		OutOfProfile:   is(out),
		OutsidePath:    is(outside),
		AreaOutOfScope: is(areaOut),
		InProfile:      is(in),
		Inherited:      is(func(it itm, r rsp, p pri) bool { return in(it, r, p) && r.Inherited }),
		ToConfirm:      is(func(it itm, r rsp, p pri) bool { return in(it, r, p) && r.Current.Known() && r.ToConfirm }),
		Targeted:       is(func(it itm, r rsp, p pri) bool { return in(it, r, p) && r.Target.Known() }),
		Compared:       is(both),
		AtTarget:       is(func(it itm, r rsp, p pri) bool { return both(it, r, p) && level(r.Current) >= level(r.Target) }),
		Gaps:           is(func(it itm, r rsp, p pri) bool { return both(it, r, p) && level(r.Current) < level(r.Target) }),
		Supported: is(func(it itm, r rsp, p pri) bool {
			return in(it, r, p) && r.Current.Known() && slices.ContainsFunc(r.Evidence, func(ev assessment.Evidence) bool {
				return ev.Method == assessment.Tested || ev.Method == assessment.Examined
			})
		}),
		OnAssertion: is(func(it itm, r rsp, p pri) bool {
			return in(it, r, p) && r.Current.Known() && level(r.Current) == 3 &&
				!slices.ContainsFunc(r.Evidence, func(ev assessment.Evidence) bool { return ev.Method != assessment.Asserted })
		}),
		Achieved:  sum(func(r rsp) int { return min(level(r.Current), level(r.Target)) }, both),
		Wanted:    sum(func(r rsp) int { return level(r.Target) }, both),
		WantedAll: sum(func(r rsp) int { return level(r.Target) }, func(it itm, r rsp, p pri) bool { return in(it, r, p) && r.Target.Known() }),
	}
	for n := range t.Levels {
		t.Levels[n] = is(func(it itm, r rsp, p pri) bool { return in(it, r, p) && r.Current.Known() && level(r.Current) == n })
	}
	return t
}

func TestRollUps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t).Snapshot()
		sc := s.Score()
		check := func(what string, got assessment.Tally, part func(*content.Item) bool) {
			if diff := cmp.Diff(count(s, part), got); diff != "" {
				t.Fatalf("%s (-methodology +Score):\n%s", what, diff)
			}
		}
		all := func(*content.Item) bool { return true }
		check("session", sc.Session.Total, all)
		check("Tally", s.Tally(), all)
		check("Summary", s.Summary().Tally, all)
		parts := [][]assessment.RollUp{{sc.Session}, sc.Functions, sc.Categories}
		for i, part := range parts {
			var whole [4]assessment.Tally // the three Focus Areas, and all
			for _, r := range part {
				for a, tally := range r.Areas {
					whole[a] = plus(whole[a], tally)
				}
				whole[3] = plus(whole[3], r.Total)
				if sum := plus(plus(r.Areas[0], r.Areas[1]), r.Areas[2]); sum != r.Total {
					t.Fatalf("%q: its Focus Areas make %+v, its total is %+v", r.ID, sum, r.Total)
				}
			}
			for a, tally := range sc.Session.Areas {
				if whole[a] != tally {
					t.Fatalf("level %d: area %d makes %+v, of the session it is %+v", i, a, whole[a], tally)
				}
			}
			if whole[3] != sc.Session.Total {
				t.Fatalf("level %d makes %+v, the session is %+v", i, whole[3], sc.Session.Total)
			}
		}
		f := rapid.SampledFrom(sc.Functions).Draw(t, "Function")
		check(f.ID, f.Total, func(it *content.Item) bool { return it.ID.Function() == f.ID })
		c := rapid.SampledFrom(sc.Categories).Draw(t, "Category")
		a := rapid.SampledFrom(content.Areas[:]).Draw(t, "Focus Area")
		check(c.ID+"/"+a.String(), c.Areas[a], func(it *content.Item) bool { return it.ID.Category() == c.ID && it.ID.Area == a })
	})
}

func plus(a, b assessment.Tally) assessment.Tally {
	x, y := reflect.ValueOf(&a).Elem(), reflect.ValueOf(b)
	for i := range x.NumField() {
		if f := x.Field(i); f.Kind() == reflect.Int {
			f.SetInt(f.Int() + y.Field(i).Int())
		} else {
			for n := range f.Len() {
				f.Index(n).SetInt(f.Index(n).Int() + y.Field(i).Index(n).Int())
			}
		}
	}
	return a
}

// The order and the names of the roll-ups are the Core's.
func TestRollUpsNameTheCore(t *testing.T) {
	s := start(t)
	sc := s.Score()
	var got, want []string
	for _, r := range slices.Concat([]assessment.RollUp{sc.Session}, sc.Functions, sc.Categories) {
		got = append(got, r.ID+" "+r.Name)
	}
	want = append(want, " ")
	for f := range s.Catalog().Functions() {
		want = append(want, f.ID+" "+f.Name)
	}
	for c := range s.Catalog().Categories() {
		want = append(want, c.ID+" "+c.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func rat(r assessment.Ratio) *big.Rat { return big.NewRat(int64(r.Num), int64(r.Den)) }

func TestIntervalHoldsThePoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := assessed(t).Score()
		for _, r := range slices.Concat([]assessment.RollUp{sc.Session}, sc.Functions, sc.Categories) {
			for _, tally := range append(r.Areas[:], r.Total) {
				point, iv := tally.Attainment(), tally.Interval()
				if iv.Low.Den == 0 {
					if tally.Targeted != 0 || point.Den != 0 || point.Percent() != "–" || iv.High.Percent() != "–" {
						t.Fatalf("%q: %d items targeted, and the interval is %v", r.ID, tally.Targeted, iv)
					}
					continue
				}
				if rat(iv.Low).Sign() < 0 || rat(iv.High).Cmp(big.NewRat(1, 1)) > 0 || rat(iv.Low).Cmp(rat(iv.High)) > 0 {
					t.Fatalf("%q: interval %v", r.ID, iv)
				}
				if point.Den == 0 {
					continue
				}
				// Cross-multiplied, so that nothing is rounded.
				if iv.Low.Num*point.Den > point.Num*iv.Low.Den || point.Num*iv.High.Den > iv.High.Num*point.Den {
					t.Fatalf("%q: %v is not within %v", r.ID, point, iv)
				}
			}
		}
	})
}

func TestRatingTheUnknownNarrowsTheInterval(t *testing.T) {
	width := func(t assessment.Tally) *big.Rat {
		return new(big.Rat).Sub(rat(t.Interval().High), rat(t.Interval().Low))
	}
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		e := drawItem(t, s, func(e assessment.Entry) bool {
			return e.State == assessment.Unanswered && e.Response.Target.Known()
		})
		target, _ := e.Response.Target.Level()
		before := s.Tally()
		must(t, s, func(ed *assessment.Edit) error {
			return ed.Rate(e.Item.ID, level(t, rapid.IntRange(0, 3).Draw(t, "level")))
		})
		after := s.Tally()
		want := big.NewRat(int64(target), int64(before.WantedAll))
		if got := new(big.Rat).Sub(width(before), width(after)); got.Cmp(want) != 0 {
			t.Fatalf("narrowed by %v, want %v", got, want)
		}
		if rat(after.Interval().Low).Cmp(rat(before.Interval().Low)) < 0 || rat(after.Interval().High).Cmp(rat(before.Interval().High)) > 0 {
			t.Fatalf("%v is not within %v", after.Interval(), before.Interval())
		}
	})
}

func TestOutOfProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		e := drawItem(t, s, func(e assessment.Entry) bool { return e.State.InProfile() })
		id, r := e.Item.ID, *e.Response
		gaps, unknown, before := lines(s.Gaps()), lines(s.Unknown()), s.Tally()
		must(t, s, func(ed *assessment.Edit) error { return ed.Exclude(id, "not pursued") })

		is := func(l string) bool { return strings.HasPrefix(l, id.String()+" ") }
		if diff := cmp.Diff(slices.DeleteFunc(gaps, is), lines(s.Gaps()), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the gaps are not the old ones without %v:\n%s", id, diff)
		}
		if diff := cmp.Diff(slices.DeleteFunc(unknown, is), lines(s.Unknown()), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the unknown are not the old ones without %v:\n%s", id, diff)
		}
		want := before // out of profile: counted beside, never achieved
		want.InProfile--
		want.OutOfProfile++
		n, rated := r.Current.Level()
		target, targeted := r.Target.Level()
		if rated {
			want.Levels[n]--
		}
		if rated && r.Inherited {
			want.Inherited--
		}
		if rated && r.Grade().Supported() {
			want.Supported--
		}
		if rated && e.OnAssertion() {
			want.OnAssertion--
		}
		if targeted {
			want.Targeted--
			want.WantedAll -= target
		}
		if rated && targeted {
			want.Compared--
			want.Wanted -= target
			want.Achieved -= min(n, target)
			if n >= target {
				want.AtTarget--
			} else {
				want.Gaps--
			}
		}
		if diff := cmp.Diff(want, s.Tally()); diff != "" {
			t.Fatal(diff)
		}
		// Its answers are kept for the day on which it comes back.
		must(t, s, func(ed *assessment.Edit) error { return ed.Include(id) })
		if s.Tally() != before {
			t.Fatalf("back in the profile: %+v, want %+v", s.Tally(), before)
		}
	})
}

func TestOrderOfInputChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := answers(catalog(t), 25).Draw(t, "answers")
		shuffled := rapid.Permutation(given).Draw(t, "shuffled")
		one, other, bulk := start(t), start(t), start(t)
		for _, a := range given {
			must(t, one, func(e *assessment.Edit) error { return a.give(e, one.Catalog()) })
		}
		for _, a := range shuffled {
			must(t, other, func(e *assessment.Edit) error { return a.give(e, other.Catalog()) })
		}
		d := must(t, bulk, func(e *assessment.Edit) (err error) {
			for _, a := range given {
				err = errors.Join(err, a.give(e, bulk.Catalog()))
			}
			return err
		})
		for _, ev := range d.Events {
			if ev.Group != 2 {
				t.Fatalf("one act, and event %d is of group %d", ev.Seq, ev.Group)
			}
		}
		for name, s := range map[string]*assessment.Session{
			"another order": other, "in bulk": bulk, "loaded": load(t, stored(t, one)),
		} {
			sameRecords(t, stored(t, s).Records, stored(t, one).Records)
			if diff := cmp.Diff(one.Score(), s.Score()); diff != "" {
				t.Fatalf("scores, %s:\n%s", name, diff)
			}
			if diff := cmp.Diff(lines(one.Gaps()), lines(s.Gaps())); diff != "" {
				t.Fatalf("gaps, %s:\n%s", name, diff)
			}
		}
	})
}

func TestUnratedIsNeverZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		e := drawItem(t, s, func(e assessment.Entry) bool { return e.State == assessment.Unanswered })
		before := s.Tally()
		if e.Gap() != 0 || e.Known() || slices.Contains(lines(s.Gaps()), line(e)) {
			t.Fatalf("%v is unrated and has a gap", e.Item.ID)
		}
		must(t, s, func(ed *assessment.Edit) error { return ed.Rate(e.Item.ID, level(t, 0)) })
		after := s.Tally()
		if after.Levels[0] != before.Levels[0]+1 || after.Unrated() != before.Unrated()-1 || before.Rated()+before.Unrated() != before.InProfile {
			t.Fatalf("rated 0: %+v after %+v", after, before)
		}
		must(t, s, func(ed *assessment.Edit) error { return ed.Rate(e.Item.ID, assessment.Unrated) })
		if s.Tally() != before {
			t.Fatalf("cleared: %+v, want %+v", s.Tally(), before)
		}
	})
}

func TestOverAchievementEarnsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		e := drawItem(t, s, func(e assessment.Entry) bool {
			target, targeted := e.Response.Target.Level()
			current, rated := e.Response.Current.Level()
			return e.State == assessment.Rated && targeted && rated && current >= target && current < assessment.MaxLevel
		})
		current, _ := e.Response.Current.Level()
		before := s.Tally()
		must(t, s, func(ed *assessment.Edit) error { return ed.Rate(e.Item.ID, level(t, current+1)) })
		after := s.Tally()
		if after.Attainment() != before.Attainment() || after.Interval() != before.Interval() || after.AtTarget != before.AtTarget {
			t.Fatalf("%+v after %+v", after, before)
		}
	})
}

func TestPriorityIsSequencing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		must(t, s, func(ed *assessment.Edit) error {
			return ed.Info(func(in *assessment.Info) { in.Path = assessment.Full })
		})
		e := drawItem(t, s, func(assessment.Entry) bool { return true })
		before, tally, was := s.Gaps(), s.Tally(), *e.Response
		must(t, s, func(ed *assessment.Edit) error {
			return ed.Prioritize(e.Item.ID, content.Priority(rapid.IntRange(1, 3).Draw(t, "priority")), "as decided")
		})
		if s.Tally() != tally { // on the full path, which covers all priorities
			t.Fatalf("a priority changed figures: %+v, want %+v", s.Tally(), tally)
		}
		if r := s.Response(e.Item.Index); r.Target != was.Target || r.TargetReason != was.TargetReason || r.Current != was.Current {
			t.Fatalf("a priority changed an answer: %+v, want %+v", r, was)
		}
		place := func(list []assessment.Entry) (others []string) {
			for _, g := range list {
				if g.Item != e.Item {
					others = append(others, line(g))
				}
			}
			return others
		}
		if diff := cmp.Diff(place(before), place(s.Gaps())); diff != "" {
			t.Fatalf("the other gaps changed places:\n%s", diff)
		}
		if !slices.IsSortedFunc(s.Gaps(), assessment.CompareGaps) {
			t.Fatal("gaps are not in their order")
		}
	})
}

// The order that OrderRule states, one key after the other.
func TestCompareGaps(t *testing.T) {
	s := start(t)
	type gap struct {
		item     string
		priority content.Priority
		current  int
		method   assessment.Method
	}
	want := []gap{ // all with target 3
		{"RS.MI-02/thwart", 1, 2, assessment.Tested},      // High comes first, whatever the gap
		{"RS.MI-02/secure", 2, 0, assessment.Tested},      // then the larger gap
		{"GV.OC-02/thwart", 2, 1, assessment.None},        // then weaker evidence
		{"GV.OC-01/thwart", 2, 1, assessment.Asserted},    //
		{"DE.CM-01/thwart", 2, 1, assessment.Interviewed}, //
		{"RC.RP-01/secure", 2, 1, assessment.Examined},    //
		{"PR.AA-01/defend", 2, 1, assessment.Tested},      // then the id, as it reads
		{"PR.AA-01/secure", 2, 1, assessment.Tested},      //
		{"PR.AA-01/thwart", 2, 1, assessment.Tested},      //
		{"PR.AA-02/defend", 2, 1, assessment.Tested},      //
		{"GV.OC-03/defend", 3, 0, assessment.None},        // Foundational last
	}
	must(t, s, func(e *assessment.Edit) (err error) {
		for _, g := range want {
			id := item(t, g.item)
			err = errors.Join(err, e.Prioritize(id, g.priority, "as decided"), e.Rate(id, level(t, g.current)), e.Target(id, level(t, 3), ""))
			if g.method != assessment.None {
				err = errors.Join(err, e.AddEvidence(id, assessment.Evidence{Method: g.method, Ref: "the register"}))
			}
		}
		return err
	})
	var got []string
	for _, e := range s.Gaps() {
		got = append(got, e.Item.ID.String())
	}
	var ids []string
	for _, g := range want {
		ids = append(ids, g.item)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("order of gaps (-%s +Gaps):\n%s", assessment.OrderRule, diff)
	}
}

func TestPercent(t *testing.T) {
	for n, want := range map[assessment.Ratio]string{
		{Num: 0, Den: 0}: "–", {Num: 0, Den: 7}: "0 %", {Num: 7, Den: 7}: "100 %",
		{Num: 1, Den: 1000}: "<1 %", {Num: 4, Den: 1000}: "<1 %", {Num: 5, Den: 1000}: "1 %", {Num: 1, Den: 3}: "33 %",
		{Num: 2, Den: 3}: "67 %", {Num: 1, Den: 8}: "13 %", {Num: 994, Den: 1000}: "99 %", {Num: 995, Den: 1000}: ">99 %",
		{Num: 999, Den: 1000}: ">99 %",
	} {
		if got := n.Percent(); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		den := rapid.IntRange(1, 2000).Draw(t, "den")
		r := assessment.Ratio{Num: rapid.IntRange(0, den).Draw(t, "num"), Den: den}
		got := r.Percent()
		if (got == "0 %") != (r.Num == 0) || (got == "100 %") != (r.Num == r.Den) {
			t.Fatalf("%v prints %s", r, got)
		}
		// Half up: the percentage lies within half a percent of the ratio.
		var p int
		if n, _ := fmt.Sscanf(got, "%d %%", &p); n == 1 {
			if d := 200*r.Num - 2*p*r.Den; d < -r.Den || d >= r.Den && p != 100 {
				t.Fatalf("%v prints %s", r, got)
			}
		} else if got == "<1 %" && 200*r.Num >= r.Den || got == ">99 %" && 200*(r.Den-r.Num) > r.Den {
			t.Fatalf("%v prints %s", r, got)
		}
	})
}

func TestWithheld(t *testing.T) {
	for _, c := range []struct {
		compared, inProfile, threshold int
		want                           bool
	}{
		{0, 0, 60, false}, // nothing to rate: the ratio is "–"
		{0, 5, 60, true},
		{59, 100, 60, true},
		{60, 100, 60, false},
		{3, 5, 60, false},
		{2, 3, 67, true},
		{2, 3, 66, false},
		{0, 5, 0, false},
		{99, 100, 100, true},
		{100, 100, 100, false},
	} {
		tally := assessment.Tally{InProfile: c.inProfile, Compared: c.compared, Targeted: c.inProfile, Achieved: c.compared, Wanted: 2 * c.compared, WantedAll: 2 * c.inProfile}
		if got := tally.Withheld(c.threshold); got != c.want {
			t.Errorf("%d of %d rated, threshold %d: withheld is %v", c.compared, c.inProfile, c.threshold, got)
		}
		// The fraction and the interval are told all the same.
		if got := (assessment.Ratio{Num: c.compared, Den: 2 * c.compared}); tally.Attainment() != got {
			t.Errorf("attainment %v, want %v", tally.Attainment(), got)
		}
		if got := tally.Interval(); got.Low.Den != 2*c.inProfile || got.High.Num-got.Low.Num != 2*(c.inProfile-c.compared) {
			t.Errorf("interval %v", got)
		}
	}
}

func TestDivergence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		// Three areas of one Subcategory are rarely drawn together.
		sub := s.Catalog().At(rapid.IntRange(0, s.Catalog().Len()-1).Draw(t, "item")).ID.Sub
		must(t, s, func(e *assessment.Edit) (err error) {
			for _, a := range content.Areas {
				id := content.ItemID{Sub: sub, Area: a}
				err = errors.Join(err, e.Include(id), e.Rate(id, ratings.Draw(t, "current")))
			}
			return err
		})
		want, comparable := make(map[string]int), 0
		for sub := range s.Catalog().Subcategories() {
			var levels []int
			for e := range s.Entries() {
				if n, _ := e.Response.Current.Level(); e.Item.ID.Sub == sub.ID && e.State == assessment.Rated {
					levels = append(levels, n)
				}
			}
			if len(levels) >= 2 {
				comparable++
			}
			if len(levels) >= 2 && slices.Max(levels) > slices.Min(levels) {
				want[sub.ID] = slices.Max(levels) - slices.Min(levels)
			}
		}
		got := make(map[string]int)
		place := func(d assessment.Divergence) int { i, _ := s.Catalog().Index(content.ItemID{Sub: d.Sub.ID}); return i }
		list := s.Divergences()
		for i, d := range list {
			got[d.Sub.ID] = d.Spread
			if i > 0 && (list[i-1].Spread < d.Spread || list[i-1].Spread == d.Spread && place(list[i-1]) >= place(d)) {
				t.Fatalf("%s comes after %s", d.Sub.ID, list[i-1].Sub.ID)
			}
			for a, r := range d.Levels {
				e := s.Entry(place(d) + a)
				if counted := e.State == assessment.Rated; counted != r.Known() || counted && r != e.Response.Current {
					t.Fatalf("%v shows %v", e.Item.ID, r)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if n := s.Comparable(); n != comparable {
			t.Fatalf("%d Subcategories with two rated items, want %d", n, comparable)
		}
	})
}

func TestStates(t *testing.T) {
	s := start(t)
	high := find(t, func(it *content.Item) bool { return it.Priority == content.High && it.ID.Area == content.Defend })
	low := find(t, func(it *content.Item) bool {
		return it.Priority == content.Foundational && it.ID.Area == content.Defend
	})
	path := func(p assessment.Path) {
		must(t, s, func(e *assessment.Edit) error { return e.Info(func(in *assessment.Info) { in.Path = p }) })
	}
	expect := func(it *content.Item, want assessment.State) {
		t.Helper()
		if got := s.Entry(it.Index).State; got != want {
			t.Errorf("%v is %v, want %v", it.ID, got, want)
		}
	}
	expect(high, assessment.Unanswered)
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Rate(high.ID, level(t, 0)), e.Rate(low.ID, level(t, 3)), e.Target(low.ID, level(t, 2), ""))
	})
	expect(high, assessment.Rated)
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Exclude(high.ID, "declined"), e.Exclude(low.ID, "declined"))
	})
	expect(high, assessment.OutOfProfile)
	expect(low, assessment.OutOfProfile)
	path(assessment.Quick)
	expect(high, assessment.OutOfProfile)
	expect(low, assessment.OutsidePath) // before out of profile
	// An override decides the path too.
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Prioritize(low.ID, content.High, "our own"), e.Prioritize(high.ID, content.Moderate, "our own"))
	})
	expect(high, assessment.OutsidePath)
	expect(low, assessment.OutOfProfile)
	must(t, s, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) {
			in.Areas[content.Defend] = assessment.AreaScope{Out: true, Answer: "no AI in defense"}
		})
	})
	expect(high, assessment.AreaOutOfScope) // before all others
	expect(low, assessment.AreaOutOfScope)
	if n := s.Tally().InProfile; n == 0 {
		t.Error("the other Focus Areas went too")
	}
	// Nothing was lost on the way.
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(
			e.Info(func(in *assessment.Info) { in.Path, in.Areas = assessment.Full, [3]assessment.AreaScope{} }),
			e.Include(low.ID),
		)
	})
	expect(low, assessment.Rated)

	for _, st := range assessment.States {
		got, err := assessment.ParseState(st.String())
		if err != nil || got != st || st.Words() == "" {
			t.Errorf("%v is read as %v, %v", st, got, err)
		}
	}
	if _, err := assessment.ParseState("scored"); err == nil {
		t.Error(`"scored" is a state`)
	}
}

func TestOnAssertion(t *testing.T) {
	id := item(t, "GV.OC-01/secure")
	for _, c := range []struct {
		current int
		methods []assessment.Method
		want    bool
	}{
		{3, nil, true},
		{3, []assessment.Method{assessment.Asserted}, true},
		{3, []assessment.Method{assessment.Asserted, assessment.Interviewed}, false},
		{3, []assessment.Method{assessment.Tested}, false},
		{2, nil, false},
	} {
		s := start(t)
		must(t, s, func(e *assessment.Edit) error {
			err := e.Rate(id, level(t, c.current))
			for _, m := range c.methods {
				err = errors.Join(err, e.AddEvidence(id, assessment.Evidence{Method: m, Ref: "the register"}))
			}
			return err
		})
		if got := s.Entry(0).OnAssertion(); got != c.want {
			t.Errorf("%d on %v: %v", c.current, c.methods, got)
		}
	}
}

// The example of docs/methodology.md: the page says what the code computes.
func TestWorkedExample(t *testing.T) {
	page, err := os.ReadFile("../docs/methodology.md")
	if err != nil {
		t.Fatal(err)
	}
	says := func(format string, args ...any) {
		t.Helper()
		if want := fmt.Sprintf(format, args...); !strings.Contains(string(page), want) {
			t.Errorf("docs/methodology.md does not say %q", want)
		}
	}
	// A Category of six items in profile and one that was declined.
	s := start(t)
	const none = -1
	type row struct {
		item            string
		current, target int
		word            string
	}
	table := []row{
		{"GV.OC-01/secure", 3, 2, "2 of 2"},
		{"GV.OC-01/defend", 2, 2, "2 of 2"},
		{"GV.OC-01/thwart", 1, 3, "1 of 3"},
		{"GV.OC-02/secure", 0, 2, "0 of 2"},
		{"GV.OC-02/thwart", none, 3, "unknown, of 3"},
		{"GV.OC-03/secure", 2, none, "no target"},
	}
	must(t, s, func(e *assessment.Edit) (err error) {
		for it := range s.Catalog().Items() {
			named := slices.ContainsFunc(table, func(r row) bool { return r.item == it.ID.String() })
			if it.ID.Category() == "GV.OC" && !named {
				err = errors.Join(err, e.Exclude(it.ID, "not part of the example"))
			}
		}
		for _, r := range table {
			if r.current != none {
				err = errors.Join(err, e.Rate(item(t, r.item), level(t, r.current)))
			}
			if r.target != none {
				err = errors.Join(err, e.Target(item(t, r.item), level(t, r.target), ""))
			}
		}
		return err
	})
	show := func(n int) string {
		if n == none {
			return "–"
		}
		return fmt.Sprint(n)
	}
	for _, r := range table {
		says("| %s | %s | %s | %s |", r.item, show(r.current), show(r.target), r.word)
	}
	tally := s.Score().Categories[0].Total
	if tally.InProfile != len(table) {
		t.Fatalf("%d items in profile, want %d", tally.InProfile, len(table))
	}
	says("one at 0, one at 1, two at 2, one at 3, one unrated")
	if tally.Levels != [4]int{1, 1, 2, 1} || tally.Unrated() != 1 {
		t.Errorf("the distribution is %v and %d unrated", tally.Levels, tally.Unrated())
	}
	says("at target %d of %d", tally.AtTarget, tally.Compared)
	says("attainment %v = %s", tally.Attainment(), tally.Attainment().Percent())
	says("interval %v to %v (%s to %s)", tally.Interval().Low, tally.Interval().High, tally.Interval().Low.Percent(), tally.Interval().High.Percent())
	says("coverage %v = %s", tally.Coverage(), tally.Coverage().Percent())
	says("%d out of profile", tally.OutOfProfile)
	if tally.Withheld(assessment.DefaultThreshold) {
		t.Error("the example is withheld")
	}
	for n := range assessment.MaxLevel + 1 {
		says("| %d %s | %s |", n, assessment.LevelWord(n), assessment.LevelTest(n))
	}
}
