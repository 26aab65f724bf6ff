package intake

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
	"plumbline/content"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before they count")

// files are the made-up files in testdata and what they are.
var files = []struct {
	name string
	kind Kind
}{
	{"gaps.csv", RegisterCSV},
	{"interview.csv", InterviewCSV},
	{"template.csv", TemplateCSV},
	{"profile-v2.csfp", CSFP},
	{"profile-v1.csfp", CSFP},
	{"assessment.csfa", CSFA},
	{"csfa-gaps.csv", CSFACSV},
	{"ciso.csv", CISOCSV},
	{"csf_profile.csv", CSFProfile},
	{"oscal-profile.json", OSCALProfile},
	{"oscal-catalog-ids.json", OSCALProfile},
}

func testFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// preview prints everything that a person is told of a plan.
func preview(p *Plan) string {
	var b strings.Builder
	c := p.Counts
	fmt.Fprintf(&b, "%s\nnew %d, changed %d, same %d, skipped %d, unmapped %d, conflict %d\n",
		p.File.Kind.Name(), c.New, c.Changed, c.Same, c.Skipped, c.Unmapped, c.Conflict)
	if len(p.Problems) > 0 {
		fmt.Fprintf(&b, "\nproblems\n%s", problems(p.Problems))
	}
	for _, s := range p.File.Scales {
		fmt.Fprintf(&b, "\nscale %q (%s)\n", s.Name, s.Rates)
		for _, v := range s.Values {
			fmt.Fprintf(&b, "%q × %d: %s\n", v.Text, v.Count, v.Proposed.Word())
		}
	}
	if len(p.Changes) > 0 {
		b.WriteString("\nchanges\n")
	}
	for _, ch := range p.Changes {
		fmt.Fprintf(&b, "%v: %v\n", ch.Place, ch)
	}
	return b.String()
}

// agreed takes every proposal, and for scales without any, levels by size.
func agreed(f *File) Choices {
	c := Choices{Map: make(map[string]Mapping)}
	for _, s := range f.Scales {
		if c.Map[s.Name] = s.Proposal(); len(c.Map[s.Name]) == 0 {
			for i, v := range s.Values {
				c.Map[s.Name][v.Text] = assessment.Rating(1 + min(i, assessment.MaxLevel))
			}
		}
	}
	return c
}

// The golden files say what a person is told: first with nothing chosen, then with all scales mapped.
func TestPreviews(t *testing.T) {
	for _, file := range files {
		t.Run(file.name, func(t *testing.T) {
			f := read(t, file.name, testFile(t, file.name))
			if f.Kind != file.kind {
				t.Errorf("the kind is %s, not %s", f.Kind, file.kind)
			}
			got := preview(planned(t, f, fresh(t), now, Choices{}))
			if len(f.Scales) > 0 {
				got += "\n--- mapped\n\n" + preview(planned(t, f, fresh(t), now, agreed(f)))
			}
			golden := filepath.Join("testdata", file.name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("−want +got:\n%s", diff)
			}
		})
	}
}

// A second time, a file changes nothing, whatever was chosen; and what the plan said is what the act did.
func TestTwiceIsOnce(t *testing.T) {
	secure := content.Secure
	for _, file := range files {
		for _, area := range []*content.Area{nil, &secure} {
			f := read(t, file.name, testFile(t, file.name))
			c := agreed(f)
			c.Area = area
			s := fresh(t)
			p, d := take(t, f, s, now, c)
			if changed := p.Counts.New + p.Counts.Changed; (changed > 0) != (len(d.Events) > 0) {
				t.Errorf("%s: %d changes, %d events", file.name, changed, len(d.Events))
			}
			for _, e := range d.Events {
				if want := fmt.Sprintf("import of %q, SHA-256 %s", file.name, f.SHA256); e.Reason != want || e.Group != d.Events[0].Group || e.Who != "importer" {
					t.Errorf("%s: event %d of group %d: %q by %q", file.name, e.Seq, e.Group, e.Reason, e.Who)
				}
			}
			again, d := take(t, f, s, now.AddDate(0, 0, 1), c)
			if n := again.Counts.New + again.Counts.Changed; n > 0 || len(d.Events) > 0 {
				t.Errorf("%s, a second time: %d changes, %d events: %v", file.name, n, len(d.Events), again.Changes)
			}
		}
	}
}
