package model_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/model"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

// exampleSessions are the sessions of the worked example, and the options under which they are told.
func exampleSessions(t *testing.T) ([]*assessment.Session, wire.Options) {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	list, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.AsOf = example.AsOf
	return list, o
}

func journalOf(t *testing.T, s *assessment.Session) []assessment.Event {
	t.Helper()
	var events []assessment.Event
	for e, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// workbooks are all workbooks of a session, by the kind of report.
func workbooks(s *assessment.Snapshot, o wire.Options) map[string]model.Workbook {
	return map[string]model.Workbook{
		"gap": model.GapWorkbook(s, o), "plan": model.PlanWorkbook(s, o), "evidence-requests": model.EvidenceRequestsWorkbook(s, o),
		"interview": model.InterviewWorkbook(s, o), "profile": model.ProfileWorkbook(s, o),
	}
}

func sheetOf(t *testing.T, w model.Workbook, name string) model.Sheet {
	t.Helper()
	for _, s := range w.Sheets {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no sheet %q", name)
	return model.Sheet{}
}

// cellOf returns a cell by the title of its column, as CSV writes it.
func cellOf(t *testing.T, s model.Sheet, row int, column string) string {
	t.Helper()
	i := slices.IndexFunc(s.Columns, func(c model.SheetColumn) bool { return c.Title == column })
	if i < 0 {
		t.Fatalf("sheet %q has no column %q", s.Name, column)
	}
	if v := s.Rows[row][i]; v.IsInt {
		return strconv.Itoa(v.Number)
	}
	return s.Rows[row][i].Text
}

// rowOf returns the number of the row whose cell in that column is that text.
func rowOf(t *testing.T, s model.Sheet, column, text string) int {
	t.Helper()
	for i := range s.Rows {
		if cellOf(t, s, i, column) == text {
			return i
		}
	}
	t.Fatalf("sheet %q has no row with %s %q", s.Name, column, text)
	return -1
}

// What every renderer of a workbook relies on.
func TestWorkbooksAreWellFormed(t *testing.T) {
	sessions, o := exampleSessions(t)
	for _, session := range sessions {
		o.Journal = journalOf(t, session)
		for kind, w := range workbooks(session.Snapshot(), o) {
			names, registers := make(map[string]bool), 0
			for _, s := range w.Sheets {
				if names[s.Name] || utf8.RuneCountInString(s.Name) > 31 || strings.ContainsAny(s.Name, `[]:*?/\`) || s.Name == "" {
					t.Errorf("%s: a sheet named %q", kind, s.Name)
				}
				names[s.Name] = true
				if s.Register {
					registers++
				}
				titles := make(map[string]bool)
				for _, c := range s.Columns {
					if titles[c.Title] || c.Title == "" || c.Width < 1 {
						t.Errorf("%s, %s: the column %q, %d wide", kind, s.Name, c.Title, c.Width)
					}
					titles[c.Title] = true
				}
				for i, r := range s.Rows {
					if len(r) != len(s.Columns) {
						t.Fatalf("%s, %s: row %d has %d cells for %d columns", kind, s.Name, i, len(r), len(s.Columns))
					}
				}
			}
			if registers != 1 || w.Sheets[0].Name != "About" {
				t.Errorf("%s: %d registers, and the first sheet is %q", kind, registers, w.Sheets[0].Name)
			}
		}
	}
}

// Design rule 12: what every artifact states.
func TestAboutStatesWhatItStandsOn(t *testing.T) {
	sessions, o := exampleSessions(t)
	s := sessions[0].Snapshot()
	p := s.Catalog().Pack()
	for kind, w := range workbooks(s, o) {
		var all strings.Builder
		about := sheetOf(t, w, "About")
		for i := range about.Rows {
			all.WriteString(cellOf(t, about, i, "field") + ": " + cellOf(t, about, i, "value") + "\n")
		}
		for _, want := range []string{
			fmt.Sprintf("%s, edition %d", p.ID, p.Edition), p.SHA256, p.Facts, "initial preliminary draft", wire.Wording, "Focus Area Thwart: ", "Path: standard",
			assessment.Scale, assessment.LevelTest(2), "Coverage: ", assessment.OrderRule, "Plumbline 0.0.0-test", s.Head().Hash.String(), s.Info().ID, "TLP:AMBER",
		} {
			if !strings.Contains(all.String(), want) {
				t.Errorf("%s: About does not say %q", kind, want)
			}
		}
	}
	o.Damage = "event 7 does not follow"
	about := sheetOf(t, model.GapWorkbook(s, o), "About")
	if got := cellOf(t, about, 1, "field") + cellOf(t, about, 1, "value"); !strings.Contains(got, "Warning") || !strings.Contains(got, o.Damage) {
		t.Errorf("a damaged journal: %s", got)
	}
}

// The figures of the workbook are those of the tally.
func TestSummarySheetAgreesWithTally(t *testing.T) {
	sessions, o := exampleSessions(t)
	for _, session := range sessions {
		s := session.Snapshot()
		w := model.GapWorkbook(s, o)
		sheet := sheetOf(t, w, "Summary")
		if len(sheet.Rows) != 7*4 {
			t.Fatalf("%d rows", len(sheet.Rows))
		}
		tally, last := s.Tally(), len(sheet.Rows)-1
		interval := tally.Interval()
		for column, want := range map[string]int{
			"items": tally.Items, "in_profile": tally.InProfile, "level_0": tally.Levels[0], "level_1": tally.Levels[1], "level_2": tally.Levels[2],
			"level_3": tally.Levels[3], "unrated": tally.Unrated(), "at_target": tally.AtTarget, "compared": tally.Compared, "gaps": tally.Gaps,
			"supported": tally.Supported, "inherited": tally.Inherited, "numerator": tally.Achieved, "denominator": tally.Wanted,
		} {
			if got := cellOf(t, sheet, last, column); got != strconv.Itoa(want) && (want != 0 || got != "") {
				t.Errorf("%s: %s, not %d", column, got, want)
			}
			// The parts add up to the whole.
			sum := 0
			for i := range last {
				if cellOf(t, sheet, i, "focus_area") == "all" {
					n, _ := strconv.Atoi(cellOf(t, sheet, i, column))
					sum += n
				}
			}
			if sum != want {
				t.Errorf("%s of the Functions add up to %d, not %d", column, sum, want)
			}
		}
		if got := cellOf(t, sheet, last, "lowest") + " " + cellOf(t, sheet, last, "highest"); got != interval.Low.String()+" "+interval.High.String() {
			t.Errorf("the interval is %s", got)
		}
		entries := 0
		for e := range s.Entries() {
			entries += len(e.Response.Evidence)
		}
		if got := len(sheetOf(t, w, "Evidence").Rows); got != entries {
			t.Errorf("%d entries of evidence, not %d", got, entries)
		}
		if got := len(sheetOf(t, w, "Actions").Rows); got != len(s.Actions()) {
			t.Errorf("%d actions, not %d", got, len(s.Actions()))
		}
	}
}

// NIST's template, as NIST publishes it: these are its headers, letter by letter.
const templateHeaders = `CSF Outcome (Function, Category, or Subcategory)|CSF Outcome Description|Included in Profile?|Rationale|Current Priority|Current Status|` +
	`Current Policies, Processes, and Procedures|Current Internal Practices|Current Roles and Responsibilities|Current Selected Informative References|` +
	`Current Artifacts and Evidence|Target Priority|Target CSF Tier|Target Policies, Processes, and Procedures|Target Internal Practices|` +
	`Target Roles and Responsibilities|Target Selected Informative References|Notes|Considerations`

func TestProfileSheetIsTheTemplate(t *testing.T) {
	sessions, _ := exampleSessions(t)
	sheet := model.ProfileSheet(sessions[0].Snapshot())
	var headers []string
	for _, c := range sheet.Columns {
		headers = append(headers, c.Title)
	}
	if got := strings.Join(headers, "|"); got != templateHeaders {
		t.Errorf("the headers are\n%s", got)
	}
	if sheet.Name != "Current and Target Profile" || len(sheet.Rows) != 6+22+106 {
		t.Errorf("sheet %q with %d rows", sheet.Name, len(sheet.Rows))
	}
	id := regexp.MustCompile(`^[A-Z]{2}(\.[A-Z]{2}(-\d{2})?)?$`)
	var order []string
	for f := range sessions[0].Catalog().Functions() {
		order = append(order, f.ID)
		for c := range sessions[0].Catalog().Categories() {
			if c.Function == f.ID {
				order = append(order, c.ID)
				for sub := range sessions[0].Catalog().Subcategories() {
					if sub.Category == c.ID {
						order = append(order, sub.ID)
					}
				}
			}
		}
	}
	for i, r := range sheet.Rows {
		if !id.MatchString(r[0].Text) || r[0].Text != order[i] {
			t.Errorf("row %d is %q, not %q", i, r[0].Text, order[i])
		}
		if r[1].Text == "" || r[2].Text != "Yes" && r[2].Text != "No" {
			t.Errorf("%s: %q, %q", r[0].Text, r[1].Text, r[2].Text)
		}
	}
}

// Each area has a line of its own in the template; what is unknown has none.
func TestProfileSheetLines(t *testing.T) {
	const sub = "GV.OC-01"
	item := func(a content.Area) content.ItemID { return content.ItemID{Sub: sub, Area: a} }
	level := func(n int) assessment.Rating { r, _ := assessment.AtLevel(n); return r }
	in := assessment.Info{Path: assessment.Full}
	s := newSession(t, in, func(e *assessment.Edit, _ *content.Catalog) error {
		for _, err := range []error{
			e.Rate(item(content.Secure), level(0)), e.Target(item(content.Secure), level(3), "the board wants it"),
			e.Target(item(content.Defend), level(2), ""), e.Exclude(item(content.Thwart), "not pursued"),
			e.Owner(item(content.Secure), "The owner"), e.Note(item(content.Secure), "one\ntwo"), e.Prioritize(item(content.Secure), content.High, "sooner"),
			e.AddEvidence(item(content.Secure), assessment.Evidence{Method: assessment.Examined, Date: "2026-10-01", Ref: "minutes"}),
			e.Tier(assessment.TierStatement{Governance: 2, Management: 3, Rationale: "stated"}),
		} {
			if err != nil {
				return err
			}
		}
		for _, a := range content.Areas {
			if err := e.Exclude(content.ItemID{Sub: "GV.OC-02", Area: a}, "not for us"); err != nil {
				return err
			}
		}
		return nil
	})
	sheet := model.ProfileSheet(s)
	first := sheet.Columns[0].Title
	for id, cells := range map[string]map[string]string{
		sub: {
			"Included in Profile?": "Yes", "Rationale": "Thwart: out of profile: not pursued",
			"Current Status": "Secure: 0 Not achieved", "Current Roles and Responsibilities": "Secure: The owner",
			"Current Artifacts and Evidence": "Secure: examined 2026-10-01: minutes", "Target CSF Tier": "",
			"Considerations": "Target Secure: 3 Fully achieved\nReason Secure: the board wants it\nTarget Defend: 2 Largely achieved",
			"Notes":          "Secure: the draft proposes the priority 3 Foundational. sooner\nSecure: one\ntwo",
		},
		"GV.OC-02": {
			"Included in Profile?": "No", "Current Status": "", "Current Priority": "", "Considerations": "",
			"Rationale": "Secure: out of profile: not for us\nDefend: out of profile: not for us\nThwart: out of profile: not for us",
		},
		"GV.OC-03": {"Included in Profile?": "Yes", "Current Status": "", "Rationale": "", "Considerations": ""},
		"GV":       {"Included in Profile?": "Yes", "Target CSF Tier": "Governance: Tier 2 Risk Informed\nManagement: Tier 3 Repeatable", "Current Status": ""},
		"GV.OC":    {"Included in Profile?": "Yes", "Target CSF Tier": "", "Current Status": ""},
	} {
		row := rowOf(t, sheet, first, id)
		for column, want := range cells {
			if got := cellOf(t, sheet, row, column); got != want {
				t.Errorf("%s, %s: %q, want %q", id, column, got, want)
			}
		}
	}
	row := rowOf(t, sheet, first, sub)
	if got := cellOf(t, sheet, row, "Current Priority"); !strings.HasPrefix(got, "Secure: 1 High\nDefend: ") || strings.Contains(got, "Thwart") {
		t.Errorf("the priorities are %q", got)
	}
	if got := cellOf(t, sheet, row, "Current Selected Informative References"); !strings.HasPrefix(got, "SP 800-53 Rev. 5: ") ||
		got != cellOf(t, sheet, row, "Target Selected Informative References") {
		t.Errorf("the references are %q", got)
	}
}

// A logo in the journal is told, not written out.
func TestJournalSheetTellsALogo(t *testing.T) {
	sessions, o := exampleSessions(t)
	session := sessions[0]
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	act := assessment.Act{Who: "W", Time: options().Generated}
	if _, err := session.Do(act, func(e *assessment.Edit) error {
		return e.Brand(assessment.Brand{Logo: logo.Bytes(), LogoName: "logo.png"})
	}); err != nil {
		t.Fatal(err)
	}
	o.Journal = journalOf(t, session)
	sheet := sheetOf(t, model.GapWorkbook(session.Snapshot(), o), "Journal")
	after := cellOf(t, sheet, len(sheet.Rows)-1, "after")
	if !regexp.MustCompile(`^logo: PNG of \d+ bytes, SHA-256 [0-9a-f]{16}…\nlogo name: logo.png$`).MatchString(after) {
		t.Errorf("the logo is told as %.200q", after)
	}
}

// The journal tells a person what changed; without events there is no such sheet.
func TestJournalSheet(t *testing.T) {
	sessions, o := exampleSessions(t)
	session := sessions[0]
	id := session.Catalog().At(0).ID
	act := assessment.Act{Who: "W", Time: options().Generated, Reason: "because"}
	for _, n := range []int{1, 2} {
		r, _ := assessment.AtLevel(n)
		if _, err := session.Do(act, func(e *assessment.Edit) error { return e.Rate(id, r) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := session.Undo(act); err != nil {
		t.Fatal(err)
	}
	s := session.Snapshot()
	for _, sheet := range model.GapWorkbook(s, o).Sheets {
		if sheet.Name == "Journal" {
			t.Error("a journal without events")
		}
	}
	o.Journal = journalOf(t, session)
	sheet := sheetOf(t, model.GapWorkbook(s, o), "Journal")
	if len(sheet.Rows) != int(s.Head().Seq) {
		t.Fatalf("%d rows for %d events", len(sheet.Rows), s.Head().Seq)
	}
	last := len(sheet.Rows) - 1
	for row, want := range map[int]string{
		last - 1: "response: current | 1 | 2 | " + id.String() + " | because",
		last:     fmt.Sprintf("response: current (undoes act %d) | 2 | 1 | %s | because", o.Journal[last].Undoes, id),
	} {
		var got []string
		for _, c := range []string{"what", "before", "after", "item_id", "reason"} {
			got = append(got, cellOf(t, sheet, row, c))
		}
		if strings.Join(got, " | ") != want {
			t.Errorf("row %d is %q, want %q", row, got, want)
		}
	}
	if got := cellOf(t, sheet, last, "hash"); got != s.Head().Hash.String() {
		t.Errorf("the last hash is %s", got)
	}
}

// The plan counts what its actions are for, and lists the gaps that none covers.
func TestPlanWorkbook(t *testing.T) {
	sessions, o := exampleSessions(t)
	s := sessions[0].Snapshot()
	w := model.PlanWorkbook(s, o)
	planned := make(map[content.ItemID]bool)
	for _, a := range s.Actions() {
		for _, id := range a.Items {
			planned[id] = planned[id] || !a.Done()
		}
	}
	without := 0
	for _, e := range s.Gaps() {
		if !planned[e.Item.ID] {
			without++
		}
	}
	if got := len(sheetOf(t, w, "Gaps without open action").Rows); got != without {
		t.Errorf("%d gaps without action, not %d", got, without)
	}
	if got := len(sheetOf(t, w, "Plan").Rows); got != len(s.Actions()) {
		t.Errorf("%d actions, not %d", got, len(s.Actions()))
	}
}
