package model

import (
	"strings"

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
	return append(blocks, table, Heading{"Whose mappings these are"}, sources)
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
