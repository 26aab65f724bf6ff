package store

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
	"plumbline/content"
)

// sealedToo are the tests that hold of a sealed store as they do of a plain one; some systems have more.
// The others look at the bytes of a plain file, at its creation, or at no store at all.
var sealedToo = map[string]func(*testing.T){
	"Apply":                    TestApply,
	"SessionsNewestChange":     TestSessionsNewestChangeFirst,
	"ApplyRepeats":             TestApplyRepeats,
	"RepeatWritesNothing":      TestApplyRepeatWritesNothing,
	"ApplyConflict":            TestApplyConflict,
	"ApplyRefuses":             TestApplyRefusesGapsAndStrangers,
	"Place":                    TestPlace,
	"Close":                    TestClose,
	"Modes":                    TestModes,
	"Symlink":                  TestSymlink,
	"OddPaths":                 TestOddPaths,
	"Refused":                  TestRefused,
	"RefusalNamesBackup":       TestRefusalNamesBackup,
	"RottenPages":              TestRottenPages,
	"CheckNoticesRot":          TestCheckNoticesRot,
	"SessionsListsReadable":    TestSessionsListsTheReadable,
	"Mend":                     TestMend,
	"MendNeedsJournal":         TestMendNeedsJournal,
	"FaultWhileOpen":           TestFaultWhileOpen,
	"StopsAfterFailedWrite":    TestStopsAfterFailedWrite,
	"ReopenWithoutNeed":        TestReopenWithoutNeed,
	"ReopenMissesSavedAnswers": TestReopenMissesSavedAnswers,
	"ReadOnly":                 TestReadOnly,
	"BusyWithin":               TestBusyWithin,
	"AdmitReplaced":            TestAdmitReplaced,
	"Recent":                   TestRecentIsTheBeginningOfSessions,
	"RecentIsLimited":          TestRecentIsLimited,
	"DailyBackup":              TestDailyBackup,
	"WrittenBy":                TestWrittenBy,
	"WarnsOfSharedFolder":      TestWarnsOfSharedFolder,
	"DailyBackupFails":         TestDailyBackupFails,
	"Prune":                    TestPrune,
	"BackupOpens":              TestBackupOpens,
	"VerifyCopy":               TestVerifyCopy,
	"Delete":                   TestDelete,
	"DeleteNeedsBackup":        TestDeleteNeedsBackup,
	"DeleteTriesAgain":         TestDeleteTriesAgain,
	"DeleteFailsWhileWriting":  TestDeleteFailsWhileWriting,
	"OpenRemovesWhatWasCutOff": TestOpenRemovesWhatWasCutOff,
	"Busy":                     TestBusy,
	"Kill":                     TestKill,
	"WriteAtOnce":              TestWriteAtOnce,
}

// What holds of a store holds of a sealed one.
func TestSealed(t *testing.T) {
	sealTests = true
	defer func() { sealTests = false }()
	for name, test := range sealedToo {
		t.Run(name, test)
	}
}

// sealedTest opens a sealed store at path, which is made where there is none.
func sealedTest(t testing.TB, path string, o Options) *Store {
	t.Helper()
	sealTests = true
	defer func() { sealTests = false }()
	return openTest(t, path, o)
}

// openWith opens a store with a passphrase, and closes it when the test ends.
func openWith(t testing.TB, path, passphrase string) (*Store, error) {
	t.Helper()
	s, err := Open(path, Options{Passphrase: []byte(passphrase), work: lightWork, Now: func() time.Time { return start }})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

// filled returns a session with text of its own in every field that takes text. The texts have letters
// beyond ASCII.
func filled(t testing.TB) (*assessment.Session, []assessment.Delta) {
	t.Helper()
	n := 0
	mark := func() string { n++; return fmt.Sprintf("MARK-%d-Größe", n) }
	session, d := newSession("MARK-0-Größe")
	deltas := []assessment.Delta{d}
	do := func(edit func(e *assessment.Edit) error) {
		t.Helper()
		d, err := session.Do(assessment.Act{Who: mark(), Time: start, Reason: mark()}, edit)
		if err != nil {
			t.Fatal(err)
		}
		deltas = append(deltas, d)
	}
	do(func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) {
			in.Organization, in.Name, in.Purpose, in.Marking = mark(), mark(), mark(), mark()
			in.Units, in.Assumptions, in.Assessors = []string{mark(), mark()}, []string{mark()}, []string{mark()}
		})
	})
	item, out := catalog().At(0).ID, catalog().At(1).ID
	do(func(e *assessment.Edit) error {
		return errors.Join(
			e.Rate(item, mustLevel(1)), e.Target(item, mustLevel(3), mark()), e.Note(item, mark()+"\n"+mark()), e.Owner(item, mark()),
			e.Prioritize(item, content.Foundational, mark()),
			e.AddEvidence(item, assessment.Evidence{Method: assessment.Tested, Ref: mark(), File: mark(), By: mark(), SHA256: strings.Repeat("5e", 32)}),
			e.Exclude(out, mark()),
			e.Base(item.Sub, mustLevel(2), mark()),
			e.Tier(assessment.TierStatement{Governance: 2, Management: 3, Rationale: mark()}),
		)
	})
	do(func(e *assessment.Edit) error {
		return e.Accept(item, assessment.Acceptance{Reason: mark(), Approver: mark(), Expires: "2027-01-01"})
	})
	do(func(e *assessment.Edit) error {
		system := assessment.System{Sourcing: "buy", Autonomy: "decides"}
		v := reflect.ValueOf(&system).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.IsZero() && v.Type().Field(i).Name != "ID" {
				f.SetString(mark())
			}
		}
		_, err := e.PutSystem(system)
		_, errAction := e.PutAction(assessment.Action{
			Title: mark(), Items: []content.ItemID{item}, Owner: mark(), Due: "2026-09-01",
			Milestones: []assessment.Milestone{{Text: mark(), Due: "2026-08-01"}},
		})
		_, errLabel := e.TakeSnapshot(mark())
		return errors.Join(err, errAction, errLabel)
	})
	return session, deltas
}

// textsOf collects all that a session says: its id, its keys, and every name and string of its records
// and its journal.
func textsOf(t testing.TB, session *assessment.Session) map[string]bool {
	t.Helper()
	st, err := session.Stored()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{session.Info().ID: true, session.Head().Hash.String(): true}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			texts[v] = true
			for line := range strings.Lines(v) {
				texts[strings.TrimSpace(line)] = true
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				texts[k] = true
				walk(e)
			}
		}
	}
	for _, raw := range slices.AppendSeq(st.Journal, valuesOf(st.Records)) {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		walk(v)
	}
	for key := range st.Records {
		texts[key] = true
	}
	for text := range texts {
		if len(text) < 6 || strings.Trim(text, "0") == "" { // what chance could bring about, and the hash before the first
			delete(texts, text)
		}
	}
	return texts
}

func valuesOf(m map[string][]byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// formsOf are the forms in which a text could stand in a file.
func formsOf(text string) map[string][]byte {
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little = binary.LittleEndian.AppendUint16(little, u)
		big = binary.BigEndian.AppendUint16(big, u)
	}
	forms := map[string][]byte{
		"as it is": []byte(text), "UTF-16LE": little, "UTF-16BE": big, "hex": []byte(hex.EncodeToString([]byte(text))),
		"upper case": []byte(strings.ToUpper(text)), "lower case": []byte(strings.ToLower(text)),
	}
	if id, err := hex.DecodeString(strings.ReplaceAll(text, "-", "")); err == nil && len(id) >= 16 {
		forms["the bytes of an id or a hash"] = id
	}
	// In base64 a text looks in three ways, by where it begins; its first and last characters depend on
	// what is beside it.
	for shift := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), text...))
		if encoded = encoded[4 : len(encoded)-2]; len(encoded) >= 6 {
			forms[fmt.Sprint("base64 at ", shift)] = []byte(encoded)
		}
	}
	return forms
}

// found returns which texts are in a file, in whatever form.
func found(file []byte, texts map[string]bool) (list []string) {
	for text := range texts {
		for form, b := range formsOf(text) {
			if bytes.Contains(file, b) {
				list = append(list, fmt.Sprintf("%q %s", text, form))
			}
		}
	}
	return list
}

// Nothing that a session says is to be found in a sealed store, its backups or any other file beside
// it, whatever was done to it. In a plain one all of it is.
func TestSealedShowsNothing(t *testing.T) {
	session, deltas := filled(t)
	texts := textsOf(t, session)
	marks := 0
	for text := range texts {
		if strings.HasPrefix(text, "MARK-") {
			marks++
		}
	}
	if marks < 45 || len(texts) < 120 {
		t.Fatalf("only %d marks in %d texts", marks, len(texts))
	}

	plainPath := testPath(t)
	plain := openTest(t, plainPath, Options{})
	apply(t, plain, deltas...)
	for text := range texts {
		if strings.HasPrefix(text, "MARK-") && !strings.Contains(text, "\n") && len(found(readFile(t, plainPath), map[string]bool{text: true})) == 0 {
			t.Errorf("%q is not even in a plain store", text)
		}
	}

	path := testPath(t)
	look := func(when string) {
		t.Helper()
		files := 0
		err := filepath.WalkDir(filepath.Dir(path), func(name string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			files++
			for _, what := range found(readFile(t, name), texts) {
				t.Errorf("%s: in %s there is %s", when, filepath.Base(name), what)
			}
			return nil
		})
		if err != nil || files < 2 {
			t.Fatalf("%s: %d files, %v", when, files, err)
		}
	}
	var clock clock
	s := sealedTest(t, path, Options{Now: clock.now})
	other, d := newSession("another")
	apply(t, s, d)
	apply(t, s, deltas...)
	if err := s.SetPlace(session.Info().ID, catalog().At(7).ID); err != nil {
		t.Fatal(err)
	}
	same(t, s, session, other)
	look("applied")
	clock.set(start.Add(time.Hour))
	if _, err := s.Backup(); err != nil {
		t.Fatal(err)
	}
	look("backed up")
	if err := s.SetPassphrase([]byte("battery staple")); err != nil {
		t.Fatal(err)
	}
	look("another passphrase")
	if err := s.Encrypt([]byte("battery staple")); err != nil {
		t.Fatal(err)
	}
	look("another key")
	same(t, s, session, other)
	clock.set(start.Add(2 * time.Hour))
	if _, err := s.Delete(session.Info().ID); err != nil {
		t.Fatal(err)
	}
	look("deleted")

	// What was plain and is not any more: of the file nothing is left, and the backups are named.
	for _, backup := range backupsOf(t, plainPath) {
		if err := os.Remove(backup); err != nil {
			t.Fatal(err)
		}
	}
	if err := plain.Encrypt([]byte(testPassphrase)); err != nil {
		t.Fatal(err)
	}
	for _, what := range found(readFile(t, plainPath), texts) {
		t.Errorf("encrypted: there is %s", what)
	}
	same(t, plain, session)
}

func backupsOf(t testing.TB, path string) (paths []string) {
	t.Helper()
	list, err := backups(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		paths = append(paths, b.path)
	}
	return paths
}

// A store goes from plain to sealed, to other keys, and back, and is the same store all the time.
func TestConvert(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{Version: "0.1.0"})
	var sessions []*assessment.Session
	for i := range 5 {
		session, d := newSession(fmt.Sprint("session ", i))
		apply(t, s, d)
		for n := range 20 {
			apply(t, s, answer(session, n+i))
		}
		sessions = append(sessions, session)
	}
	place := catalog().At(9).ID
	if err := s.SetPlace(sessions[2].Info().ID, place); err != nil {
		t.Fatal(err)
	}
	schemaOf := func() (number string) {
		err := s.view(func(tx *bolt.Tx) error {
			number = string(tx.Bucket(headerBucket).Get(headerSchema))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	check := func(passphrase, schema string) {
		t.Helper()
		for _, reopen := range []bool{false, true} {
			if reopen {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				var err error
				if s, err = openWith(t, path, passphrase); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			same(t, s, sessions...)
			if got, ok := s.Place(sessions[2].Info().ID); !ok || got != place {
				t.Errorf("the place is %v", got)
			}
			all, err := s.Sessions()
			recent, errRecent := s.Recent()
			if err := errors.Join(err, errRecent); err != nil || !slices.Equal(ids(all), ids(recent)) {
				t.Errorf("recent %v, sessions %v, %v", ids(recent), ids(all), err)
			}
			if got := schemaOf(); got != schema {
				t.Errorf("the schema is %s", got)
			}
			if got := s.Encrypted(); got != (passphrase != "") {
				t.Errorf("encrypted: %v", got)
			}
			if _, err := Open(path, Options{Passphrase: []byte("x")}); !errors.Is(err, ErrBusy) {
				t.Errorf("a second opener: error %v", err)
			}
			apply(t, s, answer(sessions[0], int(sessions[0].Head().Seq)))
			if got := names(t, filepath.Dir(path)); !reflect.DeepEqual(got, []string{"backups", "plumbline.db"}) {
				t.Errorf("left behind: %q", got)
			}
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("", "1")
	do(s.Encrypt([]byte("one")))
	check("one", "2")
	do(s.SetPassphrase([]byte("two")))
	check("two", "2")
	do(s.Encrypt([]byte("three")))
	check("three", "2")
	do(s.Decrypt())
	check("", "1")

	if err := s.Decrypt(); !errors.Is(err, ErrPlain) {
		t.Errorf("decrypt a plain store: error %v", err)
	}
	if err := s.SetPassphrase([]byte("x")); !errors.Is(err, ErrPlain) {
		t.Errorf("change the passphrase of a plain store: error %v", err)
	}
	if err := s.Encrypt(nil); !errors.Is(err, ErrNoPassphrase) {
		t.Errorf("an empty passphrase: error %v", err)
	}
	do(s.Encrypt([]byte("four")))
	if err := s.SetPassphrase(nil); !errors.Is(err, ErrNoPassphrase) {
		t.Errorf("an empty passphrase: error %v", err)
	}
	check("four", "2")
}

// A locked store shows nothing, and says why. It is not changed by that.
func TestLocked(t *testing.T) {
	path := testPath(t)
	s := sealedTest(t, path, Options{})
	session, deltas := filled(t)
	apply(t, s, deltas...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := state(t, path)
	for name, tt := range map[string]struct {
		passphrase string
		want       error
	}{
		"none":    {"", ErrSealed},
		"another": {"correct horsf", ErrPassphrase},
		"shorter": {"correct hors", ErrPassphrase},
	} {
		for _, readOnly := range []bool{false, true} {
			_, err := Open(path, Options{Passphrase: []byte(tt.passphrase), ReadOnly: readOnly})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", path)) {
				t.Errorf("%s: error %v", name, err)
			}
			if err != nil && (strings.Contains(err.Error(), "MARK") || strings.Contains(err.Error(), session.Info().ID)) {
				t.Errorf("%s: the error tells of a session: %v", name, err)
			}
			if after := state(t, path); after != before {
				t.Errorf("%s: the file has changed", name)
			}
		}
	}
	s, err := Open(path, Options{Passphrase: []byte(testPassphrase), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, session)
	if err := s.Encrypt([]byte("x")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("encrypt: error %v", err)
	}
	if err := s.SetPassphrase([]byte("x")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("another passphrase: error %v", err)
	}
	keys := s.codec.keys
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if keys.data != [keySize]byte{} || !bytes.Equal(keys.root, make([]byte, keySize)) || !bytes.Equal(keys.names, make([]byte, keySize)) {
		t.Error("the keys are still in memory")
	}
}

// Whoever gives a passphrase is told when the file is not the sealed one.
func TestNotSealed(t *testing.T) {
	path := testPath(t)
	if _, err := openWith(t, path, "x"); !errors.Is(err, ErrPlain) || exists(path) {
		t.Errorf("no store: error %v", err)
	}
	plain := openTest(t, path, Options{})
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openWith(t, path, "x"); !errors.Is(err, ErrPlain) {
		t.Errorf("a plain store: error %v", err)
	}

	// The file is replaced while the store is in use, by a plain one and by one with other keys.
	sealed := testPath(t)
	s := sealedTest(t, sealed, Options{Warn: func(error) {}})
	_, d := newSession("first")
	apply(t, s, d)
	other := testPath(t)
	if err := sealedTest(t, other, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]error{path: ErrPlain, other: ErrSealed} {
		writeFile(t, sealed, readFile(t, file))
		if err := s.Reopen(); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
		if err := s.Apply(d); !errors.Is(err, ErrStopped) {
			t.Errorf("apply: error %v", err)
		}
	}
}

// The slot of an old passphrase is nowhere in the file, also when the rewriting was cut off at first.
func TestOldPassphraseIsGone(t *testing.T) {
	path := testPath(t)
	s := sealedTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	if _, err := s.Sessions(); err != nil { // comes after the daily backup
		t.Fatal(err)
	}
	wrapped := func() []byte { return []byte(base64.StdEncoding.EncodeToString(s.file.slots.Slots[0].Key)) }
	old := wrapped()
	if !bytes.Contains(readFile(t, path), old) {
		t.Fatal("the slot is not in the file to begin with")
	}
	if err := s.SetPassphrase([]byte("two")); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(readFile(t, path), old) {
		t.Error("the old slot is still in the file")
	}
	old = wrapped()
	if err := os.MkdirAll(filepath.Join(s.rewritePath(), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPassphrase([]byte("three")); err == nil || !strings.Contains(err.Error(), "is changed, but") {
		t.Errorf("error %v", err)
	}
	if err := errors.Join(os.RemoveAll(s.rewritePath()), s.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(readFile(t, path), old) {
		t.Error("nothing is left to erase")
	}
	if _, err := openWith(t, path, "two"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("the old passphrase: error %v", err)
	}
	s, err := openWith(t, path, "three")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(readFile(t, path), old) {
		t.Error("the old slot is still in the file")
	}
	same(t, s, session)
}

// The backups that the passphrase of today does not open are named, and removed when that is asked for;
// never the last one that is in order.
func TestOtherBackups(t *testing.T) {
	path := testPath(t)
	var clock clock
	s := openTest(t, path, Options{Now: clock.now})
	session, d := newSession("first")
	apply(t, s, d)
	want := func(n int) []string {
		t.Helper()
		list, err := s.OtherBackups()
		if err != nil || len(list) != n {
			t.Fatalf("other backups %q (%v), want %d", list, err, n)
		}
		return list
	}
	hour := func(do ...func() error) {
		t.Helper()
		clock.set(clock.now().Add(time.Hour))
		for _, f := range do {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
	}
	backUp := func() error { _, err := s.Backup(); return err }
	want(0)
	hour(func() error { return s.Encrypt([]byte("one")) }, backUp)
	plain := want(1)
	hour(func() error { return s.SetPassphrase([]byte("two")) }, backUp)
	want(2)
	hour(func() error { return s.Encrypt([]byte("two")) })
	old := want(3)
	writeFile(t, old[0], readFile(t, old[0])[:5000]) // what can not be read counts as well
	want(3)
	// What was moved aside is named, too, and stays: it may hold what is nowhere else.
	aside := path + asideMark + "20260131T090000.000Z"
	writeFile(t, aside, readFile(t, plain[0]))
	want(4)
	hour()
	removed, err := s.RemoveOtherBackups()
	if err != nil || !slices.Equal(removed, old) || removed[2] != plain[0] {
		t.Errorf("removed %q, %v; want %q", removed, err, old)
	}
	if got := want(1); got[0] != aside {
		t.Errorf("others %q, want %q", got, aside)
	}
	if err := os.Remove(aside); err != nil {
		t.Fatal(err)
	}
	want(0)
	left := backupsOf(t, path)
	if len(left) != 1 {
		t.Fatalf("left are %q", left)
	}
	b, err := openWith(t, left[0], "two")
	if err != nil {
		t.Fatal(err)
	}
	same(t, b, session)
	hour(s.Decrypt)
	want(1)
}

// A sealed bucket that has lost whose it is is named by Check, and nothing is made of it.
func TestLostID(t *testing.T) {
	path := testPath(t)
	s := sealedTest(t, path, Options{})
	_, d := newSession("first")
	apply(t, s, d)
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, d.Session)
			return errors.Join(err, d.delete(keySession))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), `session "in bucket `) {
		t.Errorf("check: error %v", err)
	}
	before := state(t, path)
	for name, convert := range map[string]func() error{"decrypt": s.Decrypt, "encrypt": func() error { return s.Encrypt([]byte("x")) }} {
		if err := convert(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if after := state(t, path); after != before {
		t.Error("the file has changed")
	}
	if _, err := s.Load(d.Session); err != nil {
		t.Errorf("load: error %v", err)
	}
}

// stored is a key and a value as they stand in the file.
type stored struct{ key, value []byte }

// rawOf copies what stands in the file of a session, by its keys.
func rawOf(t *testing.T, s *Store, id string) map[string]stored {
	t.Helper()
	raw := make(map[string]stored)
	err := s.view(func(tx *bolt.Tx) error {
		d, err := s.drawer(tx, id)
		if err != nil {
			return err
		}
		return d.each(func(key string, _ []byte) error {
			raw[key] = stored{d.key(key), bytes.Clone(d.bucket.Get(d.key(key)))}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A sealed value opens in its own place alone: not under another key, in another session, or in another
// store that has the same session and passphrase. No bit of it can be changed, and none taken away.
func TestSwappedValues(t *testing.T) {
	s := sealedTest(t, testPath(t), Options{})
	a, d := newSession("first")
	b, e := newSession("second")
	deltas := []assessment.Delta{d, answer(a, 0), answer(a, 1)}
	apply(t, s, deltas...)
	apply(t, s, e, answer(b, 0), answer(b, 1))
	strange := sealedTest(t, testPath(t), Options{})
	apply(t, strange, deltas...)

	own, other, foreign := rawOf(t, s, a.Info().ID), rawOf(t, s, b.Info().ID), rawOf(t, strange, a.Info().ID)
	if len(own) < 9 || len(own) != len(other) || len(own) != len(foreign) {
		t.Fatalf("%d, %d and %d keys", len(own), len(other), len(foreign))
	}
	type forgery struct {
		from string
		raw  []byte
	}
	undo := errors.New("undo")
	for key, raw := range own {
		forged := []forgery{
			{"another session", other[key].value}, {"another store", foreign[key].value}, {"nowhere", make([]byte, 28)},
		}
		for from, raw := range own {
			if from != key {
				forged = append(forged, forgery{from, raw.value})
			}
		}
		for i := range raw.value {
			flipped := bytes.Clone(raw.value)
			flipped[i] ^= 1 << (i % 8)
			forged = append(forged, forgery{fmt.Sprint("itself, byte ", i, " changed"), flipped}, forgery{fmt.Sprint("itself, cut to ", i), raw.value[:i]})
		}
		err := s.do(func() error {
			return s.file.db.Update(func(tx *bolt.Tx) error {
				d, err := s.drawer(tx, a.Info().ID)
				if err != nil {
					return err
				}
				for _, f := range forged {
					if err := d.bucket.Put(d.key(key), f.raw); err != nil {
						return err
					}
					if value, err := d.get(key); !errors.Is(err, ErrDamaged) || value != nil {
						t.Errorf("%q from %q: %q, error %v", key, f.from, value, err)
					}
				}
				return undo
			})
		})
		if err != undo {
			t.Fatal(err)
		}
	}
	// Whole entries moved, key and value together, are not taken for this session's own.
	for from, entries := range map[string]map[string]stored{"another session": other, "another store": foreign} {
		for key, entry := range entries {
			err := s.do(func() error {
				return s.file.db.Update(func(tx *bolt.Tx) error {
					d, err := s.drawer(tx, a.Info().ID)
					if err != nil {
						return err
					}
					if err := d.bucket.Put(entry.key, entry.value); err != nil {
						return err
					}
					if st, _, err := load(d); !errors.Is(err, ErrDamaged) || st.Records != nil {
						t.Errorf("%q moved from %s: error %v", key, from, err)
					}
					return undo
				})
			})
			if err != undo {
				t.Fatal(err)
			}
		}
	}
	same(t, s, a, b)
}

// Key slots that are changed anywhere are refused, as damage or as not fitting the passphrase, and at
// once.
func TestDamagedSlots(t *testing.T) {
	keys := newKeyring()
	slots, err := newSlots(keys, []byte(testPassphrase), lightWork)
	if err != nil {
		t.Fatal(err)
	}
	whole := slots.encode()
	again, err := decodeSlots(whole)
	if err != nil || !reflect.DeepEqual(again, slots) {
		t.Fatalf("%+v, %v", again, err)
	}
	opened, err := again.unlock([]byte(testPassphrase))
	if err != nil || !reflect.DeepEqual(opened, keys) {
		t.Fatalf("other keys, %v", err)
	}
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if _, err := decodeSlots(b); err == nil {
				t.Errorf("bit %d of byte %d: not noticed", bit, i)
			}
		}
		if _, err := decodeSlots(whole[:i]); err == nil {
			t.Errorf("cut to %d: not noticed", i)
		}
	}
	// Changed by somebody who knows how to make the check sum right.
	for name, change := range map[string]func(l *keySlots){
		"id":      func(l *keySlots) { l.ID[3]++ },
		"salt":    func(l *keySlots) { l.Slots[0].Salt[3]++ },
		"memory":  func(l *keySlots) { l.Slots[0].Memory++ },
		"passes":  func(l *keySlots) { l.Slots[0].Passes++ },
		"threads": func(l *keySlots) { l.Slots[0].Threads++; l.Slots[0].Memory = 16 },
		"key":     func(l *keySlots) { l.Slots[0].Key[3]++ },
		"short":   func(l *keySlots) { l.Slots[0].Key = l.Slots[0].Key[:20] },
		"none":    func(l *keySlots) { l.Slots[0].Key = nil },
	} {
		changed, err := decodeSlots(whole)
		if err != nil {
			t.Fatal(err)
		}
		change(changed)
		if changed, err = decodeSlots(changed.encode()); err != nil {
			t.Errorf("%s: error %v", name, err)
		} else if _, err := changed.unlock([]byte(testPassphrase)); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A header can not make us spend memory or time: what is absurd is refused before anything is tried.
func TestAbsurdSlots(t *testing.T) {
	path := testPath(t)
	s := sealedTest(t, path, Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := readFile(t, path)
	for name, change := range map[string]func(l *keySlots){
		"memory of 4 TiB":   func(l *keySlots) { l.Slots[0].Memory = 1<<32 - 1 },
		"memory over 1 GiB": func(l *keySlots) { l.Slots[0].Memory = 1<<20 + 1 },
		"many passes":       func(l *keySlots) { l.Slots[0].Passes = 1<<32 - 1 },
		"17 passes":         func(l *keySlots) { l.Slots[0].Passes = 17 },
		"no pass":           func(l *keySlots) { l.Slots[0].Passes = 0 },
		"no thread":         func(l *keySlots) { l.Slots[0].Threads = 0 },
		"255 threads":       func(l *keySlots) { l.Slots[0].Threads, l.Slots[0].Memory = 255, 1<<20 },
		"no memory":         func(l *keySlots) { l.Slots[0].Memory = 0 },
		"two that are large": func(l *keySlots) {
			l.Slots = append(l.Slots, l.Slots[0])
			l.Slots[0].work, l.Slots[1].work = work{1 << 20, 16, 4}, work{1 << 20, 16, 4}
		},
		"many slots":    func(l *keySlots) { l.Slots = slices.Repeat(l.Slots, 5) },
		"no slot":       func(l *keySlots) { l.Slots = nil },
		"long salt":     func(l *keySlots) { l.Slots[0].Salt = make([]byte, 4000) },
		"no salt":       func(l *keySlots) { l.Slots[0].Salt = nil },
		"other kdf":     func(l *keySlots) { l.Slots[0].KDF = "argon2i" },
		"other format":  func(l *keySlots) { l.Format = 2 },
		"no id":         func(l *keySlots) { l.ID = nil },
		"much of a key": func(l *keySlots) { l.Slots[0].Key = make([]byte, 100_000) },
	} {
		t.Run(name, func(t *testing.T) {
			path := testPath(t)
			writeFile(t, path, whole)
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bolt.Tx) error {
				h := tx.Bucket(headerBucket)
				slots, err := decodeSlots(h.Get(headerSlots))
				if err != nil {
					return err
				}
				change(slots)
				return h.Put(headerSlots, slots.encode())
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			_, err = openWith(t, path, testPassphrase)
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func FuzzDecodeSlots(f *testing.F) {
	slots, err := newSlots(newKeyring(), []byte("x"), lightWork)
	if err != nil {
		f.Fatal(err)
	}
	b := slots.encode()
	f.Add(b[:len(b)-4])
	f.Add([]byte(`{"format":1,"id":null,"slots":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		// With the right check sum, or else nothing would get any further.
		l, err := decodeSlots(binary.BigEndian.AppendUint32(text, crc32.Checksum(text, castagnoli())))
		if err != nil {
			return
		}
		for _, s := range l.Slots {
			if s.Memory > maxMemory || s.Passes > maxPasses || s.Passes < 1 || s.Threads < 1 {
				t.Fatalf("%+v", s)
			}
		}
		if again, err := decodeSlots(l.encode()); err != nil || !reflect.DeepEqual(again, l) {
			t.Fatalf("%+v became %+v, %v", l, again, err)
		}
	})
}

// The work for a new passphrase is what the documentation says.
func TestUsualWork(t *testing.T) {
	s, err := Open(testPath(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Encrypt([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := s.file.slots.Slots[0]; got.work != (work{Memory: 64 << 10, Passes: 3, Threads: 4}) || got.KDF != "argon2id" || len(got.Salt) != 16 {
		t.Errorf("%+v", got)
	}
}

// In FIPS-only mode a sealed store is refused and says why; a plain one works.
func TestFIPSOnly(t *testing.T) {
	if os.Getenv("PLUMBLINE_STORE_TEST_FIPS") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFIPSOnly$", "-test.v")
		cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "GODEBUG=") }),
			"PLUMBLINE_STORE_TEST_FIPS="+sealedFile(t), "GODEBUG=fips140=only")
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("refused both")) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if _, err := openWith(t, os.Getenv("PLUMBLINE_STORE_TEST_FIPS"), testPassphrase); !errors.Is(err, ErrFIPS) {
		t.Fatalf("open: error %v", err)
	}
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d)
	if err := s.Encrypt([]byte("x")); !errors.Is(err, ErrFIPS) {
		t.Fatalf("encrypt: error %v", err)
	}
	same(t, reopenTest(t, s), session)
	t.Log("refused both")
}

// sealedFile makes a sealed store and returns its path.
func sealedFile(t *testing.T) string {
	t.Helper()
	path := testPath(t)
	if err := sealedTest(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// childTurn turns a store from plain to sealed, to another passphrase, to another key, and back, again
// and again, and says when it begins what.
func childTurn(path, _ string) error {
	s, err := Open(path, Options{work: lightWork})
	if err != nil {
		return err
	}
	for {
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"encrypt", func() error { return s.Encrypt([]byte("one")) }},
			{"passwd", func() error { return s.SetPassphrase([]byte("two")) }},
			{"rekey", func() error { return s.Encrypt([]byte("three")) }},
			{"decrypt", s.Decrypt},
		} {
			fmt.Println(step.name)
			if err := step.do(); err != nil {
				return err
			}
		}
	}
}

// A process is killed at any moment of encrypting, decrypting or changing the passphrase. The store opens
// as it was before or as it was to be, and is whole.
func TestKillWhileTurning(t *testing.T) {
	opens := map[string][]string{ // with what, "" being a plain store
		"encrypt": {"", "one"}, "passwd": {"one", "two"}, "rekey": {"two", "three"}, "decrypt": {"three", ""},
	}
	path := testPath(t)
	s := openTest(t, path, Options{})
	var sessions []*assessment.Session
	for i := range 3 {
		session, d := newSession(fmt.Sprint("session ", i))
		apply(t, s, d)
		for n := range 100 {
			apply(t, s, answer(session, n))
		}
		sessions = append(sessions, session)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	draft := s.rewritePath()
	ended := make(map[string]int)
	for round := range 32 {
		c := startChild(t, "turn", path, "")
		// The step in which it is killed, and how far that has come: just begun, the draft begun, the
		// draft half written, the draft gone.
		step := ""
		for range 1 + round%4 {
			step = c.line(t)
		}
		seen := false
		reached := []func() bool{
			func() bool { return true },
			func() bool { return exists(draft) },
			func() bool { info, err := os.Stat(draft); return err == nil && info.Size() > 1<<16 },
			func() bool { there := exists(draft); seen = seen || there; return seen && !there },
		}[round/4%4]
		for tries := 0; !reached() && tries < 100_000; tries++ {
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for c.lines.Scan() { // what it went on to before it died
			step = c.lines.Text()
		}
		c.cmd.Wait()

		var s *Store
		var with string
		var tried []error
		for _, with = range opens[step] {
			var err error
			if s, err = Open(path, Options{Passphrase: []byte(with), work: lightWork, Now: func() time.Time { return start }}); err == nil {
				break
			}
			tried = append(tried, err)
		}
		if s == nil {
			t.Fatalf("round %d: killed in %s, and it opens neither way: %v", round, step, errors.Join(tried...))
		}
		ended[step+" -> "+with]++
		if err := s.Check(); err != nil {
			t.Fatalf("round %d: killed in %s: %v", round, step, err)
		}
		same(t, s, sessions...)
		if exists(draft) {
			t.Errorf("round %d: the draft is still there", round)
		}
		if with != "" { // the next round begins with a plain store
			if err := s.Decrypt(); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("killed 32 times, always whole; ended (step -> passphrase): %v", ended)
	if len(ended) < 4 {
		t.Errorf("the moments were too much the same: %v", ended)
	}
}
