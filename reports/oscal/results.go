package oscal

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// plan returns the assessment plan. It is a stub: the session's scope, and the controls that it covers.
func (b *builder) plan() assessmentPlan {
	return assessmentPlan{
		UUID: b.id(document, "assessment-plan"),
		Metadata: b.metadata("Assessment plan",
			"A stub of an assessment plan: the scope of the session and the Subcategories that it covers. The assessment results import it."),
		ImportSSP: imported{
			Href:    "#" + b.id(resourceKind, scopeKey),
			Remarks: "There is no system security plan: the subject is an organization. The reference leads to the scope of the session.",
		},
		ReviewedControls: b.reviewed("The Subcategories of CSF 2.0 with at least one Focus Area in profile, and so to be assessed.", link{ProfileFile, "reference"}),
		BackMatter:       backMatter{[]resource{b.catalogResource(), b.scope()}},
	}
}

// reviewed selects the Subcategories that have an item in profile. Where none has, it says so by taking
// every one out, since OSCAL has no empty selection.
func (b *builder) reviewed(description string, links ...link) reviewedControls {
	r := reviewedControls{Description: description, Links: append([]link{b.catalogLink()}, links...)}
	var sel controlSelection
	for _, id := range b.subs {
		sel.Include = append(sel.Include, controlID{id})
	}
	if sel.Include == nil {
		r.Description = "No Subcategory is in profile."
		sel.IncludeAll = &included{}
		for sub := range b.cat.Subcategories() {
			sel.Exclude = append(sel.Exclude, controlID{sub.ID})
		}
	}
	r.Selections = []controlSelection{sel}
	return r
}

// scope describes what is assessed.
func (b *builder) scope() resource {
	var p prose
	p.quote("Organization", b.info.Organization)
	p.quote("Session", b.info.Name)
	p.quote("Purpose", b.info.Purpose)
	p.quote("Units", strings.Join(b.info.Units, "; "))
	for _, a := range b.info.Assumptions {
		p.quote("Assumption", a)
	}
	ai := b.info.AI
	p.say(fmt.Sprintf("Builds AI: %v; deploys AI: %v; uses AI: %v; uses or plans AI in defense: %v.", ai.Builds, ai.Deploys, ai.Uses, ai.Defends))
	p.say("Focus Areas: ", b.areas(), ".")
	for _, v := range b.s.Systems() {
		var facts []string
		for _, f := range assessment.SystemFacts {
			if text := *f.Of(&v); text != "" {
				facts = append(facts, f.Name+": "+text)
			}
		}
		p.quote("AI system "+md(v.ID), strings.Join(append([]string{v.Name}, facts...), "; "))
	}
	return resource{UUID: b.id(resourceKind, scopeKey), Title: "Scope of the session", Description: p.String()}
}

// results returns the assessment results: one result, as the session stands.
func (b *builder) results() assessmentResults {
	t := b.scores.Total
	r := result{
		UUID: b.id(resultSet, ""), Title: "Ratings as of " + title(string(b.on)), Description: b.figures(),
		Start: b.moment(b.info.Created), Props: b.counts(),
		ReviewedControls: b.reviewed(fmt.Sprintf("The Subcategories of CSF 2.0 with at least one Focus Area in profile. "+
			"%d of their %d items have a finding. An item without one has no rating or no target: that is unknown, not satisfied.", t.Compared, t.InProfile)),
	}
	if end := b.moment(b.s.Changed()); end > r.Start {
		r.End = end
	}
	for _, e := range b.compared {
		r.Observations = append(r.Observations, b.observation(e))
		r.Findings = append(r.Findings, b.finding(e))
	}
	for _, e := range b.risky {
		r.Risks = append(r.Risks, b.risk(e))
	}
	return assessmentResults{
		UUID: b.id(document, "assessment-results"),
		Metadata: b.metadata("Assessment results", "Assessment results: one observation and one finding for each item in profile that has a rating and a target, "+
			"and a risk for each that is below its target. A finding is satisfied when the rating reaches the target, which the organization itself has set."),
		ImportAP:   imported{Href: PlanFile},
		Results:    []result{r},
		BackMatter: backMatter{[]resource{b.catalogResource()}},
	}
}

// moment is a time of the session, or the time of making where it has none.
func (b *builder) moment(t time.Time) string {
	if at := instant(t); at != "" {
		return at
	}
	return b.made
}

// counts are the figures of the session: whole, and with a Focus Area as class.
func (b *builder) counts() props {
	var p props
	p.add("session-id", b.info.ID)
	add := func(t assessment.Tally, class string) {
		for _, c := range []struct {
			name string
			n    int
		}{
			{"items", t.Items},
			{"in-profile", t.InProfile},
			{"rated", t.Rated()},
			{"unrated", t.Unrated()},
			{"out-of-profile", t.OutOfProfile},
			{"outside-path", t.OutsidePath},
			{"area-out-of-scope", t.AreaOutOfScope},
			{"compared", t.Compared},
			{"at-target", t.AtTarget},
			{"gaps", t.Gaps},
			{"supported", t.Supported},
		} {
			p.class(c.name, strconv.Itoa(c.n), class)
		}
		if i := t.Interval(); i.Low.Den > 0 {
			p.class("attainment", t.Attainment().String(), class)
			p.class("attainment-low", i.Low.String(), class)
			p.class("attainment-high", i.High.String(), class)
		}
	}
	add(b.scores.Total, "")
	for _, a := range content.Areas {
		add(b.scores.Areas[a], a.String())
	}
	return p
}

// figures says the same in sentences.
func (b *builder) figures() string {
	t := b.scores.Total
	var p prose
	p.say(fmt.Sprintf("The session has %d items. %d are in profile: %d rated, %d not yet rated. Not counted are %d that are out of profile, %d outside the path and %d in a Focus Area out of scope.",
		t.Items, t.InProfile, t.Rated(), t.Unrated(), t.OutOfProfile, t.OutsidePath, t.AreaOutOfScope))
	p.say(fmt.Sprintf("%d items have a rating and a target: %d are at their target, %d are below. %d gaps are accepted. %d of %d ratings stand on evidence that was examined or tested.",
		t.Compared, t.AtTarget, t.Gaps, len(b.s.Accepted(b.on)), t.Supported, t.Rated()))
	if i := t.Interval(); i.Low.Den > 0 {
		p.say(fmt.Sprintf("Target attainment is %v; once the unknown is known it can be anything from %v to %v.", t.Attainment(), i.Low, i.High))
	}
	return p.String()
}

// name is how an item is called in titles: "GV.OC-01 Secure".
func name(id content.ItemID) string { return id.Sub + " " + id.Area.Label() }

// subject is the title of the item's Subcategory.
func (b *builder) subject(e assessment.Entry) string {
	sub, _ := b.cat.Subcategory(e.Item.ID.Sub)
	return title(sub.Title)
}

func level(r assessment.Rating) string { return r.String() + " " + r.Word() }

// standing says where an item is and where it is to be.
func standing(e assessment.Entry) string {
	return fmt.Sprintf("Current %s, target %s.", level(e.Response.Current), level(e.Response.Target))
}

// identity are the props that name an item.
func identity(e assessment.Entry) props {
	var p props
	p.add("item-id", e.Item.ID.String())
	p.add("focus-area", e.Item.ID.Area.String())
	return p
}

// priorities are the priority in force and the draft's.
func priorities(p *props, e assessment.Entry, class string) {
	p.class("nist-priority", strconv.Itoa(int(e.Item.Priority)), class)
	p.class("priority", strconv.Itoa(int(e.Priority)), class)
}

var methods = map[assessment.Method]string{
	assessment.Tested: "TEST", assessment.Examined: "EXAMINE", assessment.Interviewed: "INTERVIEW", assessment.Asserted: "UNKNOWN",
}

// observation is what was seen of an item: the rating, the note and the evidence.
func (b *builder) observation(e assessment.Entry) observation {
	id, r := e.Item.ID, e.Response
	o := observation{
		UUID:  b.id(observationKind, id.String()),
		Title: fmt.Sprintf("%s: current %v, target %v", name(id), r.Current, r.Target),
		Props: identity(e), Types: []string{"control-objective"}, Origins: b.origin(r),
		Subjects:  []subject{{b.organization(), "party"}},
		Collected: b.moment(r.At),
	}
	o.Props.add("current", r.Current.String())
	o.Props.add("target", r.Target.String())
	priorities(&o.Props, e, "")
	o.Props.add("evidence-grade", r.Grade().String())
	o.Props.add("owner", r.Owner)
	var p prose
	if p.quote("Note", r.Note); p == nil {
		p.say("No note was written.")
	}
	p.quote("Roles asked", strings.Join(r.Asked, "; "))
	p.quote("Owner", r.Owner)
	p.quote("Why this target", r.TargetReason)
	if r.Inherited {
		o.Props.add("inherited", "yes")
		p.say("The rating is inherited: a person let the item take over the base rating of its Subcategory.")
	}
	if r.ToConfirm {
		o.Props.add("to-confirm", "yes")
		p.say("The rating is to be re-confirmed: it was given before the content changed what the item asks.")
	}
	if e.OnAssertion() {
		p.say("Fully achieved on no evidence beyond an assertion.")
	}
	o.Description = p.String()
	for _, m := range assessment.Methods {
		for _, ev := range r.Evidence {
			if ev.Method == m {
				o.Methods = append(o.Methods, methods[m])
				break
			}
		}
	}
	if o.Methods == nil {
		o.Methods = []string{"UNKNOWN"}
	}
	for _, ev := range r.Evidence {
		o.Evidence = append(o.Evidence, evidenceOf(ev))
	}
	return o
}

func evidenceOf(ev assessment.Evidence) evidence {
	var p prose
	how := ev.Method.String()
	how = strings.ToUpper(how[:1]) + how[1:]
	if ev.Date != "" {
		how += " " + md(string(ev.Date))
	}
	p.quote(how, ev.Ref)
	if p == nil {
		p.say(how, ".")
	}
	p.quote("File", ev.File)
	p.quote("Added by", ev.By)
	w := evidence{Description: p.String()}
	w.Props.add("sha256", ev.SHA256)
	return w
}

// claimed is said of a rating that no examination and no test supports: it can reach its target, and the
// finding be satisfied, on somebody's word.
const claimed = "The rating is claimed: nothing was examined or tested."

// finding says whether the rating reaches the target, and what the rating rests on.
func (b *builder) finding(e assessment.Entry) finding {
	id, r := e.Item.ID, e.Response
	f := finding{
		UUID: b.id(findingKind, id.String()), Title: name(id) + ": " + b.subject(e), Props: identity(e),
		Target:       target{"statement-id", id.Sub + "_statement", status{"satisfied", "pass", "Current is at or above the chosen target."}},
		Observations: []observedBy{{b.id(observationKind, id.String())}},
	}
	f.Props.add("current", r.Current.String())
	f.Props.add("target", r.Target.String())
	f.Props.add("gap", strconv.Itoa(e.Gap()))
	f.Props.add("evidence-grade", r.Grade().String())
	var p prose
	if gap := e.Gap(); gap > 0 {
		f.Target.Status = status{"not-satisfied", "other", "Current is below the chosen target."}
		p.say(fmt.Sprintf("Below target by %d. %s", gap, standing(e)))
	} else {
		p.say("At target. ", standing(e))
	}
	if !r.Grade().Supported() {
		f.Target.Status.Remarks += " " + claimed
		p.say(claimed)
	}
	p.quote("The question, in Plumbline's words", e.Item.Question)
	f.Description = p.String()
	if b.statuses[e.Item.Index] != "" {
		f.Risks = []riskOf{{b.id(riskKind, id.String())}}
	}
	return f
}
