// Package assessment is what Plumbline knows of an assessment: sessions, ratings and targets, the
// journal, scores and gaps. It is pure: no terminal, no disk, no network, and no clock or randomness
// but what is passed in. Its rules are those of docs/methodology.md.
package assessment

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"plumbline/content"
)

// Errors by which a caller decides. Those that concern an item come wrapped in an *ItemError.
var (
	ErrUnknownItem  = errors.New("no such item in the pack")
	ErrClosed       = errors.New("session is not open for changes")
	ErrPack         = errors.New("session belongs to another pack")
	ErrOutOfProfile = errors.New("item is out of profile; take it back into the profile first")
	ErrNoBase       = errors.New("there is no base rating to inherit")
	ErrNotStandard  = errors.New("the draft does not say that standard practices apply, so the base rating can not be inherited")
	ErrNoGap        = errors.New("there is no gap to accept")
	ErrExpiry       = errors.New("an accepted gap needs a day in the future on which it lapses")
	ErrNoReason     = errors.New("a reason is required")
	ErrNothing      = errors.New("there is nothing to undo or redo")
	ErrUnknownID    = errors.New("no such record")
	ErrLocked       = errors.New("session is locked; unlock it first")
	ErrThwart       = errors.New("the Focus Area Thwart is " + alwaysIn)
)

// ClosedError is an ErrClosed that says what the session is: Archived or Locked.
type ClosedError struct{ Status Status }

func (e *ClosedError) Error() string { return fmt.Sprintf("%v: it is %s", ErrClosed, e.Status) }

// Is reports whether it is ErrClosed.
func (e *ClosedError) Is(target error) bool { return target == ErrClosed }

// ItemError says which item an error concerns.
type ItemError struct {
	Item content.ItemID
	Err  error
}

func (e *ItemError) Error() string { return e.Item.String() + ": " + e.Err.Error() }

// Unwrap returns the error without the item.
func (e *ItemError) Unwrap() error { return e.Err }

// Act is what a person does at one moment: all that it changes is one group of the journal and is
// undone as one. Reason may be empty. Time is kept to the millisecond, in UTC.
type Act struct {
	Who    string
	Time   time.Time
	Reason string
}

// clean returns the act as the journal keeps it.
func (a Act) clean() (_ Act, err error) {
	a.Time = a.Time.UTC().Truncate(time.Millisecond)
	if a.Who, err = line("name of who acts", a.Who, MaxName); err != nil {
		return Act{}, err
	}
	a.Reason, err = prose("reason of the act", a.Reason)
	return a, err
}

// current is the part of a Session that a Snapshot copies.
type current = Snapshot

// Session is an assessment that can be changed. Its reading methods are those of Snapshot. A Session
// is not safe for concurrent use; a Snapshot is.
type Session struct {
	current
	packs   Packs
	journal [][]byte
	group   uint64 // of the last event
	numbers numbers
}

// Delta is what acts on one session add to its store: their events, in order, and the summary of the
// session after them.
type Delta struct {
	Session string
	Events  []Event
	Summary Summary
}

// NewID returns a random UUID (version 4, RFC 9562 section 5.4) made of 16 bytes of rand.
func NewID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("make a session id: %w", err)
	}
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// IsID reports whether s has the form of a session's id, as NewID makes it.
func IsID(s string) bool { return idPattern().MatchString(s) }

// New starts a session. Of info, ID (see NewID), Organization and Name are required; an empty Path is Quick,
// Areas that say nothing follow from the AI roles (see Scoping), and Status, Threshold and Created are set.
func New(cat *content.Catalog, info Info, act Act) (*Session, Delta, error) {
	if info.Path == "" {
		info.Path = Quick
	}
	if info.Areas == ([3]AreaScope{}) {
		info.Areas = Scoping(info.AI)
	}
	info.Status, info.Threshold = Open, DefaultThreshold
	s := &Session{current: newSnapshot(cat), packs: only(cat)}
	d, err := s.commit(act, func(e *Edit) error {
		info.Created = e.act.Time
		return e.Info(func(in *Info) { *in = info })
	})
	if err != nil {
		return nil, Delta{}, fmt.Errorf("start a session: %w", err)
	}
	return s, d, nil
}

// Copy starts a new session that begins with everything that s holds but its history, its labeled
// snapshots, its marks of merges and its status: the copy is open. The answers keep who gave them and when.
func (s *Session) Copy(id, name string, act Act) (*Session, Delta, error) {
	c := &Session{current: newSnapshot(s.cat), packs: s.packs}
	if act.Reason == "" {
		act.Reason = fmt.Sprintf("copied from session %s at %v", s.info.ID, s.head)
	}
	d, err := c.commit(act, func(e *Edit) error {
		for k := range s.keys() {
			if k.kind == KindSnapshot || k.kind == KindMerge || k.kind == KindPack { // commit pins the pack
				continue
			}
			raw, err := s.record(k)
			if err != nil {
				return err
			}
			e.touch(k)
			if err := c.put(k, raw); err != nil {
				return err
			}
		}
		clear(e.responses) // nobody answers anew, so nothing is signed anew
		return e.Info(func(in *Info) {
			in.ID, in.Name, in.Status, in.Created = id, name, Open, e.act.Time
		})
	})
	if err != nil {
		return nil, Delta{}, fmt.Errorf("copy session %s: %w", s.info.ID, err)
	}
	return c, d, nil
}

// Load brings a stored session back. It trusts that records and journal belong together (Stored.Verify
// proves it) and refuses a pack with other facts with ErrPack. The session keeps the journal's bytes,
// which the caller must not change.
func Load(cat *content.Catalog, st Stored) (*Session, error) { return LoadWith(only(cat), st) }

// LoadWith is Load for a session whose pack is yet to be found. The session keeps packs, for the states
// that it had under other ones: At asks for them, and so do Undo and Redo of a migration.
func LoadWith(packs Packs, st Stored) (*Session, error) {
	now, err := restore(packs, st.Records)
	if errors.Is(err, ErrPack) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	s := &Session{current: now, packs: packs, journal: slices.Clip(st.Journal)} // or two loads would share what follows
	if len(st.Journal) == 0 {
		return nil, fmt.Errorf("load session: %w", &DamageError{0, "there is no journal"})
	}
	if s.info.ID == "" {
		return nil, fmt.Errorf("load session: %w", &DamageError{uint64(len(st.Journal)), "the record session/ is missing"})
	}
	raw := st.Journal[len(st.Journal)-1]
	last, err := DecodeEvent(raw)
	if err != nil {
		return nil, fmt.Errorf("load session: %w", &DamageError{uint64(len(st.Journal)), err.Error()})
	}
	if last.Seq != uint64(len(st.Journal)) {
		return nil, fmt.Errorf("load session: %w", &DamageError{last.Seq, fmt.Sprintf("the journal holds %d events", len(st.Journal))})
	}
	s.head, s.group, s.changed = Head{last.Seq, last.Hash()}, last.Group, last.Time
	return s, nil
}

// Snapshot returns a copy of the present state that never changes.
func (s *Session) Snapshot() *Snapshot { return s.clone() }

// Stored returns the session as a store keeps it.
func (s *Session) Stored() (Stored, error) {
	st := Stored{Records: make(map[string][]byte), Journal: s.journal[:len(s.journal):len(s.journal)]}
	for k := range s.keys() {
		raw, err := s.record(k)
		if err != nil {
			return Stored{}, err
		}
		if raw != nil {
			st.Records[k.String()] = raw
		}
	}
	return st, nil
}

// At returns the state that the session had at an earlier head of its journal.
func (s *Session) At(head Head) (*Snapshot, error) {
	if head.Seq == 0 || head.Seq > uint64(len(s.journal)) {
		return nil, fmt.Errorf("session %s has no event %d", s.info.ID, head.Seq)
	}
	if !head.in(s.journal) {
		return nil, &DamageError{head.Seq, "its hash is not the one that the snapshot names"}
	}
	then, err := s.until(int(head.Seq))
	if err != nil {
		return nil, err
	}
	return then.Snapshot(), nil
}

// HeadAt returns the head that the journal had when it held that many events. It reports whether it
// ever ended there: between two events of one act it did not.
func (s *Session) HeadAt(seq uint64) (Head, bool) {
	if seq == 0 || seq > uint64(len(s.journal)) {
		return Head{}, false
	}
	if seq < uint64(len(s.journal)) {
		last, err := DecodeEvent(s.journal[seq-1])
		next, errNext := DecodeEvent(s.journal[seq])
		if err != nil || errNext != nil || last.Group == next.Group {
			return Head{}, false
		}
	}
	return Head{seq, sha256.Sum256(s.journal[seq-1])}, true
}

// Events yields the journal, oldest first, until an event can not be read.
func (s *Session) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, raw := range s.journal {
			if e, err := DecodeEvent(raw); !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// keys yields the records that the session may hold.
func (s *Snapshot) keys() iter.Seq[key] {
	return func(yield func(key) bool) {
		for _, kind := range []Kind{KindPack, KindInfo, KindTier, KindBrand} {
			if !yield(key{kind, ""}) {
				return
			}
		}
		for sub := range s.cat.Subcategories() {
			if _, ok := s.base[sub.ID]; ok && !yield(key{KindBase, sub.ID}) {
				return
			}
		}
		for it := range s.cat.Items() {
			if !yield(key{KindResponse, it.ID.String()}) {
				return
			}
		}
		for _, v := range s.systems {
			if !yield(key{KindSystem, v.ID}) {
				return
			}
		}
		for _, v := range s.actions {
			if !yield(key{KindAction, v.ID}) {
				return
			}
		}
		for _, v := range s.labels {
			if !yield(key{KindSnapshot, v.ID}) {
				return
			}
		}
		for _, v := range s.asides {
			if !yield(key{KindAside, v.ID}) {
				return
			}
		}
		for _, v := range s.merges {
			if !yield(key{KindMerge, v.ID}) {
				return
			}
		}
	}
}

// Do changes the session by one act. Where edit returns an error nothing has changed. A Delta without
// events means that the act changed nothing. A session that is not open refuses all but a change of
// its status, with ErrClosed; a change of status goes with no other change. A locked session was signed
// off: it can only be opened again, and that takes a reason (ErrNoReason); archiving it is refused with
// ErrLocked.
func (s *Session) Do(act Act, edit func(*Edit) error) (Delta, error) { return s.commit(act, edit) }

// commit runs edit as one group of events, or leaves everything as it was.
func (s *Session) commit(act Act, edit func(*Edit) error) (Delta, error) {
	act, err := act.clean()
	if err != nil {
		return Delta{}, err
	}
	was := s.info.Status
	if s.head.Seq == 0 {
		was = Open // the act creates the session
	}
	e := &Edit{
		s: s, act: act, was: was,
		before: make(map[key]json.RawMessage), responses: make(map[int]Response),
	}
	if err = edit(e); err == nil {
		err = e.err
	}
	var events []Event
	if err == nil {
		events, err = e.events()
	}
	switch {
	case err != nil || len(events) == 0:
	case changesStatus(events):
		err = e.was.mayBecome(s.info.Status, act.Reason)
	case e.was != Open:
		err = &ClosedError{e.was}
	case e.was != s.info.Status:
		err = errors.New("the status of a session changes by an act of its own")
	}
	if err != nil {
		e.rollback()
		return Delta{}, err
	}
	s.append(events)
	return s.delta(events), nil
}

// mayBecome refuses what would take the lock off a session unseen, or lock one that is out of sight.
func (s Status) mayBecome(to Status, reason string) error {
	switch {
	case s == Archived && to == Locked:
		return &ClosedError{s}
	case s != Locked:
		return nil
	case to != Open:
		return ErrLocked
	case reason == "":
		return fmt.Errorf("unlock the session: %w", ErrNoReason)
	}
	return nil
}

// changesStatus reports whether the events of a group change the status and nothing else.
func changesStatus(events []Event) bool {
	return len(events) == 1 && events[0].Kind == KindInfo && onlyStatus(events[0].raw)
}

func (s *Session) delta(events []Event) Delta {
	if len(events) == 0 {
		return Delta{}
	}
	return Delta{Session: s.info.ID, Events: events, Summary: s.Summary()}
}

// chain numbers and links an event that follows the given head.
func chain(e Event, head Head) (Event, Head, error) {
	e.Seq, e.Prev = head.Seq+1, head.Hash
	raw, err := json.Marshal(e)
	if err != nil {
		return Event{}, Head{}, fmt.Errorf("encode event %d: %w", e.Seq, err)
	}
	e.raw = raw
	return e, Head{e.Seq, sha256.Sum256(raw)}, nil
}

// append adds one group of events, already chained, to the journal.
func (s *Session) append(events []Event) {
	if len(events) == 0 {
		return
	}
	for _, e := range events {
		s.journal = append(s.journal, e.raw)
	}
	last := events[len(events)-1]
	s.head, s.group, s.changed = Head{last.Seq, last.Hash()}, last.Group, last.Time
}

// Undo takes back the most recent act that was not undone, whole, by events that compensate.
// ErrNothing says that there is none. A change of status is no such act: it is undone by another one.
func (s *Session) Undo(act Act) (Delta, error) { return s.compensate(act, true) }

// Redo does the act again that was undone last, unless another act came since. ErrNothing says that
// there is none.
func (s *Session) Redo(act Act) (Delta, error) { return s.compensate(act, false) }

func (s *Session) compensate(act Act, undo bool) (Delta, error) {
	act, err := act.clean()
	if err != nil {
		return Delta{}, err
	}
	if s.info.Status != Open {
		return Delta{}, &ClosedError{s.info.Status}
	}
	find := redoable
	if undo {
		find = undoable
	}
	g, err := find(s.journal)
	if err != nil {
		return Delta{}, err
	}
	var moved *move // where the act moved the session to another pack
	if first, err := DecodeEvent(s.journal[g.from]); err == nil && changesPack(first) {
		if moved, err = s.move(); err != nil {
			return Delta{}, err
		}
	}
	was := s.clone()
	var events []Event
	head := s.head
	for i := range g.to - g.from {
		at := g.from + i
		if undo {
			at = g.to - 1 - i
		}
		e, err := DecodeEvent(s.journal[at])
		if err == nil && e.Kind == KindPack && !changesPack(e) {
			continue // a new edition of the wording stays adopted
		}
		c := Event{Group: s.group + 1, Time: act.Time, Who: act.Who, Reason: act.Reason, Kind: e.Kind, Subject: e.Subject}
		if undo {
			c.Before, c.After, c.Undoes = e.After, e.Before, g.number
		} else {
			c.Before, c.After, c.Redoes = e.Before, e.After, g.number
		}
		switch {
		case err != nil:
		case moved != nil:
			err = moved.replace(&c)
		default:
			err = s.replace(c.key(), c.Before, c.After)
		}
		if err == nil {
			c, head, err = chain(c, head)
		}
		if err != nil {
			s.current = *was
			return Delta{}, &DamageError{uint64(at) + 1, err.Error()}
		}
		events = append(events, c)
	}
	if moved != nil {
		if err := moved.end(s); err != nil {
			return Delta{}, err
		}
	}
	s.append(events)
	return s.delta(events), nil
}

// replace puts a record in the place of another one, which must be there.
func (s *Session) replace(k key, before, after []byte) error {
	now, err := s.record(k)
	if err == nil && !bytes.Equal(now, before) {
		err = fmt.Errorf("%s is not what the journal says", k)
	}
	if err != nil {
		return err
	}
	return s.put(k, after)
}

func pinOf(cat *content.Catalog) PackPin {
	p := cat.Pack()
	return PackPin{ID: p.ID, Edition: p.Edition, Facts: p.Facts}
}
