package exchange

import (
	"fmt"
	"io"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/csv"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

// cisoColumns are the columns of the audit file that CISO Assistant reads. It skips a row whose assessable
// is not TRUE; its score means the four Tiers and is left out.
var cisoColumns = [...]string{"ref_id", "urn", "assessable", "compliance_result", "requirement_progress", "observations"}

const cisoNode = "urn:intuitem:risk:req_node:nist-csf-2.0:"

// The results that CISO Assistant knows and that are used here.
const (
	notApplicable = "not_applicable"
	nonCompliant  = "non_compliant"
	partially     = "partially_compliant"
	compliant     = "compliant"
)

// cisoSheet is the audit file of CISO Assistant: a row for each Subcategory of which something is known,
// in Core order. Its one result is a filing aid and no score: that of the least achieved item in profile.
// The three Focus Areas stand in full in the observations. What the file stands on is told whole in the
// first row and in few words in the others, each of which becomes a record of its own over there.
func cisoSheet(s *assessment.Snapshot, o wire.Options) model.Sheet {
	sheet := model.Sheet{Name: "Audit", Register: true}
	for i, c := range cisoColumns {
		sheet.Columns = append(sheet.Columns, model.SheetColumn{Title: c, Width: [...]int{12, 52, 12, 22, 22, 100}[i], Wrap: i == 5})
	}
	from := source(s, o)
	for sub := range s.Catalog().Subcategories() {
		var entries []assessment.Entry
		for _, a := range content.Areas {
			if i, ok := s.Catalog().Index(content.ItemID{Sub: sub.ID, Area: a}); ok {
				entries = append(entries, s.Entry(i))
			}
		}
		result, progress := filed(entries)
		if result == "" {
			continue
		}
		lines := make([]string, 0, len(entries)+3)
		for _, e := range entries {
			lines = append(lines, observation(s, e, o.Day()))
		}
		if m := marking(s); m != "" {
			lines = append(lines, m)
		}
		lines = append(lines, "Filed as "+result+" by the least achieved of the items in profile; that is a filing aid, not a score.", from)
		from = shortSource(s, o)
		row := make([]model.Value, 0, len(cisoColumns))
		for _, v := range []string{sub.ID, cisoNode + strings.ToLower(sub.ID), "TRUE", result, progress, strings.Join(lines, "\n")} {
			row = append(row, model.Value{Text: v})
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}

// filed returns the result and the progress of a Subcategory with these items, both "" where nothing is
// known of it: no item in profile is rated, and not all that are in scope were taken out of the profile.
func filed(entries []assessment.Entry) (result, progress string) {
	rated, unrated, out, later := 0, 0, 0, 0
	least := assessment.MaxLevel
	for _, e := range entries {
		switch e.State {
		case assessment.Rated:
			rated++
			n, _ := e.Response.Current.Level()
			least = min(least, n)
		case assessment.Unanswered:
			unrated++
		case assessment.OutOfProfile:
			out++
		case assessment.OutsidePath:
			later++
		}
	}
	switch {
	case rated == 0 && out > 0 && unrated+later == 0:
		return notApplicable, "done"
	case rated == 0:
		return "", ""
	}
	progress = "in_progress"
	if unrated == 0 {
		progress = "done"
	}
	switch least {
	case 0:
		return nonCompliant, progress
	case assessment.MaxLevel:
		return compliant, progress
	}
	return partially, progress
}

// observation tells all of an item: "Secure: 1 Partially achieved, target 3 Fully achieved; …". Whether an
// acceptance is in force is told on the given day.
func observation(s *assessment.Snapshot, e assessment.Entry, on assessment.Date) string {
	r, area := e.Response, e.Item.ID.Area
	head := area.Label() + ": "
	switch e.State {
	case assessment.AreaOutOfScope:
		return head + "Focus Area out of scope: " + wire.Text(s.Info().Areas[area].Decided())
	case assessment.OutOfProfile:
		return head + "out of profile: " + wire.Text(r.Out)
	case assessment.OutsidePath:
		return head + "outside the path of the session"
	}
	said := "unrated"
	if r.Current.Known() {
		said = r.Current.String() + " " + r.Current.Word()
		if r.Inherited {
			said += ", inherited"
		}
	}
	if r.Target.Known() {
		said += fmt.Sprintf(", target %v %s", r.Target, r.Target.Word())
	} else {
		said += ", no target"
	}
	parts := []string{said, fmt.Sprintf("priority %d %v", uint8(e.Priority), e.Priority), "evidence: " + r.Grade().String()}
	if r.Owner != "" {
		parts = append(parts, "owner: "+wire.Text(r.Owner))
	}
	if a := r.Accepted; a != nil && e.Gap() > 0 {
		until := "accepted until"
		if !a.InForce(on) {
			until = "acceptance lapsed on"
		}
		parts = append(parts, fmt.Sprintf("gap %s %s by %s: %s", until, a.Expires, wire.Text(a.Approver), wire.Text(a.Reason)))
	}
	for a := range s.ActionsFor(e.Item.ID) {
		parts = append(parts, action(a))
	}
	if r.Note != "" {
		parts = append(parts, wire.Text(r.Note))
	}
	return head + strings.Join(parts, "; ")
}

// action is an action in few words: "action A-1 (underway, due 2027-01-31, owner: CISO): Title".
func action(a assessment.Action) string {
	about := []string{string(a.Status)}
	if a.Due != "" {
		about = append(about, "due "+string(a.Due))
	}
	if a.Owner != "" {
		about = append(about, "owner: "+a.Owner)
	}
	return fmt.Sprintf("action %s (%s): %s", oneLine(a.ID), oneLine(strings.Join(about, ", ")), oneLine(a.Title))
}

// WriteCISO writes the audit file as CSV, with commas.
func WriteCISO(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	return csv.WriteSheet(w, cisoSheet(s, o), ',')
}

// CheckCISO reads the audit file back and compares it with the session.
func CheckCISO(data []byte, s *assessment.Snapshot, o wire.Options) error {
	return csv.CheckSheet(data, cisoSheet(s, o), ',')
}

// CISOWorkbook is the audit file as a workbook. It has the one sheet that CISO Assistant looks for.
func CISOWorkbook(s *assessment.Snapshot, o wire.Options) model.Workbook {
	return model.Workbook{Title: "CISO Assistant audit, CSF 2.0", Marking: oneLine(s.Info().Marking), Sheets: []model.Sheet{cisoSheet(s, o)}}
}

// CISOLoss says what the audit file does not carry.
func CISOLoss(s *assessment.Snapshot, o wire.Options) []string {
	total := 0
	for range s.Catalog().Subcategories() {
		total++
	}
	n := len(cisoSheet(s, o).Rows)
	lines := []string{
		"one result for each Subcategory: that of the least achieved item in profile; levels 1 and 2 both become " + partially,
		"levels, targets, priorities, evidence grades, owners, accepted gaps, actions and notes stand as text in the observations; the score is left out, for there it means the four Tiers",
	}
	if n < total {
		lines = append(lines, fmt.Sprintf("%d of %d Subcategories have nothing rated and are left out", total-n, total))
	}
	return append(lines, "evidence entries, base ratings, milestones and efforts of the plan, actions that name no item in profile, the Tier statement, AI systems and the journal stay behind")
}
