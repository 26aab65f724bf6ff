package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A file is complete or not there, and nothing is left beside it, whatever goes wrong.
func TestWriteFileLeavesNothingHalf(t *testing.T) {
	ok := func([]byte) error { return nil }
	for _, tc := range []struct {
		name  string
		check func([]byte) error
		ctx   func() context.Context
		want  string
	}{
		{name: "the check refuses", check: func([]byte) error { return errors.New("rows are missing") }, want: "rows are missing"},
		{name: "interrupted", check: ok, want: "interrupted, nothing was written", ctx: func() context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx
		}},
	} {
		for _, force := range []bool{false, true} {
			t.Run(tc.name, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, "out.html")
				before := ""
				if force {
					before = "was here"
					if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				ctx := context.Background()
				if tc.ctx != nil {
					ctx = tc.ctx()
				}
				err := new(program).writeFile(ctx, path, []byte("new"), force, tc.check)
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error %v, want %q", err, tc.want)
				}
				entries, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				if force {
					if got, _ := os.ReadFile(path); string(got) != before || len(entries) != 1 {
						t.Errorf("the file holds %q, the folder %v", got, entries)
					}
				} else if len(entries) != 0 {
					t.Errorf("left behind: %v", entries)
				}
			})
		}
	}
}

// The file that comes there between the look and the move is not replaced.
func TestWriteFileLosesARaceWithoutHarm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.html")
	err := new(program).writeFile(context.Background(), path, []byte("new"), false, func([]byte) error {
		return os.WriteFile(path, []byte("theirs"), 0o600)
	})
	if !errors.Is(err, errExists) {
		t.Errorf("error %v, want %v", err, errExists)
	}
	if got, _ := os.ReadFile(path); string(got) != "theirs" {
		t.Errorf("the file holds %q", got)
	}
}

// What a run that was killed has left is removed by a later one, and nothing else is.
func TestWriteFileSweeps(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-25 * time.Hour)
	stays := []string{".plumbline-new.tmp", ".plumbline-old.txt", "plumbline-old.tmp", "out.html", ".plumbline-folder.tmp"}
	for _, name := range append([]string{".plumbline-old.tmp"}, stays...) {
		path := filepath.Join(dir, name)
		err := os.WriteFile(path, nil, 0o600)
		if name == ".plumbline-folder.tmp" {
			err = errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		}
		if name != ".plumbline-new.tmp" {
			err = errors.Join(err, os.Chtimes(path, old, old))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := new(program).writeFile(context.Background(), filepath.Join(dir, "out.html"), []byte("new"), true, func([]byte) error { return nil }); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	slices.Sort(stays)
	if !slices.Equal(names, stays) {
		t.Errorf("there is %q, want %q", names, stays)
	}
}

func TestHashFileStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "proof")
	if err := os.WriteFile(path, []byte("proof"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("stopped by hand"))
	if _, _, err := hashFile(ctx, path); err == nil || !strings.Contains(err.Error(), "stopped by hand") {
		t.Errorf("error %v", err)
	}
}
