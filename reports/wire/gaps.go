package wire

import (
	"plumbline/assessment"
	"plumbline/content"
)

// GapRow is an in-profile item in the ordered list of gaps, or in the list of items whose gap is
// unknown.
type GapRow struct {
	Place
	NISTPriority content.Priority  `json:"nist_priority"`
	Priority     content.Priority  `json:"priority"` // the organization's own where it has one
	Current      assessment.Rating `json:"current"`
	Target       assessment.Rating `json:"target"`
	Gap          *int              `json:"gap"` // null where there is no rating or no target
	Inherited    bool              `json:"inherited"`
	ToConfirm    bool              `json:"to_confirm"`
	Grade        assessment.Method `json:"evidence_grade"`
	Evidence     int               `json:"evidence_count"`
	Owner        string            `json:"owner"`
	Accepted     *Acceptance       `json:"accepted"`
	Actions      []string          `json:"actions"` // ids
}

// Gaps is the data of KindGaps. Accepted gaps are among the gaps and are counted beside them.
type Gaps struct {
	OrderRule string   `json:"order_rule"`
	Gaps      []GapRow `json:"gaps"`
	Unknown   []GapRow `json:"unknown"`   // with a target and no rating
	NoTarget  NoTarget `json:"no_target"` // in profile without a target
	Accepted  Accepted `json:"accepted"`
}

// NoTarget counts the in-profile items without a target.
type NoTarget struct {
	Rated   int `json:"rated"`
	Unrated int `json:"unrated"`
}

// Accepted counts the gaps that were accepted.
type Accepted struct {
	InForce int `json:"in_force"`
	Lapsed  int `json:"lapsed"`
}

// GapsOf returns the ordered gaps of a session; whether an acceptance is in force is told on that day.
func GapsOf(s *assessment.Snapshot, on assessment.Date) Gaps {
	rows := func(es []assessment.Entry) []GapRow {
		w := make([]GapRow, 0, len(es))
		for _, e := range es {
			w = append(w, GapRowOf(s, e, on))
		}
		return w
	}
	g := Gaps{OrderRule: assessment.OrderRule, Gaps: rows(s.Gaps()), Unknown: rows(s.Unknown())}
	for e := range s.Entries() {
		switch {
		case !e.State.InProfile() || e.Response.Target.Known():
		case e.State == assessment.Rated:
			g.NoTarget.Rated++
		default:
			g.NoTarget.Unrated++
		}
	}
	for _, row := range g.Gaps {
		switch {
		case row.Accepted == nil:
		case row.Accepted.InForce:
			g.Accepted.InForce++
		default:
			g.Accepted.Lapsed++
		}
	}
	return g
}

// GapRowOf returns the row of an item.
func GapRowOf(s *assessment.Snapshot, e assessment.Entry, on assessment.Date) GapRow {
	r := e.Response
	return GapRow{
		Place: placeOf(s, e.Item.ID), NISTPriority: e.Item.Priority, Priority: e.Priority,
		Current: r.Current, Target: r.Target, Gap: gapOf(e), Inherited: r.Inherited, ToConfirm: r.ToConfirm,
		Grade: r.Grade(), Evidence: len(r.Evidence), Owner: r.Owner,
		Accepted: acceptanceOf(r.Accepted, on), Actions: actionIDs(s, e.Item.ID),
	}
}

// GapReport is the data of KindGapReport: everything that the gap report stands on.
type GapReport struct {
	Scores      Scores       `json:"scores"`
	Gaps        Gaps         `json:"gaps"`
	Divergences []Divergence `json:"divergences"`
	Items       []ItemEntry  `json:"items"` // all, in Core order
	Base        []Base       `json:"base_ratings"`
	Tier        *Tier        `json:"tier"`
	Systems     []System     `json:"ai_systems"`
	Actions     []Action     `json:"actions"`
	Asides      []Aside      `json:"no_longer_in_pack"`
}

// GapReportOf returns everything that the gap report of a session stands on.
func GapReportOf(s *assessment.Snapshot, on assessment.Date) GapReport {
	return GapReport{
		ScoresOf(s), GapsOf(s, on), DivergencesOf(s), ItemsOf(s, on),
		BasesOf(s), TierOf(s), SystemsOf(s), ActionsOf(s), AsidesOf(s),
	}
}

// Written is the data of KindReport: a report that was written to a file.
type Written struct {
	Kind   string `json:"kind"`
	Format string `json:"format"`
	File   string `json:"file"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
	Signed string `json:"signature_file"` // "" where none was made
}
