package packfile

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	var names []string
	err := Scan([]byte(` {"a":[{"b":"\ud83d\ude00 \\ud83d \"\u20ac"},-1e300,null,true],"c":{}} `), func(name string) { names = append(names, name) })
	if err != nil || !slices.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("the members are %q, the error %v", names, err)
	}
}

func TestScanRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if err := Scan([]byte(deep(maxDepth)), func(string) {}); err != nil {
		t.Errorf("%d levels: %v", maxDepth, err)
	}
	for _, tc := range []struct{ doc, want string }{
		{"", "ends too early"},
		{"\xff", "is not valid UTF-8"},
		{"{} {}", "has data after its end"},
		{`{"a":1,"b":2,"a":3}`, "a: given twice"},
		{`{"a":{"Key":1,"kEY":2}}`, `a."kEY": given twice`},
		{`{"k":1,"\u212a":2}`, "given twice"},
		{`{"s":1,"ſ":2}`, "given twice"},
		{`[0,[1e999]]`, "[1][0]: is a number out of range"},
		{`["\ud800"]`, "half a surrogate pair at byte 2"},
		{`["\ud800x\udc00"]`, "half a surrogate pair at byte 2"},
		{`["\udc00"]`, "half a surrogate pair"},
		{`["\\\ud800"]`, "half a surrogate pair at byte 4"},
		{deep(maxDepth + 1), "lies deeper than 64 levels"},
		{"[1 2]", "is not JSON"},
		{"nul", "is not JSON"},
		{"[1,]", "is not JSON"},
		{"[,1]", "is not JSON"},
		{`{"a":1,}`, "is not JSON"},
		{`{"a" 1}`, "a: is not JSON"},
		{`{a:1}`, "is not JSON"},
		{`{"a":1]`, "is not JSON"},
		{`["\x"]`, "[0]: is not JSON"},
		{`["\u12g4"]`, "[0]: is not JSON"},
		{"[\"a\nb\"]", "[0]: is not JSON"},
		{"[01]", "[0]: is not JSON"},
		{"[+1]", "[0]: is not JSON"},
		{"[NaN]", "[0]: is not JSON"},
		{`["a`, "[0]: ends too early"},
		{`["\`, "[0]: ends too early"},
		{`{"a":`, "a: ends too early"},
		{"[" + strings.Repeat("[1,2],", 200_000) + "[]]", "is one of more than 20000 elements"},
		{"[" + strings.Repeat("["+strings.Repeat("1,", 9999)+"1],", 100) + "1]", "has more than 1000000 values"},
	} {
		err := Scan([]byte(tc.doc), func(string) {})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.40q: the error is %v, not %q", tc.doc, err, tc.want)
		}
	}
}

// What Scan lets pass, encoding/json reads, and nothing in it was replaced while it was read. What it
// refuses for its form, encoding/json refuses, too.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,"\ud83d\ude00",null]}`, `{"a":1,"A":2}`, `["\ud800"]`, `[1e999]`, "[[[[]]]]", "\ufeff{}", `{"\u0000":""}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := Scan(data, func(string) {}); err != nil {
			if formless := strings.Contains(err.Error(), "not JSON") || strings.Contains(err.Error(), "too early"); formless && json.Valid(data) {
				t.Fatalf("%q is JSON: %v", data, err)
			}
			return
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		back, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		fffd := func(b []byte) int {
			s := string(b)
			return strings.Count(s, "\uFFFD") + strings.Count(strings.ToLower(s), `\ufffd`)
		}
		if fffd(back) > fffd(data) {
			t.Errorf("%q is read as %q", data, back)
		}
	})
}
