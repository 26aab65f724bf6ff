package tui

import (
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/official"
)

// officialMsg is the end of reading NIST's official wording; nil where there is none.
type officialMsg struct {
	wording *official.Wording
	err     error
}

// toggleOfficial shows NIST's official wording beside ours, or no longer. Where there is none it asks
// for it each time: it may have been added since.
func (a *App) toggleOfficial() tea.Cmd {
	if a.official != nil {
		a.showOfficial = !a.showOfficial
		return nil
	}
	read := a.cfg.Official
	return func() tea.Msg { w, err := read(); return officialMsg{w, err} }
}

func (a *App) gotOfficial(msg officialMsg) {
	switch {
	case msg.err != nil:
		a.fail("read NIST's official wording", msg.err)
	case msg.wording == nil:
		a.say("no wording of NIST's here; plumbline content add FILE (same --store) adds it")
	default:
		a.official, a.showOfficial = msg.wording, true
	}
}

// official sets NIST's outcome and ours side by side, and NIST's implementation examples below them.
// The texts are from a file, so they pass the text filter once more.
func (p *page) official(w *official.Wording, sub *content.Subcategory) {
	e, _ := w.Entry(sub.ID) // a wording has all Subcategories of the Core
	p.section("THE OUTCOME OF "+sub.ID+", NIST'S OFFICIAL WORDING", assessment.CleanLine(e.Text))
	p.section("THE OUTCOME, IN OUR WORDS", sub.Title+": "+sub.Outcome)
	if len(e.Examples) > 0 {
		p.head("NIST'S IMPLEMENTATION EXAMPLES")
		for _, text := range e.Examples {
			p.bullet(assessment.CleanLine(text))
		}
	}
	p.section("SOURCE OF NIST'S WORDING", assessment.CleanLine(w.Source.String()))
}
