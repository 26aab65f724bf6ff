package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// contrast is the contrast ratio of WCAG 2.2 (relative luminance, section 1.4.3).
func contrast(a, b Color) float64 {
	l := func(c Color) float64 {
		channel := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		r, g, b, _ := c.RGB()
		return 0.2126*channel(r) + 0.7152*channel(g) + 0.0722*channel(b)
	}
	x, y := l(a), l(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	for _, fill := range slices.Concat(Levels[:], Shades[:], []Color{Deep, White, Faint, Grid, Ink}) {
		if c := contrast(inkOn(fill), fill); c < 4.5 {
			t.Errorf("text on %s: %.2f:1", hex(fill), c)
		}
	}
	if c := contrast(Faint, White); c < 4.5 {
		t.Errorf("faint text: %.2f:1", c)
	}
}

func drawings() []Drawing {
	words := [4]string{"0 Not", "1 Partially", "2 Largely", "3 Fully"}
	return []Drawing{
		HeatMap("Heat", "Desc", []string{"A", "B", "C"}, []HeatRow{
			{"Row", []HeatCell{{Value: "43 %", Detail: "3/7", Shade: 1}, {Value: "too little", Detail: "0/1", Shade: -1}, {Value: "out", Off: true, Shade: -1}}},
		}, [5]string{"a", "b", "c", "d", "e"}, "hatched"),
		LevelBars("Bars", "Desc", []LevelRow{{"All", [4]int{1, 100, 0, 7}, 3, "108 of 111"}, {Label: "None"}}, words, "unrated"),
		Ranges("Ranges", "Desc", []RangeRow{
			{Label: "All", Low: [2]int{1, 3}, High: [2]int{2, 3}, Point: [2]int{1, 2}, Value: "50 %"},
			{Label: "Edges", Low: [2]int{0, 3}, High: [2]int{3, 3}, Point: [2]int{3, 3}},
			{Label: "Nothing"},
		}),
		Timeline("Timeline", "Desc", -60, 120, 0, "2026-11-21", []TimelineTick{{-60, "Sep 2026"}, {120, "Apr 2027"}}, []TimelineRow{
			{"A-1", "Title", []TimelineMark{{Day: -60, State: Kept}, {Day: -3, State: Late}, {Day: 120, End: true}}, "2027-04-01"},
			{"A-2", "Late", []TimelineMark{{Day: -1, End: true, State: Late}}, "2026-11-20"},
			{"A-3", "No date", nil, "–"},
		}, [...]string{"milestone", "due date", "overdue", "done"}),
		Timeline("One day", "Desc", 0, 0, 0, "2026-11-21", nil, []TimelineRow{{Label: "A-1", Marks: []TimelineMark{{End: true}}}}, [...]string{"m", "d", "o", "k"}),
		Spread("Spread", "Desc", []string{"Secure", "Defend", "Thwart"}, words, []SpreadRow{{"GV.OC-01", "Title", []int{0, 0, 3}}, {"GV.OC-02", "", []int{-1, 2, -1}}}),
	}
}

// Nothing reaches beyond the drawing, and no text but the labels is as wide as to do so.
func TestShapesAreInside(t *testing.T) {
	for _, d := range drawings() {
		for _, s := range d.Shapes {
			var points []Point
			switch s := s.(type) {
			case Rect:
				if s.W < 0 || s.H < 0 {
					t.Errorf("%s: %+v", d.Title, s)
				}
				points = []Point{{s.X, s.Y}, {s.X + s.W, s.Y + s.H}}
			case Line:
				points = []Point{{s.X1, s.Y1}, {s.X2, s.Y2}}
			case Polygon:
				points = s.Points
			case Text:
				points = []Point{{s.X, s.Y}}
			}
			for _, p := range points {
				if p.X < 0 || p.Y < 0 || p.X > d.Width || p.Y > d.Height {
					t.Errorf("%s (%d×%d): %+v is outside", d.Title, d.Width, d.Height, s)
				}
			}
		}
	}
}

// The parts of a bar fill it and do not overlap.
func TestBarsAddUp(t *testing.T) {
	d := drawings()[1]
	end := 0
	for _, s := range d.Shapes {
		if r, ok := s.(Rect); ok && r.H == 26 && r.Y == 4 {
			if end != 0 && r.X != end {
				t.Errorf("a part begins at %d, the one before it ended at %d", r.X, end)
			}
			end = r.X + r.W
		}
	}
	if want := width - 150; end != want {
		t.Errorf("the bar ends at %d, not %d", end, want)
	}
}

func TestSVG(t *testing.T) {
	for _, d := range drawings() {
		d.Title, d.Desc = `<b>"T" & 't'</b>`, `</desc><script>`
		d.Shapes = append(d.Shapes, Text{X: 1, Y: 1, Size: 12, Text: `<a href="x">`}, Polygon{Points: []Point{{1, 2}, {3, 4}}})
		svg := d.SVG("id")
		if !bytes.Contains(svg, []byte(`role="img" aria-labelledby="id-t id-d"><title id="id-t">`)) {
			t.Errorf("no accessible name: %.200s", svg)
		}
		dec := xml.NewDecoder(bytes.NewReader(svg))
		var text strings.Builder
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				if !slices.Contains([]string{"svg", "title", "desc", "rect", "line", "polygon", "text"}, tok.Name.Local) {
					t.Errorf("an element %s", tok.Name.Local)
				}
			case xml.CharData:
				text.Write(tok)
			}
		}
		for _, want := range []string{d.Title, d.Desc, `<a href="x">`} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the text %q is lost", want)
			}
		}
	}
}

// Without its colors a late mark still differs from the others: it has an exclamation mark.
func TestLateMarksAreMarked(t *testing.T) {
	for _, c := range []struct {
		state TimelineState
		want  bool
	}{{Ahead, false}, {Late, true}, {Kept, false}} {
		for _, end := range []bool{true, false} {
			got := slices.ContainsFunc(stamp(20, 20, TimelineMark{End: end, State: c.state}), func(s Shape) bool {
				text, ok := s.(Text)
				return ok && text.Text == "!"
			})
			if got != c.want {
				t.Errorf("state %d, end %v: an exclamation mark is there: %v", c.state, end, got)
			}
		}
	}
}
