package wire

import (
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// Session is what a session says of itself: scope, path, scale and where its journal stands.
type Session struct {
	ID           string            `json:"id"`
	Organization string            `json:"organization"`
	Name         string            `json:"name"`
	Purpose      string            `json:"purpose"`
	Units        []string          `json:"units"`
	Assumptions  []string          `json:"assumptions"`
	AI           AIRoles           `json:"ai_roles"`
	Areas        Areas[AreaScope]  `json:"focus_areas"`
	Path         assessment.Path   `json:"path"`
	Scale        Scale             `json:"scale"`
	Threshold    int               `json:"coverage_threshold"` // percent
	Assessors    []string          `json:"assessors"`
	Marking      string            `json:"marking"`
	Status       assessment.Status `json:"status"`
	Created      time.Time         `json:"created"`
	Changed      time.Time         `json:"changed"`
	Pinned       PackPin           `json:"pack"`
	Head         assessment.Head   `json:"journal_head"`
	Coverage     *assessment.Ratio `json:"coverage"`
}

// AIRoles are the scoping answers: true, false, or null where it was not asked.
type AIRoles struct {
	Builds  assessment.Answer `json:"builds"`
	Deploys assessment.Answer `json:"deploys"`
	Uses    assessment.Answer `json:"uses"`
	Defends assessment.Answer `json:"uses_in_defense"`
}

// Areas holds one value for each Focus Area, by its id.
type Areas[T any] struct {
	Secure T `json:"secure"`
	Defend T `json:"defend"`
	Thwart T `json:"thwart"`
}

func areas[T any](of func(content.Area) T) Areas[T] {
	return Areas[T]{of(content.Secure), of(content.Defend), of(content.Thwart)}
}

// AreaScope says whether a Focus Area is in scope, and by which answer: "not asked" where by none.
type AreaScope struct {
	In     bool   `json:"in"`
	Answer string `json:"answer"`
}

// Scale is the scale of all ratings, with the test that decides each level.
type Scale struct {
	Name   string  `json:"name"`
	Levels []Level `json:"levels"`
}

// Level is a level of the scale.
type Level struct {
	Level int    `json:"level"`
	Word  string `json:"word"`
	Test  string `json:"test"`
}

// PackPin is the pack that a session is tied to.
type PackPin struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Facts   string `json:"facts_sha256"`
}

// ScaleOf returns the one scale that there is.
func ScaleOf() Scale {
	s := Scale{Name: assessment.Scale}
	for n := range assessment.MaxLevel + 1 {
		s.Levels = append(s.Levels, Level{n, assessment.LevelWord(n), assessment.LevelTest(n)})
	}
	return s
}

// SessionOf returns what a session says of itself.
func SessionOf(s *assessment.Snapshot) Session {
	in, pin := s.Info(), s.Pack()
	return Session{
		ID: in.ID, Organization: in.Organization, Name: in.Name, Purpose: in.Purpose,
		Units: list(in.Units), Assumptions: list(in.Assumptions), AI: AIRoles(in.AI),
		Areas: areas(func(a content.Area) AreaScope { return AreaScope{!in.Areas[a].Out, in.Areas[a].Decided()} }),
		Path:  in.Path, Scale: ScaleOf(), Threshold: in.Threshold,
		Assessors: list(in.Assessors), Marking: in.Marking, Status: in.Status,
		Created: in.Created.UTC(), Changed: s.Changed().UTC(),
		Pinned: PackPin{pin.ID, pin.Edition, pin.Facts}, Head: s.Head(),
		Coverage: ratio(s.Tally().Coverage()),
	}
}

// SessionData is the data of KindSession: a session with what it holds beside its items.
type SessionData struct {
	Session   Session    `json:"session"`
	Figures   Figures    `json:"figures"`
	Next      *string    `json:"next"` // the first unrated in-profile item; null when none is left
	Tier      *Tier      `json:"tier"`
	Brand     *Brand     `json:"brand"`
	Base      []Base     `json:"base_ratings"`
	Systems   []System   `json:"ai_systems"`
	Actions   []Action   `json:"actions"`
	Snapshots []Snapshot `json:"snapshots"`
}

// SessionDataOf returns a session with what it holds beside its items.
func SessionDataOf(s *assessment.Snapshot) SessionData {
	sum := s.Summary()
	return SessionData{
		Session: SessionOf(s), Figures: FiguresOf(sum.Tally, sum.Threshold), Next: nextOf(sum),
		Tier: TierOf(s), Brand: BrandOf(s), Base: BasesOf(s), Systems: SystemsOf(s), Actions: ActionsOf(s), Snapshots: SnapshotsOf(s),
	}
}

// Sessions is the data of KindSessions.
type Sessions struct {
	Sessions []SummaryRow `json:"sessions"`
}

// SummaryRow is a session in a list of sessions.
type SummaryRow struct {
	ID           string            `json:"id"`
	Organization string            `json:"organization"`
	Name         string            `json:"name"`
	Path         assessment.Path   `json:"path"`
	Status       assessment.Status `json:"status"`
	AreasIn      Areas[bool]       `json:"focus_areas_in"`
	Pack         string            `json:"pack"`
	Created      time.Time         `json:"created"`
	Changed      time.Time         `json:"changed"`
	Head         assessment.Head   `json:"journal_head"`
	Threshold    int               `json:"coverage_threshold"` // percent
	Figures      Figures           `json:"figures"`
	Next         *string           `json:"next"`
}

// SummaryOf returns the row of a session.
func SummaryOf(sum assessment.Summary) SummaryRow {
	return SummaryRow{
		ID: sum.ID, Organization: sum.Organization, Name: sum.Name, Path: sum.Path, Status: sum.Status,
		AreasIn: areas(func(a content.Area) bool { return !sum.AreasOut[a] }),
		Pack:    sum.Pack, Created: sum.Created.UTC(), Changed: sum.Changed.UTC(), Head: sum.Head,
		Threshold: sum.Threshold, Figures: FiguresOf(sum.Tally, sum.Threshold), Next: nextOf(sum),
	}
}

// SessionsOf returns the rows of many sessions, in the order given.
func SessionsOf(sums []assessment.Summary) Sessions {
	w := Sessions{make([]SummaryRow, 0, len(sums))}
	for _, s := range sums {
		w.Sessions = append(w.Sessions, SummaryOf(s))
	}
	return w
}

// Deleted is the data of KindDeleted: the session as it was last, and where the backup is that was made
// before. Everything of the session is in there.
type Deleted struct {
	Session SummaryRow `json:"session"`
	Backup  string     `json:"backup"` // path of a store
}

func nextOf(sum assessment.Summary) *string {
	if sum.Next == (content.ItemID{}) {
		return nil
	}
	return new(sum.Next.String())
}

// Tier is the statement on the Implementation Tiers, 1 to 4. A person makes it; nothing computes it.
type Tier struct {
	Governance     int        `json:"governance"`
	GovernanceName string     `json:"governance_name"`
	Management     int        `json:"management"`
	ManagementName string     `json:"management_name"`
	Rationale      string     `json:"rationale"`
	By             string     `json:"by"`
	At             *time.Time `json:"at"`
}

// TierOf returns the Tier statement, or nil where there is none.
func TierOf(s *assessment.Snapshot) *Tier {
	t, ok := s.Tier()
	if !ok {
		return nil
	}
	return &Tier{
		t.Governance, assessment.TierName(t.Governance),
		t.Management, assessment.TierName(t.Management),
		t.Rationale, t.By, stamp(t.At),
	}
}

// Base is the base rating of a Subcategory.
type Base struct {
	Subcategory string            `json:"subcategory"`
	Title       string            `json:"title"`
	Current     assessment.Rating `json:"current"`
	Note        string            `json:"note"`
	By          string            `json:"by"`
	At          *time.Time        `json:"at"`
	InheritedBy []content.ItemID  `json:"inherited_by"`
}

// BaseOf returns the base rating of a Subcategory and the items that inherit it.
func BaseOf(s *assessment.Snapshot, sub *content.Subcategory) Base {
	b := s.Base(sub.ID)
	w := Base{sub.ID, sub.Title, b.Current, b.Note, b.By, stamp(b.At), []content.ItemID{}}
	for _, a := range content.Areas {
		id := content.ItemID{Sub: sub.ID, Area: a}
		if i, ok := s.Catalog().Index(id); ok && s.Response(i).Inherited {
			w.InheritedBy = append(w.InheritedBy, id)
		}
	}
	return w
}

// BasesOf returns the base ratings of a session, in Core order.
func BasesOf(s *assessment.Snapshot) []Base {
	w := []Base{}
	for sub := range s.Catalog().Subcategories() {
		if s.Base(sub.ID).Current.Known() || s.Base(sub.ID).Note != "" {
			w = append(w, BaseOf(s, sub))
		}
	}
	return w
}

// System is an AI system in scope.
type System struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Sourcing    string `json:"sourcing"`
	Provider    string `json:"provider"`
	Version     string `json:"version"`
	Autonomy    string `json:"autonomy"`
	Data        string `json:"data"`
	Tools       string `json:"tools"`
	Exposure    string `json:"exposure"`
	Criticality string `json:"criticality"`
	Phase       string `json:"phase"`
	Owner       string `json:"owner"`
	PreTesting  string `json:"pre_deployment_testing"`
	PostTesting string `json:"post_deployment_testing"`
	UseCase     string `json:"use_case"`
}

// SystemsOf returns the AI systems of a session, by id.
func SystemsOf(s *assessment.Snapshot) []System {
	w := make([]System, 0, len(s.Systems()))
	for _, v := range s.Systems() {
		w = append(w, System(v))
	}
	return w
}

// Action is a step of the plan.
type Action struct {
	ID         string              `json:"id"`
	Title      string              `json:"title"`
	Items      []content.ItemID    `json:"items"`
	Owner      string              `json:"owner"`
	Due        *assessment.Date    `json:"due"`
	Effort     string              `json:"effort"` // S (days), M (weeks), L (months) or ""
	Status     assessment.Progress `json:"status"`
	Milestones []Milestone         `json:"milestones"`
}

// Milestone is a dated step of an action.
type Milestone struct {
	Text string           `json:"text"`
	Due  *assessment.Date `json:"due"`
	Done bool             `json:"done"`
}

// ActionsOf returns the plan of a session, by id.
func ActionsOf(s *assessment.Snapshot) []Action {
	w := make([]Action, 0, len(s.Actions()))
	for _, a := range s.Actions() {
		w = append(w, ActionOf(a))
	}
	return w
}

// ActionOf returns a step of the plan.
func ActionOf(a assessment.Action) Action {
	w := Action{a.ID, a.Title, list(a.Items), a.Owner, day(a.Due), a.Effort, a.Status, []Milestone{}}
	for _, m := range a.Milestones {
		w.Milestones = append(w.Milestones, Milestone{m.Text, day(m.Due), m.Done})
	}
	return w
}

// Snapshot is a labeled state of a session.
type Snapshot struct {
	ID    string          `json:"id"`
	Label string          `json:"label"`
	Head  assessment.Head `json:"journal_head"`
	By    string          `json:"by"`
	At    time.Time       `json:"at"`
}

// SnapshotsOf returns the labeled states of a session, oldest first.
func SnapshotsOf(s *assessment.Snapshot) []Snapshot {
	w := make([]Snapshot, 0, len(s.Labels()))
	for _, l := range s.Labels() {
		w = append(w, SnapshotOf(l))
	}
	return w
}

// SnapshotOf returns a labeled state.
func SnapshotOf(l assessment.Label) Snapshot {
	return Snapshot{l.ID, l.Label, l.Head, l.By, l.At.UTC()}
}
