package pdf

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
)

// missing is the width of a character that a face has no glyph for.
const missing = 0xFFFF

// face holds the advance widths of a font's characters up to U+FFFF, in thousandths of its size.
type face [1 << 16]uint16

// The faces are read when the first report is laid out, not when the program starts.
var (
	regular = sync.OnceValue(func() *face { return readFace(liberationsansregular.TTF) })
	bold    = sync.OnceValue(func() *face { return readFace(liberationsansbold.TTF) })
)

// readFace reads the tables head, hhea, hmtx and cmap (its format 4) of a TrueType font. The two fonts
// are part of the program, so what is wrong with one is wrong with the program.
func readFace(ttf []byte) *face {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(ttf[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(ttf[at:])) }
	tables := make(map[string]int)
	for i := range u16(4) {
		record := 12 + 16*i
		tables[string(ttf[record:record+4])] = u32(record + 8)
	}
	em, metrics := u16(tables["head"]+18), u16(tables["hhea"]+34)
	advance := func(glyph int) uint16 {
		return uint16((u16(tables["hmtx"]+4*min(glyph, metrics-1))*1000 + em/2) / em)
	}

	f := new(face)
	for r := range f {
		f[r] = missing
	}
	for i := range u16(tables["cmap"] + 2) {
		record := tables["cmap"] + 4 + 8*i
		sub := tables["cmap"] + u32(record+4)
		if u16(record) != 3 || u16(record+2) != 1 || u16(sub) != 4 {
			continue
		}
		segments := u16(sub+6) / 2
		ends := sub + 14
		starts := ends + 2*segments + 2
		deltas := starts + 2*segments
		offsets := deltas + 2*segments
		for s := range segments {
			for r := u16(starts + 2*s); r <= u16(ends+2*s) && r < missing; r++ {
				glyph, at := r, offsets+2*s
				if o := u16(at); o != 0 {
					if glyph = u16(at + o + 2*(r-u16(starts+2*s))); glyph == 0 {
						continue
					}
				}
				if glyph = (glyph + u16(deltas+2*s)) & 0xFFFF; glyph != 0 {
					f[r] = advance(glyph)
				}
			}
		}
		return f
	}
	panic(fmt.Sprintf("a font of %d bytes has no map of Unicode characters", len(ttf)))
}

// style is how a text is set.
type style struct {
	size  float64
	bold  bool
	color color
}

// leading is the height of a line, base where in it the letters stand.
func (st style) leading() float64 { return st.size * 1.36 }
func (st style) base() float64    { return st.size * 1.08 }

func (st style) face() *face {
	if st.bold {
		return bold()
	}
	return regular()
}

// width returns how wide a text is that speller.text has passed.
func (st style) width(s string) float64 {
	f, w := st.face(), 0
	for _, r := range s {
		w += int(f[r&0xFFFF])
	}
	return float64(w) * st.size / 1000
}

// softBreaks are the characters after which a word too long for its line is broken rather than anywhere.
const softBreaks = "/-,;:._=&?@\\"

// wrap breaks a text into lines of at most the given width: at blanks, and within a word that is wider
// than a line. No character but blanks is lost, and none is added.
func (st style) wrap(text string, width float64) []string {
	var lines []string
	for s := range strings.SplitSeq(text, "\n") {
		lines = st.wrapLine(lines, s, width)
	}
	return lines
}

func (st style) wrapLine(lines []string, s string, width float64) []string {
	f := st.face()
	limit := int(width * 1000 / st.size)
	// The line goes from the byte at from and is w wide; it can end at cut, a blank, or at soft.
	from, w, cut, soft := 0, 0, 0, 0
	for i, r := range s {
		rw := int(f[r&0xFFFF])
		if r == ' ' {
			if i == from {
				from = i + 1
				continue
			}
			cut, w = i, w+rw
			continue
		}
		for w+rw > limit && i > from {
			end, next := i, i
			switch {
			case cut > from:
				end, next = cut, cut+1
			case soft > from:
				end, next = soft, soft
			}
			lines = append(lines, strings.TrimRight(s[from:end], " "))
			from, w = next, 0
			for _, r := range s[from:i] {
				w += int(f[r&0xFFFF])
			}
		}
		w += rw
		if strings.ContainsRune(softBreaks, r) {
			soft = i + 1
		}
	}
	return append(lines, strings.TrimRight(s[from:], " "))
}

// clip wraps a text into at most n lines; what is left out is shown by an ellipsis.
func (st style) clip(text string, width float64, n int) []string {
	lines := st.wrap(text, width)
	if len(lines) <= n {
		return lines
	}
	lines = lines[:n]
	last := []rune(lines[n-1])
	for len(last) > 0 && st.width(string(last)+"…") > width {
		last = last[:len(last)-1]
	}
	lines[n-1] = string(last) + "…"
	return lines
}

// speller turns texts into what the fonts can show, and takes note of what they cannot.
type speller struct {
	lacking map[rune]int    // how often each character that has no glyph was met
	scripts map[string]bool // the scripts met that this format sets badly
}

// box stands for a character that the fonts have no glyph for.
const box = '□'

// unfit are the scripts that need shaping, another direction or fonts of their own. Latin, Greek and
// Cyrillic do not.
var unfit = [...]string{
	"Arabic", "Hebrew", "Syriac", "Thaana", "Nko", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu",
	"Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Tibetan", "Myanmar", "Khmer", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo",
}

// text returns s as it can be shown, with its line feeds.
func (sp *speller) text(s string) string {
	for i := 0; ; i++ {
		if i == len(s) {
			return s
		}
		if c := s[i]; c >= 0x7F || c < ' ' && c != '\n' {
			break
		}
	}
	return strings.Map(sp.rune, s)
}

// line returns s as it can be shown on one line.
func (sp *speller) line(s string) string { return strings.ReplaceAll(sp.text(s), "\n", " ") }

func (sp *speller) rune(r rune) rune {
	switch {
	case r == '\n' || ' ' <= r && r < 0x7F, 0xA0 <= r && r < 0x100 && r != 0xAD:
		return r
	case r == '\t' || unicode.Is(unicode.Zs, r) && r != 0xA0 && r != 0x2007 && r != 0x202F:
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector):
		return -1 // joins, selects or steers, and has no shape of its own
	}
	if r > 0x58F && (r < 0x2000 || r > 0x2BFF) && sp.scripts != nil {
		for _, name := range unfit {
			if unicode.Is(unicode.Scripts[name], r) {
				sp.scripts[name] = true
			}
		}
	}
	if r < missing && regular()[r] != missing && bold()[r] != missing {
		return r
	}
	if sp.lacking != nil {
		sp.lacking[r]++
	}
	return box
}
