// Packgen builds the content pack from the facts of its source documents and from authored text:
//
//	go run ./content/internal/packgen -facts DIR -authored content/data/nist-ir-8596-iprd -out content/data/nist-ir-8596-iprd
//
// The folder of facts holds what NIST's draft and the frameworks around it say in ids, names,
// priorities, pages and references (cyber-ai-profile.json, csf-2.0-core.json,
// informative-catalogs.json, sp800-53-controls.json, ai-rmf.json, ai-600-1-risks.json, cosais.json
// and the mappings from CSF 2.0). It is not needed to build or to test Plumbline, only to make the pack
// anew. The authored text is that of a pack: titles and outcomes in core.json, the glossary, and from
// question to hint in items-XX.json. It is edited there, in place, and DIR of -authored and -out are
// then the same. docs/content.md describes the pack.
//
// The two must join one to one: packgen exits 1 and says in which file and at which place where an
// id stands in one of them only, stands twice, or carries another priority, page or
// standard_practices than the draft. The pack is loaded before it is written. The same input gives
// the same bytes.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"plumbline/content"
)

func main() {
	facts := flag.String("facts", "", "`folder` with the facts of the source documents")
	authored := flag.String("authored", "", "`folder` of the pack whose texts are taken")
	out := flag.String("out", "", "`folder` to write the pack into")
	flag.Parse()
	if *facts == "" || *authored == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.DirFS(*facts), os.DirFS(*authored), *out); err != nil {
		fmt.Fprintln(os.Stderr, "packgen:", err)
		os.Exit(1)
	}
}

func run(facts, authored fs.FS, out string) error {
	files, err := build(facts, authored)
	if err != nil {
		return err
	}
	trial, err := os.MkdirTemp("", "packgen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(trial)
	for _, folder := range []string{trial, out} {
		if err := write(folder, files); err != nil {
			return err
		}
		// A file that an earlier run left in out is refused here, by name.
		c, err := content.Load(os.DirFS(folder))
		if err != nil {
			return fmt.Errorf("load the new pack: %w", err)
		}
		if folder == out {
			fmt.Printf("%s edition %d: %d files, %d items, sha256 %s\n", c.Pack().ID, c.Pack().Edition, len(files), c.Len(), c.Pack().SHA256)
		}
	}
	return nil
}

func write(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}
