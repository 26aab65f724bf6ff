package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// filter chooses the items of a walk or a gap list. The zero value lets through the items of the
// session's path and areas, those out of profile among them.
type filter struct {
	area     *content.Area // nil: all
	part     string        // id of a Function or Category; "" for all
	priority content.Priority
	state    stateFilter
}

// stateFilter is a condition on an item's state.
type stateFilter uint8

const (
	onPath stateFilter = iota
	unrated
	rated
	withGap
	atTarget
	noTarget
	outOfProfile
	outsidePath
	areaOut
	atLevel0 // and the three that follow, one a level
	atLevel1
	atLevel2
	atLevel3
	supported
	inProfile // what roll-ups count
	toConfirm
	everything
	notAccepted // and the four that follow: of gaps alone, see gapList.shows
	accepted
	lapsed
	planned
	unplanned
)

var stateFilterNames = [...]string{
	"on the path", "unrated", "rated", "with a gap", "at target", "rated, no target", "out of profile", "outside the path",
	"Focus Area out of scope", "rated 0", "rated 1", "rated 2", "rated 3", "supported by evidence", "in profile", "to re-confirm", "all items",
	"not accepted", "accepted", "acceptance lapsed", "with an action", "without an action",
}

func (f filter) lets(e assessment.Entry) bool {
	id := e.Item.ID
	if f.area != nil && id.Area != *f.area ||
		!strings.HasPrefix(id.Sub, f.part) ||
		f.priority != 0 && e.Priority != f.priority {
		return false
	}
	isRated := e.State == assessment.Rated
	switch f.state {
	case onPath:
		return e.State.InProfile() || e.State == assessment.OutOfProfile
	case unrated:
		return e.State == assessment.Unanswered
	case rated:
		return isRated
	case withGap:
		return isRated && e.Gap() > 0
	case atTarget:
		return isRated && e.Known() && e.Gap() == 0
	case noTarget:
		return isRated && !e.Response.Target.Known()
	case outOfProfile:
		return e.State == assessment.OutOfProfile
	case outsidePath:
		return e.State == assessment.OutsidePath
	case areaOut:
		return e.State == assessment.AreaOutOfScope
	case atLevel0, atLevel1, atLevel2, atLevel3:
		n, _ := e.Response.Current.Level()
		return isRated && n == int(f.state-atLevel0)
	case inProfile:
		return e.State.InProfile()
	case supported:
		return isRated && e.Response.Grade().Supported()
	case toConfirm:
		return e.Response.ToConfirm
	}
	return true
}

// String names the conditions; "" when there are none.
func (f filter) String() string {
	var parts []string
	if f.area != nil {
		parts = append(parts, f.area.Label())
	}
	if f.part != "" {
		parts = append(parts, f.part)
	}
	if f.priority != 0 {
		parts = append(parts, f.priority.String()+" priority")
	}
	if f.state != onPath {
		parts = append(parts, stateFilterNames[f.state])
	}
	return strings.Join(parts, ", ")
}

// newFilterForm asks for a filter. The states that it offers, none being onPath and so called, are those
// that make sense to pick by hand; the others are set by a figure of the dashboard.
func newFilterForm(st *sitting, now filter, none string, states []stateFilter, accept func(filter) tea.Cmd) tea.Cmd {
	const all = -1
	a := st.app
	draft := struct {
		area, priority int
		part           string
		state          stateFilter
	}{all, int(now.priority), now.part, now.state}
	if now.area != nil {
		draft.area = int(*now.area)
	}
	d := &draft

	areas := []huh.Option[int]{huh.NewOption("all", all)}
	for _, area := range content.Areas {
		areas = append(areas, huh.NewOption(area.Label(), int(area)))
	}
	parts := []huh.Option[string]{huh.NewOption("all", "")}
	for f := range st.cat().Functions() {
		parts = append(parts, huh.NewOption(f.ID+" "+f.Name, f.ID))
	}
	priorities := []huh.Option[int]{huh.NewOption("all", 0)}
	for p := content.High; p <= content.Foundational; p++ {
		priorities = append(priorities, huh.NewOption(p.String(), int(p)))
	}
	if now.state != onPath && !slices.Contains(states, now.state) {
		states = append(states, now.state) // as a figure of the dashboard set it
	}
	choices := []huh.Option[stateFilter]{huh.NewOption(none, onPath)}
	for _, s := range states {
		choices = append(choices, huh.NewOption(stateFilterNames[s], s))
	}
	form, cmd := newForm(a, "Filter: left and right choose, enter goes on", 12, func() tea.Cmd {
		f := filter{part: d.part, priority: content.Priority(d.priority), state: d.state}
		if d.area != all {
			area := content.Area(d.area)
			f.area = &area
		}
		return accept(f)
	}, huh.NewGroup(
		huh.NewSelect[int]().Title("Focus Area").Options(areas...).Inline(true).Value(&d.area),
		huh.NewSelect[string]().Title("Function").Options(parts...).Inline(true).Value(&d.part),
		huh.NewSelect[int]().Title("Priority").Options(priorities...).Inline(true).Value(&d.priority),
		huh.NewSelect[stateFilter]().Title("State").Options(choices...).Inline(true).Value(&d.state),
	))
	a.show(form)
	return cmd
}

func (w *walk) askFilter() tea.Cmd {
	states := []stateFilter{unrated, rated, withGap, atTarget, noTarget, supported, toConfirm, outOfProfile, outsidePath, areaOut, everything}
	now := w.filter
	if len(now.part) > 2 {
		now.part = now.part[:2] // the form offers Functions
	}
	return newFilterForm(w.sitting, now, stateFilterNames[onPath], states, func(f filter) tea.Cmd {
		w.filter = f
		w.refilter()
		if len(w.visible) > 0 && !f.lets(w.s.Entry(w.at)) {
			w.goTo(w.visible[0])
		}
		return nil
	})
}

// finder looks for items by words of their id, title or question.
type finder struct {
	w     *walk
	input textinput.Model
	found []int // indices of items
	at    int   // the chosen one of found
}

func newFinder(w *walk) *finder {
	f := &finder{w: w, input: textinput.New()}
	f.input.Prompt = "/ "
	f.input.Placeholder = "words of the id, the title or the question"
	f.input.KeyMap.Paste.SetEnabled(false)
	w.app.theme.Input(&f.input)
	f.input.Focus()
	f.look()
	return f
}

// look finds the items that hold every word.
func (f *finder) look() {
	f.found, f.at = f.found[:0], 0
	words := strings.Fields(strings.ToLower(f.input.Value()))
	for it := range f.w.cat().Items() {
		sub, _ := f.w.cat().Subcategory(it.ID.Sub)
		text := strings.ToLower(it.ID.String() + " " + sub.Title + " " + it.Question)
		all := true
		for _, word := range words {
			all = all && strings.Contains(text, word)
		}
		if all {
			f.found = append(f.found, it.Index)
		}
	}
}

func (f *finder) Update(msg tea.Msg) tea.Cmd {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch press.String() {
		case "esc":
			f.w.app.close()
			return nil
		case "enter":
			f.w.app.close()
			if len(f.found) > 0 {
				f.w.goTo(f.found[f.at])
			}
			return nil
		case "up":
			f.at = max(0, f.at-1)
			return nil
		case "down":
			f.at = max(0, min(len(f.found)-1, f.at+1))
			return nil
		}
	}
	before := f.input.Value()
	var cmd tea.Cmd
	f.input, cmd = f.input.Update(msg)
	if f.input.Value() != before {
		f.look()
	}
	return cmd
}

func (f *finder) View(w, h int) string {
	a, t := f.w.app, f.w.app.theme
	f.input.SetWidth(w - 4)
	rows := min(10, max(1, h-3))
	out := []string{f.input.View(), t.Faint.Render(fmt.Sprintf("%d of %d items", len(f.found), f.w.cat().Len()))}
	from := max(0, min(f.at-rows/2, len(f.found)-rows))
	for i := from; i < from+rows; i++ {
		if i >= len(f.found) {
			out = append(out, strings.Repeat(" ", w))
			continue
		}
		it := f.w.cat().At(f.found[i])
		sub, _ := f.w.cat().Subcategory(it.ID.Sub)
		row := a.pad(it.ID.String(), 16) + " " + sub.Title + ": " + it.Question
		if i == f.at {
			out = append(out, t.Selected.Render(a.pad(t.Glyph.Cursor+row, w)))
		} else {
			out = append(out, a.pad(" "+row, w))
		}
	}
	return lines(out...)
}

func (f *finder) Cursor() *tea.Cursor { return f.input.Cursor() }

func (f *finder) Keys() keys {
	return keys{short: []key.Binding{bind("go there", "enter", "enter"), bind("choose", f.w.app.theme.Glyph.Updown, "up", "down"), cancelKey}}
}
