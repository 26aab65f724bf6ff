package assessment_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
)

// deed is one call of a method of Edit, with arguments that may be refused.
type deed struct {
	name string
	do   func(*assessment.Edit) error
}

// deeds draws one to a few calls on a handful of items, so that they meet.
func deeds(t *rapid.T, s *assessment.Session) []deed {
	subs := []string{"GV.OC-01", "ID.AM-08", "PR.AA-01", "DE.CM-01"}
	systems, actions := s.Systems(), s.Actions()
	pick := func(ids []string) string { return rapid.SampledFrom(append(ids, "X-9")).Draw(t, "id") }
	var systemIDs, actionIDs []string
	for _, v := range systems {
		systemIDs = append(systemIDs, v.ID)
	}
	for _, v := range actions {
		actionIDs = append(actionIDs, v.ID)
	}
	text := rapid.SampledFrom([]string{"", "first\nline", "<b>ü\u2028</b>", "seen \x1b[31m"})
	one := func() deed {
		sub := rapid.SampledFrom(subs).Draw(t, "Subcategory")
		id := content.ItemID{Sub: sub, Area: rapid.SampledFrom(content.Areas[:]).Draw(t, "Focus Area")}
		what := text.Draw(t, "text")
		r, target := ratings.Draw(t, "rating"), targets.Draw(t, "target")
		n := rapid.IntRange(0, 3).Draw(t, "n")
		return rapid.SampledFrom([]deed{
			{"rate", func(e *assessment.Edit) error { return e.Rate(id, r) }},
			{"inherit", func(e *assessment.Edit) error { return e.Inherit(id) }},
			{"base", func(e *assessment.Edit) error { return e.Base(sub, r, what) }},
			{"target", func(e *assessment.Edit) error { return e.Target(id, target, what) }},
			{"exclude", func(e *assessment.Edit) error { return e.Exclude(id, what) }},
			{"include", func(e *assessment.Edit) error { return e.Include(id) }},
			{"prioritize", func(e *assessment.Edit) error { return e.Prioritize(id, content.Priority(n), what) }},
			{"note", func(e *assessment.Edit) error { return e.Note(id, what) }},
			{"owner", func(e *assessment.Edit) error { return e.Owner(id, what) }},
			{"asked", func(e *assessment.Edit) error { return e.Asked(id, []string{what, "CISO"}[:n%3]) }},
			{"evidence", func(e *assessment.Edit) error {
				return e.AddEvidence(id, assessment.Evidence{Method: assessment.Method(n), Ref: what})
			}},
			{"remove evidence", func(e *assessment.Edit) error { return e.RemoveEvidence(id, n) }},
			{"accept", func(e *assessment.Edit) error {
				return e.Accept(id, assessment.Acceptance{Reason: what, Approver: "Ben", Expires: "2027-01-31"})
			}},
			{"unaccept", func(e *assessment.Edit) error { return e.Unaccept(id) }},
			{"info", func(e *assessment.Edit) error {
				return e.Info(func(in *assessment.Info) {
					in.Path, in.Threshold, in.Purpose = assessment.Paths[n%3], 40+n, what
					if n == 3 {
						in.Units = append(in.Units, "Plant")
					} else if len(in.Units) > 0 {
						in.Units[0] += "s"
					}
					in.Areas[id.Area] = assessment.AreaScope{Out: n == 2, Answer: what}
				})
			}},
			{"tier", func(e *assessment.Edit) error {
				return e.Tier(assessment.TierStatement{Governance: n, Management: 2, Rationale: what})
			}},
			{"remove tier", func(e *assessment.Edit) error { return e.RemoveTier() }},
			{"brand", func(e *assessment.Edit) error {
				return e.Brand(assessment.Brand{Accent: []string{"", "#1f4e79", "#000000", "#ffffff"}[n]})
			}},
			{"system", func(e *assessment.Edit) error {
				_, err := e.PutSystem(assessment.System{Name: "Triage " + what, Autonomy: "acts"})
				return err
			}},
			{"change system", func(e *assessment.Edit) error {
				_, err := e.PutSystem(assessment.System{ID: pick(systemIDs), Name: what})
				return err
			}},
			{"remove system", func(e *assessment.Edit) error { return e.RemoveSystem(pick(systemIDs)) }},
			{"action", func(e *assessment.Edit) error {
				_, err := e.PutAction(assessment.Action{Title: "Do " + what, Items: []content.ItemID{id}, Milestones: []assessment.Milestone{{Text: "Half"}}})
				return err
			}},
			{"change action", func(e *assessment.Edit) error {
				_, err := e.PutAction(assessment.Action{ID: pick(actionIDs), Title: what, Status: "done"})
				return err
			}},
			{"remove action", func(e *assessment.Edit) error { return e.RemoveAction(pick(actionIDs)) }},
			{"snapshot", func(e *assessment.Edit) error { _, err := e.TakeSnapshot("before " + what); return err }},
			{"preset", func(e *assessment.Edit) error {
				p, err := assessment.ByGrid(map[assessment.Cell]int{{Function: id.Function(), Area: id.Area}: n})
				if err != nil {
					return err
				}
				_, err = e.Apply(p, what, n == 2)
				return err
			}},
		}).Draw(t, "deed")
	}
	list := make([]deed, rapid.IntRange(1, 4).Draw(t, "deeds"))
	for i := range list {
		list[i] = one()
	}
	return list
}

// String lets a failing case read as the names of its deeds.
func (d deed) String() string { return d.name }

// sitting is a session together with what an onlooker remembers of it.
type sitting struct {
	s            *assessment.Session
	now          string
	past, future []string
	head         assessment.Head
	group        uint64
	records      map[string][]byte // what the events that were told lead to
	heads        []assessment.Head
	at           map[assessment.Head]string // what was said at each of the heads
	handed       map[*assessment.Snapshot]string
	minutes      int
}

func newSitting(t rapid.TB) *sitting {
	m := &sitting{s: start(t), at: make(map[assessment.Head]string), handed: make(map[*assessment.Snapshot]string), group: 1}
	m.now, m.head, m.records = say(t, m.s.Snapshot()), m.s.Head(), stored(t, m.s).Records
	m.heads, m.at[m.head] = []assessment.Head{m.head}, m.now
	return m
}

func (m *sitting) act() assessment.Act {
	m.minutes++
	a := minute(m.minutes)
	a.Who = []string{"Ada", "Ben"}[m.minutes%2]
	return a
}

// saw takes note of a delta: it must be one group that follows, or nothing at all.
func (m *sitting) saw(t *rapid.T, d assessment.Delta) {
	if len(d.Events) == 0 {
		if d.Session != "" || say(t, m.s.Snapshot()) != m.now {
			t.Fatalf("something changed and there is no event")
		}
		return
	}
	m.group++
	for _, e := range d.Events {
		read, err := assessment.DecodeEvent(e.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, read, cmpopts.IgnoreUnexported(e)); diff != "" {
			t.Fatalf("event %d reads otherwise:\n%s", e.Seq, diff)
		}
		if e.Seq != m.head.Seq+1 || e.Prev != m.head.Hash || e.Group != m.group || !bytes.Equal(e.Before, m.records[e.Record()]) {
			t.Fatalf("event does not follow %v of group %d: %s", m.head, m.group-1, e.Bytes())
		}
		m.head = assessment.Head{Seq: e.Seq, Hash: sha256.Sum256(e.Bytes())}
		if m.records[e.Record()] = e.After; e.After == nil {
			delete(m.records, e.Record())
		}
		if !m.s.Changed().Equal(e.Time) {
			t.Fatalf("changed %v by an event of %v", m.s.Changed(), e.Time)
		}
	}
	if m.s.Head() != m.head {
		t.Fatalf("head %v, and the events lead to %v", m.s.Head(), m.head)
	}
	sameRecords(t, stored(t, m.s).Records, m.records)
	if diff := cmp.Diff(m.s.Summary(), d.Summary); diff != "" || d.Session != sessionID {
		t.Fatalf("summary of session %s:\n%s", d.Session, diff)
	}
	m.now = say(t, m.s.Snapshot())
	m.heads, m.at[m.head] = append(m.heads, m.head), m.now
}

func (m *sitting) undo(t *rapid.T) bool {
	d, err := m.s.Undo(m.act())
	if len(m.past) == 0 {
		if !errors.Is(err, assessment.ErrNothing) {
			t.Fatalf("undo of nothing: %v", err)
		}
		return false
	}
	if err != nil {
		t.Fatalf("undo: %v", err)
	}
	was, now := m.past[len(m.past)-1], m.now
	m.saw(t, d)
	if m.now != was {
		t.Fatalf("undo leads to\n%s, want\n%s", m.now, was)
	}
	m.past, m.future = m.past[:len(m.past)-1], append(m.future, now)
	return true
}

func (m *sitting) redo(t *rapid.T) bool {
	d, err := m.s.Redo(m.act())
	if len(m.future) == 0 {
		if !errors.Is(err, assessment.ErrNothing) {
			t.Fatalf("redo of nothing: %v", err)
		}
		return false
	}
	if err != nil {
		t.Fatalf("redo: %v", err)
	}
	want, now := m.future[len(m.future)-1], m.now
	m.saw(t, d)
	if m.now != want {
		t.Fatalf("redo leads to\n%s, want\n%s", m.now, want)
	}
	m.past, m.future = append(m.past, now), m.future[:len(m.future)-1]
	return true
}

// Whatever people do: the journal leads to the records, undo and redo lead back and forth, what was
// handed out stays, and a session that was stored and loaded goes on as if nothing had happened.
func TestSitting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newSitting(t)
		created := m.now
		t.Repeat(map[string]func(*rapid.T){
			"act": func(t *rapid.T) {
				list := deeds(t, m.s)
				strict := rapid.Bool().Draw(t, "strict")
				before, was := stored(t, m.s), m.now
				d, err := m.s.Do(m.act(), func(e *assessment.Edit) error {
					for _, d := range list {
						if err := d.do(e); err != nil && strict {
							return fmt.Errorf("%s: %w", d.name, err)
						}
					}
					return nil
				})
				if err != nil {
					if !strict || len(d.Events) > 0 {
						t.Fatalf("%d events and %v", len(d.Events), err)
					}
					sameStored(t, stored(t, m.s), before)
					return
				}
				m.saw(t, d)
				if len(d.Events) > 0 {
					m.past, m.future = append(m.past, was), nil
				}
			},
			"undo": func(t *rapid.T) { m.undo(t) },
			"redo": func(t *rapid.T) { m.redo(t) },
			"close and open": func(t *rapid.T) {
				was := m.now
				to := func(st assessment.Status) {
					act := m.act()
					act.Reason = "to be " + string(st)
					d, err := m.s.Do(act, func(e *assessment.Edit) error {
						return e.Info(func(in *assessment.Info) { in.Status = st })
					})
					if err != nil || len(d.Events) != 1 {
						t.Fatalf("to %s: %d events, %v", st, len(d.Events), err)
					}
					m.saw(t, d)
				}
				to(rapid.SampledFrom([]assessment.Status{assessment.Locked, assessment.Archived}).Draw(t, "status"))
				for what, act := range map[string]func(assessment.Act) (assessment.Delta, error){
					"undo": m.s.Undo, "redo": m.s.Redo,
					"rate": func(a assessment.Act) (assessment.Delta, error) {
						return m.s.Do(a, func(e *assessment.Edit) error {
							return errors.Join(e.Note(item(t, "GV.OC-01/secure"), fmt.Sprint("note of minute ", m.minutes)))
						})
					},
				} {
					if d, err := act(m.act()); !errors.Is(err, assessment.ErrClosed) || len(d.Events) > 0 {
						t.Fatalf("%s in a closed session: %v", what, err)
					}
				}
				to(assessment.Open)
				if m.now != was {
					t.Fatal("closing and opening left something behind")
				}
			},
			"hand out": func(t *rapid.T) {
				snap := m.s.Snapshot()
				m.handed[snap] = m.now
			},
			"load": func(t *rapid.T) {
				loaded := load(t, stored(t, m.s))
				if diff := cmp.Diff(m.s.Score(), loaded.Score()); diff != "" {
					t.Fatalf("scores:\n%s", diff)
				}
				if diff := cmp.Diff(lines(m.s.Gaps()), lines(loaded.Gaps())); diff != "" {
					t.Fatalf("gaps:\n%s", diff)
				}
				if say(t, loaded.Snapshot()) != m.now || loaded.Head() != m.s.Head() || !loaded.Changed().Equal(m.s.Changed()) {
					t.Fatal("the loaded session is another one")
				}
				m.s = loaded // and all goes on with it
			},
		})
		verify := func() {
			st := stored(t, m.s)
			records, head, err := assessment.Replay(st.Journal)
			if err != nil || head != m.head {
				t.Fatalf("replay leads to %v, %v; the session is at %v", head, err, m.head)
			}
			sameRecords(t, st.Records, records)
			if head, err := st.Verify(); err != nil || head != m.head {
				t.Fatalf("verify: %v, %v", head, err)
			}
		}
		verify()
		for snap, said := range m.handed {
			if got := say(t, snap); got != said {
				t.Fatalf("a snapshot that was handed out says\n%s, it said\n%s", got, said)
			}
		}
		for _, head := range m.heads {
			if rapid.IntRange(0, 3).Draw(t, "At") > 0 {
				continue // every state takes too long
			}
			then, err := m.s.At(head)
			if err != nil {
				t.Fatalf("At(%v): %v", head, err)
			}
			if got := say(t, then); got != m.at[head] || then.Head() != head {
				t.Fatalf("at %v it was\n%s, want\n%s", head, got, m.at[head])
			}
		}
		for m.redo(t) {
		}
		end := m.now
		for m.undo(t) {
		}
		if m.now != created {
			t.Fatalf("all undone, it says\n%s, it began with\n%s", m.now, created)
		}
		for m.redo(t) {
		}
		if m.now != end {
			t.Fatalf("all done again, it says\n%s, want\n%s", m.now, end)
		}
		verify()
	})
}

// worked returns a session with a few acts of several events each.
func worked(t rapid.TB) *assessment.Session {
	t.Helper()
	s := start(t)
	for n := range 4 {
		if _, err := s.Do(minute(n+1), func(e *assessment.Edit) error {
			id := item(t, fmt.Sprintf("GV.OC-0%d/secure", n+1))
			return errors.Join(e.Rate(id, level(t, n)), e.Target(id, level(t, 3), ""), e.Note(id, "note"), e.Base(id.Sub, level(t, 1), ""))
		}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestEvents(t *testing.T) {
	st := stored(t, worked(t))
	var got [][]byte
	for e, err := range load(t, st).Events() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Bytes())
	}
	sameStored(t, assessment.Stored{Journal: got}, assessment.Stored{Journal: st.Journal})

	st.Journal = slices.Clone(st.Journal)
	st.Journal[1] = []byte("{")
	read, bad := 0, 0
	for _, err := range load(t, st).Events() {
		if read++; err != nil {
			bad++
		}
	}
	if read != 2 || bad != 1 {
		t.Errorf("%d events were read, %d of them could not be", read, bad)
	}
	for range load(t, st).Events() {
		break
	}
}

func TestTampering(t *testing.T) {
	// 10 events: pack and session, then a response and a base rating in each of four acts.
	const events = 10
	type journal = [][]byte
	replace := func(j journal, seq int, old, new string) journal {
		if !bytes.Contains(j[seq-1], []byte(old)) {
			t.Fatalf("event %d does not hold %q: %s", seq, old, j[seq-1])
		}
		j[seq-1] = bytes.Replace(j[seq-1], []byte(old), []byte(new), 1)
		return j
	}
	response := "response/GV.OC-03/secure"
	for name, c := range map[string]struct {
		change func(*assessment.Stored)
		seq    uint64
		why    string
	}{
		"a name":            {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 4, "Ada", "Eve") }, 5, "does not follow"},
		"the first event":   {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 1, "Ada", "Eve") }, 2, "does not follow"},
		"a number":          {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 4, `"seq":4`, `"seq":5`) }, 4, "says that it is event 5"},
		"the group":         {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 4, `"group":2`, `"group":9`) }, 4, "group 9 comes after group 2"},
		"the first group":   {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 1, `"group":1`, `"group":0`) }, 1, "group 0 comes after group 0"},
		"what was before":   {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 4, `"before":null`, `"before":1   `) }, 4, "was not what it says it was before"},
		"the syntax":        {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 4, `{`, `[`) }, 4, ""},
		"a member more":     {func(st *assessment.Stored) { st.Journal = replace(st.Journal, 4, `"seq"`, `"sequence"`) }, 4, "unknown field"},
		"something behind":  {func(st *assessment.Stored) { st.Journal[3] = append(st.Journal[3], '}') }, 4, "after the JSON value"},
		"an event is gone":  {func(st *assessment.Stored) { st.Journal = slices.Delete(st.Journal, 4, 5) }, 5, "says that it is event 6"},
		"the first is gone": {func(st *assessment.Stored) { st.Journal = st.Journal[1:] }, 1, "says that it is event 2"},
		"two change places": {func(st *assessment.Stored) { j := st.Journal; j[5], j[6] = j[6], j[5] }, 6, "says that it is event 7"},
		"one is there twice": {
			func(st *assessment.Stored) { st.Journal = slices.Insert(st.Journal, 6, st.Journal[5]) }, 7, "says that it is event 6",
		},
		"the end is gone": {
			func(st *assessment.Stored) { st.Journal = st.Journal[:events-1] }, events - 1, `knows nothing of the record "base/GV.OC-04"`,
		},
		"all is gone": {func(st *assessment.Stored) { st.Journal = nil }, 0, "no journal"},
		"a record": {
			func(st *assessment.Stored) {
				st.Records[response] = bytes.Replace(st.Records[response], []byte(`"current":2`), []byte(`"current":3`), 1)
			}, events, response + `" is not what the journal says`,
		},
		"a record is gone": {func(st *assessment.Stored) { delete(st.Records, response) }, events, response + `" is missing`},
		"a record more":    {func(st *assessment.Stored) { st.Records["tier/"] = []byte("{}") }, events, `knows nothing of the record "tier/"`},
	} {
		t.Run(name, func(t *testing.T) {
			st := stored(t, worked(t))
			if n := len(st.Journal); n != events {
				t.Fatalf("%d events", n)
			}
			for i := range st.Journal {
				st.Journal[i] = slices.Clone(st.Journal[i])
			}
			c.change(&st)
			_, err := st.Verify()
			damage, ok := errors.AsType[*assessment.DamageError](err)
			if !ok || !errors.Is(err, assessment.ErrDamaged) || damage.Seq != c.seq || !strings.Contains(damage.Why, c.why) {
				t.Errorf("verify: %v, want event %d and %q", err, c.seq, c.why)
			}
		})
	}
}

// One byte of one event, whichever: the journal is broken there or at the next event. Only a change of
// the last event can go by the chain; then the head is another one, which is why reports print it.
func TestEveryByteOfTheJournalCounts(t *testing.T) {
	st := stored(t, worked(t))
	_, head, err := assessment.Replay(st.Journal)
	if err != nil {
		t.Fatal(err)
	}
	for i := range st.Journal {
		for at := range st.Journal[i] {
			journal := slices.Clone(st.Journal)
			journal[i] = slices.Clone(journal[i])
			journal[i][at] ^= 1 << (at % 7)
			_, got, err := assessment.Replay(journal)
			damage, ok := errors.AsType[*assessment.DamageError](err)
			switch seq := uint64(i) + 1; {
			case ok && (damage.Seq == seq || damage.Seq == seq+1):
			case err == nil && i == len(journal)-1 && got != head:
			default:
				t.Fatalf("byte %d of event %d changed: %v", at, seq, err)
			}
		}
	}
}

// The bytes of a record are part of the journal for good: an event begins with what the one before it
// left, byte for byte. So a new member must be omitted where it is empty, and none may change its name
// or its place; otherwise sessions of earlier versions are damaged by their next edit.
func TestRecordsKeepTheirBytes(t *testing.T) {
	s, _, err := assessment.New(catalog(t), assessment.Info{
		ID: sessionID, Organization: "Example <Utility>", Name: "2026", Purpose: "first\nsecond", Units: []string{"Grid"}, Assumptions: []string{"none"},
		AI: assessment.AIRoles{Builds: assessment.Yes, Deploys: assessment.No, Defends: assessment.Yes}, Assessors: []string{"Ada"}, Marking: "TLP:AMBER",
	}, minute(0))
	if err != nil {
		t.Fatal(err)
	}
	id := find(t, func(it *content.Item) bool { return it.StandardPractices && it.Priority == content.High }).ID
	must(t, s, func(e *assessment.Edit) error {
		_, action := e.PutAction(assessment.Action{
			Title: "Inventory", Items: []content.ItemID{id}, Owner: "Ada", Due: "2027-01-31", Effort: "M", Status: "underway",
			Milestones: []assessment.Milestone{{Text: "Half", Due: "2026-12-31", Done: true}},
		})
		_, system := e.PutSystem(assessment.System{
			Name: "Triage", Kind: "LLM", Sourcing: "buy", Provider: "Acme", Version: "4", Autonomy: "acts", Data: "alerts", Tools: "tickets",
			Exposure: "internal", Criticality: "high", Phase: "run", Owner: "Ada", PreTesting: "red team", PostTesting: "drift", UseCase: "agents",
		})
		_, label := e.TakeSnapshot("first")
		return errors.Join(
			e.Base(id.Sub, level(t, 1), "as audited"), e.Inherit(id), e.Target(id, level(t, 3), "board"), e.Note(id, "note"), e.Owner(id, "Ada"),
			e.Asked(id, []string{"CISO"}), e.Prioritize(id, content.Moderate, "later"),
			e.AddEvidence(id, assessment.Evidence{Method: assessment.Tested, Date: "2026-09-01", Ref: "T-1", File: "t.pdf", SHA256: strings.Repeat("ab", 32)}),
			e.Accept(id, assessment.Acceptance{Reason: "cost", Approver: "Ben", Expires: "2027-06-30"}), e.Exclude(id, "declined"),
			e.Tier(assessment.TierStatement{Governance: 2, Management: 3, Rationale: "as seen"}), e.Brand(assessment.Brand{Accent: "#1F4E79"}), action, system, label,
		)
	})
	label := s.Labels()[0].Head.Hash
	want := map[string]string{
		"session/": `{"id":"7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6","organization":"Example \u003cUtility\u003e","name":"2026","purpose":"first\nsecond","units":["Grid"],"assumptions":["none"],` +
			`"ai":{"builds":true,"deploys":false,"uses":null,"defends":true},"areas":[{"out":false,"answer":"the organization builds AI"},` +
			`{"out":false,"answer":"the organization uses or plans AI in defense"},{"out":false,"answer":"always in scope: attackers use AI whether or not the organization does"}],` +
			`"path":"quick","assessors":["Ada"],"marking":"TLP:AMBER","threshold":60,"status":"open","created":"2026-09-26T12:00:00Z"}`,
		"pack/": fmt.Sprintf(`{"id":"nist-ir-8596-iprd","edition":%d,"facts":%q}`, s.Pack().Edition, s.Pack().Facts),
		"response/" + id.String(): `{"current":1,"inherited":true,"target":3,"target_reason":"board","out_of_profile":"declined","priority":2,"priority_reason":"later","note":"note","owner":"Ada",` +
			`"asked":["CISO"],"evidence":[{"method":"tested","date":"2026-09-01","ref":"T-1","file":"t.pdf","sha256":"` + strings.Repeat("ab", 32) + `","by":"Ada"}],` +
			`"accepted":{"reason":"cost","approver":"Ben","expires":"2027-06-30"},"by":"Ada","at":"2026-09-26T12:01:00Z"}`,
		"base/" + id.Sub: `{"current":1,"note":"as audited","by":"Ada","at":"2026-09-26T12:01:00Z"}`,
		"tier/":          `{"governance":2,"management":3,"rationale":"as seen","by":"Ada","at":"2026-09-26T12:01:00Z"}`,
		"brand/":         `{"accent":"#1f4e79"}`,
		"system/S-1": `{"id":"S-1","name":"Triage","kind":"LLM","sourcing":"buy","provider":"Acme","version":"4","autonomy":"acts","data":"alerts","tools":"tickets","exposure":"internal",` +
			`"criticality":"high","phase":"run","owner":"Ada","pre_deployment_testing":"red team","post_deployment_testing":"drift","use_case":"agents"}`,
		"action/A-1": `{"id":"A-1","title":"Inventory","items":["` + id.String() + `"],"owner":"Ada","due":"2027-01-31","effort":"M","status":"underway",` +
			`"milestones":[{"text":"Half","due":"2026-12-31","done":true}]}`,
		"snapshot/N-1": fmt.Sprintf(`{"id":"N-1","label":"first","head":{"seq":2,"hash":"%v"},"by":"Ada","at":"2026-09-26T12:01:00Z"}`, label),
	}
	got := make(map[string]string)
	for k, raw := range stored(t, s).Records {
		got[k] = string(raw)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// An empty response has both ratings and nothing else.
	raw, err := json.Marshal(assessment.Response{})
	if err != nil || string(raw) != `{"current":null,"target":null}` {
		t.Errorf("empty response: %s, %v", raw, err)
	}
	// The envelope, which the hash chain covers.
	const envelope = `{"seq":3,"group":2,"time":"2026-09-26T12:02:00Z","who":"Ben","kind":"base","subject":"GV.OC-01","before":null,"after":{},"reason":"why","undoes":1,"redoes":1,"prev":"`
	e, _, err := assessment.Chain(assessment.Event{
		Group: 2, Time: noon.Add(2 * time.Minute), Who: "Ben", Kind: assessment.KindBase, Subject: "GV.OC-01", After: json.RawMessage("{}"), Reason: "why", Undoes: 1, Redoes: 1,
	}, assessment.Head{Seq: 2, Hash: label})
	if want := fmt.Sprintf(`%s%v"}`, envelope, label); err != nil || string(e.Bytes()) != want || e.Hash() != sha256.Sum256(e.Bytes()) {
		t.Errorf("event %s, %v\nwant  %s", e.Bytes(), err, want)
	}
}

func TestLabelsBringBackTheirState(t *testing.T) {
	s := worked(t)
	id := item(t, "GV.OC-01/secure")
	before, head := say(t, s.Snapshot()), s.Head()
	var l assessment.Label
	must(t, s, func(e *assessment.Edit) (err error) {
		l, err = e.TakeSnapshot("  before\nthe audit ")
		return errors.Join(err, e.Rate(id, level(t, 3))) // what the same act changes comes after it
	})
	if l.ID != "N-1" || l.Label != "before the audit" || l.Head != head || l.By != "Ada" || !slices.Equal(s.Labels(), []assessment.Label{l}) {
		t.Errorf("label %+v", l)
	}
	must(t, s, func(e *assessment.Edit) error { return e.Exclude(id, "declined") })
	for _, s := range []*assessment.Session{s, load(t, stored(t, s))} {
		then, err := s.At(l.Head)
		if err != nil {
			t.Fatal(err)
		}
		if got := say(t, then); got != before {
			t.Errorf("it was\n%s, want\n%s", got, before)
		}
	}
	for _, head := range []assessment.Head{{}, {Seq: s.Head().Seq + 1}, {Seq: l.Head.Seq, Hash: s.Head().Hash}} {
		if _, err := s.At(head); err == nil {
			t.Errorf("there is a state at %v", head)
		}
	}
	if _, err := s.At(assessment.Head{Seq: 2}); !errors.Is(err, assessment.ErrDamaged) {
		t.Errorf("another hash: %v", err)
	}
	for _, label := range []string{" \n", "Before THE audit", " before the audit ", "n-1"} { // those that it has already
		refused(t, s, assessment.ErrText, func(e *assessment.Edit) error { _, err := e.TakeSnapshot(label); return err })
	}
}

func TestCopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newSitting(t)
		t.Repeat(map[string]func(*rapid.T){"act": func(t *rapid.T) {
			list := deeds(t, m.s)
			if _, err := m.s.Do(m.act(), func(e *assessment.Edit) error {
				for _, d := range list {
					_ = d.do(e) // what is refused is refused
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}})
		closed := rapid.Bool().Draw(t, "closed")
		if closed {
			must(t, m.s, func(e *assessment.Edit) error {
				return e.Info(func(in *assessment.Info) { in.Status = assessment.Archived })
			})
		}
		before := stored(t, m.s)
		c, d, err := m.s.Copy(otherID, "2027", minute(99))
		if err != nil {
			t.Fatal(err)
		}
		sameStored(t, stored(t, m.s), before)
		if diff := cmp.Diff(m.s.Score(), c.Score()); diff != "" {
			t.Fatalf("scores:\n%s", diff)
		}
		if diff := cmp.Diff(lines(m.s.Gaps()), lines(c.Gaps())); diff != "" {
			t.Fatalf("gaps:\n%s", diff)
		}
		in := c.Info()
		if in.ID != otherID || in.Name != "2027" || in.Status != assessment.Open || !in.Created.Equal(minute(99).Time) || len(c.Labels()) != 0 {
			t.Fatalf("the copy says of itself %+v, with labels %v", in, c.Labels())
		}
		// All other records are the same, down to who answered and when.
		want := maps.Clone(before.Records)
		maps.DeleteFunc(want, func(k string, _ []byte) bool { return strings.HasPrefix(k, "snapshot/") || k == "session/" })
		got := stored(t, c)
		if head, err := got.Verify(); err != nil || head != c.Head() {
			t.Fatalf("verify: %v, %v", head, err)
		}
		delete(got.Records, "session/")
		sameRecords(t, got.Records, want)
		if d.Session != otherID || len(d.Events) != len(got.Journal) || !strings.Contains(d.Events[0].Reason, "copied from session "+sessionID) {
			t.Fatalf("delta of %s with %d events, because %q", d.Session, len(d.Events), d.Events[0].Reason)
		}
		if _, err := c.Undo(minute(99)); !errors.Is(err, assessment.ErrNothing) {
			t.Fatalf("undo in a copy: %v", err)
		}
	})
	if _, _, err := start(t).Copy("../other", "2027", minute(1)); err == nil {
		t.Error("a copy got an id that is no UUID")
	}
}

// edition returns the embedded pack with the same facts as another edition.
func edition(t *testing.T, n int) *content.Catalog {
	t.Helper()
	pack := make(fstest.MapFS)
	dir := os.DirFS("../content/data/nist-ir-8596-iprd")
	files, err := fs.Glob(dir, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "manifest.json" {
			old := fmt.Sprintf(`"edition": %d`, catalog(t).Pack().Edition)
			if !bytes.Contains(raw, []byte(old)) {
				t.Fatalf("the manifest does not say %s", old)
			}
			raw = bytes.Replace(raw, []byte(old), fmt.Appendf(nil, `"edition": %d`, n), 1)
		}
		pack[name] = &fstest.MapFile{Data: raw}
	}
	cat, err := content.Load(pack)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func TestNewEditionOfThePack(t *testing.T) {
	old := worked(t)
	id := item(t, "GV.OC-01/secure")
	status := func(s *assessment.Session, st assessment.Status) {
		t.Helper()
		act := minute(1)
		act.Reason = "to be " + string(st)
		if d, err := s.Do(act, func(e *assessment.Edit) error { return e.Info(func(in *assessment.Info) { in.Status = st }) }); len(d.Events) != 1 {
			t.Fatalf("to %s: %d events, %v", st, len(d.Events), err)
		}
	}
	status(old, assessment.Locked)
	next := edition(t, catalog(t).Pack().Edition+1)
	s, err := assessment.Load(next, stored(t, old))
	if err != nil {
		t.Fatal(err)
	}
	status(s, assessment.Open) // a closed session adopts nothing, and can still be opened
	status(s, assessment.Archived)
	status(s, assessment.Open)
	if s.Pack() != old.Pack() {
		t.Errorf("adopted %+v without a change", s.Pack())
	}
	if d := must(t, s, func(e *assessment.Edit) error { return e.Rate(id, s.Response(0).Current) }); len(d.Events) != 0 {
		t.Errorf("no change, and %d events", len(d.Events))
	}
	was := s.Response(0).Current
	d := must(t, s, func(e *assessment.Edit) error { return e.Rate(id, level(t, 3)) })
	if len(d.Events) != 2 || d.Events[1].Kind != assessment.KindPack || s.Pack().Edition != next.Pack().Edition {
		t.Errorf("%d events, pinned to %+v", len(d.Events), s.Pack())
	}
	if d, err := s.Undo(minute(2)); err != nil || len(d.Events) != 1 || s.Response(0).Current != was || s.Pack().Edition != next.Pack().Edition {
		t.Errorf("undo: %v; the rating is %v, the pin %+v", err, s.Response(0).Current, s.Pack())
	}
	if _, err := s.Redo(minute(2)); err != nil || s.Response(0).Current != level(t, 3) {
		t.Errorf("redo: %v; the rating is %v", err, s.Response(0).Current)
	}
	if _, err := stored(t, s).Verify(); err != nil {
		t.Error(err)
	}
	// A copy of a session that is behind is pinned once, to the present edition.
	behind, err := assessment.Load(next, stored(t, old))
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := behind.Copy(otherID, "2027", minute(3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stored(t, c).Verify(); err != nil || c.Pack().Edition != next.Pack().Edition {
		t.Errorf("copy pinned to %+v: %v", c.Pack(), err)
	}
	then, err := s.At(old.Head())
	if err != nil || then.Pack() != old.Pack() {
		t.Errorf("At: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	id := "response/GV.OC-01/secure"
	for name, c := range map[string]loadCase{
		"other facts": {func(st assessment.Stored) assessment.Stored {
			st.Records["pack/"] = []byte(`{"id":"nist-ir-8596-iprd","edition":1,"facts":"0000"}`)
			return st
		}, assessment.ErrPack, "edition 1 with facts 0000"},
		"another pack": {func(st assessment.Stored) assessment.Stored {
			st.Records["pack/"] = bytes.Replace(st.Records["pack/"], []byte("iprd"), []byte("next"), 1)
			return st
		}, assessment.ErrPack, "nist-ir-8596-next"},
		"no pack":    {func(st assessment.Stored) assessment.Stored { delete(st.Records, "pack/"); return st }, assessment.ErrPack, ""},
		"no session": {func(st assessment.Stored) assessment.Stored { delete(st.Records, "session/"); return st }, assessment.ErrDamaged, "session/"},
		"no journal": {func(st assessment.Stored) assessment.Stored { st.Journal = nil; return st }, assessment.ErrDamaged, "no journal"},
		"the end is gone": {func(st assessment.Stored) assessment.Stored {
			st.Journal = st.Journal[1:]
			return st
		}, assessment.ErrDamaged, "holds 9 events"},
		"an event that is none": {func(st assessment.Stored) assessment.Stored {
			st.Journal = append(st.Journal, []byte("{}"))
			return st
		}, assessment.ErrDamaged, ""},
		"a level that is none":   record(id, `{"current":4,"target":null}`, "4 is not a level"),
		"a rating in words":      record(id, `{"current":"3","target":null}`, id),
		"an unknown member":      record(id, `{"current":1,"target":null,"score":3}`, "unknown field"),
		"an unknown item":        record("response/GV.OC-99/secure", `{"current":1,"target":null}`, "no such item"),
		"an id in another form":  record("response/gv.oc-01/secure", `{"current":1,"target":null}`, "not an item id"),
		"an unknown base":        record("base/XX", `{"current":1}`, "no such item"),
		"an unknown kind":        record("score/", `{}`, "unknown kind"),
		"a second session":       record("session/2", `{}`, "a session has one"),
		"an accent that injects": record("brand/", `{"accent":"#000;}*{}"}`, "not usable in reports"),
		"a Tier that is none":    record("tier/", `{"governance":0,"management":5,"rationale":"as seen"}`, "not an Implementation Tier"),
		"an id of another":       record("system/S-2", `{"id":"S-1","name":"Triage"}`, `its id is "S-1"`),
		"nonsense":               record("action/A-1", `[`, "action/A-1"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := assessment.Load(catalog(t), c.change(stored(t, worked(t))))
			fails(t, err, c.why)
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v is not %v", err, c.want)
			}
		})
	}
}

// loadCase is a stored session that is refused: with want, where that is not nil, and words.
type loadCase struct {
	change func(assessment.Stored) assessment.Stored
	want   error
	why    string
}

// record is the case of a record that is not one.
func record(key, value, why string) loadCase {
	return loadCase{func(st assessment.Stored) assessment.Stored { st.Records[key] = []byte(value); return st }, nil, why}
}

// Two programs that load the same bytes do not write into each other's journal.
func TestLoadsShareNothing(t *testing.T) {
	st := stored(t, worked(t))
	st.Journal = append(make([][]byte, 0, 64), st.Journal...)
	one, other := load(t, st), load(t, st)
	id := item(t, "GV.OC-01/secure")
	must(t, one, func(e *assessment.Edit) error { return e.Note(id, "one") })
	must(t, other, func(e *assessment.Edit) error { return e.Note(id, "other") })
	for _, s := range []*assessment.Session{one, other} {
		if _, err := stored(t, s).Verify(); err != nil {
			t.Error(err)
		}
	}
}

// A journal that holds together and lies about what it undoes is refused where it would matter.
func TestUndoOfALyingJournal(t *testing.T) {
	for name, lie := range map[string]func(*assessment.Event){
		"redoes what is not there":    func(e *assessment.Event) { e.Redoes = 7 },
		"redoes the beginning":        func(e *assessment.Event) { e.Redoes = 1 },
		"before is not what it reads": func(e *assessment.Event) { e.After = json.RawMessage(`{ "current":1,"target":null}`) },
	} {
		st := stored(t, worked(t))
		e := assessment.Event{
			Group: 6, Time: noon, Kind: assessment.KindResponse, Subject: "PR.AA-01/secure", After: json.RawMessage(`{"current":1,"target":null}`),
		}
		lie(&e)
		head, err := st.Verify()
		if err != nil {
			t.Fatal(err)
		}
		if e, _, err = assessment.Chain(e, head); err != nil {
			t.Fatal(err)
		}
		raw := e.Bytes()
		if name == "before is not what it reads" {
			// The encoder writes no such blank; somebody else's might.
			raw = bytes.Replace(raw, []byte(`"after":{`), []byte(`"after":{ `), 1)
			e.After = json.RawMessage(`{ "current":1,"target":null}`)
		}
		next := assessment.Event{
			Group: 6, Time: noon, Kind: assessment.KindResponse, Subject: "PR.AA-02/secure", After: json.RawMessage(`{"current":2,"target":null}`), Redoes: e.Redoes,
		}
		if next, _, err = assessment.Chain(next, assessment.Head{Seq: e.Seq, Hash: sha256.Sum256(raw)}); err != nil {
			t.Fatal(err)
		}
		st.Journal = append(st.Journal, raw, next.Bytes())
		st.Records[e.Record()], st.Records[next.Record()] = e.After, next.After
		if _, err := st.Verify(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := load(t, st)
		before := say(t, s.Snapshot())
		if _, err := s.Undo(minute(9)); !errors.Is(err, assessment.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if say(t, s.Snapshot()) != before {
			t.Errorf("%s: something changed", name)
		}
	}
}

func TestStatusIsItsOwnAct(t *testing.T) {
	s := worked(t)
	id := item(t, "GV.OC-01/secure")
	lock := func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = assessment.Locked })
	}
	refused(t, s, nil, func(e *assessment.Edit) error { return errors.Join(lock(e), e.Note(id, "and a note")) })
	refused(t, s, nil, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status, in.Name = assessment.Locked, "and a name" })
	})
	refused(t, s, nil, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = "gone" })
	})
	before := say(t, s.Snapshot())
	must(t, s, func(e *assessment.Edit) error { return e.Note(id, "last") })
	must(t, s, lock)
	for name, edit := range map[string]func(*assessment.Edit) error{
		"rate":   func(e *assessment.Edit) error { return e.Rate(id, level(t, 3)) },
		"rename": func(e *assessment.Edit) error { return e.Info(func(in *assessment.Info) { in.Name = "2027" }) },
		"tier": func(e *assessment.Edit) error {
			return e.Tier(assessment.TierStatement{1, 1, "as seen", "", time.Time{}})
		},
		"snapshot": func(e *assessment.Edit) error { _, err := e.TakeSnapshot("locked"); return err },
		"open and rename": func(e *assessment.Edit) error {
			return e.Info(func(in *assessment.Info) { in.Status, in.Name = assessment.Open, "2027" })
		},
		"open and rate": func(e *assessment.Edit) error {
			return errors.Join(e.Info(func(in *assessment.Info) { in.Status = assessment.Open }), e.Rate(id, level(t, 3)))
		},
	} {
		t.Run(name, func(t *testing.T) { refused(t, s, assessment.ErrClosed, edit) })
	}
	if d := must(t, s, func(e *assessment.Edit) error { return e.Note(id, "last") }); len(d.Events) != 0 {
		t.Error("no change, and there are events")
	}
	// The lock comes off by an act with a reason, and by nothing else.
	archive := func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = assessment.Archived })
	}
	open := func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Status = assessment.Open })
	}
	refused(t, s, assessment.ErrLocked, archive)
	refused(t, s, assessment.ErrNoReason, open)
	why := minute(8)
	why.Reason = "the auditor found a slip"
	if d, err := s.Do(why, open); err != nil || d.Events[0].Reason != why.Reason {
		t.Fatalf("unlock: %v", err)
	}
	must(t, s, archive)
	refused(t, s, assessment.ErrClosed, lock)
	must(t, s, open) // what is only out of the way comes back unasked
	// Undo goes past the change of status, and never locks.
	for _, s := range []*assessment.Session{load(t, stored(t, s)), s} {
		if _, err := s.Undo(minute(9)); err != nil || s.Info().Status != assessment.Open || say(t, s.Snapshot()) != before {
			t.Errorf("undo: %v, and the session is %s", err, s.Info().Status)
		}
	}
}

// What no session would do is no journal of one, though its chain holds: a change while it was locked,
// and a lock that came off without a reason.
func TestReplayFollowsTheLock(t *testing.T) {
	cat := catalog(t)
	act := assessment.Act{Who: "W", Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	s, _, err := assessment.New(cat, assessment.Info{ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "O", Name: "N", Path: assessment.Full}, act)
	if err != nil {
		t.Fatal(err)
	}
	status := func(to assessment.Status, reason string) func() {
		return func() {
			a := act
			a.Reason = reason
			if _, err := s.Do(a, func(e *assessment.Edit) error {
				return e.Info(func(in *assessment.Info) { in.Status = to })
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, step := range []func(){status(assessment.Locked, ""), status(assessment.Open, "signed off too early"), status(assessment.Locked, "")} {
		step()
	}
	st, err := s.Stored()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Verify(); err != nil {
		t.Fatalf("an honest journal: %v", err)
	}
	last, err := assessment.DecodeEvent(st.Journal[len(st.Journal)-1])
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]assessment.Event{
		"changes a session that is locked": {Kind: assessment.KindResponse, Subject: cat.At(0).ID.String(), After: []byte(`{"current":1,"target":null,"note":"n"}`)},
		"a reason is required":             {Kind: assessment.KindInfo, Before: last.After, After: bytes.Replace(last.After, []byte(`"locked"`), []byte(`"open"`), 1)},
		"session is locked":                {Kind: assessment.KindInfo, Before: last.After, After: bytes.Replace(last.After, []byte(`"locked"`), []byte(`"archived"`), 1)},
	} {
		forged.Seq, forged.Group, forged.Time, forged.Who, forged.Prev = last.Seq+1, last.Group+1, act.Time, "W", last.Hash()
		raw, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = assessment.Replay(append(slices.Clone(st.Journal), raw))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What no act can have written is found wherever it stands in a journal, however it is escaped.
func TestCheckTexts(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error {
		return e.Note(item(t, "GV.OC-01/secure"), "WORD <&> \"x\\\" \n 👩\u200d💻 ünï")
	})
	good := stored(t, s)
	if err := good.CheckTexts(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		`\u001b[2J`, "\x1b", `\u0000`, `\t`, `\r`, `\b`, `\f`, "\t", "\u009b2J", `\u009b2J`, "\u202e", `\u202E`, "\u2028", `\u2028`, `\u2029`, "\ufeff", `\uFEFF`,
		`\udb40\udc41`, "\U000e0041", "\ufdd0", "\xff", `\\\u001b`, "\n",
	} {
		st := stored(t, s)
		last := len(st.Journal) - 1
		st.Journal = append(slices.Clone(st.Journal[:last]), bytes.Replace(st.Journal[last], []byte("WORD"), []byte(bad), 1))
		if err := st.CheckTexts(); !errors.Is(err, assessment.ErrRecord) || !strings.Contains(err.Error(), fmt.Sprintf("event %d", last+1)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, fine := range []string{`\u2027`, `\ud83d\ude00`, `\u00fc`, `\\u001b`, `\\t`, `\/`, `\n`} {
		st := stored(t, s)
		last := len(st.Journal) - 1
		st.Journal[last] = bytes.Replace(st.Journal[last], []byte("WORD"), []byte(fine), 1)
		if err := st.CheckTexts(); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}
