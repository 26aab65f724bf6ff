package content_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"

	"plumbline/content"
	"plumbline/content/contenttest"
)

// Hostile texts and values in turn in the place of every leaf of every file of a pack, whose manifest is
// made to fit: it is refused with the file, or loaded, and then nothing in it steers a terminal.
func TestHostilePack(t *testing.T) {
	good := contenttest.NextDraft().Files()
	var steer []string // texts that no pack may hold
	for _, h := range contenttest.HostileInput {
		if clean, _ := content.Clean(h); clean != h || !utf8.ValidString(h) {
			steer = append(steer, h)
		}
	}
	n, kinds := 0, make(map[string]int)
	for _, name := range slices.Sorted(maps.Keys(good)) {
		kind, _, _ := strings.Cut(name, "-")
		if kinds[kind]++; kinds[kind] > 1 { // one file of each kind says it all
			continue
		}
		for path, with := range contenttest.Leaves(good[name].Data) {
			n++
			for _, raw := range []string{contenttest.Quoted(steer[n%len(steer)]), contenttest.HostileJSON[n%len(contenttest.HostileJSON)]} {
				files := maps.Clone(good)
				files[name] = &fstest.MapFile{Data: with(raw)}
				if name != "manifest.json" {
					files["manifest.json"] = &fstest.MapFile{Data: resealed(t, files)}
				}
				_, err := content.Load(files)
				bad, ok := errors.AsType[*content.PackError](err)
				switch {
				case err == nil && strings.HasPrefix(raw, `"`) && raw != `"\u0000"`:
					t.Errorf("%s%s: a pack with %.40q is loaded", name, path, raw)
				case err != nil && (!ok || bad.File == "" || strings.ContainsFunc(err.Error(), func(r rune) bool { return unicode.IsControl(r) || r == '\u202E' })):
					t.Errorf("%s%s, %.40q: %q", name, path, raw, err)
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d leaves", n)
	}
}

// resealed is the manifest of files with their hashes as they are.
func resealed(t *testing.T, files fstest.MapFS) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(files["manifest.json"].Data, &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m["files"].([]any) {
		pin := f.(map[string]any)
		pin["sha256"] = fmt.Sprintf("%x", sha256.Sum256(files[pin["name"].(string)].Data))
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
