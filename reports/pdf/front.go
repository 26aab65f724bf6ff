package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"image/png"
	"maps"
	"math"
	"slices"
	"strings"

	"plumbline/reports/model"
)

// coverPage lays out the first page. It holds what must stand there whatever else does, so long texts
// are cut: they stand in full in the report.
func (c *composer) coverPage() {
	p := piece{bare: true, fresh: true, tag: front, height: upright.height()}
	width := upright.measure()
	y := 0.0
	if c.d.Warning != "" {
		y = c.banner(&p, 0, 0)
	}
	if w, h, ok := c.logo(170, 52); ok {
		p.add(picture{side, y + 26, w, h})
		y += 26 + h + 26
	}
	y = c.coverField(&p, y)

	// The statements have their place at the foot of the page, the facts what is left.
	said := quiet(8.6)
	said.color = ink
	var statements [][]string
	high := 20.0
	for _, s := range c.d.Statements {
		lines := said.clip(c.spell.line(s), width-28, 8)
		statements = append(statements, lines)
		high += float64(len(lines))*said.leading() + 4
	}
	foot := upright.height() - 54
	if len(statements) > 0 {
		foot -= high
		p.add(rect{side, foot, width, high, 0, &sand, nil}, rect{side, foot, 3, high, 0, &c.accent, nil})
		at := foot + 10
		for _, lines := range statements {
			at = p.write(side+14, at, said, lines...) + 4
		}
	}
	c.coverFacts(&p, y+34, foot-16)
	c.add(p)
}

// coverField draws the colored field with the names of the report and returns where it ends.
func (c *composer) coverField(p *piece, y float64) float64 {
	width := upright.measure()
	on := func(size float64, bold bool) style { return style{size: size, bold: bold, color: white} }
	at := len(p.marks)
	from := y
	y += 54
	kicker := on(11, true)
	room := width
	if marking, _ := c.marking(p, side+width, y, 10); marking > 0 {
		room -= marking + 16
	}
	p.write(side, y, kicker, kicker.clip(strings.ToUpper(c.spell.line(c.d.Title)), room, 2)...)
	y += 66

	name := on(31, true)
	if len(name.wrap(c.spell.line(c.d.Organization), width)) > 2 {
		name.size = 22
	}
	y = p.write(side, y, name, name.clip(c.spell.line(c.d.Organization), width, 3)...) + 4
	session := on(17, false)
	y = p.write(side, y, session, session.clip(c.spell.line(c.d.Session), width, 3)...) + 16
	subject := on(10.5, false)
	y = p.write(side, y, subject, subject.clip(c.spell.line(c.d.Subject), width, 3)...) + 40
	p.marks = slices.Insert(p.marks, at, mark(rect{y: from, w: upright.width(), h: y - from, fill: &c.cover}))
	return y
}

// coverFacts sets the facts of the cover in two columns, between two heights.
func (c *composer) coverFacts(p *piece, y, end float64) {
	const gap, lines = 28.0, 4
	w := (upright.measure() - gap) / 2
	term, st := quiet(8), plain(10)
	for i := 0; i < len(c.d.Cover); i += 2 {
		next := y
		for j, f := range c.d.Cover[i:min(i+2, len(c.d.Cover))] {
			said := st.clip(c.spell.text(strings.Join(f.Lines, "\n")), w, lines)
			below := y + term.leading() + float64(len(said))*st.leading()
			if below > end {
				return
			}
			x := side + float64(j)*(w+gap)
			p.add(rule{x, y, x + w, y, 0.5, hair})
			at := p.write(x, y+5, term, term.clip(c.spell.line(f.Term), w, 1)...)
			next = max(next, p.write(x, at+1, st, said...))
		}
		y = next + 12
	}
}

// briefHead begins a brief document: its names on a field at the top of the first page, then the facts
// and statements of a cover, in little room. The text follows on the same page.
func (c *composer) briefHead() {
	const inset, gap = 11.0, 20.0
	p := piece{fresh: true, tag: front}
	width := upright.measure()
	on := func(size float64, bold bool) style { return style{size: size, bold: bold, color: white} }
	y := -c.set.top // the piece stands below the margin, the field does not
	if c.d.Warning != "" {
		y = c.banner(&p, -side, y)
	}
	field, from := len(p.marks), y
	y += inset + 7
	room := width
	marking, below := c.marking(&p, width, y, 8)
	if marking > 0 {
		room -= marking + gap
	}
	kicker := on(8.5, true)
	y = max(p.write(0, y, kicker, kicker.clip(strings.ToUpper(c.spell.line(c.d.Title)), room, 1)...), below) + 6

	room = width
	if w, h, ok := c.logo(120, 34); ok {
		const edge = 6
		p.add(rect{width - w - 2*edge, y, w + 2*edge, h + 2*edge, 2, &white, nil}, picture{width - w - edge, y + edge, w, h})
		room -= w + 2*edge + gap
	}
	name, session, subject := on(19, true), on(11.5, false), on(9, false)
	if len(name.wrap(c.spell.line(c.d.Organization), room)) > 1 {
		name.size = 14
	}
	y = p.write(0, y, name, name.clip(c.spell.line(c.d.Organization), room, 2)...)
	y = p.write(0, y, session, session.clip(c.spell.line(c.d.Session), room, 2)...) + 2
	y = p.write(0, y, subject, subject.clip(c.spell.line(c.d.Subject), room, 2)...) + inset
	p.marks = slices.Insert(p.marks, field, mark(rect{x: -side, y: from, w: upright.width(), h: y - from, fill: &c.cover}))
	y += 7

	// The first fact says what was assessed, and takes lines of its own.
	const columns = 3
	column := (width - (columns-1)*gap) / columns
	term, st := quiet(7.2), plain(8.2)
	set := func(f model.Fact, x, w float64, lines int) float64 {
		at := p.write(x, y, term, term.clip(c.spell.line(f.Term), w, 1)...)
		return p.write(x, at, st, st.clip(c.spell.text(strings.Join(f.Lines, "\n")), w, lines)...) + 4
	}
	for i, rest := 0, c.d.Cover; len(rest) > 0; i++ {
		if i == 0 {
			y, rest = set(rest[0], 0, width, 5), rest[1:]
			continue
		}
		n, next := min(columns, len(rest)), y
		for j, f := range rest[:n] {
			next = max(next, set(f, float64(j)*(column+gap), column, 2))
		}
		y, rest = next, rest[n:]
	}

	if len(c.d.Statements) > 0 {
		said := plain(7.4)
		y += 1
		at, from := len(p.marks), y
		y += 4
		for _, s := range c.d.Statements {
			y = p.write(12, y, said, said.clip(c.spell.line(s), width-24, 4)...) + 1
		}
		y += 3
		p.marks = slices.Insert(p.marks, at,
			mark(rect{0, from, width, y - from, 0, &sand, nil}), mark(rect{0, from, 3, y - from, 0, &c.accent, nil}))
	}
	p.height = y
	c.add(p)
}

// banner draws the warning across the page from its edge x on, and returns where it ends.
func (c *composer) banner(p *piece, x, y float64) float64 {
	st := style{size: 10, bold: true, color: white}
	lines := st.clip(c.spell.line(c.d.Warning), upright.measure(), 6)
	h := float64(len(lines))*st.leading() + 22
	p.add(rect{x: x, y: y, w: upright.width(), h: h, fill: &alarm})
	p.write(x+side, y+11, st, lines...)
	return y + h
}

// marking draws the marking in a frame that ends at right, and returns how wide that is, 0 for none, and
// where its text ends.
func (c *composer) marking(p *piece, right, y, size float64) (width, end float64) {
	if c.d.Marking == "" {
		return 0, y
	}
	st := style{size: size, bold: true, color: white}
	lines := st.clip(c.spell.line(c.d.Marking), 200, 3)
	w := 0.0
	for _, l := range lines {
		w = max(w, st.width(l))
	}
	const pad = 9
	p.add(rect{x: right - w - 2*pad, y: y - size/2, w: w + 2*pad, h: float64(len(lines))*st.leading() + size, edge: &white})
	return w + 2*pad, p.write(right-w-pad, y, st, lines...)
}

// logo returns the size of the logo within the given one, and whether there is one.
func (c *composer) logo(width, height float64) (w, h float64, ok bool) {
	in, err := png.DecodeConfig(bytes.NewReader(c.d.Brand.Logo))
	if err != nil || in.Width == 0 || in.Height == 0 {
		return 0, 0, false // Write says what is wrong with one that cannot be read
	}
	scale := min(width/float64(in.Width), height/float64(in.Height))
	return float64(in.Width) * scale, float64(in.Height) * scale, true
}

const contentsTitle = "Contents"

// contents lists the sections with their pages.
func (c *composer) contents(remarks bool) {
	p := piece{fresh: true, tag: front, keep: true}
	st := c.heading(17)
	p.add(anchor{id: "contents", title: contentsTitle}, rule{0, 0, upright.measure(), 0, 1.6, c.accent})
	p.height = p.write(0, 8, st, contentsTitle) + 12
	c.add(p)
	for _, s := range c.d.Sections {
		c.contentsLine(c.spell.line(s.Number), c.spell.line(s.Title), s.ID)
	}
	if remarks {
		c.contentsLine("", remarksTitle, remarksID)
	}
}

func (c *composer) contentsLine(number, name, id string) {
	const left, pages = 24.0, 34.0
	width := upright.measure()
	st := plain(10)
	lines := st.clip(name, width-left-pages, 2)
	p := piece{tag: front, before: 5}
	p.write(0, 0, quiet(10), number)
	p.height = p.write(left, 0, st, lines...)
	base := p.height - st.leading() + st.base()
	x := left + st.width(lines[len(lines)-1]) + 6
	for x = 5 * math.Ceil(x/5); x < width-pages; x += 5 { // below each other in all lines
		p.add(rect{x: x, y: base - 0.9, w: 0.9, h: 0.9, fill: &faint})
	}
	p.add(pageOf{width, base, st, id}, link{0, 0, width, p.height, id})
	c.add(p)
}

// pageLabel is what stands in the foot of a page.
func pageLabel(no, of int) string { return fmt.Sprintf("Page %d of %d", no, of) }

// about is how heads and feet are set.
var about = quiet(7.4)

// running returns the head and the foot of a page. The first page of a brief document has its own head.
func (c *composer) running(o orient, no, of int) *piece {
	if c.feet[o] == nil {
		c.feet[o] = c.foot(o, about.width(pageLabel(of, of)))
		c.heads[o] = c.head(o)
	}
	p := &piece{marks: slices.Clip(c.feet[o].marks)}
	if !c.d.Brief || no > 1 {
		p.add(c.heads[o].marks...)
	}
	label := pageLabel(no, of)
	p.write(o.width()-side-about.width(label), o.height()-footTop+5, about, label)
	return p
}

// Where the running heads stand, and how far from the end of a page its foot begins.
const (
	headTop = 30
	footTop = 44
)

// markingStyle is how heads and feet set the marking.
var markingStyle = strong(7.6)

// mark is the marking as heads and feet say it.
func (c *composer) mark() string { return markingStyle.clip(c.spell.line(c.d.Marking), 240, 1)[0] }

// head sets what stands above every page: what the report is, how it is marked, and across the edge of
// the page what is wrong with it.
func (c *composer) head(o orient) *piece {
	p := new(piece)
	right := o.width() - side
	if c.d.Warning != "" {
		st := style{size: 7.6, bold: true, color: white}
		p.add(rect{w: o.width(), h: headTop - 4, fill: &alarm})
		lines := st.clip(c.spell.line(c.d.Warning), o.measure(), 2)
		p.write(side, (headTop-4-float64(len(lines))*st.leading())/2, st, lines...)
	}
	name := style{size: about.size, bold: true, color: c.accent}
	kind := name.clip(c.spell.line(c.d.Title), 120, 1)[0]
	p.write(side, headTop, name, kind)
	mark := c.mark()
	p.write(right-markingStyle.width(mark), headTop, markingStyle, mark)
	x := side + name.width(kind) + 8
	whose := about.clip(c.spell.line(c.d.Organization+separator+c.d.Session), right-markingStyle.width(mark)-16-x, 1)
	p.write(x, headTop, about, whose...)
	p.add(rule{side, headTop + 14, right, headTop + 14, 0.5, hair})
	return p
}

// foot sets what stands below every page, and leaves the room for the number of the page.
func (c *composer) foot(o orient, label float64) *piece {
	p := new(piece)
	right, y := o.width()-side, o.height()-footTop
	mark := c.mark()
	p.add(rule{side, y, right, y, 0.5, hair})
	p.write(right-markingStyle.width(mark), y+15, markingStyle, mark)
	small := quiet(6.8)
	room := right - side - max(markingStyle.width(mark), label) - 20
	p.write(side, y+5, small, footLines(small, c.spell.line(c.d.Footer), room)...)
	return p
}

// footLines sets a document's foot in two lines. If they do not hold it, its longest parts are
// shortened, but never the one that names the state of the session.
func footLines(st style, footer string, width float64) []string {
	parts := strings.Split(footer, separator)
	kept := stateIndex(parts)
	for {
		// Blanks within a part hold it together, so that a line begins with a part.
		glued := strings.ReplaceAll(strings.Join(parts, "\n"), " ", "\u00a0")
		lines := st.wrap(strings.ReplaceAll(glued, "\n", "\u00a0· "), width)
		if len(lines) <= 2 {
			return lines
		}
		longest := -1
		for i, part := range parts {
			if i != kept && (longest < 0 || len(part) > len(parts[longest])) {
				longest = i
			}
		}
		const least = 12
		if longest < 0 || len([]rune(parts[longest])) <= least {
			return st.clip(strings.Join(append([]string{parts[kept]}, parts...), separator), width, 2)
		}
		n := len([]rune(parts[longest]))
		parts[longest] = string(firstRunes(parts[longest], max(least, min(n-8, n*3/4))))
	}
}

const separator = " · "

// stateIndex returns which part of a foot names the state of the session: the last one that speaks of
// the journal, since a name may hold whatever its writer likes, but comes first. Without one it is the
// last part.
func stateIndex(parts []string) int {
	for i := len(parts) - 1; i >= 0; i-- {
		if strings.HasPrefix(parts[i], "journal ") {
			return i
		}
	}
	return len(parts) - 1
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
