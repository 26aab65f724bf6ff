package intake

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content/workbook"
)

// table is a CSV file, or a sheet of a workbook, before and after its header was found.
type table struct {
	sheet  string // "" for CSV
	rows   []row
	head   []string // the headings as they stand there, trimmed
	csv    bool     // texts that look like formulas carry an apostrophe
	budget *int     // cells read so far, of all tables of the file

	dashClears bool // a cell "-" clears, as clearWord does
}

// row is a row as a spreadsheet numbers it. Rows without any text are left out.
type row struct {
	n     int
	cells []string
}

func (t *table) place(r row) Place { return Place{Sheet: t.sheet, Row: r.n} }

// heads takes the i-th row as the header, in the place of the rows above it. Two columns of one heading
// are refused, for nobody could say which counts.
func (t *table) heads(i int) *Problem {
	at := t.place(t.rows[i])
	t.head, t.rows = headings(t.rows[i]), t.rows[i+1:]
	seen := make(map[string]bool)
	for _, h := range t.head {
		key := strings.ToLower(h)
		if key != "" && seen[key] {
			return refuse(at, h, "is the heading of two columns", "rename or remove one of them")
		}
		seen[key] = true
	}
	return nil
}

func headings(r row) []string {
	var head []string
	for _, h := range r.cells {
		head = append(head, assessment.CleanLine(h))
	}
	return head
}

// column returns where the column of that heading stands, in any case, or -1.
func (t *table) column(heading string) int {
	return slices.IndexFunc(t.head, func(h string) bool { return strings.EqualFold(h, heading) })
}

func (t *table) has(headings ...string) bool {
	return !slices.ContainsFunc(headings, func(h string) bool { return t.column(h) < 0 })
}

// cell is what a row says in a column.
type cell struct {
	text  string // trimmed of blanks around it
	place Place
	clear bool // clearWord or its like: take away what is there
	dash  bool // nothing but a dash, which says nothing
}

// clearWord clears what the session has. A dash does so in a gap register alone (table.dashClears): people
// who fill in an interview sheet write one for "nothing to say", and that must cost no note and no rating.
const clearWord = "(clear)"

// given reports whether the cell says anything.
func (c cell) given() bool { return c.text != "" || c.clear }

// cell returns the cell of a row in the column of that heading; without such a column it says nothing.
func (t *table) cell(r row, heading string) cell {
	i := t.column(heading)
	if i < 0 || i >= len(r.cells) {
		return cell{place: t.place(r).in(heading)}
	}
	c := cell{place: t.place(r).in(t.head[i]), text: strings.TrimSpace(r.cells[i])}
	if tidy(c.text) == "" { // invisible signs clear nothing
		c.text = ""
		return c
	}
	switch strings.ToLower(c.text) {
	case clearWord:
		return cell{place: c.place, clear: true}
	case "-", "–", "—":
		if t.dashClears && c.text == "-" {
			return cell{place: c.place, clear: true}
		}
		return cell{place: c.place, dash: true}
	}
	if t.csv {
		c.text = strings.TrimSpace(assessment.UnprotectFormula(r.cells[i]))
	}
	return c
}

// body yields the rows below the header, but those that are wider than it, which are skipped: a value
// without a heading means that the row's values have slipped.
func (f *File) body(t *table, read func(row)) {
	for _, r := range t.rows {
		for len(r.cells) > len(t.head) && strings.TrimSpace(r.cells[len(r.cells)-1]) == "" {
			r.cells = r.cells[:len(r.cells)-1]
		}
		if len(r.cells) > len(t.head) {
			f.skip(t.place(r), r.cells[len(r.cells)-1], fmt.Sprintf("stands beyond the last of %d columns", len(t.head)),
				"put texts with a delimiter or a line break in quotes")
			continue
		}
		read(r)
	}
}

// ignore says which columns are not read.
func (f *File) ignore(t *table, known ...string) {
	for _, h := range t.head {
		if h != "" && !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, h) }) {
			f.notice(Place{Sheet: t.sheet, Column: h}, "", "is not known and was ignored", "")
		}
	}
}

// readCSV reads a file of texts with delimiters: commas, semicolons, tabs or bars, of which the first
// line has most of one kind.
func readCSV(text string) (*table, *Problem) {
	// In any system's line endings; a text's own line breaks become the same.
	if strings.Contains(text, "\r") { // or it would be copied for nothing
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	comma, line := rune(0), 1
	if first, rest, _ := strings.Cut(text, "\n"); len(first) == len("sep=;") && strings.HasPrefix(strings.ToLower(first), "sep=") {
		comma, text, line = rune(first[4]), rest, 2
	}
	if !strings.ContainsRune(",;\t|", comma) || comma == 0 {
		comma = sniff(text)
	}
	if n, what := tooMuch(text, comma); n > 0 { // the reader would make a record of any size first
		return nil, refuse(Place{Row: n + line - 1}, "", what, "")
	}
	t := &table{csv: true, budget: new(int)}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	n, size := line-1, int64(0) // rows, empty ones among them
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if p, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, refuse(Place{}, "", fmt.Sprintf("is not CSV: %v in line %d, column %d", p.Err, p.Line+line-1, p.Column),
				"put a text with a quote in quotes and double the quote")
		}
		if err != nil {
			return nil, refuse(Place{}, "", "is not CSV: "+err.Error(), "")
		}
		// The reader passes over empty lines, which a spreadsheet counts.
		for ; size < r.InputOffset() && text[size] == '\n'; size++ {
			n++
		}
		size = r.InputOffset()
		n++
		if p := t.add(n, cells); p != nil {
			return nil, p
		}
	}
}

// tooMuch returns the first line that belongs to a record of more columns or bytes than are read, 0 for
// none, and says so.
func tooMuch(text string, comma rune) (line int, what string) {
	line, cells, begin, quoted := 1, 1, 0, false
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '\n':
			line++
			if !quoted {
				cells, begin = 1, i
			}
		case r == comma && !quoted:
			if cells++; cells > maxColumns {
				return line, fmt.Sprintf("has more than %d columns", maxColumns)
			}
		}
		if i-begin > maxRow {
			return line, fmt.Sprintf("has more than %d bytes", maxRow)
		}
	}
	return 0, ""
}

// add adds a row, if there is anything in it.
func (t *table) add(n int, cells []string) *Problem {
	at := Place{Sheet: t.sheet, Row: n}
	if n > maxRows {
		return refuse(at, "", fmt.Sprintf("is one too many, at most %d are read", maxRows), "")
	}
	if len(cells) > maxColumns {
		return refuse(at, "", fmt.Sprintf("has %d columns, at most %d are read", len(cells), maxColumns), "")
	}
	if *t.budget += len(cells); *t.budget > maxCells {
		return refuse(at, "", fmt.Sprintf("goes beyond %d cells", maxCells), "remove the columns that are not read")
	}
	if slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
		t.rows = append(t.rows, row{n, cells})
	}
	return nil
}

// sniff returns the delimiter that the first line with any text has most of, outside quotes.
func sniff(text string) rune {
	const delimiters = ",;\t|"
	var counts [len(delimiters)]int
	quoted := false
	for _, r := range strings.TrimLeft(text, "\n") {
		if r == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if r == '\n' {
			break
		}
		if i := strings.IndexRune(delimiters, r); i >= 0 {
			counts[i]++
		}
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return rune(delimiters[best])
}

// readSheets reads the sheets of a workbook.
func (f *File) readSheets(book *workbook.Book) ([]*table, *Problem) {
	var tables []*table
	cells := new(int)
	for _, s := range book.Sheets {
		t := &table{sheet: shortLine(s.Name, maxShown), budget: cells}
		n := 0
		for cells, err := range book.Rows(s) {
			n++
			if err != nil {
				return nil, refuse(Place{Sheet: t.sheet, Row: n}, "", err.Error(), "")
			}
			if p := t.add(n, cells); p != nil {
				return nil, p
			}
		}
		if s.Hidden {
			f.notice(Place{Sheet: t.sheet}, "", "is hidden; it was read like any other", "")
		}
		tables = append(tables, t)
	}
	return tables, nil
}
