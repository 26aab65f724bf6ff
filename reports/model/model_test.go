package model_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

func options() wire.Options {
	return wire.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)}
}

func newSession(t *testing.T, in assessment.Info, edit func(*assessment.Edit, *content.Catalog) error) *assessment.Snapshot {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	in.ID, in.Organization, in.Name = "00000000-0000-4000-8000-000000000004", "O", "N"
	act := assessment.Act{Who: "W", Time: options().Generated}
	s, _, err := assessment.New(cat, in, act)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(act, func(e *assessment.Edit) error { return edit(e, cat) }); err != nil {
		t.Fatal(err)
	}
	return s.Snapshot()
}

func figures(t *testing.T, d model.Document) map[string]string {
	t.Helper()
	got := make(map[string]string)
	for _, block := range section(t, d, "summary").Blocks {
		if f, ok := block.(model.Figures); ok {
			for _, v := range f.Figures {
				got[v.Key] = v.Value + "; " + v.Note
			}
		}
	}
	return got
}

func section(t *testing.T, d model.Document, id string) model.Section {
	t.Helper()
	for _, s := range d.Sections {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no section %q", id)
	return model.Section{}
}

// words returns all that a section says.
func words(s model.Section) string {
	var b strings.Builder
	table := func(t model.Table) {
		b.WriteString(t.Caption + "\n")
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				b.WriteString(c.Text + " " + c.Sub + " | ")
			}
			b.WriteString("\n")
		}
	}
	for _, block := range s.Blocks {
		switch v := block.(type) {
		case model.Para:
			b.WriteString(v.Text + "\n")
		case model.Heading:
			b.WriteString(v.Text + "\n")
		case model.List:
			b.WriteString(strings.Join(v.Items, "\n") + "\n")
		case model.Facts:
			for _, f := range v.Facts {
				b.WriteString(f.Term + ": " + strings.Join(f.Lines, "; ") + "\n")
			}
		case model.Table:
			table(v)
		case model.Chart:
			table(v.Table)
		}
	}
	return b.String()
}

func rate(e *assessment.Edit, it *content.Item, current, target int) error {
	c, err := assessment.AtLevel(current)
	if err != nil {
		return err
	}
	if err := e.Rate(it.ID, c); err != nil || target == 0 {
		return err
	}
	tg, err := assessment.TargetAt(target)
	if err != nil {
		return err
	}
	return e.Target(it.ID, tg, "because")
}

// The headline at the edges: nothing known, nothing targeted, too little rated, everything achieved.
func TestHeadline(t *testing.T) {
	high := func(cat *content.Catalog) (list []*content.Item) {
		for it := range cat.Items() {
			if it.Priority == content.High {
				list = append(list, it)
			}
		}
		return list
	}
	for _, c := range []struct {
		name string
		edit func(*assessment.Edit, *content.Catalog) error
		want map[string]string
	}{
		{
			"nothing answered",
			func(*assessment.Edit, *content.Catalog) error { return nil },
			map[string]string{
				"attainment": "–; no item in profile has a target",
				"at_target":  "0 of 0; items that have a rating and a target",
				"gaps":       "0; no item is known to be below its target",
				"coverage":   "0 of 75; 0 % of the items in profile have a rating and a target",
				"rated":      "0 of 75; 0 of them inherited; 75 unrated",
			},
		},
		{
			"one of 75",
			func(e *assessment.Edit, cat *content.Catalog) error {
				p, err := assessment.AllAt(3)
				if err == nil {
					_, err = e.Apply(p, "because", false)
				}
				if err != nil {
					return err
				}
				return rate(e, high(cat)[0], 2, 3)
			},
			map[string]string{
				"attainment": "too little rated; 2/3 of what the targets ask; between 1 % and >99 % once the 74 unrated items are known",
				"gaps":       "1; 1 High",
				"coverage":   "1 of 75; 1 % of the items in profile have a rating and a target",
			},
		},
		{
			"all achieved, some beyond their targets",
			func(e *assessment.Edit, cat *content.Catalog) error {
				for _, it := range high(cat) {
					if err := rate(e, it, 3, 1+it.Index%3); err != nil {
						return err
					}
				}
				return nil
			},
			map[string]string{
				"attainment": "100 %",
				"at_target":  "75 of 75; items that have a rating and a target",
				"gaps":       "0; no item is known to be below its target",
				"supported":  "0 of 75; ratings on examined or tested evidence; 75 at level 3 on assertion alone",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := figures(t, model.GapReport(newSession(t, assessment.Info{Path: assessment.Quick}, c.edit), options()))
			for key, want := range c.want {
				if !strings.HasPrefix(got[key], want) {
					t.Errorf("%s: %q, want %q", key, got[key], want)
				}
			}
		})
	}
}

// The list of gaps, its ranks, its details and their links are in the order of the domain.
func TestOrder(t *testing.T) {
	s := examples(t)[0].Snapshot()
	d := model.GapReport(s, options())
	var want, register, links, details, anchors []string
	for _, e := range s.Gaps() {
		want = append(want, e.Item.ID.String())
	}
	for _, block := range section(t, d, "gaps").Blocks {
		if table, ok := block.(model.Table); ok {
			for _, r := range table.Rows {
				register, links = append(register, r.Cells[1].Text), append(links, r.Cells[1].Link)
			}
		}
	}
	for _, block := range section(t, d, "details").Blocks {
		if list, ok := block.(model.Entries); ok {
			for _, e := range list.Entries {
				details, anchors = append(details, e.Code), append(anchors, e.ID)
			}
		}
	}
	if !slices.Equal(register, want) || !slices.Equal(details, want) {
		t.Errorf("list\n%v\ndetails\n%v\nwant\n%v", register, details, want)
	}
	if !slices.Equal(links, anchors) {
		t.Errorf("links\n%v\nanchors\n%v", links, anchors)
	}
	if len(want) == 0 {
		t.Error("the worked example has no gaps")
	}
}

// What a scoping answer or the path leaves out is counted, with what is recorded for it, and in no
// figure.
func TestNotCounted(t *testing.T) {
	in := assessment.Info{Path: assessment.Standard, AI: assessment.AIRoles{Uses: assessment.Yes, Defends: assessment.No}}
	var outside, outOfScope, out *content.Item
	s := newSession(t, in, func(e *assessment.Edit, cat *content.Catalog) error {
		for it := range cat.Items() {
			switch {
			case it.ID.Area == content.Defend:
				outOfScope = it
			case it.Priority == content.Foundational:
				outside = it
			default:
				out = it
			}
		}
		for _, it := range []*content.Item{outside, outOfScope, out} {
			if err := rate(e, it, 0, 3); err != nil {
				return err
			}
		}
		return e.Exclude(out.ID, "handled by the landlord")
	})
	d := model.GapReport(s, options())
	if got := words(section(t, d, "scope")); !strings.Contains(got, "builds AI: not asked; deploys AI: not asked; uses AI: yes; uses or plans AI in defense: no") {
		t.Errorf("the answers are not in the scope:\n%s", got)
	}
	got := words(section(t, d, "not-counted"))
	tally := s.Tally()
	for _, want := range []string{
		"handled by the landlord",
		"Out of profile  | 1  | 1  | 1  | no ",
		"Outside the path  | " + itoa(tally.OutsidePath) + "  | 1  | 1  | no ",
		"Focus Area out of scope  | 106  | 1  | 1  | no ",
		"All  | 318  | 3  | 3  | ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if f := figures(t, d); !strings.HasPrefix(f["gaps"], "0;") || !strings.HasPrefix(f["rated"], "0 of") {
		t.Errorf("what is not counted was counted: %v", f)
	}
	if got := words(section(t, d, "attainment")); !strings.Contains(got, "out of scope") {
		t.Errorf("the grid does not say that Defend is out of scope:\n%s", got)
	}
}

// The Tier statement is a person's; without one there is none.
func TestTiers(t *testing.T) {
	s := newSession(t, assessment.Info{}, func(e *assessment.Edit, cat *content.Catalog) error {
		for it := range cat.Items() {
			if err := rate(e, it, 3, 3); err != nil {
				return err
			}
		}
		return nil
	})
	if got := words(section(t, model.GapReport(s, options()), "tiers")); !strings.Contains(got, "makes no Tier statement") {
		t.Errorf("a Tier out of ratings:\n%s", got)
	}
}

// Every row of every table has a cell for each column.
func TestTablesAreRegular(t *testing.T) {
	for _, session := range examples(t) {
		for _, s := range model.GapReport(session.Snapshot(), options()).Sections {
			for _, block := range s.Blocks {
				if c, ok := block.(model.Chart); ok {
					block = c.Table
				}
				if table, ok := block.(model.Table); ok {
					for i, r := range table.Rows {
						if len(r.Cells) != len(table.Columns) {
							t.Errorf("%s, row %d: %d cells in %d columns", table.Caption, i+1, len(r.Cells), len(table.Columns))
						}
					}
				}
			}
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
