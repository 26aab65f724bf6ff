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

// storeKeyFlags are the same for the passphrase of an encrypted store. Every command takes them; those
// that read or write bundles have a passphrase of their own beside it.
type storeKeyFlags struct {
	StorePassphraseFile string `placeholder:"FILE" help:"Read the passphrase of an encrypted store from this file instead of asking for it; a line feed at its end does not count."`
	StorePassphraseFD   *int   `name:"store-passphrase-fd" placeholder:"N" help:"Read the passphrase of an encrypted store from this open file, such as 0 for standard input."`
}

// newKeyFlags are the same for a passphrase that a store is to have.
type newKeyFlags struct {
	NewPassphraseFile string `placeholder:"FILE" help:"Read the new passphrase from this file instead of asking for it; a line feed at its end does not count."`
	NewPassphraseFD   *int   `name:"new-passphrase-fd" placeholder:"N" help:"Read the new passphrase from this open file, such as 0 for standard input."`
}

// backupKeyFlags are the same for the passphrase of a backup, which is that of the day when it was made.
type backupKeyFlags struct {
	BackupPassphraseFile string `placeholder:"FILE" help:"Read the passphrase of an encrypted backup from this file; without it that of the store is tried, then it is asked for. A line feed at its end does not count."`
	BackupPassphraseFD   *int   `name:"backup-passphrase-fd" placeholder:"N" help:"Read the passphrase of an encrypted backup from this open file, such as 0 for standard input."`
}

// secret says which passphrase is meant.
type secret struct {
	question string
	flags    string // how the names of the flags that give it begin, behind "--"
	isNew    bool   // it is asked for twice
}

var (
	bundleSecret    = secret{question: "Passphrase"}
	newBundleSecret = secret{question: "Passphrase", isNew: true}
	storeSecret     = secret{question: "Passphrase of the store", flags: "store-"}
	backupSecret    = secret{question: "Passphrase of the backup", flags: "backup-"}
	newStoreSecret  = secret{question: "New passphrase of the store", flags: "new-", isNew: true}
)

// maxPassphrase is how long a passphrase can be, in bytes.
const maxPassphrase = 4 << 10

// passphrase reads a passphrase from where the flags say, else asks the person.
func (p *program) passphrase(ctx context.Context, f passphraseFlags, s secret) ([]byte, error) {
	switch {
	case f.PassphraseFile != "" && f.PassphraseFD != nil:
		return nil, usagef("--%spassphrase-file and --%[1]spassphrase-fd: one passphrase is enough", s.flags)
	case f.PassphraseFile != "":
		where := fmt.Sprintf("%q", f.PassphraseFile)
		return p.readSecret(ctx, where, func() ([]byte, error) {
			file, err := os.Open(f.PassphraseFile)
			if err != nil {
				return nil, fmt.Errorf("read the passphrase from %s: %w", where, cause(err))
			}
			defer file.Close()
			return passphraseFrom(file, where)
		})
	case f.PassphraseFD != nil:
		n := *f.PassphraseFD
		if n < 0 || n == 1 || n == 2 {
			return nil, usagef("--%spassphrase-fd: %d is not a file to read from", s.flags, n)
		}
		file := os.NewFile(uintptr(n), "passphrase")
		if file == nil {
			return nil, usagef("--%spassphrase-fd: there is no open file %d", s.flags, n)
		}
		where := fmt.Sprintf("file %d", n)
		return p.readSecret(ctx, where, func() ([]byte, error) { return passphraseFrom(file, where) })
	case !p.canAsk():
		return nil, fmt.Errorf("%w; give --%spassphrase-file or --%[2]spassphrase-fd", errNoPassphrase, s.flags)
	}
	first, err := p.askSecret(ctx, s.question+": ")
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, usagef("%v", sealed.ErrEmpty)
	}
	if s.isNew {
		second, err := p.askSecret(ctx, "Once more: ")
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(first, second) {
			return nil, usagef("the two passphrases differ; nothing was done")
		}
	}
	return first, nil
}

// readSecret has a passphrase read. A pipe that nobody writes to keeps silent, already when it is opened:
// who interrupts the program meanwhile is heard.
func (p *program) readSecret(ctx context.Context, where string, read func() ([]byte, error)) ([]byte, error) {
	phrases := make(chan []byte, 1)
	err := p.patiently(ctx, "reading the passphrase from "+where, func() error {
		phrase, err := read()
		phrases <- phrase
		return err
	})
	if err != nil {
		return nil, err
	}
	return <-phrases, nil
}

func passphraseFrom(r io.Reader, where string) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPassphrase+1))
	if err != nil {
		return nil, usagef("read the passphrase from %s: %v", where, cause(err))
	}
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	switch {
	case len(raw) > maxPassphrase:
		return nil, usagef("the passphrase in %s is longer than %d bytes", where, maxPassphrase)
	case len(raw) == 0:
		return nil, usagef("the passphrase in %s is empty", where)
	case bytes.ContainsAny(raw, "\r\n"):
		return nil, usagef("%s has more than one line; the passphrase is one", where)
	}
	return raw, nil
}

// askSecret asks for a line that the terminal does not show. When ctx ends first, the terminal is put
// back as it was.
func (p *program) askSecret(ctx context.Context, question string) ([]byte, error) {
	state, err := term.GetState(p.stdin.Fd())
	if err != nil {
		return nil, fmt.Errorf("ask for the passphrase: %w", err)
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
			return nil, fmt.Errorf("ask for the passphrase: %w", a.err)
		}
		return a.line, nil
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), term.Restore(p.stdin.Fd(), state))
	}
}

// keyFlags say with what an encrypted file is opened.
type keyFlags struct {
	Identity string `placeholder:"FILE" help:"File of secret keys (AGE-SECRET-KEY-1…, as age-keygen writes it) that opens an encrypted bundle."`
	passphraseFlags
}

// received is a file that came from elsewhere.
type received struct {
	data      []byte // what is in it, decrypted
	encrypted bool
	sha256    string // of the file as it came
}

// receive reads such a file.
func (p *program) receive(ctx context.Context, file string, f keyFlags) (in received, err error) {
	var raw []byte
	err = p.patiently(ctx, fmt.Sprintf("reading %q", file), func() (err error) {
		raw, err = readInput(file, sealed.MaxSize)
		return err
	})
	if err != nil {
		return in, err
	}
	in.sha256 = sha256Of(raw)
	if in.data, in.encrypted, err = p.decrypt(ctx, raw, f); err != nil {
		return in, fmt.Errorf("%q: %w", file, err)
	}
	return in, nil
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
		phrase, err := p.passphrase(ctx, f.passphraseFlags, bundleSecret)
		if err != nil {
			return nil, true, err
		}
		id, err := sealed.OfPassphrase(string(phrase))
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
		err = fmt.Errorf("%w: it has more than the %d bytes that are read", errForeign, limit)
	}
	return data, err
}
