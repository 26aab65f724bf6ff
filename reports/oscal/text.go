package oscal

import (
	"cmp"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/reports/markdown"
	"plumbline/reports/wire"
)

// OSCAL has three kinds of texts. Strings (names, prop values) are one line without outer blanks and
// stand as they are. Titles are one line of Markdown, descriptions and remarks are several.

// one returns a text as a string of OSCAL, and whether it is one: not empty, one line, no outer blanks.
func one(s string) (string, bool) {
	s = wire.Text(s)
	return s, s != "" && !strings.Contains(s, "\n") && s == strings.TrimSpace(s)
}

// line makes one line of a text, without outer blanks.
func line(s string) string { return strings.TrimSpace(strings.ReplaceAll(wire.Text(s), "\n", " ")) }

// braces and carets mean something in OSCAL's Markdown beyond the common: they insert a parameter and
// raise a text.
var braces = strings.NewReplacer("{", `\{`, "^", `\^`)

// md returns a text of a person, a file or the pack as Markdown that shows it as it is written. Each
// line of it is a paragraph.
func md(s string) string {
	return strings.ReplaceAll(braces.Replace(markdown.Escape(wire.Text(s))), "\n", "\n\n")
}

// title is md for one line.
func title(s string) string { return md(line(s)) }

// titled is title, or instead where the text is empty, which only an older store can hold.
func titled(s, instead string) string { return cmp.Or(title(s), instead) }

// prose is a text of several paragraphs.
type prose []string

// say adds a paragraph in our words, which may hold what md returned.
func (p *prose) say(parts ...string) { *p = append(*p, strings.Join(parts, "")) }

// quote adds a paragraph of somebody's words, after a label of ours; none where the text is empty.
func (p *prose) quote(label, text string) {
	if text = md(text); text != "" {
		p.say(label, ": ", text)
	}
}

func (p prose) String() string { return strings.Join(p, "\n\n") }

// props are properties in the order in which they were added.
type props []property

// add adds a prop of our own. A value that OSCAL can not hold is left out: whoever adds one that a
// person wrote also writes it to a description or to remarks.
func (p *props) add(name, value string) { p.class(name, value, "") }

// class is add with a class: the Focus Area that the value is of.
func (p *props) class(name, value, class string) {
	if value, ok := one(value); ok {
		*p = append(*p, property{Name: name, NS: NS, Value: value, Class: class})
	}
}

// nist adds one of the props that NIST defines.
func (p *props) nist(name, value, remarks string) {
	*p = append(*p, property{Name: name, NS: nistNS, Value: value, Remarks: remarks})
}

// instant returns a time as OSCAL writes it, or "" for one outside the years that can be meant: its
// schema refuses times before 1900.
func instant(t time.Time) string {
	t = t.UTC()
	if y := t.Year(); y < 2000 || y > 2999 {
		return ""
	}
	return t.Format(time.RFC3339)
}

// midnight returns the start of a day as OSCAL writes it, or "" where it is none that can be meant.
func midnight(d assessment.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return instant(t)
}
