package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// start is when everything in these tests begins.
var start = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

// clock is a clock that the test sets. The goroutine that owns a store reads it.
type clock struct{ since atomic.Int64 }

func (c *clock) now() time.Time { return start.Add(time.Duration(c.since.Load())) }

func (c *clock) set(t time.Time) { c.since.Store(int64(t.Sub(start))) }

// catalog returns the embedded pack.
func catalog() *content.Catalog {
	cat, err := content.Embedded()
	if err != nil {
		panic(err)
	}
	return cat
}

// newSession starts a session; its id follows from its name.
func newSession(name string) (*assessment.Session, assessment.Delta) {
	var seed [32]byte
	copy(seed[:], name)
	id, err := assessment.NewID(rand.NewChaCha8(seed))
	if err != nil {
		panic(err)
	}
	info := assessment.Info{ID: id, Organization: "Organization of " + name, Name: name}
	s, d, err := assessment.New(catalog(), info, act(0))
	if err != nil {
		panic(err)
	}
	return s, d
}

func act(n int) assessment.Act {
	return assessment.Act{Who: "R. Okafor", Time: start.Add(time.Duration(n) * time.Second)}
}

// answer rates an item with a note: the n-th answer of a session, one event.
func answer(s *assessment.Session, n int) assessment.Delta {
	it := catalog().At(n % catalog().Len())
	d, err := s.Do(act(n), func(e *assessment.Edit) error {
		level, err := assessment.AtLevel(n % 4)
		if err != nil {
			return err
		}
		return errors.Join(e.Rate(it.ID, level), e.Note(it.ID, fmt.Sprintf("answer %d, seen in the change records of the last quarter", n)))
	})
	if err != nil {
		panic(err)
	}
	return d
}

// sealTests: the stores that open makes are encrypted. TestSealed sets it, and so does the parent of a
// process.
var sealTests = os.Getenv(sealedVariable) != ""

const (
	sealedVariable = "PLUMBLINE_STORE_TEST_SEALED"
	testPassphrase = "correct horse"
)

// lightWork is little work on a passphrase, which no test is about.
var lightWork = work{Memory: 8, Passes: 1, Threads: 1}

// open is Open for stores of the form that the tests are run with.
func open(path string, o Options) (*Store, error) {
	o.work = lightWork
	if !sealTests {
		return Open(path, o)
	}
	if !exists(path) && !o.ReadOnly {
		s, err := Open(path, Options{Version: o.Version, work: lightWork})
		if err != nil {
			return nil, err
		}
		if err := errors.Join(s.Encrypt([]byte(testPassphrase)), s.Close()); err != nil {
			return nil, err
		}
	}
	o.Passphrase = []byte(testPassphrase)
	return Open(path, o)
}

// openTest opens the store at path; it is closed and checked when the test ends.
func openTest(t testing.TB, path string, o Options) *Store {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return start }
	}
	if o.Warn == nil {
		o.Warn = func(err error) { t.Errorf("warning: %v", err) }
	}
	s, err := open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// reopenTest closes a store, opens it again and checks all of it.
func reopenTest(t testing.TB, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, s.Path(), Options{})
	if err := s.Check(); err != nil {
		t.Fatalf("check: %v", err)
	}
	return s
}

func testPath(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "plumbline.db")
}

func apply(t testing.TB, s *Store, deltas ...assessment.Delta) {
	t.Helper()
	if err := s.Apply(deltas...); err != nil {
		t.Fatal(err)
	}
}

// sessionHead returns where the stored journal of a session ends.
func sessionHead(t testing.TB, s *Store, id string) assessment.Head {
	t.Helper()
	st, err := s.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	head, err := st.Verify()
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// names lists a folder.
func names(t testing.TB, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
