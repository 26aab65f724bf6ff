package assessment

import "plumbline/content"

// LapsesSoon is how many days ahead Agenda looks for acceptances that lapse.
const LapsesSoon = 90

// Agenda is what the facts of a session leave to its leadership to decide. Nothing in it is judged:
// each list holds what meets its condition, in the order of CompareGaps or of the ids.
type Agenda struct {
	Undecided []Entry        // gaps of High priority with neither an action nor an acceptance in force
	Lapsed    []Entry        // gaps whose acceptance is no longer in force
	Lapsing   []Entry        // gaps whose acceptance is in force and lapses within LapsesSoon days
	Overdue   []Action       // not done, and past their day
	Unproven  []Entry        // gaps whose actions are all done: the rating was not raised
	Unowned   []Entry        // gaps with no owner, neither their own nor that of an action
	Unknown   []Entry        // items with a target and no rating
	Asserted  []Entry        // items rated 3 on no more than an assertion
	NotAsked  []content.Area // Focus Areas that are in scope because nobody was asked
}

// Agenda returns what the session leaves to decide, as of that day.
func (s *Snapshot) Agenda(on Date) Agenda {
	a := Agenda{
		Unknown:  s.Unknown(),
		Asserted: s.entries(func(e Entry) bool { return e.State == Rated && e.OnAssertion() }),
	}
	soon := on.after(LapsesSoon)
	for _, e := range s.Gaps() {
		planned, open, owned := false, false, e.Response.Owner != ""
		for act := range s.ActionsFor(e.Item.ID) {
			planned, open, owned = true, open || !act.Done(), owned || act.Owner != ""
		}
		accepted := e.Response.Accepted
		switch {
		case accepted == nil:
		case !accepted.InForce(on):
			a.Lapsed = append(a.Lapsed, e)
		case accepted.Expires <= soon:
			a.Lapsing = append(a.Lapsing, e)
		}
		if e.Priority == content.High && !planned && !accepted.InForce(on) {
			a.Undecided = append(a.Undecided, e)
		}
		if planned && !open {
			a.Unproven = append(a.Unproven, e)
		}
		if !owned {
			a.Unowned = append(a.Unowned, e)
		}
	}
	for _, act := range s.actions {
		if act.Overdue(on) {
			a.Overdue = append(a.Overdue, act)
		}
	}
	for _, area := range content.Areas {
		if scope := s.info.Areas[area]; !scope.Out && scope.Answer == "" {
			a.NotAsked = append(a.NotAsked, area)
		}
	}
	return a
}
