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
		{"area", func(s string) error { return new(areaAnswer).UnmarshalText([]byte(s)) }, []string{"defend=in", "defend=in:asked", "secure=out:no AI: none"}, []string{"", "defend", "defend=", "defend=out", "defend=out: ", "defend=maybe", "x=in"}},
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
	for _, tc := range []struct {
		name           string
		before         assessment.AIRoles
		flags          scope
		secure, defend string // "in", "out", or "" where nothing was decided
		asked          bool
	}{
		{name: "nothing"},
		{name: "uses", flags: scope{Uses: yes}, secure: "in"},
		{name: "one no", flags: scope{Uses: no}},
		{name: "two noes", flags: scope{Uses: no, Builds: no}},
		{name: "three noes", flags: scope{Uses: no, Builds: no, Deploys: no}, secure: "out"},
		{name: "a no and a yes", flags: scope{Uses: no, Builds: yes}, secure: "in"},
		{name: "defends", flags: scope{Defends: yes}, defend: "in"},
		{name: "does not defend", flags: scope{Defends: no}, defend: "out"},
		{name: "all", flags: scope{Uses: yes, Builds: no, Deploys: no, Defends: no}, secure: "in", defend: "out", asked: true},
		{name: "a role goes", before: assessment.AIRoles{Asked: true, Uses: true, Defends: true}, flags: scope{Uses: no}, secure: "out", defend: "in", asked: true},
		{name: "another role stays", before: assessment.AIRoles{Asked: true, Uses: true, Builds: true}, flags: scope{Uses: no}, secure: "in", defend: "out", asked: true},
	} {
		in := assessment.Info{AI: tc.before, Areas: assessment.Scoping(tc.before)}
		tc.flags.set(&in)
		for area, want := range map[content.Area]string{content.Secure: tc.secure, content.Defend: tc.defend} {
			got := ""
			switch a := in.Areas[area]; {
			case a.Out:
				got = "out"
			case a.Answer != "":
				got = "in"
			}
			if got != want {
				t.Errorf("%s: %v is %q, want %q", tc.name, area, got, want)
			}
		}
		if in.AI.Asked != tc.asked {
			t.Errorf("%s: asked is %v", tc.name, in.AI.Asked)
		}
	}
}
