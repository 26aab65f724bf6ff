package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// How many characters of a text that people wrote the executive report takes, so that it keeps to its
// two pages.
const (
	maxScope   = 160
	maxAssumed = 460
	maxName    = 40
)

// ExecutiveReport builds the executive report of a session: two pages for a board, in plain words. It
// shows the first gaps and the widest differences only; the gap report has all of them.
func ExecutiveReport(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	d := b.document("Executive report",
		Section{ID: "summary", Title: "What is known, and what is not", Blocks: b.known()},
		Section{ID: "areas", Title: "Where the three Focus Areas diverge", Blocks: b.diverging()},
		Section{ID: "gaps", Title: "The gaps that matter first", Blocks: b.firstGaps()},
		Section{ID: "decisions", Title: "What is asked of the board, and of management", Blocks: b.decisions()},
		Section{ID: "method", Title: "How to read this report", Blocks: b.briefly()},
	)
	d.Brief = true
	// What the report stands on is told at its end and at the foot of both pages, so that the first page
	// has room for what was assessed.
	stands := []string{"Journal", "Content", "Made by"}
	d.Cover = append(b.assessed(), slices.DeleteFunc(d.Cover, func(f Fact) bool { return slices.Contains(stands, f.Term) })...)
	return d
}

// assessed says on the first page what was assessed.
func (b *builder) assessed() []Fact {
	scope := "units not recorded"
	if len(b.info.Units) > 0 {
		scope = cut(strings.Join(b.info.Units, ", "), maxScope)
	} else if b.info.Purpose != "" {
		scope += "; purpose: " + cut(b.info.Purpose, maxScope)
	}
	assessed := fact("What was assessed", scope)
	assessed.Lines = append(assessed.Lines, "Not in scope / assumed: "+cmp.Or(cut(strings.Join(b.info.Assumptions, " "), maxAssumed), "not recorded"))
	facts := []Fact{assessed, fact("AI systems in scope", b.systemNames())}
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
	n := b.s.Handled(b.on)
	attained := b.attainmentNote(b.scores.Session)
	if t.Targeted > t.Compared {
		attained = fmt.Sprintf("%s of what the targets ask; %s once all is rated", fractionText(t.Attainment()), willBe(t)) + b.weakAreas(b.scores.Session)
	}
	return []Block{
		Para{Text: "An item is one outcome of the Cybersecurity Framework (CSF) 2.0, seen through one of three questions about AI, the Focus Areas. " +
			"Each is rated from 0, not achieved, to 3, fully achieved, and may have a target, which the organization chose."},
		Figures{[]Figure{
			{"rated", "Rated", ofCount(t.Rated(), t.InProfile), fmt.Sprintf("items; the other %d are unknown, not zero", t.Unrated())},
			{"attainment", "Target attainment", b.attained(t), attained},
			{"at_target", "At target", ofCount(t.AtTarget, t.Compared), "items that have a rating and a target"},
			{"gaps", "Gaps", strconv.Itoa(len(b.gaps)), b.gapNote()},
			{"planned", "Gaps with an open action", ofCount(n[assessment.OpenAction], len(b.gaps)), handledNote(n)},
			{"supported", "Supported by evidence", ofCount(t.Supported, t.Rated()), "ratings for which something was examined or tested"},
		}},
		Para{Text: b.uncounted(), Note: true},
	}
}

// uncounted says what the figures leave out.
func (b *builder) uncounted() string {
	t, high := b.total, 0
	for e := range b.s.Entries() {
		if e.State == assessment.OutOfProfile && e.Priority == content.High {
			high++
		}
	}
	return fmt.Sprintf("Not counted above, of %s in all: outside the path %d, taken out with a reason %d (of which High %d), Focus Area out of scope %d.",
		count(t.Items, "item", "items"), t.OutsidePath, t.OutOfProfile, high, t.AreaOutOfScope)
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
		return append(blocks, Para{Text: b.noDivergence("Subcategory", "Subcategories")})
	}
	widest := Table{
		ID: "widest", Caption: "Where they stand furthest apart: " + lower(firstOf(min(len(list), wire.Widest), len(list), "outcome", "outcomes")) +
			" in which they differ, widest first, then in the order of the Core",
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
		ID: "first-gaps", Caption: firstOf(len(first), len(b.gaps), "gap", "gaps") + ", ordered by " + assessment.OrderRule,
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
		ID: "decisions-table", Caption: "What follows from what is recorded, as of " + longDay(b.on) + "; an item that meets two questions is an entry of both",
		Columns: []Column{{"Question", Head}, {"Entries", Number}, {"Which", Long}},
	}
	list := wire.DecisionsOf(b.s, b.on)
	for _, side := range []struct {
		who   wire.Decider
		title string
	}{{wire.ForBoard, "For the board to decide"}, {wire.ForManagement, "For management to have done"}} {
		at, entries := len(t.Rows), 0
		for _, d := range list {
			if d.For == side.who && d.Count > 0 {
				t.Rows = append(t.Rows, row(words(d.Ask), number(d.Count), words(b.which(d))))
				entries += d.Count
			}
		}
		t.Rows = slices.Insert(t.Rows, at, Row{[]Cell{words(side.title), number(entries), {}}, true})
	}
	if len(t.Rows) == 2 {
		return []Block{Para{Text: "Nothing that is recorded waits for a decision."}}
	}
	return []Block{t}
}

// which names the first few of what a decision is about.
func (b *builder) which(d wire.Decision) string {
	const most = 2
	var names []string
	for _, id := range d.Items {
		names = append(names, b.title(id)+" ("+id.Area.Label()+")")
	}
	for _, a := range b.s.Actions() {
		if slices.Contains(d.Actions, a.ID) {
			names = append(names, cut(a.Title, maxName))
		}
	}
	for _, a := range d.Areas {
		names = append(names, a.Label())
	}
	if more := len(names) - most; more > 1 {
		names = append(names[:most:most], fmt.Sprintf("%d more", more))
	}
	return enumerate(names)
}

func (b *builder) briefly() []Block {
	var levels []string
	for n := range assessment.MaxLevel + 1 {
		levels = append(levels, fmt.Sprintf("%d: %s", n, assessment.LevelTest(n)))
	}
	p, head := b.cat.Pack(), b.s.Head()
	lines := []string{
		"Levels, by what could be shown today. " + strings.Join(levels, " "),
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
	return []Block{List{append(lines,
		fmt.Sprintf("Stands on: pack %s, edition %d, SHA-256 %s; journal head %v after %s; made %s.",
			p.ID, p.Edition, p.SHA256, head.Hash, count(int(head.Seq), "event", "events"), clock(b.o.Generated)))}}
}

// lower writes a sentence's first letter small.
func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// cut returns a text of one line, of at most n characters.
func cut(s string, n int) string {
	r := []rune(line(s))
	if len(r) <= n {
		return string(r)
	}
	return strings.TrimRight(string(r[:n-1]), " ,;") + "…"
}
