package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"plumbline/reports"
)

// report writes the session's reports.
type report struct {
	*sitting
	formats []reports.Format
	at      int
	done    []string // what was written since the screen was opened
}

// exportedMsg is the end of writing a report.
type exportedMsg struct {
	to     *report
	format reports.Format
	asked  string
	path   string
	err    error
}

func newReport(st *sitting) screen {
	return &report{sitting: st, formats: reports.Formats(reports.Gap)}
}

func (r *report) Init() tea.Cmd { return nil }

var reportKeys = struct{ Move, Write key.Binding }{
	Move:  bind("choose a format", "j k ↑ ↓", "j", "k", "up", "down"),
	Write: bind("write it", "enter", "enter"),
}

func (r *report) Keys() keys {
	return keys{
		short: []key.Binding{reportKeys.Write, reportKeys.Move, global.Dashboard, global.Gaps, global.Back},
		full:  []keyGroup{{"Report", []key.Binding{reportKeys.Move, reportKeys.Write}}, globalKeys},
	}
}

func (r *report) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if cmd, done := r.siblings(press); done {
		return cmd
	}
	switch press.String() {
	case "j", "down":
		r.at = min(r.at+1, len(r.formats)-1)
	case "k", "up":
		r.at = max(0, r.at-1)
	case "enter":
		f := r.formats[r.at]
		r.app.show(newPrompt(r.app, "Write the gap report as "+formatText[f].name,
			"A path; a bare name goes into the folder in which plumbline was started. Nothing is overwritten without asking.",
			reports.FileName(r.s.Snapshot(), reports.Gap, f), func(path string) tea.Cmd { return r.write(f, path, false) }))
	case "esc":
		return r.app.back()
	}
	return nil
}

// write makes the report from a copy of the present state.
func (r *report) write(f reports.Format, path string, force bool) tea.Cmd {
	path = strings.TrimSpace(path)
	if path == "" {
		r.app.say("no path, nothing written")
		return nil
	}
	snap, damage, export := r.s.Snapshot(), r.damage, r.app.cfg.Export
	r.app.jobs++
	return func() tea.Msg {
		written, err := export(snap, damage, f, path, force)
		return exportedMsg{r, f, path, written, err}
	}
}

func (r *report) exported(msg exportedMsg) {
	a := r.app
	switch {
	case errors.Is(msg.err, fs.ErrExist):
		a.show(&choice{app: a, title: "There is a file of that name already", text: msg.asked, options: []option{
			{bind("replace it", "y", "y"), func() tea.Cmd { return r.write(msg.format, msg.asked, true) }},
			{bind("leave it", "n", "n"), func() tea.Cmd { return nil }},
		}})
	case msg.err != nil:
		a.fail("write the report", msg.err)
	default:
		r.done = append(r.done, msg.path)
		a.say("written: %s", msg.path)
	}
}

var formatText = map[reports.Format]struct{ name, use string }{
	reports.HTML:     {"HTML", "to read and to send: one file, charts, prints well, works with screen readers"},
	reports.Markdown: {"Markdown", "for wikis and repositories"},
	reports.CSV:      {"CSV", "the gap register: every item, for a spreadsheet"},
	reports.JSON:     {"JSON", "for other programs, with a schema"},
}

func (r *report) Head(int) []string {
	return []string{r.title(), " " + r.app.theme.Label.Render("REPORT") + r.app.theme.Faint.Render("  gap report")}
}

func (r *report) View(w, h int) string {
	a, t := r.app, r.app.theme
	out := []string{""}
	for i, f := range r.formats {
		row := a.pad(formatText[f].name, 12) + a.plain(formatText[f].use)
		if i == r.at {
			out = append(out, t.Selected.Render(a.pad(" "+t.Glyph.Cursor+" "+row, w-1)))
		} else {
			out = append(out, "   "+row)
		}
	}
	tl, in, head := r.s.Tally(), r.s.Info(), r.s.Head()
	out = append(out, "", " "+t.Label.Render("IT WILL SAY"))
	for _, s := range []string{
		fmt.Sprintf("%s, %s; %s path%s", in.Organization, in.Name, in.Path, marking(in.Marking)),
		fmt.Sprintf("%d of %d items in profile rated, of which %d inherited; %d unrated; %d out of profile", tl.Rated(), tl.InProfile, tl.Inherited, tl.Unrated(), tl.OutOfProfile),
		fmt.Sprintf("at target %s; attainment %s (%s)%s", atTargetText(a, tl), tl.Attainment(), attainmentPercent(tl, in.Threshold), canBecome(&tl)),
		fmt.Sprintf("%d gaps, %d accepted; evidence supports %d of %d ratings", tl.Gaps, len(r.s.Accepted(a.cfg.Today())), tl.Supported, tl.Rated()),
		fmt.Sprintf("journal head %s; source: %s, %s", head, r.cat().Pack().Document, r.cat().Pack().Status),
	} {
		for i, l := range wrap(a.plain(s), w-6) {
			mark := " "
			if i == 0 {
				mark = t.Glyph.Bullet
			}
			out = append(out, "   "+mark+" "+l)
		}
	}
	if len(r.done) > 0 {
		out = append(out, "", " "+t.Label.Render("WRITTEN"))
		for _, p := range r.done {
			out = append(out, t.Good.Render("   "+t.Glyph.Check+" ")+a.cut(p, w-8))
		}
	}
	return fit(lines(out...), w, h)
}

func marking(s string) string {
	if s == "" {
		return ""
	}
	return "; " + s
}
