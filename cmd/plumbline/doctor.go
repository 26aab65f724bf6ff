package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"sync"

	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

// doctorCmd examines a store and what is around it, and changes nothing. What could end the process, bbolt
// at work on a file that may be damaged, is done by another one: this program again, as examineCmd. That
// is the only process that Plumbline starts, and this the only file that may (TestOneFileStartsProcesses).
type doctorCmd struct{}

func (doctorCmd) Run(ctx context.Context, p *program) error {
	path, err := p.storePath()
	if err != nil {
		return err
	}
	result := wire.Examined{Store: path}
	tell := func(list ...store.Finding) {
		for _, f := range list {
			result.Checks = append(result.Checks, wire.ExaminedBy{Check: f.Check, Verdict: string(f.Verdict), Text: f.Text, Advice: f.Advice})
		}
	}
	list, verdict := store.CheckFile(path)
	tell(list...)
	if verdict == nil {
		verdict = p.examine(ctx, path, tell)
		if ctx.Err() != nil {
			return verdict
		}
	}
	tell(store.CheckAround(path, p.now())...)
	failed := 0
	for _, c := range result.Checks {
		if c.Verdict == string(store.Failed) {
			failed++
		}
	}
	switch {
	case errors.Is(verdict, fs.ErrNotExist):
		verdict = fmt.Errorf("%w at %q", errNoStore, path)
	case errors.Is(verdict, store.ErrBusy):
		result.Busy = true
	case failed > 0:
		verdict = fmt.Errorf("%w: %d of %d checks failed", errUnsound, failed, len(result.Checks))
	}
	result.OK = verdict == nil
	return errors.Join(p.examined(result), verdict)
}

// examined prints what was found.
func (p *program) examined(r wire.Examined) error {
	if p.JSON {
		return p.json(wire.KindStoreDoctor, nil, nil, r)
	}
	t := p.table()
	for _, c := range r.Checks {
		text := c.Text
		if c.Advice != "" {
			text += " → " + c.Advice
		}
		t.row(c.Verdict, c.Check, text)
	}
	t.end()
	return nil
}

// bulletin is what the other process writes, a line of JSON each: what it found, or that it needs the
// passphrase. The answer is a line on its standard input, empty for none.
type bulletin struct {
	Found *store.Finding `json:"found,omitempty"`
	Ask   bool           `json:"ask,omitempty"`
	Wrong bool           `json:"wrong,omitempty"` // the passphrase before was
}

// examineCmd is what the other process does.
type examineCmd struct{}

func (examineCmd) Run(p *program) error {
	path, err := p.storePath()
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	answers := make(chan []byte)
	go func() {
		for in := bufio.NewReader(p.stdin); ; {
			line, err := in.ReadBytes('\n')
			if err != nil { // the one that asked is gone, and nobody wants to know any more
				os.Exit(exitFailed)
			}
			answers <- bytes.TrimSuffix(line, []byte("\n"))
		}
	}()
	var lost error
	say := func(m bulletin) { lost = errors.Join(lost, out.Encode(m)) }
	err = store.CheckInside(path, func(wrong bool) ([]byte, error) {
		say(bulletin{Ask: true, Wrong: wrong})
		return <-answers, nil
	}, func(f store.Finding) { say(bulletin{Found: &f}) })
	if errors.Is(err, store.ErrBusy) {
		say(bulletin{Found: &store.Finding{
			Check: "opening", Verdict: store.Warning, Text: fmt.Sprintf("it was not checked inside: %v", err), Advice: "close it there and do this again",
		}})
	}
	return errors.Join(err, lost)
}

// self is how the program starts itself again. The kernel's name for it stays right when the file was
// replaced meanwhile.
func self() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// examine has another process examine the inside of the store. The error is ErrBusy, that the process could
// not be started, that ctx ended, or about the passphrase that was given; all else is told.
func (p *program) examine(ctx context.Context, path string, tell func(...store.Finding)) error {
	program, err := self()
	if err != nil {
		return fmt.Errorf("find this program, to start it again: %w", err)
	}
	cmd := exec.CommandContext(ctx, program, "--store="+path, "store", "examine")
	cmd.Args[0] = "plumbline"
	return p.converseWith(ctx, cmd, path, tell)
}

func (p *program) converseWith(ctx context.Context, cmd *exec.Cmd, path string, tell func(...store.Finding)) error {
	var stderr beginning
	cmd.Stderr = &stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		return fmt.Errorf("start this program again: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start this program again: %w", err)
	}
	key := doctorKey{program: p}
	var read error
	for lines := json.NewDecoder(out); read == nil; {
		var m bulletin
		read = p.patiently(ctx, "checking the store", func() error { return lines.Decode(&m) })
		switch {
		case read != nil:
		case m.Ask:
			var phrase []byte
			if phrase, read = key.get(ctx, m.Wrong); read == nil {
				_, read = in.Write(append(phrase, '\n'))
			}
		case m.Found != nil:
			tell(*m.Found)
		}
	}
	if ctx.Err() != nil || key.err != nil {
		cmd.Process.Kill()
		cmd.Wait() // which the signal ended
		return errors.Join(key.err, context.Cause(ctx))
	}
	// Its standard input stays open until here: that it ends tells the process to stop.
	ended := cmd.Wait()
	switch {
	case ended != nil && cmd.ProcessState.ExitCode() == exitBusy:
		return fmt.Errorf("%w: %q", store.ErrBusy, path)
	case ended != nil || !errors.Is(read, io.EOF):
		tell(store.Finding{
			Check: "pages", Verdict: store.Failed, Advice: "plumbline store restore --swap BACKUP puts a backup in its place and keeps the file; plumbline store backups lists them",
			Text: fmt.Sprintf("the check broke down, which it does on a file that is damaged (%s)", stderr.fault(cmd.ProcessState)),
		})
	case key.wrong:
		return fmt.Errorf("%w: %q", store.ErrPassphrase, path)
	case p.storeKeyGiven() && !key.asked:
		tell(store.Finding{
			Check: "encryption", Verdict: store.Failed, Text: "a passphrase was given, and the store is not encrypted",
			Advice: "if it should be, find out who changed it; if not, it needs no passphrase",
		})
	}
	return nil
}

// doctorKey gets the passphrase of the store. Who does not have it goes on without: most checks need none.
type doctorKey struct {
	*program
	asked bool
	wrong bool // the one that was given is
	times int
	err   error // why none could be had
}

func (k *doctorKey) get(ctx context.Context, wrong bool) (phrase []byte, err error) {
	k.asked = true
	switch {
	case k.storeKeyGiven() && wrong:
		k.wrong = true
		return nil, nil
	case k.storeKeyGiven():
		phrase, err = k.askStoreKey()
	case !k.canAsk() || k.times == maxAsked:
		return nil, nil
	default:
		if wrong {
			k.say("that is %v", store.ErrPassphrase)
		}
		k.times++
		phrase, err = k.askSecret(ctx, storeSecret.question+" (nothing: go on without it): ")
	}
	k.err = err
	return phrase, err
}

// beginning keeps the beginning of what is written to it.
type beginning struct{ text []byte }

// Write takes it all.
func (b *beginning) Write(text []byte) (int, error) {
	const enough = 4 << 10
	b.text = append(b.text, text[:min(len(text), enough-len(b.text))]...)
	return len(text), nil
}

// runtimeFault is how the runtime of Go begins to say that a process can not go on. What panics say is left
// out: it could be somebody's text.
var runtimeFault = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(fatal error: [a-zA-Z ,:-]+|unexpected fault address 0x[0-9a-f]+)$`)
})

// fault says in a few words how a process ended.
func (b *beginning) fault(state *os.ProcessState) string {
	if found := runtimeFault().Find(b.text); found != nil {
		return fmt.Sprintf("%s, %s", found, state)
	}
	return state.String()
}
