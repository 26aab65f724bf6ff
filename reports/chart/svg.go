package chart

import (
	"bytes"
	"fmt"
	"html"
)

// SVG returns the drawing as an svg element for a page of HTML. The id must be unique in the page: the
// element's title and description, which screen readers read, are named after it.
func (d Drawing) SVG(id string) []byte {
	var b bytes.Buffer
	id = html.EscapeString(id)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d">`,
		d.Width, d.Height, id, id)
	fmt.Fprintf(&b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		id, html.EscapeString(d.Title), id, html.EscapeString(d.Desc))
	for _, s := range d.Shapes {
		switch s := s.(type) {
		case Rect:
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d"`, s.X, s.Y, s.W, s.H)
			if s.Round > 0 {
				fmt.Fprintf(&b, ` rx="%d"`, s.Round)
			}
			fmt.Fprintf(&b, ` fill="%s"`, hex(s.Fill))
			if _, _, _, ok := s.Stroke.RGB(); ok {
				fmt.Fprintf(&b, ` stroke="%s"`, hex(s.Stroke))
			}
			b.WriteString("/>")
		case Line:
			fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="%d"/>`,
				s.X1, s.Y1, s.X2, s.Y2, hex(s.Stroke), s.Width)
		case Polygon:
			b.WriteString(`<polygon points="`)
			for i, p := range s.Points {
				if i > 0 {
					b.WriteByte(' ')
				}
				fmt.Fprintf(&b, "%d,%d", p.X, p.Y)
			}
			fmt.Fprintf(&b, `" fill="%s"/>`, hex(s.Fill))
		case Text:
			fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="%d"`, s.X, s.Y, s.Size)
			if s.Anchor != Start {
				fmt.Fprintf(&b, ` text-anchor="%s"`, [...]string{"start", "middle", "end"}[s.Anchor])
			}
			if s.Bold {
				b.WriteString(` font-weight="600"`)
			}
			fmt.Fprintf(&b, ` fill="%s">%s</text>`, hex(s.Fill), html.EscapeString(s.Text))
		}
	}
	b.WriteString("</svg>")
	return b.Bytes()
}

func hex(c Color) string {
	r, g, b, ok := c.RGB()
	if !ok {
		return "none"
	}
	return fmt.Sprintf("#%02x%02x%02x", r, g, b)
}
