package store

import (
	"errors"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// SummaryError says that the summary of a session can not be read. What the summary says stands in the
// session's journal as well, so that alone is no loss: see Mend. It unwraps to ErrDamaged.
type SummaryError struct {
	Session string // its id, or what its bucket is called where that is not known
	Why     error
}

func (e *SummaryError) Error() string {
	return fmt.Sprintf("%v: session %q: %v", ErrDamaged, e.Session, e.Why)
}

// Unwrap returns ErrDamaged and why.
func (e *SummaryError) Unwrap() []error { return []error{ErrDamaged, e.Why} }

// UnlistedError names the sessions that a list lacks. It unwraps to them.
type UnlistedError struct{ Sessions []*SummaryError }

func (e *UnlistedError) Error() string {
	texts := make([]string, len(e.Sessions))
	for i, s := range e.Sessions {
		texts[i] = s.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns what is wrong with each.
func (e *UnlistedError) Unwrap() []error {
	errs := make([]error, len(e.Sessions))
	for i, s := range e.Sessions {
		errs[i] = s
	}
	return errs
}

// Unsummed returns the ids of the sessions whose summary can not be read, or is not of the end of their
// journal. What else may be wrong with them is Check's to say.
func (s *Store) Unsummed() ([]string, error) {
	var ids []string
	err := s.view(func(tx *bolt.Tx) error {
		for d := range s.codec.drawers(tx) {
			id, err := d.id()
			if err != nil {
				continue // nobody could ask for it
			}
			head, err := d.head()
			if err != nil {
				continue // its journal is damaged
			}
			if checkSummary(d, id, head) != nil {
				ids = append(ids, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for damaged summaries: %w", err)
	}
	return ids, nil
}

// Mend puts a summary in the place of the one that a session has, which must be one of the end of its
// journal. The store can not make it: that takes the session's pack. Nothing is lost by it, since a
// summary says nothing that the journal does not; where that is damaged, nothing is done.
func (s *Store) Mend(sum assessment.Summary) error {
	raw := encodeSummary(sum)
	err := s.do(func() error {
		return s.update(func(tx *bolt.Tx) error {
			d, err := s.drawer(tx, sum.ID)
			if err != nil {
				return err
			}
			head, err := checkJournal(d, s.codec)
			switch {
			case err != nil:
				return err
			case head != sum.Head:
				return fmt.Errorf("its journal ends at %v, and the summary is of %v", head, sum.Head)
			}
			return errors.Join(d.put(keySummary, raw), s.sign(tx))
		})
	})
	if err != nil {
		return fmt.Errorf("mend the summary of session %q: %w", sum.ID, err)
	}
	return nil
}
