package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/reports/wire"
)

// unknown is printed where there is no value.
const unknown = "–"

// print writes a line for people. It goes through the text filter: what it holds may come from an
// older store, and a terminal obeys what it is sent.
func (p *program) print(format string, args ...any) {
	fmt.Fprintln(p.stdout, p.plain(fmt.Sprintf(format, args...)))
}

// A filePath is the path of a file as data, alone on its line or in its cell: as it is, to the byte, so that
// it still leads there. What would steer the terminal is quoted, in a form that a shell takes back.
type filePath string

func (f filePath) String() string {
	if assessment.Shows(string(f)) {
		return string(f)
	}
	return store.ShellArg(string(f))
}

// printPath writes a path alone on a line.
func (p *program) printPath(path string) { fmt.Fprintln(p.stdout, filePath(path)) }

// prose writes a text of several lines, indented.
func (p *program) prose(text string) {
	for _, line := range strings.Split(assessment.CleanText(text), "\n") {
		fmt.Fprintln(p.stdout, strings.TrimRight("  "+p.plain(line), " "))
	}
}

// table writes rows in columns as wide as they need to be.
type table struct {
	p *program
	w *tabwriter.Writer
}

func (p *program) table(header ...any) *table {
	t := &table{p, tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)}
	if len(header) > 0 {
		t.row(header...)
	}
	return t
}

func (t *table) row(cells ...any) {
	text := make([]string, len(cells))
	for i, c := range cells {
		if f, ok := c.(filePath); ok {
			text[i] = f.String()
			continue
		}
		text[i] = t.p.plain(fmt.Sprint(c))
	}
	fmt.Fprintln(t.w, strings.Join(text, "\t"))
}

func (t *table) end() { t.w.Flush() }

// json prints data in its envelope.
func (p *program) json(kind wire.Kind, cat *content.Catalog, s *assessment.Snapshot, data any) error {
	o, err := p.options()
	if err != nil {
		return err
	}
	return wire.Wrap(kind, o, cat, s, data).Encode(p.stdout)
}

// options are what output depends on beside the session and the pack.
func (p *program) options() (wire.Options, error) {
	generated, on, err := p.today()
	return wire.Options{Version: version, Generated: generated, AsOf: on, Damage: p.damage}, err
}

// ellipsis cuts a text to n characters.
func ellipsis(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// orUnknown returns s, or the sign for what is not known.
func orUnknown(s string) string {
	if s == "" {
		return unknown
	}
	return s
}

// share is "58 of 72".
func share(r assessment.Ratio) string {
	if r.Den == 0 {
		return unknown
	}
	return fmt.Sprintf("%d of %d", r.Num, r.Den)
}

// shareOf is "58 of 72 (81 %)".
func shareOf(r assessment.Ratio) string {
	if r.Den == 0 {
		return unknown
	}
	return fmt.Sprintf("%s (%s)", share(r), r.Percent())
}

// attainment is "75/174 = 43 %", or why there is no percentage. The fraction is never withheld.
func attainment(t assessment.Tally, threshold int) string {
	switch r := t.Attainment(); {
	case r.Den == 0:
		return unknown
	case t.Withheld(threshold):
		return fmt.Sprintf("%v, %s", r, tooLittle(t, threshold))
	default:
		return fmt.Sprintf("%v = %s", r, r.Percent())
	}
}

func tooLittle(t assessment.Tally, threshold int) string {
	return fmt.Sprintf("%s (coverage %s)", t.WhyWithheld(threshold), share(t.Coverage()))
}

// interval is "61/174 … 94/174 = 35 % … 54 %".
func interval(i assessment.Interval) string {
	if i.Low.Den == 0 {
		return unknown
	}
	return fmt.Sprintf("%v … %v = %s … %s", i.Low, i.High, i.Low.Percent(), i.High.Percent())
}
