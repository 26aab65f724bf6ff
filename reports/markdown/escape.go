package markdown

import "strings"

// special are the characters that mean something anywhere in a line; a backslash before them takes
// the meaning away. The dollar sign begins a formula on some sites.
const special = "\\`*_[]<>|~&$"

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
	start := true
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case strings.IndexByte(special, c) >= 0,
			start && strings.IndexByte("#+-=", c) >= 0,
			c == ':' && strings.HasPrefix(rest[i:], "://"),                // a bare address would become a link
			c == '.' && i >= 3 && strings.EqualFold(rest[i-3:i], "www"),   // and so would this
			(c == '.' || c == ')') && i > 0 && i <= 9 && digits(rest[:i]): // "1." would begin a list
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		start = false
	}
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
