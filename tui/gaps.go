package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"github.com/charmbracelet/x/ansi"

	"plumbline/assessment"
)

// gapList shows the ordered gaps, and behind them the items whose gap is unknown.
type gapList struct {
	*sitting
	filter                  filter
	rows                    []gapRow
	gaps, accepted, unknown int
	at                      int          // index in rows; never a heading
	marked                  map[int]bool // indices of items
}

// gapRow is an item, or a heading where e.Item is nil.
type gapRow struct {
	heading string
	e       assessment.Entry
}

func newGaps(st *sitting) screen { return newGapList(st) }

func newGapList(st *sitting) *gapList { return &gapList{sitting: st, marked: make(map[int]bool)} }

// Init orders the gaps, each time that the list comes to the front.
func (g *gapList) Init() tea.Cmd {
	var keep assessment.Entry
	if g.at < len(g.rows) {
		keep = g.rows[g.at].e
	}
	g.rows, g.gaps, g.unknown, g.at = nil, 0, 0, 0
	g.accepted = len(g.s.Accepted(g.app.cfg.Today()))
	section := func(list []assessment.Entry, name func(assessment.Entry) string) {
		last := ""
		for _, e := range list {
			if !g.shows(e) {
				continue
			}
			if n := name(e); n != last {
				g.rows = append(g.rows, gapRow{heading: n})
				last = n
			}
			g.rows = append(g.rows, gapRow{e: e})
		}
	}
	section(g.s.Gaps(), func(e assessment.Entry) string { g.gaps++; return e.Priority.String() + " priority" })
	section(g.s.Unknown(), func(assessment.Entry) string { g.unknown++; return "Unknown: a target, and no rating yet" })
	for i, r := range g.rows {
		if r.e.Item != nil && (g.at == 0 || keep.Item == r.e.Item) {
			g.at = i
		}
	}
	return nil
}

// shows reports whether the filter lets an item through: one with a gap, or with one that is unknown.
func (g *gapList) shows(e assessment.Entry) bool {
	f, hasAction := g.filter, false
	for range g.s.ActionsFor(e.Item.ID) {
		hasAction = true
	}
	accepts := e.Response.Accepted.InForce(g.app.cfg.Today())
	var of bool // of that state, where it is one of gaps alone
	switch f.state {
	case notAccepted:
		of = e.Known() && !accepts
	case accepted:
		of = accepts
	case lapsed:
		of = e.Response.Accepted != nil && !accepts
	case planned:
		of = hasAction
	case unplanned:
		of = !hasAction
	default:
		return f.lets(e)
	}
	return of && filter{f.area, f.part, f.priority, everything}.lets(e)
}

var gapKeys = struct{ Move, Open, Mark, Action, Accept, Filter key.Binding }{
	Move:   bind("choose", "j k ↑ ↓", "j", "k", "up", "down"),
	Open:   bind("open", "enter", "enter"),
	Mark:   bind("mark", "space", "space"),
	Action: bind("action", "a", "a"),
	Accept: bind("accept", "A", "A"),
	Filter: bind("filter", "f", "f"),
}

func (g *gapList) Keys() keys {
	return keys{
		short: []key.Binding{gapKeys.Open, gapKeys.Mark, gapKeys.Action, gapKeys.Accept, gapKeys.Filter, global.Menu, global.Dashboard, global.Report, global.Back},
		full: []keyGroup{{"Gaps (an action or an acceptance is for those marked, else for the one at the cursor)", []key.Binding{
			gapKeys.Move, gapKeys.Open, gapKeys.Mark, gapKeys.Action, gapKeys.Accept, gapKeys.Filter, walkKeys.Undo, walkKeys.Redo,
		}}, globalKeys},
	}
}

func (g *gapList) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := g.siblings(press); done {
		return cmd
	}
	if cmd, done := g.history(press); done {
		return cmd
	}
	switch press.String() {
	case "j", "down":
		g.step(1, 1)
	case "k", "up":
		g.step(-1, 1)
	case "pgdown":
		g.step(1, 10)
	case "pgup":
		g.step(-1, 10)
	case "enter":
		if g.at < len(g.rows) && g.rows[g.at].e.Item != nil {
			g.sitting.at = g.rows[g.at].e.Item.Index
			return g.app.push(newWalk(g.sitting))
		}
	case "space":
		if g.at < len(g.rows) && g.rows[g.at].e.Item != nil {
			i := g.rows[g.at].e.Item.Index
			if g.marked[i] = !g.marked[i]; !g.marked[i] {
				delete(g.marked, i)
			}
			g.step(1, 1)
		}
	case "a":
		return g.makeAction()
	case "A":
		return g.accept()
	case "f":
		return newFilterForm(g.sitting, g.filter, "all", []stateFilter{notAccepted, accepted, lapsed, unrated, planned, unplanned, supported, toConfirm}, func(f filter) tea.Cmd {
			g.filter = f
			return g.Init()
		})
	case "esc":
		return g.app.back()
	}
	return nil
}

// step moves n items in a direction, past headings.
func (g *gapList) step(dir, n int) {
	for i := g.at + dir; n > 0 && i >= 0 && i < len(g.rows); i += dir {
		if g.rows[i].e.Item != nil {
			g.at = i
			n--
		}
	}
}

func (g *gapList) Head(w int) []string {
	a, t := g.app, g.app.theme
	rule := "order: priority, size, evidence, id"
	if w >= listWidth {
		rule = "order: " + assessment.OrderRule
	}
	if f := g.filter.String(); f != "" {
		rule = "filter: " + f
	}
	if n := len(g.marked); n > 0 {
		rule = fmt.Sprintf("%d marked", n)
	}
	return []string{g.title(), a.ends(t.Label.Render(fmt.Sprintf(" GAPS %d", g.gaps))+t.Faint.Render(fmt.Sprintf(" %s %d accepted %s %d unknown", t.Glyph.Dot, g.accepted, t.Glyph.Dot, g.unknown)), t.Faint.Render(a.cut(rule, w-40)+" "), w)}
}

func (g *gapList) View(w, h int) string {
	a, t := g.app, g.app.theme
	if len(g.rows) == 0 {
		tl := g.s.Tally()
		text := fmt.Sprintf("No gaps to show. %d items in profile, %d rated, %d with a target; a gap needs both.", tl.InProfile, tl.Rated(), tl.Targeted)
		if f := g.filter.String(); f != "" {
			text = "No gap matches the filter (" + f + "); f changes it."
		}
		return " " + lines(wrap(text, w-2)...)
	}
	today := a.cfg.Today()
	var out []string
	from := max(0, min(g.at-h/2, len(g.rows)-h))
	for i := from; i < min(len(g.rows), from+h); i++ {
		r := g.rows[i]
		if r.e.Item == nil {
			out = append(out, " "+t.Label.Render(r.heading))
			continue
		}
		row := g.row(r.e, today, w-3)
		mark := " "
		if g.marked[r.e.Item.Index] {
			mark = t.Glyph.Bullet
		}
		if i == g.at {
			out = append(out, t.Selected.Render(mark+t.Glyph.Cursor+" "+row))
		} else {
			out = append(out, mark+"  "+row)
		}
	}
	return lines(out...)
}

// chosen are the marked items in the order of the list, or the one at the cursor.
func (g *gapList) chosen() []assessment.Entry {
	var list []assessment.Entry
	for i, r := range g.rows {
		if r.e.Item != nil && (g.marked[r.e.Item.Index] || len(g.marked) == 0 && i == g.at) {
			list = append(list, r.e)
		}
	}
	return list
}

// makeAction asks for an action that closes the chosen gaps. Of a single one, what the pack suggests
// and who owns the item are proposed.
func (g *gapList) makeAction() tea.Cmd {
	list := g.chosen()
	if len(list) == 0 {
		return nil
	}
	var act assessment.Action
	for _, e := range list {
		act.Items = append(act.Items, e.Item.ID)
	}
	if first := list[0]; len(list) == 1 {
		act.Owner = first.Response.Owner
		if steps := first.Item.Actions; len(steps) > 0 {
			act.Title, act.Effort = steps[0].Text, steps[0].Effort
		}
	}
	return g.editAction(act, func() { clear(g.marked) })
}

// accept asks for the reason, the approver and the day for the chosen gaps, and accepts them in one act.
func (g *gapList) accept() tea.Cmd {
	if !g.mayType() {
		return nil
	}
	a := g.app
	list := slices.DeleteFunc(g.chosen(), func(e assessment.Entry) bool { return !e.Known() || e.Gap() == 0 })
	if len(list) == 0 {
		a.say("there is no gap here to accept: it needs a rating and a target above it")
		return nil
	}
	what := list[0].Item.ID.String()
	if len(list) > 1 {
		what = plural(len(list), "gap")
	}
	now := list[0].Response.Accepted
	if len(list) > 1 || now == nil {
		return g.editAcceptance(what, list, assessment.Acceptance{Expires: assessment.DayOf(a.cfg.Now().AddDate(1, 0, 0))})
	}
	a.show(&choice{
		app: a, title: "Accepted gap of " + what, text: fmt.Sprintf("%s Approved by %s; lapses on %s.", now.Reason, now.Approver, now.Expires),
		options: []option{
			{bind("change it", "c", "c"), func() tea.Cmd { return g.editAcceptance(what, list, *now) }},
			{bind("take it back", "d", "d"), func() tea.Cmd {
				return g.record(func() string { return what + " is no longer accepted" }, func(e *assessment.Edit) error { return e.Unaccept(list[0].Item.ID) })
			}},
		},
	})
	return nil
}

func (g *gapList) editAcceptance(what string, list []assessment.Entry, acc assessment.Acceptance) tea.Cmd {
	d := &struct{ reason, approver, expires string }{acc.Reason, acc.Approver, string(acc.Expires)}
	form, cmd := newForm(g.app, "Accept "+what, 14, func() tea.Cmd {
		return g.record(func() string { return what + " accepted until " + d.expires }, func(e *assessment.Edit) error {
			for _, entry := range list {
				if err := e.Accept(entry.Item.ID, assessment.Acceptance{Reason: d.reason, Approver: d.approver, Expires: assessment.Date(strings.TrimSpace(d.expires))}); err != nil {
					return err
				}
			}
			clear(g.marked)
			return nil
		})
	}, huh.NewGroup(
		huh.NewText().Title("Why is it accepted?").Lines(3).CharLimit(assessment.MaxNote).ExternalEditor(false).Value(&d.reason).Validate(needed),
		huh.NewInput().Title("Who approves it").Description("A name or a role that may.").CharLimit(assessment.MaxName).Value(&d.approver).Validate(needed),
		huh.NewInput().Title("Until when").Description("On that day it lapses. Current, target and attainment stay as they are.").Value(&d.expires).
			Validate(func(s string) error { return errors.Join(needed(s), isDate(s)) }),
	))
	g.app.show(form)
	return cmd
}

// row is one gap: id, title, levels, size, evidence, and on a wide screen owner and plan.
func (g *gapList) row(e assessment.Entry, today assessment.Date, w int) string {
	a, gl := g.app, g.app.theme.Glyph
	sub, _ := g.cat().Subcategory(e.Item.ID.Sub)
	size := "unknown"
	if e.Known() {
		size = strings.Repeat(gl.Full, e.Gap()) + strings.Repeat(gl.Empty, assessment.MaxLevel-e.Gap())
	}
	tail := a.pad(levels(a, e), 5) + " " + a.pad(size, 8) + a.pad(e.Response.Grade().String(), 12)
	var marks []string // what matters most first, for not all may fit
	short := ""
	for act := range g.s.ActionsFor(e.Item.ID) {
		marks, short = append(marks, act.ID), act.ID
	}
	if e.Response.ToConfirm {
		marks, short = slices.Insert(marks, 0, "to re-confirm"), "conf."
	}
	if e.Response.Accepted.InForce(today) {
		marks, short = slices.Insert(marks, 0, "accepted until "+string(e.Response.Accepted.Expires)), "acc."
	}
	if w >= 110 {
		tail += a.pad(e.Response.Owner, 22) + " " + a.pad(strings.Join(marks, " "), 30)
	} else {
		tail += a.pad(short, 5)
	}
	title := sub.Title
	if e.Priority != e.Item.Priority {
		title = "[draft: " + e.Item.Priority.String() + "] " + title
	}
	return a.pad(e.Item.ID.String(), 17) + a.pad(title, w-17-ansi.StringWidth(tail)-1) + " " + tail
}
