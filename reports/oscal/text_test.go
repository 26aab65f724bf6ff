package oscal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"plumbline/content"
)

func TestUUID(t *testing.T) {
	// The namespace is the UUID of version 5 of NS among the URLs; the others were computed with Python's uuid.
	for name, want := range map[string]string{
		"":     "2a4eb38f-50f3-5d1f-9037-a1c6943766cb",
		"a/ü/": "d2615e3d-99b9-5db2-aefc-ab8078d5fd85",
	} {
		if got := uuid(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// What was written is what Markdown shows, as plain text in paragraphs, however permissive the reader.
func TestMarkdown(t *testing.T) {
	for _, text := range []string{
		"plain", "two\nlines", "{{ insert: param, ac-1_prm_1 }}", "**b** _i_ `c` ~s~ ^s^ $x$", "[x](javascript:alert(1)) ![y](z) <b>&lt;",
		"# heading\n- list\n1. one\n\n    code\n> q\n```\ncode\n```", `back\slash \{ \\{`, "https://example.org www.example.org", "a\n===\nb\n---", "| a | b |\n|--|--|",
		"[^1]: note", "~~~\ncode", "&nbsp; &#60;",
	} {
		var b bytes.Buffer
		p := prose{}
		p.say("Before.")
		p.quote("Note", text)
		if err := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote)).Convert([]byte(p.String()), &b); err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for n := range doc.Descendants() {
			switch {
			case n.Type == html.TextNode && strings.TrimSpace(n.Data) != "":
				got = append(got, strings.ReplaceAll(n.Data, "\u00a0", " "))
			case n.Type == html.ElementNode && !strings.Contains(" html head body p ", " "+n.Data+" "):
				t.Errorf("%q makes an element %s", text, n.Data)
			}
		}
		want := []string{"Before."}
		for i, line := range strings.Split(text, "\n") {
			if i == 0 {
				line = "Note: " + line
			}
			if line != "" {
				want = append(want, line)
			}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%q is shown as %q", text, got)
		}
		for i, r := range p.String() {
			if strings.ContainsRune("{^", r) && p.String()[i-1] != '\\' {
				t.Errorf("%q: OSCAL's own sign %q stands bare", text, r)
			}
		}
	}
}

// The catalog that the documents cite has a control and a statement for each Subcategory of the pack.
func TestCatalog(t *testing.T) {
	const file = "../../../shared/reference/nist-csf-2.0-oscal-catalog.json"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("NIST's catalog is not at %s: the ids of its controls are not compared here", file)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != catalogHash {
		t.Errorf("the catalog has the hash %s, not %s", got, catalogHash)
	}
	ids := make(map[string]bool)
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	walk(tree, "", func(member, value string) {
		if member == "id" {
			ids[value] = true
		}
	})
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for sub := range cat.Subcategories() {
		if !ids[sub.ID] || !ids[sub.ID+"_statement"] {
			t.Errorf("the catalog lacks %s or its statement", sub.ID)
		}
	}
}
