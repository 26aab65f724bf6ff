package assessment_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

func changes(t *testing.T, before, after *assessment.Snapshot) assessment.Changes {
	t.Helper()
	c, err := after.Changes(before)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fields(c assessment.Changes) map[string][]assessment.Field {
	out := make(map[string][]assessment.Field)
	for _, i := range c.Items {
		out[i.ID.String()] = i.Fields
	}
	return out
}

func TestChanges(t *testing.T) {
	s := worked(t)
	before := s.Snapshot()
	if c := changes(t, before, s.Snapshot()); len(c.Items)+len(c.Records) != 0 {
		t.Errorf("between a state and itself: %+v", c)
	}
	rated, noted, out := item(t, "GV.OC-01/thwart"), item(t, "GV.OC-02/thwart"), item(t, "GV.OC-03/thwart")
	must(t, s, func(e *assessment.Edit) error {
		_, action := e.PutAction(assessment.Action{Title: "Do"})
		_, label := e.TakeSnapshot("between")
		return errors.Join(
			e.Rate(rated, level(t, 3)), e.Target(rated, level(t, 2), "board"), e.Note(noted, "seen"), e.Owner(noted, "Bo"),
			e.Exclude(out, "declined"), action, label, e.Brand(assessment.Brand{Accent: "#000000"}),
		)
	})
	c := changes(t, before, s.Snapshot())
	if diff := cmp.Diff(map[string][]assessment.Field{
		rated.String(): {assessment.FieldState, assessment.FieldCurrent, assessment.FieldTarget},
		noted.String(): {assessment.FieldOwner, assessment.FieldNote},
		out.String():   {assessment.FieldState, assessment.FieldReason},
	}, fields(c)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]assessment.RecordChange{
		{Kind: assessment.KindBrand, How: assessment.Added}, {Kind: assessment.KindAction, Subject: s.Actions()[len(s.Actions())-1].ID, How: assessment.Added},
	}, c.Records); diff != "" {
		t.Error(diff)
	}
	// Backwards, the same things differ, the other way round.
	back := changes(t, s.Snapshot(), before)
	if diff := cmp.Diff(fields(c), fields(back)); diff != "" {
		t.Error(diff)
	}
	if back.Records[0].How != assessment.Removed || back.Items[0].Before.Response.Current != level(t, 3) || back.Items[0].After.Response.Current.Known() {
		t.Errorf("backwards: %+v", back)
	}
	// Undone, nothing differs, though the journal is longer.
	if _, err := s.Undo(minute(2)); err != nil {
		t.Fatal(err)
	}
	if c := changes(t, before, s.Snapshot()); len(c.Items)+len(c.Records) != 0 {
		t.Errorf("after undoing: %+v", c)
	}
}

// A path that is narrower changes the state of items that nobody touched.
func TestChangesOfThePath(t *testing.T) {
	s := start(t)
	before := s.Snapshot()
	must(t, s, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Path = assessment.Quick })
	})
	c := changes(t, before, s.Snapshot())
	if want := 318 - 75; len(c.Items) != want {
		t.Errorf("%d items, want %d", len(c.Items), want)
	}
	if diff := cmp.Diff([]assessment.RecordChange{{Kind: assessment.KindInfo, How: assessment.Changed}}, c.Records); diff != "" {
		t.Error(diff)
	}
}

// Between states under two packs, what one of them lacks has only one side.
func TestChangesAcrossPacks(t *testing.T) {
	s := worked(t)
	before := s.Snapshot()
	if _, err := s.Migrate(contenttest.NextDraft().Catalog(), minute(2)); err != nil {
		t.Fatal(err)
	}
	gone, came := 0, 0
	for _, i := range changes(t, before, s.Snapshot()).Items {
		switch {
		case i.After.Item == nil:
			gone++
		case i.Before.Item == nil:
			came++
		}
	}
	if gone == 0 || came == 0 {
		t.Errorf("%d items went and %d came", gone, came)
	}
}

// The words name what was and what is.
func TestChangesInWords(t *testing.T) {
	s := worked(t)
	id := item(t, "GV.OC-01/secure")
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Rate(id, level(t, 1)), e.Target(id, level(t, 3), ""))
	})
	before := s.Snapshot()
	for _, c := range []struct {
		edit func(*assessment.Edit) error
		want []string
	}{
		{func(e *assessment.Edit) error { return e.Rate(id, assessment.Unrated) }, []string{"current 1 → –"}},
		{func(e *assessment.Edit) error { return e.Rate(id, level(t, 2)) }, []string{"current 1 → 2"}},
		{func(e *assessment.Edit) error { return e.Target(id, level(t, 3), "board") }, []string{"target changed"}},
		{func(e *assessment.Edit) error { return e.Note(id, "other") }, []string{"note changed"}},
		{func(e *assessment.Edit) error { return e.Exclude(id, "declined") }, []string{"state rated → out of profile"}},
		{func(e *assessment.Edit) error { return e.Prioritize(id, content.High, "small") }, []string{"priority Foundational → High"}},
		{func(e *assessment.Edit) error {
			return e.AddEvidence(id, assessment.Evidence{Method: assessment.Tested, Ref: "R"})
		}, []string{"evidence none → 1 tested"}},
		{func(e *assessment.Edit) error {
			return e.Accept(id, assessment.Acceptance{Reason: "cost", Approver: "Ben", Expires: "2027-06-30"})
		}, []string{"accepted no → until 2027-06-30"}},
	} {
		must(t, s, c.edit)
		got := changes(t, before, s.Snapshot())
		if len(got.Items) != 1 {
			t.Fatalf("%d items, want the one: %q", len(got.Items), c.want)
		}
		if diff := cmp.Diff(c.want, got.Items[0].Words()); diff != "" {
			t.Error(diff)
		}
		if _, err := s.Undo(minute(2)); err != nil {
			t.Fatal(err)
		}
	}
	for c, want := range map[assessment.RecordChange]string{
		{Kind: assessment.KindAction, Subject: "A-3", How: assessment.Added}: "action A-3 added",
		{Kind: assessment.KindTier, How: assessment.Removed}:                 "Tier statement removed",
		{Kind: assessment.KindBase, Subject: "GV.OC-01", How: "changed"}:     "base rating GV.OC-01 changed",
	} {
		if got := c.Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
