package model

import (
	"cmp"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
)

// annex shows the Subcategories that have a gap through the pack's lenses: where to look in other
// frameworks, by their ids. It says whose each mapping is, and what a mapping is not.
func (b *builder) annex() []Block {
	blocks := []Block{Para{Text: content.MappingNote +
		" This annex says where other frameworks speak of the Subcategories that have a gap. It adds nothing to any figure."}}
	table := Table{
		ID: "frameworks-table", Caption: "Subcategories with a gap, in other frameworks",
		Columns: []Column{{"Subcategory", Head}},
	}
	var lenses []*content.Lens
	sources := Facts{}
	for l := range b.cat.Lenses() {
		lenses = append(lenses, l)
		table.Columns = append(table.Columns, Column{l.Title, Words})
		lines := []string{sentence(l.Status), sentence("Source: " + l.Source)}
		if l.Note != "" {
			lines = append(lines, l.Note)
		}
		sources.Facts = append(sources.Facts, Fact{Term: l.Title, Lines: lines, Style: Bullets})
	}
	for sub := range b.cat.Subcategories() {
		var open []content.ItemID
		for _, e := range b.gaps {
			if e.Item.ID.Sub == sub.ID {
				open = append(open, e.Item.ID)
			}
		}
		if len(open) == 0 {
			continue
		}
		r := Row{Cells: []Cell{{Text: sub.ID, Sub: sub.Title}}}
		for _, l := range lenses {
			r.Cells = append(r.Cells, words(mapped(l, open)))
		}
		table.Rows = append(table.Rows, r)
	}
	if len(table.Rows) == 0 {
		return append(blocks, Para{Text: "No Subcategory has a gap."})
	}
	return append(append(blocks, table, Heading{"Whose mappings these are"}, sources), b.cited()...)
}

// cited lists what the draft itself cites for the items that have a gap, by the catalogs that the
// references point into, and says which edition of each is meant.
func (b *builder) cited() []Block {
	items := slices.Clone(b.gaps)
	slices.SortFunc(items, func(x, y assessment.Entry) int { return cmp.Compare(x.Item.Index, y.Item.Index) })
	t := Table{ID: "cited-table", Caption: "Items with a gap, and what the draft cites for them", Columns: []Column{{"Item", Head}}}
	for _, e := range items {
		t.Rows = append(t.Rows, row(words(e.Item.ID.String())))
	}
	editions := Facts{}
	for s := range b.cat.Schemes() {
		column, any := make([]Cell, len(items)), false
		for i, e := range items {
			sub, _ := b.cat.Subcategory(e.Item.ID.Sub)
			var ids []string
			for _, ref := range append(slices.Clone(sub.References), e.Item.References...) {
				if ref.Scheme == s.ID && !s.Open {
					ids = append(ids, cmp.Or(ref.ID, ref.Label))
				}
			}
			column[i], any = words(cmp.Or(strings.Join(ids, ", "), "–")), any || len(ids) > 0
		}
		if !any {
			continue
		}
		short, _, _ := strings.Cut(s.Title, ",")
		t.Columns = append(t.Columns, Column{short, Words})
		for i := range t.Rows {
			t.Rows[i].Cells = append(t.Rows[i].Cells, column[i])
		}
		lines := []string{sentence(strings.TrimSuffix(s.Title+", "+s.Version, ", "))}
		if s.Note != "" {
			lines = append(lines, s.Note)
		}
		editions.Facts = append(editions.Facts, Fact{Term: short, Lines: lines, Style: Bullets})
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(r Row) bool {
		return !slices.ContainsFunc(r.Cells[1:], func(c Cell) bool { return c.Text != "–" })
	})
	return []Block{t, Heading{"Which editions the draft's references are shown in"}, editions}
}

func sentence(s string) string { return strings.TrimSuffix(s, ".") + "." }

// mapped lists the ids that a lens ties to the items, each once.
func mapped(l *content.Lens, items []content.ItemID) string {
	var ids []string
	seen := make(map[string]bool)
	for _, id := range items {
		for _, e := range l.ForItem(id) {
			if !seen[e.ID] {
				seen[e.ID] = true
				ids = append(ids, e.ID)
			}
		}
	}
	if len(ids) == 0 {
		return "–"
	}
	return strings.Join(ids, ", ")
}
