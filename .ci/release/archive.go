package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A tree is the files below one folder. Empty folders and links do not occur.
type tree []file

type file struct {
	name string // with slashes, from the top of the tree
	data []byte
	exec bool
}

// then is the time of every file in every archive. ZIP knows none before.
var then = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// readTree reads all files below the folder but what was built there and what git keeps.
func readTree(dir string) (tree, error) {
	var t tree
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		if rel == "bin" || rel == ".git" {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", p)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		t = append(t, file{name: filepath.ToSlash(rel), data: data, exec: info.Mode()&0o100 != 0})
		return nil
	})
	return t, err
}

func readTar(r io.Reader) (tree, error) {
	var t tree
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		switch h.Typeflag {
		case tar.TypeXGlobalHeader, tar.TypeDir:
			continue
		case tar.TypeReg:
		default:
			return nil, fmt.Errorf("%s is not a regular file", h.Name)
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			return nil, err
		}
		t = append(t, file{name: h.Name, data: data, exec: h.Mode&0o100 != 0})
	}
}

// writeTo writes the files below an existing folder, and none outside of it.
func (t tree) writeTo(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range t {
		if err := root.MkdirAll(path.Dir(f.name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(f.name, f.data, fs.FileMode(f.mode())); err != nil {
			return err
		}
	}
	return nil
}

func (f file) mode() int64 {
	if f.exec {
		return 0o755
	}
	return 0o644
}

// under returns the tree as the only folder of another one.
func (t tree) under(folder string) tree {
	moved := slices.Clone(t)
	for i := range moved {
		moved[i].name = folder + "/" + moved[i].name
	}
	return moved
}

// only returns the files whose names match one of the patterns of path.Match.
func (t tree) only(patterns ...string) tree {
	var some tree
	for _, f := range t {
		if slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, f.name); return ok }) {
			some = append(some, f)
		}
	}
	return some
}

func (t tree) sorted() tree {
	return slices.SortedFunc(slices.Values(t), func(a, b file) int { return strings.Compare(a.name, b.name) })
}

// tarGz packs the files: sorted by name, owned by nobody in particular, all of one time.
func tarGz(t tree) ([]byte, error) {
	var buf bytes.Buffer
	gz, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	tw := tar.NewWriter(gz)
	for _, f := range t.sorted() {
		h := &tar.Header{
			Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(f.data)), Mode: f.mode(), ModTime: then, Format: tar.FormatPAX,
		}
		if err := tw.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		if _, err := tw.Write(f.data); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if err := errors.Join(tw.Close(), gz.Close()); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// zipped packs the files as tarGz does.
func zipped(t tree) ([]byte, error) {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, f := range t.sorted() {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: then}
		h.SetMode(fs.FileMode(f.mode()))
		w, err := zw.CreateHeader(h)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
