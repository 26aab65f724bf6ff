package official

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// Limits of a workbook, and of what it may hold once unpacked. NIST's export unpacks to a few
// megabytes.
const (
	maxParts    = 2_000
	maxUnpacked = 32 << 20
	maxRatio    = 200     // of what a part larger than freeRatio unpacks to
	freeRatio   = 1 << 20 // bytes
	maxElements = 1_000_000
	maxXMLDepth = 64
	maxRows     = 20_000
	maxColumns  = 256
)

const sheetName = "CSF 2.0"

// readWorkbook reads the Reference Tool's XLSX export: a sheet with a header row Function, Category,
// Subcategory, Implementation Examples, and ids at the beginning of the cells.
func readWorkbook(c *collector, data []byte) (src Source, err error) {
	src = Source{Kind: ReferenceXLSX}
	archive, err := checkParts(c, data)
	if err != nil {
		return src, err
	}
	book, err := openBook(archive)
	if err != nil {
		return src, fmt.Errorf("is a workbook that can not be read: %w", err)
	}
	which := slices.IndexFunc(book.sheets, func(s sheet) bool { return strings.EqualFold(strings.TrimSpace(s.name), sheetName) })
	if which < 0 {
		var has names
		for _, s := range book.sheets {
			has.add(fmt.Sprintf("%q", short(s.name, 40)))
		}
		return src, fmt.Errorf("has no sheet %q: it has %v", sheetName, has)
	}
	if book.sheets[which].hidden {
		c.notice("The sheet %q is hidden; it was read.", sheetName)
	}
	return src, readRows(c, book.rows(book.sheets[which]))
}

// columns says where in a row the cells stand, counted from 0; examples may be -1.
type columns struct{ function, category, subcategory, examples int }

var (
	// namedID is "GOVERN (GV): text" or "Organizational Context (GV.OC): text".
	namedID = regexp.MustCompile(`(?s)^[^()]*\(([A-Z]{2}(?:\.[A-Z]{2})?)\)\s*:\s*(.*)$`)
	// bareID is "GV.OC-01: text".
	bareID = regexp.MustCompile(`(?s)^([A-Z]{2}\.[A-Z]{2}-[0-9]{2})\s*:\s*(.*)$`)
	// party is the line by which the tool says whose risk an example is about.
	party = regexp.MustCompile(`^(1st|3rd)\s*:`)
)

func readRows(c *collector, rows iter.Seq2[[]string, error]) error {
	var head *columns
	var sub *Entry // of the rows that follow
	function, category := "", ""
	var strange names // cells
	n := 0
	for cells, err := range rows {
		n++
		place := fmt.Sprintf("sheet %q, row %d", sheetName, n)
		if n > maxRows {
			return at(place, fmt.Errorf("is one too many, at most %d are read", maxRows))
		}
		if err != nil {
			return at(place, fmt.Errorf("can not be read: %w", err))
		}
		if len(cells) > maxColumns {
			return at(place, fmt.Errorf("has %d columns, at most %d are read", len(cells), maxColumns))
		}
		if head == nil {
			head = header(cells)
			continue
		}
		for i, column := range []int{head.function, head.category, head.subcategory} {
			text := cell(cells, column)
			if text == "" {
				continue
			}
			pattern, parent := namedID, ""
			switch i {
			case 1:
				parent = function
			case 2:
				pattern, parent = bareID, category
			}
			m := pattern.FindStringSubmatch(text)
			if m == nil {
				strange.add(fmt.Sprintf("%q in row %d", short(text, 40), n))
				continue
			}
			id, outcome := m[1], m[2]
			marked := strings.HasPrefix(outcome, "[Withdrawn")
			if i == 0 {
				function = id
			}
			if i < 2 {
				category = id
			}
			sub = nil
			if isWithdrawn(id, marked) {
				c.leaveOut(marked)
				continue
			}
			e, err := c.add(id, parent, outcome)
			if err != nil {
				return at(place, err)
			}
			if i == 2 {
				sub = e
			}
		}
		if sub == nil {
			continue
		}
		for _, text := range splitExamples(cell(cells, head.examples)) {
			if err := c.example(sub, text); err != nil {
				return at(place, err)
			}
		}
	}
	if strange.n > 0 {
		c.notice("Cells that name no entry were not read: %v.", strange)
	}
	if head == nil {
		return at(fmt.Sprintf("sheet %q", sheetName), errors.New("has no row with the headings Function, Category and Subcategory"))
	}
	return nil
}

func cell(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[column])
}

// header returns where the columns stand, if this is the row that says so.
func header(cells []string) *columns {
	find := func(name string) int {
		return slices.IndexFunc(cells, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) })
	}
	h := &columns{find("Function"), find("Category"), find("Subcategory"), find("Implementation Examples")}
	if h.function < 0 || h.category < 0 || h.subcategory < 0 {
		return nil
	}
	return h
}

// splitExamples splits a cell into its examples: each begins with "Ex1:", or where none does, each
// line is one.
func splitExamples(text string) []string {
	var out []string
	marked := false
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || party.MatchString(line):
		case exampleMark.MatchString(line):
			marked = true
			if line = exampleMark.ReplaceAllString(line, ""); line != "" {
				out = append(out, line)
			}
		case marked && len(out) > 0:
			out[len(out)-1] += " " + line
		default:
			out = append(out, line)
		}
	}
	return out
}

// checkParts opens a workbook. It refuses one that could harm the machine, and notices what is in it
// that is not read.
func checkParts(c *collector, data []byte) (*zip.Reader, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("is a damaged ZIP file: %w", err)
	}
	if n := len(archive.File); n > maxParts {
		return nil, fmt.Errorf("has %d parts, at most %d are read", n, maxParts)
	}
	seen := make(map[string]bool)
	var unpacked uint64
	for _, f := range archive.File {
		name := strings.ToLower(f.Name)
		switch {
		case !localName(f.Name) || f.Mode()&fs.ModeSymlink != 0:
			return nil, partError(f, errors.New("has a name that no part of a workbook has"))
		case seen[name]:
			return nil, partError(f, errors.New("is there twice"))
		case f.Flags&1 != 0:
			return nil, partError(f, errors.New("is encrypted: save the workbook without a password"))
		case f.UncompressedSize64 > freeRatio && f.UncompressedSize64/maxRatio > f.CompressedSize64:
			return nil, partError(f, fmt.Errorf("unpacks to more than %d times its size", maxRatio))
		}
		seen[name] = true
		if unpacked += min(f.UncompressedSize64, maxUnpacked+1); unpacked > maxUnpacked {
			return nil, fmt.Errorf("unpacks to more than %d bytes", maxUnpacked)
		}
	}
	s := new(partScan)
	for _, f := range archive.File {
		if err := s.part(f); err != nil {
			return nil, partError(f, err)
		}
	}
	if s.formulas {
		c.notice("The workbook has formulas; their stored values were read, nothing was calculated.")
	}
	if s.merged {
		c.notice("The workbook has merged cells; each was read as its first one.")
	}
	if slices.ContainsFunc(archive.File, func(f *zip.File) bool { return strings.HasPrefix(f.Name, "xl/externalLinks/") }) {
		c.notice("The workbook points to other files; none was opened.")
	}
	return archive, nil
}

func partError(f *zip.File, err error) error { return at(fmt.Sprintf("part %.80q", f.Name), err) }

var deviceName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// localName reports whether a name stays inside the archive, on every system.
func localName(name string) bool {
	name = strings.TrimSuffix(name, "/")
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\:\x00") &&
		!slices.ContainsFunc(strings.Split(name, "/"), deviceName.MatchString)
}

// partScan reads the parts of a workbook once.
type partScan struct {
	elements         int
	formulas, merged bool
}

// part reads a part to its end, so that its size and checksum are known to be right, and if it is
// XML bounds what a reader would make of it.
func (s *partScan) part(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("can not be unpacked: %w", err)
	}
	defer r.Close()
	in := bufio.NewReader(io.LimitReader(r, maxUnpacked+1))
	begin, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("can not be unpacked: %w", err)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(begin, "\uFEFF \t\r\n"), []byte("<")) {
		if _, err := io.Copy(io.Discard, in); err != nil {
			return fmt.Errorf("can not be unpacked: %w", err)
		}
		return nil
	}
	dec := xml.NewDecoder(in)
	for depth := 0; ; {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("is damaged: %w", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if s.elements++; s.elements > maxElements {
				return fmt.Errorf("goes beyond %d elements", maxElements)
			}
			if depth++; depth > maxXMLDepth {
				return fmt.Errorf("nests deeper than %d levels", maxXMLDepth)
			}
			switch tok.Name.Local {
			case "f":
				s.formulas = true
			case "mergeCell":
				s.merged = true
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errors.New("has a document type, which no workbook needs")
		}
	}
}
