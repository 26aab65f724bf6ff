package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
)

// menu offers what belongs to the session rather than to an item.
func (st *sitting) menu() {
	a := st.app
	tiers := "none stated"
	if t, ok := st.s.Tier(); ok {
		tiers = fmt.Sprintf("governance %d, management %d", t.Governance, t.Management)
	}
	lock := bind("lock: sign it off", "k", "k")
	if st.s.Info().Status == assessment.Locked {
		lock = bind("unlock, with a reason", "k", "k")
	}
	count := func(what string, n int) string { return fmt.Sprintf("%s (%d)", what, n) }
	a.show(&choice{app: a, title: "This session", options: []option{
		{bind(count("plan: actions that close gaps", len(st.s.Actions())), "a", "a"), func() tea.Cmd { return bring(a, func() *plan { return newPlan(st) }) }},
		{bind(count("AI systems in scope", len(st.s.Systems())), "s", "s"), func() tea.Cmd { return bring(a, func() *systems { return newSystems(st) }) }},
		{bind(count("snapshots: labeled states", len(st.s.Labels())), "n", "n"), func() tea.Cmd { return bring(a, func() *snapshots { return newSnapshots(st) }) }},
		{bind("Implementation Tiers: "+tiers, "t", "t"), st.askTier},
		{bind("look of reports: name, marking, logo, color", "l", "l"), st.askLook},
		{bind("import a file into this session", "i", "i"), func() tea.Cmd { st.askImport(""); return nil }},
		{bind("export it as a bundle", "b", "b"), st.askExport},
		{lock, st.askLock},
	}})
}

// askTier asks for the Tier statement.
func (st *sitting) askTier() tea.Cmd {
	if !st.mayType() {
		return nil
	}
	now, stated := st.s.Tier()
	if !stated {
		return st.editTier(assessment.TierStatement{Governance: 1, Management: 1})
	}
	a := st.app
	a.show(&choice{
		app: a, title: "Implementation Tiers",
		text: fmt.Sprintf("Stated: governance %d %s, management %d %s. %s", now.Governance, assessment.TierName(now.Governance),
			now.Management, assessment.TierName(now.Management), now.Rationale),
		options: []option{
			{bind("change it", "c", "c"), func() tea.Cmd { return st.editTier(now) }},
			{bind("take it back", "d", "d"), func() tea.Cmd {
				return st.record(func() string { return "no Tier is stated" }, func(e *assessment.Edit) error { return e.RemoveTier() })
			}},
		},
	})
	return nil
}

func (st *sitting) editTier(t assessment.TierStatement) tea.Cmd {
	a, d := st.app, &t
	var tiers []huh.Option[int]
	for n := 1; n <= 4; n++ {
		tiers = append(tiers, huh.NewOption(fmt.Sprintf("%d %s", n, assessment.TierName(n)), n))
	}
	form, cmd := newForm(a, "Implementation Tiers: a statement, never computed from ratings", 18, func() tea.Cmd {
		return st.record(func() string {
			return fmt.Sprintf("stated: governance %d, management %d", d.Governance, d.Management)
		}, func(e *assessment.Edit) error { return e.Tier(*d) })
	}, huh.NewGroup(
		huh.NewSelect[int]().Title("Governance of cybersecurity risk").Options(tiers...).Value(&d.Governance),
		huh.NewSelect[int]().Title("Management of cybersecurity risk").Options(tiers...).Value(&d.Management),
		huh.NewText().Title("Rationale").Lines(3).CharLimit(assessment.MaxNote).ExternalEditor(false).Value(&d.Rationale).Validate(needed),
	))
	a.show(form)
	return cmd
}

// askLock locks the session, or opens a locked one. Both are acts of their own, which undo leaves alone.
func (st *sitting) askLock() tea.Cmd {
	a, in := st.app, st.s.Info()
	if err := st.unwritable(); err != nil {
		a.fail("not now", err)
		return nil
	}
	title, hint := "Lock this session?", "It is signed off then: it can be read and reported, and no longer changed. Why, or who signed it off; may stay empty."
	to, done := assessment.Locked, "locked; M, then k, unlocks it"
	switch in.Status {
	case assessment.Locked:
		title, hint = "Unlock this session: why?", "It was signed off. The reason stays in the journal, and is needed."
		to, done = assessment.Open, "open for changes again"
	case assessment.Archived:
		a.say("the session is archived; a in the list of sessions unarchives it")
		return nil
	}
	a.show(newPrompt(a, title, hint, "", func(reason string) tea.Cmd {
		d, err := st.s.Do(a.act(assessment.CleanLine(reason)), func(e *assessment.Edit) error {
			return e.Info(func(in *assessment.Info) { in.Status = to })
		})
		if err != nil {
			a.fail("not done", err)
			return nil
		}
		a.say("%s", done)
		return a.saver.add(d)
	}))
	return nil
}

// appearance is what the form on the look of reports asks for.
type appearance struct{ organization, marking, accent, logo string }

// logoMsg is the end of reading the file of a logo.
type logoMsg struct {
	to   *sitting
	look appearance
	name string
	data []byte
	err  error
}

// askLook asks how the session's reports look.
func (st *sitting) askLook() tea.Cmd {
	if !st.mayType() {
		return nil
	}
	a, in, b := st.app, st.s.Info(), st.s.Brand()
	kept := ""
	if b.Logo != nil {
		kept = strings.TrimSpace("keep " + b.LogoName) // no path that somebody would type
	}
	d := &appearance{in.Organization, in.Marking, b.Accent, kept}
	form, cmd := newForm(a, "Look of reports", 18, func() tea.Cmd {
		path := strings.TrimSpace(d.logo)
		switch {
		case path == "":
			return st.gotLogo(logoMsg{look: *d})
		case path == kept:
			return st.gotLogo(logoMsg{look: *d, name: b.LogoName, data: b.Logo})
		}
		read := a.cfg.ReadLogo
		a.jobs++
		return func() tea.Msg {
			name, data, err := read(path)
			return logoMsg{st, *d, name, data, err}
		}
	}, huh.NewGroup(
		huh.NewInput().Title("Organization").CharLimit(assessment.MaxName).Value(&d.organization).Validate(needed),
		huh.NewInput().Title("Classification marking").Description("Such as TLP:AMBER; on every page. Empty: none.").CharLimit(assessment.MaxName).Value(&d.marking),
		huh.NewInput().Title("Accent").Description("Color of headings, such as #1f4e79; one too light to read is refused. Empty: plain.").Value(&d.accent),
		huh.NewInput().Title("Logo").Description("Path of a PNG, at most 256 KiB. Its pixels are kept, nothing else. Empty: none.").Value(&d.logo),
	))
	a.show(form)
	return cmd
}

// gotLogo records the look once the logo, if there is another one, was read.
func (st *sitting) gotLogo(msg logoMsg) tea.Cmd {
	if msg.err != nil {
		st.app.fail("read the logo", msg.err)
		return nil
	}
	return st.record(func() string { return "the reports look so from now on" }, func(e *assessment.Edit) error {
		return errors.Join(
			e.Info(func(in *assessment.Info) { in.Organization, in.Marking = msg.look.organization, msg.look.marking }),
			e.Brand(assessment.Brand{Logo: msg.data, LogoName: msg.name, Accent: msg.look.accent}),
		)
	})
}
