package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

const (
	// sealFormat is the number of the form described here. It is part of what each value is bound to.
	sealFormat = 1

	keySize   = 32 // of the data key and of all that are derived from it
	idSize    = 16 // of a sealed store's id
	nameBytes = 16 // how much of an HMAC stands as the name of a bucket or as a key
)

// keyring holds the keys of a sealed store. All come from one data key, drawn by chance:
//
//	root     HKDF-Extract(SHA-256, salt = id of the store, the data key)
//	names    HKDF-Expand(root, "names"), for the names of the buckets
//	a bucket HKDF-Expand(root, "keys" and the bucket's name), for the keys in it
//	         HKDF-Expand(root, "values" and the bucket's name), for the values in it
//
// A bucket's name is the beginning of the HMAC-SHA-256 of its session's id, a key that of the logical
// key: equal ones look equal, and nothing else is to be seen of them. A value is AES-256-GCM with a
// random nonce over the logical key (its length, a uvarint, first) and the logical value; bound to it
// are the format, the id of the store, the name of the bucket and the stored key, so that a value
// opens in its own place alone. A bucket has a key of its own, which the random nonces let be used for
// 2^32 values: more than a session sees.
type keyring struct {
	id    [idSize]byte
	data  [keySize]byte // what the key slots hold, wrapped
	root  []byte
	names []byte
}

// newKeyring returns a keyring with an id and keys that there have never been.
func newKeyring() *keyring {
	var id [idSize]byte
	var data [keySize]byte
	rand.Read(id[:])
	rand.Read(data[:])
	return keyringOf(id, data)
}

func keyringOf(id [idSize]byte, data [keySize]byte) *keyring {
	root, err := hkdf.Extract(sha256.New, data[:], id[:])
	if err != nil {
		panic(err) // SHA-256 and a key of 32 bytes: there is nothing that could be refused
	}
	r := &keyring{id: id, data: data, root: root}
	r.names = r.derive("names", nil)
	return r
}

func (r *keyring) derive(purpose string, bucket []byte) []byte {
	key, err := hkdf.Expand(sha256.New, r.root, string(frame([]byte("plumbline store"), []byte(purpose), bucket)), keySize)
	if err != nil {
		panic(err) // likewise
	}
	return key
}

// bucket returns the name of a session's bucket.
func (r *keyring) bucket(session string) []byte {
	mac := hmac.New(sha256.New, r.names)
	mac.Write([]byte(session))
	return mac.Sum(nil)[:nameBytes]
}

// wipe overwrites the keys, as far as Go allows: what the cipher made of them stays until the memory
// is used for something else.
func (r *keyring) wipe() {
	clear(r.data[:])
	clear(r.root)
	clear(r.names)
}

// seal is the form of keys and values in one bucket of a sealed store. It is for one goroutine.
type seal struct {
	mac   hash.Hash
	aead  cipher.AEAD
	bound []byte // what all values of the bucket are bound to
}

func (r *keyring) seal(bucket []byte) *seal {
	return &seal{
		mac:   hmac.New(sha256.New, r.derive("keys", bucket)),
		aead:  gcm(r.derive("values", bucket)),
		bound: frame([]byte("plumbline value"), []byte{sealFormat}, r.id[:], bucket),
	}
}

// gcm returns AES-256-GCM in the one form that FIPS-only mode allows: the nonce is drawn by chance,
// inside, and stands before what it sealed.
func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the size of a key is always right
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // it is AES
	}
	return aead
}

// key returns the stored form of a key.
func (s *seal) key(key string) []byte {
	s.mac.Reset()
	s.mac.Write([]byte(key))
	return s.mac.Sum(nil)[:nameBytes]
}

// seal returns the stored forms of a key and its value.
func (s *seal) seal(key string, value []byte) (k, v []byte) {
	k = s.key(key)
	plain := make([]byte, 0, binary.MaxVarintLen16+len(key)+len(value))
	plain = binary.AppendUvarint(plain, uint64(len(key)))
	plain = append(append(plain, key...), value...)
	return k, s.aead.Seal(nil, nil, plain, appendFrame(s.bound, k))
}

// errSealed: what stands in a place is not what was sealed for it.
var errSealed = fmt.Errorf("%w: a value can not be decrypted, since it was changed or belongs elsewhere", ErrDamaged)

// open is the reverse of seal. What it returns is the caller's.
func (s *seal) open(k, v []byte) (key string, value []byte, err error) {
	plain, err := s.aead.Open(nil, nil, v, appendFrame(s.bound, k))
	if err != nil {
		return "", nil, errSealed
	}
	n, size := binary.Uvarint(plain)
	if size <= 0 || n > uint64(len(plain)-size) {
		return "", nil, errSealed
	}
	at := size + int(n)
	return string(plain[size:at]), plain[at:], nil
}

// frame joins parts, each behind its length, so that no two lists of parts give the same bytes.
func frame(parts ...[]byte) []byte { return appendFrame(nil, parts...) }

// appendFrame is frame behind what is there. It never writes to the array of b.
func appendFrame(b []byte, parts ...[]byte) []byte {
	n := len(b)
	for _, p := range parts {
		n += 8 + len(p)
	}
	out := append(make([]byte, 0, n), b...)
	for _, p := range parts {
		out = binary.BigEndian.AppendUint64(out, uint64(len(p)))
		out = append(out, p...)
	}
	return out
}
