package tui

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"plumbline/content/official"
)

// wording is a made-up one, of all the Core.
func wording(t *testing.T) *official.Wording {
	t.Helper()
	type object = map[string]any
	cat := catalog(t)
	node := func(id string, controls []object) object {
		return object{"id": id, "controls": controls, "parts": []object{
			{"name": "statement", "prose": "Made-up outcome of " + id + "."},
			{"name": "example", "prose": "Made-up example of " + id + "."},
		}}
	}
	var groups []object
	for fn := range cat.Functions() {
		var cats []object
		for k := range cat.Categories() {
			if k.Function != fn.ID {
				continue
			}
			var subs []object
			for s := range cat.Subcategories() {
				if s.Category == k.ID {
					subs = append(subs, node(s.ID, nil))
				}
			}
			cats = append(cats, node(k.ID, subs))
		}
		groups = append(groups, node(fn.ID, cats))
	}
	raw, err := json.Marshal(object{"catalog": object{"metadata": object{"title": "Made up", "version": "9.9"}, "groups": groups}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := official.Read("made-up.json", raw)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// w shows NIST's wording beside ours, item after item, until it is pressed again. It is read once, when
// it is first asked for.
func TestOfficialWording(t *testing.T) {
	read := 0
	b := start(t, exampleStore(t), 80, 24, func(c *Config) {
		c.Official = func() (*official.Wording, error) { read++; return wording(t), nil }
	})
	const label = "THE OUTCOME OF PR.AA-05, NIST'S OFFICIAL WORDING"
	b.keys("<enter>/pr.aa-05/s<enter>")
	if strings.Contains(b.screen(), label) || read > 0 {
		t.Errorf("read %d times before it was asked for:\n%s", read, b.screen())
	}
	b.keys("<pgdown>w")
	b.see(label, "Made-up outcome of PR.AA-05.", "THE OUTCOME, IN OUR WORDS")
	b.keys("<pgdown>")
	b.see("Made-up example of PR.AA-05.", "the CSF 2.0 OSCAL catalog 9.9 (made-up.json, SHA-256 ")
	b.keys("l")
	b.see("Made-up outcome of PR.AT-01.")
	if strings.Contains(b.screen(), label) {
		t.Errorf("the text of the item before is still there:\n%s", b.screen())
	}
	b.keys("w")
	if strings.Contains(b.screen(), "OFFICIAL WORDING") {
		t.Errorf("it is still there after w:\n%s", b.screen())
	}
	b.keys("w")
	b.see("OFFICIAL WORDING")
	if read != 1 {
		t.Errorf("it was read %d times", read)
	}
}

// Without an added file w says how to add one; a damaged one is told and hurts nothing. What is added
// meanwhile is found.
func TestNoOfficialWording(t *testing.T) {
	var w *official.Wording
	err := errors.New("official-csf-2.0.json was changed")
	b := start(t, exampleStore(t), 80, 24, func(c *Config) {
		c.Official = func() (*official.Wording, error) { return w, err }
	})
	b.keys("<enter>w")
	b.see("read NIST's official wording: official-csf-2.0.json was changed")
	err = nil
	b.keys("w")
	b.see("plumbline content add FILE (same --store) adds it")
	b.keys("j")
	w = wording(t)
	b.keys("w")
	b.see("NIST'S OFFICIAL WORDING")
}
