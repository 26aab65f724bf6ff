package reports_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"plumbline/assessment"
	"plumbline/content/contenttest"
	"plumbline/reports"
	"plumbline/reports/csv"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

// hostile are texts that some format could take for more than text.
var hostile = contenttest.HostileTexts

// texts returns what wordy writes for a hostile text: the field's name at the end tells them apart.
func texts(h string) func(string) string {
	return func(field string) string { return h + " (" + field + ")" }
}

func TestHostileTexts(t *testing.T) {
	const id = "00000000-0000-4000-8000-000000000002"
	plain := wordy(t, id, texts("plain"))
	wantHTML := shapeOf(t, parsed(t, write(t, reports.HTML, plain, options())))
	wantMarkdown := shapeOf(t, render(t, write(t, reports.Markdown, plain, options())))
	braces := bytes.Count(write(t, reports.HTML, plain, options()), []byte("{"))

	for _, h := range hostile {
		t.Run(fmt.Sprintf("%.20q", h), func(t *testing.T) {
			t.Parallel()
			s := wordy(t, id, texts(h))
			data := make(map[reports.Format][]byte)
			for _, f := range prints {
				data[f] = write(t, f, s, options())
				if err := reports.Check(reports.Gap, f, data[f], s, options()); err != nil {
					t.Errorf("%s does not check: %v", f, err)
				}
				quiet(t, f, data[f])
			}

			page := parsed(t, data[reports.HTML])
			if got := shapeOf(t, page); !slices.Equal(got, wantHTML) {
				t.Errorf("HTML has other elements than with plain texts: %s", otherShape(got, wantHTML))
			}
			said(t, reports.HTML, page, h)
			style := styleOf(t, page)
			if strings.Count(style, "{") != braces || strings.Contains(style, "url(") {
				t.Errorf("the style sheet changed its shape: %s", style[len(style)-300:])
			}

			rendered := render(t, data[reports.Markdown])
			if got := shapeOf(t, rendered); !slices.Equal(got, wantMarkdown) {
				t.Errorf("Markdown has other elements than with plain texts: %s", otherShape(got, wantMarkdown))
			}
			said(t, reports.Markdown, rendered, h)

			checkHostileJSON(t, data[reports.JSON], h)
			checkHostileCSV(t, data[reports.CSV], h)
		})
	}
}

// quiet fails where output holds a character that could steer a terminal.
func quiet(t *testing.T, f reports.Format, data []byte) {
	t.Helper()
	data = bytes.TrimPrefix(data, []byte(csv.BOM))
	if !utf8.Valid(data) {
		t.Errorf("%s is not UTF-8", f)
	}
	for _, r := range string(data) {
		if r == '\n' || r == '\r' && (f == reports.CSV || f == reports.CISOCSV) || r >= '\u200B' && r <= '\u200D' && f != reports.JSON {
			continue // they join emoji and letters, and part words; a text that has them keeps them
		}
		if !unicode.IsGraphic(r) {
			t.Errorf("%s holds %U", f, r)
			return
		}
	}
}

var (
	elements = strings.Fields(`html head meta title style body a p header div span h1 h2 h3 dl dt dd nav ol ul li main section footer
		table caption thead tbody tr th td figure article svg title desc rect line polygon text strong em br hr blockquote`)
	attributes = strings.Fields(`lang charset http-equiv content name class href id role aria-label aria-labelledby tabindex scope data-figure
		xmlns viewbox viewBox x y x1 y1 x2 y2 width height rx fill stroke stroke-width points font-size font-weight text-anchor style align start`)
)

func parsed(t *testing.T, page []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// shapeOf returns the elements of a page in order, without line breaks, and fails on an element or an
// attribute that no report has.
func shapeOf(t *testing.T, doc *html.Node) []string {
	t.Helper()
	var shape []string
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode || n.Data == "br" {
			continue
		}
		shape = append(shape, n.Data)
		if !slices.Contains(elements, n.Data) {
			t.Errorf("an element %q", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case !slices.Contains(attributes, a.Key):
				t.Errorf("an attribute %s=%q of %s", a.Key, a.Val, n.Data)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				t.Errorf("a link to %q", a.Val)
			case a.Key == "style" && !strings.HasPrefix(a.Val, "text-align:"): // of a rendered Markdown table
				t.Errorf("a style %q", a.Val)
			}
		}
	}
	return shape
}

func otherShape(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("element %d is %s, not %s", i, got[i], want[i])
		}
	}
	return fmt.Sprintf("%d elements, not %d", len(got), len(want))
}

// said fails where a page lacks the text of a field.
func said(t *testing.T, f reports.Format, doc *html.Node, h string) {
	t.Helper()
	all := flat(text(doc))
	for _, field := range fields {
		if want := flat(asCleaned(texts(h)(field))); !strings.Contains(all, want) {
			t.Errorf("%s does not show %s as it was written: %q", f, field, clip(want))
		}
	}
}

// asCleaned is a text as it may leave the program.
func asCleaned(s string) string { return wire.Text(s) }

var blanks = regexp.MustCompile(`[\s\x{00A0}]+`)

// flat returns s without blanks and line breaks, which each format sets in its own way.
func flat(s string) string { return blanks.ReplaceAllString(s, "") }

func styleOf(t *testing.T, doc *html.Node) string {
	t.Helper()
	for n := range doc.Descendants() {
		if n.Data == "style" {
			return text(n)
		}
	}
	t.Fatal("no style sheet")
	return ""
}

// render turns Markdown into HTML as the most permissive site would: with raw HTML, tables, addresses
// that become links, task lists, footnotes and strikethrough.
func render(t *testing.T, data []byte) *html.Node {
	t.Helper()
	var b bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList), goldmark.WithRendererOptions(ghtml.WithUnsafe()))
	if err := md.Convert(data, &b); err != nil {
		t.Fatal(err)
	}
	return parsed(t, b.Bytes())
}

// checkHostileJSON reads the texts back: JSON keeps them as the session has them.
func checkHostileJSON(t *testing.T, data []byte, h string) {
	t.Helper()
	var got struct {
		Session wire.Session
		Data    struct {
			Items []struct{ Note, Owner, Reason string }
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	text := texts(h)
	for _, c := range []struct{ field, got string }{
		{"organization", got.Session.Organization},
		{"marking", got.Session.Marking},
		{"unit", got.Session.Units[0]},
		{"note", got.Data.Items[0].Note},
		{"owner", got.Data.Items[0].Owner},
		{"out-reason", got.Data.Items[1].Reason},
	} {
		if c.got != text(c.field) {
			t.Errorf("JSON, %s: %q, want %q", c.field, clip(c.got), clip(text(c.field)))
		}
	}
}

var formula = regexp.MustCompile(`^\s*[=+\-@＝＋－＠\t\r\n]`)

// checkHostileCSV reads the texts back and looks for what a spreadsheet would take for a formula.
func checkHostileCSV(t *testing.T, data []byte, h string) {
	t.Helper()
	rows, err := stdcsv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte(csv.BOM)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		for j, c := range r {
			if formula.MatchString(c) {
				t.Errorf("row %d, %s: a formula %q", i+1, model.RegisterColumns[j], clip(c))
			}
		}
	}
	cell := func(row int, name string) string {
		return assessment.UnprotectFormula(rows[row][slices.Index(model.RegisterColumns[:], name)])
	}
	for _, c := range []struct{ field, got string }{
		{"note", cell(1, "note")},
		{"owner", cell(1, "owner")},
		{"priority-reason", cell(1, "priority_reason")},
		{"accepted-reason", cell(1, "accepted_reason")},
		{"approver", cell(1, "approver")},
		{"out-reason", cell(2, "reason")},
	} {
		if want := wire.Text(texts(h)(c.field)); c.got != want {
			t.Errorf("CSV, %s: %q, want %q", c.field, clip(c.got), clip(want))
		}
	}
}

// One session's report never holds a word of another one, not even of the one that its targets were
// taken from.
func TestNoOtherSession(t *testing.T) {
	mark := func(m string) func(string) string {
		return func(field string) string { return m + "-" + field }
	}
	const idA, idB = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
	b := wordy(t, idB, mark("BRAVO"))
	cat := embedded(t)
	act := assessment.Act{Who: "ALPHA-who", Time: options().Generated}
	s, _, err := assessment.New(cat, assessment.Info{ID: idA, Organization: "ALPHA", Name: "ALPHA", Path: assessment.Full}, act)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(act, func(e *assessment.Edit) error {
		level0, _ := assessment.AtLevel(0)
		if err := e.Rate(cat.At(0).ID, level0); err != nil {
			return err
		}
		_, err := e.Apply(assessment.FromSession(b), "ALPHA-reason", false)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	o := full(t, s)
	o.Against = s.Snapshot()
	every(t, func(t *testing.T, k reports.Kind, f reports.Format) {
		data := writeKind(t, k, f, s.Snapshot(), o)
		writeKind(t, k, f, b, o) // whatever a writer keeps, it keeps from this one
		again := writeKind(t, k, f, s.Snapshot(), o)
		if !bytes.Equal(data, again) {
			t.Error("it is not the same after another session was written")
		}
		for _, foreign := range []string{"BRAVO", idB} {
			if in := places(t, data, foreign); in != nil {
				t.Errorf("%q of the other session is in %q", foreign, in)
			}
		}
		found, ok := words(t, k, f, data)
		if !ok {
			t.Skip("there is no pdftotext to read it back with")
		}
		theirs, _ := words(t, k, f, writeKind(t, k, f, b, o))
		if hasOrganization := reports.Extension(k, f) != "csv" && f != reports.CISOXLSX; hasOrganization &&
			(!strings.Contains(found, "ALPHA") || !strings.Contains(theirs, "BRAVO")) {
			t.Error("it lacks the session's own words")
		}
		for _, foreign := range []string{"BRAVO", idB} {
			if strings.Contains(found, foreign) {
				t.Errorf("it says %q of the other session", foreign)
			}
		}
	})
}

// places lists where a text stands in a file, as it is or in UTF-16, behind what compresses it: the file
// itself, each part of an archive, each stream of a PDF. So what the file says of itself is looked at too.
func places(t *testing.T, data []byte, text string) []string {
	t.Helper()
	parts := map[string][]byte{"the file": data}
	if archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
		for _, f := range archive.File {
			parts[f.Name] = append([]byte(f.Name+f.Comment+string(f.Extra)), part(t, data, f.Name)...)
		}
	}
	if bytes.HasPrefix(data, []byte("%PDF-")) {
		for i, rest := range bytes.Split(data, []byte("stream\n"))[1:] {
			if r, err := zlib.NewReader(bytes.NewReader(rest)); err == nil {
				stream, _ := io.ReadAll(r) // what can be read of it
				parts[fmt.Sprintf("stream %d", i)] = stream
			}
		}
	}
	var wide []byte
	for _, c := range []byte(text) {
		wide = append(wide, 0, c)
	}
	var in []string
	for name, data := range parts {
		if bytes.Contains(data, []byte(text)) || bytes.Contains(data, wide) || bytes.Contains(data, append(slices.Clone(wide[1:]), 0)) {
			in = append(in, name)
		}
	}
	slices.Sort(in)
	return in
}

func TestFileName(t *testing.T) {
	for _, c := range []struct{ organization, name, want string }{
		{"Northwater Health", "2026 baseline", "northwater-health-2026-baseline-gap.html"},
		{"Čeněk & Söhne", "Q4/2026", "cenek-sohne-q4-2026-gap.html"},
		{"../../etc", "passwd", "etc-passwd-gap.html"},
		{"-rf", "~", "rf-gap.html"},
		{"CON", "", "con-gap.html"},
		{"株式会社", "一", "session-00000000-0000-4000-8000-000000000002-gap.html"},
		{strings.Repeat("long ", 100), "x", strings.TrimSuffix(strings.Repeat("long-", 16), "-") + "-gap.html"},
	} {
		s := wordy(t, "00000000-0000-4000-8000-000000000002", func(field string) string {
			switch field {
			case "organization":
				return c.organization
			case "name":
				return c.name
			}
			return field
		})
		if got := reports.FileName(s, reports.Gap, reports.HTML, reports.Options{}); got != c.want {
			t.Errorf("%q, %q: %s, want %s", c.organization, c.name, got, c.want)
		}
	}
}

// A report for one role is named after it; other kinds and several roles are not.
func TestFileNameOfRole(t *testing.T) {
	s := examples(t)[0]
	for _, c := range []struct {
		kind  reports.Kind
		roles []string
		want  string
	}{
		{reports.Interview, []string{"Procurement/Third-party"}, "northwater-health-2026-baseline-interview-procurement-third-party.pdf"},
		{reports.EvidenceRequests, []string{"SOC lead"}, "northwater-health-2026-baseline-evidence-requests-soc-lead.pdf"},
		{reports.Interview, []string{"SOC lead", "CISO"}, "northwater-health-2026-baseline-interview.pdf"},
		{reports.Gap, []string{"CISO"}, "northwater-health-2026-baseline-gap.pdf"},
	} {
		if got := reports.FileName(s, c.kind, reports.PDF, reports.Options{Roles: c.roles}); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.kind, c.roles, got, c.want)
		}
	}
}
