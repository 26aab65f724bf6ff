package assessment

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plumbline/content"
)

// Done reports whether the action is done. What it brought is for the ratings to say.
func (a Action) Done() bool { return a.Status == "done" }

// Overdue reports that the action's day has passed and the action is not done.
func (a Action) Overdue(on Date) bool { return !a.Done() && a.Due != "" && a.Due < on }

// Overdue reports that the milestone's day has passed and it is not reached.
func (m Milestone) Overdue(on Date) bool { return !m.Done && m.Due != "" && m.Due < on }

// quarter returns the calendar quarter of the day, "2027 Q1"; "" of no day.
func (d Date) quarter() string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d Q%d", t.Year(), (int(t.Month())+2)/3)
}

// after returns the day that many days later; "" of no day.
func (d Date) after(days int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return DayOf(t.AddDate(0, 0, days))
}

// Plan is the plan of a session held against its gaps on one day.
type Plan struct {
	Actions  []PlannedAction // by id
	Gaps     int             // all gaps in profile
	Covered  int             // of which named by an action
	Without  []Entry         // gaps with neither an action nor an acceptance in force, in the order of CompareGaps
	Accepted []Entry         // gaps whose acceptance is in force, likewise; an action may name them too
	Owners   []Workload      // by name; what nobody owns comes last
	Quarters []Workload      // by the quarter in which actions are due; those without a date come last
	Now      Scores
	IfDone   Scores // see Snapshot.IfDone
}

// PlannedAction is an action with the items that it names, as they stand.
type PlannedAction struct {
	Action
	Closes  []Entry          // those with a gap, in the order of CompareGaps
	Others  []Entry          // those without a known gap: at target, unrated, without a target, or not in profile
	Gone    []content.ItemID // those that the pack no longer has
	Overdue bool             // the action itself
	Late    int              // milestones overdue
}

// Workload is what the plan asks of one owner, or in one quarter.
type Workload struct {
	Name    string   // "" for no owner, or no date
	Actions []string // ids
	Open    int      // actions that are not done
	Overdue int      // of these
	Effort  [3]int   // of the open ones: S, M, L; those without an estimate are in none
	Gaps    int      // that its actions name, each once
	Next    Date     // the earliest day, of an open action or of a milestone not reached in one; "" where there is none
}

// Plan returns the plan of the session, and how far it reaches, as of that day.
func (s *Snapshot) Plan(on Date) Plan {
	p := Plan{Now: s.Score(), IfDone: s.IfDone(s.actions), Accepted: s.Accepted(on)}
	for _, e := range s.Gaps() {
		p.Gaps++
		switch {
		case s.planned(e.Item.ID):
			p.Covered++
		case !e.Response.Accepted.InForce(on):
			p.Without = append(p.Without, e)
		}
	}
	for _, a := range s.actions {
		v := PlannedAction{Action: a, Overdue: a.Overdue(on)}
		for _, id := range a.Items {
			i, ok := s.cat.Index(id)
			if !ok {
				v.Gone = append(v.Gone, id)
				continue
			}
			if e := s.Entry(i); e.State == Rated && e.Gap() > 0 {
				v.Closes = append(v.Closes, e)
			} else {
				v.Others = append(v.Others, e)
			}
		}
		slices.SortFunc(v.Closes, CompareGaps)
		for _, m := range a.Milestones {
			if !a.Done() && m.Overdue(on) {
				v.Late++
			}
		}
		p.Actions = append(p.Actions, v)
	}
	p.Owners = loads(p.Actions, func(a PlannedAction) string { return a.Owner })
	p.Quarters = loads(p.Actions, func(a PlannedAction) string { return a.Due.quarter() })
	return p
}

// loads groups actions by a name, in the order of the names, the empty one last.
func loads(actions []PlannedAction, name func(PlannedAction) string) []Workload {
	var list []Workload
	gaps := make(map[string]map[content.ItemID]bool)
	for _, a := range actions {
		n := name(a)
		i := slices.IndexFunc(list, func(l Workload) bool { return l.Name == n })
		if i < 0 {
			i, list, gaps[n] = len(list), append(list, Workload{Name: n}), make(map[content.ItemID]bool)
		}
		l := &list[i]
		l.Actions = append(l.Actions, a.ID)
		for _, e := range a.Closes {
			gaps[n][e.Item.ID] = true
		}
		l.Gaps = len(gaps[n])
		if a.Done() {
			continue
		}
		l.Open++
		if a.Overdue {
			l.Overdue++
		}
		if i := slices.Index([]string{"S", "M", "L"}, a.Effort); i >= 0 {
			l.Effort[i]++
		}
		l.next(a.Due)
		for _, m := range a.Milestones {
			if !m.Done {
				l.next(m.Due)
			}
		}
	}
	slices.SortFunc(list, func(a, b Workload) int {
		if (a.Name == "") != (b.Name == "") {
			return cmp.Compare(b.Name, a.Name)
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return list
}

func (l *Workload) next(d Date) {
	if d != "" && (l.Next == "" || d < l.Next) {
		l.Next = d
	}
}

// IfDone counts the session as it would stand if these actions were done and had brought every item
// that they name to its target; an item at or above its target, or without one, stays as it is. An
// action that is done already moves nothing: what it brought is in the ratings. It is a what-if and
// changes nothing.
func (s *Snapshot) IfDone(actions []Action) Scores {
	then := *s
	then.responses = slices.Clone(s.responses)
	for _, a := range actions {
		if a.Done() {
			continue
		}
		for _, id := range a.Items {
			if i, ok := s.cat.Index(id); ok {
				r := &then.responses[i]
				r.Current = max(r.Current, r.Target)
			}
		}
	}
	return then.Score()
}
