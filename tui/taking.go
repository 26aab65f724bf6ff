package tui

import (
	"fmt"
	"maps"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/assessment/intake"
	"plumbline/content"
)

// taking shows what a file would change in the session, has a person choose what only a person can, and
// takes the file over in one act.
type taking struct {
	*sitting
	busy
	path    string
	file    *intake.File // nil until it was read
	plan    *intake.Plan
	head    assessment.Head // of the state that the plan is for
	choices intake.Choices
	stale   bool // something was chosen since the plan under way began
	list    picker
	rows    []takingRow
}

// takingRow is a line of the preview: a value to be mapped, a change, or a problem.
type takingRow struct {
	scale   *intake.Scale
	value   intake.ScaleValue
	change  *intake.Change
	problem *intake.Problem
}

// section is the kind of a row: tab goes to the first one of the next.
func (r takingRow) section() int {
	switch {
	case r.scale != nil:
		return 0
	case r.change != nil:
		return 1
	}
	return 2
}

// askImport asks for a file and shows what it would change; typed is as in askPath.
func (st *sitting) askImport(typed string) {
	if !st.mayType() {
		return
	}
	a := st.app
	a.askPath("Import a file into this session",
		"Gap register, interview sheets, NIST's template, .csfp, .csfa, CISO Assistant, csf_profile, OSCAL profile: what it is, its content says. Nothing changes before you have seen what would.", typed,
		func(path string) tea.Cmd {
			cmd := bring(a, func() *taking { return &taking{sitting: st} })
			t := a.top().(*taking)
			t.giveUp()
			*t = taking{sitting: st, path: path}
			return tea.Batch(cmd, t.read())
		})
}

func (t *taking) Init() tea.Cmd { return nil }

var takingKeys = struct{ Take, Choose, Leave, Proposed, Area, Overwrite, Section, Stop key.Binding }{
	Take:      bind("import", "enter", "enter"),
	Choose:    bind("what the value stands for", "0 1 2 3", "0", "1", "2", "3"),
	Leave:     bind("leave the value out", "-", "-", "x"),
	Proposed:  bind("take what is proposed", "p", "p"),
	Area:      bind("Focus Area that Subcategories stand for", "f", "f"),
	Overwrite: bind("conflicts: leave or overwrite", "o", "o"),
	Section:   bind("next kind of line", "tab", "tab"),
	Stop:      bind("stop", "esc", "esc"),
}

func (t *taking) Keys() keys {
	k := takingKeys
	if t.file == nil {
		return keys{short: []key.Binding{k.Stop}, full: []keyGroup{globalKeys}}
	}
	short := []key.Binding{k.Take}
	if n := len(t.rows); n > 0 && t.rows[0].section() != t.rows[n-1].section() {
		short = append(short, bind("next kind", "tab", "tab"))
	}
	if len(t.file.Scales) > 0 {
		short = append(short, bind("choose", "0-3 -", "0"), bind("as proposed", "p", "p"))
	}
	if t.file.RatesWhole() {
		short = append(short, bind("Focus Area", "f", "f"))
	}
	short = append(short, bind("conflicts", "o", "o"), bind("cancel", "esc", "esc"))
	return keys{
		short: short,
		full: []keyGroup{
			{"Import", []key.Binding{k.Take, recordKeys.Move, recordKeys.Scroll, k.Section, k.Choose, k.Leave, k.Proposed, k.Area, k.Overwrite}},
			globalKeys,
		},
	}
}

// preview is what reading a file brings.
type preview struct {
	bundle bool
	file   *intake.File
	plan   *intake.Plan
}

// read reads the file and plans its import.
func (t *taking) read() tea.Cmd {
	a, path, read := t.app, t.path, t.app.cfg.ReadFile
	snap, now := t.s.Snapshot(), a.cfg.Now()
	wait, ctx := t.start("reading " + path)
	return tea.Batch(wait.tick(), job(a, func() (p preview, err error) {
		in, err := read(ctx, path)
		if p.bundle = in.Bundle; err != nil || p.bundle {
			return p, err
		}
		if p.file, err = intake.Read(in.Name, in.Data); err == nil && ctx.Err() == nil {
			p.plan, err = p.file.Plan(snap, now, intake.Choices{})
		}
		return p, err
	}, func(p preview, err error) tea.Cmd {
		switch {
		case !t.end(wait):
			return nil
		case err != nil:
			return t.app.leaveSaying(func() { a.fail("nothing was imported", err); t.askImport(path) })
		case p.bundle:
			return t.app.leaveSaying(func() { a.say("a bundle brings sessions of its own: I in the list of sessions imports it") })
		}
		t.file = p.file
		t.choices.Map = make(map[string]intake.Mapping)
		for _, sc := range p.file.Scales {
			t.choices.Map[sc.Name] = make(intake.Mapping)
		}
		t.planned(p.plan, snap.Head())
		return nil
	}))
}

func (t *taking) planned(p *intake.Plan, head assessment.Head) {
	t.plan, t.head, t.rows = p, head, nil
	for i := range t.file.Scales {
		sc := &t.file.Scales[i]
		for _, v := range sc.Values {
			t.rows = append(t.rows, takingRow{scale: sc, value: v})
		}
	}
	for i := range p.Changes {
		t.rows = append(t.rows, takingRow{change: &p.Changes[i]})
	}
	for i := range p.Problems {
		t.rows = append(t.rows, takingRow{problem: &p.Problems[i]})
	}
	t.list.clamp(len(t.rows))
}

// replan makes the plan anew after something was chosen. What is chosen in the meantime is planned next.
func (t *taking) replan() tea.Cmd {
	if t.now != nil {
		t.stale = true
		return nil
	}
	a, file := t.app, t.file
	snap, now := t.s.Snapshot(), a.cfg.Now()
	c := t.choices
	c.Map = make(map[string]intake.Mapping) // of its own: the person goes on choosing
	for name, m := range t.choices.Map {
		c.Map[name] = maps.Clone(m)
	}
	wait, _ := t.start("working out what would change")
	return tea.Batch(wait.tick(), job(a, func() (*intake.Plan, error) { return file.Plan(snap, now, c) }, func(p *intake.Plan, err error) tea.Cmd {
		switch {
		case !t.end(wait):
			return nil
		case err != nil:
			a.fail("work out what would change", err)
			return nil
		}
		t.planned(p, snap.Head())
		if t.stale {
			t.stale = false
			return t.replan()
		}
		return nil
	}))
}

func (t *taking) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := t.counts(msg); ok {
		return cmd
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	s := press.String()
	switch {
	case s == "esc":
		t.giveUp()
		return t.app.leaveSaying(func() { t.app.say("nothing was imported") })
	case t.file == nil:
		return nil
	case t.list.move(s, len(t.rows)):
		return nil
	}
	switch s {
	case "tab":
		t.nextSection()
	case "home":
		t.list = picker{}
	case "end":
		t.list = picker{at: max(0, len(t.rows)-1)}
	case "o":
		t.choices.Overwrite = !t.choices.Overwrite
		return t.replan()
	case "f":
		if t.file.RatesWhole() {
			t.choices.Area = nextArea(t.choices.Area)
			return t.replan()
		}
	case "p":
		for _, sc := range t.file.Scales {
			t.choices.Map[sc.Name] = sc.Proposal()
		}
		return t.replan()
	case "0", "1", "2", "3", "-", "x":
		return t.choose(s)
	case "enter":
		return t.take()
	}
	return nil
}

func (t *taking) nextSection() {
	if len(t.rows) == 0 {
		return
	}
	now := t.rows[t.list.at].section()
	at := 0
	for i, r := range t.rows[t.list.at:] {
		if r.section() != now {
			at = t.list.at + i
			break
		}
	}
	t.list = picker{at: at}
}

// nextArea goes from none through the Focus Areas, and back to none.
func nextArea(a *content.Area) *content.Area {
	next := content.Areas[0]
	if a != nil {
		if int(*a) == len(content.Areas)-1 {
			return nil
		}
		next = content.Areas[int(*a)+1]
	}
	return &next
}

// choose maps the value under the cursor, and goes to the next one.
func (t *taking) choose(key string) tea.Cmd {
	if t.list.at >= len(t.rows) || t.rows[t.list.at].scale == nil {
		t.app.say("a level is chosen for the values of the file's own scales, which stand first")
		return nil
	}
	r := t.rows[t.list.at]
	m := t.choices.Map[r.scale.Name]
	if n := strings.Index("0123", key); n >= 0 {
		m[r.value.Text], _ = assessment.AtLevel(n)
	} else {
		delete(m, r.value.Text)
	}
	if next := t.list.at + 1; next < len(t.rows) && t.rows[next].scale != nil {
		t.list = picker{at: next}
	}
	return t.replan()
}

// take takes the file over: a backup of everything that was answered, then one act.
func (t *taking) take() tea.Cmd {
	a := t.app
	switch n := t.plan.Counts; {
	case t.now != nil:
		a.say("the preview is not up to date yet")
		return nil
	case n.New+n.Changed == 0:
		a.say("there is nothing to import: the session says all of it, or nothing was chosen")
		return nil
	case t.s.Head() != t.head:
		a.say("the session has changed; this is the new preview")
		return t.replan()
	}
	if err := t.refusal(); err != nil {
		a.fail("not now", err)
		return nil
	}
	return a.whenSaved(func() tea.Cmd {
		a.opening = false
		wait, ctx := t.start("backing up the store")
		return tea.Batch(wait.tick(), job(a, a.cfg.Backup, func(backup string, err error) tea.Cmd {
			stopped := ctx.Err()
			if !t.end(wait) || stopped != nil {
				return nil
			}
			if err != nil {
				a.fail("nothing was imported, for there is no backup", err)
				return nil
			}
			return t.apply(backup)
		}))
	})
}

func (t *taking) apply(backup string) tea.Cmd {
	a, n := t.app, t.plan.Counts
	cmd, ok := t.took(func() (assessment.Delta, error) {
		return t.s.Do(signed(t.plan.Act(a.who), t.s, a.cfg.User), t.plan.Apply)
	})
	if !ok {
		return cmd
	}
	return tea.Batch(cmd, t.app.leaveSaying(func() {
		a.say("imported %s: %d new, %d changed, in one act (u in the walk takes it all back). The store before it: %s", t.file.Name, n.New, n.Changed, backup)
	}))
}

func (t *taking) Head(w int) []string {
	a, th := t.app, t.app.theme
	out := []string{t.title(), " " + th.Label.Render("IMPORT") + "  " + a.cut(t.path, w-10)}
	if t.file == nil {
		return out
	}
	out[1] = " " + th.Label.Render("IMPORT") + "  " + a.cut(t.file.Name+", "+t.file.Kind.Name(), w-10)
	n := t.plan.Counts
	counts := fmt.Sprintf(" %d new, %d changed, %d the same; %d skipped, %d unmapped, %d in conflict", n.New, n.Changed, n.Same, n.Skipped, n.Unmapped, n.Conflict)
	if wait := t.line(a); wait != "" && t.now.seconds > 0 {
		counts = wait
	}
	options := " Conflicts: left as they are"
	if t.choices.Overwrite {
		options = " Conflicts: " + th.Strong.Render("overwritten")
	}
	if t.file.RatesWhole() {
		to := "base ratings"
		if t.choices.Area != nil {
			to = th.Strong.Render("items of " + t.choices.Area.Label())
		}
		options = " Subcategories become: " + to + "  " + options
	}
	return append(out, a.cut(counts, w), a.cut(options, w))
}

func (t *taking) View(w, h int) string {
	a := t.app
	switch {
	case t.file == nil:
		return "\n" + t.line(a)
	case len(t.rows) == 0:
		return t.nothing(w, "The file says nothing that this session does not say already.")
	}
	rows := make([]string, len(t.rows))
	room := max(1, min(len(rows), h*2/5)) // what register shows; the others need not be drawn
	for i := max(0, t.list.at-room); i < min(len(rows), t.list.at+room+room); i++ {
		rows[i] = t.row(t.rows[i])
	}
	return a.register(w, h, &t.list, t.columns("What", "Of", "Field", "What the file says"), rows, func(p *page) { t.about(p, t.rows[t.list.at]) })
}

func (t *taking) columns(what, of, field, says string) string {
	a := t.app
	return a.pad(what, 9) + a.pad(of, 17) + a.pad(field, 12) + says
}

func (t *taking) row(r takingRow) string {
	a := t.app
	arrow := a.plain(" → ")
	switch {
	case r.scale != nil:
		chosen := "not applied"
		if to := t.choices.Map[r.scale.Name][r.value.Text]; to.Known() {
			chosen = levelText(to)
		} else if r.value.Proposed.Known() {
			chosen += "; proposed " + r.value.Proposed.String()
		}
		value := fmt.Sprintf("%q, %s", a.cut(assessment.CleanLine(r.value.Text), 40), plural(r.value.Count, "time"))
		if len(t.file.Scales) > 1 {
			value = r.scale.Name + ": " + value
		}
		return a.pad("value", 9) + value + arrow + chosen
	case r.change != nil:
		c := r.change
		says := assessment.CleanLine(orNothing(c.After))
		if c.Before != "" {
			says = a.cut(assessment.CleanLine(c.Before), 30) + arrow + says
		}
		return t.columns(string(c.Outcome), c.About, c.Field, says)
	}
	return a.pad(r.problem.Severity.String(), 9) + assessment.CleanLine(r.problem.String())
}

func levelText(r assessment.Rating) string { return r.String() + " " + r.Word() }

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// about tells all of the row under the cursor.
func (t *taking) about(p *page, r takingRow) {
	switch {
	case r.scale != nil:
		p.section("A VALUE OF THE FILE'S OWN SCALE", fmt.Sprintf("%q stands %s in %q. It becomes the %s only if you say what it stands for; nothing is converted by itself.",
			r.value.Text, plural(r.value.Count, "time"), r.scale.Name, r.scale.Rates))
		if r.value.Proposed.Known() {
			p.bullet("proposed: " + levelText(r.value.Proposed))
		}
		for n := 0; n <= assessment.MaxLevel; n++ {
			p.bullet(fmt.Sprintf("%d %s: %s", n, assessment.LevelWord(n), assessment.LevelTest(n)))
		}
	case r.change != nil:
		c := r.change
		p.section(strings.ToUpper(string(c.Outcome))+"  "+c.About+", "+c.Field, "In the file: "+orWhole(c.Place))
		if c.Why != "" {
			p.note("Not applied: " + c.Why + ". o takes the file's word.")
		}
		p.bullet("now: " + orNothing(c.Before))
		p.bullet("by the file: " + orNothing(c.After))
	default:
		pr := r.problem
		p.section(strings.ToUpper(pr.Severity.String()), "In the file: "+orWhole(pr.Place))
		if pr.Value != "" {
			p.bullet("it says: " + pr.Value)
		}
		p.bullet(strings.TrimSpace("it " + pr.What))
		if pr.Do != "" {
			p.bullet("to do: " + pr.Do)
		}
	}
}

func orWhole(at intake.Place) string {
	if s := at.String(); s != "" {
		return s
	}
	return "the whole of it"
}
