package oscal_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/oscal"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

// required are the members that OSCAL asks of an object, by the member that holds it or the list of it.
var required = map[string]string{
	"assessment-plan": "uuid metadata import-ssp reviewed-controls", "assessment-results": "uuid metadata import-ap results",
	"plan-of-action-and-milestones": "uuid metadata system-id poam-items", "profile": "uuid metadata imports",
	"metadata": "title last-modified version oscal-version", "props": "name ns value", "links": "href", "roles": "id title",
	"parties": "uuid type", "responsible-parties": "role-id party-uuids", "import-ap": "href", "import-ssp": "href", "system-id": "id",
	"results": "uuid title description start reviewed-controls", "reviewed-controls": "control-selections",
	"observations": "uuid description methods collected", "relevant-evidence": "description", "actors": "type actor-uuid",
	"findings": "uuid title description target", "target": "type target-id status", "status": "state",
	"risks": "uuid title description statement status", "remediations": "uuid lifecycle title description",
	"tasks": "uuid type title", "on-date": "date", "poam-items": "uuid title description", "resources": "uuid",
	"rlinks": "href", "hashes": "algorithm value", "imports": "href", "alters": "control-id", "adds": "position props",
	"related-findings": "finding-uuid", "related-risks": "risk-uuid", "related-observations": "observation-uuid",
}

// forms are what the values of members must look like.
var forms = map[string]*regexp.Regexp{}

func init() {
	form := func(pattern, members string) {
		for _, m := range strings.Fields(members) {
			forms[m] = regexp.MustCompile(pattern)
		}
	}
	form(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"uuid party-uuids actor-uuid subject-uuid observation-uuid risk-uuid finding-uuid")
	form(`^[\p{L}_][\p{L}\p{N}.\-_]*$`, "name class role-id control-id with-ids target-id rel position lifecycle state reason types")
	form(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, "last-modified start end collected deadline date")
	form(`^[^\s\x{FEFF}\x{2028}\x{2029}\x{A0}\x{3000}]([^\n\r\x{2028}\x{2029}]*[^\s\x{FEFF}\x{A0}\x{3000}])?$`, "value version title oscal-version")
	form(`^(statement-id|party|person|organization|milestone)$`, "type")
	form(`^(TEST|EXAMINE|INTERVIEW|UNKNOWN)$`, "methods")
	form(`\S`, "description statement remarks")
	form(`^(#[0-9a-f-]{36}|[a-z-]+\.json|https://raw\.githubusercontent\.com/usnistgov/.*)$`, "href")
	form(`^(https://plumbline\.invalid/ns/oscal|http://csrc\.nist\.gov/ns/oscal)$`, "ns")
	forms["party name"], forms["system-id id"] = forms["value"], regexp.MustCompile(`^[0-9a-f-]{36}$`)
}

// structure fails where a document breaks a rule that needs no schema to be told.
func structure(t *testing.T, where, holder string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 && holder != "include-all" {
			t.Errorf("%s: an empty object", where)
		}
		must := required[holder]
		if _, ok := v["state"]; holder == "status" && !ok {
			must = ""
		}
		for _, m := range strings.Fields(must) {
			if _, ok := v[m]; !ok {
				t.Errorf("%s: no %s", where, m)
			}
		}
		if holder == "props" && v["ns"] != oscal.NS && v["name"] != "priority" && v["name"] != "accepted" {
			t.Errorf("%s: %v in the namespace of NIST", where, v["name"])
		}
		for m, e := range v {
			if holder == "parties" && m == "name" {
				m = "party name"
			}
			structure(t, where+"/"+m, m, e)
		}
	case []any:
		if len(v) == 0 {
			t.Errorf("%s: an empty list", where)
		}
		for i, e := range v {
			structure(t, fmt.Sprintf("%s/%d", where, i), holder, e)
		}
	case string:
		if form := forms[holder]; form != nil && !form.MatchString(v) {
			t.Errorf("%s: %q", where, v)
		}
	}
}

// Every document of every session has what OSCAL requires, in the form that it requires, and checks.
func TestStructure(t *testing.T) {
	for name, s := range sessions(t) {
		o := options()
		for file, data := range files(t, s, o) {
			var doc any
			if err := json.Unmarshal(data, &doc); err != nil {
				t.Fatal(err)
			}
			structure(t, name+" "+file, "", doc)
			if err := oscal.Check(data, s, o); err != nil {
				t.Errorf("%s of %q: %v", file, name, err)
			}
			for _, r := range string(data) {
				if r != '\n' && !unicode.IsGraphic(r) {
					t.Fatalf("%s of %q holds %U", file, name, r)
				}
			}
		}
		var z bytes.Buffer
		if err := oscal.WriteAll(&z, s, o); err != nil {
			t.Fatal(err)
		}
		if err := oscal.Check(z.Bytes(), s, o); err != nil {
			t.Errorf("ZIP of %q: %v", name, err)
		}
	}
}

// The manual lists every prop of our own, and no other.
func TestPropsInManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, ok := strings.Cut(string(manual), "\n## OSCAL\n")
	if !ok {
		t.Fatal("docs/formats.md has no chapter OSCAL")
	}
	_, table, _ := strings.Cut(chapter, "| Prop |")
	table, _, _ = strings.Cut(table, "\n\n")
	listed := make(map[string]bool)
	for _, row := range strings.Split(table, "\n|")[2:] {
		cell, _, _ := strings.Cut(row, "|")
		for _, m := range regexp.MustCompile("`([a-z0-9-]+)`").FindAllStringSubmatch(cell, -1) {
			listed[m[1]] = true
		}
	}
	used := make(map[string]bool)
	prop := regexp.MustCompile(`"name": "([^"]+)",\s+"ns": "` + regexp.QuoteMeta(oscal.NS) + `"`)
	o := options()
	for _, s := range sessions(t) {
		o.Damage = "event 7"
		for _, data := range files(t, s, o) {
			for _, m := range prop.FindAllSubmatch(data, -1) {
				used[string(m[1])] = true
			}
		}
	}
	used["to-confirm"] = true // only after a migration
	if got, want := slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(used)); !slices.Equal(got, want) {
		t.Errorf("the manual lists\n%q, written are\n%q", got, want)
	}
}

// uuids returns the UUID of everything in a document that has an item, an action or a name of its own,
// by the path of what holds it and that name.
func uuids(t *testing.T, data []byte) map[string]string {
	t.Helper()
	found := make(map[string]string)
	var look func(path string, v any)
	look = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				look(path, e)
			}
		case map[string]any:
			if id, ok := v["uuid"].(string); ok {
				key := path
				props, _ := v["props"].([]any)
				for _, p := range props {
					if p := p.(map[string]any); p["name"] == "item-id" || p["name"] == "action-id" {
						key += fmt.Sprint(" ", p["value"])
					}
				}
				for _, m := range []string{"name", "title"} {
					if n, ok := v[m].(string); ok && (strings.HasSuffix(path, "parties") || strings.HasSuffix(path, "resources")) {
						key += " " + n
					}
				}
				path, found[key] = key, id
			}
			for m, e := range v {
				look(path+"/"+m, e)
			}
		}
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	look("", doc)
	return found
}

// What has a UUID keeps it: in another export, at another time, as another version, and after an answer
// was added. Another session has others.
func TestStableIDs(t *testing.T) {
	cat := embedded(t)
	list, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	s := list[0]
	before := files(t, s.Snapshot(), options())
	next := s.Summary().Next
	if _, err := s.Do(assessment.Act{Who: "Somebody New", Time: options().Generated}, func(e *assessment.Edit) error {
		level0, _ := assessment.AtLevel(0)
		if err := e.Rate(next, level0); err != nil {
			return err
		}
		_, err := e.PutAction(assessment.Action{Title: "One more", Items: []content.ItemID{next}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Generated, o.OSCAL, o.Version = o.Generated.AddDate(0, 1, 0), "1.1.3", "9"
	after := files(t, s.Snapshot(), o)
	other := files(t, list[1].Snapshot(), options())
	for file, data := range before {
		was, is := uuids(t, data), uuids(t, after[file])
		for key, id := range was {
			if is[key] == "" {
				if strings.Contains(key, "poam-items") {
					continue // a gap that has got an action
				}
				t.Errorf("%s: %s is gone", file, key)
			} else if is[key] != id {
				t.Errorf("%s: %s was %s and is %s", file, key, id, is[key])
			}
		}
		if file == oscal.POAMFile && len(is) <= len(was) {
			t.Errorf("%s has %d UUIDs after an answer, and had %d", file, len(is), len(was))
		}
		for _, id := range uuids(t, other[file]) {
			if bytes.Contains(data, []byte(id)) {
				t.Errorf("%s: two sessions share %s", file, id)
			}
		}
	}
	// results and POA&M speak of the same things
	poam := uuids(t, before[oscal.POAMFile])
	for key, id := range uuids(t, before[oscal.ResultsFile]) {
		key = strings.Replace(key, "/assessment-results/results", "/plan-of-action-and-milestones", 1)
		if poam[key] != "" && poam[key] != id && !strings.HasSuffix(key, "-milestones") {
			t.Errorf("%s is %s in the results and %s in the POA&M", key, id, poam[key])
		}
	}
}

func TestSameBytes(t *testing.T) {
	s := sessions(t)["example"]
	local := time.Local
	defer func() { time.Local = local }()
	var first, second bytes.Buffer
	if err := oscal.WriteAll(&first, s, options()); err != nil {
		t.Fatal(err)
	}
	time.Local = time.FixedZone("east", 9*3600)
	o := options()
	o.Generated = o.Generated.In(time.Local)
	if err := oscal.WriteAll(&second, s, o); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two times the same session are not the same bytes")
	}
	z, err := zip.NewReader(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if at := f.Modified.UTC().Format(time.DateTime); at != "1980-01-01 00:00:00" {
			t.Errorf("%s is of %s", f.Name, at)
		}
	}
}

// TestStatuses holds what becomes of a gap, as docs/formats.md has it.
func TestStatuses(t *testing.T) {
	cat := embedded(t)
	id := cat.At(0).ID
	for _, c := range []struct {
		name    string
		current int
		accept  assessment.Date
		actions []assessment.Progress
		status  string // of the risk; "" for none
		items   string // the titles of the POA&M items up to the colon
	}{
		{"nothing planned", 1, "", nil, "open", "No action planned"},
		{"planned", 1, "", []assessment.Progress{"planned"}, "open", "A"},
		{"under way", 1, "", []assessment.Progress{"planned", "underway"}, "remediating", "A A"},
		{"done and still a gap", 1, "", []assessment.Progress{"done"}, "open", "A No further action planned"},
		{"accepted", 1, "2026-11-22", nil, "deviation-approved", "No action planned"},
		{"accepted and under way", 1, "2026-11-22", []assessment.Progress{"underway"}, "deviation-approved", "A"},
		{"lapsed", 1, "2026-11-21", nil, "open", "No action planned"},
		{"closed", 3, "", []assessment.Progress{"done"}, "closed", "A"},
		{"at target, more planned", 3, "", []assessment.Progress{"planned"}, "", "A"},
		{"at target", 3, "", nil, "", "No gap is known and no action is planned"},
	} {
		s := build(t, cat, assessment.Full, func(e *assessment.Edit) error {
			current, _ := assessment.AtLevel(c.current)
			target, _ := assessment.TargetAt(3)
			if err := errors.Join(e.Rate(id, current), e.Target(id, target, "")); err != nil {
				return err
			}
			if c.accept != "" {
				if err := e.Accept(id, assessment.Acceptance{Reason: "R", Approver: "P", Expires: c.accept}); err != nil {
					return err
				}
			}
			for _, status := range c.actions {
				if _, err := e.PutAction(assessment.Action{Title: "A", Items: []content.ItemID{id}, Status: status}); err != nil {
					return err
				}
			}
			return nil
		}).Snapshot()
		var b bytes.Buffer
		if err := oscal.WritePOAM(&b, s, options()); err != nil {
			t.Fatal(err)
		}
		if err := oscal.Check(b.Bytes(), s, options()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var doc struct {
			POAM struct {
				Risks []struct {
					Status string
					Props  []struct{ Name, NS, Value string }
				}
				Items []struct{ Title string } `json:"poam-items"`
			} `json:"plan-of-action-and-milestones"`
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		status := ""
		for _, r := range doc.POAM.Risks {
			status += r.Status
			said := make(map[string]string)
			for _, p := range r.Props {
				if p.NS == oscal.NS || p.Name == "accepted" {
					said[p.Name] = p.Value
				}
			}
			want := [3]string{}
			if c.status == "deviation-approved" {
				want = [3]string{"yes", string(c.accept), "P"}
			}
			if got := [3]string{said["accepted"], said["accepted-until"], said["approver"]}; got != want {
				t.Errorf("%s: the acceptance is %q, not %q", c.name, got, want)
			}
		}
		var titles []string
		for _, i := range doc.POAM.Items {
			head, _, _ := strings.Cut(i.Title, ":")
			titles = append(titles, head)
		}
		if items := strings.Join(titles, " "); status != c.status || items != c.items {
			t.Errorf("%s: risk %q and items %q, want %q and %q", c.name, status, items, c.status, c.items)
		}
	}
}

// A finding says what its rating rests on, and one that rests on nothing or on a word says so where its
// status stands. An observation is of the type that OSCAL has for it.
func TestFindingsSayWhatTheyRestOn(t *testing.T) {
	s := sessions(t)["example"]
	var doc struct {
		Results struct {
			Metadata struct {
				Title   string
				Parties []map[string]any
			}
			Results []struct {
				Observations []struct{ Types []string }
				Findings     []struct {
					Props  []struct{ Name, Value string }
					Target struct {
						Status struct{ State, Remarks string }
					}
				}
			}
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(files(t, s, options())[oscal.ResultsFile], &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.Results.Metadata.Title, "Assessment results: ") {
		t.Errorf("the title is %q", doc.Results.Metadata.Title)
	}
	for _, p := range doc.Results.Metadata.Parties {
		if p["member-of-organizations"] != nil {
			t.Errorf("%v is made a member of an organization", p["name"])
		}
	}
	claimed := 0
	for _, r := range doc.Results.Results {
		for _, o := range r.Observations {
			if !slices.Equal(o.Types, []string{"control-objective"}) {
				t.Errorf("an observation of the types %q", o.Types)
			}
		}
		for _, f := range r.Findings {
			props := make(map[string]string)
			for _, p := range f.Props {
				props[p.Name] = p.Value
			}
			id, err := content.ParseItemID(props["item-id"])
			if err != nil {
				t.Fatal(err)
			}
			i, _ := s.Catalog().Index(id)
			grade := s.Response(i).Grade()
			if props["evidence-grade"] != grade.String() {
				t.Errorf("%v: grade %q, not %v", id, props["evidence-grade"], grade)
			}
			says := strings.Contains(f.Target.Status.Remarks, "claimed: nothing was examined or tested")
			if says == grade.Supported() {
				t.Errorf("%v, %v: %q", id, grade, f.Target.Status.Remarks)
			}
			if says && f.Target.Status.State == "satisfied" {
				claimed++
			}
		}
	}
	if claimed == 0 {
		t.Error("no finding is satisfied on a claim")
	}
}

// The profile is not of all of CSF 2.0, and its title says so.
func TestProfileSaysWhatItHolds(t *testing.T) {
	var doc struct {
		Profile struct {
			Metadata struct{ Title, Remarks string }
		}
	}
	if err := json.Unmarshal(files(t, sessions(t)["example"], options())[oscal.ProfileFile], &doc); err != nil {
		t.Fatal(err)
	}
	m := doc.Profile.Metadata
	if !strings.Contains(m.Title, "the Subcategories with an item in profile") || !regexp.MustCompile(`item in profile, \d+ of the 106 of CSF`).MatchString(m.Remarks) {
		t.Errorf("%q: %q", m.Title, m.Remarks)
	}
}

// Every document says what it stands on.
func TestDocumentsSayWhatTheyStandOn(t *testing.T) {
	s := sessions(t)["example"]
	pack := s.Catalog().Pack()
	for file, data := range files(t, s, options()) {
		var doc map[string]struct{ Metadata struct{ Remarks string } }
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, d := range doc {
			said := strings.ReplaceAll(d.Metadata.Remarks, `\`, "")
			for _, want := range []string{
				pack.ID + ", edition ", pack.SHA256, "initial preliminary draft", wire.Wording, "Scope: Secure in scope", "Path: standard", assessment.Scale,
				"Coverage: ", assessment.OrderRule, "Made by Plumbline", s.Head().String(), s.Info().ID, "Classification marking: " + s.Info().Marking,
			} {
				if !strings.Contains(said, want) {
					t.Errorf("%s does not say %q", file, want)
				}
			}
		}
	}
}

// Check notices when a document is not what the session says.
func TestCheckRefuses(t *testing.T) {
	all := sessions(t)
	s := all["example"]
	docs := files(t, s, options())
	for _, c := range []struct{ file, old, new string }{
		{oscal.ResultsFile, `"state": "satisfied"`, `"state": "not-satisfied"`},
		{oscal.ResultsFile, `"status": "open"`, `"status": "closed"`},
		{oscal.ResultsFile, `"target-id": "`, `"target-id": "X`},
		{oscal.ResultsFile, `"control-id": "`, `"control-id": "X`},
		{oscal.ResultsFile, `"oscal-version": "1.2.1"`, `"oscal-version": "1.2.2"`},
		{oscal.POAMFile, `"action-id"`, `"item-id"`},
		{oscal.POAMFile, `"value": "` + s.Head().String(), `"value": "7` + s.Head().String()},
		{oscal.ProfileFile, `"name": "target"`, `"name": "current"`},
		{oscal.ProfileFile, `"GV.`, `"XX.`},
		{oscal.PlanFile, `"href": "#`, `"href": "#0`},
		{oscal.PlanFile, `"assessment-plan"`, `"catalog"`},
		{oscal.PlanFile, `}`, ``},
	} {
		changed := strings.Replace(string(docs[c.file]), c.old, c.new, 1)
		if changed == string(docs[c.file]) {
			t.Fatalf("%s has no %s", c.file, c.old)
		}
		if err := oscal.Check([]byte(changed), s, options()); err == nil {
			t.Errorf("%s with %s instead of %s checks", c.file, c.new, c.old)
		}
	}
	damaged := options()
	damaged.Damage = "event 7"
	for file, data := range docs {
		if oscal.Check(data, s, damaged) == nil {
			t.Errorf("%s checks without a word of the damage", file)
		}
		if oscal.Check(data, all["empty"], options()) == nil {
			t.Errorf("%s checks as one of another session", file)
		}
	}
	var z bytes.Buffer
	if err := oscal.WriteAll(&z, s, options()); err != nil {
		t.Fatal(err)
	}
	if oscal.Check(z.Bytes()[:z.Len()-5], s, options()) == nil {
		t.Error("a ZIP that was cut checks")
	}
}

func TestOptions(t *testing.T) {
	s := sessions(t)["empty"]
	o := options()
	o.OSCAL = "1.0.4"
	if err := oscal.WriteAll(io.Discard, s, o); err == nil || !strings.Contains(err.Error(), "1.2.1") {
		t.Errorf("a version that is not written: %v", err)
	}
	o = options()
	o.Generated = time.Time{}
	if err := oscal.WriteAll(io.Discard, s, o); err == nil {
		t.Error("documents that were made at no time are written")
	}
	if got := oscal.Versions; !slices.Contains(got[:], oscal.DefaultVersion) {
		t.Errorf("the default is none of %q", got)
	}
}

// BenchmarkOSCAL writes all documents of a full session. The metric allowed-ms is the time that it may
// take on a machine with two small cores.
func BenchmarkOSCAL(b *testing.B) {
	s := full(b, embedded(b))
	var size bytes.Buffer
	if err := oscal.WriteAll(&size, s, options()); err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := oscal.WriteAll(io.Discard, s, options()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N), "ms/op")
		b.ReportMetric(300, "allowed-ms")
		b.ReportMetric(float64(size.Len())/1024, "KiB")
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := oscal.Check(size.Bytes(), s, options()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
