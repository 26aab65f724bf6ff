package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"plumbline/tui"
)

// breakdown is a panic that was caught. It says what broke and where, and nothing else: the value of a
// panic, and the arguments in a stack trace, may hold somebody's text.
type breakdown struct {
	kind     string // the type of the panic's value
	function string // the innermost one of ours; "" where none is known
	line     int
}

func (b *breakdown) Error() string {
	if b.function == "" {
		return "internal error: " + b.kind
	}
	return fmt.Sprintf("internal error: %s in %s, line %d", b.kind, b.function, b.line)
}

// caught describes the panic that was recovered as v. The deferred function that recovered it calls it.
func caught(v any) *breakdown {
	b := &breakdown{kind: fmt.Sprintf("%T", v)}
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for unwinding := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic": // below it is what panicked
			unwinding = true
		case unwinding && (strings.HasPrefix(f.Function, "main.") || strings.HasPrefix(f.Function, "plumbline/")):
			b.function, b.line = f.Function, f.Line
			return b
		}
		if !more {
			return b
		}
	}
}

// show runs the app on the terminal until it ends, and leaves the terminal as it was. What breaks down in
// between is a *breakdown; nothing of the app is called after it.
func show(ctx context.Context, app *tui.App) error {
	return showModel(ctx, app, func(_ tea.Model, msg tea.Msg) tea.Msg { return tui.Filter(app, msg) })
}

func showModel(ctx context.Context, app tea.Model, filter func(tea.Model, tea.Msg) tea.Msg, options ...tea.ProgramOption) (err error) {
	// Bubble Tea would write all that is drawn, or the text of a panic, to files that these name.
	os.Unsetenv("TEA_TRACE")
	os.Unsetenv("TEA_DEBUG")

	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	// It would print a panic with its text and its stack: so it is not to catch any.
	program := tea.NewProgram(&guard{app, ctx, end},
		append(options, tea.WithContext(ctx), tea.WithFilter(filter), tea.WithoutCatchPanics())...)
	defer func() {
		if v := recover(); v != nil { // in Bubble Tea itself, or in the filter
			err = caught(v)
			program.Kill()
		}
	}()
	_, err = program.Run()
	var broken *breakdown
	if errors.As(context.Cause(ctx), &broken) {
		return broken
	}
	return err
}

// guard stands between Bubble Tea and the app, and ends the program when the app breaks down.
type guard struct {
	app tea.Model
	ctx context.Context // ends with the program
	end context.CancelCauseFunc
}

// catch is deferred around all that is called of the app.
func (g *guard) catch() {
	if v := recover(); v != nil {
		g.end(caught(v))
	}
}

// Init starts the app.
func (g *guard) Init() (cmd tea.Cmd) {
	defer g.catch()
	return g.guarded(g.app.Init())
}

// Update hands a message on. An app that broke down gets no more: what it would do with it is anybody's
// guess.
func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer g.catch()
	if g.ctx.Err() != nil {
		return g, nil
	}
	_, cmd = g.app.Update(msg)
	return g, g.guarded(cmd)
}

// View draws the app.
func (g *guard) View() (v tea.View) {
	defer g.catch()
	if g.ctx.Err() != nil {
		return v
	}
	return g.app.View()
}

// guarded is a command that runs in a goroutine of Bubble Tea's, as do those that it brings.
func (g *guard) guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer g.catch()
		msg = cmd()
		// A batch or a sequence is a list of commands; the type of the latter has no name outside.
		list := reflect.ValueOf(msg)
		if list.Kind() != reflect.Slice || list.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
			return msg
		}
		safe := reflect.MakeSlice(list.Type(), list.Len(), list.Len())
		for i := range list.Len() {
			safe.Index(i).Set(reflect.ValueOf(g.guarded(list.Index(i).Interface().(tea.Cmd))))
		}
		return safe.Interface()
	}
}
