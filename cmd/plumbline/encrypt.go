package main

import (
	"context"
	"errors"
	"fmt"

	"plumbline/assessment/store"
	"plumbline/reports/wire"
)

// storeCmd are the commands on the store as a file.
type storeCmd struct {
	Encrypt encryptCmd `cmd:"" help:"Encrypt the store with a passphrase. Without it nobody reads the store again: keep it where it is not lost."`
	Decrypt decryptCmd `cmd:"" help:"Write the store without encryption."`
	Passwd  passwdCmd  `cmd:"" help:"Change the passphrase of an encrypted store."`
	Backup  backupCmd  `cmd:"" help:"Make a verified backup now, and print its path."`
	Backups backupsCmd `cmd:"" help:"List the backups, newest first: when each was made, how large it is, what it holds, and whether it is whole and encrypted."`
	Restore restoreCmd `cmd:"" help:"Bring sessions of a backup back, or put the whole backup in the place of the store, also of one that is damaged. Nothing that is there is lost."`
	Compact compactCmd `cmd:"" help:"Write the store anew without the room in it that nothing uses. Summaries of sessions that are damaged are made anew from their journals."`
	Doctor  doctorCmd  `cmd:"" help:"Examine the store, its backups and where it lies, and say what to do. It changes nothing, and works on a store that is damaged, encrypted or in use as far as that goes."`
	Examine examineCmd `cmd:"" hidden:"" help:"What doctor starts as a process of its own."`
}

type encryptCmd struct {
	Create bool `help:"Where there is no store yet, make an empty one that is encrypted from the start."`
	newKeyFlags
	purgeFlag
}

func (c *encryptCmd) Run(ctx context.Context, p *program) (err error) {
	if err := store.Sealable(); err != nil {
		return err
	}
	if !c.Create {
		if err := p.haveStore(); err != nil {
			return err
		}
	}
	st, err := p.openWith(nil, false)
	if errors.Is(err, store.ErrSealed) {
		return errEncrypted
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	phrase, err := p.newStoreKey(ctx, c.newKeyFlags)
	if err != nil {
		return err
	}
	if err := st.Encrypt(phrase); err != nil {
		return err
	}
	p.say("%q is encrypted; backups made from now on are, too", st.Path())
	return c.purge(p, st, "are not encrypted")
}

type decryptCmd struct{}

func (decryptCmd) Run(p *program) (err error) {
	st, err := p.openExisting()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := st.Decrypt(); err != nil {
		return err
	}
	p.say("%q is not encrypted any more", st.Path())
	return p.protected(st, "still need the passphrase that they were made with", nil)
}

type passwdCmd struct {
	newKeyFlags
	NewKey bool `help:"Encrypt everything anew under a new key as well: for when others may know the old passphrase and have had a copy of the file."`
	purgeFlag
}

func (c *passwdCmd) Run(ctx context.Context, p *program) (err error) {
	st, err := p.openExisting()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if !st.Encrypted() {
		return fmt.Errorf("%w: %q", store.ErrPlain, st.Path())
	}
	phrase, err := p.newStoreKey(ctx, c.newKeyFlags)
	if err != nil {
		return err
	}
	set := st.SetPassphrase
	if c.NewKey {
		set = st.Encrypt
	}
	if err := set(phrase); err != nil {
		return err
	}
	p.say("%q has the new passphrase", st.Path())
	return c.purge(p, st, "are opened by the passphrase that they were made with, or by none")
}

// newStoreKey gets the passphrase that a store is to have.
func (p *program) newStoreKey(ctx context.Context, f newKeyFlags) ([]byte, error) {
	return p.passphrase(ctx, passphraseFlags{f.NewPassphraseFile, f.NewPassphraseFD}, newStoreSecret)
}

// purgeFlag is for the backups that a command on the store leaves as they were.
type purgeFlag struct {
	PurgeBackups bool `help:"Remove the backups that this passphrase does not open, after making one that it does. Without it they are named, and stay."`
}

// purge removes those backups, or names them and says what they are.
func (f purgeFlag) purge(p *program, st *store.Store, are string) error {
	if !f.PurgeBackups {
		if _, err := st.Backup(); err != nil { // the backup of today may be one of the others
			p.warn(err)
		}
		return p.protected(st, are, nil)
	}
	removed, err := st.RemoveOtherBackups()
	if !p.JSON {
		for _, path := range removed {
			p.say("removed backup %q", path)
		}
	}
	if err != nil {
		return err
	}
	return p.protected(st, are, removed)
}

// protected names the backups that are not protected as the store is now, and says what they are.
func (p *program) protected(st *store.Store, are string, removed []string) error {
	others, err := st.OtherBackups()
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindStoreProtection, nil, nil, wire.StoreProtection{
			Store: st.Path(), Encrypted: st.Encrypted(), OtherBackups: append([]string{}, others...), RemovedBackups: append([]string{}, removed...),
		})
	}
	if len(others) == 0 {
		return nil
	}
	p.say("older copies %s; they stay until you remove them:", are)
	for _, path := range others {
		p.say("%q", path)
	}
	return nil
}
