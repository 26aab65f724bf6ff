// Package ziptest makes ZIP files that mean harm out of sound ones, for the tests of all that read ZIPs.
package ziptest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Hazard is something that a ZIP can do to who reads it.
type Hazard struct {
	Name string
	Says string                   // what a refusal must say, in part
	Of   func(good []byte) []byte // a sound ZIP with the hazard in it
}

// Hazards are those that every reader must refuse, whatever the ZIP is. The sound file must have entries,
// and be written by archive/zip.
func Hazards() []Hazard {
	const badName = "leads out of the ZIP"
	list := []Hazard{
		{"case", "is there twice", func(good []byte) []byte { return with(good, strings.ToUpper(first(good)), nil, nil) }},
		{"twice", "is there twice", func(good []byte) []byte { return with(good, first(good), nil, nil) }},
		{"link", "is not a regular file", func(good []byte) []byte {
			return with(good, "x", []byte("/etc/passwd"), func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) })
		}},
		{"device file", "is not a regular file", func(good []byte) []byte {
			return with(good, "x", nil, func(h *zip.FileHeader) { h.SetMode(fs.ModeDevice | 0o666) })
		}},
		{"encrypted", "is encrypted", func(good []byte) []byte {
			return with(good, "x", []byte("x"), func(h *zip.FileHeader) { h.Flags |= 1 })
		}},
		{"strongly encrypted", "is encrypted", func(good []byte) []byte { return inDirectory(good, 8, 0x40, 2) }},
		{"method", "is packed by method 12", func(good []byte) []byte { return inDirectory(good, 10, 12, 2) }},
		{"bomb", "200 times its size", func(good []byte) []byte { return with(good, "x", make([]byte, 4<<20), nil) }},
		{"says 4 GiB", "", func(good []byte) []byte { return inDirectory(good, 24, 0xFFFFFFF0, 4) }},
		{"packed beyond the end", "", func(good []byte) []byte { return inDirectory(good, 20, 0x7FFFFFF0, 4) }},
		{"says less than it holds", "", func(good []byte) []byte { return shrunk(good, -1) }},
		{"says more than it holds", "", func(good []byte) []byte { return shrunk(good, 1) }},
		{"ZIP64 of 2^63 bytes", "", zip64},
		{"something in front", "", func(good []byte) []byte { return append([]byte("#!/bin/sh\nexit\n"), good...) }},
		{"an entry in front", "in front of its first entry", func(good []byte) []byte {
			return append(bytes.Clone(good[:bytes.Index(good, []byte("PK\x01\x02"))]), good...)
		}},
		{"twice itself", "", func(good []byte) []byte { return append(bytes.Clone(good), good...) }},
		{"something behind", "behind its end", func(good []byte) []byte { return append(bytes.Clone(good), "more"...) }},
		{"another name where it stands", "called something else", func(good []byte) []byte {
			out := bytes.Clone(good)
			out[30] ^= 1
			return out
		}},
		{"overlapping entries", "", overlapping},
		{"entries that lie inside", "shares bytes", nested},
		{"a directory of 131,072 entries", "entries", endless},
		{"cut off", "", func(good []byte) []byte { return good[:len(good)/2] }},
		{"without its end", "", func(good []byte) []byte { return good[:len(good)-22] }},
		{"begin alone", "", func(good []byte) []byte { return []byte("PK\x03\x04 and no more") }},
		{"end alone", "", func(good []byte) []byte { return good[len(good)-22:] }},
	}
	for _, name := range []string{
		"../x", "/x", "x/../y", "./x", "x//y", `x\y`, `..\x`, `\\host\share`, "C:/x", "c:x", "x:stream", "x\x00y", "x\ny", "x\x7f", "\xff.xml",
		"CON", "sub/nul.txt", "COM1.json", "lpt9", "aux", "COM¹", "conin$", "dot.", "blank ", "con .txt", "a/. /b", "",
	} {
		list = append(list, Hazard{fmt.Sprintf("name %q", name), badName, func(good []byte) []byte { return with(good, name, []byte("x"), nil) }})
	}
	return list
}

func first(data []byte) string { return read(data).File[0].Name }

func read(data []byte) *zip.Reader {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		panic(fmt.Sprintf("ziptest: the sound file: %v", err))
	}
	return z
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("ziptest: %v", err))
	}
}

// with returns the ZIP with one more entry.
func with(good []byte, name string, data []byte, change func(*zip.FileHeader)) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range read(good).File {
		must(w.Copy(f))
	}
	h := &zip.FileHeader{Name: name, Method: zip.Deflate}
	if change != nil {
		change(h)
	}
	e, err := w.CreateHeader(h)
	must(err)
	if !strings.HasSuffix(name, "/") {
		_, err = e.Write(data)
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}

// inDirectory returns the ZIP with another number at a place of the last header in its directory.
func inDirectory(good []byte, at int, value uint32, size int) []byte {
	out := bytes.Clone(good)
	header := out[bytes.LastIndex(out, []byte("PK\x01\x02")):]
	for i := range size {
		header[at+i] = byte(value >> (8 * i))
	}
	return out
}

// shrunk returns the ZIP with the size of its last entry changed by that much, which may not be empty.
func shrunk(good []byte, by int) []byte {
	data := with(good, "x", []byte("more than one byte"), nil)
	files := read(data).File
	return inDirectory(with(good, first(good)+".x", unpacked(files[0]), nil), 24, uint32(int(files[0].UncompressedSize64)+by), 4)
}

func unpacked(f *zip.File) []byte {
	r, err := f.Open()
	must(err)
	defer r.Close()
	data, err := io.ReadAll(r)
	must(err)
	return data
}

// zip64 returns the ZIP with two more entries whose sizes add up to none in 64 bits.
func zip64(good []byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range read(good).File {
		must(w.Copy(f))
	}
	for _, name := range []string{"x", "y"} {
		_, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, UncompressedSize64: 1 << 63, CompressedSize64: 1 << 63})
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}

// overlapping returns the ZIP with another name in its directory for the bytes of its last entry.
func overlapping(good []byte) []byte {
	at := bytes.LastIndex(good, []byte("PK\x01\x02"))
	end := bytes.LastIndex(good, []byte("PK\x05\x06"))
	again := bytes.Clone(good[at:end])
	name := again[46 : 46+int(binary.LittleEndian.Uint16(again[28:]))]
	name[len(name)-1] = '~'
	out := append(bytes.Clone(good[:end]), again...)
	return append(out, ended(good[end:], 1, len(again))...)
}

// nested returns the ZIP with an entry that lies, as a whole, inside another one that is stored.
func nested(good []byte) []byte {
	inner := new(bytes.Buffer)
	w := zip.NewWriter(inner)
	e, err := w.CreateHeader(&zip.FileHeader{Name: "y", Method: zip.Store})
	must(err)
	_, err = e.Write([]byte("inside"))
	must(err)
	must(w.Close())
	outer := with(good, "x", inner.Bytes(), func(h *zip.FileHeader) { h.Method = zip.Store })
	inside := bytes.Index(outer, inner.Bytes())
	end := bytes.LastIndex(outer, []byte("PK\x05\x06"))
	from := bytes.Index(inner.Bytes(), []byte("PK\x01\x02"))
	header := bytes.Clone(inner.Bytes()[from:bytes.LastIndex(inner.Bytes(), []byte("PK\x05\x06"))])
	binary.LittleEndian.PutUint32(header[42:], uint32(inside)) // where its local header stands
	out := append(bytes.Clone(outer[:end]), header...)
	return append(out, ended(outer[end:], 1, len(header))...)
}

// endless returns the ZIP with a directory of far more entries than it has, which all are the last one.
func endless(good []byte) []byte {
	at := bytes.LastIndex(good, []byte("PK\x01\x02"))
	end := bytes.LastIndex(good, []byte("PK\x05\x06"))
	const more = 2 << 16 // the number is written in 16 bits
	out := append(bytes.Clone(good[:end]), bytes.Repeat(good[at:end], more)...)
	return append(out, ended(good[end:], more, more*(end-at))...)
}

// ended returns the end of a directory to which entries of so many bytes were added.
func ended(end []byte, entries, size int) []byte {
	end = bytes.Clone(end)
	for _, at := range []int{8, 10} {
		binary.LittleEndian.PutUint16(end[at:], binary.LittleEndian.Uint16(end[at:])+uint16(entries&0xFFFF))
	}
	binary.LittleEndian.PutUint32(end[12:], binary.LittleEndian.Uint32(end[12:])+uint32(size))
	return end
}
