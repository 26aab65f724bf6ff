package main

import (
	"bytes"
	"strings"
	"testing"

	"plumbline/assessment"
)

// What a store or a pack holds may come from elsewhere: nothing of it steers the terminal.
func TestPrintedTextIsFiltered(t *testing.T) {
	const hostile = "a\x1b]52;c;ZXZpbA==\x07b\u202ec\u009b2Jd\re\u2028f"
	var out, messages bytes.Buffer
	p := &program{stdout: &out, stderr: &messages}
	p.print("%s", hostile)
	p.prose("one\n" + hostile)
	p.say("%s", hostile)
	table := p.table("HEAD")
	table.row(hostile, "x\ty")
	table.end()
	for _, said := range []string{out.String(), messages.String()} {
		if strings.ContainsAny(said, "\x1b\x07\u202e\u009b\r\u2028\t") {
			t.Errorf("it lets through %q", said)
		}
	}
	if got := strings.Count(messages.String(), "\n"); got != 1 {
		t.Errorf("a message of %d lines: %q", got, messages.String())
	}
}

func TestASCII(t *testing.T) {
	p := &program{globals: globals{ASCII: true}}
	for _, s := range []string{unknown, interval(assessment.Interval{Low: assessment.Ratio{Num: 1, Den: 3}, High: assessment.Ratio{Num: 2, Den: 3}}), "Σ min · → ≥ ›  • x", ellipsis("a long text", 6)} {
		for _, r := range p.plain(s) {
			if r > 0x7e {
				t.Errorf("%q has %q", p.plain(s), r)
			}
		}
	}
}

func TestFigures(t *testing.T) {
	half := assessment.Tally{InProfile: 10, Compared: 5, Achieved: 6, Wanted: 10, WantedAll: 20}
	for _, tc := range []struct{ got, want string }{
		{attainment(assessment.Tally{}, 60), "–"},
		{attainment(half, 60), "6/10, too little rated (coverage 5 of 10)"},
		{attainment(half, 50), "6/10 = 60 %"},
		{interval(half.Interval()), "6/20 … 16/20 = 30 % … 80 %"},
		{interval(assessment.Interval{}), "–"},
		{share(assessment.Ratio{}), "–"},
		{shareOf(assessment.Ratio{Num: 1, Den: 300}), "1 of 300 (<1 %)"},
		{ellipsis("abcdef", 6), "abcdef"},
		{ellipsis("abcd fgh", 6), "abcd…"},
		{ellipsis("žluťoučký", 5), "žluť…"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}
