package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/sshsig"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/reports/wire"
)

type exportCmd struct {
	Session   []string `arg:"" help:"Ids of the sessions, their first 4 or more characters, or their names."`
	Out       *string  `placeholder:"FILE" help:"File to write, such as tern.plumb; needed, but with --dry-run."`
	Force     bool     `help:"Replace a file that is there."`
	Redact    *classes `placeholder:"WHAT" help:"Take out notes, names, evidence or organization, several joined by commas, or all. A redacted bundle has no journal and can only become a new session."`
	DryRun    bool     `help:"Only say what the bundle would hold, and what a redaction would do to which fields."`
	Encrypt   bool     `help:"Encrypt the bundle with a passphrase, in the format of age."`
	Recipient []string `sep:"none" placeholder:"age1…" help:"Encrypt the bundle to this public key instead; may be repeated."`
	signFlags
	passphraseFlags
}

// classes are what a redaction takes out.
type classes struct{ list []bundle.Class }

// UnmarshalText reads names joined by commas, or "all".
func (c *classes) UnmarshalText(raw []byte) (err error) {
	if string(raw) == "all" {
		c.list = bundle.Classes[:]
		return nil
	}
	c.list, err = bundle.ParseClasses(strings.Split(string(raw), ","))
	return err
}

func (c *exportCmd) Run(ctx context.Context, p *program) error {
	if err := c.check(); err != nil {
		return err
	}
	if !c.DryRun {
		if err := p.mayWrite(*c.Out, c.Force); err != nil { // before anybody is asked for a passphrase
			return fmt.Errorf("write %q: %w", *c.Out, err)
		}
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	contents, rows, err := p.exported(c.Session)
	if err != nil {
		return err
	}
	var classes []bundle.Class
	if c.Redact != nil {
		classes = c.Redact.list
	}
	redaction, plain, err := packed(&contents, classes, key)
	if err != nil {
		return err
	}
	result := wire.Exported{DryRun: c.DryRun, Sessions: rows, Findings: findings(redaction)}
	if c.DryRun {
		result.Bundle = bundleFacts("", len(plain), sha256Of(plain), &contents, c.encrypts())
		result.Bundle.Signature = signedBy(key)
		return p.exportDone(result)
	}

	data, check := plain, func(data []byte) error { return checkBundle(data, redaction, key) }
	if c.encrypts() {
		if data, check, err = c.seal(ctx, p, plain, contents.Sessions); err != nil {
			return err
		}
	}
	if err := p.writeFile(ctx, *c.Out, data, c.Force, check); err != nil {
		return err
	}
	result.Bundle = bundleFacts(*c.Out, len(data), sha256Of(data), &contents, c.encrypts())
	result.Bundle.Signature = signedBy(key)
	return p.exportDone(result)
}

// packed redacts what is to go into a bundle, unless no class is named, signs it, unless the key is nil,
// and returns the bundle, read back and checked.
func packed(contents *bundle.Contents, classes []bundle.Class, key ed25519.PrivateKey) (*bundle.Redaction, []byte, error) {
	var redaction *bundle.Redaction
	if len(classes) > 0 {
		cat, err := content.Embedded()
		if err != nil {
			return nil, nil, err
		}
		if redaction, err = bundle.Redact(contents.Sessions, classes, cat); err != nil {
			return nil, nil, err
		}
		contents.Redacted, contents.Sessions = redaction.Classes, redaction.Sessions
		contents.Packs = slices.DeleteFunc(contents.Packs, func(p bundle.Pack) bool { return !needed(p, redaction.Sessions) })
	}
	if key != nil {
		manifest, err := bundle.ManifestOf(*contents)
		if err != nil {
			return nil, nil, err
		}
		contents.Signature = sshsig.Sign(key, sshsig.Bundle, manifest)
	}
	var b bytes.Buffer
	if err := bundle.Write(&b, *contents); err != nil {
		return nil, nil, err
	}
	return redaction, b.Bytes(), checkBundle(b.Bytes(), redaction, key)
}

// check refuses what can not be meant.
func (c *exportCmd) check() error {
	switch {
	case c.Out == nil && !c.DryRun:
		return usagef("--out: the name of the file is missing")
	case c.Out != nil && (*c.Out == "" || *c.Out == "-"):
		return usagef("--out: a bundle goes to a file of a name, not to standard output")
	case len(c.Recipient) > 0 && (c.Encrypt || c.given()):
		return usagef("a bundle is encrypted with a passphrase or to recipients, not both")
	case c.encrypts():
		return sealed.Available()
	}
	return nil
}

func (c *exportCmd) encrypts() bool { return c.Encrypt || c.given() || len(c.Recipient) > 0 }

// seal encrypts a bundle. The check decrypts what was written where it has the passphrase for that; to
// recipients it can but look for what may not stand there.
func (c *exportCmd) seal(ctx context.Context, p *program, plain []byte, sessions []bundle.Session) ([]byte, func([]byte) error, error) {
	var to []sealed.Recipient
	for _, s := range c.Recipient {
		r, err := sealed.ParseRecipient(s)
		if err != nil {
			return nil, nil, usagef("--recipient: %v", err)
		}
		to = append(to, r)
	}
	if len(to) == 0 {
		phrase, err := p.passphrase(ctx, c.passphraseFlags, newBundleSecret)
		if err != nil {
			return nil, nil, err
		}
		return sealedWith(string(phrase), plain, sessions)
	}
	return sealedTo(to, nil, plain, sessions)
}

// sealedWith encrypts a bundle with a passphrase; see seal.
func sealedWith(phrase string, plain []byte, sessions []bundle.Session) ([]byte, func([]byte) error, error) {
	r, err := sealed.Passphrase(phrase)
	id, errID := sealed.OfPassphrase(phrase)
	if err := errors.Join(err, errID); err != nil {
		return nil, nil, err
	}
	return sealedTo([]sealed.Recipient{r}, []sealed.Identity{id}, plain, sessions)
}

func sealedTo(to []sealed.Recipient, own []sealed.Identity, plain []byte, sessions []bundle.Session) ([]byte, func([]byte) error, error) {
	data, err := sealed.Encrypt(plain, to...)
	return data, func(back []byte) error {
		if !sealed.Is(back) {
			return errors.New("the file is not encrypted")
		}
		for _, s := range sessions {
			if bytes.Contains(back, []byte(s.ID)) {
				return errors.New("the encrypted file shows the id of a session")
			}
		}
		if own == nil {
			return nil
		}
		opened, err := sealed.Decrypt(back, own...)
		if err == nil && !bytes.Equal(opened, plain) {
			err = errors.New("decrypted it is something else")
		}
		return err
	}, err
}

// checkBundle reads a finished bundle back, checks its signature where it was signed with a key, and
// looks into a redacted one for what should not be in it.
func checkBundle(data []byte, redaction *bundle.Redaction, key ed25519.PrivateKey) error {
	c, err := bundle.Read(data)
	if err != nil {
		return err
	}
	var again bytes.Buffer
	if err := bundle.Write(&again, *c); err != nil {
		return err
	}
	if !bytes.Equal(again.Bytes(), data) {
		return errors.New("the bundle is read back as something else")
	}
	if key != nil {
		if err := checkSignature(c.Signature, key, sshsig.Bundle, c.Manifest); err != nil {
			return err
		}
	}
	if redaction != nil {
		return redaction.CheckLeaks(data)
	}
	return nil
}

// exported reads what the bundle is to hold.
func (p *program) exported(refs []string) (c bundle.Contents, rows []wire.ExportedRow, err error) {
	st, err := p.open(true)
	if errors.Is(err, errNoStore) {
		return c, nil, fmt.Errorf("%w: %q (%w)", errNoSession, refs[0], err)
	}
	if err != nil {
		return c, nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return p.exportedFrom(st, refs)
}

// exportedFrom is exported where the store is open.
func (p *program) exportedFrom(st *store.Store, refs []string) (c bundle.Contents, rows []wire.ExportedRow, err error) {
	generated, _, err := p.today()
	if err != nil {
		return c, nil, err
	}
	c = bundle.Contents{Created: generated, Tool: bundle.Tool{Name: wire.ToolName, Version: version}}
	for _, ref := range refs {
		sum, err := p.find(st, ref)
		if err != nil {
			return c, nil, err
		}
		if slices.ContainsFunc(c.Sessions, func(s bundle.Session) bool { return s.ID == sum.ID }) {
			return c, nil, usagef("%q names a session that was named before", ref)
		}
		stored, err := st.Load(sum.ID)
		if err != nil {
			return c, nil, fmt.Errorf("session %s: %w", sum.ID, err)
		}
		s, err := bundle.SessionOf(stored)
		if err != nil {
			return c, nil, fmt.Errorf("session %s: %w", sum.ID, err)
		}
		c.Sessions = append(c.Sessions, s)
		rows = append(rows, wire.ExportedRow{ID: s.ID, Organization: sum.Organization, Name: s.Name, Events: s.Head.Seq, Head: s.Head})
	}
	c.Packs, err = p.packsFor(st, c.Sessions)
	return c, rows, err
}

// packsFor collects the packs that sessions are, or ever were, pinned to. One of the past that is not
// to be had is left out, with a warning: the sessions can be read without it, but for the states that
// they had then.
func (p *program) packsFor(st *store.Store, sessions []bundle.Session) ([]bundle.Pack, error) {
	var packs []bundle.Pack
	for _, s := range sessions {
		for i, pin := range bundle.Pins(s.Stored) {
			if slices.ContainsFunc(packs, func(have bundle.Pack) bool { return have.ID == pin.ID && have.Facts == pin.Facts }) {
				continue
			}
			pack, err := packFor(st.Path(), pin)
			if err != nil && i > 0 {
				p.warn(fmt.Errorf("session %s was once pinned to a pack that is left out: %w", s.ID, err))
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("session %s: %w", s.ID, err)
			}
			packs = append(packs, pack)
		}
	}
	return packs, nil
}

// needed reports whether a session is, or by its journal ever was, pinned to a pack.
func needed(p bundle.Pack, sessions []bundle.Session) bool {
	return slices.ContainsFunc(sessions, func(s bundle.Session) bool {
		return slices.ContainsFunc(bundle.Pins(s.Stored), func(pin assessment.PackPin) bool { return pin.ID == p.ID && pin.Facts == p.Facts })
	})
}

// packFor returns the pack of a pin as a bundle carries it: the one that is built in by its hashes, one
// that was kept beside the store whole.
func packFor(path string, pin assessment.PackPin) (bundle.Pack, error) {
	built, err := content.Embedded()
	if err != nil {
		return bundle.Pack{}, err
	}
	if pin.Names(built) {
		return packOf(built, content.EmbeddedFiles(), false)
	}
	kept, err := openKept(path, pin)
	if err != nil {
		return bundle.Pack{}, err
	}
	pack, err := packOf(kept.cat, kept.files, true)
	return pack, errors.Join(err, kept.Close())
}

func packOf(cat *content.Catalog, files fs.FS, whole bool) (bundle.Pack, error) {
	of := cat.Pack()
	pack := bundle.Pack{ID: of.ID, Edition: of.Edition, Facts: of.Facts}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return pack, err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return pack, err
		}
		f := bundle.PackFile{Name: e.Name(), SHA256: sha256Of(data)}
		if whole {
			f.Content = data
		}
		pack.Files = append(pack.Files, f)
	}
	return pack, nil
}

func sha256Of(data []byte) string { return assessment.Hash(sha256.Sum256(data)).String() }

func findings(r *bundle.Redaction) []wire.RedactedRow {
	rows := []wire.RedactedRow{}
	if r != nil {
		for _, f := range r.Findings {
			rows = append(rows, wire.RedactedRow{Field: f.Field, Class: string(f.Class), Outcome: string(f.Outcome), Count: f.Count})
		}
	}
	return rows
}

// bundleFacts says what a bundle is, of a file of that size and hash. What its signature is worth is for
// the caller to say.
func bundleFacts(file string, size int, sha256 string, c *bundle.Contents, encrypted bool) wire.BundleFacts {
	w := wire.BundleFacts{
		File: file, Bytes: size, SHA256: sha256, FormatVersion: bundle.FormatVersion, Created: c.Created.UTC(),
		Tool: wire.Tool{Name: c.Tool.Name, Version: c.Tool.Version}, Encrypted: encrypted, Redacted: []string{}, Packs: []wire.BundlePack{},
	}
	for _, class := range c.Redacted {
		w.Redacted = append(w.Redacted, string(class))
	}
	for _, pack := range c.Packs {
		w.Packs = append(w.Packs, wire.BundlePack{ID: pack.ID, Version: pack.Edition, Facts: pack.Facts, Whole: pack.Whole()})
	}
	return w
}

// exportDone prints what an export did, or would do.
func (p *program) exportDone(r wire.Exported) error {
	if p.JSON {
		return p.json(wire.KindExport, nil, nil, r)
	}
	t := p.table("ID", "ORGANIZATION", "SESSION", "EVENTS", "JOURNAL")
	for _, s := range r.Sessions {
		t.row(s.ID[:8], ellipsis(s.Organization, 32), ellipsis(s.Name, 32), s.Events, s.Head)
	}
	t.end()
	if len(r.Findings) > 0 {
		p.print("")
		t := p.table("FIELD", "CLASS", "WHAT HAPPENS TO IT", "TIMES")
		for _, f := range r.Findings {
			t.row(f.Field, orUnknown(f.Class), f.Outcome, f.Count)
		}
		t.end()
	}
	if len(r.Bundle.Redacted) > 0 {
		p.say("redacted of %s: the bundle has no journal; who is named in a text only, and in no field for names, is still named there",
			strings.Join(r.Bundle.Redacted, ", "))
	}
	how := "a bundle"
	if r.Bundle.Encrypted {
		how = "an encrypted bundle"
	}
	if r.Bundle.Signature.Verdict == wire.Valid {
		how += " signed with the key " + r.Bundle.Signature.Fingerprint
	}
	if r.DryRun {
		p.say("nothing was written; it would be %s of %d bytes before encryption", how, r.Bundle.Bytes)
		return nil
	}
	p.say("wrote %q (%s, %d bytes)", r.Bundle.File, how, r.Bundle.Bytes)
	if len(r.Bundle.Redacted) == 0 && !r.Bundle.Encrypted {
		p.say("whoever gets the file can read all of it, the journal too; --encrypt and --redact are there for that")
	}
	return nil
}
