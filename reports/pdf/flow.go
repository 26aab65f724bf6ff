package pdf

import "plumbline/reports/model"

// Lengths are in points, from the top left corner down.
const (
	pageShort, pageLong = 595.28, 841.89 // A4
	side                = 48             // margin at the left and at the right
	top, bottom         = 64, 62         // margins that the running heads and feet stand in
)

// orient is how a page lies.
type orient bool

const (
	upright orient = false
	across  orient = true
)

func (o orient) width() float64 {
	if o == across {
		return pageLong
	}
	return pageShort
}

func (o orient) height() float64 { return pageShort + pageLong - o.width() }

// measure is how wide the text of a page is, room how high.
func (o orient) measure() float64 { return o.width() - 2*side }
func (o orient) room() float64    { return o.height() - top - bottom }

// tag says what a part of a page is besides the report's text.
type tag string

// The tags. They stand in the file, so that a reader can tell the text from what surrounds it.
const (
	text     tag = ""
	artifact tag = "Artifact" // heads and feet, and what a page break made necessary
	front    tag = "Front"    // cover and contents, which say again what comes later
	remark   tag = "Remark"   // about this file, not of the report
)

// piece is a part of the text that stands on one page. Its marks are placed relative to its top left
// corner.
type piece struct {
	orient orient
	before float64 // the space above it, but not at the top of a page
	height float64
	keep   bool // with the piece that follows, on one page
	fresh  bool // on a page of its own
	bare   bool // that page has no margins, no running heads and no feet
	tag    tag
	head   *piece // set again above it where it begins a page: the head of its table
	marks  []mark
}

func (p *piece) add(marks ...mark) { p.marks = append(p.marks, marks...) }

// write sets lines below each other from y on and returns where they end.
func (p *piece) write(x, y float64, st style, lines ...string) float64 {
	for _, l := range lines {
		if l != "" {
			p.add(words{x, y + st.base(), st, l})
		}
		y += st.leading()
	}
	return y
}

// page is a page with its pieces.
type page struct {
	orient orient
	bare   bool
	pieces []placed
}

type placed struct {
	y float64
	*piece
	again bool // it stands on an earlier page already
}

// paginate puts the pieces on pages. Pieces that are to be kept together go to the next page together
// unless they need more than one. The text of a page begins at the given height.
func paginate(pieces []piece, begin float64) []page {
	var pages []page
	y := 0.0
	for i := range pieces {
		p := &pieces[i]
		if len(pages) > 0 {
			last := &pages[len(pages)-1]
			if p.orient == last.orient && !p.fresh && !last.bare && fits(pieces[i:], y) {
				y += p.before
				last.pieces = append(last.pieces, placed{y, p, false})
				y += p.height
				continue
			}
		}
		pages = append(pages, page{orient: p.orient, bare: p.bare})
		last := &pages[len(pages)-1]
		y = begin
		if p.bare {
			y = 0
		}
		if p.head != nil {
			last.pieces = append(last.pieces, placed{y, p.head, true})
			y += p.head.height
		}
		last.pieces = append(last.pieces, placed{y, p, false})
		y += p.height
	}
	return pages
}

// fits reports whether the first of the pieces can stand at y, with those that it is kept with.
func fits(pieces []piece, y float64) bool {
	p := &pieces[0]
	room := p.orient.room()
	end := p.orient.height() - bottom + 0.01
	need := 0.0
	for i := range pieces {
		q := &pieces[i]
		if i > 0 && (q.fresh || q.orient != p.orient) {
			break
		}
		need += q.before + q.height
		if need > room { // more than a page: each for itself
			return y+p.before+p.height <= end
		}
		if !q.keep {
			break
		}
	}
	return y+need <= end
}

// together marks the pieces to be kept on one page, but not with what follows, if they need no more
// than the given share of one.
func together(pieces []piece, share float64) {
	if len(pieces) == 0 {
		return
	}
	sum := 0.0
	for i := range pieces {
		sum += pieces[i].before + pieces[i].height
	}
	if sum > share*pieces[0].orient.room() {
		return
	}
	for i := range pieces[:len(pieces)-1] {
		pieces[i].keep = true
	}
}

// tones are the fills of cells and badges: pale, for the word on them says it.
var tones = map[model.Tone]color{
	model.Level0:  {0xF4, 0xCF, 0xC6},
	model.Level1:  {0xFA, 0xE6, 0xCF},
	model.Level2:  {0xDB, 0xEA, 0xF3},
	model.Level3:  {0xB5, 0xD3, 0xE6},
	model.Band0:   {0xF4, 0xCF, 0xC6},
	model.Band1:   {0xFA, 0xE6, 0xCF},
	model.Band2:   {0xF5, 0xED, 0xDA},
	model.Band3:   {0xDB, 0xEA, 0xF3},
	model.Band4:   {0xB5, 0xD3, 0xE6},
	model.Warning: {0xFB, 0xE9, 0xE5},
}
