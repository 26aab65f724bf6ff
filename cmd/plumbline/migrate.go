package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type contentDiffCmd struct {
	Pack    string `arg:"" help:"The other pack: a folder, or a zip."`
	Session string `arg:"" optional:"" help:"Session whose pack is compared, and what of it the difference touches; without it the pack that is built in."`
}

func (c *contentDiffCmd) Run(p *program) (err error) {
	other, err := openPack(c.Pack)
	if err != nil {
		return err
	}
	if err := other.Close(); err != nil {
		return err
	}
	if c.Session == "" {
		cat, err := content.Embedded()
		if err != nil {
			return err
		}
		diff := wire.ContentDiffOf(content.Compare(cat, other.cat))
		if p.JSON {
			return p.json(wire.KindContentDiff, cat, nil, diff)
		}
		p.difference(diff)
		return nil
	}
	s, err := p.read(c.Session)
	if err != nil {
		return err
	}
	diff := wire.MigrationOf(s.Migration(other.cat))
	if p.JSON {
		return p.json(wire.KindContentDiff, nil, s, diff)
	}
	p.difference(diff)
	return nil
}

type sessionMigrateCmd struct {
	which
	Pack   string `required:"" placeholder:"PACK" help:"The pack to move to: a folder, or a zip."`
	DryRun bool   `help:"Only say what would change."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *sessionMigrateCmd) Run(p *program) (err error) {
	to, err := openPack(c.Pack)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if c.DryRun {
		s, err := p.read(c.Session)
		if err != nil {
			return err
		}
		return p.migrated(s, wire.Migrated{DryRun: true, Diff: wire.MigrationOf(s.Migration(to.cat))})
	}

	st, err := p.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	s, err := p.loadSound(st, c.Session)
	if err != nil {
		return err
	}
	act, err := p.act(s.Info().Assessors, c.Reason)
	if err != nil {
		return err
	}
	was := s.Snapshot()
	result := wire.Migrated{Diff: wire.MigrationOf(was.Migration(to.cat))}
	delta, err := s.Migrate(to.cat, act)
	if err != nil {
		return err
	}
	if len(delta.Events) == 0 {
		return p.migrated(s.Snapshot(), result)
	}
	// Whatever is needed to go back is on disk before anything changes: the store as it is, and both
	// packs, of which a later version of the program may have neither built in.
	if result.Backup, err = st.Backup(); err != nil {
		return fmt.Errorf("nothing was changed: there must be a backup first: %w", err)
	}
	if built, err := content.Embedded(); err == nil && was.Pack().Names(built) {
		if err := keepPack(st.Path(), built, content.EmbeddedFiles()); err != nil {
			return fmt.Errorf("nothing was changed: %w", err)
		}
	}
	if err := keepPack(st.Path(), to.cat, to.files); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	if err := st.Apply(delta); err != nil {
		return err
	}
	result.Events = wire.EventsOf(delta.Events)
	return p.migrated(s.Snapshot(), result)
}

// migrated prints what a migration did, or would do.
func (p *program) migrated(s *assessment.Snapshot, m wire.Migrated) error {
	if m.Events == nil {
		m.Events = []wire.EventRow{}
	}
	if p.JSON {
		return p.json(wire.KindMigrate, nil, s, m)
	}
	p.difference(m.Diff)
	switch {
	case m.Diff.SameFacts:
		p.say("nothing to migrate: the pack has the same facts; new wording is adopted with the next change")
	case m.DryRun:
		p.say("nothing was changed; without --dry-run the store is backed up and the session is moved")
	default:
		p.say("the store as it was is at %q", m.Backup)
		p.say("moved to %v; u in the app takes it back as one, and plumbline report --at %d is the report of before",
			s.Pack(), m.Events[0].Seq-1)
	}
	return nil
}

// difference prints what differs between two packs, and what of a session that touches.
func (p *program) difference(d wire.ContentDiff) {
	for _, side := range []struct {
		word string
		pack wire.Pack
	}{{"from", d.From}, {"to", d.To}} {
		p.print("%-4s %s edition %d, %s, facts %.12s", side.word, side.pack.ID, side.pack.Version, side.pack.Status, side.pack.Facts)
	}
	counts := make(map[string]int)
	if len(d.Items) > 0 {
		p.print("")
		t := p.table("ITEM", "CHANGE", "RE-CONFIRM", "TITLE")
		for _, c := range d.Items {
			counts[c.Change]++
			t.row(c.Item, strings.Join(changes(c), "; "), yes(c.Reconfirm), ellipsis(c.Title, 50))
		}
		t.end()
	}
	p.print("")
	p.print("%d items differ: %d changed, %d added, %d removed", len(d.Items), counts["changed"], counts["added"], counts["removed"])
	for _, c := range d.Subcategories {
		what := c.Change
		if len(c.Fields) > 0 {
			what += ": " + strings.Join(c.Fields, ", ")
		}
		p.print("Subcategory %s %s", c.Subcategory, what)
	}
	if d.Touched != nil {
		p.touched(*d.Touched)
	}
}

// changes says what changes in an item, in short parts.
func changes(c wire.ItemChange) []string {
	if c.Change != "changed" {
		return []string{c.Change}
	}
	var parts []string
	if *c.Priority.From != *c.Priority.To {
		parts = append(parts, fmt.Sprintf("priority %v → %v", *c.Priority.From, *c.Priority.To))
	}
	if *c.StandardPractices.From != *c.StandardPractices.To {
		parts = append(parts, fmt.Sprintf("practices %s → %s", practices(*c.StandardPractices.From), practices(*c.StandardPractices.To)))
	}
	if len(c.Fields) > 0 {
		parts = append(parts, "words: "+strings.Join(c.Fields, ", "))
	}
	return parts
}

func yes(v bool) string {
	if v {
		return "yes"
	}
	return unknown
}

func (p *program) touched(d wire.Touched) {
	p.print("")
	if len(d.Responses) == 0 {
		p.print("nothing is recorded for the items that differ")
	} else {
		t := p.table("RECORDED FOR", "CURRENT", "TARGET", "EVIDENCE", "ACTIONS", "STATE", "BECOMES")
		for _, r := range d.Responses {
			state := []string{}
			for _, st := range []*assessment.State{r.State.From, r.State.To} {
				if st != nil && !slices.Contains(state, st.Words()) {
					state = append(state, st.Words())
				}
			}
			becomes := fateWords[r.Becomes]
			if r.EndsInheritance {
				becomes += ", no longer inherited"
			}
			t.row(r.Item, r.Current, r.Target, r.Evidence, orUnknown(strings.Join(r.Actions, ", ")), strings.Join(state, " → "), becomes)
		}
		t.end()
	}
	for _, b := range d.Bases {
		p.print("base rating of %s, %v: %s", b.Subcategory, b.Current, fateWords[b.Becomes])
	}
	for _, a := range d.Actions {
		var items []string
		for _, id := range a.Items {
			items = append(items, id.String())
		}
		p.print("action %s %q names %s", a.ID, ellipsis(a.Title, 60), strings.Join(items, ", "))
	}
	for _, side := range []struct {
		word string
		f    wire.Figures
	}{{"before", d.Before}, {"after", d.After}} {
		attained := unknown
		if side.f.Attainment != nil {
			attained = side.f.Attainment.String()
		}
		p.print("%-6s %d items, %d in profile, %d rated, %d of them to re-confirm, %d gaps, attainment %s", side.word,
			side.f.Items, side.f.InProfile, side.f.States.Rated, side.f.ToConfirm, side.f.Gaps, attained)
	}
}

var fateWords = map[assessment.Fate]string{
	assessment.Kept:        "kept",
	assessment.Requeued:    "kept, to re-confirm",
	assessment.PutAside:    "moved aside, no longer in the pack",
	assessment.BroughtBack: "brought back",
}
