package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plumbline/content/contenttest"
)

// aboutOne is a call of each command on one session, T, in an order in which all are done.
var aboutOne = [][]string{
	{"session", "show", "T"},
	{"session", "edit", "T", "--purpose=x"},
	{"rate", "T", "GV.OC-04/secure", "--current=0", "--target=3", "--note=ALPHA"},
	{"evidence", "T", "GV.OC-04/secure", "--method=examined", "--ref=ALPHA"},
	{"accept", "T", "GV.OC-04/secure", "--reason=x", "--approver=x", "--expires=2999-01-01"},
	{"base", "T", "GV.OC-04", "--current=1", "--reason=x"},
	{"target", "T", "--preset=by-priority", "--high=3", "--moderate=2", "--foundational=1", "--reason=x", "--overwrite"},
	{"tier", "T", "--governance=2", "--management=2", "--reason=x"},
	{"system", "T", "add", "--name=ALPHA", "--kind=x"},
	{"system", "T", "list"},
	{"system", "T", "edit", "S-1", "--kind=y"},
	{"system", "T", "remove", "S-1"},
	{"action", "T", "add", "--title=ALPHA", "--item=GV.OC-04/secure"},
	{"action", "T", "list"},
	{"action", "T", "edit", "A-1", "--title=x"},
	{"action", "T", "remove", "A-1"},
	{"snapshot", "T", "create", "x"},
	{"snapshot", "T", "list"},
	{"snapshot", "T", "diff", "2"},
	{"score", "T"},
	{"gaps", "T"},
	{"verify", "T"},
	{"report", "T", "--out=r.html", "--force"},
	{"export", "T", "--out=t.plumb", "--force"},
	{"merge", "T", "t.plumb"},
	{"content", "diff", "PACK", "T"},
	{"session", "migrate", "T", "--pack=PACK", "--dry-run"},
	{"session", "lock", "T"},
	{"session", "unlock", "T", "--reason=x"},
	{"session", "archive", "T"},
	{"session", "unarchive", "T"},
	{"session", "copy", "T", "--name=Copy"},
	{"session", "rename", "T", "T2"},
	{"session", "delete", "T2", "--yes"},
}

// Whatever is asked about one session of a store, nothing of another one is said, in words, in JSON, in a
// message or in a file.
func TestOneSessionAlone(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	pack := filepath.Join(t.TempDir(), "pack")
	if err := os.CopyFS(pack, contenttest.NextDraft().Files()); err != nil {
		t.Fatal(err)
	}
	store := "--store=" + filepath.Join(t.TempDir(), "store.db")
	const theirs = "BRAVO"
	for _, args := range [][]string{
		{"session", "new", "--org=" + theirs, "--name=" + theirs, "--assessor=" + theirs, "--by=" + theirs},
		{"rate", theirs, "GV.OC-04/secure", "--current=1", "--target=2", "--note=" + theirs, "--owner=" + theirs},
		{"evidence", theirs, "GV.OC-04/secure", "--method=examined", "--ref=" + theirs},
		{"action", theirs, "add", "--title=" + theirs, "--item=GV.OC-04/secure"},
		{"snapshot", theirs, "create", theirs},
		{"session", "new", "--org=ALPHA", "--name=T", "--by=Ada", "--target=2"},
	} {
		if _, said, err := inProcess(t.Context(), append([]string{store}, args...)...); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, said)
		}
	}
	out, _, err := inProcess(t.Context(), store, "session", "show", theirs, "--json")
	var shown struct{ Session struct{ ID string } }
	if err := errors.Join(err, json.Unmarshal([]byte(out), &shown)); err != nil || shown.Session.ID == "" {
		t.Fatalf("%v\n%s", err, out)
	}

	called := make(map[string]bool)
	for _, args := range aboutOne {
		args = slices.Clone(args)
		for i, a := range args {
			args[i] = strings.ReplaceAll(a, "PACK", pack)
		}
		parsed, err := mustParser(t).Parse(args)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		called[commandOf(parsed.Selected())] = true
		var texts bytes.Buffer
		done := 0
		for _, flags := range [][]string{{}, {"--json"}} { // what can be done only once fails the second time
			out, said, err := inProcess(t.Context(), slices.Concat([]string{store, "--by=Ada"}, args, flags)...)
			texts.WriteString(out + said)
			if err == nil {
				done++
			} else {
				texts.WriteString(message(err))
			}
		}
		if done == 0 {
			t.Errorf("%q is never done: %s", args, texts.String())
		}
		texts.Write(allFiles(t, dir))
		for _, foreign := range []string{theirs, shown.Session.ID} {
			if i := bytes.Index(texts.Bytes(), []byte(foreign)); i >= 0 {
				t.Errorf("%q tells of another session: …%q", args, texts.Bytes()[max(0, i-80):i+len(foreign)])
			}
		}
	}
	for _, n := range mustParser(t).Model.Leaves(false) {
		takes := false
		for of := n; of != nil; of = of.Parent {
			for _, p := range of.Positional {
				takes = takes || strings.HasPrefix(p.Name, "session")
			}
		}
		if takes && !called[commandOf(n)] {
			t.Errorf("%s takes a session and is not called", commandOf(n))
		}
	}
}

// allFiles returns what is in the files of a folder, and in the entries of those that are archives.
func allFiles(t *testing.T, dir string) (all []byte) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, e.Name()...), data...)
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue // it is none
		}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			entry, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil {
				t.Fatal(err)
			}
			all = append(append(all, f.Name...), entry...)
		}
	}
	return all
}
