package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

func init() {
	children["migrate"] = childMigrate
}

// keyMadeUp is where the made-up layouts keep something of their own in the bucket of a session, which
// the present one takes no notice of.
const keyMadeUp = "!made-up"

// note is a step that adds a letter to what the bucket of each session has for itself: what comes out
// tells which steps were done, in which order and how often.
func note(letter string) func(*bolt.Tx, codec) error {
	return func(tx *bolt.Tx, c codec) error {
		for d := range c.drawers(tx) {
			was, err := d.get(keyMadeUp)
			if err != nil {
				return err
			}
			if err := d.put(keyMadeUp, append(was[:len(was):len(was)], letter...)); err != nil {
				return err
			}
		}
		return nil
	}
}

// madeUp returns the released layouts and two more.
func madeUp() []layout {
	return append(released[:len(released):len(released)], layout{"0.8.0", note("a")}, layout{"0.9.0", note("b")})
}

// steps returns which steps of those layouts were done, by the letters that they have left in the session
// of that id.
func steps(t *testing.T, s *Store, id string) string {
	t.Helper()
	var letters string
	err := s.view(func(tx *bolt.Tx) error {
		d, err := s.drawer(tx, id)
		if err != nil {
			return err
		}
		raw, err := d.get(keyMadeUp)
		letters = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

// headerOf returns a value in the header of the file at path, which nobody has open.
func headerOf(t *testing.T, path string, key []byte) (value string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockWait})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *bolt.Tx) error {
		value = string(tx.Bucket(headerBucket).Get(key))
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return value
}

// older makes a store of the last released layout with a session, in the form that the tests run with.
func older(t *testing.T, path string) *assessment.Session {
	t.Helper()
	s := openTest(t, path, Options{Version: "0.7.0"})
	session, d := newSession("first")
	apply(t, s, d)
	for n := range 30 {
		apply(t, s, answer(session, n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// The backup of the day is not what these tests are about.
	if err := os.RemoveAll(backupFolder(path)); err != nil {
		t.Fatal(err)
	}
	return session
}

// schemaNow is the schema of a store in one of the layouts, in the form that the tests run with.
func schemaNow(layout int) string { return fmt.Sprint(schemaOf(layout, sealTests)) }

// transactions returns how many there have been in the file at path.
func transactions(t *testing.T, path string) uint64 {
	t.Helper()
	b := readFile(t, path)
	m, err := newestMeta(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return m.txid
}

// bothForms runs a test on plain stores and on sealed ones.
func bothForms(t *testing.T, test func(*testing.T)) {
	t.Run("plain", test)
	sealTests = true
	defer func() { sealTests = false }()
	t.Run("sealed", test)
}

// The numbers in the header that stand for plain and sealed files of each layout are those of the files
// that there are, and each stands for one thing.
func TestSchemaNumbers(t *testing.T) {
	for schema, want := range map[int]struct {
		layout int
		sealed bool
	}{1: {1, false}, 2: {1, true}, 3: {2, false}, 4: {2, true}, 5: {3, false}} {
		number, sealed := layoutOf(schema)
		if number != want.layout || sealed != want.sealed || schemaOf(number, sealed) != schema {
			t.Errorf("schema %d is layout %d, sealed %v", schema, number, sealed)
		}
	}
	for i, l := range released {
		if l.readableFrom == "" || (l.step == nil) != (i == 0) {
			t.Errorf("layout %d: %+v", i+1, l)
		}
	}
}

// An older store is brought up to date, once, and what is in it stays what it is.
func TestMigrate(t *testing.T) {
	bothForms(t, func(t *testing.T) {
		path := testPath(t)
		session := older(t, path)
		id, old, before := session.Info().ID, len(released), transactions(t, path)
		var warnings []string
		o := Options{Version: "0.9.1", layouts: madeUp(), Warn: func(err error) { warnings = append(warnings, err.Error()) }}
		s := openTest(t, path, o)
		if got := steps(t, s, id); got != "ab" {
			t.Errorf("the steps done are %q", got)
		}
		// A step and its schema are one transaction: there is no moment between them.
		if got := transactions(t, path) - before; got != 2 {
			t.Errorf("two steps took %d transactions", got)
		}
		same(t, s, session)
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		list, err := backups(path)
		if err != nil || len(list) != 1 {
			t.Fatalf("backups %v, %v", list, err)
		}
		want := fmt.Sprintf("store %q was brought up to date, from schema %s to %s: versions of Plumbline before 0.9.0 do not open it any more; as it was before, it is kept in the backup %q",
			path, schemaNow(old), schemaNow(old+2), list[0].path)
		if !reflect.DeepEqual(warnings, []string{want}) {
			t.Errorf("warnings %q, want %q", warnings, want)
		}

		// It goes on in the new layout: answers, a new session, a rewrite, the other form and back.
		second, d := newSession("second")
		gone, g := newSession("third")
		apply(t, s, answer(session, 50), d, g)
		if _, err := s.Delete(gone.Info().ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Encrypt([]byte(testPassphrase)); err != nil {
			t.Fatal(err)
		}
		if !sealTests {
			if err := s.Decrypt(); err != nil {
				t.Fatal(err)
			}
		}
		same(t, s, session, second)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{"schema": schemaNow(old + 2), "readable from": "0.9.0", "written by": "0.9.1"} {
			if got := headerOf(t, path, []byte(key)); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}

		// A second time there is nothing to do, and nothing is done.
		warnings = nil
		was, beside := state(t, path), names(t, backupFolder(path))
		s = openTest(t, path, o)
		if got := steps(t, s, id); got != "ab" || len(warnings) > 0 {
			t.Errorf("the steps done are %q, warnings %q", got, warnings)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if state(t, path) != was || !reflect.DeepEqual(names(t, backupFolder(path)), beside) {
			t.Error("opening it again has changed something")
		}

		// The version that made it opens the backup, as it was, and not the store any more.
		b := openTest(t, list[0].path, Options{})
		if got := steps(t, b, id); got != "" {
			t.Errorf("in the backup the steps done are %q", got)
		}
		if head := sessionHead(t, b, id); head.Seq != 31+1 {
			t.Errorf("the backup ends at %v", head)
		}
		_, err = open(path, Options{})
		var newer *NewerError
		if !errors.As(err, &newer) || fmt.Sprint(newer.Schema) != schemaNow(old+2) || newer.ReadableFrom != "0.9.0" || newer.Reads != Schema {
			t.Errorf("the version before: error %v", err)
		}
	})
}

// A store of a version with more layouts begins in the newest one.
func TestMigrateNothingNew(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{layouts: madeUp()})
	session, d := newSession("first")
	apply(t, s, d)
	if got := steps(t, s, session.Info().ID); got != "" {
		t.Errorf("the steps done are %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := headerOf(t, path, headerSchema), schemaNow(len(released)+2); got != want {
		t.Errorf("schema %q, want %q", got, want)
	}
}

// A step that fails, in whatever way, takes back what it did. The steps before it stay done, the message
// names the backup, and the next version goes on from there.
func TestMigrateFails(t *testing.T) {
	spoil := func(then func() error) func(*bolt.Tx, codec) error {
		return func(tx *bolt.Tx, c codec) error {
			return errors.Join(note("x")(tx, c), tx.DeleteBucket(headerBucket), then())
		}
	}
	fails := map[string]struct {
		then func() error
		want string
	}{
		"error": {func() error { return errors.New("made up") }, ": made up;"},
		"panic": {func() error { panic("made up") }, `: reading it failed: "made up";`},
		"fault": {func() error { panic(rotten{}) }, ": a part of it can not be read;"},
		"bug":   {func() error { panic(errors.New("made up")) }, ": reading it failed (*errors.errorString);"},
	}
	bothForms(t, func(t *testing.T) {
		for name, fail := range fails {
			t.Run(name, func(t *testing.T) {
				path := testPath(t)
				session := older(t, path)
				id := session.Info().ID
				layouts := madeUp()
				layouts[len(released)+1].step = spoil(fail.then)
				for range 2 {
					_, err := open(path, Options{layouts: layouts, Warn: func(err error) { t.Errorf("warning: %v", err) }})
					backup := newestBackup(path)
					if err == nil || !strings.Contains(err.Error(), fail.want) || !strings.Contains(err.Error(), fmt.Sprintf("nothing is lost, and the backup %q", backup)) {
						t.Fatalf("error %v, want %q and backup %q", err, fail.want, backup)
					}
					if name != "error" && !errors.Is(err, ErrDamaged) {
						t.Errorf("error %v", err)
					}
				}
				s := openTest(t, path, Options{layouts: layouts[:len(released)+1]})
				if got := steps(t, s, id); got != "a" {
					t.Errorf("the steps done are %q", got)
				}
				if err := s.Check(); err != nil {
					t.Error(err)
				}
				same(t, s, session)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = openTest(t, path, Options{layouts: madeUp(), Warn: func(error) {}})
				if got := steps(t, s, id); got != "ab" {
					t.Errorf("the steps done are %q", got)
				}
				same(t, s, session)
			})
		}
	})
}

// rotten is what a panic of a part of the file that can not be read looks like.
type rotten struct{}

func (rotten) Addr() uintptr { return 1 }

// Without a backup no step is made, and the file stays as it is to the last bit.
func TestMigrateNeedsBackup(t *testing.T) {
	path := testPath(t)
	older(t, path)
	writeFile(t, backupFolder(path), nil)
	before := state(t, path)
	_, err := open(path, Options{layouts: madeUp()})
	if err == nil || !strings.Contains(err.Error(), "nothing was changed: there must be a backup first") {
		t.Errorf("error %v", err)
	}
	if after := state(t, path); after != before {
		t.Error("the file has changed")
	}
}

// Who only reads is told what the store needs, and changes nothing.
func TestMigrateNotToRead(t *testing.T) {
	bothForms(t, func(t *testing.T) {
		path := testPath(t)
		older(t, path)
		before, beside := state(t, path), names(t, filepath.Dir(path))
		// Without the passphrase too: there is no use in asking for it.
		_, err := Open(path, Options{layouts: madeUp(), ReadOnly: true})
		var old *OlderError
		if !errors.As(err, &old) || !errors.Is(err, ErrOlder) || old.Path != path || fmt.Sprint(old.Schema) != schemaNow(len(released)) {
			t.Errorf("error %v", err)
		}
		if after := state(t, path); after != before {
			t.Error("the file has changed")
		}
		if after := names(t, filepath.Dir(path)); !reflect.DeepEqual(after, beside) {
			t.Errorf("beside it were %q and are %q", beside, after)
		}
	})
}

// An older file that was put in the place of an open store is brought up to date when that is opened
// again, be it after a write that failed.
func TestMigrateOnReopen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file can not be replaced")
	}
	bothForms(t, func(t *testing.T) {
		path := testPath(t)
		session := older(t, path)
		old := readFile(t, path)
		s := openTest(t, path, Options{layouts: madeUp(), Warn: func(error) {}})
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, old)
		breakHandle(t, s)
		if err := s.Apply(answer(session, 40)); !errors.Is(err, ErrStopped) {
			t.Fatalf("error %v", err)
		}
		if err := s.Reopen(); err != nil {
			t.Fatal(err)
		}
		if got := steps(t, s, session.Info().ID); got != "ab" {
			t.Errorf("the steps done are %q", got)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	})
}

// childMigrate brings a store up to date. It says which moment it has come to, and waits there for a line
// before it goes on.
func childMigrate(path, _ string) error {
	stop := func(moment string) error {
		fmt.Println(moment)
		_, err := os.Stdin.Read(make([]byte, 1))
		return err
	}
	layouts := madeUp()
	for i, letter := range []string{"a", "b"} {
		step := layouts[len(released)+i].step
		layouts[len(released)+i].step = func(tx *bolt.Tx, c codec) error {
			return errors.Join(stop("before "+letter), step(tx, c), stop("after "+letter))
		}
	}
	s, err := open(path, Options{
		layouts: layouts, Warn: func(error) {},
		Now: func() time.Time { stop("backup"); return start },
	})
	if err != nil {
		return err
	}
	return errors.Join(stop("done"), s.Close())
}

// A process is killed at each moment of bringing a store up to date. Until then nobody else gets in, and
// afterwards the store is in one of the layouts, whole, and the next one finishes the work.
func TestKillWhileMigrating(t *testing.T) {
	moments := []struct {
		name string
		done string // by then
	}{{"backup", ""}, {"before a", ""}, {"after a", ""}, {"before b", "a"}, {"after b", "a"}, {"done", "ab"}}
	bothForms(t, func(t *testing.T) {
		for n, moment := range moments {
			t.Run(moment.name, func(t *testing.T) {
				path := testPath(t)
				session := older(t, path)
				id := session.Info().ID
				c := startChild(t, "migrate", path, "")
				for i := range n + 1 {
					if got := c.line(t); got != moments[i].name {
						t.Fatalf("it has come to %q, not to %q", got, moments[i].name)
					}
					if i < n {
						if _, err := io.WriteString(c.stdin, "\n"); err != nil {
							t.Fatal(err)
						}
					}
				}
				for _, readOnly := range []bool{false, true} {
					if _, err := open(path, Options{layouts: madeUp(), ReadOnly: readOnly}); !errors.Is(err, ErrBusy) {
						t.Errorf("meanwhile, read only %v: error %v", readOnly, err)
					}
				}
				if err := c.cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				c.cmd.Wait()

				s := openTest(t, path, Options{layouts: madeUp()[:len(released)+len(moment.done)]})
				if got := steps(t, s, id); got != moment.done {
					t.Errorf("the steps done are %q, not %q", got, moment.done)
				}
				if err := s.Check(); err != nil {
					t.Error(err)
				}
				same(t, s, session)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = openTest(t, path, Options{layouts: madeUp(), Warn: func(error) {}})
				if got := steps(t, s, id); got != "ab" {
					t.Errorf("in the end the steps done are %q", got)
				}
				same(t, s, session)
				for _, name := range names(t, backupFolder(path)) {
					if strings.HasPrefix(name, ".") {
						t.Errorf("left behind: %s", name)
					}
				}
			})
		}
	})
}
