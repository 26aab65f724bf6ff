package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"plumbline/content/official"
	"plumbline/reports/wire"
)

type contentAddCmd struct {
	File string `arg:"" help:"The CSF 2.0 OSCAL catalog (JSON), or the JSON or XLSX export of the CSF 2.0 Reference Tool, as NIST offers them."`
}

func (c *contentAddCmd) Run(ctx context.Context, p *program) error {
	data, err := readFile(c.File, official.MaxSize)
	if err != nil {
		return err
	}
	w, err := official.Read(filepath.Base(c.File), data)
	if err != nil {
		return err
	}
	path, err := p.officialPath()
	if err != nil {
		return err
	}
	before, damage := readOfficial(path)
	kept, err := w.Encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder %q: %w", filepath.Dir(path), cause(err))
	}
	check := func(data []byte) error { _, err := official.Decode(data); return err }
	if err := p.writeFile(ctx, path, kept, true, check); err != nil {
		return err
	}
	added := wire.OfficialAddedOf(w, path)
	if before != nil {
		added.Replaced = new(wire.OfficialSourceOf(before))
	}
	if p.JSON {
		return p.json(wire.KindContentAdd, nil, nil, added)
	}
	p.print("NIST's official wording, from %v", w.Source)
	p.print("%d Functions, %d Categories, %d Subcategories, %d implementation examples; %d withdrawn entries left out",
		added.Functions, added.Categories, added.Subcategories, added.Examples, added.Withdrawn)
	p.print("kept in %q", path)
	for _, n := range w.Notices {
		p.say("%s", n)
	}
	switch {
	case damage != nil:
		p.say("it replaces one that could not be read: %v", damage)
	case before != nil:
		p.say("it replaces %v", before.Source)
	}
	return nil
}

// officialPath is where a copy of NIST's official wording is kept: beside the store.
func (p *program) officialPath() (string, error) {
	path, err := p.storePath()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(path), official.FileName), nil
}

// readOfficial returns the wording that is kept in a file, nil where there is none.
func readOfficial(path string) (*official.Wording, error) {
	data, err := readFile(path, official.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w, err := official.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%w; plumbline content add makes it anew", err)
	}
	return w, nil
}

// official returns the wording that the user has added, nil where there is none. One that can not be
// read is worth a warning and no more.
func (p *program) official() *official.Wording {
	path, err := p.officialPath()
	if err != nil {
		return nil // the pack can be read without a folder for data
	}
	w, err := readOfficial(path)
	if err != nil {
		p.say("warning: NIST's official wording is left out: %v", err)
	}
	return w
}

// readFile reads a regular file: all of it, or one byte more than limit of a larger one, for the
// reader of the bytes to refuse.
func readFile(path string, limit int64) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("read %q: %w", path, cause(err)) }
	info, err := os.Stat(path) // before it is opened: opening a pipe waits
	if err != nil {
		return fail(err)
	}
	if !info.Mode().IsRegular() {
		return fail(usagef("it is no regular file"))
	}
	f, err := os.Open(path)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return fail(err)
	}
	return data, nil
}
