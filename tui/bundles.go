package tui

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/reports"
	"plumbline/reports/wire"
)

// arriving shows what the sessions of a bundle would become in the store, and takes them in.
type arriving struct {
	busy
	app    *App
	order  BundleImport
	result *wire.Imported // of the preview; nil until it is there
	list   picker
}

// askBundle asks for a bundle; typed is as in askPath.
func (a *App) askBundle(typed string) {
	if a.readOnly {
		a.say("the store is read only; nothing can be added")
		return
	}
	a.askPath("Import a bundle", "Path of a .plumb file, also an encrypted one. You see what would happen before anything does. Other files go into a session: open one, then M, i.", typed,
		func(path string) tea.Cmd {
			return a.whenSaved(func() tea.Cmd {
				a.opening = false
				r := &arriving{app: a}
				return tea.Batch(a.push(r), r.read(path))
			})
		})
}

func (r *arriving) Init() tea.Cmd { return nil }

var arrivingKeys = struct{ Take, Merge, Copy, Stop key.Binding }{
	Take:  bind("import", "enter", "enter"),
	Merge: bind("merge", "m", "m"),
	Copy:  bind("import as a copy, under a name", "c", "c"),
	Stop:  bind("cancel", "esc", "esc"),
}

func (r *arriving) Keys() keys {
	k := arrivingKeys
	if r.result == nil {
		return keys{short: []key.Binding{k.Stop}, full: []keyGroup{globalKeys}}
	}
	short := []key.Binding{k.Take}
	if r.copies() {
		short = append(short, k.Copy)
	}
	if r.result.Counts.Conflict > 0 {
		short = append(short, k.Merge)
	}
	return keys{short: append(short, k.Stop), full: []keyGroup{{"Import", []key.Binding{k.Take, recordKeys.Move, recordKeys.Scroll, k.Merge, k.Copy}}, globalKeys}}
}

// copies reports whether something in the bundle can only become a session of its own.
func (r *arriving) copies() bool {
	for _, s := range r.result.Sessions {
		if s.Outcome == wire.Conflict || s.Outcome == wire.Copied {
			return true
		}
	}
	return false
}

func (r *arriving) read(path string) tea.Cmd {
	a, read := r.app, r.app.cfg.ReadFile
	wait, ctx := r.start("reading " + path)
	return tea.Batch(wait.tick(), job(a, func() (Input, error) { return read(ctx, path) }, func(in Input, err error) tea.Cmd {
		switch {
		case !r.end(wait):
			return nil
		case err != nil:
			return r.app.leaveSaying(func() { a.fail("nothing was imported", err); a.askBundle(path) })
		case !in.Bundle:
			return r.app.leaveSaying(func() { a.say("%q is no bundle but a file for a session: open one, then M, i", in.Name) })
		}
		r.order = BundleImport{Input: in, DryRun: true}
		if in.Locked {
			r.askPassphrase()
			return nil
		}
		return r.carry()
	}))
}

// askPassphrase asks for the passphrase until it opens the file.
func (r *arriving) askPassphrase() {
	a := r.app
	p := newPrompt(a, "Passphrase of "+r.order.Name, "It is not shown. Opening the file takes about a second.", "", func(phrase string) tea.Cmd {
		in, unlock := r.order.Input, a.cfg.Unlock
		wait, ctx := r.start("opening " + in.Name)
		return tea.Batch(wait.tick(), job(a, func() (Input, error) { return unlock(ctx, in, phrase) }, func(in Input, err error) tea.Cmd {
			switch {
			case !r.end(wait):
				return nil
			case err != nil:
				a.fail("not opened", err)
				r.askPassphrase()
				return nil
			}
			r.order.Input = in
			return r.carry()
		}))
	})
	p.input.EchoMode = textinput.EchoPassword
	p.cancel = func() tea.Cmd { return r.app.leaveSaying(func() { a.say("nothing was imported") }) }
	a.show(p)
}

// carry works out what importing would do, or does it, as the order says.
func (r *arriving) carry() tea.Cmd {
	a, order, work := r.app, r.order, r.app.cfg.ImportBundle
	what := "importing "
	if order.DryRun {
		what = "working out what would happen with "
	}
	wait, ctx := r.start(what + order.Name)
	return tea.Batch(wait.tick(), job(a, func() (wire.Imported, error) { return work(ctx, order) }, func(result wire.Imported, err error) tea.Cmd {
		r.order.DryRun = true // for what comes after a failure
		switch {
		case !r.end(wait):
			return nil
		case err != nil && r.result == nil:
			return r.app.leaveSaying(func() { a.fail("nothing was imported", err) })
		case err != nil:
			a.fail("nothing was imported", err)
		case order.DryRun:
			r.result = &result
		default:
			n := result.Counts
			return r.app.leaveSaying(func() {
				a.say("imported: %d new, %d went on. The store before it: %s", n.New, n.Changed, result.Backup)
			})
		}
		return nil
	}))
}

func (r *arriving) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := r.counts(msg); ok {
		return cmd
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	a, s := r.app, press.String()
	switch {
	case r.now != nil && !r.order.DryRun:
		a.say("it is being written, all of it or nothing; that can not be stopped")
	case s == "esc":
		r.giveUp()
		return r.app.leaveSaying(func() { a.say("nothing was imported") })
	case r.result == nil || r.now != nil:
	case r.list.move(s, len(r.result.Sessions)):
	case s == "c" && r.copies():
		a.show(newPrompt(a, "Import as a copy", "Name of the new session. It begins with one act that says where it came from.", "", func(name string) tea.Cmd {
			r.order.AsCopy = &name
			return r.carry()
		}))
	case s == "m":
		return r.askMerge()
	case s == "enter":
		return r.take()
	}
	return nil
}

func (r *arriving) take() tea.Cmd {
	switch n := r.result.Counts; {
	case n.Conflict > 0:
		r.app.say("a session went on here and there, each in its own way; m merges the two, c imports what the bundle has as a copy")
		return nil
	case n.New+n.Changed == 0:
		r.app.say("there is nothing to import: the store has all of it")
		return nil
	}
	r.order.DryRun = false
	return r.carry()
}

func (r *arriving) Head(w int) []string {
	a, t := r.app, r.app.theme
	out := []string{" " + t.Title.Render("IMPORT A BUNDLE")}
	if r.result == nil {
		return out
	}
	b := r.result.Bundle
	facts := []string{r.result.File, plural(len(r.result.Sessions), "session"), fmt.Sprintf("written by %s %s on %s", b.Tool.Name, b.Tool.Version, b.Created.Format("2006-01-02"))}
	if b.Encrypted {
		facts = append(facts, "encrypted")
	}
	if len(b.Redacted) > 0 {
		facts = append(facts, "redacted of "+strings.Join(b.Redacted, ", "))
	}
	if b.Signature.Verdict != wire.Unsigned {
		facts = append(facts, "signed by a key that nobody vouched for")
	}
	line := " " + strings.Join(facts, " "+t.Glyph.Dot+" ")
	if r.now != nil {
		line = r.line(a)
	}
	return append(out, a.cut(line, w))
}

var outcomeText = map[wire.Outcome]struct{ short, long string }{
	wire.New:      {"new", "The store does not have it. It is added with its id and its whole journal."},
	wire.Changed:  {"goes on", "The store has the beginning of its journal. The rest is added."},
	wire.Same:     {"the same here", "The store has the same journal. Nothing happens."},
	wire.Skipped:  {"ahead here", "The store has more of the same journal. Nothing happens."},
	wire.Conflict: {"went on differently", "Both went on from a common event, each in its own way. Nothing of the bundle is imported. m merges the two, c imports what the bundle has as a copy."},
	wire.Copied:   {"becomes a copy", "It becomes a session of its own, whose journal begins with one act that says where it came from. c gives it a name."},
}

func (r *arriving) View(w, h int) string {
	a := r.app
	if r.result == nil {
		return "\n" + r.line(a)
	}
	org := (w - 45) / 2
	row := func(org2, name, file, here, added, what string) string {
		return a.pad(org2, max(8, org)) + " " + a.pad(name, max(8, org)) + " " + a.pad(file, 6) + a.pad(here, 6) + a.pad(added, 6) + what
	}
	var rows []string
	for _, s := range r.result.Sessions {
		rows = append(rows, row(s.Organization, s.Name, fmt.Sprint(s.Events), fmt.Sprint(s.Stored), fmt.Sprint(s.Added), outcomeText[s.Outcome].short))
	}
	return a.register(w, h, &r.list, row("Organization", "Session", "File", "Here", "Added", "What happens"), rows, func(p *page) {
		s := r.result.Sessions[r.list.at]
		text := outcomeText[s.Outcome]
		p.section(strings.ToUpper(text.short), text.long)
		p.bullet(fmt.Sprintf("%s in the file, %d here, %d would be added", plural(int(s.Events), "event"), s.Stored, s.Added))
		p.bullet("id " + s.ID)
		if s.From != s.ID {
			p.bullet("from session " + s.From)
		}
	})
}

// departing shows what a bundle of the session would hold, and writes it.
type departing struct {
	*sitting
	busy
	order  BundleExport
	result *wire.Exported // of the preview; nil until it is there
	list   picker
}

// bundleForm is what the form on a bundle asks for.
type bundleForm struct {
	path, phrase, again string
	redact              []string
}

var redactText = []struct{ class, text string }{
	{"notes", "notes: what people wrote in their own words"},
	{"names", "names of people, who become Person 1, Person 2"},
	{"evidence", "evidence: references, files and their hashes"},
	{"organization", "organization, its units and AI systems, logo"},
}

// askExport asks what goes into a bundle of the session.
func (st *sitting) askExport() tea.Cmd {
	a := st.app
	name := reports.FileName(st.s.Snapshot(), "bundle", "plumb", reports.Options{})
	d := &bundleForm{path: strings.Replace(name, "-bundle.", ".", 1)}
	var classes []huh.Option[string]
	for _, c := range redactText {
		classes = append(classes, huh.NewOption(c.text, c.class))
	}
	form, cmd := newForm(a, "Export this session as a bundle", 20, func() tea.Cmd {
		scr := &departing{sitting: st, order: BundleExport{
			Session: st.s.Info().ID, Path: strings.TrimSpace(d.path), Passphrase: d.phrase, Redact: d.redact, DryRun: true,
		}}
		show := bring(a, func() *departing { return scr })
		return tea.Batch(show, a.whenSaved(func() tea.Cmd {
			a.opening = false
			return scr.carry(true)
		}))
	}, huh.NewGroup(
		huh.NewInput().Title("File").Description("A path; a bare name goes into the folder in which plumbline was started.").Value(&d.path).Validate(needed),
		huh.NewMultiSelect[string]().Title("Take out").Description("Space marks. Nothing marked: the whole session, with its journal.").Options(classes...).Height(len(classes)+2).Value(&d.redact),
		huh.NewInput().Title("Passphrase").Description("Empty: not encrypted.").EchoMode(huh.EchoModePassword).Value(&d.phrase),
		huh.NewInput().Title("Passphrase, once more").EchoMode(huh.EchoModePassword).Value(&d.again).Validate(func(s string) error {
			if s != d.phrase {
				return errors.New("the two passphrases differ")
			}
			return nil
		}),
	))
	a.show(form)
	return cmd
}

func (d *departing) Init() tea.Cmd { return nil }

var departingKeys = struct{ Write, Stop key.Binding }{
	Write: bind("write it", "enter", "enter"),
	Stop:  bind("cancel", "esc", "esc"),
}

func (d *departing) Keys() keys {
	k := departingKeys
	if d.result == nil || d.now != nil {
		return keys{short: []key.Binding{k.Stop}, full: []keyGroup{globalKeys}}
	}
	return keys{short: []key.Binding{k.Write, recordKeys.Move, k.Stop}, full: []keyGroup{{"Export", []key.Binding{k.Write, recordKeys.Move, recordKeys.Scroll}}, globalKeys}}
}

// carry works out what the bundle would hold, or writes it.
func (d *departing) carry(dryRun bool) tea.Cmd {
	a, order, work := d.app, d.order, d.app.cfg.ExportBundle
	order.DryRun = dryRun
	what := "writing " + order.Path
	if dryRun {
		what = "working out what it would hold"
		order.Force = true // it is asked about when the file is written
	}
	wait, ctx := d.start(what)
	return tea.Batch(wait.tick(), job(a, func() (wire.Exported, error) { return work(ctx, order) }, func(result wire.Exported, err error) tea.Cmd {
		waited := d.end(wait)
		switch {
		case errors.Is(err, fs.ErrExist) && waited:
			a.show(&choice{app: a, title: "There is a file of that name already", text: order.Path, options: []option{
				{bind("replace it", "y", "y"), func() tea.Cmd { d.order.Force = true; return d.carry(false) }},
				{bind("leave it", "n", "n"), func() tea.Cmd { return nil }},
			}})
		case err != nil && !waited:
		case err != nil && d.result == nil:
			return d.app.leaveSaying(func() { a.fail("nothing was written", err) })
		case err != nil:
			a.fail("nothing was written", err)
		case dryRun && waited:
			d.result = &result
		case !dryRun && waited:
			return d.app.leaveSaying(func() { a.say("written: %s", result.Bundle.File) })
		case !dryRun:
			a.say("written before it could be stopped: %s", result.Bundle.File)
		}
		return nil
	}))
}

func (d *departing) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := d.counts(msg); ok {
		return cmd
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	switch s := press.String(); {
	case s == "esc":
		d.giveUp()
		return d.app.leaveSaying(func() { d.app.say("nothing was written") })
	case d.result == nil || d.now != nil:
	case d.list.move(s, len(d.result.Findings)):
	case s == "enter":
		return d.carry(false)
	}
	return nil
}

func (d *departing) Head(w int) []string {
	a, t := d.app, d.app.theme
	out := []string{d.title(), " " + t.Label.Render("EXPORT A BUNDLE") + "  " + a.cut(d.order.Path, w-20)}
	if d.now != nil {
		return append(out, d.line(a))
	}
	how := "encrypted with the passphrase, in the format of age"
	if d.order.Passphrase == "" {
		how = "not encrypted: whoever gets the file can read it"
	}
	return append(out, a.cut(" "+how, w))
}

func (d *departing) View(w, h int) string {
	a := d.app
	switch {
	case d.result == nil:
		return ""
	case len(d.order.Redact) == 0:
		s := d.result.Sessions[0]
		return d.nothing(w,
			fmt.Sprintf("The bundle would hold the whole session: every record, and its journal of %s, to the byte. %d bytes before encryption.", plural(int(s.Events), "event"), d.result.Bundle.Bytes),
			"Whoever imports it can go on with the session, and verify it.", "enter writes it.")
	}
	row := func(field, class, what, times string) string {
		return a.pad(field, 36) + " " + a.pad(class, 14) + a.pad(what, 17) + times
	}
	var rows []string
	for _, f := range d.result.Findings {
		rows = append(rows, row(f.Field, cmp.Or(f.Class, "in its text"), f.Outcome, fmt.Sprint(f.Count)))
	}
	if len(rows) == 0 {
		return d.nothing(w, "There is nothing in the session that the redaction would touch.", "enter writes it.")
	}
	return a.register(w, h, &d.list, row("Field", "Class", "What happens", "Times"), rows, func(p *page) {
		p.section("REDACTED OF "+strings.ToUpper(strings.Join(d.order.Redact, ", ")),
			"The bundle holds the state and the journal head that it was cut from, and no journal. It can only become a new session.")
		p.note("What no program can know stays: who is named in a note and in no field for names. Where that matters, take out the notes as well.")
	})
}
