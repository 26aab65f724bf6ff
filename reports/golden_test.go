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

	"plumbline/content"
	"plumbline/reports"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before they count")

// The examples in the documentation are the golden files: every report of the worked example.
const exampleFolder = "../docs/examples"

func TestExamples(t *testing.T) {
	session := sessions(t)[0]
	s, o := session.Snapshot(), full(t, session)
	secure := content.Secure
	o.Area = &secure // what has one rating for each Subcategory: the example has few base ratings
	known := make(map[string]bool)
	every(t, func(t *testing.T, k reports.Kind, f reports.Format) {
		got := writeKind(t, k, f, s, o)
		name := reports.FileName(s, k, f, o)
		known[name] = true
		file := filepath.Join(exampleFolder, name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !reports.IsText(k, f) {
			// Another release of Go may compress in another way, so the content decides.
			if err := reports.Check(k, f, want, s, o); err != nil {
				t.Errorf("%s: %v\n(go test ./reports -update writes it anew)", file, err)
			}
			return
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs %s\n(go test ./reports -update writes it anew)", file, firstDifference(got, want))
		}
	})
	entries, err := os.ReadDir(exampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !known[e.Name()] && e.Name() != "README.md" {
			t.Errorf("%s is an example of nothing", e.Name())
		}
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

// The same session gives the same bytes, built anew, in another folder and time zone and under another
// locale.
func TestDeterministic(t *testing.T) {
	first := make(map[string][]byte)
	session := sessions(t)[0]
	o := full(t, session)
	every(t, func(t *testing.T, k reports.Kind, f reports.Format) {
		first[string(k)+string(f)] = writeKind(t, k, f, session.Snapshot(), o)
	})
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("far", 13*60*60)
	t.Setenv("TZ", "Pacific/Auckland")
	t.Setenv("LANG", "tr_TR.UTF-8")
	t.Setenv("LC_ALL", "tr_TR.UTF-8")
	t.Chdir(t.TempDir())
	session = sessions(t)[0]
	o = full(t, session)
	o.Generated = o.Generated.In(time.Local)
	every(t, func(t *testing.T, k reports.Kind, f reports.Format) {
		got, want := writeKind(t, k, f, session.Snapshot(), o), first[string(k)+string(f)]
		if !bytes.Equal(got, want) {
			t.Errorf("differs %s", firstDifference(got, want))
		}
	})
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
	for _, f := range []reports.Format{reports.CSV, reports.CSFP, reports.CSFA, reports.CISOCSV, reports.CISOXLSX} {
		if err := reports.Write(io.Discard, reports.Profile, f, s, o); !errors.Is(err, reports.ErrNoBanner) {
			t.Errorf("%s, which has no place for it: %v", f, err)
		}
	}
}
