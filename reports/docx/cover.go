package docx

import (
	"strconv"
	"strings"

	"plumbline/reports/chart"
	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// briefCover writes what a brief document begins with: the names on a field, then what a cover says, in
// little room. The text follows on the same page.
func (p *printer) briefCover(d model.Document) error {
	if d.Warning != "" {
		p.para(form{style: "Banner"}, run{text: d.Warning})
	}
	white := ooxml.Look{Ink: ooxml.Hex(chart.White)}
	left, side := p.text*2/5, p.text/4
	p.openGrid("ReportCover", left, p.text-left-side, side)
	p.Markup(`<w:tr>`)
	p.openCell(left, p.accent, "")
	p.para(form{style: "Kicker"}, run{text: d.Title, look: white})
	p.Markup(`</w:tc>`)
	p.openCell(p.text-left, p.accent, `<w:gridSpan w:val="2"/>`)
	p.para(form{style: "Kicker", right: true}, run{text: d.Marking, look: white, bold: true})
	p.Markup(`</w:tc></w:tr><w:tr>`)
	if len(d.Brand.Logo) > 0 {
		p.openCell(p.text-side, p.accent, `<w:gridSpan w:val="2"/>`)
	} else {
		p.openCell(p.text, p.accent, `<w:gridSpan w:val="3"/>`)
	}
	p.para(form{style: "Title"}, run{text: d.Organization, look: white})
	p.para(form{style: "Subtitle"}, run{text: d.Session, look: white})
	p.para(form{style: "Subject"}, run{text: d.Subject, look: white})
	if len(d.Brand.Logo) > 0 { // on white, whatever its colors are
		p.Markup(`</w:tc>`)
		p.openCell(side, "", "", `<w:vAlign w:val="center"/>`)
		if err := p.logo(d, 30, 14); err != nil {
			return err
		}
	}
	p.Markup(`</w:tc></w:tr></w:tbl>`)
	p.para(form{style: "TableEnd"})

	// The first fact says what was assessed, and takes a row of its own.
	const columns = 3
	width := p.text / columns
	p.openGrid("ReportBrief", width, width, width)
	for i := 0; i < len(d.Cover); {
		p.Markup(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for room := columns; room > 0; {
			span := 1
			if i == 0 || i >= len(d.Cover) {
				span = room
			}
			room -= span
			p.openCell(span*width, "", `<w:gridSpan w:val="`+strconv.Itoa(span)+`"/>`)
			if i < len(d.Cover) {
				p.para(form{style: "Term"}, run{text: d.Cover[i].Term})
				p.para(form{style: "FactText"}, run{text: strings.Join(d.Cover[i].Lines, "\n")})
			} else {
				p.para(form{style: "Term"})
			}
			p.Markup(`</w:tc>`)
			i++
		}
		p.Markup(`</w:tr>`)
	}
	p.Markup(`</w:tbl>`)
	p.para(form{style: "TableEnd"})
	for _, s := range d.Statements {
		p.para(form{style: "Statement"}, run{text: s})
	}
	return nil
}

// cover writes the first page: whose report, of what, how classified, and what must stand first.
func (p *printer) cover(d model.Document) error {
	if d.Warning != "" {
		p.para(form{style: "Banner"}, run{text: d.Warning})
	}
	if err := p.logo(d, 55, 20); err != nil {
		return err
	}
	white := ooxml.Look{Ink: ooxml.Hex(chart.White)}
	left := p.text * 3 / 5
	p.openGrid("ReportCover", left, p.text-left)
	p.Markup(`<w:tr><w:trPr><w:trHeight w:val="1500" w:hRule="atLeast"/></w:trPr>`)
	p.openCell(left, p.accent, "")
	p.para(form{style: "Kicker"}, run{text: d.Title, look: white})
	p.Markup(`</w:tc>`)
	p.openCell(p.text-left, p.accent, "")
	p.para(form{style: "Kicker", right: true}, run{text: d.Marking, look: white, bold: true})
	p.Markup(`</w:tc></w:tr><w:tr><w:trPr><w:trHeight w:val="5400" w:hRule="atLeast"/></w:trPr>`)
	p.openCell(p.text, p.accent, `<w:gridSpan w:val="2"/>`, `<w:vAlign w:val="bottom"/>`)
	p.para(form{style: "Title"}, run{text: d.Organization, look: white})
	p.para(form{style: "Subtitle"}, run{text: d.Session, look: white})
	p.para(form{style: "Subject"}, run{text: d.Subject, look: white})
	p.Markup(`</w:tc></w:tr></w:tbl>`)
	p.para(form{style: "TableEnd"})
	p.facts(d.Cover, false)
	p.para(form{style: "TableEnd"})
	for _, s := range d.Statements {
		p.para(form{style: "Statement"}, run{text: s})
	}
	return nil
}

// contents writes the table of contents on a page of its own, as a field that is filled already: it
// reads without being updated. Page numbers are fields too. Until the reader works them out, they are
// empty rather than wrong.
func (p *printer) contents(d model.Document) {
	p.para(form{style: "TOCHeading"}, run{text: "Contents"})
	p.Markup(`<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>`)
	for i, s := range d.Sections {
		p.Markup(`<w:p><w:pPr><w:pStyle w:val="TOC1"/><w:tabs><w:tab w:val="left" w:pos="567"/><w:tab w:val="right" w:pos="`, strconv.Itoa(p.text), `"/></w:tabs></w:pPr>`)
		if i == 0 {
			p.Markup(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \o "1-1" \h \z \u </w:instrText></w:r>`,
				`<w:r><w:fldChar w:fldCharType="separate"/></w:r>`)
		}
		p.Markup(`<w:hyperlink w:anchor="`, p.bookmark(s.ID), `" w:history="1">`)
		writeRun(&p.XML, run{text: s.Number + "\t" + s.Title + "\t"})
		field(&p.XML, `PAGEREF `+p.bookmark(s.ID)+` \h`, "")
		p.Markup(`</w:hyperlink>`)
		if i == len(d.Sections)-1 {
			p.Markup(`<w:r><w:fldChar w:fldCharType="end"/></w:r>`)
		}
		p.Markup(`</w:p>`)
	}
	p.Markup(`</w:sdtContent></w:sdt>`)
	p.endPages(p.upright)
}
