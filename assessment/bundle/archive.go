package bundle

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"strings"
	"time"

	"plumbline/content/safezip"
)

// What a bundle may be.
const (
	MaxSize    = 32 << 20 // bytes of the file
	maxEntries = 2_000
	maxTotal   = 64 << 20 // bytes of all entries, unpacked
)

// entryTime is the time of every entry, the first that a ZIP knows.
var entryTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive returns the ZIP of the entries. One that would unpack to more than safezip.MaxRatio times its size
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
		if len(e.data) > safezip.RatioFrom {
			packed, err := deflated(e.data)
			if err != nil {
				return nil, err
			}
			if len(e.data)/safezip.MaxRatio > packed {
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
	z, err := safezip.Open(data, safezip.Limits{Size: MaxSize, Entries: maxEntries, Unpacked: maxTotal})
	if bad, ok := errors.AsType[*safezip.EntryError](err); ok {
		return nil, refuse(bad.Name, "it %w", bad.Err)
	}
	if err != nil {
		return nil, refuse("", "it %w", err)
	}
	entries := make([]entry, 0, len(z.File))
	for _, f := range z.File {
		if !plainName(f.Name) {
			return nil, refuse(f.Name, "it is not a name that an entry of a bundle can have")
		}
		data, err := safezip.Read(f)
		if err != nil {
			return nil, refuse(f.Name, "it %w", err)
		}
		entries = append(entries, entry{f.Name, data})
	}
	return entries, nil
}

// plainName reports whether a name can be that of an entry: parts of ASCII letters, digits, "-", "_"
// and ".", none of which is hidden. What else makes a name a danger is for safezip to say.
func plainName(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' {
			return false
		}
		for i := range len(part) {
			c := part[i]
			if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' && c != '.' {
				return false
			}
		}
	}
	return len(name) <= 200
}
