package tui

import (
	"fmt"
	"maps"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/reports/wire"
)

// merging shows what merging a session of a bundle into the one of the store would do, has a person
// decide each conflict, and does it. It stands over the screen of the bundle.
type merging struct {
	busy
	app    *App
	from   *arriving
	order  BundleMerge
	result *wire.Merged // of the preview; nil until it is there
	list   picker
}

// askMerge previews the merge of the session under the cursor.
func (r *arriving) askMerge() tea.Cmd {
	s := r.result.Sessions[r.list.at]
	if s.Outcome != wire.Conflict {
		r.app.say("this session needs no merge: %s", outcomeText[s.Outcome].short)
		return nil
	}
	m := &merging{app: r.app, from: r, order: BundleMerge{
		Input: r.order.Input, Session: s.ID, Take: make(map[string]assessment.Side), Who: r.app.who,
	}}
	return tea.Batch(r.app.push(m), m.carry(true))
}

func (m *merging) Init() tea.Cmd { return nil }

var mergingKeys = struct{ Take, Ours, Theirs, AllOurs, AllTheirs, Stop key.Binding }{
	Take:      bind("merge", "enter", "enter"),
	Ours:      bind("ours", "o", "o"),
	Theirs:    bind("theirs", "t", "t"),
	AllOurs:   bind("all open ones: ours", "O", "O"),
	AllTheirs: bind("all open ones: theirs", "T", "T"),
	Stop:      bind("cancel", "esc", "esc"),
}

func (m *merging) Keys() keys {
	k := mergingKeys
	if m.result == nil || m.now != nil {
		return keys{short: []key.Binding{k.Stop}, full: []keyGroup{globalKeys}}
	}
	return keys{
		short: []key.Binding{k.Take, k.Ours, k.Theirs, bind("all ours, all theirs", "O T", "O"), k.Stop},
		full:  []keyGroup{{"Merge", []key.Binding{k.Take, recordKeys.Move, recordKeys.Scroll, k.Ours, k.Theirs, k.AllOurs, k.AllTheirs}}, globalKeys},
	}
}

// carry works out what merging would do, or does it.
func (m *merging) carry(dryRun bool) tea.Cmd {
	a, order, work := m.app, m.order, m.app.cfg.MergeBundle
	order.DryRun, order.Take = dryRun, maps.Clone(m.order.Take)
	what := "merging " + order.Name
	if dryRun {
		what = "working out what would happen with " + order.Name
	}
	wait, ctx := m.start(what)
	return tea.Batch(wait.tick(), job(a, func() (wire.Merged, error) { return work(ctx, order) }, func(result wire.Merged, err error) tea.Cmd {
		switch {
		case !m.end(wait):
			return nil
		case err != nil && m.result == nil:
			return a.leaveSaying(func() { a.fail("nothing was merged", err) })
		case err != nil:
			a.fail("nothing was merged", err)
		case dryRun || result.Counts.Conflict > 0:
			m.result = &result
			m.list.clamp(len(m.rows()))
			if !dryRun {
				a.say("nothing was merged: %s, and what was decided brought that out", stillOpen(result.Counts.Conflict))
			}
		default:
			return m.done(result)
		}
		return nil
	}))
}

// done leaves, and looks at what else the bundle brings.
func (m *merging) done(result wire.Merged) tea.Cmd {
	a, n := m.app, result.Counts
	back := a.back()
	if len(m.from.result.Sessions) == 1 {
		back = tea.Batch(back, a.back())
	} else {
		back = tea.Batch(back, m.from.carry())
	}
	a.say("merged in one act: %d new, %d changed, %d decided (u in the walk takes it back). The store before it: %s", n.New, n.Changed, n.Decided, result.Backup)
	return back
}

// side is how a conflict was decided; "" is open.
func (m *merging) side(c wire.MergeConflict) assessment.Side { return m.order.Take[c.Key] }

func stillOpen(n int) string {
	if n == 1 {
		return "1 conflict is open"
	}
	return fmt.Sprintf("%d conflicts are open", n)
}

// open counts the conflicts that nobody has decided yet.
func (m *merging) open() (n int) {
	for _, c := range m.result.Conflicts {
		if m.side(c) == "" {
			n++
		}
	}
	return n
}

func (m *merging) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := m.counts(msg); ok {
		return cmd
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	a, s := m.app, press.String()
	switch {
	case m.now != nil && m.result != nil:
		a.say("it is being written, all of it or nothing; that can not be stopped")
	case s == "esc":
		m.giveUp()
		return a.leaveSaying(func() { a.say("nothing was merged") })
	case m.result == nil:
	case m.list.move(s, len(m.rows())):
	case s == "o":
		m.decide(assessment.Ours)
	case s == "t":
		m.decide(assessment.Theirs)
	case s == "O":
		m.decideAll(assessment.Ours)
	case s == "T":
		m.decideAll(assessment.Theirs)
	case s == "enter":
		return m.merge()
	}
	return nil
}

// decide decides the conflict under the cursor, and goes to the next one.
func (m *merging) decide(side assessment.Side) {
	if m.list.at >= len(m.result.Conflicts) {
		m.app.say("there is nothing to decide on this line; conflicts stand first")
		return
	}
	m.order.Take[m.result.Conflicts[m.list.at].Key] = side
	if m.list.at+1 < len(m.result.Conflicts) {
		m.list = picker{at: m.list.at + 1}
	}
}

// decideAll decides what is open.
func (m *merging) decideAll(side assessment.Side) {
	for _, c := range m.result.Conflicts {
		if m.side(c) == "" {
			m.order.Take[c.Key] = side
		}
	}
}

func (m *merging) merge() tea.Cmd {
	if n := m.open(); n > 0 {
		m.app.say("%s: o and t decide the one under the cursor, O and T all that are left", stillOpen(n))
		return nil
	}
	return m.carry(false)
}

func (m *merging) Head(w int) []string {
	a, t := m.app, m.app.theme
	out := []string{" " + t.Title.Render("MERGE") + "  " + a.cut(m.order.Name, w-10)}
	switch {
	case m.result == nil:
		return out
	case m.now != nil:
		return append(out, m.line(a))
	}
	n := m.result.Counts
	decided := len(m.result.Conflicts) - m.open()
	line := fmt.Sprintf(" %d new, %d changed, %d the same here; ", n.New, n.Changed, n.Same)
	conflicts := fmt.Sprintf("%d of %s decided", decided, plural(len(m.result.Conflicts), "conflict"))
	if m.open() > 0 {
		conflicts = t.Strong.Render(conflicts)
	}
	return append(out, a.cut(line+conflicts, w))
}

// mergingRow is a line of the preview: a conflict, a change or a record with another id.
type mergingRow struct {
	conflict   *wire.MergeConflict
	change     *wire.MergeChange
	renumbered *wire.MergeRenumbered
}

func (m *merging) rows() (rows []mergingRow) {
	for i := range m.result.Conflicts {
		rows = append(rows, mergingRow{conflict: &m.result.Conflicts[i]})
	}
	for i := range m.result.Changes {
		rows = append(rows, mergingRow{change: &m.result.Changes[i]})
	}
	for i := range m.result.Renumbered {
		rows = append(rows, mergingRow{renumbered: &m.result.Renumbered[i]})
	}
	return rows
}

func (m *merging) View(w, h int) string {
	a := m.app
	if m.result == nil {
		return "\n" + m.line(a)
	}
	list := m.rows()
	if len(list) == 0 {
		return "\n" + a.cut(" Both say the same. enter notes in the journal that they were merged.", w)
	}
	columns := func(what, of, field, says string) string {
		return a.pad(what, 10) + a.pad(of, 17) + a.pad(field, 12) + says
	}
	rows := make([]string, len(list))
	for i, r := range list {
		switch {
		case r.conflict != nil:
			c := r.conflict
			what := string(m.side(*c))
			if what == "" {
				what = "OPEN"
			}
			rows[i] = columns(what, c.About, c.Field, "ours "+oneLine(a, c.Ours, 30)+a.plain(" · ")+"theirs "+oneLine(a, c.Theirs, 30))
		case r.change != nil:
			c := r.change
			rows[i] = columns("taken", c.About, c.Field, oneLine(a, c.Before, 30)+a.plain(" → ")+oneLine(a, c.After, 60))
		default:
			rows[i] = columns("renumber", r.renumbered.From+a.plain(" → ")+r.renumbered.To, "", oneLine(a, r.renumbered.Title, 60))
		}
	}
	return a.register(w, h, &m.list, columns("What", "Of", "Field", "Says"), rows, func(p *page) { m.about(p, list[m.list.at]) })
}

// oneLine is a value as a list shows it.
func oneLine(a *App, s string, n int) string { return a.cut(assessment.CleanLine(orNothing(s)), n) }

// about tells all of the row under the cursor.
func (m *merging) about(p *page, r mergingRow) {
	switch {
	case r.conflict != nil:
		c := r.conflict
		p.section("CONFLICT  "+c.About+", "+c.Field, "Both sides changed it, each in its own way. o keeps ours, t takes theirs.")
		if c.Why != "" {
			p.note("Why: " + c.Why + ".")
		}
		p.bullet("before: " + orNothing(c.Base))
		p.bullet("ours: " + orNothing(c.Ours) + byWhom(c.OursBy))
		p.bullet("theirs: " + orNothing(c.Theirs) + byWhom(c.TheirsBy))
	case r.change != nil:
		c := r.change
		p.section("TAKEN  "+c.About+", "+c.Field, "Only the side of the file changed it.")
		p.bullet("now: " + orNothing(c.Before))
		p.bullet("then: " + orNothing(c.After) + byWhom(c.By))
	default:
		n := r.renumbered
		p.section("ANOTHER ID", fmt.Sprintf("The %s %s of the file becomes %s here, since ids are never given twice. Texts that name it stay as they are.", n.Kind, n.From, n.To))
		p.bullet(n.Title)
	}
}

func byWhom(by wire.SignedBy) string {
	if by.Time == nil {
		return ""
	}
	return strings.TrimRight(fmt.Sprintf(" (%s, %s)", by.Who, by.Time.Format("2006-01-02 15:04")), " ")
}
