package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"plumbline/content/internal/packfile"
)

// What the manifest says that is in none of the files read. A new edition of the wording gets a new
// number and date here.
const (
	packID    = "nist-ir-8596-iprd"
	packTitle = "Cyber AI Profile (NIST IR 8596, initial preliminary draft)"
	edition   = 2
	date      = "2026-11-21"
	language  = "en-US"
	wording   = "The questions and all wording are Plumbline's, not NIST's; NIST does not endorse Plumbline or this pack."
)

// build makes the files of the pack, by name.
func build(factsDir, authoredDir fs.FS) (map[string][]byte, error) {
	f, err := readFacts(factsDir)
	if err != nil {
		return nil, err
	}
	var functions []string
	for _, fn := range f.core.Functions {
		functions = append(functions, fn.ID)
	}
	a, err := readAuthored(authoredDir, functions)
	if err != nil {
		return nil, err
	}
	if err := checkJoin(f, a); err != nil {
		return nil, err
	}

	type file struct {
		name string
		body any
	}
	pack := []file{{packfile.CoreFile, buildCore(f, a)}}
	var all []packfile.Item
	for _, fn := range functions {
		items := buildItems(f, a, fn)
		all = append(all, items...)
		pack = append(pack, file{packfile.ItemsFile(fn), &packfile.Items{Items: items}})
	}
	schemes, err := buildCatalogs(f)
	if err != nil {
		return nil, err
	}
	pack = append(pack, file{packfile.CatalogsFile, schemes}, file{packfile.GlossaryFile, &packfile.Glossary{Terms: a.glossary}})
	lenses, err := buildLenses(f)
	if err != nil {
		return nil, err
	}
	for _, l := range lenses {
		pack = append(pack, file{packfile.LensPrefix + l.ID + ".json", l})
	}

	source := f.profile.Source
	id, title, _ := strings.Cut(source.Document, ", ")
	manifest := packfile.Manifest{
		Schema: packfile.Schema, ID: packID, Edition: edition, Title: packTitle, Status: source.Status, Language: language, Date: date,
		Document:    packfile.Document{ID: id, Title: title, Published: source.Published, URL: source.LandingPage, SHA256: source.SHA256},
		Wording:     wording,
		FactsSHA256: packfile.FactsHash(all),
	}
	files := map[string][]byte{}
	for _, p := range pack {
		data, err := packfile.Encode(p.body)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", p.name, err)
		}
		files[p.name] = data
		manifest.Files = append(manifest.Files, packfile.File{Name: p.name, SHA256: packfile.Sum(data)})
	}
	if files[packfile.ManifestFile], err = packfile.Encode(manifest); err != nil {
		return nil, fmt.Errorf("write %s: %w", packfile.ManifestFile, err)
	}
	return files, nil
}

// checkJoin holds facts and authored text against each other and reports everything that does not
// join, since whoever mends a text wants the whole list.
func checkJoin(f *facts, a *authored) error {
	var errs []error
	fail := func(file string, index int, id, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: [%d] %s: %s", file, index, id, fmt.Sprintf(format, args...)))
	}

	// The draft's entries are the Core's Subcategories, in the same order.
	var subs []string
	for _, fn := range f.core.Functions {
		for _, k := range fn.Categories {
			for _, s := range k.Subcategories {
				subs = append(subs, s.ID)
			}
		}
	}
	for i, s := range subs {
		if i >= len(f.profile.Entries) || f.profile.Entries[i].Subcategory != s {
			fail("cyber-ai-profile.json", i, s, "is not where the Core of csf-2.0-core.json has it")
			return errors.Join(errs...)
		}
	}
	if len(f.profile.Entries) > len(subs) {
		fail("cyber-ai-profile.json", len(subs), f.profile.Entries[len(subs)].Subcategory, "is not in csf-2.0-core.json")
	}

	// What must have a text, and what has one.
	type fact struct {
		file     string
		priority int
		standard bool
		page     int
		seen     bool
	}
	wantSubs, wantItems := map[string]*fact{}, map[string]*fact{}
	for i := range f.profile.Entries {
		e := &f.profile.Entries[i]
		wantSubs[e.Subcategory] = &fact{file: packfile.CoreFile}
		for n, c := range e.cells() {
			id := e.Subcategory + "/" + areaIDs[n]
			wantItems[id] = &fact{packfile.ItemsFile(e.Subcategory[:2]), c.Priority, c.StandardPractices, e.Page, false}
		}
	}
	take := func(want map[string]*fact, file string, i int, id string) *fact {
		w := want[id]
		switch {
		case w == nil || w.file != file:
			fail(file, i, id, "the draft has no such entry for this file")
			return nil
		case w.seen:
			fail(file, i, id, "is there twice")
			return nil
		}
		w.seen = true
		return w
	}
	for i, s := range a.subcategories {
		take(wantSubs, packfile.CoreFile, i, s.ID)
	}
	for _, fn := range f.core.Functions {
		file := packfile.ItemsFile(fn.ID)
		for i, it := range a.items[file] {
			w := take(wantItems, file, i, it.ID)
			if w == nil {
				continue
			}
			if it.Priority != w.priority {
				fail(file, i, it.ID, "priority is %d, the draft says %d", it.Priority, w.priority)
			}
			if it.StandardPractices != w.standard {
				fail(file, i, it.ID, "standard_practices is %t, the draft says %t", it.StandardPractices, w.standard)
			}
			if it.Page != w.page {
				fail(file, i, it.ID, "page is %d, the draft says %d", it.Page, w.page)
			}
		}
	}
	for _, s := range subs {
		if w := wantSubs[s]; !w.seen {
			errs = append(errs, fmt.Errorf("%s: %s is missing", w.file, s))
		}
		for _, area := range areaIDs {
			if w := wantItems[s+"/"+area]; !w.seen {
				errs = append(errs, fmt.Errorf("%s: %s/%s is missing", w.file, s, area))
			}
		}
	}
	return errors.Join(errs...)
}

func buildCore(f *facts, a *authored) *packfile.Core {
	texts := map[string]authoredSubcategory{}
	for _, s := range a.subcategories {
		texts[s.ID] = s
	}
	var c packfile.Core
	for _, fn := range f.core.Functions {
		c.Functions = append(c.Functions, packfile.Named{ID: fn.ID, Name: fn.Name})
		for _, k := range fn.Categories {
			c.Categories = append(c.Categories, packfile.Named{ID: k.ID, Name: k.Name})
		}
	}
	for _, e := range f.profile.Entries {
		t := texts[e.Subcategory]
		c.Subcategories = append(c.Subcategories, packfile.Subcategory{
			ID: e.Subcategory, Title: t.Title, Outcome: t.Outcome, General: e.General.Summary, Page: e.Page,
			SP80053: append([]string{}, e.General.SP80053...), References: buildReferences(e.General.References),
		})
	}
	return &c
}

func buildItems(f *facts, a *authored, function string) []packfile.Item {
	texts := map[string]authoredItem{}
	for _, it := range a.items[packfile.ItemsFile(function)] {
		texts[it.ID] = it
	}
	var items []packfile.Item
	for i := range f.profile.Entries {
		e := &f.profile.Entries[i]
		if e.Subcategory[:2] != function {
			continue
		}
		for n, c := range e.cells() {
			id := e.Subcategory + "/" + areaIDs[n]
			t := texts[id]
			it := packfile.Item{
				ID: id, Priority: c.Priority, StandardPractices: c.StandardPractices, Page: e.Page,
				Considerations: c.Considerations, Opportunities: c.Opportunities, Reading: c.Note, References: buildReferences(c.References),
				Question: t.Question, Why: t.Why, GoodPractice: t.GoodPractice, Evidence: t.Evidence, Actions: t.Actions, Roles: t.Roles, Hint: t.Hint,
			}
			items = append(items, it)
		}
	}
	return items
}

func buildReferences(refs []reference) []packfile.Reference {
	out := make([]packfile.Reference, len(refs)) // never nil: an empty list is written as one
	for i, r := range refs {
		out[i] = packfile.Reference(r)
	}
	return out
}
