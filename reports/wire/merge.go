package wire

import (
	"time"

	"plumbline/assessment"
)

// Merged is the data of KindMerge: what merging a bundle into a session did, or would do.
type Merged struct {
	File       string                   `json:"file"` // its name, without the folder
	SHA256     string                   `json:"sha256"`
	DryRun     bool                     `json:"dry_run"`
	Relation   assessment.MergeRelation `json:"relation"`
	Common     int                      `json:"common_events"`       // that both journals begin with
	Head       assessment.Head          `json:"theirs_journal_head"` // of the file
	Added      int                      `json:"added"`               // events that were, or would be, added to the journal
	Counts     MergeCounts              `json:"counts"`              // of parts of records that theirs changed
	Changes    []MergeChange            `json:"changes"`             // that are taken over
	Conflicts  []MergeConflict          `json:"conflicts"`           // decided ones, too
	Renumbered []MergeRenumbered        `json:"renumbered"`          // records of theirs that got another id here
	Labels     int                      `json:"labeled_snapshots"`   // of theirs, which are left out
	Bundle     BundleFacts              `json:"bundle"`
	Backup     string                   `json:"backup"` // file that the store was saved to before; "" where nothing was changed
	Events     []EventRow               `json:"events"` // of the merge; of a journal that only goes on, none
}

// MergeCounts counts parts of records by what becomes of them.
type MergeCounts struct {
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`     // both sides made the same change
	Conflict int `json:"conflict"` // that are open
	Decided  int `json:"decided"`  // conflicts that were decided
}

// MergeChange is a part of a record that is taken over. "" is nothing.
type MergeChange struct {
	About  string   `json:"about"`
	Field  string   `json:"field"`
	Before string   `json:"before"`
	After  string   `json:"after"`
	By     SignedBy `json:"by"` // on the side of the file
}

// MergeConflict is a part of a record that both sides changed, each in its own way. Key is what --take
// decides it by.
type MergeConflict struct {
	Key      string           `json:"key"` // "GV.OC-01/secure.current"
	About    string           `json:"about"`
	Field    string           `json:"field"`
	Base     string           `json:"base"`
	Ours     string           `json:"ours"`
	OursBy   SignedBy         `json:"ours_by"`
	Theirs   string           `json:"theirs"`
	TheirsBy SignedBy         `json:"theirs_by"`
	Taken    *assessment.Side `json:"taken"` // null while it is open
	Why      string           `json:"why"`   // where it does not show; "" for most
}

// SignedBy says who said something, and when; "" and null where the journal does not tell.
type SignedBy struct {
	Who  string     `json:"who"`
	Time *time.Time `json:"time"`
}

// MergeRenumbered is an action or AI system of theirs that has another id here.
type MergeRenumbered struct {
	Kind  assessment.Kind `json:"kind"`
	From  string          `json:"from"`
	To    string          `json:"to"`
	Title string          `json:"title"`
}

// MergedOf is what a plan says. The rest is the caller's to fill in.
func MergedOf(p *assessment.MergePlan) Merged {
	w := Merged{
		File: p.Source.File, SHA256: p.Source.SHA256, Relation: p.Relation, Common: p.Common, Head: p.Head, Counts: MergeCounts(p.Counts), Labels: p.Labels,
		Changes: []MergeChange{}, Conflicts: []MergeConflict{}, Renumbered: []MergeRenumbered{}, Events: []EventRow{},
	}
	for _, c := range p.Changes {
		w.Changes = append(w.Changes, MergeChange{c.About, c.Field, c.Before, c.After, signedBy(c.By)})
	}
	for _, c := range p.Conflicts {
		row := MergeConflict{
			Key: c.Key(), About: c.About, Field: c.Field, Base: c.Base, Ours: c.Ours, OursBy: signedBy(c.OursBy),
			Theirs: c.Theirs, TheirsBy: signedBy(c.TheirsBy), Why: c.Why,
		}
		if c.Taken != "" {
			row.Taken = &c.Taken
		}
		w.Conflicts = append(w.Conflicts, row)
	}
	for _, r := range p.Renumbered {
		w.Renumbered = append(w.Renumbered, MergeRenumbered(r))
	}
	return w
}

func signedBy(s assessment.Signed) SignedBy {
	if s.Time.IsZero() {
		return SignedBy{Who: s.Who}
	}
	at := s.Time.UTC()
	return SignedBy{s.Who, &at}
}
