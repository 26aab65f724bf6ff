// Package ooxml holds what the formats of Office Open XML have in common: the package (a ZIP of parts
// with their types and relationships), the text of its XML, and the colors of tones.
//
// A package is the same bytes for the same parts: fixed order, fixed times, nothing of the machine.
package ooxml

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// Package is an Office Open XML package.
type Package struct {
	Rels  []Rel  // of the package itself
	Parts []Part // in the order in which they are written
}

// Part is a part of a package.
type Part struct {
	Name string // ASCII, without a slash in front: "word/document.xml"
	Type string // content type
	Data []byte
	Rels []Rel
}

// Rel is a relationship. Its target is a part of the same package, named from the folder of the part
// that the relationship belongs to: a package of ours refers to nothing outside.
type Rel struct{ ID, Type, Target string }

// The content types and relationships that more than one format has.
const (
	typeXML   = "application/xml"
	typeRels  = "application/vnd.openxmlformats-package.relationships+xml"
	typeCore  = "application/vnd.openxmlformats-package.core-properties+xml"
	TypePNG   = "image/png"
	RelCore   = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
	RelOffice = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	// Relations is the namespace of r:id.
	Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

	packageRels  = "http://schemas.openxmlformats.org/package/2006/relationships"
	packageTypes = "http://schemas.openxmlformats.org/package/2006/content-types"
)

// epoch is the time of every entry: the first that ZIP can tell.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Bytes returns the package as a file: content types, relationships of the package, then each part
// with its relationships.
func (p Package) Bytes() ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, 3) // half the time of the default, a tenth more bytes
	})
	put := func(name string, data []byte) error {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) || path.Clean("/"+name) != "/"+name {
			return fmt.Errorf("a part can not have the name %q", name)
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch})
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	err := errors.Join(put("[Content_Types].xml", p.types()), put("_rels/.rels", rels(p.Rels)))
	for _, part := range p.Parts {
		err = errors.Join(err, put(part.Name, part.Data))
		if len(part.Rels) > 0 {
			dir, file := path.Split(part.Name)
			err = errors.Join(err, put(dir+"_rels/"+file+".rels", rels(part.Rels)))
		}
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (p Package) types() []byte {
	var x XML
	x.Markup(Declaration, `<Types xmlns="`, packageTypes, `"><Default Extension="rels" ContentType="`, typeRels, `"/>`,
		`<Default Extension="xml" ContentType="`, typeXML, `"/>`)
	for _, part := range p.Parts {
		x.Markup(`<Override PartName="/`, part.Name, `" ContentType="`, part.Type, `"/>`)
	}
	x.Markup(`</Types>`)
	return x.Bytes()
}

func rels(list []Rel) []byte {
	var x XML
	x.Markup(Declaration, `<Relationships xmlns="`, packageRels, `">`)
	for _, r := range list {
		x.Markup(`<Relationship Id="`, r.ID, `" Type="`, r.Type, `" Target="`, r.Target, `"/>`)
	}
	x.Markup(`</Relationships>`)
	return x.Bytes()
}

// Core returns the part that tells a file's title and when it was made, and nothing else: no author, no
// tool, no company. A zero time leaves the time out.
func Core(title string, made time.Time) Part {
	var x XML
	x.Markup(Declaration, `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"`,
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`,
		`<dc:title>`)
	x.Text(title)
	x.Markup(`</dc:title>`)
	if !made.IsZero() {
		at := made.UTC().Format(time.RFC3339)
		x.Markup(`<dcterms:created xsi:type="dcterms:W3CDTF">`, at, `</dcterms:created>`,
			`<dcterms:modified xsi:type="dcterms:W3CDTF">`, at, `</dcterms:modified>`)
	}
	x.Markup(`</cp:coreProperties>`)
	return Part{Name: "docProps/core.xml", Type: typeCore, Data: x.Bytes()}
}

// Read returns the parts of a package that this program wrote, by name, for a check. It refuses what
// such a package never has: parts that are not well-formed XML, macros, embedded objects, a name twice,
// and a relationship that leads out of the package.
func Read(data []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	parts := make(map[string][]byte)
	for _, f := range z.File {
		if _, ok := parts[f.Name]; ok {
			return nil, fmt.Errorf("two parts are called %q", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("part %q: %w", f.Name, err)
		}
		b, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("part %q: %w", f.Name, err)
		}
		parts[f.Name] = b
		switch ext := path.Ext(f.Name); ext {
		case ".xml", ".rels":
			if err := inspect(b, ext == ".rels"); err != nil {
				return nil, fmt.Errorf("part %q: %w", f.Name, err)
			}
		case ".png":
		default:
			return nil, fmt.Errorf("a part %q, which no report has", f.Name)
		}
	}
	return parts, nil
}

// inspect reads a part to its end; one with relationships must keep to the package.
func inspect(part []byte, relations bool) error {
	d := xml.NewDecoder(bytes.NewReader(part))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e, ok := tok.(xml.StartElement)
		if !relations || !ok {
			continue
		}
		for _, a := range e.Attr {
			if a.Name.Local == "TargetMode" || a.Name.Local == "Target" && strings.ContainsAny(a.Value, ":\\") {
				return fmt.Errorf("a relationship leads out of the package: %s=%q", a.Name.Local, a.Value)
			}
		}
	}
}
