package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
)

// systems shows the AI systems in scope.
type systems struct {
	*sitting
	list picker
}

func newSystems(st *sitting) *systems { return &systems{sitting: st} }

func (y *systems) Init() tea.Cmd {
	y.list.clamp(len(y.s.Systems()))
	return nil
}

func (y *systems) Keys() keys {
	k := recordKeys
	return keys{
		short: []key.Binding{k.Add, k.Edit, k.Remove, k.Move, k.Undo, global.Menu, global.Back},
		full:  []keyGroup{{"AI systems", []key.Binding{k.Move, k.Scroll, k.Add, k.Edit, k.Remove, k.Undo, k.Redo}}, globalKeys},
	}
}

func (y *systems) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := y.siblings(press); done {
		return cmd
	}
	if cmd, done := y.history(press); done {
		return cmd
	}
	list := y.s.Systems()
	switch s := press.String(); {
	case s == "esc":
		return y.app.back()
	case y.list.move(s, len(list)):
	case s == "a":
		return y.edit(assessment.System{})
	case y.list.at >= len(list):
	case s == "enter":
		return y.edit(list[y.list.at])
	case s == "d" && y.mayType():
		v := list[y.list.at]
		y.askRemove(v.ID+", "+v.Name, func(e *assessment.Edit) error { return e.RemoveSystem(v.ID) })
	}
	return nil
}

func (y *systems) Head(int) []string {
	t := y.app.theme
	return []string{y.title(), " " + t.Label.Render("AI SYSTEMS") + t.Faint.Render("  "+plural(len(y.s.Systems()), "system")+" in scope")}
}

func (y *systems) View(w, h int) string {
	a := y.app
	list := y.s.Systems()
	if len(list) == 0 {
		return y.nothing(w, "No AI systems yet. What is built, bought or embedded, and what it may do, is the ground that the answers stand on.", "a adds one.")
	}
	name := max(20, (w-4)*2/5)
	if w >= 100 {
		name = (w - 4) / 3
	}
	row := func(id, n, kind, sourcing, autonomy, owner string) string {
		s := a.pad(id, 5) + a.pad(n, name) + " " + a.pad(sourcing, 9) + a.pad(autonomy, 11)
		if w < 100 {
			return s + owner
		}
		return s + a.pad(owner, 22) + " " + kind
	}
	rows := make([]string, 0, len(list))
	for _, v := range list {
		rows = append(rows, row(v.ID, v.Name, v.Kind, v.Sourcing, v.Autonomy, v.Owner))
	}
	return y.app.register(w, h, &y.list, row("Id", "Name", "Kind", "Sourcing", "Autonomy", "Owner"), rows, func(p *page) {
		v := list[y.list.at]
		p.head(v.ID + " " + strings.ToUpper(v.Name))
		for _, f := range assessment.SystemFacts {
			if text := *f.Of(&v); text != "" {
				p.bullet(f.Title + ": " + text)
			}
		}
	})
}

// edit asks for an AI system, in three short pages.
func (y *systems) edit(v assessment.System) tea.Cmd {
	if !y.mayType() {
		return nil
	}
	a := y.app
	d := &v
	text := func(title, about string, field *string) *huh.Input {
		return huh.NewInput().Title(title).Description(about).CharLimit(assessment.MaxReference).Value(field)
	}
	title := "New AI system"
	if v.ID != "" {
		title = "AI system " + v.ID
	}
	form, cmd := newForm(a, title, 18, func() tea.Cmd {
		id := ""
		return y.record(func() string { return id + " is in scope" }, func(e *assessment.Edit) (err error) {
			id, err = e.PutSystem(*d)
			return err
		})
	}, huh.NewGroup(
		huh.NewInput().Title("Name").CharLimit(assessment.MaxName).Value(&d.Name).Validate(needed),
		text("Kind of AI", "Such as large language model, anomaly detection.", &d.Kind),
		huh.NewSelect[string]().Title("Built, bought, or embedded in a product?").Inline(true).
			Options(huh.NewOption("not said", ""), huh.NewOption("build", "build"), huh.NewOption("buy", "buy"), huh.NewOption("embedded", "embedded")).Value(&d.Sourcing),
		text("Provider", "Of the system or its model.", &d.Provider),
		text("Version", "", &d.Version),
	), huh.NewGroup(
		huh.NewSelect[string]().Title("What does it do with its results?").Inline(true).
			Options(huh.NewOption("not said", ""), huh.NewOption("informs", "informs"), huh.NewOption("recommends", "recommends"),
				huh.NewOption("decides", "decides"), huh.NewOption("acts", "acts")).Value(&d.Autonomy),
		text("Data that it works on", "", &d.Data),
		text("Connected tools and systems", "", &d.Tools),
		text("Exposure", "Who can reach it: staff, customers, the internet.", &d.Exposure),
		text("Criticality", "How much depends on it.", &d.Criticality),
	), huh.NewGroup(
		text("Phase of its lifecycle", "Such as pilot, production, retired.", &d.Phase),
		text("Owner", "", &d.Owner),
		text("Testing before it was deployed", "The evidence.", &d.PreTesting),
		text("Testing since", "The evidence.", &d.PostTesting),
		text("COSAiS use case", "Of NIST's control overlays, where one fits.", &d.UseCase),
	))
	a.show(form)
	return cmd
}
