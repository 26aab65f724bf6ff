package wire

import "plumbline/content"

// ContentList is the data of KindContentList: what a pack asks, in brief.
type ContentList struct {
	Functions  []FunctionRow    `json:"functions"`
	Categories []CategoryRow    `json:"categories"`
	Items      []ContentItemRow `json:"items"` // in Core order
	Lenses     []LensRow        `json:"lenses"`
}

// FunctionRow is a Function of the CSF 2.0 Core.
type FunctionRow struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// CategoryRow is a Category of the CSF 2.0 Core.
type CategoryRow struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Function string `json:"function"`
}

// ContentItemRow is an item in a list. Priority is the draft's: 1 High, 2 Moderate, 3 Foundational.
type ContentItemRow struct {
	Item              content.ItemID   `json:"item"`
	Title             string           `json:"title"`
	Priority          content.Priority `json:"priority"`
	StandardPractices bool             `json:"standard_practices"`
	Page              int              `json:"page"`
	Question          string           `json:"question"`
}

// LensRow names a lens of a pack.
type LensRow struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Source string `json:"source"`
	Status string `json:"status"`
	Note   string `json:"note"`
}

// ContentListOf returns what a pack asks, in brief; items that keep refuses are left out. A nil keep
// keeps all.
func ContentListOf(cat *content.Catalog, keep func(*content.Item) bool) ContentList {
	w := ContentList{[]FunctionRow{}, []CategoryRow{}, []ContentItemRow{}, []LensRow{}}
	for f := range cat.Functions() {
		w.Functions = append(w.Functions, FunctionRow(f))
	}
	for c := range cat.Categories() {
		w.Categories = append(w.Categories, CategoryRow(c))
	}
	for it := range cat.Items() {
		if keep != nil && !keep(it) {
			continue
		}
		row := ContentItemRow{it.ID, "", it.Priority, it.StandardPractices, it.Page, it.Question}
		if sub, ok := cat.Subcategory(it.ID.Sub); ok {
			row.Title = sub.Title
		}
		w.Items = append(w.Items, row)
	}
	for l := range cat.Lenses() {
		w.Lenses = append(w.Lenses, LensRow{l.ID, l.Title, l.Source, l.Status, l.Note})
	}
	return w
}

// ContentItem is the data of KindContentItem: all that a pack says of an item. Considerations,
// opportunities and general restate the draft; page is that of its PDF.
type ContentItem struct {
	Item              content.ItemID   `json:"item"`
	Area              content.Area     `json:"focus_area"`
	AreaName          string           `json:"focus_area_name"`
	Function          FunctionRow      `json:"function"`
	Category          CategoryRow      `json:"category"`
	Subcategory       Subcategory      `json:"subcategory"`
	Priority          content.Priority `json:"priority"`
	StandardPractices bool             `json:"standard_practices"`
	Page              int              `json:"page"`
	Considerations    string           `json:"considerations"`
	Opportunities     string           `json:"opportunities"`
	Reading           string           `json:"reading"`
	References        []Reference      `json:"references"`
	Question          string           `json:"question"`
	Why               string           `json:"why"`
	GoodPractice      []string         `json:"good_practice"`
	Evidence          []string         `json:"evidence"`
	Steps             []content.Step   `json:"steps"`
	Roles             []string         `json:"roles"`
	Hint              string           `json:"hint"`
	Lenses            []Lens           `json:"lenses"`
	MappingNote       string           `json:"mapping_note"`
	Official          *Official        `json:"official"` // null where the user added no file of NIST's
}

// Subcategory is the Subcategory of an item.
type Subcategory struct {
	ID         string      `json:"id"`
	Title      string      `json:"title"`
	Outcome    string      `json:"outcome"`
	General    string      `json:"general"`
	Page       int         `json:"page"`
	DraftSP800 []string    `json:"draft_sp800_53"`
	References []Reference `json:"references"`
}

// Reference is an Informative Reference as the draft cites it.
type Reference struct {
	Scheme      string `json:"scheme"`
	SchemeTitle string `json:"scheme_title"`
	ID          string `json:"id"`
	Label       string `json:"label"`
	Name        string `json:"name"`
}

// Lens is what an item maps to in another framework.
type Lens struct {
	LensRow
	Remark  string      `json:"remark"`
	Entries []LensEntry `json:"entries"`
}

// LensEntry is a control, a technique or a risk of another framework.
type LensEntry struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Kind string   `json:"kind"`
	Note string   `json:"note"`
	Tags []string `json:"tags"`
}

// ContentItemOf returns all that a pack says of an item. Official is for the caller to set.
func ContentItemOf(cat *content.Catalog, it *content.Item) ContentItem {
	w := ContentItem{
		Item: it.ID, Area: it.ID.Area, AreaName: it.ID.Area.Name(),
		Priority: it.Priority, StandardPractices: it.StandardPractices, Page: it.Page,
		Considerations: it.Considerations, Opportunities: it.Opportunities, Reading: it.Reading,
		References: referencesOf(cat, it.References),
		Question:   it.Question, Why: it.Why, GoodPractice: list(it.GoodPractice), Evidence: list(it.Evidence),
		Steps: list(it.Actions), Roles: list(it.Roles), Hint: it.Hint, Lenses: []Lens{}, MappingNote: content.MappingNote,
	}
	if f, ok := cat.Function(it.ID.Function()); ok {
		w.Function = FunctionRow(f)
	}
	if c, ok := cat.Category(it.ID.Category()); ok {
		w.Category = CategoryRow(c)
	}
	if s, ok := cat.Subcategory(it.ID.Sub); ok {
		w.Subcategory = Subcategory{
			s.ID, s.Title, s.Outcome, s.General, s.Page, list(s.DraftSP800), referencesOf(cat, s.References),
		}
	}
	for l := range cat.Lenses() {
		lens := Lens{LensRow{l.ID, l.Title, l.Source, l.Status, l.Note}, l.Why(it.ID.String()), []LensEntry{}}
		if lens.Remark == "" {
			lens.Remark = l.Why(it.ID.Sub)
		}
		for _, e := range l.ForItem(it.ID) {
			lens.Entries = append(lens.Entries, LensEntry{e.ID, e.Name, e.Kind, e.Note, list(e.Tags)})
		}
		w.Lenses = append(w.Lenses, lens)
	}
	return w
}

func referencesOf(cat *content.Catalog, refs []content.Reference) []Reference {
	w := make([]Reference, 0, len(refs))
	for _, r := range refs {
		row := Reference{Scheme: r.Scheme, ID: r.ID, Label: r.Label, Name: r.Name}
		if s, ok := cat.Scheme(r.Scheme); ok {
			row.SchemeTitle = s.Title
		}
		w = append(w, row)
	}
	return w
}
