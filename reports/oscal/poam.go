package oscal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
)

// risk is what a gap means. The closed one of an item at its target says that there was one.
func (b *builder) risk(e assessment.Entry) risk {
	id, r := e.Item.ID, e.Response
	w := risk{
		UUID: b.id(riskKind, id.String()), Title: fmt.Sprintf("Gap %d at %s: %s", e.Gap(), name(id), b.subject(e)),
		Props: identity(e), Status: b.statuses[e.Item.Index], Origins: b.origin(r),
		Observations: []observedBy{{b.id(observationKind, id.String())}},
	}
	if w.Status == "closed" {
		w.Title = fmt.Sprintf("Closed gap at %s: %s", name(id), b.subject(e))
	}
	w.Props.add("gap", strconv.Itoa(e.Gap()))
	priorities(&w.Props, e, "")
	w.Props.nist("priority", strconv.Itoa(int(e.Priority)), "")
	var p prose
	p.say(standing(e))
	priority := fmt.Sprintf("Priority %v, as the draft proposes.", e.Priority)
	if e.Priority != e.Item.Priority {
		priority = fmt.Sprintf("Priority %v, set by the organization; the draft proposes %v.", e.Priority, e.Item.Priority)
	}
	p.say(priority, " Evidence: ", r.Grade().String(), ".")
	p.quote("Why this priority", r.PriorityReason)
	if a := r.Accepted; a != nil && e.Gap() > 0 {
		var why prose
		why.quote("Reason", a.Reason)
		why.quote("Approved by", a.Approver)
		if a.InForce(b.on) {
			why.say("Lapses on ", md(string(a.Expires)), ".")
			w.Props.nist("accepted", "yes", why.String())
			w.Props.add("accepted-until", string(a.Expires))
			w.Props.add("approver", a.Approver)
			p.say("The gap is accepted. It changes neither rating nor target.")
		} else {
			why.say("It lapsed on ", md(string(a.Expires)), ".")
			p.say("The gap was accepted, which no longer holds.")
		}
		p = append(p, why...)
	}
	w.Description = p.String()
	var why prose
	why.quote("Why it matters, in Plumbline's words", e.Item.Why)
	if why == nil {
		why.say("The outcome of the Subcategory is not achieved to the extent that the organization has chosen.")
	}
	w.Statement = why.String()
	deadline := assessment.Date("")
	for a := range b.s.ActionsFor(id) {
		if !a.Done() {
			deadline = max(deadline, a.Due)
		}
		w.Remediations = append(w.Remediations, b.remediation(a, id))
	}
	if w.Status != "closed" {
		w.Deadline = midnight(deadline)
	}
	return w
}

// remediation is an action as the answer to the risk of one item.
func (b *builder) remediation(a assessment.Action, id content.ItemID) response {
	key := a.ID + "/" + id.String()
	w := response{
		UUID: b.id(remediation, key), Lifecycle: "planned", Title: titled(a.Title, "Action "+a.ID), Props: actionProps(a),
		Description: commitments(a).String(),
	}
	if a.Done() {
		w.Lifecycle = "completed"
	}
	milestone := func(n int, text string, due assessment.Date, done bool) {
		t := task{UUID: b.id(taskKind, key+"/"+strconv.Itoa(n)), Type: "milestone", Title: text}
		t.Props.add("status", doneWord(done))
		if at := midnight(due); at != "" {
			t.Timing = &timing{onDate{at}}
		}
		w.Tasks = append(w.Tasks, t)
	}
	for i, m := range a.Milestones {
		milestone(i+1, titled(m.Text, fmt.Sprintf("Milestone %d", i+1)), m.Due, m.Done)
	}
	if a.Due != "" {
		milestone(0, "Action complete", a.Due, a.Done())
	}
	return w
}

func doneWord(done bool) string {
	if done {
		return "done"
	}
	return "open"
}

func actionProps(a assessment.Action) props {
	var p props
	p.add("action-id", a.ID)
	p.add("status", string(a.Status))
	p.add("owner", a.Owner)
	p.add("due", string(a.Due))
	p.add("effort", a.Effort)
	return p
}

var efforts = map[string]string{"S": "S (days)", "M": "M (weeks)", "L": "L (months)"}

// commitments says who does an action, until when, and where it stands.
func commitments(a assessment.Action) prose {
	orNone := func(s string) string {
		if s = md(s); s == "" {
			return "none"
		}
		return s
	}
	var p prose
	p.say("Status: ", orNone(string(a.Status)), ". Owner: ", orNone(a.Owner), ". Due: ", orNone(string(a.Due)), ". Effort: ", orNone(efforts[a.Effort]), ".")
	return p
}

// poam returns the plan of action and milestones: an item for each action, and for each gap that no
// open action is about. Among other files of ours it leads to the results.
func (b *builder) poam(among bool) poam {
	links := []link{b.catalogLink()}
	if among {
		links = append(links, link{ResultsFile, "reference"})
	}
	p := poam{
		UUID: b.id(document, "plan-of-action-and-milestones"),
		Metadata: b.metadata("Plan of action and milestones",
			"The plan: an item for each action, and for each gap for which no action is planned. "+
				"Findings and risks are those that the items are about, as in the assessment results.", links...),
		SystemID:   systemID{"http://datatracker.ietf.org/doc/html/rfc4122", b.info.ID},
		BackMatter: backMatter{[]resource{b.catalogResource()}},
	}
	for _, e := range b.compared {
		if b.statuses[e.Item.Index] != "" || b.planned(e.Item.ID) {
			p.Observations = append(p.Observations, b.observation(e))
			p.Findings = append(p.Findings, b.finding(e))
		}
	}
	for _, e := range b.risky {
		p.Risks = append(p.Risks, b.risk(e))
	}
	for _, a := range b.s.Actions() {
		p.Items = append(p.Items, b.actionItem(a))
	}
	for _, e := range b.s.Gaps() {
		if !b.underWay(e.Item.ID) {
			p.Items = append(p.Items, b.gapItem(e))
		}
	}
	if p.Items == nil {
		p.Items = []poamItem{b.emptyItem()}
	}
	return p
}

// planned reports whether any action is about the item.
func (b *builder) planned(id content.ItemID) bool {
	for range b.s.ActionsFor(id) {
		return true
	}
	return false
}

// underWay reports whether an action that is not done is about the item.
func (b *builder) underWay(id content.ItemID) bool {
	for a := range b.s.ActionsFor(id) {
		if !a.Done() {
			return true
		}
	}
	return false
}

// relate ties a POA&M item to finding, observation and risk of an item, as far as there are any.
func (b *builder) relate(w *poamItem, e assessment.Entry) {
	if !e.State.InProfile() || !e.Known() {
		return
	}
	id := e.Item.ID.String()
	w.Findings = append(w.Findings, findingOf{b.id(findingKind, id)})
	w.Observations = append(w.Observations, observedBy{b.id(observationKind, id)})
	if b.statuses[e.Item.Index] != "" {
		w.Risks = append(w.Risks, riskOf{b.id(riskKind, id)})
	}
}

func (b *builder) actionItem(a assessment.Action) poamItem {
	w := poamItem{UUID: b.id(actionItem, a.ID), Title: titled(a.Title, "Action "+a.ID), Props: actionProps(a)}
	p := commitments(a)
	var about []string
	for i, id := range a.Items {
		index, ok := b.cat.Index(id)
		if !ok {
			about = append(about, name(id)+" (no longer in the content pack)")
			continue
		}
		e := b.s.Entry(index)
		about = append(about, name(id)+" ("+where(e)+")")
		if !slices.Contains(a.Items[:i], id) {
			b.relate(&w, e)
		}
	}
	if about == nil {
		p.say("It names no item.")
	} else {
		p.say("Items: ", strings.Join(about, "; "), ".")
	}
	for i, m := range a.Milestones {
		due := "no date"
		if m.Due != "" {
			due = md(string(m.Due))
		}
		p.say(fmt.Sprintf("Milestone %d, %s, %s: %s", i+1, due, doneWord(m.Done), title(m.Text)))
	}
	w.Description = p.String()
	return w
}

// where says in few words what is known of the gap of an item.
func where(e assessment.Entry) string {
	switch {
	case !e.State.InProfile():
		return e.State.Words()
	case e.State != assessment.Rated:
		return "not yet rated, so the gap is unknown"
	case !e.Known():
		return "no target"
	case e.Gap() == 0:
		return "at target"
	}
	return "gap " + strconv.Itoa(e.Gap())
}

func (b *builder) gapItem(e assessment.Entry) poamItem {
	id := e.Item.ID
	w := poamItem{UUID: b.id(gapItem, id.String()), Props: identity(e)}
	w.Props.add("gap", strconv.Itoa(e.Gap()))
	priorities(&w.Props, e, "")
	w.Props.add("owner", e.Response.Owner)
	b.relate(&w, e)
	head, says := "No action planned", "Nothing is planned to close this gap."
	if b.planned(id) {
		head, says = "No further action planned", "The actions on this item are done, and the rating is still below the target."
	}
	if e.Response.Accepted.InForce(b.on) {
		says = "The gap is accepted: see the risk for the reason, the approver and the day on which that lapses."
	}
	w.Title = head + ": " + name(id) + ", " + b.subject(e)
	var p prose
	p.say(standing(e), " Priority ", e.Priority.String(), ". ", says)
	p.quote("Owner of the item", e.Response.Owner)
	w.Description = p.String()
	return w
}

// emptyItem stands where there is nothing to do: OSCAL knows no POA&M without an item.
func (b *builder) emptyItem() poamItem {
	t := b.scores.Total
	return poamItem{
		UUID: b.id(emptyItem, ""), Title: "No gap is known and no action is planned",
		Description: fmt.Sprintf("%d of %d items in profile have a rating and a target, and none of them is below it. What is not rated is unknown.", t.Compared, t.InProfile),
	}
}
