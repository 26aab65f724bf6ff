package main

import (
	"debug/buildinfo"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// licenses holds the license texts of each module of a binary, by "path version"; those of Go's runtime
// and standard library under "Go" and its version.
type licenses map[string][]licenseText

type licenseText struct {
	name string // of the file, within the module
	text string
	ids  []string // SPDX, none where it is a notice or a grant beside the license
}

var licenseName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|copyright|notice|patents|legal)`)

// findLicenses collects the texts of what is linked: from the folder vendor, into which go mod vendor
// copied them, and from Go's own folder. Whatever has none, or one that is not recognized, is refused: a
// person has to read it first.
func findLicenses(stage, goroot string, info *buildinfo.BuildInfo) (licenses, error) {
	roots := make(map[string]bool)
	vendor := filepath.Join(stage, "vendor")
	for _, m := range info.Deps {
		roots[filepath.Join(vendor, filepath.FromSlash(m.Path))] = true
	}
	found := make(licenses)
	for _, m := range info.Deps {
		root := filepath.Join(vendor, filepath.FromSlash(m.Path))
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && p != root && roots[p]:
				return fs.SkipDir // another module
			case d.IsDir() || !licenseName.MatchString(d.Name()) || path.Ext(d.Name()) == ".go":
				return nil
			}
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			return found.add(m.Path+" "+m.Version, filepath.ToSlash(rel), p)
		})
		if err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"LICENSE", "PATENTS"} {
		if err := found.add(goName(info), name, filepath.Join(goroot, name)); err != nil {
			return nil, err
		}
	}
	for _, m := range info.Deps {
		if found.expression(m.Path+" "+m.Version) == "" {
			return nil, fmt.Errorf("%s %s: no license that is known here; read what it has, and teach the release its name", m.Path, m.Version)
		}
	}
	return found, nil
}

// goName names Go's runtime and standard library.
func goName(info *buildinfo.BuildInfo) string {
	return "Go " + strings.TrimPrefix(info.GoVersion, "go")
}

func (l licenses) add(module, name, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	l[module] = append(l[module], licenseText{name: name, text: string(text), ids: identify(string(text))})
	return nil
}

// identify returns the SPDX ids of the licenses that a text holds.
func identify(text string) []string {
	text = strings.Join(strings.Fields(text), " ")
	var ids []string
	for _, l := range []struct{ phrase, id string }{
		{"Apache License Version 2.0", "Apache-2.0"},
		{"Neither the name of", "BSD-3-Clause"},
		{"Permission is hereby granted, free of charge, to any person obtaining a copy of this software", "MIT"},
		{"Mozilla Public License Version 2.0", "MPL-2.0"},
		{"SIL OPEN FONT LICENSE Version 1.1", "OFL-1.1"},
	} {
		if strings.Contains(text, l.phrase) {
			ids = append(ids, l.id)
		}
	}
	return ids
}

// expression returns the SPDX expression of a module: all of its licenses hold.
func (l licenses) expression(module string) string {
	var ids []string
	for _, t := range l[module] {
		ids = append(ids, t.ids...)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " AND ")
}

const rule = "--------------------------------------------------------------------------------"

// text returns all texts as one file.
func (l licenses) text() []byte {
	var b strings.Builder
	b.WriteString("Plumbline is built of the following, each under its own license. Plumbline itself: see LICENSE.\n\n")
	for _, module := range sortedKeys(l) {
		fmt.Fprintf(&b, "  %s (%s)\n", module, l.expression(module))
	}
	for _, module := range sortedKeys(l) {
		for _, t := range l[module] {
			fmt.Fprintf(&b, "\n%s\n%s: %s\n%s\n\n%s\n", rule, module, t.name, rule, strings.TrimSpace(t.text))
		}
	}
	return []byte(b.String())
}
