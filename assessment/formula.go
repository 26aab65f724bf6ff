package assessment

import (
	"regexp"
	"strings"
	"sync"
)

// formula matches what a spreadsheet could take for a formula, and what ProtectFormula makes of it.
var formula = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])`)
})

// ProtectFormula puts an apostrophe in front of a text that a spreadsheet could take for a formula when
// it opens a CSV file.
func ProtectFormula(s string) string {
	if risky(s) {
		return "'" + s
	}
	return s
}

// UnprotectFormula takes the apostrophe away again that ProtectFormula has put there:
// UnprotectFormula(ProtectFormula(s)) == s for every s.
func UnprotectFormula(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && risky(rest) {
		return rest
	}
	return s
}

// risky is formula().MatchString, quick for what begins with a letter or a digit.
func risky(s string) bool {
	if s == "" || '0' <= s[0] && s[0] <= '9' || 'A' <= s[0] && s[0] <= 'Z' || 'a' <= s[0] && s[0] <= 'z' {
		return false
	}
	return formula().MatchString(s)
}
