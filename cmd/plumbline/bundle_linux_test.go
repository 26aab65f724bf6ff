package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// answer is what is typed when a question is shown; without a text a signal comes instead.
type answer struct{ question, text string }

// converse runs a program on a terminal, which must not show the answers and must show what is typed
// again afterwards. It returns what was shown, and the exit code.
func converse(t *testing.T, cmd *exec.Cmd, signal syscall.Signal, answers ...answer) (string, int) {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatalf("open a pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	defer tty.Close() // kept open, so that its settings can be asked for
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for _, a := range answers {
		seen.WriteString(readUntil(t, terminal, a.question))
		waitForEcho(t, tty, false)
		if a.text == "" {
			err = cmd.Process.Signal(signal)
		} else {
			_, err = io.WriteString(terminal, a.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Wait() // the code tells
	waitForEcho(t, tty, true)
	if _, err := io.WriteString(tty, "\nend of output\n"); err != nil {
		t.Fatal(err)
	}
	seen.WriteString(readUntil(t, terminal, "end of output"))
	return seen.String(), cmd.ProcessState.ExitCode()
}

// TestPassphraseIsAsked answers the questions for a passphrase on a terminal, which must not show it
// and must show what is typed again afterwards.
func TestPassphraseIsAsked(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "store.db"), filepath.Join(dir, "t.plumb")
	if out, err := plumbline("--store", path, "session", "new", "--org", "Tern", "--name", "T").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, tc := range []struct {
		name    string
		args    []string
		answers []string       // to "Passphrase: " and "Once more: "
		signal  syscall.Signal // instead of the last answer
		code    int
		says    string
	}{
		{name: "two that differ", args: []string{"export", "T", "--out", file, "--encrypt"}, answers: []string{"sesame street\n", "sesame st\n"}, code: exitUsage, says: "differ"},
		{name: "none", args: []string{"export", "T", "--out", file, "--encrypt"}, answers: []string{"\n"}, code: exitUsage, says: "empty"},
		{name: "interrupt", args: []string{"export", "T", "--out", file, "--encrypt"}, answers: []string{"sesame street\n", ""}, signal: syscall.SIGINT, code: exitFailed},
		{name: "the same", args: []string{"export", "T", "--out", file, "--encrypt"}, answers: []string{"sesame street\n", "sesame street\n"}, says: "an encrypted bundle"},
		{name: "right", args: []string{"verify", file}, answers: []string{"sesame street\n"}, says: "not signed"},
		{name: "wrong", args: []string{"verify", file}, answers: []string{"sesame seed\n"}, code: exitRefused, says: "not the key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.args[0] == "export" {
				os.Remove(file)
			}
			var answers []answer
			for i, text := range tc.answers {
				answers = append(answers, answer{[]string{"Passphrase: ", "Once more: "}[i], text})
			}
			seen, code := converse(t, plumbline(append([]string{"--store", path}, tc.args...)...), tc.signal, answers...)
			if code != tc.code {
				t.Errorf("exit code %d, not %d", code, tc.code)
			}
			if !strings.Contains(seen, tc.says) {
				t.Errorf("it does not say %q: %q", tc.says, seen)
			}
			if strings.Contains(seen, "sesame") {
				t.Errorf("the passphrase is shown: %q", seen)
			}
			if _, err := os.Stat(file); tc.args[0] == "export" && (err == nil) != (tc.code == exitDone) {
				t.Errorf("after exit code %d: %v", tc.code, err)
			}
		})
	}
}

// waitForEcho returns when the terminal shows what is typed, or no longer does. The program's question
// comes before it turns that off.
func waitForEcho(t *testing.T, tty *os.File, on bool) {
	t.Helper()
	for start := time.Now(); time.Since(start) < time.Minute; runtime.Gosched() {
		state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if on == (state.Lflag&unix.ECHO != 0) {
			return
		}
	}
	t.Fatalf("the terminal never has echo %v", on)
}

// A bundle of somebody who means harm steers no terminal, and what no act can have written is not let in.
func TestHostileBundle(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "store.db"), filepath.Join(dir, "t.plumb")
	hostileStore(t, path)
	for _, tc := range []struct {
		args []string
		code int
	}{
		{[]string{"--store", path, "export", "T", "--force", "--out", file}, exitDone},
		{[]string{"verify", file}, exitDone},
		{[]string{"--store", filepath.Join(dir, "other.db"), "import", file}, exitRefused},
		{[]string{"--store", path, "export", "T", "--redact", "names", "--dry-run"}, exitDone},
	} {
		out, _ := plumbline(tc.args...).CombinedOutput()
		if bytes.ContainsAny(out, "\x1b\u009b\u202e") {
			t.Errorf("%v lets through what steers: %q", tc.args, out)
		}
		cmd := plumbline(append(tc.args, "--json")...)
		out, _ = cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != tc.code {
			t.Errorf("%v: exit code %d, not %d: %s", tc.args, code, tc.code, out)
		}
		if bytes.ContainsAny(out, "\x1b\u009b\u202e") {
			t.Errorf("%v --json lets through what steers: %q", tc.args, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "other.db")); err == nil {
		t.Error("a store was made for what was refused")
	}
}
