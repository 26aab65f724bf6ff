package content

import (
	"strings"
	"testing"
)

func TestCheckText(t *testing.T) {
	for _, s := range []string{"", "a", "Lesbarkeit für alle – “quoted”", "e\u0301", "\u0928\u094d\u200d\u0937", "東京", "𝒳", "x" + strings.Repeat("\u0329", 8) + "y" + strings.Repeat("\u0329", 8), "👨\u200d👩\u200d👧\u200d👦"} {
		if err := checkText(s); err != nil {
			t.Errorf("%q is refused: %v", s, err)
		}
	}
	for _, r := range []rune{
		0, '\t', '\n', '\r', 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069,
		0xfdd0, 0xfdef, 0xfeff, 0xfffd, 0xfffe, 0xffff, 0x1ffff, 0x10fffe, 0xe0001, 0xe007f,
	} {
		if err := checkText("a" + string(r) + "b"); err == nil {
			t.Errorf("%U is accepted", r)
		}
	}
	for _, s := range []string{" a", "a ", "\u00a0a", "a\u2003", "x" + strings.Repeat("\u0329", 9), "x" + strings.Repeat("\u0329\u200d", 5)} {
		if err := checkText(s); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
}
