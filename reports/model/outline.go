package model

// Outline is what of a document can be found again in what was written of it, whatever the format. The
// check of a format reads it back and compares.
type Outline struct {
	Sections int
	Headings int
	Entries  []string // their ids, in order
	Tables   int      // those of charts among them
	Rows     int      // of all tables, without their heads
	Figures  []Figure // the few numbers that matter most, in order
}

// Outline returns the outline of the document.
func (d Document) Outline() Outline {
	o := Outline{Sections: len(d.Sections)}
	table := func(t Table) {
		o.Tables++
		o.Rows += len(t.Rows)
	}
	for _, s := range d.Sections {
		for _, block := range s.Blocks {
			switch v := block.(type) {
			case Heading:
				o.Headings++
			case Entries:
				for _, e := range v.Entries {
					o.Entries = append(o.Entries, e.ID)
				}
			case Table:
				table(v)
			case Chart:
				table(v.Table)
			case Figures:
				o.Figures = append(o.Figures, v.Figures...)
			}
		}
	}
	return o
}
