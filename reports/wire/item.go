package wire

import (
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// Place says which item a row is about.
type Place struct {
	Item        content.ItemID `json:"item"`
	Function    string         `json:"function"`
	Category    string         `json:"category"`
	Subcategory string         `json:"subcategory"`
	Area        content.Area   `json:"focus_area"`
	Title       string         `json:"title"`
}

func placeOf(s *assessment.Snapshot, id content.ItemID) Place {
	p := Place{Item: id, Function: id.Function(), Category: id.Category(), Subcategory: id.Sub, Area: id.Area}
	if sub, ok := s.Catalog().Subcategory(id.Sub); ok {
		p.Title = sub.Title
	}
	return p
}

// Evidence is one entry of an item's evidence.
type Evidence struct {
	Method    assessment.Method `json:"method"`
	Date      *assessment.Date  `json:"date"`
	Reference string            `json:"reference"`
	File      string            `json:"file"`
	SHA256    string            `json:"sha256"`
	By        string            `json:"added_by"`
}

// Acceptance is an accepted gap. Whether it is in force is told as of the day of the output.
type Acceptance struct {
	Reason   string          `json:"reason"`
	Approver string          `json:"approver"`
	Expires  assessment.Date `json:"expires"`
	InForce  bool            `json:"in_force"`
}

func acceptanceOf(a *assessment.Acceptance, on assessment.Date) *Acceptance {
	if a == nil {
		return nil
	}
	return &Acceptance{a.Reason, a.Approver, a.Expires, a.InForce(on)}
}

// ItemEntry is an item with all that is recorded for it. Priorities are 1 High, 2 Moderate,
// 3 Foundational.
type ItemEntry struct {
	Place
	State          assessment.State  `json:"state"`
	NISTPriority   content.Priority  `json:"nist_priority"`
	Priority       content.Priority  `json:"priority"` // the organization's own where it has one
	PriorityReason string            `json:"priority_reason"`
	Current        assessment.Rating `json:"current"`
	Inherited      bool              `json:"inherited"`
	ToConfirm      bool              `json:"to_confirm"` // answered before the pack changed what the item asks
	Target         assessment.Rating `json:"target"`
	TargetReason   string            `json:"target_reason"`
	Preset         string            `json:"target_preset"`
	Gap            *int              `json:"gap"`    // null unless in profile with a rating and a target
	Reason         string            `json:"reason"` // why it is out of profile
	Grade          assessment.Method `json:"evidence_grade"`
	OnAssertion    bool              `json:"on_assertion"`
	Evidence       []Evidence        `json:"evidence"`
	Accepted       *Acceptance       `json:"accepted"`
	Owner          string            `json:"owner"`
	Asked          []string          `json:"asked"`
	Note           string            `json:"note"`
	Actions        []string          `json:"actions"` // ids
	By             string            `json:"updated_by"`
	At             *time.Time        `json:"updated"`
}

// ItemEntryOf returns an item with all that is recorded for it.
func ItemEntryOf(s *assessment.Snapshot, e assessment.Entry, on assessment.Date) ItemEntry {
	r := e.Response
	w := ItemEntry{
		Place: placeOf(s, e.Item.ID), State: e.State,
		NISTPriority: e.Item.Priority, Priority: e.Priority, PriorityReason: r.PriorityReason,
		Current: r.Current, Inherited: r.Inherited,
		Target: r.Target, TargetReason: r.TargetReason, Preset: Preset(r.Preset),
		Gap: gapOf(e), Reason: r.Out, Grade: r.Grade(), OnAssertion: e.OnAssertion(),
		ToConfirm: r.ToConfirm, Evidence: evidenceOf(r), Accepted: acceptanceOf(r.Accepted, on),
		Owner: r.Owner, Asked: list(r.Asked), Note: r.Note,
		Actions: actionIDs(s, e.Item.ID), By: r.By, At: stamp(r.At),
	}
	return w
}

func evidenceOf(r *assessment.Response) []Evidence {
	w := make([]Evidence, 0, len(r.Evidence))
	for _, ev := range r.Evidence {
		w = append(w, Evidence{ev.Method, day(ev.Date), ev.Ref, ev.File, ev.SHA256, ev.By})
	}
	return w
}

// ItemsOf returns all items in Core order.
func ItemsOf(s *assessment.Snapshot, on assessment.Date) []ItemEntry {
	w := make([]ItemEntry, 0, s.Catalog().Len())
	for e := range s.Entries() {
		w = append(w, ItemEntryOf(s, e, on))
	}
	return w
}

func gapOf(e assessment.Entry) *int {
	if !e.State.InProfile() || !e.Known() {
		return nil
	}
	return new(e.Gap())
}

func actionIDs(s *assessment.Snapshot, id content.ItemID) []string {
	ids := []string{}
	for a := range s.ActionsFor(id) {
		ids = append(ids, a.ID)
	}
	return ids
}

// Rated is the data of KindRate: the item after the change. Events is empty where nothing changed.
type Rated struct {
	Item   ItemEntry  `json:"item"`
	Events []EventRow `json:"events"`
}

// Based is the data of KindBase: the base rating after the change. Events is empty where nothing
// changed.
type Based struct {
	Base   Base       `json:"base_rating"`
	Events []EventRow `json:"events"`
}

// Targeted is the data of KindTarget: what a preset did. Kept counts the individual targets that it
// left alone although it proposes another level.
type Targeted struct {
	Preset string `json:"preset"`
	Reason string `json:"reason"`
	Set    int    `json:"set"`
	Same   int    `json:"same"`
	Kept   int    `json:"kept"`
}

// Preset returns the name of a preset as it may leave the session: that of targets taken from another
// session names that session, which no output of this one may do.
func Preset(name string) string {
	if strings.HasPrefix(name, "session ") {
		return "session"
	}
	return name
}
