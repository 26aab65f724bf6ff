package intake

import (
	"fmt"
	"strings"

	"plumbline/content"
)

// Place says where in a file something stands. Members that do not apply are zero.
type Place struct {
	Sheet  string // of a workbook
	Row    int    // as a spreadsheet counts, the header among them; 1 is the first
	Column string // the heading, as the file has it
	Path   string // in JSON: `assessments[3].current`
}

// String says it in words: `sheet "Gap register", row 12, column "current"`; "" for the whole file.
func (p Place) String() string {
	var parts []string
	if p.Sheet != "" {
		parts = append(parts, fmt.Sprintf("sheet %q", p.Sheet))
	}
	if p.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d", p.Row))
	}
	if p.Column != "" {
		parts = append(parts, fmt.Sprintf("column %q", p.Column))
	}
	if p.Path != "" {
		parts = append(parts, p.Path)
	}
	return strings.Join(parts, ", ")
}

// in returns the place of a column of the same row.
func (p Place) in(column string) Place {
	p.Column = column
	return p
}

// Severity says what a problem costs.
type Severity uint8

// The severities.
const (
	Notice  Severity = iota // worth knowing; what was said was read
	Skipped                 // what stands there is not taken over; the rest is
	Refused                 // nothing of the file is read
)

// String returns "notice", "skipped" or "refused".
func (s Severity) String() string { return [...]string{"notice", "skipped", "refused"}[s] }

// Problem is something about a file that a person should know: where, what stands there, what is wrong
// with it and what to do.
type Problem struct {
	Severity Severity
	Place    Place
	Value    string // as the file has it, cut to a line; "" where there is none
	What     string // `is not a level`
	Do       string // `write 0, 1, 2 or 3`; "" where nothing is to be done
}

// String says it in one line: `row 12, column "current": "5" is not a level: write 0, 1, 2 or 3`.
func (p Problem) String() string {
	s := p.What
	if p.Value != "" {
		s = fmt.Sprintf("%q %s", p.Value, s)
	}
	if at := p.Place.String(); at != "" {
		s = at + ": " + s
	}
	if p.Do != "" {
		s += ": " + p.Do
	}
	return s
}

// maxShown is how much of a value a problem or a change shows, in characters.
const maxShown = 80

// refuse says why a file is not read.
func refuse(at Place, value, what, do string) *Problem {
	return &Problem{Refused, at, shortLine(value, maxShown), what, do}
}

// leftOut says that what stands in a row is not taken over, since part of it can not be.
func leftOut(at Place, about content.ItemID) Problem {
	at.Column = ""
	return Problem{Notice, at, about.String(), "is left out with all that its row says", "correct the row and import the file again"}
}

func (f *File) skip(at Place, value, what, do string) {
	f.problems = append(f.problems, Problem{Skipped, at, shortLine(value, maxShown), what, do})
}

func (f *File) notice(at Place, value, what, do string) {
	f.problems = append(f.problems, Problem{Notice, at, shortLine(value, maxShown), what, do})
}
