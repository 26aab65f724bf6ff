package model

import (
	"cmp"
	"fmt"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// ProfileReport builds the Current and Target Organizational Profile (CSWP 29, section 3.1): for each
// Subcategory and Focus Area whether it is included, and if not why, its priority, where the
// organization stands and where it means to stand, with references.
func ProfileReport(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	p := wire.ProfileOf(s)
	parts := []Section{
		{ID: "summary", Title: "The two profiles", Blocks: b.profileSummary(p)},
		{ID: "scope", Title: "Scope", Blocks: b.scope()},
	}
	for f := range b.cat.Functions() {
		parts = append(parts, Section{ID: "function-" + f.ID, Title: fmt.Sprintf("%s (%s)", f.Name, f.ID), Blocks: b.profileOf(p, f)})
	}
	parts = append(parts,
		Section{ID: "targets", Title: "Targets and their reasons", Blocks: b.targets()},
		Section{ID: "tiers", Title: "Implementation Tiers", Blocks: b.tiers()},
		Section{ID: "references", Title: "Whose references these are", Blocks: b.referenceSources()},
		Section{ID: "method", Title: "Method and provenance", Blocks: b.method()})
	return b.document("Current and Target Profile", parts...)
}

func (b *builder) profileSummary(p wire.Profile) []Block {
	n := make(map[string]int)
	for _, r := range p.Subcategories {
		n[included(r)]++
	}
	t := Table{
		ID: "profiles", Caption: "The Current and the Target Profile, counted",
		Columns: []Column{
			{"Focus Area", Head},
			{"Items", Number},
			{"In profile", Number},
			{"Out of profile", Number},
			{"Outside the path", Number},
			{"Out of scope", Number},
			{"With a rating", Number},
			{"With a target", Number},
			{"At target", Number},
		},
	}
	for _, part := range b.topParts()[1:] {
		t.Rows = append(t.Rows, profileCounts(part))
	}
	t.Rows = append(t.Rows, profileCounts(b.topParts()[0]))
	return []Block{
		Para{Text: fmt.Sprintf("The Current Profile says how far the organization achieves each outcome of CSF 2.0 today, the Target Profile how far it decided to. "+
			"Each outcome is seen through three Focus Areas. Of %s, on the path %d, for later %d, left out %d. "+
			"A Subcategory is left out where each of its items in scope was taken out with a reason. "+
			"It is for later where none of its items is in profile and the path leaves one of them for later.",
			count(len(p.Subcategories), "Subcategory", "Subcategories"), n[includedNow], n[includedLater], n[leftOut])},
		t,
	}
}

// Whether something is included in the profiles: it is in profile, or its path leaves it for later, or
// it was taken out.
const (
	includedNow   = "yes"
	includedLater = "later"
	leftOut       = "no"
)

func included(r wire.ProfileRow) string {
	if !r.Included {
		return leftOut
	}
	for _, it := range []*wire.ProfileItem{r.Areas.Secure, r.Areas.Defend, r.Areas.Thwart} {
		if it != nil && it.State.InProfile() {
			return includedNow
		}
	}
	return includedLater
}

func profileCounts(p part) Row {
	n := p.tally
	return Row{[]Cell{
		words(p.name), number(n.Items), number(n.InProfile), number(n.OutOfProfile), number(n.OutsidePath), number(n.AreaOutOfScope),
		number(n.Rated()), number(n.Targeted), words(ofCount(n.AtTarget, n.Compared)),
	}, p.strong}
}

func (b *builder) profileOf(p wire.Profile, f content.Function) []Block {
	var blocks []Block
	for c := range b.cat.Categories() {
		if c.Function != f.ID {
			continue
		}
		t := Table{
			ID: "profile-" + c.ID, Caption: fmt.Sprintf("%s (%s)", c.Name, c.ID),
			Columns: []Column{
				{"Item", Head}, {"Included", Short}, {"Priority", Short}, {"Current", Short}, {"Target", Short}, {"Why", Long}, {"References", Long},
			},
		}
		for _, sub := range p.Subcategories {
			if sub.Subcategory[:len(c.ID)] != c.ID {
				continue
			}
			t.Rows = append(t.Rows, Row{[]Cell{
				{Text: sub.Subcategory, Sub: sub.Title}, words(included(sub)), {}, {}, {}, {}, words(references("SP 800-53", sub.SP80053)),
			}, true})
			for _, it := range []*wire.ProfileItem{sub.Areas.Secure, sub.Areas.Defend, sub.Areas.Thwart} {
				if it != nil {
					t.Rows = append(t.Rows, b.profileItem(it))
				}
			}
		}
		blocks = append(blocks, Heading{c.Name}, t)
	}
	return blocks
}

func (b *builder) profileItem(it *wire.ProfileItem) Row {
	in, why := words(includedNow), []string{}
	current, target := level(it.Current), words(levelText(it.Target))
	if it.State.InProfile() {
		i, _ := b.cat.Index(it.Item)
		switch r := reasonOf(b.s.Response(i)); {
		case b.reasons.items(r) > shared:
			why = append(why, "target: reason "+b.reasons.name(r))
		case r.text != "":
			why = append(why, "target: "+r.text)
		}
	} else {
		in = Cell{Text: leftOut, Sub: it.State.Words()}
		current, target = words("–"), words("–")
		if it.State == assessment.OutsidePath {
			in.Text = includedLater
		} else {
			why = append(why, wire.Text(it.Reason))
		}
	}
	priority := Cell{Text: it.Priority.String()}
	if it.Priority != it.NISTPriority {
		priority.Sub = "NIST: " + it.NISTPriority.String()
		if it.PriorityReason != "" {
			why = append(why, "priority: "+wire.Text(it.PriorityReason))
		}
	}
	if it.Inherited && it.State.InProfile() {
		current.Sub = "inherited"
	}
	var refs []string
	for _, r := range it.References {
		refs = append(refs, cmp.Or(r.ID, r.Label))
	}
	return row(words(it.Item.Area.Label()), in, priority, current, target, words(orDash(strings.Join(why, "\n"))), words(references("draft", refs)))
}

// references is a list of references with whose they are: "draft: DASF 50, LLM03".
func references(whose string, ids []string) string {
	if len(ids) == 0 {
		return "–"
	}
	return whose + ": " + strings.Join(ids, ", ")
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// referenceSources names the documents that the references of a profile lead to.
func (b *builder) referenceSources() []Block {
	facts := Facts{}
	if l, ok := b.cat.Lens("sp800-53"); ok {
		facts.Facts = append(facts.Facts, Fact{Term: "SP 800-53", Lines: []string{sentence(l.Title), sentence(l.Status), sentence("Source: " + l.Source)}, Style: Bullets})
	}
	for s := range b.cat.Schemes() {
		if !s.Open {
			facts.Facts = append(facts.Facts, fact("draft", sentence(strings.TrimSuffix(s.Title+", "+s.Version, ", "))))
		}
	}
	return []Block{
		Para{Text: content.MappingNote + " References marked SP 800-53 are NIST's own mapping of CSF 2.0; those marked draft are what the draft cites for a Focus Area."},
		facts,
	}
}
