package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// branchedFile returns the bytes of a store with so many sessions that its root is a branch page.
func branchedFile(t testing.TB) []byte {
	t.Helper()
	path := testPath(t)
	s := openTest(t, path, Options{})
	for n := range 100 {
		session, d := newSession(fmt.Sprint("session ", n))
		apply(t, s, d, answer(session, n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return readFile(t, path)
}

func treeError(b []byte) error {
	r := bytes.NewReader(b)
	if err := preflight(r, int64(len(b))); err != nil {
		return err
	}
	return checkTree(r, int64(len(b)))
}

// The pages of a file are followed without bbolt, which some of these would send round in circles.
func TestCheckTree(t *testing.T) {
	whole := branchedFile(t)
	m, err := newestMeta(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	order := binary.NativeEndian
	at := func(b []byte, number uint64) []byte { return b[number*uint64(m.pageSize):] }
	root := at(whole, m.root)
	if order.Uint16(root[8:]) != branchPage {
		t.Fatal("the root is no branch page")
	}
	child := order.Uint64(root[pageHeader+8:])
	if order.Uint16(at(whole, child)[8:]) != leafPage {
		t.Fatal("below the root there is no leaf page")
	}
	for _, tt := range []struct {
		name   string
		change func(b []byte)
		want   string // "" where nothing is wrong
	}{
		{"whole", func([]byte) {}, ""},
		{"in circles", func(b []byte) { order.PutUint64(at(b, m.root)[pageHeader+8:], m.root) }, "is used twice"},
		{"a page twice", func(b []byte) { order.PutUint64(at(b, m.root)[pageHeader+elementSize+8:], child) }, "is used twice"},
		{"the list of free pages as a page", func(b []byte) { order.PutUint64(at(b, m.root)[pageHeader+8:], m.freelist) }, "is used twice"},
		{"a page that there is not", func(b []byte) { order.PutUint64(at(b, m.root)[pageHeader+8:], 1<<40) }, "is not one of its"},
		{"a page of no kind", func(b []byte) { order.PutUint16(at(b, child)[8:], 0x40) }, "is of kind 0x40"},
		{"a page zeroed", func(b []byte) { clear(at(b, child)[:m.pageSize]) }, "says that it is page 0"},
		{"more entries than room", func(b []byte) { order.PutUint16(at(b, child)[10:], 60000) }, "60000 entries in"},
		{"a key beyond its page", func(b []byte) { order.PutUint32(at(b, m.root)[pageHeader+4:], 1<<30) }, "leaves it"},
		{"a value beyond its page", func(b []byte) { order.PutUint32(at(b, child)[pageHeader+12:], 1<<30) }, "leaves it"},
		{"a bucket of no size", func(b []byte) { order.PutUint32(at(b, child)[pageHeader+12:], 3) }, "has 3 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(whole)
			tt.change(b)
			err := treeError(b)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// Buckets in buckets, in values and in pages that are empty: all that bbolt writes is followed.
func TestCheckTreeOfAnyFile(t *testing.T) {
	path := testPath(t)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte("deep"))
		for n := range 40 {
			err = errors.Join(err, b.Put([]byte("large"), make([]byte, 10_000*n)), b.Put([]byte("empty"), nil))
			inner, innerErr := b.CreateBucket([]byte("deeper"))
			if err = errors.Join(err, innerErr); err != nil {
				return err
			}
			b = inner
		}
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := treeError(readFile(t, path)); err != nil {
		t.Error(err)
	}
}

// FuzzCheckTree: whatever it is given, it ends, and bbolt can read what it passes.
func FuzzCheckTree(f *testing.F) {
	whole := branchedFile(f)
	m, err := newestMeta(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		f.Fatal(err)
	}
	root := uint32(m.root) * m.pageSize
	f.Add(root+pageHeader+8, uint64(m.root))
	f.Add(root+8, uint64(leafPage))
	f.Add(uint32(m.freelist)*m.pageSize+8, uint64(leafPage))
	f.Add(uint32(3)*m.pageSize+pageHeader+12, uint64(1<<40))
	f.Fuzz(func(t *testing.T, at uint32, value uint64) {
		b := bytes.Clone(whole)
		binary.NativeEndian.PutUint64(b[at%uint32(len(b)-8):], value)
		if treeError(b) != nil {
			return
		}
		path := testPath(t)
		writeFile(t, path, b)
		if facts, err := Look(path); err == nil && facts.Sessions > 1000 {
			t.Errorf("%d sessions", facts.Sessions)
		}
	})
}
