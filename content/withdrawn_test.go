package content

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Nothing that was withdrawn is in the Core, and every successor is.
func TestWithdrawn(t *testing.T) {
	cat, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	has := func(id string) bool {
		_, f := cat.Function(id)
		_, c := cat.Category(id)
		_, s := cat.Subcategory(id)
		return f || c || s
	}
	n := 0
	for id := range WithdrawnIDs() {
		n++
		if has(id) {
			t.Errorf("%s is withdrawn and in the Core", id)
		}
		successors, ok := Withdrawn(id)
		if !ok {
			t.Errorf("%s is not withdrawn", id)
		}
		for _, to := range successors {
			if !has(to) {
				t.Errorf("%s is followed by %s, which is not in the Core", id, to)
			}
		}
	}
	if n != 91 {
		t.Errorf("%d ids are withdrawn, not 91", n)
	}
	if _, ok := Withdrawn("GV.OC-01"); ok {
		t.Error("GV.OC-01 is withdrawn")
	}
}

// The reference, where it is at hand, says the same.
func TestWithdrawnAsNIST(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "shared", "reference", "csf-2.0-core.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("skipped: there is no ../shared/reference beside the project")
	}
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Withdrawn []struct {
			ID         string
			Successors []struct{ ID string }
		}
	}
	if err := json.Unmarshal(raw, &ref); err != nil {
		t.Fatal(err)
	}
	for _, w := range ref.Withdrawn {
		var want []string
		for _, s := range w.Successors {
			want = append(want, s.ID)
		}
		if got, ok := Withdrawn(w.ID); !ok || !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", w.ID, got, want)
		}
	}
	if got := len(slices.Collect(WithdrawnIDs())); got != len(ref.Withdrawn) {
		t.Errorf("%d ids, not %d", got, len(ref.Withdrawn))
	}
}
