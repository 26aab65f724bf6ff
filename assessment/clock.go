package assessment

import (
	"fmt"
	"iter"
	"time"
)

// Setback is a place in a journal at which the clock went back: an event that says that it is older than
// the one before it. Nothing follows from it but that times can not be relied on there. The order of a
// journal is that of its numbers.
type Setback struct {
	Seq uint64        // of the event that says it is older
	By  time.Duration // than the one before it
}

// String says where and how far.
func (s Setback) String() string {
	by := s.By.Round(time.Second)
	if by == 0 {
		by = s.By
	}
	text := by.String()
	if days := by / (24 * time.Hour); days >= 2 {
		text = fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("by %s between event %d and event %d", text, s.Seq-1, s.Seq)
}

// Setbacks lists where the clock went back in a journal, in its order.
func Setbacks(journal iter.Seq[Event]) []Setback {
	var list []Setback
	var before time.Time
	for e := range journal {
		if by := before.Sub(e.Time); !before.IsZero() && by > 0 {
			list = append(list, Setback{e.Seq, by})
		}
		before = e.Time
	}
	return list
}

// Setbacks lists where the clock went back in the journal, up to the first event that can not be read.
func (st Stored) Setbacks() []Setback {
	return Setbacks(func(yield func(Event) bool) {
		for _, raw := range st.Journal {
			if e, err := DecodeEvent(raw); err != nil || !yield(e) {
				return
			}
		}
	})
}
