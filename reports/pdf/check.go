package pdf

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"plumbline/reports/chart"
	"plumbline/reports/model"
)

// Check reads a written report back, without the library that wrote it, and compares it with the
// document. All objects must be where the file's table says and all streams whole. Every page must say
// which one it is of how many, which state of the session it shows, and what the document warns of. The
// outline must have the document's sections. The pages must show every character of the document, as
// often as it is there, and the headline figures with their labels. Nothing in it may run, open or load
// anything.
func Check(data []byte, d model.Document) error {
	f, err := readFile(data)
	if err != nil {
		return err
	}
	r := reading{f: f, d: d, spell: &speller{}}
	return r.check()
}

// reading is a file beside the document that it should show.
type reading struct {
	f     *file
	d     model.Document
	spell *speller // the document's texts as the fonts can show them
}

func (r *reading) check() error {
	if err := r.harmless(); err != nil {
		return err
	}
	info := r.f.dict(r.f.trailer["Info"])
	for _, c := range []struct {
		key  name
		want string
	}{{"Title", title(r.d)}, {"Keywords", r.d.Footer}} {
		got, _ := info[c.key].(literal)
		if want := r.spell.line(c.want); decode(got) != want {
			return fmt.Errorf("its %s is %.200q, not %.200q", strings.ToLower(string(c.key)), decode(got), want)
		}
	}
	catalog := r.f.dict(r.f.trailer["Root"])
	if err := r.outline(catalog); err != nil {
		return err
	}
	return r.pages(catalog)
}

// harmless fails on what could run, open or load something, wherever it is.
func (r *reading) harmless() error {
	var look func(o any) error
	look = func(o any) error {
		switch v := o.(type) {
		case *stream:
			return look(v.dict)
		case []any:
			for _, e := range v {
				if err := look(e); err != nil {
					return err
				}
			}
		case dict:
			for _, key := range sorted(v) {
				switch key {
				case "JavaScript", "JS", "URI", "A", "AA", "Launch", "OpenAction", "AcroForm", "XFA", "EF", "Encrypt":
					return fmt.Errorf("it holds /%s", key)
				}
				if err := look(v[key]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, n := range sorted(r.f.objects) {
		if err := look(r.f.objects[n]); err != nil {
			return fmt.Errorf("object %d: %w", n, err)
		}
	}
	return nil
}

// outline compares the top level of the outline with the sections.
func (r *reading) outline(catalog dict) error {
	at := r.f.dict(catalog["Outlines"])["First"]
	var want []string
	if !r.d.Brief {
		want = append(want, contentsTitle)
	}
	for _, s := range r.d.Sections {
		want = append(want, sectionName(r.spell, s))
	}
	for i, w := range want {
		entry := r.f.dict(at)
		got, _ := entry["Title"].(literal)
		if decode(got) != w {
			return fmt.Errorf("entry %d of the outline is %.100q, not %.100q", i+1, decode(got), w)
		}
		at = entry["Next"]
	}
	if more, _ := r.f.dict(at)["Title"].(literal); at != nil && decode(more) != remarksTitle {
		return fmt.Errorf("the outline has %.100q beyond the document's sections", decode(more))
	}
	return nil
}

// pages compares what the pages show with the document.
func (r *reading) pages(catalog dict) error {
	tree := r.f.dict(catalog["Pages"])
	kids, _ := tree["Kids"].([]any)
	if len(kids) == 0 || tree["Count"] != float64(len(kids)) {
		return fmt.Errorf("it has %d pages and says %v", len(kids), tree["Count"])
	}
	if err := r.fonts(r.f.dict(r.f.dict(kids[0])["Resources"])); err != nil {
		return err
	}
	parts := strings.Split(r.spell.line(r.d.Footer), separator)
	state := unspaced(parts[stateIndex(parts)])
	var body, cover strings.Builder
	for i, kid := range kids {
		content, ok := r.f.get(r.f.dict(kid)["Contents"]).(*stream)
		if !ok {
			return fmt.Errorf("page %d has no content", i+1)
		}
		var around strings.Builder
		err := show(content.data, func(t tag, s string) {
			switch {
			case t == text:
				body.WriteString(unspaced(s))
			case t == artifact:
				around.WriteString(unspaced(s))
			case t == front && i == 0:
				cover.WriteString(unspaced(s))
			}
		})
		if err != nil {
			return fmt.Errorf("page %d: %w", i+1, err)
		}
		warned := &around // the first page has a banner, the others a strip at their edge
		if i == 0 {
			warned = &cover
		}
		if want := r.warning(); !strings.Contains(warned.String(), want) {
			return fmt.Errorf("page %d does not say %.100q", i+1, r.d.Warning)
		}
		if i == 0 && !r.d.Brief {
			continue // the cover has no foot
		}
		if want := unspaced(pageLabel(i+1, len(kids))); !strings.Contains(around.String(), want) {
			return fmt.Errorf("page %d does not say %q", i+1, pageLabel(i+1, len(kids)))
		}
		if !strings.Contains(around.String(), state) {
			return fmt.Errorf("the foot of page %d does not say %.100q", i+1, state)
		}
	}
	return errors.Join(r.cover(cover.String()), r.figures(body.String()), r.characters(body.String()))
}

// warning is how the warning begins, without blanks: a page that has no room for all of it cuts it.
func (r *reading) warning() string {
	const most = 60
	w := []rune(unspaced(r.spell.line(r.d.Warning)))
	return string(w[:min(most, len(w))])
}

// fonts fails unless each font of the file is in it and maps its characters to themselves.
func (r *reading) fonts(resources dict) error {
	fonts := r.f.dict(resources["Font"])
	if len(fonts) != 2 {
		return fmt.Errorf("it has %d fonts, not 2", len(fonts))
	}
	for _, key := range sorted(fonts) {
		font := r.f.dict(fonts[key])
		below, _ := font["DescendantFonts"].([]any)
		if font["Encoding"] != name("Identity-H") || len(below) != 1 {
			return fmt.Errorf("the font %s has another encoding", key)
		}
		program, ok := r.f.get(r.f.dict(r.f.dict(below[0])["FontDescriptor"])["FontFile2"]).(*stream)
		if !ok || len(program.data) < 1000 {
			return fmt.Errorf("the font %s is not embedded", key)
		}
		if _, ok := r.f.get(font["ToUnicode"]).(*stream); !ok {
			return fmt.Errorf("the font %s does not say which characters it shows", key)
		}
	}
	return nil
}

// cover looks for what must stand on the first page.
func (r *reading) cover(shown string) error {
	for _, s := range r.d.Statements {
		if !strings.Contains(shown, unspaced(r.spell.line(s))) {
			return fmt.Errorf("the first page does not say %.100q", s)
		}
	}
	return nil
}

// figures looks for the headline figures, each with its label before it and its note behind it.
func (r *reading) figures(shown string) error {
	for _, s := range r.d.Sections {
		for _, b := range s.Blocks {
			figures, ok := b.(model.Figures)
			if !ok {
				continue
			}
			for _, f := range figures.Figures {
				if !strings.Contains(shown, unspaced(r.spell.line(f.Label+f.Value+f.Note))) {
					return fmt.Errorf("the figure %q is not %q", f.Key, f.Value)
				}
			}
		}
	}
	return nil
}

// characters compares how often each character is shown with how often the document has it. It does so
// without regard to their order: a row higher than a page stands in it line by line.
func (r *reading) characters(shown string) error {
	count := make(map[rune]int)
	for s := range texts(r.d) {
		for _, c := range unspaced(r.spell.text(s)) {
			count[c]++
		}
	}
	for _, c := range shown {
		count[c]--
	}
	for _, c := range sorted(count) {
		if n := count[c]; n != 0 {
			return fmt.Errorf("the character %q is shown %d times more or less than the document has it", c, max(n, -n))
		}
	}
	return nil
}

// unspaced returns s without blanks, which a page has where lines end as well.
func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// texts yields every text in the sections of a document, in the order in which it is read.
func texts(d model.Document) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range d.Sections {
			if !yield(s.Number) || !yield(s.Title) {
				return
			}
			for _, b := range s.Blocks {
				for _, t := range blockTexts(b) {
					if !yield(t) {
						return
					}
				}
			}
		}
	}
}

func blockTexts(b model.Block) []string {
	var list []string
	cell := func(c model.Cell) { list = append(list, c.Text, c.Sub) }
	facts := func(facts []model.Fact) {
		for _, f := range facts {
			list = append(append(list, f.Term), f.Lines...)
		}
	}
	switch b := b.(type) {
	case model.Para:
		return []string{b.Text}
	case model.List:
		return b.Items
	case model.Heading:
		return []string{b.Text}
	case model.Figures:
		for _, f := range b.Figures {
			list = append(list, f.Label, f.Value, f.Note)
		}
	case model.Facts:
		facts(b.Facts)
	case model.Table:
		list = append(list, b.Caption)
		for _, c := range b.Columns {
			list = append(list, c.Title)
		}
		for _, row := range b.Rows {
			for _, c := range row.Cells {
				cell(c)
			}
		}
	case model.Chart:
		list = append(list, b.Drawing.Title)
		for _, s := range b.Drawing.Shapes {
			if t, ok := s.(chart.Text); ok {
				list = append(list, t.Text)
			}
		}
		return slices.Concat(list, blockTexts(b.Table))
	case model.Entries:
		for _, e := range b.Entries {
			list = append(list, e.Title, e.Code, inline(e.Inline), e.Lead)
			for _, c := range e.Badges {
				list = append(list, c.Text)
			}
			facts(e.Facts)
			list = append(append(list, e.Choices...), e.Blanks...)
		}
	}
	return list
}
