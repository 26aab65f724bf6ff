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
	inside  treatment = iota // it stays, but for what is replaced inside it
	fixed                    // it is no text of people: an id, a time, a word of a list, words of the pack
	removed                  // the member goes
	opaque                   // so it does, and nothing is ever replaced inside it: a hash, a picture
	masked                   // "[redacted]" stands for a text that can not be missing
	person                   // "Person 1"
	organization
	session
	unit
	system
	action // "Action A-1", after its id
)

// field says to which classes a text belongs; the redaction of any of them hides it.
type field struct {
	how     treatment
	classes []Class
}

var (
	values   = field{how: fixed}
	prose    = field{removed, []Class{Notes}}
	reason   = field{masked, []Class{Notes}}
	name     = field{person, []Class{Names}}
	short    = field{how: inside} // such as the kind of an AI system
	tests    = field{removed, []Class{Notes, Evidence}}
	location = field{removed, []Class{Evidence}}
)

// fields says what every text of a session's records is, by kind of record and path of members. It is
// complete on purpose: a text that stands nowhere in it stops the redaction, so that nobody can add a
// member to a record and forget it here.
var fields = sync.OnceValue(func() map[string]field {
	response := map[string]field{
		"target_reason":     prose,
		"preset":            values,
		"out_of_profile":    reason,
		"priority_reason":   reason,
		"note":              prose,
		"owner":             name,
		"asked":             name,
		"evidence.method":   values,
		"evidence.date":     values,
		"evidence.ref":      {masked, []Class{Evidence}},
		"evidence.file":     location,
		"evidence.sha256":   {opaque, []Class{Evidence}},
		"evidence.by":       name,
		"accepted.reason":   reason,
		"accepted.approver": name,
		"accepted.expires":  values,
		"by":                name,
		"at":                values,
	}
	base := map[string]field{"note": prose, "by": name, "at": values}
	all := map[string]field{
		"session.id":           values,
		"session.organization": {organization, []Class{Organizations}},
		"session.name":         {session, []Class{Organizations}},
		"session.purpose":      prose,
		"session.units":        {unit, []Class{Organizations}},
		"session.assumptions":  prose,
		"session.areas.answer": reason,
		"session.path":         values,
		"session.assessors":    name,
		"session.marking":      short, // whoever gets the bundle has to obey it
		"session.status":       values,
		"session.created":      values,

		"pack.id":    values,
		"pack.facts": values,

		"brand.logo":      {opaque, []Class{Organizations}},
		"brand.logo_name": {removed, []Class{Organizations}},
		"brand.accent":    {opaque, []Class{Organizations}},

		"tier.rationale": reason,
		"tier.by":        name,
		"tier.at":        values,

		"system.id":                      values,
		"system.name":                    {system, []Class{Organizations}},
		"system.kind":                    short,
		"system.sourcing":                values,
		"system.provider":                {organization, []Class{Organizations}},
		"system.version":                 {removed, []Class{Organizations}},
		"system.autonomy":                values,
		"system.data":                    prose,
		"system.tools":                   prose,
		"system.exposure":                prose,
		"system.criticality":             short,
		"system.phase":                   short,
		"system.owner":                   name,
		"system.pre_deployment_testing":  tests,
		"system.post_deployment_testing": tests,
		"system.use_case":                short,

		"action.id":              values,
		"action.title":           {action, []Class{Notes}},
		"action.items":           values,
		"action.owner":           name,
		"action.due":             values,
		"action.effort":          values,
		"action.status":          values,
		"action.milestones.text": reason,
		"action.milestones.due":  values,

		"snapshot.id":        values,
		"snapshot.label":     prose,
		"snapshot.head.hash": values,
		"snapshot.by":        name,
		"snapshot.at":        values,

		"aside.id":         values,
		"aside.title":      values, // of the pack
		"aside.question":   values,
		"aside.pack.id":    values,
		"aside.pack.facts": values,
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
		case f.how == fixed || v == "":
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
