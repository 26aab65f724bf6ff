package assessment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"plumbline/content"
)

// Done reports whether the action is done. What it brought is for the ratings to say.
func (a Action) Done() bool { return a.Status == Done }

// Overdue reports that the action's day has passed and the action is not done.
func (a Action) Overdue(on Date) bool { return !a.Done() && a.Due != "" && a.Due < on }

// Overdue reports that the milestone's day has passed and it is not reached.
func (m Milestone) Overdue(on Date) bool { return !m.Done && m.Due != "" && m.Due < on }

// reached ends the line of a milestone that is.
const reached = " (done)"

// String is the milestone in a line: "2026-12-31 Half of the sites (done)".
func (m Milestone) String() string {
	s := strings.TrimSpace(string(m.Due) + " " + m.Text)
	if m.Done {
		s += reached
	}
	return s
}

// ParseMilestone reads what String writes. The text that it finds may be empty.
func ParseMilestone(s string) Milestone {
	s, done := strings.CutSuffix(CleanLine(s), reached)
	m := ParseStep(s)
	m.Done = done
	return m
}

// ParseStep reads a milestone as a person types it: the day in front, where there is one, and the text,
// which may be empty.
func ParseStep(s string) Milestone {
	m := Milestone{Text: CleanLine(s)}
	first, rest, ok := strings.Cut(m.Text, " ")
	if day, err := ParseDate(first); ok && err == nil {
		m.Due, m.Text = day, strings.TrimSpace(rest)
	}
	return m
}

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

// Handling is what a session holds ready for a gap: exactly one of these, the first that applies.
type Handling uint8

// The ways in which a gap is handled. FinishedOnly is not handled any more: what was done has not
// brought the rating to the target.
const (
	OpenAction   Handling = iota // an action that is not done names it
	AcceptedOnly                 // its acceptance is in force
	FinishedOnly                 // actions name it, and all of them are done
	Unhandled                    // none of these
	Handlings    = iota          // how many there are
)

// Handling returns what is held ready for a gap on that day.
func (s *Snapshot) Handling(e Entry, on Date) Handling {
	h := Unhandled
	for a := range s.ActionsFor(e.Item.ID) {
		if !a.Done() {
			return OpenAction
		}
		h = FinishedOnly
	}
	if e.Response.Accepted.InForce(on) {
		return AcceptedOnly
	}
	return h
}

// Handled counts all gaps in profile by how they are handled on that day.
func (s *Snapshot) Handled(on Date) (n [Handlings]int) {
	for _, e := range s.Gaps() {
		n[s.Handling(e, on)]++
	}
	return n
}

// Plan is the plan of a session held against its gaps on one day.
type Plan struct {
	Actions  []PlannedAction // by id
	Gaps     int             // all gaps in profile
	Handled  [Handlings]int  // of which handled so
	Without  []Entry         // gaps that are FinishedOnly or Unhandled, in the order of CompareGaps
	Accepted []Entry         // gaps whose acceptance is in force, likewise; an action may name them too
	Lapses   []Lapse         // the acceptances of gaps, by the day on which they lapse
	Owners   []Workload      // by name; what nobody owns comes last
	Quarters []Workload      // by the quarter in which actions are due; those without a date come last
	Now      Scores
	IfDone   Scores // see Snapshot.IfDone
}

// Lapse is the end of the acceptance of a gap.
type Lapse struct {
	Entry
	Ahead bool     // the acceptance is still in force
	Early []Action // open actions that name the gap and are due after that day, or have no date
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
	Bare    int      // gaps in items of this owner that no open action names; of Owners alone
	Next    Date     // the earliest day, of an open action or of a milestone not reached in one; "" where there is none
}

// Plan returns the plan of the session, and how far it reaches, as of that day.
func (s *Snapshot) Plan(on Date) Plan {
	p := Plan{Now: s.Score(), IfDone: s.IfDone(s.actions), Accepted: s.Accepted(on)}
	bare := make(map[string]int)
	for _, e := range s.Gaps() {
		h := s.Handling(e, on)
		p.Gaps++
		p.Handled[h]++
		if h >= FinishedOnly {
			p.Without = append(p.Without, e)
		}
		if h != OpenAction {
			bare[e.Response.Owner]++
		}
		if e.Response.Accepted != nil {
			p.Lapses = append(p.Lapses, s.lapse(e, on))
		}
	}
	slices.SortStableFunc(p.Lapses, func(a, b Lapse) int {
		return cmp.Compare(a.Response.Accepted.Expires, b.Response.Accepted.Expires)
	})
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
	p.Owners = loads(p.Actions, func(a PlannedAction) string { return a.Owner }, bare)
	p.Quarters = loads(p.Actions, func(a PlannedAction) string { return a.Due.quarter() }, nil)
	return p
}

func (s *Snapshot) lapse(e Entry, on Date) Lapse {
	l := Lapse{Entry: e, Ahead: e.Response.Accepted.InForce(on)}
	for a := range s.ActionsFor(e.Item.ID) {
		if !a.Done() && (a.Due == "" || a.Due > e.Response.Accepted.Expires) {
			l.Early = append(l.Early, a)
		}
	}
	return l
}

// loads groups actions by a name, in the order of the names, the empty one last. Names that have bare
// gaps are there too.
func loads(actions []PlannedAction, name func(PlannedAction) string, bare map[string]int) []Workload {
	var list []Workload
	for n, gaps := range bare { // sorted below
		list = append(list, Workload{Name: n, Bare: gaps})
	}
	gaps := make(map[string]map[content.ItemID]bool)
	for _, a := range actions {
		n := name(a)
		i := slices.IndexFunc(list, func(l Workload) bool { return l.Name == n })
		if i < 0 {
			i, list = len(list), append(list, Workload{Name: n})
		}
		if gaps[n] == nil {
			gaps[n] = make(map[content.ItemID]bool)
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

// IfDone counts the session as it would stand if these actions were done and had brought every rated
// item that they name to its target; an item at or above its target, or without one, stays as it is. So
// does an unrated item: no plan makes known what nobody has rated, so that coverage, and whether
// attainment is withheld, are those of now. An action that is done already moves nothing: what it
// brought is in the ratings. It is a what-if and changes nothing.
func (s *Snapshot) IfDone(actions []Action) Scores {
	then := *s
	then.responses = slices.Clone(s.responses)
	for _, a := range actions {
		if a.Done() {
			continue
		}
		for _, id := range a.Items {
			if i, ok := s.cat.Index(id); ok {
				if r := &then.responses[i]; r.Current.Known() {
					r.Current = max(r.Current, r.Target)
				}
			}
		}
	}
	return then.Score()
}
