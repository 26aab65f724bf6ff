package main

import (
	"context"
	"fmt"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type rateCmd struct {
	which
	Item itemArg `arg:"" help:"Item, such as GV.OC-01/secure."`

	Current  *level    `xor:"current" placeholder:"N" help:"Current rating: 0 Not, 1 Partially, 2 Largely, 3 Fully achieved. Where a question has two halves, the weaker half decides."`
	Clear    bool      `xor:"current" help:"Make the item unrated again."`
	Inherit  bool      `xor:"current" help:"Take the base rating of the Subcategory, where the draft says that standard practices apply."`
	Confirm  bool      `help:"Say that what was answered still holds, after the pack changed what the item asks. A rating says so too."`
	Target   *aim      `xor:"target" placeholder:"N" help:"Target, 1 to 3; --reason is its rationale."`
	NoTarget bool      `xor:"target" help:"Remove the target."`
	Out      *string   `xor:"profile" placeholder:"REASON" help:"Take the item out of profile, for that reason."`
	In       bool      `xor:"profile" help:"Take the item back into the profile."`
	Note     *string   `placeholder:"TEXT" help:"Replace the note; an empty text removes it."`
	Owner    *string   `placeholder:"WHO" help:"Replace the owner; an empty text removes it."`
	Asked    []string  `sep:"none" placeholder:"ROLE" help:"Role that was asked; may be repeated, and replaces those that were there."`
	Priority *priority `placeholder:"N" help:"Priority of your own (1 High, 2 Moderate, 3 Foundational), for --reason; 0 goes back to the draft's."`
	Reason   string    `placeholder:"TEXT" help:"Rationale of the target, reason of the priority, and why in the journal."`
}

func (c *rateCmd) subject() string { return c.Item.id.String() }

func (c *rateCmd) Run(p *program) error {
	if c.Current == nil && !c.Clear && !c.Inherit && !c.Confirm && c.Target == nil && !c.NoTarget && c.Out == nil && !c.In &&
		c.Note == nil && c.Owner == nil && c.Asked == nil && c.Priority == nil {
		return usagef("nothing to record is given; plumbline rate --help lists what can be")
	}
	c.Item.notice(p)
	s, delta, err := p.change(c.Session, c.Reason, c.edit)
	if err != nil {
		return err
	}
	return p.rated(s.Snapshot(), delta, c.Item.id)
}

// edit does all that the flags say, as one act. The item comes back into the profile first and leaves
// it last, so that it can be rated in the same act.
func (c *rateCmd) edit(_ *assessment.Snapshot, e *assessment.Edit) error {
	id := c.Item.id
	var steps []func() error
	step := func(wanted bool, do func() error) {
		if wanted {
			steps = append(steps, do)
		}
	}
	step(c.In, func() error { return e.Include(id) })
	step(c.Priority != nil, func() error { return e.Prioritize(id, c.Priority.of, c.Reason) })
	step(c.Current != nil, func() error { return e.Rate(id, c.Current.rating) })
	step(c.Clear, func() error { return e.Rate(id, assessment.Unrated) })
	step(c.Inherit, func() error { return e.Inherit(id) })
	step(c.Confirm, func() error { return e.Confirm(id) })
	step(c.Target != nil, func() error { return e.Target(id, c.Target.rating, c.Reason) })
	step(c.NoTarget, func() error { return e.Target(id, assessment.NoTarget, "") })
	step(c.Note != nil, func() error { return e.Note(id, *c.Note) })
	step(c.Owner != nil, func() error { return e.Owner(id, *c.Owner) })
	step(c.Asked != nil, func() error { return e.Asked(id, c.Asked) })
	step(c.Out != nil, func() error { return e.Exclude(id, *c.Out) })
	for _, do := range steps {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// rated prints an item after an act on it.
func (p *program) rated(s *assessment.Snapshot, delta assessment.Delta, id content.ItemID) error {
	index, _ := s.Catalog().Index(id) // the act knew the item
	e := s.Entry(index)
	if len(delta.Events) == 0 {
		p.say("nothing changed: %v says so already", id)
	}
	switch e.State {
	case assessment.OutsidePath:
		p.say("%v is outside the session's path %q: it is kept and counts in no figure", id, s.Info().Path)
	case assessment.AreaOutOfScope:
		p.say("the Focus Area of %v is out of scope: it is kept and counts in no figure", id)
	}
	if p.JSON {
		_, on, err := p.today()
		if err != nil {
			return err
		}
		return p.json(wire.KindRate, nil, s, wire.Rated{
			Item: wire.ItemEntryOf(s, e, on), Events: wire.EventsOf(delta.Events),
		})
	}
	t := s.Tally()
	p.print("%v: %s · rated %s", id, standing(e), share(assessment.Ratio{Num: t.Rated(), Den: t.InProfile}))
	return nil
}

// standing says in one line how an item stands.
func standing(e assessment.Entry) string {
	r := e.Response
	parts := []string{"current " + worded(r.Current), "target " + worded(r.Target)}
	if !r.Current.Known() {
		parts[0] = "unrated"
	} else if r.Inherited {
		parts[0] += " (inherited)"
	}
	if !r.Target.Known() {
		parts[1] = "no target"
	}
	if e.Known() && e.State.InProfile() {
		parts = append(parts, fmt.Sprintf("gap %d", e.Gap()))
	}
	if r.Accepted != nil {
		parts = append(parts, "accepted until "+string(r.Accepted.Expires))
	}
	if !e.State.InProfile() {
		parts = append(parts, e.State.Words())
	}
	if r.ToConfirm {
		parts = append(parts, "to re-confirm")
	}
	if n := len(r.Evidence); n > 0 {
		parts = append(parts, fmt.Sprintf("%d evidence, strongest %v", n, r.Grade()))
	}
	return strings.Join(parts, ", ")
}

// worded is "2 Largely achieved".
func worded(r assessment.Rating) string { return r.String() + " " + r.Word() }

type evidenceCmd struct {
	which
	Item itemArg `arg:"" help:"Item, such as GV.OC-01/secure."`

	Method *assessment.Method `xor:"entry" placeholder:"METHOD" help:"How it was obtained: tested, examined, interviewed or asserted, the strongest first."`
	Remove *int               `xor:"entry" placeholder:"N" help:"Remove entry N, 1 being the first."`
	Ref    string             `placeholder:"TEXT" help:"What was seen: a document, a ticket, a person's role."`
	Date   day                `placeholder:"DATE" help:"When; without it, today."`
	File   *string            `placeholder:"PATH" help:"Local file: its name and SHA-256 are recorded, the file is not."`
	Reason string             `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *evidenceCmd) subject() string { return c.Item.id.String() }

func (c *evidenceCmd) Run(ctx context.Context, p *program) error {
	id := c.Item.id
	adds := c.Ref != "" || c.File != nil || c.Date.date != ""
	switch {
	case c.Remove != nil && adds:
		return usagef("--remove takes no --ref, --date or --file")
	case c.Remove == nil && (c.Method == nil || c.Ref == ""):
		return usagef("an entry needs --method and --ref")
	}
	c.Item.notice(p)
	var edit func(*assessment.Snapshot, *assessment.Edit) error
	if c.Remove != nil {
		edit = func(_ *assessment.Snapshot, e *assessment.Edit) error { return e.RemoveEvidence(id, *c.Remove-1) }
	} else {
		entry := assessment.Evidence{Method: *c.Method, Ref: c.Ref, Date: c.Date.date}
		if c.File != nil {
			var err error
			if entry.File, entry.SHA256, err = hashFile(ctx, *c.File); err != nil {
				return err
			}
		}
		edit = func(_ *assessment.Snapshot, e *assessment.Edit) error { return e.AddEvidence(id, entry) }
	}
	s, delta, err := p.change(c.Session, c.Reason, edit)
	if err != nil {
		return err
	}
	return p.rated(s.Snapshot(), delta, id)
}

type baseCmd struct {
	which
	Subcategory subArg `arg:"" help:"Subcategory, such as GV.OC-01."`

	Current *level  `xor:"current" placeholder:"N" help:"Base rating: 0 Not, 1 Partially, 2 Largely, 3 Fully achieved. Items that inherit it follow."`
	Clear   bool    `xor:"current" help:"Remove the base rating; items that inherit it become unrated."`
	Note    *string `placeholder:"TEXT" help:"Replace the note on the base rating; an empty text removes it."`
	Reason  string  `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *baseCmd) subject() string { return c.Subcategory.id }

func (c *baseCmd) Run(p *program) error {
	sub := c.Subcategory.id
	if c.Current == nil && !c.Clear {
		return usagef("--current or --clear is missing")
	}
	c.Subcategory.notice(p)
	s, delta, err := p.change(c.Session, c.Reason, func(was *assessment.Snapshot, e *assessment.Edit) error {
		rating, note := assessment.Unrated, ""
		if c.Current != nil {
			rating, note = c.Current.rating, was.Base(sub).Note
		}
		replace(&note, c.Note)
		return e.Base(sub, rating, note)
	})
	if err != nil {
		return err
	}
	if len(delta.Events) == 0 {
		p.say("nothing changed: %s says so already", sub)
	}
	state := s.Snapshot()
	of, _ := state.Catalog().Subcategory(sub) // the act knew it
	base := wire.BaseOf(state, of)
	if p.JSON {
		return p.json(wire.KindBase, nil, state, wire.Based{Base: base, Events: wire.EventsOf(delta.Events)})
	}
	line := "no base rating"
	if base.Current.Known() {
		line = "base rating " + worded(base.Current)
	}
	if len(base.InheritedBy) > 0 {
		names := make([]string, len(base.InheritedBy))
		for i, id := range base.InheritedBy {
			names[i] = id.Area.Label()
		}
		line += ", inherited by " + strings.Join(names, ", ")
	}
	p.print("%s: %s", sub, line)
	return nil
}
