package chart

// TimelineRow is a row of a timeline: its dates as days of one count, such as days since some first day.
type TimelineRow struct {
	Label, Detail string
	Marks         []TimelineMark // in the order of their days; none leaves the row without a line
	Value         string         // at the right end, such as the last date
}

// TimelineMark is a date of a row.
type TimelineMark struct {
	Day   int
	End   bool // the row's own date, drawn as a square; the others are diamonds
	State TimelineState
}

// TimelineState says how a date stands.
type TimelineState uint8

// The states of a date. Each looks different without color.
const (
	Ahead TimelineState = iota // an outline
	Late                       // filled, with an exclamation mark
	Kept                       // filled
)

// TimelineTick is a day that the scale names.
type TimelineTick struct {
	Day  int
	Text string
}

// The timeline's place for its lines, from left to right.
const (
	timelineLeft  = 372
	timelineRight = 96
)

// Timeline draws one row for each action over the days from first to last, with a line for today. The
// words of the legend are those of a milestone, of the row's own date, of Late and of Kept.
func Timeline(title, desc string, first, last, today int, todayText string, ticks []TimelineTick, rows []TimelineRow, legend [4]string) Drawing {
	const top, step, full = 44, 34, width - timelineLeft - timelineRight
	d := Drawing{Width: width, Title: title, Desc: desc}
	bottom := top + len(rows)*step
	at := func(day int) int { return timelineLeft + full*(day-first)/max(last-first, 1) }
	for _, t := range ticks {
		d.Shapes = append(d.Shapes, Line{at(t.Day), 18, at(t.Day), bottom, 1, Grid})
		d.Shapes = append(d.Shapes, Text{at(t.Day), 13, small, Middle, false, Faint, t.Text})
	}
	for i, r := range rows {
		y := top + i*step + step/2
		d.Shapes = append(d.Shapes,
			Text{0, y + 4, small, Start, true, Ink, r.Label},
			Text{44, y + 4, small, Start, false, Ink, r.Detail},
			Text{width, y + 4, small, End, false, Faint, r.Value})
		if n := len(r.Marks); n > 0 {
			d.Shapes = append(d.Shapes, Line{at(r.Marks[0].Day), y, at(r.Marks[n-1].Day), y, 3, Rule})
		}
	}
	d.Shapes = append(d.Shapes,
		Line{at(today), top - 8, at(today), bottom, 2, Levels[0]},
		Text{at(today), 31, small, Middle, true, Levels[0], todayText})
	for i, r := range rows {
		for _, m := range r.Marks {
			d.Shapes = append(d.Shapes, stamp(at(m.Day), top+i*step+step/2, m)...)
		}
	}
	x, y := timelineLeft, bottom+20
	for i, m := range []TimelineMark{{}, {End: true}, {End: true, State: Late}, {End: true, State: Kept}} {
		d.Shapes = append(d.Shapes, stamp(x+8, y, m)...)
		d.Shapes = append(d.Shapes, Text{x + 22, y + 4, small, Start, false, Ink, legend[i]})
		x += 44 + 7*len([]rune(legend[i]))
	}
	d.Height = y + 14
	return d
}

// stamp draws a mark around a point.
func stamp(x, y int, m TimelineMark) []Shape {
	edge, fill := Color(Deep), Color(White)
	switch m.State {
	case Late:
		edge, fill = Levels[0], Levels[0]
	case Kept:
		fill = Deep
	}
	var shapes []Shape
	if m.End {
		shapes = append(shapes, Rect{X: x - 7, Y: y - 7, W: 14, H: 14, Fill: edge}, Rect{X: x - 5, Y: y - 5, W: 10, H: 10, Fill: fill})
	} else {
		diamond := func(r int) []Point { return []Point{{x, y - r}, {x + r, y}, {x, y + r}, {x - r, y}} }
		shapes = append(shapes, Polygon{diamond(9), edge}, Polygon{diamond(6), fill})
	}
	if m.State == Late {
		shapes = append(shapes, Text{x, y + 4, small, Middle, true, White, "!"})
	}
	return shapes
}
