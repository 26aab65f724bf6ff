package assessment_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"plumbline/assessment"
)

// hostile is what people and files bring along, and what is left of it.
var hostile = []struct{ name, in, line, text string }{
	{"plain", "Grid operations", "Grid operations", "Grid operations"},
	{"empty", "", "", ""},
	{"blanks", "  \t a \t ", "a", "    a   "},
	{"lines", "a\r\nb\rc\nd", "a b c d", "a\nb\nc\nd"},
	{"other line ends", "a\u2028b\u2029c\u0085d", "a b c d", "a\nb\nc\nd"},
	{"colour", "\x1b[31mred\x1b[0m", "[31mred[0m", "[31mred[0m"},
	{"title", "\x1b]0;owned\a", "]0;owned", "]0;owned"},
	{"clipboard", "\x1b]52;c;cm0gLXJm\x1b\\", `]52;c;cm0gLXJm\`, `]52;c;cm0gLXJm\`},
	{"C1", "\u009b31m\u0090", "31m", "31m"},
	{"NUL and friends", "a\x00b\x7fc\bd\ve\ff", "abcdef", "abcdef"},
	{"bidi override", "safe\u202egpj.exe", "safegpj.exe", "safegpj.exe"},
	{"bidi isolates", "\u2066a\u2067b\u2068c\u2069\u061c\u200e\u200f", "abc", "abc"},
	{"byte order mark", "\ufeffGV.OC-01", "GV.OC-01", "GV.OC-01"},
	{"noncharacters", "a\ufffe\uffff\ufdd0\U0001fffe\U0010ffffb", "ab", "ab"},
	{"tags", "a\U000e0041\U000e0001\U000e007fb", "ab", "ab"},
	{"invalid UTF-8", "a\xff\xfeb\xc3", "a\ufffdb\ufffd", "a\ufffdb\ufffd"},
	{"a surrogate", "a\xed\xa0\x80b", "a\ufffdb", "a\ufffdb"},
	{"decomposed", "u\u0308ber", "über", "über"},
	{"joiners stay", "👩\u200d💻 ک\u200cن", "👩\u200d💻 ک\u200cن", "👩\u200d💻 ک\u200cن"},
	{"eight marks", "x" + strings.Repeat("\u0329", 8) + "y", "x" + strings.Repeat("\u0329", 8) + "y", "x" + strings.Repeat("\u0329", 8) + "y"},
	{"a tower of marks", "x" + strings.Repeat("\u0329", 60) + "y", "x" + strings.Repeat("\u0329", 8) + "y", "x" + strings.Repeat("\u0329", 8) + "y"},
	{
		"a tower on joiners", "x" + strings.Repeat(strings.Repeat("\u0329", 8)+"\u200d", 3),
		"x" + strings.Repeat("\u0329", 8) + "\u200d\u200d\u200d", "x" + strings.Repeat("\u0329", 8) + "\u200d\u200d\u200d",
	},
	{"a removed one between", "a\r\u200e\nb", "a  b", "a\n\nb"},
	{"markup is text", `<script>alert(1)</script> =1+1 | **x**`, `<script>alert(1)</script> =1+1 | **x**`, `<script>alert(1)</script> =1+1 | **x**`},
}

func TestCleanText(t *testing.T) {
	for _, c := range hostile {
		if got := assessment.CleanLine(c.in); got != c.line {
			t.Errorf("%s: CleanLine(%+q) is %+q, want %+q", c.name, c.in, got, c.line)
		}
		if got := assessment.CleanText(c.in); got != c.text {
			t.Errorf("%s: CleanText(%+q) is %+q, want %+q", c.name, c.in, got, c.text)
		}
		checkClean(t, c.in)
	}
}

// checkClean holds what the callers of the filter rely on, for whatever text.
func checkClean(t *testing.T, s string) {
	t.Helper()
	text, line := assessment.CleanText(s), assessment.CleanLine(s)
	for what, got := range map[string]string{"text": text, "line": line} {
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Errorf("%s of %+q is not normal: %+q", what, s, got)
		}
		marks := 0
		for _, r := range got {
			switch {
			case r == '\n' && what == "text":
			case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Noncharacter_Code_Point, r),
				unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), r == '\ufeff', r >= 0xe0000 && r <= 0xe007f:
				t.Errorf("%s of %+q holds %U", what, s, r)
			}
			if unicode.Is(unicode.M, r) {
				marks++
			} else if !unicode.Is(unicode.Cf, r) {
				marks = 0
			}
			if marks > 8 {
				t.Errorf("%s of %+q holds a tower of marks", what, s)
			}
		}
	}
	if line != strings.TrimSpace(line) {
		t.Errorf("line of %+q has blanks around it: %+q", s, line)
	}
	if again := assessment.CleanText(text); again != text {
		t.Errorf("text of %+q is %+q, and of that %+q", s, text, again)
	}
	if again := assessment.CleanLine(line); again != line {
		t.Errorf("line of %+q is %+q, and of that %+q", s, line, again)
	}
	if again := assessment.CleanLine(text); again != line {
		t.Errorf("line of %+q is %+q, by way of its text %+q", s, line, again)
	}
}

// Lengths count characters that are kept, and the message says by how much.
func TestLengths(t *testing.T) {
	s := start(t)
	id := item(t, "GV.OC-01/secure")
	full := strings.Repeat("ü", assessment.MaxName)
	must(t, s, func(e *assessment.Edit) error { return e.Owner(id, " "+full+"\a\n") })
	if got := s.Response(0).Owner; got != full {
		t.Errorf("owner of %d bytes", len(got))
	}
	refused(t, s, assessment.ErrText, func(e *assessment.Edit) error { return e.Owner(id, full+"ü") })
	_, err := s.Do(minute(1), func(e *assessment.Edit) error { return e.Owner(id, full+"ü") })
	if want := "GV.OC-01/secure: text refused: owner has 201 characters, at most 200 fit"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	must(t, s, func(e *assessment.Edit) error { return e.Note(id, strings.Repeat("ü", assessment.MaxNote)) })
	refused(t, s, assessment.ErrText, func(e *assessment.Edit) error { return e.Note(id, strings.Repeat("ü", assessment.MaxNote+1)) })
}

// Every text that a person writes goes through the filter before it is kept.
func TestEveryTextIsCleaned(t *testing.T) {
	const evil = "\x1b]0;x\a\u202ey"
	const clean = "]0;xy"
	s := start(t)
	it := find(t, standard)
	id := it.ID
	must(t, s, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) {
			in.Organization, in.Name, in.Purpose, in.Marking = evil, evil, evil, evil
			in.Units, in.Assumptions, in.Assessors = []string{evil}, []string{evil}, []string{evil}
			in.Areas[id.Area].Answer = evil
		})
	})

	edits := []func(*assessment.Edit) error{
		func(e *assessment.Edit) error { return e.Base(id.Sub, level(t, 1), evil) },
		func(e *assessment.Edit) error { return e.Rate(id, level(t, 1)) },
		func(e *assessment.Edit) error { return e.Target(id, level(t, 2), evil) },
		func(e *assessment.Edit) error {
			return e.Accept(id, assessment.Acceptance{Reason: evil, Approver: evil, Expires: "2027-01-01"})
		},
		func(e *assessment.Edit) error { return e.Exclude(id, evil) },
		func(e *assessment.Edit) error { return e.Prioritize(id, it.Priority%3+1, evil) },
		func(e *assessment.Edit) error { return e.Note(id, evil) },
		func(e *assessment.Edit) error { return e.Owner(id, evil) },
		func(e *assessment.Edit) error { return e.Asked(id, []string{evil}) },
		func(e *assessment.Edit) error {
			return e.AddEvidence(id, assessment.Evidence{Method: assessment.Tested, Ref: evil, File: evil, By: evil})
		},
		func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: 1, Management: 1, Rationale: evil})
		},
		func(e *assessment.Edit) error {
			_, err := e.PutSystem(assessment.System{
				Name: evil, Kind: evil, Provider: evil, Version: evil, Data: evil, Tools: evil, Exposure: evil, Criticality: evil,
				Phase: evil, Owner: evil, PreTesting: evil, PostTesting: evil, UseCase: evil,
			})
			return err
		},
		func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: evil, Owner: evil, Milestones: []assessment.Milestone{{Text: evil}}})
			return err
		},
		func(e *assessment.Edit) error { _, err := e.TakeSnapshot(evil); return err },
	}
	for _, edit := range edits {
		if _, err := s.Do(assessment.Act{Who: evil, Time: noon, Reason: evil}, edit); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	for _, raw := range stored(t, s).Journal {
		for _, bad := range []string{`\u001b`, `\u0007`, "\u202e", `\u202e`} {
			if strings.Contains(string(raw), bad) {
				t.Errorf("kept %s in %s", bad, raw)
			}
		}
		found += strings.Count(string(raw), clean)
	}
	if found < 50 {
		t.Errorf("%d texts were kept", found)
	}
}

// What a terminal shows as it is may have its accents apart; all else that CleanLine changes is not such a text.
func TestShows(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "/home/ada/Cafe\u0301/2025–2026 Σ 会議 👩‍💻": true, " a  b ": true, "\uFFFD": true,
		"a\nb": false, "a\tb": false, "a\rb": false, "\x1b[2J": false, "\u009b2J": false, "\x7f": false, "\x00": false,
		"a\u202eb": false, "a\u2066b": false, "\u200f": false, "a\u2028b": false, "a\u2029b": false, "a\u0085b": false,
		"\ufeff": false, "\U000E0041": false, "\xff": false, "\xed\xa0\x80": false, "e" + strings.Repeat("\u0323", 12): false,
	} {
		if assessment.Shows(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
		if steered := assessment.CleanLine(s) != norm.NFC.String(strings.TrimSpace(s)); want == steered {
			t.Errorf("%q: CleanLine makes %q of it", s, assessment.CleanLine(s))
		}
	}
}
