package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// Store is what the app needs of a store. Its methods are called from commands, one Apply at a time.
type Store interface {
	Sessions() ([]assessment.Summary, error) // all
	Recent() ([]assessment.Summary, error)   // those changed last, enough for a screen
	Load(id string) (assessment.Stored, error)
	Apply(...assessment.Delta) error
	// Place is where the walk through a session stopped. It is no part of the assessment.
	Place(id string) (content.ItemID, bool)
	SetPlace(id string, item content.ItemID) error
}

// saver is the queue of what was answered and is not yet on disk: one write in flight, the rest
// behind it in order. A burst becomes one transaction. Nothing leaves the queue before Apply has
// returned nil for it.
type saver struct {
	store    Store
	pending  []assessment.Delta
	inFlight int
	err      error // of the last write; nil when it went well
	place    *place
}

// place is where a walk stands and is not on disk yet.
type place struct {
	session string
	item    content.ItemID
}

// savedMsg is the end of a write of n deltas.
type savedMsg struct {
	n   int
	err error
}

// add queues what an act changed and starts a write if none is under way.
func (s *saver) add(d assessment.Delta) tea.Cmd {
	if len(d.Events) == 0 {
		return nil
	}
	s.pending = append(s.pending, d)
	return s.flush()
}

// flush starts a write of all that is pending, unless one is under way.
func (s *saver) flush() tea.Cmd {
	if s.inFlight > 0 || len(s.pending) == 0 {
		return nil
	}
	return s.write()
}

// flushAll is flush that also writes the place of a walk, when nothing else is to be written.
func (s *saver) flushAll() tea.Cmd {
	if s.inFlight > 0 || len(s.pending) == 0 && s.place == nil {
		return nil
	}
	return s.write()
}

func (s *saver) write() tea.Cmd {
	batch, store, place := slices.Clone(s.pending), s.store, s.place
	s.inFlight, s.place = max(1, len(batch)), nil
	return func() tea.Msg {
		var err error
		if len(batch) > 0 {
			err = store.Apply(batch...)
		}
		if place != nil && err == nil {
			// A place that is lost costs a few keys and no answer, so its error is not reported.
			_ = store.SetPlace(place.session, place.item)
		}
		return savedMsg{len(batch), err}
	}
}

// saved takes note of the end of a write and starts the next. After an error the queue stays as it is;
// the next answer, or a person, tries again.
func (s *saver) saved(msg savedMsg) tea.Cmd {
	s.inFlight, s.err = 0, msg.err
	if msg.err != nil {
		return nil
	}
	s.pending = slices.Delete(s.pending, 0, msg.n)
	return s.flush()
}

// idle reports whether everything is on disk.
func (s *saver) idle() bool { return len(s.pending) == 0 && s.inFlight == 0 }

// savingStatus says how saving stands: the word and how serious it is.
func (a *App) savingStatus() string {
	t := a.theme
	switch {
	case a.saver.err != nil:
		return t.Bad.Bold(true).Render("NOT SAVED")
	case len(a.saver.pending) > 0:
		return t.Warn.Render("saving" + t.Glyph.Ellipsis)
	case a.jobs > 0:
		return t.Warn.Render("working" + t.Glyph.Ellipsis)
	case a.readOnly:
		return t.Warn.Render("read only")
	}
	return t.Good.Render("saved " + t.Glyph.Check)
}

// unsavedNotice explains a failed write and says what to do; "" while all is well.
func (a *App) unsavedNotice() string {
	if a.saver.err == nil {
		return ""
	}
	n := 0
	for _, d := range a.saver.pending {
		n += len(d.Events)
	}
	way := "ctrl+s tries again"
	if a.asked {
		way = "ctrl+s tries again, q leaves"
	}
	return fmt.Sprintf("NOT SAVED (%s); %s: %v", plural(n, "change"), way, a.saver.err)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Unsaved returns what is not on disk, for one last try after the program has ended.
func (a *App) Unsaved() []assessment.Delta { return slices.Clone(a.saver.pending) }
