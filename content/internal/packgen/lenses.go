package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/content/internal/packfile"
)

// exported is where the mappings that NIST publishes were read.
const exported = "NIST CSF 2.0 Reference Tool, export of 2026-07-20"

func buildLenses(f *facts) ([]*packfile.Lens, error) {
	var lenses []*packfile.Lens
	for _, lens := range []func(*facts) (*packfile.Lens, error){sp80053Lens, aiRMFLens, iso27001Lens, cisLens, cosaisLens, ai6001Lens, owaspLens} {
		l, err := lens(f)
		if err != nil {
			return nil, err
		}
		lenses = append(lenses, l)
	}
	return lenses, nil
}

func owaspLens(f *facts) (*packfile.Lens, error) {
	mapping, err := mapCore(f, func(sub string) ([]string, error) { return f.owasp[sub], nil })
	if err != nil {
		return nil, err
	}
	entries := entriesOf(mapping, func(string) string { return "risk" })
	for i := range entries {
		at := slices.IndexFunc(f.catalogs.LLM2025, func(c catalogEntry) bool { return c.ID == entries[i].ID })
		if at < 0 {
			return nil, fmt.Errorf("csf-2.0-other-refs.json: owasp-llm-2025: %s is no risk of informative-catalogs.json", entries[i].ID)
		}
		entries[i].Name = f.catalogs.LLM2025[at].Name
	}
	return &packfile.Lens{
		ID: "owasp-llm-2025", Title: "OWASP Top 10 for LLM Applications, 2025 edition",
		Source:  exported,
		Status:  "A third party's reference that NIST's Reference Tool lists; not a mapping by NIST",
		License: "CC BY-SA 4.0",
		Note:    fmt.Sprintf("Maps %d of %d Subcategories. The 2026 edition numbers the list anew.", len(mapping), len(f.profile.Entries)),
		Entries: entries,
		Map:     mapping,
	}, nil
}

// mapCore makes the mapping of a lens in Core order, of the Subcategories that map to something.
func mapCore(f *facts, to func(sub string) ([]string, error)) ([]packfile.Mapping, error) {
	var out []packfile.Mapping
	for _, e := range f.profile.Entries {
		ids, err := to(e.Subcategory)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			out = append(out, packfile.Mapping{ID: e.Subcategory, To: ids})
		}
	}
	return out, nil
}

// sp80053Map returns NIST's mapping with printed labels.
func sp80053Map(f *facts) ([]packfile.Mapping, error) {
	label := map[string]string{}
	for _, c := range f.controls.Controls {
		label[c.ID] = c.Label
	}
	return mapCore(f, func(sub string) (ids []string, err error) {
		for _, id := range f.sp80053[sub] {
			if label[id] == "" {
				return nil, fmt.Errorf("csf-2.0-sp800-53-map.json: map.%s: %s is no control of sp800-53-controls.json", sub, id)
			}
			ids = append(ids, label[id])
		}
		return ids, nil
	})
}

func sp80053Lens(f *facts) (*packfile.Lens, error) {
	mapping, err := sp80053Map(f)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{} // mapped, or cited by the draft
	mapped := map[string][]string{}
	for _, m := range mapping {
		mapped[m.ID] = m.To
		for _, id := range m.To {
			used[id] = true
		}
	}
	differ := 0 // Subcategories for which the draft cites other controls than are mapped
	for _, e := range f.profile.Entries {
		for _, id := range e.General.SP80053 {
			used[id] = true
		}
		if !slices.Equal(sorted(e.General.SP80053), sorted(mapped[e.Subcategory])) {
			differ++
		}
	}
	l := &packfile.Lens{
		ID: "sp800-53", Title: "SP 800-53 Rev 5 controls",
		Source:  exported + "; titles and SP 800-53B baselines of Release 5.2.0",
		Status:  "NIST's own mapping of CSF 2.0",
		License: publicDomain,
		Note:    fmt.Sprintf("The draft cites controls of its own; its list differs in %d Subcategories. NIST's references to whole families are left out.", differ),
		Map:     mapping,
	}
	for _, fam := range f.controls.Families {
		if used[fam.Label] {
			l.Entries = append(l.Entries, packfile.Entry{ID: fam.Label, Name: fam.Name, Kind: "family", Note: "The draft cites the whole family."})
			delete(used, fam.Label)
		}
	}
	label := map[string]string{}
	for _, c := range f.controls.Controls {
		label[c.ID] = c.Label
	}
	for _, c := range f.controls.Controls {
		if !used[c.Label] {
			continue
		}
		delete(used, c.Label)
		e := packfile.Entry{ID: c.Label, Name: strings.TrimSpace(c.Title), Kind: "control"}
		if c.Withdrawn {
			var successors []string
			for _, s := range c.Successors {
				successors = append(successors, label[s.ID])
			}
			e.Kind, e.Note = "withdrawn", "Withdrawn; see "+strings.Join(successors, ", ")+"."
		}
		for _, b := range []string{"low", "moderate", "high"} {
			if slices.Contains(c.Baselines, b) {
				e.Tags = append(e.Tags, b)
			}
		}
		l.Entries = append(l.Entries, e)
	}
	for id := range used {
		return nil, fmt.Errorf("cyber-ai-profile.json: sp80053: %s is neither a control nor a family of sp800-53-controls.json", id)
	}
	return l, nil
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

func aiRMFLens(f *facts) (*packfile.Lens, error) {
	l := &packfile.Lens{
		ID: "ai-rmf", Title: "AI RMF 1.0 outcomes",
		Source: "Plumbline's comparison of CSF 2.0 with NIST AI 100-1, January 2023",
		Status: "Plumbline's own reading; NIST has published no mapping between the two",
		Note:   "Outcomes are paraphrased. NIST is revising the AI RMF, so the mapping may have to change.",
	}
	for _, s := range f.aiRMF.Subcategories {
		l.Entries = append(l.Entries, packfile.Entry{ID: s.ID, Kind: "outcome", Note: american.Replace(s.Outcome)})
	}
	if len(f.crosswalk) != len(f.profile.Entries) {
		return nil, fmt.Errorf("csf-ai-rmf-crosswalk.json: %d entries for %d Subcategories", len(f.crosswalk), len(f.profile.Entries))
	}
	strengths := map[string]string{"strong": "Strong", "related": "Related", "none": "None"}
	for i, e := range f.crosswalk {
		if e.CSF != f.profile.Entries[i].Subcategory || strengths[e.Strength] == "" {
			return nil, fmt.Errorf("csf-ai-rmf-crosswalk.json: entries[%d]: %s, strength %q, where %s belongs", i, e.CSF, e.Strength, f.profile.Entries[i].Subcategory)
		}
		l.Map = append(l.Map, packfile.Mapping{
			ID: e.CSF, To: append([]string{}, e.AIRMF...), Note: strengths[e.Strength] + ". " + american.Replace(e.Why),
		})
	}
	return l, nil
}

func iso27001Lens(f *facts) (*packfile.Lens, error) {
	mapping, err := mapCore(f, func(sub string) (ids []string, _ error) {
		for _, id := range f.iso[sub].Clauses {
			ids = append(ids, "Clause "+id)
		}
		for _, id := range f.iso[sub].AnnexA {
			ids = append(ids, "A."+id)
		}
		return ids, nil
	})
	return &packfile.Lens{
		ID: "iso-27001", Title: "ISO/IEC 27001:2022 clauses and Annex A controls",
		Source:  exported,
		Status:  "Third-party references that NIST lists in its OLIR program",
		License: "Ids only; the text of the standard is ISO's and IEC's",
		Entries: entriesOf(mapping, func(id string) string {
			if strings.HasPrefix(id, "A.") {
				return "control"
			}
			return "clause"
		}),
		Map: mapping,
	}, err
}

func cisLens(f *facts) (*packfile.Lens, error) {
	mapping, err := mapCore(f, func(sub string) ([]string, error) { return f.cis[sub], nil })
	return &packfile.Lens{
		ID: "cis-8.1", Title: "CIS Controls v8.1 Safeguards",
		Source:  exported,
		Status:  "CIS's reference, which NIST lists in its OLIR program",
		License: "Ids only; the text of the Safeguards is under CC BY-NC-ND",
		Note:    fmt.Sprintf("CIS maps %d of %d Subcategories.", len(mapping), len(f.profile.Entries)),
		Entries: entriesOf(mapping, func(string) string { return "safeguard" }),
		Map:     mapping,
	}, err
}

// entriesOf returns every id that is mapped to, once, in the order of the numbers in it, for
// frameworks of which we carry nothing else.
func entriesOf(mapping []packfile.Mapping, kind func(id string) string) []packfile.Entry {
	var ids []string
	for _, m := range mapping {
		ids = append(ids, m.To...)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(kind(a), kind(b)), slices.Compare(numbers(a), numbers(b)), cmp.Compare(a, b))
	})
	var out []packfile.Entry
	for _, id := range slices.Compact(ids) {
		out = append(out, packfile.Entry{ID: id, Kind: kind(id)})
	}
	return out
}

// numbers returns the whole numbers in s: 5 and 20 of "A.5.20".
func numbers(s string) (out []int) {
	for field := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(field) // digits alone
		out = append(out, n)
	}
	return out
}

func cosaisLens(f *facts) (*packfile.Lens, error) {
	if len(f.cosais.Overlays) != 1 {
		return nil, fmt.Errorf("cosais.json: overlays has %d entries, want 1", len(f.cosais.Overlays))
	}
	l := &packfile.Lens{
		ID: "cosais", Title: "COSAiS overlay controls and use cases",
		Status:  f.cosais.Status.Label + ". " + f.cosais.Status.Summary,
		License: publicDomain,
		Note: "The one overlay outlined so far is for using and fine-tuning predictive AI. Its controls are tied to Subcategories by Plumbline, " +
			"where NIST's mapping of CSF 2.0 to SP 800-53 names the same control, and shown with Secure alone. As of " + f.cosais.Status.AsOf + ".",
		Areas: []string{"secure"},
	}
	var documents []string
	for _, d := range f.cosais.Documents {
		documents = append(documents, d.Title+", "+d.Published)
	}
	l.Source = "NIST: " + strings.Join(documents, "; ")

	overlay := map[string]bool{}
	for _, c := range f.cosais.Overlays[0].Controls {
		overlay[c.ID] = true
		state := "proposed"
		if c.Annotated {
			state = "annotated"
		}
		l.Entries = append(l.Entries, packfile.Entry{
			ID: c.ID, Name: cmp.Or(c.TitleInSP80053, c.Title), Kind: "control", Note: american.Replace(c.Notes),
			Tags: slices.Concat([]string{state}, c.LifecyclePhases, c.AttackIDs),
		})
	}
	for _, u := range f.cosais.UseCases {
		l.Entries = append(l.Entries, packfile.Entry{
			ID: u.ID, Name: u.Title, Kind: "use case", Note: american.Replace(strings.TrimSpace(u.Description + " " + u.Note)), Tags: []string{u.PlannedPublication},
		})
		for _, s := range u.Scenarios {
			l.Entries = append(l.Entries, packfile.Entry{ID: s.ID, Kind: "scenario", Note: american.Replace(s.Description), Tags: []string{u.ID}})
		}
	}
	mapping, err := sp80053Map(f)
	if err != nil {
		return nil, err
	}
	for _, m := range mapping {
		m.To = slices.DeleteFunc(m.To, func(id string) bool { return !overlay[id] })
		if len(m.To) > 0 {
			l.Map = append(l.Map, m)
		}
	}
	return l, nil
}

// ai6001Lens maps the risks only where the draft itself cites an action of AI 600-1. Going through
// our crosswalk to the AI RMF would tie half of the risks to nearly every Subcategory, which tells a
// reader nothing.
func ai6001Lens(f *facts) (*packfile.Lens, error) {
	l := &packfile.Lens{
		ID: "ai-600-1", Title: "AI 600-1 generative AI risks",
		Source:  f.ai6001.Document.ID + ", " + f.ai6001.Document.Title + ", " + f.ai6001.Document.Published,
		Status:  "Risks as NIST names them; mapped only where the draft cites an action of AI 600-1",
		License: publicDomain,
		Note:    "Descriptions are Plumbline's.",
	}
	for _, r := range f.ai6001.Risks {
		l.Entries = append(l.Entries, packfile.Entry{ID: r.ID, Name: r.Name, Kind: "risk", Note: american.Replace(r.Description)})
	}
	tagged := map[string][]string{}
	for _, a := range f.ai6001.Actions {
		tagged[a.ID] = a.Risks
	}
	for i := range f.profile.Entries {
		e := &f.profile.Entries[i]
		for n, c := range e.cells() {
			for _, r := range c.References {
				if r.Scheme != "nist-ai-rmf" {
					continue
				}
				l.Map = append(l.Map, packfile.Mapping{
					ID: e.Subcategory + "/" + areaIDs[n], To: tagged[r.ID], Note: "The draft cites action " + r.ID + ", which AI 600-1 tags with these risks.",
				})
			}
		}
	}
	return l, nil
}
