package assessment

import "plumbline/content"

// Comparison is how two states differ in the items that both have rated: two moments of one session,
// or two sessions. Figures count the compared items alone, so that no figure moves because another
// question was asked (docs/methodology.md, "Comparisons").
type Comparison struct {
	Before, After *Snapshot
	Changes       []Change  // the items compared, in the Core order of Before
	LeftOut       []LeftOut // all other items, in the Core order of Before; those that only After has come last
	Total         Shift
	Areas         [3]Shift // by content.Area
}

// Change is an item that was compared: in profile and rated in both states.
type Change struct {
	ID            content.ItemID
	Before, After Entry
}

// Moved returns by how many levels the rating rose; it is negative where the rating fell.
func (c Change) Moved() int { return int(c.After.Response.Current) - int(c.Before.Response.Current) }

// Retargeted reports whether the target is another one, or is there in one state alone.
func (c Change) Retargeted() bool { return c.Before.Response.Target != c.After.Response.Target }

// Strengthened returns by how many grades the evidence became stronger; it is negative where it became
// weaker.
func (c Change) Strengthened() int {
	return int(c.After.Response.Grade()) - int(c.Before.Response.Grade())
}

// paired reports whether both states have a target, so that attainment and gaps can be compared.
func (c Change) paired() bool { return c.Before.Known() && c.After.Known() }

// Closed reports a gap before that is none after. A gap that went with its target is not closed.
func (c Change) Closed() bool { return c.paired() && c.Before.Gap() > 0 && c.After.Gap() == 0 }

// Opened reports a gap after that was none before. A gap that came with a first target is not opened.
func (c Change) Opened() bool { return c.paired() && c.Before.Gap() == 0 && c.After.Gap() > 0 }

// ByTarget reports, of a gap that was closed or opened, that another target did it: held against the
// target of before, the rating of after would have left the gap as it was.
func (c Change) ByTarget() bool {
	below := c.After.Response.Current < c.Before.Response.Target
	return c.Closed() && below || c.Opened() && !below
}

// Why says why an item was left out of a comparison.
type Why string

// The reasons. The first that applies holds, in this order. An item that entered or left the profile is
// told by what kept it out on the other side, whether it was rated or not.
const (
	OnlyBefore        Why = "only_before"              // the pack of after does not have the item
	OnlyAfter         Why = "only_after"               // the pack of before does not have the item
	OtherFacts        Why = "other_facts"              // the packs give it another priority, other standard practices or another question
	InNeither         Why = "in_neither_profile"       // not in profile, before and after
	OutBefore         Why = "out_of_profile_before"    // entered: it had been taken out with a reason,
	OutsidePathBefore Why = "outside_path_before"      // or its priority was not on the path,
	AreaOutBefore     Why = "area_out_of_scope_before" // or its Focus Area was not in scope
	OutAfter          Why = "out_of_profile_after"     // left: it was taken out with a reason,
	OutsidePathAfter  Why = "outside_path_after"       // or its priority is not on the path any more,
	AreaOutAfter      Why = "area_out_of_scope_after"  // or its Focus Area is not in scope any more
	RatedInNeither    Why = "rated_in_neither"         // in profile in both, and nothing to compare
	NotRatedBefore    Why = "not_rated_before"         // in profile in both, rated after alone
	NotRatedAfter     Why = "not_rated_after"          // in profile in both, rated before alone
	Unconfirmed       Why = "unconfirmed"              // a rating was given before the pack changed what the item asks
)

// Whys lists the reasons in the order in which they are told.
var Whys = [...]Why{
	NotRatedBefore, NotRatedAfter, OutBefore, OutsidePathBefore, AreaOutBefore, OutAfter, OutsidePathAfter, AreaOutAfter,
	Unconfirmed, OtherFacts, OnlyBefore, OnlyAfter, RatedInNeither, InNeither,
}

// keptOut is why an item was left out that is in profile on one side alone, by its state on the other.
var keptOut = [2]map[State]Why{
	{OutOfProfile: OutBefore, OutsidePath: OutsidePathBefore, AreaOutOfScope: AreaOutBefore},
	{OutOfProfile: OutAfter, OutsidePath: OutsidePathAfter, AreaOutOfScope: AreaOutAfter},
}

// LeftOut is an item that was not compared. An entry of a pack that does not have the item has no Item.
type LeftOut struct {
	ID            content.ItemID
	Before, After Entry
	Why           Why
}

// Entered reports that the item is in profile after and was not before, in packs that both have it and
// ask the same.
func (l LeftOut) Entered() bool { return l.Why == keptOut[0][l.Before.State] }

// Left reports that the item was in profile before and is not after, likewise.
func (l LeftOut) Left() bool { return l.Why == keptOut[1][l.After.State] }

// Shift counts what changed in the compared items of a part.
type Shift struct {
	InProfile        [2]int               // items in profile before and after, compared or not
	Items            int                  // compared
	Levels           [2][MaxLevel + 1]int // the compared at 0, 1, 2, 3, before and after
	Up, Down, Same   int                  // by rating
	Retargeted       int                  // with another target, or with one in one state alone
	Stronger, Weaker int                  // by evidence grade
	Paired           int                  // with a target in both states; what follows counts these alone
	Closed, Opened   int                  // gaps
	ByTarget         int                  // of the closed and opened, those that another target made so
	Was, Rerated, Is Ratio                // Σ min(current, target) / Σ target: before; ratings of after against targets of before; after
}

// Coverage returns the share of the items in profile that attainment is compared on, of the state that
// has more of them in profile.
func (s Shift) Coverage() Ratio { return Ratio{s.Paired, max(s.InProfile[0], s.InProfile[1])} }

// Withheld reports whether that share is below the threshold, in percent, so that attainment is shown as
// fractions alone: too little is common to both.
func (s Shift) Withheld(threshold int) bool {
	c := s.Coverage()
	return 100*c.Num < threshold*c.Den
}

// Threshold returns the coverage, in percent, below which attainment is withheld: the stricter one of
// the two sessions.
func (c Comparison) Threshold() int { return max(c.Before.info.Threshold, c.After.info.Threshold) }

func (s *Shift) add(c Change) {
	before, _ := c.Before.Response.Current.Level()
	after, _ := c.After.Response.Current.Level()
	s.Items++
	s.Levels[0][before]++
	s.Levels[1][after]++
	switch d := c.Moved(); {
	case d > 0:
		s.Up++
	case d < 0:
		s.Down++
	default:
		s.Same++
	}
	if c.Retargeted() {
		s.Retargeted++
	}
	switch d := c.Strengthened(); {
	case d > 0:
		s.Stronger++
	case d < 0:
		s.Weaker++
	}
	if !c.paired() {
		return
	}
	s.Paired++
	if c.Closed() {
		s.Closed++
	}
	if c.Opened() {
		s.Opened++
	}
	if c.ByTarget() {
		s.ByTarget++
	}
	old, _ := c.Before.Response.Target.Level()
	target, _ := c.After.Response.Target.Level()
	s.Was.plus(min(before, old), old)
	s.Rerated.plus(min(after, old), old)
	s.Is.plus(min(after, target), target)
}

// plus adds to both parts of a fraction.
func (r *Ratio) plus(num, den int) {
	r.Num += num
	r.Den += den
}

// Compare compares two states item by item. Packs with the same facts ask the same; under others, the
// items are compared that both packs have with the same facts and the same question. Both lists
// together hold every item of both packs once.
func Compare(before, after *Snapshot) Comparison {
	c := Comparison{Before: before, After: after}
	others := make(map[content.ItemID]bool) // items that the packs do not ask in the same way
	if !before.pack.Names(after.cat) {
		for _, d := range content.Compare(before.cat, after.cat).Items {
			others[d.ID] = d.Asks()
		}
	}
	for e := range before.Entries() {
		c.Areas[e.Item.ID.Area].count(0, e)
		var then Entry
		if i, ok := after.cat.Index(e.Item.ID); ok {
			then = after.Entry(i)
		}
		c.add(e.Item.ID, e, then, others[e.Item.ID])
	}
	for e := range after.Entries() {
		c.Areas[e.Item.ID.Area].count(1, e)
		if _, ok := before.cat.Index(e.Item.ID); !ok {
			c.add(e.Item.ID, Entry{}, e, false)
		}
	}
	for n := range c.Total.InProfile {
		for _, a := range c.Areas {
			c.Total.InProfile[n] += a.InProfile[n]
		}
	}
	return c
}

func (s *Shift) count(side int, e Entry) {
	if e.State.InProfile() {
		s.InProfile[side]++
	}
}

func (c *Comparison) add(id content.ItemID, before, after Entry, otherFacts bool) {
	why := Why("")
	switch {
	case after.Item == nil:
		why = OnlyBefore
	case before.Item == nil:
		why = OnlyAfter
	case otherFacts:
		why = OtherFacts
	case !before.State.InProfile() && !after.State.InProfile():
		why = InNeither
	case !before.State.InProfile():
		why = keptOut[0][before.State]
	case !after.State.InProfile():
		why = keptOut[1][after.State]
	case before.State != Rated && after.State != Rated:
		why = RatedInNeither
	case before.State != Rated:
		why = NotRatedBefore
	case after.State != Rated:
		why = NotRatedAfter
	case before.Response.ToConfirm || after.Response.ToConfirm:
		why = Unconfirmed
	}
	if why != "" {
		c.LeftOut = append(c.LeftOut, LeftOut{id, before, after, why})
		return
	}
	ch := Change{id, before, after}
	c.Changes = append(c.Changes, ch)
	c.Total.add(ch)
	c.Areas[id.Area].add(ch)
}
