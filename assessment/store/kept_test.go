package store

import (
	"bytes"
	"path/filepath"
	"testing"
)

// A store is known by its beginning, also a damaged one, and nothing else is taken for one.
func TestIs(t *testing.T) {
	s := openTest(t, testPath(t), Options{})
	path := s.Path()
	if !Is(path) {
		t.Error("an open store is none")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := readFile(t, path)
	with := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(whole)) }
	for name, tc := range map[string]struct {
		data []byte
		want bool
	}{
		"whole":                  {whole, true},
		"cut off":                {whole[:100], true},
		"without its first page": {with(func(b []byte) []byte { clear(b[:1000]); return b }), true},
		"with a wrong checksum":  {with(func(b []byte) []byte { clear(b[60:]); return b }), true},
		"in the other byte order": {with(func(b []byte) []byte {
			b[16], b[17], b[18], b[19] = b[19], b[18], b[17], b[16]
			clear(b[64:])
			return b
		}), true},
		"zeros":                    {make([]byte, 20_000), false},
		"nothing":                  {nil, false},
		"a page":                   {[]byte("<!DOCTYPE html><title>ED0CDAED</title>"), false},
		"a store within a file":    {append([]byte("prefix "), whole...), false},
		"the beginning of a store": {whole[:19], false},
	} {
		file := filepath.Join(t.TempDir(), "file")
		writeFile(t, file, tc.data)
		if got := Is(file); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if Is(t.TempDir()) || Is(filepath.Join(t.TempDir(), "nothing")) {
		t.Error("a folder, or nothing, is a store")
	}
}
