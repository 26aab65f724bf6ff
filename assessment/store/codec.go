package store

import (
	"encoding/binary"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// codec is the form in which sessions stand in the file. Everything in a session's bucket, its name
// included, goes through it, so that another form needs no change anywhere else. It must map equal
// keys to equal keys; order may be lost, and no caller relies on it.
//
// This one is plain: names, keys and values stand as they are.
type codec struct{}

// bucket returns the name of a session's bucket. It never equals headerBucket.
func (codec) bucket(session string) []byte { return append([]byte("s/"), session...) }

// session returns what messages call the session of a bucket.
func (codec) session(bucket []byte) string { return strings.TrimPrefix(string(bucket), "s/") }

// key returns the stored form of a key in the bucket of that name.
func (codec) key(bucket []byte, key string) []byte { return []byte(key) }

// seal returns the stored forms of a key and its value.
func (c codec) seal(bucket []byte, key string, value []byte) (k, v []byte) {
	return c.key(bucket, key), value
}

// open is the reverse of seal. The value may be a part of v.
func (codec) open(bucket, k, v []byte) (key string, value []byte, err error) {
	return string(k), v, nil
}

// The keys of a session's bucket. Records have none of these beginnings: their keys start with the
// name of their kind.
const (
	keyHead    = "!head"
	keyPlace   = "!place"
	keySummary = "!sum"

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

// drawer is the bucket of one session, seen through the codec. Like the bucket it is valid during its
// transaction, and so are the values that it gives out.
type drawer struct {
	bucket *bolt.Bucket
	name   []byte
	codec  codec
}

// get returns the value of a key, nil where there is none.
func (d drawer) get(key string) ([]byte, error) {
	k := d.codec.key(d.name, key)
	v := d.bucket.Get(k)
	if v == nil {
		return nil, nil
	}
	_, value, err := d.codec.open(d.name, k, v)
	return value, err
}

// put sets the value of a key. The value must not change before the transaction ends.
func (d drawer) put(key string, value []byte) error {
	return d.bucket.Put(d.codec.seal(d.name, key, value))
}

func (d drawer) delete(key string) error { return d.bucket.Delete(d.codec.key(d.name, key)) }

// each calls do for all that the drawer holds, in no particular order.
func (d drawer) each(do func(key string, value []byte) error) error {
	return d.bucket.ForEach(func(k, v []byte) error {
		key, value, err := d.codec.open(d.name, k, v)
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
