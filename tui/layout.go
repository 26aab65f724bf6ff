package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// fit returns s as exactly h lines of at most w cells, so that no block can push another off the
// screen.
func fit(s string, w, h int) string {
	lines := strings.Split(s, "\n")
	out := make([]string, max(h, 0))
	for i := range out {
		if i < len(lines) {
			out[i] = ansi.Truncate(strings.TrimRight(lines[i], " "), max(w, 0), "")
		}
	}
	return strings.Join(out, "\n")
}

// wrap breaks prose into lines of at most w cells, at blanks only: an id such as GV.OC-01 stays
// whole. Line breaks of the text stay.
func wrap(s string, w int) []string {
	var lines []string
	for para := range strings.SplitSeq(s, "\n") {
		line, used := "", 0
		for _, word := range strings.Fields(para) {
			n := ansi.StringWidth(word)
			for n > w && w > 0 { // a word that fits on no line
				if line != "" {
					lines, line, used = append(lines, line), "", 0
				}
				head := ansi.Truncate(word, w, "")
				if head == "" {
					break
				}
				lines = append(lines, head)
				word = word[len(head):]
				n = ansi.StringWidth(word)
			}
			switch {
			case used == 0:
				line, used = word, n
			case used+1+n <= w:
				line, used = line+" "+word, used+1+n
			default:
				lines = append(lines, line)
				line, used = word, n
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// cut shortens s to w cells, with an ellipsis where something is lost.
func (a *App) cut(s string, w int) string {
	return ansi.Truncate(s, max(w, 0), a.theme.Glyph.Ellipsis)
}

// pad fills s with blanks to w cells, or cuts it.
func (a *App) pad(s string, w int) string {
	s = a.cut(s, w)
	return s + strings.Repeat(" ", max(0, w-ansi.StringWidth(s)))
}

// ends puts left and right at the two ends of a line of w cells; what does not fit is taken from
// left.
func (a *App) ends(left, right string, w int) string {
	free := w - ansi.StringWidth(right)
	if right != "" {
		free--
	}
	return a.pad(left, free) + strings.Repeat(" ", max(0, w-max(free, 0)-ansi.StringWidth(right))) + right
}

// columns sets blocks beside each other, each padded to its width and all h lines high.
func (a *App) columns(h int, blocks ...column) string {
	h = max(h, 0)
	out := make([]string, h)
	for _, b := range blocks {
		for i, line := range strings.Split(fit(b.text, b.width, h), "\n") {
			out[i] += line + strings.Repeat(" ", max(0, b.width-ansi.StringWidth(line)))
		}
	}
	return strings.Join(out, "\n")
}

// scrolled is what h lines show of a text, from the line that scroll says, which is kept within the text;
// the last of them tells of more below.
func (a *App) scrolled(text []string, scroll *int, w, h int) []string {
	*scroll = max(0, min(*scroll, len(text)-h))
	shown := slices.Clone(text[*scroll:min(len(text), *scroll+h)])
	if left := len(text) - *scroll - len(shown); left > 0 && len(shown) > 1 {
		shown[len(shown)-1] = a.ends("", a.theme.Faint.Render(fmt.Sprintf("pgdn: %d more lines ", left+1)), w)
	}
	return shown
}

type column struct {
	text  string
	width int
}

// overlay draws box over body, which is w cells wide and h lines high, and returns where the box
// stands.
func overlay(body, box string, w, h int) (s string, x, y int) {
	rows, over := strings.Split(body, "\n"), strings.Split(box, "\n")
	width := ansi.StringWidth(over[0])
	x, y = max(0, (w-width)/2), max(0, (h-len(over))/3)
	for i, line := range over {
		if y+i >= len(rows) {
			break
		}
		row := rows[y+i]
		left := ansi.Truncate(row, x, "")
		left += strings.Repeat(" ", max(0, x-ansi.StringWidth(left)))
		rows[y+i] = left + line + ansi.TruncateLeft(row, x+width, "")
	}
	return strings.Join(rows, "\n"), x, y
}

func lines(l ...string) string { return strings.Join(l, "\n") }

// wall is a vertical rule.
func (a *App) wall(h int) string {
	bar := a.theme.Rule.Render(a.theme.Glyph.Bar)
	return strings.TrimSuffix(strings.Repeat(bar+"\n", h), "\n")
}

// plain is how our own texts reach the screen.
func (a *App) plain(s string) string { return a.theme.Plain(s) }
