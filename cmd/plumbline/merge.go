package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/sshsig"
	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

type mergeCmd struct {
	which
	File   string `arg:"" help:"The bundle (.plumb, also encrypted) that has the session as it went on elsewhere."`
	Take   []take `sep:"none" placeholder:"ITEM[.FIELD]=SIDE" help:"Decide a conflict for ours or theirs: \"GV.OC-01/secure.current=theirs\", or all conflicts of an item: \"GV.OC-01/secure=ours\". May be repeated."`
	Ours   bool   `xor:"side" help:"Decide what --take says nothing of for this session."`
	Theirs bool   `xor:"side" help:"Decide what --take says nothing of for the file."`
	DryRun bool   `help:"Only say what would happen."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
	keyFlags
}

// Help is shown below the flags.
func (*mergeCmd) Help() string {
	return "Three-way, against the state that both last had in common: what only one side changed is kept or taken, what both changed alike is left. " +
		"What they changed differently is a conflict: it is listed and, until every one is decided, nothing is written (code 5). " +
		"A merge is one act, after a backup, and one undo takes it back. A file that only goes on is added as import adds it."
}

// take is a decision on conflicts: "GV.OC-01/secure.current=theirs".
type take struct {
	of   string // the key of a conflict, or what it is about
	side assessment.Side
}

// UnmarshalText reads a decision. Which conflicts there are, only the merge can tell.
func (t *take) UnmarshalText(text []byte) error {
	i := strings.LastIndexByte(string(text), '=')
	if i > 0 {
		t.of, t.side = string(text[:i]), assessment.Side(text[i+1:])
	}
	if t.side != assessment.Ours && t.side != assessment.Theirs {
		return fmt.Errorf(`%q is not a decision such as "GV.OC-01/secure.current=theirs" or "A-3=ours"`, text)
	}
	return nil
}

func (c *mergeCmd) Run(ctx context.Context, p *program) error {
	in, err := p.receive(ctx, c.File, c.keyFlags)
	if err != nil {
		return err
	}
	m := bundleMerge{
		program: p, name: filepath.Base(c.File), sha256: in.sha256,
		session: c.Session, takes: c.Take, reason: c.Reason, dryRun: c.DryRun,
	}
	switch {
	case c.Ours:
		m.rest = assessment.Ours
	case c.Theirs:
		m.rest = assessment.Theirs
	}
	if m.contents, err = readWhole(m.name, in.data); err != nil {
		return err
	}
	signature, err := signerFlags{}.judge(nil, m.contents.Signature, sshsig.Bundle, m.contents.Manifest, p.now())
	if errors.Is(err, errBadSignature) {
		return fmt.Errorf("%q: %w", m.name, err)
	}
	m.facts = bundleFacts(m.name, len(in.data), m.sha256, m.contents, in.encrypted)
	m.facts.Signature = signature
	return m.run(ctx)
}

// readWhole reads a bundle that has the journals of its sessions.
func readWhole(name string, data []byte) (*bundle.Contents, error) {
	if !bundle.Holds(data) {
		return nil, fmt.Errorf("%w: %q is no bundle; import takes other files", errForeign, name)
	}
	c, err := bundle.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	if c.Redacted != nil {
		return nil, fmt.Errorf("%w: %q is redacted and has no journal, so nothing of it can be merged; import makes a session of its own of it", errForeign, name)
	}
	return c, nil
}

// bundleMerge merges a session of a bundle into the one of the store. What would happen is worked out
// whole before anything changes, and once more when the store is open for writing.
type bundleMerge struct {
	*program
	name     string // of the file, without its folder
	sha256   string // of the file
	contents *bundle.Contents
	facts    wire.BundleFacts
	session  string // id, the beginning of it, or name
	takes    []take
	rest     assessment.Side // what decides all other conflicts; "" for nothing
	reason   string
	who      string // "" for whoever the program says
	dryRun   bool
}

// mergePlan is what a merge does to a store.
type mergePlan struct {
	*assessment.MergePlan
	bundleMerge
	ours   *assessment.Session
	theirs *arrival
	packs  *bundlePacks // what it loads out of the bundle is to be kept beside the store
}

// run does what is asked and prints it.
func (m bundleMerge) run(ctx context.Context) error {
	plan, err := m.planned(ctx)
	if err != nil {
		return err
	}
	result := plan.result()
	refusal := plan.refusal()
	if refusal != nil || m.dryRun || plan.nothing() {
		return errors.Join(m.mergeDone(plan.ours.Snapshot(), result), refusal)
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("interrupted, nothing was merged: %w", err)
	}
	st, err := m.open(false)
	if err != nil {
		return err
	}
	s, result, err := m.carryInto(st, st.Apply)
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	return m.mergeDone(s, result)
}

// planned works out what the merge would do to the store as it is, without changing it.
func (m bundleMerge) planned(ctx context.Context) (plan *mergePlan, err error) {
	st, err := m.open(true)
	if errors.Is(err, errNoStore) {
		return nil, fmt.Errorf("%w: %q (%w)", errNoSession, m.session, err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	err = m.patiently(ctx, fmt.Sprintf("planning the merge of %q", m.name), func() (err error) {
		plan, err = m.plan(st)
		return err
	})
	return plan, err
}

// plan works out what the merge does to a store.
func (m bundleMerge) plan(st *store.Store) (*mergePlan, error) {
	ours, err := m.loadSound(st, m.session)
	if err != nil {
		return nil, err
	}
	in := ours.Info()
	i := slices.IndexFunc(m.contents.Sessions, func(s bundle.Session) bool { return s.ID == in.ID })
	if i < 0 {
		return nil, fmt.Errorf("%w into %q: %q holds other sessions, and none with the id %s", errForeign, in.Name, m.name, in.ID)
	}
	arrived := arrivalsOf(m.contents, st.Path())
	plan := &mergePlan{bundleMerge: m, ours: ours, packs: arrived.packs}
	plan.theirs, err = arrived.load(m.contents.Sessions[i])
	if err == nil {
		err = plan.decide()
	}
	if err != nil {
		return nil, fmt.Errorf("session %s of %q: %w", in.ID, m.name, err)
	}
	return plan, nil
}

// decide plans the merge with the decisions that were made. A decision can bring out another conflict: a
// gap that was accepted may be none any more.
func (plan *mergePlan) decide() (err error) {
	source := assessment.MergeSource{File: plan.name, SHA256: plan.sha256}
	now, choices := plan.now(), make(assessment.Choices)
	used := make([]bool, len(plan.takes))
	for {
		if plan.MergePlan, err = plan.ours.Merge(plan.theirs.session, source, now, choices); err != nil {
			return err
		}
		more := false
		for _, c := range plan.Conflicts {
			side, err := plan.side(c, used)
			if err != nil {
				return err
			}
			if _, ok := choices[c.Key()]; !ok && side != "" {
				choices[c.Key()], more = side, true
			}
		}
		if !more {
			break
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return usagef("--take: there is no conflict %q; the list of conflicts names them", plan.takes[i].of)
	}
	return nil
}

// side is how a conflict was decided, "" where it was not. A decision on the very conflict goes before one
// on the item, and that before the rest. Used notes which decisions were on something.
func (m bundleMerge) side(c assessment.MergeConflict, used []bool) (assessment.Side, error) {
	for _, of := range []string{c.Key(), c.About} {
		var side assessment.Side
		for i, t := range m.takes {
			if !strings.EqualFold(t.of, of) {
				continue
			}
			if used[i] = true; side != "" && side != t.side {
				return "", usagef("--take: %q is decided twice, for different sides", t.of)
			}
			side = t.side
		}
		if side != "" {
			for i, t := range m.takes { // one on the item is of use, too
				used[i] = used[i] || strings.EqualFold(t.of, c.About)
			}
			return side, nil
		}
	}
	return m.rest, nil
}

// nothing reports whether there is nothing to write.
func (plan *mergePlan) nothing() bool {
	return plan.Relation == assessment.MergeContained || plan.Relation == assessment.MergeSame
}

func (plan *mergePlan) refusal() error {
	if n := plan.Counts.Conflict; n > 0 {
		return fmt.Errorf("nothing was merged: %w: %d", errConflicts, n)
	}
	return nil
}

func (plan *mergePlan) result() wire.Merged {
	w := wire.MergedOf(plan.MergePlan)
	w.DryRun, w.Bundle = plan.dryRun, plan.facts
	if plan.Relation == assessment.MergeForward {
		w.Added = len(plan.theirs.events) - plan.Common
	}
	return w
}

// carryInto plans anew on a store that is open for writing, and does what is to be done after a backup;
// apply writes to the store. It returns the session as it is then.
func (m bundleMerge) carryInto(st *store.Store, apply func(...assessment.Delta) error) (*assessment.Snapshot, wire.Merged, error) {
	plan, err := m.plan(st)
	if err != nil {
		return nil, wire.Merged{}, err
	}
	result := plan.result()
	if err := plan.refusal(); err != nil || plan.nothing() {
		return plan.ours.Snapshot(), result, err
	}
	s, delta, err := plan.act()
	if err != nil {
		return nil, result, err
	}
	if result.Backup, err = st.Backup(); err != nil {
		return nil, result, fmt.Errorf("nothing was merged: there must be a backup first: %w", err)
	}
	for _, pack := range plan.packs.loaded {
		if err := keepPack(st.Path(), pack.cat, pack.files); err != nil {
			return nil, result, fmt.Errorf("nothing was merged: %w", err)
		}
	}
	if err := apply(delta); err != nil {
		return nil, result, err
	}
	result.Added = len(delta.Events)
	if plan.Relation == assessment.MergeDiverged {
		result.Events = wire.EventsOf(delta.Events)
	}
	return s, result, nil
}

// act merges, or has the journal go on as that of the file does.
func (plan *mergePlan) act() (*assessment.Snapshot, assessment.Delta, error) {
	if plan.Relation == assessment.MergeForward {
		return plan.theirs.session.Snapshot(), plan.theirs.goesOn(plan.Common), nil
	}
	act, err := plan.bundleMerge.act(plan.ours.Info().Assessors, plan.reason)
	if err != nil {
		return nil, assessment.Delta{}, err
	}
	if plan.who != "" {
		act.Who = plan.who
	}
	delta, err := plan.ours.Do(plan.Act(act.Who, act.Reason), plan.Apply)
	return plan.ours.Snapshot(), delta, err
}

// mergeDone prints what a merge did, or would do.
func (p *program) mergeDone(s *assessment.Snapshot, w wire.Merged) error {
	if p.JSON {
		return p.json(wire.KindMerge, nil, s, w)
	}
	in, n := s.Info(), w.Counts
	facts := p.table()
	facts.row("file", w.File)
	facts.row("into", fmt.Sprintf("%s, %s (%s)", in.Organization, in.Name, in.ID[:8]))
	facts.row("in common", fmt.Sprintf("the first %d events", w.Common))
	if w.Relation == assessment.MergeDiverged {
		facts.row("theirs", fmt.Sprintf("%d new, %d changed, %d the same here; conflicts: %d open, %d decided", n.New, n.Changed, n.Same, n.Conflict, n.Decided))
	}
	facts.end()
	if len(w.Changes) > 0 {
		p.print("")
		rows := p.table("OF", "FIELD", "IS", "BECOMES", "BY", "WHEN")
		for _, c := range w.Changes {
			rows.row(c.About, c.Field, orUnknown(ellipsis(c.Before, 40)), orUnknown(ellipsis(c.After, 40)), orUnknown(c.By.Who), when(c.By.Time))
		}
		rows.end()
	}
	for _, r := range w.Renumbered {
		p.print("%s %s of the file becomes %s: %s", r.Kind, r.From, r.To, ellipsis(r.Title, 60))
	}
	if len(w.Conflicts) > 0 {
		p.print("")
		rows := p.table("CONFLICT", "SIDE", "SAYS", "BY", "WHEN", "DECIDED")
		for _, c := range w.Conflicts {
			decided := "open"
			if c.Taken != nil {
				decided = string(*c.Taken)
			}
			rows.row(c.Key, "base", orUnknown(ellipsis(c.Base, 60)), "", "", decided)
			rows.row("", "ours", orUnknown(ellipsis(c.Ours, 60)), orUnknown(c.OursBy.Who), when(c.OursBy.Time), "")
			rows.row("", "theirs", orUnknown(ellipsis(c.Theirs, 60)), orUnknown(c.TheirsBy.Who), when(c.TheirsBy.Time), "")
			if c.Why != "" {
				rows.row("", "why", c.Why, "", "", "")
			}
		}
		rows.end()
	}
	if w.Labels > 0 {
		p.say("%d labeled snapshots of the file are left out: they name states of its own journal", w.Labels)
	}
	p.sayUnknownSigner(w.Bundle.Signature)
	switch {
	case n.Conflict > 0: // the error says it
	case w.Relation == assessment.MergeContained:
		p.say("there is nothing to merge: the session has all of it")
	case w.Relation == assessment.MergeSame:
		p.say("there is nothing to merge: the file has all of this session, and says the same")
	case w.Relation == assessment.MergeForward && w.DryRun:
		p.say("nothing was changed; the file only goes on: without --dry-run, after a backup of the store, its %d events are added, as import adds them", w.Added)
	case w.Relation == assessment.MergeForward:
		p.say("the store as it was is at %q", w.Backup)
		p.say("the file only goes on: its %d events were added, as import adds them", w.Added)
	case w.DryRun:
		p.say("nothing was changed; without --dry-run, after a backup of the store: %d new, %d changed", n.New, n.Changed)
	default:
		p.say("the store as it was is at %q", w.Backup)
		p.say("merged in one act: %d new, %d changed, %d conflicts decided; u in the app takes all of it back", n.New, n.Changed, n.Decided)
	}
	return nil
}

// when is a moment as lists show it.
func when(t *time.Time) string {
	if t == nil {
		return unknown
	}
	return t.Format("2006-01-02 15:04")
}
