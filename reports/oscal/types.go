package oscal

// What is written of the OSCAL models, with NIST's names. Members that OSCAL does not require are left
// out where they are empty, since no array of OSCAL may be.

type planDocument struct {
	Plan assessmentPlan `json:"assessment-plan"`
}

type assessmentPlan struct {
	UUID             string           `json:"uuid"`
	Metadata         metadata         `json:"metadata"`
	ImportSSP        imported         `json:"import-ssp"`
	ReviewedControls reviewedControls `json:"reviewed-controls"`
	BackMatter       backMatter       `json:"back-matter"`
}

type resultsDocument struct {
	Results assessmentResults `json:"assessment-results"`
}

type assessmentResults struct {
	UUID       string     `json:"uuid"`
	Metadata   metadata   `json:"metadata"`
	ImportAP   imported   `json:"import-ap"`
	Results    []result   `json:"results"`
	BackMatter backMatter `json:"back-matter"`
}

type result struct {
	UUID             string           `json:"uuid"`
	Title            string           `json:"title"`
	Description      string           `json:"description"`
	Start            string           `json:"start"`
	End              string           `json:"end,omitempty"`
	Props            props            `json:"props,omitempty"`
	ReviewedControls reviewedControls `json:"reviewed-controls"`
	Observations     []observation    `json:"observations,omitempty"`
	Risks            []risk           `json:"risks,omitempty"`
	Findings         []finding        `json:"findings,omitempty"`
}

type poamDocument struct {
	POAM poam `json:"plan-of-action-and-milestones"`
}

type poam struct {
	UUID         string        `json:"uuid"`
	Metadata     metadata      `json:"metadata"`
	SystemID     systemID      `json:"system-id"`
	Observations []observation `json:"observations,omitempty"`
	Risks        []risk        `json:"risks,omitempty"`
	Findings     []finding     `json:"findings,omitempty"`
	Items        []poamItem    `json:"poam-items"`
	BackMatter   backMatter    `json:"back-matter"`
}

type profileDocument struct {
	Profile profile `json:"profile"`
}

type profile struct {
	UUID       string          `json:"uuid"`
	Metadata   metadata        `json:"metadata"`
	Imports    []profileImport `json:"imports"`
	Merge      merge           `json:"merge"`
	Modify     *modify         `json:"modify,omitempty"`
	BackMatter backMatter      `json:"back-matter"`
}

type metadata struct {
	Title              string             `json:"title"`
	LastModified       string             `json:"last-modified"`
	Version            string             `json:"version"`
	OSCALVersion       string             `json:"oscal-version"`
	Props              props              `json:"props,omitempty"`
	Links              []link             `json:"links,omitempty"`
	Roles              []role             `json:"roles"`
	Parties            []party            `json:"parties"`
	ResponsibleParties []responsibleParty `json:"responsible-parties"`
	Remarks            string             `json:"remarks"`
}

type property struct {
	Name    string `json:"name"`
	NS      string `json:"ns"`
	Value   string `json:"value"`
	Class   string `json:"class,omitempty"`
	Remarks string `json:"remarks,omitempty"`
}

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

type role struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type party struct {
	UUID string `json:"uuid"`
	Type string `json:"type"`
	Name string `json:"name,omitempty"`
}

type responsibleParty struct {
	RoleID  string   `json:"role-id"`
	Parties []string `json:"party-uuids"`
}

// imported is the document that another one stands on.
type imported struct {
	Href    string `json:"href"`
	Remarks string `json:"remarks,omitempty"`
}

type systemID struct {
	Type string `json:"identifier-type"`
	ID   string `json:"id"`
}

// included is include-all, an object without members.
type included struct{}

type reviewedControls struct {
	Description string             `json:"description"`
	Links       []link             `json:"links"`
	Selections  []controlSelection `json:"control-selections"`
}

type controlSelection struct {
	IncludeAll *included   `json:"include-all,omitempty"`
	Include    []controlID `json:"include-controls,omitempty"`
	Exclude    []controlID `json:"exclude-controls,omitempty"`
}

type controlID struct {
	ID string `json:"control-id"`
}

type profileImport struct {
	Href       string     `json:"href"`
	IncludeAll *included  `json:"include-all,omitempty"`
	Include    []controls `json:"include-controls,omitempty"`
	Exclude    []controls `json:"exclude-controls,omitempty"`
}

type controls struct {
	IDs []string `json:"with-ids"`
}

type merge struct {
	AsIs bool `json:"as-is"`
}

type modify struct {
	Alters []alter `json:"alters"`
}

type alter struct {
	ControlID string     `json:"control-id"`
	Adds      []addition `json:"adds"`
}

type addition struct {
	Position string `json:"position"`
	Props    props  `json:"props"`
}

type observation struct {
	UUID        string     `json:"uuid"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       props      `json:"props"`
	Methods     []string   `json:"methods"`
	Types       []string   `json:"types"`
	Origins     []origin   `json:"origins"`
	Subjects    []subject  `json:"subjects"`
	Evidence    []evidence `json:"relevant-evidence,omitempty"`
	Collected   string     `json:"collected"`
}

type origin struct {
	Actors []actor `json:"actors"`
}

type actor struct {
	Type string `json:"type"`
	UUID string `json:"actor-uuid"`
}

type subject struct {
	UUID string `json:"subject-uuid"`
	Type string `json:"type"`
}

type evidence struct {
	Description string `json:"description"`
	Props       props  `json:"props,omitempty"`
}

type finding struct {
	UUID         string       `json:"uuid"`
	Title        string       `json:"title"`
	Description  string       `json:"description"`
	Props        props        `json:"props"`
	Target       target       `json:"target"`
	Observations []observedBy `json:"related-observations"`
	Risks        []riskOf     `json:"related-risks,omitempty"`
}

type target struct {
	Type   string `json:"type"`
	ID     string `json:"target-id"`
	Status status `json:"status"`
}

type status struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Remarks string `json:"remarks"`
}

type observedBy struct {
	UUID string `json:"observation-uuid"`
}

type riskOf struct {
	UUID string `json:"risk-uuid"`
}

type findingOf struct {
	UUID string `json:"finding-uuid"`
}

type risk struct {
	UUID         string       `json:"uuid"`
	Title        string       `json:"title"`
	Description  string       `json:"description"`
	Statement    string       `json:"statement"`
	Props        props        `json:"props"`
	Status       string       `json:"status"`
	Origins      []origin     `json:"origins"`
	Deadline     string       `json:"deadline,omitempty"`
	Remediations []response   `json:"remediations,omitempty"`
	Observations []observedBy `json:"related-observations"`
}

type response struct {
	UUID        string `json:"uuid"`
	Lifecycle   string `json:"lifecycle"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Props       props  `json:"props"`
	Tasks       []task `json:"tasks,omitempty"`
}

type task struct {
	UUID   string  `json:"uuid"`
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Props  props   `json:"props"`
	Timing *timing `json:"timing,omitempty"`
}

type timing struct {
	OnDate onDate `json:"on-date"`
}

type onDate struct {
	Date string `json:"date"`
}

type poamItem struct {
	UUID         string       `json:"uuid"`
	Title        string       `json:"title"`
	Description  string       `json:"description"`
	Props        props        `json:"props,omitempty"`
	Findings     []findingOf  `json:"related-findings,omitempty"`
	Observations []observedBy `json:"related-observations,omitempty"`
	Risks        []riskOf     `json:"related-risks,omitempty"`
}

type backMatter struct {
	Resources []resource `json:"resources"`
}

type resource struct {
	UUID        string       `json:"uuid"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	DocumentIDs []documentID `json:"document-ids,omitempty"`
	Rlinks      []rlink      `json:"rlinks,omitempty"`
}

type documentID struct {
	Scheme     string `json:"scheme"`
	Identifier string `json:"identifier"`
}

type rlink struct {
	Href      string `json:"href"`
	MediaType string `json:"media-type"`
	Hashes    []hash `json:"hashes"`
}

type hash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}
