package assessment_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
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
