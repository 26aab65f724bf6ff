package wire

import (
	"crypto/sha256"

	"plumbline/assessment"
	"plumbline/content"
)

// TierChanged is the data of KindTier: the statement after the change, null where there is none.
type TierChanged struct {
	Tier   *Tier      `json:"tier"`
	Events []EventRow `json:"events"`
}

// ActionChanged is the data of KindAction: the action after the change, or as it was before it was
// removed. Events is empty where nothing changed.
type ActionChanged struct {
	Action  Action     `json:"action"`
	Removed bool       `json:"removed"`
	Events  []EventRow `json:"events"`
}

// Actions is the data of KindActions.
type Actions struct {
	Actions []Action `json:"actions"`
}

// SystemChanged is the data of KindSystem: the AI system after the change, or as it was before it was
// removed. Events is empty where nothing changed.
type SystemChanged struct {
	System  System     `json:"ai_system"`
	Removed bool       `json:"removed"`
	Events  []EventRow `json:"events"`
}

// Systems is the data of KindSystems.
type Systems struct {
	Systems []System `json:"ai_systems"`
}

// SnapshotTaken is the data of KindSnapshot.
type SnapshotTaken struct {
	Snapshot Snapshot   `json:"snapshot"`
	Events   []EventRow `json:"events"`
}

// Snapshots is the data of KindSnapshots.
type Snapshots struct {
	Snapshots []Snapshot `json:"snapshots"`
}

// Brand is how the session's reports look. The logo itself is in the reports.
type Brand struct {
	Accent   string           `json:"accent"` // "#1f4e79", or ""
	LogoName string           `json:"logo_name"`
	Bytes    int              `json:"logo_bytes"`
	SHA256   *assessment.Hash `json:"logo_sha256"` // of the logo as it is kept; null without one
}

// BrandOf returns how the session's reports look, or nil where they have the plain look.
func BrandOf(s *assessment.Snapshot) *Brand {
	b := s.Brand()
	if b.Accent == "" && b.Logo == nil {
		return nil
	}
	w := Brand{Accent: b.Accent, LogoName: b.LogoName, Bytes: len(b.Logo)}
	if b.Logo != nil {
		w.SHA256 = new(assessment.Hash(sha256.Sum256(b.Logo)))
	}
	return &w
}

// SnapshotDiff is the data of KindSnapshotDiff: what differs between two states of a session.
type SnapshotDiff struct {
	From    assessment.Head `json:"from"`
	To      assessment.Head `json:"to"`
	Items   []ChangedItem   `json:"items"`
	Records []ChangedRecord `json:"records"`
}

// ChangedItem is an item that differs, as it was and as it is. Before or after is null where the pack
// of that state does not have the item.
type ChangedItem struct {
	Item    content.ItemID     `json:"item"`
	Changed []assessment.Field `json:"changed"`
	Before  *ItemEntry         `json:"before"`
	After   *ItemEntry         `json:"after"`
}

// ChangedRecord is another record that differs. Kind and subject are those of the journal's events.
type ChangedRecord struct {
	Kind    assessment.Kind `json:"kind"`
	Subject string          `json:"subject"`
	How     assessment.How  `json:"how"` // added, removed or changed
}

// SnapshotDiffOf returns what differs between two states of a session.
func SnapshotDiffOf(from, to *assessment.Snapshot, on assessment.Date) (SnapshotDiff, error) {
	c, err := to.Changes(from)
	if err != nil {
		return SnapshotDiff{}, err
	}
	w := SnapshotDiff{From: from.Head(), To: to.Head(), Items: []ChangedItem{}, Records: []ChangedRecord{}}
	for _, i := range c.Items {
		row := ChangedItem{Item: i.ID, Changed: i.Fields}
		if i.Before.Item != nil {
			row.Before = new(ItemEntryOf(from, i.Before, on))
		}
		if i.After.Item != nil {
			row.After = new(ItemEntryOf(to, i.After, on))
		}
		w.Items = append(w.Items, row)
	}
	for _, r := range c.Records {
		w.Records = append(w.Records, ChangedRecord(r))
	}
	return w, nil
}
