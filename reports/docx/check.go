package docx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// Check reads a document back, paragraph by paragraph, and compares its cover, headings, headline
// figures, entries, every cell of its tables, and the headers and footers with what the document says. It
// refuses a file with a macro, an embedded object or a link that leads out of it.
func Check(data []byte, d model.Document) error {
	parts, err := ooxml.Read(data)
	if err != nil {
		return err
	}
	got, err := read(parts["word/document.xml"])
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	want := expected(d)
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"title", got.styled["Title"], want.styled["Title"]},
		{"session", got.styled["Subtitle"], want.styled["Subtitle"]},
		{"warning", got.styled["Banner"], want.styled["Banner"]},
		{"statement", got.styled["Statement"], want.styled["Statement"]},
		{"section", got.styled["Heading1"], want.styled["Heading1"]},
		{"heading", got.styled["Heading2"], want.styled["Heading2"]},
		{"heading", got.styled["Heading3"], want.styled["Heading3"]},
		{"headline figure", got.styled["FigureValue"], want.styled["FigureValue"]},
		{"caption", got.styled["Caption"], want.styled["Caption"]},
	} {
		if err := compare(c.what, c.got, c.want); err != nil {
			return err
		}
	}
	if len(got.tables) != len(want.tables) {
		return fmt.Errorf("it has %d tables, not %d", len(got.tables), len(want.tables))
	}
	for i, t := range want.tables {
		caption := want.styled["Caption"][i]
		if len(got.tables[i]) != len(t) {
			return fmt.Errorf("the table %q has %d rows, not %d", caption, len(got.tables[i]), len(t))
		}
		for j, r := range t {
			if err := compare("cell", got.tables[i][j], r); err != nil {
				return fmt.Errorf("the table %q, row %d: %w", caption, j+1, err)
			}
		}
	}
	for _, name := range []string{firstHeader, portrait.header, landscape.header, portrait.footer, landscape.footer} {
		page, err := read(parts["word/"+name+".xml"])
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		said := strings.Join(page.all, "\n")
		if !strings.Contains(said, ooxml.Plain(d.Marking)) {
			return fmt.Errorf("%s does not say %q", name, d.Marking)
		}
		if strings.HasPrefix(name, "header") && name != firstHeader && !strings.Contains(said, ooxml.Plain(d.Warning)) {
			return fmt.Errorf("%s does not say %q", name, d.Warning)
		}
		if strings.HasPrefix(name, "footer") && !strings.Contains(said, ooxml.Plain(d.Footer)) {
			return fmt.Errorf("%s does not say %q", name, d.Footer)
		}
	}
	return nil
}

func compare(what string, got, want []string) error {
	if len(got) != len(want) {
		return fmt.Errorf("it has %d of %q, not %d", len(got), what, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			return fmt.Errorf("%s %d is %.80q, not %.80q", what, i+1, got[i], want[i])
		}
	}
	return nil
}

// reading is what was found: every paragraph, the paragraphs by their styles, and the cells of the
// tables of data by table and row, the head among the rows.
type reading struct {
	all    []string
	styled map[string][]string
	tables [][][]string
}

// expected is what Check wants to find.
func expected(d model.Document) reading {
	r := reading{styled: make(map[string][]string)}
	add := func(style string, texts ...string) {
		for _, s := range texts {
			r.styled[style] = append(r.styled[style], ooxml.Plain(s))
		}
	}
	table := func(t model.Table) {
		add("Caption", t.Caption)
		var head []string
		for _, c := range t.Columns {
			head = append(head, ooxml.Plain(c.Title))
		}
		rows := [][]string{head}
		for _, row := range t.Rows {
			var cells []string
			for _, c := range row.Cells {
				text := c.Text
				if c.Sub != "" {
					text += "\n" + c.Sub
				}
				cells = append(cells, ooxml.Plain(text))
			}
			rows = append(rows, cells)
		}
		r.tables = append(r.tables, rows)
	}
	add("Title", d.Organization)
	add("Subtitle", d.Session)
	if d.Warning != "" {
		add("Banner", d.Warning)
	}
	add("Statement", d.Statements...)
	for _, s := range d.Sections {
		add("Heading1", s.Number+"\t"+s.Title)
		entry := "Heading2"
		for _, block := range s.Blocks {
			switch v := block.(type) {
			case model.Heading:
				add("Heading2", v.Text)
				entry = "Heading3"
			case model.Entries:
				for _, e := range v.Entries {
					add(entry, e.Title+"  "+e.Code)
				}
			case model.Figures:
				for _, f := range v.Figures {
					add("FigureValue", f.Value)
				}
			case model.Table:
				table(v)
			case model.Chart:
				table(v.Table)
			}
		}
	}
	return r
}

// never are elements that no report of ours has: what runs, embeds, asks or leads elsewhere.
var never = []string{"object", "OLEObject", "altChunk", "subDoc", "fldSimple", "control", "ins", "del", "vanish", "comment"}

// read reads a part with paragraphs.
func read(part []byte) (reading, error) {
	r := reading{styled: make(map[string][]string)}
	d := xml.NewDecoder(bytes.NewReader(part))
	var (
		para   strings.Builder
		style  string
		text   bool // inside w:t
		data   bool // inside a table of data
		inCell bool
		cell   []string
	)
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			name := t.Name.Local
			if slices.Contains(never, name) {
				return r, fmt.Errorf("it has an element %s", name)
			}
			switch name {
			case "p":
				para.Reset()
				style = ""
			case "pStyle":
				style = attribute(t, "val")
			case "tblStyle":
				if data = attribute(t, "val") == "ReportTable"; data {
					r.tables = append(r.tables, nil)
				}
			case "tr":
				if data {
					last := len(r.tables) - 1
					r.tables[last] = append(r.tables[last], nil)
				}
			case "tc":
				cell, inCell = nil, true
			case "t":
				text = true
			case "br":
				para.WriteByte('\n')
			case "tab":
				if attribute(t, "pos") == "" { // with one it is a place, not a character
					para.WriteByte('\t')
				}
			case "hyperlink":
				if attribute(t, "anchor") == "" {
					return r, errors.New("it has a link that leads out of it")
				}
			}
		case xml.CharData:
			if text {
				para.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				text = false
			case "p":
				s := para.String()
				r.all = append(r.all, s)
				r.styled[style] = append(r.styled[style], s)
				if inCell {
					cell = append(cell, s)
				}
			case "tc":
				inCell = false
				if data {
					rows := r.tables[len(r.tables)-1]
					rows[len(rows)-1] = append(rows[len(rows)-1], strings.Join(cell, "\n"))
				}
			case "tbl":
				data = false
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
