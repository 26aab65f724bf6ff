package bundle

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"time"
)

// What a bundle may be. Text compresses to a tenth; what unpacks to more than 200 times its size is
// no text that anybody wrote.
const (
	MaxSize    = 32 << 20 // bytes of the file
	maxEntries = 2_000
	maxTotal   = 128 << 20 // bytes of all entries, unpacked
	maxRatio   = 200
	ratioFrom  = 1 << 20 // entries up to this size may be of any ratio
	encrypted  = 1 << 0  // general purpose bit of an entry
)

// entryTime is the time of every entry, the first that a ZIP knows.
var entryTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive returns the ZIP of the entries. One that would unpack to more than maxRatio times its size
// is stored, so that what is written can be read.
func archive(entries []entry) ([]byte, error) {
	if len(entries) > maxEntries {
		return nil, fmt.Errorf("it would have %d entries, at most %d are read: export fewer sessions at once", len(entries), maxEntries)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	total := 0
	for _, e := range entries {
		if total += len(e.data); total > maxTotal {
			return nil, fmt.Errorf("it would unpack to more than %d MiB: export fewer sessions at once", maxTotal>>20)
		}
		method := zip.Deflate
		if len(e.data) > ratioFrom {
			packed, err := deflated(e.data)
			if err != nil {
				return nil, err
			}
			if len(e.data)/maxRatio > packed {
				method = zip.Store
			}
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method, Modified: entryTime})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(e.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if b.Len() > MaxSize {
		return nil, fmt.Errorf("it would have %d bytes, at most %d are read: export fewer sessions at once", b.Len(), MaxSize)
	}
	return b.Bytes(), nil
}

// deflated returns how many bytes are left of data.
func deflated(data []byte) (int, error) {
	var n counter
	w, err := flate.NewWriter(&n, flate.DefaultCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(data); err != nil {
		return 0, err
	}
	return int(n), w.Close()
}

type counter int

func (n *counter) Write(b []byte) (int, error) {
	*n += counter(len(b))
	return len(b), nil
}

// unarchive returns the entries of a ZIP, after it judged them all by what the directory says.
func unarchive(data []byte) ([]entry, error) {
	if len(data) > MaxSize {
		return nil, refuse("", "it has %d bytes, at most %d are read", len(data), MaxSize)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, refuse("", "it is no sound ZIP: %w", err)
	}
	if len(z.File) > maxEntries {
		return nil, refuse("", "it has %d entries, at most %d are read", len(z.File), maxEntries)
	}
	seen := make(map[string]bool, len(z.File))
	total := uint64(0)
	for _, f := range z.File {
		if err := judgeEntry(f); err != nil {
			return nil, err
		}
		folded := strings.ToLower(f.Name)
		if seen[folded] {
			return nil, refuse(f.Name, "it is there twice, if case is left out")
		}
		seen[folded] = true
		if total += f.UncompressedSize64; total > maxTotal {
			return nil, refuse(f.Name, "with it the bundle unpacks to more than %d MiB", maxTotal>>20)
		}
	}
	entries := make([]entry, 0, len(z.File))
	for _, f := range z.File {
		data, err := unpack(f)
		if err != nil {
			return nil, refuse(f.Name, "it can not be unpacked: %w", err)
		}
		entries = append(entries, entry{f.Name, data})
	}
	return entries, nil
}

// judgeEntry judges an entry by what the directory says of it.
func judgeEntry(f *zip.File) error {
	switch {
	case !plainName(f.Name):
		return refuse(f.Name, "it is not a name that an entry of a bundle can have")
	case f.Flags&encrypted != 0:
		return refuse(f.Name, "it is encrypted inside the ZIP, which Plumbline never does")
	case !f.Mode().IsRegular():
		return refuse(f.Name, "it is not a regular file")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return refuse(f.Name, "it is packed by method %d, which is neither stored nor deflated", f.Method)
	case f.UncompressedSize64 > maxTotal:
		return refuse(f.Name, "it unpacks to more than %d MiB", maxTotal>>20)
	case f.UncompressedSize64 > ratioFrom && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return refuse(f.Name, "it unpacks to more than %d times its size", maxRatio)
	}
	return nil
}

// plainName reports whether a name can be that of an entry: parts of ASCII letters, digits, "-", "_"
// and ".", none of which leads out of a folder, is hidden, or is a device on some system.
func plainName(name string) bool {
	if name == "" || len(name) > 200 {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || part[len(part)-1] == '.' || device(part) {
			return false
		}
		for i := range len(part) {
			c := part[i]
			if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' && c != '.' {
				return false
			}
		}
	}
	return true
}

// device reports whether Windows takes a name for that of a device, whatever follows a dot in it.
func device(part string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(part), ".")
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "COM" || stem[:3] == "LPT") && stem[3] >= '0' && stem[3] <= '9'
}

// unpack reads an entry, no more of it than the directory says.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	b.Grow(int(min(f.UncompressedSize64, ratioFrom)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, int64(f.UncompressedSize64)+1)); err != nil {
		return nil, err
	}
	if uint64(b.Len()) != f.UncompressedSize64 {
		return nil, fmt.Errorf("it has %d bytes or more, not %d", b.Len(), f.UncompressedSize64)
	}
	return b.Bytes(), nil
}
