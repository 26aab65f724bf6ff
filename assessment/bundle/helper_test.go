package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/content"
	"plumbline/testdata/example"
)

var created = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func catalog(t rapid.TB) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatalf("embedded pack: %v", err)
	}
	return cat
}

// examples are the sessions of the worked example as bundles hold them.
func examples(t rapid.TB) []bundle.Session {
	t.Helper()
	list, err := example.Sessions(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	var out []bundle.Session
	for _, s := range list {
		out = append(out, held(t, s))
	}
	return out
}

func held(t rapid.TB, s *assessment.Session) bundle.Session {
	t.Helper()
	st, err := s.Stored()
	if err != nil {
		t.Fatal(err)
	}
	h, err := bundle.SessionOf(st)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func contents(sessions ...bundle.Session) bundle.Contents {
	return bundle.Contents{
		Created: created, Tool: bundle.Tool{Name: "plumbline", Version: "1.2.3"}, Sessions: sessions,
		Packs: []bundle.Pack{
			{ID: "made-up", Facts: strings.Repeat("ab", 32), Edition: 2, Files: []bundle.PackFile{
				{Name: "core.json", SHA256: hash([]byte("{\"ö\": \"\\u0000<>&\"}\n")), Content: []byte("{\"ö\": \"\\u0000<>&\"}\n")},
			}},
			{ID: "built-in", Facts: strings.Repeat("cd", 32), Edition: 1, Files: []bundle.PackFile{
				{Name: "core.json", SHA256: strings.Repeat("ef", 32)},
			}},
			{ID: "made-up", Facts: strings.Repeat("01", 32), Edition: 1, Files: []bundle.PackFile{}},
		},
	}
}

func hash(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func written(t rapid.TB, c bundle.Contents) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := bundle.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t rapid.TB, data []byte) *bundle.Contents {
	t.Helper()
	c, err := bundle.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// part is an entry of a ZIP.
type part struct {
	name string
	data string
}

func unzip(t testing.TB, data []byte) []part {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{f.Name, string(raw)})
	}
	return parts
}

func rezip(t testing.TB, parts []part, change func(*zip.FileHeader)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		if change != nil {
			change(h)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(p.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// relist makes the manifest name the entries as they are, as someone would who changes them and knows
// how.
func relist(t testing.TB, parts []part) []part {
	t.Helper()
	parts = slices.Clone(parts)
	var m map[string]any
	if err := json.Unmarshal([]byte(parts[0].data), &m); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	head, _, ok := strings.Cut(parts[0].data, ` "files": [`)
	if !ok {
		t.Fatal("the manifest has no files")
	}
	b.WriteString(head + " \"files\": [")
	for i, p := range parts[1:] {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n  {\n   \"name\": %q,\n   \"size\": %d,\n   \"sha256\": %q\n  }", p.name, len(p.data), hash([]byte(p.data)))
	}
	b.WriteString("\n ]\n}\n")
	parts[0].data = b.String()
	return parts
}

func refused(t *testing.T, data []byte, want string) {
	t.Helper()
	_, err := bundle.Read(data)
	var entry *bundle.EntryError
	switch {
	case err == nil:
		t.Errorf("it is read; want a refusal that says %q", want)
	case !errors.Is(err, bundle.ErrRefused) || !errors.As(err, &entry):
		t.Errorf("%v is no refusal", err)
	case !strings.Contains(err.Error(), want):
		t.Errorf("refused with %q, want one that says %q", err, want)
	}
}
