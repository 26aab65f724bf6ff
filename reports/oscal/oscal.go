// Package oscal writes a session as OSCAL, NIST's Open Security Controls Assessment Language, in JSON:
// an assessment plan (a stub), the assessment results, the plan of action and milestones and a profile
// that holds the targets. docs/formats.md says what becomes of what.
//
// Only what is valid in every version of Versions is written. A thing keeps its UUID in every export of
// its session.
package oscal

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// Versions are the versions of OSCAL that a document can say to be of, without "v".
var Versions = [...]string{"1.1.3", "1.2.1", "1.2.2"}

// DefaultVersion is the one that is written where none is asked for.
const DefaultVersion = "1.2.1"

// The names of the files. They cite each other by them.
const (
	PlanFile    = "assessment-plan.json"
	ResultsFile = "assessment-results.json"
	POAMFile    = "poam.json"
	ProfileFile = "profile.json"
)

// WriteAll writes the four documents of a session, which cite each other by relative href, as one ZIP:
// assessment plan, assessment results, POA&M and profile, in this order and with the date 1980-01-01, so
// that the same session gives the same bytes.
func WriteAll(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	build, err := newBuilder(s, o)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, d := range []struct {
		name string
		doc  any
	}{
		{PlanFile, planDocument{build.plan()}},
		{ResultsFile, resultsDocument{build.results()}},
		{POAMFile, poamDocument{build.poam(true)}},
		{ProfileFile, profileDocument{build.profile()}},
	} {
		data, err := encode(d.name, d.doc)
		if err != nil {
			return err
		}
		part, err := z.CreateHeader(&zip.FileHeader{
			Name: d.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
		})
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", d.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack OSCAL: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// WritePOAM writes the POA&M of a session alone: it cites no other file of ours.
func WritePOAM(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	b, err := newBuilder(s, o)
	if err != nil {
		return err
	}
	return write(w, POAMFile, poamDocument{b.poam(false)})
}

// WriteProfile writes the profile of a session alone: which Subcategories are in profile, and their
// targets.
func WriteProfile(w io.Writer, s *assessment.Snapshot, o wire.Options) error {
	b, err := newBuilder(s, o)
	if err != nil {
		return err
	}
	return write(w, ProfileFile, profileDocument{b.profile()})
}

func write(w io.Writer, name string, doc any) error {
	data, err := encode(name, doc)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func encode(name string, doc any) ([]byte, error) {
	var compact, b bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	err := e.Encode(doc)
	if err == nil {
		b.Grow(2 * compact.Len()) // a buffer that grows under Indent costs as much as the rest
		err = json.Indent(&b, compact.Bytes(), "", "  ")
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", name, err)
	}
	return wire.Escaped(b.Bytes()), nil
}

func versionOf(o wire.Options) (string, error) {
	v := cmp.Or(o.OSCAL, DefaultVersion)
	if !slices.Contains(Versions[:], v) {
		return "", fmt.Errorf("version %q is none of %q", v, Versions)
	}
	return v, nil
}

// builder holds what several documents need, worked out once.
type builder struct {
	s        *assessment.Snapshot
	cat      *content.Catalog
	o        wire.Options
	info     assessment.Info
	on       assessment.Date
	version  string
	made     string // when the documents are made
	scores   assessment.RollUp
	subs     []string           // the Subcategories with an item in profile, in Core order
	compared []assessment.Entry // in profile with rating and target, in Core order: those that have a finding
	risky    []assessment.Entry // of these, those that have a risk: gaps in their order, then closed ones
	statuses map[int]string     // status of the risk, by the item's index
	names    []string           // of the people, each once
}

func newBuilder(s *assessment.Snapshot, o wire.Options) (*builder, error) {
	version, err := versionOf(o)
	if err != nil {
		return nil, err
	}
	b := &builder{
		s: s, cat: s.Catalog(), o: o, info: s.Info(), on: o.Day(), version: version,
		made: instant(o.Generated), scores: s.Score().Session, statuses: make(map[int]string),
	}
	if b.made == "" {
		return nil, fmt.Errorf("it has no way to say that it was made on %s", assessment.DayOf(o.Generated))
	}
	for e := range s.Entries() {
		if !e.State.InProfile() {
			continue
		}
		if n := len(b.subs); n == 0 || b.subs[n-1] != e.Item.ID.Sub {
			b.subs = append(b.subs, e.Item.ID.Sub)
		}
		if e.Known() {
			b.compared = append(b.compared, e)
		}
	}
	b.assess()
	b.meet()
	return b, nil
}

// assess finds the risks: one for each gap, and a closed one for each item at its target that an action
// has brought there.
func (b *builder) assess() {
	b.risky = b.s.Gaps()
	for _, e := range b.risky {
		b.statuses[e.Item.Index] = b.statusOf(e)
	}
	for _, e := range b.compared {
		if e.Gap() > 0 {
			continue
		}
		for a := range b.s.ActionsFor(e.Item.ID) {
			if a.Done() {
				b.risky = append(b.risky, e)
				b.statuses[e.Item.Index] = "closed"
				break
			}
		}
	}
}

// statusOf returns the status of the risk of a gap. That somebody has accepted it outweighs that
// something is being done.
func (b *builder) statusOf(e assessment.Entry) string {
	if e.Response.Accepted.InForce(b.on) {
		return "deviation-approved"
	}
	for a := range b.s.ActionsFor(e.Item.ID) {
		if a.Status == assessment.Underway {
			return "remediating"
		}
	}
	return "open"
}

// meet lists the people: the assessors, and whoever else has answered.
func (b *builder) meet() {
	add := func(name string) {
		if name = line(name); name != "" && !slices.Contains(b.names, name) {
			b.names = append(b.names, name)
		}
	}
	for _, name := range b.info.Assessors {
		add(name)
	}
	for _, e := range b.compared {
		add(e.Response.By)
	}
}
