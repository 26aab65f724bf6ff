package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// dashboard shows where the session stands. Each figure opens the items behind it.
type dashboard struct {
	*sitting
	score   assessment.Scores
	gaps    []assessment.Entry
	spread  []assessment.Divergence
	figures [][]figure // as drawn: rows of what can be chosen
	row     int
	col     int
	// firstSpread is the row of figures with which the divergences begin, behind the gaps.
	firstSpread int
}

// figure is a number on the dashboard and the items that it counts. item is set where a figure is a
// single item.
type figure struct {
	text   string
	filter filter
	item   int // index, or -1
}

// wideHeight is the height from which a wide dashboard shows bars and divergence.
const wideHeight = 34

func newDashboard(st *sitting) screen { return &dashboard{sitting: st} }

// Init counts, each time that the dashboard comes to the front.
func (d *dashboard) Init() tea.Cmd {
	d.score, d.gaps, d.spread = d.s.Score(), d.s.Gaps(), d.s.Divergences()
	d.layout()
	d.row = min(d.row, len(d.figures)-1)
	return nil
}

var dashboardKeys = struct{ Move, Open key.Binding }{
	Move: bind("choose a figure", "arrows hjkl", "up", "down", "left", "right", "h", "j", "k", "l"),
	Open: bind("open the items behind it", "enter", "enter"),
}

func (d *dashboard) Keys() keys {
	return keys{
		short: []key.Binding{dashboardKeys.Open, dashboardKeys.Move, global.Gaps, global.Report, global.Menu, global.Back},
		full:  []keyGroup{{"Dashboard", []key.Binding{dashboardKeys.Move, dashboardKeys.Open}}, globalKeys},
	}
}

func (d *dashboard) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := d.siblings(press); done {
		return cmd
	}
	switch press.String() {
	case "j", "down":
		d.row = min(d.row+1, len(d.figures)-1)
	case "k", "up":
		d.row = max(0, d.row-1)
	case "l", "right":
		d.col = min(d.col+1, len(d.figures[d.row])-1)
	case "h", "left":
		d.col = max(0, min(d.col, len(d.figures[d.row])-1)-1)
	case "enter":
		f := d.figures[d.row][min(d.col, len(d.figures[d.row])-1)]
		if f.item >= 0 {
			d.at = f.item
		}
		return d.app.push(newWalkOn(d.sitting, f.filter))
	case "esc":
		return d.app.back()
	}
	return nil
}

// layout lists the figures in the order in which they are drawn.
func (d *dashboard) layout() {
	d.figures = nil
	threshold := d.s.Info().Threshold
	for i := range d.score.Functions {
		f := &d.score.Functions[i]
		var row []figure
		for _, area := range content.Areas {
			row = append(row, figure{d.cell(&f.Areas[area], threshold), filter{area: &area, part: f.ID, state: inProfile}, -1})
		}
		d.figures = append(d.figures, row)
	}
	total := &d.score.Session.Total
	var counts []figure
	for n, count := range total.Levels {
		counts = append(counts, figure{fmt.Sprintf("%d %s %d", n, short(assessment.Rating(n+1)), count), filter{state: atLevel0 + stateFilter(n)}, -1})
	}
	counts = append(counts, figure{fmt.Sprintf("unrated %d", total.Unrated()), filter{state: unrated}, -1})
	d.figures = append(d.figures, counts, []figure{
		{fmt.Sprintf("at target %d of %d", total.AtTarget, total.Compared), filter{state: atTarget}, -1},
		{fmt.Sprintf("gaps %d", total.Gaps), filter{state: withGap}, -1},
		{fmt.Sprintf("out of profile %d", total.OutOfProfile), filter{state: outOfProfile}, -1},
		{fmt.Sprintf("supported %d of %d", total.Supported, total.Rated()), filter{state: supported}, -1},
	})
	for _, e := range d.gaps[:min(len(d.gaps), 12)] {
		sub, _ := d.cat().Subcategory(e.Item.ID.Sub)
		text := fmt.Sprintf("%s %s %s  %s", d.app.pad(e.Item.ID.String(), 16), d.app.pad(levels(d.app, e), 5), d.app.pad(e.Priority.String(), 8), sub.Title)
		d.figures = append(d.figures, []figure{{text, filter{state: withGap}, e.Item.Index}})
	}
	d.firstSpread = len(d.figures)
	for _, v := range d.spread[:min(len(d.spread), 18)] {
		var parts []string
		for _, area := range content.Areas {
			if v.Levels[area].Known() {
				parts = append(parts, area.Label()+" "+v.Levels[area].String())
			}
		}
		text := fmt.Sprintf("%s  %d  %s  %s", v.Sub.ID, v.Spread, d.app.pad(strings.Join(parts, ", "), 30), v.Sub.Title)
		d.figures = append(d.figures, []figure{{text, filter{part: v.Sub.ID}, -1}})
	}
}

// cell is one field of the heat map: the fraction, a bar and the percentage or why there is none.
func (d *dashboard) cell(t *assessment.Tally, threshold int) string {
	g := d.app.theme.Glyph
	switch {
	case t.InProfile == 0 && t.AreaOutOfScope > 0:
		return "out of scope"
	case t.InProfile == 0:
		return "nothing in profile"
	case t.WantedAll == 0:
		return fmt.Sprintf("no targets, %d rated", t.Rated())
	case t.Withheld(threshold):
		return fmt.Sprintf("%-5s coverage %d/%d", t.Attainment(), t.Compared, t.InProfile)
	}
	r := t.Attainment()
	full := 0
	if r.Den > 0 {
		full = 5 * r.Num / r.Den
	}
	return fmt.Sprintf("%-7s %s%s %5s", r, strings.Repeat(g.Full, full), strings.Repeat(g.Empty, 5-full), r.Percent())
}

func (d *dashboard) Head(w int) []string {
	a := d.app
	t := &d.score.Session.Total
	rated := fmt.Sprintf("%d of %d rated (%s) ", t.Rated(), t.InProfile, assessment.Ratio{Num: t.Rated(), Den: t.InProfile}.Percent())
	if t.Inherited > 0 {
		rated = fmt.Sprintf("%d of %d rated, of which %d inherited ", t.Rated(), t.InProfile, t.Inherited)
	}
	return []string{d.title(), a.ends(a.theme.Label.Render(" DASHBOARD"), a.theme.Faint.Render(rated), w)}
}

// picked draws a figure, marked where it is the chosen one.
func (d *dashboard) picked(row, col, width int) string {
	a, t := d.app, d.app.theme
	if row >= len(d.figures) || col >= len(d.figures[row]) {
		return a.pad("", width)
	}
	text := d.figures[row][col].text
	if row == d.row && col == min(d.col, len(d.figures[d.row])-1) {
		return t.Selected.Render(a.pad(t.Glyph.Cursor+text, width-1)) + " "
	}
	return a.pad(" "+text, width)
}

func (d *dashboard) View(w, h int) string {
	a, t := d.app, d.app.theme
	total := &d.score.Session.Total
	threshold := d.s.Info().Threshold
	formula := "  "
	if w >= listWidth {
		formula = a.plain("  Σ min(current, target) / Σ target = ")
	}
	out := []string{
		" " + t.Label.Render("ATTAINMENT") + formula +
			t.Strong.Render(fmt.Sprintf("%s (%s)", total.Attainment(), attainmentPercent(*total, threshold))) + canBecome(total),
		d.interval(total, w),
		"",
	}
	name := 11
	col := (w - name - 1) / 3
	header := a.pad("", name)
	for _, area := range content.Areas {
		header += a.pad(" "+area.Label(), col)
	}
	out = append(out, t.Label.Render(header))
	for i := range d.score.Functions {
		row := " " + a.pad(d.score.Functions[i].Name, name-1)
		for c := range content.Areas {
			row += d.picked(i, c, col)
		}
		out = append(out, row)
	}
	n := len(d.score.Functions)
	out = append(out, "", " "+t.Label.Render("LEVELS")+"  "+d.spreadRow(n))
	wide := w >= listWidth && h >= wideHeight
	if wide {
		out = append(out, d.bars(total, w)...)
	}
	out = append(out, " "+t.Label.Render("AND")+"     "+d.spreadRow(n+1))
	rest := max(0, h-len(out)-2)
	out = append(out, "")
	if wide {
		half := w / 2
		left := []string{" " + t.Label.Render("FIRST GAPS (G shows all, with the rule of their order)")}
		for i := n + 2; i < d.firstSpread && len(left) < rest; i++ {
			left = append(left, d.picked(i, 0, half-1))
		}
		right := []string{t.Label.Render(divergenceLabel)}
		for i := d.firstSpread; i < len(d.figures) && len(right) < rest; i++ {
			right = append(right, d.picked(i, 0, w-half))
		}
		if d.firstSpread == len(d.figures) {
			right = append(right, t.Faint.Render("none among items that are rated"))
		}
		out = append(out, a.columns(rest, column{lines(left...), half}, column{lines(right...), w - half}))
		return lines(out...)
	}
	from := n + 2
	visible := max(1, rest)
	if d.row-from >= visible {
		from = d.row - visible + 1
	}
	label := "FIRST GAPS, then divergence"
	if from >= d.firstSpread {
		label = divergenceLabel
	}
	out = append(out, " "+t.Label.Render(label))
	for i := from; i < len(d.figures) && i < from+visible; i++ {
		out = append(out, d.picked(i, 0, w))
	}
	if d.firstSpread == n+2 && from == n+2 {
		out = append(out, t.Faint.Render(" no gaps: nothing that is rated and has a target is below it"))
	}
	return lines(out...)
}

const divergenceLabel = "DIVERGENCE: highest minus lowest rating of a Subcategory"

func (d *dashboard) spreadRow(row int) string {
	s := ""
	for c, f := range d.figures[row] {
		s += d.picked(row, c, len(f.text)+3)
	}
	return s
}

// canBecome says what attainment becomes once the unrated items are known, as far as they leave it open.
func canBecome(t *assessment.Tally) string {
	if iv := t.Interval(); iv.Low != iv.High {
		return ", can become " + intervalText(iv)
	}
	return ""
}

// interval draws what attainment can become once the unrated items are known.
func (d *dashboard) interval(t *assessment.Tally, w int) string {
	a, th := d.app, d.app.theme
	iv := t.Interval()
	if iv.Low.Den == 0 {
		return th.Faint.Render(" No item in profile has a target yet; t sets one in the walk, T sets many.")
	}
	scale := max(10, min(60, w-17))
	at := func(r assessment.Ratio) int { return min(scale-1, r.Num*scale/max(1, r.Den)) }
	bar := make([]string, scale)
	for i := range bar {
		bar[i] = th.Glyph.Rule
		if i >= at(iv.Low) && i <= at(iv.High) {
			bar[i] = th.Glyph.Range
		}
	}
	if r := t.Attainment(); r.Den > 0 && !t.Withheld(d.s.Info().Threshold) {
		bar[at(r)] = th.Glyph.Point
	}
	return a.cut("        0 "+th.Glyph.Left+th.Accent.Render(strings.Join(bar, ""))+th.Glyph.Right+" 100", w)
}

// bars draws the distribution of levels where there is room.
func (d *dashboard) bars(t *assessment.Tally, w int) []string {
	th := d.app.theme
	most := 1
	counts := append(append([]int{}, t.Levels[:]...), t.Unrated())
	for _, n := range counts {
		most = max(most, n)
	}
	var out []string
	for i, n := range counts {
		label, style := "unrated", th.Faint
		if i <= assessment.MaxLevel {
			label, style = fmt.Sprintf("%d %s", i, short(assessment.Rating(i+1))), th.Levels[i]
		}
		bar := strings.Repeat(th.Glyph.Full, n*min(60, w-40)/most)
		if n > 0 && bar == "" {
			bar = th.Glyph.Full
		}
		out = append(out, " "+d.app.pad("  "+label, 14)+style.Render(bar)+fmt.Sprintf(" %d", n))
	}
	return append(out, "")
}
