// Package pdf writes a report as a PDF: a cover, contents, numbered sections with running heads and
// feet, charts as vectors, and fonts embedded, so that it looks the same everywhere. A document gives
// the same bytes always. The file has no scripts, no forms and no links but those within it, and makes
// no claim to be PDF/A or PDF/UA: the HTML page is the accessible format.
//
// A report is first laid out as pieces, each of which stands on one page (compose.go, table.go,
// front.go), then put on pages (flow.go), then painted (paint.go). So the number of pages and the page
// of each section are known before anything is written.
package pdf

import (
	"bytes"
	"io"
	"strings"
	"time"

	"plumbline/reports/model"
)

// Write writes the document, in one call of w.Write, or nothing: an error comes before the first byte
// unless it is w's own. Any number of documents may be written at the same time.
func Write(w io.Writer, d model.Document) error {
	c, pages := compose(d)
	p := newPainter(pages)
	p.f.SetTitle(c.spell.line(title(d)), true)
	p.f.SetSubject(c.spell.line(d.Subject), true)
	p.f.SetAuthor(c.spell.line(d.Organization), true)
	p.f.SetKeywords(c.spell.line(d.Footer), true)
	p.f.SetCreator("Plumbline", true)
	if language(d.Lang) {
		p.f.SetLang(d.Lang) // the library writes it as it is
	}
	date := d.Date.UTC()
	if d.Date.IsZero() {
		date = time.Unix(0, 0).UTC() // the library would take the present
	}
	p.f.SetCreationDate(date)
	p.f.SetModificationDate(date)
	if d.Brand.Logo != nil {
		if err := p.setLogo(d.Brand.Logo); err != nil {
			return err
		}
	}
	p.paint(c.running)
	var b bytes.Buffer
	if err := p.f.Output(&b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// compose lays a document out. A brief one that would need a third page is set tighter if that helps; one
// that is far from two pages, such as the sheet of a role, keeps its size.
func compose(d model.Document) (*composer, []page) {
	if !d.Brief {
		c := newComposer(d, usual)
		return c, paginate(c.document(), usual.top)
	}
	c := newComposer(d, tight)
	pages := paginate(c.document(), tight.top)
	if len(pages) > 2 && len(pages) < 5 {
		tighter := newComposer(d, tightest)
		if fewer := paginate(tighter.document(), tightest.top); len(fewer) < len(pages) {
			return tighter, fewer
		}
	}
	return c, pages
}

// language reports whether s can name a language: "en-US".
func language(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// title is the name of the document outside its pages.
func title(d model.Document) string {
	return d.Title + ": " + d.Organization + ", " + d.Session
}
