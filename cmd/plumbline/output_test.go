package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
				err := writeFile(ctx, path, []byte("new"), force, tc.check)
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
	err := writeFile(context.Background(), path, []byte("new"), false, func([]byte) error {
		return os.WriteFile(path, []byte("theirs"), 0o600)
	})
	if !errors.Is(err, errExists) {
		t.Errorf("error %v, want %v", err, errExists)
	}
	if got, _ := os.ReadFile(path); string(got) != "theirs" {
		t.Errorf("the file holds %q", got)
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
