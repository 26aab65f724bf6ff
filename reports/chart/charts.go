package chart

import "fmt"

// The width of all charts, and the sizes of what they write.
const (
	width = 920
	text  = 14
	small = 12
)

// HeatCell is a cell of a heat map. What it shows is given in words; Shade, an index of Shades, only
// repeats them. Without a shade (-1) the cell is hatched, Off makes it plain.
type HeatCell struct {
	Value, Detail string
	Shade         int
	Off           bool
}

// HeatRow is a row of a heat map.
type HeatRow struct {
	Label string
	Cells []HeatCell
}

// HeatMap draws rows of cells under the column heads, with a legend of the shades below it.
func HeatMap(title, desc string, columns []string, rows []HeatRow, legend [len(Shades)]string, hatched string) Drawing {
	const label, top, cellH, gap = 120, 30, 52, 4
	d := Drawing{Width: width, Title: title, Desc: desc}
	w := (width - label) / max(len(columns), 1)
	for i, c := range columns {
		d.Shapes = append(d.Shapes, Text{label + i*w + (w-gap)/2, 18, text, Middle, true, Ink, c})
	}
	for i, r := range rows {
		y := top + i*(cellH+gap)
		d.Shapes = append(d.Shapes, Text{0, y + cellH/2 + 5, text, Start, true, Ink, r.Label})
		for j, c := range r.Cells {
			x, mid := label+j*w, label+j*w+(w-gap)/2
			ink := Color(Ink)
			switch {
			case c.Off:
				d.Shapes = append(d.Shapes, Rect{X: x, Y: y, W: w - gap, H: cellH, Fill: Grid})
			case c.Shade < 0:
				d.Shapes = append(d.Shapes, hatch(x, y, w-gap, cellH)...)
				half := max(len(c.Value), len(c.Detail))*4 + 6 // so that the words stand on plain ground
				d.Shapes = append(d.Shapes, Rect{X: mid - half, Y: y + 8, W: 2 * half, H: cellH - 16, Round: 3, Fill: White})
			default:
				ink = inkOn(Shades[c.Shade])
				d.Shapes = append(d.Shapes, Rect{X: x, Y: y, W: w - gap, H: cellH, Fill: Shades[c.Shade]})
			}
			if c.Detail == "" {
				d.Shapes = append(d.Shapes, Text{mid, y + cellH/2 + 5, text, Middle, false, ink, c.Value})
				continue
			}
			d.Shapes = append(d.Shapes,
				Text{mid, y + cellH/2 - 3, text, Middle, true, ink, c.Value},
				Text{mid, y + cellH/2 + 15, small, Middle, false, ink, c.Detail})
		}
	}
	y := top + len(rows)*(cellH+gap) + 14
	x := label
	for i, s := range legend {
		d.Shapes = append(d.Shapes, Rect{X: x, Y: y, W: 16, H: 14, Fill: Shades[i]}, Text{x + 22, y + 12, small, Start, false, Ink, s})
		x += 36 + 7*len([]rune(s))
	}
	d.Shapes = append(d.Shapes, hatch(x, y, 16, 14)...)
	d.Shapes = append(d.Shapes, Text{x + 22, y + 12, small, Start, false, Ink, hatched})
	d.Height = y + 22
	return d
}

// LevelRow is a bar of Levels: how many items are at each level, and how many are unrated.
type LevelRow struct {
	Label   string
	Counts  [len(Levels)]int
	Unrated int
	Note    string // at the right end, such as "58 of 72 rated"
}

// LevelBars draws one bar for each row, all of the same length, divided as the row's items are, with
// the counts in it and a legend of the words below. Where nothing can be unrated, unrated is "".
func LevelBars(title, desc string, rows []LevelRow, words [len(Levels)]string, unrated string) Drawing {
	const label, right, barH, step = 120, 150, 26, 38
	d := Drawing{Width: width, Title: title, Desc: desc}
	const full = width - label - right
	for i, r := range rows {
		y := 4 + i*step
		total := r.Unrated
		for _, n := range r.Counts {
			total += n
		}
		d.Shapes = append(d.Shapes, Text{0, y + 18, text, Start, true, Ink, r.Label})
		if total == 0 {
			d.Shapes = append(d.Shapes, Rect{X: label, Y: y, W: full, H: barH, Fill: Grid})
		}
		before := 0
		segment := func(n int, fill Color) {
			if n == 0 {
				return
			}
			x, end := label+full*before/total, label+full*(before+n)/total
			before += n
			if fill == White {
				d.Shapes = append(d.Shapes, hatch(x, y, end-x, barH)...)
			} else {
				d.Shapes = append(d.Shapes, Rect{X: x, Y: y, W: end - x, H: barH, Fill: fill, Stroke: White})
			}
			s := fmt.Sprint(n)
			need := 8*len(s) + 4
			if end-x < need {
				return // the table has it
			}
			mid := (x + end) / 2
			if fill == White {
				d.Shapes = append(d.Shapes, Rect{X: mid - need/2, Y: y + 4, W: need, H: barH - 8, Round: 3, Fill: White})
			}
			d.Shapes = append(d.Shapes, Text{mid, y + 18, small, Middle, true, inkOn(fill), s})
		}
		for level, n := range r.Counts {
			segment(n, Levels[level])
		}
		segment(r.Unrated, White)
		d.Shapes = append(d.Shapes, Text{width, y + 18, small, End, false, Faint, r.Note})
	}
	y := 4 + len(rows)*step + 8
	x := label
	for i, s := range words {
		d.Shapes = append(d.Shapes, Rect{X: x, Y: y, W: 16, H: 14, Fill: Levels[i]}, Text{x + 22, y + 12, small, Start, false, Ink, s})
		x += 40 + 7*len([]rune(s))
	}
	if unrated != "" {
		d.Shapes = append(d.Shapes, hatch(x, y, 16, 14)...)
		d.Shapes = append(d.Shapes, Text{x + 22, y + 12, small, Start, false, Ink, unrated})
	}
	d.Height = y + 22
	return d
}

// RangeRow is a range on the scale from 0 to 1, and a point in it, as fractions {numerator,
// denominator}. A denominator of 0 leaves the range, or the point, out.
type RangeRow struct {
	Label            string
	Low, High, Point [2]int
	Value            string // the point in words
	Detail           string // the range in words
	Strong           bool
}

// Ranges draws a scale from 0 to 100 % with one range for each row.
func Ranges(title, desc string, rows []RangeRow) Drawing {
	const label, right, top, step = 120, 230, 24, 44
	const full = width - label - right
	d := Drawing{Width: width, Title: title, Desc: desc, Height: top + len(rows)*step + 6}
	at := func(r [2]int) int { return label + full*r[0]/r[1] }
	for _, p := range []int{0, 25, 50, 75, 100} {
		x := label + full*p/100
		d.Shapes = append(d.Shapes,
			Line{x, top - 2, x, d.Height - 8, 1, Grid},
			Text{x, 14, small, Middle, false, Faint, fmt.Sprintf("%d %%", p)})
	}
	for i, r := range rows {
		y := top + i*step + step/2 - 2
		d.Shapes = append(d.Shapes,
			Text{0, y + 5, text, Start, r.Strong, Ink, r.Label},
			Line{label, y, label + full, y, 1, Rule})
		if r.Low[1] > 0 {
			x, end := at(r.Low), at(r.High)
			d.Shapes = append(d.Shapes, Rect{X: x, Y: y - 7, W: max(end-x, 2), H: 14, Round: 3, Fill: Levels[2], Stroke: Levels[3]})
		}
		if r.Point[1] > 0 {
			x := at(r.Point)
			d.Shapes = append(d.Shapes, Polygon{[]Point{{x, y - 11}, {x + 8, y}, {x, y + 11}, {x - 8, y}}, Deep})
		}
		x := label + full + 24
		d.Shapes = append(d.Shapes,
			Text{x, y - 1, text, Start, true, Ink, r.Value},
			Text{x, y + 15, small, Start, false, Faint, r.Detail})
	}
	return d
}

// SpreadRow shows where the marks of one row stand on the levels 0 to 3; -1 leaves a mark out.
type SpreadRow struct {
	Label, Detail string
	Levels        []int // by mark
}

// Spread draws the levels as columns and, for each row, the marks at their levels: boxes with the first
// letter of their names, which a legend spells out.
func Spread(title, desc string, marks []string, words [len(Levels)]string, rows []SpreadRow) Drawing {
	const label, top, step = 420, 28, 34
	const full = width - label
	d := Drawing{Width: width, Title: title, Desc: desc, Height: top + len(rows)*step + 30}
	const column = full / len(words)
	for i, s := range words {
		x := label + i*column + column/2
		d.Shapes = append(d.Shapes,
			Text{x, 14, small, Middle, false, Faint, s},
			Line{x, top - 6, x, d.Height - 28, 1, Grid})
	}
	fills := []Color{Deep, White, Faint}
	mark := func(m, x, y int) {
		fill := fills[m%len(fills)]
		d.Shapes = append(d.Shapes,
			Rect{X: x, Y: y, W: 20, H: 20, Round: 3, Fill: fill, Stroke: Deep},
			Text{x + 10, y + 14, small, Middle, true, inkOn(fill), marks[m][:1]})
	}
	for i, r := range rows {
		y := top + i*step + step/2
		low, high := len(words), -1
		var together [len(words)]int
		for _, n := range r.Levels {
			if n >= 0 {
				low, high = min(low, n), max(high, n)
				together[n]++
			}
		}
		d.Shapes = append(d.Shapes,
			Text{0, y + 4, small, Start, true, Ink, r.Label},
			Text{78, y + 4, small, Start, false, Ink, r.Detail})
		if high > low {
			d.Shapes = append(d.Shapes, Line{label + low*column + column/2, y, label + high*column + column/2, y, 2, Rule})
		}
		var drawn [len(words)]int
		for m, n := range r.Levels {
			if n < 0 {
				continue
			}
			x := label + n*column + column/2 - together[n]*11 + drawn[n]*22
			drawn[n]++
			mark(m, x+1, y-10)
		}
	}
	x := label + 4
	for m, name := range marks {
		y := d.Height - 22
		mark(m, x, y)
		d.Shapes = append(d.Shapes, Text{x + 28, y + 14, small, Start, false, Ink, name})
		x += 50 + 7*len(name)
	}
	return d
}
