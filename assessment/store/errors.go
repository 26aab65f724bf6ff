package store

import (
	"errors"
	"fmt"
	"strings"

	"plumbline/assessment"
)

// Errors by which a caller decides.
var (
	ErrNotFound = errors.New("no such session in the store")
	ErrDangling = errors.New("store is a symbolic link that leads nowhere")
	ErrBusy     = errors.New("store is in use")
	ErrDamaged  = errors.New("not a sound store")
	ErrNewer    = errors.New("store was made by a newer version of Plumbline")
	ErrOlder    = errors.New("store was made by an older version of Plumbline")
	ErrReadOnly = errors.New("store is open for reading only")
	ErrKept     = errors.New("it is a backup, which stays as it was made")
	ErrConflict = errors.New("the session was changed elsewhere")
	// ErrFull: there is no room for what was to be written. Nothing was, the store is as it was
	// before, and the same call can be repeated once there is room.
	ErrFull = errors.New("no room to write")
	// ErrRemains: the file still holds what was deleted or replaced, since it could not be written anew.
	// The next Open for writing, or Delete, tries again.
	ErrRemains = errors.New("what was there before is still in the file")
	// ErrStopped: a write failed in a way that leaves open what is on the disk, or the file can not
	// be read any more. Nothing more is written until Reopen returns nil.
	ErrStopped = errors.New("store has stopped and must be reopened")
	ErrClosed  = errors.New("store is closed")

	// ErrSealed: the store is encrypted and was opened without a passphrase.
	ErrSealed = errors.New("store is encrypted and needs its passphrase")
	// ErrPassphrase: the header is whole, and the passphrase does not open it.
	ErrPassphrase = errors.New("not the passphrase of the store")
	// ErrPlain: the store is not encrypted, and was expected to be. Whoever gives a passphrase must not
	// go on unaware that somebody has put another file in the place of the sealed one.
	ErrPlain        = errors.New("store is not encrypted")
	ErrNoPassphrase = errors.New("the passphrase is empty")
	// ErrFIPS: Go's module has no Argon2id, and nothing else stretches passphrases here yet.
	ErrFIPS = errors.New("an encrypted store can not work in FIPS-only mode (GODEBUG=fips140=only), which does not allow Argon2id")
)

// asFull returns an error of writing a file, of which nothing is left, as ErrFull where there was no room
// for it.
func asFull(err error) error {
	for _, full := range outOfRoom {
		// bbolt hands on of some errors only the text.
		if err != nil && (errors.Is(err, full) || strings.HasSuffix(err.Error(), full.Error())) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return err
}

// BusyError says who has the store open. It unwraps to ErrBusy.
type BusyError struct {
	Path string
	PID  int // 0 when the system does not tell
}

func (e *BusyError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("store %q is in use by another process", e.Path)
	}
	return fmt.Sprintf("store %q is in use by process %d", e.Path, e.PID)
}

// Unwrap returns ErrBusy.
func (e *BusyError) Unwrap() error { return ErrBusy }

// DamageError says why a file is not taken as a store. The file was not changed. It unwraps to
// ErrDamaged.
type DamageError struct {
	Path   string
	Why    string
	Backup string // the newest backup that looks whole; "" where there is none
}

func (e *DamageError) Error() string {
	text := fmt.Sprintf("%q is %v: %s", e.Path, ErrDamaged, e.Why)
	if e.Backup != "" {
		text += fmt.Sprintf("; the newest backup is %q", e.Backup)
	}
	return text
}

// Unwrap returns ErrDamaged.
func (e *DamageError) Unwrap() error { return ErrDamaged }

// NewerError says which version reads a store that this one does not. The file was not changed. It
// unwraps to ErrNewer.
type NewerError struct {
	Path         string
	Schema       int
	Reads        int    // the newest schema that this version reads
	ReadableFrom string // the first version of Plumbline that reads it; "" where the file does not tell
}

func (e *NewerError) Error() string {
	use := fmt.Sprintf("Plumbline %.40s or later", e.ReadableFrom)
	if e.ReadableFrom == "" {
		use = "the version that wrote it"
	}
	return fmt.Sprintf("%q: %v: its schema is %d and this version reads up to %d; use %s", e.Path, ErrNewer, e.Schema, e.Reads, use)
}

// Unwrap returns ErrNewer.
func (e *NewerError) Unwrap() error { return ErrNewer }

// OlderError says that a store is of an older layout and was opened for reading alone, so that it could not
// be brought up to date. The file was not changed. It unwraps to ErrOlder.
type OlderError struct {
	Path   string
	Schema int
}

func (e *OlderError) Error() string {
	return fmt.Sprintf("%q: %v, with schema %d, and was only to be read", e.Path, ErrOlder, e.Schema)
}

// Unwrap returns ErrOlder.
func (e *OlderError) Unwrap() error { return ErrOlder }

// ConflictError says that a session holds another event than the one that was to be added: somebody
// else went on from the same state. Nothing was written. It unwraps to ErrConflict.
type ConflictError struct {
	Session string
	Seq     uint64
	Stored  assessment.Hash
	Given   assessment.Hash
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("session %s: %v: its event %d is %.16s in the store, not %.16s",
		e.Session, ErrConflict, e.Seq, e.Stored, e.Given)
}

// Unwrap returns ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }
