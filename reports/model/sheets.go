package model

import (
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// RegisterColumns are the columns of the gap register, in order. docs/formats.md says what each holds;
// the register reads back by item_id.
var RegisterColumns = [...]string{
	"item_id", "function", "category", "subcategory", "focus_area", "title", "state", "current", "target", "gap",
	"nist_priority", "priority", "priority_reason", "reason", "accepted", "accepted_reason", "approver", "expires",
	"inherited", "evidence_grade", "evidence_count", "owner", "note", "actions", "due", "sp800_53", "updated",
}

// GapRegister is the gap register: a row for each item of the pack, in Core order. Whether an
// acceptance is in force is told on the given day.
func GapRegister(s *assessment.Snapshot, on assessment.Date) Sheet {
	sheet := Sheet{Name: "Gap register", Columns: columns(RegisterColumns[:]...), Register: true, Rows: make([][]Value, 0, s.Catalog().Len())}
	cells := make([]Value, 0, s.Catalog().Len()*len(RegisterColumns)) // of all rows, in one piece
	for e := range s.Entries() {
		from := len(cells)
		cells = registerRow(cells, s, e, on)
		sheet.Rows = append(sheet.Rows, cells[from:len(cells):len(cells)])
	}
	return sheet
}

func registerRow(f []Value, s *assessment.Snapshot, e assessment.Entry, on assessment.Date) []Value {
	id, r := e.Item.ID, e.Response
	sub, _ := s.Catalog().Subcategory(id.Sub)
	gap := Value{}
	if e.State.InProfile() && e.Known() {
		gap = whole(e.Gap())
	}
	f = append(f, text(id.String()), text(id.Function()), text(id.Category()), text(id.Sub), text(id.Area.String()), text(sub.Title),
		text(e.State.String()), levelValue(r.Current), levelValue(r.Target), gap,
		whole(int(e.Item.Priority)), whole(int(e.Priority)), quote(r.PriorityReason), quote(r.Out))

	if a := r.Accepted; a == nil {
		f = append(f, Value{}, Value{}, Value{}, Value{})
	} else {
		state := "lapsed"
		if a.InForce(on) {
			state = "yes"
		}
		f = append(f, text(state), quote(a.Reason), quote(a.Approver), quote(string(a.Expires)))
	}

	inherited := ""
	if r.Current.Known() {
		inherited = yesNo(r.Inherited)
	}
	var actions, due, controls []string
	dated := false
	for a := range s.ActionsFor(id) {
		actions = append(actions, wire.Text(a.ID+" "+a.Title))
		if a.Due == "" {
			due = append(due, "none")
			continue
		}
		dated = true
		due = append(due, wire.Text(string(a.Due)))
	}
	if !dated {
		due = nil
	}
	for _, c := range s.Catalog().SP80053(id.Sub) {
		controls = append(controls, c.ID)
	}
	return append(f, text(inherited), text(r.Grade().String()), whole(len(r.Evidence)), quote(r.Owner), quote(r.Note),
		joined(actions), joined(due), joined(controls), text(stamp(r.At)))
}

// about is the sheet that says what the workbook is and what it stands on: all that every artifact has
// to state.
func (b *builder) about(title string) Sheet {
	sheet := Sheet{Name: "About", Columns: []SheetColumn{{Title: "field", Width: 28}, {Title: "value", Width: 100, Wrap: true}}}
	add := func(term, v string) { sheet.Rows = append(sheet.Rows, []Value{text(term), quote(v)}) }
	add("Report", title)
	if b.o.Damage != "" {
		sheet.Rows = append(sheet.Rows, []Value{text("Warning"), {
			Text: "The journal of this session is damaged, so nothing in this workbook can be relied on: " + line(b.o.Damage), Tone: Warning,
		}})
	}
	add("Subject", b.cat.Pack().Title)
	if b.info.Marking != "" {
		add("Marking", b.info.Marking)
	}
	said := make(map[string]bool)
	for _, block := range b.scope() {
		facts, _ := block.(Facts)
		for _, f := range facts.Facts {
			said[f.Term] = true
			add(f.Term, strings.Join(f.Lines, "\n"))
		}
	}
	for _, a := range content.Areas {
		scope := b.info.Areas[a]
		in := "in scope"
		if scope.Out {
			in = "out of scope"
		}
		add("Focus Area "+a.Label(), a.Name()+": "+in+"; "+scope.Decided())
	}
	if len(b.info.Assessors) > 0 {
		add("Assessed by", strings.Join(b.info.Assessors, "; "))
	}
	add("Scale", assessment.Scale+", whole numbers; empty is unrated, never 0")
	for n := range assessment.MaxLevel + 1 {
		add("Level "+strconv.Itoa(n), assessment.LevelWord(n)+": "+assessment.LevelTest(n))
	}
	add("Priorities", "1 High, 2 Moderate, 3 Foundational: what to do first, nothing else")
	for _, f := range b.provenance().Facts {
		switch {
		case f.Term == "Session": // above it is the name
			add("Session id", f.Lines[0])
		case !said[f.Term]:
			add(f.Term, f.Lines[0])
		}
	}
	return sheet
}

// figuresSheet is the roll-up by Function and Focus Area.
func (b *builder) figuresSheet() Sheet {
	sheet := Sheet{Name: "Summary", Columns: columns("function", "focus_area", "items", "in_profile", "level_0", "level_1", "level_2", "level_3",
		"unrated", "inherited", "at_target", "compared", "attainment", "numerator", "denominator", "interval", "lowest", "highest", "gaps", "supported")}
	add := func(function, area string, t assessment.Tally, strong bool) {
		i := t.Interval()
		row := []Value{text(function), text(area), whole(t.Items), whole(t.InProfile)}
		for _, n := range t.Levels {
			row = append(row, whole(n))
		}
		row = append(row, whole(t.Unrated()), whole(t.Inherited), whole(t.AtTarget), whole(t.Compared), text(b.attained(t)))
		if t.Wanted == 0 {
			row = append(row, Value{}, Value{})
		} else {
			row = append(row, whole(t.Achieved), whole(t.Wanted))
		}
		row = append(row, text(interval(t)), text(fractionText(i.Low)), text(fractionText(i.High)), whole(t.Gaps), whole(t.Supported))
		if strong {
			for i := range row {
				row[i].Strong = true
			}
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	for _, f := range append(b.scores.Functions, b.scores.Session) {
		name, whole := f.ID, f.ID == ""
		if whole {
			name = "All"
		}
		for _, a := range content.Areas {
			add(name, a.String(), f.Areas[a], whole)
		}
		add(name, "all", f.Total, true)
	}
	return sheet
}

func (b *builder) evidenceSheet() Sheet {
	sheet := Sheet{Name: "Evidence", Columns: columns("item_id", "method", "date", "reference", "sha256", "added_by")}
	for e := range b.s.Entries() {
		for _, v := range e.Response.Evidence {
			sheet.Rows = append(sheet.Rows, []Value{
				text(e.Item.ID.String()), text(v.Method.String()), quote(string(v.Date)), quote(v.Ref), quote(v.SHA256), quote(v.By),
			})
		}
	}
	return sheet
}

func (b *builder) actionsSheet() Sheet {
	sheet := Sheet{Name: "Actions", Columns: columns("action_id", "title", "items", "owner", "due", "effort", "status", "milestones")}
	for _, a := range b.s.Actions() {
		var items, steps []string
		for _, id := range a.Items {
			items = append(items, id.String())
		}
		for _, m := range a.Milestones {
			steps = append(steps, line(m.String()))
		}
		sheet.Rows = append(sheet.Rows, []Value{
			quote(a.ID), quote(a.Title), joined(items), quote(a.Owner), quote(string(a.Due)), quote(a.Effort), quote(string(a.Status)), text(strings.Join(steps, "\n")),
		})
	}
	return sheet
}

func text(s string) Value     { return Value{Text: s} }
func quote(s string) Value    { return Value{Text: wire.Text(s)} } // the words of a person or a file
func whole(n int) Value       { return Value{Number: n, IsInt: true} }
func joined(l []string) Value { return Value{Text: strings.Join(l, "; ")} }

// levelValue is a level, or an empty cell: what is unknown is never 0.
func levelValue(r assessment.Rating) Value {
	n, ok := r.Level()
	if !ok {
		return Value{}
	}
	return Value{Number: n, IsInt: true, Tone: levelTones[n]}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// wide are the columns that need more room than others, in characters; those of 24 and more wrap.
var wide = map[string]int{
	"item_id": 18, "title": 36, "priority_reason": 40, "reason": 40, "accepted_reason": 40, "owner": 24, "note": 60, "actions": 40,
	"sp800_53": 40, "updated": 22, "reference": 60, "sha256": 20, "added_by": 24, "items": 40, "milestones": 60, "before": 50, "after": 50,
	"who": 24, "what": 28, "time": 22, "hash": 68, "request": 60, "also_concerns": 30, "role": 36, "question": 70, "evidence_reference": 40,
	"asked": 24, "good_practice": 80, "ask_to_see": 80, "approver": 24, "attainment": 18, "interval": 16, "received": 14, "request_id": 22, "ask_first": 24,
	"why": 40, "before_head": 22, "after_head": 22,
}

// columns are the heads of columns with these titles.
func columns(titles ...string) []SheetColumn {
	heads := make([]SheetColumn, 0, len(titles))
	for _, t := range titles {
		w := max(wide[t], len(t)+2)
		heads = append(heads, SheetColumn{Title: t, Width: w, Wrap: w >= 24})
	}
	return heads
}
