package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/intake"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/reports/wire"
)

type importCmd struct {
	File      string    `arg:"" help:"The file. What it is, its content says, not its name."`
	Into      string    `placeholder:"SESSION" help:"The session that the file goes into; needed, but for a bundle. Of a bundle, take only what belongs to this session."`
	Map       []mapping `sep:"none" placeholder:"SCALE:VALUE=LEVEL" help:"What a value of the file's own scale stands for: 0 to 3, or - to leave it out; SCALE: only where the file has several. May be repeated. proposed takes what --dry-run proposes. Nothing else is ever converted."`
	Area      *area     `placeholder:"AREA" help:"Take what the file says of Subcategories as said of their items in this Focus Area; without it, of the base ratings."`
	Overwrite bool      `help:"Apply what is in conflict too: answers newer than the file's, and of a file that contradicts itself the last word."`
	AsCopy    *string   `name:"as-copy" placeholder:"NAME" help:"Import a session of a bundle that went on differently here, or a redacted one, as a new session of that name."`
	DryRun    bool      `help:"Only say what would happen."`
	keyFlags
}

// Help is shown below the flags: what can be imported.
func (c *importCmd) Help() string {
	names := make([]string, len(intake.Kinds))
	for i, k := range intake.Kinds {
		names[i] = k.Name()
	}
	return "A bundle (.plumb, also encrypted) brings its sessions. Any other file goes into the session of --into, in one act that one undo takes back: " +
		strings.Join(names, ", ") + "."
}

func (c *importCmd) Run(ctx context.Context, p *program) error {
	var raw []byte
	err := p.patiently(ctx, fmt.Sprintf("reading %q", c.File), func() (err error) {
		raw, err = readInput(c.File, sealed.MaxSize)
		return err
	})
	if err != nil {
		return err
	}
	data, encrypted, err := p.decrypt(ctx, raw, c.keyFlags)
	if err != nil {
		return fmt.Errorf("%q: %w", c.File, err)
	}
	switch isBundle := bundle.Holds(data); {
	case encrypted && !isBundle:
		return fmt.Errorf("%w: %q is encrypted and holds no bundle", errForeign, c.File)
	case !isBundle:
		return p.importFile(ctx, c, data)
	case c.Map != nil || c.Area != nil || c.Overwrite:
		return usagef("--map, --area and --overwrite do not go with a bundle, which %q is", c.File)
	}
	return p.importBundle(ctx, data, importOptions{
		name: filepath.Base(c.File), sha256: sha256Of(raw), encrypted: encrypted, into: c.Into, asCopy: c.AsCopy, dryRun: c.DryRun,
	})
}

// importOptions say where data come from and what is to become of them.
type importOptions struct {
	name      string // of the file, without its folder
	sha256    string // of the file
	encrypted bool
	into      string  // the only session that is meant; "" for all
	asCopy    *string // name of a new session for what can not be added to the one that is here
	dryRun    bool
}

// importBundle takes the sessions of a bundle into the store: all of them, or none. What would happen
// is worked out whole before anything changes, and once more when the store is open for writing.
func (p *program) importBundle(ctx context.Context, data []byte, o importOptions) error {
	c, err := bundle.Read(data)
	if err != nil {
		return fmt.Errorf("%q: %w", o.name, err)
	}
	plan, err := p.plannedBundle(c, o)
	if err != nil {
		return err
	}
	facts := bundleFacts(o.name, data, c, o.encrypted)
	facts.SHA256 = o.sha256
	plan.result.Bundle = &facts
	if refusal := plan.refusal(); refusal != nil || o.dryRun || len(plan.deltas) == 0 {
		return errors.Join(p.bundleDone(plan.result), refusal)
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("interrupted, nothing was imported: %w", err)
	}
	if err := p.carryOut(c, o, plan); err != nil {
		return err
	}
	return p.bundleDone(plan.result)
}

// bundlePlan is what an import does.
type bundlePlan struct {
	result    wire.Imported
	deltas    []assessment.Delta
	packs     []carried // that came in the bundle and are to be kept beside the store
	conflicts []string
}

func (plan *bundlePlan) refusal() error {
	if len(plan.conflicts) == 0 {
		return nil
	}
	return fmt.Errorf("nothing was imported: %w: %s", errDiverged, strings.Join(plan.conflicts, "; "))
}

// plannedBundle works out what the import would do to the store as it is, without changing it. Where there
// is no store yet, none is made.
func (p *program) plannedBundle(c *bundle.Contents, o importOptions) (plan *bundlePlan, err error) {
	st, err := p.open(true)
	if errors.Is(err, errNoStore) {
		return p.plan(nil, c, o)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return p.plan(st, c, o)
}

// carryOut opens the store for writing and does what the plan says, unless that is no longer what is
// to be done.
func (p *program) carryOut(c *bundle.Contents, o importOptions, plan *bundlePlan) (err error) {
	st, err := p.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return p.carryInto(st, st.Apply, c, o, plan)
}

// carryInto is carryOut where the store is open; apply writes to it.
func (p *program) carryInto(st *store.Store, apply func(...assessment.Delta) error, c *bundle.Contents, o importOptions, plan *bundlePlan) error {
	now, err := p.plan(st, c, o)
	if err != nil {
		return err
	}
	if err := now.refusal(); err != nil {
		return err
	}
	now.result.Bundle = plan.result.Bundle
	*plan = *now
	if plan.result.Backup, err = st.Backup(); err != nil {
		return fmt.Errorf("nothing was imported: %w", err)
	}
	for _, pack := range plan.packs {
		if err := keepPack(st.Path(), pack.cat, pack.files); err != nil {
			return fmt.Errorf("nothing was imported: %w", err)
		}
	}
	return apply(plan.deltas...)
}

func (p *program) plan(st *store.Store, c *bundle.Contents, o importOptions) (*bundlePlan, error) {
	plan := &bundlePlan{result: wire.Imported{
		File: o.name, Format: bundle.Format, SHA256: o.sha256, DryRun: o.dryRun,
		Scales: []wire.ImportScale{}, Changes: []wire.ImportChange{}, Problems: []wire.ImportProblem{}, Sessions: []wire.ImportedRow{}, Events: []wire.EventRow{},
	}}
	sessions, err := o.chosen(st, c)
	if err != nil {
		return nil, err
	}
	path, err := p.storePath()
	if err != nil {
		return nil, err
	}
	find := packsIn(path, c, plan)
	copies := 0
	for _, s := range sessions {
		row, err := p.planSession(st, s, c, o, find, plan, &copies)
		if err != nil {
			return nil, fmt.Errorf("session %s of %q: %w", s.ID, o.name, err)
		}
		plan.result.Sessions = append(plan.result.Sessions, row)
		counts := &plan.result.Counts
		switch row.Outcome {
		case "new", "copied":
			counts.New++
		case "changed":
			counts.Changed++
		case "same":
			counts.Same++
		case "skipped":
			counts.Skipped++
		case "conflict":
			counts.Conflict++
		}
	}
	if o.asCopy != nil && copies == 0 {
		return nil, usagef("--as-copy: no session of %q needs it; they can be imported as they are", o.name)
	}
	return plan, nil
}

// chosen returns the sessions of the bundle that are meant.
func (o importOptions) chosen(st *store.Store, c *bundle.Contents) ([]bundle.Session, error) {
	if o.into == "" {
		return c.Sessions, nil
	}
	if c.Redacted != nil {
		return nil, usagef("--into: %q is redacted and has no journal, so nothing of it can be added to a session; without --into it becomes a new one", o.name)
	}
	if st == nil {
		return nil, fmt.Errorf("--into: %w: %q (%w)", errNoSession, o.into, errNoStore)
	}
	sum, err := find(st, o.into)
	if err != nil {
		return nil, fmt.Errorf("--into: %w", err)
	}
	i := slices.IndexFunc(c.Sessions, func(s bundle.Session) bool { return s.ID == sum.ID })
	if i < 0 {
		return nil, fmt.Errorf("%w into %q: %q holds other sessions, and none with the id %s", errForeign, sum.Name, o.name, sum.ID)
	}
	return c.Sessions[i : i+1], nil
}

// planSession works out what becomes of one session.
func (p *program) planSession(st *store.Store, s bundle.Session, c *bundle.Contents, o importOptions, find assessment.Packs, plan *bundlePlan, copies *int) (wire.ImportedRow, error) {
	row := wire.ImportedRow{ID: s.ID, From: s.ID, Name: s.Name, Events: s.Head.Seq}
	if c.Redacted != nil {
		return row, p.planCopy(&row, s, o, plan, copies, redactedReason(s, c, o), func(id, name string, act assessment.Act) (*assessment.Session, assessment.Delta, error) {
			return assessment.Adopt(find, s.Stored.Records, id, name, act)
		})
	}
	session, err := assessment.LoadWith(find, s.Stored)
	if err == nil {
		err = session.Check()
	}
	if err != nil {
		return row, err
	}
	for _, pin := range bundle.Pins(s.Stored)[1:] { // those of its past can be missing
		if _, err := find(pin); err != nil && !errors.Is(err, assessment.ErrPack) {
			return row, err
		}
	}
	row.Organization = session.Info().Organization
	have, err := storedIn(st, s.ID)
	if err != nil {
		return row, err
	}
	relation, common := bundle.Relate(have.Journal, s.Stored.Journal)
	row.Stored = uint64(len(have.Journal))
	switch {
	case relation == bundle.Same:
		row.Outcome, row.Head = "same", &s.Head
		return row, nil
	case relation == bundle.Ahead:
		here, err := have.Verify()
		row.Outcome, row.Head = "skipped", &here
		return row, err
	case relation == bundle.Diverged && o.asCopy == nil:
		row.Outcome = "conflict"
		plan.conflicts = append(plan.conflicts, fmt.Sprintf("%q (%s) after event %d", s.Name, s.ID, common))
		return row, nil
	case relation == bundle.Diverged:
		reason := fmt.Sprintf("imported from %s (SHA-256 %s) as a copy of session %s at %v, which went on differently here after event %d",
			o.name, o.sha256, s.ID, s.Head, common)
		return row, p.planCopy(&row, s, o, plan, copies, reason, session.Copy)
	}
	row.Outcome, row.Head, row.Added = "changed", &s.Head, s.Head.Seq-uint64(common)
	if common == 0 {
		row.Outcome = "new"
	}
	delta := assessment.Delta{Session: s.ID, Summary: session.Summary()}
	for _, raw := range s.Stored.Journal[common:] {
		e, err := assessment.DecodeEvent(raw)
		if err != nil {
			return row, err
		}
		delta.Events = append(delta.Events, e)
	}
	plan.deltas = append(plan.deltas, delta)
	return row, nil
}

// planCopy has a session become a new one.
func (p *program) planCopy(row *wire.ImportedRow, s bundle.Session, o importOptions, plan *bundlePlan, copies *int, reason string,
	begin func(id, name string, act assessment.Act) (*assessment.Session, assessment.Delta, error),
) error {
	*copies++
	name := s.Name
	if o.asCopy != nil {
		if name = *o.asCopy; *copies > 1 {
			name = fmt.Sprintf("%s %d", name, *copies)
		}
	}
	act, err := p.act(nil, reason)
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
	row.ID, row.Name, row.Organization, row.Outcome = id, name, made.Info().Organization, "copied"
	row.Added, row.Head = head.Seq, &head
	plan.deltas = append(plan.deltas, delta)
	plan.result.Events = append(plan.result.Events, wire.EventsOf(delta.Events)...)
	return nil
}

func redactedReason(s bundle.Session, c *bundle.Contents, o importOptions) string {
	var out []string
	for _, class := range c.Redacted {
		out = append(out, string(class))
	}
	return fmt.Sprintf("imported from a redacted bundle, %s (SHA-256 %s), without %s, cut from session %s at %v",
		o.name, o.sha256, strings.Join(out, ", "), s.ID, s.Head)
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

// packsIn finds packs where the store finds them, else in the bundle; the plan then keeps those.
func packsIn(path string, c *bundle.Contents, plan *bundlePlan) assessment.Packs {
	beside := packsBeside(path)
	return func(pin assessment.PackPin) (*content.Catalog, error) {
		if i := slices.IndexFunc(plan.packs, func(p carried) bool { return pin.Names(p.cat) }); i >= 0 {
			return plan.packs[i].cat, nil
		}
		cat, missing := beside(pin)
		if missing == nil {
			return cat, nil
		}
		i := slices.IndexFunc(c.Packs, func(p bundle.Pack) bool { return p.ID == pin.ID && p.Facts == pin.Facts })
		if i < 0 || !c.Packs[i].Whole() {
			return nil, missing
		}
		pack, err := loadPack(c.Packs[i])
		if err == nil && !pin.Names(pack.cat) {
			err = fmt.Errorf("%w: it needs %v, and the bundle holds another pack in its place", assessment.ErrPack, pin)
		}
		if err != nil {
			return nil, err
		}
		plan.packs = append(plan.packs, pack)
		return pack.cat, nil
	}
}

// carried is a pack that came in a bundle.
type carried struct {
	files fs.FS
	cat   *content.Catalog
}

// loadPack loads a pack out of a bundle, with all checks that a pack from a zip gets.
func loadPack(pack bundle.Pack) (carried, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range pack.Files {
		e, err := w.Create(f.Name)
		if err == nil {
			_, err = e.Write(f.Content)
		}
		if err != nil {
			return carried{}, err
		}
	}
	if err := w.Close(); err != nil {
		return carried{}, err
	}
	files, err := content.ZipFiles(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return carried{}, err
	}
	cat, err := content.Load(files)
	return carried{files, cat}, err
}

var outcomes = map[string]string{
	"new": "new, with its whole journal", "changed": "goes on", "same": "the same here", "skipped": "the store is ahead",
	"conflict": "went on differently", "copied": "becomes a new session",
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
	if r.Bundle.Signature != "none" {
		p.say("the bundle is signed; the signature was not checked here")
	}
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
