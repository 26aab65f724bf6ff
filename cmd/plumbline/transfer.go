package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/reports/wire"
	"plumbline/tui"
)

// transfer is what the app needs of the disk to take files in and to write bundles. The store is open,
// and it is the app's.
type transfer struct {
	*program
	store *appStore
}

// read reads a file that a person wants to import.
func (t transfer) read(ctx context.Context, path string) (tui.Input, error) {
	data, err := readInput(path, sealed.MaxSize)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return tui.Input{}, err
	}
	locked := sealed.Is(data)
	if locked {
		err = sealed.Available()
	}
	if locked && err == nil && !sealed.ByPassphrase(data) {
		err = errors.New("it is encrypted to recipients: plumbline import --identity opens it")
	}
	if err != nil {
		return tui.Input{}, fmt.Errorf("%q: %w", path, err)
	}
	return tui.Input{Name: filepath.Base(path), Data: data, Sum: sha256Of(data), Locked: locked, Bundle: locked || bundle.Holds(data)}, nil
}

// unlock decrypts a file.
func (t transfer) unlock(ctx context.Context, in tui.Input, passphrase string) (tui.Input, error) {
	id, err := sealed.OfPassphrase(passphrase)
	if err == nil {
		in.Data, err = sealed.Decrypt(in.Data, id)
	}
	in.Locked = false
	return in, errors.Join(err, context.Cause(ctx))
}

// importBundle says what taking a bundle in would do, and does it unless that is all that is asked.
func (t transfer) importBundle(ctx context.Context, o tui.BundleImport) (wire.Imported, error) {
	im := bundleImport{
		program: t.program, name: o.Name, sha256: o.Sum, size: len(o.Data), encrypted: o.Sum != sha256Of(o.Data), asCopy: o.AsCopy, dryRun: o.DryRun,
	}
	if err := im.take(o.Data); err != nil {
		return wire.Imported{}, err
	}
	plan, err := im.plan(t.store.Store)
	if err != nil {
		return wire.Imported{}, err
	}
	plan.result.Bundle = im.facts()
	if err := context.Cause(ctx); err != nil || o.DryRun || len(plan.deltas) == 0 {
		return plan.result, err
	}
	err = im.carryInto(t.store.Store, t.store.Apply, plan)
	return plan.result, err
}

// mergeBundle says what merging a session of a bundle would do, and does it unless that is all that is
// asked or a conflict is open.
func (t transfer) mergeBundle(ctx context.Context, o tui.BundleMerge) (wire.Merged, error) {
	c, err := readWhole(o.Name, o.Data)
	if err != nil {
		return wire.Merged{}, err
	}
	m := bundleMerge{program: t.program, name: o.Name, sha256: o.Sum, contents: c, session: o.Session, who: o.Who, dryRun: o.DryRun}
	m.facts = bundleFacts(o.Name, len(o.Data), o.Sum, c, o.Sum != sha256Of(o.Data))
	for of, side := range o.Take {
		m.takes = append(m.takes, take{of, side})
	}
	if err := context.Cause(ctx); err != nil {
		return wire.Merged{}, err
	}
	if o.DryRun {
		plan, err := m.plan(t.store.Store)
		if err != nil {
			return wire.Merged{}, err
		}
		return plan.result(), nil
	}
	_, result, err := m.carryInto(t.store.Store, t.store.Apply)
	if errors.Is(err, errConflicts) {
		err = nil // the result says it
	}
	return result, err
}

// exportBundle writes a session to a bundle, or says what it would hold.
func (t transfer) exportBundle(ctx context.Context, o tui.BundleExport) (wire.Exported, error) {
	path, err := filepath.Abs(o.Path)
	if err == nil {
		err = t.mayWrite(path, o.Force)
	}
	if errors.Is(err, errExists) {
		err = fs.ErrExist // the app asks, and comes again with force
	}
	classes, errClasses := bundle.ParseClasses(o.Redact)
	if err := errors.Join(err, errClasses); err != nil {
		return wire.Exported{}, err
	}
	contents, rows, err := t.exportedFrom(t.store.Store, []string{o.Session})
	if err != nil {
		return wire.Exported{}, err
	}
	redaction, plain, err := packed(&contents, classes, nil)
	if err != nil {
		return wire.Exported{}, err
	}
	data, check := plain, func(back []byte) error { return checkBundle(back, redaction, nil) }
	if o.Passphrase != "" && !o.DryRun {
		if data, check, err = sealedWith(o.Passphrase, plain, contents.Sessions); err != nil {
			return wire.Exported{}, err
		}
	}
	if !o.DryRun {
		err = t.writeFile(ctx, path, data, o.Force, check)
	}
	return wire.Exported{
		DryRun: o.DryRun, Bundle: bundleFacts(path, len(data), sha256Of(data), &contents, o.Passphrase != ""), Sessions: rows, Findings: findings(redaction),
	}, err
}
