package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/sshsig"
	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

// bundleImport takes the sessions of a bundle into a store: all of them, or none. What would happen is
// worked out whole before anything changes, and once more when the store is open for writing.
type bundleImport struct {
	*program
	name      string // of the file, without its folder
	sha256    string // of the file
	size      int    // of the bundle in bytes, before it was encrypted
	encrypted bool
	contents  *bundle.Contents
	arrived   *arrivals
	into      string  // the only session that is meant; "" for all
	asCopy    *string // name of a new session for what can not be added to the one that is here
	dryRun    bool
}

// arrivals are the sessions of a bundle as the program works with them. They are the same in every plan,
// and long journals take their time, so each is loaded once.
type arrivals struct {
	packs    *bundlePacks
	sessions map[string]*arrival // by id
}

type arrival struct {
	session *assessment.Session
	events  []assessment.Event
}

// take reads what the bundle is to hold.
func (im *bundleImport) take(data []byte) (err error) {
	if im.contents, err = bundle.Read(data); err != nil {
		return err
	}
	path, err := im.storePath()
	im.arrived = arrivalsOf(im.contents, path)
	return err
}

// arrivalsOf are the sessions of a bundle that goes into the store at that path.
func arrivalsOf(c *bundle.Contents, store string) *arrivals {
	return &arrivals{packsOf(c, store), make(map[string]*arrival)}
}

// load brings a session back and checks what the pack can tell of it.
func (a *arrivals) load(s bundle.Session) (*arrival, error) {
	if have := a.sessions[s.ID]; have != nil {
		return have, nil
	}
	session, err := assessment.LoadWith(a.packs.find, s.Stored)
	if err == nil {
		err = cmp.Or(session.Check(), s.Stored.CheckTexts())
	}
	if err != nil {
		return nil, err
	}
	for _, pin := range bundle.Pins(s.Stored)[1:] { // those of its past can be missing
		if _, err := a.packs.find(pin); err != nil && !errors.Is(err, assessment.ErrPack) {
			return nil, err
		}
	}
	events := make([]assessment.Event, len(s.Stored.Journal))
	for i, raw := range s.Stored.Journal {
		if events[i], err = assessment.DecodeEvent(raw); err != nil {
			return nil, err
		}
	}
	a.sessions[s.ID] = &arrival{session, events}
	return a.sessions[s.ID], nil
}

// goesOn is what brings a store that has the first events of the session, common of them, to its state.
func (a *arrival) goesOn(common int) assessment.Delta {
	return assessment.Delta{Session: a.session.Info().ID, Summary: a.session.Summary(), Events: a.events[common:]}
}

// run reads the bundle, does what is asked and prints it.
func (im bundleImport) run(ctx context.Context, data []byte) (err error) {
	if err = im.take(data); err != nil {
		return fmt.Errorf("%q: %w", im.name, err)
	}
	signature, err := signerFlags{}.judge(nil, im.contents.Signature, sshsig.Bundle, im.contents.Manifest, im.now())
	if errors.Is(err, errBadSignature) {
		return fmt.Errorf("%q: %w", im.name, err)
	}
	plan, err := im.planned()
	if err != nil {
		return err
	}
	plan.result.Bundle = im.facts()
	plan.result.Bundle.Signature = signature
	if refusal := plan.refusal(); refusal != nil || im.dryRun || len(plan.deltas) == 0 {
		return errors.Join(im.bundleDone(plan.result), refusal)
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("interrupted, nothing was imported: %w", err)
	}
	if err := im.carryOut(plan); err != nil {
		return err
	}
	return im.bundleDone(plan.result)
}

// facts are those of the bundle, with the checksum of the file that it came in.
func (im bundleImport) facts() *wire.BundleFacts {
	facts := bundleFacts(im.name, im.size, im.sha256, im.contents, im.encrypted)
	return &facts
}

// planned works out what the import would do to the store as it is, without changing it. Where there is
// no store yet, none is made.
func (im bundleImport) planned() (plan *bundlePlan, err error) {
	st, err := im.open(true)
	if errors.Is(err, errNoStore) {
		return im.plan(nil)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return im.plan(st)
}

// carryOut opens the store for writing and does what the plan says, unless that is no longer what is to
// be done.
func (im bundleImport) carryOut(plan *bundlePlan) (err error) {
	st, err := im.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return im.carryInto(st, st.Apply, plan)
}

// carryInto is carryOut where the store is open; apply writes to it.
func (im bundleImport) carryInto(st *store.Store, apply func(...assessment.Delta) error, plan *bundlePlan) error {
	now, err := im.plan(st)
	if err != nil {
		return err
	}
	if err := now.refusal(); err != nil {
		return err
	}
	now.result.Bundle = plan.result.Bundle
	*plan = *now
	if plan.result.Backup, err = st.Backup(); err != nil {
		return fmt.Errorf("nothing was imported: there must be a backup first: %w", err)
	}
	for _, pack := range im.arrived.packs.loaded { // out of the bundle, and not yet beside the store
		if err := keepPack(st.Path(), pack.cat, pack.files); err != nil {
			return fmt.Errorf("nothing was imported: %w", err)
		}
	}
	return apply(plan.deltas...)
}

// bundlePlan is what an import does to a store. It is made session by session.
type bundlePlan struct {
	bundleImport
	store     *store.Store // nil where there is none yet
	result    wire.Imported
	deltas    []assessment.Delta
	conflicts []string
	copies    int
}

// plan works out what the import does to a store.
func (im bundleImport) plan(st *store.Store) (*bundlePlan, error) {
	sessions, err := im.chosen(st)
	if err != nil {
		return nil, err
	}
	plan := &bundlePlan{bundleImport: im, store: st, result: wire.Imported{
		File: im.name, Format: bundle.Format, SHA256: im.sha256, DryRun: im.dryRun,
		Scales: []wire.ImportScale{}, Changes: []wire.ImportChange{}, Problems: []wire.ImportProblem{}, Sessions: []wire.ImportedRow{}, Events: []wire.EventRow{},
	}}
	for _, s := range sessions {
		row, err := plan.add(s)
		if err != nil {
			return nil, fmt.Errorf("session %s of %q: %w", s.ID, im.name, err)
		}
		plan.result.Sessions = append(plan.result.Sessions, row)
		plan.result.Counts.Add(row.Outcome)
	}
	if im.asCopy != nil && plan.copies == 0 {
		return nil, usagef("--as-copy: no session of %q needs it; they can be imported as they are", im.name)
	}
	return plan, nil
}

func (plan *bundlePlan) refusal() error {
	if len(plan.conflicts) == 0 {
		return nil
	}
	return fmt.Errorf("nothing was imported: %w: %s", errDiverged, strings.Join(plan.conflicts, "; "))
}

// chosen returns the sessions of the bundle that are meant.
func (im bundleImport) chosen(st *store.Store) ([]bundle.Session, error) {
	if im.into == "" {
		return im.contents.Sessions, nil
	}
	if im.contents.Redacted != nil {
		return nil, usagef("--into: %q is redacted and has no journal, so nothing of it can be added to a session; without --into it becomes a new one", im.name)
	}
	if st == nil {
		return nil, fmt.Errorf("--into: %w: %q (%w)", errNoSession, im.into, errNoStore)
	}
	sum, err := im.find(st, im.into)
	if err != nil {
		return nil, fmt.Errorf("--into: %w", err)
	}
	i := slices.IndexFunc(im.contents.Sessions, func(s bundle.Session) bool { return s.ID == sum.ID })
	if i < 0 {
		return nil, fmt.Errorf("%w into %q: %q holds other sessions, and none with the id %s", errForeign, sum.Name, im.name, sum.ID)
	}
	return im.contents.Sessions[i : i+1], nil
}

// add works out what becomes of one session.
func (plan *bundlePlan) add(s bundle.Session) (wire.ImportedRow, error) {
	row := wire.ImportedRow{ID: s.ID, From: s.ID, Name: s.Name, Events: s.Head.Seq}
	if plan.contents.Redacted != nil {
		err := plan.addCopy(&row, plan.redactedReason(s), func(id, name string, act assessment.Act) (*assessment.Session, assessment.Delta, error) {
			return assessment.Adopt(plan.arrived.packs.find, s.Stored.Records, id, name, act)
		})
		return row, err
	}
	here, err := plan.arrived.load(s)
	if err != nil {
		return row, err
	}
	session := here.session
	row.Organization = session.Info().Organization
	have, err := storedIn(plan.store, s.ID)
	if err != nil {
		return row, err
	}
	relation, common := bundle.Relate(have.Journal, s.Stored.Journal)
	if relation == bundle.Diverged {
		here, err := assessment.LoadWith(plan.arrived.packs.find, have)
		if err != nil {
			return row, fmt.Errorf("the session in the store: %w", err)
		}
		if here.Holds(session) { // by a merge
			relation = bundle.Ahead
		}
	}
	row.Stored = uint64(len(have.Journal))
	switch {
	case relation == bundle.Same:
		row.Outcome, row.Head = wire.Same, &s.Head
		return row, nil
	case relation == bundle.Ahead:
		head, err := have.Verify()
		row.Outcome, row.Head = wire.Skipped, &head
		return row, err
	case relation == bundle.Diverged && plan.asCopy == nil:
		row.Outcome = wire.Conflict
		plan.conflicts = append(plan.conflicts, fmt.Sprintf("%q (%s) after event %d", s.Name, s.ID, common))
		return row, nil
	case relation == bundle.Diverged:
		reason := fmt.Sprintf("imported from %s (SHA-256 %s) as a copy of session %s at %v, which went on differently here after event %d",
			plan.name, plan.sha256, s.ID, s.Head, common)
		err := plan.addCopy(&row, reason, session.Copy)
		return row, err
	}
	row.Outcome, row.Head, row.Added = wire.Changed, &s.Head, s.Head.Seq-uint64(common)
	if common == 0 {
		row.Outcome = wire.New
	}
	plan.deltas = append(plan.deltas, here.goesOn(common))
	return row, nil
}

// addCopy has the session of a row become a new one.
func (plan *bundlePlan) addCopy(row *wire.ImportedRow, reason string,
	begin func(id, name string, act assessment.Act) (*assessment.Session, assessment.Delta, error),
) error {
	plan.copies++
	name := row.Name
	if plan.asCopy != nil {
		if name = *plan.asCopy; plan.copies > 1 {
			name = fmt.Sprintf("%s %d", name, plan.copies)
		}
	}
	act, err := plan.act(nil, reason)
	if err != nil {
		return err
	}
	id, err := assessment.NewID(rand.Reader)
	if err != nil {
		return err
	}
	made, delta, err := begin(id, name, act)
	if err == nil {
		err = made.Check()
	}
	if err != nil {
		return err
	}
	head := made.Head()
	row.ID, row.Name, row.Organization, row.Outcome = id, name, made.Info().Organization, wire.Copied
	row.Added, row.Head = head.Seq, &head
	plan.deltas = append(plan.deltas, delta)
	plan.result.Events = append(plan.result.Events, wire.EventsOf(delta.Events)...)
	return nil
}

func (im bundleImport) redactedReason(s bundle.Session) string {
	var out []string
	for _, class := range im.contents.Redacted {
		out = append(out, string(class))
	}
	return fmt.Sprintf("imported from a redacted bundle, %s (SHA-256 %s), without %s, cut from session %s at %v",
		im.name, im.sha256, strings.Join(out, ", "), s.ID, s.Head)
}

// storedIn returns what the store has of a session, nothing where it has none. One that is damaged is
// an error: nothing is added to it.
func storedIn(st *store.Store, id string) (assessment.Stored, error) {
	if st == nil {
		return assessment.Stored{}, nil
	}
	have, err := st.Load(id)
	if errors.Is(err, store.ErrNotFound) {
		return assessment.Stored{}, nil
	}
	if err == nil {
		_, err = have.Verify()
	}
	if err != nil {
		err = fmt.Errorf("the session in the store: %w", err)
	}
	return have, err
}

var outcomes = map[wire.Outcome]string{
	wire.New: "new, with its whole journal", wire.Changed: "goes on", wire.Same: "the same here", wire.Skipped: "the store is ahead",
	wire.Conflict: "went on differently", wire.Copied: "becomes a new session",
}

// bundleDone prints what the import of a bundle did, or would do.
func (p *program) bundleDone(r wire.Imported) error {
	if p.JSON {
		return p.json(wire.KindImport, nil, nil, r)
	}
	t := p.table("ID", "ORGANIZATION", "SESSION", "IN THE FILE", "HERE", "ADDED", "WHAT HAPPENS")
	for _, s := range r.Sessions {
		t.row(s.ID[:8], ellipsis(s.Organization, 32), ellipsis(s.Name, 32), s.Events, s.Stored, s.Added, outcomes[s.Outcome])
	}
	t.end()
	p.sayUnknownSigner(r.Bundle.Signature)
	switch changes := r.Counts.New + r.Counts.Changed; {
	case r.Counts.Conflict > 0: // the error says it
	case changes == 0:
		p.say("there is nothing to import: the store has all of it")
	case r.DryRun:
		p.say("nothing was changed; without --dry-run, after a backup of the store: %d new, %d go on", r.Counts.New, r.Counts.Changed)
	default:
		p.say("the store as it was is at %q", r.Backup)
		p.say("imported: %d new, %d went on, %d the same here, %d ahead here", r.Counts.New, r.Counts.Changed, r.Counts.Same, r.Counts.Skipped)
	}
	return nil
}

// sayUnknownSigner says that a bundle is signed by a key that nobody vouched for.
func (p *program) sayUnknownSigner(s wire.Signature) {
	if s.Verdict == wire.UnknownSigner {
		p.say("the bundle is signed with the key %s; whose that is, plumbline verify --signers says", s.Fingerprint)
	}
}
