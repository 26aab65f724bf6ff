package sealed_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"plumbline/assessment/bundle/sealed"
)

var plain = []byte("PK\x03\x04 Northwater Health, Ada Lovelace " + strings.Repeat("and more of it; ", 10_000))

func encrypt(t testing.TB, to ...sealed.Recipient) []byte {
	t.Helper()
	data, err := sealed.Encrypt(plain, to...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func passphrase(t testing.TB, p string) (sealed.Recipient, sealed.Identity) {
	t.Helper()
	r, err := sealed.Passphrase(p)
	i, errI := sealed.OfPassphrase(p)
	if err := errors.Join(err, errI); err != nil {
		t.Fatal(err)
	}
	return r, i
}

// keyPair is a secret key, and its public one as a recipient.
func keyPair(t testing.TB) (*age.X25519Identity, sealed.Recipient) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	r, err := sealed.ParseRecipient(id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	return id, r
}

// The library of age opens what we encrypt, with keys that we never saw, and nothing of the text can be
// read in the file.
func TestReadByAge(t *testing.T) {
	first, toFirst := keyPair(t)
	second, toSecond := keyPair(t)
	to := []sealed.Recipient{toFirst, toSecond}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	rh, err := sealed.ParseRecipient(hybrid.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	phrase, err := age.NewScryptIdentity("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	rp, _ := passphrase(t, "correct horse")
	for name, c := range map[string]struct {
		data []byte
		id   age.Identity
	}{
		"first recipient":  {encrypt(t, to...), first},
		"second recipient": {encrypt(t, to...), second},
		"hybrid":           {encrypt(t, rh), hybrid},
		"passphrase":       {encrypt(t, rp), phrase},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := age.Decrypt(bytes.NewReader(c.data), c.id)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			for _, s := range []string{"Northwater", "Lovelace", "and more of it"} {
				if bytes.Contains(c.data, []byte(s)) {
					t.Errorf("the file holds %q", s)
				}
			}
			if !sealed.Is(c.data) || sealed.ByPassphrase(c.data) != (name == "passphrase") {
				t.Error("it is not told what it is")
			}
		})
	}
}

func TestDecrypt(t *testing.T) {
	r, id := passphrase(t, "correct horse")
	_, other := passphrase(t, "wrong horse")
	key, rk := keyPair(t)
	file, err := sealed.ParseIdentities([]byte("# created: today\n# public key: age1x\n\n" + key.String() + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	byPhrase, byKey := encrypt(t, r), encrypt(t, rk)
	if bytes.Equal(byPhrase, encrypt(t, r)) {
		t.Error("encrypted twice it is the same file")
	}
	header := bytes.Index(byPhrase, []byte("\n---")) + 50
	flip := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 1
		return data
	}
	for name, c := range map[string]struct {
		data []byte
		with []sealed.Identity
		want error
	}{
		"passphrase":              {byPhrase, []sealed.Identity{id}, nil},
		"identity":                {byKey, file, nil},
		"wrong passphrase":        {byPhrase, []sealed.Identity{other}, sealed.ErrKey},
		"identity for passphrase": {byPhrase, file, sealed.ErrKey},
		"passphrase for identity": {byKey, []sealed.Identity{id}, sealed.ErrKey},
		"no key":                  {byKey, nil, sealed.ErrDamaged},
		"a bit of the text":       {flip(byPhrase, len(byPhrase)-40), []sealed.Identity{id}, sealed.ErrDamaged},
		"a bit of the nonce":      {flip(byKey, header+4), file, sealed.ErrDamaged},
		"a bit of the MAC":        {flip(byPhrase, bytes.Index(byPhrase, []byte("\n---"))+10), []sealed.Identity{id}, sealed.ErrDamaged},
		"too much work":           {bytes.Replace(byPhrase, []byte(" 10\n"), []byte(" 21\n"), 1), []sealed.Identity{id}, sealed.ErrTooMuchWork},
		"absurd work":             {bytes.Replace(byPhrase, []byte(" 10\n"), []byte(" 99\n"), 1), []sealed.Identity{id}, sealed.ErrTooMuchWork},
		"endless work":            {bytes.Replace(byPhrase, []byte(" 10\n"), []byte(" 99999999999999999999\n"), 1), []sealed.Identity{id}, sealed.ErrDamaged},
		"a chunk less":            {byPhrase[:header+64<<10], []sealed.Identity{id}, sealed.ErrDamaged},
		"something after it":      {append(bytes.Clone(byPhrase), 'x'), []sealed.Identity{id}, sealed.ErrDamaged},
		"armored":                 {[]byte("-----BEGIN AGE ENCRYPTED FILE-----\nx"), file, sealed.ErrDamaged},
		"no age":                  {plain, file, sealed.ErrDamaged},
		"nothing":                 {nil, file, sealed.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := sealed.Decrypt(c.data, c.with...)
			switch {
			case !errors.Is(err, c.want):
				t.Errorf("error %v, want %v", err, c.want)
			case err != nil && got != nil:
				t.Errorf("%d bytes beside the error", len(got))
			case err == nil && !bytes.Equal(got, plain):
				t.Error("it is something else")
			}
		})
	}
	t.Run("cut off", func(t *testing.T) {
		for n := 0; n < len(byKey); n += 1 + len(byKey)/100 {
			if got, err := sealed.Decrypt(byKey[:n], file...); !errors.Is(err, sealed.ErrDamaged) || got != nil {
				t.Errorf("%d bytes: %d bytes, %v", n, len(got), err)
			}
		}
	})
	t.Run("any bit", func(t *testing.T) {
		for n := 0; n < len(byKey); n += 1 + len(byKey)/150 {
			if got, err := sealed.Decrypt(flip(byKey, n), file...); err == nil || got != nil {
				t.Errorf("byte %d: %d bytes, %v", n, len(got), err)
			}
		}
	})
}

// A passphrase and other recipients do not go together: age would not say any more by whom a file was
// made.
func TestMixed(t *testing.T) {
	_, rk := keyPair(t)
	r, _ := passphrase(t, "x")
	for _, to := range [][]sealed.Recipient{{r, rk}, {r, r}, nil} {
		if _, err := sealed.Encrypt(plain, to...); err == nil {
			t.Errorf("%d recipients are taken", len(to))
		}
	}
}

// Errors about keys quote nothing of a secret.
func TestBadKeys(t *testing.T) {
	for _, f := range []func() error{
		func() error { _, err := sealed.Passphrase(""); return err },
		func() error { _, err := sealed.OfPassphrase(""); return err },
	} {
		if err := f(); !errors.Is(err, sealed.ErrEmpty) {
			t.Errorf("error %v", err)
		}
	}
	for _, s := range []string{"", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1SECRET", "age1x\nage1y"} {
		if _, err := sealed.ParseRecipient(s); !errors.Is(err, sealed.ErrRecipient) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "# no key\n", "AGE-SECRET-KEY-1SECRET\n", "sesame"} {
		_, err := sealed.ParseIdentities([]byte(s))
		if !errors.Is(err, sealed.ErrIdentity) || strings.Contains(err.Error(), "SECRET\n") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// In FIPS-only mode nothing is encrypted or decrypted, and nothing panics.
func TestFIPSOnly(t *testing.T) {
	if os.Getenv("SEALED_FIPS") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFIPSOnly$", "-test.v")
		cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "GODEBUG=") }), "SEALED_FIPS=1", "GODEBUG=fips140=only")
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("refused both")) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	r, id := passphrase(t, "x")
	_, err := sealed.Encrypt(plain, r)
	_, errD := sealed.Decrypt([]byte("age-encryption.org/v1\n-> scrypt "), id)
	if !errors.Is(err, sealed.ErrFIPS) || !errors.Is(errD, sealed.ErrFIPS) {
		t.Fatalf("%v, %v", err, errD)
	}
	t.Log("refused both")
}

// No bytes make Decrypt panic or take them for what was encrypted.
func FuzzDecrypt(f *testing.F) {
	r, id := passphrase(f, "x")
	f.Add(encrypt(f, r))
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n\n--- \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := sealed.Decrypt(data, id); err == nil && !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes that nobody encrypted", len(got))
		}
	})
}

// FuzzKeys: no text makes a key that can not be used, and no error quotes a secret one.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{"", "age1", "AGE-SECRET-KEY-1", "# comment\nAGE-SECRET-KEY-1QQQQ\n", "age1\nage1", "ssh-ed25519 AAAA", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := sealed.ParseRecipient(s); err == nil {
			if _, err := sealed.Encrypt(plain, r); err != nil {
				t.Errorf("%q can not be encrypted to: %v", s, err)
			}
		} else if upper := strings.ToUpper(s); strings.HasPrefix(upper, "AGE-SECRET-KEY") && len(s) > 20 && strings.Contains(err.Error(), s) {
			t.Errorf("the error quotes a secret key: %v", err)
		}
		if _, err := sealed.ParseIdentities([]byte(s)); err != nil && len(s) > 20 && strings.Contains(err.Error(), s) {
			t.Errorf("the error quotes a file of secret keys: %v", err)
		}
	})
}
