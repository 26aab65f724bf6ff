package pdf

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"plumbline/reports/model"
)

// The widths that pages are laid out with are those that the library writes into the file.
func TestWidths(t *testing.T) {
	p := newPainter(nil)
	for _, st := range []style{plain(10), strong(10)} {
		weight := ""
		if st.bold {
			weight = "B"
		}
		p.f.SetFont(family, weight, 10)
		known := 0
		for r := rune(' '); r < missing; r++ {
			w := st.face()[r]
			if w == missing || r >= 0xD800 && r < 0xE000 {
				continue
			}
			known++
			if got := p.f.GetStringSymbolWidth(string(r)); got != int(w) {
				t.Fatalf("bold %v, %U: %d, the library has %d", st.bold, r, w, got)
			}
		}
		if known < 2000 {
			t.Errorf("bold %v: only %d characters", st.bold, known)
		}
	}
}

// Wrapping loses nothing but blanks, adds nothing, and keeps to the width.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sp := &speller{}
		s := sp.text(rapid.StringOfN(rapid.RuneFrom([]rune("ab W/-,.\n\u0301é日\U0001F600\u00a0")), 0, 300, -1).Draw(t, "text"))
		width := rapid.Float64Range(1, 200).Draw(t, "width")
		st := plain(9)
		lines := st.wrap(s, width)
		if got, want := unspaced(strings.Join(lines, "")), unspaced(s); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, l := range lines {
			if st.width(l) > width+0.01 && len([]rune(strings.Trim(l, "\u0301"))) > 1 {
				t.Fatalf("%q is %.1f wide, more than %.1f", l, st.width(l), width)
			}
		}
	})
}

// cells is a table of many rows, each with its text in every column.
func cells(rows int, text string) model.Table {
	tab := model.Table{ID: "t", Caption: "Many rows", Columns: []model.Column{
		{Title: "No.", Kind: model.Number}, {Title: "Head", Kind: model.Head}, {Title: "Words", Kind: model.Words}, {Title: "Short", Kind: model.Short},
	}}
	for range rows {
		tab.Rows = append(tab.Rows, model.Row{Cells: []model.Cell{{Text: "12"}, {Text: text}, {Text: text, Sub: text}, {Text: text, Tone: model.Level1}}})
	}
	return tab
}

func layOut(blocks ...model.Block) []page {
	d := model.Document{Title: "Report", Organization: "O", Footer: "o · journal 1:2", Sections: []model.Section{{ID: "s", Number: "1", Title: "S", Blocks: blocks}}}
	_, pages := compose(d)
	return pages
}

// Nothing stands beyond the margins, whatever the texts are.
func TestNothingOverflows(t *testing.T) {
	for _, txt := range []string{"short", strings.Repeat("x", 5000), strings.Repeat("long words ", 900), strings.Repeat("line\n", 300), strings.Repeat("W/", 900)} {
		line := strings.ReplaceAll(txt, "\n", " ")
		facts := []model.Fact{{Term: "Term", Lines: []string{txt, txt}}, {Term: line[:5], Lines: []string{txt}, Style: model.Suggestion}, {Term: "B", Lines: []string{txt}, Style: model.Bullets}}
		pages := layOut(
			model.Figures{Figures: []model.Figure{{Label: line, Value: "1", Note: "n"}, {Label: "l", Value: line[:5], Note: line}}},
			model.Para{Text: line}, model.List{Items: []string{line, line}}, model.Heading{Text: line}, cells(3, txt), model.Facts{Facts: facts},
			model.Entries{Entries: []model.Entry{{ID: "e", Code: line, Title: line, Lead: line, Facts: facts, Badges: []model.Cell{{Text: line}}, Inline: facts}}},
			model.Entries{Entries: []model.Entry{{
				ID: "q", Code: "GV.OC-01/secure", Title: line, Lead: line, Facts: []model.Fact{{Term: "Term", Lines: []string{line}}},
				Choices: []string{"0 Not", "1 Partially"}, Blanks: []string{"Shown", "Told"},
			}}},
		)
		for i, pg := range pages {
			if pg.bare {
				continue
			}
			for _, pc := range pg.pieces {
				if pc.y < top || pc.y+pc.height > pg.orient.height()-bottom+12 {
					t.Fatalf("%.10q: on page %d a part goes from %.0f to %.0f", txt, i+1, pc.y, pc.y+pc.height)
				}
				for _, m := range pc.marks {
					w, ok := m.(words)
					if ok && (w.x < -0.01 || w.x+w.style.width(w.text) > pg.orient.measure()+0.5 || w.y < 0 || w.y > pc.height+6) {
						t.Fatalf("%.10q: on page %d %.20q goes from %.0f to %.0f at height %.0f of %.0f", txt, i+1, w.text, w.x, w.x+w.style.width(w.text), w.y, pc.height)
					}
				}
			}
		}
	}
}

// Four questions or more stand on a page, none of them on two, and each has its boxes and lines.
func TestQuestions(t *testing.T) {
	const questions = 40
	list := model.Entries{}
	for range questions {
		list.Entries = append(list.Entries, model.Entry{
			Code: "GV.OC-01/secure", Title: "A title of some words", Lead: strings.Repeat("A question of many words, ", 6),
			Facts: []model.Fact{
				{Term: "Good looks like", Lines: []string{strings.Repeat("What good looks like. ", 20)}},
				{Term: "Ask to see", Lines: []string{strings.Repeat("A thing to be seen; ", 12)}},
			},
			Choices: []string{"0 Not", "1 Partially", "2 Largely", "3 Fully", "open"}, Blanks: []string{"Shown", "Told"},
		})
	}
	pages := layOut(list)[2:]
	if len(pages) > questions/4+1 {
		t.Errorf("%d questions take %d pages", questions, len(pages))
	}
	for i, pg := range pages {
		var titles, boxes, told int
		for _, pc := range pg.pieces {
			for _, m := range pc.marks {
				switch m := m.(type) {
				case rect:
					if m.edge != nil {
						boxes++
					}
				case words:
					switch m.text {
					case "A title of some words":
						titles++
					case "Told":
						told++
					}
				}
			}
		}
		if boxes != 5*titles || told != titles {
			t.Errorf("page %d has %d questions, %d boxes and %d last lines", i+1, titles, boxes, told)
		}
	}
}

// Each page that a table reaches has its head, and a row stands on one page.
func TestTablesBreak(t *testing.T) {
	const rows = 150
	heads, lines := 0, 0
	pages := layOut(cells(rows, "two words"))
	for i, pg := range pages[2:] {
		first := true
		for _, pc := range pg.pieces {
			said := ""
			for _, m := range pc.marks {
				if w, ok := m.(words); ok {
					said += w.text + "|"
				}
			}
			switch {
			case strings.HasPrefix(said, "No.|"):
				heads++
				if again := i > 0; pc.again != again || again && !first {
					t.Errorf("page %d: a head that is set again: %v, first: %v", i+3, pc.again, first)
				}
			case strings.HasPrefix(said, "12|"):
				lines++
			}
			first = false
		}
	}
	if lines != rows || heads != len(pages)-2 || heads < 3 {
		t.Errorf("%d rows of %d, %d heads on %d pages", lines, rows, heads, len(pages)-2)
	}
}

// A wide table lies across, with its heading, and a narrow one after it upright again.
func TestWideTablesLieAcross(t *testing.T) {
	wide := cells(2, "words that need room")
	for len(wide.Columns) < 12 {
		wide.Columns = append(wide.Columns, model.Column{Title: "More", Kind: model.Short})
		for i := range wide.Rows {
			wide.Rows[i].Cells = append(wide.Rows[i].Cells, model.Cell{Text: "not to be broken"})
		}
	}
	pages := layOut(model.Para{Text: "before"}, model.List{Items: []string{"x"}}, model.Heading{Text: "Wide"}, wide, model.Heading{Text: "Narrow"}, cells(2, "x"))
	var lie []orient
	for _, pg := range pages[2:] {
		lie = append(lie, pg.orient)
	}
	if len(lie) != 3 || lie[0] != upright || lie[1] != across || lie[2] != upright {
		t.Errorf("%v", lie)
	}
	if n := len(pages[3].pieces); n < 4 {
		t.Errorf("%d parts with the wide table", n)
	}
}

// A head stays with what follows, and a record that fits half a page on one page.
func TestKeptTogether(t *testing.T) {
	for n := range 60 {
		fill := model.List{Items: strings.Split(strings.Repeat("x ", n+1), " ")}
		entry := model.Entries{Entries: []model.Entry{{ID: "e", Title: "Entry", Facts: []model.Fact{{Term: "Note", Lines: []string{"a", "b", "c", "d"}}}}}}
		pages := layOut(fill, model.Heading{Text: "Heading"}, entry)
		where := make(map[string]int)
		for i, pg := range pages {
			for _, pc := range pg.pieces {
				for _, m := range pc.marks {
					if w, ok := m.(words); ok {
						where[w.text] = i
					}
				}
			}
		}
		for _, s := range []string{"Entry", "Note", "a", "b", "c", "d"} {
			if where[s] != where["Heading"] {
				t.Fatalf("after %d lines %q is on page %d, its heading on page %d", n, s, where[s]+1, where["Heading"]+1)
			}
		}
	}
}

// The state of the session is in the foot however long the names are.
func TestFootKeepsTheState(t *testing.T) {
	const state = "journal 353:303e63465fee43d4"
	for _, org := range []string{"Short", strings.Repeat("long name ", 300), strings.Repeat("x", 3000), "a · journal 9:ffffffffffffffff"} {
		lines := footLines(quiet(6.8), org+" · "+org+" · as of 2026-11-21 · "+state+" · pack, edition 2, SHA-256 bf7873f96f94003e · initial preliminary draft · Plumbline 1.0.0", 380)
		if len(lines) > 2 || !strings.Contains(unspaced(strings.Join(lines, "")), unspaced(state)) {
			t.Errorf("%.20q: %q", org, lines)
		}
		for _, l := range lines {
			if quiet(6.8).width(l) > 380 {
				t.Errorf("too wide: %q", l)
			}
		}
	}
}

// Every pair of text and ground has the contrast that WCAG 2.2 asks for in criterion 1.4.3.
func TestContrast(t *testing.T) {
	luminance := func(c color) float64 {
		part := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*part(c.r) + 0.7152*part(c.g) + 0.0722*part(c.b)
	}
	pairs := [][2]color{{ink, white}, {faint, white}, {faint, ground}, {ink, ground}, {blue, white}, {blue, ground}, {white, deep}, {white, alarm}, {ink, sand}, {ink, green}, {ink, chip}}
	for _, fill := range tones {
		pairs = append(pairs, [2]color{ink, fill})
	}
	for _, p := range pairs {
		a, b := luminance(p[0]), luminance(p[1])
		if got := (max(a, b) + 0.05) / (min(a, b) + 0.05); got < 4.5 {
			t.Errorf("%v on %v: %.2f:1", p[0], p[1], got)
		}
	}
}
