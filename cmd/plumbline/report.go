package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/sshsig"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/reports/wire"
)

type reportCmd struct {
	which
	Kind      reportKind   `default:"gap" placeholder:"KIND" help:"Kind of report: ${kinds}."`
	Format    reportFormat `placeholder:"FORMAT" help:"${formats}; without it, what the name of the file says, else html. Which kind has which: docs/formats.md."`
	At        string       `placeholder:"HEAD" help:"Report the state that the session had then: a journal head as reports print it, or the id or label of a snapshot. The pack is the one of then."`
	Against   string       `xor:"other" placeholder:"HEAD" help:"compare: the earlier state of this session, named as for --at."`
	With      string       `xor:"other" placeholder:"SESSION" help:"compare: the other session."`
	Area      *area        `placeholder:"AREA" help:"csfp, csfa: the Focus Area whose ratings are written; without it, the base ratings."`
	Role      []role       `sep:"none" placeholder:"ROLE" help:"interview, evidence-requests: for this role alone, such as CISO; may be repeated."`
	Unrated   bool         `name:"open" help:"interview, evidence-requests: only the items that are not rated yet."`
	Version   string       `name:"oscal-version" placeholder:"N" help:"oscal: version that the files state: 1.1.3, 1.2.1 or 1.2.2; without it 1.2.1."`
	Out       *string      `placeholder:"FILE" help:"File to write, or - for standard output (text formats); for oscal also a folder. Without it a name made of the session, in this folder."`
	Force     bool         `help:"Replace a file that is there."`
	Delimiter *delimiter   `placeholder:"SIGN" help:"What separates the cells of CSV: a comma, a semicolon or tab; without it a comma."`
	signFlags
}

// Help is shown below the flags: which kind has which formats.
func (c *reportCmd) Help() string {
	var b strings.Builder
	b.WriteString("Kinds, what each tells, and its formats:\n")
	for _, k := range reports.Kinds() {
		fmt.Fprintf(&b, "\n%s: %s\n  %s\n", k, reports.Tells(k), listed(reports.Formats(k)))
	}
	return b.String()
}

func (c *reportCmd) Run(ctx context.Context, p *program) error {
	kind := reports.Kind(c.Kind)
	format, err := c.format(kind)
	if err != nil {
		return err
	}
	if err := c.fits(kind, format); err != nil {
		return err
	}
	toStdout := c.Out != nil && *c.Out == "-"
	if toStdout && p.JSON {
		return usagef("--json says on standard output what was written to a file; with --out - there would be two answers (--format json is the report as JSON)")
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	s, o, err := c.subject(p, kind)
	if err != nil {
		return err
	}
	var made reports.Artifact
	var data []byte
	if err := p.patiently(ctx, "making the report", func() (err error) {
		if made, err = reports.Build(kind, format, s, o); err != nil {
			return err
		}
		var b bytes.Buffer
		err = made.Write(&b)
		data = b.Bytes()
		return err
	}); err != nil {
		return err
	}
	check := func(data []byte) error {
		return p.patiently(ctx, "checking the report", func() error { return made.Check(data) })
	}
	for _, lost := range reports.Loss(format, s, o) {
		p.say("not in it: %s", lost)
	}
	if format == reports.CSV && kind != reports.Profile { // NIST's template has a column for notes
		p.say("not in it: %sthe pack and its draft status, session and journal head; a CSV has no place for them, so send the XLSX or JSON of this report with it", marked(s, o))
	}
	if toStdout {
		if err := check(data); err != nil {
			return err
		}
		_, err := p.stdout.Write(data)
		return err
	}
	file := reports.FileName(s, kind, format, o)
	if c.Out != nil {
		file = *c.Out
	}
	signature := ""
	if key != nil {
		signature = signatureFile(file)
		if err := p.mayWrite(signature, c.Force); err != nil { // before the report is there without it
			return fmt.Errorf("write %q: %w", signature, err)
		}
	}
	written := []string{file}
	if format == reports.OSCAL && asFolder(file) {
		if key != nil {
			return usagef("--sign: %q is a folder, and a signature is of one file; name a ZIP", file)
		}
		if err := check(data); err != nil {
			return err
		}
		if written, err = p.writeFolder(ctx, file, data, c.Force); err != nil {
			return err
		}
	} else if err := p.writeFile(ctx, file, data, c.Force, check); err != nil {
		return err
	}
	if key != nil {
		sig := sshsig.Sign(key, sshsig.Report, data)
		if err := p.writeFile(ctx, signature, sig, c.Force, func(back []byte) error {
			return checkSignature(back, key, sshsig.Report, data)
		}); err != nil {
			return fmt.Errorf("the report %q is there, without a signature: %w", file, err)
		}
	}
	if key == nil {
		p.doubtSignatures(written)
	}
	if p.JSON {
		return p.json(wire.KindReport, nil, s, wire.Written{
			Kind: string(kind), Format: string(format), File: file, Bytes: len(data), SHA256: sha256Of(data), Signed: signature,
		})
	}
	p.say("wrote %q (%s, %d bytes)", file, format, len(data))
	if key != nil {
		p.say("wrote %q, its signature with the key %s", signature, signedBy(key).Fingerprint)
	}
	return nil
}

// marked is what a file without a place for it leaves out of the classification marking: "the marking
// TLP:AMBER, ", "" where there is none. A comparison has that of both states.
func marked(s *assessment.Snapshot, o reports.Options) string {
	var list []string
	for _, of := range []*assessment.Snapshot{s, o.Against} {
		if of == nil {
			continue
		}
		if m := of.Info().Marking; m != "" && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	if list == nil {
		return ""
	}
	return "the marking " + strings.Join(list, " / ") + ", "
}

// fits refuses flags that the kind or the format has no use for, and a lack of those that it needs.
func (c *reportCmd) fits(kind reports.Kind, format reports.Format) error {
	compares := c.Against != "" || c.With != ""
	switch {
	case c.Delimiter != nil && reports.Extension(kind, format) != "csv":
		return usagef("--delimiter goes with --format csv, not with %s", format)
	case c.Delimiter != nil && format == reports.CISOCSV:
		return usagef("--delimiter: CISO Assistant reads commas alone")
	case c.Area != nil && !reports.NeedsArea(format):
		return usagef("--area goes with --format csfp and csfa, not with %s", format)
	case len(c.Role) > 0 && !reports.ByRole(kind):
		return usagef("--role goes with --kind interview and evidence-requests, not with %s", kind)
	case c.Unrated && !reports.ByRole(kind):
		return usagef("--open goes with --kind interview and evidence-requests, not with %s", kind)
	case c.Version != "" && format != reports.OSCAL:
		return usagef("--oscal-version goes with --format oscal, not with %s", format)
	case compares && kind != reports.Compare:
		return usagef("--against and --with go with --kind compare, not with %s", kind)
	case !compares && kind == reports.Compare:
		return usagef("--kind compare needs --against HEAD (another state of the session) or --with SESSION")
	case c.Out != nil && *c.Out == "":
		return usagef("--out: the name of the file is missing")
	case c.Out != nil && *c.Out == "-" && c.Sign != "":
		return usagef("--sign: the signature of a report lies beside its file; with --out - there is none")
	case c.Out != nil && *c.Out == "-" && !reports.IsText(kind, format):
		return usagef("--out -: %s is no text; name a file", format)
	}
	return nil
}

// subject returns the state that is reported, and the options of the report.
func (c *reportCmd) subject(p *program, kind reports.Kind) (*assessment.Snapshot, reports.Options, error) {
	fail := func(err error) (*assessment.Snapshot, reports.Options, error) { return nil, reports.Options{}, err }
	session, err := p.readSession(c.Session)
	if err != nil {
		return fail(err)
	}
	s, err := stateAt("--at", session, c.At)
	if err != nil {
		return fail(err)
	}
	o, err := p.options()
	if err != nil {
		return fail(err)
	}
	if c.Delimiter != nil {
		o.Delimiter = c.Delimiter.sign
	}
	if c.Area != nil {
		o.Area = &c.Area.of
	}
	for _, r := range c.Role {
		o.Roles = append(o.Roles, string(r))
	}
	o.OSCAL, o.Open = c.Version, c.Unrated
	if o.Journal, err = journalOf(session, s.Head()); err != nil && o.Damage == "" {
		return fail(err)
	}
	if kind == reports.Compare {
		other := session
		if c.With != "" {
			if other, err = p.readSession(c.With); err != nil {
				return fail(fmt.Errorf("--with: %w", err))
			}
			o.Damage = p.damage
		}
		if o.Against, err = stateAt("--against", other, c.Against); err != nil {
			return fail(err)
		}
	}
	return s, o, nil
}

// journalOf returns the events of the session up to a head, as far as they can be read.
func journalOf(s *assessment.Session, head assessment.Head) ([]assessment.Event, error) {
	events := []assessment.Event{}
	for e, err := range s.Events() {
		if err != nil || e.Seq > head.Seq {
			return events, err
		}
		events = append(events, e)
	}
	return events, nil
}

// reportKind is the name of a kind of report.
type reportKind reports.Kind

// UnmarshalText reads the name.
func (k *reportKind) UnmarshalText(text []byte) error {
	*k = reportKind(text)
	if !slices.Contains(reports.Kinds(), reports.Kind(text)) {
		return fmt.Errorf("%q is not a kind of report (%s)", text, listed(reports.Kinds()))
	}
	return nil
}

// reportFormat is the name of a format.
type reportFormat reports.Format

// UnmarshalText reads the name.
func (f *reportFormat) UnmarshalText(text []byte) error {
	*f = reportFormat(text)
	if !slices.Contains(allFormats(), reports.Format(text)) {
		return fmt.Errorf("%q is not a format (%s)", text, listed(allFormats()))
	}
	return nil
}

// allFormats lists the formats that some kind has, in the order of the kinds.
func allFormats() []reports.Format {
	var list []reports.Format
	for _, k := range reports.Kinds() {
		for _, f := range reports.Formats(k) {
			if !slices.Contains(list, f) {
				list = append(list, f)
			}
		}
	}
	return list
}

// area is a Focus Area.
type area struct{ of content.Area }

// UnmarshalText reads the id of the Focus Area.
func (a *area) UnmarshalText(text []byte) (err error) {
	a.of, err = content.ParseArea(string(text))
	return err
}

// role is one of the pack's roles.
type role string

// UnmarshalText reads the name, in any case.
func (r *role) UnmarshalText(text []byte) error {
	for _, name := range content.Roles {
		if strings.EqualFold(name, string(text)) {
			*r = role(name)
			return nil
		}
	}
	return fmt.Errorf("%q is not a role of the pack (%s)", text, listed(content.Roles[:]))
}

// format is the one asked for, else what the file's name says, else the first that the kind has.
func (c *reportCmd) format(kind reports.Kind) (reports.Format, error) {
	known := reports.Formats(kind)
	if c.Format != "" {
		if f := reports.Format(c.Format); slices.Contains(known, f) {
			return f, nil
		}
		return "", usagef("--format: %q is not a format of the %s report (%s)", c.Format, kind, listed(known))
	}
	if c.Out == nil || *c.Out == "-" {
		return known[0], nil
	}
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(*c.Out), "."))
	if ext == "" {
		return known[0], nil
	}
	for _, f := range known { // the first that ends so: csv is before ciso-csv
		if reports.Extension(kind, f) == ext {
			return f, nil
		}
	}
	return "", usagef("--out: the name ends in %q, which is not a format of the %s report (%s); --format says which one is meant", "."+ext, kind, listed(known))
}

func listed[T ~string](names []T) string {
	s := make([]string, len(names))
	for i, n := range names {
		s[i] = string(n)
	}
	return strings.Join(s, ", ")
}

// asFolder reports whether a path names a folder: one that is there, or by its last character.
func asFolder(path string) bool { return isFolder(path) || os.IsPathSeparator(path[len(path)-1]) }

// writeFolder writes the files of a ZIP into a folder, which is made where it is missing. Where one of
// them can not be written, or is there already without force, none is. What was not there before is taken
// back when not all can be written. It returns the paths of the files.
func (p *program) writeFolder(ctx context.Context, dir string, data []byte, force bool) (written []string, err error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, usagef("%q is a folder, and this report is one file", dir)
	}
	var made []string
	defer func() {
		if err != nil {
			for _, path := range slices.Backward(made) {
				os.Remove(path) // a folder with other files in it stays
			}
		}
	}()
	if missing(dir) {
		made = append(made, dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder %q: %w", dir, cause(err))
	}
	for _, f := range archive.File {
		path := filepath.Join(dir, f.Name)
		if err := p.mayWrite(path, force); err != nil {
			return nil, fmt.Errorf("write %q: %w", path, err)
		}
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		part, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, f.Name)
		isNew := missing(path)
		if err := p.writeFile(ctx, path, part, force, func([]byte) error { return nil }); err != nil {
			return nil, err
		}
		if isNew {
			made = append(made, path)
		}
		written = append(written, path)
	}
	return written, nil
}

// missing reports whether there is nothing of that name.
func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
