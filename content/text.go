package content

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"plumbline/content/internal/packfile"
)

// checkText judges a text of a pack, which is one paragraph: no control characters (so no tab and no
// line break), nothing that reorders or hides what a terminal shows, no blank at either end.
func checkText(s string) error {
	if s != strings.TrimSpace(s) {
		return errors.New("begins or ends with a blank")
	}
	marks := 0 // on one letter
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c < 0x7f {
			i++
			marks = 0
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if forbidden(r) {
			return fmt.Errorf("holds %U at byte %d, which no text may hold", r, i)
		}
		if !isMark(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return fmt.Errorf("stacks more than %d marks on a letter at byte %d", maxMarks, i)
		}
		i += n
	}
	return nil
}

// maxMarks is how many combining marks and joiners can follow one letter.
const maxMarks = 8

// isMark reports whether r stands on the letter before it, or joins it to the next: it is no letter on
// which more could be stacked.
func isMark(r rune) bool { return unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) }

func forbidden(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r <= 0x9f: // C0, DEL, C1
	case r == 0x061c, r == 0x200e, r == 0x200f, 0x2028 <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069: // line ends, bidi
	case r == 0xfeff, 0xe0000 <= r && r <= 0xe007f: // byte order mark, tags
	case 0xfdd0 <= r && r <= 0xfdef, r&0xfffe == 0xfffe: // noncharacters
	case r == utf8.RuneError: // what is left of damaged text
	default:
		return false
	}
	return true
}

// required and optional check the text of a member; the error names the member.
func required(member, s string) error {
	if s == "" {
		return at(member, errors.New("empty"))
	}
	return optional(member, s)
}

func optional(member, s string) error { return at(member, checkText(s)) }

// requiredList checks a list that must hold at least one text, each of them not empty.
func requiredList(member string, list []string) error {
	if len(list) == 0 {
		return at(member, errors.New("empty"))
	}
	return optionalList(member, list)
}

func optionalList(member string, list []string) error {
	for i, s := range list {
		if err := cmp.Or(checkText(s), notEmpty(s)); err != nil {
			return at(fmt.Sprintf("%s[%d]", member, i), err)
		}
	}
	return nil
}

func notEmpty(s string) error {
	if s == "" {
		return errors.New("empty")
	}
	return nil
}

// at says where an error is, or more of where it is: at("items[3]", at("why", err)) is at
// items[3].why. It returns nil for nil.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := errors.AsType[*packfile.PathError](err); ok {
		if inner.Path != "" {
			path += "." + inner.Path
		}
		err = inner.Err
	}
	return &packfile.PathError{Path: path, Err: err}
}
