package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// What a bbolt file of format version 2 looks like (bbolt v1.5.0, internal/common: meta.go, page.go).
// Numbers are in the byte order of the machine that wrote it.
const (
	metaMagic    = 0xED0CDAED
	metaVersion  = 2
	metaOffset   = 16 // of the meta within its page, after the page's header
	metaSize     = 64
	metaSummed   = 56 // the checksum covers this much and follows it
	pageHeader   = 16
	freelistPage = 0x10
	branchPage   = 0x01
	leafPage     = 0x02
	noFreelist   = ^uint64(0)

	minPageSize = 1 << 10
	maxPageSize = 1 << 24
)

// meta is what a meta page says.
type meta struct {
	pageSize  uint32
	root      uint64 // page of the root bucket
	freelist  uint64 // page of the list of free pages
	highWater uint64 // number of pages in use
	txid      uint64
}

var errNoMeta = errors.New("it does not begin as a store does (no valid bbolt meta page)")

// preflight judges a file of that size before bbolt maps it into memory. A file that passes is long
// enough for what it says that it holds, and the two pages that bbolt reads first are what they
// should be; without that, reading it can kill the process and writing to it can go nowhere. The
// errors say what is wrong in words for the person who owns the file.
func preflight(r io.ReaderAt, size int64) error {
	m, err := newestMeta(r, size)
	switch {
	case size == 0:
		return errors.New("it is empty")
	case err != nil:
		return err
	case m.highWater > uint64(size)/uint64(m.pageSize):
		return fmt.Errorf("it is cut off: it has %d bytes and says that it holds %d pages of %d", size, m.highWater, m.pageSize)
	case m.freelist == noFreelist:
		// bbolt would write the list into the file on opening it.
		return errors.New("it keeps no list of free pages, as a store does")
	}
	root, err := readPage(r, m, m.root)
	if err != nil {
		return fmt.Errorf("its first page: %w", err)
	}
	if root.flags != branchPage && root.flags != leafPage {
		return fmt.Errorf("its first page is of kind %#x", root.flags)
	}
	free, err := readPage(r, m, m.freelist)
	if err != nil {
		return fmt.Errorf("its list of free pages: %w", err)
	}
	if free.flags != freelistPage {
		return fmt.Errorf("its list of free pages is of kind %#x", free.flags)
	}
	if room := (uint64(free.overflow) + 1) * uint64(m.pageSize); free.entries > (room-pageHeader)/8 {
		return fmt.Errorf("its list of free pages has %d entries in %d bytes", free.entries, room)
	}
	return nil
}

// preflightFile is preflight for a file that another process may be writing to.
func preflightFile(f *os.File) error { return steadily(f, preflight) }

// steadily judges a file that another process may be writing to. A page that was read while the file
// moved on says nothing, so a bad verdict counts only if no transaction came between.
func steadily(f *os.File, judge func(r io.ReaderAt, size int64) error) error {
	var err error
	for range 10 {
		info, statErr := f.Stat()
		if statErr != nil {
			return statErr
		}
		if !info.Mode().IsRegular() {
			return errors.New("it is not a regular file")
		}
		before, _ := newestMeta(f, info.Size())
		if err = judge(f, info.Size()); err == nil {
			return nil
		}
		if after, _ := newestMeta(f, info.Size()); after == before {
			return err
		}
	}
	return err
}

// newestMeta returns the valid meta of the later transaction, as bbolt chooses it.
func newestMeta(r io.ReaderAt, size int64) (meta, error) {
	first, firstOK := readMeta(r, 0)
	if firstOK {
		if second, ok := readMeta(r, int64(first.pageSize)); ok && second.txid > first.txid {
			return second, nil
		}
		return first, nil
	}
	// Where the second one is depends on the size of a page, which only it can tell.
	for at := int64(minPageSize); at <= maxPageSize && at < size; at <<= 1 {
		if second, ok := readMeta(r, at); ok && int64(second.pageSize) == at {
			return second, nil
		}
	}
	return meta{}, errNoMeta
}

// readMeta reads the meta of the page at that offset; ok is false where there is no valid one.
func readMeta(r io.ReaderAt, at int64) (m meta, ok bool) {
	var b [metaSize]byte
	if _, err := r.ReadAt(b[:], at+metaOffset); err != nil {
		return meta{}, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(b[:metaSummed])
	if order.Uint32(b[0:]) != metaMagic || order.Uint32(b[4:]) != metaVersion || order.Uint64(b[metaSummed:]) != sum.Sum64() {
		return meta{}, false
	}
	m = meta{
		pageSize:  order.Uint32(b[8:]),
		root:      order.Uint64(b[16:]),
		freelist:  order.Uint64(b[32:]),
		highWater: order.Uint64(b[40:]),
		txid:      order.Uint64(b[48:]),
	}
	ok = m.pageSize >= minPageSize && m.pageSize <= maxPageSize && m.pageSize&(m.pageSize-1) == 0
	return m, ok
}

// page is the header of a page.
type page struct {
	flags    uint16
	overflow uint32 // pages that follow and belong to it
	entries  uint64
}

// readPage reads the header of a page that must be among the pages in use.
func readPage(r io.ReaderAt, m meta, number uint64) (page, error) {
	if number < 2 || number >= m.highWater {
		return page{}, fmt.Errorf("page %d is not one of its %d", number, m.highWater)
	}
	var b [pageHeader + 8]byte
	if _, err := r.ReadAt(b[:], int64(number)*int64(m.pageSize)); err != nil {
		return page{}, fmt.Errorf("read page %d: %w", number, err)
	}
	order := binary.NativeEndian
	if id := order.Uint64(b[0:]); id != number {
		return page{}, fmt.Errorf("page %d says that it is page %d", number, id)
	}
	p := page{flags: order.Uint16(b[8:]), overflow: order.Uint32(b[12:]), entries: uint64(order.Uint16(b[10:]))}
	if uint64(p.overflow) >= m.highWater-number {
		return page{}, fmt.Errorf("page %d goes on for %d more pages of %d", number, p.overflow, m.highWater)
	}
	if p.flags == freelistPage && p.entries == 0xFFFF { // too many for the header: the first entry is their number
		if p.entries = order.Uint64(b[pageHeader:]); p.entries < ^uint64(0) {
			p.entries++
		}
	}
	return p, nil
}
