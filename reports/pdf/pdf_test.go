package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/chart"
	"plumbline/reports/model"
	"plumbline/reports/pdf"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

func embedded(tb testing.TB) *content.Catalog {
	tb.Helper()
	cat, err := content.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

func report(s *assessment.Snapshot) model.Document {
	return model.GapReport(s, wire.Options{
		Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf,
	})
}

// gapReports returns the gap reports of the worked example.
func gapReports(tb testing.TB) []model.Document {
	tb.Helper()
	sessions, err := example.Sessions(embedded(tb))
	if err != nil {
		tb.Fatal(err)
	}
	var list []model.Document
	for _, s := range sessions {
		list = append(list, report(s.Snapshot()))
	}
	return list
}

func write(tb testing.TB, d model.Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := pdf.Write(&b, d); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// everything is a document that has each kind of block, with a text wherever people's texts can stand.
func everything(text string) model.Document {
	line := strings.ReplaceAll(text, "\n", " ")
	cell := model.Cell{Text: text, Sub: text, Tone: model.Level1}
	term := line // no term and no head of a column is a person's, but packs and titles can be long
	if r := []rune(line); len(r) > 400 {
		term = string(r[:400])
	}
	table := model.Table{
		ID: "table", Caption: line,
		Columns: []model.Column{
			{Title: "No.", Kind: model.Number},
			{Title: term, Kind: model.Head},
			{Title: "Words", Kind: model.Words},
			{Title: "Long", Kind: model.Long},
			{Title: "Short", Kind: model.Short},
		},
		Rows: []model.Row{
			{Cells: []model.Cell{{Text: "1"}, {Text: text, Link: "entry"}, cell, cell, {Text: "short", Tone: model.Warning}}},
			{Cells: []model.Cell{{Text: "2"}, {Text: "two", Link: "nowhere"}, {Text: text}, {}, {Text: text}}},
			{Cells: []model.Cell{{}, {Text: "All"}, {}, {}, {}}, Strong: true},
		},
	}
	facts := []model.Fact{
		{Term: term, Lines: []string{text, "second"}},
		{Term: "Bullets", Lines: []string{text, text}, Style: model.Bullets},
		{Term: "Suggestion", Lines: []string{text, "next"}, Style: model.Suggestion},
		{Term: "Nothing"},
		{Term: term, Style: model.Suggestion},
	}
	d := model.Document{
		Lang: "en-US", Title: "Gap report", Subject: line, Organization: line, Session: line, Marking: line, Warning: line,
		Cover:      []model.Fact{{Term: "As of", Lines: []string{"today"}}, {Term: term, Lines: []string{text, text}}, {Term: "Made by", Lines: []string{"Plumbline"}}},
		Statements: []string{"What must stand on the first page."},
		Footer:     line + " · " + line + " · as of 2026-11-21 · journal 12:0123456789abcdef · pack, edition 1 · Plumbline",
		Date:       time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
		Sections: []model.Section{
			{ID: "one", Number: "1", Title: line, Blocks: []model.Block{
				model.Figures{Figures: []model.Figure{
					{Key: "gaps", Label: "Gaps", Value: "12", Note: line},
					{Key: "x", Label: "X", Value: "1 of 2"},
					{Key: "y", Label: "Y", Value: "3", Note: "note"},
					{Key: "z", Label: "Z", Value: "4", Note: "note"},
				}},
				model.Para{Text: line},
				model.Para{Text: line, Note: true},
				model.List{Items: []string{line, "second"}},
				model.Heading{Text: line},
				table,
				model.Chart{ID: "chart", Drawing: chart.Drawing{Width: 920, Height: 100, Title: line, Shapes: []chart.Shape{
					chart.Rect{X: 1, Y: 1, W: 100, H: 20, Round: 3, Fill: chart.Deep, Stroke: chart.Ink},
					chart.Line{X1: 0, Y1: 0, X2: 90, Y2: 90, Width: 1, Stroke: chart.Rule},
					chart.Polygon{Points: []chart.Point{{X: 1, Y: 2}, {X: 30, Y: 4}, {X: 5, Y: 60}}, Fill: chart.Deep},
					chart.Text{X: 460, Y: 50, Size: 14, Anchor: chart.Middle, Fill: chart.Ink, Text: "middle"},
				}}, Table: model.Table{Caption: "numbers", Columns: table.Columns[:1], Rows: []model.Row{{Cells: []model.Cell{{Text: "1"}}}}}},
			}},
			{ID: "two", Number: "2", Title: "Two", Blocks: []model.Block{
				model.Facts{Facts: facts},
				model.Entries{Entries: []model.Entry{
					{
						ID: "entry", Code: "GV.OC-01/secure", Title: line, Lead: line, Facts: facts,
						Badges: []model.Cell{{Text: line, Tone: model.Level0}, {Text: "gap 2"}}, Inline: []model.Fact{{Term: "Owner", Lines: []string{line}}},
					},
					{ID: "bare", Title: "Nothing known"},
				}},
			}},
		},
	}
	return d
}

func TestReports(t *testing.T) {
	for _, d := range append(gapReports(t), everything("plain words"), everything(""), model.Document{}) {
		data := write(t, d)
		if err := pdf.Check(data, d); err != nil {
			t.Errorf("%s: %v", d.Session, err)
		}
		for _, want := range []string{"/FontFile2", "/PageMode /UseOutlines", "/Subtype /CIDFontType2"} {
			if !bytes.Contains(data, []byte(want)) {
				t.Errorf("%s: the file has no %s", d.Session, want)
			}
		}
		for _, bad := range []string{"/JavaScript", "/URI", "/Launch", "/OpenAction", "/AcroForm", "/GTS_PDFA"} {
			if bytes.Contains(data, []byte(bad)) {
				t.Errorf("%s: the file has %s", d.Session, bad)
			}
		}
		const dates = "/CreationDate (D:20261121093000)\n/ModDate (D:20261121093000)"
		if !d.Date.IsZero() && !bytes.Contains(data, []byte(dates)) {
			t.Errorf("%s: the file has another date than the document", d.Session)
		}
	}
}

// A board reads two pages, the first of which begins with whose report it is and says its state.
func TestExecutiveReportIsTwoPages(t *testing.T) {
	sessions, err := example.Sessions(embedded(t))
	if err != nil {
		t.Fatal(err)
	}
	d := model.ExecutiveReport(sessions[0].Snapshot(), wire.Options{
		Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf,
	})
	data := write(t, d)
	if err := pdf.Check(data, d); err != nil {
		t.Error(err)
	}
	if n := bytes.Count(data, []byte("/Type /Page\n")); n != 2 {
		t.Errorf("it has %d pages", n)
	}
	long := d
	long.Organization, long.Session, long.Marking = strings.Repeat("Long name ", 60), strings.Repeat("x", 900), strings.Repeat("Marked ", 40)
	long.Warning = "The journal of this session is damaged."
	long.Brand.Logo = logo(t)
	if err := pdf.Check(write(t, long), long); err != nil {
		t.Errorf("with long names: %v", err)
	}
}

// A warning stands on every page: on the first as a banner, on the others at their edge.
func TestWarningIsOnEveryPage(t *testing.T) {
	d := everything("plain words")
	d.Warning = "The journal of this session is damaged."
	data := write(t, d)
	if err := pdf.Check(data, d); err != nil {
		t.Error(err)
	}
	without := d
	without.Warning = ""
	if err := pdf.Check(write(t, without), d); err == nil {
		t.Error("a file without the warning passes")
	}
}

// hostileTexts are texts that a PDF, its writer or its layout could take for more than text.
var hostileTexts = []string{
	`) Tj ET Q (x`, `\`, `\\`, `(((`, `)))`, `a\)b`, "%%EOF", "endstream\nendobj", "<< /S /JavaScript /JS (app.alert(1)) >>", "/URI (https://evil.example)",
	"https://evil.example/?q=1 www.evil.example mailto:a@evil.example", "{nb}", "/Artifact BMC", "EMC",
	"a\rb", "a\nb\n\nc", "    indented", "a  \n b", "tab\there", "\x00\x1b[31m", "\u00ad\u200b\u200d", "a\u00a0b\u202fc\u2003d",
	"👩‍💻 😀 𝔘", "\U0010FFFF", "\uFFFD\uFFFF\uFDD0", "naïve Čeněk Söhne Żółć Ελληνικά Кириллица", "e" + strings.Repeat("\u0301", 40),
	"שלום עולם", "مرحبا", "हिन्दी", "日本語 中文 한국어", "\u202Egnp.exe",
	strings.Repeat("long ", 3000), strings.Repeat("x", 32768), strings.Repeat("ÄW", 2000), strings.Repeat("a/b-c.", 500), strings.Repeat("line\n", 400), strings.Repeat("日", 1000),
	strings.Repeat(" · ", 200), "x · journal 99:ffffffffffffffff · y", strings.Repeat(" ", 5000), strings.Repeat("\u0301", 2000),
}

func TestHostileTexts(t *testing.T) {
	for _, h := range hostileTexts {
		t.Run(fmt.Sprintf("%.20q", h), func(t *testing.T) {
			t.Parallel()
			d := everything(h)
			data := write(t, d)
			if err := pdf.Check(data, d); err != nil {
				t.Error(err)
			}
			if annotations := bytes.Count(data, []byte("/Subtype /Link")); bytes.Count(data, []byte("/Dest [")) < annotations {
				t.Errorf("%d links, and some lead out of the file", annotations)
			}
		})
	}
}

// The same document gives the same bytes, in any zone, and while others are written.
func TestSameBytes(t *testing.T) {
	d := everything("words of a person")
	d.Brand.Logo = logo(t)
	want := write(t, d)
	d.Date = d.Date.In(time.FixedZone("elsewhere", 5*3600))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var b bytes.Buffer
			if err := pdf.Write(&b, d); err != nil {
				t.Error(err)
			} else if !bytes.Equal(b.Bytes(), want) {
				t.Error("the same document gave other bytes")
			}
		})
	}
	all.Wait()
	if bytes.Equal(write(t, everything("words of a PERSON")), want) {
		t.Error("another document gave the same bytes")
	}
}

func logo(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA64(image.Rect(0, 0, 60, 30)) // 16 bits and an alpha channel, which the library cannot read
	for i := range 60 {
		img.Set(i, i/2, color.NRGBA64{R: 0xFFFF, A: 0x8000})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBrand(t *testing.T) {
	d := everything("words")
	without := bytes.Count(write(t, d), []byte("/Subtype /Image"))
	d.Brand = model.Brand{Logo: logo(t), Accent: "#7a1f4e"}
	data := write(t, d)
	if err := pdf.Check(data, d); err != nil {
		t.Error(err)
	}
	if with := bytes.Count(data, []byte("/Subtype /Image")); without != 0 || with == 0 {
		t.Errorf("%d pictures with a logo, %d without", with, without)
	}
	d.Brand.Logo = []byte("no picture")
	var b bytes.Buffer
	if err := pdf.Write(&b, d); err == nil || b.Len() > 0 {
		t.Errorf("a logo that is none: %v, and %d bytes", err, b.Len())
	}
}

func TestWriteSaysWhatFails(t *testing.T) {
	broken := errors.New("disk full")
	if err := pdf.Write(failing{broken}, everything("x")); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Check is there to refuse: files that were cut, changed, or made of something else.
func TestCheckRefuses(t *testing.T) {
	d := everything("words of a person")
	data := write(t, d)
	for _, n := range []int{0, 1, 100, len(data) / 3, len(data) / 2, len(data) - 400, len(data) - 20, len(data) - 7, len(data) - 2} {
		if err := pdf.Check(data[:n], d); err == nil {
			t.Errorf("the first %d bytes of %d pass", n, len(data))
		}
	}
	at := bytes.Index(data, []byte("stream\n")) + 40
	for name, bad := range map[string][]byte{
		"a byte more at the start":     append([]byte("%PDF-1.3\n"), data...),
		"a byte less in the middle":    append(bytes.Clone(data[:at]), data[at+1:]...),
		"a flipped bit in a stream":    flip(data, at),
		"another place of an object":   bytes.Replace(data, []byte("\n0000000"), []byte("\n0000001"), 2),
		"another length of a stream":   bytes.Replace(data, []byte("/Length 1"), []byte("/Length 2"), 1),
		"another number of pages":      regexp.MustCompile(`/Count \d(\d*\n/MediaBox)`).ReplaceAll(data, []byte("/Count 9$1")),
		"no PDF":                       []byte("<html></html>"),
		"only what is looked for":      []byte("%PDF-1.3\nstartxref\n0\n%%EOF"),
		"a table of objects on itself": []byte("%PDF-1.3\nxref\n0 99999999\nstartxref\n9\n%%EOF"),
	} {
		if err := pdf.Check(bad, d); err == nil {
			t.Errorf("%s passes", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(d *model.Document){
		"organization": func(d *model.Document) { d.Organization = "Another" },
		"state":        func(d *model.Document) { d.Footer = strings.Replace(d.Footer, "12:", "13:", 1) },
		"statement":    func(d *model.Document) { d.Statements = []string{"Another statement."} },
		"section":      func(d *model.Document) { d.Sections = d.Sections[:1] },
		"figure": func(d *model.Document) {
			d.Sections[0].Blocks[0] = model.Figures{Figures: []model.Figure{{Key: "gaps", Label: "Gaps", Value: "21", Note: "words of a person"}}}
		},
		"one letter of a cell": func(d *model.Document) { d.Sections[0].Blocks[5].(model.Table).Rows[0].Cells[4].Text = "shorT" },
	} {
		other := everything("words of a person")
		change(&other)
		if err := pdf.Check(data, other); err == nil {
			t.Errorf("it passes for a document with another %s", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	if docs := gapReports(t); pdf.Check(write(t, docs[0]), docs[1]) == nil {
		t.Error("the report of one session passes for that of another")
	}
}

func flip(data []byte, at int) []byte {
	c := bytes.Clone(data)
	c[at] ^= 0x10
	return c
}

// FuzzCheck holds that no file makes the reader fail other than with an error.
func FuzzCheck(f *testing.F) {
	d := everything("words")
	f.Add([]byte("%PDF-1.3\nxref\n0 2\n0000000000 65535 f \n0000000000 00000 n \ntrailer\n<< /Size 2 >>\nstartxref\n9\n%%EOF"))
	f.Add([]byte("%PDF-1.3\n1 0 obj\n<</A [(x\\)) /N 1.5 2 0 R] >>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n54\n%%EOF"))
	var b bytes.Buffer
	if err := pdf.Write(&b, model.Document{Title: "x"}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) { _ = pdf.Check(data, d) })
}

// A reader that we did not write finds the same figures, pages and names.
func TestPdftotext(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed: nothing else than our own reader has read the file")
	}
	for _, d := range gapReports(t) {
		file := filepath.Join(t.TempDir(), "report.pdf")
		if err := os.WriteFile(file, write(t, d), 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cmd := exec.Command(tool, "-layout", "-enc", "UTF-8", file, "-")
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil || said.Len() > 0 {
			t.Fatalf("%v: %s", err, said.Bytes())
		}
		pages := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
		for i, page := range pages {
			flat := strings.Join(strings.Fields(page), " ")
			if want := "Page " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(pages)); i > 0 && !strings.Contains(flat, want) {
				t.Errorf("page %d does not say %q", i+1, want)
			}
			if !strings.Contains(flat, d.Marking) {
				t.Errorf("page %d lacks the marking", i+1)
			}
		}
		flat := strings.Join(strings.Fields(pages[2]), " ")
		for _, f := range d.Sections[0].Blocks[0].(model.Figures).Figures {
			if !strings.Contains(flat, f.Value) {
				t.Errorf("the figure %q is not there as %q", f.Key, f.Value)
			}
		}
		for _, s := range d.Statements {
			first, _, _ := strings.Cut(s, ".")
			if flat := strings.Join(strings.Fields(pages[0]), " "); !strings.Contains(flat, first) {
				t.Errorf("the cover does not say %q", first)
			}
		}
	}
}

// fullSession is a session with every item rated, targeted, noted, owned and with evidence.
func fullSession(tb testing.TB) *assessment.Snapshot {
	tb.Helper()
	cat := embedded(tb)
	act := assessment.Act{Who: "A. Assessor", Time: time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)}
	s, _, err := assessment.New(cat, assessment.Info{ID: "00000000-0000-4000-8000-000000000001", Organization: "Full", Name: "Everything", Path: assessment.Full}, act)
	if err != nil {
		tb.Fatal(err)
	}
	preset, err := assessment.AllAt(3)
	if err != nil {
		tb.Fatal(err)
	}
	note := strings.Repeat("The review of September found that most, not all, of the systems do what was agreed. ", 5)
	_, err = s.Do(act, func(e *assessment.Edit) error {
		if _, err := e.Apply(preset, "Decided by the committee", false); err != nil {
			return err
		}
		for it := range cat.Items() {
			current, _ := assessment.AtLevel(it.Index % 4)
			err := errors.Join(e.Rate(it.ID, current), e.Note(it.ID, note), e.Owner(it.ID, "Head of platform security"),
				e.AddEvidence(it.ID, assessment.Evidence{Method: assessment.Methods[it.Index%4], Ref: "Minutes of the review, section 4"}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s.Snapshot()
}

// BenchmarkWrite writes the gap report of a full session, the longest there is. The metric allowed-ms
// is the time that it may take on a machine with two small cores.
func BenchmarkWrite(b *testing.B) {
	d := report(fullSession(b))
	size := len(write(b, d))
	b.ReportAllocs()
	for b.Loop() {
		if err := pdf.Write(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N), "ms/op")
	b.ReportMetric(300, "allowed-ms")
	b.ReportMetric(float64(size)/1024, "KiB")
}

func BenchmarkCheck(b *testing.B) {
	d := report(fullSession(b))
	data := write(b, d)
	for b.Loop() {
		if err := pdf.Check(data, d); err != nil {
			b.Fatal(err)
		}
	}
}
