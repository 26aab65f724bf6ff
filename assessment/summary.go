package assessment

import (
	"time"

	"plumbline/content"
)

// Summary is what lists and roll-ups over many sessions show of one, kept beside the session so that
// they need not read it.
type Summary struct {
	ID           string
	Organization string
	Name         string
	Path         Path
	Status       Status
	AreasOut     [3]bool // by content.Area
	Threshold    int
	Pack         string
	Created      time.Time
	Changed      time.Time
	Head         Head
	Tally        Tally
	Next         content.ItemID // the first unrated in-profile item in Core order; zero when none is left
}

// Summary returns the summary of the present state.
func (s *Snapshot) Summary() Summary {
	sum := Summary{
		ID: s.info.ID, Organization: s.info.Organization, Name: s.info.Name,
		Path: s.info.Path, Status: s.info.Status, Threshold: s.info.Threshold,
		Pack: s.pack.ID, Created: s.info.Created, Changed: s.changed, Head: s.head,
	}
	for a := range sum.AreasOut {
		sum.AreasOut[a] = s.info.Areas[a].Out
	}
	for i := range s.responses {
		e := s.Entry(i)
		sum.Tally.add(e)
		if e.State == Unanswered && sum.Next == (content.ItemID{}) {
			sum.Next = e.Item.ID
		}
	}
	return sum
}
