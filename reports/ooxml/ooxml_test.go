package ooxml_test

import (
	"bytes"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plumbline/reports/model"
	"plumbline/reports/ooxml"
)

// Whatever the text, a reader of XML gets it back as Plain says, as text and as an attribute.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		var x ooxml.XML
		x.Markup(`<a b="`)
		x.Text(s)
		x.Markup(`">`)
		x.Text(s)
		x.Markup(`</a>`)
		var got struct {
			Attribute string `xml:"b,attr"`
			Text      string `xml:",chardata"`
		}
		if err := xml.Unmarshal(x.Bytes(), &got); err != nil {
			t.Fatalf("%q: %v", x.Bytes(), err)
		}
		if want := ooxml.Plain(s); got.Text != want || got.Attribute != want {
			t.Fatalf("%q came back as %q and %q", want, got.Text, got.Attribute)
		}
	})
}

func TestPlain(t *testing.T) {
	for s, want := range map[string]string{
		"plain é\t\r\n":    "plain é\t\r\n",
		"nul\x00\x1b\x7f":  "nul\uFFFD\uFFFD\x7f",
		"\uFFFE\uFFFF\xff": "\uFFFD\uFFFD\uFFFD",
		"\U0010FFFF":       "\U0010FFFF",
	} {
		if got := ooxml.Plain(s); got != want {
			t.Errorf("%q became %q, not %q", s, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for s, want := range map[string]string{
		"_x0041_":       "_x005F_x0041_",
		"_x0041_x0042_": "_x005F_x0041_x005F_x0042_",
		"__x00aF_":      "__x005F_x00aF_",
		"a_x0041_b":     "a_x005F_x0041_b",
		"_x004_":        "_x004_",
		"_X0041_":       "_X0041_",
		"_xGGGG_":       "_xGGGG_",
		"_x0041":        "_x0041",
		"_x_x0041_<_x":  "_x_x005F_x0041_&lt;_x",
		"_x005F_x0041_": "_x005F_x005F_x005F_x0041_",
	} {
		var x ooxml.XML
		x.Cell(s)
		if x.String() != want {
			t.Errorf("%q is written %q, not %q", s, x.String(), want)
		}
	}
}

// The names of parts are ASCII and stay inside the package.
func TestNames(t *testing.T) {
	for _, name := range []string{"", "/a.xml", "../a.xml", "a//b.xml", "a/./b.xml", "a\\b.xml", "é.xml", "a b.xml", "a/", "a\n.xml"} {
		if _, err := (ooxml.Package{Parts: []ooxml.Part{{Name: name, Data: []byte("<a/>")}}}).Bytes(); err == nil {
			t.Errorf("%q was taken as a name", name)
		}
	}
}

func TestRead(t *testing.T) {
	part := func(name, data string, rels ...ooxml.Rel) ooxml.Package {
		return ooxml.Package{Parts: []ooxml.Part{{Name: name, Type: "application/xml", Data: []byte(data), Rels: rels}}}
	}
	good, err := part("a/b.xml", "<a>x</a>", ooxml.Rel{ID: "r1", Type: "t", Target: "c.xml"}).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	parts, err := ooxml.Read(good)
	if err != nil || string(parts["a/b.xml"]) != "<a>x</a>" || len(parts) != 4 {
		t.Errorf("read %q, %v", parts, err)
	}
	for name, p := range map[string]ooxml.Package{
		"not well-formed": part("a.xml", "<a><b></a>"),
		"cut":             part("a.xml", "<a"),
		"a macro":         part("vbaProject.bin", ""),
		"a link outside":  part("a.xml", "<a/>", ooxml.Rel{ID: "r1", Type: "t", Target: "https://evil.example"}),
		"a link by mode":  part("a.xml", "<a/>", ooxml.Rel{ID: "r1", Type: "t", Target: `x" TargetMode="External`}),
		"a share":         part("a.xml", "<a/>", ooxml.Rel{ID: "r1", Type: "t", Target: `\\evil\x`}),
		"twice":           {Parts: []ooxml.Part{{Name: "a.xml", Data: []byte("<a/>")}, {Name: "a.xml", Data: []byte("<a/>")}}},
	} {
		data, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ooxml.Read(data); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestCore(t *testing.T) {
	at := time.Date(2026, 11, 21, 23, 0, 0, 0, time.FixedZone("", -3600))
	if got := string(ooxml.Core("A & B", at).Data); !strings.Contains(got, "A &amp; B") || strings.Count(got, ">2026-11-22T00:00:00Z<") != 2 {
		t.Errorf("with a time: %s", got)
	}
	if got := string(ooxml.Core("A", time.Time{}).Data); strings.Contains(got, "dcterms:created") {
		t.Errorf("without one: %s", got)
	}
}

func TestDeterministic(t *testing.T) {
	p := ooxml.Package{Parts: []ooxml.Part{ooxml.Core("T", time.Time{}), {Name: "a.xml", Data: bytes.Repeat([]byte("<a/>"), 1000)}}}
	first, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Bytes(); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same parts give other bytes, %v", err)
	}
}

// Text of a tone has a contrast of at least 4.5:1 on its fill, or on white.
func TestContrast(t *testing.T) {
	luminance := func(rgb string) float64 {
		n, err := strconv.ParseUint(rgb, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		linear := func(c uint64) float64 {
			v := float64(c&255) / 255
			if v <= 0.04045 {
				return v / 12.92
			}
			return math.Pow((v+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
	}
	for _, tone := range ooxml.Tones {
		look := ooxml.LookOf(tone)
		fill := look.Fill
		if fill == "" {
			fill = "FFFFFF"
		}
		a, b := luminance(fill), luminance(look.Ink)
		if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
			t.Errorf("%s: %.2f", tone, ratio)
		}
	}
	if ooxml.LookOf(model.NoTone) != (ooxml.Look{}) {
		t.Error("no tone has a look")
	}
}
