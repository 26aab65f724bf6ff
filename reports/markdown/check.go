package markdown

import (
	"fmt"
	"strings"

	"plumbline/reports/model"
)

// Check reads the text back line by line and compares its sections, headings, tables, rows, headline
// figures and footer with what the document says. What people wrote can not begin such a line: it is
// escaped.
func Check(data []byte, d model.Document) error {
	want := d.Outline()
	groups := 0 // of headline figures: each is a table
	for _, s := range d.Sections {
		for _, block := range s.Blocks {
			if _, ok := block.(model.Figures); ok {
				groups++
			}
		}
	}
	contents := 1
	if d.Brief {
		contents = 0
	}
	text := string(data)
	var sections, headings, tables, rows int
	lines := make(map[string]bool)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "## "):
			sections++
		case strings.HasPrefix(line, "### "):
			headings++
		case strings.HasPrefix(line, "|:--"), strings.HasPrefix(line, "|--:"):
			tables++
		case strings.HasPrefix(line, "| "):
			rows++
			lines[line] = true
		}
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"sections", sections - contents, want.Sections},
		{"headings", headings, want.Headings + len(want.Entries)},
		{"tables", tables, want.Tables + groups},
		{"rows of tables", rows - tables, want.Rows + len(want.Figures)},
	} {
		if c.got != c.want {
			return fmt.Errorf("it has %d %s, not %d", c.got, c.what, c.want)
		}
	}
	for _, f := range want.Figures {
		if line := figureLine(f); !lines[line] {
			return fmt.Errorf("the line of the figure %q is missing: %s", f.Label, line)
		}
	}
	if !strings.HasSuffix(text, "\n"+escape(d.Footer)+"\n") {
		return fmt.Errorf("it does not end with the footer %q", d.Footer)
	}
	return nil
}
