package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"plumbline/assessment/sshsig"
	"plumbline/reports/wire"
)

// signFlags say with which key a file is signed.
type signFlags struct {
	Sign string `placeholder:"KEY" help:"Sign with this private key: a file as ssh-keygen -t ed25519 writes it, without a passphrase. ssh-keygen -Y verify can check the signature, and so can plumbline verify."`
}

// key reads the key, nil where none is asked for.
func (f signFlags) key() (ed25519.PrivateKey, error) {
	if f.Sign == "" {
		return nil, nil
	}
	raw, err := readInput(f.Sign, sshsig.MaxKeySize)
	if err != nil {
		return nil, fmt.Errorf("--sign: %w", err)
	}
	key, err := sshsig.ParsePrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("--sign: %q: %w", f.Sign, err)
	}
	return key, nil
}

// checkSignature reads a signature back that was just made.
func checkSignature(sig []byte, key ed25519.PrivateKey, namespace string, message []byte) error {
	s, err := sshsig.Parse(sig)
	if err == nil {
		err = s.Verify(namespace, message)
	}
	if err == nil && !s.Key.Equal(key.Public()) {
		err = errors.New("the signature is of another key")
	}
	return err
}

// signedBy is what a file says that was just signed with a key, or with none.
func signedBy(key ed25519.PrivateKey) wire.Signature {
	if key == nil {
		return wire.Signature{Verdict: wire.Unsigned}
	}
	public := key.Public().(ed25519.PublicKey)
	return wire.Signature{Verdict: wire.Valid, Key: sshsig.KeyLine(public), Fingerprint: sshsig.Fingerprint(public)}
}

// signatureFile is where the signature of a report lies.
func signatureFile(report string) string { return report + ".sig" }

// doubtSignatures warns of signatures that lie beside files which were just written without one.
func (p *program) doubtSignatures(files []string) {
	for _, f := range files {
		old := signatureFile(f)
		if _, err := os.Lstat(old); err == nil {
			p.warn(fmt.Errorf("the signature %q was there before and is not of the file that is there now: remove it, or sign anew", old))
		}
	}
}

// detached reads the signature that lies beside a file, nil where there is none.
func detached(file string) ([]byte, error) {
	path := signatureFile(file)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	sig, err := readInput(path, sshsig.MaxSize)
	if err == nil && len(sig) == 0 {
		sig = []byte{} // it is there, and says nothing
	}
	return sig, err
}

// Errors about who signed a file.
var (
	errUnsigned      = errors.New("it is not signed")
	errUnknownSigner = errors.New("unknown signer")
	errBadSignature  = errors.New("bad signature")
)

// signerFlags say whose signatures count.
type signerFlags struct {
	Signers          string   `placeholder:"FILE" help:"File of known signers, in OpenSSH's format allowed_signers."`
	Signer           []string `sep:"none" placeholder:"KEY" help:"Public key of a known signer, \"ssh-ed25519 AAAA…\"; may be repeated."`
	Principal        string   `placeholder:"NAME" help:"Only who goes by this name in the file of --signers may have signed."`
	RequireSignature bool     `help:"Refuse what is not signed."`
}

func (f signerFlags) given() bool { return f.Signers != "" || len(f.Signer) > 0 || f.RequireSignature }

// known reads whose signatures count.
func (f signerFlags) known() (sshsig.Signers, error) {
	if f.Principal != "" && f.Signers == "" {
		return nil, usagef("--principal goes with --signers, which says who goes by which name")
	}
	if f.Principal != "" && len(f.Signer) > 0 {
		return nil, usagef("--principal: a key given with --signer has no name; leave one of them out")
	}
	var list sshsig.Signers
	for _, line := range f.Signer {
		key, err := sshsig.ParsePublicKey(line)
		if err != nil {
			return nil, usagef("--signer: %v", err)
		}
		list = append(list, sshsig.Signer{Key: key})
	}
	if f.Signers == "" {
		return list, nil
	}
	raw, err := readInput(f.Signers, sshsig.MaxSignersSize)
	if err != nil {
		return nil, fmt.Errorf("--signers: %w", err)
	}
	more, err := sshsig.ParseSigners(raw, time.Local)
	if err != nil {
		return nil, fmt.Errorf("--signers: %q: %w", f.Signers, err)
	}
	return append(list, more...), nil
}

// judge says what a signature is worth at a time; nil bytes are none. The error is one of the three
// above where the file is to be refused for it.
func (f signerFlags) judge(known sshsig.Signers, sig []byte, namespace string, message []byte, at time.Time) (wire.Signature, error) {
	if sig == nil {
		if f.RequireSignature {
			return wire.Signature{Verdict: wire.Unsigned}, errUnsigned
		}
		return wire.Signature{Verdict: wire.Unsigned}, nil
	}
	bad := func(w wire.Signature, err error) (wire.Signature, error) {
		w.Verdict, w.Problem = wire.BadSignature, err.Error()
		return w, fmt.Errorf("%w: %w", errBadSignature, err)
	}
	s, err := sshsig.Parse(sig)
	if err != nil {
		return bad(wire.Signature{}, err)
	}
	w := wire.Signature{Verdict: wire.Valid, Key: sshsig.KeyLine(s.Key), Fingerprint: sshsig.Fingerprint(s.Key)}
	if err := s.Verify(namespace, message); err != nil {
		return bad(w, err)
	}
	signer, ok := known.Find(s.Key, namespace, f.Principal, at)
	if !ok {
		w.Verdict = wire.UnknownSigner
		w.Problem = fmt.Sprintf("the signature fits, but the key %s is none that is known for %s now: anybody can have made it", w.Fingerprint, namespace)
		return w, fmt.Errorf("%w: %s", errUnknownSigner, w.Problem)
	}
	w.Signer = signer.Principals
	return w, nil
}

// saySignature tells what a signature is worth, where no error does.
func (p *program) saySignature(w wire.Signature) {
	switch {
	case w.Verdict == wire.Unsigned:
		p.say("not signed: nothing shows who made it")
	case w.Verdict == wire.Valid && w.Signer != "":
		p.say("signed by %s, with the key %s", w.Signer, w.Fingerprint)
	case w.Verdict == wire.Valid:
		p.say("signed with the known key %s", w.Fingerprint)
	}
}
