package assessment

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"plumbline/content"
)

// Merged is the mark that a merge leaves in a session: how far another journal of it was taken in. The
// merge that comes next finds by the marks of both sides where they parted last. Undoing a merge takes
// its mark away, too.
type Merged struct {
	ID      string   `json:"id"`   // "M-1"
	File    string   `json:"file"` // that the other journal came in, without its folder
	SHA256  string   `json:"sha256"`
	Heads   []Head   `json:"heads"` // of the journal that was merged, then those that it had merged
	Origins []Origin `json:"origins,omitempty"`
}

// Origin says which record of other journals an action or AI system is. Ids can not tell: both sides
// may have given the same one.
type Origin struct {
	Record string `json:"record"` // "action/A-5", of the session that has the mark
	Events []Hash `json:"events"` // that created it elsewhere
}

// Common returns with how many events two journals begin alike.
func Common(a, b [][]byte) (n int) {
	for n < len(a) && n < len(b) && bytes.Equal(a[n], b[n]) {
		n++
	}
	return n
}

// in reports whether a journal ever ended at that head.
func (h Head) in(journal [][]byte) bool {
	return h.Seq > 0 && h.Seq <= uint64(len(journal)) && sha256.Sum256(journal[h.Seq-1]) == h.Hash
}

// reach returns how many events of another journal the session has taken in: those with which both
// begin, or more by a merge.
func (s *Session) reach(other [][]byte) int {
	n := Common(s.journal, other)
	for h := range s.mergedHeads {
		if h.in(other) {
			n = max(n, int(h.Seq))
		}
	}
	return n
}

// Holds reports whether the session has taken in all that another one is: its journal begins with that of
// the other one, or a merge took it in.
func (s *Session) Holds(other *Session) bool { return s.reach(other.journal) == len(other.journal) }

// mergedHeads yields the heads of other journals that were merged.
func (s *Snapshot) mergedHeads(yield func(Head) bool) {
	for _, m := range s.merges {
		for _, h := range m.Heads {
			if !yield(h) {
				return
			}
		}
	}
}

// until returns the session as it was when its journal held n events.
func (s *Session) until(n int) (*Session, error) {
	journal := s.journal[:n:n]
	records, _, err := Replay(journal)
	if err != nil {
		return nil, err
	}
	return LoadWith(s.packs, Stored{records, journal})
}

// under returns the session as it is after a migration to that pack, with the journal of before.
func (s *Session) under(cat *content.Catalog) *Session {
	if s.pack.Names(cat) {
		return s
	}
	c := *s
	c.current = *s.Migration(cat).After
	return &c
}

// baseOf returns the latest state that both sessions have taken in, under the pack of a, and what in it
// is torn. Mostly that is a state of one of the two journals. Where each side merged the other one
// before it saw that merge, there are two such states; the base then is what comes of merging these two,
// and what would be in conflict there is torn: it says nothing of who changed it.
func baseOf(a, b *Session, act Act) (*Session, map[place]bool, error) {
	left, err := a.until(b.reach(a.journal))
	if err != nil {
		return nil, nil, err
	}
	right, err := b.until(a.reach(b.journal))
	if err != nil {
		return nil, nil, err
	}
	left, right = left.under(a.cat), right.under(a.cat)
	switch {
	case left.Holds(right):
		return left, nil, nil
	case right.Holds(left):
		return right, nil, nil
	}
	left.info.Status, right.info.Status = Open, Open // nobody's answer is changed
	m, err := parted(left, right, act)
	if err != nil {
		return nil, nil, err
	}
	plan, base, err := m.try(act, nil)
	if err != nil {
		return nil, nil, err
	}
	torn := make(map[place]bool)
	for _, c := range plan.Conflicts {
		torn[c.place] = true
	}
	return base, torn, nil
}

// origins knows by which events the actions and AI systems of a journal were created, here or
// elsewhere.
type origins struct {
	of map[key][]Hash
	by map[Hash]key
}

func originsOf(journal [][]byte) (origins, error) {
	o := origins{make(map[key][]Hash), make(map[Hash]key)}
	add := func(k key, h Hash) {
		o.by[h] = k // the later one stands: a merge was undone and done anew
		if !slices.Contains(o.of[k], h) {
			o.of[k] = append(o.of[k], h)
		}
	}
	for i, raw := range journal {
		e, err := DecodeEvent(raw)
		if err != nil {
			return o, &DamageError{uint64(i) + 1, err.Error()}
		}
		switch e.Kind {
		case KindSystem, KindAction:
			if o.of[e.key()] == nil {
				add(e.key(), e.Hash())
			}
		case KindMerge:
			m, err := decoded[Merged](e.After)
			if err != nil {
				return o, &DamageError{uint64(i) + 1, err.Error()}
			}
			for _, from := range m.Origins {
				for _, h := range from.Events {
					add(parseKey(from.Record), h)
				}
			}
		}
	}
	return o, nil
}

// strangers reports whether the session has merged a journal that neither its own nor the other one
// holds, and that base does not know.
func (s *Session) strangers(other, base *Session) bool {
	for h := range s.mergedHeads {
		if !h.in(s.journal) && !h.in(other.journal) && !slices.Contains(slices.Collect(base.mergedHeads), h) {
			return true
		}
	}
	return false
}
