package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// renamesOpenFiles: Windows refuses to rename over a file that is open.
const renamesOpenFiles = false

// invalidFunction is what FAT answers to a hard link.
const invalidFunction = windows.ERROR_INVALID_FUNCTION

// dataHome returns the folder for the data of this user's programs, the one that stays on this
// computer: a roaming profile would copy a file that is in use.
func dataHome() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	return os.UserCacheDir() // %LocalAppData%
}

// readOnlyMedium reports whether an error of opening a file for writing says that its medium is
// protected.
func readOnlyMedium(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

// outOfRoom are the errors of a disk or a quota that is used up.
var outOfRoom = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}

// noRoom returns the reason if a commit failed because the disk or the quota is used up and before
// anything was synced, so that it can be tried again; else nil. Where the file could not grow, bbolt
// has lost its memory map and the store must be reopened.
func noRoom(err error) error {
	var path *fs.PathError
	for _, full := range outOfRoom {
		if errors.As(err, &path) && path.Op == "write" && errors.Is(err, full) {
			return full
		}
	}
	return nil
}

// syncDir does nothing: Windows has no such thing, and keeps names in a log of its own.
func syncDir(string) error { return nil }

// keepOwner does nothing: what is made in a folder gets the rights of the folder.
func keepOwner(string, string) error { return nil }

// lock takes an exclusive lock on the file at path, or fails with errLocked when somebody else keeps it
// for longer than wait. It makes the file if needed, and the file stays.
func lock(path string, wait time.Duration) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, wait); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %q: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// lockFile takes the lock that bbolt takes on a file that it opens for writing, on the last byte that a
// file could have, until the file is closed. It fails with errLocked when somebody else keeps it for
// longer than wait.
func lockFile(f *os.File, wait time.Duration) error {
	last := windows.Overlapped{Offset: 1<<32 - 1, OffsetHigh: 1<<32 - 1}
	for end := time.Now().Add(wait); ; time.Sleep(wait / 10) {
		err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &last)
		if !errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return err
		}
		if !time.Now().Before(end) {
			return errLocked
		}
	}
}

// unlock does nothing: the lock of bbolt ends when the file is closed.
func unlock(*os.File) {}

// noCoreDumps does nothing: whether Windows keeps the memory of a program that crashed is a setting of
// the system.
func noCoreDumps() {}

// lives reports whether there is a process of that number.
func lives(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
	}
	windows.CloseHandle(h)
	return true
}

// The permissions of Unix say nothing here: files of a user's own folders are private by inheritance.

const knowsPermissions = false

func readableByOthers(fs.FileInfo) bool { return false }

func replaceableByOthers(fs.FileInfo) bool { return false }
