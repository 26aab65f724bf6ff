package content

import (
	"reflect"
	"slices"
	"testing"
)

func TestLenses(t *testing.T) {
	c := catalog(t)
	want := map[string]struct{ entries, subs, items int }{
		"sp800-53":       {213, 106, 0}, // 210 controls, and three families that only the draft cites
		"ai-rmf":         {72, 95, 0},
		"iso-27001":      {116, 106, 0},
		"cis-8.1":        {49, 48, 0},
		"owasp-llm-2025": {10, 77, 0},
		"cosais":         {72, 26, 0}, // 59 controls, 5 use cases, 8 scenarios
		"ai-600-1":       {12, 0, 2},
	}
	var ids []string
	for l := range c.Lenses() {
		ids = append(ids, l.ID)
		if l.Title == "" || l.Source == "" || l.Status == "" {
			t.Errorf("%s does not say what it is, whence and whose", l.ID)
		}
		n := want[l.ID]
		subs, items := 0, 0
		for s := range c.Subcategories() {
			if len(l.For(s.ID)) > 0 {
				subs++
			}
		}
		for it := range c.Items() {
			if len(l.For(it.ID.String())) > 0 {
				items++
			}
		}
		if got := count(l.Entries()); got != n.entries || subs != n.subs || items != n.items {
			t.Errorf("%s has %d entries and maps %d Subcategories and %d items, want %d, %d, %d", l.ID, got, subs, items, n.entries, n.subs, n.items)
		}
		again, ok := c.Lens(l.ID)
		if !ok || again != l {
			t.Errorf("Lens(%q) gives another lens", l.ID)
		}
	}
	if order := []string{"sp800-53", "ai-rmf", "iso-27001", "cis-8.1", "cosais", "ai-600-1", "owasp-llm-2025"}; !slices.Equal(ids, order) {
		t.Errorf("lenses are %v, want %v", ids, order)
	}
	if _, ok := c.Lens("pci"); ok {
		t.Error("an unknown lens is found")
	}
}

func entryIDs(entries []Entry) (ids []string) {
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestForItem(t *testing.T) {
	c := catalog(t)
	cosais, _ := c.Lens("cosais")
	risks, _ := c.Lens("ai-600-1")
	rmf, _ := c.Lens("ai-rmf")
	for _, tc := range []struct {
		lens *Lens
		id   ItemID
		want []string
	}{
		{cosais, ItemID{"PR.AA-05", Secure}, []string{"AC-3", "AC-6"}},
		{cosais, ItemID{"PR.AA-05", Defend}, nil}, // the overlay is about securing AI
		{risks, ItemID{"PR.AT-01", Thwart}, []string{"information-integrity", "dangerous-violent-hateful-content", "obscene-degrading-abusive-content"}},
		{risks, ItemID{"PR.AT-01", Secure}, nil},
		{rmf, ItemID{"GV.OC-01", Thwart}, []string{"MAP 1.3", "MAP 1.4"}},
	} {
		if got := entryIDs(tc.lens.ForItem(tc.id)); !slices.Equal(got, tc.want) {
			t.Errorf("%s for %s: %q, want %q", tc.lens.ID, tc.id, got, tc.want)
		}
	}
	if got := rmf.Why("PR.AA-01"); got != "None. AI RMF does not deal with identities or credentials." || len(rmf.For("PR.AA-01")) > 0 {
		t.Errorf("AI RMF for PR.AA-01: %q", got)
	}
	if e, ok := cosais.Entry("UC-3"); !ok || e.Kind != "use case" {
		t.Errorf("use case 3 is %+v, %t", e, ok)
	}
}

func TestControls(t *testing.T) {
	c := catalog(t)
	for _, tc := range []struct {
		name string
		got  []Control
		want []Control
	}{
		{"GV.OC-04 as mapped", c.SP80053("GV.OC-04"), []Control{
			{"CP-2(8)", "Identify Critical Assets", "", []string{"moderate", "high"}},
			{"PM-8", "Critical Infrastructure Plan", "", nil},
			{"PM-11", "Mission and Business Process Definition", "", nil},
			{"PM-30(1)", "Suppliers of Critical or Mission-essential Items", "", nil},
			{"RA-9", "Criticality Analysis", "", []string{"moderate", "high"}},
		}},
		{"withdrawn", c.SP80053("DE.AE-06")[3:4], []Control{{"RA-4", "Risk Assessment Update", "Withdrawn; see RA-3.", nil}}},
		{"family", c.DraftControls("GV.OC-03")[21:], []Control{
			{"PT", "Personally Identifiable Information Processing and Transparency", "The draft cites the whole family.", nil},
		}},
		{"unknown as mapped", c.SP80053("GV.OC-99"), []Control{}},
		{"unknown as drafted", c.DraftControls("GV.OC-99"), nil},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s: %+v, want %+v", tc.name, tc.got, tc.want)
		}
	}
	for s := range c.Subcategories() {
		controls := c.DraftControls(s.ID)
		if len(controls) != len(s.DraftSP800) {
			t.Errorf("%s: %d controls, the draft cites %d", s.ID, len(controls), len(s.DraftSP800))
		}
		for i, k := range controls {
			if k.ID != s.DraftSP800[i] || k.Title == "" {
				t.Errorf("%s: control %d is %+v, the draft cites %s", s.ID, i, k, s.DraftSP800[i])
			}
		}
		for _, k := range c.SP80053(s.ID) {
			if k.Title == "" {
				t.Errorf("%s: %s has no title", s.ID, k.ID)
			}
		}
	}
}
