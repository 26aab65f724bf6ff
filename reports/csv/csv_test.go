package csv

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"plumbline/assessment"
)

// What a spreadsheet looks at is drawn often, so that runs of it come up.
var risk = rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("'=+-@＝＋－＠ \t\r\n")), rapid.Rune()))

func TestProtectIsReversible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := risk.Draw(t, "text")
		if got := assessment.UnprotectFormula(assessment.ProtectFormula(s)); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// All texts of up to four of these characters, which is where a rule of thumb goes wrong.
func TestProtectIsReversibleExhaustively(t *testing.T) {
	alphabet := strings.Split("'|=|+|-|@|＝|＠| |\t|\r|\n|a|1", "|")
	texts := []string{""}
	for from, n := 0, 0; n < 4; n++ {
		to := len(texts)
		for _, s := range texts[from:to] {
			for _, c := range alphabet {
				texts = append(texts, s+c)
			}
		}
		from = to
	}
	for _, s := range texts {
		p := assessment.ProtectFormula(s)
		if got := assessment.UnprotectFormula(p); got != s {
			t.Errorf("%q became %q", s, got)
		}
		if first := strings.TrimLeft(p, " \t\r\n"); first != "" && strings.ContainsAny(first[:1], "=+-@") || strings.HasPrefix(first, "＝") || strings.HasPrefix(first, "＠") {
			t.Errorf("%q is still a formula: %q", s, p)
		}
	}
}

func TestProtect(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"=1+1", "'=1+1"},
		{"  =1+1", "'  =1+1"},
		{"-2", "'-2"},
		{"＠SUM", "'＠SUM"},
		{"\tx", "'\tx"},
		{"'=x", "''=x"},
		{"''=x", "'''=x"},
		{"'quoted'", "'quoted'"},
		{"a=b", "a=b"},
		{"–", "–"},
		{"", ""},
	} {
		if got := assessment.ProtectFormula(c.text); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// A text survives the way through a file, but for lone carriage returns, which no session holds.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ReplaceAll(risk.Draw(t, "text"), "\r", "")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = true
		if err := w.Write([]string{assessment.ProtectFormula(s), "second"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		row, err := csv.NewReader(&b).Read()
		if err != nil {
			t.Fatal(err)
		}
		if got := assessment.UnprotectFormula(row[0]); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
