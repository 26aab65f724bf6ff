// Package sealed encrypts bundles with age, in a format that the program of that name reads, too. It
// is a package of its own because it draws on chance: the same bundle, encrypted twice, gives two
// different files. Everything else of a bundle is determined by what goes in.
package sealed

import (
	"bytes"
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// Errors by which a caller decides.
var (
	// ErrFIPS: age is built on ChaCha20-Poly1305, X25519 and scrypt, none of which FIPS-only mode allows.
	ErrFIPS = errors.New("encryption with age can not work in FIPS-only mode (GODEBUG=fips140=only)")
	// ErrKey: none of the keys opens the file. For a passphrase that also is what a header looks like
	// in which the wrapped key was changed: age can not tell the two apart.
	ErrKey = errors.New("not the key of this file")
	// ErrDamaged: the key fits, or there is no telling, and the file is not what was encrypted.
	ErrDamaged = errors.New("encrypted file is damaged")
	// ErrTooMuchWork: to try a passphrase would take more memory than 1 GiB.
	ErrTooMuchWork = errors.New("the file asks for too much work on its passphrase")
	ErrRecipient   = errors.New("not a recipient")
	ErrIdentity    = errors.New("not a file of identities")
	ErrEmpty       = errors.New("the passphrase is empty")
)

const (
	intro = "age-encryption.org/v1\n"
	armor = "-----BEGIN AGE ENCRYPTED FILE-----"
)

// workFactor is the work that a new passphrase takes, as the exponent of scrypt's N: 256 MiB and about
// a second. maxWorkFactor is what is accepted on reading: 1 GiB. The tests lower the first.
var workFactor = 18

const maxWorkFactor = 20

// maxPlain is how much is decrypted: what a bundle may have, and a byte by which Read knows that it
// has more.
const maxPlain = 32<<20 + 1

// MaxSize is how large an encrypted file of a bundle can be: 16 bytes are added to every 64 KiB, and
// a header that grows with the recipients.
const MaxSize = maxPlain + maxPlain/(64<<10)*16 + 1<<20

// Is reports whether data begins as a file of age does, binary or armored.
func Is(data []byte) bool {
	return bytes.HasPrefix(data, []byte(intro)) || bytes.HasPrefix(bytes.TrimSpace(data[:min(len(data), 100)]), []byte(armor))
}

// ByPassphrase reports whether a file of age is to be opened with a passphrase rather than with an
// identity.
func ByPassphrase(data []byte) bool { return bytes.HasPrefix(data, []byte(intro+"-> scrypt ")) }

// Recipient is whoever can open what is encrypted.
type Recipient struct{ age age.Recipient }

// Passphrase makes everyone who knows it a recipient. It then is the only one.
func Passphrase(p string) (Recipient, error) {
	if p == "" {
		return Recipient{}, ErrEmpty
	}
	r, err := age.NewScryptRecipient(p)
	if err != nil {
		return Recipient{}, err
	}
	r.SetWorkFactor(workFactor)
	return Recipient{r}, nil
}

// ParseRecipient reads a public key: age1….
func ParseRecipient(s string) (Recipient, error) {
	list, err := age.ParseRecipients(strings.NewReader(s))
	if strings.HasPrefix(strings.ToUpper(s), "AGE-SECRET-KEY") {
		return Recipient{}, fmt.Errorf("%w: this is a secret key, which should stand nowhere but in its file; the public one begins with age1", ErrRecipient)
	}
	if err != nil || len(list) != 1 {
		return Recipient{}, fmt.Errorf("%w: %q is not a public key such as age-keygen prints, which begins with age1", ErrRecipient, s)
	}
	return Recipient{list[0]}, nil
}

// Identity is what opens an encrypted file.
type Identity struct{ age age.Identity }

// OfPassphrase returns the identity of those who know a passphrase.
func OfPassphrase(p string) (Identity, error) {
	if p == "" {
		return Identity{}, ErrEmpty
	}
	i, err := age.NewScryptIdentity(p)
	if err != nil {
		return Identity{}, err
	}
	i.SetMaxWorkFactor(maxWorkFactor)
	return Identity{i}, nil
}

// ParseIdentities reads a file of secret keys as age-keygen writes it: AGE-SECRET-KEY-1…, one a line,
// and comments. The error quotes nothing of the file.
func ParseIdentities(file []byte) ([]Identity, error) {
	list, err := age.ParseIdentities(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: it should hold lines AGE-SECRET-KEY-1… as age-keygen writes them", ErrIdentity)
	}
	out := make([]Identity, len(list))
	for i := range list {
		out[i] = Identity{list[i]}
	}
	return out, nil
}

// Encrypt encrypts data to all recipients.
func Encrypt(data []byte, to ...Recipient) ([]byte, error) {
	if err := Available(); err != nil {
		return nil, err
	}
	recipients := make([]age.Recipient, len(to))
	for i := range to {
		recipients[i] = to[i].age
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipients...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return b.Bytes(), nil
}

// Decrypt opens an encrypted file with the first of the identities that fits. Nothing is returned
// beside an error: no part of a damaged file is taken for good.
func Decrypt(data []byte, with ...Identity) ([]byte, error) {
	if err := Available(); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, []byte(intro)) && Is(data) {
		return nil, fmt.Errorf("%w: it is armored; age -d takes that off, or age -d opens it", ErrDamaged)
	}
	identities := make([]age.Identity, len(with))
	for i := range with {
		identities[i] = with[i].age
	}
	r, err := age.Decrypt(bytes.NewReader(data), identities...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none) && ByPassphrase(data):
		return nil, fmt.Errorf("%w: it is encrypted with another passphrase, or its header was changed", ErrKey)
	case errors.As(err, &none):
		return nil, fmt.Errorf("%w: it is encrypted to %d other recipients", ErrKey, len(none.StanzaTypes))
	case err != nil && strings.Contains(err.Error(), "work factor too large"): // age has no value for this error
		return nil, fmt.Errorf("%w: more than 2^%d", ErrTooMuchWork, maxWorkFactor)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxPlain+1))
	if err != nil {
		return nil, fmt.Errorf("%w: the key is right, but %w", ErrDamaged, err)
	}
	if len(plain) > maxPlain { // and so nobody has seen how it ends
		return nil, fmt.Errorf("%w: it holds more than %d bytes", ErrDamaged, maxPlain)
	}
	return plain, nil
}

// Available returns ErrFIPS where encryption can not work, so that nobody is asked for a passphrase in
// vain.
func Available() error {
	if fips140.Enforced() {
		return ErrFIPS
	}
	return nil
}
