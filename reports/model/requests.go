package model

import (
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// EvidenceRequests builds the letter that asks for evidence: by role, the artifacts for the items in
// profile on whose evidence little rests.
func EvidenceRequests(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	q := newRequests(s)
	parts := []Section{{ID: "summary", Title: "What is asked of you", Blocks: b.requestLetter(q)}}
	number := 1
	for i, r := range q.Roles {
		parts = append(parts, Section{ID: "role-" + strconv.Itoa(i+1), Title: r.Role, Blocks: b.requestsOf(q, r, number)})
		number += len(r.Requests)
	}
	parts = append(parts, Section{ID: "method", Title: "Provenance", Blocks: []Block{b.provenance()}})
	return b.document("Evidence requests", parts...)
}

// requests are the evidence requests of a session, with the items that they name at hand.
type requests struct {
	wire.EvidenceRequests
	item map[content.ItemID]wire.RequestItem
}

func newRequests(s *assessment.Snapshot) requests {
	q := requests{wire.EvidenceRequestsOf(s), make(map[content.ItemID]wire.RequestItem)}
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
		return []Block{Para{Text: fmt.Sprintf("Nothing has to be asked for: on each of the %s in profile something was examined or tested.",
			count(b.total.InProfile, "item", "items"))}}
	}
	t := Table{
		ID: "requests-by-role", Caption: "Requests by role; an item is asked of the role that the pack names first for it",
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
		Para{Text: fmt.Sprintf("%s is finding out where it stands with the cybersecurity of AI. For %d of %s in profile there is no evidence yet, "+
			"or none beyond what somebody said. Below is what would settle them, by the role that most likely has it.",
			line(b.info.Organization), len(q.Items), count(b.total.InProfile, "item", "items"))},
		Para{Text: "Please go through the table of your role:"},
		List{[]string{
			"Send what exists, as it is; nothing needs to be written for this request. That something does not exist is an answer too, and as useful.",
			"Name the item id, such as GV.OC-01/secure, with what you send, so that it is filed where it belongs.",
			"Take out passwords, keys and personal data that the request does not need.",
			"If another person has it, pass the row on and say to whom. The last column is for the day on which it was received.",
		}},
		Para{Text: "Within a role: " + q.OrderRule + ".", Note: true},
		t,
	}
}

// requestsOf is the table of a role, its requests numbered from the given number on.
func (b *builder) requestsOf(q requests, r wire.RoleRequests, from int) []Block {
	t := Table{
		ID: "requests-" + strconv.Itoa(from), Caption: "Asked of: " + r.Role,
		Columns: []Column{{"No.", Number}, {"What to ask for", Long}, {"For item", Head}, {"There already", Short}, {"Owner", Words}, {"Received", Short}},
	}
	for i, req := range r.Requests {
		var ids, titles, there, owners []string
		for _, id := range req.Items {
			it := q.item[id]
			ids = append(ids, id.String())
			titles = append(titles, it.Title)
			there = append(there, thereAlready(it))
			owners = append(owners, orDash(line(it.Owner)))
		}
		t.Rows = append(t.Rows, row(number(from+i), words(req.Ask), Cell{Text: strings.Join(ids, "\n"), Sub: strings.Join(titles, "\n")},
			words(strings.Join(there, "\n")), words(strings.Join(owners, "\n")), Cell{}))
	}
	var blocks []Block
	if len(t.Rows) > 0 {
		n := q.totals(r)
		blocks = append(blocks, Para{Text: fmt.Sprintf("%s for %s, of which %d %s not rated yet.",
			title(count(n.requests, "request", "requests")), count(n.items, "item", "items"), n.unrated, plural(n.unrated, "is", "are"))}, t)
	} else {
		blocks = append(blocks, Para{Text: "Nothing is asked of this role alone."})
	}
	if len(r.Elsewhere) > 0 {
		blocks = append(blocks,
			Para{Text: "These items concern this role too, but are asked of another one. Whoever has something to add may send it."},
			List{elsewhere(r.Elsewhere)})
	}
	return blocks
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
