package content

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"

	"plumbline/content/internal/packfile"
)

// MappingNote goes wherever a lens is shown: that two frameworks touch says nothing of what an
// organization has achieved.
const MappingNote = "A mapping is never evidence."

// Lens shows the Core through another framework. It is read only.
type Lens struct {
	ID      string // "sp800-53"
	Title   string
	Source  string // where the mapping comes from
	Status  string // whose mapping it is, and how far it goes
	License string
	Note    string

	areas   [len(Areas)]bool
	entries []Entry
	index   map[string]int // id of an entry -> entries
	links   map[string]link
}

// link is what a Subcategory or an item maps to.
type link struct {
	to   []Entry
	note string
}

// For returns what a Subcategory ("GV.OC-01") maps to, the closest first where the source ranks.
// Callers must not change the slice.
func (l *Lens) For(sub string) []Entry { return l.links[sub].to }

// ForItem returns what an item maps to: what is mapped to it alone, then what its Subcategory maps
// to where the lens covers the item's Focus Area. An entry that both have is there twice.
func (l *Lens) ForItem(id ItemID) []Entry {
	own := l.links[id.String()].to
	if !l.areas[id.Area] {
		return own
	}
	return append(own[:len(own):len(own)], l.For(id.Sub)...)
}

// Why returns the remark of the mapping on a Subcategory or an item ("GV.OC-01",
// "GV.OC-01/secure"), such as its strength; mostly "". There can be a remark where nothing is
// mapped.
func (l *Lens) Why(id string) string { return l.links[id].note }

// Entries yields everything that the lens names, mapped or not, in its own order.
func (l *Lens) Entries() iter.Seq[Entry] { return values(l.entries) }

// Entry returns the entry of that id.
func (l *Lens) Entry(id string) (Entry, bool) {
	i, ok := l.index[id]
	if !ok {
		return Entry{}, false
	}
	return l.entries[i], true
}

// lensSlot holds a lens that may not have been read yet.
type lensSlot struct {
	id  string
	get func() *Lens
}

// Lenses yields the lenses of the pack in its order. The first call reads them, which costs
// milliseconds.
func (c *Catalog) Lenses() iter.Seq[*Lens] {
	return func(yield func(*Lens) bool) {
		for _, s := range c.lenses {
			if !yield(s.get()) {
				return
			}
		}
	}
}

// Lens returns the lens of that id. The embedded pack has "sp800-53", "ai-rmf", "iso-27001",
// "cis-8.1", "cosais", "ai-600-1" and "owasp-llm-2025".
func (c *Catalog) Lens(id string) (*Lens, bool) {
	for _, s := range c.lenses {
		if s.id == id {
			return s.get(), true
		}
	}
	return nil, false
}

// Control is a control, an enhancement or (where the draft cites one) a family of SP 800-53 Rev 5.
type Control struct {
	ID        string   // as printed: "AC-2(1)"
	Title     string   // of the enhancement alone, without that of its base control
	Note      string   // says so where it is withdrawn
	Baselines []string // of "low", "moderate", "high", in this order (SP 800-53B)
}

const sp80053Lens = "sp800-53"

// SP80053 returns the controls to which NIST's own mapping of CSF 2.0 ties a Subcategory. The draft
// has a list of its own: DraftControls.
func (c *Catalog) SP80053(sub string) []Control {
	l, ok := c.Lens(sp80053Lens)
	if !ok {
		return nil
	}
	controls := make([]Control, 0, len(l.For(sub)))
	for _, e := range l.For(sub) {
		controls = append(controls, controlOf(e))
	}
	return controls
}

// DraftControls returns the controls that the draft cites for a Subcategory (its DraftSP800), with
// titles and baselines.
func (c *Catalog) DraftControls(sub string) []Control {
	s, ok := c.Subcategory(sub)
	if !ok {
		return nil
	}
	controls := make([]Control, 0, len(s.DraftSP800))
	l, known := c.Lens(sp80053Lens)
	for _, id := range s.DraftSP800 {
		e := Entry{ID: id}
		if known {
			e, _ = l.Entry(id) // every cited id is there: addLenses has seen to it
		}
		controls = append(controls, controlOf(e))
	}
	return controls
}

func controlOf(e Entry) Control { return Control{e.ID, e.Name, e.Note, e.Tags} }

// addLenses takes the lenses that were read, and leaves the others to be read from fsys when they
// are asked for.
func (c *Catalog) addLenses(fsys fs.FS, files []packfile.File, read map[string]any) error {
	for _, f := range files {
		name := lensPattern().FindStringSubmatch(f.Name)
		if name == nil {
			continue
		}
		if w, ok := read[f.Name].(*packfile.Lens); ok {
			l, err := c.parseLens(name[1], w)
			if err != nil {
				return inFile(f.Name, err)
			}
			c.lenses = append(c.lenses, lensSlot{l.ID, func() *Lens { return l }})
			continue
		}
		c.lenses = append(c.lenses, lensSlot{name[1], sync.OnceValue(func() *Lens {
			var w packfile.Lens
			err := readPinned(fsys, linked, f, &w)
			if err == nil {
				var l *Lens
				if l, err = c.parseLens(name[1], &w); err == nil {
					return l
				}
			}
			// Only the embedded pack comes here, and the tests load it with nothing left unread.
			panic(fmt.Errorf("embedded pack: %w", err))
		})})
	}
	return nil
}

func (c *Catalog) parseLens(id string, w *packfile.Lens) (*Lens, error) {
	if w.ID != id {
		return nil, at("id", fmt.Errorf("is %q in the file of %q", w.ID, id))
	}
	err := cmp.Or(
		required("title", w.Title),
		required("source", w.Source),
		required("status", w.Status),
		optional("license", w.License),
		optional("note", w.Note),
	)
	if err != nil {
		return nil, err
	}
	l := &Lens{
		ID: w.ID, Title: w.Title, Source: w.Source, Status: w.Status, License: w.License, Note: w.Note,
		index: make(map[string]int, len(w.Entries)), links: make(map[string]link, len(w.Map)),
	}
	for i, s := range w.Areas {
		a, err := ParseArea(s)
		if err != nil {
			return nil, at(fmt.Sprintf("areas[%d]", i), err)
		}
		l.areas[a] = true
	}
	if len(w.Areas) == 0 {
		l.areas = [...]bool{true, true, true}
	}
	if l.entries, err = parseEntries(w.Entries); err != nil {
		return nil, err
	}
	for i, e := range l.entries {
		if _, twice := l.index[e.ID]; twice {
			return nil, at(fmt.Sprintf("entries[%d].id", i), fmt.Errorf("%q is there twice", e.ID))
		}
		l.index[e.ID] = i
	}
	for i, m := range w.Map {
		if err := l.addLink(c, m); err != nil {
			return nil, at(fmt.Sprintf("map[%d]", i), err)
		}
	}
	if w.ID == sp80053Lens {
		return l, l.coversDraft(c)
	}
	return l, nil
}

func (l *Lens) addLink(c *Catalog, m packfile.Mapping) error {
	sub, _, isItem := strings.Cut(m.ID, "/")
	if _, known := c.subIndex[sub]; !known {
		return at("id", fmt.Errorf("%q is neither a Subcategory nor an item of the pack", m.ID))
	}
	if isItem {
		id, err := ParseItemID(m.ID)
		if err != nil {
			return at("id", err)
		}
		if _, known := c.Index(id); !known {
			return at("id", fmt.Errorf("%q is no item of the pack", m.ID))
		}
	}
	if _, twice := l.links[m.ID]; twice {
		return at("id", fmt.Errorf("%s is there twice", m.ID))
	}
	if len(m.To) == 0 && m.Note == "" {
		return at("to", errors.New("empty, and no note says why"))
	}
	link := link{note: m.Note}
	for i, id := range m.To {
		e, known := l.Entry(id)
		if !known {
			return at(fmt.Sprintf("to[%d]", i), fmt.Errorf("%s maps to %q, which is no entry of the lens", m.ID, id))
		}
		link.to = append(link.to, e)
	}
	l.links[m.ID] = link
	return optional("note", m.Note)
}

// coversDraft checks that the lens names every control that the draft cites.
func (l *Lens) coversDraft(c *Catalog) error {
	for _, s := range c.subs {
		for _, id := range s.DraftSP800 {
			if _, known := l.index[id]; !known {
				return at("entries", fmt.Errorf("%s is missing, which the draft cites for %s", id, s.ID))
			}
		}
	}
	return nil
}

func parseEntries(entries []packfile.Entry) ([]Entry, error) {
	out := make([]Entry, len(entries))
	for i, e := range entries {
		err := cmp.Or(
			required("id", e.ID),
			optional("name", e.Name),
			optional("kind", e.Kind),
			optional("note", e.Note),
			optionalList("tags", e.Tags),
			optionalList("also", e.Also),
		)
		if err != nil {
			return nil, at(fmt.Sprintf("entries[%d]", i), err)
		}
		out[i] = Entry{e.ID, e.Name, e.Kind, e.Note, e.Tags}
	}
	return out, nil
}
