package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// keyFiles are keys of the scripts, by what they are for.
func keyFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	for script, names := range map[string]map[string]string{
		"sign": {"key": "key", "signers": "signers"}, "export": {"key.txt": "identity"},
	} {
		archive, err := txtar.ParseFile("../../testdata/scripts/" + script + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if as, ok := names[f.Name]; ok {
				files[as] = f.Data
			}
		}
	}
	if len(files) != 3 {
		t.Fatalf("the scripts have %d keys", len(files))
	}
	return files
}

const testRecipient = "age1rvekz0qwrrsqrgw28w43uathulsufu9st45hn098w7mdk6djw9tqjcgx03" // of the identity

// midway is a context that is interrupted as soon as a number of files have been begun in a folder or in
// one within it: by their temporary names, or because they are there.
type midway struct {
	context.Context
	dir string
	n   int
}

func (m midway) Done() <-chan struct{} { return nil }
func (m midway) Value(any) any         { return nil }

func (m midway) Err() error {
	begun := 0
	writing := false
	filepath.WalkDir(m.dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			begun++
			tmp, _ := filepath.Match(temporary, e.Name())
			writing = writing || tmp
		}
		return err
	})
	if writing && begun >= m.n {
		return errors.New("a signal came")
	}
	return nil
}

// A signal that comes while a file is being written leaves nothing of it, with every command that writes
// one and in every format.
func TestInterruptedWhileWriting(t *testing.T) {
	data := t.TempDir()
	store := "--store=" + filepath.Join(data, "store.db")
	t.Setenv("XDG_DATA_HOME", filepath.Join(data, "home"))
	for _, args := range [][]string{
		{"session", "new", "--org=Tern", "--name=T", "--by=Ada", "--target=2"},
		{"rate", "T", "GV.OC-04/secure", "--current=1", "--by=Ada"},
	} {
		if _, said, err := inProcess(t.Context(), append([]string{store}, args...)...); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	catalog, err := madeUpCatalog("2.0")
	keys := filepath.Join(data, "key")
	files := keyFiles(t)
	if err := errors.Join(err, os.WriteFile(filepath.Join(data, "catalog"), catalog, 0o600), os.WriteFile(keys, files["key"], 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		n    int // the file at which the signal comes
	}{
		{[]string{"report", "T", "--format=html", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=pdf", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=docx", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=md", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=xlsx", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=csv", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=json", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=oscal", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=oscal", "--out=DIR/out/"}, 1},
		{[]string{"report", "T", "--format=oscal", "--out=DIR/out/"}, 3},
		{[]string{"report", "T", "--kind=profile", "--format=csfp", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--kind=profile", "--format=csfa", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--kind=profile", "--format=ciso-csv", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--kind=profile", "--format=ciso-xlsx", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--kind=evidence-requests", "--format=csv", "--out=DIR/out"}, 1},
		{[]string{"report", "T", "--format=md", "--sign=" + keys, "--out=DIR/out"}, 1},
		{[]string{"export", "T", "--out=DIR/out"}, 1},
		{[]string{"export", "T", "--sign=" + keys, "--out=DIR/out"}, 1},
		{[]string{"export", "T", "--recipient=" + testRecipient, "--out=DIR/out"}, 1},
		{[]string{"content", "add", filepath.Join(data, "catalog"), "--store=DIR/none.db"}, 1},
	} {
		dir := t.TempDir()
		args := []string{store}
		for _, a := range tc.args {
			args = append(args, strings.ReplaceAll(a, "DIR", dir))
		}
		_, _, err := inProcess(midway{t.Context(), dir, tc.n}, args...)
		if err == nil || !strings.Contains(err.Error(), "nothing was written: a signal came") || exitCode(err) != exitFailed {
			t.Errorf("%q: it ended with %v", tc.args, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%q leaves %v, %v", tc.args, left, err)
		}
		if _, said, err := inProcess(t.Context(), args...); err != nil {
			t.Errorf("%q, undisturbed: %v\n%s", tc.args, err, said)
		}
	}
}

// killed is a program that is killed when its file has been written and not yet moved.
func killed() {
	new(program).writeFile(context.Background(), os.Args[1], []byte("new"), false, func([]byte) error {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			self.Kill()
			time.Sleep(time.Minute) // it does not come to that
		}
		return err
	})
}

const killedName = "plumbline-killed" // the test binary, called so, is killed

// Who kills a program that writes a file finds one file of a name that tells, for the owner alone, and not
// the file. A later run takes it away.
func TestKilledWhileWriting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.html")
	cmd := exec.Command(os.Args[0], path)
	cmd.Args[0] = killedName
	if err := cmd.Run(); err == nil {
		t.Fatal("it was not killed")
	}
	left, err := filepath.Glob(filepath.Join(dir, temporary))
	all, errAll := os.ReadDir(dir)
	if err := errors.Join(err, errAll); err != nil || len(left) != 1 || len(all) != 1 {
		t.Fatalf("there is %v, %v", all, err)
	}
	if info, err := os.Stat(left[0]); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	old := time.Now().Add(-25 * time.Hour)
	err = errors.Join(os.Chtimes(left[0], old, old), new(program).writeFile(t.Context(), path, []byte("new"), false, func([]byte) error { return nil }))
	names, errNames := filepath.Glob(filepath.Join(dir, "*"))
	if dot, _ := filepath.Glob(filepath.Join(dir, ".*")); err != nil || errNames != nil || !slices.Equal(append(names, dot...), []string{path}) {
		t.Errorf("there is %q and %q, %v", names, dot, err)
	}
}
