package packfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// PathError says where in a document something is wrong: Path is "subcategories[3].title", or ""
// for the document as a whole.
type PathError struct {
	Path string
	Err  error
}

func (e *PathError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

func (e *PathError) Unwrap() error { return e.Err }

// Decode reads one JSON document into v, a pointer to a struct of this package. It is stricter than
// encoding/json: members that are unknown, spelled in another case, given twice or missing (unless
// the shape says omitempty), null, values of another type, invalid UTF-8 and data after the document
// are refused. A refusal is a *PathError; v is then of no use.
func Decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return &PathError{Err: errors.New("is not valid UTF-8")}
	}
	c := checker{dec: json.NewDecoder(bytes.NewReader(data))}
	c.dec.UseNumber()
	if err := c.value(reflect.TypeOf(v).Elem()); err != nil {
		return &PathError{c.path.String(), err}
	}
	if _, err := c.dec.Token(); !errors.Is(err, io.EOF) {
		return &PathError{Err: errors.New("has data after its end")}
	}
	if err := json.Unmarshal(data, v); err != nil {
		return &PathError{Err: err}
	}
	return nil
}

// maxTokens bounds what one document may hold; the largest file of the embedded pack has some 8,000.
const maxTokens = 1_000_000

// checker walks the tokens of a document beside the type that it will be read into. On an error its
// path is left where it was. Types do not recurse, so the type bounds the depth of the document.
type checker struct {
	dec    *json.Decoder
	path   path
	tokens int
}

func (c *checker) value(t reflect.Type) error {
	tok, err := c.token()
	if err != nil {
		return err
	}
	switch t.Kind() {
	case reflect.Struct:
		if tok != json.Delim('{') {
			return fmt.Errorf("is %s, want an object", kindOf(tok))
		}
		return c.object(shapeOf(t))
	case reflect.Slice:
		if tok != json.Delim('[') {
			return fmt.Errorf("is %s, want an array", kindOf(tok))
		}
		for i := 0; c.dec.More(); i++ {
			c.path.index(i)
			if err := c.value(t.Elem()); err != nil {
				return err
			}
			c.path.pop()
		}
		_, err := c.token()
		return err
	case reflect.String:
		if _, ok := tok.(string); !ok {
			return fmt.Errorf("is %s, want a string", kindOf(tok))
		}
	case reflect.Bool:
		if _, ok := tok.(bool); !ok {
			return fmt.Errorf("is %s, want true or false", kindOf(tok))
		}
	case reflect.Int:
		n, ok := tok.(json.Number)
		if !ok {
			return fmt.Errorf("is %s, want a number", kindOf(tok))
		}
		if _, err := strconv.Atoi(n.String()); err != nil {
			return fmt.Errorf("is %s, want a whole number", n)
		}
	default:
		panic("packfile: no rule for " + t.String())
	}
	return nil
}

func (c *checker) object(s *shape) error {
	var seen uint32
	for c.dec.More() {
		tok, err := c.token()
		if err != nil {
			return err
		}
		name := tok.(string) // the decoder takes nothing else for a name
		c.path.member(name)
		i, ok := s.index[name]
		if !ok {
			return errors.New("unknown member")
		}
		if seen&(1<<i) != 0 {
			return errors.New("given twice")
		}
		seen |= 1 << i
		if err := c.value(s.types[i]); err != nil {
			return err
		}
		c.path.pop()
	}
	if _, err := c.token(); err != nil {
		return err
	}
	if missing := s.required &^ seen; missing != 0 {
		for i, name := range s.names {
			if missing&(1<<i) != 0 {
				c.path.member(name)
				return errors.New("missing")
			}
		}
	}
	return nil
}

func (c *checker) token() (json.Token, error) {
	tok, err := c.dec.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("ends too early")
	}
	if err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	if c.tokens++; c.tokens > maxTokens {
		return nil, fmt.Errorf("has more than %d values", maxTokens)
	}
	return tok, nil
}

func kindOf(tok json.Token) string {
	switch tok := tok.(type) {
	case nil:
		return "null"
	case json.Delim:
		if tok == '{' {
			return "an object"
		}
		return "an array"
	case string:
		return "a string"
	case bool:
		return "true or false"
	default:
		return "a number"
	}
}

// shape is what may stand in an object: the JSON members of a struct, at most 32.
type shape struct {
	names    []string
	types    []reflect.Type
	index    map[string]int
	required uint32 // one bit per member
}

var shapes sync.Map // reflect.Type -> *shape

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{index: map[string]int{}}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		s.index[name] = len(s.names)
		if options != "omitempty" {
			s.required |= 1 << len(s.names)
		}
		s.names = append(s.names, name)
		s.types = append(s.types, f.Type)
	}
	shapes.Store(t, s)
	return s
}

// path is a stack of steps: members by name, elements by number.
type path []step

type step struct {
	name string
	n    int // of an element; -1 for a member
}

func (p *path) member(name string) { *p = append(*p, step{name, -1}) }
func (p *path) index(n int)        { *p = append(*p, step{"", n}) }
func (p *path) pop()               { *p = (*p)[:len(*p)-1] }

// String quotes a name that is none of ours, since it may hold anything.
func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		if s.n >= 0 {
			fmt.Fprintf(&b, "[%d]", s.n)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		if s.name != "" && strings.Trim(s.name, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" {
			b.WriteString(s.name)
		} else {
			b.WriteString(strconv.Quote(s.name))
		}
	}
	return b.String()
}
