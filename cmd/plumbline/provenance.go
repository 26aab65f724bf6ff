package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/sshsig"
	"plumbline/reports"
	"plumbline/reports/origin"
	"plumbline/reports/wire"
)

// report checks a report: whether the journal head that it states is one of a session, whether the
// report of that state is, byte for byte, the same, and who signed the file. Something must vouch for
// the bytes: the report made anew, or a known signer. Nothing may speak against them.
func (c *verifyCmd) report(ctx context.Context, p *program, data []byte, known sshsig.Signers) error {
	sig, err := detached(c.Of)
	if err != nil {
		return err
	}
	w := wire.VerifiedReport{File: c.Of, SHA256: sha256Of(data), Verdict: wire.NoHead}
	var unsigned error
	w.Signature, unsigned = c.judge(known, sig, sshsig.Report, data, p.now())

	from, err := origin.Read(data)
	w.Format, w.Kind, w.SessionID, w.Version = string(from.Format), string(from.Kind), from.Session, from.Version
	doubt := err // why nothing can be said of the report
	if err == nil {
		w.States = from.Head.String()
		if doubt, err = c.trace(ctx, p, data, &from, &w); err != nil {
			if unsigned != nil { // it does not hang on what can not be read
				return errors.Join(fmt.Errorf("%q: %w", c.Of, unsigned), err)
			}
			p.saySignature(w.Signature)
			return err
		}
	}
	var refusal error
	switch {
	case unsigned != nil:
		refusal = unsigned
	case doubt == nil:
	case w.Verdict == wire.Differs || w.Verdict == wire.NotInJournal || w.Signature.Verdict != wire.Valid:
		refusal = fmt.Errorf("%w: %w", errReport, doubt)
	}
	if refusal != nil {
		refusal = fmt.Errorf("%q: %w", c.Of, refusal)
	}
	if err := p.verified(wire.Verification{OK: refusal == nil, Sessions: []wire.VerifiedRow{}, Report: &w}); err != nil || p.JSON {
		return errors.Join(err, refusal)
	}
	if w.Verdict == wire.SameBytes { // for they are in no journal
		p.say("version %s and the day %s are what the report says of itself; all else is as the journal has it", from.Version, from.AsOf)
	}
	if doubt != nil && (refusal == nil || unsigned != nil) {
		p.say("%v", doubt)
	}
	if unsigned == nil {
		p.saySignature(w.Signature)
	}
	return refusal
}

// trace looks the origin of a report up in the store, or in the bundle that was named, and makes the
// report anew. What it finds goes into w; from becomes what the file is found to be. The first error says
// why the report is not shown to be what it says it is.
func (c *verifyCmd) trace(ctx context.Context, p *program, data []byte, from *origin.Origin, w *wire.VerifiedReport) (doubt, err error) {
	lib, err := c.library(ctx, p)
	switch {
	case errors.Is(err, errNoStore):
		w.Verdict = wire.NotCompared
		return fmt.Errorf("%w: %w; --against FILE.plumb names a bundle", errNoJournal, err), nil
	case errors.Is(err, errNoPassphrase) && c.Against == nil: // which is no wrong usage where a signature is asked about
		w.Verdict = wire.NotCompared
		return fmt.Errorf("%w: the store is encrypted: %v; --against FILE.plumb names a bundle", errNoJournal, err), nil
	case err != nil:
		return nil, err
	}
	defer func() { err = errors.Join(err, lib.close()) }()
	w.Against = lib.name

	w.Verdict = wire.NotInJournal
	doubt = fmt.Errorf("its journal head %v is none of a session in %q", from.Head, lib.name)
	var damage error
	for claim := range from.Claims() {
		session, head, err := lib.find(claim.Session, claim.Head)
		damage = errors.Join(damage, err)
		if session == nil {
			continue
		}
		verdict := wire.Differs
		var why error
		if err := p.patiently(ctx, "making the report anew", func() (err error) {
			verdict, why, err = compared(lib, session, head, data, claim)
			return err
		}); err != nil { // the work may still be going on
			return nil, err
		}
		if w.Head == nil || verdict == wire.SameBytes {
			*from = claim
			w.SessionID, w.States, w.Version, w.Head = session.Info().ID, claim.Head.String(), claim.Version, &head
			w.Verdict, doubt = verdict, why
		}
		if verdict == wire.SameBytes {
			return nil, nil
		}
	}
	if w.Head == nil && damage != nil {
		return nil, damage
	}
	return doubt, nil
}

// library is where the heads of reports are looked up.
type library struct {
	name  string // of the file
	ids   []string
	load  func(id string) (*assessment.Session, error) // errors where its journal is damaged
	last  *assessment.Session                          // that was loaded
	close func() error
}

// session loads a session, unless it is the one that was loaded last: a file can name it many times.
func (l *library) session(id string) (*assessment.Session, error) {
	if l.last != nil && l.last.Info().ID == id {
		return l.last, nil
	}
	s, err := l.load(id)
	if err == nil {
		l.last = s
	}
	return s, err
}

// library opens the bundle that was named, else the store.
func (c *verifyCmd) library(ctx context.Context, p *program) (*library, error) {
	if c.Against != nil {
		raw, err := readInput(*c.Against, sealed.MaxSize)
		if err != nil {
			return nil, fmt.Errorf("--against: %w", err)
		}
		b, _, err := p.readBundle(ctx, *c.Against, raw, c.keyFlags)
		if err != nil {
			return nil, fmt.Errorf("--against: %w", err)
		}
		return p.shelf(*c.Against, b)
	}
	st, err := p.open(true)
	if err != nil {
		return nil, err
	}
	r, err := p.roster(st)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	lib := &library{name: st.Path(), close: st.Close, load: func(id string) (*assessment.Session, error) {
		s, damage, err := loadID(st, id)
		return s, errors.Join(err, damage)
	}}
	for _, s := range r.sound {
		lib.ids = append(lib.ids, s.ID)
	}
	for _, d := range r.damaged { // their journals can be sound
		lib.ids = append(lib.ids, d.Session)
	}
	return lib, nil
}

// shelf is the library that a bundle is. A redacted one has no journals.
func (p *program) shelf(name string, b *bundle.Contents) (*library, error) {
	if b.Redacted != nil {
		return nil, usagef("--against: %q is redacted and has no journal to look anything up in", name)
	}
	path, err := p.storePath()
	if err != nil {
		return nil, err
	}
	packs := packsOf(b, path)
	lib := &library{name: name, close: func() error { return nil }}
	for _, s := range b.Sessions {
		lib.ids = append(lib.ids, s.ID)
	}
	lib.load = func(id string) (*assessment.Session, error) {
		i := slices.Index(lib.ids, id)
		return assessment.LoadWith(packs.find, b.Sessions[i].Stored)
	}
	return lib, nil
}

// find returns the session whose journal has a head, nil where none has: the one of that id, or where no
// id is stated any. Other sessions that are damaged are passed over while it is found in a sound one.
func (l *library) find(id string, stated origin.Head) (*assessment.Session, assessment.Head, error) {
	ids := l.ids
	if id != "" {
		if !slices.Contains(ids, id) {
			return nil, assessment.Head{}, nil
		}
		ids = []string{id}
	}
	var damage error
	for _, id := range ids {
		s, err := l.session(id)
		if err != nil {
			damage = errors.Join(damage, err)
			continue
		}
		if head, ok := s.HeadAt(stated.Seq); ok && stated.Names(head) {
			return s, head, nil
		}
	}
	return nil, assessment.Head{}, damage
}

// comparisons are the options of a comparison with each of the heads that a file mentions, of the same
// session or of another one. Its own is among them: nothing forbids to compare a state with itself.
func (l *library) comparisons(session *assessment.Session, o reports.Options, heads []origin.Head) ([]reports.Options, error) {
	var ways []reports.Options
	for _, stated := range heads {
		other, head, err := l.find(session.Info().ID, stated)
		if err == nil && other == nil {
			other, head, err = l.find("", stated)
		}
		if err != nil || other == nil {
			continue // it can be anything that looks like a head
		}
		if o.Against, err = other.At(head); err != nil {
			return nil, err
		}
		ways = append(ways, o)
	}
	return ways, nil
}
