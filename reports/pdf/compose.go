package pdf

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"plumbline/reports/model"
)

// composer lays a document out as pieces.
type composer struct {
	set    setting
	d      model.Document
	spell  *speller
	pieces []piece
	accent color             // of headings and rules
	cover  color             // of the field on the cover
	lies   map[string]orient // how tables lie, by their heads
	heads  map[orient]*piece // running heads
	feet   map[orient]*piece // running feet, but for the number of the page
}

func newComposer(d model.Document, set setting) *composer {
	c := &composer{
		set: set, d: d, accent: blue, cover: deep, heads: make(map[orient]*piece), feet: make(map[orient]*piece),
		spell: &speller{lacking: make(map[rune]int), scripts: make(map[string]bool)},
	}
	var a color
	if n, err := fmt.Sscanf(d.Brand.Accent, "#%02x%02x%02x", &a.r, &a.g, &a.b); err == nil && n == 3 {
		c.accent, c.cover = a, a
	}
	return c
}

// setting is how large things are set and how far apart: as in a report, or as in a brief one, which
// has to keep to its pages.
type setting struct {
	top float64 // where the text of a page begins

	body, note float64 // of running text
	line       float64 // how wide running text is: longer lines are hard to follow
	para       float64 // above a paragraph
	item, list float64 // the size of an item, and the space above the first

	section, above, below float64 // of the title of a section, and the space above and below it

	figure, figureText, figurePad float64

	chart      float64 // the share of the measure that a drawing takes
	chartAbove float64

	cell, sub, head, caption style // of tables
	pad                      float64
	tableAbove, tableBelow   float64
}

var (
	usual = setting{
		top:  top,
		body: 9.2, note: 8.3, line: 440, para: 7, item: 9.2, list: 6,
		section: 17, above: 26, below: 7,
		figure: 17, figureText: 8, figurePad: 7,
		chart: 1, chartAbove: 14,
		cell: plain(8.1), sub: quiet(7), head: strong(7.8), caption: quiet(8), pad: 3.2, tableAbove: 12, tableBelow: 6,
	}
	// tight is for a brief document, tightest for one that has a little too much to say for it.
	tight = setting{
		top:  53,
		body: 8.4, note: 7.8, line: 499, para: 2, item: 7.8, list: 1.5,
		section: 11.5, above: 8, below: 1,
		figure: 13, figureText: 7.5, figurePad: 3,
		chart: 0.78, chartAbove: 3,
		cell: plain(7.6), sub: quiet(6.8), head: strong(7.4), caption: quiet(7.5), pad: 1.35, tableAbove: 4, tableBelow: 1,
	}
	tightest = setting{
		top: 51,

		body: 7.8, note: 7.3, line: 499, para: 1, item: 7.2, list: 1,
		section: 10.5, above: 6, below: 0,
		figure: 11.5, figureText: 7, figurePad: 2,
		chart: 0.68, chartAbove: 2,
		cell: plain(7.1), sub: quiet(6.5), head: strong(7), caption: quiet(7), pad: 1, tableAbove: 3, tableBelow: 0.5,
	}
)

func plain(size float64) style  { return style{size: size, color: ink} }
func strong(size float64) style { return style{size: size, bold: true, color: ink} }
func quiet(size float64) style  { return style{size: size, color: faint} }

func (c *composer) heading(size float64) style { return style{size: size, bold: true, color: c.accent} }

// document returns all pieces, in order.
func (c *composer) document() []piece {
	c.layTables()
	for i, s := range c.d.Sections {
		c.section(s, i == 0 && !c.d.Brief || s.Apart)
	}
	remarks := c.remarks()
	body := c.pieces
	c.pieces = nil
	if c.d.Brief {
		c.briefHead()
	} else {
		c.coverPage()
		c.contents(len(remarks) > 0)
	}
	return append(append(c.pieces, body...), remarks...)
}

func (c *composer) add(pieces ...piece) { c.pieces = append(c.pieces, pieces...) }

func (c *composer) section(s model.Section, first bool) {
	o := c.orient(s.Blocks, 0)
	name := sectionName(c.spell, s)
	st, number := c.heading(c.set.section), quiet(c.set.section)
	const under = 0.47 // of the size, between the rule and the title
	space := under * st.size
	no := c.spell.line(s.Number)
	x := number.width(no) + 9
	p := titled(o, st, x, space, st.wrap(c.spell.line(s.Title), o.measure()-x))
	p[0].before, p[0].fresh = c.set.above, first
	p[0].add(anchor{id: s.ID, title: name}, rule{0, 0, o.measure(), 0, 1.6, c.accent})
	p[0].write(0, space, number, no)
	p[len(p)-1].height += c.set.below
	c.add(p...)
	for i, b := range s.Blocks {
		from := len(c.pieces)
		c.block(b, c.orient(s.Blocks, i))
		if _, words := b.(model.Para); words && i+1 < len(s.Blocks) && i < 2 {
			c.pieces[len(c.pieces)-1].keep = true // it introduces what follows
		}
		if _, below := b.(model.Table); below && from > 0 {
			if _, heading := previous(s.Blocks, i).(model.Heading); heading {
				c.pieces[from].before = 4
			}
		}
	}
}

// sectionName is a section in the outline.
func sectionName(sp *speller, s model.Section) string {
	return label(strings.TrimSpace(sp.line(s.Number) + " " + sp.line(s.Title)))
}

func previous(blocks []model.Block, i int) model.Block {
	if i == 0 {
		return nil
	}
	return blocks[i-1]
}

// orient returns how the page of a block lies. What introduces a table lies as the table does.
func (c *composer) orient(blocks []model.Block, i int) orient {
	for ; i < len(blocks); i++ {
		switch b := blocks[i].(type) {
		case model.Heading, model.Para:
			continue
		case model.Table:
			return c.lie(b)
		}
		break
	}
	return upright
}

func (c *composer) block(b model.Block, o orient) {
	switch b := b.(type) {
	case model.Para:
		c.para(b, o)
	case model.List:
		for i, item := range b.Items {
			before := min(c.set.list, 2.5)
			if i == 0 {
				before = c.set.list
			}
			c.add(c.item(item, 0, c.set.line, plain(c.set.item), before)...)
		}
	case model.Heading:
		st := c.heading(11.5)
		txt := c.spell.line(b.Text)
		p := titled(o, st, 0, 0, st.wrap(txt, o.measure()))
		p[0].before = 17
		p[0].add(anchor{title: label(txt), level: 1})
		p[len(p)-1].height += 3
		c.add(p...)
	case model.Figures:
		c.figures(b.Figures)
	case model.Facts:
		c.add(c.facts(b.Facts, 118, 0, c.set.body)...)
	case model.Table:
		c.table(b, o, c.set.tableAbove)
	case model.Chart:
		c.chart(b)
	case model.Entries:
		for _, e := range b.Entries {
			if len(e.Choices) > 0 {
				c.question(e)
			} else {
				c.entry(e)
			}
		}
	}
}

func (c *composer) para(b model.Para, o orient) {
	st := plain(c.set.body)
	if b.Note {
		st = quiet(c.set.note)
	}
	pieces := prose(st.wrap(c.spell.text(b.Text), c.set.line), st, 0, c.set.para)
	for i := range pieces {
		pieces[i].orient = o
	}
	c.add(pieces...)
}

// prose sets lines of running text as pieces that can part between pages, but not after the first line
// nor before the last.
func prose(lines []string, st style, x, before float64) []piece {
	pieces := make([]piece, 0, len(lines))
	for i, l := range lines {
		p := piece{keep: i == 0 && len(lines) > 1 || i == len(lines)-2}
		if i == 0 {
			p.before = before
		}
		p.height = p.write(x, 0, st, l)
		pieces = append(pieces, p)
	}
	return pieces
}

// titled sets the lines of a title, kept with each other and with what follows, the first of them lower
// by the given space.
func titled(o orient, st style, x, space float64, lines []string) []piece {
	pieces := make([]piece, len(lines))
	for i, l := range lines {
		pieces[i] = piece{orient: o, keep: true}
		pieces[i].height = pieces[i].write(x, space, st, l)
		space = 0
	}
	return pieces
}

// bullet is a small square at the left of an item's first line, drawn so that no font is asked for it.
func bullet(x, y float64, st style) mark {
	const size = 2.6
	return rect{x: x + 2, y: y + st.base() - 0.36*st.size - size/2, w: size, h: size, fill: &faint}
}

// item sets an item of a list.
func (c *composer) item(txt string, x, width float64, st style, before float64) []piece {
	pieces := prose(st.wrap(c.spell.text(txt), width-11), st, x+11, before)
	pieces[0].add(bullet(x, 0, st))
	return pieces
}

// figures sets the figures as a grid of tiles, three in a row.
func (c *composer) figures(list []model.Figure) {
	const gap, pad = 10.0, 11.0
	const columns = 3
	w := (upright.measure() - (columns-1)*gap) / columns
	label, value, about := quiet(c.set.figureText), c.heading(c.set.figure), plain(c.set.figureText)
	for len(list) > 0 {
		n := min(columns, len(list))
		tiles := piece{before: c.set.figurePad + 3}
		for i, f := range list[:n] {
			x := float64(i)*(w+gap) + pad
			y := tiles.write(x, c.set.figurePad, label, label.wrap(c.spell.line(f.Label), w-2*pad)...)
			y = tiles.write(x, y+1, value, value.wrap(c.spell.line(f.Value), w-2*pad)...)
			y = tiles.write(x, y+1, about, about.wrap(c.spell.line(f.Note), w-2*pad)...)
			tiles.height = max(tiles.height, y+c.set.figurePad+1)
		}
		var under []mark
		for i := range n {
			x := float64(i) * (w + gap)
			under = append(under,
				rect{x: x, w: w, h: tiles.height, fill: &ground},
				rect{x: x, w: 3, h: tiles.height, fill: &c.accent})
		}
		tiles.marks = append(under, tiles.marks...)
		if tiles.height > upright.room() { // nobody's figure, but it must stand somewhere
			for _, f := range list[:n] {
				c.add(prose(about.wrap(c.spell.text(f.Label+" "+f.Value+" "+f.Note), upright.measure()), about, 0, 6)...)
			}
		} else {
			c.add(tiles)
		}
		list = list[n:]
	}
}

// facts sets terms with what holds for each beside them, line by line.
func (c *composer) facts(facts []model.Fact, column, x, size float64) []piece {
	const gap = 12
	term, st := quiet(size), plain(size)
	left := x + column + gap
	width := upright.measure() - left
	var pieces []piece
	for _, f := range facts {
		names := term.wrap(c.spell.line(f.Term), column)
		var rows []piece
		switch f.Style {
		case model.Bullets:
			for _, l := range f.Lines {
				rows = append(rows, c.item(l, left, width, st, 1)...)
			}
		case model.Suggestion:
			for i, l := range f.Lines {
				item := c.item(l, left+8, width-16, st, 0)
				for j := range item {
					onGreen(&item[j], left, width, i == 0 && j == 0, i == len(f.Lines)-1 && j == len(item)-1)
				}
				rows = append(rows, item...)
			}
		default:
			for i, l := range f.Lines {
				before := 0.0
				if i > 0 {
					before = 1
				}
				rows = append(rows, prose(st.wrap(c.spell.text(l), width), st, left, before)...)
			}
		}
		for len(rows) < len(names) {
			rows = append(rows, piece{height: st.leading()})
		}
		for i, n := range names {
			// On the baseline of the line beside it.
			rows[i].write(x, rows[i].height-st.leading(), term, n)
			rows[i].keep = rows[i].keep || i < len(names)-1
		}
		rows[0].before = 4.5
		pieces = append(pieces, rows...)
	}
	if len(pieces) > 0 {
		pieces[0].before = 7
	}
	return pieces
}

// onGreen puts a line of suggestions on its ground, which the lines of it share.
func onGreen(p *piece, x, width float64, first, last bool) {
	const pad = 4
	p.before = 0
	if first {
		for i := range p.marks {
			p.marks[i] = lower(p.marks[i], pad)
		}
		p.height += pad
	}
	if last {
		p.height += pad
	}
	// A little more, so that no seam shows between two lines.
	p.marks = append([]mark{
		rect{x: x, w: width, h: p.height + 0.3, fill: &green},
		rect{x: x, w: 2.4, h: p.height + 0.3, fill: &moss},
	}, p.marks...)
}

func lower(m mark, by float64) mark {
	switch m := m.(type) {
	case words:
		m.y += by
		return m
	case rect:
		m.y += by
		return m
	}
	return m
}

func (c *composer) chart(b model.Chart) {
	st := strong(c.set.body)
	name := titled(upright, st, 0, 0, st.wrap(c.spell.line(b.Drawing.Title), upright.measure()))
	name[0].before = c.set.chartAbove
	name[0].add(anchor{id: b.ID})
	c.add(name...)
	p := piece{before: c.set.chartAbove / 2.4, keep: true}
	p.marks, p.height = c.spell.drawing(b.Drawing, c.set.chart*upright.measure(), upright.room()-160)
	c.add(p)
	c.table(b.Table, upright, c.set.tableAbove-2)
}

// entry sets a record: its head, its badges, and what is known of it.
func (c *composer) entry(e model.Entry) {
	from := len(c.pieces)
	width := upright.measure()
	st, code := c.heading(10.5), quiet(9)

	name, id := c.spell.line(e.Title), c.spell.line(e.Code)
	lines := st.wrap(name, width)
	head := titled(upright, st, 0, 6, lines)
	head[0].before = 15
	head[0].add(rule{0, 0, width, 0, 0.7, hair}, anchor{y: 4, id: e.ID, title: label(strings.TrimSpace(id + " " + name)), level: 1})
	if last := &head[len(head)-1]; id != "" {
		x := st.width(lines[len(lines)-1]) + 8
		if x+code.width(id) <= width {
			last.add(words{x, last.height - st.leading() + st.base(), code, id})
		} else {
			head = append(head, titled(upright, code, 0, 0, code.wrap(id, width))...)
		}
	}
	head[len(head)-1].height++
	c.add(head...)

	c.add(c.badges(e.Badges)...)
	if len(e.Inline) > 0 {
		in := quiet(7.9)
		c.add(prose(in.wrap(c.spell.text(inline(e.Inline)), width), in, 0, 3)...)
	}
	if e.Lead != "" {
		lead := strong(c.set.body)
		c.add(prose(lead.wrap(c.spell.text(e.Lead), width), lead, 0, 4)...)
	}
	c.add(c.facts(e.Facts, 96, 0, 8.6)...)

	pieces := c.pieces[from:]
	for i := range min(3, len(pieces)-1) {
		pieces[i].keep = true
	}
	together(pieces, 0.45)
	pieces[len(pieces)-1].keep = false
}

// question sets an entry to answer on paper: small, so that a few stand on a page, with boxes to tick and
// lines to write on. No end of a page parts it unless it needs more than one.
func (c *composer) question(e model.Entry) {
	from := len(c.pieces)
	width := upright.measure()
	st, code, lead, said := c.heading(9.4), quiet(8), strong(8.6), plain(7.6)

	name, id := c.spell.line(e.Title), c.spell.line(e.Code)
	head := titled(upright, st, 0, 5, st.wrap(name, width-code.width(id)-10))
	head[0].before = 9
	head[0].add(rule{0, 0, width, 0, 0.7, hair}, anchor{y: 4, id: e.ID, title: label(strings.TrimSpace(id + " " + name)), level: 1},
		words{width - code.width(id), 5 + st.base(), code, id})
	c.add(head...)
	c.add(prose(lead.wrap(c.spell.text(e.Lead), width), lead, 0, 1)...)
	for _, f := range e.Facts {
		term := style{size: said.size, bold: true, color: faint}
		name := c.spell.line(f.Term)
		c.add(runIn(term, name, said, c.spell.text(strings.Join(f.Lines, "\n")), width)...)
	}

	row, x := c.choices(e.Choices)
	for i, b := range e.Blanks {
		if i > 0 || x > 0.7*width {
			c.add(row)
			row, x = piece{before: 5, height: 13}, 0
		}
		row.blank(x, width, quiet(said.size), c.spell.line(b))
	}
	c.add(row)
	together(c.pieces[from:], 1)
	c.pieces[len(c.pieces)-1].keep = false
}

// runIn sets a text behind its term, on whose line it begins.
func runIn(term style, name string, st style, txt string, width float64) []piece {
	indent := term.width(name) + 6
	// Blanks hold the place of the term, so that the first line is wrapped as it stands.
	lines := st.wrap(strings.Repeat("\u00a0", int(math.Ceil(indent/st.width("\u00a0"))))+txt, width)
	lines[0] = strings.TrimLeft(lines[0], "\u00a0")
	rows := prose(lines[1:], st, 0, 0)
	first := piece{before: 2.5, keep: true}
	first.height = first.write(indent, 0, st, lines[0])
	first.write(0, 0, term, name)
	return append([]piece{first}, rows...)
}

// choices sets boxes to tick, each with its words behind it, and returns where they end.
func (c *composer) choices(list []string) (piece, float64) {
	const box, gap = 8.5, 13.0
	st := plain(8.4)
	p := piece{before: 5, height: 13}
	x, y := 0.0, p.height-st.leading()+1
	for _, s := range list {
		txt := c.spell.line(s)
		p.add(rect{x: x + 0.5, y: y + 1, w: box, h: box, edge: &ink})
		p.write(x+box+4, y, st, txt)
		x += box + 4 + st.width(txt) + gap
	}
	return p, x + gap
}

// blank draws a line to write on from x to right, with a word before it.
func (p *piece) blank(x, right float64, st style, s string) {
	if s != "" {
		p.write(x, p.height-st.leading()+1, st, s)
		x += st.width(s) + 5
	}
	p.add(rule{x, p.height, right, p.height, 0.5, faint})
}

// inline is short facts as one line.
func inline(facts []model.Fact) string {
	var parts []string
	for _, f := range facts {
		parts = append(parts, f.Term+": "+strings.Join(f.Lines, ", "))
	}
	return strings.Join(parts, " · ")
}

// label is a text as it stands in the outline.
func label(s string) string { return string(firstRunes(s, 120)) }

// firstRunes returns a text of at most n characters; what is left out is shown by an ellipsis.
func firstRunes(s string, n int) []rune {
	r := []rune(s)
	if len(r) > n {
		r = append(r[:n-1:n-1], '…')
	}
	return r
}

// badges sets words on small fields, in as many rows as they need.
func (c *composer) badges(cells []model.Cell) []piece {
	if len(cells) == 0 {
		return nil
	}
	st := plain(8)
	const pad, gap = 4.5, 5
	width := upright.measure()
	var rows []piece
	x := width + 1
	for _, cell := range cells {
		for _, l := range st.wrap(c.spell.text(cell.Text), width-2*pad) {
			w := st.width(l) + 2*pad
			if x+w > width {
				rows = append(rows, piece{before: 3, height: st.leading() + 2})
				x = 0
			}
			row := &rows[len(rows)-1]
			row.add(field(x, 0, w, st.leading()+2, cell.Tone))
			row.write(x+pad, 1, st, l)
			x += w + gap
		}
	}
	return rows
}

// field is what words of a tone stand on.
func field(x, y, w, h float64, t model.Tone) mark {
	fill, ok := tones[t]
	if !ok {
		fill = chip
	}
	r := rect{x: x, y: y, w: w, h: h, round: 2, fill: &fill}
	if t == model.Warning {
		r.edge = &alarm
	}
	return r
}

// remarks are what a reader must know about characters that this file does not show as they are.
func (c *composer) remarks() []piece {
	if len(c.spell.lacking) == 0 && len(c.spell.scripts) == 0 {
		return nil
	}
	from := len(c.pieces)
	p := piece{before: 26, keep: true, tag: remark}
	st := c.heading(13)
	p.add(anchor{id: remarksID, title: remarksTitle}, rule{0, 0, upright.measure(), 0, 1.6, c.accent})
	p.height = p.write(0, 8, st, remarksTitle) + 4
	c.add(p)
	body := plain(c.set.body)
	say := func(format string, args ...any) {
		c.add(prose(body.wrap(fmt.Sprintf(format, args...), c.set.line), body, 0, 6)...)
	}
	if names := sorted(c.spell.scripts); len(names) > 0 {
		say("Text in %s is not set as its readers expect. Use HTML or DOCX for this text.", strings.Join(names, ", "))
	}
	if runes := sorted(c.spell.lacking); len(runes) > 0 {
		const most = 120
		list := make([]string, 0, most)
		for _, r := range runes[:min(most, len(runes))] {
			list = append(list, fmt.Sprintf("%U", r))
		}
		more := ""
		if n := len(runes) - most; n > 0 {
			more = " and " + strconv.Itoa(n) + " more"
		}
		say("The fonts of this file have no shape for the characters below; each stands as %c. HTML and DOCX show them.", box)
		say("%s%s", strings.Join(list, ", "), more)
	}
	added := c.pieces[from:]
	together(added, 0.4)
	for i := range added {
		added[i].tag = remark
	}
	c.pieces = c.pieces[:from]
	return added
}

// The remarks in contents and outline.
const (
	remarksID    = "characters"
	remarksTitle = "Characters that this file does not show"
)
