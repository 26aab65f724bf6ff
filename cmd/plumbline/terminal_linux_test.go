package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
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
			master := onTerminal(t, cmd)
			seen := readUntil(t, master, "Delete it? [y/N] ")
			for _, want := range []string{`"T" of "Tern"`, "backup"} {
				if !strings.Contains(seen, want) {
					t.Errorf("the question does not say %q: %q", want, seen)
				}
			}
			if tc.signal != 0 {
				if err := cmd.Process.Signal(tc.signal); err != nil {
					t.Fatal(err)
				}
			} else if _, err := io.WriteString(master, tc.answer); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(master) // ends with an error when the program closes its side
			_ = cmd.Wait()                // the code tells
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit code %d, not %d: %s", code, tc.code, rest)
			}
			err := plumbline("--store", path, "session", "show", "T").Run()
			if gone := err != nil; gone != tc.gone {
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

// onTerminal starts a program on a pseudo-terminal of its own and returns the other side of it.
func onTerminal(t *testing.T, cmd *exec.Cmd) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return master
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
