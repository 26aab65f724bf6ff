package model

import (
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/wire"
)

func (b *builder) workbook(title string, sheets ...Sheet) Workbook {
	return Workbook{Title: title, Marking: line(b.info.Marking), Sheets: append([]Sheet{b.about(title)}, sheets...)}
}

// tell adds what this workbook is to the sheet that says so.
func (w Workbook) tell(term, what string) {
	w.Sheets[0].Rows = append(w.Sheets[0].Rows, []Value{text(term), text(what)})
}

// GapWorkbook builds the whole session as data: figures, the gap register, the profiles, evidence, plan,
// and the journal where the options bring it.
func GapWorkbook(s *assessment.Snapshot, o wire.Options) Workbook {
	b := newBuilder(s, o)
	profile := ProfileSheet(s, o)
	profile.Register = false
	w := b.workbook("Gap report", b.figuresSheet(), GapRegister(s, b.on), profile, b.evidenceSheet(), b.actionsSheet())
	if o.Journal != nil {
		w.Sheets = append(w.Sheets, journalSheet(o.Journal))
	}
	return w
}

// PlanWorkbook builds the plan of action: the actions, with what stands behind them, and the gaps that
// no open action names.
func PlanWorkbook(s *assessment.Snapshot, o wire.Options) Workbook {
	b := newBuilder(s, o)
	plan := b.actionsSheet()
	plan.Name, plan.Register = "Plan", true
	plan.Columns = append(plan.Columns, columns("overdue", "gaps", "highest_priority")...)
	open := make(map[string]assessment.Entry)
	for _, e := range b.gaps {
		open[e.Item.ID.String()] = e
	}
	planned := make(map[string]bool)
	for i, a := range b.s.Actions() {
		late, gaps, first := Value{Text: "no"}, 0, Value{}
		if a.Overdue(b.on) {
			late = Value{Text: "yes", Tone: Warning}
		}
		for _, id := range a.Items {
			planned[id.String()] = planned[id.String()] || !a.Done()
			if e, ok := open[id.String()]; ok {
				gaps++
				if !first.IsInt || int(e.Priority) < first.Number {
					first = whole(int(e.Priority))
				}
			}
		}
		plan.Rows[i] = append(plan.Rows[i], late, whole(gaps), first)
	}
	rest := Sheet{
		Name:    "Gaps without open action",
		Columns: columns("item_id", "title", "nist_priority", "priority", "current", "target", "gap", "evidence_grade", "owner", "accepted", "expires"),
	}
	for _, e := range b.gaps {
		if planned[e.Item.ID.String()] {
			continue
		}
		accepted, expires := Value{}, Value{}
		if a := e.Response.Accepted; a != nil {
			accepted, expires = text("lapsed"), quote(string(a.Expires))
			if a.InForce(b.on) {
				accepted = text("yes")
			}
		}
		rest.Rows = append(rest.Rows, []Value{
			text(e.Item.ID.String()), text(b.title(e.Item.ID)), whole(int(e.Item.Priority)), whole(int(e.Priority)), levelValue(e.Response.Current),
			levelValue(e.Response.Target), whole(e.Gap()), text(e.Response.Grade().String()), quote(e.Response.Owner), accepted, expires,
		})
	}
	return b.workbook("Action plan", plan, rest)
}

// EvidenceRequestsWorkbook builds the evidence requests as a list to keep: a row for each artifact and
// item, with a column for the day on which it came.
func EvidenceRequestsWorkbook(s *assessment.Snapshot, o wire.Options) Workbook {
	b := newBuilder(s, o)
	q := newRequests(s, o)
	list := Sheet{
		Name: "Evidence requests", Register: true,
		Columns: columns("request_id", "role", "ask_first", "request", "item_id", "title", "state", "priority", "current", "evidence_grade", "evidence_count", "owner", "also_concerns", "received"),
	}
	roles := Sheet{Name: "By role", Columns: columns("role", "requests", "items", "unrated", "without_evidence")}
	for _, r := range q.Roles {
		n := q.totals(r)
		roles.Rows = append(roles.Rows, []Value{text(r.Role), whole(n.requests), whole(n.items), whole(n.unrated), whole(n.without)})
		for _, req := range r.Requests {
			for i, id := range req.Items {
				it := q.item[id]
				list.Rows = append(list.Rows, []Value{
					text(req.IDs[i]), text(r.Role), quote(it.AskFirst), text(req.Ask), text(id.String()), text(it.Title), text(it.State.String()), whole(int(it.Priority)), levelValue(it.Current),
					text(it.Grade.String()), whole(it.Evidence), quote(it.Owner), joined(it.Roles[1:]),
					{},
				})
			}
		}
	}
	w := b.workbook("Evidence requests", list, roles)
	w.tell("For", "whoever sends the requests and follows them up; a role gets a file of its own (--role)")
	w.tell("Holds", "requests for "+selected(q.Selection, len(q.Items)))
	return w
}

// InterviewColumns are the columns of the interview register, in order. docs/formats.md says how a
// filled one reads back.
var InterviewColumns = [...]string{
	"item_id", "role", "title", "question", "current", "evidence_method", "evidence_reference", "evidence_date", "note", "asked",
}

// InterviewRegister is the question sheet as a table to fill in and read back: a row for each item in
// profile that the options select, in Core order. It holds what was answered so far; the columns of evidence are empty, for
// what is written there is added.
func InterviewRegister(s *assessment.Snapshot, o wire.Options) Sheet {
	sheet := Sheet{Name: "Interview", Columns: columns(InterviewColumns[:]...), Register: true}
	for _, it := range wire.InterviewOf(s, o).Items {
		sheet.Rows = append(sheet.Rows, []Value{
			text(it.Item.String()), joined(it.Roles), text(it.Title), text(it.Question), levelValue(it.Current), {}, {}, {}, quote(it.Note), quote(strings.Join(it.Asked, "; ")),
		})
	}
	return sheet
}

// InterviewWorkbook builds the question sheet as a workbook to fill in, with what good looks like and
// what to ask to see beside it.
func InterviewWorkbook(s *assessment.Snapshot, o wire.Options) Workbook {
	b := newBuilder(s, o)
	in := wire.InterviewOf(s, o)
	guide := Sheet{Name: "What good looks like", Columns: columns("item_id", "title", "good_practice", "ask_to_see")}
	for _, it := range in.Items {
		guide.Rows = append(guide.Rows, []Value{
			text(it.Item.String()), text(it.Title), text(strings.Join(it.GoodPractice, "\n")), text(strings.Join(it.Ask, "\n")),
		})
	}
	roles := Sheet{Name: "By role", Columns: columns("role", "item_id", "title", "current")}
	for _, r := range in.Roles {
		for _, it := range in.Items {
			if slices.Contains(it.Roles, r.Role) {
				roles.Rows = append(roles.Rows, []Value{text(r.Role), text(it.Item.String()), text(it.Title), levelValue(it.Current)})
			}
		}
	}
	w := b.workbook("Interview sheets", InterviewRegister(s, o), guide, roles)
	w.tell("For", "the assessors, to work in: it holds ratings and notes. For the room, and for the people asked, print the report: it holds neither")
	w.tell("Holds", selected(in.Selection, len(in.Items)))
	return w
}

// ProfileWorkbook builds NIST's Organizational Profile template, filled in.
func ProfileWorkbook(s *assessment.Snapshot, o wire.Options) Workbook {
	return newBuilder(s, o).workbook("Current and Target Profile", ProfileSheet(s, o))
}
