package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/assessment/intake"
	"plumbline/reports/wire"
)

// mapping says which rating a value of a file's scale stands for: "Current Status:Partial=1", or
// "Partial=1" where the file has one scale. "proposed" takes every proposal.
type mapping struct {
	proposed bool
	of       string            // scale and value, or the value alone
	to       assessment.Rating // Unrated leaves the value out
}

// UnmarshalText reads a mapping. What it maps, only the file can tell.
func (m *mapping) UnmarshalText(text []byte) error {
	if string(text) == "proposed" {
		m.proposed = true
		return nil
	}
	i := strings.LastIndexByte(string(text), '=')
	if i <= 0 {
		return fmt.Errorf(`%q is not a mapping such as "Current Status:Partial=1", or proposed`, text)
	}
	m.of = string(text[:i])
	if to := string(text[i+1:]); to != "-" && to != "skip" {
		var l level
		if err := l.UnmarshalText([]byte(to)); err != nil {
			return fmt.Errorf("%w; - leaves the value out", err)
		}
		m.to = l.rating
	}
	return nil
}

// in finds what is mapped in the scales of a file.
func (m mapping) in(scales []intake.Scale) (scale, value string, err error) {
	found := 0
	for _, sc := range scales {
		for _, v := range sc.Values {
			if !sameLine(m.of, sc.Name+":"+v.Text) && (len(scales) > 1 || !sameLine(m.of, v.Text)) {
				continue
			}
			scale, value = sc.Name, v.Text
			found++
		}
	}
	switch {
	case len(scales) == 0:
		return "", "", usagef("--map: the file has no scale but ours")
	case found == 1:
		return scale, value, nil
	case found > 1:
		return "", "", usagef("--map: %q is more than one value of the file", m.of)
	}
	names := make([]string, len(scales))
	for i, sc := range scales {
		names[i] = fmt.Sprintf("%q", sc.Name)
	}
	return "", "", usagef("--map: %q is no value of the file, which has the scale %s; --dry-run lists them", m.of, strings.Join(names, ", "))
}

// sameLine compares what a person typed with what the program printed of a text.
func sameLine(typed, text string) bool {
	return typed == text || assessment.CleanLine(typed) == assessment.CleanLine(text)
}

// choices are what the flags decide about a file.
func (c *importCmd) choices(f *intake.File) (intake.Choices, error) {
	out := intake.Choices{Map: make(map[string]intake.Mapping), Overwrite: c.Overwrite}
	if c.Area != nil {
		out.Area = &c.Area.of
	}
	for _, sc := range f.Scales {
		out.Map[sc.Name] = make(intake.Mapping)
		if slices.ContainsFunc(c.Map, func(m mapping) bool { return m.proposed }) {
			out.Map[sc.Name] = sc.Proposal()
		}
	}
	said := make(map[[2]string]assessment.Rating)
	for _, m := range c.Map {
		if m.proposed && len(f.Scales) > 0 {
			continue
		}
		scale, value, err := m.in(f.Scales)
		if err != nil {
			return out, err
		}
		if other, ok := said[[2]string{scale, value}]; ok && other != m.to {
			return out, usagef("--map: %q is mapped twice, to different levels", m.of)
		}
		said[[2]string{scale, value}] = m.to
		if out.Map[scale][value] = m.to; !m.to.Known() {
			delete(out.Map[scale], value)
		}
	}
	return out, nil
}

// importFile takes a file of ours or of another tool over into one session, in one act. It is read and
// planned whole before anything changes, and planned once more when the store is open for writing.
func (p *program) importFile(ctx context.Context, c *importCmd, data []byte) error {
	var f *intake.File
	err := p.patiently(ctx, fmt.Sprintf("reading %q", c.File), func() (err error) {
		f, err = intake.Read(filepath.Base(c.File), data)
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case c.AsCopy != nil:
		return usagef("--as-copy goes with a bundle, and %q is of the kind %s", c.File, f.Kind.Name())
	case c.Into == "":
		return usagef("%q is of the kind %s, which goes into a session: --into SESSION says which one", c.File, f.Kind.Name())
	}
	if c.Area != nil && !f.RatesWhole() {
		return usagef("--area: %q says nothing of whole Subcategories that an area could take", c.File)
	}
	choices, err := c.choices(f)
	if err != nil {
		return err
	}
	s, plan, err := p.planned(ctx, f, c.Into, choices)
	if err != nil {
		return err
	}
	taken := taken{plan: plan, choices: choices, dryRun: c.DryRun, s: s.Snapshot()}
	if !c.DryRun && plan.Counts.New+plan.Counts.Changed > 0 {
		if taken, err = p.takeOver(ctx, f, c.Into, choices); err != nil {
			return err
		}
	}
	return p.fileDone(taken)
}

// taken is what the import of a file did to a session, or would do.
type taken struct {
	plan    *intake.Plan
	choices intake.Choices
	dryRun  bool
	s       *assessment.Snapshot // after it
	delta   assessment.Delta     // empty where nothing was done
	backup  string
}

// planned works out what a file would change in a session of the store.
func (p *program) planned(ctx context.Context, f *intake.File, into string, choices intake.Choices) (s *assessment.Session, plan *intake.Plan, err error) {
	st, err := p.open(true)
	if errors.Is(err, errNoStore) {
		return nil, nil, fmt.Errorf("--into: %w: %q (%w)", errNoSession, into, err)
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if s, err = p.loadSound(st, into); err != nil {
		return nil, nil, fmt.Errorf("--into: %w", err)
	}
	plan, err = p.planFile(ctx, f, s, choices)
	return s, plan, err
}

func (p *program) planFile(ctx context.Context, f *intake.File, s *assessment.Session, choices intake.Choices) (plan *intake.Plan, err error) {
	snap, now := s.Snapshot(), p.now()
	err = p.patiently(ctx, fmt.Sprintf("planning the import of %q", f.Name), func() (err error) {
		plan, err = f.Plan(snap, now, choices)
		return err
	})
	return plan, err
}

// takeOver imports a file into a session, after a backup of the store.
func (p *program) takeOver(ctx context.Context, f *intake.File, into string, choices intake.Choices) (t taken, err error) {
	st, err := p.open(false)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	s, err := p.loadSound(st, into)
	if err != nil {
		return t, err
	}
	t.choices = choices
	if t.plan, err = p.planFile(ctx, f, s, choices); err != nil {
		return t, err
	}
	act, err := p.act(s.Info().Assessors, "")
	if err != nil {
		return t, err
	}
	t.delta, err = s.Do(t.plan.Act(act.Who), t.plan.Apply)
	if err == nil {
		err = context.Cause(ctx)
	}
	if t.s = s.Snapshot(); err != nil || len(t.delta.Events) == 0 {
		return t, err
	}
	if t.backup, err = st.Backup(); err != nil {
		return t, fmt.Errorf("nothing was imported: there must be a backup first: %w", err)
	}
	return t, st.Apply(t.delta)
}

// fileDone prints what an import did, or would do.
func (p *program) fileDone(t taken) error {
	if p.JSON {
		return p.json(wire.KindImport, nil, t.s, importedOf(t))
	}
	plan, f, in := t.plan, t.plan.File, t.s.Info()
	facts := p.table()
	facts.row("file", fmt.Sprintf("%s, %s", f.Name, f.Kind.Name()))
	facts.row("into", fmt.Sprintf("%s, %s (%s)", in.Organization, in.Name, in.ID[:8]))
	n := plan.Counts
	facts.row("says", fmt.Sprintf("%d new, %d changed, %d the same; %d skipped, %d unmapped, %d in conflict", n.New, n.Changed, n.Same, n.Skipped, n.Unmapped, n.Conflict))
	facts.end()
	for _, sc := range f.Scales {
		p.printScale(sc, t.choices.Map[sc.Name], len(f.Scales) == 1)
	}
	if len(plan.Changes) > 0 {
		p.print("")
		rows := p.table("WHAT", "OF", "FIELD", "IS", "BECOMES", "WHERE")
		for _, c := range plan.Changes {
			where := c.Place.String()
			if c.Why != "" {
				where += ": " + c.Why
			}
			rows.row(c.Outcome, c.About, c.Field, orUnknown(ellipsis(c.Before, 40)), orUnknown(ellipsis(c.After, 40)), where)
		}
		rows.end()
	}
	if len(plan.Problems) > 0 {
		p.print("")
		for _, pr := range plan.Problems {
			p.print("%s: %v", pr.Severity, pr)
		}
	}
	if n.Conflict > 0 && !t.choices.Overwrite {
		p.say("what is in conflict is left as it is; --overwrite takes the file's word")
	}
	switch {
	case n.New+n.Changed == 0:
		p.say("there is nothing to import: nothing was changed")
	case t.dryRun:
		p.say("nothing was changed; without --dry-run, after a backup of the store: %d new, %d changed", n.New, n.Changed)
	default:
		p.say("the store as it was is at %q", t.backup)
		p.say("imported in one act: %d new, %d changed; u in the app takes all of it back", n.New, n.Changed)
	}
	return nil
}

// printScale lists the values of a scale, what they may mean and what was chosen, and how to choose.
func (p *program) printScale(sc intake.Scale, chosen intake.Mapping, only bool) {
	p.print("")
	p.print("scale %q of the file: a value becomes the %s only where a level is chosen for it", sc.Name, sc.Rates)
	rows := p.table("VALUE", "TIMES", "PROPOSED", "CHOSEN", "CHOOSE WITH")
	proposals := false
	for _, v := range sc.Values {
		of, to := v.Text, "LEVEL"
		if !only {
			of = sc.Name + ":" + of
		}
		if v.Proposed.Known() {
			to, proposals = v.Proposed.String(), true
		}
		rows.row(ellipsis(v.Text, 60), v.Count, levelWords(v.Proposed), levelWords(chosen[v.Text]), "--map "+shellWord(of+"="+to))
	}
	rows.end()
	if proposals && len(chosen) == 0 {
		p.print("--map proposed takes all that is proposed")
	}
}

func levelWords(r assessment.Rating) string {
	if !r.Known() {
		return unknown
	}
	return r.String() + " " + r.Word()
}

// shellWord quotes a word for a shell where it needs that.
func shellWord(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:=/+", r))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// importedOf is what an import of a file did, as JSON says it.
func importedOf(t taken) wire.Imported {
	plan, f := t.plan, t.plan.File
	w := wire.Imported{
		File: f.Name, Format: string(f.Kind), SHA256: f.SHA256, DryRun: t.dryRun, Counts: wire.ImportCounts(plan.Counts),
		Scales: []wire.ImportScale{}, Changes: []wire.ImportChange{}, Problems: []wire.ImportProblem{},
		Sessions: []wire.ImportedRow{}, Backup: t.backup, Events: wire.EventsOf(t.delta.Events),
	}
	for _, sc := range f.Scales {
		values := make([]wire.ImportScaleValue, len(sc.Values))
		for i, v := range sc.Values {
			values[i] = wire.ImportScaleValue{Value: v.Text, Count: v.Count, Proposed: v.Proposed, Chosen: t.choices.Map[sc.Name][v.Text]}
		}
		w.Scales = append(w.Scales, wire.ImportScale{Name: sc.Name, Rates: sc.Rates, Values: values})
	}
	for _, c := range plan.Changes {
		w.Changes = append(w.Changes, wire.ImportChange{
			ImportPlace: placeOf(c.Place), Outcome: wire.Outcome(c.Outcome), About: c.About, Field: c.Field, Before: c.Before, After: c.After, Why: c.Why,
		})
	}
	for _, pr := range plan.Problems {
		text := pr.What
		if pr.Do != "" {
			text += ": " + pr.Do
		}
		w.Problems = append(w.Problems, wire.ImportProblem{ImportPlace: placeOf(pr.Place), Severity: pr.Severity.String(), Value: pr.Value, Text: text})
	}
	return w
}

func placeOf(at intake.Place) wire.ImportPlace {
	w := wire.ImportPlace{Sheet: at.Sheet, Column: at.Column, Path: at.Path}
	if at.Row > 0 {
		w.Row = &at.Row
	}
	return w
}
