// Package xlsx writes a workbook as an Office Open XML spreadsheet: strings and whole numbers, and
// nothing that calculates, links or runs. A text that looks like a formula is a string cell, set in
// the format Text, so that it stays one when somebody edits it.
package xlsx

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// What a spreadsheet has room for. Excel counts a text in units of UTF-16 and takes 32,767 of them, a
// header 255.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
	maxName    = 31
	maxText    = 32_000
	maxCut     = 40  // of the words that say what was cut
	maxHeader  = 110 // of one of two texts
)

// printed is how many characters of columns a printed page takes side by side and stays readable.
const printed = 250

// across is how many pages a sheet takes side by side. More than one mean that it is wider than a screen
// as well: the column that names the rows stays in sight and is printed again.
func across(s model.Sheet) int {
	sum := 0
	for _, c := range s.Columns {
		sum += width(c)
	}
	return max(1, (sum+printed-1)/printed)
}

const (
	mainNS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	types  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// Write writes the workbook. Rows are checked to have a value for each column, names of sheets to be
// ones that every spreadsheet takes. A text of more than 32,000 characters is cut and says so.
func Write(w io.Writer, b model.Workbook) error {
	if err := valid(b); err != nil {
		return err
	}
	texts := stringTable{index: make(map[string]int)}
	pkg := ooxml.Package{Rels: []ooxml.Rel{
		{ID: "rId1", Type: ooxml.RelOffice + "officeDocument", Target: "xl/workbook.xml"},
		{ID: "rId2", Type: ooxml.RelCore, Target: "docProps/core.xml"},
	}}
	book := ooxml.Part{Name: "xl/workbook.xml", Type: types + "sheet.main+xml", Data: workbook(b)}
	var sheets []ooxml.Part
	for i, s := range b.Sheets {
		file := fmt.Sprintf("worksheets/sheet%d.xml", i+1)
		book.Rels = append(book.Rels, ooxml.Rel{ID: relID(i), Type: ooxml.RelOffice + "worksheet", Target: file})
		sheets = append(sheets, ooxml.Part{Name: "xl/" + file, Type: types + "worksheet+xml", Data: sheet(b, i, s, &texts)})
	}
	book.Rels = append(book.Rels,
		ooxml.Rel{ID: relID(len(sheets)), Type: ooxml.RelOffice + "styles", Target: "styles.xml"},
		ooxml.Rel{ID: relID(len(sheets) + 1), Type: ooxml.RelOffice + "sharedStrings", Target: "sharedStrings.xml"})
	pkg.Parts = append([]ooxml.Part{ooxml.Core(b.Title, time.Time{}), book}, sheets...)
	pkg.Parts = append(pkg.Parts,
		ooxml.Part{Name: "xl/styles.xml", Type: types + "styles+xml", Data: styleSheet()},
		ooxml.Part{Name: "xl/sharedStrings.xml", Type: types + "sharedStrings+xml", Data: texts.part()})
	data, err := pkg.Bytes()
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func relID(i int) string { return "rId" + strconv.Itoa(i+1) }

func valid(b model.Workbook) error {
	if len(b.Sheets) == 0 {
		return errors.New("a workbook needs a sheet")
	}
	names := make(map[string]bool)
	for _, s := range b.Sheets {
		folded := strings.ToLower(s.Name)
		switch {
		case s.Name == "" || utf8.RuneCountInString(s.Name) > maxName:
			return fmt.Errorf("the name of sheet %q is not of 1 to %d characters", s.Name, maxName)
		case strings.ContainsAny(s.Name, `[]:*?/\`) || strings.Trim(s.Name, "'") != s.Name || s.Name != ooxml.Plain(s.Name) ||
			strings.ContainsAny(s.Name, "\t\r\n") || folded == "history": // Excel keeps that one for itself
			return fmt.Errorf("a sheet can not have the name %q", s.Name)
		case names[folded]:
			return fmt.Errorf("two sheets are called %q", s.Name)
		case len(s.Columns) == 0 || len(s.Columns) > maxColumns || len(s.Rows) >= maxRows:
			return fmt.Errorf("sheet %q has %d columns and %d rows: too few or too many", s.Name, len(s.Columns), len(s.Rows))
		}
		names[folded] = true
		for i, r := range s.Rows {
			if len(r) != len(s.Columns) {
				return fmt.Errorf("sheet %q, row %d has %d values in %d columns", s.Name, i+2, len(r), len(s.Columns))
			}
		}
	}
	return nil
}

func workbook(b model.Workbook) []byte {
	var x ooxml.XML
	x.Markup(ooxml.Declaration, `<workbook xmlns="`, mainNS, `" xmlns:r="`, ooxml.Relations, `">`,
		`<bookViews><workbookView xWindow="0" yWindow="0" windowWidth="28800" windowHeight="15000"/></bookViews><sheets>`)
	for i, s := range b.Sheets {
		x.Markup(`<sheet name="`)
		x.Text(s.Name)
		x.Markup(`" sheetId="`, strconv.Itoa(i+1), `" r:id="`, relID(i), `"/>`)
	}
	x.Markup(`</sheets><definedNames>`)
	name := func(name, hidden string, i int, s model.Sheet, area string) {
		x.Markup(`<definedName name="_xlnm.`, name, `" localSheetId="`, strconv.Itoa(i), `"`, hidden, `>`)
		x.Text(quoted(s.Name) + "!" + area)
		x.Markup(`</definedName>`)
	}
	for i, s := range b.Sheets { // in the order of the names, as Excel writes them
		name("_FilterDatabase", ` hidden="1"`, i, s, fmt.Sprintf("$A$1:$%s$%d", letters(len(s.Columns)-1), len(s.Rows)+1))
	}
	for i, s := range b.Sheets {
		area := "$1:$1"
		if across(s) > 1 {
			area = "$A:$A," + quoted(s.Name) + "!" + area
		}
		name("Print_Titles", "", i, s, area)
	}
	x.Markup(`</definedNames></workbook>`)
	return x.Bytes()
}

// quoted is the name of a sheet as a reference to it has it.
func quoted(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

func sheet(b model.Workbook, index int, s model.Sheet, texts *stringTable) []byte {
	var x ooxml.XML
	x.Grow(64 * len(s.Columns) * (len(s.Rows) + 1))
	last := letters(len(s.Columns)-1) + strconv.Itoa(len(s.Rows)+1)
	x.Markup(ooxml.Declaration, `<worksheet xmlns="`, mainNS, `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:`, last, `"/>`)
	selected := ""
	if index == 0 {
		selected = ` tabSelected="1"`
	}
	pages := across(s)
	pane := `<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/>`
	if pages > 1 {
		pane = `<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>` +
			`<selection pane="topRight"/><selection pane="bottomLeft"/><selection pane="bottomRight" activeCell="B2" sqref="B2"/>`
	}
	x.Markup(`<sheetViews><sheetView showGridLines="0"`, selected, ` workbookViewId="0">`, pane,
		`</sheetView></sheetViews><sheetFormatPr defaultRowHeight="13.5"/><cols>`)
	for i, c := range s.Columns {
		n := strconv.Itoa(i + 1)
		x.Markup(`<col min="`, n, `" max="`, n, `" width="`, strconv.Itoa(width(c)), `" customWidth="1"/>`)
	}
	x.Markup(`</cols><sheetData><row r="1" ht="30" customHeight="1">`)
	for i, c := range s.Columns {
		cell(&x, i, 1, headStyle, model.Value{Text: c.Title}, texts)
	}
	x.Markup(`</row>`)
	for i, r := range s.Rows {
		x.Markup(`<row r="`, strconv.Itoa(i+2), `" ht="`, strconv.Itoa(height(s.Columns, r)), `">`)
		for j, v := range r {
			cell(&x, j, i+2, styleOf(v, s.Columns[j].Wrap), v, texts)
		}
		x.Markup(`</row>`)
	}
	x.Markup(`</sheetData><autoFilter ref="A1:`, last, `"/>`,
		`<pageMargins left="0.5" right="0.5" top="0.75" bottom="0.7" header="0.35" footer="0.3"/>`,
		`<pageSetup paperSize="9" orientation="landscape" fitToWidth="`, strconv.Itoa(pages), `" fitToHeight="0"/>`)
	head, foot := "&L"+header(b.Title), "&L&A&RPage &P of &N"
	if b.Marking != "" {
		head, foot = head+"&R&B"+header(b.Marking), foot+"&C&B"+header(b.Marking)
	}
	x.Markup(`<headerFooter><oddHeader>`)
	x.Text(head)
	x.Markup(`</oddHeader><oddFooter>`)
	x.Text(foot)
	x.Markup(`</oddFooter></headerFooter>`,
		`<ignoredErrors><ignoredError sqref="A1:`, last, `" numberStoredAsText="1"/></ignoredErrors></worksheet>`)
	return x.Bytes()
}

// width is the width of a column: as it asks, but with room for its head and the filter's button.
func width(c model.SheetColumn) int {
	longest := 0
	for _, word := range strings.FieldsFunc(c.Title, func(r rune) bool { return r == ' ' || r == '-' }) {
		longest = max(longest, utf8.RuneCountInString(word))
	}
	return min(max(c.Width, longest+4, 6), 120)
}

// height estimates the height of a row in points, so that a reader that does not work it out shows all
// lines of the texts that wrap; Excel takes 409 at most.
func height(columns []model.SheetColumn, row []model.Value) int {
	const line, most = 13, 409
	lines := 1
	for i, v := range row {
		if v.IsInt || !wraps(v, columns[i].Wrap) {
			continue
		}
		n, room := 0, width(columns[i])*11/10 // most letters are narrower than the digit that a width counts
		for s := range strings.SplitSeq(v.Text, "\n") {
			n += 1 + utf8.RuneCountInString(s)/room
		}
		lines = max(lines, n)
	}
	return min(lines*line+2, most)
}

// cell writes a cell. An empty one that nothing marks has the line below it and no more, so that what
// somebody fills in is a number where it is one.
func cell(x *ooxml.XML, column, row, style int, v model.Value, texts *stringTable) {
	if !v.IsInt && v.Text == "" && v.Tone == "" && !v.Strong {
		style = emptyStyle
	}
	x.Markup(`<c r="`, letters(column), strconv.Itoa(row), `" s="`, strconv.Itoa(style), `"`)
	switch {
	case v.IsInt:
		x.Markup(`><v>`, strconv.Itoa(v.Number), `</v></c>`)
	case v.Text == "":
		x.Markup(`/>`)
	default:
		x.Markup(` t="s"><v>`, strconv.Itoa(texts.add(cut(v.Text))), `</v></c>`)
	}
}

// letters names a column: 0 is A, 26 is AA.
func letters(column int) string {
	s := ""
	for column++; column > 0; column = (column - 1) / 26 {
		s = string(rune('A'+(column-1)%26)) + s
	}
	return s
}

// cut returns a text that has room in a cell.
func cut(s string) string {
	if len(s) <= maxText || units(s) <= maxText {
		return s
	}
	n := 0
	for i, r := range s {
		if n += unit(r); n > maxText-maxCut {
			return fmt.Sprintf("%s… [cut, %d more characters]", s[:i], utf8.RuneCountInString(s[i:]))
		}
	}
	return s
}

// units is the length of s in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += unit(r)
	}
	return n
}

func unit(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// header is a text for a header or a footer, where an ampersand begins a code.
func header(s string) string {
	s = strings.NewReplacer("&", "&&", "\n", " ", "\r", " ", "\t", " ").Replace(ooxml.Plain(s))
	n := 0
	for i, r := range s {
		if n += unit(r); n > maxHeader {
			s = s[:i]
			if strings.Count(s, "&")%2 > 0 {
				s = strings.TrimSuffix(s, "&")
			}
			return s + "…"
		}
	}
	return s
}

// stringTable holds every text of a workbook once.
type stringTable struct {
	index map[string]int
	texts []string
	uses  int
}

func (t *stringTable) add(s string) int {
	t.uses++
	i, ok := t.index[s]
	if !ok {
		i = len(t.texts)
		t.index[s] = i
		t.texts = append(t.texts, s)
	}
	return i
}

func (t *stringTable) part() []byte {
	var x ooxml.XML
	x.Markup(ooxml.Declaration, `<sst xmlns="`, mainNS, `" count="`, strconv.Itoa(t.uses), `" uniqueCount="`, strconv.Itoa(len(t.texts)), `">`)
	for _, s := range t.texts {
		x.Markup(`<si><t xml:space="preserve">`)
		x.Cell(s)
		x.Markup(`</t></si>`)
	}
	x.Markup(`</sst>`)
	return x.Bytes()
}
