package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what should come at once.
const patience = 20 * time.Second

// newFIFO makes a pipe with a name.
func newFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	mustDo(t, unix.Mkfifo(path, 0o600))
	return path
}

// Who interrupts a command that waits for a passphrase is heard, though nothing comes out of the pipe.
func TestInterruptedPassphrase(t *testing.T) {
	silent := newFIFO(t)
	held, err := os.OpenFile(silent, os.O_RDWR, 0) // a writer, so that opening it does not wait
	mustDo(t, err)
	r, w, err := os.Pipe()
	mustDo(t, err)
	fd, err := unix.Dup(int(r.Fd())) // the program takes it for its own
	mustDo(t, err)
	t.Cleanup(func() { errors.Join(held.Close(), w.Close(), r.Close()) }) // ends the readers
	for what, flag := range map[string]string{
		"a pipe without a writer": "--store-passphrase-file=" + newFIFO(t),
		"a pipe that is silent":   "--store-passphrase-file=" + silent,
		"an open file":            fmt.Sprintf("--store-passphrase-fd=%d", fd),
	} {
		ctx, stop := context.WithCancelCause(t.Context())
		stop(errors.New("a signal came"))
		ended := make(chan error, 1)
		go func() {
			_, _, err := inProcess(ctx, "session", "list", "--store="+filepath.Join(t.TempDir(), "s.db"), flag)
			ended <- err
		}()
		select {
		case err := <-ended:
			if exitCode(err) != exitFailed || !strings.Contains(message(err), "interrupted while reading the passphrase from ") || !strings.Contains(message(err), "a signal came") {
				t.Errorf("%s: it ended with %v", what, err)
			}
		case <-time.After(patience):
			t.Fatalf("%s: it did not end", what)
		}
	}
}

// A signal ends the process that reads from a pipe.
func TestSignalWhileReadingPassphrase(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		pipe := newFIFO(t)
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		cmd := exec.CommandContext(ctx, os.Args[0], "session", "list", "--store="+filepath.Join(t.TempDir(), "s.db"), "--store-passphrase-file="+pipe)
		cmd.Args[0] = "plumbline"
		var said strings.Builder
		cmd.Stderr = &said
		mustDo(t, cmd.Start())
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // which waits for the reader
		mustDo(t, err)
		mustDo(t, cmd.Process.Signal(signal))
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(said.String(), "interrupted while reading the passphrase") {
			t.Errorf("%v: it ended with %d: %s", signal, code, said.String())
		}
		mustDo(t, w.Close())
	}
}

// A passphrase that comes in pieces through a pipe is read to its end.
func TestPassphraseThroughPipe(t *testing.T) {
	path, pipe := encrypted(t, t.TempDir()), newFIFO(t)
	wrote := make(chan error, 1)
	go func() {
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err == nil {
			_, one := w.WriteString("ses")
			_, two := w.WriteString("ame\n")
			err = errors.Join(one, two, w.Close())
		}
		wrote <- err
	}()
	_, said, err := inProcess(t.Context(), "session", "list", "--store="+path, "--store-passphrase-file="+pipe)
	if err := errors.Join(err, <-wrote); err != nil {
		t.Errorf("%v, %s", err, said)
	}
}
