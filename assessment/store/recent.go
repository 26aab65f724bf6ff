package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// keptRecent is how many sessions the header names as changed last: more than a screen shows.
const keptRecent = 64

// keyRecent is the key of that list in the header.
const keyRecent = "recent"

// Recent returns the summaries of the sessions that were changed last, at most 64, the last one first.
// It reads those alone, so that a first screen need not wait for a list of thousands. Sessions that
// can not be read are left out here; Sessions names them.
func (s *Store) Recent() ([]assessment.Summary, error) {
	var list []assessment.Summary
	err := s.view(func(tx *bolt.Tx) error {
		for _, name := range recentNames(tx, s.codec) {
			b := tx.Bucket(name)
			if b == nil {
				continue // deleted
			}
			if sum, err := summaryIn(s.codec.drawer(b, name)); err == nil {
				list = append(list, sum)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the sessions changed last: %w", err)
	}
	return newestFirst(list), nil
}

// header returns the header as far as it goes through the codec, which the list alone does: in what
// order sessions were changed is nobody's business.
func header(tx *bolt.Tx, c codec) drawer { return c.drawer(tx.Bucket(headerBucket), headerBucket) }

// noteRecent puts the buckets of sessions, the one changed last at the end, before the others in the
// header's list. While one session is worked on, its answers change nothing there and cost nothing.
func noteRecent(tx *bolt.Tx, c codec, changed [][]byte) error {
	was := recentNames(tx, c)
	if len(changed) == 1 && len(was) > 0 && bytes.Equal(was[0], changed[0]) {
		return nil
	}
	slices.Reverse(changed)
	return putRecent(tx, c, append(changed, was...))
}

// forgetRecent takes the bucket of a session out of the header's list.
func forgetRecent(tx *bolt.Tx, c codec, name []byte) error {
	return putRecent(tx, c, slices.DeleteFunc(recentNames(tx, c), func(b []byte) bool { return bytes.Equal(b, name) }))
}

// putRecent writes the list, each name once, as many as are kept.
func putRecent(tx *bolt.Tx, c codec, names [][]byte) error {
	var list []byte
	kept := make(map[string]bool)
	for _, name := range names {
		if len(kept) < keptRecent && !kept[string(name)] {
			kept[string(name)] = true
			list = append(binary.AppendUvarint(list, uint64(len(name))), name...)
		}
	}
	return header(tx, c).put(keyRecent, list)
}

// recentNames reads the header's list, as far as it can be read: it is a convenience, and a list that
// is damaged is no reason to refuse a store. The names are valid during the transaction.
func recentNames(tx *bolt.Tx, c codec) (names [][]byte) {
	list, _ := header(tx, c).get(keyRecent)
	for len(list) > 0 && len(names) < keptRecent {
		n, size := binary.Uvarint(list)
		if size <= 0 || n == 0 || n > uint64(len(list)-size) {
			break
		}
		names = append(names, list[size:size+int(n)])
		list = list[size+int(n):]
	}
	return names
}
