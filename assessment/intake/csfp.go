package intake

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
)

// csfpFile is what is read of a .csfp profile of version 1 or 2.
type csfpFile struct {
	SchemaVersion json.RawMessage `json:"schemaVersion"` // a string, in some files a number
	Profile       struct {
		FrameworkRef string `json:"frameworkRef"`
		Settings     struct {
			Scale struct {
				Min number `json:"min"`
				Max number `json:"max"`
			} `json:"scale"`
		} `json:"settings"`
	} `json:"profile"`
	Assessments []json.RawMessage `json:"assessments"`
}

type csfpRow struct {
	Subcategory   string   `json:"subcategoryId"`
	Applicability string   `json:"applicability"`
	Current       number   `json:"current"` // null is not rated, never 0
	Target        number   `json:"target"`
	Priority      string   `json:"priority"`
	Status        string   `json:"status"`
	Notes         string   `json:"notes"`
	EvidenceRefs  []string `json:"evidenceRefs"`
	LastReviewed  string   `json:"lastReviewed"`
	ConfirmedAt   string   `json:"confirmedAt"`
	ConfirmedBy   string   `json:"confirmedBy"`
	Source        string   `json:"source"`
}

var csfpMembers = strings.Fields(`
	schemaVersion profile assessments intake history snapshots actionItems overlays
	id name frameworkRef scope tier settings created updated
	purpose orgUnits threatTypes owner assumptions overall byFunction scale type min max labels
	priorityWeights functionWeights reporting scopeThresholdPct GV ID PR DE RS RC 0 1 2 3 4 5 low medium high critical
	subcategoryId applicability current target priority status notes evidenceRefs lastReviewed confirmedAt confirmedBy source
	label sourceDate recordedAt subjects recordedBy title linkedSubcategoryIds milestone targetDate
	cyberAi enabled focusAreas mode datasetVersion
`)

const csfpScale = "current"

// readCSFP reads a .csfp profile. Its scale is ours where it goes from 0 to 3; then its ratings become
// base ratings as they are. Those of another scale are offered for mapping.
func (f *File) readCSFP(data []byte) *Problem {
	var doc csfpFile
	if at, err := decode(data, "", &doc); err != nil {
		return refuse(at, "", err.Error(), "")
	}
	version := strings.Trim(string(doc.SchemaVersion), `"`)
	if major, _, _ := strings.Cut(version, "."); major != "1" && major != "2" {
		return refuse(Place{Path: "schemaVersion"}, version, "is not a version of .csfp that is read", "versions 1 and 2 are")
	}
	if ref := doc.Profile.FrameworkRef; ref != "" && ref != "nist-csf-2.0" {
		return refuse(Place{Path: "profile.frameworkRef"}, ref, "is not CSF 2.0", "")
	}
	scale := doc.Profile.Settings.Scale
	ours := (scale.Min == "" || scale.Min == "0") && (scale.Max == "" || scale.Max == "3")
	targets := 0
	for i, raw := range doc.Assessments {
		path := fmt.Sprintf("assessments[%d]", i)
		var row csfpRow
		if at, err := decode(raw, path, &row); err != nil {
			f.skip(at, "", err.Error(), "")
			continue
		}
		if f.csfpRow(path, row, ours) {
			targets++
		}
	}
	if targets > 0 {
		f.notice(Place{}, "", fmt.Sprintf("The file has %s. A base rating has none: they are kept in the notes, unless a Focus Area is chosen for the file.",
			counted(targets, "target", "targets")), "")
	}
	return nil
}

// csfpRow reads an assessment and reports whether it has a target.
func (f *File) csfpRow(path string, row csfpRow, ours bool) (targeted bool) {
	at := func(member string) Place { return Place{Path: path + "." + member} }
	sub, ok := f.subcategory(at("subcategoryId"), row.Subcategory)
	if !ok {
		return false
	}
	about := ofWhole(sub)
	note := func(member, text string) {
		if tidy(text) != "" {
			f.state(at(member), about, remarkClaim{".csfp profile, " + member, text})
		}
	}
	if row.Applicability == "not-applicable" {
		f.outOfProfile(at("applicability"), sub, row.Applicability, row.Notes, "say why in notes")
		return false
	}
	switch confirmed := row.LastReviewed+row.ConfirmedAt+row.ConfirmedBy+row.Source != ""; {
	case row.Current == "":
	case row.Current == "0" && row.Status == "not-started" && !confirmed:
		f.skip(at("current"), string(row.Current), "stands beside the status not-started and nobody confirmed it, so it is not a rating", "rate it, or set lastReviewed")
	case !ours:
		f.state(at("current"), about, scored{scale: csfpScale, value: string(row.Current), as: baseOf})
		note("current", string(row.Current))
	default:
		n, err := strconv.Atoi(string(row.Current))
		rating, out := assessment.AtLevel(n)
		if err != nil || out != nil {
			f.skip(at("current"), string(row.Current), "is not on the scale 0 to 3", "")
			break
		}
		f.state(at("current"), about, baseClaim{rating: rating})
	}
	n, err := strconv.Atoi(string(row.Target))
	if target, out := assessment.TargetAt(n); ours && err == nil && out == nil {
		targeted = true
		f.state(at("target"), about, itemClaim{targetClaim{rating: target}, remarkClaim{".csfp profile, target", string(row.Target)}})
	} else {
		note("target", string(row.Target))
	}
	if row.Priority != "medium" { // what every new row has
		note("priority", row.Priority)
	}
	note("notes", row.Notes)
	for k, ref := range row.EvidenceRefs {
		note(fmt.Sprintf("evidenceRefs[%d]", k), ref)
	}
	return targeted
}
