package main

import (
	"testing"

	"plumbline/assessment"
	"plumbline/content"
)

func TestItemArg(t *testing.T) {
	for given, want := range map[string]string{
		"GV.OC-01/secure": "GV.OC-01/secure",
		"gv.oc-01/SECURE": "GV.OC-01/secure",
		"Gv.oC-1/Thwart":  "GV.OC-01/thwart",
		"PR.AA-6/defend":  "PR.AA-06/defend",
		"DE.CM-10/defend": "DE.CM-10/defend",

		"":                      "",
		"GV.OC-01":              "",
		"GV.OC-01/":             "",
		"GV.OC-01/secured":      "",
		"GV.OC-01/secure/":      "",
		"GV.OC-001/secure":      "",
		"GV.OC-/secure":         "",
		" GV.OC-01/secure":      "",
		"GV.OC-01/secure\n":     "",
		"GVOC-01/secure":        "",
		"ＧＶ.OC-01/secure":       "", // full width
		"GV.ОС-01/secure":       "", // Cyrillic
		"PR.PS-01/\u017fecure":  "", // ſ folds to s
		"I\u212a.AM-01/secure":  "", // the Kelvin sign folds to k
		"GV.OC-٠١/secure":       "", // Arabic digits
		"GV.OC-01/sec\u200dure": "",
	} {
		var a itemArg
		err := a.UnmarshalText([]byte(given))
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is taken as %v", given, a.id)
		case want != "" && (err != nil || a.id.String() != want):
			t.Errorf("%q: %v, %v; want %s", given, a.id, err, want)
		}
	}
}

func TestValues(t *testing.T) {
	for _, tc := range []struct {
		name string
		read func(string) error
		good []string
		bad  []string
	}{
		{"level", func(s string) error { return new(level).UnmarshalText([]byte(s)) }, []string{"0", "3"}, []string{"", "4", "-1", "1.0", "one", "²"}},
		{"aim", func(s string) error { return new(aim).UnmarshalText([]byte(s)) }, []string{"1", "3"}, []string{"", "0", "4"}},
		{"priority", func(s string) error { return new(priority).UnmarshalText([]byte(s)) }, []string{"0", "3", "High", "foundational"}, []string{"", "4", "low", "–"}},
		{"day", func(s string) error { return new(day).UnmarshalText([]byte(s)) }, []string{"2028-02-29"}, []string{"", "2026-02-29", "2026-1-1", "today"}},
		{"preset", func(s string) error { return new(preset).UnmarshalText([]byte(s)) }, []string{"2", "all-3", "grid"}, []string{"", "0", "4", "all-4", "All-2"}},
		{"cell", func(s string) error { return new(cell).UnmarshalText([]byte(s)) }, []string{"GV/secure=3", "gv/Secure=1"}, []string{"", "GV=3", "GV/secure", "GV/secure=0", "GV/secure=3=1"}},
		{"area", func(s string) error { return new(areaAnswer).UnmarshalText([]byte(s)) }, []string{"defend=in", "defend=in:asked", "secure=out:no AI: none", "thwart=in:as ever"}, []string{"", "thwart=out:no attackers", "defend", "defend=", "defend=out", "defend=out: ", "defend=maybe", "x=in"}},
		{"delimiter", func(s string) error { return new(delimiter).UnmarshalText([]byte(s)) }, []string{",", ";", "tab", "\t"}, []string{"", "|", ",,"}},
	} {
		for _, s := range tc.good {
			if err := tc.read(s); err != nil {
				t.Errorf("%s %q: %v", tc.name, s, err)
			}
		}
		for _, s := range tc.bad {
			if err := tc.read(s); err == nil {
				t.Errorf("%s %q is taken", tc.name, s)
			}
		}
	}
}

// What is not asked counts as in; one yes answers the question on Secure, one no does not.
func TestScopeRoles(t *testing.T) {
	yes, no := new(true), new(false)
	const y, n = assessment.Yes, assessment.No
	ours := assessment.AreaScope{Out: true, Answer: "says the board"} // --area
	for _, tc := range []struct {
		name           string
		before         assessment.AIRoles
		own            map[content.Area]assessment.AreaScope // what --area has decided before
		flags          scope
		after          assessment.AIRoles
		secure, defend string // "in", "out", "own", or "" where nothing was decided
	}{
		{name: "nothing"},
		{name: "uses", flags: scope{Uses: yes}, after: assessment.AIRoles{Uses: y}, secure: "in"},
		{name: "one no", flags: scope{Uses: no}, after: assessment.AIRoles{Uses: n}},
		{name: "two noes", flags: scope{Uses: no, Builds: no}, after: assessment.AIRoles{Uses: n, Builds: n}},
		{name: "three noes", flags: scope{Uses: no, Builds: no, Deploys: no}, after: assessment.AIRoles{Uses: n, Builds: n, Deploys: n}, secure: "out"},
		{name: "the third no", before: assessment.AIRoles{Uses: n, Builds: n}, flags: scope{Deploys: no}, after: assessment.AIRoles{Uses: n, Builds: n, Deploys: n}, secure: "out"},
		{name: "a no and a yes", flags: scope{Uses: no, Builds: yes}, after: assessment.AIRoles{Uses: n, Builds: y}, secure: "in"},
		{name: "defends", flags: scope{Defends: yes}, after: assessment.AIRoles{Defends: y}, defend: "in"},
		{name: "does not defend", flags: scope{Defends: no}, after: assessment.AIRoles{Defends: n}, defend: "out"},
		{
			name: "all", flags: scope{Uses: yes, Builds: no, Deploys: no, Defends: no},
			after: assessment.AIRoles{Uses: y, Builds: n, Deploys: n, Defends: n}, secure: "in", defend: "out",
		},
		{name: "the only yes goes", before: assessment.AIRoles{Uses: y, Defends: y}, flags: scope{Uses: no}, after: assessment.AIRoles{Uses: n, Defends: y}, defend: "in"},
		{name: "another yes stays", before: assessment.AIRoles{Uses: y, Builds: y}, flags: scope{Uses: no}, after: assessment.AIRoles{Uses: n, Builds: y}, secure: "in"},
		{
			name: "words of its own stay", own: map[content.Area]assessment.AreaScope{content.Secure: ours, content.Defend: ours},
			flags: scope{Uses: no}, after: assessment.AIRoles{Uses: n}, secure: "own", defend: "own",
		},
		{
			name: "words of its own give way to an answer", before: assessment.AIRoles{Uses: y},
			own:   map[content.Area]assessment.AreaScope{content.Secure: ours, content.Defend: ours},
			flags: scope{Uses: yes, Defends: yes}, after: assessment.AIRoles{Uses: y, Defends: y}, secure: "in", defend: "in",
		},
	} {
		in := assessment.Info{AI: tc.before, Areas: assessment.Scoping(tc.before)}
		for a, words := range tc.own {
			in.Areas[a] = words
		}
		tc.flags.set(&in)
		for area, want := range map[content.Area]string{content.Secure: tc.secure, content.Defend: tc.defend} {
			got := ""
			switch a := in.Areas[area]; {
			case a == ours:
				got = "own"
			case a.Out:
				got = "out"
			case a.Answer != "":
				got = "in"
			}
			if got != want {
				t.Errorf("%s: %v is %q, want %q", tc.name, area, got, want)
			}
		}
		if in.AI != tc.after {
			t.Errorf("%s: the answers are %+v, want %+v", tc.name, in.AI, tc.after)
		}
		if thwart := in.Areas[content.Thwart]; thwart.Out || (thwart.Answer != "") != (tc.after != assessment.AIRoles{}) {
			t.Errorf("%s: Thwart is %+v", tc.name, thwart)
		}
	}
}
