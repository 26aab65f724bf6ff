package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textarea"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"plumbline/assessment"
)

var (
	enterKey  = bind("accept", "enter", "enter")
	cancelKey = bind("cancel", "esc", "esc")
)

// prompt asks for one line.
type prompt struct {
	app         *App
	title, hint string
	input       textinput.Model
	value       string // that it began with
	width       int
	accept      func(string) tea.Cmd
	cancel      func() tea.Cmd // nil does nothing
}

func newPrompt(a *App, title, hint, value string, accept func(string) tea.Cmd) *prompt {
	p := &prompt{app: a, title: title, hint: hint, value: value, accept: accept}
	p.input = textinput.New()
	p.input.Prompt = "> "
	p.input.KeyMap.Paste.SetEnabled(false)
	p.input.SetValue(value)
	a.theme.Input(&p.input)
	p.input.Focus()
	return p
}

func (p *prompt) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(tea.KeyPressMsg); ok {
		switch msg.String() {
		case "enter":
			p.app.close()
			cmd := p.accept(p.input.Value())
			if p.app.notice.bad && p.app.dialog == nil { // refused: it can be put right
				p.app.show(p)
			}
			return cmd
		case "esc":
			p.app.close()
			if p.cancel != nil {
				return p.cancel()
			}
			return nil
		}
	}
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	return cmd
}

// Typed reports whether leaving would drop something.
func (p *prompt) Typed() bool { return p.input.Value() != p.value }

func (p *prompt) View(w, _ int) string {
	p.input.SetWidth(w - 4)
	p.width = w
	t := p.app.theme
	return lines(t.Strong.Render(p.title), t.Faint.Render(lines(wrap(p.hint, w)...)), p.input.View())
}

func (p *prompt) Cursor() *tea.Cursor {
	c := p.input.Cursor()
	if c != nil {
		c.Y += 1 + len(wrap(p.hint, p.width))
	}
	return c
}

func (p *prompt) Keys() keys { return keys{short: []key.Binding{enterKey, cancelKey}} }

// editor takes text of several lines. Leaving it keeps the text: nothing typed is lost by a wrong
// key, and undo takes it back.
type editor struct {
	app    *App
	title  string
	area   textarea.Model
	accept func(string) tea.Cmd
}

func newEditor(a *App, title, value string, accept func(string) tea.Cmd) *editor {
	e := &editor{app: a, title: title, accept: accept}
	e.area = textarea.New()
	e.area.ShowLineNumbers = false
	e.area.Prompt = ""
	e.area.CharLimit = assessment.MaxNote
	e.area.MaxHeight = 0
	e.area.KeyMap.Paste.SetEnabled(false)
	e.area.KeyMap.InsertNewline = key.NewBinding(key.WithKeys("enter", "ctrl+j"))
	a.theme.Area(&e.area)
	e.area.SetHeight(10)
	e.area.SetValue(value)
	e.area.Focus()
	return e
}

func (e *editor) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(tea.KeyPressMsg); ok {
		switch msg.String() {
		case "esc", "ctrl+s":
			return e.Keep()
		}
	}
	var cmd tea.Cmd
	e.area, cmd = e.area.Update(msg)
	return cmd
}

// Keep takes what was typed, and closes.
func (e *editor) Keep() tea.Cmd {
	e.app.close()
	return e.accept(e.area.Value())
}

func (e *editor) View(w, h int) string {
	e.area.SetWidth(w)
	e.area.SetHeight(max(3, min(12, h-1)))
	return lines(e.app.theme.Strong.Render(e.app.cut(e.title, w)), e.area.View())
}

func (e *editor) Cursor() *tea.Cursor {
	c := e.area.Cursor()
	if c != nil {
		c.Y++
	}
	return c
}

func (e *editor) Keys() keys {
	return keys{short: []key.Binding{bind("keep", "esc or ctrl+s", "esc", "ctrl+s"), bind("new line", "enter", "enter")}}
}

// choice asks for one key out of a few.
type choice struct {
	app     *App
	title   string
	text    string
	options []option
}

type option struct {
	key  key.Binding
	pick func() tea.Cmd
}

func (c *choice) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	for _, o := range c.options {
		if key.Matches(press, o.key) {
			c.app.close()
			return o.pick()
		}
	}
	if press.String() == "esc" {
		c.app.close()
	}
	return nil
}

func (c *choice) View(w, _ int) string {
	t := c.app.theme
	out := []string{t.Strong.Render(c.title)}
	if c.text != "" {
		out = append(out, wrap(c.text, w)...)
	}
	out = append(out, "")
	for _, o := range c.options {
		h := o.key.Help()
		out = append(out, " "+t.Key.Render(c.app.pad(h.Key, 10))+h.Desc)
	}
	return lines(out...)
}

func (c *choice) Cursor() *tea.Cursor { return nil }

// Keys has only the way back: the box itself lists the others.
func (c *choice) Keys() keys { return keys{short: []key.Binding{cancelKey}} }

// form shows a huh form in a box or on a screen. accept is called once, when it is complete; esc
// drops it.
type form struct {
	app    *App
	title  string
	form   *huh.Form
	accept func() tea.Cmd
	height int
	typed  bool
}

// newForm prepares groups as a form in the app's look. What the fields write to must not be the
// domain's own values: a select writes at each move of its cursor.
func newForm(a *App, title string, height int, accept func() tea.Cmd, groups ...*huh.Group) (*form, tea.Cmd) {
	km := huh.NewDefaultKeyMap()
	km.Text.Editor.SetEnabled(false) // no child processes
	km.Select.Filter.SetEnabled(false)
	km.MultiSelect.Filter.SetEnabled(false)
	f := &form{app: a, title: title, accept: accept, height: height}
	f.form = huh.NewForm(groups...).WithTheme(a.theme.Form()).WithKeyMap(km).WithShowHelp(false).
		WithWidth(max(minWidth, min(a.w-6, 100))) // as View sets it, for a field wraps its text before the first one
	return f, f.form.Init()
}

func (f *form) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(tea.KeyPressMsg); ok && msg.String() == "esc" && !f.filtering() {
		f.app.close()
		return nil
	}
	return f.step(msg)
}

// Typed reports whether leaving would drop something.
func (f *form) Typed() bool { return f.typed }

// step gives the form a message and takes its end.
func (f *form) step(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		f.typed = f.typed || msg.Text != ""
	case tea.PasteMsg:
		f.typed = true
	}
	next, cmd := f.form.Update(msg)
	f.form = next.(*huh.Form)
	switch f.form.State {
	case huh.StateCompleted:
		f.app.close()
		return tea.Batch(cmd, f.accept())
	case huh.StateAborted:
		f.app.close()
	}
	return cmd
}

// filtering reports whether esc would end the filter of a select rather than the form.
func (f *form) filtering() bool {
	s, ok := f.form.GetFocusedField().(interface{ GetFiltering() bool })
	return ok && s.GetFiltering()
}

func (f *form) View(w, h int) string {
	f.form.WithWidth(w).WithHeight(min(f.height, h-3)) // what is wrong with a field stands below, on a line more
	return lines(f.app.theme.Strong.Render(f.title), "", f.form.View())
}

func (f *form) Cursor() *tea.Cursor { return nil }

func (f *form) Keys() keys { return keys{short: append(f.form.KeyBinds(), cancelKey)} }
