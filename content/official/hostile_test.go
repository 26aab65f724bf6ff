package official

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"plumbline/content/contenttest"
)

// Hostile texts and values in turn in the place of every leaf of NIST's JSON: the file is refused with its
// name and a message fit for a terminal, or what is kept of it steers nothing.
func TestHostileFiles(t *testing.T) {
	for kind, good := range map[string][]byte{"catalog": encode(t, oscal(t, true)), "reference": encode(t, reference(t))} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			leaf, taken := 0, 0
			for path, with := range contenttest.Leaves(good) {
				leaf++
				values := []string{contenttest.HostileJSON[leaf%len(contenttest.HostileJSON)]}
				for i, h := range contenttest.HostileInput {
					if (i+leaf)%40 == 0 {
						values = append(values, contenttest.Quoted(h))
					}
				}
				for _, raw := range values {
					w, err := Read("f", with(raw))
					if err == nil {
						sound(t, w)
						taken++
						continue
					}
					if _, ok := errors.AsType[*FileError](err); !ok || steers(err.Error()) {
						t.Errorf("%s, %.30q: %q", path, raw, err)
					}
				}
			}
			if taken == 0 {
				t.Error("nothing is taken")
			}
		})
	}
}

func steers(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u202E' || r == '\u2028' })
}
