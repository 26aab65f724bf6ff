package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/sshsig"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/reports/csv"
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
		if doubt, err = c.trace(ctx, p, data, from, &w); err != nil {
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
// report anew. What it finds goes into w. The first error says why the report is not shown to be what it
// says it is.
func (c *verifyCmd) trace(ctx context.Context, p *program, data []byte, from origin.Origin, w *wire.VerifiedReport) (doubt, err error) {
	lib, err := c.library(ctx, p)
	if errors.Is(err, errNoStore) {
		w.Verdict = wire.NotCompared
		return fmt.Errorf("there is no journal to look it up in: %w; --against FILE.plumb names a bundle", err), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lib.close()) }()
	w.Against = lib.name

	session, head, err := lib.find(from.Session, from.Head)
	if err != nil {
		return nil, err
	}
	if session == nil {
		w.Verdict = wire.NotInJournal
		return fmt.Errorf("its journal head %v is none of a session in %q", from.Head, lib.name), nil
	}
	w.SessionID, w.Head = session.Info().ID, &head
	var verdict wire.ReportVerdict
	var why error
	if err := p.patiently(ctx, "making the report anew", func() (err error) {
		verdict, why, err = compared(lib, session, head, data, from)
		return err
	}); err != nil { // the work may still be going on
		return nil, err
	}
	w.Verdict = verdict
	return why, nil
}

// compared makes the report of a state anew, in each way that the file leaves open, and compares.
func compared(lib *library, session *assessment.Session, head assessment.Head, data []byte, from origin.Origin) (wire.ReportVerdict, error, error) {
	state, err := session.At(head)
	if errors.Is(err, assessment.ErrPack) {
		return wire.NotRebuilt, fmt.Errorf("the head is one of this journal, but the report can not be made anew: %w", err), nil
	}
	if err != nil {
		return "", nil, err
	}
	o := reports.Options{Version: from.Version, Generated: from.Generated, AsOf: from.AsOf, OSCAL: from.OSCAL}
	if o.Generated.IsZero() { // such a file shows the day alone
		if o.Generated, err = time.Parse(time.DateOnly, string(from.AsOf)); err != nil {
			return wire.NotRebuilt, errors.New("the head is one of this journal, but the report does not say of which day it is"), nil
		}
	}
	if o.Journal, err = journalOf(session, head); err != nil {
		return "", nil, err
	}
	ways := []reports.Options{o}
	switch {
	case reports.NeedsArea(from.Format):
		for _, a := range content.Areas {
			o.Area = &a
			ways = append(ways, o)
		}
	case from.Format == reports.CSV:
		for _, o.Delimiter = range csv.Delimiters {
			ways = append(ways, o)
		}
	case from.Kind == reports.Compare:
		if ways, err = lib.comparisons(session, o, append(from.Others, from.Head)); err != nil {
			return "", nil, err
		}
	}
	if !slices.Contains(reports.Formats(from.Kind), from.Format) {
		return wire.NotRebuilt, errors.New("the head is one of this journal, but the file is no report that this version makes"), nil
	}
	for _, o := range ways {
		var b bytes.Buffer
		if err := reports.Write(&b, from.Kind, from.Format, state, o); err != nil {
			return "", nil, err
		}
		if bytes.Equal(b.Bytes(), data) {
			return wire.SameBytes, nil, nil
		}
	}
	switch pack := state.Catalog().Pack(); {
	case from.Kind == reports.Compare:
		return wire.NotRebuilt, errors.New("the head is one of this journal, but no comparison with a state that is here is the same: " +
			"the file was changed, or what it compares with is not here or, in a PDF, not found"), nil
	case from.Version != version:
		return wire.NotRebuilt, fmt.Errorf("the head is one of this journal, but Plumbline %s made the report, and %s makes something else of it", from.Version, version), nil
	case !strings.HasPrefix(pack.SHA256, from.Pack):
		return wire.NotRebuilt, fmt.Errorf("the head is one of this journal, but the report stands on another edition of the pack (SHA-256 %.16s) than the one that is here", from.Pack), nil
	}
	return wire.Differs, errors.New("the head is one of this journal, but the report of that state is another: this file was changed after it was made"), nil
}

// library is where the heads of reports are looked up.
type library struct {
	name  string // of the file
	ids   []string
	load  func(id string) (*assessment.Session, error) // errors where its journal is damaged
	close func() error
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
		s, err := l.load(id)
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
