package strictjson_test

import (
	"errors"
	"strings"
	"testing"

	"plumbline/content/strictjson"
)

func TestCheck(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1,"b_2":[null,true,"x"]}`: "",
		`"text"`:                        "",
		`{"a":1,"a":2}`:                 "given twice",
		`{"a":1,"A":2}`:                 "given twice",
		`{"A":2}`:                       `"A": unknown member`,
		`{"a":{"":1}}`:                  "unknown member",
		"{\"\u212a\":1}":                "unknown member",
		`{"a":1} x`:                     "",
		`{"a":1}{}`:                     "data after its end",
		`{"a":1e400}`:                   "out of range",
		`{"a":"\ud800"}`:                "half a surrogate pair",
		"{\"a\":\"\xff\"}":              "not valid UTF-8",
		strings.Repeat("[", 80):         "deeper than",
		``:                              "ends too early",
	} {
		err := strictjson.Check([]byte(in))
		if in == `{"a":1} x` { // no token, so it is the decoder's error
			if err == nil {
				t.Errorf("%s is taken", in)
			}
			continue
		}
		var path *strictjson.PathError
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", in, err)
		case want != "" && (!errors.As(err, &path) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func TestDecode(t *testing.T) {
	type shape struct {
		A string   `json:"a"`
		B []string `json:"b,omitempty"`
	}
	var v shape
	if err := strictjson.Decode([]byte(`{"a":"x"}`), &v); err != nil || v.A != "x" {
		t.Errorf("%v %v", v, err)
	}
	for _, in := range []string{`{}`, `{"a":1}`, `{"a":null}`, `{"a":"x","c":1}`, `{"A":"x"}`} {
		if err := strictjson.Decode([]byte(in), &v); err == nil {
			t.Errorf("%s is taken", in)
		}
	}
}
