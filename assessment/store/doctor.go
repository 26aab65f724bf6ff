package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Verdict says how a check went.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Note    Verdict = "note"    // worth knowing
	Warning Verdict = "warning" // the store is sound, and something around it should be changed; or it could not be checked
	Failed  Verdict = "failed"  // the store is not sound
)

// Finding is what one check found.
type Finding struct {
	Check   string  `json:"check"` // what was checked: "pages", "backups"
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
	Advice  string  `json:"advice"` // what to do; "" where nothing is to be done
}

// findings are those of one part of the checks.
type findings []Finding

func (list *findings) add(check string, v Verdict, advice, format string, args ...any) {
	*list = append(*list, Finding{check, v, fmt.Sprintf(format, args...), advice})
}

// CheckFile checks the file at path as far as that goes without mapping it into memory: that it is there,
// begins as a store does, and that its pages hang together. It changes nothing. The error is that of the
// first check that failed: fs.ErrNotExist, ErrDamaged or one of the system.
func CheckFile(path string) ([]Finding, error) {
	var list findings
	given := path
	path, found, err := locate(path, func(error) {})
	if err == nil && !found {
		if err = CutOff(path); err == nil {
			err = fmt.Errorf("%q: %w", path, fs.ErrNotExist)
		}
	}
	if err != nil {
		list.add("file", Failed, adviceOn(err), "%v", plainly(err))
		return list, err
	}
	info, err := os.Stat(path)
	if err != nil {
		list.add("file", Failed, "check the path and who may read it", "%v", err)
		return list, err
	}
	link := ""
	if abs, err := filepath.Abs(given); err == nil && abs != path {
		link = ", reached through a symbolic link"
	}
	list.add("file", OK, "", "%q, %s%s", path, Bytes(info.Size()), link)
	if err := checkFile(path); err != nil {
		list.add("form", Failed, adviceOn(err), "%v", plainly(err))
		return list, err
	}
	list.add("form", OK, "", "it begins as a store does, is not cut off, and its pages hang together")
	return list, nil
}

// plainly is an error without what only the person at the command line needs: the path, which stands
// beside it, and the newest backup, which the advice names.
func plainly(err error) string {
	var damage *DamageError
	if errors.As(err, &damage) {
		return damage.Why
	}
	return err.Error()
}

// adviceOn says what to do about a file that can not be opened.
func adviceOn(err error) string {
	var damage *DamageError
	switch {
	case errors.As(err, &damage) && damage.Backup != "":
		return SwapCommand(damage.Path, damage.Backup) + " puts the newest backup in its place and keeps the file"
	case errors.Is(err, fs.ErrNotExist):
		return "check --store; a new store is made by the first command that writes to it"
	case errors.Is(err, ErrNewer):
		return "use that version"
	case errors.Is(err, ErrDamaged):
		return "there is no backup that looks whole; look for a copy of the file elsewhere, and keep this one"
	}
	return ""
}

// CheckInside opens the store at path for reading, checks all of it as Check does, and tells each finding
// when it is there. It changes nothing. Where the store is sealed, ask is called for the passphrase, and
// again while it is wrong; nil goes on without one.
//
// The check of the pages runs in goroutines of bbolt's, where a fault ends the process, so it is for a
// process of its own. The error is ErrBusy where the store could not be opened; all else is told.
func CheckInside(path string, ask func(wrong bool) ([]byte, error), tell func(Finding)) error {
	s, err := peek(path)
	if errors.Is(err, ErrBusy) {
		return err
	}
	say := func(check string, v Verdict, advice, format string, args ...any) {
		tell(Finding{check, v, fmt.Sprintf(format, args...), advice})
	}
	if err != nil {
		say("opening", Failed, adviceOn(err), "%v", plainly(err))
		return nil
	}
	defer s.Close()
	err = s.view(func(tx *bolt.Tx) error {
		s.checkHeader(tx, say)
		return nil
	})
	if err == nil {
		err = s.view(checkPages)
	}
	if err != nil {
		say("pages", Failed, "plumbline store restore brings a backup back; plumbline store backups lists them", "%v", plainly(err))
		return nil // what else is read from it means nothing
	}
	say("pages", OK, "", "each is used once or free")
	return s.checkSessions(ask, say)
}

// say tells of a finding.
type say = func(check string, v Verdict, advice, format string, args ...any)

// checkHeader says what the store's header says. The owner calls it.
func (s *Store) checkHeader(tx *bolt.Tx, say say) {
	by := s.file.writer
	if by == "" {
		by = "of an unknown version"
	}
	say("schema", OK, "", "%s, written last by Plumbline %s", tx.Bucket(headerBucket).Get(headerSchema), by)
	if s.file.slots == nil {
		say("encryption", Note, "", "the store is not encrypted: whoever can read the file can read all of it")
	} else {
		work := s.file.slots.Slots[0].work
		say("encryption", OK, "", "the store is encrypted (Argon2id with %d MiB and %d passes)", work.Memory>>10, work.Passes)
	}
	if s.file.erase {
		say("erased text", Warning, "plumbline store compact removes it", "what was deleted or replaced is still in the file")
	}
}

// checkSessions checks what each session says, where the keys are to be had.
func (s *Store) checkSessions(ask func(wrong bool) ([]byte, error), say say) error {
	slots := s.file.slots
	for wrong := false; slots != nil && !s.codec.sealed(); wrong = true {
		phrase, err := ask(wrong)
		if err != nil {
			return err
		}
		if len(phrase) == 0 {
			say("sessions", Warning, "give the passphrase to have them checked", "they were not checked: the store is encrypted")
			return nil
		}
		noCoreDumps()
		keys, err := slots.unlock(phrase)
		switch {
		case err == nil:
			s.codec = codec{keys}
		case errors.Is(err, ErrDamaged):
			say("sessions", Failed, adviceOn(err), "%v", err)
			return nil
		case !errors.Is(err, ErrPassphrase):
			say("sessions", Warning, "", "they were not checked: %v", err)
			return nil
		}
	}
	var sessions, events, bad int
	err := s.view(func(tx *bolt.Tx) error {
		for d := range s.codec.drawers(tx) {
			sessions++
			head, err := checkJournal(d, s.codec)
			if err != nil {
				bad++
				say("sessions", Failed, "plumbline store restore BACKUP --session ID brings a session back from a backup", "session %q: %v", d.session(), err)
				continue
			}
			events += int(head.Seq)
			if err := checkSummary(d, d.session(), head); err != nil {
				bad++
				say("sessions", Failed, "nothing is lost: plumbline store compact makes the summary anew from the journal, which is sound", "session %q: %v", d.session(), err)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		say("sessions", Failed, adviceOn(err), "%v", plainly(err))
	case bad == 0:
		say("sessions", OK, "", "%d with %d events; each journal is unbroken and leads to its records and its summary", sessions, events)
	}
	return nil
}

// CheckAround checks what is around the file: permissions, room, backups, what other runs have left, and
// where it lies. now tells how old backups are. It opens no database and changes nothing.
func CheckAround(path string, now time.Time) []Finding {
	var list findings
	path, _, err := locate(path, func(error) {})
	if err != nil && !errors.Is(err, ErrDamaged) { // a link that leads nowhere
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		info = nil // nothing is there
	}
	if info != nil && info.Mode().IsRegular() {
		list.permissions(path, info)
	}
	list.backups(path, info, now)
	list.leftovers(path)
	list.place(path, info)
	return list
}

// permissions: who else can read or replace the store and its backups, and whether it can be written to.
func (list *findings) permissions(path string, info fs.FileInfo) {
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
		f.Close()
	} else {
		list.add("writing", Warning, "make the file writable, or copy it to a place where it is",
			"the store can only be read: %v", reason(err))
	}
	if !knowsPermissions {
		list.add("permissions", Note, "", "not checked: here the rights of the folder decide, which a user's own folders have right")
		return
	}
	dir := filepath.Dir(path)
	n := len(*list)
	if readableByOthers(info) {
		list.add("permissions", Warning, "the next command that writes to the store makes it private; what was read meanwhile stays read",
			"other users can read the store (mode %04o)", info.Mode().Perm())
	}
	if folder, err := os.Stat(dir); err == nil && replaceableByOthers(folder) {
		list.add("permissions", Warning, ShellCommand("chmod", "go-w", dir), "other users can replace the store: they can write to its folder %q (mode %04o)", dir, folder.Mode().Perm())
	}
	if folder, err := os.Stat(backupFolder(path)); err == nil && readableByOthers(folder) {
		list.add("permissions", Warning, ShellCommand("chmod", "700", backupFolder(path)), "other users can enter the folder of the backups (mode %04o)", folder.Mode().Perm())
	}
	copies, _ := backups(path) // what can not be listed is told with the backups
	for _, b := range copies {
		if info, err := os.Stat(b.path); err == nil && readableByOthers(info) {
			list.add("permissions", Warning, ShellCommand("chmod", "600", b.path), "other users can read the backup %q (mode %04o)", filepath.Base(b.path), info.Mode().Perm())
		}
	}
	if len(*list) == n {
		list.add("permissions", OK, "", "the store and its backups are for their owner alone")
	}
}

// reason is an error of the system without the path.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// staleBackup is how much later than its newest backup a store may have been changed: a backup is made
// after the first answer of a day.
const staleBackup = 24 * time.Hour

// backups: whether there are any, whether they look whole, and how old the newest is. info is nil where
// there is no store.
func (list *findings) backups(path string, info fs.FileInfo, now time.Time) {
	copies, err := backups(path)
	if err != nil {
		list.add("backups", Warning, "check who may read the folder", "they can not be listed: %v", reason(err))
		return
	}
	if len(copies) == 0 {
		list.add("backups", Warning, "plumbline store backup makes one", "there is none in %q", backupFolder(path))
		return
	}
	whole := -1 // the newest
	for i, b := range copies {
		if err := checkFile(b.path); err != nil {
			list.add("backups", Warning, "remove it, or make another with plumbline store backup", "%q is not whole: %s", filepath.Base(b.path), plainly(err))
		} else if whole < 0 {
			whole = i
		}
	}
	if whole < 0 {
		return
	}
	newest := copies[whole].time
	text := fmt.Sprintf("%d, the newest that is whole of %s (%s)", len(copies), newest.Format("2006-01-02 15:04 UTC"), age(now.Sub(newest)))
	if info != nil && info.ModTime().Sub(newest) > staleBackup {
		list.add("backups", Note, "plumbline store backup makes one", "%s; the file was changed more than a day after that", text)
		return
	}
	list.add("backups", OK, "", "%s", text)
}

// age is a time that has passed, as people say it.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "in the future: was the clock set back?"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// leftovers: files of runs that were cut off, and what was moved aside.
func (list *findings) leftovers(path string) {
	dir := filepath.Dir(path)
	n := len(*list)
	for _, draft := range []struct{ path, what string }{
		{rewriteDraft(path), "the draft of a rewrite (delete, compact, encrypt, decrypt, passwd)"},
		{restorePath(path), "the draft of a restore"},
		{backupDraft(path), "the draft of a backup"},
	} {
		if exists(draft.path) {
			list.add("leftovers", Note, "if no Plumbline is at work on it, the next command that writes to the store removes or replaces it; it can hold all that the store holds",
				"%q is %s", draft.path, draft.what)
		}
	}
	for _, pattern := range []string{escaped(draftPrefix(path)) + "*" + draftSuffix, ".plumbline-*.tmp"} {
		strays, _ := filepath.Glob(filepath.Join(escaped(dir), pattern)) // the pattern is fine
		for _, stray := range strays {
			list.add("leftovers", Note, "if no Plumbline is at work, remove it", "%q was left by a command that was cut off", stray)
		}
	}
	if pid := announced(path); pid > 0 && !lives(pid) {
		list.add("leftovers", Note, "the next command that writes to the store replaces it", "%q names process %d, which is gone", pidPath(path), pid)
	}
	for _, aside := range asides(path) {
		if sameFile(aside, path) {
			list.add("leftovers", Note, "remove this name; the store keeps its own", "%q is a second name of the store: a restore was cut off before it changed anything", aside)
			continue
		}
		text := "%q was moved aside by a restore"
		if facts, err := Look(aside); err == nil && !facts.Sealed {
			text += ", and is not encrypted"
		}
		list.add("leftovers", Note, "remove it when it is not needed any more; sessions that were deleted since are still in it", text, aside)
	}
	if len(*list) == n {
		list.add("leftovers", OK, "", "none")
	}
}

// escaped is a folder as a part of a pattern for filepath.Glob.
func escaped(dir string) string {
	if os.PathSeparator == '\\' {
		return dir // Windows has no escape in patterns, and forbids * and ? in names
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// roomNeeded is how many times its size a store needs: a rewrite is a second one, and a backup a third.
const roomNeeded = 3

// place: where the file lies, and how much room there is. info is nil where there is no store.
func (list *findings) place(path string, info fs.FileInfo) {
	dir := filepath.Dir(path)
	if program := syncedBy(dir); program != "" {
		list.add("synced folder", Warning, "move the store to a folder that is not synced, and name it with --store; hand sessions on as bundles (plumbline export)",
			"the folder looks like one of %s, which copies and replaces files while they are open", program)
	} else {
		list.add("synced folder", OK, "", "the path names no program that syncs folders")
	}
	v, err := volumeOf(dir)
	if err != nil {
		list.add("file system", Note, "", "unknown: %v", reason(err))
		return
	}
	switch {
	case v.remote:
		list.add("file system", Warning, "keep the store on a disk of this computer: locks and syncs over a network are not always what they seem",
			"%s, which is a network or a program's file system", v.kind)
	case v.memory:
		list.add("file system", Warning, "keep the store on a disk", "%s, which is gone when the computer is restarted", v.kind)
	default:
		list.add("file system", OK, "", "%s", v.kind)
	}
	if f := v.fastCommit; f != (Finding{}) {
		*list = append(*list, f)
	}
	var size int64
	if info != nil {
		size = info.Size()
	}
	if v.free < uint64(roomNeeded*size) {
		list.add("free space", Warning, "make room on the disk",
			"%s are free, less than %d times the size of the store: a deletion or a backup may not succeed", Bytes(int64(v.free)), roomNeeded)
	} else {
		list.add("free space", OK, "", "%s are free", Bytes(int64(min(v.free, 1<<62))))
	}
}

// volume is what the system says of where a file lies.
type volume struct {
	kind       string // its file system, such as "ext4"
	remote     bool   // on another computer, or made by a program
	memory     bool
	free       uint64  // bytes, for this user
	fastCommit Finding // on ext4 under Linux
}

// syncers are folder names by which programs that sync folders are known, in lower case: the whole name,
// or with a "*" its beginning.
var syncers = []struct{ name, program string }{
	{"onedrive", "OneDrive"},
	{"onedrive *", "OneDrive"},
	{"onedrive-*", "OneDrive"},
	{"dropbox", "Dropbox"},
	{"dropbox *", "Dropbox"},
	{"dropbox-*", "Dropbox"},
	{"mobile documents", "iCloud"},
	{"icloud drive", "iCloud"},
	{"iclouddrive", "iCloud"},
	{"icloud~*", "iCloud"},
	{"google drive", "Google Drive"},
	{"google drive *", "Google Drive"},
	{"googledrive", "Google Drive"},
	{"googledrive-*", "Google Drive"},
	{"box", "Box"},
	{"box sync", "Box"},
	{"box-*", "Box"},
	{"nextcloud", "Nextcloud"},
	{"nextcloud-*", "Nextcloud"},
	{"owncloud", "ownCloud"},
	{"cloudstorage", "macOS for cloud storage"}, // ~/Library/CloudStorage
}

// syncedBy names the program that syncs a folder, as far as its path tells; "" where it does not.
func syncedBy(dir string) string {
	for _, part := range strings.FieldsFunc(strings.ToLower(dir), func(r rune) bool { return r == '/' || r == os.PathSeparator }) {
		for _, s := range syncers {
			begin, open := strings.CutSuffix(s.name, "*")
			if part == s.name || open && strings.HasPrefix(part, begin) {
				return s.program
			}
		}
	}
	return ""
}

// Bytes is a size as people read it: "3.4 MiB".
func Bytes(n int64) string {
	const unit = 1 << 10
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	size, i := float64(n)/unit, 0
	for ; size >= unit && i < 3; i++ {
		size /= unit
	}
	return fmt.Sprintf("%.1f %ciB", size, "KMGT"[i])
}
