package model_test

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
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
		q := wire.EvidenceRequestsOf(s, o)
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

// A request keeps its id whatever else is asked for: it is the item and the number of the artifact in the
// pack, also when another role's requests, or those of rated items, are left out.
func TestRequestIDs(t *testing.T) {
	sessions, o := exampleSessions(t)
	s := sessions[0].Snapshot()
	collect := func(o wire.Options) map[string]string {
		ids := make(map[string]string)
		for _, r := range wire.EvidenceRequestsOf(s, o).Roles {
			for _, req := range r.Requests {
				for i, id := range req.Items {
					it, _ := s.Catalog().Item(id)
					if want := id.String() + "#" + strconv.Itoa(slices.Index(it.Evidence, req.Ask)+1); req.IDs[i] != want {
						t.Errorf("%q is named %s, not %s", req.Ask, req.IDs[i], want)
					}
					if ids[req.IDs[i]] != "" {
						t.Errorf("%s is there twice", req.IDs[i])
					}
					ids[req.IDs[i]] = req.Ask
				}
			}
		}
		return ids
	}
	all := collect(o)
	o.Open = true
	open := collect(o)
	if len(open) == 0 || len(open) >= len(all) {
		t.Errorf("%d requests on open items of %d", len(open), len(all))
	}
	parts := 0
	for _, role := range content.Roles {
		one := o
		one.Open, one.Roles = false, []string{role}
		for id, ask := range collect(one) {
			parts++
			if all[id] != ask {
				t.Errorf("%s: %s asks for %q, in the whole for %q", role, id, ask, all[id])
			}
		}
	}
	if parts != len(all) {
		t.Errorf("the letters to each role hold %d requests, the whole %d", parts, len(all))
	}
}

// The letter to a role tells it of no item but those that it is asked about, asks an item's owner first,
// and leaves lines to fill in.
func TestRequestsOfOneRole(t *testing.T) {
	sessions, o := exampleSessions(t)
	s := sessions[0].Snapshot()
	q := wire.EvidenceRequestsOf(s, o)
	owned := 0
	for _, r := range q.Roles {
		o.Roles = []string{r.Role}
		text := allWords(model.EvidenceRequests(s, o))
		for _, it := range q.Items {
			if got := strings.Contains(text, it.Item.String()+"#1"); got != (it.Roles[0] == r.Role) {
				t.Errorf("the letter to %s asks about %v: %t", r.Role, it.Item, got)
			}
			if it.Roles[0] != r.Role {
				if strings.Contains(text, it.Item.String()) {
					t.Errorf("the letter to %s tells of %v", r.Role, it.Item)
				}
			} else if it.Owner != "" {
				owned++
				if want := "owner: " + it.Owner + ", then " + r.Role; !strings.Contains(text, want) {
					t.Errorf("%v: the letter lacks %q", it.Item, want)
				}
			}
		}
		for _, want := range []string{"Requested by", "Return to", "By (date)", "How", "This is for " + r.Role} {
			if !strings.Contains(text, want) {
				t.Errorf("the letter to %s does not say %q", r.Role, want)
			}
		}
	}
	if owned == 0 {
		t.Error("no item that is asked about has an owner")
	}
	o.Roles = nil
	for _, sec := range model.EvidenceRequests(s, o).Sections[1:] {
		if !sec.Apart {
			t.Errorf("%s does not begin on a page of its own", sec.Title)
		}
	}
}

func allWords(d model.Document) string {
	var b strings.Builder
	for _, sec := range d.Sections {
		b.WriteString(words(sec) + "\n")
	}
	return b.String()
}

// A question stands in full once, under the first role that the pack names for it; the others name it and
// the section in which it stands. The sheet of one role alone has all its questions in full.
func TestInterviewSheets(t *testing.T) {
	sessions, o := exampleSessions(t)
	for _, session := range sessions {
		s := session.Snapshot()
		whole := model.InterviewSheets(s, o)
		number := make(map[string]string)
		for _, sec := range whole.Sections {
			number[sec.Title] = sec.Number
		}
		full := questions(t, whole)
		for e := range s.Entries() {
			for i, r := range e.Item.Roles {
				if !e.State.InProfile() {
					break
				}
				id, first := e.Item.ID.String(), e.Item.Roles[0]
				if got := slices.Contains(full[r], id); got != (i == 0) {
					t.Errorf("%s stands in full under %s: %t", id, r, got)
				}
				if text := words(section(t, whole, sectionID(whole, r))); i > 0 && !regexp.MustCompile(`Section `+number[first]+`, `+first+`: [^\n]*`+id).MatchString(text) {
					t.Errorf("%s is not named under %s, with section %s", id, r, number[first])
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
			one := o
			one.Roles = []string{role}
			if got := questions(t, model.InterviewSheets(s, one)); !slices.Equal(got[role], list) || len(got) != 1 {
				t.Errorf("%s alone: %d questions on %d sheets, not %d on one", role, len(got[role]), len(got), len(list))
			}
		}
		for _, sec := range whole.Sections[1:] {
			if !sec.Apart {
				t.Errorf("%s does not begin on a page of its own", sec.Title)
			}
		}
		open := o
		open.Open = true
		n := 0
		for _, list := range questions(t, model.InterviewSheets(s, open)) {
			n += len(list)
		}
		if n != s.Tally().Unrated() {
			t.Errorf("%d open questions, %d items are not rated", n, s.Tally().Unrated())
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

// questions are the ids of the questions that stand in full, by the title of their section. Each can be
// answered on paper, and its anchor is unique.
func questions(t *testing.T, d model.Document) map[string][]string {
	t.Helper()
	anchors := make(map[string]bool)
	list := make(map[string][]string)
	for _, sec := range d.Sections {
		for _, block := range sec.Blocks {
			entries, _ := block.(model.Entries)
			for _, e := range entries.Entries {
				if anchors[e.ID] || len(e.Choices) != assessment.MaxLevel+2 || len(e.Blanks) == 0 {
					t.Errorf("%s: the anchor %s again, or %d choices and %d lines", sec.Title, e.ID, len(e.Choices), len(e.Blanks))
				}
				anchors[e.ID] = true
				list[sec.Title] = append(list[sec.Title], e.Code)
			}
		}
	}
	return list
}

func sectionID(d model.Document, title string) string {
	i := slices.IndexFunc(d.Sections, func(s model.Section) bool { return s.Title == title })
	if i < 0 {
		return ""
	}
	return d.Sections[i].ID
}

// What is printed for the room holds no earlier rating, no note and no name of who was asked; the file to
// work in holds them.
func TestInterviewSheetsTellNoAnswers(t *testing.T) {
	var item content.ItemID
	s := newSession(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit, cat *content.Catalog) error {
		item = cat.At(0).ID
		level, _ := assessment.AtLevel(2)
		return errors.Join(e.Rate(item, level), e.Note(item, "never told"), e.Asked(item, []string{"Mara Quist"}), e.Owner(item, "Gus Petrakis"))
	})
	other := newSession(t, assessment.Info{Path: assessment.Full}, func(*assessment.Edit, *content.Catalog) error { return nil })
	sheets := func(s *assessment.Snapshot) []model.Section {
		d := model.InterviewSheets(s, options())
		return d.Sections[:len(d.Sections)-1] // but the provenance, which has the coverage
	}
	if !reflect.DeepEqual(sheets(s), sheets(other)) {
		t.Error("the sheets depend on what was answered")
	}
	register := model.InterviewRegister(s, options())
	row := slices.IndexFunc(register.Rows, func(r []model.Value) bool { return r[0].Text == item.String() })
	if got := cellOf(t, register, row, "current") + cellOf(t, register, row, "note") + cellOf(t, register, row, "asked"); got != "2never toldMara Quist" {
		t.Errorf("the register says %q", got)
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
	if got := words(section(t, model.ProfileReport(s, options()), "summary")); !strings.Contains(got, "Of 106 Subcategories, on the path 0, for later 0, left out 106.") {
		t.Errorf("the profile says %q", got)
	}
	if got := len(model.InterviewRegister(s, options()).Rows); got != 0 {
		t.Errorf("the register has %d rows", got)
	}
}
