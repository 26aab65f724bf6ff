package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
	"plumbline/content/official"
)

// update reports whether the golden files are to be written; teatest's golden package brings the flag.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// golden compares text with a file under testdata/screens.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("..", "testdata", "screens", name)
	if update() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (−golden +now; -update accepts after a person has read it):\n%s", name, diff)
	}
}

// screens are all that the app shows, by the keys that lead there from Home.
var screens = []struct{ name, keys string }{
	{"home", ""},
	{"new", "n"},
	{"new-scope", "nHarborline Logistics<enter><enter>For the board<enter><enter><space><down>"},
	{"new-filled", "nHarborline Logistics<enter><enter>For the board<enter><enter><space><down><space><enter><down><enter>"},
	{"walk", "<enter>/pr.aa-05/s<enter>"},
	{"walk-noted", "<enter>/gv.sc-07/secure<enter>"},
	{"walk-scrolled", "<enter>/pr.aa-05/s<enter><pgdown><pgdown>"},
	{"walk-out", "<enter>/id.am-07/defend<enter>"},
	{"target", "<enter>t"},
	{"preset", "<enter>T"},
	{"note", "<enter>nThe register was last exported in May."},
	{"evidence", "<enter>/gv.sc-07/secure<enter>e"},
	{"evidence-new", "<enter>/rs.ma-01/secure<enter>e"},
	{"base", "<enter>b"},
	{"filter", "<enter>f"},
	{"search", "<enter>/agent tool"},
	{"dashboard", "<enter>D"},
	{"gaps", "<enter>G"},
	{"report", "<enter>R"},
	{"report-role", "<enter>Rjjjj<enter>"},
	{"report-loss", "<enter>Rjjjjj<right><right><right><right><right><right><right><right>"},
	{"help", "<enter>?"},
	{"lenses", "<enter>/pr.aa-05/s<enter>r"},
	{"walk-hint", "<enter>/gv.rr-02/defend<enter>"},
	{"priority", "<enter>p"},
	{"gaps-filter", "<enter>Gf<enter><enter><enter><right><right>"},
	{"gaps-marked", "<enter>G<space><down><space>"},
	{"accept", "<enter>GA"},
	{"action-of-gap", "<enter>Ga"},
	{"menu", "<enter>M"},
	{"plan", "<enter>Ma"},
	{"action", "<enter>Ma<enter>"},
	{"milestones", "<enter>Mam<down>"},
	{"systems", "<enter>Ms"},
	{"system", "<enter>Ms<enter>"},
	{"snapshots", "<enter>Mn"},
	{"snapshot-diff", "<enter>Mn<enter>"},
	{"tier", "<enter>Mtc"},
	{"look", "<enter>Ml"},
	{"lock", "<enter>Mk"},
	{"import", "<enter>Migaps.csv<enter>"},
	{"import-scale", "<enter>Miaudit.csv<enter>2"},
	{"import-problem", "<enter>Miaudit.csv<enter><tab><tab>"},
	{"import-path", "<enter>Mi"},
	{"import-bundle", "Idiverged.plumb<enter>"},
	{"merge", "Idiverged.plumb<enter>m"},
	{"merge-decided", "Idiverged.plumb<enter>mtO<down>"},
	{"import-bundle-passphrase", "Ilocked.plumb<enter>"},
	{"export-bundle", "<enter>Mb"},
	{"export-bundle-redacted", "<enter>Mb<enter><space><down><space><enter>secret<enter>secret<enter>"},
	{"locked", "<enter>MkThe board agreed<enter>"},
}

// Each screen is kept at two sizes, as text and with its colours.
func TestScreens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {140, 45}} {
		for _, sc := range screens {
			name := fmt.Sprintf("%s-%dx%d", sc.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				b := start(t, exampleStore(t), size.w, size.h)
				b.keys(sc.keys)
				colours := b.app.View().Content
				golden(t, name+".txt", plainLines(colours))
				golden(t, name+".ansi", colours+"\n")
			})
		}
	}
	t.Run("welcome-80x24", func(t *testing.T) {
		b := start(t, emptyStore(), 80, 24)
		golden(t, "welcome-80x24.txt", plainLines(b.app.View().Content))
	})
	t.Run("walk-official-80x24", func(t *testing.T) {
		b := start(t, exampleStore(t), 80, 24, func(c *Config) {
			c.Official = func() (*official.Wording, error) { return wording(t), nil }
		})
		b.keys("<enter>/pr.aa-05/s<enter>w")
		golden(t, "walk-official-80x24.txt", plainLines(b.app.View().Content))
	})
	t.Run("walk-170x50", func(t *testing.T) {
		b := start(t, exampleStore(t), 170, 50)
		b.keys("<enter>/pr.aa-05/s<enter>")
		golden(t, "walk-170x50.txt", plainLines(b.app.View().Content))
	})
}

// What is seen of one session names no other one: they are on Home alone.
func TestNoOtherSessionOnScreens(t *testing.T) {
	m := exampleStore(t)
	const id = "b0000000-0000-4000-8000-00000000000b"
	s, d, err := assessment.New(catalog(t), assessment.Info{ID: id, Organization: "BRAVO Ltd", Name: "BRAVO baseline", Purpose: "BRAVO", Assessors: []string{"BRAVO"}},
		assessment.Act{Who: "BRAVO", Time: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}) // the last on Home
	if err == nil {
		err = m.Apply(d)
	}
	if err != nil || s.Info().ID != id {
		t.Fatal(err)
	}
	for _, sc := range screens {
		b := start(t, m, 140, 45)
		b.keys(sc.keys)
		if got := strings.Contains(b.screen(), "BRAVO"); got != (sc.name == "home") {
			t.Errorf("%s: it shows another session: %v\n%s", sc.name, got, b.screen())
		}
	}
}

// plainLines is a screen without colours and without the blanks at the ends of lines.
func plainLines(s string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(ansi.Strip(s), "\n") {
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return out.String()
}

// With --ascii every screen is ASCII, but for what people wrote.
func TestASCII(t *testing.T) {
	for _, keys := range []string{
		"", "n", "<enter>", "<enter>t", "<enter>b", "<enter>D", "<enter>G", "<enter>R", "<enter>?", "<enter>f", "<enter>/", "<enter>e", "<enter>w", "<enter>/gv.sc-07/secure<enter>e",
		"<enter>M", "<enter>Ma", "<enter>Ma<enter>", "<enter>Mam", "<enter>Ms", "<enter>Mn", "<enter>Mn<enter>", "<enter>Mtc", "<enter>Ml", "<enter>Mk", "<enter>p", "<enter>GA", "<enter>G<space>",
		"<enter>Migaps.csv<enter>", "<enter>Miaudit.csv<enter>", "Inew.plumb<enter>", "<enter>Mb", "<enter>Mb<enter><space><enter><enter><enter>",
	} {
		b := start(t, exampleStore(t), 140, 45, func(c *Config) { c.ASCII = true })
		b.keys(keys)
		for i, line := range strings.Split(b.screen(), "\n") {
			for _, r := range line {
				if r > 126 {
					t.Errorf("after %q, line %d shows %q: %s", keys, i, r, line)
					break
				}
			}
		}
	}
}

// Every screen and dialog is exactly as large as the terminal, at any size (see bench.shape).
func TestSizes(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 15}, {40, 10}, {39, 9}, {20, 3}, {1, 1}, {0, 0}, {119, 30}, {120, 24}, {160, 20}, {200, 60}} {
		for _, keys := range []string{
			"", "n", "<enter>", "<enter>t", "<enter>n", "<enter>e", "<enter>b", "<enter>f", "<enter>/", "<enter>x",
			"<enter>D", "<enter>G", "<enter>R", "<enter>R<enter>", "<enter>?", "<enter>w", "c",
			"<enter>M", "<enter>Ma", "<enter>Ma<enter>", "<enter>Mam", "<enter>Ms", "<enter>Ms<enter>", "<enter>Mn", "<enter>Mn<enter>", "<enter>Mtc", "<enter>Ml", "<enter>Mk",
			"<enter>p", "<enter>GA", "<enter>Ga", "M", "<enter>Mi", "<enter>Miaudit.csv<enter>", "Inew.plumb<enter>", "Ilocked.plumb<enter>", "<enter>Mb",
			"<enter>Mb<enter><space><enter><enter><enter>",
		} {
			b := start(t, exampleStore(t), size[0], size[1])
			b.keys(keys)
		}
	}
}

// The README shows the walk as it is.
func TestReadmeShowsTheWalk(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, exampleStore(t), 80, 24)
	b.keys("<enter>/pr.aa-05/s<enter>")
	if screen := strings.TrimSpace(plainLines(b.app.View().Content)); !strings.Contains(string(readme), screen) {
		t.Errorf("the README shows another screen than:\n%s", screen)
	}
}
