package intake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"plumbline/assessment"
	"plumbline/content"
)

func id(t testing.TB, s string) content.ItemID {
	t.Helper()
	id, err := content.ParseItemID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// response returns what a session has of an item.
func response(t testing.TB, s *assessment.Session, item string) *assessment.Response {
	t.Helper()
	i, ok := s.Catalog().Index(id(t, item))
	if !ok {
		t.Fatalf("%s is not in the pack", item)
	}
	return s.Response(i)
}

func inUTF16(s string, order binary.AppendByteOrder, bom string) []byte {
	out := []byte(bom)
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// A register is read whatever its encoding, delimiter and line endings.
func TestEncodings(t *testing.T) {
	const text = "item_id,current,note\n\ngv.oc-01/SECURE,1,\"Größe, 😀\nand more\"\n"
	semicolons := strings.NewReplacer("Größe,", "Größe,", ",", ";").Replace(text)
	for name, data := range map[string][]byte{
		"plain":      []byte(text),
		"mark":       []byte("\uFEFF" + text),
		"CRLF":       []byte(strings.ReplaceAll(text, "\n", "\r\n")),
		"CR":         []byte(strings.ReplaceAll(text, "\n", "\r")),
		"UTF-16 LE":  inUTF16(text, binary.LittleEndian, "\xFF\xFE"),
		"UTF-16 BE":  inUTF16(strings.ReplaceAll(text, "\n", "\r"), binary.BigEndian, "\xFE\xFF"),
		"semicolons": []byte(semicolons),
		"tabs":       []byte(strings.ReplaceAll(semicolons, ";", "\t")),
		"bars":       []byte(strings.ReplaceAll(semicolons, ";", "|")),
		"sep line":   []byte("sep=;\n" + semicolons),
		"no end":     []byte(strings.TrimSpace(text)),
	} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t)
			f := read(t, "x", data)
			take(t, f, s, now, Choices{})
			r := response(t, s, "GV.OC-01/secure")
			if r.Current.String() != "1" || r.Note != "Größe, 😀\nand more" {
				t.Errorf("read as %v, %q", r.Current, r.Note)
			}
			row := 3
			if name == "sep line" {
				row = 4
			}
			if p := f.Problems(); len(p) != 1 || p[0].Place.Row != row || p[0].Severity != Notice {
				t.Errorf("problems:\n%s", problems(p))
			}
		})
	}
}

// A file that can not be read says why, and where.
func TestRefused(t *testing.T) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "is empty"},
		{"blank", " \r\n\t", "is empty"},
		{"words", "hello world", "is of no kind that is read"},
		{"other table", "name,price\nx,1\n", "is of no kind that is read"},
		{"latin-1", "item_id,note\nGV.OC-01/secure,Gr\xF6\xDFe\n", "is not UTF-8: byte 31 is 0xF6"},
		{"latin-1 after a mark", "\xEF\xBB\xBFitem_id,note\nGV.OC-01/secure,Gr\xF6\xDFe\n", "byte 34 is 0xF6"},
		{"NUL", "item_id\x00,note\n", "a NUL at byte 7"},
		{"UTF-16, odd", "\xFF\xFEa\x00b", "half a character at byte 4"},
		{"UTF-16, half a pair", "\xFF\xFEa\x00\x00\xD8b\x00", "half a surrogate pair at byte 4"},
		{"quotes", "item_id,note\nGV.OC-01/secure,a\"b\n", `in line 2`},
		{"open quote", "item_id,note\nGV.OC-01/secure,\"a\n", "is not CSV"},
		{"two columns", "item_id,note,Note\nGV.OC-01/secure,a,b\n", `"Note" is the heading of two columns`},
		{"rows", "item_id\n" + strings.Repeat("GV.OC-01/secure\n", maxRows), "row 20001: is one too many"},
		{"cells", "item_id" + strings.Repeat(",a", 200) + strings.Repeat("\n"+strings.Repeat(",", 200), 10_000), "beyond 2000000 cells"},
		{"columns", "item_id" + strings.Repeat(",", maxColumns) + "\n", "more than 256 columns"},
		{"size", strings.Repeat("x", MaxSize+1), "at most 33554432 are read"},
		{"PDF", "%PDF-1.7", "is of no kind"},
		{"HTML", "<html></html>", "is of no kind"},
		{"old workbook", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "with a password"},
		{"no workbook", "PK\x03\x04 and nothing else", "no sound ZIP"},
		{"other ZIP", zipped(t), "is a ZIP file and no workbook"},
		{"JSON list", "[]", "is of no kind"},
		{"other JSON", `{"a":1}`, "is of no kind"},
		{"our JSON", `{"schema":"plumbline/gap-report/1"}`, "is not read back"},
		{"twice", `{"schemaVersion":"2.0","assessments":[{"current":1,"current":2}]}`, "assessments[0].current: given twice"},
		{"other case", `{"schemaVersion":"2.0","assessments":[{"current":1,"Current":2}]}`, `given twice`},
		{"half a pair", `{"schemaVersion":"\ud800"}`, "half a surrogate pair at byte 18"},
		{"invalid UTF-8", "{\"a\":\"\xFF\"}", "is not valid UTF-8 at byte 6"},
		{"trailing", `{"a":1}{}`, "data after its end"},
		{"NaN", `{"a":NaN}`, "is not JSON"},
		{"out of range", `{"a":[1e400]}`, "a[0]: is a number out of range"},
		{"deep", `{"a":` + deep + `}`, "deeper than 64"},
		{"many values", `{"a":[` + strings.Repeat("["+strings.Repeat("0,", 9_999)+"0],", 101) + `0]}`, "more than 1000000"},
		{"csfp version", `{"schemaVersion":"3.0","assessments":[]}`, `"3.0" is not a version`},
		{"csfp framework", `{"schemaVersion":"2.0","profile":{"frameworkRef":"iso"},"assessments":[]}`, `"iso" is not CSF 2.0`},
		{"csfp shape", `{"schemaVersion":"2.0","assessments":{}}`, "assessments: is a JSON object"},
		{"csfa version", `{"schemaVersion":2,"ratings":{}}`, `"2" is not a version`},
		{"OSCAL version", `{"profile":{"metadata":{"oscal-version":"1.0.3"}}}`, `"1.0.3" is not a version`},
		{"OSCAL 2", `{"profile":{"metadata":{"oscal-version":"2.0.0"}}}`, `"2.0.0" is not a version`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Read("x\x1b[2J.csv", []byte(c.data))
			refused, ok := errors.AsType[*FileError](err)
			if !ok || f != nil || refused.Severity != Refused || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("the error is %.300v, which does not say %q", err, c.want)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("the error steers the terminal: %q", err)
			}
		})
	}
}

func zipped(t *testing.T) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create("manifest.json"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOSCALVersions(t *testing.T) {
	for v, want := range map[string]bool{
		"1.0.4": true, "v1.0.4": true, "1.1.3": true, "1.2.2": true, "1.10.0": true,
		"1.0.3": false, "vv1.1.3": false, "1.1": false, "": false, "2.0.0": false, "1.-1.0": false, "1.x.0": false,
	} {
		if got := oscalVersion(v); got != want {
			t.Errorf("%q: %v", v, got)
		}
	}
}

func TestIDs(t *testing.T) {
	for text, want := range map[string]string{
		"GV.OC-01": "GV.OC-01", "gv.oc-1": "GV.OC-01", " Gv.Oc-01 ": "GV.OC-01",
		"GV.OC-001": "", "GV.OC-0": "", "GV.OC": "", "GV.OC-": "", "GVOC-01": "", "GV.OC-1a": "", "ＧV.OC-01": "", "ɢV.OC-1": "", "GV.OC--1": "",
		"GV.O\u212A-1": "",
	} {
		if got, ok := canonicalSub(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
	for text, want := range map[string]string{
		"GV": "GV Function", "GOVERN (GV): text": "GV Function", "GV.OC": "GV.OC Category", "Context (GV.OC): x": "GV.OC Category",
		"GV.OC-01": "GV.OC-01 Subcategory", "GV.OC-01: text": "GV.OC-01 Subcategory", "gv.oc-1 text": "GV.OC-01 Subcategory", "Total": " ", "": " ", "(": " ",
	} {
		if got, level := outcomeID(text); got+" "+level != want {
			t.Errorf("%q: %s %s", text, got, level)
		}
	}
}

// A file does not undo what was answered after it was written, unless it is told to.
func TestNewerAnswers(t *testing.T) {
	s := fresh(t)
	rate := func(item string, level int, at int) {
		r, _ := assessment.AtLevel(level)
		if _, err := s.Do(assessment.Act{Who: "test", Time: now.AddDate(0, 0, at)}, func(e *assessment.Edit) error {
			return e.Rate(id(t, item), r)
		}); err != nil {
			t.Fatal(err)
		}
	}
	rate("GV.OC-01/secure", 1, 0)
	rate("GV.OC-01/defend", 1, 0)
	file := bytes.ReplaceAll(register(t, s, 0), []byte("GV.OC-01/secure,GV,GV.OC,GV.OC-01,secure"), []byte("GV.OC-01/secure,,,,"))
	rate("GV.OC-01/secure", 2, 1)
	rate("GV.OC-01/thwart", 3, 1) // the file says that nobody answered it
	file = bytes.ReplaceAll(file, []byte("GV.OC-01/defend"), []byte("GV.OC-01/Defend"))

	f := read(t, "gaps.csv", file)
	p := planned(t, f, s, now.AddDate(0, 0, 2), Choices{})
	if c := p.Counts; c.Conflict != 1 || c.New+c.Changed != 0 || p.Changes[0].About != "GV.OC-01/secure" || p.Changes[0].Field != "current" {
		t.Errorf("%+v %v", c, p.Changes)
	}
	take(t, f, s, now.AddDate(0, 0, 2), Choices{})
	if got := response(t, s, "GV.OC-01/secure").Current.String(); got != "2" {
		t.Errorf("the newer answer is now %s", got)
	}
	take(t, f, s, now.AddDate(0, 0, 2), Choices{Overwrite: true})
	if got := response(t, s, "GV.OC-01/secure").Current.String(); got != "1" {
		t.Errorf("the answer is %s, though it was to be overwritten", got)
	}
	if got := response(t, s, "GV.OC-01/thwart").Current.String(); got != "3" {
		t.Errorf("an empty cell made the answer %s", got)
	}
}

// Where a file contradicts itself nothing is applied, and when told to overwrite, its last word.
func TestContradiction(t *testing.T) {
	f := read(t, "x.csv", []byte("item_id,current,owner\nGV.OC-01/secure,1,A\nGV.OC-01/secure,2,A\nGV.OC-01/secure,1,\n"))
	s := fresh(t)
	p, _ := take(t, f, s, now, Choices{})
	if c := p.Counts; c.Conflict != 3 || c.New != 1 || c.Same != 1 {
		t.Errorf("%+v %v", c, p.Changes)
	}
	if r := response(t, s, "GV.OC-01/secure"); r.Current.Known() || r.Owner != "A" {
		t.Errorf("rated %v, owner %q", r.Current, r.Owner)
	}
	p, _ = take(t, f, s, now, Choices{Overwrite: true})
	if r := response(t, s, "GV.OC-01/secure"); r.Current.String() != "1" || p.Counts.Conflict != 1 {
		t.Errorf("rated %v: %+v", r.Current, p.Counts)
	}
}

// What is out of profile keeps its rating, and a file can correct it there.
func TestOutOfProfile(t *testing.T) {
	s := fresh(t)
	take(t, read(t, "a.csv", []byte("item_id,state,current,reason\nGV.OC-01/secure,out_of_profile,1,No AI\n")), s, now, Choices{})
	r := *response(t, s, "GV.OC-01/secure")
	if r.Out != "No AI" || r.Current.String() != "1" {
		t.Errorf("%+v", r)
	}
	p := planned(t, read(t, "b.csv", []byte("item_id,current\nGV.OC-01/secure,2\n")), s, now, Choices{})
	if p.Counts.Skipped != 1 || !strings.Contains(problems(p.Problems), "out of profile") {
		t.Errorf("%+v\n%s", p.Counts, problems(p.Problems))
	}
	sheet := read(t, "sheet.csv", []byte("item_id,role,current,note,asked,evidence_method,evidence_date,evidence_reference\nGV.OC-01/secure,,-,-,-,,,\n"))
	if n := strings.Count(problems(sheet.Problems()), "changes nothing: write (clear)"); n != 3 {
		t.Errorf("%d notices of dashes in an interview sheet:\n%s", n, problems(sheet.Problems()))
	}
	if _, d := take(t, sheet, s, now, Choices{}); len(d.Events) > 0 {
		t.Error("a dash in an interview sheet changed something")
	}
	take(t, read(t, "c.csv", []byte("item_id,state,current,reason\nGV.OC-01/secure,out_of_profile,2,No AI\n")), s, now, Choices{})
	if r := response(t, s, "GV.OC-01/secure"); r.Out != "No AI" || r.Current.String() != "2" {
		t.Errorf("%+v", r)
	}
	take(t, read(t, "d.csv", []byte("item_id,current,reason\nGV.OC-01/secure,3,(clear)\n")), s, now, Choices{})
	if r := response(t, s, "GV.OC-01/secure"); r.Out != "" || r.Current.String() != "3" {
		t.Errorf("%+v", r)
	}
}

// "-" and clearWord clear; an empty cell, a long dash and a missing column do not.
func TestClear(t *testing.T) {
	s := fresh(t)
	take(t, read(t, "a.csv", []byte("item_id,current,target,priority,priority_reason,accepted,accepted_reason,approver,expires,owner,note\n"+
		"GV.OC-01/secure,1,3,2,Later,yes,Budget,Board,2027-01-01,CISO,Text\n")), s, now, Choices{})
	full := *response(t, s, "GV.OC-01/secure")
	if full.Accepted == nil || full.Priority != content.Moderate || full.Owner == "" {
		t.Fatalf("%+v", full)
	}
	if _, d := take(t, read(t, "b.csv", []byte("item_id,current,target,owner\nGV.OC-01/secure,,,\n")), s, now, Choices{}); len(d.Events) > 0 {
		t.Error("empty cells changed something")
	}
	invisible := "Subcategory,Included in Profile?,Rationale,Current Roles and Responsibilities,Notes\nGV.OC-01,Yes,Secure: ,Secure: \x13,\x13\n"
	for _, text := range []string{"item_id,note,owner\nGV.OC-01/secure,\x13,\u200E\n", invisible} {
		if _, d := take(t, read(t, "b.csv", []byte(text)), s, now, Choices{}); len(d.Events) > 0 {
			t.Errorf("%q changed something", text)
		}
	}
	for _, dash := range []string{"–", " — "} {
		f := read(t, "b.csv", []byte("item_id,current,target,priority,reason,accepted,owner,note,asked\nGV.OC-01/secure"+strings.Repeat(","+dash, 8)+"\n"))
		if n := strings.Count(problems(f.Problems()), "changes nothing: write (clear)"); n != 8 {
			t.Errorf("%d notices of %q:\n%s", n, dash, problems(f.Problems()))
		}
		if _, d := take(t, f, s, now, Choices{}); len(d.Events) > 0 {
			t.Errorf("%q changed something", dash)
		}
	}
	take(t, read(t, "c.csv", []byte("item_id,current,target,priority,accepted,owner,note\nGV.OC-01/secure,-,(clear),(Clear), - ,-,(clear)\n")), s, now, Choices{})
	if r := response(t, s, "GV.OC-01/secure"); r.Current.Known() || r.Target.Known() || r.Priority != 0 || r.Accepted != nil || r.Owner != "" || r.Note != "" {
		t.Errorf("%+v", r)
	}
}

// With a Focus Area, a file about Subcategories is about its items.
func TestArea(t *testing.T) {
	defend := content.Defend
	s := fresh(t)
	f := read(t, "csf_profile.csv", testFile(t, "csf_profile.csv"))
	take(t, f, s, now, Choices{Area: &defend, Map: map[string]Mapping{"Q1 Actual Score": {"5": rating(2), "2": rating(1)}}})
	r := response(t, s, "GV.SC-04/defend")
	if r.Current.String() != "1" || len(r.Evidence) != 2 || r.Evidence[0].Method != assessment.Examined || r.Evidence[0].Date != "2026-03-01" ||
		!strings.Contains(r.Note, "csf_profile GV.SC-04 Ex1, Q1 Observations: Suppliers are listed") || s.Base("GV.SC-04").Current.Known() {
		t.Errorf("%+v", r)
	}
	take(t, read(t, "p.csfp", testFile(t, "profile-v2.csfp")), s, now, Choices{Area: &defend})
	if r := response(t, s, "GV.OC-01/defend"); r.Current.String() != "2" || r.Target.String() != "3" || r.TargetReason != `import of "p.csfp"` {
		t.Errorf("%+v", r)
	}
	if r := response(t, s, "GV.OC-05/secure"); r.Out != "" {
		t.Errorf("another Focus Area is out of profile: %q", r.Out)
	}
}

func rating(n int) assessment.Rating {
	r, err := assessment.AtLevel(n)
	if err != nil {
		panic(err)
	}
	return r
}

// A choice about what the file does not have is an error, not a wish.
func TestChoices(t *testing.T) {
	f := read(t, "ciso.csv", testFile(t, "ciso.csv"))
	for want, c := range map[string]Choices{
		`the file has "compliance_result"`: {Map: map[string]Mapping{"score": {}}},
		`has no value "great"`:             {Map: map[string]Mapping{"compliance_result": {"great": rating(3)}}},
	} {
		if _, err := f.Plan(fresh(t).Snapshot(), now, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, which does not say %q", err, want)
		}
	}
	s := fresh(t)
	if _, err := s.Do(assessment.Act{Who: "x", Time: now}, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = assessment.Archived })
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Plan(s.Snapshot(), now, Choices{}); !errors.Is(err, assessment.ErrClosed) {
		t.Errorf("an archived session: %v", err)
	}
}

// An import is one act, which is undone as one.
func TestUndo(t *testing.T) {
	s := answered(t)
	before := register(t, s, 0)
	_, d := take(t, read(t, "gaps.csv", testFile(t, "gaps.csv")), s, now, Choices{Overwrite: true})
	if len(d.Events) < 5 || bytes.Equal(before, register(t, s, 0)) {
		t.Fatalf("%d events", len(d.Events))
	}
	if _, err := s.Undo(assessment.Act{Who: "x", Time: now}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, register(t, s, 0)) {
		t.Error("something of the import is left")
	}
}

func TestPlanLeavesTheSession(t *testing.T) {
	s := answered(t)
	before, head := register(t, s, 0), s.Head()
	planned(t, read(t, "gaps.csv", testFile(t, "gaps.csv")), s, now, Choices{Overwrite: true})
	if s.Head() != head || !bytes.Equal(before, register(t, s, 0)) {
		t.Error("a plan changed the session")
	}
}

// hostile are texts that a format could take for more than text.
var hostile = []string{
	`=cmd|'/c calc'!A1`, `+1+1`, `-2+3`, `@SUM(A1)`, `'=1+1`, `''=1+1`, "＝1+1", `-`, `'-`, `--`, `"`, `""`, `;,|`, "a\tb", "a\r\nb", "a\n\n\nb", "\n=1",
	"\x1b[31mred\x1b]52;c;aGk=\x07", "\u202Egnp.exe\u2066", "\uFEFFmark", "a\u2028b\u2029c", "\x00nul\x7f", "e" + strings.Repeat("\u0301", 40), "👩‍💻 😀",
	"_x0041_", "\U000E0041tag", "sep=;", "NULL", "#REF!", strings.Repeat("long ", 3000), "Secure: 1 Partially achieved",
}

// Texts of any kind leave in a register and come back as they were.
func TestHostileTexts(t *testing.T) {
	for _, text := range hostile {
		from, to := fresh(t), fresh(t)
		item := id(t, "GV.OC-01/secure")
		if _, err := from.Do(assessment.Act{Who: "x", Time: now}, func(e *assessment.Edit) error {
			return errors.Join(e.Note(item, text), e.Owner(item, text[:min(len(text), 100)]), e.Exclude(item, "x "+text))
		}); err != nil {
			t.Fatal(err)
		}
		data := register(t, from, ';')
		p, _ := take(t, read(t, "x.csv", data), to, now, Choices{})
		a, b := response(t, from, item.String()), response(t, to, item.String())
		if a.Note != b.Note || a.Owner != b.Owner || a.Out != b.Out || !bytes.Equal(data, register(t, to, ';')) {
			t.Errorf("%.40q: %.40q becomes %.40q, %q becomes %q\n%s", text, a.Note, b.Note, a.Owner, b.Owner, problems(p.Problems))
		}
		for _, c := range p.Changes {
			if strings.ContainsAny(c.String(), "\x1b\n\u202E") {
				t.Errorf("a change steers the terminal: %q", c)
			}
		}
	}
}

// book writes a workbook with the given sheets.
func book(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range order {
		_, err := f.NewSheet(name)
		must(err)
		for i, row := range sheets[name] {
			at, err := excelize.CoordinatesToCellName(1, i+1)
			must(err)
			must(f.SetSheetRow(name, at, &row))
		}
	}
	must(f.DeleteSheet("Sheet1"))
	if len(order) > 1 {
		must(f.SetSheetVisible(order[len(order)-1], false))
	}
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

// Our workbook is read with its evidence and its plan; dates may have become numbers of a spreadsheet.
func TestWorkbook(t *testing.T) {
	data := book(t, map[string][][]any{
		"About":                      {{"field", "value"}, {"Report", "x"}},
		"Gap register":               {{"item_id", "current", "target", "note", "accepted", "accepted_reason", "approver", "expires"}, {"GV.OC-01/secure", 1, 3, "'=1+1", "yes", "Budget", "Board", 46500}},
		"Current and Target Profile": {{"CSF Outcome (Function, Category, or Subcategory)", "Included in Profile?"}, {"GV.OC-02", "No"}},
		"Evidence":                   {{"item_id", "method", "date", "reference", "sha256", "added_by"}, {"GV.OC-01/secure", "tested", 46300, "Drill 7", "", "A. Assessor"}, {"GV.OC-01/secure", "heard", "", "x"}},
		"Actions": {
			{"action_id", "title", "items", "owner", "due", "effort", "status", "milestones"},
			{"A-7", "Write the policy", "GV.OC-01/secure; gv.oc-1/defend", "CISO", "2027-02-01", "M", "underway", "2026-12-01 Draft (done)\nBoard agrees"},
			{"A-8", "No items", "", "", "", "", "", ""},
		},
	}, "About", "Current and Target Profile", "Gap register", "Actions", "Evidence")
	s := fresh(t)
	f := read(t, "x.xlsx", data)
	p, _ := take(t, f, s, now, Choices{})
	if f.Kind != RegisterXLSX || p.Counts.Skipped != 2 {
		t.Errorf("%s: %+v", f.Kind, p.Counts)
	}
	r := response(t, s, "GV.OC-01/secure")
	if r.Note != "'=1+1" || r.Accepted == nil || r.Accepted.Expires != "2027-04-23" || len(r.Evidence) != 1 || r.Evidence[0].Date != "2026-10-05" || r.Evidence[0].By != "A. Assessor" {
		t.Errorf("%+v, %+v, %+v", r, r.Accepted, r.Evidence)
	}
	a := s.Actions()
	if len(a) != 1 || a[0].ID != "A-1" || len(a[0].Items) != 2 || a[0].Due != "2027-02-01" || a[0].Status != "underway" || len(a[0].Milestones) != 2 ||
		!a[0].Milestones[0].Done || a[0].Milestones[0].Due != "2026-12-01" || a[0].Milestones[1].Text != "Board agrees" {
		t.Errorf("%+v", a)
	}
	const want = `notice: sheet "Evidence": is hidden; it was read like any other
skipped: sheet "Evidence", row 3, column "method": "heard" is not an evidence method: write tested, examined, interviewed or asserted
notice: sheet "Actions", row 3, column "items": "gv.oc-1" was read as GV.OC-01`
	if got := problems(p.Problems); !strings.HasPrefix(got, strings.Split(want, "\n")[0]) || !strings.Contains(got, strings.Split(want, "\n")[1]) {
		t.Errorf("problems:\n%s", got)
	}
	if p, d := take(t, f, s, now.AddDate(0, 0, 1), Choices{}); len(d.Events) > 0 || p.Counts.Changed+p.Counts.New > 0 {
		t.Errorf("a second time: %v", p.Changes)
	}
}

// The template is found by the name of its sheet, or by its header.
func TestTemplateSheets(t *testing.T) {
	rows := [][]any{
		{"Profile of a made-up organization"},
		{"csf outcome (function, category, or subcategory) ", "INCLUDED IN PROFILE?", "Current Status"},
		{"GV.OC-01: text", "Yes", "Secure: 2 Largely achieved\nDefend: 1"},
		{"GV.OC-02", "Yes", 2},
	}
	for _, name := range []string{"Current and Target Profile", "Our profile"} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t)
			f := read(t, "x.xlsx", book(t, map[string][][]any{"Read me": {{"Hello"}}, name: rows, "Last": {{"x"}}}, "Read me", name, "Last"))
			p, _ := take(t, f, s, now, Choices{})
			if f.Kind != TemplateXLSX || response(t, s, "GV.OC-01/secure").Current.String() != "2" || response(t, s, "GV.OC-01/defend").Current.String() != "1" {
				t.Errorf("%s\n%s", f.Kind, preview(p))
			}
			if len(f.Scales) != 1 || f.Scales[0].Values[0].Text != "2" || s.Base("GV.OC-02").Current.Known() {
				t.Errorf("%+v", f.Scales)
			}
		})
	}
	if _, err := Read("x.xlsx", book(t, map[string][][]any{"A": {{"x", "y"}}}, "A")); err == nil || !strings.Contains(err.Error(), "of no kind") {
		t.Errorf("another workbook: %v", err)
	}
}

// A large file takes no long time.
func TestLarge(t *testing.T) {
	var b strings.Builder
	b.WriteString("item_id,current,note,evidence_method,evidence_reference\n")
	for i := range maxRows - 1 {
		fmt.Fprintf(&b, "GV.OC-0%d/secure,%d,note %d,tested,ref %d\n", 1+i%5, i%4, i, i%50)
	}
	f := read(t, "x.csv", []byte(b.String()))
	p := planned(t, f, fresh(t), now, Choices{})
	c := p.Counts // of each item, what its first statements say
	if c.New != 50 || c.Conflict == 0 || c.New+c.Same+c.Conflict != 5*maxAbout || c.Skipped != 3*(maxRows-1)-5*maxAbout {
		t.Errorf("%+v", c)
	}
}

// What would cost too much is refused before it does.
func TestReadBounds(t *testing.T) {
	for name, data := range map[string]string{
		"a line of commas": strings.Repeat(",", 30<<20),
		"a quoted head":    "item_id,note\n\"x\ny\"" + strings.Repeat(",", 1000),
	} {
		if _, err := Read("wide.csv", []byte(data)); err == nil || !strings.Contains(err.Error(), "more than 256 columns") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var b strings.Builder
	b.WriteString("item_id,role,title,question,current,evidence_method,evidence_reference,evidence_date,note,asked\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "GV.OC-01/secure,,,,,examined,Minutes %d,2026-01-01,,\n", i)
	}
	p := planned(t, read(t, "many.csv", []byte(b.String())), fresh(t), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Choices{})
	if p.Counts.New != assessment.MaxEvidence || !strings.Contains(problems(p.Problems), "more than 1000 times") {
		t.Errorf("%+v\n%.500s", p.Counts, problems(p.Problems))
	}
}
