package intake

import (
	"bytes"
	"encoding/csv"
	"testing"

	"pgregory.net/rapid"

	"plumbline/assessment"
)

// draw makes a gap register of a few rows, right and wrong.
func draw(t *rapid.T, label string) []byte {
	columns := []string{"item_id", "current", "target", "priority", "priority_reason", "reason", "accepted", "accepted_reason", "approver", "expires", "inherited", "owner", "note"}
	values := map[string][]string{
		"item_id": {"GV.OC-01/secure", "GV.OC-01/defend", "gv.oc-2/thwart", "GV.OC-03/secure"}, "current": {"0", "1", "2", "3", "4", "Fully achieved"},
		"target": {"1", "2", "3", "0"}, "priority": {"1", "2", "3", "High", "x"}, "priority_reason": {"Because", "Law"}, "reason": {"No AI", "Declined"},
		"accepted": {"yes", "lapsed", "no"}, "accepted_reason": {"Budget"}, "approver": {"Board"}, "expires": {"2027-01-01", "2020-01-01", "soon"},
		"inherited": {"yes", "no", "perhaps"}, "owner": {"CISO", " CIO "}, "note": hostile,
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(columns)
	for range rapid.IntRange(1, 6).Draw(t, label+" rows") {
		var cells []string
		for _, c := range columns {
			choices := values[c]
			if c != "item_id" {
				choices = append([]string{"", "", clearWord, "-"}, choices...)
			}
			cells = append(cells, assessment.ProtectFormula(tidy(rapid.SampledFrom(choices).Draw(t, label+" "+c))))
		}
		for i, c := range cells {
			if c == "'-" && columns[i] != "note" {
				cells[i] = "-"
			}
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.Bytes()
}

// Whatever two files say, one after the other: the act does what the plan says, to the letter, and a
// second time each file says nothing new to the session that it has just changed.
func TestPlansHold(t *testing.T) {
	start := fresh(t).Snapshot()
	rapid.Check(t, func(rt *rapid.T) {
		s := start.Scratch()
		for _, label := range []string{"first", "second"} {
			f, err := Read("x.csv", draw(rt, label))
			if err != nil {
				rt.Fatal(err)
			}
			c := Choices{Overwrite: rapid.Bool().Draw(rt, "overwrite")}
			p, err := f.Plan(s.Snapshot(), now, c)
			if err != nil {
				rt.Fatal(err)
			}
			if _, err := s.Do(p.Act("x"), p.Apply); err != nil {
				rt.Fatalf("%v\n%s", err, preview(p))
			}
			again, err := f.Plan(s.Snapshot(), now, c)
			if err != nil {
				rt.Fatal(err)
			}
			if n := again.Counts; n.New+n.Changed > 0 || n.Same+n.Conflict+n.Skipped != p.Counts.New+p.Counts.Changed+p.Counts.Same+p.Counts.Conflict+p.Counts.Skipped {
				rt.Errorf("first:\n%s\nagain:\n%s", preview(p), preview(again))
			}
		}
	})
}
