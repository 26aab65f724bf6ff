package assessment

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"plumbline/content"
)

// part is what of a record is merged by itself.
type part[T any] struct {
	name string
	// copy brings the part from one record into another one, in a form in which two that say the same
	// are equal.
	copy func(to, from *T)
	show func(*T) string // "" is nothing
	// set makes the part of the session's record what it is in to, by the edits that a person makes. An
	// error leaves the record as it was.
	set func(e *Edit, k key, to *T) error
	// join puts together what both sides changed, where the part is a set; else nil. Of the rest of the
	// records it takes ours.
	join func(base, ours, theirs T) T
}

func (p part[T]) same(a, b *T) bool {
	var x, y T
	p.copy(&x, a)
	p.copy(&y, b)
	return reflect.DeepEqual(x, y)
}

// onItem has an edit of a response leave it as it was where it fails.
func onItem(set func(e *Edit, id content.ItemID, r, to *Response) error) func(*Edit, key, *Response) error {
	return func(e *Edit, k key, to *Response) error {
		id, err := content.ParseItemID(k.subject)
		if err != nil {
			return err
		}
		r, err := e.response(id)
		if err != nil {
			return err
		}
		was := *r
		if err = set(e, id, r, to); err != nil {
			*r = was
		}
		return err
	}
}

// responseParts come in the order in which they are set: an acceptance needs the gap of rating and
// target.
var responseParts = []part[Response]{
	{
		// One part: nobody rates what another one takes out of profile, unseen.
		name: string(FieldCurrent),
		copy: func(to, from *Response) {
			to.Current, to.Inherited, to.Out, to.ToConfirm = from.Current, from.Inherited, from.Out, from.ToConfirm
			if to.Inherited {
				to.Current = Unrated // it follows the base rating, which is a record of its own
			}
		},
		show: func(r *Response) string {
			s := levelWordsOf(r.Current)
			if r.Inherited {
				s += " (inherited)"
			}
			if r.ToConfirm {
				s += " (to re-confirm)"
			}
			if r.Out != "" {
				s = strings.TrimSuffix("out of profile: "+r.Out+"; kept: "+s, "; kept: ")
			}
			return s
		},
		set: onItem(func(e *Edit, id content.ItemID, r, to *Response) error {
			err := e.Include(id)
			if to.Inherited {
				err = cmp.Or(err, e.Inherit(id))
			} else {
				err = cmp.Or(err, e.Rate(id, to.Current))
			}
			if to.Out != "" {
				err = cmp.Or(err, e.Exclude(id, to.Out))
			}
			r.ToConfirm = to.ToConfirm
			return err
		}),
	},
	{
		name: string(FieldTarget),
		copy: func(to, from *Response) {
			to.Target, to.TargetReason, to.Preset = from.Target, from.TargetReason, from.Preset
		},
		show: func(r *Response) string { return because(levelWordsOf(r.Target), r.TargetReason) },
		set: onItem(func(e *Edit, id content.ItemID, r, to *Response) error {
			err := e.Target(id, to.Target, to.TargetReason)
			r.Preset = to.Preset
			return err
		}),
	},
	{
		name: string(FieldPriority),
		copy: func(to, from *Response) { to.Priority, to.PriorityReason = from.Priority, from.PriorityReason },
		show: func(r *Response) string {
			if r.Priority == 0 {
				return ""
			}
			return because(r.Priority.String(), r.PriorityReason)
		},
		set: onItem(func(e *Edit, id content.ItemID, _, to *Response) error {
			return e.Prioritize(id, to.Priority, to.PriorityReason)
		}),
	},
	{
		name: string(FieldAccepted),
		copy: func(to, from *Response) { to.Accepted = from.Accepted },
		show: func(r *Response) string {
			if r.Accepted == nil {
				return ""
			}
			return fmt.Sprintf("until %s by %s: %s", r.Accepted.Expires, r.Accepted.Approver, r.Accepted.Reason)
		},
		set: onItem(func(e *Edit, id content.ItemID, _, to *Response) error {
			if to.Accepted == nil {
				return e.Unaccept(id)
			}
			return e.Accept(id, *to.Accepted)
		}),
	},
	{
		name: string(FieldOwner),
		copy: func(to, from *Response) { to.Owner = from.Owner },
		show: func(r *Response) string { return r.Owner },
		set:  onItem(func(e *Edit, id content.ItemID, _, to *Response) error { return e.Owner(id, to.Owner) }),
	},
	{
		name: string(FieldAsked),
		copy: func(to, from *Response) { to.Asked = sortedSet(from.Asked, strings.Compare) },
		show: func(r *Response) string { return strings.Join(r.Asked, "; ") },
		set:  onItem(func(e *Edit, id content.ItemID, _, to *Response) error { return e.Asked(id, to.Asked) }),
		join: func(base, ours, theirs Response) Response {
			ours.Asked = joined(base.Asked, ours.Asked, theirs.Asked)
			return ours
		},
	},
	{
		name: string(FieldNote),
		copy: func(to, from *Response) { to.Note = from.Note },
		show: func(r *Response) string { return r.Note },
		set:  onItem(func(e *Edit, id content.ItemID, _, to *Response) error { return e.Note(id, to.Note) }),
	},
	{
		name: string(FieldEvidence),
		copy: func(to, from *Response) { to.Evidence = sortedSet(from.Evidence, compareEvidence) },
		show: func(r *Response) string {
			var list []string
			for _, ev := range r.Evidence {
				list = append(list, fmt.Sprintf("%v %s: %s", ev.Method, ev.Date, ev.Ref))
			}
			return strings.Join(list, "; ")
		},
		set: onItem(func(e *Edit, id content.ItemID, r, to *Response) error {
			for i, ev := range slices.Backward(r.Evidence) {
				if slices.Contains(to.Evidence, ev) {
					continue
				}
				if err := e.RemoveEvidence(id, i); err != nil {
					return err
				}
			}
			for _, ev := range to.Evidence {
				if slices.Contains(r.Evidence, ev) {
					continue
				}
				if err := e.AddEvidence(id, ev); err != nil {
					return err
				}
			}
			return nil
		}),
		join: func(base, ours, theirs Response) Response {
			ours.Evidence = joined(base.Evidence, ours.Evidence, theirs.Evidence)
			return ours
		},
	},
}

func compareEvidence(a, b Evidence) int {
	return cmp.Or(
		strings.Compare(string(a.Date), string(b.Date)), cmp.Compare(a.Method, b.Method), strings.Compare(a.Ref, b.Ref),
		strings.Compare(a.File, b.File), strings.Compare(a.SHA256, b.SHA256), strings.Compare(a.By, b.By),
	)
}

// sortedSet returns a list in order and each value once, nil for none.
func sortedSet[T comparable](list []T, compare func(a, b T) int) []T {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// joined returns ours without what theirs removed from base, and with what theirs added to it.
func joined[T comparable](base, ours, theirs []T) []T {
	var out []T
	for _, v := range ours {
		if slices.Contains(theirs, v) || !slices.Contains(base, v) {
			out = append(out, v)
		}
	}
	for _, v := range theirs {
		if !slices.Contains(base, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// levelWordsOf says a rating as previews show it: "2 Largely achieved", "" for none.
func levelWordsOf(r Rating) string {
	if !r.Known() {
		return ""
	}
	return r.String() + " " + r.Word()
}

// because says a value with the reason that goes with it.
func because(value, reason string) string {
	if value == "" || reason == "" {
		return value
	}
	return value + ": " + reason
}

var baseParts = []part[BaseRating]{
	{
		name: string(FieldCurrent),
		copy: func(to, from *BaseRating) { to.Current = from.Current },
		show: func(b *BaseRating) string { return levelWordsOf(b.Current) },
		set: func(e *Edit, k key, to *BaseRating) error {
			return e.Base(k.subject, to.Current, e.s.base[k.subject].Note)
		},
	},
	{
		name: string(FieldNote),
		copy: func(to, from *BaseRating) { to.Note = from.Note },
		show: func(b *BaseRating) string { return b.Note },
		set: func(e *Edit, k key, to *BaseRating) error {
			return e.Base(k.subject, e.s.base[k.subject].Current, to.Note)
		},
	},
}

// whole is the only part of records that say one thing, and says in conflicts that a record was
// removed on one side.
const whole = "all"

var tierParts = []part[TierStatement]{{
	name: whole,
	copy: func(to, from *TierStatement) {
		to.Governance, to.Management, to.Rationale = from.Governance, from.Management, from.Rationale
	},
	show: func(t *TierStatement) string {
		if t.checkTiers() != nil {
			return ""
		}
		return because(fmt.Sprintf("governance %d %s, management %d %s", t.Governance, TierName(t.Governance), t.Management, TierName(t.Management)), t.Rationale)
	},
	set: func(e *Edit, _ key, to *TierStatement) error {
		if to.Governance == 0 {
			return e.RemoveTier()
		}
		return e.Tier(*to)
	},
}}

var brandParts = []part[Brand]{{
	name: whole,
	copy: func(to, from *Brand) { *to = *from },
	show: func(b *Brand) string {
		var list []string
		if b.Accent != "" {
			list = append(list, "accent "+b.Accent)
		}
		if len(b.Logo) > 0 {
			list = append(list, fmt.Sprintf("logo %q of %d bytes", b.LogoName, len(b.Logo)))
		}
		return strings.Join(list, ", ")
	},
	set: func(e *Edit, _ key, to *Brand) error { return e.Brand(*to) },
}}

// asideParts: what was put aside has no edit of its own; it comes from migrations alone.
var asideParts = []part[Aside]{{
	name: whole,
	copy: func(to, from *Aside) { *to = *from },
	show: func(a *Aside) string {
		switch {
		case a.ID == "":
			return ""
		case a.Base != nil:
			return because("base rating "+a.Base.Current.String(), a.Base.Note)
		case a.Response != nil:
			return because(responseParts[0].show(a.Response), a.Response.Note)
		}
		return a.Title
	},
	set: func(e *Edit, k key, to *Aside) error {
		if to.ID == "" {
			e.touch(k)
			return e.s.put(k, nil)
		}
		return e.set(k, *to)
	},
}}

// infoPart is a part of what the session says of itself.
func infoPart(name string, copy func(to, from *Info), show func(*Info) string) part[Info] {
	return part[Info]{name: name, copy: copy, show: show, set: func(e *Edit, _ key, to *Info) error {
		return e.Info(func(in *Info) { copy(in, to) })
	}}
}

var infoParts = []part[Info]{
	infoPart("organization", func(to, from *Info) { to.Organization = from.Organization }, func(in *Info) string { return in.Organization }),
	infoPart("name", func(to, from *Info) { to.Name = from.Name }, func(in *Info) string { return in.Name }),
	infoPart("purpose", func(to, from *Info) { to.Purpose = from.Purpose }, func(in *Info) string { return in.Purpose }),
	infoPart("units", func(to, from *Info) { to.Units = from.Units }, func(in *Info) string { return strings.Join(in.Units, "; ") }),
	infoPart("assumptions", func(to, from *Info) { to.Assumptions = from.Assumptions }, func(in *Info) string { return strings.Join(in.Assumptions, "; ") }),
	// The answers and the areas that they decide belong together.
	infoPart("scope", func(to, from *Info) { to.AI, to.Areas = from.AI, from.Areas }, func(in *Info) string {
		s := fmt.Sprintf("builds %v, deploys %v, uses %v, defends %v", in.AI.Builds, in.AI.Deploys, in.AI.Uses, in.AI.Defends)
		for _, a := range content.Areas {
			if area := in.Areas[a]; area.Out {
				s += fmt.Sprintf("; %s out: %s", a.Label(), area.Decided())
			}
		}
		return s
	}),
	infoPart("path", func(to, from *Info) { to.Path = from.Path }, func(in *Info) string { return string(in.Path) }),
	infoPart("assessors", func(to, from *Info) { to.Assessors = from.Assessors }, func(in *Info) string { return strings.Join(in.Assessors, "; ") }),
	infoPart("marking", func(to, from *Info) { to.Marking = from.Marking }, func(in *Info) string { return in.Marking }),
	infoPart("threshold", func(to, from *Info) { to.Threshold = from.Threshold }, func(in *Info) string { return fmt.Sprintf("%d %%", in.Threshold) }),
}

// systemPart is a part of an AI system.
func systemPart(name string, of func(*System) *string) part[System] {
	copy := func(to, from *System) { *of(to) = *of(from) }
	return part[System]{name: name, copy: copy, show: func(v *System) string { return *of(v) }, set: func(e *Edit, k key, to *System) error {
		v := find(e.s.systems, k.subject)
		copy(&v, to)
		_, err := e.PutSystem(v)
		return err
	}}
}

var systemParts = func() []part[System] {
	parts := []part[System]{systemPart("name", func(v *System) *string { return &v.Name })}
	for _, f := range SystemFacts {
		parts = append(parts, systemPart(strings.ReplaceAll(f.Name, " ", "_"), f.Of))
	}
	return parts
}()

// actionPart is a part of an action. Put brings it into the action as it is there.
func actionPart(name string, copy, put func(to, from *Action), show func(*Action) string) part[Action] {
	return part[Action]{name: name, copy: copy, show: show, set: func(e *Edit, k key, to *Action) error {
		v := find(e.s.actions, k.subject)
		put(&v, to)
		_, err := e.PutAction(v)
		return err
	}}
}

func plainPart(name string, copy func(to, from *Action), show func(*Action) string) part[Action] {
	return actionPart(name, copy, copy, show)
}

var actionParts = func() []part[Action] {
	items := actionPart("items",
		func(to, from *Action) {
			to.Items = sortedSet(from.Items, func(a, b content.ItemID) int { return strings.Compare(a.String(), b.String()) })
		},
		func(to, from *Action) { to.Items = from.Items },
		func(a *Action) string {
			var list []string
			for _, id := range a.Items {
				list = append(list, id.String())
			}
			return strings.Join(list, ", ")
		})
	items.join = func(base, ours, theirs Action) Action {
		ours.Items = joined(base.Items, ours.Items, theirs.Items)
		return ours
	}
	return []part[Action]{
		plainPart("title", func(to, from *Action) { to.Title = from.Title }, func(a *Action) string { return a.Title }),
		items,
		plainPart("owner", func(to, from *Action) { to.Owner = from.Owner }, func(a *Action) string { return a.Owner }),
		plainPart("due", func(to, from *Action) { to.Due = from.Due }, func(a *Action) string { return string(a.Due) }),
		plainPart("effort", func(to, from *Action) { to.Effort = from.Effort }, func(a *Action) string { return a.Effort }),
		plainPart("status", func(to, from *Action) { to.Status = from.Status }, func(a *Action) string { return string(a.Status) }),
		plainPart("milestones", func(to, from *Action) { to.Milestones = from.Milestones }, func(a *Action) string {
			var list []string
			for _, m := range a.Milestones {
				s := m.Text
				if m.Due != "" {
					s += ", due " + string(m.Due)
				}
				if m.Done {
					s += ", done"
				}
				list = append(list, s)
			}
			return strings.Join(list, "; ")
		}),
	}
}()
