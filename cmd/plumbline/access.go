package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"

	"plumbline/assessment"
	"plumbline/assessment/store"
)

// storePath is the store that the command works on.
func (p *program) storePath() (string, error) {
	if p.Store != "" {
		return p.Store, nil
	}
	path, err := store.DefaultPath()
	if err != nil {
		return "", fmt.Errorf("find the data folder of the store: %w", err)
	}
	return path, nil
}

// open opens the store, to be closed by the caller. Where it is only read, a store that does not
// exist is not made: the error is errNoStore then. The passphrase of an encrypted one is asked for, or
// read from where the flags say.
func (p *program) open(readOnly bool) (*store.Store, error) {
	given := p.storeKeyGiven()
	if given && p.storeKey == nil {
		var err error
		if p.storeKey, err = p.askStoreKey(); err != nil {
			return nil, err
		}
	}
	for asked := 0; ; asked++ {
		st, err := p.openWith(p.storeKey, readOnly)
		switch {
		case errors.Is(err, store.ErrSealed):
		case errors.Is(err, store.ErrPassphrase) && !given && asked < maxAsked:
			p.say("that is %v", store.ErrPassphrase)
		default:
			return st, err
		}
		if err := store.Sealable(); err != nil { // nobody is asked in vain
			return nil, err
		}
		if p.storeKey, err = p.askStoreKey(); err != nil {
			return nil, err
		}
	}
}

// storeKeyGiven reports whether a flag says where the passphrase of the store comes from.
func (p *program) storeKeyGiven() bool {
	return p.StorePassphraseFile != "" || p.StorePassphraseFD != nil
}

// maxAsked is how often a person is asked for the passphrase of a store.
const maxAsked = 3

// openWith opens the store with that passphrase, nil being none.
func (p *program) openWith(passphrase []byte, readOnly bool) (*store.Store, error) {
	path, err := p.storePath()
	if err != nil {
		return nil, err
	}
	switch _, err := os.Lstat(path); {
	case errors.Is(err, syscall.ENAMETOOLONG):
		return nil, usagef("the path of the store is too long: %d bytes", len(path))
	case readOnly && errors.Is(err, fs.ErrNotExist):
		return nil, noStore(path)
	}
	return store.Open(path, store.Options{
		ReadOnly:   readOnly,
		Now:        p.now,
		Version:    version,
		Warn:       p.warn,
		Passphrase: passphrase,
	})
}

// forgetStoreKey wipes the passphrase of the store, where the program goes on for long without it. A
// command may open the store more than once.
func (p *program) forgetStoreKey() {
	clear(p.storeKey)
	p.storeKey = nil
}

// haveStore refuses to go on without a store, for commands on the store as such: a new one in the place of
// a mistyped one would look like success.
func (p *program) haveStore() error {
	path, err := p.storePath()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return noStore(path)
	}
	return nil
}

// openExisting opens a store that is there already for writing.
func (p *program) openExisting() (*store.Store, error) {
	if err := p.haveStore(); err != nil {
		return nil, err
	}
	return p.open(false)
}

// noStore is the error where nothing is at the path of a store: there is none yet, or one was moved.
func noStore(path string) error {
	if err := store.CutOff(path); err != nil {
		return err
	}
	return fmt.Errorf("%w at %q", errNoStore, path)
}

// minPrefix is how much of an id must be given. With less, a short name that no session has would too
// often be the beginning of some id.
const minPrefix = 4

// warn tells the person what does not stop the work. While the app has the screen it waits. It can be
// called from any goroutine.
func (p *program) warn(err error) {
	p.warnings.Lock()
	defer p.warnings.Unlock()
	if p.warnings.held {
		p.warnings.list = append(p.warnings.list, err)
		return
	}
	p.say("warning: %v", err)
}

// warnOnce is warn for what a command can come upon more than once.
func (p *program) warnOnce(err error) {
	p.warnings.Lock()
	told := p.warnings.told[err.Error()]
	if p.warnings.told == nil {
		p.warnings.told = make(map[string]bool)
	}
	p.warnings.told[err.Error()] = true
	p.warnings.Unlock()
	if !told {
		p.warn(err)
	}
}

// holdWarnings keeps warnings back until the returned function is called.
func (p *program) holdWarnings() (release func()) {
	p.warnings.Lock()
	defer p.warnings.Unlock()
	p.warnings.held = true
	return func() {
		p.warnings.Lock()
		defer p.warnings.Unlock()
		p.warnings.held = false
		for _, err := range p.warnings.list {
			p.say("warning: %v", err)
		}
	}
}

// roster is what a store says of its sessions.
type roster struct {
	sound   []assessment.Summary
	damaged []*store.SummaryError // those whose summary can not be read
}

// missing is the error of a list that lacks the damaged ones; nil where there are none.
func (r roster) missing() error {
	if len(r.damaged) == 0 {
		return nil
	}
	return fmt.Errorf("not all sessions can be listed: %w", &store.UnlistedError{Sessions: r.damaged})
}

// rosterOf lists the sessions of a store. That some are damaged is no error here.
func rosterOf(st *store.Store) (r roster, err error) {
	var unlisted *store.UnlistedError
	r.sound, err = st.Sessions()
	if errors.As(err, &unlisted) {
		r.damaged, err = unlisted.Sessions, nil
	}
	return r, err
}

// roster is rosterOf for commands that go on without the damaged ones: the person is told of them once.
func (p *program) roster(st *store.Store) (roster, error) {
	r, err := rosterOf(st)
	if err == nil {
		p.warnOf(st, r)
	}
	return r, err
}

// warnOf tells the person, once, of the sessions that a command goes on without.
func (p *program) warnOf(st *store.Store, r roster) {
	if missing := r.missing(); missing != nil {
		p.warnOnce(fmt.Errorf("in store %q %w; %s", st.Path(), missing, wayOut(missing)))
	}
}

// find returns the session that ref names: by its id, the beginning of it, or its name,
// where only one answers to that.
func (p *program) find(st *store.Store, ref string) (assessment.Summary, error) {
	r, err := rosterOf(st)
	if err != nil {
		return assessment.Summary{}, err
	}
	sum, damage, err := r.find(ref)
	switch {
	case err != nil:
		return sum, err
	case damage != nil:
		return sum, damage
	}
	p.warnOf(st, r)
	return sum, nil
}

// find is program.find in a roster. Of a session that is damaged the id is known alone: there is no name
// by which it could be found.
func (r roster) find(ref string) (sum assessment.Summary, damage *store.SummaryError, err error) {
	begins := func(id string) bool { return len(ref) >= minPrefix && strings.HasPrefix(id, strings.ToLower(ref)) }
	var found []assessment.Summary
	var candidates []string
	for _, s := range r.sound {
		if s.ID == ref {
			return s, nil, nil
		}
		if begins(s.ID) || s.Name == ref {
			found = append(found, s)
			candidates = append(candidates, fmt.Sprintf("%s (%q of %q)", s.ID, s.Name, s.Organization))
		}
	}
	for _, d := range r.damaged {
		if d.Session == ref {
			return assessment.Summary{ID: d.Session}, d, nil
		}
		if begins(d.Session) {
			damage = d
			found = append(found, assessment.Summary{ID: d.Session})
			candidates = append(candidates, d.Session+" (damaged)")
		}
	}
	switch {
	case len(found) == 1:
		return found[0], damage, nil
	case len(found) > 1:
		return sum, nil, usagef("%q names %d sessions: %s", ref, len(found), strings.Join(candidates, ", "))
	case len(r.damaged) > 0:
		return sum, nil, fmt.Errorf("%q is none of the sessions that can be listed, and may be one of those that can not: %w", ref, &store.UnlistedError{Sessions: r.damaged})
	}
	return sum, nil, fmt.Errorf("%w: %q", errNoSession, ref)
}

// load returns the session that ref names. The first error is that of a session which could be loaded
// though its records are not what its journal says: an *assessment.DamageError.
func (p *program) load(st *store.Store, ref string) (s *assessment.Session, damage, err error) {
	sum, err := p.find(st, ref)
	if err != nil {
		return nil, nil, err
	}
	return loadID(st, sum.ID)
}

// loadID is load for an id. It needs no summary.
func loadID(st *store.Store, id string) (s *assessment.Session, damage, err error) {
	stored, err := st.Load(id)
	if err == nil {
		_, damage = stored.Verify()
		s, err = assessment.LoadWith(packsBeside(st.Path()), stored)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("session %s: %w", id, err)
	}
	return s, damage, nil
}

// loadSound is load for acts on a session: nothing is added to one that is damaged, or made of it.
func (p *program) loadSound(st *store.Store, ref string) (*assessment.Session, error) {
	s, damage, err := p.load(st, ref)
	return s, errors.Join(err, damage)
}

// read returns the state of the session that ref names. A damaged session is read, too; then the
// person is warned, and options has the output say so.
func (p *program) read(ref string) (*assessment.Snapshot, error) {
	s, err := p.readSession(ref)
	if err != nil {
		return nil, err
	}
	return s.Snapshot(), nil
}

// stateAt returns the state that a session had at a head of its journal, as reports print it
// ("231:5f0c…", or the number alone), or at a labeled snapshot (its id or its label); "" is now. What
// named it, a flag or an argument, goes into errors.
func stateAt(flag string, s *assessment.Session, at string) (*assessment.Snapshot, error) {
	if at == "" {
		return s.Snapshot(), nil
	}
	head, err := headOf(s, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return s.At(head)
}

// headOf is the head that a labeled snapshot or a journal head names.
func headOf(s *assessment.Session, at string) (assessment.Head, error) {
	var found []assessment.Head
	for _, l := range s.Labels() {
		if l.ID == at || l.Label == at {
			found = append(found, l.Head)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return assessment.Head{}, usagef("%q names %d snapshots; take the id or the journal head", at, len(found))
	}
	number, hash, _ := strings.Cut(at, ":")
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return assessment.Head{}, fmt.Errorf("%w: %q is neither a snapshot nor a journal head such as 231:5f0c91aa", errNoHead, at)
	}
	head, ok := s.HeadAt(seq)
	switch {
	case !ok:
		return head, fmt.Errorf("%w: its journal of %d events never ended at event %d", errNoHead, s.Head().Seq, seq)
	case !strings.HasPrefix(head.Hash.String(), strings.ToLower(hash)):
		return head, fmt.Errorf("%w: event %d of this journal is %v", errOtherHead, seq, head)
	}
	return head, nil
}

func (p *program) readSession(ref string) (s *assessment.Session, err error) {
	st, err := p.open(true)
	if errors.Is(err, errNoStore) {
		return nil, fmt.Errorf("%w: %q (%w)", errNoSession, ref, err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	session, damage, err := p.load(st, ref)
	if err != nil {
		return nil, err
	}
	if damage != nil {
		p.damage = damage.Error()
		p.say("warning: nothing here can be relied on: %v; %s", damage, wayOut(damage))
	}
	p.doubtClock(session.Changed())
	return session, nil
}

// doubtClock warns where this computer's clock is before a session's last change, and nobody has named
// another day: an acceptance that has expired since would count.
func (p *program) doubtClock(changed time.Time) {
	today, last := assessment.DayOf(p.now()), assessment.DayOf(changed)
	if p.AsOf.date == "" && os.Getenv("SOURCE_DATE_EPOCH") == "" && today < last {
		p.say("warning: the clock says %s, and the session was last changed on %s: ages and expiry are told by the clock, unless --as-of names the day", today, last)
	}
}

// change does one act on the session that ref names and stores it. Edit is given the state before. The
// Delta has no events when the act changed nothing.
func (p *program) change(ref, reason string, edit func(*assessment.Snapshot, *assessment.Edit) error) (s *assessment.Session, delta assessment.Delta, err error) {
	st, err := p.open(false)
	if err != nil {
		return nil, delta, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if s, err = p.loadSound(st, ref); err != nil {
		return nil, delta, err
	}
	act, err := p.act(s.Info().Assessors, reason)
	if err != nil {
		return nil, delta, err
	}
	was := s.Snapshot()
	delta, err = s.Do(act, func(e *assessment.Edit) error { return edit(was, e) })
	if err != nil || len(delta.Events) == 0 {
		return s, delta, err
	}
	return s, delta, st.Apply(delta)
}

// act is an act of now: by --by, else the session's first assessor, else the user of the computer.
func (p *program) act(assessors []string, reason string) (assessment.Act, error) {
	who := assessment.CleanLine(p.By)
	if who == "" && len(assessors) > 0 {
		who = assessors[0]
	}
	if who == "" {
		u, err := user.Current()
		if err != nil {
			return assessment.Act{}, usagef("nobody can be named as the author: give --by (%v)", err)
		}
		who = assessment.CleanLine(u.Username)
	}
	return assessment.Act{Who: who, Time: p.now(), Reason: assessment.CleanLine(reason)}, nil
}

// lastSecond is the last one of the year 9999, in seconds since 1970: dates have four digits for the year.
const lastSecond = 253402300799

// today returns the moment that output is dated with, and the day that ages and expiry refer to:
// --as-of, else SOURCE_DATE_EPOCH, else now.
func (p *program) today() (time.Time, assessment.Date, error) {
	if d := p.AsOf.date; d != "" {
		t, err := time.Parse(time.DateOnly, string(d))
		return t, d, err
	}
	t := p.now().UTC().Truncate(time.Second)
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil || n < 0 || n > lastSecond {
			return time.Time{}, "", usagef("SOURCE_DATE_EPOCH is %q, not a number of seconds since 1970 up to the year 9999", epoch)
		}
		t = time.Unix(n, 0).UTC()
	}
	return t, assessment.DayOf(t), nil
}
