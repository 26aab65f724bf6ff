package wire

import (
	"plumbline/assessment"
	"plumbline/content"
)

// PlanReport is the data of KindPlan: the action plan, what it closes, and how far it reaches.
type PlanReport struct {
	OrderRule string       `json:"order_rule"`
	Actions   []PlanAction `json:"actions"`
	Gaps      PlanGaps     `json:"gaps"`
	Owners    []Workload   `json:"owners"`
	Quarters  []Workload   `json:"quarters"` // by the quarter in which actions are due
	Threshold int          `json:"coverage_threshold"`
	Now       Total        `json:"now"`
	IfDone    Total        `json:"if_done"` // with every item of an action that is not done at its target
}

// PlanAction is an action with what it closes.
type PlanAction struct {
	Action  Action           `json:"action"`
	Overdue bool             `json:"overdue"`
	Late    int              `json:"milestones_overdue"`
	Closes  []GapRow         `json:"closes"` // its items that have a gap, in order
	Others  []ItemState      `json:"others"` // its items that have no known gap
	Gone    []content.ItemID `json:"no_longer_in_pack"`
}

// ItemState is an item with its state and levels.
type ItemState struct {
	Place
	State   assessment.State  `json:"state"`
	Current assessment.Rating `json:"current"`
	Target  assessment.Rating `json:"target"`
}

// PlanGaps are the gaps as the plan meets them. Accepted gaps may have an action too.
type PlanGaps struct {
	All      int      `json:"all"`
	Covered  int      `json:"with_action"`
	Without  []GapRow `json:"without"` // neither an action nor an acceptance in force
	Accepted []GapRow `json:"accepted"`
}

// Workload is what the plan asks of one owner, or in one quarter.
type Workload struct {
	Name    string           `json:"name"` // "" for no owner, or no date
	Actions []string         `json:"actions"`
	Open    int              `json:"open"`
	Overdue int              `json:"overdue"`
	Effort  Effort           `json:"effort"` // of the open actions
	Gaps    int              `json:"gaps"`
	Next    *assessment.Date `json:"next"`
}

// Effort counts actions by their effort.
type Effort struct {
	Days   int `json:"S"`
	Weeks  int `json:"M"`
	Months int `json:"L"`
}

// PlanReportOf returns what the plan report of a session stands on.
func PlanReportOf(s *assessment.Snapshot, o Options) PlanReport {
	p, threshold := s.Plan(o.Day()), s.Info().Threshold
	rows := func(es []assessment.Entry) []GapRow {
		w := make([]GapRow, 0, len(es))
		for _, e := range es {
			w = append(w, GapRowOf(s, e, o.Day()))
		}
		return w
	}
	w := PlanReport{
		OrderRule: assessment.OrderRule, Actions: make([]PlanAction, 0, len(p.Actions)),
		Gaps:   PlanGaps{p.Gaps, p.Covered, rows(p.Without), rows(p.Accepted)},
		Owners: workloads(p.Owners), Quarters: workloads(p.Quarters),
		Threshold: threshold, Now: totalOf(p.Now.Session, threshold), IfDone: totalOf(p.IfDone.Session, threshold),
	}
	actions := ActionsOf(s)
	for i, a := range p.Actions {
		v := PlanAction{actions[i], a.Overdue, a.Late, rows(a.Closes), []ItemState{}, list(a.Gone)}
		for _, e := range a.Others {
			v.Others = append(v.Others, ItemState{placeOf(s, e.Item.ID), e.State, e.Response.Current, e.Response.Target})
		}
		w.Actions = append(w.Actions, v)
	}
	return w
}

func workloads(ls []assessment.Workload) []Workload {
	w := make([]Workload, 0, len(ls))
	for _, l := range ls {
		w = append(w, Workload{l.Name, l.Actions, l.Open, l.Overdue, Effort{l.Effort[0], l.Effort[1], l.Effort[2]}, l.Gaps, day(l.Next)})
	}
	return w
}
