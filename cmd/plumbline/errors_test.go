package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/content/official"
	"plumbline/reports"
)

func TestExitCode(t *testing.T) {
	_, parseErr := mustParser(t).Parse([]string{"score", "--what"})
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{store.ErrFull, 1},
		{store.ErrStopped, 1},
		{errDeclined, 1},
		{parseErr, 2},
		{usagef("x"), 2},
		{errNoStore, 3},
		{errNoSession, 3},
		{store.ErrNotFound, 3},
		{&assessment.ItemError{Item: content.ItemID{Sub: "GV.OC-01"}, Err: assessment.ErrUnknownItem}, 3},
		{assessment.ErrUnknownID, 3},
		{fs.ErrNotExist, 3},
		{&store.BusyError{Path: "s.db", PID: 7}, 4},
		{&store.DamageError{Path: "s.db"}, 5},
		{&store.NewerError{Path: "s.db"}, 5},
		{&store.OlderError{Path: "s.db"}, 5},
		{store.ErrBackup, 5},
		{store.ErrSameFile, 5},
		{errUnsound, 5},
		{store.ErrConflict, 5},
		{store.ErrReadOnly, 5},
		{fmt.Errorf("%w: %w", store.ErrStopped, &store.DamageError{Path: "s.db"}), 5},
		{reports.ErrNoBanner, 5},
		{&assessment.DamageError{Seq: 3, Why: "x"}, 5},
		{assessment.ErrPack, 5},
		{assessment.ErrClosed, 5},
		{assessment.ErrText, 5},
		{assessment.ErrNoReason, 5},
		{assessment.ErrOutOfProfile, 5},
		{assessment.ErrNoBase, 5},
		{assessment.ErrNotStandard, 5},
		{assessment.ErrNoGap, 5},
		{&official.FileError{File: "f", Err: errors.New("x")}, 5},
		{assessment.ErrThwart, 5},
		{errExists, 5},
		{errDiverged, 5},
		{errConflicts, 5},
		{assessment.ErrUnrelated, 5},
		{errForeign, 5},
		{assessment.ErrRecord, 5},
		{&bundle.EntryError{Entry: "manifest.json", Err: errors.New("x")}, 5},
		{bundle.ErrLeak, 5},
		{sealed.ErrFIPS, 5},
		{sealed.ErrKey, 5},
		{sealed.ErrDamaged, 5},
		{sealed.ErrTooMuchWork, 5},
		{sealed.ErrIdentity, 5},
		{errOutput, 5},
	} {
		for _, err := range []error{tc.err, fmt.Errorf("rate x: %w", tc.err), errors.Join(tc.err, errors.New("close"))} {
			if tc.err == nil {
				err = nil
			}
			if got := exitCode(err); got != tc.want {
				t.Errorf("%v: exit code %d, not %d", err, got, tc.want)
			}
		}
	}
}

// Who is stopped by the store reads what happened, and then what to do.
func TestWayOut(t *testing.T) {
	for err, want := range map[error]string{
		store.ErrReadOnly: "store is open for reading only; make the file writable, or copy it to a place where it is",
		store.ErrFull:     "no room to write; make room on the disk, then do it again",
		store.ErrStopped:  "store has stopped and must be reopened; nothing more is written until the store was opened again: check the disk, then start again",
		store.ErrNotFound: "no such session in the store; plumbline session list shows what there is",
		errDeclined:       "nothing was done",
		&store.DamageError{Path: "a.db", Why: "it is empty", Backup: "b.db"}:                                        `"a.db" is not a sound store: it is empty; the newest backup is "b.db"; nothing was changed: plumbline --store a.db store restore --swap b.db puts that`,
		fmt.Errorf("%w: %w", store.ErrBackup, &store.DamageError{Path: "b.db", Why: "it is empty", Backup: "c.db"}): `the backup can not be used: "b.db" is not a sound store: it is empty; the newest backup is "c.db"; plumbline store backups lists`,
		&bundle.EntryError{Err: &assessment.DamageError{Seq: 3, Why: "x"}}:                                          "not a sound bundle: session is damaged at event 3: x; ask for it anew",
		&fs.PathError{Op: "open", Path: "s.db", Err: fs.ErrPermission}:                                              "open s.db: permission denied; its permissions, or those of its folder, keep this user out",
	} {
		if got := message(fmt.Errorf("rate x: %w", err)); !strings.HasPrefix(got, "rate x: "+want) {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

func TestPanicIsReportedWithoutItsText(t *testing.T) {
	said := func() (said string) {
		defer func() { said = message(caught(recover())) }()
		breakDown("Ada's secret note")
		return ""
	}()
	if strings.Contains(said, "secret") || !strings.Contains(said, "main.breakDown") && !strings.Contains(said, "plumbline.breakDown") {
		t.Errorf("it says %q", said)
	}
}

//go:noinline
func breakDown(text string) { panic(errors.New(text)) }
