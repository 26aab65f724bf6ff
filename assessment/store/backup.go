package store

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// backupStamp is the form of the time, UTC, in a backup's name: fixed width, so that names sort
	// as times do, and without characters that some system forbids.
	backupStamp = "20060102T150405.000Z"

	keepBackups = 10 // the newest, and
	keepDays    = 14 // the newest of each of these days

	// copyBatch is how many bytes a copy holds in memory before it commits them.
	copyBatch = 4 << 20
)

func backupFolder(path string) string { return filepath.Join(filepath.Dir(path), "backups") }

// backup is a copy in the backup folder.
type backup struct {
	path string
	time time.Time
}

// backups lists the backups of the store at path, newest first.
func backups(path string) ([]backup, error) {
	entries, err := os.ReadDir(backupFolder(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var list []backup
	for _, e := range entries {
		stamp, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if t, err := time.Parse(backupStamp, stamp); err == nil {
			list = append(list, backup{filepath.Join(backupFolder(path), e.Name()), t})
		}
	}
	slices.SortFunc(list, func(a, b backup) int { return b.time.Compare(a.time) })
	return list, nil
}

// isBackup reports whether a path is that of a backup of some store. One that was changed would not be the
// state of its day any more, and would be removed with what was changed when its time has come.
func isBackup(path string) bool {
	dir, name := filepath.Split(path)
	if filepath.Base(dir) != filepath.Base(backupFolder(path)) || len(name) <= len(backupStamp) {
		return false
	}
	_, err := time.Parse("."+backupStamp, name[len(name)-len(backupStamp)-1:])
	return err == nil
}

// newestBackup returns the path of the newest backup that passes preflight, "" where there is none.
func newestBackup(path string) string {
	list, err := backups(path)
	if err != nil {
		return ""
	}
	for _, b := range list {
		f, err := os.Open(b.path)
		if err != nil {
			continue
		}
		err = preflightFile(f)
		f.Close()
		if err == nil {
			return b.path
		}
	}
	return ""
}

// backupDraft is what a backup is called until it is whole. Only the process that has the store open for
// writing makes backups of it, so a file of this name that another one has left was cut off.
func backupDraft(path string) string {
	return filepath.Join(backupFolder(path), "."+filepath.Base(path)+".draft")
}

// saveBackup copies the store into the backup folder, verified and on disk when it returns. It returns
// the path of the copy and the time in its name.
func (f *file) saveBackup(path string, now time.Time) (string, time.Time, error) {
	dir := backupFolder(path)
	if err := makeFolder(dir); err != nil {
		return "", time.Time{}, err
	}
	draft := backupDraft(path)
	if err := f.copyTo(draft); err != nil {
		return "", time.Time{}, err
	}
	defer os.Remove(draft)
	if err := errors.Join(keepOwner(dir, path), keepOwner(draft, path)); err != nil {
		return "", time.Time{}, err
	}
	t := now.UTC().Truncate(time.Millisecond)
	name := func() string { return filepath.Join(dir, filepath.Base(path)+"."+t.Format(backupStamp)) }
	for {
		_, err := os.Lstat(name())
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil { // such as a name that is too long with the time behind it
			return "", time.Time{}, err
		}
		t = t.Add(time.Millisecond)
	}
	if err := os.Rename(draft, name()); err != nil {
		return "", time.Time{}, err
	}
	return name(), t, syncDir(dir)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// prune removes the backups that are neither among the newest nor the newest of one of the last days.
// The one just made stays in any case: after a clock was set back it may look old.
func prune(path, made string, now time.Time) error {
	list, err := backups(path)
	if err != nil {
		return err
	}
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	since := day(now.AddDate(0, 0, 1-keepDays))
	seen := make(map[string]bool)
	for i, b := range list {
		d := day(b.time)
		newestOfDay := !seen[d]
		seen[d] = true
		if i < keepBackups || newestOfDay && d >= since || b.path == made {
			continue
		}
		if err := os.Remove(b.path); err != nil {
			return fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return nil
}

// copyTo writes a compact copy of the store to a new file at path, reads it back and compares it.
// What was deleted is not in the copy, not even as bytes of free pages. When it returns nil the copy
// is on disk; after an error there is none.
func (f *file) copyTo(path string) error {
	return writeCopy(path, func(db *bolt.DB) error {
		if err := bolt.Compact(db, f.db, copyBatch); err != nil {
			return err
		}
		err := db.Update(func(tx *bolt.Tx) error { return tx.Bucket(headerBucket).Delete(headerErase) })
		if err != nil {
			return err
		}
		return verifyCopy(db, f.db)
	})
}

// writeCopy makes a new file at path that fill puts everything in and checks. When it returns nil the
// file is on disk; after an error there is none.
func writeCopy(path string, fill func(*bolt.DB) error) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	empty, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if err := empty.Close(); err != nil {
		return err
	}
	ok := false
	defer func() {
		if !ok { // an error, or a panic because the store can not be read
			os.Remove(path)
		}
	}()
	db, err := bolt.Open(path, fileMode, &bolt.Options{Timeout: lockWait})
	if err != nil {
		return err
	}
	if err := errors.Join(fill(db), db.Close()); err != nil {
		return err
	}
	copied, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(copied.Sync(), preflightFile(copied), copied.Close()); err != nil {
		return err
	}
	ok = true
	return nil
}

// verifyCopy checks the structure of a copy, and that it holds the same sessions as the original.
func verifyCopy(made, original *bolt.DB) error {
	want, err := sum(original)
	if err != nil {
		return err
	}
	got, err := sum(made)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the copy differs from the store")
	}
	return made.View(checkPages)
}

// checkPages is bbolt's own check of the whole file. It runs in goroutines of bbolt's, out of reach of
// our recovery, so what it is given must have passed preflight.
func checkPages(tx *bolt.Tx) error {
	var first error
	n := 0
	for err := range tx.Check() {
		if n++; first == nil {
			first = err
		}
	}
	if n > 1 {
		return fmt.Errorf("%w (and %d more)", first, n-1)
	}
	return first
}

// sum returns a hash of all sessions in a file.
func sum(db *bolt.DB) (h [sha256.Size]byte, err error) {
	w := sha256.New()
	add := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		w.Write(n[:])
		w.Write(b)
	}
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			if !isSession(name) {
				return nil
			}
			add(name)
			return b.ForEach(func(k, v []byte) error {
				add(k)
				add(v)
				return nil
			})
		})
	})
	w.Sum(h[:0])
	return h, err
}
