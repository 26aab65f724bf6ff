// Package content holds packs: versioned sets of what an assessment asks. A pack carries facts of
// its source document (ids, names, priorities, pages, references) and wording of our own; the
// embedded one follows NIST IR 8596, an initial preliminary draft. The package knows nothing of
// assessments, terminals or disks.
package content

import (
	"iter"
	"strings"
)

// Function is a Function of the CSF 2.0 Core, which has six.
type Function struct {
	ID   string // "GV"
	Name string // "Govern"
}

// Category is a Category of the CSF 2.0 Core, which has 22.
type Category struct {
	ID       string // "GV.OC"
	Name     string // "Organizational Context"
	Function string // "GV"
}

// Subcategory is a Subcategory of the CSF 2.0 Core, which has 106. Title and outcome are in our
// words; General restates what the draft says of all three Focus Areas.
type Subcategory struct {
	ID         string
	Category   string
	Title      string
	Outcome    string
	General    string      // "" where the draft has none
	Page       int         // page of the draft's PDF
	DraftSP800 []string    // SP 800-53 ids as the draft cites them: "PM-11"
	References []Reference // those that the draft gives for all Focus Areas
}

// Reference is an Informative Reference as the draft cites it. Name is what the pack's catalog of
// the scheme calls it, where there is one.
type Reference struct {
	Scheme string // "dasf", "atlas", "owasp-llm", "other", …
	ID     string // "DASF 50", or "" where the draft cites a document as a whole
	Label  string // what the draft prints where there is no id
	Name   string
}

// String returns the reference as a list shows it: "DASF 50 Platform compliance", "AI Transparency",
// "ENISA Threat Landscape 2025". An id without a digit is itself a name, of which the catalog's
// spelling stands alone. The scheme's title is not part of it.
func (r Reference) String() string {
	switch {
	case r.ID == "":
		return r.Label
	case r.Name == "":
		return r.ID
	case !strings.ContainsAny(r.ID, "0123456789"):
		return r.Name
	}
	return r.ID + " " + r.Name
}

// Item is a Subcategory seen through a Focus Area. Index is its place among the items of its pack, in
// Core order (Subcategory by Subcategory, each with those that it has of Secure, Defend, Thwart).
type Item struct {
	ID                ItemID
	Index             int
	Priority          Priority
	StandardPractices bool // the draft says that standard cybersecurity practices apply
	Page              int
	Considerations    string // the draft's points, restated; "" where it has none
	Opportunities     string // Defend only
	Reading           string // how the draft is read where it prints something odd; "" nearly everywhere
	References        []Reference

	Question     string
	Why          string
	GoodPractice []string
	Evidence     []string
	Actions      []Step
	Roles        []string
	Hint         string // when the item often does not apply; "" for most. Advice, never applied by itself
}

// Term is an abbreviation or a term that the texts use, and what it means in a line.
type Term struct {
	Term    string `json:"term"`
	Meaning string `json:"meaning"`
}

// Step is a step that would close a gap, with its effort: S (days), M (weeks) or L (months).
type Step struct {
	Text   string `json:"text"`
	Effort string `json:"effort"`
}

// Roles lists the roles that items name as the people to ask, from the top of the organization to
// the console. A pack may use no others.
var Roles = [...]string{
	"CISO", "Risk/Audit", "Legal/Privacy", "Business owner", "Procurement/Third-party", "HR/Training", "Communications",
	"AI/ML lead", "Data owner", "Software engineering", "Platform/Cloud", "IAM", "SOC lead",
}

// Scheme is a document, or a family of documents, that references point into. The entries are its
// catalog; an open scheme has none, and its references are carried as the draft prints them.
type Scheme struct {
	ID      string // "dasf"
	Title   string // "Databricks AI Security Framework"
	Version string
	License string
	Note    string
	Open    bool
	entries []Entry
}

// Entries yields the catalog of the scheme, in its own order.
func (s Scheme) Entries() iter.Seq[Entry] { return values(s.entries) }

// Entry is one thing that a catalog or a lens names: a control, a technique, a risk. Which of the
// members are set depends on where it stands.
type Entry struct {
	ID   string
	Name string
	Kind string   // "control", "mitigation", "risk", …
	Note string   // our words
	Tags []string // such as the SP 800-53B baselines of a control
}

// Catalog is a loaded pack. It is read only and safe for concurrent use.
type Catalog struct {
	pack      Pack
	functions []Function
	cats      []Category
	subs      []Subcategory
	items     []Item
	places    [][len(Areas)]int // by Subcategory and Focus Area: index of the item, none without one
	catIndex  map[string]int
	subIndex  map[string]int
	glossary  []Term
	schemes   []Scheme
	resolve   map[string]map[string]string // scheme -> id in any spelling -> name
	lenses    []lensSlot
}

// Pack says which pack a catalog is.
type Pack struct {
	ID       string // "nist-ir-8596-iprd"
	Edition  int    // of our wording: grows when texts change and facts do not
	Title    string
	Status   string // "initial preliminary draft"
	Document string // the id of the document that it follows: "NIST IR 8596 iprd"
	Source   string // that document with title and date
	Facts    string // hex SHA-256 of ids, priorities and standard_practices, in Core order
	SHA256   string // hex SHA-256 of the manifest, which holds the hash of every file
	Language string // "en-US"
}

// Pack says which pack this is.
func (c *Catalog) Pack() Pack { return c.pack }

// Len returns the number of items.
func (c *Catalog) Len() int { return len(c.items) }

// At returns the item with the given index, 0 to Len()-1.
func (c *Catalog) At(index int) *Item { return &c.items[index] }

// Items yields all items in Core order.
func (c *Catalog) Items() iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for i := range c.items {
			if !yield(&c.items[i]) {
				return
			}
		}
	}
}

// none stands in Catalog.places where the pack has no item.
const none = -1

// Index returns the index of an item. A pack need not have all three items of a Subcategory.
func (c *Catalog) Index(id ItemID) (int, bool) {
	sub, ok := c.subIndex[id.Sub]
	if !ok || int(id.Area) >= len(Areas) || c.places[sub][id.Area] == none {
		return 0, false
	}
	return c.places[sub][id.Area], true
}

// Item returns the item of that id.
func (c *Catalog) Item(id ItemID) (*Item, bool) {
	i, ok := c.Index(id)
	if !ok {
		return nil, false
	}
	return &c.items[i], true
}

// Glossary yields the terms that the texts use, in the order of a dictionary.
func (c *Catalog) Glossary() iter.Seq[Term] { return values(c.glossary) }

// Functions yields the Functions in Core order.
func (c *Catalog) Functions() iter.Seq[Function] { return values(c.functions) }

// Categories yields the Categories in Core order.
func (c *Catalog) Categories() iter.Seq[Category] { return values(c.cats) }

// Subcategories yields the Subcategories in Core order.
func (c *Catalog) Subcategories() iter.Seq[*Subcategory] {
	return func(yield func(*Subcategory) bool) {
		for i := range c.subs {
			if !yield(&c.subs[i]) {
				return
			}
		}
	}
}

// Function returns the Function of that id.
func (c *Catalog) Function(id string) (Function, bool) {
	for _, f := range c.functions {
		if f.ID == id {
			return f, true
		}
	}
	return Function{}, false
}

// Category returns the Category of that id.
func (c *Catalog) Category(id string) (Category, bool) {
	i, ok := c.catIndex[id]
	if !ok {
		return Category{}, false
	}
	return c.cats[i], true
}

// Subcategory returns the Subcategory of that id.
func (c *Catalog) Subcategory(id string) (*Subcategory, bool) {
	i, ok := c.subIndex[id]
	if !ok {
		return nil, false
	}
	return &c.subs[i], true
}

// Schemes yields what references point into, in the pack's order.
func (c *Catalog) Schemes() iter.Seq[Scheme] { return values(c.schemes) }

// Scheme returns the scheme of that id: "dasf", "atlas", ….
func (c *Catalog) Scheme(id string) (Scheme, bool) {
	for _, s := range c.schemes {
		if s.ID == id {
			return s, true
		}
	}
	return Scheme{}, false
}

func values[T any](s []T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, v := range s {
			if !yield(v) {
				return
			}
		}
	}
}
