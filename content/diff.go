package content

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Diff is what differs from one pack to another.
type Diff struct {
	From, To      *Catalog
	Items         []ItemDiff        // those that differ, in Core order
	Subcategories []SubcategoryDiff // those that differ, in Core order
}

// ItemDiff is an item that differs. From is nil where it was added, To where it was removed. Fields
// are the members of the pack's files that differ beside priority and standard_practices, such as
// "question"; there are none where the item was added or removed.
type ItemDiff struct {
	ID       ItemID
	From, To *Item
	Fields   []string
}

// Facts reports whether the priority, or whether standard practices apply, is another one.
func (d ItemDiff) Facts() bool {
	return d.From != nil && d.To != nil &&
		(d.From.Priority != d.To.Priority || d.From.StandardPractices != d.To.StandardPractices)
}

// Asks reports whether an answer that was given to the one needs a second look under the other: the
// facts differ, or the wording of the question does.
func (d ItemDiff) Asks() bool { return d.Facts() || slices.Contains(d.Fields, "question") }

// SubcategoryDiff is a Subcategory that differs. From is nil where it was added, To where it was
// removed. Fields are the members of the pack's core.json that differ.
type SubcategoryDiff struct {
	ID       string
	From, To *Subcategory
	Fields   []string
}

// Compare says what differs from one pack to another, item by item.
func Compare(from, to *Catalog) Diff {
	d := Diff{From: from, To: to}
	merge(from.items, to.items, func(it *Item) string { return it.ID.String() }, func(a, b *Item) {
		switch {
		case a == nil:
			d.Items = append(d.Items, ItemDiff{ID: b.ID, To: b})
		case b == nil:
			d.Items = append(d.Items, ItemDiff{ID: a.ID, From: a})
		default:
			c := ItemDiff{a.ID, a, b, differing(*a, *b)}
			if c.Facts() || len(c.Fields) > 0 {
				d.Items = append(d.Items, c)
			}
		}
	})
	merge(from.subs, to.subs, func(s *Subcategory) string { return s.ID }, func(a, b *Subcategory) {
		switch {
		case a == nil:
			d.Subcategories = append(d.Subcategories, SubcategoryDiff{ID: b.ID, To: b})
		case b == nil:
			d.Subcategories = append(d.Subcategories, SubcategoryDiff{ID: a.ID, From: a})
		default:
			if fields := differing(*a, *b); len(fields) > 0 {
				d.Subcategories = append(d.Subcategories, SubcategoryDiff{a.ID, a, b, fields})
			}
		}
	})
	return d
}

// merge hands over what two lists hold, by id, in the order of both: pairs, and with nil what only
// one of them has.
func merge[T any](from, to []T, id func(*T) string, pair func(a, b *T)) {
	place := make(map[string]int, len(to))
	for i := range to {
		place[id(&to[i])] = i
	}
	had := make(map[string]bool, len(from))
	for i := range from {
		had[id(&from[i])] = true
	}
	next := 0
	added := func(before int) {
		for ; next < before; next++ {
			if !had[id(&to[next])] {
				pair(nil, &to[next])
			}
		}
	}
	for i := range from {
		at, ok := place[id(&from[i])]
		if !ok {
			pair(&from[i], nil)
			continue
		}
		added(at)
		pair(&from[i], &to[at])
	}
	added(len(to))
}

// unlike are the fields that are told apart from the others, or follow from them.
var unlike = []string{"ID", "Index", "Priority", "StandardPractices"}

// differing names the fields of two items, or of two Subcategories, that differ.
func differing[T any](a, b T) []string {
	var names []string
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		f := va.Type().Field(i)
		if f.IsExported() && !slices.Contains(unlike, f.Name) &&
			!reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			names = append(names, memberName(f.Name))
		}
	}
	return names
}

// memberName is the name that a field has in the pack's files: "good_practice".
func memberName(field string) string {
	if field == "DraftSP800" {
		return "sp800_53"
	}
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
