package bundle_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/content"
)

// marked is a record of every kind with a text of its own in every string that the type has, whatever
// the string is for. Each text is three made-up words that stand nowhere else.
func marked(t *testing.T) (records map[string][]byte, byPath map[string]string) {
	t.Helper()
	n := 0
	byPath = make(map[string]string)
	word := func() string {
		n++
		w := ""
		for v := n; v > 0; v /= 20 {
			w += string("bcdfghjklmnpqrstvwxz"[v%20])
		}
		return "Qu" + w + "ox"
	}
	var fill func(v reflect.Value, path string)
	fill = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.String:
			s := strings.Join([]string{word(), word(), word()}, " ")
			v.SetString(s)
			byPath[path] = s
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), path)
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.Uint8 { // a picture
				v.SetBytes([]byte("a picture of " + word()))
				byPath[path] = base64.StdEncoding.EncodeToString(v.Bytes())
				return
			}
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), path)
		case reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				return // a hash
			}
			fill(v.Index(0), path)
		case reflect.Struct:
			if _, ok := v.Interface().(json.Marshaler); ok {
				return // a time
			}
			if id, ok := v.Addr().Interface().(*content.ItemID); ok {
				*id = content.ItemID{Sub: "GV.OC-01", Area: content.Secure}
				return
			}
			for i := range v.NumField() {
				name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
				fill(v.Field(i), path+"."+name)
			}
		}
	}
	records = make(map[string][]byte)
	add := func(key string, v any) {
		kind, _, _ := strings.Cut(key, "/")
		fill(reflect.ValueOf(v).Elem(), kind)
		if in, ok := v.(*assessment.Info); ok {
			in.ID = "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6"
			delete(byPath, "session.id")
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		records[key] = raw
	}
	add("session/", new(assessment.Info))
	add("pack/", new(assessment.PackPin))
	add("brand/", new(assessment.Brand))
	add("tier/", new(assessment.TierStatement))
	add("response/GV.OC-01/secure", new(assessment.Response))
	add("base/GV.OC-01", new(assessment.BaseRating))
	add("system/S-1", new(assessment.System))
	add("action/A-1", new(assessment.Action))
	add("snapshot/N-1", new(assessment.Label))
	add("aside/DE.CM-09/defend", new(assessment.Aside))
	return records, byPath
}

// What each class takes out, by what follows the kind of record; and what stays in any case, since it
// is a value of the program or says nothing of anybody. The lists are the test's own.
var (
	hides = map[bundle.Class][]string{
		bundle.Notes: {
			"session.purpose", "session.assumptions", "session.areas.answer", "tier.rationale",
			"response.target_reason", "response.out_of_profile", "response.priority_reason", "response.note", "response.accepted.reason",
			"base.note", "system.data", "system.tools", "system.exposure", "system.pre_deployment_testing", "system.post_deployment_testing",
			"action.title", "action.milestones.text",
		},
		bundle.Names: {
			"session.assessors", "tier.by", "response.owner", "response.asked", "response.evidence.by", "response.accepted.approver",
			"response.by", "base.by", "system.owner", "action.owner",
		},
		bundle.Evidence: {
			"response.evidence.ref", "response.evidence.file", "response.evidence.sha256", "system.pre_deployment_testing", "system.post_deployment_testing",
		},
		bundle.Organizations: {
			"session.organization", "session.name", "session.units", "system.name", "system.provider", "system.version",
			"brand.logo", "brand.logo_name", "brand.accent",
		},
	}
	stays = []string{
		"session.path", "session.marking", "session.status", "pack.id", "pack.facts", "response.preset", "response.evidence.date",
		"response.accepted.expires", "system.id", "system.kind", "system.sourcing", "system.autonomy", "system.criticality", "system.phase", "system.use_case",
		"action.id", "action.due", "action.effort", "action.status", "action.milestones.due",
		"aside.id", "aside.title", "aside.question", "aside.pack.id", "aside.pack.facts",
	}
)

// Every text that a record can hold goes with its class and with no other one. A member that is added
// to a record makes this fail until it was decided what it is.
func TestRedactEveryField(t *testing.T) {
	records, byPath := marked(t)
	source := bundle.Session{ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Head: assessment.Head{Seq: 9}, Stored: assessment.Stored{Records: records}}
	for mask := 1; mask < 1<<len(bundle.Classes); mask++ {
		var classes []bundle.Class
		var gone []string
		for i, c := range bundle.Classes {
			if mask&(1<<i) != 0 {
				classes = append(classes, c)
				gone = append(gone, hides[c]...)
			}
		}
		t.Run(fmt.Sprint(classes), func(t *testing.T) {
			r, err := bundle.Redact([]bundle.Session{source}, classes, catalog(t))
			if err != nil {
				t.Fatal(err)
			}
			c := contents(r.Sessions...)
			c.Redacted = r.Classes
			data := written(t, c)
			if err := r.CheckLeaks(data); err != nil {
				t.Error(err)
			}
			var all strings.Builder
			for _, p := range unzip(t, data) {
				all.WriteString(p.data)
			}
			for path, text := range byPath {
				inner := strings.TrimPrefix(strings.TrimPrefix(path, "aside."), "x.")
				hidden := slices.Contains(gone, path) || slices.Contains(gone, inner) || strings.HasPrefix(path, "snapshot.")
				known := slices.Contains(stays, path) || slices.Contains(stays, inner) || strings.HasPrefix(path, "snapshot.")
				for _, list := range hides {
					known = known || slices.Contains(list, path) || slices.Contains(list, inner)
				}
				switch {
				case !known:
					t.Errorf("%s: the test does not say what it is", path)
				case hidden && strings.Contains(all.String(), text):
					t.Errorf("%s is still there", path)
				case hidden && slices.ContainsFunc(strings.Fields(text), func(w string) bool { return strings.Contains(all.String(), w) }):
					t.Errorf("%s is there in part", path)
				case !hidden && !strings.Contains(all.String(), text):
					t.Errorf("%s is gone", path)
				}
			}
			if strings.Contains(all.String(), "journal.jsonl") {
				t.Error("there is a journal")
			}
		})
	}
}

// redactedCase is a session with the people, places and papers that the tests below look for.
func redactedCase(t *testing.T) *assessment.Session {
	t.Helper()
	cat := catalog(t)
	act := assessment.Act{Who: "Ada Lovelace", Time: created}
	s, _, err := assessment.New(cat, assessment.Info{
		ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "Northwater Trading Partners", Name: "Northwater 2026 review",
		Units: []string{"Harbor Desk", "Finance"}, Assessors: []string{"Ada Lovelace", "Will Turner"}, Marking: "TLP:AMBER Northwater only",
		Path: assessment.Full, AI: assessment.AIRoles{Builds: assessment.Yes},
	}, act)
	if err != nil {
		t.Fatal(err)
	}
	id := func(n int) content.ItemID { return cat.At(n).ID }
	two, _ := assessment.AtLevel(2)
	for _, edit := range []func(*assessment.Edit) error{
		func(e *assessment.Edit) error { return e.Rate(id(0), two) },
		func(e *assessment.Edit) error {
			return e.Note(id(0), "Met ada  lovelace; Lovelace (ADA) will send C:\\Users\\alovelace\\ir plan.docx, see Will. NTP agreed, not ntp. "+
				"Mail a.l@northwater.example. Harbor-desk runs ClaimBot. The finance team said AdaLovelace_notes. Smith and Jones wrote 山田太郎さん.")
		},
		func(e *assessment.Edit) error { return e.Owner(id(0), "CISO") },
		func(e *assessment.Edit) error { return e.Owner(id(1), "John Smith") },
		func(e *assessment.Edit) error { return e.Owner(id(2), "Jane Smith") },
		func(e *assessment.Edit) error { return e.Owner(id(3), "山田太郎") },
		func(e *assessment.Edit) error { return e.Owner(id(4), "Bobby Gone") },
		func(e *assessment.Edit) error { return e.Owner(id(4), "Head of Security") },
		func(e *assessment.Edit) error { return e.Owner(id(7), "Dr. Ada Lovelace, clinical safety") },
		func(e *assessment.Edit) error {
			return e.Note(id(7), "A. Lovelace wants Clinical safety and clinical trials kept apart")
		},
		func(e *assessment.Edit) error {
			return e.AddEvidence(id(0), assessment.Evidence{
				Method: assessment.Examined, Ref: "Incident Response Plan v3", File: "ir plan.docx", SHA256: strings.Repeat("0ada", 16),
			})
		},
		func(e *assessment.Edit) error {
			return e.Note(id(5), "As the Incident response plan, v3, says; Bobby knows. See https://wiki.northwater.example/ir?x=1 and /srv/share/ir.txt")
		},
		func(e *assessment.Edit) error {
			_, err := e.PutSystem(assessment.System{Name: "ClaimBot", Kind: "LLM assistant of Northwater", Provider: "Example Models Inc", Owner: "Ada Lovelace"})
			return err
		},
		func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: "Ask Ms. Lovelace about ClaimBot", Items: []content.ItemID{id(0)}, Owner: "ada lovelace"})
			return err
		},
		func(e *assessment.Edit) error { return e.Exclude(id(6), "Ada says no") },
		func(e *assessment.Edit) error { _, err := e.TakeSnapshot("before Ada left"); return err },
	} {
		if _, err := s.Do(act, edit); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func redact(t *testing.T, s *assessment.Session, classes ...bundle.Class) (*bundle.Redaction, map[string]string) {
	t.Helper()
	slices.Sort(classes)
	r, err := bundle.Redact([]bundle.Session{held(t, s)}, classes, catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	c := contents(r.Sessions...)
	c.Redacted = r.Classes
	if err := r.CheckLeaks(written(t, c)); err != nil {
		t.Error(err)
	}
	out := make(map[string]string)
	for k, raw := range r.Sessions[0].Stored.Records {
		out[k] = string(raw)
	}
	return r, out
}

func TestRedactNames(t *testing.T) {
	s := redactedCase(t)
	_, got := redact(t, s, bundle.Names)
	cat := catalog(t)
	note := noteOf(t, got["response/"+cat.At(0).ID.String()])
	// Action owner, assessor and act are the same person, in whatever case. "will" is a word, "Will" is
	// one of the assessors; Smith could be either of two; a name once recorded is still one.
	want := "Met Person 1; Person 1 (Person 1) will send [file] [file], see Person 2. NTP agreed, not ntp. " +
		"Mail [address]. Harbor-desk runs ClaimBot. The finance team said Person 1_notes. [name] and Jones wrote Person 3さん."
	if normal := renumber(note); normal != want {
		t.Errorf("note:\n%s\nwant:\n%s", normal, want)
	}
	if !strings.Contains(got["response/"+cat.At(0).ID.String()], `"owner":"CISO"`) {
		t.Error("a role of the pack names nobody and should stay")
	}
	if strings.Contains(got["response/"+cat.At(4).ID.String()], "Head of Security") {
		t.Error("an owner who is no role of the pack should have an alias")
	}
	if n := noteOf(t, got["response/"+cat.At(5).ID.String()]); strings.Contains(n, "Bobby") {
		t.Errorf("someone who once was an owner is named: %s", n)
	}
	for _, want := range []string{`"owner":"Person 1"`, `"note":"Person 1 wants Clinical safety and clinical trials kept apart"`} {
		if raw := got["response/"+cat.At(7).ID.String()]; !strings.Contains(raw, strings.ReplaceAll(want, "Person 1", adasAlias(t, got))) {
			t.Errorf("%s is not in %s", want, raw)
		}
	}
	all := strings.Join(slices.Collect(maps.Values(got)), "\n")
	for _, name := range []string{"Ada", "ada ", "Lovelace", "lovelace", "Turner", "John", "Jane", "Smith", "山田"} {
		if strings.Contains(all, name) {
			t.Errorf("%q is still there", name)
		}
	}
	for _, stay := range []string{"Northwater Trading Partners", "TLP:AMBER Northwater only", "Incident Response Plan v3", "ClaimBot", "Harbor Desk", strings.Repeat("0ada", 16)} {
		if !strings.Contains(all, stay) {
			t.Errorf("%q is gone", stay)
		}
	}
}

// adasAlias is the alias of the first assessor.
func adasAlias(t *testing.T, got map[string]string) string {
	t.Helper()
	var in assessment.Info
	if err := json.Unmarshal([]byte(got["session/"]), &in); err != nil {
		t.Fatal(err)
	}
	return in.Assessors[0]
}

// renumber gives persons numbers in the order in which they appear.
func renumber(s string) string {
	seen := map[string]string{}
	return personForm.ReplaceAllStringFunc(s, func(p string) string {
		if seen[p] == "" {
			seen[p] = fmt.Sprint("Person ", len(seen)+1)
		}
		return seen[p]
	})
}

func TestRedactOrganization(t *testing.T) {
	s := redactedCase(t)
	r, got := redact(t, s, bundle.Organizations)
	all := strings.Join(slices.Collect(maps.Values(got)), "\n")
	for _, name := range []string{"Northwater", "northwater", "NTP", "ClaimBot", "Example Models", "Harbor", "example/ir"} {
		if strings.Contains(all, name) {
			t.Errorf("%q is still there", name)
		}
	}
	for _, stay := range []string{"Ada Lovelace", "not ntp", "The finance team", "TLP:AMBER Organization A only", "LLM assistant of Organization A", "Unit 1 runs AI system 1"} {
		if !strings.Contains(all, stay) {
			t.Errorf("%q is gone from\n%s", stay, all)
		}
	}
	if r.Sessions[0].Name != "Session 1" {
		t.Errorf("the session is called %q", r.Sessions[0].Name)
	}
}

func TestRedactEvidence(t *testing.T) {
	s := redactedCase(t)
	_, got := redact(t, s, bundle.Evidence)
	all := strings.Join(slices.Collect(maps.Values(got)), "\n")
	for _, name := range []string{"Incident", "plan.docx", "Users", "wiki", "/srv", "ir.txt", "0ada"} {
		if strings.Contains(all, name) {
			t.Errorf("%q is still there:\n%s", name, all)
		}
	}
	if !strings.Contains(all, `"evidence":[{"by":"Ada Lovelace","date":"2026-11-21","method":"examined","ref":"[redacted]"}]`) {
		t.Errorf("method and date are gone:\n%s", all)
	}
}

// What is counted and what decides on figures stays as it is under any redaction.
func TestRedactKeepsFigures(t *testing.T) {
	cat := catalog(t)
	for _, source := range examples(t) {
		want, err := assessment.Load(cat, source.Stored)
		if err != nil {
			t.Fatal(err)
		}
		r, err := bundle.Redact([]bundle.Session{source}, bundle.Classes[:], cat)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := assessment.Adopt(func(assessment.PackPin) (*content.Catalog, error) { return cat, nil },
			r.Sessions[0].Stored.Records, "0b9d2c1e-58a4-4c37-8f10-6a2d9e3b7c45", "copy", assessment.Act{Who: "W", Time: created})
		if err != nil {
			t.Fatal(err)
		}
		if got.Tally() != want.Tally() {
			t.Errorf("%v, want %v", got.Tally(), want.Tally())
		}
		for i := range cat.Len() {
			g, w := got.Entry(i), want.Entry(i)
			if g.State != w.State || g.Gap() != w.Gap() || g.Priority != w.Priority || g.Response.Grade() != w.Response.Grade() ||
				g.Response.Accepted.InForce("2026-01-01") != w.Response.Accepted.InForce("2026-01-01") {
				t.Errorf("%v differs", g.Item.ID)
			}
		}
		// A second redaction of the same changes nothing more and confuses no aliases.
		again, err := bundle.Redact(r.Sessions, bundle.Classes[:], cat)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Sessions, r.Sessions) {
			t.Error("redacted twice it is something else")
		}
	}
}

// A field that the redaction forgot is found in the finished file.
func TestLeak(t *testing.T) {
	s := redactedCase(t)
	cat := catalog(t)
	for name, c := range map[string]struct {
		class  bundle.Class
		record string
		old    string
		new    string
	}{
		"a field":        {bundle.Notes, "response/" + cat.At(1).ID.String(), `"owner":`, `"note":"x","owner":`},
		"a name":         {bundle.Names, "response/" + cat.At(1).ID.String(), `"owner":"Person`, `"owner":"john SMITH","note":"Person`},
		"part of a name": {bundle.Names, "response/" + cat.At(5).ID.String(), `knows`, `or Turner knows`},
		"a mail":         {bundle.Names, "response/" + cat.At(5).ID.String(), `knows`, `or x@y.example knows`},
		"a path":         {bundle.Evidence, "response/" + cat.At(5).ID.String(), `knows`, `or /home/x/y knows`},
		"a title":        {bundle.Evidence, "response/" + cat.At(5).ID.String(), `knows`, `INCIDENT RESPONSE PLAN V3`},
		"a unit":         {bundle.Organizations, "response/" + cat.At(5).ID.String(), `knows`, `(harbor desk)`},
		"initials":       {bundle.Organizations, "response/" + cat.At(5).ID.String(), `knows`, `NTP`},
		"a note":         {bundle.Notes, "system/S-1", `LLM assistant`, `Ask Ms. Lovelace about ClaimBot`},
	} {
		t.Run(name, func(t *testing.T) {
			r, got := redact(t, s, c.class)
			changed := strings.Replace(got[c.record], c.old, c.new, 1)
			if changed == got[c.record] {
				t.Fatalf("%s does not hold %q: %s", c.record, c.old, changed)
			}
			r.Sessions[0].Stored.Records[c.record] = []byte(changed)
			cc := contents(r.Sessions...)
			cc.Redacted = r.Classes
			err := r.CheckLeaks(written(t, cc))
			if !errors.Is(err, bundle.ErrLeak) {
				t.Fatalf("error %v, want a leak", err)
			}
			if !strings.Contains(err.Error(), c.record) {
				t.Errorf("%q does not say where", err)
			}
			for _, secret := range []string{"SMITH", "Turner", "PLAN", "harbor"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q says what it found", err)
				}
			}
		})
	}
	t.Run("a journal", func(t *testing.T) {
		r, _ := redact(t, s, bundle.Names)
		if err := r.CheckLeaks(written(t, contents(held(t, s)))); !errors.Is(err, bundle.ErrLeak) {
			t.Errorf("error %v", err)
		}
	})
}

// A text that nobody has decided about stops the redaction.
func TestRedactUnknownMember(t *testing.T) {
	records, _ := marked(t)
	records["tier/"] = []byte(`{"governance":1,"friend":"Ada"}`)
	_, err := bundle.Redact([]bundle.Session{{ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Stored: assessment.Stored{Records: records}}},
		[]bundle.Class{bundle.Names}, catalog(t))
	if err == nil || !strings.Contains(err.Error(), `"tier.friend" is a text that redaction does not know`) {
		t.Errorf("error %v", err)
	}
}

func TestRedactFindings(t *testing.T) {
	s := redactedCase(t)
	r, _ := redact(t, s, bundle.Names, bundle.Evidence)
	got := make(map[string]int)
	for _, f := range r.Findings {
		got[fmt.Sprintf("%s %s %s", f.Field, f.Class, f.Outcome)] = f.Count
	}
	for k, n := range map[string]int{
		"session.assessors names renamed":           2,
		"response.owner names renamed":              5,
		"response.evidence.ref evidence masked":     1,
		"response.evidence.sha256 evidence removed": 1,
		"response.note  replaced inside":            3,
		"snapshot  removed":                         1,
	} {
		if got[k] != n {
			t.Errorf("%s: %d, want %d in %v", k, got[k], n, got)
		}
	}
}

func noteOf(t *testing.T, raw string) string {
	t.Helper()
	var r assessment.Response
	if err := json.Unmarshal([]byte(raw), &r); err != nil {
		t.Fatal(err)
	}
	return r.Note
}

var personForm = regexp.MustCompile(`Person [0-9]+`)

// A real name that looks like an alias goes like any other, wherever it stands.
func TestRedactNamesLikeAliases(t *testing.T) {
	cat := catalog(t)
	act := assessment.Act{Who: "Person X9", Time: created}
	s, _, err := assessment.New(cat, assessment.Info{
		ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "Organization WHO", Name: "Session ACME",
		Units: []string{"Unit 8200"}, Assessors: []string{"Person X9"}, Path: assessment.Full,
	}, act)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(act, func(e *assessment.Edit) error {
		if _, err := e.PutSystem(assessment.System{Name: "AI system GPT4"}); err != nil {
			return err
		}
		return e.Note(cat.At(0).ID, "Person X9 of Organization WHO showed Unit 8200 the AI system GPT4 in Session ACME.")
	}); err != nil {
		t.Fatal(err)
	}
	_, got := redact(t, s, bundle.Names, bundle.Organizations)
	all := strings.Join(slices.Collect(maps.Values(got)), "\n")
	for _, name := range []string{"X9", "WHO", "ACME", "8200", "GPT4"} {
		if strings.Contains(all, name) {
			t.Errorf("%q is still there:\n%s", name, all)
		}
	}
	const want = "Person 1 of Organization A showed Unit 1 the AI system 1 in Session 1."
	if note := noteOf(t, got["response/"+cat.At(0).ID.String()]); note != want {
		t.Errorf("the note is %q, want %q", note, want)
	}
}
