package wire

import (
	"plumbline/content"
	"plumbline/content/official"
)

// Official is NIST's official wording around an item, as the user added it. It is NIST's, not ours.
type Official struct {
	Source   OfficialSource `json:"source"`
	From     string         `json:"from"`     // the source in one line
	Function string         `json:"function"` // the outcome of the item's Function
	Category string         `json:"category"` // of its Category
	Outcome  string         `json:"outcome"`  // of its Subcategory
	Examples []string       `json:"examples"` // how the Subcategory may be implemented
}

// OfficialSource says which file of NIST's the wording was read from.
type OfficialSource struct {
	Kind    official.Kind `json:"kind"`
	Title   string        `json:"title"`   // what the file calls itself
	Version string        `json:"version"` // "" where the file names none
	File    string        `json:"file"`
	SHA256  string        `json:"sha256"`
}

// OfficialSourceOf returns where a wording is from.
func OfficialSourceOf(w *official.Wording) OfficialSource { return OfficialSource(w.Source) }

// OfficialOf returns what a wording says of an item.
func OfficialOf(w *official.Wording, id content.ItemID) *Official {
	fn, _ := w.Entry(id.Function())
	cat, _ := w.Entry(id.Category())
	sub, _ := w.Entry(id.Sub)
	return &Official{OfficialSourceOf(w), w.Source.String(), fn.Text, cat.Text, sub.Text, list(sub.Examples)}
}

// OfficialAdded is the data of KindContentAdd: what was read of a file of NIST's, and where it is kept.
type OfficialAdded struct {
	Source        OfficialSource  `json:"source"`
	Kept          string          `json:"kept"` // path of the file
	Functions     int             `json:"functions"`
	Categories    int             `json:"categories"`
	Subcategories int             `json:"subcategories"`
	Examples      int             `json:"examples"`
	Withdrawn     int             `json:"withdrawn"` // entries of earlier versions that were left out
	Notices       []string        `json:"notices"`
	Replaced      *OfficialSource `json:"replaced"` // null where nothing was kept, or nothing that can be read
}

// OfficialAddedOf returns what there is to say of a wording that is kept at path.
func OfficialAddedOf(w *official.Wording, path string) OfficialAdded {
	n := w.Counts()
	return OfficialAdded{
		Source: OfficialSourceOf(w), Kept: path,
		Functions: n.Functions, Categories: n.Categories, Subcategories: n.Subcategories, Examples: n.Examples,
		Withdrawn: w.Withdrawn, Notices: list(w.Notices),
	}
}
