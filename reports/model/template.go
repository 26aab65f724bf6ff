package model

import (
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// TemplateHeaders are the headers of NIST's Organizational Profile template for CSF 2.0, exactly.
var TemplateHeaders = [...]string{
	"CSF Outcome (Function, Category, or Subcategory)", "CSF Outcome Description", "Included in Profile?", "Rationale",
	"Current Priority", "Current Status", "Current Policies, Processes, and Procedures", "Current Internal Practices",
	"Current Roles and Responsibilities", "Current Selected Informative References", "Current Artifacts and Evidence",
	"Target Priority", "Target CSF Tier", "Target Policies, Processes, and Procedures", "Target Internal Practices",
	"Target Roles and Responsibilities", "Target Selected Informative References", "Notes", "Considerations",
}

// The columns of the template that are filled in.
const (
	outcomeColumn           = 0
	descriptionColumn       = 1
	includedColumn          = 2
	rationaleColumn         = 3
	currentPriorityColumn   = 4
	currentStatusColumn     = 5
	currentRolesColumn      = 8
	currentReferencesColumn = 9
	evidenceColumn          = 10
	targetPriorityColumn    = 11
	targetTierColumn        = 12
	targetReferencesColumn  = 16
	notesColumn             = 17
	considerationsColumn    = 18
)

// ProfileSheet fills in NIST's Organizational Profile template: a row for each Function, Category and
// Subcategory, in Core order. Where a Subcategory is seen through three Focus Areas, a cell has a line
// for each, "Secure: 1 Partially achieved". Only what is in profile has a status, a priority or a target
// there. Functions and Categories have no status, for none is ever computed. The Notes of the first row
// say what the sheet stands on.
func ProfileSheet(s *assessment.Snapshot, o wire.Options) Sheet {
	sheet := Sheet{Name: assessment.TemplateSheet, Register: true}
	for i, h := range TemplateHeaders {
		c := SheetColumn{Title: h, Width: 24, Wrap: true}
		switch i {
		case outcomeColumn, includedColumn:
			c.Width = 14
		case descriptionColumn, rationaleColumn, evidenceColumn, notesColumn, considerationsColumn:
			c.Width = 48
		}
		sheet.Columns = append(sheet.Columns, c)
	}
	included := make(map[string]bool) // of Functions and Categories: whether anything below is
	rows := make(map[string][][]Value)
	for sub := range s.Catalog().Subcategories() {
		p := wire.ProfileRowOf(s, sub)
		included[sub.ID[:2]] = included[sub.ID[:2]] || p.Included
		included[sub.Category] = included[sub.Category] || p.Included
		rows[sub.Category] = append(rows[sub.Category], templateRow(s, p))
	}
	head := func(id, name string) []Value {
		row := make([]Value, len(TemplateHeaders))
		row[outcomeColumn], row[descriptionColumn], row[includedColumn] = text(id), text(name), text(title(yesNo(included[id])))
		return row
	}
	for f := range s.Catalog().Functions() {
		row := head(f.ID, f.Name)
		if t, ok := s.Tier(); ok {
			row[targetTierColumn] = text(fmt.Sprintf(assessment.TemplateTier+"governance Tier %d %s, management Tier %d %s",
				t.Governance, assessment.TierName(t.Governance), t.Management, assessment.TierName(t.Management)))
		}
		if len(sheet.Rows) == 0 {
			row[notesColumn] = text(newBuilder(s, o).templateNote())
		}
		sheet.Rows = append(sheet.Rows, row)
		for c := range s.Catalog().Categories() {
			if c.Function == f.ID {
				sheet.Rows = append(append(sheet.Rows, head(c.ID, c.Name)), rows[c.ID]...)
			}
		}
	}
	return sheet
}

// templateNote says what the template stands on, as it has no other place for that.
func (b *builder) templateNote() string {
	lines := []string{assessment.TemplateAbout}
	if b.o.Damage != "" {
		lines = append(lines, "The journal of this session is damaged, so nothing here can be relied on: "+line(b.o.Damage))
	}
	if b.info.Marking != "" {
		lines = append(lines, "Classification marking: "+line(b.info.Marking))
	}
	lines = append(append(lines, b.statements()...),
		fmt.Sprintf("Session %s, journal %v, as of %s. Content: %s. Made by %s.", b.info.ID, b.s.Head(), b.on, b.packLine(), b.tool()),
		fmt.Sprintf("Focus Areas in scope: %s. Path: %s. Scale: %s. Coverage: %s items in profile have a rating and a target.",
			areasIn(b.info), pathWords(b.info.Path), assessment.Scale, ofCount(b.total.Compared, b.total.InProfile)),
		"The rows stand in Core order; where gaps are put in order, it is by "+assessment.OrderRule+".",
		"Informative references: by NIST's own mapping of CSF 2.0 to SP 800-53, in both columns; the organization has not selected them.")
	return strings.Join(lines, "\n")
}

func templateRow(s *assessment.Snapshot, p wire.ProfileRow) []Value {
	lines := make([][]string, len(TemplateHeaders))
	add := func(column int, format string, args ...any) {
		lines[column] = append(lines[column], wire.Text(fmt.Sprintf(format, args...)))
	}
	add(outcomeColumn, "%s", p.Subcategory)
	add(descriptionColumn, "%s: %s", p.Title, p.Outcome)
	add(includedColumn, "%s", title(yesNo(p.Included)))
	if len(p.SP80053) > 0 {
		for _, column := range []int{currentReferencesColumn, targetReferencesColumn} {
			add(column, assessment.TemplateControls+"%s", strings.Join(p.SP80053, "; "))
		}
	}
	items := slices.DeleteFunc([]*wire.ProfileItem{p.Areas.Secure, p.Areas.Defend, p.Areas.Thwart}, func(it *wire.ProfileItem) bool { return it == nil })
	if p.Included && !slices.ContainsFunc(items, func(it *wire.ProfileItem) bool { return it.State.InProfile() }) {
		add(rationaleColumn, assessment.TemplateNotAssessed+"none of its items counts, so this row says nothing of how far it is achieved.")
	}
	for _, it := range items {
		area := it.Item.Area.Label()
		if !it.State.InProfile() {
			add(rationaleColumn, "%s: %s: %s", area, it.State.Words(), it.Reason)
			continue
		}
		for _, column := range []int{currentPriorityColumn, targetPriorityColumn} {
			add(column, "%s: %s", area, priorityText(it.Priority))
		}
		if it.Current.Known() {
			add(currentStatusColumn, "%s: %v %s", area, it.Current, it.Current.Word())
		} else {
			add(currentStatusColumn, "%s: %v", area, it.State)
		}
		if it.Owner != "" {
			add(currentRolesColumn, "%s: %s", area, it.Owner)
		}
		for _, v := range it.Evidence {
			add(evidenceColumn, "%s", line(strings.Join(strings.Fields(fmt.Sprintf("%s: %v %s", area, v.Method, dateText(v.Date))), " ")+": "+v.Reference))
		}
		if it.Target.Known() {
			add(considerationsColumn, "Target %s: %v %s", area, it.Target, it.Target.Word())
			if it.TargetReason != "" {
				add(considerationsColumn, "Reason %s: %s", area, it.TargetReason)
			}
		}
		if it.Inherited {
			add(notesColumn, "%s: "+assessment.TemplateInherited+"%s", area, p.Subcategory)
		}
		if it.Priority != it.NISTPriority {
			add(notesColumn, "%s: "+assessment.TemplateProposed+"%s. %s", area, priorityText(it.NISTPriority), it.PriorityReason)
		}
		if it.Note != "" {
			add(notesColumn, "%s: %s", area, it.Note)
		}
	}
	row := make([]Value, len(lines))
	for i, l := range lines {
		row[i] = text(strings.Join(l, "\n"))
	}
	return row
}

// priorityText is a priority with its number: "1 High".
func priorityText(p content.Priority) string { return fmt.Sprintf("%d %v", uint8(p), p) }

func dateText(d *assessment.Date) string {
	if d == nil {
		return ""
	}
	return string(*d)
}
