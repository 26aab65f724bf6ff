package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// stamps returns the times of a store's backups, newest first.
func stamps(t *testing.T, path string) (list []string) {
	t.Helper()
	all, err := backups(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		list = append(list, b.time.Format(backupStamp))
	}
	return list
}

func TestDailyBackup(t *testing.T) {
	var clock clock
	path := testPath(t)
	s := openTest(t, path, Options{Now: clock.now})
	session, created := newSession("first")
	days := func(want ...string) {
		t.Helper()
		if _, err := s.Sessions(); err != nil { // takes its turn after the backup
			t.Fatal(err)
		}
		if got := stamps(t, path); !reflect.DeepEqual(got, want) {
			t.Errorf("backups of %q, want %q", got, want)
		}
	}
	days()
	apply(t, s, created)
	days("20260131T090000.000Z")
	clock.set(start.Add(time.Hour))
	apply(t, s, answer(session, 1))
	apply(t, s, answer(session, 2))
	days("20260131T090000.000Z")
	clock.set(time.Date(2026, 2, 1, 0, 30, 0, 0, time.FixedZone("", 3600))) // still January in UTC
	apply(t, s, answer(session, 3))
	days("20260131T090000.000Z")
	clock.set(clock.now().Add(time.Hour)) // midnight passes while the store is open
	apply(t, s, created)                  // a repeat is no answer
	days("20260131T090000.000Z")
	apply(t, s, answer(session, 4))
	days("20260201T003000.000Z", "20260131T090000.000Z")
	clock.set(clock.now().Add(time.Hour))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, path, Options{Now: clock.now}) // another sitting of the same day
	apply(t, s, answer(session, 5))
	days("20260201T003000.000Z", "20260131T090000.000Z")
	same(t, s, session)
}

// That the daily backup fails is a warning and no more.
func TestDailyBackupFails(t *testing.T) {
	path := testPath(t)
	writeFile(t, backupFolder(path), []byte("a file where the folder should be"))
	var warnings []string
	s := openTest(t, path, Options{Warn: func(err error) { warnings = append(warnings, err.Error()) }})
	session, d := newSession("first")
	for range 2 {
		apply(t, s, d)
		d = answer(session, 1)
	}
	same(t, reopenTest(t, s), session)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "no backup of today") {
		t.Errorf("warnings %q", warnings)
	}
	if _, err := openTest(t, testPath(t), Options{}).Backup(); err != nil {
		t.Error(err)
	}
	if got := names(t, filepath.Dir(path)); !reflect.DeepEqual(got, []string{"backups", "plumbline.db"}) {
		t.Errorf("left behind: %q", got)
	}
}

// The newest 10 stay, and the newest of each of the last 14 days. Nothing else in the folder is touched.
func TestPrune(t *testing.T) {
	path := testPath(t)
	var clock clock
	s := openTest(t, path, Options{Now: clock.now})
	if err := os.Mkdir(backupFolder(path), 0o700); err != nil {
		t.Fatal(err)
	}
	strangers := []string{
		"notes.txt", "other.db.20200101T000000.000Z", "plumbline.db.20200101T000000Z", "plumbline.db.old",
		"plumbline.db.20200101T000000.000Z.db.20200101T000000.000Z",
	}
	for _, name := range strangers {
		writeFile(t, filepath.Join(backupFolder(path), name), []byte("x"))
	}
	var want []string
	for day := range 20 {
		for hour := range 2 {
			now := start.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
			clock.set(now)
			if _, err := s.Backup(); err != nil {
				t.Fatal(err)
			}
			// Of days 15 to 19 both are among the newest 10; of 6 to 14 the later one stays.
			if day >= 15 || day >= 6 && hour == 1 {
				want = append([]string{now.Format(backupStamp)}, want...)
			}
		}
	}
	if got := stamps(t, path); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, name := range strangers {
		if !exists(filepath.Join(backupFolder(path), name)) {
			t.Errorf("%s is gone", name)
		}
	}

	// A clock that was set back does not make a new backup an old one.
	clock.set(start.AddDate(-1, 0, 0))
	made, err := s.Backup()
	if err != nil || !exists(made) {
		t.Errorf("backup %q, %v", made, err)
	}
}

func TestBackupsOfOneMoment(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	made := make(map[string]bool)
	for range 3 {
		path, err := s.Backup()
		if err != nil {
			t.Fatal(err)
		}
		made[path] = true
	}
	if len(made) != 3 || len(stamps(t, s.Path())) != 3 {
		t.Errorf("made %v", made)
	}
}

// A backup is a store, and a copy of it one to work with.
func TestBackupOpens(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d)
	for n := range 50 {
		apply(t, s, answer(session, n))
	}
	then, err := session.Stored()
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, answer(session, 51))

	b := openTest(t, path, Options{})
	if err := b.Check(); err != nil {
		t.Error(err)
	}
	if st, err := b.Load(session.Info().ID); err != nil || !reflect.DeepEqual(st, then) {
		t.Errorf("the backup does not hold what the store held (%v)", err)
	}

	copied := testPath(t)
	writeFile(t, copied, readFile(t, path))
	c := openTest(t, copied, Options{})
	apply(t, c, storedDelta(t, session, assessment.Delta{Session: session.Info().ID}))
	same(t, c, session)
}

// copyTo compares what it wrote with the store.
func TestVerifyCopy(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d, answer(session, 1))
	changes := map[string]func(d drawer) error{
		"value": func(d drawer) error { return d.put(keyPlace, []byte("PR.AA-05/defend")) },
		"key":   func(d drawer) error { return d.delete(journalKey(2)) },
	}
	for name, change := range changes {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := s.do(func() error { return s.file.copyTo(path) }); err != nil {
			t.Fatal(err)
		}
		db, err := bolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.do(func() error { return verifyCopy(db, s.file.db) }); err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, session.Info().ID)
			return errors.Join(err, change(d))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.do(func() error { return verifyCopy(db, s.file.db) }); err == nil {
			t.Errorf("%s changed, and not noticed", name)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Delete leaves no byte of the session in the file, and a backup that has all of it.
func TestDelete(t *testing.T) {
	for name, cutOff := range map[string]bool{"whole": false, "cut off before the rewrite": true} {
		t.Run(name, func(t *testing.T) {
			now := start
			path := testPath(t)
			s := openTest(t, path, Options{Now: func() time.Time { now = now.Add(time.Minute); return now }})
			kept, k := newSession("kept")
			gone, g := newSession("SECRET-NAME")
			other, o := newSession("other")
			apply(t, s, k, g, o)
			for n := range 80 {
				d, err := gone.Do(act(n), func(e *assessment.Edit) error {
					return e.Note(catalog().At(n).ID, "SECRET-NOTE "+strings.Repeat("x", 10*n))
				})
				if err != nil {
					t.Fatal(err)
				}
				apply(t, s, answer(kept, n), d, answer(other, n))
			}
			id := gone.Info().ID
			marks := [][]byte{[]byte("SECRET-NAME"), []byte("SECRET-NOTE"), []byte(id)}
			for _, mark := range marks {
				if !sealTests && !bytes.Contains(readFile(t, path), mark) {
					t.Fatalf("%s is not in the file to begin with", mark)
				}
			}

			var last string
			if cutOff {
				err := s.do(func() error {
					return s.update(func(tx *bolt.Tx) error { return s.remove(tx, id) })
				})
				if err != nil {
					t.Fatal(err)
				}
				if !sealTests && !bytes.Contains(readFile(t, path), marks[1]) {
					t.Error("the note should still be in a free page")
				}
				writeFile(t, s.rewritePath(), []byte("half a copy"))
				s = reopenTest(t, s)
			} else {
				var err error
				if last, err = s.Delete(id); err != nil || last != newestBackup(path) {
					t.Fatalf("backup %q, error %v", last, err)
				}
				if again, err := s.Delete(id); !errors.Is(err, ErrNotFound) || again != "" {
					t.Errorf("a second time: backup %q, error %v", again, err)
				}
			}
			if _, err := s.Load(id); !errors.Is(err, ErrNotFound) {
				t.Errorf("load: error %v", err)
			}
			same(t, s, kept, other)
			for _, mark := range marks {
				if bytes.Contains(readFile(t, path), mark) {
					t.Errorf("%s is still in the file", mark)
				}
			}
			if got := names(t, filepath.Dir(path)); !reflect.DeepEqual(got, []string{"backups", "plumbline.db"}) {
				t.Errorf("left behind: %q", got)
			}
			// The store goes on with the new file, and holds its lock.
			apply(t, s, answer(kept, 100))
			if _, err := open(path, Options{}); !errors.Is(err, ErrBusy) {
				t.Errorf("a second opener: error %v", err)
			}
			s = reopenTest(t, s)
			same(t, s, kept, other)
			if cutOff {
				return
			}
			b := openTest(t, last, Options{})
			if err := b.Check(); err != nil {
				t.Errorf("the backup: %v", err)
			}
			if st, err := b.Load(id); err != nil || len(st.Journal) == 0 {
				t.Errorf("the backup does not have the session: %v", err)
			}
		})
	}
}

func TestDeleteNeedsBackup(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{Warn: func(error) {}})
	session, d := newSession("first")
	apply(t, s, d)
	if _, err := s.Sessions(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(backupFolder(path)); err != nil {
		t.Fatal(err)
	}
	writeFile(t, backupFolder(path), nil)
	if backup, err := s.Delete(session.Info().ID); err == nil || !strings.Contains(err.Error(), "nothing was deleted") || backup != "" {
		t.Errorf("backup %q, error %v", backup, err)
	}
	same(t, s, session)
	same(t, reopenTest(t, s), session)
}

// A rewrite that fails leaves the session deleted, the file as it is and a note to try again.
func TestDeleteTriesAgain(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	kept, k := newSession("kept")
	gone, g := newSession("SECRET-NAME")
	apply(t, s, k, g)
	for n := range 100 {
		apply(t, s, answer(gone, n))
	}
	if err := os.MkdirAll(filepath.Join(s.rewritePath(), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if backup, err := s.Delete(gone.Info().ID); err == nil || !strings.Contains(err.Error(), "still in the file") || !exists(backup) {
		t.Fatalf("backup %q, error %v", backup, err)
	}
	same(t, s, kept)
	apply(t, s, answer(kept, 1))
	if err := os.RemoveAll(s.rewritePath()); err != nil {
		t.Fatal(err)
	}
	if !sealTests && !bytes.Contains(readFile(t, path), []byte("answer 77")) {
		t.Error("nothing is left to erase")
	}
	s = reopenTest(t, s)
	same(t, s, kept)
	for _, mark := range []string{"SECRET-NAME", "answer 77"} {
		if bytes.Contains(readFile(t, path), []byte(mark)) {
			t.Errorf("%s is still in the file", mark)
		}
	}
}

// Whether a deletion that failed while writing has happened is open until the store is reopened, which
// works either way.
func TestDeleteFailsWhileWriting(t *testing.T) {
	for _, happened := range []bool{false, true} {
		s := openTest(t, testPath(t), Options{})
		kept, k := newSession("kept")
		gone, g := newSession("gone")
		apply(t, s, k)
		without := readFile(t, s.Path())
		apply(t, s, g)
		if _, err := s.Sessions(); err != nil { // comes after the daily backup
			t.Fatal(err)
		}
		breakHandle(t, s)
		_, err := s.Delete(gone.Info().ID)
		if !errors.Is(err, ErrStopped) || strings.Contains(err.Error(), "nothing was deleted") {
			t.Fatalf("error %v", err)
		}
		if happened {
			writeFile(t, s.Path(), without)
		}
		if err := s.Reopen(); err != nil {
			t.Fatalf("it happened: %v: %v", happened, err)
		}
		if happened {
			same(t, s, kept)
		} else {
			same(t, s, kept, gone)
		}
	}
}

// What was cut off is removed by the next open: a backup, and the other name that a store has while it is
// created, under which everything would stay that is deleted later.
func TestOpenRemovesWhatWasCutOff(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	others := []string{filepath.Join(dir, ".other.db-1.new"), filepath.Join(dir, ".plumbline.db-note")}
	for _, name := range append([]string{backupDraft(path), filepath.Join(dir, draftPrefix(path)+"123"+draftSuffix)}, others...) {
		writeFile(t, name, readFile(t, path))
	}
	s = openTest(t, path, Options{})
	same(t, s, session)
	if got := names(t, dir); !slices.Equal(got, []string{".other.db-1.new", ".plumbline.db-note", "backups", "plumbline.db"}) {
		t.Errorf("in the folder are %q", got)
	}
	if got := names(t, backupFolder(path)); len(got) != 1 {
		t.Errorf("in the folder of backups are %q", got)
	}
}

// A draft that somebody else has removed is no error where that somebody has a store by now.
func TestCreateWithoutItsDraft(t *testing.T) {
	path := testPath(t)
	err := create(path, released[:], "", func(draft, to string) error {
		removeDrafts(path)
		if err := os.Link(draft, to); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the draft is still there: %v", err)
		}
		if err := create(path, released[:], "", os.Link); err != nil {
			t.Error(err)
		}
		return os.Link(draft, filepath.Join(filepath.Dir(to), "another name"))
	})
	if err != nil {
		t.Error(err)
	}
	openTest(t, path, Options{})
}

// A backup stays what it is: it is opened to be read, and whoever would change it is told so.
func TestBackupStays(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d)
	path, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	before := readFile(t, path)
	b := openTest(t, path, Options{})
	if !b.ReadOnly() {
		t.Error("it takes changes")
	}
	if err := b.Apply(answer(session, 1)); !errors.Is(err, ErrReadOnly) || !errors.Is(err, ErrKept) {
		t.Errorf("answer: %v", err)
	}
	if _, err := b.Backup(); !errors.Is(err, ErrReadOnly) {
		t.Errorf("back up: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, readFile(t, path)) {
		t.Error("it has changed")
	}
	for _, p := range []string{"/x/backups/plumbline.db", "/x/plumbline.db.20260131T090000.000Z", "/x/backups/20260131T090000.000Z", "/x/backups/a.2026x131T090000.000Z", "backups"} {
		if isBackup(p) {
			t.Errorf("%s passes for a backup", p)
		}
	}
}
