package model

// Workbook is a report as data: sheets of one table each, for XLSX and CSV. Like a Document it holds
// every word, number and order, and a renderer only lays it out.
type Workbook struct {
	Title   string // of the file's properties
	Marking string // classification marking, "" for none
	Sheets  []Sheet
}

// Sheet is a table of data. Every row has a value for each column.
type Sheet struct {
	Name     string // at most 31 characters, none of []:*?/\, unique, and nothing that people wrote
	Columns  []SheetColumn
	Rows     [][]Value
	Register bool // the sheet that a format with room for one writes, such as CSV
}

// SheetColumn is the head of a column.
type SheetColumn struct {
	Title string
	Width int  // in characters, about
	Wrap  bool // long text
}

// Value is a cell of a sheet: a text, or a whole number. Tone only repeats what Text says.
type Value struct {
	Text   string
	Number int
	IsInt  bool // the cell holds Number, not Text
	Tone   Tone
	Strong bool // a total
}

// Register returns the sheet that a format with room for one writes.
func (w Workbook) Register() (Sheet, bool) {
	for _, s := range w.Sheets {
		if s.Register {
			return s, true
		}
	}
	return Sheet{}, false
}
