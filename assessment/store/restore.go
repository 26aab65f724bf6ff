package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var (
	// ErrSameFile: a store can not be restored from itself.
	ErrSameFile = errors.New("it is the store itself")
	// ErrBackup: what was to be restored is not whole. The store was not touched.
	ErrBackup = errors.New("the backup can not be used")
)

// asideMark stands between the name of a store and the time when a restore moved it aside.
const asideMark = ".aside-"

// restorePath is where a restore puts the copy of the backup before that gets the name of the store.
func restorePath(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".restore")
}

// Restore puts a copy of a backup in the place of the store at path, whatever that is: sound, damaged or
// gone. What was there gets another name beside it, plumbline.db.aside-20260131T090000.000Z, which is
// returned; it is "" where nothing was there. Options.Passphrase opens the backup; the store needs none.
//
// Before anything moves, the backup is checked as Check does it, and its copy is on disk, was read back
// and compared. Whatever happens then, the name stands for the old file or for the new one, and the
// old one has its second name before it loses the first. On a file system without hard links there
// is a moment in which nothing has the name; who is cut off in it is told by CutOff.
//
// A store that another process has open is left alone (*BusyError), and so is everything when the backup
// is not whole (ErrBackup), needs another passphrase (ErrSealed, ErrPassphrase, ErrPlain) or is the store
// (ErrSameFile).
func Restore(path, backup string, o Options) (aside string, err error) {
	return restore(path, backup, o, os.Link)
}

func restore(path, backup string, o Options, link func(from, to string) error) (aside string, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	path, _, err = locate(path, o.Warn)
	if err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore store %q: %w", path, err)
		}
	}()
	if sameFile(path, backup) {
		return "", fmt.Errorf("%q: %w", backup, ErrSameFile)
	}
	if _, err := os.Stat(backup); err != nil { // before a folder or a file is made
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return "", err
	}
	// Two that restore take turns, also where there is no store that they could lock.
	release, err := lock(path+".lock", lockWait)
	if errors.Is(err, errLocked) {
		return "", &BusyError{Path: path}
	}
	if err != nil {
		return "", err
	}
	defer release()
	held, err := hold(path)
	if err != nil {
		return "", err
	}
	defer held.Close() // nil does no harm

	draft := restorePath(path)
	if err := copyBackup(backup, draft, o); err != nil {
		return "", err
	}
	defer os.Remove(draft) // which is gone when all went well
	owned := path
	if held == nil {
		owned = filepath.Dir(path)
	}
	if err := errors.Join(keepOwner(path+".lock", owned), keepOwner(draft, owned)); err != nil {
		return "", err
	}
	if held == nil {
		return "", publish(draft, path, link)
	}
	return swapIn(draft, path, held, o.Now(), link)
}

// copyBackup checks a backup and writes a copy of it to a new file, on disk and compared when it
// returns nil.
func copyBackup(backup, to string, o Options) (err error) {
	if err := checkFile(backup); err != nil {
		return unusable(err)
	}
	b, err := peek(backup)
	if err != nil {
		return unusable(err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	err = b.do(func() (err error) {
		b.options.Passphrase = o.Passphrase
		b.codec, err = b.unlock(b.file.slots)
		b.options.Passphrase = nil
		return err
	})
	if err == nil {
		err = b.Check()
	}
	if err != nil {
		return unusable(err)
	}
	return asFull(b.do(func() error { return b.file.copyTo(to) }))
}

// unusable marks what is wrong with a backup, unless it is just in use or locked.
func unusable(err error) error {
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewer) {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	return err
}

// hold takes the lock of the file at path, store or not, so that no process has it open or opens it until
// the file is closed. It returns nil where nothing is there.
func hold(path string) (*os.File, error) {
	for range maxOpens {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrPermission) {
			f, err = os.Open(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if err := lockFile(f, lockWait); err != nil {
			f.Close()
			if errors.Is(err, errLocked) {
				return nil, &BusyError{Path: path, PID: holder(path)}
			}
			return nil, err
		}
		info, err := f.Stat()
		if there, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(info, there) {
			return f, nil
		}
		f.Close() // it was replaced while it was waited for
	}
	return nil, &BusyError{Path: path, PID: holder(path)}
}

// publish gives the draft the name of a store where there is none. What somebody else has made there
// meanwhile stays. The caller has the lock that createLocked takes.
func publish(draft, path string, link func(from, to string) error) error {
	err := link(draft, path)
	if err != nil && linkUnsupported(err) {
		if exists(path) {
			return &BusyError{Path: path}
		}
		err = os.Rename(draft, path)
	}
	if errors.Is(err, fs.ErrExist) {
		return &BusyError{Path: path}
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// swapIn gives the store another name and the draft that of the store. held is the lock on the store.
func swapIn(draft, path string, held *os.File, now time.Time, link func(from, to string) error) (aside string, err error) {
	dir := filepath.Dir(path)
	dropAliases(path)
	aside, linked, err := nameAside(path, now, link)
	if err != nil {
		return "", err
	}
	if !renamesOpenFiles { // whoever opens it in the meantime makes the rename fail
		held.Close()
	}
	if linked {
		if err = syncDir(dir); err == nil {
			err = os.Rename(draft, path)
		}
		if err != nil {
			return "", errors.Join(err, os.Remove(aside)) // the file has its first name, too
		}
		return aside, syncDir(dir)
	}
	if err := os.Rename(path, aside); err != nil {
		return "", err
	}
	if err = syncDir(dir); err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		return "", errors.Join(err, os.Rename(aside, path))
	}
	return aside, syncDir(dir)
}

// nameAside gives the store a second name that nothing has, where there are hard links. Else it only
// finds one.
func nameAside(path string, now time.Time, link func(from, to string) error) (aside string, linked bool, err error) {
	for t := now.UTC(); ; t = t.Add(time.Millisecond) {
		aside = path + asideMark + t.Format(backupStamp)
		err := link(path, aside)
		switch {
		case err == nil:
			return aside, true, nil
		case errors.Is(err, fs.ErrExist):
		case !linkUnsupported(err):
			return "", false, err
		case !exists(aside):
			return aside, false, nil
		}
	}
}

// dropAliases removes second names that a restore that was cut off has given the store. The file stays; under
// another name there would be left what is deleted or encrypted later.
func dropAliases(path string) {
	for _, aside := range asides(path) {
		if sameFile(path, aside) {
			os.Remove(aside)
		}
	}
}

// asides lists what restores have moved aside, the last one first.
func asides(path string) (paths []string) {
	entries, _ := os.ReadDir(filepath.Dir(path)) // without a folder there are none
	for _, e := range slices.Backward(entries) {
		stamp, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+asideMark)
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if _, err := time.Parse(backupStamp, stamp); err == nil {
			paths = append(paths, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return paths
}

// CutOff returns an error (ErrDamaged) where nothing is at path because a restore was cut off after it
// had moved the store aside, which can happen where there are no hard links. A new store there would
// look like the loss of all sessions.
func CutOff(path string) error {
	path, found, err := locate(path, func(error) {})
	if err != nil || found || !exists(restorePath(path)) {
		return nil
	}
	moved := asides(path)
	if len(moved) == 0 {
		return nil
	}
	return &DamageError{
		Path: path, Backup: newestBackup(path),
		Why: fmt.Sprintf("nothing is there, since a restore was cut off; what was there is %q", moved[0]),
	}
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
