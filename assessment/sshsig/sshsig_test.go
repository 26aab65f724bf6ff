package sshsig_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plumbline/assessment/sshsig"
)

// The files in testdata were made with ssh-keygen 9.2: the key by -t ed25519 -N "" -C "tern@example.org",
// message.sig by -Y sign -f key -n plumbline-bundle < message.
func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func testKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	key, err := sshsig.ParsePrivateKey(testdata(t, "key"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What ssh-keygen signed is what we sign, byte for byte: Ed25519 leaves nothing to chance.
func TestVector(t *testing.T) {
	message, want := testdata(t, "message"), testdata(t, "message.sig")
	key := testKey(t)
	if got := sshsig.Sign(key, sshsig.Bundle, message); !bytes.Equal(got, want) {
		t.Fatalf("signed\n%s\nwant\n%s", got, want)
	}
	s, err := sshsig.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(sshsig.Bundle, message); err != nil {
		t.Fatal(err)
	}
	public, err := sshsig.ParsePublicKey(string(testdata(t, "key.pub")))
	if err != nil || !s.Key.Equal(public) || !public.Equal(key.Public()) {
		t.Fatalf("public key %x, %v", public, err)
	}
	if got := sshsig.KeyLine(public) + " tern@example.org\n"; got != string(testdata(t, "key.pub")) {
		t.Errorf("line of the key: %q", got)
	}
	if got, want := sshsig.Fingerprint(public), strings.TrimSpace(string(testdata(t, "fingerprint"))); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
}

// A signature is one of its message, its purpose and its key, and of nothing else.
func TestVerify(t *testing.T) {
	key, message := testKey(t), testdata(t, "message")
	parsed := func(data []byte) *sshsig.Signature {
		s, err := sshsig.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tc := range []struct {
		name      string
		sig       []byte
		namespace string
		message   []byte
		want      string
	}{
		{"another message", sshsig.Sign(key, sshsig.Bundle, message), sshsig.Bundle, append(slices.Clone(message), '\n'), "not what is here"},
		{"an empty message", sshsig.Sign(key, sshsig.Bundle, message), sshsig.Bundle, nil, "not what is here"},
		{"another purpose", sshsig.Sign(key, sshsig.Report, message), sshsig.Bundle, message, `it is for "plumbline-report"`},
		{"a purpose that is the beginning", sshsig.Sign(key, "plumbline", message), sshsig.Bundle, message, `it is for "plumbline"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := parsed(tc.sig).Verify(tc.namespace, tc.message)
			if !errors.Is(err, sshsig.ErrBad) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
	// A signature that says that it is of another key, or for another purpose, does not fit.
	blob := unarmored(t, sshsig.Sign(key, sshsig.Report, message))
	for old, to := range map[string]string{sshsig.Report: "plumbline-bundl3", string(key.Public().(ed25519.PublicKey)): strings.Repeat("k", 32)} {
		s := parsed(armored(bytes.Replace(blob, []byte(old), []byte(to), 1)))
		if err := s.Verify(s.Namespace, message); !errors.Is(err, sshsig.ErrBad) {
			t.Errorf("with %q: %v", to, err)
		}
	}
}

// No byte of a signature can be changed, none can be left out or added, so that it still fits.
func TestTampered(t *testing.T) {
	key, message := testKey(t), testdata(t, "message")
	sig := sshsig.Sign(key, sshsig.Bundle, message)
	fits := func(data []byte) bool {
		s, err := sshsig.Parse(data)
		if err != nil {
			if !errors.Is(err, sshsig.ErrFormat) && !errors.Is(err, sshsig.ErrKeyType) {
				t.Errorf("%v is no error of the package", err)
			}
			return false
		}
		return s.Verify(sshsig.Bundle, message) == nil
	}
	if !fits(sig) {
		t.Fatal("the signature as it is does not fit")
	}
	blob := unarmored(t, sig)
	for i := range blob {
		for bit := range 8 {
			changed := slices.Clone(blob)
			changed[i] ^= 1 << bit
			if fits(armored(changed)) {
				t.Errorf("it fits with bit %d of byte %d changed", bit, i)
			}
		}
		if fits(armored(slices.Delete(slices.Clone(blob), i, i+1))) || fits(armored(slices.Insert(slices.Clone(blob), i, 0))) {
			t.Errorf("it fits without byte %d, or with one before it", i)
		}
		if fits(armored(blob[:i])) {
			t.Errorf("it fits when cut off at byte %d", i)
		}
	}
	for i := range sig { // of the armor
		changed := slices.Clone(sig)
		changed[i] ^= 2
		if fits(changed) {
			t.Errorf("it fits with byte %d of the armor changed from %q to %q", i, sig[i], changed[i])
		}
		if i < len(sig)-1 && fits(sig[:i]) { // the last line feed can be left out
			t.Errorf("it fits when its armor is cut off at byte %d", i)
		}
	}
}

// What is near a signature is none.
func TestParseRefuses(t *testing.T) {
	key, message := testKey(t), testdata(t, "message")
	sig := sshsig.Sign(key, sshsig.Bundle, message)
	blob := unarmored(t, sig)
	public := key.Public().(ed25519.PublicKey)
	value := ed25519.Sign(key, message)
	build := func(version uint32, key, reserved, hash, sig string) []byte {
		return armored(fmt.Appendf(nil, "SSHSIG%s%s%s%s%s%s", u32(version), str(key), str("n"), str(reserved), str(hash), str(sig)))
	}
	keyBlob := str("ssh-ed25519") + str(string(public))
	sigBlob := str("ssh-ed25519") + str(string(value))
	if _, err := sshsig.Parse(build(1, keyBlob, "", "sha512", sigBlob)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "does not stand between"},
		{"text", []byte("signed, Ada"), "it does not stand between BEGIN SSH SIGNATURE and END SSH SIGNATURE"},
		{"something before", append([]byte("x\n"), sig...), "does not stand between"},
		{"something after", append(slices.Clone(sig), 'x'), "does not stand between"},
		{"two", append(slices.Clone(sig), sig...), "no base64"},
		{"a PGP signature", bytes.ReplaceAll(sig, []byte("SSH"), []byte("PGP")), "does not stand between"},
		{"headers", bytes.Replace(sig, []byte("\n"), []byte("\nA: b\n\n"), 1), "no base64"},
		{"too long", bytes.Repeat([]byte("A"), sshsig.MaxSize+1), "at most"},
		{"a byte after its end", armored(append(slices.Clone(blob), 0)), "something follows"},
		{"another magic", armored(append([]byte("SSHSIH"), blob[6:]...)), "version 1"},
		{"version 2", build(2, keyBlob, "", "sha512", sigBlob), "version 1"},
		{"something reserved", build(1, keyBlob, "x", "sha512", sigBlob), "reserved"},
		{"sha256", build(1, keyBlob, "", "sha256", sigBlob), `hash "sha256"`},
		{"an RSA key", build(1, str("ssh-rsa")+str("x"), "", "sha512", sigBlob), "only keys of the kind ssh-ed25519"},
		{"a FIDO key", build(1, str("sk-ssh-ed25519@openssh.com")+str(string(public)), "", "sha512", sigBlob), "only keys of the kind"},
		{"a short key", build(1, str("ssh-ed25519")+str(string(public[1:])), "", "sha512", sigBlob), "not one of ssh-ed25519"},
		{"a long key", build(1, str("ssh-ed25519")+str(string(public)+"x"), "", "sha512", sigBlob), "not one of ssh-ed25519"},
		{"something after the key", build(1, keyBlob+"x", "", "sha512", sigBlob), "not one of ssh-ed25519"},
		{"a signature of another kind", build(1, keyBlob, "", "sha512", str("ssh-rsa")+str(string(value))), "value of the signature"},
		{"a short signature", build(1, keyBlob, "", "sha512", str("ssh-ed25519")+str(string(value[1:]))), "value of the signature"},
		{"something after the signature", build(1, keyBlob, "", "sha512", sigBlob+"x"), "value of the signature"},
		{"a length beyond the end", armored([]byte("SSHSIG" + u32(1) + u32(1<<32-1) + "x")), "cut off"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := sshsig.Parse(tc.data)
			if err == nil || s != nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
	// Bits that base64 leaves over are not there to be changed.
	tight := string(sshsig.Sign(key, "nn", message))
	loose := strings.Replace(tight, "Bw==\n", "Bx==\n", 1)
	if s, err := sshsig.Parse([]byte(loose)); loose == tight || err == nil {
		t.Errorf("with bits left over: %+v, %q", s, loose)
	}
	// Windows may have changed the ends of lines; that is no tampering.
	if _, err := sshsig.Parse(bytes.ReplaceAll(sig, []byte("\n"), []byte("\r\n"))); err != nil {
		t.Error(err)
	}
}

// Keys that can not sign are told apart, and no message shows anything of a key.
func TestParsePrivateKey(t *testing.T) {
	good := testdata(t, "key")
	blob := unarmored(t, good)
	public := testKey(t).Public().(ed25519.PublicKey)
	at := bytes.LastIndex(blob, public) // of the copy inside the private key
	changed := func(i int, b byte) []byte {
		c := slices.Clone(blob)
		c[i] = b
		return armoredAs("OPENSSH PRIVATE KEY", c)
	}
	for _, tc := range []struct {
		name string
		data []byte
		is   error
		want string
	}{
		{"nothing", nil, sshsig.ErrFormat, "does not stand between"},
		{"the public key", testdata(t, "key.pub"), sshsig.ErrFormat, "it is the public key"},
		{"encrypted", testdata(t, "encrypted"), sshsig.ErrEncrypted, "ssh-keygen -p"},
		{"RSA", testdata(t, "rsa"), sshsig.ErrKeyType, "ssh-keygen -t ed25519"},
		{"ECDSA", testdata(t, "ecdsa"), sshsig.ErrKeyType, "ssh-keygen -t ed25519"},
		{"PEM of another kind", bytes.ReplaceAll(good, []byte("OPENSSH "), nil), sshsig.ErrFormat, "does not stand between"},
		{"cut off", armoredAs("OPENSSH PRIVATE KEY", blob[:len(blob)-1]), sshsig.ErrFormat, "cut off"},
		{"something after", armoredAs("OPENSSH PRIVATE KEY", append(slices.Clone(blob), 0)), sshsig.ErrFormat, "something follows"},
		{"another padding", changed(len(blob)-1, 0), sshsig.ErrFormat, "damaged"},
		{"a changed public half", changed(at, blob[at]^1), sshsig.ErrFormat, "do not belong together"},
		{"a changed seed", changed(at-1, blob[at-1]^1), sshsig.ErrFormat, "do not belong together"},
		{"too long", bytes.Repeat([]byte("A"), sshsig.MaxKeySize+1), sshsig.ErrFormat, "at most"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key, err := sshsig.ParsePrivateKey(tc.data)
			if key != nil || !errors.Is(err, tc.is) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
	for i := range blob { // a key that was changed anywhere is refused, or is another key only by its comment
		for _, bit := range []byte{1, 0x80} {
			if key, err := sshsig.ParsePrivateKey(changed(i, blob[i]^bit)); err == nil && !key.Equal(testKey(t)) {
				t.Errorf("byte %d changed: it is read as another key", i)
			}
		}
	}
}

// A list says whose a key is, for what, and when.
func TestSigners(t *testing.T) {
	key := testKey(t).Public().(ed25519.PublicKey)
	line := sshsig.KeyLine(key)
	other := sshsig.KeyLine(ed25519.PublicKey(strings.Repeat("k", 32)))
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	west := time.FixedZone("west", -8*60*60)
	for _, tc := range []struct {
		name, list, principal string
		want                  string // the principals found, "" for none
	}{
		{"empty", "", "", ""},
		{"plain", "tern@example.org " + line, "", "tern@example.org"},
		{"with a comment, blanks and lines that say nothing", "# who signs\n\n \t\r\n  tern@example.org \t" + line + "  Tern's key\r\n", "", "tern@example.org"},
		{"in quotes", `"tern@example.org,Tern Owl" ` + line, "Tern Owl", "tern@example.org,Tern Owl"},
		{"another key", "owl@example.org " + other, "", ""},
		{"the second line", "owl@example.org " + other + "\ntern@example.org " + line, "", "tern@example.org"},
		{"for this", `tern namespaces="plumbline-bundle" ` + line, "", "tern"},
		{"for this, too", `tern namespaces="git,plumbline-*" ` + line, "", "tern"},
		{"for something else", `tern namespaces="git" ` + line, "", ""},
		{"for all but this", `tern namespaces="!plumbline-bundle,*" ` + line, "", ""},
		{"by name", "tern@example.org,owl " + line, "owl", "tern@example.org,owl"},
		{"by a pattern", "*@example.org " + line, "owl@example.org", "*@example.org"},
		{"by one sign", "ow? " + line, "owl", "ow?"},
		{"by another name", "tern@example.org " + line, "tern", ""},
		{"by a name that is excluded", "!owl@example.org,*@example.org " + line, "owl@example.org", ""},
		{"by its case", "Tern " + line, "tern", ""},
		{"valid", `tern valid-after="20261121",valid-before="20261122Z" ` + line, "", "tern"},
		{"no longer", `tern valid-before="20261121120000Z" ` + line, "", ""},
		{"just still", `tern valid-before="20261121120001Z" ` + line, "", "tern"},
		{"not yet", `tern valid-after="202611211201Z" ` + line, "", ""},
		{"from now", `tern valid-after="202611211200Z" ` + line, "", "tern"},
		{"not yet here", `tern valid-after="202611210401" ` + line, "", ""},
		{"since a minute here", `tern valid-after="202611210359" ` + line, "", "tern"},
		{"an authority", "tern cert-authority " + line, "", ""},
		{"options in any case", `tern NAMESPACES="git",Cert-Authority ` + line, "", ""},
		{"keys of other kinds", "tern ssh-rsa AAAA\ntern ecdsa-sha2-nistp256 AAAA\ntern sk-ssh-ed25519@openssh.com AAAA\ntern " + line, "", "tern"},
		{"no longer, and again", `tern valid-before="20200101Z" ` + line + "\nowl " + line, "", "owl"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := sshsig.ParseSigners([]byte(tc.list), west)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := list.Find(key, sshsig.Bundle, tc.principal, now)
			if ok != (tc.want != "") || got.Principals != tc.want {
				t.Errorf("found %v %q, want %q", ok, got.Principals, tc.want)
			}
		})
	}
	for _, tc := range []struct{ name, list, want string }{
		{"no key", "# ok\ntern", "line 2: "},
		{"an option that is not known", "tern touch-required " + line, `"touch-required"`},
		{"an option without its value", "tern namespaces " + line, `"namespaces"`},
		{"a quote without end", `tern namespaces="git ` + line, "a quote does not end"},
		{"options without commas", `tern namespaces="git"cert-authority ` + line, "commas"},
		{"a comma too many", "tern cert-authority, " + line, "commas"},
		{"the same time twice", `tern valid-after="20260101",valid-after="20260102" ` + line, `"valid-after"`},
		{"no time", `tern valid-after="tomorrow" ` + line, `"tomorrow"`},
		{"no day", `tern valid-after="20260231" ` + line, `"20260231"`},
		{"never", `tern valid-after="20260102Z",valid-before="20260101Z" ` + line, "at no time"},
		{"half a key", "tern " + line[:len(line)-8], "public key"},
		{"no base64", "tern ssh-ed25519 ####", "no base64"},
		{"the key of another kind", "tern ssh-ed25519 " + base64.StdEncoding.EncodeToString([]byte(str("ssh-rsa")+str("x"))), "ssh-ed25519"},
		{"nobody", `"" ` + line, "names nobody"},
		{"no UTF-8", "te\xffrn " + line, "UTF-8"},
		{"too long", strings.Repeat("#", sshsig.MaxSignersSize+1), "at most"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := sshsig.ParseSigners([]byte(tc.list), time.UTC)
			if list != nil || err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// Patterns made to be slow are not.
func TestPatternIsQuick(t *testing.T) {
	key := testKey(t).Public().(ed25519.PublicKey)
	list, err := sshsig.ParseSigners([]byte(strings.Repeat("*a", 500)+"b "+sshsig.KeyLine(key)), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := list.Find(key, sshsig.Bundle, strings.Repeat("a", 10_000), time.Now()); ok {
		t.Error("it is found")
	}
}

func u32(n uint32) string { return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) }

func str(s string) string { return u32(uint32(len(s))) + s }

// armored and unarmored know the armor by themselves, so that it is not judged by what made it.
func armored(blob []byte) []byte { return armoredAs("SSH SIGNATURE", blob) }

func armoredAs(name string, blob []byte) []byte {
	return fmt.Appendf(nil, "-----BEGIN %[1]s-----\n%[2]s\n-----END %[1]s-----\n", name, base64.StdEncoding.EncodeToString(blob))
}

func unarmored(t testing.TB, armor []byte) []byte {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(string(armor)), "\n")
	blob, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:len(lines)-1], ""))
	if err != nil {
		t.Fatal(err)
	}
	return blob
}
