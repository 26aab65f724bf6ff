package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// lockWait is how long an open waits for another process to let go.
	lockWait = 100 * time.Millisecond

	// createWait is how long a process waits for others that create the same store, where there are
	// no hard links.
	createWait = 2 * time.Second

	// maxOpens bounds how often an open starts again because the file was replaced meanwhile.
	maxOpens = 10

	fileMode   = 0o600
	folderMode = 0o700
)

var (
	headerBucket = []byte("plumbline")

	headerSchema   = []byte("schema")
	headerReadable = []byte("readable from")
	headerWriter   = []byte("written by")
	headerSlots    = []byte("encryption") // in a sealed store
	headerErase    = []byte("erase")
)

// DefaultPath returns where the store of this user is: plumbline/plumbline.db in $XDG_DATA_HOME, else
// in the system's folder for a user's data (~/.local/share, ~/Library/Application Support,
// %LocalAppData%). It makes nothing.
func DefaultPath() (string, error) {
	dir, err := dataHome()
	if err != nil {
		return "", fmt.Errorf("find the folder for a user's data: %w", err)
	}
	return filepath.Join(dir, "plumbline", "plumbline.db"), nil
}

// locate returns the absolute path of the file behind path, through symbolic links, and whether it is
// there. What is there is a regular file.
func locate(path string, warn func(error)) (real string, found bool, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return "", false, fmt.Errorf("find store %q: %w", path, err)
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, false, nil
	case errors.Is(err, syscall.ENOTDIR):
		return "", false, &DamageError{Path: path, Why: "a part of its path is a file and no folder"}
	case err != nil:
		return "", false, fmt.Errorf("find store: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		link := path
		switch path, err = filepath.EvalSymlinks(link); {
		case errors.Is(err, fs.ErrNotExist):
			// What it leads to may be on a stick that is not there: an empty store is not what is meant.
			return "", false, fmt.Errorf("%w: %q: %w", ErrDangling, link, err)
		case err != nil:
			return "", false, &DamageError{Path: link, Why: fmt.Sprintf("it is a symbolic link that can not be followed (%v)", err)}
		}
		warn(fmt.Errorf("store %q is a symbolic link to %q", link, path))
		if info, err = os.Lstat(path); err != nil {
			return "", false, fmt.Errorf("find store: %w", err)
		}
	}
	switch {
	case info.IsDir():
		err = &DamageError{Path: path, Why: "it is a folder"}
	case !info.Mode().IsRegular():
		err = &DamageError{Path: path, Why: "it is not a regular file"}
	}
	return path, true, err
}

// create makes an empty store of the newest layout at path, complete or not at all. It returns nil as
// well when somebody else has made one there meanwhile. link is os.Link.
//
// The name is given with link because link fails when it is taken. A rename would replace what
// another process has just made, has open and reports answers as saved in.
func create(path string, layouts []layout, version string, link func(from, to string) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("create store %q: %w", path, asFull(err))
		}
	}()
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, draftPrefix(path)+"*"+draftSuffix)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return err
	}
	err = initialize(f.Name(), layouts, version)
	if err == nil {
		err = link(f.Name(), path)
	}
	switch {
	case err == nil:
		return syncDir(dir)
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist) && exists(path):
		return nil // whoever opened what somebody else had made has removed this draft
	case !linkUnsupported(err):
		return err
	}
	return createLocked(f.Name(), path, createWait)
}

// draftPrefix and draftSuffix are around the names of stores that are being created.
// There is no room for all of a name that is as long as names can be, so only its beginning is taken.
func draftPrefix(path string) string {
	name := filepath.Base(path)
	return "." + strings.ToValidUTF8(name[:min(len(name), 200)], "") + "-"
}

const draftSuffix = ".new"

// removeDrafts removes what is left where the creation of the store at path was cut off. After the link
// that is another name of the store itself, under which everything would stay that is deleted or encrypted
// later.
func removeDrafts(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), draftPrefix(path)) && strings.HasSuffix(e.Name(), draftSuffix) {
			os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// makeFolder makes a folder, and those above it that are missing, and has their names on disk when it
// returns: what lies in a folder is lost with it.
func makeFolder(dir string) error {
	above := filepath.Dir(dir)
	if info, err := os.Stat(dir); err == nil && info.IsDir() || above == dir {
		return nil
	}
	if err := makeFolder(above); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, folderMode); err != nil { // no error where somebody else has made it meanwhile
		return err
	}
	return syncDir(above)
}

// linkUnsupported reports whether an error of link says that this file system has no hard links.
func linkUnsupported(err error) bool {
	// FAT gives EPERM on Linux, and on Windows "incorrect function", which has the same number.
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) || errors.Is(err, invalidFunction)
}

// createLocked gives a new file its name where there are no hard links: by rename, with a lock that
// keeps everyone else who creates away between looking and renaming.
func createLocked(from, to string, wait time.Duration) error {
	release, err := lock(to+".lock", wait)
	if errors.Is(err, errLocked) {
		return &BusyError{Path: to}
	}
	if err != nil {
		return err
	}
	defer release()
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return err // nil when somebody else's is there
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// errLocked: somebody else has a lock.
var errLocked = errors.New("locked by another process")

// initialize turns an empty file into a store without sessions, and has it on disk when it returns.
func initialize(path string, layouts []layout, version string) error {
	db, err := bolt.Open(path, fileMode, &bolt.Options{Timeout: lockWait})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error { return putHeader(tx, layouts, version, nil) })
	return errors.Join(err, db.Close(), syncFile(path))
}

// putHeader writes the header of a new file, which is of the newest layout. The slots are nil for a plain
// one.
func putHeader(tx *bolt.Tx, layouts []layout, version string, slots *keySlots) error {
	h, err := tx.CreateBucket(headerBucket)
	if err != nil {
		return err
	}
	if slots != nil {
		err = h.Put(headerSlots, slots.encode())
	}
	return errors.Join(
		err,
		putSchema(h, layouts, len(layouts), slots != nil),
		h.Put(headerWriter, []byte(version)),
	)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// file is an open store.
type file struct {
	db       *bolt.DB
	handle   *os.File // db's own; closing it gives up the lock where db can not be closed any more
	readOnly bool
	layout   int       // in which its sessions stand, counted from 1
	writer   string    // the version that wrote last
	erase    bool      // something was to be erased, and the file was not rewritten yet
	slots    *keySlots // nil in a plain store
}

var errReplaced = errors.New("the file was replaced while it was being opened")

// schema returns the number that stands in its header.
func (f *file) schema() int { return schemaOf(f.layout, f.slots != nil) }

// openFile opens the store at path, which exists and is in one of these layouts. It changes nothing in
// it. Where it may not be written to, it is opened for reading. It must run in the goroutine that owns
// the database.
func openFile(path string, layouts []layout, readOnly bool) (*file, error) {
	for range maxOpens {
		f, err := openOnce(path, layouts, readOnly)
		if !readOnly && err != nil && (errors.Is(err, fs.ErrPermission) || readOnlyMedium(err)) {
			readOnly = true
			continue
		}
		if !errors.Is(err, errReplaced) {
			return f, err
		}
	}
	return nil, &BusyError{Path: path, PID: holder(path)} // whoever goes on replacing it
}

func openOnce(path string, layouts []layout, readOnly bool) (_ *file, err error) {
	f := &file{readOnly: readOnly}
	defer func() {
		// bbolt panics on some files that are damaged.
		if v := recover(); v != nil {
			err = &DamageError{Path: path, Why: describe(v), Backup: newestBackup(path)}
			f.abandon()
		}
	}()
	f.db, err = bolt.Open(path, fileMode, &bolt.Options{
		Timeout:  lockWait,
		ReadOnly: readOnly,
		OpenFile: func(name string, flag int, _ os.FileMode) (*os.File, error) {
			h, err := os.OpenFile(name, flag&^os.O_CREATE, 0)
			if err != nil {
				return nil, err
			}
			if err := preflightFile(h); err != nil {
				h.Close()
				return nil, &DamageError{Path: path, Why: err.Error(), Backup: newestBackup(path)}
			}
			f.handle = h
			return h, nil
		},
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, &BusyError{Path: path, PID: holder(path)}
	case errors.Is(err, ErrDamaged):
		return nil, err
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		return nil, &DamageError{Path: path, Why: err.Error(), Backup: newestBackup(path)}
	case err != nil:
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := f.admit(path, layouts); err != nil {
		f.db.Close()
		return nil, err
	}
	return f, nil
}

// admit decides whether an open bbolt file is the store at path, in one of these layouts.
func (f *file) admit(path string, layouts []layout) error {
	// While this process waited for the lock, the one that had it may have put another file in this
	// one's place. What is written to this one would be lost.
	opened, err := f.handle.Stat()
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(opened, there) {
		return errReplaced
	}
	return f.db.View(func(tx *bolt.Tx) error {
		h := tx.Bucket(headerBucket)
		if h == nil {
			return &DamageError{Path: path, Why: "it is a bbolt file without a header of Plumbline, so of another program or damaged", Backup: newestBackup(path)}
		}
		n, err := strconv.Atoi(string(h.Get(headerSchema)))
		switch newest := schemaOf(len(layouts), true); {
		case err != nil || n < 1:
			return &DamageError{Path: path, Why: fmt.Sprintf("its header gives its schema as %.20q", h.Get(headerSchema)), Backup: newestBackup(path)}
		case n > newest:
			return &NewerError{Path: path, Schema: n, Reads: newest, ReadableFrom: string(h.Get(headerReadable))}
		}
		number, sealed := layoutOf(n)
		f.layout, f.writer, f.erase = number, string(h.Get(headerWriter)), h.Get(headerErase) != nil
		if f.slots, err = slotsIn(h, sealed); err != nil {
			return &DamageError{Path: path, Why: err.Error(), Backup: newestBackup(path)}
		}
		return nil
	})
}

// slotsIn returns the key slots in a header that says whether the store is sealed, nil where it is not.
func slotsIn(h *bolt.Bucket, sealed bool) (*keySlots, error) {
	raw := h.Get(headerSlots)
	switch {
	case raw == nil && !sealed:
		return nil, nil
	case raw == nil:
		return nil, errors.New("it says that it is encrypted, and with what is missing")
	case !sealed:
		return nil, errors.New("it says that it is not encrypted, and has key slots")
	}
	return decodeSlots(raw)
}

// close closes the file and gives up the lock.
func (f *file) close() error { return f.db.Close() }

// abandon gives up the lock of a database that has panicked. Its own locks may be held for ever, so
// it is not touched; its memory map stays until the process ends.
func (f *file) abandon() {
	if f.handle != nil {
		unlock(f.handle)
		f.handle.Close()
	}
}

// describe puts a recovered panic in words. It never quotes what the store holds.
func describe(v any) string {
	switch v := v.(type) {
	case interface{ Addr() uintptr }: // a memory fault, see debug.SetPanicOnFault
		return "a part of it can not be read"
	case runtime.Error: // types and numbers
		return "reading it failed: " + v.Error()
	case string: // bbolt's, about pages; nothing of ours panics with a string here
		return fmt.Sprintf("reading it failed: %.200q", v)
	}
	return fmt.Sprintf("reading it failed (%T)", v)
}

// tighten makes a store of this user private, and its folder if that is the default one. What it can
// not or should not change it warns about.
func tighten(path string, warn func(error)) {
	if info, err := os.Stat(path); err == nil && readableByOthers(info) {
		if err := os.Chmod(path, fileMode); err != nil {
			warn(fmt.Errorf("other users can read the store: %w", err))
		}
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if err != nil {
		return
	}
	if own, err := DefaultPath(); err == nil && filepath.Dir(own) == dir {
		if readableByOthers(info) {
			if err := os.Chmod(dir, folderMode); err != nil {
				warn(fmt.Errorf("other users can enter the folder of the store: %w", err))
			}
		}
	} else if replaceableByOthers(info) {
		warn(fmt.Errorf("other users can replace the store, since they can write to its folder %q", dir))
	}
}

// isSession reports whether a bucket of the root is a session's.
func isSession(name []byte) bool { return !bytes.Equal(name, headerBucket) }
