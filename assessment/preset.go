package assessment

import (
	"fmt"

	"plumbline/content"
)

// Preset proposes a target for every item. Name is kept with each target that it sets.
type Preset struct {
	Name   string
	target func(*content.Item, content.Priority) Rating
}

// AllAt proposes the same target, 1 to 3, for every item.
func AllAt(level int) (Preset, error) {
	target, err := TargetAt(level)
	return Preset{fmt.Sprintf("all-%d", level), func(*content.Item, content.Priority) Rating { return target }}, err
}

// ByPriority proposes a target for each priority, as a person chose them; a priority that is not in
// the map is left alone. Priority by itself never sets a target.
func ByPriority(levels map[content.Priority]int) (Preset, error) {
	targets := make(map[content.Priority]Rating)
	for p, n := range levels {
		t, err := TargetAt(n)
		if err != nil {
			return Preset{}, err
		}
		targets[p] = t
	}
	return Preset{"by-priority", func(_ *content.Item, p content.Priority) Rating { return targets[p] }}, nil
}

// Cell is a cell of the grid Function × Focus Area.
type Cell struct {
	Function string
	Area     content.Area
}

// ByGrid proposes a target for each cell of the grid Function × Focus Area; a cell that is not in the
// map is left alone.
func ByGrid(levels map[Cell]int) (Preset, error) {
	targets := make(map[Cell]Rating)
	for c, n := range levels {
		t, err := TargetAt(n)
		if err != nil {
			return Preset{}, err
		}
		targets[c] = t
	}
	return Preset{"grid", func(it *content.Item, _ content.Priority) Rating {
		return targets[Cell{it.ID.Function(), it.ID.Area}]
	}}, nil
}

// FromSession proposes the targets of another session, item by item.
func FromSession(other *Snapshot) Preset {
	return Preset{"session " + other.info.ID, func(it *content.Item, _ content.Priority) Rating {
		if i, ok := other.cat.Index(it.ID); ok {
			return other.responses[i].Target
		}
		return NoTarget
	}}
}

// PresetResult says what a preset does: how many targets it sets, how many are so already, and how
// many individual targets it leaves alone although it proposes another level.
type PresetResult struct {
	Set  int `json:"set"`
	Same int `json:"same"`
	Kept int `json:"kept"`
}

// Apply sets targets by a preset, with the rationale, on the in-profile items alone. Individual
// targets are left alone unless overwrite says so.
func (e *Edit) Apply(p Preset, reason string, overwrite bool) (PresetResult, error) {
	reason, err := prose("rationale of the targets", reason)
	if err != nil {
		return PresetResult{}, err
	}
	if reason == "" {
		return PresetResult{}, fmt.Errorf("targets by preset: %w", ErrNoReason)
	}
	res, changes := e.s.preset(p, overwrite)
	for _, c := range changes {
		r, err := e.response(c.id)
		if err != nil {
			return PresetResult{}, err
		}
		r.Target, r.TargetReason, r.Preset = c.target, reason, p.Name
	}
	return res, nil
}

// Preview says what Apply would do.
func (s *Snapshot) Preview(p Preset, overwrite bool) PresetResult {
	res, _ := s.preset(p, overwrite)
	return res
}

type targetChange struct {
	id     content.ItemID
	target Rating
}

func (s *Snapshot) preset(p Preset, overwrite bool) (res PresetResult, changes []targetChange) {
	for e := range s.Entries() {
		if !e.State.InProfile() {
			continue
		}
		switch t := p.target(e.Item, e.Priority); {
		case !t.Known():
		case t == e.Response.Target:
			res.Same++
		case e.Response.Target.Known() && e.Response.Preset == "" && !overwrite:
			res.Kept++
		default:
			res.Set++
			changes = append(changes, targetChange{e.Item.ID, t})
		}
	}
	return res, changes
}
