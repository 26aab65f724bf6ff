package wire

import (
	"cmp"
	"fmt"
	"slices"

	"plumbline/assessment"
	"plumbline/content"
)

// RequestOrder says in words how the evidence requests of a role are ordered.
const RequestOrder = "items not rated yet first, then weaker evidence, then the order of the Core"

// EvidenceRequests is the data of KindEvidenceRequestsReport: what to ask for, by the role to ask. It covers the
// items in profile on whose evidence little rests: none, or nothing beyond an assertion or an
// interview.
type EvidenceRequests struct {
	Selection
	OrderRule string         `json:"order_rule"`
	Roles     []RoleRequests `json:"roles"` // those that are asked for something, in the pack's order
	Items     []RequestItem  `json:"items"` // all that are asked about, in Core order
}

// RoleRequests is what one role is asked for. An item stands with the role that the pack names first for
// it; the other selected ones find it among Elsewhere, so that no artifact is asked for twice and no role
// reads what is asked of one that was left out. Where the item has an owner, that person is asked before the role (RequestItem.AskFirst).
type RoleRequests struct {
	Role      string            `json:"role"`
	Requests  []EvidenceRequest `json:"requests"`
	Elsewhere []Referral        `json:"elsewhere"`
}

// Items counts the items that the role is asked about.
func (r RoleRequests) Items() int {
	seen := make(map[content.ItemID]bool)
	for _, q := range r.Requests {
		for _, id := range q.Items {
			seen[id] = true
		}
	}
	return len(seen)
}

// EvidenceRequest is one artifact, and the items that it serves: more than one where the pack asks for
// the same in the same words.
type EvidenceRequest struct {
	Ask   string           `json:"ask"`
	Items []content.ItemID `json:"items"`
	IDs   []string         `json:"ids"` // by which the request is named, one for each of Items
}

// requestID names the n-th artifact that the pack asks for with an item: "GV.RM-05/thwart#1". It is the
// same whatever else is asked for and in which order.
func requestID(id content.ItemID, n int) string { return fmt.Sprintf("%v#%d", id, n) }

// Referral is an item that a role knows about too, and whom it is asked of.
type Referral struct {
	Item content.ItemID `json:"item"`
	Of   string         `json:"asked_of"`
}

// RequestItem is an item that is asked about, with what is there already.
type RequestItem struct {
	Place
	State    assessment.State  `json:"state"`
	Priority content.Priority  `json:"priority"` // the organization's own where it has one
	Current  assessment.Rating `json:"current"`
	Grade    assessment.Method `json:"evidence_grade"`
	Evidence int               `json:"evidence_count"`
	Owner    string            `json:"owner"`
	AskFirst string            `json:"ask_first"` // the owner, or without one the first of Roles
	Roles    []string          `json:"roles"`     // the first is the one that is asked
}

// EvidenceRequestsOf returns what to ask for, by role, of the items that the options select: those that
// are asked of a selected role.
func EvidenceRequestsOf(s *assessment.Snapshot, o Options) EvidenceRequests {
	w := EvidenceRequests{Selection: o.selection(), OrderRule: RequestOrder, Roles: []RoleRequests{}, Items: []RequestItem{}}
	var weak []assessment.Entry
	for e := range s.Entries() {
		if !w.takes(e) || e.Response.Grade().Supported() || len(e.Item.Roles) == 0 {
			continue
		}
		weak = append(weak, e)
		if !w.Has(e.Item.Roles[0]) {
			continue
		}
		w.Items = append(w.Items, RequestItem{
			Place: placeOf(s, e.Item.ID), State: e.State, Priority: e.Priority, Current: e.Response.Current,
			Grade: e.Response.Grade(), Evidence: len(e.Response.Evidence), Owner: e.Response.Owner,
			AskFirst: cmp.Or(e.Response.Owner, e.Item.Roles[0]), Roles: e.Item.Roles,
		})
	}
	slices.SortStableFunc(weak, func(a, b assessment.Entry) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Response.Grade(), b.Response.Grade()))
	})
	for _, role := range content.Roles {
		if !w.Has(role) {
			continue
		}
		r := RoleRequests{Role: role, Requests: []EvidenceRequest{}, Elsewhere: []Referral{}}
		at := make(map[string]int) // by what is asked for
		for _, e := range weak {
			switch first := e.Item.Roles[0]; {
			case first == role:
				for n, ask := range e.Item.Evidence {
					i, ok := at[ask]
					if !ok {
						i = len(r.Requests)
						at[ask] = i
						r.Requests = append(r.Requests, EvidenceRequest{Ask: ask})
					}
					r.Requests[i].Items = append(r.Requests[i].Items, e.Item.ID)
					r.Requests[i].IDs = append(r.Requests[i].IDs, requestID(e.Item.ID, n+1))
				}
			case w.Has(first) && slices.Contains(e.Item.Roles, role):
				r.Elsewhere = append(r.Elsewhere, Referral{e.Item.ID, first})
			}
		}
		slices.SortStableFunc(r.Elsewhere, func(a, b Referral) int {
			return cmp.Compare(slices.Index(content.Roles[:], a.Of), slices.Index(content.Roles[:], b.Of))
		})
		if len(r.Requests) > 0 {
			w.Roles = append(w.Roles, r)
		}
	}
	return w
}
