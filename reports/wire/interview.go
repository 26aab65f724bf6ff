package wire

import (
	"slices"

	"plumbline/assessment"
	"plumbline/content"
)

// Interview is the data of KindInterviewReport: the questions of the items in profile, and which of them to
// put to whom.
type Interview struct {
	Selection
	OrderRule string          `json:"order_rule"` // of the items, also within a role
	Roles     []RoleItems     `json:"roles"`      // those that are asked something, in the pack's order
	Items     []InterviewItem `json:"items"`      // in profile, in Core order
}

// First returns the role on whose sheet an item stands in full: the first of the selected ones that the
// pack names for it, "" for none.
func (w Interview) First(it InterviewItem) string {
	if i := slices.IndexFunc(it.Roles, w.Has); i >= 0 {
		return it.Roles[i]
	}
	return ""
}

// RoleItems are the items that a role is asked about, in Core order. An item stands under each of its
// roles.
type RoleItems struct {
	Role  string           `json:"role"`
	Items []content.ItemID `json:"items"`
}

// InterviewItem is an item with its question, and with what was answered so far.
type InterviewItem struct {
	Place
	Priority     content.Priority  `json:"priority"` // the organization's own where it has one
	Roles        []string          `json:"roles"`
	Question     string            `json:"question"`
	GoodPractice []string          `json:"good_practice"`
	Ask          []string          `json:"evidence_to_ask_for"`
	Current      assessment.Rating `json:"current"`
	Inherited    bool              `json:"inherited"`
	ToConfirm    bool              `json:"to_confirm"`
	Grade        assessment.Method `json:"evidence_grade"`
	Evidence     int               `json:"evidence_count"`
	Asked        []string          `json:"asked"`
	Note         string            `json:"note"`
}

// InterviewOf returns the questions of the items in profile that the options select: those that one of
// their roles can answer.
func InterviewOf(s *assessment.Snapshot, o Options) Interview {
	w := Interview{Selection: o.selection(), OrderRule: CoreOrder, Roles: []RoleItems{}, Items: []InterviewItem{}}
	for e := range s.Entries() {
		if !w.takes(e) || len(w.OnlyRoles) > 0 && !slices.ContainsFunc(e.Item.Roles, w.Has) {
			continue
		}
		it, r := e.Item, e.Response
		w.Items = append(w.Items, InterviewItem{
			Place: placeOf(s, it.ID), Priority: e.Priority, Roles: list(it.Roles), Question: it.Question,
			GoodPractice: list(it.GoodPractice), Ask: list(it.Evidence), Current: r.Current, Inherited: r.Inherited, ToConfirm: r.ToConfirm,
			Grade: r.Grade(), Evidence: len(r.Evidence), Asked: list(r.Asked), Note: r.Note,
		})
	}
	for _, role := range content.Roles {
		if !w.Has(role) {
			continue
		}
		r := RoleItems{Role: role}
		for _, it := range w.Items {
			if slices.Contains(it.Roles, role) {
				r.Items = append(r.Items, it.Item)
			}
		}
		if len(r.Items) > 0 {
			w.Roles = append(w.Roles, r)
		}
	}
	return w
}
