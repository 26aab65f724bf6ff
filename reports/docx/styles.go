package docx

import (
	"cmp"
	"strconv"
	"strings"

	"plumbline/reports/chart"
	"plumbline/reports/ooxml"
)

// font is Arial, which every office has or has a face of the same measures for.
const font = "Arial"

// style is a paragraph style. Sizes are in half points, spaces in twips.
type style struct {
	id, name      string
	size          int
	bold          bool
	ink           string
	before, after int
	more          string // properties of the paragraph before w:spacing, in the order of the schema
	indent        string // those after it
	letters       string // more properties of the characters
}

func styles(accent, lang string, brief bool) []byte {
	ink, faint := ooxml.Hex(chart.Ink), ooxml.Hex(chart.Faint)
	z, body, number := usual, 19, "680" // the room for the number of a section
	if brief {
		z, body, number = tight, 17, "400"
	}
	const keep, bullet = `<w:keepNext/><w:keepLines/>`, `<w:numPr><w:numId w:val="1"/></w:numPr>`
	outline := func(n string) string { return `<w:outlineLvl w:val="` + n + `"/>` }
	box := func(fill, edge string) string {
		return `<w:pBdr><w:top w:val="single" w:sz="4" w:space="5" w:color="` + fill + `"/><w:left w:val="single" w:sz="24" w:space="8" w:color="` + edge +
			`"/><w:bottom w:val="single" w:sz="4" w:space="5" w:color="` + fill + `"/></w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="` + fill + `"/>`
	}
	list := []style{
		{id: "Title", name: "Title", size: 60, bold: true, ink: accent, after: 60, more: keep},
		{id: "Subtitle", name: "Subtitle", size: 32, ink: faint, after: 160, more: keep},
		{id: "Kicker", name: "Kicker", size: 19, after: 0, letters: `<w:caps/><w:spacing w:val="30"/>`},
		{id: "Subject", name: "Subject", size: 20, after: 120},
		{id: "Logo", name: "Logo", size: 20, after: 360},
		{id: "Banner", name: "Warning Banner", size: 21, bold: true, ink: "FFFFFF", after: 240, more: box("8F2D1B", "8F2D1B"), indent: `<w:ind w:left="200" w:right="60"/>`},
		{id: "Statement", name: "Statement", size: 18, after: 60, more: box("FBF3E2", "C9A24B"), indent: `<w:ind w:left="200" w:right="60"/>`},
		{
			id: "Heading1", name: "heading 1", size: 34, bold: true, ink: accent, before: 480, after: 180,
			more:   keep + `<w:pBdr><w:top w:val="single" w:sz="18" w:space="8" w:color="` + accent + `"/></w:pBdr><w:tabs><w:tab w:val="left" w:pos="` + number + `"/></w:tabs>`,
			indent: `<w:ind w:left="` + number + `" w:hanging="` + number + `"/>` + outline("0"),
		},
		{id: "Heading2", name: "heading 2", size: 24, bold: true, ink: accent, before: 300, after: 100, more: keep, indent: outline("1")},
		{id: "Heading3", name: "heading 3", size: 21, bold: true, ink: accent, before: 240, after: 80, more: keep, indent: outline("2")},
		{id: "TOCHeading", name: "TOC Heading", size: 34, bold: true, ink: accent, after: 240, more: keep + `<w:pageBreakBefore/>`},
		{id: "TOC1", name: "toc 1", size: 20, after: 90},
		{id: "Caption", name: "caption", size: 17, ink: faint, before: 200, after: 80, more: keep},
		{id: "ListBullet", name: "List Bullet", size: 19, after: 70, more: bullet},
		{id: "Note", name: "Note", size: 18, ink: faint, after: 120},
		{id: "HeaderWarning", name: "Header Warning", size: 16, bold: true, ink: "FFFFFF", after: 80, more: box("8F2D1B", "8F2D1B"), indent: `<w:ind w:left="200" w:right="60"/>`},
		{id: "Header", name: "header", size: 15, ink: faint},
		{id: "Footer", name: "footer", size: 15, ink: faint, before: 80, more: `<w:pBdr><w:top w:val="single" w:sz="4" w:space="5" w:color="CFD7DF"/></w:pBdr>`},
		{id: "FooterLine", name: "Footer Line", size: 13, ink: faint, before: 30},
		{id: "TableHead", name: "Table Head", size: z.head, bold: true, ink: "FFFFFF", more: `<w:keepNext/>`},
		{id: "TableText", name: "Table Text", size: z.text},
		{id: "TableDetail", name: "Table Detail", size: z.detail, ink: faint, before: 10},
		{id: "TableEnd", name: "Table End", size: 12, after: 100},
		{id: "Gap", name: "Page End", size: 2},
		{id: "Term", name: "Term", size: 17, ink: faint},
		{id: "FactText", name: "Fact", size: 18},
		{id: "FactBullet", name: "Fact Bullet", size: 18, after: 20, more: `<w:numPr><w:numId w:val="2"/></w:numPr>`},
		{id: "FigureLabel", name: "Figure Label", size: 17, ink: faint, before: 40, more: `<w:keepNext/>`},
		{id: "FigureValue", name: "Figure Value", size: 36, bold: true, ink: accent, before: 20, after: 20, more: `<w:keepNext/>`},
		{id: "FigureNote", name: "Figure Note", size: 16, after: 40},
		{id: "EntryBadges", name: "Entry Badges", size: 17, after: 60, more: keep},
		{id: "EntryLine", name: "Entry Line", size: 17, ink: faint, after: 60, more: keep},
		{id: "AskFact", name: "Question Fact", size: 16, after: 30, more: keep},
		{id: "AskChoices", name: "Question Choices", size: 17, before: 80, after: 0, more: keep},
		{id: "AskBlank", name: "Question Blank", size: 16, ink: faint, before: 110, more: `<w:keepLines/><w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="8B97A3"/><w:between w:val="single" w:sz="4" w:space="1" w:color="8B97A3"/></w:pBdr>`},
		{id: "EntryLead", name: "Entry Lead", size: 19, bold: true, before: 40, after: 60, more: keep},
	}
	if brief {
		for i, s := range list {
			if t, ok := briefStyles[s.id]; ok {
				list[i].size, list[i].before, list[i].after = t[0], t[1], t[2]
			}
		}
	}
	lang = cmp.Or(lang, "en-US")
	var x ooxml.XML
	x.Markup(ooxml.Declaration, `<w:styles xmlns:w="`, mainNS, `"><w:docDefaults><w:rPrDefault><w:rPr>`,
		`<w:rFonts w:ascii="`, font, `" w:hAnsi="`, font, `" w:eastAsia="Microsoft YaHei" w:cs="`, font, `"/>`,
		`<w:color w:val="`, ink, `"/>`, sized(body), `<w:lang w:val="`)
	x.Text(lang)
	x.Markup(`" w:eastAsia="ja-JP" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="259" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>`,
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="120"/></w:pPr></w:style>`,
		`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>`,
		`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>`,
		`<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="85" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	for _, s := range list {
		x.Markup(`<w:style w:type="paragraph" w:styleId="`, s.id, `"><w:name w:val="`, s.name, `"/><w:basedOn w:val="Normal"/>`)
		if strings.HasPrefix(s.id, "Heading") {
			x.Markup(`<w:next w:val="Normal"/>`)
		}
		x.Markup(`<w:qFormat/><w:pPr>`, s.more, `<w:spacing w:before="`, strconv.Itoa(s.before), `" w:after="`, strconv.Itoa(s.after), `"/>`, s.indent, `</w:pPr><w:rPr>`)
		if s.bold {
			x.Markup(`<w:b/><w:bCs/>`)
		}
		caps, space := "", ""
		if s.letters != "" {
			caps, space, _ = strings.Cut(s.letters, "/>")
			caps += "/>"
		}
		x.Markup(caps)
		if s.ink != "" {
			x.Markup(`<w:color w:val="`, s.ink, `"/>`)
		}
		x.Markup(space, sized(s.size), `</w:rPr></w:style>`)
	}
	character := func(id, name, properties string) {
		x.Markup(`<w:style w:type="character" w:styleId="`, id, `"><w:name w:val="`, name, `"/><w:qFormat/><w:rPr>`, properties, `</w:rPr></w:style>`)
	}
	character("Hyperlink", "Hyperlink", `<w:color w:val="`+accent+`"/>`)
	character("Code", "Item Code", `<w:b w:val="0"/><w:bCs w:val="0"/><w:color w:val="`+faint+`"/>`+sized(18))
	character("Marking", "Marking", `<w:b/><w:bCs/><w:color w:val="`+ink+`"/>`)

	table := func(id, name, borders, top, side, bottom string) {
		x.Markup(`<w:style w:type="table" w:styleId="`, id, `"><w:name w:val="`, name, `"/><w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr>`)
		if borders != "" {
			x.Markup(`<w:tblBorders>`, borders, `</w:tblBorders>`)
		}
		x.Markup(`<w:tblCellMar><w:top w:w="`, top, `" w:type="dxa"/><w:left w:w="`, side, `" w:type="dxa"/><w:bottom w:w="`, bottom,
			`" w:type="dxa"/><w:right w:w="`, side, `" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	}
	line := func(edge, color, size string) string {
		return `<w:` + edge + ` w:val="single" w:sz="` + size + `" w:space="0" w:color="` + color + `"/>`
	}
	pad, coverTop, coverPad := "50", "200", "240"
	if brief {
		pad, coverTop, coverPad = "20", "90", "70"
	}
	table("ReportTable", "Report Table", line("bottom", "CFD7DF", "4")+line("insideH", "CFD7DF", "4"), pad, "85", pad)
	table("ReportBrief", "Report Brief", "", "20", "85", "20")
	table("ReportFacts", "Report Facts", "", "35", "85", "35")
	table("ReportFigures", "Report Figures", "", "40", "140", "40")
	table("ReportCover", "Report Cover", line("insideH", accent, "4"), coverTop, "340", coverPad)
	x.Markup(`</w:styles>`)
	return x.Bytes()
}

// briefStyles are the sizes of a brief document, and the spaces above and below, by style.
var briefStyles = map[string][3]int{
	"Title": {36, 20, 0}, "Subtitle": {23, 0, 0}, "Kicker": {17, 0, 0}, "Subject": {18, 20, 0}, "Logo": {18, 0, 0},
	"Banner": {19, 0, 120}, "Statement": {15, 0, 20}, "Note": {16, 0, 40},
	"Heading1": {23, 200, 80}, "Heading2": {20, 100, 40}, "Heading3": {19, 100, 40},
	"Caption": {15, 90, 40}, "ListBullet": {16, 0, 10}, "TableEnd": {2, 0, 20},
	"Term": {14, 0, 0}, "FactText": {16, 0, 0}, "FactBullet": {16, 0, 0},
	"FigureLabel": {15, 20, 0}, "FigureValue": {27, 0, 0}, "FigureNote": {15, 0, 20},
	"TableDetail": {13, 0, 0},
}

func sized(size int) string {
	n := strconv.Itoa(size)
	return `<w:sz w:val="` + n + `"/><w:szCs w:val="` + n + `"/>`
}

// numbering defines the bullets of lists, and the narrower ones of facts.
func numbering() []byte {
	var x ooxml.XML
	x.Markup(ooxml.Declaration, `<w:numbering xmlns:w="`, mainNS, `">`)
	for _, v := range []struct{ id, left, hanging string }{{"1", "400", "260"}, {"2", "210", "210"}} {
		x.Markup(`<w:abstractNum w:abstractNumId="`, v.id, `"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>`,
			`<w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="`, v.left, `" w:hanging="`, v.hanging, `"/></w:pPr>`,
			`<w:rPr><w:rFonts w:ascii="`, font, `" w:hAnsi="`, font, `" w:cs="`, font, `"/></w:rPr></w:lvl></w:abstractNum>`)
	}
	x.Markup(`<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num></w:numbering>`)
	return x.Bytes()
}

// settings keep to what Word 2013 and later do; nothing asks for an update.
func settings() []byte {
	var x ooxml.XML
	x.Markup(ooxml.Declaration, `<w:settings xmlns:w="`, mainNS, `"><w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/><w:characterSpacingControl w:val="doNotCompress"/>`,
		`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`)
	return x.Bytes()
}

// fontTable says what may stand in for a font that the reader lacks.
func fontTable() []byte {
	var x ooxml.XML
	x.Markup(ooxml.Declaration, `<w:fonts xmlns:w="`, mainNS, `">`)
	for _, f := range []struct{ name, other, panose string }{
		{font, "Liberation Sans", "020B0604020202020204"},
		{"Microsoft YaHei", "Noto Sans CJK SC", "020B0503020204020204"},
	} {
		x.Markup(`<w:font w:name="`, f.name, `"><w:altName w:val="`, f.other, `"/><w:panose1 w:val="`, f.panose, `"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>`)
	}
	x.Markup(`</w:fonts>`)
	return x.Bytes()
}
