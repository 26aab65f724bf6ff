package content

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for _, tc := range []struct {
		in, out string
		dropped bool
	}{
		{"", "", false},
		{" One\r\n\ttwo\u00a0\u2028 three\u0085", "One two three", false},
		{"e\u0301 \u0928\u094d\u200d\u0937 “quoted”", "\u00e9 \u0928\u094d\u200d\u0937 “quoted”", false},
		{"a\x1b[31mb\u202ec\ufeff\U000e0041", "a[31mbc", true},
		{"damaged \ufffd", "damaged \ufffd", false},
	} {
		if out, dropped := Clean(tc.in); out != tc.out || dropped != tc.dropped {
			t.Errorf("%q becomes %q (%v), not %q (%v)", tc.in, out, dropped, tc.out, tc.dropped)
		}
	}
}

// What Clean returns, packs may hold, but for what is left of damaged text.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a b", " \x1b[0m", "\u202e\u2028x", "e\u0301", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, _ := Clean(s)
		if err := checkText(clean); err != nil && !strings.ContainsRune(clean, '\uFFFD') {
			t.Errorf("%q becomes %q: %v", s, clean, err)
		}
		if again, dropped := Clean(clean); again != clean || dropped {
			t.Errorf("%q becomes %q, and that %q", s, clean, again)
		}
	})
}
