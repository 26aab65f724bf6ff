package content

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// run is how many words running make a sentence somebody else's.
const run = 7

// shingles is a file of hashes: of each run of seven words in NIST's official text of CSF 2.0, outcomes,
// examples and withdrawn entries alike. Hashes are no text; they are enough to find a run again.
const shingles = "../testdata/csf-2.0-shingles.bin"

var wordPattern = regexp.MustCompile(`[a-z0-9']+`)

// hashes returns the hashes of a text's runs, in order, with the words of each.
func hashes(text string) (sums []uint64, runs []string) {
	words := wordPattern.FindAllString(strings.ToLower(text), -1)
	for i := range max(0, len(words)-run+1) {
		s := strings.Join(words[i:i+run], " ")
		h := fnv.New64a()
		h.Write([]byte(s))
		sums, runs = append(sums, h.Sum64()), append(runs, s)
	}
	return sums, runs
}

// walkStrings calls see with every string of a JSON document.
func walkStrings(v any, name string, see func(name, s string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			walkStrings(e, k, see)
		}
	case []any:
		for _, e := range v {
			walkStrings(e, name, see)
		}
	case string:
		see(name, v)
	}
}

// No sentence of the pack is NIST's: no text shares seven words running with the official text of the
// framework.
func TestNoWordingOfNIST(t *testing.T) {
	data, err := os.ReadFile(shingles)
	if err != nil {
		t.Fatal(err)
	}
	official := make(map[uint64]bool)
	for chunk := range slices.Chunk(data, 8) {
		official[binary.BigEndian.Uint64(chunk)] = true
	}
	if len(official) < 5_000 {
		t.Fatalf("only %d runs to compare with", len(official))
	}
	fsys := os.DirFS(embeddedFolder)
	names, err := fs.Glob(fsys, "*.json")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		walkStrings(doc, "", func(_, s string) {
			sums, runs := hashes(s)
			for i, sum := range sums {
				if official[sum] {
					t.Errorf("%s: “%s” stands in NIST's text too: %s", name, runs[i], s)
					return
				}
			}
		})
	}
}

// The file of hashes is made of the reference, where that is at hand; -update writes it.
func TestShinglesAreOfTheReference(t *testing.T) {
	const reference = "../../shared/reference/csf-2.0-core.json"
	raw, err := os.ReadFile(reference)
	if err != nil {
		t.Skip("no ../shared/reference beside the project: the hashes are not compared with the text that they are of")
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var all []uint64
	walkStrings(doc, "", func(name, s string) {
		if name == "official_text" {
			sums, _ := hashes(s)
			all = append(all, sums...)
		}
	})
	slices.Sort(all)
	var out bytes.Buffer
	for _, sum := range slices.Compact(all) {
		out.Write(binary.BigEndian.AppendUint64(nil, sum))
	}
	if *update {
		if err := os.WriteFile(shingles, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(shingles)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, out.Bytes()) {
		t.Error("the hashes are not those of the reference; -update writes them anew")
	}
}
