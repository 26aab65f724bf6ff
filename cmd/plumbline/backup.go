package main

import (
	"errors"

	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

type backupCmd struct{}

func (backupCmd) Run(p *program) (err error) {
	st, err := p.openExisting()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	made, err := st.Backup()
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindStoreBackup, nil, nil, wire.StoreBackup{Store: st.Path(), Backup: made})
	}
	p.printPath(made)
	return nil
}

// backupsCmd lists. It is no flag of backup: it opens no store, so it works on one that is damaged, in use
// or gone, and needs no passphrase.
type backupsCmd struct{}

func (backupsCmd) Run(p *program) error {
	path, err := p.storePath()
	if err != nil {
		return err
	}
	list, err := store.Backups(path)
	if err != nil {
		return err
	}
	if p.JSON {
		data := wire.StoreBackups{Store: path, Backups: make([]wire.BackupRow, len(list))}
		for i, b := range list {
			data.Backups[i] = backupRow(b)
		}
		return p.json(wire.KindStoreBackups, nil, nil, data)
	}
	if len(list) == 0 {
		p.say("there is no backup of %q; plumbline store backup makes one", path)
		return nil
	}
	t := p.table("MADE", "SIZE", "SESSIONS", "LAST CHANGE", "ENCRYPTED", "STATE", "FILE")
	for _, b := range list {
		if b.Err != nil {
			t.row(clock(b.Made), store.Bytes(b.Size), unknown, unknown, unknown, stateOf(b.Err), filePath(b.Path))
			continue
		}
		t.row(clock(b.Made), store.Bytes(b.Size), b.Sessions, lastChange(b.Facts), yesNo(b.Sealed), "whole", filePath(b.Path))
	}
	t.end()
	return nil
}

func backupRow(b store.Backup) wire.BackupRow {
	row := wire.BackupRow{Path: b.Path, Made: b.Made, Bytes: b.Size, Whole: b.Err == nil}
	if b.Err != nil {
		row.Problem = stateOf(b.Err)
		return row
	}
	row.Encrypted, row.Sessions = &b.Sealed, &b.Sessions
	if !b.Changed.IsZero() {
		row.Changed = &b.Changed
	}
	return row
}

// stateOf says why a file can not be used, without its name, which stands beside it.
func stateOf(err error) string {
	var damage *store.DamageError
	if errors.As(err, &damage) {
		return damage.Why
	}
	return cause(err).Error()
}

// lastChange is when a session of a file was changed last; a sealed one does not show it.
func lastChange(f store.Facts) string {
	if f.Changed.IsZero() {
		return unknown
	}
	return clock(f.Changed)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

type compactCmd struct{}

func (compactCmd) Run(p *program) (err error) {
	st, err := p.openExisting()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	mended, err := p.mendSummaries(st)
	if err != nil {
		return err
	}
	before, after, err := st.Compact()
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindStoreCompact, nil, nil, wire.Compacted{Store: st.Path(), Before: before, After: after, Mended: mended})
	}
	for _, id := range mended {
		p.say("the summary of session %s was damaged and was made anew from its journal; nothing is lost", id)
	}
	p.print("%s before, %s after", store.Bytes(before), store.Bytes(after))
	return nil
}
