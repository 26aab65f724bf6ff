package intake

import (
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
)

const (
	profileID       = "ID"
	profileInScope  = "In Scope?" // the file has a blank after it
	profileArtifact = "Artifact Name"
)

var profileQuarters = []string{"Q1", "Q2", "Q3", "Q4"}

// profileColumns are the columns of a csf_profile Profile CSV.
func profileColumns() []string {
	columns := []string{
		profileID, "Function", "Function Description", "Category ID", "Category", "Category Description", "Subcategory ID",
		"Subcategory Description", "Implementation Example", "Implementation Description", profileInScope, "Owner", "Stakeholder(s)",
		"Auditor", "NIST 800-53 Control Ref", "Test Procedure(s)", "Remediation Owner", "Remediation Due Date", "Minimum Target",
		"Action Plan", profileArtifact,
	}
	for _, q := range profileQuarters {
		for _, what := range []string{"Actual Score", "Target Score", "Observations", "Observation Date", "Testing Status", "Examine", "Interview", "Test"} {
			columns = append(columns, q+" "+what)
		}
	}
	return columns
}

func isCSFProfile(t *table) bool {
	return t.has(profileID, "Implementation Example", "Q1 Actual Score")
}

// readCSFProfile reads a Profile CSV of csf_profile. A row is an implementation example, of which a
// Subcategory has several. Scores of a quarter are a scale of their own; where the examples of a
// Subcategory are mapped to different ratings, the lowest counts.
func (f *File) readCSFProfile(t *table) {
	f.ignore(t, profileColumns()...)
	f.body(t, func(r row) {
		id := t.cell(r, profileID)
		word, example, _ := strings.Cut(id.text, " ") // "GV.SC-04 Ex1"
		sub, ok := f.subcategory(id.place, word)
		if !ok {
			return
		}
		source := strings.TrimSpace("csf_profile " + sub + " " + example)
		inScope := !strings.EqualFold(t.cell(r, profileInScope).text, "no")
		for _, q := range profileQuarters {
			f.profileQuarter(t, r, sub, source, q, inScope)
		}
		for _, column := range []string{"Action Plan", "Remediation Owner", "Remediation Due Date"} {
			f.profileNote(t.cell(r, column), sub, source)
		}
		f.profileArtifacts(t, r, sub)
	})
}

// profileQuarter reads what a row says of a quarter. A score of what was not started or is not in scope
// is none, whatever the number.
func (f *File) profileQuarter(t *table, r row, sub, source, q string, inScope bool) {
	score, status := t.cell(r, q+" Actual Score"), t.cell(r, q+" Testing Status")
	switch unrated := !inScope || strings.EqualFold(status.text, "not started"); {
	case score.text == "":
	case unrated && isZero(score.text):
	case unrated:
		why := fmt.Sprintf("is a score of what is %q", status.text)
		if !inScope {
			why = "is a score of what is not in scope"
		}
		f.skip(score.place, score.text, why, "correct the one that is wrong")
	default:
		f.state(score.place, ofWhole(sub), scored{
			scale: score.place.Column, value: score.text,
			as: func(r assessment.Rating) claim { return baseClaim{rating: r, lowest: true} },
		})
		f.profileNote(score, sub, source)
		f.profileNote(t.cell(r, q+" Target Score"), sub, source)
	}
	f.profileNote(t.cell(r, q+" Observations"), sub, source)
}

func isZero(s string) bool { return s != "" && strings.Trim(s, "0.,") == "" }

func (f *File) profileNote(c cell, sub, source string) {
	if c.text != "" {
		f.state(c.place, ofWhole(sub), remarkClaim{source + ", " + c.place.Column, c.text})
	}
}

// profileArtifacts reads the artifacts as evidence, of the strongest method that the row ticks and the
// last day that it observes.
func (f *File) profileArtifacts(t *table, r row, sub string) {
	ev := assessment.Evidence{Method: assessment.Asserted}
	for _, q := range profileQuarters {
		for _, m := range []struct {
			column string
			method assessment.Method
		}{{"Examine", assessment.Examined}, {"Interview", assessment.Interviewed}, {"Test", assessment.Tested}} {
			if ticked(t.cell(r, q+" "+m.column).text) {
				ev.Method = max(ev.Method, m.method)
			}
		}
		if day, err := assessment.ParseDate(t.cell(r, q+" Observation Date").text); err == nil {
			ev.Date = max(ev.Date, day)
		}
	}
	c := t.cell(r, profileArtifact)
	for _, name := range list(c.text) {
		ev.Ref = name
		entry := evidenceClaim{ev}
		f.state(c.place, ofWhole(sub), itemClaim{entry, remarkClaim{"csf_profile, evidence", entry.says()}})
	}
}

func ticked(s string) bool {
	return slices.Contains([]string{"yes", "y", "true", "x", "1"}, strings.ToLower(s))
}
