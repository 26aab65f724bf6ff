package intake

import (
	"slices"
	"strings"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/content"
)

// NIST's Organizational Profile template for CSF 2.0, as a sheet or as CSV.
const (
	templateHeader = 10 // rows among which the header is looked for

	includedColumn        = "Included in Profile?"
	rationaleColumn       = "Rationale"
	currentPriorityColumn = "Current Priority"
	currentStatusColumn   = "Current Status"
	currentRolesColumn    = "Current Roles and Responsibilities"
	evidenceColumn        = "Current Artifacts and Evidence"
	targetPriorityColumn  = "Target Priority"
	notesColumn           = "Notes"
	considerationsColumn  = "Considerations"
)

// templateTexts are the columns whose text, where it is not a line of ours, becomes a note.
var templateTexts = []string{
	currentPriorityColumn, currentStatusColumn, "Current Policies, Processes, and Procedures", "Current Internal Practices",
	currentRolesColumn, "Current Selected Informative References", evidenceColumn, targetPriorityColumn, "Target CSF Tier",
	"Target Policies, Processes, and Procedures", "Target Internal Practices", "Target Roles and Responsibilities",
	"Target Selected Informative References", notesColumn, considerationsColumn,
}

// outcomeHeading returns the heading of the column that names the outcomes, "" without one.
func outcomeHeading(t *table) string {
	for _, word := range []string{"csf outcome", "subcategory"} {
		for _, h := range t.head {
			if h := strings.ToLower(h); strings.Contains(h, word) && !strings.Contains(h, "description") {
				return h
			}
		}
	}
	return ""
}

// isTemplate reports whether a table is the template: it names outcomes and has a column of its own.
func isTemplate(t *table) bool {
	return outcomeHeading(t) != "" && (t.has(includedColumn) || t.has(currentStatusColumn))
}

func isTemplateSheet(t *table) bool {
	return strings.EqualFold(t.sheet, assessment.TemplateSheet) && isTemplate(t)
}

// readTemplate reads the template. What we write there by Focus Area is read back as what it was; all
// other text becomes a note on the Subcategory, and a status that is a bare word or number is offered as
// a rating.
func (f *File) readTemplate(t *table) {
	outcome := outcomeHeading(t)
	i := slices.IndexFunc(t.head, func(h string) bool { return strings.EqualFold(h, outcome) })
	f.ignore(t, slices.Concat(templateTexts, []string{t.head[i], "CSF Outcome Description", includedColumn, rationaleColumn})...)
	f.body(t, func(r row) {
		c := t.cell(r, outcome)
		if c.text == "" {
			return
		}
		id, level := outcomeID(c.text)
		to, gone := content.Withdrawn(id)
		switch {
		case gone:
			f.skip(c.place, c.text, "was withdrawn by CSF 2.0", successors(to))
		case level == "":
			f.skip(c.place, c.text, "begins with no id of a Function, Category or Subcategory", "begin the cell with an id such as GV.OC-01")
		case level != "Subcategory":
			f.upperRow(t, r, level)
		default:
			if _, _, exact := strings.Cut(c.text, id); !exact {
				f.notice(c.place, c.text, "was read as "+id, "")
			}
			f.templateRow(t, r, id)
		}
	})
}

// outcomeID returns the id that a cell begins with, and of what it is one; "" where it begins with none.
func outcomeID(text string) (id, level string) {
	word := text
	if i := strings.IndexFunc(text, func(r rune) bool {
		return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}); i >= 0 {
		word = text[:i]
	}
	if sub, ok := canonicalSub(word); ok {
		return sub, "Subcategory"
	}
	if _, in, ok := strings.Cut(text, "("); ok { // "GOVERN (GV): …"
		if name, _, ok := strings.Cut(in, ")"); ok && (len(name) == 2 || len(name) == 5) {
			word = name
		}
	}
	word = strings.ToUpper(strings.TrimRight(word, "."))
	if _, ok := canonicalSub(word + "-01"); ok {
		return word, "Category"
	}
	if _, ok := canonicalSub(word + ".AA-01"); ok && len(word) == 2 {
		return word, "Function"
	}
	return "", ""
}

// What we fill in besides and what says nothing of an item: it is not read.
const (
	tierEarlier = "Governance: Tier " // a Tier statement as earlier versions wrote it
	unrated     = "unrated"           // the status of an item
)

// upperRow reads a row of a Function or Category, which has no rating and no note in a session.
func (f *File) upperRow(t *table, r row, level string) {
	for _, h := range templateTexts {
		c := t.cell(r, h)
		ours := slices.ContainsFunc([]string{assessment.TemplateAbout, assessment.TemplateTier, tierEarlier}, func(head string) bool { return strings.HasPrefix(c.text, head) })
		if c.text != "" && !ours {
			f.notice(c.place, c.text, "stands in the row of a "+level+" and was not read", "write it beside a Subcategory")
		}
	}
}

func (f *File) templateRow(t *table, r row, sub string) {
	f.templateProfile(t, r, sub)
	reasons := make(map[content.Area]string) // of priorities
	for _, l := range f.texts(t, r, notesColumn, sub) {
		switch _, reason, own := strings.Cut(l.text, assessment.TemplateProposed); {
		case own:
			_, reasons[l.area], _ = strings.Cut(reason, ". ")
		case strings.HasPrefix(l.text, assessment.TemplateInherited):
		default: // a note of an item as we write it, so without the name of the column
			f.state(t.cell(r, notesColumn).place, l.item(sub), remarkClaim{text: l.text})
		}
	}
	for _, column := range []string{currentPriorityColumn, targetPriorityColumn} {
		for _, l := range f.texts(t, r, column, sub) {
			c := t.cell(r, column)
			if p, ok := parsePriority(l.text); ok {
				f.state(c.place, l.item(sub), priorityClaim{p, reasons[l.area]})
			} else {
				f.skip(c.place, l.text, "is not a priority", "write it like Secure: 1 High")
			}
		}
	}
	for _, l := range f.texts(t, r, currentStatusColumn, sub) {
		c := t.cell(r, currentStatusColumn)
		if rating, ok := parseLevel(l.text); ok {
			f.state(c.place, l.item(sub), currentClaim{rating: rating})
		} else if !strings.EqualFold(l.text, unrated) {
			f.skip(c.place, l.text, "is not a level", "write it like Secure: 1 Partially achieved")
		}
	}
	for _, l := range f.texts(t, r, currentRolesColumn, sub) {
		f.state(t.cell(r, currentRolesColumn).place, l.item(sub), ownerClaim{assessment.CleanLine(l.text)})
	}
	for _, l := range f.texts(t, r, evidenceColumn, sub) {
		c := t.cell(r, evidenceColumn)
		if ev, ok := parseEntry(l.text); ok {
			f.state(c.place, l.item(sub), evidenceClaim{ev})
		} else {
			f.remark(c, l.item(sub), l.text)
		}
	}
	f.templateTargets(t, r, sub)
	for _, column := range templateTexts {
		switch column {
		case notesColumn, currentPriorityColumn, targetPriorityColumn, currentStatusColumn, currentRolesColumn, evidenceColumn, considerationsColumn:
			continue
		}
		c := t.cell(r, column)
		if !strings.HasPrefix(c.text, assessment.TemplateControls) {
			f.remark(c, ofWhole(sub), c.text)
		}
	}
}

// templateProfile reads whether the outcome is included, and why not.
func (f *File) templateProfile(t *table, r row, sub string) {
	included, why := t.cell(r, includedColumn), t.cell(r, rationaleColumn)
	lines, free := areaLines(why.text)
	if first, rest, _ := strings.Cut(free, "\n"); strings.HasPrefix(first, assessment.TemplateNotAssessed) {
		free = strings.TrimSpace(rest)
	}
	no := false
	switch strings.ToLower(included.text) {
	case "", "yes", "y":
	case "no", "n":
		no = true
	default:
		f.skip(included.place, included.text, "is neither Yes nor No", "write Yes or No")
	}
	for _, l := range lines {
		out, ours := strings.CutPrefix(l.text, assessment.OutOfProfile.Words()+": ")
		switch {
		case ours || no && !scoped(l.text):
			f.state(why.place, l.item(sub), profileClaim{out})
		case !scoped(l.text):
			f.remark(why, l.item(sub), l.text)
		}
	}
	switch {
	case !no:
		f.remark(why, ofWhole(sub), free)
	case free == "" && len(lines) == 0:
		f.skip(why.place, "", "is missing, so "+sub+" stays in profile", "say in Rationale why it is not included")
	case free != "":
		for _, a := range content.Areas {
			if !slices.ContainsFunc(lines, func(l areaLine) bool { return l.area == a }) {
				f.state(why.place, ofItem(content.ItemID{Sub: sub, Area: a}), profileClaim{free})
			}
		}
	}
}

// scoped reports whether a line of ours says that an item does not count for a reason that the session
// has elsewhere: its scope, or its path.
func scoped(line string) bool {
	return strings.HasPrefix(line, assessment.AreaOutOfScope.Words()+": ") || strings.HasPrefix(line, assessment.OutsidePath.Words()+": ")
}

// templateTargets reads the targets that we write to Considerations, with their reasons.
func (f *File) templateTargets(t *table, r row, sub string) {
	lines := f.texts(t, r, considerationsColumn, sub)
	c := t.cell(r, considerationsColumn)
	reasons := make(map[content.Area]string)
	for _, l := range lines {
		if l.what == "Reason" {
			reasons[l.area] = l.text
		}
	}
	for _, l := range lines {
		switch rating, ok := parseLevel(l.text); {
		case l.what == "Reason":
		case l.what == "":
			f.remark(c, l.item(sub), l.text)
		case ok && rating.String() != "0":
			f.state(c.place, l.item(sub), targetClaim{rating, reasons[l.area]})
		default:
			f.skip(c.place, l.text, "is not a target", "write it like Target Secure: 3 Fully achieved")
		}
	}
}

// texts returns the lines of a cell that name a Focus Area, and makes a note on the Subcategory of the
// rest.
func (f *File) texts(t *table, r row, column, sub string) []areaLine {
	c := t.cell(r, column)
	lines, free := areaLines(c.text)
	if column == currentStatusColumn && bare(free) {
		proposed, _ := parseLevel(free)
		f.state(c.place, ofWhole(sub), scored{currentStatusColumn, free, proposed, baseOf})
	}
	f.remark(c, ofWhole(sub), free)
	return lines
}

// bare reports whether a text is a word or a number rather than a sentence.
func bare(s string) bool {
	return s != "" && len(strings.Fields(s)) <= 4 && utf8.RuneCountInString(s) <= 40 && !strings.Contains(s, "\n")
}

// remark adds a text of the template to the notes of a subject, under the name of its column.
func (f *File) remark(c cell, about subject, text string) {
	f.state(c.place, about, remarkClaim{"NIST profile template, " + c.place.Column, text})
}

// areaLine is what a cell says of one Focus Area: "Secure: text", "Target Secure: text". It goes on to
// the next line that names one.
type areaLine struct {
	what string // "", "Target" or "Reason"
	area content.Area
	text string
}

func (l areaLine) item(sub string) subject { return ofItem(content.ItemID{Sub: sub, Area: l.area}) }

// areaLines splits a text into what it says by Focus Area, and what stands before that. A line that only
// names one says nothing.
func areaLines(text string) (lines []areaLine, free string) {
	var before strings.Builder
	for raw := range strings.Lines(text) {
		l, ok := areaLineOf(raw)
		switch {
		case ok:
			lines = append(lines, l)
		case len(lines) > 0:
			lines[len(lines)-1].text += raw
		default:
			before.WriteString(raw)
		}
	}
	for i := range lines {
		lines[i].text = strings.TrimSpace(lines[i].text)
	}
	empty := func(l areaLine) bool { return tidy(l.text) == "" }
	return slices.DeleteFunc(lines, empty), strings.TrimSpace(before.String())
}

func areaLineOf(raw string) (areaLine, bool) {
	label, text, ok := strings.Cut(raw, ":")
	what, name, two := strings.Cut(label, " ")
	if !two {
		what, name = "", label
	}
	for _, a := range content.Areas {
		if ok && name == a.Label() && (strings.TrimSpace(text) == "" || text[0] == ' ') && (what == "" || what == "Target" || what == "Reason") {
			return areaLine{what, a, text}, true
		}
	}
	return areaLine{}, false
}

// parseEntry reads evidence as we write it: "examined 2026-11-02: report 17".
func parseEntry(s string) (ev assessment.Evidence, ok bool) {
	head, ref, ok := strings.Cut(s, ": ")
	method, day, _ := strings.Cut(head, " ")
	var errMethod, errDay error
	ev.Method, errMethod = assessment.ParseMethod(method)
	ev.Date, errDay = assessment.ParseDate(day)
	ev.Ref = strings.TrimSpace(ref)
	return ev, ok && errMethod == nil && errDay == nil && ev.Ref != ""
}
