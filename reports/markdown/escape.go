package markdown

import "strings"

// special are the characters that mean something anywhere in a line; a backslash before them takes
// the meaning away. The dollar sign begins a formula on some sites.
const special = "\\`*_[]<>|~&$"

// Escape returns s so that Markdown shows it as it stands, for a format that has Markdown inside. Line
// feeds stay, empty lines are dropped.
func Escape(s string) string { return escape(s) }

// escape returns s so that Markdown shows it as it stands. Line feeds stay: what they become is up to
// the caller. Empty lines are dropped, since they would end the paragraph.
func escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \n")
		if line == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		escapeLine(&b, line)
	}
	return b.String()
}

// plain reports whether s is one line of letters, digits, blanks, commas, full stops and slashes that
// begins with a letter and can hold no address: most cells are.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == ' ' || c == ',' || c == '/' || c == '%' || c == '-'):
		case i > 0 && c == '.' && !strings.HasSuffix(s[:i], "www") && !strings.HasSuffix(s[:i], "WWW"):
		default:
			return false
		}
	}
	return true
}

func escapeLine(b *strings.Builder, line string) {
	rest := strings.TrimLeft(line, " ")
	for range len(line) - len(rest) {
		b.WriteString("&nbsp;") // four blanks would begin a block of code
	}
	from := 0
	for i := range len(rest) {
		if marks[rest[i]] && escaped(rest, i) {
			b.WriteString(rest[from:i])
			b.WriteByte('\\')
			from = i
		}
	}
	b.WriteString(rest[from:])
}

// marks are the characters that escaped has to judge.
var marks = func() (m [256]bool) {
	for _, c := range []byte(special + "#+-=:.)") {
		m[c] = true
	}
	return m
}()

// escaped reports whether the character at i of a line, which begins with no blank, needs a backslash.
func escaped(line string, i int) bool {
	switch c := line[i]; c {
	case '#', '+', '-', '=':
		return i == 0
	case ':': // a bare address would become a link
		return strings.HasPrefix(line[i:], "://")
	case '.', ')': // "1." would begin a list, and "www." becomes a link
		return i > 0 && i <= 9 && digits(line[:i]) || c == '.' && i >= 3 && strings.EqualFold(line[i-3:i], "www")
	}
	return true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
