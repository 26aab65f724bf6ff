package content

import (
	"encoding/json"
	"testing"
)

func TestParseItemID(t *testing.T) {
	id, err := ParseItemID("PR.AA-05/defend")
	if err != nil || id != (ItemID{"PR.AA-05", Defend}) {
		t.Fatalf("PR.AA-05/defend is read as %v, %v", id, err)
	}
	if id.Function() != "PR" || id.Category() != "PR.AA" || id.String() != "PR.AA-05/defend" {
		t.Errorf("parts of %s: %s, %s", id, id.Function(), id.Category())
	}
	for _, s := range []string{
		"", "/", "PR.AA-05", "PR.AA-05/", "PR.AA-05/Defend", "pr.aa-05/defend", "PR.AA-5/defend", "PR.AA-005/defend",
		" PR.AA-05/defend", "PR.AA-05/defend ", "PR.AA-05/defend\n", "PR.AA-05/defend/defend", "РR.AA-05/defend", "PR.AA-0٥/defend",
	} {
		if id, err := ParseItemID(s); err == nil {
			t.Errorf("%q is read as %s", s, id)
		}
	}
}

func TestItemIDInJSON(t *testing.T) {
	data, err := json.Marshal(map[ItemID]Area{{"GV.OC-01", Secure}: Thwart})
	if err != nil || string(data) != `{"GV.OC-01/secure":"thwart"}` {
		t.Fatalf("written as %s, %v", data, err)
	}
	var back map[ItemID]Area
	if err := json.Unmarshal(data, &back); err != nil || back[ItemID{"GV.OC-01", Secure}] != Thwart {
		t.Errorf("read back as %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"GV.OC-01/front":"thwart"}`), &back); err == nil {
		t.Error("an unknown Focus Area is read")
	}
}

func TestPriority(t *testing.T) {
	for p, want := range map[Priority]string{0: "–", High: "High", Moderate: "Moderate", Foundational: "Foundational", 4: "–"} {
		if p.String() != want || p.Valid() != (want != "–") {
			t.Errorf("priority %d is %q, valid %t", p, p, p.Valid())
		}
	}
}
