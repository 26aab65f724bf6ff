package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// brittle is the program with a clock that breaks down, with somebody's text, as soon as a file is there:
// for calls through a function of that name.
func brittle() {
	file, through := os.Getenv(breakWhen), os.Getenv(breakThrough)
	os.Exit(run(os.Args[1:], func() time.Time {
		if _, err := os.Stat(file); err == nil && calledThrough(through) {
			panic(errors.New(clientText))
		}
		return time.Now()
	}))
}

// These are of the test binary alone: what ships knows nothing of them.
const (
	brittleName  = "plumbline-brittle" // the test binary, called so, is brittle
	breakWhen    = "BRITTLE_WHEN"
	breakThrough = "BRITTLE_THROUGH"
	clientText   = "Ada's secret note"
)

func calledThrough(name string) bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, name) {
			return true
		}
		if !more {
			return false
		}
	}
}

// frail is an app that breaks down at one place.
type frail struct{ at string }

func (f frail) breakAt(place string) {
	if f.at == place {
		panic(errors.New(clientText))
	}
}

func (f frail) Init() tea.Cmd {
	f.breakAt("init")
	fails := func() tea.Msg { panic(clientText) }
	waits := func() tea.Msg { return nil }
	switch f.at {
	case "command":
		return fails
	case "batch":
		return tea.Batch(waits, fails)
	case "sequence":
		return tea.Sequence(waits, tea.Batch(waits, tea.Sequence(waits, fails)))
	}
	return func() tea.Msg { return "go on" }
}

func (f frail) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if msg == "go on" {
		f.breakAt("update")
	}
	return f, nil
}

func (f frail) View() tea.View {
	f.breakAt("view")
	return tea.NewView("")
}

// Wherever the app breaks down, the program ends, and says what broke and where and no more.
func TestBreakdown(t *testing.T) {
	for place, want := range map[string]string{
		"init": "*errors.errorString in ", "update": "*errors.errorString in ", "view": "*errors.errorString in ",
		"filter": "string in ", "command": "string in ", "batch": "string in ", "sequence": "string in ",
	} {
		t.Run(place, func(t *testing.T) {
			var drawn bytes.Buffer
			filter := func(_ tea.Model, msg tea.Msg) tea.Msg {
				if place == "filter" {
					panic(clientText)
				}
				return msg
			}
			err := showModel(t.Context(), frail{place}, filter, tea.WithInput(nil), tea.WithOutput(&drawn))
			var broken *breakdown
			if !errors.As(err, &broken) {
				t.Fatalf("it ended with %v", err)
			}
			said := message(err)
			if !strings.Contains(said, want+module+"/") && !strings.Contains(said, want+"main.") || strings.Contains(said, "secret") {
				t.Errorf("it says %q", said)
			}
			if strings.Contains(drawn.String(), "secret") {
				t.Errorf("it draws %q", drawn.String())
			}
			if code := exitCode(errors.Join(err, os.ErrNotExist)); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// An app that broke down is not called again, whatever else comes.
func TestNothingAfterBreakdown(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	calls := 0
	g := &guard{frail{"update"}, ctx, func(err error) { calls++; end(err) }}
	g.Update("go on")
	g.Update("go on")
	g.app = frail{"view"}
	g.View()
	if calls != 1 {
		t.Errorf("it broke down %d times", calls)
	}
	var broken *breakdown
	if !errors.As(context.Cause(ctx), &broken) || !strings.Contains(broken.Error(), "frail") {
		t.Errorf("the cause is %v", context.Cause(ctx))
	}
}

// What writes a file when the app ends is called off, and leaves nothing behind.
func TestJobsAreCalledOff(t *testing.T) {
	dir := t.TempDir()
	j := newJobs()
	begun, done := make(chan bool), make(chan error, 1)
	go func() {
		ctx, end := j.begin(context.Background())
		defer end()
		done <- new(program).writeFile(ctx, filepath.Join(dir, "out.html"), []byte(clientText), false, func([]byte) error {
			close(begun)
			<-ctx.Done()
			return nil
		})
	}()
	<-begun
	j.callOff()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	default:
		t.Error("it was not waited for")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
