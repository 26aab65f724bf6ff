package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// csfp is a .csfp file of version 2. Its scale is ours, so ratings go over as they are.
type csfp struct {
	SchemaVersion string           `json:"schemaVersion"` // a string there
	Profile       csfpProfile      `json:"profile"`
	Assessments   []csfpAssessment `json:"assessments"`
	Intake        []csfpIntake     `json:"intake"`
	History       []any            `json:"history"`
	Snapshots     []any            `json:"snapshots"`
	ActionItems   []csfpAction     `json:"actionItems"`
	Overlays      *csfpOverlays    `json:"overlays,omitempty"` // where the file holds one Focus Area
}

type csfpProfile struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	FrameworkRef string       `json:"frameworkRef"`
	Scope        csfpScope    `json:"scope"`
	Tier         csfpTier     `json:"tier"`
	Settings     csfpSettings `json:"settings"`
	Created      string       `json:"created"`
	Updated      string       `json:"updated"`
}

type csfpScope struct {
	Purpose     string   `json:"purpose"`
	OrgUnits    []string `json:"orgUnits"`
	ThreatTypes []string `json:"threatTypes"`
	Owner       string   `json:"owner"`
	Assumptions string   `json:"assumptions"`
}

type csfpTier struct {
	Overall    *int            `json:"overall"`
	ByFunction map[string]*int `json:"byFunction"` // encoding/json sorts the keys
}

// csfpSettings gives every priority and Function the same weight: here priority says what to do first,
// and multiplies nothing.
type csfpSettings struct {
	Scale           csfpScale      `json:"scale"`
	PriorityWeights map[string]int `json:"priorityWeights"`
	FunctionWeights map[string]int `json:"functionWeights"`
	Reporting       csfpReporting  `json:"reporting"`
}

type csfpScale struct {
	Type   string            `json:"type"`
	Min    int               `json:"min"`
	Max    int               `json:"max"`
	Labels map[string]string `json:"labels"`
}

type csfpReporting struct {
	Threshold int `json:"scopeThresholdPct"`
}

type csfpAssessment struct {
	Subcategory   string   `json:"subcategoryId"`
	Applicability string   `json:"applicability"`
	Current       *int     `json:"current"` // null is not yet rated, never 0
	Target        *int     `json:"target"`
	Priority      string   `json:"priority"`
	Status        string   `json:"status"`
	Notes         string   `json:"notes"`
	EvidenceRefs  []string `json:"evidenceRefs"`
	LastReviewed  *string  `json:"lastReviewed"`
	ConfirmedAt   *string  `json:"confirmedAt"`
	ConfirmedBy   *string  `json:"confirmedBy"`
	Source        *string  `json:"source"`
}

type csfpIntake struct {
	ID         string   `json:"id"`
	Label      string   `json:"label"`
	SourceDate string   `json:"sourceDate"`
	RecordedAt string   `json:"recordedAt"`
	Subjects   []string `json:"subjects"`
	RecordedBy string   `json:"recordedBy"`
}

type csfpAction struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Linked     []string `json:"linkedSubcategoryIds"`
	Owner      string   `json:"owner"`
	Milestone  string   `json:"milestone"`
	TargetDate *string  `json:"targetDate"`
	Status     string   `json:"status"`
	Notes      string   `json:"notes"`
}

type csfpOverlays struct {
	CyberAI csfpCyberAI `json:"cyberAi"`
}

// csfpCyberAI says of which Focus Areas of the Cyber AI Profile the file is. What its other members may
// hold is known of that tool alone, so they are left out.
type csfpCyberAI struct {
	Enabled    bool     `json:"enabled"`
	FocusAreas []string `json:"focusAreas"`
}

// csfpPriority says why every row has the same priority.
const csfpPriority = "Priority: medium is a placeholder in every row, for that tool multiplies by it; the notes have each item's own."

// intakeID names the one source of all ratings in a file: the session.
const intakeID = "in-0001"

// WriteCSFP writes a .csfp file of version 2, with the base ratings or those of the Focus Area that the
// options name.
func WriteCSFP(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	in := s.Info()
	var assumptions []string
	if m := marking(s); m != "" {
		assumptions = append(assumptions, m)
	}
	assumptions = append(append(assumptions, texts(in.Assumptions)...), assessment.ExchangeTaken+taken(o.Area)+".", csfpPriority, source(s, o))
	f := csfp{
		SchemaVersion: "2.0",
		Profile: csfpProfile{
			ID: in.ID, Name: oneLine(in.Organization + ", " + in.Name + " (" + taken(o.Area) + ")"), FrameworkRef: "nist-csf-2.0",
			Scope: csfpScope{
				Purpose: wire.Text(in.Purpose), OrgUnits: texts(in.Units), ThreatTypes: []string{}, // an owner of the scope is not known here
				Assumptions: strings.Join(assumptions, "\n"),
			},
			Tier:     csfpTier{ByFunction: make(map[string]*int)},
			Settings: csfpSettingsOf(s),
			Created:  stamp(in.Created), Updated: stamp(s.Changed()),
		},
		Assessments: []csfpAssessment{}, Intake: []csfpIntake{}, History: []any{}, Snapshots: []any{}, ActionItems: []csfpAction{},
	}
	for fn := range s.Catalog().Functions() {
		f.Profile.Tier.ByFunction[fn.ID] = nil
	}
	if t, ok := s.Tier(); ok && t.Governance == t.Management {
		f.Profile.Tier.Overall = &t.Governance
	}
	var rated []string
	for _, r := range rows(s, o.Area) {
		a := csfpAssessmentOf(r, o.Day())
		if a.Source != nil {
			rated = append(rated, r.sub)
		}
		f.Assessments = append(f.Assessments, a)
	}
	if len(rated) > 0 {
		f.Intake = append(f.Intake, csfpIntake{
			ID: intakeID, Label: fmt.Sprintf("Plumbline session %s, journal %v", in.ID, s.Head()),
			SourceDate: string(assessment.DayOf(s.Changed())), RecordedAt: string(o.Day()), Subjects: rated, RecordedBy: oneLine(strings.Join(in.Assessors, ", ")),
		})
	}
	if o.Area != nil {
		f.ActionItems = csfpActionsOf(s, *o.Area)
		f.Overlays = &csfpOverlays{csfpCyberAI{true, []string{o.Area.String()}}}
	}
	return writeJSON(w, f)
}

func csfpSettingsOf(s *assessment.Snapshot) csfpSettings {
	set := csfpSettings{
		Scale:           csfpScale{Type: "ordinal", Max: assessment.MaxLevel, Labels: make(map[string]string)},
		PriorityWeights: map[string]int{"low": 1, "medium": 1, "high": 1, "critical": 1},
		FunctionWeights: make(map[string]int),
		Reporting:       csfpReporting{s.Info().Threshold},
	}
	for n := range assessment.MaxLevel + 1 {
		set.Scale.Labels[strconv.Itoa(n)] = assessment.LevelWord(n)
	}
	for fn := range s.Catalog().Functions() {
		set.FunctionWeights[fn.ID] = 1
	}
	return set
}

func csfpAssessmentOf(r row, on assessment.Date) csfpAssessment {
	a := csfpAssessment{
		Subcategory: r.sub, Applicability: "in-scope", Current: levelOf(r.current), Target: levelOf(r.target), Priority: "medium",
		Status: "not-started", Notes: strings.Join(r.notes, "\n"), EvidenceRefs: append([]string{}, r.refs...), LastReviewed: orNull(r.day()),
	}
	if r.out != "" {
		a.Applicability = "not-applicable"
	}
	// Who, when and from what source go together or not at all.
	if r.day() != "" && r.by != "" {
		a.ConfirmedAt, a.ConfirmedBy, a.Source = orNull(r.day()), orNull(oneLine(r.by)), orNull(intakeID)
	}
	switch {
	case !r.current.Known():
	case !r.target.Known():
		a.Status = "in-progress"
	case r.current >= r.target:
		a.Status = "met"
	case r.entry.Response.Accepted.InForce(on): // what has a target is an item
		a.Status = "accepted-gap"
	default:
		a.Status = "in-progress"
	}
	return a
}

// csfpStatus is the word of the format for how far an action is.
var csfpStatus = map[assessment.Progress]string{assessment.Planned: "open", assessment.Underway: "in-progress", assessment.Done: "closed"}

// csfpActionsOf are the actions that name an item of the Focus Area.
func csfpActionsOf(s *assessment.Snapshot, area content.Area) []csfpAction {
	list := []csfpAction{}
	for _, a := range s.Actions() {
		var subs []string
		for _, id := range a.Items {
			if id.Area == area {
				subs = append(subs, id.Sub)
			}
		}
		if len(subs) == 0 {
			continue
		}
		var steps []string
		for _, m := range a.Milestones {
			steps = append(steps, oneLine(m.String()))
		}
		list = append(list, csfpAction{
			ID: wire.Text(a.ID), Title: oneLine(a.Title), Linked: subs, Owner: oneLine(a.Owner), TargetDate: orNull(string(a.Due)),
			Status: csfpStatus[a.Status], Notes: strings.Join(steps, "\n"),
		})
	}
	return list
}

// CSFPLoss says what a .csfp file of the session does not carry.
func CSFPLoss(s *assessment.Snapshot, o wire.Options) []string {
	lines := append(ratingsLost(s, o.Area),
		"evidence goes over as references: who added it and the hashes of files stay behind",
		"priorities stand in the notes: that tool multiplies by priority, so each is written as medium, with the weight 1")
	if t, ok := s.Tier(); ok && t.Governance != t.Management {
		lines = append(lines, "the Tier statement stays behind: it has two Tiers, and the file has room for one")
	}
	if o.Area == nil && len(s.Actions()) > 0 {
		lines = append(lines, count(len(s.Actions()), "action")+" of the plan stay behind: actions belong to items, not to base ratings")
	}
	return append(lines, "the journal, AI systems, owners of items and labeled snapshots stay behind")
}

// CheckCSFP reads a .csfp file back and compares it with the session.
func CheckCSFP(data []byte, s *assessment.Snapshot, o wire.Options) error {
	var f struct {
		SchemaVersion string
		Profile       struct {
			ID       string
			Settings struct{ Scale struct{ Min, Max int } }
		}
		Assessments []map[string]any
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	if f.SchemaVersion != "2.0" || f.Profile.ID != s.Info().ID || f.Profile.Settings.Scale.Max != assessment.MaxLevel {
		return fmt.Errorf("version %q, profile %q, scale to %d", f.SchemaVersion, f.Profile.ID, f.Profile.Settings.Scale.Max)
	}
	want := rows(s, o.Area)
	if len(f.Assessments) != len(want) {
		return fmt.Errorf("%d Subcategories, not %d", len(f.Assessments), len(want))
	}
	var errs []error
	for i, r := range want {
		got := f.Assessments[i]
		if got["subcategoryId"] != r.sub || !sameLevel(got["current"], r.current, 0) || !sameLevel(got["target"], r.target, 0) ||
			(got["applicability"] == "not-applicable") != (r.out != "") {
			errs = append(errs, fmt.Errorf("%s is %v", r.sub, got))
		}
	}
	return errors.Join(errs...)
}

// sameLevel reports whether a decoded JSON value is that rating, shifted.
func sameLevel(v any, r assessment.Rating, shift int) bool {
	n, known := r.Level()
	f, ok := v.(float64)
	if !known {
		return v == nil
	}
	return ok && f == float64(n+shift)
}

func texts(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, wire.Text(s))
	}
	return out
}

func oneLine(s string) string { return strings.ReplaceAll(wire.Text(s), "\n", " ") }
