package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// GapReport builds the gap report of a session: where it stands, its gaps in order, what is not known,
// and all that the figures stand on.
func GapReport(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	b.detailed = true
	parts := []Section{
		{ID: "summary", Title: "Summary", Blocks: b.summary()},
		{ID: "scope", Title: "Scope", Blocks: b.scope()},
		{ID: "attainment", Title: "Attainment by Function and Focus Area", Blocks: b.attainment()},
		{ID: "levels", Title: "Levels", Blocks: b.levels()},
		{ID: "categories", Title: "Categories", Blocks: b.categories()},
		{ID: "divergence", Title: "Where the Focus Areas differ", Blocks: b.divergence()},
		{ID: "gaps", Title: "Gaps in order", Blocks: b.register()},
		{ID: "accepted", Title: "Accepted gaps", Blocks: b.acceptedGaps()},
		{ID: "unknown", Title: "Not yet rated", Blocks: b.unknownGaps()},
		{ID: "not-counted", Title: "No target, and not counted", Blocks: b.notCounted()},
		{ID: "plan", Title: "Plan", Blocks: b.plan()},
		{ID: "targets", Title: "Targets and their reasons", Blocks: b.targets()},
		{ID: "evidence", Title: "Evidence", Blocks: b.evidence()},
		{ID: "base", Title: "Base ratings and inheritance", Blocks: b.base()},
		{ID: "systems", Title: "AI systems", Blocks: b.systems()},
		{ID: "tiers", Title: "Implementation Tiers", Blocks: b.tiers()},
		{ID: "details", Title: "Gap by gap", Blocks: b.details()},
		{ID: "method", Title: "Method and provenance", Blocks: b.method()},
		{ID: "frameworks", Title: "Annex: other frameworks", Blocks: b.annex()},
	}
	if moved := b.moved(); moved != nil {
		at := slices.IndexFunc(parts, func(s Section) bool { return s.ID == "not-counted" })
		parts = slices.Insert(parts, at+1, Section{ID: "moved", Title: "Since the pack changed", Blocks: moved})
	}
	return b.document("Gap report", parts...)
}

// document puts the sections, in their order, under the head that every report has.
func (b *builder) document(title string, sections ...Section) Document {
	d := Document{
		Lang:         b.cat.Pack().Language,
		Title:        title,
		Subject:      b.cat.Pack().Title,
		Organization: line(b.info.Organization),
		Session:      line(b.info.Name),
		Marking:      line(b.info.Marking),
		Cover:        b.cover(),
		Statements:   b.statements(),
		Footer:       b.footer(),
		Date:         b.o.Generated.UTC(),
		Brand:        b.brand(),
	}
	if b.o.Damage != "" {
		d.Warning = "The journal of this session is damaged, so nothing below can be relied on: " + line(b.o.Damage)
	}
	for i, s := range sections {
		s.Number = strconv.Itoa(i + 1)
		d.Sections = append(d.Sections, s)
	}
	return d
}

// builder holds what several sections need, worked out once.
type builder struct {
	s        *assessment.Snapshot
	cat      *content.Catalog
	info     assessment.Info
	o        wire.Options
	on       assessment.Date
	scores   assessment.Scores
	total    assessment.Tally
	gaps     []assessment.Entry
	unknown  []assessment.Entry
	reasons  reasons
	detailed bool // the document tells gap by gap, so that items can be linked to
}

func newBuilder(s *assessment.Snapshot, o wire.Options) *builder {
	b := &builder{
		s: s, cat: s.Catalog(), info: s.Info(), o: o, on: o.Day(),
		scores: s.Score(), gaps: s.Gaps(), unknown: s.Unknown(), reasons: reasonsOf(s),
	}
	b.total = b.scores.Session.Total
	return b
}

// brand is the look that the session asks for.
func (b *builder) brand() Brand {
	v := b.s.Brand()
	return Brand{Logo: v.Logo, Accent: v.Accent}
}

func (b *builder) cover() []Fact {
	facts := []Fact{
		fact("As of", longDay(b.on)),
		fact("Focus Areas in scope", areasIn(b.info)),
		fact("Path", pathWords(b.info.Path)),
	}
	if len(b.info.Assessors) > 0 {
		facts = append(facts, fact("Assessed by", line(strings.Join(b.info.Assessors, ", "))))
	}
	if b.info.Status != assessment.Open {
		facts = append(facts, fact("Session", string(b.info.Status)))
	}
	return append(facts,
		fact("Journal", b.s.Head().String()),
		fact("Content", b.packLine()),
		fact("Made by", b.tool()))
}

func (b *builder) statements() []string {
	p := b.cat.Pack()
	list := []string{
		fmt.Sprintf("Measured against %s. Its status is %s: what it asks, and the priorities it proposes, can change.", p.Source, p.Status),
		wire.Wording,
	}
	if b.early() {
		list = append(list, b.earlyText())
	}
	return list
}

func (b *builder) footer() string {
	return strings.Join([]string{
		line(b.info.Organization), line(b.info.Name), "as of " + string(b.on),
		"journal " + b.s.Head().String(), b.packLine(), b.cat.Pack().Status, b.tool(),
	}, " · ")
}

func (b *builder) packLine() string {
	p := b.cat.Pack()
	return fmt.Sprintf("%s, edition %d, SHA-256 begins %.16s", p.ID, p.Edition, p.SHA256)
}

func (b *builder) tool() string { return strings.TrimSpace("Plumbline " + b.o.Version) }

func areasIn(info assessment.Info) string {
	var in []string
	for _, a := range content.Areas {
		if !info.Areas[a].Out {
			in = append(in, a.Label())
		}
	}
	return enumerate(in)
}

func (b *builder) scope() []Block {
	blocks := []Block{}
	facts := []Fact{quoted("Organization", b.info.Organization), quoted("Session", b.info.Name)}
	if b.info.Purpose != "" {
		facts = append(facts, quoted("Purpose", b.info.Purpose))
	}
	if len(b.info.Units) > 0 {
		facts = append(facts, bullets("Units", b.info.Units))
	}
	if len(b.info.Assumptions) > 0 {
		facts = append(facts, bullets("Assumptions", b.info.Assumptions))
	}
	facts = append(facts, fact("Use of AI", b.aiRoles()), fact("Path", pathWords(b.info.Path)))
	blocks = append(blocks, Facts{facts})

	t := Table{
		Caption: "Focus Areas, the answers that decided on them, and their items",
		Columns: []Column{{"Focus Area", Head}, {"In scope", Short}, {"Answer", Long}, {"Items", Number}, {"In profile", Number}},
	}
	for _, a := range content.Areas {
		scope, tally := b.info.Areas[a], b.scores.Session.Areas[a]
		in := "yes"
		if scope.Out {
			in = "no"
		}
		t.Rows = append(t.Rows, row(
			Cell{Text: a.Label(), Sub: a.Name()}, words(in), words(wire.Text(scope.Decided())),
			number(tally.Items), number(tally.InProfile)))
	}
	t.Rows = append(t.Rows, Row{[]Cell{words("All"), {}, {}, number(b.total.Items), number(b.total.InProfile)}, true})
	return append(blocks, t)
}

func (b *builder) aiRoles() string {
	ai := b.info.AI
	if ai == (assessment.AIRoles{}) {
		return "not asked, so all three Focus Areas count as in scope unless a later answer says otherwise"
	}
	return fmt.Sprintf("builds AI: %v; deploys AI: %v; uses AI: %v; uses or plans AI in defense: %v", ai.Builds, ai.Deploys, ai.Uses, ai.Defends)
}

func (b *builder) systems() []Block {
	if len(b.s.Systems()) == 0 {
		return []Block{Para{Text: "No AI system is recorded in this session."}}
	}
	list := Entries{}
	for _, v := range b.s.Systems() {
		e := Entry{ID: "system-" + line(v.ID), Code: line(v.ID), Title: line(v.Name)}
		for _, f := range assessment.SystemFacts {
			if text := *f.Of(&v); text != "" {
				e.Facts = append(e.Facts, quoted(f.Title, text))
			}
		}
		list.Entries = append(list.Entries, e)
	}
	return []Block{list}
}

func (b *builder) tiers() []Block {
	t, ok := b.s.Tier()
	const rule = "The Implementation Tiers of CSF 2.0 describe governance and management of the whole session. " +
		"A person states them; Plumbline computes them from nothing and draws no trend of them."
	if !ok {
		return []Block{Para{Text: "This session makes no Tier statement."}, Para{Text: rule, Note: true}}
	}
	tier := func(n int) string { return fmt.Sprintf("Tier %d, %s", n, assessment.TierName(n)) }
	by := Fact{Term: "Stated by", Lines: []string{signed(t.By, t.At)}}
	return []Block{
		Facts{[]Fact{
			fact("Governance", tier(t.Governance)), fact("Management", tier(t.Management)),
			quoted("Rationale", t.Rationale), by,
		}},
		Para{Text: rule, Note: true},
	}
}

func (b *builder) method() []Block {
	return []Block{
		Heading{"How to read the figures"},
		scale(),
		List{[]string{
			"Where a question has two halves, the weaker half decides.",
			"An item is a Subcategory of CSF 2.0 seen through one Focus Area. It is in profile when its Focus Area is in scope, its priority is on the path and nobody took it out with a reason. All figures count items in profile alone, unless they say otherwise.",
			"Gap: target minus current, where the session has both, and never below 0. Without a target there is no gap; without a rating the gap is unknown. Unrated is never 0.",
			"Target attainment: the sum of what is achieved up to each target, divided by the sum of the targets, over the items that have a rating and a target. Achieving more than the target adds nothing.",
			"Interval: what attainment can become once the unrated items are known, from all of them at 0 to all of them at their targets.",
			fmt.Sprintf("Coverage: the share of the items in profile that have a rating and a target. Below %d %% no percentage of attainment is given, because too little is rated; the fraction and the interval always are.", b.info.Threshold),
			"Percentages are rounded to whole numbers; 0 % and 100 % appear only where they are exact.",
			"Priority says what to do first and nothing else; it weighs no figure. The draft's third priority, Foundational, is not a low one. Where the organization set its own priority, the draft's stands beside it.",
			"Evidence: tested is stronger than examined, then interviewed, then asserted. An item counts as supported when something was examined or tested.",
			"Inherited: the item took over the base rating of its Subcategory, by a person's act, where the draft says that standard cybersecurity practices apply.",
			"An accepted gap changes neither rating, target nor attainment, and lapses on its date.",
			"Gaps are ordered by " + assessment.OrderRule + ".",
		}},
		Heading{"What this report stands on"},
		b.provenance(),
	}
}

// scale is the table of the levels with their tests.
func scale() Table {
	levels := Table{
		Caption: "The scale: " + assessment.Scale + ", whole numbers, for each item",
		Columns: []Column{{"Level", Head}, {"Test: could you show it today, across the whole scope?", Long}},
	}
	for n := range assessment.MaxLevel + 1 {
		levels.Rows = append(levels.Rows, row(
			Cell{Text: fmt.Sprintf("%d %s", n, assessment.LevelWord(n)), Tone: levelTones[n]}, words(assessment.LevelTest(n))))
	}
	return levels
}

// provenance says on what content, session and journal a report stands.
func (b *builder) provenance() Facts {
	p := b.cat.Pack()
	head := b.s.Head()
	facts := []Fact{
		fact("Content pack", fmt.Sprintf("%s, edition %d", p.ID, p.Edition)),
		fact("Pack title", p.Title),
		fact("Source document", p.Source),
		fact("Status of the source", p.Status),
		fact("Pack SHA-256", p.SHA256),
		fact("Facts SHA-256", p.Facts),
		fact("Wording", wire.Wording),
		fact("Path", pathWords(b.info.Path)),
		fact("Coverage", ofCount(b.total.Compared, b.total.InProfile)+" items in profile have a rating and a target"),
		fact("Order of gaps", assessment.OrderRule),
		fact("Session", b.info.ID),
		fact("Session created", clock(b.info.Created)),
		fact("Last change", clock(b.s.Changed())),
		fact("Journal", count(int(head.Seq), "event", "events")),
		fact("Journal head", head.Hash.String()),
		fact("Generated", clock(b.o.Generated)),
		fact("Ages and expiry as of", string(b.on)),
		fact("Tool", b.tool()),
	}
	return Facts{append(facts, b.clocks()...)}
}

// clocks says where a clock was wrong or is: times in the journal that go back, and a day of the report
// that is before the session's last change, on which an acceptance that has expired since would count.
func (b *builder) clocks() []Fact {
	var facts []Fact
	if b.early() {
		facts = append(facts, fact("Day of the report", b.earlyText()))
	}
	if list := assessment.Setbacks(slices.Values(b.o.Journal)); len(list) > 0 {
		facts = append(facts, fact("Clock", fmt.Sprintf("set back %s in the journal, first %v. The order of the journal is that of its numbers; times there can not be relied on.",
			count(len(list), "time", "times"), list[0])))
	}
	return facts
}

// early reports whether the session was changed after the day of the report.
func (b *builder) early() bool { return b.on < assessment.DayOf(b.s.Changed()) }

func (b *builder) earlyText() string {
	return fmt.Sprintf("%s is before the session's last change, on %s: a clock is wrong, or an earlier day was asked for. "+
		"The state is the present one; acceptances that have expired in between count as in force.", b.on, assessment.DayOf(b.s.Changed()))
}

// line is a text of a person or a file for a place that has one line.
func line(s string) string { return strings.ReplaceAll(wire.Text(s), "\n", " ") }

// fact is a fact of one line in our words.
func fact(term, line string) Fact { return Fact{Term: term, Lines: []string{line}} }

// quoted is a fact in the words of the people assessed.
func quoted(term, text string) Fact { return fact(term, wire.Text(text)) }

func bullets(term string, lines []string) Fact {
	f := Fact{Term: term, Style: Bullets}
	for _, l := range lines {
		f.Lines = append(f.Lines, wire.Text(l))
	}
	return f
}

func row(cells ...Cell) Row   { return Row{Cells: cells} }
func words(s string) Cell     { return Cell{Text: s} }
func number(n int) Cell       { return Cell{Text: strconv.Itoa(n)} }
func anchor(id string) string { return "item-" + strings.ReplaceAll(id, "/", "-") }

var levelTones = [...]Tone{Level0, Level1, Level2, Level3}

// level is a rating in a cell: "1 Partially".
func level(r assessment.Rating) Cell {
	n, ok := r.Level()
	if !ok {
		return Cell{Text: "–"}
	}
	return Cell{Text: levelText(r), Tone: levelTones[n]}
}

// levelText is a rating in few words: "1 Partially", or "–".
func levelText(r assessment.Rating) string {
	if !r.Known() {
		return "–"
	}
	return r.String() + " " + strings.TrimSuffix(r.Word(), " achieved")
}

func pathWords(p assessment.Path) string {
	switch p {
	case assessment.Quick:
		return "quick: items of High priority"
	case assessment.Standard:
		return "standard: items of High and Moderate priority"
	}
	return "full: items of every priority"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// countOrNo is count, in a word where there is none: "no item".
func countOrNo(n int, one, many string) string {
	if n == 0 {
		return "no " + one
	}
	return count(n, one, many)
}

func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

func ofCount(x, y int) string { return fmt.Sprintf("%d of %d", x, y) }

// firstOf says of a list that shows n of total entries how much of it is shown: "The first 10 of 98 gaps".
func firstOf(n, total int, one, many string) string {
	switch {
	case total == 1:
		return "The only " + one
	case n == total:
		return fmt.Sprintf("All %d %s", total, many)
	}
	return fmt.Sprintf("The first %d of %d %s", n, total, many)
}

func enumerate(list []string) string {
	switch n := len(list); n {
	case 0:
		return "none"
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
}

// signed says who did something and when.
func signed(by string, at time.Time) string {
	parts := []string{}
	if by != "" {
		parts = append(parts, wire.Text(by))
	}
	if !at.IsZero() {
		parts = append(parts, string(assessment.DayOf(at)))
	}
	return strings.Join(parts, ", ")
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// longDay writes a day as people do: "December 1, 2026".
func longDay(d assessment.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return wire.Text(string(d))
	}
	return t.Format("January 2, 2006")
}

// title writes a word with a capital.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
