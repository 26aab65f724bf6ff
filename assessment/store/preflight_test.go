package store

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// storeFile returns the bytes of a store with two sessions.
func storeFile(t testing.TB) []byte {
	t.Helper()
	path := testPath(t)
	s := openTest(t, path, Options{})
	for _, name := range []string{"first", "second"} {
		session, d := newSession(name)
		apply(t, s, d)
		for n := range 30 {
			apply(t, s, answer(session, n))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return readFile(t, path)
}

// metaAt gives access to the meta of page 0 or 1 of a file with pages of that size.
type metaAt []byte

func metaOf(file []byte, page int) metaAt {
	size := int(binary.NativeEndian.Uint32(file[metaOffset+8:]))
	at := page*size + metaOffset
	return metaAt(file[at : at+metaSize])
}

func (m metaAt) set(offset int, v uint64) {
	binary.NativeEndian.PutUint64(m[offset:], v)
	sum := fnv.New64a()
	sum.Write(m[:metaSummed])
	binary.NativeEndian.PutUint64(m[metaSummed:], sum.Sum64())
}

func TestPreflight(t *testing.T) {
	whole := storeFile(t)
	pageSize := int(binary.NativeEndian.Uint32(whole[metaOffset+8:]))
	both := func(b []byte, offset int, v uint64) {
		metaOf(b, 0).set(offset, v)
		metaOf(b, 1).set(offset, v)
	}
	tests := []struct {
		name   string
		change func(b []byte) []byte
		want   string // "" where the file is fine
	}{
		{"whole", func(b []byte) []byte { return b }, ""},
		{"first meta lost", func(b []byte) []byte { clear(b[:pageSize]); return b }, ""},
		{"second meta lost", func(b []byte) []byte { clear(b[pageSize : 2*pageSize]); return b }, ""},
		{"both metas lost", func(b []byte) []byte { clear(b[:2*pageSize]); return b }, "no valid bbolt meta"},
		{"empty", func(b []byte) []byte { return nil }, "it is empty"},
		{"cut after the metas", func(b []byte) []byte { return b[:2*pageSize] }, "cut off"},
		{"too many pages", func(b []byte) []byte { both(b, 40, 1<<50); return b }, "cut off"},
		{"no list of free pages", func(b []byte) []byte { both(b, 32, noFreelist); return b }, "keeps no list"},
		{"list beyond the end", func(b []byte) []byte { both(b, 32, 1<<40); return b }, "list of free pages: page"},
		{"list is a meta page", func(b []byte) []byte { both(b, 32, 1); return b }, "list of free pages: page 1"},
		{"root beyond the end", func(b []byte) []byte { both(b, 16, 1<<40); return b }, "first page: page"},
		{"root and list swapped", func(b []byte) []byte {
			m, _ := newestMeta(bytes.NewReader(b), int64(len(b)))
			both(b, 16, m.freelist)
			both(b, 32, m.root)
			return b
		}, "first page is of kind"},
		{"list too long for its page", func(b []byte) []byte {
			m, _ := newestMeta(bytes.NewReader(b), int64(len(b)))
			at := int(m.freelist) * pageSize
			binary.NativeEndian.PutUint16(b[at+10:], 0xFFFF)
			binary.NativeEndian.PutUint64(b[at+16:], 1<<60)
			return b
		}, "entries in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := tt.change(bytes.Clone(whole))
			err := preflight(bytes.NewReader(b), int64(len(b)))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// The page size of another machine is found too, also from the second meta alone.
func TestPreflightPageSizes(t *testing.T) {
	for size := 1 << 10; size <= 1<<16; size <<= 1 {
		path := testPath(t)
		db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: size})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		b := readFile(t, path)
		for _, lost := range []int{-1, 0, 1} {
			b := bytes.Clone(b)
			if lost >= 0 {
				clear(b[lost*size : (lost+1)*size])
			}
			if err := preflight(bytes.NewReader(b), int64(len(b))); err != nil {
				t.Errorf("pages of %d, meta %d lost: %v", size, lost, err)
			}
		}
	}
}

// FuzzPreflight: it never panics, and a file that it passes is as long as it says, even when its size
// is not the one that it was given.
func FuzzPreflight(f *testing.F) {
	path := testPath(f)
	writeFile(f, path, nil)
	if err := initialize(path, released[:], ""); err != nil {
		f.Fatal(err)
	}
	whole := readFile(f, path)
	f.Add(whole, int64(len(whole)))
	f.Add(storeFile(f)[:12_288], int64(1<<20))
	f.Add(whole[:8192], int64(len(whole)))
	f.Add([]byte{}, int64(0))
	f.Add(make([]byte, 8192), int64(8192))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		for page := range 2 { // else hardly any input has a valid check sum
			if at := page * 4096; len(b) >= at+metaOffset+metaSize {
				m := metaAt(b[at+metaOffset : at+metaOffset+metaSize])
				m.set(48, binary.NativeEndian.Uint64(m[48:]))
			}
		}
		err := preflight(bytes.NewReader(b), size)
		if err != nil {
			return
		}
		m, err := newestMeta(bytes.NewReader(b), size)
		if err != nil {
			t.Fatal(err)
		}
		if m.root >= m.highWater || m.freelist >= m.highWater || m.highWater*uint64(m.pageSize) > uint64(size) {
			t.Errorf("passed with %+v in %d bytes", m, size)
		}
	})
}
