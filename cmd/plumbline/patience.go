package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/charmbracelet/x/term"
)

// patiently does work that may take a while. After a second it says on a terminal what is going on, and
// goes on counting. When ctx ends, it returns at once: the work is left to end by itself, and nothing
// that it made is used.
func (p *program) patiently(ctx context.Context, what string, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- guarded(work) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	told := false
	tell := func(text string) {
		if term.IsTerminal(os.Stderr.Fd()) {
			fmt.Fprintf(p.stderr, "\r%-60s", text)
			told = true
		}
	}
	defer func() {
		if told {
			fmt.Fprintf(p.stderr, "\r%60s\r", "")
		}
	}()
	for seconds := 1; ; seconds++ {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return fmt.Errorf("interrupted while %s, nothing was written: %w", what, context.Cause(ctx))
		case <-tick.C:
			tell(fmt.Sprintf("plumbline: %s, %d s (ctrl+c stops it)", what, seconds))
		}
	}
}

// guarded turns a panic of work, which runs in a goroutine of its own, into an error.
func guarded(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(v)
		}
	}()
	return work()
}
