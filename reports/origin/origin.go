// Package origin reads from the file of a finished report what the report states of its origin: of
// which session and journal head it is, on which content it stands, what made it, and when. With that a
// report can be looked up in a journal, and made anew.
//
// What a file states is a claim. Texts of people stand in reports, too, so that a file can be made to
// claim anything; only the journal, and a report made anew, say whether it is so.
package origin

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/safezip"
	"plumbline/content/workbook"
	"plumbline/reports"
	"plumbline/reports/model"
	"plumbline/reports/oscal"
)

// MaxSize is how large the file of a report can be, in bytes.
const MaxSize = 32 << 20

// ErrForeign says that a file is in none of the formats of reports.
var ErrForeign = errors.New("not a report that can be read")

// ErrNoHead says that a report states no journal head, or none that is clear, so that nothing can be
// said of it.
var ErrNoHead = errors.New("it states no journal head")

// Origin is what a report states of where it comes from. What it does not state has the zero value.
type Origin struct {
	Format    reports.Format
	Kind      reports.Kind
	Session   string // id
	Head      Head
	Others    []Head // further heads that the file mentions, such as that of the state that a comparison is with
	Pack      string // SHA-256 of the pack in hex, or its first 16 characters
	Version   string // of the tool
	AsOf      assessment.Date
	Generated time.Time
	OSCAL     string // the version that a file of OSCAL states
	Part      string // the file of the ZIP of a gap report in OSCAL that it is, "" for one that stands alone

	// Selections of two or more roles that a report by role mentions. A single role is not looked for.
	Roles [][]string

	// What else it states where texts of people can not be told from its own.
	Also []Claim
}

// Claim is what one line states of where a file comes from.
type Claim struct {
	Session string
	Head    Head
	Version string
	AsOf    assessment.Date
}

// Claims yields the origin as each of the lines states it, the first one first.
func (o Origin) Claims() iter.Seq[Origin] {
	return func(yield func(Origin) bool) {
		if !yield(o) {
			return
		}
		for _, c := range o.Also {
			if !yield(o.as(c)) {
				return
			}
		}
	}
}

func (o Origin) as(c Claim) Origin {
	o.Session, o.Head, o.Version, o.AsOf = c.Session, c.Head, c.Version, c.AsOf
	return o
}

// Implausible says what a file states that Plumbline never writes in that place; nil for nothing. These
// facts are in no journal: a report made anew repeats them as they stand, and would repeat any sentence.
func (o Origin) Implausible() error {
	if !versionText().MatchString(o.Version) {
		return fmt.Errorf("the version of Plumbline that it states is none: %.100q", o.Version)
	}
	if o.AsOf != "" {
		if _, err := time.Parse(time.DateOnly, string(o.AsOf)); err != nil {
			return fmt.Errorf("the day that it states is none: %.100q", o.AsOf)
		}
	}
	if o.OSCAL != "" && !slices.Contains(oscal.Versions[:], o.OSCAL) {
		return fmt.Errorf("the version of OSCAL that it states is none that Plumbline writes: %.100q", o.OSCAL)
	}
	return nil
}

var versionText = lazy(`^[0-9A-Za-z.+-]{1,40}$`)

// Head is a journal head as a report prints it.
type Head struct {
	Seq  uint64
	Hash string // in hex, the first 16 characters or all
}

// String returns "231:5f0c…", as assessment.Head does.
func (h Head) String() string { return fmt.Sprintf("%d:%.16s", h.Seq, h.Hash) }

// Names reports whether it is the head that is stated.
func (h Head) Names(head assessment.Head) bool {
	return h.Seq == head.Seq && len(h.Hash) >= 16 && strings.HasPrefix(head.Hash.String(), h.Hash)
}

// Format says, by its content, which format a file is in that could be a report; "" for none. A ZIP can
// be something else yet.
func Format(data []byte) reports.Format {
	text := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 1<<10)], []byte("\uFEFF")), " \t\r\n")
	switch {
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return reports.PDF
	case workbook.Is(data):
		return zipFormat(data)
	case bytes.HasPrefix(text, []byte("<!DOCTYPE html>")):
		return reports.HTML
	case bytes.HasPrefix(text, []byte("# ")):
		return reports.Markdown
	case bytes.HasPrefix(text, []byte("{")):
		return jsonFormat(data)
	case bytes.HasPrefix(data, []byte("\uFEFF")) && ending().Match(data):
		return reports.CISOCSV
	case bytes.HasPrefix(data, []byte("\uFEFF")):
		return reports.CSV
	}
	return ""
}

// zipped are what a ZIP of a report may have. Of its files, part reads none that is larger than MaxSize.
var zipped = safezip.Limits{Size: MaxSize, Entries: 2_000, Unpacked: 4 * MaxSize}

func zipFormat(data []byte) reports.Format {
	z, err := safezip.Open(data, zipped)
	if err != nil {
		return ""
	}
	for _, f := range z.File {
		switch f.Name {
		case "word/document.xml":
			return reports.DOCX
		case "xl/workbook.xml":
			return reports.XLSX
		case oscalInZip:
			return reports.OSCAL
		}
	}
	return ""
}

// oscalInZip is the file of a ZIP of OSCAL documents that tells its origin. All tell the same.
const oscalInZip = oscal.ResultsFile

func jsonFormat(data []byte) reports.Format {
	var top map[string]json.RawMessage
	if json.Unmarshal(data, &top) != nil {
		return ""
	}
	for _, sign := range []struct {
		member string
		format reports.Format
	}{
		{"schema", reports.JSON},
		{"assessments", reports.CSFP}, // which has a member profile, too
		{"plan-of-action-and-milestones", reports.OSCAL},
		{"assessment-results", reports.OSCAL},
		{"assessment-plan", reports.OSCAL},
		{"profile", reports.OSCAL},
		{"frameworkId", reports.CSFA},
	} {
		if _, ok := top[sign.member]; ok {
			return sign.format
		}
	}
	return ""
}

// Read returns what a report states. The error is ErrForeign or ErrNoHead; with ErrNoHead the format is
// known.
func Read(data []byte) (Origin, error) {
	o := Origin{Format: Format(data)}
	if len(data) > MaxSize {
		return o, fmt.Errorf("%w: it is larger than %d MiB", ErrForeign, MaxSize>>20)
	}
	var err error
	switch o.Format {
	case reports.HTML:
		o.fromHTML(string(data))
	case reports.Markdown:
		o.fromMarkdown(string(data))
	case reports.PDF:
		o.fromPDF(data)
	case reports.DOCX:
		err = o.fromDOCX(data)
	case reports.XLSX:
		err = o.fromWorkbook(data)
	case reports.JSON:
		err = o.fromJSON(data)
	case reports.OSCAL:
		err = o.fromOSCAL(data)
	case reports.CSFP, reports.CSFA, reports.CISOCSV:
		o.Kind = reports.Profile
		o.fromEndings(string(data))
	case reports.CSV:
		o.fromTemplate(string(data))
	default:
		return o, ErrForeign
	}
	switch {
	case err != nil:
		return o, fmt.Errorf("%w: %w", ErrForeign, err)
	case o.Head.Seq == 0:
		return o, ErrNoHead
	}
	o.Others = slices.DeleteFunc(o.Others, func(h Head) bool {
		return h.Seq == o.Head.Seq && (strings.HasPrefix(h.Hash, o.Head.Hash) || strings.HasPrefix(o.Head.Hash, h.Hash))
	})
	return o, nil
}

// kinds are the kinds of reports by what they call themselves.
var kinds = map[string]reports.Kind{
	"Gap report": reports.Gap, "Executive report": reports.Executive, "Action plan": reports.Plan, "Evidence requests": reports.EvidenceRequests,
	"Interview sheets": reports.Interview, "Current and Target Profile": reports.Profile, "Comparison": reports.Compare,
}

// called takes the kind out of a title, in which names of people's choice follow a colon.
func (o *Origin) called(title string) {
	name, _, _ := strings.Cut(title, ":")
	o.Kind = kinds[strings.TrimSpace(name)]
}

// footer is the line at the end of what people read. Names of people's choice stand before all of it.
// lazy compiles an expression when it is first needed, and not when the program starts.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var footer = lazy(` · as of (\d{4}-\d\d-\d\d) · journal (\d+):([0-9a-f]{16}) · [^·]*, edition \d+, SHA-256 (?:begins )?([0-9a-f]{16}) · [^·]* · Plumbline ?([^·]*)$`)

func (o *Origin) fromFooter(line string) {
	if m := footer().FindStringSubmatch(strings.TrimSpace(line)); m != nil {
		o.AsOf, o.Head, o.Pack, o.Version = assessment.Date(m[1]), head(m[2], m[3]), m[4], m[5]
	}
}

// head is the zero value where the number is none.
func head(seq, hash string) Head {
	n, err := strconv.ParseUint(seq, 10, 64)
	if err != nil || n == 0 {
		return Head{}
	}
	return Head{n, hash}
}

// ending is the line in which files for other tools tell their origin.
var ending = lazy(`Plumbline ([^\s,]*), session ([-0-9a-f]{36}), journal (\d+):([0-9a-f]{16})(?:, as of (\d{4}-\d\d-\d\d); )?`)

// maxClaims is how many different lines are taken note of.
const maxClaims = 64

// fromEndings reads such lines. A text of people can hold one, too; so where they differ, all count until
// one is found in a journal.
func (o *Origin) fromEndings(text string) {
	var claims []Claim
	dated := false // the line that tells the file's own origin whole has the day
	for _, m := range ending().FindAllStringSubmatch(text, -1) {
		c := Claim{Version: m[1], Session: m[2], Head: head(m[3], m[4]), AsOf: assessment.Date(m[5])}
		if c.Head.Seq == 0 || slices.Contains(claims, c) {
			continue
		}
		dated = dated || c.AsOf != ""
		if claims = append(claims, c); len(claims) == maxClaims {
			break
		}
	}
	if dated {
		claims = slices.DeleteFunc(claims, func(c Claim) bool { return c.AsOf == "" })
	}
	if len(claims) > 0 {
		*o = o.as(claims[0])
		o.Also = append(o.Also, claims[1:]...)
	}
}

// about is the line in which NIST's template tells its origin, in the notes of its first row.
var about = lazy(`(?m)^Session (` + uuid + `), journal (\d+):([0-9a-f]{16}), as of (\d{4}-\d\d-\d\d)\. Content: .*, edition \d+, SHA-256 begins ([0-9a-f]{16})\. Made by Plumbline ?(.*)\.\r?$`)

// fromTemplate reads CSV, of which NIST's template alone tells its origin. The first such line counts: in
// the row that it stands in, nothing of people stands before it on a line of its own.
func (o *Origin) fromTemplate(text string) {
	first := strings.TrimLeft(text, "\uFEFF\"")
	if m := about().FindStringSubmatch(text); m != nil && strings.HasPrefix(first, model.TemplateHeaders[0]) {
		o.Kind, o.Session, o.Head, o.AsOf, o.Pack, o.Version = reports.Profile, m[1], head(m[2], m[3]), assessment.Date(m[4]), m[5], m[6]
	}
}

const uuid = `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`

// The lines of a page that people read which the footer does not have. Markup around them is not what
// people can write, since theirs is escaped.
var (
	htmlTitle     = lazy(`<title>([^<]*)</title>`)
	htmlSession   = lazy(`<dt>Session</dt><dd>(` + uuid + `)</dd>`)
	htmlGenerated = lazy(`<dt>Generated</dt><dd>(` + minutes + `) UTC</dd>`)
	mdSession     = lazy(`(?m)^- \*\*Session:\*\* (` + uuid + `)$`)
	mdGenerated   = lazy(`(?m)^- \*\*Generated:\*\* (` + minutes + `) UTC$`)
	markup        = lazy(`<[^>]*>`)
)

const minutes = `\d{4}-\d\d-\d\d \d\d:\d\d`

func (o *Origin) fromHTML(page string) {
	_, foot, _ := cutLast(page, "<footer>")
	foot, _, _ = strings.Cut(foot, "</footer>")
	o.fromFooter(html.UnescapeString(markup().ReplaceAllString(foot, "\n")))
	o.called(firstOf(htmlTitle(), page))
	o.Session = lastOf(htmlSession(), page)
	o.Generated = moment("2006-01-02 15:04", lastOf(htmlGenerated(), page))
	o.mentioned(page)
	if reports.ByRole(o.Kind) {
		o.selected(html.UnescapeString(markup().ReplaceAllString(page, "")))
	}
}

func (o *Origin) fromMarkdown(page string) {
	_, last, _ := cutLast(strings.TrimRight(page, "\n"), "\n")
	o.fromFooter(unescaped().ReplaceAllString(last, "$1"))
	o.called(strings.TrimPrefix(page, "# "))
	o.Session = lastOf(mdSession(), page)
	o.Generated = moment("2006-01-02 15:04", lastOf(mdGenerated(), page))
	o.mentioned(page)
	if reports.ByRole(o.Kind) {
		o.selected(unescaped().ReplaceAllString(page, "$1"))
	}
}

var unescaped = lazy(`\\([^\w\s])`)

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func firstOf(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func lastOf(re *regexp.Regexp, text string) string {
	all := re.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][1]
}

func moment(layout, s string) time.Time {
	t, err := time.Parse(layout, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

var mentionedHead = lazy(`\b(\d{1,9}):([0-9a-f]{16})\b`)

// maxOthers is how many further heads are taken note of.
const maxOthers = 8

func (o *Origin) mentioned(text string) {
	for _, m := range mentionedHead().FindAllStringSubmatch(text, -1) {
		if h := head(m[1], m[2]); h.Seq > 0 && !slices.Contains(o.Others, h) && len(o.Others) < maxOthers {
			o.Others = append(o.Others, h)
		}
	}
}

// anyRole matches the name of a role, selection the roles in a sentence about what a report by role is
// narrowed to.
var (
	anyRole = sync.OnceValue(func() string {
		names := make([]string, len(content.Roles))
		for i, name := range content.Roles {
			names[i] = regexp.QuoteMeta(name)
		}
		return `(?:` + strings.Join(names, "|") + `)`
	})
	roleName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(anyRole()) })
	selection = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:for|first of) (` + anyRole() + `(?:, ` + anyRole() + `)* and ` + anyRole() + `)`)
	})
)

// selected takes note of the selections of several roles that a text names.
func (o *Origin) selected(text string) {
	if !reports.ByRole(o.Kind) {
		return
	}
	for _, m := range selection().FindAllStringSubmatch(text, -1) {
		o.narrowed(roleName().FindAllString(m[1], -1))
	}
}

// narrowed takes note of a selection.
func (o *Origin) narrowed(roles []string) {
	known := slices.ContainsFunc(o.Roles, func(r []string) bool { return slices.Equal(r, roles) })
	if len(roles) > 1 && !known && len(o.Roles) < maxOthers {
		o.Roles = append(o.Roles, roles)
	}
}

// fromPDF reads what the file says of itself as a whole, and its outline, which are not compressed. What
// its pages say is not looked at.
func (o *Origin) fromPDF(data []byte) {
	o.called(utf16Text(pdfString(data, "/Title ")))
	o.fromFooter(utf16Text(pdfString(data, "/Keywords ")))
	o.Generated = moment("D:20060102150405", string(pdfString(data, "/CreationDate ")))
	if reports.ByRole(o.Kind) {
		o.narrowed(pdfRoles(data))
	}
}

// pdfRoles returns the roles that have a section, in the order of the outline.
func pdfRoles(data []byte) []string {
	var roles []string
	rest := data
	for range maxTitles {
		_, after, ok := bytes.Cut(rest, []byte("/Title ("))
		if !ok {
			break
		}
		rest = after
		title := utf16Text(pdfText(rest[:min(len(rest), maxRoleTitle)]))
		_, name, _ := strings.Cut(title, " ") // behind the number of the section
		if slices.Contains(content.Roles[:], name) && !slices.Contains(roles, name) {
			roles = append(roles, name)
		}
	}
	return roles
}

// An outline has no more titles than that, and none of a role's section has more bytes.
const (
	maxTitles    = 10_000
	maxRoleTitle = 256
)

// pdfString returns the text in parentheses after the last such name.
func pdfString(data []byte, name string) []byte {
	at := bytes.LastIndex(data, []byte(name+"("))
	if at < 0 {
		return nil
	}
	return pdfText(data[at+len(name)+1:])
}

// pdfText returns the text up to the parenthesis that ends it, nil where none does.
func pdfText(rest []byte) []byte {
	var out []byte
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; c {
		case ')':
			return out
		case '\\':
			if i++; i < len(rest) {
				c = rest[i]
				if c == 'r' {
					c = '\r'
				}
				out = append(out, c)
			}
		default:
			out = append(out, c)
		}
	}
	return nil
}

func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 { // after the byte order mark
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

// part returns a file of a ZIP, nil where there is none.
func part(data []byte, name string) ([]byte, error) {
	z, err := safezip.Open(data, zipped)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == name })
	if i < 0 {
		return nil, nil
	}
	if z.File[i].UncompressedSize64 > MaxSize {
		return nil, fmt.Errorf("%s unpacks to more than %d MiB", name, MaxSize>>20)
	}
	return safezip.Read(z.File[i])
}

// fromDOCX reads the footer of its first pages, and the facts at its end.
func (o *Origin) fromDOCX(data []byte) error {
	foot, err := part(data, "word/footer1.xml")
	if err != nil {
		return err
	}
	body, err := part(data, "word/document.xml")
	if err != nil {
		return err
	}
	core, err := part(data, "docProps/core.xml")
	if err != nil {
		return err
	}
	o.called(firstOf(wordTitle(), string(core)))
	text, err := wordText(foot)
	if err != nil {
		return err
	}
	o.fromFooter(text)
	if text, err = wordText(body); err != nil {
		return err
	}
	o.mentioned(text)
	o.selected(text)
	o.Session = lastOf(wordSession(), text)
	o.Generated = moment(time.RFC3339, firstOf(wordCreated(), string(core)))
	return nil
}

var (
	wordTitle   = lazy(`<dc:title>([^<]*)</dc:title>`)
	wordSession = lazy(`(?m)^Session[: \n]*(` + uuid + `)$`)
	wordCreated = lazy(`<dcterms:created xsi:type="dcterms:W3CDTF">([^<]*)</dcterms:created>`)
)

// wordText returns the text of a part of a Word document, a line for each paragraph.
func wordText(part []byte) (string, error) {
	var b strings.Builder
	inText := false
	for d := xml.NewDecoder(bytes.NewReader(part)); ; {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if inText = t.Name.Local == "t"; t.Name.Local == "p" {
				b.WriteByte('\n')
			}
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				b.Write(t)
			}
		}
	}
}

// fromWorkbook reads the sheet About, or where there is none, as in a file for another tool, all texts.
func (o *Origin) fromWorkbook(data []byte) error {
	book, err := workbook.Open(data)
	if err != nil {
		return err
	}
	about := make(map[string]string)
	var all strings.Builder
	for _, sheet := range book.Sheets {
		for row, err := range book.Rows(sheet) {
			if err != nil {
				return err
			}
			if sheet.Name == "About" && len(row) >= 2 {
				about[row[0]] = row[1] // the last of a name, which is ours
			}
			for _, cell := range row {
				all.WriteString(cell + "\n")
			}
		}
	}
	if len(about) == 0 {
		o.Format, o.Kind = reports.CISOXLSX, reports.Profile
		o.fromEndings(all.String())
		return nil
	}
	o.called(about["Report"])
	seq, _, _ := strings.Cut(about["Journal"], " ")
	if hash := about["Journal head"]; fullHash().MatchString(hash) {
		o.Head = head(seq, hash)
	}
	o.Session, o.Pack, o.AsOf = about["Session id"], about["Pack SHA-256"], assessment.Date(about["Ages and expiry as of"])
	o.Version = strings.TrimPrefix(strings.TrimPrefix(about["Tool"], "Plumbline"), " ")
	o.Generated = moment("2006-01-02 15:04 UTC", about["Generated"])
	o.mentioned(all.String())
	o.selected(all.String())
	return nil
}

var fullHash = lazy(`^[0-9a-f]{64}$`)

// fromJSON reads the envelope.
func (o *Origin) fromJSON(data []byte) error {
	type journalHead struct {
		Seq  uint64 `json:"seq"`
		Hash string `json:"hash"`
	}
	type session struct {
		ID   string      `json:"id"`
		Head journalHead `json:"journal_head"`
	}
	var e struct {
		Schema string `json:"schema"`
		Tool   struct {
			Version string `json:"version"`
		} `json:"tool"`
		Pack struct {
			SHA256 string `json:"sha256"`
		} `json:"pack"`
		Session   session         `json:"session"`
		Generated time.Time       `json:"generated"`
		AsOf      assessment.Date `json:"as_of"`
		Data      struct {
			Before    json.RawMessage `json:"before"`
			OnlyRoles json.RawMessage `json:"only_roles"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	name, isReport := strings.CutSuffix(strings.TrimPrefix(e.Schema, "plumbline/"), "-report/1")
	if kind := reports.Kind(name); isReport && slices.Contains(reports.Kinds(), kind) {
		o.Kind = kind
	}
	o.Session, o.Pack, o.Version, o.AsOf, o.Generated = e.Session.ID, e.Pack.SHA256, e.Tool.Version, e.AsOf, e.Generated.UTC()
	if h := e.Session.Head; fullHash().MatchString(h.Hash) {
		o.Head = Head(h)
	}
	if reports.ByRole(o.Kind) {
		var roles []string
		if json.Unmarshal(e.Data.OnlyRoles, &roles) == nil {
			o.narrowed(roles)
		}
	}
	for _, m := range jsonHead().FindAllSubmatch(e.Data.Before, -1) {
		if h := head(string(m[1]), string(m[2])); h.Seq > 0 && len(o.Others) < maxOthers {
			o.Others = append(o.Others, h)
		}
	}
	return nil
}

var jsonHead = lazy(`"seq":\s*(\d{1,9}),\s*"hash":\s*"([0-9a-f]{64})"`)

// oscalDocuments are the documents of OSCAL by their members, and what each is of.
var oscalDocuments = []struct {
	member string
	kind   reports.Kind
	part   string
}{
	{"assessment-results", reports.Gap, oscal.ResultsFile},
	{"assessment-plan", reports.Gap, oscal.PlanFile},
	{"plan-of-action-and-milestones", reports.Plan, ""},
	{"profile", reports.Profile, ""}, // the same alone and in the ZIP
}

// fromOSCAL reads the properties of a document of OSCAL, or of the one in a ZIP that tells its origin.
func (o *Origin) fromOSCAL(data []byte) error {
	packed := workbook.Is(data)
	if packed {
		var err error
		if data, err = part(data, oscalInZip); err != nil {
			return err
		}
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	for _, d := range oscalDocuments {
		if body, ok := doc[d.member]; ok {
			o.Kind, o.Part = d.kind, d.part
			o.fromMetadata(body)
			break
		}
	}
	if packed {
		o.Kind, o.Part = reports.Gap, ""
	}
	return nil
}

// fromMetadata reads the metadata of a document of OSCAL.
func (o *Origin) fromMetadata(document []byte) {
	var m struct {
		Metadata struct {
			Modified time.Time `json:"last-modified"`
			OSCAL    string    `json:"oscal-version"`
			Links    []struct {
				Href string `json:"href"`
			} `json:"links"`
			Props []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"props"`
		} `json:"metadata"`
	}
	if json.Unmarshal(document, &m) != nil {
		return
	}
	for _, l := range m.Metadata.Links {
		if o.Kind == reports.Plan && l.Href == oscal.ResultsFile { // it cites what only the ZIP has
			o.Kind, o.Part = reports.Gap, oscal.POAMFile
		}
	}
	o.Generated, o.OSCAL = m.Metadata.Modified.UTC(), m.Metadata.OSCAL
	for _, p := range m.Metadata.Props {
		switch p.Name {
		case "session-id":
			o.Session = p.Value
		case "journal-head":
			if h := mentionedHead().FindStringSubmatch(p.Value); h != nil {
				o.Head = head(h[1], h[2])
			}
		case "pack-sha256":
			o.Pack = p.Value
		case "as-of":
			o.AsOf = assessment.Date(p.Value)
		case "tool":
			o.Version = strings.TrimPrefix(strings.TrimPrefix(p.Value, "Plumbline"), " ")
		}
	}
}
