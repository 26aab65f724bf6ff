// Package chart draws the charts of a report as a few plain shapes in whole units, so that every
// format can show the same picture: a back end has four shapes to draw and nothing to work out.
package chart

// Drawing is a picture. The origin is its top left corner. Title and Desc say in words what it shows.
type Drawing struct {
	Width, Height int
	Title, Desc   string
	Shapes        []Shape // the later ones lie on top
}

// Shape is a Rect, a Line, a Polygon or a Text.
type Shape interface{ isShape() }

// Rect is a rectangle with its corners rounded by Round.
type Rect struct {
	X, Y, W, H   int
	Round        int
	Fill, Stroke Color
}

// Line is a straight line.
type Line struct {
	X1, Y1, X2, Y2 int
	Width          int
	Stroke         Color
}

// Polygon is a filled area.
type Polygon struct {
	Points []Point
	Fill   Color
}

// Point is a place in a drawing.
type Point struct{ X, Y int }

// Text is one line of text on the baseline Y.
type Text struct {
	X, Y   int
	Size   int
	Anchor Anchor
	Bold   bool
	Fill   Color
	Text   string
}

func (Rect) isShape()    {}
func (Line) isShape()    {}
func (Polygon) isShape() {}
func (Text) isShape()    {}

// Anchor says which part of a text is at X.
type Anchor uint8

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// Color is 0xRRGGBB with one bit above it that says that there is a color. The zero value is none.
type Color uint32

const set Color = 1 << 24

// RGB returns the color's red, green and blue, and whether there is a color.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c&set != 0
}

// The colors. Text on a fill is Ink or White as inkOn says; every such pair has a contrast of at
// least 4.5:1, which a test holds.
const (
	White = set | 0xFFFFFF
	Ink   = set | 0x1B2733
	Faint = set | 0x55626F
	Rule  = set | 0xCFD7DF
	Grid  = set | 0xE6EBF0
	Deep  = set | 0x1F4E79
)

// Levels are the fills of the levels 0 to 3, from warm to cool, which people of every color vision
// can tell apart.
var Levels = [4]Color{set | 0xB1462F, set | 0xF2C9A1, set | 0xA9CBE0, set | 0x1F5F8B}

// Shades are the fills of attainment in five bands: below a quarter, a half, three quarters, below
// all, and all.
var Shades = [5]Color{set | 0xB1462F, set | 0xF2C9A1, set | 0xF6EEDC, set | 0xA9CBE0, set | 0x1F5F8B}

// inkOn returns the color of text on a fill.
func inkOn(fill Color) Color {
	switch fill {
	case Levels[0], Levels[3], Deep, Faint, Ink:
		return White
	}
	return Ink
}

// hatch fills a rectangle with slanted lines, the sign of what is not known.
func hatch(x, y, w, h int) []Shape {
	shapes := []Shape{Rect{X: x, Y: y, W: w, H: h, Fill: White, Stroke: Rule}}
	for c := -h + 6; c < w; c += 8 {
		x1, y1, x2, y2 := x+c, y+h, x+c+h, y
		if c < 0 {
			x1, y1 = x, y+h+c
		}
		if c+h > w {
			x2, y2 = x+w, y+h-(w-c)
		}
		shapes = append(shapes, Line{x1, y1, x2, y2, 1, Rule})
	}
	return shapes
}
