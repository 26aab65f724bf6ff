package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Facts are what can be told of a file without changing it.
type Facts struct {
	Path     string
	Made     time.Time // of a backup: the time in its name, UTC
	Size     int64     // bytes
	Sealed   bool
	Sessions int
	Changed  time.Time // when a session was changed last, UTC; zero where none was, or the file is sealed
	Flaw     error     // a *DamageError: the first summary that can not be read, of a file that is not sealed
}

// Look says what a file is, with an error where it is no store: then nothing but path, time and size can
// be relied on. It needs no passphrase. The pages of the file are followed, what the sessions say is not
// checked.
func Look(path string) (Facts, error) {
	facts := Facts{Path: path}
	err := checkFile(path)
	if info, statErr := os.Stat(path); statErr == nil {
		facts.Size = info.Size()
	}
	if err != nil {
		return facts, err
	}
	return facts, facts.read()
}

// checkFile judges the file at path as far as that goes without mapping it into memory.
func checkFile(path string) error {
	info, err := os.Stat(path) // before it is opened: opening a pipe waits
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &DamageError{Path: path, Why: "it is not a regular file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	err = steadily(f, func(r io.ReaderAt, size int64) error {
		if err := preflight(r, size); err != nil {
			return err
		}
		return checkTree(r, size)
	})
	if err != nil {
		return &DamageError{Path: path, Why: err.Error(), Backup: newestBackup(path)}
	}
	return nil
}

// read reads the header and the summaries.
func (facts *Facts) read() (err error) {
	s, err := peek(facts.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.view(func(tx *bolt.Tx) error {
		facts.Sealed = s.file.slots != nil
		facts.count(tx)
		return nil
	})
}

// peek opens the file at path for reading, of whatever kind of store it is. What a sealed one says can not
// be read: it comes without keys.
func peek(path string) (*Store, error) {
	s := &Store{path: path, calls: make(chan func()), gone: make(chan struct{}), withdraw: func() {}}
	go s.own()
	err := s.do(func() (err error) {
		s.file, err = openFile(path, released[:], true)
		return err
	})
	if err != nil {
		s.Close() // ends the owner; there is nothing else to close
		return nil, err
	}
	return s, nil
}

// count counts the sessions of a file, and where it is plain says when one was changed last.
func (facts *Facts) count(tx *bolt.Tx) {
	for d := range (codec{}).drawers(tx) {
		facts.Sessions++
		if facts.Sealed {
			continue
		}
		sum, err := summaryIn(d)
		if err != nil {
			if facts.Flaw == nil { // the other sessions are none the worse for it
				facts.Flaw = &DamageError{Path: facts.Path, Why: fmt.Sprintf("session %q: %v", d.session(), err)}
			}
			continue
		}
		if sum.Changed.After(facts.Changed) {
			facts.Changed = sum.Changed.UTC()
		}
	}
}

// A Backup is a copy in the folder of backups.
type Backup struct {
	Facts
	Err error // why it is not whole, or why that can not be told; a Flaw too
}

// Backups lists the backups of the store at path, newest first, and looks at each. There need not be a
// store at path.
func Backups(path string) ([]Backup, error) {
	path, _, err := locate(path, func(error) {})
	if err != nil && !errors.Is(err, ErrDamaged) { // the backups of what is damaged are wanted most
		return nil, err
	}
	list, err := backups(path)
	if err != nil {
		return nil, err
	}
	looked := make([]Backup, len(list))
	for i, b := range list {
		looked[i].Facts, looked[i].Err = Look(b.path)
		if looked[i].Err == nil {
			looked[i].Err = looked[i].Flaw
		}
		looked[i].Made = b.time
	}
	return looked, nil
}

// BackupNamed returns the path of the backup of that name, as it stands in the folder of backups of the
// store at path; ok is false where there is none.
func BackupNamed(path, name string) (backup string, ok bool) {
	path, _, err := locate(path, func(error) {})
	if err != nil && !errors.Is(err, ErrDamaged) || filepath.Base(name) != name {
		return "", false
	}
	backup = filepath.Join(backupFolder(path), name)
	return backup, exists(backup)
}
