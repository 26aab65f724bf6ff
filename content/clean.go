package content

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean makes one paragraph of a text from a foreign file, such as checks of packs let pass: NFC,
// white space of any kind as single blanks, none at the ends, no more than 8 marks on a letter, and
// nothing that steers a terminal or hides in it. It reports whether it had to take such a character away. What is left of damaged text
// (U+FFFD) stays, for the caller to refuse.
func Clean(s string) (clean string, dropped bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r): // also CR, LF, tab, U+0085, U+00A0, U+2028 and U+2029
			return ' '
		case r != unicode.ReplacementChar && forbidden(r):
			dropped = true
			return -1
		}
		return r
	}, s)
	marks := 0
	s = strings.Map(func(r rune) rune {
		if !isMark(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			dropped = true
			return -1
		}
		return r
	}, norm.NFC.String(strings.Join(strings.Fields(s), " ")))
	return s, dropped
}
