package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
)

// This file reads the objects of a PDF as far as fpdf's are concerned, and knows nothing of how they
// were written: a plain cross-reference table, Flate streams, text in UTF-16 with a font that maps each
// unit to itself.

// An object is a name, a ref, a dict, an array ([]any), a literal, a float64, a keyword
// (word), or a *stream.
type (
	name    string
	word    string // true, null, an operator
	ref     int
	dict    map[name]any
	literal []byte // a string, its escapes resolved
	stream  struct {
		dict dict
		data []byte // decompressed
	}
)

// file is a PDF whose objects have all been read.
type file struct {
	objects map[ref]any
	trailer dict
}

// maxStream is how large a stream may get when it is decompressed.
const maxStream = 64 << 20

var errCut = errors.New("it ends too early")

// readFile reads a PDF: its table of objects, each object at the place that the table says, and each
// stream.
func readFile(data []byte) (*file, error) {
	if !bytes.HasPrefix(data, []byte("%PDF-1.")) {
		return nil, errors.New("it does not begin as a PDF does")
	}
	tail, ok := bytes.CutSuffix(bytes.TrimRight(data, "\r\n"), []byte("%%EOF"))
	at := bytes.LastIndex(tail, []byte("startxref"))
	if !ok || at < 0 {
		return nil, fmt.Errorf("it does not end as a PDF does: %w", errCut)
	}
	xref, err := strconv.Atoi(string(bytes.TrimSpace(tail[at+len("startxref"):])))
	if err != nil || xref < 0 || xref >= at || !bytes.HasPrefix(data[xref:], []byte("xref")) {
		return nil, errors.New("no table of objects is where it should be")
	}
	l := &lexer{data: data, at: xref + len("xref")}
	first, n := l.integer(), l.integer()
	if l.err != nil || first != 0 || n < 1 || n > len(data)/20 {
		return nil, errors.New("the table of objects is not one")
	}
	offsets := make([]int, n)
	for i := range offsets {
		offsets[i] = l.integer()
		l.integer()
		kind, _ := l.object().(word)
		if used := i > 0; l.err != nil || (kind == "n") != used {
			return nil, fmt.Errorf("entry %d of the table of objects is not one", i)
		}
	}
	if l.object() != word("trailer") {
		return nil, errors.New("the trailer is missing")
	}
	f := &file{objects: make(map[ref]any, n)}
	f.trailer, _ = l.object().(dict)
	if l.err != nil || f.trailer["Size"] != float64(n) {
		return nil, errors.New("the trailer does not fit the table of objects")
	}
	for i := 1; i < n; i++ {
		o, err := readObject(data, offsets[i], i)
		if err != nil {
			return nil, fmt.Errorf("object %d: %w", i, err)
		}
		f.objects[ref(i)] = o
	}
	return f, nil
}

func readObject(data []byte, at, n int) (any, error) {
	if at < 0 || at >= len(data) {
		return nil, errCut
	}
	l := &lexer{data: data, at: at}
	if l.integer() != n || l.integer() != 0 || l.object() != word("obj") {
		return nil, errors.New("it is not where the table says")
	}
	o := l.object()
	end := l.object()
	if d, ok := o.(dict); ok && end == word("stream") {
		s := &stream{dict: d}
		size, ok := d["Length"].(float64)
		start := l.at + 1 // one line feed
		if !ok || size < 0 || size > float64(len(data)-start) {
			return nil, errCut
		}
		raw := data[start : start+int(size)]
		l.at = start + int(size)
		if l.object() != word("endstream") {
			return nil, errors.New("its stream has another length")
		}
		switch {
		case d["Subtype"] == name("Image"):
			s.data = raw
		case d["Filter"] == name("FlateDecode"):
			z, err := zlib.NewReader(bytes.NewReader(raw))
			if err != nil {
				return nil, fmt.Errorf("decompress it: %w", err)
			}
			if s.data, err = io.ReadAll(io.LimitReader(z, maxStream+1)); err != nil {
				return nil, fmt.Errorf("decompress it: %w", err)
			}
			if len(s.data) > maxStream {
				return nil, fmt.Errorf("its stream unpacks to more than %d bytes", maxStream)
			}
		case d["Filter"] == nil:
			s.data = raw
		default:
			return nil, fmt.Errorf("its stream is packed as %v", d["Filter"])
		}
		o, end = s, l.object()
	}
	if l.err != nil || end != word("endobj") {
		return nil, errors.New("it has no end")
	}
	return o, nil
}

// get returns an object, following a reference to it.
func (f *file) get(o any) any {
	if r, ok := o.(ref); ok {
		return f.objects[r]
	}
	return o
}

// dict returns an object that is a dictionary, or that of a stream; without one, an empty one.
func (f *file) dict(o any) dict {
	switch v := f.get(o).(type) {
	case dict:
		return v
	case *stream:
		return v.dict
	}
	return nil
}

// lexer reads objects one after another.
type lexer struct {
	data  []byte
	at    int
	depth int // of lists and dictionaries in each other
	err   error
}

// maxDepth is more than fpdf ever nests.
const maxDepth = 32

func (l *lexer) fail() any {
	if l.err == nil {
		l.err = fmt.Errorf("at byte %d: %w", l.at, errCut)
	}
	l.at = len(l.data)
	return nil
}

func (l *lexer) integer() int {
	n, ok := l.number().(float64)
	if !ok {
		l.fail()
	}
	return int(n)
}

func blank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f'
}

func delimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// token returns the bytes up to the next blank or delimiter.
func (l *lexer) token() []byte {
	from := l.at
	for l.at < len(l.data) && !blank(l.data[l.at]) && !delimiter(l.data[l.at]) {
		l.at++
	}
	return l.data[from:l.at]
}

func (l *lexer) skip() {
	for l.at < len(l.data) && blank(l.data[l.at]) {
		l.at++
	}
}

// number returns a float64, or a word.
func (l *lexer) number() any {
	l.skip()
	t := l.token()
	if len(t) == 0 {
		return l.fail()
	}
	if c := t[0]; c >= '0' && c <= '9' || c == '-' || c == '.' || c == '+' {
		if n, err := strconv.ParseFloat(string(t), 64); err == nil {
			return n
		}
	}
	return word(t)
}

// object returns the next object, a reference as one.
func (l *lexer) object() any {
	l.skip()
	if l.at >= len(l.data) || l.depth > maxDepth {
		return l.fail()
	}
	l.depth++
	defer func() { l.depth-- }()
	switch l.data[l.at] {
	case '/':
		l.at++
		return name(l.token())
	case '(':
		return l.text()
	case '[':
		l.at++
		list := []any{}
		for l.err == nil {
			if l.skip(); l.at < len(l.data) && l.data[l.at] == ']' {
				l.at++
				return list
			}
			list = append(list, l.object())
		}
		return l.fail()
	case '<':
		if !bytes.HasPrefix(l.data[l.at:], []byte("<<")) {
			return l.fail() // strings in hexadecimal are none of fpdf's
		}
		l.at += 2
		d := dict{}
		for l.err == nil {
			if l.skip(); bytes.HasPrefix(l.data[l.at:], []byte(">>")) {
				l.at += 2
				return d
			}
			key, ok := l.object().(name)
			if !ok {
				return l.fail()
			}
			d[key] = l.object()
		}
		return l.fail()
	}
	o := l.number()
	if n, ok := o.(float64); ok && n >= 0 && n == float64(int(n)) {
		after := *l
		if gen := after.number(); gen == float64(0) && after.number() == word("R") {
			l.at = after.at
			return ref(n)
		}
	}
	return o
}

// text returns a string in parentheses.
func (l *lexer) text() any {
	var out literal
	depth := 0
	for l.at < len(l.data) {
		c := l.data[l.at]
		l.at++
		switch c {
		case '\\':
			if l.at == len(l.data) {
				return l.fail()
			}
			c = l.data[l.at]
			l.at++
			if c == 'r' {
				c = '\r'
			}
			out = append(out, c)
			continue
		case '(':
			if depth++; depth == 1 {
				continue
			}
		case ')':
			if depth--; depth == 0 {
				return out
			}
		}
		out = append(out, c)
	}
	return l.fail()
}

// decode returns a string in UTF-16, without its byte order mark.
func decode(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	if len(units) > 0 && units[0] == 0xFEFF {
		units = units[1:]
	}
	return string(utf16.Decode(units))
}

// show calls f with each text that a page shows and the innermost tag that it stands in.
func show(content []byte, f func(t tag, s string)) error {
	l := &lexer{data: content}
	var tags []tag
	var operands []any
	for {
		if l.skip(); l.at == len(l.data) {
			break
		}
		o := l.object()
		if l.err != nil {
			return l.err
		}
		op, ok := o.(word)
		if !ok {
			operands = append(operands, o)
			continue
		}
		switch op {
		case "BMC":
			n, _ := last(operands).(name)
			tags = append(tags, tag(n))
		case "EMC":
			if len(tags) == 0 {
				return errors.New("a part ends that did not begin")
			}
			tags = tags[:len(tags)-1]
		case "Tj":
			s, _ := last(operands).(literal)
			t := text
			if len(tags) > 0 {
				t = tags[len(tags)-1]
			}
			f(t, decode(s))
		}
		operands = operands[:0]
	}
	if len(tags) > 0 {
		return errors.New("a part does not end")
	}
	return nil
}

func last(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}
