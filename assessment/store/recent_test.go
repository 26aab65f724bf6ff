package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"plumbline/assessment"
)

func ids(list []assessment.Summary) (out []string) {
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}

// Recent lists what Sessions lists first, through changes, deletion and another opening.
func TestRecentIsTheBeginningOfSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plumbline.db")
	s := openTest(t, path, Options{})
	same := func(when string) {
		t.Helper()
		all, err := s.Sessions()
		if err != nil {
			t.Fatal(err)
		}
		recent, err := s.Recent()
		if err != nil {
			t.Fatal(err)
		}
		if want := ids(all)[:min(len(all), keptRecent)]; !slices.Equal(ids(recent), want) {
			t.Fatalf("%s: recent %v, sessions %v", when, ids(recent), want)
		}
	}
	same("empty")
	var sessions []*assessment.Session
	for i := range 5 {
		session, d := newSession(fmt.Sprint("session ", i))
		apply(t, s, d)
		sessions = append(sessions, session)
		for n := range 2 * i {
			apply(t, s, answer(session, n))
		}
		same(fmt.Sprint("after session ", i))
	}
	if _, err := s.Delete(sessions[3].Info().ID); err != nil {
		t.Fatal(err)
	}
	same("after a deletion")
	s.Close()
	s = openTest(t, path, Options{})
	same("opened again")
}

func TestRecentIsLimited(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "plumbline.db"), Options{})
	var deltas []assessment.Delta
	for i := range keptRecent + 10 {
		_, d := newSession(fmt.Sprint("session ", i))
		deltas = append(deltas, d)
	}
	apply(t, s, deltas...)
	recent, err := s.Recent()
	if err != nil || len(recent) != keptRecent {
		t.Fatalf("%d sessions, %v", len(recent), err)
	}
	if !slices.Contains(ids(recent), deltas[len(deltas)-1].Session) {
		t.Error("the last one is not among them")
	}
}
