package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
	"plumbline/assessment/store"
)

// spoiled is a store with the sessions Good and Bad; of Bad's summary one bit has flipped.
type spoiled struct {
	dir, path string
	good, bad string // ids
	before    string // a backup from before that
}

func newSpoiled(t *testing.T) spoiled {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "home"))
	s := spoiled{dir: dir, path: filepath.Join(dir, "store.db")}
	for _, args := range [][]string{
		{"session", "new", "--org=Tern", "--name=Good", "--target=2"},
		{"session", "new", "--org=Osprey", "--name=Bad"},
		{"rate", "Good", "GV.OC-04/secure", "--current=1"},
		{"rate", "Bad", "GV.OC-04/secure", "--current=3"},
	} {
		s.must(t, args...)
	}
	s.good, s.bad = s.id(t, "Good"), s.id(t, "Bad")
	s.before = strings.TrimSpace(s.must(t, "store", "backup"))
	s.spoil(t)
	return s
}

// spoil flips a bit of Bad's summary.
func (s spoiled) spoil(t *testing.T) {
	t.Helper()
	db, err := bolt.Open(s.path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("s/" + s.bad))
		sum := bytes.Clone(b.Get([]byte("!sum")))
		sum[len(sum)/2] ^= 1
		return b.Put([]byte("!sum"), sum)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func (s spoiled) run(t *testing.T, args ...string) (out, said string, code int) {
	t.Helper()
	out, said, err := inProcess(t.Context(), append([]string{"--store=" + s.path, "--by=Ada"}, args...)...)
	if err != nil {
		said += message(err)
	}
	return out, said, exitCode(err)
}

func (s spoiled) must(t *testing.T, args ...string) (out string) {
	t.Helper()
	out, said, code := s.run(t, args...)
	if code != exitDone {
		t.Fatalf("%q ends with %d: %s", args, code, said)
	}
	return out
}

// id is the id of a session by its name.
func (s spoiled) id(t *testing.T, name string) string {
	t.Helper()
	var shown struct {
		Data struct {
			Sessions []struct{ ID, Name string }
		}
	}
	if err := json.Unmarshal([]byte(s.must(t, "session", "list", "--json")), &shown); err != nil {
		t.Fatal(err)
	}
	for _, one := range shown.Data.Sessions {
		if one.Name == name {
			return one.ID
		}
	}
	t.Fatalf("there is no session %q", name)
	return ""
}

// wantSound fails unless nothing is wrong with the store any more.
func (s spoiled) wantSound(t *testing.T) {
	t.Helper()
	if out, said, code := s.run(t, "verify"); code != exitDone {
		t.Errorf("verify ends with %d: %s%s", code, out, said)
	}
	if out, said, code := s.run(t, "session", "list"); code != exitDone || said != "" {
		t.Errorf("session list ends with %d: %s%s", code, out, said)
	}
}

// One damaged summary stands in the way of nothing that is about other sessions: their commands work, and
// the person is told once.
func TestDamagedSummaryLeavesOthersAlone(t *testing.T) {
	s := newSpoiled(t)
	report := filepath.Join(s.dir, "r.json")
	for _, args := range [][]string{
		{"score", "Good"},
		{"gaps", s.good[:8]},
		{"rate", "Good", "GV.OC-03/defend", "--current=2"},
		{"report", "Good", "--out=" + report},
		{"export", "Good", "--out=" + filepath.Join(s.dir, "g.plumb")},
		{"export", "Good", s.good, "--out=" + filepath.Join(s.dir, "no.plumb")},
		{"verify", "Good"},
		{"session", "copy", "Good", "--name=Other"},
		{"session", "new", "--org=Heron"},
		{"verify", report},
		{"compare", "Good", "Other"},
		{"merge", "Good", filepath.Join(s.dir, "g.plumb")},
	} {
		want := exitDone
		if len(args) > 2 && args[0] == "export" && args[2] == s.good {
			want = exitUsage // named twice, so looked for twice
		}
		out, said, code := s.run(t, args...)
		if code != want {
			t.Errorf("%q ends with %d: %s%s", args, code, out, said)
		}
		if n := strings.Count(said, "summary can not be read"); n != 1 || !strings.Contains(said, s.bad) || !strings.Contains(said, "store compact") {
			t.Errorf("%q says %d times what is damaged: %s", args, n, said)
		}
	}
	if _, said, code := s.run(t, "score", "Nobody"); code != exitRefused || !strings.Contains(said, s.bad) {
		t.Errorf("what can not be known is said: %d, %s", code, said)
	}
}

// What is about the damaged session itself is refused, with the way out.
func TestDamagedSummaryIsRefused(t *testing.T) {
	s := newSpoiled(t)
	for _, args := range [][]string{
		{"score", s.bad},
		{"score", s.bad[:8]},
		{"score", "Bad"},
		{"rate", s.bad, "GV.OC-03/defend", "--current=2"},
		{"session", "show", s.bad},
		{"verify", s.bad},
		{"session", "delete", "Bad", "--yes"},
	} {
		if _, said, code := s.run(t, args...); code != exitRefused || !strings.Contains(said, "summary can not be read") || !strings.Contains(said, "store compact makes") {
			t.Errorf("%q ends with %d: %s", args, code, said)
		}
	}
}

// A list that is not whole does not look whole, and a check goes on over all.
func TestDamagedSummaryInLists(t *testing.T) {
	s := newSpoiled(t)
	out, said, code := s.run(t, "session", "list")
	if code != exitRefused || !strings.Contains(out, "Good") || !strings.Contains(said, s.bad) {
		t.Errorf("session list ends with %d: %s%s", code, out, said)
	}
	out, said, code = s.run(t, "session", "list", "--json")
	var listed struct {
		Damage string
		Data   struct{ Sessions []struct{ Name string } }
	}
	err := json.Unmarshal([]byte(out), &listed)
	if err != nil || code != exitRefused || len(listed.Data.Sessions) != 1 || listed.Data.Sessions[0].Name != "Good" || !strings.Contains(listed.Damage, s.bad) {
		t.Errorf("session list --json ends with %d: %s%s (%v)", code, out, said, err)
	}
	out, said, code = s.run(t, "verify", "--json")
	var checked struct {
		Data struct {
			OK       bool
			Sessions []struct {
				ID, Problem string
				OK          bool
				Events      int
				Head        *assessment.Head `json:"journal_head"`
			}
		}
	}
	err = json.Unmarshal([]byte(out), &checked)
	rows := checked.Data.Sessions
	if err != nil || code != exitRefused || checked.Data.OK || len(rows) != 2 || !rows[0].OK || rows[0].ID != s.good || rows[1].OK || rows[1].ID != s.bad ||
		!strings.Contains(rows[1].Problem, "summary can not be read") || !strings.Contains(said, s.bad) {
		t.Errorf("verify --json ends with %d: %s%s (%v)", code, out, said, err)
	} else if rows[1].Events == 0 || rows[1].Head == nil {
		t.Errorf("verify says nothing of the journal of a session whose summary is damaged: %s", out)
	}
	if out, _, code := s.run(t, "verify"); code != exitRefused || !strings.Contains(out, s.bad[:8]) || !strings.Contains(out, s.good[:8]) {
		t.Errorf("verify ends with %d: %s", code, out)
	}
	if out, _, code := s.run(t, "store", "doctor"); code != exitRefused || !strings.Contains(out, "store compact makes the summary anew") {
		t.Errorf("doctor ends with %d: %s", code, out)
	}
}

// A damaged session is deleted by its id, after a backup, and the others stay.
func TestDamagedSummaryIsDeleted(t *testing.T) {
	s := newSpoiled(t)
	out, said, code := s.run(t, "session", "delete", s.bad, "--yes", "--json")
	var deleted struct{ Data struct{ Backup string } }
	if err := json.Unmarshal([]byte(out), &deleted); err != nil || code != exitDone {
		t.Fatalf("it ends with %d: %s%s (%v)", code, out, said, err)
	}
	s.wantSound(t)
	s.must(t, "score", "Good")
	// The backup that came first still has it, journal and all.
	s.must(t, "store", "restore", deleted.Data.Backup, "--session="+s.bad)
	s.wantSound(t)
	s.must(t, "score", "Bad")
}

// What a summary says stands in the journal: compact makes it anew, and so does restore.
func TestDamagedSummaryIsMended(t *testing.T) {
	s := newSpoiled(t)
	for what, args := range map[string][]string{
		"compact": {"store", "compact"},
		"restore": {"store", "restore", s.before, "--session=Bad"},
	} {
		out, said, code := s.run(t, args...)
		if code != exitDone || !strings.Contains(out+said, "made anew from its journal") || strings.Contains(said, "nothing was changed") {
			t.Errorf("%s ends with %d: %s%s", what, code, out, said)
		}
		s.wantSound(t)
		if out := s.must(t, "session", "show", "Bad"); !strings.Contains(out, "Osprey") {
			t.Errorf("after %s there is %s", what, out)
		}
		s.spoil(t)
	}
	// Also where the store went on since the backup: what it has is kept.
	s.must(t, "store", "compact")
	s.must(t, "rate", "Bad", "GV.OC-03/defend", "--current=2")
	s.spoil(t)
	out := s.must(t, "store", "restore", s.before, "--session="+s.bad, "--json")
	if !strings.Contains(out, `"mended"`) {
		t.Errorf("restore says %s", out)
	}
	s.wantSound(t)
	if n := strings.Count(s.must(t, "session", "list"), "Bad"); n != 1 {
		t.Errorf("Bad is listed %d times", n)
	}
	// Nothing to mend is nothing to say.
	if out := s.must(t, "store", "compact", "--json"); !strings.Contains(strings.Join(strings.Fields(out), ""), `"mended":[]`) {
		t.Errorf("compact says %s", out)
	}
}

// Where the journal is damaged too, there is nothing to make a summary of; the rest is mended all the same.
func TestDamagedJournalIsNotMended(t *testing.T) {
	s := newSpoiled(t)
	raw, err := os.ReadFile(s.path)
	if err != nil || !bytes.Contains(raw, []byte(`"Osprey"`)) {
		t.Fatalf("the store does not hold what is to be changed (%v)", err)
	}
	if err := os.WriteFile(s.path, bytes.ReplaceAll(raw, []byte(`"Osprey"`), []byte(`"Osprex"`)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said, code := s.run(t, "store", "compact")
	if code != exitDone || !strings.Contains(said, "can not be made anew") || !strings.Contains(said, "store restore BACKUP --session SESSION") {
		t.Errorf("compact ends with %d: %s", code, said)
	}
	out := s.must(t, "store", "restore", s.before, "--session=Bad")
	if !strings.Contains(out, "added as a copy") {
		t.Errorf("restore says %s", out)
	}
}

// A backup of a store with a damaged summary is marked, and of use for every session whose journal is sound.
func TestBackupWithDamagedSummary(t *testing.T) {
	s := newSpoiled(t)
	backup := strings.TrimSpace(s.must(t, "store", "backup"))
	if out := s.must(t, "store", "backups"); !strings.Contains(out, "summary can not be read") {
		t.Errorf("the backup is not marked: %s", out)
	}
	s.must(t, "session", "delete", "Good", "--yes")
	s.must(t, "session", "delete", s.bad, "--yes")
	out := s.must(t, "store", "restore", backup, "--session=Good", "--session="+s.bad)
	if strings.Count(out, "back as it was") != 2 {
		t.Errorf("restore says %s", out)
	}
	s.wantSound(t)
	if _, said, code := s.run(t, "store", "restore", backup, "--swap", "--yes"); code != exitRefused || !strings.Contains(said, store.ErrBackup.Error()) {
		t.Errorf("a swap ends with %d: %s", code, said)
	}
}

// The app lists the other sessions as well, and says what helps.
func TestDamagedSummaryInApp(t *testing.T) {
	s := newSpoiled(t)
	st, err := store.Open(s.path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	list, err := (&appStore{Store: st}).Sessions()
	if len(list) != 1 || list[0].ID != s.good || err == nil || !strings.Contains(err.Error(), s.bad) || !strings.Contains(err.Error(), "plumbline store compact") {
		t.Errorf("the app lists %d sessions: %v", len(list), err)
	}
}
