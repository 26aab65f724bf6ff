package wire

import (
	"plumbline/assessment"
	"plumbline/content"
)

// Figures are the figures of one roll-up. All but Items and States count in-profile items alone.
// A ratio whose denominator would be 0 is null.
type Figures struct {
	Items        int               `json:"items"`
	InProfile    int               `json:"in_profile"`
	States       States            `json:"states"`
	Distribution Distribution      `json:"distribution"`
	Inherited    int               `json:"inherited"`    // of the rated
	ToConfirm    int               `json:"to_confirm"`   // of the rated, answered before the pack changed what the item asks
	Targeted     int               `json:"targeted"`     // with a target
	Compared     int               `json:"compared"`     // with a rating and a target
	AtTarget     *assessment.Ratio `json:"at_target"`    // of the compared
	Gaps         int               `json:"gaps"`         // compared, and below target
	Attainment   *assessment.Ratio `json:"attainment"`   // Σ min(current, target) / Σ target over the compared
	Withheld     bool              `json:"withheld"`     // coverage is below the threshold: no percentage of attainment
	Interval     *Interval         `json:"interval"`     // what attainment can become once the unrated are known
	Coverage     *assessment.Ratio `json:"coverage"`     // compared of in profile
	Supported    *assessment.Ratio `json:"supported"`    // examined or tested, of the rated
	OnAssertion  int               `json:"on_assertion"` // rated 3 on no evidence but an assertion
}

// States counts the items by state.
type States struct {
	Rated          int `json:"rated"`
	Unrated        int `json:"unrated"`
	OutOfProfile   int `json:"out_of_profile"`
	OutsidePath    int `json:"outside_path"`
	AreaOutOfScope int `json:"area_out_of_scope"`
}

// Distribution counts the rated items by level.
type Distribution struct {
	Level0 int `json:"0"`
	Level1 int `json:"1"`
	Level2 int `json:"2"`
	Level3 int `json:"3"`
}

// Interval is a range of a ratio.
type Interval struct {
	Low  assessment.Ratio `json:"low"`
	High assessment.Ratio `json:"high"`
}

// FiguresOf returns the figures of a tally; threshold is the session's, in percent.
func FiguresOf(t assessment.Tally, threshold int) Figures {
	f := Figures{
		Items: t.Items, InProfile: t.InProfile,
		States:       States{t.Rated(), t.Unrated(), t.OutOfProfile, t.OutsidePath, t.AreaOutOfScope},
		Distribution: Distribution{t.Levels[0], t.Levels[1], t.Levels[2], t.Levels[3]},
		Inherited:    t.Inherited, ToConfirm: t.ToConfirm, Targeted: t.Targeted, Compared: t.Compared,
		AtTarget: ratio(assessment.Ratio{Num: t.AtTarget, Den: t.Compared}), Gaps: t.Gaps,
		Attainment: ratio(t.Attainment()), Withheld: t.Withheld(threshold),
		Coverage:    ratio(t.Coverage()),
		Supported:   ratio(assessment.Ratio{Num: t.Supported, Den: t.Rated()}),
		OnAssertion: t.OnAssertion,
	}
	if i := t.Interval(); i.Low.Den > 0 {
		f.Interval = &Interval{i.Low, i.High}
	}
	return f
}

// Scores is the data of KindScore: all roll-ups of a session.
type Scores struct {
	Threshold  int      `json:"coverage_threshold"` // percent
	Session    Total    `json:"session"`
	Functions  []RollUp `json:"functions"`
	Categories []RollUp `json:"categories"`
}

// Total is a roll-up, whole and by Focus Area.
type Total struct {
	Total Figures        `json:"total"`
	Areas Areas[Figures] `json:"focus_areas"`
}

// RollUp is the roll-up of a Function or a Category.
type RollUp struct {
	ID   string `json:"id"`
	Name string `json:"name"` // NIST's
	Total
}

// ScoresOf returns all roll-ups of a session.
func ScoresOf(s *assessment.Snapshot) Scores {
	threshold := s.Info().Threshold
	rollUps := func(rs []assessment.RollUp) []RollUp {
		w := make([]RollUp, 0, len(rs))
		for _, r := range rs {
			w = append(w, RollUp{r.ID, r.Name, totalOf(r, threshold)})
		}
		return w
	}
	sc := s.Score()
	return Scores{threshold, totalOf(sc.Session, threshold), rollUps(sc.Functions), rollUps(sc.Categories)}
}

func totalOf(r assessment.RollUp, threshold int) Total {
	return Total{
		FiguresOf(r.Total, threshold),
		areas(func(a content.Area) Figures { return FiguresOf(r.Areas[a], threshold) }),
	}
}

// Divergence is a Subcategory whose Focus Areas are rated differently.
type Divergence struct {
	Subcategory string                   `json:"subcategory"`
	Title       string                   `json:"title"`
	Spread      int                      `json:"spread"` // highest minus lowest current
	Current     Areas[assessment.Rating] `json:"current"`
}

// DivergencesOf returns the Subcategories whose Focus Areas are rated differently, widest first.
func DivergencesOf(s *assessment.Snapshot) []Divergence {
	w := []Divergence{}
	for _, d := range s.Divergences() {
		w = append(w, Divergence{
			d.Sub.ID, d.Sub.Title, d.Spread,
			areas(func(a content.Area) assessment.Rating { return d.Levels[a] }),
		})
	}
	return w
}
