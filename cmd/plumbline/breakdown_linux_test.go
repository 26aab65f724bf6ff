package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"plumbline/content"
)

// The app breaks down in front of a person: the terminal is as it was, what was answered is stored, and
// nothing of it is in what is printed or in any file, whatever the environment asks Bubble Tea for.
func TestAppBreaksDown(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, through string
		keys          string
		says          string
	}{
		{"update", "tui.(*App).Update", "3", "internal error: *errors.errorString in "},
		{"view", "tui.(*App).View", "R", "internal error: *errors.errorString in "},
		{"command", "(*program).export", "R\r\r", "internal error: *errors.errorString in "},
		{"not at all", "nowhere", "q", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir, home := t.TempDir(), t.TempDir()
			path := filepath.Join(dir, "client.db")
			id := makeSession(t, path, cat)
			arm := filepath.Join(t.TempDir(), "now")
			cmd := plumbline("--store", path, "--by", "Dana")
			cmd.Args[0] = brittleName
			cmd.Dir = home
			cmd.Env = append(os.Environ(), "TERM=xterm-256color", "HOME="+home, breakWhen+"="+arm, breakThrough+"="+tc.through,
				"TEA_DEBUG=1", "TEA_TRACE="+filepath.Join(home, "trace"), "UV_DEBUG="+filepath.Join(home, "uv"))
			c := start(t, cmd)
			c.wait("Harborline")
			waitForEcho(t, c.tty, false)
			c.key("\r")
			c.wait("CURRENT")
			c.key("n")
			c.wait("Note on")
			c.key("\x1b[200~Dana's marker\x1b[201~")
			c.wait("Dana's marker")
			c.key("\x1b") // keeps it
			c.wait("NOTE")
			c.key("2")
			c.wait("undoes)")
			if err := os.WriteFile(arm, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			c.key(tc.keys)
			end := c.rest()
			_ = cmd.Wait() // the code tells
			code := exitDone
			if tc.says != "" {
				code = exitFailed
			}
			if got := cmd.ProcessState.ExitCode(); got != code {
				t.Errorf("exit code %d, not %d", got, code)
			}
			last := end[strings.LastIndex(end, "\x1b[?1049l")+1:] // where the app has left the screen
			if !strings.Contains(last, tc.says) || tc.says != "" && !strings.Contains(last, "what was shown as saved is saved") {
				t.Errorf("at its end it says %q", last)
			}
			if strings.Contains(end, "secret") || strings.Contains(last, "marker") || strings.Contains(last, "goroutine") {
				t.Errorf("it shows what it should not: %q", end)
			}
			for _, leaves := range []string{"\x1b[?1049l", "\x1b[?2004l", "\x1b[?25h"} {
				if !strings.Contains(end, leaves) {
					t.Errorf("the terminal is not as it was: %q lacks %q", end, leaves)
				}
			}
			waitForEcho(t, c.tty, true)

			s := reopen(t, path, cat, id)
			if s.Tally().Rated() != 1 || s.Head().Seq < 3 {
				t.Errorf("the store holds %d ratings, %v", s.Tally().Rated(), s.Head())
			}
			if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
				t.Errorf("it has written %v, %v", left, err)
			}
		})
	}
}

// What Go itself prints when the whole process breaks down, here asked for by a signal, is functions and
// numbers: arguments that are texts are addresses there.
func TestStackDumpHoldsNoText(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "client.db")
	makeSession(t, path, cat)
	cmd := plumbline("--store", path, "--by", "Dana")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "HOME="+t.TempDir(), "GOTRACEBACK=all")
	c := start(t, cmd)
	c.wait("Harborline")
	c.key("\r")
	c.wait("CURRENT")
	c.key("n")
	c.wait("Note on")
	c.key("\x1b[200~Dana's marker\x1b[201~")
	c.wait("Dana's marker")
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_, dump, ok := strings.Cut(c.rest(), "SIGQUIT")
	if !ok || !strings.Contains(dump, "(*Program).eventLoop(") {
		t.Errorf("there is no trace in %.200q", dump)
	}
	for _, text := range []string{"marker", "Harborline", "Dana"} {
		if strings.Contains(dump, text) {
			t.Errorf("it holds %q", text)
		}
	}
}
