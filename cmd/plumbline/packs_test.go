package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

func pinOf(cat *content.Catalog) assessment.PackPin {
	p := cat.Pack()
	return assessment.PackPin{ID: p.ID, Edition: p.Edition, Facts: p.Facts}
}

// A copy of a pack is complete, gives way to a later edition alone, and is made anew when it is damaged.
func TestKeepPack(t *testing.T) {
	at := filepath.Join(t.TempDir(), "store.db")
	draft := func(edition int) (*content.Catalog, fs.FS) {
		p := contenttest.NextDraft()
		p.Edition(edition)
		return p.Catalog(), p.Files()
	}
	found := func() int {
		t.Helper()
		cat, _ := draft(1)
		kept, err := packsBeside(at)(pinOf(cat))
		if err != nil {
			t.Fatal(err)
		}
		return kept.Pack().Edition
	}
	keep := func(edition, want int) {
		t.Helper()
		cat, files := draft(edition)
		if err := keepPack(at, cat, files); err != nil {
			t.Fatal(err)
		}
		if got := found(); got != want {
			t.Errorf("after edition %d the copy is of edition %d, want %d", edition, got, want)
		}
	}
	cat, _ := draft(1)
	if _, err := packsBeside(at)(pinOf(cat)); !errors.Is(err, assessment.ErrPack) {
		t.Errorf("a pack that nobody kept: %v", err)
	}
	keep(2, 2)
	keep(1, 2)
	keep(3, 3)
	folder, err := packFolder(at, pinOf(cat))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "core.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := packsBeside(at)(pinOf(cat)); !errors.Is(err, assessment.ErrPack) || exitCode(err) != exitRefused {
		t.Errorf("a damaged copy: %v", err)
	}
	keep(3, 3)
	all, err := os.ReadDir(filepath.Dir(folder))
	if err != nil || len(all) != 1 {
		t.Errorf("left beside the copy: %v, %v", all, err)
	}
}

// What a record says of its pack never leads out of the folder of packs.
func TestPackFolderStaysInside(t *testing.T) {
	for _, id := range []string{"../up", "..", "a/b", `a\b`, "", ".hidden"} {
		folder, err := packFolder("/data/store.db", assessment.PackPin{ID: id, Facts: "0123456789abcdef"})
		if err == nil && filepath.Dir(folder) != filepath.FromSlash("/data/packs") {
			t.Errorf("%q leads to %q", id, folder)
		}
	}
}

func TestHeadOf(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	act := assessment.Act{Who: "Ada", Time: time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)}
	s, _, err := assessment.New(cat, assessment.Info{
		ID: "00000000-0000-4000-8000-000000000003", Organization: "O", Name: "N",
	}, act)
	if err != nil {
		t.Fatal(err)
	}
	first := s.Head()
	for _, label := range []string{"board", "later"} {
		if _, err := s.Do(act, func(e *assessment.Edit) error { _, err := e.TakeSnapshot(label); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Migrate(contenttest.NextDraft().Catalog(), act); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"board", "N-1", first.String(), "2", "2:" + first.Hash.String()} {
		head, err := headOf(s, at)
		if err != nil || head != first {
			t.Errorf("%q is %v, want %v: %v", at, head, first, err)
			continue
		}
		then, err := s.At(head)
		if err != nil || then.Catalog() != cat || len(then.Labels()) != 0 {
			t.Errorf("%q: the state can not be brought back: %v", at, err)
		}
	}
	for at, code := range map[string]int{"no such": exitNotFound, "99": exitNotFound, "0": exitNotFound, "1": exitNotFound, "2:00": exitRefused} {
		if _, err := headOf(s, at); exitCode(err) != code {
			t.Errorf("%q ends with code %d, want %d: %v", at, exitCode(err), code, err)
		}
	}
}
