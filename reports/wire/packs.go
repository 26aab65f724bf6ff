package wire

import (
	"slices"

	"plumbline/assessment"
	"plumbline/content"
)

// ContentDiff is the data of KindContentDiff: what differs from one pack to another. Touched is null
// where no session was asked about.
type ContentDiff struct {
	From          Pack                `json:"from"`
	To            Pack                `json:"to"`
	SameFacts     bool                `json:"same_facts"` // the same pack with the same facts: no migration is needed
	Items         []ItemChange        `json:"items"`      // those that differ, in Core order
	Subcategories []SubcategoryChange `json:"subcategories"`
	Touched       *Touched            `json:"touched"`
}

// ItemChange is an item that differs. What the one or the other pack does not have is null there.
type ItemChange struct {
	Item              content.ItemID           `json:"item"`
	Title             string                   `json:"title"`
	Change            string                   `json:"change"` // added, removed or changed
	Priority          Change[content.Priority] `json:"priority"`
	StandardPractices Change[bool]             `json:"standard_practices"`
	Question          Change[string]           `json:"question"`
	Fields            []string                 `json:"fields"` // members that differ beside priority and standard_practices
	Reconfirm         bool                     `json:"to_confirm"`
}

// SubcategoryChange is a Subcategory that differs.
type SubcategoryChange struct {
	Subcategory string   `json:"subcategory"`
	Title       string   `json:"title"`
	Change      string   `json:"change"`
	Fields      []string `json:"fields"`
}

// Change is a value in the one pack and in the other.
type Change[T any] struct {
	From *T `json:"from"`
	To   *T `json:"to"`
}

// Touched is what of a session the difference touches.
type Touched struct {
	Responses []TouchedResponse `json:"responses"` // in Core order
	Bases     []TouchedBase     `json:"base_ratings"`
	Actions   []TouchedAction   `json:"actions"`
	Before    Figures           `json:"figures"`
	After     Figures           `json:"figures_after"`
}

// TouchedResponse is an item that differs and for which something is recorded or planned. States,
// priorities and what becomes of the response are those of before and after the migration; what there
// is no item for is null.
type TouchedResponse struct {
	Item            content.ItemID           `json:"item"`
	Title           string                   `json:"title"`
	Current         assessment.Rating        `json:"current"`
	Target          assessment.Rating        `json:"target"`
	Evidence        int                      `json:"evidence_count"`
	Actions         []string                 `json:"actions"`
	State           Change[assessment.State] `json:"state"`
	Priority        Change[content.Priority] `json:"priority"` // the organization's own where it has one
	Becomes         assessment.Fate          `json:"becomes"`
	EndsInheritance bool                     `json:"ends_inheritance"`
}

// TouchedBase is a base rating of a Subcategory that differs.
type TouchedBase struct {
	Subcategory string            `json:"subcategory"`
	Current     assessment.Rating `json:"current"`
	Becomes     assessment.Fate   `json:"becomes"`
}

// TouchedAction is an action that names items that differ.
type TouchedAction struct {
	ID    string           `json:"id"`
	Title string           `json:"title"`
	Items []content.ItemID `json:"items"` // those that differ
}

// ContentDiffOf returns what differs between two packs.
func ContentDiffOf(d content.Diff) ContentDiff {
	from, to := d.From.Pack(), d.To.Pack()
	w := ContentDiff{
		From: PackOf(d.From), To: PackOf(d.To), SameFacts: from.ID == to.ID && from.Facts == to.Facts,
		Items: []ItemChange{}, Subcategories: []SubcategoryChange{},
	}
	for _, c := range d.Items {
		row := ItemChange{Item: c.ID, Title: titleIn(c.ID.Sub, d.To, d.From), Change: change(c.From != nil, c.To != nil), Fields: list(c.Fields), Reconfirm: c.Asks()}
		if c.From != nil {
			row.Priority.From, row.StandardPractices.From, row.Question.From = &c.From.Priority, &c.From.StandardPractices, &c.From.Question
		}
		if c.To != nil {
			row.Priority.To, row.StandardPractices.To, row.Question.To = &c.To.Priority, &c.To.StandardPractices, &c.To.Question
		}
		w.Items = append(w.Items, row)
	}
	for _, c := range d.Subcategories {
		w.Subcategories = append(w.Subcategories, SubcategoryChange{
			c.ID, titleIn(c.ID, d.To, d.From), change(c.From != nil, c.To != nil), list(c.Fields),
		})
	}
	return w
}

func change(was, is bool) string {
	switch {
	case !was:
		return "added"
	case !is:
		return "removed"
	}
	return "changed"
}

// titleIn is the title that the first of the packs which has the Subcategory gives it.
func titleIn(sub string, packs ...*content.Catalog) string {
	for _, cat := range packs {
		if s, ok := cat.Subcategory(sub); ok {
			return s.Title
		}
	}
	return ""
}

// MigrationOf returns what differs between two packs and what that does to a session.
func MigrationOf(m assessment.Migration) ContentDiff {
	w := ContentDiffOf(m.Diff)
	threshold := m.Before.Info().Threshold
	t := &Touched{
		[]TouchedResponse{},
		[]TouchedBase{},
		[]TouchedAction{},
		FiguresOf(m.Before.Tally(), threshold), FiguresOf(m.After.Tally(), threshold),
	}
	var touched []content.ItemID
	for _, it := range m.Items {
		touched = append(touched, it.ID)
		row := TouchedResponse{
			Item: it.ID, Title: titleIn(it.ID.Sub, m.Diff.To, m.Diff.From), Actions: actionIDs(m.Before, it.ID),
			Becomes: it.Fate, EndsInheritance: it.EndsInheritance,
		}
		for _, side := range []struct {
			e        assessment.Entry
			state    **assessment.State
			priority **content.Priority
		}{{it.Before, &row.State.From, &row.Priority.From}, {it.After, &row.State.To, &row.Priority.To}} {
			if side.e.Item == nil {
				continue
			}
			r := side.e.Response
			row.Current, row.Target, row.Evidence = r.Current, r.Target, len(r.Evidence)
			*side.state, *side.priority = new(side.e.State), new(side.e.Priority)
		}
		t.Responses = append(t.Responses, row)
	}
	for _, b := range m.Bases {
		t.Bases = append(t.Bases, TouchedBase{b.Sub, b.Base.Current, b.Fate})
	}
	for _, a := range m.Before.Actions() {
		var items []content.ItemID
		for _, id := range a.Items {
			if slices.Contains(touched, id) {
				items = append(items, id)
			}
		}
		if len(items) > 0 {
			t.Actions = append(t.Actions, TouchedAction{a.ID, a.Title, items})
		}
	}
	w.Touched = t
	return w
}

// Migrated is the data of KindMigrate: what a migration did, or with dry_run what it would do.
type Migrated struct {
	DryRun bool        `json:"dry_run"`
	Diff   ContentDiff `json:"diff"`
	Backup string      `json:"backup"` // file; "" where nothing was changed
	Events []EventRow  `json:"events"`
}

// Aside is what is recorded for an item or a Subcategory that the session's pack no longer has. It
// counts in no figure.
type Aside struct {
	ID       string            `json:"id"` // of the item, or of the Subcategory of a base rating
	Title    string            `json:"title"`
	Question string            `json:"question"`
	Pack     PackPin           `json:"pack"` // that had it
	Current  assessment.Rating `json:"current"`
	Target   assessment.Rating `json:"target"`
	Reason   string            `json:"reason"` // why it was out of profile
	Owner    string            `json:"owner"`
	Note     string            `json:"note"`
	Evidence []Evidence        `json:"evidence"`
	Actions  []string          `json:"actions"` // ids
}

// AsidesOf returns what is recorded for what the pack no longer has.
func AsidesOf(s *assessment.Snapshot) []Aside {
	w := make([]Aside, 0, len(s.Asides()))
	for _, a := range s.Asides() {
		row := Aside{
			ID: a.ID, Title: a.Title, Question: a.Question, Pack: PackPin{a.Pack.ID, a.Pack.Edition, a.Pack.Facts},
			Evidence: []Evidence{}, Actions: []string{},
		}
		if b := a.Base; b != nil {
			row.Current, row.Note = b.Current, b.Note
		}
		if r := a.Response; r != nil {
			row.Current, row.Target, row.Reason, row.Owner, row.Note = r.Current, r.Target, r.Out, r.Owner, r.Note
			row.Evidence = evidenceOf(r)
		}
		if id, err := content.ParseItemID(a.ID); err == nil {
			row.Actions = actionIDs(s, id)
		}
		w = append(w, row)
	}
	return w
}
