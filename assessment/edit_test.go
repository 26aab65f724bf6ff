package assessment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
)

func TestNew(t *testing.T) {
	in := assessment.Info{
		ID: sessionID, Organization: " Example\tUtility ", Name: "2026\x1b[2J", AI: assessment.AIRoles{Uses: assessment.Yes},
		Status: assessment.Archived, Threshold: 7, Units: []string{" Grid ", ""},
	}
	at := time.Date(2026, 9, 26, 14, 0, 0, 123_456_789, time.FixedZone("", 2*60*60))
	s, d, err := assessment.New(catalog(t), in, assessment.Act{Who: "Ada", Time: at, Reason: "first"})
	if err != nil {
		t.Fatal(err)
	}
	want := in
	want.Organization, want.Name, want.Units = "Example Utility", "2026[2J", []string{"Grid"}
	want.Path, want.Status, want.Threshold, want.Areas = assessment.Quick, assessment.Open, assessment.DefaultThreshold, assessment.Scoping(in.AI)
	want.Created = time.Date(2026, 9, 26, 12, 0, 0, 123_000_000, time.UTC)
	if diff := cmp.Diff(want, s.Info()); diff != "" {
		t.Error(diff)
	}
	if d.Session != sessionID || len(d.Events) != 2 || d.Summary.Head != s.Head() || s.Head().Seq != 2 {
		t.Errorf("delta of session %q with %d events, head %v", d.Session, len(d.Events), s.Head())
	}
	for _, e := range d.Events {
		if e.Group != 1 || e.Who != "Ada" || e.Reason != "first" || !e.Time.Equal(want.Created) || e.Before != nil {
			t.Errorf("event %s", e.Bytes())
		}
	}
	if in.Units[0] != " Grid " {
		t.Error("the caller's list was changed")
	}

	for what, change := range map[string]func(*assessment.Info){
		"no id":              func(in *assessment.Info) { in.ID = "" },
		"an id that is none": func(in *assessment.Info) { in.ID = "../../etc" },
		"a UUID of time":     func(in *assessment.Info) { in.ID = "7c1f0b52-6d3e-7a8b-9f27-3e5b90d4c1a6" },
		"no organization":    func(in *assessment.Info) { in.Organization = " \u200e" },
		"no name":            func(in *assessment.Info) { in.Name = "" },
		"an unknown path":    func(in *assessment.Info) { in.Path = "long" },
		"a long name":        func(in *assessment.Info) { in.Name = words(50) },
		"a long purpose":     func(in *assessment.Info) { in.Purpose = words(4000) },
		"an odd answer":      func(in *assessment.Info) { in.AI.Uses = 3 },
		"Thwart out":         func(in *assessment.Info) { in.Areas[content.Thwart] = assessment.AreaScope{Out: true, Answer: "no"} },
		"a long unit":        func(in *assessment.Info) { in.Units = []string{words(200)} },
	} {
		in := assessment.Info{ID: sessionID, Organization: "Example Utility", Name: "2026"}
		change(&in)
		if _, _, err := assessment.New(catalog(t), in, minute(0)); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	s = start(t)
	refused(t, s, nil, func(e *assessment.Edit) error { return e.Info(func(in *assessment.Info) { in.Threshold = 101 }) })
	must(t, s, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.ID, in.Created, in.Name = otherID, time.Time{}, "2027" })
	})
	if in := s.Info(); in.ID != sessionID || !in.Created.Equal(noon) || in.Name != "2027" {
		t.Errorf("the session became %+v", in)
	}
}

func TestActIsText(t *testing.T) {
	s := start(t)
	d, err := s.Do(assessment.Act{Who: "Ada\x1b[31m\n", Time: noon, Reason: "one\r\ntwo\u202e"}, func(e *assessment.Edit) error {
		return e.Note(item(t, "GV.OC-01/secure"), "note")
	})
	if err != nil || d.Events[0].Who != "Ada[31m" || d.Events[0].Reason != "one\ntwo" || s.Response(0).By != "Ada[31m" {
		t.Errorf("by %q because %q: %v", d.Events[0].Who, d.Events[0].Reason, err)
	}
	if d, err = s.Undo(assessment.Act{Who: "Ada\a", Time: noon, Reason: "\a"}); err != nil || d.Events[0].Who != "Ada" || d.Events[0].Reason != "" {
		t.Errorf("undo by %q: %v", d.Events[0].Who, err)
	}
	for _, act := range []assessment.Act{{Who: words(50), Time: noon}, {Who: "Ada", Time: noon, Reason: words(4000)}} {
		if _, err := s.Do(act, func(*assessment.Edit) error { return nil }); !errors.Is(err, assessment.ErrText) {
			t.Errorf("do: %v", err)
		}
		if _, err := s.Redo(act); !errors.Is(err, assessment.ErrText) {
			t.Errorf("redo: %v", err)
		}
	}
}

func TestNewID(t *testing.T) {
	id, err := assessment.NewID(bytes.NewReader(bytes.Repeat([]byte{0xFF}, 16)))
	if want := "ffffffff-ffff-4fff-bfff-ffffffffffff"; id != want || err != nil {
		t.Errorf("%s, %v, want %s", id, err, want)
	}
	id, err = assessment.NewID(bytes.NewReader(make([]byte, 16)))
	if want := "00000000-0000-4000-8000-000000000000"; id != want || err != nil {
		t.Errorf("%s, %v, want %s", id, err, want)
	}
	if _, err := assessment.NewID(bytes.NewReader(make([]byte, 15))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("too little chance: %v", err)
	}
	broken := errors.New("broken")
	if _, err := assessment.NewID(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("no chance at all: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	id := item(t, "GV.OC-01/secure")
	unknown := content.ItemID{Sub: "GV.OC-99"}
	evidence := func(change func(*assessment.Evidence)) func(*assessment.Edit) error {
		ev := assessment.Evidence{Method: assessment.Tested, Date: "2026-09-01", Ref: "T-1"}
		change(&ev)
		return func(e *assessment.Edit) error { return e.AddEvidence(id, ev) }
	}
	for name, c := range map[string]struct {
		want error
		say  string
		edit func(*assessment.Edit) error
	}{
		"rate an unknown item":        {assessment.ErrUnknownItem, "GV.OC-99/secure: no such item", func(e *assessment.Edit) error { return e.Rate(unknown, level(t, 1)) }},
		"rate beyond the scale":       {nil, "4 is not a level", func(e *assessment.Edit) error { return e.Rate(id, assessment.Rating(5)) }},
		"rate what is out of profile": {assessment.ErrOutOfProfile, "take it back", func(e *assessment.Edit) error { return errors.Join(e.Exclude(id, "declined"), e.Rate(id, level(t, 1))) }},
		"base of an unknown":          {assessment.ErrUnknownItem, `"XX"`, func(e *assessment.Edit) error { return e.Base("XX", level(t, 1), "") }},
		"base beyond the scale":       {nil, "4 is not a level", func(e *assessment.Edit) error { return e.Base(id.Sub, assessment.Rating(5), "") }},
		"target 0":                    {nil, "0 is not a target", func(e *assessment.Edit) error { return e.Target(id, level(t, 0), "") }},
		"target beyond the scale":     {nil, "4 is not a target", func(e *assessment.Edit) error { return e.Target(id, assessment.Rating(5), "") }},
		"target of an unknown":        {assessment.ErrUnknownItem, "", func(e *assessment.Edit) error { return e.Target(unknown, level(t, 1), "") }},
		"exclude without a reason":    {assessment.ErrNoReason, id.String(), func(e *assessment.Edit) error { return e.Exclude(id, " \u200f\n") }},
		"priority without a reason":   {assessment.ErrNoReason, id.String(), func(e *assessment.Edit) error { return e.Prioritize(id, content.High, "") }},
		"priority 4":                  {nil, "4 is not a priority", func(e *assessment.Edit) error { return e.Prioritize(id, 4, "because") }},
		"Thwart out of scope": {assessment.ErrThwart, "the Focus Area Thwart is always in scope: attackers", func(e *assessment.Edit) error {
			return e.Info(func(in *assessment.Info) { in.Areas[content.Thwart].Out = true })
		}},
		"a long note":               {assessment.ErrText, "at most 16000 fit", func(e *assessment.Edit) error { return e.Note(id, words(4000)) }},
		"a long owner":              {assessment.ErrText, "owner", func(e *assessment.Edit) error { return e.Owner(id, words(50)) }},
		"a long role":               {assessment.ErrText, "role", func(e *assessment.Edit) error { return e.Asked(id, []string{words(50)}) }},
		"evidence without a method": {nil, "needs a method", evidence(func(ev *assessment.Evidence) { ev.Method = assessment.None })},
		"evidence by magic":         {nil, "needs a method", evidence(func(ev *assessment.Evidence) { ev.Method = 9 })},
		"evidence of nothing":       {assessment.ErrText, "reference of the evidence is missing", evidence(func(ev *assessment.Evidence) { ev.Ref = "\t" })},
		"evidence of no day":        {nil, `"2026-02-30" is not a date`, evidence(func(ev *assessment.Evidence) { ev.Date = "2026-02-30" })},
		"evidence with half a hash": {nil, "SHA-256", evidence(func(ev *assessment.Evidence) { ev.SHA256 = "abcd" })},
		"evidence with no hash":     {nil, "SHA-256", evidence(func(ev *assessment.Evidence) { ev.SHA256 = strings.Repeat("xy", 32) })},
		"remove what is not there":  {assessment.ErrUnknownID, "evidence entry 1", func(e *assessment.Edit) error { return e.RemoveEvidence(id, 0) }},
		"remove before the first":   {assessment.ErrUnknownID, "", func(e *assessment.Edit) error { return e.RemoveEvidence(id, -1) }},
		"a Tier 5": {nil, "5 is not an Implementation Tier", func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: 1, Management: 5, Rationale: "r"})
		}},
		"a Tier without words":    {assessment.ErrText, "rationale", func(e *assessment.Edit) error { return e.Tier(assessment.TierStatement{Governance: 1, Management: 1}) }},
		"a system without a name": {assessment.ErrText, "name of the AI system", func(e *assessment.Edit) error { _, err := e.PutSystem(assessment.System{}); return err }},
		"a system that dreams": {nil, `autonomy is "dreams"`, func(e *assessment.Edit) error {
			_, err := e.PutSystem(assessment.System{Name: "Triage", Autonomy: "dreams"})
			return err
		}},
		"a system that is not there": {assessment.ErrUnknownID, `"S-7"`, func(e *assessment.Edit) error {
			_, err := e.PutSystem(assessment.System{ID: "S-7", Name: "Triage"})
			return err
		}},
		"remove no system":          {assessment.ErrUnknownID, `"S-7"`, func(e *assessment.Edit) error { return e.RemoveSystem("S-7") }},
		"an action without a title": {assessment.ErrText, "title", func(e *assessment.Edit) error { _, err := e.PutAction(assessment.Action{}); return err }},
		"an action on no item": {assessment.ErrUnknownItem, "", func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: "Do", Items: []content.ItemID{unknown}})
			return err
		}},
		"an action someday": {nil, `"someday" is not a date`, func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: "Do", Due: "someday"})
			return err
		}},
		"an action of effort XL": {nil, `effort is "XL"`, func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: "Do", Effort: "XL"})
			return err
		}},
		"an action without a step": {assessment.ErrText, "milestone", func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: "Do", Milestones: []assessment.Milestone{{}}})
			return err
		}},
		"an action that is not there": {assessment.ErrUnknownID, `"A-7"`, func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{ID: "A-7", Title: "Do"})
			return err
		}},
		"remove no action": {assessment.ErrUnknownID, `"A-7"`, func(e *assessment.Edit) error { return e.RemoveAction("A-7") }},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			refused(t, s, c.want, c.edit)
			_, err := s.Do(minute(1), c.edit)
			fails(t, err, c.say)
		})
	}
}

// Every method that names an item refuses one that the pack does not have.
func TestUnknownItem(t *testing.T) {
	id := content.ItemID{Sub: "GV.OC-99", Area: content.Thwart}
	for name, edit := range map[string]func(*assessment.Edit) error{
		"Rate":       func(e *assessment.Edit) error { return e.Rate(id, level(t, 1)) },
		"Inherit":    func(e *assessment.Edit) error { return e.Inherit(id) },
		"Target":     func(e *assessment.Edit) error { return e.Target(id, level(t, 1), "") },
		"Exclude":    func(e *assessment.Edit) error { return e.Exclude(id, "declined") },
		"Include":    func(e *assessment.Edit) error { return e.Include(id) },
		"Prioritize": func(e *assessment.Edit) error { return e.Prioritize(id, content.High, "ours") },
		"Note":       func(e *assessment.Edit) error { return e.Note(id, "note") },
		"Owner":      func(e *assessment.Edit) error { return e.Owner(id, "Ada") },
		"Asked":      func(e *assessment.Edit) error { return e.Asked(id, []string{"CISO"}) },
		"AddEvidence": func(e *assessment.Edit) error {
			return e.AddEvidence(id, assessment.Evidence{Method: assessment.Tested, Ref: "T-1"})
		},
		"RemoveEvidence": func(e *assessment.Edit) error { return e.RemoveEvidence(id, 0) },
		"Accept": func(e *assessment.Edit) error {
			return e.Accept(id, assessment.Acceptance{Reason: "r", Approver: "a", Expires: "2027-01-01"})
		},
		"Unaccept": func(e *assessment.Edit) error { return e.Unaccept(id) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			refused(t, s, assessment.ErrUnknownItem, edit)
			_, err := s.Do(minute(1), edit)
			if which, ok := errors.AsType[*assessment.ItemError](err); !ok || which.Item != id {
				t.Errorf("%v does not name the item", err)
			}
		})
	}
}

func TestNoChangeIsNoEvent(t *testing.T) {
	s := start(t)
	it := find(t, standard)
	id := it.ID
	all, err := assessment.AllAt(2)
	if err != nil {
		t.Fatal(err)
	}
	edits := []func(*assessment.Edit) error{
		func(e *assessment.Edit) error { return e.Base(id.Sub, level(t, 1), "note") },
		func(e *assessment.Edit) error { return e.Rate(id, level(t, 1)) },
		func(e *assessment.Edit) error { return e.Target(id, level(t, 2), "board") },
		func(e *assessment.Edit) error { return e.Inherit(id) },
		func(e *assessment.Edit) error { return e.Note(id, " note\r\n") },
		func(e *assessment.Edit) error { return e.Owner(id, "Ada") },
		func(e *assessment.Edit) error { return e.Asked(id, []string{"CISO", ""}) },
		func(e *assessment.Edit) error { return e.Exclude(id, "declined") },
		func(e *assessment.Edit) error { return e.Include(id) },
		func(e *assessment.Edit) error {
			return e.Accept(id, assessment.Acceptance{Reason: "cost", Approver: "Ben", Expires: "2027-01-01"})
		},
		func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: 1, Management: 2, Rationale: "as seen"})
		},
		func(e *assessment.Edit) error {
			return e.Info(func(in *assessment.Info) { in.Units = []string{"Grid"} })
		},
		func(e *assessment.Edit) error {
			return e.Brand(assessment.Brand{Logo: logo(t, 30, 10), LogoName: "logo.png", Accent: "#1F4E79"})
		},
		func(e *assessment.Edit) error { _, err := e.Apply(all, "board", false); return err },
	}
	for i, edit := range edits {
		must(t, s, edit)
		before := stored(t, s)
		// Somebody else says the same, later: nothing new, and so it stays with the first.
		d, err := s.Do(assessment.Act{Who: "Ben", Time: noon.Add(time.Hour)}, edit)
		if err != nil || len(d.Events) != 0 || d.Session != "" {
			t.Errorf("edit %d again: %d events, %v", i, len(d.Events), err)
		}
		sameStored(t, stored(t, s), before)
	}
	// There and back within one act is no change either.
	before := stored(t, s)
	d := must(t, s, func(e *assessment.Edit) error {
		was, _ := s.Tier()
		return errors.Join(
			e.Note(id, "other"), e.Note(id, "note"),
			e.Base(id.Sub, level(t, 3), ""), e.Base(id.Sub, level(t, 1), "note"),
			e.Tier(assessment.TierStatement{Governance: 3, Management: 3, Rationale: "other"}), e.Tier(was),
		)
	})
	if len(d.Events) != 0 {
		t.Errorf("there and back: %s", d.Events[0].Bytes())
	}
	sameStored(t, stored(t, s), before)
}

func TestInherit(t *testing.T) {
	std := find(t, func(it *content.Item) bool { return it.StandardPractices && it.ID.Area == content.Secure }).ID
	other := find(t, func(it *content.Item) bool { return !it.StandardPractices }).ID
	s := start(t)
	state := func(want assessment.Rating, inherited bool) {
		t.Helper()
		i, _ := s.Catalog().Index(std)
		if r := s.Response(i); r.Current != want || r.Inherited != inherited || s.Tally().Inherited != map[bool]int{true: 1}[inherited] {
			t.Errorf("current %v, inherited %v (%d counted), want %v, %v", r.Current, r.Inherited, s.Tally().Inherited, want, inherited)
		}
	}
	base := func(r assessment.Rating) {
		t.Helper()
		must(t, s, func(e *assessment.Edit) error { return errors.Join(e.Base(std.Sub, r, ""), e.Base(other.Sub, r, "")) })
	}
	inherit := func(e *assessment.Edit) error { return e.Inherit(std) }

	refused(t, s, assessment.ErrNoBase, inherit)
	must(t, s, func(e *assessment.Edit) error { return e.Base(std.Sub, assessment.Unrated, "to be audited") }) // a note alone
	refused(t, s, assessment.ErrNoBase, inherit)
	base(level(t, 0))
	state(assessment.Unrated, false) // only by a person's act
	refused(t, s, assessment.ErrNotStandard, func(e *assessment.Edit) error { return e.Inherit(other) })
	must(t, s, func(e *assessment.Edit) error { return e.Exclude(std, "declined") })
	refused(t, s, assessment.ErrOutOfProfile, inherit)
	must(t, s, func(e *assessment.Edit) error { return e.Include(std) })
	must(t, s, inherit)
	state(level(t, 0), true)
	base(level(t, 2)) // it follows
	state(level(t, 2), true)
	base(assessment.Unrated) // and goes with its base
	state(assessment.Unrated, false)
	base(level(t, 1)) // and does not come back by itself
	state(assessment.Unrated, false)
	must(t, s, inherit)
	must(t, s, func(e *assessment.Edit) error { return e.Rate(std, level(t, 1)) }) // by hand, though the same
	state(level(t, 1), false)
	base(level(t, 3))
	state(level(t, 1), false)
	must(t, s, inherit) // and back again
	state(level(t, 3), true)
	if b := s.Base(std.Sub); b.By != "Ada" || !b.At.Equal(minute(1).Time) {
		t.Errorf("base rating by %q at %v", b.By, b.At)
	}
	must(t, s, func(e *assessment.Edit) error { return e.Base(std.Sub, assessment.Unrated, "") })
	if _, ok := stored(t, s).Records["base/"+std.Sub]; ok {
		t.Error("a base rating that says nothing is stored")
	}
}

func TestAccept(t *testing.T) {
	s := start(t)
	id := item(t, "GV.OC-01/secure")
	accept := func(change func(*assessment.Acceptance)) func(*assessment.Edit) error {
		a := assessment.Acceptance{Reason: "cost", Approver: "Ben", Expires: "2026-09-27"}
		change(&a)
		return func(e *assessment.Edit) error { return e.Accept(id, a) }
	}
	good := accept(func(*assessment.Acceptance) {})
	refused(t, s, assessment.ErrNoGap, good)
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Target(id, level(t, 2), ""), e.Rate(id, level(t, 2)))
	})
	refused(t, s, assessment.ErrNoGap, good)
	must(t, s, func(e *assessment.Edit) error { return e.Rate(id, level(t, 0)) })
	refused(t, s, assessment.ErrNoReason, accept(func(a *assessment.Acceptance) { a.Reason = " " }))
	refused(t, s, assessment.ErrText, accept(func(a *assessment.Acceptance) { a.Approver = "" }))
	for _, day := range []assessment.Date{"", "2026-09-25", "2026-09-26", "2026-9-27", "tomorrow"} { // the acts are of 2026-09-26
		refused(t, s, nil, accept(func(a *assessment.Acceptance) { a.Expires = day }))
	}
	before := s.Tally()
	must(t, s, good)
	if s.Tally() != before || len(s.Gaps()) != 1 {
		t.Error("accepting a gap changed figures")
	}
	for day, want := range map[assessment.Date]int{"2026-09-26": 1, "2026-09-27": 0, "2027-01-01": 0} {
		if got := len(s.Accepted(day)); got != want {
			t.Errorf("%d accepted on %s, want %d", got, day, want)
		}
		if got := s.Response(0).Accepted.InForce(day); got != (want == 1) {
			t.Errorf("in force on %s: %v", day, got)
		}
	}
	if (*assessment.Acceptance)(nil).InForce("2026-09-26") {
		t.Error("no acceptance is in force")
	}
	// It lists gaps, not records: without the gap, or out of profile, there is nothing to accept.
	must(t, s, func(e *assessment.Edit) error { return e.Rate(id, level(t, 2)) })
	if got := s.Accepted("2026-09-26"); len(got) != 0 {
		t.Errorf("accepted %v without a gap", lines(got))
	}
	must(t, s, func(e *assessment.Edit) error { return errors.Join(e.Rate(id, level(t, 1)), e.Exclude(id, "declined")) })
	if got := s.Accepted("2026-09-26"); len(got) != 0 {
		t.Errorf("accepted %v out of profile", lines(got))
	}
	must(t, s, func(e *assessment.Edit) error { return e.Unaccept(id) })
	if s.Response(0).Accepted != nil {
		t.Error("it is still accepted")
	}
}

func TestEvidence(t *testing.T) {
	s := start(t)
	id := item(t, "GV.OC-01/secure")
	hash := strings.Repeat("AB", 32)
	for _, ev := range []assessment.Evidence{
		{Method: assessment.Asserted, Ref: "said\nso"},
		{Method: assessment.Examined, Ref: "policy", Date: "2026-01-15", File: "p.pdf", SHA256: hash, By: "Ben\a"},
		{Method: assessment.Interviewed, Ref: "SOC lead"},
	} {
		must(t, s, func(e *assessment.Edit) error { return e.AddEvidence(id, ev) })
	}
	r := s.Response(0)
	want := []assessment.Evidence{
		{Method: assessment.Asserted, Ref: "said so", Date: "2026-09-26", By: "Ada"},
		{Method: assessment.Examined, Ref: "policy", Date: "2026-01-15", File: "p.pdf", SHA256: strings.ToLower(hash), By: "Ben"},
		{Method: assessment.Interviewed, Ref: "SOC lead", Date: "2026-09-26", By: "Ada"},
	}
	if diff := cmp.Diff(want, r.Evidence); diff != "" {
		t.Error(diff)
	}
	held := s.Snapshot()
	if r.Grade() != assessment.Examined || !r.Grade().Supported() {
		t.Errorf("grade %v", r.Grade())
	}
	must(t, s, func(e *assessment.Edit) error { return e.RemoveEvidence(id, 1) })
	if diff := cmp.Diff([]assessment.Evidence{want[0], want[2]}, s.Response(0).Evidence); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, held.Response(0).Evidence); diff != "" {
		t.Errorf("the snapshot changed:\n%s", diff)
	}
	must(t, s, func(e *assessment.Edit) error { return errors.Join(e.RemoveEvidence(id, 1), e.RemoveEvidence(id, 0)) })
	if _, ok := stored(t, s).Records["response/"+id.String()]; ok || s.Response(0).Grade() != assessment.None {
		t.Error("a response that says nothing is stored")
	}
	for m, supported := range map[assessment.Method]bool{
		assessment.None: false, assessment.Asserted: false, assessment.Interviewed: false, assessment.Examined: true, assessment.Tested: true,
	} {
		if m.Supported() != supported {
			t.Errorf("%v supports: %v", m, m.Supported())
		}
	}
}

func TestPresets(t *testing.T) {
	s := start(t)
	level2, level3 := level(t, 2), level(t, 3)
	apply := func(p assessment.Preset, err error, overwrite bool, want assessment.PresetResult) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Preview(p, overwrite); got != want {
			t.Errorf("%s: preview %+v, want %+v", p.Name, got, want)
		}
		must(t, s, func(e *assessment.Edit) error {
			got, err := e.Apply(p, "board", overwrite)
			if got != want {
				t.Errorf("%s: %+v, want %+v", p.Name, got, want)
			}
			return err
		})
	}
	at := func(id string) assessment.Response {
		i, _ := s.Catalog().Index(item(t, id))
		return *s.Response(i)
	}
	const single, twin, out = "GV.OC-01/secure", "GV.OC-01/thwart", "GV.OC-02/secure"
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(
			e.Target(item(t, single), level3, "ours"), e.Target(item(t, twin), level2, "ours too"), e.Exclude(item(t, out), "declined"),
			e.Info(func(in *assessment.Info) { in.Areas[content.Defend] = assessment.AreaScope{Out: true, Answer: "none"} }),
		)
	})
	two, err := assessment.AllAt(2)
	refused(t, s, assessment.ErrNoReason, func(e *assessment.Edit) error { _, err := e.Apply(two, " ", false); return err })
	// 318 items, of which 106 are out of scope and one is out of profile; two have targets.
	apply(two, err, false, assessment.PresetResult{Set: 209, Same: 1, Kept: 1})
	if r := at(single); r.Target != level3 || r.TargetReason != "ours" || r.Preset != "" {
		t.Errorf("an individual target became %+v", r)
	}
	if r := at(twin); r.TargetReason != "ours too" || r.Preset != "" {
		t.Errorf("an individual target became %+v", r)
	}
	if r := at("GV.OC-03/secure"); r.Target != level2 || r.TargetReason != "board" || r.Preset != "all-2" {
		t.Errorf("set to %+v", r)
	}
	if at(out).Target.Known() || at("GV.OC-03/defend").Target.Known() {
		t.Error("a target was set outside the profile")
	}
	apply(two, nil, false, assessment.PresetResult{Same: 210, Kept: 1})
	apply(two, nil, true, assessment.PresetResult{Set: 1, Same: 210})
	if r := at(single); r.Target != level2 || r.Preset != "all-2" {
		t.Errorf("overwritten, it is %+v", r)
	}
	// A preset's target gives way to another preset; the organization's own priorities count.
	high := 0
	for e := range s.Entries() {
		if e.State.InProfile() && e.Priority == content.High {
			high++
		}
	}
	must(t, s, func(e *assessment.Edit) error { return e.Prioritize(item(t, single), content.High, "ours") })
	p, err := assessment.ByPriority(map[content.Priority]int{content.High: 3})
	apply(p, err, false, assessment.PresetResult{Set: high + 1})
	if r := at(single); r.Target != level3 || r.Preset != "by-priority" {
		t.Errorf("by priority, it is %+v", r)
	}
	if r := at(twin); r.Target != level2 {
		t.Errorf("a priority that was not chosen set %+v", r)
	}
	p, err = assessment.ByGrid(map[assessment.Cell]int{{"RC", content.Thwart}: 1})
	apply(p, err, false, assessment.PresetResult{Set: 8})
	if r := at("RC.RP-01/thwart"); r.Target != level(t, 1) || r.Preset != "grid" {
		t.Errorf("by grid, it is %+v", r)
	}

	other := start(t)
	must(t, other, func(e *assessment.Edit) error {
		return errors.Join(e.Target(item(t, single), level2, "theirs"), e.Target(item(t, "GV.OC-03/defend"), level2, "theirs"))
	})
	apply(assessment.FromSession(other.Snapshot()), nil, false, assessment.PresetResult{Set: 1})
	if r := at(single); r.Target != level2 || r.Preset != "session "+sessionID {
		t.Errorf("from a session, it is %+v", r)
	}
	// By hand again, it is individual again.
	must(t, s, func(e *assessment.Edit) error { return e.Target(item(t, single), level3, "ours") })
	apply(two, nil, false, assessment.PresetResult{Set: s.Preview(two, false).Set, Same: s.Preview(two, false).Same, Kept: 1})

	for _, n := range []int{-1, 0, 4} {
		_, err1 := assessment.AllAt(n)
		_, err2 := assessment.ByPriority(map[content.Priority]int{content.High: n})
		_, err3 := assessment.ByGrid(map[assessment.Cell]int{{"GV", content.Secure}: n})
		if err1 == nil || err2 == nil || err3 == nil {
			t.Errorf("a preset of level %d: %v, %v, %v", n, err1, err2, err3)
		}
	}
}

// A preset does what setting each target by hand does, but for its name.
func TestPresetIsManyTargets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := assessed(t)
		hand := load(t, stored(t, s))
		p, err := assessment.AllAt(rapid.IntRange(1, 3).Draw(t, "level"))
		if err != nil {
			t.Fatal(err)
		}
		var res assessment.PresetResult
		d := must(t, s, func(e *assessment.Edit) error {
			res, err = e.Apply(p, "board", rapid.Bool().Draw(t, "overwrite"))
			return err
		})
		if res.Set != len(d.Events) {
			t.Fatalf("%+v and %d events", res, len(d.Events))
		}
		for _, ev := range d.Events {
			var r assessment.Response
			if err := json.Unmarshal(ev.After, &r); err != nil {
				t.Fatal(err)
			}
			must(t, hand, func(e *assessment.Edit) error { return e.Target(item(t, ev.Subject), r.Target, r.TargetReason) })
		}
		if diff := cmp.Diff(hand.Score(), s.Score()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestPrioritize(t *testing.T) {
	s := start(t)
	it := find(t, func(it *content.Item) bool { return it.Priority == content.Foundational })
	own := func(p content.Priority, reason string) {
		t.Helper()
		must(t, s, func(e *assessment.Edit) error { return e.Prioritize(it.ID, p, reason) })
	}
	own(content.High, "ours")
	if e := s.Entry(it.Index); e.Priority != content.High || e.Item.Priority != content.Foundational || e.Response.PriorityReason != "ours" {
		t.Errorf("overridden: %+v", e.Response)
	}
	for _, p := range []content.Priority{0, content.Foundational} { // both are the draft's
		own(content.High, "ours")
		own(p, "ignored")
		if e := s.Entry(it.Index); e.Priority != content.Foundational || e.Response.Priority != 0 || e.Response.PriorityReason != "" {
			t.Errorf("set to %v: %+v", p, e.Response)
		}
	}
}

// What was not asked takes no Focus Area out: it is in scope, and says that it was not asked.
func TestScoping(t *testing.T) {
	const (
		ask, yes, no = assessment.NotAsked, assessment.Yes, assessment.No
		none         = "the organization neither builds, deploys nor uses AI"
		defends      = "the organization uses or plans AI in defense"
		declines     = "the organization neither uses nor plans AI in defense"
	)
	for _, c := range []struct {
		builds, deploys, uses, defends assessment.Answer
		secure, defend                 string // "" where nothing decides, "-" before what takes it out
	}{
		{ask, ask, ask, ask, "", ""},
		{no, no, no, no, "-" + none, "-" + declines},
		{no, no, no, ask, "-" + none, ""},
		{no, no, ask, ask, "", ""},
		{ask, no, no, no, "", "-" + declines},
		{ask, ask, yes, ask, "the organization uses AI", ""},
		{no, yes, ask, ask, "the organization deploys AI", ""},
		{yes, no, no, no, "the organization builds AI", "-" + declines},
		{yes, no, yes, ask, "the organization builds and uses AI", ""},
		{yes, yes, yes, yes, "the organization builds, deploys and uses AI", defends},
		{ask, ask, ask, yes, "", defends},
		{no, no, no, yes, "-" + none, defends},
	} {
		ai := assessment.AIRoles{Builds: c.builds, Deploys: c.deploys, Uses: c.uses, Defends: c.defends}
		areas := assessment.Scoping(ai)
		for area, want := range map[content.Area]string{content.Secure: c.secure, content.Defend: c.defend} {
			answer, out := strings.CutPrefix(want, "-")
			if got := areas[area]; got != (assessment.AreaScope{Out: out, Answer: answer}) {
				t.Errorf("%+v: %v is %+v, want %q", ai, area, got, want)
			}
			if (areas[area].Decided() == "not asked") != (want == "") {
				t.Errorf("%+v: %v is decided by %q", ai, area, areas[area].Decided())
			}
		}
		thwart := areas[content.Thwart]
		if asked := ai != (assessment.AIRoles{}); thwart.Out || strings.HasPrefix(thwart.Answer, "always in scope") != asked {
			t.Errorf("%+v: Thwart is %+v", ai, thwart)
		}
	}
}

func TestAnswer(t *testing.T) {
	for a, want := range map[assessment.Answer][2]string{
		assessment.NotAsked: {"null", "not asked"}, assessment.Yes: {"true", "yes"}, assessment.No: {"false", "no"},
	} {
		raw, err := json.Marshal(a)
		if string(raw) != want[0] || err != nil || a.String() != want[1] {
			t.Errorf("%s is written as %s, %v", a, raw, err)
		}
		back := assessment.Yes // which null must not leave
		if err := json.Unmarshal(raw, &back); back != a || err != nil {
			t.Errorf("%s is read as %v, %v", raw, back, err)
		}
	}
	for _, raw := range []string{`"yes"`, "1", "{}"} {
		if err := json.Unmarshal([]byte(raw), new(assessment.Answer)); err == nil {
			t.Errorf("%s is an answer", raw)
		}
	}
}

func TestNumberedRecords(t *testing.T) {
	s := start(t)
	id := item(t, "GV.OC-01/secure")
	put := func(v assessment.System) (id string) {
		t.Helper()
		must(t, s, func(e *assessment.Edit) (err error) { id, err = e.PutSystem(v); return err })
		return id
	}
	for range 11 {
		put(assessment.System{Name: "Triage"})
	}
	ids := func() (list []string) {
		for _, v := range s.Systems() {
			list = append(list, v.ID)
		}
		return list
	}
	want := strings.Fields("S-1 S-2 S-3 S-4 S-5 S-6 S-7 S-8 S-9 S-10 S-11")
	if diff := cmp.Diff(want, ids()); diff != "" {
		t.Error(diff)
	}
	if got := put(assessment.System{ID: "S-9", Name: "Scoring", Sourcing: "buy"}); got != "S-9" || s.Systems()[8].Name != "Scoring" {
		t.Errorf("%s replaced: %+v", got, s.Systems()[8])
	}
	must(t, s, func(e *assessment.Edit) error { return e.RemoveSystem("S-3") })
	if got := put(assessment.System{Name: "Last"}); got != "S-12" {
		t.Errorf("a gap was filled with %s", got)
	}
	if diff := cmp.Diff(append(slices.Delete(want, 2, 3), "S-12"), ids()); diff != "" {
		t.Error(diff)
	}
	must(t, s, func(e *assessment.Edit) error { return e.RemoveSystem("S-12") })
	if got := put(assessment.System{Name: "Later"}); got != "S-13" {
		t.Errorf("the id of a removed one comes back as %s", got)
	}
	if diff := cmp.Diff(s.Systems(), load(t, stored(t, s)).Systems()); diff != "" {
		t.Errorf("loaded:\n%s", diff)
	}
	var action string
	due := assessment.Action{Title: "Do", Items: []content.ItemID{id}}
	must(t, s, func(e *assessment.Edit) (err error) {
		if action, err = e.PutAction(due); err == nil {
			_, err = e.PutAction(assessment.Action{Title: "Other"})
		}
		return err
	})
	if action != "A-1" || s.Actions()[0].Status != "planned" {
		t.Errorf("action %s: %+v", action, s.Actions()[0])
	}
	due.Items[0] = item(t, "GV.OC-02/secure") // the caller's slice is not the session's
	if got := slices.Collect(s.ActionsFor(id)); len(got) != 1 || got[0].ID != "A-1" {
		t.Errorf("actions for %v: %+v", id, got)
	}
}

// Whatever is removed, undone or done again: no act gives a new record an id that another one has had,
// so a report that was printed before goes on naming the record that it named.
func TestIDsNeverComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := start(t)
		given := make(map[string]bool)
		acts, labels := 0, 0
		act := func() assessment.Act { acts++; return minute(acts) }
		deeds := map[string]func(*assessment.Edit) error{
			"system": func(e *assessment.Edit) error { _, err := e.PutSystem(assessment.System{Name: "Triage"}); return err },
			"action": func(e *assessment.Edit) error { _, err := e.PutAction(assessment.Action{Title: "Do"}); return err },
			"label": func(e *assessment.Edit) error {
				labels++
				_, err := e.TakeSnapshot(fmt.Sprint("before ", labels))
				return err
			},
			"remove system": func(e *assessment.Edit) error { // the last one, which leaves its number free
				if n := len(s.Systems()); n > 0 {
					return e.RemoveSystem(s.Systems()[n-1].ID)
				}
				return nil
			},
			"remove action": func(e *assessment.Edit) error {
				if n := len(s.Actions()); n > 0 {
					return e.RemoveAction(s.Actions()[n-1].ID)
				}
				return nil
			},
		}
		names := slices.Sorted(maps.Keys(deeds))
		t.Repeat(map[string]func(*rapid.T){
			"act": func(t *rapid.T) {
				list := rapid.SliceOfN(rapid.SampledFrom(names), 1, 4).Draw(t, "deeds")
				var refused error
				if rapid.IntRange(0, 3).Draw(t, "refused") == 0 {
					refused = errors.New("on second thought")
				}
				d, err := s.Do(act(), func(e *assessment.Edit) error {
					for _, name := range list {
						if err := deeds[name](e); err != nil {
							return fmt.Errorf("%s: %w", name, err)
						}
					}
					return refused
				})
				if err != refused {
					t.Fatal(err)
				}
				for _, e := range d.Events {
					if e.Before != nil {
						continue
					}
					if given[e.Record()] {
						t.Fatalf("%s comes a second time", e.Record())
					}
					given[e.Record()] = true
				}
			},
			"undo": func(*rapid.T) { _, _ = s.Undo(act()) }, // or there is nothing to undo
			"redo": func(*rapid.T) { _, _ = s.Redo(act()) },
			"load": func(t *rapid.T) { s = load(t, stored(t, s)) },
		})
	})
}

// Ids that no version gave do not get in the way of those to come.
func TestForeignIDs(t *testing.T) {
	for id, want := range map[string]string{"S-99": "S-100", "S-x": "S-1", "A-7": "S-1", "S-": "S-1", "S-99999999999999999999": "S-1"} {
		s := start(t)
		st := stored(t, s)
		e, _, err := assessment.Chain(assessment.Event{
			Group: 2, Time: noon, Who: "Ada", Kind: assessment.KindSystem, Subject: id,
			After: json.RawMessage(fmt.Sprintf(`{"id":%q,"name":"Triage"}`, id)),
		}, s.Head())
		if err != nil {
			t.Fatal(err)
		}
		st.Journal = append(st.Journal, e.Bytes())
		st.Records[e.Record()] = e.After
		s = load(t, st)
		var got string
		must(t, s, func(e *assessment.Edit) (err error) {
			got, err = e.PutSystem(assessment.System{Name: "Next"})
			return err
		})
		if got != want || len(s.Systems()) != 2 {
			t.Errorf("after %s comes %s, want %s", id, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	s := start(t)
	first := s.Catalog().At(0).ID
	if sum := s.Summary(); sum.Next != first || sum.Tally != s.Tally() || sum.Head != s.Head() {
		t.Errorf("%+v", sum)
	}
	must(t, s, func(e *assessment.Edit) error {
		return errors.Join(e.Rate(first, level(t, 0)), e.Exclude(s.Catalog().At(1).ID, "declined"))
	})
	if sum := s.Summary(); sum.Next != s.Catalog().At(2).ID {
		t.Errorf("next is %v", sum.Next)
	}
	must(t, s, func(e *assessment.Edit) error {
		err := e.Info(func(in *assessment.Info) {
			for _, a := range []content.Area{content.Secure, content.Defend} {
				in.Areas[a] = assessment.AreaScope{Out: true, Answer: "none"}
			}
		})
		for it := range s.Catalog().Items() {
			if it.ID.Area == content.Thwart {
				err = errors.Join(err, e.Exclude(it.ID, "declined"))
			}
		}
		return err
	})
	if sum := s.Summary(); sum.Next != (content.ItemID{}) || sum.AreasOut != [3]bool{true, true, false} || sum.Tally.InProfile != 0 {
		t.Errorf("%+v", sum)
	}
}

// Records are replaced and removed in the session, not in what was handed out.
func TestSnapshotHoldsItsRecords(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		for _, name := range []string{"One", "Two", "Three"} {
			_, err := e.PutSystem(assessment.System{Name: name})
			if _, err2 := e.PutAction(assessment.Action{Title: name}); err != nil || err2 != nil {
				return errors.Join(err, err2)
			}
		}
		return e.Base("GV.OC-01", level(t, 1), "")
	})
	held := s.Snapshot()
	said := say(t, held)
	must(t, s, func(e *assessment.Edit) error {
		_, err1 := e.PutSystem(assessment.System{ID: "S-3", Name: "Other"})
		_, err2 := e.PutAction(assessment.Action{ID: "A-3", Title: "Other"})
		return errors.Join(err1, err2, e.RemoveSystem("S-1"), e.RemoveAction("A-1"), e.Base("GV.OC-01", level(t, 2), ""))
	})
	if got := say(t, held); got != said {
		t.Errorf("the snapshot became\n%s, it was\n%s", got, said)
	}
}

// What was handed out can not be reached from inside an act, not even through the lists of Info.
func TestSnapshotHoldsItsLists(t *testing.T) {
	s, _, err := assessment.New(catalog(t), assessment.Info{
		ID: sessionID, Organization: "Example Utility", Name: "2026", Units: []string{"Grid"}, Assessors: []string{"Ada"}, Assumptions: []string{"none"},
	}, minute(0))
	if err != nil {
		t.Fatal(err)
	}
	held := s.Snapshot()
	change := func(in *assessment.Info) { in.Units[0], in.Assessors[0], in.Assumptions[0] = "Plant", "Eve", "all" }
	refused(t, s, nil, func(e *assessment.Edit) error {
		return errors.Join(e.Info(change), errors.New("on second thought"))
	})
	must(t, s, func(e *assessment.Edit) error { return e.Info(change) })
	if in := held.Info(); in.Units[0] != "Grid" || in.Assessors[0] != "Ada" || in.Assumptions[0] != "none" {
		t.Errorf("the snapshot became %+v", in)
	}
	if in := s.Info(); in.Units[0] != "Plant" || in.Assessors[0] != "Eve" || in.Assumptions[0] != "all" {
		t.Errorf("the session stayed %+v", in)
	}
}
