// Package markdown writes a report as GitHub Flavored Markdown. Everything that a person wrote is
// escaped, so that it shows as written and never as markup, a link or raw HTML.
package markdown

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"plumbline/reports/model"
)

// Write writes the document.
func Write(w io.Writer, d model.Document) error {
	p := printer{}
	if d.Warning != "" {
		p.line("> **Warning:** ", escape(d.Warning))
		p.line()
	}
	p.line("# ", escape(d.Title), ": ", escape(d.Organization), ", ", escape(d.Session))
	p.line()
	if d.Marking != "" {
		p.line("**", escape(d.Marking), "**")
		p.line()
	}
	p.line(escape(d.Subject))
	p.line()
	p.facts(d.Cover)
	for _, s := range d.Statements {
		p.line("> ", escape(s))
		p.line(">")
	}
	p.cut(">\n")
	if !d.Brief {
		p.line()
		p.line("## Contents")
		p.line()
		for _, s := range d.Sections {
			p.line(s.Number, ". ", escape(s.Title))
		}
	}
	for _, s := range d.Sections {
		p.line()
		p.line("## ", s.Number, ". ", escape(s.Title))
		p.line()
		for _, block := range s.Blocks {
			if err := p.block(block); err != nil {
				return fmt.Errorf("section %q: %w", s.ID, err)
			}
		}
		p.cut("\n")
	}
	p.line()
	p.line("---")
	p.line()
	if d.Marking != "" {
		p.line("**", escape(d.Marking), "**")
		p.line()
	}
	p.line(escape(d.Footer))
	_, err := w.Write(p.Bytes())
	return err
}

// printer is the text so far. Every block ends with one empty line.
type printer struct{ bytes.Buffer }

func (p *printer) line(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
	p.WriteByte('\n')
}

// cut takes the last line off if it is the given one.
func (p *printer) cut(line string) {
	if bytes.HasSuffix(p.Bytes(), []byte("\n"+line)) {
		p.Truncate(p.Len() - len(line))
	}
}

func (p *printer) block(block model.Block) error {
	switch v := block.(type) {
	case model.Para:
		if v.Note {
			p.line("*", escape(v.Text), "*")
		} else {
			p.line(escape(v.Text))
		}
		p.line()
	case model.List:
		for _, s := range v.Items {
			p.line("- ", inner(s, "  "))
		}
		p.line()
	case model.Heading:
		p.line("### ", escape(v.Text))
		p.line()
	case model.Figures:
		p.line("| Figure | Value | |")
		p.line("|:--|:--|:--|")
		for _, f := range v.Figures {
			p.line(figureLine(f))
		}
		p.line()
	case model.Facts:
		p.facts(v.Facts)
	case model.Table:
		p.table(v)
	case model.Chart:
		p.table(v.Table) // which has the numbers that the drawing shows
	case model.Entries:
		for _, e := range v.Entries {
			p.entry(e)
		}
	default:
		return fmt.Errorf("a block of type %T", block)
	}
	return nil
}

func figureLine(f model.Figure) string {
	return "| " + cell(f.Label) + " | **" + cell(f.Value) + "** | " + cell(f.Note) + " |"
}

func (p *printer) facts(facts []model.Fact) {
	for _, f := range facts {
		switch {
		case f.Style == model.Bullets || f.Style == model.Suggestion:
			p.line("- **", escape(f.Term), ":**")
			for _, s := range f.Lines {
				p.line("  - ", inner(s, "    "))
			}
		default:
			p.line("- **", escape(f.Term), ":** ", inner(strings.Join(f.Lines, "\n"), "  "))
		}
	}
	p.line()
}

func (p *printer) table(t model.Table) {
	p.line("**", escape(t.Caption), "**")
	p.line()
	for _, c := range t.Columns {
		p.WriteString("| " + cell(c.Title) + " ")
	}
	p.line("|")
	for _, c := range t.Columns {
		if c.Kind == model.Number {
			p.WriteString("|--:")
		} else {
			p.WriteString("|:--")
		}
	}
	p.line("|")
	for _, r := range t.Rows {
		for _, c := range r.Cells {
			p.WriteString("| ")
			s := cell(c.Text)
			if r.Strong && s != "" {
				s = "**" + s + "**"
			}
			p.WriteString(s)
			if c.Sub != "" {
				p.WriteString("<br>" + cell(c.Sub))
			}
			p.WriteByte(' ')
		}
		p.line("|")
	}
	p.line()
}

func (p *printer) entry(e model.Entry) {
	p.line("### ", escape(e.Title), " (", escape(e.Code), ")")
	p.line()
	if len(e.Badges) > 0 {
		for i, b := range e.Badges {
			if i > 0 {
				p.WriteString(" · ")
			}
			p.WriteString(escape(b.Text))
		}
		p.line()
		p.line()
	}
	if len(e.Inline) > 0 {
		for i, f := range e.Inline {
			if i > 0 {
				p.WriteString(" · ")
			}
			p.WriteString(escape(f.Term) + ": " + escape(strings.Join(f.Lines, ", ")))
		}
		p.line()
		p.line()
	}
	if e.Lead != "" {
		p.line("**", escape(e.Lead), "**")
		p.line()
	}
	p.facts(e.Facts)
	if len(e.Choices) == 0 {
		return
	}
	for i, c := range e.Choices {
		if i > 0 {
			p.WriteString(" · ")
		}
		p.WriteString("□ " + escape(c))
	}
	p.line()
	p.line()
	for _, b := range e.Blanks {
		if b != "" {
			p.line(escape(b), ":")
			p.line()
		}
	}
}

// cell is a text in a cell of a table, where a line break is a tag.
func cell(s string) string { return strings.ReplaceAll(escape(s), "\n", "<br>") }

// inner is a text of several lines inside a list, each of them a line of its own.
func inner(s, indent string) string {
	return strings.ReplaceAll(escape(s), "\n", "\\\n"+indent)
}
