package reports_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"plumbline/reports"
)

// What makes the page safe to open and usable with a screen reader.
func TestHTMLPage(t *testing.T) {
	page := write(t, reports.HTML, examples(t)[0], options())
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	attr := func(n *html.Node, key string) string {
		for _, a := range n.Attr {
			if strings.EqualFold(a.Key, key) {
				return a.Val
			}
		}
		return ""
	}
	h1, level := 0, 0
	policy, ids := "", make(map[string]bool)
	var links []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("the id %q is there twice", id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "html":
			if attr(n, "lang") != "en-US" {
				t.Errorf("the language is %q", attr(n, "lang"))
			}
		case "meta":
			if attr(n, "http-equiv") == "Content-Security-Policy" {
				policy = attr(n, "content")
			}
		case "h1", "h2", "h3", "h4":
			now := int(n.Data[1] - '0')
			if now == 1 {
				h1++
			}
			if now > level+1 {
				t.Errorf("a heading of level %d below level %d: %s", now, level, text(n))
			}
			level = now
		case "th":
			if s := attr(n, "scope"); s != "col" && s != "row" {
				t.Errorf("a head cell without scope: %s", text(n))
			}
		case "table":
			if c := n.FirstChild; c == nil || c.Data != "caption" || text(c) == "" {
				t.Errorf("a table without caption: %.80s", text(n))
			}
		case "svg":
			if attr(n, "role") != "img" || n.FirstChild.Data != "title" {
				t.Errorf("a drawing without a name: %.80s", text(n))
			}
			figure := n.Parent
			if !strings.Contains(text(figure), ", in numbers") && !strings.Contains(text(figure), "widest first") {
				t.Errorf("a drawing without a table of its numbers: %.80s", text(n))
			}
		case "a":
			links = append(links, attr(n, "href"))
		case "script", "link", "img", "iframe", "object", "form":
			t.Errorf("an element %s", n.Data)
		}
	}
	if want := "default-src 'none'; style-src 'unsafe-inline'; img-src data:"; policy != want {
		t.Errorf("the policy is %q", policy)
	}
	if h1 != 1 {
		t.Errorf("%d headings of level 1", h1)
	}
	for _, l := range links {
		if !ids[strings.TrimPrefix(l, "#")] {
			t.Errorf("the link %q leads nowhere", l)
		}
	}
	for _, bad := range []string{"http://", "https://", "@import", "url("} {
		if rest := bytes.ReplaceAll(page, []byte(`xmlns="http://www.w3.org/2000/svg"`), nil); bytes.Contains(rest, []byte(bad)) {
			t.Errorf("the page refers to something outside: %s", bad)
		}
	}
}

// The pairs of text and ground in the style sheet (WCAG 2.2, success criterion 1.4.3).
func TestHTMLContrast(t *testing.T) {
	css, err := os.ReadFile("html/page.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, ground string }{
		{"#1b2733", "#f5f7f9"},
		{"#55626f", "#fff"},
		{"#55626f", "#f5f7f9"},
		{"#1f4e79", "#fff"},
		{"#1b2733", "#fbf3e2"},
		{"#fff", "#16324f"},
		{"#c9d8e6", "#16324f"},
		{"#dbe6f0", "#16324f"},
		{"#fff", "#8f2d1b"},
		{"#8f2d1b", "#fff"},
		{"#fff", "#b1462f"},
		{"#1b2733", "#f2c9a1"},
		{"#1b2733", "#a9cbe0"},
		{"#fff", "#1f5f8b"},
		{"#1b2733", "#e9eef3"},
		{"#1b2733", "#f1f6ee"},
	} {
		for _, color := range []string{c.text, c.ground} {
			if !bytes.Contains(css, []byte(color)) {
				t.Errorf("the style sheet has no color %s", color)
			}
		}
		if got := contrast(t, c.text, c.ground); got < 4.5 {
			t.Errorf("%s on %s: %.2f:1", c.text, c.ground, got)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(color string) float64 {
		hex := strings.TrimPrefix(color, "#")
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		var r, g, b int
		if _, err := fmt.Sscanf(hex, "%02x%02x%02x", &r, &g, &b); err != nil {
			t.Fatalf("%s: %v", color, err)
		}
		channel := func(v int) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*channel(r) + 0.7152*channel(g) + 0.0722*channel(b)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
