package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"plumbline/content/safezip"
	"plumbline/content/safezip/ziptest"
)

// written returns a workbook of two sheets, after change.
func written(t testing.TB, change func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"id", "n", "text"}))
	must(f.SetSheetRow("Sheet1", "A3", &[]any{"GV.OC-01", 2, "a b, ünï 😀"}))
	_, err := f.NewSheet("Other")
	must(err)
	must(f.SetCellStr("Other", "B2", "x"))
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func rows(t testing.TB, b *Book, sheet int) [][]string {
	t.Helper()
	var all [][]string
	for cells, err := range b.Rows(b.Sheets[sheet]) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, cells)
	}
	return all
}

func TestOpen(t *testing.T) {
	data := written(t, func(f *excelize.File) { _ = f.SetSheetVisible("Other", false) })
	if !Is(data) || Is([]byte("item_id,")) {
		t.Error("a workbook is not told from a text")
	}
	b, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Sheets) != 2 || b.Sheets[0].Name != "Sheet1" || b.Sheets[0].Hidden || b.Sheets[1].Name != "Other" || !b.Sheets[1].Hidden || len(b.Notices) > 0 {
		t.Errorf("%+v, %q", b.Sheets, b.Notices)
	}
	if diff := cmp.Diff([][]string{{"id", "n", "text"}, nil, {"GV.OC-01", "2", "a b, ünï 😀"}}, rows(t, b, 0)); diff != "" {
		t.Errorf("−want +got:\n%s", diff)
	}
	if diff := cmp.Diff([][]string{nil, {"", "x"}}, rows(t, b, 1)); diff != "" {
		t.Errorf("−want +got:\n%s", diff)
	}
}

func TestNotices(t *testing.T) {
	b, err := Open(written(t, func(f *excelize.File) {
		_ = f.SetCellFormula("Sheet1", "D1", "=1+1")
		_ = f.MergeCell("Sheet1", "A5", "B5")
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.Notices, " "); !strings.Contains(got, "formulas") || !strings.Contains(got, "merged cells") {
		t.Errorf("the notices are %q", b.Notices)
	}
}

// manyTexts are strings of more than 32 MiB, neither too large packed nor packed too well.
func manyTexts() string {
	var b strings.Builder
	b.WriteString("<sst>")
	n := uint32(1)
	for range 70 {
		b.WriteString("<si><t>")
		for range 1 << 13 {
			n = n*1664525 + 1013904223
			b.WriteString(strings.Repeat("x", 63))
			b.WriteByte('a' + byte(n>>24)%26)
		}
		b.WriteString("</t></si>")
	}
	return b.String() + "</sst>"
}

// replaced returns the workbook with another text in the place of a part.
func replaced(t testing.TB, data []byte, part, text string) []byte {
	t.Helper()
	method := zip.Deflate
	if len(text) > safezip.RatioFrom {
		method = zip.Store // or it would be refused for its ratio
	}
	return repacked(t, data, part, text, method)
}

func deflated(t testing.TB, data []byte, part, text string) []byte {
	t.Helper()
	return repacked(t, data, part, text, zip.Deflate)
}

func repacked(t testing.TB, data []byte, part, text string, method uint16) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		w, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			_, err = io.WriteString(w, text)
		} else {
			r, errOpen := f.Open()
			if errOpen != nil {
				t.Fatal(errOpen)
			}
			_, err = io.Copy(w, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const sheet1 = "xl/worksheets/sheet1.xml"

// firstError returns the error that a workbook is refused with, at once or when the sheet is read.
func firstError(data []byte) error {
	b, err := Open(data)
	if err != nil {
		return err
	}
	for _, err := range b.Rows(b.Sheets[0]) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestRefused(t *testing.T) {
	good := written(t, nil)
	sheet := func(rows string) []byte {
		return replaced(t, good, sheet1, `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"good", "", good},
		{"size", "at most", make([]byte, MaxSize+1)},
		{"no ZIP", "no sound ZIP", []byte("PK\x03\x04")},
		{"long text", "a text of more than 1048576 bytes", sheet(`<row><c t="inlineStr"><is><t>` + strings.Repeat("x", maxStretch+1) + `</t></is></c></row>`)},
		{"long value", "a text of more than", sheet(`<row r="` + strings.Repeat("1", 2*maxStretch) + `"/>`)},
		{"much shared text", "more than 33554432 bytes of text", deflated(t, good, sharedStrings, manyTexts())},
		{"shared text, often", "goes beyond 33554432 bytes of text", replaced(t, replaced(t, good, sharedStrings, `<sst><si><t>`+strings.Repeat("x", 1<<19)+`</t></si></sst>`),
			sheet1, `<worksheet><sheetData>`+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 65)+`</sheetData></worksheet>`)},
		{"empty part", "", replaced(t, good, sheet1, "")},
		{"rows back", "rows are read in their order", sheet(`<row r="2"/><row r="1"/>`)},
		{"cells back", "in their order", sheet(`<row r="1"><c r="B1"/><c r="A1"/></row>`)},
		{"row beyond", "at most 20000", sheet(`<row r="20001"/>`)},
		{"column beyond", "at most 256 columns", sheet(`<row r="1"><c r="IW1"/></row>`)},
		{"no such string", "is not in the workbook", sheet(`<row r="1"><c r="A1" t="s"><v>99</v></c></row>`)},
		{"cut XML", "unexpected EOF", replaced(t, good, sheet1, "<worksheet><sheetData>")},
		{"doctype", "document type", replaced(t, good, sheet1, "<!DOCTYPE x []><worksheet/>")},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := firstError(c.data)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("the error is %.200v, which does not say %q", err, c.want)
			}
		})
	}
}

func TestHazards(t *testing.T) {
	good := written(t, nil)
	for _, h := range ziptest.Hazards() {
		t.Run(h.Name, func(t *testing.T) {
			if err := firstError(h.Of(good)); err == nil || !strings.Contains(err.Error(), h.Says) {
				t.Errorf("the error is %v, which does not say %q", err, h.Says)
			}
		})
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "_x0041_": "A", "a_x000A_b": "a\nb", "_x005F_x0041_": "_x0041_", "_x": "_x", "_xZZZZ_": "_xZZZZ_", "__x0041_": "_A",
	} {
		if got := unescape(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}

// FuzzRows gives a sheet other XML, which no program would write.
func FuzzRows(f *testing.F) {
	good := written(f, nil)
	for _, s := range []string{
		`<worksheet><sheetData><row r="2"><c r="A2" t="s"><v>0</v></c><c t="inlineStr"><is><r><t>x</t></r><t>y</t></is></c></row></sheetData></worksheet>`,
		`<row r="20000"/><row/>`, `<row><c r="ZZZZZZ1"/></row>`, `<c/>`, "\xFF\xFE<\x00", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Open(replaced(t, good, sheet1, text))
		if err != nil {
			return
		}
		n := 0
		for cells, err := range b.Rows(b.Sheets[0]) {
			if n++; err != nil {
				_ = fmt.Sprint(err)
				return
			}
			if n > MaxRows || len(cells) > MaxColumns {
				t.Fatalf("row %d has %d cells", n, len(cells))
			}
		}
	})
}
