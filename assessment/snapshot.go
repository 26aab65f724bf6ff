package assessment

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"plumbline/content"
)

// Snapshot is the state of a session at one moment. One that was obtained from Session.Snapshot
// never changes and is safe for concurrent use: reports and background work read it.
type Snapshot struct {
	cat       *content.Catalog
	info      Info
	pack      PackPin
	tier      *TierStatement
	brand     Brand
	responses []Response // by the index of the item
	base      map[string]BaseRating
	systems   []System // by id
	actions   []Action // by id
	labels    []Label  // by id
	asides    []Aside  // by id
	merges    []Merged // by id
	head      Head
	changed   time.Time
}

func newSnapshot(cat *content.Catalog) Snapshot {
	return Snapshot{cat: cat, responses: make([]Response, cat.Len()), base: make(map[string]BaseRating)}
}

// clone returns a copy that later edits of s do not reach.
func (s *Snapshot) clone() *Snapshot {
	c := *s
	c.responses = slices.Clone(s.responses)
	c.base = maps.Clone(s.base)
	c.systems = slices.Clone(s.systems)
	c.actions = slices.Clone(s.actions)
	c.labels = slices.Clone(s.labels)
	c.asides = slices.Clone(s.asides)
	c.merges = slices.Clone(s.merges)
	return &c
}

// Catalog returns the pack's content.
func (s *Snapshot) Catalog() *content.Catalog { return s.cat }

// Info returns what the session says of itself. The caller must not change its lists.
func (s *Snapshot) Info() Info { return s.info }

// Pack returns the pack that the session is pinned to.
func (s *Snapshot) Pack() PackPin { return s.pack }

// Tier returns the Tier statement and whether there is one.
func (s *Snapshot) Tier() (TierStatement, bool) {
	if s.tier == nil {
		return TierStatement{}, false
	}
	return *s.tier, true
}

// Brand returns how the session's reports are to look. The caller must not change the bytes of the logo.
func (s *Snapshot) Brand() Brand { return s.brand }

// Response returns what is recorded for the item with that index.
func (s *Snapshot) Response(index int) *Response { return &s.responses[index] }

// Base returns the base rating of a Subcategory; the zero value where there is none.
func (s *Snapshot) Base(sub string) BaseRating { return s.base[sub] }

// Systems returns the AI systems, by id. The caller must not change them.
func (s *Snapshot) Systems() []System { return s.systems }

// Actions returns the plan's actions, by id. The caller must not change them.
func (s *Snapshot) Actions() []Action { return s.actions }

// Labels returns the labeled snapshots, oldest first. The caller must not change them.
func (s *Snapshot) Labels() []Label { return s.labels }

// Asides returns what was recorded for items and Subcategories that the pack no longer has, by id. The
// caller must not change them.
func (s *Snapshot) Asides() []Aside { return s.asides }

// Merges returns the marks of the merges that stand, oldest first. The caller must not change them.
func (s *Snapshot) Merges() []Merged { return s.merges }

// Head returns the head of the journal that this state belongs to.
func (s *Snapshot) Head() Head { return s.head }

// Changed returns when the session last changed.
func (s *Snapshot) Changed() time.Time { return s.changed }

// ActionsFor yields the actions that name the item.
func (s *Snapshot) ActionsFor(id content.ItemID) iter.Seq[Action] {
	return func(yield func(Action) bool) {
		for _, a := range s.actions {
			if slices.Contains(a.Items, id) && !yield(a) {
				return
			}
		}
	}
}

// record returns the JSON of a record, nil where there is none.
func (s *Snapshot) record(k key) (json.RawMessage, error) {
	var v any
	switch k.kind {
	case KindInfo:
		v = s.info
	case KindPack:
		v = s.pack
	case KindTier:
		v = s.tier
	case KindBrand:
		v = s.brand
	case KindResponse:
		i, err := s.index(k.subject)
		if err != nil {
			return nil, err
		}
		v = s.responses[i]
	case KindBase:
		v = s.base[k.subject]
	case KindSystem:
		v = find(s.systems, k.subject)
	case KindAction:
		v = find(s.actions, k.subject)
	case KindSnapshot:
		v = find(s.labels, k.subject)
	case KindAside:
		v = find(s.asides, k.subject)
	case KindMerge:
		v = find(s.merges, k.subject)
	default:
		return nil, fmt.Errorf("unknown kind of record %q", k.kind)
	}
	if reflect.ValueOf(v).IsZero() {
		return nil, nil
	}
	return json.Marshal(v)
}

// put replaces a record by its JSON; nil removes it. The record must be one that keys would yield, or
// it would be lost from what is stored.
func (s *Snapshot) put(k key, raw []byte) (err error) {
	switch k.kind {
	case KindInfo, KindPack, KindTier, KindBrand:
		if k.subject != "" {
			return fmt.Errorf("read record %q: a session has one, without a name", k)
		}
	case KindBase:
		if _, ok := s.cat.Subcategory(k.subject); !ok {
			return fmt.Errorf("read record %q: %w", k, ErrUnknownItem)
		}
	}
	switch k.kind {
	case KindInfo:
		s.info, err = decoded[Info](raw)
	case KindPack:
		s.pack, err = decoded[PackPin](raw)
	case KindTier:
		s.tier = nil
		if raw != nil {
			s.tier = new(TierStatement)
			if err = decodeStrict(raw, s.tier); err == nil {
				err = s.tier.checkTiers()
			}
		}
	case KindBrand:
		if s.brand, err = decoded[Brand](raw); err == nil {
			err = s.brand.check()
		}
	case KindResponse:
		var i int
		if i, err = s.index(k.subject); err == nil {
			s.responses[i], err = decoded[Response](raw)
		}
	case KindBase:
		delete(s.base, k.subject)
		if raw != nil {
			s.base[k.subject], err = decoded[BaseRating](raw)
		}
	case KindSystem:
		s.systems, err = replaced(s.systems, k.subject, raw)
	case KindAction:
		s.actions, err = replaced(s.actions, k.subject, raw)
	case KindSnapshot:
		s.labels, err = replaced(s.labels, k.subject, raw)
	case KindAside:
		s.asides, err = replaced(s.asides, k.subject, raw)
	case KindMerge:
		s.merges, err = replaced(s.merges, k.subject, raw)
	default:
		err = fmt.Errorf("unknown kind of record")
	}
	if err != nil {
		return fmt.Errorf("read record %q: %w", k, err)
	}
	return nil
}

func (s *Snapshot) index(subject string) (int, error) {
	id, err := content.ParseItemID(subject)
	if err != nil {
		return 0, err
	}
	i, ok := s.cat.Index(id)
	if !ok {
		return 0, &ItemError{id, ErrUnknownItem}
	}
	return i, nil
}

// decoded reads a record; no bytes are the zero value.
func decoded[T any](raw []byte) (v T, err error) {
	if raw != nil {
		err = decodeStrict(raw, &v)
	}
	return v, err
}

// numbered are the records that carry an id of their own, such as "A-3".
type numbered interface{ id() string }

func (s System) id() string { return s.ID }
func (a Action) id() string { return a.ID }
func (l Label) id() string  { return l.ID }
func (a Aside) id() string  { return a.ID }
func (m Merged) id() string { return m.ID }

func byNumber(a, b string) int {
	if d := len(a) - len(b); d != 0 {
		return d // "A-9" comes before "A-10"
	}
	return strings.Compare(a, b)
}

func search[T numbered](list []T, id string) (int, bool) {
	return slices.BinarySearchFunc(list, id, func(v T, id string) int { return byNumber(v.id(), id) })
}

// find returns the record of that id, or the zero value.
func find[T numbered](list []T, id string) (v T) {
	if i, ok := search(list, id); ok {
		v = list[i]
	}
	return v
}

// replaced returns a copy of list in which the record of that id is the decoded one, or is gone.
func replaced[T numbered](list []T, id string, raw []byte) ([]T, error) {
	list = slices.Clone(list)
	i, ok := search(list, id)
	if raw == nil {
		if ok {
			list = slices.Delete(list, i, i+1)
		}
		if len(list) == 0 {
			list = nil // as if there had never been one
		}
		return list, nil
	}
	v, err := decoded[T](raw)
	if err != nil {
		return nil, err
	}
	if v.id() != id {
		return nil, fmt.Errorf("it says that its id is %q", v.id())
	}
	if ok {
		list[i] = v
		return list, nil
	}
	return slices.Insert(list, i, v), nil
}

// idPrefix is what the ids of a kind of numbered record begin with.
var idPrefix = map[Kind]string{KindSystem: "S-", KindAction: "A-", KindSnapshot: "N-", KindMerge: "M-"}

// numberOf returns 3 for the action "A-3", and 0 for what is no id of such a record.
func numberOf(kind Kind, id string) int {
	digits, ok := strings.CutPrefix(id, idPrefix[kind])
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return 0
	}
	return n
}

// numbers knows the highest number that the ids of each kind ever had in a journal. It reads the
// journal when it is first asked, and later only what was added since.
type numbers struct {
	highest map[Kind]int
	read    int // events
}

func (n *numbers) last(kind Kind, journal [][]byte) (int, error) {
	if n.highest == nil {
		n.highest = make(map[Kind]int)
	}
	for ; n.read < len(journal); n.read++ {
		var e struct { // of an Event, what is needed
			Kind    Kind
			Subject string
		}
		if err := json.Unmarshal(journal[n.read], &e); err != nil {
			return 0, &DamageError{uint64(n.read) + 1, err.Error()}
		}
		if idPrefix[e.Kind] != "" {
			n.highest[e.Kind] = max(n.highest[e.Kind], numberOf(e.Kind, e.Subject))
		}
	}
	return n.highest[kind], nil
}
