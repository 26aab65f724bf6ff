package content

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// What a zip may be, beside what a pack may be. Text compresses to a tenth; what unpacks to more than
// 200 times its size is no text that anybody wrote.
const (
	maxZipRatio  = 200
	ratioFrom    = 1 << 20 // entries up to this size may be of any ratio
	zipEncrypted = 1 << 0  // general purpose bit
)

// ZipFiles returns the files of a pack that is a zip of that size: those at its root, or those in its
// one folder. It judges the directory of the zip and unpacks nothing: entries whose names lead out of
// the zip or are there twice (also in other case), that are encrypted, or no regular files, or whose
// sizes are beyond those of a pack, are a *PackError. Load judges the rest.
func ZipFiles(r io.ReaderAt, size int64) (fs.FS, error) {
	if size > maxPackSize {
		return nil, &PackError{File: "zip", Err: fmt.Errorf("is larger than %d MiB", maxPackSize>>20)}
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &PackError{File: "zip", Err: fmt.Errorf("can not be read: %w", err)}
	}
	if len(z.File) > maxPackFiles {
		return nil, &PackError{File: "zip", Err: fmt.Errorf("has %d entries, a pack has at most %d", len(z.File), maxPackFiles)}
	}
	seen := make(map[string]bool, len(z.File))
	root, total := "", uint64(0)
	for i, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		dir := path.Dir(name)
		if f.Mode().IsDir() {
			dir = name
		}
		if i == 0 {
			root = dir
		}
		total += f.UncompressedSize64
		if err := checkEntry(f, name); err != nil {
			return nil, &PackError{File: name, Err: err}
		}
		switch folded := strings.ToLower(name); {
		case seen[folded]:
			return nil, &PackError{File: name, Err: errors.New("is there twice, if case is left out")}
		case dir != root || strings.Contains(root, "/"):
			return nil, &PackError{File: name, Err: errors.New("lies in another folder than the rest of the pack")}
		case total > maxPackSize:
			return nil, &PackError{File: name, Err: fmt.Errorf("with it the pack is larger than %d MiB", maxPackSize>>20)}
		default:
			seen[folded] = true
		}
	}
	if root == "" {
		root = "."
	}
	return fs.Sub(z, root)
}

// checkEntry judges an entry of a zip by what the directory says of it.
func checkEntry(f *zip.File, name string) error {
	switch {
	case !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00"):
		return errors.New("is not a name inside the zip")
	case f.Flags&zipEncrypted != 0:
		return errors.New("is encrypted")
	case !f.Mode().IsRegular() && !f.Mode().IsDir():
		return errors.New("is not a regular file")
	case f.UncompressedSize64 > ratioFrom && f.UncompressedSize64/maxZipRatio > f.CompressedSize64:
		return fmt.Errorf("unpacks to more than %d times its size", maxZipRatio)
	}
	return nil
}
