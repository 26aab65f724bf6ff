package assessment_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content/contenttest"
)

// logo is a PNG with a pattern in it.
func logo(t rapid.TB, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x * y), uint8(255 - x)})
		}
	}
	return encoded(t, img)
}

func encoded(t rapid.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// with puts a chunk behind the head of a PNG.
func with(data []byte, kind, content string) []byte {
	const head = 8 + 12 + 13
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	chunk = append(chunk, kind+content...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(bytes.Clone(data[:head]), chunk...), data[head:]...)
}

// Of a logo its pixels are kept, and nothing that its file says beside them.
func TestLogoKeepsPixelsAlone(t *testing.T) {
	plain := logo(t, 40, 20)
	for name, data := range map[string][]byte{
		"plain":    plain,
		"a text":   with(plain, "tEXt", "Author\x00Jane Roe"),
		"EXIF":     with(plain, "eXIf", "MM\x00*GPS 51.5 N"),
		"trailing": append(bytes.Clone(plain), "Jane Roe"...),
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			must(t, s, func(e *assessment.Edit) error {
				return e.Brand(assessment.Brand{Logo: data, LogoName: "/home/jane/logo\n.png"})
			})
			got := s.Brand()
			if bytes.Contains(got.Logo, []byte("Jane")) || bytes.Contains(got.Logo, []byte("GPS")) {
				t.Error("the logo tells more than its pixels")
			}
			samePixels(t, got.Logo, plain)
			if _, err := stored(t, s).Verify(); err != nil {
				t.Error(err)
			}
			if got.LogoName != "logo .png" {
				t.Errorf("it is called %q", got.LogoName)
			}
			if b := load(t, stored(t, s)).Brand(); !bytes.Equal(b.Logo, got.Logo) || b.LogoName != got.LogoName {
				t.Error("the logo does not come back")
			}
		})
	}
}

func samePixels(t *testing.T, a, b []byte) {
	t.Helper()
	x, errX := png.Decode(bytes.NewReader(a))
	y, errY := png.Decode(bytes.NewReader(b))
	if errX != nil || errY != nil || x.Bounds() != y.Bounds() {
		t.Fatalf("%v, %v", errX, errY)
	}
	for i := range x.Bounds().Dx() {
		for j := range x.Bounds().Dy() {
			if color.NRGBAModel.Convert(x.At(i, j)) != color.NRGBAModel.Convert(y.At(i, j)) {
				t.Fatalf("pixel %d, %d: %v, want %v", i, j, x.At(i, j), y.At(i, j))
			}
		}
	}
}

// Every kind of picture comes out as one that all formats of reports can show.
func TestLogoKinds(t *testing.T) {
	r := image.Rect(0, 0, 5, 3)
	for name, img := range map[string]image.Image{
		"16 bits":          image.NewNRGBA64(r),
		"16 bits, opaque":  image.NewRGBA64(r),
		"16 bits, gray":    image.NewGray16(r),
		"gray":             image.NewGray(r),
		"palette":          image.NewPaletted(r, color.Palette{color.White, color.Black, color.Transparent}),
		"2000 by 1 pixels": image.NewGray(image.Rect(0, 0, assessment.MaxLogoSide, 1)),
	} {
		s := start(t)
		must(t, s, func(e *assessment.Edit) error { return e.Brand(assessment.Brand{Logo: encoded(t, img)}) })
		b := s.Brand().Logo
		if depth, interlace := b[24], b[28]; depth > 8 || interlace != 0 {
			t.Errorf("%s: %d bits, interlace %d", name, depth, interlace)
		}
	}
}

func TestBrandRefuses(t *testing.T) {
	plain := logo(t, 40, 20)
	noise := image.NewNRGBA(image.Rect(0, 0, 400, 400)) // can not be made small
	for i, x := 0, uint32(1); i < len(noise.Pix); i++ {
		x = x*1664525 + 1013904223
		noise.Pix[i] = uint8(x >> 24)
	}
	for name, c := range map[string]struct {
		brand assessment.Brand
		says  string
	}{
		"no PNG":       {assessment.Brand{Logo: []byte("GIF89a")}, "no PNG that can be read"},
		"cut":          {assessment.Brand{Logo: plain[:len(plain)-20]}, "no PNG that can be read"},
		"too wide":     {assessment.Brand{Logo: encoded(t, image.NewGray(image.Rect(0, 0, 2001, 1)))}, "2001 × 1 pixels, at most 2000 × 2000 fit"},
		"too big":      {assessment.Brand{Logo: encoded(t, noise)}, "at most 262144 fit"},
		"too light":    {assessment.Brand{Accent: "#FFCC00"}, "contrast on white is 1.5"},
		"nearly":       {assessment.Brand{Accent: "#777777"}, "contrast on white is 4.47:1, and text needs 4.5:1"},
		"a name":       {assessment.Brand{Accent: "navy"}, "a color is written as #1f4e79"},
		"short":        {assessment.Brand{Accent: "#123"}, "a color is written as #1f4e79"},
		"a sign":       {assessment.Brand{Accent: "#+12345"}, "a color is written as #1f4e79"},
		"style sheet":  {assessment.Brand{Accent: "#000;}*{}"}, "a color is written as #1f4e79"},
		"a long title": {assessment.Brand{Logo: plain, LogoName: strings.Repeat("x", 501)}, "at most 500 fit"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			_, err := s.Do(minute(1), func(e *assessment.Edit) error { return e.Brand(c.brand) })
			fails(t, err, c.says)
			if !errors.Is(err, assessment.ErrBrand) && !errors.Is(err, assessment.ErrText) {
				t.Errorf("%v is no refusal", err)
			}
		})
	}
}

// The measured contrasts are those of WCAG: black 21, white 1, #767676 the lightest gray that is fine.
func TestContrast(t *testing.T) {
	for rgb, want := range map[uint32]float64{0x000000: 21, 0xFFFFFF: 1, 0x767676: 4.54, 0x777777: 4.47, 0xFF0000: 3.99, 0x0000FF: 8.59} {
		if got := assessment.ContrastOnWhite(rgb); math.Floor(got*100)/100 != want {
			t.Errorf("#%06x: %.3f, want %.2f", rgb, got, want)
		}
	}
}

// A stored brand that Edit would not have made, from a file of somebody else, is refused when it is read.
func TestForeignBrand(t *testing.T) {
	s := start(t)
	must(t, s, func(e *assessment.Edit) error { return e.Brand(assessment.Brand{Logo: logo(t, 40, 20)}) })
	clean := s.Brand().Logo
	flipped := bytes.Clone(clean)
	flipped[len(flipped)/2] ^= 1
	wide := bytes.Clone(clean)
	binary.BigEndian.PutUint32(wide[16:], 1<<31)
	binary.BigEndian.PutUint32(wide[29:], crc32.ChecksumIEEE(wide[12:29]))
	for name, data := range map[string][]byte{
		"text": with(clean, "tEXt", "Author\x00Jane"), "trailing": append(bytes.Clone(clean), 0), "flipped": flipped,
		"cut": clean[:30], "second head": with(clean, "IHDR", string(clean[16:29])), "unknown": with(clean, "ABCD", ""),
		"wide": wide, "none": {}, "signature": clean[:8], "huge chunk": append(clean[:8:8], 0xFF, 0xFF, 0xFF, 0xFF, 'I', 'H', 'D', 'R', 0, 0, 0, 0),
	} {
		if err := assessment.CheckBrand(assessment.Brand{Logo: data}); !errors.Is(err, assessment.ErrBrand) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, accent := range []string{"#1F4E79", "#fff", "red", "#ffffff", "#000000;", " #000000"} {
		if err := assessment.CheckBrand(assessment.Brand{Accent: accent}); !errors.Is(err, assessment.ErrBrand) {
			t.Errorf("accent %q: %v", accent, err)
		}
	}
}

// The brand is one record: undone as a whole, copied, kept by a lock.
func TestBrandIsARecord(t *testing.T) {
	s := start(t)
	first := assessment.Brand{Logo: logo(t, 40, 20), LogoName: "a.png", Accent: "#1f4e79"}
	must(t, s, func(e *assessment.Edit) error { return e.Brand(first) })
	was := s.Brand()
	must(t, s, func(e *assessment.Edit) error {
		b := s.Brand()
		b.Accent = ""
		return e.Brand(b)
	})
	if b := s.Brand(); b.Accent != "" || !bytes.Equal(b.Logo, was.Logo) {
		t.Errorf("without an accent: %q, logo of %d bytes", b.Accent, len(b.Logo))
	}
	if _, err := s.Undo(minute(2)); err != nil || s.Brand().Accent != was.Accent {
		t.Errorf("undo: %v, %q", err, s.Brand().Accent)
	}
	c, _, err := s.Copy(otherID, "2027", minute(3))
	if err != nil || !bytes.Equal(c.Brand().Logo, was.Logo) {
		t.Errorf("copy: %v", err)
	}
	if _, err := c.Migrate(contenttest.NextDraft().Catalog(), minute(4)); err != nil || !bytes.Equal(c.Brand().Logo, was.Logo) {
		t.Errorf("under another pack: %v", err)
	}
	must(t, s, func(e *assessment.Edit) error {
		return e.Brand(assessment.Brand{LogoName: "a name alone says nothing"})
	})
	if _, ok := stored(t, s).Records["brand/"]; ok {
		t.Error("the plain look is stored")
	}
}

func FuzzLogo(f *testing.F) {
	plain := logo(f, 4, 4)
	f.Add(plain)
	f.Add(with(plain, "tEXt", "Author\x00Jane"))
	f.Add(plain[:40])
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := assessment.CheckBrand(assessment.Brand{Logo: data}); err == nil && len(data) > assessment.MaxLogo {
			t.Error("a logo of that size")
		}
		s := start(t)
		if _, err := s.Do(minute(1), func(e *assessment.Edit) error { return e.Brand(assessment.Brand{Logo: data}) }); err != nil {
			return
		}
		if err := assessment.CheckBrand(s.Brand()); err != nil {
			t.Errorf("what was set is refused when it is read: %v", err)
		}
	})
}
