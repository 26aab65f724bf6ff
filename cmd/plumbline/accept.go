package main

import (
	"plumbline/assessment"
	"plumbline/reports/wire"
)

type acceptCmd struct {
	which
	Item itemArg `arg:"" help:"Item, such as GV.OC-01/secure."`

	Reason   string `placeholder:"TEXT" help:"Why the gap is accepted."`
	Approver string `placeholder:"WHO" help:"Who approves it: a name or a role that may."`
	Expires  day    `placeholder:"DATE" help:"Day on which it lapses; it must lie ahead."`
	Remove   bool   `help:"Take the acceptance back; --reason then says why, for the journal."`
}

func (c *acceptCmd) subject() string { return c.Item.id.String() }

func (c *acceptCmd) Run(p *program) error {
	switch {
	case c.Remove && (c.Approver != "" || c.Expires.date != ""):
		return usagef("--remove takes no --approver and no --expires")
	case !c.Remove && (c.Reason == "" || c.Approver == "" || c.Expires.date == ""):
		return usagef("an accepted gap needs --reason, --approver and --expires")
	}
	c.Item.notice(p)
	s, delta, err := p.change(c.Session, c.Reason, func(_ *assessment.Snapshot, e *assessment.Edit) error {
		if c.Remove {
			return e.Unaccept(c.Item.id)
		}
		return e.Accept(c.Item.id, assessment.Acceptance{Reason: c.Reason, Approver: c.Approver, Expires: c.Expires.date})
	})
	if err != nil {
		return err
	}
	return p.rated(s.Snapshot(), delta, c.Item.id)
}

// tier is an Implementation Tier, by number or name.
type tier struct{ n int }

// UnmarshalText reads 1 to 4, or the name in any case.
func (t *tier) UnmarshalText(text []byte) (err error) {
	t.n, err = assessment.ParseTier(string(text))
	return err
}

type tierCmd struct {
	which
	Governance tier   `placeholder:"N" help:"Tier of governance: 1 Partial, 2 Risk Informed, 3 Repeatable, 4 Adaptive, or the name."`
	Management tier   `placeholder:"N" help:"Tier of management, likewise."`
	Reason     string `placeholder:"TEXT" help:"Rationale of the statement; with --clear, why in the journal."`
	Clear      bool   `help:"Take the statement back."`
}

func (c *tierCmd) Run(p *program) error {
	states := c.Governance.n != 0 || c.Management.n != 0
	switch {
	case c.Clear && states:
		return usagef("--clear takes no --governance and no --management")
	case !c.Clear && (c.Governance.n == 0 || c.Management.n == 0 || c.Reason == ""):
		return usagef("a statement needs --governance, --management and --reason")
	}
	s, delta, err := p.change(c.Session, c.Reason, func(_ *assessment.Snapshot, e *assessment.Edit) error {
		if c.Clear {
			return e.RemoveTier()
		}
		return e.Tier(assessment.TierStatement{Governance: c.Governance.n, Management: c.Management.n, Rationale: c.Reason})
	})
	if err != nil {
		return err
	}
	if len(delta.Events) == 0 {
		p.say("nothing changed: the session says so already")
	}
	if p.JSON {
		state := s.Snapshot()
		return p.json(wire.KindTier, nil, state, wire.TierChanged{Tier: wire.TierOf(state), Events: wire.EventsOf(delta.Events)})
	}
	t, ok := s.Tier()
	if !ok {
		p.print("no Tier is stated")
		return nil
	}
	p.print("%s: %s", tierWords(t), ellipsis(assessment.CleanLine(t.Rationale), 200))
	return nil
}

// tierWords is a Tier statement without its rationale.
func tierWords(t assessment.TierStatement) string {
	return "governance " + numbered(t.Governance) + ", management " + numbered(t.Management) + " (stated, not computed)"
}

// numbered is "2 Risk Informed".
func numbered(n int) string { return string(rune('0'+n)) + " " + assessment.TierName(n) }
