// Package sshsig makes and checks signatures in the SSHSIG format of OpenSSH (PROTOCOL.sshsig), with
// Ed25519 keys and SHA-512 alone. What it signs, ssh-keygen -Y verify accepts, and the other way round.
// It reads keys and lists of signers in OpenSSH's own formats. It is written with the standard library:
// golang.org/x/crypto/ssh would link the network.
//
// A signature says that the holder of a key signed these bytes for a purpose, the namespace. Whose key
// that is, it does not say: that is what Signers are for.
package sshsig

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// The purposes for which Plumbline signs. A signature for one is none for another.
const (
	Bundle = "plumbline-bundle" // of the manifest of a bundle
	Report = "plumbline-report" // of the file of a report
)

// MaxSize is how long a signature can be, in bytes, with its armor. Ours have some 300.
const MaxSize = 8 << 10

const (
	magic     = "SSHSIG"
	version   = 1
	hashName  = "sha512"
	keyType   = "ssh-ed25519"
	armorName = "SSH SIGNATURE"
)

// ErrFormat says that data is not the signature, key or list of signers that it should be, or is of a
// kind that is not supported.
var ErrFormat = errors.New("not in a form that can be read")

// ErrBad says that a signature is not one of these bytes for this purpose: they were changed, or it
// belongs to something else.
var ErrBad = errors.New("the signature does not fit")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Sign returns the armored signature of a message. The same key, namespace and message give the same
// bytes. The namespace must not be empty.
func Sign(key ed25519.PrivateKey, namespace string, message []byte) []byte {
	blob := str(nil, keyType)
	blob = str(blob, ed25519.Sign(key, signed(namespace, message)))
	out := number([]byte(magic), version)
	out = str(out, keyBlob(key.Public().(ed25519.PublicKey)))
	out = str(out, namespace)
	out = str(out, "") // reserved
	out = str(out, hashName)
	out = str(out, blob)
	return armor(armorName, out)
}

// signed is what the key signs: not the message but its hash, with the purpose.
func signed(namespace string, message []byte) []byte {
	hash := sha512.Sum512(message)
	out := str([]byte(magic), namespace)
	out = str(out, "") // reserved
	out = str(out, hashName)
	return str(out, hash[:])
}

// Signature is a signature that was read. It says nothing before Verify.
type Signature struct {
	Key       ed25519.PublicKey // that is said to have signed
	Namespace string            // for which it is said to have signed
	sig       []byte
}

// Parse reads an armored signature, and nothing beside it. The error is ErrFormat.
func Parse(data []byte) (*Signature, error) {
	if len(data) > MaxSize {
		return nil, malformed("a signature of %d bytes; at most %d are read", len(data), MaxSize)
	}
	blob, err := unarmor(armorName, data)
	if err != nil {
		return nil, err
	}
	r := reader{rest: blob}
	if r.take(len(magic)) != magic || r.number() != version {
		return nil, malformed("it is no SSH signature of version %d", version)
	}
	key, namespace, reserved, hash, sig := r.str(), r.str(), r.str(), r.str(), reader{rest: []byte(r.str())}
	kind, raw := sig.str(), sig.str()
	switch {
	case !r.done():
		return nil, malformed("the signature is cut off, or something follows it")
	case reserved != "":
		return nil, malformed("its reserved part is not empty")
	case hash != hashName:
		return nil, malformed("it is over the hash %.20q, not %q", hash, hashName)
	}
	s := &Signature{Namespace: namespace, sig: []byte(raw)}
	if s.Key, err = parseKeyBlob([]byte(key)); err != nil {
		return nil, err
	}
	if !sig.done() || kind != keyType || len(raw) != ed25519.SignatureSize {
		return nil, malformed("the value of the signature is not one of %s", keyType)
	}
	return s, nil
}

// Verify checks that the key of the signature signed exactly this message for this purpose. The error
// is ErrBad.
func (s *Signature) Verify(namespace string, message []byte) error {
	switch {
	case s.Namespace != namespace:
		return fmt.Errorf("%w: it is for %.60q, not for %q", ErrBad, s.Namespace, namespace)
	case !ed25519.Verify(s.Key, signed(namespace, message), s.sig):
		return fmt.Errorf("%w: what it was made for is not what is here", ErrBad)
	}
	return nil
}

// Fingerprint is the short form of a public key that ssh-keygen -l shows: "SHA256:…".
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(keyBlob(key))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// KeyLine is a public key in one line, without a comment: "ssh-ed25519 AAAA…".
func KeyLine(key ed25519.PublicKey) string {
	return keyType + " " + base64.StdEncoding.EncodeToString(keyBlob(key))
}

// lineLength is that of the lines of armor that ssh-keygen writes.
const lineLength = 70

func armor(name string, blob []byte) []byte {
	var out strings.Builder
	out.WriteString("-----BEGIN " + name + "-----\n")
	for text := base64.StdEncoding.EncodeToString(blob); text != ""; {
		n := min(lineLength, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	out.WriteString("-----END " + name + "-----\n")
	return []byte(out.String())
}

// unarmor reads what stands between the two lines of armor. Lines can be of any length and end as on
// Windows; nothing may stand before, and only blank lines after.
func unarmor(name string, data []byte) ([]byte, error) {
	text := strings.TrimRight(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	text, begins := strings.CutPrefix(text, "-----BEGIN "+name+"-----\n")
	text, ends := strings.CutSuffix(text, "\n-----END "+name+"-----")
	if !begins || !ends {
		return nil, malformed("it does not stand between BEGIN %[1]s and END %[1]s", name)
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, malformed("what stands between BEGIN %[1]s and END %[1]s is no base64", name)
	}
	return blob, nil
}

// number and str append values as SSH writes them: a number in four bytes, a text after its length.
func number(b []byte, n uint32) []byte {
	return append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

func str[T string | []byte](b []byte, s T) []byte { return append(number(b, uint32(len(s))), s...) }

// reader reads such values. After one that is not there all are empty, and it is never done.
type reader struct {
	rest []byte
	cut  bool
}

func (r *reader) take(n int) string {
	if r.cut || n < 0 || n > len(r.rest) {
		r.cut = true
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) number() uint32 {
	b := r.take(4)
	if r.cut {
		return 0
	}
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func (r *reader) str() string {
	n := r.number()
	if uint64(n) > uint64(len(r.rest)) { // an int of 32 bits would not hold each length
		r.cut = true
		return ""
	}
	return r.take(int(n))
}

// done reports whether all was read, and all was there.
func (r *reader) done() bool { return !r.cut && len(r.rest) == 0 }
