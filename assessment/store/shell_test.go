package store

import (
	"os/exec"
	"strings"
	"testing"

	"plumbline/assessment"
)

// argPairs are arguments, and how a POSIX shell is given them.
var argPairs = []struct{ arg, want string }{
	{"", "''"},
	{"/home/ada/plumbline.db", "/home/ada/plumbline.db"},
	{"plumbline.db.20261121T120000.000Z", "plumbline.db.20261121T120000.000Z"},
	{"--store=x", "--store=x"},
	{"a b", "'a b'"},
	{" ", "' '"},
	{"~", "'~'"},
	{"it's", `'it'\''s'`},
	{"'", `''\'''`},
	{`a\b`, `'a\b'`},
	{"$(touch owned)", "'$(touch owned)'"},
	{"`touch owned`", "'`touch owned`'"},
	{`"$HOME"`, `'"$HOME"'`},
	{"a;b&c|d<e>f*g?h[i]{j,k}#l!m^n", "'a;b&c|d<e>f*g?h[i]{j,k}#l!m^n'"},
	{"Café", "'Café'"},     // one letter
	{"Жůř 会議", "'Жůř 会議'"}, // other scripts
	{"हिन्दी", "'हिन्दी'"},
	{"Cafe\u0301", `$'Cafe\314\201'`}, // NFD
	{"\u1112\u1161\u11ab", `$'\341\204\222\341\205\241\341\206\253'`},
	{"2025–2026", `$'2025\342\200\2232026'`}, // --ascii has another sign for it
	{"Σ", `$'\316\243'`},
	{"a\nb", `$'a\nb'`},
	{"a\tb", `$'a\011b'`},
	{"a\rb7", `$'a\015b7'`},
	{"\x1b[2J", `$'\033[2J'`},
	{"a\u202eb", `$'a\342\200\256b'`},
	{"a\u2028b", `$'a\342\200\250b'`},
	{"\ufeffa", `$'\357\273\277a'`},
	{"\xff\xfe", `$'\377\376'`},
	{"\u009b2J", `$'\302\2332J'`},
	{"it's\n\\n$(touch owned)", `$'it\'s\n\\n$(touch owned)'`},
	{"e" + strings.Repeat("\u0323", 9), `$'e` + strings.Repeat(`\314\243`, 9) + `'`}, // marks that pile up
}

func TestShellArg(t *testing.T) {
	for _, tc := range argPairs {
		got := posixArg(tc.arg)
		if got != tc.want {
			t.Errorf("%q: %s, want %s", tc.arg, got, tc.want)
		}
		if shown := assessment.CleanLine(got); shown != got {
			t.Errorf("%q: %q is printed as %q", tc.arg, got, shown)
		}
	}
}

// What is printed is what a shell hands on.
func TestShellArgRoundTrip(t *testing.T) {
	for _, tc := range argPairs {
		shell := "sh"
		if strings.HasPrefix(tc.want, "$'") {
			shell = "bash" // not every sh knows it yet
		}
		t.Run(tc.want, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("there is no %s here", shell)
			}
			cmd := exec.Command(path, "-c", "printf %s "+posixArg(tc.arg))
			cmd.Dir = t.TempDir()
			out, err := cmd.Output()
			if err != nil || string(out) != tc.arg {
				t.Errorf("%s makes %q of %s, not %q: %v", shell, out, posixArg(tc.arg), tc.arg, err)
			}
			if left := names(t, cmd.Dir); len(left) > 0 {
				t.Errorf("it did more than print: there is %q", left)
			}
		})
	}
}

func TestWindowsArg(t *testing.T) {
	for arg, want := range map[string]string{
		`C:\Users\ada\plumbline.db`: `C:\Users\ada\plumbline.db`,
		`C:\Program Files\p.db`:     `"C:\Program Files\p.db"`,
		`C:\R&D\p.db`:               `"C:\R&D\p.db"`,
		`C:\it's\`:                  `"C:\it's\\"`,
		`C:\Café\p.db`:              `"C:\Café\p.db"`,
		`a\"b`:                      `"a\\\"b"`,
		"":                          `""`,
		"a\u202eb":                  `"a\u202eb"`,
		"a\xffb":                    `"a\xffb"`,
	} {
		if got := windowsArg(arg); got != want {
			t.Errorf("%q: %s, want %s", arg, got, want)
		}
	}
}

func TestShellCommand(t *testing.T) {
	if got, want := ShellCommand("chmod", "700", "/home/ada"), "chmod 700 /home/ada"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
