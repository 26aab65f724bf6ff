package tui

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

// movedStore holds a session on the full path that was answered under the embedded pack and moved to
// the made-up next draft, and says where packs are found.
func movedStore(t *testing.T) (*memory, assessment.Packs) {
	t.Helper()
	next := contenttest.NextDraft().Catalog()
	act := assessment.Act{Who: "Dana Test", Time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	s, made, err := assessment.New(catalog(t), assessment.Info{
		ID: northwater, Organization: "Harborline", Name: "2026", Path: assessment.Full,
	}, act)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := s.Do(act, func(e *assessment.Edit) error {
		one, _ := assessment.AtLevel(1)
		two, _ := assessment.TargetAt(2)
		var errs []error
		for _, of := range []string{"GV.OC-01/secure", "PR.AT-01/secure", "DE.CM-09/defend", "DE.CM-09/thwart"} {
			id, _ := item(t, of)
			errs = append(errs, e.Rate(id, one), e.Target(id, two, "board"))
		}
		id, _ := item(t, "PR.AA-05/secure")
		return errors.Join(append(errs, e.Exclude(id, "Leased"))...)
	})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := s.Migrate(next, act)
	if err != nil {
		t.Fatal(err)
	}
	m := emptyStore()
	if err := m.Apply(made, answers, moved); err != nil {
		t.Fatal(err)
	}
	m.applied = 0
	return m, func(pin assessment.PackPin) (*content.Catalog, error) {
		for _, cat := range []*content.Catalog{catalog(t), next} {
			if pin.Names(cat) {
				return cat, nil
			}
		}
		return nil, fmt.Errorf("%w: %v", assessment.ErrPack, pin)
	}
}

func TestSessionOfAnotherPack(t *testing.T) {
	m, packs := movedStore(t)
	b := start(t, m, 140, 45, func(c *Config) { c.Packs = packs })
	b.keys("<enter>")
	b.see("/318", "Made-up draft 2 p.") // the items of its own pack
	b.keys("/gv.oc-01/sec<enter>")
	b.see("TO RE-CONFIRM", "c confirms", "1 Partially")

	// The queue: a filter that shows what waits, out of profile or not.
	w := b.app.top().(*walk)
	w.filter.state = toConfirm
	w.refilter()
	if len(w.visible) != 3 {
		t.Fatalf("%d items wait, want 3", len(w.visible))
	}
	b.see("filter: to re-confirm")
	b.keys("1") // the same level confirms
	if w.s.Response(0).ToConfirm {
		t.Error("the same level did not confirm")
	}
	b.keys("F/pr.aa-05/sec<enter>")
	b.see("TO RE-CONFIRM", "OUT OF PROFILE: Leased")
	b.keys("c")
	b.see("PR.AA-05/secure is confirmed")
	b.keys("c")
	b.see("nothing to re-confirm")

	// The gap list marks what waits.
	b.keys("G")
	b.see("GAPS 3", "to re-confirm")
	b.keys("<esc>")

	// DE.CM-09 has no Defend any more: tab passes it by.
	b.keys("/de.cm-09/sec<enter><tab>")
	b.see("[Thwart]")
	b.keys("<tab>")
	b.see("[Secure]")

	// Undone, the migration too, the session is what it was under its old pack.
	b.keys("uuu")
	if got := w.s.Pack(); !got.Names(catalog(t)) {
		t.Errorf("pinned to %v", got)
	}
	if len(w.s.Asides()) > 0 || w.s.Tally().ToConfirm > 0 {
		t.Error("the undo left something behind")
	}
	b.keys("F/de.cm-09/def<enter>")
	b.see("[Defend]", "1 Partially")
	b.keys("<esc>")
	st, err := m.Load(northwater)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Verify(); err != nil {
		t.Error(err)
	}
}

func TestSessionWithoutItsPack(t *testing.T) {
	m, _ := movedStore(t)
	b := start(t, m, 140, 45)
	b.keys("<enter>")
	b.see("open the session: session belongs to another pack: made-up-next-draft")
}
