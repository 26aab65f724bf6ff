package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/content"
	"plumbline/content/contenttest"
)

// steersTerminal reports whether output holds what could move a cursor, turn text around or hide it.
func steersTerminal(out []byte) bool {
	return bytes.ContainsFunc(out, func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || r == '\u2028' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\uFEFF' || r >= 0xE0000 && r <= 0xE007F
	})
}

// Hostile texts in the arguments of commands: they are kept as the filter leaves them, or refused, and what
// is printed, as text and as JSON, steers nothing. The store stays in order.
func TestHostileArguments(t *testing.T) {
	t.Chdir(t.TempDir())
	runs := func(args ...string) ([]byte, int) {
		cmd := plumbline(append([]string{"--store", "store.db"}, args...)...)
		out, _ := cmd.CombinedOutput() // the code tells
		if steersTerminal(out) || bytes.Contains(out, []byte("goroutine ")) {
			t.Errorf("%.100q prints %.300q", args, out)
		}
		return out, cmd.ProcessState.ExitCode()
	}
	if out, code := runs("session", "new", "--org", "O", "--name", "T"); code != exitDone {
		t.Fatalf("%s", out)
	}
	for _, h := range contenttest.HostileInput {
		h = strings.ReplaceAll(h, "\x00", "") // no argument can hold it
		for _, args := range [][]string{
			{"session", "edit", "T", "--org=" + h, "--purpose=" + h, "--unit=" + h, "--marking=" + h, "--reason=" + h},
			{"rate", "T", "GV.OC-01/secure", "--note=" + h, "--owner=" + h, "--by=" + h},
			{"import", h, "--into=" + h},
		} {
			if _, code := runs(args...); code != exitDone && code != exitUsage && code != exitNotFound && code != exitRefused {
				t.Errorf("%.100q: exit code %d", args, code)
			}
		}
	}
	for _, args := range [][]string{{"session", "show", "T"}, {"session", "show", "T", "--json"}, {"verify"}, {"gaps", "T", "--json"}, {"session", "list"}} {
		if out, code := runs(args...); code != exitDone {
			t.Errorf("%q: exit code %d: %s", args, code, out)
		}
	}
}

// A file that is refused changes nothing: the store is the same to the byte, and nothing is left beside it.
func TestRefusedFileChangesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	run := func(args ...string) ([]byte, int) {
		cmd := plumbline(append([]string{"--store", "store.db"}, args...)...)
		out, _ := cmd.CombinedOutput() // the code tells
		return out, cmd.ProcessState.ExitCode()
	}
	for _, args := range [][]string{{"session", "new", "--org", "O", "--name", "T"}, {"rate", "T", "GV.OC-01/secure", "--current", "1"}, {"export", "T", "--out", "good.plumb"}} {
		if out, code := run(args...); code != exitDone {
			t.Fatalf("%q: %s", args, out)
		}
	}
	good, err := os.ReadFile("good.plumb")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove("good.plumb"); err != nil {
		t.Fatal(err)
	}
	row := "item_id,current,note\nGV.OC-01/defend,2,fine\nGV.OC-01/thwart,2,"
	for name, data := range map[string][]byte{
		"a NUL in CSV":            []byte(row + "\x00"),
		"Latin-1":                 []byte(row + "\xfcber"),
		"half a UTF-16 pair":      []byte("\xFF\xFEi\x00\x00\xD8"),
		"a quote that stays open": []byte(row + `"x`),
		"257 columns":             []byte(row + strings.Repeat(",", 300)),
		"two columns of a name":   []byte("item_id,note,NOTE\n"),
		"a member twice":          []byte(`{"schemaVersion":"2.0","assessments":[{"subcategoryId":"GV.OC-01","current":1,"Current":2}]}`),
		"a number beyond":         []byte(`{"schemaVersion":"2.0","assessments":[{"subcategoryId":"GV.OC-01","current":1e400}]}`),
		"data after the end":      []byte(`{"schemaVersion":"2.0","assessments":[{"subcategoryId":"GV.OC-01","current":1}]}{}`),
		"deep":                    []byte(strings.Repeat(`{"schemaVersion":`, 10_000)),
		"a cut bundle":            good[:len(good)/2],
		"a bundle with a tail":    append(bytes.Clone(good), good...),
		"a bundle of two names":   bytes.Replace(good, []byte("manifest.json"), []byte("manifest.jsom"), 1),
		"a ZIP with a way out":    zipNamed(t, "../../store.db"),
		"a ZIP with a device":     zipNamed(t, "xl/NUL"),
		"a PDF":                   []byte("%PDF-1.7\n"),
		"nothing":                 nil,
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile("in\x1b[2J\u202e", data, 0o600); err != nil {
				t.Fatal(err)
			}
			before := everything(t)
			for _, args := range [][]string{{"import", "--into", "T", "in\x1b[2J\u202e"}, {"import", "in\x1b[2J\u202e"}, {"content", "add", "in\x1b[2J\u202e"}, {"content", "diff", "in\x1b[2J\u202e"}, {"verify", "./in\x1b[2J\u202e"}} {
				out, code := run(args...)
				if code != exitRefused && code != exitUsage {
					t.Errorf("%q: exit code %d: %s", args, code, out)
				}
				if steersTerminal(out) || !bytes.Contains(out, []byte("in")) {
					t.Errorf("%q says %q", args, out)
				}
			}
			if after := everything(t); after != before {
				t.Errorf("the folder was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

func zipNamed(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	e, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(e, "x")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// everything lists the files of the folder with their hashes.
func everything(t *testing.T) string {
	t.Helper()
	var list strings.Builder
	if err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&list, "%q %s\n", path, sha256Of(data))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list.String()
}

// A bundle whose records are clean, and in whose journal somebody gave a reason that steers a terminal, is
// not taken in.
func TestHostileReason(t *testing.T) {
	t.Chdir(t.TempDir())
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	act := assessment.Act{Who: "Ada", Time: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Reason: "WORD"}
	s, _, err := assessment.New(cat, assessment.Info{ID: sessionID, Organization: "Tern", Name: "T"}, act)
	if err != nil {
		t.Fatal(err)
	}
	for reason, code := range map[string]int{"fine": exitDone, `\u001b[2J`: exitRefused, "\u202e": exitRefused} {
		made := func(c *bundle.Contents) error {
			st, err := s.Stored()
			if err != nil {
				return err
			}
			last := len(st.Journal) - 1 // the reason of an earlier one is in the chain
			st.Journal = append(slices.Clone(st.Journal[:last]), bytes.Replace(st.Journal[last], []byte("WORD"), []byte(reason), 1))
			held, err := bundle.SessionOf(st)
			c.Sessions = append(c.Sessions, held)
			return err
		}
		if err := bundleOf(made)("in"); err != nil {
			t.Fatal(err)
		}
		cmd := plumbline("--store", "new.db", "import", "in")
		out, _ := cmd.CombinedOutput() // the code tells
		if got := cmd.ProcessState.ExitCode(); got != code || steersTerminal(out) {
			t.Errorf("%q: exit code %d, not %d: %q", reason, got, code, out)
		}
		if _, err := os.Stat("new.db"); (err == nil) != (code == exitDone) {
			t.Errorf("%q: the store: %v", reason, err)
		}
		if err := os.RemoveAll("new.db"); err != nil {
			t.Fatal(err)
		}
	}
}
