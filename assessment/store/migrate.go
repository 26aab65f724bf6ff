package store

import (
	"errors"
	"fmt"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// layout is a way in which sessions stand in the file.
type layout struct {
	// readableFrom is the first version of Plumbline that reads it.
	readableFrom string
	// step brings a file of the layout before into this one; the first layout has none. It has a
	// transaction to itself, in which the header comes to name the new layout as well. Everything of a
	// session goes through the codec, so that one step is for plain files and for sealed ones.
	step func(*bolt.Tx, codec) error
}

// released are the layouts, the first one first. One that a release has written is never changed, nor is
// the step that leads to it: there are files that wait for it. A new one is added at the end, and a file
// of its kind to testdata (TestFixtures).
var released = [...]layout{
	{readableFrom: "0.1.0"}, // as the package's comment describes it
}

// Schema is the highest number that the header of a store can have for this version to read it.
const Schema = 2 * len(released)

// ReadableFrom returns the first version of Plumbline that reads the stores that this one writes.
func ReadableFrom() string { return released[len(released)-1].readableFrom }

// schemaOf returns the number that the header has for a layout, counted from 1: an odd one for a plain
// file, the even one after it for a sealed file. A program that knows no seals, or not this layout, has
// never heard of the number and refuses the file.
func schemaOf(layout int, sealed bool) int {
	if sealed {
		return 2 * layout
	}
	return 2*layout - 1
}

// layoutOf is the reverse of schemaOf. A schema is at least 1.
func layoutOf(schema int) (layout int, sealed bool) { return (schema + 1) / 2, schema%2 == 0 }

// putSchema has the header name one of the layouts.
func putSchema(h *bolt.Bucket, layouts []layout, number int, sealed bool) error {
	return errors.Join(
		h.Put(headerSchema, strconv.AppendInt(nil, int64(schemaOf(number, sealed)), 10)),
		h.Put(headerReadable, []byte(layouts[number-1].readableFrom)),
	)
}

// migrate brings the open file into the newest layout, step by step, after a backup. A process that ends
// in the middle leaves the file in one of the layouts, whole, and the next one goes on from there. After
// an error the file may be closed. The owner calls it.
func (s *Store) migrate() error {
	from, to := s.file.schema(), schemaOf(len(s.options.layouts), s.codec.sealed())
	if from == to {
		return nil
	}
	backup, err := s.backUpFirst()
	if err != nil {
		return fmt.Errorf("bring store %q up to date: nothing was changed: %w", s.path, err)
	}
	if s.stopped != nil {
		// A step has failed half way, and what the system shows of the file need not be on the disk.
		if err := s.rewrite(); err != nil {
			return fmt.Errorf("bring store %q up to date: %w; nothing is lost, and the backup %q has all as it was before", s.path, err, backup)
		}
	}
	for s.file.layout < len(s.options.layouts) {
		next := schemaOf(s.file.layout+1, s.codec.sealed())
		if err := s.stepUp(); err != nil {
			return fmt.Errorf("bring store %q up to date, from schema %d to %d: the step to schema %d: %w; nothing is lost, and the backup %q has all as it was before",
				s.path, from, to, next, err, backup)
		}
	}
	s.options.Warn(fmt.Errorf("store %q was brought up to date, from schema %d to %d: versions of Plumbline before %s do not open it any more; as it was before, it is kept in the backup %q",
		s.path, from, to, s.options.layouts[len(s.options.layouts)-1].readableFrom, backup))
	return nil
}

// stepUp brings the file into the next layout. A step that panics changes nothing, and the file is closed.
func (s *Store) stepUp() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %s", ErrDamaged, describe(v))
			s.file.abandon()
			s.leave()
		}
	}()
	next := s.file.layout + 1
	err = s.commit(func(tx *bolt.Tx) error {
		if err := s.options.layouts[next-1].step(tx, s.codec); err != nil {
			return err
		}
		return errors.Join(
			putSchema(tx.Bucket(headerBucket), s.options.layouts, next, s.codec.sealed()),
			s.sign(tx),
		)
	})
	if err == nil {
		s.file.layout = next
	}
	return err
}
