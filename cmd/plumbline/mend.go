package main

import (
	"fmt"

	"plumbline/assessment/store"
)

// mendSummaries makes the damaged summaries of a store anew from the journals, and returns the ids of the
// sessions that it mended. Of those that it could not, since their journal is damaged as well or their pack
// is not here, the person is told.
func (p *program) mendSummaries(st *store.Store) (mended []string, err error) {
	ids, err := st.Unsummed()
	if err != nil {
		return nil, err
	}
	mended = []string{}
	for _, id := range ids {
		if err := mendSummary(st, id); err != nil {
			p.warn(fmt.Errorf("the summary of session %q is damaged and can not be made anew: %w; %s", id, err, wayOut(err)))
			continue
		}
		mended = append(mended, id)
	}
	return mended, nil
}

// mendSummary makes the summary of a session anew from its journal.
func mendSummary(st *store.Store, id string) error {
	s, damage, err := loadID(st, id)
	switch {
	case err != nil:
		return err
	case damage != nil:
		return damage
	}
	return st.Mend(s.Summary())
}
