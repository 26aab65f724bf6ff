package main

import (
	"fmt"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

type contentCmd struct {
	List contentListCmd `cmd:"" help:"List the items of the pack."`
	Show contentShowCmd `cmd:"" help:"Show all that the pack says of an item, and NIST's official wording where it was added."`
	Add  contentAddCmd  `cmd:"" help:"Add NIST's official wording from a file of NIST's. It is kept beside the store and shown beside ours."`
	Diff contentDiffCmd `cmd:"" help:"Show what differs in another pack, and what of a session that touches."`
}

type contentListCmd struct {
	filter
	Find string `placeholder:"TEXT" help:"Only items whose id, title or question holds this text."`
}

func (c *contentListCmd) Run(p *program) error {
	cat, err := content.Embedded()
	if err == nil {
		err = c.check(cat)
	}
	if err != nil {
		return err
	}
	text := strings.ToLower(c.Find)
	list := wire.ContentListOf(cat, func(it *content.Item) bool {
		if !c.keep(it.ID, it.Priority) {
			return false
		}
		sub, _ := cat.Subcategory(it.ID.Sub)
		return strings.Contains(strings.ToLower(it.ID.String()+"\n"+sub.Title+"\n"+it.Question), text)
	})
	if p.JSON {
		return p.json(wire.KindContentList, cat, nil, list)
	}
	t := p.table("ITEM", "PRIORITY", "PRACTICES", "PAGE", "TITLE", "QUESTION")
	for _, it := range list.Items {
		t.row(it.Item, it.Priority, practices(it.StandardPractices), it.Page, it.Title, ellipsis(it.Question, 80))
	}
	t.end()
	p.say("%d of %d items; %s; questions and wording are Plumbline's, not NIST's", len(list.Items), cat.Len(), cat.Pack().Status)
	return nil
}

func practices(standard bool) string {
	if standard {
		return "standard"
	}
	return "AI-specific"
}

type contentShowCmd struct {
	Item itemArg `arg:"" help:"Item, such as GV.OC-01/secure."`
}

func (c *contentShowCmd) subject() string { return c.Item.id.String() }

func (c *contentShowCmd) Run(p *program) error {
	cat, err := content.Embedded()
	if err != nil {
		return err
	}
	it, ok := cat.Item(c.Item.id)
	if !ok {
		return assessment.ErrUnknownItem
	}
	c.Item.notice(p)
	w := wire.ContentItemOf(cat, it)
	if wording := p.official(); wording != nil {
		w.Official = wire.OfficialOf(wording, it.ID)
	}
	if p.JSON {
		return p.json(wire.KindContentItem, cat, nil, w)
	}
	p.print("%v  %s", it.ID, w.Subcategory.Title)
	p.print("%s › %s · %s · %v priority · %s practices · %s, p. %d", w.Function.Name, w.Category.Name, w.AreaName,
		it.Priority, practices(it.StandardPractices), cat.Pack().Source, it.Page)
	part := func(title string, texts ...string) {
		var full []string
		for _, t := range texts {
			if t != "" {
				full = append(full, t)
			}
		}
		if len(full) == 0 {
			return
		}
		p.print("")
		p.print("%s", title)
		for _, t := range full {
			p.prose(t)
		}
	}
	part("The outcome of "+it.ID.Sub+", in our words", w.Subcategory.Outcome)
	if o := w.Official; o != nil {
		part("NIST's official wording, from "+o.From, o.Outcome)
		part("NIST's implementation examples", bullets(o.Examples)...)
	}
	part("Question", w.Question)
	part("Why", w.Why)
	part("Fully achieved means", bullets(w.GoodPractice)...)
	part("What to ask for", bullets(w.Evidence)...)
	var steps []string
	for _, s := range w.Steps {
		steps = append(steps, fmt.Sprintf("%s (%s)", s.Text, s.Effort))
	}
	part("Steps that close a gap (S days, M weeks, L months)", bullets(steps)...)
	part("Who to ask", strings.Join(w.Roles, ", "))
	part("Hint", w.Hint)
	part(fmt.Sprintf("The draft, restated, p. %d", it.Page), w.Considerations, w.Opportunities, w.Reading)
	part(fmt.Sprintf("The draft on all three Focus Areas, restated, p. %d", w.Subcategory.Page), w.Subcategory.General)
	var refs []string
	for _, r := range append(it.References, referencesOf(cat, it.ID.Sub)...) {
		refs = append(refs, r.String())
	}
	part("References of the draft", bullets(refs)...)
	for _, l := range w.Lenses {
		var names []string
		for _, e := range l.Entries {
			name := strings.TrimSpace(e.ID + " " + e.Name)
			if len(e.Tags) > 0 { // the baselines of a control
				name += " (" + strings.Join(e.Tags, ", ") + ")"
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			part(l.Title, append([]string{l.Status + ". Source: " + l.Source + "."}, bullets(names)...)...)
		}
	}
	p.print("")
	p.print("%s", w.MappingNote)
	p.print("%s", wire.Wording)
	return nil
}

func referencesOf(cat *content.Catalog, sub string) []content.Reference {
	s, ok := cat.Subcategory(sub)
	if !ok {
		return nil
	}
	return s.References
}

func bullets(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = "• " + t
	}
	return out
}
