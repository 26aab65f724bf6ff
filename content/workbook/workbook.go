// Package workbook reads the texts of XLSX workbooks (ECMA-376 part 1, section 18) that came from
// outside. It runs nothing, follows nothing and calculates nothing. The libraries for XLSX cost every
// start of the program more than reading a sheet now and then is worth.
package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"plumbline/content/safezip"
)

// Limits of a workbook, and of what it may hold once unpacked.
const (
	MaxSize     = 32 << 20 // bytes
	MaxRows     = 20_000   // of a sheet
	MaxColumns  = 256
	maxParts    = 2_000
	maxUnpacked = 128 << 20
	maxElements = 1_000_000
	maxXMLDepth = 64
	maxText     = 32 << 20 // bytes of the strings that cells share, and of what all cells say
	maxStretch  = 1 << 20  // bytes between two marks of XML; a cell holds 32,767 characters
)

// Is reports whether data begins as a workbook does, and any other ZIP file.
func Is(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// Open opens a workbook. It reads every part once and refuses what could harm the machine: too many or
// too large parts, names that lead out of the file or are there twice, encryption, document types,
// deep or endless XML. What the workbook has and no reader sees is in the book's notices. An error about
// one part is a *PartError.
func Open(data []byte) (*Book, error) {
	b := new(Book)
	if err := b.check(data); err != nil {
		return nil, err
	}
	return b, b.open()
}

// PartError says which part of a workbook an error concerns.
type PartError struct {
	Part string
	Err  error
}

func (e *PartError) Error() string { return fmt.Sprintf("part %.80q %v", e.Part, e.Err) }

func (e *PartError) Unwrap() error { return e.Err }

func partError(f *zip.File, err error) error { return &PartError{f.Name, err} }

// check refuses a workbook that could harm the machine, and notices what is in it that is not read.
func (b *Book) check(data []byte) error {
	archive, err := safezip.Open(data, safezip.Limits{Size: MaxSize, Entries: maxParts, Unpacked: maxUnpacked})
	if entry, ok := errors.AsType[*safezip.EntryError](err); ok {
		return &PartError{entry.Name, entry.Err}
	}
	if err != nil {
		return fmt.Errorf("it %w", err)
	}
	s := &partScan{bounded: make(map[string]*zip.File)}
	for _, f := range archive.File {
		if err := s.part(f); err != nil {
			return partError(f, err)
		}
	}
	if s.formulas {
		b.notice("The workbook has formulas; their stored values were read, nothing was calculated.")
	}
	if s.merged {
		b.notice("The workbook has merged cells; each was read as its first one.")
	}
	if slices.ContainsFunc(archive.File, func(f *zip.File) bool { return strings.HasPrefix(f.Name, "xl/externalLinks/") }) {
		b.notice("The workbook points to other files; none was opened.")
	}
	b.parts = s.bounded
	return nil
}

func (b *Book) notice(text string) { b.Notices = append(b.Notices, text) }

// partScan reads the parts of a workbook once.
type partScan struct {
	bounded          map[string]*zip.File // parts that are XML
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
	if !strings.HasSuffix(f.Name, ".xml") && !bytes.HasPrefix(bytes.TrimLeft(begin, "\uFEFF \t\r\n"), []byte("<")) {
		if _, err := io.Copy(io.Discard, in); err != nil {
			return fmt.Errorf("can not be unpacked: %w", err)
		}
		return nil
	}
	s.bounded[f.Name] = f
	dec := xml.NewDecoder(&stretches{r: in})
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

// stretches is a reader that fails where XML goes on for too long without a mark, since a decoder keeps
// such a text in memory, whole.
type stretches struct {
	r io.Reader
	n int // bytes since the last mark
}

func (s *stretches) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	rest := p[:n]
	for {
		i := bytes.IndexByte(rest, '<')
		if i < 0 {
			s.n += len(rest)
			break
		}
		if s.n += i; s.n > maxStretch {
			break
		}
		s.n, rest = 0, rest[i+1:]
	}
	if s.n > maxStretch {
		return 0, fmt.Errorf("has a text of more than %d bytes", maxStretch)
	}
	return n, err
}
