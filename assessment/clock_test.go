package assessment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
)

// A clock that goes back leaves the order as it is, and is found in the journal.
func TestSetbacks(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var journal []assessment.Event
	for i, offset := range []time.Duration{0, time.Hour, time.Hour, -2 * time.Hour, 0, -60 * 24 * time.Hour, time.Second, 0} {
		journal = append(journal, assessment.Event{Seq: uint64(i) + 1, Time: at.Add(offset)})
	}
	got := assessment.Setbacks(slices.Values(journal))
	want := []assessment.Setback{{Seq: 4, By: 3 * time.Hour}, {Seq: 6, By: 60 * 24 * time.Hour}, {Seq: 8, By: time.Second}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, text := range []string{"by 3h0m0s between event 3 and event 4", "by 60 days between event 5 and event 6", "by 1s between event 7 and event 8"} {
		if got[i].String() != text {
			t.Errorf("it says %q, want %q", got[i], text)
		}
	}
	if got := assessment.Setbacks(slices.Values(journal[:3])); got != nil {
		t.Errorf("a clock that stands still went back: %v", got)
	}
	far := []assessment.Event{{Seq: 1, Time: at.AddDate(900, 0, 0)}, {Seq: 2, Time: time.Unix(0, 0)}}
	if got := assessment.Setbacks(slices.Values(far)); len(got) != 1 || got[0].By <= 0 {
		t.Errorf("from the year 2926 to 1970: %v", got)
	}
}
