package main

import (
	"fmt"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/wire"
)

type systemCmd struct {
	Session systemOf `arg:"" name:"session"`
}

// systemOf holds what can be done with the AI systems of one session.
type systemOf struct {
	which
	Add    systemAddCmd    `cmd:"" help:"Add an AI system that is in scope."`
	List   systemListCmd   `cmd:"" help:"List the AI systems in scope."`
	Edit   systemEditCmd   `cmd:"" help:"Change an AI system: what is given replaces what was there."`
	Remove systemRemoveCmd `cmd:"" help:"Remove an AI system. Its id does not come back."`
}

// described are the flags of what is known of an AI system. One that is not given leaves its part as it
// is, an empty text removes it.
type described struct {
	Kind        *string `placeholder:"TEXT" help:"Kind of AI, such as large language model or anomaly detection."`
	Sourcing    *string `placeholder:"HOW" help:"build, buy or embedded (part of a product)."`
	Provider    *string `placeholder:"NAME" help:"Who provides it or its model."`
	Version     *string `placeholder:"TEXT" help:"Version of the system or its model."`
	Autonomy    *string `placeholder:"HOW" help:"What it does with its results: informs, recommends, decides or acts."`
	Data        *string `placeholder:"TEXT" help:"Data that it works on."`
	Tools       *string `placeholder:"TEXT" help:"Tools and systems that it is connected to."`
	Exposure    *string `placeholder:"TEXT" help:"Who can reach it, such as internal or the internet."`
	Criticality *string `placeholder:"TEXT" help:"How much depends on it."`
	Phase       *string `placeholder:"TEXT" help:"Phase of its lifecycle, such as pilot or production."`
	Owner       *string `placeholder:"WHO" help:"Who answers for it."`
	PreTesting  *string `placeholder:"TEXT" help:"Evidence of testing before it was deployed."`
	PostTesting *string `placeholder:"TEXT" help:"Evidence of testing since."`
	UseCase     *string `placeholder:"TEXT" help:"Use case of NIST's COSAiS overlays that it falls under."`
	Reason      string  `placeholder:"TEXT" help:"Why, for the journal."`
}

// given is what the flags say, in the order of assessment.SystemFacts.
func (f *described) given() [len(assessment.SystemFacts)]*string {
	return [...]*string{
		f.Kind, f.Sourcing, f.Provider, f.Version, f.Autonomy, f.Data, f.Tools, f.Exposure, f.Criticality, f.Phase, f.Owner,
		f.PreTesting, f.PostTesting, f.UseCase,
	}
}

func (f *described) set(v *assessment.System) error {
	given := f.given()
	for i, fact := range assessment.SystemFacts {
		if to := given[i]; fact.Allowed != nil && to != nil && *to != "" && !slices.Contains(fact.Allowed, *to) {
			return usagef("--%s: %q is none of %s", fact.Name, *to, strings.Join(fact.Allowed, ", "))
		}
	}
	for i, fact := range assessment.SystemFacts {
		replace(fact.Of(v), given[i])
	}
	return nil
}

func (f *described) empty() bool { return f.given() == [len(assessment.SystemFacts)]*string{} }

type systemAddCmd struct {
	Name string `required:"" placeholder:"NAME" help:"Name of the system."`
	described
}

func (c *systemAddCmd) Run(of *systemOf, p *program) error {
	return p.putSystem(of.which, c.Reason, "", func(v *assessment.System) error {
		v.Name = c.Name
		return c.set(v)
	})
}

type systemEditCmd struct {
	ID   string  `arg:"" name:"id" help:"Id of the AI system, such as S-2."`
	Name *string `placeholder:"NAME" help:"Name of the system."`
	described
}

func (c *systemEditCmd) subject() string { return c.ID }

func (c *systemEditCmd) Run(of *systemOf, p *program) error {
	if c.Name == nil && c.empty() {
		return usagef("nothing to change is given; plumbline system SESSION edit --help lists what can be")
	}
	return p.putSystem(of.which, c.Reason, c.ID, func(v *assessment.System) error {
		replace(&v.Name, c.Name)
		return c.set(v)
	})
}

// putSystem adds an AI system (no id) or changes the one of that id, and prints it.
func (p *program) putSystem(w which, reason, id string, change func(*assessment.System) error) error {
	s, delta, err := p.change(w.Session, reason, func(was *assessment.Snapshot, e *assessment.Edit) (err error) {
		var v assessment.System
		if id != "" {
			if v, err = systemIn(was, id); err != nil {
				return err
			}
		}
		if err = change(&v); err == nil {
			id, err = e.PutSystem(v)
		}
		return err
	})
	if err != nil {
		return err
	}
	state := s.Snapshot()
	v, err := systemIn(state, id)
	if err != nil {
		return err
	}
	return p.system(state, delta, v, false)
}

func systemIn(s *assessment.Snapshot, id string) (assessment.System, error) {
	return record(s.Systems(), "AI system", id, func(v assessment.System) string { return v.ID })
}

type systemRemoveCmd struct {
	ID     string `arg:"" name:"id" help:"Id of the AI system, such as S-2."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *systemRemoveCmd) subject() string { return c.ID }

func (c *systemRemoveCmd) Run(of *systemOf, p *program) error {
	var gone assessment.System
	s, delta, err := p.change(of.which.Session, c.Reason, func(was *assessment.Snapshot, e *assessment.Edit) (err error) {
		if gone, err = systemIn(was, c.ID); err != nil {
			return err
		}
		return e.RemoveSystem(gone.ID)
	})
	if err != nil {
		return err
	}
	return p.system(s.Snapshot(), delta, gone, true)
}

// system prints an AI system after an act on it.
func (p *program) system(s *assessment.Snapshot, delta assessment.Delta, v assessment.System, removed bool) error {
	if len(delta.Events) == 0 {
		p.say("nothing changed: %s says so already", v.ID)
	}
	if p.JSON {
		return p.json(wire.KindSystem, nil, s, wire.SystemChanged{System: wire.System(v), Removed: removed, Events: wire.EventsOf(delta.Events)})
	}
	verb := ""
	if removed {
		verb = " removed"
	}
	var known []string
	for _, f := range []string{v.Kind, v.Sourcing, v.Provider, v.Autonomy, v.Phase} {
		if f != "" {
			known = append(known, f)
		}
	}
	line := fmt.Sprintf("%s%s: %s", v.ID, verb, v.Name)
	if len(known) > 0 {
		line += " · " + strings.Join(known, ", ")
	}
	p.print("%s", line)
	return nil
}

type systemListCmd struct{}

func (systemListCmd) Run(of *systemOf, p *program) error {
	s, err := p.read(of.which.Session)
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindSystems, nil, s, wire.Systems{Systems: wire.SystemsOf(s)})
	}
	p.heading(s)
	if len(s.Systems()) == 0 {
		p.say("no AI systems; plumbline system SESSION add records one")
		return nil
	}
	p.print("")
	t := p.table("ID", "NAME", "KIND", "SOURCING", "PROVIDER", "AUTONOMY", "PHASE", "OWNER")
	for _, v := range s.Systems() {
		t.row(v.ID, ellipsis(v.Name, 40), ellipsis(orUnknown(v.Kind), 28), orUnknown(v.Sourcing), ellipsis(orUnknown(v.Provider), 24),
			orUnknown(v.Autonomy), ellipsis(orUnknown(v.Phase), 16), ellipsis(orUnknown(v.Owner), 24))
	}
	t.end()
	return nil
}
