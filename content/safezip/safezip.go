// Package safezip opens ZIP files that came from outside. It judges a file by all that its directory
// says before anything is unpacked, in one way for every kind of ZIP that the program reads: packs,
// workbooks, bundles and reports. Nothing is ever written to disk.
package safezip

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
)

// Limits are what a ZIP of some kind may have.
type Limits struct {
	Size     int // bytes of the file
	Entries  int
	Unpacked int // bytes of all entries together
}

// Text packs to a tenth. What unpacks to more than MaxRatio times its size is none that anybody wrote;
// entries of up to RatioFrom bytes may be of any ratio.
const (
	MaxRatio  = 200
	RatioFrom = 1 << 20
)

// EntryError says what is wrong with an entry. Its words follow the name: "is encrypted".
type EntryError struct {
	Name string
	Err  error
}

func (e *EntryError) Error() string { return fmt.Sprintf("entry %.80q %v", e.Name, e.Err) }

// Unwrap returns the cause.
func (e *EntryError) Unwrap() error { return e.Err }

const (
	localHeader     = "PK\x03\x04" // begins each entry
	directoryHeader = "PK\x01\x02" // stands in the directory before each entry
	localSize       = 30           // bytes of a local header before the name
	encrypted       = 1<<0 | 1<<6 | 1<<13
)

// Open returns the ZIP in data, after it has judged its directory: refused are files, entries and names
// beyond the limits, names that lead out of the ZIP, are there twice (also in other case) or are devices
// on some system, entries that are encrypted, no regular files or folders, packed in an unusual way or
// better than text can be, that overlap or have another name where they stand, and anything in front of the
// first one or behind the directory. An error about an entry is an *EntryError, any other is about the file:
// its words follow "it".
//
// What an entry holds can still differ from what the directory says: see Read.
func Open(data []byte, l Limits) (*zip.Reader, error) {
	switch {
	case len(data) > l.Size:
		return nil, fmt.Errorf("has %d bytes, at most %d are read", len(data), l.Size)
	case !bytes.HasPrefix(data, []byte(localHeader)):
		return nil, errors.New("is no sound ZIP: it does not begin with an entry")
	case bytes.Count(data, []byte(directoryHeader)) > l.Entries: // before there is room made for each
		return nil, fmt.Errorf("has more than %d entries", l.Entries)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("is no sound ZIP: %w", err)
	}
	seen := make(map[string]bool, len(z.File))
	left := uint64(l.Unpacked)
	for _, f := range z.File {
		// Upper and lower: some letters fold into ASCII only by both.
		folded := strings.ToLower(strings.ToUpper(strings.TrimSuffix(f.Name, "/")))
		err := judge(f)
		switch {
		case err != nil:
		case seen[folded]:
			err = errors.New("is there twice, if case is left out")
		case f.UncompressedSize64 > left:
			err = fmt.Errorf("unpacks to too much: all entries have at most %d bytes", l.Unpacked)
		}
		if err != nil {
			return nil, &EntryError{f.Name, err}
		}
		seen[folded] = true
		left -= f.UncompressedSize64
	}
	if err := apart(data, z); err != nil {
		return nil, err
	}
	return z, nil
}

// judge judges an entry by what the directory says of it alone.
func judge(f *zip.File) error {
	switch {
	case !localName(strings.TrimSuffix(f.Name, "/")):
		return errors.New("has a name that leads out of the ZIP or means something else on another system")
	case f.Flags&encrypted != 0:
		return errors.New("is encrypted")
	case !f.Mode().IsRegular() && !f.Mode().IsDir():
		return errors.New("is not a regular file")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fmt.Errorf("is packed by method %d, which is neither stored nor deflated", f.Method)
	case f.UncompressedSize64 > RatioFrom && f.UncompressedSize64/MaxRatio > f.CompressedSize64:
		return fmt.Errorf("unpacks to more than %d times its size", MaxRatio)
	}
	return nil
}

// localName reports whether a name stays inside the ZIP and is the same on every system: no way out of
// the folder, no drive, no stream, no device, no dot or blank at the end of a part, which Windows drops.
func localName(name string) bool {
	if !fs.ValidPath(name) || name == "." || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7F || r == '\\' || r == ':' }) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if last := part[len(part)-1]; last == '.' || last == ' ' || device(part) {
			return false
		}
	}
	return true
}

// device reports whether Windows takes a name for that of a device, whatever follows a dot in it.
func device(part string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(part), ".")
	switch stem = strings.TrimRight(stem, " "); stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	rest, com := strings.CutPrefix(stem, "COM")
	rest, lpt := strings.CutPrefix(rest, "LPT")
	return com != lpt && slices.Contains([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, rest)
}

// apart refuses what lets two readers see two different files: entries that share bytes, by which a small
// file can also unpack to much more than each entry may, names that are others where the entries stand, and
// anything in front of the first entry or behind the directory.
func apart(data []byte, z *zip.Reader) error {
	type span struct {
		name     string
		from, to int // the packed bytes
	}
	spans := make([]span, 0, len(z.File))
	for _, f := range z.File {
		from, err := f.DataOffset()
		switch {
		case err != nil:
			return &EntryError{f.Name, fmt.Errorf("is not where the directory says: %w", err)}
		case from > int64(len(data)) || f.CompressedSize64 > uint64(int64(len(data))-from):
			return &EntryError{f.Name, errors.New("reaches beyond the end of the file")}
		}
		spans = append(spans, span{f.Name, int(from), int(from) + int(f.CompressedSize64)})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	end := 0
	for i, s := range spans {
		at := headerBefore(data, s.from, s.name)
		switch {
		case at < 0:
			return &EntryError{s.name, errors.New("is called something else where it stands")}
		case i == 0 && at > 0:
			return errors.New("has something in front of its first entry")
		case at < end:
			return &EntryError{s.name, errors.New("shares bytes with another entry")}
		}
		end = s.to
	}
	return closed(data, end, len(z.Comment))
}

// headerBefore returns where the local header of that name stands whose packed bytes begin at from, or -1.
// Between the two lies what the header says of an extra field, so there is one place at most that fits.
func headerBefore(data []byte, from int, name string) int {
	for extra := 0; extra <= math.MaxUint16; extra++ {
		at := from - extra - len(name) - localSize
		if at < 0 {
			return -1
		}
		h := data[at:from]
		if string(h[:4]) == localHeader && binary.LittleEndian.Uint16(h[26:]) == uint16(len(name)) &&
			binary.LittleEndian.Uint16(h[28:]) == uint16(extra) && string(h[localSize:localSize+len(name)]) == name {
			return at
		}
	}
	return -1
}

// closed reports whether the file ends with the directory and its end (APPNOTE.TXT, 4.3.16), and the
// directory begins no sooner than the last entry ends.
func closed(data []byte, last, comment int) error {
	const (
		endSize   = 22
		zip64Size = 56 + 20 // of the records that some programs put in between, though no number needs them
	)
	at := len(data) - endSize - comment
	if at < last || string(data[at:at+4]) != "PK\x05\x06" {
		return errors.New("has something behind its end")
	}
	size, begin := int(binary.LittleEndian.Uint32(data[at+12:])), int(binary.LittleEndian.Uint32(data[at+16:]))
	gap := at - begin - size
	switch {
	case begin < last:
		return errors.New("has a directory that shares bytes with an entry")
	case gap != 0 && (gap != zip64Size || string(data[begin+size:begin+size+4]) != "PK\x06\x06"):
		return errors.New("has something behind its directory")
	}
	return nil
}

// Read unpacks an entry of a ZIP that Open has returned. An entry of another size or check sum than the
// directory says is an error.
func Read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("can not be unpacked: %w", err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64) // which Open has bounded
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("can not be unpacked: %w", err)
	}
	switch n, err := r.Read(make([]byte, 1)); { // the check sum is compared at the end
	case n > 0:
		return nil, fmt.Errorf("can not be unpacked: it has more than %d bytes", len(data))
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("can not be unpacked: %w", err)
	}
	return data, nil
}
