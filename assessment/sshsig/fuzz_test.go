package sshsig_test

import (
	"bytes"
	"testing"
	"time"

	"plumbline/assessment/sshsig"
)

// A signature that is read is one of 64 bytes by a key of 32, and what Sign made is read again.
func FuzzParse(f *testing.F) {
	f.Add(testdata(f, "message.sig"))
	f.Add(bytes.ReplaceAll(testdata(f, "message.sig"), []byte("\n"), []byte("\r\n")))
	f.Add(armored([]byte("SSHSIG" + u32(1) + str(str("ssh-ed25519")+str("k")) + str("n") + str("") + str("sha512") + str(""))))
	f.Add(armored([]byte("SSHSIG" + u32(1) + u32(1<<32-1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := sshsig.Parse(data)
		if err != nil {
			return
		}
		if len(s.Key) != 32 {
			t.Fatalf("a key of %d bytes", len(s.Key))
		}
		if err := s.Verify(s.Namespace, testdata(t, "message")); err == nil && !bytes.Equal(unarmored(t, data), unarmored(t, testdata(t, "message.sig"))) {
			t.Error("another signature fits")
		}
	})
}

// A key that is read signs what can be checked with its public half.
func FuzzParsePrivateKey(f *testing.F) {
	for _, name := range []string{"key", "key.pub", "encrypted", "rsa", "ecdsa"} {
		f.Add(testdata(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := sshsig.ParsePrivateKey(data)
		if err != nil {
			return
		}
		s, err := sshsig.Parse(sshsig.Sign(key, sshsig.Report, data))
		if err == nil {
			err = s.Verify(sshsig.Report, data)
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// A signer that is found is in the list, by the same key.
func FuzzParseSigners(f *testing.F) {
	line := string(testdata(f, "key.pub"))
	for _, begin := range []string{
		"tern ", "tern,owl@* ", `"a b" `, `tern namespaces="plumbline-*,!x" `, `tern valid-after="20260101",valid-before="202601020304Z",cert-authority `,
		"# no\n\ntern ", `tern namespaces="` + "\x00", `tern =", `,
	} {
		f.Add([]byte(begin+line), "tern")
	}
	f.Fuzz(func(t *testing.T, data []byte, principal string) {
		list, err := sshsig.ParseSigners(data, time.UTC)
		if err != nil && list != nil {
			t.Fatal("a list beside an error")
		}
		for _, s := range list {
			if s.Principals == "" || len(s.Key) != 32 {
				t.Errorf("signer %q with a key of %d bytes", s.Principals, len(s.Key))
			}
			if got, ok := list.Find(s.Key, sshsig.Bundle, principal, time.Unix(1<<31, 0)); ok && !got.Key.Equal(s.Key) {
				t.Error("another key is found")
			}
		}
	})
}
