package html

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"plumbline/reports/model"
)

// Check reads a page back, as the well-formed XML that it is, and compares its sections, tables, rows,
// entries, headline figures and footer with what the document says.
func Check(data []byte, d model.Document) error {
	var got reading
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.Entity = xml.HTMLEntity
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		got.token(tok)
	}
	want := d.Outline()
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"sections", got.sections, want.Sections},
		{"tables", got.tables, want.Tables},
		{"rows of tables", got.rows, want.Rows},
		{"entries", len(got.entries), len(want.Entries)},
		{"headline figures", len(got.figures), len(want.Figures)},
	} {
		if c.got != c.want {
			return fmt.Errorf("it has %d %s, not %d", c.got, c.what, c.want)
		}
	}
	for i, f := range want.Figures {
		if got.figures[i] != [2]string{f.Key, f.Value} {
			return fmt.Errorf("figure %d is %q, not %q %q", i+1, got.figures[i], f.Key, f.Value)
		}
	}
	if !slices.Equal(got.entries, want.Entries) {
		return errors.New("its entries are not those of the document")
	}
	if !strings.Contains(got.footer.String(), d.Footer) {
		return fmt.Errorf("its footer does not say %q", d.Footer)
	}
	return nil
}

// reading is what was found so far.
type reading struct {
	sections, tables, rows int
	entries                []string    // their ids
	figures                [][2]string // key and value
	footer                 strings.Builder

	inFigure, inBody, inFooter bool
}

func (r *reading) token(tok xml.Token) {
	switch t := tok.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "section":
			r.sections++
		case "table":
			r.tables++
		case "tbody":
			r.inBody = true
		case "tr":
			if r.inBody {
				r.rows++
			}
		case "article":
			for _, a := range t.Attr {
				if a.Name.Local == "id" {
					r.entries = append(r.entries, a.Value)
				}
			}
		case "footer":
			r.inFooter = true
		}
		for _, a := range t.Attr {
			if a.Name.Local == "data-figure" {
				r.inFigure = true
				r.figures = append(r.figures, [2]string{a.Value})
			}
		}
	case xml.EndElement:
		r.inFigure = false
		switch t.Name.Local {
		case "tbody":
			r.inBody = false
		case "footer":
			r.inFooter = false
		}
	case xml.CharData:
		if r.inFigure {
			r.figures[len(r.figures)-1][1] += string(t)
		}
		if r.inFooter {
			r.footer.Write(t)
		}
	}
}
