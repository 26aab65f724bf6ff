package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"plumbline/assessment"
	"plumbline/content"
)

// about writes all that is known of the item in front, in lines of at most width cells.
func (w *walk) about(width int) []string {
	a := w.app
	it, r := w.cat().At(w.at), w.s.Response(w.at)
	sub, _ := w.cat().Subcategory(it.ID.Sub)
	p := &page{app: a, width: width}

	if a.showOfficial {
		p.official(a.official, sub)
	}
	if r.Note != "" {
		p.section("NOTE", r.Note)
	}
	if len(r.Evidence) > 0 {
		p.head("EVIDENCE")
		for _, ev := range r.Evidence {
			p.bullet(evidenceText(ev))
		}
	}
	if r.PriorityReason != "" {
		p.section("PRIORITY", fmt.Sprintf("%s instead of the draft's %s: %s", r.Priority, it.Priority, r.PriorityReason))
	}
	if acc := r.Accepted; acc != nil {
		p.section("ACCEPTED GAP", fmt.Sprintf("%s Approved by %s; lapses on %s.", acc.Reason, acc.Approver, acc.Expires))
	}
	for act := range w.s.ActionsFor(it.ID) {
		p.section("ACTION "+act.ID, actionText(act))
	}

	p.section("WHY", it.Why)
	p.list("FULLY MEANS", it.GoodPractice)
	p.list("ASK TO SEE", it.Evidence)
	p.section("ASK", strings.Join(it.Roles, ", "))
	p.head("IF THERE IS A GAP")
	for _, s := range it.Actions {
		p.bullet(s.Text + " (" + effort(s.Effort) + ")")
	}
	if r.Target.Known() && r.TargetReason != "" {
		by := ""
		if r.Preset != "" {
			by = " (preset " + r.Preset + ")"
		}
		p.section("TARGET", r.TargetReason+by)
	}
	p.head("THE LEVELS (the weaker half decides)")
	for n := 0; n <= assessment.MaxLevel; n++ {
		p.bullet(fmt.Sprintf("%d %s: %s", n, assessment.LevelWord(n), assessment.LevelTest(n)))
	}

	if !a.showOfficial {
		p.section("THE OUTCOME, IN OUR WORDS", sub.Title+": "+sub.Outcome)
	}
	p.head(fmt.Sprintf("THE DRAFT, RESTATED (%s, p. %d)", w.document(), it.Page))
	if it.StandardPractices {
		p.bullet("Standard cybersecurity practices apply.")
	}
	for _, d := range []struct{ what, text string }{
		{"In general: ", sub.General}, {"Considerations: ", it.Considerations}, {"Opportunities: ", it.Opportunities},
	} {
		if d.text != "" {
			p.bullet(d.what + d.text)
		}
	}
	p.head("INFORMATIVE REFERENCES, AS THE DRAFT CITES THEM")
	for _, l := range referenceLines(w.cat(), sub, it) {
		p.bullet(l)
	}
	whose := "Questions and wording are Plumbline's, not NIST's."
	if a.showOfficial {
		whose = "But for the outcome and the examples that are called NIST's, questions and wording are Plumbline's."
	}
	p.section("SOURCE", fmt.Sprintf("%s. Its status: %s. %s", w.cat().Pack().Document, w.cat().Pack().Status, whose))
	return p.lines
}

// page collects wrapped text.
type page struct {
	app   *App
	width int
	lines []string
}

func (p *page) head(label string) {
	if len(p.lines) > 0 {
		p.lines = append(p.lines, "")
	}
	p.lines = append(p.lines, " "+p.app.theme.Label.Render(p.app.cut(label, p.width-1)))
}

func (p *page) section(label, text string) {
	p.head(label)
	for _, l := range wrap(p.app.plain(text), p.width-4) {
		p.lines = append(p.lines, "   "+l)
	}
}

// note adds prose below a heading.
func (p *page) note(text string) {
	for _, l := range wrap(p.app.plain(text), p.width-4) {
		p.lines = append(p.lines, p.app.theme.Faint.Render("   "+l))
	}
}

func (p *page) list(label string, items []string) {
	p.head(label)
	for _, s := range items {
		p.bullet(s)
	}
}

func (p *page) bullet(text string) {
	for i, l := range wrap(p.app.plain(text), p.width-6) {
		mark := " "
		if i == 0 {
			mark = p.app.theme.Glyph.Bullet
		}
		p.lines = append(p.lines, "   "+mark+" "+l)
	}
}

func effort(e string) string {
	return map[string]string{"S": "S: days", "M": "M: weeks", "L": "L: months"}[e]
}

func evidenceText(ev assessment.Evidence) string {
	s := fmt.Sprintf("%s, %s: %s", ev.Method, ev.Date, ev.Ref)
	if ev.SHA256 != "" {
		s += fmt.Sprintf(" (%s, SHA-256 %.12s…)", ev.File, ev.SHA256)
	}
	return s
}

func actionText(act assessment.Action) string {
	parts := []string{act.Title, string(act.Status)}
	if act.Owner != "" {
		parts = append(parts, act.Owner)
	}
	if act.Due != "" {
		parts = append(parts, "due "+string(act.Due))
	}
	return strings.Join(parts, " · ")
}

// referenceLines lists the draft's references of an item, one line a scheme.
func referenceLines(cat *content.Catalog, sub *content.Subcategory, it *content.Item) []string {
	var out []string
	if len(sub.DraftSP800) > 0 {
		out = append(out, "SP 800-53: "+strings.Join(sub.DraftSP800, ", "))
	}
	refs := append(slices.Clone(sub.References), it.References...)
	var schemes []string
	for _, r := range refs {
		if !slices.Contains(schemes, r.Scheme) {
			schemes = append(schemes, r.Scheme)
		}
	}
	for _, id := range schemes {
		var names []string
		for _, r := range refs {
			if r.Scheme == id {
				names = append(names, r.String())
			}
		}
		line := strings.Join(names, "; ")
		if s, ok := cat.Scheme(id); ok && !s.Open {
			line = s.Title + ": " + line
		}
		out = append(out, line)
	}
	return out
}

// references draws the panel that stands beside the item on a wide screen.
func (w *walk) references(width, h int) string {
	a := w.app
	it := w.cat().At(w.at)
	sub, _ := w.cat().Subcategory(it.ID.Sub)
	p := &page{app: a, width: width}
	p.section(sub.ID+" "+strings.ToUpper(sub.Title), sub.Outcome)
	p.head("REFERENCES THAT THE DRAFT CITES")
	for _, l := range referenceLines(w.cat(), sub, it) {
		p.bullet(l)
	}
	if len(p.lines) > h {
		p.lines = append(p.lines[:h-1], a.theme.Faint.Render(fmt.Sprintf("   %s %d more lines", a.theme.Glyph.Ellipsis, len(p.lines)-h+1)))
	}
	return lines(p.lines...)
}

// list draws the items of the walk around the present one, by Category.
func (w *walk) list(width, h int) string {
	a, t := w.app, w.app.theme
	const heading = -1
	type row struct {
		index int    // of the item, or heading
		cat   string // id of the Category
	}
	var rows []row
	here, last := 0, ""
	for _, i := range w.visible {
		c := w.cat().At(i).ID.Category()
		if c != last {
			rows = append(rows, row{heading, c})
			last = c
		}
		if i <= w.at {
			here = len(rows)
		}
		rows = append(rows, row{i, c})
	}
	from := max(0, min(here-h/2, len(rows)-h))
	var out []string
	for _, r := range rows[from:min(len(rows), from+h)] {
		if r.index == heading {
			cat, _ := w.cat().Category(r.cat)
			out = append(out, " "+t.Label.Render(a.cut(cat.ID+" "+cat.Name, width-2)))
			continue
		}
		e := w.s.Entry(r.index)
		sub, _ := w.cat().Subcategory(e.Item.ID.Sub)
		mark, style := " ", t.Text
		if r.index == w.at {
			mark, style = t.Glyph.Cursor, t.Selected
		}
		id := fmt.Sprintf("%s%s %s ", mark, e.Item.ID.Sub, e.Item.ID.Area.Label()[:1])
		state, title := a.pad(levels(a, e), 5), a.pad(" "+sub.Title, width-1-ansi.StringWidth(id)-5)
		if n, ok := e.Response.Current.Level(); ok && r.index != w.at {
			state = t.Levels[n].Render(state)
			out = append(out, id+state+title)
			continue
		}
		out = append(out, style.Render(id+state+title))
	}
	return lines(out...)
}

// levels is current and target in five cells: "1→3".
func levels(a *App, e assessment.Entry) string {
	if e.State == assessment.OutOfProfile {
		return "out"
	}
	dash := a.theme.Glyph.Dash
	show := func(r assessment.Rating) string {
		if r.Known() {
			return r.String()
		}
		return dash
	}
	return show(e.Response.Current) + a.theme.Glyph.Arrow + show(e.Response.Target)
}
