package main

import (
	"context"
	"errors"
	"fmt"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

type verifyCmd struct {
	Of string `arg:"" optional:"" name:"session-or-file" help:"Id of the session, its first 4 or more characters, or its name; or a bundle, which is checked without the store. Without it, the store and all its sessions."`
	keyFlags
}

func (c *verifyCmd) Run(ctx context.Context, p *program) (err error) {
	if c.Of != "" && isBundleFile(c.Of) {
		return c.bundle(ctx, p)
	}
	st, err := p.open(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()

	var sums []assessment.Summary
	if c.Of == "" {
		sums, err = st.Sessions()
	} else {
		sums = make([]assessment.Summary, 1)
		sums[0], err = find(st, c.Of)
	}
	if err != nil {
		return err
	}
	result := wire.Verification{OK: true, Sessions: []wire.VerifiedRow{}}
	var bad error // the first
	for _, sum := range sums {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		row, err := verify(st, sum)
		if err != nil && bad == nil {
			bad = fmt.Errorf("session %s: %w", sum.ID, err)
		}
		result.OK = result.OK && row.OK
		result.Sessions = append(result.Sessions, row)
	}
	if c.Of == "" && bad == nil {
		bad = st.Check()
		result.OK = bad == nil
	}
	return errors.Join(p.verified(result), bad)
}

// bundle checks a bundle: its entries against its manifest, and each journal and what it leads to.
// What the records say is checked where it is imported.
func (c *verifyCmd) bundle(ctx context.Context, p *program) error {
	raw, err := readInput(c.Of, sealed.MaxSize)
	if err != nil {
		return err
	}
	data, encrypted, err := p.decrypt(ctx, raw, c.keyFlags)
	if err != nil {
		return fmt.Errorf("%q: %w", c.Of, err)
	}
	b, err := bundle.Read(data)
	if err != nil {
		return fmt.Errorf("%q: %w", c.Of, err)
	}
	facts := bundleFacts(c.Of, raw, b, encrypted)
	result := wire.Verification{OK: true, Sessions: []wire.VerifiedRow{}, Bundle: &facts}
	for _, s := range b.Sessions {
		result.Sessions = append(result.Sessions, wire.VerifiedRow{
			ID: s.ID, Organization: s.Organization(), Name: s.Name, OK: true, Events: int(s.Head.Seq), Head: &s.Head,
		})
	}
	if err := p.verified(result); err != nil || p.JSON {
		return err
	}
	if b.Signature != nil {
		p.say("signed; the signature was not checked here")
	} else {
		p.say("not signed: its hashes show damage, not who made it")
	}
	if len(facts.Redacted) > 0 {
		p.say("redacted: there is no journal to check, only the head of the one that it was cut from")
	}
	return nil
}

// verified prints the verdicts.
func (p *program) verified(result wire.Verification) error {
	if p.JSON {
		return p.json(wire.KindVerify, nil, nil, result)
	}
	t := p.table("ID", "ORGANIZATION", "SESSION", "EVENTS", "JOURNAL", "VERDICT")
	for _, r := range result.Sessions {
		head, verdict := unknown, r.Problem
		if r.OK {
			head, verdict = r.Head.String(), "ok"
		}
		if result.Bundle != nil && len(result.Bundle.Redacted) > 0 {
			verdict = "redacted"
		}
		t.row(r.ID[:8], ellipsis(r.Organization, 32), ellipsis(r.Name, 32), r.Events, head, verdict)
	}
	t.end()
	return nil
}

// verify replays the journal of a session and compares what it leads to with what is stored.
func verify(st *store.Store, sum assessment.Summary) (wire.VerifiedRow, error) {
	row := wire.VerifiedRow{ID: sum.ID, Organization: sum.Organization, Name: sum.Name}
	stored, err := st.Load(sum.ID)
	var head assessment.Head
	if err == nil {
		row.Events = len(stored.Journal)
		head, err = stored.Verify()
	}
	if err != nil {
		row.Problem = err.Error()
		var damage *assessment.DamageError
		if errors.As(err, &damage) {
			row.BadSeq = &damage.Seq
		}
		return row, err
	}
	row.OK, row.Head = true, &head
	return row, nil
}
