//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// renamesOpenFiles: a file keeps its lock and its readers when another name, or another file, takes
// its name.
const renamesOpenFiles = true

// invalidFunction is an error of Windows; the number is EPERM here, which counts anyway.
const invalidFunction = syscall.EPERM

// dataHome returns the folder for the data of this user's programs.
func dataHome() (string, error) {
	// The XDG base directory specification has relative paths ignored.
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "share"), nil
}

// readOnlyMedium reports whether an error of opening a file for writing says that its file system is
// mounted for reading.
func readOnlyMedium(err error) bool { return errors.Is(err, unix.EROFS) }

// outOfRoom are the errors of a disk, a quota or an allowed file size that is used up.
var outOfRoom = []error{unix.ENOSPC, unix.EDQUOT, unix.EFBIG}

// noRoom returns the reason if a commit failed because the disk, the quota or the allowed file size
// is used up and before anything was synced, so that it can be tried again; else nil.
func noRoom(err error) error {
	var path *fs.PathError
	for _, full := range outOfRoom {
		// bbolt hands on the error of a write, but of growing the file only its text.
		if errors.As(err, &path) && path.Op == "write" && errors.Is(err, full) ||
			strings.HasPrefix(err.Error(), "file resize error: ") && strings.HasSuffix(err.Error(), full.Error()) {
			return full
		}
	}
	return nil
}

// syncDir has the names in a folder on disk when it returns.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // some network and user-space file systems sync folders by themselves
	}
	return errors.Join(err, d.Close())
}

// lock takes an exclusive lock on the file at path, or fails with errLocked when somebody else keeps it
// for longer than wait. It makes the file if needed, and the file stays: whoever removed it would take
// it from under somebody who waits.
func lock(path string, wait time.Duration) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, fileMode)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, wait); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %q: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// lockFile takes the lock that bbolt takes on a file that it opens for writing, until the file is closed.
// It fails with errLocked when somebody else keeps it for longer than wait.
func lockFile(f *os.File, wait time.Duration) error {
	for end := time.Now().Add(wait); ; time.Sleep(wait / 10) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return err
		}
		if !time.Now().Before(end) {
			return errLocked
		}
	}
}

// unlock gives up the lock that bbolt holds on a file. Closing the file would not, as long as it is
// mapped into memory.
func unlock(f *os.File) { unix.Flock(int(f.Fd()), unix.LOCK_UN) }

// keepOwner gives what is at path the owner of another file or folder, where it has a different one and
// this process may do that, which means: root, at work on somebody's store. The owner could not go on with it.
func keepOwner(path, as string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var is, want unix.Stat_t
	if err := errors.Join(unix.Stat(path, &is), unix.Stat(as, &want)); err != nil {
		return fmt.Errorf("find the owner of %q: %w", as, err)
	}
	if is.Uid == want.Uid && is.Gid == want.Gid {
		return nil
	}
	return os.Chown(path, int(want.Uid), int(want.Gid))
}

// noCoreDumps keeps the memory of this process, with keys in it, out of files from now on. Where the
// system refuses, nothing else depends on it.
func noCoreDumps() {
	unix.Setrlimit(unix.RLIMIT_CORE, new(unix.Rlimit))
	undumpable()
}

// lives reports whether there is a process of that number.
func lives(pid int) bool { return !errors.Is(unix.Kill(pid, 0), unix.ESRCH) }

// knowsPermissions: the mode of a file says who can read it.
const knowsPermissions = true

// readableByOthers reports whether anybody but the owner can open the file or folder.
func readableByOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// replaceableByOthers reports whether anybody but the owner can remove files in the folder.
func replaceableByOthers(info fs.FileInfo) bool {
	return info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0
}
