package store

import (
	"bytes"
	"crypto/cipher"
	"crypto/fips140"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	"golang.org/x/crypto/argon2"
)

// keySlots are what the header of a sealed store has under the key "encryption": JSON, and behind it a
// CRC-32C of 4 bytes, big endian. The sum tells a header that rotted from a passphrase that is wrong; it
// protects from nobody. The wrapped key is bound to all else that its slot says, and to the store.
type keySlots struct {
	Format int    `json:"format"`
	ID     []byte `json:"id"`
	Slots  []slot `json:"slots"`
}

// slot is the data key, wrapped with what a passphrase gives. A store is written with one slot.
type slot struct {
	KDF  string `json:"kdf"`
	Salt []byte `json:"salt"`
	work
	Key []byte `json:"key"`
}

// work is what it takes to try a passphrase: the parameters of argon2id.
type work struct {
	Memory  uint32 `json:"memory_kib"`
	Passes  uint32 `json:"passes"`
	Threads uint8  `json:"threads"`
}

const (
	argon2id = "argon2id"
	saltSize = 16

	maxSlots     = 4
	maxSlotBytes = 8 << 10 // bytes of its description
	maxMemory    = 1 << 20 // KiB
	maxPasses    = 16
	maxLanes     = 64
)

// usualWork is the work for a new passphrase: the second recommendation of RFC 9106, 64 MiB.
var usualWork = work{Memory: 64 << 10, Passes: 3, Threads: 4}

// Sealable returns ErrFIPS where a store can not be encrypted or unlocked, so that nobody is asked for
// a passphrase in vain.
func Sealable() error {
	if fips140.Enforced() {
		return ErrFIPS
	}
	return nil
}

// newSlots returns one slot with the data key, which the passphrase opens.
func newSlots(r *keyring, passphrase []byte, w work) (*keySlots, error) {
	if err := Sealable(); err != nil {
		return nil, err
	}
	if len(passphrase) == 0 {
		return nil, ErrNoPassphrase
	}
	l := &keySlots{Format: sealFormat, ID: r.id[:]}
	s := slot{KDF: argon2id, Salt: make([]byte, saltSize), work: w}
	rand.Read(s.Salt)
	s.Key = s.cipher(passphrase).Seal(nil, nil, r.data[:], s.bound(l))
	l.Slots = []slot{s}
	return l, nil
}

// cipher returns what wraps the data key, and takes as long as trying a passphrase should.
func (s slot) cipher(passphrase []byte) cipher.AEAD {
	key := argon2.IDKey(passphrase, s.Salt, s.Passes, s.Memory, s.Threads, keySize)
	defer clear(key)
	return gcm(key)
}

// bound is what the wrapped key is bound to: all that is in the slot, and whose it is.
func (s slot) bound(l *keySlots) []byte {
	var n []byte
	for _, v := range []uint32{s.Memory, s.Passes, uint32(s.Threads)} {
		n = binary.BigEndian.AppendUint32(n, v)
	}
	return frame([]byte("plumbline key slot"), []byte(strconv.Itoa(l.Format)), l.ID, []byte(s.KDF), s.Salt, n)
}

// unlock returns the keys of the store, ErrPassphrase if the passphrase opens none of the slots.
func (l *keySlots) unlock(passphrase []byte) (*keyring, error) {
	if err := Sealable(); err != nil {
		return nil, err
	}
	for _, s := range l.Slots {
		data, err := s.cipher(passphrase).Open(nil, nil, s.Key, s.bound(l))
		if err != nil || len(data) != keySize {
			continue
		}
		defer clear(data)
		return keyringOf([idSize]byte(l.ID), [keySize]byte(data)), nil
	}
	return nil, ErrPassphrase
}

func (l *keySlots) encode() []byte {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err) // numbers and bytes: there is nothing that JSON could not hold
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

// decodeSlots is the reverse of encode. It refuses what would take more memory or time to try than any
// passphrase is worth, before anything is tried.
func decodeSlots(b []byte) (*keySlots, error) {
	n := len(b) - crc32.Size
	switch {
	case n < 1 || n > maxSlotBytes:
		return nil, fmt.Errorf("the description of its encryption has %d bytes", len(b))
	case crc32.Checksum(b[:n], castagnoli()) != binary.BigEndian.Uint32(b[n:]):
		return nil, errors.New("the description of its encryption has changed")
	}
	var l keySlots
	d := json.NewDecoder(bytes.NewReader(b[:n]))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || d.More() {
		return nil, errors.New("the description of its encryption can not be read")
	}
	switch {
	case l.Format != sealFormat:
		return nil, fmt.Errorf("its encryption is of format %d, and this version reads %d", l.Format, sealFormat)
	case len(l.ID) != idSize:
		return nil, fmt.Errorf("its id has %d bytes", len(l.ID))
	case len(l.Slots) < 1 || len(l.Slots) > maxSlots:
		return nil, fmt.Errorf("it has %d key slots", len(l.Slots))
	}
	total := uint64(0)
	for _, s := range l.Slots {
		if err := s.check(); err != nil {
			return nil, err
		}
		total += uint64(s.Memory) * uint64(s.Passes)
	}
	if total > maxMemory*maxPasses {
		return nil, fmt.Errorf("its %d key slots ask for too much work to try a passphrase", len(l.Slots))
	}
	return &l, nil
}

func (s slot) check() error {
	switch {
	case s.KDF != argon2id:
		return fmt.Errorf("its passphrase is stretched by %.20q, which this version does not know", s.KDF)
	case len(s.Salt) != saltSize:
		return fmt.Errorf("the salt of a key slot has %d bytes", len(s.Salt))
	case s.Memory > maxMemory:
		return fmt.Errorf("to try a passphrase it asks for %d MiB of memory, and the most that is given is %d", s.Memory>>10, maxMemory>>10)
	case s.Passes > maxPasses:
		return fmt.Errorf("to try a passphrase it asks for %d passes, and the most that are made is %d", s.Passes, maxPasses)
	case s.Passes < 1 || s.Threads < 1 || s.Threads > maxLanes || s.Memory < 8*uint32(s.Threads):
		return fmt.Errorf("a key slot has parameters that argon2id does not take")
	}
	return nil
}
