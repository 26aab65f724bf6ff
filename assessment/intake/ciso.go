package intake

import (
	"strings"

	"plumbline/assessment"
)

// The columns of an audit of CISO Assistant, as CSV and as a workbook.
var cisoColumns = []string{
	"urn", "ref_id", "name", "description", "typical_evidence", "annotation", "compliance_result", "extended_result", "requirement_progress",
	"score", "observations", "assessable", "implementation_score", "documentation_score", "answers",
}

const (
	cisoScale     = "compliance_result"
	cisoFramework = "nist-csf-2.0" // as it stands in a urn
)

// cisoLevels are what the results may well mean; what was not assessed means nothing.
var cisoLevels = map[string]int{"non_compliant": 0, "partially_compliant": 1, "compliant": 3}

func isCISO(t *table) bool {
	return (t.has("ref_id") || t.has("urn")) && t.has(cisoScale) && (t.has("requirement_progress") || t.has("observations"))
}

// readCISO reads an audit of CISO Assistant: one result for each Subcategory, offered as base ratings.
func (f *File) readCISO(t *table) {
	f.ignore(t, cisoColumns...)
	f.body(t, func(r row) {
		if yes := strings.ToLower(t.cell(r, "assessable").text); yes == "false" || yes == "0" {
			return
		}
		urn, ref := t.cell(r, "urn"), t.cell(r, "ref_id")
		if urn.text != "" && !strings.Contains(strings.ToLower(urn.text), ":"+cisoFramework+":") {
			f.skip(urn.place, urn.text, "is not a requirement of CSF 2.0", "")
			return
		}
		text := ref.text
		if text == "" {
			text = strings.ToUpper(urn.text[strings.LastIndexByte(urn.text, ':')+1:])
		}
		if _, level := outcomeID(text); level == "Function" || level == "Category" {
			return // their rows head the others
		}
		sub, ok := f.subcategory(ref.place, text)
		if !ok {
			return
		}
		about := ofWhole(sub)
		said := t.cell(r, "observations")
		switch result := t.cell(r, cisoScale); result.text {
		case "", "not_assessed":
		case "not_applicable":
			f.outOfProfile(result.place, sub, result.text, said.text, "say why in observations")
			return
		default:
			var proposed assessment.Rating
			if n, ok := cisoLevels[result.text]; ok {
				proposed, _ = assessment.AtLevel(n)
			}
			f.state(result.place, about, scored{cisoScale, result.text, proposed, baseOf})
			f.state(result.place, about, remarkClaim{"CISO Assistant, " + cisoScale, result.text})
		}
		for _, column := range []string{"extended_result", "score", "implementation_score", "documentation_score", "annotation", "answers", "observations"} {
			if c := t.cell(r, column); c.text != "" {
				f.state(c.place, about, remarkClaim{"CISO Assistant, " + column, c.text})
			}
		}
	})
}
