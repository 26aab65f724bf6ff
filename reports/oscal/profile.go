package oscal

import (
	"fmt"

	"plumbline/assessment"
)

// profile returns the Target Profile as an OSCAL profile: it selects the Subcategories that have an item
// in profile and adds to each, with the Focus Area as class, the props that docs/formats.md lists. They
// are read back from there as targets.
func (b *builder) profile() profile {
	p := profile{
		UUID: b.id(document, "profile"),
		Metadata: b.metadata("Target Profile, the Subcategories with an item in profile",
			fmt.Sprintf("The Target Profile: the Subcategories with an item in profile, %d of the %d of CSF 2.0, each with the targets that the organization has chosen, by Focus Area. "+
				"The others have no item on the path and in scope that was kept in: that says nothing of how far they are achieved. ", len(b.subs), b.subcategories())+
				"A target is a decision, made level by level on the scale below; it is not a control baseline."),
		Imports:    []profileImport{{Href: b.catalogLink().Href}},
		Merge:      merge{AsIs: true},
		BackMatter: backMatter{[]resource{b.catalogResource()}},
	}
	in := &p.Imports[0]
	if b.subs == nil { // an import that names nothing would take everything
		in.IncludeAll, in.Exclude = &included{}, []controls{{}}
		for sub := range b.cat.Subcategories() {
			in.Exclude[0].IDs = append(in.Exclude[0].IDs, sub.ID)
		}
		return p
	}
	in.Include = []controls{{b.subs}}
	added := make(map[string]props)
	for e := range b.s.Entries() {
		list := added[e.Item.ID.Sub]
		b.targetProps(&list, e)
		added[e.Item.ID.Sub] = list
	}
	p.Modify = &modify{}
	for _, sub := range b.subs {
		p.Modify.Alters = append(p.Modify.Alters, alter{sub, []addition{{"ending", added[sub]}}})
	}
	return p
}

// subcategories counts those of the pack.
func (b *builder) subcategories() int {
	n := 0
	for range b.cat.Subcategories() {
		n++
	}
	return n
}

// targetProps adds what the profile says of one item. One that is not in profile has its state instead
// of a target.
func (b *builder) targetProps(p *props, e assessment.Entry) {
	area, r := e.Item.ID.Area.String(), e.Response
	remark := func(s string) { (*p)[len(*p)-1].Remarks = md(s) }
	if !e.State.InProfile() {
		p.class("state", e.State.String(), area)
		if e.State == assessment.OutOfProfile {
			remark(r.Out)
		}
		return
	}
	if r.Target.Known() {
		p.class("target", r.Target.String(), area)
		remark(r.TargetReason)
	}
	priorities(p, e, area)
	if e.Priority != e.Item.Priority {
		remark(r.PriorityReason)
	}
}
