package bundle_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/content"
	"plumbline/content/contenttest"
)

// ofEveryKind is a short session with a record of every kind that people write texts into.
func ofEveryKind(t *testing.T) bundle.Session {
	t.Helper()
	act := assessment.Act{Who: "Ada", Time: created, Reason: "why"}
	s, _, err := assessment.New(catalog(t), assessment.Info{
		ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "O", Name: "N", Purpose: "P", Units: []string{"U"}, Assumptions: []string{"A"}, Assessors: []string{"Ada"},
		Marking: "M", Path: assessment.Full,
	}, act)
	if err != nil {
		t.Fatal(err)
	}
	item := content.ItemID{Sub: "GV.OC-01", Area: content.Secure}
	one, _ := assessment.AtLevel(1)
	three, _ := assessment.TargetAt(3)
	if _, err := s.Do(act, func(e *assessment.Edit) error {
		_, errA := e.PutAction(assessment.Action{Title: "T", Items: []content.ItemID{item}, Owner: "O", Due: "2027-01-01", Effort: "S", Milestones: []assessment.Milestone{{Text: "M"}}})
		_, errS := e.PutSystem(assessment.System{Name: "N", Kind: "K", Provider: "P", Data: "D", Owner: "O"})
		_, errL := e.TakeSnapshot("L")
		return errors.Join(errA, errS, errL, e.Rate(item, one), e.Target(item, three, "R"), e.Prioritize(item, content.High, "R"), e.Note(item, "N"), e.Owner(item, "O"),
			e.Asked(item, []string{"CISO"}), e.AddEvidence(item, assessment.Evidence{Method: assessment.Examined, Ref: "R", File: "F", SHA256: strings.Repeat("0f", 32)}),
			e.Accept(item, assessment.Acceptance{Reason: "R", Approver: "A", Expires: "2027-06-30"}), e.Base("GV.OC-01", one, "N"),
			e.Tier(assessment.TierStatement{Governance: 1, Management: 2, Rationale: "R"}), e.Brand(assessment.Brand{Accent: "#1f4e79"}))
	}); err != nil {
		t.Fatal(err)
	}
	return held(t, s)
}

// Every hostile text in every member of an event of every kind, of a journal that holds together: the
// session is refused, or its records are as an act would have left them and come back as they were.
func TestHostileRecords(t *testing.T) {
	s := ofEveryKind(t)
	cat := catalog(t)
	taken, refused := 0, 0
	for i, raw := range s.Stored.Journal {
		for path, with := range contenttest.Leaves(raw) {
			for n, h := range contenttest.HostileInput {
				if utf8.ValidString(h) && assessment.CleanText(h) == h && len(h) < 10_000 && n%8 != i%8 { // of the plain ones some are enough
					continue
				}
				journal := append(slices.Clone(s.Stored.Journal[:i]), with(contenttest.Quoted(h)))
				records, head, err := assessment.Replay(journal)
				if err != nil {
					refused++
					continue
				}
				st := assessment.Stored{Records: records, Journal: journal}
				loaded, err := assessment.Load(cat, st)
				if err == nil {
					err = cmp.Or(loaded.Check(), st.CheckTexts())
				}
				if err != nil {
					refused++
					continue
				}
				if text := steering(t, journal[i]); text != "" {
					t.Errorf("event %d, %s, %.30q is taken with %.60q", i+1, path, h, text)
				}
				if taken++; taken%10 == 0 {
					in := loaded.Info()
					data := written(t, contents(bundle.Session{ID: in.ID, Name: in.Name, Head: head, Stored: st}))
					if !bytes.Equal(written(t, *read(t, data)), data) {
						t.Errorf("event %d, %s, %.30q comes back as something else", i+1, path, h)
					}
				}
			}
		}
	}
	if taken == 0 || refused == 0 {
		t.Errorf("%d taken, %d refused", taken, refused)
	}
}

// steering returns a text in an event that could steer a terminal, "" where there is none.
func steering(t *testing.T, event []byte) string {
	t.Helper()
	var found string
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, e := range v {
				visit(e)
			}
		case []any:
			for _, e := range v {
				visit(e)
			}
		case string:
			if strings.ContainsFunc(v, func(r rune) bool {
				return r != '\n' && unicode.IsControl(r) || strings.ContainsRune("\u2028\u202E\u2066\uFEFF\u200F\U000E0041\uFDD0", r)
			}) {
				found = v
			}
		}
	}
	var v any
	if err := json.Unmarshal(event, &v); err != nil {
		t.Fatal(err)
	}
	visit(v)
	return found
}

// Every value that two readers of JSON could see differently, in the place of every leaf of every entry, by
// someone who knows how to make the manifest fit.
func TestHostileEntries(t *testing.T) {
	parts := unzip(t, written(t, contents(ofEveryKind(t))))
	for i, p := range parts {
		lines := strings.SplitAfter(p.data, "\n")
		if !strings.HasSuffix(p.name, ".jsonl") {
			lines = []string{p.data}
		}
		for n, line := range lines {
			if line == "" || n > 0 && n < len(lines)-2 { // the first and the last of a file are enough
				continue
			}
			for path, with := range contenttest.Leaves([]byte(line)) {
				for _, raw := range contenttest.HostileJSON {
					changed := slices.Clone(parts)
					all := slices.Clone(lines)
					all[n] = string(with(raw)) + "\n"
					changed[i].data = strings.Join(all, "")
					if i > 0 {
						changed = relist(t, changed)
					}
					if strings.HasSuffix(p.name, "journal.jsonl") { // it now ends otherwise
						sum := sha256.Sum256([]byte(strings.TrimSuffix(all[len(all)-2], "\n")))
						changed[0].data = strings.Replace(changed[0].data, journalHead(t, parts[0].data), fmt.Sprintf("%x", sum), 1)
					}
					if _, err := bundle.Read(rezip(t, changed, nil)); err == nil {
						if ambiguous(raw) {
							t.Errorf("%s%s: %.30s is read", p.name, path, raw)
						}
					} else if !errors.Is(err, bundle.ErrRefused) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
						t.Errorf("%s%s: %.30s: %q", p.name, path, raw, err)
					}
				}
			}
		}
	}
}

// ambiguous reports whether no document may hold it. Null, and a text with an escape, are values like any
// other: what they say is judged by who knows what belongs there.
func ambiguous(raw string) bool { return raw != `null` && raw != `"\u0000"` }

func journalHead(t *testing.T, manifest string) string {
	t.Helper()
	_, rest, ok := strings.Cut(manifest, `"journal_head": "`)
	if !ok {
		t.Fatal("the manifest names no head")
	}
	return rest[:64]
}
