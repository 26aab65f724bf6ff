package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plumbline/assessment/store"
)

// A path that is data leads to the file, whatever the folder is called, and a command that a message proposes
// does to this file what it says, and nothing else, when it is pasted into a shell.
func TestPathsLeadThere(t *testing.T) {
	bash, errBash := exec.LookPath("bash")
	if errBash != nil {
		t.Log("there is no bash here: what is quoted is not handed to one")
	}
	// given returns what a shell makes of a command: the arguments behind its name.
	given := func(t *testing.T, command string) []string {
		t.Helper()
		cmd := exec.Command(bash, "-c", `plumbline() { printf '%s\0' "$@"; }; chmod() { plumbline "$@"; }; `+command)
		cmd.Dir = t.TempDir()
		out, err := cmd.Output()
		if left, _ := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, and there is %v", command, err, left)
		}
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	for _, tc := range []struct {
		name string
		asIs bool // as data it is printed to the byte
	}{
		{"plain", true},
		{"a b  c", true},
		{"Caf\u00e9", true},
		{"Cafe\u0301", true},
		{"2025\u20132026 \u03a3 \u2026", true},
		{"$(touch owned)", true},
		{"`touch owned`'\"$HOME\\", true},
		{"\u1112\u1161\u11ab", true},
		{"a\nb", false},
		{"a\tb", false},
		{"\x1b[2J", false},
		{"a\u202eb", false},
		{"\xff'", false},
		{"a\u0085b\u2028c\ufeff", false},
	} {
		for _, ascii := range []bool{false, true} {
			t.Run(tc.name, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), tc.name)
				path := filepath.Join(dir, "store.db")
				run := func(args ...string) (out, said string, err error) {
					t.Helper()
					args = append(args, "--store="+path, "--by=Ada")
					if ascii {
						args = append(args, "--ascii")
					}
					out, said, err = inProcess(t.Context(), args...)
					if steersTerminal([]byte(out+said)) || strings.Contains(out, "\xff") {
						t.Errorf("%q prints %q and %q", args, out, said)
					}
					return out, said, err
				}
				must := func(args ...string) (out, said string) {
					t.Helper()
					out, said, err := run(args...)
					if err != nil {
						t.Fatalf("%q: %v: %s", args, err, said)
					}
					return out, said
				}
				leadsTo := func(what, shown, want string) {
					t.Helper()
					switch {
					case tc.asIs && shown != want:
						t.Errorf("%s prints %q, not %q", what, shown, want)
					case !tc.asIs && !strings.HasPrefix(shown, "$'"):
						t.Errorf("%s prints %q", what, shown)
					case !tc.asIs && errBash == nil:
						if got := given(t, "plumbline "+shown); !slices.Equal(got, []string{want}) {
							t.Errorf("%s prints %s, which is %q and not %q", what, shown, got, want)
						}
					}
				}
				swaps := func(command, file string) {
					t.Helper()
					want := []string{"--store", path, "store", "restore", "--swap", file}
					if errBash != nil {
						return
					}
					if got := given(t, command); !slices.Equal(got, want) {
						t.Errorf("%s is %q, not %q", command, got, want)
					}
				}
				must("session", "new", "--org=Tern", "--name=T")

				shown, _ := must("store", "backup")
				list, err := store.Backups(path)
				if err != nil || len(list) == 0 {
					t.Fatalf("%v, %v", list, err)
				}
				backup := list[0].Path // the newest
				leadsTo("store backup", strings.TrimSuffix(shown, "\n"), backup)
				shown, _ = must("store", "backups")
				row := strings.Split(shown, "\n")[1]
				if _, cell, found := strings.Cut(row, "whole  "); !found {
					t.Errorf("store backups prints %q", row)
				} else {
					leadsTo("store backups", cell, backup)
				}
				shown, said := must("store", "restore", "--swap", "--yes", backup)
				asides, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				aside := ""
				for _, e := range asides {
					if strings.Contains(e.Name(), ".aside-") {
						aside = filepath.Join(dir, e.Name())
					}
				}
				leadsTo("store restore", strings.TrimSuffix(shown, "\n"), aside)
				if _, command, found := strings.Cut(strings.TrimSuffix(said, "\n"), "this undoes it: "); !found {
					t.Errorf("store restore says %q", said)
				} else {
					swaps(command, aside)
				}

				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				_, _, err = run("session", "list")
				p := &program{globals: globals{ASCII: ascii}}
				command, _, found := strings.Cut(p.plain(message(err)), " puts that in its place")
				if _, command, _ = strings.Cut(command, "nothing was changed: "); !found {
					t.Errorf("a damaged store: %q", message(err))
				} else {
					swaps(command, backup)
				}
				findings, _ := store.CheckFile(path)
				command, _, found = strings.Cut(p.plain(findings[len(findings)-1].Advice), " puts the newest backup")
				if !found {
					t.Errorf("store doctor: %+v", findings)
				} else {
					swaps(command, backup)
				}
			})
		}
	}
}

// No sign for which --ascii prints another gets into a command that a message proposes.
func TestASCIIKeepsCommands(t *testing.T) {
	p := &program{globals: globals{ASCII: true}}
	for _, sign := range []string{"–", "→", "…", "·", "›", "•", "Σ", "≥"} {
		if p.plain(sign) == sign {
			t.Errorf("%q stays as it is with --ascii", sign)
		}
		if command := store.ShellCommand("chmod", "700", "/a "+sign+" b"); p.plain(command) != command {
			t.Errorf("%s is printed as %s", command, p.plain(command))
		}
	}
}
