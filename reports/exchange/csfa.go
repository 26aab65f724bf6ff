package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/wire"
)

// csfa is a .csfa file of version 1. Its "tier" is a level of 1 to 4 for each Subcategory that borrows the
// names of the CSF Tiers; it can not hold a 0. Our levels go over one higher, so that none becomes
// unrated, and every note says what the level is here.
type csfa struct {
	SchemaVersion    int                   `json:"schemaVersion"`
	FrameworkID      string                `json:"frameworkId"`
	FrameworkVersion string                `json:"frameworkVersion"`
	Meta             csfaMeta              `json:"meta"`
	Ratings          map[string]csfaRating `json:"ratings"` // encoding/json sorts the keys
	Targets          csfaTargets           `json:"targets"`
	CreatedAt        string                `json:"createdAt"`
	UpdatedAt        string                `json:"updatedAt"`
}

type csfaMeta struct {
	ClientName string `json:"clientName"`
	Assessor   string `json:"assessor"`
	ScopeNote  string `json:"scopeNote"`
	AssessedAt string `json:"assessedAt"` // a day
}

type csfaRating struct {
	Tier *int   `json:"tier"`
	NA   bool   `json:"na"`
	Note string `json:"note,omitempty"`
}

// csfaTargets are targets of Functions. The tool reads a missing default as 4, so one is always written.
type csfaTargets struct {
	Preset     string         `json:"preset"`
	Default    int            `json:"default"`
	ByFunction map[string]int `json:"byFunction"`
}

const (
	csfaShift     = 1 // our 0 is their 1
	csfaNoTarget  = 1 // the lowest: every rating reaches it, so it makes no gap that nobody decided
	csfaFramework = "csf-2.0"
)

// WriteCSFA writes a .csfa file of version 1, with the base ratings or those of the Focus Area that the
// options name.
func WriteCSFA(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	if err := damaged(o); err != nil {
		return fmt.Errorf("write .csfa: %w", err)
	}
	in := s.Info()
	list := rows(s, o.Area)
	byFunction, _ := functionTargets(list)
	f := csfa{
		SchemaVersion: 1, FrameworkID: csfaFramework, FrameworkVersion: "2.0",
		Meta: csfaMeta{
			ClientName: oneLine(in.Organization), Assessor: oneLine(strings.Join(in.Assessors, ", ")), AssessedAt: string(assessment.DayOf(s.Changed())),
			ScopeNote: strings.Join([]string{
				oneLine(in.Name) + ": " + taken(o.Area) + ".",
				"Levels are those of the scale 0 to 3, written one higher: 1 Not, 2 Partially, 3 Largely, 4 Fully achieved. They are no CSF Tiers.", source(s, o),
			}, "\n"),
		},
		Ratings:   make(map[string]csfaRating),
		Targets:   csfaTargets{"custom", csfaNoTarget, byFunction},
		CreatedAt: stamp(in.Created), UpdatedAt: stamp(s.Changed()),
	}
	for _, r := range list {
		rating := csfaRating{NA: r.out != ""}
		if n, ok := r.current.Level(); ok {
			rating.Tier = new(n + csfaShift)
			r.notes = append([]string{fmt.Sprintf("level %d %s on the scale 0 to 3", n, assessment.LevelWord(n))}, r.notes...)
		}
		if n, ok := r.target.Level(); ok {
			r.note("target", fmt.Sprintf("%d %s on the scale 0 to 3", n, assessment.LevelWord(n)))
		}
		rating.Note = strings.Join(append(r.notes, r.refs...), "\n")
		f.Ratings[r.sub] = rating
	}
	return writeJSON(w, ".csfa", f)
}

// functionTargets returns the targets of the Functions in which every target is the same, shifted, and how
// many targets the others have.
func functionTargets(list []row) (same map[string]int, lost int) {
	levels := make(map[string]map[int]int)
	for _, r := range list {
		if n, ok := r.target.Level(); ok {
			fn := r.sub[:2]
			if levels[fn] == nil {
				levels[fn] = make(map[int]int)
			}
			levels[fn][n]++
		}
	}
	same = make(map[string]int)
	for fn, use := range levels {
		for n, count := range use {
			if len(use) == 1 {
				same[fn] = n + csfaShift
			} else {
				lost += count
			}
		}
	}
	return same, lost
}

// CSFALoss says what a .csfa file of the session does not carry.
func CSFALoss(s *assessment.Snapshot, o wire.Options) []string {
	lines := append(ratingsLost(s, o.Area),
		"levels are written one higher, 0 to 3 as 1 to 4, for that file has no 0; the tool shows them under the names of the CSF Tiers, which they are not")
	if _, lost := functionTargets(rows(s, o.Area)); lost > 0 {
		lines = append(lines, count(lost, "target")+" stand in the notes alone: the file has one for each Function, and theirs differ")
	}
	return append(lines,
		"a Function without one common target gets the lowest, 1, which every rating reaches; no gap is shown there",
		"evidence stands in the notes; the plan, the Tier statement, AI systems, owners and the journal stay behind")
}

// CheckCSFA reads a .csfa file back and compares it with the session.
func CheckCSFA(data []byte, s *assessment.Snapshot, o wire.Options) error {
	var f struct {
		SchemaVersion int
		FrameworkID   string
		Ratings       map[string]map[string]any
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("check .csfa: %w", err)
	}
	if f.SchemaVersion != 1 || f.FrameworkID != csfaFramework {
		return fmt.Errorf("check .csfa: version %d of %q", f.SchemaVersion, f.FrameworkID)
	}
	want := rows(s, o.Area)
	if len(f.Ratings) != len(want) {
		return fmt.Errorf("check .csfa: %d Subcategories, not %d", len(f.Ratings), len(want))
	}
	var errs []error
	for _, r := range want {
		got := f.Ratings[r.sub]
		if !sameLevel(got["tier"], r.current, csfaShift) || got["na"] != (r.out != "") {
			errs = append(errs, fmt.Errorf("check .csfa: %s is %v", r.sub, got))
		}
	}
	return errors.Join(errs...)
}
