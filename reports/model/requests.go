package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// EvidenceRequests builds the letter that asks for evidence: by role, the artifacts for the items in
// profile on whose evidence little rests. The letter to all roles is for whoever sends the requests; that
// to one role, selected alone, tells that role nothing of what is asked of others.
func EvidenceRequests(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	q := newRequests(s, o)
	one := len(q.OnlyRoles) == 1
	parts := []Section{{ID: "summary", Title: "What is asked of you", Blocks: b.requestLetter(q)}}
	if !one {
		parts[0].Title = "What is asked, and of whom"
	}
	for i, r := range q.Roles {
		parts = append(parts, Section{ID: "role-" + strconv.Itoa(i+1), Title: r.Role, Apart: !one, Blocks: q.ofRole(r)})
	}
	parts = append(parts, Section{ID: "method", Title: "Provenance", Apart: !one, Blocks: []Block{b.provenance()}})
	d := b.document("Evidence requests", parts...)
	d.Brief = one
	return d
}

// requests are the evidence requests of a session, with the items that they name at hand.
type requests struct {
	wire.EvidenceRequests
	item map[content.ItemID]wire.RequestItem
}

func newRequests(s *assessment.Snapshot, o wire.Options) requests {
	q := requests{wire.EvidenceRequestsOf(s, o), make(map[content.ItemID]wire.RequestItem)}
	for _, it := range q.Items {
		q.item[it.Item] = it
	}
	return q
}

// requestTotals counts what a role is asked about.
type requestTotals struct{ requests, items, unrated, without int }

func (q requests) totals(r wire.RoleRequests) requestTotals {
	t := requestTotals{requests: len(r.Requests)}
	for _, it := range q.Items {
		if it.Roles[0] == r.Role {
			t.add(it)
		}
	}
	return t
}

func (t *requestTotals) add(it wire.RequestItem) {
	t.items++
	if it.State == assessment.Unanswered {
		t.unrated++
	}
	if it.Evidence == 0 {
		t.without++
	}
}

func (b *builder) requestLetter(q requests) []Block {
	if len(q.Items) == 0 {
		if q.OnlyOpen || len(q.OnlyRoles) > 0 {
			which := "item in profile"
			if q.OnlyOpen {
				which += " that is not rated yet"
			}
			if len(q.OnlyRoles) > 0 {
				which += ", asked first of " + enumerate(q.OnlyRoles) + ","
			}
			return []Block{Para{Text: "Nothing has to be asked for: no " + which + " lacks evidence that was examined or tested."}}
		}
		return []Block{Para{Text: fmt.Sprintf("Nothing has to be asked for: on each of the %s in profile something was examined or tested.",
			count(b.total.InProfile, "item", "items"))}}
	}
	please := List{[]string{
		"Send what exists, as it is; nothing needs to be written for this request. That something does not exist is an answer too, and as useful.",
		"Name the id of the request, such as GV.OC-01/secure#1, with what you send, so that it is filed where it belongs.",
		"Take out passwords, keys and personal data that the request does not need.",
		"If another person has it, pass the row on and say to whom. The last column is for the day on which it was received.",
	}}
	if len(q.OnlyRoles) == 1 {
		return []Block{
			Para{Text: fmt.Sprintf("This is for %s, and for the owners named in it. %s is finding out where it stands with the cybersecurity of AI. For %s that you most likely know, "+
				"nothing that was examined or tested is on record yet. Below is what would settle them.",
				q.OnlyRoles[0], line(b.info.Organization), count(len(q.Items), "item", "items"))},
			please,
		}
	}
	t := Table{
		ID: "requests-by-role", Caption: "Requests by role; an item stands with the role that the pack names first for it",
		Columns: []Column{{"Role", Head}, {"Requests", Number}, {"Items", Number}, {"Not rated yet", Number}, {"Without evidence", Number}},
	}
	all := requestTotals{}
	for _, r := range q.Roles {
		n := q.totals(r)
		all.requests += n.requests
		t.Rows = append(t.Rows, row(words(r.Role), number(n.requests), number(n.items), number(n.unrated), number(n.without)))
	}
	for _, it := range q.Items {
		all.add(it)
	}
	t.Rows = append(t.Rows, Row{[]Cell{words("All"), number(all.requests), number(all.items), number(all.unrated), number(all.without)}, true})
	return []Block{
		Para{Text: fmt.Sprintf("For whoever sends the requests. They are for %s on which there is no evidence yet, or none beyond what somebody said. "+
			"The requests to a role begin on a page of their own; a file for one role alone (--role) keeps from it what is asked of the others.",
			selected(q.Selection, len(q.Items)))},
		Para{Text: "Where the item has an owner on record, that person is asked first, and then the role. Whoever is asked is asked to:"},
		please,
		Para{Text: "Within a role: " + q.OrderRule + ".", Note: true},
		t,
	}
}

// ofRole is what a role is asked for, with lines to fill in before it is sent.
func (q requests) ofRole(r wire.RoleRequests) []Block {
	t := Table{
		ID: "requests-" + strconv.Itoa(slices.IndexFunc(q.Roles, func(o wire.RoleRequests) bool { return o.Role == r.Role })+1), Caption: "Asked of: " + r.Role,
		Columns: []Column{{"Request", Head}, {"What to ask for", Long}, {"Asked first", Words}, {"There already", Short}, {"Received", Short}},
	}
	for _, req := range r.Requests {
		var titles, there, first []string
		for _, id := range req.Items {
			it := q.item[id]
			titles = append(titles, it.Title)
			there = append(there, thereAlready(it))
			first = append(first, askedFirst(it))
		}
		t.Rows = append(t.Rows, row(Cell{Text: strings.Join(req.IDs, "\n"), Sub: strings.Join(titles, "\n")}, words(req.Ask),
			words(strings.Join(first, "\n")), words(strings.Join(there, "\n")), Cell{}))
	}
	blocks := []Block{
		Facts{[]Fact{fact("Requested by", shortLine), fact("Return to", shortLine), fact("By (date)", shortLine), fact("How", shortLine)}},
		Para{Text: fmt.Sprintf("%s for %s.", title(count(len(r.Requests), "request", "requests")), count(q.totals(r).items, "item", "items"))},
		t,
	}
	if len(r.Elsewhere) > 0 {
		blocks = append(blocks,
			Para{Text: "These items concern this role too, but are asked of another one. Whoever has something to add may send it."},
			List{elsewhere(r.Elsewhere)})
	}
	return blocks
}

// askedFirst says whom to ask about an item: "owner: Gus Petrakis, then SOC lead", or the role.
func askedFirst(it wire.RequestItem) string {
	if it.Owner == "" {
		return it.Roles[0]
	}
	return "owner: " + line(it.Owner) + ", then " + it.Roles[0]
}

// elsewhere is a line for each role that items are asked of: "SOC lead: DE.AE-02/defend, …".
func elsewhere(list []wire.Referral) []string {
	var lines []string
	for i := 0; i < len(list); {
		of, ids := list[i].Of, []string{}
		for ; i < len(list) && list[i].Of == of; i++ {
			ids = append(ids, list[i].Item.String())
		}
		lines = append(lines, of+": "+strings.Join(ids, ", "))
	}
	return lines
}

// thereAlready says what evidence an item has: "nothing", "interviewed, 2 entries".
func thereAlready(it wire.RequestItem) string {
	there := "nothing"
	if it.Evidence > 0 {
		there = fmt.Sprintf("%v, %s", it.Grade, count(it.Evidence, "entry", "entries"))
	}
	return there
}
