package model_test

import (
	"bytes"
	"fmt"
	"testing"
	"unicode"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/model"
)

// Characters that steer a terminal or turn text around, which an older store may hold, get into no report
// and no sheet.
func TestTextsAreCleaned(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	const word = "WORD"
	act := assessment.Act{Who: word, Time: options().Generated, Reason: word}
	in := assessment.Info{
		ID: "00000000-0000-4000-8000-000000000007", Organization: word, Name: word, Purpose: word, Units: []string{word}, Assumptions: []string{word},
		Assessors: []string{word}, Marking: word, Path: assessment.Full,
	}
	in.Areas[content.Secure].Answer = word
	s, _, err := assessment.New(cat, in, act)
	if err != nil {
		t.Fatal(err)
	}
	id, out := cat.At(0).ID, cat.At(1).ID
	one, _ := assessment.AtLevel(1)
	three, _ := assessment.TargetAt(3)
	if _, err := s.Do(act, func(e *assessment.Edit) error {
		for _, err := range []error{
			e.Rate(id, one), e.Target(id, three, word), e.Prioritize(id, content.High, word), e.Note(id, word), e.Owner(id, word), e.Asked(id, []string{word}),
			e.AddEvidence(id, assessment.Evidence{Method: assessment.Asserted, Ref: word}), e.Exclude(out, word), e.Base(id.Sub, one, word),
			e.Accept(id, assessment.Acceptance{Reason: word, Approver: word, Expires: "2027-06-30"}),
			e.Tier(assessment.TierStatement{Governance: 2, Management: 1, Rationale: word}),
		} {
			if err != nil {
				return err
			}
		}
		_, err := e.PutAction(assessment.Action{Title: word, Items: []content.ItemID{id}, Owner: word, Milestones: []assessment.Milestone{{Text: word}}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	st, err := s.Stored()
	if err != nil {
		t.Fatal(err)
	}
	hostile := []byte(`\u001b[31m\u202e\r\nWORD\u0007\u2066\u009b`)
	for k, raw := range st.Records {
		st.Records[k] = bytes.ReplaceAll(raw, []byte(word), hostile)
	}
	loaded, err := assessment.Load(cat, st)
	if err != nil {
		t.Fatal(err)
	}
	snap, o := loaded.Snapshot(), options()
	for e, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		e.Who, e.Reason = "\x1b\u202e"+e.Who, "\x1b\u202e"+e.Reason
		e.Before, e.After = bytes.ReplaceAll(e.Before, []byte(word), hostile), bytes.ReplaceAll(e.After, []byte(word), hostile)
		o.Journal = append(o.Journal, e)
	}
	made := map[string]any{
		"evidence requests": model.EvidenceRequests(snap, o), "interview": model.InterviewSheets(snap, o), "profile": model.ProfileReport(snap, o),
	}
	for kind, w := range workbooks(snap, o) {
		made[kind+" workbook"] = w
	}
	for name, v := range made {
		said := fmt.Sprintf("%+v", v)
		if !bytes.Contains([]byte(said), []byte(word)) {
			t.Errorf("%s says nothing of the session", name)
		}
		for i, r := range said {
			if r != '\n' && !unicode.IsGraphic(r) {
				t.Errorf("%s holds %U: …%q", name, r, said[max(0, i-60):i])
				break
			}
		}
	}
}
