package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
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
			_ = cmd.Wait()                  // the code tells
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit code %d, not %d: %s", code, tc.code, rest)
			}
			if gone := plumbline("--store", path, "session", "show", "T").Run() != nil; gone != tc.gone {
				t.Errorf("gone: %v, want %v (%s)", gone, tc.gone, rest)
			}
		})
	}
}

// A store can come from anywhere: from another program, or from somebody who means harm. What it holds
// is shown on a terminal and does not steer it.
func TestTerminalIsNotSteered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	hostileStore(t, path)
	for _, args := range [][]string{
		{"session", "list"},
		{"session", "list", "--json"},
		{"session", "show", "T"},
		{"score", "T"},
		{"gaps", "T", "--json"},
		{"verify"},
		{"report", "T", "--format", "html", "--out", "-"},
		{"report", "T", "--format", "md", "--out", "-"},
		{"report", "T", "--format", "json", "--out", "-"},
		{"session", "delete", "T", "--yes"},
	} {
		terminal, err := pty.Start(plumbline(append([]string{"--store", path}, args...)...))
		if err != nil {
			t.Fatalf("start it on a pseudo-terminal: %v", err)
		}
		said, _ := io.ReadAll(terminal) // ends with an error when the program closes its side
		terminal.Close()
		if !bytes.Contains(said, []byte("Tern")) {
			t.Errorf("%v says nothing of the organization: %q", args, said)
		}
		if bytes.ContainsAny(said, "\x1b\u009b\u202e") {
			t.Errorf("%v lets through what steers: %q", args, said)
		}
	}
}

// hostileStore makes a store whose journal is in order and holds what the program never writes.
func hostileStore(t *testing.T, path string) {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	id, err := assessment.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	act := assessment.Act{Who: "Ada", Time: time.Now()}
	s, made, err := assessment.New(cat, assessment.Info{ID: id, Organization: "Tern", Name: "T"}, act)
	if err != nil {
		t.Fatal(err)
	}
	renamed, err := s.Do(act, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Organization = "Tern!" })
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := bytes.ReplaceAll(renamed.Events[0].Bytes(), []byte("Tern!"), []byte("Tern\\u001b]0;x\u009b2J\u202e!"))
	event, err := assessment.DecodeEvent(raw)
	if err != nil {
		t.Fatal(err)
	}
	renamed.Events[0] = event
	renamed.Summary.Organization = "Tern\x1b]0;x\u009b2J\u202e!"
	renamed.Summary.Head = assessment.Head{Seq: event.Seq, Hash: event.Hash()}
	st, err := store.Open(path, store.Options{})
	if err == nil {
		err = errors.Join(st.Apply(made, renamed), st.Close())
	}
	if err != nil {
		t.Fatal(err)
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
