package safezip_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"plumbline/content/safezip"
	"plumbline/content/safezip/ziptest"
)

var limits = safezip.Limits{Size: 64 << 20, Entries: 20, Unpacked: 8 << 20}

// zipped returns a ZIP of entries with these names, each of which holds its name some times.
func zipped(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		e, err := w.Create(name)
		if err == nil && !strings.HasSuffix(name, "/") {
			_, err = e.Write(body(name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func body(name string) []byte { return bytes.Repeat([]byte(name+"\n"), 20) }

// read opens a ZIP and unpacks all of it.
func read(data []byte, l safezip.Limits) (map[string][]byte, error) {
	z, err := safezip.Open(data, l)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]byte)
	for _, f := range z.File {
		if f.Mode().IsDir() {
			continue
		}
		if all[f.Name], err = safezip.Read(f); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func TestRead(t *testing.T) {
	names := []string{"folder/", "folder/a.xml", "[Content_Types].xml", "b", "ünï.txt", "com10", "console"}
	all, err := read(zipped(t, names...), limits)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names[1:] {
		if !bytes.Equal(all[name], body(name)) {
			t.Errorf("%s holds %q", name, all[name])
		}
	}
}

func TestHazards(t *testing.T) {
	good := zipped(t, "a.xml", "b/c.xml")
	for _, h := range ziptest.Hazards() {
		t.Run(h.Name, func(t *testing.T) {
			if _, err := read(h.Of(good), limits); err == nil || !strings.Contains(err.Error(), h.Says) {
				t.Errorf("the error is %v, which does not say %q", err, h.Says)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	good := zipped(t, "a", "b", "c")
	for _, c := range []struct {
		l    safezip.Limits
		want string
	}{
		{limits, ""},
		{safezip.Limits{len(good), 3, 3 * 40}, ""},
		{safezip.Limits{len(good) - 1, 3, 3 * 40}, "bytes, at most"},
		{safezip.Limits{len(good), 2, 3 * 40}, "more than 2 entries"},
		{safezip.Limits{len(good), 3, 3*40 - 1}, `entry "c" unpacks to too much`},
	} {
		if _, err := read(good, c.l); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.l, err, c.want)
		}
	}
}

// FuzzOpen: what is opened has no more than the limits say, and reads as archive/zip reads it.
func FuzzOpen(f *testing.F) {
	good := zipped(f, "a.xml", "b/c.xml")
	f.Add(good)
	for _, h := range ziptest.Hazards() {
		if data := h.Of(good); len(data) < 1<<12 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := safezip.Limits{Size: 1 << 16, Entries: 4, Unpacked: 1 << 20}
		z, err := safezip.Open(data, l)
		if err != nil {
			_ = fmt.Sprint(err)
			return
		}
		total := 0
		for _, f := range z.File {
			if body, err := safezip.Read(f); err == nil && !f.Mode().IsDir() {
				total += len(body)
			}
		}
		if len(data) > l.Size || len(z.File) > l.Entries || total > l.Unpacked {
			t.Errorf("%d bytes, %d entries, %d unpacked", len(data), len(z.File), total)
		}
	})
}
