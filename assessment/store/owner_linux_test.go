package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes beside somebody's store, and in its place, is that one's: who owns the store goes on with it.
func TestRootLeavesTheOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("it needs root")
	}
	const nobody = 65534
	path := testPath(t)
	dir := filepath.Dir(path)
	s := openTest(t, path, Options{})
	_, d := newSession("first")
	apply(t, s, d)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(backupFolder(path)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{dir, path} {
		if err := os.Chown(p, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	owned := func(after string) {
		t.Helper()
		err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Sys().(*syscall.Stat_t).Uid != nobody {
				t.Errorf("after %s %s is root's", after, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s = openTest(t, path, Options{})
	backup, err := s.Backup()
	if err != nil {
		t.Fatal(err)
	}
	owned("a backup")
	if _, _, err := s.Compact(); err != nil {
		t.Fatal(err)
	}
	owned("compact")
	if err := s.Encrypt([]byte("one")); err != nil {
		t.Fatal(err)
	}
	owned("encrypt")
	var key []byte // the backup is what it was
	if sealTests {
		key = []byte(testPassphrase)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(path, backup, Options{Passphrase: key}); err != nil {
		t.Fatal(err)
	}
	owned("restore")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(path, backup, Options{Passphrase: key}); err != nil {
		t.Fatal(err)
	}
	owned("restore where nothing was")
}
