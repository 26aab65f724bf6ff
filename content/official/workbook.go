package official

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"plumbline/content/workbook"
)

const sheetName = "CSF 2.0"

// readWorkbook reads the Reference Tool's XLSX export: a sheet with a header row Function, Category,
// Subcategory, Implementation Examples, and ids at the beginning of the cells.
func readWorkbook(c *collector, data []byte) (src Source, err error) {
	src = Source{Kind: ReferenceXLSX}
	book, err := workbook.Open(data)
	if err != nil {
		return src, fmt.Errorf("is a workbook that can not be read: %w", err)
	}
	c.notices = append(c.notices, book.Notices...)
	which := slices.IndexFunc(book.Sheets, func(s workbook.Sheet) bool { return strings.EqualFold(strings.TrimSpace(s.Name), sheetName) })
	if which < 0 {
		var has names
		for _, s := range book.Sheets {
			has.add(fmt.Sprintf("%q", short(s.Name, 40)))
		}
		return src, fmt.Errorf("has no sheet %q: it has %v", sheetName, has)
	}
	if book.Sheets[which].Hidden {
		c.notice("The sheet %q is hidden; it was read.", sheetName)
	}
	return src, readRows(c, book.Rows(book.Sheets[which]))
}

// columns says where in a row the cells stand, counted from 0; examples may be -1.
type columns struct{ function, category, subcategory, examples int }

var (
	// namedID is "GOVERN (GV): text" or "Organizational Context (GV.OC): text".
	namedID = expression(`(?s)^[^()]*\(([A-Z]{2}(?:\.[A-Z]{2})?)\)\s*:\s*(.*)$`)
	// bareID is "GV.OC-01: text".
	bareID = expression(`(?s)^([A-Z]{2}\.[A-Z]{2}-[0-9]{2})\s*:\s*(.*)$`)
	// party is the line by which the tool says whose risk an example is about.
	party = expression(`^(1st|3rd)\s*:`)
)

func readRows(c *collector, rows iter.Seq2[[]string, error]) error {
	var head *columns
	var sub *Entry // of the rows that follow
	function, category := "", ""
	var strange names // cells
	n := 0
	for cells, err := range rows {
		n++
		place := fmt.Sprintf("sheet %q, row %d", sheetName, n)
		if err != nil {
			return at(place, fmt.Errorf("can not be read: %w", err))
		}
		if head == nil {
			head = header(cells)
			continue
		}
		for i, column := range []int{head.function, head.category, head.subcategory} {
			text := cell(cells, column)
			if text == "" {
				continue
			}
			pattern, parent := namedID, ""
			switch i {
			case 1:
				parent = function
			case 2:
				pattern, parent = bareID, category
			}
			m := pattern().FindStringSubmatch(text)
			if m == nil {
				strange.add(fmt.Sprintf("%q in row %d", short(text, 40), n))
				continue
			}
			id, outcome := m[1], m[2]
			marked := strings.HasPrefix(outcome, "[Withdrawn")
			if i == 0 {
				function = id
			}
			if i < 2 {
				category = id
			}
			sub = nil
			if isWithdrawn(id, marked) {
				c.leaveOut(marked)
				continue
			}
			e, err := c.add(id, parent, outcome)
			if err != nil {
				return at(place, err)
			}
			if i == 2 {
				sub = e
			}
		}
		if sub == nil {
			continue
		}
		for _, text := range splitExamples(cell(cells, head.examples)) {
			if err := c.example(sub, text); err != nil {
				return at(place, err)
			}
		}
	}
	if strange.n > 0 {
		c.notice("Cells that name no entry were not read: %v.", strange)
	}
	if head == nil {
		return at(fmt.Sprintf("sheet %q", sheetName), errors.New("has no row with the headings Function, Category and Subcategory"))
	}
	return nil
}

func cell(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[column])
}

// header returns where the columns stand, if this is the row that says so.
func header(cells []string) *columns {
	find := func(name string) int {
		return slices.IndexFunc(cells, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) })
	}
	h := &columns{find("Function"), find("Category"), find("Subcategory"), find("Implementation Examples")}
	if h.function < 0 || h.category < 0 || h.subcategory < 0 {
		return nil
	}
	return h
}

// splitExamples splits a cell into its examples: each begins with "Ex1:", or where none does, each
// line is one.
func splitExamples(text string) []string {
	var out []string
	marked := false
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || party().MatchString(line):
		case exampleMark().MatchString(line):
			marked = true
			if line = exampleMark().ReplaceAllString(line, ""); line != "" {
				out = append(out, line)
			}
		case marked && len(out) > 0:
			out[len(out)-1] += " " + line
		default:
			out = append(out, line)
		}
	}
	return out
}
