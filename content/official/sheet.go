package official

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

// A workbook (ECMA-376 part 1, section 18) as far as its texts are concerned. The libraries for XLSX
// cost every start of the program more than reading one sheet now and then is worth.
type book struct {
	archive *zip.Reader
	sheets  []sheet
	shared  []string // the strings that cells refer to
}

type sheet struct {
	name   string
	part   string // where it stands in the archive
	hidden bool
}

// richText is a text, whole or in runs of different looks.
type richText struct {
	Text string `xml:"t"`
	Runs []struct {
		Text string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	s := t.Text
	for _, r := range t.Runs {
		s += r.Text
	}
	return unescape(s)
}

func openBook(archive *zip.Reader) (*book, error) {
	b := &book{archive: archive}
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
	if err := errors.Join(b.decode("xl/workbook.xml", &wb), b.decode("xl/_rels/workbook.xml.rels", &rels)); err != nil {
		return nil, err
	}
	for _, s := range wb.Sheets {
		for _, r := range rels.Rels {
			if r.ID == s.Rel {
				b.sheets = append(b.sheets, sheet{s.Name, part(r.Target), s.State != "" && s.State != "visible"})
			}
		}
	}
	var strs struct {
		Items []richText `xml:"si"`
	}
	if err := b.decode("xl/sharedStrings.xml", &strs); err != nil && !errors.Is(err, errNoPart) {
		return nil, err
	}
	for _, t := range strs.Items {
		b.shared = append(b.shared, t.String())
	}
	return b, nil
}

// part is the name of a part that the workbook's relations point to.
func part(target string) string {
	if rest, ok := strings.CutPrefix(target, "/"); ok {
		return path.Clean(rest)
	}
	return path.Join("xl", target)
}

var errNoPart = errors.New("is missing")

func (b *book) open(name string) (io.ReadCloser, error) {
	for _, f := range b.archive.File {
		if f.Name == name {
			return f.Open()
		}
	}
	return nil, at(fmt.Sprintf("part %.80q", name), errNoPart)
}

func (b *book) decode(name string, v any) error {
	r, err := b.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(v); err != nil {
		return at(fmt.Sprintf("part %.80q", name), err)
	}
	return nil
}

// rows yields the texts of a sheet, row by row from the first; rows and cells that are left out in the
// file are empty. An error ends it.
func (b *book) rows(s sheet) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		r, err := b.open(s.part)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		dec := xml.NewDecoder(r)
		for last := 0; ; {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			start, ok := tok.(xml.StartElement)
			if !ok || start.Name.Local != "row" {
				continue
			}
			var row row
			if err := dec.DecodeElement(&row, &start); err != nil {
				yield(nil, err)
				return
			}
			if row.Number == 0 {
				row.Number = last + 1
			}
			if row.Number <= last || row.Number > maxRows+1 {
				yield(nil, fmt.Errorf("is followed by row %d; at most %d are read, in their order", row.Number, maxRows))
				return
			}
			for ; last+1 < row.Number; last++ {
				if !yield(nil, nil) {
					return
				}
			}
			last = row.Number
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
func (b *book) cells(r row) ([]string, error) {
	var out []string
	for _, c := range r.Cells {
		at := len(out)
		if c.Ref != "" {
			at = column(c.Ref)
		}
		if at < len(out) || at >= maxColumns {
			return nil, fmt.Errorf("has the cell %.10q, at most %d columns are read, in their order", c.Ref, maxColumns)
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
	}
	return out, nil
}

// column returns the place of a cell such as "AB12": its letters as a number, from 0; a large one where
// it has none.
func column(ref string) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && n <= maxColumns; i++ {
		n = 26*n + int(ref[i]-'A') + 1
	}
	if n == 0 {
		return maxColumns
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
