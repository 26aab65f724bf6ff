package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"strings"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// codec is the form in which sessions stand in the file. Everything in a session's bucket, its name
// included, goes through it, and so does the header's list of sessions. It maps equal names and keys
// to equal ones; order may be lost, and no caller relies on it.
//
// The zero codec is plain: names, keys and values stand as they are. With keys it is sealed.
type codec struct{ keys *keyring }

func (c codec) sealed() bool { return c.keys != nil }

// bucket returns the name of a session's bucket. It never equals headerBucket.
func (c codec) bucket(session string) []byte {
	if c.sealed() {
		return c.keys.bucket(session)
	}
	return append([]byte(plainPrefix), session...)
}

// wipe overwrites the keys; nothing can be read through the codec any more.
func (c codec) wipe() {
	if c.sealed() {
		c.keys.wipe()
	}
}

// plainPrefix begins the names of buckets where they tell the ids of the sessions.
const plainPrefix = "s/"

// drawer returns a bucket of that name, seen through the codec.
func (c codec) drawer(b *bolt.Bucket, name []byte) drawer {
	d := drawer{bucket: b, name: name}
	if c.sealed() {
		d.seal = c.keys.seal(name)
	}
	return d
}

// drawers gives out the buckets of all sessions in a file.
func (c codec) drawers(tx *bolt.Tx) iter.Seq[drawer] {
	return func(yield func(drawer) bool) {
		cursor := tx.Cursor()
		for name, _ := cursor.First(); name != nil; name, _ = cursor.Next() {
			if isSession(name) && !yield(c.drawer(tx.Bucket(name), name)) {
				return
			}
		}
	}
}

// create makes the bucket of a session.
func (c codec) create(tx *bolt.Tx, session string) (drawer, error) {
	name := c.bucket(session)
	b, err := tx.CreateBucket(name)
	if err != nil {
		return drawer{}, err
	}
	d := c.drawer(b, name)
	if c.sealed() {
		err = d.put(keySession, []byte(session))
	}
	return d, err
}

// The keys of a session's bucket. Records have none of these beginnings: their keys start with the
// name of their kind.
const (
	keyHead    = "!head"
	keyPlace   = "!place"
	keySummary = "!sum"
	keySession = "!id" // the session's id, where the name of the bucket does not tell it

	ownPrefix     = '!'
	journalPrefix = '~'
)

// journalKey returns the key of an event.
func journalKey(seq uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{journalPrefix}, seq))
}

// journalSeq is the reverse of journalKey; ok is false for a key of something else.
func journalSeq(key string) (seq uint64, ok bool) {
	if len(key) != 9 || key[0] != journalPrefix {
		return 0, false
	}
	return binary.BigEndian.Uint64([]byte(key[1:])), true
}

// drawer is one bucket, seen through the codec. Like the bucket it is valid during its transaction, and
// so are the values that it gives out.
type drawer struct {
	bucket *bolt.Bucket
	name   []byte
	seal   *seal // nil: plain
}

// id returns the id of the session whose bucket it is.
func (d drawer) id() (string, error) {
	if d.seal == nil {
		return strings.TrimPrefix(string(d.name), plainPrefix), nil
	}
	id, err := d.get(keySession)
	if err == nil && id == nil {
		err = fmt.Errorf("%w: it does not say whose it is", ErrDamaged)
	}
	return string(id), err
}

// session returns what messages call the session: its id, or what a bucket that has lost it is called.
func (d drawer) session() string {
	id, err := d.id()
	if err != nil {
		return fmt.Sprintf("in bucket %x", d.name)
	}
	return id
}

// key returns the stored form of a key.
func (d drawer) key(key string) []byte {
	if d.seal == nil {
		return []byte(key)
	}
	return d.seal.key(key)
}

// open returns what a stored key and value say. The value may be a part of v.
func (d drawer) open(k, v []byte) (key string, value []byte, err error) {
	if d.seal == nil {
		return string(k), v, nil
	}
	return d.seal.open(k, v)
}

// get returns the value of a key, nil where there is none.
func (d drawer) get(key string) ([]byte, error) {
	k := d.key(key)
	v := d.bucket.Get(k)
	if v == nil {
		return nil, nil
	}
	_, value, err := d.open(k, v)
	return value, err
}

// put sets the value of a key. The value must not change before the transaction ends.
func (d drawer) put(key string, value []byte) error {
	if d.seal == nil {
		return d.bucket.Put([]byte(key), value)
	}
	return d.bucket.Put(d.seal.seal(key, value))
}

func (d drawer) delete(key string) error { return d.bucket.Delete(d.key(key)) }

// each calls do for all that the drawer holds, in no particular order.
func (d drawer) each(do func(key string, value []byte) error) error { return d.eachBut("", do) }

// eachBut is each without one key, whose value may be damaged.
func (d drawer) eachBut(but string, do func(key string, value []byte) error) error {
	skip := d.key(but)
	return d.bucket.ForEach(func(k, v []byte) error {
		if bytes.Equal(k, skip) {
			return nil
		}
		key, value, err := d.open(k, v)
		if err != nil {
			return err
		}
		return do(key, value)
	})
}

// head returns the end of the journal.
func (d drawer) head() (assessment.Head, error) {
	v, err := d.get(keyHead)
	if err != nil {
		return assessment.Head{}, err
	}
	var h assessment.Head
	if len(v) != 8+len(h.Hash) {
		return assessment.Head{}, fmt.Errorf("%w: the head of the journal has %d bytes", ErrDamaged, len(v))
	}
	h.Seq = binary.BigEndian.Uint64(v)
	copy(h.Hash[:], v[8:])
	return h, nil
}

func (d drawer) putHead(h assessment.Head) error {
	return d.put(keyHead, append(binary.BigEndian.AppendUint64(nil, h.Seq), h.Hash[:]...))
}
