package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
	"plumbline/content"
)

// minutesAnItem is the stated assumption behind the hours that New session shows.
const minutesAnItem = 4

// create is the form that starts a session.
type create struct {
	app  *App
	form *form
	d    *draft
}

// draft is what the form writes to. It lives on the heap, apart from the domain.
type draft struct {
	organization, name, purpose string
	roles                       []string
	defends                     assessment.Answer
	path                        assessment.Path
	level                       int // the target that a preset sets on all items; 0 for none
	why                         string
	assessor                    string
}

func newCreate(a *App) *create {
	c := &create{app: a, d: &draft{path: assessment.Quick, assessor: a.who}}
	if c.d.assessor == "" {
		c.d.assessor = a.cfg.User
	}
	c.d.name = fmt.Sprintf("%d baseline", a.cfg.Now().Year())
	return c
}

// Init builds the form: it is made when it is opened, not before the first frame.
func (c *create) Init() tea.Cmd {
	d := c.d
	var paths []huh.Option[assessment.Path]
	for _, p := range assessment.Paths {
		paths = append(paths, huh.NewOption(fmt.Sprintf("%-9s %s", p, pathText[p]), p))
	}
	var cmd tea.Cmd
	c.form, cmd = newForm(c.app, "", 0, c.start,
		huh.NewGroup(
			huh.NewInput().Title("Organization").CharLimit(assessment.MaxName).Value(&d.organization).Validate(needed),
			huh.NewInput().Title("Name of the session").CharLimit(assessment.MaxName).Value(&d.name).Validate(needed),
			huh.NewInput().Title("Purpose").Description("Why this assessment, and for whom. May stay empty.").Value(&d.purpose),
			huh.NewInput().Title("Assessor").Description("Changes are recorded under this name.").
				CharLimit(assessment.MaxName).Value(&d.assessor).Validate(needed),
		),
		huh.NewGroup(
			huh.NewMultiSelect[string]().Title("What does the organization do with AI?").
				Description("Space marks. Nothing marked: not asked, and Secure stays in scope.").
				Options(huh.NewOption("builds AI systems", "builds"), huh.NewOption("deploys AI systems, bought or built", "deploys"),
					huh.NewOption("uses AI services, such as assistants", "uses"),
					huh.NewOption("none of these: Secure is out of scope", "none")).Filterable(false).Height(6).Value(&d.roles),
			huh.NewSelect[assessment.Answer]().Title("Does it use AI in its cyber defense, or plan to?").
				Description("Thwart, attackers who use AI, is in scope whatever the answers.").
				Options(huh.NewOption("not asked yet: Defend stays in scope", assessment.NotAsked), huh.NewOption("yes", assessment.Yes),
					huh.NewOption("no: Defend is out of scope", assessment.No)).Value(&d.defends),
		),
		huh.NewGroup(
			huh.NewSelect[assessment.Path]().Title("Path").
				Description("How much is asked, by the draft's priorities. It can be switched at any time without loss.").
				Options(paths...).Value(&d.path),
			huh.NewSelect[int]().Title("Targets to begin with").
				Description("A target is a decision: set each one with its reason as you go, or start from a preset.").
				Options(huh.NewOption("none yet", 0), huh.NewOption("all items at 2 Largely achieved", 2),
					huh.NewOption("all items at 3 Fully achieved", 3)).Value(&d.level),
		),
		huh.NewGroup(
			huh.NewInput().Title("Why these targets?").Description("Stands beside every target that the preset sets.").
				Value(&d.why).Validate(needed),
		).WithHideFunc(func() bool { return d.level == 0 }),
	)
	return cmd
}

var pathText = map[assessment.Path]string{
	assessment.Quick: "items of High priority", assessment.Standard: "High and Moderate", assessment.Full: "all items",
}

func hours(items int) int { return (items*minutesAnItem + 59) / 60 }

// roles are the answers of the form. With something marked, what is not marked is a no; with nothing
// marked, the question was not answered.
func (c *create) roles() assessment.AIRoles {
	ai := assessment.AIRoles{Defends: c.d.defends}
	if len(c.d.roles) > 0 {
		marked := func(role string) assessment.Answer { return assessment.AnswerOf(slices.Contains(c.d.roles, role)) }
		ai.Builds, ai.Deploys, ai.Uses = marked("builds"), marked("deploys"), marked("uses")
	}
	return ai
}

// items counts what a path covers in the areas that the answers bring into scope.
func (c *create) items(p assessment.Path) int {
	areas := assessment.Scoping(c.roles())
	n := 0
	for it := range c.app.cat.Items() {
		if p.Covers(it.Priority) && !areas[it.ID.Area].Out {
			n++
		}
	}
	return n
}

// start makes the session and opens the walk on it.
func (c *create) start() tea.Cmd {
	a, d := c.app, c.d
	id, err := a.cfg.NewID()
	if err != nil {
		a.fail("start a session", err)
		return a.back()
	}
	a.who = assessment.CleanLine(d.assessor)
	s, delta, err := assessment.New(a.cat, assessment.Info{
		ID: id, Organization: d.organization, Name: d.name, Purpose: d.purpose,
		AI: c.roles(), Path: d.path, Assessors: []string{d.assessor},
	}, a.act(""))
	if err != nil {
		a.fail("start a session", err)
		return c.Init() // the answers are still in the draft
	}
	cmds := []tea.Cmd{a.saver.add(delta)}
	st := &sitting{app: a, s: s}
	a.sitting = st
	started := true
	if d.level > 0 {
		cmd, ok := st.do(d.why, func(e *assessment.Edit) error {
			preset, err := assessment.AllAt(d.level)
			if err == nil {
				_, err = e.Apply(preset, d.why, false)
			}
			return err
		})
		cmds = append(cmds, cmd)
		started = ok
	}
	st.at, _ = st.cat().Index(s.Summary().Next)
	a.stack[len(a.stack)-1] = newWalk(st)
	if started { // else the notice says what went wrong
		a.say("session started: 0-3 rates, t sets the target, ? explains the keys")
	}
	return tea.Batch(cmds...)
}

func (c *create) Update(msg tea.Msg) tea.Cmd {
	if press, ok := msg.(tea.KeyPressMsg); ok && key.Matches(press, global.Back) {
		if c.blank() {
			return c.app.back()
		}
		c.askDrop()
		return nil
	}
	return c.form.step(msg)
}

// blank reports whether nothing was typed that would be missed.
func (c *create) blank() bool { return c.d.organization == "" && c.d.purpose == "" }

func (c *create) askDrop() {
	c.app.show(&choice{app: c.app, title: "Drop this new session?", text: "Nothing of it was saved yet.", options: []option{
		{bind("drop it", "y", "y"), c.app.back}, {bind("go on with the form", "n", "n"), func() tea.Cmd { return nil }},
	}})
}

// Editing reports that letters are text here.
func (c *create) Editing() bool { return true }

func (c *create) Keys() keys {
	return keys{short: append(c.form.form.KeyBinds(), bind("back to Home", "esc", "esc"))}
}

func (c *create) Head(int) []string {
	return []string{" " + c.app.theme.Title.Render("NEW SESSION")}
}

func (c *create) View(w, h int) string {
	c.form.form.WithWidth(min(w-2, 96)).WithHeight(h - 3)
	var in []string
	for _, area := range content.Areas {
		if !assessment.Scoping(c.roles())[area].Out {
			in = append(in, area.Label())
		}
	}
	n := c.items(c.d.path)
	foot := fmt.Sprintf(" So far: %s; %s path: %d items, about %d h at %d min each", strings.Join(in, ", "), c.d.path, n, hours(n), minutesAnItem)
	return fit(c.form.form.View(), w, h-2) + "\n\n" + c.app.theme.Faint.Render(c.app.cut(foot, w))
}
