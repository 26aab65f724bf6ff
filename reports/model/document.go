// Package model is what a report says, before it has a format. A Document is built once from a
// snapshot; it holds every word, number and order, so that a renderer only lays out what it is given
// and all formats agree.
//
// Texts of people and of files come through wire.Text, so no control or steering character is left
// in them; escaping for its format is the renderer's part. Lines of facts and cells may hold line
// feeds, all other texts are of one line.
package model

import (
	"time"

	"plumbline/reports/chart"
)

// Document is a report.
type Document struct {
	Lang         string // "en-US"
	Title        string // "Gap report"
	Subject      string // what it measures against
	Organization string
	Session      string
	Marking      string // classification marking, "" for none
	Warning      string // a banner above everything, "" for none
	Cover        []Fact
	Statements   []string // what must stand on the first page
	Sections     []Section
	Footer       string    // one line that says which state of which session this is
	Date         time.Time // when the report was made, in UTC
	Brand        Brand
	Brief        bool // of a few pages: without a list of contents, and with a head that leaves room on its first page
}

// Brand is how the organization wants its reports to look. The zero value is the plain look.
type Brand struct {
	Logo   []byte // a PNG that assessment.Brand has checked; nil for none
	Accent string // "#1f4e79", a color that keeps the contrast on white; "" for the plain one
}

// Section is a numbered part of a document.
type Section struct {
	ID     string // anchor, unique in the document
	Number string // "3"
	Title  string
	Apart  bool // on pages of its own, to be handed out alone
	Blocks []Block
}

// Block is a part of a section: a Para, List, Heading, Figures, Facts, Table, Chart or Entries.
type Block interface{ isBlock() }

// Para is a paragraph.
type Para struct {
	Text string
	Note bool // it explains rather than tells
}

// List is a bulleted list.
type List struct{ Items []string }

// Heading divides a section.
type Heading struct{ Text string }

// Figures are the few numbers that matter most.
type Figures struct{ Figures []Figure }

// Figure is a number with its meaning. Key names it for a program that reads the report.
type Figure struct{ Key, Label, Value, Note string }

// Facts are terms with what holds for each.
type Facts struct{ Facts []Fact }

// Fact is a term with what holds for it.
type Fact struct {
	Term  string
	Lines []string
	Style Style
}

// Style says how a fact's lines are set.
type Style uint8

// The styles.
const (
	Plain      Style = iota
	Bullets          // a list
	Suggestion       // a list that the pack suggests, not the session
)

// Table is a table. Every row has a cell for each column.
type Table struct {
	ID      string // anchor, unique in the document, "" for none
	Caption string
	Columns []Column
	Rows    []Row
}

// Column is the head of a column.
type Column struct {
	Title string
	Kind  ColumnKind
}

// ColumnKind says how a column is set.
type ColumnKind uint8

// The kinds of columns.
const (
	Words  ColumnKind = iota
	Head              // names the row
	Number            // set to the right
	Short             // words that should not break
	Long              // words that need room
)

// Row is a row of a table.
type Row struct {
	Cells  []Cell
	Strong bool // a total
}

// Cell is a cell of a table. Tone only repeats what Text says.
type Cell struct {
	Text string
	Sub  string // a second, smaller line
	Link string // the anchor, in this document, of what Text names; "" for none
	Tone Tone
}

// Tone is a color by its meaning.
type Tone string

// The tones.
const (
	NoTone  Tone = ""
	Level0  Tone = "level0"
	Level1  Tone = "level1"
	Level2  Tone = "level2"
	Level3  Tone = "level3"
	Band0   Tone = "band0" // attainment below a quarter,
	Band1   Tone = "band1" // below a half,
	Band2   Tone = "band2" // below three quarters,
	Band3   Tone = "band3" // below all,
	Band4   Tone = "band4" // and all
	Warning Tone = "warning"
)

// Chart is a drawing with the table of the numbers that it shows.
type Chart struct {
	ID      string // unique in the document
	Drawing chart.Drawing
	Table   Table
}

// Entries are records that need more room than a row of a table.
type Entries struct{ Entries []Entry }

// Entry is such a record.
type Entry struct {
	ID     string // anchor, unique in the document
	Code   string // "GV.OC-01/secure"
	Title  string
	Badges []Cell
	Inline []Fact // short ones, for one line
	Lead   string
	Facts  []Fact

	// An entry with choices is a question to answer on paper: it is set small, with a box before each
	// choice and a line to write on for each blank.
	Choices []string
	Blanks  []string // what to write there, "" for the line before going on
}

func (Para) isBlock()    {}
func (List) isBlock()    {}
func (Heading) isBlock() {}
func (Figures) isBlock() {}
func (Facts) isBlock()   {}
func (Table) isBlock()   {}
func (Chart) isBlock()   {}
func (Entries) isBlock() {}
