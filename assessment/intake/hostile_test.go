package intake

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"plumbline/assessment"
	"plumbline/content/contenttest"
	"plumbline/content/safezip/ziptest"
)

// unharmed reads a file that somebody means harm with into a session. It is refused, with a message fit
// for a terminal that says where, and the session stays as it was; or it is taken, and then everything in
// the session is as a person's own edit would have left it.
func unharmed(t *testing.T, start *assessment.Snapshot, what string, data []byte) (refused error) {
	t.Helper()
	file, err := Read("f", data)
	if err != nil {
		if _, ok := errors.AsType[*FileError](err); !ok {
			t.Errorf("%s: the error is a %T", what, err)
		}
		harmless(t, err.Error())
		return err
	}
	s := start.Scratch()
	before := s.Head()
	p, err := file.Plan(s.Snapshot(), now, agreed(file))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, pr := range p.Problems {
		harmless(t, pr.String())
	}
	for _, ch := range p.Changes {
		harmless(t, ch.String())
	}
	for _, sc := range file.Scales { // whose values are what the file has, and cleaned by who prints them
		harmless(t, sc.Name)
	}
	if s.Head() != before {
		t.Errorf("%s: planning changed the session", what)
	}
	d, err := s.Do(p.Act("importer"), p.Apply)
	if err != nil {
		t.Errorf("%s: what was planned is refused: %v", what, err)
	}
	if len(d.Events) > 0 {
		if err := s.Check(); err != nil {
			t.Errorf("%s: what was taken over is not as it should be: %v", what, err)
		}
	}
	return nil
}

// inCells calls do with tables for every hostile text: one in which each row has it in another column, one
// that has it in the head, and one with nothing else in a row.
func inCells(rows [][]string, do func(what string, rows [][]string)) {
	columns := len(rows[0])
	with := func(row []string, column int, text string) []string {
		row = append(slices.Clone(row), make([]string, max(0, columns-len(row)))...)
		row[column] = text
		return row
	}
	for i, h := range contenttest.HostileInput {
		everywhere := slices.Clone(rows)
		for c := range columns {
			everywhere = append(everywhere, with(rows[1+c%(len(rows)-1)], c, h))
		}
		do(fmt.Sprintf("%.30q in every column", h), everywhere)
		head := slices.Clone(rows)
		head[0] = with(head[0], i%columns, h)
		do(fmt.Sprintf("%.30q in the head, column %d", h, i%columns+1), head)
		do(fmt.Sprintf("%.30q alone", h), append(slices.Clone(rows), []string{h}))
	}
}

// Every hostile text in every column of every kind of table, as CSV and as a workbook.
func TestHostileTables(t *testing.T) {
	start := fresh(t).Snapshot()
	for _, file := range files {
		if !strings.HasSuffix(file.name, ".csv") {
			continue
		}
		t.Run(file.name, func(t *testing.T) {
			t.Parallel()
			taken, refused := 0, 0
			count := func(err error) {
				if err == nil {
					taken++
				} else {
					refused++
				}
			}
			inCells(smallTable(t, file.name), func(what string, rows [][]string) {
				var b bytes.Buffer
				w := csv.NewWriter(&b)
				if err := w.WriteAll(rows); err != nil {
					t.Fatal(err)
				}
				count(unharmed(t, start, what, b.Bytes()))
				count(unharmed(t, start, what+" as XLSX", plainBook("Gap register", rows)))
			})
			if taken == 0 || refused == 0 {
				t.Errorf("%d taken, %d refused", taken, refused)
			}
		})
	}
}

// smallTable is a fixture with few rows, by the reader that intake uses.
func smallTable(t *testing.T, name string) [][]string {
	t.Helper()
	text, p := decodeText(testFile(t, name))
	if p != nil {
		t.Fatal(p)
	}
	table, p := readCSV(text)
	if p != nil {
		t.Fatal(p)
	}
	var rows [][]string
	for _, r := range table.rows[:min(len(table.rows), 4)] {
		rows = append(rows, r.cells)
	}
	return rows
}

// plainBook is a workbook of one sheet as a careless program writes it: texts go in as they are, but for
// what XML must have escaped.
func plainBook(sheet string, rows [][]string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	part := func(name, text string) {
		e, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(e, text)
		}
		if err != nil {
			panic(err) // it is written to memory
		}
	}
	part("xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="`+
		sheet+`" r:id="r1"/></sheets></workbook>`)
	part("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`)
	var x strings.Builder
	x.WriteString(`<worksheet><sheetData>`)
	for _, r := range rows {
		x.WriteString(`<row>`)
		for _, c := range r {
			x.WriteString(`<c t="inlineStr"><is><t>`)
			_ = xml.EscapeText(&x, []byte(c)) // a Builder has no errors
			x.WriteString(`</t></is></c>`)
		}
		x.WriteString(`</row>`)
	}
	part("xl/worksheets/sheet1.xml", x.String()+`</sheetData></worksheet>`)
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Every hostile text, and every value that two readers of JSON could see differently, in the place of
// every leaf of every kind of JSON.
func TestHostileJSON(t *testing.T) {
	start := fresh(t).Snapshot()
	for _, file := range files {
		if strings.HasSuffix(file.name, ".csv") {
			continue
		}
		t.Run(file.name, func(t *testing.T) {
			t.Parallel()
			for path, with := range contenttest.Leaves(testFile(t, file.name)) {
				for _, h := range contenttest.HostileInput {
					_ = unharmed(t, start, fmt.Sprintf("%s %.30q", path, h), with(contenttest.Quoted(h)))
				}
				for _, raw := range contenttest.HostileJSON {
					data := with(raw)
					err := unharmed(t, start, fmt.Sprintf("%s %.30s", path, raw), data)
					if err == nil && ambiguous(raw) {
						t.Errorf("%s: %.40q is read", path, raw)
					}
				}
			}
		})
	}
}

// ambiguous reports whether no document may hold it, wherever it stands.
func ambiguous(raw string) bool {
	switch raw {
	case `null`, `true`, `0`, `-0`, `1.0000000000000001`, `18446744073709551616`, `"\u0000"`, `{}`, `[]`, `[[]]`, `{"unknown":1}`, ``: // the last leaves an array empty
		return false
	}
	return true
}

// A workbook with each of the things that a ZIP can do to who reads it.
func TestZIPHazards(t *testing.T) {
	good := plainBook("Gap register", [][]string{{"item_id", "current"}, {"GV.OC-01/secure", "1"}})
	if _, err := Read("f", good); err != nil {
		t.Fatal(err)
	}
	for _, h := range ziptest.Hazards() {
		if err := unharmed(t, fresh(t).Snapshot(), h.Name, h.Of(good)); err == nil || !strings.Contains(err.Error(), h.Says) && !strings.Contains(h.Name, "alone") {
			t.Errorf("%s: the error is %v, which does not say %q", h.Name, err, h.Says)
		}
	}
}
