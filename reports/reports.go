// Package reports turns a snapshot of a session into a report: one kind of report, one format, one
// writer. The same snapshot and options give the same bytes, whatever the place, time zone or locale.
// A report reads one session and nothing else, but a comparison, which reads the two that it compares.
//
// A report is built once, as a document to read (model.Document), as sheets of data (model.Workbook) or
// as JSON (wire), and then written; no writer computes.
package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"plumbline/assessment"
	"plumbline/reports/csv"
	"plumbline/reports/docx"
	"plumbline/reports/exchange"
	"plumbline/reports/html"
	"plumbline/reports/markdown"
	"plumbline/reports/model"
	"plumbline/reports/oscal"
	"plumbline/reports/pdf"
	"plumbline/reports/wire"
	"plumbline/reports/xlsx"
)

// Kind is what a report tells.
type Kind string

// The kinds of reports.
const (
	Gap              Kind = "gap"               // where a session stands, and its gaps in order
	Executive        Kind = "executive"         // what a board reads, on two pages
	Plan             Kind = "plan"              // the actions, and what has none
	EvidenceRequests Kind = "evidence-requests" // what to ask for, by role
	Interview        Kind = "interview"         // the questions, by role
	Profile          Kind = "profile"           // the Current and Target Profile
	Compare          Kind = "compare"           // two states of a session, or two sessions
)

// Format is how a report is written.
type Format string

// The formats.
const (
	HTML     Format = "html"
	PDF      Format = "pdf"
	DOCX     Format = "docx"
	Markdown Format = "md"
	XLSX     Format = "xlsx"
	CSV      Format = "csv"
	JSON     Format = "json"
	OSCAL    Format = "oscal"     // one document, or for the gap report a ZIP of four
	CSFP     Format = "csfp"      // of the CSF profile tool that writes .csfp
	CSFA     Format = "csfa"      // of the assessment tool that writes .csfa
	CISOCSV  Format = "ciso-csv"  // audit of CISO Assistant, as CSV
	CISOXLSX Format = "ciso-xlsx" // the same as XLSX
)

// Extension is how the name of a file of that kind and format ends, without the dot.
func Extension(k Kind, f Format) string {
	if k == Gap && f == OSCAL {
		return "zip"
	}
	return cmp.Or(formats[f].extension, string(f))
}

// IsText reports whether a report of that kind and format is text, which can go to a terminal.
func IsText(k Kind, f Format) bool { return formats[f].text && Extension(k, f) != "zip" }

// NeedsArea reports whether a format has one rating for each Subcategory, so that Options.Area decides
// which.
func NeedsArea(f Format) bool { return formats[f].area }

// ByRole reports whether a kind of report is by role, so that Options.Roles and Options.Open narrow it.
func ByRole(k Kind) bool { return k == EvidenceRequests || k == Interview }

// Options are what a report depends on beside its session.
type Options = wire.Options

// report says how a kind of report is built and which formats it has, the most readable first.
type report struct {
	kind     Kind
	tells    string // what it is for, in few words
	formats  []Format
	document func(*assessment.Snapshot, Options) (model.Document, error)
	workbook func(*assessment.Snapshot, Options) (model.Workbook, error) // nil where there is none
	data     func(*assessment.Snapshot, Options) (wire.Kind, any, error)
}

// table lists the kinds of reports, in the order in which they are offered.
var table = []report{
	{
		kind: Gap, tells: "where the session stands, and every gap in order",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON, OSCAL},
		document: sure(model.GapReport), workbook: sure(model.GapWorkbook),
		data: as(wire.KindGapReport, func(s *assessment.Snapshot, o Options) any { return wire.GapReportOf(s, o.Day()) }),
	},
	{
		kind: Executive, tells: "two pages that a board can read",
		formats:  []Format{HTML, PDF, DOCX, Markdown, JSON},
		document: sure(model.ExecutiveReport),
		data:     as(wire.KindExecutiveReport, func(s *assessment.Snapshot, o Options) any { return wire.ExecutiveReportOf(s, o) }),
	},
	{
		kind: Plan, tells: "actions, owners and dates; the gaps without any",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON, OSCAL},
		document: sure(model.PlanReport), workbook: sure(model.PlanWorkbook),
		data: as(wire.KindPlanReport, func(s *assessment.Snapshot, o Options) any { return wire.PlanReportOf(s, o) }),
	},
	{
		kind: EvidenceRequests, tells: "what to ask to see, by role",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON},
		document: sure(model.EvidenceRequests), workbook: sure(model.EvidenceRequestsWorkbook),
		data: as(wire.KindEvidenceRequestsReport, func(s *assessment.Snapshot, o Options) any { return wire.EvidenceRequestsOf(s, o) }),
	},
	{
		kind: Interview, tells: "questions by role; a filled CSV can be imported",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON},
		document: sure(model.InterviewSheets), workbook: sure(model.InterviewWorkbook),
		data: as(wire.KindInterviewReport, func(s *assessment.Snapshot, o Options) any { return wire.InterviewOf(s, o) }),
	},
	{
		kind: Profile, tells: "Current and Target Profile, NIST's template too",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON, OSCAL, CSFP, CSFA, CISOCSV, CISOXLSX},
		document: sure(model.ProfileReport), workbook: sure(model.ProfileWorkbook),
		data: as(wire.KindProfileReport, func(s *assessment.Snapshot, _ Options) any { return wire.ProfileOf(s) }),
	},
	{
		kind: Compare, tells: "two states, on the items that both have rated",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON},
		document: model.CompareReport, workbook: model.CompareWorkbook,
		data: func(s *assessment.Snapshot, o Options) (wire.Kind, any, error) {
			c, err := wire.CompareReportOf(s, o)
			return wire.KindCompareReport, c, err
		},
	},
}

// as is a builder of JSON that can not fail.
func as(k wire.Kind, build func(*assessment.Snapshot, Options) any) func(*assessment.Snapshot, Options) (wire.Kind, any, error) {
	return func(s *assessment.Snapshot, o Options) (wire.Kind, any, error) { return k, build(s, o), nil }
}

// sure is a builder that can not fail.
func sure[T any](build func(*assessment.Snapshot, Options) T) func(*assessment.Snapshot, Options) (T, error) {
	return func(s *assessment.Snapshot, o Options) (T, error) { return build(s, o), nil }
}

// Kinds lists the kinds of reports.
func Kinds() []Kind {
	var list []Kind
	for _, r := range table {
		list = append(list, r.kind)
	}
	return list
}

// Formats returns the formats that a kind of report has, the most readable first; none for a kind that
// does not exist.
func Formats(k Kind) []Format {
	r, err := find(k)
	if err != nil {
		return nil
	}
	return slices.Clone(r.formats)
}

// Tells says in few words what a kind of report is for.
func Tells(k Kind) string {
	r, err := find(k)
	if err != nil {
		return ""
	}
	return r.tells
}

func find(k Kind) (report, error) {
	for _, r := range table {
		if r.kind == k {
			return r, nil
		}
	}
	return report{}, fmt.Errorf("unknown kind of report %q (one of %q)", k, Kinds())
}

// ErrNoBanner says that the session's journal is damaged and that the format has no place to say so.
var ErrNoBanner = errors.New("the session's journal is damaged, and this format has no place to say so; take another one")

// Write builds a report of the session and writes it, as Artifact.Write does.
func Write(w io.Writer, k Kind, f Format, s *assessment.Snapshot, o Options) error {
	a, err := Build(k, f, s, o)
	if err != nil {
		return err
	}
	return a.Write(w)
}

// Check builds a report of the session and checks a written one against it, as Artifact.Check does.
func Check(k Kind, f Format, data []byte, s *assessment.Snapshot, o Options) error {
	a, err := Build(k, f, s, o)
	if err != nil {
		return err
	}
	return a.Check(data)
}

// Artifact is a report in its format, built and not yet written.
type Artifact struct {
	kind   Kind
	format Format
	form
}

// form is how a report is written in its format, and how what was written is judged. Their errors say
// what is wrong; which report it is and what was tried, Artifact adds.
type form struct {
	write func(io.Writer) error
	check func([]byte) error
}

// Write writes the report. It writes all of it in one call of w.Write, or nothing: an error comes before
// the first byte unless it is w's own.
func (a Artifact) Write(w io.Writer) error {
	var b bytes.Buffer
	if err := a.write(&b); err != nil {
		return fmt.Errorf("write the %s report as %s: %w", a.kind, a.format, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Check reads the written report back with a reader of its format and compares what it finds with what
// the report must say: its rows, its figures and its totals. Whoever writes a report to a file checks
// the bytes of that file before it takes its name.
func (a Artifact) Check(data []byte) error {
	if err := a.check(data); err != nil {
		return fmt.Errorf("check the %s report as %s: %w", a.kind, a.format, err)
	}
	return nil
}

// Build builds a report of the session in a format that its kind has.
func Build(k Kind, f Format, s *assessment.Snapshot, o Options) (Artifact, error) {
	r, err := find(k)
	if err != nil {
		return Artifact{}, err
	}
	if !slices.Contains(r.formats, f) {
		return Artifact{}, fmt.Errorf("the %s report has no format %q (one of %q)", k, f, r.formats)
	}
	in := formats[f]
	if o.Damage != "" && !in.banner {
		return Artifact{}, fmt.Errorf("the %s report as %s: %w", k, f, ErrNoBanner)
	}
	made, err := in.build(r, s, o)
	return Artifact{k, f, made}, err
}

// format says what a format is like and how a report is built in it.
type format struct {
	extension string // of its files
	text      bool   // it can go to a terminal
	banner    bool   // it has a place to say that the session is damaged
	area      bool   // Options.Area decides which ratings it has
	build     builder
	loss      func(*assessment.Snapshot, Options) []string // nil for the formats that are ours
}

// builder builds a report in a format.
type builder func(report, *assessment.Snapshot, Options) (form, error)

// formats are all formats.
var formats = map[Format]format{
	HTML:     {extension: "html", text: true, banner: true, build: prose(html.Write, html.Check)},
	PDF:      {extension: "pdf", banner: true, build: prose(pdf.Write, pdf.Check)},
	DOCX:     {extension: "docx", banner: true, build: prose(docx.Write, docx.Check)},
	Markdown: {extension: "md", text: true, banner: true, build: prose(markdown.Write, markdown.Check)},
	XLSX:     {extension: "xlsx", banner: true, build: workbook},
	CSV:      {extension: "csv", text: true, build: register},
	JSON:     {extension: "json", text: true, banner: true, build: envelope},
	OSCAL:    {extension: "json", text: true, banner: true, build: inOSCAL},
	CSFP:     {extension: "csfp", text: true, area: true, build: foreign(exchange.WriteCSFP, exchange.CheckCSFP), loss: exchange.CSFPLoss},
	CSFA:     {extension: "csfa", text: true, area: true, build: foreign(exchange.WriteCSFA, exchange.CheckCSFA), loss: exchange.CSFALoss},
	CISOCSV:  {extension: "csv", text: true, build: foreign(exchange.WriteCISO, exchange.CheckCISO), loss: exchange.CISOLoss},
	CISOXLSX: {extension: "xlsx", build: cisoWorkbook, loss: exchange.CISOLoss},
}

// Loss says what of the session a format of another tool can not carry, a sentence each; nil for the
// formats that are ours.
func Loss(f Format, s *assessment.Snapshot, o Options) []string {
	if loss := formats[f].loss; loss != nil {
		return loss(s, o)
	}
	return nil
}

// prose builds a document in a format that people read.
func prose(write func(io.Writer, model.Document) error, check func([]byte, model.Document) error) builder {
	return func(r report, s *assessment.Snapshot, o Options) (form, error) {
		d, err := r.document(s, o)
		return form{
			func(w io.Writer) error { return write(w, d) },
			func(data []byte) error { return check(data, d) },
		}, err
	}
}

// workbook builds the sheets of a report as XLSX.
func workbook(r report, s *assessment.Snapshot, o Options) (form, error) {
	b, err := r.workbook(s, o)
	return sheets(b), err
}

// cisoWorkbook builds the audit of CISO Assistant as XLSX.
func cisoWorkbook(_ report, s *assessment.Snapshot, o Options) (form, error) {
	return sheets(exchange.CISOWorkbook(s, o)), nil
}

func sheets(b model.Workbook) form {
	return form{
		func(w io.Writer) error { return xlsx.Write(w, b) },
		func(data []byte) error { return xlsx.Check(data, b) },
	}
}

// register builds the one sheet of a report that is its CSV.
func register(r report, s *assessment.Snapshot, o Options) (form, error) {
	b, err := r.workbook(s, o)
	sheet, _ := b.Register()
	return form{
		func(w io.Writer) error { return csv.WriteSheet(w, sheet, o.Delimiter) },
		func(data []byte) error { return csv.CheckSheet(data, sheet, o.Delimiter) },
	}, err
}

// envelope builds the data of a report as JSON.
func envelope(r report, s *assessment.Snapshot, o Options) (form, error) {
	kind, data, err := r.data(s, o)
	e := wire.Wrap(kind, o, nil, s, data)
	return form{e.Encode, e.Check}, err
}

// foreign builds a file in a format that others have made, straight from the session.
func foreign(write func(io.Writer, *assessment.Snapshot, Options) error, check func([]byte, *assessment.Snapshot, Options) error) builder {
	return func(_ report, s *assessment.Snapshot, o Options) (form, error) {
		return form{
			func(w io.Writer) error { return write(w, s, o) },
			func(data []byte) error { return check(data, s, o) },
		}, nil
	}
}

// inOSCAL builds the document that a kind of report is in OSCAL, or a ZIP of all four.
func inOSCAL(r report, s *assessment.Snapshot, o Options) (form, error) {
	var write func(io.Writer, *assessment.Snapshot, Options) error
	switch r.kind {
	case Gap:
		write = oscal.WriteAll
	case Plan:
		write = oscal.WritePOAM
	case Profile:
		write = oscal.WriteProfile
	default:
		return form{}, fmt.Errorf("OSCAL has no document for the %s report", r.kind)
	}
	return foreign(write, oscal.Check)(r, s, o)
}

// maxFileName is how many characters of organization and session a file name keeps.
const maxFileName = 80

// FileName returns a name for the file of a report that every system accepts, in lower-case ASCII:
// "northwater-health-2026-baseline-gap.html". Formats that share an extension are told apart. A report
// for one role is named after it: "…-interview-soc-lead.pdf".
func FileName(s *assessment.Snapshot, k Kind, f Format, o Options) string {
	in := s.Info()
	name := slug(in.Organization + " " + in.Name)
	if len(name) > maxFileName {
		name = strings.TrimRight(name[:maxFileName], "-")
	}
	if name == "" {
		name = "session-" + slug(in.ID)
	}
	name += "-" + string(k)
	if ByRole(k) && len(o.Roles) == 1 {
		name += "-" + slug(o.Roles[0])
	}
	if ext := Extension(k, f); ext != string(f) {
		return name + "-" + strings.TrimSuffix(string(f), "-"+ext) + "." + ext
	}
	return name + "." + string(f)
}

// slug returns the ASCII letters and digits of s, accents taken off, in lower case; what is between
// them becomes one hyphen.
func slug(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteByte('-')
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' }), "-")
}
