package main

import (
	"errors"
	"fmt"
	"slices"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/reports/wire"
)

// preset is the name of a preset of targets.
type preset string

// The presets. The first three can be written as their digit.
const (
	all1       preset = "all-1"
	all2       preset = "all-2"
	all3       preset = "all-3"
	byPriority preset = "by-priority"
	byGrid     preset = "grid"
	bySession  preset = "session"
)

// UnmarshalText reads the name.
func (n *preset) UnmarshalText(text []byte) error {
	names := []preset{all1, all2, all3, byPriority, byGrid, bySession}
	*n = preset(text)
	if len(text) == 1 {
		*n = "all-" + *n
	}
	if !slices.Contains(names, *n) {
		return fmt.Errorf("%q is not a preset (one of %q)", text, names)
	}
	return nil
}

// levels are what by-priority sets: a person chooses them, a priority by itself sets no target.
type levels struct {
	High         *aim `placeholder:"N" help:"by-priority: target of the High items."`
	Moderate     *aim `placeholder:"N" help:"by-priority: target of the Moderate items."`
	Foundational *aim `placeholder:"N" help:"by-priority: target of the Foundational items."`
}

func (l levels) chosen() map[content.Priority]int {
	chosen := make(map[content.Priority]int)
	for p, a := range map[content.Priority]*aim{content.High: l.High, content.Moderate: l.Moderate, content.Foundational: l.Foundational} {
		if a != nil {
			chosen[p] = a.number()
		}
	}
	return chosen
}

// of returns the preset that needs no more than the levels.
func (n preset) of(l levels) (assessment.Preset, error) {
	chosen := l.chosen()
	switch {
	case n == byPriority && len(chosen) == 0:
		return assessment.Preset{}, usagef("it needs a level: --high, --moderate or --foundational")
	case n != byPriority && len(chosen) > 0:
		return assessment.Preset{}, usagef("--high, --moderate and --foundational go with by-priority, not with %s", n)
	}
	switch n {
	case byPriority:
		return assessment.ByPriority(chosen)
	case all1:
		return assessment.AllAt(1)
	case all2:
		return assessment.AllAt(2)
	case all3:
		return assessment.AllAt(3)
	}
	return assessment.Preset{}, usagef("the preset %s is set with plumbline target", n)
}

type targetCmd struct {
	which
	Preset preset `required:"" placeholder:"PRESET" help:"all-1, all-2 or all-3; by-priority with --high, --moderate, --foundational; grid with --set; session with --from."`
	levels
	Set       []cell  `sep:"none" placeholder:"GV/secure=N" help:"grid: target of a Function in a Focus Area; may be repeated."`
	From      *string `placeholder:"SESSION" help:"session: the session whose targets are taken."`
	Reason    string  `required:"" placeholder:"TEXT" help:"Rationale of the targets."`
	Overwrite bool    `help:"Replace individual targets too; without it they are left alone."`
	DryRun    bool    `help:"Say what would be set, and set nothing."`
}

func (c *targetCmd) Run(p *program) (err error) {
	if (c.Preset == byGrid) != (len(c.Set) > 0) {
		return usagef("the preset grid and --set go together")
	}
	if (c.Preset == bySession) != (c.From != nil) {
		return usagef("the preset session and --from go together")
	}
	st, err := p.open(c.DryRun)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	s, err := p.loadSound(st, c.Session)
	if err != nil {
		return err
	}
	target, err := c.preset(p, st, s.Catalog())
	if err != nil {
		return err
	}
	var res assessment.PresetResult
	if c.DryRun {
		res = s.Preview(target, c.Overwrite)
	} else if res, err = c.apply(p, st, s, target); err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindTarget, nil, s.Snapshot(), wire.Targeted{
			Preset: target.Name, Reason: assessment.CleanLine(c.Reason), Set: res.Set, Same: res.Same, Kept: res.Kept,
		})
	}
	verb := "set"
	if c.DryRun {
		verb = "would be set"
	}
	p.print("%d targets %s, %d are so already, %d individual targets left alone", res.Set, verb, res.Same, res.Kept)
	return nil
}

func (c *targetCmd) apply(p *program, st *store.Store, s *assessment.Session, target assessment.Preset) (res assessment.PresetResult, err error) {
	act, err := p.act(s.Info().Assessors, c.Reason)
	if err != nil {
		return res, err
	}
	delta, err := s.Do(act, func(e *assessment.Edit) (err error) {
		res, err = e.Apply(target, c.Reason, c.Overwrite)
		return err
	})
	if err != nil || len(delta.Events) == 0 {
		return res, err
	}
	return res, st.Apply(delta)
}

func (c *targetCmd) preset(p *program, st *store.Store, cat *content.Catalog) (assessment.Preset, error) {
	switch c.Preset {
	case byGrid:
		grid := make(map[assessment.Cell]int)
		for _, s := range c.Set {
			if _, ok := cat.Function(s.of.Function); !ok {
				return assessment.Preset{}, usagef("--set: %q is not a Function", s.of.Function)
			}
			grid[s.of] = s.level
		}
		return assessment.ByGrid(grid)
	case bySession:
		other, err := p.loadSound(st, *c.From)
		if err != nil {
			return assessment.Preset{}, fmt.Errorf("--from: %w", err)
		}
		return assessment.FromSession(other.Snapshot()), nil
	}
	return c.Preset.of(c.levels)
}
