package assessment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"plumbline/content"
)

// Packs finds the content that a session is pinned to: the pack of that id with those facts, in
// whatever edition there is. Where it is not to be had, the error is ErrPack and names it.
type Packs func(PackPin) (*content.Catalog, error)

// Names reports whether the pin names that content.
func (pin PackPin) Names(cat *content.Catalog) bool {
	p := cat.Pack()
	return pin.ID == p.ID && pin.Facts == p.Facts
}

// String returns "nist-ir-8596-iprd edition 1 with facts 1c583cd734f6".
func (pin PackPin) String() string {
	return fmt.Sprintf("%s edition %d with facts %.12s", pin.ID, pin.Edition, pin.Facts)
}

// only knows one pack.
func only(cat *content.Catalog) Packs {
	return func(pin PackPin) (*content.Catalog, error) {
		if !pin.Names(cat) {
			return nil, fmt.Errorf("%w: %v; this program has %v", ErrPack, pin, pinOf(cat))
		}
		return cat, nil
	}
}

// beside tries one pack, then others.
func beside(cat *content.Catalog, others Packs) Packs {
	return func(pin PackPin) (*content.Catalog, error) {
		if pin.Names(cat) {
			return cat, nil
		}
		return others(pin)
	}
}

// restore builds a state out of its records, under the pack that they name.
func restore(packs Packs, records map[string][]byte) (Snapshot, error) {
	pack := key{KindPack, ""}
	pin, err := decoded[PackPin](records[pack.String()])
	if err != nil {
		return Snapshot{}, fmt.Errorf("read record %q: %w", pack, err)
	}
	cat, err := packs(pin)
	if err != nil {
		return Snapshot{}, err
	}
	s := newSnapshot(cat)
	for k, raw := range records {
		if err := s.put(parseKey(k), raw); err != nil {
			return Snapshot{}, err
		}
	}
	return s, nil
}

// Aside is what a session holds for an item or a Subcategory that its pack no longer has: it was put
// aside when the session was migrated. It counts in no figure. A migration to a pack that has the item
// again brings it back.
type Aside struct {
	ID       string           `json:"id"`                 // "DE.CM-09/defend", or "DE.CM-09" for a base rating
	Title    string           `json:"title"`              // of the Subcategory, in the words of the pack that had it
	Question string           `json:"question,omitempty"` // of the item, likewise
	Priority content.Priority `json:"priority,omitempty"` // that this pack proposed
	Pack     PackPin          `json:"pack"`               // the pack that had it
	Response *Response        `json:"response,omitempty"` // nil where only an action names the item
	Base     *BaseRating      `json:"base,omitempty"`
}

// Fate is what a migration does with what a session holds for an item or a Subcategory.
type Fate string

// The fates. None changes a rating, a target, a note or evidence.
const (
	Kept        Fate = "kept"         // what differs asks for no second look, or nothing was answered
	Requeued    Fate = "to_confirm"   // kept, and queued to be re-confirmed: the facts or the question are others
	PutAside    Fate = "moved_aside"  // the pack no longer has it
	BroughtBack Fate = "brought_back" // the pack has it again; to be re-confirmed where it was answered
)

// Migration says what moving a session to another pack does.
type Migration struct {
	Diff   content.Diff
	Items  []MigratedItem // those that differ between the packs and are recorded or planned for, in Core order
	Bases  []MigratedBase // base ratings of Subcategories that differ, in Core order
	Before *Snapshot
	After  *Snapshot // the state that the session would have; its journal head is that of before
}

// MigratedItem is an item that a migration touches, as it was and as it will be. Before has no Item
// where it is brought back, After has none where it is put aside.
type MigratedItem struct {
	ID            content.ItemID
	Before, After Entry
	Fate          Fate
	// EndsInheritance: the rating was inherited and stays as one of the item's own, since the new pack
	// does not say that standard practices apply.
	EndsInheritance bool
}

// MigratedBase is a base rating that a migration touches.
type MigratedBase struct {
	Sub  string
	Base BaseRating
	Fate Fate
}

// Migration says what moving the session to another pack would do. It changes nothing.
func (s *Snapshot) Migration(to *content.Catalog) Migration {
	next := newSnapshot(to)
	next.info, next.tier, next.brand = s.info, s.tier, s.brand
	next.systems, next.actions, next.labels, next.merges = s.systems, s.actions, s.labels, s.merges
	next.head, next.changed = s.head, s.changed
	next.pack = pinOf(to)
	for i := range s.responses {
		if at, ok := to.Index(s.cat.At(i).ID); ok {
			next.responses[at] = s.responses[i]
		}
	}
	for sub, b := range s.base {
		if _, ok := to.Subcategory(sub); ok {
			next.base[sub] = b
		}
	}
	next.asides = slices.DeleteFunc(slices.Clone(s.asides), func(a Aside) bool { return a.in(to) })
	m := Migration{Diff: content.Compare(s.cat, to), Before: s.clone(), After: &next}
	for _, d := range m.Diff.Items {
		if it, ok := m.item(d); ok {
			m.Items = append(m.Items, it)
		}
	}
	for _, d := range m.Diff.Subcategories {
		if b, ok := m.base(d); ok {
			m.Bases = append(m.Bases, b)
		}
	}
	if len(next.asides) == 0 {
		next.asides = nil // as if there had never been one
	}
	return m
}

// in reports whether a pack has what was put aside.
func (a Aside) in(cat *content.Catalog) bool {
	if a.Base != nil {
		_, ok := cat.Subcategory(a.ID)
		return ok
	}
	id, err := content.ParseItemID(a.ID)
	_, ok := cat.Index(id)
	return err == nil && ok
}

// item decides on an item that differs, and does to After what follows. It reports whether there is
// anything that the item's change touches.
func (m *Migration) item(d content.ItemDiff) (MigratedItem, bool) {
	was, next := m.Before, m.After
	it := MigratedItem{ID: d.ID, Fate: Kept}
	if d.To == nil {
		it.Fate, it.Before = PutAside, was.Entry(d.From.Index)
		r := *it.Before.Response
		recorded := !reflect.ValueOf(r).IsZero()
		if !recorded && !was.planned(d.ID) {
			return it, false
		}
		sub, _ := was.cat.Subcategory(d.ID.Sub)
		a := Aside{ID: d.ID.String(), Title: sub.Title, Question: d.From.Question, Priority: d.From.Priority, Pack: was.pack}
		if recorded {
			a.Response = &r
		}
		next.putAside(a)
		return it, true
	}

	r := &next.responses[d.To.Index]
	if d.From == nil {
		a := find(was.asides, d.ID.String())
		if a.ID == "" {
			return it, false
		}
		it.Fate = BroughtBack
		if a.Response != nil {
			*r = *a.Response
			r.ToConfirm = answered(r)
		}
	} else {
		it.Before = was.Entry(d.From.Index)
		if d.Asks() && answered(r) {
			it.Fate, r.ToConfirm = Requeued, true
		}
	}
	if r.Inherited && !d.To.StandardPractices {
		r.Inherited, it.EndsInheritance = false, true
	}
	it.After = next.Entry(d.To.Index)
	return it, !reflect.ValueOf(*r).IsZero() || was.planned(d.ID)
}

// answered reports whether somebody has judged the item: rated it, or taken it out of profile.
func answered(r *Response) bool { return r.Current.Known() || r.Out != "" }

// planned reports whether an action names the item.
func (s *Snapshot) planned(id content.ItemID) bool {
	for range s.ActionsFor(id) {
		return true
	}
	return false
}

// base is what item is, for the base rating of a Subcategory that differs.
func (m *Migration) base(d content.SubcategoryDiff) (MigratedBase, bool) {
	b, recorded := m.Before.base[d.ID]
	switch {
	case d.From == nil:
		a := find(m.Before.asides, d.ID)
		if a.Base == nil {
			return MigratedBase{}, false
		}
		m.After.base[d.ID] = *a.Base
		return MigratedBase{d.ID, *a.Base, BroughtBack}, true
	case !recorded:
		return MigratedBase{}, false
	case d.To == nil:
		m.After.putAside(Aside{ID: d.ID, Title: d.From.Title, Pack: m.Before.pack, Base: &b})
		return MigratedBase{d.ID, b, PutAside}, true
	}
	return MigratedBase{d.ID, b, Kept}, true
}

func (s *Snapshot) putAside(a Aside) {
	i, _ := search(s.asides, a.ID)
	s.asides = slices.Insert(s.asides, i, a)
}

// Migrate moves the session to another pack, as Migration says, by one group of events. All that was
// recorded is kept, and nobody answers anew: responses keep who gave them and when. A pack of the same
// id with the same facts changes nothing. Undo takes a migration back like any act, as long as the
// session's Packs find the pack before it.
func (s *Session) Migrate(to *content.Catalog, act Act) (Delta, error) {
	act, err := act.clean()
	if err != nil {
		return Delta{}, err
	}
	if s.info.Status != Open {
		return Delta{}, &ClosedError{s.info.Status}
	}
	if s.pack.Names(to) {
		return Delta{}, nil
	}
	next := s.Migration(to).After
	var events []Event
	head := s.head
	seen := make(map[key]bool)
	for _, state := range []*Snapshot{&s.current, next} {
		for k := range state.keys() { // the pack comes first: by that an undo knows the group
			if seen[k] {
				continue
			}
			seen[k] = true
			before, err := s.recordOrNone(k)
			if err != nil {
				return Delta{}, err
			}
			after, err := next.recordOrNone(k)
			if err != nil {
				return Delta{}, err
			}
			if bytes.Equal(before, after) {
				continue
			}
			var ev Event
			ev, head, err = chain(Event{
				Group: s.group + 1, Time: act.Time, Who: act.Who, Reason: act.Reason,
				Kind: k.kind, Subject: k.subject, Before: before, After: after,
			}, head)
			if err != nil {
				return Delta{}, err
			}
			events = append(events, ev)
		}
	}
	s.packs = beside(to, beside(s.cat, s.packs))
	s.current = *next
	s.append(events)
	return s.delta(events), nil
}

// recordOrNone is record that has nothing for an item which the pack does not have.
func (s *Snapshot) recordOrNone(k key) (json.RawMessage, error) {
	if k.kind == KindResponse {
		if _, err := s.index(k.subject); err != nil {
			return nil, nil
		}
	}
	return s.record(k)
}

// changesPack reports whether an event moved the session to other facts, rather than adopted a new
// edition of the wording.
func changesPack(e Event) bool {
	return e.Kind == KindPack && e.Before != nil && e.After != nil && !samePack(e.Before, e.After)
}

// samePack reports whether two pins, as they are stored, name the same pack.
func samePack(a, b []byte) bool {
	p, errP := decoded[PackPin](a)
	q, errQ := decoded[PackPin](b)
	return errP == nil && errQ == nil && p.ID == q.ID && p.Facts == q.Facts
}

// move takes a session from one pack to another, as its journal says. The session itself changes at
// the end, when all of it fits.
type move struct{ records map[string][]byte }

func (s *Session) move() (*move, error) {
	st, err := s.Stored()
	return &move{st.Records}, err
}

// replace does one event. Of the pack's pin, which may have taken a new edition of the wording since,
// only id and facts must be what the event says.
func (m *move) replace(c *Event) error {
	k := c.Record()
	now := m.records[k]
	if c.Kind == KindPack && samePack(now, c.Before) {
		c.Before = now
	}
	if !bytes.Equal(now, c.Before) {
		return fmt.Errorf("%s is not what the journal says", k)
	}
	if c.After == nil {
		delete(m.records, k)
	} else {
		m.records[k] = c.After
	}
	return nil
}

func (m *move) end(s *Session) error {
	next, err := restore(s.packs, m.records)
	if err != nil {
		return fmt.Errorf("go back to another pack: %w", err)
	}
	next.head, next.changed = s.head, s.changed
	s.current = next
	return nil
}
