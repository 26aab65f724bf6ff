package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/testdata/example"
)

func embedded(tb testing.TB) *content.Catalog {
	tb.Helper()
	cat, err := content.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

func options() reports.Options {
	return reports.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf}
}

// examples returns the sessions of the worked example.
func examples(tb testing.TB) []*assessment.Snapshot {
	tb.Helper()
	var list []*assessment.Snapshot
	for _, s := range sessions(tb) {
		list = append(list, s.Snapshot())
	}
	return list
}

// write writes the gap report.
func write(tb testing.TB, f reports.Format, s *assessment.Snapshot, o reports.Options) []byte {
	tb.Helper()
	return writeKind(tb, reports.Gap, f, s, o)
}

func writeKind(tb testing.TB, k reports.Kind, f reports.Format, s *assessment.Snapshot, o reports.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := reports.Write(&b, k, f, s, o); err != nil {
		tb.Fatalf("%s, %s: %v", k, f, err)
	}
	return b.Bytes()
}

// prints are the formats of the gap report that one can look into with a text editor. The others are
// read back by readers of their own (readers_test.go).
var prints = []reports.Format{reports.HTML, reports.Markdown, reports.JSON, reports.CSV}

// every runs a test for each format of each kind of report.
func every(t *testing.T, test func(*testing.T, reports.Kind, reports.Format)) {
	for _, k := range reports.Kinds() {
		for _, f := range reports.Formats(k) {
			t.Run(string(k)+"/"+string(f), func(t *testing.T) { test(t, k, f) })
		}
	}
}

// full is options with everything that some kind of report needs beside its session: the journal, and
// for a comparison its first labeled snapshot, or without one the state when its journal was a fifth
// shorter.
func full(tb testing.TB, s *assessment.Session) reports.Options {
	tb.Helper()
	o := options()
	for e, err := range s.Events() {
		if err != nil {
			tb.Fatal(err)
		}
		o.Journal = append(o.Journal, e)
	}
	if labels := s.Labels(); len(labels) > 0 {
		then, err := s.At(labels[0].Head)
		if err != nil {
			tb.Fatal(err)
		}
		o.Against = then
	}
	for seq := s.Head().Seq * 4 / 5; o.Against == nil; seq++ {
		if head, ok := s.HeadAt(seq); ok {
			then, err := s.At(head)
			if err != nil {
				tb.Fatal(err)
			}
			o.Against = then
		}
	}
	return o
}

// sessions returns the sessions of the worked example.
func sessions(tb testing.TB) []*assessment.Session {
	tb.Helper()
	list, err := example.Sessions(embedded(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// fields are the places of a session where a person writes text, as wordy fills them.
var fields = []string{
	"organization", "name", "purpose", "unit", "assumption", "assessor", "marking", "answer", "who",
	"note", "owner", "asked", "target-reason", "priority-reason", "reference", "file", "accepted-reason", "approver",
	"out-reason", "base-note", "tier-rationale", "system-name", "system-data", "action-title", "action-owner", "milestone",
}

// wordy builds a session with a gap, an item out of profile, and a text in every place where a person
// writes one: what text returns for that field.
func wordy(tb testing.TB, id string, text func(field string) string) *assessment.Snapshot {
	tb.Helper()
	cat := embedded(tb)
	// The session is made with plain words, which its records then give up for the texts: so texts get
	// in that the session would have cleaned or refused, as an older store may hold them.
	word := func(field string) string { return "word " + field }
	act := assessment.Act{Who: word("who"), Time: time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)}
	in := assessment.Info{
		ID: id, Organization: word("organization"), Name: word("name"), Purpose: word("purpose"),
		Units: []string{word("unit")}, Assumptions: []string{word("assumption")}, Assessors: []string{word("assessor")},
		Marking: word("marking"), Path: assessment.Full, AI: assessment.AIRoles{Uses: assessment.Yes, Defends: assessment.Yes},
	}
	in.Areas = assessment.Scoping(in.AI)
	in.Areas[content.Secure].Answer = word("answer")
	s, _, err := assessment.New(cat, in, act)
	if err != nil {
		tb.Fatal(err)
	}
	gap, out := cat.At(0), cat.At(1)
	level1, _ := assessment.AtLevel(1)
	level3, _ := assessment.TargetAt(3)
	own := content.High
	if gap.Priority == own {
		own = content.Moderate
	}
	_, err = s.Do(act, func(e *assessment.Edit) error {
		for _, err := range []error{
			e.Rate(gap.ID, level1), e.Target(gap.ID, level3, word("target-reason")), e.Prioritize(gap.ID, own, word("priority-reason")),
			e.Note(gap.ID, word("note")), e.Owner(gap.ID, word("owner")), e.Asked(gap.ID, []string{word("asked")}),
			e.AddEvidence(gap.ID, assessment.Evidence{Method: assessment.Examined, Ref: word("reference"), File: word("file"), SHA256: fmt.Sprintf("%064d", 7)}),
			e.Accept(gap.ID, assessment.Acceptance{Reason: word("accepted-reason"), Approver: word("approver"), Expires: "2027-06-30"}),
			e.Exclude(out.ID, word("out-reason")), e.Base(gap.ID.Sub, level1, word("base-note")),
			e.Tier(assessment.TierStatement{Governance: 2, Management: 1, Rationale: word("tier-rationale")}),
		} {
			if err != nil {
				return err
			}
		}
		if _, err := e.PutSystem(assessment.System{Name: word("system-name"), Data: word("system-data")}); err != nil {
			return err
		}
		_, err := e.PutAction(assessment.Action{
			Title: word("action-title"), Items: []content.ItemID{gap.ID}, Owner: word("action-owner"),
			Milestones: []assessment.Milestone{{Text: word("milestone"), Due: "2026-12-01"}},
		})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	st, err := s.Stored()
	if err != nil {
		tb.Fatal(err)
	}
	for _, field := range fields {
		quoted, err := json.Marshal(text(field))
		if err != nil {
			tb.Fatal(err)
		}
		found := false
		for k, raw := range st.Records {
			old := []byte(`"` + word(field) + `"`)
			found = found || bytes.Contains(raw, old)
			st.Records[k] = bytes.ReplaceAll(raw, old, quoted)
		}
		if !found {
			tb.Fatalf("no record holds the text of %s", field)
		}
	}
	loaded, err := assessment.Load(cat, st)
	if err != nil {
		tb.Fatal(err)
	}
	return loaded.Snapshot()
}
