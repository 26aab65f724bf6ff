package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"plumbline/content"
)

// sharedFolder holds the facts beside the project, where they are at hand.
const sharedFolder = "../../../../shared"

// sources returns the facts and the authored text, which is that of the committed pack.
func sources(t *testing.T) (facts, authored fs.FS) {
	t.Helper()
	if _, err := os.Stat(sharedFolder + "/reference"); err != nil {
		t.Skip("no folder ../shared/reference beside the project: the pack is not compared with its sources")
	}
	return os.DirFS(sharedFolder + "/reference"), os.DirFS("../../data/" + packID)
}

// TestCommittedPack builds the pack anew and compares it, byte by byte, with the one in the tree.
func TestCommittedPack(t *testing.T) {
	files, err := build(sources(t))
	if err != nil {
		t.Fatal(err)
	}
	committed := os.DirFS("../../data/" + packID)
	entries, err := fs.ReadDir(committed, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := fs.ReadFile(committed, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := files[e.Name()]; !ok || !bytes.Equal(data, want) {
			t.Errorf("%s is not what packgen makes of its sources", e.Name())
		}
		delete(files, e.Name())
	}
	for name := range files {
		t.Errorf("%s is missing in the tree", name)
	}
}

// TestFactsOfTheDraft compares the embedded pack with the facts directly, not through the generator.
func TestFactsOfTheDraft(t *testing.T) {
	facts, _ := sources(t)
	data, err := fs.ReadFile(facts, "cyber-ai-profile.json")
	if err != nil {
		t.Fatal(err)
	}
	var draft struct {
		Entries []map[string]any `json:"entries"`
	}
	if err := json.Unmarshal(data, &draft); err != nil {
		t.Fatal(err)
	}
	c, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	text := func(v any) string { s, _ := v.(string); return s }
	refs := func(v any) (out [][3]string) {
		for _, r := range v.([]any) {
			r := r.(map[string]any)
			out = append(out, [3]string{text(r["scheme"]), text(r["id"]), text(r["label"])})
		}
		return out
	}
	own := func(list []content.Reference) (out [][3]string) {
		for _, r := range list {
			out = append(out, [3]string{r.Scheme, r.ID, r.Label})
		}
		return out
	}
	if len(draft.Entries) != 106 {
		t.Fatalf("the draft has %d Subcategories", len(draft.Entries))
	}
	for i, e := range draft.Entries {
		sub, ok := c.Subcategory(e["subcategory"].(string))
		if !ok || c.At(3*i).ID.Sub != sub.ID {
			t.Fatalf("entry %d, %s, is not at its place", i, e["subcategory"])
		}
		general := e["general"].(map[string]any)
		var cited []string
		for _, id := range general["sp80053"].([]any) {
			cited = append(cited, id.(string))
		}
		if sub.General != text(general["summary"]) || float64(sub.Page) != e["page"] || !reflect.DeepEqual(own(sub.References), refs(general["references"])) ||
			strings.Join(sub.DraftSP800, " ") != strings.Join(cited, " ") {
			t.Errorf("%s differs from the draft", sub.ID)
		}
		for _, area := range content.Areas {
			it, _ := c.Item(content.ItemID{Sub: sub.ID, Area: area})
			cell := e[area.String()].(map[string]any)
			if float64(it.Priority) != cell["priority"] || it.StandardPractices != cell["standard_practices"] ||
				it.Considerations != text(cell["considerations"]) || it.Opportunities != text(cell["opportunities"]) ||
				it.Reading != text(cell["note"]) || !reflect.DeepEqual(own(it.References), refs(cell["references"])) {
				t.Errorf("%s differs from the draft", it.ID)
			}
		}
	}
}

// TestBuildRefuses spoils the sources, one thing at a time.
func TestBuildRefuses(t *testing.T) {
	factsDir, authoredDir := sources(t)
	for _, tc := range []struct {
		name, file, old, text, want string
	}{
		{"no file", "core.json", "", "", "read core.json"},
		{"unknown member", "items-RC.json", `"why"`, `"because"`, `items-RC.json: json: unknown field "because"`},
		{"crosswalk to nothing", "csf-ai-rmf-crosswalk.json", `"GV.OC-02"`, `"GV.OC-03"`, "csf-ai-rmf-crosswalk.json: entries[1]: GV.OC-03"},
		{"unknown control", "csf-2.0-sp800-53-map.json", `"pm-11"`, `"pm-99"`, "csf-2.0-sp800-53-map.json: map.GV.OC-01: pm-99"},
		{"unknown cited control", "cyber-ai-profile.json", `"PM-11"`, `"PM-99"`, "cyber-ai-profile.json: sp80053: PM-99"},
		{"order of the Core", "cyber-ai-profile.json", `"GV.OC-01"`, `"GV.OC-02"`, "cyber-ai-profile.json: [0] GV.OC-01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			spoil := func(from fs.FS) fs.FS {
				copied := fstest.MapFS{}
				names, err := fs.Glob(from, "*.json")
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range names {
					data, err := fs.ReadFile(from, name)
					if err != nil {
						t.Fatal(err)
					}
					if name == tc.file {
						if tc.old == "" {
							continue
						}
						if !bytes.Contains(data, []byte(tc.old)) {
							t.Fatalf("%s does not hold %s", name, tc.old)
						}
						data = bytes.Replace(data, []byte(tc.old), []byte(tc.text), 1)
					}
					copied[name] = &fstest.MapFile{Data: data}
				}
				return copied
			}
			if _, err := build(spoil(factsDir), spoil(authoredDir)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("build says %v, want %q", err, tc.want)
			}
		})
	}
}

// TestCheckJoin needs no sources: two Subcategories are enough to have everything go wrong.
func TestCheckJoin(t *testing.T) {
	made := func() (*facts, *authored) {
		var f facts
		err := json.Unmarshal([]byte(`{"functions":[{"id":"GV","categories":[{"id":"GV.OC","subcategories":[{"id":"GV.OC-01"},{"id":"GV.OC-02"}]}]}]}`), &f.core)
		if err != nil {
			t.Fatal(err)
		}
		a := authored{items: map[string][]authoredItem{}}
		for _, sub := range []string{"GV.OC-01", "GV.OC-02"} {
			cell := cell{Priority: 2, StandardPractices: true}
			f.profile.Entries = append(f.profile.Entries, profileEntry{Subcategory: sub, Page: 25, Secure: cell, Defend: cell, Thwart: cell})
			a.subcategories = append(a.subcategories, authoredSubcategory{ID: sub})
			for _, area := range areaIDs {
				a.items["items-GV.json"] = append(a.items["items-GV.json"], authoredItem{ID: sub + "/" + area, Priority: 2, StandardPractices: true, Page: 25})
			}
		}
		return &f, &a
	}
	f, a := made()
	if err := checkJoin(f, a); err != nil {
		t.Fatalf("what joins is refused: %v", err)
	}
	for _, tc := range []struct {
		name  string
		spoil func(f *facts, a *authored, items []authoredItem)
		want  []string
	}{
		{"another priority", func(_ *facts, _ *authored, items []authoredItem) { items[4].Priority = 1 }, []string{
			"items-GV.json: [4] GV.OC-02/defend: priority is 1, the draft says 2",
		}},
		{"standard practices", func(f *facts, _ *authored, _ []authoredItem) { f.profile.Entries[0].Thwart.StandardPractices = false }, []string{
			"items-GV.json: [2] GV.OC-01/thwart: standard_practices is true, the draft says false",
		}},
		{"another page", func(_ *facts, _ *authored, items []authoredItem) { items[0].Page = 26 }, []string{
			"items-GV.json: [0] GV.OC-01/secure: page is 26, the draft says 25",
		}},
		{"twice, so one is missing", func(_ *facts, _ *authored, items []authoredItem) { items[5].ID = items[4].ID }, []string{
			"items-GV.json: [5] GV.OC-02/defend: is there twice",
			"items-GV.json: GV.OC-02/thwart is missing",
		}},
		{"not in the draft", func(_ *facts, a *authored, _ []authoredItem) { a.subcategories[1].ID = "GV.OC-09" }, []string{
			"core.json: [1] GV.OC-09: the draft has no such entry for this file",
			"core.json: GV.OC-02 is missing",
		}},
		{"a Subcategory too many", func(f *facts, _ *authored, _ []authoredItem) {
			f.profile.Entries = append(f.profile.Entries, profileEntry{Subcategory: "GV.OC-03"})
		}, []string{"cyber-ai-profile.json: [2] GV.OC-03: is not in csf-2.0-core.json"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, a := made()
			tc.spoil(f, a, a.items["items-GV.json"])
			err := checkJoin(f, a)
			for _, want := range tc.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("checkJoin says %v\nwant %q", err, want)
				}
			}
		})
	}
}
