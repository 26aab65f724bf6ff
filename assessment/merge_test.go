package assessment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

var source = assessment.MergeSource{File: "b.plumb", SHA256: strings.Repeat("0f", 32)}

// by is an act of that person at minute n.
func by(who string, n int) assessment.Act {
	a := minute(n)
	a.Who = who
	return a
}

// twin returns a session of its own that is like s.
func twin(t rapid.TB, s *assessment.Session) *assessment.Session {
	t.Helper()
	return load(t, stored(t, s))
}

// act has a person change a session.
func act(t rapid.TB, s *assessment.Session, a assessment.Act, edits ...func(*assessment.Edit) error) {
	t.Helper()
	if _, err := s.Do(a, func(e *assessment.Edit) error {
		for _, edit := range edits {
			if err := edit(e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatalf("Do: %v", err)
	}
}

// plan plans a merge at a minute after all acts.
func plan(t rapid.TB, ours, theirs *assessment.Session, c assessment.Choices) *assessment.MergePlan {
	t.Helper()
	p, err := ours.Merge(theirs, source, minute(100).Time, c)
	if err != nil {
		t.Fatalf("Merge: %v", err)
	}
	return p
}

// merge merges theirs into ours, with every conflict decided for one side, and checks what must hold of
// every merge. It returns the plan.
func merge(t rapid.TB, ours, theirs *assessment.Session, side assessment.Side) *assessment.MergePlan {
	t.Helper()
	p := plan(t, ours, theirs, nil)
	all := make(assessment.Choices)
	for range 3 { // a choice can bring out another conflict
		if len(p.Conflicts) == 0 {
			break
		}
		for _, c := range p.Conflicts {
			if all[c.Key()] = side; c.Taken == "" && strings.Contains(c.Why, "can not be taken") {
				all[c.Key()] = assessment.Ours
			}
		}
		p = plan(t, ours, theirs, all)
	}
	if p.Counts.Conflict != 0 {
		t.Fatalf("conflicts stay open: %+v", p.Conflicts)
	}
	if p.Relation != assessment.MergeDiverged {
		return p
	}
	d, err := ours.Do(p.Act("Ada", ""), p.Apply)
	if err != nil {
		t.Fatalf("apply the merge: %v", err)
	}
	for _, e := range d.Events {
		if e.Group != d.Events[0].Group || !strings.HasPrefix(e.Reason, `merge of "b.plumb", SHA-256 0f0f`) {
			t.Fatalf("event %d is of group %d, for %q", e.Seq, e.Group, e.Reason)
		}
	}
	if _, err := stored(t, ours).Verify(); err != nil {
		t.Fatal(err)
	}
	if err := ours.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

// nothingToDo fails unless theirs has nothing that ours lacks.
func nothingToDo(t rapid.TB, ours, theirs *assessment.Session) {
	t.Helper()
	switch p := plan(t, ours, theirs, nil); p.Relation {
	case assessment.MergeContained, assessment.MergeSame, assessment.MergeForward:
	default:
		t.Fatalf("there is still something to merge: %v %+v %+v", p.Relation, p.Changes, p.Conflicts)
	}
}

func rate(id content.ItemID, r assessment.Rating) func(*assessment.Edit) error {
	return func(e *assessment.Edit) error { return e.Rate(id, r) }
}

func note(id content.ItemID, s string) func(*assessment.Edit) error {
	return func(e *assessment.Edit) error { return e.Note(id, s) }
}

func target(id content.ItemID, r assessment.Rating) func(*assessment.Edit) error {
	return func(e *assessment.Edit) error { return e.Target(id, r, "as decided") }
}

func addAction(title string, items ...content.ItemID) func(*assessment.Edit) error {
	return func(e *assessment.Edit) error {
		_, err := e.PutAction(assessment.Action{Title: title, Items: items})
		return err
	}
}

func responseTo(t rapid.TB, s *assessment.Session, id content.ItemID) assessment.Response {
	t.Helper()
	i, ok := s.Catalog().Index(id)
	if !ok {
		t.Fatalf("no item %v", id)
	}
	return *s.Response(i)
}

// What one side changed is taken, what both did alike is the same, the rest is a conflict with all that
// is known of it; and nothing is chosen.
func TestMerge(t *testing.T) {
	a, b, c, d := item(t, "GV.OC-01/secure"), item(t, "GV.OC-02/secure"), item(t, "GV.OC-03/secure"), item(t, "GV.OC-04/secure")
	ours := start(t)
	act(t, ours, by("Ada", 1), rate(a, level(t, 1)), rate(b, level(t, 1)), rate(c, level(t, 1)))
	theirs := twin(t, ours)
	act(t, ours, by("Ada", 2), rate(a, level(t, 2)), note(b, "Ada's"), rate(c, level(t, 3)))
	act(t, theirs, by("Bo", 3), rate(a, level(t, 3)), rate(b, level(t, 0)), rate(c, level(t, 3)), note(d, "Bo's"))

	was := stored(t, ours)
	p := plan(t, ours, theirs, nil)
	if p.Counts != (assessment.MergeCounts{New: 1, Changed: 1, Same: 1, Conflict: 1}) {
		t.Errorf("the counts are %+v", p.Counts)
	}
	want := assessment.MergeConflict{
		About: "GV.OC-01/secure", Field: "current", Base: "1 Partially achieved", Ours: "2 Largely achieved", Theirs: "3 Fully achieved",
		OursBy: assessment.Signed{Who: "Ada", Time: minute(2).Time}, TheirsBy: assessment.Signed{Who: "Bo", Time: minute(3).Time},
	}
	if got := p.Conflicts; len(got) != 1 || fmt.Sprint(got[0].About, got[0].Field, got[0].Base, got[0].Ours, got[0].Theirs, got[0].OursBy, got[0].TheirsBy, got[0].Taken, got[0].Why) !=
		fmt.Sprint(want.About, want.Field, want.Base, want.Ours, want.Theirs, want.OursBy, want.TheirsBy, want.Taken, want.Why) {
		t.Errorf("the conflicts are %+v", got)
	}
	wantChanges := []assessment.MergeChange{
		{About: "GV.OC-02/secure", Field: "current", Before: "1 Partially achieved", After: "0 Not achieved", By: want.TheirsBy},
		{About: "GV.OC-04/secure", Field: "note", After: "Bo's", By: want.TheirsBy},
	}
	if !slices.Equal(p.Changes, wantChanges) {
		t.Errorf("the changes are %+v", p.Changes)
	}
	if _, err := ours.Do(p.Act("Ada", ""), p.Apply); err == nil {
		t.Error("it is applied with an open conflict")
	}
	sameStored(t, stored(t, ours), was)

	for side, want := range map[assessment.Side]int{assessment.Ours: 2, assessment.Theirs: 3} {
		ours := twin(t, ours)
		p := plan(t, ours, theirs, assessment.Choices{"GV.OC-01/secure.current": side})
		if p.Counts.Conflict != 0 || p.Counts.Decided != 1 || p.Conflicts[0].Taken != side {
			t.Errorf("after the choice the conflicts are %+v", p.Conflicts)
		}
		if _, err := ours.Do(p.Act("Ada", "agreed with Bo"), p.Apply); err != nil {
			t.Fatal(err)
		}
		if got := responseTo(t, ours, a).Current; got != level(t, want) {
			t.Errorf("%s: %v is %v", side, a, got)
		}
		mixed := responseTo(t, ours, b) // Bo's rating and Ada's note
		if mixed.Current != level(t, 0) || mixed.Note != "Ada's" || mixed.By != "Bo" || !mixed.At.Equal(minute(3).Time) {
			t.Errorf("%v is %+v", b, mixed)
		}
		if got := responseTo(t, ours, d); got.Note != "Bo's" || got.By != "Bo" {
			t.Errorf("%v is %+v", d, got)
		}
		if m := ours.Merges(); len(m) != 1 || m[0].ID != "M-1" || m[0].Heads[0] != theirs.Head() || m[0].File != "b.plumb" {
			t.Errorf("the marks are %+v", m)
		}
		for e, err := range ours.Events() {
			if err == nil && e.Seq > uint64(len(was.Journal)) && !strings.HasPrefix(e.Reason, `agreed with Bo (merge of "b.plumb", SHA-256 0f`) {
				t.Errorf("event %d: %q", e.Seq, e.Reason)
			}
		}
		nothingToDo(t, ours, theirs)
		if _, err := ours.Undo(by("Ada", 101)); err != nil {
			t.Fatal(err)
		}
		sameRecords(t, stored(t, ours).Records, was.Records)
		if p := plan(t, ours, theirs, nil); p.Counts.Conflict != 1 { // undone, it is to be done again
			t.Errorf("after an undo: %+v", p.Counts)
		}
	}
}

// A plan is for the state that it was made for.
func TestMergePlanIsOfOneState(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	ours := start(t)
	theirs := twin(t, ours)
	act(t, ours, by("Ada", 2), note(a, "here"))
	act(t, theirs, by("Bo", 3), rate(a, level(t, 3)))
	p := plan(t, ours, theirs, nil)
	act(t, ours, by("Ada", 4), rate(a, level(t, 1)))
	refused(t, ours, nil, p.Apply)
}

func TestMergeRelations(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	ours := start(t)
	theirs := twin(t, ours)
	want := func(r assessment.MergeRelation) {
		t.Helper()
		if p := plan(t, ours, theirs, nil); p.Relation != r || len(p.Changes) > 0 {
			t.Errorf("the relation is %v, not %v (%+v)", p.Relation, r, p.Changes)
		}
	}
	want(assessment.MergeContained)
	act(t, theirs, by("Bo", 1), rate(a, level(t, 1)))
	want(assessment.MergeForward)
	ours, theirs = theirs, ours
	want(assessment.MergeContained)
	ours, theirs = theirs, ours
	act(t, ours, by("Ada", 2), note(a, "seen"))
	merge(t, ours, theirs, assessment.Ours)
	want(assessment.MergeContained)
	ours, theirs = theirs, ours
	merge(t, ours, theirs, assessment.Ours)
	ours, theirs = theirs, ours
	want(assessment.MergeSame)
}

func TestMergeRefuses(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	next := contenttest.NextDraft().Catalog()
	for name, c := range map[string]struct {
		change func(ours, theirs *assessment.Session)
		want   error
	}{
		"locked here":   {func(ours, _ *assessment.Session) { setStatus(t, ours, assessment.Locked) }, assessment.ErrClosed},
		"archived here": {func(ours, _ *assessment.Session) { setStatus(t, ours, assessment.Archived) }, assessment.ErrClosed},
		"locked there":  {func(_, theirs *assessment.Session) { setStatus(t, theirs, assessment.Locked) }, assessment.ErrClosed},
		"other pack": {func(ours, _ *assessment.Session) {
			if _, err := ours.Migrate(next, minute(5)); err != nil {
				t.Fatal(err)
			}
		}, assessment.ErrPack},
	} {
		ours := start(t)
		theirs := twin(t, ours)
		act(t, ours, by("Ada", 2), rate(a, level(t, 1)))
		act(t, theirs, by("Bo", 3), rate(a, level(t, 3)))
		c.change(ours, theirs)
		if _, err := ours.Merge(theirs, source, minute(100).Time, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other, _, err := assessment.New(catalog(t), assessment.Info{ID: otherID, Organization: "Gull", Name: "Other"}, minute(0))
	if err != nil {
		t.Fatal(err)
	}
	forged, _, err := assessment.New(catalog(t), assessment.Info{ID: sessionID, Organization: "Gull", Name: "Other"}, minute(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, theirs := range []*assessment.Session{other, forged} {
		if _, err := start(t).Merge(theirs, source, minute(100).Time, nil); !errors.Is(err, assessment.ErrUnrelated) {
			t.Errorf("another session: %v", err)
		}
	}
}

func setStatus(t *testing.T, s *assessment.Session, to assessment.Status) {
	t.Helper()
	act(t, s, by("Ada", 9), func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = to })
	})
}

// Both sides gave the id A-1 to something else, and A-2 to the same.
func TestMergeRenumbers(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	base := start(t)
	act(t, base, by("Ada", 1), addAction("Common", a))
	ours, theirs := twin(t, base), twin(t, base)
	act(t, ours, by("Ada", 2), addAction("Of Ada"), addAction("Of both", a))
	act(t, theirs, by("Bo", 3), addAction("Of Bo"), addAction("Of both", a), func(e *assessment.Edit) error {
		_, err := e.PutSystem(assessment.System{Name: "Model"})
		return err
	})
	p := merge(t, ours, theirs, assessment.Ours)
	if want := []assessment.Renumbered{{Kind: assessment.KindAction, From: "A-2", To: "A-4", Title: "Of Bo"}}; !slices.Equal(p.Renumbered, want) || p.Counts.Same != 1 {
		t.Errorf("renumbered %+v, %+v", p.Renumbered, p.Counts)
	}
	if got := titles(ours); got != "A-1 Common, A-2 Of Ada, A-3 Of both, A-4 Of Bo, S-1 Model" {
		t.Errorf("after the merge: %s", got)
	}
	// The other way round, each finds its own again.
	if p := merge(t, theirs, ours, assessment.Ours); len(p.Conflicts) > 0 {
		t.Errorf("conflicts the other way round: %+v", p.Conflicts)
	}
	if got := titles(theirs); got != "A-1 Common, A-2 Of Bo, A-3 Of both, A-4 Of Ada, S-1 Model" {
		t.Errorf("after the merge the other way round: %s", got)
	}
	// What goes on under one id goes on under the other.
	act(t, theirs, by("Bo", 5), func(e *assessment.Edit) error {
		_, err := e.PutAction(assessment.Action{ID: "A-2", Title: "Of Bo", Owner: "Cy", Status: assessment.Done})
		return err
	}, func(e *assessment.Edit) error { return e.RemoveAction("A-4") })
	p = merge(t, ours, theirs, assessment.Ours)
	if got := titles(ours); got != "A-1 Common, A-3 Of both, A-4 Of Bo, S-1 Model" || ours.Actions()[2].Owner != "Cy" || len(p.Conflicts) > 0 {
		t.Errorf("after Bo went on: %s %+v", got, p.Conflicts)
	}
}

func titles(s *assessment.Session) string {
	var list []string
	for _, a := range s.Actions() {
		list = append(list, a.ID+" "+a.Title)
	}
	for _, v := range s.Systems() {
		list = append(list, v.ID+" "+v.Name)
	}
	return strings.Join(list, ", ")
}

// One side removed what the other one changed.
func TestMergeRemoval(t *testing.T) {
	base := start(t)
	act(t, base, by("Ada", 1), addAction("Kept"), addAction("Gone"), addAction("Torn"))
	removed, changed := twin(t, base), twin(t, base)
	act(t, removed, by("Ada", 2), func(e *assessment.Edit) error { return errors.Join(e.RemoveAction("A-2"), e.RemoveAction("A-3")) })
	act(t, changed, by("Bo", 3), func(e *assessment.Edit) error {
		_, err := e.PutAction(assessment.Action{ID: "A-3", Title: "Torn apart"})
		return err
	})
	for name, c := range map[string]struct {
		ours, theirs *assessment.Session
		side         assessment.Side
		want         string
	}{
		"removed here, ours":    {removed, changed, assessment.Ours, "A-1 Kept"},
		"removed here, theirs":  {removed, changed, assessment.Theirs, "A-1 Kept, A-4 Torn apart"},
		"removed there, ours":   {changed, removed, assessment.Ours, "A-1 Kept, A-3 Torn apart"},
		"removed there, theirs": {changed, removed, assessment.Theirs, "A-1 Kept"},
	} {
		ours := twin(t, c.ours)
		p := merge(t, ours, c.theirs, c.side)
		if len(p.Conflicts) != 1 || p.Conflicts[0].Key() != "A-3.all" || p.Conflicts[0].OursBy.Who == "" || p.Conflicts[0].TheirsBy.Who == "" {
			t.Errorf("%s: the conflicts are %+v", name, p.Conflicts)
		}
		if got := titles(ours); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		nothingToDo(t, ours, c.theirs)
	}
}

// A base rating changes what inherits it, on both sides.
func TestMergeBaseRatings(t *testing.T) {
	it := find(t, standard)
	sub, id := it.ID.Sub, it.ID
	setBase := func(n int) func(*assessment.Edit) error {
		return func(e *assessment.Edit) error { return e.Base(sub, level(t, n), "") }
	}
	inherit := func(e *assessment.Edit) error { return e.Inherit(id) }
	clear := func(e *assessment.Edit) error { return e.Base(sub, assessment.Unrated, "") }
	for name, c := range map[string]struct {
		base, ours, theirs []func(*assessment.Edit) error
		conflicts          string
		want               string // of the item, after theirs was taken where there is a choice
	}{
		"theirs moves it": {
			base: []func(*assessment.Edit) error{setBase(1), inherit}, ours: []func(*assessment.Edit) error{note(id, "x")},
			theirs: []func(*assessment.Edit) error{setBase(3)}, want: "3 inherited",
		},
		"ours by hand": {
			base: []func(*assessment.Edit) error{setBase(1), inherit}, ours: []func(*assessment.Edit) error{rate(id, level(t, 2))},
			theirs: []func(*assessment.Edit) error{setBase(3)}, want: "2",
		},
		"both move it": {
			base: []func(*assessment.Edit) error{setBase(1), inherit}, ours: []func(*assessment.Edit) error{setBase(2)},
			theirs: []func(*assessment.Edit) error{setBase(3)}, conflicts: sub + ".current", want: "3 inherited",
		},
		"ours inherits what theirs moves": {
			base: []func(*assessment.Edit) error{setBase(1)}, ours: []func(*assessment.Edit) error{inherit},
			theirs: []func(*assessment.Edit) error{setBase(3)}, conflicts: sub + ".current", want: "3 inherited",
		},
		"ours inherits what theirs clears": {
			base: []func(*assessment.Edit) error{setBase(1)}, ours: []func(*assessment.Edit) error{inherit},
			theirs: []func(*assessment.Edit) error{clear}, conflicts: sub + ".current", want: "–",
		},
		"theirs inherits what ours moves": {
			base: []func(*assessment.Edit) error{setBase(1)}, ours: []func(*assessment.Edit) error{setBase(3)},
			theirs: []func(*assessment.Edit) error{inherit}, conflicts: sub + ".current", want: "1 inherited",
		},
		"theirs clears it": {
			base: []func(*assessment.Edit) error{setBase(1), inherit}, ours: []func(*assessment.Edit) error{note(id, "x")},
			theirs: []func(*assessment.Edit) error{clear}, want: "–",
		},
	} {
		base := start(t)
		act(t, base, by("Ada", 1), c.base...)
		ours, theirs := twin(t, base), twin(t, base)
		act(t, ours, by("Ada", 2), c.ours...)
		act(t, theirs, by("Bo", 3), c.theirs...)
		p := merge(t, ours, theirs, assessment.Theirs)
		r := responseTo(t, ours, id)
		got := r.Current.String()
		if r.Inherited {
			got += " inherited"
		}
		if keys := conflictKeys(p); keys != c.conflicts || got != c.want {
			t.Errorf("%s: conflicts %q, the item is %s", name, keys, got)
		}
		nothingToDo(t, ours, theirs)
	}
}

func conflictKeys(p *assessment.MergePlan) string {
	var list []string
	for _, c := range p.Conflicts {
		list = append(list, c.Key())
	}
	return strings.Join(list, " ")
}

// What stands beside the ratings is merged part by part: sets are joined, the rest is compared.
func TestMergeParts(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	evidence := func(ref string) func(*assessment.Edit) error {
		return func(e *assessment.Edit) error {
			return e.AddEvidence(a, assessment.Evidence{Method: assessment.Examined, Ref: ref})
		}
	}
	info := func(change func(*assessment.Info)) func(*assessment.Edit) error {
		return func(e *assessment.Edit) error { return e.Info(change) }
	}
	base := start(t)
	act(t, base, by("Ada", 1), evidence("old"), evidence("wrong"), evidence("doubtful"), rate(a, level(t, 1)), target(a, level(t, 3)))
	ours, theirs := twin(t, base), twin(t, base)
	act(t, ours, by("Ada", 2), evidence("Ada's"), func(e *assessment.Edit) error { return e.RemoveEvidence(a, 1) },
		func(e *assessment.Edit) error { return e.Asked(a, []string{"CISO"}) },
		func(e *assessment.Edit) error { return e.Exclude(a, "not pursued") },
		func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: 1, Management: 1, Rationale: "Ada"})
		},
		info(func(in *assessment.Info) { in.Marking = "TLP:AMBER" }))
	act(t, theirs, by("Bo", 3), evidence("Bo's"), func(e *assessment.Edit) error { return e.RemoveEvidence(a, 2) },
		func(e *assessment.Edit) error { return e.Asked(a, []string{"IAM"}) },
		rate(a, level(t, 2)),
		func(e *assessment.Edit) error {
			return e.Accept(a, assessment.Acceptance{Reason: "cost", Approver: "Board", Expires: "2027-01-01"})
		},
		func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: 2, Management: 1, Rationale: "Bo"})
		},
		info(func(in *assessment.Info) { in.Purpose, in.Marking = "Audit", "TLP:RED" }))
	oursThen := twin(t, ours)
	p := merge(t, ours, theirs, assessment.Theirs)
	if got := conflictKeys(p); got != "session.marking tier.all GV.OC-01/secure.current" {
		t.Errorf("the conflicts are %s", got)
	}
	r := responseTo(t, ours, a)
	var refs []string
	for _, ev := range r.Evidence {
		refs = append(refs, ev.Ref+" by "+ev.By)
	}
	if got := strings.Join(refs, ", "); got != "old by Ada, Ada's by Ada, Bo's by Bo" {
		t.Errorf("the evidence is %s", got)
	}
	tier, _ := ours.Tier()
	if !slices.Equal(r.Asked, []string{"CISO", "IAM"}) || r.Out != "" || r.Current != level(t, 2) || r.Accepted == nil || r.By != "Bo" ||
		tier.Governance != 2 || tier.By != "Bo" || ours.Info().Purpose != "Audit" || ours.Info().Marking != "TLP:RED" {
		t.Errorf("after the merge: %+v %+v %+v", r, tier, ours.Info())
	}
	// Bo decided alike by himself: sets in another order say the same.
	merge(t, theirs, oursThen, assessment.Ours)
	if p := plan(t, ours, theirs, nil); len(p.Changes)+len(p.Conflicts) > 0 {
		t.Errorf("the same in another order: %+v %+v", p.Changes, p.Conflicts)
	}
}

// An acceptance that has lost its gap, or has lapsed, can not be taken, and is not left out unseen.
func TestMergeWhatIsRefused(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	base := start(t)
	act(t, base, by("Ada", 1), rate(a, level(t, 1)), target(a, level(t, 3)))
	ours, theirs := twin(t, base), twin(t, base)
	act(t, ours, by("Ada", 2), rate(a, level(t, 3)))
	act(t, theirs, by("Bo", 3), func(e *assessment.Edit) error {
		return e.Accept(a, assessment.Acceptance{Reason: "cost", Approver: "Board", Expires: "2027-01-01"})
	})
	for range 2 {
		p := plan(t, ours, theirs, assessment.Choices{"GV.OC-01/secure.accepted": assessment.Theirs})
		if len(p.Conflicts) != 1 || p.Counts.Conflict != 1 || !strings.Contains(p.Conflicts[0].Why, "theirs can not be taken: there is no gap") {
			t.Errorf("the conflicts are %+v", p.Conflicts)
		}
	}
	merge(t, ours, theirs, assessment.Theirs)
	if r := responseTo(t, ours, a); r.Accepted != nil || r.Current != level(t, 3) {
		t.Errorf("after the merge: %+v", r)
	}
	nothingToDo(t, ours, theirs)
}

// Two people who merge each other's bundles at the same time, and go on: what was agreed is not asked
// again, what was not is.
func TestMergeCrisscross(t *testing.T) {
	a, b, c := item(t, "GV.OC-01/secure"), item(t, "GV.OC-02/secure"), item(t, "GV.OC-03/secure")
	ada := start(t)
	bo := twin(t, ada)
	act(t, ada, by("Ada", 1), rate(a, level(t, 1)), rate(c, level(t, 1)))
	act(t, bo, by("Bo", 2), rate(b, level(t, 1)), rate(c, level(t, 2)))
	adaThen, boThen := twin(t, ada), twin(t, bo)
	merge(t, ada, boThen, assessment.Ours) // each keeps its own word on c
	merge(t, bo, adaThen, assessment.Ours)
	act(t, ada, by("Ada", 101), rate(a, level(t, 3)))
	act(t, bo, by("Bo", 102), rate(b, level(t, 3)))
	p := plan(t, ada, bo, nil)
	if got := conflictKeys(p); got != "GV.OC-03/secure.current" || len(p.Changes) != 1 || p.Changes[0].About != b.String() {
		t.Errorf("conflicts %q, changes %+v", got, p.Changes)
	}
	merge(t, ada, bo, assessment.Ours)
	if p := merge(t, bo, ada, assessment.Ours); len(p.Conflicts) > 0 {
		t.Errorf("Ada's decision is no news to Bo: %+v", p.Conflicts)
	}
	sameAnswers(t, ada, bo)
	if responseTo(t, bo, c).Current != level(t, 1) || responseTo(t, bo, a).Current != level(t, 3) {
		t.Errorf("Bo has %+v", responseTo(t, bo, c))
	}
	nothingToDo(t, ada, bo)
}

// With a third person, one journal is not at hand. Nothing is lost: what was changed and changed back
// is asked about.
func TestMergeOfThree(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	ada := start(t)
	bo, cy, dee := twin(t, ada), twin(t, ada), twin(t, ada)
	act(t, cy, by("Cy", 1), rate(a, level(t, 2)))
	act(t, ada, by("Ada", 2), note(a, "Ada"))
	act(t, bo, by("Bo", 3), func(e *assessment.Edit) error { return e.Owner(a, "Bo") })
	merge(t, ada, cy, assessment.Ours)
	merge(t, bo, cy, assessment.Ours)
	act(t, bo, by("Bo", 101), rate(a, assessment.Unrated)) // as it was at first
	p := plan(t, ada, bo, nil)
	if got := conflictKeys(p); got != "GV.OC-01/secure.current" || p.Conflicts[0].Why == "" {
		t.Errorf("conflicts %q, changes %+v", got, p.Changes)
	}
	merge(t, ada, bo, assessment.Theirs)
	if p := merge(t, bo, ada, assessment.Ours); len(p.Conflicts) > 0 {
		t.Errorf("conflicts %+v", p.Conflicts)
	}
	// Whoever merged Ada has merged what Ada had.
	act(t, dee, by("Dee", 103), note(a, "Dee"))
	merge(t, dee, ada, assessment.Theirs)
	if p := plan(t, dee, cy, nil); p.Relation != assessment.MergeContained {
		t.Errorf("Dee has not what Cy has: %+v", p)
	}
}

// Both moved to the next draft by themselves: the base moves along.
func TestMergeAfterMigration(t *testing.T) {
	next := contenttest.NextDraft().Catalog()
	var id content.ItemID
	for _, d := range content.Compare(catalog(t), next).Items {
		if d.From != nil && d.To != nil && d.Asks() {
			id = d.ID
			break
		}
	}
	ada := start(t)
	act(t, ada, by("Ada", 1), rate(id, level(t, 1)))
	bo := twin(t, ada)
	for i, s := range []*assessment.Session{ada, bo} {
		if _, err := s.Migrate(next, by("M", 2+i)); err != nil {
			t.Fatal(err)
		}
	}
	act(t, bo, by("Bo", 5), func(e *assessment.Edit) error { return e.Confirm(id) })
	p := merge(t, ada, bo, assessment.Ours)
	if len(p.Conflicts) > 0 || len(p.Changes) != 1 || responseTo(t, ada, id).ToConfirm {
		t.Errorf("%+v %+v", p.Changes, p.Conflicts)
	}
}

// sameAnswers fails unless both sessions say the same, but for ids, marks and who signed.
func sameAnswers(t rapid.TB, a, b *assessment.Session) {
	t.Helper()
	if x, y := answersOf(a), answersOf(b); x != y {
		t.Fatalf("the one says\n%s\nthe other one\n%s", x, y)
	}
}

func answersOf(s *assessment.Session) string {
	var out strings.Builder
	for e := range s.Entries() {
		r := *e.Response
		r.By, r.At = "", time.Time{}
		var evidence []string
		for _, ev := range r.Evidence {
			evidence = append(evidence, fmt.Sprint(ev))
		}
		slices.Sort(evidence)
		asked := slices.Sorted(slices.Values(r.Asked))
		accepted := ""
		if r.Accepted != nil {
			accepted = fmt.Sprint(*r.Accepted)
		}
		r.Evidence, r.Asked, r.Accepted = nil, nil, nil
		fmt.Fprintln(&out, e.Item.ID, fmt.Sprintf("%+v", r), evidence, asked, accepted)
	}
	for sub := range s.Catalog().Subcategories() {
		b := s.Base(sub.ID)
		fmt.Fprintln(&out, sub.ID, b.Current, b.Note)
	}
	var records []string
	for _, v := range s.Systems() {
		v.ID = ""
		records = append(records, fmt.Sprint(v))
	}
	for _, v := range s.Actions() {
		v.ID = ""
		slices.SortFunc(v.Items, func(a, b content.ItemID) int { return strings.Compare(a.String(), b.String()) })
		records = append(records, fmt.Sprint(v))
	}
	slices.Sort(records)
	in := s.Info()
	in.Created = time.Time{}
	fmt.Fprintln(&out, records, fmt.Sprintf("%+v", in))
	if tier, ok := s.Tier(); ok {
		fmt.Fprintln(&out, tier.Governance, tier.Management, tier.Rationale)
	}
	return out.String()
}

// someEdits draws what a person does in a sitting, few items being touched by many.
func someEdits(t *rapid.T, s *assessment.Session, who string, n int) {
	cat := s.Catalog()
	ids := make([]content.ItemID, 6)
	for i := range ids {
		ids[i] = cat.At(i).ID
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "acts") {
		id := rapid.SampledFrom(ids).Draw(t, "item")
		word := fmt.Sprint(who, rapid.IntRange(0, 2).Draw(t, "word"))
		edits := []func(*assessment.Edit) error{
			rate(id, ratings.Draw(t, "current")),
			target(id, targets.Draw(t, "target")),
			note(id, word),
			func(e *assessment.Edit) error { return e.Owner(id, word) },
			func(e *assessment.Edit) error { return e.Asked(id, []string{word}) },
			func(e *assessment.Edit) error { return e.Exclude(id, word) },
			func(e *assessment.Edit) error { return e.Include(id) },
			func(e *assessment.Edit) error { return e.Prioritize(id, 1, word) },
			func(e *assessment.Edit) error {
				return e.Base(id.Sub, ratings.Draw(t, "base"), "")
			},
			func(e *assessment.Edit) error { return e.Inherit(id) },
			func(e *assessment.Edit) error {
				return e.AddEvidence(id, assessment.Evidence{Method: assessment.Tested, Ref: word})
			},
			func(e *assessment.Edit) error { return e.RemoveEvidence(id, 0) },
			func(e *assessment.Edit) error {
				return e.Accept(id, assessment.Acceptance{Reason: word, Approver: who, Expires: "2028-01-01"})
			},
			addAction(word, id),
			func(e *assessment.Edit) error {
				for _, a := range s.Actions() {
					a.Owner, a.Items = word, []content.ItemID{id}
					_, err := e.PutAction(a)
					return err
				}
				return nil
			},
			func(e *assessment.Edit) error {
				for _, a := range s.Actions() {
					return e.RemoveAction(a.ID)
				}
				return nil
			},
			func(e *assessment.Edit) error {
				_, err := e.PutSystem(assessment.System{Name: word})
				return err
			},
			func(e *assessment.Edit) error {
				return e.Tier(assessment.TierStatement{Governance: 1, Management: 2, Rationale: word})
			},
			func(e *assessment.Edit) error { return e.Info(func(in *assessment.Info) { in.Purpose = word }) },
		}
		k := rapid.IntRange(-1, len(edits)-1).Draw(t, "edit")
		var err error
		if k < 0 {
			_, err = s.Undo(by(who, n+i))
		} else {
			_, err = s.Do(by(who, n+i), edits[k])
		}
		_ = err // what a person may not do is not done
	}
}

// Whatever two people do: nothing is lost unlisted, the order of merging and who merges decide nothing,
// merging again is nothing, and an undo gives back what was.
func TestMergeOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := start(t)
		someEdits(t, base, "Zoe", 1)
		ada, bo := twin(t, base), twin(t, base)
		someEdits(t, ada, "Ada", 20)
		someEdits(t, bo, "Bo", 40)
		if ada.Head() == base.Head() || bo.Head() == base.Head() {
			t.Skip("one of them did nothing")
		}
		side, other := assessment.Ours, assessment.Theirs
		if rapid.Bool().Draw(t, "theirs") {
			side, other = other, side
		}

		mine, yours := twin(t, ada), twin(t, bo)
		p := merge(t, mine, bo, side)
		q := merge(t, yours, ada, other)
		accounted(t, base, ada, bo, mine, p)
		accounted(t, base, bo, ada, yours, q)
		if !strings.Contains(why(p)+why(q), "can not be taken") && !choosesBase(p) {
			sameAnswers(t, mine, yours)
		}
		nothingToDo(t, mine, bo)
		nothingToDo(t, yours, ada)

		undone := twin(t, mine)
		if p.Relation == assessment.MergeDiverged {
			if _, err := undone.Undo(by("Ada", 101)); err != nil {
				t.Fatal(err)
			}
			sameRecords(t, stored(t, undone).Records, stored(t, ada).Records)
			if _, err := undone.Redo(by("Ada", 102)); err != nil {
				t.Fatal(err)
			}
			sameRecords(t, stored(t, undone).Records, stored(t, mine).Records)
		}

		// Bo takes what Ada made of it: there is nothing left to decide, and both say the same.
		if r := merge(t, bo, mine, assessment.Ours); len(r.Conflicts) > 0 && !strings.Contains(why(r), "can not be taken") {
			t.Fatalf("conflicts come back: %+v", r.Conflicts)
		} else if len(r.Conflicts) == 0 {
			sameAnswers(t, mine, bo)
		}
		nothingToDo(t, mine, bo)
	})
}

func why(p *assessment.MergePlan) string {
	var out string
	for _, c := range p.Conflicts {
		out += c.Why + "\n"
	}
	return out
}

// choosesBase reports whether a base rating was chosen: that decides on what inherits it, which has no
// conflict of its own.
func choosesBase(p *assessment.MergePlan) bool {
	return slices.ContainsFunc(p.Conflicts, func(c assessment.MergeConflict) bool {
		return c.Field == "current" && !strings.Contains(c.About, "/")
	})
}

// accounted fails unless each part of each response is in the merged session what one side says, the
// other one not having changed it, or is listed as a conflict. It counts for itself.
func accounted(t rapid.TB, base, ours, theirs, merged *assessment.Session, p *assessment.MergePlan) {
	t.Helper()
	listed := conflictKeys(p) + " "
	for it := range base.Catalog().Items() {
		b, o, x, m := *base.Response(it.Index), *ours.Response(it.Index), *theirs.Response(it.Index), *merged.Response(it.Index)
		for field, of := range map[string]func(assessment.Response) string{
			"target": func(r assessment.Response) string { return fmt.Sprint(r.Target, r.TargetReason) },
			"note":   func(r assessment.Response) string { return r.Note },
			"owner":  func(r assessment.Response) string { return r.Owner },
			"current": func(r assessment.Response) string {
				if r.Inherited {
					return "inherited " + r.Out
				}
				return fmt.Sprint(r.Current, r.Out)
			},
			"priority": func(r assessment.Response) string { return fmt.Sprint(r.Priority, r.PriorityReason) },
			"accepted": func(r assessment.Response) string {
				if r.Accepted == nil {
					return ""
				}
				return fmt.Sprint(*r.Accepted)
			},
		} {
			want := of(o)
			switch {
			case strings.Contains(listed, it.ID.String()+"."+field+" "), field == "current" && strings.Contains(listed, it.ID.Sub+".current "):
				continue
			case of(o) == of(b):
				want = of(x)
			case of(x) != of(b) && of(x) != of(o):
				t.Fatalf("%v %s: %q, %q and %q are no conflict", it.ID, field, of(b), of(o), of(x))
			}
			if of(m) != want {
				t.Fatalf("%v %s is %q after the merge, want %q", it.ID, field, of(m), want)
			}
		}
		for _, ev := range slices.Concat(o.Evidence, x.Evidence) {
			inBoth := slices.Contains(o.Evidence, ev) && slices.Contains(x.Evidence, ev)
			if want := inBoth || !slices.Contains(b.Evidence, ev); want != slices.Contains(m.Evidence, ev) {
				t.Fatalf("%v: the evidence %+v is there: %v", it.ID, ev, !want)
			}
		}
	}
}

// A merge that was undone can be done anew, and what it brought then has another id.
func TestMergeAfterUndo(t *testing.T) {
	ours := start(t)
	theirs := twin(t, ours)
	act(t, ours, by("Ada", 1), addAction("Of Ada"))
	act(t, theirs, by("Bo", 2), addAction("Of Bo"))
	merge(t, ours, theirs, assessment.Ours)
	if _, err := ours.Undo(by("Ada", 101)); err != nil {
		t.Fatal(err)
	}
	merge(t, ours, theirs, assessment.Ours)
	act(t, theirs, by("Bo", 3), func(e *assessment.Edit) error {
		_, err := e.PutAction(assessment.Action{ID: "A-1", Title: "Of Bo alone"})
		return err
	})
	p := merge(t, ours, theirs, assessment.Ours)
	if got := titles(ours); got != "A-1 Of Ada, A-3 Of Bo alone" || len(p.Conflicts) > 0 || len(p.Renumbered) > 0 {
		t.Errorf("%s; %+v %+v", got, p.Conflicts, p.Renumbered)
	}
}

// A choice for ours holds also where, by another choice, there is no conflict any more.
func TestMergeKeepsToChoices(t *testing.T) {
	a := item(t, "GV.OC-01/secure")
	ours := start(t)
	theirs := twin(t, ours)
	act(t, ours, by("Ada", 1), rate(a, level(t, 3)), target(a, level(t, 3)))
	act(t, theirs, by("Bo", 2), rate(a, level(t, 1)), target(a, level(t, 3)), func(e *assessment.Edit) error {
		return e.Accept(a, assessment.Acceptance{Reason: "cost", Approver: "Board", Expires: "2027-01-01"})
	})
	for accepted, want := range map[assessment.Side]bool{assessment.Ours: false, assessment.Theirs: true, "": true} {
		ours := twin(t, ours)
		c := assessment.Choices{"GV.OC-01/secure.current": assessment.Theirs}
		if accepted != "" {
			c["GV.OC-01/secure.accepted"] = accepted
		}
		p := plan(t, ours, theirs, c)
		if _, err := ours.Do(p.Act("Ada", ""), p.Apply); err != nil {
			t.Fatal(err)
		}
		if r := responseTo(t, ours, a); r.Current != level(t, 1) || (r.Accepted != nil) != want {
			t.Errorf("chosen %q: %+v", accepted, r)
		}
	}
}

// Three people who all merge with one of them are asked nothing twice, and an answer that was taken back
// is one that nobody gave.
func TestMergeInAStar(t *testing.T) {
	a, b, c := item(t, "GV.OC-01/secure"), item(t, "GV.OC-02/secure"), item(t, "GV.OC-03/secure")
	hub := start(t)
	bo, cy := twin(t, hub), twin(t, hub)
	for round := range 3 {
		n := 10 * round
		act(t, hub, by("Ada", n+1), rate(a, level(t, round)))
		act(t, bo, by("Bo", n+2), rate(b, level(t, round)))
		act(t, cy, by("Cy", n+3), rate(c, level(t, round)))
		for _, s := range []*assessment.Session{bo, cy} {
			if p := merge(t, hub, s, assessment.Ours); len(p.Conflicts) > 0 {
				t.Fatalf("round %d: %+v", round, p.Conflicts)
			}
		}
		for _, s := range []*assessment.Session{bo, cy} {
			if p := merge(t, s, hub, assessment.Ours); len(p.Conflicts) > 0 {
				t.Fatalf("round %d: %+v", round, p.Conflicts)
			}
		}
		sameAnswers(t, hub, bo)
		sameAnswers(t, hub, cy)
	}
	act(t, bo, by("Bo", 60), rate(a, level(t, 0)))
	if _, err := bo.Undo(by("Bo", 61)); err != nil {
		t.Fatal(err)
	}
	act(t, bo, by("Bo", 62), note(b, "went on"))
	act(t, hub, by("Ada", 63), rate(a, level(t, 3)))
	if p := merge(t, hub, bo, assessment.Theirs); len(p.Conflicts) > 0 || responseTo(t, hub, a).Current != level(t, 3) {
		t.Errorf("%+v", p.Conflicts)
	}
}
