package packfile

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// coreDoc is a small document of the shape of core.json.
const coreDoc = `{"functions":[{"id":"GV","name":"Govern"}],"categories":[],"subcategories":[` +
	`{"id":"GV.OC-01","title":"t","outcome":"o","page":25,"sp800_53":["PM-11"],"references":[{"scheme":"dasf","id":"DASF 1"}]}]}`

func TestDecode(t *testing.T) {
	var c Core
	if err := Decode([]byte(" "+coreDoc+"\n"), &c); err != nil {
		t.Fatal(err)
	}
	want := Core{
		Functions: []Named{{"GV", "Govern"}}, Categories: []Named{},
		Subcategories: []Subcategory{{
			ID: "GV.OC-01", Title: "t", Outcome: "o", Page: 25, SP80053: []string{"PM-11"}, References: []Reference{{Scheme: "dasf", ID: "DASF 1"}},
		}},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("decoded %+v, want %+v", c, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tc := range []struct{ name, old, text, want string }{
		{"unknown member", `"page":25`, `"page":25,"color":"red"`, "subcategories[0].color: unknown member"},
		{"empty name", `"page":25`, `"page":25,"":0`, `subcategories[0]."": unknown member`},
		{"other case", `"page":25`, `"Page":25`, `subcategories[0]."Page": unknown member`},
		{"other case beside", `"page":25`, `"page":25,"PAGE":26`, `subcategories[0]."PAGE": unknown member`},
		{"twice", `"page":25`, `"page":25,"page":25`, "subcategories[0].page: given twice"},
		{"twice, escaped", `"page":25`, `"page":25,"p\u0061ge":25`, "subcategories[0].page: given twice"},
		{"missing", `"page":25,`, ``, "subcategories[0].page: missing"},
		{"missing list", `"categories":[],`, ``, "categories: missing"},
		{"null", `"page":25`, `"page":null`, "subcategories[0].page: is null, want a number"},
		{"null list", `"categories":[]`, `"categories":null`, "categories: is null, want an array"},
		{"null optional", `"page":25`, `"page":25,"general":null`, "subcategories[0].general: is null, want a string"},
		{"string for number", `"page":25`, `"page":"25"`, "subcategories[0].page: is a string, want a number"},
		{"fraction", `"page":25`, `"page":25.5`, "subcategories[0].page: is 25.5, want a whole number"},
		{"exponent", `"page":25`, `"page":1e400`, "subcategories[0].page: is 1e400, want a whole number"},
		{"too large", `"page":25`, `"page":99999999999999999999`, "subcategories[0].page: is 99999999999999999999, want a whole number"},
		{"NaN", `"page":25`, `"page":NaN`, "subcategories[0].page: is not JSON"},
		{"object for string", `"id":"DASF 1"`, `"id":{}`, "subcategories[0].references[0].id: is an object, want a string"},
		{"array for object", `{"id":"GV","name":"Govern"}`, `[]`, "functions[0]: is an array, want an object"},
		{"deep", `[{"id":"GV","name":"Govern"}]`, strings.Repeat("[", 100000), "functions[0]: is an array, want an object"},
		{"cut", `"name":"Govern"}],`, ``, "functions[0]"},
		{"more", `}]}]}`, `}]}]}{}`, "has data after its end"},
		{"closed twice", `}]}]}`, `}]}]}]`, "has data after its end"},
		{"not UTF-8", `"t"`, "\"\xff\"", "is not valid UTF-8"},
		{"control character", `"t"`, "\"\x01\"", "is not JSON"},
	} {
		if !strings.Contains(coreDoc, tc.old) {
			t.Fatalf("%s: nothing to replace", tc.name)
		}
		doc := strings.Replace(coreDoc, tc.old, tc.text, 1)
		err := Decode([]byte(doc), new(Core))
		if _, ok := errors.AsType[*PathError](err); !ok || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	for _, doc := range []string{"", " ", "{", "[", `"`, "null", "[]", "1"} {
		if err := Decode([]byte(doc), new(Core)); err == nil {
			t.Errorf("%q is accepted", doc)
		}
	}
}

// Every shape must be one that the checker has a rule for and a bit for each member of.
func TestShapes(t *testing.T) {
	var visit func(t *testing.T, typ reflect.Type)
	visit = func(t *testing.T, typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Slice:
			visit(t, typ.Elem())
		case reflect.Struct:
			if n := typ.NumField(); n > 32 {
				t.Errorf("%s has %d members, the checker counts 32", typ, n)
			}
			for f := range typ.Fields() {
				if f.Tag.Get("json") == "" {
					t.Errorf("%s.%s has no name in JSON", typ, f.Name)
				}
				visit(t, f.Type)
			}
		case reflect.String, reflect.Bool, reflect.Int:
		default:
			t.Errorf("the checker has no rule for %s", typ)
		}
	}
	for _, v := range []any{Manifest{}, Core{}, Items{}, Catalogs{}, Lens{}} {
		visit(t, reflect.TypeOf(v))
	}
}

func TestFactsHash(t *testing.T) {
	items := []Item{{ID: "GV.OC-01/secure", Priority: 3, StandardPractices: true}, {ID: "GV.OC-01/defend", Priority: 1}}
	want := Sum([]byte("GV.OC-01/secure 3 true\nGV.OC-01/defend 1 false\n"))
	if got := FactsHash(items); got != want {
		t.Errorf("facts hash is %s, want %s", got, want)
	}
}

// FuzzDecode holds that no document makes the decoder panic, and that what it accepts is exactly
// what it read: written and read again it is the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(coreDoc))
	f.Add([]byte(`{"items":[{"id":"GV.OC-01/secure","priority":3,"standard_practices":true,"page":25,"references":[],"question":"q","why":"w",` +
		`"good_practice":["g"],"evidence":["e"],"actions":[{"text":"a","effort":"S"}],"roles":["CISO"]}]}`))
	f.Add([]byte(`{"schemes":[{"id":"other","title":"Other","open":true},{"id":"x","title":"X","entries":[{"id":"1","name":"One","also":["I"]}]}]}`))
	f.Add([]byte(`{"id":"l","title":"t","source":"s","status":"s","entries":[{"id":"1","tags":["low"]}],"map":[{"id":"GV.OC-01","to":["1"]}]}`))
	f.Add([]byte(`{"items":[]}` + "\n{}"))
	f.Add([]byte(`{"items":null,"items":[]}`))
	f.Add([]byte("{\"schemes\":[{\"id\":\"\\ud800\",\"title\":\"\\u0000\"}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, fresh := range []func() any{
			func() any { return new(Manifest) },
			func() any { return new(Core) },
			func() any { return new(Items) },
			func() any { return new(Catalogs) },
			func() any { return new(Lens) },
		} {
			v := fresh()
			if Decode(data, v) != nil {
				continue
			}
			first, err := Encode(v)
			if err != nil {
				t.Fatalf("%T: accepted, but not to be written: %v", v, err)
			}
			again := fresh()
			if err := Decode(first, again); err != nil {
				t.Fatalf("%T: written, but not accepted: %v\n%s", v, err, first)
			}
			second, err := Encode(again)
			if err != nil || !bytes.Equal(first, second) {
				t.Fatalf("%T: %v; written as\n%s\nand then as\n%s", v, err, first, second)
			}
		}
	})
}
