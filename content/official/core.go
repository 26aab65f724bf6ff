package official

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"plumbline/content"
)

// level is the depth at which an id stands in the Core.
type level int

const (
	noLevel level = iota - 1
	function
	category
	subcategory
)

// expression compiles a regular expression when it is first needed: most runs of the program need none.
func expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

var levelPatterns = [...]func() *regexp.Regexp{
	function:    expression(`^[A-Z]{2}$`),
	category:    expression(`^[A-Z]{2}\.[A-Z]{2}$`),
	subcategory: expression(`^[A-Z]{2}\.[A-Z]{2}-[0-9]{2}$`),
}

func levelOf(id string) level {
	for l, p := range levelPatterns {
		if p().MatchString(id) {
			return level(l)
		}
	}
	return noLevel
}

// parentOf returns the id that an id of the Core stands below: "GV.OC" of "GV.OC-01", "" of "GV".
func parentOf(id string) string {
	switch levelOf(id) {
	case category:
		return id[:2]
	case subcategory:
		return id[:5]
	}
	return ""
}

const (
	maxText     = 16_000 // runes, as of a note
	maxExamples = 100    // of one Subcategory; NIST gives fewer than ten
)

// collector gathers what a file says of the Core and compares it with the Core at the end.
type collector struct {
	core      []string // ids in Core order
	entries   map[string]*Entry
	index     map[string]int
	extra     names // ids that CSF 2.0 does not have
	withdrawn int
	unmarked  int // of the withdrawn: how many the file does not call so
	dropped   int // texts out of which characters were taken
	notices   []string
}

func newCollector() (*collector, error) {
	cat, err := content.Embedded()
	if err != nil {
		return nil, err
	}
	c := &collector{entries: make(map[string]*Entry)}
	c.core = coreOf(cat)
	c.index = make(map[string]int, len(c.core))
	for i, id := range c.core {
		c.index[id] = i
	}
	return c, nil
}

// coreOf returns the ids of the Core, each Function before its Categories and each of these before
// its Subcategories.
func coreOf(cat *content.Catalog) []string {
	var ids []string
	for f := range cat.Functions() {
		ids = append(ids, f.ID)
		for k := range cat.Categories() {
			if k.Function != f.ID {
				continue
			}
			ids = append(ids, k.ID)
			for s := range cat.Subcategories() {
				if s.Category == k.ID {
					ids = append(ids, s.ID)
				}
			}
		}
	}
	return ids
}

func (c *collector) notice(format string, args ...any) {
	c.notices = append(c.notices, fmt.Sprintf(format, args...))
}

// isWithdrawn reports whether an entry is withdrawn: the file marks it so, or it is known to be, since
// catalogs before version 1.2.0 hold most of what CSF 2.0 withdrew without saying so.
func isWithdrawn(id string, marked bool) bool {
	_, known := content.Withdrawn(id)
	return marked || known
}

// leaveOut counts an entry that is left out.
func (c *collector) leaveOut(marked bool) {
	c.withdrawn++
	if !marked {
		c.unmarked++
	}
}

// add takes an entry of the Core, below the given one, and returns the place for its examples: nil
// where CSF 2.0 has no such entry, which finish refuses. A file may say the same twice, as filled
// columns of a sheet do, but not two things.
func (c *collector) add(id, parent, text string) (*Entry, error) {
	if _, ok := c.index[id]; !ok {
		c.extra.add(fmt.Sprintf("%.40q", short(id, 40)))
		return nil, nil
	}
	if want := parentOf(id); parent != want {
		return nil, fmt.Errorf("is %s, which does not belong below %.40q", id, parent)
	}
	text, err := c.text(text)
	if err != nil {
		return nil, fmt.Errorf("is %s, whose text %w", id, err)
	}
	if e := c.entries[id]; e != nil {
		if e.Text != text {
			return nil, fmt.Errorf("is %s, which stands there twice with different texts", id)
		}
		return e, nil
	}
	e := &Entry{ID: id, Text: text}
	c.entries[id] = e
	return e, nil
}

// example takes an implementation example of a Subcategory.
func (c *collector) example(e *Entry, text string) error {
	text, err := c.text(text)
	if err != nil {
		return fmt.Errorf("is an example of %s, whose text %w", e.ID, err)
	}
	if slices.Contains(e.Examples, text) {
		return nil
	}
	if len(e.Examples) == maxExamples {
		return fmt.Errorf("is an example of %s after %d others", e.ID, maxExamples)
	}
	e.Examples = append(e.Examples, text)
	return nil
}

// text makes a text fit to be kept.
func (c *collector) text(s string) (string, error) {
	if n := utf8.RuneCountInString(s); n > 2*maxText { // white space and all
		return "", fmt.Errorf("has %d characters, at most %d are read", n, maxText)
	}
	s, dropped := content.Clean(s)
	if dropped {
		c.dropped++
	}
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", errors.New("is missing")
	case n > maxText:
		return "", fmt.Errorf("has %d characters, at most %d are read", n, maxText)
	case strings.ContainsRune(s, '\uFFFD'):
		return "", errors.New("is damaged: it holds U+FFFD")
	}
	return s, nil
}

// finish compares what was found with the Core.
func (c *collector) finish(src Source) (*Wording, error) {
	var missing names
	var found, all [len(levelPatterns)]int
	w := &Wording{Source: src, Withdrawn: c.withdrawn, index: c.index}
	examples := 0
	for _, id := range c.core {
		all[levelOf(id)]++
		e := c.entries[id]
		if e == nil {
			missing.add(id)
			continue
		}
		found[levelOf(id)]++
		examples += len(e.Examples)
		w.entries = append(w.entries, *e)
	}
	if len(c.entries) == 0 {
		return nil, errors.New("holds nothing of the CSF 2.0 Core: no Function, Category or Subcategory is known")
	}
	if missing.n+c.extra.n > 0 {
		text := fmt.Sprintf("does not hold the CSF 2.0 Core: %d of %d Functions, %d of %d Categories, %d of %d Subcategories",
			found[function], all[function], found[category], all[category], found[subcategory], all[subcategory])
		if missing.n > 0 {
			text += "; missing: " + missing.String()
		}
		if c.extra.n > 0 {
			text += "; not in CSF 2.0: " + c.extra.String()
		}
		return nil, errors.New(text)
	}
	if c.unmarked > 0 {
		c.notice("%d entries that CSF 2.0 withdrew are not marked as such in this file; they were left out.", c.unmarked)
	}
	if c.dropped > 0 {
		c.notice("Characters that steer a terminal were taken out of %d texts.", c.dropped)
	}
	if examples == 0 {
		c.notice("The file has no implementation examples.")
	}
	w.Notices = c.notices
	return w, nil
}
