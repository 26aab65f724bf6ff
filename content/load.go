package content

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"plumbline/content/internal/packfile"
)

// PackError says what is wrong with a pack and where: File is a file of the pack, Path a place in it
// such as "subcategories[3].title", or "" for the file as a whole.
type PackError struct {
	File string
	Path string
	Err  error
}

func (e *PackError) Error() string {
	if e.Path == "" {
		return e.File + ": " + e.Err.Error()
	}
	return e.File + ": " + e.Path + ": " + e.Err.Error()
}

func (e *PackError) Unwrap() error { return e.Err }

func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := errors.AsType[*packfile.PathError](err); ok {
		return &PackError{name, inner.Path, inner.Err}
	}
	return &PackError{File: name, Err: err}
}

//go:embed data/nist-ir-8596-iprd/*.json
var embedded embed.FS

const (
	embeddedID     = "nist-ir-8596-iprd"
	embeddedFolder = "data/" + embeddedID
)

var embeddedCatalog = sync.OnceValues(func() (*Catalog, error) {
	return load(EmbeddedFiles(), linked)
})

// EmbeddedFiles returns the files of the embedded pack, for who wants to keep them elsewhere.
func EmbeddedFiles() fs.FS {
	fsys, err := fs.Sub(embedded, embeddedFolder)
	if err != nil {
		panic(err) // the name is a constant and well formed
	}
	return fsys
}

// Embedded returns the pack "nist-ir-8596-iprd", always the same one. Its lenses are read when they
// are first asked for.
func Embedded() (*Catalog, error) { return embeddedCatalog() }

// Load reads a pack from the root of fsys. Nothing is taken on trust: the manifest must list every
// file with its hash, the files must have exactly the members of a pack, and what they say must hold
// together (a Core in order, one to three items to a Subcategory, priorities that agree with the facts
// hash, references that resolve, texts that a terminal may show). A pack that says that it is the
// embedded one must have the whole of CSF 2.0 and three items to a Subcategory. A pack has at most
// 2,000 files and 16 MiB. One that is refused gives a *PackError.
func Load(fsys fs.FS) (*Catalog, error) { return load(fsys, foreign) }

// origin says how much of a pack must be checked when it is opened.
type origin bool

const (
	foreign origin = false
	// linked is the embedded pack. Its files can not differ from those that the tests load as if they
	// were foreign, so checking their form again, which takes twice as long as decoding them, is left
	// out, and lenses wait until they are asked for. Hashes and meaning are checked all the same.
	linked origin = true
)

// What a pack may have in all; the embedded one has 14 files and a megabyte.
const (
	maxPackFiles = 2000
	maxPackSize  = 16 << 20
)

// The shape of the CSF 2.0 Core (NIST CSWP 29), on which the embedded pack stands. Another pack says
// itself what it covers.
const (
	coreFunctions     = 6
	coreCategories    = 22
	coreSubcategories = 106
)

func load(fsys fs.FS, from origin) (*Catalog, error) {
	raw, err := readFile(fsys, packfile.ManifestFile)
	if err != nil {
		return nil, err
	}
	var m packfile.Manifest
	if err := cmp.Or(packfile.Decode(raw, &m), checkManifest(&m)); err != nil {
		return nil, inFile(packfile.ManifestFile, err)
	}
	if err := checkListing(fsys, m.Files); err != nil {
		return nil, err
	}

	// One target a file, nil where its hash is all that matters now.
	targets := make(map[string]any, len(m.Files))
	var core packfile.Core
	var catalogs packfile.Catalogs
	var glossary packfile.Glossary
	for _, f := range m.Files {
		switch {
		case f.Name == packfile.CoreFile:
			targets[f.Name] = &core
		case f.Name == packfile.CatalogsFile:
			targets[f.Name] = &catalogs
		case f.Name == packfile.GlossaryFile:
			targets[f.Name] = &glossary
		case !strings.HasPrefix(f.Name, packfile.LensPrefix):
			targets[f.Name] = new(packfile.Items)
		case from == foreign:
			targets[f.Name] = new(packfile.Lens)
		}
	}
	errs := make([]error, len(m.Files))
	var wg sync.WaitGroup
	for i, f := range m.Files {
		wg.Go(func() { errs[i] = readPinned(fsys, from, f, targets[f.Name]) })
	}
	wg.Wait()
	if err := cmp.Or(errs...); err != nil {
		return nil, err
	}

	c := &Catalog{pack: Pack{
		ID:       m.ID,
		Edition:  m.Edition,
		Title:    m.Title,
		Status:   m.Status,
		Document: m.Document.ID,
		Source:   fmt.Sprintf("%s, %s, %s", m.Document.ID, m.Document.Title, m.Document.Published),
		Facts:    m.FactsSHA256,
		SHA256:   packfile.Sum(raw),
		Language: m.Language,
	}}
	if err := c.addSchemes(catalogs.Schemes); err != nil {
		return nil, inFile(packfile.CatalogsFile, err)
	}
	if err := c.addGlossary(glossary.Terms); err != nil {
		return nil, inFile(packfile.GlossaryFile, err)
	}
	if err := c.addCore(&core); err != nil {
		return nil, inFile(packfile.CoreFile, err)
	}
	var facts []packfile.Item
	for _, f := range c.functions {
		name := packfile.ItemsFile(f.ID)
		part, ok := targets[name].(*packfile.Items)
		if !ok {
			return nil, inFile(packfile.ManifestFile, at("files", fmt.Errorf("%s is missing", name)))
		}
		if err := c.addItems(f.ID, part.Items); err != nil {
			return nil, inFile(name, err)
		}
		facts = append(facts, part.Items...)
	}
	if sum := packfile.FactsHash(facts); sum != m.FactsSHA256 {
		return nil, inFile(packfile.ManifestFile, at("facts_sha256", fmt.Errorf(
			"does not fit the items, which give %s: an id, a priority or a standard_practices differs", sum)))
	}
	if err := c.addLenses(fsys, m.Files, targets); err != nil {
		return nil, err
	}
	return c, nil
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name) // before it is opened: opening a pipe waits
	if err != nil {
		return nil, &PackError{File: name, Err: fmt.Errorf("open: %w", err)}
	}
	if !info.Mode().IsRegular() {
		return nil, &PackError{File: name, Err: errors.New("is not a regular file")}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, &PackError{File: name, Err: fmt.Errorf("open: %w", err)}
	}
	defer f.Close()
	var data bytes.Buffer
	data.Grow(int(min(info.Size(), maxPackSize)) + bytes.MinRead)
	if _, err := data.ReadFrom(io.LimitReader(f, maxPackSize+1)); err != nil {
		return nil, &PackError{File: name, Err: fmt.Errorf("read: %w", err)}
	}
	if data.Len() > maxPackSize {
		return nil, &PackError{File: name, Err: fmt.Errorf("is larger than %d MiB", maxPackSize>>20)}
	}
	return data.Bytes(), nil
}

// readPinned reads a file that the manifest pins, and decodes it into target unless that is nil.
func readPinned(fsys fs.FS, from origin, pin packfile.File, target any) error {
	data, err := readFile(fsys, pin.Name)
	if err != nil {
		return err
	}
	if sum := packfile.Sum(data); sum != pin.SHA256 {
		return &PackError{File: pin.Name, Err: fmt.Errorf("has SHA-256 %s, not %s as the manifest says", sum, pin.SHA256)}
	}
	switch {
	case target == nil:
		return nil
	case from == linked:
		return inFile(pin.Name, json.Unmarshal(data, target))
	}
	return inFile(pin.Name, packfile.Decode(data, target))
}

var (
	packIDPattern = pattern(`^[a-z0-9][a-z0-9.-]{0,63}$`)
	sumPattern    = pattern(`^[0-9a-f]{64}$`)
	lensPattern   = pattern(`^` + packfile.LensPrefix + `([a-z0-9][a-z0-9.-]{0,31})\.json$`)
	itemsPattern  = pattern(`^items-[A-Z]{2}\.json$`)
)

func checkManifest(m *packfile.Manifest) error {
	if m.Schema != packfile.Schema {
		return at("schema", fmt.Errorf("is %q, which this version does not read (it reads %q)", m.Schema, packfile.Schema))
	}
	if m.Edition < 1 {
		return at("edition", fmt.Errorf("is %d, want 1 or more", m.Edition))
	}
	err := cmp.Or(
		matches("id", m.ID, packIDPattern),
		required("title", m.Title),
		required("status", m.Status),
		required("language", m.Language),
		date("date", m.Date),
		required("document.id", m.Document.ID),
		required("document.title", m.Document.Title),
		date("document.published", m.Document.Published),
		required("document.url", m.Document.URL),
		matches("document.sha256", m.Document.SHA256, sumPattern),
		required("wording", m.Wording),
		matches("facts_sha256", m.FactsSHA256, sumPattern),
	)
	if err != nil {
		return err
	}
	if len(m.Files) > maxPackFiles {
		return at("files", fmt.Errorf("has %d entries, a pack has at most %d", len(m.Files), maxPackFiles))
	}
	seen := map[string]bool{}
	for i, f := range m.Files {
		path := fmt.Sprintf("files[%d]", i)
		switch known := f.Name == packfile.CoreFile || f.Name == packfile.CatalogsFile || f.Name == packfile.GlossaryFile ||
			itemsPattern().MatchString(f.Name) || lensPattern().MatchString(f.Name); {
		case !known:
			return at(path, fmt.Errorf("%q is not the name of a file of a pack", f.Name))
		case seen[f.Name]:
			return at(path, fmt.Errorf("%s is listed twice", f.Name))
		}
		seen[f.Name] = true
		if err := matches(path+".sha256", f.SHA256, sumPattern); err != nil {
			return err
		}
	}
	for _, name := range []string{packfile.CoreFile, packfile.CatalogsFile, packfile.GlossaryFile} {
		if !seen[name] {
			return at("files", fmt.Errorf("%s is missing", name))
		}
	}
	return nil
}

// pattern compiles an expression when it is first needed, not when the program starts.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func matches(member, s string, compiled func() *regexp.Regexp) error {
	if pattern := compiled(); !pattern.MatchString(s) {
		return at(member, fmt.Errorf("%q does not have the form %s", s, pattern))
	}
	return nil
}

func date(member, s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return at(member, fmt.Errorf("%q is not a date such as 2025-12-16", s))
	}
	return nil
}

// checkListing holds the files that are there against those that the manifest lists.
func checkListing(fsys fs.FS, files []packfile.File) error {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return fmt.Errorf("list the files of the pack: %w", err)
	}
	there := map[string]bool{}
	size := int64(0)
	for _, e := range entries {
		listed := slices.ContainsFunc(files, func(f packfile.File) bool { return f.Name == e.Name() })
		if !listed && e.Name() != packfile.ManifestFile {
			return &PackError{File: e.Name(), Err: errors.New("is not in the manifest")}
		}
		info, err := e.Info()
		if err != nil {
			return &PackError{File: e.Name(), Err: err}
		}
		if size += info.Size(); size > maxPackSize {
			return &PackError{File: e.Name(), Err: fmt.Errorf("with it the pack is larger than %d MiB", maxPackSize>>20)}
		}
		there[e.Name()] = true
	}
	for _, f := range files {
		if !there[f.Name] {
			return &PackError{File: f.Name, Err: fmt.Errorf("is in the manifest and not in the pack: %w", fs.ErrNotExist)}
		}
	}
	return nil
}

func (c *Catalog) addSchemes(schemes []packfile.Scheme) error {
	c.resolve = make(map[string]map[string]string, len(schemes))
	for i, s := range schemes {
		if err := c.addScheme(s); err != nil {
			return at(fmt.Sprintf("schemes[%d]", i), err)
		}
	}
	return nil
}

func (c *Catalog) addScheme(s packfile.Scheme) error {
	err := cmp.Or(
		required("id", s.ID),
		required("title", s.Title),
		optional("version", s.Version),
		optional("license", s.License),
		optional("note", s.Note),
	)
	if err != nil {
		return err
	}
	if _, twice := c.resolve[s.ID]; twice {
		return at("id", fmt.Errorf("%q is there twice", s.ID))
	}
	if s.Open != (len(s.Entries) == 0) {
		return at("entries", errors.New("want entries, or else an open scheme"))
	}
	entries, err := parseEntries(s.Entries)
	if err != nil {
		return err
	}
	names := make(map[string]string, len(entries))
	for i, e := range s.Entries {
		if err := cmp.Or(required("name", e.Name), takeSpellings(names, e)); err != nil {
			return at(fmt.Sprintf("entries[%d]", i), err)
		}
	}
	c.resolve[s.ID] = names
	c.schemes = append(c.schemes, Scheme{s.ID, s.Title, s.Version, s.License, s.Note, s.Open, entries})
	return nil
}

// takeSpellings takes the spellings of an entry's id into names, each of them new.
func takeSpellings(names map[string]string, e packfile.Entry) error {
	for _, id := range append([]string{e.ID}, e.Also...) {
		if _, twice := names[id]; twice {
			return at("id", fmt.Errorf("%q is there twice", id))
		}
		names[id] = e.Name
	}
	return nil
}

func (c *Catalog) addCore(core *packfile.Core) error {
	for _, n := range []struct {
		member    string
		have, all int
	}{
		{"functions", len(core.Functions), coreFunctions},
		{"categories", len(core.Categories), coreCategories},
		{"subcategories", len(core.Subcategories), coreSubcategories},
	} {
		switch {
		case n.have == 0:
			return at(n.member, errors.New("empty"))
		case n.have != n.all && c.pack.ID == embeddedID:
			return at(n.member, fmt.Errorf("has %d entries, CSF 2.0 has %d", n.have, n.all))
		}
	}

	functions := map[string]bool{}
	for i, f := range core.Functions {
		err := cmp.Or(matches("id", f.ID, functionPattern), unique("id", f.ID, functions), required("name", f.Name))
		if err != nil {
			return at(fmt.Sprintf("functions[%d]", i), err)
		}
		functions[f.ID] = true
		c.functions = append(c.functions, Function{f.ID, f.Name})
	}

	// Core order: a Category stands with its Function, a Subcategory with its Category.
	c.catIndex = make(map[string]int, coreCategories)
	place := placer{}
	for _, f := range c.functions {
		place.parents = append(place.parents, f.ID)
	}
	for i, k := range core.Categories {
		err := cmp.Or(matches("id", k.ID, categoryPattern), required("name", k.Name))
		if err == nil {
			err = place.next(k.ID, k.ID[:2])
		}
		if err != nil {
			return at(fmt.Sprintf("categories[%d]", i), err)
		}
		c.catIndex[k.ID] = len(c.cats)
		c.cats = append(c.cats, Category{k.ID, k.Name, k.ID[:2]})
	}
	if err := place.end(); err != nil {
		return at("categories", err)
	}

	c.subIndex = make(map[string]int, coreSubcategories)
	place = placer{}
	for _, k := range c.cats {
		place.parents = append(place.parents, k.ID)
	}
	for i, s := range core.Subcategories {
		sub, err := c.parseSubcategory(s)
		if err == nil {
			err = place.next(s.ID, sub.Category)
		}
		if err != nil {
			return at(fmt.Sprintf("subcategories[%d]", i), err)
		}
		c.subIndex[s.ID] = len(c.subs)
		c.subs = append(c.subs, sub)
		c.places = append(c.places, [...]int{none, none, none})
	}
	if err := place.end(); err != nil {
		return at("subcategories", err)
	}
	return nil
}

var (
	subPattern      = pattern(`^[A-Z]{2}\.[A-Z]{2}-[0-9]{2}$`)
	functionPattern = pattern(`^[A-Z]{2}$`)
	categoryPattern = pattern(`^[A-Z]{2}\.[A-Z]{2}$`)
	controlPattern  = pattern(`^[A-Z]{2}(-[0-9]{1,2}(\([0-9]{1,2}\))?)?$`) // or a whole family: "PT"
)

func unique(member, id string, seen map[string]bool) error {
	if seen[id] {
		return at(member, fmt.Errorf("%s is there twice", id))
	}
	return nil
}

// placer checks that children come grouped by parent, in the order of the parents, each once and in
// ascending order of their numbers where they have some.
type placer struct {
	parents []string
	current int
	last    string          // child
	seen    map[string]bool // children
}

func (p *placer) next(child, parent string) error {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	if err := unique("id", child, p.seen); err != nil {
		return err
	}
	p.seen[child] = true
	if p.last != "" && parent != p.parents[p.current] {
		p.current++
	}
	if p.current >= len(p.parents) || parent != p.parents[p.current] {
		return at("id", fmt.Errorf("%s is out of order or belongs to nothing in the pack", child))
	}
	if isSub(p.last) && p.last[:5] == parent && child < p.last {
		return at("id", fmt.Errorf("%s is out of order, after %s", child, p.last))
	}
	p.last = child
	return nil
}

// end checks that every parent had a child.
func (p *placer) end() error {
	if p.current != len(p.parents)-1 {
		return fmt.Errorf("has nothing for %s", p.parents[p.current+1])
	}
	return nil
}

func (c *Catalog) parseSubcategory(s packfile.Subcategory) (Subcategory, error) {
	err := cmp.Or(
		matches("id", s.ID, subPattern),
		required("title", s.Title),
		required("outcome", s.Outcome),
		optional("general", s.General),
		page(s.Page),
	)
	if err != nil {
		return Subcategory{}, err
	}
	for i, id := range s.SP80053 {
		if err := matches(fmt.Sprintf("sp800_53[%d]", i), id, controlPattern); err != nil {
			return Subcategory{}, err
		}
	}
	refs, err := c.parseReferences(s.ID, s.References)
	if err != nil {
		return Subcategory{}, err
	}
	return Subcategory{
		ID: s.ID, Category: s.ID[:5], Title: s.Title, Outcome: s.Outcome, General: s.General,
		Page: s.Page, DraftSP800: s.SP80053, References: refs,
	}, nil
}

func page(n int) error {
	if n < 1 {
		return at("page", fmt.Errorf("is %d, want 1 or more", n))
	}
	return nil
}

// parseReferences resolves the references of a Subcategory or an item, which it names in errors.
func (c *Catalog) parseReferences(of string, refs []packfile.Reference) ([]Reference, error) {
	out := make([]Reference, len(refs))
	for i, r := range refs {
		name, err := c.parseReference(of, r)
		if err != nil {
			return nil, at(fmt.Sprintf("references[%d]", i), err)
		}
		out[i] = Reference{r.Scheme, r.ID, r.Label, name}
	}
	return out, nil
}

// parseReference returns the name of what a reference points to, "" where a document is cited as a
// whole or its scheme is open.
func (c *Catalog) parseReference(of string, r packfile.Reference) (string, error) {
	names, ok := c.resolve[r.Scheme]
	if !ok {
		return "", at("scheme", fmt.Errorf("%s cites %q, which %s does not have", of, r.Scheme, packfile.CatalogsFile))
	}
	if r.ID == "" {
		return "", required("label", r.Label)
	}
	if err := cmp.Or(optional("id", r.ID), optional("label", r.Label)); err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", nil
	}
	name, ok := names[r.ID]
	if !ok {
		return "", at("id", fmt.Errorf("%s cites %q, which the catalog of %s does not have", of, r.ID, r.Scheme))
	}
	return name, nil
}

// addItems takes the items of a Function, which must be those of its Subcategories in Core order: one
// at least for each, and in the embedded pack all three.
func (c *Catalog) addItems(function string, items []packfile.Item) error {
	n := 0
	for _, s := range c.subs {
		if s.ID[:2] != function {
			continue
		}
		first := n
		for _, area := range Areas {
			want := ItemID{s.ID, area}
			switch {
			case n < len(items) && items[n].ID == want.String():
				item, err := c.parseItem(want, &items[n])
				if err != nil {
					return at(fmt.Sprintf("items[%d]", n), err)
				}
				c.places[c.subIndex[s.ID]][area] = item.Index
				c.items = append(c.items, item)
				n++
			case c.pack.ID == embeddedID:
				return misplaced(items, n, want.String())
			}
		}
		if n == first {
			return misplaced(items, n, "an item of "+s.ID)
		}
	}
	if n != len(items) {
		return at(fmt.Sprintf("items[%d].id", n), fmt.Errorf("%q is no further item of %s", items[n].ID, function))
	}
	return nil
}

// addGlossary takes the terms, which come in the order of a dictionary, each once.
func (c *Catalog) addGlossary(terms []packfile.Term) error {
	for i, t := range terms {
		err := cmp.Or(required("term", t.Term), required("meaning", t.Meaning))
		if err == nil && i > 0 && strings.ToLower(t.Term) <= strings.ToLower(terms[i-1].Term) {
			err = at("term", fmt.Errorf("%q does not belong behind %q", t.Term, terms[i-1].Term))
		}
		if err != nil {
			return at(fmt.Sprintf("terms[%d]", i), err)
		}
		c.glossary = append(c.glossary, Term(t))
	}
	return nil
}

// misplaced says what is at a place of the list where something else belongs.
func misplaced(items []packfile.Item, n int, want string) error {
	if n == len(items) {
		return at("items", fmt.Errorf("%s is missing", want))
	}
	return at(fmt.Sprintf("items[%d].id", n), fmt.Errorf("is %q where %s belongs", items[n].ID, want))
}

func (c *Catalog) parseItem(id ItemID, w *packfile.Item) (Item, error) {
	if w.Priority < int(High) || w.Priority > int(Foundational) {
		return Item{}, at("priority", fmt.Errorf("is %d, want 1, 2 or 3", w.Priority))
	}
	if w.Opportunities != "" && id.Area != Defend {
		return Item{}, at("opportunities", errors.New("stands only with Defend"))
	}
	err := cmp.Or(
		page(w.Page),
		optional("considerations", w.Considerations),
		optional("opportunities", w.Opportunities),
		optional("reading", w.Reading),
		optional("hint", w.Hint),
		required("question", w.Question),
		required("why", w.Why),
		requiredList("good_practice", w.GoodPractice),
		requiredList("evidence", w.Evidence),
		requiredList("roles", w.Roles),
	)
	if err != nil {
		return Item{}, err
	}
	for i, r := range w.Roles {
		if !slices.Contains(Roles[:], r) || slices.Contains(w.Roles[:i], r) {
			return Item{}, at(fmt.Sprintf("roles[%d]", i), fmt.Errorf("%q is not one of the %d roles, or is there twice", r, len(Roles)))
		}
	}
	if len(w.Actions) == 0 {
		return Item{}, at("actions", errors.New("empty"))
	}
	steps := make([]Step, len(w.Actions))
	for i, a := range w.Actions {
		if err := required("text", a.Text); err != nil {
			return Item{}, at(fmt.Sprintf("actions[%d]", i), err)
		}
		if a.Effort != "S" && a.Effort != "M" && a.Effort != "L" {
			return Item{}, at(fmt.Sprintf("actions[%d].effort", i), fmt.Errorf("is %q, want S, M or L", a.Effort))
		}
		steps[i] = Step(a)
	}
	refs, err := c.parseReferences(w.ID, w.References)
	if err != nil {
		return Item{}, err
	}
	return Item{
		ID: id, Index: len(c.items), Priority: Priority(w.Priority), StandardPractices: w.StandardPractices, Page: w.Page,
		Considerations: w.Considerations, Opportunities: w.Opportunities, Reading: w.Reading, References: refs,
		Question: w.Question, Why: w.Why, GoodPractice: w.GoodPractice, Evidence: w.Evidence, Actions: steps, Roles: w.Roles, Hint: w.Hint,
	}, nil
}
