package content

import (
	"io/fs"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func catalog(t *testing.T) *Catalog {
	t.Helper()
	c, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func count[T any](seq iter.Seq[T]) (n int) {
	for range seq {
		n++
	}
	return n
}

func TestEmbeddedShape(t *testing.T) {
	c := catalog(t)
	for _, n := range []struct {
		of        string
		got, want int
	}{
		{"Functions", count(c.Functions()), 6},
		{"Categories", count(c.Categories()), 22},
		{"Subcategories", count(c.Subcategories()), 106},
		{"items", count(c.Items()), 318},
		{"Len", c.Len(), 318},
	} {
		if n.got != n.want {
			t.Errorf("%s: %d, want %d", n.of, n.got, n.want)
		}
	}
	p := c.Pack()
	if p.ID != "nist-ir-8596-iprd" || p.Edition != 2 || p.Status != "initial preliminary draft" || p.Language != "en-US" {
		t.Errorf("pack is %+v", p)
	}
	if want := "NIST IR 8596 iprd, Cybersecurity Framework Profile for Artificial Intelligence (Cyber AI Profile), 2025-12-16"; p.Source != want {
		t.Errorf("source is %q, want %q", p.Source, want)
	}
	// The facts of the draft do not change, whatever edition the wording reaches.
	if want := "1c583cd734f607b93f4b1375d796e3872c1fd9363ef09d65c61748e6ab1aa69c"; p.Facts != want {
		t.Errorf("facts hash is %s, want %s", p.Facts, want)
	}
}

func TestEmbeddedFacts(t *testing.T) {
	c := catalog(t)
	priorities := map[Priority]int{}
	standard, standardAndMore, silent := 0, 0, 0
	for it := range c.Items() {
		priorities[it.Priority]++
		more := it.Considerations != "" || it.Opportunities != ""
		switch {
		case it.StandardPractices && more:
			standardAndMore++
			standard++
		case it.StandardPractices:
			standard++
		case !more:
			silent++
		}
	}
	if want := map[Priority]int{High: 75, Moderate: 120, Foundational: 123}; !reflect.DeepEqual(priorities, want) {
		t.Errorf("priorities are %v, want %v", priorities, want)
	}
	if standard != 147 || standardAndMore != 45 || silent != 0 {
		t.Errorf("standard practices in %d items, %d of which add something, and %d items say nothing; want 147, 45, 0", standard, standardAndMore, silent)
	}
}

func TestIndexes(t *testing.T) {
	c := catalog(t)
	i := 0
	for s := range c.Subcategories() {
		for _, area := range Areas {
			id := ItemID{s.ID, area}
			it := c.At(i)
			if it.ID != id || it.Index != i || it.Page != s.Page {
				t.Errorf("item %d is %s, index %d, page %d; want %s on page %d", i, it.ID, it.Index, it.Page, id, s.Page)
			}
			if n, ok := c.Index(id); !ok || n != i {
				t.Errorf("Index(%s) is %d, %t", id, n, ok)
			}
			if found, ok := c.Item(id); !ok || found != it {
				t.Errorf("Item(%s) is another item", id)
			}
			i++
		}
		if k, ok := c.Category(s.Category); !ok || k.Function != s.ID[:2] {
			t.Errorf("%s: its Category is %+v, %t", s.ID, k, ok)
		}
		if f, ok := c.Function(s.ID[:2]); !ok || f.Name == "" {
			t.Errorf("%s: its Function is %+v, %t", s.ID, f, ok)
		}
	}
	if _, ok := c.Item(ItemID{"GV.OC-99", Secure}); ok {
		t.Error("an unknown item is found")
	}
	if _, ok := c.Index(ItemID{"GV.OC-01", Area(len(Areas))}); ok {
		t.Error("an unknown Focus Area is found")
	}
	if _, ok := c.Category("GV"); ok {
		t.Error("an unknown Category is found")
	}
	if _, ok := c.Subcategory("GV.OC"); ok {
		t.Error("an unknown Subcategory is found")
	}
}

func TestQuestionsDiffer(t *testing.T) {
	c := catalog(t)
	for _, text := range []struct {
		name string
		of   func(*Item) string
	}{
		{"question", func(it *Item) string { return it.Question }},
		{"why", func(it *Item) string { return it.Why }},
	} {
		first := map[string]ItemID{}
		for it := range c.Items() {
			key := strings.ToLower(strings.Join(strings.Fields(text.of(it)), " "))
			if other, twice := first[key]; twice {
				t.Errorf("%s and %s have the same %s", it.ID, other, text.name)
			}
			first[key] = it.ID
		}
	}
	// Three Focus Areas of a Subcategory ask for three different things: no two of their questions
	// may have most of their words in common.
	for s := range c.Subcategories() {
		var words [len(Areas)]map[string]bool
		for _, area := range Areas {
			it, _ := c.Item(ItemID{s.ID, area})
			words[area] = map[string]bool{}
			for w := range strings.FieldsSeq(strings.ToLower(it.Question)) {
				words[area][strings.Trim(w, ",.?;:")] = true
			}
		}
		for a := range words {
			for b := range a {
				common := 0
				for w := range words[a] {
					if words[b][w] {
						common++
					}
				}
				if 3*common > 2*min(len(words[a]), len(words[b])) {
					t.Errorf("%s: the questions of %s and %s have %d words in common", s.ID, Areas[a], Areas[b], common)
				}
			}
		}
	}
}

// TestTexts is independent of the loader's own checks.
func TestTexts(t *testing.T) {
	c := catalog(t)
	bad := func(s string) bool {
		return s == "" || s != strings.TrimSpace(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
	}
	for s := range c.Subcategories() {
		if bad(s.Title) || bad(s.Outcome) || s.General != "" && bad(s.General) || s.Page < 1 {
			t.Errorf("%s: an empty or unclean text, or no page", s.ID)
		}
	}
	used := map[string]bool{}
	for it := range c.Items() {
		texts := slices.Concat([]string{it.Question, it.Why}, it.GoodPractice, it.Evidence, it.Roles)
		for _, s := range it.Actions {
			texts = append(texts, s.Text)
			if !strings.Contains("S M L", s.Effort) || len(s.Effort) != 1 {
				t.Errorf("%s: effort is %q", it.ID, s.Effort)
			}
		}
		if slices.ContainsFunc(texts, bad) || len(it.GoodPractice) < 2 || len(it.Evidence) < 2 || len(it.Actions) < 1 || len(it.Roles) < 1 {
			t.Errorf("%s: an empty or unclean text, or too few", it.ID)
		}
		for _, r := range it.Roles {
			used[r] = true
			if !slices.Contains(Roles[:], r) {
				t.Errorf("%s: unknown role %q", it.ID, r)
			}
		}
	}
	if len(used) != len(Roles) {
		t.Errorf("%d roles are used, want all %d", len(used), len(Roles))
	}
}

func TestReferences(t *testing.T) {
	c := catalog(t)
	var all []Reference
	for s := range c.Subcategories() {
		all = append(all, s.References...)
	}
	for it := range c.Items() {
		all = append(all, it.References...)
	}
	if len(all) != 1900 {
		t.Errorf("%d references, want 1900", len(all))
	}
	for _, r := range all {
		s, ok := c.Scheme(r.Scheme)
		if !ok {
			t.Fatalf("%+v: no such scheme", r)
		}
		if named := r.Name != ""; named != (r.ID != "" && !s.Open) {
			t.Errorf("%+v: has a name %t, scheme is open %t", r, named, s.Open)
		}
	}
	it, _ := c.Item(ItemID{"GV.OC-01", Defend})
	var got []string
	for _, r := range it.References {
		got = append(got, r.String())
	}
	want := []string{
		"ENISA Threat Landscape 2025",
		"DASF 50 Platform compliance",
		"AML.M0020 Generative AI Guardrails",
		"AI Security Overview",
		"arXiv:2311.05232",
		"NIST AI 100-2e2025",
	}
	if !slices.Equal(got, want) {
		t.Errorf("references of %s:\n%q, want\n%q", it.ID, got, want)
	}
	for _, r := range []struct {
		ref  Reference
		want string
	}{
		{Reference{Scheme: "owasp-llm", ID: "LLM03", Name: "Supply Chain (2025 edition)"}, "LLM03 Supply Chain (2025 edition)"},
		{Reference{Scheme: "owasp-ai-exchange", ID: "Conventional runtime controls", Name: "Conventional Runtime Controls"}, "Conventional Runtime Controls"},
		{Reference{Scheme: "atlas", Label: "ATLAS"}, "ATLAS"},
	} {
		if got := r.ref.String(); got != r.want {
			t.Errorf("%+v is shown as %q, want %q", r.ref, got, r.want)
		}
	}
}

// TestLoadEmbedded puts the embedded pack through everything that a foreign one must pass, since
// Embedded leaves a part of it out, and compares the two.
func TestLoadEmbedded(t *testing.T) {
	fsys, err := fs.Sub(embedded, embeddedFolder)
	if err != nil {
		t.Fatal(err)
	}
	strict, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	quick := catalog(t)
	for _, part := range []struct {
		name          string
		quick, strict any
	}{
		{"pack", quick.pack, strict.pack},
		{"functions", quick.functions, strict.functions},
		{"categories", quick.cats, strict.cats},
		{"subcategories", quick.subs, strict.subs},
		{"items", quick.items, strict.items},
		{"schemes", quick.schemes, strict.schemes},
		{"lenses", slices.Collect(quick.Lenses()), slices.Collect(strict.Lenses())},
	} {
		if !reflect.DeepEqual(part.quick, part.strict) {
			t.Errorf("%s differ between Embedded and Load", part.name)
		}
	}
}
