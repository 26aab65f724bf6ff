// Package official reads NIST's official wording of the CSF 2.0 Core from NIST's own files: the
// outcomes of Functions, Categories and Subcategories, and the implementation examples. Nothing of it
// is part of the program. The package is given bytes and returns texts; where they are kept is the
// caller's business.
package official

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"plumbline/content"
	"plumbline/content/internal/packfile"
)

// MaxSize is the size of the largest file that Read takes, in bytes.
const MaxSize = packfile.MaxSize

// Kind is one of the three kinds of file that NIST offers.
type Kind string

// The kinds that Read knows.
const (
	OSCALCatalog  Kind = "oscal-catalog"
	ReferenceJSON Kind = "reference-tool-json"
	ReferenceXLSX Kind = "reference-tool-xlsx"
)

var kindNames = map[Kind]string{
	OSCALCatalog:  "the CSF 2.0 OSCAL catalog",
	ReferenceJSON: "the JSON export of the CSF 2.0 Reference Tool",
	ReferenceXLSX: "the XLSX export of the CSF 2.0 Reference Tool",
}

// Name says in words which kind this is: "the CSF 2.0 OSCAL catalog".
func (k Kind) Name() string { return kindNames[k] }

// Source says which file a wording was read from.
type Source struct {
	Kind    Kind
	Title   string // what the file calls itself; "" where it does not
	Version string // "1.2.0"; "" where the file names none
	File    string // its name, without the folder
	SHA256  string // hex, of its bytes
}

// String names the source in one line: kind, version, file and the beginning of its hash.
func (s Source) String() string {
	version := ""
	if s.Version != "" {
		version = " " + s.Version
	}
	return fmt.Sprintf("%s%s (%s, SHA-256 %.12s…)", s.Kind.Name(), version, s.File, s.SHA256)
}

// Entry is NIST's wording of one Function, Category or Subcategory.
type Entry struct {
	ID       string // "GV", "GV.OC" or "GV.OC-01"
	Text     string // the outcome, one paragraph
	Examples []string
}

// Wording is NIST's wording of the whole Core, never of a part of it. It is read only and safe for
// concurrent use.
type Wording struct {
	Source    Source
	Withdrawn int      // entries of earlier versions that the file holds and that were left out
	Notices   []string // what a reader of the file should know, a sentence each
	entries   []Entry  // Core order: Function, Category, Subcategory
	index     map[string]int
}

// Entry returns the wording of a Function, Category or Subcategory by its id.
func (w *Wording) Entry(id string) (Entry, bool) {
	i, ok := w.index[id]
	if !ok {
		return Entry{}, false
	}
	return w.entries[i], true
}

// Counts says how much there is. The first three are always 6, 22 and 106.
type Counts struct{ Functions, Categories, Subcategories, Examples int }

// Counts returns how much there is.
func (w *Wording) Counts() Counts {
	var c Counts
	for _, e := range w.entries {
		switch levelOf(e.ID) {
		case function:
			c.Functions++
		case category:
			c.Categories++
		default:
			c.Subcategories++
		}
		c.Examples += len(e.Examples)
	}
	return c
}

// FileError says why a file is not read, and where in it: Path is "catalog.groups[0].controls[3]",
// `sheet "CSF 2.0", row 7`, or "" for the file as a whole.
type FileError struct {
	File string
	Path string
	Err  error
}

func (e *FileError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%q %v", e.File, e.Err)
	}
	return fmt.Sprintf("%q: %s: %v", e.File, e.Path, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// at says where in a file an error is.
func at(path string, err error) error { return &packfile.PathError{Path: path, Err: err} }

// Read reads a file of NIST. What it is, the content decides; name, without a folder, is what the
// source and errors call it. The result has all 6 Functions, 22 Categories and 106 Subcategories of
// CSF 2.0 and nothing else: entries that CSF 2.0 withdrew are left out, whether the file marks them
// or not, and a file that then has more or fewer is refused with the ids that differ. Texts are made
// fit for a terminal (content.Clean). A refusal is a *FileError.
func Read(name string, data []byte) (*Wording, error) {
	name = short(name, 255)
	w, err := read(data)
	if err != nil {
		return nil, refused(name, err)
	}
	w.Source.File, w.Source.SHA256 = name, packfile.Sum(data)
	return w, nil
}

func refused(name string, err error) error {
	if inner, ok := errors.AsType[*packfile.PathError](err); ok {
		return &FileError{name, short(inner.Path, 200), inner.Err}
	}
	return &FileError{File: name, Err: err}
}

func read(data []byte) (*Wording, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("has %d bytes, at most %d are read", len(data), MaxSize)
	}
	c, err := newCollector()
	if err != nil {
		return nil, err
	}
	var src Source
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n")
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		src, err = readWorkbook(c, data)
	case bytes.HasPrefix(text, []byte("{")):
		src, err = readJSON(c, text)
	case bytes.HasPrefix(text, []byte("<")):
		err = errors.New("is XML or HTML: of the OSCAL catalog, the JSON is read")
	case bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")):
		err = errors.New("is a workbook of an old kind, or one with a password: save it as XLSX without one")
	default:
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	return c.finish(src)
}

var errUnknown = errors.New("is none of NIST's files that are read: the CSF 2.0 OSCAL catalog (JSON), " +
	"or the JSON or XLSX export of the CSF 2.0 Reference Tool")

// readJSON reads either of the two kinds of JSON. The names of members that no such file has are
// noticed.
func readJSON(c *collector, data []byte) (Source, error) {
	unread := make(map[string]bool)
	note := func(name string) {
		if len(unread) < 1000 { // a file of NIST has a few dozen
			unread[short(name, 40)] = true
		}
	}
	if err := packfile.Scan(data, note); err != nil {
		return Source{}, err
	}
	var doc struct {
		Catalog  *oscalCatalog `json:"catalog"`
		Response *response     `json:"response"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return Source{}, at(t.Field, fmt.Errorf("is %s, which is not what belongs there", t.Value))
		}
		return Source{}, err
	}
	var src Source
	var err error
	known := oscalMembers
	switch {
	case doc.Catalog != nil:
		src, err = readCatalog(c, doc.Catalog)
	case doc.Response != nil:
		src, err = readResponse(c, doc.Response)
		known = referenceMembers
	default:
		err = errUnknown
	}
	maps.DeleteFunc(unread, func(name string, _ bool) bool { return slices.Contains(known, name) })
	if len(unread) > 0 {
		var list names
		for _, name := range slices.Sorted(maps.Keys(unread)) {
			list.add(fmt.Sprintf("%q", name))
		}
		c.notice("Members of these names are not read: %v.", list)
	}
	return src, err
}

// names is a list of which the first few are shown.
type names struct {
	first []string
	n     int
}

func (l *names) add(name string) {
	if l.n++; len(l.first) < 8 {
		l.first = append(l.first, name)
	}
}

// String lists the first and says how many more there are.
func (l names) String() string {
	s := strings.Join(l.first, ", ")
	if more := l.n - len(l.first); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// short makes a name out of a file fit for a line: at most n characters, none that steers a terminal.
func short(s string, n int) string {
	s = strings.ToValidUTF8(s[:min(len(s), n*utf8.UTFMax)], "?")
	s, _ = content.Clean(strings.ReplaceAll(s, "\uFFFD", "?"))
	r := []rune(s)
	return string(r[:min(len(r), n)])
}
