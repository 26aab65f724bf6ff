package intake

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// Plan is what taking a file over into a session would do. It belongs to the state of the session
// that it was made for.
type Plan struct {
	File     *File
	Counts   Counts
	Changes  []Change  // what is new or changed, and what is not applied for a conflict
	Problems []Problem // of the file, then of what it says to this session
	now      time.Time
	edits    []edit
}

// Counts counts statements: one is about one field of one item, Subcategory or action.
type Counts struct {
	New      int // nothing was recorded before
	Changed  int
	Same     int
	Skipped  int // problems of what was not taken over: values, statements or whole rows
	Unmapped int // values of another scale for which no rating was chosen
	Conflict int // not applied; see Choices.Overwrite
}

// Outcome says what happens to a statement that is listed.
type Outcome string

// The outcomes.
const (
	New      Outcome = "new"
	Changed  Outcome = "changed"
	Conflict Outcome = "conflict" // not applied
)

// Change is a statement that differs from what the session says.
type Change struct {
	Outcome Outcome
	Place   Place
	About   string // "GV.OC-01/secure", "GV.OC-01", `action "…"`
	Field   string // "current", "target", …
	Before  string // "" is nothing
	After   string // "" is nothing; in a conflict, what the file says
	Why     string // of a conflict
	seq     int    // of the statement
}

// String says it in one line.
func (c Change) String() string {
	or := func(s string) string {
		if s == "" {
			return "–"
		}
		return shortLine(s, maxShown)
	}
	s := fmt.Sprintf("%s: %s %s: %s -> %s", c.Outcome, c.About, c.Field, or(c.Before), or(c.After))
	if c.Why != "" {
		s += " (" + c.Why + ")"
	}
	return s
}

// Act returns the act by which the file is taken over: its reason names the file and its hash.
func (p *Plan) Act(who string) assessment.Act {
	return assessment.Act{Who: who, Time: p.now, Reason: fmt.Sprintf("import of %q, SHA-256 %s", p.File.Name, p.File.SHA256)}
}

// Apply makes the edits. They are those that were tried when the plan was made, so an error means that
// the session has changed since; the act then changes nothing.
func (p *Plan) Apply(e *assessment.Edit) error {
	for _, edit := range p.edits {
		if err := edit(e); err != nil {
			return fmt.Errorf("import of %q: %w", p.File.Name, err)
		}
	}
	return nil
}

// edit is a step of a plan.
type edit func(*assessment.Edit) error

// recorder tries edits on a scratch session and keeps those that worked.
type recorder struct {
	try    *assessment.Edit
	edits  []edit
	source string // `import of "NAME"`
}

func (r *recorder) do(f edit) error {
	err := f(r.try)
	if err == nil {
		r.edits = append(r.edits, f)
	}
	return err
}

// Plan says what the file would change in a session that is in this state. Time is that of the act.
// Everything is tried on a copy, by the same edits that a person makes, so what they refuse is a problem
// here and not a surprise later. The error is about the choices, or a session that is not open.
func (f *File) Plan(s *assessment.Snapshot, now time.Time, c Choices) (*Plan, error) {
	p := &Plan{File: f, Problems: slices.Clone(f.problems), now: now}
	if err := c.check(f.Scales); err != nil {
		return nil, fmt.Errorf("plan the import of %q: %w", f.Name, err)
	}
	if st := s.Info().Status; st != assessment.Open {
		return nil, fmt.Errorf("plan the import of %q: %w", f.Name, &assessment.ClosedError{Status: st})
	}
	scratch := s.Scratch()
	_, err := scratch.Do(p.Act("plan"), func(e *assessment.Edit) error {
		pl := planner{p, c, scratch, recorder{try: e, source: fmt.Sprintf("import of %q", f.Name)}}
		for _, g := range pl.groups() {
			pl.group(g)
		}
		p.edits = pl.rec.edits
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("plan the import of %q: %w", f.Name, err)
	}
	p.order()
	return p, nil
}

// order puts what is listed into the order of the file: notices about all of it first.
func (p *Plan) order() {
	slices.SortStableFunc(p.Changes, func(a, b Change) int { return cmp.Compare(a.seq, b.seq) })
	sheets := []string{""}
	for _, pr := range p.Problems {
		if !slices.Contains(sheets, pr.Place.Sheet) {
			sheets = append(sheets, pr.Place.Sheet)
		}
		if pr.Severity == Skipped {
			p.Counts.Skipped++
		}
	}
	slices.SortStableFunc(p.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(slices.Index(sheets, a.Place.Sheet), slices.Index(sheets, b.Place.Sheet)), cmp.Compare(a.Place.Row, b.Place.Row))
	})
}

// planner makes a plan, subject by subject.
type planner struct {
	*Plan
	choices Choices
	s       *assessment.Session
	rec     recorder
}

// groups returns the statements subject by subject, Subcategories first, since items may inherit from
// them, else in the order of the file. Values of other scales are replaced by what they were mapped to.
func (p *planner) groups() [][]statement {
	place, over := make(map[subject]int), make(map[subject]bool)
	var groups [][]statement
	for i, st := range p.File.statements {
		st.seq = i
		if sc, ok := st.claim.(scored); ok {
			rating := p.choices.Map[sc.scale][sc.value]
			if !rating.Known() {
				p.Counts.Unmapped++
				continue
			}
			st.claim = sc.as(rating)
		}
		for _, st := range p.addressed(st) {
			i, ok := place[st.about]
			if !ok {
				i = len(groups)
				place[st.about] = i
				groups = append(groups, nil)
			}
			if len(groups[i]) == maxAbout {
				p.Counts.Skipped++
				if !over[st.about] {
					over[st.about] = true
					p.Problems = append(p.Problems, Problem{
						Notice, st.place, st.about.String(), fmt.Sprintf("is spoken of more than %d times; what comes from here on was left out", maxAbout),
						"import the rest with a file of its own",
					})
				}
				continue
			}
			groups[i] = append(groups[i], st)
		}
	}
	for _, sc := range p.File.Scales {
		left := 0
		for _, v := range sc.Values {
			if !p.choices.Map[sc.Name][v.Text].Known() {
				left += v.Count
			}
		}
		if left > 0 {
			p.Problems = append(p.Problems, Problem{
				Notice,
				Place{},
				sc.Name, fmt.Sprintf("is a scale of its own: %s not applied", counted(left, "value was", "values were")),
				"choose which rating each value stands for",
			})
		}
	}
	slices.SortStableFunc(groups, func(a, b []statement) int { return cmp.Compare(rank(a), rank(b)) })
	return groups
}

// addressed returns what a statement of a Subcategory says of the records that a session has: a base
// rating has a note and no evidence, and items are in profile or out, not a Subcategory.
func (p *planner) addressed(st statement) []statement {
	if !st.about.whole {
		return []statement{st}
	}
	sub := st.about.sub
	if area := p.choices.Area; area != nil {
		st.about = ofItem(content.ItemID{Sub: sub, Area: *area})
		switch c := st.claim.(type) {
		case baseClaim:
			st.claim = currentClaim{rating: c.rating, lowest: c.lowest}
		case itemClaim:
			st.claim = c.claim
		}
		return []statement{st}
	}
	switch c := st.claim.(type) {
	case itemClaim:
		st.claim = c.otherwise
	case profileClaim:
		var all []statement
		for _, a := range content.Areas {
			id := content.ItemID{Sub: sub, Area: a}
			if _, ok := p.s.Catalog().Index(id); ok {
				st.about = ofItem(id)
				all = append(all, st)
			}
		}
		if all != nil {
			return all
		}
	}
	return []statement{st}
}

func rank(g []statement) int {
	if g[0].about.whole {
		return 0
	}
	return 1
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// group tries what the file says of one subject.
func (p *planner) group(g []statement) {
	about := g[0].about
	if !about.known(p.s.Catalog()) {
		g[0].place.Column = "" // that of what is said, and what is wrong is of whom
		p.problem(g[0], about.String(), "is not in the session's pack", "")
		return
	}
	at := g[0].place
	// A file that has the item in several rows is left as it is: what of them holds can not be told apart.
	whole := !slices.ContainsFunc(g, func(st statement) bool { return !st.whole || st.place.Row != at.Row })
	g = p.consistent(p.lowest(g))
	out := slices.ContainsFunc(g, func(st statement) bool { return takesOut(st.claim) })
	for i := range g {
		if c, ok := g[i].claim.(currentClaim); ok {
			c.staysOut = out
			g[i].claim = c
		}
	}
	slices.SortStableFunc(g, func(a, b statement) int { return cmp.Compare(turn(a.claim), turn(b.claim)) })

	edits, from, problems := len(p.rec.edits), len(p.Changes), len(p.Problems)
	counts := p.Counts
	for _, st := range g {
		p.claim(st)
	}
	if whole && len(p.Problems) > problems {
		p.rec.edits, p.Changes, p.Counts = p.rec.edits[:edits], p.Changes[:from], counts
		p.Problems = append(p.Problems, leftOut(at, about.id()))
		return
	}
	if p.choices.Overwrite || !p.late(g) {
		return
	}
	p.rec.edits = p.rec.edits[:edits]
	for i := range p.Changes[from:] {
		if c := &p.Changes[from+i]; c.Outcome != Conflict {
			*p.Counts.of(c.Outcome)--
			p.Counts.Conflict++
			c.Outcome, c.Why = Conflict, "the session's answer is newer than the file's"
		}
	}
}

func takesOut(c claim) bool {
	p, ok := c.(profileClaim)
	return ok && p.out != ""
}

// turn is when a claim is applied: what comes back into the profile comes first, since nothing else is
// rated.
func turn(c claim) int {
	if _, ok := c.(profileClaim); ok && !takesOut(c) {
		return -1
	}
	return int(c.field())
}

// late reports whether the item was answered after the file says that it was.
func (p *planner) late(g []statement) bool {
	return slices.ContainsFunc(g, func(st statement) bool {
		return st.updated != nil && st.about.isItem() && st.about.response(p.s).At.Truncate(time.Second).After(*st.updated)
	})
}

// lowest returns the statements with one rating in the place of those that rate parts of the subject.
func (p *planner) lowest(g []statement) []statement {
	least := make(map[string]statement) // by scale, which the column of the place names
	for _, st := range g {
		rating, part := partial(st.claim)
		if had, ok := least[st.place.Column]; part && (!ok || rating < ratingOf(had)) {
			least[st.place.Column] = st
		}
	}
	if len(least) == 0 {
		return g
	}
	return slices.DeleteFunc(slices.Clone(g), func(st statement) bool {
		rating, part := partial(st.claim)
		end := least[st.place.Column]
		if !part || rating == ratingOf(end) {
			return false
		}
		p.problem(st, st.claim.says(), fmt.Sprintf("is not the lowest of the parts of %v, which counts: %s", st.about, end.claim.says()), "")
		return true
	})
}

// partial returns the rating of a part of a subject, and whether a claim is one.
func partial(c claim) (assessment.Rating, bool) {
	switch c := c.(type) {
	case baseClaim:
		return c.rating, c.lowest
	case currentClaim:
		return c.rating, c.lowest
	}
	return assessment.Unrated, false
}

func ratingOf(st statement) assessment.Rating {
	r, _ := partial(st.claim)
	return r
}

// consistent returns the statements without those by which the file contradicts itself; with Overwrite
// the last of them stays.
func (p *planner) consistent(g []statement) []statement {
	last := make(map[field]statement)
	torn := make(map[field]bool)
	for _, st := range g {
		f := st.claim.field()
		if other, ok := last[f]; ok && other.claim.says() != st.claim.says() && !f.many() {
			torn[f] = true
		}
		last[f] = st
	}
	if len(torn) == 0 {
		return g
	}
	return slices.DeleteFunc(slices.Clone(g), func(st statement) bool {
		f := st.claim.field()
		end := last[f]
		if !torn[f] || p.choices.Overwrite && st.claim.says() == end.claim.says() {
			return false
		}
		p.Counts.Conflict++
		p.change(st, Conflict, st.claim.show(p.s, st.about), st.claim.says(), "the file contradicts itself")
		return true
	})
}

// claim tries one statement.
func (p *planner) claim(st statement) {
	edits := len(p.rec.edits)
	before := st.claim.show(p.s, st.about)
	err := st.claim.apply(&p.rec, p.s, st.about)
	after := st.claim.show(p.s, st.about)
	switch {
	case err != nil:
		p.rec.edits = p.rec.edits[:edits]
		if inner, ok := errors.AsType[*assessment.ItemError](err); ok {
			err = inner.Err
		}
		p.problem(st, st.claim.says(), "is refused: "+err.Error(), "")
	case before == after:
		p.Counts.Same++
	case before == "":
		p.Counts.New++
		p.change(st, New, before, after, "")
	default:
		p.Counts.Changed++
		p.change(st, Changed, before, after, "")
	}
}

func (p *planner) change(st statement, o Outcome, before, after, why string) {
	p.Changes = append(p.Changes, Change{o, st.place, st.about.String(), st.claim.field().String(), before, after, why, st.seq})
}

func (p *planner) problem(st statement, value, what, do string) {
	p.Problems = append(p.Problems, Problem{Skipped, st.place, shortLine(value, maxShown), what, do})
}

func (c *Counts) of(o Outcome) *int {
	switch o {
	case New:
		return &c.New
	case Changed:
		return &c.Changed
	}
	return &c.Conflict
}
