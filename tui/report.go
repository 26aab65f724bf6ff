package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
)

// report writes the session's reports: a kind, a format, a file.
type report struct {
	*sitting
	kinds   []reports.Kind
	kind    int      // index in kinds
	format  int      // index in the formats of that kind
	lost    []string // what the chosen format can not carry
	scroll  int      // first line of what stands below the formats that is shown
	writing *writing
	done    []string // what was written since the screen was opened
}

// writing is a report that is being written.
type writing struct {
	what    string
	stop    context.CancelFunc
	seconds int
}

// order is what is to be written.
type order struct {
	kind   reports.Kind
	format reports.Format
	o      reports.Options
	path   string
	force  bool
}

// exportedMsg is the end of writing a report.
type exportedMsg struct {
	to    *report
	order order
	path  string
	err   error
}

// writingMsg comes each second while a report is being written.
type writingMsg struct{ of *writing }

func newReport(st *sitting) screen {
	return &report{sitting: st, kinds: reports.Kinds()}
}

func (r *report) Init() tea.Cmd { return nil }

var reportKeys = struct{ Kind, Format, Write, Scroll, Stop key.Binding }{
	Kind:   bind("choose a kind", "j k ↑ ↓", "j", "k", "up", "down"),
	Format: bind("choose a format", "h l ← →", "h", "l", "left", "right", "tab"),
	Write:  bind("write it", "enter", "enter"),
	Scroll: walkKeys.Scroll,
	Stop:   bind("stop", "esc", "esc"),
}

func (r *report) Keys() keys {
	if r.writing != nil {
		return keys{short: []key.Binding{reportKeys.Stop}, full: []keyGroup{globalKeys}}
	}
	return keys{
		short: []key.Binding{reportKeys.Write, reportKeys.Kind, reportKeys.Format, global.Back},
		full:  []keyGroup{{"Report", []key.Binding{reportKeys.Kind, reportKeys.Format, reportKeys.Write, reportKeys.Scroll}}, globalKeys},
	}
}

func (r *report) formats() []reports.Format { return reports.Formats(r.kinds[r.kind]) }

func (r *report) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(writingMsg); ok {
		if r.writing != msg.of {
			return nil
		}
		r.writing.seconds++
		return r.writing.tick()
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if r.writing != nil {
		if press.String() == "esc" {
			r.writing.stop()
			r.app.say("stopping…")
		}
		return nil
	}
	if cmd, done := r.siblings(press); done {
		return cmd
	}
	switch press.String() {
	case "j", "down":
		r.choose(r.kind + 1)
	case "k", "up":
		r.choose(r.kind - 1)
	case "l", "right", "tab":
		r.turn(1)
	case "h", "left":
		r.turn(len(r.formats()) - 1)
	case "pgdown":
		r.scroll += 5
	case "pgup":
		r.scroll = max(0, r.scroll-5)
	case "enter":
		return r.prepare()
	case "esc":
		return r.app.back()
	}
	return nil
}

// choose goes to a kind and stays with the format, where that kind has it.
func (r *report) choose(kind int) {
	was := r.formats()[r.format]
	r.kind = max(0, min(kind, len(r.kinds)-1))
	r.format = max(0, slices.Index(r.formats(), was))
	r.turn(0)
}

// turn goes on by so many formats.
func (r *report) turn(by int) {
	r.format, r.scroll = (r.format+by)%len(r.formats()), 0
	r.lost = reports.Loss(r.formats()[r.format], r.s.Snapshot(), reports.Options{})
}

// prepare asks for what the report needs beside its session, then for the path.
func (r *report) prepare() tea.Cmd {
	w := order{kind: r.kinds[r.kind], format: r.formats()[r.format], o: reports.Options{Damage: r.damage}}
	switch {
	case w.kind == reports.Compare:
		return r.askEarlier(w)
	case reports.ByRole(w.kind):
		return r.askRole(w)
	case reports.NeedsArea(w.format):
		return r.askArea(w)
	}
	return r.askPath(w)
}

// askEarlier asks with which labeled snapshot the present state is compared.
func (r *report) askEarlier(w order) tea.Cmd {
	labels := r.s.Labels()
	if len(labels) == 0 {
		r.app.say("there is no labeled snapshot to compare with yet; another session: plumbline report --kind compare --with")
		return nil
	}
	const most = 9
	c := &choice{app: r.app, title: "Compare the present state with", text: "The newest snapshots; any other state: plumbline report --kind compare --against."}
	for i, l := range slices.Backward(labels) {
		if n := len(labels) - i; n <= most {
			digit := fmt.Sprint(n)
			c.options = append(c.options, option{
				bind(fmt.Sprintf("%s %s, %s", l.ID, l.Label, assessment.DayOf(l.At)), digit, digit),
				func() tea.Cmd {
					then, err := r.s.At(l.Head)
					if err != nil {
						r.app.fail("read the snapshot", err)
						return nil
					}
					w.o.Against = then
					return r.askPath(w)
				},
			})
		}
	}
	r.app.show(c)
	return nil
}

// askArea asks which ratings go into a file that has one for each Subcategory.
func (r *report) askArea(w order) tea.Cmd {
	c := &choice{
		app: r.app, title: "Which ratings?", text: "The file has room for one rating of each Subcategory. What else the session holds is lost in it.",
		options: []option{{bind("the base ratings", "b", "b"), func() tea.Cmd { return r.askPath(w) }}},
	}
	for _, a := range content.Areas {
		letter := strings.ToLower(a.Label()[:1])
		c.options = append(c.options, option{bind("those of "+a.Label(), letter, letter), func() tea.Cmd {
			w.o.Area = &a
			return r.askPath(w)
		}})
	}
	r.app.show(c)
	return nil
}

// askRole asks whether a report that is by role is written whole, or for one role to be handed to it.
func (r *report) askRole(w order) tea.Cmd {
	c := &choice{
		app: r.app, title: "Whole, or for one role?", text: "What is for one role can be handed to it; the whole is for the assessors.",
		options: []option{{bind("whole", "w", "w"), func() tea.Cmd { return r.askPath(w) }}},
	}
	for i, role := range content.Roles {
		letter := string(rune('a' + i))
		c.options = append(c.options, option{bind(role, letter, letter), func() tea.Cmd {
			w.o.Roles = []string{role}
			return r.askPath(w)
		}})
	}
	r.app.show(c)
	return nil
}

func (r *report) askPath(w order) tea.Cmd {
	r.app.show(newPrompt(r.app, "Write the "+kindText[w.kind]+" as "+formatText[w.format].name,
		"A path; a bare name goes into the folder in which plumbline was started. Nothing is overwritten without asking.",
		cmp.Or(w.path, reports.FileName(r.s.Snapshot(), w.kind, w.format, w.o)), func(path string) tea.Cmd {
			w.path = path
			return r.write(w)
		}))
	return nil
}

// write makes the report from a copy of the present state.
func (r *report) write(w order) tea.Cmd {
	w.path = strings.TrimSpace(w.path)
	if w.path == "" {
		r.app.say("no path, nothing written")
		return nil
	}
	snap, export := r.s.Snapshot(), r.app.cfg.Export
	w.o.Journal = []assessment.Event{}
	for e, err := range r.s.Events() {
		if err != nil {
			break // which the banner says
		}
		w.o.Journal = append(w.o.Journal, e)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.writing = &writing{what: kindText[w.kind] + " as " + formatText[w.format].name, stop: stop}
	r.app.jobs++
	return tea.Batch(r.writing.tick(), func() tea.Msg {
		written, err := export(ctx, snap, w.kind, w.format, w.o, w.path, w.force)
		return exportedMsg{r, w, written, err}
	})
}

func (w *writing) tick() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return writingMsg{w} })
}

func (r *report) exported(msg exportedMsg) {
	a := r.app
	if r.writing != nil {
		r.writing.stop()
		r.writing = nil
	}
	switch {
	case errors.Is(msg.err, fs.ErrExist):
		again := msg.order
		again.force = true
		a.show(&choice{app: a, title: "There is a file of that name already", text: again.path, options: []option{
			{bind("replace it", "y", "y"), func() tea.Cmd { return r.write(again) }},
			{bind("leave it", "n", "n"), func() tea.Cmd { return nil }},
		}})
	case errors.Is(msg.err, context.Canceled):
		a.say("stopped; nothing was written")
	case msg.err != nil:
		a.fail("write the report", msg.err)
		r.askPath(msg.order) // with what was typed
	default:
		r.done = append(r.done, msg.path)
		a.say("written: %s", msg.path)
	}
}

var kindText = map[reports.Kind]string{
	reports.Gap:              "gap report",
	reports.Executive:        "executive report",
	reports.Plan:             "action plan",
	reports.EvidenceRequests: "evidence requests",
	reports.Interview:        "interview sheets",
	reports.Profile:          "Organizational Profile",
	reports.Compare:          "comparison",
}

var formatText = map[reports.Format]struct{ name, use string }{
	reports.HTML:     {"HTML", "to read and to send: one file, charts, prints well, works with screen readers"},
	reports.PDF:      {"PDF", "to hand in: cover, contents, page numbers, fonts embedded"},
	reports.DOCX:     {"DOCX", "to edit in a word processor: styles, tables with heads, contents"},
	reports.Markdown: {"Markdown", "for wikis and repositories"},
	reports.XLSX:     {"XLSX", "for a spreadsheet: sheets of data, no formulas"},
	reports.CSV:      {"CSV", "one sheet of data; Plumbline reads it back"},
	reports.JSON:     {"JSON", "for other programs, with a schema"},
	reports.OSCAL:    {"OSCAL", "for GRC tools: NIST's exchange format, JSON"},
	reports.CSFP:     {".csfp", "for a CSF profile tool; one rating for each Subcategory"},
	reports.CSFA:     {".csfa", "for a CSF assessment tool; one rating for each Subcategory"},
	reports.CISOCSV:  {"CISO CSV", "for CISO Assistant: its audit of CSF 2.0, to import there"},
	reports.CISOXLSX: {"CISO XLSX", "for CISO Assistant: the same as a workbook"},
}

func (r *report) Head(int) []string {
	return []string{r.title(), " " + r.app.theme.Label.Render("REPORT")}
}

func (r *report) View(w, h int) string {
	a, t := r.app, r.app.theme
	out := []string{}
	for i, k := range r.kinds {
		row := a.cut(a.pad(title(kindText[k]), 24)+a.plain(reports.Tells(k)), w-5)
		if i == r.kind {
			out = append(out, t.Selected.Render(a.pad(" "+t.Glyph.Cursor+" "+row, w-1)))
		} else {
			out = append(out, "   "+row)
		}
	}
	out = append(out, "")
	out = append(out, r.formatLines(w)...)
	for _, l := range wrap(a.plain(formatText[r.formats()[r.format]].use), w-10) {
		out = append(out, "         "+t.Faint.Render(l))
	}
	if r.writing != nil {
		out = append(out, "", " "+t.Label.Render("WRITING")+fmt.Sprintf(" %s, %d s", r.writing.what, r.writing.seconds))
	}
	out = append(out, "")
	var below []string
	if len(r.done) > 0 {
		below = append(below, " "+t.Label.Render("WRITTEN"))
		for _, p := range r.done {
			below = append(below, t.Good.Render("   "+t.Glyph.Check+" ")+a.cut(p, w-8))
		}
		below = append(below, "")
	}
	if r.lost != nil {
		below = append(append(below, " "+t.Label.Render("WHAT IT CAN NOT CARRY")), r.bullets(r.lost, w)...)
	} else {
		below = append(below, r.willSay(w)...)
	}
	return lines(append(out, a.scrolled(below, &r.scroll, w, max(1, h-len(out)))...)...)
}

func (r *report) bullets(texts []string, w int) []string {
	a, t := r.app, r.app.theme
	var out []string
	for _, s := range texts {
		for i, l := range wrap(a.plain(s), w-6) {
			mark := " "
			if i == 0 {
				mark = t.Glyph.Bullet
			}
			out = append(out, "   "+mark+" "+l)
		}
	}
	return out
}

// formatLines shows the formats of the kind, the chosen one in brackets.
func (r *report) formatLines(w int) []string {
	t := r.app.theme
	out := []string{" " + t.Label.Render("FORMAT") + " "}
	used := lipgloss.Width(out[0])
	for i, f := range r.formats() {
		name := formatText[f].name
		if used+len(name)+2 > w {
			out, used = append(out, "        "), 8
		}
		used += len(name) + 2
		if i == r.format {
			name = t.Key.Render("[" + name + "]")
		} else {
			name = " " + name + " "
		}
		out[len(out)-1] += name
	}
	return out
}

// willSay is what every kind of report will state, before it is written.
func (r *report) willSay(w int) []string {
	a, t := r.app, r.app.theme
	tl, in, head := r.s.Tally(), r.s.Info(), r.s.Head()
	return append([]string{" " + t.Label.Render("IT STANDS ON")}, r.bullets([]string{
		fmt.Sprintf("%s, %s; %s path%s; journal head %s", in.Organization, in.Name, in.Path, marking(in.Marking), head),
		fmt.Sprintf("%d of %d items in profile rated, of which %d inherited; %d unrated; %d out of profile", tl.Rated(), tl.InProfile, tl.Inherited, tl.Unrated(), tl.OutOfProfile),
		fmt.Sprintf("at target %s; attainment %s (%s)%s", atTargetText(a, tl), tl.Attainment(), attainmentPercent(tl, in.Threshold), canBecome(&tl)),
		fmt.Sprintf("%d gaps, %d accepted; evidence supports %d of %d ratings", tl.Gaps, len(r.s.Accepted(a.cfg.Today())), tl.Supported, tl.Rated()),
		fmt.Sprintf("source: %s, %s", r.cat().Pack().Document, r.cat().Pack().Status),
	}, w)...)
}

// title writes a word with a capital.
func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func marking(s string) string {
	if s == "" {
		return ""
	}
	return "; " + s
}
