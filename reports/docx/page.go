package docx

import (
	"fmt"
	"strconv"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// page is a form of A4 page, in twips (1440 to the inch), with the ids of its header and footer.
type page struct {
	width, height  int
	header, footer string
	margin         int // at the top and at the bottom
	around         int // from the edge to the header, and to the footer
}

var (
	portrait  = page{11906, 16838, "header1", "footer1", 1361, 567}
	landscape = page{16838, 11906, "header2", "footer2", 1361, 567}
)

const (
	firstHeader = "header0" // of the cover
	margin      = 1134      // 20 mm, left and right
)

// brief returns the page with more room, as a document of a few pages has it.
func (g page) brief() page {
	g.margin, g.around = 964, 369
	return g
}

// text is the width of the lines.
func (g page) text() int { return g.width - 2*margin }

// properties are the properties of pages, which may begin with a cover.
func (g page) properties(cover bool) string {
	s := `<w:sectPr><w:headerReference w:type="default" r:id="` + g.header + `"/>`
	if cover {
		s += `<w:headerReference w:type="first" r:id="` + firstHeader + `"/>`
	}
	s += `<w:footerReference w:type="default" r:id="` + g.footer + `"/>`
	if cover {
		s += `<w:footerReference w:type="first" r:id="` + g.footer + `"/>`
	}
	turned := ""
	if g.width > g.height {
		turned = ` w:orient="landscape"`
	}
	s += `<w:type w:val="nextPage"/><w:pgSz w:w="` + strconv.Itoa(g.width) + `" w:h="` + strconv.Itoa(g.height) + `"` + turned + `/>` +
		fmt.Sprintf(`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="%d" w:footer="%d" w:gutter="0"/>`, g.margin, margin, g.margin, margin, g.around, g.around)
	if cover {
		s += `<w:titlePg/>`
	}
	return s + `</w:sectPr>`
}

// pages returns the properties of the pages that end here, the first of which begin with the cover.
func (p *printer) pages(g page) string {
	s := g.properties(!p.begun)
	p.begun = true
	return s
}

// endPages ends the pages so far: their properties stand in a paragraph that takes no room.
func (p *printer) endPages(g page) {
	p.Markup(`<w:p><w:pPr><w:pStyle w:val="Gap"/>`, p.pages(g), `</w:pPr></w:p>`)
}

// begin opens the root of a header or a footer.
func begin(x *ooxml.XML, root string) {
	x.Markup(ooxml.Declaration, `<w:`, root, ` xmlns:w="`, mainNS, `" xmlns:r="`, ooxml.Relations, `">`)
}

// pageHeader says what is wrong with the report, whose it is, and on the cover only how it is classified.
func pageHeader(d model.Document, g page, cover bool) []byte {
	var x ooxml.XML
	begin(&x, "hdr")
	const size, gap = 15, 400
	left := clip(d.Title+" · "+d.Organization+" · "+d.Session, size, g.text()-textWidth(d.Marking, size, true)-gap)
	if cover {
		left = ""
	} else if d.Warning != "" { // on the cover it is a banner
		x.Markup(`<w:p><w:pPr><w:pStyle w:val="HeaderWarning"/></w:pPr>`)
		writeRun(&x, run{text: d.Warning})
		x.Markup(`</w:p>`)
	}
	tabbed(&x, "Header", g)
	writeRun(&x, run{text: left})
	if d.Marking != "" {
		writeRun(&x, run{text: "\t"})
		writeRun(&x, run{text: d.Marking, style: "Marking"})
	}
	x.Markup(`</w:p></w:hdr>`)
	return x.Bytes()
}

// pageFooter says how the report is classified, the page, and which state of which session this is.
func pageFooter(d model.Document, g page) []byte {
	var x ooxml.XML
	begin(&x, "ftr")
	tabbed(&x, "Footer", g)
	if d.Marking != "" {
		writeRun(&x, run{text: d.Marking, style: "Marking"})
	}
	writeRun(&x, run{text: "\tPage "})
	field(&x, "PAGE", "1")
	writeRun(&x, run{text: " of "})
	field(&x, "NUMPAGES", "1")
	x.Markup(`</w:p><w:p><w:pPr><w:pStyle w:val="FooterLine"/></w:pPr>`)
	writeRun(&x, run{text: d.Footer})
	x.Markup(`</w:p></w:ftr>`)
	return x.Bytes()
}

// tabbed opens a paragraph with a tab to the right end of the line.
func tabbed(x *ooxml.XML, style string, g page) {
	x.Markup(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/><w:tabs><w:tab w:val="right" w:pos="`, strconv.Itoa(g.text()), `"/></w:tabs></w:pPr>`)
}

// field writes a field that the reader works out on every page, and what stands there until it has.
func field(x *ooxml.XML, code, result string) {
	x.Markup(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> `, code, ` </w:instrText></w:r>`,
		`<w:r><w:fldChar w:fldCharType="separate"/></w:r>`)
	if result != "" {
		writeRun(x, run{text: result})
	}
	x.Markup(`<w:r><w:fldChar w:fldCharType="end"/></w:r>`)
}
