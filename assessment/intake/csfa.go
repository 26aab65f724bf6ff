package intake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// csfaFile is what is read of a .csfa assessment of version 1.
type csfaFile struct {
	SchemaVersion number                     `json:"schemaVersion"`
	Ratings       map[string]json.RawMessage `json:"ratings"`
	Targets       json.RawMessage            `json:"targets"`
}

type csfaRow struct {
	Tier number `json:"tier"` // 1 to 4, or null
	NA   bool   `json:"na"`
	Note string `json:"note"`
}

var csfaMembers = strings.Fields(`
	schemaVersion frameworkId frameworkVersion meta ratings targets createdAt updatedAt
	clientName assessor scopeNote assessedAt tier na note preset default byFunction GV ID PR DE RS RC
`)

// csfaScale is a level of 0 to 4 that borrows the names of the CSF Tiers, and is none of them.
const csfaScale = "tier"

// readCSFA reads a .csfa assessment.
func (f *File) readCSFA(data []byte) *Problem {
	var doc csfaFile
	if at, err := decode(data, "", &doc); err != nil {
		return refuse(at, "", err.Error(), "")
	}
	if doc.SchemaVersion != "1" {
		return refuse(Place{Path: "schemaVersion"}, string(doc.SchemaVersion), "is not a version of .csfa that is read", "version 1 is")
	}
	for _, id := range slices.Sorted(maps.Keys(doc.Ratings)) {
		path := fmt.Sprintf("ratings.%q", shortLine(id, 40))
		sub, ok := f.subcategory(Place{Path: path}, id)
		if !ok {
			continue
		}
		var row csfaRow
		if at, err := decode(doc.Ratings[id], path, &row); err != nil {
			f.skip(at, "", err.Error(), "")
			continue
		}
		at := func(member string) Place { return Place{Path: path + "." + member} }
		if row.NA {
			f.outOfProfile(at("na"), sub, "true", row.Note, "say why in note")
			continue
		}
		f.csfaTier(at("tier"), sub, csfaScale, string(row.Tier))
		if tidy(row.Note) != "" {
			f.state(at("note"), ofWhole(sub), remarkClaim{".csfa assessment", row.Note})
		}
	}
	if len(doc.Targets) > 0 && string(doc.Targets) != "null" {
		f.notice(Place{Path: "targets"}, "", "is not read: a base rating has no target", "")
	}
	return nil
}

// csfaTier offers a level for mapping, and keeps it in the notes.
func (f *File) csfaTier(at Place, sub, scale, value string) {
	if value == "" {
		return
	}
	f.state(at, ofWhole(sub), scored{scale: scale, value: value, as: baseOf})
	f.state(at, ofWhole(sub), remarkClaim{".csfa assessment, " + scale, value})
}

var csfaColumns = []string{
	"subcategory_id", "function_id", "category_id", "current_tier", "target_tier", "priority", "subcategory_text", "note",
}

func isCSFA(t *table) bool { return t.has("subcategory_id", "current_tier") }

// readCSFACSV reads the list of gaps that the tool exports.
func (f *File) readCSFACSV(t *table) {
	f.ignore(t, csfaColumns...)
	f.body(t, func(r row) {
		id := t.cell(r, "subcategory_id")
		sub, ok := f.subcategory(id.place, id.text)
		if !ok {
			return
		}
		tier := t.cell(r, "current_tier")
		f.csfaTier(tier.place, sub, csfaScale, tier.text)
		for _, column := range []string{"target_tier", "priority", "note"} {
			if c := t.cell(r, column); c.text != "" {
				f.state(c.place, ofWhole(sub), remarkClaim{".csfa gaps, " + column, c.text})
			}
		}
	})
}
