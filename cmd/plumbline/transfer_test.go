package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/assessment/store"
	"plumbline/reports/wire"
	"plumbline/tui"
)

// openTransfer is what the app has of a new store, with the worked example in it where that is asked for.
func openTransfer(t *testing.T, filled bool) transfer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	p := &program{globals: globals{Store: path, By: "Ada"}, stderr: io.Discard, stdout: io.Discard, now: time.Now}
	st, err := store.Open(path, store.Options{Now: time.Now})
	if err == nil && filled {
		err = fill(st)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return transfer{p, &appStore{Store: st}}
}

// The app's bundles are those of the command line, with the app's store open.
func TestTransferOfBundles(t *testing.T) {
	from, to := openTransfer(t, true), openTransfer(t, false)
	ctx := context.Background()
	sums, err := from.store.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	out := tui.BundleExport{Session: sums[0].ID, Path: filepath.Join(t.TempDir(), "b.plumb"), DryRun: true}
	if _, err := from.exportBundle(ctx, out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the preview wrote a file: %v", err)
	}
	out.DryRun = false
	if _, err := from.exportBundle(ctx, out); err != nil {
		t.Fatal(err)
	}
	if _, err := from.exportBundle(ctx, out); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file is replaced: %v", err)
	}

	in, err := to.read(ctx, out.Path)
	if err != nil || !in.Bundle || in.Locked {
		t.Fatalf("read %+v, %v", in.Name, err)
	}
	order := tui.BundleImport{Input: in, DryRun: true}
	for _, want := range []int{0, 1} {
		result, err := to.importBundle(ctx, order)
		if err != nil || result.Counts.New != 1 {
			t.Fatalf("%+v, %v", result.Counts, err)
		}
		if list, err := to.store.Sessions(); err != nil || len(list) != want {
			t.Fatalf("%d sessions, %v", len(list), err)
		}
		if _, err := os.Stat(result.Backup); (want == 1) != (err == nil) {
			t.Errorf("the backup %q: %v", result.Backup, err)
		}
		order.DryRun = false
	}
	a, errA := from.store.Load(sums[0].ID)
	b, errB := to.store.Load(sums[0].ID)
	if errA != nil || errB != nil || !bytes.Equal(bytes.Join(a.Journal, nil), bytes.Join(b.Journal, nil)) {
		t.Errorf("the journal is another one: %v, %v", errA, errB)
	}
	if result, err := to.importBundle(ctx, order); err != nil || result.Counts.Same != 1 || result.Backup != "" {
		t.Errorf("again: %+v, %v", result, err)
	}
}

// With a passphrase a bundle is encrypted, and redacted of what was marked.
func TestTransferOfRedactedBundles(t *testing.T) {
	if sealed.Available() != nil {
		t.Skip("no encryption in this mode")
	}
	from := openTransfer(t, true)
	ctx := context.Background()
	sums, err := from.store.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	out := tui.BundleExport{Session: sums[0].ID, Path: filepath.Join(t.TempDir(), "b.plumb"), Passphrase: "secret", Redact: []string{"organization"}}
	result, err := from.exportBundle(ctx, out)
	if err != nil || len(result.Findings) == 0 || !result.Bundle.Encrypted {
		t.Fatalf("%+v, %v", result, err)
	}
	in, err := from.read(ctx, out.Path)
	if err != nil || !in.Locked {
		t.Fatal(err)
	}
	if _, err := from.unlock(ctx, in, "wrong"); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("opened by another passphrase: %v", err)
	}
	if in, err = from.unlock(ctx, in, "secret"); err != nil || in.Locked {
		t.Fatal(err)
	}
	c, err := bundle.Read(in.Data)
	if err != nil || len(c.Redacted) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	made, err := from.importBundle(ctx, tui.BundleImport{Input: in})
	if err != nil || made.Sessions[0].Outcome != wire.Copied || made.Sessions[0].Organization != "Organization A" || !made.Bundle.Encrypted {
		t.Errorf("%+v, %v", made.Sessions, err)
	}
}

// The app's merge is that of the command line: nothing while a conflict is open, then one act.
func TestTransferMerges(t *testing.T) {
	here, there := openTransfer(t, true), openTransfer(t, true)
	ctx := context.Background()
	sums, err := here.store.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	id := sums[0].ID
	for who, tr := range map[string]transfer{"Ada": here, "Bo": there} {
		s, err := tr.loadSound(tr.store.Store, id)
		if err != nil {
			t.Fatal(err)
		}
		item := s.Catalog().At(0).ID
		d, err := s.Do(assessment.Act{Who: who, Time: time.Now()}, func(e *assessment.Edit) error { return e.Note(item, "as "+who+" says") })
		if err == nil {
			err = tr.store.Apply(d)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	out := tui.BundleExport{Session: id, Path: filepath.Join(t.TempDir(), "bo.plumb")}
	if _, err := there.exportBundle(ctx, out); err != nil {
		t.Fatal(err)
	}
	in, err := here.read(ctx, out.Path)
	if err != nil {
		t.Fatal(err)
	}
	o := tui.BundleMerge{Input: in, Session: id, Who: "Cy"}
	head := func() assessment.Head {
		sum, err := here.find(here.store.Store, id)
		if err != nil {
			t.Fatal(err)
		}
		return sum.Head
	}
	was := head()
	for range 2 {
		o.DryRun = !o.DryRun
		result, err := here.mergeBundle(ctx, o)
		if err != nil || result.Counts.Conflict != 1 || result.Backup != "" || head() != was {
			t.Fatalf("%+v, %v, the journal ends at %v", result, err, head())
		}
		o.Take = map[string]assessment.Side{}
	}
	preview, err := here.mergeBundle(ctx, tui.BundleMerge{Input: in, Session: id, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Take[preview.Conflicts[0].Key] = assessment.Theirs
	result, err := here.mergeBundle(ctx, o)
	if err != nil || result.Backup == "" || len(result.Events) != 2 || result.Events[0].Who != "Cy" || head() == was {
		t.Fatalf("%+v, %v", result, err)
	}
	s, err := here.loadSound(here.store.Store, id)
	if err != nil || s.Response(0).Note != "as Bo says" || s.Response(0).By != "Bo" {
		t.Errorf("%+v, %v", s.Response(0), err)
	}
	// To an import, what was merged is no other session any more.
	if again, err := here.importBundle(ctx, tui.BundleImport{Input: in, DryRun: true}); err != nil || again.Counts.Skipped != 1 {
		t.Errorf("%+v, %v", again.Counts, err)
	}
}

func TestTransferReadsFilesAlone(t *testing.T) {
	tr := openTransfer(t, false)
	dir := t.TempDir()
	for path, want := range map[string]string{dir: "regular file", filepath.Join(dir, "nowhere"): "no such file"} {
		if _, err := tr.read(context.Background(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("read %s: %v", path, err)
		}
	}
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte("item_id\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	if in, err := tr.read(ctx, path); err != nil || in.Bundle || in.Name != "x.csv" {
		t.Errorf("%+v, %v", in, err)
	}
	stop()
	if _, err := tr.read(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("read after it was stopped: %v", err)
	}
}

// An import that is interrupted changes nothing, wherever that happens.
func TestImportInterrupted(t *testing.T) {
	tr := openTransfer(t, true)
	sums, err := tr.store.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.store.Close(); err != nil { // the command opens it itself
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("item_id,note\nGV.OC-01/secure,Never seen before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	stop(errors.New("ctrl+c"))
	for range 10 { // whether reading ends before it is noticed is a matter of luck
		c := importCmd{File: path, Into: sums[0].ID}
		if err := c.Run(ctx, tr.program); err == nil || !strings.Contains(err.Error(), "ctrl+c") {
			t.Fatalf("it ended with %v", err)
		}
	}
	st, err := tr.open(true)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if now, err := tr.find(st, sums[0].ID); err != nil || now.Head != sums[0].Head {
		t.Errorf("the journal ends at %v, not at %v (%v)", now.Head, sums[0].Head, err)
	}
}

// What the preview offers can be given to a shell as it stands.
func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"compliant=3": "compliant=3", "Current Status:Partial=1": "'Current Status:Partial=1'", "it's=1": `'it'\''s=1'`, "$(x)=1": "'$(x)=1'", "ü=1": "'ü=1'",
	} {
		if got := shellWord(word); got != want {
			t.Errorf("%s is quoted as %s, not %s", word, got, want)
		}
	}
}
