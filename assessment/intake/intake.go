// Package intake reads files of others, and of ours, into a session. It is pure: bytes in, edits out.
//
// A file is read whole before anything is done with it: Read finds out what it is by its content and
// turns it into statements, each with its place in the file. File.Plan holds them against the present
// state of a session and says what would change, what would not and why. Plan.Apply makes the edits, in
// one act. What a file does not say changes nothing, and what it says on another scale than ours
// changes nothing until a person has chosen what each value means.
package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"plumbline/assessment"
)

// Kind is a kind of file that Read knows.
type Kind string

// The kinds.
const (
	RegisterCSV   Kind = "gap-csv"       // the gap register (docs/formats.md)
	RegisterXLSX  Kind = "gap-xlsx"      // our workbook
	InterviewCSV  Kind = "interview-csv" // filled interview sheets
	InterviewXLSX Kind = "interview-xlsx"
	TemplateXLSX  Kind = "nist-xlsx" // NIST's Organizational Profile template
	TemplateCSV   Kind = "nist-csv"
	CSFP          Kind = "csfp" // a profile of version 1 or 2
	CSFA          Kind = "csfa"
	CSFACSV       Kind = "csfa-csv" // its list of gaps
	CISOCSV       Kind = "ciso-csv" // an audit of CISO Assistant
	CISOXLSX      Kind = "ciso-xlsx"
	CSFProfile    Kind = "csf_profile-csv"
	OSCALProfile  Kind = "oscal-profile"
)

// Kinds lists them, ours first.
var Kinds = [...]Kind{
	RegisterCSV, RegisterXLSX, InterviewCSV, InterviewXLSX, TemplateXLSX, TemplateCSV, CSFP, CSFA, CSFACSV, CISOCSV, CISOXLSX, CSFProfile, OSCALProfile,
}

var kindNames = map[Kind]string{
	RegisterCSV:   "gap register (CSV)",
	RegisterXLSX:  "gap register (XLSX)",
	InterviewCSV:  "interview sheets (CSV)",
	InterviewXLSX: "interview sheets (XLSX)",
	TemplateXLSX:  "NIST Organizational Profile template (XLSX)",
	TemplateCSV:   "NIST Organizational Profile template (CSV)",
	CSFP:          ".csfp profile",
	CSFA:          ".csfa assessment",
	CSFACSV:       ".csfa gaps (CSV)",
	CISOCSV:       "CISO Assistant audit (CSV)",
	CISOXLSX:      "CISO Assistant audit (XLSX)",
	CSFProfile:    "csf_profile (CSV)",
	OSCALProfile:  "OSCAL profile",
}

// Name says in words which kind this is.
func (k Kind) Name() string { return kindNames[k] }

// File is a file that was read. It is read only; one File can be planned against many sessions.
type File struct {
	Name   string // without its folder, fit for a line of text
	SHA256 string // hex, of its bytes
	Kind   Kind
	Scales []Scale // scales of the file that are not ours: see Choices

	problems   []Problem
	statements []statement
}

// Problems returns what is to be said of the file whatever the session, in the order of the file.
func (f *File) Problems() []Problem { return f.problems }

// Empty reports whether the file says nothing that could be taken over.
func (f *File) Empty() bool { return len(f.statements) == 0 }

// RatesWhole reports whether the file says something of Subcategories as a whole, which Choices.Area can
// take as said of items.
func (f *File) RatesWhole() bool {
	return slices.ContainsFunc(f.statements, func(st statement) bool { return st.about.whole })
}

// FileError says why a file is not read at all, and where in it.
type FileError struct {
	File string
	Problem
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%q: %v", e.File, e.Problem)
}

// Limits of what is read.
const (
	MaxSize    = 32 << 20 // bytes
	maxRows    = 20_000
	maxColumns = 256
	maxRow     = 4 << 20   // bytes of a row of CSV, which its reader keeps several times
	maxCells   = 2_000_000 // of all sheets together, or what is made of them would not fit into memory
	maxAbout   = 1_000     // statements about one item: each is held against all before it
)

// Read reads a file. What it is, the content decides; name, without a folder, is what the plan, the
// journal and errors call it. A refusal is a *FileError.
func Read(name string, data []byte) (*File, error) {
	sum := sha256.Sum256(data)
	f := &File{Name: shortLine(name, assessment.MaxName), SHA256: hex.EncodeToString(sum[:])}
	if p := f.read(data); p != nil {
		return nil, &FileError{f.Name, *p}
	}
	f.countScales()
	return f, nil
}

// shortLine makes one line of a text of the file, of at most n characters. Of a long text it looks at the
// beginning alone.
func shortLine(s string, n int) string {
	begin := 16 * n
	cut := len(s) > begin
	if cut {
		for !utf8.RuneStart(s[begin]) {
			begin++
		}
		s = s[:begin]
	}
	r := []rune(assessment.CleanLine(s))
	if len(r) > n || cut {
		r = append(r[:min(len(r), n-1)], '…')
	}
	return strings.TrimSpace(string(r))
}
