// Package html writes a report as one self-contained page: no script, nothing that it loads, a
// content security policy that forbids both, and charts as inline SVG with their numbers in a table
// below. The page is well-formed XML too, so that it can be read back and checked.
package html

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"plumbline/reports/model"
)

//go:embed page.tmpl
var source string

//go:embed page.css
var style string

// brief is the style of a document of a few pages, added to that of all.
//
//go:embed brief.css
var brief string

// paper is the style of questions to answer on paper, added where there are some.
//
//go:embed paper.css
var paper string

// page is parsed when the first report is written, not when the program starts.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(strings.NewReplacer("/*style*/", style, "/*brief*/", brief, "/*paper*/", paper).Replace(source)))
})

// Write writes the document.
func Write(w io.Writer, d model.Document) error {
	var b bytes.Buffer
	if err := page().ExecuteTemplate(&b, "open", front{d, logo(d.Brand.Logo), asks(d)}); err != nil {
		return err
	}
	size := 0
	parts, errs := make([]bytes.Buffer, len(d.Sections)), make([]error, len(d.Sections))
	var sections sync.WaitGroup
	for i, s := range d.Sections {
		sections.Go(func() { errs[i] = section(&parts[i], s) })
	}
	sections.Wait()
	for i, s := range d.Sections {
		if errs[i] != nil {
			return fmt.Errorf("section %q: %w", s.ID, errs[i])
		}
		size += parts[i].Len()
	}
	b.Grow(size + 4096)
	for i := range parts {
		b.Write(parts[i].Bytes())
	}
	if err := page().ExecuteTemplate(&b, "close", d); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// front is what stands before the sections. The accent needs no view: the escaper lets a color through,
// and nothing else in its place.
type front struct {
	model.Document
	Logo  template.URL // "" for none
	Paper bool         // there are questions to answer on paper
}

// asks reports whether a document has questions to answer on paper.
func asks(d model.Document) bool {
	for _, s := range d.Sections {
		for _, block := range s.Blocks {
			if list, ok := block.(model.Entries); ok && slices.ContainsFunc(list.Entries, func(e model.Entry) bool { return len(e.Choices) > 0 }) {
				return true
			}
		}
	}
	return false
}

// logo is a PNG as the address of an image, which holds it. PNG is all that a brand's logo can be.
func logo(png []byte) template.URL {
	if png == nil {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
}

// section writes a section, block by block: each block's template starts and ends between elements, so
// the escaper sees every one of them in the same context.
func section(b *bytes.Buffer, s model.Section) error {
	if err := page().ExecuteTemplate(b, "section", s); err != nil {
		return err
	}
	for _, block := range s.Blocks {
		if err := write(b, block); err != nil {
			return err
		}
	}
	b.WriteString("</section>\n")
	return nil
}

func write(b *bytes.Buffer, block model.Block) error {
	switch v := block.(type) {
	case model.Para:
		return page().ExecuteTemplate(b, "para", v)
	case model.List:
		return page().ExecuteTemplate(b, "list", v)
	case model.Heading:
		return page().ExecuteTemplate(b, "heading", v)
	case model.Figures:
		return page().ExecuteTemplate(b, "figures", v)
	case model.Facts:
		return page().ExecuteTemplate(b, "facts", factViews(v.Facts))
	case model.Table:
		return page().ExecuteTemplate(b, "table", tableView(v))
	case model.Chart:
		return page().ExecuteTemplate(b, "chart", chartView{template.HTML(v.Drawing.SVG(v.ID)), tableView(v.Table)})
	case model.Entries:
		return page().ExecuteTemplate(b, "entries", entryViews(v.Entries))
	}
	return fmt.Errorf("a block of type %T", block)
}

// chartView is a chart whose drawing is markup: SVG escapes every text in it.
type chartView struct {
	SVG   template.HTML
	Table tableRows
}

// tableRows is a table whose cells know their column.
type tableRows struct {
	ID      string
	Caption string
	Columns []headCell
	Rows    []bodyRow
}

type headCell struct{ Title, Class string }

type bodyRow struct {
	Strong bool
	Cells  []bodyCell
}

// bodyCell is a cell of which at most one of the members from Head to Long says how it is set. Rich
// says that there is more to it than its text. The views are flat and answer the template's questions
// beforehand, because a template pays for every question: it makes a full report twice as fast.
type bodyCell struct {
	Text, Sub, Link           string
	Tone                      model.Tone
	Rich                      bool
	Head, Number, Short, Long bool
}

var classes = [...]string{model.Words: "", model.Head: "", model.Number: "n", model.Short: "s", model.Long: "l"}

func tableView(t model.Table) tableRows {
	v := tableRows{ID: t.ID, Caption: t.Caption, Rows: make([]bodyRow, 0, len(t.Rows))}
	for _, c := range t.Columns {
		v.Columns = append(v.Columns, headCell{c.Title, classes[c.Kind]})
	}
	for _, r := range t.Rows {
		row := bodyRow{r.Strong, make([]bodyCell, 0, len(r.Cells))}
		for i, c := range r.Cells {
			kind := t.Columns[i].Kind
			row.Cells = append(row.Cells, bodyCell{
				Text: c.Text, Sub: c.Sub, Link: c.Link, Tone: c.Tone,
				Rich: c.Sub != "" || c.Link != "" || c.Tone != "",
				Head: kind == model.Head, Number: kind == model.Number, Short: kind == model.Short,
				Long: kind == model.Long,
			})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// factView is a fact with its style as questions.
type factView struct {
	Term            string
	Lines           []string
	List, Suggested bool
}

func factViews(facts []model.Fact) []factView {
	v := make([]factView, 0, len(facts))
	for _, f := range facts {
		v = append(v, factView{f.Term, f.Lines, f.Style == model.Bullets || f.Style == model.Suggestion, f.Style == model.Suggestion})
	}
	return v
}

type entryView struct {
	ID, Code, Title, Lead string
	Badges                []model.Cell
	Inline                string
	Facts                 []factView
	Choices, Blanks       []string
}

func entryViews(entries []model.Entry) []entryView {
	v := make([]entryView, 0, len(entries))
	for _, e := range entries {
		var inline []string
		for _, f := range e.Inline {
			inline = append(inline, f.Term+": "+strings.Join(f.Lines, ", "))
		}
		v = append(v, entryView{e.ID, e.Code, e.Title, e.Lead, e.Badges, strings.Join(inline, " · "), factViews(e.Facts), e.Choices, e.Blanks})
	}
	return v
}
