package model_test

import (
	"slices"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

// Each item in profile without examined or tested evidence is asked for once, of the role that the pack
// names first; unrated items come first.
func TestEvidenceRequests(t *testing.T) {
	sessions, o := exampleSessions(t)
	for _, session := range sessions {
		s := session.Snapshot()
		q := wire.EvidenceRequestsOf(s)
		asked := make(map[content.ItemID]string)
		artifacts := 0
		for _, r := range q.Roles {
			last := [2]int{}
			for _, req := range r.Requests {
				for _, id := range req.Items {
					artifacts++
					if by, ok := asked[id]; ok && by != r.Role {
						t.Errorf("%v is asked of %s and of %s", id, by, r.Role)
					}
					asked[id] = r.Role
				}
				i, _ := s.Catalog().Index(req.Items[0])
				e := s.Entry(i)
				at := [2]int{int(e.State), int(e.Response.Grade())}
				if slices.Compare(at[:], last[:]) < 0 {
					t.Errorf("%s: %v comes after %v", r.Role, at, last)
				}
				last = at
			}
			for _, other := range r.Elsewhere {
				it, _ := s.Catalog().Item(other.Item)
				if it.Roles[0] != other.Of || !slices.Contains(it.Roles[1:], r.Role) {
					t.Errorf("%s is referred to %s for %v", r.Role, other.Of, other.Item)
				}
			}
		}
		want := 0
		for e := range s.Entries() {
			if !e.State.InProfile() || e.Response.Grade().Supported() {
				if asked[e.Item.ID] != "" {
					t.Errorf("%v is asked for, needlessly", e.Item.ID)
				}
				continue
			}
			want += len(e.Item.Evidence)
			if asked[e.Item.ID] != e.Item.Roles[0] {
				t.Errorf("%v is asked of %q, not of %s", e.Item.ID, asked[e.Item.ID], e.Item.Roles[0])
			}
		}
		// Every rating is supported or asked about, and everything unrated is either.
		tally := s.Tally()
		if rated := slices.DeleteFunc(slices.Clone(q.Items), func(it wire.RequestItem) bool { return it.State != assessment.Rated }); len(rated) != tally.Rated()-tally.Supported {
			t.Errorf("%d rated items are asked about, %d are not supported", len(rated), tally.Rated()-tally.Supported)
		}
		if artifacts != want {
			t.Errorf("%d artifacts, not %d", artifacts, want)
		}
		d := model.EvidenceRequests(s, o)
		rows := 0
		for _, sec := range d.Sections[1:] {
			for _, block := range sec.Blocks {
				if table, ok := block.(model.Table); ok {
					rows += len(table.Rows)
				}
			}
		}
		if rows != want {
			t.Errorf("the document has %d rows, not %d", rows, want)
		}
		if got := len(sheetOf(t, model.EvidenceRequestsWorkbook(s, o), "Evidence requests").Rows); got != want {
			t.Errorf("the workbook has %d rows, not %d", got, want)
		}
	}
}

// The sheet of a role has every question that the role can answer, and stands alone.
func TestInterviewSheets(t *testing.T) {
	sessions, o := exampleSessions(t)
	for _, session := range sessions {
		s := session.Snapshot()
		d := model.InterviewSheets(s, o)
		ids := make(map[string]bool)
		got := make(map[string][]string)
		for _, sec := range d.Sections {
			if !strings.HasPrefix(sec.ID, "role-") {
				continue
			}
			if f, ok := sec.Blocks[0].(model.Facts); !ok || len(f.Facts[2].Lines) != assessment.MaxLevel+1 {
				t.Errorf("%s: the levels do not stand on top", sec.Title)
			}
			for _, block := range sec.Blocks {
				list, ok := block.(model.Entries)
				if !ok {
					continue
				}
				for _, e := range list.Entries {
					if ids[e.ID] {
						t.Errorf("the anchor %s is there twice", e.ID)
					}
					ids[e.ID] = true
					got[sec.Title] = append(got[sec.Title], e.Code)
				}
			}
		}
		want := make(map[string][]string)
		for e := range s.Entries() {
			if e.State.InProfile() {
				for _, r := range e.Item.Roles {
					want[r] = append(want[r], e.Item.ID.String())
				}
			}
		}
		for role, list := range want {
			if !slices.Equal(got[role], list) {
				t.Errorf("%s: %d questions, not %d", role, len(got[role]), len(list))
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d sheets for %d roles", len(got), len(want))
		}

		sheet := model.InterviewRegister(s, o)
		if len(sheet.Rows) != s.Tally().InProfile {
			t.Errorf("the register has %d rows for %d items", len(sheet.Rows), s.Tally().InProfile)
		}
		seen := make(map[string]bool)
		for i := range sheet.Rows {
			id := cellOf(t, sheet, i, "item_id")
			if seen[id] || cellOf(t, sheet, i, "evidence_method")+cellOf(t, sheet, i, "evidence_reference")+cellOf(t, sheet, i, "evidence_date") != "" {
				t.Errorf("row %d is of %s again, or holds evidence", i, id)
			}
			seen[id] = true
		}
	}
}

// The profile has a row for each item, and counts as the tally does.
func TestProfileReport(t *testing.T) {
	sessions, o := exampleSessions(t)
	for _, session := range sessions {
		s := session.Snapshot()
		d := model.ProfileReport(s, o)
		var states, rated, targeted, subs int
		for _, sec := range d.Sections {
			if !strings.HasPrefix(sec.ID, "function-") {
				continue
			}
			for _, block := range sec.Blocks {
				table, ok := block.(model.Table)
				if !ok {
					continue
				}
				for _, r := range table.Rows {
					if r.Strong {
						subs++
						continue
					}
					if r.Cells[1].Text == "yes" {
						states++
					}
					if r.Cells[3].Text != "–" {
						rated++
					}
					if r.Cells[4].Text != "–" {
						targeted++
					}
				}
			}
		}
		tally := s.Tally()
		if subs != 106 || states != tally.InProfile || rated != tally.Rated() || targeted != tally.Targeted {
			t.Errorf("%d Subcategories, %d in profile, %d rated, %d targeted; the tally is %+v", subs, states, rated, targeted, tally)
		}
	}
}

// With nothing in profile each report says so instead of breaking.
func TestReportsOfNothing(t *testing.T) {
	s := newSession(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit, cat *content.Catalog) error {
		for it := range cat.Items() {
			if err := e.Exclude(it.ID, "not for us"); err != nil {
				return err
			}
		}
		return nil
	})
	for name, d := range map[string]model.Document{
		"requests": model.EvidenceRequests(s, options()), "interview": model.InterviewSheets(s, options()),
	} {
		if got := words(d.Sections[0]); !strings.Contains(got, "othing") && !strings.Contains(got, "No item is in profile") {
			t.Errorf("%s says %q", name, got)
		}
	}
	if got := words(section(t, model.ProfileReport(s, options()), "summary")); !strings.Contains(got, "0 of 106 Subcategories are included") {
		t.Errorf("the profile says %q", got)
	}
	if got := len(model.InterviewRegister(s, options()).Rows); got != 0 {
		t.Errorf("the register has %d rows", got)
	}
}
