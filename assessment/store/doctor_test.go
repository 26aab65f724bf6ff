package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// examine runs all checks in this process, and returns what they found, a line each: "pages: ok".
func examine(t *testing.T, path, passphrase string) (list []Finding, text string) {
	t.Helper()
	list, err := CheckFile(path)
	if err == nil {
		err = CheckInside(path, func(bool) ([]byte, error) { return []byte(passphrase), nil }, func(f Finding) { list = append(list, f) })
		if err != nil {
			t.Fatal(err)
		}
	}
	list = append(list, CheckAround(path, start.Add(time.Hour))...)
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s: %s: %s (%s)\n", f.Check, f.Verdict, f.Text, f.Advice)
		if f.Verdict == Failed && f.Advice == "" {
			t.Errorf("nobody is told what to do about %q", f.Text)
		}
	}
	return list, b.String()
}

func ownPassphrase() string {
	if sealTests {
		return testPassphrase
	}
	return ""
}

// folder describes all that is in a folder, to the byte.
func folder(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil {
			fmt.Fprintln(&b, path, state(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever it is given, the doctor leaves it as it was, with the times of its files.
func TestDoctorChangesNothing(t *testing.T) {
	for what, harm := range map[string]func(t *testing.T, path string){
		"sound": func(*testing.T, string) {},
		"leftovers": func(t *testing.T, path string) {
			writeFile(t, restorePath(path), nil)
			writeFile(t, path+".pid", []byte("1\n"))
		},
		"open modes": func(t *testing.T, path string) { os.Chmod(path, 0o644); os.Chmod(backupFolder(path), 0o755) },
		"read-only":  func(t *testing.T, path string) { os.Chmod(path, 0o400) },
		"zeroed":     func(t *testing.T, path string) { writeFile(t, path, make([]byte, 20_000)) },
		"rotten":     rot,
		"gone":       func(t *testing.T, path string) { os.Remove(path) },
		"erase": func(t *testing.T, path string) {
			if err := os.MkdirAll(filepath.Join(filepath.Dir(path), ".plumbline.db.rewrite"), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			path, _, _, _ := movedOn(t)
			harm(t, path)
			before := folder(t, filepath.Dir(path))
			for _, passphrase := range []string{"", "not the one", testPassphrase} {
				examineAny(path, passphrase)
			}
			if after := folder(t, filepath.Dir(path)); after != before {
				t.Errorf("there was\n%sand is\n%s", before, after)
			}
		})
	}
}

// examineAny runs all checks, whatever comes of it. A passphrase that is wrong is given once.
func examineAny(path, passphrase string) {
	CheckFile(path)
	CheckInside(path, func(wrong bool) ([]byte, error) {
		if wrong {
			return nil, nil
		}
		return []byte(passphrase), nil
	}, func(Finding) {})
	CheckAround(path, start)
}

// A sound store passes every check, and each kind of damage fails one that says what it is.
func TestDoctorFindsDamage(t *testing.T) {
	path, _, _, _ := movedOn(t)
	os.Chtimes(path, time.Time{}, start)
	list, text := examine(t, path, ownPassphrase())
	for _, f := range list {
		if f.Verdict == Failed {
			t.Errorf("%s of a sound store: %s", f.Check, f.Text)
		}
	}
	for _, want := range []string{"file: ok: ", "form: ok", "schema: ok", "encryption: ", "pages: ok", "sessions: ok: 1 with 5 events", "backups: ok: 2, the newest", "leftovers: ok", "free space: ", "file system: "} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if sealTests {
		if _, text := examine(t, path, ""); !strings.Contains(text, "pages: ok") || !strings.Contains(text, "sessions: warning: they were not checked: the store is encrypted") {
			t.Errorf("without the passphrase it says\n%s", text)
		}
	}
	for what, tt := range map[string]struct {
		harm  func(t *testing.T, path string)
		wants []string
	}{
		"empty":   {func(t *testing.T, path string) { writeFile(t, path, nil) }, []string{"form: failed: it is empty (plumbline --store "}},
		"cut off": {func(t *testing.T, path string) { writeFile(t, path, readFile(t, path)[:9000]) }, []string{"form: failed: it is cut off"}},
		"rotten":  {rot, []string{"pages: ok", "sessions: failed: session "}},
		"foreign": {func(t *testing.T, path string) {
			writeFile(t, path, foreign(t, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("users")); return err }))
		}, []string{"opening: failed: it is a bbolt file "}},
		"gone":      {func(t *testing.T, path string) { os.Remove(path) }, []string{"file: failed: "}},
		"a folder":  {func(t *testing.T, path string) { os.Remove(path); os.Mkdir(path, 0o700) }, []string{"file: failed: it is a folder"}},
		"newer":     {newer, []string{"opening: failed: ", "its schema is 99 "}},
		"a page":    {func(t *testing.T, path string) { rottenPage(t, path) }, []string{"form: failed: page "}},
		"no backup": {func(t *testing.T, path string) { os.RemoveAll(backupFolder(path)) }, []string{"sessions: ok", "backups: warning: there is none"}},
		"an old backup": {func(t *testing.T, path string) {
			os.Chtimes(path, time.Time{}, start.Add(50*time.Hour))
		}, []string{"backups: note: 2, ", "changed more than a day after"}},
		"a bad backup": {func(t *testing.T, path string) {
			writeFile(t, newestBackup(path), []byte("x"))
		}, []string{"backups: warning: ", "is not whole", "backups: ok: 2, the newest that is whole"}},
		"leftovers": {func(t *testing.T, path string) {
			for _, name := range []string{".plumbline.db.rewrite", ".plumbline.db.restore", ".plumbline.db-1.new", "backups/.plumbline.db.draft", "plumbline.db.aside-20260101T000000.000Z"} {
				writeFile(t, filepath.Join(filepath.Dir(path), name), nil)
			}
			if err := os.Link(path, path+".aside-20260102T000000.000Z"); err != nil {
				t.Fatal(err)
			}
		}, []string{
			"the draft of a rewrite", "the draft of a restore", "left by a command", "the draft of a backup",
			`aside-20260101T000000.000Z" was moved aside`, `aside-20260102T000000.000Z" is a second name`,
		}},
	} {
		t.Run(what, func(t *testing.T) {
			path, _, _, _ := movedOn(t)
			os.Chtimes(path, time.Time{}, start)
			tt.harm(t, path)
			_, text := examine(t, path, ownPassphrase())
			for _, want := range tt.wants {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			if strings.Contains(text, ": failed: ") != strings.Contains(fmt.Sprint(tt.wants), ": failed: ") {
				t.Errorf("failed checks are not those that should be:\n%s", text)
			}
		})
	}
}

// Who can read or replace what is the owner's is told.
func TestDoctorReadsModes(t *testing.T) {
	if !knowsPermissions {
		t.Skip("there are no modes here")
	}
	path, backup, _, _ := movedOn(t)
	dir := filepath.Dir(path)
	for name, mode := range map[string]os.FileMode{path: 0o644, dir: 0o777, backupFolder(path): 0o755, backup: 0o640} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	_, text := examine(t, path, "")
	for _, want := range []string{
		"permissions: warning: other users can read the store (mode 0644)", "permissions: warning: other users can replace the store",
		"permissions: warning: other users can enter the folder of the backups (mode 0755)", "other users can read the backup",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

func TestSyncedBy(t *testing.T) {
	for dir, want := range map[string]string{
		"/home/ada/OneDrive/work":                                        "OneDrive",
		"/home/ada/OneDrive - Northwater Health/work":                    "OneDrive",
		"/Users/ada/Library/Mobile Documents/com~apple~CloudDocs":        "iCloud",
		"/Users/ada/Library/CloudStorage/GoogleDrive-ada@example.org/My": "macOS for cloud storage",
		"/home/ada/Dropbox (Personal)":                                   "Dropbox",
		"/home/ada/google drive":                                         "Google Drive",
		"/home/ada/Box":                                                  "Box",
		"/home/ada/Nextcloud/clients":                                    "Nextcloud",
		"/home/ada/.local/share/plumbline":                               "",
		"/home/ada/boxes":                                                "",
		"/home/ada/my onedrive notes":                                    "",
		"/home/ada/inbox":                                                "",
	} {
		if got := syncedBy(filepath.FromSlash(dir)); got != want {
			t.Errorf("%q is synced by %q, want %q", dir, got, want)
		}
	}
}

// The system tells what the tests' folder lies on, on each that Plumbline is released for.
func TestVolume(t *testing.T) {
	v, err := volumeOf(t.TempDir())
	switch runtime.GOOS {
	case "linux", "darwin", "windows":
		if err != nil || v.kind == "" || v.free == 0 {
			t.Errorf("%+v, %v", v, err)
		}
	default:
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%+v, %v", v, err)
		}
	}
	if _, err := volumeOf(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there lies on something")
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1023: "1023 bytes", 1 << 10: "1.0 KiB", 3 << 19: "1.5 MiB", 5 << 40: "5.0 TiB", 1 << 62: "4194304.0 TiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// rottenPage zeroes a page that is in use.
func rottenPage(t *testing.T, path string) {
	t.Helper()
	b := readFile(t, path)
	m, err := newestMeta(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for n := m.highWater - 1; n > 1; n-- {
		again := bytes.Clone(b)
		clear(again[n*uint64(m.pageSize):][:m.pageSize])
		if n != m.root && n != m.freelist && treeError(again) != nil {
			writeFile(t, path, again)
			return
		}
	}
	t.Fatal("no page is in use")
}

// newer makes a store one of a version to come.
func newer(t *testing.T, path string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket(headerBucket).Put(headerSchema, []byte("99")) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
