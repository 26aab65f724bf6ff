package oscal_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/oscal"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

func options() wire.Options {
	return wire.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf}
}

func embedded(tb testing.TB) *content.Catalog {
	tb.Helper()
	cat, err := content.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

// files returns the documents of a session by name.
func files(tb testing.TB, s *assessment.Snapshot, o wire.Options) map[string][]byte {
	tb.Helper()
	var b bytes.Buffer
	if err := oscal.WriteAll(&b, s, o); err != nil {
		tb.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		tb.Fatal(err)
	}
	m := make(map[string][]byte)
	for _, f := range z.File {
		if m[f.Name], err = fs.ReadFile(z, f.Name); err != nil {
			tb.Fatal(err)
		}
	}
	return m
}

// sessions are what every test of documents runs over: as they come, empty, full, with no item in
// profile, and with hostile texts in every field.
func sessions(tb testing.TB) map[string]*assessment.Snapshot {
	tb.Helper()
	cat := embedded(tb)
	list, err := example.Sessions(cat)
	if err != nil {
		tb.Fatal(err)
	}
	m := map[string]*assessment.Snapshot{"example": list[0].Snapshot(), "example, first look": list[1].Snapshot()}
	none := func(*assessment.Edit) error { return nil }
	m["empty"] = build(tb, cat, assessment.Full, none).Snapshot()
	m["full"] = full(tb, cat)
	m["nothing in profile"] = build(tb, cat, assessment.Quick, func(e *assessment.Edit) error {
		for it := range cat.Items() {
			if it.Priority == content.High {
				if err := e.Exclude(it.ID, "not pursued"); err != nil {
					return err
				}
			}
		}
		return nil
	}).Snapshot()
	for i, h := range hostile {
		m[fmt.Sprintf("hostile %d", i)] = wordy(tb, func(field string) string { return h + " " + field })
		m[fmt.Sprintf("hostile %d alone", i)] = wordy(tb, func(string) string { return h })
	}
	return m
}

// build makes a session with one act.
func build(tb testing.TB, cat *content.Catalog, path assessment.Path, edit func(*assessment.Edit) error) *assessment.Session {
	tb.Helper()
	act := assessment.Act{Who: "@who@", Time: time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)}
	s, _, err := assessment.New(cat, assessment.Info{
		ID: "00000000-0000-4000-8000-000000000001", Organization: "@organization@", Name: "@name@", Purpose: "@purpose@",
		Units: []string{"@unit@"}, Assumptions: []string{"@assumption@"}, Assessors: []string{"@assessor@"}, Marking: "@marking@", Path: path,
		Areas: [3]assessment.AreaScope{{Answer: "@answer@"}},
	}, act)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := s.Do(act, edit); err != nil {
		tb.Fatal(err)
	}
	return s
}

// full is a session with every item rated, targeted, noted and with evidence, and with actions in each
// state: one action for every seventh item.
func full(tb testing.TB, cat *content.Catalog) *assessment.Snapshot {
	note := strings.Repeat("Most, not all, of the systems do what was agreed, the review of September found. ", 5)
	return build(tb, cat, assessment.Full, func(e *assessment.Edit) error {
		p, err := assessment.AllAt(3)
		if err != nil {
			return err
		}
		if _, err := e.Apply(p, "Decided by the committee", false); err != nil {
			return err
		}
		for it := range cat.Items() {
			current, _ := assessment.AtLevel(it.Index % 4)
			if err := errors.Join(
				e.Rate(it.ID, current), e.Note(it.ID, note), e.Owner(it.ID, "Head of platform security"),
				e.AddEvidence(it.ID, assessment.Evidence{Method: assessment.Methods[it.Index%4], Ref: "Minutes of the review, section 4"}),
			); err != nil {
				return err
			}
			if it.Index%7 == 0 {
				a := assessment.Action{
					Title: "Close what is open", Items: []content.ItemID{it.ID, cat.At((it.Index + 1) % cat.Len()).ID}, Effort: "M", Due: "2027-03-31",
					Status:     assessment.Progresses[it.Index/7%3],
					Milestones: []assessment.Milestone{{Text: "Begin", Due: "2026-12-01"}, {Text: "Go on", Done: true}},
				}
				if _, err := e.PutAction(a); err != nil {
					return err
				}
			}
		}
		return nil
	}).Snapshot()
}

// hostile are texts that OSCAL, its Markdown, JSON or a terminal could take for more than text, or that
// its schema refuses in one place or another.
var hostile = []string{
	"", " ", "\t", "\n", " outer blanks ", "two\nlines", "\r\n\r\n", "a\u2028b\u2029c", "\u00a0blank\u3000", "\u200b", "\ufeff", "\u0085",
	"{{ insert: param, ac-1_prm_1 }}", "**bold** _soft_ `code` ~sub~ ^sup^", "[x](javascript:alert(1))", "<script>alert(1)</script>", "# heading\n- list\n1. one\n\n    code",
	`"quotes" \ \\ \{`, "a^b{c}d", "\x1b[31mred\x1b]52;c;aGk=\x07", "\u202Egnp.exe", "\x00nul", "=1+1", "e" + strings.Repeat("\u0301", 40), "👩‍💻 😀", "\uFDD0\U000E0041",
	"#", "-", "http://example.org/?a=b&c=d", strings.Repeat("long ", 3000),
}

var place = regexp.MustCompile(`"@([a-z-]+)@"`)

// wordy is a session with a text wherever a person writes one: what text returns for the field. The
// texts are put into the records, past what would clean or refuse them, as an older store may hold them.
func wordy(tb testing.TB, text func(field string) string) *assessment.Snapshot {
	tb.Helper()
	cat := embedded(tb)
	s := build(tb, cat, assessment.Quick, func(e *assessment.Edit) error {
		gap, closed, out := cat.At(0), cat.At(2), cat.At(1)
		level1, _ := assessment.AtLevel(1)
		level3, _ := assessment.AtLevel(3)
		for _, it := range []*content.Item{gap, closed, out} { // onto the quick path, which makes small documents
			if it.Priority == content.High {
				continue
			}
			if err := e.Prioritize(it.ID, content.High, "@priority-reason@"); err != nil {
				return err
			}
		}
		if err := errors.Join(
			e.Rate(gap.ID, level1), e.Target(gap.ID, level3, "@target-reason@"),
			e.Note(gap.ID, "@note@"), e.Owner(gap.ID, "@owner@"), e.Asked(gap.ID, []string{"@asked@"}),
			e.AddEvidence(gap.ID, assessment.Evidence{Method: assessment.Examined, Ref: "@reference@", File: "@file@", SHA256: strings.Repeat("0a", 32)}),
			e.Accept(gap.ID, assessment.Acceptance{Reason: "@accepted-reason@", Approver: "@approver@", Expires: "2027-06-30"}),
			e.Rate(closed.ID, level3), e.Target(closed.ID, level3, ""), e.Exclude(out.ID, "@out-reason@"),
		); err != nil {
			return err
		}
		if _, err := e.PutSystem(assessment.System{Name: "@system-name@", Data: "@system-data@"}); err != nil {
			return err
		}
		for _, status := range []assessment.Progress{"planned", "done"} {
			if _, err := e.PutAction(assessment.Action{
				Title: "@action-title@", Items: []content.ItemID{gap.ID, closed.ID, out.ID}, Owner: "@action-owner@", Status: status,
				Milestones: []assessment.Milestone{{Text: "@milestone@", Due: "2026-12-01"}},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	st, err := s.Stored()
	if err != nil {
		tb.Fatal(err)
	}
	for k, raw := range st.Records {
		st.Records[k] = place.ReplaceAllFunc(raw, func(m []byte) []byte {
			quoted, err := json.Marshal(text(string(m[2 : len(m)-2])))
			if err != nil {
				tb.Fatal(err)
			}
			return quoted
		})
	}
	loaded, err := assessment.Load(cat, st)
	if err != nil {
		tb.Fatal(err)
	}
	return loaded.Snapshot()
}
