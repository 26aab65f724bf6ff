package content_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"plumbline/content"
	"plumbline/content/contenttest"
	"plumbline/content/safezip/ziptest"
)

func embedded(t *testing.T) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// tell puts a diff into words, one line a change.
func tell(d content.Diff) []string {
	var out []string
	for _, c := range d.Items {
		switch {
		case c.From == nil:
			out = append(out, "+ "+c.ID.String())
		case c.To == nil:
			out = append(out, "- "+c.ID.String())
		default:
			line := c.ID.String()
			if c.From.Priority != c.To.Priority {
				line += fmt.Sprintf(" %d>%d", c.From.Priority, c.To.Priority)
			}
			if c.From.StandardPractices != c.To.StandardPractices {
				line += fmt.Sprintf(" standard %t>%t", c.From.StandardPractices, c.To.StandardPractices)
			}
			out = append(out, strings.TrimSpace(line+" "+strings.Join(c.Fields, " "))+fmt.Sprintf(" asks=%t", c.Asks()))
		}
	}
	for _, s := range d.Subcategories {
		switch {
		case s.From == nil:
			out = append(out, "+ "+s.ID)
		case s.To == nil:
			out = append(out, "- "+s.ID)
		default:
			out = append(out, s.ID+" "+strings.Join(s.Fields, " "))
		}
	}
	return out
}

func TestCompareNextDraft(t *testing.T) {
	from, to := embedded(t), contenttest.NextDraft().Catalog()
	want := []string{
		"GV.OC-01/secure 3>1 asks=true",
		"GV.OC-02/secure 3>1 asks=true",
		"GV.OC-04/thwart standard true>false asks=true",
		"+ GV.OC-06/thwart",
		"PR.AA-05/secure 1>2 asks=true",
		"PR.AT-01/secure question asks=true",
		"PR.DS-01/secure why asks=false",
		"- DE.CM-09/defend",
		"+ GV.OC-06",
	}
	if diff := cmp.Diff(want, tell(content.Compare(from, to))); diff != "" {
		t.Errorf("the made-up next draft (-want +got):\n%s", diff)
	}
	back := content.Compare(to, from)
	if n := len(back.Items); n != 8 || back.Items[3].To != nil || back.Items[7].From != nil {
		t.Errorf("the other way round: %v", tell(back))
	}
	if same := content.Compare(from, contenttest.New("other").Catalog()); len(same.Items)+len(same.Subcategories) > 0 {
		t.Errorf("a copy differs: %v", tell(same))
	}
}

// A pack may lack items, and have other Subcategories than CSF 2.0 has.
func TestIndexWithGaps(t *testing.T) {
	p := contenttest.NextDraft()
	p.Remove("GV.OC-01/secure")
	p.Remove("RC.CO-04/secure")
	p.Remove("RC.CO-04/defend")
	p.Remove("RC.CO-04/thwart")
	cat := p.Catalog()
	if cat.Len() != 314 {
		t.Errorf("%d items, want 314", cat.Len())
	}
	n := 0
	for it := range cat.Items() {
		if i, ok := cat.Index(it.ID); !ok || i != n || cat.At(i) != it || it.Index != n {
			t.Fatalf("%v is at %d (%t), want %d", it.ID, i, ok, n)
		}
		n++
	}
	for _, s := range []string{"GV.OC-01/secure", "DE.CM-09/defend", "GV.OC-06/secure", "RC.CO-04/thwart"} {
		id, err := content.ParseItemID(s)
		if err != nil {
			t.Fatal(err)
		}
		if i, ok := cat.Index(id); ok || i != 0 {
			t.Errorf("%s is at %d", s, i)
		}
		if _, ok := cat.Item(id); ok {
			t.Errorf("there is an item %s", s)
		}
	}
	if _, ok := cat.Subcategory("RC.CO-04"); ok {
		t.Error("a Subcategory without items is there")
	}
}

// The embedded pack's name stands for the whole of it.
func TestLoadHoldsTheNameToItsShape(t *testing.T) {
	for _, c := range []struct {
		change           func(*contenttest.Pack)
		file, path, says string
	}{
		{func(p *contenttest.Pack) { p.Remove("DE.CM-09/defend") }, "items-DE.json", "items[13].id", `is "DE.CM-09/thwart" where DE.CM-09/defend belongs`},
		{func(p *contenttest.Pack) { p.Add("GV.OC-06/thwart") }, "core.json", "subcategories", "has 107 entries, CSF 2.0 has 106"},
	} {
		p := contenttest.New("nist-ir-8596-iprd")
		c.change(p)
		_, err := content.Load(p.Files())
		refused(t, err, c.file, c.path, c.says)
	}
}

func TestLoadRefusesMisplacedItems(t *testing.T) {
	p := contenttest.NextDraft()
	p.Item("GV.OC-02/secure").ID = "GV.OC-03/thwart"
	_, err := content.Load(p.Files())
	refused(t, err, "items-GV.json", "items[3].id", `"GV.OC-03/thwart" where an item of GV.OC-02 belongs`)
}

func refused(t *testing.T, err error, file, path, says string) {
	t.Helper()
	refusal, ok := errors.AsType[*content.PackError](err)
	if !ok || refusal.File != file || refusal.Path != path || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v\nwant a *PackError of file %q, path %q, saying %q", err, file, path, says)
	}
}

// entry is a file of a zip that a test makes.
type entry struct {
	name string
	data []byte
	head func(*zip.FileHeader)
}

func zipped(t *testing.T, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.head != nil {
			e.head(h)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write(e.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func entries(files fstest.MapFS, folder string) []entry {
	var out []entry
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, entry{name: folder + name, data: files[name].Data})
	}
	return out
}

func loadZip(data []byte) (*content.Catalog, error) {
	files, err := content.ZipFiles(data)
	if err != nil {
		return nil, err
	}
	return content.Load(files)
}

func TestLoadZip(t *testing.T) {
	files := contenttest.NextDraft().Files()
	want := contenttest.NextDraft().Catalog().Pack()
	for _, folder := range []string{"", "next-draft/"} {
		all := entries(files, folder)
		if folder != "" {
			all = append([]entry{{name: folder}}, all...)
		}
		cat, err := loadZip(zipped(t, all))
		if err != nil {
			t.Fatalf("in %q: %v", folder, err)
		}
		if cat.Pack() != want {
			t.Errorf("in %q: %+v, want %+v", folder, cat.Pack(), want)
		}
	}
}

func TestLoadZipRefuses(t *testing.T) {
	good := entries(contenttest.NextDraft().Files(), "")
	with := func(e ...entry) []entry { return append(slices.Clone(good), e...) }
	for _, c := range []struct {
		name       string
		entries    []entry
		file, says string
	}{
		{"out of the zip", with(entry{name: "../core.json"}), "../core.json", "leads out of the ZIP"},
		{"from the root", with(entry{name: "/core.json"}), "/core.json", "leads out of the ZIP"},
		{"backslash", with(entry{name: `..\core.json`}), `..\core.json`, "leads out of the ZIP"},
		{"drive", with(entry{name: "C:core.json"}), "C:core.json", "leads out of the ZIP"},
		{"dot", with(entry{name: "./core.json"}), "./core.json", "leads out of the ZIP"},
		{"twice", with(entry{name: "core.json"}), "core.json", "there twice"},
		{"other case", with(entry{name: "Core.json"}), "Core.json", "there twice"},
		{"device", with(entry{name: "CON"}), "CON", "leads out of the ZIP"},
		{"other folder", with(entry{name: "more/core.json"}), "more/core.json", "another folder"},
		{"deep folder", entries(contenttest.NextDraft().Files(), "a/b/"), "a/b/catalogs.json", "another folder"},
		{"link", with(entry{name: "x.json", data: []byte("core.json"), head: func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }}), "x.json", "not a regular file"},
		{"encrypted", with(entry{name: "x.json", head: func(h *zip.FileHeader) { h.Flags |= 1 }}), "x.json", "encrypted"},
		{"bomb", with(entry{name: "x.json", data: make([]byte, 4<<20)}), "x.json", "200 times"},
		{"large in all", with(
			entry{name: "x.json", data: noise(8 << 20), head: stored}, entry{name: "y.json", data: noise(8 << 20), head: stored}), "zip", "at most 16777216 are read"},
		{"unpacks to too much", with(
			entry{name: "x.json", data: hexed(8 << 20)}, entry{name: "y.json", data: hexed(8 << 20)}), "y.json", "unpacks to too much"},
		{"not listed", with(entry{name: "notes.txt"}), "notes.txt", "not in the manifest"},
		{"cut off", good[:3], "manifest.json", "not exist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadZip(zipped(t, c.entries))
			refused(t, err, c.file, "", c.says)
		})
	}
	if _, err := loadZip([]byte("PK\x03\x04 and no more")); err == nil {
		t.Error("a file that is no zip was taken")
	}
}

func TestZipHazards(t *testing.T) {
	good := zipped(t, entries(contenttest.NextDraft().Files(), ""))
	for _, h := range ziptest.Hazards() {
		t.Run(h.Name, func(t *testing.T) {
			_, err := loadZip(h.Of(good))
			if _, ok := errors.AsType[*content.PackError](err); !ok || !strings.Contains(err.Error(), h.Says) {
				t.Errorf("the error is %v, which does not say %q", err, h.Says)
			}
		})
	}
}

func stored(h *zip.FileHeader) { h.Method = zip.Store }

// noise is data that does not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// hexed is data that compresses to half.
func hexed(n int) []byte { return fmt.Appendf(nil, "%x", noise(n/2)) }

func FuzzZipFiles(f *testing.F) {
	f.Add([]byte("PK"))
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	e, err := w.Create("pack/manifest.json")
	if err != nil {
		f.Fatal(err)
	}
	fmt.Fprint(e, "{}")
	w.Close()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		files, err := content.ZipFiles(data)
		if err != nil {
			return
		}
		if _, err := content.Load(files); err == nil {
			t.Error("a pack out of noise")
		}
	})
}
