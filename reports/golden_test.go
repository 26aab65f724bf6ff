package reports_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plumbline/reports"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before they count")

// The golden files are the gap report of the worked example.
const goldenFolder = "../testdata/reports"

func TestGolden(t *testing.T) {
	s := examples(t)[0]
	for _, f := range reports.Formats(reports.Gap) {
		t.Run(string(f), func(t *testing.T) {
			got := write(t, f, s, options())
			file := filepath.Join(goldenFolder, reports.FileName(s, reports.Gap, f))
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs %s\n(go test ./reports -update writes it anew)", file, firstDifference(got, want))
			}
		})
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.SplitAfter(string(got), "\n"), strings.SplitAfter(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "in line " + strings.Join([]string{itoa(i + 1), "\n got: ", clip(g[i]), "\nwant: ", clip(w[i])}, "")
		}
	}
	return "in length: " + itoa(len(g)) + " lines, not " + itoa(len(w))
}

func clip(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return strings.TrimRight(s, "\r\n")
}

// The same session gives the same bytes, built anew, in another time zone and under another locale.
func TestDeterministic(t *testing.T) {
	first := make(map[reports.Format][]byte)
	for _, f := range reports.Formats(reports.Gap) {
		first[f] = write(t, f, examples(t)[0], options())
	}
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("far", 13*60*60)
	t.Setenv("TZ", "Pacific/Auckland")
	t.Setenv("LANG", "tr_TR.UTF-8")
	t.Setenv("LC_ALL", "tr_TR.UTF-8")
	o := options()
	o.Generated = o.Generated.In(time.Local)
	for f, want := range first {
		if got := write(t, f, examples(t)[0], o); !bytes.Equal(got, want) {
			t.Errorf("%s differs %s", f, firstDifference(got, want))
		}
	}
}

// The day of the report decides what has lapsed and what is overdue, and no figure.
func TestAsOf(t *testing.T) {
	s := examples(t)[0]
	o := options()
	before := string(write(t, reports.Markdown, s, o))
	o.AsOf = "2028-01-01"
	after := string(write(t, reports.Markdown, s, o))
	for _, c := range []struct{ text, in, notIn string }{
		{"accepted until<br>2026-12-15", before, after},
		{"acceptance lapsed on<br>2026-12-15", after, before},
		{"<br>overdue", after, before},
		{"January 1, 2028", after, before},
	} {
		if !strings.Contains(c.in, c.text) || strings.Contains(c.notIn, c.text) {
			t.Errorf("%q is not where it should be", c.text)
		}
	}
	figures := func(s string) string {
		_, s, _ = strings.Cut(s, "| Target attainment |")
		s, _, _ = strings.Cut(s, "| Gaps |")
		return s
	}
	if figures(before) != figures(after) {
		t.Error("the figures changed with the day of the report")
	}
}

func TestDamageIsSaidFirst(t *testing.T) {
	s := examples(t)[1]
	o := options()
	o.Damage = "event 7 does not follow the event before it"
	for _, f := range []reports.Format{reports.HTML, reports.Markdown, reports.JSON} {
		got := write(t, f, s, o)
		at := bytes.Index(got, []byte(o.Damage))
		if figures := bytes.Index(got, []byte("ttainment")); at < 0 || at > figures {
			t.Errorf("%s says nothing of the damage before its figures", f)
		}
	}
	if err := reports.Write(io.Discard, reports.Gap, reports.CSV, s, o); !errors.Is(err, reports.ErrNoBanner) {
		t.Errorf("CSV, which has no place for it: %v", err)
	}
}
