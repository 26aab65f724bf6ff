package oscal

import (
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// The catalog whose controls the documents speak of: NIST's own file of CSF 2.0, where a Subcategory is
// a control. URL and hash are facts of that file.
const (
	catalogTitle = "NIST Cybersecurity Framework (CSF) 2.0, OSCAL catalog, version 1.2.0"
	catalogURL   = "https://raw.githubusercontent.com/usnistgov/oscal-content/v1.5.0/nist.gov/CSF/v2.0/json/NIST_CSF_v2.0_catalog.json"
	catalogHash  = "4836943f21d393f2821df85ada4e6f3c0617243b4ddf44263fe68205400210b4"
	catalogKey   = "csf-2.0-catalog"
	scopeKey     = "scope"
)

// catalogLink leads to the catalog among the resources of the same document.
func (b *builder) catalogLink() link {
	return link{"#" + b.id(resourceKind, catalogKey), "reference"}
}

func (b *builder) catalogResource() resource {
	return resource{
		UUID: b.id(resourceKind, catalogKey), Title: catalogTitle,
		DocumentIDs: []documentID{{"http://www.doi.org/", "10.6028/NIST.CSWP.29"}},
		Rlinks:      []rlink{{catalogURL, "application/oscal.catalog+json", []hash{{"SHA-256", catalogHash}}}},
	}
}

// metadata returns what a document says of itself. It is called what, and tells says what it is.
func (b *builder) metadata(what, tells string, links ...link) metadata {
	name := title(b.info.Organization + ", " + b.info.Name)
	if b.o.Damage != "" {
		what += " (journal damaged, not to be relied on)"
	}
	m := metadata{
		Title: what + ": " + name, LastModified: b.made, OSCALVersion: b.version,
		Version: strconv.FormatUint(b.s.Head().Seq, 10),
		Props:   b.provenance(), Links: links,
		Roles:   []role{{"prepared-by", "Assessor"}, {"prepared-for", "Assessed organization"}},
		Parties: b.parties(),
		Remarks: b.remarks(tells),
	}
	by := responsibleParty{RoleID: "prepared-by"}
	for _, p := range b.info.Assessors {
		if p = line(p); p != "" {
			by.Parties = append(by.Parties, b.id(person, p))
		}
	}
	if by.Parties == nil { // nobody is named: the organization assessed itself
		by.Parties = []string{b.organization()}
	}
	m.ResponsibleParties = []responsibleParty{by, {"prepared-for", []string{b.organization()}}}
	return m
}

func (b *builder) organization() string { return b.id(organization, "") }

// parties are the organization and the people. Whose people they are is not known here: an assessor may
// come from outside.
func (b *builder) parties() []party {
	list := []party{{UUID: b.organization(), Type: "organization", Name: line(b.info.Organization)}}
	for _, name := range b.names {
		list = append(list, party{b.id(person, name), "person", name})
	}
	return list
}

// origin says who answered for an item: a person, or the organization where none is known.
func (b *builder) origin(r *assessment.Response) []origin {
	by := b.organization()
	if name := line(r.By); name != "" {
		by = b.id(person, name)
	}
	return []origin{{[]actor{{"party", by}}}}
}

// provenance is what every document stands on, for machines.
func (b *builder) provenance() props {
	pack, t := b.cat.Pack(), b.scores.Total
	var levels []string
	for n := range assessment.MaxLevel + 1 {
		levels = append(levels, fmt.Sprintf("%d %s", n, assessment.LevelWord(n)))
	}
	var p props
	p.add("session-id", b.info.ID)
	p.add("journal-head", b.s.Head().String())
	p.add("pack-id", pack.ID)
	p.add("pack-edition", strconv.Itoa(pack.Edition))
	p.add("pack-sha256", pack.SHA256)
	p.add("pack-status", pack.Status)
	p.add("scale", strings.Join(levels, "; "))
	p.add("path", string(b.info.Path))
	p.add("coverage", fmt.Sprintf("%d of %d", t.Compared, t.InProfile))
	p.add("order-rule", assessment.OrderRule)
	p.add("as-of", string(b.on))
	p.add("tool", strings.TrimSpace("Plumbline "+b.o.Version))
	p.add("marking", b.info.Marking)
	if b.o.Damage != "" {
		p.add("damage", line(b.o.Damage))
	}
	return p
}

// remarks is what every document stands on, for people.
func (b *builder) remarks(tells string) string {
	var p prose
	if b.o.Damage != "" {
		p.quote("The journal of this session is damaged, so nothing in this document can be relied on", b.o.Damage)
	}
	p.quote("Classification marking", b.info.Marking)
	pack, t := b.cat.Pack(), b.scores.Total
	p.say(tells)
	p.say("Measured against ", md(pack.Source), ". Its status is ", md(pack.Status),
		": what it asks, and the priorities it proposes, can change. An item is a Subcategory of CSF 2.0 seen through one of its Focus Areas.")
	p.say(wire.Wording, " The use of OSCAL implies no endorsement either.")
	p.say(fmt.Sprintf("Scope: %s. Path: %s.", b.areas(), b.path()))
	var levels []string
	for n := range assessment.MaxLevel + 1 {
		levels = append(levels, fmt.Sprintf("%d %s: %s", n, assessment.LevelWord(n), assessment.LevelTest(n)))
	}
	p.say("Scale (", assessment.Scale, "). ", strings.Join(levels, " "))
	p.say(fmt.Sprintf("Coverage: %d of %d items in profile have a rating and a target. What is not rated is unknown: it is neither satisfied nor not satisfied.", t.Compared, t.InProfile))
	p.say("Gaps are ordered by ", assessment.OrderRule, ". Priority says what to do first; it weighs nothing.")
	p.say("Content: ", md(pack.ID), ", edition ", strconv.Itoa(pack.Edition), ", SHA-256 ", md(pack.SHA256), ". ",
		"Session ", md(b.info.ID), ", journal head ", b.s.Head().String(), ". ",
		"Ages and expiry as of ", md(string(b.on)), ". Made by ", md(strings.TrimSpace("Plumbline "+b.o.Version)), ".")
	return p.String()
}

// areas says which Focus Areas are in scope.
func (b *builder) areas() string {
	var list []string
	for _, a := range content.Areas {
		in := "in scope"
		if b.info.Areas[a].Out {
			in = "out of scope"
		}
		list = append(list, fmt.Sprintf("%s %s (%s)", a.Label(), in, title(strings.TrimSuffix(b.info.Areas[a].Decided(), "."))))
	}
	return strings.Join(list, "; ")
}

// path says which priorities the session covers.
func (b *builder) path() string {
	var list []string
	for p := content.High; p.Valid(); p++ {
		if b.info.Path.Covers(p) {
			list = append(list, p.String())
		}
	}
	return string(b.info.Path) + ", which covers priority " + strings.Join(list, ", ")
}
