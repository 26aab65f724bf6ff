package official

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"plumbline/content"
)

// FuzzRead gives Read files of all kinds. Whatever it lets pass is the whole Core, fit for a terminal,
// and the same after it was kept.
func FuzzRead(f *testing.F) {
	f.Add(encode(f, oscal(f, true)))
	f.Add(encode(f, oscal(f, false)))
	f.Add(encode(f, reference(f)))
	f.Add(xlsx(f))
	f.Add([]byte(`{"catalog":{"groups":[{"id":"GV","parts":[{"name":"overview","prose":"x"}]}]}}`))
	f.Add([]byte(`{"response":{"elements":[{"elementIdentifier":"GV","elementTypeIdentifier":"function","text":"x"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := Read("f", data)
		if err != nil {
			if _, ok := errors.AsType[*FileError](err); !ok {
				t.Errorf("the error is a %T", err)
			}
			return
		}
		sound(t, w)
	})
}

func sound(t *testing.T, w *Wording) {
	n := w.Counts()
	if n.Functions != 6 || n.Categories != 22 || n.Subcategories != 106 {
		t.Errorf("the counts are %v", n)
	}
	for _, e := range w.entries {
		for _, text := range append([]string{e.Text}, e.Examples...) {
			if clean, _ := content.Clean(text); clean != text || text == "" {
				t.Errorf("%s: %q", e.ID, text)
			}
		}
	}
	kept, err := w.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(kept)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, back, cmp.AllowUnexported(Wording{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("−written +read:\n%s", diff)
	}
}

// FuzzSheet gives the workbook's sheet other XML, which the library would never write.
func FuzzSheet(f *testing.F) {
	book := xlsx(f)
	repack(f, book, func(h *zip.FileHeader, body []byte) []byte {
		if h.Name == "xl/worksheets/sheet1.xml" {
			f.Add(bytes.Clone(body))
		}
		return body
	})
	f.Add([]byte(`<worksheet><sheetData><row r="2"><c r="A1" t="s"><v>99</v></c><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		data := repack(t, book, func(h *zip.FileHeader, body []byte) []byte {
			if h.Name == "xl/worksheets/sheet1.xml" {
				return sheet
			}
			return body
		})
		w, err := Read("f", data)
		if err != nil {
			return
		}
		sound(t, w)
	})
}

// FuzzDecode gives Decode damaged copies of what is kept.
func FuzzDecode(f *testing.F) {
	w, err := Read("f", encode(f, oscal(f, true)))
	if err != nil {
		f.Fatal(err)
	}
	data, err := w.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":"plumbline-official-wording","format_version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := Decode(data)
		if err != nil {
			return
		}
		var k kept
		if err := json.Unmarshal(data, &k); err != nil {
			t.Fatal(err)
		}
		if n := w.Counts(); n.Subcategories != 106 {
			t.Errorf("the counts are %v", n)
		}
	})
}
