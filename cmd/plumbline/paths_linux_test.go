package main

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plumbline/content"
)

// oddNames are names of files as Linux allows them: anything without a slash and a zero.
// The first is odd in all these ways at once.
var oddNames = []string{
	"-- ~ *?[x]\n%s$(touch owned);`x`'\"\u202e\xff" + strings.Repeat("x", 170),
	"-dash", "--force", "~", "\xff\xfe", "CON",
}

// Every command that takes a path takes an odd one, as it stands in the folder that it is called in and as
// the name of a folder. No shell, no pattern and no flag is made of it.
func TestOddPaths(t *testing.T) {
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewNRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	catalog, err := madeUpCatalog("2.0")
	if err != nil {
		t.Fatal(err)
	}
	files := keyFiles(t)
	files["passphrase"], files["new"] = []byte("sesame"), []byte("seed")
	files["logo"], files["catalog"] = logo.Bytes(), catalog
	files["register"] = []byte("item_id,note\nGV.OC-01/secure,Read from a file\n")
	for _, name := range oddNames {
		t.Run(strconv.QuoteToASCII(name[:min(len(name), 12)]), func(t *testing.T) {
			root := filepath.Join(t.TempDir(), name)
			at := func(what string) string { return filepath.Join(root, what, name) }
			t.Setenv("XDG_DATA_HOME", filepath.Join(root, "data"))
			for what, data := range files {
				if err := errors.Join(os.MkdirAll(filepath.Dir(at(what)), 0o700), os.WriteFile(at(what), data, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			for _, what := range []string{"plain", "locked"} {
				if err := os.Mkdir(filepath.Join(root, what), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.CopyFS(at("pack"), content.EmbeddedFiles()); err != nil {
				t.Fatal(err)
			}
			// in calls a command in a folder, where the bare name is the file.
			in := func(what string, args ...string) {
				t.Helper()
				dir := filepath.Join(root, what)
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				t.Chdir(dir)
				if out, said, err := inProcess(t.Context(), args...); err != nil {
					t.Errorf("%q: %v\n%s%s", args, err, out, said)
				}
			}
			here, store := name, "--store="+at("store")
			in("store", "session", "new", "--org=Tern", "--name=T", "--by=Ada", "--store="+here)
			in("logo", "session", "edit", "T", "--logo="+here, store)
			in("register", "evidence", "T", "GV.OC-01/secure", "--method=examined", "--ref=x", "--file="+here, store)
			in("register", "import", "--into=T", store, "--", here)
			in("report", "report", "T", "--format=md", "--out="+here, "--sign="+at("key"), store)
			in("key", "export", "T", "--out="+at("plain"), "--sign="+here, store)
			in("report", "verify", "--against="+at("plain"), "--signers="+at("signers"), "--", here)
			in("signers", "verify", at("plain"), "--signers="+here)
			in("folder", "report", "T", "--format=oscal", "--out="+here+"/", store)
			in("bundle", "export", "T", "--out="+here, "--recipient="+testRecipient, store)
			in("identity", "import", at("bundle"), "--identity="+here, "--store="+at("other"))
			in("bundle", "verify", "--identity="+at("identity"), "--", here)
			in("catalog", "content", "add", store, "--", here)
			in("pack", "content", "diff", store, "--", here)
			in("pack", "session", "migrate", "T", "--pack="+here, "--dry-run", store)
			if name != oddNames[0] { // what follows derives keys from passphrases, which takes its time
				return
			}
			in("passphrase", "export", "T", "--out="+at("locked"), "--encrypt", "--passphrase-file="+here, store)
			in("passphrase", "import", at("locked"), "--passphrase-file="+here, "--store="+at("third"))
			in("locked", "verify", "--passphrase-file="+at("passphrase"), "--", here)
			in("passphrase", "store", "encrypt", "--new-passphrase-file="+here, store)
			in("new", "store", "passwd", "--store-passphrase-file="+at("passphrase"), "--new-passphrase-file="+here, store)
			in("store", "session", "show", "T", "--store="+here, "--store-passphrase-file="+at("new"))
			if _, err := os.Stat(filepath.Join(root, "store", "owned")); err == nil {
				t.Error("a shell had its hands on it")
			}
		})
	}
}

// What is not there, or can not be, is refused by every command that takes a path, with the name quoted.
func TestPathsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	const missing = "no\u202e\nsuch"
	long := strings.Repeat("x/", 2600)
	store := "--store=" + filepath.Join(t.TempDir(), "store.db")
	if _, said, err := inProcess(t.Context(), store, "session", "new", "--org=Tern", "--name=T", "--by=Ada"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, args := range [][]string{ // the path comes last
		{"session", "edit", "T", "--logo="},
		{"evidence", "T", "GV.OC-01/secure", "--method=examined", "--ref=x", "--file="},
		{"import", "--into=T", "--", ""},
		{"report", "T", "--sign="},
		{"export", "T", "--out=x", "--sign="},
		{"export", "T", "--out=x", "--encrypt", "--passphrase-file="},
		{"content", "add", "--", ""},
		{"content", "diff", "--", ""},
		{"session", "migrate", "T", "--pack="},
		{"session", "list", "--store-passphrase-file="},
		{"store", "encrypt", "--new-passphrase-file="},
		{"verify", "x", "--signers="},
	} {
		for _, path := range []string{missing, long} {
			given := append(append([]string{store}, args[:len(args)-1]...), args[len(args)-1]+path)
			_, _, err := inProcess(t.Context(), given...)
			want := map[string]int{missing: exitNotFound, long: exitUsage}[path]
			if code := exitCode(err); code != want {
				t.Errorf("%.80q: exit code %d, not %d: %.200s", given[1:], code, want, err)
			} else if said := message(err); path == missing && !strings.Contains(said, strconv.Quote(missing)) {
				t.Errorf("%q: it says %q", given[1:], said)
			}
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("there is %v, %v", left, err)
	}
}

// A place that can not be written to, or where something is already, is left as it is by every command that
// writes: without force, what is there stays; with it, a link gives way and a folder does not.
func TestOutputPlaces(t *testing.T) {
	dir := t.TempDir()
	store := "--store=" + filepath.Join(dir, "store.db")
	if _, said, err := inProcess(t.Context(), store, "session", "new", "--org=Tern", "--name=T", "--by=Ada"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	elsewhere := filepath.Join(dir, "elsewhere")
	for _, what := range [][]string{
		{"report", "T", "--format=html"},
		{"report", "T", "--format=pdf"},
		{"report", "T", "--kind=executive", "--format=docx"},
		{"report", "T", "--kind=evidence-requests", "--format=xlsx"},
		{"report", "T", "--kind=gap", "--format=json"},
		{"export", "T"},
	} {
		for _, tc := range []struct {
			what      string
			make      func(path string) error
			code      int // without force, and with it
			withForce int
		}{
			{"nothing", func(string) error { return nil }, exitDone, exitDone},
			{"a file", func(path string) error { return os.WriteFile(path, []byte("theirs"), 0o644) }, exitRefused, exitDone},
			{"a link to a file", func(path string) error { return os.Symlink(elsewhere, path) }, exitRefused, exitDone},
			{"a link to nothing", func(path string) error { return os.Symlink(filepath.Join(dir, "nowhere"), path) }, exitRefused, exitDone},
			{"a folder", func(path string) error { return os.Mkdir(path, 0o755) }, exitRefused, exitRefused},
			{"a folder that is not there", func(path string) error { return nil }, exitNotFound, exitNotFound},
		} {
			for _, force := range []bool{false, true} {
				path := filepath.Join(t.TempDir(), "out")
				if tc.what == "a folder that is not there" {
					path = filepath.Join(path, "out")
				}
				if err := errors.Join(os.WriteFile(elsewhere, []byte("theirs"), 0o644), tc.make(path)); err != nil {
					t.Fatal(err)
				}
				args, want := append([]string{store}, append(what, "--out="+path)...), tc.code
				if force {
					args, want = append(args, "--force"), tc.withForce
				}
				_, _, err := inProcess(t.Context(), args...)
				if code := exitCode(err); code != want {
					t.Errorf("%q onto %s: exit code %d, not %d: %v", args[1:], tc.what, code, want, err)
				}
				if data, err := os.ReadFile(elsewhere); string(data) != "theirs" {
					t.Errorf("%q onto %s: what a link points to holds %d bytes, %v", args[1:], tc.what, len(data), err)
				}
				if _, err := os.Lstat(filepath.Join(dir, "nowhere")); err == nil {
					t.Errorf("%q onto %s: made what a link points to", args[1:], tc.what)
				}
				if want == exitDone {
					if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
						t.Errorf("%q onto %s: %v, %v", args[1:], tc.what, info, err)
					}
				}
				if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), temporary)); left != nil {
					t.Errorf("%q onto %s leaves %q", args[1:], tc.what, left)
				}
			}
		}
	}
}

// Nothing needs the folder for temporary files, so nothing of a session gets there. What is made is beside
// what was named, for the owner alone, and has the name that was asked for.
func TestNoTemporaryFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	catalog, err := madeUpCatalog("2.0")
	err = errors.Join(err, os.WriteFile(filepath.Join(outside, "catalog"), catalog, 0o600),
		os.WriteFile(filepath.Join(outside, "register"), []byte("item_id,note\nGV.OC-01/secure,Read from a file\n"), 0o600),
		os.WriteFile(filepath.Join(outside, "passphrase"), []byte("sesame"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "nowhere"))
	t.Chdir(dir)
	for _, args := range slices.Concat(workOn, lookAt, [][]string{
		{"report", "T", "--format", "oscal", "--out", "folder/"},
		{"import", "--into", "T", filepath.Join(outside, "register")},
		{"content", "add", filepath.Join(outside, "catalog")},
		{"store", "encrypt", "--new-passphrase-file", filepath.Join(outside, "passphrase")},
		{"session", "delete", "T", "--yes", "--store-passphrase-file", filepath.Join(outside, "passphrase")},
	}) {
		if out, said, err := inProcess(t.Context(), append([]string{"--store=data/s.db", "--by=Ada"}, args...)...); err != nil {
			t.Errorf("%q: %v\n%s%s", args, err, out, said)
		}
	}
	err = filepath.WalkDir(".", func(path string, e os.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		info, err := e.Info()
		if err == nil && (info.Mode().Perm()&0o077 != 0 || strings.HasPrefix(e.Name(), ".")) {
			t.Errorf("there is %s with mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
