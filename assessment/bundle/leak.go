package bundle

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrLeak says that something stands in a redacted bundle that should have been taken out.
var ErrLeak = errors.New("the redacted bundle holds what it should not")

// CheckLeaks reads a finished bundle back and looks for all that the redaction was to take out: the
// names, paths, titles and texts that it knows, in any case, and whatever looks like an e-mail address,
// a link or a path. It searches the texts of the file in another way than Redact does, which splits
// them into words, and no text may stand where there should be none but an alias. The error is ErrLeak
// and says where, not what.
func (r *Redaction) CheckLeaks(data []byte) error {
	c, err := Read(data)
	if err != nil {
		return err
	}
	if !slices.Equal(c.Redacted, r.Classes) {
		return fmt.Errorf("%w: its manifest does not say what was taken out", ErrLeak)
	}
	type place struct{ where, text string }
	var places []place
	var all strings.Builder
	add := func(text, format string, args ...any) {
		text = norm.NFC.String(text)
		places = append(places, place{fmt.Sprintf(format, args...), text})
		all.WriteString(fold(text) + "\n")
	}
	for _, s := range c.Sessions {
		if !r.issued[s.Name] {
			add(s.Name, "the name of session %s", s.ID)
		}
		for _, k := range slices.Sorted(maps.Keys(s.Stored.Records)) {
			list, err := textsIn(kindOf(k), s.Stored.Records[k])
			if err != nil {
				return fmt.Errorf("record %q: %w", k, err)
			}
			for _, t := range list {
				f := fields()[t.path]
				_, hidden := r.hides(f.classes)
				switch stay := r.stays(t, f); {
				case hidden && !stay:
					return fmt.Errorf("%w: %s of the record %q is still there", ErrLeak, t.path, k)
				case !hidden && !stay && f.how != treatOpaque:
					add(t.value, "%s of the record %q", t.path, k)
				}
			}
		}
	}
	for _, p := range patterns() {
		if _, on := r.hides(p.classes); !on {
			continue
		}
		for _, at := range places {
			if p.re.MatchString(at.text) {
				return fmt.Errorf("%w: %s in %s", ErrLeak, p.what, at.where)
			}
		}
	}
	everything := all.String()
	for _, t := range r.terms.all {
		if r.issued[t.text] || !strings.Contains(everything, t.fold) { // an alias again, or what nearly always settles it
			continue
		}
		for _, at := range places {
			if t.cased && stands(at.text, t.text) || !t.cased && stands(fold(at.text), t.fold) {
				return fmt.Errorf("%w: something of the class %s in %s", ErrLeak, t.class, at.where)
			}
		}
	}
	return nil
}

// stands reports whether a text holds another one, and not as part of a longer word or number.
func stands(s, what string) bool {
	if what == "" {
		return false
	}
	for at := 0; ; {
		i := strings.Index(s[at:], what)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(what)
		before, _ := utf8.DecodeLastRuneInString(s[:from])
		after, _ := utf8.DecodeRuneInString(s[to:])
		first, _ := utf8.DecodeRuneInString(what)
		last, _ := utf8.DecodeLastRuneInString(what)
		if !(within(before) && within(first)) && !(within(last) && within(after)) {
			return true
		}
		at = from + utf8.RuneLen(first)
	}
}

func within(r rune) bool {
	return r != utf8.RuneError && !unspaced(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
