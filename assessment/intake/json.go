package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content/strictjson"
)

// jsonReader reads one kind of JSON document.
type jsonReader struct {
	kind    Kind
	members []string // the top-level members by which it is known
	// known are the names of members that such a document may have, at any place; others are named and
	// ignored.
	known []string
	read  func(f *File, data []byte) *Problem
}

var jsonReaders = []jsonReader{
	{CSFP, []string{"schemaVersion", "assessments"}, csfpMembers, (*File).readCSFP},
	{CSFA, []string{"schemaVersion", "ratings"}, csfaMembers, (*File).readCSFA},
	{OSCALProfile, []string{"profile"}, oscalMembers, (*File).readOSCAL},
}

// readJSON reads a JSON document, if it is of a kind that is known by its members.
func (f *File) readJSON(data []byte) *Problem {
	names := make(map[string]bool)
	err := strictjson.Scan(data, func(name string) {
		if len(names) < 1000 {
			names[name] = true
		}
	})
	if err != nil {
		return refusedJSON(err)
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return refuse(Place{}, "", "is of no kind that is read", readKinds)
	}
	for _, r := range jsonReaders {
		if slices.ContainsFunc(r.members, func(m string) bool { return top[m] == nil }) {
			continue
		}
		f.Kind = r.kind
		var unread []string
		for name := range names {
			if _, id := canonicalSub(name); !id && !slices.Contains(r.known, name) {
				unread = append(unread, fmt.Sprintf("%q", shortLine(name, 40)))
			}
		}
		if slices.Sort(unread); len(unread) > 0 {
			f.notice(Place{}, "", "Members of these names are not known and were ignored: "+few(unread)+".", "")
		}
		return r.read(f, data)
	}
	var ours string
	if json.Unmarshal(top["schema"], &ours) == nil && strings.HasPrefix(ours, "plumbline/") {
		return refuse(Place{Path: "schema"}, ours, "is a JSON report, which is not read back", "import the bundle or the gap register of the session")
	}
	return refuse(Place{}, "", "is of no kind that is read", readKinds)
}

// few lists the first of many.
func few(list []string) string {
	const most = 8
	if more := len(list) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), more)
	}
	return strings.Join(list, ", ")
}

func refusedJSON(err error) *Problem {
	if inner, ok := errors.AsType[*strictjson.PathError](err); ok {
		return refuse(Place{Path: shortLine(inner.Path, 200)}, "", inner.Err.Error(), "")
	}
	return refuse(Place{}, "", err.Error(), "")
}

// decode reads a part of a document into a shape. What is of another type than it should be is a
// problem with its path.
func decode(data []byte, path string, v any) (Place, error) {
	err := json.Unmarshal(data, v)
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if path != "" && t.Field != "" {
			path += "."
		}
		return Place{Path: shortLine(path+t.Field, 200)}, fmt.Errorf("is a JSON %s, which does not belong there", t.Value)
	}
	return Place{Path: path}, err
}

// number is a number as a document writes it, "" for null or none.
type number string

// UnmarshalJSON takes a number or null.
func (n *number) UnmarshalJSON(data []byte) error {
	var v json.Number
	if string(data) == "null" {
		return nil
	}
	if data[0] == '"' { // json.Number takes these too
		return &json.UnmarshalTypeError{Value: "string"}
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*n = number(v)
	return nil
}

// outOfProfile takes the items of a Subcategory out of profile, for the reason that its file gives.
func (f *File) outOfProfile(at Place, sub, value, reason, do string) {
	if tidy(reason) == "" {
		f.skip(at, value, "gives no reason, so "+sub+" stays in profile", do)
		return
	}
	f.state(at, subject{sub: sub, whole: true}, profileClaim{reason})
}

// baseOf says what a mapped value of a Subcategory means.
func baseOf(r assessment.Rating) claim { return baseClaim{rating: r} }
