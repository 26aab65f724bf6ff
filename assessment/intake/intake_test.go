package intake

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
	"plumbline/content"
	reportcsv "plumbline/reports/csv"
	"plumbline/reports/model"
	"plumbline/testdata/example"
)

var now = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func catalog(t testing.TB) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// fresh returns a session in which nothing was answered.
func fresh(t testing.TB) *assessment.Session {
	t.Helper()
	s, _, err := assessment.New(catalog(t), assessment.Info{
		ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "Made-up Works", Name: "Test", Path: assessment.Full,
	}, assessment.Act{Who: "test", Time: now.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// examples returns the sessions of the worked example.
func examples(t testing.TB) []*assessment.Session {
	t.Helper()
	all, err := example.Sessions(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// answered returns the first of them.
func answered(t testing.TB) *assessment.Session { return examples(t)[0] }

// read reads a file that must be readable.
func read(t testing.TB, name string, data []byte) *File {
	t.Helper()
	f, err := Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func planned(t testing.TB, f *File, s *assessment.Session, at time.Time, c Choices) *Plan {
	t.Helper()
	p, err := f.Plan(s.Snapshot(), at, c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// take plans a file and applies the plan.
func take(t testing.TB, f *File, s *assessment.Session, at time.Time, c Choices) (*Plan, assessment.Delta) {
	t.Helper()
	p := planned(t, f, s, at, c)
	d, err := s.Do(p.Act("importer"), p.Apply)
	if err != nil {
		t.Fatal(err)
	}
	return p, d
}

func register(t testing.TB, s *assessment.Session, delimiter rune) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reportcsv.WriteSheet(&b, model.GapRegister(s.Snapshot(), assessment.DayOf(now)), delimiter); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func problems(p []Problem) string {
	var b strings.Builder
	for _, p := range p {
		fmt.Fprintf(&b, "%v: %v\n", p.Severity, p)
	}
	return b.String()
}

// The register that a session writes says nothing new to it, whatever the delimiter.
func TestRegisterSaysTheSame(t *testing.T) {
	s := answered(t)
	for _, delimiter := range ",;\t" {
		f := read(t, "gaps.csv", register(t, s, delimiter))
		if f.Kind != RegisterCSV {
			t.Errorf("the kind is %s", f.Kind)
		}
		p, d := take(t, f, s, now, Choices{})
		if c := p.Counts; c.Same == 0 || c.New+c.Changed+c.Conflict+c.Skipped > 0 || len(d.Events) > 0 {
			t.Errorf("%q: %+v, %d events\n%v\n%s", delimiter, c, len(d.Events), p.Changes, problems(p.Problems))
		}
	}
}

// What the register carries is carried into a session that knows nothing of it, and back out again.
func TestRegisterRoundTrip(t *testing.T) {
	from, to := answered(t), fresh(t)
	// What the register does not carry, or tells from the rest, is the same in both.
	if _, err := to.Do(assessment.Act{Who: "test", Time: now}, func(e *assessment.Edit) error {
		if err := e.Info(func(in *assessment.Info) {
			was := from.Info()
			in.Path, in.Areas = was.Path, was.Areas
		}); err != nil {
			return err
		}
		for sub := range from.Catalog().Subcategories() {
			if b := from.Base(sub.ID); b.Current.Known() {
				if err := e.Base(sub.ID, b.Current, b.Note); err != nil {
					return err
				}
			}
		}
		for entry := range from.Entries() {
			for _, ev := range entry.Response.Evidence {
				if err := e.AddEvidence(entry.Item.ID, ev); err != nil {
					return err
				}
			}
		}
		for _, a := range from.Actions() {
			a.ID = ""
			if _, err := e.PutAction(a); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	data := register(t, from, 0)
	// The evidence was added after the day that the file names, so its answers are older.
	p, _ := take(t, read(t, "gaps.csv", data), to, now.Add(time.Hour), Choices{Overwrite: true})
	if p.Counts.New == 0 || p.Counts.Skipped+p.Counts.Conflict > 0 {
		t.Errorf("%+v\n%s", p.Counts, problems(p.Problems))
	}
	if diff := cmp.Diff(withoutUpdated(string(data)), withoutUpdated(string(register(t, to, 0)))); diff != "" {
		t.Errorf("−written +read and written again:\n%s", diff)
	}
}

// withoutUpdated cuts the last column, which tells when a session was told.
func withoutUpdated(csv string) []string {
	lines := strings.Split(csv, "\r\n")
	for i, l := range lines {
		if k := strings.LastIndexByte(l, ','); k >= 0 {
			lines[i] = l[:k]
		}
	}
	return lines
}
