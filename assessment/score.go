package assessment

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"plumbline/content"
)

// State is what an item is: exactly one of these.
type State uint8

// The states of an item. The first that applies holds, from AreaOutOfScope down to Unanswered.
const (
	Unanswered     State = iota // in profile, no current rating
	Rated                       // in profile, with a current rating
	OutOfProfile                // taken out with a reason
	OutsidePath                 // its priority is not on the session's path
	AreaOutOfScope              // a scoping answer took its Focus Area out
)

// States lists the states in the order in which tables show them.
var States = [...]State{Rated, Unanswered, OutOfProfile, OutsidePath, AreaOutOfScope}

var stateNames = [...]string{"unrated", "rated", "out_of_profile", "outside_path", "area_out_of_scope"}

// String returns the name that files use: "out_of_profile".
func (st State) String() string { return stateNames[st] }

// Words returns the name that people read: "out of profile".
func (st State) Words() string {
	return [...]string{"unrated", "rated", "out of profile", "outside the path", "Focus Area out of scope"}[st]
}

// InProfile reports whether items of this state count in roll-ups.
func (st State) InProfile() bool { return st <= Rated }

// MarshalText writes the name that files use.
func (st State) MarshalText() ([]byte, error) { return []byte(st.String()), nil }

// ParseState reads the name that files use.
func ParseState(s string) (State, error) {
	i := slices.Index(stateNames[:], s)
	if i < 0 {
		return 0, fmt.Errorf("unknown state %q (one of %q)", s, stateNames)
	}
	return State(i), nil
}

// Entry is an item together with what the session says of it. It is a view: valid until the session
// changes, or for good when it comes from a Snapshot.
type Entry struct {
	Item     *content.Item
	Response *Response
	State    State
	Priority content.Priority // the organization's own, or the draft's
}

// Entry returns the entry of the item with that index.
func (s *Snapshot) Entry(index int) Entry {
	it, r := s.cat.At(index), &s.responses[index]
	e := Entry{it, r, Unanswered, it.Priority}
	if r.Priority.Valid() {
		e.Priority = r.Priority
	}
	switch {
	case s.info.Areas[it.ID.Area].Out:
		e.State = AreaOutOfScope
	case !s.info.Path.Covers(e.Priority):
		e.State = OutsidePath
	case r.Out != "":
		e.State = OutOfProfile
	case r.Current.Known():
		e.State = Rated
	}
	return e
}

// Entries yields all items in Core order.
func (s *Snapshot) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range s.responses {
			if !yield(s.Entry(i)) {
				return
			}
		}
	}
}

// Gap returns max(0, target − current), and 0 where either is missing.
func (e Entry) Gap() int {
	if !e.Response.Current.Known() || !e.Response.Target.Known() {
		return 0
	}
	return max(0, int(e.Response.Target)-int(e.Response.Current))
}

// Known reports whether a gap can be told: there are a current rating and a target.
func (e Entry) Known() bool { return e.Response.Current.Known() && e.Response.Target.Known() }

// OnAssertion reports a current rating of 3 that no evidence supports beyond an assertion.
func (e Entry) OnAssertion() bool {
	n, _ := e.Response.Current.Level()
	return n == MaxLevel && e.Response.Grade() <= Asserted
}

// CompareGaps is the default order of gaps: priority ascending, gap descending, weaker evidence first,
// item id. It is a total order in which an entry's place depends on that entry alone.
func CompareGaps(a, b Entry) int {
	return cmp.Or(
		cmp.Compare(a.Priority, b.Priority),
		cmp.Compare(b.Gap(), a.Gap()),
		cmp.Compare(a.Response.Grade(), b.Response.Grade()),
		cmp.Compare(a.Item.ID.Sub, b.Item.ID.Sub),
		cmp.Compare(a.Item.ID.Area.String(), b.Item.ID.Area.String()), // as the ids read, not as the draft orders the areas
	)
}

// OrderRule says CompareGaps in words, for every place that shows the list.
const OrderRule = "priority, then larger gap, then weaker evidence, then item id"

// Gaps returns the in-profile items with a gap above 0, in the order of CompareGaps. Accepted gaps
// are among them.
func (s *Snapshot) Gaps() []Entry {
	return s.entries(func(e Entry) bool { return e.State == Rated && e.Gap() > 0 })
}

// Unknown returns the in-profile items that have a target and no current rating, in the order of
// CompareGaps: their gap is unknown.
func (s *Snapshot) Unknown() []Entry {
	return s.entries(func(e Entry) bool { return e.State == Unanswered && e.Response.Target.Known() })
}

func (s *Snapshot) entries(keep func(Entry) bool) []Entry {
	var list []Entry
	for e := range s.Entries() {
		if keep(e) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, CompareGaps)
	return list
}

// Ratio is an exact fraction. A ratio whose Den is 0 has no value.
type Ratio struct {
	Num int `json:"numerator"`
	Den int `json:"denominator"`
}

// String returns "75/174".
func (r Ratio) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

// Percent returns the ratio as a whole percentage, rounded half up; 0 % and 100 % only when exact,
// "–" without a denominator.
func (r Ratio) Percent() string {
	switch {
	case r.Den == 0:
		return "–"
	case r.Num == 0:
		return "0 %"
	case r.Num == r.Den:
		return "100 %"
	}
	switch p := (200*r.Num + r.Den) / (2 * r.Den); p {
	case 0:
		return "<1 %"
	case 100:
		return ">99 %"
	default:
		return fmt.Sprintf("%d %%", p)
	}
}

// Interval is what a ratio can become once the unknown is known.
type Interval struct {
	Low  Ratio `json:"low"`
	High Ratio `json:"high"`
}

// Tally counts the items of a roll-up. All figures but the first four count in-profile items alone
// (docs/methodology.md, "Roll-up").
type Tally struct {
	Items          int // all of the roll-up
	OutOfProfile   int
	OutsidePath    int
	AreaOutOfScope int

	InProfile   int
	Levels      [MaxLevel + 1]int // rated items at 0, 1, 2, 3
	Inherited   int               // of which inherited
	ToConfirm   int               // of the rated, those to be re-confirmed since the pack changed them
	Targeted    int               // T: items with a target
	Compared    int               // R: items with a rating and a target
	AtTarget    int               // of R, current ≥ target
	Gaps        int               // of R, current < target
	Supported   int               // rated on evidence that was examined or tested
	OnAssertion int               // rated 3 with no evidence but an assertion
	Achieved    int               // Σ over R of min(current, target)
	Wanted      int               // Σ over R of target
	WantedAll   int               // Σ over T of target
}

// Rated returns how many in-profile items have a current rating.
func (t Tally) Rated() int { return t.Levels[0] + t.Levels[1] + t.Levels[2] + t.Levels[3] }

// Unrated returns how many in-profile items have none.
func (t Tally) Unrated() int { return t.InProfile - t.Rated() }

// Attainment returns Σ_R min(current, target) / Σ_R target, the one ratio that is allowed.
func (t Tally) Attainment() Ratio { return Ratio{t.Achieved, t.Wanted} }

// Interval returns what attainment can become once the unrated items are known: each at 0, or each at
// its target.
func (t Tally) Interval() Interval {
	return Interval{
		Low:  Ratio{t.Achieved, t.WantedAll},
		High: Ratio{t.Achieved + t.WantedAll - t.Wanted, t.WantedAll},
	}
}

// Coverage returns |R| / |in profile|.
func (t Tally) Coverage() Ratio { return Ratio{t.Compared, t.InProfile} }

// Withheld reports whether coverage is below the threshold, in percent, so that attainment is not
// shown as a percentage: too little is rated. The fraction and the interval are always shown.
func (t Tally) Withheld(threshold int) bool { return 100*t.Compared < threshold*t.InProfile }

// Why attainment is not shown as a percentage.
const (
	NoTargets     = "no targets"
	TooLittle     = "too little rated"
	TooFewTargets = "too few targets"
)

// WhyWithheld says why attainment is not shown as a percentage: NoTargets, TooLittle, or TooFewTargets
// where enough is rated and it is targets that are missing; "" when it is shown.
func (t Tally) WhyWithheld(threshold int) string {
	switch {
	case t.WantedAll == 0:
		return NoTargets
	case !t.Withheld(threshold):
		return ""
	case 100*t.Rated() >= threshold*t.InProfile:
		return TooFewTargets
	}
	return TooLittle
}

func (t *Tally) add(e Entry) {
	t.Items++
	switch e.State {
	case OutOfProfile:
		t.OutOfProfile++
		return
	case OutsidePath:
		t.OutsidePath++
		return
	case AreaOutOfScope:
		t.AreaOutOfScope++
		return
	}
	r := e.Response
	t.InProfile++
	target, targeted := r.Target.Level()
	if targeted {
		t.Targeted++
		t.WantedAll += target
	}
	level, rated := r.Current.Level()
	if !rated {
		return
	}
	t.Levels[level]++
	if r.Inherited {
		t.Inherited++
	}
	if r.ToConfirm {
		t.ToConfirm++
	}
	if r.Grade().Supported() {
		t.Supported++
	}
	if e.OnAssertion() {
		t.OnAssertion++
	}
	if !targeted {
		return
	}
	t.Compared++
	t.Wanted += target
	t.Achieved += min(level, target)
	if level >= target {
		t.AtTarget++
	} else {
		t.Gaps++
	}
}

// plus adds the counts of two roll-ups.
func (t *Tally) plus(o *Tally) {
	t.Items += o.Items
	t.OutOfProfile += o.OutOfProfile
	t.OutsidePath += o.OutsidePath
	t.AreaOutOfScope += o.AreaOutOfScope
	t.InProfile += o.InProfile
	for i := range t.Levels {
		t.Levels[i] += o.Levels[i]
	}
	t.Inherited += o.Inherited
	t.ToConfirm += o.ToConfirm
	t.Targeted += o.Targeted
	t.Compared += o.Compared
	t.AtTarget += o.AtTarget
	t.Gaps += o.Gaps
	t.Supported += o.Supported
	t.OnAssertion += o.OnAssertion
	t.Achieved += o.Achieved
	t.Wanted += o.Wanted
	t.WantedAll += o.WantedAll
}

// RollUp is the tally of one part of the Core, whole and by Focus Area.
type RollUp struct {
	ID    string // "" for the session, "GV" for a Function, "GV.OC" for a Category
	Name  string // NIST's name
	Total Tally
	Areas [3]Tally // by content.Area
}

func (r *RollUp) close() {
	for i := range r.Areas {
		r.Total.plus(&r.Areas[i])
	}
}

// Scores are all roll-ups of a session.
type Scores struct {
	Session    RollUp
	Functions  []RollUp // in Core order
	Categories []RollUp // in Core order
}

// Score counts the session. It is exact: integers and fractions, no means.
func (s *Snapshot) Score() Scores {
	var sc Scores
	for f := range s.cat.Functions() {
		sc.Functions = append(sc.Functions, RollUp{ID: f.ID, Name: f.Name})
	}
	for c := range s.cat.Categories() {
		sc.Categories = append(sc.Categories, RollUp{ID: c.ID, Name: c.Name})
	}
	c := 0
	for e := range s.Entries() {
		for sc.Categories[c].ID != e.Item.ID.Category() {
			c++ // items come in the order of the Categories
		}
		sc.Categories[c].Areas[e.Item.ID.Area].add(e)
	}
	f := 0
	for i := range sc.Categories {
		cat := &sc.Categories[i]
		for sc.Functions[f].ID != cat.ID[:2] {
			f++
		}
		for a := range cat.Areas {
			sc.Functions[f].Areas[a].plus(&cat.Areas[a])
			sc.Session.Areas[a].plus(&cat.Areas[a])
		}
		cat.close()
	}
	for i := range sc.Functions {
		sc.Functions[i].close()
	}
	sc.Session.close()
	return sc
}

// Tally counts the whole session.
func (s *Snapshot) Tally() Tally {
	var t Tally
	for i := range s.responses {
		t.add(s.Entry(i))
	}
	return t
}

// Divergence is how far the Focus Areas of one Subcategory lie apart.
type Divergence struct {
	Sub    *content.Subcategory
	Spread int       // highest minus lowest current rating
	Levels [3]Rating // by content.Area; Unrated where the item is not in profile or not rated
}

// Divergences returns the Subcategories with at least two in-profile rated items that differ, widest
// first, then in Core order.
func (s *Snapshot) Divergences() []Divergence {
	var list []Divergence
	i := 0
	for sub := range s.cat.Subcategories() {
		d := Divergence{Sub: sub}
		low, high := Rating(MaxLevel+1), Rating(0)
		for ; i < s.cat.Len() && s.cat.At(i).ID.Sub == sub.ID; i++ {
			if e := s.Entry(i); e.State == Rated {
				d.Levels[e.Item.ID.Area] = e.Response.Current
				low, high = min(low, e.Response.Current), max(high, e.Response.Current)
			}
		}
		if high > low {
			d.Spread = int(high) - int(low)
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b Divergence) int { return cmp.Compare(b.Spread, a.Spread) })
	return list
}

// Comparable counts the Subcategories with at least two in-profile rated items. Where there is none,
// that there is no divergence says nothing.
func (s *Snapshot) Comparable() int {
	rated := make(map[string]int)
	n := 0
	for e := range s.Entries() {
		if e.State != Rated {
			continue
		}
		if rated[e.Item.ID.Sub]++; rated[e.Item.ID.Sub] == 2 {
			n++
		}
	}
	return n
}

// Accepted returns the gaps whose acceptance is in force on that day, in the order of CompareGaps.
func (s *Snapshot) Accepted(on Date) []Entry {
	return s.entries(func(e Entry) bool {
		return e.State == Rated && e.Gap() > 0 && e.Response.Accepted.InForce(on)
	})
}
