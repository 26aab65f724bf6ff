package main

import (
	"bytes"
	"encoding"
	"strings"
	"testing"

	"plumbline/content/contenttest"
)

// FuzzArguments gives every value of the command line any text: it is read or refused, with an error whose
// quotes hold what steers a terminal, and reading it again gives the same.
func FuzzArguments(f *testing.F) {
	for _, s := range []string{
		"3", "-1", "99999999999999999999", "High", "full", "2026-11-21", "gv.oc-1/secure", "GV.OC-01", "GV/secure=3", "defend=out:no AI", "tab", "2 Risk Informed",
		"gap", "html", "CISO", "Current Status:Partial=1", "proposed", "a=b=-", "S", "done", "2027-01-01 First", "notes,names", "all", "by-priority",
	} {
		f.Add(s)
	}
	for _, s := range contenttest.HostileInput {
		f.Add(s)
	}
	values := func() map[string]encoding.TextUnmarshaler {
		return map[string]encoding.TextUnmarshaler{
			"level": new(level), "target": new(aim), "priority": new(priority), "path": new(path), "day": new(day), "item": new(itemArg), "Subcategory": new(subArg),
			"cell": new(cell), "area's answer": new(areaAnswer), "delimiter": new(delimiter), "tier": new(tier), "kind": new(reportKind), "format": new(reportFormat),
			"area": new(area), "role": new(role), "mapping": new(mapping), "day or none": new(maybeDay), "effort": new(effort), "status": new(progress),
			"milestone": new(milestone), "classes": new(classes), "preset": new(preset),
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, v := range values() {
			err := v.UnmarshalText([]byte(s))
			if err != nil && steersTerminal([]byte(err.Error())) {
				t.Errorf("%s %q: %q", name, s, err)
			}
			if again := values()[name].UnmarshalText([]byte(s)); (err == nil) != (again == nil) {
				t.Errorf("%s %q: %v, and again %v", name, s, err, again)
			}
		}
	})
}

// FuzzPassphrase: a passphrase is one line of the file, whole, or refused without a word of it.
func FuzzPassphrase(f *testing.F) {
	for _, s := range []string{"", "\n", "sesame", "sesame\n", "sesame\r\n", "two\nlines", "a\x00b", strings.Repeat("x", maxPassphrase+1), "\xff\xfe"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := passphraseFrom(bytes.NewReader(data), "here")
		switch {
		case err == nil && (len(got) == 0 || len(got) > maxPassphrase || !bytes.HasPrefix(data, got) || strings.Trim(string(data[len(got):]), "\r\n") != ""):
			t.Errorf("%q is read as %q", data, got)
		case err != nil && len(data) > 8 && strings.Contains(err.Error(), string(data)):
			t.Errorf("%q: %v", data, err)
		}
	})
}
