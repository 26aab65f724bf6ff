package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// doneMsg is the end of a job; then takes it, in Update.
type doneMsg struct{ then func() tea.Cmd }

// job does work beside the screen; then takes what came of it. The app does not leave, and no session is
// read, before it has ended.
func job[T any](a *App, work func() (T, error), then func(T, error) tea.Cmd) tea.Cmd {
	a.jobs++
	return func() tea.Msg {
		v, err := work()
		return doneMsg{func() tea.Cmd { return then(v, err) }}
	}
}

// busy is what a screen waits for: it shows how long. What the work brings after the person gave up
// waiting is not taken.
type busy struct{ now *writing }

// start begins to wait. The context ends when the person gives up.
func (b *busy) start(what string) (*writing, context.Context) {
	ctx, stop := context.WithCancel(context.Background())
	b.now = &writing{what: what, stop: stop}
	return b.now, ctx
}

// end ends the waiting for that work. It reports false where nobody waits for it any more.
func (b *busy) end(of *writing) bool {
	of.stop()
	if b.now != of {
		return false
	}
	b.now = nil
	return true
}

// giveUp ends the waiting, whatever it is for.
func (b *busy) giveUp() {
	if b.now != nil {
		b.now.stop()
		b.now = nil
	}
}

// counts handles the message that comes each second.
func (b *busy) counts(msg tea.Msg) (tea.Cmd, bool) {
	tick, ok := msg.(writingMsg)
	if !ok || b.now != tick.of {
		return nil, ok
	}
	b.now.seconds++
	return b.now.tick(), true
}

// line says what is waited for, once that took a second.
func (b *busy) line(a *App) string {
	if b.now == nil {
		return ""
	}
	text := b.now.what + a.theme.Glyph.Ellipsis
	if b.now.seconds > 0 {
		text = fmt.Sprintf("%s %d s", text, b.now.seconds)
	}
	return " " + a.theme.Warn.Render(text)
}

// askPath asks for the path of a file that is to be read. typed is what stands there: the path that could
// not be read, when it is asked for again.
func (a *App) askPath(title, hint, typed string, then func(path string) tea.Cmd) {
	a.show(newPrompt(a, title, hint, typed, func(path string) tea.Cmd {
		if path = strings.TrimSpace(path); path == "" {
			a.say("no path, nothing read")
			return nil
		}
		return then(path)
	}))
}

// leaveSaying goes back, and then says why.
func (a *App) leaveSaying(say func()) tea.Cmd {
	cmd := a.back()
	say()
	return cmd
}
