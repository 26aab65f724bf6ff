package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

type restoreCmd struct {
	Backup  string   `arg:"" help:"Backup to restore from: a file, or the name of one that store backups lists."`
	Session []string `sep:"none" xor:"what" placeholder:"SESSION" help:"Bring this session of the backup back, by id or name; may be repeated. One that the store does not have comes back as it was, with its journal. Of one that it has in another state a copy is added, which says so in its name. Where only its summary in the store is damaged, that is made anew from its journal there."`
	Swap    bool     `xor:"what" help:"Put the whole backup in the place of the store. What is there now, sound or damaged, gets another name beside it. It asks before."`
	Yes     bool     `help:"With --swap: do not ask. Needed where there is no terminal."`
	backupKeyFlags
}

func (c *restoreCmd) Run(ctx context.Context, p *program) error {
	path, err := p.storePath()
	if err != nil {
		return err
	}
	backup := c.Backup
	if _, err := os.Stat(backup); err != nil {
		if named, ok := store.BackupNamed(path, backup); ok {
			backup = named
		}
	}
	switch {
	case len(c.Session) == 0 && !c.Swap:
		return usagef("it needs --session SESSION, to bring sessions back into the store, or --swap, to put the whole backup in its place; %s shows what is in the backup",
			store.ShellCommand("plumbline", "--store", absolute(backup), "session", "list"))
	case isSame(path, backup):
		return fmt.Errorf("%q: %w", backup, store.ErrSameFile)
	}
	facts, err := store.Look(backup)
	if isAny(err, store.ErrDamaged, store.ErrNewer) {
		err = fmt.Errorf("%w: %w", store.ErrBackup, err)
	}
	if err != nil {
		return err
	}
	if c.Swap {
		return c.swap(ctx, p, path, facts)
	}
	return c.bringBack(ctx, p, facts)
}

// absolute is a path as it is told to do something with: a relative one may begin as a flag does, and may be
// wanted in another folder.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func isSame(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// swap puts the backup in the place of the store.
func (c *restoreCmd) swap(ctx context.Context, p *program, path string, backup store.Facts) error {
	if !c.Yes && !p.canAsk() {
		return usagef("it asks before it puts another file in the place of the store and there is no terminal to ask on; --yes does it without a question")
	}
	present, presentErr := store.Look(path)
	switch {
	case errors.Is(presentErr, store.ErrBusy):
		return presentErr
	case errors.Is(presentErr, os.ErrNotExist):
		p.say("there is nothing at %q", path)
	case presentErr != nil:
		p.say("what goes, but is kept: %q, which can not be used: %s", path, stateOf(presentErr))
	default:
		p.say("what goes, but is kept: %q, %s", path, describeFile(present))
	}
	p.say("what comes: %q, %s", backup.Path, describeFile(backup))
	switch {
	case presentErr != nil:
	case present.Sealed && !backup.Sealed:
		p.say("the store is encrypted and the backup is not: afterwards the store is not, until plumbline store encrypt")
	case !present.Sealed && backup.Sealed:
		p.say("the backup is encrypted and the store is not: afterwards the store needs the passphrase of the backup")
	case backup.Sealed:
		p.say("afterwards the store needs the passphrase that it had when the backup was made")
	}
	if !c.Yes {
		if yes, err := p.ask(ctx, "Put the backup in its place? [y/N] "); err != nil || !yes {
			return errors.Join(errDeclined, err)
		}
	}
	var aside string
	err := c.unlock(ctx, p, backup, func(key []byte) (err error) {
		aside, err = store.Restore(path, backup.Path, store.Options{Passphrase: key, Now: p.now, Warn: p.warn})
		return err
	})
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindStoreRestore, nil, nil, wire.Restored{Store: path, Backup: backup.Path, Swapped: true, Aside: aside, Sessions: []wire.RestoredRow{}})
	}
	p.say("the store is as it was in the backup")
	if aside == "" {
		return nil
	}
	p.say("what was there is now:")
	p.printPath(aside)
	if presentErr == nil {
		p.say("this undoes it: %s", store.SwapCommand(absolute(path), aside))
	} else {
		p.say("it can not be opened as it is; keep it until you know that nothing in it is missing")
	}
	return nil
}

// describeFile says in words what a store or a backup holds, as far as it shows without a passphrase.
func describeFile(f store.Facts) string {
	text := fmt.Sprintf("sessions: %d, %s", f.Sessions, store.Bytes(f.Size))
	switch {
	case f.Sealed:
		text += ", encrypted"
	case !f.Changed.IsZero():
		text += ", last change " + clock(f.Changed)
	}
	return text
}

// unlock does something with the passphrase of a backup: the one that is given for it, else the one of
// the store where that is known, else the person is asked.
func (c *restoreCmd) unlock(ctx context.Context, p *program, backup store.Facts, do func(key []byte) error) error {
	flags := passphraseFlags{c.BackupPassphraseFile, c.BackupPassphraseFD}
	switch {
	case flags.given(): // also for a plain one, which is refused then
		key, err := p.passphrase(ctx, flags, backupSecret)
		if err != nil {
			return err
		}
		return do(key)
	case !backup.Sealed:
		return do(nil)
	}
	if err := store.Sealable(); err != nil { // nobody is asked in vain
		return err
	}
	if p.storeKeyGiven() && p.storeKey == nil {
		var err error
		if p.storeKey, err = p.askStoreKey(); err != nil {
			return err
		}
	}
	key, asked := p.storeKey, 0
	for ; ; asked++ {
		var err error
		if key != nil {
			if err = do(key); !errors.Is(err, store.ErrPassphrase) || asked == maxAsked {
				return err
			}
			if asked > 0 {
				p.say("that is not the passphrase of the backup")
			}
		}
		if key, err = p.passphrase(ctx, flags, backupSecret); err != nil {
			return err
		}
	}
}

// bringBack adds sessions of the backup to the store.
func (c *restoreCmd) bringBack(ctx context.Context, p *program, facts store.Facts) (err error) {
	if err := p.haveStore(); err != nil {
		return err
	}
	var b *store.Store
	err = c.unlock(ctx, p, facts, func(key []byte) (err error) {
		b, err = store.Open(facts.Path, store.Options{ReadOnly: true, Passphrase: key, Warn: p.warn})
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	st, err := p.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	plan := comeback{program: p, from: b, to: st}
	if plan.unsummed, err = st.Unsummed(); err != nil {
		return err
	}
	for _, ref := range c.Session {
		if err := plan.add(ref); err != nil {
			return err
		}
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("interrupted, nothing was restored: %w", err)
	}
	if err := st.Apply(plan.deltas...); err != nil {
		return err
	}
	for _, r := range plan.rows {
		if r.Outcome != wire.Mended {
			continue
		}
		if err := mendSummary(st, r.ID); err != nil {
			return err
		}
	}
	return plan.done()
}

// comeback is what becomes of sessions that are chosen out of a backup. It is worked out whole before the
// store changes.
type comeback struct {
	*program
	from, to *store.Store
	unsummed []string // sessions of the store whose summary is damaged
	rows     []wire.RestoredRow
	deltas   []assessment.Delta
}

// add works out what becomes of the session that ref names.
func (c *comeback) add(ref string) error {
	s, err := c.inBackup(ref)
	if err != nil {
		return fmt.Errorf("in the backup: %w", err)
	}
	in, head := s.Info(), s.Head()
	if slices.ContainsFunc(c.rows, func(r wire.RestoredRow) bool { return r.From == in.ID }) {
		return nil
	}
	row := wire.RestoredRow{ID: in.ID, From: in.ID, Organization: in.Organization, Name: in.Name, Events: head.Seq, Head: &head}
	stored, err := s.Stored()
	if err != nil {
		return err
	}
	have, loadErr := c.to.Load(in.ID)
	sound := loadErr == nil
	var here assessment.Head
	if sound {
		here, err = have.Verify()
		sound = err == nil
	}
	relation, _ := bundle.Relate(have.Journal, stored.Journal)
	switch {
	case errors.Is(loadErr, store.ErrNotFound):
		row.Outcome = wire.New
		delta := assessment.Delta{Session: in.ID, Summary: s.Summary()}
		for e, err := range s.Events() {
			if err != nil {
				return err
			}
			delta.Events = append(delta.Events, e)
		}
		c.deltas = append(c.deltas, delta)
	case sound && slices.Contains(c.unsummed, in.ID):
		// Nothing of it is lost. Who wants an older state of it as well can ask for that afterwards.
		row.Outcome, row.Head = wire.Mended, &here
	case sound && relation == bundle.Same:
		row.Outcome = wire.Same
	default: // also where the one in the store is damaged
		if err := c.copy(&row, s); err != nil {
			return err
		}
	}
	c.rows = append(c.rows, row)
	return nil
}

// inBackup returns the session of the backup that ref names. One whose summary alone is damaged is as good
// as any.
func (c *comeback) inBackup(ref string) (*assessment.Session, error) {
	r, err := rosterOf(c.from)
	if err != nil {
		return nil, err
	}
	sum, _, err := r.find(ref)
	if err != nil {
		return nil, err
	}
	s, damage, err := loadID(c.from, sum.ID)
	return s, errors.Join(err, damage)
}

// copy has the session of a row become a new one, under a name that says so.
func (c *comeback) copy(row *wire.RestoredRow, s *assessment.Session) error {
	in := s.Info()
	name, err := c.nameOf(in.Name)
	if err != nil {
		return err
	}
	id, err := assessment.NewID(rand.Reader)
	if err != nil {
		return err
	}
	act, err := c.act(in.Assessors, fmt.Sprintf("restored from %q as a copy of session %s at %v", c.from.Path(), in.ID, s.Head()))
	if err != nil {
		return err
	}
	made, delta, err := s.Copy(id, name, act)
	if err != nil {
		return err
	}
	head := made.Head()
	row.ID, row.Name, row.Outcome, row.Head = id, name, wire.Copied, &head
	c.deltas = append(c.deltas, delta)
	return nil
}

// nameOf is the name of a copy: "Q4 workshop (restored 2026-01-31)", with a number where that is taken.
func (c *comeback) nameOf(name string) (string, error) {
	sums, _ := c.to.Sessions() // those that can be read; the name of another one is no obstacle
	taken := make(map[string]bool)
	for _, s := range sums {
		taken[s.Name] = true
	}
	for _, r := range c.rows {
		taken[r.Name] = true
	}
	_, day, err := c.today()
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		mark := fmt.Sprintf(" (restored %s)", day)
		if n > 1 {
			mark = fmt.Sprintf(" (restored %s, %d)", day, n)
		}
		if made := ellipsis(name, assessment.MaxName-len(mark)) + mark; !taken[made] {
			return made, nil
		}
	}
}

var comebacks = map[wire.Outcome]string{
	wire.New: "back as it was, with its journal", wire.Copied: "added as a copy", wire.Same: "the store has it as it is",
	wire.Mended: "its summary was made anew from its journal in the store",
}

// done prints what became of them.
func (c *comeback) done() error {
	if c.JSON {
		return c.json(wire.KindStoreRestore, nil, nil, wire.Restored{Store: c.to.Path(), Backup: c.from.Path(), Sessions: c.rows})
	}
	t := c.table("ID", "ORGANIZATION", "SESSION", "EVENTS", "WHAT HAPPENED")
	var added []string
	mended := false
	for _, r := range c.rows {
		t.row(r.ID[:8], ellipsis(r.Organization, 32), r.Name, r.Events, comebacks[r.Outcome])
		switch r.Outcome {
		case wire.Mended:
			mended = true
		case wire.New, wire.Copied:
			added = append(added, r.ID[:8])
		}
	}
	t.end()
	switch {
	case len(added) == 0 && mended:
		return nil
	case len(added) == 0:
		c.say("nothing was changed")
		return nil
	}
	c.say("plumbline session delete undoes it: %s", strings.Join(added, ", "))
	return nil
}
