package packfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a document that Scan lets pass.
const (
	MaxSize  = 32 << 20 // bytes
	maxDepth = 64
	maxInOne = 20_000 // members of an object, elements of an array
)

// Scan checks a JSON document of any shape before it is read into one that is more forgiving: it
// refuses invalid UTF-8, half a surrogate pair, members given twice (in another case, too, since
// encoding/json takes either), numbers that no float64 holds, data after the end, and more than
// MaxSize bytes, 64 levels, a million values or 20,000 of them side by side. It calls member with the
// name of every member. A refusal is a *PathError.
func Scan(data []byte, member func(name string)) error {
	if len(data) > MaxSize {
		return &PathError{Err: fmt.Errorf("has %d bytes, at most %d are read", len(data), MaxSize)}
	}
	if !utf8.Valid(data) {
		return &PathError{Err: fmt.Errorf("is not valid UTF-8 at byte %d", invalid(data))}
	}
	if i := halfPair(data); i >= 0 {
		return &PathError{Err: fmt.Errorf("holds half a surrogate pair at byte %d", i)}
	}
	s := scanner{data: data, member: member}
	if err := s.value(0); err != nil {
		return &PathError{s.path.String(), err}
	}
	if _, err := s.next(); err == nil {
		return &PathError{Err: errors.New("has data after its end")}
	}
	return nil
}

var errEarly = errors.New("ends too early")

// scanner reads a document where it stands: it makes no copy of a text, and none of a number. On an error
// its path is left where it was.
type scanner struct {
	data   []byte
	at     int // what comes next
	path   path
	values int // so far, names of members among them
	member func(string)
}

// next passes over white space and returns the byte behind it, which it does not take.
func (s *scanner) next() (byte, error) {
	for ; s.at < len(s.data); s.at++ {
		if c := s.data[s.at]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, nil
		}
	}
	return 0, errEarly
}

// bad says that what comes next is no JSON.
func (s *scanner) bad(want string) error {
	return fmt.Errorf("is not JSON: it has %q, where %s belongs", s.data[s.at:min(s.at+1, len(s.data))], want)
}

func (s *scanner) value(depth int) error {
	c, err := s.next()
	if err != nil {
		return err
	}
	if s.values++; s.values > maxTokens {
		return fmt.Errorf("has more than %d values", maxTokens)
	}
	switch c {
	case '{', '[':
		if depth == maxDepth {
			return fmt.Errorf("lies deeper than %d levels", maxDepth)
		}
		if c == '{' {
			return s.object(depth)
		}
		return s.array(depth)
	case '"':
		_, _, err := s.text()
		return err
	}
	return s.literal()
}

func (s *scanner) object(depth int) error {
	seen := make(map[string]bool)
	for {
		s.at++ // the brace, or a comma
		c, err := s.next()
		switch {
		case err != nil:
			return err
		case c == '}' && len(seen) == 0:
			s.at++
			return nil
		case c != '"':
			return s.bad("the name of a member")
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		s.path.member(name)
		// Upper and lower: the Kelvin sign and the long s fold into ASCII only by both.
		folded := strings.ToLower(strings.ToUpper(name))
		if seen[folded] {
			return errors.New("given twice")
		}
		if seen[folded] = true; len(seen) > maxInOne {
			return fmt.Errorf("is one of more than %d members", maxInOne)
		}
		s.values++
		s.member(name)
		if c, err := s.next(); err != nil {
			return err
		} else if c != ':' {
			return s.bad("a colon")
		}
		s.at++
		if err := s.value(depth + 1); err != nil {
			return err
		}
		s.path.pop()
		if more, err := s.more('}'); !more {
			return err
		}
	}
}

func (s *scanner) array(depth int) error {
	for i := 0; ; i++ {
		s.at++ // the bracket, or a comma
		if c, err := s.next(); err == nil && c == ']' && i == 0 {
			s.at++
			return nil
		}
		s.path.index(i)
		if i == maxInOne {
			return fmt.Errorf("is one of more than %d elements", maxInOne)
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
		s.path.pop()
		if more, err := s.more(']'); !more {
			return err
		}
	}
}

// more reports whether a comma comes next; if not, it takes what ends the object or array.
func (s *scanner) more(end byte) (bool, error) {
	c, err := s.next()
	switch {
	case err != nil:
		return false, err
	case c == ',':
		return true, nil
	case c != end:
		return false, s.bad("a comma or the end")
	}
	s.at++
	return false, nil
}

// text takes a text and returns it as it stands there, and whether there are escapes in it.
func (s *scanner) text() (raw []byte, escaped bool, err error) {
	from := s.at
	for s.at++; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[from:s.at], escaped, nil
		case c < ' ':
			return nil, false, s.bad("a character that needs no escape")
		case c == '\\':
			escaped = true
			if s.at++; unit(s.data[s.at-1:]) >= 0 {
				s.at += len("u20ac") - 1
			} else if s.at == len(s.data) {
				return nil, false, errEarly
			} else if strings.IndexByte(`"\/bfnrt`, s.data[s.at]) < 0 {
				return nil, false, s.bad("an escape")
			}
		}
	}
	return nil, false, errEarly
}

// name takes the name of a member.
func (s *scanner) name() (string, error) {
	raw, escaped, err := s.text()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(raw[1 : len(raw)-1]), nil
	}
	var name string
	err = json.Unmarshal(raw, &name)
	return name, err
}

// literal takes a number, true, false or null.
func (s *scanner) literal() error {
	n := bytes.IndexAny(s.data[s.at:], ",:]} \t\r\n\"[{")
	if n < 0 {
		n = len(s.data) - s.at
	}
	word := s.data[s.at : s.at+n]
	if !json.Valid(word) {
		return s.bad("a value")
	}
	if _, err := strconv.ParseFloat(string(word), 64); errors.Is(err, strconv.ErrRange) {
		return errors.New("is a number out of range")
	}
	s.at += n
	return nil
}

// halfPair returns where an escape such as \ud800 stands without its other half, or -1. The decoder
// would make U+FFFD of it without a word. Backslashes have no place outside strings.
func halfPair(data []byte) int {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		switch n := unit(data[i:]); {
		case n < 0:
			i++ // the character that is escaped
		case n>>10 == 0xD800>>10:
			if low := unit(data[i+6:]); low < 0 || low>>10 != 0xDC00>>10 {
				return i
			}
			i += 11
		case n>>10 == 0xDC00>>10:
			return i
		default:
			i += 5
		}
	}
	return -1
}

// unit returns the UTF-16 code unit of the escape that data begins with, such as \u20ac, or -1.
func unit(data []byte) int {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(n)
}

// invalid returns where the first byte stands that is not part of valid UTF-8, from 0.
func invalid(data []byte) int {
	i := 0
	for i < len(data) {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}
