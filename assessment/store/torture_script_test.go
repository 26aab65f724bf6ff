package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// A script is what somebody does with a store, step by step. Which steps they are, and what holds after
// each, is the same in every process that writes the script down, so a process that did some of it and
// died needs to have told only how many steps it was told were done.

// scripts are all that the durability of the store is tried on. A new operation of the store is one more
// line in one of them, or one more script.
var scripts = []struct {
	name  string
	write func(*script)
}{
	// A store where there was nothing, not even the folder.
	{"create", func(w *script) {
		w.nested = true
		w.create()
	}},
	// The same, and work in it. A trace of it shows what of the creation is not on disk when answers are.
	{"first use", func(w *script) {
		w.cutsOnly = true
		w.nested = true
		w.create()
		w.session("kept", 2)
	}},
	{"answers", func(w *script) {
		w.create()
		w.begin()
		kept := w.session("kept", 3)
		removed := w.session("removed", 1)
		w.backup()
		w.delete(removed)
		w.answer(kept, 2)
	}},
	{"sealed", func(w *script) {
		w.create()
		w.encrypt("one")
		w.begin()
		kept := w.session("kept", 2)
		removed := w.session("removed", 0)
		w.backup()
		w.delete(removed)
		w.answer(kept, 1)
	}},
	// Each step is one transaction.
	{"only answers", func(w *script) {
		w.cutsOnly = true
		w.create()
		kept := w.session("kept", 3)
		w.begin()
		w.answer(kept, 5)
	}},
	{"only sealed answers", func(w *script) {
		w.cutsOnly = true
		w.create()
		w.encrypt("one")
		kept := w.session("kept", 3)
		w.begin()
		w.answer(kept, 3)
	}},
	{"turn", func(w *script) {
		w.create()
		kept := w.session("kept", 3)
		w.session("other", 1)
		w.begin()
		w.encrypt("one")
		w.answer(kept, 1)
		w.passwd("two")
		w.answer(kept, 1)
		w.encrypt("three") // another key
		w.answer(kept, 1)
		w.decrypt()
		w.answer(kept, 1)
	}},
	{"compact", func(w *script) {
		w.create()
		kept := w.session("kept", 3)
		w.begin()
		w.compact()
		w.answer(kept, 1)
	}},
	// A restore has no process that owns the store, whose calls could be counted.
	{"restore", func(w *script) {
		w.cutsOnly = true
		w.create()
		kept := w.session("kept", 2)
		w.backup()
		w.begin()
		w.answer(kept, 2)
		w.restore(w.moments[w.prepared])
		w.session("later", 1)
	}},
	// A store of an older layout, which a newer version opens. What it changes is made up.
	{"update", func(w *script) {
		w.create()
		kept := w.session("kept", 3)
		w.session("other", 1)
		w.begin()
		w.update()
		w.answer(kept, 1)
	}},
	{"sealed update", func(w *script) {
		w.cutsOnly = true
		w.create()
		w.encrypt("one")
		kept := w.session("kept", 3)
		w.begin()
		w.update()
		w.answer(kept, 1)
	}},
}

// brokenScripts are what must be noticed: each does without one of the things that make the store durable.
var brokenScripts = []struct {
	name  string
	write func(*script)
}{
	// A new file under its own name, without being linked to it when it is complete.
	{"created in place", func(w *script) {
		w.add("create", func(st *stage) error { return initialize(st.path, released[:], "torture") }, func(m *moment) { m.there = true })
	}},
	// An answer is acknowledged when it is accepted, and not when it is on disk.
	{"acknowledged early", func(w *script) {
		w.early = true
		w.create()
		w.begin()
		w.session("kept", 3)
	}},
}

// script is a list of steps, written by its methods.
type script struct {
	name     string
	cutsOnly bool // no single calls are tried, only power cuts and random kills
	early    bool // acknowledges before it does
	nested   bool // the folders of the store are not there at the beginning
	updates  bool // brings the store into newer layouts, so whoever looks at it knows those
	prepared int  // so many steps are done before anything goes wrong
	steps    []step
	moments  []moment // before the first step, and after each
	sessions map[string]*assessment.Session
}

// step is one act, of which a caller hears when it is done.
type step struct {
	name string
	do   func(*stage) error
}

// moment is what a store holds between two steps.
type moment struct {
	there      bool // a store at all
	passphrase string
	heads      map[string]assessment.Head // by session
	backups    int                        // that were asked for
}

// stage is where a script is played.
type stage struct {
	path    string
	store   *Store // open from the first step on that needs it
	options Options
}

func newScript(name string) *script {
	for _, sc := range slices.Concat(scripts, brokenScripts) {
		if sc.name == name {
			w := &script{name: name, moments: []moment{{}}, sessions: make(map[string]*assessment.Session)}
			sc.write(w)
			return w
		}
	}
	panic("no script " + name)
}

// begin ends what is only preparation.
func (w *script) begin() { w.prepared = len(w.steps) }

// sealed reports whether the store is encrypted at some time.
func (w *script) sealed() bool {
	return slices.ContainsFunc(w.moments, func(m moment) bool { return m.passphrase != "" })
}

func (w *script) add(name string, do func(*stage) error, change func(*moment)) {
	next := w.moments[len(w.moments)-1]
	next.heads = maps.Clone(next.heads)
	if next.heads == nil {
		next.heads = make(map[string]assessment.Head)
	}
	change(&next)
	w.steps, w.moments = append(w.steps, step{name, do}), append(w.moments, next)
}

func (w *script) create() {
	w.add("create", func(st *stage) error { return create(st.path, released[:], "torture", os.Link) }, func(s *moment) { s.there = true })
}

// session adds a session with some answers. Its name is in all that is kept of it.
func (w *script) session(name string, answers int) *assessment.Session {
	session, d := newSession("torture " + name)
	w.sessions[session.Info().ID] = session
	w.apply("session "+name, d)
	w.answer(session, answers)
	return session
}

func (w *script) answer(session *assessment.Session, answers int) {
	for range answers {
		n := int(session.Head().Seq)
		w.apply(fmt.Sprint("answer ", n), answer(session, n))
	}
}

func (w *script) apply(name string, d assessment.Delta) {
	w.add(name, with(func(s *Store) error { return s.Apply(d) }), func(s *moment) { s.heads[d.Session] = d.Summary.Head })
}

func (w *script) backup() {
	w.add("backup", with(func(s *Store) error {
		_, err := s.Backup()
		return err
	}), func(s *moment) { s.backups++ })
}

func (w *script) delete(session *assessment.Session) {
	id := session.Info().ID
	tried := false
	w.add("delete", with(func(s *Store) error {
		_, err := s.Delete(id)
		if tried && errors.Is(err, ErrNotFound) {
			err = nil // it is deleted since the first try, which failed after that
		}
		tried = true
		return err
	}), func(s *moment) {
		delete(s.heads, id)
		s.backups++
	})
}

func (w *script) compact() {
	w.add("compact", with(func(s *Store) error {
		_, _, err := s.Compact()
		return err
	}), func(*moment) {})
}

// restore swaps the store for its newest backup, which is of an earlier moment.
func (w *script) restore(of moment) {
	w.add("restore", func(st *stage) error {
		if err := st.close(); err != nil {
			return err
		}
		_, err := Restore(st.path, newestBackup(st.path), st.options)
		return err
	}, func(s *moment) { s.heads = maps.Clone(of.heads) })
}

// update has a version with newer layouts open the store: see migrate_test.go. Sessions that come later have
// nothing of their steps, so there must be none.
func (w *script) update() {
	w.updates = true
	w.add("update", func(st *stage) error {
		st.options.layouts = madeUp()
		if err := st.close(); err != nil {
			return err
		}
		var err error
		st.store, err = Open(st.path, st.options)
		return err
	}, func(s *moment) { s.backups++ })
}

// upToDate reports whether a warning is only that a store was updated.
func upToDate(warning error) bool { return strings.Contains(warning.Error(), "was brought up to date") }

// layouts are those that are known to whoever looks at the store in the end.
func (w *script) layouts() []layout {
	if w.updates {
		return madeUp()
	}
	return released[:]
}

func (w *script) encrypt(passphrase string) {
	w.add("encrypt", with(func(s *Store) error { return s.Encrypt([]byte(passphrase)) }), func(s *moment) { s.passphrase = passphrase })
}

func (w *script) passwd(passphrase string) {
	w.add("passwd", with(func(s *Store) error { return s.SetPassphrase([]byte(passphrase)) }), func(s *moment) { s.passphrase = passphrase })
}

func (w *script) decrypt() {
	tried := false
	w.add("decrypt", with(func(s *Store) error {
		err := s.Decrypt()
		if tried && errors.Is(err, ErrPlain) {
			err = nil
		}
		tried = true
		return err
	}), func(s *moment) { s.passphrase = "" })
}

func with(do func(*Store) error) func(*stage) error {
	return func(st *stage) error {
		if st.store == nil {
			var err error
			if st.store, err = Open(st.path, st.options); err != nil {
				return err
			}
		}
		return do(st.store)
	}
}

func (st *stage) close() error {
	if st.store == nil {
		return nil
	}
	err := st.store.Close()
	st.store = nil
	return err
}

// place returns the path of the store in a folder that the script has to itself.
func (w *script) place(folder string) string {
	if w.nested {
		return filepath.Join(folder, "a", "b", "plumbline.db")
	}
	return filepath.Join(folder, "plumbline.db")
}

// prepare does in a folder what is only preparation.
func (w *script) prepare(folder string) error {
	st := stage{path: w.place(folder), options: w.options(0)}
	for n, step := range w.steps[:w.prepared] {
		if err := step.do(&st); err != nil {
			return fmt.Errorf("%s: prepare: step %d, %s: %w", w.name, n, step.name, err)
		}
	}
	return st.close()
}

// options are those to open the store with after a number of steps.
func (w *script) options(after int) Options {
	return Options{Passphrase: []byte(w.moments[after].passphrase), Version: "torture", Now: atStart, work: lightWork, pinned: true}
}

func atStart() time.Time { return start }

// acknowledgement is the line by which a process says that the step that led to the n-th moment is done. It
// has the end of every journal, with its hash.
func (w *script) acknowledgement(n int) string {
	return fmt.Sprintf("done %d, %s: %v", n, w.steps[n-1].name, w.moments[n].heads)
}

// acknowledged returns how many steps of the script are done, the preparation and those of which a process
// has told in what it printed.
func (w *script) acknowledged(printed []string) (int, error) {
	n := w.prepared
	for _, line := range printed {
		if !strings.HasPrefix(line, "done ") {
			continue
		}
		if n++; n >= len(w.moments) || line != w.acknowledgement(n) {
			return 0, fmt.Errorf("the process says %q, and the script has no such step", line)
		}
	}
	return n, nil
}

// What somebody does after an error, whose step of a script is then done a second time.
const (
	givesUp  = ""         // nothing: the process ends
	patient  = "patient"  // tries again where there was no room, and reopens a store that has stopped
	restarts = "restarts" // begins anew where a store has stopped, as whoever calls a command again
)

// play does the steps after the preparation and tells w of each that is done. Who is not to give up after
// an error does so when the second try fails as well.
func (w *script) play(path, after string, out io.Writer) error {
	st := stage{path: path, options: w.options(w.prepared)}
	st.options.Warn = func(err error) {
		if !upToDate(err) {
			fmt.Fprintf(out, "warning: %v\n", err)
		}
	}
	for n, step := range w.steps[w.prepared:] {
		if w.early {
			fmt.Fprintln(out, w.acknowledgement(w.prepared+n+1))
		}
		err := step.do(&st)
		if err != nil && after != givesUp {
			err = again(&st, step, err, after, out)
		}
		if err != nil {
			fmt.Fprintf(out, "gave up: %s: %v\n", step.name, err)
			st.close()
			if after == givesUp {
				return err
			}
			return nil
		}
		if !w.early {
			fmt.Fprintln(out, w.acknowledgement(w.prepared+n+1))
		}
	}
	return st.close()
}

// again does a step again that has failed.
func again(st *stage, step step, err error, after string, out io.Writer) error {
	switch {
	case errors.Is(err, ErrStopped) && after == restarts:
		fmt.Fprintf(out, "stopped: %s: %v\n", step.name, err)
		if err := st.close(); err != nil {
			fmt.Fprintf(out, "close: %v\n", err)
		}
	case errors.Is(err, ErrStopped) && st.store == nil: // it stopped before it was open
		fmt.Fprintf(out, "failed: %s: %v\n", step.name, err)
	case errors.Is(err, ErrStopped):
		fmt.Fprintf(out, "stopped: %s: %v\n", step.name, err)
		if err := step.do(st); !errors.Is(err, ErrStopped) {
			fmt.Fprintf(out, "went on without being reopened: %s: %v\n", step.name, err)
		}
		if err := st.store.Reopen(); err != nil {
			return err
		}
	case errors.Is(err, ErrFull):
		fmt.Fprintf(out, "full: %s: %v\n", step.name, err)
	default:
		fmt.Fprintf(out, "failed: %s: %v\n", step.name, err)
	}
	return step.do(st)
}

// verdict is what became of a store.
type verdict struct {
	Lost       int    // acknowledged events that are not there, or another state than there must be
	Unopenable bool   // it is not there, is refused, or does not check clean
	Left       bool   // it leaves something behind: a temporary file, text of what is deleted or encrypted
	Why        string // in words, "" where all is well
}

// judge opens the store at path, of which done steps were acknowledged when the process ended, as the next
// process would. It must hold what it held after these steps, or after the step that was under way.
func (w *script) judge(path string, done int) (v verdict) {
	must := w.moments[done]
	may := w.moments[min(done+1, len(w.moments)-1)]
	if must.there && !exists(path) {
		return verdict{Lost: must.events(nil), Unopenable: true, Why: "there is no store"}
	}
	var s *Store
	var tried []error
	var warned []error
	var with string
	for _, with = range []string{must.passphrase, may.passphrase} {
		if with != "" && !exists(path) {
			continue
		}
		o := Options{Passphrase: []byte(with), work: lightWork, layouts: w.layouts(), Now: atStart, Warn: func(err error) {
			if !upToDate(err) {
				warned = append(warned, err)
			}
		}}
		var err error
		if s, err = Open(path, o); err == nil {
			break
		}
		tried = append(tried, err)
	}
	if s == nil {
		return verdict{Unopenable: true, Why: errors.Join(tried...).Error()}
	}
	defer func() {
		if err := s.Close(); err != nil {
			v.Unopenable, v.Why = true, fmt.Sprintf("%s; close: %v", v.Why, err)
		}
	}()
	list, err := s.Sessions()
	if err = errors.Join(err, s.Check()); err == nil && w.updates {
		err = eachStepOnce(s)
	}
	if err != nil {
		return verdict{Unopenable: true, Why: err.Error()}
	}
	is := moment{there: true, passphrase: with, heads: make(map[string]assessment.Head)}
	for _, sum := range list {
		is.heads[sum.ID] = sum.Head
	}
	if !is.equal(must) && !is.equal(may) {
		v.Lost = max(1, must.events(is.heads))
		v.Why = fmt.Sprintf("it holds %v (passphrase %q), after %d steps that is %v or %v", is.heads, with, done, must.heads, may.heads)
		return v
	}
	if err := errors.Join(w.tidy(path, done, is, warned), w.backupsOpen(path, must.backups)); err != nil {
		v.Left, v.Why = true, err.Error()
	}
	return v
}

// eachStepOnce reports whether each session went through all the made-up steps, each once and in their order.
func eachStepOnce(s *Store) error {
	return s.view(func(tx *bolt.Tx) error {
		for d := range s.codec.drawers(tx) {
			if letters, err := d.get(keyMadeUp); err != nil || string(letters) != "ab" {
				return fmt.Errorf("session %q went through the steps %q: %w", d.session(), letters, err)
			}
		}
		return nil
	})
}

func (s moment) equal(t moment) bool {
	return s.passphrase == t.passphrase && maps.Equal(s.heads, t.heads)
}

// events counts those of a state that are not in what there is.
func (s moment) events(is map[string]assessment.Head) (n int) {
	for id, head := range s.heads {
		if got := is[id]; got.Seq < head.Seq {
			n += int(head.Seq - got.Seq)
		}
	}
	return n
}

// tidy looks for what an interrupted step has left in the folder of an open store, and in the store for text
// of sessions that were deleted or encrypted.
func (w *script) tidy(path string, done int, is moment, warned []error) error {
	var bad []error
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch strings.TrimPrefix(e.Name(), filepath.Base(path)) {
		case "", "backups", ".lock", ".pid": // see doc.go
		default:
			if slices.Contains(asides(path), filepath.Join(filepath.Dir(path), e.Name())) && !sameFile(path, filepath.Join(filepath.Dir(path), e.Name())) {
				continue // what a restore has moved aside is kept
			}
			bad = append(bad, fmt.Errorf("left behind: %s", e.Name()))
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for id, session := range w.sessions {
		_, there := is.heads[id]
		deleted := !there && slices.ContainsFunc(w.moments[:done+1], func(m moment) bool { return m.heads[id].Seq > 0 })
		if (deleted || is.passphrase != "") && bytes.Contains(data, []byte(session.Info().Name)) {
			bad = append(bad, fmt.Errorf("the text of %q is still in the file", session.Info().Name))
		}
	}
	return errors.Join(append(bad, warned...)...)
}

// backupsOpen reports whether there are as many backups as were acknowledged, each of them whole.
func (w *script) backupsOpen(path string, acknowledged int) error {
	list, err := backups(path)
	if err != nil {
		return err
	}
	if len(list) < acknowledged {
		return fmt.Errorf("there are %d backups and %d were acknowledged", len(list), acknowledged)
	}
	entries, err := os.ReadDir(backupFolder(path))
	if err == nil && len(entries) != len(list) {
		return fmt.Errorf("there are %d files in the folder of backups, and %d backups", len(entries), len(list))
	}
	for _, b := range list {
		// Whatever it is sealed with: the pages and the header tell whether it is whole.
		f, err := openFile(b.path, w.layouts(), true)
		if err != nil {
			return err
		}
		err = f.db.View(func(tx *bolt.Tx) error { return checkPages(tx) })
		if err := errors.Join(err, f.close()); err != nil {
			return fmt.Errorf("backup %q: %w", b.path, err)
		}
	}
	return nil
}
