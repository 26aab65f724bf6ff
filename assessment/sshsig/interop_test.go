package sshsig_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plumbline/assessment/sshsig"
)

// What we sign, ssh-keygen accepts, and what it signs, we accept, with keys and lists of its own.
func TestInterop(t *testing.T) {
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not on PATH: the fixed files of TestVector stand alone")
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	run := func(stdin []byte, args ...string) error {
		cmd := exec.Command(program, args...)
		cmd.Stdin, cmd.Dir = bytes.NewReader(stdin), dir
		out, err := cmd.CombinedOutput()
		t.Logf("ssh-keygen %s: %v %s", strings.Join(args, " "), err, out)
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(path(name))
		must(err)
		return data
	}
	must(run(nil, "-q", "-t", "ed25519", "-N", "", "-C", "a comment, of some length: it moves the padding", "-f", path("key")))
	key, err := sshsig.ParsePrivateKey(read("key"))
	must(err)
	public, err := sshsig.ParsePublicKey(string(read("key.pub")))
	must(err)
	if !public.Equal(key.Public()) {
		t.Fatal("the public key is another one")
	}
	must(os.WriteFile(path("signers"), []byte("tern@example.org,*@owl.example namespaces=\"plumbline-*\" "+sshsig.KeyLine(public)+"\n"), 0o600))
	list, err := sshsig.ParseSigners(read("signers"), time.UTC)
	must(err)

	for _, message := range [][]byte{[]byte("{}\n"), nil, bytes.Repeat([]byte{0xff, 0, '\n'}, 100_000)} {
		must(os.WriteFile(path("ours.sig"), sshsig.Sign(key, sshsig.Bundle, message), 0o600))
		verify := func(namespace, principal string, message []byte) error {
			return run(message, "-Y", "verify", "-f", "signers", "-I", principal, "-n", namespace, "-s", "ours.sig")
		}
		must(verify(sshsig.Bundle, "tern@example.org", message))
		must(verify(sshsig.Bundle, "x@owl.example", message))
		if verify(sshsig.Report, "tern@example.org", message) == nil || verify(sshsig.Bundle, "nobody", message) == nil ||
			verify(sshsig.Bundle, "tern@example.org", append([]byte("x"), message...)) == nil {
			t.Error("ssh-keygen accepts what it should not")
		}

		must(os.WriteFile(path("message"), message, 0o600))
		must(run(nil, "-q", "-Y", "sign", "-f", "key", "-n", sshsig.Report, "message"))
		s, err := sshsig.Parse(read("message.sig"))
		must(err)
		must(s.Verify(sshsig.Report, message))
		if got, ok := list.Find(s.Key, s.Namespace, "x@owl.example", time.Now()); !ok || got.Principals != "tern@example.org,*@owl.example" {
			t.Errorf("the signer is %v %q", ok, got.Principals)
		}
		must(os.Remove(path("message.sig")))
	}

	must(run(nil, "-q", "-t", "ed25519", "-N", "a passphrase", "-f", path("encrypted")))
	if _, err := sshsig.ParsePrivateKey(read("encrypted")); !errors.Is(err, sshsig.ErrEncrypted) {
		t.Errorf("an encrypted key: %v", err)
	}
	must(run(nil, "-q", "-p", "-P", "a passphrase", "-N", "", "-f", path("encrypted"))) // as the message says
	if _, err := sshsig.ParsePrivateKey(read("encrypted")); err != nil {
		t.Error(err)
	}
}
