package intake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"plumbline/content/workbook"
)

// read finds out what the file is, and reads it.
func (f *File) read(data []byte) *Problem {
	if len(data) > MaxSize {
		return refuse(Place{}, "", fmt.Sprintf("has %d bytes, at most %d are read", len(data), MaxSize), "")
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n")
	switch {
	case len(start) == 0:
		return refuse(Place{}, "", "is empty", "")
	case workbook.Is(data):
		return f.readWorkbook(data)
	case bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")):
		return refuse(Place{}, "", "is a workbook of an old kind, or one with a password", "save it as XLSX without a password")
	case bytes.HasPrefix(data, []byte("%PDF")), start[0] == '<':
		return refuse(Place{}, "", "is of no kind that is read", readKinds)
	case start[0] == '{', start[0] == '[':
		return f.readJSON(start)
	}
	text, p := decodeText(data)
	if p != nil {
		return p
	}
	t, p := readCSV(text)
	if p != nil {
		return p
	}
	return f.readTables([]*table{t}, csvReaders)
}

// readKinds says what can be read.
const readKinds = "the readable kinds are the gap register (CSV, XLSX), interview sheets (CSV), NIST's Organizational Profile template " +
	"(XLSX, CSV), .csfp, .csfa, audits of CISO Assistant (CSV, XLSX), csf_profile (CSV) and OSCAL profiles (JSON)"

// tableReader reads one kind of table.
type tableReader struct {
	kind Kind
	// header is how many rows may stand above the header and in it.
	header int
	is     func(*table) bool
	read   func(*File, *table)
}

// Of the readers, the first that knows a table reads it. A gap register in a workbook comes before the
// template's sheet beside it, which says less.
var (
	csvReaders = []tableReader{
		{InterviewCSV, 1, isInterview, (*File).readInterview},
		{RegisterCSV, 1, isRegister, (*File).readRegister},
		{CSFProfile, 1, isCSFProfile, (*File).readCSFProfile},
		{CSFACSV, 1, isCSFA, (*File).readCSFACSV},
		{CISOCSV, 1, isCISO, (*File).readCISO},
		{TemplateCSV, templateHeader, isTemplate, (*File).readTemplate},
	}
	xlsxReaders = []tableReader{
		{InterviewXLSX, 1, isInterview, (*File).readInterview},
		{RegisterXLSX, 1, isRegisterSheet, (*File).readRegister},
		{TemplateXLSX, templateHeader, isTemplateSheet, (*File).readTemplate},
		{CISOXLSX, 1, isCISO, (*File).readCISO},
		{TemplateXLSX, templateHeader, isTemplate, (*File).readTemplate},
		{RegisterXLSX, 1, isAnswers, (*File).readRegister},
	}
)

// readTables reads the first table that one of the readers knows.
func (f *File) readTables(tables []*table, readers []tableReader) *Problem {
	for _, r := range readers {
		for _, t := range tables {
			for i := range min(r.header, len(t.rows)) {
				if !r.is(&table{sheet: t.sheet, head: headings(t.rows[i])}) {
					continue
				}
				f.Kind = r.kind
				if p := t.heads(i); p != nil {
					return p
				}
				r.read(f, t)
				if r.kind == RegisterXLSX {
					return f.readCompanions(tables)
				}
				return nil
			}
		}
	}
	return refuse(Place{}, "", "is of no kind that is read", readKinds)
}

func (f *File) readWorkbook(data []byte) *Problem {
	book, err := workbook.Open(data)
	if errors.Is(err, workbook.ErrNone) {
		return refuse(Place{}, "", "is a ZIP file and no workbook", readKinds)
	}
	if err != nil {
		return refuse(Place{}, "", "is a workbook that can not be read: "+shortLine(err.Error(), 300), "")
	}
	for _, n := range book.Notices {
		f.notice(Place{}, "", n, "")
	}
	tables, p := f.readSheets(book)
	if p != nil {
		return p
	}
	return f.readTables(tables, xlsxReaders)
}

func isRegisterSheet(t *table) bool {
	return strings.EqualFold(t.sheet, "Gap register") && isRegister(t)
}

// isAnswers reports whether a sheet of any name is a gap register with something to read.
func isAnswers(t *table) bool {
	return isRegister(t) && (t.has("current") || t.has("target") || t.has("reason") || t.has("note") || t.has("owner"))
}

// readCompanions reads the sheets of our workbook that stand beside the gap register.
func (f *File) readCompanions(tables []*table) *Problem {
	for _, c := range []struct {
		sheet   string
		columns []string
		read    func(*table)
	}{
		{"Evidence", []string{"item_id", "method", "reference"}, f.readEvidence},
		{"Actions", []string{"title", "items"}, f.readActions},
	} {
		for _, t := range tables {
			if t.sheet != c.sheet || len(t.rows) == 0 {
				continue
			}
			if p := t.heads(0); p != nil {
				return p
			}
			if t.has(c.columns...) {
				c.read(t)
			}
		}
	}
	return nil
}
