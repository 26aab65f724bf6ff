package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// TestDeleteAsks answers the question that session delete puts on a terminal.
func TestDeleteAsks(t *testing.T) {
	for _, tc := range []struct {
		name, answer string
		signal       syscall.Signal // instead of an answer
		code         int
		gone         bool
	}{
		{name: "yes", answer: "y\n", gone: true},
		{name: "no", answer: "n\n", code: exitFailed},
		{name: "just enter", answer: "\n", code: exitFailed},
		{name: "end of input", answer: "\x04", code: exitFailed},
		{name: "interrupt", signal: syscall.SIGINT, code: exitFailed},
		{name: "hangup", signal: syscall.SIGHUP, code: exitFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if out, err := plumbline("--store", path, "session", "new", "--org", "Tern", "--name", "T").CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			cmd := plumbline("--store", path, "session", "delete", "T")
			terminal, err := pty.Start(cmd)
			if err != nil {
				t.Fatalf("start it on a pseudo-terminal: %v", err)
			}
			defer terminal.Close()
			seen := readUntil(t, terminal, "Delete it? [y/N] ")
			for _, want := range []string{`"T" of "Tern"`, "backup"} {
				if !strings.Contains(seen, want) {
					t.Errorf("the question does not say %q: %q", want, seen)
				}
			}
			if tc.signal != 0 {
				if err := cmd.Process.Signal(tc.signal); err != nil {
					t.Fatal(err)
				}
			} else if _, err := io.WriteString(terminal, tc.answer); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(terminal) // ends with an error when the program closes its side
			_ = cmd.Wait()                // the code tells
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit code %d, not %d: %s", code, tc.code, rest)
			}
			if gone := plumbline("--store", path, "session", "show", "T").Run() != nil; gone != tc.gone {
				t.Errorf("gone: %v, want %v (%s)", gone, tc.gone, rest)
			}
		})
	}
}

// plumbline is the program with these arguments: TestMain looks at the name that it is called by.
func plumbline(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Args[0] = "plumbline"
	return cmd
}

// readUntil returns what the program shows, up to a text.
func readUntil(t *testing.T, r io.Reader, text string) string {
	t.Helper()
	var seen strings.Builder
	buf := make([]byte, 1024)
	for !strings.Contains(seen.String(), text) {
		n, err := r.Read(buf)
		seen.Write(buf[:n])
		if err != nil {
			t.Fatalf("the program ended before it said %q: %q", text, seen.String())
		}
	}
	return seen.String()
}
