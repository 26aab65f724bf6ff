package wire

import (
	"errors"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// CompareReport is the data of KindCompareReport and KindCompare: two states, item by item. Figures count
// the compared items alone. The envelope's session is the one of after.
type CompareReport struct {
	Before    CompareSide  `json:"before"`
	After     CompareSide  `json:"after"`
	Same      bool         `json:"same_session"`
	Threshold int          `json:"coverage_threshold"`
	OrderRule string       `json:"order_rule"` // of compared and left out
	Total     Shift        `json:"total"`
	Areas     Areas[Shift] `json:"focus_areas"`
	Changes   []ChangeRow  `json:"compared"`
	LeftOut   []LeftOutRow `json:"left_out"`
}

// CompareOrder says in words how compared and left-out items are ordered.
const CompareOrder = CoreOrder + "; what only the later state's pack has comes last"

// CompareSide says which state of which session one side is.
type CompareSide struct {
	Session      string            `json:"session"` // id
	Organization string            `json:"organization"`
	Name         string            `json:"name"`
	Label        *string           `json:"label"` // of the labeled snapshot that the state is, null where it has none
	Path         assessment.Path   `json:"path"`
	Areas        Areas[bool]       `json:"focus_areas_in"`
	Status       assessment.Status `json:"status"`
	Changed      time.Time         `json:"changed"`
	Pack         PackPin           `json:"pack"`
	Head         assessment.Head   `json:"journal_head"`
	InProfile    int               `json:"in_profile"`
}

// Shift counts what changed in the compared items. Attainment is over those that have a target in both
// states.
type Shift struct {
	Items      int               `json:"items"`
	Before     Distribution      `json:"distribution_before"`
	After      Distribution      `json:"distribution_after"`
	Up         int               `json:"up"`
	Down       int               `json:"down"`
	Same       int               `json:"same"`
	Retargeted int               `json:"targets_changed"`
	Stronger   int               `json:"evidence_stronger"`
	Weaker     int               `json:"evidence_weaker"`
	Paired     int               `json:"targeted_in_both"`
	Closed     int               `json:"gaps_closed"`
	Opened     int               `json:"gaps_opened"`
	ByTarget   int               `json:"by_target"` // of the closed and opened
	Coverage   *assessment.Ratio `json:"coverage"`  // targeted in both, of the items in profile
	Withheld   bool              `json:"withheld"`  // too little is common to both for a percentage
	Was        *assessment.Ratio `json:"attainment_before"`
	Rerated    *assessment.Ratio `json:"attainment_at_old_targets"`
	Is         *assessment.Ratio `json:"attainment_after"`
}

// ChangeRow is a compared item.
type ChangeRow struct {
	Place
	Before   CompareState `json:"before"`
	After    CompareState `json:"after"`
	Moved    int          `json:"moved"` // levels; negative where the rating fell
	Closed   bool         `json:"gap_closed"`
	Opened   bool         `json:"gap_opened"`
	ByTarget bool         `json:"by_target"`
}

// CompareState is an item in one of the states.
type CompareState struct {
	State    assessment.State  `json:"state"`
	Reason   string            `json:"reason"` // why it is not in profile; "" where it is
	Priority content.Priority  `json:"priority"`
	Current  assessment.Rating `json:"current"`
	Target   assessment.Rating `json:"target"`
	Gap      *int              `json:"gap"`
	Grade    assessment.Method `json:"evidence_grade"`
}

// LeftOutRow is an item that was not compared. A state is null where the pack does not have the item.
type LeftOutRow struct {
	Item   content.ItemID `json:"item"`
	Title  string         `json:"title"`
	Why    assessment.Why `json:"why"`
	Before *CompareState  `json:"before"`
	After  *CompareState  `json:"after"`
}

// ErrNoAgainst says that a comparison was asked for, and not with what.
var ErrNoAgainst = errors.New("a comparison needs a second state, or a second session")

// CompareReportOf compares the session with o.Against as the state before; without one the error is
// ErrNoAgainst.
func CompareReportOf(s *assessment.Snapshot, o Options) (CompareReport, error) {
	if o.Against == nil {
		return CompareReport{}, ErrNoAgainst
	}
	c := assessment.Compare(o.Against, s)
	threshold := c.Threshold()
	w := CompareReport{
		Before: sideOf(c.Before, c.After, c.Total.InProfile[0]), After: sideOf(c.After, c.Before, c.Total.InProfile[1]),
		Same: c.Before.Info().ID == c.After.Info().ID, Threshold: threshold, OrderRule: CompareOrder,
		Total: shiftOf(c.Total, threshold), Areas: areas(func(a content.Area) Shift { return shiftOf(c.Areas[a], threshold) }),
		Changes: make([]ChangeRow, 0, len(c.Changes)), LeftOut: make([]LeftOutRow, 0, len(c.LeftOut)),
	}
	for _, ch := range c.Changes {
		w.Changes = append(w.Changes, ChangeRow{
			placeOf(c.After, ch.ID), *stateOf(c.Before, ch.Before), *stateOf(c.After, ch.After),
			ch.Moved(), ch.Closed(), ch.Opened(), ch.ByTarget(),
		})
	}
	for _, l := range c.LeftOut {
		in := c.After
		if l.After.Item == nil {
			in = c.Before
		}
		w.LeftOut = append(w.LeftOut, LeftOutRow{l.ID, placeOf(in, l.ID).Title, l.Why, stateOf(c.Before, l.Before), stateOf(c.After, l.After)})
	}
	return w, nil
}

// LabelOf returns the label of the labeled snapshot that a state is, and whether it is one. The state
// that it is compared with knows the label too where it is a later one of the same session.
func LabelOf(s, other *assessment.Snapshot) (string, bool) {
	known := s.Labels()
	if other.Info().ID == s.Info().ID {
		known = append(other.Labels()[:len(other.Labels()):len(other.Labels())], known...)
	}
	for _, l := range known {
		if l.Head == s.Head() {
			return l.Label, true
		}
	}
	return "", false
}

func sideOf(s, other *assessment.Snapshot, inProfile int) CompareSide {
	in, pin := s.Info(), s.Pack()
	w := CompareSide{
		Session: in.ID, Organization: in.Organization, Name: in.Name, Path: in.Path, Status: in.Status,
		Areas:   areas(func(a content.Area) bool { return !in.Areas[a].Out }),
		Changed: s.Changed().UTC(), Pack: PackPin{pin.ID, pin.Edition, pin.Facts}, Head: s.Head(), InProfile: inProfile,
	}
	if label, ok := LabelOf(s, other); ok {
		w.Label = &label
	}
	return w
}

func shiftOf(n assessment.Shift, threshold int) Shift {
	levels := func(l [assessment.MaxLevel + 1]int) Distribution { return Distribution{l[0], l[1], l[2], l[3]} }
	return Shift{
		Items: n.Items, Before: levels(n.Levels[0]), After: levels(n.Levels[1]),
		Up: n.Up, Down: n.Down, Same: n.Same, Retargeted: n.Retargeted, Stronger: n.Stronger, Weaker: n.Weaker,
		Paired: n.Paired, Closed: n.Closed, Opened: n.Opened, ByTarget: n.ByTarget,
		Coverage: ratio(n.Coverage()), Withheld: n.Withheld(threshold),
		Was: ratio(n.Was), Rerated: ratio(n.Rerated), Is: ratio(n.Is),
	}
}

func stateOf(s *assessment.Snapshot, e assessment.Entry) *CompareState {
	if e.Item == nil {
		return nil
	}
	r := e.Response
	return &CompareState{e.State, WhyOut(s, e), e.Priority, r.Current, r.Target, gapOf(e), r.Grade()}
}
