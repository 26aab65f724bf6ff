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
	csfaNoTarget  = 1 // of a Function without any target: the lowest, so it makes no gap that nobody decided
	csfaFramework = "csf-2.0"
)

// WriteCSFA writes a .csfa file of version 1, with the base ratings or those of the Focus Area that the
// options name.
func WriteCSFA(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	in := s.Info()
	list := rows(s, o.Area)
	byFunction, raised := functionTargets(list)
	about := []string{targetNote(byFunction, raised)}
	if m := marking(s); m != "" {
		about = append(about, m)
	}
	about = append(about, oneLine(in.Name)+": "+taken(o.Area)+".",
		"Levels are those of the scale 0 to 3, written one higher: 1 Not, 2 Partially, 3 Largely, 4 Fully achieved. They are no CSF Tiers.", source(s, o))
	f := csfa{
		SchemaVersion: 1, FrameworkID: csfaFramework, FrameworkVersion: "2.0",
		Meta: csfaMeta{
			ClientName: oneLine(in.Organization), Assessor: oneLine(strings.Join(in.Assessors, ", ")), AssessedAt: string(assessment.DayOf(s.Changed())),
			ScopeNote: strings.Join(about, "\n"),
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
			r.note("target: ", fmt.Sprintf("%d %s on the scale 0 to 3", n, assessment.LevelWord(n)))
		}
		rating.Note = strings.Join(append(r.notes, r.refs...), "\n")
		f.Ratings[r.sub] = rating
	}
	return writeJSON(w, f)
}

// functionTargets returns the highest target of each Function that has one, shifted: the file has one for
// a Function, and a lower one would show gaps as met. Raised counts the Subcategories that it asks more of
// than they were set: those with a lower target, and those with a rating and no target.
func functionTargets(list []row) (highest map[string]int, raised int) {
	highest = make(map[string]int)
	for _, r := range list {
		if n, ok := r.target.Level(); ok {
			highest[r.sub[:2]] = max(highest[r.sub[:2]], n+csfaShift)
		}
	}
	for _, r := range list {
		top := highest[r.sub[:2]] // 0 where the Function has none
		if n, ok := r.target.Level(); ok && n+csfaShift < top || !ok && r.current.Known() && top > 0 {
			raised++
		}
	}
	return highest, raised
}

// targetNote says what the targets of the file are worth.
func targetNote(byFunction map[string]int, raised int) string {
	switch {
	case len(byFunction) == 0:
		return "No target: none was set, so this file shows no gap. That does not say that there is none."
	case raised == 0:
		return "Targets: one for each Function, which its Subcategories share. A Function without any has the lowest, and shows no gap."
	}
	return fmt.Sprintf("Targets: one for each Function, the highest of its Subcategories, so that no shortfall is understated. "+
		"%s had a lower target of their own, or none, as the notes say: there a gap is shown larger than it is, or where there is none. A Function without any target has the lowest, and shows no gap.",
		count(raised, "Subcategory"))
}

// CSFALoss says what a .csfa file of the session does not carry.
func CSFALoss(s *assessment.Snapshot, o wire.Options) []string {
	var lines []string
	if _, raised := functionTargets(rows(s, o.Area)); raised > 0 {
		lines = append(lines, "the own targets of "+count(raised, "Subcategory")+
			", which are lower or not set: the file has one target for each Function, the highest there, so a gap can be shown larger than it is, or where there is none, and never smaller")
	}
	return append(append(lines, ratingsLost(s, o.Area)...),
		"levels are written one higher, 0 to 3 as 1 to 4, for that file has no 0; the tool shows them under the names of the CSF Tiers, which they are not",
		"a Function without any target gets the lowest, 1, which every rating reaches; no gap is shown there",
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
		return err
	}
	if f.SchemaVersion != 1 || f.FrameworkID != csfaFramework {
		return fmt.Errorf("version %d of %q", f.SchemaVersion, f.FrameworkID)
	}
	want := rows(s, o.Area)
	if len(f.Ratings) != len(want) {
		return fmt.Errorf("%d Subcategories, not %d", len(f.Ratings), len(want))
	}
	var errs []error
	for _, r := range want {
		got := f.Ratings[r.sub]
		if !sameLevel(got["tier"], r.current, csfaShift) || got["na"] != (r.out != "") {
			errs = append(errs, fmt.Errorf("%s is %v", r.sub, got))
		}
	}
	return errors.Join(errs...)
}
