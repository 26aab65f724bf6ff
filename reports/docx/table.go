package docx

import (
	"sort"
	"strconv"
	"strings"
	"unicode"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

const (
	ground     = "F5F7F9" // behind totals and figures
	suggestion = "F1F6EE" // behind what the pack suggests

	together = 12   // rows of a table that is kept on one page
	splits   = 1200 // bytes of a row that may go over two pages; shorter ones never do
	padding  = 170  // of a cell, left and right, in twips
)

// sizes are those of what stands in a table, in half points.
type sizes struct{ head, text, detail int }

var (
	usual = sizes{head: 17, text: 17, detail: 15}
	tight = sizes{head: 15, text: 15, detail: 13} // of a brief document
)

// table writes a table with its caption above it. The anchor is one more name for it.
func (p *printer) table(t model.Table, anchor string) {
	p.closeMark(p.openMark(anchor))
	p.para(form{style: "Caption", anchor: t.ID}, run{text: t.Caption})
	widths := p.sizes.columnWidths(t, p.text)
	p.openTable("ReportTable", t.Caption, widths)
	p.Markup(`<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	for i, c := range t.Columns {
		p.openCell(widths[i], p.accent, "", `<w:vAlign w:val="bottom"/>`)
		p.para(form{style: "TableHead", right: c.Kind == model.Number}, run{text: c.Title})
		p.Markup(`</w:tc>`)
	}
	p.Markup(`</w:tr>`)
	whole := lines(t) <= together
	for i, r := range t.Rows {
		keep := (whole || i == 0) && i < len(t.Rows)-1
		p.openRow(r)
		for j, c := range r.Cells {
			p.cell(c, t.Columns[j].Kind, widths[j], r.Strong, keep)
		}
		p.Markup(`</w:tr>`)
	}
	p.Markup(`</w:tbl>`)
	p.para(form{style: "TableEnd"})
}

// lines is about how many lines a table takes, without its head.
func lines(t model.Table) int {
	n := 0
	for _, r := range t.Rows {
		most := 0
		for _, c := range r.Cells {
			text := c.Text
			if c.Sub != "" {
				text += "\n" + c.Sub
			}
			most = max(most, 1+strings.Count(text, "\n"))
		}
		n += most
	}
	return n
}

func (p *printer) openRow(r model.Row) {
	size := 0
	for _, c := range r.Cells {
		size = max(size, len(c.Text)+len(c.Sub))
	}
	p.Markup(`<w:tr>`)
	if size < splits {
		p.Markup(`<w:trPr><w:cantSplit/></w:trPr>`)
	}
}

func (p *printer) cell(c model.Cell, kind model.ColumnKind, width int, strong, keep bool) {
	look := ooxml.LookOf(c.Tone)
	fill := look.Fill
	if fill == "" && strong {
		fill = ground
	}
	p.openCell(width, fill, "")
	ink := ooxml.Look{Ink: look.Ink}
	style, right := "TableText", kind == model.Number
	link := p.bookmark(c.Link)
	first := run{text: c.Text, look: ink, bold: strong || kind == model.Head || c.Tone != model.NoTone, link: link}
	if link != "" {
		first.style = "Hyperlink"
	}
	p.para(form{style: style, keep: keep, right: right}, first)
	if c.Sub != "" {
		p.para(form{style: "TableDetail", keep: keep, right: right}, run{text: c.Sub, look: ink})
	}
	p.Markup(`</w:tc>`)
}

// openTable begins a table of data, with its caption as the alternative text.
func (p *printer) openTable(style, caption string, widths []int) {
	p.Markup(`<w:tbl><w:tblPr><w:tblStyle w:val="`, style, `"/><w:tblW w:w="`, strconv.Itoa(sum(widths)), `" w:type="dxa"/>`,
		`<w:tblLayout w:type="fixed"/><w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>`,
		`<w:tblCaption w:val="`)
	p.Text(caption)
	p.Markup(`"/></w:tblPr>`)
	p.grid(widths)
}

// openGrid begins a table that only lays things out.
func (p *printer) openGrid(style string, widths ...int) {
	p.Markup(`<w:tbl><w:tblPr><w:tblStyle w:val="`, style, `"/><w:tblW w:w="`, strconv.Itoa(sum(widths)), `" w:type="dxa"/>`,
		`<w:tblLayout w:type="fixed"/><w:tblLook w:val="0000" w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr>`)
	p.grid(widths)
}

func (p *printer) grid(widths []int) {
	p.Markup(`<w:tblGrid>`)
	for _, w := range widths {
		p.Markup(`<w:gridCol w:w="`, strconv.Itoa(w), `"/>`)
	}
	p.Markup(`</w:tblGrid>`)
}

// openCell begins a cell. Its properties stand in the order that the schema wants: before is what comes
// before the fill, after what comes after it.
func (p *printer) openCell(width int, fill, before string, after ...string) {
	p.Markup(`<w:tc><w:tcPr><w:tcW w:w="`, strconv.Itoa(width), `" w:type="dxa"/>`, before)
	if fill != "" {
		p.Markup(`<w:shd w:val="clear" w:color="auto" w:fill="`, fill, `"/>`)
	}
	p.Markup(after...)
	p.Markup(`</w:tcPr>`)
}

// figures sets the few numbers that matter most as cards, three to a row. Narrow columns and low rows
// between them keep them apart.
func (p *printer) figures(list []model.Figure) {
	const across, gap = 3, 170
	card := (p.text - (across-1)*gap) / across
	p.openGrid("ReportFigures", card, gap, card, gap, card)
	empty := func(width int) {
		p.openCell(width, "", "")
		p.para(form{style: "Gap"})
		p.Markup(`</w:tc>`)
	}
	for from := 0; from < len(list); from += across {
		if from > 0 {
			p.Markup(`<w:tr><w:trPr><w:trHeight w:val="170" w:hRule="exact"/></w:trPr>`)
			p.openCell(p.text, "", `<w:gridSpan w:val="5"/>`)
			p.para(form{style: "Gap", keep: true})
			p.Markup(`</w:tc></w:tr>`)
		}
		p.Markup(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for i := from; i < from+across; i++ {
			if i > from {
				empty(gap)
			}
			if i >= len(list) {
				empty(card)
				continue
			}
			f := list[i]
			p.openCell(card, ground, `<w:tcBorders><w:left w:val="single" w:sz="36" w:space="0" w:color="`+p.accent+`"/></w:tcBorders>`)
			p.para(form{style: "FigureLabel"}, run{text: f.Label})
			p.para(form{style: "FigureValue"}, run{text: f.Value})
			p.para(form{style: "FigureNote"}, run{text: f.Note})
			p.Markup(`</w:tc>`)
		}
		p.Markup(`</w:tr>`)
	}
	p.Markup(`</w:tbl>`)
	p.para(form{style: "TableEnd"})
}

// facts sets terms beside what holds for each. Those of an entry stay on its page as far as they can.
func (p *printer) facts(facts []model.Fact, inEntry bool) {
	if len(facts) == 0 {
		return
	}
	const term = 2150
	p.openGrid("ReportFacts", term, p.text-term)
	for i, f := range facts {
		keep := inEntry && i < len(facts)-1
		size := 0
		for _, l := range f.Lines {
			size += len(l)
		}
		p.Markup(`<w:tr>`)
		if size < splits {
			p.Markup(`<w:trPr><w:cantSplit/></w:trPr>`)
		}
		p.openCell(term, "", "")
		p.para(form{style: "Term", keep: keep}, run{text: f.Term})
		p.Markup(`</w:tc>`)
		fill, style := "", "FactText"
		if f.Style == model.Suggestion {
			fill = suggestion
		}
		if f.Style != model.Plain {
			style = "FactBullet"
		}
		p.openCell(p.text-term, fill, "")
		for _, l := range f.Lines {
			p.para(form{style: style, keep: keep}, run{text: l})
		}
		if len(f.Lines) == 0 {
			p.para(form{style: style, keep: keep})
		}
		p.Markup(`</w:tc></w:tr>`)
	}
	p.Markup(`</w:tbl>`)
	p.para(form{style: "TableEnd"})
}

func sum(list []int) int {
	n := 0
	for _, v := range list {
		n += v
	}
	return n
}

// need is the room that a column asks for, in twips: what it can not do without, what it would like, and
// what breaks none of its lines.
type need struct{ least, most, full int }

// mostWidth is what a column of a kind likes at most, in twips; a longer line wraps where others need the
// room.
var mostWidth = [...]int{model.Words: 2500, model.Head: 2800, model.Number: 2000, model.Short: 2400, model.Long: 7500}

// needs works out what the columns of a table ask for, by the lengths of their words and lines.
func (z sizes) needs(t model.Table) []need {
	const longest = 2400 // a longer word breaks
	list := make([]need, len(t.Columns))
	for i, c := range t.Columns {
		head := textWidth(longestWord(c.Title), z.head, true)
		n := need{least: head, most: max(head, min(textWidth(c.Title, z.head, true), 1400))}
		if c.Kind == model.Long {
			n.least = max(n.least, 1900)
		}
		add := func(text string, size int, bold, breaks bool) {
			for line := range strings.SplitSeq(text, "\n") {
				w := textWidth(line, size, bold)
				n.most = max(n.most, w)
				if breaks {
					w = textWidth(longestWord(line), size, bold)
				}
				n.least = max(n.least, min(w, longest))
			}
		}
		for _, r := range t.Rows {
			cell := r.Cells[i]
			add(cell.Text, z.text, r.Strong || c.Kind == model.Head || cell.Tone != "", c.Kind == model.Words || c.Kind == model.Long)
			add(cell.Sub, z.detail, false, true)
		}
		most := max(n.least, min(n.most, mostWidth[c.Kind]))
		list[i] = need{n.least + padding, most + padding, max(n.most, most) + padding}
	}
	return list
}

// wide reports whether a section has a table whose columns have no room on an upright page.
func (z sizes) wide(s model.Section) bool {
	for _, block := range s.Blocks {
		if c, ok := block.(model.Chart); ok {
			block = c.Table
		}
		t, ok := block.(model.Table)
		if !ok {
			continue
		}
		least := 0
		for _, n := range z.needs(t) {
			least += n.least
		}
		if least > portrait.text() {
			return true
		}
	}
	return false
}

// columnWidths divides the width of the lines among the columns: to each what it can not do without,
// of the rest as much as it would like, and then as much as breaks none of its lines.
func (z sizes) columnWidths(t model.Table, text int) []int {
	list := z.needs(t)
	least, most, full := 0, 0, 0
	for _, n := range list {
		least, most, full = least+n.least, most+n.most, full+n.full
	}
	widths := make([]int, len(list))
	rest := text
	for i, n := range list {
		switch {
		case least >= text:
			widths[i] = n.least * text / least
		case full <= text:
			widths[i] = n.full * text / full
		case most <= text:
			widths[i] = n.most + (n.full-n.most)*(text-most)/(full-most)
		default:
			widths[i] = n.least + (n.most-n.least)*(text-least)/(most-least)
		}
		rest -= widths[i]
	}
	widths[len(widths)-1] += rest
	return widths
}

func longestWord(s string) string {
	word := ""
	for w := range strings.FieldsSeq(s) {
		if len(w) > len(word) {
			word = w
		}
	}
	return word
}

// widths are the widths of the characters from the blank to the tilde in Arial, in thousandths of the
// size.
var widths = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// clip returns a text that takes no more than the given width on one line; an ellipsis shows that it goes
// on. A third of the width of an upright page is left to it whatever is asked.
func clip(s string, size, width int) string {
	width = max(width, portrait.text()/3)
	if textWidth(s, size, false) <= width {
		return s
	}
	r := []rune(s)
	n := sort.Search(len(r), func(n int) bool { return textWidth(string(r[:n+1])+"…", size, false) > width })
	return strings.TrimRight(string(r[:n]), " ") + "…"
}

// textWidth estimates the width of a line in twips, rather too much than too little. The size is in
// half points, as in the markup.
func textWidth(s string, size int, bold bool) int {
	n := 0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			n += widths[r-' ']
		case unicode.Is(unicode.Mn, r):
		case r >= 0x2E80:
			n += 1000
		default:
			n += 600
		}
	}
	if bold {
		n = n * 112 / 100
	}
	return n * size / 100 * 103 / 100
}
