package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	elementSize  = 16 // of an entry in the table at the beginning of a page
	bucketHeader = 16 // of a bucket within a value: its root page, or 0 where the page itself follows
	isBucket     = 0x01

	// maxDepth bounds how deep pages nest. A tree of four-kilobyte pages with a billion keys has ten levels.
	maxDepth = 64
)

// checkTree follows the pages of a file from its root without mapping it into memory. It returns nil
// when each page that is in use is one, is used once, and has its entries within it: then bbolt can
// read the file without leaving it and without going round in circles. What the entries say is not its
// business. The file must have passed preflight.
func checkTree(r io.ReaderAt, size int64) error {
	m, err := newestMeta(r, size)
	if err != nil {
		return err
	}
	t := tree{r: r, meta: m, seen: make([]uint64, m.highWater/64+1)}
	free, err := readPage(r, m, m.freelist)
	if err == nil {
		err = t.claim(m.freelist, free)
	}
	if err == nil {
		err = t.follow(m.root, 0)
	}
	return err
}

// tree is a walk through the pages of a file.
type tree struct {
	r    io.ReaderAt
	meta meta
	seen []uint64 // a bit for each page
}

// claim notes that a page and those that belong to it are in use.
func (t *tree) claim(number uint64, p page) error {
	for n := number; n <= number+uint64(p.overflow); n++ {
		bit := uint64(1) << (n % 64)
		if t.seen[n/64]&bit != 0 {
			return fmt.Errorf("page %d is used twice", n)
		}
		t.seen[n/64] |= bit
	}
	return nil
}

// follow checks a page and all that hang on it.
func (t *tree) follow(number uint64, depth int) error {
	if depth > maxDepth {
		return errors.New("its pages nest too deep")
	}
	p, err := readPage(t.r, t.meta, number)
	if err == nil {
		err = t.claim(number, p)
	}
	if err != nil {
		return err
	}
	size := int64(t.meta.pageSize)
	return t.entries(int64(number)*size, (int64(p.overflow)+1)*size, p, depth)
}

// entries checks the entries of a page that begins at that offset and has so many bytes, and follows
// what they point to.
func (t *tree) entries(at, room int64, p page, depth int) error {
	if p.flags != branchPage && p.flags != leafPage {
		return fmt.Errorf("a page at byte %d is of kind %#x", at, p.flags)
	}
	table := make([]byte, int64(p.entries)*elementSize)
	if pageHeader+int64(len(table)) > room {
		return fmt.Errorf("a page at byte %d has %d entries in %d bytes", at, p.entries, room)
	}
	if _, err := t.r.ReadAt(table, at+pageHeader); err != nil {
		return fmt.Errorf("read at byte %d: %w", at, err)
	}
	order := binary.NativeEndian
	for i := range int64(p.entries) {
		e := table[i*elementSize:][:elementSize]
		here := pageHeader + i*elementSize // where the entry stands; its key's place counts from there
		if p.flags == branchPage {
			if here+int64(order.Uint32(e[0:]))+int64(order.Uint32(e[4:])) > room {
				return fmt.Errorf("entry %d of the page at byte %d leaves it", i, at)
			}
			if err := t.follow(order.Uint64(e[8:]), depth+1); err != nil {
				return err
			}
			continue
		}
		value := here + int64(order.Uint32(e[4:])) + int64(order.Uint32(e[8:]))
		length := int64(order.Uint32(e[12:]))
		if value+length > room {
			return fmt.Errorf("entry %d of the page at byte %d leaves it", i, at)
		}
		if order.Uint32(e[0:])&isBucket != 0 {
			if err := t.bucket(at+value, length, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket checks the bucket that a value of that length is.
func (t *tree) bucket(at, length int64, depth int) error {
	var b [bucketHeader + pageHeader]byte
	head := b[:min(length, int64(len(b)))]
	if len(head) < bucketHeader {
		return fmt.Errorf("a bucket at byte %d has %d bytes", at, length)
	}
	if _, err := t.r.ReadAt(head, at); err != nil {
		return fmt.Errorf("read at byte %d: %w", at, err)
	}
	order := binary.NativeEndian
	if root := order.Uint64(head); root != 0 {
		return t.follow(root, depth)
	}
	if len(head) < len(b) {
		return fmt.Errorf("a bucket at byte %d has %d bytes", at, length)
	}
	inline := page{flags: order.Uint16(b[bucketHeader+8:]), entries: uint64(order.Uint16(b[bucketHeader+10:]))}
	if depth > maxDepth || inline.flags != leafPage {
		return fmt.Errorf("a bucket at byte %d is of kind %#x", at, inline.flags)
	}
	return t.entries(at+bucketHeader, length-bucketHeader, inline, depth)
}
