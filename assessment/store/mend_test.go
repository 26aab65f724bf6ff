package store

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// flipSummary changes one bit of a session's summary as it stands in the file.
func flipSummary(t *testing.T, s *Store, id string) {
	t.Helper()
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, id)
			if err != nil {
				return err
			}
			v := bytes.Clone(d.bucket.Get(d.key(keySummary)))
			v[len(v)/2] ^= 1
			return d.bucket.Put(d.key(keySummary), v)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A session whose summary alone is damaged loads, and with a summary made anew it is sound again.
func TestMend(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	good, d := newSession("good")
	bad, e := newSession("bad")
	apply(t, s, d, e, answer(bad, 1))
	if ids, err := s.Unsummed(); err != nil || len(ids) > 0 {
		t.Errorf("%v, %v of a sound store", ids, err)
	}
	id := bad.Info().ID
	for what, harm := range map[string]func(){
		"a bit":     func() { flipSummary(t, s, id) },
		"an older":  func() { putSummary(t, s, id, encodeSummary(e.Summary)) },
		"a foreign": func() { putSummary(t, s, id, encodeSummary(good.Summary())) },
		"none":      func() { putSummary(t, s, id, nil) },
	} {
		harm()
		if ids, err := s.Unsummed(); err != nil || !slices.Equal(ids, []string{id}) {
			t.Errorf("%s: %v, %v", what, ids, err)
		}
		if err := s.Check(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "summary") {
			t.Errorf("%s: the check says %v", what, err)
		}
		sessionHead(t, s, id)
		if err := s.Mend(e.Summary); err == nil {
			t.Errorf("%s: a summary of an older state was taken", what)
		}
		if err := s.Mend(bad.Summary()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s, mended: %v", what, err)
		}
	}
	s = reopenTest(t, s)
	if list, err := s.Sessions(); err != nil || len(list) != 2 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
}

// A journal that is damaged gets no summary that would hide it.
func TestMendNeedsJournal(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	session, d := newSession("first")
	apply(t, s, d, answer(session, 1))
	id := session.Info().ID
	flipSummary(t, s, id)
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, id)
			return errors.Join(err, d.put(journalKey(1), []byte("{}")))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Mend(session.Summary()); err == nil {
		t.Error("it was mended")
	}
}

// putSummary puts something in the place of a session's summary; nil takes it away.
func putSummary(t *testing.T, s *Store, id string, raw []byte) {
	t.Helper()
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, id)
			if err != nil {
				return err
			}
			if raw == nil {
				return d.delete(keySummary)
			}
			return d.put(keySummary, raw)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
