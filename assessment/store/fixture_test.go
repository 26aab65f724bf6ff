package store

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

// Files as the versions of Plumbline have written them are in testdata, schema-N.db of schema N, and what
// they say is in layout-N.txt: whatever the program becomes, it reads them. They are written once, when
// there is a new layout, by
//
//	go test ./assessment/store -run TestFixtures -update
//
// which makes what is missing and never touches what is there.
var update = flag.Bool("update", false, "write the fixtures that are missing")

func fixture(schema int) string {
	return filepath.Join("testdata", fmt.Sprintf("schema-%d.db", schema))
}

// fixturePacks finds the packs of the sessions in the fixtures. Before the embedded one gets other facts,
// those of today must be kept for this.
func fixturePacks(pin assessment.PackPin) (*content.Catalog, error) {
	for _, cat := range []*content.Catalog{catalog(), contenttest.NextDraft().Catalog()} {
		if pin.Names(cat) {
			return cat, nil
		}
	}
	return nil, fmt.Errorf("%w: %v", assessment.ErrPack, pin)
}

// everything returns deltas that leave every kind of record and of event in a store: a session with all
// that can be recorded, with an undo and a redo, and one that was moved to another pack, so that it has put
// something aside.
func everything(t *testing.T) (deltas []assessment.Delta, walked string) {
	t.Helper()
	session, deltas := filled(t)
	add := func(d assessment.Delta, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		deltas = append(deltas, d)
	}
	add(session.Do(act(10), func(e *assessment.Edit) error {
		return errors.Join(
			e.Brand(assessment.Brand{Accent: "#1f4e79"}),
			e.Base("PR.PS-01", mustLevel(2), "as audited"),
			e.Asked(catalog().At(0).ID, []string{"security-operations"}),
		)
	}))
	add(session.Do(act(11), func(e *assessment.Edit) error { // one act on several items
		var errs []error
		for n := range 5 {
			errs = append(errs, e.Rate(catalog().At(10+n).ID, mustLevel(n%4)))
		}
		return errors.Join(errs...)
	}))
	add(session.Undo(act(12)))
	add(session.Redo(act(13)))
	add(answer(session, 20), nil)
	add(session.Undo(act(14)))

	moved, d := newSession("moved")
	add(d, nil)
	for n := range catalog().Len() {
		// Some items, and among them the one that the other pack does not have.
		if n%80 == 0 || catalog().At(n).ID == (content.ItemID{Sub: "DE.CM-09", Area: content.Defend}) {
			add(answer(moved, n), nil)
		}
	}
	add(moved.Migrate(contenttest.NextDraft().Catalog(), act(400)))
	return deltas, session.Info().ID
}

// writeFixture makes the fixture of a schema of the newest layout.
func writeFixture(t *testing.T, schema int) {
	t.Helper()
	path := testPath(t)
	s := openTest(t, path, Options{Version: ReadableFrom()})
	deltas, walked := everything(t)
	apply(t, s, deltas...)
	kinds := make(map[assessment.Kind]bool)
	for _, d := range deltas {
		for _, e := range d.Events {
			kinds[e.Kind] = true
		}
	}
	if len(kinds) != 10 {
		t.Fatalf("its events are of the kinds %v", slices.Collect(maps.Keys(kinds)))
	}
	if err := s.SetPlace(walked, catalog().At(7).ID); err != nil {
		t.Fatal(err)
	}
	if _, sealed := layoutOf(schema); sealed {
		if err := s.Encrypt([]byte(testPassphrase)); err != nil {
			t.Fatal(err)
		}
	} else if err := s.do(s.rewrite); err != nil { // for its size
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, fixture(schema), readFile(t, path))
}

// told returns all that a store says: its records, its journals and where walks have stopped.
func told(t *testing.T, s *Store) string {
	t.Helper()
	list, err := s.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, sum := range list {
		st, err := s.Load(sum.ID)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "session %s %q of %q, %v\n", sum.ID, sum.Name, sum.Organization, sum.Head)
		if item, ok := s.Place(sum.ID); ok {
			fmt.Fprintf(&b, "place %v\n", item)
		}
		for _, key := range slices.Sorted(maps.Keys(st.Records)) {
			fmt.Fprintf(&b, "%s %s\n", key, st.Records[key])
		}
		for i, raw := range st.Journal {
			fmt.Fprintf(&b, "%d %s\n", i+1, raw)
		}
	}
	return b.String()
}

// Every file that a version of Plumbline has written opens, says what it said, and can be worked with.
func TestFixtures(t *testing.T) {
	for schema := 1; schema <= Schema; schema++ {
		t.Run(fmt.Sprint("schema ", schema), func(t *testing.T) {
			number, sealed := layoutOf(schema)
			if !exists(fixture(schema)) && *update && number == len(released) {
				writeFixture(t, schema)
			}
			if !exists(fixture(schema)) {
				t.Fatalf("no file of it is kept; write one with -update, before its first release")
			}
			original := readFile(t, fixture(schema))
			path := testPath(t)
			writeFile(t, path, original)
			o := Options{Version: "99.0.0", work: lightWork}
			if sealed {
				o.Passphrase = []byte(testPassphrase)
			}
			if got := headerOf(t, path, headerSchema); got != fmt.Sprint(schema) {
				t.Fatalf("it is of schema %q", got)
			}

			// It opens, and says what it said.
			warned := 0
			o.Warn = func(error) { warned++ }
			s, err := Open(path, o)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { s.Close() }()
			if older := number < len(released); older != (warned > 0) {
				t.Errorf("%d warnings", warned)
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			text := filepath.Join("testdata", fmt.Sprintf("layout-%d.txt", number))
			got := told(t, s)
			if !exists(text) && *update && number == len(released) {
				writeFile(t, text, []byte(got))
			}
			if want := string(readFile(t, text)); got != want {
				t.Errorf("it does not say what %s does:\n%s", text, got)
			}

			// It can be worked with, whatever is done to it.
			var sessions []*assessment.Session
			list, err := s.Sessions()
			if err != nil {
				t.Fatal(err)
			}
			for _, sum := range list {
				st, err := s.Load(sum.ID)
				if err != nil {
					t.Fatal(err)
				}
				session, err := assessment.LoadWith(fixturePacks, st)
				if err != nil {
					t.Fatal(err)
				}
				apply(t, s, answer(session, 100))
				sessions = append(sessions, session)
			}
			if len(sessions) != 2 {
				t.Errorf("it has %d sessions", len(sessions))
			}
			same(t, s, sessions...)
			if _, err := s.Backup(); err != nil {
				t.Error(err)
			}
			for _, turn := range []func() error{
				func() error { return s.Encrypt([]byte("another")) },
				func() error { return s.SetPassphrase([]byte("a third")) },
				s.Decrypt,
				s.Reopen,
				s.Check,
			} {
				if err := turn(); err != nil {
					t.Fatal(err)
				}
				same(t, s, sessions...)
			}
			if _, err := s.Delete(sessions[0].Info().ID); err != nil {
				t.Fatal(err)
			}
			same(t, s, sessions[1:]...)

			if !bytes.Equal(original, readFile(t, fixture(schema))) {
				t.Error("the fixture has changed")
			}
		})
	}
	t.Run("nothing else", func(t *testing.T) {
		files, err := os.ReadDir("testdata")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if name := filepath.Join("testdata", f.Name()); strings.HasSuffix(name, ".db") && !slices.ContainsFunc(schemas(), func(n int) bool { return fixture(n) == name }) {
				t.Errorf("%s is of a schema that this version does not know", name)
			}
		}
	})
}

// schemas are the numbers that the header of a store can have.
func schemas() (list []int) {
	for schema := 1; schema <= Schema; schema++ {
		list = append(list, schema)
	}
	return list
}
