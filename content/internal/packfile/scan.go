package packfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	s := scanner{checker{dec: json.NewDecoder(bytes.NewReader(data))}, member}
	s.dec.UseNumber()
	if err := s.value(0); err != nil {
		return &PathError{s.path.String(), err}
	}
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return &PathError{Err: errors.New("has data after its end")}
	}
	return nil
}

type scanner struct {
	checker
	member func(string)
}

func (s *scanner) value(depth int) error {
	tok, err := s.token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Number:
		if _, err := strconv.ParseFloat(tok.String(), 64); err != nil {
			return errors.New("is a number out of range")
		}
	case json.Delim:
		if depth == maxDepth {
			return fmt.Errorf("lies deeper than %d levels", maxDepth)
		}
		if tok == '{' {
			err = s.object(depth)
		} else {
			err = s.array(depth)
		}
		if err != nil {
			return err
		}
		_, err := s.token()
		return err
	}
	return nil
}

func (s *scanner) object(depth int) error {
	seen := make(map[string]bool)
	for s.dec.More() {
		tok, err := s.token()
		if err != nil {
			return err
		}
		name := tok.(string) // the decoder takes nothing else for a name
		s.path.member(name)
		// Upper and lower: the Kelvin sign and the long s fold into ASCII only by both.
		folded := strings.ToLower(strings.ToUpper(name))
		if seen[folded] {
			return errors.New("given twice")
		}
		if seen[folded] = true; len(seen) > maxInOne {
			return fmt.Errorf("is one of more than %d members", maxInOne)
		}
		s.member(name)
		if err := s.value(depth + 1); err != nil {
			return err
		}
		s.path.pop()
	}
	return nil
}

func (s *scanner) array(depth int) error {
	for i := 0; s.dec.More(); i++ {
		s.path.index(i)
		if i == maxInOne {
			return fmt.Errorf("is one of more than %d elements", maxInOne)
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
		s.path.pop()
	}
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
