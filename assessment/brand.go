package assessment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/draw"
	"image/png"
	"math"
	"strconv"
	"strings"
)

// Brand is how an organization wants its reports to look. The zero value is the plain look.
//
// Logo is a PNG of at most MaxLogo bytes and MaxLogoSide pixels a side, with 8 bits a channel at most
// and not interlaced, so that every format of a report can show it. It holds pixels and nothing else:
// what a file says beside them (who made it, where, with what, color profiles) is left behind when the
// logo is set, and a stored one that says more is refused.
type Brand struct {
	Logo     []byte `json:"logo,omitempty"`
	LogoName string `json:"logo_name,omitempty"` // of the file it came from, without its folder
	Accent   string `json:"accent,omitempty"`    // "#1f4e79"; see MinContrast
}

// What a brand may be.
const (
	MaxLogo     = 256 << 10 // bytes
	MaxLogoSide = 2000      // pixels
	MinContrast = 4.5       // of the accent on white: WCAG 2.2, success criterion 1.4.3
)

// ErrBrand says that a logo or a color can not be used in reports.
var ErrBrand = errors.New("not usable in reports")

// check refuses what was not made by Edit.Brand. It judges the logo by its parts, without painting it.
func (b *Brand) check() error {
	if b.Accent != "" {
		if clean, err := cleanAccent(b.Accent); err != nil || clean != b.Accent {
			return fmt.Errorf("accent %q: %w", b.Accent, errors.Join(ErrBrand, err))
		}
	}
	if b.Logo == nil {
		return nil
	}
	return checkLogo(b.Logo)
}

// cleanAccent returns the color in lower case, "" for none.
func cleanAccent(s string) (string, error) {
	s = strings.ToLower(CleanLine(s))
	if s == "" {
		return "", nil
	}
	digits, ok := strings.CutPrefix(s, "#")
	rgb, err := strconv.ParseUint(digits, 16, 24)
	if !ok || len(digits) != 6 || err != nil {
		return "", fmt.Errorf("accent %q: %w: a color is written as #1f4e79", s, ErrBrand)
	}
	if c := contrastOnWhite(uint32(rgb)); c < MinContrast {
		return "", fmt.Errorf("accent %s: %w: its contrast on white is %.2f:1, and text needs %.1f:1; take a darker one",
			s, ErrBrand, math.Floor(c*100)/100, MinContrast)
	}
	return s, nil
}

// contrastOnWhite is the contrast ratio of WCAG 2.2, 1 to 21, of a color 0xRRGGBB on white.
func contrastOnWhite(rgb uint32) float64 {
	light := 0.0
	for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} { // red, green, blue
		c := float64(rgb>>(16-8*i)&0xFF) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		light += weight * c
	}
	return 1.05 / (light + 0.05)
}

// cleanLogo paints a PNG anew, so that nothing but its pixels is left.
func cleanLogo(data []byte) ([]byte, error) {
	if len(data) > MaxLogo {
		return nil, fmt.Errorf("logo: %w: it has %d bytes, at most %d fit", ErrBrand, len(data), MaxLogo)
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("logo: %w: it is no PNG that can be read (%w)", ErrBrand, err)
	}
	if err := checkSides(size.Width, size.Height); err != nil { // before room is made for its pixels
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("logo: %w: it is no PNG that can be read (%w)", ErrBrand, err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, eightBits(img)); err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	if out.Len() > MaxLogo {
		return nil, fmt.Errorf("logo: %w: without what is no pixel it has %d bytes, at most %d fit", ErrBrand, out.Len(), MaxLogo)
	}
	return out.Bytes(), nil
}

// eightBits returns an image with at most 8 bits a channel.
func eightBits(img image.Image) image.Image {
	var to draw.Image
	switch img.(type) {
	case *image.Gray16:
		to = image.NewGray(img.Bounds())
	case *image.RGBA64, *image.NRGBA64:
		to = image.NewNRGBA(img.Bounds())
	default:
		return img
	}
	draw.Draw(to, to.Bounds(), img, img.Bounds().Min, draw.Src)
	return to
}

func checkSides(w, h int) error {
	if w < 1 || h < 1 || w > MaxLogoSide || h > MaxLogoSide {
		return fmt.Errorf("logo: %w: it has %d × %d pixels, at most %d × %[4]d fit", ErrBrand, w, h, MaxLogoSide)
	}
	return nil
}

const pngSignature = "\x89PNG\r\n\x1a\n"

// checkLogo reads the chunks of a PNG (ISO/IEC 15948, section 11) and refuses any that a clean logo
// does not have.
func checkLogo(data []byte) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("logo: %w: %s", ErrBrand, fmt.Sprintf(format, args...))
	}
	rest, ok := bytes.CutPrefix(data, []byte(pngSignature))
	if !ok || len(data) > MaxLogo {
		return bad("it is no PNG of at most %d bytes", MaxLogo)
	}
	const around = 12 // bytes of a chunk beside its content: length and type before it, a check sum behind
	for first := true; ; first = false {
		if len(rest) < around {
			return bad("it ends in the middle")
		}
		n := uint64(binary.BigEndian.Uint32(rest))
		if n > uint64(len(rest)-around) {
			return bad("it ends in the middle")
		}
		kind, content := string(rest[4:8]), rest[8:8+n]
		sum := binary.BigEndian.Uint32(rest[8+n:])
		rest = rest[around+n:]
		switch {
		case sum != crc32.Update(crc32.ChecksumIEEE([]byte(kind)), crc32.IEEETable, content):
			return bad("its part %q is damaged", kind)
		case first != (kind == "IHDR"):
			return bad("its part %q stands in the wrong place", kind)
		}
		switch kind {
		case "IHDR": // width, height, bit depth, color type, compression, filter, interlace
			if n != 13 {
				return bad("its head has %d bytes", n)
			}
			if depth, interlace := content[8], content[12]; depth > 8 || interlace != 0 {
				return bad("it has %d bits a channel or is interlaced", depth)
			}
			side := func(at int) int { return int(min(binary.BigEndian.Uint32(content[at:]), math.MaxInt32)) }
			if err := checkSides(side(0), side(4)); err != nil {
				return err
			}
		case "PLTE", "tRNS", "IDAT":
		case "IEND":
			if len(rest) > 0 {
				return bad("%d bytes follow its end", len(rest))
			}
			return nil
		default:
			return bad("it holds %q beside its pixels", kind)
		}
	}
}
