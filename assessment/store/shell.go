package store

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"plumbline/assessment"
)

// ShellCommand is a command as a person can paste it into a shell.
func ShellCommand(args ...string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = ShellArg(arg)
	}
	return strings.Join(words, " ")
}

// SwapCommand is the command that puts a file in the place of the store at path. Both are absolute.
func SwapCommand(path, file string) string {
	return ShellCommand("plumbline", "--store", path, "store", "restore", "--swap", file)
}

// ShellArg is an argument as a shell takes it back, to the byte: as it is where it means nothing else to a
// shell, else in quotes. It holds nothing that the filters before a terminal would change, so that it is
// still the argument when it was printed.
//
// On Windows there is no way to write what steers a terminal, so that is shown escaped, and no shell takes
// it back.
func ShellArg(arg string) string {
	if runtime.GOOS == "windows" {
		return windowsArg(arg)
	}
	return posixArg(arg)
}

func posixArg(arg string) string {
	switch {
	case !survives(arg):
		return dollarQuoted(arg)
	case isBare(arg, "%+,-./:=@_"): // no ~, which is a home
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

func windowsArg(arg string) string {
	switch {
	case !survives(arg):
		return strconv.QuoteToASCII(arg)
	case isBare(arg, `+-./:\_`):
		return arg
	}
	// Programs take backslashes before a quote as escapes of it.
	var b strings.Builder
	slashes := 0
	b.WriteByte('"')
	for i := range len(arg) {
		switch arg[i] {
		case '\\':
			slashes++
		case '"':
			b.WriteString(strings.Repeat(`\`, slashes+1))
			slashes = 0
		default:
			slashes = 0
		}
		b.WriteByte(arg[i])
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	b.WriteByte('"')
	return b.String()
}

// survives reports whether a text is the same after it went to a terminal: it steers nothing, has the form that
// CleanLine gives, and no sign for which --ascii prints another. Those are punctuation and symbols, and Σ.
func survives(s string) bool {
	return assessment.Shows(s) && norm.NFC.IsNormalString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r >= utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r) || r == 'Σ')
	})
}

// isBare reports whether an argument needs no quotes: letters, digits and these signs.
func isBare(arg, signs string) bool {
	return arg != "" && !strings.ContainsFunc(arg, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(signs, r))
	})
}

// dollarQuoted writes all but printable ASCII as escapes. They are octal: three digits end by themselves,
// while some shells read on after \xc3.
func dollarQuoted(arg string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(arg) {
		switch c := arg[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ' && c <= '~':
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		default:
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
