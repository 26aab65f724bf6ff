package xlsx

import (
	"slices"
	"strconv"
	"strings"

	"plumbline/reports/chart"
	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// The formats of cells: 0 is that of the cells beyond the table, 1 that of heads, 2 that of empty cells,
// and from 3 on there is one for each tone (none first), weight and kind.
const (
	headStyle  = 1
	emptyStyle = 2
	firstStyle = 3
)

// The kinds of cells, as the formats of a tone and weight follow each other.
const (
	textKind = iota
	wrapKind
	numberKind
	kinds
)

// wraps reports whether the text of a value wraps: one of several lines does in every column.
func wraps(v model.Value, wrap bool) bool { return wrap || strings.Contains(v.Text, "\n") }

// styleOf returns the format of a value.
func styleOf(v model.Value, wrap bool) int {
	kind := textKind
	switch {
	case v.IsInt:
		kind = numberKind
	case wraps(v, wrap):
		kind = wrapKind
	}
	strong := 0
	if v.Strong {
		strong = 1
	}
	tone := slices.Index(ooxml.Tones[:], v.Tone) + 1
	return firstStyle + (2*tone+strong)*kinds + kind
}

// styleSheet is the part with the fonts, fills and formats. Texts have the number format Text, so that
// one that looks like a formula or a number stays what it is when it is edited.
func styleSheet() []byte {
	const font, textFormat = "Arial", "49"
	ground := "F5F7F9" // of a total
	looks := []ooxml.Look{{Ink: ooxml.Hex(chart.Ink)}}
	for _, t := range ooxml.Tones {
		looks = append(looks, ooxml.LookOf(t))
	}
	var fonts, fills, formats []string
	addFont := func(ink, bold string) int {
		fonts = append(fonts, `<font>`+bold+`<sz val="10"/><color rgb="FF`+ink+`"/><name val="`+font+`"/><family val="2"/></font>`)
		return len(fonts) - 1
	}
	addFill := func(rgb string) int {
		fills = append(fills, `<fill><patternFill patternType="solid"><fgColor rgb="FF`+rgb+`"/><bgColor indexed="64"/></patternFill></fill>`)
		return len(fills) - 1
	}
	addFormat := func(number string, font, fill, border int, alignment string) {
		formats = append(formats, `<xf numFmtId="`+number+`" fontId="`+strconv.Itoa(font)+`" fillId="`+strconv.Itoa(fill)+`" borderId="`+strconv.Itoa(border)+
			`" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment `+alignment+`/></xf>`)
	}
	fills = append(fills, `<fill><patternFill patternType="none"/></fill>`, `<fill><patternFill patternType="gray125"/></fill>`) // both are fixed
	plain := addFont(looks[0].Ink, "")
	addFormat("0", plain, 0, 0, `vertical="top"`)
	addFormat(textFormat, addFont(ooxml.Hex(chart.White), "<b/>"), addFill(ooxml.Hex(chart.Deep)), 0, `vertical="center" wrapText="1"`)
	addFormat("0", plain, 0, 1, `vertical="top" wrapText="1"`)
	total := addFill(ground)
	for _, look := range looks {
		fill := 0
		if look.Fill != "" {
			fill = addFill(look.Fill)
		}
		for _, bold := range []string{"", "<b/>"} {
			f, ink := fill, addFont(look.Ink, bold)
			if bold != "" && fill == 0 {
				f = total
			}
			addFormat(textFormat, ink, f, 1, `vertical="top"`)
			addFormat(textFormat, ink, f, 1, `vertical="top" wrapText="1"`)
			addFormat("1", ink, f, 1, `vertical="top" horizontal="right" indent="1"`)
		}
	}

	var x ooxml.XML
	list := func(name string, items []string) {
		x.Markup(`<`, name, ` count="`, strconv.Itoa(len(items)), `">`, strings.Join(items, ""), `</`, name, `>`)
	}
	x.Markup(ooxml.Declaration, `<styleSheet xmlns="`, mainNS, `">`)
	list("fonts", fonts)
	list("fills", fills)
	list("borders", []string{
		`<border><left/><right/><top/><bottom/><diagonal/></border>`,
		`<border><left/><right/><top/><bottom style="thin"><color rgb="FF` + ooxml.Hex(chart.Rule) + `"/></bottom><diagonal/></border>`,
	})
	list("cellStyleXfs", []string{`<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>`})
	list("cellXfs", formats)
	list("cellStyles", []string{`<cellStyle name="Normal" xfId="0" builtinId="0"/>`})
	x.Markup(`</styleSheet>`)
	return x.Bytes()
}
