package example_test

import (
	"testing"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/testdata/example"
)

// The example is there to show everything, so everything has to occur in it.
func TestExampleShowsEverything(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	states := map[assessment.State]int{}
	methods := map[assessment.Method]int{}
	var levels [assessment.MaxLevel + 1]int
	var inherited, accepted, override, noTarget int
	for _, s := range sessions {
		for e := range s.Entries() {
			r := e.Response
			states[e.State]++
			for _, ev := range r.Evidence {
				methods[ev.Method]++
			}
			if n, ok := r.Current.Level(); ok {
				levels[n]++
			}
			if r.Inherited {
				inherited++
			}
			if r.Accepted.InForce(example.AsOf) {
				accepted++
			}
			if r.Priority.Valid() {
				override++
			}
			if e.State == assessment.Rated && !r.Target.Known() {
				noTarget++
			}
		}
		st, err := s.Stored()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Verify(); err != nil {
			t.Errorf("%s: %v", s.Info().Name, err)
		}
	}
	for _, st := range assessment.States {
		if states[st] == 0 {
			t.Errorf("no item is %v", st)
		}
	}
	for _, m := range assessment.Methods {
		if methods[m] == 0 {
			t.Errorf("no evidence is %v", m)
		}
	}
	for n, count := range levels {
		if count == 0 {
			t.Errorf("no item is rated %d", n)
		}
	}
	main := sessions[0].Snapshot()
	_, tier := main.Tier()
	for what, n := range map[string]int{
		"inherited rating": inherited, "accepted gap": accepted, "priority override": override,
		"rated item without target": noTarget, "AI system": len(main.Systems()), "action": len(main.Actions()),
		"labeled snapshot": len(main.Labels()), "divergence": len(main.Divergences()),
	} {
		if n == 0 {
			t.Errorf("there is no %s", what)
		}
	}
	if !tier {
		t.Error("there is no Tier statement")
	}
}

func TestExampleIsTheSameEachTime(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	a, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	b, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if a[i].Head() != b[i].Head() {
			t.Errorf("%s: journal heads %v and %v", a[i].Info().Name, a[i].Head(), b[i].Head())
		}
	}
}
