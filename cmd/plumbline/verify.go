package main

import (
	"context"
	"errors"
	"fmt"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

type verifyCmd struct {
	Session string `arg:"" optional:"" help:"Id of the session, its first 4 or more characters, or its name; without it, the store and all its sessions."`
}

func (c *verifyCmd) Run(ctx context.Context, p *program) (err error) {
	st, err := p.open(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()

	var sums []assessment.Summary
	if c.Session == "" {
		sums, err = st.Sessions()
	} else {
		sums = make([]assessment.Summary, 1)
		sums[0], err = find(st, c.Session)
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
	if c.Session == "" && bad == nil {
		bad = st.Check()
		result.OK = bad == nil
	}
	if p.JSON {
		return errors.Join(p.json(wire.KindVerify, nil, nil, result), bad)
	}
	t := p.table("ID", "ORGANIZATION", "SESSION", "EVENTS", "JOURNAL", "VERDICT")
	for _, r := range result.Sessions {
		head, verdict := unknown, r.Problem
		if r.OK {
			head, verdict = r.Head.String(), "ok"
		}
		t.row(r.ID[:8], ellipsis(r.Organization, 32), ellipsis(r.Name, 32), r.Events, head, verdict)
	}
	t.end()
	return bad
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
