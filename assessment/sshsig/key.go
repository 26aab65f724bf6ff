package sshsig

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
)

// MaxKeySize is how long the file of a private key can be, in bytes. Those of ssh-keygen have some 400,
// and a comment.
const MaxKeySize = 16 << 10

// ErrEncrypted says that a private key is encrypted with a passphrase.
var ErrEncrypted = errors.New("the private key is encrypted with a passphrase, which can not be asked for here; " +
	"ssh-keygen -p -N '' -f COPY takes it off a copy of the file")

// ErrKeyType says that a key is of another kind than Ed25519.
var ErrKeyType = errors.New("only keys of the kind ssh-ed25519 can sign; ssh-keygen -t ed25519 makes one")

const (
	keyArmor  = "OPENSSH PRIVATE KEY"
	keyMagic  = "openssh-key-v1\x00"
	blockSize = 8 // of the padding of a key that is not encrypted
)

// ParsePrivateKey reads the file of a private key as ssh-keygen -t ed25519 -N "" writes it. The error
// is ErrEncrypted, ErrKeyType or ErrFormat; none tells anything of the key.
func ParsePrivateKey(data []byte) (ed25519.PrivateKey, error) {
	if len(data) > MaxKeySize {
		return nil, malformed("a key file of %d bytes; at most %d are read", len(data), MaxKeySize)
	}
	if strings.HasPrefix(string(data), keyType+" ") {
		return nil, malformed("it is the public key; the private one is in the file of the same name without .pub")
	}
	blob, err := unarmor(keyArmor, data)
	if err != nil {
		return nil, err
	}
	r := reader{rest: blob}
	if r.take(len(keyMagic)) != keyMagic {
		return nil, malformed("it is no private key of OpenSSH")
	}
	cipher, kdf, options, count := r.str(), r.str(), r.str(), r.number()
	public, private := r.str(), reader{rest: []byte(r.str())}
	switch {
	case !r.done():
		return nil, malformed("the private key is cut off, or something follows it")
	case count != 1:
		return nil, malformed("it holds %d keys, not one", count)
	}
	if kind := (&reader{rest: []byte(public)}).str(); kind != keyType {
		return nil, ErrKeyType
	}
	switch {
	case cipher != "none":
		return nil, ErrEncrypted
	case kdf != "none" || options != "" || len(private.rest)%blockSize != 0:
		return nil, malformed("it is no private key that is not encrypted")
	}
	first, second := private.number(), private.number()
	kind, again, key := private.str(), private.str(), private.str()
	private.str() // the comment
	if private.cut || first != second || kind != keyType || len(private.rest) >= blockSize {
		return nil, malformed("the private key is damaged")
	}
	for i, pad := range private.rest {
		if pad != byte(i+1) {
			return nil, malformed("the private key is damaged")
		}
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, malformed("the private key has %d bytes, not %d", len(key), ed25519.PrivateKeySize)
	}
	made := ed25519.NewKeyFromSeed([]byte(key[:ed25519.SeedSize]))
	own := made.Public().(ed25519.PublicKey)
	if string(made) != key || string(own) != again || string(keyBlob(own)) != public {
		return nil, malformed("its private and its public key do not belong together")
	}
	return made, nil
}

// ParsePublicKey reads a public key in one line, as a file .pub holds it: "ssh-ed25519 AAAA… comment".
// The error is ErrKeyType or ErrFormat.
func ParsePublicKey(line string) (ed25519.PublicKey, error) {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return nil, malformed("a public key is %s and its base64", keyType)
	}
	if fields[0] != keyType {
		return nil, ErrKeyType
	}
	return publicKey(fields[1])
}

func publicKey(text string) (ed25519.PublicKey, error) {
	blob, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, malformed("the public key is no base64")
	}
	return parseKeyBlob(blob)
}

func keyBlob(key ed25519.PublicKey) []byte { return str(str(nil, keyType), []byte(key)) }

func parseKeyBlob(blob []byte) (ed25519.PublicKey, error) {
	r := reader{rest: blob}
	kind := r.str()
	if !r.cut && kind != keyType {
		return nil, ErrKeyType
	}
	key := r.str()
	if !r.done() || len(key) != ed25519.PublicKeySize {
		return nil, malformed("the public key is not one of %s", keyType)
	}
	return ed25519.PublicKey(key), nil
}
