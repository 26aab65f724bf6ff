// Package reports turns a snapshot of a session into a report: one kind of report, one format, one
// writer. The same snapshot and options give the same bytes, whatever the place, time zone or locale.
// A report reads one session and nothing else.
package reports

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"plumbline/assessment"
	"plumbline/reports/csv"
	"plumbline/reports/html"
	"plumbline/reports/markdown"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

// Kind is what a report tells.
type Kind string

// Gap is the gap report: where a session stands, and its gaps in order.
const Gap Kind = "gap"

// Kinds lists the kinds of reports.
var Kinds = []Kind{Gap}

// Format is how a report is written.
type Format string

// The formats.
const (
	HTML     Format = "html"
	Markdown Format = "md"
	JSON     Format = "json"
	CSV      Format = "csv"
)

// Formats returns the formats that a kind of report has, the most readable first; none for a kind that
// does not exist.
func Formats(k Kind) []Format {
	if k == Gap {
		return []Format{HTML, Markdown, JSON, CSV}
	}
	return nil
}

// Options are what a report depends on beside its session.
type Options = wire.Options

// ErrNoBanner says that the session's journal is damaged and that the format has no place to say so.
var ErrNoBanner = errors.New("the session's journal is damaged, and this format has no place to say so; take another one")

// Write writes a report of the session. It writes all of it in one call of w.Write, or nothing: an
// error comes before the first byte unless it is w's own.
func Write(w io.Writer, k Kind, f Format, s *assessment.Snapshot, o Options) error {
	if err := check(k, f); err != nil {
		return err
	}
	switch f {
	case HTML:
		return html.Write(w, model.GapReport(s, o))
	case Markdown:
		return markdown.Write(w, model.GapReport(s, o))
	case CSV:
		if o.Damage != "" {
			return fmt.Errorf("write the %s report as %s: %w", k, f, ErrNoBanner)
		}
		return csv.Write(w, s, o.Day(), o.Delimiter)
	default:
		return wire.Wrap(wire.KindGapReport, o, nil, s, wire.GapReportOf(s, o.Day())).Encode(w)
	}
}

func check(k Kind, f Format) error {
	formats := Formats(k)
	if formats == nil {
		return fmt.Errorf("unknown kind of report %q (one of %q)", k, Kinds)
	}
	if !slices.Contains(formats, f) {
		return fmt.Errorf("the %s report has no format %q (one of %q)", k, f, formats)
	}
	return nil
}

// maxFileName is how many characters of organization and session a file name keeps.
const maxFileName = 80

// FileName returns a name for the file of a report that every system accepts, in lower-case ASCII:
// "northwater-health-2026-baseline-gap.html".
func FileName(s *assessment.Snapshot, k Kind, f Format) string {
	in := s.Info()
	name := slug(in.Organization + " " + in.Name)
	if len(name) > maxFileName {
		name = strings.TrimRight(name[:maxFileName], "-")
	}
	if name == "" {
		name = "session-" + slug(in.ID)
	}
	return name + "-" + string(k) + "." + string(f)
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
