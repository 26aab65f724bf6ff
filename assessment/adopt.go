package assessment

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Adopt starts a new session with the state that the records of another one describe, of which no
// history is at hand. Like Copy it leaves out labeled snapshots, marks of merges and the status. The reason of the act
// should say where the records come from: it is all that the new session knows of its origin.
func Adopt(packs Packs, records map[string][]byte, id, name string, act Act) (*Session, Delta, error) {
	was, err := restore(packs, records)
	if err != nil {
		return nil, Delta{}, fmt.Errorf("start a session from records: %w", err)
	}
	return (&Session{current: was, packs: packs}).Copy(id, name, act)
}

// ErrRecord says that a record of a session holds what no act can have put there.
var ErrRecord = errors.New("a record holds what no session can")

// Check judges a state that came from elsewhere as the acts judge what people enter: levels, targets,
// priorities and days are such, texts are clean and no longer than they may be, and what is required is
// there. Loading a session does not look at that, since it trusts its store. The error is ErrRecord.
func (s *Snapshot) Check() error {
	bad := func(k key, err error) error { return fmt.Errorf("%w: %q: %w", ErrRecord, k, err) }
	info := s.info
	info.Units, info.Assumptions, info.Assessors = slices.Clone(info.Units), slices.Clone(info.Assumptions), slices.Clone(info.Assessors)
	if err := same(&info, s.info, info.check()); err != nil {
		return bad(key{KindInfo, ""}, err)
	}
	if s.tier != nil {
		tier := *s.tier
		if err := same(&tier, *s.tier, cmp.Or(tier.check(), clean("name", tier.By, MaxName))); err != nil {
			return bad(key{KindTier, ""}, err)
		}
	}
	if err := clean("name of the logo", s.brand.LogoName, MaxReference); err != nil { // the rest was judged when it was read
		return bad(key{KindBrand, ""}, err)
	}
	for i := range s.responses {
		if err := s.responses[i].check(); err != nil {
			return bad(key{KindResponse, s.cat.At(i).ID.String()}, err)
		}
	}
	for _, sub := range slices.Sorted(maps.Keys(s.base)) {
		if err := s.base[sub].check(); err != nil {
			return bad(key{KindBase, sub}, err)
		}
	}
	for _, v := range s.systems {
		was := v
		err := same(&v, was, v.check())
		if err != nil || numberOf(KindSystem, was.ID) == 0 {
			return bad(key{KindSystem, was.ID}, cmp.Or(err, ErrUnknownID))
		}
	}
	for _, v := range s.actions {
		was := v
		err := same(&v, was, v.check(s))
		if err != nil || numberOf(KindAction, was.ID) == 0 {
			return bad(key{KindAction, was.ID}, cmp.Or(err, ErrUnknownID))
		}
	}
	for _, l := range s.labels {
		if err := cmp.Or(clean("label", l.Label, MaxName), clean("name", l.By, MaxName)); err != nil || numberOf(KindSnapshot, l.ID) == 0 {
			return bad(key{KindSnapshot, l.ID}, cmp.Or(err, ErrUnknownID))
		}
	}
	for _, m := range s.merges {
		if err := clean("name of the file", m.File, MaxReference); err != nil || numberOf(KindMerge, m.ID) == 0 {
			return bad(key{KindMerge, m.ID}, cmp.Or(err, ErrUnknownID))
		}
	}
	for _, a := range s.asides {
		err := cmp.Or(clean("title", a.Title, MaxNote), cleanText("question", a.Question))
		if a.Response != nil {
			err = cmp.Or(err, a.Response.check())
		}
		if a.Base != nil {
			err = cmp.Or(err, a.Base.check())
		}
		if err != nil {
			return bad(key{KindAside, a.ID}, err)
		}
	}
	return nil
}

// same returns the error of a check, or one where the check had to clean what it looked at.
func same[T any](checked *T, was T, err error) error {
	if err == nil && !reflect.DeepEqual(*checked, was) {
		err = errUnclean
	}
	return err
}

var errUnclean = fmt.Errorf("%w: it holds signs that are taken out of every text", ErrText)

// clean judges a text of one line, cleanText one of several.
func clean(what, s string, limit int) error {
	c, err := line(what, s, limit)
	return same(&c, s, err)
}

func cleanText(what, s string) error {
	c, err := prose(what, s)
	return same(&c, s, err)
}

func (b BaseRating) check() error {
	return cmp.Or(b.Current.check(), cleanText("note", b.Note), clean("name", b.By, MaxName))
}

func (r *Response) check() error {
	err := cmp.Or(
		r.Current.check(),
		cleanText("rationale of the target", r.TargetReason), clean("preset", r.Preset, MaxReference),
		cleanText("reason", r.Out), cleanText("reason of the priority", r.PriorityReason), cleanText("note", r.Note),
		clean("owner", r.Owner, MaxName), clean("name", r.By, MaxName),
	)
	if n, ok := r.Target.Level(); ok && err == nil {
		_, err = TargetAt(n)
	}
	switch {
	case r.Priority != 0 && !r.Priority.Valid():
		err = cmp.Or(err, fmt.Errorf("%d is not a priority", r.Priority))
	case r.Priority != 0 && r.PriorityReason == "":
		err = cmp.Or(err, fmt.Errorf("its priority: %w", ErrNoReason))
	}
	for _, role := range r.Asked {
		err = cmp.Or(err, clean("role", role, MaxName))
	}
	for _, e := range r.Evidence {
		err = cmp.Or(err, e.check())
	}
	if a := r.Accepted; a != nil {
		err = cmp.Or(err, a.check())
	}
	if len(r.Evidence) > MaxEvidence {
		err = cmp.Or(err, fmt.Errorf("it has %d entries of evidence, at most %d fit", len(r.Evidence), MaxEvidence))
	}
	return err
}

func (a *Acceptance) check() error {
	_, err := ParseDate(string(a.Expires))
	switch {
	case a.Reason == "":
		err = fmt.Errorf("its acceptance: %w", ErrNoReason)
	case a.Approver == "" || a.Expires == "":
		err = fmt.Errorf("%w: its acceptance has no approver, or no day on which it lapses", ErrText)
	}
	return cmp.Or(err, cleanText("reason", a.Reason), clean("approver", a.Approver, MaxName))
}

func (e Evidence) check() error {
	_, err := ParseDate(string(e.Date))
	switch {
	case e.Method == None || e.Method > Tested:
		err = errors.New("its evidence has no method")
	case e.Ref == "":
		err = fmt.Errorf("%w: its evidence has no reference", ErrText)
	}
	if e.SHA256 != "" {
		err = cmp.Or(err, new(Hash).UnmarshalText([]byte(e.SHA256)))
	}
	return cmp.Or(err, clean("reference", e.Ref, MaxReference), clean("file name", e.File, MaxReference), clean("name", e.By, MaxName))
}
