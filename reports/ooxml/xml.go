package ooxml

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// Declaration begins every part.
const Declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// XML is a part that is being written. Markup comes from this program alone; everything else goes
// through Text.
type XML struct{ bytes.Buffer }

// Markup writes markup as it is.
func (x *XML) Markup(parts ...string) {
	for _, s := range parts {
		x.WriteString(s)
	}
}

// Text writes a text, or the value of an attribute, so that a reader gets it back as it is. Only what
// XML 1.0 has no place for, such as NUL, becomes U+FFFD: see Plain.
func (x *XML) Text(s string) {
	if strings.IndexFunc(s, special) < 0 {
		x.WriteString(s)
		return
	}
	_ = xml.EscapeText(&x.Buffer, []byte(s)) // a Buffer takes everything
}

// special reports whether a character may need an escape.
func special(r rune) bool {
	return r < ' ' || r == '<' || r == '>' || r == '&' || r == '"' || r == '\'' || r >= 0xD7FF && !legal(r) || r == utf8.RuneError
}

// legal reports whether XML 1.0 has a place for the character.
func legal(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

// Plain returns s as a reader of XML gets it: with U+FFFD for what XML 1.0 has no place for.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if legal(r) {
			return r
		}
		return utf8.RuneError
	}, s)
}

// Cell writes the text of a spreadsheet's cell. There _x0041_ stands for the letter A, so an underscore
// that begins such a group is written as the group that stands for it.
func (x *XML) Cell(s string) {
	done := 0
	for i := 0; ; i++ {
		n := strings.Index(s[i:], "_x")
		if n < 0 {
			break
		}
		if i += n; group(s[i:]) {
			x.Text(s[done:i])
			x.WriteString("_x005F_")
			done = i + 1
		}
	}
	x.Text(s[done:])
}

// group reports whether s begins with a character written as _xHHHH_.
func group(s string) bool {
	if len(s) < 7 || s[:2] != "_x" || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if c < '0' || c > '9' && c < 'A' || c > 'F' && c < 'a' || c > 'f' {
			return false
		}
	}
	return true
}
