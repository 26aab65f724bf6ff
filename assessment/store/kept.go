package store

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
)

// Is reports whether the file at path, through symbolic links, begins as a store does: one of Plumbline's, or
// another database of bbolt's. It is no promise that it can be opened; where it is not certain, the answer
// is that it is one, so that nobody writes over the only copy of what somebody could still bring back.
func Is(path string) bool {
	info, err := os.Stat(path) // before it is opened: opening a pipe waits
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	if _, err := newestMeta(f, info.Size()); err == nil {
		return true
	}
	// The first page with a checksum that is wrong, or of a machine with the other order of bytes.
	var mark [4]byte
	if _, err := f.ReadAt(mark[:], metaOffset); err != nil {
		return false
	}
	return binary.LittleEndian.Uint32(mark[:]) == metaMagic || bytes.Equal(mark[:], binary.BigEndian.AppendUint32(nil, metaMagic))
}

// Keeps reports whether file is, through symbolic links too, the store at path or a file that goes with it,
// sound or damaged: a backup, what a restore has moved aside, a lock, a draft. There need not be a store at
// path. It opens no file: on some systems a process that opens and closes one gives up its lock on it.
func Keeps(path, file string) bool {
	path, _, _ = locate(path, func(error) {}) // the backups of what is damaged are wanted most
	if path == "" {
		return false
	}
	kept := append(asides(path), path, path+".lock", pidPath(path), restorePath(path), backupDraft(path), rewriteDraft(path))
	copies, _ := backups(path) // a folder that can not be listed has nothing that could be named, but by luck
	for _, b := range copies {
		kept = append(kept, b.path)
	}
	for _, k := range kept {
		if sameFile(k, file) {
			return true
		}
	}
	return false
}

// rewriteDraft is where a rewrite of the store at path is until it is whole.
func rewriteDraft(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".rewrite")
}
