// Package example is the worked example: two sessions of a fictional hospital group. The
// demonstration, the README and the golden tests use it. The file example.json says what was answered,
// when and by whom; Sessions does it all again, act by act, so that the journals are real and always
// the same.
package example

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

//go:embed example.json
var data []byte

// AsOf is the day as of which the example is shown.
const AsOf assessment.Date = "2026-11-21"

// Sessions builds the example's sessions on a pack. The result is the same each time.
func Sessions(cat *content.Catalog) ([]*assessment.Session, error) {
	var file struct{ Sessions []sessionFile }
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read the worked example: %w", err)
	}
	var out []*assessment.Session
	for _, f := range file.Sessions {
		s, err := f.build(cat)
		if err != nil {
			return nil, fmt.Errorf("build the worked example %q: %w", f.Name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

type signed struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

func (s signed) act(reason string) assessment.Act {
	return assessment.Act{Who: s.By, Time: s.At, Reason: reason}
}

type sessionFile struct {
	ID, Organization, Name, Purpose, Path, Marking, By string
	Start                                              time.Time
	Units, Assumptions, Assessors                      []string
	AI                                                 struct{ Builds, Deploys, Uses bool }
	Areas                                              map[string]struct {
		In     bool
		Answer string
	}
	Targets   []targetFile
	Base      []baseFile
	Responses []responseFile
	Systems   []assessment.System
	Actions   []assessment.Action
	Tier      *struct {
		Governance, Management int
		Rationale              string
		signed
	}
	Snapshots []struct {
		Label string
		signed
	}
}

type targetFile struct {
	Preset string
	Levels map[content.Priority]int
	Reason string
	signed
}

type baseFile struct {
	Subcategory string
	Current     int
	signed
}

type responseFile struct {
	Item           content.ItemID
	Current        *int
	Target         int
	TargetReason   string `json:"target_reason"`
	NoTarget       bool   `json:"no_target"`
	Inherit        bool
	Out            string
	Note, Owner    string
	Asked          []string
	Evidence       []assessment.Evidence
	Priority       content.Priority
	PriorityReason string `json:"priority_reason"`
	Accept         *assessment.Acceptance
	signed
}

// step is one act of the example.
type step struct {
	by     signed
	reason string
	edit   func(*assessment.Edit) error
}

func (f *sessionFile) build(cat *content.Catalog) (*assessment.Session, error) {
	path, err := assessment.ParsePath(f.Path)
	if err != nil {
		return nil, err
	}
	info := assessment.Info{
		ID: f.ID, Organization: f.Organization, Name: f.Name, Purpose: f.Purpose, Path: path,
		Units: f.Units, Assumptions: f.Assumptions, Assessors: f.Assessors, Marking: f.Marking,
		AI: assessment.AIRoles{
			Builds: assessment.AnswerOf(f.AI.Builds), Deploys: assessment.AnswerOf(f.AI.Deploys),
			Uses: assessment.AnswerOf(f.AI.Uses), Defends: assessment.AnswerOf(f.Areas["defend"].In),
		},
	}
	for _, area := range content.Areas {
		a := f.Areas[area.String()]
		info.Areas[area] = assessment.AreaScope{Out: !a.In, Answer: a.Answer}
	}
	start := signed{f.By, f.Start}
	s, _, err := assessment.New(cat, info, start.act(""))
	if err != nil {
		return nil, err
	}
	if len(f.Systems) > 0 {
		if _, err := s.Do(start.act("AI systems in scope"), func(e *assessment.Edit) error {
			for _, v := range f.Systems {
				v.ID = "" // numbered in this order
				if _, err := e.PutSystem(v); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	steps, err := f.steps()
	if err != nil {
		return nil, err
	}
	for _, st := range steps {
		if _, err := s.Do(st.by.act(st.reason), st.edit); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// steps lists all acts of the session in the order of their times.
func (f *sessionFile) steps() ([]step, error) {
	var steps []step
	for _, t := range f.Targets {
		preset, err := t.preset()
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{t.signed, t.Reason, func(e *assessment.Edit) error {
			_, err := e.Apply(preset, t.Reason, false)
			return err
		}})
	}
	for _, b := range f.Base {
		level, err := assessment.AtLevel(b.Current)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{b.signed, "", func(e *assessment.Edit) error { return e.Base(b.Subcategory, level, "") }})
	}
	for _, r := range f.Responses {
		steps = append(steps, step{r.signed, "", r.edit})
	}
	if t := f.Tier; t != nil {
		steps = append(steps, step{t.signed, "", func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: t.Governance, Management: t.Management, Rationale: t.Rationale})
		}})
	}
	for _, sn := range f.Snapshots {
		steps = append(steps, step{sn.signed, "", func(e *assessment.Edit) error {
			_, err := e.TakeSnapshot(sn.Label)
			return err
		}})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.by.At.Compare(b.by.At) })
	if len(f.Actions) > 0 { // the plan is made at the end, from the gaps
		last := steps[len(steps)-1].by
		steps = append(steps, step{last, "plan agreed at the end of the last sitting", func(e *assessment.Edit) error {
			for _, a := range f.Actions {
				a.ID = "" // numbered in this order
				if _, err := e.PutAction(a); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	return steps, nil
}

func (t targetFile) preset() (assessment.Preset, error) {
	if level, ok := strings.CutPrefix(t.Preset, "all-"); ok {
		n, err := strconv.Atoi(level)
		if err != nil {
			return assessment.Preset{}, fmt.Errorf("preset %q: %w", t.Preset, err)
		}
		return assessment.AllAt(n)
	}
	return assessment.ByPriority(t.Levels)
}

// edit does what the example says of one item, in the order in which a person would.
func (r responseFile) edit(e *assessment.Edit) error {
	var err error
	do := func(when bool, act func() error) {
		if err == nil && when {
			err = act()
		}
	}
	do(r.Current != nil, func() error {
		level, err := assessment.AtLevel(*r.Current)
		if err != nil {
			return err
		}
		return e.Rate(r.Item, level)
	})
	do(r.Inherit, func() error { return e.Inherit(r.Item) })
	do(r.Target > 0, func() error {
		target, err := assessment.TargetAt(r.Target)
		if err != nil {
			return err
		}
		return e.Target(r.Item, target, r.TargetReason)
	})
	do(r.NoTarget, func() error { return e.Target(r.Item, assessment.NoTarget, "") })
	do(r.Out != "", func() error { return e.Exclude(r.Item, r.Out) })
	do(r.Note != "", func() error { return e.Note(r.Item, r.Note) })
	do(r.Owner != "", func() error { return e.Owner(r.Item, r.Owner) })
	do(len(r.Asked) > 0, func() error { return e.Asked(r.Item, r.Asked) })
	for _, ev := range r.Evidence {
		do(true, func() error { return e.AddEvidence(r.Item, ev) })
	}
	do(r.Priority != 0, func() error { return e.Prioritize(r.Item, r.Priority, r.PriorityReason) })
	do(r.Accept != nil, func() error { return e.Accept(r.Item, *r.Accept) })
	return err
}
