package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/reports/wire"
)

// files are what inputs finds, by path.
var files = map[string]string{
	"gaps.csv": "item_id,current,note\nGV.OC-01/secure,2,Seen\nGV.OC-01/defend,7,\nPR.AC-1/secure,2,\n",
	"audit.csv": "ref_id,compliance_result,observations\nGV.OC-01,partially_compliant,\nGV.OC-02,compliant,\n" +
		"GV.OC-03,compliant,Half of it\nID.BE-01,compliant,\n",
	"torn.csv":     "item_id,current\nRS.MA-02/thwart,1\nRS.MA-02/thwart,2\n",
	"hostile.csfa": `{"schemaVersion": 1, "ratings": {"GV.RM-02": {"tier": null, "note": "\u001b[2J\u202edrow` + "`" + `"}}}`,
	"page.html":    "<html></html>",
}

// A path that can not be read or written is asked for again, with what was typed.
func TestWrongPathIsKept(t *testing.T) {
	for _, keys := range []string{"I", "<enter>Mi"} {
		b := start(t, exampleStore(t), 80, 24)
		b.keys(keys + "gap.csv<enter>")
		b.see("nothing was imported: file does not exist", "> gap.csv")
		b.keys("<backspace><backspace><backspace><backspace>s.csv<enter>")
		if b.app.dialog != nil {
			t.Errorf("after %s and the right path:\n%s", keys, b.screen())
		}
	}
	b := start(t, exampleStore(t), 80, 24, func(c *Config) {
		c.Export = func(context.Context, *assessment.Snapshot, reports.Kind, reports.Format, reports.Options, string, bool) (string, error) {
			return "", fs.ErrPermission
		}
	})
	b.keys("<enter>R<enter>.old<enter>")
	b.see("write the report: permission denied", ".html.old")
}

func inputs(_ context.Context, path string) (Input, error) {
	if strings.HasSuffix(path, ".plumb") {
		return Input{Name: path, Bundle: true, Locked: strings.HasPrefix(path, "locked")}, nil
	}
	text, ok := files[path]
	if !ok {
		return Input{}, fs.ErrNotExist
	}
	return Input{Name: path, Data: []byte(text)}, nil
}

func unlocked(_ context.Context, in Input, passphrase string) (Input, error) {
	if passphrase != "secret" {
		return in, errors.New("it is encrypted with another passphrase")
	}
	in.Locked = false
	return in, nil
}

// importBundle knows bundles of three kinds by their names: new, same and diverged.
func (b *bench) importBundle(o BundleImport) (wire.Imported, error) {
	if o.Locked {
		return wire.Imported{}, errors.New("it was not unlocked")
	}
	row := wire.ImportedRow{ID: northwater, From: northwater, Organization: "Tern", Name: "Q4", Outcome: wire.New, Events: 12, Added: 12}
	result := wire.Imported{
		File: o.Name, DryRun: o.DryRun, Counts: wire.ImportCounts{New: 1},
		Bundle: &wire.BundleFacts{Tool: wire.Tool{Name: "plumbline", Version: "1.0.0"}, Signature: wire.Signature{Verdict: wire.Unsigned}, Created: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)},
	}
	switch {
	case strings.HasPrefix(o.Name, "same"):
		row.Outcome, row.Stored, row.Added, result.Counts = wire.Same, 12, 0, wire.ImportCounts{Same: 1}
	case strings.HasPrefix(o.Name, "diverged") && o.AsCopy == nil:
		row.Outcome, row.Stored, row.Added, result.Counts = wire.Conflict, 14, 0, wire.ImportCounts{Conflict: 1}
	case o.AsCopy != nil:
		row.Outcome, row.ID, row.Name = wire.Copied, "0b5e4b0e-7a55-4a0e-9b7b-6a5f8a1f2c3d", *o.AsCopy
	}
	result.Sessions = []wire.ImportedRow{row}
	if !o.DryRun {
		b.imported = append(b.imported, o)
		result.Backup = "/home/dana/backups/plumbline.db.2"
	}
	return result, nil
}

// mergeBundle has two conflicts, of which the second one can not be decided for theirs, two changes and an
// action that gets another id.
func (b *bench) mergeBundle(o BundleMerge) (wire.Merged, error) {
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	bo, ada := wire.SignedBy{Who: "Bo", Time: &at}, wire.SignedBy{Who: "Ada", Time: &at}
	result := wire.Merged{
		File: o.Name, DryRun: o.DryRun, Relation: assessment.MergeDiverged, Counts: wire.MergeCounts{New: 1, Changed: 1, Same: 4},
		Conflicts: []wire.MergeConflict{
			{
				Key: "GV.OC-01/secure.current", About: "GV.OC-01/secure", Field: "current", Base: "1 Partially achieved",
				Ours: "2 Largely achieved", OursBy: ada, Theirs: "3 Fully achieved", TheirsBy: bo,
			},
			{
				Key: "GV.OC-02/secure.accepted", About: "GV.OC-02/secure", Field: "accepted", Theirs: "until 2027-03-31 by the CIO: cost", TheirsBy: bo,
				Why: "theirs can not be taken: there is no gap to accept",
			},
		},
		Changes: []wire.MergeChange{
			{About: "GV.OC-03/defend", Field: "note", After: "Seen\x1b[2J by Bo", By: bo},
			{About: "PR.AA-05/secure", Field: "current", Before: "1 Partially achieved", After: "2 Largely achieved", By: bo},
		},
		Renumbered: []wire.MergeRenumbered{{Kind: assessment.KindAction, From: "A-3", To: "A-5", Title: "Inventory of agents"}},
		Bundle:     wire.BundleFacts{Signature: wire.Signature{Verdict: wire.Unsigned}},
	}
	for i := range result.Conflicts {
		c := &result.Conflicts[i]
		side, ok := o.Take[c.Key]
		if !ok || side == assessment.Theirs && c.Why != "" {
			result.Counts.Conflict++
			continue
		}
		c.Taken = &side
		result.Counts.Decided++
	}
	if !o.DryRun && result.Counts.Conflict == 0 {
		b.merged = append(b.merged, o)
		result.Backup = "/home/dana/backups/plumbline.db.3"
	}
	return result, nil
}

func (b *bench) exportBundle(o BundleExport) (wire.Exported, error) {
	result := wire.Exported{
		DryRun: o.DryRun, Bundle: wire.BundleFacts{File: "/home/dana/" + o.Path, Bytes: 21951},
		Sessions: []wire.ExportedRow{{ID: o.Session, Events: 359}},
	}
	if len(o.Redact) > 0 {
		result.Findings = []wire.RedactedRow{
			{Field: "response.evidence.by", Class: "names", Outcome: "renamed", Count: 98},
			{Field: "response.evidence.ref", Outcome: "replaced inside", Count: 14},
		}
	}
	if o.DryRun {
		return result, nil
	}
	if _, ok := b.wrote[o.Path]; ok && !o.Force {
		return wire.Exported{}, fs.ErrExist
	}
	b.wrote[o.Path] = strings.Join(o.Redact, ",") + "/" + o.Passphrase
	return result, nil
}

// A file is shown before it changes anything; then it is one act after a backup, which one undo takes
// back.
func TestImportIntoASession(t *testing.T) {
	b, stored := opened(t)
	_, i := item(t, "GV.OC-01/secure")
	before := stored()
	b.keys("Migaps.csv<enter>")
	b.see("IMPORT", "gaps.csv, gap register (CSV)", "2 skipped", "GV.OC-01/secure", "2 Largely achieved")
	if b.backups != 0 || stored().Head() != before.Head() {
		t.Fatal("the preview changed something")
	}
	b.keys("<tab>")
	b.see(`In the file: row 3, column "current"`, "it says: 7", "to do: write 0, 1, 2 or 3")
	b.keys("<down>")
	b.see("was withdrawn by CSF 2.0")
	b.keys("<enter>")
	if r := stored().Response(i); b.backups != 1 || r.Note != "Seen" || r.Current != atLevel(t, 2) {
		t.Fatalf("%d backups, the response is %+v\n%s", b.backups, r, b.screen())
	}
	b.see("(u in the walk takes it all", "/home/dana/backups/plumbline.db.1")
	if _, ok := b.app.top().(*walk); !ok {
		t.Errorf("the screen is %T", b.app.top())
	}
	for e := range stored().Events() {
		if e.Seq > before.Head().Seq && (e.Who != "Dana Test" || !strings.HasPrefix(e.Reason, `import of "gaps.csv", SHA-256 `)) {
			t.Errorf("event %d is by %q: %q", e.Seq, e.Who, e.Reason)
		}
	}
	b.keys("u")
	if got := stored().Response(i); got.Note != before.Response(i).Note || got.Current != before.Response(i).Current {
		t.Errorf("after one undo the response is %+v", got)
	}
	b.keys("<ctrl+r>Migaps.csv<enter><enter>")
	b.see("there is nothing to import")
	if b.backups != 1 {
		t.Errorf("%d backups, though nothing was to be imported", b.backups)
	}
	b.keys("<esc>")
	b.see("nothing was imported")
}

func atLevel(t *testing.T, n int) assessment.Rating {
	t.Helper()
	r, err := assessment.AtLevel(n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A value of another scale becomes a rating when a person says which, and as what.
func TestImportMapsScales(t *testing.T) {
	b, stored := opened(t)
	b.send(tea.WindowSizeMsg{Width: 110, Height: 30})
	b.keys("Miaudit.csv<enter>")
	b.see(`"compliant", 2 times → not applied; proposed 3`, "3 unmapped")
	b.keys("2")
	b.see(`"compliant", 2 times → 2 Largely achieved`, "1 unmapped")
	b.keys("1<up><up>-")
	b.see(`"compliant", 2 times → not applied`, "2 unmapped")
	b.keys("p")
	b.see(`"compliant", 2 times → 3 Fully achieved`, "0 unmapped", "Subcategories become: base ratings")
	b.keys("ff")
	b.see("items of Defend", "GV.OC-01/defend")
	b.keys("<enter>")
	_, i := item(t, "GV.OC-02/defend")
	if got := stored().Response(i).Current; got != atLevel(t, 3) {
		t.Errorf("GV.OC-02/defend is %v", got)
	}
	if got := stored().Base("GV.OC-02").Current; got == atLevel(t, 3) {
		t.Error("the base rating was set, too")
	}
	b.keys("Migaps.csv<enter>3")
	b.see("a level is chosen for the values of the file's own scales")
}

// What the file contradicts itself in is left alone, unless its last word is asked for.
func TestImportConflicts(t *testing.T) {
	b, stored := opened(t)
	_, i := item(t, "RS.MA-02/thwart")
	b.keys("Mitorn.csv<enter>")
	b.see("2 in conflict", "Conflicts: left as they are", "the file contradicts itself")
	b.keys("o")
	b.see("1 new", "Conflicts: overwritten")
	b.keys("<enter>")
	if got := stored().Response(i).Current; got != atLevel(t, 2) {
		t.Errorf("RS.MA-02/thwart is %v\n%s", got, b.screen())
	}
}

// pgdn leads through the text of a line and through the whole preview, to the lines that are skipped; pgup
// leads back.
func TestImportPreviewIsReadToItsEnd(t *testing.T) {
	b, _ := opened(t)
	b.app.cfg.ReadFile = func(_ context.Context, path string) (Input, error) {
		var rows strings.Builder
		rows.WriteString("item_id,current,note\n")
		for it := range catalog(t).Items() {
			fmt.Fprintf(&rows, "%s,1,%s\n", it.ID, strings.Repeat("A long note. ", 60))
		}
		rows.WriteString("GV.OC-99/secure,1,\n")
		return Input{Name: path, Data: []byte(rows.String())}, nil
	}
	b.keys("Migaps.csv<enter>")
	pages := 0
	for ; !strings.Contains(b.screen(), "GV.OC-99") && pages < 1000; pages++ {
		b.keys("<pgdown>")
	}
	b.see("SKIPPED", "GV.OC-99")
	for range pages {
		b.keys("<pgup>")
	}
	if at := b.app.top().(*taking).list.at; at != 0 {
		t.Errorf("as many pages back, the cursor is at line %d", at)
	}
}

func TestImportRefuses(t *testing.T) {
	b, stored := opened(t)
	before := stored().Head()
	for path, want := range map[string]string{
		"nowhere.csv": "does not exist", "page.html": "of no kind that is read", "x.plumb": "I in the list of sessions", "": "no path",
	} {
		b.keys("Mi" + path + "<enter>")
		b.see(want)
		if b.app.dialog != nil { // it asks again
			b.keys("<esc>")
		}
	}
	b.keys("Mihostile.csfa<enter>")
	for _, sign := range []string{"\x1b[2J", "\u202e"} {
		if strings.Contains(b.app.View().Content, sign) {
			t.Errorf("the screen holds %q", sign)
		}
	}
	b.keys("<esc>")
	b.app.cfg.Backup = func() (string, error) { return "", errors.New("the disk is full") }
	b.keys("Migaps.csv<enter><enter>")
	b.see("nothing was imported, for there is no backup: the disk is full")
	b.keys("<esc>MkDone<enter>Mi")
	b.see("locked")
	b.keys("<esc>")
	if n := stored().Head().Seq; n != before.Seq+1 { // the lock
		t.Errorf("%d events came", n-before.Seq)
	}
}

// Reading can take its time. Meanwhile esc leaves, and what was read then changes nothing.
func TestImportIsStopped(t *testing.T) {
	b, stored := opened(t)
	before := stored().Head()
	b.keys("Migaps.csv")
	b.hold = true
	b.keys("<enter>")
	b.see("reading gaps.csv", "working")
	top := b.app.top().(*taking)
	b.send(writingMsg{top.now})
	b.see("reading gaps.csv… 1 s")
	b.keys("q") // waits for the file
	if b.quit {
		t.Error("it leaves while a file is being read")
	}
	b.app.quitting = false
	b.keys("<esc>")
	b.release()
	if _, ok := b.app.top().(*walk); !ok || b.app.jobs != 0 || stored().Head() != before {
		t.Errorf("the screen is %T, %d jobs are left", b.app.top(), b.app.jobs)
	}
	b.keys("Migaps.csv<enter>")
	b.hold = true
	b.keys("<enter>")
	b.see("working")
	b.keys("<esc>")
	b.release()
	if stored().Head() != before {
		t.Error("imported after it was stopped")
	}
	// What is chosen while a plan is being made is planned next.
	b.keys("Miaudit.csv<enter>")
	b.hold = true
	b.keys("32<enter>")
	b.see("not up to date yet")
	b.release()
	b.see("0 unmapped", `"compliant", 2 times → 3`, `"partially_compliant", 1 time → 2`)
}

func TestImportABundle(t *testing.T) {
	b := start(t, exampleStore(t), 80, 24)
	b.keys("Inew.plumb<enter>")
	b.see("IMPORT A BUNDLE", "1 session", "plumbline 1.0.0", "Tern", "whole journal")
	if len(b.imported) != 0 {
		t.Fatal("the preview imported it")
	}
	b.keys("<enter>")
	b.see("imported: 1 new", "/home/dana/backups/plumbline.db.2")
	if len(b.imported) != 1 || len(b.app.stack) != 1 {
		t.Errorf("imported %+v, the screen is %T", b.imported, b.app.top())
	}
	b.keys("Isame.plumb<enter><enter>")
	b.see("there is nothing to import")
	b.keys("<esc>Idiverged.plumb<enter><enter>")
	b.see("went on differently", "each in its own way; m merges")
	b.keys("cQ4 of Ada<enter>")
	b.see("becomes a copy", "Q4 of Ada")
	b.keys("<enter>")
	if n := len(b.imported); n != 2 || *b.imported[1].AsCopy != "Q4 of Ada" {
		t.Errorf("imported %+v", b.imported)
	}
	b.keys("Ilocked.plumb<enter>")
	b.see("Passphrase of locked.plumb")
	b.keys("wrong")
	if strings.Contains(b.screen(), "wrong") {
		t.Error("the passphrase is shown")
	}
	b.keys("<enter>")
	b.see("another passphrase", "Passphrase of locked.plumb")
	b.keys("secret<enter><enter>")
	if len(b.imported) != 3 {
		t.Errorf("imported %+v", b.imported)
	}
	b.keys("Igaps.csv<enter>")
	b.see("is no bundle")
	b.keys("Ilocked.plumb<enter><esc>")
	if len(b.app.stack) != 1 || len(b.imported) != 3 {
		t.Errorf("the screen is %T", b.app.top())
	}
}

// A session that went on here and there is merged when every conflict was decided, and not before.
func TestMergeABundle(t *testing.T) {
	b := start(t, exampleStore(t), 80, 24)
	b.keys("Inew.plumb<enter>m")
	b.see("this session needs no merge")
	b.keys("<esc>Idiverged.plumb<enter><enter>")
	b.see("m merges the two")
	b.keys("m")
	b.see("MERGE", "1 new, 1 changed, 4 the same here; 0 of 2 conflicts decided", "OPEN", "before: 1 Partially achieved", "ours: 2 Largely achieved (Ada, 2026-11-20",
		"theirs: 3 Fully achieved (Bo, 2026-11-20")
	b.keys("<enter>")
	b.see("2 conflicts are open: o and t decide")
	b.keys("t<enter>")
	b.see("1 conflict is open", "1 of 2 conflicts decided", "Why: theirs can not be taken")
	b.keys("T<enter>")
	b.see("nothing was merged: 1 conflict is open")
	b.keys("<down><down><down>t")
	b.see("nothing to decide on this line", "since ids are never given")
	if strings.Contains(b.app.View().Content, "\x1b[2J") {
		t.Error("a text of the file steers the terminal")
	}
	if len(b.merged) != 0 {
		t.Fatalf("merged %+v", b.merged)
	}
	b.keys("<up><up><up>o<enter>")
	b.see("merged in one act: 1 new, 1 changed, 2 decided")
	if len(b.merged) != 1 || len(b.app.stack) != 1 || b.merged[0].Who != "Dana Test" || b.merged[0].Session != northwater ||
		b.merged[0].Take["GV.OC-01/secure.current"] != assessment.Theirs || b.merged[0].Take["GV.OC-02/secure.accepted"] != assessment.Ours {
		t.Errorf("merged %+v, the screen is %T", b.merged, b.app.top())
	}
	b.keys("Idiverged.plumb<enter>m<esc>")
	b.see("nothing was merged", "IMPORT A BUNDLE")
	if len(b.merged) != 1 {
		t.Errorf("merged %+v", b.merged)
	}
}

// What is written can not be stopped half way; what comes of a preview that nobody waits for is nothing.
func TestMergeIsStopped(t *testing.T) {
	b := start(t, exampleStore(t), 80, 24)
	b.keys("Idiverged.plumb<enter>")
	b.hold = true
	b.keys("m")
	b.see("working out what would happen with diverged.plumb")
	b.keys("<esc>")
	b.release()
	b.see("IMPORT A BUNDLE")
	b.keys("mO")
	b.hold = true
	b.keys("<enter><esc>")
	b.see("that can not be stopped")
	b.release()
	if len(b.merged) != 1 || len(b.app.stack) != 1 {
		t.Errorf("merged %+v, the screen is %T", b.merged, b.app.top())
	}
}

func TestExportABundle(t *testing.T) {
	b, _ := opened(t)
	const name = "northwater-health-2026-baseline.plumb"
	b.keys("Mb<enter><enter><enter><enter>")
	b.see("EXPORT A BUNDLE", name, "the whole session", "359 events", "not encrypted")
	b.keys("<enter>")
	b.see("written: /home/dana/" + name)
	b.keys("Mb<enter><enter><enter><enter><enter>")
	b.see("There is a file of that name already")
	b.keys("n<esc>")
	b.keys("Mb<enter><down><space><enter>secret<enter>secre<enter>")
	b.see("the two passphrases differ")
	if strings.Contains(b.screen(), "secre") {
		t.Error("the passphrase is shown")
	}
	b.keys("t<enter>")
	b.see("encrypted with the passphrase", "response.evidence.by", "98", "replaced inside", "REDACTED OF NAMES")
	b.keys("<enter>y")
	if got := b.wrote[name]; got != "names/secret" {
		t.Errorf("wrote %q\n%s", got, b.screen())
	}
}

func TestNextArea(t *testing.T) {
	var at *content.Area
	var seen []string
	for range 4 {
		if at = nextArea(at); at == nil {
			seen = append(seen, "none")
		} else {
			seen = append(seen, at.String())
		}
	}
	if got := strings.Join(seen, " "); got != "secure defend thwart none" {
		t.Errorf("the areas come as %s", got)
	}
}
