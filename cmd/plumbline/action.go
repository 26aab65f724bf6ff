package main

import (
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type actionCmd struct {
	Session actionOf `arg:"" name:"session"`
}

// actionOf holds what can be done with the plan of one session. Its commands are given it, and by it
// the session.
type actionOf struct {
	which
	Add    actionAddCmd    `cmd:"" help:"Add an action to the plan."`
	List   actionListCmd   `cmd:"" help:"List the actions of the plan."`
	Edit   actionEditCmd   `cmd:"" help:"Change an action: what is given replaces what was there."`
	Remove actionRemoveCmd `cmd:"" help:"Remove an action. Its id does not come back."`
}

// planned are the flags of what an action says. One that is not given leaves its part as it is.
type planned struct {
	Item   []itemArg `sep:"none" placeholder:"ITEM" help:"Item whose gap the action closes or helps to close; may be repeated, and replaces those that were there."`
	Owner  *string   `placeholder:"WHO" help:"Who answers for it; an empty text removes the owner."`
	Due    *maybeDay `placeholder:"DATE" help:"Day on which it is due; an empty text removes it."`
	Effort *effort   `placeholder:"S|M|L" help:"S days, M weeks or L months; an empty text removes it."`
	Status *progress `placeholder:"STATUS" help:"planned, underway or done."`
	Reason string    `placeholder:"TEXT" help:"Why, for the journal."`
}

func (f *planned) set(p *program, a *assessment.Action) {
	if f.Item != nil {
		a.Items = nil
		for _, i := range f.Item {
			i.notice(p)
			a.Items = append(a.Items, i.id)
		}
	}
	replace(&a.Owner, f.Owner)
	if f.Due != nil {
		a.Due = f.Due.date
	}
	replace(&a.Effort, (*string)(f.Effort))
	replace(&a.Status, (*assessment.Progress)(f.Status))
}

func (f *planned) empty() bool {
	return f.Item == nil && f.Owner == nil && f.Due == nil && f.Effort == nil && f.Status == nil
}

// maybeDay is a date, or none.
type maybeDay struct{ date assessment.Date }

// UnmarshalText reads the date.
func (d *maybeDay) UnmarshalText(text []byte) (err error) {
	d.date, err = assessment.ParseDate(string(text))
	return err
}

// effort is S, M, L, or none.
type effort string

// UnmarshalText reads the letter, in either case.
func (e *effort) UnmarshalText(text []byte) error {
	*e = effort(strings.ToUpper(string(text)))
	if !slices.Contains([]effort{"", "S", "M", "L"}, *e) {
		return fmt.Errorf("%q is not an effort (S days, M weeks, L months)", text)
	}
	return nil
}

// progress is the status of an action.
type progress assessment.Progress

// UnmarshalText reads the word.
func (s *progress) UnmarshalText(text []byte) error {
	*s = progress(text)
	if !slices.Contains(assessment.Progresses[:], assessment.Progress(*s)) {
		return fmt.Errorf("%q is not a status (planned, underway or done)", text)
	}
	return nil
}

// milestone is a dated step: "2026-12-31 Half of the sites", or the text alone.
type milestone struct{ of assessment.Milestone }

// UnmarshalText reads the date, where the text begins with one, and the text.
func (m *milestone) UnmarshalText(text []byte) error {
	if m.of = assessment.ParseStep(string(text)); m.of.Text == "" {
		return fmt.Errorf("%q is not a milestone such as \"2026-12-31 Half of the sites\"", text)
	}
	return nil
}

type actionAddCmd struct {
	Title string `required:"" placeholder:"TEXT" help:"What is to be done."`
	planned
	Milestone []milestone `sep:"none" placeholder:"[DATE ]TEXT" help:"Step on the way, with the day on which it is due in front; may be repeated."`
}

func (c *actionAddCmd) Run(of *actionOf, p *program) error {
	a := assessment.Action{Title: c.Title}
	c.set(p, &a)
	for _, m := range c.Milestone {
		a.Milestones = append(a.Milestones, m.of)
	}
	return p.putAction(of.which, c.Reason, "", func(v *assessment.Action) error {
		*v = a
		return nil
	})
}

type actionEditCmd struct {
	ID    string  `arg:"" name:"id" help:"Id of the action, such as A-3."`
	Title *string `placeholder:"TEXT" help:"What is to be done."`
	planned
	Milestone []milestone `sep:"none" placeholder:"[DATE ]TEXT" help:"Add a step, with the day on which it is due in front; may be repeated."`
	Done      []int       `sep:"none" placeholder:"N" help:"Milestone N, 1 being the first, is done; may be repeated."`
	NotDone   []int       `sep:"none" placeholder:"N" help:"Milestone N is not done after all; may be repeated."`
	Drop      []int       `sep:"none" placeholder:"N" help:"Remove milestone N; may be repeated."`
}

func (c *actionEditCmd) subject() string { return c.ID }

func (c *actionEditCmd) Run(of *actionOf, p *program) error {
	if c.Title == nil && c.empty() && c.Milestone == nil && c.Done == nil && c.NotDone == nil && c.Drop == nil {
		return usagef("nothing to change is given; plumbline action SESSION edit --help lists what can be")
	}
	return p.putAction(of.which, c.Reason, c.ID, func(a *assessment.Action) error {
		replace(&a.Title, c.Title)
		c.set(p, a)
		return c.milestones(a)
	})
}

// milestones does what the flags say of the steps. The numbers are those from before the act.
func (c *actionEditCmd) milestones(a *assessment.Action) error {
	for _, n := range slices.Concat(c.Done, c.NotDone, c.Drop) {
		if n < 1 || n > len(a.Milestones) {
			return fmt.Errorf("milestone %d of %s: %w", n, a.ID, assessment.ErrUnknownID)
		}
	}
	var kept []assessment.Milestone
	for i, m := range a.Milestones {
		m.Done = (m.Done || slices.Contains(c.Done, i+1)) && !slices.Contains(c.NotDone, i+1)
		if !slices.Contains(c.Drop, i+1) {
			kept = append(kept, m)
		}
	}
	for _, m := range c.Milestone {
		kept = append(kept, m.of)
	}
	a.Milestones = kept
	return nil
}

// putAction adds an action (no id) or changes the one of that id, and prints it.
func (p *program) putAction(w which, reason, id string, change func(*assessment.Action) error) error {
	s, delta, err := p.change(w.Session, reason, func(was *assessment.Snapshot, e *assessment.Edit) (err error) {
		var a assessment.Action
		if id != "" {
			if a, err = record(was.Actions(), "action", id, func(a assessment.Action) string { return a.ID }); err != nil {
				return err
			}
		}
		if err = change(&a); err == nil {
			id, err = e.PutAction(a)
		}
		return err
	})
	if err != nil {
		return err
	}
	state := s.Snapshot()
	a, err := record(state.Actions(), "action", id, func(a assessment.Action) string { return a.ID })
	if err != nil {
		return err
	}
	return p.action(state, delta, a, false)
}

// record returns the record of that id.
func record[T any](list []T, what, id string, idOf func(T) string) (v T, err error) {
	i := slices.IndexFunc(list, func(v T) bool { return strings.EqualFold(idOf(v), id) })
	if i < 0 {
		return v, fmt.Errorf("%s %q: %w", what, id, assessment.ErrUnknownID)
	}
	return list[i], nil
}

type actionRemoveCmd struct {
	ID     string `arg:"" name:"id" help:"Id of the action, such as A-3."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *actionRemoveCmd) subject() string { return c.ID }

func (c *actionRemoveCmd) Run(of *actionOf, p *program) error {
	var gone assessment.Action
	s, delta, err := p.change(of.which.Session, c.Reason, func(was *assessment.Snapshot, e *assessment.Edit) (err error) {
		if gone, err = record(was.Actions(), "action", c.ID, func(a assessment.Action) string { return a.ID }); err != nil {
			return err
		}
		return e.RemoveAction(gone.ID)
	})
	if err != nil {
		return err
	}
	return p.action(s.Snapshot(), delta, gone, true)
}

// action prints an action after an act on it.
func (p *program) action(s *assessment.Snapshot, delta assessment.Delta, a assessment.Action, removed bool) error {
	if len(delta.Events) == 0 {
		p.say("nothing changed: %s says so already", a.ID)
	}
	if p.JSON {
		return p.json(wire.KindAction, nil, s, wire.ActionChanged{Action: wire.ActionOf(a), Removed: removed, Events: wire.EventsOf(delta.Events)})
	}
	_, on, err := p.today()
	if err != nil {
		return err
	}
	verb := ""
	if removed {
		verb = " removed"
	}
	p.print("%s%s: %s · %s", a.ID, verb, a.Title, strings.Join(actionFacts(a, on), ", "))
	return nil
}

// actionFacts says how an action stands.
func actionFacts(a assessment.Action, on assessment.Date) []string {
	facts := []string{string(a.Status)}
	if a.Due != "" {
		facts = append(facts, "due "+dueText(a, on))
	}
	if a.Owner != "" {
		facts = append(facts, "owner "+a.Owner)
	}
	if a.Effort != "" {
		facts = append(facts, "effort "+a.Effort)
	}
	facts = append(facts, fmt.Sprintf("%d %s", len(a.Items), pick(len(a.Items), "item", "items")))
	if len(a.Milestones) > 0 {
		facts = append(facts, milestonesText(a)+" milestones done")
	}
	return facts
}

// dueText is the day on which an action is due, and whether that is past.
func dueText(a assessment.Action, on assessment.Date) string {
	if a.Overdue(on) {
		return string(a.Due) + " (overdue)"
	}
	return orUnknown(string(a.Due))
}

// milestonesText is "1 of 2".
func milestonesText(a assessment.Action) string {
	done := 0
	for _, m := range a.Milestones {
		if m.Done {
			done++
		}
	}
	return share(assessment.Ratio{Num: done, Den: len(a.Milestones)})
}

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

type actionListCmd struct {
	Item   *itemArg  `placeholder:"ITEM" help:"Only actions that name this item."`
	Status *progress `placeholder:"STATUS" help:"Only actions of this status: planned, underway or done."`
}

func (c *actionListCmd) Run(of *actionOf, p *program) error {
	s, err := p.read(of.which.Session)
	if err != nil {
		return err
	}
	_, on, err := p.today()
	if err != nil {
		return err
	}
	var listed []assessment.Action
	for _, a := range s.Actions() {
		if (c.Item == nil || slices.Contains(a.Items, c.Item.id)) && (c.Status == nil || assessment.Progress(*c.Status) == a.Status) {
			listed = append(listed, a)
		}
	}
	if p.JSON {
		rows := make([]wire.Action, 0, len(listed))
		for _, a := range listed {
			rows = append(rows, wire.ActionOf(a))
		}
		return p.json(wire.KindActions, nil, s, wire.Actions{Actions: rows})
	}
	p.heading(s)
	if len(listed) == 0 {
		p.say("no actions; plumbline action SESSION add makes one")
		return nil
	}
	p.print("")
	t := p.table("ID", "STATUS", "DUE", "OWNER", "EFFORT", "MILESTONES", "ITEMS", "TITLE")
	for _, a := range listed {
		t.row(a.ID, a.Status, dueText(a, on), ellipsis(orUnknown(a.Owner), 24), orUnknown(a.Effort), milestonesText(a),
			itemsText(a.Items), ellipsis(a.Title, 60))
	}
	t.end()
	return nil
}

// itemsText names the first items and counts the others.
func itemsText(items []content.ItemID) string {
	var names []string
	for i, id := range items {
		if i == 3 {
			names = append(names, fmt.Sprintf("and %d more", len(items)-i))
			break
		}
		names = append(names, id.String())
	}
	return orUnknown(strings.Join(names, " "))
}
