package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// gapTable lists gaps with their ranks, from the given one on.
func (b *builder) gapTable(id, caption string, gaps []assessment.Entry, rank int) Table {
	t := Table{
		ID: id, Caption: caption,
		Columns: []Column{
			{"No.", Number},
			{"Item", Head},
			{"Priority", Short},
			{"Current", Short},
			{"Target", Short},
			{"Gap", Number},
			{"Evidence", Short},
			{"Owner", Words},
			{"Plan", Short},
		},
	}
	for i, e := range gaps {
		r := e.Response
		t.Rows = append(t.Rows, row(
			number(rank+i), b.itemCell(e, true), b.priority(e), b.current(e), words(levelText(r.Target)), number(e.Gap()),
			words(r.Grade().String()), words(orDash(wire.Text(r.Owner))), words(b.planned(e))))
	}
	return t
}

func (b *builder) itemCell(e assessment.Entry, link bool) Cell {
	c := Cell{Text: e.Item.ID.String(), Sub: b.title(e.Item.ID)}
	if link && b.detailed {
		c.Link = anchor(c.Text)
	}
	return c
}

func (b *builder) title(id content.ItemID) string {
	s, _ := b.cat.Subcategory(id.Sub)
	return s.Title
}

func (b *builder) current(e assessment.Entry) Cell {
	c := level(e.Response.Current)
	var marks []string
	if e.Response.Inherited {
		marks = append(marks, "inherited")
	}
	if e.Response.ToConfirm {
		marks = append(marks, toConfirm)
	}
	c.Sub = strings.Join(marks, "\n")
	return c
}

func (b *builder) priority(e assessment.Entry) Cell {
	c := Cell{Text: e.Priority.String()}
	if e.Priority != e.Item.Priority {
		c.Sub = "NIST: " + e.Item.Priority.String()
	}
	return c
}

// planned says what is under way for a gap, in short lines: "A-1", "accepted until", "2027-06-30", or "–".
func (b *builder) planned(e assessment.Entry) string {
	var parts []string
	for a := range b.s.ActionsFor(e.Item.ID) {
		parts = append(parts, wire.Text(a.ID))
	}
	if a := e.Response.Accepted; a != nil {
		what, day := b.acceptedUntil(a)
		parts = append(parts, what, day)
	}
	return orDash(strings.Join(parts, "\n"))
}

// acceptedUntil says whether an acceptance is in force, and the day to which that belongs.
func (b *builder) acceptedUntil(a *assessment.Acceptance) (what, day string) {
	day = wire.Text(string(a.Expires))
	if a.InForce(b.on) {
		return "accepted until", day
	}
	return "acceptance lapsed on", day
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func (b *builder) register() []Block {
	if len(b.gaps) == 0 {
		return []Block{Para{Text: "No item is known to be below its target."}}
	}
	blocks := []Block{Para{Text: fmt.Sprintf("%s, ordered by %s. “Gap by gap” has the details of each.",
		title(count(len(b.gaps), "gap", "gaps")), assessment.OrderRule)}}
	for from := 0; from < len(b.gaps); {
		p, to := b.gaps[from].Priority, from
		for to < len(b.gaps) && b.gaps[to].Priority == p {
			to++
		}
		blocks = append(blocks,
			Heading{fmt.Sprintf("%v priority", p)},
			b.gapTable(fmt.Sprintf("gaps-%d", p), count(to-from, "gap", "gaps")+" of "+p.String()+" priority", b.gaps[from:to], from+1))
		from = to
	}
	return blocks
}

func (b *builder) acceptedGaps() []Block {
	t := Table{
		Caption: "Gaps that were accepted",
		Columns: []Column{{"Item", Head}, {"Gap", Number}, {"Reason", Long}, {"Approver", Words}, {"Expires", Short}, {"In force", Short}},
	}
	for _, e := range b.gaps {
		a := e.Response.Accepted
		if a == nil {
			continue
		}
		inForce := Cell{Text: "yes"}
		if !a.InForce(b.on) {
			inForce = Cell{Text: "no, lapsed", Tone: Warning}
		}
		t.Rows = append(t.Rows, row(b.itemCell(e, true), number(e.Gap()), words(wire.Text(a.Reason)),
			words(wire.Text(a.Approver)), words(wire.Text(string(a.Expires))), inForce))
	}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "No gap is accepted."}}
	}
	return []Block{t, Para{Text: "An accepted gap stays a gap in every figure. Its acceptance lapses on its date.", Note: true}}
}

func (b *builder) unknownGaps() []Block {
	if len(b.unknown) == 0 {
		return []Block{Para{Text: "Every item that is in profile and has a target is rated."}}
	}
	t := Table{
		ID: "unknown-items", Caption: count(len(b.unknown), "item", "items") + " with a target and no rating, in the order of gaps",
		Columns: []Column{{"Item", Head}, {"Priority", Short}, {"Target", Short}, {"Ask", Long}, {"Whom", Words}, {"Owner", Words}},
	}
	for _, e := range b.unknown {
		t.Rows = append(t.Rows, row(b.itemCell(e, false), b.priority(e), words(levelText(e.Response.Target)),
			words(e.Item.Question), words(orDash(strings.Join(e.Item.Roles, ", "))), words(orDash(wire.Text(e.Response.Owner)))))
	}
	return []Block{
		Para{Text: "Their gaps are unknown, not 0. Rating them narrows the interval of attainment."},
		t,
	}
}

func (b *builder) notCounted() []Block {
	noTarget := Table{
		ID: "no-target", Caption: "Rated items in profile without a target",
		Columns: []Column{{"Item", Head}, {"Priority", Short}, {"Current", Short}, {"Owner", Words}},
	}
	out := Table{
		ID: "out-of-profile", Caption: "Items out of profile: not applicable, or deliberately not pursued",
		Columns: []Column{{"Item", Head}, {"Priority", Short}, {"Reason", Long}, {"By", Words}},
	}
	var states [len(assessment.States)]struct{ items, recorded, rated int }
	neither := 0
	for e := range b.s.Entries() {
		n := &states[e.State]
		n.items++
		if recorded(e.Response) {
			n.recorded++
		}
		if e.Response.Current.Known() {
			n.rated++
		}
		switch {
		case e.State == assessment.OutOfProfile:
			out.Rows = append(out.Rows, row(b.itemCell(e, false), b.priority(e), words(wire.Text(e.Response.Out)), words(orDash(signed(e.Response.By, e.Response.At)))))
		case !e.State.InProfile() || e.Response.Target.Known():
		case e.State == assessment.Rated:
			noTarget.Rows = append(noTarget.Rows, row(b.itemCell(e, false), b.priority(e), b.current(e), words(orDash(wire.Text(e.Response.Owner)))))
		default:
			neither++
		}
	}
	blocks := []Block{Heading{"No target"}}
	switch rated := len(noTarget.Rows); {
	case rated == 0 && neither == 0:
		blocks = append(blocks, Para{Text: "Every item in profile has a target."})
	default:
		blocks = append(blocks, Para{Text: fmt.Sprintf("%s in profile %s no target: %d rated, %d unrated. Without a target there is no gap.",
			count(rated+neither, "item", "items"), plural(rated+neither, "has", "have"), rated, neither)})
		if rated > 0 {
			blocks = append(blocks, noTarget)
		}
	}
	blocks = append(blocks, Heading{"Out of profile"})
	if len(out.Rows) > 0 {
		blocks = append(blocks, out)
	} else {
		blocks = append(blocks, Para{Text: "No item was taken out of the profile."})
	}

	t := Table{
		ID: "states", Caption: "All items by state; what is recorded is kept, whether it counts or not",
		Columns: []Column{{"State", Head}, {"Items", Number}, {"With something recorded", Number}, {"With a rating", Number}, {"Counted in figures", Short}},
	}
	for _, st := range assessment.States {
		counted := "no"
		if st.InProfile() {
			counted = "yes"
		}
		n := states[st]
		t.Rows = append(t.Rows, row(words(title(st.Words())), number(n.items), number(n.recorded), number(n.rated), words(counted)))
	}
	all := states[0]
	for _, n := range states[1:] {
		all.items, all.recorded, all.rated = all.items+n.items, all.recorded+n.recorded, all.rated+n.rated
	}
	t.Rows = append(t.Rows, Row{[]Cell{words("All"), number(all.items), number(all.recorded), number(all.rated), {}}, true})
	return append(blocks, Heading{"All items by state"}, t)
}

// recorded reports whether anything stands in a response.
func recorded(r *assessment.Response) bool {
	return r.Current.Known() || r.Target.Known() || r.Out != "" || r.Note != "" || r.Owner != "" ||
		r.Priority.Valid() || len(r.Asked) > 0 || len(r.Evidence) > 0 || r.Accepted != nil
}

// efforts says what an effort means.
var efforts = map[string]string{"S": "days", "M": "weeks", "L": "months"}

func effort(e string) string {
	if w, ok := efforts[e]; ok {
		return e + ", " + w
	}
	return orDash(wire.Text(e))
}

func (b *builder) plan() []Block {
	t := Table{
		ID: "actions", Caption: "Actions of the plan",
		Columns: []Column{{"No.", Head}, {"Action", Long}, {"Items", Words}, {"Owner", Words}, {"Due", Short}, {"Effort", Short}, {"Status", Short}},
	}
	for _, a := range b.s.Actions() {
		var items, steps []string
		for _, id := range a.Items {
			items = append(items, id.String())
		}
		for _, m := range a.Milestones {
			steps = append(steps, wire.Text(m.String()))
		}
		due := Cell{Text: orDash(wire.Text(string(a.Due)))}
		if a.Overdue(b.on) {
			due.Sub, due.Tone = "overdue", Warning
		}
		t.Rows = append(t.Rows, row(words(wire.Text(a.ID)), Cell{Text: wire.Text(a.Title), Sub: strings.Join(steps, "\n")},
			words(orDash(strings.Join(items, ", "))), words(orDash(wire.Text(a.Owner))), due, words(effort(a.Effort)), words(wire.Text(string(a.Status)))))
	}
	n := b.s.Handled(b.on)
	rest := fmt.Sprintf("An open action names %d of %s; %s.", n[assessment.OpenAction], count(len(b.gaps), "gap", "gaps"), handledNote(n))
	if len(b.gaps) == 0 {
		rest = "There is no known gap to plan for."
	}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "No action is planned. " + rest}}
	}
	return []Block{Para{Text: rest}, t}
}

func (b *builder) evidence() []Block {
	t := Table{
		ID: "evidence-entries", Caption: "Evidence, by item",
		Columns: []Column{{"Item", Head}, {"Method", Short}, {"Date", Short}, {"Age", Number}, {"Reference", Long}, {"Added by", Words}},
	}
	var byMethod [assessment.Tested + 1]int
	items, uncounted, entries := 0, 0, 0 // uncounted are the items of which no rating is in profile
	for e := range b.s.Entries() {
		if len(e.Response.Evidence) > 0 {
			items++
			if e.State != assessment.Rated {
				uncounted, entries = uncounted+1, entries+len(e.Response.Evidence)
			}
		}
		for _, v := range e.Response.Evidence {
			if int(v.Method) < len(byMethod) {
				byMethod[v.Method]++
			}
			t.Rows = append(t.Rows, row(words(e.Item.ID.String()), words(v.Method.String()), words(orDash(wire.Text(string(v.Date)))),
				words(b.age(v.Date)), Cell{Text: wire.Text(v.Ref), Sub: fileOf(v)}, words(orDash(wire.Text(v.By)))))
		}
	}
	blocks := []Block{Para{Text: fmt.Sprintf("%d of %s in profile %s supported: something was examined or tested. %s on an assertion alone.",
		b.total.Supported, count(b.total.Rated(), "rating", "ratings"), plural(b.total.Supported, "is", "are"),
		title(countOrNo(b.total.OnAssertion, "item is rated 3", "items are rated 3")))}}
	if len(t.Rows) == 0 {
		return append(blocks, Para{Text: "No evidence is recorded."})
	}
	var methods []string
	for _, m := range assessment.Methods {
		methods = append(methods, fmt.Sprintf("%d %v", byMethod[m], m))
	}
	text := fmt.Sprintf("%s on %s: %s.", title(count(len(t.Rows), "entry", "entries")), count(items, "item", "items"), enumerate(methods))
	if uncounted > 0 {
		text += fmt.Sprintf(" Of these, %s on %s %s outside the figures above, for the item is unrated or not in profile.",
			count(entries, "entry", "entries"), count(uncounted, "item", "items"), plural(entries, "is", "are"))
	}
	return append(blocks, Para{Text: text}, t)
}

// age says how old a day is, in days: "54 d".
func (b *builder) age(d assessment.Date) string {
	then, err := time.Parse(time.DateOnly, string(d))
	now, err2 := time.Parse(time.DateOnly, string(b.on))
	if err != nil || err2 != nil {
		return "–"
	}
	return strconv.Itoa(int(now.Sub(then)/(24*time.Hour))) + " d"
}

// fileOf names the file of an evidence entry, with its hash.
func fileOf(v assessment.Evidence) string {
	s := wire.Text(v.File)
	if v.SHA256 != "" {
		s = strings.TrimSpace(s + " SHA-256 " + wire.Text(v.SHA256))
	}
	return s
}

func (b *builder) base() []Block {
	t := Table{
		ID: "base-ratings", Caption: "Base ratings of Subcategories, and the items that took them over",
		Columns: []Column{{"Subcategory", Head}, {"Rating", Short}, {"Inherited by", Words}, {"Note", Long}, {"By", Words}},
	}
	for sub := range b.cat.Subcategories() {
		r := b.s.Base(sub.ID)
		if !r.Current.Known() && r.Note == "" {
			continue
		}
		var by []string
		for _, a := range content.Areas {
			id := content.ItemID{Sub: sub.ID, Area: a}
			if i, ok := b.cat.Index(id); ok && b.s.Response(i).Inherited {
				by = append(by, id.String())
			}
		}
		t.Rows = append(t.Rows, row(Cell{Text: sub.ID, Sub: sub.Title}, level(r.Current), words(orDash(strings.Join(by, ", "))),
			words(orDash(wire.Text(r.Note))), words(orDash(signed(r.By, r.At)))))
	}
	rule := Para{Text: "A base rating is a rating of the plain CSF Subcategory. An item takes it over only by a person's act, and only where the draft says that standard cybersecurity practices apply.", Note: true}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "No base rating is recorded, so no item inherits one."}, rule}
	}
	return []Block{Para{Text: fmt.Sprintf("%d of %s in profile %s inherited.", b.total.Inherited, count(b.total.Rated(), "rating", "ratings"), plural(b.total.Inherited, "is", "are"))}, t, rule}
}

// reason is a rationale that several targets may share.
type reason struct {
	preset, text string
}

// shared is how many targets may share a reason before it is told once for all and referred to.
const shared = 3

// reasons are the rationales of the targets in profile, in Core order.
type reasons struct {
	order []reason
	use   map[reason]*reasonUse
}

type reasonUse struct {
	number int                          // 1 for the first
	levels [assessment.MaxLevel + 1]int // items by target level
}

func (rs reasons) items(r reason) int {
	n := 0
	if u := rs.use[r]; u != nil {
		for _, v := range u.levels {
			n += v
		}
	}
	return n
}

func (rs reasons) name(r reason) string { return "T" + strconv.Itoa(rs.use[r].number) }

func reasonOf(r *assessment.Response) reason {
	return reason{wire.Preset(wire.Text(r.Preset)), wire.Text(r.TargetReason)}
}

func reasonsOf(s *assessment.Snapshot) reasons {
	rs := reasons{use: make(map[reason]*reasonUse)}
	for e := range s.Entries() {
		n, ok := e.Response.Target.Level()
		if !e.State.InProfile() || !ok {
			continue
		}
		r := reasonOf(e.Response)
		if rs.use[r] == nil {
			rs.order = append(rs.order, r)
			rs.use[r] = &reasonUse{number: len(rs.order)}
		}
		rs.use[r].levels[n]++
	}
	return rs
}

func (r reason) setBy() string {
	if r.preset == "" {
		return "individual"
	}
	return "preset " + r.preset
}

func (b *builder) targets() []Block {
	t := Table{
		ID: "target-reasons", Caption: "Targets in profile, by the reason that was given for them",
		Columns: []Column{{"No.", Head}, {"Reason", Long}, {"Set by", Words}, {"1 Partially", Number}, {"2 Largely", Number}, {"3 Fully", Number}, {"Items", Number}},
	}
	sum := [assessment.MaxLevel + 1]int{}
	add := func(name, why, by string, use [assessment.MaxLevel + 1]int, strong bool) {
		t.Rows = append(t.Rows, Row{[]Cell{words(name), words(why), words(by), number(use[1]), number(use[2]), number(use[3]), number(use[1] + use[2] + use[3])}, strong})
	}
	for _, r := range b.reasons.order {
		use := b.reasons.use[r].levels
		for n := range sum {
			sum[n] += use[n]
		}
		add(b.reasons.name(r), orDash(r.text), r.setBy(), use, false)
	}
	if len(t.Rows) == 0 {
		return []Block{Para{Text: "No item in profile has a target."}}
	}
	add("All", "", "", sum, true)
	return []Block{Para{Text: "Targets are decisions. Each was set by a person, one by one or with a preset, and “Gap by gap” refers to the reasons by their numbers."}, t}
}

func (b *builder) details() []Block {
	if len(b.gaps) == 0 {
		return []Block{Para{Text: "No item is known to be below its target."}}
	}
	list := Entries{Entries: make([]Entry, 0, len(b.gaps))}
	for i, e := range b.gaps {
		list.Entries = append(list.Entries, b.detail(i+1, e))
	}
	return []Block{
		Para{Text: "Every gap in the order of the list above. Questions and suggested steps are Plumbline's; notes, reasons and owners are the session's.", Note: true},
		list,
	}
}

func (b *builder) detail(rank int, e assessment.Entry) Entry {
	r := e.Response
	d := Entry{
		ID:    anchor(e.Item.ID.String()),
		Code:  e.Item.ID.String(),
		Title: fmt.Sprintf("%d. %s", rank, b.title(e.Item.ID)),
		Badges: []Cell{
			{Text: r.Current.String() + " " + r.Current.Word(), Tone: level(r.Current).Tone},
			{Text: "target " + r.Target.String() + " " + r.Target.Word()},
			{Text: fmt.Sprintf("gap %d", e.Gap())},
			{Text: e.Priority.String() + " priority"},
			{Text: "evidence: " + r.Grade().String()},
		},
		Inline: []Fact{
			fact("Focus Area", e.Item.ID.Area.Name()), fact("Owner", orDash(line(r.Owner))), fact("Page of the draft", strconv.Itoa(e.Item.Page)),
		},
		Lead: e.Item.Question,
	}
	if r.Inherited {
		d.Badges = append(d.Badges, Cell{Text: "inherited"})
	}
	if r.ToConfirm {
		d.Badges = append(d.Badges, Cell{Text: toConfirm, Tone: Warning})
	}
	add := func(f Fact) { d.Facts = append(d.Facts, f) }
	if e.Priority != e.Item.Priority {
		add(quoted("Own priority", fmt.Sprintf("%v; NIST's draft proposes %v. %s", e.Priority, e.Item.Priority, r.PriorityReason)))
	}
	if r.Note != "" {
		add(quoted("Note", r.Note))
	}
	if len(r.Asked) > 0 {
		add(quoted("Asked", strings.Join(r.Asked, ", ")))
	}
	switch why := reasonOf(r); {
	case b.reasons.items(why) > shared:
		d.Inline = append(d.Inline, fact("Reason of the target", b.reasons.name(why)))
	case why.text != "":
		add(quoted("Why this target", why.text))
	}
	if len(r.Evidence) > 0 {
		f := Fact{Term: "Evidence", Style: Bullets}
		for _, v := range r.Evidence {
			f.Lines = append(f.Lines, strings.TrimSpace(fmt.Sprintf("%v %s: %s", v.Method, wire.Text(string(v.Date)), wire.Text(v.Ref))))
		}
		add(f)
	}
	if a := r.Accepted; a != nil {
		what, day := b.acceptedUntil(a)
		add(quoted("Accepted", fmt.Sprintf("%s %s; approved by %s. %s", title(what), day, a.Approver, a.Reason)))
	}
	actions := Fact{Term: "Actions", Style: Bullets}
	for a := range b.s.ActionsFor(e.Item.ID) {
		about := string(a.Status)
		if a.Owner != "" {
			about += ", " + a.Owner
		}
		if a.Due != "" {
			about += ", due " + string(a.Due)
		}
		actions.Lines = append(actions.Lines, wire.Text(fmt.Sprintf("%s %s (%s)", a.ID, a.Title, about)))
	}
	if len(actions.Lines) > 0 {
		add(actions)
	}
	steps := Fact{Term: "Plumbline suggests", Style: Suggestion}
	for _, st := range e.Item.Actions {
		steps.Lines = append(steps.Lines, fmt.Sprintf("%s (effort: %s)", st.Text, effort(st.Effort)))
	}
	if len(steps.Lines) > 0 {
		add(steps)
	}
	return d
}
