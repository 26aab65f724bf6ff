// Package strictjson reads JSON that came from outside more strictly than encoding/json does. It is
// the reader of content packs, for the other formats of this program that hold JSON.
package strictjson

import (
	"errors"
	"strconv"
	"strings"

	"plumbline/content/internal/packfile"
)

// PathError says where in a document something is wrong: Path is "subcategories[3].title", or ""
// for the document as a whole.
type PathError = packfile.PathError

// Check judges a document of any shape by its form: it refuses invalid UTF-8, half a surrogate pair,
// members given twice, numbers that no float64 holds, data after the end, and more than 32 MiB, 64
// levels or a million values. Members of our own formats have names in lower case; any other is
// refused too, since encoding/json would take "Name" for "name". A refusal is a *PathError.
func Check(data []byte) error {
	var odd error
	err := packfile.Scan(data, func(name string) {
		if odd == nil && (name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "") {
			odd = &PathError{Path: strconv.Quote(name), Err: errors.New("unknown member")}
		}
	})
	if err == nil {
		err = odd
	}
	return err
}

// Decode checks a document and reads it into v, a pointer to a struct of structs, slices, strings,
// bools and ints. Members that are unknown, or missing unless the shape says omitempty, null, and
// values of another type are refused. A refusal is a *PathError; v is then of no use.
func Decode(data []byte, v any) error {
	if err := Check(data); err != nil {
		return err
	}
	return packfile.Decode(data, v)
}

// Encode writes v as every file of a pack is written: indented, members in the order of the shape,
// one line feed at the end. The same value gives the same bytes.
func Encode(v any) ([]byte, error) { return packfile.Encode(v) }
