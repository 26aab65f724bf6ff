package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
)

// claim is what a statement says. Claims read the session while it changes, so they must be asked in
// turn.
type claim interface {
	field() field
	// says is what the file says, in words. A file that says two things of one field contradicts itself.
	says() string
	// show is what the session says of the field, "" for nothing.
	show(s *assessment.Session, a subject) string
	// apply makes the edits that are needed, none where the session says the same.
	apply(r *recorder, s *assessment.Session, a subject) error
}

// field is what a claim is about. Fields are applied in this order, since an acceptance needs a gap,
// an inherited rating its base rating, and nothing is rated that is out of profile.
type field uint8

const (
	fieldBase field = iota
	fieldCurrent
	fieldTarget
	fieldPriority
	fieldAcceptance
	fieldOwner
	fieldAsked
	fieldNote
	fieldRemark // added to a note
	fieldEvidence
	fieldProfile
	fieldPlan
)

var fieldNames = [...]string{
	"base rating", "current", "target", "priority", "acceptance", "owner", "asked", "note", "note", "evidence", "profile", "plan",
}

func (f field) String() string { return fieldNames[f] }

// many reports whether a file may say several things of the field.
func (f field) many() bool { return f == fieldRemark || f == fieldEvidence }

// level says a rating as previews show it: "2 Largely achieved", "" for Unrated.
func level(r assessment.Rating) string {
	if !r.Known() {
		return ""
	}
	return r.String() + " " + r.Word()
}

// cleared is what a claim says that takes something away.
const cleared = clearWord

func orCleared(s string) string {
	if s == "" {
		return cleared
	}
	return s
}

// tidy is a text of several lines as the session would keep it.
func tidy(s string) string { return strings.TrimSpace(assessment.CleanText(s)) }

// baseClaim rates a Subcategory as a whole. Where a file rates it in parts, the lowest of them counts.
type baseClaim struct {
	rating assessment.Rating
	lowest bool // one part of several
}

func (baseClaim) field() field   { return fieldBase }
func (c baseClaim) says() string { return orCleared(level(c.rating)) }

func (baseClaim) show(s *assessment.Session, a subject) string { return level(s.Base(a.sub).Current) }

func (c baseClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	b := s.Base(a.sub)
	if b.Current == c.rating {
		return nil
	}
	return r.do(func(e *assessment.Edit) error { return e.Base(a.sub, c.rating, b.Note) })
}

// currentClaim rates an item. Where inherited says Yes and the item can take its base rating of this
// level, it does; No ends an inheritance. What is out of profile is refused, unless the file says that
// it stays out: ratings are kept there too, and no longer counted.
type currentClaim struct {
	rating    assessment.Rating
	inherited assessment.Answer
	lowest    bool // the rating of one part of several
	staysOut  bool
}

func (currentClaim) field() field   { return fieldCurrent }
func (c currentClaim) says() string { return orCleared(level(c.rating)) }

func (currentClaim) show(s *assessment.Session, a subject) string {
	r := a.response(s)
	if r.Inherited {
		return level(r.Current) + " (inherited)"
	}
	return level(r.Current)
}

func (c currentClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	now := *a.response(s)
	it, _ := s.Catalog().Item(a.id())
	same := now.Current == c.rating
	rate := func(e *assessment.Edit) error { return e.Rate(a.id(), c.rating) }
	if c.inherited == assessment.Yes && c.rating.Known() && it.StandardPractices && s.Base(a.sub).Current == c.rating {
		same = same && now.Inherited
		rate = func(e *assessment.Edit) error { return e.Inherit(a.id()) }
	} else if c.inherited == assessment.No {
		same = same && !now.Inherited
	}
	if same {
		return nil
	}
	if now.Out != "" && c.staysOut {
		in := rate
		rate = func(e *assessment.Edit) error {
			return cmp.Or(e.Include(a.id()), in(e), e.Exclude(a.id(), now.Out))
		}
	}
	return r.do(rate)
}

// targetClaim sets a target of an item; without a reason, the import is the reason of a new one.
type targetClaim struct {
	rating assessment.Rating
	reason string
}

func (targetClaim) field() field   { return fieldTarget }
func (c targetClaim) says() string { return orCleared(shown(level(c.rating), c.reason)) }

func (targetClaim) show(s *assessment.Session, a subject) string {
	r := a.response(s)
	return shown(level(r.Target), r.TargetReason)
}

func (c targetClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	now := a.response(s)
	reason := tidy(c.reason)
	if now.Target == c.rating && (reason == "" || reason == now.TargetReason) {
		return nil
	}
	switch {
	case !c.rating.Known():
		reason = ""
	case reason == "":
		reason = r.source
	}
	return r.do(func(e *assessment.Edit) error { return e.Target(a.id(), c.rating, reason) })
}

// shown says a value with the reason that goes with it.
func shown(value, reason string) string {
	if value == "" || reason == "" {
		return value
	}
	return value + ": " + reason
}

// priorityClaim gives an item a priority of the organization's own, or with 0 the draft's.
type priorityClaim struct {
	priority content.Priority
	reason   string
}

func (priorityClaim) field() field { return fieldPriority }

func (c priorityClaim) says() string {
	if c.priority == 0 {
		return cleared
	}
	return shown(fmt.Sprintf("%d %v", c.priority, c.priority), c.reason)
}

func (priorityClaim) show(s *assessment.Session, a subject) string {
	r := a.response(s)
	if r.Priority == 0 {
		return ""
	}
	return shown(fmt.Sprintf("%d %v", r.Priority, r.Priority), r.PriorityReason)
}

func (c priorityClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	now := a.response(s)
	it, _ := s.Catalog().Item(a.id())
	p, reason := c.priority, tidy(c.reason)
	if p == it.Priority {
		p, reason = 0, ""
	}
	if now.Priority == p && (reason == "" || reason == now.PriorityReason) {
		return nil
	}
	return r.do(func(e *assessment.Edit) error { return e.Prioritize(a.id(), p, reason) })
}

// acceptClaim accepts the gap of an item, or takes an acceptance back (nil).
type acceptClaim struct{ accepted *assessment.Acceptance }

func (acceptClaim) field() field   { return fieldAcceptance }
func (c acceptClaim) says() string { return orCleared(accepted(c.accepted)) }

func accepted(a *assessment.Acceptance) string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf("until %s by %s: %s", a.Expires, a.Approver, a.Reason)
}

func (acceptClaim) show(s *assessment.Session, a subject) string {
	return accepted(a.response(s).Accepted)
}

func (c acceptClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	switch now := a.response(s).Accepted; {
	case c.accepted == nil && now == nil:
		return nil
	case c.accepted == nil:
		return r.do(func(e *assessment.Edit) error { return e.Unaccept(a.id()) })
	case now != nil && *now == *c.accepted:
		return nil
	}
	return r.do(func(e *assessment.Edit) error { return e.Accept(a.id(), *c.accepted) })
}

// ownerClaim replaces the owner of an item.
type ownerClaim struct{ owner string }

func (ownerClaim) field() field                                 { return fieldOwner }
func (c ownerClaim) says() string                               { return orCleared(c.owner) }
func (ownerClaim) show(s *assessment.Session, a subject) string { return a.response(s).Owner }

func (c ownerClaim) apply(r *recorder, _ *assessment.Session, a subject) error {
	return r.do(func(e *assessment.Edit) error { return e.Owner(a.id(), c.owner) })
}

// askedClaim replaces the roles that were asked about an item.
type askedClaim struct{ roles []string }

func (askedClaim) field() field   { return fieldAsked }
func (c askedClaim) says() string { return orCleared(strings.Join(c.roles, "; ")) }

func (askedClaim) show(s *assessment.Session, a subject) string {
	return strings.Join(a.response(s).Asked, "; ")
}

func (c askedClaim) apply(r *recorder, _ *assessment.Session, a subject) error {
	return r.do(func(e *assessment.Edit) error { return e.Asked(a.id(), c.roles) })
}

// noteClaim replaces a note.
type noteClaim struct{ text string }

func (noteClaim) field() field   { return fieldNote }
func (c noteClaim) says() string { return orCleared(c.text) }

func (noteClaim) show(s *assessment.Session, a subject) string {
	if a.whole {
		return s.Base(a.sub).Note
	}
	return a.response(s).Note
}

func (c noteClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	if a.whole {
		b := s.Base(a.sub)
		return r.do(func(e *assessment.Edit) error { return e.Base(a.sub, b.Current, c.text) })
	}
	return r.do(func(e *assessment.Edit) error { return e.Note(a.id(), c.text) })
}

// remarkClaim adds a text to a note, unless it is there: one of others under the name of its source, one
// of ours as it is, with "" as the source.
type remarkClaim struct{ source, text string }

func (remarkClaim) field() field   { return fieldRemark }
func (c remarkClaim) says() string { return c.text }

// block is what is added.
func (c remarkClaim) block() string {
	text := tidy(c.text)
	if c.source == "" {
		return text
	}
	if strings.Contains(text, "\n") {
		return tidy(c.source) + ":\n" + text
	}
	return tidy(c.source) + ": " + text
}

// show looks for the text as a paragraph of the note, with or without the name of its source: what was
// once written here and comes back from another tool is not added again.
func (c remarkClaim) show(s *assessment.Session, a subject) string {
	has := "\n\n" + noteClaim{}.show(s, a) + "\n\n"
	for _, text := range []string{c.block(), tidy(c.text)} {
		if strings.Contains(has, "\n\n"+text+"\n\n") {
			return text
		}
	}
	return ""
}

func (c remarkClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	if c.show(s, a) != "" {
		return nil
	}
	text := c.block()
	if now := (noteClaim{}).show(s, a); now != "" {
		text = now + "\n\n" + text
	}
	return noteClaim{text}.apply(r, s, a)
}

// evidenceClaim adds an entry, unless the item has it. An entry without a day is the same as one of
// any day: it gets that of the import.
type evidenceClaim struct{ entry assessment.Evidence }

func (evidenceClaim) field() field { return fieldEvidence }

func (c evidenceClaim) says() string {
	return strings.TrimSpace(fmt.Sprintf("%v %s", c.entry.Method, c.entry.Date)) + ": " + c.entry.Ref
}

func (c evidenceClaim) show(s *assessment.Session, a subject) string {
	ref := assessment.CleanLine(c.entry.Ref)
	if !slices.ContainsFunc(a.response(s).Evidence, func(e assessment.Evidence) bool {
		return e.Method == c.entry.Method && e.Ref == ref && (c.entry.Date == "" || e.Date == c.entry.Date) &&
			(c.entry.SHA256 == "" || strings.EqualFold(e.SHA256, c.entry.SHA256))
	}) {
		return ""
	}
	return c.says()
}

func (c evidenceClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	if c.show(s, a) != "" {
		return nil
	}
	return r.do(func(e *assessment.Edit) error { return e.AddEvidence(a.id(), c.entry) })
}

// profileClaim takes an item out of profile for a reason, or back in ("").
type profileClaim struct{ out string }

func (profileClaim) field() field { return fieldProfile }

func (c profileClaim) says() string {
	if c.out == "" {
		return "in profile"
	}
	return "out of profile: " + c.out
}

func (profileClaim) show(s *assessment.Session, a subject) string {
	if out := a.response(s).Out; out != "" {
		return profileClaim{out}.says()
	}
	return ""
}

func (c profileClaim) apply(r *recorder, s *assessment.Session, a subject) error {
	if a.response(s).Out == tidy(c.out) {
		return nil
	}
	if c.out == "" {
		return r.do(func(e *assessment.Edit) error { return e.Include(a.id()) })
	}
	return r.do(func(e *assessment.Edit) error { return e.Exclude(a.id(), c.out) })
}

// actionClaim adds an action to the plan, or replaces the one of its title.
type actionClaim struct{ action assessment.Action }

func (actionClaim) field() field   { return fieldPlan }
func (c actionClaim) says() string { return describe(c.action) }

// describe says everything of an action but its id and title.
func describe(a assessment.Action) string {
	var parts []string
	add := func(what, text string) {
		if text != "" {
			parts = append(parts, what+" "+text)
		}
	}
	var items, steps []string
	for _, id := range a.Items {
		items = append(items, id.String())
	}
	for _, m := range a.Milestones {
		steps = append(steps, m.String())
	}
	add("for", strings.Join(items, ", "))
	add("owner", a.Owner)
	add("due", string(a.Due))
	add("effort", a.Effort)
	add("status", string(cmp.Or(a.Status, assessment.Planned)))
	add("milestones", strings.Join(steps, "; "))
	return strings.Join(parts, "; ")
}

// had returns the action of the session that has the claim's title.
func (c actionClaim) had(s *assessment.Session) (assessment.Action, bool) {
	for _, a := range s.Actions() {
		if a.Title == c.action.Title {
			return a, true
		}
	}
	return assessment.Action{}, false
}

func (c actionClaim) show(s *assessment.Session, _ subject) string {
	if a, ok := c.had(s); ok {
		return describe(a)
	}
	return ""
}

func (c actionClaim) apply(r *recorder, s *assessment.Session, _ subject) error {
	a := c.action
	if had, ok := c.had(s); ok {
		a.ID = had.ID
		a.Title = had.Title
	}
	return r.do(func(e *assessment.Edit) error {
		_, err := e.PutAction(a)
		return err
	})
}
