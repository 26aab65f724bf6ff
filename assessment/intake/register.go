package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// registerColumns are the columns of the gap register. Those that follow from others, or from the pack,
// are known and not read.
var registerColumns = []string{
	"item_id", "function", "category", "subcategory", "focus_area", "title", "state", "current", "target", "gap",
	"nist_priority", "priority", "priority_reason", "reason", "accepted", "accepted_reason", "approver", "expires",
	"inherited", "evidence_grade", "evidence_count", "owner", "note", "actions", "due", "sp800_53", "updated",
}

// isRegister reports whether a table is a gap register: its rows name items.
func isRegister(t *table) bool { return t.has("item_id") || t.has("subcategory", "focus_area") }

// readRegister reads the gap register. An empty cell changes nothing, "-" or clearWord clears.
func (f *File) readRegister(t *table) {
	t.dashClears = true
	f.ignore(t, registerColumns...)
	f.body(t, func(r row) {
		id, ok := f.itemOf(t, r)
		if !ok {
			return
		}
		from := len(f.statements)
		f.dashes(t, r)
		f.readAnswer(t, r, id)
		f.readProfile(t, r, id)
		f.readPriority(t, r, id)
		f.readAcceptance(t, r, id)
		if c := t.cell(r, "owner"); c.given() {
			f.state(c.place, ofItem(id), ownerClaim{c.text})
		}
		if c := t.cell(r, "note"); c.given() {
			f.state(c.place, ofItem(id), noteClaim{c.text})
		}
		if updated, ok := f.updated(t, r); ok {
			for i := range f.statements[from:] {
				f.statements[from+i].updated = updated
			}
		}
	})
}

// dashes says of cells with a dash that they change nothing.
func (f *File) dashes(t *table, r row) {
	for _, column := range []string{"current", "target", "reason", "priority", "accepted", "owner", "note", "asked"} {
		if c := t.cell(r, column); c.dash {
			f.notice(c.place, "-", "changes nothing", "write "+clearWord+" to clear what is there")
		}
	}
}

// itemOf finds out which item a row is about: by its id, or by Subcategory and Focus Area.
func (f *File) itemOf(t *table, r row) (content.ItemID, bool) {
	whole, sub, area := t.cell(r, "item_id"), t.cell(r, "subcategory"), t.cell(r, "focus_area")
	if whole.text == "" {
		if sub.text == "" || area.text == "" {
			f.skip(t.place(r), "", "names no item", "fill in item_id, or subcategory and focus_area")
			return content.ItemID{}, false
		}
		return f.item(sub.place, sub.text+"/"+area.text)
	}
	id, ok := f.item(whole.place, whole.text)
	if !ok {
		return id, false
	}
	if other, ok := canonicalSub(sub.text); ok && other != id.Sub || area.text != "" && !strings.EqualFold(area.text, id.Area.String()) {
		f.skip(t.place(r), whole.text, "is not the item that subcategory and focus_area name", "correct the one that is wrong")
		return id, false
	}
	return id, true
}

// parseLevel reads a level: "1", "Partially achieved", or both.
func parseLevel(s string) (assessment.Rating, bool) {
	for n := range assessment.MaxLevel + 1 {
		digit, word := strconv.Itoa(n), assessment.LevelWord(n)
		if s == digit || strings.EqualFold(s, word) || strings.EqualFold(s, digit+" "+word) {
			r, err := assessment.AtLevel(n)
			return r, err == nil
		}
	}
	return assessment.Unrated, false
}

const (
	writeLevel  = "write 0, 1, 2 or 3; leave it empty to change nothing; write " + clearWord + " to clear"
	writeTarget = "write 1, 2 or 3; leave it empty to change nothing; write " + clearWord + " to clear"
)

// readAnswer reads the columns current, inherited and target.
func (f *File) readAnswer(t *table, r row, id content.ItemID) {
	if c := t.cell(r, "current"); c.clear {
		f.state(c.place, ofItem(id), currentClaim{})
	} else if c.given() {
		if rating, ok := parseLevel(c.text); ok {
			f.state(c.place, ofItem(id), currentClaim{rating: rating, inherited: f.yesNo(t.cell(r, "inherited"))})
		} else {
			f.skip(c.place, c.text, "is not a level", writeLevel)
		}
	}
	if c := t.cell(r, "target"); c.clear {
		f.state(c.place, ofItem(id), targetClaim{})
	} else if c.given() {
		if rating, ok := parseLevel(c.text); ok && rating.String() != "0" {
			f.state(c.place, ofItem(id), targetClaim{rating: rating})
		} else {
			f.skip(c.place, c.text, "is not a target", writeTarget)
		}
	}
}

// yesNo reads an answer; what is neither counts as not asked, with a notice.
func (f *File) yesNo(c cell) assessment.Answer {
	switch strings.ToLower(c.text) {
	case "yes":
		return assessment.Yes
	case "no":
		return assessment.No
	case "":
	default:
		f.notice(c.place, c.text, "is neither yes nor no and was not read", "")
	}
	return assessment.NotAsked
}

// readProfile reads the columns reason and state. The reason takes an item out of profile; the state
// follows from the rest, and is only asked whether it agrees.
func (f *File) readProfile(t *table, r row, id content.ItemID) {
	reason, state := t.cell(r, "reason"), t.cell(r, "state")
	said, err := assessment.ParseState(strings.ToLower(state.text))
	if err != nil && state.given() {
		f.notice(state.place, state.text, "is not a state and was not read", "")
	}
	known := err == nil
	switch {
	case reason.clear:
		f.state(reason.place, ofItem(id), profileClaim{})
	case reason.text != "" && known && said.InProfile():
		f.skip(reason.place, reason.text, fmt.Sprintf("takes the item out of profile, but its state is %v", said),
			"write "+clearWord+" as the reason to take the item back in, or out_of_profile as the state")
	case reason.text != "":
		f.state(reason.place, ofItem(id), profileClaim{reason.text})
	case known && said == assessment.OutOfProfile:
		f.skip(reason.place, "", "is missing, so the item stays in profile", "say why the item is out of profile")
	}
}

// readPriority reads the columns priority and priority_reason.
func (f *File) readPriority(t *table, r row, id content.ItemID) {
	c := t.cell(r, "priority")
	if c.clear {
		f.state(c.place, ofItem(id), priorityClaim{})
	} else if c.given() {
		p, ok := parsePriority(c.text)
		if !ok {
			f.skip(c.place, c.text, "is not a priority", "write 1 (High), 2 (Moderate) or 3 (Foundational)")
			return
		}
		f.state(c.place, ofItem(id), priorityClaim{p, t.cell(r, "priority_reason").text})
	}
}

// parsePriority reads "1", "High" or "1 High".
func parsePriority(s string) (content.Priority, bool) {
	for p := content.High; p.Valid(); p++ {
		digit := strconv.Itoa(int(p))
		if s == digit || strings.EqualFold(s, p.String()) || strings.EqualFold(s, digit+" "+p.String()) {
			return p, true
		}
	}
	return 0, false
}

// readAcceptance reads the columns of an accepted gap. All of them are needed, for an acceptance is a
// whole.
func (f *File) readAcceptance(t *table, r row, id content.ItemID) {
	c, reason, approver := t.cell(r, "accepted"), t.cell(r, "accepted_reason"), t.cell(r, "approver")
	if c.clear {
		f.state(c.place, ofItem(id), acceptClaim{})
		return
	}
	expires := t.cell(r, "expires")
	if !c.given() && !reason.given() && !approver.given() && !expires.given() {
		return
	}
	if said := strings.ToLower(c.text); said != "" && said != "yes" && said != "lapsed" {
		f.skip(c.place, c.text, "does not say whether the gap is accepted", "write yes, leave it empty, or write "+clearWord+" to take an acceptance back")
		return
	}
	if reason.text == "" || approver.text == "" || expires.text == "" {
		f.skip(t.place(r), "", "has an acceptance of which something is missing", "fill in accepted_reason, approver and expires")
		return
	}
	day, ok := f.date(t, expires)
	if !ok {
		return
	}
	f.state(c.place, ofItem(id), acceptClaim{&assessment.Acceptance{
		Reason: tidy(reason.text), Approver: assessment.CleanLine(approver.text), Expires: day,
	}})
}

// date reads a day. A workbook may hold it as the number of days that spreadsheets count.
func (f *File) date(t *table, c cell) (assessment.Date, bool) {
	if n, err := strconv.Atoi(c.text); err == nil && !t.csv && n > 20_000 && n < 80_000 { // 1954 to 2119
		return assessment.DayOf(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)), true
	}
	day, err := assessment.ParseDate(c.text)
	if err != nil {
		f.skip(c.place, c.text, "is not a day", "write it like 2026-11-21")
	}
	return day, err == nil
}

// updated reads when the row's answer was last changed, nil where the file does not tell.
func (f *File) updated(t *table, r row) (*time.Time, bool) {
	if !t.has("updated") {
		return nil, false
	}
	c := t.cell(r, "updated")
	at := new(time.Time)
	if c.text == "" {
		return at, true
	}
	when, err := time.Parse(time.RFC3339, c.text)
	if err != nil {
		f.notice(c.place, c.text, "is not a time: the row counts as older than any answer", "leave the column as it was exported, or remove it")
		return at, true
	}
	*at = when
	return at, true
}

// readEvidence reads the sheet Evidence of our workbook. Entries are added, never taken away.
func (f *File) readEvidence(t *table) {
	f.ignore(t, "item_id", "method", "date", "reference", "sha256", "added_by")
	f.body(t, func(r row) {
		if id, ok := f.itemOf(t, r); ok {
			f.readEntry(t, r, id, t.cell(r, "method"), t.cell(r, "date"), t.cell(r, "reference"), assessment.Evidence{
				SHA256: strings.ToLower(t.cell(r, "sha256").text), By: t.cell(r, "added_by").text,
			})
		}
	})
}

// readEntry reads an entry of evidence whose method, day and reference stand in these cells.
func (f *File) readEntry(t *table, r row, id content.ItemID, method, date, ref cell, ev assessment.Evidence) {
	if method.text == "" && ref.text == "" {
		if date.text != "" {
			f.skip(date.place, date.text, "is the day of an evidence entry without a method and a reference", "fill them in, or clear the day")
		}
		return
	}
	m, err := assessment.ParseMethod(strings.ToLower(method.text))
	if err != nil {
		f.skip(method.place, method.text, "is not an evidence method", "write tested, examined, interviewed or asserted")
		return
	}
	if ref.text == "" {
		f.skip(ref.place, "", "is missing", "say what was seen: a document, a ticket, a person's role")
		return
	}
	day, ok := f.date(t, date)
	if !ok {
		return
	}
	ev.Method, ev.Date, ev.Ref = m, day, ref.text
	f.state(ref.place, ofItem(id), evidenceClaim{ev})
}

// isInterview reports whether a table is the register of interview sheets.
func isInterview(t *table) bool { return t.has("item_id", "evidence_method", "evidence_reference") }

// readInterview reads filled interview sheets: what stands in current, note and asked replaces, and the
// evidence is added. A row is taken over whole or, where part of it can not be, not at all: a rating must
// not stand without the evidence that was written down for it.
func (f *File) readInterview(t *table) {
	f.ignore(t, "item_id", "role", "title", "question", "current", "evidence_method", "evidence_reference", "evidence_date", "note", "asked")
	f.body(t, func(r row) {
		id, ok := f.itemOf(t, r)
		if !ok {
			return
		}
		from, problems := len(f.statements), len(f.problems)
		f.readAnswer(t, r, id)
		f.readEntry(t, r, id, t.cell(r, "evidence_method"), t.cell(r, "evidence_date"), t.cell(r, "evidence_reference"), assessment.Evidence{})
		if c := t.cell(r, "note"); c.given() {
			f.state(c.place, ofItem(id), noteClaim{c.text})
		}
		if c := t.cell(r, "asked"); c.given() {
			f.state(c.place, ofItem(id), askedClaim{list(c.text)})
		}
		if slices.ContainsFunc(f.problems[problems:], func(p Problem) bool { return p.Severity == Skipped }) {
			f.statements = f.statements[:from]
			f.problems = append(f.problems, leftOut(t.place(r), id))
			return
		}
		f.dashes(t, r)
		for i := range f.statements[from:] {
			f.statements[from+i].whole = true
		}
	})
}

// list splits what was joined by semicolons.
func list(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		if part = assessment.CleanLine(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// readActions reads the sheet Actions of our workbook. An action that the session has is found by its
// title, for ids are the session's own.
func (f *File) readActions(t *table) {
	f.ignore(t, "action_id", "title", "items", "owner", "due", "effort", "status", "milestones")
	f.body(t, func(r row) {
		title := t.cell(r, "title")
		a := assessment.Action{
			Title: assessment.CleanLine(title.text), Owner: assessment.CleanLine(t.cell(r, "owner").text),
			Effort: strings.ToUpper(t.cell(r, "effort").text), Status: assessment.Progress(strings.ToLower(t.cell(r, "status").text)),
		}
		if a.Title == "" {
			f.skip(title.place, "", "is missing", "give the action a title")
			return
		}
		items := t.cell(r, "items")
		for _, text := range list(items.text) {
			id, ok := f.item(items.place, text)
			if !ok {
				return
			}
			if !slices.Contains(a.Items, id) {
				a.Items = append(a.Items, id)
			}
		}
		if len(a.Items) == 0 {
			f.skip(items.place, "", "is missing", "name the items whose gaps the action closes, with ; between them")
			return
		}
		var ok bool
		if a.Due, ok = f.date(t, t.cell(r, "due")); !ok {
			return
		}
		for step := range strings.Lines(t.cell(r, "milestones").text) {
			if m := assessment.ParseMilestone(step); m.Text != "" {
				a.Milestones = append(a.Milestones, m)
			}
		}
		f.state(title.place, subject{action: a.Title}, actionClaim{a})
	})
}
