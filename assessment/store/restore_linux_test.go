package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
)

func init() {
	children["crowded"] = childCrowded
	children["restore denied"] = childRestoreDenied
	sealedToo["RestoreNoRoom"] = TestRestoreNoRoom
	sealedToo["RestoreReadOnlyFolder"] = TestRestoreReadOnlyFolder
}

// childCrowded restores and compacts where the size of its files is limited.
func childCrowded(path, backup string) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = 40_000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if aside, err := restoreTest(path, backup, os.Link); !errors.Is(err, ErrFull) || aside != "" {
		return fmt.Errorf("restore: aside %q, %w", aside, err)
	}
	s, err := open(path, Options{})
	if err != nil {
		return err
	}
	if _, _, err := s.Compact(); !errors.Is(err, ErrFull) {
		return fmt.Errorf("compact: %w", err)
	}
	fmt.Println("both refused")
	return s.Close()
}

// Where there is no room for a copy, neither a restore nor a compaction changes anything.
func TestRestoreNoRoom(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	session, d := newSession("first")
	apply(t, s, d)
	for n := range 100 {
		apply(t, s, answer(session, n))
	}
	backup, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := state(t, path)
	if lines := startChild(t, "crowded", path, backup).rest(t); len(lines) != 1 {
		t.Errorf("child printed %q", lines)
	}
	if state(t, path) != before {
		t.Error("the store has changed")
	}
	for _, name := range names(t, filepath.Dir(path)) {
		if name != "plumbline.db" && name != "backups" && name != "plumbline.db.lock" {
			t.Errorf("left behind: %s", name)
		}
	}
	same(t, openTest(t, path, Options{}), session)
}

func childRestoreDenied(path, backup string) error {
	if aside, err := restoreTest(path, backup, os.Link); !errors.Is(err, fs.ErrPermission) || aside != "" {
		return fmt.Errorf("restore: aside %q, %w", aside, err)
	}
	examineAny(path, ownPassphrase())
	fmt.Println("refused")
	return nil
}

// In a folder that can not be written to nothing is restored, and the doctor looks on.
func TestRestoreReadOnlyFolder(t *testing.T) {
	path, backup, _, now := movedOn(t)
	dir := filepath.Dir(path)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	before := folder(t, dir)
	if got := startUnprivileged(t, "restore denied", path, backup).rest(t); !reflect.DeepEqual(got, []string{"refused"}) {
		t.Errorf("child printed %q", got)
	}
	if after := folder(t, dir); after != before {
		t.Errorf("there was\n%sand is\n%s", before, after)
	}
	os.Chmod(dir, 0o700)
	same(t, openTest(t, path, Options{}), now)
}
