// Package contenttest makes packs for tests: the embedded one with changes, such as a made-up next
// draft.
package contenttest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest"

	"plumbline/content"
	"plumbline/content/internal/packfile"
)

// Pack is a pack that can be changed. A method panics where the pack has no such item.
type Pack struct {
	manifest packfile.Manifest
	core     packfile.Core
	items    []packfile.Item
	lenses   map[string]*packfile.Lens // by file
	files    fstest.MapFS              // those that do not change
}

// New returns the embedded pack under another id.
func New(id string) *Pack {
	p := &Pack{lenses: map[string]*packfile.Lens{}, files: fstest.MapFS{}}
	p.read(packfile.ManifestFile, &p.manifest)
	p.manifest.ID = id
	for _, f := range p.manifest.Files {
		switch {
		case f.Name == packfile.CoreFile:
			p.read(f.Name, &p.core)
		case strings.HasPrefix(f.Name, packfile.LensPrefix):
			p.lenses[f.Name] = new(packfile.Lens)
			p.read(f.Name, p.lenses[f.Name])
		case f.Name == packfile.CatalogsFile, f.Name == packfile.GlossaryFile:
			p.files[f.Name] = &fstest.MapFile{Data: p.read(f.Name, nil)}
		}
	}
	for _, f := range p.core.Functions {
		var part packfile.Items
		p.read(packfile.ItemsFile(f.ID), &part)
		p.items = append(p.items, part.Items...)
	}
	return p
}

// NextDraft returns a made-up next draft: three priorities are others, in one item standard practices
// no longer apply, one item asks another question, one is gone (DE.CM-09/defend), and a Subcategory
// that no framework has (GV.OC-06) brings one item (GV.OC-06/thwart). One reason is told in other
// words, which changes no fact.
func NextDraft() *Pack {
	p := New("made-up-next-draft")
	p.manifest.Title = "Made-up next draft of the Cyber AI Profile"
	p.manifest.Status = "made up for tests"
	p.manifest.Document.ID = "Made-up draft 2"
	p.manifest.Document.Title = "a document that does not exist"
	p.manifest.Document.Published = "2026-09-01"
	p.Item("GV.OC-01/secure").Priority = 1
	p.Item("GV.OC-02/secure").Priority = 1
	p.Item("PR.AA-05/secure").Priority = 2
	p.Item("GV.OC-04/thwart").StandardPractices = false
	p.Item("PR.AT-01/secure").Question = "Who learned this year what the AI systems in use may and may not be trusted with?"
	p.Item("PR.DS-01/secure").Why = "The reason is the same, in other words."
	p.Remove("DE.CM-09/defend")
	p.Add("GV.OC-06/thwart")
	return p
}

func (p *Pack) read(name string, v any) []byte {
	data, err := fs.ReadFile(content.EmbeddedFiles(), name)
	if err == nil && v != nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		panic(err)
	}
	return data
}

// Edition sets the edition of the wording.
func (p *Pack) Edition(n int) { p.manifest.Edition = n }

func (p *Pack) find(id string) int {
	i := slices.IndexFunc(p.items, func(it packfile.Item) bool { return it.ID == id })
	if i < 0 {
		panic(fmt.Sprintf("the pack has no item %s", id))
	}
	return i
}

// Item gives access to an item.
func (p *Pack) Item(id string) *packfile.Item { return &p.items[p.find(id)] }

// Remove takes an item out, and with the last one its Subcategory.
func (p *Pack) Remove(id string) {
	i := p.find(id)
	p.items = slices.Delete(p.items, i, i+1)
	gone := []string{id}
	sub, _, _ := strings.Cut(id, "/")
	if !slices.ContainsFunc(p.items, func(it packfile.Item) bool { return strings.HasPrefix(it.ID, sub+"/") }) {
		p.core.Subcategories = slices.DeleteFunc(p.core.Subcategories, func(s packfile.Subcategory) bool { return s.ID == sub })
		gone = append(gone, sub)
	}
	for _, l := range p.lenses {
		l.Map = slices.DeleteFunc(l.Map, func(m packfile.Mapping) bool { return slices.Contains(gone, m.ID) })
	}
}

// Add puts an item into a Category of the pack, made up after the Category's last one, and its
// Subcategory too where that is new. The item must come last in its Category.
func (p *Pack) Add(id string) {
	sub, area, _ := strings.Cut(id, "/")
	category := sub[:5]
	last := 0
	for i, it := range p.items {
		if strings.HasPrefix(it.ID, category) {
			last = i
		}
	}
	made := p.items[last]
	made.ID, made.Opportunities = id, ""
	made.Question = "What does the made-up item ask of " + area + "?"
	p.items = slices.Insert(p.items, last+1, made)
	after := 0
	for i, s := range p.core.Subcategories {
		if s.ID == sub {
			return
		}
		if strings.HasPrefix(s.ID, category) {
			after = i
		}
	}
	s := p.core.Subcategories[after]
	s.ID, s.Title, s.Outcome = sub, "Made-up outcome", "An outcome that no framework has is reached."
	p.core.Subcategories = slices.Insert(p.core.Subcategories, after+1, s)
}

// Files returns the files of the pack as it is now, with a manifest that fits them.
func (p *Pack) Files() fstest.MapFS {
	out := fstest.MapFS{}
	for name, f := range p.files {
		out[name] = f
	}
	put := func(name string, v any) {
		data, err := packfile.Encode(v)
		if err != nil {
			panic(err)
		}
		out[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	put(packfile.CoreFile, p.core)
	for _, f := range p.core.Functions {
		part := packfile.Items{Items: []packfile.Item{}}
		for _, it := range p.items {
			if it.ID[:2] == f.ID {
				part.Items = append(part.Items, it)
			}
		}
		put(packfile.ItemsFile(f.ID), part)
	}
	for name, l := range p.lenses {
		put(name, l)
	}
	m := p.manifest
	m.FactsSHA256 = packfile.FactsHash(p.items)
	m.Files = slices.Clone(m.Files)
	for i, f := range m.Files {
		m.Files[i].SHA256 = packfile.Sum(out[f.Name].Data)
	}
	put(packfile.ManifestFile, m)
	return out
}

// Catalog loads the pack as if it came from elsewhere. It panics where the pack is refused.
func (p *Pack) Catalog() *content.Catalog {
	cat, err := content.Load(p.Files())
	if err != nil {
		panic(err)
	}
	return cat
}
