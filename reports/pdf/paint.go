package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"strconv"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"

	"plumbline/reports/chart"
)

// color is a color by its red, green and blue.
type color struct{ r, g, b uint8 }

// The colors, those of the HTML page.
var (
	white  = color{0xFF, 0xFF, 0xFF}
	ink    = color{0x1B, 0x27, 0x33}
	faint  = color{0x55, 0x62, 0x6F}
	hair   = color{0xCF, 0xD7, 0xDF}
	ground = color{0xF5, 0xF7, 0xF9}
	chip   = color{0xE9, 0xEE, 0xF3}
	deep   = color{0x16, 0x32, 0x4F}
	blue   = color{0x1F, 0x4E, 0x79}
	alarm  = color{0x8F, 0x2D, 0x1B}
	sand   = color{0xFB, 0xF3, 0xE2}
	green  = color{0xF1, 0xF6, 0xEE}
	moss   = color{0x6D, 0x8F, 0x58}
)

// mark is something on a page: words, a rectangle, a line, an area, a picture, or what is not seen: a
// link, the place that links lead to.
type mark interface {
	// paint puts the mark on the painter's page, with the origin of its piece at x and y.
	paint(p *painter, x, y float64)
}

// words are a text that speller.text has passed, on the baseline y.
type words struct {
	x, y  float64
	style style
	text  string
}

// pageOf is the number of the page of an anchor, its right end at x.
type pageOf struct {
	x, y  float64
	style style
	to    string
}

// rect is a filled rectangle; with an edge it has an outline too.
type rect struct {
	x, y, w, h, round float64
	fill, edge        *color
}

// rule is a line.
type rule struct {
	x1, y1, x2, y2, width float64
	color                 color
}

// area is a filled polygon.
type area struct {
	points []fpdf.PointType
	fill   color
}

// picture is the logo.
type picture struct{ x, y, w, h float64 }

// link leads from a rectangle to an anchor; to one that the document lacks it leads nowhere.
type link struct {
	x, y, w, h float64
	to         string
}

// anchor is a place that links lead to. With a title it is in the outline, on the level given.
type anchor struct {
	y     float64
	id    string
	title string
	level int
}

// logoName names the logo in the file.
const logoName = "logo"

// painter writes pages with fpdf. It remembers font and color, so that they are set only when they
// change.
type painter struct {
	f      *fpdf.Fpdf
	pages  []page
	at     map[string]target
	no     int // of the page that is painted, from 1
	height float64
	size   float64
	bold   bool
	ink    color
	inked  bool
}

// target is where an anchor stands.
type target struct {
	page int
	y    float64
	link int // fpdf's number of it, 0 until a link leads there
}

// family is the name of the fonts in the file.
const family = "LiberationSans"

func newPainter(pages []page) *painter {
	p := &painter{f: fpdf.New("P", "pt", "A4", ""), pages: pages, at: make(map[string]target)}
	p.f.SetCatalogSort(true)
	p.f.SetMargins(0, 0, 0)
	p.f.SetAutoPageBreak(false, 0)
	// The library writes into the bytes of a font while it cuts it down, so it gets its own.
	p.f.AddUTF8FontFromBytes(family, "", bytes.Clone(liberationsansregular.TTF))
	p.f.AddUTF8FontFromBytes(family, "B", bytes.Clone(liberationsansbold.TTF))
	for i, pg := range pages {
		for _, pc := range pg.pieces {
			for _, m := range pc.marks {
				if a, ok := m.(anchor); ok && a.id != "" {
					if _, twice := p.at[a.id]; !twice {
						p.at[a.id] = target{page: i + 1, y: pc.y + a.y}
					}
				}
			}
		}
	}
	return p
}

// paint paints the pages, calling running for the heads and feet of each that has them.
func (p *painter) paint(running func(o orient, no, of int) *piece) {
	for i, pg := range p.pages {
		p.no, p.height = i+1, pg.orient.height()
		p.size, p.inked = 0, false
		lie := "P"
		if pg.orient == across {
			lie = "L"
		}
		p.f.AddPageFormat(lie, fpdf.SizeType{Wd: pageShort, Ht: pageLong})
		if pg.bare {
			for _, pc := range pg.pieces {
				p.piece(pc.piece, 0, 0, pc.tag)
			}
			continue
		}
		p.piece(running(pg.orient, p.no, len(p.pages)), 0, 0, artifact)
		for _, pc := range pg.pieces {
			t := pc.tag
			if pc.again {
				t = artifact
			}
			p.piece(pc.piece, side, pc.y, t)
		}
	}
}

func (p *painter) piece(pc *piece, x, y float64, t tag) {
	if t != text {
		p.f.RawWriteStr("/" + string(t) + " BMC")
	}
	for _, m := range pc.marks {
		m.paint(p, x, y)
	}
	if t != text {
		p.f.RawWriteStr("EMC")
	}
}

// fill sets the color of areas and words, which is one thing in a PDF.
func (p *painter) fill(c color) {
	if p.inked && p.ink == c {
		return
	}
	p.ink, p.inked = c, true
	p.f.SetFillColor(int(c.r), int(c.g), int(c.b))
	p.f.SetTextColor(int(c.r), int(c.g), int(c.b))
}

func (p *painter) stroke(c color, width float64) {
	p.f.SetDrawColor(int(c.r), int(c.g), int(c.b))
	p.f.SetLineWidth(width)
}

func (m words) paint(p *painter, x, y float64) {
	if p.size != m.style.size || p.bold != m.style.bold {
		p.size, p.bold = m.style.size, m.style.bold
		weight := ""
		if p.bold {
			weight = "B"
		}
		p.f.SetFont(family, weight, p.size)
	}
	p.fill(m.style.color)
	p.f.Text(x+m.x, y+m.y, m.text)
}

func (m pageOf) paint(p *painter, x, y float64) {
	if t, ok := p.at[m.to]; ok {
		s := strconv.Itoa(t.page)
		words{m.x - m.style.width(s), m.y, m.style, s}.paint(p, x, y)
	}
}

func (m rect) paint(p *painter, x, y float64) {
	how := ""
	if m.fill != nil {
		p.fill(*m.fill)
		how = "F"
	}
	if m.edge != nil {
		p.stroke(*m.edge, 0.6)
		how += "D"
	}
	switch {
	case how == "":
	case m.round > 0:
		p.f.RoundedRect(x+m.x, y+m.y, m.w, m.h, m.round, "1234", how)
	default:
		p.f.Rect(x+m.x, y+m.y, m.w, m.h, how)
	}
}

func (m rule) paint(p *painter, x, y float64) {
	p.stroke(m.color, m.width)
	p.f.Line(x+m.x1, y+m.y1, x+m.x2, y+m.y2)
}

func (m area) paint(p *painter, x, y float64) {
	p.fill(m.fill)
	moved := make([]fpdf.PointType, len(m.points))
	for i, pt := range m.points {
		moved[i] = fpdf.PointType{X: x + pt.X, Y: y + pt.Y}
	}
	p.f.Polygon(moved, "F")
}

func (m picture) paint(p *painter, x, y float64) {
	p.f.ImageOptions(logoName, x+m.x, y+m.y, m.w, m.h, false, fpdf.ImageOptions{ImageType: "png"}, 0, "")
}

func (m link) paint(p *painter, x, y float64) {
	t, ok := p.at[m.to]
	if !ok {
		return
	}
	if t.link == 0 {
		t.link = p.f.AddLink()
		p.f.SetLink(t.link, max(t.y-8, 0), t.page)
		p.at[m.to] = t
	}
	p.f.Link(x+m.x, y+m.y, m.w, m.h, t.link)
}

func (m anchor) paint(p *painter, _, y float64) {
	if m.title == "" {
		return
	}
	// The library measures the places of all bookmarks from the height of the last page.
	last := p.pages[len(p.pages)-1].orient.height()
	p.f.SetFont(family, "", 9) // it encodes a title as the current font asks
	p.size = 0
	p.f.Bookmark(m.title, m.level, max(y+m.y-8, 0)+last-p.height)
}

// setLogo hands the logo to the library, which reads fewer kinds of PNG than there are: so it gets a
// plain one. It returns the logo's width and height.
func (p *painter) setLogo(raw []byte) error {
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("read the logo: %w", err)
	}
	plain := image.NewNRGBA(img.Bounds())
	draw.Draw(plain, plain.Bounds(), img, img.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, plain); err != nil {
		return fmt.Errorf("write the logo: %w", err)
	}
	p.f.RegisterImageOptionsReader(logoName, fpdf.ImageOptions{ImageType: "png"}, &b)
	return nil
}

// drawing returns the marks of a chart in the given width, and its height; a chart too high for that
// is drawn smaller.
func (sp *speller) drawing(d chart.Drawing, width, height float64) ([]mark, float64) {
	if d.Width <= 0 || d.Height <= 0 {
		return nil, 0
	}
	scale := min(width/float64(d.Width), height/float64(d.Height))
	at := func(n int) float64 { return float64(n) * scale }
	marks := make([]mark, 0, len(d.Shapes))
	for _, s := range d.Shapes {
		switch s := s.(type) {
		case chart.Rect:
			marks = append(marks, rect{at(s.X), at(s.Y), at(s.W), at(s.H), at(s.Round), colorOf(s.Fill), colorOf(s.Stroke)})
		case chart.Line:
			if c := colorOf(s.Stroke); c != nil {
				marks = append(marks, rule{at(s.X1), at(s.Y1), at(s.X2), at(s.Y2), at(s.Width), *c})
			}
		case chart.Polygon:
			c := colorOf(s.Fill)
			if c == nil {
				continue
			}
			points := make([]fpdf.PointType, len(s.Points))
			for i, pt := range s.Points {
				points[i] = fpdf.PointType{X: at(pt.X), Y: at(pt.Y)}
			}
			marks = append(marks, area{points, *c})
		case chart.Text:
			c := colorOf(s.Fill)
			if c == nil {
				c = &ink
			}
			st := style{at(s.Size), s.Bold, *c}
			txt := sp.line(s.Text)
			x := at(s.X)
			switch s.Anchor {
			case chart.Middle:
				x -= st.width(txt) / 2
			case chart.End:
				x -= st.width(txt)
			}
			marks = append(marks, words{x, at(s.Y), st, txt})
		}
	}
	return marks, at(d.Height)
}

// colorOf returns a chart's color, nil for none.
func colorOf(c chart.Color) *color {
	r, g, b, ok := c.RGB()
	if !ok {
		return nil
	}
	return &color{r, g, b}
}
