package oscal

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// Check reads back a ZIP of WriteAll, or one document, and compares it with the session: one finding for
// each item in profile with rating and target, satisfied where it is at target; one risk for each gap;
// every action and every target; the session, its journal head, the version, and the damage where there
// is any. Every UUID must be unique in its document, and everything that is referred to must be there.
func Check(data []byte, s *assessment.Snapshot, o wire.Options) error {
	files := []file{{"", data}}
	if bytes.HasPrefix(data, []byte("PK")) {
		var err error
		if files, err = unzip(data); err != nil {
			return fmt.Errorf("read the ZIP: %w", err)
		}
	}
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	if want := []string{PlanFile, ResultsFile, POAMFile, ProfileFile}; len(files) > 1 && !slices.Equal(names, want) {
		return fmt.Errorf("the ZIP holds %q, not %q", names, want)
	}
	var errs []error
	for _, f := range files {
		kind, err := checkDocument(f.data, s, o, names)
		if err == nil && f.name != "" && kind != models[f.name] {
			err = fmt.Errorf("it is a document of the model %s", kind)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", kind, err))
		}
	}
	return errors.Join(errs...)
}

// models are the models of the files, as the one member of each names it.
var models = map[string]string{
	PlanFile: "assessment-plan", ResultsFile: "assessment-results",
	POAMFile: "plan-of-action-and-milestones", ProfileFile: "profile",
}

// file is a document that is read back, under its name in the ZIP.
type file struct {
	name string
	data []byte
}

func unzip(data []byte) ([]file, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var files []file
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			return nil, err
		}
		doc, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		files = append(files, file{part.Name, doc})
	}
	return files, nil
}

// readProps are the props of an object, as they are read back.
type readProps []struct{ Name, NS, Value, Class string }

// of returns the values of one of our props, in order.
func (p readProps) of(name string) (values []string) {
	for _, v := range p {
		if v.Name == name && v.NS == NS {
			values = append(values, v.Value)
		}
	}
	return values
}

func (p readProps) has(name, value string) bool { return slices.Equal(p.of(name), []string{value}) }

// read is what is read back of a document, of whichever model it is.
type read struct {
	Metadata struct {
		Title, Remarks string
		Version        string `json:"oscal-version"`
		Props          readProps
	}
	ReviewedControls readControls `json:"reviewed-controls"`
	Results          []struct {
		readAssessed
		ReviewedControls readControls `json:"reviewed-controls"`
	}
	readAssessed
	Items []struct {
		Props readProps
		Risks []struct {
			UUID string `json:"risk-uuid"`
		} `json:"related-risks"`
	} `json:"poam-items"`
	Imports []struct {
		Include []struct {
			IDs []string `json:"with-ids"`
		} `json:"include-controls"`
	}
	Modify struct {
		Alters []struct {
			Control string `json:"control-id"`
			Adds    []struct{ Props readProps }
		}
	}
}

type readControls struct {
	Selections []struct {
		Include []struct {
			ID string `json:"control-id"`
		} `json:"include-controls"`
	} `json:"control-selections"`
}

func (c readControls) ids() (ids []string) {
	for _, s := range c.Selections {
		for _, v := range s.Include {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// readAssessed is what results and POA&M have in common.
type readAssessed struct {
	Observations []struct{ Props readProps }
	Risks        []struct {
		UUID, Status string
		Props        readProps
		Remediations []struct{ Props readProps }
	}
	Findings []struct {
		Props  readProps
		Target struct {
			ID     string `json:"target-id"`
			Status struct{ State string }
		}
	}
}

// checkDocument checks a document that stands among files of those names, and returns its model.
func checkDocument(data []byte, s *assessment.Snapshot, o wire.Options, names []string) (model string, err error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return "OSCAL", err
	}
	for _, model = range slices.Sorted(maps.Values(models)) {
		if whole[model] != nil {
			break
		}
	}
	if len(whole) != 1 || whole[model] == nil {
		return "OSCAL", fmt.Errorf("it has the members %q, not one that names its model", slices.Sorted(maps.Keys(whole)))
	}
	var tree any
	var doc read
	if err := errors.Join(json.Unmarshal(whole[model], &tree), json.Unmarshal(whole[model], &doc)); err != nil {
		return model, err
	}
	return model, errors.Join(doc.checkMetadata(s, o), checkReferences(tree, names), doc.check(model, s, o))
}

func (d *read) checkMetadata(s *assessment.Snapshot, o wire.Options) error {
	version, err := versionOf(o)
	if err != nil {
		return err
	}
	m := d.Metadata
	if m.Version != version {
		err = fmt.Errorf("its OSCAL version is %q, not %s", m.Version, version)
	}
	if head := s.Head().String(); !m.Props.has("session-id", s.Info().ID) || !m.Props.has("journal-head", head) {
		err = errors.Join(err, fmt.Errorf("it is of session %q at %q, not of %s at %s", m.Props.of("session-id"), m.Props.of("journal-head"), s.Info().ID, head))
	}
	if damaged := strings.Contains(m.Title, "damaged") && strings.Contains(m.Remarks, "damaged"); o.Damage != "" && !damaged {
		err = errors.Join(err, errors.New("it does not say that the journal is damaged"))
	}
	return err
}

// check compares what a document of that model holds with the session.
func (d *read) check(model string, s *assessment.Snapshot, o wire.Options) error {
	t := s.Tally()
	subs := make(map[string]bool)
	for e := range s.Entries() {
		if e.State.InProfile() {
			subs[e.Item.ID.Sub] = true
		}
	}
	controls := slices.Sorted(maps.Keys(subs))
	selected := func(ids []string) error {
		if slices.Sort(ids); !slices.Equal(ids, controls) {
			return fmt.Errorf("it selects %d controls, not the %d that are in profile", len(ids), len(controls))
		}
		return nil
	}
	switch model {
	case "assessment-plan":
		return selected(d.ReviewedControls.ids())
	case "assessment-results":
		if err := compare("results", len(d.Results), 1); err != nil {
			return err
		}
		r := d.Results[0]
		return errors.Join(selected(r.ReviewedControls.ids()), compare("findings", len(r.Findings), t.Compared), r.check(s, o))
	case "profile":
		var ids []string
		for _, i := range d.Imports {
			for _, c := range i.Include {
				ids = append(ids, c.IDs...)
			}
		}
		return errors.Join(selected(ids), d.checkTargets(t))
	default:
		return errors.Join(d.readAssessed.check(s, o), d.checkItems(s))
	}
}

// check compares findings, observations and risks with the session: all findings of gaps, and as many
// of the others as there are.
func (d *readAssessed) check(s *assessment.Snapshot, o wire.Options) error {
	t := s.Tally()
	entries := make(map[string]assessment.Entry)
	for e := range s.Entries() {
		if e.State.InProfile() && e.Known() {
			entries[e.Item.ID.String()] = e
		}
	}
	errs := []error{compare("observations", len(d.Observations), len(d.Findings))}
	states := make(map[string]int)
	for i, f := range d.Findings {
		id := strings.Join(f.Props.of("item-id"), " ")
		e, ok := entries[id]
		if !ok {
			errs = append(errs, fmt.Errorf("finding %d is of %q, which is not an item in profile with rating and target, or is there twice", i+1, id))
			continue
		}
		delete(entries, id)
		states[f.Target.Status.State]++
		if want := e.Item.ID.Sub + "_statement"; f.Target.ID != want {
			errs = append(errs, fmt.Errorf("the finding of %s aims at %q, not at %s", id, f.Target.ID, want))
		}
		if current, target := e.Response.Current.String(), e.Response.Target.String(); !f.Props.has("current", current) || !f.Props.has("target", target) {
			errs = append(errs, fmt.Errorf("the finding of %s does not say current %s and target %s", id, current, target))
		}
	}
	errs = append(errs, compare("findings not satisfied", states["not-satisfied"], t.Gaps))
	if len(entries) == 0 { // all are there
		errs = append(errs, compare("findings satisfied", states["satisfied"], t.AtTarget))
	}
	open, accepted, levels, missing := 0, 0, 0, 0
	for _, r := range d.Risks {
		var answers, actions []string
		for _, a := range r.Remediations {
			answers = append(answers, a.Props.of("action-id")...)
		}
		id, err := content.ParseItemID(strings.Join(r.Props.of("item-id"), " "))
		for a := range s.ActionsFor(id) {
			actions = append(actions, a.ID)
		}
		if err != nil || !slices.Equal(answers, actions) {
			errs = append(errs, fmt.Errorf("the risk of %v is answered by %q, not by %q", id, answers, actions))
		}
		if r.Status == "closed" {
			continue
		}
		open++
		if r.Status == "deviation-approved" {
			accepted++
		}
		n, err := strconv.Atoi(strings.Join(r.Props.of("gap"), " "))
		errs = append(errs, err)
		levels += n
	}
	for _, e := range s.Gaps() {
		missing += e.Gap()
	}
	return errors.Join(append(errs,
		compare("risks that are not closed", open, t.Gaps), compare("accepted risks", accepted, len(s.Accepted(o.Day()))),
		compare("levels missing to the targets", levels, missing))...)
}

// checkTargets compares the targets of a profile with the session's.
func (d *read) checkTargets(t assessment.Tally) error {
	targets, sum := 0, 0
	for _, a := range d.Modify.Alters {
		for _, add := range a.Adds {
			for _, v := range add.Props.of("target") {
				n, err := strconv.Atoi(v)
				if err != nil {
					return fmt.Errorf("the target of %s is %q", a.Control, v)
				}
				targets++
				sum += n
			}
		}
	}
	return errors.Join(compare("targets", targets, t.Targeted), compare("levels of all targets", sum, t.WantedAll))
}

// checkItems compares the items of a POA&M with the session: each action is one, and each gap is in one.
func (d *read) checkItems(s *assessment.Snapshot) error {
	var errs []error
	actions, covered := 0, make(map[string]bool)
	for _, item := range d.Items {
		actions += len(item.Props.of("action-id"))
		for _, r := range item.Risks {
			covered[r.UUID] = true
		}
	}
	for _, r := range d.Risks {
		if !covered[r.UUID] {
			errs = append(errs, fmt.Errorf("no POA&M item is about the risk of %q", r.Props.of("item-id")))
		}
	}
	if len(d.Items) == 0 {
		errs = append(errs, errors.New("there is no POA&M item"))
	}
	return errors.Join(append(errs, compare("actions", actions, len(s.Actions())))...)
}

// checkReferences looks for UUIDs that are there twice, and for references to what is not there: in the
// document, or among the files. It knows no model: what is called uuid defines, and what ends in -uuid
// or -uuids refers.
func checkReferences(tree any, names []string) error {
	defined, referred := make(map[string]int), make(map[string]string)
	walk(tree, "", func(member, value string) {
		switch {
		case member == "uuid":
			defined[value]++
		case strings.HasSuffix(member, "-uuid"), strings.HasSuffix(member, "-uuids"):
			referred[value] = member
		case member == "href" && strings.HasPrefix(value, "#"):
			referred[value[1:]] = member
		case member == "href" && !strings.Contains(value, ":") && len(names) > 1 && !slices.Contains(names, value):
			referred[value] = member
		}
	})
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(defined)) {
		if defined[id] > 1 {
			errs = append(errs, fmt.Errorf("the UUID %s is there %d times", id, defined[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(referred)) {
		if defined[id] == 0 {
			errs = append(errs, fmt.Errorf("the %s %s leads to nothing", referred[id], id))
		}
	}
	return errors.Join(errs...)
}

// walk calls do with each text of a JSON value and the name of the member that it, or the list around
// it, is the value of.
func walk(v any, member string, do func(member, value string)) {
	switch v := v.(type) {
	case string:
		do(member, v)
	case []any:
		for _, e := range v {
			walk(e, member, do)
		}
	case map[string]any:
		for name, e := range v {
			walk(e, name, do)
		}
	}
}

func compare(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%d %s, not %d", got, what, want)
	}
	return nil
}
