package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/charmbracelet/x/term"

	"plumbline/assessment/bundle/sealed"
)

// passphraseFlags say where a passphrase comes from. It is never given on the command line or in the
// environment, where other programs and the history of the shell would see it.
type passphraseFlags struct {
	PassphraseFile string `placeholder:"FILE" help:"Read the passphrase from this file instead of asking for it; a line feed at its end does not count."`
	PassphraseFD   *int   `name:"passphrase-fd" placeholder:"N" help:"Read the passphrase from this open file, such as 0 for standard input."`
}

func (f passphraseFlags) given() bool { return f.PassphraseFile != "" || f.PassphraseFD != nil }

// maxPassphrase is how long a passphrase can be, in bytes.
const maxPassphrase = 4 << 10

// passphrase reads the passphrase from where the flags say, else asks the person, twice where it is a
// new one.
func (p *program) passphrase(ctx context.Context, f passphraseFlags, isNew bool) (string, error) {
	switch {
	case f.PassphraseFile != "" && f.PassphraseFD != nil:
		return "", usagef("--passphrase-file and --passphrase-fd: one passphrase is enough")
	case f.PassphraseFile != "":
		file, err := os.Open(f.PassphraseFile)
		if err != nil {
			return "", fmt.Errorf("read the passphrase from %q: %w", f.PassphraseFile, cause(err))
		}
		defer file.Close()
		return passphraseFrom(file, fmt.Sprintf("%q", f.PassphraseFile))
	case f.PassphraseFD != nil:
		n := *f.PassphraseFD
		if n < 0 || n == 1 || n == 2 {
			return "", usagef("--passphrase-fd: %d is not a file to read from", n)
		}
		file := os.NewFile(uintptr(n), "passphrase")
		if file == nil {
			return "", usagef("--passphrase-fd: there is no open file %d", n)
		}
		return passphraseFrom(file, fmt.Sprintf("file %d", n))
	case !p.canAsk():
		return "", usagef("it needs a passphrase and there is no terminal to ask on; give --passphrase-file or --passphrase-fd")
	}
	first, err := p.askSecret(ctx, "Passphrase: ")
	if err != nil {
		return "", err
	}
	if first == "" {
		return "", usagef("%v", sealed.ErrEmpty)
	}
	if isNew {
		second, err := p.askSecret(ctx, "Once more: ")
		if err != nil {
			return "", err
		}
		if first != second {
			return "", usagef("the two passphrases differ; nothing was done")
		}
	}
	return first, nil
}

func passphraseFrom(r io.Reader, where string) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPassphrase+1))
	if err != nil {
		return "", usagef("read the passphrase from %s: %v", where, cause(err))
	}
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	switch {
	case len(raw) > maxPassphrase:
		return "", usagef("the passphrase in %s is longer than %d bytes", where, maxPassphrase)
	case len(raw) == 0:
		return "", usagef("the passphrase in %s is empty", where)
	case bytes.ContainsAny(raw, "\r\n"):
		return "", usagef("%s has more than one line; the passphrase is one", where)
	}
	return string(raw), nil
}

// askSecret asks for a line that the terminal does not show. When ctx ends first, the terminal is put
// back as it was.
func (p *program) askSecret(ctx context.Context, question string) (string, error) {
	state, err := term.GetState(p.stdin.Fd())
	if err != nil {
		return "", fmt.Errorf("ask for the passphrase: %w", err)
	}
	fmt.Fprint(p.stderr, question)
	type answer struct {
		line []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // which stays behind when ctx ends first: reading can not be called off
		line, err := term.ReadPassword(p.stdin.Fd())
		answers <- answer{line, err}
	}()
	defer fmt.Fprintln(p.stderr)
	select {
	case a := <-answers:
		if a.err != nil {
			return "", fmt.Errorf("ask for the passphrase: %w", a.err)
		}
		return string(a.line), nil
	case <-ctx.Done():
		return "", errors.Join(context.Cause(ctx), term.Restore(p.stdin.Fd(), state))
	}
}

// keyFlags say with what an encrypted file is opened.
type keyFlags struct {
	Identity string `placeholder:"FILE" help:"File of secret keys (AGE-SECRET-KEY-1…, as age-keygen writes it) that opens an encrypted bundle."`
	passphraseFlags
}

// decrypt returns what is in a file, and whether it was encrypted.
func (p *program) decrypt(ctx context.Context, data []byte, f keyFlags) ([]byte, bool, error) {
	if !sealed.Is(data) {
		return data, false, nil
	}
	if sealed.Available() != nil {
		return nil, true, sealed.Available()
	}
	var with []sealed.Identity
	switch {
	case f.Identity != "" && f.given():
		return nil, true, usagef("--identity goes without a passphrase")
	case f.Identity != "":
		raw, err := readInput(f.Identity, 1<<20)
		if err != nil {
			return nil, true, err
		}
		if with, err = sealed.ParseIdentities(raw); err != nil {
			return nil, true, fmt.Errorf("%q: %w", f.Identity, err)
		}
	case !sealed.ByPassphrase(data) && !f.given():
		return nil, true, usagef("it is encrypted to recipients; --identity FILE names the secret key of one of them")
	default:
		phrase, err := p.passphrase(ctx, f.passphraseFlags, false)
		if err != nil {
			return nil, true, err
		}
		id, err := sealed.OfPassphrase(phrase)
		if err != nil {
			return nil, true, err
		}
		with = []sealed.Identity{id}
	}
	plain, err := sealed.Decrypt(data, with...)
	return plain, true, err
}

// readInput reads a file that was given, at most limit bytes of it.
func readInput(path string, limit int64) (_ []byte, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read %q: %w", path, cause(err))
		}
	}()
	info, err := os.Stat(path) // before it is opened: opening a pipe waits
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, usagef("it is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%w: it is larger than %d MiB", errForeign, limit>>20)
	}
	return data, err
}
