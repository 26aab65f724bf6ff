package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"plumbline/assessment/store"
)

// What becomes of the process that looks into the store is told, whatever it is: it ends well, it breaks
// down, it talks nonsense. Nothing of what it says in its panic is.
func TestExaminationThatEnds(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to play the other process")
	}
	const pages = `echo '{"found":{"check":"pages","verdict":"ok","text":"T"}}'`
	for _, tt := range []struct {
		name, script string
		verdict      store.Verdict // of the last finding; "" where there is none
		says         string
		err          error
	}{
		{"well", pages, store.OK, "T", nil},
		{"a fault", pages + `; kill -BUS $$`, store.Failed, "bus error", nil},
		{"killed", `kill -KILL $$`, store.Failed, "killed", nil},
		{"the runtime gives up", `echo 'runtime: goroutine stack exceeds 1000000000-byte limit' >&2; echo 'fatal error: stack overflow' >&2; exit 2`, store.Failed, "fatal error: stack overflow, exit status 2", nil},
		{"a panic", `echo 'panic: secret note' >&2; exit 2`, store.Failed, "(exit status 2)", nil},
		{"nonsense", `echo secret`, store.Failed, "(exit status 0)", nil},
		{"cut off", `printf '{"found":{"check":"pa'`, store.Failed, "(exit status 0)", nil},
		{"busy", `exit 4`, "", "", store.ErrBusy},
		{"asks where nobody can answer", `echo '{"ask":true}'; read -r line; [ -z "$line" ] && ` + pages, store.OK, "T", nil},
		{"much on stderr", `i=0; while [ $i -lt 2000 ]; do echo 'goroutine 7 [running]' >&2; i=$((i+1)); done; exit 2`, store.Failed, "exit status 2", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var last store.Finding
			p := &program{stdin: os.Stdin, stderr: io.Discard}
			err := p.converseWith(t.Context(), exec.CommandContext(t.Context(), sh, "-c", tt.script), "s.db", func(list ...store.Finding) {
				for _, f := range list {
					last = f
				}
			})
			if !errors.Is(err, tt.err) || last.Verdict != tt.verdict || !strings.Contains(last.Text, tt.says) {
				t.Errorf("%+v, error %v", last, err)
			}
			if strings.Contains(last.Text, "secret") {
				t.Errorf("it tells what the process said: %q", last.Text)
			}
			if last.Verdict == store.Failed && last.Advice == "" {
				t.Error("nobody is told what to do")
			}
		})
	}
}

// Who interrupts does not wait, and leaves no process behind.
func TestExaminationInterrupted(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to play the other process")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	cmd := exec.CommandContext(ctx, sh, "-c", `echo '{"found":{"check":"pages","verdict":"ok","text":"T"}}'; read -r forever`)
	p := &program{stdin: os.Stdin, stderr: io.Discard}
	err = p.converseWith(ctx, cmd, "s.db", func(...store.Finding) { cancel(stopped) })
	if !errors.Is(err, stopped) || cmd.ProcessState == nil {
		t.Errorf("error %v, and it ended: %v", err, cmd.ProcessState)
	}
}
