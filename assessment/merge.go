package assessment

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// ErrUnrelated says that two journals of one session do not even begin alike: at least one of them is
// not what it says it is.
var ErrUnrelated = errors.New("the journals have nothing in common")

// Side is one of the two that a merge brings together.
type Side string

// The sides.
const (
	Ours   Side = "ours"   // the session that is merged into
	Theirs Side = "theirs" // the other one
)

// Signed says who said something, and when.
type Signed struct {
	Who  string
	Time time.Time
}

// MergeSource is where the other side of a merge came from.
type MergeSource struct {
	File   string // without its folder
	SHA256 string // hex
}

// Choices say which side a conflict is decided for, by its Key. What is not among them is open.
type Choices map[string]Side

// MergePlan is what merging another journal of a session into it does. It belongs to the state of the
// session that it was made for.
type MergePlan struct {
	Source     MergeSource
	Head       Head // of the other journal
	Common     int  // events that both journals begin with
	Relation   MergeRelation
	Counts     MergeCounts
	Changes    []MergeChange
	Conflicts  []MergeConflict // decided ones, too
	Renumbered []Renumbered
	Labels     int // labeled snapshots of theirs alone: they name states of the other journal, and stay there

	m       *merging
	choices Choices
	now     time.Time
}

// MergeRelation says how two journals of one session relate.
type MergeRelation string

// The relations.
const (
	MergeContained MergeRelation = "contained" // the session has all of the other journal, also by a merge
	MergeForward   MergeRelation = "forward"   // the session's journal is the beginning of the other one
	MergeSame      MergeRelation = "same"      // both say the same, and the other journal holds this one by a merge
	MergeDiverged  MergeRelation = "diverged"
)

// MergeCounts counts parts of records that theirs changed.
type MergeCounts struct {
	New      int // nothing was recorded here
	Changed  int
	Same     int // both sides made the same change
	Conflict int // that are open
	Decided  int // conflicts that were decided
}

// MergeChange is a part of a record that is taken over from the other side.
type MergeChange struct {
	About  string // "GV.OC-01/secure", "GV.OC-01", "A-3", "session", "tier", "brand"
	Field  string // "current", "target", …
	Before string // "" is nothing
	After  string
	By     Signed // who said so on the other side
}

// MergeConflict is a part of a record that both sides changed, each in its own way.
type MergeConflict struct {
	place
	About  string
	Field  string
	Base   string // "" is nothing
	Ours   string
	Theirs string

	OursBy, TheirsBy Signed // zero where the journal does not say

	Taken Side   // "" while it is open
	Why   string // why it is one where that does not show, or why theirs can not be taken; "" for most
}

// Key is the name by which Choices decide the conflict: "GV.OC-01/secure.current".
func (c MergeConflict) Key() string { return c.About + "." + c.Field }

// Renumbered is an action or AI system that theirs had under another id.
type Renumbered struct {
	Kind     Kind
	From, To string // "A-3", "A-5"
	Title    string
}

// place is a part of a record.
type place struct {
	key  key
	part string
}

// merging is two sessions that parted, and what they parted from.
type merging struct {
	ours, theirs, base *Session
	torn               map[place]bool // parts of base, by its ids, of which it does not say who changed them
	// unsure: both sides merged journals that are not at hand. Base may be older than what they have in
	// common, so a part that was changed and changed back counts as changed.
	unsure    bool
	changed   [2]map[place]Signed // by ours and by theirs since their journals part, with the last who did
	origins   [3]origins          // of ours, base and theirs
	contained bool                // theirs has all of ours
	source    MergeSource
}

// parted finds where two sessions parted.
func parted(ours, theirs *Session, act Act) (*merging, error) {
	m := &merging{ours: ours.fork(), theirs: theirs}
	common := Common(ours.journal, theirs.journal)
	if common == 0 {
		return nil, ErrUnrelated
	}
	var err error
	if m.base, m.torn, err = baseOf(ours, theirs, act); err != nil {
		return nil, err
	}
	m.contained = theirs.Holds(ours)
	m.unsure = ours.strangers(theirs, m.base) && theirs.strangers(ours, m.base)
	for i, s := range []*Session{ours, theirs} {
		if m.changed[i], err = changedSince(s.journal[common:]); err != nil {
			return nil, err
		}
	}
	for i, s := range []*Session{ours, m.base, theirs} {
		if m.origins[i], err = originsOf(s.journal); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Merge says what merging another journal of the same session into this one does, three-way: against the
// latest state that both have in common. What only one side changed is taken, what both changed alike is
// left, and what they changed differently is a conflict, which nobody but a person decides. The other
// session must be sound: its records are taken by the edits that a person makes, but who else it is about
// is the caller's to judge. Time is that of the act. A session that is not open, here or there, is refused
// with ErrClosed, one under another pack with ErrPack.
func (s *Session) Merge(theirs *Session, source MergeSource, now time.Time, choices Choices) (*MergePlan, error) {
	p := &MergePlan{Source: source, Head: theirs.head, Common: Common(s.journal, theirs.journal), Relation: MergeDiverged, choices: choices, now: now}
	wrap := func(err error) error { return fmt.Errorf("merge %q: %w", source.File, err) }
	switch {
	case theirs.info.ID != s.info.ID:
		return nil, wrap(fmt.Errorf("%w: it is of session %s", ErrUnrelated, theirs.info.ID))
	case s.Holds(theirs):
		p.Relation = MergeContained
		return p, nil
	case p.Common == len(s.journal):
		p.Relation = MergeForward
		return p, nil
	case s.info.Status != Open:
		return nil, wrap(fmt.Errorf("%w: it is %s", ErrClosed, s.info.Status))
	case theirs.info.Status != Open:
		return nil, wrap(fmt.Errorf("%w: in the file it is %s, and has to be opened where it came from", ErrClosed, theirs.info.Status))
	case !theirs.pack.Names(s.cat):
		return nil, wrap(fmt.Errorf("%w: here it is under %v, in the file under %v; migrate the older one first", ErrPack, s.pack, theirs.pack))
	}
	act := p.Act("plan", "")
	m, err := parted(s, theirs, act)
	if err != nil {
		return nil, wrap(err)
	}
	m.source = source
	tried, _, err := m.try(act, choices)
	if err != nil {
		return nil, wrap(err)
	}
	tried.Source, tried.Head, tried.Common, tried.now = p.Source, p.Head, p.Common, now
	tried.Relation = MergeDiverged
	if m.contained && len(tried.Changes)+len(tried.Conflicts) == 0 {
		tried.Relation = MergeSame
	}
	for _, l := range theirs.labels {
		if !slices.Contains(s.labels, l) {
			tried.Labels++
		}
	}
	return tried, nil
}

// Act returns the act by which the merge is done: its reason names the file, its hash and the head that
// was merged, after what the person says.
func (p *MergePlan) Act(who, reason string) Act {
	source := fmt.Sprintf("merge of %q, SHA-256 %s, journal head %v", p.Source.File, p.Source.SHA256, p.Head)
	if reason != "" {
		source = reason + " (" + source + ")"
	}
	return Act{Who: who, Time: p.now, Reason: source}
}

// Apply makes the edits, which are those that were tried when the plan was made. It refuses to run on
// another state of the session, and while a conflict is open.
func (p *MergePlan) Apply(e *Edit) error {
	switch {
	case p.Relation != MergeDiverged:
		return fmt.Errorf("merge %q: there is nothing to merge: %s", p.Source.File, p.Relation)
	case p.Counts.Conflict > 0:
		return fmt.Errorf("merge %q: %d conflicts are open", p.Source.File, p.Counts.Conflict)
	case e.s.head != p.m.ours.head:
		return fmt.Errorf("merge %q: the session has changed since the merge was planned", p.Source.File)
	}
	return (&merger{merging: p.m, e: e, plan: &MergePlan{choices: p.choices}}).run()
}

// try merges on a copy of ours.
func (m *merging) try(act Act, choices Choices) (*MergePlan, *Session, error) {
	scratch := m.ours.fork()
	plan := &MergePlan{m: m, choices: choices}
	_, err := scratch.Do(act, (&merger{merging: m, plan: plan}).on)
	return plan, scratch, err
}

// fork returns a session that begins with all that s has, and of whose changes s knows nothing.
func (s *Session) fork() *Session {
	return &Session{current: *s.clone(), packs: s.packs, journal: slices.Clip(s.journal), group: s.group}
}

// merger carries a merge out, record by record.
type merger struct {
	*merging
	e    *Edit
	plan *MergePlan
	mark Merged
}

func (m *merger) on(e *Edit) error {
	m.e = e
	return m.run()
}

func (m *merger) run() (err error) {
	m.mark = Merged{SHA256: m.source.SHA256, Heads: []Head{m.theirs.head}}
	if m.mark.File, err = line("name of the file", m.source.File, MaxReference); err != nil {
		return err
	}
	known := slices.Collect(m.ours.mergedHeads)
	for h := range m.theirs.mergedHeads {
		if !slices.Contains(known, h) && !h.in(m.theirs.journal) && !h.in(m.ours.journal) {
			m.mark.Heads = append(m.mark.Heads, h)
			known = append(known, h)
		}
	}
	if m.mark.ID, err = m.e.nextID(KindMerge); err != nil {
		return err
	}
	k := key{KindMerge, m.mark.ID}
	m.e.touch(k) // its event comes first

	ours, base, theirs := &m.ours.current, &m.base.current, &m.theirs.current
	for _, id := range asideIDs(base, ours, theirs) {
		b, o, t := find(base.asides, id), find(ours.asides, id), find(theirs.asides, id)
		mergeRecord(m, one(key{KindAside, id}), asideParts, &b, &o, &t)
	}
	mergeRecord(m, one(key{KindInfo, ""}), infoParts, &base.info, &ours.info, &theirs.info)
	m.mergeTier()
	mergeRecord(m, one(key{KindBrand, ""}), brandParts, &base.brand, &ours.brand, &theirs.brand)
	for sub := range ours.cat.Subcategories() { // before the items, which may inherit from them
		b, o, t := base.base[sub.ID], ours.base[sub.ID], theirs.base[sub.ID]
		mergeRecord(m, one(key{KindBase, sub.ID}), baseParts, &b, &o, &t)
	}
	for it := range ours.cat.Items() {
		i := it.Index
		mergeRecord(m, one(key{KindResponse, it.ID.String()}), responseParts, &base.responses[i], &ours.responses[i], &theirs.responses[i])
	}
	err = errors.Join(
		mergeNumbered(m, KindSystem, func(s *Snapshot) []System { return s.systems }, systemParts,
			func(v System) (string, error) { v.ID = ""; return m.e.PutSystem(v) }, m.e.RemoveSystem),
		mergeNumbered(m, KindAction, func(s *Snapshot) []Action { return s.actions }, actionParts,
			func(v Action) (string, error) { v.ID = ""; return m.e.PutAction(v) }, m.e.RemoveAction),
	)
	m.sign()
	return errors.Join(err, m.e.set(k, m.mark))
}

// asideIDs returns what any of the states has put aside, in order.
func asideIDs(states ...*Snapshot) []string {
	var ids []string
	for _, s := range states {
		for _, a := range s.asides {
			ids = append(ids, a.ID)
		}
	}
	slices.SortFunc(ids, byNumber)
	return slices.Compact(ids)
}

func (m *merger) mergeTier() {
	var tiers [3]TierStatement
	for i, s := range []*Session{m.base, m.ours, m.theirs} {
		if s.tier != nil {
			tiers[i] = *s.tier
		}
	}
	mergeRecord(m, one(key{KindTier, ""}), tierParts, &tiers[0], &tiers[1], &tiers[2])
}

// keys of one record: on our side, in base, on theirs.
type keys struct{ ours, base, theirs key }

func one(k key) keys { return keys{k, k, k} }

// about names a record to people.
func (k key) about() string {
	switch {
	case k.subject == "":
		return string(k.kind)
	case k.kind == KindAside:
		return k.String()
	}
	return k.subject
}

// mergeRecord merges a record part by part.
func mergeRecord[T any](m *merger, k keys, parts []part[T], base, ours, theirs *T) {
	for _, p := range parts {
		if p.same(ours, theirs) {
			if !p.same(base, theirs) {
				m.plan.Counts.Same++
			}
			continue
		}
		torn := m.torn[place{k.base, p.name}]
		oursToo := torn || !p.same(base, ours) || m.turned(0, place{k.ours, p.name}) || m.leansOnBase(m.ours, k.ours, p.name)
		theirsToo := torn || !p.same(base, theirs) || m.turned(1, place{k.theirs, p.name}) || m.leansOnBase(m.theirs, k.theirs, p.name)
		take := func(to *T) error { return p.set(m.e, k.ours, to) }
		refused := m.plan.choices[k.about()+"."+p.name] == Ours
		switch {
		case !theirsToo:
		case !oursToo && !refused:
			if err := take(theirs); err != nil {
				m.conflict(k, p.name, p.show(base), p.show(ours), p.show(theirs), "theirs can not be taken: "+reasonOf(err), nil)
				continue
			}
			m.change(k, p.name, p.show(ours), p.show(theirs))
		case p.join != nil && !torn && !refused:
			both := p.join(*base, *ours, *theirs)
			if p.same(&both, ours) {
				continue
			}
			if err := take(&both); err != nil {
				m.conflict(k, p.name, p.show(base), p.show(ours), p.show(theirs), "they can not be put together: "+reasonOf(err), func() error { return take(theirs) })
				continue
			}
			m.change(k, p.name, p.show(ours), p.show(&both))
		default:
			why := ""
			if !torn && !refused && (p.same(base, ours) || p.same(base, theirs)) {
				why = m.whyNot(k, p.name)
			}
			m.conflict(k, p.name, p.show(base), p.show(ours), p.show(theirs), why, func() error { return take(theirs) })
		}
	}
}

// reasonOf is an error without the item that it is about.
func reasonOf(err error) string {
	if inner, ok := errors.AsType[*ItemError](err); ok {
		err = inner.Err
	}
	return err.Error()
}

// turned reports whether a side changed a part and may have changed it back, where base can not tell.
func (m *merging) turned(side int, at place) bool {
	_, ok := m.changed[side][at]
	return m.unsure && ok
}

// leansOnBase reports whether a side let an item inherit the base rating anew: whoever did that said yes
// to this base rating, which the other side may have changed.
func (m *merging) leansOnBase(side *Session, k key, name string) bool {
	if k.kind != KindBase || name != string(FieldCurrent) {
		return false
	}
	for it := range side.cat.Items() {
		if it.ID.Sub == k.subject && side.responses[it.Index].Inherited && !m.base.responses[it.Index].Inherited {
			return true
		}
	}
	return false
}

// whyNot says why a part is in conflict that one side did not change.
func (m *merger) whyNot(k keys, name string) string {
	if k.ours.kind == KindBase && name == string(FieldCurrent) {
		return "one side changed it, and on the other one an item inherits it since"
	}
	return "it was changed on both sides, and on one changed back"
}

// change notes what was taken over.
func (m *merger) change(k keys, name, before, after string) {
	if before == "" {
		m.plan.Counts.New++
	} else {
		m.plan.Counts.Changed++
	}
	m.plan.Changes = append(m.plan.Changes, MergeChange{k.about(), name, before, after, m.changed[1][place{k.theirs, name}]})
}

// about names the record as our side does, or as theirs where only they have it.
func (k keys) about() string {
	if k.ours == (key{}) {
		return k.theirs.about()
	}
	return k.ours.about()
}

// conflict notes a conflict and, where theirs was chosen, takes theirs. Take is nil where that was tried
// in vain.
func (m *merger) conflict(k keys, name, base, ours, theirs, why string, take func() error) {
	c := MergeConflict{
		place: place{k.ours, name}, About: k.about(), Field: name, Base: base, Ours: ours, Theirs: theirs, Why: why,
		OursBy: m.changed[0][place{k.ours, name}], TheirsBy: m.changed[1][place{k.theirs, name}],
	}
	switch side := m.plan.choices[c.Key()]; {
	case side == Ours:
		c.Taken = Ours
	case side == Theirs && take != nil:
		if err := take(); err != nil {
			c.Why = "theirs can not be taken: " + reasonOf(err)
		} else {
			c.Taken = Theirs
		}
	}
	if c.Taken == "" {
		m.plan.Counts.Conflict++
	} else {
		m.plan.Counts.Decided++
	}
	m.plan.Conflicts = append(m.plan.Conflicts, c)
}

// thing is an action or AI system, as it is on our side, in base and on theirs; nil where it is not.
type thing[T numbered] struct {
	at   [3]*T
	keys [3]key
}

// things brings together which records of the three states are one thing, by the events that created
// them.
func things[T numbered](m *merging, kind Kind, list func(*Snapshot) []T) []*thing[T] {
	var all []*thing[T]
	by := make(map[Hash]*thing[T])
	for i, s := range []*Session{m.ours, m.base, m.theirs} {
		for _, v := range list(&s.current) {
			k := key{kind, v.id()}
			var th *thing[T]
			for _, h := range m.origins[i].of[k] {
				if known := by[h]; known != nil && known.at[i] == nil {
					th = known
				}
			}
			if th == nil {
				th = new(thing[T])
				all = append(all, th)
			}
			th.at[i], th.keys[i] = &v, k
			for _, h := range m.origins[i].of[k] {
				by[h] = th
				for j := range th.keys {
					if gone, ok := m.origins[j].by[h]; ok && th.at[j] == nil && gone.kind == kind {
						th.keys[j] = gone // as that side calls it, or called it once
					}
				}
			}
		}
	}
	return all
}

// mergeNumbered merges the actions, or the AI systems. What theirs added gets an id of ours.
func mergeNumbered[T numbered](m *merger, kind Kind, list func(*Snapshot) []T, parts []part[T], add func(T) (string, error), remove func(string) error) error {
	all := things(m.merging, kind, list)
	differ := func(a, b *T) bool {
		return slices.ContainsFunc(parts, func(p part[T]) bool { return !p.same(a, b) })
	}
	put := func(th *thing[T]) error {
		v := *th.at[2]
		id, err := add(v)
		if err != nil {
			return err
		}
		th.keys[0] = key{kind, id}
		m.mark.Origins = append(m.mark.Origins, Origin{key{kind, id}.String(), m.origins[2].of[th.keys[2]]})
		if id != v.id() {
			m.plan.Renumbered = append(m.plan.Renumbered, Renumbered{kind, v.id(), id, parts[0].show(&v)})
		}
		return nil
	}
	for _, th := range all {
		k := keys{th.keys[0], th.keys[1], th.keys[2]}
		name := parts[0].show // its title
		switch ours, base, theirs := th.at[0], th.at[1], th.at[2]; {
		case theirs == nil && base == nil, ours == nil && theirs == nil:
			// Ours alone, or gone on both sides.
		case theirs == nil && !differ(base, ours):
			if err := remove(k.ours.subject); err != nil {
				return err
			}
			m.change(k, whole, name(ours), "")
		case theirs == nil:
			m.conflict(k, whole, name(base), name(ours), "", "removed there, changed here", func() error { return remove(k.ours.subject) })
		case ours == nil && base == nil:
			if twin := slices.IndexFunc(all, func(o *thing[T]) bool {
				return o.at[0] != nil && o.at[1] == nil && o.at[2] == nil && !differ(o.at[0], theirs)
			}); twin >= 0 {
				all[twin].at[2] = theirs // only one of theirs is the same
				m.mark.Origins = append(m.mark.Origins, Origin{all[twin].keys[0].String(), m.origins[2].of[k.theirs]})
				m.plan.Counts.Same++
				continue
			}
			if err := put(th); err != nil {
				m.conflict(k, whole, "", "", name(theirs), "theirs can not be taken: "+reasonOf(err), nil)
				continue
			}
			k.ours = th.keys[0]
			m.change(k, whole, "", name(theirs))
		case ours == nil && !differ(base, theirs):
			// Removed here, and left as it was there.
		case ours == nil:
			m.conflict(k, whole, name(base), "", name(theirs), "removed here, changed there", func() error { return put(th) })
		default:
			if base == nil {
				base = new(T)
			}
			mergeRecord(m, k, parts, base, ours, theirs)
		}
	}
	return nil
}

// signature is who answered, and when.
type signature struct {
	who string
	at  time.Time
}

// later returns the later of two signatures.
func later(a, b signature) signature {
	if c := a.at.Compare(b.at); c > 0 || c == 0 && a.who > b.who {
		return a
	}
	return b
}

// sign leaves what was merged signed by those who said it: nobody answers anew. What comes from both sides
// is signed by the one who came last.
func (m *merger) sign() {
	m.e.signed = make(map[int]signature)
	for i := range m.e.responses {
		now, ours, theirs := m.e.s.responses[i], m.ours.responses[i], m.theirs.responses[i]
		by := later(signature{ours.By, ours.At}, signature{theirs.By, theirs.At})
		now.By, now.At, theirs.By, theirs.At = "", time.Time{}, "", time.Time{}
		if reflect.DeepEqual(now, theirs) {
			by = signature{m.theirs.responses[i].By, m.theirs.responses[i].At}
		}
		m.e.signed[i] = by
	}
	for sub, now := range m.e.s.base {
		ours, theirs := m.ours.base[sub], m.theirs.base[sub]
		by := later(signature{ours.By, ours.At}, signature{theirs.By, theirs.At})
		switch {
		case now.Current == ours.Current && now.Note == ours.Note:
			by = signature{ours.By, ours.At}
		case now.Current == theirs.Current && now.Note == theirs.Note:
			by = signature{theirs.By, theirs.At}
		}
		now.By, now.At = by.who, by.at
		m.e.s.base[sub] = now
	}
	if t, was := m.e.s.tier, m.theirs.tier; t != nil && t != m.ours.tier && was != nil {
		signed := *t
		signed.By, signed.At = was.By, was.At
		m.e.s.tier = &signed
	}
}

// changedSince returns which parts of which records the events changed, and who did so last.
func changedSince(journal [][]byte) (map[place]Signed, error) {
	changed := make(map[place]Signed)
	for i, raw := range journal {
		e, err := DecodeEvent(raw)
		var parts []string
		if err == nil {
			parts, err = e.parts()
		}
		if err != nil {
			return nil, fmt.Errorf("%w: event %d: %w", ErrDamaged, i+1, err)
		}
		for _, name := range parts {
			changed[place{e.key(), name}] = Signed{e.Who, e.Time}
		}
	}
	return changed, nil
}

// parts returns which parts of its record the event changed.
func (e Event) parts() ([]string, error) {
	switch e.Kind {
	case KindInfo:
		return differing(e, infoParts)
	case KindTier:
		return differing(e, tierParts)
	case KindBrand:
		return differing(e, brandParts)
	case KindResponse:
		return differing(e, responseParts)
	case KindBase:
		return differing(e, baseParts)
	case KindSystem:
		return differing(e, systemParts)
	case KindAction:
		return differing(e, actionParts)
	case KindAside:
		return differing(e, asideParts)
	}
	return nil, nil
}

func differing[T any](e Event, parts []part[T]) ([]string, error) {
	before, err := decoded[T](e.Before)
	if err != nil {
		return nil, err
	}
	after, err := decoded[T](e.After)
	if err != nil {
		return nil, err
	}
	names := []string{whole} // of the record as such, whatever changed in it
	for _, p := range parts {
		if p.name != whole && !p.same(&before, &after) {
			names = append(names, p.name)
		}
	}
	return names, nil
}
