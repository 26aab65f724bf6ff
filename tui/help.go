package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// reader shows a text that can be longer than the screen.
type reader struct {
	app    *App
	title  string
	text   func(w int) []string // in lines of at most w cells
	scroll int
	most   int // the last line that scroll may start at, as last drawn
}

func (r *reader) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	switch press.String() {
	case "esc", "?", "q", "enter", "r":
		r.app.close()
	case "j", "down":
		r.scroll = min(r.scroll+1, r.most)
	case "k", "up":
		r.scroll = max(0, r.scroll-1)
	case "pgdown", "space":
		r.scroll = min(r.scroll+10, r.most)
	case "pgup":
		r.scroll = max(0, r.scroll-10)
	case "G", "end":
		r.scroll = r.most
	case "g", "home":
		r.scroll = 0
	}
	return nil
}

func (r *reader) View(w, h int) string {
	out := r.text(w)
	r.most = max(0, len(out)-(h-2))
	r.scroll = min(r.scroll, r.most)
	end := min(len(out), r.scroll+max(0, h-2))
	title := r.title
	if r.most > 0 {
		title = fmt.Sprintf("%s  (pgdn and pgup scroll, %d of %d lines)", r.title, end, len(out))
	}
	return lines(append([]string{r.app.theme.Title.Render(r.app.pad(title, w)), ""}, out[r.scroll:end]...)...)
}

func (r *reader) Cursor() *tea.Cursor { return nil }

func (r *reader) Keys() keys {
	return keys{short: []key.Binding{bind("close", "esc", "esc"), bind("scroll", "pgup pgdn", "pgup", "pgdown"), bind("last line", "G", "G")}}
}

// newHelp is made from the keys of the screen that it was called from.
func newHelp(a *App, k keys) *reader {
	return &reader{app: a, title: "HELP", text: func(w int) []string { return helpText(a, k, w) }}
}

func helpText(a *App, k keys, w int) []string {
	t := a.theme
	var out []string
	for _, g := range k.full {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, t.Label.Render(g.title))
		for _, b := range g.keys {
			help := b.Help()
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
		"Unrated is never zero, and out of profile never counts as achieved. Coverage is the share of the items in profile that have both a rating and a target; below the session's threshold the percentage is withheld.",
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
	if a.cat != nil {
		out = append(out, "", t.Label.Render("Abbreviations and terms"))
		for term := range a.cat.Glossary() {
			for i, l := range wrap(a.plain(term.Meaning), w-6) {
				if i == 0 {
					out = append(out, "  "+t.Strong.Render(term.Term))
				}
				out = append(out, "    "+l)
			}
		}
	}
	return out
}

// newLenses shows an item through the pack's lenses.
func newLenses(w *walk) *reader {
	a := w.app
	it := w.cat().At(w.at)
	return &reader{app: a, title: "OTHER FRAMEWORKS AT " + it.ID.String(), text: func(width int) []string {
		p := &page{app: a, width: width}
		p.section("WHAT THIS IS", content.MappingNote+" It says where other frameworks speak of the same thing.")
		for l := range w.cat().Lenses() {
			p.head(strings.ToUpper(l.Title))
			p.note(l.Status)
			p.note("Source: " + l.Source)
			if why := cmp.Or(l.Why(it.ID.String()), l.Why(it.ID.Sub)); why != "" {
				p.note(why)
			}
			entries := l.ForItem(it.ID)
			for _, e := range entries {
				text := e.ID
				if e.Name != "" {
					text += " " + e.Name
				}
				if len(e.Tags) > 0 {
					text += " (" + strings.Join(e.Tags, ", ") + ")"
				}
				p.bullet(text)
			}
			if len(entries) == 0 {
				p.bullet("nothing is mapped to this item")
			}
		}
		sub, _ := w.cat().Subcategory(it.ID.Sub)
		for s := range w.cat().Schemes() {
			var cited []string
			for _, r := range append(slices.Clone(sub.References), it.References...) {
				if r.Scheme == s.ID {
					cited = append(cited, r.String())
				}
			}
			if len(cited) == 0 {
				continue
			}
			p.head(strings.ToUpper(s.Title))
			p.note("As the draft cites it for this item. " + s.Version)
			if s.Note != "" {
				p.note(s.Note)
			}
			for _, c := range cited {
				p.bullet(c)
			}
		}
		return p.lines
	}}
}
