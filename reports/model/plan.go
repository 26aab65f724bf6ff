package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/chart"
	"plumbline/reports/wire"
)

// PlanReport builds the action plan of a session, in the manner of a plan of action and milestones:
// what closes which gap, by whom and by when, what has no action, and how far the plan reaches.
func PlanReport(s *assessment.Snapshot, o wire.Options) Document {
	b := &planner{newBuilder(s, o), s.Plan(o.Day())}
	return b.document("Action plan",
		Section{ID: "summary", Title: "Summary", Blocks: b.overview()},
		Section{ID: "timeline", Title: "Dates", Blocks: b.dates()},
		Section{ID: "actions", Title: "Actions", Blocks: b.actions()},
		Section{ID: "if-done", Title: "How far the plan reaches", Blocks: b.reach()},
		Section{ID: "without", Title: "Gaps without an open action", Blocks: b.without()},
		Section{ID: "accepted", Title: "Accepted gaps", Blocks: b.acceptedGaps()},
		Section{ID: "load", Title: "Who has how much to do, and when", Blocks: b.load()},
		Section{ID: "method", Title: "Method and provenance", Blocks: b.planMethod()},
	)
}

// planner is a builder with the plan worked out.
type planner struct {
	*builder
	p assessment.Plan
}

func (b *planner) overview() []Block {
	now, then := b.p.Now.Session, b.p.IfDone.Session
	byStatus := make(map[assessment.Progress]int)
	overdue, late, milestones := 0, 0, 0
	for _, a := range b.p.Actions {
		byStatus[a.Status]++
		late += a.Late
		milestones += len(a.Milestones)
		if a.Overdue {
			overdue++
		}
	}
	high := 0
	for _, e := range b.p.Without {
		if e.Priority == content.High {
			high++
		}
	}
	kept := "no milestone is late"
	switch {
	case milestones == 0:
		kept = "there is no milestone"
	case late > 0:
		kept = fmt.Sprintf("%d of %s late", late, count(milestones, "milestone", "milestones"))
	}
	figures := Figures{[]Figure{
		{"actions", "Actions", strconv.Itoa(len(b.p.Actions)), fmt.Sprintf("%d planned, %d underway, %d done", byStatus[assessment.Planned], byStatus[assessment.Underway], byStatus[assessment.Done])},
		{"overdue", "Overdue", strconv.Itoa(overdue), "actions past their day; " + kept},
		{"covered", "Gaps with an open action", ofCount(b.p.Handled[assessment.OpenAction], b.p.Gaps), handledNote(b.p.Handled)},
		{"without", "Gaps without a plan", strconv.Itoa(len(b.p.Without)), fmt.Sprintf("neither an open action nor an acceptance in force; %d of High priority", high)},
		{"attainment", "Target attainment now", b.attained(now.Total), b.attainmentNote(now)},
		{"if_done", "If all actions are done", b.attained(then.Total), b.attainmentNote(then)},
	}}
	if len(b.p.Actions) == 0 {
		return []Block{figures, Para{Text: "No action is planned in this session."}}
	}
	return []Block{figures, Para{Text: "“If all actions are done” is a what-if: it takes every rated item that an open action names at its target, and leaves the unrated unknown. " +
		"Nothing is credited for a plan. The figures of the session move when somebody rates the items again."}}
}

// planDate is a day of an action.
type planDate struct {
	day   assessment.Date
	what  string
	end   bool // the action's own day
	state chart.TimelineState
}

var planStates = [...]string{chart.Ahead: "open", chart.Late: "overdue", chart.Kept: "done"}

// days lists the days that an action names, earliest first.
func (b *planner) days(i int) []planDate {
	a := b.p.Actions[i]
	state := func(late, kept bool) chart.TimelineState {
		switch {
		case kept:
			return chart.Kept
		case late:
			return chart.Late
		}
		return chart.Ahead
	}
	var list []planDate
	for _, m := range a.Milestones {
		if m.Due != "" {
			list = append(list, planDate{m.Due, wire.Text(m.Text), false, state(!a.Done() && m.Overdue(b.on), m.Done)})
		}
	}
	if a.Due != "" {
		list = append(list, planDate{a.Due, "due: " + wire.Text(a.Title), true, state(a.Overdue, a.Done())})
	}
	slices.SortStableFunc(list, func(x, y planDate) int { return cmp.Compare(x.day, y.day) })
	return list
}

func (b *planner) dates() []Block {
	type dated struct {
		day assessment.Date
		row Row
	}
	var all []dated
	var rows []chart.TimelineRow
	undated := 0
	origin, _ := dayNumber(b.on)
	from, to := b.on, b.on
	for i, a := range b.p.Actions {
		list := b.days(i)
		r := chart.TimelineRow{Label: cut(a.ID, 6), Detail: cut(a.Title, 48), Value: orDash(line(string(a.Due)))}
		for _, d := range list {
			if n, ok := dayNumber(d.day); ok && (d.end || d.day != a.Due) { // one mark for one day
				from, to = min(from, d.day), max(to, d.day)
				r.Marks = append(r.Marks, chart.TimelineMark{Day: n - origin, End: d.end, State: d.state})
			}
			state := Cell{Text: planStates[d.state]}
			if d.state == chart.Late {
				state.Tone = Warning
			}
			all = append(all, dated{d.day, row(words(wire.Text(string(d.day))), Cell{Text: wire.Text(a.ID), Link: actionAnchor(a.ID)},
				words(d.what), words(orDash(wire.Text(a.Owner))), state)})
		}
		if len(list) == 0 {
			undated++
		}
		rows = append(rows, r)
	}
	marks := len(all)
	for _, l := range b.p.Lapses {
		all = append(all, dated{l.Response.Accepted.Expires, b.lapse(l)})
	}
	slices.SortStableFunc(all, func(x, y dated) int { return cmp.Compare(x.day, y.day) })
	t := Table{
		ID: "dates-table", Caption: "All days that the plan names, in their order: milestones, due dates, and the ends of acceptances",
		Columns: []Column{{"Day", Head}, {"Action", Short}, {"What", Long}, {"Owner", Words}, {"State", Short}},
	}
	for _, d := range all {
		t.Rows = append(t.Rows, d.row)
	}
	var blocks []Block
	switch {
	case len(b.p.Actions) == 0:
		blocks = append(blocks, Para{Text: "There is no action, and so no date of one."})
	case marks == 0:
		blocks = append(blocks, Para{Text: "No action has a date."})
	case undated > 0:
		blocks = append(blocks, Para{Text: fmt.Sprintf("%s no date at all.", title(count(undated, "action has", "actions have")))})
	}
	if marks > 0 {
		first, last, ticks := timescale(b.on, from, to)
		return append(blocks, Chart{"timeline-chart", chart.Timeline("Dates of the actions",
			"One row for each action, with its milestones and its due date from left to right, and a line for the day of this report. The table below has the same days, and those on which acceptances lapse.",
			first, last, 0, string(b.on), ticks, rows, [...]string{"milestone", "due date", "overdue", "done"}), t})
	}
	if len(t.Rows) > 0 {
		blocks = append(blocks, t)
	}
	return blocks
}

// lapse is the row of the day on which an acceptance ends. It warns where that is before the action
// that is meant to close the gap is due.
func (b *planner) lapse(l assessment.Lapse) Row {
	what := fmt.Sprintf("acceptance of %v %s lapses", l.Item.ID, b.title(l.Item.ID))
	state := Cell{Text: "in force"}
	if !l.Ahead {
		what, state = strings.TrimSuffix(what, "lapses")+"lapsed", Cell{Text: "lapsed", Tone: Warning}
	}
	var before []string
	for _, a := range l.Early {
		if a.Due == "" {
			before = append(before, wire.Text(a.ID)+", which has no date")
		} else {
			before = append(before, wire.Text(a.ID)+" is due, "+wire.Text(string(a.Due)))
		}
	}
	if len(before) > 0 {
		what += ", before " + strings.Join(before, "; before ")
		state.Sub, state.Tone = "too early", Warning
	}
	named := Cell{Text: "–"}
	for a := range b.s.ActionsFor(l.Item.ID) {
		if named.Text == "–" {
			named = Cell{Text: wire.Text(a.ID), Link: actionAnchor(a.ID)}
		} else {
			named.Text += "\n" + wire.Text(a.ID)
		}
	}
	return row(words(wire.Text(string(l.Response.Accepted.Expires))), named, words(what), words(orDash(wire.Text(l.Response.Owner))), state)
}

// timescale returns the span of a timeline that holds the days from and to, in days from on, and the
// months, quarters or years that it names.
func timescale(on, from, to assessment.Date) (first, last int, ticks []chart.TimelineTick) {
	origin, _ := dayNumber(on)
	day := func(t time.Time) int { return int(t.Unix()/86400) - origin }
	a, errA := time.Parse(time.DateOnly, string(from))
	z, errZ := time.Parse(time.DateOnly, string(to))
	if errA != nil || errZ != nil {
		return 0, 1, nil
	}
	step := 1
	for months := (z.Year()-a.Year())*12 + int(z.Month()-a.Month()) + 2; months/step > 8; {
		step = map[int]int{1: 3, 3: 6, 6: 12}[step]
		if step == 0 {
			step = months/8 + 1
		}
	}
	t := time.Date(a.Year(), a.Month(), 1, 0, 0, 0, 0, time.UTC)
	first = day(t)
	for ; ; t = t.AddDate(0, step, 0) {
		ticks = append(ticks, chart.TimelineTick{Day: day(t), Text: t.Format("Jan 2006")})
		if t.After(z) {
			return first, day(t), ticks
		}
	}
}

// dayNumber counts days, and reports whether d is one.
func dayNumber(d assessment.Date) (int, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return int(t.Unix() / 86400), err == nil
}

func actionAnchor(id string) string { return "action-" + line(id) }

func (b *planner) actions() []Block {
	if len(b.p.Actions) == 0 {
		return []Block{Para{Text: "No action is planned."}}
	}
	list := Entries{}
	for _, a := range b.p.Actions {
		list.Entries = append(list.Entries, b.action(a))
	}
	return []Block{list}
}

func (b *planner) action(a assessment.PlannedAction) Entry {
	e := Entry{
		ID: actionAnchor(a.ID), Code: line(a.ID), Title: line(a.Title),
		Badges: []Cell{{Text: line(string(a.Status))}},
		Inline: []Fact{fact("Owner", orDash(line(a.Owner))), fact("Due", orDash(line(string(a.Due)))), fact("Effort", effort(a.Effort))},
	}
	if a.Overdue {
		e.Badges = append(e.Badges, Cell{Text: "overdue", Tone: Warning})
	}
	if a.Late > 0 {
		e.Badges = append(e.Badges, Cell{Text: count(a.Late, "milestone late", "milestones late"), Tone: Warning})
	}
	closes := Fact{Term: "Gaps that it is meant to close", Style: Bullets}
	if a.Done() {
		closes.Term = "Done, and still below target"
	}
	for _, v := range a.Closes {
		s := fmt.Sprintf("%v %s: %s → %s, %v priority", v.Item.ID, b.title(v.Item.ID), levelText(v.Response.Current), levelText(v.Response.Target), v.Priority)
		if v.Response.Accepted.InForce(b.on) {
			s += ", accepted until " + line(string(v.Response.Accepted.Expires))
			if !a.Done() && a.Due > v.Response.Accepted.Expires {
				s += ", which is before this action is due"
			}
		}
		closes.Lines = append(closes.Lines, s)
	}
	if a.Done() && len(closes.Lines) > 0 {
		closes.Lines = append(closes.Lines, "To be rated again: the ratings do not show yet what the action brought.")
	}
	others := Fact{Term: "Also named, no known gap", Style: Bullets}
	for _, v := range a.Others {
		others.Lines = append(others.Lines, fmt.Sprintf("%v %s: %s", v.Item.ID, b.title(v.Item.ID), standing(v)))
	}
	for _, id := range a.Gone {
		others.Lines = append(others.Lines, id.String()+": no longer in the pack")
	}
	steps := Fact{Term: "Milestones", Style: Bullets}
	for _, m := range a.Milestones {
		state := "open"
		switch {
		case m.Done:
			state = "done"
		case !a.Done() && m.Overdue(b.on):
			state = "overdue"
		}
		steps.Lines = append(steps.Lines, strings.TrimPrefix(wire.Text(string(m.Due))+" ", " ")+wire.Text(m.Text)+" ("+state+")")
	}
	for _, f := range []Fact{closes, others, steps} {
		if len(f.Lines) > 0 {
			e.Facts = append(e.Facts, f)
		}
	}
	return e
}

// standing says how an item without a known gap stands.
func standing(e assessment.Entry) string {
	switch {
	case e.State == assessment.Unanswered && e.Response.Target.Known():
		return "unrated, so its gap is unknown; target " + levelText(e.Response.Target)
	case e.State != assessment.Rated:
		return e.State.Words()
	case !e.Response.Target.Known():
		return levelText(e.Response.Current) + ", no target"
	}
	return levelText(e.Response.Current) + ", at its target"
}

func (b *planner) reach() []Block {
	if len(b.p.Actions) == 0 {
		return []Block{Para{Text: "No action is planned, so the session stays as it is rated."}}
	}
	t := Table{
		ID: "reach", Caption: "Target attainment now, and if all open actions bring their items to their targets",
		Columns: []Column{
			{"Part", Head},
			{"Now", Short},
			{"Coverage", Number},
			{"Gaps", Number},
			{"If done", Short},
			{"Coverage", Number},
			{"Gaps left", Number},
		},
	}
	cells := func(n assessment.Tally) []Cell {
		attained := Cell{Text: b.attained(n), Sub: fractionText(n.Attainment()) + ", " + interval(n), Tone: b.band(n)}
		return []Cell{attained, words(ofCount(n.Compared, n.InProfile)), number(n.Gaps)}
	}
	var parts []part
	now := b.topParts()
	for i, p := range now {
		then := b.p.IfDone.Session.Total
		if i > 0 {
			then = b.p.IfDone.Session.Areas[content.Areas[i-1]]
		}
		if p.off != "" {
			t.Rows = append(t.Rows, Row{append([]Cell{words(p.name), words(p.off)}, dashes(5)...), p.strong})
			continue
		}
		t.Rows = append(t.Rows, Row{slices.Concat([]Cell{words(p.name)}, cells(p.tally), cells(then)), p.strong})
		name := cmp.Or(map[bool]string{true: "All"}[p.strong], p.name)
		parts = append(parts, part{name: name + ", now", tally: p.tally, strong: p.strong}, part{name: name + ", if done", tally: then, strong: p.strong})
	}
	note := Para{Text: "An item that no open action names stays as it is, and so does one without a target or without a rating: a plan makes nothing known, so coverage stays, and what is too little rated now is so then. An action that is done moves nothing here: what it brought is in the ratings.", Note: true}
	if b.p.Now.Session.Total.WantedAll == 0 {
		return []Block{Para{Text: "No item in profile has a target, so there is nothing that the plan could reach."}}
	}
	c := b.ranges("reach-ranges", "Target attainment and its interval, now and if all actions are done", parts)
	c.Table = t
	return []Block{c, note}
}

func dashes(n int) []Cell { return slices.Repeat([]Cell{words("–")}, n) }

func (b *planner) without() []Block {
	if len(b.p.Without) == 0 {
		if b.p.Gaps == 0 {
			return []Block{Para{Text: "No item is known to be below its target."}}
		}
		return []Block{Para{Text: "Every gap has an open action or an acceptance in force."}}
	}
	t := Table{
		ID: "without-table", Caption: "Gaps with neither an open action nor an acceptance in force, ordered by " + assessment.OrderRule,
		Columns: []Column{
			{"No.", Number}, {"Item", Head}, {"Priority", Short}, {"Current", Short}, {"Target", Short}, {"Gap", Number}, {"Owner", Words}, {"Plan", Words}, {"A first step, as Plumbline suggests", Long},
		},
	}
	for i, e := range b.p.Without {
		planned, step := "No action planned", "–"
		var done []string
		for a := range b.s.ActionsFor(e.Item.ID) { // all of them are
			done = append(done, wire.Text(a.ID))
		}
		if len(done) > 0 {
			planned = enumerate(done) + " done, and still below target"
		}
		if a := e.Response.Accepted; a != nil {
			what, day := b.acceptedUntil(a)
			planned += "; " + what + " " + day
		}
		if len(e.Item.Actions) > 0 {
			step = fmt.Sprintf("%s (%s)", e.Item.Actions[0].Text, effort(e.Item.Actions[0].Effort))
		}
		t.Rows = append(t.Rows, row(number(i+1), b.itemCell(e, true), b.priority(e), b.current(e), words(levelText(e.Response.Target)), number(e.Gap()),
			words(orDash(wire.Text(e.Response.Owner))), words(planned), words(step)))
	}
	return []Block{t}
}

func (b *planner) load() []Block {
	if len(b.p.Owners) == 0 {
		return []Block{Para{Text: "There is neither an action nor a gap to share out."}}
	}
	cells := func(l assessment.Workload, nobody string) []Cell {
		overdue := number(l.Overdue)
		if l.Overdue > 0 {
			overdue.Tone = Warning
		}
		return []Cell{
			words(cmp.Or(wire.Text(l.Name), nobody)), words(orDash(line(strings.Join(l.Actions, ", ")))), number(l.Open), overdue,
			number(l.Effort[0]), number(l.Effort[1]), number(l.Effort[2]), number(l.Gaps),
		}
	}
	columns := []Column{{"Actions", Words}, {"Open", Number}, {"Overdue", Number}, {"S, days", Number}, {"M, weeks", Number}, {"L, months", Number}, {"Gaps named", Number}}
	owners := Table{
		ID: "by-owner", Caption: "By owner; effort is that of the open actions",
		Columns: slices.Concat([]Column{{"Owner", Words}}, columns, []Column{{"Gaps without open action", Number}, {"Next day", Short}}),
	}
	for _, l := range b.p.Owners {
		owners.Rows = append(owners.Rows, row(append(cells(l, "no owner"), number(l.Bare), words(orDash(wire.Text(string(l.Next)))))...))
	}
	blocks := []Block{owners}
	if len(b.p.Quarters) > 0 {
		quarters := Table{
			ID: "by-quarter", Caption: "By the quarter in which actions are due; their milestones can be due before it",
			Columns: slices.Concat([]Column{{"Quarter", Words}}, columns, []Column{{"First milestone or end due", Short}}),
		}
		for _, l := range b.p.Quarters {
			quarters.Rows = append(quarters.Rows, row(append(cells(l, "no due date"), words(orDash(wire.Text(string(l.Next)))))...))
		}
		blocks = append(blocks, quarters)
	}
	return append(blocks, Para{Text: "Gaps named counts the items with a gap that the actions name, each once in a row; a gap that actions of two owners name is in both of their rows. " +
		"Gaps without open action goes by who owns the item, whoever owns an action; accepted gaps are among them.", Note: true})
}

func (b *planner) planMethod() []Block {
	return []Block{
		Heading{"How to read the plan"},
		List{[]string{
			"Gap: target minus current, where the session has both, and never below 0. Unrated is never 0: without a rating the gap is unknown, and no action can be said to close it.",
			"Overdue: the day has passed on the day of this report, and the action or milestone is not done.",
			"Effort: S is days, M weeks, L months, as the people who made the plan estimate.",
			"An accepted gap stays a gap in every figure, and its acceptance lapses on its date.",
			"Target attainment: what is achieved up to each target, divided by the sum of the targets, over the items that have both. The interval is what it can become once the unrated items are known.",
			fmt.Sprintf("Coverage: the share of the items in profile that have a rating and a target. Below %d %% no percentage of attainment is given; the fraction and the interval always are.", b.info.Threshold),
			"Priority says what to do first and weighs no figure. Gaps are ordered by " + assessment.OrderRule + ".",
		}},
		scale(),
		Heading{"What this report stands on"},
		b.provenance(),
	}
}
