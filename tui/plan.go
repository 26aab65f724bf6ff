package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// plan shows the actions of the session.
type plan struct {
	*sitting
	list picker
}

func newPlan(st *sitting) *plan { return &plan{sitting: st} }

func (p *plan) Init() tea.Cmd {
	p.list.clamp(len(p.s.Actions()))
	return nil
}

var planKeys = struct{ Status, Milestones key.Binding }{
	Status:     bind("status", "s", "s"),
	Milestones: bind("milestones", "m", "m"),
}

func (p *plan) Keys() keys {
	k := recordKeys
	return keys{
		short: []key.Binding{k.Add, k.Edit, planKeys.Status, planKeys.Milestones, k.Remove, k.Undo, global.Gaps, global.Menu, global.Back},
		full:  []keyGroup{{"Plan", []key.Binding{k.Move, k.Scroll, k.Add, k.Edit, planKeys.Status, planKeys.Milestones, k.Remove, k.Undo, k.Redo}}, globalKeys},
	}
}

func (p *plan) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := p.siblings(press); done {
		return cmd
	}
	if cmd, done := p.history(press); done {
		return cmd
	}
	list := p.s.Actions()
	switch s := press.String(); {
	case s == "esc":
		return p.app.back()
	case p.list.move(s, len(list)):
	case s == "a":
		return p.editAction(assessment.Action{}, func() {})
	case p.list.at >= len(list):
	case s == "enter":
		return p.editAction(list[p.list.at], func() {})
	case s == "s":
		p.askStatus(list[p.list.at])
	case s == "m":
		p.app.show(&milestones{st: p.sitting, id: list[p.list.at].ID})
	case s == "d" && p.mayType():
		act := list[p.list.at]
		p.askRemove(act.ID+", "+act.Title, func(e *assessment.Edit) error { return e.RemoveAction(act.ID) })
	}
	return nil
}

func (p *plan) Head(int) []string {
	t := p.app.theme
	count := map[assessment.Progress]int{}
	overdue := 0
	for _, act := range p.s.Actions() {
		count[act.Status]++
		if p.overdue(act) {
			overdue++
		}
	}
	facts := fmt.Sprintf("%d planned, %d underway, %d done", count[assessment.Planned], count[assessment.Underway], count[assessment.Done])
	if overdue > 0 {
		facts += fmt.Sprintf("; %d overdue", overdue)
	}
	return []string{p.title(), " " + t.Label.Render("PLAN") + t.Faint.Render("  "+facts)}
}

func (st *sitting) overdue(act assessment.Action) bool {
	return act.Overdue(st.app.cfg.Today())
}

func (p *plan) View(w, h int) string {
	a := p.app
	list := p.s.Actions()
	if len(list) == 0 {
		return p.nothing(w, "No actions yet. An action closes, or helps to close, the gaps of its items.",
			"a adds one here; in the list of gaps (G) a makes one of the gap at the cursor, or of those that are marked.")
	}
	dueWidth := 11
	if slices.ContainsFunc(list, p.overdue) {
		dueWidth += len(" overdue")
	}
	row := func(id, status, due, effort, steps, title string) string {
		return a.pad(id, 6) + a.pad(status, 9) + a.pad(due, dueWidth) + a.pad(effort, 7) + a.pad(steps, 6) + title
	}
	rows := make([]string, 0, len(list))
	for _, act := range list {
		due := string(act.Due)
		if p.overdue(act) {
			due += " overdue"
		}
		rows = append(rows, row(act.ID, string(act.Status), due, act.Effort, stepsText(act), act.Title))
	}
	return p.app.register(w, h, &p.list, row("Id", "Status", "Due", "Effort", "Steps", "Title"), rows, func(pg *page) { p.about(pg, list[p.list.at]) })
}

// about writes an action in full.
func (p *plan) about(pg *page, act assessment.Action) {
	facts := []string{string(act.Status)}
	if act.Owner != "" {
		facts = append(facts, "owner: "+act.Owner)
	}
	if act.Due != "" {
		facts = append(facts, "due "+string(act.Due))
	}
	if act.Effort != "" {
		facts = append(facts, "effort "+effort(act.Effort))
	}
	pg.section(act.ID+" "+strings.ToUpper(act.Title), strings.Join(facts, " · "))
	if len(act.Milestones) > 0 {
		pg.head("MILESTONES")
		for _, m := range act.Milestones {
			pg.bullet(m.String())
		}
	}
	pg.head(fmt.Sprintf("ITEMS (%d)", len(act.Items)))
	for _, id := range act.Items {
		line := id.String()
		if i, ok := p.cat().Index(id); ok {
			sub, _ := p.cat().Subcategory(id.Sub)
			line += " " + levels(p.app, p.s.Entry(i)) + " " + sub.Title
		}
		pg.bullet(line)
	}
	if len(act.Items) == 0 {
		pg.bullet("none: it closes no gap yet")
	}
}

func stepsText(act assessment.Action) string {
	if len(act.Milestones) == 0 {
		return ""
	}
	done := 0
	for _, m := range act.Milestones {
		if m.Done {
			done++
		}
	}
	return fmt.Sprintf("%d/%d", done, len(act.Milestones))
}

// editAction asks for an action and puts it into the plan; then is called when it is there.
func (st *sitting) editAction(act assessment.Action, then func()) tea.Cmd {
	if !st.mayType() {
		return nil
	}
	a := st.app
	ids := make([]string, len(act.Items))
	for i, id := range act.Items {
		ids[i] = id.String()
	}
	d := &struct {
		title, items, owner, due, effort string
		status                           assessment.Progress
	}{
		act.Title, strings.Join(ids, " "), act.Owner, string(act.Due), act.Effort, cmp.Or(act.Status, assessment.Planned),
	}
	title := "New action"
	if act.ID != "" {
		title = "Action " + act.ID
	}
	form, cmd := newForm(a, title, 17, func() tea.Cmd {
		act.Title, act.Owner, act.Effort, act.Status = d.title, d.owner, d.effort, d.status
		act.Due = assessment.Date(strings.TrimSpace(d.due))
		act.Items, _ = st.itemsOf(d.items) // the form has checked them
		id := ""
		cmd := st.record(func() string { return id + " is in the plan" }, func(e *assessment.Edit) (err error) {
			id, err = e.PutAction(act)
			return err
		})
		if id != "" {
			then()
		}
		return cmd
	}, huh.NewGroup(
		// Of two lines, so that a title that is proposed is seen from its beginning.
		huh.NewText().Title("What is to be done").Lines(2).CharLimit(assessment.MaxReference).ExternalEditor(false).Value(&d.title).Validate(needed),
		huh.NewInput().Title("Items whose gaps it closes").Description("Ids with blanks between them, such as GV.OC-01/secure PR.AA-05/defend.").
			Value(&d.items).Validate(func(s string) error { _, err := st.itemsOf(s); return err }),
		huh.NewInput().Title("Owner").CharLimit(assessment.MaxName).Value(&d.owner),
		huh.NewInput().Title("Due").Description("A day such as 2026-12-31, or nothing.").Value(&d.due).Validate(isDate),
		huh.NewSelect[string]().Title("Effort").Inline(true).Options(huh.NewOption("not said", ""), huh.NewOption(effort("S"), "S"),
			huh.NewOption(effort("M"), "M"), huh.NewOption(effort("L"), "L")).Value(&d.effort),
		huh.NewSelect[assessment.Progress]().Title("Status").Inline(true).Options(huh.NewOptions(assessment.Progresses[:]...)...).Value(&d.status),
	))
	a.show(form)
	return cmd
}

// itemsOf reads ids of items. Those that the plan names already may be of another pack.
func (st *sitting) itemsOf(text string) ([]content.ItemID, error) {
	var items []content.ItemID
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		id, err := content.ParseItemID(s)
		if err != nil {
			return nil, err
		}
		if _, ok := st.cat().Index(id); !ok && !st.planned(id) {
			return nil, fmt.Errorf("%s: %w", id, assessment.ErrUnknownItem)
		}
		items = append(items, id)
	}
	return items, nil
}

func (st *sitting) planned(id content.ItemID) bool {
	for range st.s.ActionsFor(id) {
		return true
	}
	return false
}

func (p *plan) askStatus(act assessment.Action) {
	if !p.mayType() {
		return
	}
	c := &choice{app: p.app, title: "Status of " + act.ID, text: act.Title + ". Now: " + string(act.Status) + "."}
	for _, status := range assessment.Progresses {
		word := string(status)
		c.options = append(c.options, option{bind(word, word[:1], word[:1]), func() tea.Cmd {
			act.Status = status
			return p.record(func() string { return act.ID + " is " + word }, put(act))
		}})
	}
	p.app.show(c)
}

// put replaces an action.
func put(act assessment.Action) func(*assessment.Edit) error {
	return func(e *assessment.Edit) error {
		_, err := e.PutAction(act)
		return err
	}
}

// milestones shows the dated steps of an action; they are added, done and removed here.
type milestones struct {
	st   *sitting
	id   string
	list picker
}

var milestoneKeys = struct{ Add, Done, Remove key.Binding }{
	Add:    bind("add one", "a", "a"),
	Done:   bind("done, or not", "space", "space"),
	Remove: bind("remove it", "d", "d"),
}

// action is the action as it is now; one that is gone has no id.
func (m *milestones) action() (act assessment.Action) {
	for _, a := range m.st.s.Actions() {
		if a.ID == m.id {
			act = a
		}
	}
	act.Milestones = append([]assessment.Milestone(nil), act.Milestones...)
	return act
}

func (m *milestones) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	a, act := m.st.app, m.action()
	n := len(act.Milestones)
	m.list.clamp(n)
	switch s := press.String(); {
	case s == "esc", s == "enter", s == "q":
		a.close()
	case m.list.move(s, n):
	case s == "a" && m.st.mayType():
		a.close()
		p := newPrompt(a, "Milestone of "+m.id, "The day on which it is due in front, then the text: 2026-12-31 Half of the sites.", "", func(text string) tea.Cmd {
			act := m.action()
			act.Milestones = append(act.Milestones, assessment.ParseStep(text))
			cmd := m.st.record(func() string { return "milestone added to " + m.id }, put(act))
			if !a.notice.bad {
				a.show(m)
			}
			return cmd
		})
		p.cancel = func() tea.Cmd { a.show(m); return nil }
		a.show(p)
	case m.list.at >= n:
	case s == "space" && m.st.mayType():
		act.Milestones[m.list.at].Done = !act.Milestones[m.list.at].Done
		return m.st.record(func() string { return act.Milestones[m.list.at].String() }, put(act))
	case s == "d" && m.st.mayType():
		gone := act.Milestones[m.list.at]
		act.Milestones = append(act.Milestones[:m.list.at], act.Milestones[m.list.at+1:]...)
		return m.st.record(func() string { return "removed: " + gone.Text }, put(act))
	}
	return nil
}

func (m *milestones) View(w, h int) string {
	a, t := m.st.app, m.st.app.theme
	act := m.action()
	out := []string{t.Strong.Render(a.cut("Milestones of "+m.id+": "+act.Title, w)), ""}
	first := 0
	for i, step := range act.Milestones {
		mark := "  "
		if i == m.list.at {
			mark, first = t.Glyph.Cursor+" ", len(out)
		}
		out = append(out, a.pad(mark+step.String(), w))
	}
	if len(act.Milestones) == 0 {
		out = append(out, t.Faint.Render("none yet"))
	}
	from := max(0, min(first-1, len(out)-h))
	return lines(out[from:min(len(out), from+h)]...)
}

func (m *milestones) Cursor() *tea.Cursor { return nil }

func (m *milestones) Keys() keys {
	return keys{short: []key.Binding{milestoneKeys.Add, milestoneKeys.Done, milestoneKeys.Remove, bind("close", "esc", "esc")}}
}
