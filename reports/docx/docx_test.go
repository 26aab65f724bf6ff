package docx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/chart"
	"plumbline/reports/docx"
	"plumbline/reports/model"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

func options() wire.Options {
	return wire.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf}
}

// report is the gap report of the worked example.
func report(tb testing.TB) model.Document { return model.GapReport(snapshot(tb), options()) }

// snapshot is the state of the worked example.
func snapshot(tb testing.TB) *assessment.Snapshot {
	tb.Helper()
	cat, err := content.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	sessions, err := example.Sessions(cat)
	if err != nil {
		tb.Fatal(err)
	}
	return sessions[0].Snapshot()
}

// small is a document with a block of every kind, and the text in every place where people write.
func small(text string) model.Document {
	cell := func(s string) model.Cell { return model.Cell{Text: s + text, Sub: "sub " + text} }
	table := func(id string) model.Table {
		return model.Table{
			ID: id, Caption: "Table " + text,
			Columns: []model.Column{{Title: "Item", Kind: model.Head}, {Title: "Level", Kind: model.Short}, {Title: "N", Kind: model.Number}, {Title: "Words", Kind: model.Long}},
			Rows: []model.Row{
				{Cells: []model.Cell{{Text: "x", Link: "entry"}, {Text: "0 Not", Tone: model.Level0}, {Text: "1"}, cell("")}},
				{Cells: []model.Cell{{Text: "y", Link: "nowhere"}, {Text: "late", Tone: model.Warning}, {Text: "2"}, cell("")}},
				{Cells: []model.Cell{{Text: "All"}, {}, {Text: "3"}, {}}, Strong: true},
			},
		}
	}
	fact := model.Fact{Term: "Note", Lines: []string{text, "second " + text}}
	bullets := fact
	bullets.Style = model.Bullets
	return model.Document{
		Lang: "en-US", Title: "Gap report", Subject: "Subject", Organization: text, Session: "Session " + text, Marking: "TLP:" + text, Warning: "Damaged: " + text,
		Cover: []model.Fact{fact}, Statements: []string{"It is a draft."}, Footer: "Footer " + text,
		Sections: []model.Section{
			{ID: "first", Number: "1", Title: "First", Blocks: []model.Block{
				model.Para{Text: text},
				model.Para{Text: text, Note: true},
				model.List{Items: []string{text}},
				model.Heading{Text: "Heading"},
				model.Figures{Figures: []model.Figure{{Key: "k", Label: "Label", Value: "45 %", Note: text}}},
				table("table"),
				model.Chart{ID: "chart", Drawing: chart.Drawing{Title: "Chart"}, Table: table("")},
			}},
			{ID: "second", Number: "2", Title: "Second", Blocks: []model.Block{
				model.Facts{Facts: []model.Fact{fact, bullets}},
				model.Entries{Entries: []model.Entry{{
					ID: "entry", Code: "GV.OC-01/secure", Title: "1. Entry " + text, Badges: []model.Cell{{Text: text}},
					Inline: []model.Fact{fact}, Lead: text, Facts: []model.Fact{fact},
				}}},
			}},
		},
	}
}

func write(tb testing.TB, d model.Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := docx.Write(&b, d); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// part returns a part of a written document.
func part(tb testing.TB, data []byte, name string) []byte {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	b, err := io.ReadAll(must(z.Open(name))(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// words returns the texts of a part, a line for each paragraph, and how often each element is there.
func words(tb testing.TB, data []byte) (string, map[string]int) {
	tb.Helper()
	var b strings.Builder
	count := make(map[string]int)
	text := false
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), count
		}
		if err != nil {
			tb.Fatal(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			count[t.Name.Local]++
			text = t.Name.Local == "t"
			if t.Name.Local == "br" || t.Name.Local == "tab" && len(t.Attr) == 0 { // with one it is a place
				b.WriteByte(' ')
			}
		case xml.EndElement:
			text = false
			if t.Name.Local == "p" {
				b.WriteByte('\n')
			}
		case xml.CharData:
			if text {
				b.Write(t)
			}
		}
	}
}

func TestExample(t *testing.T) {
	d := report(t)
	data := write(t, d)
	if err := docx.Check(data, d); err != nil {
		t.Errorf("it does not check: %v", err)
	}
	said, count := words(t, part(t, data, "word/document.xml"))
	for _, want := range []string{d.Organization, d.Session, d.Subject, d.Marking, "Contents\n1 Summary \n2 Scope", wire.Wording, "initial preliminary draft"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	o := d.Outline()
	if count["tblHeader"] != o.Tables {
		t.Errorf("%d head rows repeat, not %d", count["tblHeader"], o.Tables)
	}
	if count["hyperlink"] == 0 || count["bookmarkStart"] != count["bookmarkEnd"] {
		t.Errorf("%d links, %d bookmarks begin, %d end", count["hyperlink"], count["bookmarkStart"], count["bookmarkEnd"])
	}
	for name, want := range map[string][]string{
		"word/header0.xml": {d.Marking},
		"word/header1.xml": {d.Marking, d.Organization, d.Session},
		"word/footer1.xml": {d.Marking, d.Footer, "Page 1 of 1"},
		"word/footer2.xml": {d.Marking, d.Footer, "Page 1 of 1"},
	} {
		said, _ := words(t, part(t, data, name))
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%s does not say %q: %q", name, w, said)
			}
		}
	}
}

var target = regexp.MustCompile(`w:anchor="([^"]*)"`)

// Every link leads to a bookmark, every bookmark has one name and one number.
func TestLinks(t *testing.T) {
	for _, d := range []model.Document{report(t), small("x")} {
		body := string(part(t, write(t, d), "word/document.xml"))
		seen := make(map[string]bool)
		for _, m := range regexp.MustCompile(`<w:bookmarkStart w:id="([^"]*)" w:name="([^"]*)"/>`).FindAllStringSubmatch(body, -1) {
			if seen["id "+m[1]] || seen[m[2]] {
				t.Errorf("the bookmark %s is there twice", m[0])
			}
			seen["id "+m[1]], seen[m[2]] = true, true
		}
		for _, m := range target.FindAllStringSubmatch(body, -1) {
			if !seen[m[1]] {
				t.Errorf("a link leads to %q, which is nowhere", m[1])
			}
		}
	}
}

// hostile are texts that a document could take for more than text, as the text filter leaves them.
var hostile = []string{
	`<w:t>x</w:t>`, `</w:t></w:r></w:p>`, `]]><!-- `, `&lt;b&gt; &amp; &#65;`, `"quoted" 'too'`, "a\nb", "a\n\nb", "a\tb", "\nlead", "  blanks  ",
	`{ HYPERLINK "https://evil.example" }`, "_x0041_", `=1+1`, `<?xml?>`, "e" + strings.Repeat("\u0301", 8), "👩‍💻 😀", "漢字", "שלום (עולם) 12", "مرحبا",
	strings.Repeat("long ", 6553) + "end", strings.Repeat("x", 32_768),
}

// A hostile text changes no element of the document, and is there as it was written.
func TestHostile(t *testing.T) {
	plainly, plain := words(t, part(t, write(t, small("plain")), "word/document.xml"))
	places := strings.Count(plainly, "plain")
	flat := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, h := range hostile {
		h := wire.Text(h)
		d := small(h)
		data := write(t, d)
		if err := docx.Check(data, d); err != nil {
			t.Errorf("%.40q does not check: %v", h, err)
		}
		said, count := words(t, part(t, data, "word/document.xml"))
		if got := strings.Count(flat(said), flat(h)); got < places {
			t.Errorf("%.40q is there %d times, not %d", h, got, places)
		}
		for name, n := range count {
			switch name {
			case "br", "tab", "t", "bidi", "rtl", "pPr", "rPr", "trPr", "cantSplit", "keepNext": // lines, direction and room
			default:
				if n != plain[name] {
					t.Errorf("%.40q: %d elements %s, not %d", h, n, name, plain[name])
				}
			}
		}
	}
	for _, raw := range []string{"nul\x00", "bad\xff", "\uFFFE", "cr\rlf", "\x1b[31m"} { // which no filter has seen
		d := small(raw)
		if err := docx.Check(write(t, d), d); err != nil {
			t.Errorf("%q does not check: %v", raw, err)
		}
	}
}

// A text whose first letter is Hebrew or Arabic is set from right to left, and no other one.
func TestDirection(t *testing.T) {
	for text, want := range map[string]bool{"שלום abc": true, "12 مرحبا": true, "abc שלום": false, "漢字": false, "12": false, "": false} {
		body := string(part(t, write(t, model.Document{Organization: text}), "word/document.xml"))
		title := body[strings.Index(body, `<w:pStyle w:val="Title"/>`):]
		title = title[:strings.Index(title, `</w:p>`)]
		if got := strings.Contains(title, `<w:bidi/>`) && strings.Contains(title, `<w:rtl/>`); got != want {
			t.Errorf("%q: from right to left is %t: %s", text, got, title)
		}
	}
}

func TestDeterministic(t *testing.T) {
	first := write(t, report(t))
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("far", 13*60*60)
	if !bytes.Equal(first, write(t, report(t))) {
		t.Error("the same document gives other bytes")
	}
}

// Nothing in the file tells more than the report: no author, no tool, no time of the clock, no part
// that runs or asks.
func TestParts(t *testing.T) {
	d := small("x")
	d.Brand = model.Brand{Logo: logo(t, 300, 90), Accent: "#5b2a6e"}
	data := write(t, d)
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
		if strings.HasSuffix(f.Name, ".png") {
			continue
		}
		text := string(part(t, data, f.Name))
		for _, never := range []string{"TargetMode", "updateFields", "w:dirty", "creator", "lastModifiedBy", "Application", "w:rsid", "vba", "macro"} {
			if strings.Contains(text, never) {
				t.Errorf("%s holds %q", f.Name, never)
			}
		}
	}
	want := strings.Fields(`[Content_Types].xml _rels/.rels docProps/core.xml word/document.xml word/_rels/document.xml.rels word/styles.xml word/numbering.xml
		word/settings.xml word/fontTable.xml word/header0.xml word/header1.xml word/footer1.xml word/header2.xml word/footer2.xml word/media/logo.png`)
	if !slices.Equal(names, want) {
		t.Errorf("the parts are %q", names)
	}
	body := string(part(t, data, "word/document.xml"))
	for _, w := range []string{`descr="Logo of x"`, `w:fill="5B2A6E"`, `<wp:extent cx="1980000" cy="594000"/>`} {
		if !strings.Contains(body, w) {
			t.Errorf("the document lacks %s", w)
		}
	}
}

func logo(tb testing.TB, w, h int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestRefused(t *testing.T) {
	for name, b := range map[string]model.Brand{"no color": {Accent: "red"}, "markup": {Accent: `#"/><x`}, "no PNG": {Logo: []byte("GIF89a")}} {
		d := small("x")
		d.Brand = b
		var out bytes.Buffer
		if err := docx.Write(&out, d); err == nil || out.Len() > 0 {
			t.Errorf("%s: written, %v", name, err)
		}
	}
}

// Check notices what is not as the document says.
func TestCheck(t *testing.T) {
	data := write(t, small("x"))
	for _, c := range []struct {
		name   string
		change func(*model.Document)
	}{
		{"another cell", func(d *model.Document) { d.Sections[0].Blocks[5].(model.Table).Rows[1].Cells[2].Text = "7" }},
		{"another cell of a chart", func(d *model.Document) { d.Sections[0].Blocks[6].(model.Chart).Table.Rows[1].Cells[2].Text = "7" }},
		{"another second line", func(d *model.Document) { d.Sections[0].Blocks[5].(model.Table).Rows[1].Cells[3].Sub = "" }},
		{"another figure", func(d *model.Document) { d.Sections[0].Blocks[4].(model.Figures).Figures[0].Value = "46 %" }},
		{"another entry", func(d *model.Document) { d.Sections[1].Blocks[1].(model.Entries).Entries[0].Code = "GV.OC-02/secure" }},
		{"another section", func(d *model.Document) { d.Sections[1].Title = "Third" }},
		{"a section less", func(d *model.Document) { d.Sections = d.Sections[:1] }},
		{"another organization", func(d *model.Document) { d.Organization = "other" }},
		{"another marking", func(d *model.Document) { d.Marking = "TLP:RED" }},
		{"another footer", func(d *model.Document) { d.Footer = "other" }},
		{"another statement", func(d *model.Document) { d.Statements = nil }},
		{"no warning", func(d *model.Document) { d.Warning = "" }},
	} {
		d := small("x")
		c.change(&d)
		if err := docx.Check(data, d); err == nil {
			t.Errorf("%s: it checks", c.name)
		}
	}
	for n := 0; n < len(data); n += len(data) / 50 {
		if err := docx.Check(data[:n], small("x")); err == nil {
			t.Errorf("cut at %d: it checks", n)
		}
	}
}

// LibreOffice, where it is installed, opens the document and finds the text.
func TestLibreOffice(t *testing.T) {
	d := small("Überprüfung")
	d.Brand.Logo = logo(t, 200, 80)
	text := converted(t, d, "txt:Text (encoded):UTF8")
	for _, want := range []string{"Überprüfung", "Contents", "GV.OC-01/secure", "45 %", "0 Not"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("LibreOffice does not find %q", want)
		}
	}

	d = model.ExecutiveReport(snapshot(t), options())
	if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(converted(t, d, "pdf"), -1)); n != 2 {
		t.Errorf("LibreOffice sets the executive report on %d pages, not 2", n)
	}
}

// converted is what LibreOffice makes of the document in another format.
func converted(t *testing.T, d model.Document, format string) []byte {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not on the PATH, so nothing that we did not write has opened the document")
	}
	if testing.Short() {
		t.Skip("opening LibreOffice takes seconds")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "report.docx")
	if err := os.WriteFile(file, write(t, d), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(office, "--headless", "-env:UserInstallation=file://"+dir+"/profile", "--convert-to", format, "--outdir", dir, file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	extension, _, _ := strings.Cut(format, ":")
	data, err := os.ReadFile(filepath.Join(dir, "report."+extension))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// BenchmarkWrite writes the gap report of a session in which each of the 318 items has a gap. The
// metric allowed-ms is the time that it may take on a machine with two small cores.
func BenchmarkWrite(b *testing.B) {
	cat, err := content.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	act := assessment.Act{Who: "A. Assessor", Time: options().Generated}
	s, _, err := assessment.New(cat, assessment.Info{Organization: "Full", Name: "Everything", ID: "00000000-0000-4000-8000-000000000001", Path: assessment.Full}, act)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Do(act, func(e *assessment.Edit) error {
		p, err := assessment.AllAt(3)
		if err != nil {
			return err
		}
		if _, err := e.Apply(p, "Decided by the committee", false); err != nil {
			return err
		}
		level1, _ := assessment.AtLevel(1)
		for it := range cat.Items() {
			note := strings.Repeat("The review of September found that most, not all, of the systems do what was agreed. ", 5)
			if err := errors.Join(e.Rate(it.ID, level1), e.Note(it.ID, fmt.Sprintf("%v: %s", it.ID, note)), e.Owner(it.ID, "Head of platform security"),
				e.AddEvidence(it.ID, assessment.Evidence{Method: assessment.Examined, Ref: "Minutes of the review, section 4"})); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	d := model.GapReport(s.Snapshot(), options())
	var size bytes.Buffer
	if err := docx.Write(&size, d); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := docx.Write(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N), "ms/op")
	b.ReportMetric(300, "allowed-ms")
	b.ReportMetric(float64(size.Len())/1024, "KiB")
}
