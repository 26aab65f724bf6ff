package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
)

// helpPage is made from the keys of the screen that it was called from.
type helpPage struct {
	app    *App
	keys   keys
	scroll int
	most   int // the last line that scroll may start at, as last drawn
}

func newHelp(a *App, k keys) *helpPage { return &helpPage{app: a, keys: k} }

func (p *helpPage) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	switch press.String() {
	case "esc", "?", "q", "enter":
		p.app.close()
	case "j", "down":
		p.scroll = min(p.scroll+1, p.most)
	case "k", "up":
		p.scroll = max(0, p.scroll-1)
	case "pgdown", "space":
		p.scroll = min(p.scroll+10, p.most)
	case "pgup":
		p.scroll = max(0, p.scroll-10)
	}
	return nil
}

func (p *helpPage) View(w, h int) string {
	a, t := p.app, p.app.theme
	var out []string
	for _, g := range p.keys.full {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, t.Label.Render(g.title))
		for _, k := range g.keys {
			help := k.Help()
			out = append(out, "  "+t.Key.Render(a.pad(a.plain(help.Key), 14))+help.Desc)
		}
	}
	out = append(out, "", t.Label.Render("The scale (the weaker half of a question decides)"))
	for n := 0; n <= assessment.MaxLevel; n++ {
		out = append(out, "  "+t.Strong.Render(fmt.Sprintf("%d %s", n, assessment.LevelWord(n))))
		for _, l := range wrap(assessment.LevelTest(n), w-6) {
			out = append(out, "    "+l)
		}
	}
	out = append(out, "", t.Label.Render("What the figures mean"))
	for _, s := range []string{
		"Attainment is the sum of min(current, target) over the sum of target, over the items in profile that are rated and have a target. Behind it stands the interval that it can become once the unrated items are known.",
		"Unrated is never zero, and out of profile never counts as achieved. Below the coverage threshold the percentage is withheld.",
		"High, Moderate and Foundational say what to do first, not how much it matters.",
		"The source is an initial preliminary draft of NIST. Questions and wording are Plumbline's, not NIST's, and NIST does not endorse this program.",
	} {
		for i, l := range wrap(s, w-4) {
			mark := " "
			if i == 0 {
				mark = t.Glyph.Bullet
			}
			out = append(out, " "+mark+" "+l)
		}
	}
	p.most = max(0, len(out)-(h-2))
	p.scroll = min(p.scroll, p.most)
	shown := out[p.scroll:min(len(out), p.scroll+h-2)]
	title := "HELP"
	if p.most > 0 {
		title = fmt.Sprintf("HELP  (pgdn and pgup scroll, %d of %d lines)", min(len(out), p.scroll+h-2), len(out))
	}
	return lines(append([]string{t.Title.Render(a.pad(title, w)), ""}, shown...)...)
}

func (p *helpPage) Cursor() *tea.Cursor { return nil }

func (p *helpPage) Keys() keys {
	return keys{short: []key.Binding{bind("close", "esc", "esc"), bind("scroll", "pgup pgdn", "pgup", "pgdown")}}
}
