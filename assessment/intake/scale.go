package intake

import (
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
)

// Scale is a scale of a file that is not ours. Its values become ratings only through a Mapping.
type Scale struct {
	Name   string // unique in the file: "Current Status", "Q1 Actual Score"
	Rates  string // what a mapped value becomes: "base rating" or "current"
	Values []ScaleValue
}

// ScaleValue is a value of a scale, as the file has it.
type ScaleValue struct {
	Text     string
	Count    int               // how many statements have it
	Proposed assessment.Rating // what it may well mean; Unrated proposes nothing
}

// Proposal returns the mapping that takes every proposal as it is, for a person to agree to.
func (s Scale) Proposal() Mapping {
	m := make(Mapping)
	for _, v := range s.Values {
		if v.Proposed.Known() {
			m[v.Text] = v.Proposed
		}
	}
	return m
}

// Mapping says what the values of a scale mean, by their text. A value that is not in it is not
// applied.
type Mapping map[string]assessment.Rating

// Choices are what a person decides about a file before it is taken over. The zero value maps nothing
// and overwrites nothing.
type Choices struct {
	Map       map[string]Mapping // by the name of the scale
	Overwrite bool               // apply conflicts too; where a file contradicts itself, its last word holds
	// Area takes what the file says of a Subcategory as said of its item in this Focus Area: as the
	// item's own rating, note and evidence. Without it, it is said of the base rating.
	Area *content.Area
}

// check refuses choices about what the file does not have, which would be misspelled ones.
func (c Choices) check(scales []Scale) error {
	for name, m := range c.Map {
		i := slices.IndexFunc(scales, func(s Scale) bool { return s.Name == name })
		if i < 0 {
			var names []string
			for _, s := range scales {
				names = append(names, fmt.Sprintf("%q", s.Name))
			}
			if len(names) == 0 {
				return fmt.Errorf("map the scale %q: the file has no scale other than ours", name)
			}
			return fmt.Errorf("map the scale %q: the file has %s", name, strings.Join(names, ", "))
		}
		for text := range m {
			if !slices.ContainsFunc(scales[i].Values, func(v ScaleValue) bool { return v.Text == text }) {
				return fmt.Errorf("map the scale %q: the file has no value %q there", name, text)
			}
		}
	}
	return nil
}

// countScales fills Scales from the statements.
func (f *File) countScales() {
	for _, st := range f.statements {
		c, ok := st.claim.(scored)
		if !ok {
			continue
		}
		i := slices.IndexFunc(f.Scales, func(s Scale) bool { return s.Name == c.scale })
		if i < 0 {
			i = len(f.Scales)
			f.Scales = append(f.Scales, Scale{Name: c.scale, Rates: c.field().String()})
		}
		sc := &f.Scales[i]
		k := slices.IndexFunc(sc.Values, func(v ScaleValue) bool { return v.Text == c.value })
		if k < 0 {
			k = len(sc.Values)
			sc.Values = append(sc.Values, ScaleValue{Text: c.value, Proposed: c.proposed})
		}
		sc.Values[k].Count++
	}
	for _, sc := range f.Scales {
		slices.SortFunc(sc.Values, func(a, b ScaleValue) int { return strings.Compare(a.Text, b.Text) })
	}
}
