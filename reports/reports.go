// Package reports turns a snapshot of a session into a report: one kind of report, one format, one
// writer. The same snapshot and options give the same bytes, whatever the place, time zone or locale.
// A report reads one session and nothing else, but a comparison, which reads the two that it compares.
//
// A report is built once, as a document to read (model.Document), as sheets of data (model.Workbook) or
// as JSON (wire), and then written; no writer computes.
package reports

import (
	"bytes"
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
	switch {
	case f == OSCAL && k == Gap:
		return "zip"
	case f == OSCAL:
		return "json"
	case f == CISOCSV:
		return "csv"
	case f == CISOXLSX:
		return "xlsx"
	}
	return string(f)
}

// IsText reports whether a report of that kind and format is text, which can go to a terminal.
func IsText(k Kind, f Format) bool {
	return !slices.Contains([]string{"pdf", "docx", "xlsx", "zip"}, Extension(k, f))
}

// NeedsArea reports whether a format has one rating for each Subcategory, so that Options.Area decides
// which.
func NeedsArea(f Format) bool { return f == CSFP || f == CSFA }

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
		data:     as(wire.KindExecutive, func(s *assessment.Snapshot, o Options) any { return wire.ExecutiveReportOf(s, o) }),
	},
	{
		kind: Plan, tells: "actions, owners and dates; the gaps without any",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON, OSCAL},
		document: sure(model.PlanReport), workbook: sure(model.PlanWorkbook),
		data: as(wire.KindPlan, func(s *assessment.Snapshot, o Options) any { return wire.PlanReportOf(s, o) }),
	},
	{
		kind: EvidenceRequests, tells: "what to ask to see, by role",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON},
		document: sure(model.EvidenceRequests), workbook: sure(model.EvidenceRequestsWorkbook),
		data: as(wire.KindRequests, func(s *assessment.Snapshot, o Options) any { return wire.EvidenceRequestsOf(s, o) }),
	},
	{
		kind: Interview, tells: "questions by role; a filled CSV can be imported",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON},
		document: sure(model.InterviewSheets), workbook: sure(model.InterviewWorkbook),
		data: as(wire.KindInterview, func(s *assessment.Snapshot, o Options) any { return wire.InterviewOf(s, o) }),
	},
	{
		kind: Profile, tells: "Current and Target Profile, NIST's template too",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON, OSCAL, CSFP, CSFA, CISOCSV, CISOXLSX},
		document: sure(model.ProfileReport), workbook: sure(model.ProfileWorkbook),
		data: as(wire.KindProfile, func(s *assessment.Snapshot, _ Options) any { return wire.ProfileOf(s) }),
	},
	{
		kind: Compare, tells: "two states, on the items that both have rated",
		formats:  []Format{HTML, PDF, DOCX, Markdown, XLSX, CSV, JSON},
		document: model.CompareReport, workbook: model.CompareWorkbook,
		data: func(s *assessment.Snapshot, o Options) (wire.Kind, any, error) {
			c, err := wire.CompareReportOf(s, o)
			return wire.KindCompare, c, err
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

// form is how a report is written in its format, and how what was written is judged.
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
	if o.Damage != "" && !hasBanner(f) {
		return Artifact{}, fmt.Errorf("the %s report as %s: %w", k, f, ErrNoBanner)
	}
	made, err := r.in(f, s, o)
	return Artifact{k, f, made}, err
}

// in builds the report in one of its formats.
func (r report) in(f Format, s *assessment.Snapshot, o Options) (form, error) {
	switch f {
	case HTML, PDF, DOCX, Markdown:
		d, err := r.document(s, o)
		if err != nil {
			return form{}, err
		}
		return prose(f, d), nil
	case XLSX, CSV:
		b, err := r.workbook(s, o)
		if err != nil {
			return form{}, err
		}
		if f == XLSX {
			return sheets(b), nil
		}
		register, _ := b.Register()
		return form{
			func(w io.Writer) error { return csv.WriteSheet(w, register, o.Delimiter) },
			func(data []byte) error { return csv.CheckSheet(data, register, o.Delimiter) },
		}, nil
	case CISOXLSX:
		return sheets(exchange.CISOWorkbook(s, o)), nil
	case CSFP, CSFA, CISOCSV:
		w := foreign[f]
		return form{
			func(to io.Writer) error { return w.write(to, s, o) },
			func(data []byte) error { return w.check(data, s, o) },
		}, nil
	case OSCAL:
		return form{
			func(w io.Writer) error { return writeOSCAL(w, r.kind, s, o) },
			func(data []byte) error { return oscal.Check(data, s, o) },
		}, nil
	default:
		kind, data, err := r.data(s, o)
		if err != nil {
			return form{}, err
		}
		e := wire.Wrap(kind, o, nil, s, data)
		return form{e.Encode, e.Check}, nil
	}
}

// hasBanner reports whether a format has a place to say that the session is damaged.
func hasBanner(f Format) bool {
	return !slices.Contains([]Format{CSV, CSFP, CSFA, CISOCSV, CISOXLSX}, f)
}

// foreign are the formats of other tools that are files of their own.
var foreign = map[Format]struct {
	write func(io.Writer, *assessment.Snapshot, Options) error
	check func([]byte, *assessment.Snapshot, Options) error
	loss  func(*assessment.Snapshot, Options) []string
}{
	CSFP:     {exchange.WriteCSFP, exchange.CheckCSFP, exchange.CSFPLoss},
	CSFA:     {exchange.WriteCSFA, exchange.CheckCSFA, exchange.CSFALoss},
	CISOCSV:  {exchange.WriteCISO, exchange.CheckCISO, exchange.CISOLoss},
	CISOXLSX: {loss: exchange.CISOLoss},
}

// Loss says what of the session a format of another tool can not carry, a sentence each; nil for the
// formats that are ours.
func Loss(f Format, s *assessment.Snapshot, o Options) []string {
	if w, ok := foreign[f]; ok {
		return w.loss(s, o)
	}
	return nil
}

// sheets is a workbook as XLSX.
func sheets(b model.Workbook) form {
	return form{
		func(w io.Writer) error { return xlsx.Write(w, b) },
		func(data []byte) error { return xlsx.Check(data, b) },
	}
}

// prose is a document in a format that people read.
func prose(f Format, d model.Document) form {
	write, check := html.Write, html.Check
	switch f {
	case PDF:
		write, check = pdf.Write, pdf.Check
	case DOCX:
		write, check = docx.Write, docx.Check
	case Markdown:
		write, check = markdown.Write, markdown.Check
	}
	return form{
		func(w io.Writer) error { return write(w, d) },
		func(data []byte) error { return check(data, d) },
	}
}

// writeOSCAL writes the document that a kind of report is in OSCAL, or a ZIP of all four.
func writeOSCAL(w io.Writer, k Kind, s *assessment.Snapshot, o Options) error {
	one := oscal.Plan
	switch k {
	case Gap:
		return oscal.WriteZip(w, s, o)
	case Profile:
		one = oscal.Profile
	}
	f, err := one(s, o)
	if err != nil {
		return err
	}
	_, err = w.Write(f.Data)
	return err
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
