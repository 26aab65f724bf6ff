package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Encrypted reports whether the store is sealed.
func (s *Store) Encrypted() (sealed bool) {
	s.do(func() error {
		sealed = s.codec.sealed()
		return nil
	})
	return sealed
}

// Encrypt has the store sealed, under a data key that there has never been and that the passphrase
// opens. A store that is sealed already gets the new key and passphrase, and the old ones open it no
// more. Everything is written to a new file and read back before that takes the place of the old one:
// whatever happens, there is either the one or the other. Backups stay as they are; OtherBackups names
// them.
func (s *Store) Encrypt(passphrase []byte) error {
	noCoreDumps()
	keys := newKeyring()
	slots, err := newSlots(keys, passphrase, s.options.work)
	if err == nil {
		err = s.do(func() error { return s.convert(codec{keys}, slots) })
	}
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	return nil
}

// Decrypt has the store plain from now on, in the manner of Encrypt.
func (s *Store) Decrypt() error {
	err := s.do(func() error {
		if !s.codec.sealed() {
			return cmp.Or(s.stopped, fmt.Errorf("%w: %q", ErrPlain, s.path))
		}
		return s.convert(codec{}, nil)
	})
	if err != nil {
		return fmt.Errorf("decrypt: %w", err)
	}
	return nil
}

// SetPassphrase changes the passphrase of a sealed store, not its data key. Then the file is written
// anew, so that the slot of the old passphrase is not left in it. Whoever has the old passphrase and an
// older copy of the file can still get at the data key: after a passphrase became known to others,
// Encrypt it is.
func (s *Store) SetPassphrase(passphrase []byte) error {
	return s.do(func() error {
		if err := s.writable(); err != nil {
			return fmt.Errorf("change the passphrase: %w", err)
		}
		if !s.codec.sealed() {
			return fmt.Errorf("change the passphrase: %w: %q", ErrPlain, s.path)
		}
		slots, err := newSlots(s.codec.keys, passphrase, s.options.work)
		if err == nil {
			err = s.update(func(tx *bolt.Tx) error {
				h := tx.Bucket(headerBucket)
				return errors.Join(h.Put(headerSlots, slots.encode()), h.Put(headerErase, []byte("1")))
			})
		}
		if err != nil {
			return fmt.Errorf("change the passphrase: %w", err)
		}
		if err := s.rewrite(); err != nil {
			return fmt.Errorf("the passphrase is changed, but %w: %w", ErrRemains, err)
		}
		return nil
	})
}

// convert writes the whole store in the form of another codec and puts that in its place. The owner
// calls it.
func (s *Store) convert(to codec, slots *keySlots) error {
	if err := s.writable(); err != nil {
		return err
	}
	was := s.codec
	err := writeCopy(s.rewritePath(), func(db *bolt.DB) error {
		if err := db.Update(func(tx *bolt.Tx) error { return putHeader(tx, s.options.layouts, s.options.Version, slots) }); err != nil {
			return err
		}
		if err := copySessions(db, to, s.file.db, was); err != nil {
			return err
		}
		return verifyConverted(db, to, s.file.db, was)
	})
	if err != nil {
		return fmt.Errorf("write store %q anew: %w", s.path, asFull(err))
	}
	if err := s.replace(to); err != nil {
		return err
	}
	was.wipe()
	return nil
}

// copySessions copies all sessions of one file into another, from the form of one codec into that of
// another.
func copySessions(to *bolt.DB, c codec, from *bolt.DB, was codec) error {
	return from.View(func(src *bolt.Tx) error {
		dst, err := to.Begin(true)
		if err != nil {
			return err
		}
		defer func() {
			if dst != nil {
				dst.Rollback() // after a commit it does nothing
			}
		}()
		size := 0
		renamed := make(map[string][]byte)
		for d := range was.drawers(src) {
			id, err := d.id()
			if err != nil {
				return fmt.Errorf("session %q: %w", d.session(), err)
			}
			made, err := c.create(dst, id)
			if err != nil {
				return err
			}
			made.bucket.FillPercent = 0.9
			renamed[string(d.name)] = made.name
			err = d.each(func(key string, value []byte) error {
				if key == keySession {
					return nil // the codec's own
				}
				size += len(key) + len(value)
				return made.put(key, value)
			})
			if err != nil {
				return fmt.Errorf("session %q: %w", id, err)
			}
			if size < copyBatch {
				continue
			}
			if err := dst.Commit(); err != nil {
				return err
			}
			if dst, err = to.Begin(true); err != nil {
				return err
			}
			size = 0
		}
		var recent [][]byte
		for _, name := range recentNames(src, was) {
			if made, ok := renamed[string(name)]; ok {
				recent = append(recent, made)
			}
		}
		return errors.Join(putRecent(dst, c, recent), dst.Commit())
	})
}

// verifyConverted checks the structure of a file, and that it says the same as another in its own form.
func verifyConverted(made *bolt.DB, c codec, original *bolt.DB, was codec) error {
	want, err := contents(original, was)
	if err != nil {
		return err
	}
	got, err := contents(made, c)
	if err != nil {
		return err
	}
	if got != want {
		return errors.New("the copy differs from the store")
	}
	return made.View(checkPages)
}

// contents returns a hash of what all sessions of a file say, whatever form they stand in.
func contents(db *bolt.DB, c codec) (sum [sha256.Size]byte, err error) {
	var sessions [][]byte
	err = db.View(func(tx *bolt.Tx) error {
		for d := range c.drawers(tx) {
			id, err := d.id()
			if err != nil {
				return err
			}
			var entries [][]byte
			err = d.each(func(key string, value []byte) error {
				if key != keySession {
					entry := sha256.Sum256(frame([]byte(key), value))
					entries = append(entries, entry[:])
				}
				return nil
			})
			if err != nil {
				return err
			}
			slices.SortFunc(entries, bytes.Compare)
			session := sha256.Sum256(frame(append(entries, []byte(id))...))
			sessions = append(sessions, session[:])
		}
		return nil
	})
	slices.SortFunc(sessions, bytes.Compare)
	return sha256.Sum256(frame(sessions...)), err
}

// OtherBackups lists the backups, newest first, that are not protected as the store is now: those that
// are plain, have another data key or another passphrase, or can not be read; and then what a restore has
// moved aside, by the same rule. A store that is not encrypted is told of those that are.
func (s *Store) OtherBackups() (paths []string, err error) {
	err = s.do(func() error {
		paths, err = s.otherBackups()
		return err
	})
	return paths, err
}

func (s *Store) otherBackups() (paths []string, err error) {
	if s.file == nil {
		return nil, s.stopped
	}
	slots := func(tx *bolt.Tx) []byte { return bytes.Clone(tx.Bucket(headerBucket).Get(headerSlots)) }
	var own []byte
	err = s.file.db.View(func(tx *bolt.Tx) error {
		own = slots(tx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	list, err := backups(s.path)
	if err != nil {
		return nil, err
	}
	for _, aside := range asides(s.path) {
		if !sameFile(aside, s.path) {
			list = append(list, backup{path: aside})
		}
	}
	for _, b := range list {
		if f, err := openFile(b.path, s.options.layouts, true); err == nil {
			var theirs []byte
			err = errors.Join(f.db.View(func(tx *bolt.Tx) error {
				theirs = slots(tx)
				return nil
			}), f.close())
			if err == nil && bytes.Equal(own, theirs) {
				continue
			}
		}
		paths = append(paths, b.path)
	}
	return paths, nil
}

// RemoveOtherBackups makes a backup of the store as it is now and then removes those that OtherBackups
// lists, but not what a restore has moved aside, which may hold work that is nowhere else. It returns what
// it removed. The system gives their room back and does not overwrite it.
func (s *Store) RemoveOtherBackups() (removed []string, err error) {
	err = s.do(func() error {
		if err := s.writable(); err != nil {
			return err
		}
		if _, err := s.backUpFirst(); err != nil {
			return fmt.Errorf("no backup was removed: %w", err)
		}
		others, err := s.otherBackups()
		if err != nil {
			return err
		}
		for _, path := range others {
			if !isBackup(path) {
				continue
			}
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("remove a backup: %w", err)
			}
			removed = append(removed, path)
		}
		return syncDir(backupFolder(s.path))
	})
	return removed, err
}
