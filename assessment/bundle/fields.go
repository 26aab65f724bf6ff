package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"plumbline/assessment"
)

// Class is a kind of what a redaction takes out.
type Class string

// The classes.
const (
	Notes         Class = "notes"        // what people wrote in their own words
	Names         Class = "names"        // of people
	Evidence      Class = "evidence"     // what was seen, and where it lies
	Organizations Class = "organization" // who is assessed, its parts, its AI systems and their providers
)

// Classes lists them in the order in which a manifest does.
var Classes = [...]Class{Evidence, Names, Notes, Organizations}

// ParseClasses reads the names of classes and returns them sorted, each once; nil where there is none.
func ParseClasses(list []string) ([]Class, error) {
	var out []Class
	for _, s := range list {
		if !slices.Contains(Classes[:], Class(s)) {
			return nil, fmt.Errorf("%q is not what can be redacted (notes, names, evidence, organization)", s)
		}
		if !slices.Contains(out, Class(s)) {
			out = append(out, Class(s))
		}
	}
	slices.Sort(out)
	return out, nil
}

// treatment is what becomes of a text when its class is redacted.
type treatment int

const (
	treatInside treatment = iota // it stays, but for what is replaced inside it
	treatFixed                   // it is no text of people: an id, a time, a word of a list, words of the pack
	treatRemove                  // the member goes
	treatOpaque                  // so it does, and nothing is ever replaced inside it: a hash, a picture
	treatMask                    // "[redacted]" stands for a text that can not be missing
	treatPerson                  // "Person 1"
	treatOrganization
	treatSession
	treatUnit
	treatSystem
	treatAction // "Action A-1", after its id
)

// field says to which classes a text belongs; the redaction of any of them hides it.
type field struct {
	how     treatment
	classes []Class
}

var (
	fieldValues   = field{how: treatFixed}
	fieldProse    = field{treatRemove, []Class{Notes}}
	fieldReason   = field{treatMask, []Class{Notes}}
	fieldName     = field{treatPerson, []Class{Names}}
	fieldShort    = field{how: treatInside} // such as the kind of an AI system
	fieldTests    = field{treatRemove, []Class{Notes, Evidence}}
	fieldLocation = field{treatRemove, []Class{Evidence}}
)

// fields says what every text of a session's records is, by kind of record and path of members. It is
// complete on purpose: a text that stands nowhere in it stops the redaction, so that nobody can add a
// member to a record and forget it here.
var fields = sync.OnceValue(func() map[string]field {
	response := map[string]field{
		"target_reason":     fieldProse,
		"preset":            fieldValues,
		"out_of_profile":    fieldReason,
		"priority_reason":   fieldReason,
		"note":              fieldProse,
		"owner":             fieldName,
		"asked":             fieldName,
		"evidence.method":   fieldValues,
		"evidence.date":     fieldValues,
		"evidence.ref":      {treatMask, []Class{Evidence}},
		"evidence.file":     fieldLocation,
		"evidence.sha256":   {treatOpaque, []Class{Evidence}},
		"evidence.by":       fieldName,
		"accepted.reason":   fieldReason,
		"accepted.approver": fieldName,
		"accepted.expires":  fieldValues,
		"by":                fieldName,
		"at":                fieldValues,
	}
	base := map[string]field{"note": fieldProse, "by": fieldName, "at": fieldValues}
	all := map[string]field{
		"session.id":           fieldValues,
		"session.organization": {treatOrganization, []Class{Organizations}},
		"session.name":         {treatSession, []Class{Organizations}},
		"session.purpose":      fieldProse,
		"session.units":        {treatUnit, []Class{Organizations}},
		"session.assumptions":  fieldProse,
		"session.areas.answer": fieldReason,
		"session.path":         fieldValues,
		"session.assessors":    fieldName,
		"session.marking":      fieldShort, // whoever gets the bundle has to obey it
		"session.status":       fieldValues,
		"session.created":      fieldValues,

		"pack.id":    fieldValues,
		"pack.facts": fieldValues,

		"brand.logo":      {treatOpaque, []Class{Organizations}},
		"brand.logo_name": {treatRemove, []Class{Organizations}},
		"brand.accent":    {treatOpaque, []Class{Organizations}},

		"tier.rationale": fieldReason,
		"tier.by":        fieldName,
		"tier.at":        fieldValues,

		"system.id":                      fieldValues,
		"system.name":                    {treatSystem, []Class{Organizations}},
		"system.kind":                    fieldShort,
		"system.sourcing":                fieldValues,
		"system.provider":                {treatOrganization, []Class{Organizations}},
		"system.version":                 {treatRemove, []Class{Organizations}},
		"system.autonomy":                fieldValues,
		"system.data":                    fieldProse,
		"system.tools":                   fieldProse,
		"system.exposure":                fieldProse,
		"system.criticality":             fieldShort,
		"system.phase":                   fieldShort,
		"system.owner":                   fieldName,
		"system.pre_deployment_testing":  fieldTests,
		"system.post_deployment_testing": fieldTests,
		"system.use_case":                fieldShort,

		"action.id":              fieldValues,
		"action.title":           {treatAction, []Class{Notes}},
		"action.items":           fieldValues,
		"action.owner":           fieldName,
		"action.due":             fieldValues,
		"action.effort":          fieldValues,
		"action.status":          fieldValues,
		"action.milestones.text": fieldReason,
		"action.milestones.due":  fieldValues,

		"snapshot.id":        fieldValues,
		"snapshot.label":     fieldProse,
		"snapshot.head.hash": fieldValues,
		"snapshot.by":        fieldName,
		"snapshot.at":        fieldValues,

		"merge.id":             fieldValues,
		"merge.file":           fieldLocation,
		"merge.sha256":         fieldValues,
		"merge.heads.hash":     fieldValues,
		"merge.origins.record": fieldValues,
		"merge.origins.events": fieldValues,

		"aside.id":         fieldValues,
		"aside.title":      fieldValues, // of the pack
		"aside.question":   fieldValues,
		"aside.pack.id":    fieldValues,
		"aside.pack.facts": fieldValues,
	}
	for path, f := range response {
		all["response."+path], all["aside.response."+path] = f, f
	}
	for path, f := range base {
		all["base."+path], all["aside.base."+path] = f, f
	}
	return all
})

// text is a text in a record.
type text struct {
	path  string // "response.evidence.ref"
	value string
}

// textsIn returns the texts of people in a record, without the empty ones.
func textsIn(kind assessment.Kind, raw []byte) (list []text, err error) {
	_, err = rewrite(kind, raw, func(path string, f field, s string) (string, bool) {
		list = append(list, text{path, s})
		return s, true
	})
	return list, err
}

// rewrite returns a record in which every text of people that is not empty is what change makes of it,
// or is gone where that returns false. Members come sorted by name.
func rewrite(kind assessment.Kind, raw []byte, change func(path string, f field, s string) (string, bool)) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	v, _, err := rewriteValue(string(kind), v, change)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func rewriteValue(path string, v any, change func(string, field, string) (string, bool)) (_ any, keep bool, err error) {
	switch v := v.(type) {
	case string:
		f, ok := fields()[path]
		switch {
		case !ok:
			return nil, false, fmt.Errorf("%q is a text that redaction does not know", path)
		case f.how == treatFixed || v == "":
			return v, true, nil
		}
		s, keep := change(path, f, v)
		return s, keep, nil
	case []any:
		var list []any
		for _, e := range v {
			e, keep, err := rewriteValue(path, e, change)
			if err != nil {
				return nil, false, err
			}
			if keep {
				list = append(list, e)
			}
		}
		return list, list != nil, nil
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			e, keep, err := rewriteValue(path+"."+k, v[k], change)
			if err != nil {
				return nil, false, err
			}
			if v[k] = e; !keep {
				delete(v, k)
			}
		}
	}
	return v, true, nil
}

// kindOf returns the kind in the key of a record.
func kindOf(key string) assessment.Kind {
	kind, _, _ := strings.Cut(key, "/")
	return assessment.Kind(kind)
}
