package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"plumbline/content/internal/packfile"
)

// facts is what packgen takes from the files of the facts folder. They hold more than it needs, so
// their members are picked, not checked off.
type facts struct {
	profile   profile
	core      core
	catalogs  catalogs
	controls  controls
	sp80053   map[string][]string // Subcategory -> control ids in OSCAL form
	iso       map[string]isoRefs
	cis       map[string][]string
	owasp     map[string][]string
	aiRMF     aiRMF
	crosswalk []crosswalkEntry
	ai6001    ai6001
	cosais    cosais
}

// profile is cyber-ai-profile.json: what the draft says.
type profile struct {
	Source struct {
		Document    string
		Status      string
		Published   string
		LandingPage string `json:"landing_page"`
		SHA256      string
	}
	Entries []profileEntry
}

type profileEntry struct {
	Subcategory string
	Page        int
	General     struct {
		Summary    string
		SP80053    []string
		References []reference
	}
	Secure, Defend, Thwart cell
}

// cell is what the draft says of a Subcategory in one Focus Area.
type cell struct {
	Priority          int
	StandardPractices bool `json:"standard_practices"`
	Considerations    string
	Opportunities     string
	Note              string
	References        []reference
}

type reference struct{ Scheme, ID, Label string }

// cells returns the three Focus Areas in the draft's order, which is also that of areaIDs.
func (e *profileEntry) cells() [3]*cell { return [...]*cell{&e.Secure, &e.Defend, &e.Thwart} }

var areaIDs = [...]string{"secure", "defend", "thwart"}

// core is csf-2.0-core.json, of which ids, names and order are taken, never text.
type core struct {
	Functions []struct {
		ID, Name   string
		Categories []struct {
			ID, Name      string
			Subcategories []struct{ ID string }
		}
	}
}

// catalogs is informative-catalogs.json.
type catalogs struct {
	AI1002          []catalogEntry           `json:"nist-ai-100-2"`
	Mitigations     []catalogEntry           `json:"mitre-atlas-mitigations"`
	Techniques      []catalogEntry           `json:"mitre-atlas-techniques"`
	LLM2025         []catalogEntry           `json:"owasp-llm-2025"`
	DASF            []catalogEntry           `json:"dasf"`
	AIExchange      []catalogEntry           `json:"owasp-ai-exchange"`
	GenAI           []catalogEntry           `json:"owasp-genai"`
	AttackMitigates []catalogEntry           `json:"mitre-attack-mitigations"`
	Sources         map[string]catalogSource `json:"sources"`
}

type catalogEntry struct {
	ID, Name        string
	Kind            string
	Taxonomies      []string
	DisplayName     string
	FormerName      string
	FullName        string
	Since           string
	Key             string // "LLM03:2025"
	In2026          string
	ExchangeHeading string
	PrintedVariants []string
}

type catalogSource struct{ Title, Version, License, Note string }

// controls is sp800-53-controls.json.
type controls struct {
	Families []struct{ Label, Name string }
	Controls []control
}

type control struct {
	ID         string // "ac-2.1"
	Label      string // "AC-2(1)"
	Title      string
	Withdrawn  bool
	Baselines  []string
	Successors []struct{ ID, Relation string }
}

type isoRefs struct {
	AnnexA  []string `json:"annex_a"`
	Clauses []string
}

// aiRMF is ai-rmf.json.
type aiRMF struct {
	Subcategories []struct{ ID, Outcome string }
}

// crosswalkEntry is an entry of csf-ai-rmf-crosswalk.json.
type crosswalkEntry struct {
	CSF           string
	AIRMF         []string `json:"ai_rmf"`
	Strength, Why string
}

// ai6001 is ai-600-1-risks.json.
type ai6001 struct {
	Document struct{ ID, Title, Published string }
	Risks    []struct{ ID, Name, Description string }
	Actions  []struct {
		ID, Subcategory string
		Risks           []string
	}
}

// cosais is cosais.json.
type cosais struct {
	Status struct {
		Label, Summary string
		AsOf           string
	}
	Documents []struct{ ID, Title, Published string }
	UseCases  []struct {
		ID, Title, Description, PlannedPublication, Note string
		Scenarios                                        []struct{ ID, Description string }
	}
	Overlays []struct {
		Controls []overlayControl
	}
}

type overlayControl struct {
	ID, Title, TitleInSP80053 string
	Annotated                 bool
	LifecyclePhases           []string
	AttackIDs                 []string `json:"attackIds"`
	Notes                     string
}

func readFacts(fsys fs.FS) (*facts, error) {
	var f facts
	var sp80053 struct{ Map map[string][]string }
	var iso struct{ Map map[string]isoRefs }
	var cis struct{ Map map[string][]string }
	var other struct {
		Frameworks map[string]struct{ Map map[string][]string }
	}
	var crosswalk struct{ Entries []crosswalkEntry }
	err := errors.Join(
		readJSON(fsys, "cyber-ai-profile.json", &f.profile, false),
		readJSON(fsys, "csf-2.0-core.json", &f.core, false),
		readJSON(fsys, "informative-catalogs.json", &f.catalogs, false),
		readJSON(fsys, "sp800-53-controls.json", &f.controls, false),
		readJSON(fsys, "csf-2.0-sp800-53-map.json", &sp80053, false),
		readJSON(fsys, "csf-2.0-iso27001-2022-map.json", &iso, false),
		readJSON(fsys, "csf-2.0-cis-8.1-map.json", &cis, false),
		readJSON(fsys, "csf-2.0-other-refs.json", &other, false),
		readJSON(fsys, "ai-rmf.json", &f.aiRMF, false),
		readJSON(fsys, "csf-ai-rmf-crosswalk.json", &crosswalk, false),
		readJSON(fsys, "ai-600-1-risks.json", &f.ai6001, false),
		readJSON(fsys, "cosais.json", &f.cosais, false),
	)
	f.sp80053, f.iso, f.cis, f.crosswalk = sp80053.Map, iso.Map, cis.Map, crosswalk.Entries
	f.owasp = other.Frameworks["owasp-llm-2025"].Map
	return &f, err
}

// authored is what was written for Plumbline.
type authored struct {
	subcategories []authoredSubcategory
	items         map[string][]authoredItem // by name of file
	glossary      []packfile.Term
}

type authoredSubcategory struct{ ID, Title, Outcome string }

// authoredItem repeats three facts, so that a text can not slip to another item unseen.
type authoredItem struct {
	ID                     string
	Priority               int
	StandardPractices      bool
	Page                   int
	Question, Why          string
	GoodPractice, Evidence []string
	Actions                []packfile.Step
	Roles                  []string
	Hint                   string
}

// readAuthored takes the authored text out of a pack, the one that is to be made anew: its texts are
// edited in place. The rest of it is ignored.
func readAuthored(fsys fs.FS, functions []string) (*authored, error) {
	a := authored{items: map[string][]authoredItem{}}
	var core packfile.Core
	var glossary packfile.Glossary
	err := errors.Join(readJSON(fsys, packfile.CoreFile, &core, true), readJSON(fsys, packfile.GlossaryFile, &glossary, true))
	a.glossary = glossary.Terms
	for _, s := range core.Subcategories {
		a.subcategories = append(a.subcategories, authoredSubcategory{ID: s.ID, Title: s.Title, Outcome: s.Outcome})
	}
	for _, f := range functions {
		name := packfile.ItemsFile(f)
		var items packfile.Items
		err = errors.Join(err, readJSON(fsys, name, &items, true))
		for _, it := range items.Items {
			a.items[name] = append(a.items[name], authoredItem{
				ID: it.ID, Priority: it.Priority, StandardPractices: it.StandardPractices, Page: it.Page,
				Question: it.Question, Why: it.Why, GoodPractice: it.GoodPractice, Evidence: it.Evidence,
				Actions: it.Actions, Roles: it.Roles, Hint: it.Hint,
			})
		}
	}
	return &a, err
}

func readJSON(fsys fs.FS, name string, v any, strict bool) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: data after its end", name)
	}
	return nil
}

// american respells the few British words in the restatements of the reference files, since the
// project writes American English. It is for restatements alone: names are facts.
var american = strings.NewReplacer(
	"summarising", "summarizing",
	"analysing", "analyzing",
	"behaviour", "behavior",
	"humanise", "humanize",
)
