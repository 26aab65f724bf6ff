package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

const schemaFolder = "../../docs/schemas"

// outputs are envelopes of every kind, with as much in them as the worked example has, and with
// nothing in them.
func outputs(t *testing.T) map[wire.Kind][]wire.Envelope {
	cat := embedded(t)
	var events []assessment.Event
	var sums []assessment.Summary
	sessions := append(examples(t), empty(t))
	for _, s := range sessions {
		for e, err := range s.Events() {
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, e)
		}
		sums = append(sums, s.Summary())
	}
	undone := sessions[0]
	act := assessment.Act{Who: "W", Time: options().Generated}
	for _, undo := range []func(assessment.Act) (assessment.Delta, error){undone.Undo, undone.Redo} {
		d, err := undo(act)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, d.Events...)
	}

	out := make(map[wire.Kind][]wire.Envelope)
	add := func(k wire.Kind, s *assessment.Snapshot, data any) {
		o := options()
		if len(out[k])%2 == 1 {
			o.Damage = "event 7 does not follow the event before it"
		}
		out[k] = append(out[k], wire.Wrap(k, o, cat, s, data))
	}
	for _, session := range sessions {
		s := session.Snapshot()
		add(wire.KindSession, s, wire.SessionDataOf(s))
		add(wire.KindScore, s, wire.ScoresOf(s))
		add(wire.KindGaps, s, wire.GapsOf(s, example.AsOf))
		add(wire.KindGapReport, s, wire.GapReportOf(s, example.AsOf))
		add(wire.KindEvidenceRequestsReport, s, wire.EvidenceRequestsOf(s, options()))
		add(wire.KindInterviewReport, s, wire.InterviewOf(s, options()))
		add(wire.KindProfileReport, s, wire.ProfileOf(s))
		few := options()
		few.Roles, few.Open = []string{"CISO", "IAM"}, true
		add(wire.KindEvidenceRequestsReport, s, wire.EvidenceRequestsOf(s, few))
		add(wire.KindInterviewReport, s, wire.InterviewOf(s, few))
		o := options()
		add(wire.KindExecutiveReport, s, wire.ExecutiveReportOf(s, o))
		add(wire.KindPlanReport, s, wire.PlanReportOf(s, o))
		for _, other := range sessions {
			o.Against = other.Snapshot()
			c, err := wire.CompareReportOf(s, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range []wire.Kind{wire.KindCompareReport, wire.KindCompare} {
				add(k, s, c)
			}
		}
		for i := range cat.Len() {
			add(wire.KindRate, s, wire.Rated{Item: wire.ItemEntryOf(s, s.Entry(i), example.AsOf), Events: wire.EventsOf(events[i : i+1])})
		}
		for sub := range cat.Subcategories() {
			add(wire.KindBase, s, wire.Based{Base: wire.BaseOf(s, sub), Events: wire.EventsOf(nil)})
		}
		addRecords(t, add, session)
		add(wire.KindTarget, s, wire.Targeted{Preset: "all-3", Reason: "R", Set: 1})
		add(wire.KindReport, s, wire.Written{Kind: "gap", Format: "html", File: "f.html", Bytes: 7, SHA256: strings.Repeat("0f", 32)})
	}
	add(wire.KindRate, sessions[0].Snapshot(), wire.Rated{
		Item: wire.ItemEntryOf(sessions[0].Snapshot(), sessions[0].Entry(0), example.AsOf), Events: wire.EventsOf(events),
	})
	add(wire.KindSessions, nil, wire.SessionsOf(sums))
	add(wire.KindSessions, nil, wire.SessionsOf(nil))
	for _, sum := range sums {
		add(wire.KindDeleted, nil, wire.Deleted{Session: wire.SummaryOf(sum), Backup: "backups/s.db"})
	}
	add(wire.KindContentList, nil, wire.ContentListOf(cat, nil))
	for it := range cat.Items() {
		add(wire.KindContentItem, nil, wire.ContentItemOf(cat, it))
	}
	official := wire.OfficialSource{Kind: "oscal-catalog", File: "f.json", SHA256: strings.Repeat("0f", 32)}
	item := wire.ContentItemOf(cat, cat.At(0))
	item.Official = &wire.Official{Source: official, From: "F", Outcome: "O", Examples: []string{"E"}}
	add(wire.KindContentItem, nil, item)
	for _, replaced := range []*wire.OfficialSource{nil, &official} {
		add(wire.KindContentAdd, nil, wire.OfficialAdded{
			Source: official, Kept: "K", Functions: 6, Categories: 22, Subcategories: 106, Notices: []string{"N"}, Replaced: replaced,
		})
	}
	draft := contenttest.NextDraft().Catalog()
	add(wire.KindContentDiff, nil, wire.ContentDiffOf(content.Compare(cat, draft)))
	add(wire.KindContentDiff, nil, wire.ContentDiffOf(content.Compare(cat, cat)))
	for _, s := range sessions {
		m := s.Migration(draft)
		add(wire.KindContentDiff, m.Before, wire.MigrationOf(m))
		act.Reason = "the next draft"
		d, err := s.Migrate(draft, act)
		if err != nil {
			t.Fatal(err)
		}
		after := s.Snapshot()
		add(wire.KindMigrate, after, wire.Migrated{Diff: wire.MigrationOf(m), Backup: "backups/x", Events: wire.EventsOf(d.Events)})
		add(wire.KindMigrate, after, wire.Migrated{DryRun: true, Diff: wire.MigrationOf(after.Migration(cat)), Events: wire.EventsOf(nil)})
		add(wire.KindGapReport, after, wire.GapReportOf(after, example.AsOf))
		add(wire.KindEvidenceRequestsReport, after, wire.EvidenceRequestsOf(after, options()))
		add(wire.KindInterviewReport, after, wire.InterviewOf(after, options()))
		add(wire.KindProfileReport, after, wire.ProfileOf(after))
		add(wire.KindPlanReport, after, wire.PlanReportOf(after, options()))
		o := options()
		o.Against = m.Before
		c, err := wire.CompareReportOf(after, o)
		if err != nil {
			t.Fatal(err)
		}
		add(wire.KindCompareReport, after, c)
		add(wire.KindSession, after, wire.SessionDataOf(after))
	}
	head, seq := sessions[0].Head(), uint64(7)
	add(wire.KindVerify, nil, wire.Verification{OK: true, Sessions: []wire.VerifiedRow{
		{ID: sums[0].ID, Organization: "O", Name: "N", OK: true, Events: 353, Head: &head, Setbacks: []wire.Setback{{Seq: 13, By: 0.5}}},
		{ID: sums[1].ID, BadSeq: &seq, Problem: "P", Setbacks: []wire.Setback{}},
	}})
	signature := wire.Signature{Verdict: wire.UnknownSigner, Key: "ssh-ed25519 AAAA", Fingerprint: "SHA256:x", Problem: "P"}
	bundle := wire.BundleFacts{
		File: "t.plumb", Bytes: 7, SHA256: strings.Repeat("0f", 32), FormatVersion: 1, Created: options().Generated,
		Tool: wire.Tool{Name: "plumbline", Version: "1.0.0"}, Encrypted: true, Signature: signature, Redacted: []string{"names"},
		Packs: []wire.BundlePack{{ID: "P", Version: 1, Facts: strings.Repeat("0f", 32), Whole: true}},
	}
	add(wire.KindVerify, nil, wire.Verification{OK: true, Sessions: []wire.VerifiedRow{}, Bundle: &bundle})
	for _, verdict := range []wire.ReportVerdict{wire.SameBytes, wire.Differs, wire.NotRebuilt, wire.NotInJournal, wire.NoHead, wire.NotCompared} {
		add(wire.KindVerify, nil, wire.Verification{Sessions: []wire.VerifiedRow{}, Report: &wire.VerifiedReport{
			File: "F", SHA256: strings.Repeat("0f", 32), Format: "html", Kind: "gap", SessionID: sums[0].ID, Head: &head, States: head.String(),
			Version: "1.0.0", Against: "t.plumb", Verdict: verdict, Signature: wire.Signature{Verdict: wire.Unsigned},
		}})
	}
	add(wire.KindVerify, nil, wire.Verification{Sessions: []wire.VerifiedRow{}, Report: &wire.VerifiedReport{
		SHA256: strings.Repeat("0f", 32), Verdict: wire.NoHead, Signature: wire.Signature{Verdict: wire.BadSignature},
	}})
	add(wire.KindExport, nil, wire.Exported{
		DryRun: true, Bundle: bundle,
		Sessions: []wire.ExportedRow{{ID: sums[0].ID, Organization: "O", Name: "N", Events: head.Seq, Head: head}},
		Findings: []wire.RedactedRow{{Field: "response.note", Class: "notes", Outcome: "removed", Count: 3}},
	})
	row := 7
	for _, facts := range []*wire.BundleFacts{nil, &bundle} {
		add(wire.KindImport, nil, wire.Imported{
			File: "F", Format: "plumb", SHA256: strings.Repeat("0f", 32), Counts: wire.ImportCounts{New: 1},
			Scales:   []wire.ImportScale{{Name: "S", Rates: "current", Values: []wire.ImportScaleValue{{Value: "V", Count: 1, Chosen: sessions[0].Response(0).Current}}}},
			Changes:  []wire.ImportChange{{Outcome: "new", About: "A", Field: "F"}, {ImportPlace: wire.ImportPlace{Sheet: "S", Row: &row}, Outcome: "conflict", Why: "W"}},
			Problems: []wire.ImportProblem{{Severity: "notice", Text: "T"}, {ImportPlace: wire.ImportPlace{Sheet: "S", Row: &row, Column: "C", Path: "P"}, Severity: "skipped", Value: "V", Text: "T"}},
			Sessions: []wire.ImportedRow{
				{ID: sums[0].ID, From: sums[0].ID, Outcome: "new", Head: &head}, {ID: sums[0].ID, From: sums[1].ID, Outcome: "conflict"},
			},
			Bundle: facts, Backup: "backups/x", Events: wire.EventsOf(events),
		})
	}
	addStore(add, sums[0], head)
	merged := wire.MergedOf(mergeOf(t, sessions[0]))
	merged.Bundle = bundle
	add(wire.KindMerge, sessions[0].Snapshot(), merged)
	merged.Backup, merged.Events, merged.DryRun = "backups/x", wire.EventsOf(events), true
	add(wire.KindMerge, sessions[0].Snapshot(), merged)
	add(wire.KindVersion, nil, wire.Build{
		Version: "0.0.0", Go: "go1.26.0", Platform: "linux/amd64",
		StoreSchema: 1, StoreReadableFrom: "0.0.0", FIPS: "off",
		Modules: []wire.Module{{Path: "example.org/module", Version: "v1.0.0"}},
	})
	return out
}

// addStore adds what the commands on the store as a file print.
func addStore(add func(wire.Kind, *assessment.Snapshot, any), sum assessment.Summary, head assessment.Head) {
	add(wire.KindStoreProtection, nil, wire.StoreProtection{Store: "s.db", Encrypted: true, OtherBackups: []string{"b"}, RemovedBackups: []string{}})
	add(wire.KindStoreBackup, nil, wire.StoreBackup{Store: "s.db", Backup: "b"})
	sealed, sessions := true, 3
	add(wire.KindStoreBackups, nil, wire.StoreBackups{Store: "s.db", Backups: []wire.BackupRow{
		{Path: "b", Made: options().Generated, Bytes: 7, Whole: true, Encrypted: &sealed, Sessions: &sessions, Changed: &sum.Changed},
		{Path: "c", Made: options().Generated, Problem: "P"},
	}})
	add(wire.KindStoreBackups, nil, wire.StoreBackups{Store: "s.db", Backups: []wire.BackupRow{}})
	add(wire.KindStoreRestore, nil, wire.Restored{Store: "s.db", Backup: "b", Swapped: true, Aside: "a", Sessions: []wire.RestoredRow{}})
	rows := []wire.RestoredRow{}
	for _, outcome := range []wire.Outcome{wire.New, wire.Copied, wire.Same, wire.Mended} {
		rows = append(rows, wire.RestoredRow{ID: sum.ID, From: sum.ID, Organization: "O", Name: "N", Outcome: outcome, Events: 3, Head: &head})
	}
	add(wire.KindStoreRestore, nil, wire.Restored{Store: "s.db", Backup: "b", Sessions: rows})
	add(wire.KindStoreCompact, nil, wire.Compacted{Store: "s.db", Before: 2, After: 1, Mended: []string{sum.ID}})
	for _, verdict := range []string{"ok", "note", "warning", "failed"} {
		add(wire.KindStoreDoctor, nil, wire.Examined{Store: "s.db", OK: true, Checks: []wire.ExaminedBy{{Check: "pages", Verdict: verdict, Text: "T"}}})
	}
}

// addRecords adds what the commands print that keep records beside the answers.
func addRecords(t *testing.T, add func(wire.Kind, *assessment.Snapshot, any), session *assessment.Session) {
	t.Helper()
	then := session.Snapshot()
	add(wire.KindTier, then, wire.TierChanged{Tier: wire.TierOf(then), Events: wire.EventsOf(nil)})
	act := assessment.Act{Who: "W", Time: options().Generated}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Do(act, func(e *assessment.Edit) error {
		_, label := e.TakeSnapshot("L")
		return errors.Join(
			e.Tier(assessment.TierStatement{Governance: 1, Management: 4, Rationale: "R"}), label,
			e.Brand(assessment.Brand{Logo: picture.Bytes(), LogoName: "l.png", Accent: "#1f4e79"}),
			e.Note(then.Catalog().At(0).ID, "as seen"),
		)
	}); err != nil {
		t.Fatal(err)
	}
	s := session.Snapshot()
	add(wire.KindTier, s, wire.TierChanged{Tier: wire.TierOf(s), Events: wire.EventsOf(nil)})
	add(wire.KindSession, s, wire.SessionDataOf(s))
	add(wire.KindActions, s, wire.Actions{Actions: wire.ActionsOf(s)})
	add(wire.KindSystems, s, wire.Systems{Systems: wire.SystemsOf(s)})
	add(wire.KindSnapshots, then, wire.Snapshots{Snapshots: wire.SnapshotsOf(then)})
	add(wire.KindSnapshots, s, wire.Snapshots{Snapshots: wire.SnapshotsOf(s)})
	for i, a := range append(s.Actions(), assessment.Action{ID: "A-9", Title: "T", Status: "planned"}) {
		add(wire.KindAction, s, wire.ActionChanged{Action: wire.ActionOf(a), Removed: i == 0, Events: wire.EventsOf(nil)})
	}
	for i, v := range append(s.Systems(), assessment.System{ID: "S-9", Name: "N"}) {
		add(wire.KindSystem, s, wire.SystemChanged{System: wire.System(v), Removed: i == 0, Events: wire.EventsOf(nil)})
	}
	for _, l := range s.Labels() {
		add(wire.KindSnapshot, s, wire.SnapshotTaken{Snapshot: wire.SnapshotOf(l), Events: wire.EventsOf(nil)})
	}
	next := copyOf(t, session)
	if _, err := next.Migrate(contenttest.NextDraft().Catalog(), act); err != nil {
		t.Fatal(err)
	}
	for _, states := range [][2]*assessment.Snapshot{{then, s}, {s, s}, {then, next.Snapshot()}} {
		diff, err := wire.SnapshotDiffOf(states[0], states[1], example.AsOf)
		if err != nil {
			t.Fatal(err)
		}
		add(wire.KindSnapshotDiff, states[1], diff)
	}
}

// mergeOf plans a merge with a change, an open and a decided conflict, and an action that gets another id.
func mergeOf(t *testing.T, s *assessment.Session) *assessment.MergePlan {
	t.Helper()
	ours, theirs := copyOf(t, s), copyOf(t, s)
	for i, side := range []*assessment.Session{ours, theirs} {
		act := assessment.Act{Who: "W", Time: options().Generated}
		if _, err := side.Do(act, func(e *assessment.Edit) error {
			_, err := e.PutAction(assessment.Action{Title: fmt.Sprint("T", i)})
			first, second, third := s.Catalog().At(0).ID, s.Catalog().At(1).ID, s.Catalog().At(2).ID
			return errors.Join(err, e.Note(first, fmt.Sprint("N", i)), e.Note(second, fmt.Sprint("N", i)), e.Owner(third, []string{"", "O"}[i]))
		}); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := ours.Merge(theirs, assessment.MergeSource{File: "f.plumb", SHA256: strings.Repeat("0f", 32)}, options().Generated,
		assessment.Choices{s.Catalog().At(0).ID.String() + ".note": assessment.Theirs})
	if err != nil || len(plan.Renumbered) != 1 || plan.Counts.Decided != 1 || plan.Counts.Conflict == 0 {
		t.Fatalf("the merge is %+v, %v", plan, err)
	}
	return plan
}

// copyOf is a session that can be changed without the one that it is a copy of.
func copyOf(t *testing.T, s *assessment.Session) *assessment.Session {
	t.Helper()
	st, err := s.Stored()
	if err != nil {
		t.Fatal(err)
	}
	c, err := assessment.Load(s.Catalog(), st)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every output is valid by its published schema, and by the strict copy of it, which allows no member
// that the schema does not name: so the schema names them all.
func TestSchemas(t *testing.T) {
	published, strict := compiler(t, false), compiler(t, true)
	all := outputs(t)
	for _, file := range schemaFiles(t) {
		kind := wire.Kind(strings.TrimSuffix(filepath.Base(file), ".schema.json"))
		if kind == "common" {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			if len(all[kind]) == 0 {
				t.Fatal("the schema describes a kind that nothing prints")
			}
			for _, c := range []*jsonschema.Compiler{published, strict} {
				schema, err := c.Compile(address(file))
				if err != nil {
					t.Fatal(err)
				}
				for i, e := range all[kind] {
					if err := schema.Validate(parse(t, encode(t, e))); err != nil {
						t.Fatalf("output %d: %v", i, err)
					}
				}
			}
		})
		delete(all, kind)
	}
	for kind := range all {
		t.Errorf("there is no schema of the kind %q", kind)
	}
}

// The published schemas are open to further members, and to nothing else.
func TestSchemasRefuse(t *testing.T) {
	published, strict := compiler(t, false), compiler(t, true)
	s := examples(t)[0].Snapshot()
	for name, c := range map[string]struct {
		change       func(*map[string]any)
		open, closed bool // whether the published and the strict schema accept
	}{
		"nothing":         {func(*map[string]any) {}, true, true},
		"a new member":    {func(m *map[string]any) { (*m)["data"].(map[string]any)["new"] = 1 }, true, false},
		"a member gone":   {func(m *map[string]any) { delete((*m)["data"].(map[string]any), "gaps") }, false, false},
		"another schema":  {func(m *map[string]any) { (*m)["schema"] = "plumbline/score/1" }, false, false},
		"a level of 4":    {func(m *map[string]any) { row(m)["current"] = 4 }, false, false},
		"a text as level": {func(m *map[string]any) { row(m)["current"] = "2" }, false, false},
		"a bad date":      {func(m *map[string]any) { (*m)["as_of"] = "yesterday" }, false, false},
	} {
		var m map[string]any
		if err := json.Unmarshal(encode(t, wire.Wrap(wire.KindGaps, options(), nil, s, wire.GapsOf(s, example.AsOf))), &m); err != nil {
			t.Fatal(err)
		}
		c.change(&m)
		for _, v := range []struct {
			c      *jsonschema.Compiler
			accept bool
		}{{published, c.open}, {strict, c.closed}} {
			schema, err := v.c.Compile(address("gaps.schema.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(any(m)); (err == nil) != v.accept {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func row(m *map[string]any) map[string]any {
	return (*m)["data"].(map[string]any)["gaps"].([]any)[0].(map[string]any)
}

func schemaFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(schemaFolder, "*.schema.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d schemas in %s: %v", len(files), schemaFolder, err)
	}
	return files
}

// address is the $id that a schema file has.
func address(file string) string { return "https://plumbline.invalid/schemas/" + filepath.Base(file) }

// compiler knows the schemas in the documentation, or strict copies of them. It loads nothing else.
func compiler(t *testing.T, strict bool) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(nothing{})
	for _, file := range schemaFiles(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc := parse(t, raw)
		if id := doc.(map[string]any)["$id"]; id != address(file) {
			t.Fatalf("%s has the $id %v", file, id)
		}
		if strict {
			forbidOthers(doc)
		}
		if err := c.AddResource(address(file), doc); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

type nothing struct{}

func (nothing) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not among the schemas", url)
}

// forbidOthers sets additionalProperties to false wherever a schema names properties.
func forbidOthers(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, sub := range v {
			forbidOthers(sub)
		}
		if _, ok := v["properties"].(map[string]any); ok && v["type"] == "object" {
			v["additionalProperties"] = false
		}
	case []any:
		for _, sub := range v {
			forbidOthers(sub)
		}
	}
}

func parse(t *testing.T, raw []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
