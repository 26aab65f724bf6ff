package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// madeStore makes a store with a session, and returns its path and that of a backup.
func madeStore(t *testing.T) (path, backup string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s.db")
	for _, args := range [][]string{{"session", "new", "--org", "Tern", "--name", "T"}, {"store", "backup"}} {
		out, err := plumbline(append([]string{"--store", path}, args...)...).Output()
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		backup = strings.TrimSpace(string(out))
	}
	return path, backup
}

// A person is asked before the store is replaced.
func TestRestoreAsks(t *testing.T) {
	path, backup := madeStore(t)
	for _, tc := range []struct {
		name, answer string
		signal       os.Signal
		code         int
		says         string
	}{
		{name: "no", answer: "n\n", code: exitFailed, says: "nothing was done"},
		{name: "nothing", answer: "\n", code: exitFailed, says: "nothing was done"},
		{name: "interrupt", signal: os.Interrupt, code: exitFailed, says: "nothing was done"},
		{name: "yes", answer: "y\n", says: "this undoes it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := plumbline("--store", path, "store", "restore", backup, "--swap")
			terminal, err := pty.Start(cmd)
			if err != nil {
				t.Fatalf("start it on a pseudo-terminal: %v", err)
			}
			defer terminal.Close()
			readUntil(t, terminal, "in its place? [y/N] ")
			if tc.signal != nil {
				err = cmd.Process.Signal(tc.signal)
			} else {
				_, err = io.WriteString(terminal, tc.answer)
			}
			if err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(terminal) // ends with an error when the program closes its side
			_ = cmd.Wait()                  // the code tells
			if code := cmd.ProcessState.ExitCode(); code != tc.code || !strings.Contains(string(rest), tc.says) {
				t.Errorf("exit code %d, not %d, or it does not say %q: %q", code, tc.code, tc.says, rest)
			}
			moved, err := filepath.Glob(path + ".aside-*")
			if err != nil || (len(moved) > 0) != (tc.code == 0) {
				t.Errorf("moved aside: %q (%v)", moved, err)
			}
		})
	}
}

// A person is asked for the passphrase of a sealed store, without which the doctor goes on as far as that
// goes, and for that of a sealed backup.
func TestStoreCommandsAsk(t *testing.T) {
	path, _ := madeStore(t)
	phrase := filepath.Join(t.TempDir(), "phrase.txt")
	if err := os.WriteFile(phrase, []byte("sesame street"), 0o600); err != nil {
		t.Fatal(err)
	}
	const ask, askBackup = "(nothing: go on without it): ", "Passphrase of the backup: "
	for _, tc := range []struct {
		name    string
		args    []string
		answers []answer
		signal  syscall.Signal
		code    int
		says    string
	}{
		{name: "encrypt", args: []string{"store", "encrypt", "--purge-backups", "--new-passphrase-file", phrase}, says: "is encrypted"},
		{name: "doctor", args: []string{"store", "doctor"}, answers: []answer{{ask, "sesame street\n"}}, says: "1 with 2 events"},
		{name: "doctor at the second time", args: []string{"store", "doctor"}, answers: []answer{{ask, "sesame\n"}, {ask, "sesame street\n"}}, says: "1 with 2 events"},
		{name: "doctor without", args: []string{"store", "doctor"}, answers: []answer{{ask, "\n"}}, says: "they were not checked"},
		{name: "doctor with the wrong one", args: []string{"store", "doctor"}, answers: []answer{{ask, "a\n"}, {ask, "b\n"}, {ask, "c\n"}}, says: "they were not checked"},
		{name: "doctor interrupted", args: []string{"store", "doctor"}, answers: []answer{{ask, ""}}, signal: syscall.SIGINT, code: exitFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := plumbline(append([]string{"--store", path}, tc.args...)...)
			cmd.Env = append(os.Environ(), "TERM=xterm-256color")
			seen, code := converse(t, cmd, tc.signal, tc.answers...)
			if code != tc.code || !strings.Contains(seen, tc.says) {
				t.Errorf("exit code %d, not %d, or it does not say %q: %q", code, tc.code, tc.says, seen)
			}
			if strings.Contains(seen, "sesame") {
				t.Errorf("the passphrase is shown: %q", seen)
			}
		})
	}
	t.Run("sealed backup", func(t *testing.T) {
		list, err := filepath.Glob(filepath.Join(filepath.Dir(path), "backups", "s.db.*"))
		if err != nil || len(list) != 1 {
			t.Fatalf("backups %q, %v", list, err)
		}
		cmd := plumbline("--store", path, "store", "restore", list[0], "--swap", "--yes")
		seen, code := converse(t, cmd, 0, answer{askBackup, "sesame\n"}, answer{askBackup, "sesame street\n"})
		if code != 0 || !strings.Contains(seen, "that is not the passphrase of the backup") || !strings.Contains(seen, "this undoes it") {
			t.Errorf("exit code %d: %q", code, seen)
		}
	})
}

// The process that doctor starts ends when the one that started it is gone, also while it waits for an
// answer: it would hold the store for ever.
func TestExaminationAlone(t *testing.T) {
	path, _ := madeStore(t)
	phrase := filepath.Join(t.TempDir(), "phrase.txt")
	if err := os.WriteFile(phrase, []byte("sesame street"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := plumbline("--store", path, "store", "encrypt", "--new-passphrase-file", phrase).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var exit *exec.ExitError
	if err := plumbline("--store", path, "store", "examine").Run(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		t.Errorf("it ended with %v", err)
	}
}
