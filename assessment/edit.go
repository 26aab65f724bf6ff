package assessment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"plumbline/content"
)

// Edit is one act in the making. Its methods change the session at once; when the act ends in an
// error all of it is taken back.
type Edit struct {
	s         *Session
	act       Act
	was       Status // of the session
	order     []key
	before    map[key]json.RawMessage
	responses map[int]Response  // what was, of the responses among them
	signed    map[int]signature // of those among them that others gave; see Merge
	err       error             // the first that touch met
}

// touch remembers a record as it was, before it is changed for the first time.
func (e *Edit) touch(k key) {
	if _, ok := e.before[k]; ok || e.err != nil {
		return
	}
	raw, err := e.s.record(k)
	if err != nil {
		e.err = err
		return
	}
	e.before[k] = raw
	e.order = append(e.order, k)
	if k.kind == KindResponse {
		i, _ := e.s.index(k.subject) // record has just found it
		e.responses[i] = e.s.responses[i]
	}
}

// response gives access to the response of an item, to be changed.
func (e *Edit) response(id content.ItemID) (*Response, error) {
	i, ok := e.s.cat.Index(id)
	if !ok {
		return nil, &ItemError{id, ErrUnknownItem}
	}
	e.touch(key{KindResponse, id.String()})
	return &e.s.responses[i], nil
}

// events turns what was changed into the events of one group, chained to the journal.
func (e *Edit) events() ([]Event, error) {
	for i, was := range e.responses {
		e.sign(i, was)
	}
	var events []Event
	head := e.s.head
	add := func(k key) error {
		if e.restated(k) {
			return e.s.put(k, e.before[k])
		}
		after, err := e.s.record(k)
		if err != nil || string(after) == string(e.before[k]) {
			return err
		}
		var ev Event
		ev, head, err = chain(Event{
			Group: e.s.group + 1, Time: e.act.Time, Who: e.act.Who, Reason: e.act.Reason,
			Kind: k.kind, Subject: k.subject, Before: e.before[k], After: after,
		}, head)
		events = append(events, ev)
		return err
	}
	for _, k := range e.order {
		if err := add(k); err != nil {
			return nil, err
		}
	}
	if pin := pinOf(e.s.cat); len(events) > 0 && e.s.pack != pin && e.was == Open && e.s.info.Status == Open {
		// The same facts in new words are adopted silently, with the first change.
		e.touch(key{KindPack, ""})
		e.s.pack = pin
		if err := add(key{KindPack, ""}); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// sign puts who and when on the response of an item that was changed, and on no other.
func (e *Edit) sign(i int, was Response) {
	r := &e.s.responses[i]
	now := *r
	now.By, now.At = was.By, was.At
	if reflect.DeepEqual(now, was) {
		*r = was
		return
	}
	now.By, now.At = "", time.Time{}
	if reflect.ValueOf(now).IsZero() {
		*r = Response{} // nothing is left to store
		return
	}
	r.By, r.At = e.act.Who, e.act.Time
	if by, ok := e.signed[i]; ok {
		r.By, r.At = by.who, by.at
	}
}

// restated reports whether a record that is signed as a whole says what it said before the act.
func (e *Edit) restated(k key) bool {
	switch k.kind {
	case KindBase:
		was, err := decoded[BaseRating](e.before[k])
		now := e.s.base[k.subject]
		was.By, was.At = now.By, now.At
		return err == nil && was == now
	case KindTier:
		was, err := decoded[*TierStatement](e.before[k])
		if err != nil || was == nil || e.s.tier == nil {
			return false
		}
		was.By, was.At = e.s.tier.By, e.s.tier.At
		return *was == *e.s.tier
	}
	return false
}

// rollback puts every record back as it was.
func (e *Edit) rollback() {
	for _, k := range slices.Backward(e.order) {
		if err := e.s.put(k, e.before[k]); err != nil {
			panic(fmt.Sprintf("assessment: a record that was just encoded can not be read: %v", err))
		}
	}
}

// Rate sets the current rating of an item, or clears it with Unrated. A rating by hand ends an
// inheritance. An item out of profile is refused with ErrOutOfProfile, so that nobody rates what no
// figure would count.
func (e *Edit) Rate(id content.ItemID, current Rating) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if err := current.check(); err != nil {
		return &ItemError{id, err}
	}
	if r.Out != "" && current.Known() {
		return &ItemError{id, ErrOutOfProfile}
	}
	r.Current, r.Inherited = current, false
	r.ToConfirm = r.ToConfirm && r.Out != "" // what was taken out waits for a word on that
	return nil
}

// Confirm says that what was answered before the pack changed the item still holds. Rating the item,
// also with the level that it has, inheriting and taking it out of profile confirm too. Where there is
// nothing to confirm, nothing changes.
func (e *Edit) Confirm(id content.ItemID) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	r.ToConfirm = false
	return nil
}

// Inherit lets an item take the base rating of its Subcategory, where the draft says that standard
// practices apply (ErrNotStandard) and there is one (ErrNoBase). The item then follows the base
// rating until it is rated by hand.
func (e *Edit) Inherit(id content.ItemID) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	it, _ := e.s.cat.Item(id)
	base := e.s.base[id.Sub].Current
	switch {
	case !it.StandardPractices:
		err = ErrNotStandard
	case !base.Known():
		err = ErrNoBase
	case r.Out != "":
		err = ErrOutOfProfile
	}
	if err != nil {
		return &ItemError{id, err}
	}
	r.Current, r.Inherited, r.ToConfirm = base, true, false
	return nil
}

// Base sets the base rating of a Subcategory, or removes it with Unrated. Items that inherit it
// follow: they change with it, and become unrated when it goes.
func (e *Edit) Base(sub string, current Rating, note string) error {
	if _, ok := e.s.cat.Subcategory(sub); !ok {
		return fmt.Errorf("%q: %w", sub, ErrUnknownItem)
	}
	if err := current.check(); err != nil {
		return fmt.Errorf("base rating of %s: %w", sub, err)
	}
	note, err := prose("note on the base rating", note)
	if err != nil {
		return err
	}
	e.touch(key{KindBase, sub})
	if current == Unrated && note == "" {
		delete(e.s.base, sub)
	} else {
		e.s.base[sub] = BaseRating{Current: current, Note: note, By: e.act.Who, At: e.act.Time}
	}
	for _, a := range content.Areas {
		id := content.ItemID{Sub: sub, Area: a}
		if _, ok := e.s.cat.Index(id); !ok {
			continue
		}
		r, err := e.response(id)
		if err != nil {
			return err
		}
		if r.Inherited {
			r.Current, r.Inherited = current, current.Known()
			r.ToConfirm = r.ToConfirm && (current.Known() || r.Out != "")
		}
	}
	return nil
}

// Target sets an individual target with its rationale, or removes the target with NoTarget.
func (e *Edit) Target(id content.ItemID, target Rating, reason string) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if n, ok := target.Level(); ok {
		if _, err := TargetAt(n); err != nil {
			return &ItemError{id, err}
		}
	}
	if reason, err = prose("rationale of the target", reason); err != nil {
		return &ItemError{id, err}
	}
	r.Target, r.TargetReason, r.Preset = target, reason, ""
	return nil
}

// Exclude takes an item out of profile: not applicable, or deliberately not pursued. Its rating is
// kept and no longer counted. A reason is required.
func (e *Edit) Exclude(id content.ItemID, reason string) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if reason, err = prose("reason", reason); err != nil {
		return &ItemError{id, err}
	}
	if reason == "" {
		return &ItemError{id, ErrNoReason}
	}
	r.Out, r.ToConfirm = reason, false
	return nil
}

// Include takes an item back into the profile.
func (e *Edit) Include(id content.ItemID) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	r.Out, r.ToConfirm = "", r.ToConfirm && r.Current.Known()
	return nil
}

// Prioritize sets the organization's own priority of an item, with a reason; 0, or the draft's own
// priority, goes back to the draft's.
func (e *Edit) Prioritize(id content.ItemID, p content.Priority, reason string) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if it, _ := e.s.cat.Item(id); p == it.Priority || p == 0 {
		r.Priority, r.PriorityReason = 0, ""
		return nil
	}
	if reason, err = prose("reason", reason); err == nil && reason == "" {
		err = ErrNoReason
	}
	if err == nil && !p.Valid() {
		err = fmt.Errorf("%d is not a priority (1 High, 2 Moderate, 3 Foundational)", p)
	}
	if err != nil {
		return &ItemError{id, err}
	}
	r.Priority, r.PriorityReason = p, reason
	return nil
}

// Note replaces the note of an item.
func (e *Edit) Note(id content.ItemID, note string) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if note, err = prose("note", note); err != nil {
		return &ItemError{id, err}
	}
	r.Note = note
	return nil
}

// Owner replaces the owner of an item.
func (e *Edit) Owner(id content.ItemID, owner string) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if owner, err = line("owner", owner, MaxName); err != nil {
		return &ItemError{id, err}
	}
	r.Owner = owner
	return nil
}

// Asked replaces the roles that were asked about an item.
func (e *Edit) Asked(id content.ItemID, roles []string) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if roles, err = lines("role", roles, MaxName); err != nil {
		return &ItemError{id, err}
	}
	r.Asked = roles
	return nil
}

// AddEvidence adds an entry to an item. Method and reference are required; an empty date is the day
// of the act.
func (e *Edit) AddEvidence(id content.ItemID, ev Evidence) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if ev, err = e.checkEvidence(ev); err != nil {
		return &ItemError{id, err}
	}
	if len(r.Evidence) >= MaxEvidence {
		return &ItemError{id, fmt.Errorf("%w: it has %d entries of evidence, and no more fit", ErrText, len(r.Evidence))}
	}
	r.Evidence = append(slices.Clip(r.Evidence), ev)
	return nil
}

func (e *Edit) checkEvidence(ev Evidence) (Evidence, error) {
	var err error
	if ev.Method == None || ev.Method > Tested {
		return ev, fmt.Errorf("an evidence entry needs a method (tested, examined, interviewed or asserted)")
	}
	if ev.Date, err = ParseDate(string(ev.Date)); err != nil {
		return ev, err
	}
	if ev.Date == "" {
		ev.Date = DayOf(e.act.Time)
	}
	if ev.Date > DayOf(e.act.Time.Add(24*time.Hour)) { // a day's grace: the sun is ahead of UTC somewhere
		return ev, fmt.Errorf("evidence can not be of %s, which is yet to come", ev.Date)
	}
	if ev.Ref, err = required("reference of the evidence", ev.Ref, MaxReference); err != nil {
		return ev, err
	}
	if ev.File, err = line("file name", ev.File, MaxReference); err != nil {
		return ev, err
	}
	if ev.SHA256 != "" {
		if err = new(Hash).UnmarshalText([]byte(ev.SHA256)); err != nil {
			return ev, fmt.Errorf("SHA-256 of the evidence: %w", err)
		}
		ev.SHA256 = strings.ToLower(ev.SHA256)
	}
	if ev.By, err = line("name of who adds the evidence", ev.By, MaxName); err == nil && ev.By == "" {
		ev.By = e.act.Who
	}
	return ev, err
}

// RemoveEvidence removes the entry with that index, 0 first.
func (e *Edit) RemoveEvidence(id content.ItemID, index int) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if index < 0 || index >= len(r.Evidence) {
		return &ItemError{id, fmt.Errorf("evidence entry %d: %w", index+1, ErrUnknownID)}
	}
	r.Evidence = slices.Delete(slices.Clone(r.Evidence), index, index+1)
	if len(r.Evidence) == 0 {
		r.Evidence = nil
	}
	return nil
}

// Accept records that the gap of an item is accepted until a day that lies ahead.
func (e *Edit) Accept(id content.ItemID, a Acceptance) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	if a.Reason, err = prose("reason", a.Reason); err == nil && a.Reason == "" {
		err = ErrNoReason
	}
	if err == nil {
		a.Approver, err = required("approver", a.Approver, MaxName)
	}
	if err == nil {
		a.Expires, err = ParseDate(string(a.Expires))
	}
	if err == nil && a.Expires <= DayOf(e.act.Time) {
		err = fmt.Errorf("%w, not %q", ErrExpiry, a.Expires)
	}
	if i, _ := e.s.cat.Index(id); err == nil && e.s.Entry(i).Gap() == 0 {
		err = ErrNoGap
	}
	if err != nil {
		return &ItemError{id, err}
	}
	r.Accepted = &a
	return nil
}

// Unaccept removes the acceptance of a gap.
func (e *Edit) Unaccept(id content.ItemID) error {
	r, err := e.response(id)
	if err != nil {
		return err
	}
	r.Accepted = nil
	return nil
}

// Info changes what the session says of itself. Its id and the time of its creation stay. A change of
// the status must be the only one of its act.
func (e *Edit) Info(change func(*Info)) error {
	e.touch(key{KindInfo, ""})
	in := e.s.info
	// A change inside one of these lists must not reach what was handed out.
	in.Units, in.Assumptions, in.Assessors = slices.Clone(in.Units), slices.Clone(in.Assumptions), slices.Clone(in.Assessors)
	change(&in)
	if e.s.head.Seq > 0 {
		in.ID, in.Created = e.s.info.ID, e.s.info.Created
	}
	if err := in.check(); err != nil {
		return err
	}
	e.s.info = in
	return nil
}

// Tier replaces the Tier statement.
func (e *Edit) Tier(t TierStatement) error {
	if err := t.check(); err != nil {
		return err
	}
	t.By, t.At = e.act.Who, e.act.Time
	e.touch(key{KindTier, ""})
	e.s.tier = &t
	return nil
}

// RemoveTier removes the Tier statement. Where there is none, nothing changes.
func (e *Edit) RemoveTier() error {
	e.touch(key{KindTier, ""})
	e.s.tier = nil
	return nil
}

// Brand replaces how the session's reports look; the zero Brand is the plain look. Of the logo the
// pixels alone are kept (see Brand).
func (e *Edit) Brand(b Brand) (err error) {
	if b.Accent, err = cleanAccent(b.Accent); err != nil {
		return err
	}
	b.LogoName = b.LogoName[strings.LastIndexAny(b.LogoName, `/\`)+1:] // folders tell of the person
	if b.LogoName, err = line("name of the logo's file", b.LogoName, MaxReference); err != nil {
		return err
	}
	switch {
	case len(b.Logo) == 0:
		b.Logo, b.LogoName = nil, ""
	case !bytes.Equal(b.Logo, e.s.brand.Logo): // which was painted anew when it came
		if b.Logo, err = cleanLogo(b.Logo); err != nil {
			return err
		}
	}
	if err := b.check(); err != nil {
		return err
	}
	e.touch(key{KindBrand, ""})
	e.s.brand = b
	return nil
}

// PutSystem adds an AI system (no ID) or replaces the one of that ID, and returns its id.
func (e *Edit) PutSystem(v System) (_ string, err error) {
	if v.ID == "" {
		v.ID, err = e.nextID(KindSystem)
	} else if _, ok := search(e.s.systems, v.ID); !ok {
		err = fmt.Errorf("AI system %q: %w", v.ID, ErrUnknownID)
	}
	if err == nil {
		err = v.check()
	}
	if err != nil {
		return "", err
	}
	return v.ID, e.set(key{KindSystem, v.ID}, v)
}

// RemoveSystem removes an AI system.
func (e *Edit) RemoveSystem(id string) error {
	if _, ok := search(e.s.systems, id); !ok {
		return fmt.Errorf("AI system %q: %w", id, ErrUnknownID)
	}
	e.touch(key{KindSystem, id})
	return e.s.put(key{KindSystem, id}, nil)
}

// PutAction adds an action (no ID) or replaces the one of that ID, and returns its id.
func (e *Edit) PutAction(v Action) (_ string, err error) {
	if v.ID == "" {
		v.ID, err = e.nextID(KindAction)
	} else if _, ok := search(e.s.actions, v.ID); !ok {
		err = fmt.Errorf("action %q: %w", v.ID, ErrUnknownID)
	}
	if err == nil {
		err = v.check(&e.s.current)
	}
	if err != nil {
		return "", err
	}
	return v.ID, e.set(key{KindAction, v.ID}, v)
}

// RemoveAction removes an action.
func (e *Edit) RemoveAction(id string) error {
	if _, ok := search(e.s.actions, id); !ok {
		return fmt.Errorf("action %q: %w", id, ErrUnknownID)
	}
	e.touch(key{KindAction, id})
	return e.s.put(key{KindAction, id}, nil)
}

// TakeSnapshot labels the state before this act and returns the label. A label that another snapshot has
// already, in any case, is refused with ErrText: it could not be named by it.
func (e *Edit) TakeSnapshot(label string) (Label, error) {
	label, err := required("label of the snapshot", label, MaxName)
	if err != nil {
		return Label{}, err
	}
	for _, l := range e.s.Labels() {
		if strings.EqualFold(l.Label, label) || strings.EqualFold(l.ID, label) {
			return Label{}, fmt.Errorf("%w: the snapshot %s is called %q already; choose another label", ErrText, l.ID, l.Label)
		}
	}
	id, err := e.nextID(KindSnapshot)
	if err != nil {
		return Label{}, err
	}
	l := Label{ID: id, Label: label, Head: e.s.head, By: e.act.Who, At: e.act.Time}
	return l, e.set(key{KindSnapshot, l.ID}, l)
}

// nextID returns an id that no record of this kind has or ever had in this session, not even one that
// was removed or undone: "A-3" in an old report stays that one action.
func (e *Edit) nextID(kind Kind) (string, error) {
	n, err := e.s.numbers.last(kind, e.s.journal)
	if err != nil {
		return "", err
	}
	for _, k := range e.order { // no event tells of these yet
		if k.kind == kind {
			n = max(n, numberOf(kind, k.subject))
		}
	}
	return fmt.Sprint(idPrefix[kind], n+1), nil
}

func (e *Edit) set(k key, v any) error {
	e.touch(k)
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return e.s.put(k, raw)
}
