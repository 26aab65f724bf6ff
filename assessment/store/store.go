package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
	"plumbline/content"
)

// Options say how a store is opened. The zero value is fine.
type Options struct {
	// ReadOnly opens the store without changing anything. The file must exist. Several processes can
	// read one store at the same time; none can write meanwhile.
	ReadOnly bool
	// Now is the clock for backups; nil is time.Now.
	Now func() time.Time
	// Warn is told what does not stop the work: a daily backup that failed, a file that other users
	// can read. It can be called from another goroutine and must not call the store.
	Warn func(error)
	// Version of the program, kept in the file for whoever has to find out what wrote it.
	Version string
	// Passphrase opens an encrypted store. Open does not keep it. With one, a store that is not
	// encrypted is refused (ErrPlain), and none is created.
	Passphrase []byte

	work    work     // for a new passphrase; the zero value is usualWork. The tests take less.
	layouts []layout // that are known; nil is those that were released. The tests make up more.
	// pinned keeps the owner on one thread, for a test that has its system calls counted.
	pinned bool
}

// Store is an open store. Its methods can be called from any goroutine; they take turns.
type Store struct {
	path     string
	options  Options
	readOnly atomic.Bool
	calls    chan func()
	gone     chan struct{} // closed when the owner has ended

	// The rest belongs to the goroutine that owns the database.

	file     *file                      // nil while the file can not be read
	codec    codec                      // with the keys of an encrypted store
	withdraw func()                     // ends what tells other processes who has the store open
	stopped  error                      // why nothing is written until Reopen
	named    bool                       // whether the name of the file is known to be on disk
	saved    map[string]assessment.Head // what Apply has reported as saved, by session
	wrote    bool                       // since the last look whether a daily backup is due
	checked  string                     // the day of that look
	quit     bool
}

// Open opens the store at path and, unless Options.ReadOnly is set, creates it when nothing is there.
// A store on a medium or with permissions that do not let it be written to is opened for reading;
// ReadOnly tells. So is a backup, which would not stay what it is. A store of an older layout is brought
// into the present one, after a backup; where it is opened for reading alone, it is refused (ErrOlder). A
// file that is refused (ErrDamaged, ErrNewer, ErrOlder) or in use (ErrBusy) is not changed.
func Open(path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	if o.work == (work{}) {
		o.work = usualWork
	}
	if o.layouts == nil {
		o.layouts = released[:]
	}
	path, found, err := locate(path, o.Warn)
	if err != nil {
		return nil, err
	}
	if isBackup(path) {
		o.ReadOnly = true
	}
	if !found {
		if err := CutOff(path); err != nil {
			return nil, err
		}
	}
	if !found && !o.ReadOnly {
		if len(o.Passphrase) > 0 {
			return nil, fmt.Errorf("%w: there is nothing yet at %q", ErrPlain, path)
		}
		if err := create(path, o.layouts, o.Version, os.Link); err != nil {
			return nil, err
		}
	}
	s := &Store{
		path: path, options: o,
		calls: make(chan func()), gone: make(chan struct{}),
		withdraw: func() {}, saved: make(map[string]assessment.Head),
	}
	go s.own()
	if err := s.do(s.openOrAgain); err != nil {
		s.Close() // ends the owner; there is nothing else to close
		return nil, err
	}
	s.options.Passphrase = nil
	return s, nil
}

// own is the goroutine that owns the database.
func (s *Store) own() {
	if s.options.pinned {
		runtime.LockOSThread()
	}
	debug.SetPanicOnFault(true) // of this goroutine: a fault on the mapped file is a panic, not the end
	defer close(s.gone)
	for !s.quit {
		(<-s.calls)()
		if s.wrote {
			s.wrote = false
			s.backUpDaily()
		}
	}
}

// do has the owner do some work and returns its error. A panic in it is one, too.
func (s *Store) do(work func() error) error {
	done := make(chan error, 1)
	select {
	case s.calls <- func() { done <- s.guard(work) }:
		return <-done
	case <-s.gone:
		return ErrClosed
	}
}

// guard runs work. If that panics, the database is in no state to go on with.
func (s *Store) guard(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &DamageError{Path: s.path, Why: describe(v), Backup: newestBackup(s.path)}
			s.stopped = fmt.Errorf("%w: %w", ErrStopped, err)
			if s.file != nil {
				s.file.abandon()
				s.leave()
			}
		}
	}()
	return work()
}

// leave forgets the file after it was closed.
func (s *Store) leave() {
	s.withdraw()
	s.file, s.withdraw = nil, func() {}
}

// open opens the file and puts right what an earlier run left.
func (s *Store) open() error {
	f, err := openFile(s.path, s.options.layouts, s.options.ReadOnly)
	if err != nil {
		return err
	}
	if f.readOnly && f.layout < len(s.options.layouts) {
		return errors.Join(&OlderError{Path: s.path, Schema: f.schema()}, f.close())
	}
	c, err := s.unlock(f.slots)
	if err != nil {
		return errors.Join(err, f.close())
	}
	s.file, s.codec, s.named = f, c, false
	s.readOnly.Store(f.readOnly)
	if f.readOnly {
		return nil
	}
	s.withdraw = announce(s.path)
	tighten(s.path, s.options.Warn)
	os.Remove(s.rewritePath())     // a rewrite that was cut off has left it
	os.Remove(restorePath(s.path)) // a restore, likewise
	os.Remove(backupDraft(s.path))
	removeDrafts(s.path)
	dropAliases(s.path)
	if err := s.migrate(); err != nil {
		if s.file != nil {
			err = errors.Join(err, s.file.close())
			s.leave()
		}
		return err
	}
	if f.erase {
		if err := s.rewrite(); errors.Is(err, ErrStopped) {
			return err
		} else if err != nil {
			s.options.Warn(fmt.Errorf("something was deleted or replaced, and %w: %w", ErrRemains, err))
		}
	}
	return nil
}

// openOrAgain opens the file, and once more where a write to it has failed half way: a step to a newer
// layout, or the removal of what was deleted.
func (s *Store) openOrAgain() error {
	first := s.open()
	if !errors.Is(first, ErrStopped) {
		return first
	}
	if err := s.reopen(); err != nil {
		s.stopped = nil // so Close does not try it a third time
		return err
	}
	s.options.Warn(fmt.Errorf("it took two tries to open store %q; in the first %w", s.path, first))
	return nil
}

// unlock returns the codec of a file with these key slots, by the keys that are known, else by the
// passphrase.
func (s *Store) unlock(slots *keySlots) (codec, error) {
	known := s.codec.keys
	switch {
	case slots == nil && (known != nil || len(s.options.Passphrase) > 0):
		return codec{}, fmt.Errorf("%w: %q", ErrPlain, s.path)
	case slots == nil:
		return codec{}, nil
	case known != nil && bytes.Equal(known.id[:], slots.ID):
		return s.codec, nil
	case len(s.options.Passphrase) == 0:
		return codec{}, fmt.Errorf("%w: %q", ErrSealed, s.path)
	}
	noCoreDumps()
	keys, err := slots.unlock(s.options.Passphrase)
	if err != nil {
		return codec{}, fmt.Errorf("unlock store %q: %w", s.path, err)
	}
	return codec{keys}, nil
}

// Path returns the path of the file, absolute and without symbolic links.
func (s *Store) Path() string { return s.path }

// ReadOnly reports whether the store takes no changes, because that was asked for or because the file
// can not be written to.
func (s *Store) ReadOnly() bool { return s.readOnly.Load() }

// view runs a read transaction.
func (s *Store) view(read func(*bolt.Tx) error) error {
	return s.do(func() error {
		if s.file == nil {
			return s.stopped
		}
		return s.file.db.View(read)
	})
}

// writable returns why the store takes no changes now, or nil. The owner calls it.
func (s *Store) writable() error {
	switch {
	case s.stopped != nil:
		return s.stopped
	case s.file.readOnly && isBackup(s.path):
		return fmt.Errorf("%w: %q: %w", ErrReadOnly, s.path, ErrKept)
	case s.file.readOnly:
		return fmt.Errorf("%w: %q", ErrReadOnly, s.path)
	}
	return nil
}

// errUnchanged ends a write transaction that found nothing to write.
var errUnchanged = errors.New("nothing to write")

// update runs a write transaction; when it returns nil, what was written is on disk. An error of
// write rolls it back and is returned as it is. The owner calls it.
func (s *Store) update(write func(*bolt.Tx) error) error {
	if err := s.writable(); err != nil {
		return err
	}
	return s.commit(write)
}

// commit is update where it is known that the file can be written to.
func (s *Store) commit(write func(*bolt.Tx) error) error {
	// Whoever gave the file its name may have been cut off before that was on disk; then all that is
	// written to it could go with the name.
	if !s.named {
		if err := syncDir(filepath.Dir(s.path)); err != nil && !errors.Is(err, fs.ErrPermission) {
			s.stopped = fmt.Errorf("%w: writing the folder of %q failed: %w", ErrStopped, s.path, err)
			return s.stopped
		}
		s.named = true
	}
	var refused error
	err := s.file.db.Update(func(tx *bolt.Tx) error {
		refused = write(tx)
		return refused
	})
	switch {
	case err == nil || refused == errUnchanged:
		return nil
	case refused != nil:
		return refused
	}
	if cause := noRoom(err); cause != nil {
		return fmt.Errorf("%w to store %q: %w", ErrFull, s.path, cause)
	}
	// Whether the transaction is on the disk is open now. After a sync that failed, the system may
	// go on showing pages that never got there, so trying again would prove nothing.
	s.stopped = fmt.Errorf("%w: writing to %q failed: %w", ErrStopped, s.path, err)
	return s.stopped
}

// drawer returns the bucket of a session.
func (s *Store) drawer(tx *bolt.Tx, session string) (drawer, error) {
	name := s.codec.bucket(session)
	b := tx.Bucket(name)
	if b == nil {
		return drawer{}, fmt.Errorf("%w: %q", ErrNotFound, session)
	}
	return s.codec.drawer(b, name), nil
}

// Sessions returns the summaries of all sessions, the one that changed last first. Where some can not
// be read it returns the others and an error that names those (*UnlistedError).
func (s *Store) Sessions() ([]assessment.Summary, error) {
	var list []assessment.Summary
	var unlisted UnlistedError
	err := s.view(func(tx *bolt.Tx) error {
		var names [][]byte
		c := tx.Cursor()
		for name, _ := c.First(); name != nil; name, _ = c.Next() {
			if isSession(name) {
				names = append(names, name)
			}
		}
		list = make([]assessment.Summary, 0, len(names))
		for _, name := range names {
			d := s.codec.drawer(tx.Bucket(name), name)
			sum, err := summaryIn(d)
			if err != nil {
				unlisted.Sessions = append(unlisted.Sessions, &SummaryError{Session: d.session(), Why: err})
				continue
			}
			list = append(list, sum)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	if len(unlisted.Sessions) > 0 {
		return newestFirst(list), &unlisted
	}
	return newestFirst(list), nil
}

// summaryIn returns the summary that a session's drawer holds.
func summaryIn(d drawer) (assessment.Summary, error) {
	raw, err := d.get(keySummary)
	switch {
	case err != nil:
		return assessment.Summary{}, fmt.Errorf("%w: %w", errSummary, err)
	case raw == nil:
		return assessment.Summary{}, errors.New("it has no summary")
	}
	return decodeSummary(raw)
}

// newestFirst sorts summaries by their last change. They are large, and there can be thousands: so
// each is moved once.
func newestFirst(list []assessment.Summary) []assessment.Summary {
	order := make([]*assessment.Summary, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortFunc(order, func(a, b *assessment.Summary) int {
		if c := b.Changed.Compare(a.Changed); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	sorted := make([]assessment.Summary, len(list))
	for i, sum := range order {
		sorted[i] = *sum
	}
	return sorted
}

// Load returns a session. It checks that the journal is whole and ends as the head says; what
// Stored.Verify proves beyond that it leaves to Check.
func (s *Store) Load(id string) (assessment.Stored, error) {
	var st assessment.Stored
	err := s.view(func(tx *bolt.Tx) (err error) {
		d, err := s.drawer(tx, id)
		if err != nil {
			return err
		}
		st, _, err = load(d)
		return err
	})
	if err != nil {
		return assessment.Stored{}, fmt.Errorf("load session: %w", err)
	}
	return st, nil
}

// load copies a session out of its drawer.
func load(d drawer) (assessment.Stored, assessment.Head, error) {
	head, err := d.head()
	if err != nil {
		return assessment.Stored{}, head, err
	}
	st := assessment.Stored{Records: make(map[string][]byte)}
	broken := func(seq uint64, why string) error {
		return fmt.Errorf("%w: %w", ErrDamaged, &assessment.DamageError{Seq: seq, Why: why})
	}
	type event struct {
		seq uint64
		raw []byte
	}
	var events []event
	// A summary that is damaged keeps nobody from the journal that it is made of.
	err = d.eachBut(keySummary, func(key string, value []byte) error {
		if seq, ok := journalSeq(key); ok {
			events = append(events, event{seq, bytes.Clone(value)})
		} else if key[0] != ownPrefix {
			st.Records[key] = bytes.Clone(value)
		}
		return nil
	})
	if err != nil {
		return assessment.Stored{}, head, err
	}
	slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.seq, b.seq) })
	for i, e := range events {
		switch want := uint64(i) + 1; {
		case e.seq != want:
			return assessment.Stored{}, head, broken(want, "it is missing")
		case e.seq > head.Seq:
			return assessment.Stored{}, head, broken(e.seq, fmt.Sprintf("the journal should end with event %d", head.Seq))
		}
		st.Journal = append(st.Journal, e.raw)
	}
	if n := uint64(len(events)); n == 0 || n < head.Seq {
		return assessment.Stored{}, head, broken(n+1, "it is missing")
	}
	if sha256.Sum256(st.Journal[head.Seq-1]) != head.Hash {
		return assessment.Stored{}, head, broken(head.Seq, "its hash is not the one that the store has kept")
	}
	return st, head, nil
}

// change is a delta with its summary encoded.
type change struct {
	assessment.Delta
	summary []byte
}

// Apply adds what acts have changed, all of it or nothing; when it returns nil, all of it is on disk.
// It can be repeated: an event that is there already (the same sequence and hash) is skipped, and
// another one in its place is a *ConflictError. A first event with sequence 1 creates its session.
//
// After ErrFull the same call may be repeated. After ErrStopped nothing is taken before Reopen.
func (s *Store) Apply(deltas ...assessment.Delta) error {
	changes := make([]change, 0, len(deltas))
	for _, d := range deltas {
		if len(d.Events) == 0 {
			continue
		}
		last := d.Events[len(d.Events)-1]
		if want := (assessment.Head{Seq: last.Seq, Hash: last.Hash()}); d.Summary.ID != d.Session || d.Summary.Head != want {
			return fmt.Errorf("save session %q: its summary is of %q at %v, its events end at %v", d.Session, d.Summary.ID, d.Summary.Head, want)
		}
		changes = append(changes, change{d, encodeSummary(d.Summary)})
	}
	if len(changes) == 0 {
		return nil
	}
	return s.do(func() error { return s.apply(changes) })
}

func (s *Store) apply(changes []change) error {
	heads := make(map[string]assessment.Head, 1)
	err := s.update(func(tx *bolt.Tx) error {
		var changed [][]byte
		for _, c := range changes {
			head, n, err := s.applyOne(tx, c)
			if err != nil {
				return fmt.Errorf("save session %q: %w", c.Session, err)
			}
			heads[c.Session] = head
			if n > 0 {
				changed = append(changed, s.codec.bucket(c.Session))
			}
		}
		if len(changed) == 0 {
			return errUnchanged
		}
		s.wrote = true
		return errors.Join(noteRecent(tx, s.codec, changed), s.sign(tx))
	})
	if err != nil {
		s.wrote = false
		return err
	}
	for id, head := range heads {
		s.saved[id] = head
	}
	return nil
}

// applyOne adds the events of one delta that are not there yet. It returns the head after them and
// how many they were.
func (s *Store) applyOne(tx *bolt.Tx, c change) (head assessment.Head, fresh int, err error) {
	d, err := s.drawer(tx, c.Session)
	switch {
	case err == nil:
		if head, err = d.head(); err != nil {
			return head, 0, err
		}
	case c.Events[0].Seq != 1:
		return head, 0, err
	default:
		if d, err = s.codec.create(tx, c.Session); err != nil {
			return head, 0, err
		}
	}
	if d.seal == nil {
		// The journal grows at its end: leave no room in the middle of it.
		d.bucket.FillPercent = 0.9
	}

	for _, e := range c.Events {
		hash := e.Hash()
		switch {
		case e.Seq <= head.Seq:
			raw, err := d.get(journalKey(e.Seq))
			if err != nil {
				return head, 0, err
			}
			if stored := assessment.Hash(sha256.Sum256(raw)); stored != hash {
				return head, 0, &ConflictError{c.Session, e.Seq, stored, hash}
			}
			continue
		case e.Seq != head.Seq+1:
			return head, 0, fmt.Errorf("event %d can not follow event %d", e.Seq, head.Seq)
		case e.Prev != head.Hash:
			return head, 0, &ConflictError{c.Session, head.Seq, head.Hash, e.Prev}
		}
		if e.After == nil {
			err = d.delete(e.Record())
		} else {
			err = d.put(e.Record(), e.After)
		}
		if err == nil {
			err = d.put(journalKey(e.Seq), e.Bytes())
		}
		if err != nil {
			return head, 0, err
		}
		head = assessment.Head{Seq: e.Seq, Hash: hash}
		fresh++
	}
	if fresh > 0 { // else a late repeat: the summary that is there may be a later one
		err = errors.Join(d.putHead(head), d.put(keySummary, c.summary))
	}
	return head, fresh, err
}

// sign notes which version wrote last.
func (s *Store) sign(tx *bolt.Tx) error {
	if s.file.writer == s.options.Version {
		return nil
	}
	if err := tx.Bucket(headerBucket).Put(headerWriter, []byte(s.options.Version)); err != nil {
		return err
	}
	tx.OnCommit(func() { s.file.writer = s.options.Version })
	return nil
}

// Place returns the item at which the walk through a session stopped, if one was set.
func (s *Store) Place(id string) (content.ItemID, bool) {
	var item content.ItemID
	err := s.view(func(tx *bolt.Tx) error {
		d, err := s.drawer(tx, id)
		if err != nil {
			return err
		}
		raw, err := d.get(keyPlace)
		if err != nil {
			return err
		}
		return item.UnmarshalText(raw)
	})
	return item, err == nil
}

// SetPlace keeps where the walk through a session stopped. That is no part of the assessment: no
// journal knows of it.
func (s *Store) SetPlace(id string, item content.ItemID) error {
	place := []byte(item.String())
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, id)
			if err != nil {
				return err
			}
			if was, err := d.get(keyPlace); err != nil || bytes.Equal(was, place) {
				return cmp.Or(err, errUnchanged)
			}
			return d.put(keyPlace, place)
		})
	})
	if err != nil {
		return fmt.Errorf("keep the place in a session: %w", err)
	}
	return nil
}

// Delete removes a session for good. A backup is made first, and if that fails nothing is deleted.
// Then the file is written anew, so that nothing of the session is left in it. Backups keep what they
// have until they are pruned. It returns the path of the one just made, whenever there is one.
//
// An error after the session was removed says so: its text is still in the file then, and the next
// Open or Delete writes it anew.
func (s *Store) Delete(id string) (backup string, err error) {
	err = s.do(func() error {
		err := s.writable()
		if err == nil {
			err = s.file.db.View(func(tx *bolt.Tx) error {
				_, err := s.drawer(tx, id)
				return err
			})
		}
		if err == nil {
			backup, err = s.backUpFirst()
		}
		if err != nil {
			return fmt.Errorf("delete session: nothing was deleted: %w", err)
		}
		err = s.update(func(tx *bolt.Tx) error { return s.remove(tx, id) })
		if err == nil || errors.Is(err, ErrStopped) {
			delete(s.saved, id) // Reopen may find it or not
		}
		switch {
		case errors.Is(err, ErrStopped):
			return fmt.Errorf("delete session: whether it is deleted shows when the store is reopened: %w", err)
		case err != nil:
			return fmt.Errorf("delete session: nothing was deleted: %w", err)
		}
		if err := s.rewrite(); err != nil {
			return fmt.Errorf("session %q is deleted, but %w: %w", id, ErrRemains, err)
		}
		return nil
	})
	return backup, err
}

// remove takes a session out of the database and notes that its text is still in the file.
func (s *Store) remove(tx *bolt.Tx, id string) error {
	name := s.codec.bucket(id)
	return errors.Join(tx.Bucket(headerBucket).Put(headerErase, []byte("1")), forgetRecent(tx, s.codec, name), tx.DeleteBucket(name))
}

func (s *Store) rewritePath() string {
	return rewriteDraft(s.path)
}

// rewrite puts a compact copy in the place of the file. The owner calls it.
func (s *Store) rewrite() error {
	if err := s.file.copyTo(s.rewritePath()); err != nil {
		return fmt.Errorf("write store %q anew: %w", s.path, asFull(err))
	}
	return s.replace(s.codec)
}

// replace puts the copy, which is in the form of a codec, in the place of the file.
func (s *Store) replace(c codec) error {
	err := keepOwner(s.rewritePath(), s.path)
	if err == nil {
		err = s.swap(c)
	} else {
		err = errors.Join(err, os.Remove(s.rewritePath()))
	}
	if err != nil {
		return fmt.Errorf("put the new file in the place of store %q: %w", s.path, err)
	}
	if err := syncDir(filepath.Dir(s.path)); err != nil {
		// After a power cut the name may be the old file's again, without what is written from now on.
		s.stopped = fmt.Errorf("%w: whether the new file in the place of %q is on disk is not known: %w", ErrStopped, s.path, err)
		return s.stopped
	}
	return nil
}

// swap renames the copy over the file and goes on with it. No other process can come between: the
// copy is locked before it gets the name, and who waits for the old file finds that it lost it.
func (s *Store) swap(c codec) error {
	if !renamesOpenFiles {
		return s.swapClosed(c)
	}
	made, err := openFile(s.rewritePath(), s.options.layouts, false)
	if err != nil {
		return errors.Join(err, os.Remove(s.rewritePath()))
	}
	if err := os.Rename(s.rewritePath(), s.path); err != nil {
		return errors.Join(err, made.close(), os.Remove(s.rewritePath()))
	}
	old := s.file
	s.file, s.codec = made, c
	if err := old.close(); err != nil {
		old.abandon() // it has no name any more, and nothing is written to it
	}
	return nil
}

// swapClosed is swap where an open file can not be renamed. Another process may come between; then
// the store has stopped, and Reopen tells who it was.
func (s *Store) swapClosed(c codec) error {
	err := s.file.close()
	if err == nil {
		err = os.Rename(s.rewritePath(), s.path)
	}
	if err == nil {
		s.codec = c
	} else {
		err = errors.Join(err, os.Remove(s.rewritePath()))
	}
	made, openErr := openFile(s.path, s.options.layouts, false)
	if openErr != nil {
		s.leave()
		s.stopped = fmt.Errorf("%w: %w", ErrStopped, openErr)
		return errors.Join(err, openErr)
	}
	s.file = made
	return err
}

// Backup makes a verified copy in the folder backups beside the store and returns its path. It can be
// opened like any store. Older copies are pruned: the newest 10 stay, and the newest of each of the
// last 14 days.
func (s *Store) Backup() (path string, err error) {
	err = s.do(func() error {
		if err := s.writable(); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		path, err = s.backUp()
		return err
	})
	return path, err
}

// backUpFirst is backUp for what may not go on without one.
func (s *Store) backUpFirst() (path string, err error) {
	if path, err = s.backUp(); err != nil {
		err = fmt.Errorf("there must be a backup first: %w", err)
	}
	return path, err
}

// backUp makes a backup and prunes the older ones. The owner calls it.
func (s *Store) backUp() (path string, err error) {
	path, made, err := s.file.saveBackup(s.path, s.options.Now())
	if err != nil {
		return "", fmt.Errorf("back up store %q: %w", s.path, asFull(err))
	}
	if err := prune(s.path, path, made); err != nil {
		s.options.Warn(err)
	}
	return path, nil
}

// backUpDaily makes the backup of the day, after the first answer of the day is safe. That it fails
// stops nobody: a full disk must not stand in the way of the next answer.
func (s *Store) backUpDaily() {
	today := s.options.Now().UTC().Format(time.DateOnly)
	if s.checked == today {
		return
	}
	s.checked = today
	err := s.guard(func() error {
		list, err := backups(s.path)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(b backup) bool { return b.time.Format(time.DateOnly) == today }) {
			return nil
		}
		_, err = s.backUp()
		return err
	})
	if err != nil {
		s.options.Warn(fmt.Errorf("all is saved, but there is no backup of today: %w", err))
	}
}

// Check checks the whole file: its pages, and that each session's journal is unbroken, leads to its
// records and is what its summary speaks of. It takes seconds for thousands of sessions. The error
// lists all that is wrong and is ErrDamaged.
func (s *Store) Check() error {
	return s.do(func() error {
		if s.file == nil {
			return s.stopped
		}
		if err := preflightFile(s.file.handle); err != nil {
			return &DamageError{Path: s.path, Why: err.Error(), Backup: newestBackup(s.path)}
		}
		return s.file.db.View(func(tx *bolt.Tx) error {
			if err := checkPages(tx); err != nil {
				return &DamageError{Path: s.path, Why: err.Error(), Backup: newestBackup(s.path)}
			}
			var bad []error
			for d := range s.codec.drawers(tx) {
				if err := checkSession(d, s.codec); err != nil {
					bad = append(bad, fmt.Errorf("%w: session %q: %w", ErrDamaged, d.session(), err))
				}
			}
			return errors.Join(bad...)
		})
	})
}

func checkSession(d drawer, c codec) error {
	head, err := checkJournal(d, c)
	if err != nil {
		return err
	}
	id, err := d.id()
	if err != nil {
		return err
	}
	return checkSummary(d, id, head)
}

// checkJournal checks all that a session's drawer holds but its summary, and returns the end of the journal.
func checkJournal(d drawer, c codec) (assessment.Head, error) {
	id, err := d.id()
	if err != nil {
		return assessment.Head{}, err
	}
	if !bytes.Equal(c.bucket(id), d.name) {
		return assessment.Head{}, fmt.Errorf("its bucket %x is not that of its id", d.name)
	}
	st, head, err := load(d)
	if err != nil {
		return head, err
	}
	verified, err := st.Verify()
	if err != nil {
		return head, err
	}
	if verified != head {
		return head, fmt.Errorf("its journal ends at %v, not at %v", verified, head)
	}
	return head, nil
}

// checkSummary checks that a session's drawer holds the summary of that session at that head.
func checkSummary(d drawer, id string, head assessment.Head) error {
	sum, err := summaryIn(d)
	if err != nil {
		return err
	}
	if sum.ID != id {
		return fmt.Errorf("its summary is of session %q", sum.ID)
	}
	if sum.Head != head {
		return fmt.Errorf("its summary is of %v, not of %v", sum.Head, head)
	}
	return nil
}

// Reopen closes the file and opens it again, with all the checks of Open. After ErrStopped it also
// writes the whole file anew, so that nothing rests on pages that a failed write has left behind, and
// makes sure that everything that Apply reported as saved is there; then the store takes changes
// again, and Apply can be repeated with what it refused. After an error the store has stopped.
func (s *Store) Reopen() error { return s.do(s.reopen) }

func (s *Store) reopen() error {
	had := s.stopped
	if s.file != nil {
		if err := s.file.close(); err != nil {
			s.file.abandon()
		}
		s.leave()
	}
	err := s.open()
	if err == nil {
		err = s.compareSaved()
	}
	if err == nil && had != nil && !s.file.readOnly {
		err = s.rewrite()
	}
	s.stopped = nil
	if err != nil {
		s.stopped = fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return err
}

// compareSaved compares the file with what Apply has reported as saved since the store was opened.
func (s *Store) compareSaved() error {
	return s.file.db.View(func(tx *bolt.Tx) error {
		for id, want := range s.saved {
			d, err := s.drawer(tx, id)
			if err != nil {
				return err
			}
			raw, err := d.get(journalKey(want.Seq))
			if err != nil {
				return err
			}
			if sha256.Sum256(raw) != want.Hash {
				return &DamageError{
					Path: s.path, Backup: newestBackup(s.path),
					Why: fmt.Sprintf("event %d of session %s was saved and is not there any more", want.Seq, id),
				}
			}
		}
		return nil
	})
}

// Close closes the store. What Apply has returned nil for is on disk with or without it; a backup in
// progress is finished first, and the keys of an encrypted store are wiped. After ErrStopped the file is
// first written anew, as Reopen does it, if that can be done. A closed store can be closed again.
func (s *Store) Close() error {
	err := s.do(func() error {
		s.quit = true
		defer s.codec.wipe()
		if s.stopped != nil && !errors.Is(s.stopped, ErrDamaged) {
			// The next who opens the file would be shown pages that are not on the disk, and would build
			// on them. Should the fault last, that one's writes fail as well.
			_ = s.guard(s.reopen)
		}
		if s.file == nil {
			return nil
		}
		defer s.leave()
		return s.file.close()
	})
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}
