package pdf

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"plumbline/reports/model"
)

// The sizes of tables.
const (
	cellGap  = 8   // between two columns
	chipPad  = 3   // at the left and right of words on a field
	narrow   = 70  // what a column of words gets before a table lies across
	roomy    = 120 // what a column of long texts gets
	unbroken = 128 // what is kept on one line at most
)

// cellLine is a line in a cell.
type cellLine struct {
	style style
	text  string
	field bool // on a field of the cell's tone
}

// lie returns how the page of a table lies.
func (c *composer) lie(t model.Table) orient { return c.lies[heads(t)] }

// layTables decides how the pages of tables lie: across, if columns would be too narrow upright. Those
// with the same columns lie the same way, so that a reader does not turn the report from one to the next.
func (c *composer) layTables() {
	c.lies = make(map[string]orient)
	for _, s := range c.d.Sections {
		for _, b := range s.Blocks {
			t, ok := b.(model.Table)
			if !ok || c.lies[heads(t)] == across {
				continue
			}
			need := gaps(t.Columns)
			for _, col := range c.columns(t) {
				need += col.least
			}
			c.lies[heads(t)] = orient(need > upright.measure())
		}
	}
}

// heads are the titles of a table's columns, as one text.
func heads(t model.Table) string {
	var b strings.Builder
	for _, col := range t.Columns {
		b.WriteString(col.Title)
		b.WriteByte('\n')
	}
	return b.String()
}

// gapAfter is the space between a column and the next: more where numbers would touch words.
func gapAfter(cols []model.Column, i int) float64 {
	switch {
	case i == len(cols)-1:
		return 0
	case cols[i].Kind == model.Number && cols[i+1].Kind != model.Number:
		return cellGap + 6
	}
	return cellGap
}

func gaps(cols []model.Column) float64 {
	sum := 0.0
	for i := range cols {
		sum += gapAfter(cols, i)
	}
	return sum
}

// column is what a column asks for: the least width, the one that breaks none of its lines, and how
// long the texts of its cells are.
type column struct {
	least, full float64
	cells       []cellSizes
}

// cellSizes are the widths that the texts of a cell would have on one line, and their lines' number if
// none is broken.
type cellSizes struct {
	text, sub           float64
	textLines, subLines int
}

// columns measures what each column holds.
func (c *composer) columns(t model.Table) []column {
	cols := make([]column, len(t.Columns))
	for i, head := range t.Columns {
		word, line, _ := extent(c.set.head, c.spell.line(head.Title)) // a head may be broken at its blanks
		if head.Kind == model.Head && line <= narrow {
			word = line
		}
		col := column{min(word, unbroken), word, make([]cellSizes, 0, len(t.Rows))}
		for _, r := range t.Rows {
			if i >= len(r.Cells) {
				col.cells = append(col.cells, cellSizes{})
				continue
			}
			cell := r.Cells[i]
			st := c.set.cell
			st.bold = r.Strong || head.Kind == model.Head
			word, line, all := extent(st, c.spell.text(cell.Text))
			if cell.Tone != "" {
				word, line = word+2*chipPad, line+2*chipPad
			}
			subWord, subLine, subAll := extent(c.set.sub, c.spell.text(cell.Sub))
			least := 0.0
			switch head.Kind {
			case model.Number, model.Short, model.Head:
				least = min(line, unbroken)
				if head.Kind == model.Head && cell.Sub != "" {
					least = max(least, min(subLine, 92))
				}
			case model.Long:
				least = max(min(line, roomy), min(word, unbroken))
			default:
				least = max(min(line, narrow), min(word, 0.6*unbroken))
			}
			col.least = max(col.least, least, min(subWord, narrow))
			col.full = max(col.full, line, subLine)
			col.cells = append(col.cells, cellSizes{all, subAll, lineFeeds(cell.Text), lineFeeds(cell.Sub)})
		}
		col.full = max(col.full, col.least)
		cols[i] = col
	}
	return cols
}

// lineFeeds is how many lines a text has, 0 for none.
func lineFeeds(s string) int {
	if s == "" {
		return 0
	}
	return strings.Count(s, "\n") + 1
}

// widths shares the given width among the columns. Each gets its least; the rest goes, step by step,
// to where it makes the table lower.
func (c *composer) widths(cols []column, width float64) []float64 {
	out := make([]float64, len(cols))
	least := 0.0
	for i := range cols {
		out[i] = cols[i].least
		least += out[i]
	}
	rest := width - least
	if rest <= 0 { // even across: the widest give way, and words break
		byLeast := make([]int, len(cols))
		for i := range byLeast {
			byLeast[i] = i
		}
		slices.SortStableFunc(byLeast, func(a, b int) int { return cmp.Compare(cols[a].least, cols[b].least) })
		for n, i := range byLeast {
			out[i] = min(cols[i].least, width/float64(len(cols)-n))
			width -= out[i]
		}
		return out
	}
	const step = 12
	for rest > step {
		best, gain := -1, 0.0
		now := c.heights(cols, out, -1, 0)
		for i := range cols {
			if out[i] >= cols[i].full {
				continue
			}
			// A wider look ahead, since a little more often breaks a text as before.
			for _, more := range []float64{step, 3 * step} {
				if g := (now - c.heights(cols, out, i, more)) / more; g > gain && more <= rest {
					best, gain = i, g
				}
			}
		}
		if best < 0 {
			break
		}
		out[best] += step
		rest -= step
	}
	lacking := 0.0
	for i := range cols {
		lacking += max(cols[i].full-out[i], 0)
	}
	if lacking > rest {
		for i := range cols {
			out[i] += max(cols[i].full-out[i], 0) * rest / lacking
		}
		return out
	}
	for i := range cols {
		out[i] = max(out[i], cols[i].full)
	}
	for i := range cols {
		out[i] += (rest - lacking) / float64(len(cols))
	}
	return out
}

// heights estimates how high the rows are together if column i is wider by more.
func (c *composer) heights(cols []column, w []float64, i int, more float64) float64 {
	sum := 0.0
	for r := range cols[0].cells {
		high := 0.0
		for j := range cols {
			width := w[j]
			if j == i {
				width += more
			}
			is := &cols[j].cells[r]
			h := broken(is.text, is.textLines, width)*c.set.cell.leading() + broken(is.sub, is.subLines, width)*c.set.sub.leading()
			high = max(high, h)
		}
		sum += high
	}
	return sum
}

// broken estimates how many lines a text takes: words leave an end of each line empty.
func broken(text float64, lines int, width float64) float64 {
	if lines == 1 && text <= width {
		return 1
	}
	return max(float64(lines), math.Ceil(1.08*text/width))
}

// extent returns how wide the widest word of a text is, its widest line, and all of it.
func extent(st style, s string) (word, line, all float64) {
	if s == "" {
		return 0, 0, 0
	}
	f := st.face()
	w, l, sum, widest, longest := 0, 0, 0, 0, 0
	for _, r := range s {
		switch r {
		case '\n':
			w, l = 0, 0
			continue
		case ' ':
			w = 0
		default:
			w += int(f[r&0xFFFF])
		}
		l += int(f[r&0xFFFF])
		sum += int(f[r&0xFFFF])
		widest, longest = max(widest, w), max(longest, l)
	}
	// A hair more, so that a text fits where its own width is what there is.
	scale := st.size / 1000
	return float64(widest)*scale + 0.01, float64(longest)*scale + 0.01, float64(sum) * scale
}

// table sets a table. Its head stands again on each page that it reaches; a row is on one page unless
// it needs more.
func (c *composer) table(t model.Table, o orient, before float64) {
	if len(t.Columns) == 0 {
		return
	}
	from := len(c.pieces)
	w := c.widths(c.columns(t), o.measure()-gaps(t.Columns))
	st := c.set.caption
	caption := titled(o, st, 0, 0, st.wrap(c.spell.text(t.Caption), o.measure()))
	caption[0].before = before
	caption[0].add(anchor{id: t.ID})
	caption[len(caption)-1].height += 2
	c.add(caption...)

	head := c.tableHead(t, o, w)
	if head.height < o.room()/3 {
		c.add(*head)
	} else { // too high to stand again on each page
		names := model.Row{Strong: true}
		for _, col := range t.Columns {
			names.Cells = append(names.Cells, model.Cell{Text: col.Title})
		}
		head = nil
		c.add(c.row(t, names, o, w, nil)...)
	}
	for i, r := range t.Rows {
		rows := c.row(t, r, o, w, head)
		if i < 2 && len(t.Rows) > 2 || i == len(t.Rows)-2 {
			rows[len(rows)-1].keep = true
		}
		c.add(rows...)
	}
	pieces := c.pieces[from:]
	together(pieces, 0.33)
	pieces[len(pieces)-1].height += c.set.tableBelow
}

func (c *composer) tableHead(t model.Table, o orient, w []float64) *piece {
	p := &piece{orient: o, keep: true}
	titles := make([][]string, len(t.Columns))
	lines := 1
	for i, col := range t.Columns {
		titles[i] = c.set.head.wrap(c.spell.line(col.Title), w[i])
		lines = max(lines, len(titles[i]))
	}
	x := 0.0
	for i, col := range t.Columns {
		y := 3 + float64(lines-len(titles[i]))*c.set.head.leading()
		for _, l := range titles[i] {
			p.write(x+indent(col.Kind, w[i], c.set.head.width(l)), y, c.set.head, l)
			y += c.set.head.leading()
		}
		x += w[i] + gapAfter(t.Columns, i)
	}
	p.height = 3 + float64(lines)*c.set.head.leading() + 3
	p.add(rule{0, p.height, o.measure(), p.height, 1.1, c.accent})
	return p
}

// indent is how far a line stands from the left of its column: numbers stand at the right.
func indent(k model.ColumnKind, column, line float64) float64 {
	if k == model.Number {
		return column - line
	}
	return 0
}

// row sets a row: as one piece, or, if it would be higher than a page, line by line.
func (c *composer) row(t model.Table, r model.Row, o orient, w []float64, head *piece) []piece {
	cells := make([][]cellLine, len(t.Columns))
	height, most := 0.0, 1
	for i, col := range t.Columns {
		if i < len(r.Cells) {
			cells[i] = c.cellLines(r.Cells[i], col.Kind, r.Strong, w[i])
		}
		h := 0.0
		for _, l := range cells[i] {
			h += l.style.leading()
		}
		height, most = max(height, h), max(most, len(cells[i]))
	}
	height = max(height, c.set.cell.leading())

	room := o.room()
	if head != nil {
		room -= head.height
	}
	var rows []piece
	if height+2*c.set.pad <= room {
		p := piece{orient: o, height: height + 2*c.set.pad, head: head}
		if r.Strong {
			p.add(rect{w: o.measure(), h: p.height, fill: &ground})
		}
		x := 0.0
		for i, lines := range cells {
			y := c.set.pad
			for _, l := range lines {
				y = c.cellLine(&p, x, y, w[i], t.Columns[i].Kind, r.Cells[i], l)
			}
			x += w[i] + gapAfter(t.Columns, i)
		}
		rows = append(rows, p)
	} else {
		for n := range most {
			p := piece{orient: o, height: c.set.cell.leading(), head: head, keep: n == 0 || n == most-2}
			x := 0.0
			for i, lines := range cells {
				if n < len(lines) {
					c.cellLine(&p, x, 0, w[i], t.Columns[i].Kind, r.Cells[i], lines[n])
				}
				x += w[i] + gapAfter(t.Columns, i)
			}
			rows = append(rows, p)
		}
		rows[0].before = c.set.pad
		rows[most-1].height += c.set.pad
	}
	last := &rows[len(rows)-1]
	last.add(rule{0, last.height, o.measure(), last.height, 0.5, hair})
	return rows
}

func (c *composer) cellLines(cell model.Cell, kind model.ColumnKind, strong bool, width float64) []cellLine {
	var lines []cellLine
	if cell.Text != "" {
		st := c.set.cell
		st.bold = strong || kind == model.Head
		if cell.Link != "" {
			st.color = c.accent
		}
		if cell.Tone != "" {
			width -= 2 * chipPad
		}
		for _, l := range st.wrap(c.spell.text(cell.Text), max(width, 1)) {
			lines = append(lines, cellLine{st, l, cell.Tone != "" && l != ""})
		}
	}
	if cell.Sub != "" {
		for _, l := range c.set.sub.wrap(c.spell.text(cell.Sub), width) {
			lines = append(lines, cellLine{c.set.sub, l, false})
		}
	}
	return lines
}

// cellLine puts a line of a cell at y and returns where it ends.
func (c *composer) cellLine(p *piece, x, y, width float64, kind model.ColumnKind, cell model.Cell, l cellLine) float64 {
	lw := l.style.width(l.text)
	if l.field {
		x += indent(kind, width, lw+2*chipPad)
		p.add(field(x, y+0.4, lw+2*chipPad, l.style.leading()-0.8, cell.Tone))
		x += chipPad
	} else {
		x += indent(kind, width, lw)
	}
	if cell.Link != "" && l.style.size == c.set.cell.size {
		p.add(link{x, y, lw, l.style.leading(), strings.TrimPrefix(cell.Link, "#")})
	}
	return p.write(x, y, l.style, l.text)
}
