package xlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// Check reads a workbook back and compares every cell, its kind included, with what the workbook says.
// It refuses a file with a part that Write does not write, and a cell with a formula.
func Check(data []byte, b model.Workbook) error {
	parts, err := ooxml.Read(data)
	if err != nil {
		return err
	}
	if got, want := len(parts), len(b.Sheets)+7; got != want {
		return fmt.Errorf("it has %d parts, not %d", got, want)
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := xml.Unmarshal(parts["xl/workbook.xml"], &book); err != nil {
		return fmt.Errorf("read the workbook: %w", err)
	}
	if len(book.Sheets) != len(b.Sheets) {
		return fmt.Errorf("it has %d sheets, not %d", len(book.Sheets), len(b.Sheets))
	}
	var shared struct {
		Items []struct {
			Text string `xml:"t"`
		} `xml:"si"`
	}
	if err := xml.Unmarshal(parts["xl/sharedStrings.xml"], &shared); err != nil {
		return fmt.Errorf("read the texts: %w", err)
	}
	texts := make([]string, len(shared.Items))
	for i, item := range shared.Items {
		texts[i] = decode(item.Text)
	}
	for i, s := range b.Sheets {
		if book.Sheets[i].Name != s.Name {
			return fmt.Errorf("sheet %d is %q, not %q", i+1, book.Sheets[i].Name, s.Name)
		}
		if err := checkSheet(parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)], s, texts); err != nil {
			return fmt.Errorf("sheet %q: %w", s.Name, err)
		}
	}
	return nil
}

// value is a cell as it was read: what it holds as text, and whether that is a number.
type value struct {
	text   string
	number bool
}

func checkSheet(part []byte, s model.Sheet, texts []string) error {
	got, err := cells(part, texts)
	if err != nil {
		return err
	}
	compare := func(column, row int, want value) error {
		at := place(column, row)
		v := got[at]
		delete(got, at)
		if v != want {
			return fmt.Errorf("cell %s is %.80q (number: %t), not %.80q (number: %t)", at, v.text, v.number, want.text, want.number)
		}
		return nil
	}
	for i, c := range s.Columns {
		if err := compare(i, 1, value{text: ooxml.Plain(cut(c.Title))}); err != nil {
			return err
		}
	}
	for i, r := range s.Rows {
		for j, v := range r {
			want := value{text: ooxml.Plain(cut(v.Text))}
			if v.IsInt {
				want = value{strconv.Itoa(v.Number), true}
			}
			if err := compare(j, i+2, want); err != nil {
				return err
			}
		}
	}
	if len(got) > 0 {
		return fmt.Errorf("it has %d cells too many", len(got))
	}
	return nil
}

// place names a cell: its column in letters, then its row.
func place(column, row int) string {
	var name []byte
	for n := column; n >= 0; n = n/26 - 1 {
		name = append([]byte{byte('A' + n%26)}, name...)
	}
	return string(name) + strconv.Itoa(row)
}

// cells reads the cells of a sheet that hold something, by their places.
func cells(part []byte, texts []string) (map[string]value, error) {
	got := make(map[string]value)
	d := xml.NewDecoder(bytes.NewReader(part))
	var at, kind string
	inValue := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "c":
				at, kind = "", ""
				for _, a := range t.Attr {
					switch a.Name.Local {
					case "r":
						at = a.Value
					case "t":
						kind = a.Value
					}
				}
			case "v":
				inValue = true
			case "f", "hyperlink", "conditionalFormatting", "oleObject", "drawing":
				return nil, fmt.Errorf("it has a %s at %s", t.Name.Local, at)
			}
		case xml.EndElement:
			inValue = false
		case xml.CharData:
			if !inValue {
				continue
			}
			v := value{string(t), true}
			if kind == "s" {
				i, err := strconv.Atoi(v.text)
				if err != nil || i < 0 || i >= len(texts) {
					return nil, fmt.Errorf("cell %s refers to the text %q", at, v.text)
				}
				v = value{text: texts[i]}
			}
			if _, twice := got[at]; twice {
				return nil, fmt.Errorf("cell %s is there twice", at)
			}
			got[at] = v
		}
	}
}

// encoded matches a character that is written as its number.
var encoded = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`) })

// decode returns the text of a cell: a group like _x0041_ stands for a unit of UTF-16.
func decode(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return encoded().ReplaceAllStringFunc(s, func(group string) string {
		n, _ := strconv.ParseUint(group[2:6], 16, 16)
		return string(utf16.Decode([]uint16{uint16(n)}))
	})
}
