package intake

import (
	"fmt"
	"strings"

	"plumbline/content"
)

// canonicalSub brings the id of a Subcategory into its form: "gv.oc-1" is GV.OC-01. It takes ASCII
// only, so that no look-alike of another alphabet passes. It says nothing of whether there is such a
// Subcategory.
func canonicalSub(s string) (string, bool) {
	s = strings.TrimSpace(s)
	category, number, ok := strings.Cut(s, "-")
	if len(number) == 1 {
		number = "0" + number
	}
	if !ok || len(category) != 5 || category[2] != '.' || len(number) != 2 {
		return "", false
	}
	for i := range len(category) {
		if c := category[i] | 0x20; i != 2 && (c < 'a' || c > 'z') {
			return "", false
		}
	}
	if strings.Trim(number, "0123456789") != "" || number == "00" {
		return "", false
	}
	return strings.ToUpper(category) + "-" + number, true
}

// successors says where the outcome of a withdrawn id went.
func successors(ids []string) string {
	if len(ids) == 0 {
		return "CSF 2.0 has nothing in its place"
	}
	return "look at " + strings.Join(ids, ", ") + ", which ask something else, and rate there"
}

// subcategory reads the id of a Subcategory. What is wrong with it is a problem of the file; an id that
// CSF 2.0 withdrew is reported with its successors and never taken for one of them.
func (f *File) subcategory(at Place, text string) (string, bool) {
	id, ok := canonicalSub(text)
	if to, gone := content.Withdrawn(id); gone {
		f.skip(at, text, "was withdrawn by CSF 2.0", successors(to))
		return "", false
	}
	if !ok {
		f.skip(at, text, "is not an id of a Subcategory", "write it like GV.OC-01")
		return "", false
	}
	if id != text {
		f.notice(at, text, fmt.Sprintf("was read as %s", id), "")
	}
	return id, true
}

// item reads the id of an item.
func (f *File) item(at Place, text string) (content.ItemID, bool) {
	sub, area, ok := strings.Cut(text, "/")
	if _, valid := canonicalSub(sub); !ok || !valid {
		f.skip(at, text, "is not an item id", "write it like GV.OC-01/secure")
		return content.ItemID{}, false
	}
	a, err := content.ParseArea(strings.TrimSpace(area))
	if err != nil {
		f.skip(at, text, "names no Focus Area", "write secure, defend or thwart after the slash")
		return content.ItemID{}, false
	}
	known := len(f.problems)
	sub, ok = f.subcategory(at, sub)
	id := content.ItemID{Sub: sub, Area: a}
	if ok && len(f.problems) == known && id.String() != text {
		f.notice(at, text, fmt.Sprintf("was read as %v", id), "")
	}
	return id, ok
}
