package origin_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plumbline/reports"
	"plumbline/reports/origin"
)

const examples = "../../docs/examples"

func example(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, "northwater-health-2026-baseline-"+name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every example tells what it is of, or is of a format that does not.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(examples, "northwater-health-2026-baseline-*"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimPrefix(filepath.Base(path), "northwater-health-2026-baseline-")
		t.Run(name, func(t *testing.T) {
			o, err := origin.Read(example(t, name))
			if filepath.Ext(name) == ".csv" && name != "profile-ciso.csv" && name != "profile.csv" {
				if !errors.Is(err, origin.ErrNoHead) {
					t.Fatalf("%v, want ErrNoHead", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			stem, ext, _ := strings.Cut(name, ".")
			kind, _, foreign := strings.Cut(stem, "-")
			if slices.Contains(reports.Kinds(), reports.Kind(stem)) {
				kind, foreign = stem, false
			}
			want := origin.Origin{
				Format: reports.Format(ext), Kind: reports.Kind(kind), Session: o.Session, Head: origin.Head{Seq: 359, Hash: o.Head.Hash}, Others: o.Others,
				Pack: o.Pack, Version: "0.0.0-test", AsOf: "2026-11-21", Generated: o.Generated, OSCAL: o.OSCAL,
				Roles: o.Roles, // of the outline of a PDF: all that it has
			}
			switch {
			case strings.HasSuffix(stem, "oscal"):
				want.Format, want.OSCAL = reports.OSCAL, "1.2.1"
			case foreign:
				want.Format = reports.Format("ciso-" + ext)
			}
			if !reflect.DeepEqual(o, want) {
				t.Errorf("it states %+v, want %+v", o, want)
			}
			if h := o.Head.Hash; !strings.HasPrefix(head, h) || len(h) < 16 {
				t.Errorf("its head is %q", h)
			}
			// Two pages have no room for the id; a PDF is read by what it says of itself as a whole.
			short := kind == "executive" && ext != "json" || ext == "pdf"
			if o.Session != session && (o.Session != "" || !short) {
				t.Errorf("its session is %q", o.Session)
			}
			if other := len(o.Others); other != 0 && kind != "compare" || other != 1 && kind == "compare" && ext != "pdf" {
				t.Errorf("it mentions %v", o.Others)
			}
			if o.Pack != "" && !strings.HasPrefix("bf7873f96f94003eea03bf096fd2b8e5da488a97a8b5cf26d6ba2ca53adb2d3a", o.Pack) {
				t.Errorf("its pack is %q", o.Pack)
			}
			if !o.Generated.IsZero() && o.Generated.Format(time.RFC3339) != "2026-11-21T09:30:00Z" {
				t.Errorf("it is of %v", o.Generated)
			}
		})
	}
}

const (
	session = "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6"
	head    = "eaca0105d06db37a33c81d4b4714fad5b643ae95e8e32b81da8dbabc41ff9909"
)

// Texts of people that look like what a report states change nothing.
func TestTextsOfPeople(t *testing.T) {
	page := string(example(t, "gap.md"))
	for _, text := range []string{
		"· as of 2020-01-01 · journal 7:0123456789abcdef · x, edition 1, SHA-256 0123456789abcdef · y · Plumbline 9",
		"- **Session:** 00000000-0000-4000-8000-000000000000",
	} {
		inside := strings.Replace(page, "## Contents", text+"\n\n## Contents", 1)
		at := strings.LastIndex(inside, " · 2026 baseline") // in the footer, as the name of the organization
		o, err := origin.Read([]byte(inside[:at] + " " + text + inside[at:]))
		if err != nil || o.Session != session || o.Head.Seq != 359 || o.Version != "0.0.0-test" {
			t.Errorf("with %q: %+v %v", text, o, err)
		}
	}
}

// Of CSV, NIST's template alone tells its origin, whatever people wrote into a register or into its rows.
func TestTextsOfPeopleInCSV(t *testing.T) {
	claim := "\nSession 00000000-0000-4000-8000-000000000000, journal 7:0123456789abcdef, as of 2020-01-01. Content: x, edition 1, SHA-256 begins 0123456789abcdef. Made by Plumbline 9.\n"
	register := strings.Replace(string(example(t, "gap.csv")), "\"", "\""+claim, 1)
	if o, err := origin.Read([]byte(register)); !errors.Is(err, origin.ErrNoHead) || o.Session != "" {
		t.Errorf("a register states %+v, %v", o, err)
	}
	sheet := string(example(t, "profile.csv"))
	at := strings.LastIndex(sheet, "\"")
	if o, err := origin.Read([]byte(sheet[:at] + claim + sheet[at:])); err != nil || o.Session != session || o.Head.Seq != 359 {
		t.Errorf("a template states %+v, %v", o, err)
	}
}

// A line of its own that stands in a text, too, is one of several that the file states; those of the file
// itself, which have the day, are among them.
func TestTextsOfPeopleInOtherTools(t *testing.T) {
	const id, other = "00000000-0000-4000-8000-000000000000", "0123456789abcdef"
	for _, name := range []string{"profile.csfp", "profile.csfa", "profile-ciso.csv"} {
		file := string(example(t, name))
		own := strings.Index(file, "Plumbline 0.0.0-test, session")
		behind := own + strings.Index(file[own:], "measured against")
		for _, at := range []int{own, behind} {
			o, err := origin.Read([]byte(file[:at] + "Plumbline x, session " + id + ", journal 7:" + other + ", as of 2020-01-01; " + file[at:]))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var states []origin.Origin
			for c := range o.Claims() {
				states = append(states, c)
			}
			found := slices.ContainsFunc(states, func(c origin.Origin) bool {
				return c.Session == session && c.Head.Seq == 359 && c.Version == "0.0.0-test" && c.AsOf == "2026-11-21"
			})
			if len(states) != 2 || !found {
				t.Errorf("%s states %+v", name, states)
			}
		}
	}
}

// What stands where the version and the day stand must be one.
func TestImplausible(t *testing.T) {
	for _, tc := range []struct {
		o    origin.Origin
		fits bool
	}{
		{origin.Origin{Version: "1.2.3-rc.1+linux", AsOf: "2026-11-21", OSCAL: "1.1.3"}, true},
		{origin.Origin{Version: "0.1.0-dev"}, true},
		{origin.Origin{}, false},
		{origin.Origin{Version: "0.1.0-dev, reviewed by NIST: all gaps are closed"}, false},
		{origin.Origin{Version: "0.1.0\n"}, false},
		{origin.Origin{Version: strings.Repeat("1", 41)}, false},
		{origin.Origin{Version: "1", AsOf: "2026-11-21, reviewed by NIST"}, false},
		{origin.Origin{Version: "1", OSCAL: "1.1.3, reviewed by NIST"}, false},
	} {
		if err := tc.o.Implausible(); (err == nil) != tc.fits {
			t.Errorf("%+v: %v", tc.o, err)
		}
	}
}

// Several roles are read where a report by role names them, and nowhere else.
func TestRoles(t *testing.T) {
	const said = " They are for CISO, AI/ML lead and SOC lead on which nothing is on record.\n"
	for name, want := range map[string][][]string{
		"interview.md": {{"CISO", "AI/ML lead", "SOC lead"}},
		"gap.md":       nil,
	} {
		title, rest, _ := strings.Cut(string(example(t, name)), "\n")
		if o, err := origin.Read([]byte(title + "\n" + said + said + rest)); err != nil || !reflect.DeepEqual(o.Roles, want) {
			t.Errorf("%s: %v %v", name, o.Roles, err)
		}
	}
	if o, err := origin.Read(example(t, "interview.pdf")); err != nil || len(o.Roles) != 1 || len(o.Roles[0]) != 13 {
		t.Errorf("interview.pdf: %v %v", o.Roles, err)
	}
}

// What is no report is told apart from one that states no head.
func TestNoReport(t *testing.T) {
	for _, tc := range []struct {
		name, data string
		want       error
	}{
		{"nothing", "", origin.ErrForeign},
		{"text", "hello", origin.ErrForeign},
		{"half a ZIP", "PK\x03\x04", origin.ErrForeign},
		{"half a PDF", "%PDF-1.3", origin.ErrNoHead},
		{"a PDF whose text does not end", "%PDF-1.3 /Keywords (\\", origin.ErrNoHead},
		{"a page of somebody else", "<!DOCTYPE html><footer>journal</footer>", origin.ErrNoHead},
		{"notes", "# Notes\n\ntext", origin.ErrNoHead},
		{"JSON of somebody else", `{"a":1}`, origin.ErrForeign},
		{"an envelope without a session", `{"schema":"plumbline/version/1"}`, origin.ErrNoHead},
		{"an envelope of another shape", `{"schema":"plumbline/gap-report/1","session":7}`, origin.ErrForeign},
		{"a head without its number", `{"schema":"x","session":{"journal_head":{"seq":0,"hash":"` + head + `"}}}`, origin.ErrNoHead},
		{"a head cut off", `{"schema":"x","session":{"journal_head":{"seq":7,"hash":"eaca"}}}`, origin.ErrNoHead},
		{"too large", "# " + strings.Repeat("x", origin.MaxSize), origin.ErrForeign},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if o, err := origin.Read([]byte(tc.data)); !errors.Is(err, tc.want) {
				t.Errorf("%+v %v, want %v", o, err, tc.want)
			}
		})
	}
}

// Whatever is read, no head is taken that is none.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"executive.html", "executive.md", "executive.pdf", "executive.json", "profile.csfa"} {
		data := string(example(f, name))
		f.Add([]byte(data[:512] + data[len(data)-2<<10:]))
	}
	f.Add([]byte(`{"plan-of-action-and-milestones":{"metadata":{"props":[{"name":"journal-head","value":"7:0123456789abcdef"}]}}}`))
	f.Add([]byte("\uFEFFPlumbline 1, session " + session + ", journal 7:0123456789abcdef, as of 2026-11-21; \r\n"))
	for _, part := range []string{"word/footer1.xml", "xl/workbook.xml", "assessment-results.json"} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range []string{part, "word/document.xml"} {
			e, err := w.Create(name)
			if err == nil {
				_, err = e.Write([]byte("<p><t> · as of 2026-11-21 · journal 7:0123456789abcdef</t></p>"))
			}
			if err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := origin.Read(data)
		if (err == nil) != (o.Head.Seq > 0 && len(o.Head.Hash) >= 16) {
			t.Errorf("%+v, %v", o.Head, err)
		}
	})
}
