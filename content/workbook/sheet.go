package workbook

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"
)

// Book is a workbook that was opened. It is read only.
type Book struct {
	Sheets  []Sheet              // in the order of the workbook
	Notices []string             // what a person should know of it, a sentence each
	parts   map[string]*zip.File // those that are XML, by name
	shared  []string             // the strings that cells refer to
	read    int                  // bytes of the texts of all cells that were read
}

const bookPart = "xl/workbook.xml"

// ErrNone says that a ZIP file is sound and no workbook.
var ErrNone = errors.New("it is a ZIP file without the part " + bookPart)

// Sheet is a sheet of a workbook.
type Sheet struct {
	Name   string // as the workbook has it: any text
	Hidden bool
	part   string // where it stands in the archive
}

// richText is a text, whole or in runs of different looks.
type richText struct {
	Text string `xml:"t"`
	Runs []struct {
		Text string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	var s strings.Builder
	s.WriteString(t.Text)
	for _, r := range t.Runs {
		s.WriteString(r.Text)
	}
	return unescape(s.String())
}

// open reads what a sheet can not be read without.
func (b *Book) open() error {
	var rels struct {
		Rels []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	var wb struct {
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			Rel   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	if b.parts[bookPart] == nil {
		return ErrNone
	}
	if err := b.decode(bookPart, &wb); err != nil {
		return err
	}
	if err := b.decode("xl/_rels/workbook.xml.rels", &rels); err != nil {
		return err
	}
	parts := make(map[string]string)
	for _, r := range rels.Rels {
		parts[r.ID] = target(r.Target)
	}
	for _, s := range wb.Sheets {
		if part, ok := parts[s.Rel]; ok {
			b.Sheets = append(b.Sheets, Sheet{s.Name, s.State != "" && s.State != "visible", part})
		}
	}
	if err := b.readShared(); err != nil && !errors.Is(err, errNoPart) {
		return err
	}
	return nil
}

const sharedStrings = "xl/sharedStrings.xml"

// readShared reads the strings that cells refer to, one by one.
func (b *Book) readShared() error {
	r, err := b.part(sharedStrings)
	if err != nil {
		return err
	}
	defer r.Close()
	size := 0
	for item, err := range elements[richText](r, "si") {
		if err != nil {
			return &PartError{sharedStrings, fmt.Errorf("can not be read: %w", err)}
		}
		text := item.String()
		if size += len(text); size > maxText {
			return &PartError{sharedStrings, fmt.Errorf("holds more than %d bytes of text", maxText)}
		}
		b.shared = append(b.shared, text)
	}
	return nil
}

// elements yields the elements of that name, wherever they stand. An error ends it.
func elements[T any](r io.Reader, name string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		dec := xml.NewDecoder(r)
		for {
			var v T
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			start, ok := tok.(xml.StartElement)
			if err == nil && (!ok || start.Name.Local != name) {
				continue
			}
			if err == nil {
				err = dec.DecodeElement(&v, &start)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// target is the name of a part that the workbook's relations point to.
func target(to string) string {
	if rest, ok := strings.CutPrefix(to, "/"); ok {
		return path.Clean(rest)
	}
	return path.Join("xl", to)
}

var errNoPart = errors.New("is missing")

func (b *Book) part(name string) (io.ReadCloser, error) {
	if f, ok := b.parts[name]; ok {
		return f.Open()
	}
	return nil, &PartError{name, errNoPart}
}

func (b *Book) decode(name string, v any) error {
	r, err := b.part(name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(v); err != nil {
		return &PartError{name, fmt.Errorf("can not be read: %w", err)}
	}
	return nil
}

// Rows yields the texts of a sheet, row by row from the first; rows and cells that are left out in the
// file are empty. Numbers, dates and truth values are what the file stores: a date is a number of days.
// At most MaxRows rows of MaxColumns are read, and of one Book no more than 32 MiB of text: cells can share
// a long string, and each counts. An error is about the row that it comes with, and ends it.
func (b *Book) Rows(s Sheet) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		r, err := b.part(s.part)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		last := 0
		for row, err := range elements[row](r, "row") {
			if err != nil {
				yield(nil, err)
				return
			}
			if row.Number == 0 {
				row.Number = last + 1
			}
			if row.Number <= last {
				yield(nil, fmt.Errorf("is followed by row %d: rows are read in their order", row.Number))
				return
			}
			for ; last+1 < min(row.Number, MaxRows+1); last++ {
				if !yield(nil, nil) {
					return
				}
			}
			if last = row.Number; last > MaxRows {
				yield(nil, fmt.Errorf("is one too many, at most %d are read", MaxRows))
				return
			}
			cells, err := b.cells(row)
			if !yield(cells, err) || err != nil {
				return
			}
		}
	}
}

type row struct {
	Number int `xml:"r,attr"`
	Cells  []struct {
		Ref    string   `xml:"r,attr"`
		Type   string   `xml:"t,attr"`
		Value  string   `xml:"v"`
		Inline richText `xml:"is"`
	} `xml:"c"`
}

// cells returns the texts of a row, each at the place of its column.
func (b *Book) cells(r row) ([]string, error) {
	var out []string
	for _, c := range r.Cells {
		at := len(out)
		if c.Ref != "" {
			at = column(c.Ref)
		}
		if at < len(out) || at >= MaxColumns {
			return nil, fmt.Errorf("has the cell %.10q, at most %d columns are read, in their order", c.Ref, MaxColumns)
		}
		out = append(out, make([]string, at-len(out)+1)...)
		switch c.Type {
		case "s":
			i, err := strconv.Atoi(strings.TrimSpace(c.Value))
			if err != nil || i < 0 || i >= len(b.shared) {
				return nil, fmt.Errorf("has the cell %.10q, whose text %.10q is not in the workbook", c.Ref, c.Value)
			}
			out[at] = b.shared[i]
		case "inlineStr":
			out[at] = c.Inline.String()
		default:
			out[at] = unescape(c.Value)
		}
		if b.read += len(out[at]); b.read > maxText {
			return nil, fmt.Errorf("goes beyond %d bytes of text in the cells of the workbook", maxText)
		}
	}
	return out, nil
}

// column returns the place of a cell such as "AB12": its letters as a number, from 0; a large one where
// it has none.
func column(ref string) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && n <= MaxColumns; i++ {
		n = 26*n + int(ref[i]-'A') + 1
	}
	if n == 0 {
		return MaxColumns
	}
	return n - 1
}

// unescape turns _x0041_ into A: so XLSX writes characters that XML does not take.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 {
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		if len(s) >= 7 && s[6] == '_' {
			if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				out.WriteRune(rune(n))
				s = s[7:]
				continue
			}
		}
		out.WriteString("_x")
		s = s[2:]
	}
	return out.String() + s
}
