package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/content"
)

// How much of a session an executive report shows: it has two pages.
const (
	TopGaps = 10 // the first in order
	Widest  = 4  // Subcategories in which the Focus Areas differ most
)

// ExecutiveReport is the data of KindExecutiveReport: what a board reads.
type ExecutiveReport struct {
	Threshold   int            `json:"coverage_threshold"` // percent
	Scores      Total          `json:"scores"`
	Divergences []Divergence   `json:"divergences"` // the widest, at most Widest
	Diverging   int            `json:"divergences_in_all"`
	OrderRule   string         `json:"order_rule"`
	Gaps        []ExecutiveGap `json:"gaps"` // the first in order, at most TopGaps
	GapsInAll   int            `json:"gaps_in_all"`
	Accepted    Accepted       `json:"accepted"`
	Decisions   []Decision     `json:"decisions"` // all questions, also those whose count is 0
	Tier        *Tier          `json:"tier"`
	Systems     []System       `json:"ai_systems"`
}

// ExecutiveGap is a gap with the reason why it matters.
type ExecutiveGap struct {
	GapRow
	Why string `json:"why"`
}

// Decision is something that the facts of a session leave to its leadership to decide.
type Decision struct {
	Key     string           `json:"decision"`
	For     Decider          `json:"for"`
	Ask     string           `json:"ask"`
	Count   int              `json:"count"`
	Items   []content.ItemID `json:"items"`
	Actions []string         `json:"actions"` // ids
	Areas   []content.Area   `json:"focus_areas"`
}

// Decider says who is asked.
type Decider string

// Who is asked. A board decides what is accepted, what means are given and what is in scope; the rest
// is for management to have done.
const (
	ForBoard      Decider = "board"
	ForManagement Decider = "management"
)

// ExecutiveReportOf returns what the executive report of a session stands on.
func ExecutiveReportOf(s *assessment.Snapshot, o Options) ExecutiveReport {
	sc, gaps, diverging := ScoresOf(s), GapsOf(s, o.Day()), DivergencesOf(s)
	w := ExecutiveReport{
		Threshold: sc.Threshold, Scores: sc.Session,
		Divergences: diverging[:min(len(diverging), Widest)], Diverging: len(diverging),
		OrderRule: gaps.OrderRule, Gaps: []ExecutiveGap{}, GapsInAll: len(gaps.Gaps), Accepted: gaps.Accepted,
		Decisions: DecisionsOf(s, o.Day()), Tier: TierOf(s), Systems: SystemsOf(s),
	}
	for _, row := range gaps.Gaps[:min(len(gaps.Gaps), TopGaps)] {
		it, _ := s.Catalog().Item(row.Item)
		w.Gaps = append(w.Gaps, ExecutiveGap{row, Why(it)})
	}
	return w
}

// DecisionsOf returns what the facts of a session leave to decide, as of that day, the board's
// questions first, the most pressing of each first. Every question is there, also where nothing meets its condition.
func DecisionsOf(s *assessment.Snapshot, on assessment.Date) []Decision {
	a := s.Agenda(on)
	about := func(who Decider, key, ask string, entries []assessment.Entry) Decision {
		d := Decision{key, who, ask, len(entries), []content.ItemID{}, []string{}, []content.Area{}}
		for _, e := range entries {
			d.Items = append(d.Items, e.Item.ID)
		}
		return d
	}
	overdue := about(ForBoard, "overdue_actions", "Set a new date, or give more means, for the actions that are overdue.", nil)
	overdue.Count = len(a.Overdue)
	for _, v := range a.Overdue {
		overdue.Actions = append(overdue.Actions, v.ID)
	}
	scope := about(ForBoard, "areas_not_asked", "Say whether these Focus Areas are in scope; nobody was asked yet.", nil)
	scope.Count, scope.Areas = len(a.NotAsked), list(a.NotAsked)
	return []Decision{
		about(ForBoard, "undecided_gaps", "Plan an action for, or accept, the gaps of High priority that have neither.", a.Undecided),
		about(ForBoard, "lapsed_acceptances", "Decide again on the accepted gaps whose acceptance has lapsed.", a.Lapsed),
		about(ForBoard, "lapsing_acceptances", fmt.Sprintf("Renew or end the acceptances of gaps that lapse within %d days.", assessment.LapsesSoon), a.Lapsing),
		overdue, scope,
		about(ForManagement, "unproven_gaps", "Have the gaps rated again whose actions are done.", a.Unproven),
		about(ForManagement, "unowned_gaps", "Name an owner for the gaps that have none.", a.Unowned),
		about(ForManagement, "unknown_items", "Have the items rated that have a target and are still unknown.", a.Unknown),
		about(ForManagement, "asserted_items", "Ask for proof of the top ratings that rest on somebody's word alone.", a.Asserted),
	}
}

// longSentence is how many characters a sentence may have before it is cut at a colon or a semicolon.
const longSentence = 110

// Why returns in one short sentence why an item matters: the first of the pack's reason, or its first
// half where it is long and has two.
func Why(it *content.Item) string {
	why := firstSentence(it.Why)
	if utf8.RuneCountInString(why) > longSentence {
		if half, _, ok := strings.Cut(strings.ReplaceAll(why, "; ", ": "), ": "); ok {
			why = half + "."
		}
	}
	return why
}

// firstSentence returns s up to the first full stop, question or exclamation mark before a blank.
func firstSentence(s string) string {
	for i := 0; i+1 < len(s); i++ {
		if strings.IndexByte(".?!", s[i]) >= 0 && s[i+1] == ' ' {
			return s[:i+1]
		}
	}
	return s
}
