package wire

import (
	"plumbline/assessment"
	"plumbline/content"
)

// Profile is the data of KindProfileReport: the Current and Target Organizational Profile (CSWP 29,
// section 3.1).
type Profile struct {
	Tier          *Tier        `json:"tier"`
	OrderRule     string       `json:"order_rule"`
	Subcategories []ProfileRow `json:"subcategories"` // all, in Core order
}

// ProfileRow is a Subcategory with its items. A Subcategory is included unless each of its items whose
// Focus Area is in scope was taken out of the profile with a reason.
type ProfileRow struct {
	Subcategory string              `json:"subcategory"`
	Title       string              `json:"title"`
	Outcome     string              `json:"outcome"`
	Included    bool                `json:"included"`
	SP80053     []string            `json:"sp800_53"` // NIST's own mapping of CSF 2.0
	Areas       Areas[*ProfileItem] `json:"focus_areas"`
}

// ProfileItem is what the profiles say of an item; null where the pack has none. Current is what the
// organization achieves, Target what it decided to achieve.
type ProfileItem struct {
	Item           content.ItemID    `json:"item"`
	State          assessment.State  `json:"state"`
	Reason         string            `json:"reason"` // why it is not in profile; "" where it is
	NISTPriority   content.Priority  `json:"nist_priority"`
	Priority       content.Priority  `json:"priority"`
	PriorityReason string            `json:"priority_reason"`
	Current        assessment.Rating `json:"current"`
	Inherited      bool              `json:"inherited"`
	Target         assessment.Rating `json:"target"`
	TargetReason   string            `json:"target_reason"`
	Grade          assessment.Method `json:"evidence_grade"`
	Evidence       []Evidence        `json:"evidence"`
	Owner          string            `json:"owner"`
	Note           string            `json:"note"`
	References     []Reference       `json:"references"` // those that the draft gives for this Focus Area
}

// ProfileOf returns the Current and the Target Profile.
func ProfileOf(s *assessment.Snapshot) Profile {
	w := Profile{Tier: TierOf(s), OrderRule: CoreOrder, Subcategories: []ProfileRow{}}
	for sub := range s.Catalog().Subcategories() {
		w.Subcategories = append(w.Subcategories, ProfileRowOf(s, sub))
	}
	return w
}

// ProfileRowOf returns the row of a Subcategory.
func ProfileRowOf(s *assessment.Snapshot, sub *content.Subcategory) ProfileRow {
	w := ProfileRow{Subcategory: sub.ID, Title: sub.Title, Outcome: sub.Outcome, SP80053: []string{}}
	for _, c := range s.Catalog().SP80053(sub.ID) {
		w.SP80053 = append(w.SP80053, c.ID)
	}
	w.Areas = areas(func(a content.Area) *ProfileItem {
		i, ok := s.Catalog().Index(content.ItemID{Sub: sub.ID, Area: a})
		if !ok {
			return nil
		}
		e := s.Entry(i)
		if e.State != assessment.AreaOutOfScope && e.State != assessment.OutOfProfile {
			w.Included = true
		}
		return profileItemOf(s, e)
	})
	return w
}

func profileItemOf(s *assessment.Snapshot, e assessment.Entry) *ProfileItem {
	r := e.Response
	return &ProfileItem{
		Item: e.Item.ID, State: e.State, Reason: WhyOut(s, e), NISTPriority: e.Item.Priority, Priority: e.Priority, PriorityReason: r.PriorityReason,
		Current: r.Current, Inherited: r.Inherited, Target: r.Target, TargetReason: r.TargetReason,
		Grade: r.Grade(), Evidence: evidenceOf(r), Owner: r.Owner, Note: r.Note, References: referencesOf(s.Catalog(), e.Item.References),
	}
}

// WhyOut says why an item is not in profile, in the words of who took it out or of the scoping answer;
// "" where it is in profile.
func WhyOut(s *assessment.Snapshot, e assessment.Entry) string {
	switch e.State {
	case assessment.OutOfProfile:
		return e.Response.Out
	case assessment.AreaOutOfScope:
		return s.Info().Areas[e.Item.ID.Area].Decided()
	case assessment.OutsidePath:
		return "the path " + string(s.Info().Path) + " leaves its priority for later"
	}
	return ""
}
