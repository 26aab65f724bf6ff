package contenttest

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// HostileTexts are texts that some format or screen could take for more than text. All are valid UTF-8
// and short enough for a note.
var HostileTexts = []string{
	// formulas
	`=cmd|'/c calc'!A1`, `+1+1`, `-2+3`, `@SUM(A1)`, `'=1+1`, `''=1+1`, " \t=1+1", "\r\n=1+1", "＝1+1", "\t", `-`,
	// HTML, SVG, CSS, templates
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</style><script>alert(1)</script>`,
	`</title><svg onload=alert(1)>`, `]]><!--`, `--><b>`, `</td></tr></table><h1>`, `&lt;b&gt; &amp;amp; &#60;i&#62;`, `javascript:alert(1)`,
	`"; } body { background: url(https://evil.example) } a { content: "`, `{{.}} {{template "cell"}} ${x}`, `\22 } * { color: red`, `&entity; &xxe;`,
	// Markdown
	`[x](javascript:alert(1))`, `![x](https://evil.example/x.png)`, `https://evil.example/?q=1`, `see www.evil.example`, `WWW.evil.example`,
	`<https://evil.example>`, "# heading", "1. one", "23) two", "- list", "+ list", "* list", "> quote", "a\n---", "a\n===", "a\n\n\nb", "a\n- b\n1. c",
	"```\ncode\n```", "~~~\ncode", "    indented", "a\n        indented", `| a | b |`, `*bold* __bold__ ~~gone~~ $x$`, `\`, `a\`, "`code`", "[^1]: note", "[x]: https://evil.example",
	"- [ ] task", "<details open>", "&nbsp;", "a  \nb",
	// terminals, scripts, shapes
	"\x1b[31mred\x1b]52;c;aGk=\x07", "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "\u009b31m", "\u202Egnp.exe\u2066", "\u200Fright", "\uFEFFmark",
	"a\u2028b\u2029c", "\x00nul\x7f", "a\rb\u0085c", "e" + strings.Repeat("\u0301", 40), "👩‍💻 😀", "zero\u200Bwidth\u200C\u200D", "_x0041_", "_x000A_", "%0d%0aSet-Cookie: x",
	"%s%n%!d(x)", "\U000E0041tag", "\uFDD0 \U0001FFFE", "مرحبا שלום", strings.Repeat("long ", 3000), strings.Repeat("W", 15_000),
	"../../etc/passwd", `..\..\x`, "CON", "/dev/stdin", "GV.ОC-01/secure", "gv.oc-01/ſecure", "\uFFFD",
}

// HostileInput are the same and what is no text that can be kept: longer than any field, not UTF-8.
var HostileInput = append(slices.Clone(HostileTexts),
	strings.Repeat("x", 32_768), strings.Repeat("€", 16_001), strings.Repeat("\u0301", 20_000), "\xFF\xFE", "a\xC0\xAFb", "\xED\xA0\x80", "cut \xE2\x82",
)

// HostileJSON are values, and what stands in the place of one, that two readers of JSON could understand
// differently, or that no member of our formats has.
var HostileJSON = []string{
	`null`, `true`, `0`, `-0`, `1e400`, `-1E999`, `NaN`, `Infinity`, `01`, `1.0000000000000001`, `18446744073709551616`, `"\ud800"`, `"\udc00x"`, `"\u0000"`,
	"\"\xff\"", "\"a\nb\"", `{}`, `[]`, `[[]]`, `{"a":1,"a":2}`, `{"a":1,"A":2}`, "{\"k\":1,\"\u212A\":2}", `{"unknown":1}`, `"x" "y"`, `"x",`, `"x"}`, ``,
	strings.Repeat("[", 70) + strings.Repeat("]", 70), strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70),
	strings.Repeat("[", 100_000), `/* no */ 1`, `'x'`, "\uFEFF1",
}

// Leaves yields every leaf of a JSON document, but of the elements of each array the first two alone: where
// it is, and a function that returns the document with other JSON in that place.
func Leaves(document []byte) iter.Seq2[string, func(raw string) []byte] {
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		panic(fmt.Sprintf("contenttest: %v", err))
	}
	return func(yield func(string, func(string) []byte) bool) {
		var visit func(v any, path string) bool
		visit = func(v any, path string) bool {
			switch v := v.(type) {
			case map[string]any:
				for _, name := range slices.Sorted(maps.Keys(v)) {
					if !visit(v[name], path+"."+name) {
						return false
					}
				}
				return true
			case []any:
				for i, e := range v[:min(len(v), 2)] {
					if !visit(e, fmt.Sprintf("%s[%d]", path, i)) {
						return false
					}
				}
				return true
			}
			return yield(path, func(raw string) []byte { return rewritten(root, "", path, raw) })
		}
		visit(root, "")
	}
}

// rewritten writes a value with other JSON where the path is.
func rewritten(v any, at, path, raw string) []byte {
	if at == path {
		return []byte(raw)
	}
	switch v := v.(type) {
	case map[string]any:
		out := []byte("{")
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(out, encoded(name)...), ':')
			out = append(out, rewritten(v[name], at+"."+name, path, raw)...)
		}
		return append(out, '}')
	case []any:
		out := []byte("[")
		for i, e := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, rewritten(e, fmt.Sprintf("%s[%d]", at, i), path, raw)...)
		}
		return append(out, ']')
	}
	return encoded(v)
}

func encoded(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("contenttest: %v", err))
	}
	return raw
}

// Quoted is a text as JSON has it, with its bytes as they are, valid UTF-8 or not.
func Quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
