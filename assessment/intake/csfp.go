package intake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
)

// csfpFile is what is read of a .csfp profile of version 1 or 2.
type csfpFile struct {
	SchemaVersion json.RawMessage `json:"schemaVersion"` // a string, in some files a number
	Profile       struct {
		FrameworkRef string `json:"frameworkRef"`
		Scope        struct {
			Assumptions json.RawMessage `json:"assumptions"` // a text where it is ours
		} `json:"scope"`
		Settings struct {
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
	made := csfpMadeBy(doc.Profile.Scope.Assumptions)
	targets := 0
	for i, raw := range doc.Assessments {
		path := fmt.Sprintf("assessments[%d]", i)
		var row csfpRow
		if at, err := decode(raw, path, &row); err != nil {
			f.skip(at, "", err.Error(), "")
			continue
		}
		if f.csfpRow(path, row, ours, made) {
			targets++
		}
	}
	if targets > 0 {
		f.notice(Place{}, "", fmt.Sprintf("The file has %s. A base rating has none: they are kept in the notes, unless a Focus Area is chosen for the file.",
			counted(targets, "target", "targets")), "")
	}
	return nil
}

// csfpMaker says who made a file: its texts are those of the notes that we wrote, or texts of others.
type csfpMaker uint8

const (
	byOthers   csfpMaker = iota
	oursOfBase           // its notes are those of base ratings
	oursOfArea           // its notes are those of the items of a Focus Area, with lines of ours around them
)

func csfpMadeBy(assumptions json.RawMessage) csfpMaker {
	var text string
	if json.Unmarshal(assumptions, &text) != nil {
		return byOthers
	}
	for line := range strings.Lines(text) {
		if what, ok := strings.CutPrefix(line, assessment.ExchangeTaken); ok {
			if strings.HasPrefix(what, assessment.ExchangeArea) {
				return oursOfArea
			}
			return oursOfBase
		}
	}
	return byOthers
}

// csfpLines are the lines that we write around the note of an item, without their heads.
type csfpLines struct{ priority, reason, accepted string }

// cutOurs returns the notes of an item without the lines of ours, and what these say. What was written
// there since stays.
func cutOurs(notes, sub string) (string, csfpLines) {
	var own csfpLines
	lines := slices.DeleteFunc(strings.Split(notes, "\n"), func(line string) bool {
		return line == assessment.ExchangeOutside || line == assessment.TemplateInherited+sub // which follow from other records
	})
	kept := lines
	for i, line := range slices.Backward(lines) {
		var ok bool
		if own.priority, ok = strings.CutPrefix(line, assessment.ExchangePriority); !ok {
			continue
		}
		kept = lines[:i:i]
		for _, line := range lines[i+1:] {
			if text, ok := strings.CutPrefix(line, assessment.ExchangeReason); ok {
				own.reason = text
			} else if text, ok := strings.CutPrefix(line, assessment.ExchangeAccepted); ok {
				own.accepted = text
			} else {
				kept = append(kept, line)
			}
		}
		break
	}
	return strings.Join(kept, "\n"), own
}

// own is the priority that the organization set itself, if the line says that it did.
func (l csfpLines) own() (priorityClaim, bool) {
	text, rest, own := strings.Cut(l.priority, "; "+assessment.TemplateProposed)
	_, reason, _ := strings.Cut(rest, ". ")
	p, ok := parsePriority(text)
	return priorityClaim{p, reason}, own && ok
}

// acceptance is the accepted gap, if the line says one.
func (l csfpLines) acceptance() (*assessment.Acceptance, bool) {
	text, ok := l.accepted, l.accepted != ""
	cut := func(head string) (rest string) {
		i := strings.LastIndex(text, head)
		if ok = ok && i >= 0; ok {
			text, rest = text[:i], text[i+len(head):]
		}
		return rest
	}
	expires, err := assessment.ParseDate(cut(assessment.ExchangeExpires))
	a := &assessment.Acceptance{Expires: expires, Approver: cut(assessment.ExchangeApprover), Reason: text}
	return a, ok && err == nil
}

// csfpRow reads an assessment and reports whether it has a target.
func (f *File) csfpRow(path string, row csfpRow, ours bool, made csfpMaker) (targeted bool) {
	at := func(member string) Place { return Place{Path: path + "." + member} }
	sub, ok := f.subcategory(at("subcategoryId"), row.Subcategory)
	if !ok {
		return false
	}
	about := ofWhole(sub)
	remark := func(member, text string) remarkClaim { return remarkClaim{".csfp profile, " + member, text} }
	note := func(member, text string) {
		if c := remark(member, text); tidy(text) != "" {
			if member == "notes" && made != byOthers {
				c.source = ""
			}
			f.state(at(member), about, c)
		}
	}
	var lines csfpLines
	if made == oursOfArea {
		row.Notes, lines = cutOurs(row.Notes, sub)
		if c, ok := lines.own(); ok {
			f.state(at("notes"), about, itemClaim{c, remark("priority", lines.priority)})
		}
		if a, ok := lines.acceptance(); ok {
			f.state(at("notes"), about, itemClaim{acceptClaim{a}, remark("accepted gap", lines.accepted)})
		}
	}
	if row.Applicability == "not-applicable" {
		reason := row.Notes
		if made == oursOfArea {
			reason, row.Notes, _ = strings.Cut(row.Notes, "\n")
			note("notes", row.Notes)
		}
		if made != oursOfArea || !scoped(reason) { // a scope is the session's, not a reason of the item
			f.outOfProfile(at("applicability"), sub, row.Applicability, reason, "say why in notes")
		}
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
		f.state(at("target"), about, itemClaim{targetClaim{target, lines.reason}, remark("target", string(row.Target))})
	} else {
		note("target", string(row.Target))
	}
	if row.Priority != "medium" { // what every new row has
		note("priority", row.Priority)
	}
	note("notes", row.Notes)
	for k, ref := range row.EvidenceRefs {
		member := fmt.Sprintf("evidenceRefs[%d]", k)
		if ev, ok := parseEntry(ref); ok && made == oursOfArea {
			f.state(at(member), about, itemClaim{evidenceClaim{ev}, remark(member, ref)})
		} else {
			note(member, ref)
		}
	}
	return targeted
}
