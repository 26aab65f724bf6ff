package reports_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"plumbline/reports"
)

// The documentation has the table of kinds and formats as the program has it.
func TestKindsInDocs(t *testing.T) {
	const file, begin, end = "../docs/formats.md", "-run TestKindsInDocs -update -->\n", "<!-- end -->"
	var all []reports.Format
	for _, k := range reports.Kinds() {
		for _, f := range reports.Formats(k) {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	var b strings.Builder
	b.WriteString("| Kind | What it tells |")
	for _, f := range all {
		fmt.Fprintf(&b, " `%s` |", f)
	}
	b.WriteString("\n|---|---|" + strings.Repeat(":-:|", len(all)) + "\n")
	for _, k := range reports.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s |", k, reports.Tells(k))
		for _, f := range all {
			mark := ""
			if slices.Contains(reports.Formats(k), f) {
				mark = "✓"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteByte('\n')
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	want := head + begin + b.String() + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Errorf("%s has another table (go test ./reports -run TestKindsInDocs -update)", file)
	}
}
