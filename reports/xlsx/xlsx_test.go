package xlsx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
	"plumbline/reports/wire"
	"plumbline/reports/xlsx"
)

// hostile are texts that a spreadsheet could take for more than text.
var hostile = []string{
	`=1+1`, `+1`, `-2+3`, `@SUM(A1)`, "\t=1", `'=1+1`, `=cmd|'/c calc'!A1`, `=HYPERLINK("https://evil.example","x")`, `{=1}`, "＝1+1",
	`<b>&amp;</b>`, `]]>`, `</t></si><si><t>`, `"quoted" 'too'`, `&#65;`,
	`_x0041_`, `_x0041_x0042_`, `__x005F_x0041_`, `_x000D_`, `_xZZZZ_`, `_x004`, `_X0041_`,
	"a\nb", "a\r\nb", "a\rb", "  blanks  ", " ", "\ttab", "nul\x00", "bell\x07", "bad\xff", "\uFFFE\uFFFF",
	"שלום עולם", "مرحبا", "e" + strings.Repeat("\u0301", 8), "👩‍💻 😀", "漢字", "1.10", "007", "TRUE", "#N/A", "1E5", "2026-11-21",
	strings.Repeat("x", 32_000), strings.Repeat("x", 32_001), strings.Repeat("é", 32_768), strings.Repeat("😀", 32_768),
}

func sample() model.Workbook {
	register := model.Sheet{
		Name: "Gap register", Register: true,
		Columns: []model.SheetColumn{
			{Title: "item_id", Width: 18},
			{Title: "title", Width: 30, Wrap: true},
			{Title: "state", Width: 14},
			{Title: "current", Width: 9},
			{Title: "gap", Width: 6},
			{Title: "note", Width: 60, Wrap: true},
		},
	}
	tones := []model.Tone{model.Level0, model.Level1, model.Level2, model.Level3, model.NoTone, model.Warning}
	for i := range 40 {
		register.Rows = append(register.Rows, []model.Value{
			{Text: fmt.Sprintf("GV.OC-%02d/secure", i+1)},
			{Text: "What others expect of the organization"},
			{Text: "rated"},
			{Text: strconv.Itoa(i%4) + " achieved", Tone: tones[i%len(tones)]},
			{Number: i % 4, IsInt: true},
			{Text: strings.Repeat("The review found that most systems do what was agreed. ", i%3)},
		})
	}
	about := model.Sheet{
		Name: "About", Columns: []model.SheetColumn{{Title: "key", Width: 24}, {Title: "value", Width: 90, Wrap: true}},
		Rows: [][]model.Value{
			{{Text: "status"}, {Text: "initial preliminary draft"}},
			{{Text: "items"}, {Number: 318, IsInt: true}},
			{{Text: "lines"}, {Text: "one\ntwo"}},
			{{Text: "All", Strong: true}, {Number: -7, IsInt: true, Strong: true}},
		},
	}
	texts := model.Sheet{Name: "Tom's texts", Columns: []model.SheetColumn{{Title: "=1+1"}, {Title: "_x0041_", Wrap: true}}}
	for _, s := range hostile {
		texts.Rows = append(texts.Rows, []model.Value{{Text: wire.Text(s)}, {Text: wire.Text(s)}})
	}
	return model.Workbook{Title: "Gap report: A & B &P", Marking: "TLP:AMBER & more", Sheets: []model.Sheet{about, register, texts}}
}

func write(tb testing.TB, b model.Workbook) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := xlsx.Write(&out, b); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// An independent reader finds every text, and every number as a number.
func TestReadByOthers(t *testing.T) {
	b := sample()
	data := write(t, b)
	if err := xlsx.Check(data, b); err != nil {
		t.Errorf("it does not check: %v", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); len(got) != len(b.Sheets) {
		t.Fatalf("the sheets are %q", got)
	}
	for _, s := range b.Sheets {
		for i, r := range s.Rows {
			for j, v := range r {
				at, _ := excelize.CoordinatesToCellName(j+1, i+2)
				got, err := f.GetCellValue(s.Name, at)
				if err != nil {
					t.Fatal(err)
				}
				kind, err := f.GetCellType(s.Name, at)
				if err != nil {
					t.Fatal(err)
				}
				want := v.Text
				switch {
				case v.IsInt:
					want = strconv.Itoa(v.Number)
					if kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
						t.Errorf("%s %s: a number of type %d", s.Name, at, kind)
					}
				case v.Text != "" && kind != excelize.CellTypeSharedString:
					t.Errorf("%s %s: a text of type %d", s.Name, at, kind)
				}
				if utf8.RuneCountInString(want) > 31_000 {
					continue // what happens to those has a test of its own
				}
				if got != want {
					t.Errorf("%s %s: %.60q, want %.60q", s.Name, at, got, want)
				}
				if formula, _ := f.GetCellFormula(s.Name, at); formula != "" {
					t.Errorf("%s %s: a formula %q", s.Name, at, formula)
				}
			}
		}
	}
	panes, err := f.GetPanes("Gap register")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the head is not frozen: %+v, %v", panes, err)
	}
	layout, err := f.GetPageLayout("Gap register")
	if err != nil || *layout.Orientation != "landscape" || layout.FitToHeight == nil || *layout.FitToHeight != 0 {
		t.Errorf("the page is %+v, %v", layout, err)
	}
	head, err := f.GetHeaderFooter("Gap register")
	if err != nil || head.OddHeader != "&LGap report: A && B &&P&R&BTLP:AMBER && more" || head.OddFooter != "&L&A&RPage &P of &N&C&BTLP:AMBER && more" {
		t.Errorf("header and footer: %+v, %v", head, err)
	}
	names := make(map[string]string)
	for _, n := range f.GetDefinedName() {
		names[n.Scope+" "+n.Name] = n.RefersTo
	}
	for name, want := range map[string]string{
		"Gap register _xlnm.Print_Titles":    "'Gap register'!$1:$1",
		"Gap register _xlnm._FilterDatabase": "'Gap register'!$A$1:$F$41",
		"Tom's texts _xlnm.Print_Titles":     "'Tom''s texts'!$1:$1",
	} {
		if names[name] != want {
			t.Errorf("%s refers to %q, not %q", name, names[name], want)
		}
	}
	if p, err := f.GetDocProps(); err != nil || p.Title != b.Title || p.Creator != "" || p.Created != "" {
		t.Errorf("the properties are %+v, %v", p, err)
	}
}

// A text that has no room ends with how much was cut, in the units in which Excel counts.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{strings.Repeat("x", 32_000), strings.Repeat("x", 32_000)},
		{strings.Repeat("x", 32_001), strings.Repeat("x", 31_960) + "… [cut, 41 more characters]"},
		{strings.Repeat("é", 32_768), strings.Repeat("é", 31_960) + "… [cut, 808 more characters]"},
		{strings.Repeat("😀", 16_000), strings.Repeat("😀", 16_000)},
		{strings.Repeat("😀", 32_768), strings.Repeat("😀", 15_980) + "… [cut, 16788 more characters]"},
	} {
		b := model.Workbook{Sheets: []model.Sheet{{Name: "S", Columns: []model.SheetColumn{{Title: "t"}}, Rows: [][]model.Value{{{Text: c.text}}}}}}
		f, err := excelize.OpenReader(bytes.NewReader(write(t, b)))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := f.GetCellValue("S", "A2"); got != c.want {
			t.Errorf("%d characters became %d: …%q", utf8.RuneCountInString(c.text), utf8.RuneCountInString(got), got[max(0, len(got)-60):])
		}
		f.Close()
	}
}

// What no text filter has seen is harmless too.
func TestUnfiltered(t *testing.T) {
	s := model.Sheet{Name: "S", Columns: []model.SheetColumn{{Title: "t"}}}
	for _, h := range hostile {
		s.Rows = append(s.Rows, []model.Value{{Text: h}})
	}
	b := model.Workbook{Title: "nul\x00 &L", Marking: "\x00\n&", Sheets: []model.Sheet{s}}
	if err := xlsx.Check(write(t, b), b); err != nil {
		t.Error(err)
	}
}

func TestDeterministic(t *testing.T) {
	first := write(t, sample())
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("far", 13*60*60)
	if !bytes.Equal(first, write(t, sample())) {
		t.Error("the same workbook gives other bytes")
	}
}

// Every part is well-formed, has a place in the list of what a workbook may hold, and its time.
func TestParts(t *testing.T) {
	data := write(t, sample())
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s is of %v", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if e, ok := tok.(xml.StartElement); ok {
				switch e.Name.Local {
				case "f", "hyperlink", "conditionalFormatting", "externalReference", "oleObject", "controls":
					t.Errorf("%s has an element %s", f.Name, e.Name.Local)
				}
			}
		}
		r.Close()
	}
	want := "[Content_Types].xml _rels/.rels docProps/core.xml xl/workbook.xml xl/_rels/workbook.xml.rels xl/worksheets/sheet1.xml " +
		"xl/worksheets/sheet2.xml xl/worksheets/sheet3.xml xl/styles.xml xl/sharedStrings.xml"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the parts are\n%s\nnot\n%s", got, want)
	}
}

func TestRefused(t *testing.T) {
	sheet := func(name string) model.Sheet {
		return model.Sheet{Name: name, Columns: []model.SheetColumn{{Title: "t"}}}
	}
	for _, c := range []struct {
		name   string
		sheets []model.Sheet
	}{
		{"none", nil},
		{"no name", []model.Sheet{sheet("")}},
		{"a long name", []model.Sheet{sheet(strings.Repeat("x", 32))}},
		{"a slash", []model.Sheet{sheet("a/b")}},
		{"an apostrophe", []model.Sheet{sheet("'a")}},
		{"a line feed", []model.Sheet{sheet("a\nb")}},
		{"Excel's own", []model.Sheet{sheet("History")}},
		{"twice", []model.Sheet{sheet("About"), sheet("ABOUT")}},
		{"no column", []model.Sheet{{Name: "S"}}},
		{"a short row", []model.Sheet{{Name: "S", Columns: make([]model.SheetColumn, 2), Rows: [][]model.Value{{{}}}}}},
	} {
		var out bytes.Buffer
		if err := xlsx.Write(&out, model.Workbook{Sheets: c.sheets}); err == nil || out.Len() > 0 {
			t.Errorf("%s: written, %v", c.name, err)
		}
	}
}

// Check notices what is not as the workbook says.
func TestCheck(t *testing.T) {
	b := sample()
	data := write(t, b)
	for _, c := range []struct {
		name   string
		change func(*model.Workbook)
	}{
		{"another text", func(b *model.Workbook) { b.Sheets[1].Rows[39][0].Text += "x" }},
		{"another number", func(b *model.Workbook) { b.Sheets[1].Rows[39][4].Number++ }},
		{"a text for a number", func(b *model.Workbook) {
			v := &b.Sheets[1].Rows[39][4]
			*v = model.Value{Text: strconv.Itoa(v.Number)}
		}},
		{"a row more", func(b *model.Workbook) { b.Sheets[0].Rows = append(b.Sheets[0].Rows, b.Sheets[0].Rows[0]) }},
		{"a row less", func(b *model.Workbook) { b.Sheets[0].Rows = b.Sheets[0].Rows[:3] }},
		{"another head", func(b *model.Workbook) { b.Sheets[0].Columns[0].Title = "Key" }},
		{"another name", func(b *model.Workbook) { b.Sheets[2].Name = "Texts" }},
		{"a sheet less", func(b *model.Workbook) { b.Sheets = b.Sheets[:2] }},
	} {
		other := sample()
		c.change(&other)
		if err := xlsx.Check(data, other); err == nil {
			t.Errorf("%s: it checks", c.name)
		}
	}
	for n := 0; n < len(data); n += len(data) / 50 {
		if err := xlsx.Check(data[:n], b); err == nil {
			t.Errorf("cut at %d: it checks", n)
		}
	}
	foreign := ooxml.Package{Parts: []ooxml.Part{{Name: "xl/vbaProject.bin", Type: "x"}}}
	macro, err := foreign.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := xlsx.Check(macro, b); err == nil || !strings.Contains(err.Error(), "vbaProject") {
		t.Errorf("a macro: %v", err)
	}
}

// BenchmarkWrite writes a workbook of the size of a full session: 318 items in a register of 27 columns,
// and as many events in a journal. The metric allowed-ms is the time that it may take on a machine with
// two small cores.
func BenchmarkWrite(b *testing.B) {
	full := sample()
	full.Sheets = full.Sheets[:2]
	wide := model.Sheet{Name: "Register"}
	for i := range 27 {
		wide.Columns = append(wide.Columns, model.SheetColumn{Title: "column " + strconv.Itoa(i), Width: 20})
	}
	note := strings.Repeat("The review of September found that most, not all, of the systems do what was agreed. ", 5)
	for i := range 318 {
		row := make([]model.Value, 27)
		for j := range row {
			row[j].Text = fmt.Sprintf("value %d of %d", j, i)
		}
		row[3], row[9].Text = model.Value{Number: i % 4, IsInt: true}, note+strconv.Itoa(i)
		wide.Rows = append(wide.Rows, row)
	}
	full.Sheets = append(full.Sheets, wide)
	journal := wide
	journal.Name = "Journal"
	full.Sheets = append(full.Sheets, journal)
	for b.Loop() {
		if err := xlsx.Write(io.Discard, full); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N), "ms/op")
	b.ReportMetric(300, "allowed-ms")
}
