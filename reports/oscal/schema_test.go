package oscal_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plumbline/assessment"
	"plumbline/reports/oscal"
	"plumbline/reports/wire"
)

// The official schemas are not part of the project. They are looked for beside it.
const schemaFolder = "../../../shared/schemas"

// schemaFiles are the official schemas, by the version that their $id names.
var schemaFiles = map[string]string{
	"1.1.3": "oscal_complete_schema-1.1.3.json",
	"1.2.1": "oscal_complete_schema-1.2.1.json",
	"1.2.2": "oscal_complete_schema.json",
}

// definitions are the models' own definitions, which tell more of an error than the schema of all.
var definitions = map[string]struct{ member, definition string }{
	oscal.PlanFile:    {"assessment-plan", "oscal-complete-oscal-ap:assessment-plan"},
	oscal.ResultsFile: {"assessment-results", "oscal-complete-oscal-ar:assessment-results"},
	oscal.POAMFile:    {"plan-of-action-and-milestones", "oscal-complete-oscal-poam:plan-of-action-and-milestones"},
	oscal.ProfileFile: {"profile", "oscal-complete-oscal-profile:profile"},
}

// validator is an official schema: the definition of each model, and the whole.
type validator struct {
	models map[string]*jsonschema.Schema // by file name
	whole  *jsonschema.Schema
}

func (v validator) check(file string, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return v.models[file].Validate(doc.(map[string]any)[definitions[file].member])
}

// officialSchema reads an official schema, and skips the test where there is none.
func officialSchema(t *testing.T, version string) validator {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(schemaFolder, schemaFiles[version]))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the official OSCAL schema %s is not at %s: nothing is validated against it here", version, schemaFolder)
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	id := doc.(map[string]any)["$id"].(string)
	if want := "/1.0/" + version + "/"; !strings.Contains(id, want) {
		t.Fatalf("%s is the schema %s", schemaFiles[version], id)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseRegexpEngine(ecma)
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	v := validator{models: make(map[string]*jsonschema.Schema)}
	if v.whole, err = c.Compile(id); err != nil {
		t.Fatal(err)
	}
	for file, d := range definitions {
		if v.models[file], err = c.Compile(id + "#/definitions/" + d.definition); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// ecma compiles a pattern of a JSON Schema. Go would take all of OSCAL's patterns, but read two signs in
// another way: for the schema, \S is no Unicode space, and the dot is no line or paragraph separator.
// Another escape than those that the schemas have is refused rather than misread.
func ecma(pattern string) (jsonschema.Regexp, error) {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			switch c := pattern[i]; {
			case c == 'S' && !class:
				b.WriteString(`[^\t\n\v\f\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}]`)
			case c == 'p' || strings.IndexByte(`.-+|^$()[]{}*?\`, c) >= 0:
				b.WriteString(pattern[i-1 : i+1])
			default:
				return nil, fmt.Errorf("%s: nobody has said what \\%c means in Go", pattern, c)
			}
		case c == '.' && !class:
			b.WriteString(`[^\n\r\x{2028}\x{2029}]`)
		default:
			class = c == '[' || class && c != ']'
			b.WriteByte(c)
		}
	}
	return regexp.Compile(b.String())
}

func TestECMA(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`^\S(.*\S)?$`, "a b", true},
		{`^\S(.*\S)?$`, "a\u2028b", false},
		{`^\S(.*\S)?$`, "\u00a0a", false},
		{`^\S(.*\S)?$`, "a\n", false},
		{`^\S(.*\S)?$`, "", false},
		{`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`, "é.1-_", true},
		{`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`, "GV.OC-01/secure", false},
	} {
		re, err := ecma(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := re.MatchString(c.text); got != c.want {
			t.Errorf("%s on %q: %v", c.pattern, c.text, got)
		}
	}
	if _, err := ecma(`^\w+$`); err == nil {
		t.Error("an escape that nobody has translated is taken")
	}
}

// Every document of every session is valid by the official schema of each version, as that version and
// as any other.
func TestSchemas(t *testing.T) {
	all := sessions(t)
	for version := range schemaFiles {
		t.Run(version, func(t *testing.T) {
			v := officialSchema(t, version)
			o := options()
			o.OSCAL = version
			for name, s := range all {
				o.Damage = ""
				if i, ok := strings.CutPrefix(name, "hostile "); ok {
					o.Damage = "event " + i
				}
				for file, data := range files(t, s, o) {
					if err := v.check(file, data); err != nil {
						t.Errorf("%s of %q: %v", file, name, err)
					}
				}
			}
			s := all["example"]
			for file, data := range files(t, s, o) {
				if doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data)); err != nil || v.whole.Validate(doc) != nil {
					t.Errorf("%s is not valid by the schema of all models: %v", file, v.whole.Validate(doc))
				}
			}
			for file, write := range map[string]func(io.Writer, *assessment.Snapshot, wire.Options) error{
				oscal.POAMFile: oscal.WritePOAM, oscal.ProfileFile: oscal.WriteProfile,
			} {
				var b bytes.Buffer
				err := write(&b, s, o)
				if err == nil {
					err = v.check(file, b.Bytes())
				}
				if err != nil {
					t.Errorf("%s alone: %v", file, err)
				}
			}
		})
	}
}

// The schemas are able to refuse: what each rule of formats.md forbids, one at a time.
func TestSchemasRefuse(t *testing.T) {
	v := officialSchema(t, oscal.DefaultVersion)
	data := string(files(t, sessions(t)["example"], options())[oscal.ResultsFile])
	if err := v.check(oscal.ResultsFile, []byte(data)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new string }{
		{`"name": "session-id"`, `"name": "GV.OC-01/secure"`},
		{`"value": "nist-ir-8596-iprd"`, `"value": " nist"`},
		{`"value": "nist-ir-8596-iprd"`, `"value": "a\u2028b"`},
		{`"value": "nist-ir-8596-iprd"`, `"value": ""`},
		{`"title": "Assessment results`, `"title": "Two\nlines`},
		{`"last-modified": "2026-11-21T09:30:00Z"`, `"last-modified": "2026-11-21T09:30:00"`},
		{`"state": "not-satisfied"`, `"state": "perhaps"`},
		{`"type": "statement-id"`, `"type": "item-id"`},
		{`"types": [`, `"kinds": [`},
	} {
		changed := strings.Replace(data, c.old, c.new, 1)
		if changed == data {
			t.Fatalf("there is no %s", c.old)
		}
		if err := v.check(oscal.ResultsFile, []byte(changed)); err == nil {
			t.Errorf("%s instead of %s is accepted", c.new, c.old)
		}
	}
	// the uuid of the document, as version 7
	changed := regexp.MustCompile(`("uuid": "\w{8}-\w{4}-)5`).ReplaceAllString(data, "${1}7")
	if err := v.check(oscal.ResultsFile, []byte(changed)); err == nil {
		t.Error("UUIDs of version 7 are accepted")
	}
}
