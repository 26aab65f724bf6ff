package model

import (
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// How many characters of a text that people wrote the executive report takes, so that it keeps to its
// two pages.
const (
	maxScope = 160
	maxName  = 40
)

// ExecutiveReport builds the executive report of a session: two pages for a board, in plain words. It
// shows the first gaps and the widest differences only; the gap report has all of them.
func ExecutiveReport(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	d := b.document("Executive report",
		Section{ID: "summary", Title: "What is known, and what is not", Blocks: b.known()},
		Section{ID: "areas", Title: "Where the three Focus Areas diverge", Blocks: b.diverging()},
		Section{ID: "gaps", Title: "The gaps that matter first", Blocks: b.firstGaps()},
		Section{ID: "decisions", Title: "What is asked of the board", Blocks: b.decisions()},
		Section{ID: "method", Title: "How to read this report", Blocks: b.briefly()},
	)
	d.Brief = true
	d.Cover = append(b.assessed(), d.Cover...)
	return d
}

// assessed says on the first page what was assessed.
func (b *builder) assessed() []Fact {
	scope := "the whole organization, as far as the session says"
	switch {
	case len(b.info.Units) > 0:
		scope = cut(strings.Join(b.info.Units, ", "), maxScope)
	case b.info.Purpose != "":
		scope = cut(b.info.Purpose, maxScope)
	}
	facts := []Fact{fact("What was assessed", scope), fact("AI systems in scope", b.systemNames())}
	if t, ok := b.s.Tier(); ok {
		facts = append(facts, fact("Implementation Tiers, as stated", fmt.Sprintf("governance %d, %s; management %d, %s",
			t.Governance, assessment.TierName(t.Governance), t.Management, assessment.TierName(t.Management))))
	}
	return facts
}

func (b *builder) systemNames() string {
	const most = 3
	systems := b.s.Systems()
	if len(systems) == 0 {
		return "none recorded"
	}
	var names []string
	for _, v := range systems[:min(len(systems), most)] {
		names = append(names, cut(v.Name, maxName))
	}
	if more := len(systems) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return enumerate(names)
}

func (b *builder) known() []Block {
	t := b.total
	planned := 0
	for _, e := range b.gaps {
		for range b.s.ActionsFor(e.Item.ID) {
			planned++
			break
		}
	}
	attained := b.attainmentNote(t)
	if t.Targeted > t.Compared {
		attained = fmt.Sprintf("%s of what the targets ask; %s once all is rated", fractionText(t.Attainment()), interval(t))
	}
	return []Block{
		Para{Text: fmt.Sprintf("An item is one outcome of the Cybersecurity Framework (CSF) 2.0, seen through one of three questions about AI, the Focus Areas. "+
			"Each is rated from 0, not achieved, to 3, fully achieved, and may have a target, which the organization chose. Of %s that this session looks at, %s; %s.",
			count(t.InProfile, "item", "items"),
			plural(t.Rated(), "1 is rated", strconv.Itoa(t.Rated())+" are rated"),
			plural(t.Unrated(), "1 is not, and is unknown", strconv.Itoa(t.Unrated())+" are not, and are unknown"))},
		Figures{[]Figure{
			{"rated", "Rated", ofCount(t.Rated(), t.InProfile), fmt.Sprintf("items; the other %d are unknown, not zero", t.Unrated())},
			{"attainment", "Target attainment", b.attained(t), attained},
			{"at_target", "At target", ofCount(t.AtTarget, t.Compared), "items that have a rating and a target"},
			{"gaps", "Gaps", strconv.Itoa(len(b.gaps)), b.gapNote()},
			{"planned", "Gaps with an action", ofCount(planned, len(b.gaps)), "an action in the plan names them"},
			{"supported", "Supported by evidence", ofCount(t.Supported, t.Rated()), "ratings for which something was examined or tested"},
		}},
	}
}

// areaQuestions are the questions behind the Focus Areas, by content.Area.
var areaQuestions = [len(content.Areas)]string{
	"Are our AI systems secured?",
	"Do we defend with AI, and safely?",
	"Are we ready for attackers who use AI?",
}

func (b *builder) diverging() []Block {
	parts := Table{
		ID: "area-figures", Caption: "The Focus Areas in numbers; the percentage is target attainment",
		Columns: []Column{
			{"Focus Area", Head}, {"The question behind it", Long}, {"Rated", Number}, {"Attainment", Short}, {"Fraction", Number}, {"Interval", Short}, {"At target", Number}, {"Gaps", Number},
		},
	}
	for i, p := range b.topParts() {
		question, t := "", p.tally
		if i > 0 {
			question = areaQuestions[content.Areas[i-1]]
		}
		if p.off != "" {
			parts.Rows = append(parts.Rows, row(words(p.name), words(question), words("–"), words(p.off), words("–"), words("–"), words("–"), words("–")))
			continue
		}
		parts.Rows = append(parts.Rows, Row{[]Cell{
			words(p.name), words(question), words(ofCount(t.Rated(), t.InProfile)),
			{Text: b.attained(t), Tone: b.band(t)},
			words(fractionText(t.Attainment())), words(interval(t)), words(ofCount(t.AtTarget, t.Compared)), number(t.Gaps),
		}, p.strong})
	}
	blocks := []Block{parts}
	if b.total.WantedAll > 0 {
		c := b.ranges("ranges", "Target attainment by Focus Area, and what it can become once everything is rated", b.topParts())
		c.Table = parts
		blocks = []Block{c}
	}
	list := b.s.Divergences()
	if len(list) == 0 {
		return append(blocks, Para{Text: "In no outcome do the rated Focus Areas stand at different levels."})
	}
	widest := Table{
		ID: "widest", Caption: fmt.Sprintf("Where they stand furthest apart: %d of %s in which the Focus Areas differ, widest first",
			min(len(list), wire.Widest), count(len(list), "outcome", "outcomes")),
		Columns: []Column{{"Outcome", Head}},
	}
	for _, a := range content.Areas {
		widest.Columns = append(widest.Columns, Column{a.Label(), Short})
	}
	for _, d := range list[:min(len(list), wire.Widest)] {
		cells := []Cell{words(d.Sub.Title + " (" + d.Sub.ID + ")")}
		for _, current := range d.Levels {
			cells = append(cells, level(current))
		}
		widest.Rows = append(widest.Rows, row(cells...))
	}
	return append(blocks, widest)
}

func (b *builder) firstGaps() []Block {
	first := b.gaps[:min(len(b.gaps), wire.TopGaps)]
	if len(first) == 0 {
		if len(b.unknown) > 0 {
			return []Block{Para{Text: fmt.Sprintf("No gap is known. That says little: %s a target and no rating.", count(len(b.unknown), "item has", "items have"))}}
		}
		return []Block{Para{Text: "No item is known to be below its target."}}
	}
	t := Table{
		ID: "first-gaps", Caption: fmt.Sprintf("The first %d of %s, ordered by %s", len(first), count(len(b.gaps), "gap", "gaps"), assessment.OrderRule),
		Columns: []Column{{"No.", Number}, {"Gap", Words}, {"Why it matters", Long}, {"Now", Short}, {"Target", Short}, {"Owner", Words}, {"Plan", Short}},
	}
	for i, e := range first {
		t.Rows = append(t.Rows, row(
			number(i+1),
			Cell{Text: b.title(e.Item.ID), Sub: fmt.Sprintf("%v, %v", e.Item.ID, e.Priority)},
			words(wire.Why(e.Item)), level(e.Response.Current), words(levelText(e.Response.Target)),
			words(orDash(cut(b.ownerOf(e), maxName))), words(b.planned(e))))
	}
	return []Block{t}
}

// ownerOf is who owns an item, or else the first of its actions that has an owner.
func (b *builder) ownerOf(e assessment.Entry) string {
	if e.Response.Owner != "" {
		return e.Response.Owner
	}
	for a := range b.s.ActionsFor(e.Item.ID) {
		if a.Owner != "" {
			return a.Owner
		}
	}
	return ""
}

func (b *builder) decisions() []Block {
	t := Table{
		ID: "decisions-table", Caption: "Decisions that follow from what is recorded, as of " + longDay(b.on),
		Columns: []Column{{"Decision", Head}, {"Number", Number}, {"Which", Words}},
	}
	asked := 0
	for _, d := range wire.DecisionsOf(b.s, b.on) {
		n := Cell{Text: "none"}
		if d.Count > 0 {
			n.Text, asked = strconv.Itoa(d.Count), asked+1
		}
		t.Rows = append(t.Rows, row(words(d.Ask), n, words(which(d))))
	}
	lead := fmt.Sprintf("%s a decision.", title(count(asked, "point waits for", "points wait for")))
	if asked == 0 {
		lead = "Nothing that is recorded waits for a decision."
	}
	return []Block{Para{Text: lead}, t}
}

// which names the first few of what a decision is about.
func which(d wire.Decision) string {
	const most = 2
	var names []string
	for _, id := range d.Items {
		names = append(names, id.String())
	}
	for _, id := range d.Actions {
		names = append(names, wire.Text(id))
	}
	for _, a := range d.Areas {
		names = append(names, a.Label())
	}
	if more := len(names) - most; more > 1 {
		names = append(names[:most:most], fmt.Sprintf("%d more", more))
	}
	if len(names) == 0 {
		return "–"
	}
	return strings.Join(names, ", ")
}

func (b *builder) briefly() []Block {
	lines := []string{
		fmt.Sprintf("Target attainment is what is achieved, up to each target, divided by what the targets ask. The interval says what it can become once the unknown is rated. "+
			"Coverage: %s items have a rating and a target; below %d %% no percentage is given, because too little is rated.",
			ofCount(b.total.Compared, b.total.InProfile), b.info.Threshold),
		"Unrated means unknown. It counts neither as zero nor as achieved. There is no average and no maturity score.",
		"Priority (High, Moderate, Foundational) is the order of work that NIST's draft proposes, or the organization's own. It weighs no figure.",
		"The gap report of the same session has every item, its evidence, and where each figure comes from.",
	}
	if _, ok := b.s.Tier(); ok {
		lines = append(lines, "An Implementation Tier is what people state of governance and management as a whole. It is not computed from ratings.")
	}
	return []Block{List{lines}}
}

// cut returns a text of one line, of at most n characters.
func cut(s string, n int) string {
	r := []rune(line(s))
	if len(r) <= n {
		return string(r)
	}
	return strings.TrimRight(string(r[:n-1]), " ,;") + "…"
}
