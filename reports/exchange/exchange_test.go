package exchange

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/csv"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before they count")

func options(area *content.Area) wire.Options {
	return wire.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf, Area: area}
}

func embedded(t *testing.T) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func examples(t *testing.T) []*assessment.Snapshot {
	t.Helper()
	sessions, err := example.Sessions(embedded(t))
	if err != nil {
		t.Fatal(err)
	}
	var list []*assessment.Snapshot
	for _, s := range sessions {
		list = append(list, s.Snapshot())
	}
	return list
}

// session builds a session in which the edit was made.
func session(t *testing.T, in assessment.Info, edit func(*assessment.Edit) error) *assessment.Snapshot {
	t.Helper()
	in.ID, in.Organization, in.Name = "00000000-0000-4000-8000-000000000006", "O", "N"
	act := assessment.Act{Who: "W", Time: options(nil).Generated}
	s, _, err := assessment.New(embedded(t), in, act)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(act, edit); err != nil {
		t.Fatal(err)
	}
	return s.Snapshot()
}

// format is a file that the package writes.
type format struct {
	file  string // of the golden file
	area  *content.Area
	write func(io.Writer, *assessment.Snapshot, wire.Options) error
	check func([]byte, *assessment.Snapshot, wire.Options) error
	loss  func(*assessment.Snapshot, wire.Options) []string
}

func formats() []format {
	secure := content.Secure
	return []format{
		{"northwater-health-2026-baseline-profile.csfp", &secure, WriteCSFP, CheckCSFP, CSFPLoss},
		{"northwater-health-2026-baseline-profile.csfa", &secure, WriteCSFA, CheckCSFA, CSFALoss},
		{"northwater-health-2026-baseline-profile-ciso.csv", nil, WriteCISO, CheckCISO, CISOLoss},
	}
}

func TestGolden(t *testing.T) {
	s := examples(t)[0]
	for _, f := range formats() {
		t.Run(f.file, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.write(&b, s, options(f.area)); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("../../docs/examples", f.file)
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), want) {
				t.Errorf("%s differs (go test ./reports/exchange -update writes it anew)", file)
			}
		})
	}
}

// What was written checks, also for all areas of all sessions; what was changed does not; the losses
// are told.
func TestWriteAndCheck(t *testing.T) {
	areas := []*content.Area{nil}
	for _, a := range content.Areas {
		areas = append(areas, &a)
	}
	list := examples(t)
	list = append(list, session(t, assessment.Info{Path: assessment.Full}, func(*assessment.Edit) error { return nil }))
	for _, f := range formats() {
		for i, s := range list {
			for _, area := range areas {
				o := options(area)
				var b bytes.Buffer
				if err := f.write(&b, s, o); err != nil {
					t.Fatal(err)
				}
				if err := f.check(b.Bytes(), s, o); err != nil {
					t.Errorf("%s, session %d: %v", f.file, i, err)
				}
				if err := f.check(b.Bytes()[:b.Len()/2], s, o); err == nil {
					t.Errorf("%s, session %d: half of it checks", f.file, i)
				}
				if lines := f.loss(s, o); len(lines) < 2 || slices.Contains(lines, "") {
					t.Errorf("%s: the losses are %q", f.file, lines)
				}
			}
		}
		var b bytes.Buffer
		if err := f.write(&b, list[0], options(f.area)); err != nil {
			t.Fatal(err)
		}
		if err := f.check(b.Bytes(), list[1], options(f.area)); err == nil {
			t.Errorf("%s checks for another session", f.file)
		}
	}
}

// assessmentsOf reads a .csfp file with a reader of its own, by Subcategory.
func assessmentsOf(t *testing.T, s *assessment.Snapshot, o wire.Options) map[string]map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSFP(&b, s, o); err != nil {
		t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]map[string]any)
	for _, a := range f["assessments"].([]any) {
		got[a.(map[string]any)["subcategoryId"].(string)] = a.(map[string]any)
	}
	if len(got) != 106 {
		t.Fatalf("%d Subcategories", len(got))
	}
	return got
}

func level(t *testing.T, n int) assessment.Rating {
	t.Helper()
	r, err := assessment.AtLevel(n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Unknown is null, not achieved is 0, and what does not apply is neither.
func TestCSFPNullIsNotZero(t *testing.T) {
	thwart := content.Thwart
	id := func(sub string) content.ItemID { return content.ItemID{Sub: sub, Area: thwart} }
	s := session(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit) error {
		for _, err := range []error{
			e.Rate(id("GV.OC-01"), level(t, 0)), e.Target(id("GV.OC-01"), level(t, 3), "why"),
			e.Target(id("GV.OC-02"), level(t, 2), "why"), e.Exclude(id("GV.OC-03"), "not for us"), e.Rate(id("GV.OC-04"), level(t, 3)), e.Target(id("GV.OC-04"), level(t, 3), ""),
			e.Accept(id("GV.OC-01"), assessment.Acceptance{Reason: "R", Approver: "A", Expires: "2027-06-30"}),
			e.Rate(content.ItemID{Sub: "GV.OC-05", Area: content.Secure}, level(t, 2)), e.Base("GV.OC-05", level(t, 0), "base"),
			e.Rate(id("PR.AA-01"), level(t, 2)), e.Target(id("PR.AA-01"), level(t, 3), ""), e.Rate(id("PR.AA-02"), level(t, 2)),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	got := assessmentsOf(t, s, options(&thwart))
	for sub, want := range map[string][]any{ // current, target, applicability, status, confirmedBy
		"GV.OC-01": {0.0, 3.0, "in-scope", "accepted-gap", "W"},
		"GV.OC-02": {nil, 2.0, "in-scope", "not-started", nil},
		"GV.OC-03": {nil, nil, "not-applicable", "not-started", nil},
		"GV.OC-04": {3.0, 3.0, "in-scope", "met", "W"},
		"GV.OC-05": {nil, nil, "in-scope", "not-started", nil},
		"PR.AA-01": {2.0, 3.0, "in-scope", "in-progress", "W"},
		"PR.AA-02": {2.0, nil, "in-scope", "in-progress", "W"},
	} {
		a := got[sub]
		if have := []any{a["current"], a["target"], a["applicability"], a["status"], a["confirmedBy"]}; !slices.Equal(have, want) {
			t.Errorf("%s is %v, want %v", sub, have, want)
		}
		if a["priority"] != "medium" {
			t.Errorf("%s has the priority %v", sub, a["priority"])
		}
	}
	if notes := got["GV.OC-03"]["notes"].(string); !strings.Contains(notes, "not for us") {
		t.Errorf("the reason is not told: %q", notes)
	}

	base := assessmentsOf(t, s, options(nil))
	for sub, want := range map[string]any{"GV.OC-01": nil, "GV.OC-05": 0.0} {
		if base[sub]["current"] != want || base[sub]["target"] != nil {
			t.Errorf("the base rating of %s is %v of %v", sub, base[sub]["current"], base[sub]["target"])
		}
	}
	for _, lines := range [][]string{CSFPLoss(s, options(nil)), CSFPLoss(s, options(&thwart))} {
		t.Log(strings.Join(lines, "\n"))
	}
}

// That file has no 0: levels go over one higher, and only a target that a whole Function shares.
func TestCSFA(t *testing.T) {
	secure := content.Secure
	s := session(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit) error {
		for it := range embedded(t).Items() {
			n := 2
			if it.ID.Sub == "GV.OC-01" {
				n = 1
			}
			if err := e.Target(it.ID, level(t, n), ""); err != nil {
				return err
			}
		}
		return e.Rate(content.ItemID{Sub: "GV.OC-01", Area: secure}, level(t, 0))
	})
	var b bytes.Buffer
	if err := WriteCSFA(&b, s, options(&secure)); err != nil {
		t.Fatal(err)
	}
	var f struct {
		Meta    struct{ ScopeNote string }
		Ratings map[string]struct {
			Tier any
			NA   *bool
			Note string
		}
		Targets struct {
			Default    int
			ByFunction map[string]int
		}
	}
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Ratings) != 106 {
		t.Fatalf("%d ratings", len(f.Ratings))
	}
	for sub, r := range f.Ratings {
		want := any(nil)
		if sub == "GV.OC-01" {
			want = 1.0
		}
		if r.Tier != want || r.NA == nil || *r.NA {
			t.Errorf("%s is %+v", sub, r)
		}
	}
	if note := f.Ratings["GV.OC-01"].Note; !strings.HasPrefix(note, "level 0 Not achieved on the scale 0 to 3") {
		t.Errorf("the note is %q", note)
	}
	if f.Targets.ByFunction["GV"] != 3 || f.Targets.ByFunction["PR"] != 3 || f.Targets.Default != 1 {
		t.Errorf("the targets are %+v", f.Targets)
	}
	if !strings.HasPrefix(f.Meta.ScopeNote, "Targets: one for each Function, the highest") || !strings.Contains(f.Meta.ScopeNote, "1 Subcategory had a lower target") {
		t.Errorf("the scope note is %q", f.Meta.ScopeNote)
	}
	if lines := CSFALoss(s, options(&secure)); !strings.HasPrefix(lines[0], "the own targets of 1 Subcategory,") {
		t.Errorf("the losses are %q", lines)
	}
}

// No gap of the worked example looks met in the file.
func TestCSFAUnderstatesNoGap(t *testing.T) {
	s := examples(t)[0]
	secure, gaps := content.Secure, 0
	var b bytes.Buffer
	if err := WriteCSFA(&b, s, options(&secure)); err != nil {
		t.Fatal(err)
	}
	var f struct {
		Ratings map[string]struct{ Tier *int }
		Targets struct{ ByFunction map[string]int }
	}
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Gaps() {
		if id := e.Item.ID; id.Area == secure {
			gaps++
			if shown := f.Targets.ByFunction[id.Function()] - *f.Ratings[id.Sub].Tier; shown < e.Gap() {
				t.Errorf("%v: a gap of %d is shown as %d", id, e.Gap(), shown)
			}
		}
	}
	if gaps == 0 {
		t.Error("there is no gap")
	}
}

// Every file carries the marking, and none names the assessors as owners of what they assessed.
func TestMarkingGoesAlong(t *testing.T) {
	secure := content.Secure
	s := session(t, assessment.Info{Path: assessment.Full, Marking: "TLP:AMBER", Assessors: []string{"Ada"}}, func(e *assessment.Edit) error {
		return e.Rate(content.ItemID{Sub: "GV.OC-01", Area: secure}, level(t, 1))
	})
	for _, f := range formats() {
		var b bytes.Buffer
		if err := f.write(&b, s, options(f.area)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "Classification marking: TLP:AMBER.") {
			t.Errorf("%s does not say the marking", f.file)
		}
	}
	for _, row := range cisoSheet(examples(t)[0], options(nil)).Rows {
		if !strings.Contains(row[5].Text, "Classification marking: ") {
			t.Errorf("the record of %s does not say the marking", row[0].Text)
		}
	}
	p := profileOf(t, s, options(&secure))
	if p.Profile.Scope.Owner != "" || !strings.HasPrefix(p.Profile.Scope.Assumptions, "Classification marking: ") ||
		!strings.Contains(p.Profile.Scope.Assumptions, "medium is a placeholder") {
		t.Errorf("the scope is %+v", p.Profile.Scope)
	}
	if o := p.Overlays; o == nil || !o.CyberAI.Enabled || !slices.Equal(o.CyberAI.FocusAreas, []string{"secure"}) {
		t.Errorf("the overlays are %+v", o)
	}
	if o := profileOf(t, s, options(nil)).Overlays; o != nil {
		t.Errorf("the base ratings have the overlays %+v", o)
	}
}

func profileOf(t *testing.T, s *assessment.Snapshot, o wire.Options) (f csfp) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSFP(&b, s, o); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// What was taken over says so, and what was decided about a gap stands beside it.
func TestWhatIsKnownOfAnItem(t *testing.T) {
	secure := content.Secure
	var id content.ItemID
	for it := range embedded(t).Items() {
		if it.ID.Area == secure && it.StandardPractices {
			id = it.ID
			break
		}
	}
	s := session(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit) error {
		_, err := e.PutAction(assessment.Action{Title: "Do it", Owner: "CISO", Due: "2027-01-31", Status: "underway", Items: []content.ItemID{id}})
		for _, err := range []error{
			err, e.Base(id.Sub, level(t, 1), ""), e.Inherit(id), e.Target(id, level(t, 3), "why"),
			e.Accept(id, assessment.Acceptance{Reason: "costs", Approver: "The board", Expires: "2026-12-31"}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	const inherited = "inherited from the base rating"
	if notes := assessmentsOf(t, s, options(&secure))[id.Sub]["notes"].(string); !strings.Contains(notes, inherited) {
		t.Errorf(".csfp: %q", notes)
	}
	var b bytes.Buffer
	if err := WriteCSFA(&b, s, options(&secure)); err != nil || !strings.Contains(b.String(), inherited) {
		t.Errorf(".csfa says nothing of it: %v", err)
	}
	o := options(nil)
	for day, want := range map[assessment.Date]string{
		"2026-12-30": "gap accepted until 2026-12-31 by The board: costs; action A-1 (underway, due 2027-01-31, owner: CISO): Do it\n",
		"2026-12-31": "gap acceptance lapsed on 2026-12-31 by The board: costs; action A-1 ",
	} {
		o.AsOf = day
		if got := cisoSheet(s, o).Rows[0][5].Text; !strings.Contains(got, want) {
			t.Errorf("on %s: %q", day, got)
		}
	}
}

// The one result of CISO Assistant, from what the three areas of a Subcategory are.
func TestCISOResult(t *testing.T) {
	const unrated, out, notAsked = -1, -2, -3
	for _, c := range []struct {
		secure, defend, thwart int
		result, progress       string
	}{
		{unrated, unrated, unrated, "", ""},
		{0, 3, 3, "non_compliant", "done"},
		{1, 3, 3, "partially_compliant", "done"},
		{3, 2, 3, "partially_compliant", "done"},
		{3, 3, 3, "compliant", "done"},
		{3, unrated, 3, "compliant", "in_progress"},
		{unrated, unrated, 0, "non_compliant", "in_progress"},
		{out, out, out, "not_applicable", "done"},
		{out, out, unrated, "", ""},
		{out, out, 3, "compliant", "done"},
		{notAsked, notAsked, 2, "partially_compliant", "done"},
		{notAsked, out, out, "not_applicable", "done"},
	} {
		in := assessment.Info{Path: assessment.Full}
		states := [...]int{c.secure, c.defend, c.thwart}
		for i, st := range states {
			if st == notAsked {
				in.Areas[i] = assessment.AreaScope{Out: true, Answer: "not ours"}
			}
		}
		s := session(t, in, func(e *assessment.Edit) error {
			for i, st := range states {
				id := content.ItemID{Sub: "PR.AA-01", Area: content.Area(i)}
				var err error
				switch {
				case st == out:
					err = e.Exclude(id, "no")
				case st >= 0:
					err = e.Rate(id, level(t, st))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		sheet := cisoSheet(s, options(nil))
		if c.result == "" {
			if len(sheet.Rows) != 0 {
				t.Errorf("%v: %d rows", states, len(sheet.Rows))
			}
			continue
		}
		if len(sheet.Rows) != 1 {
			t.Errorf("%v: %d rows", states, len(sheet.Rows))
			continue
		}
		var got []string
		for _, v := range sheet.Rows[0][:5] {
			got = append(got, v.Text)
		}
		want := []string{"PR.AA-01", "urn:intuitem:risk:req_node:nist-csf-2.0:pr.aa-01", "TRUE", c.result, c.progress}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", states, got, want)
		}
	}
}

// Columns, marks and texts as CISO Assistant reads them; a text stays a text.
func TestCISOFile(t *testing.T) {
	s := examples(t)[0]
	var b bytes.Buffer
	o := options(nil)
	o.Delimiter = ';' // of our own files; this one has commas
	if err := WriteCISO(&b, s, o); err != nil {
		t.Fatal(err)
	}
	rest, ok := bytes.CutPrefix(b.Bytes(), []byte(csv.BOM))
	if !ok {
		t.Error("the mark is missing")
	}
	rows, err := stdcsv.NewReader(bytes.NewReader(rest)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "ref_id,urn,assessable,compliance_result,requirement_progress,observations" {
		t.Errorf("the columns are %s", got)
	}
	if len(rows) < 50 || len(rows) > 107 {
		t.Errorf("%d rows", len(rows))
	}
	for _, r := range rows[1:] {
		for _, want := range []string{"Secure: ", "Defend: ", "Thwart: ", "not a score", "initial preliminary draft", "not NIST's", s.Head().String()} {
			if !strings.Contains(r[5], want) {
				t.Errorf("%s does not say %q", r[0], want)
			}
		}
		if r[2] != "TRUE" || r[1] != cisoNode+strings.ToLower(r[0]) {
			t.Errorf("%s: %q", r[0], r[:5])
		}
	}
	for _, want := range []string{wire.Wording, s.Catalog().Pack().SHA256, "path: standard", assessment.Scale, "coverage: ", assessment.OrderRule} {
		if !strings.Contains(rows[1][5], want) {
			t.Errorf("the first row does not say %q", want)
		}
	}
	w := CISOWorkbook(s, o)
	if sheet, ok := w.Register(); !ok || len(sheet.Rows) != len(rows)-1 {
		t.Error("the workbook has other rows than the CSV")
	}
}
