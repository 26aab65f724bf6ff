package assessment_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/unicode/norm"

	"plumbline/assessment"
	"plumbline/content"
)

func FuzzCleanText(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.in)
	}
	f.Fuzz(checkClean)
}

func FuzzDecodeEvent(f *testing.F) {
	for _, raw := range stored(f, worked(f)).Journal {
		f.Add(raw)
	}
	f.Add([]byte(`{"seq":1,"group":1,"time":"2026-09-26T12:00:00Z","who":"","kind":"tier","before":null,"after":{},"prev":"00"}`))
	f.Add([]byte(`{"SEQ":1,"seq":2,"before":null ,"after": null}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := assessment.DecodeEvent(raw)
		if err != nil {
			if len(e.Bytes()) > 0 {
				t.Errorf("an event and the error %v", err)
			}
			return
		}
		if !bytes.Equal(e.Bytes(), raw) || e.Hash() != sha256.Sum256(raw) {
			t.Errorf("the event of %q says that its bytes are %q", raw, e.Bytes())
		}
		// Written anew, it reads the same.
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("encode what was read from %q: %v", raw, err)
		}
		back, err := assessment.DecodeEvent(again)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", raw, again, err)
		}
		compact := cmp.Transformer("compact", func(r json.RawMessage) string {
			if r == nil {
				return ""
			}
			out, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		})
		if diff := cmp.Diff(e, back, cmpopts.IgnoreUnexported(e), compact); diff != "" {
			t.Errorf("%q reads otherwise when written anew:\n%s", raw, diff)
		}
	})
}

// FuzzReplay takes lines for events. As they are, they hardly ever follow one another; so they are
// also numbered, chained and told what was before, as somebody would who forges a journal. Whatever
// holds together by then must not bring the program down.
func FuzzReplay(f *testing.F) {
	f.Add(bytes.Join(stored(f, worked(f)).Journal, []byte("\n")))
	m := newSitting(f)
	for _, edit := range []func(*assessment.Edit) error{
		func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{Governance: 1, Management: 4, Rationale: "as seen"})
		},
		func(e *assessment.Edit) error { _, err := e.PutSystem(assessment.System{Name: "Triage"}); return err },
		func(e *assessment.Edit) error { _, err := e.PutAction(assessment.Action{Title: "Do"}); return err },
		func(e *assessment.Edit) error { _, err := e.TakeSnapshot("first"); return err },
		func(e *assessment.Edit) error { return e.Exclude(item(f, "GV.OC-01/defend"), "declined") },
	} {
		must(f, m.s, edit)
	}
	for _, act := range []func(assessment.Act) (assessment.Delta, error){m.s.Undo, m.s.Undo, m.s.Redo} {
		if _, err := act(m.act()); err != nil {
			f.Fatal(err)
		}
	}
	must(f, m.s, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = assessment.Locked })
	})
	f.Add(bytes.Join(stored(f, m.s).Journal, []byte("\n")))

	f.Fuzz(func(t *testing.T, data []byte) {
		journal := bytes.Split(data, []byte("\n"))
		follow(t, journal)
		follow(t, forged(journal))
	})
}

// forged makes a journal that holds together of whatever events there are.
func forged(journal [][]byte) (out [][]byte) {
	records := make(map[string]json.RawMessage)
	var head assessment.Head
	var group uint64
	for _, raw := range journal {
		e, err := assessment.DecodeEvent(raw)
		if err != nil {
			continue
		}
		group = min(max(e.Group, group, 1), group+1)
		e.Group, e.Before = group, records[e.Record()]
		e, next, err := assessment.Chain(e, head)
		if err != nil {
			continue
		}
		head = next
		// The stored form is compact, which is what the next event begins with.
		if e, err = assessment.DecodeEvent(e.Bytes()); err != nil {
			continue
		}
		if records[e.Record()] = e.After; e.After == nil {
			delete(records, e.Record())
		}
		out = append(out, e.Bytes())
	}
	return out
}

func follow(t *testing.T, journal [][]byte) {
	records, head, err := assessment.Replay(journal)
	if err != nil {
		damage, ok := errors.AsType[*assessment.DamageError](err)
		if !ok || damage.Seq != head.Seq+1 || records != nil {
			t.Errorf("%d records, head %v and the error %v", len(records), head, err)
		}
		return
	}
	if head.Seq != uint64(len(journal)) {
		t.Errorf("%d events lead to %v", len(journal), head)
	}
	st := assessment.Stored{Records: records, Journal: journal}
	if got, err := st.Verify(); len(journal) > 0 && (err != nil || got != head) {
		t.Errorf("verify: %v, %v after %v", got, err, head)
	}
	s, err := assessment.Load(catalog(t), st)
	if err != nil {
		return
	}
	// It was loaded, so all of it must work, though not all of it must succeed.
	if s.Head() != head {
		t.Errorf("head %v, want %v", s.Head(), head)
	}
	s.Score()
	s.Gaps()
	s.Unknown()
	s.Accepted("2026-09-26")
	s.Divergences()
	s.Summary()
	if tier, ok := s.Tier(); ok {
		assessment.TierName(tier.Governance)
		assessment.TierName(tier.Management)
	}
	for _, l := range s.Labels() {
		if then, err := s.At(l.Head); err == nil {
			then.Score()
		}
	}
	for _, act := range []func(assessment.Act) (assessment.Delta, error){s.Undo, s.Undo, s.Redo, s.Undo} {
		if _, err := act(minute(1)); err != nil {
			break
		}
	}
	if _, err := s.Do(minute(2), func(e *assessment.Edit) error { return e.Rate(item(t, "GV.OC-01/secure"), level(t, 2)) }); err != nil {
		return
	}
	if _, err := s.Stored(); err != nil {
		t.Error(err)
	}
}

// FuzzCheckTexts gives the last event of a journal another text, as JSON has it. Where nothing is found in
// it, what it decodes to is as the filter leaves it, but for form and marks.
func FuzzCheckTexts(f *testing.F) {
	for _, c := range hostile {
		raw, err := json.Marshal(c.in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, s := range []string{`"\u001b"`, `"\\u001b"`, `"\ud83d\ude00"`, `"\udb40\udc41"`, `"\ud800\u0041"`, `"\u2028"`, `"\t"`, `"\`, `"\u12`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var text string
		if json.Unmarshal(raw, &text) != nil || (assessment.Stored{Journal: [][]byte{raw}}).CheckTexts() != nil {
			return
		}
		for _, r := range text {
			if s := string(r); r != '\n' && assessment.CleanText("a"+s+"a") != "a"+s+"a" && !unicode.Is(unicode.M, r) && norm.NFC.IsNormalString(s) {
				t.Errorf("%q holds %U, which is not found", raw, r)
			}
		}
	})
}

// FuzzParse gives the small parsers of the domain any text: what they read is what they write.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "2026-11-21", "2026-02-30", "#1f4e79", "#FFF", "quick", "all-2", "tested", "GV.OC-01/secure", "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", "5f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := assessment.ParseDate(s); err == nil && string(d) != s {
			t.Errorf("the date %q is read as %q", s, d)
		}
		if p, err := assessment.ParsePath(s); err == nil && string(p) != s {
			t.Errorf("the path %q is read as %q", s, p)
		}
		var m assessment.Method
		if m.UnmarshalText([]byte(s)) == nil && !strings.EqualFold(m.String(), s) {
			t.Errorf("the method %q is read as %v", s, m)
		}
		var h assessment.Hash
		if h.UnmarshalText([]byte(s)) == nil && !strings.EqualFold(h.String(), s) {
			t.Errorf("the hash %q is read as %v", s, h)
		}
		if assessment.IsID(s) && (len(s) != 36 || strings.ContainsFunc(s, func(r rune) bool { return r > '~' })) {
			t.Errorf("%q passes for an id", s)
		}
		if id, err := content.ParseItemID(s); err == nil && id.String() != s {
			t.Errorf("the item %q is read as %v", s, id)
		}
		if un := assessment.UnprotectFormula(assessment.ProtectFormula(s)); un != s {
			t.Errorf("%q is protected and comes back as %q", s, un)
		}
	})
}
