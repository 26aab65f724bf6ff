package content

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"plumbline/content/safezip"
)

// MaxZip is how large the zip of a pack can be, in bytes. What is in it can be no larger.
const MaxZip = maxPackSize

// ZipFiles returns the files of a pack that is a zip: those at its root, or those in its one folder. It
// judges the directory of the zip, as safezip does, and unpacks nothing; what can not be a pack is a
// *PackError. Load judges the rest.
func ZipFiles(data []byte) (fs.FS, error) {
	z, err := safezip.Open(data, safezip.Limits{Size: MaxZip, Entries: maxPackFiles, Unpacked: maxPackSize})
	if entry, ok := errors.AsType[*safezip.EntryError](err); ok {
		return nil, &PackError{File: entry.Name, Err: entry.Err}
	}
	if err != nil {
		return nil, &PackError{File: "zip", Err: err}
	}
	root := ""
	for i, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		dir := path.Dir(name)
		if f.Mode().IsDir() {
			dir = name
		}
		if i == 0 {
			root = dir
		}
		if dir != root || strings.Contains(root, "/") {
			return nil, &PackError{File: name, Err: errors.New("lies in another folder than the rest of the pack")}
		}
	}
	return fs.Sub(z, root)
}
