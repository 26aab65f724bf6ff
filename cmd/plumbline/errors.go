package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/intake"
	"plumbline/assessment/sshsig"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/content/official"
	"plumbline/reports"
	"plumbline/reports/origin"
)

// The exit codes of every command.
const (
	exitDone     = 0
	exitFailed   = 1 // anything that is none of the others, such as a full disk
	exitUsage    = 2 // wrong usage: a flag, a value, an ambiguous name, no terminal where one is needed
	exitNotFound = 3 // no such session, item or file
	exitBusy     = 4 // another process has the store open
	exitRefused  = 5 // validation, integrity, a newer or read-only store, an existing output without --force
)

// usageError says that the command line asks for what can not be.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// Errors that the command line itself can meet.
var (
	errNoStore      = errors.New("there is no store yet")
	errNoSession    = errors.New("no such session")
	errExists       = errors.New("there is a file already")
	errOutput       = errors.New("not a place to write to")
	errLeadsOn      = errors.New("it is a symbolic link to what is no regular file")
	errDeclined     = errors.New("nothing was done")
	errNoJournal    = errors.New("there is no journal to look it up in")
	errNoHead       = errors.New("no such state of the session")
	errOtherHead    = errors.New("not a head of this journal")
	errDiverged     = errors.New("the session went on here and there, each in its own way")
	errConflicts    = errors.New("conflicts are open")
	errForeign      = errors.New("not a file that can be imported")
	errUnsound      = errors.New("the store is not sound")
	errEncrypted    = errors.New("the store is encrypted already")
	errNoPassphrase = errors.New("it needs a passphrase and there is no terminal to ask on")
	errReport       = errors.New("the report is not shown to be one of this session")
)

// exitCode says how the program ends with err.
func exitCode(err error) int {
	var usage *usageError
	var parse *kong.ParseError // its own code is 80
	var file *official.FileError
	var pack *content.PackError
	var foreign *intake.FileError
	var broken *breakdown
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &broken): // whatever came of it
		return exitFailed
	case errors.As(err, &usage), errors.As(err, &parse), errors.Is(err, errNoPassphrase):
		return exitUsage
	case errors.Is(err, store.ErrBusy):
		return exitBusy
	case errors.As(err, &pack): // also where it lacks a file
		return exitRefused
	case isAny(err, errNoStore, errNoSession, errNoJournal, errNoHead, store.ErrNotFound, assessment.ErrUnknownItem, assessment.ErrUnknownID, fs.ErrNotExist):
		return exitNotFound
	case isAny(err, errDiverged, errConflicts, errForeign, assessment.ErrUnrelated, assessment.ErrRecord, bundle.ErrRefused, bundle.ErrLeak, sealed.ErrFIPS, sealed.ErrKey, sealed.ErrDamaged,
		sealed.ErrTooMuchWork, sealed.ErrIdentity):
		return exitRefused
	case isAny(err, errReport, errUnsigned, errUnknownSigner, errBadSignature, sshsig.ErrFormat, sshsig.ErrEncrypted, sshsig.ErrKeyType,
		origin.ErrForeign, origin.ErrNoHead):
		return exitRefused
	case isAny(err, errEncrypted, store.ErrSealed, store.ErrPassphrase, store.ErrPlain, store.ErrFIPS):
		return exitRefused
	case isAny(err, errUnsound, store.ErrBackup, store.ErrSameFile):
		return exitRefused
	case isAny(err, errExists, errOutput, errOtherHead, store.ErrDamaged, store.ErrNewer, store.ErrOlder, store.ErrReadOnly, store.ErrConflict, reports.ErrNoBanner,
		assessment.ErrDamaged, assessment.ErrPack, assessment.ErrLocked, assessment.ErrBrand, assessment.ErrClosed, assessment.ErrText, assessment.ErrNoReason,
		assessment.ErrOutOfProfile, assessment.ErrNoBase, assessment.ErrNotStandard, assessment.ErrNoGap, assessment.ErrExpiry, assessment.ErrThwart):
		return exitRefused
	case errors.As(err, &file), errors.As(err, &foreign):
		return exitRefused
	}
	return exitFailed
}

// message is what the person reads: what went wrong, and where there is one, the way out.
func message(err error) string {
	text := noValue().ReplaceAllString(err.Error(), "a value is missing")
	if way := wayOut(err); way != "" {
		text += "; " + way
	}
	return text
}

// noValue is how the parser says that the arguments end where a value should be.
var noValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)`)
})

// wayOut says what to do next, where the error itself does not.
func wayOut(err error) string {
	var parse *kong.ParseError
	var damaged *store.DamageError
	var broken *breakdown
	var closed *assessment.ClosedError
	var summary *store.SummaryError
	switch {
	case errors.As(err, &broken):
		return "what was shown as saved is saved; please report this line, which holds nothing of yours"
	case errors.As(err, &parse):
		if n := parse.Context.Selected(); n != nil && !n.Hidden {
			return fmt.Sprintf("see plumbline %s --help", strings.ReplaceAll(n.Path(), "<session>", "SESSION"))
		}
		return "see plumbline --help"
	case errors.Is(err, store.ErrBusy):
		return "close it there and try again"
	case errors.Is(err, store.ErrBackup):
		return "plumbline store backups lists what there is"
	case errors.Is(err, store.ErrKept):
		return "to work with it, copy it to another folder and name the copy with --store; to bring sessions of it back, plumbline store restore"
	case errors.Is(err, store.ErrReadOnly):
		return "make the file writable, or copy it to a place where it is and name the copy with --store"
	case errors.Is(err, store.ErrOlder):
		return "the app, or a command such as rate, brings it up to date after a backup; where it can not be written to, do that with a copy"
	case errors.Is(err, store.ErrRemains):
		return "see to the reason: the next command that changes the store tries again"
	case errors.Is(err, store.ErrFull):
		return "make room on the disk, then do it again"
	case errors.Is(err, store.ErrStopped):
		return "nothing more is written until the store was opened again: check the disk, then start again"
	case errors.Is(err, store.ErrPassphrase):
		return "nothing else opens it, and nobody can find out what it is"
	case errors.Is(err, errEncrypted):
		return "plumbline store passwd changes its passphrase"
	case errors.Is(err, store.ErrPlain):
		return "if it should be, find out who changed it; if not, it needs no passphrase"
	case errors.Is(err, store.ErrNewer):
		return "nothing was changed"
	case errors.Is(err, store.ErrDangling):
		return "nothing was made in its place: see that what it leads to is there, or remove the link"
	case errors.As(err, &summary):
		return "plumbline store compact makes the summary anew from the session's journal, where that is sound"
	case errors.As(err, &damaged) && damaged.Backup != "":
		return fmt.Sprintf("nothing was changed: %s puts that in its place and keeps the file, plumbline store doctor says more", store.SwapCommand(damaged.Path, damaged.Backup))
	case errors.As(err, &damaged):
		return "nothing was changed: if it is not the file that is meant, --store names another"
	case errors.Is(err, errNoStore):
		return "plumbline session new makes one, --store names another"
	case isAny(err, errNoSession, store.ErrNotFound):
		return "plumbline session list shows what there is"
	case errors.Is(err, assessment.ErrUnknownItem):
		return "plumbline content list shows the items"
	case errors.As(err, &closed) && closed.Status == assessment.Locked:
		return "plumbline session unlock SESSION --reason TEXT opens it"
	case errors.As(err, &closed):
		return "plumbline session unarchive SESSION opens it"
	case errors.Is(err, assessment.ErrLocked):
		return "plumbline session unlock SESSION --reason TEXT does that"
	case errors.Is(err, assessment.ErrOutOfProfile):
		return "--in does that"
	case errors.Is(err, assessment.ErrNoBase):
		return "plumbline base sets one"
	case errors.Is(err, assessment.ErrPack):
		return "plumbline content diff compares packs, plumbline session migrate moves a session to one"
	case errors.Is(err, assessment.ErrNoReason):
		return "--reason gives it"
	case errors.Is(err, bundle.ErrRefused):
		return "ask for it anew where it came from"
	case errors.Is(err, errDiverged):
		return "plumbline merge SESSION FILE merges the two, --as-copy NAME imports what the file has as a session of its own"
	case errors.Is(err, errConflicts):
		return "--take ITEM.FIELD=ours or =theirs decides one, --ours or --theirs all others"
	case errors.Is(err, errExists):
		return "--force replaces it"
	case errors.Is(err, errLeadsOn):
		return "report --out - prints a report"
	case errors.Is(err, fs.ErrPermission):
		return "its permissions, or those of its folder, keep this user out: change them, or take another place"
	case errors.Is(err, assessment.ErrDamaged):
		return "plumbline store backups lists older copies, plumbline store restore BACKUP --session SESSION brings the session back from one"
	}
	return ""
}

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}
