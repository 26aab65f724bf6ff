package docx

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/bidi"

	"plumbline/reports/ooxml"
)

// form is how a paragraph is set, beside its style.
type form struct {
	style  string
	anchor string // of the document, "" for none
	keep   bool   // on one page with the next paragraph
	right  bool   // set to the right
	rule   bool   // with a line above
	fresh  bool   // on a new page
}

// run is a stretch of text of one look. Line feeds and tabs become breaks and tabs.
type run struct {
	text  string
	style string // of characters
	look  ooxml.Look
	bold  bool
	link  string // name of a bookmark, "" for none
}

func (p *printer) para(f form, runs ...run) {
	p.openPara(f, toTheLeft(runs))
	mark := p.openMark(f.anchor)
	for _, r := range runs {
		p.run(r)
	}
	p.closeMark(mark)
	p.Markup(`</w:p>`)
}

// openPara begins a paragraph; its properties are in the order that the schema wants.
func (p *printer) openPara(f form, rtl bool) {
	p.Markup(`<w:p>`)
	if f == (form{anchor: f.anchor}) && !rtl {
		return
	}
	p.Markup(`<w:pPr>`)
	if f.style != "" {
		p.Markup(`<w:pStyle w:val="`, f.style, `"/>`)
	}
	if f.keep {
		p.Markup(`<w:keepNext/>`)
	}
	if f.fresh {
		p.Markup(`<w:pageBreakBefore/>`)
	}
	if f.rule {
		p.Markup(`<w:pBdr><w:top w:val="single" w:sz="6" w:space="8" w:color="CFD7DF"/></w:pBdr>`)
	}
	if rtl {
		p.Markup(`<w:bidi/>`)
	}
	if f.right && !rtl { // where a text from right to left stands anyway
		p.Markup(`<w:jc w:val="right"/>`)
	}
	p.Markup(`</w:pPr>`)
}

// openMark begins the bookmark of an anchor and returns its number, "" where there is none.
func (p *printer) openMark(anchor string) string {
	name := p.bookmark(anchor)
	if name == "" {
		return ""
	}
	id := strconv.Itoa(p.anchors[anchor])
	p.Markup(`<w:bookmarkStart w:id="`, id, `" w:name="`, name, `"/>`)
	return id
}

func (p *printer) closeMark(id string) {
	if id != "" {
		p.Markup(`<w:bookmarkEnd w:id="`, id, `"/>`)
	}
}

func (p *printer) run(r run) {
	if r.link != "" {
		p.Markup(`<w:hyperlink w:anchor="`, r.link, `" w:history="1">`)
		defer p.Markup(`</w:hyperlink>`)
	}
	writeRun(&p.XML, r)
}

// writeRun writes a run; its properties are in the order that the schema wants.
func writeRun(x *ooxml.XML, r run) {
	x.Markup(`<w:r>`)
	rtl := toTheLeft([]run{r})
	if r.style != "" || r.bold || r.look != (ooxml.Look{}) || rtl {
		x.Markup(`<w:rPr>`)
		if r.style != "" {
			x.Markup(`<w:rStyle w:val="`, r.style, `"/>`)
		}
		if r.bold {
			x.Markup(`<w:b/><w:bCs/>`)
		}
		if r.look.Ink != "" {
			x.Markup(`<w:color w:val="`, r.look.Ink, `"/>`)
		}
		if r.look.Fill != "" {
			x.Markup(`<w:shd w:val="clear" w:color="auto" w:fill="`, r.look.Fill, `"/>`)
		}
		if rtl {
			x.Markup(`<w:rtl/>`)
		}
		x.Markup(`</w:rPr>`)
	}
	for rest := r.text; ; {
		i := strings.IndexAny(rest, "\n\t")
		line := rest
		if i >= 0 {
			line = rest[:i]
		}
		if line != "" {
			x.Markup(`<w:t xml:space="preserve">`)
			x.Text(line)
			x.Markup(`</w:t>`)
		}
		if i < 0 {
			break
		}
		if rest[i] == '\n' {
			x.Markup(`<w:br/>`)
		} else {
			x.Markup(`<w:tab/>`)
		}
		rest = rest[i+1:]
	}
	x.Markup(`</w:r>`)
}

// toTheLeft reports whether a text runs from right to left: whether its first letter does.
func toTheLeft(runs []run) bool {
	for _, r := range runs {
		for s := r.text; s != ""; {
			if c := s[0] | 0x20; 'a' <= c && c <= 'z' {
				return false
			}
			if s[0] < 0x80 {
				s = s[1:]
				continue
			}
			v, n := bidi.LookupString(s)
			switch v.Class() {
			case bidi.L:
				return false
			case bidi.R, bidi.AL:
				return true
			}
			s = s[max(n, 1):]
		}
	}
	return false
}
