package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
	"plumbline/content"
)

// same fails unless the store holds exactly these sessions.
func same(t *testing.T, s *Store, sessions ...*assessment.Session) {
	t.Helper()
	list, err := s.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(sessions) {
		t.Errorf("there are %d sessions, want %d", len(list), len(sessions))
	}
	got := make(map[string]assessment.Summary)
	for _, sum := range list {
		got[sum.ID] = sum
	}
	for _, session := range sessions {
		want, err := session.Stored()
		if err != nil {
			t.Fatal(err)
		}
		id := session.Info().ID
		st, err := s.Load(id)
		if err != nil {
			t.Error(err)
		} else if !reflect.DeepEqual(st, want) {
			t.Errorf("session %q is not stored as it is", session.Info().Name)
		}
		if !reflect.DeepEqual(got[id], session.Summary()) {
			t.Errorf("summary of %q is\n%+v, want\n%+v", session.Info().Name, got[id], session.Summary())
		}
	}
}

func TestApply(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	a, created := newSession("first")
	b, alsoCreated := newSession("second")
	apply(t, s, created, alsoCreated)
	same(t, s, a, b)
	for n := range 60 {
		apply(t, s, answer(a, n), answer(b, 2*n), answer(b, 2*n+1))
	}
	undone, err := a.Undo(act(100))
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, undone)
	same(t, s, a, b)

	// A record that is gone is gone: the whole first answer of an item taken back.
	cleared, _ := newSession("third")
	d, err := cleared.Do(act(1), func(e *assessment.Edit) error { return e.Rate(catalog().At(0).ID, mustLevel(2)) })
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, storedDelta(t, cleared, d))
	if d, err = cleared.Undo(act(2)); err != nil {
		t.Fatal(err)
	}
	apply(t, s, d)

	s = reopenTest(t, s)
	same(t, s, a, b, cleared)
}

func mustLevel(n int) assessment.Rating {
	r, err := assessment.AtLevel(n)
	if err != nil {
		panic(err)
	}
	return r
}

// storedDelta returns all that a session holds as one delta.
func storedDelta(t *testing.T, s *assessment.Session, last assessment.Delta) assessment.Delta {
	t.Helper()
	all := assessment.Delta{Session: last.Session, Summary: s.Summary()}
	for e, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		all.Events = append(all.Events, e)
	}
	return all
}

func TestSessionsNewestChangeFirst(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	var want []string
	for n := range 5 {
		session, d := newSession(fmt.Sprint("session ", n))
		apply(t, s, d, answer(session, 10-n))
		want = append(want, session.Info().Name)
	}
	list, err := s.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sum := range list {
		got = append(got, sum.Name)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Everything can be sent again: at once, late, in part, or together with what is new.
func TestApplyRepeats(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, created := newSession("first")
	one, two, three := answer(session, 1), answer(session, 2), answer(session, 3)

	apply(t, s, created)
	apply(t, s, created, one)
	apply(t, s, one, two)
	apply(t, s, two)
	apply(t, s, created, one, two, three, three)
	same(t, s, session)
	apply(t, s, one) // late: the summary must stay the latest
	apply(t, s, storedDelta(t, session, three))
	same(t, s, session)
	s = reopenTest(t, s)
	same(t, s, session)
	other, d := newSession("second")
	apply(t, s, one, two, d) // by another process, with something new of another session
	same(t, s, session, other)
	apply(t, s)
	apply(t, s, assessment.Delta{})
}

// A repeat with nothing new writes nothing.
func TestApplyRepeatWritesNothing(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, created := newSession("first")
	apply(t, s, created, answer(session, 1))
	if _, err := s.Sessions(); err != nil { // comes after the daily backup
		t.Fatal(err)
	}
	before := readFile(t, s.Path())
	apply(t, s, created)
	if !bytes.Equal(before, readFile(t, s.Path())) {
		t.Error("the file has changed")
	}
}

func TestApplyConflict(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	ours, created := newSession("first")
	stored, err := ours.Stored()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := assessment.Load(catalog(), stored)
	if err != nil {
		t.Fatal(err)
	}
	other, d := newSession("second")
	apply(t, s, created, d, answer(ours, 1), answer(ours, 2))

	// Another event in the place of one that is there, and one that follows another one. The
	// innocent session of the same call must not get through.
	for name, d := range map[string]assessment.Delta{"instead": answer(theirs, 7), "after": answer(theirs, 8)} {
		err := s.Apply(answer(other, 1), d)
		var conflict *ConflictError
		if !errors.As(err, &conflict) || !errors.Is(err, ErrConflict) {
			t.Fatalf("%s: error %v, want a conflict", name, err)
		}
		if conflict.Session != ours.Info().ID || conflict.Stored == conflict.Given || conflict.Seq == 0 {
			t.Errorf("%s: %+v", name, conflict)
		}
		if d, err := other.Undo(act(50)); err != nil || len(d.Events) == 0 {
			t.Fatal(err)
		}
		other, _ = newSession("second")
	}
	// Something of the same length at the end: its predecessor differs.
	if err := s.Apply(answer(theirs, 9)); !errors.Is(err, ErrConflict) {
		t.Errorf("fork: error %v", err)
	}
	s = reopenTest(t, s)
	same(t, s, ours, other)
}

func TestApplyRefusesGapsAndStrangers(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, created := newSession("first")
	one, two := answer(session, 1), answer(session, 2)
	if err := s.Apply(one); !errors.Is(err, ErrNotFound) {
		t.Errorf("events of a session that is not there: error %v", err)
	}
	apply(t, s, created)
	if err := s.Apply(two); err == nil || !strings.Contains(err.Error(), "can not follow") {
		t.Errorf("a gap: error %v", err)
	}
	mixed := one
	mixed.Summary = two.Summary
	if err := s.Apply(mixed); err == nil || !strings.Contains(err.Error(), "summary") {
		t.Errorf("a summary of another state: error %v", err)
	}
	if _, err := s.Load("no such"); !errors.Is(err, ErrNotFound) {
		t.Errorf("load: error %v", err)
	}
	if _, err := s.Load(""); !errors.Is(err, ErrNotFound) {
		t.Errorf("load of no id: error %v", err)
	}
	apply(t, s, one, two)
	same(t, reopenTest(t, s), session)
}

func TestPlace(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d)
	id, item := session.Info().ID, content.ItemID{Sub: "PR.AA-05", Area: content.Defend}
	if got, ok := s.Place(id); ok {
		t.Errorf("a new session has the place %v", got)
	}
	if err := s.SetPlace(id, item); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPlace("no such", item); !errors.Is(err, ErrNotFound) {
		t.Errorf("place in no session: error %v", err)
	}
	s = reopenTest(t, s)
	if got, ok := s.Place(id); !ok || got != item {
		t.Errorf("place is %v, %v; want %v", got, ok, item)
	}
	if _, ok := s.Place("no such"); ok {
		t.Error("no session has a place")
	}
	same(t, s, session)
}

func TestClose(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	_, d := newSession("first")
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Apply(d); !errors.Is(err, ErrClosed) {
		t.Errorf("apply: error %v", err)
	}
	if _, err := s.Sessions(); !errors.Is(err, ErrClosed) {
		t.Errorf("sessions: error %v", err)
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such permissions")
	}
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	path, err := DefaultPath()
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(home, "plumbline", "plumbline.db"); path != want {
		t.Fatalf("default path %q, want %q", path, want)
	}
	s := openTest(t, path, Options{})
	_, d := newSession("first")
	apply(t, s, d)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		err := filepath.WalkDir(filepath.Dir(path), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check()
	for name, mode := range map[string]os.FileMode{path: 0o644, filepath.Dir(path): 0o755} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	openTest(t, path, Options{})
	check()
}

func TestWarnsOfSharedFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such permissions")
	}
	path := testPath(t)
	if err := os.Chmod(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	var warnings []string
	s := openTest(t, path, Options{Warn: func(err error) { warnings = append(warnings, err.Error()) }})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "other users can replace the store") {
		t.Errorf("warnings %q", warnings)
	}
}

func TestSymlink(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	var warnings []string
	s = openTest(t, link, Options{Warn: func(err error) { warnings = append(warnings, err.Error()) }})
	if len(warnings) != 1 || !strings.Contains(warnings[0], "symbolic link") {
		t.Errorf("warnings %q", warnings)
	}
	if s.Path() != path {
		t.Errorf("path %q, want %q", s.Path(), path)
	}
	second, d := newSession("second")
	apply(t, s, d)
	if _, err := s.Delete(session.Info().ID); err != nil { // swaps the file
		t.Fatal(err)
	}
	same(t, s, second)
	if got, err := os.Readlink(link); err != nil || got != path {
		t.Errorf("the link leads to %q (%v)", got, err)
	}
	if got := names(t, filepath.Dir(link)); len(got) != 1 {
		t.Errorf("beside the link there are %q", got)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := open(link, Options{}); err == nil || exists(path) {
		t.Errorf("a link to nothing: error %v, made a file: %v", err, exists(path))
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{
		"two words.db", "-dash.db", "~", "line\nbreak.db", "star*.db", "%s.db", "é\u202e.db", "\xff\xfe.db", strings.Repeat("x", 200) + ".db", "noext",
	} {
		if runtime.GOOS != "linux" && name != "two words.db" && name != "noext" {
			continue
		}
		path := filepath.Join(filepath.Dir(testPath(t)), "new folder", name)
		s := openTest(t, path, Options{})
		session, d := newSession("first")
		apply(t, s, d)
		if _, err := s.Delete(session.Info().ID); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		reopenTest(t, s)
		list, err := backups(path)
		if err != nil || len(list) != 2 { // of the day, and before the deletion
			t.Errorf("%q: backups %v, %v", name, list, err)
		}
	}
	// A name that leaves no room for a time behind it has no backups, which is said, and works.
	var warned []error
	path := filepath.Join(filepath.Dir(testPath(t)), strings.Repeat("x", 240))
	s := openTest(t, path, Options{Warn: func(err error) { warned = append(warned, err) }})
	session, d := newSession("first")
	apply(t, s, d)
	if _, err := s.Delete(session.Info().ID); err == nil || !strings.Contains(err.Error(), "nothing was deleted") {
		t.Errorf("without a backup: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if len(warned) != 1 || !strings.Contains(warned[0].Error(), "no backup of today") {
		t.Errorf("it warns of %v", warned)
	}
	for _, path := range []string{"", "nul\x00.db", filepath.Join(t.TempDir(), strings.Repeat("x", 5000)), strings.Repeat("x/", 5000)} {
		if _, err := open(path, Options{ReadOnly: true}); err == nil {
			t.Errorf("%.20q was opened", path)
		}
	}
}

// state describes a file or folder to its last bit, but for the time of the last access.
func state(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(info.Mode(), info.Size(), info.ModTime())
	if info.Mode().IsRegular() {
		text += fmt.Sprintf("%x", sha256.Sum256(readFile(t, path)))
	}
	return text
}

// foreign is a bbolt database of another program.
func foreign(t *testing.T, change func(*bolt.Tx) error) []byte {
	t.Helper()
	path := testPath(t)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
	return readFile(t, path)
}

// What is not a sound store of this version is refused, not changed, and nothing appears beside it.
func TestRefused(t *testing.T) {
	whole := storeFile(t)
	m, err := newestMeta(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	random := make([]byte, 100_000)
	rand.NewChaCha8([32]byte{1}).Read(random)
	header := func(key, value string) []byte {
		path := testPath(t)
		writeFile(t, path, whole)
		db, err := bolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bolt.Tx) error {
			h := tx.Bucket(headerBucket)
			return errors.Join(h.Put(headerReadable, []byte("7.8.9")), h.Put([]byte(key), []byte(value)))
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return readFile(t, path)
	}
	type file struct {
		name string
		data []byte
		want error
		text string
	}
	files := []file{
		{"empty", nil, ErrDamaged, "it is empty"},
		{"zeroed", make([]byte, len(whole)), ErrDamaged, "no valid bbolt meta"},
		{"random", random, ErrDamaged, "no valid bbolt meta"},
		{"text", []byte("Dear Sir or Madam,\n"), ErrDamaged, "no valid bbolt meta"},
		{"other program", foreign(t, func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket([]byte("users"))
			return err
		}), ErrDamaged, "another program"},
		{"no schema", header("schema", ""), ErrDamaged, "schema"},
		{"schema 0", header("schema", "0"), ErrDamaged, "schema"},
		{"schema of nonsense", header("schema", strings.Repeat("9", 50)), ErrDamaged, "schema"},
		{"other schema", header("schema", map[bool]string{false: "2", true: "1"}[sealTests]), ErrDamaged, "says that it is"},
		{"newer", header("schema", "3"), ErrNewer, "its schema is 3 and this version reads up to 2; use Plumbline 7.8.9 or later"},
	}
	for _, n := range []int{1, 100, 4095, 4096, 8192, 12_288, len(whole) / 2, int(m.highWater-1) * int(m.pageSize)} {
		files = append(files, file{fmt.Sprint("cut to ", n), whole[:n], ErrDamaged, ""})
	}
	for _, f := range files {
		for _, readOnly := range []bool{false, true} {
			t.Run(fmt.Sprint(f.name, " read only ", readOnly), func(t *testing.T) {
				path := testPath(t)
				writeFile(t, path, f.data)
				before := state(t, path)
				s, err := open(path, Options{ReadOnly: readOnly})
				if err == nil {
					s.Close()
				}
				if !errors.Is(err, f.want) || !strings.Contains(err.Error(), f.text) || !strings.Contains(err.Error(), fmt.Sprintf("%q", path)) {
					t.Errorf("error %v", err)
				}
				if after := state(t, path); after != before {
					t.Errorf("the file was %s and is %s", before, after)
				}
				if got := names(t, filepath.Dir(path)); len(got) != 1 {
					t.Errorf("there are %q now", got)
				}
			})
		}
	}
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := open(dir, Options{}); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "folder") {
			t.Errorf("error %v", err)
		}
		if got := names(t, dir); len(got) != 0 {
			t.Errorf("there are %q now", got)
		}
	})
	t.Run("missing", func(t *testing.T) {
		path := testPath(t)
		if _, err := open(path, Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) || exists(path) {
			t.Errorf("error %v", err)
		}
	})
}

// A refusal names the newest backup that could be opened instead.
func TestRefusalNamesBackup(t *testing.T) {
	var clock clock
	s := openTest(t, testPath(t), Options{Now: clock.now})
	session, d := newSession("first")
	apply(t, s, d)
	var made []string
	for range 2 {
		clock.set(clock.now().Add(time.Hour))
		path, err := s.Backup()
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, path)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, s.Path(), readFile(t, s.Path())[:9000])
	writeFile(t, made[1], nil) // the newest is no good
	_, err := open(s.Path(), Options{})
	var damage *DamageError
	if !errors.As(err, &damage) || damage.Backup != made[0] || !strings.Contains(err.Error(), fmt.Sprintf("%q", made[0])) {
		t.Fatalf("error %v, want one that names %q", err, made[0])
	}
	same(t, openTest(t, damage.Backup, Options{}), session)
}

// Bytes that rot anywhere in the file give errors or wrong values that Check or Verify notices, but
// never a panic, and never the end of the process.
func TestRottenPages(t *testing.T) {
	whole := storeFile(t)
	path := testPath(t)
	session, _ := newSession("first")
	random := rand.New(rand.NewPCG(1, 2))
	opened := 0
	for range 120 {
		b := bytes.Clone(whole)
		at, n := random.IntN(len(b)), 1+random.IntN(64)
		for i := at; i < min(at+n, len(b)); i++ {
			b[i] = byte(random.Uint32())
		}
		writeFile(t, path, b)
		s, err := open(path, Options{Now: func() time.Time { return start }})
		if err != nil {
			continue
		}
		opened++
		// Errors are right here, and so is success: not every byte is in use.
		list, _ := s.Sessions()
		for _, sum := range list {
			s.Load(sum.ID)
		}
		st, err := s.Load(session.Info().ID)
		if err == nil {
			if _, err := st.Verify(); err == nil {
				if again, err := assessment.Load(catalog(), st); err == nil {
					s.Apply(answer(again, 77))
				}
			}
		}
		s.Backup()
		s.Close()
		os.RemoveAll(backupFolder(path))
	}
	if opened < 30 {
		t.Errorf("only %d of 120 files were opened at all", opened)
	}
}

// A flipped bit that bbolt does not notice is noticed by the head, the events' hashes or the summary.
func TestCheckNoticesRot(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	for n := range 20 {
		apply(t, s, answer(session, n))
	}
	id := session.Info().ID
	changes := map[string]func(d drawer) error{
		"record changed":   func(d drawer) error { return d.put("response/GV.OC-01/secure", []byte(`{"current":3}`)) },
		"record gone":      func(d drawer) error { return d.delete("response/GV.OC-01/secure") },
		"record more":      func(d drawer) error { return d.put("base/GV.OC-01", []byte(`{"current":3}`)) },
		"event gone":       func(d drawer) error { return d.delete(journalKey(4)) },
		"last event gone":  func(d drawer) error { return d.delete(journalKey(uint64(len(d.mustJournal())))) },
		"first event gone": func(d drawer) error { return d.delete(journalKey(1)) },
		"event changed": func(d drawer) error {
			raw, err := d.get(journalKey(4))
			return errors.Join(err, d.put(journalKey(4), bytes.Replace(raw, []byte("Okafor"), []byte("Smith"), 1)))
		},
		"event more":    func(d drawer) error { return d.put(journalKey(999), []byte("{}")) },
		"head short":    func(d drawer) error { return d.put(keyHead, []byte("x")) },
		"head gone":     func(d drawer) error { return d.delete(keyHead) },
		"head changed":  func(d drawer) error { return d.putHead(assessment.Head{Seq: 3}) },
		"head hash":     func(d drawer) error { return d.putHead(assessment.Head{Seq: uint64(len(d.mustJournal()))}) },
		"head far away": func(d drawer) error { return d.putHead(assessment.Head{Seq: 1 << 62}) },
		"journal far away": func(d drawer) error {
			return errors.Join(d.put(journalKey(1<<62), []byte("{}")), d.putHead(assessment.Head{Seq: 1 << 62}))
		},
		"summary gone": func(d drawer) error { return d.delete(keySummary) },
		"summary late": func(d drawer) error { return d.put(keySummary, encodeSummary(assessment.Summary{ID: id})) },
		"summary rot":  func(d drawer) error { return d.put(keySummary, make([]byte, 100)) },
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := readFile(t, path)
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			path := testPath(t)
			writeFile(t, path, whole)
			s := openTest(t, path, Options{})
			err := s.do(func() error {
				return s.update(func(tx *bolt.Tx) error {
					d, err := s.drawer(tx, id)
					return errors.Join(err, change(d))
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), id) {
				t.Errorf("check: error %v", err)
			}
			_, err = s.Load(id)
			if broken := name != "event changed" && !strings.HasPrefix(name, "record") && !strings.HasPrefix(name, "summary"); broken != errors.Is(err, ErrDamaged) {
				t.Errorf("load: error %v", err)
			}
			_, err = s.Sessions()
			if strings.HasPrefix(name, "summary") != (err != nil) && name != "summary late" {
				t.Errorf("sessions: error %v", err)
			}
		})
	}
}

func (d drawer) mustJournal() [][]byte {
	st, _, err := load(d)
	if err != nil {
		panic(err)
	}
	return st.Journal
}

// One session that can not be listed does not hide the others.
func TestSessionsListsTheReadable(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	good, d := newSession("good")
	bad, e := newSession("bad")
	apply(t, s, d, e)
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, bad.Info().ID)
			return errors.Join(err, d.put(keySummary, []byte("nonsense")))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Sessions()
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), bad.Info().ID) {
		t.Errorf("error %v", err)
	}
	if len(list) != 1 || list[0].ID != good.Info().ID {
		t.Errorf("list %+v", list)
	}
}

// A file that is cut off under an open store (a stick that was pulled out faults in the same way)
// gives errors; when it is whole again, the store goes on.
func TestFaultWhileOpen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a mapped file can not be cut off")
	}
	path := testPath(t)
	s := openTest(t, path, Options{Warn: func(error) {}})
	session, d := newSession("first")
	apply(t, s, d, answer(session, 1))
	if _, err := s.Sessions(); err != nil {
		t.Fatal(err)
	}
	whole := readFile(t, path)
	if err := os.Truncate(path, 8192); err != nil {
		t.Fatal(err)
	}
	next := answer(session, 2)
	if _, err := s.Load(session.Info().ID); !errors.Is(err, ErrDamaged) {
		t.Fatalf("load: error %v", err)
	}
	for name, try := range map[string]func() error{
		"apply":    func() error { return s.Apply(next) },
		"sessions": func() error { _, err := s.Sessions(); return err },
		"backup":   func() error { _, err := s.Backup(); return err },
		"check":    s.Check,
	} {
		if err := try(); !errors.Is(err, ErrStopped) || !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := s.Reopen(); !errors.Is(err, ErrDamaged) {
		t.Errorf("reopen of a cut file: error %v", err)
	}
	writeFile(t, path, whole)
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	apply(t, s, next)
	same(t, s, session)
	same(t, reopenTest(t, s), session)
}

// breakHandle makes every write to the store fail, and not for want of room.
func breakHandle(t *testing.T, s *Store) {
	t.Helper()
	if err := s.do(func() error { return s.file.handle.Close() }); err != nil {
		t.Fatal(err)
	}
}

func TestStopsAfterFailedWrite(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d, answer(session, 1))
	if _, err := s.Backup(); err != nil {
		t.Fatal(err)
	}
	breakHandle(t, s)
	two, three := answer(session, 2), answer(session, 3)
	if err := s.Apply(two); !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "file already closed") {
		t.Fatalf("the failed write: error %v", err)
	}
	for range 2 {
		if err := s.Apply(two, three); !errors.Is(err, ErrStopped) {
			t.Fatalf("after it: error %v", err)
		}
	}
	if _, err := s.Delete(session.Info().ID); !errors.Is(err, ErrStopped) {
		t.Errorf("delete: error %v", err)
	}
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	apply(t, s, two, three)
	same(t, s, session)
	same(t, reopenTest(t, s), session)
}

// A store that has stopped is written anew when it is closed, so that the next who opens it does not build on
// what the failed write has left; and it is let alone where it does not hold what was saved.
func TestCloseAfterFailedWrite(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d)
	breakHandle(t, s)
	if err := s.Apply(answer(session, 1)); !errors.Is(err, ErrStopped) {
		t.Fatalf("the failed write: error %v", err)
	}
	stat := func() os.FileInfo {
		t.Helper()
		info, err := os.Stat(s.Path())
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	before := stat()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if os.SameFile(before, stat()) {
		t.Error("it is still the same file")
	}

	s = openTest(t, s.Path(), Options{})
	older := readFile(t, s.Path())
	second, d := newSession("second")
	apply(t, s, d)
	breakHandle(t, s)
	if err := s.Apply(answer(second, 1)); !errors.Is(err, ErrStopped) {
		t.Fatalf("the failed write: error %v", err)
	}
	writeFile(t, s.Path(), older)
	before = stat()
	s.Close()
	if !os.SameFile(before, stat()) {
		t.Error("a file without what was saved was written anew")
	}
}

func TestReopenWithoutNeed(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d)
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	apply(t, s, answer(session, 1))
	same(t, s, session)
}

// Reopen notices that what was saved is not there any more, be it because an older copy was put in
// the file's place, and does not go on.
func TestReopenMissesSavedAnswers(t *testing.T) {
	s := openTest(t, testPath(t), Options{Warn: func(error) {}})
	session, d := newSession("first")
	apply(t, s, d)
	if _, err := s.Sessions(); err != nil {
		t.Fatal(err)
	}
	older := readFile(t, s.Path())
	apply(t, s, answer(session, 1))
	breakHandle(t, s)
	writeFile(t, s.Path(), older)
	if err := s.Reopen(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "not there any more") {
		t.Fatalf("error %v", err)
	}
	if err := s.Apply(answer(session, 2)); !errors.Is(err, ErrStopped) {
		t.Errorf("apply: error %v", err)
	}
}

func TestReadOnly(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	if err := s.SetPlace(session.Info().ID, catalog().At(3).ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, beside := state(t, path), names(t, filepath.Dir(path))
	s = openTest(t, path, Options{ReadOnly: true})
	other := openTest(t, path, Options{ReadOnly: true}) // readers do not exclude each other
	if !s.ReadOnly() {
		t.Error("ReadOnly is false")
	}
	same(t, s, session)
	same(t, other, session)
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if got, ok := s.Place(session.Info().ID); !ok || got != catalog().At(3).ID {
		t.Errorf("place %v %v", got, ok)
	}
	for name, try := range map[string]func() error{
		"apply":  func() error { return s.Apply(answer(session, 1)) },
		"place":  func() error { return s.SetPlace(session.Info().ID, catalog().At(4).ID) },
		"delete": func() error { _, err := s.Delete(session.Info().ID); return err },
		"backup": func() error { _, err := s.Backup(); return err },
	} {
		if err := try(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if after := state(t, path); after != before {
		t.Error("the file has changed")
	}
	if after := names(t, filepath.Dir(path)); !reflect.DeepEqual(after, beside) {
		t.Errorf("beside it were %q and are %q", beside, after)
	}
}

func TestWrittenBy(t *testing.T) {
	path := testPath(t)
	read := func(s *Store) (version string) {
		t.Helper()
		err := s.view(func(tx *bolt.Tx) error {
			version = string(tx.Bucket(headerBucket).Get(headerWriter))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return version
	}
	s := openTest(t, path, Options{Version: "0.1.0"})
	session, d := newSession("first")
	apply(t, s, d)
	if got := read(s); got != "0.1.0" {
		t.Errorf("written by %q", got)
	}
	s.Close()
	s = openTest(t, path, Options{Version: "0.2.0"})
	if got := read(s); got != "0.1.0" {
		t.Errorf("opened only, but written by %q", got)
	}
	apply(t, s, answer(session, 1))
	if got := read(s); got != "0.2.0" {
		t.Errorf("written by %q", got)
	}
}

func TestBusyWithin(t *testing.T) {
	path := testPath(t)
	openTest(t, path, Options{})
	began := time.Now()
	_, err := open(path, Options{})
	var busy *BusyError
	if !errors.As(err, &busy) || !errors.Is(err, ErrBusy) || busy.PID != os.Getpid() || busy.Path != path {
		t.Fatalf("error %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if _, err := open(path, Options{ReadOnly: true}); !errors.Is(err, ErrBusy) {
		t.Errorf("to read: error %v", err)
	}
}

// A file that another one has taken the place of, while this process waited for its lock, is not the
// store any more.
func TestAdmitReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file can not be replaced")
	}
	path := testPath(t)
	s := openTest(t, path, Options{})
	backup, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	err = s.do(func() error {
		if err := s.file.admit(path, released[:]); err != nil {
			t.Errorf("in its place: error %v", err)
		}
		if err := os.Rename(backup, path); err != nil {
			return err
		}
		if err := s.file.admit(path, released[:]); !errors.Is(err, errReplaced) {
			t.Errorf("replaced: error %v", err)
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		if err := s.file.admit(path, released[:]); !errors.Is(err, errReplaced) {
			t.Errorf("removed: error %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
