package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"plumbline/assessment/bundle"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/content/contenttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plumbline": main, brittleName: brittle, killedName: killed})
}

// TestScripts runs the program as people and scripts do. Each script has a store of its own, and a
// user's data folder that it does not share.
func TestScripts(t *testing.T) {
	kept := func(folder string) string { // files that earlier versions have written
		path, err := filepath.Abs(filepath.Join("../../assessment", folder, "testdata"))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	stores, bundles := kept("store"), kept("bundle")
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/scripts",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[heldStore{}] = new(heldStore)
			env.Setenv("PLUMBLINE_STORE", filepath.Join(env.WorkDir, "store.db"))
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("SOURCE_DATE_EPOCH", "")
			env.Setenv("STORES", stores)
			env.Setenv("BUNDLES", bundles)
			env.Setenv("ESC", "\x1b")
			env.Setenv("NL", "\n")
			env.Setenv("RLO", "\u202e") // turns the order of what follows
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"json":      jsonValue,
			"valid":     valid,
			"hold":      hold,
			"rateall":   rateAll,
			"agree":     agree,
			"mode":      mode,
			"longname":  longName,
			"catalog":   catalog,
			"damage":    damage,
			"pack":      makePack,
			"picture":   picture,
			"fill":      fillCells,
			"sametable": sameTable,
			"resign":    resign,
		},
	})
}

// exits CODE PROGRAM ARGS... runs the program, which must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// json FILE PATH WANT compares a value with a text; json FILE PATH -> VAR keeps it in a variable. In
// a path, "len" is the length of a list and a number is its element.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: json FILE PATH WANT | json FILE PATH -> VAR")
	}
	got := text(lookUp(ts, args[0], args[1]))
	if args[2] == "->" {
		ts.Setenv(args[3], got)
		return
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %q", args[1], got)
	}
}

func lookUp(ts *testscript.TestScript, file, path string) any {
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	dec.UseNumber()
	var v any
	ts.Check(dec.Decode(&v))
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = at[step]; !ok {
				ts.Fatalf("%s has no member %q of %s", file, step, path)
			}
		case []any:
			if step == "len" {
				v = json.Number(strconv.Itoa(len(at)))
				continue
			}
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(at) {
				ts.Fatalf("%s has %d elements where %s asks for %d", file, len(at), path, i)
			}
			v = at[i]
		default:
			ts.Fatalf("%s has nothing below %v, where %s goes on with %q", file, v, path, step)
		}
	}
	return v
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any, []any:
		b, _ := json.Marshal(v)
		return string(b)
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

// valid FILE KIND checks JSON against the schema of that kind, made strict: no member that it does not
// name, at any level.
func valid(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: valid FILE KIND")
	}
	c := jsonschema.NewCompiler()
	for _, name := range []string{"common", args[1]} {
		name += ".schema.json"
		f, err := os.Open(filepath.Join("../../docs/schemas", name))
		ts.Check(err)
		schema, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		ts.Check(err)
		ts.Check(c.AddResource("https://plumbline.invalid/schemas/"+name, strict(schema)))
	}
	schema, err := c.Compile("https://plumbline.invalid/schemas/" + args[1] + ".schema.json")
	ts.Check(err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(schema.Validate(doc))
}

func strict(schema any) any {
	switch s := schema.(type) {
	case map[string]any:
		if _, ok := s["properties"]; ok {
			if _, ok := s["additionalProperties"]; !ok {
				s["additionalProperties"] = false
			}
		}
		for _, v := range s {
			strict(v)
		}
	case []any:
		for _, v := range s {
			strict(v)
		}
	}
	return schema
}

// hold FILE keeps a store open, as another window of the program would, until the script ends or says
// hold -release.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold FILE | hold -release")
	}
	held := ts.Value(heldStore{}).(*heldStore)
	if args[0] == "-release" {
		ts.Check(held.Close())
		return
	}
	var err error
	held.Store, err = store.Open(ts.MkAbs(args[0]), store.Options{})
	ts.Check(err)
	ts.Defer(func() { held.Close() }) // a second time does no harm
}

// heldStore is what a script holds, and the key under which it finds it.
type heldStore struct{ *store.Store }

// rateall SESSION rates every High item, one call of the program each: levels 0 to 3 in turn.
func rateAll(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: rateall SESSION")
	}
	cat, err := content.Embedded()
	ts.Check(err)
	n := 0
	for it := range cat.Items() {
		if it.Priority != content.High {
			continue
		}
		ts.Check(ts.Exec("plumbline", "rate", args[0], it.ID.String(), "--current", strconv.Itoa(n%4)))
		n++
	}
	if n != 75 {
		ts.Fatalf("%d High items, not 75", n)
	}
}

// agree SCORE.json GAPS.json BASE compares what score and gaps say with BASE.json, .csv, .md and
// .html of the same session.
func agree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: agree SCORE.json GAPS.json BASE")
	}
	score, gaps, base := args[0], args[1], args[2]
	same := func(path string, a, b any) {
		if !reflect.DeepEqual(a, b) {
			ts.Fatalf("%s: %s in one, %s in the other", path, text(a), text(b))
		}
	}
	same("scores", lookUp(ts, score, "data"), lookUp(ts, base+".json", "data.scores"))
	same("gaps", lookUp(ts, gaps, "data"), lookUp(ts, base+".json", "data.gaps"))

	number := func(path string) int {
		n, err := strconv.Atoi(text(lookUp(ts, score, "data.session.total."+path)))
		ts.Check(err)
		return n
	}
	// The CSV is counted anew, by the rules of the methodology and not by the program's code.
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ts.ReadFile(base+".csv"), "\uFEFF"))).ReadAll()
	ts.Check(err)
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	counted := make(map[string]int)
	for _, row := range rows[1:] {
		cell := func(name string) string { return row[column[name]] }
		counted["states."+cell("state")]++
		if cell("state") != "rated" && cell("state") != "unrated" {
			continue
		}
		counted["in_profile"]++
		current, rated := digit(cell("current"))
		target, aimed := digit(cell("target"))
		if rated {
			counted[fmt.Sprintf("distribution.%d", current)]++
		}
		if aimed {
			counted["interval.low.denominator"] += target
		}
		if rated && aimed {
			counted["compared"]++
			counted["attainment.denominator"] += target
			counted["attainment.numerator"] += min(current, target)
			if current >= target {
				counted["at_target.numerator"]++
			} else {
				counted["gaps"]++
			}
		}
	}
	if len(rows) != 319 {
		ts.Fatalf("%d rows, not 318 and a header", len(rows))
	}
	for path, n := range counted {
		if want := number(path); n != want {
			ts.Fatalf("%s: %d in the CSV, %d in score --json", path, n, want)
		}
	}
	fraction := fmt.Sprintf("%d/%d", number("attainment.numerator"), number("attainment.denominator"))
	for _, name := range []string{base + ".md", base + ".html"} {
		page := ts.ReadFile(name)
		for _, want := range []string{
			fraction,
			fmt.Sprintf("%d of %d", number("at_target.numerator"), number("compared")),
			fmt.Sprintf("%d of %d", number("compared"), number("in_profile")),
			"initial preliminary draft",
		} {
			if !strings.Contains(page, want) {
				ts.Fatalf("%s does not say %q", name, want)
			}
		}
	}
}

func digit(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// mode PERM FILE compares the permissions of a file.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Lstat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); (got == args[0]) == neg {
		ts.Fatalf("%s has mode %s", args[1], got)
	}
}

// picture FILE WIDTH HEIGHT writes a PNG.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: picture FILE WIDTH HEIGHT")
	}
	w, errW := strconv.Atoi(args[1])
	h, errH := strconv.Atoi(args[2])
	ts.Check(errors.Join(errW, errH))
	var b bytes.Buffer
	ts.Check(png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, w, h))))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

// readTable reads a CSV file of ours, its header first.
func readTable(ts *testscript.TestScript, file string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ts.ReadFile(file), "\uFEFF"))).ReadAll()
	ts.Check(err)
	return rows
}

// fill FILE ITEM COLUMN=TEXT... fills cells in the row of an item, as somebody with a spreadsheet does.
func fillCells(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: fill FILE ITEM COLUMN=TEXT...")
	}
	rows := readTable(ts, args[0])
	i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == args[1] })
	if i < 0 {
		ts.Fatalf("%s has no row of %s", args[0], args[1])
	}
	for _, cell := range args[2:] {
		column, text, _ := strings.Cut(cell, "=")
		k := slices.Index(rows[0], column)
		if k < 0 {
			ts.Fatalf("%s has no column %q", args[0], column)
		}
		rows[i][k] = text
	}
	var b bytes.Buffer
	ts.Check(csv.NewWriter(&b).WriteAll(rows))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

// sametable FILE FILE [COLUMN...] compares two CSV files, without some of their columns.
func sameTable(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: sametable FILE FILE [COLUMN...]")
	}
	a, b := readTable(ts, args[0]), readTable(ts, args[1])
	for _, column := range args[2:] {
		for _, rows := range [][][]string{a, b} {
			k := slices.Index(rows[0], column)
			if k < 0 {
				ts.Fatalf("there is no column %q", column)
			}
			for i := range rows {
				rows[i] = slices.Delete(rows[i], k, k+1)
			}
		}
	}
	if diff := cmp.Diff(a, b); (diff == "") == neg {
		ts.Fatalf("%s and %s:\n%s", args[0], args[1], diff)
	}
}

// longname VAR N puts a text of N letters into a variable.
func longName(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], strings.Repeat("a", n))
}

// catalog FILE VERSION [WITHOUT] writes a made-up OSCAL catalog of the CSF 2.0 Core, without the entry
// of that id.
func catalog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: catalog FILE VERSION [WITHOUT]")
	}
	raw, err := madeUpCatalog(args[1], args[2:]...)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// madeUpCatalog is an OSCAL catalog of the CSF 2.0 Core in made-up words, without the entries of those ids.
func madeUpCatalog(version string, without ...string) ([]byte, error) {
	type object = map[string]any
	cat, err := content.Embedded()
	if err != nil {
		return nil, err
	}
	byID := make(map[string]object)
	var groups []object
	put := func(id, parent string) {
		byID[id] = object{"id": id, "controls": []object{}, "parts": []object{
			{"name": "statement", "prose": "Made-up outcome of " + id},
			{"name": "example", "prose": "Made-up example of " + id},
		}}
		if in := byID[parent]; in != nil && !slices.Contains(without, id) {
			in["controls"] = append(in["controls"].([]object), byID[id])
		}
	}
	for fn := range cat.Functions() {
		put(fn.ID, "")
		groups = append(groups, byID[fn.ID])
	}
	for k := range cat.Categories() {
		put(k.ID, k.Function)
	}
	for s := range cat.Subcategories() {
		put(s.ID, s.Category)
	}
	return json.Marshal(object{"catalog": object{"metadata": object{"title": "Made up", "version": version}, "groups": groups}})
}

// damage FILE OLD NEW replaces a text in a file by one of the same length, at all its places.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 || len(args[1]) != len(args[2]) {
		ts.Fatalf("usage: damage FILE OLD NEW, of the same length")
	}
	was := ts.ReadFile(args[0])
	if !strings.Contains(was, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(was, args[1], args[2])), 0o600))
}

// pack KIND PATH writes a pack: "next-draft" the made-up one, "reworded" the embedded one in an edition
// with other words, "embedded" as it is. A path that ends in .zip becomes a zip.
func makePack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pack next-draft|reworded|embedded PATH")
	}
	var files fs.FS
	switch args[0] {
	case "next-draft":
		files = contenttest.NextDraft().Files()
	case "reworded":
		p := contenttest.New("nist-ir-8596-iprd")
		p.Edition(99)
		p.Item("PR.AT-01/secure").Question = "What is asked in other words?"
		files = p.Files()
	case "embedded":
		files = content.EmbeddedFiles()
	default:
		ts.Fatalf("there is no pack %q", args[0])
	}
	path := ts.MkAbs(args[1])
	if !strings.HasSuffix(path, ".zip") {
		ts.Check(os.CopyFS(path, files))
		return
	}
	f, err := os.Create(path)
	ts.Check(err)
	w := zip.NewWriter(f)
	ts.Check(errors.Join(w.AddFS(files), w.Close(), f.Close()))
}

// resign BUNDLE OUT [SIGNATURE] writes the bundle again with that file as its signature, or without one.
// resign BUNDLE - - MANIFEST SIGNATURE writes what is signed, and the signature, to files.
func resign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 5 {
		ts.Fatalf("usage: resign BUNDLE OUT [SIGNATURE] | resign BUNDLE - - MANIFEST SIGNATURE")
	}
	c, err := bundle.Read([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	if len(args) == 5 {
		ts.Check(os.WriteFile(ts.MkAbs(args[3]), c.Manifest, 0o600))
		ts.Check(os.WriteFile(ts.MkAbs(args[4]), c.Signature, 0o600))
		return
	}
	if c.Signature = nil; len(args) == 3 {
		c.Signature = []byte(ts.ReadFile(args[2]))
	}
	var b bytes.Buffer
	ts.Check(bundle.Write(&b, *c))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}
