package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/reports"
	"plumbline/reports/wire"
)

type reportCmd struct {
	which
	Kind      string     `default:"gap" placeholder:"KIND" help:"Kind of report: gap."`
	Format    string     `placeholder:"FORMAT" help:"html, md, json or csv; without it, what the name of the file says, else html."`
	At        string     `placeholder:"HEAD" help:"Report the state that the session had then: a journal head as reports print it, or the id or label of a snapshot. The pack is the one of then."`
	Out       *string    `placeholder:"FILE" help:"File to write, or - for standard output; without it a name made of the session, in this folder."`
	Force     bool       `help:"Replace a file that is there."`
	Delimiter *delimiter `placeholder:"SIGN" help:"What separates the cells of CSV: a comma, a semicolon or tab; without it a comma."`
}

func (c *reportCmd) Run(ctx context.Context, p *program) error {
	kind := reports.Kind(c.Kind)
	format, err := c.format(kind)
	if err != nil {
		return err
	}
	if c.Delimiter != nil && format != reports.CSV {
		return usagef("--delimiter goes with --format csv, not with %s", format)
	}
	if c.Out != nil && *c.Out == "" {
		return usagef("--out: the name of the file is missing")
	}
	toStdout := c.Out != nil && *c.Out == "-"
	if toStdout && p.JSON {
		return usagef("--json says on standard output what was written to a file; with --out - there would be two answers (--format json is the report as JSON)")
	}
	s, err := p.readAt(c.Session, c.At)
	if err != nil {
		return err
	}
	o, err := p.options()
	if err != nil {
		return err
	}
	if c.Delimiter != nil {
		o.Delimiter = c.Delimiter.sign
	}
	data, check, err := render(s, kind, format, o)
	if err != nil {
		return err
	}
	if toStdout {
		if err := check(data); err != nil {
			return err
		}
		_, err := p.stdout.Write(data)
		return err
	}
	file := reports.FileName(s, kind, format)
	if c.Out != nil {
		file = *c.Out
	}
	if err := writeFile(ctx, file, data, c.Force, check); err != nil {
		return err
	}
	if p.JSON {
		sum := sha256.Sum256(data)
		return p.json(wire.KindReport, nil, s, wire.Written{
			Kind: c.Kind, Format: string(format), File: file, Bytes: len(data), SHA256: hex.EncodeToString(sum[:]),
		})
	}
	p.say("wrote %q (%s, %d bytes)", file, format, len(data))
	return nil
}

// render makes a report, and the check that has to pass on what was written of it.
func render(s *assessment.Snapshot, k reports.Kind, f reports.Format, o reports.Options) ([]byte, func([]byte) error, error) {
	var b bytes.Buffer
	err := reports.Write(&b, k, f, s, o)
	return b.Bytes(), func(data []byte) error { return reports.Check(k, f, data, s, o) }, err
}

// format is the one asked for, else what the file's name says, else HTML.
func (c *reportCmd) format(kind reports.Kind) (reports.Format, error) {
	known := reports.Formats(kind)
	if len(known) == 0 {
		return "", usagef("--kind: %q is not a kind of report (gap)", c.Kind)
	}
	if c.Format != "" {
		if f := reports.Format(c.Format); slices.Contains(known, f) {
			return f, nil
		}
		return "", usagef("--format: %q is not a format of the %s report (%s)", c.Format, c.Kind, names(known))
	}
	if c.Out != nil && *c.Out != "-" {
		ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(*c.Out), "."))
		switch f := reports.Format(ext); {
		case slices.Contains(known, f):
			return f, nil
		case ext != "":
			return "", usagef("--out: the name ends in %q, which is not a format of the %s report (%s); --format says which one is meant", "."+ext, c.Kind, names(known))
		}
	}
	return known[0], nil
}

func names(formats []reports.Format) string {
	s := make([]string, len(formats))
	for i, f := range formats {
		s[i] = string(f)
	}
	return strings.Join(s, ", ")
}
