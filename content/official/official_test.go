package official

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"plumbline/content"
)

// withdrawn lists the ids that CSF 2.0 withdrew.
var withdrawn = slices.Collect(content.WithdrawnIDs())

// core returns the ids of the Core, and the wording that the made-up files have of each.
func core(t testing.TB) []string {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return coreOf(cat)
}

func outcomeOf(id string) string { return "Made-up outcome of " + id + " (e.g., it's tested)" }

func exampleOf(id string, n int) string { return fmt.Sprintf("Made-up example %d of %s", n, id) }

// want is what every made-up file says.
func want(t testing.TB) []Entry {
	var all []Entry
	for _, id := range core(t) {
		e := Entry{ID: id, Text: outcomeOf(id)}
		if levelOf(id) == subcategory {
			e.Examples = []string{exampleOf(id, 1), exampleOf(id, 2)}
		}
		all = append(all, e)
	}
	return all
}

// M is a JSON object.
type M = map[string]any

// below returns the ids of the Core and of what was withdrawn from it that stand directly below id.
func below(t testing.TB, id string) []string {
	var ids []string
	for _, other := range append(core(t), withdrawn...) {
		if parentOf(other) == id {
			ids = append(ids, other)
		}
	}
	return ids
}

// oscal returns an OSCAL catalog. Unless marked, withdrawn entries look like any other, but for
// Categories, which state nothing: so did the catalog before version 1.2.0.
func oscal(t testing.TB, marked bool) M {
	var node func(id string) M
	nodes := func(id string) []any {
		var list []any
		for _, below := range below(t, id) {
			list = append(list, node(below))
		}
		return list
	}
	node = func(id string) M {
		name := "statement"
		if levelOf(id) == function {
			name = "overview"
		}
		statement := M{"id": id + "_statement", "name": name, "prose": outcomeOf(id)}
		parts := []any{statement}
		n := M{"id": id, "class": "x", "title": id, "props": []any{M{"name": "label", "value": id}}}
		gone := slices.Contains(withdrawn, id)
		if gone && levelOf(id) == category {
			delete(statement, "prose")
		}
		if gone && marked {
			n["props"] = []any{M{"name": "status", "value": "withdrawn"}}
			n["links"] = []any{M{"href": "GV.OC", "rel": "moved_to"}}
		}
		if levelOf(id) == subcategory && !gone {
			parts = append(parts, M{"name": "example", "ns": "x", "prose": exampleOf(id, 1)}, M{"name": "example", "prose": exampleOf(id, 2)})
		}
		n["parts"] = parts
		if kids := nodes(id); kids != nil {
			n["controls"] = kids
		}
		return n
	}
	return M{"catalog": M{
		"uuid":     "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6",
		"metadata": M{"title": "Made-up catalog", "version": "1.2.0", "last-modified": "2026-01-01T00:00:00Z", "oscal-version": "1.1.3"},
		"groups":   nodes(""),
	}}
}

// reference returns an export of the Reference Tool in JSON, with one more element around it all.
func reference(t testing.TB) M {
	var node func(id string) M
	nodes := func(id string) []any {
		list := []any{}
		for _, below := range below(t, id) {
			list = append(list, node(below))
		}
		return list
	}
	node = func(id string) M {
		kids := nodes(id)
		switch {
		case slices.Contains(withdrawn, id):
			kids = append(kids, M{"elementIdentifier": id + ".w", "elementTypeIdentifier": "withdraw_reason", "text": "Moved", "elements": []any{}})
		case levelOf(id) == subcategory:
			kids = append(kids,
				M{"elementIdentifier": "1st", "elementTypeIdentifier": "party", "title": "1st", "text": "1st Party Risk", "elements": []any{}},
				M{"elementIdentifier": id + ".001", "elementTypeIdentifier": "implementation_example", "text": "Ex1: " + exampleOf(id, 1)},
				M{"elementIdentifier": id + ".002", "elementTypeIdentifier": "implementation_example", "text": exampleOf(id, 2)},
			)
		}
		kind := []string{"function", "category", "subcategory"}[levelOf(id)]
		return M{"elementIdentifier": id, "elementTypeIdentifier": kind, "title": nil, "text": outcomeOf(id), "elements": kids}
	}
	return M{"response": M{"elements": []any{
		M{"elementIdentifier": "CSF", "elementTypeIdentifier": "framework", "title": "Made up", "text": "", "elements": nodes("")},
	}}}
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// xlsx returns an export of the Reference Tool in XLSX. With change, the workbook is not yet
// written when change is called; what it returns is the row that follows the last one.
func xlsx(t testing.TB, change ...func(f *excelize.File, next int)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", sheetName))
	row := 1
	write := func(cells ...string) {
		for i, text := range cells {
			if text == "" {
				continue
			}
			at, err := excelize.CoordinatesToCellName(i+1, row)
			must(err)
			must(f.SetCellStr(sheetName, at, text))
		}
		row++
	}
	write("A made-up export of a framework")
	write("Function", "Category", "Subcategory", "Implementation Examples", "Informative References")
	text := func(id string) string {
		if slices.Contains(withdrawn, id) {
			return "[Withdrawn: moved]"
		}
		return outcomeOf(id)
	}
	for _, fn := range below(t, "") {
		write("NAME (" + fn + "): " + text(fn))
		for _, k := range below(t, fn) {
			write("", "Name, and Name ("+k+"): "+text(k))
			for _, s := range below(t, k) {
				ex := "1st: 1st Party Risk\nEx1: " + exampleOf(s, 1) + "\nEx2: " + exampleOf(s, 2)
				if slices.Contains(withdrawn, s) {
					ex = ""
				}
				write("", "", s+": "+text(s), ex, "CRI Profile v2.0: GV.OC-01")
			}
		}
	}
	for _, c := range change {
		c(f, row)
	}
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		data    []byte
		source  Source
		notices []string
	}{
		{"catalog", encode(t, oscal(t, true)), Source{Kind: OSCALCatalog, Title: "Made-up catalog", Version: "1.2.0"}, nil},
		{
			"old catalog", encode(t, oscal(t, false)),
			Source{Kind: OSCALCatalog, Title: "Made-up catalog", Version: "1.2.0"},
			[]string{"91 entries that CSF 2.0 withdrew are not marked as such in this file; they were left out."},
		},
		{"catalog after a byte order mark", append([]byte("\uFEFF"), encode(t, oscal(t, true))...), Source{Kind: OSCALCatalog, Title: "Made-up catalog", Version: "1.2.0"}, nil},
		{"reference", encode(t, reference(t)), Source{Kind: ReferenceJSON}, nil},
		{"workbook", xlsx(t), Source{Kind: ReferenceXLSX}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := Read("any.name", c.data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want(t), w.entries); diff != "" {
				t.Errorf("−want +got:\n%s", diff)
			}
			if diff := cmp.Diff(c.notices, w.Notices); diff != "" {
				t.Errorf("notices −want +got:\n%s", diff)
			}
			if got, want := w.Counts(), (Counts{6, 22, 106, 212}); got != want {
				t.Errorf("counts are %v, not %v", got, want)
			}
			if w.Withdrawn != 12+79 {
				t.Errorf("%d entries were left out, not 91", w.Withdrawn)
			}
			w.Source.SHA256 = ""
			c.source.File = "any.name"
			if diff := cmp.Diff(c.source, w.Source); diff != "" {
				t.Errorf("source −want +got:\n%s", diff)
			}
			if e, ok := w.Entry("PR.AA-05"); !ok || e.Text != outcomeOf("PR.AA-05") {
				t.Errorf("PR.AA-05 is %v", e)
			}
			if _, ok := w.Entry("PR.AC-01"); ok {
				t.Error("a withdrawn entry has a wording")
			}
		})
	}
}

// A Category that states nothing is left out with all below it, though nobody has heard of it.
func TestSilentCategory(t *testing.T) {
	doc := oscal(t, true)
	fn := node(doc, "catalog", "groups", 0)
	fn["controls"] = append(fn["controls"].([]any), M{"id": "GV.ZZ", "parts": []any{M{"name": "statement"}}, "controls": []any{
		M{"id": "GV.ZZ-01", "parts": []any{M{"name": "statement", "prose": "x"}}},
	}})
	w, err := Read("f", encode(t, doc))
	if err != nil {
		t.Fatal(err)
	}
	if w.Withdrawn != 93 || len(w.Notices) != 1 || !strings.HasPrefix(w.Notices[0], "2 entries") {
		t.Errorf("%d withdrawn, notices %q", w.Withdrawn, w.Notices)
	}
}

// What is kept is read back as it was; a file that was changed since is not taken for NIST's words.
func TestKeep(t *testing.T) {
	w, err := Read("a.json", encode(t, oscal(t, false)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := w.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, back, cmp.AllowUnexported(Wording{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("−written +read:\n%s", diff)
	}
	for _, damaged := range []string{
		"", "{}", "null", "[]",
		string(data[:len(data)/2]),
		string(data) + "{}",
		strings.Replace(string(data), "Made-up outcome", "Made up outcome", 1),
		strings.Replace(string(data), `"format_version": 1`, `"format_version": 2`, 1),
		strings.Replace(string(data), `"oscal-catalog"`, `"rumour"`, 1),
		strings.Replace(string(data), `"Made-up catalog"`, `"Made-up\u001b[31m catalog"`, 1),
		strings.Replace(string(data), `"withdrawn": 91`, `"withdrawn": 91, "more": 1`, 1),
		strings.Replace(string(data), `"withdrawn": 91`, `"withdrawn": null`, 1),
	} {
		_, err := Decode([]byte(damaged))
		if _, ok := errors.AsType[*FileError](err); !ok {
			t.Errorf("%.60q…: the error is %v", damaged, err)
		}
	}
}

// node returns the element of a made-up document at a path of members and indices.
func node(v any, path ...any) M {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			v = v.(M)[step]
		case int:
			v = v.([]any)[step]
		}
	}
	return v.(M)
}

// Files that say less, more or something else than CSF 2.0 are refused, and the message says what
// differs and where.
func TestRefused(t *testing.T) {
	type refusal struct {
		name string
		data []byte
		want string
	}
	var cases []refusal
	changed := func(name, want string, change func(doc M)) {
		doc := oscal(t, true)
		change(doc)
		cases = append(cases, refusal{name, encode(t, doc), want})
	}
	text := func(s, want string) { cases = append(cases, refusal{s, []byte(s), want}) }

	text("", "none of NIST's files")
	text("hello", "none of NIST's files")
	text("{}", "none of NIST's files")
	text(`{"catalog":null}`, "none of NIST's files")
	text("<catalog/>", "is XML")
	text("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "with a password")
	text(`{"catalog":{}}`, "holds nothing of the CSF 2.0 Core")
	text(`{"catalog":[]}`, `"f": catalog: is array`)
	text(`{"response":{"elements":{}}}`, `"f": response.elements: is object`)
	text(`{"catalog":{"groups":[{"id":7}]}}`, `"f": catalog.groups.id: is number`)
	text(`{"catalog":{"groups":[{"id":"AC","controls":[{"id":"ac-1"}]}]}}`, "holds nothing of the CSF 2.0 Core")
	text("{\"catalog\":\"\xff\"}", "not valid UTF-8")
	text(`{"catalog":{"a":1,"b":2,"a":3}}`, "catalog.a: given twice")
	text(`{"catalog":{},"Catalog":{}}`, `"Catalog": given twice`)
	text(`{"kind":{},"Kind":{}}`, `given twice`) // the Kelvin sign
	text(`{"catalog":{}} {}`, "data after its end")
	text(`{"catalog":{"a":[1,2`, "catalog.a: ends too early")
	text(`{"catalog":NaN}`, "is not JSON")
	text(`{"catalog":{"a":[1,1e400]}}`, "catalog.a[1]: is a number out of range")
	text(`{"catalog":"\ud83d"}`, "half a surrogate pair")
	text(`{"catalog":"\udc00\ud83d"}`, "half a surrogate pair")
	text(`{"catalog":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`, "deeper than 64 levels")
	text(`{"catalog":[`+strings.Repeat("["+strings.Repeat("0,", 9_999)+"0],", 101)+`0]}`, "more than 1000000")
	text(`{"catalog":[`+strings.Repeat("0,", 20_000)+`0]}`, "catalog[20000]: is one of more than 20000 elements")
	text(`{"catalog":"`+strings.Repeat("x", MaxSize)+`"}`, "at most 33554432 are read")

	changed("one less", "5 of 6 Functions, 16 of 22 Categories, 75 of 106 Subcategories; missing: GV, GV.OC, GV.OC-01, GV.OC-02, GV.OC-03, GV.OC-04, GV.OC-05, GV.RM and 30 more", func(doc M) {
		node(doc, "catalog")["groups"] = node(doc, "catalog")["groups"].([]any)[1:]
	})
	changed("one Subcategory less", "6 of 6 Functions, 22 of 22 Categories, 105 of 106 Subcategories; missing: GV.OC-01", func(doc M) {
		oc := node(doc, "catalog", "groups", 0, "controls", 0)
		oc["controls"] = oc["controls"].([]any)[1:]
	})
	changed("one more", `106 of 106 Subcategories; not in CSF 2.0: "GV.OC-06"`, func(doc M) {
		oc := node(doc, "catalog", "groups", 0, "controls", 0)
		oc["controls"] = append(oc["controls"].([]any), M{"id": "GV.OC-06", "parts": []any{M{"name": "statement", "prose": "x"}}})
	})
	changed("a Core entry marked withdrawn", "missing: GV.OC-01", func(doc M) {
		node(doc, "catalog", "groups", 0, "controls", 0, "controls", 0)["props"] = []any{M{"name": "status", "value": "Withdrawn"}}
	})
	changed("twice", `catalog.groups[0].controls[0].controls[1]: is GV.OC-01, which stands there twice`, func(doc M) {
		node(doc, "catalog", "groups", 0, "controls", 0, "controls", 1)["id"] = "GV.OC-01"
	})
	changed("elsewhere", `catalog.groups[0].controls[0].controls[0]: is PR.AA-05, which does not belong below "GV.OC"`, func(doc M) {
		node(doc, "catalog", "groups", 0, "controls", 0, "controls", 0)["id"] = "PR.AA-05"
	})
	changed("no text", "catalog.groups[0].controls[0].controls[0]: is GV.OC-01, whose text is missing", func(doc M) {
		delete(node(doc, "catalog", "groups", 0, "controls", 0, "controls", 0), "parts")
	})
	changed("long text", "has 16001 characters", func(doc M) {
		node(doc, "catalog", "groups", 0, "parts", 0)["prose"] = strings.Repeat("x", 16_001)
	})
	changed("damaged text", "U+FFFD", func(doc M) {
		node(doc, "catalog", "groups", 0, "parts", 0)["prose"] = "a\uFFFDb"
	})
	changed("hostile id", `not in CSF 2.0: "[31mX"`, func(doc M) {
		node(doc, "catalog", "groups", 0, "controls", 0, "controls", 0)["id"] = "\x1b[31mX"
	})

	for _, c := range cases {
		t.Run(fmt.Sprintf("%.30s", c.name), func(t *testing.T) {
			_, err := Read("f", c.data)
			if _, ok := errors.AsType[*FileError](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %.300v, which does not say %q", err, c.want)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\x1b\u202e") {
				t.Errorf("the error steers the terminal: %q", err)
			}
		})
	}
	for _, data := range [][]byte{encode(t, oscal(t, true)), encode(t, reference(t)), xlsx(t)} {
		for _, n := range []int{1, 4, 100, len(data) / 2, len(data) - 1} {
			if w, err := Read("f", data[:n]); err == nil {
				t.Errorf("%d of %d bytes are read as %v", n, len(data), w.Source.Kind)
			}
		}
	}
}

// Texts reach the caller without what steers a terminal, and the caller learns of it.
func TestHostileTexts(t *testing.T) {
	for _, hostile := range []string{"a\x1b[31mb", "a\u202Eb", "a\u200Fb\u2066", "a\u009B31mb", "a\U000E0041b", "a\uFEFFb", "a\x00b"} {
		doc := oscal(t, true)
		node(doc, "catalog", "groups", 0, "controls", 0, "controls", 0, "parts", 0)["prose"] = "One\n\ttwo\u00A0" + hostile + "\u2028three "
		w, err := Read("f\x1b[2J", encode(t, doc))
		if err != nil {
			t.Fatal(err)
		}
		e, _ := w.Entry("GV.OC-01")
		if clean, _ := content.Clean(e.Text); clean != e.Text || !strings.HasPrefix(e.Text, "One two a") || !strings.HasSuffix(e.Text, "b three") {
			t.Errorf("%q becomes %q", hostile, e.Text)
		}
		if len(w.Notices) != 1 || !strings.Contains(w.Notices[0], "out of 1 texts") {
			t.Errorf("%q: the notices are %q", hostile, w.Notices)
		}
		if w.Source.File != "f[2J" {
			t.Errorf("the file is called %q", w.Source.File)
		}
	}
	doc := oscal(t, true)
	node(doc, "catalog", "groups", 0)["surprise"] = 1
	w, err := Read("f", encode(t, doc))
	if err != nil || len(w.Notices) != 1 || !strings.Contains(w.Notices[0], `"surprise"`) {
		t.Errorf("a member that OSCAL does not have: %v, %v", w, err)
	}
}

// What a workbook may look like, and what is noticed of it.
func TestWorkbooks(t *testing.T) {
	read := func(data []byte) (*Wording, error) { return Read("f.xlsx", data) }
	set := func(f *excelize.File, at string, v any) {
		if err := f.SetCellValue(sheetName, at, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(f *excelize.File, next int)
		notice string
		err    string
	}{
		{name: "formula", change: func(f *excelize.File, _ int) { _ = f.SetCellFormula(sheetName, "H4", "=1+1") }, notice: "formulas"},
		{name: "merged", change: func(f *excelize.File, _ int) { _ = f.MergeCell(sheetName, "A3", "A5") }, notice: "merged cells"},
		{
			name: "hidden", notice: "is hidden",
			change: func(f *excelize.File, _ int) {
				_, _ = f.NewSheet("Other")
				f.SetActiveSheet(1)
				_ = f.SetSheetVisible(sheetName, false)
			},
		},
		{name: "foot", change: func(f *excelize.File, n int) { set(f, fmt.Sprint("A", n), "End of file") }, notice: `"End of file" in row 228`},
		{name: "other sheet", change: func(f *excelize.File, _ int) { _ = f.SetSheetName(sheetName, "CSF 1.1") }, err: `no sheet "CSF 2.0": it has "CSF 1.1"`},
		{name: "no header", change: func(f *excelize.File, _ int) { set(f, "B2", "Kategorie") }, err: "no row with the headings"},
		{name: "lost row", change: func(f *excelize.File, _ int) { _ = f.RemoveRow(sheetName, 5) }, err: "105 of 106 Subcategories; missing: GV.OC-01"},
		{name: "new row", change: func(f *excelize.File, n int) { set(f, fmt.Sprint("C", n), "RC.XX-09: text") }, err: `not in CSF 2.0: "RC.XX-09"`},
		{name: "wrong place", change: func(f *excelize.File, n int) { set(f, fmt.Sprint("C", n), "GV.OC-01: text") }, err: `sheet "CSF 2.0", row 228: is GV.OC-01, which does not belong below`},
		{name: "wide", change: func(f *excelize.File, n int) { set(f, "XX3", "x") }, err: "row 3: can not be read: has the cell \"XX3\""},
		{name: "long", change: func(f *excelize.File, n int) { set(f, "A20001", "x") }, err: "row 20001: can not be read: is one too many"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := read(xlsx(t, c.change))
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("the error is %v, which does not say %q", err, c.err)
				}
			case err != nil:
				t.Error(err)
			case len(w.Notices) != 1 || !strings.Contains(w.Notices[0], c.notice):
				t.Errorf("the notices are %q, without %q", w.Notices, c.notice)
			default:
				if diff := cmp.Diff(want(t), w.entries); diff != "" {
					t.Errorf("−want +got:\n%s", diff)
				}
			}
		})
	}
}

func TestSplitExamples(t *testing.T) {
	for text, want := range map[string][]string{
		"":         nil,
		"Ex1: One": {"One"},
		"1st: 1st Party Risk\r\nEx1: One\r\n and more\r\nEx2: Two": {"One and more", "Two"},
		"One\nTwo":               {"One", "Two"},
		"3rd: 3rd Party Risk":    nil,
		"Ex1:\nOne":              {"One"},
		"Exchange keys\nExample": {"Exchange keys", "Example"},
	} {
		if diff := cmp.Diff(want, splitExamples(text)); diff != "" {
			t.Errorf("%q −want +got:\n%s", text, diff)
		}
	}
}

// repack copies a workbook part by part; change returns what is written instead of a part.
func repack(t testing.TB, data []byte, change func(h *zip.FileHeader, body []byte) []byte, more ...*zip.FileHeader) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	put := func(h *zip.FileHeader, body []byte) {
		w, err := out.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate}
		put(h, change(h, body))
	}
	for _, h := range more {
		put(h, []byte("x"))
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What could harm is refused before the library sees it.
func TestHostileWorkbooks(t *testing.T) {
	good := xlsx(t)
	same := func(_ *zip.FileHeader, body []byte) []byte { return body }
	symlink := &zip.FileHeader{Name: "xl/link"}
	symlink.SetMode(os.ModeSymlink | 0o777)
	sheet := func(text string) []byte {
		return repack(t, good, func(h *zip.FileHeader, body []byte) []byte {
			if h.Name == "xl/worksheets/sheet1.xml" {
				return []byte(text)
			}
			return body
		})
	}
	encrypted := bytes.Clone(good)
	for i := range encrypted {
		if bytes.HasPrefix(encrypted[i:], []byte("PK\x01\x02")) {
			encrypted[i+8] |= 1
		}
	}
	wide := func(h *zip.FileHeader, body []byte) []byte {
		if h.Name != "xl/worksheets/sheet1.xml" {
			return body
		}
		h.Method = zip.Store // or it would be refused for its ratio
		return []byte("<a>" + strings.Repeat("<b/>", 1_000_000) + "</a>")
	}
	many := make([]*zip.FileHeader, 2000)
	for i := range many {
		many[i] = &zip.FileHeader{Name: fmt.Sprint("xl/", i)}
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no workbook":   {repack(t, good, func(h *zip.FileHeader, b []byte) []byte { h.Name = "x/" + h.Name; return b }), "xl/workbook.xml"},
		"bomb":          {sheet("<a>" + strings.Repeat(" ", 30<<20) + "</a>"), "unpacks to more than 200 times its size"},
		"too much":      {repack(t, good, func(_ *zip.FileHeader, b []byte) []byte { return append(b, make([]byte, 8<<20)...) }), "unpacks to more than"},
		"slip":          {repack(t, good, same, &zip.FileHeader{Name: "../../etc/passwd"}), "leads out of the ZIP"},
		"absolute":      {repack(t, good, same, &zip.FileHeader{Name: "/etc/passwd"}), "leads out of the ZIP"},
		"backslash":     {repack(t, good, same, &zip.FileHeader{Name: `xl\x`}), "leads out of the ZIP"},
		"drive":         {repack(t, good, same, &zip.FileHeader{Name: "C:x"}), "leads out of the ZIP"},
		"device":        {repack(t, good, same, &zip.FileHeader{Name: "xl/NUL.xml"}), "leads out of the ZIP"},
		"symbolic link": {repack(t, good, same, symlink), "is not a regular file"},
		"twice":         {repack(t, good, same, &zip.FileHeader{Name: "XL/Workbook.xml"}), "is there twice"},
		"encrypted":     {encrypted, "is encrypted"},
		"many parts":    {repack(t, good, same, many...), "more than 2000 entries"},
		"doctype":       {sheet(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`), "document type"},
		"deep":          {sheet(strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)), "deeper than 64"},
		"wide XML":      {repack(t, good, wide), "beyond 1000000 elements"},
		"broken XML":    {sheet("<a><b"), "is damaged"},
		"empty sheet":   {sheet(""), "no row with the headings"},
		"other XML":     {sheet("<worksheet><sheetData><row r='x'><c r='ZZZZ9'/></row></sheetData></worksheet>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read("f", c.data)
			if _, ok := errors.AsType[*FileError](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, which does not say %q", err, c.want)
			}
		})
	}
}

// The real catalog, where it is at hand, is read to the whole Core, and to the words that the
// reference has of it.
func TestRealCatalog(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "reference")
	data, err := os.ReadFile(filepath.Join(folder, "nist-csf-2.0-oscal-catalog.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("skipped: there is no ../shared/reference beside the project")
	}
	if err != nil {
		t.Fatal(err)
	}
	w, err := Read("catalog.json", data)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Counts(), (Counts{6, 22, 106, 363}); got != want || w.Withdrawn != 91 || len(w.Notices) > 0 {
		t.Errorf("%v, %d withdrawn, notices %q", got, w.Withdrawn, w.Notices)
	}
	// The catalog before version 1.2.0 said as much, but did not mark what is withdrawn.
	old := bytes.ReplaceAll(data, []byte(`"withdrawn"`), []byte(`"unsaid"`))
	if w, err := Read("old.json", old); err != nil {
		t.Error(err)
	} else if got, want := w.Counts(), (Counts{6, 22, 106, 363}); got != want || w.Withdrawn != 91 || len(w.Notices) != 1 {
		t.Errorf("unmarked: %v, %d withdrawn, notices %q", got, w.Withdrawn, w.Notices)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "csf-2.0-core.json"))
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		ID            string  `json:"id"`
		Text          string  `json:"official_text"`
		Categories    []entry `json:"categories"`
		Subcategories []entry `json:"subcategories"`
		Examples      []entry `json:"examples"`
	}
	var ref struct {
		Functions []entry `json:"functions"`
		Withdrawn []entry `json:"withdrawn"`
	}
	if err := json.Unmarshal(raw, &ref); err != nil {
		t.Fatal(err)
	}
	var all []Entry
	var walk func([]entry)
	walk = func(list []entry) {
		for _, e := range list {
			got := Entry{ID: e.ID, Text: e.Text}
			for _, ex := range e.Examples {
				got.Examples = append(got.Examples, ex.Text)
			}
			all = append(all, got)
			walk(e.Categories)
			walk(e.Subcategories)
		}
	}
	walk(ref.Functions)
	if diff := cmp.Diff(all, w.entries); diff != "" {
		t.Errorf("−reference +read:\n%s", diff)
	}
	var gone []string
	for _, e := range ref.Withdrawn {
		gone = append(gone, e.ID)
	}
	ours := slices.Clone(withdrawn)
	slices.Sort(gone)
	slices.Sort(ours)
	if diff := cmp.Diff(gone, ours); diff != "" {
		t.Errorf("withdrawn ids −reference +ours:\n%s", diff)
	}
}
