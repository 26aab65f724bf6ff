package assessment

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Lengths, in runes, of what people may write.
const (
	MaxName      = 200
	MaxReference = 500
	MaxNote      = 16_000
)

// MaxEvidence is how many entries of evidence an item can have.
const MaxEvidence = 500

// maxMarks is how many combining marks on one base are kept.
const maxMarks = 8

// CleanLine makes a single line of text from a person or a file fit to be stored: NFC, no control,
// bidirectional or other invisible steering characters, tabs and line breaks as blanks, no blanks
// around it. Invalid UTF-8 becomes U+FFFD.
func CleanLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, CleanText(s)))
}

// CleanText does the same for text of several lines: CR, CRLF, U+2028, U+2029 and U+0085 become line
// feeds, tabs become blanks (their width differs from terminal to terminal).
func CleanText(s string) string {
	if isPlain(s) { // as most texts are: a bundle can have hundreds of thousands
		return s
	}
	s = lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && steers(r) {
			return -1
		}
		return r
	}, s)
	return cutMarks(norm.NFC.String(s))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\t", " ")

// isPlain reports whether s is ASCII that can be printed, and line feeds.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c > '~') && c != '\n' {
			return false
		}
	}
	return true
}

// steers reports whether r could move a cursor, reorder text or hide in it.
func steers(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r <= 0x9F: // C0, DEL, C1
		return true
	case r == 0x061C, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // bidi
		return true
	case r == 0xFEFF, r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE: // byte order mark, noncharacters
		return true
	case r >= 0xE0000 && r <= 0xE007F: // tags
		return true
	}
	return false
}

// Shows reports whether a terminal shows a line as it is and obeys nothing in it: UTF-8 without what CleanLine
// takes out. It may stand in another form than CleanLine gives it (NFC).
func Shows(s string) bool {
	return utf8.ValidString(s) && cutMarks(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return steers(r) || r == '\u2028' || r == '\u2029' })
}

// cutMarks drops the combining marks beyond maxMarks on one base.
func cutMarks(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return r // a joiner is no base on which more could be stacked
		}
		if !unicode.Is(unicode.M, r) {
			marks = 0
			return r
		}
		if marks++; marks > maxMarks {
			return -1
		}
		return r
	}, s)
}

// ErrText says that a text is too long or is missing where one is required.
var ErrText = errors.New("text refused")

// line cleans a single-line field and checks its length.
func line(what, s string, limit int) (string, error) {
	return within(what, CleanLine(s), limit)
}

// prose cleans a field of several lines and checks its length.
func prose(what, s string) (string, error) {
	return within(what, strings.TrimSpace(CleanText(s)), MaxNote)
}

// required is line for a field that may not be empty.
func required(what, s string, limit int) (string, error) {
	s, err := line(what, s, limit)
	if err == nil && s == "" {
		err = fmt.Errorf("%w: %s is missing", ErrText, what)
	}
	return s, err
}

func within(what, s string, limit int) (string, error) {
	if n := utf8.RuneCountInString(s); n > limit {
		return "", fmt.Errorf("%w: %s has %d characters, at most %d fit", ErrText, what, n, limit)
	}
	return s, nil
}

// DayOf returns the day of t, in UTC.
func DayOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

// ParseDate reads a day of the form 2026-11-21; "" is no day.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return "", nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", fmt.Errorf("%q is not a date such as 2026-11-21", s)
	}
	return Date(t.Format(time.DateOnly)), nil
}
