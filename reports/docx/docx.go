// Package docx writes a report as a WordprocessingML document: a cover, contents, and the sections with
// real headings, lists and tables, whose head rows repeat on every page. Charts are shown as the tables
// of their numbers, shaded by tone. The document has no macro, no link out of itself and nothing that
// asks to be updated.
package docx

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"plumbline/reports/chart"
	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

const (
	mainNS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	types  = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	logoID = "rIdLogo"
)

// Write writes the document.
func Write(w io.Writer, d model.Document) error {
	data, err := build(d)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func build(d model.Document) ([]byte, error) {
	accent, err := accentOf(d.Brand)
	if err != nil {
		return nil, err
	}
	p := printer{accent: accent, anchors: anchors(d), upright: portrait, across: landscape, sizes: usual, text: portrait.text()}
	first := p.cover
	if d.Brief {
		p.upright, p.across, p.sizes, first = portrait.brief(), landscape.brief(), tight, p.briefCover
	}
	p.Markup(ooxml.Declaration, `<w:document xmlns:w="`, mainNS, `" xmlns:r="`, ooxml.Relations, `"><w:body>`)
	if err := first(d); err != nil {
		return nil, err
	}
	if !d.Brief {
		p.contents(d)
	}
	if err := p.sections(d.Sections); err != nil {
		return nil, err
	}
	p.Markup(`</w:body></w:document>`)

	document := ooxml.Part{Name: "word/document.xml", Type: types + "document.main+xml", Data: p.Bytes()}
	pkg := ooxml.Package{
		Rels: []ooxml.Rel{
			{ID: "rId1", Type: ooxml.RelOffice + "officeDocument", Target: document.Name},
			{ID: "rId2", Type: ooxml.RelCore, Target: "docProps/core.xml"},
		},
		Parts: []ooxml.Part{ooxml.Core(d.Title+": "+d.Organization+", "+d.Session, d.Date)},
	}
	parts := []struct {
		id, kind string
		data     []byte
	}{
		{"rIdStyles", "styles", styles(accent, d.Lang, d.Brief)},
		{"rIdNumbering", "numbering", numbering()},
		{"rIdSettings", "settings", settings()},
		{"rIdFonts", "fontTable", fontTable()},
		{firstHeader, "header", pageHeader(d, portrait, true)},
		{portrait.header, "header", pageHeader(d, portrait, false)},
		{portrait.footer, "footer", pageFooter(d, portrait)},
		{landscape.header, "header", pageHeader(d, landscape, false)},
		{landscape.footer, "footer", pageFooter(d, landscape)},
	}
	for _, v := range parts {
		file := v.kind + ".xml"
		if v.kind == "header" || v.kind == "footer" {
			file = v.id + ".xml"
		}
		document.Rels = append(document.Rels, ooxml.Rel{ID: v.id, Type: ooxml.RelOffice + v.kind, Target: file})
	}
	if len(d.Brand.Logo) > 0 {
		document.Rels = append(document.Rels, ooxml.Rel{ID: logoID, Type: ooxml.RelOffice + "image", Target: "media/logo.png"})
	}
	pkg.Parts = append(pkg.Parts, document)
	for i, v := range parts {
		pkg.Parts = append(pkg.Parts, ooxml.Part{Name: "word/" + document.Rels[i].Target, Type: types + v.kind + "+xml", Data: v.data})
	}
	if len(d.Brand.Logo) > 0 {
		pkg.Parts = append(pkg.Parts, ooxml.Part{Name: "word/media/logo.png", Type: ooxml.TypePNG, Data: d.Brand.Logo})
	}
	return pkg.Bytes()
}

var colorText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`) })

// accentOf is the color of the cover, the headings and the heads of tables, as RRGGBB. White text
// stands on it.
func accentOf(b model.Brand) (string, error) {
	switch {
	case b.Accent == "":
		return ooxml.Hex(chart.Deep), nil
	case colorText().MatchString(b.Accent):
		return strings.ToUpper(b.Accent[1:]), nil
	}
	return "", fmt.Errorf("the accent %q is not a color like #1f4e79", b.Accent)
}

// printer is the body so far.
type printer struct {
	ooxml.XML
	accent  string
	anchors map[string]int // numbers of bookmarks, by the document's anchors
	text    int            // width of the lines of the page, in twips
	sizes   sizes
	upright page
	across  page
	begun   bool // with pages that have ended
}

// anchors numbers the places of the document that can be linked to, from 1 on.
func anchors(d model.Document) map[string]int {
	numbers := make(map[string]int)
	add := func(id string) {
		if _, ok := numbers[id]; !ok && id != "" {
			numbers[id] = len(numbers) + 1
		}
	}
	for _, s := range d.Sections {
		add(s.ID)
		for _, block := range s.Blocks {
			switch v := block.(type) {
			case model.Table:
				add(v.ID)
			case model.Chart:
				add(v.ID)
				add(v.Table.ID)
			case model.Entries:
				for _, e := range v.Entries {
					add(e.ID)
				}
			}
		}
	}
	return numbers
}

// bookmark names the bookmark of an anchor, "" where the document has no such place. Word takes 40
// letters, digits and underscores, and hides a name that begins with an underscore.
func (p *printer) bookmark(anchor string) string {
	if n := p.anchors[anchor]; n > 0 {
		return "_Ref" + strconv.Itoa(n)
	}
	return ""
}

// sections writes the sections, those with a table that is too wide for an upright page on landscape
// pages. Each change of the page ends what was written with the properties of the page before.
func (p *printer) sections(list []model.Section) error {
	now := p.upright
	for _, s := range list {
		next := p.upright
		if p.sizes.wide(s) {
			next = p.across
		}
		if next != now {
			p.endPages(now)
			now = next
		}
		p.text = now.text()
		p.para(form{style: "Heading1", anchor: s.ID, fresh: s.Apart}, run{text: s.Number + "\t" + s.Title})
		entry := "Heading2" // entries stand below the heading before them
		for i, block := range s.Blocks {
			switch v := block.(type) {
			case model.Heading:
				entry = "Heading3"
			case model.Para: // one that leads to a table or to entries stays with it
				p.para(form{style: paraStyle(v), keep: i+1 < len(s.Blocks) && isLed(s.Blocks[i+1])}, run{text: v.Text})
				continue
			}
			if err := p.block(block, entry); err != nil {
				return fmt.Errorf("section %q: %w", s.ID, err)
			}
		}
	}
	p.Markup(p.pages(now))
	return nil
}

func paraStyle(v model.Para) string {
	if v.Note {
		return "Note"
	}
	return ""
}

func isLed(block model.Block) bool {
	switch block.(type) {
	case model.Table, model.Chart, model.Entries:
		return true
	}
	return false
}

func (p *printer) block(block model.Block, entry string) error {
	switch v := block.(type) {
	case model.List:
		for _, s := range v.Items {
			p.para(form{style: "ListBullet"}, run{text: s})
		}
	case model.Heading:
		p.para(form{style: "Heading2"}, run{text: v.Text})
	case model.Figures:
		p.figures(v.Figures)
	case model.Facts:
		p.facts(v.Facts, false)
	case model.Table:
		p.table(v, "")
	case model.Chart:
		p.table(v.Table, v.ID)
	case model.Entries:
		for _, e := range v.Entries {
			p.entry(e, entry)
		}
	default:
		return fmt.Errorf("a block of type %T", block)
	}
	return nil
}

func (p *printer) entry(e model.Entry, heading string) {
	p.para(form{style: heading, anchor: e.ID, rule: true}, run{text: e.Title}, run{text: "  "}, run{text: e.Code, style: "Code"})
	var badges []run
	for _, b := range e.Badges {
		look := ooxml.LookOf(b.Tone)
		if b.Tone == model.NoTone {
			look.Fill = "E9EEF3"
		}
		// The blanks around the words are runs of their own: the fill has room, the words stay as they are.
		badges = append(badges, run{text: "\u00A0", look: look}, run{text: b.Text, look: look}, run{text: "\u00A0", look: look}, run{text: "  "})
	}
	if len(badges) > 0 {
		p.para(form{style: "EntryBadges"}, badges...)
	}
	var inline []string
	for _, f := range e.Inline {
		inline = append(inline, f.Term+": "+strings.Join(f.Lines, ", "))
	}
	if len(inline) > 0 {
		p.para(form{style: "EntryLine"}, run{text: strings.Join(inline, " · ")})
	}
	if e.Lead != "" {
		p.para(form{style: "EntryLead"}, run{text: e.Lead})
	}
	if len(e.Choices) == 0 {
		p.facts(e.Facts, true)
		return
	}
	for _, f := range e.Facts {
		p.para(form{style: "AskFact"}, run{text: f.Term + ": ", bold: true}, run{text: strings.Join(f.Lines, "\n")})
	}
	var boxes []run
	for _, c := range e.Choices {
		boxes = append(boxes, run{text: "□ " + strings.ReplaceAll(c, " ", "\u00A0") + "      "})
	}
	p.para(form{style: "AskChoices"}, boxes...)
	for i, b := range e.Blanks {
		p.para(form{style: "AskBlank", keep: i < len(e.Blanks)-1}, run{text: b})
	}
}

// logo writes the organization's picture, at most of the given width and height in millimeters.
func (p *printer) logo(d model.Document, width, height int) error {
	if len(d.Brand.Logo) == 0 {
		return nil
	}
	size, err := png.DecodeConfig(bytes.NewReader(d.Brand.Logo))
	if err != nil {
		return fmt.Errorf("read the logo: %w", err)
	}
	if size.Width <= 0 || size.Height <= 0 {
		return fmt.Errorf("the logo is of %d by %d pixels", size.Width, size.Height)
	}
	const mm = 36000 // in EMU
	w, h := width*mm, width*mm*size.Height/size.Width
	if h > height*mm {
		w, h = height*mm*size.Width/size.Height, height*mm
	}
	cx, cy := strconv.Itoa(max(w, 1)), strconv.Itoa(max(h, 1))
	p.Markup(`<w:p><w:pPr><w:pStyle w:val="Logo"/></w:pPr><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">`,
		`<wp:extent cx="`, cx, `" cy="`, cy, `"/><wp:docPr id="1" name="Logo" descr="`)
	p.Text("Logo of " + d.Organization)
	p.Markup(`"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">`,
		`<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="Logo"/><pic:cNvPicPr/></pic:nvPicPr>`,
		`<pic:blipFill><a:blip r:embed="`, logoID, `"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`,
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="`, cx, `" cy="`, cy, `"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>`,
		`</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`)
	return nil
}
