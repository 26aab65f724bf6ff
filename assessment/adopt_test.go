package assessment_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/testdata/example"
)

func anyPack(t *testing.T) assessment.Packs {
	return func(assessment.PackPin) (*content.Catalog, error) { return catalog(t), nil }
}

// What acts put into a session passes the check, and the state can begin another session.
func TestAdopt(t *testing.T) {
	list, err := example.Sessions(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		act := minute(9)
		act.Reason = "from elsewhere"
		made, delta, err := assessment.Adopt(anyPack(t), stored(t, s).Records, otherID, "adopted", act)
		if err != nil {
			t.Fatal(err)
		}
		if err := made.Check(); err != nil {
			t.Error(err)
		}
		if made.Tally() != s.Tally() || made.Info().ID != otherID || made.Info().Name != "adopted" || len(made.Labels()) != 0 {
			t.Errorf("it is %v %q with %d labels", made.Tally(), made.Info().Name, len(made.Labels()))
		}
		for _, e := range delta.Events {
			if e.Group != 1 || e.Reason != "from elsewhere" {
				t.Fatalf("event %d: group %d, reason %q", e.Seq, e.Group, e.Reason)
			}
		}
		if _, err := stored(t, made).Verify(); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := assessment.Adopt(anyPack(t), map[string][]byte{"session/": []byte(`{"id":7}`)}, otherID, "x", minute(0)); err == nil {
		t.Error("a record that can not be read is adopted")
	}
}

// A state that no act can have made does not pass.
func TestCheck(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		_, errA := e.PutAction(assessment.Action{Title: "T", Items: []content.ItemID{item(t, "GV.OC-01/secure")}})
		_, errS := e.PutSystem(assessment.System{Name: "N"})
		_, errL := e.TakeSnapshot("L")
		return errors.Join(errA, errS, errL,
			e.Rate(item(t, "GV.OC-01/secure"), level(t, 1)), e.Note(item(t, "GV.OC-01/secure"), "fine"),
			e.Base("GV.OC-01", level(t, 1), "base"),
			e.AddEvidence(item(t, "GV.OC-01/secure"), assessment.Evidence{Method: assessment.Tested, Ref: "R", SHA256: strings.Repeat("0f", 32)}),
			e.Brand(assessment.Brand{Logo: logo(t, 3, 2), LogoName: "crest.png"}),
			e.Tier(assessment.TierStatement{Governance: 1, Management: 2, Rationale: "why"}))
	})
	good := stored(t, s)
	for name, c := range map[string]struct{ record, old, new string }{
		"organization":    {"session/", `"organization":"Example Utility"`, `"organization":""`},
		"status":          {"session/", `"status":"open"`, `"status":"ajar"`},
		"path":            {"session/", `"path":"full"`, `"path":"fullest"`},
		"threshold":       {"session/", `"threshold":60`, `"threshold":-5`},
		"bidi":            {"session/", `Example Utility`, `Example\u202eUtility`},
		"escape":          {"response/GV.OC-01/secure", `fine`, `fi\u001b[2Jne`},
		"long":            {"response/GV.OC-01/secure", `fine`, strings.Repeat("a", assessment.MaxNote+1)},
		"target 0":        {"response/GV.OC-01/secure", `"target":null`, `"target":0`},
		"priority":        {"response/GV.OC-01/secure", `"target":null`, `"target":null,"priority":77`},
		"evidence day":    {"response/GV.OC-01/secure", `"date":"2026-09-26"`, `"date":"soon"`},
		"evidence hash":   {"response/GV.OC-01/secure", strings.Repeat("0f", 32), "0f"},
		"accepted until":  {"response/GV.OC-01/secure", `"target":null`, `"target":null,"accepted":{"reason":"R","approver":"A","expires":"never"}`},
		"base note":       {"base/GV.OC-01", `"base"`, `"ba\u0000se"`},
		"tier rationale":  {"tier/", `"why"`, `""`},
		"action title":    {"action/A-1", `"T"`, `""`},
		"action status":   {"action/A-1", `"planned"`, `"dreamt"`},
		"system sourcing": {"system/S-1", `"name":"N"`, `"name":"N","sourcing":"stolen"`},
		"logo's file":     {"brand/", `crest`, `cr\u202eest`},
		"label":           {"snapshot/N-1", `"label":"L"`, `"label":"L\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			records := maps.Clone(good.Records)
			records[c.record] = []byte(strings.Replace(string(records[c.record]), c.old, c.new, 1))
			if string(records[c.record]) == string(good.Records[c.record]) {
				t.Fatalf("%s has no %s: %s", c.record, c.old, records[c.record])
			}
			bad, err := assessment.Load(catalog(t), assessment.Stored{Records: records, Journal: good.Journal})
			if err != nil {
				t.Fatalf("it can not even be loaded: %v", err)
			}
			if err := bad.Check(); !errors.Is(err, assessment.ErrRecord) || !strings.Contains(err.Error(), c.record) {
				t.Errorf("error %v", err)
			}
		})
	}
}
