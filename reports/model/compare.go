package model

import (
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/chart"
	"plumbline/reports/wire"
)

// CompareReport compares a session with o.Against as the state before: another moment of the same
// session, or another session. It names both, since the person asked for both; no other report does.
// Without o.Against the error is wire.ErrNoAgainst.
func CompareReport(s *assessment.Snapshot, o wire.Options) (Document, error) {
	b, err := newComparer(s, o)
	if err != nil {
		return Document{}, err
	}
	d := b.document("Comparison",
		Section{ID: "summary", Title: "Summary", Blocks: b.overview()},
		Section{ID: "sides", Title: "What is compared", Blocks: b.sides()},
		Section{ID: "attainment", Title: "Attainment, ratings and targets apart", Blocks: b.split()},
		Section{ID: "levels", Title: "Levels", Blocks: b.levelShift()},
		Section{ID: "up", Title: title(b.say.up), Blocks: b.byMove(b.say.up, func(c assessment.Change) bool { return c.Moved() > 0 })},
		Section{ID: "down", Title: title(b.say.down), Blocks: b.byMove(b.say.down, func(c assessment.Change) bool { return c.Moved() < 0 })},
		Section{ID: "gaps", Title: b.say.gaps, Blocks: b.turned()},
		Section{ID: "targets", Title: "Targets that differ", Blocks: b.retargeted()},
		Section{ID: "evidence", Title: "Evidence", Blocks: b.regraded()},
		Section{ID: "same", Title: "Unchanged ratings", Blocks: b.unchanged()},
		Section{ID: "profile", Title: b.say.profile, Blocks: b.enteredOrLeft()},
		Section{ID: "left-out", Title: "Left out", Blocks: b.leftOut()},
		Section{ID: "method", Title: "Method and provenance", Blocks: b.compareMethod()},
	)
	d.Cover = append([]Fact{
		fact(b.say.before, b.side(b.c.Before, b.c.After)),
		fact(b.say.after, b.side(b.c.After, b.c.Before)),
	}, d.Cover...)
	d.Marking = b.marking()
	return d, nil
}

func newComparer(s *assessment.Snapshot, o wire.Options) (*comparer, error) {
	if o.Against == nil {
		return nil, wire.ErrNoAgainst
	}
	b := &comparer{newBuilder(s, o), assessment.Compare(o.Against, s), movement}
	if s.Info().ID != o.Against.Info().ID {
		b.say = difference
	}
	return b, nil
}

// marking is that of both sides, since texts of both are in a comparison.
func (b *comparer) marking() string {
	own, other := line(b.info.Marking), line(b.c.Before.Info().Marking)
	if other == "" || other == own {
		return own
	}
	return strings.TrimPrefix(own+" / "+other, " / ")
}

// comparer is a builder with the comparison worked out, and the words for it.
type comparer struct {
	*builder
	c   assessment.Comparison
	say compareWords
}

// compareWords are the words by which a comparison calls its sides: two moments of a session come one
// after the other, two sessions do not.
type compareWords struct{ before, after, up, down, same, gaps, profile, entered, left string }

var (
	movement   = compareWords{"Before", "After", "moved up", "moved down", "unchanged", "Gaps closed and opened", "Entered or left the profile", "entered the profile:", "left the profile:"}
	difference = compareWords{"A", "B", "higher in B", "lower in B", "the same in both", "Gaps in one of the two", "In profile in one of the two", "in profile in B alone:", "in profile in A alone:"}
)

// side names a state in one line.
func (b *comparer) side(s, other *assessment.Snapshot) string {
	in := s.Info()
	name := line(in.Organization) + ", " + line(in.Name)
	if label, ok := wire.LabelOf(s, other); ok {
		name += ", snapshot “" + line(label) + "”"
	}
	return fmt.Sprintf("%s, journal %v", name, s.Head())
}

// shifted is attainment of the compared items in words, withheld like any attainment.
func (b *comparer) shifted(n assessment.Shift, r assessment.Ratio) string {
	if r.Den > 0 && n.Withheld(b.c.Threshold()) {
		return "too little in common"
	}
	return r.Percent()
}

func (b *comparer) overview() []Block {
	n := b.c.Total
	figures := Figures{[]Figure{
		{"compared", "Items compared", ofCount(n.Items, n.Items+len(b.c.LeftOut)), "rated and in profile in both; the others are left out, each with its reason"},
		{"up", title(b.say.up), strconv.Itoa(n.Up), "ratings; " + countOrNo(n.Stronger, "item has", "items have") + " stronger evidence"},
		{"down", title(b.say.down), strconv.Itoa(n.Down), "ratings; " + countOrNo(n.Weaker, "item has", "items have") + " weaker evidence"},
		{"attainment_before", "Attainment, " + strings.ToLower(b.say.before), b.shifted(n, n.Was), fractionText(n.Was) + " of what the targets ask, on the items compared"},
		{"attainment_after", "Attainment, " + strings.ToLower(b.say.after), b.shifted(n, n.Is), fractionText(n.Is) + " of what the targets ask, on the same items"},
		{"closed", "Gaps closed", strconv.Itoa(n.Closed), noneOr(n.Opened) + " opened" + byTarget(n)},
	}}
	if b.say == difference {
		figures.Figures[3].Label, figures.Figures[4].Label = "Attainment, A", "Attainment, B"
		figures.Figures[5] = Figure{"closed", "Gaps only in A", strconv.Itoa(n.Closed), noneOr(n.Opened) + " only in B" + byTarget(n)}
	}
	crossed := Para{Text: b.crossed()}
	switch {
	case n.Items == 0:
		return []Block{figures, Para{Text: "No item is rated in both, so there is nothing to compare. “Left out” says why, item by item."}, crossed}
	case n.Up+n.Down+n.Retargeted+n.Stronger+n.Weaker == 0:
		return []Block{figures, Para{Text: "In the items that are rated in both, no rating, no target and no evidence grade differs."}, crossed}
	}
	blocks := []Block{figures, Para{Text: fmt.Sprintf("Of %s rated in both, %d %s, %d %s and %d %s.",
		count(n.Items, "item", "items"), n.Up, b.verb(n.Up, b.say.up), n.Down, b.verb(n.Down, b.say.down), n.Same, b.verb(n.Same, b.say.same))}}
	if n.Paired > 0 {
		text := fmt.Sprintf("Held against the targets of before, the new ratings take attainment from %s to %s. ", fractionText(n.Was), fractionText(n.Rerated))
		then := "which makes it "
		if b.say == difference {
			text = fmt.Sprintf("Held against A's targets, A's ratings achieve %s and B's %s. ", fractionText(n.Was), fractionText(n.Rerated))
			then = "and against its own targets B achieves "
		}
		if n.Retargeted == 0 {
			text += "No target differs."
		} else {
			text += title(count(n.Retargeted, "target differs", "targets differ")) + ", " + then + fractionText(n.Is) + "."
		}
		blocks = append(blocks, Para{Text: text})
	}
	return append(blocks, crossed)
}

// crossed counts the items that are in profile in one of the two alone.
func (b *comparer) crossed() string {
	entered, left := 0, 0
	for _, l := range b.c.LeftOut {
		switch {
		case l.Entered():
			entered++
		case l.Left():
			left++
		}
	}
	in, out := "entered the profile", "left it"
	if b.say == difference {
		in, out = plural(max(entered, 1), "is", "are")+" in profile in B alone", plural(max(left, 1), "is", "are")+" in A alone"
	}
	if entered+left == 0 {
		return "The same items are in profile in both, as far as both packs have them and ask the same."
	}
	return fmt.Sprintf("%s %s, and %s %s.", title(countOrNo(entered, "item", "items")), in, noneOr(left), out)
}

// verb puts the words into a sentence: "3 moved up", "3 are higher in B".
func (b *comparer) verb(n int, what string) string {
	if b.say == movement && what != b.say.same {
		return what
	}
	return plural(n, "is ", "are ") + what
}

// byTarget goes on from the gaps closed and opened: how many of them another target made so.
func byTarget(n assessment.Shift) string {
	if n.ByTarget == 0 {
		return ""
	}
	return fmt.Sprintf("; of the closed and the opened, %d because of the target", n.ByTarget)
}

func (b *comparer) sides() []Block {
	t := Table{ID: "sides-table", Caption: "The two states", Columns: []Column{{"What", Head}, {b.say.before, Long}, {b.say.after, Long}}}
	add := func(what string, of func(s, other *assessment.Snapshot) string) {
		t.Rows = append(t.Rows, row(words(what), words(of(b.c.Before, b.c.After)), words(of(b.c.After, b.c.Before))))
	}
	add("Organization", func(s, _ *assessment.Snapshot) string { return line(s.Info().Organization) })
	add("Session", func(s, _ *assessment.Snapshot) string { return line(s.Info().Name) })
	add("State", func(s, other *assessment.Snapshot) string {
		if label, ok := wire.LabelOf(s, other); ok {
			return "snapshot “" + line(label) + "”, " + clock(s.Changed())
		}
		return "as of its last change, " + clock(s.Changed())
	})
	if b.c.Before.Info().Marking != "" || b.c.After.Info().Marking != "" {
		add("Marking", func(s, _ *assessment.Snapshot) string { return orDash(line(s.Info().Marking)) })
	}
	add("Journal", func(s, _ *assessment.Snapshot) string { return s.Head().String() })
	add("Focus Areas in scope", func(s, _ *assessment.Snapshot) string { return areasIn(s.Info()) })
	add("Path", func(s, _ *assessment.Snapshot) string { return pathWords(s.Info().Path) })
	add("Content", func(s, _ *assessment.Snapshot) string { return s.Pack().String() })
	t.Rows = append(t.Rows, row(words("Items in profile"), number(b.c.Total.InProfile[0]), number(b.c.Total.InProfile[1])))
	return []Block{t, Para{Text: "Every figure below counts only the items that are rated and in profile in both states. So it can differ from the same figure in a report on one of them.", Note: true}}
}

// parts are the shifts with the names by which tables call them.
func (b *comparer) parts() []struct {
	name   string
	n      assessment.Shift
	strong bool
} {
	type part = struct {
		name   string
		n      assessment.Shift
		strong bool
	}
	list := []part{{"All items", b.c.Total, true}}
	for _, a := range content.Areas {
		list = append(list, part{a.Label(), b.c.Areas[a], false})
	}
	return list
}

func (b *comparer) split() []Block {
	t := Table{
		ID: "split", Caption: "Target attainment on the items that have a rating and a target in both",
		Columns: []Column{
			{"Part", Head}, {"Items", Number}, {b.say.before, Short}, {"New ratings, old targets", Short}, {b.say.after, Short}, {"Of the items in profile", Number},
		},
	}
	if b.say == difference {
		t.Columns[3].Title = "B's ratings, A's targets"
	}
	for _, p := range b.parts() {
		c := p.n.Coverage()
		t.Rows = append(t.Rows, Row{[]Cell{
			words(p.name), number(p.n.Paired),
			{Text: b.shifted(p.n, p.n.Was), Sub: fractionText(p.n.Was)},
			{Text: b.shifted(p.n, p.n.Rerated), Sub: fractionText(p.n.Rerated)},
			{Text: b.shifted(p.n, p.n.Is), Sub: fractionText(p.n.Is)},
			words(ofCount(c.Num, c.Den)),
		}, p.strong})
	}
	return []Block{t, Para{
		Text: fmt.Sprintf("From the first to the second fraction only the ratings differ, from the second to the third only the targets. "+
			"Each of these items is rated, so none of the fractions has an interval. Where they are less than %d %% of the items in profile, on the side that has more, no percentage is given.", b.c.Threshold()),
		Note: true,
	}}
}

func (b *comparer) levelShift() []Block {
	t := Table{
		ID: "shift", Caption: "The items compared, by level",
		Columns: []Column{{"Part", Head}, {"State", Short}, {"0 Not", Number}, {"1 Partially", Number}, {"2 Largely", Number}, {"3 Fully", Number}, {title(b.say.up), Number}, {title(b.say.down), Number}, {title(b.say.same), Number}},
	}
	var rows []chart.LevelRow
	for _, p := range b.parts() {
		for side, state := range []string{b.say.before, b.say.after} {
			cells := []Cell{words(p.name), words(state)}
			for level, n := range p.n.Levels[side] {
				cell := number(n)
				if n > 0 {
					cell.Tone = levelTones[level]
				}
				cells = append(cells, cell)
			}
			r := chart.LevelRow{Label: strings.TrimSuffix(p.name, " items") + ", " + strings.ToLower(state), Counts: p.n.Levels[side], Note: count(p.n.Items, "item", "items")}
			if b.say == difference {
				r.Label = strings.TrimSuffix(p.name, " items") + ", " + state
			}
			if side == 0 {
				cells = append(cells, Cell{}, Cell{}, Cell{})
			} else {
				cells = append(cells, number(p.n.Up), number(p.n.Down), number(p.n.Same))
			}
			rows = append(rows, r)
			t.Rows = append(t.Rows, Row{cells, p.strong})
		}
	}
	if b.c.Total.Items == 0 {
		return []Block{t}
	}
	return []Block{Chart{"shift-bars", chart.LevelBars("The items compared, by level", "Two bars for all items and for each Focus Area, divided by how many items are at levels 0, 1, 2 and 3 in each of the two states. The table below has the numbers.",
		rows, levelLegend(), ""), t}}
}

// changes is a table of the changes for which keep holds.
func (b *comparer) changes(id, caption string, columns []Column, keep func(assessment.Change) bool, cells func(assessment.Change) []Cell) Table {
	t := Table{ID: id, Caption: caption, Columns: append([]Column{{"Item", Head}, {"Priority", Short}}, columns...)}
	for _, c := range b.c.Changes {
		if keep(c) {
			t.Rows = append(t.Rows, row(append([]Cell{b.itemCell(c.After, false), b.priority(c.After)}, cells(c)...)...))
		}
	}
	return t
}

func (b *comparer) byMove(what string, keep func(assessment.Change) bool) []Block {
	t := b.changes("", "Ratings: "+what, []Column{
		{b.say.before, Short}, {b.say.after, Short}, {"Levels", Number}, {"Target", Short}, {"Evidence, " + strings.ToLower(b.say.after), Short}, {"Owner", Words},
	}, keep, func(c assessment.Change) []Cell {
		return []Cell{
			b.current(c.Before), b.current(c.After), words(strings.Replace(fmt.Sprintf("%+d", c.Moved()), "-", "−", 1)), words(levelText(c.After.Response.Target)),
			words(c.After.Response.Grade().String()), words(orDash(wire.Text(c.After.Response.Owner))),
		}
	})
	if b.say == difference {
		t.Columns[6].Title = "Evidence in B"
	}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: fmt.Sprintf("No rating %s.", b.verb(1, what))}}
	}
	return []Block{t}
}

// arrow tells two values apart: "2 Largely → 3 Fully".
func arrow(before, after string) string { return before + " → " + after }

func (b *comparer) turned() []Block {
	because := func(c assessment.Change) string {
		switch {
		case !c.ByTarget():
			return "the rating"
		case c.Moved() != 0:
			return "the target; the rating alone would not have"
		}
		return "the target"
	}
	columns := []Column{{"Current", Short}, {"Target", Short}, {"Because of", Words}}
	cells := func(c assessment.Change) []Cell {
		return []Cell{
			words(arrow(levelText(c.Before.Response.Current), levelText(c.After.Response.Current))),
			words(arrow(levelText(c.Before.Response.Target), levelText(c.After.Response.Target))), words(because(c)),
		}
	}
	closed, opened := "Gaps closed", "Gaps opened"
	if b.say == difference {
		closed, opened = "Gaps in A that B does not have", "Gaps in B that A does not have"
	}
	var blocks []Block
	for _, t := range []Table{
		b.changes("closed", closed, columns, assessment.Change.Closed, cells),
		b.changes("opened", opened, columns, assessment.Change.Opened, cells),
	} {
		if len(t.Rows) == 0 {
			blocks = append(blocks, Para{Text: t.Caption + ": none."})
			continue
		}
		blocks = append(blocks, t)
	}
	return blocks
}

func (b *comparer) retargeted() []Block {
	t := b.changes("retargeted", "Items whose target differs", []Column{{b.say.before, Short}, {b.say.after, Short}, {"Reason given, " + strings.ToLower(b.say.after), Long}},
		assessment.Change.Retargeted, func(c assessment.Change) []Cell {
			return []Cell{
				words(levelText(c.Before.Response.Target)), words(levelText(c.After.Response.Target)), words(orDash(wire.Text(c.After.Response.TargetReason))),
			}
		})
	if b.say == difference {
		t.Columns[3].Title = "Reason given in B"
	}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "All items compared have the same target in both, or none in both."}}
	}
	return []Block{t}
}

func (b *comparer) regraded() []Block {
	t := b.changes("regraded", "Items whose strongest evidence differs", []Column{{b.say.before, Short}, {b.say.after, Short}, {"Is", Short}},
		func(c assessment.Change) bool { return c.Strengthened() != 0 }, func(c assessment.Change) []Cell {
			is := "stronger"
			if c.Strengthened() < 0 {
				is = "weaker"
			}
			return []Cell{words(c.Before.Response.Grade().String()), words(c.After.Response.Grade().String()), words(is)}
		})
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "All items compared rest on evidence of the same grade in both."}}
	}
	return []Block{t}
}

func (b *comparer) unchanged() []Block {
	t := Table{
		ID: "unchanged", Caption: "Items with the same rating in both, by level",
		Columns: []Column{{"Level", Head}, {"Items", Number}, {"Which", Long}},
	}
	var ids [assessment.MaxLevel + 1][]string
	for _, c := range b.c.Changes {
		if n, _ := c.After.Response.Current.Level(); c.Moved() == 0 {
			ids[n] = append(ids[n], c.ID.String())
		}
	}
	for n, list := range ids {
		if len(list) > 0 {
			r, _ := assessment.AtLevel(n)
			t.Rows = append(t.Rows, row(level(r), number(len(list)), words(strings.Join(list, ", "))))
		}
	}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "No item has the same rating in both."}}
	}
	return []Block{t}
}

// reasonWords says why items are left out.
func (b *comparer) reasonWords(w assessment.Why) string {
	before, after := strings.ToLower(b.say.before), strings.ToLower(b.say.after)
	if b.say == difference {
		before, after = "in A", "in B"
	}
	switch w {
	case assessment.NotRatedBefore:
		return "in profile in both, not rated " + before
	case assessment.NotRatedAfter:
		return "in profile in both, not rated " + after
	case assessment.OutBefore:
		return b.say.entered + " taken out with a reason " + before
	case assessment.OutsidePathBefore:
		return b.say.entered + " outside the path " + before
	case assessment.AreaOutBefore:
		return b.say.entered + " its Focus Area out of scope " + before
	case assessment.OutAfter:
		return b.say.left + " taken out with a reason " + after
	case assessment.OutsidePathAfter:
		return b.say.left + " outside the path " + after
	case assessment.AreaOutAfter:
		return b.say.left + " its Focus Area out of scope " + after
	case assessment.Unconfirmed:
		return "rated before the pack changed what the item asks, and not confirmed since"
	case assessment.OtherFacts:
		return "the two packs give the item another priority, other standard practices or another question"
	case assessment.OnlyBefore:
		return "the pack has no such item " + after
	case assessment.OnlyAfter:
		return "the pack had no such item " + before
	case assessment.InNeither:
		return "in profile in neither"
	}
	return "in profile in both, rated in neither"
}

// enteredOrLeft names the items that are in profile in one of the two alone, and what keeps them out of
// the other.
func (b *comparer) enteredOrLeft() []Block {
	table := func(id, caption string, keep func(assessment.LeftOut) bool) Block {
		t := Table{
			ID: id, Caption: caption,
			Columns: []Column{{"Item", Head}, {"Priority", Short}, {b.say.before, Words}, {b.say.after, Words}, {"Why not in profile", Long}},
		}
		for _, l := range b.c.LeftOut {
			if !keep(l) {
				continue
			}
			in, out, s := l.After, l.Before, b.c.Before
			if l.Left() {
				in, out, s = l.Before, l.After, b.c.After
			}
			t.Rows = append(t.Rows, row(b.itemCell(in, false), b.priority(in), leftCell(l.Before), leftCell(l.After), words(orDash(wire.Text(wire.WhyOut(s, out))))))
		}
		if len(t.Rows) == 0 {
			return Para{Text: caption + ": none."}
		}
		return t
	}
	in, out := "Entered the profile", "Left the profile"
	if b.say == difference {
		in, out = "In profile in B, and not in A", "In profile in A, and not in B"
	}
	return []Block{
		table("entered", in, assessment.LeftOut.Entered), table("left", out, assessment.LeftOut.Left),
		Para{Text: "These items are in no figure of this comparison. Taking an item out raises no attainment, and bringing one in lowers none.", Note: true},
	}
}

func (b *comparer) leftOut() []Block {
	if len(b.c.LeftOut) == 0 {
		return []Block{Para{Text: "No item is left out."}}
	}
	reasons := Table{ID: "left-out-reasons", Caption: "Items left out, by reason", Columns: []Column{{"Reason", Words}, {"Items", Number}}}
	one := Table{
		ID: "left-out-items", Caption: "Left out, beside those that are in profile in one of the two alone",
		Columns: []Column{{"Item", Head}, {b.say.before, Short}, {b.say.after, Short}, {"Reason", Words}},
	}
	byReason := make(map[assessment.Why][]assessment.LeftOut)
	for _, l := range b.c.LeftOut {
		byReason[l.Why] = append(byReason[l.Why], l)
		if l.Why == assessment.RatedInNeither || l.Why == assessment.InNeither || l.Entered() || l.Left() {
			continue
		}
		in := b.c.After
		if l.After.Item == nil {
			in = b.c.Before
		}
		sub, _ := in.Catalog().Subcategory(l.ID.Sub)
		one.Rows = append(one.Rows, row(Cell{Text: l.ID.String(), Sub: sub.Title}, leftCell(l.Before), leftCell(l.After), words(b.reasonWords(l.Why))))
	}
	for _, w := range assessment.Whys {
		if n := len(byReason[w]); n > 0 {
			reasons.Rows = append(reasons.Rows, row(words(title(b.reasonWords(w))), number(n)))
		}
	}
	reasons.Rows = append(reasons.Rows, Row{[]Cell{words("All"), number(len(b.c.LeftOut))}, true})
	blocks := []Block{reasons}
	if len(one.Rows) > 0 {
		blocks = append(blocks, one)
	}
	for _, w := range []assessment.Why{assessment.RatedInNeither, assessment.InNeither} {
		if t := b.byFunction(string(w), title(b.reasonWords(w)), byReason[w]); len(t.Rows) > 0 {
			blocks = append(blocks, t)
		}
	}
	return blocks
}

// byFunction lists items in few words, a row for each Function.
func (b *comparer) byFunction(id, caption string, list []assessment.LeftOut) Table {
	t := Table{ID: "left-out-" + id, Caption: caption, Columns: []Column{{"Function", Head}, {"Items", Number}, {"Which", Long}}}
	ids := make(map[string][]string)
	for _, l := range list {
		ids[l.ID.Function()] = append(ids[l.ID.Function()], l.ID.String())
	}
	for f := range b.cat.Functions() {
		if names := ids[f.ID]; len(names) > 0 {
			t.Rows = append(t.Rows, row(Cell{Text: f.Name, Sub: f.ID}, number(len(names)), words(strings.Join(names, ", "))))
		}
	}
	return t
}

// leftCell is an item that is left out, in one of the states: its rating, or else its state.
func leftCell(e assessment.Entry) Cell {
	switch {
	case e.Item == nil:
		return Cell{Text: "not in the pack"}
	case e.State == assessment.Rated:
		return level(e.Response.Current)
	}
	return Cell{Text: e.State.Words()}
}

func (b *comparer) compareMethod() []Block {
	return []Block{
		Heading{"How to read the comparison"},
		List{[]string{
			"Compared are the items that are rated and in profile in both states, on the same scale and under the same facts of the pack: the same priority, standard practices and question. Everything else is listed under “Left out”, and what is in profile in one of the two alone under a heading of its own.",
			"An item that becomes known is not an item that became better. Unrated is never 0, so a first rating moves no figure here.",
			"Attainment is split: first the new ratings are held against the old targets, then the targets change. A lowered target is not progress.",
			"A gap counts as closed, or opened, where both states have a target. A gap that came or went with its target is told under “Targets that differ”.",
			"Implementation Tiers are statements of people and are not compared. There is no average and no maturity score.",
		}},
		scale(),
		Heading{"What this report stands on"},
		b.provenance(),
	}
}
