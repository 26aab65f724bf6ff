package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/chart"
	"plumbline/reports/html"
	"plumbline/reports/markdown"
	"plumbline/reports/model"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

func examples(t *testing.T) []*assessment.Session {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	return sessions
}

// kinds are the reports beside the gap report, by name. A comparison is with the state itself unless
// the options say otherwise.
var kinds = map[string]func(*assessment.Snapshot, wire.Options) model.Document{
	"executive": model.ExecutiveReport,
	"plan":      model.PlanReport,
	"compare": func(s *assessment.Snapshot, o wire.Options) model.Document {
		if o.Against == nil {
			o.Against = s
		}
		d, err := model.CompareReport(s, o)
		if err != nil {
			panic(err)
		}
		return d
	},
}

func TestCompareNeedsTwo(t *testing.T) {
	if _, err := model.CompareReport(empty(t), options()); !errors.Is(err, wire.ErrNoAgainst) {
		t.Errorf("document: %v", err)
	}
	if _, err := wire.CompareReportOf(empty(t), options()); !errors.Is(err, wire.ErrNoAgainst) {
		t.Errorf("data: %v", err)
	}
}

func embedded(t *testing.T) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func empty(t *testing.T) *assessment.Snapshot {
	return newSession(t, assessment.Info{Path: assessment.Quick}, func(*assessment.Edit, *content.Catalog) error { return nil })
}

// unknown is a session in which everything has a target and nothing is rated.
func unknown(t *testing.T) *assessment.Snapshot {
	return newSession(t, assessment.Info{Path: assessment.Quick}, func(e *assessment.Edit, _ *content.Catalog) error {
		p, err := assessment.AllAt(3)
		if err == nil {
			_, err = e.Apply(p, "because", false)
		}
		return err
	})
}

// tables returns all tables of a document, those of charts among them.
func tables(d model.Document) (list []model.Table) {
	for _, s := range d.Sections {
		for _, block := range s.Blocks {
			switch v := block.(type) {
			case model.Table:
				list = append(list, v)
			case model.Chart:
				list = append(list, v.Table)
			}
		}
	}
	return list
}

// cells returns the texts of a table, a row each.
func cells(t *testing.T, d model.Document, id string) [][]string {
	t.Helper()
	for _, table := range tables(d) {
		if table.ID != id {
			continue
		}
		var rows [][]string
		for _, r := range table.Rows {
			var row []string
			for _, c := range r.Cells {
				row = append(row, c.Text)
			}
			rows = append(rows, row)
		}
		return rows
	}
	t.Fatalf("no table %q", id)
	return nil
}

// Whatever the session holds, each kind has the head of every report, tables with a cell for each
// column, anchors that are there once, and links that lead to one of them.
func TestKindsAreWhole(t *testing.T) {
	sessions := examples(t)
	first, err := sessions[0].At(sessions[0].Labels()[0].Head)
	if err != nil {
		t.Fatal(err)
	}
	states := []*assessment.Snapshot{sessions[0].Snapshot(), sessions[1].Snapshot(), first, empty(t), unknown(t)}
	for name, build := range kinds {
		for i, s := range states {
			for j, against := range states {
				if name != "compare" && j > 0 {
					continue
				}
				o := options()
				o.Damage, o.Against = "event 7 does not follow the event before it", against
				d := build(s, o)
				checkWhole(t, fmt.Sprintf("%s of %d against %d", name, i, j), d)
				for _, f := range []struct {
					write func(io.Writer, model.Document) error
					check func([]byte, model.Document) error
				}{{html.Write, html.Check}, {markdown.Write, markdown.Check}} {
					var b bytes.Buffer
					if err := errors.Join(f.write(&b, d), f.check(b.Bytes(), d)); err != nil {
						t.Errorf("%s of %d against %d: %v", name, i, j, err)
					}
				}
				if !strings.Contains(d.Warning, o.Damage) {
					t.Errorf("%s of %d: no banner", name, i)
				}
				for _, must := range []string{s.Head().String(), s.Catalog().Pack().Status} {
					if !strings.Contains(d.Footer, must) {
						t.Errorf("%s of %d: the footer lacks %q", name, i, must)
					}
				}
				if !slices.Contains(d.Statements, wire.Wording) {
					t.Errorf("%s of %d: it does not say whose wording it is", name, i)
				}
			}
		}
	}
}

func checkWhole(t *testing.T, what string, d model.Document) {
	t.Helper()
	anchors, links := make(map[string]bool), make(map[string]bool)
	anchor := func(id string) {
		if id != "" && anchors[id] {
			t.Errorf("%s: the anchor %q is there twice", what, id)
		}
		anchors[id] = true
	}
	for i, s := range d.Sections {
		if s.Number != itoa(i+1) || s.Title == "" || len(s.Blocks) == 0 {
			t.Errorf("%s: section %q has number %q, title %q and %d blocks", what, s.ID, s.Number, s.Title, len(s.Blocks))
		}
		anchor(s.ID)
		for _, block := range s.Blocks {
			switch v := block.(type) {
			case model.Chart:
				anchor(v.ID)
			case model.Entries:
				for _, e := range v.Entries {
					anchor(e.ID)
				}
			}
		}
	}
	if d.Sections[0].ID != "summary" {
		t.Errorf("%s: it does not begin with a summary", what)
	}
	for _, table := range tables(d) {
		anchor(table.ID)
		for i, r := range table.Rows {
			if len(r.Cells) != len(table.Columns) {
				t.Errorf("%s: %s, row %d: %d cells in %d columns", what, table.Caption, i+1, len(r.Cells), len(table.Columns))
			}
			for _, c := range r.Cells {
				links[c.Link] = true
			}
		}
	}
	for id := range links {
		if id != "" && !anchors[id] {
			t.Errorf("%s: a link leads to %q, which is not there", what, id)
		}
	}
}

// attained is target attainment as a report has to say it.
func attained(t assessment.Tally, threshold int) string {
	switch why := t.WhyWithheld(threshold); why {
	case "", assessment.NoTargets:
		return t.Attainment().Percent()
	default:
		return why
	}
}

// The document and the JSON of a kind tell the same numbers, which are those of the domain.
func TestExecutiveReportAgrees(t *testing.T) {
	for _, session := range examples(t) {
		s := session.Snapshot()
		d, w, tally := model.ExecutiveReport(s, options()), wire.ExecutiveReportOf(s, options()), s.Tally()
		f := figures(t, d)
		for key, want := range map[string]string{
			"rated":      fmt.Sprintf("%d of %d; items; the other %d are unknown, not zero", tally.Rated(), tally.InProfile, tally.Unrated()),
			"attainment": attained(tally, s.Info().Threshold) + "; " + tally.Attainment().String(),
			"at_target":  fmt.Sprintf("%d of %d;", tally.AtTarget, tally.Compared),
			"gaps":       itoa(tally.Gaps) + ";",
			"supported":  fmt.Sprintf("%d of %d;", tally.Supported, tally.Rated()),
			"planned":    fmt.Sprintf("%d of %d;", s.Handled(options().Day())[assessment.OpenAction], tally.Gaps),
		} {
			if !strings.HasPrefix(f[key], want) {
				t.Errorf("%s: %q, want %q", key, f[key], want)
			}
		}
		iv := tally.Interval()
		if want := "between " + iv.Low.Percent() + " and " + iv.High.Percent(); !strings.Contains(f["attainment"], want) {
			t.Errorf("attainment %q has no interval %q", f["attainment"], want)
		}
		gaps := cells(t, d, "first-gaps")
		if len(gaps) != min(10, tally.Gaps) || len(gaps) != len(w.Gaps) || w.GapsInAll != tally.Gaps {
			t.Errorf("%d gaps in the document, %d in JSON, %d in all", len(gaps), len(w.Gaps), tally.Gaps)
		}
		for i, e := range s.Gaps()[:len(gaps)] {
			if w.Gaps[i].Item != e.Item.ID || w.Gaps[i].Why != gaps[i][2] || !strings.HasPrefix(e.Item.Why, strings.TrimSuffix(gaps[i][2], ".")) {
				t.Errorf("gap %d is %v in JSON, of %q in the document; want %v", i+1, w.Gaps[i].Item, gaps[i][2], e.Item.ID)
			}
		}
		// Each side's questions that anything meets stand below it, with the sum of their entries.
		var rows [][]string
		for _, who := range []struct {
			is    wire.Decider
			title string
		}{{wire.ForBoard, "For the board to decide"}, {wire.ForManagement, "For management to have done"}} {
			head, sum := len(rows), 0
			rows = append(rows, nil)
			for _, v := range w.Decisions {
				if v.For == who.is && v.Count > 0 {
					rows = append(rows, []string{v.Ask, itoa(v.Count)})
					sum += v.Count
				}
			}
			rows[head] = []string{who.title, itoa(sum)}
		}
		for i, row := range cells(t, d, "decisions-table") {
			if !slices.Equal(row[:2], rows[i]) || strings.Contains(row[2], "/") {
				t.Errorf("%q in the document, want %q with titles", row, rows[i])
			}
		}
		for i, a := range content.Areas {
			row, n := cells(t, d, "area-figures")[i+1], s.Score().Session.Areas[a]
			if s.Info().Areas[a].Out {
				if row[3] != "out of scope" || slices.Contains(row, "0") {
					t.Errorf("%v is out of scope: %v", a, row)
				}
				continue
			}
			if row[2] != fmt.Sprintf("%d of %d", n.Rated(), n.InProfile) || row[3] != attained(n, s.Info().Threshold) || row[7] != itoa(n.Gaps) {
				t.Errorf("%v: %v, want %+v", a, row, n)
			}
		}
	}
}

// What nobody answered is nowhere a zero: not in a percentage, not as a gap.
func TestUnknownIsNotZero(t *testing.T) {
	d := model.ExecutiveReport(unknown(t), options())
	f := figures(t, d)
	if !strings.HasPrefix(f["attainment"], "too little rated; – of what the targets ask; between 0 % and 100 %") || !strings.HasPrefix(f["gaps"], "0; no item is known") {
		t.Errorf("figures %v", f)
	}
	if got := words(section(t, d, "gaps")); !strings.Contains(got, "No gap is known. That says little: 75 items have a target and no rating.") {
		t.Errorf("the gaps:\n%s", got)
	}
	for _, row := range cells(t, d, "decisions-table") {
		if strings.HasPrefix(row[0], "Have the items rated") && row[1] != "75" {
			t.Errorf("the unknown are %v", row)
		}
	}
	f = figures(t, model.PlanReport(unknown(t), options()))
	if !strings.HasPrefix(f["if_done"], "too little rated") || !strings.HasPrefix(f["without"], "0;") {
		t.Errorf("plan: %v", f)
	}
	o := options()
	o.Against = unknown(t)
	f = figures(t, kinds["compare"](unknown(t), o))
	if !strings.HasPrefix(f["compared"], "0 of 318;") || !strings.HasPrefix(f["attainment_after"], "–;") {
		t.Errorf("compare: %v", f)
	}
	for name, build := range kinds {
		for _, s := range []*assessment.Snapshot{empty(t), unknown(t)} {
			for _, table := range tables(build(s, options())) {
				if strings.Contains(table.Caption, "interval") || table.ID == "reach" || table.ID == "split" {
					for _, r := range table.Rows {
						for i, c := range r.Cells {
							if c.Text == "0 %" && table.Columns[i].Title != "Interval" {
								t.Errorf("%s, %s: %q is 0 %%", name, table.Caption, table.Columns[i].Title)
							}
						}
					}
				}
			}
		}
	}
}

func TestPlanReportAgrees(t *testing.T) {
	s := examples(t)[0].Snapshot()
	d, w, p := model.PlanReport(s, options()), wire.PlanReportOf(s, options()), s.Plan(options().Day())
	f := figures(t, d)
	now, then := p.Now.Session.Total, p.IfDone.Session.Total
	for key, want := range map[string]string{
		"actions":    itoa(len(s.Actions())) + ";",
		"covered":    fmt.Sprintf("%d of %d;", p.Handled[assessment.OpenAction], p.Gaps),
		"without":    itoa(len(p.Without)) + ";",
		"attainment": now.Attainment().Percent() + "; " + now.Attainment().String(),
		"if_done":    then.Attainment().Percent() + "; " + then.Attainment().String(),
	} {
		if !strings.HasPrefix(f[key], want) {
			t.Errorf("%s: %q, want %q", key, f[key], want)
		}
	}
	if then.Achieved <= now.Achieved {
		t.Error("the example's plan reaches nothing")
	}
	if *w.IfDone.Total.Attainment != then.Attainment() || *w.Now.Total.Attainment != now.Attainment() || len(w.Gaps.Without) != len(p.Without) {
		t.Error("JSON tells another reach")
	}
	without := cells(t, d, "without-table")
	if len(without) != len(p.Without) || without[0][7] != "No action planned" {
		t.Errorf("%d gaps without an action, the first is %v", len(without), without[0])
	}
	finished := 0
	for _, row := range without {
		if row[7] == "A-5 done, and still below target" {
			finished++
		}
	}
	if finished != p.Handled[assessment.FinishedOnly] || finished != 2 {
		t.Errorf("%d gaps with finished actions alone are in the list", finished)
	}
	if want := "18 of 98; of the others: only finished actions 2, accepted only 1, nothing 77"; f["covered"] != want {
		t.Errorf("covered: %q, want %q", f["covered"], want)
	}
	if left, bare := then.Gaps, 0; left != 80 {
		t.Errorf("%d gaps left", left)
	} else {
		for _, row := range cells(t, d, "by-owner") {
			n, err := strconv.Atoi(row[8])
			if err != nil {
				t.Error(err)
			}
			bare += n
		}
		if bare != left {
			t.Errorf("%d gaps without an open action by owner, %d left", bare, left)
		}
	}
	if then.Coverage() != now.Coverage() || *w.IfDone.Total.Coverage != now.Coverage() || w.IfDone.Total.Gaps != then.Gaps {
		t.Error("a plan changes what is known")
	}
	early := ""
	for _, row := range cells(t, d, "dates-table") {
		if strings.HasPrefix(row[2], "acceptance of PR.PS-04/secure") {
			early = strings.Join(row, "|")
		}
	}
	if want := "2026-12-15|A-2|acceptance of PR.PS-04/secure Log generation for monitoring lapses, before A-2 is due, 2026-12-31|Viktor Damsgaard, clinical data science|in force"; early != want {
		t.Errorf("the lapse is told as %q, want %q", early, want)
	}
	dates, lapses := 0, len(p.Lapses)
	for _, a := range s.Actions() {
		dates += len(a.Milestones) + 1
	}
	rows := cells(t, d, "dates-table")
	if len(rows) != dates+lapses || !slices.IsSortedFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) }) {
		t.Errorf("%d days, want %d in their order", len(rows), dates+lapses)
	}
	if raw, _ := json.Marshal(w); !strings.Contains(string(raw), `"milestones_overdue":0`) {
		t.Error("a milestone of the example is late")
	}

	// A year later what is open is overdue, and says so in words; what is done is not.
	o := options()
	o.AsOf = "2027-11-21"
	late := model.PlanReport(s, o)
	states := make(map[string]int)
	for _, row := range cells(t, late, "dates-table") {
		states[row[4]]++
	}
	if states["open"] != 0 || states["done"] != 5 || states["overdue"] != dates-5 || states["lapsed"] != lapses {
		t.Errorf("states of the days: %v", states)
	}
	if f := figures(t, late); !strings.HasPrefix(f["overdue"], "5;") {
		t.Errorf("overdue: %q", f["overdue"])
	}
}

// A done action whose items are still below target earns nothing and asks for a rating.
func TestDoneActionsEarnNothing(t *testing.T) {
	var id content.ItemID
	s := newSession(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit, cat *content.Catalog) error {
		it := cat.At(0)
		id = it.ID
		if err := rate(e, it, 1, 3); err != nil {
			return err
		}
		_, err := e.PutAction(assessment.Action{Title: "T", Items: []content.ItemID{id}, Status: "done"})
		return err
	})
	d := model.PlanReport(s, options())
	entry := section(t, d, "actions").Blocks[0].(model.Entries).Entries[0]
	if entry.Facts[0].Term != "Done, and still below target" {
		t.Errorf("the action says %+v", entry.Facts)
	}
	if f := figures(t, d); !strings.Contains(f["if_done"], "1/3") {
		t.Errorf("if done: %q", f["if_done"])
	}
}

func TestCompareReportAgrees(t *testing.T) {
	session := examples(t)[0]
	before := session.Snapshot()
	moved := map[string]int{}
	if _, err := session.Do(assessment.Act{Who: "W", Time: options().Generated}, func(e *assessment.Edit) error {
		for _, v := range before.Gaps()[:12] {
			n, _ := v.Response.Current.Level()
			moved[v.Item.ID.String()] = 1
			if err := rate(e, v.Item, n+1, 0); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	after := session.Snapshot()
	o := options()
	o.Against = before
	d, c := kinds["compare"](after, o), assessment.Compare(before, after)
	w, err := wire.CompareReportOf(after, o)
	if err != nil {
		t.Fatal(err)
	}
	f := figures(t, d)
	for key, want := range map[string]string{
		"compared":          fmt.Sprintf("%d of %d;", c.Total.Items, 318),
		"up":                "12;",
		"down":              "0;",
		"attainment_before": c.Total.Was.Percent() + "; " + c.Total.Was.String(),
		"attainment_after":  c.Total.Is.Percent() + "; " + c.Total.Is.String(),
		"closed":            itoa(c.Total.Closed) + ";",
	} {
		if !strings.HasPrefix(f[key], want) {
			t.Errorf("%s: %q, want %q", key, f[key], want)
		}
	}
	if c.Total.Is.Num != c.Total.Was.Num+12 {
		t.Errorf("12 levels more make %v out of %v", c.Total.Is, c.Total.Was)
	}
	for _, row := range w.Changes {
		if row.Moved != moved[row.Item.String()] {
			t.Errorf("JSON: %v moved by %d", row.Item, row.Moved)
		}
	}
	if w.Total.Up != 12 || len(w.Changes)+len(w.LeftOut) != 318 || !w.Same {
		t.Errorf("JSON: %d up, %d compared, %d left out", w.Total.Up, len(w.Changes), len(w.LeftOut))
	}
	if got := words(section(t, d, "up")); strings.Count(got, "+1") != 12 {
		t.Errorf("moved up:\n%s", got)
	}
	reasons := cells(t, d, "left-out-reasons")
	if last := reasons[len(reasons)-1]; last[1] != itoa(len(c.LeftOut)) {
		t.Errorf("left out: %v", reasons)
	}
}

// What entered or left the profile is named with what keeps it out of the other state.
func TestCompareNamesWhatLeftTheProfile(t *testing.T) {
	var out, in, rated content.ItemID
	session, _, err := assessment.New(embedded(t), assessment.Info{ID: "00000000-0000-4000-8000-000000000004", Organization: "O", Name: "N", Path: assessment.Full},
		assessment.Act{Who: "W", Time: options().Generated})
	if err != nil {
		t.Fatal(err)
	}
	do := func(edit func(e *assessment.Edit) error) *assessment.Snapshot {
		if _, err := session.Do(assessment.Act{Who: "W", Time: options().Generated}, edit); err != nil {
			t.Fatal(err)
		}
		return session.Snapshot()
	}
	cat := session.Catalog()
	out, in, rated = cat.At(0).ID, cat.At(1).ID, cat.At(2).ID
	before := do(func(e *assessment.Edit) error {
		return errors.Join(rate(e, cat.At(0), 0, 3), e.Exclude(in, "bought later"), rate(e, cat.At(3), 1, 3))
	})
	after := do(func(e *assessment.Edit) error {
		return errors.Join(e.Exclude(out, "sold"), e.Include(in), rate(e, cat.At(2), 1, 3))
	})
	o := options()
	o.Against = before
	d := kinds["compare"](after, o)
	if got := cells(t, d, "entered"); len(got) != 1 || got[0][0] != in.String() || got[0][4] != "bought later" {
		t.Errorf("entered: %q", got)
	}
	if got := cells(t, d, "left"); len(got) != 1 || got[0][0] != out.String() || got[0][4] != "sold" {
		t.Errorf("left: %q", got)
	}
	if got := cells(t, d, "left-out-items"); len(got) != 1 || got[0][0] != rated.String() || got[0][3] != "in profile in both, not rated before" {
		t.Errorf("left out: %q", got)
	}
	if got := words(section(t, d, "summary")); !strings.Contains(got, "1 item entered the profile, and 1 left it.") {
		t.Errorf("the summary:\n%s", got)
	}
	w, err := wire.CompareReportOf(after, o)
	if err != nil {
		t.Fatal(err)
	}
	why := make(map[content.ItemID]string)
	for _, l := range w.LeftOut {
		why[l.Item] = string(l.Why) + ": " + l.Before.Reason + l.After.Reason
	}
	if why[in] != "out_of_profile_before: bought later" || why[out] != "out_of_profile_after: sold" || why[rated] != "not_rated_before: " {
		t.Errorf("JSON: %q, %q, %q", why[in], why[out], why[rated])
	}
}

// The executive report says what was not assessed and what its figures leave out, and stands on
// something.
func TestExecutiveReportSaysWhatIsLeftOut(t *testing.T) {
	if got := fmt.Sprint(model.ExecutiveReport(empty(t), options()).Cover); !strings.Contains(got, "units not recorded") ||
		!strings.Contains(got, "Not in scope / assumed: not recorded") || strings.Contains(got, "whole organization") {
		t.Errorf("nothing was recorded: %s", got)
	}
	s := examples(t)[0].Snapshot()
	d := model.ExecutiveReport(s, options())
	for _, a := range s.Info().Assumptions {
		if !strings.Contains(d.Cover[0].Lines[1], a) {
			t.Errorf("the cover lacks %q", a)
		}
	}
	all := fmt.Sprint(d.Sections)
	must := []string{
		"Not counted here, of 318 items: outside the path 123, taken out 6 (of which High 2), Focus Area out of scope 0.",
		"too little rated in Defend and Thwart", s.Catalog().Pack().SHA256,
	}
	for n := range assessment.MaxLevel + 1 {
		test := strings.TrimPrefix(assessment.LevelTest(n), "You could show it ")
		must = append(must, test[1:]) // its first letter is large there
	}
	for _, want := range must {
		if !strings.Contains(all, want) {
			t.Errorf("it lacks %q", want)
		}
	}
}

// Where no Subcategory is rated in two Focus Areas, that none differs is not said.
func TestNoDivergenceIsNoAgreement(t *testing.T) {
	const nothing = "No Subcategory is rated in two Focus Areas yet"
	one := func(items int) *assessment.Snapshot {
		return newSession(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit, cat *content.Catalog) (err error) {
			for i := range items {
				err = errors.Join(err, rate(e, cat.At(i), 1, 3))
			}
			return err
		})
	}
	for n, want := range []string{nothing, nothing, "the one Subcategory that is rated in two"} {
		for name, got := range map[string]string{
			"executive": words(section(t, model.ExecutiveReport(one(n), options()), "areas")),
			"gap":       words(section(t, model.GapReport(one(n), options()), "divergence")),
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s, %d rated: %s", name, n, got)
			}
		}
	}
}

// On a path that leaves Subcategories for later, the profile does not say that they are included.
func TestProfileTellsWhatIsForLater(t *testing.T) {
	d := model.ProfileReport(examples(t)[0].Snapshot(), options())
	if got := words(section(t, d, "summary")); !strings.Contains(got, "Of 106 Subcategories, on the path 89, for later 17, left out 0.") {
		t.Errorf("the summary:\n%s", got)
	}
	n := make(map[string]int)
	for _, table := range tables(d) {
		if strings.HasPrefix(table.ID, "profile-") {
			for _, r := range table.Rows {
				if r.Strong {
					n[r.Cells[1].Text]++
				}
			}
		}
	}
	if n["yes"] != 89 || n["later"] != 17 || len(n) != 2 {
		t.Errorf("Subcategories by whether they are included: %v", n)
	}
}

// Evidence of items that are not rated and in profile is in the list, and told apart from the figures.
func TestEvidenceTellsItsPopulations(t *testing.T) {
	s := newSession(t, assessment.Info{Path: assessment.Quick}, func(e *assessment.Edit, cat *content.Catalog) (err error) {
		seen := make(map[content.Priority]bool)
		for it := range cat.Items() {
			if it.Priority != content.Moderate && !seen[it.Priority] {
				seen[it.Priority] = true
				err = errors.Join(err, rate(e, it, 1, 3), e.AddEvidence(it.ID, assessment.Evidence{Method: assessment.Examined, Ref: "R", Date: "2026-11-01"}))
			}
		}
		return err
	})
	got := words(section(t, model.GapReport(s, options()), "evidence"))
	for _, want := range []string{"1 of 1 rating in profile is supported", "2 entries on 2 items", "Of these, 1 entry on 1 item is outside the figures above"} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
}

// Counts are told in words that fit their number.
func TestCountsReadWell(t *testing.T) {
	s := newSession(t, assessment.Info{Path: assessment.Full}, func(e *assessment.Edit, cat *content.Catalog) error {
		_, err := e.PutAction(assessment.Action{Title: "T", Items: []content.ItemID{cat.At(0).ID}})
		return errors.Join(err, rate(e, cat.At(0), 1, 3))
	})
	all := fmt.Sprint(model.ExecutiveReport(s, options()), model.GapReport(s, options()), model.PlanReport(s, options()), kinds["compare"](s, options()))
	for _, wrong := range []string{"The first 1 of 1", "0 opened", "0 of both", "0 targets differ", "0 of 0 milestones", "Each links to its details", "Weaknesses"} {
		if strings.Contains(all, wrong) {
			t.Errorf("it says %q", wrong)
		}
	}
	for _, right := range []string{"The only gap, ordered by", "none opened", "no item has stronger evidence", "there is no milestone", "SHA-256 begins ", "Gaps that it is meant to close", "First milestone or end due", "“Gap by gap” has the details of each"} {
		if !strings.Contains(all, right) {
			t.Errorf("it does not say %q", right)
		}
	}
}

// A comparison with a labeled state names the label; one of two sessions names both, draws no movement
// between them, and carries the markings of both. No other kind knows the other session.
func TestCompareNamesBoth(t *testing.T) {
	sessions := examples(t)
	s := sessions[0].Snapshot()
	first, err := sessions[0].At(s.Labels()[0].Head)
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Against = first
	if got := fmt.Sprint(kinds["compare"](s, o).Cover); !strings.Contains(got, "“End of first sitting”") || !strings.Contains(got, first.Head().String()) {
		t.Errorf("the cover names no label: %s", got)
	}
	other := newSession(t, assessment.Info{Marking: "TLP:RED"}, func(e *assessment.Edit, cat *content.Catalog) error { return rate(e, cat.At(0), 1, 3) })
	o.Against = other
	d := kinds["compare"](s, o)
	if d.Marking != "TLP:AMBER / TLP:RED" {
		t.Errorf("marked %q", d.Marking)
	}
	all := fmt.Sprint(d.Cover, d.Sections)
	for _, want := range []string{"O, N, journal", "Northwater Health, 2026 baseline", "Higher in B"} {
		if !strings.Contains(all, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if strings.Contains(strings.ToLower(all), "moved up") {
		t.Error("two sessions are told as a movement")
	}
	for _, name := range []string{"executive", "plan"} {
		if got := fmt.Sprint(kinds[name](s, o)); strings.Contains(got, "TLP:RED") || strings.Contains(got, other.Head().String()) {
			t.Errorf("%s knows the other session", name)
		}
	}
}

// The executive report keeps to its two pages: what people wrote is cut, and lists have an end.
func TestExecutiveReportIsShort(t *testing.T) {
	long := strings.Repeat("long ", 35)
	s := newSession(t, assessment.Info{Units: slices.Repeat([]string{long}, 9), Path: assessment.Full}, func(e *assessment.Edit, cat *content.Catalog) error {
		for it := range cat.Items() {
			if err := rate(e, it, it.Index%3, 3); err != nil {
				return err
			}
			if err := e.Owner(it.ID, long); err != nil {
				return err
			}
		}
		for range 5 {
			if _, err := e.PutSystem(assessment.System{Name: long}); err != nil {
				return err
			}
		}
		return nil
	})
	d := model.ExecutiveReport(s, options())
	if !d.Brief {
		t.Error("it is not brief")
	}
	for _, f := range d.Cover {
		for _, l := range f.Lines {
			if len([]rune(l)) > 170 {
				t.Errorf("%s has %d characters", f.Term, len(l))
			}
		}
	}
	rows := 0
	for _, table := range tables(d) {
		rows += len(table.Rows)
		for _, r := range table.Rows {
			for _, c := range r.Cells {
				if len([]rune(c.Text)) > 240 {
					t.Errorf("%s: a cell of %d characters", table.Caption, len(c.Text))
				}
			}
		}
	}
	if rows > 4+wire.Widest+wire.TopGaps+9 {
		t.Errorf("%d rows", rows)
	}
}

// Every item has a reason that fits into a cell.
func TestWhyIsShort(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for it := range cat.Items() {
		why := wire.Why(it)
		if n := len([]rune(why)); n < 20 || n > 230 || !strings.ContainsAny(why[len(why)-1:], ".?!") {
			t.Errorf("%v: %q", it.ID, why)
		}
	}
}

// However far apart the days of a plan lie, its timeline holds them and names few of them.
func TestTimelineHoldsAllDays(t *testing.T) {
	for _, due := range []assessment.Date{"0001-01-01", "2020-02-29", "2026-11-21", "2026-12-01", "2031-07-01", "9999-12-31"} {
		s := newSession(t, assessment.Info{}, func(e *assessment.Edit, _ *content.Catalog) error {
			_, err := e.PutAction(assessment.Action{Title: "T", Due: due, Milestones: []assessment.Milestone{{Text: "M", Due: "2027-01-01"}}})
			return err
		})
		for _, block := range section(t, model.PlanReport(s, options()), "timeline").Blocks {
			c, ok := block.(model.Chart)
			if !ok {
				continue
			}
			ticks := 0
			for _, shape := range c.Drawing.Shapes {
				switch v := shape.(type) {
				case chart.Rect:
					if v.X < 0 || v.X+v.W > c.Drawing.Width {
						t.Errorf("%s: a mark at %d", due, v.X)
					}
				case chart.Text:
					if v.Y == 13 {
						ticks++
					}
				}
			}
			if ticks < 2 || ticks > 11 {
				t.Errorf("%s: %d days are named", due, ticks)
			}
		}
	}
}
