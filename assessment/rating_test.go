package assessment_test

import (
	"encoding/json"
	"testing"

	"plumbline/assessment"
	"plumbline/content"
)

func TestRatingJSON(t *testing.T) {
	for raw, want := range map[string]assessment.Rating{
		"null": assessment.Unrated, "0": level(t, 0), "1": level(t, 1), "2": level(t, 2), "3": level(t, 3),
	} {
		got := assessment.Rating(99)
		if err := json.Unmarshal([]byte(raw), &got); err != nil || got != want {
			t.Errorf("%s is read as %v, %v", raw, got, err)
		}
		if back, err := json.Marshal(want); err != nil || string(back) != raw {
			t.Errorf("%v is written as %s, %v", want, back, err)
		}
	}
	for _, raw := range []string{"4", "-1", "2.5", "1e0", `"2"`, "true", "{}", "[1]", `""`} {
		var got assessment.Rating
		if err := json.Unmarshal([]byte(raw), &got); err == nil {
			t.Errorf("%s is read as %v", raw, got)
		}
	}
}

func TestLevels(t *testing.T) {
	if _, ok := assessment.Unrated.Level(); ok || assessment.Unrated.Known() || assessment.Unrated.String() != "–" || assessment.Unrated.Word() != "unrated" {
		t.Errorf("unrated is %v, %q", assessment.Unrated, assessment.Unrated.Word())
	}
	for n, word := range []string{"Not achieved", "Partially achieved", "Largely achieved", "Fully achieved"} {
		r := level(t, n)
		if got, ok := r.Level(); !ok || got != n || !r.Known() || r.Word() != word || assessment.LevelWord(n) != word || r.String() != string(rune('0'+n)) {
			t.Errorf("level %d is %v, %q", n, r, r.Word())
		}
		target, err := assessment.TargetAt(n)
		if ok := err == nil; ok != (n > 0) || ok && target != r {
			t.Errorf("target %d is %v, %v", n, target, err)
		}
	}
	for _, n := range []int{-1, 4, 255} {
		if _, err := assessment.AtLevel(n); err == nil {
			t.Errorf("%d is a level", n)
		}
		if _, err := assessment.TargetAt(n); err == nil {
			t.Errorf("%d is a target", n)
		}
	}
}

func TestNames(t *testing.T) {
	for _, m := range assessment.Methods {
		if got, err := assessment.ParseMethod(m.String()); err != nil || got != m {
			t.Errorf("%v is read as %v, %v", m, got, err)
		}
	}
	for _, s := range []string{"", "none", "Tested", "guessed"} {
		if m, err := assessment.ParseMethod(s); err == nil {
			t.Errorf("%q is read as %v", s, m)
		}
	}
	for _, p := range assessment.Paths {
		if got, err := assessment.ParsePath(string(p)); err != nil || got != p {
			t.Errorf("%v is read as %v, %v", p, got, err)
		}
	}
	if _, err := assessment.ParsePath("Full"); err == nil {
		t.Error(`"Full" is a path`)
	}
	for p, covered := range map[assessment.Path][3]bool{
		assessment.Quick: {true, false, false}, assessment.Standard: {true, true, false}, assessment.Full: {true, true, true},
	} {
		for i, want := range covered {
			if pr := content.Priority(i + 1); p.Covers(pr) != want {
				t.Errorf("path %s covers %v: %v", p, pr, !want)
			}
		}
	}
	for n, name := range map[int]string{1: "Partial", 2: "Risk Informed", 3: "Repeatable", 4: "Adaptive"} {
		if got := assessment.TierName(n); got != name {
			t.Errorf("Tier %d is %q", n, got)
		}
	}
}

func TestDates(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "2026-11-21": true, "2024-02-29": true,
		"2026-02-29": false, "2026-1-1": false, "21.11.2026": false, "2026-11-21T00:00:00Z": false, " 2026-11-21": false, "2026-11-2١": false,
	} {
		d, err := assessment.ParseDate(s)
		if (err == nil) != want || err == nil && string(d) != s {
			t.Errorf("%q is read as %q, %v", s, d, err)
		}
	}
	if got := assessment.DayOf(noon); got != "2026-09-26" {
		t.Errorf("noon is of %s", got)
	}
}

func TestHashText(t *testing.T) {
	h := assessment.Hash{0xAB, 31: 0x01}
	text, err := h.MarshalText()
	var back assessment.Hash
	if err != nil || back.UnmarshalText(text) != nil || back != h {
		t.Errorf("%s is read as %v", text, back)
	}
	if got := (assessment.Head{Seq: 231, Hash: h}).String(); got != "231:ab00000000000000" {
		t.Errorf("head %s", got)
	}
	for _, s := range []string{"", "ab", string(text[1:]), string(text) + "0", "zz" + string(text[2:])} {
		if err := back.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q is a hash", s)
		}
	}
}
