package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/sshsig"
	"plumbline/assessment/store"
	"plumbline/content/workbook"
	"plumbline/reports/origin"
	"plumbline/reports/wire"
)

type verifyCmd struct {
	Of      string  `arg:"" optional:"" name:"session-or-file" help:"Id of the session, its first 4 or more characters, or its name; or a bundle or a report. Without it, the store and all its sessions."`
	Against *string `placeholder:"FILE" help:"Report: look its journal head up in this bundle; without it, in the store."`
	signerFlags
	keyFlags
}

func (c *verifyCmd) Run(ctx context.Context, p *program) (err error) {
	known, err := c.known()
	if err != nil {
		return err
	}
	if c.Of != "" && isFile(c.Of) {
		raw, err := readInput(c.Of, max(origin.MaxSize, sealed.MaxSize))
		if err != nil {
			return err
		}
		switch {
		case isBundle(c.Of, raw):
			return c.bundle(ctx, p, raw, known)
		case origin.Format(raw) != "":
			return c.report(ctx, p, raw, known)
		case filepath.Ext(c.Of) != "" || filepath.Base(c.Of) != c.Of: // else it can be the name of a session
			return fmt.Errorf("%w: %q is neither a bundle nor a report", origin.ErrForeign, c.Of)
		}
	}
	folder := c.Of != "" && isFolder(c.Of) // else, or where it has no such session, it can be the name of one
	switch {
	case folder && (filepath.Base(c.Of) != c.Of || c.Against != nil || c.signerFlags.given()):
		return notOneFile(c.Of)
	case c.Against != nil:
		return usagef("--against goes with the file of a report")
	case c.signerFlags.given():
		return usagef("--signers, --signer and --require-signature go with the file of a bundle or a report; the sessions of a store are not signed")
	}
	st, err := p.open(true)
	if folder && errors.Is(err, errNoStore) {
		return notOneFile(c.Of)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()

	var r roster
	if c.Of == "" {
		r, err = rosterOf(st)
	} else {
		r, err = p.only(st, c.Of)
	}
	if folder && errors.Is(err, errNoSession) {
		return notOneFile(c.Of)
	}
	if err != nil {
		return err
	}
	result := wire.Verification{OK: true, Sessions: []wire.VerifiedRow{}}
	var bad error // the first
	for _, sum := range r.sound {
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
	for _, d := range r.damaged {
		row, err := verify(st, assessment.Summary{ID: d.Session}) // the journal can be sound
		if err == nil {
			row.OK, row.Problem = false, d.Why.Error()
		}
		result.OK = false
		result.Sessions = append(result.Sessions, row)
		bad = cmp.Or[error](bad, d)
	}
	if c.Of == "" && bad == nil {
		bad = st.Check()
		result.OK = bad == nil
	}
	return errors.Join(p.verified(result), bad)
}

// only is the roster of the one session that ref names.
func (p *program) only(st *store.Store, ref string) (one roster, err error) {
	r, err := rosterOf(st)
	if err != nil {
		return one, err
	}
	sum, damage, err := r.find(ref)
	switch {
	case err != nil:
	case damage != nil:
		one.damaged = []*store.SummaryError{damage}
	default:
		p.warnOf(st, r)
		one.sound = []assessment.Summary{sum}
	}
	return one, err
}

// notOneFile refuses a folder. One of OSCAL has four files, each with a verdict of its own.
func notOneFile(folder string) error {
	return usagef("%q is a folder: a report in a folder is verified file by file", folder)
}

// isFile reports whether there is a regular file of that name.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// isBundle reports whether a file is to be judged as a bundle: by its name, or because nothing else looks
// like that.
func isBundle(path string, data []byte) bool {
	return strings.EqualFold(filepath.Ext(path), ".plumb") || sealed.Is(data) || bundle.Holds(data) ||
		workbook.Is(data) && origin.Format(data) == ""
}

// bundle checks a bundle: its entries against its manifest, each journal and what it leads to, and who
// signed it. What the records say is checked where it is imported.
func (c *verifyCmd) bundle(ctx context.Context, p *program, raw []byte, known sshsig.Signers) error {
	if c.Against != nil {
		return usagef("--against goes with the file of a report, and %q is a bundle", c.Of)
	}
	b, encrypted, err := p.readBundle(ctx, c.Of, raw, c.keyFlags)
	if err != nil {
		return err
	}
	facts := bundleFacts(c.Of, len(raw), sha256Of(raw), b, encrypted)
	var refusal error
	if facts.Signature, refusal = c.judge(known, b.Signature, sshsig.Bundle, b.Manifest, p.now()); refusal != nil {
		refusal = fmt.Errorf("%q: %w", c.Of, refusal)
	}
	result := wire.Verification{OK: refusal == nil, Sessions: []wire.VerifiedRow{}, Bundle: &facts}
	for _, s := range b.Sessions {
		result.Sessions = append(result.Sessions, wire.VerifiedRow{
			ID: s.ID, Organization: s.Organization(), Name: s.Name, OK: true, Events: int(s.Head.Seq), Head: &s.Head,
			Setbacks: wire.SetbacksOf(s.Stored.Setbacks()),
		})
	}
	if err := p.verified(result); err != nil || p.JSON {
		return errors.Join(err, refusal)
	}
	if len(facts.Redacted) > 0 {
		p.say("redacted: there is no journal to check, only the head of the one that it was cut from")
	}
	if refusal == nil {
		p.saySignature(facts.Signature)
	}
	return refusal
}

// readBundle reads the bundle in a file, and says whether that is encrypted.
func (p *program) readBundle(ctx context.Context, name string, raw []byte, keys keyFlags) (*bundle.Contents, bool, error) {
	data, encrypted, err := p.decrypt(ctx, raw, keys)
	if err != nil {
		return nil, encrypted, fmt.Errorf("%q: %w", name, err)
	}
	b, err := bundle.Read(data)
	if err != nil {
		return nil, encrypted, fmt.Errorf("%q: %w", name, err)
	}
	return b, encrypted, nil
}

// verified prints the verdicts, and says where a clock was wrong, which is no verdict.
func (p *program) verified(result wire.Verification) error {
	for _, r := range result.Sessions {
		for i, back := range r.Setbacks {
			if i == 3 {
				p.say("session %s: and %d times more", r.ID, len(r.Setbacks)-i)
				break
			}
			p.say("session %s: the clock was set back %v; the order is that of the numbers, and times there can not be relied on", r.ID, back.Setback())
		}
	}
	if p.JSON {
		return p.json(wire.KindVerify, nil, nil, result)
	}
	if r := result.Report; r != nil {
		t := p.table("REPORT", "FORMAT", "JOURNAL", "SESSION", "VERDICT")
		t.row(orUnknown(r.Kind), orUnknown(r.Format), orUnknown(r.States), orUnknown(r.SessionID[:min(8, len(r.SessionID))]), reportVerdicts[r.Verdict])
		t.end()
		return nil
	}
	t := p.table("ID", "ORGANIZATION", "SESSION", "EVENTS", "JOURNAL", "VERDICT")
	for _, r := range result.Sessions {
		var events any = r.Events
		if r.Events == 0 { // a journal has its first event from the beginning, so this one was not read
			events = unknown
		}
		head, verdict := unknown, r.Problem
		if r.Head != nil {
			head = r.Head.String()
		}
		if r.OK {
			verdict = "ok"
		}
		if result.Bundle != nil && len(result.Bundle.Redacted) > 0 {
			verdict = "redacted"
		}
		t.row(r.ID[:min(8, len(r.ID))], ellipsis(r.Organization, 32), ellipsis(r.Name, 32), events, head, verdict)
	}
	t.end()
	return nil
}

var reportVerdicts = map[wire.ReportVerdict]string{
	wire.SameBytes: "the same, byte for byte", wire.Differs: "changed", wire.NotRebuilt: "of this journal, not compared",
	wire.NotInJournal: "not of this journal", wire.NoHead: "states no journal head", wire.NotCompared: "not looked up",
}

// verify replays the journal of a session and compares what it leads to with what is stored.
func verify(st *store.Store, sum assessment.Summary) (wire.VerifiedRow, error) {
	row := wire.VerifiedRow{ID: sum.ID, Organization: sum.Organization, Name: sum.Name, Setbacks: []wire.Setback{}}
	stored, err := st.Load(sum.ID)
	var head assessment.Head
	if err == nil {
		row.Events = len(stored.Journal)
		row.Setbacks = wire.SetbacksOf(stored.Setbacks())
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
