// Package csv writes sheets of data as CSV, and reads them back to check them: the gap register above
// all, whose columns docs/formats.md lists.
package csv

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/model"
)

// Delimiters are the delimiters that a file can have.
const Delimiters = ",;\t"

// BOM is the mark at the start of the file that tells a spreadsheet that it is UTF-8.
const BOM = "\uFEFF"

// WriteSheet writes a sheet: UTF-8 with BOM, CRLF, fields quoted where RFC 4180 wants it, texts, not
// numbers, that a spreadsheet could take for formulas protected. The delimiter is a comma, a semicolon or a tab; 0 is
// the comma.
func WriteSheet(w io.Writer, sheet model.Sheet, delimiter rune) error {
	delimiter = cmp.Or(delimiter, ',')
	if !strings.ContainsRune(Delimiters, delimiter) {
		return fmt.Errorf("delimiter %q is none of comma, semicolon and tab", delimiter)
	}
	var b bytes.Buffer
	b.WriteString(BOM)
	out := csv.NewWriter(&b)
	out.Comma, out.UseCRLF = delimiter, true
	record := make([]string, 0, len(sheet.Columns))
	for _, c := range sheet.Columns {
		record = append(record, assessment.ProtectFormula(c.Title))
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("sheet %q: %w", sheet.Name, err)
	}
	for i, row := range sheet.Rows {
		record = record[:0]
		for _, v := range row {
			record = append(record, field(v))
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("sheet %q, row %d: %w", sheet.Name, i+2, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("sheet %q: %w", sheet.Name, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// field is a cell as it is written. A whole number is no formula, whatever its sign.
func field(v model.Value) string {
	if v.IsInt {
		return strconv.Itoa(v.Number)
	}
	return assessment.ProtectFormula(v.Text)
}

// CheckSheet reads a written sheet back and compares it with the sheet, cell by cell.
func CheckSheet(data []byte, sheet model.Sheet, delimiter rune) error {
	rest, ok := bytes.CutPrefix(data, []byte(BOM))
	if !ok {
		return errors.New("the byte order mark is missing")
	}
	if lf, crlf := bytes.Count(rest, []byte("\n")), bytes.Count(rest, []byte("\r\n")); lf != crlf {
		return fmt.Errorf("%d of %d lines do not end in CRLF", lf-crlf, lf)
	}
	r := csv.NewReader(bytes.NewReader(rest))
	r.Comma = cmp.Or(delimiter, ',')
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	if got, want := len(rows), len(sheet.Rows)+1; got != want {
		return fmt.Errorf("%d rows, not %d", got, want)
	}
	same := slices.EqualFunc(rows[0], sheet.Columns, func(got string, want model.SheetColumn) bool { return assessment.UnprotectFormula(got) == want.Title })
	if !same {
		return fmt.Errorf("the columns are %q", rows[0])
	}
	for i, row := range sheet.Rows {
		same = slices.EqualFunc(rows[i+1], row, func(got string, want model.Value) bool {
			if want.IsInt {
				n, err := strconv.Atoi(got)
				return err == nil && n == want.Number
			}
			return assessment.UnprotectFormula(got) == want.Text
		})
		if !same {
			return fmt.Errorf("row %d is %q, not what was to be written", i+2, rows[i+1])
		}
	}
	return nil
}
