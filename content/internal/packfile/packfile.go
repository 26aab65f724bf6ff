// Package packfile holds the shapes of a pack's files, one way to write them and one strict way to
// read them. The loader and the generator share it, so that neither can know a member that the
// other does not. It judges form alone: what a pack must hold is for package content to say.
package packfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Schema is what a manifest names as its form; a reader refuses any other.
const Schema = "plumbline/pack/1"

// Names of files of which a pack has exactly one. Items are in one file per Function (ItemsFile),
// lenses in files whose names begin with LensPrefix.
const (
	ManifestFile = "manifest.json"
	CoreFile     = "core.json"
	CatalogsFile = "catalogs.json"
	GlossaryFile = "glossary.json"
	LensPrefix   = "lens-"
)

// ItemsFile returns the name of the file with the items of a Function: "items-GV.json".
func ItemsFile(function string) string { return "items-" + function + ".json" }

// Manifest says which pack this is and pins every other file of it.
type Manifest struct {
	Schema      string   `json:"schema"`
	ID          string   `json:"id"`
	Edition     int      `json:"edition"`
	Title       string   `json:"title"`
	Status      string   `json:"status"`
	Language    string   `json:"language"`
	Date        string   `json:"date"` // of the edition, YYYY-MM-DD
	Document    Document `json:"document"`
	Wording     string   `json:"wording"`
	FactsSHA256 string   `json:"facts_sha256"` // FactsHash over the items
	Files       []File   `json:"files"`        // every file but the manifest
}

// Document is what the pack follows.
type Document struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Published string `json:"published"`
	URL       string `json:"url"`
	SHA256    string `json:"sha256"` // of the PDF
}

// File pins a file of the pack.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Core is core.json.
type Core struct {
	Functions     []Named       `json:"functions"`
	Categories    []Named       `json:"categories"`
	Subcategories []Subcategory `json:"subcategories"`
}

// Named is an id with NIST's name for it.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Subcategory is a Subcategory of the Core with what the draft says of all three Focus Areas.
type Subcategory struct {
	ID         string      `json:"id"`
	Title      string      `json:"title"`
	Outcome    string      `json:"outcome"`
	General    string      `json:"general,omitempty"`
	Page       int         `json:"page"`
	SP80053    []string    `json:"sp800_53"`
	References []Reference `json:"references"`
}

// Reference is an Informative Reference: an id of a scheme, or a label where there is no id.
type Reference struct {
	Scheme string `json:"scheme"`
	ID     string `json:"id,omitempty"`
	Label  string `json:"label,omitempty"`
}

// Items is items-XX.json, in Core order.
type Items struct {
	Items []Item `json:"items"`
}

// Item is one Subcategory seen through one Focus Area. Members up to References restate or carry
// the draft; those from Question on are the pack's own.
type Item struct {
	ID                string      `json:"id"`
	Priority          int         `json:"priority"`
	StandardPractices bool        `json:"standard_practices"`
	Page              int         `json:"page"`
	Considerations    string      `json:"considerations,omitempty"`
	Opportunities     string      `json:"opportunities,omitempty"`
	Reading           string      `json:"reading,omitempty"`
	References        []Reference `json:"references"`
	Question          string      `json:"question"`
	Why               string      `json:"why"`
	GoodPractice      []string    `json:"good_practice"`
	Evidence          []string    `json:"evidence"`
	Actions           []Step      `json:"actions"`
	Roles             []string    `json:"roles"`
	Hint              string      `json:"hint,omitempty"`
}

// Step is a step that would close a gap.
type Step struct {
	Text   string `json:"text"`
	Effort string `json:"effort"`
}

// Glossary is glossary.json: the abbreviations and terms that the texts use.
type Glossary struct {
	Terms []Term `json:"terms"`
}

// Term is an abbreviation or a term and what it means, in a line.
type Term struct {
	Term    string `json:"term"`
	Meaning string `json:"meaning"`
}

// Catalogs is catalogs.json: what the references resolve to.
type Catalogs struct {
	Schemes []Scheme `json:"schemes"`
}

// Scheme is a document, or a family of documents, that references point into. The ids of an open
// scheme are carried as cited and resolve to nothing.
type Scheme struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Version string  `json:"version,omitempty"`
	License string  `json:"license,omitempty"`
	Note    string  `json:"note,omitempty"`
	Open    bool    `json:"open,omitempty"`
	Entries []Entry `json:"entries,omitempty"`
}

// Lens is lens-XX.json: another framework's entries and how the Core maps onto them. Areas limits
// what is mapped by Subcategory to some Focus Areas; none means all.
type Lens struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Source  string    `json:"source"`
	Status  string    `json:"status"`
	License string    `json:"license,omitempty"`
	Note    string    `json:"note,omitempty"`
	Areas   []string  `json:"areas,omitempty"`
	Entries []Entry   `json:"entries"`
	Map     []Mapping `json:"map"`
}

// Entry is one thing that a catalog or a lens names. Also holds other spellings of its id.
type Entry struct {
	ID   string   `json:"id"`
	Name string   `json:"name,omitempty"`
	Kind string   `json:"kind,omitempty"`
	Note string   `json:"note,omitempty"`
	Tags []string `json:"tags,omitempty"`
	Also []string `json:"also,omitempty"`
}

// Mapping maps a Subcategory ("GV.OC-01") or an item ("GV.OC-01/secure") to entries of its lens.
type Mapping struct {
	ID   string   `json:"id"`
	To   []string `json:"to"`
	Note string   `json:"note,omitempty"`
}

// Encode writes v as every file of a pack is written: indented, members in the order of the shape,
// one newline at the end. The same value gives the same bytes.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Sum returns the hex SHA-256 of data.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// FactsHash returns the hex SHA-256 of the lines "GV.OC-01/secure 3 true\n" (id, priority,
// standard_practices) of the items in the order given, which is Core order. Two packs with the same
// hash rate the same things in the same sequence, whatever their wording.
func FactsHash(items []Item) string {
	h := sha256.New()
	for i := range items {
		it := &items[i]
		fmt.Fprintf(h, "%s %d %t\n", it.ID, it.Priority, it.StandardPractices)
	}
	return hex.EncodeToString(h.Sum(nil))
}
