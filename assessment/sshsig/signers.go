package sshsig

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxSignersSize is how long a list of signers can be, in bytes.
const MaxSignersSize = 1 << 20

// Signer is a key of which a person has said whose it is.
type Signer struct {
	Principals string // whose: names and patterns as the list has them, "alice@example.org,*@example.com"
	Key        ed25519.PublicKey

	namespaces    string    // patterns of what the key may sign; "" for anything
	after, before time.Time // when it is valid, from and until; zero for no limit
}

// Signers is a list of known signers.
type Signers []Signer

// ParseSigners reads a list in OpenSSH's allowed_signers format, which ssh-keygen(1) describes. Its
// options namespaces, valid-after and valid-before are honored; times without Z are local ones. Keys of
// other kinds, and authorities that certify keys, can not be the signer of anything here and are left
// out. A line that can not be read is an ErrFormat that names it, and nothing is taken.
func ParseSigners(data []byte, local *time.Location) (Signers, error) {
	if len(data) > MaxSignersSize {
		return nil, malformed("a list of signers of %d bytes; at most %d are read", len(data), MaxSignersSize)
	}
	var list Signers
	for n, line := range bytes.Split(data, []byte("\n")) {
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		s, usable, err := parseSigner(text, local)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if usable {
			list = append(list, s)
		}
	}
	return list, nil
}

// parseSigner reads a line: principals, options, kind of key, key, comment.
func parseSigner(line string, local *time.Location) (s Signer, usable bool, err error) {
	if !utf8.ValidString(line) {
		return s, false, malformed("it is no UTF-8")
	}
	principals, rest := word(line)
	s.Principals = strings.Trim(principals, `"`)
	if s.Principals == "" || strings.Contains(s.Principals, `"`) {
		return s, false, malformed("it names nobody")
	}
	kind, rest := word(rest)
	authority := false
	if !isKeyType(kind) {
		if authority, err = s.options(kind, local); err != nil {
			return s, false, err
		}
		kind, rest = word(rest)
	}
	if !isKeyType(kind) {
		return s, false, malformed("it has no key")
	}
	if authority || kind != keyType {
		return s, false, nil
	}
	text, _ := word(rest)
	s.Key, err = publicKey(text)
	return s, true, err
}

// isKeyType reports whether a word is the name of a kind of SSH key, as far as it need be told from
// options.
func isKeyType(word string) bool {
	for _, begin := range []string{"ssh-", "ecdsa-", "sk-", "rsa-"} {
		if strings.HasPrefix(word, begin) {
			return true
		}
	}
	return false
}

// word returns what a line begins with up to a blank that stands in no quotes, and the rest.
func word(line string) (first, rest string) {
	quoted := false
	for i, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t'):
			return line[:i], strings.TrimLeft(line[i:], " \t")
		}
	}
	return line, ""
}

// options reads options joined by commas: names, some with a value in quotes.
func (s *Signer) options(text string, local *time.Location) (authority bool, err error) {
	for text != "" {
		name, rest := text, ""
		value := ""
		if i := strings.IndexAny(text, "=,"); i >= 0 {
			name, rest = text[:i], text[i:]
		}
		if quoted, ok := strings.CutPrefix(rest, `="`); ok {
			end := strings.IndexByte(quoted, '"')
			if end < 0 {
				return false, malformed("a quote does not end")
			}
			value, rest = quoted[:end], quoted[end+1:]
		}
		switch name := strings.ToLower(name); {
		case name == "cert-authority" && value == "":
			authority = true
		case name == "namespaces" && value != "":
			s.namespaces = value
		case name == "valid-after" && s.after.IsZero():
			s.after, err = parseTime(value, local)
		case name == "valid-before" && s.before.IsZero():
			s.before, err = parseTime(value, local)
		default:
			err = malformed("its option %.40q is none that is known", name)
		}
		if err != nil {
			return false, err
		}
		if text = strings.TrimPrefix(rest, ","); rest != "" && (text == rest || text == "") {
			return false, malformed("its options are not joined by commas")
		}
	}
	if !s.after.IsZero() && !s.before.IsZero() && !s.after.Before(s.before) {
		return false, malformed("it is valid at no time")
	}
	return authority, nil
}

// parseTime reads 20260131, 202601310930 or 20260131093000, with a Z where it is UTC.
func parseTime(s string, local *time.Location) (time.Time, error) {
	digits, utc := strings.CutSuffix(s, "Z")
	if utc {
		local = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) != len(layout) {
			continue
		}
		if t, err := time.ParseInLocation(layout, digits, local); err == nil && !t.IsZero() {
			return t, nil
		}
	}
	return time.Time{}, malformed("%.40q is not a time such as 20260131 or 202601310930Z", s)
}

// Find returns the signer of a key that may sign for a purpose at a time, and whether there is one.
// Where a principal is given, the signer must go by it.
func (l Signers) Find(key ed25519.PublicKey, namespace, principal string, at time.Time) (Signer, bool) {
	for _, s := range l {
		switch {
		case !s.Key.Equal(key):
		case s.namespaces != "" && !matches(s.namespaces, namespace):
		case principal != "" && !matches(s.Principals, principal):
		case !s.after.IsZero() && at.Before(s.after):
		case !s.before.IsZero() && !at.Before(s.before):
		default:
			return s, true
		}
	}
	return Signer{}, false
}

// matches reports whether a list of patterns, joined by commas, has one for s and none with "!" before
// it that is.
func matches(patterns, s string) bool {
	found := false
	for p := range strings.SplitSeq(patterns, ",") {
		p, not := strings.CutPrefix(p, "!")
		if !match(p, s) {
			continue
		}
		if not {
			return false
		}
		found = true
	}
	return found
}

// match matches a pattern in which "*" stands for any bytes and "?" for one. It goes back to the last
// "*" alone, so its work is at most the product of the lengths.
func match(pattern, s string) bool {
	star, from := -1, 0 // the last "*", and up to where it reaches
	p := 0
	for i := 0; i < len(s); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
