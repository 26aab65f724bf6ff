package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/chart"
)

// attained is target attainment in words: "43 %", why it is withheld below the coverage threshold, "–"
// without a value.
func (b *builder) attained(t assessment.Tally) string {
	if why := t.WhyWithheld(b.info.Threshold); why != "" && why != assessment.NoTargets {
		return why
	}
	return t.Attainment().Percent()
}

// interval is the interval of attainment in words: "35 % to 54 %", or "–" where nothing has a target.
func interval(t assessment.Tally) string {
	i := t.Interval()
	if i.Low.Den == 0 {
		return "–"
	}
	if i.Low == i.High {
		return i.Low.Percent()
	}
	return i.Low.Percent() + " to " + i.High.Percent()
}

// gapNote says how the gaps divide by priority and how many are accepted: "12 High, 3 Moderate; 1 accepted".
func (b *builder) gapNote() string {
	if len(b.gaps) == 0 {
		return "no item is known to be below its target"
	}
	var byPriority [content.Foundational + 1]int
	inForce, lapsed := 0, 0
	for _, e := range b.gaps {
		byPriority[e.Priority]++
		switch a := e.Response.Accepted; {
		case a == nil:
		case a.InForce(b.on):
			inForce++
		default:
			lapsed++
		}
	}
	var split []string
	for p := content.High; p <= content.Foundational; p++ {
		if n := byPriority[p]; n > 0 {
			split = append(split, fmt.Sprintf("%d %v", n, p))
		}
	}
	note := strings.Join(split, ", ")
	if inForce > 0 {
		note += fmt.Sprintf("; %d accepted", inForce)
	}
	if lapsed > 0 {
		note += fmt.Sprintf("; %s lapsed", count(lapsed, "acceptance", "acceptances"))
	}
	return note
}

func (b *builder) summary() []Block {
	t := b.total
	unrated := t.Unrated()
	figures := Figures{[]Figure{
		{"attainment", "Target attainment", b.attained(t), b.attainmentNote(b.scores.Session)},
		{"at_target", "At target", ofCount(t.AtTarget, t.Compared), "items that have a rating and a target"},
		{"gaps", "Gaps", strconv.Itoa(len(b.gaps)), b.gapNote()},
		{"coverage", "Coverage", ofCount(t.Compared, t.InProfile), t.Coverage().Percent() + " of the items in profile have a rating and a target"},
		{"rated", "Rated", ofCount(t.Rated(), t.InProfile), fmt.Sprintf("%d of them inherited; %d unrated", t.Inherited, unrated)},
		{"supported", "Supported", ofCount(t.Supported, t.Rated()), fmt.Sprintf("ratings on examined or tested evidence; %d at level 3 on assertion alone", t.OnAssertion)},
	}}

	levels := fmt.Sprintf("Of %s rated: %d at level 0 (not achieved), %d at 1 (partially), %d at 2 (largely) and %d at 3 (fully achieved).",
		count(t.Rated(), "item", "items"), t.Levels[0], t.Levels[1], t.Levels[2], t.Levels[3])
	switch unknown := len(b.unknown); {
	case t.InProfile == 0:
		levels = "No item is in profile, so there is nothing to measure."
	case t.Rated() == 0:
		levels = fmt.Sprintf("None of the %s in profile is rated yet.", count(t.InProfile, "item", "items"))
	case unknown > 0:
		levels += fmt.Sprintf(" %s that %s a target %s not rated yet; the interval of attainment is what they leave open.",
			title(count(unknown, "item", "items")), plural(unknown, "has", "have"), plural(unknown, "is", "are"))
	}
	blocks := []Block{figures, Para{Text: levels}}
	if n := t.ToConfirm; n > 0 {
		blocks = append(blocks, Para{Text: fmt.Sprintf(
			"%s given before the pack changed what is asked, and %s to be re-confirmed; until then %s as given.",
			title(count(n, "rating was", "ratings were")), plural(n, "is", "are"), plural(n, "it counts", "they count"))})
	}
	if t.WantedAll > 0 {
		blocks = append(blocks, b.ranges("ranges", "Target attainment and its interval", b.topParts()))
	}
	if len(b.gaps) > 0 {
		first := b.gaps[:min(len(b.gaps), 10)]
		blocks = append(blocks, Heading{"First in order"},
			b.gapTable("", firstOf(len(first), len(b.gaps), "gap", "gaps")+", ordered by "+assessment.OrderRule, first, 1))
	}
	return blocks
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// attainmentNote says what stands behind attainment: its fraction, what the unknown can make of it, and
// in which Focus Areas no percentage of it would be given.
func (b *builder) attainmentNote(r assessment.RollUp) string {
	t := r.Total
	var note string
	switch unknown := t.Targeted - t.Compared; {
	case t.WantedAll == 0:
		return "no item in profile has a target"
	case unknown == 0:
		note = t.Attainment().String() + " of what the targets ask"
	default:
		note = fmt.Sprintf("%s of what the targets ask; %s once the %s known",
			fractionText(t.Attainment()), willBe(t), count(unknown, "unrated item is", "unrated items are"))
	}
	return note + b.weakAreas(r)
}

// willBe says what attainment becomes once everything is known: "between 31 % and 64 %".
func willBe(t assessment.Tally) string {
	i := t.Interval()
	if i.Low == i.High {
		return i.Low.Percent()
	}
	return "between " + i.Low.Percent() + " and " + i.High.Percent()
}

// weakAreas goes on from attainment that is given as a percentage, and names the Focus Areas of which
// none is given, and why: "; too little rated in Defend and Thwart".
func (b *builder) weakAreas(r assessment.RollUp) string {
	if r.Total.WhyWithheld(b.info.Threshold) != "" {
		return ""
	}
	note := ""
	for _, why := range []string{assessment.TooLittle, assessment.TooFewTargets, assessment.NoTargets} {
		var in []string
		for _, a := range content.Areas {
			if t := r.Areas[a]; t.InProfile > 0 && t.WhyWithheld(b.info.Threshold) == why {
				in = append(in, a.Label())
			}
		}
		if len(in) > 0 {
			note += "; " + why + " in " + enumerate(in)
		}
	}
	return note
}

// handledNote says how many gaps have no open action, and what they have instead.
func handledNote(n [assessment.Handlings]int) string {
	return fmt.Sprintf("of the others: only finished actions %d, accepted only %d, nothing %d",
		n[assessment.FinishedOnly], n[assessment.AcceptedOnly], n[assessment.Unhandled])
}

// part is a roll-up with the name by which charts and tables call it.
type part struct {
	name   string
	tally  assessment.Tally
	strong bool
	off    string // why there is nothing to show, "" where there is
}

func (b *builder) topParts() []part {
	parts := []part{{"All items", b.total, true, ""}}
	for _, a := range content.Areas {
		p := part{name: a.Label(), tally: b.scores.Session.Areas[a]}
		if b.info.Areas[a].Out {
			p.off = "out of scope"
		}
		parts = append(parts, p)
	}
	return parts
}

func (b *builder) functionParts() []part {
	var parts []part
	for _, f := range b.scores.Functions {
		parts = append(parts, part{name: f.Name, tally: f.Total})
	}
	return parts
}

// ranges is the chart of attainment with its interval.
func (b *builder) ranges(id, caption string, parts []part) Chart {
	t := Table{
		Caption: caption + ", in numbers",
		Columns: []Column{
			{"Part", Head}, {"Attainment", Short}, {"Fraction", Number}, {"Interval", Short}, {"Lowest", Number}, {"Highest", Number}, {"Coverage", Number}, {"Inherited", Number},
		},
	}
	var rows []chart.RangeRow
	for _, p := range parts {
		i := p.tally.Interval()
		value, detail := b.attained(p.tally), fractionText(p.tally.Attainment())+", "+interval(p.tally)
		if p.tally.WantedAll == 0 {
			value, detail = "–", "no target"
		}
		if p.off != "" {
			value, detail = p.off, ""
		}
		r := chart.RangeRow{
			Label: p.name, Low: fraction(i.Low), High: fraction(i.High), Point: fraction(p.tally.Attainment()),
			Value: value, Detail: detail, Strong: p.strong,
		}
		if p.tally.Withheld(b.info.Threshold) {
			r.Point = [2]int{}
		}
		rows = append(rows, r)
		t.Rows = append(t.Rows, Row{[]Cell{
			words(p.name),
			{Text: value, Tone: b.band(p.tally)},
			words(fractionText(p.tally.Attainment())), words(interval(p.tally)),
			words(fractionText(i.Low)), words(fractionText(i.High)), words(ofCount(p.tally.Compared, p.tally.InProfile)), number(p.tally.Inherited),
		}, p.strong})
	}
	return Chart{id, chart.Ranges(caption,
		"For each part, a bar from the lowest to the highest value that attainment can take once the unrated items are known, "+
			"and a diamond where it stands by what is rated now. The table below has the numbers.", rows), t}
}

func fraction(r assessment.Ratio) [2]int { return [2]int{r.Num, r.Den} }

func (b *builder) attainment() []Block {
	columns := []string{}
	t := Table{
		Caption: "Target attainment by Function and Focus Area, in numbers",
		Columns: []Column{{"Function", Head}},
	}
	for _, a := range content.Areas {
		columns = append(columns, a.Label())
		t.Columns = append(t.Columns, Column{a.Label(), Words})
	}
	t.Columns = append(t.Columns, Column{"All", Words})
	cell := func(tally assessment.Tally) Cell {
		switch {
		case tally.InProfile == 0 && tally.AreaOutOfScope > 0:
			return Cell{Text: "out of scope"}
		case tally.InProfile == 0:
			return Cell{Text: "–", Sub: "nothing in profile"}
		case tally.WantedAll == 0:
			return Cell{Text: "–", Sub: "no target"}
		}
		sub := fmt.Sprintf("%s, %s\ncoverage %s", fractionText(tally.Attainment()), interval(tally), ofCount(tally.Compared, tally.InProfile))
		if tally.Inherited > 0 {
			sub += fmt.Sprintf("\n%d inherited", tally.Inherited)
		}
		return Cell{Text: b.attained(tally), Sub: sub, Tone: b.band(tally)}
	}
	var rows []chart.HeatRow
	for _, f := range b.scores.Functions {
		heat := chart.HeatRow{Label: f.Name}
		cells := []Cell{{Text: f.Name, Sub: f.ID}}
		for _, tally := range f.Areas {
			c := cell(tally)
			cells = append(cells, c)
			h := chart.HeatCell{Value: c.Text, Shade: -1, Off: tally.WantedAll == 0, Detail: c.Sub}
			if tally.WantedAll > 0 {
				h.Detail = fmt.Sprintf("%s, coverage %s", fractionText(tally.Attainment()), ofCount(tally.Compared, tally.InProfile))
				if !tally.Withheld(b.info.Threshold) {
					h.Shade = shade(tally.Attainment())
				}
			}
			heat.Cells = append(heat.Cells, h)
		}
		rows = append(rows, heat)
		t.Rows = append(t.Rows, row(append(cells, cell(f.Total))...))
	}
	all := []Cell{words("All")}
	for _, tally := range b.scores.Session.Areas {
		all = append(all, cell(tally))
	}
	t.Rows = append(t.Rows, Row{append(all, cell(b.total)), true})
	return []Block{
		Chart{"heat", chart.HeatMap("Target attainment by Function and Focus Area",
			"A grid of the Functions and the three Focus Areas. Each cell has attainment as a percentage, its fraction and its coverage; "+
				"the table below has the same numbers.", columns, rows,
			[...]string{"below 25 %", "25 to 49 %", "50 to 74 %", "75 to 99 %", "100 %"}, "too little rated, or too few targets"), t},
		b.ranges("function-ranges", "Target attainment and its interval, by Function", b.functionParts()),
	}
}

// shade is the band of attainment, 0 to 4: below 25, 50, 75 and 100 %, and all of it, by the whole
// percentage that is printed.
func shade(r assessment.Ratio) int {
	if r.Num == r.Den {
		return 4
	}
	return min((200*r.Num+r.Den)/(2*r.Den)/25, 3)
}

var bandTones = [...]Tone{Band0, Band1, Band2, Band3, Band4}

// band is the tone of attainment where a percentage of it is given.
func (b *builder) band(t assessment.Tally) Tone {
	if t.Wanted == 0 || t.Withheld(b.info.Threshold) {
		return NoTone
	}
	return bandTones[shade(t.Attainment())]
}

// fractionText is the fraction, or "–" without a denominator.
func fractionText(r assessment.Ratio) string {
	if r.Den == 0 {
		return "–"
	}
	return r.String()
}

func (b *builder) levels() []Block {
	t := Table{
		Caption: "Items by level, in numbers",
		Columns: []Column{
			{"Part", Head},
			{"In profile", Number},
			{"0 Not", Number},
			{"1 Partially", Number},
			{"2 Largely", Number},
			{"3 Fully", Number},
			{"Unrated", Number},
			{"Inherited", Number},
			{"At target", Number},
			{"Supported", Number},
			{"3 on assertion", Number},
		},
	}
	var rows []chart.LevelRow
	for _, p := range append(b.topParts(), b.functionParts()...) {
		n := p.tally
		note := fmt.Sprintf("%s rated", ofCount(n.Rated(), n.InProfile))
		if p.off != "" {
			note = p.off
		}
		rows = append(rows, chart.LevelRow{Label: p.name, Counts: n.Levels, Unrated: n.Unrated(), Note: note})
		cells := []Cell{words(p.name), number(n.InProfile)}
		for i, c := range n.Levels {
			cell := number(c)
			if c > 0 {
				cell.Tone = levelTones[i]
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, Row{append(cells, number(n.Unrated()), number(n.Inherited),
			words(ofCount(n.AtTarget, n.Compared)), words(ofCount(n.Supported, n.Rated())), number(n.OnAssertion)), p.strong})
	}
	return []Block{Chart{"level-bars", chart.LevelBars("Items in profile by level",
		"One bar for all items, each Focus Area and each Function, divided by how many items are at levels 0, 1, 2 and 3 and how many are unrated. "+
			"The table below has the numbers.", rows, levelLegend(), "unrated"), t}}
}

// levelLegend names the levels: "0 Not achieved".
func levelLegend() [assessment.MaxLevel + 1]string {
	var legend [assessment.MaxLevel + 1]string
	for n := range legend {
		legend[n] = fmt.Sprintf("%d %s", n, assessment.LevelWord(n))
	}
	return legend
}

func (b *builder) categories() []Block {
	lowest := make(map[string][]assessment.Entry)
	for e := range b.s.Entries() {
		if e.State == assessment.Rated {
			id := e.Item.ID.Category()
			lowest[id] = append(lowest[id], e)
		}
	}
	t := Table{
		Caption: "The Categories, with their items in profile",
		Columns: []Column{
			{"Category", Head},
			{"0", Number},
			{"1", Number},
			{"2", Number},
			{"3", Number},
			{"Unrated", Number},
			{"Inherited", Number},
			{"At target", Number},
			{"Attainment", Short},
			{"Interval", Short},
			{"Lowest rated", Short},
		},
	}
	for _, c := range b.scores.Categories {
		n := c.Total
		cells := []Cell{{Text: c.ID, Sub: c.Name}}
		for _, v := range n.Levels {
			cells = append(cells, number(v))
		}
		attainment := Cell{Text: b.attained(n), Sub: fractionText(n.Attainment())}
		if n.WantedAll == 0 {
			attainment.Sub = ""
		}
		t.Rows = append(t.Rows, row(append(cells, number(n.Unrated()), number(n.Inherited), words(ofCount(n.AtTarget, n.Compared)),
			attainment, words(interval(n)), words(lowestOf(lowest[c.ID])))...))
	}
	return []Block{t}
}

// lowestOf names the lowest rated entries, a line each: "PR.AA-05/thwart 0".
func lowestOf(entries []assessment.Entry) string {
	const most = 3
	slices.SortFunc(entries, func(x, y assessment.Entry) int {
		if d := int(x.Response.Current) - int(y.Response.Current); d != 0 {
			return d
		}
		return assessment.CompareGaps(x, y)
	})
	var names []string
	for _, e := range entries[:min(len(entries), most)] {
		names = append(names, e.Item.ID.String()+" "+e.Response.Current.String())
	}
	if len(names) == 0 {
		return "–"
	}
	return strings.Join(names, "\n")
}

// noDivergence says that no difference between Focus Areas is known, and of how much that is said.
func (b *builder) noDivergence(one, many string) string {
	n := b.s.Comparable()
	if n == 0 {
		return "No " + one + " is rated in two Focus Areas yet, so nothing can be said of differences."
	}
	return fmt.Sprintf("The Focus Areas stand at the same level in %s that %s rated in two or more of them.",
		plural(n, "the one "+one, fmt.Sprintf("all %d %s", n, many)), plural(n, "is", "are"))
}

func (b *builder) divergence() []Block {
	list := b.s.Divergences()
	if len(list) == 0 {
		return []Block{Para{Text: b.noDivergence("Subcategory", "Subcategories")}}
	}
	t := Table{
		Caption: "Subcategories whose Focus Areas stand at different levels, widest first, then in the order of the Core",
		Columns: []Column{{"Subcategory", Head}, {"Spread", Number}},
	}
	var marks []string
	for _, a := range content.Areas {
		t.Columns = append(t.Columns, Column{a.Label(), Short})
		marks = append(marks, a.Label())
	}
	var rows []chart.SpreadRow
	const most = 12
	for i, d := range list {
		cells := []Cell{{Text: d.Sub.ID, Sub: d.Sub.Title}, number(d.Spread)}
		r := chart.SpreadRow{Label: d.Sub.ID, Detail: d.Sub.Title}
		for _, current := range d.Levels {
			cells = append(cells, level(current))
			n, _ := current.Level() // -1 where there is none
			r.Levels = append(r.Levels, n)
		}
		t.Rows = append(t.Rows, row(cells...))
		if i < most {
			rows = append(rows, r)
		}
	}
	var short [assessment.MaxLevel + 1]string
	for n := range short {
		r, _ := assessment.AtLevel(n)
		short[n] = levelText(r)
	}
	caption := "Where the Focus Areas differ"
	if len(list) > most {
		caption = fmt.Sprintf("The first %d of %d differences between Focus Areas, widest first, then in the order of the Core", most, len(list))
	}
	return []Block{
		Para{Text: fmt.Sprintf("In %s the Focus Areas stand at different levels. The spread is the highest minus the lowest rating, over at least two rated items.",
			count(len(list), "Subcategory", "Subcategories"))},
		Chart{"spread", chart.Spread(caption,
			"One line for each Subcategory, with S for Secure, D for Defend and T for Thwart at their levels. The table below has all of them.",
			marks, short, rows), t},
	}
}
