// Package theme holds how the app looks: semantic styles for light and dark terminals, glyphs with an
// ASCII stand-in for each, and the huh styles made of the same tokens. Nothing is ever said by colour
// alone.
package theme

import (
	"image/color"

	"charm.land/bubbles/v2/textarea"
	"charm.land/bubbles/v2/textinput"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
)

// Theme is the look of the app. Screens hold a pointer to one Theme, which is rewritten in place when
// the terminal tells its background.
type Theme struct {
	Text, Strong, Faint, Accent, Good, Warn, Bad lipgloss.Style
	Title, Rule, Label, Key, Selected, Chip, Box lipgloss.Style
	Levels                                       [4]lipgloss.Style // by level, 0 to 3

	Glyph Glyphs

	dark bool
}

// Glyphs are the signs that screens draw with.
type Glyphs struct {
	Rule, Bar, Full, Empty, Range, Point     string
	Left, Right, Bullet, Check, Arrow, Crumb string
	Cursor, Dash, Ellipsis, Dot, Updown, AtM string
}

var unicode = Glyphs{
	Rule: "─", Bar: "│", Full: "■", Empty: "□", Range: "▓", Point: "●",
	Left: "├", Right: "┤", Bullet: "•", Check: "✓", Arrow: "→", Crumb: "›",
	Cursor: "▌", Dash: "–", Ellipsis: "…", Dot: "·", Updown: "↑↓", AtM: "−",
}

var ascii = Glyphs{
	Rule: "-", Bar: "|", Full: "#", Empty: ".", Range: "=", Point: "o",
	Left: "|", Right: "|", Bullet: "*", Check: "ok", Arrow: "->", Crumb: ">",
	Cursor: ">", Dash: "-", Ellipsis: "...", Dot: "-", Updown: "up/down", AtM: "-",
}

// Plain turns the few signs beyond ASCII that our own texts use into their ASCII stand-ins, when the
// theme is ASCII; otherwise it returns s.
func (t *Theme) Plain(s string) string {
	if t.Glyph.Rule != ascii.Rule {
		return s
	}
	return toASCII.Replace(s)
}

// New returns the theme for a dark or a light terminal, with ASCII signs where those are wanted.
func New(dark, plain bool) *Theme {
	pick := lipgloss.LightDark(dark)
	c := func(light, dark string) color.Color { return pick(lipgloss.Color(light), lipgloss.Color(dark)) }
	fg := func(light, dark string) lipgloss.Style { return lipgloss.NewStyle().Foreground(c(light, dark)) }

	t := &Theme{
		Text:     lipgloss.NewStyle(),
		Strong:   lipgloss.NewStyle().Bold(true),
		Faint:    fg("#5A6270", "#8D96A5"),
		Accent:   fg("#0B5CAD", "#6CB6FF"),
		Good:     fg("#14692F", "#6FCF8E"),
		Warn:     fg("#8A5300", "#E3B341"),
		Bad:      fg("#B3261E", "#FF8A80"),
		Title:    fg("#0B3A6E", "#CFE4FF").Bold(true),
		Rule:     fg("#B4BCC8", "#46505F"),
		Label:    fg("#5A6270", "#8D96A5").Bold(true),
		Key:      fg("#0B5CAD", "#6CB6FF").Bold(true),
		Selected: lipgloss.NewStyle().Bold(true).Foreground(c("#0B3A6E", "#FFFFFF")).Background(c("#DCEBFB", "#1F3A5F")),
		Chip:     lipgloss.NewStyle().Bold(true).Reverse(true),
		Glyph:    unicode,
		dark:     dark,
	}
	t.Levels = [4]lipgloss.Style{t.Bad, t.Warn, t.Accent, t.Good}
	border := lipgloss.RoundedBorder()
	if plain {
		t.Glyph = ascii
		border = lipgloss.ASCIIBorder()
	}
	t.Box = lipgloss.NewStyle().Border(border).BorderForeground(c("#0B5CAD", "#6CB6FF")).Padding(0, 1)
	return t
}

// Input gives a text input the theme's look.
func (t *Theme) Input(m *textinput.Model) {
	st := textinput.DefaultStyles(t.dark)
	st.Focused.Prompt, st.Focused.Placeholder = t.Key, t.Faint
	m.SetStyles(st)
	m.SetVirtualCursor(false)
}

// Area gives a text area the theme's look.
func (t *Theme) Area(m *textarea.Model) {
	st := textarea.DefaultStyles(t.dark)
	st.Focused.CursorLine, st.Focused.Prompt = t.Text, t.Rule
	m.SetStyles(st)
	m.SetVirtualCursor(false)
}

// Form returns the theme for huh forms, built once for each call.
func (t *Theme) Form() huh.Theme {
	s := huh.ThemeBase(t.dark)
	f := &s.Focused
	f.Base = f.Base.BorderForeground(t.Accent.GetForeground())
	f.Title, f.Description = t.Strong, t.Faint
	f.ErrorMessage, f.ErrorIndicator = t.Bad, t.Bad.SetString(" *")
	f.SelectSelector, f.MultiSelectSelector = t.Key.SetString("> "), t.Key.SetString("> ")
	f.SelectedOption, f.SelectedPrefix = t.Strong, t.Strong.SetString("[x] ")
	f.UnselectedPrefix = t.Text.SetString("[ ] ")
	f.FocusedButton = t.Chip.Padding(0, 2).MarginRight(1)
	f.BlurredButton = t.Text.Padding(0, 2).MarginRight(1)
	f.TextInput.Prompt, f.TextInput.Placeholder = t.Key, t.Faint
	f.NextIndicator, f.PrevIndicator = t.Key.SetString(" >"), t.Key.SetString("< ")
	if t.Glyph.Rule == ascii.Rule {
		f.Base = f.Base.BorderStyle(lipgloss.ASCIIBorder())
	}
	s.Blurred = *f
	s.Blurred.Base = f.Base.BorderStyle(lipgloss.HiddenBorder())
	s.Blurred.SelectSelector = t.Text.SetString("  ")
	s.Blurred.MultiSelectSelector = t.Text.SetString("  ")
	s.Blurred.NextIndicator, s.Blurred.PrevIndicator = t.Text, t.Text
	s.Blurred.FocusedButton = t.Strong.Padding(0, 2).MarginRight(1)
	s.FieldSeparator = lipgloss.NewStyle().SetString("\n")
	return huh.ThemeFunc(func(bool) *huh.Styles { return s })
}
