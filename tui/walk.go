package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"plumbline/assessment"
	"plumbline/content"
)

// walk is the heart: one item in front of the person, rated by single keys.
type walk struct {
	*sitting
	filter  filter
	visible []int // indices of the items that the filter lets through, in Core order
	scroll  int   // first line of the detail that is shown
	pages   int   // lines that pgdn moves by, as last drawn
}

func newWalk(st *sitting) screen { return newWalkOn(st, filter{}) }

// newWalkOn walks through the items of a filter, from the first of them unless the present item is
// one.
func newWalkOn(st *sitting, f filter) *walk {
	w := &walk{sitting: st, filter: f}
	w.refilter()
	if e := st.s.Entry(st.at); !f.lets(e) && len(w.visible) > 0 {
		w.at = w.visible[0]
	}
	return w
}

// Init looks at the session anew: it may have changed since the walk was last in front.
func (w *walk) Init() tea.Cmd {
	w.refilter()
	return nil
}

func (w *walk) refilter() {
	w.visible = w.visible[:0]
	for e := range w.s.Entries() {
		if w.filter.lets(e) {
			w.visible = append(w.visible, e.Item.Index)
		}
	}
}

func (w *walk) id() content.ItemID { return w.cat().At(w.at).ID }

var walkKeys = struct {
	Rate, Target, Clear, Out, Note, Evidence, Owner, Priority, Base, Inherit, Confirm, Undo, Redo,
	Item, Category, Function, Area, Next, Scroll, Official, Search, Filter, NoFilter, Lenses, Targets, Path key.Binding
}{
	Rate:     bind("rate, and on to the next unrated", "0-3", "0", "1", "2", "3"),
	Target:   bind("target", "t", "t"),
	Clear:    bind("clear the rating", "backspace", "backspace", "delete"),
	Out:      bind("out of profile, or back", "x", "x"),
	Note:     bind("note", "n", "n"),
	Evidence: bind("evidence", "e", "e"),
	Owner:    bind("owner", "o", "o"),
	Priority: bind("priority of your own", "p", "p"),
	Base:     bind("base rating of the Subcategory", "b", "b"),
	Inherit:  bind("inherit the base rating", "i", "i"),
	Confirm:  bind("re-confirm as it stands", "c", "c"),
	Undo:     bind("undo", "u", "u"),
	Redo:     bind("redo", "ctrl+r", "ctrl+r"),
	Item:     bind("item", "j k ↑ ↓", "j", "k", "down", "up"),
	Category: bind("Category", "h l [ ]", "h", "l", "[", "]", "left", "right"),
	Function: bind("Function", "H L { }", "H", "L", "{", "}"),
	Area:     bind("Focus Area", "tab", "tab", "shift+tab"),
	Next:     bind("next unrated", "N", "N"),
	Scroll:   bind("scroll the text", "pgup pgdn", "pgup", "pgdown"),
	Official: bind("NIST's official wording, or without", "w", "w"),
	Search:   bind("search", "/", "/"),
	Filter:   bind("filter", "f", "f"),
	NoFilter: bind("no filter", "F", "F"),
	Lenses:   bind("other frameworks", "r", "r"),
	Targets:  bind("targets of many items, by preset", "T", "T"),
	Path:     bind("path: which priorities are asked", "P", "P"),
}

func (w *walk) Keys() keys {
	k := walkKeys
	short := func(b key.Binding, desc string) key.Binding {
		b.SetHelp(b.Help().Key, desc)
		return b
	}
	return keys{
		short: []key.Binding{
			short(k.Rate, "rate"), k.Target, k.Note, k.Evidence, short(k.Out, "out"), short(k.Area, "area"),
			k.Search, k.Filter, global.Dashboard, global.Gaps, global.Menu, global.Back,
		},
		full: []keyGroup{
			{"Answer", []key.Binding{k.Rate, k.Target, k.Clear, k.Out, k.Note, k.Evidence, k.Owner, k.Priority, k.Base, k.Inherit, k.Confirm, k.Targets, k.Undo, k.Redo}},
			{"Read", []key.Binding{k.Scroll, k.Official, k.Lenses}},
			{"Move", []key.Binding{k.Item, k.Category, k.Function, k.Area, k.Next, k.Search, k.Filter, k.NoFilter, k.Path}},
			globalKeys,
		},
	}
}

func (w *walk) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := w.siblings(press); done {
		return cmd
	}
	if w.move(press.String()) {
		return nil
	}
	a, id := w.app, w.id()
	if key.Matches(press, walkKeys.Target, walkKeys.Out, walkKeys.Note, walkKeys.Evidence, walkKeys.Owner, walkKeys.Priority, walkKeys.Base, walkKeys.Targets, walkKeys.Path) && !w.mayType() {
		return nil
	}
	switch s := press.String(); s {
	case "0", "1", "2", "3":
		return w.rate(int(s[0] - '0'))
	case "t":
		w.askTarget()
	case "backspace", "delete":
		cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Rate(id, assessment.Unrated) })
		if ok && cmd != nil {
			a.say("%s is unrated again; u takes that back", id)
		}
		return cmd
	case "x":
		return w.toggleProfile()
	case "n":
		a.show(newEditor(a, "Note on "+id.String(), w.s.Response(w.at).Note, func(text string) tea.Cmd {
			cmd, _ := w.do("", func(e *assessment.Edit) error { return e.Note(id, text) })
			return cmd
		}))
	case "e":
		return w.editEvidence()
	case "o":
		a.show(newPrompt(a, "Owner of "+id.String(), "Who answers for this item: a name or a role.", w.s.Response(w.at).Owner,
			func(text string) tea.Cmd {
				cmd, _ := w.do("", func(e *assessment.Edit) error { return e.Owner(id, text) })
				return cmd
			}))
	case "p":
		w.askPriority()
	case "b":
		w.askBase()
	case "i":
		cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Inherit(id) })
		if ok && cmd != nil {
			a.say("%s inherits the base rating of %s", id, id.Sub)
			w.forward()
		}
		return cmd
	case "c":
		return w.confirm()
	case "u", "ctrl+r":
		w.scroll = 0
		cat := w.cat()
		cmd := w.rewind(s == "u")
		if w.cat() != cat { // the act was a migration
			w.refilter()
			a.stack = []screen{a.stack[0], w} // the screens between show items of the other pack
		}
		return cmd
	case "w":
		w.scroll = 0
		return a.toggleOfficial()
	case "/":
		a.show(newFinder(w))
	case "T":
		w.askPreset()
	case "P":
		w.askPath()
	case "r":
		a.show(newLenses(w))
	case "f":
		return w.askFilter()
	case "F":
		w.filter = filter{}
		w.refilter()
	case "esc":
		return a.back()
	}
	return nil
}

// confirm says that what was answered before the pack changed the item still holds.
func (w *walk) confirm() tea.Cmd {
	id := w.id()
	if !w.s.Response(w.at).ToConfirm {
		w.app.say("%s has nothing to re-confirm", id)
		return nil
	}
	cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Confirm(id) })
	if ok {
		w.app.say("%s is confirmed  (u undoes)", id)
	}
	return cmd
}

// rate sets the current rating and goes on to the next unrated item.
func (w *walk) rate(level int) tea.Cmd {
	id := w.id()
	r, err := assessment.AtLevel(level)
	if err != nil {
		w.app.fail("not rated", err)
		return nil
	}
	cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Rate(id, r) })
	if !ok {
		return cmd
	}
	w.app.say("%s: %s %s  (u undoes)", id, r, r.Word())
	if _, more := w.nextUnrated(); !more {
		w.app.say("%s: %s %s  (u undoes). Nothing here is left unrated: D, G and R show where you stand", id, r, r.Word())
	}
	w.forward()
	return cmd
}

// forward goes to the next unrated item, and stays where there is none.
func (w *walk) forward() {
	if i, ok := w.nextUnrated(); ok {
		w.goTo(i)
	}
}

func (w *walk) nextUnrated() (int, bool) {
	first := -1
	for _, i := range w.visible {
		if w.s.Entry(i).State != assessment.Unanswered || i == w.at {
			continue
		}
		if i > w.at {
			return i, true
		}
		if first < 0 {
			first = i
		}
	}
	return first, first >= 0
}

func (w *walk) goTo(index int) {
	w.at, w.scroll = index, 0
}

// move handles the keys that only move. It reports whether the key was one.
func (w *walk) move(s string) bool {
	switch s {
	case "j", "down":
		w.step(1, func(content.ItemID) string { return "" })
	case "k", "up":
		w.step(-1, func(content.ItemID) string { return "" })
	case "l", "]", "right":
		w.step(1, content.ItemID.Category)
	case "h", "[", "left":
		w.step(-1, content.ItemID.Category)
	case "L", "}":
		w.step(1, content.ItemID.Function)
	case "H", "{":
		w.step(-1, content.ItemID.Function)
	case "tab", "shift+tab":
		if s == "shift+tab" {
			w.turn(len(content.Areas) - 1)
		} else {
			w.turn(1)
		}
	case "N":
		if i, ok := w.nextUnrated(); ok {
			w.goTo(i)
		} else {
			w.app.say("nothing here is left unrated")
		}
	case "pgdown":
		w.scroll += w.pages
	case "pgup":
		w.scroll = max(0, w.scroll-w.pages)
	case "home":
		w.scroll = 0
	default:
		return false
	}
	return true
}

// turn goes to the item of another Focus Area, by so many steps or as many more as it takes: a pack
// need not have all three items of a Subcategory.
func (w *walk) turn(by int) {
	id := w.id()
	for range content.Areas {
		id.Area = content.Area((int(id.Area) + by) % len(content.Areas))
		if i, ok := w.cat().Index(id); ok {
			w.goTo(i)
			return
		}
	}
}

// step goes to the next visible item in one direction whose part of the Core differs from the present
// one; backwards, to the first item of that part.
func (w *walk) step(dir int, part func(content.ItemID) string) {
	cat := w.cat()
	here := part(w.id())
	to, found := -1, ""
	n := len(w.visible)
	for k := range n {
		i := w.visible[k]
		if dir < 0 {
			i = w.visible[n-1-k]
		}
		if (i-w.at)*dir <= 0 {
			continue
		}
		p := part(cat.At(i).ID)
		if here == "" { // item by item
			to = i
			break
		}
		if p == here {
			continue
		}
		if to >= 0 && p != found {
			break
		}
		if to, found = i, p; dir > 0 {
			break
		}
	}
	if to < 0 {
		w.app.say("that is the end of the walk")
		return
	}
	w.goTo(to)
}

func (w *walk) askTarget() {
	a, id, r := w.app, w.id(), w.s.Response(w.at)
	set := func(target assessment.Rating) tea.Cmd {
		save := func(reason string) tea.Cmd {
			cmd, _ := w.do("", func(e *assessment.Edit) error { return e.Target(id, target, reason) })
			return cmd
		}
		if !target.Known() {
			return save("")
		}
		reason := ""
		if r.Preset == "" {
			reason = r.TargetReason
		}
		a.show(newPrompt(a, fmt.Sprintf("Why %s %s for %s?", target, target.Word(), id),
			"The rationale stands in the report beside the target. Enter alone leaves it empty.", reason, save))
		return nil
	}
	c := &choice{app: a, title: "Target of " + id.String(), text: targetText(r)}
	for n := 1; n <= assessment.MaxLevel; n++ {
		target, _ := assessment.TargetAt(n) // 1 to MaxLevel are targets
		c.options = append(c.options, option{
			bind(target.Word(), target.String(), target.String()),
			func() tea.Cmd { return set(target) },
		})
	}
	c.options = append(c.options, option{
		bind("no target", "backspace", "backspace", "0"),
		func() tea.Cmd { return set(assessment.NoTarget) },
	})
	a.show(c)
}

// askPreset sets the targets of all items in profile at once, with one rationale; individual targets
// stay.
func (w *walk) askPreset() {
	a := w.app
	c := &choice{
		app: a, title: "Targets of all items in profile",
		text: "One level for all, with one rationale. Targets that were set one by one stay. Other presets: plumbline target --help.",
	}
	for n := 1; n <= assessment.MaxLevel; n++ {
		preset, err := assessment.AllAt(n)
		if err != nil {
			continue // 1 to MaxLevel are targets
		}
		would := w.s.Preview(preset, false)
		desc := fmt.Sprintf("%s: sets %d, leaves %d", assessment.LevelWord(n), would.Set, would.Kept+would.Same)
		c.options = append(c.options, option{bind(desc, fmt.Sprint(n), fmt.Sprint(n)), func() tea.Cmd {
			a.show(newPrompt(a, "Why these targets?", "The rationale stands beside each target that is set. It is needed.", "", func(reason string) tea.Cmd {
				cmd, ok := w.do(reason, func(e *assessment.Edit) error {
					_, err := e.Apply(preset, reason, false)
					return err
				})
				if ok {
					a.say("%d targets set, %d left as they were; u takes it back", would.Set, would.Kept+would.Same)
				}
				return cmd
			}))
			return nil
		}})
	}
	a.show(c)
}

// askPath switches the path. Nothing is lost: what is off the path is kept, and not counted.
func (w *walk) askPath() {
	a := w.app
	c := &choice{app: a, title: "Path", text: fmt.Sprintf("Now: %s. Switching loses nothing: answers off the path are kept, and not counted.", w.s.Info().Path)}
	for i, p := range assessment.Paths {
		n := fmt.Sprint(i + 1)
		c.options = append(c.options, option{bind(string(p)+": "+pathText[p], n, n), func() tea.Cmd {
			cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Info(func(in *assessment.Info) { in.Path = p }) })
			if ok {
				w.refilter()
				a.say("%s path: %d items", p, len(w.visible))
			}
			return cmd
		}})
	}
	a.show(c)
}

func targetText(r *assessment.Response) string {
	switch {
	case !r.Target.Known():
		return "Now: no target."
	case r.Preset != "":
		return fmt.Sprintf("Now: %s %s, set by the preset %s: %s", r.Target, r.Target.Word(), r.Preset, r.TargetReason)
	case r.TargetReason != "":
		return fmt.Sprintf("Now: %s %s: %s", r.Target, r.Target.Word(), r.TargetReason)
	}
	return fmt.Sprintf("Now: %s %s.", r.Target, r.Target.Word())
}

func (w *walk) toggleProfile() tea.Cmd {
	a, id := w.app, w.id()
	if w.s.Response(w.at).Out != "" {
		cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Include(id) })
		if ok {
			a.say("%s is in profile again", id)
		}
		return cmd
	}
	a.show(newPrompt(a, "Take "+id.String()+" out of profile: why?",
		"Not applicable, or deliberately not pursued. The reason stands in the report; the rating is kept and not counted.", "",
		func(reason string) tea.Cmd {
			cmd, ok := w.do(reason, func(e *assessment.Edit) error { return e.Exclude(id, reason) })
			if ok {
				w.forward()
			}
			return cmd
		}))
	return nil
}

// askPriority sets the organization's own priority, with a reason, or goes back to the draft's.
func (w *walk) askPriority() {
	a, id := w.app, w.id()
	it, r := w.cat().At(w.at), w.s.Response(w.at)
	text := fmt.Sprintf("The draft: %s. ", it.Priority)
	if r.Priority.Valid() {
		text += fmt.Sprintf("Yours: %s, because: %s ", r.Priority, r.PriorityReason)
	}
	c := &choice{app: a, title: "Priority of " + id.String(), text: text + "A priority says what to do first, and decides whether the item is on the path. It is no weight."}
	set := func(p content.Priority, reason string) tea.Cmd {
		cmd, ok := w.do(reason, func(e *assessment.Edit) error { return e.Prioritize(id, p, reason) })
		if ok && cmd != nil {
			w.refilter()
			a.say("%s: %s priority  (u undoes)", id, w.s.Entry(it.Index).Priority)
		}
		return cmd
	}
	for p := content.High; p <= content.Foundational; p++ {
		n := fmt.Sprint(int(p))
		if p == it.Priority {
			c.options = append(c.options, option{bind(p.String()+", as the draft proposes", n, n), func() tea.Cmd { return set(0, "") }})
			continue
		}
		c.options = append(c.options, option{bind(p.String(), n, n), func() tea.Cmd {
			a.show(newPrompt(a, fmt.Sprintf("Why %s rather than %s?", p, it.Priority), "The reason stands in the report, and the draft's priority beside yours.", r.PriorityReason,
				func(reason string) tea.Cmd { return set(p, reason) }))
			return nil
		}})
	}
	a.show(c)
}

func (w *walk) askBase() {
	a, sub := w.app, w.id().Sub
	follow := 0
	for area := range content.Areas {
		if i, ok := w.cat().Index(content.ItemID{Sub: sub, Area: content.Area(area)}); ok && w.s.Response(i).Inherited {
			follow++
		}
	}
	base := w.s.Base(sub)
	text := fmt.Sprintf("A rating of the plain CSF outcome, apart from AI. Now: %s. ", ratingText(base.Current))
	switch {
	case follow > 0:
		text += fmt.Sprintf("%d of its items inherit it and will follow.", follow)
	default:
		text += "Items where the draft says that standard practices apply can inherit it (i)."
	}
	c := &choice{app: a, title: "Base rating of " + sub, text: text}
	set := func(r assessment.Rating) func() tea.Cmd {
		return func() tea.Cmd {
			cmd, ok := w.do("", func(e *assessment.Edit) error { return e.Base(sub, r, base.Note) })
			if ok {
				a.say("base rating of %s: %s", sub, ratingText(r))
			}
			return cmd
		}
	}
	for n := 0; n <= assessment.MaxLevel; n++ {
		r, _ := assessment.AtLevel(n) // 0 to MaxLevel are levels
		c.options = append(c.options, option{bind(r.Word(), r.String(), r.String()), set(r)})
	}
	c.options = append(c.options, option{bind("no base rating", "backspace", "backspace"), set(assessment.Unrated)})
	a.show(c)
}

func ratingText(r assessment.Rating) string {
	if !r.Known() {
		return "unrated"
	}
	return r.String() + " " + r.Word()
}

// Head names the item: where it stands in the Core, its Focus Area, its priority and page.
func (w *walk) Head(width int) []string {
	a, t := w.app, w.app.theme
	it := w.cat().At(w.at)
	e := w.s.Entry(w.at)
	fn, _ := w.cat().Function(it.ID.Function())
	cat, _ := w.cat().Category(it.ID.Category())
	sub, _ := w.cat().Subcategory(it.ID.Sub)

	crumb := " " + t.Glyph.Crumb + " "
	where := fn.Name + crumb + cat.ID + " " + cat.Name + crumb + sub.ID + " " + sub.Title
	if ansi.StringWidth(where) > width-10 {
		where = fn.Name + crumb + cat.ID + crumb + sub.ID + " " + sub.Title
	}
	rank := 0
	for k, i := range w.visible {
		if i == w.at {
			rank = k + 1
		}
	}
	place := fmt.Sprintf("%d/%d ", rank, len(w.visible))
	if rank == 0 {
		place = fmt.Sprintf("not among the %d ", len(w.visible))
	}

	var tabs []string
	for _, area := range content.Areas {
		switch {
		case area == it.ID.Area:
			tabs = append(tabs, t.Chip.Render("["+area.Label()+"]"))
		case w.s.Info().Areas[area].Out:
			tabs = append(tabs, t.Faint.Render("("+area.Label()+")"))
		default:
			tabs = append(tabs, " "+area.Label()+" ")
		}
	}
	page := fmt.Sprintf("%s p. %d ", strings.TrimSuffix(w.document(), " iprd"), it.Page)
	right := fmt.Sprintf("%s priority %s %s", e.Priority, t.Glyph.Dot, page)
	if e.Priority != it.Priority {
		right = fmt.Sprintf("%s priority (the draft: %s) %s %s", e.Priority, it.Priority, t.Glyph.Dot, page)
	}
	title := w.title() + t.Faint.Render(fmt.Sprintf("  %s path", w.s.Info().Path))
	return []string{
		title,
		a.ends(" "+where, t.Faint.Render(place), width),
		a.ends(" "+strings.Join(tabs, " "), t.Faint.Render(right), width),
	}
}

func (w *walk) View(width, h int) string {
	a := w.app
	switch {
	case width >= panelWidth:
		list, panel := 44, 44
		return a.columns(h,
			column{w.list(list-1, h), list - 1}, column{a.wall(h), 1},
			column{w.item(width-list-panel, h), width - list - panel},
			column{a.wall(h), 1}, column{w.references(panel-1, h), panel - 1})
	case width >= listWidth:
		list := 42
		return a.columns(h, column{w.list(list-1, h), list - 1}, column{a.wall(h), 1}, column{w.item(width-list, h), width - list})
	}
	return w.item(width, h)
}

// item draws the item: the question and its ratings stay, the text below scrolls.
func (w *walk) item(width, h int) string {
	a, t := w.app, w.app.theme
	it := w.cat().At(w.at)
	var top []string
	if len(w.visible) == 0 {
		top = append(top, t.Warn.Render(" Nothing matches the filter ("+w.filter.String()+"); f changes it, F drops it."))
	} else if f := w.filter.String(); f != "" {
		top = append(top, t.Faint.Render(a.cut(" filter: "+f+"  (F drops it)", width)))
	}
	for _, l := range wrap(it.Question, width-2) {
		top = append(top, " "+t.Strong.Render(a.plain(l)))
	}
	top = append(top, "", w.ratings(width))
	for _, l := range w.standing(width - 2) {
		top = append(top, " "+l)
	}
	if it.Hint != "" {
		for _, l := range wrap(a.plain("Hint: "+it.Hint), width-2) {
			top = append(top, t.Faint.Render(" "+l))
		}
	}
	top = append(top, "")

	text := w.about(width)
	room := max(1, h-len(top))
	w.pages = max(1, room-2)
	return lines(append(top, a.scrolled(text, &w.scroll, width, room)...)...)
}

// ratings draws the scale with the current rating and the target.
func (w *walk) ratings(width int) string {
	a, t, r := w.app, w.app.theme, w.s.Response(w.at)
	target := t.Faint.Render("no target")
	if r.Target.Known() {
		target = t.Strong.Render(r.Target.String() + " " + short(r.Target))
	}
	level, rated := r.Current.Level()
	var scale []string
	for n := 0; n <= assessment.MaxLevel; n++ {
		l, _ := assessment.AtLevel(n) // 0 to MaxLevel are levels
		word := fmt.Sprintf("%d %s", n, short(l))
		if rated && n == level {
			scale = append(scale, t.Levels[n].Bold(true).Render("["+word+"]"))
		} else if width >= 70 {
			scale = append(scale, " "+word+" ")
		}
	}
	if !rated && width < 70 {
		scale = append(scale, "unrated")
	}
	left := " " + t.Label.Render("CURRENT") + " " + strings.Join(scale, " ")
	return a.ends(left, t.Label.Render("TARGET")+" "+target+" ", width)
}

// short is the first word of a level: "Partially".
func short(r assessment.Rating) string {
	word, _, _ := strings.Cut(r.Word(), " ")
	return word
}

// standing says in words what the session holds for the item.
func (w *walk) standing(width int) []string {
	a, t := w.app, w.app.theme
	e := w.s.Entry(w.at)
	r := e.Response
	var parts []string
	switch e.State {
	case assessment.OutOfProfile:
		text := "OUT OF PROFILE: " + r.Out
		if r.ToConfirm {
			text = reconfirm + " " + t.Glyph.Dot + " " + text
		}
		return wrap(t.Plain(text), width)
	case assessment.AreaOutOfScope:
		parts = append(parts, "Focus Area out of scope ("+w.s.Info().Areas[e.Item.ID.Area].Decided()+"): kept, not counted")
	case assessment.OutsidePath:
		parts = append(parts, fmt.Sprintf("outside the %s path: kept, not counted", w.s.Info().Path))
	}
	if r.ToConfirm {
		parts = append(parts, reconfirm)
	}
	switch {
	case e.Known() && e.Gap() > 0:
		parts = append(parts, fmt.Sprintf("gap %d", e.Gap()))
	case e.Known():
		parts = append(parts, "at target")
	case !r.Current.Known():
		parts = append(parts, "unrated")
	}
	if r.Inherited {
		parts = append(parts, "inherited from the base rating")
	} else if base := w.s.Base(e.Item.ID.Sub).Current; base.Known() && e.Item.StandardPractices && !r.Current.Known() {
		parts = append(parts, fmt.Sprintf("base rating %s: i inherits it", base))
	}
	if r.Accepted.InForce(a.cfg.Today()) {
		parts = append(parts, "gap accepted until "+string(r.Accepted.Expires))
	}
	if n := len(r.Evidence); n > 0 {
		parts = append(parts, fmt.Sprintf("evidence: %d, strongest %s", n, r.Grade()))
	} else if e.OnAssertion() {
		parts = append(parts, "a 3 without evidence: it will be flagged")
	}
	if r.Owner != "" {
		parts = append(parts, "owner: "+r.Owner)
	}
	if r.Note != "" {
		parts = append(parts, "note")
	}
	return wrap(strings.Join(parts, " "+t.Glyph.Dot+" "), width)
}

// reconfirm says that an answer waits to be looked at again.
const reconfirm = "TO RE-CONFIRM: changed since it was answered (c confirms)"
