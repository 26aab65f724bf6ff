package content

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"plumbline/content/internal/packfile"
)

// folder is a pack in memory that a test can spoil.
type folder struct {
	t *testing.T
	fstest.MapFS
}

func packFolder(t *testing.T) folder {
	t.Helper()
	entries, err := embedded.ReadDir(embeddedFolder)
	if err != nil {
		t.Fatal(err)
	}
	f := folder{t, fstest.MapFS{}}
	for _, e := range entries {
		data, err := embedded.ReadFile(embeddedFolder + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		f.MapFS[e.Name()] = &fstest.MapFile{Data: data}
	}
	return f
}

// replace puts text in the place of the first old, which must be there.
func (f folder) replace(name, old, text string) {
	f.t.Helper()
	data := f.MapFS[name].Data
	if !bytes.Contains(data, []byte(old)) {
		f.t.Fatalf("%s does not hold %q", name, old)
	}
	f.MapFS[name] = &fstest.MapFile{Data: bytes.Replace(data, []byte(old), []byte(text), 1)}
}

// seal makes the manifest agree with the files again, as whoever forges a pack would.
func (f folder) seal() {
	f.t.Helper()
	var m packfile.Manifest
	if err := json.Unmarshal(f.MapFS[packfile.ManifestFile].Data, &m); err != nil {
		f.t.Fatal(err)
	}
	for i, pin := range m.Files {
		m.Files[i].SHA256 = packfile.Sum(f.MapFS[pin.Name].Data)
	}
	f.manifest(&m)
}

func (f folder) manifest(m *packfile.Manifest) {
	f.t.Helper()
	data, err := packfile.Encode(m)
	if err != nil {
		f.t.Fatal(err)
	}
	f.MapFS[packfile.ManifestFile] = &fstest.MapFile{Data: data}
}

func TestLoadRefuses(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(f folder) // left unsealed unless it seals
		file  string
		path  string
		says  string
	}{
		{"changed byte", func(f folder) { f.replace("items-RC.json", "recover", "Recover") }, "items-RC.json", "", "SHA-256"},
		{"changed byte in a lens", func(f folder) { f.replace("lens-ai-rmf.json", "AI", "ai") }, "lens-ai-rmf.json", "", "SHA-256"},
		{"no manifest", func(f folder) { delete(f.MapFS, "manifest.json") }, "manifest.json", "", "not exist"},
		{"missing file", func(f folder) { delete(f.MapFS, "core.json") }, "core.json", "", "in the manifest and not in the pack"},
		{"extra file", func(f folder) { f.MapFS["notes.txt"] = &fstest.MapFile{} }, "notes.txt", "", "not in the manifest"},
		{"extra folder", func(f folder) { f.MapFS["more/x.json"] = &fstest.MapFile{} }, "more", "", "not in the manifest"},
		{"unlisted items", func(f folder) {
			f.replace("manifest.json", `"name": "items-RC.json"`, `"name": "items-RX.json"`)
			f.MapFS["items-RX.json"] = f.MapFS["items-RC.json"]
			delete(f.MapFS, "items-RC.json")
		}, "manifest.json", "files", "items-RC.json is missing"},
		{"file listed twice", func(f folder) { f.replace("manifest.json", "items-RC.json", "items-RS.json") }, "manifest.json", "files[6]", "listed twice"},
		{"path in a name", func(f folder) { f.replace("manifest.json", "items-RC.json", "../items-RC.json") }, "manifest.json", "files[6]", "not the name of a file"},
		{"other schema", func(f folder) { f.replace("manifest.json", "plumbline/pack/1", "plumbline/pack/2") }, "manifest.json", "schema", "does not read"},
		{"no edition", func(f folder) { f.replace("manifest.json", `"edition": 2`, `"edition": 0`) }, "manifest.json", "edition", "want 1 or more"},
		{"bad date", func(f folder) { f.replace("manifest.json", "2025-12-16", "16.12.2025") }, "manifest.json", "document.published", "not a date"},

		{"unknown member", func(f folder) {
			f.replace("items-DE.json", `"page": 75`, `"page": 75, "color": "red"`)
			f.seal()
		}, "items-DE.json", "items[0].color", "unknown member"},
		{"member in another case", func(f folder) {
			f.replace("items-DE.json", `"why"`, `"Why"`)
			f.seal()
		}, "items-DE.json", `items[0]."Why"`, "unknown member"},
		{"duplicate key", func(f folder) {
			f.replace("core.json", `"name": "Identify"`, `"name": "Identify", "name": "Identify"`)
			f.seal()
		}, "core.json", "functions[1].name", "given twice"},
		{"missing member", func(f folder) {
			f.replace("items-DE.json", `"standard_practices": false,`, "")
			f.seal()
		}, "items-DE.json", "items[0].standard_practices", "missing"},
		{"data after the end", func(f folder) {
			f.MapFS["core.json"].Data = append(f.MapFS["core.json"].Data, "{}"...)
			f.seal()
		}, "core.json", "", "data after its end"},

		{"another priority", func(f folder) {
			f.replace("items-DE.json", `"priority": 2`, `"priority": 1`)
			f.seal()
		}, "manifest.json", "facts_sha256", "does not fit the items"},
		{"standard practices turned", func(f folder) {
			f.replace("items-DE.json", `"standard_practices": false`, `"standard_practices": true`)
			f.seal()
		}, "manifest.json", "facts_sha256", "does not fit the items"},
		{"impossible priority", func(f folder) {
			f.replace("items-DE.json", `"priority": 2`, `"priority": 4`)
			f.seal()
		}, "items-DE.json", "items[0].priority", "want 1, 2 or 3"},
		{"page 0", func(f folder) {
			f.replace("core.json", `"page": 25`, `"page": 0`)
			f.seal()
		}, "core.json", "subcategories[0].page", "want 1 or more"},
		{"unknown role", func(f folder) {
			f.replace("items-DE.json", `"Platform/Cloud"`, `"Wizard"`)
			f.seal()
		}, "items-DE.json", "items[0].roles[0]", `"Wizard"`},
		{"unknown effort", func(f folder) {
			f.replace("items-DE.json", `"effort": "L"`, `"effort": "XL"`)
			f.seal()
		}, "items-DE.json", "items[0].actions[0].effort", "want S, M or L"},

		{"unresolved reference", func(f folder) {
			f.replace("items-DE.json", `"id": "DASF 4"`, `"id": "DASF 99"`)
			f.seal()
		}, "items-DE.json", "items[0].references[1].id", `DE.CM-01/secure cites "DASF 99"`},
		{"unknown scheme", func(f folder) {
			f.replace("items-DE.json", `"scheme": "dasf"`, `"scheme": "dusf"`)
			f.seal()
		}, "items-DE.json", "items[0].references[0].scheme", `"dusf"`},
		{"reference to nothing", func(f folder) {
			f.replace("items-DE.json", `"label": "AI 100-2e2025"`, `"label": ""`)
			f.seal()
		}, "items-DE.json", "items[0].references[35].label", "empty"},

		{"empty text", func(f folder) {
			f.replace("core.json", `"title": "Organizational mission"`, `"title": ""`)
			f.seal()
		}, "core.json", "subcategories[0].title", "empty"},
		{"tab", func(f folder) {
			f.replace("core.json", "Organizational mission", `Organizational\tmission`)
			f.seal()
		}, "core.json", "subcategories[0].title", "U+0009 at byte 14"},
		{"escape", func(f folder) {
			f.replace("items-DE.json", `"why": "`, `"why": "\u001b[31m`)
			f.seal()
		}, "items-DE.json", "items[0].why", "U+001B"},
		{"turned text", func(f folder) {
			f.replace("items-DE.json", `"question": "How`, "\"question\": \"How\u202e")
			f.seal()
		}, "items-DE.json", "items[0].question", "U+202E"},
		{"half a surrogate", func(f folder) {
			f.replace("items-DE.json", `"question": "How`, `"question": "\ud800How`)
			f.seal()
		}, "items-DE.json", "items[0].question", "U+FFFD"},
		{"not UTF-8", func(f folder) {
			f.replace("items-DE.json", `"question": "How`, "\"question\": \"How\xff")
			f.seal()
		}, "items-DE.json", "", "UTF-8"},
		{"blank at the end", func(f folder) {
			f.replace("core.json", "Organizational mission", "Organizational mission ")
			f.seal()
		}, "core.json", "subcategories[0].title", "blank"},
		{"control character in a catalog", func(f folder) {
			f.replace("catalogs.json", "Platform compliance", `Platform\u0007compliance`)
			f.seal()
		}, "catalogs.json", "schemes[8].entries[49].name", "U+0007"},

		{"Category out of order", func(f folder) {
			f.replace("core.json", `"id": "GV.OC"`, `"id": "PR.XX"`)
			f.seal()
		}, "core.json", "categories[0].id", "out of order"},
		{"Subcategory twice", func(f folder) {
			f.replace("core.json", `"id": "GV.OC-02"`, `"id": "GV.OC-01"`)
			f.seal()
		}, "core.json", "subcategories[1].id", "there twice"},
		{"malformed id", func(f folder) {
			f.replace("core.json", `"id": "GV.OC-02"`, `"id": "GV.OC-2"`)
			f.seal()
		}, "core.json", "subcategories[1].id", "form"},
		{"item out of order", func(f folder) {
			f.replace("items-GV.json", `"id": "GV.OC-01/defend"`, `"id": "GV.OC-01/thwart"`)
			f.seal()
		}, "items-GV.json", "items[1].id", "where GV.OC-01/defend belongs"},
		{"opportunities outside Defend", func(f folder) {
			f.replace("items-DE.json", `"considerations"`, `"opportunities"`)
			f.seal()
		}, "items-DE.json", "items[0].opportunities", "only with Defend"},

		{"lens of another name", func(f folder) {
			f.replace("lens-cis-8.1.json", `"id": "cis-8.1"`, `"id": "cis-8.2"`)
			f.seal()
		}, "lens-cis-8.1.json", "id", `"cis-8.2"`},
		{"lens maps to what it does not name", func(f folder) {
			f.replace("lens-cis-8.1.json", `"id": "14.1"`, `"id": "99.9"`)
			f.seal()
		}, "lens-cis-8.1.json", "map[0].to[0]", `GV.RR-01 maps to "14.1"`},
		{"lens maps no item", func(f folder) {
			f.replace("lens-ai-600-1.json", `PR.AT-01/thwart`, `PR.AT-01/front`)
			f.seal()
		}, "lens-ai-600-1.json", "map[0].id", "not an item id"},
		{"lens without a cited control", func(f folder) {
			f.replace("core.json", `"PM-11"`, `"PM-99"`)
			f.seal()
		}, "lens-sp800-53.json", "entries", "PM-99 is missing, which the draft cites for GV.OC-01"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := packFolder(t)
			c.spoil(f)
			_, err := Load(f)
			refusal, ok := errors.AsType[*PackError](err)
			if !ok {
				t.Fatalf("Load gives %v, want a *PackError", err)
			}
			if refusal.File != c.file || refusal.Path != c.path || !strings.Contains(refusal.Error(), c.says) {
				t.Errorf("Load says %q\nwant file %s, path %s, saying %q", err, c.file, c.path, c.says)
			}
		})
	}
}

func TestLoadMissingFileIsNotExist(t *testing.T) {
	f := packFolder(t)
	delete(f.MapFS, "core.json")
	if _, err := Load(f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load gives %v, want fs.ErrNotExist inside", err)
	}
}

// A new edition is a pack with the same facts and other words.
func TestLoadNewEdition(t *testing.T) {
	f := packFolder(t)
	f.replace("manifest.json", `"edition": 2`, `"edition": 3`)
	f.replace("core.json", "Organizational mission", "What the organization is for")
	f.seal()
	c, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	first := catalog(t).Pack()
	if p := c.Pack(); p.Edition != 3 || p.Facts != first.Facts || p.SHA256 == first.SHA256 {
		t.Errorf("next edition is %+v, first %+v", p, first)
	}
	if s, _ := c.Subcategory("GV.OC-01"); s.Title != "What the organization is for" {
		t.Errorf("title is %q", s.Title)
	}
}
