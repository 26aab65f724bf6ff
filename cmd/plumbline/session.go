package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/reports/wire"
)

type sessionCmd struct {
	New       sessionNewCmd       `cmd:"" help:"Start a session."`
	List      sessionListCmd      `cmd:"" help:"List the sessions of the store, the one that changed last first."`
	Show      sessionShowCmd      `cmd:"" help:"Show what a session says of itself and where it stands."`
	Edit      sessionEditCmd      `cmd:"" help:"Change scope, path and the other things that a session says of itself."`
	Copy      sessionCopyCmd      `cmd:"" help:"Start a session that begins with everything that another one holds."`
	Rename    sessionRenameCmd    `cmd:"" help:"Give a session another name."`
	Migrate   sessionMigrateCmd   `cmd:"" help:"Move a session to a pack with other facts, after a backup of the whole store: answers are kept, and what the pack changed is queued to be re-confirmed."`
	Lock      sessionLockCmd      `cmd:"" help:"Lock a session that is signed off: it can be read and reported, and no longer changed."`
	Unlock    sessionUnlockCmd    `cmd:"" help:"Open a locked session again, for a reason that stays in its journal."`
	Archive   sessionArchiveCmd   `cmd:"" help:"Archive a session: it stays readable and can no longer be changed."`
	Unarchive sessionUnarchiveCmd `cmd:"" help:"Open an archived session again."`
	Delete    sessionDeleteCmd    `cmd:"" help:"Delete a session, after a backup of the whole store."`
}

// scope are the flags of what a session says of itself. A flag that is not given leaves its part as it
// is; a list that is given replaces the one before.
type scope struct {
	Path       *path    `placeholder:"PATH" help:"Which items are on the session's path: quick (High), standard (High and Moderate) or full. It can be switched at any time without loss."`
	Purpose    *string  `placeholder:"TEXT" help:"What the assessment is for."`
	Unit       []string `sep:"none" placeholder:"TEXT" help:"Part of the organization that is in scope; may be repeated."`
	Assumption []string `sep:"none" placeholder:"TEXT" help:"What the assessment takes for granted; may be repeated."`
	Assessor   []string `sep:"none" placeholder:"WHO" help:"Who assesses, the one in the lead first; may be repeated."`
	Marking    *string  `placeholder:"TEXT" help:"Classification marking, such as TLP:AMBER, shown in every report."`

	Builds  *bool `negatable:"" help:"The organization builds AI, or does not. One yes to builds, deploys or uses brings Secure into scope, no to all three takes it out; what is not asked counts as in."`
	Deploys *bool `negatable:"" help:"It deploys AI, or does not."`
	Uses    *bool `negatable:"" help:"It uses AI, or does not."`
	Defends *bool `negatable:"" help:"It uses or plans AI in its cyber defense, or does neither; this decides on Defend."`
}

// set puts into the session's own words what the flags say.
func (f *scope) set(in *assessment.Info) {
	if f.Path != nil {
		in.Path = f.Path.name
	}
	replace(&in.Purpose, f.Purpose)
	replace(&in.Marking, f.Marking)
	for _, l := range []struct {
		list  *[]string
		given []string
	}{{&in.Units, f.Unit}, {&in.Assumptions, f.Assumption}, {&in.Assessors, f.Assessor}} {
		if l.given != nil {
			*l.list = l.given
		}
	}
	f.roles(in)
}

// roles records the answers on AI and lets them decide the Focus Areas. An area that was decided by
// words of its own (--area) follows only what answers its question now.
func (f *scope) roles(in *assessment.Info) {
	before := assessment.Scoping(in.AI)
	var asked [len(before)]bool
	for _, q := range []struct {
		flag   *bool
		answer *assessment.Answer
		about  content.Area
	}{
		{f.Builds, &in.AI.Builds, content.Secure},
		{f.Deploys, &in.AI.Deploys, content.Secure},
		{f.Uses, &in.AI.Uses, content.Secure},
		{f.Defends, &in.AI.Defends, content.Defend},
	} {
		if q.flag != nil {
			*q.answer = assessment.AnswerOf(*q.flag)
			asked[q.about] = true
		}
	}
	for a, decided := range assessment.Scoping(in.AI) {
		if in.Areas[a] == before[a] || asked[a] && decided.Answer != "" {
			in.Areas[a] = decided
		}
	}
}

func replace[T any](v, by *T) {
	if by != nil {
		*v = *by
	}
}

type sessionNewCmd struct {
	Org    string  `required:"" placeholder:"NAME" help:"Organization that is assessed."`
	Name   *string `placeholder:"NAME" help:"Name of the session; without it one is made of the year."`
	Target *preset `placeholder:"PRESET" help:"Targets to start from: 1, 2 or 3 for all items on the path, or by-priority with --high, --moderate, --foundational."`
	levels
	Reason string `placeholder:"TEXT" help:"Rationale of these targets."`
	scope
}

func (c *sessionNewCmd) Run(p *program) (err error) {
	var target *assessment.Preset
	switch {
	case c.Target != nil:
		made, err := c.Target.of(c.levels)
		if err != nil {
			return err
		}
		target = &made
	case len(c.chosen()) > 0 || c.Reason != "":
		return usagef("--high, --moderate, --foundational and --reason go with --target")
	}
	cat, err := content.Embedded()
	if err != nil {
		return err
	}
	id, err := assessment.NewID(rand.Reader)
	if err != nil {
		return err
	}
	st, err := p.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()

	info := assessment.Info{ID: id, Organization: c.Org}
	c.scope.set(&info)
	if c.Name != nil {
		info.Name = *c.Name
	} else if info.Name, err = p.freeName(st, p.now()); err != nil {
		return err
	}
	act, err := p.act(c.Assessor, "")
	if err != nil {
		return err
	}
	s, delta, err := assessment.New(cat, info, act)
	if err != nil {
		return err
	}
	deltas := []assessment.Delta{delta}
	if target != nil {
		act.Reason = assessment.CleanLine(c.Reason)
		if act.Reason == "" {
			act.Reason = "set as a starting point when the session was made"
		}
		delta, err := s.Do(act, func(e *assessment.Edit) error {
			_, err := e.Apply(*target, act.Reason, false)
			return err
		})
		if err != nil {
			return err
		}
		deltas = append(deltas, delta)
	}
	if err := st.Apply(deltas...); err != nil {
		return err
	}
	return p.session(s.Snapshot())
}

// freeName is a name that no session of the store has: "2026 assessment", then "2026 assessment 2".
func (p *program) freeName(st *store.Store, now time.Time) (string, error) {
	r, err := p.roster(st)
	if err != nil {
		return "", err
	}
	taken := make(map[string]bool, len(r.sound))
	for _, s := range r.sound {
		taken[s.Name] = true
	}
	first := now.Format("2006") + " assessment"
	name := first
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s %d", first, n)
	}
	return name, nil
}

type sessionListCmd struct {
	Archived bool `help:"List the archived sessions too." negatable:"" default:"true"`
}

func (c *sessionListCmd) Run(p *program) (err error) {
	var r roster
	switch st, err := p.open(true); {
	case errors.Is(err, errNoStore): // so no sessions
	case err != nil:
		return err
	default:
		r, err = rosterOf(st)
		if err = errors.Join(err, st.Close()); err != nil {
			return err
		}
	}
	missing := r.missing()
	if missing != nil {
		p.damage = missing.Error()
	}
	var listed []assessment.Summary
	for _, s := range r.sound {
		if c.Archived || s.Status != assessment.Archived {
			listed = append(listed, s)
		}
	}
	if p.JSON {
		return errors.Join(p.json(wire.KindSessions, nil, nil, wire.SessionsOf(listed)), missing)
	}
	if len(listed) == 0 && missing == nil {
		path, err := p.storePath()
		if err != nil {
			return err
		}
		p.say("no sessions in %q; plumbline session new --org NAME starts one", path)
		return nil
	}
	t := p.table("ID", "ORGANIZATION", "SESSION", "PATH", "STATUS", "RATED", "AT TARGET", "ATTAINMENT", "CHANGED")
	for _, s := range listed {
		t.row(s.ID[:8], ellipsis(s.Organization, 32), ellipsis(s.Name, 32), s.Path, s.Status,
			share(assessment.Ratio{Num: s.Tally.Rated(), Den: s.Tally.InProfile}),
			share(assessment.Ratio{Num: s.Tally.AtTarget, Den: s.Tally.Compared}),
			attainment(s.Tally, s.Threshold), clock(s.Changed))
	}
	t.end()
	return missing
}

// clock is a time as people read it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

type sessionShowCmd struct {
	which
}

func (c *sessionShowCmd) Run(p *program) error {
	s, err := p.read(c.Session)
	if err != nil {
		return err
	}
	return p.session(s)
}

// session prints a session.
func (p *program) session(s *assessment.Snapshot) error {
	if p.JSON {
		return p.json(wire.KindSession, nil, s, wire.SessionDataOf(s))
	}
	in, tally, pin := s.Info(), s.Tally(), s.Pack()
	t := p.table()
	row := func(what, text string) {
		if text != "" {
			t.row(what, text)
		}
	}
	row("session", in.Name)
	row("organization", in.Organization)
	row("id", in.ID)
	row("status", string(in.Status))
	row("marking", in.Marking)
	row("path", string(in.Path))
	for _, a := range content.Areas {
		verdict := "in scope"
		if in.Areas[a].Out {
			verdict = "out of scope"
		}
		row(a.Label(), verdict+" ("+in.Areas[a].Decided()+")")
	}
	row("purpose", ellipsis(assessment.CleanLine(in.Purpose), 200))
	row("units", strings.Join(in.Units, "; "))
	row("assumptions", strings.Join(in.Assumptions, "; "))
	row("assessors", strings.Join(in.Assessors, "; "))
	row("rated", shareOf(assessment.Ratio{Num: tally.Rated(), Den: tally.InProfile})+" in profile")
	row("at target", share(assessment.Ratio{Num: tally.AtTarget, Den: tally.Compared}))
	row("attainment", attainment(tally, in.Threshold))
	row("interval", interval(tally.Interval()))
	if next := s.Summary().Next; next != (content.ItemID{}) {
		row("next", next.String())
	}
	if tier, ok := s.Tier(); ok {
		row("Tiers", tierWords(tier))
	}
	row("reports", lookWords(s.Brand()))
	row("pack", fmt.Sprintf("%s edition %d, facts %.12s (%s)", pin.ID, pin.Edition, pin.Facts, s.Catalog().Pack().Status))
	row("scale", assessment.Scale)
	row("created", clock(in.Created))
	row("changed", clock(s.Changed()))
	row("journal", s.Head().String())
	t.end()
	return nil
}

// changed prints a session after an act on it.
func (p *program) changed(s *assessment.Session, done bool) error {
	if !done {
		p.say("nothing changed: the session says so already")
	}
	return p.session(s.Snapshot())
}

type sessionEditCmd struct {
	which
	Org    *string      `placeholder:"NAME" help:"Organization that is assessed."`
	Name   *string      `placeholder:"NAME" help:"Name of the session."`
	Area   []areaAnswer `sep:"none" placeholder:"AREA=in|out:ANSWER" help:"Take a Focus Area in or out of scope, with the answer that decides it; may be repeated. Thwart is always in."`
	Reason string       `placeholder:"TEXT" help:"Why, for the journal."`
	look
	scope
}

func (c *sessionEditCmd) Run(p *program) error {
	about := c.Org != nil || c.Name != nil || c.Area != nil || !c.scope.empty()
	if !about && c.look.empty() {
		return usagef("nothing to change is given; plumbline session edit --help lists what can be")
	}
	brand, err := c.look.read()
	if err != nil {
		return err
	}
	s, delta, err := p.change(c.Session, c.Reason, func(was *assessment.Snapshot, e *assessment.Edit) error {
		if !c.look.empty() {
			if err := e.Brand(brand(was.Brand())); err != nil {
				return err
			}
		}
		if !about {
			return nil
		}
		return e.Info(func(in *assessment.Info) {
			replace(&in.Organization, c.Org)
			replace(&in.Name, c.Name)
			c.scope.set(in)
			for _, a := range c.Area {
				in.Areas[a.area] = a.scope
			}
		})
	})
	if err != nil {
		return err
	}
	return p.changed(s, len(delta.Events) > 0)
}

// look are the flags of how a session's reports look.
type look struct {
	Logo     *string `xor:"logo" placeholder:"FILE" help:"PNG for the cover of reports, at most 256 KiB and 2000 pixels a side. Its pixels are kept, and nothing else that the file says."`
	NoLogo   bool    `xor:"logo" help:"No logo."`
	Accent   *string `xor:"accent" placeholder:"#RRGGBB" help:"Color of headings and rules in reports, such as #1f4e79; one that is too light to read on white is refused."`
	NoAccent bool    `xor:"accent" help:"The plain color."`
}

func (f *look) empty() bool { return f.Logo == nil && !f.NoLogo && f.Accent == nil && !f.NoAccent }

// read reads the file of the logo, and returns what the flags make of a brand.
func (f *look) read() (func(assessment.Brand) assessment.Brand, error) {
	var name string
	var logo []byte
	if f.Logo != nil {
		var err error
		if name, logo, err = readLogo(*f.Logo); err != nil {
			return nil, err
		}
	}
	return func(b assessment.Brand) assessment.Brand {
		if f.Logo != nil || f.NoLogo {
			b.Logo, b.LogoName = logo, name
		}
		if f.NoAccent {
			b.Accent = ""
		}
		replace(&b.Accent, f.Accent)
		return b
	}, nil
}

// readLogo reads a file that may become a logo. Whether it does is the domain's to say; of a file that
// is too large no more is read than shows it.
func readLogo(path string) (name string, data []byte, err error) {
	f, info, err := openRegular(path)
	if err != nil {
		return "", nil, fmt.Errorf("read logo %q: %w", path, err)
	}
	defer f.Close()
	if data, err = io.ReadAll(io.LimitReader(f, assessment.MaxLogo+1)); err != nil {
		return "", nil, fmt.Errorf("read logo %q: %w", path, cause(err))
	}
	return info.Name(), data, nil
}

// lookWords says how reports look: "accent #1f4e79, logo crest.png".
func lookWords(b assessment.Brand) string {
	var parts []string
	if b.Accent != "" {
		parts = append(parts, "accent "+b.Accent)
	}
	if b.Logo != nil {
		parts = append(parts, fmt.Sprintf("logo %s (%d bytes)", b.LogoName, len(b.Logo)))
	}
	return strings.Join(parts, ", ")
}

func (f *scope) empty() bool {
	return f.Path == nil && f.Purpose == nil && f.Marking == nil && f.Unit == nil && f.Assumption == nil &&
		f.Assessor == nil && f.Builds == nil && f.Deploys == nil && f.Uses == nil && f.Defends == nil
}

// edit changes what a session says of itself.
func (p *program) edit(ref, reason string, change func(*assessment.Info)) (*assessment.Session, bool, error) {
	s, delta, err := p.change(ref, reason, func(_ *assessment.Snapshot, e *assessment.Edit) error { return e.Info(change) })
	return s, len(delta.Events) > 0, err
}

type sessionCopyCmd struct {
	which
	Name   string `required:"" placeholder:"NAME" help:"Name of the new session."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *sessionCopyCmd) Run(p *program) (err error) {
	id, err := assessment.NewID(rand.Reader)
	if err != nil {
		return err
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
	made, delta, err := s.Copy(id, c.Name, act)
	if err != nil {
		return err
	}
	if err := st.Apply(delta); err != nil {
		return err
	}
	return p.session(made.Snapshot())
}

type sessionRenameCmd struct {
	which
	Name   string `arg:"" help:"The new name."`
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *sessionRenameCmd) Run(p *program) error {
	s, done, err := p.edit(c.Session, c.Reason, func(in *assessment.Info) { in.Name = c.Name })
	if err != nil {
		return err
	}
	return p.changed(s, done)
}

type sessionLockCmd struct {
	which
	Reason string `placeholder:"TEXT" help:"Why, for the journal: who signed it off, and on what."`
}

func (c *sessionLockCmd) Run(p *program) error {
	s, done, err := p.edit(c.Session, c.Reason, func(in *assessment.Info) { in.Status = assessment.Locked })
	if err != nil {
		return err
	}
	return p.changed(s, done)
}

type sessionUnlockCmd struct {
	which
	Reason string `required:"" placeholder:"TEXT" help:"Why what was signed off is opened again."`
}

func (c *sessionUnlockCmd) Run(p *program) error {
	s, done, err := p.edit(c.Session, c.Reason, func(in *assessment.Info) {
		if in.Status == assessment.Locked {
			in.Status = assessment.Open
		}
	})
	if err != nil {
		return err
	}
	return p.changed(s, done)
}

type sessionArchiveCmd struct {
	which
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *sessionArchiveCmd) Run(p *program) error {
	s, done, err := p.edit(c.Session, c.Reason, func(in *assessment.Info) { in.Status = assessment.Archived })
	if err != nil {
		return err
	}
	return p.changed(s, done)
}

type sessionUnarchiveCmd struct {
	which
	Reason string `placeholder:"TEXT" help:"Why, for the journal."`
}

func (c *sessionUnarchiveCmd) Run(p *program) error {
	s, done, err := p.edit(c.Session, c.Reason, func(in *assessment.Info) {
		if in.Status == assessment.Archived {
			in.Status = assessment.Open
		}
	})
	if err != nil {
		return err
	}
	return p.changed(s, done)
}

type sessionDeleteCmd struct {
	which
	Yes bool `help:"Do not ask. Needed where there is no terminal."`
}

func (c *sessionDeleteCmd) Run(ctx context.Context, p *program) (err error) {
	if !c.Yes && !p.canAsk() {
		return usagef("it asks before it deletes and there is no terminal to ask on; --yes deletes without a question")
	}
	st, err := p.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	r, err := rosterOf(st)
	if err != nil {
		return err
	}
	s, damage, err := r.find(c.Session)
	if err != nil {
		return err
	}
	if damage != nil {
		p.say("deleting session %s, which is damaged: %v; instead, %s", s.ID, damage.Why, wayOut(damage))
	} else {
		p.say("deleting %q of %q (%s): %d rated items and %d events of its journal", s.Name, s.Organization, s.ID,
			s.Tally.Rated(), s.Head.Seq)
	}
	p.say("a backup of the whole store goes to %q first", filepath.Join(filepath.Dir(st.Path()), "backups"))
	if !c.Yes {
		if yes, err := p.ask(ctx, "Delete it? [y/N] "); err != nil || !yes {
			return errors.Join(errDeclined, err)
		}
	}
	backup, err := st.Delete(s.ID)
	if err != nil {
		return err
	}
	if p.JSON {
		return p.json(wire.KindDeleted, nil, nil, wire.Deleted{Session: wire.SummaryOf(s), Backup: backup})
	}
	p.say("deleted; the backup is %q", backup)
	return nil
}

// canAsk reports whether a person can read a question and answer it.
func (p *program) canAsk() bool {
	return term.IsTerminal(p.stdin.Fd()) && term.IsTerminal(os.Stderr.Fd())
}

// ask puts a question and reports whether the answer is yes.
func (p *program) ask(ctx context.Context, question string) (bool, error) {
	fmt.Fprint(p.stderr, question)
	answer := make(chan string, 1)
	go func() { // which stays behind when ctx ends first: reading can not be called off
		line, _ := bufio.NewReader(p.stdin).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case a := <-answer:
		return a == "y" || a == "yes", nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}
