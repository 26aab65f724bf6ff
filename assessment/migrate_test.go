package assessment_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

var nextDraft = sync.OnceValue(func() *content.Catalog { return contenttest.NextDraft().Catalog() })

// upheaval is a pack that differs nearly everywhere: every second priority, every third question, and
// Subcategories and single items that are gone.
var upheaval = sync.OnceValue(func() *content.Catalog {
	p := contenttest.New("upheaval")
	cat, err := content.Embedded()
	if err != nil {
		panic(err)
	}
	for it := range cat.Items() {
		w := p.Item(it.ID.String())
		if it.Index%2 == 0 {
			w.Priority = w.Priority%3 + 1
		}
		if it.Index%3 == 0 {
			w.Question = "What is asked now?"
		}
		if it.Index%7 == 0 {
			w.StandardPractices = !w.StandardPractices
		}
	}
	for it := range cat.Items() {
		if sub := it.Index / 3; sub%5 == 1 || sub%5 == 2 && it.ID.Area == content.Defend {
			p.Remove(it.ID.String())
		}
	}
	p.Add("GV.OC-06/thwart")
	return p.Catalog()
})

// packs knows all packs of these tests.
func packs(pin assessment.PackPin) (*content.Catalog, error) {
	first, err := content.Embedded()
	if err != nil {
		return nil, err
	}
	for _, cat := range []*content.Catalog{first, nextDraft(), upheaval()} {
		if pin.Names(cat) {
			return cat, nil
		}
	}
	return nil, fmt.Errorf("%w: %v", assessment.ErrPack, pin)
}

func migrate(t rapid.TB, s *assessment.Session, to *content.Catalog) assessment.Delta {
	t.Helper()
	act := minute(5)
	act.Reason = "the next draft"
	d, err := s.Migrate(to, act)
	if err != nil {
		t.Fatalf("Migrate: %v", err)
	}
	return d
}

func verified(t rapid.TB, s *assessment.Session) {
	t.Helper()
	if head, err := stored(t, s).Verify(); err != nil || head != s.Head() {
		t.Fatalf("the journal ends at %v, want %v: %v", head, s.Head(), err)
	}
}

func response(t rapid.TB, s *assessment.Snapshot, id string) assessment.Response {
	t.Helper()
	i, ok := s.Catalog().Index(item(t, id))
	if !ok {
		t.Fatalf("the pack has no %s", id)
	}
	return *s.Response(i)
}

func aside(s *assessment.Snapshot, id string) (assessment.Aside, bool) {
	i := slices.IndexFunc(s.Asides(), func(a assessment.Aside) bool { return a.ID == id })
	if i < 0 {
		return assessment.Aside{}, false
	}
	return s.Asides()[i], true
}

func TestMigrate(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		_, err := e.PutAction(assessment.Action{Title: "Watch the sensors", Items: []content.ItemID{
			item(t, "DE.CM-09/defend"), item(t, "GV.OC-01/secure"),
		}})
		err = errors.Join(err, e.Base("GV.OC-04", level(t, 2), "from the audit"), e.Inherit(item(t, "GV.OC-04/thwart")))
		for i, id := range []string{
			"GV.OC-01/secure", "PR.AA-05/secure", "PR.AT-01/secure", "PR.DS-01/secure", "DE.CM-09/defend", "RS.MA-01/thwart",
		} {
			err = errors.Join(err, e.Rate(item(t, id), level(t, i%4)), e.Target(item(t, id), level(t, 3), "board"), e.Note(item(t, id), "as seen"))
		}
		return errors.Join(err, e.Target(item(t, "GV.OC-02/secure"), level(t, 2), "board"),
			e.AddEvidence(item(t, "DE.CM-09/defend"), assessment.Evidence{Method: assessment.Tested, Ref: "ticket 7"}))
	})
	before, was := s.Snapshot(), stored(t, s)
	preview := s.Migration(nextDraft())

	type fate struct {
		Fate assessment.Fate
		Ends bool
	}
	got := map[string]fate{}
	for _, it := range preview.Items {
		got[it.ID.String()] = fate{it.Fate, it.EndsInheritance}
	}
	if diff := cmp.Diff(map[string]fate{
		"GV.OC-01/secure": {assessment.Requeued, false}, // priority
		"GV.OC-02/secure": {assessment.Kept, false},     // priority, but nobody has answered
		"GV.OC-04/thwart": {assessment.Requeued, true},  // standard practices
		"PR.AA-05/secure": {assessment.Requeued, false}, // priority
		"PR.AT-01/secure": {assessment.Requeued, false}, // question
		"PR.DS-01/secure": {assessment.Kept, false},     // words around the question
		"DE.CM-09/defend": {assessment.PutAside, false}, // gone
	}, got); diff != "" {
		t.Errorf("what becomes of the responses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(was, stored(t, s)); diff != "" {
		t.Fatalf("the preview changed the session:\n%s", diff)
	}

	d := migrate(t, s, nextDraft())
	verified(t, s)
	if s.Catalog() != nextDraft() || !s.Pack().Names(nextDraft()) {
		t.Errorf("the session is pinned to %v", s.Pack())
	}
	if say(t, preview.After) != say(t, s.Snapshot()) {
		t.Error("the preview promised another state")
	}
	group := d.Events[0].Group
	for _, e := range d.Events {
		if e.Group != group || e.Reason != "the next draft" {
			t.Errorf("event %d is of group %d, because of %q", e.Seq, e.Group, e.Reason)
		}
	}
	if n := len(d.Events); n != 7 { // pin, four queued, one gone and put aside
		t.Errorf("%d events, want 7", n)
	}
	if r := response(t, s.Snapshot(), "GV.OC-04/thwart"); r.Inherited || r.Current != level(t, 2) || !r.ToConfirm {
		t.Errorf("an inheritance that the new pack does not know: %+v", r)
	}
	a, ok := aside(s.Snapshot(), "DE.CM-09/defend")
	want := response(t, before, "DE.CM-09/defend")
	if !ok || !reflect.DeepEqual(*a.Response, want) || a.Pack != before.Pack() || a.Priority != content.High || a.Title == "" || a.Question == "" {
		t.Errorf("put aside: %+v, want the response %+v", a, want)
	}
	if n := s.Tally().ToConfirm; n != 4 {
		t.Errorf("%d to re-confirm, want 4", n)
	}

	// An action may go on naming what was put aside.
	must(t, s, func(e *assessment.Edit) error {
		a := s.Actions()[0]
		a.Owner = "Grace"
		_, err := e.PutAction(a)
		return err
	})
	if _, err := assessment.Load(catalog(t), stored(t, s)); !errors.Is(err, assessment.ErrPack) {
		t.Errorf("the pack of before opens the session: %v", err)
	}

	// The state of before is there under the pack of before, also after the session was closed.
	again, err := assessment.LoadWith(packs, stored(t, s))
	if err != nil {
		t.Fatal(err)
	}
	then, err := again.At(before.Head())
	if err != nil {
		t.Fatal(err)
	}
	if say(t, then) != say(t, before) || then.Catalog() != catalog(t) {
		t.Error("the state of before can not be brought back")
	}
	alone, err := assessment.Load(nextDraft(), stored(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alone.At(before.Head()); !errors.Is(err, assessment.ErrPack) {
		t.Errorf("a state under a pack that is not there: %v", err)
	}
}

// Each way to look again at an answer takes it out of the queue, and nothing else does.
func TestReconfirm(t *testing.T) {
	const id = "PR.AT-01/secure"
	for _, c := range []struct {
		name string
		out  bool
		edit func(*assessment.Edit, content.ItemID) error
		left bool
	}{
		{"the same level", false, func(e *assessment.Edit, id content.ItemID) error { return e.Rate(id, level(t, 2)) }, false},
		{"another level", false, func(e *assessment.Edit, id content.ItemID) error { return e.Rate(id, level(t, 1)) }, false},
		{"cleared", false, func(e *assessment.Edit, id content.ItemID) error { return e.Rate(id, assessment.Unrated) }, false},
		{"confirmed", false, func(e *assessment.Edit, id content.ItemID) error { return e.Confirm(id) }, false},
		{"taken out", false, func(e *assessment.Edit, id content.ItemID) error { return e.Exclude(id, "not pursued") }, false},
		{"noted", false, func(e *assessment.Edit, id content.ItemID) error { return e.Note(id, "asked again") }, true},
		{"targeted", false, func(e *assessment.Edit, id content.ItemID) error { return e.Target(id, level(t, 3), "board") }, true},
		{"out, for the same reason", true, func(e *assessment.Edit, id content.ItemID) error { return e.Exclude(id, "leased") }, false},
		{"out, confirmed", true, func(e *assessment.Edit, id content.ItemID) error { return e.Confirm(id) }, false},
		{"out, taken back", true, func(e *assessment.Edit, id content.ItemID) error { return e.Include(id) }, true},
		{"out, cleared", true, func(e *assessment.Edit, id content.ItemID) error { return e.Rate(id, assessment.Unrated) }, true},
		{"out, cleared, taken back", true, func(e *assessment.Edit, id content.ItemID) error {
			return errors.Join(e.Rate(id, assessment.Unrated), e.Include(id))
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			must(t, s, func(e *assessment.Edit) error {
				err := e.Rate(item(t, id), level(t, 2))
				if c.out {
					err = errors.Join(err, e.Exclude(item(t, id), "leased"))
				}
				return err
			})
			migrate(t, s, nextDraft())
			was := response(t, s.Snapshot(), id)
			if !was.ToConfirm {
				t.Fatal("it is not queued")
			}
			act := minute(9)
			act.Who = "Grace"
			if _, err := s.Do(act, func(e *assessment.Edit) error { return c.edit(e, item(t, id)) }); err != nil {
				t.Fatal(err)
			}
			r := response(t, s.Snapshot(), id)
			if r.ToConfirm != c.left {
				t.Errorf("to re-confirm is %t", r.ToConfirm)
			}
			if r.At != (assessment.Response{}).At && r.By != "Grace" {
				t.Errorf("it is signed by %q", r.By)
			}
			verified(t, s)
		})
	}
}

// A base rating that goes takes what inherited it along, and there is nothing left to confirm.
func TestReconfirmInherited(t *testing.T) {
	s := start(t)
	id := item(t, "GV.OC-01/secure") // standard practices apply in both packs, the priority differs
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Base(id.Sub, level(t, 1), ""), e.Inherit(id))
	})
	migrate(t, s, nextDraft())
	must(t, s, func(e *assessment.Edit) error { return e.Base(id.Sub, level(t, 2), "") })
	if r := response(t, s.Snapshot(), id.String()); !r.ToConfirm || !r.Inherited || r.Current != level(t, 2) {
		t.Errorf("the base rating rose: %+v", r)
	}
	must(t, s, func(e *assessment.Edit) error { return e.Inherit(id) })
	if r := response(t, s.Snapshot(), id.String()); r.ToConfirm || !r.Inherited {
		t.Errorf("inherited again: %+v", r)
	}
}

func TestMigrateToTheSameFacts(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error { return e.Rate(item(t, "PR.AT-01/secure"), level(t, 2)) })
	was := stored(t, s)
	p := contenttest.New("nist-ir-8596-iprd")
	p.Edition(2)
	p.Item("PR.AT-01/secure").Question = "What is asked in other words?"
	d, err := s.Migrate(p.Catalog(), minute(2))
	if err != nil || len(d.Events) > 0 {
		t.Errorf("%d events: %v", len(d.Events), err)
	}
	sameStored(t, stored(t, s), was)
}

func TestMigrateRefuses(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = assessment.Archived })
	})
	was := stored(t, s)
	if _, err := s.Migrate(nextDraft(), minute(2)); !errors.Is(err, assessment.ErrClosed) {
		t.Errorf("an archived session: %v", err)
	}
	sameStored(t, stored(t, s), was)
}

// Undo needs the pack of before; without it nothing changes and the error says which it is.
func TestUndoOfAMigrationNeedsThePack(t *testing.T) {
	s := start(t)
	migrate(t, s, nextDraft())
	alone, err := assessment.Load(nextDraft(), stored(t, s))
	if err != nil {
		t.Fatal(err)
	}
	was := stored(t, alone)
	if _, err := alone.Undo(minute(6)); !errors.Is(err, assessment.ErrPack) {
		t.Errorf("undo: %v", err)
	} else {
		fails(t, err, "nist-ir-8596-iprd")
	}
	sameStored(t, stored(t, alone), was)
	must(t, alone, func(e *assessment.Edit) error { return e.Rate(item(t, "GV.OC-06/thwart"), level(t, 1)) })
	verified(t, alone)
}

// What an edition in between adopted does not stand in the way of the undo.
func TestUndoOfAMigrationAfterANewEdition(t *testing.T) {
	s := start(t)
	migrate(t, s, nextDraft())
	p := contenttest.NextDraft()
	p.Edition(7)
	later, err := assessment.LoadWith(func(pin assessment.PackPin) (*content.Catalog, error) {
		if cat := p.Catalog(); pin.Names(cat) {
			return cat, nil
		}
		return packs(pin)
	}, stored(t, s))
	if err != nil {
		t.Fatal(err)
	}
	must(t, later, func(e *assessment.Edit) error { return e.Rate(item(t, "GV.OC-01/secure"), level(t, 1)) })
	if later.Pack().Edition != 7 {
		t.Fatalf("pinned to %v", later.Pack())
	}
	for i := range 2 {
		if _, err := later.Undo(minute(6 + i)); err != nil {
			t.Fatal(err)
		}
	}
	if !later.Pack().Names(catalog(t)) {
		t.Errorf("pinned to %v", later.Pack())
	}
	verified(t, later)
}

// without is a response without what a migration may change.
func without(r assessment.Response) assessment.Response {
	r.ToConfirm, r.Inherited = false, false
	return r
}

// The laws of a migration, whatever was answered and whatever the pack changes.
func TestMigrationLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		to := rapid.SampledFrom([]*content.Catalog{nextDraft(), upheaval()}).Draw(t, "pack")
		before := s.Snapshot()
		preview := s.Migration(to)
		migrate(t, s, to)
		verified(t, s)
		after := s.Snapshot()
		if say(t, preview.After) != say(t, after) || preview.After.Tally() != after.Tally() {
			t.Fatal("the preview promised another state")
		}

		// Ratings, targets, notes and evidence are what they were; what the pack left alone is untouched.
		differs := make(map[content.ItemID]content.ItemDiff)
		for _, d := range preview.Diff.Items {
			differs[d.ID] = d
		}
		for e := range before.Entries() {
			d, touched := differs[e.Item.ID]
			id := e.Item.ID.String()
			if d.From != nil && d.To == nil {
				a, ok := aside(after, id)
				if recorded := !reflect.ValueOf(*e.Response).IsZero(); ok != recorded || ok && !reflect.DeepEqual(*a.Response, *e.Response) {
					t.Fatalf("%s is gone: put aside %t, %+v, was %+v", id, ok, a.Response, e.Response)
				}
				continue
			}
			r := response(t, after, id)
			if !touched && !reflect.DeepEqual(r, *e.Response) || !reflect.DeepEqual(without(r), without(*e.Response)) {
				t.Fatalf("%s was %+v, is %+v", id, e.Response, r)
			}
			if want := touched && d.Asks() && (r.Current.Known() || r.Out != ""); r.ToConfirm != want {
				t.Fatalf("%s is to be re-confirmed: %t, want %t", id, r.ToConfirm, want)
			}
		}
		// The totals differ by what the diff names and by nothing else.
		same := func(it *content.Item) bool { _, ok := differs[it.ID]; return !ok }
		if was, is := count(before, same), count(after, same); was != is {
			t.Fatalf("the items that did not change count as %+v, were %+v", is, was)
		}
		if n := after.Tally().ToConfirm; n > after.Tally().Rated() {
			t.Fatalf("%d to re-confirm of %d rated", n, after.Tally().Rated())
		}

		// The move can be undone and done again, also by who reads the session anew.
		again, err := assessment.LoadWith(packs, stored(t, s))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range []struct {
			do   func(assessment.Act) (assessment.Delta, error)
			want *assessment.Snapshot
		}{{again.Undo, before}, {again.Redo, after}, {again.Undo, before}} {
			if _, err := u.do(minute(7)); err != nil {
				t.Fatal(err)
			}
			verified(t, again)
			if say(t, again.Snapshot()) != say(t, u.want) || again.Tally() != u.want.Tally() {
				t.Fatal("undo or redo left another state")
			}
		}

		// There and back again, nothing is lost.
		migrate(t, s, catalog(t))
		verified(t, s)
		if len(s.Asides()) > 0 {
			t.Fatalf("left aside: %+v", s.Asides())
		}
		for e := range before.Entries() {
			if r := response(t, s.Snapshot(), e.Item.ID.String()); !reflect.DeepEqual(without(r), without(*e.Response)) {
				t.Fatalf("%v came back as %+v, was %+v", e.Item.ID, r, e.Response)
			}
		}
		for sub := range catalog(t).Subcategories() {
			if s.Base(sub.ID) != before.Base(sub.ID) {
				t.Fatalf("the base rating of %s came back as %+v", sub.ID, s.Base(sub.ID))
			}
		}
	})
}

// Scores, gaps and divergences hold in a pack with gaps in it.
func TestScoresOfAPackWithGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		migrate(t, s, upheaval())
		sc := s.Score()
		for i, c := range sc.Categories {
			want := count(s.Snapshot(), func(it *content.Item) bool { return it.ID.Category() == c.ID })
			if sc.Categories[i].Total != want {
				t.Fatalf("%s: %+v, want %+v", c.ID, c.Total, want)
			}
		}
		spread := map[string]assessment.Divergence{}
		for _, d := range s.Divergences() {
			spread[d.Sub.ID] = d
		}
		for sub := range s.Catalog().Subcategories() {
			low, high := 9, -1
			for e := range s.Entries() {
				if n, ok := e.Response.Current.Level(); ok && e.Item.ID.Sub == sub.ID && e.State == assessment.Rated {
					low, high = min(low, n), max(high, n)
				}
			}
			if got := spread[sub.ID].Spread; got != max(0, high-low) {
				t.Fatalf("%s: spread %d between %d and %d", sub.ID, got, low, high)
			}
		}
	})
}
