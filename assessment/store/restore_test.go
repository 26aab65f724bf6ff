package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

func init() {
	children["swap"] = childSwap
	children["restore"] = childRestore
	for name, test := range map[string]func(*testing.T){
		"Restore":              TestRestore,
		"RestoreRefuses":       TestRestoreRefuses,
		"RestoreBusy":          TestRestoreBusy,
		"RestoreCutOff":        TestRestoreCutOff,
		"RestoreWhileWriting":  TestRestoreWhileWriting,
		"KillWhileRestoring":   TestKillWhileRestoring,
		"Compact":              TestCompact,
		"Backups":              TestBackups,
		"DoctorChangesNothing": TestDoctorChangesNothing,
		"DoctorFindsDamage":    TestDoctorFindsDamage,
	} {
		sealedToo[name] = test
	}
}

// restoreTest restores with what the test's stores are made with.
func restoreTest(path, backup string, link func(from, to string) error) (string, error) {
	o := Options{Now: func() time.Time { return start }, work: lightWork}
	if sealTests {
		o.Passphrase = []byte(testPassphrase)
	}
	return restore(path, backup, o, link)
}

// ways are those in which a file can get a second name.
var ways = map[string]func(from, to string) error{"link": os.Link, "no hard links": noLink}

// movedOn returns a store with a session, a backup of it, and the session as it went on after the backup.
func movedOn(t *testing.T) (path, backup string, then, now *assessment.Session) {
	t.Helper()
	path = testPath(t)
	s := openTest(t, path, Options{})
	now, d := newSession("first")
	then, _ = newSession("first")
	apply(t, s, d, answer(now, 1))
	answer(then, 1)
	backup, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, answer(now, 2), answer(now, 3))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, backup, then, now
}

// A backup comes into the place of a store that is sound, damaged, empty or gone. What was there is kept
// to the byte, and comes back in the same way.
func TestRestore(t *testing.T) {
	for name, link := range ways {
		for what, harm := range map[string]func(t *testing.T, path string){
			"sound":     func(*testing.T, string) {},
			"zeroed":    func(t *testing.T, path string) { writeFile(t, path, make([]byte, 20_000)) },
			"cut off":   func(t *testing.T, path string) { writeFile(t, path, readFile(t, path)[:9000]) },
			"empty":     func(t *testing.T, path string) { writeFile(t, path, nil) },
			"read-only": func(t *testing.T, path string) { os.Chmod(path, 0o400) },
			"gone":      func(t *testing.T, path string) { os.Remove(path) },
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				path, backup, then, now := movedOn(t)
				harm(t, path)
				var was []byte
				if exists(path) {
					was = readFile(t, path)
				}
				copied := readFile(t, backup)
				aside, err := restoreTest(path, backup, link)
				if err != nil {
					t.Fatal(err)
				}
				if want := path + ".aside-20260131T090000.000Z"; what != "gone" && aside != want || what == "gone" && aside != "" {
					t.Errorf("moved aside to %q", aside)
				}
				s := openTest(t, path, Options{})
				if err := s.Check(); err != nil {
					t.Error(err)
				}
				same(t, s, then)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != fileMode && knowsPermissions {
					t.Errorf("its mode is %v (%v)", info.Mode(), err)
				}
				if !bytes.Equal(readFile(t, backup), copied) {
					t.Error("the backup has changed")
				}
				left := []string{"backups", "plumbline.db", "plumbline.db.lock"}
				if aside != "" {
					left = []string{"backups", "plumbline.db", filepath.Base(aside), "plumbline.db.lock"}
					if !bytes.Equal(readFile(t, aside), was) {
						t.Error("what was moved aside has changed")
					}
				}
				if got := names(t, filepath.Dir(path)); !reflect.DeepEqual(got, left) {
					t.Errorf("there is %q", got)
				}
				if what != "sound" {
					return
				}
				again, err := restoreTest(path, aside, link)
				if err != nil {
					t.Fatal(err)
				}
				if again == aside || !exists(aside) || !exists(again) {
					t.Errorf("aside are %q and %q", aside, again)
				}
				same(t, openTest(t, path, Options{}), now)
			})
		}
	}
}

// What can not be restored from changes nothing, and neither does what can not be moved.
func TestRestoreRefuses(t *testing.T) {
	path, backup, _, _ := movedOn(t)
	dir := filepath.Dir(path)
	elsewhere := t.TempDir()
	file := func(name string, b []byte) string {
		p := filepath.Join(elsewhere, name)
		writeFile(t, p, b)
		return p
	}
	whole := readFile(t, backup)
	alias := filepath.Join(elsewhere, "alias.db")
	if err := os.Link(path, alias); err != nil {
		t.Fatal(err)
	}
	rotten := file("rotten.db", whole)
	rot(t, rotten)
	for name, tt := range map[string]struct {
		backup string
		want   error
	}{
		"itself":          {path, ErrSameFile},
		"by another name": {alias, ErrSameFile},
		"cut off":         {file("cut.db", whole[:len(whole)/2]), ErrBackup},
		"empty":           {file("empty.db", nil), ErrBackup},
		"text":            {file("notes.txt", []byte("minutes")), ErrBackup},
		"rotten":          {rotten, ErrBackup},
		"folder":          {elsewhere, ErrBackup},
		"not there":       {filepath.Join(elsewhere, "none.db"), os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			before, beside := state(t, path), names(t, dir)
			aside, err := restoreTest(path, tt.backup, os.Link)
			if !errors.Is(err, tt.want) || aside != "" {
				t.Errorf("aside %q, error %v", aside, err)
			}
			after := names(t, dir)
			if i := len(after) - 1; after[i] == "plumbline.db.lock" && len(after) > len(beside) {
				after = after[:i]
			}
			if state(t, path) != before || !reflect.DeepEqual(after, beside) {
				t.Errorf("there was %q and is %q", beside, after)
			}
		})
	}
	if aside, err := restoreTest(dir, backup, os.Link); !errors.Is(err, ErrDamaged) || errors.Is(err, ErrBackup) || aside != "" {
		t.Errorf("a folder as store: aside %q, error %v", aside, err)
	}
}

// rot changes a value of the first session in a file, which no look at its pages shows.
func rot(t *testing.T, path string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		c := tx.Cursor()
		name, _ := c.First()
		for !isSession(name) {
			name, _ = c.Next()
		}
		k, v := tx.Bucket(name).Cursor().Last()
		v = bytes.Clone(v)
		v[len(v)/2] ^= 1
		return tx.Bucket(name).Put(bytes.Clone(k), v)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// A sealed backup needs its passphrase, and whoever gives one is not given a plain one.
func TestRestoreSealed(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	plain, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Encrypt([]byte("one")); err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := state(t, path)
	for _, tt := range []struct {
		backup, phrase string
		want           error
	}{{sealed, "", ErrSealed}, {sealed, "two", ErrPassphrase}, {plain, "one", ErrPlain}} {
		if _, err := Restore(path, tt.backup, Options{Passphrase: []byte(tt.phrase)}); !errors.Is(err, tt.want) || errors.Is(err, ErrBackup) {
			t.Errorf("error %v, want %v", err, tt.want)
		}
		if state(t, path) != before {
			t.Fatal("the store has changed")
		}
	}
	for _, tt := range []struct{ backup, phrase string }{{plain, ""}, {sealed, "one"}, {plain, ""}} {
		if _, err := Restore(path, tt.backup, Options{Passphrase: []byte(tt.phrase)}); err != nil {
			t.Fatal(err)
		}
		s, err := openWith(t, path, tt.phrase)
		if err != nil {
			t.Fatal(err)
		}
		same(t, s, session)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A store that another process has open is left alone, and it is said who that is.
func TestRestoreBusy(t *testing.T) {
	path, backup, _, now := movedOn(t)
	c := startChild(t, "hold", path, "")
	pid := c.line(t)
	before := names(t, filepath.Dir(path))
	_, err := restoreTest(path, backup, os.Link)
	if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "process "+pid) {
		t.Errorf("error %v, want one that names %s", err, pid)
	}
	if after := names(t, filepath.Dir(path)); len(after) != len(before)+1 { // the lock
		t.Errorf("there was %q and is %q", before, after)
	}
	c.stdin.Close()
	c.rest(t)
	same(t, openTest(t, path, Options{}), now)
}

// A restore that is cut off leaves the store as it was, or is told of: between its steps nothing else can
// take the place of the store.
func TestRestoreCutOff(t *testing.T) {
	path, backup, then, now := movedOn(t)
	whole := readFile(t, path)
	aside := path + ".aside-20260131T080000.000Z"

	// After the second name was given. The store goes on; the next restore takes the name away.
	if err := os.Link(path, aside); err != nil {
		t.Fatal(err)
	}
	writeFile(t, restorePath(path), readFile(t, backup))
	s := openTest(t, path, Options{})
	same(t, s, now)
	if exists(restorePath(path)) {
		t.Error("the draft is still there")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	last, err := restoreTest(path, backup, os.Link)
	if err != nil || exists(aside) || !bytes.Equal(readFile(t, last), whole) {
		t.Fatalf("moved aside to %q, the other name is there: %v, error %v", last, exists(aside), err)
	}

	// Without hard links: after the store was moved.
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	writeFile(t, restorePath(path), readFile(t, backup))
	for _, readOnly := range []bool{false, true} {
		o := Options{ReadOnly: readOnly}
		if sealTests {
			o.Passphrase = []byte(testPassphrase)
		}
		_, err := Open(path, o)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "restore was cut off") || !strings.Contains(err.Error(), last) || exists(path) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := restoreTest(path, backup, os.Link); err != nil {
		t.Fatal(err)
	}
	same(t, openTest(t, path, Options{}), then)
}

// childSwap restores the one and the other of two backups, again and again, and says when it begins. arg
// names them and how files get a second name.
func childSwap(path, arg string) error {
	args := strings.Split(arg, "|")
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	for n := 0; ; n++ {
		fmt.Println("swap")
		if _, err := restoreTest(path, args[n%2], ways[args[2]]); err != nil {
			return err
		}
	}
}

// A process is killed at any moment of restoring. Where the store has its name it opens and is the one or
// the other, whole; without hard links it can be missing, which is told and put right by restoring again.
func TestKillWhileRestoring(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	before, _ := newSession("first")
	apply(t, s, d)
	for n := range 100 {
		apply(t, s, answer(session, n))
		answer(before, n)
	}
	var both [2]string
	for i := range both {
		var err error
		if both[i], err = s.Backup(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			apply(t, s, answer(session, 100))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := map[int]*assessment.Session{len(mustStored(t, before).Journal): before, len(mustStored(t, session).Journal): session}
	draft := restorePath(path)
	ended := make(map[string]int)
	for round := range 24 {
		way := []string{"link", "no hard links"}[round%2]
		c := startChild(t, "swap", path, both[round/2%2]+"|"+both[1-round/2%2]+"|"+way)
		c.line(t)
		c.stdin.Close()
		for range 1 + round/2%3 {
			c.line(t)
		}
		count := len(asides(path))
		seen := false
		reached := []func() bool{
			func() bool { return true },
			func() bool { info, err := os.Stat(draft); return err == nil && info.Size() > 1<<15 },
			func() bool { return len(asides(path)) > count },
			func() bool { there := exists(draft); seen = seen || there; return seen && !there },
		}[round/2%4]
		for tries := 0; !reached() && tries < 100_000; tries++ {
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.cmd.Wait()

		what := way + ": "
		if !exists(path) {
			if way == "link" {
				t.Fatalf("round %d: the store has no name", round)
			}
			what += "between, then "
			if err := CutOff(path); !errors.Is(err, ErrDamaged) {
				t.Fatalf("round %d: nothing is there, and CutOff says %v", round, err)
			}
			if _, err := restoreTest(path, asides(path)[0], os.Link); err != nil {
				t.Fatal(err)
			}
		}
		s := openTest(t, path, Options{})
		if err := s.Check(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		events := int(sessionHead(t, s, d.Session).Seq)
		if whole[events] == nil {
			t.Fatalf("round %d: the journal ends with %d", round, events)
		}
		same(t, s, whole[events])
		ended[fmt.Sprint(what, events, " events")]++
		if exists(draft) {
			t.Errorf("round %d: the draft is still there", round)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, aside := range asides(path) { // each of them was moved whole
			facts, err := Look(aside)
			if err != nil || facts.Sessions != 1 {
				t.Fatalf("round %d: %q has %d sessions, %v", round, aside, facts.Sessions, err)
			}
			if err := os.Remove(aside); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("killed 24 times, always whole; ended: %v", ended)
	if len(ended) < 3 {
		t.Errorf("the moments were too much the same: %v", ended)
	}
}

func mustStored(t *testing.T, s *assessment.Session) assessment.Stored {
	t.Helper()
	st, err := s.Stored()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// childRestore restores from arg 20 times, as soon as the store is free each time.
func childRestore(path, arg string) error {
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	for range 20 {
		err := error(ErrBusy)
		for tries := 0; errors.Is(err, ErrBusy) && tries < 600; tries++ {
			var aside string
			if aside, err = restoreTest(path, arg, os.Link); err == nil {
				fmt.Println(aside)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Processes write to a store and two others keep restoring it. Nothing that was saved is lost: what is not
// in the store is in one of the files that were moved aside, and those are whole.
func TestRestoreWhileWriting(t *testing.T) {
	path, backup, _, _ := movedOn(t)
	writers := []*child{
		startChild(t, "write", path, "one"),
		startChild(t, "restore", path, backup), startChild(t, "restore", path, backup),
	}
	for _, c := range writers {
		c.line(t)
	}
	for _, c := range writers {
		c.stdin.Close()
	}
	var moved []string
	for _, c := range writers[1:] {
		moved = append(moved, c.rest(t)...)
	}
	// The writer ends when its session is taken from under it: its next answer has nothing to follow.
	var id, last string
	for writers[0].lines.Scan() {
		id, last, _ = strings.Cut(writers[0].lines.Text(), " ")
	}
	writers[0].cmd.Wait()
	if len(moved) != 40 {
		t.Fatalf("%d restores", len(moved))
	}
	if id == "" {
		t.Skip("the writer never had its turn")
	}
	best := ""
	for _, file := range append(moved, path) {
		s := openTest(t, file, Options{ReadOnly: true})
		if err := s.Check(); err != nil {
			t.Fatalf("%q: %v", file, err)
		}
		if st, err := s.Load(id); err == nil && fmt.Sprint(len(st.Journal)) == last {
			best = file
		}
		s.Close()
	}
	if best == "" {
		t.Errorf("event %s of session %s was saved and is nowhere", last, id)
	}
}

// Compact leaves out what nothing uses, and nothing else.
func TestCompact(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	for n := range 300 {
		apply(t, s, answer(session, n))
	}
	before, after, err := s.Compact()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != after || after >= before || after < 10_000 {
		t.Errorf("from %d to %d bytes, and it has %d (%v)", before, after, info.Size(), err)
	}
	same(t, s, session)
	apply(t, s, answer(session, 300))
	s = reopenTest(t, s)
	same(t, s, session)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := openTest(t, path, Options{ReadOnly: true})
	if _, _, err := r.Compact(); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a store that is only read: error %v", err)
	}
}

// Backups are listed with what can be told of them, whole or not, whatever the store is.
func TestBackups(t *testing.T) {
	path, backup, then, _ := movedOn(t)
	var clock clock
	clock.set(start.Add(time.Hour))
	s := openTest(t, path, Options{Now: clock.now})
	_, d := newSession("second")
	apply(t, s, d)
	newer, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, newer, readFile(t, newer)[:5000])
	writeFile(t, path, nil)
	list, err := Backups(path)
	if err != nil {
		t.Fatal(err)
	}
	// The daily backup has the time of the one that was asked for, but for a thousandth of a second.
	if len(list) != 3 || list[0].Path != newer || !errors.Is(list[0].Err, ErrDamaged) || list[0].Size != 5000 {
		t.Fatalf("%+v", list)
	}
	b := list[1]
	if b.Path != backup {
		b = list[2]
	}
	want := Facts{Path: backup, Made: b.Made, Size: int64(len(readFile(t, backup))), Sealed: sealTests, Sessions: 1}
	if !sealTests {
		want.Changed = then.Snapshot().Changed().UTC()
	}
	if b.Err != nil || b.Facts != want || b.Made.Sub(start) > time.Minute {
		t.Errorf("%+v, want %+v", b, want)
	}
	if got, ok := BackupNamed(path, filepath.Base(backup)); !ok || got != backup {
		t.Errorf("by its name it is %q", got)
	}
	if got, ok := BackupNamed(path, "../plumbline.db"); ok {
		t.Errorf("%q is a backup", got)
	}
}

// A restore that was cut off after it had given the store a second name leaves that until the next open: under
// it would stay what is deleted or encrypted later. What an earlier one has moved aside stays.
func TestOpenDropsAlias(t *testing.T) {
	path := testPath(t)
	if err := openTest(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	alias, kept := path+asideMark+"20260131T090000.000Z", path+asideMark+"20260130T090000.000Z"
	writeFile(t, kept, []byte("what there was"))
	if err := os.Link(path, alias); err != nil {
		t.Skip("no hard links here: ", err)
	}
	openTest(t, path, Options{})
	if exists(alias) || !exists(kept) {
		t.Errorf("after the open there are %q", asides(path))
	}
}
