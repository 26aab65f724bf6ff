package assessment

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"plumbline/content"
)

// Status says whether a session can be changed.
type Status string

// The statuses of a session. Only an open session can be changed. A locked one was signed off; what
// opens it again is an act with a reason. An archived one is only out of the way.
const (
	Open     Status = "open"
	Locked   Status = "locked"
	Archived Status = "archived"
)

// DefaultThreshold is the coverage, in percent, below which attainment is withheld.
const DefaultThreshold = 60

// Info is what a session says of itself.
type Info struct {
	ID           string       `json:"id"` // UUID v4
	Organization string       `json:"organization"`
	Name         string       `json:"name"`
	Purpose      string       `json:"purpose,omitempty"`
	Units        []string     `json:"units,omitempty"`
	Assumptions  []string     `json:"assumptions,omitempty"`
	AI           AIRoles      `json:"ai"`
	Areas        [3]AreaScope `json:"areas"` // by content.Area
	Path         Path         `json:"path"`
	Assessors    []string     `json:"assessors,omitempty"`
	Marking      string       `json:"marking,omitempty"` // classification marking, e.g. TLP:AMBER
	Threshold    int          `json:"threshold"`         // coverage in percent below which attainment is withheld
	Status       Status       `json:"status"`
	Created      time.Time    `json:"created"`
}

// Answer is what was answered to a yes-or-no question. The zero value is NotAsked, so that a question
// that nobody put can not turn into a no.
type Answer uint8

// The answers. In JSON they are null, true and false.
const (
	NotAsked Answer = iota
	Yes
	No
)

// AnswerOf returns Yes or No.
func AnswerOf(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// String returns "not asked", "yes" or "no".
func (a Answer) String() string { return [...]string{"not asked", "yes", "no"}[a] }

// check refuses what is none of the three.
func (a Answer) check() error {
	if a > No {
		return fmt.Errorf("%d is not an answer (%d not asked, %d yes, %d no)", uint8(a), NotAsked, Yes, No)
	}
	return nil
}

// MarshalJSON writes null, true or false.
func (a Answer) MarshalJSON() ([]byte, error) {
	if a == NotAsked {
		return []byte("null"), nil
	}
	return json.Marshal(a == Yes)
}

// UnmarshalJSON reads null, true or false.
func (a *Answer) UnmarshalJSON(data []byte) error {
	var yes *bool
	if err := json.Unmarshal(data, &yes); err != nil {
		return err
	}
	*a = NotAsked
	if yes != nil {
		*a = AnswerOf(*yes)
	}
	return nil
}

// AIRoles are the answers that decide which Focus Areas are in scope.
type AIRoles struct {
	Builds  Answer `json:"builds"`
	Deploys Answer `json:"deploys"`
	Uses    Answer `json:"uses"`
	Defends Answer `json:"defends"` // uses or plans AI in defense
}

// AreaScope says whether a Focus Area is out of scope, and by which answer. The zero value is in
// scope, not asked. Thwart is never out.
type AreaScope struct {
	Out    bool   `json:"out"`
	Answer string `json:"answer,omitempty"`
}

// Decided returns the answer, or "not asked".
func (a AreaScope) Decided() string {
	if a.Answer == "" {
		return "not asked"
	}
	return a.Answer
}

// alwaysIn is why Thwart is in scope, whatever is answered.
const alwaysIn = "always in scope: attackers use AI whether or not the organization does"

// Scoping returns which Focus Areas the answers bring into scope. One yes to builds, deploys or uses
// brings Secure in, and no to all three takes it out; Defend follows its own answer. What these leave
// open is in scope, not asked. Thwart is always in, with its reason as soon as anything was asked.
func Scoping(ai AIRoles) (areas [3]AreaScope) {
	var does []string
	for _, r := range []struct {
		answer Answer
		what   string
	}{{ai.Builds, "builds"}, {ai.Deploys, "deploys"}, {ai.Uses, "uses"}} {
		if r.answer == Yes {
			does = append(does, r.what)
		}
	}
	switch n := len(does); {
	case n > 1:
		areas[content.Secure].Answer = fmt.Sprintf("the organization %s and %s AI", strings.Join(does[:n-1], ", "), does[n-1])
	case n == 1:
		areas[content.Secure].Answer = fmt.Sprintf("the organization %s AI", does[0])
	case ai.Builds == No && ai.Deploys == No && ai.Uses == No:
		areas[content.Secure] = AreaScope{Out: true, Answer: "the organization neither builds, deploys nor uses AI"}
	}
	switch ai.Defends {
	case Yes:
		areas[content.Defend].Answer = "the organization uses or plans AI in defense"
	case No:
		areas[content.Defend] = AreaScope{Out: true, Answer: "the organization neither uses nor plans AI in defense"}
	}
	if ai != (AIRoles{}) {
		areas[content.Thwart].Answer = alwaysIn
	}
	return areas
}

var idPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
})

func (in *Info) check() (err error) {
	set := func(field *string, what string, limit int) {
		if err == nil {
			*field, err = line(what, *field, limit)
		}
	}
	set(&in.Organization, "organization", MaxName)
	set(&in.Name, "session name", MaxName)
	set(&in.Marking, "classification marking", MaxName)
	for i := range in.Areas {
		set(&in.Areas[i].Answer, "scoping answer", MaxReference)
	}
	if err != nil {
		return err
	}
	if in.Purpose, err = prose("purpose", in.Purpose); err != nil {
		return err
	}
	for _, f := range []struct {
		what string
		list *[]string
	}{{"unit in scope", &in.Units}, {"assumption", &in.Assumptions}, {"assessor", &in.Assessors}} {
		if *f.list, err = lines(f.what, *f.list, MaxReference); err != nil {
			return err
		}
	}
	if !idPattern().MatchString(in.ID) {
		return fmt.Errorf("session id %q is not a UUID of version 4", in.ID)
	}
	for _, a := range []Answer{in.AI.Builds, in.AI.Deploys, in.AI.Uses, in.AI.Defends} {
		if err := a.check(); err != nil {
			return err
		}
	}
	if in.Areas[content.Thwart].Out {
		return ErrThwart
	}
	if in.Organization == "" {
		return fmt.Errorf("%w: organization is missing", ErrText)
	}
	if in.Name == "" {
		return fmt.Errorf("%w: session name is missing", ErrText)
	}
	if _, err = ParsePath(string(in.Path)); err != nil {
		return err
	}
	if !slices.Contains([]Status{Open, Locked, Archived}, in.Status) {
		return fmt.Errorf("unknown session status %q", in.Status)
	}
	if in.Threshold < 0 || in.Threshold > 100 {
		return fmt.Errorf("coverage threshold %d is not a percentage", in.Threshold)
	}
	return nil
}

// lines cleans a list of single lines and drops the empty ones. It never changes its argument.
func lines(what string, list []string, limit int) ([]string, error) {
	var out []string
	for _, s := range list {
		s, err := line(what, s, limit)
		if err != nil {
			return nil, err
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// PackPin ties a session to the pack that it was answered against.
type PackPin struct {
	ID      string `json:"id"`
	Edition int    `json:"edition"`
	Facts   string `json:"facts"` // hex SHA-256
}

// Response is what is recorded for an item. The zero value is an item that nobody touched. Values
// are replaced, never changed in place: a Response that was handed out stays as it was.
type Response struct {
	Current        Rating           `json:"current"`
	Inherited      bool             `json:"inherited,omitempty"` // Current is the base rating of the Subcategory
	Target         Rating           `json:"target"`
	TargetReason   string           `json:"target_reason,omitempty"`
	Preset         string           `json:"preset,omitempty"`         // name of the preset that set Target; "" for an individual target
	Out            string           `json:"out_of_profile,omitempty"` // reason; "" means in profile
	Priority       content.Priority `json:"priority,omitempty"`       // the organization's own; 0 keeps the draft's
	PriorityReason string           `json:"priority_reason,omitempty"`
	Note           string           `json:"note,omitempty"`
	Owner          string           `json:"owner,omitempty"`
	Asked          []string         `json:"asked,omitempty"` // roles interviewed
	Evidence       []Evidence       `json:"evidence,omitempty"`
	Accepted       *Acceptance      `json:"accepted,omitempty"`
	ToConfirm      bool             `json:"to_confirm,omitempty"` // the pack changed what the item asks since this was answered
	By             string           `json:"by,omitempty"`         // who last changed this response
	At             time.Time        `json:"at,omitzero"`          // and when
}

// Grade is the strongest method among the evidence entries, None without any.
func (r *Response) Grade() Method {
	grade := None
	for i := range r.Evidence {
		grade = max(grade, r.Evidence[i].Method)
	}
	return grade
}

// Evidence is one entry of an item's evidence.
type Evidence struct {
	Method Method `json:"method"`
	Date   Date   `json:"date"`
	Ref    string `json:"ref"`              // what was seen: a document, a ticket, a person's role
	File   string `json:"file,omitempty"`   // name of the local file that was hashed, without its folder
	SHA256 string `json:"sha256,omitempty"` // hex, of that file
	By     string `json:"by"`               // who added it
}

// Acceptance records that a gap was accepted. It changes neither current, target nor attainment and
// lapses on its date.
type Acceptance struct {
	Reason   string `json:"reason"`
	Approver string `json:"approver"`
	Expires  Date   `json:"expires"`
}

// InForce reports whether the acceptance holds on that day: before the day on which it expires.
func (a *Acceptance) InForce(on Date) bool { return a != nil && on < a.Expires }

// BaseRating is an optional rating of a plain CSF Subcategory.
type BaseRating struct {
	Current Rating    `json:"current"`
	Note    string    `json:"note,omitempty"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// TierStatement is what a person states of the whole session: the CSF Implementation Tiers (CSWP 29,
// appendix B), 1 Partial to 4 Adaptive, for governance and for management. It is never computed.
type TierStatement struct {
	Governance int       `json:"governance"`
	Management int       `json:"management"`
	Rationale  string    `json:"rationale"`
	By         string    `json:"by,omitempty"`
	At         time.Time `json:"at,omitzero"`
}

var tierNames = [...]string{"Partial", "Risk Informed", "Repeatable", "Adaptive"}

// TierName returns the name of an Implementation Tier, 1 to 4.
func TierName(n int) string { return tierNames[n-1] }

// ParseTier reads an Implementation Tier by its number or its name.
func ParseTier(s string) (int, error) {
	for n, name := range tierNames {
		if s == strconv.Itoa(n+1) || strings.EqualFold(s, name) {
			return n + 1, nil
		}
	}
	return 0, fmt.Errorf("%q is not an Implementation Tier (1 Partial, 2 Risk Informed, 3 Repeatable, 4 Adaptive)", s)
}

// checkTiers refuses what TierName has no name for.
func (t *TierStatement) checkTiers() error {
	for _, n := range []int{t.Governance, t.Management} {
		if n < 1 || n > len(tierNames) {
			return fmt.Errorf("%d is not an Implementation Tier (1 Partial, 2 Risk Informed, 3 Repeatable, 4 Adaptive)", n)
		}
	}
	return nil
}

func (t *TierStatement) check() (err error) {
	if err = t.checkTiers(); err != nil {
		return err
	}
	if t.Rationale, err = prose("rationale of the Tier statement", t.Rationale); err == nil && t.Rationale == "" {
		err = fmt.Errorf("%w: a Tier statement needs a rationale", ErrText)
	}
	return err
}

// System is an AI system in scope.
type System struct {
	ID          string `json:"id"` // "S-1"
	Name        string `json:"name"`
	Kind        string `json:"kind,omitempty"`     // kind of AI
	Sourcing    string `json:"sourcing,omitempty"` // build, buy or embedded
	Provider    string `json:"provider,omitempty"`
	Version     string `json:"version,omitempty"`
	Autonomy    string `json:"autonomy,omitempty"` // informs, recommends, decides or acts
	Data        string `json:"data,omitempty"`
	Tools       string `json:"tools,omitempty"` // connected tools
	Exposure    string `json:"exposure,omitempty"`
	Criticality string `json:"criticality,omitempty"`
	Phase       string `json:"phase,omitempty"` // lifecycle phase
	Owner       string `json:"owner,omitempty"`
	PreTesting  string `json:"pre_deployment_testing,omitempty"`
	PostTesting string `json:"post_deployment_testing,omitempty"`
	UseCase     string `json:"use_case,omitempty"` // COSAiS use case
}

func (s *System) check() (err error) {
	if s.Name, err = required("name of the AI system", s.Name, MaxName); err != nil {
		return err
	}
	for _, f := range SystemFacts {
		text := f.Of(s)
		if *text, err = line(f.Name+" of the AI system", *text, MaxReference); err != nil {
			return err
		}
		if f.Allowed != nil {
			if err = oneOf(f.Name, *text, f.Allowed...); err != nil {
				return err
			}
		}
	}
	return nil
}

// SystemFact is something that may be known of an AI system.
type SystemFact struct {
	Name    string   // in running text: "kind"
	Title   string   // where it stands alone: "Kind of AI"
	Allowed []string // the words that it can be; nil where it is any text
	Of      func(*System) *string
}

// SystemFacts lists them in the order in which they are asked and shown; "" is what is not known.
var SystemFacts = [...]SystemFact{
	{"kind", "Kind of AI", nil, func(s *System) *string { return &s.Kind }},
	{"sourcing", "Sourcing", []string{"build", "buy", "embedded"}, func(s *System) *string { return &s.Sourcing }},
	{"provider", "Provider", nil, func(s *System) *string { return &s.Provider }},
	{"version", "Version", nil, func(s *System) *string { return &s.Version }},
	{"autonomy", "Autonomy", []string{"informs", "recommends", "decides", "acts"}, func(s *System) *string { return &s.Autonomy }},
	{"data", "Data", nil, func(s *System) *string { return &s.Data }},
	{"connected tools", "Connected tools", nil, func(s *System) *string { return &s.Tools }},
	{"exposure", "Exposure", nil, func(s *System) *string { return &s.Exposure }},
	{"criticality", "Criticality", nil, func(s *System) *string { return &s.Criticality }},
	{"lifecycle phase", "Lifecycle phase", nil, func(s *System) *string { return &s.Phase }},
	{"owner", "Owner", nil, func(s *System) *string { return &s.Owner }},
	{"testing before deployment", "Testing before deployment", nil, func(s *System) *string { return &s.PreTesting }},
	{"testing in operation", "Testing in operation", nil, func(s *System) *string { return &s.PostTesting }},
	{"COSAiS use case", "COSAiS use case", nil, func(s *System) *string { return &s.UseCase }},
}

// Action is a step of the plan. It closes, or helps to close, the gaps of its items.
type Action struct {
	ID         string           `json:"id"` // "A-1"
	Title      string           `json:"title"`
	Items      []content.ItemID `json:"items"`
	Owner      string           `json:"owner,omitempty"`
	Due        Date             `json:"due,omitempty"`
	Effort     string           `json:"effort,omitempty"` // S (days), M (weeks) or L (months)
	Status     Progress         `json:"status"`
	Milestones []Milestone      `json:"milestones,omitempty"`
}

// Progress says how far an action is.
type Progress string

// An action is planned until somebody says otherwise.
const (
	Planned  Progress = "planned"
	Underway Progress = "underway"
	Done     Progress = "done"
)

// Progresses lists them in their order.
var Progresses = [...]Progress{Planned, Underway, Done}

// Milestone is a dated step of an action.
type Milestone struct {
	Text string `json:"text"`
	Due  Date   `json:"due,omitempty"`
	Done bool   `json:"done,omitempty"`
}

// check takes items that the pack has, and those that it no longer has and that were put aside.
func (a *Action) check(s *Snapshot) (err error) {
	if a.Title, err = required("title of the action", a.Title, MaxReference); err != nil {
		return err
	}
	if a.Owner, err = line("owner of the action", a.Owner, MaxName); err != nil {
		return err
	}
	if a.Due, err = ParseDate(string(a.Due)); err != nil {
		return err
	}
	a.Items = distinct(a.Items)
	for _, id := range a.Items {
		if _, ok := s.cat.Index(id); !ok && find(s.asides, id.String()).ID == "" {
			return &ItemError{id, ErrUnknownItem}
		}
	}
	a.Milestones = slices.Clone(a.Milestones)
	for i := range a.Milestones {
		m := &a.Milestones[i]
		if m.Text, err = required("milestone", m.Text, MaxReference); err != nil {
			return err
		}
		if m.Due, err = ParseDate(string(m.Due)); err != nil {
			return err
		}
	}
	if err = oneOf("effort", a.Effort, "S", "M", "L"); err != nil {
		return err
	}
	if a.Status == "" {
		a.Status = Planned
	}
	return oneOf("status", a.Status, Progresses[:]...)
}

// distinct returns the items without those that come a second time.
func distinct(items []content.ItemID) []content.ItemID {
	var out []content.ItemID
	for _, id := range items {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// Label is a labeled snapshot: a name for the state that the session had after one event. The
// journal up to that event is the snapshot, so it can not change; Session.At brings it back.
type Label struct {
	ID    string    `json:"id"`
	Label string    `json:"label"`
	Head  Head      `json:"head"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

func oneOf[T ~string](what string, got T, allowed ...T) error {
	if got == "" || slices.Contains(allowed, got) {
		return nil
	}
	return fmt.Errorf("%s is %q, not one of %q", what, got, allowed)
}
