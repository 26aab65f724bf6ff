package bundle_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/content"
	"plumbline/content/safezip/ziptest"
)

// What is written is read back to the byte, and written again it is the same file, in whatever order
// sessions and packs were given.
func TestRoundTrip(t *testing.T) {
	sessions := examples(t)
	c := contents(sessions...)
	data := written(t, c)
	got := read(t, data)
	if !got.Created.Equal(created) || got.Tool != c.Tool || got.Redacted != nil || got.Signature != nil {
		t.Errorf("read back: %v %v %v %v", got.Created, got.Tool, got.Redacted, got.Signature)
	}
	if len(got.Sessions) != len(sessions) || len(got.Packs) != 3 {
		t.Fatalf("%d sessions, %d packs", len(got.Sessions), len(got.Packs))
	}
	for _, want := range sessions {
		i := slices.IndexFunc(got.Sessions, func(s bundle.Session) bool { return s.ID == want.ID })
		if i < 0 {
			t.Fatalf("session %s is gone", want.ID)
		}
		if diff := cmp.Diff(want, got.Sessions[i]); diff != "" {
			t.Error(diff)
		}
	}
	slices.Reverse(c.Sessions)
	slices.Reverse(c.Packs)
	for name, again := range map[string][]byte{"as read": written(t, *got), "in another order": written(t, c)} {
		if !bytes.Equal(again, data) {
			t.Errorf("%s it is another file", name)
		}
	}
	if !bundle.Holds(data) || bundle.Holds(data[:100]) || bundle.Holds(rezip(t, []part{{"manifest.json", `{"schema":"plumbline/pack/1"}`}}, nil)) {
		t.Error("Holds does not tell a bundle from what is none")
	}
}

// The entries, their order, their times and what the manifest says are those of the documentation.
func TestShape(t *testing.T) {
	s := examples(t)[0]
	data := written(t, contents(s))
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s is of %v", f.Name, f.Modified)
		}
	}
	want := []string{
		"manifest.json",
		"sessions/" + s.ID + "/session.json", "sessions/" + s.ID + "/responses.jsonl", "sessions/" + s.ID + "/journal.jsonl",
		"packs/built-in.json", "packs/made-up.json",
	}
	if !slices.Equal(names, want) {
		t.Errorf("entries %q, want %q", names, want)
	}
	parts := unzip(t, data)
	for _, say := range []string{
		`"format": "plumb"`, `"format_version": 1`, `"created": "2026-11-21T09:30:00Z"`, `"name": "plumbline"`, `"version": "1.2.3"`,
		fmt.Sprintf(`"journal_length": %d`, len(s.Stored.Journal)), fmt.Sprintf(`"journal_head": %q`, s.Head.Hash),
	} {
		if !strings.Contains(parts[0].data, say) {
			t.Errorf("the manifest does not say %s:\n%s", say, parts[0].data)
		}
	}
	// The journal is what is stored, byte for byte.
	if got, want := parts[3].data, string(bytes.Join(s.Stored.Journal, []byte("\n")))+"\n"; got != want {
		t.Error("journal.jsonl is not the journal as it is stored")
	}
}

// Whatever a session holds, it comes back.
func TestRoundTripOfAny(t *testing.T) {
	cat := catalog(t)
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"a\nb", "\"\\\u2028<&>", "日本語", "=1+1", "ligature ﬁ", ""}))
	rapid.Check(t, func(t *rapid.T) {
		act := assessment.Act{Who: "Ada", Time: created}
		s, _, err := assessment.New(cat, assessment.Info{
			ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "O" + text.Draw(t, "organization"), Name: "N", Path: assessment.Full,
		}, act)
		if err != nil {
			t.Skip(err)
		}
		for range rapid.IntRange(0, 6).Draw(t, "acts") {
			if _, err := s.Do(act, func(e *assessment.Edit) error {
				id := cat.At(rapid.IntRange(0, cat.Len()-1).Draw(t, "item")).ID
				current, _ := assessment.AtLevel(rapid.IntRange(0, 3).Draw(t, "level"))
				if err := e.Rate(id, current); err != nil {
					return err
				}
				if rapid.Bool().Draw(t, "label") {
					if _, err := e.TakeSnapshot("L" + text.Draw(t, "label")); err != nil {
						return err
					}
				}
				return e.Note(id, text.Draw(t, "note"))
			}); err != nil {
				t.Skip(err)
			}
			if rapid.IntRange(0, 3).Draw(t, "undo") == 0 {
				if _, err := s.Undo(act); err != nil {
					t.Skip(err)
				}
			}
		}
		want := held(t, s)
		data := written(t, contents(want))
		got := read(t, data)
		if !reflect.DeepEqual([]bundle.Session{want}, got.Sessions) {
			t.Fatal("it comes back as something else")
		}
		if !bytes.Equal(written(t, *got), data) {
			t.Fatal("written again it is another file")
		}
	})
}

// Every entry that is changed, missing, added or in another place is noticed, also when the manifest
// was changed with it.
func TestTampering(t *testing.T) {
	data := written(t, contents(examples(t)...))
	parts := unzip(t, data)
	if _, err := bundle.Read(rezip(t, parts, nil)); err != nil {
		t.Fatalf("packed again by another program it is refused: %v", err)
	}
	if _, err := bundle.Read(rezip(t, relist(t, parts), nil)); err != nil {
		t.Fatalf("the test lists the files in another way than the bundle: %v", err)
	}
	for i, p := range parts {
		changed := slices.Clone(parts)
		changed[i].data = strings.Replace(p.data, "a", "b", 1)
		want := "its SHA-256 is not the one that the manifest says"
		if i == 0 {
			want = ""
		}
		t.Run("changed "+p.name, func(t *testing.T) { refused(t, rezip(t, changed, nil), want) })
		t.Run("changed and listed "+p.name, func(t *testing.T) {
			if strings.HasPrefix(p.name, "packs/") {
				t.Skip("nothing but the manifest and a signature stands for a pack that is named by its hashes")
			}
			refused(t, rezip(t, relist(t, changed), nil), "")
		})
		cut := slices.Clone(parts)
		cut[i].data = p.data[:len(p.data)-2]
		if want != "" {
			want = "as the manifest says"
		}
		t.Run("cut "+p.name, func(t *testing.T) { refused(t, rezip(t, cut, nil), want) })
		gone := slices.Delete(slices.Clone(parts), i, i+1)
		if i > 0 {
			t.Run("cut and listed "+p.name, func(t *testing.T) { refused(t, rezip(t, relist(t, cut), nil), "") })
			t.Run("gone "+p.name, func(t *testing.T) { refused(t, rezip(t, gone, nil), "missing") })
		} else {
			t.Run("gone "+p.name, func(t *testing.T) { refused(t, rezip(t, gone, nil), "not the first entry") })
		}
		if i > 0 && !strings.HasPrefix(p.name, "packs/") {
			t.Run("gone and not listed "+p.name, func(t *testing.T) { refused(t, rezip(t, relist(t, gone), nil), "") })
		}
		added := slices.Insert(slices.Clone(parts), i, part{"sessions/notes.txt", "x"})
		t.Run("added before "+p.name, func(t *testing.T) { refused(t, rezip(t, added, nil), "") })
		if i > 0 {
			t.Run("added and listed before "+p.name, func(t *testing.T) { refused(t, rezip(t, relist(t, added), nil), "") })
			swapped := slices.Clone(parts)
			swapped[i], swapped[1] = swapped[1], swapped[i]
			if i > 1 {
				t.Run("swapped "+p.name, func(t *testing.T) { refused(t, rezip(t, swapped, nil), "not in its place") })
			}
		}
		twice := append(slices.Clone(parts), part{strings.ToUpper(p.name), p.data})
		t.Run("twice "+p.name, func(t *testing.T) { refused(t, rezip(t, twice, nil), "twice") })
	}
}

// A change in the manifest, or in a session, that its own hashes can not tell.
func TestForged(t *testing.T) {
	s := examples(t)[0]
	parts := unzip(t, written(t, contents(s)))
	for name, c := range map[string]struct {
		in       int
		old, new string
		want     string
	}{
		"later version":       {0, `"format_version": 1`, `"format_version": 2`, "format version is 2 and this version reads 1; use Plumbline 1.2.3"},
		"other format":        {0, `"format": "plumb"`, `"format": "plump"`, "no bundle of Plumbline"},
		"unknown member":      {0, `"created"`, `"creator": "x", "created"`, "unknown member"},
		"case variant":        {0, `"created"`, `"Created"`, "unknown member"},
		"twice":               {0, `"created": "2026`, `"created": "2025-01-01T00:00:00Z", "created": "2026`, "given twice"},
		"no time":             {0, `2026-11-21T09:30:00Z`, `yesterday, at noon..`, "is not a time"},
		"other name":          {0, `"name": "` + s.Name, `"name": "x` + s.Name, "the manifest calls it"},
		"other length":        {0, fmt.Sprintf(`"journal_length": %d`, s.Head.Seq), `"journal_length": 1`, "as the manifest says"},
		"other head":          {0, s.Head.Hash.String(), strings.Repeat("00", 32), "as the manifest says"},
		"redacted, a journal": {0, ` "sessions": [`, " \"redacted\": [\n  \"notes\"\n ],\n \"sessions\": [", ""},
		"unknown redaction":   {0, ` "sessions": [`, " \"redacted\": [\n  \"smell\"\n ],\n \"sessions\": [", "can be redacted"},
		"trailing data":       {0, "\n}\n", "\n}\n{}", "data after its end"},
		"a blank":             {0, `"format": "plumb"`, `"format":  "plumb"`, "not in the form"},
		"a rating":            {2, `"current":1`, `"current":2`, "is not what the journal says"},
		"a record more":       {1, `{"records":[`, `{"records":[` + "\n" + `{"record":"action/A-0","value":{}},`, "knows nothing of the record"},
		"a record twice":      {1, "\n]}", ",\n" + `{"record":"pack/","value":{}}` + "\n]}", ""},
		"a response there":    {1, `{"records":[`, `{"records":[` + "\n" + `{"record":"response/GV.OC-01/secure","value":{}},`, "has its place in responses.jsonl"},
		"a member twice":      {2, `{"record":`, `{"record":"x","record":`, "given twice"},
		"no JSON":             {2, `{"record":`, `{record:`, "line 1"},
		"no response":         {2, `{"record":"response/`, `{"record":"resp/`, "is no response"},
		"an event":            {3, `"who":"`, `"who":"M`, "at event 2"},
		"an event, no form":   {3, `{"seq":1,`, `{"seq":1,"seq":1,`, "line 1: seq: given twice"},
		"an event, half":      {3, `"who":"`, `"who":"\ud800`, "half a surrogate pair"},
		"an empty line":       {3, "\n", "\n\n", "line 2"},
		"a pack":              {5, `"id": "made-up"`, `"id": "other"`, "of the pack"},
		"a file of a pack":    {5, `"content": "`, `"content": "x`, "the SHA-256 of"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := slices.Clone(parts)
			changed[c.in].data = strings.Replace(changed[c.in].data, c.old, c.new, 1)
			if changed[c.in].data == parts[c.in].data {
				t.Fatalf("%s does not hold %q", changed[c.in].name, c.old)
			}
			if c.in > 0 {
				changed = relist(t, changed)
			}
			refused(t, rezip(t, changed, nil), c.want)
		})
	}
	t.Run("without its last event", func(t *testing.T) {
		changed := slices.Clone(parts)
		lines := strings.SplitAfter(changed[3].data, "\n")
		changed[3].data = strings.Join(lines[:len(lines)-2], "")
		refused(t, rezip(t, relist(t, changed), nil), "at event")
	})
}

// A signature is kept as it is and judged by nobody here; anywhere else it is an entry too many.
func TestSignature(t *testing.T) {
	parts := unzip(t, written(t, contents(examples(t)...)))
	signed := slices.Insert(slices.Clone(parts), 1, part{"manifest.json.sig", "-----BEGIN SSH SIGNATURE-----"})
	c := read(t, rezip(t, signed, nil))
	if string(c.Signature) != signed[1].data || string(c.Manifest) != parts[0].data {
		t.Errorf("signature %q, manifest %q", c.Signature, c.Manifest)
	}
	if got := unzip(t, written(t, *c)); !slices.Equal(got, signed) {
		t.Error("written again it holds something else")
	}
	if manifest, err := bundle.ManifestOf(*c); err != nil || !bytes.Equal(manifest, c.Manifest) {
		t.Errorf("what is to be signed is %q, %v", manifest, err)
	}
	refused(t, rezip(t, append(slices.Clone(parts), signed[1]), nil), "manifest.json.sig")
	signed[1].data = ""
	refused(t, rezip(t, signed, nil), "it is empty")
}

// What a ZIP can do to who unpacks it.
func TestHazards(t *testing.T) {
	data := written(t, contents(examples(t)...))
	parts := unzip(t, data)
	for _, h := range ziptest.Hazards() {
		t.Run(h.Name, func(t *testing.T) { refused(t, h.Of(data), h.Says) })
	}
	for _, name := range []string{"ä.json", "x y", ".hidden", "folder/", strings.Repeat("a", 300)} {
		t.Run(fmt.Sprintf("name %.20q", name), func(t *testing.T) {
			refused(t, rezip(t, append(slices.Clone(parts), part{name, ""}), nil), "not a name")
		})
	}
	t.Run("too many", func(t *testing.T) {
		many := slices.Clone(parts)
		for i := range 2000 {
			many = append(many, part{fmt.Sprint("n", i), ""})
		}
		refused(t, rezip(t, many, nil), "entries")
	})
	t.Run("no zip", func(t *testing.T) { refused(t, []byte("PK\x03\x04 and no more"), "no sound ZIP") })
	t.Run("empty", func(t *testing.T) { refused(t, nil, "no sound ZIP") })
	t.Run("empty zip", func(t *testing.T) { refused(t, rezip(t, nil, nil), "no sound ZIP") })
	t.Run("too large", func(t *testing.T) { refused(t, make([]byte, bundle.MaxSize+1), "at most") })
	t.Run("cut off", func(t *testing.T) {
		for n := 0; n < len(data); n += 1 + len(data)/60 {
			refused(t, data[:n], "")
		}
	})
	t.Run("a bit", func(t *testing.T) {
		was := read(t, data)
		for n := 0; n < len(data); n += 1 + len(data)/150 {
			broken := bytes.Clone(data)
			broken[n] ^= 0x10
			// Some bits say nothing, such as that of the system on which the ZIP was made.
			if c, err := bundle.Read(broken); err == nil && !reflect.DeepEqual(was, c) {
				t.Errorf("byte %d: it is read as something else", n)
			}
		}
	})
}

// What can be packed better than a reader takes is stored, so that every bundle can be read.
func TestPacksTooWell(t *testing.T) {
	s, _, err := assessment.New(catalog(t), assessment.Info{ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "O", Name: "N"},
		assessment.Act{Who: "Ada", Time: created})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		if _, err := s.Do(assessment.Act{Who: "Ada", Time: created}, func(e *assessment.Edit) error {
			return e.Info(func(in *assessment.Info) { in.Purpose = strings.Repeat("a", 16_000-i%2) })
		}); err != nil {
			t.Fatal(err)
		}
	}
	want := held(t, s)
	if !reflect.DeepEqual(want, read(t, written(t, contents(want))).Sessions[0]) {
		t.Error("it comes back as something else")
	}
}

// What can not be read is not written.
func TestWriteRefuses(t *testing.T) {
	for name, change := range map[string]func(*bundle.Contents){
		"no session":      func(c *bundle.Contents) { c.Sessions = nil },
		"a session twice": func(c *bundle.Contents) { c.Sessions = append(c.Sessions, c.Sessions[0]) },
		"another head":    func(c *bundle.Contents) { c.Sessions[0].Head.Seq-- },
		"another name":    func(c *bundle.Contents) { c.Sessions[0].Name += "x" },
		"no records":      func(c *bundle.Contents) { c.Sessions[0].Stored.Records = nil },
		"a record gone": func(c *bundle.Contents) {
			c.Sessions[0].Stored.Records = maps.Clone(c.Sessions[0].Stored.Records)
			delete(c.Sessions[0].Stored.Records, "pack/")
		},
		"redacted, a journal": func(c *bundle.Contents) { c.Redacted = []bundle.Class{bundle.Notes} },
		"a pack's file":       func(c *bundle.Contents) { c.Packs[0].Files[0].Content = []byte("other") },
	} {
		c := contents(examples(t)...)
		change(&c)
		var b bytes.Buffer
		if err := bundle.Write(&b, c); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes", name, err, b.Len())
		}
	}
}

func TestRelate(t *testing.T) {
	j := func(s string) (out [][]byte) {
		for _, r := range s {
			out = append(out, []byte(string(r)))
		}
		return out
	}
	for _, c := range []struct {
		have, other string
		want        bundle.Relation
		common      int
	}{
		{"abc", "abc", bundle.Same, 3},
		{"ab", "abc", bundle.Behind, 2},
		{"abc", "a", bundle.Ahead, 1},
		{"abc", "abd", bundle.Diverged, 2},
		{"x", "abd", bundle.Diverged, 0},
		{"", "a", bundle.Behind, 0},
	} {
		if got, n := bundle.Relate(j(c.have), j(c.other)); got != c.want || n != c.common {
			t.Errorf("Relate(%s, %s) = %s, %d", c.have, c.other, got, n)
		}
	}
}

// No bytes make Read panic, and what it takes can be written again.
func FuzzRead(f *testing.F) {
	// Small ones: each try reads the whole file.
	s, _, err := assessment.New(catalog(f), assessment.Info{ID: "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6", Organization: "O", Name: "N"},
		assessment.Act{Who: "Ada", Time: created})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := s.Do(assessment.Act{Who: "Ada", Time: created}, func(e *assessment.Edit) error {
		return e.Note(content.ItemID{Sub: "GV.OC-01", Area: content.Secure}, "Ada")
	}); err != nil {
		f.Fatal(err)
	}
	data := written(f, contents(held(f, s)))
	f.Add(data)
	f.Add(rezip(f, unzip(f, data), func(h *zip.FileHeader) { h.Method = zip.Store }))
	red, err := bundle.Redact([]bundle.Session{held(f, s)}, []bundle.Class{bundle.Names}, catalog(f))
	if err != nil {
		f.Fatal(err)
	}
	c := contents(red.Sessions...)
	c.Redacted = red.Classes
	f.Add(written(f, c))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		bundle.Holds(data)
		c, err := bundle.Read(data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := bundle.Write(&b, *c); err != nil {
			t.Fatalf("read, and can not be written: %v", err)
		}
		again, err := bundle.Read(b.Bytes())
		if err != nil {
			t.Fatalf("written again it is refused: %v", err)
		}
		var twice bytes.Buffer
		if err := bundle.Write(&twice, *again); err != nil || !bytes.Equal(twice.Bytes(), b.Bytes()) {
			t.Fatalf("written a second time it is another file: %v", err)
		}
	})
}
