package wire

import (
	"plumbline/assessment"
	"plumbline/content"
)

// PlanReport is the data of KindPlanReport: the action plan, what it closes, and how far it reaches.
type PlanReport struct {
	OrderRule string       `json:"order_rule"`
	Actions   []PlanAction `json:"actions"`
	Gaps      PlanGaps     `json:"gaps"`
	Lapses    []Lapse      `json:"lapses"` // acceptances of gaps, by the day on which they lapse
	Owners    []OwnerLoad  `json:"owners"`
	Quarters  []Workload   `json:"quarters"` // by the quarter in which actions are due
	Threshold int          `json:"coverage_threshold"`
	Now       Total        `json:"now"`
	IfDone    WhatIf       `json:"if_done"` // with every rated item of an action that is not done at its target
}

// WhatIf is what a plan would bring, whole and by Focus Area. Coverage, and whether attainment is
// withheld, are those of now: no plan makes an item known.
type WhatIf struct {
	Total WhatIfFigures        `json:"total"`
	Areas Areas[WhatIfFigures] `json:"focus_areas"`
}

// WhatIfFigures are the figures that a plan moves. It says nothing of levels and evidence, which are of
// what was found.
type WhatIfFigures struct {
	Attainment *assessment.Ratio `json:"attainment"`
	Interval   *Interval         `json:"interval"`
	Gaps       int               `json:"gaps"`
	Coverage   *assessment.Ratio `json:"coverage"`
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

// PlanGaps are the gaps as the plan meets them; the four counts from Open to Unhandled make All. An
// accepted gap may have an action too.
type PlanGaps struct {
	All          int      `json:"all"`
	Open         int      `json:"open_action"`
	AcceptedOnly int      `json:"accepted_only"` // and no open action
	FinishedOnly int      `json:"finished_only"` // its actions are all done, and it is not accepted
	Unhandled    int      `json:"nothing"`
	Without      []GapRow `json:"without"` // finished_only and nothing
	Accepted     []GapRow `json:"accepted"`
}

// Lapse is the end of the acceptance of a gap.
type Lapse struct {
	Item    content.ItemID  `json:"item"`
	Expires assessment.Date `json:"expires"`
	InForce bool            `json:"in_force"`
	Early   []string        `json:"before_actions"` // open actions on the gap that are due later, or have no date
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

// OwnerLoad is the load of an owner, with the gaps that wait for a plan.
type OwnerLoad struct {
	Workload
	Bare int `json:"gaps_without_open_action"` // of the items that the owner has
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
		Gaps: PlanGaps{
			p.Gaps, p.Handled[assessment.OpenAction], p.Handled[assessment.AcceptedOnly], p.Handled[assessment.FinishedOnly], p.Handled[assessment.Unhandled],
			rows(p.Without), rows(p.Accepted),
		},
		Lapses: make([]Lapse, 0, len(p.Lapses)), Owners: make([]OwnerLoad, 0, len(p.Owners)), Quarters: make([]Workload, 0, len(p.Quarters)),
		Threshold: threshold, Now: totalOf(p.Now.Session, threshold), IfDone: whatIfOf(p.IfDone.Session),
	}
	for _, l := range p.Lapses {
		v := Lapse{l.Item.ID, l.Response.Accepted.Expires, l.Ahead, []string{}}
		for _, a := range l.Early {
			v.Early = append(v.Early, a.ID)
		}
		w.Lapses = append(w.Lapses, v)
	}
	for _, l := range p.Owners {
		w.Owners = append(w.Owners, OwnerLoad{workloadOf(l), l.Bare})
	}
	for _, l := range p.Quarters {
		w.Quarters = append(w.Quarters, workloadOf(l))
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

func workloadOf(l assessment.Workload) Workload {
	return Workload{l.Name, list(l.Actions), l.Open, l.Overdue, Effort{l.Effort[0], l.Effort[1], l.Effort[2]}, l.Gaps, day(l.Next)}
}

func whatIfOf(r assessment.RollUp) WhatIf {
	figures := func(t assessment.Tally) WhatIfFigures {
		f := WhatIfFigures{Attainment: ratio(t.Attainment()), Gaps: t.Gaps, Coverage: ratio(t.Coverage())}
		if i := t.Interval(); i.Low.Den > 0 {
			f.Interval = &Interval{i.Low, i.High}
		}
		return f
	}
	return WhatIf{figures(r.Total), areas(func(a content.Area) WhatIfFigures { return figures(r.Areas[a]) })}
}
