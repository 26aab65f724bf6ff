package main

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"plumbline/content/internal/packfile"
)

const (
	publicDomain = "Work of the U.S. Government"
	namesOnly    = "Names and ids only"
)

// buildCatalogs makes catalogs.json: every scheme that the draft cites, with the names of what its
// ids stand for. Versions and licenses are the sources'; notes are written here.
func buildCatalogs(f *facts) (*packfile.Catalogs, error) {
	atlas, err := atlasEntries(f)
	if err != nil {
		return nil, err
	}
	actions, err := citedActions(f)
	if err != nil {
		return nil, err
	}
	sp80053, err := citedControls(f)
	if err != nil {
		return nil, err
	}
	scheme := func(id, key, license, note string, entries []packfile.Entry) packfile.Scheme {
		s := f.catalogs.Sources[key]
		return packfile.Scheme{
			ID: id, Title: s.Title, Version: commitHash.ReplaceAllString(s.Version, ""), License: cmp.Or(s.License, license), Note: note, Entries: entries,
		}
	}
	return &packfile.Catalogs{Schemes: []packfile.Scheme{
		scheme("nist-ai-100-2", "nist-ai-100-2", publicDomain,
			"The draft cites the document as a whole. Three attacks are all called Model Poisoning, so the id goes with the name.",
			entries(f.catalogs.AI1002, func(c catalogEntry) packfile.Entry {
				return packfile.Entry{ID: c.ID, Name: cmp.Or(c.DisplayName, c.Name), Kind: c.Kind, Tags: c.Taxonomies}
			})),
		{
			ID: "nist-ai-rmf", Title: f.ai6001.Document.ID + ", " + f.ai6001.Document.Title, Version: f.ai6001.Document.Published,
			License: publicDomain, Note: "Only the actions that the draft cites.", Entries: actions,
		},
		{
			ID: "nist-sp-800-53", Title: "NIST SP 800-53 Rev 5, Security and Privacy Controls for Information Systems and Organizations",
			Version: "Release 5.2.0", License: publicDomain,
			Note: "Only the controls that the draft cites for a single Focus Area. Those that it cites for a Subcategory stand with the Subcategory.", Entries: sp80053,
		},
		scheme("atlas", "mitre-atlas", "",
			"ATLAS releases monthly and renames entries: the names are those of this release, which is newer than the draft, and an entry says what it was called before.",
			atlas),
		{
			ID: "mitre-attack", Title: "MITRE ATT&CK, Enterprise mitigations", Version: f.catalogs.Sources["mitre-attack-mitigations"].Version,
			License: namesOnly, Note: "Only the mitigations that the draft cites.",
			Entries: entries(f.catalogs.AttackMitigates, func(c catalogEntry) packfile.Entry {
				return packfile.Entry{ID: c.ID, Name: c.Name, Kind: "mitigation"}
			}),
		},
		scheme("owasp-llm", "owasp-llm-2025", "",
			"The draft cites numbers of the 2025 edition. The 2026 edition numbers the list anew: its LLM03 is another risk.",
			entries(f.catalogs.LLM2025, func(c catalogEntry) packfile.Entry {
				return packfile.Entry{
					ID: c.ID, Name: c.Name + " (2025 edition)", Kind: "risk", Note: "In the 2026 edition: " + c.In2026 + ".", Also: []string{c.Key},
				}
			})),
		scheme("owasp-ai-exchange", "owasp-ai-exchange", "",
			"The draft cites headings, not ids. Which heading of the present Exchange is meant was matched for Plumbline.",
			entries(f.catalogs.AIExchange, func(c catalogEntry) packfile.Entry {
				note := "The present Exchange has no such heading."
				if c.ExchangeHeading != "" {
					note = "In the present Exchange: " + c.ExchangeHeading
				}
				return packfile.Entry{ID: c.Name, Name: c.Name, Kind: c.Kind, Note: note, Also: c.PrintedVariants}
			})),
		{
			ID: "owasp-genai", Title: "OWASP GenAI Security Project", License: namesOnly, Note: "The draft cites one heading, which has no id.",
			Entries: entries(f.catalogs.GenAI, func(c catalogEntry) packfile.Entry { return packfile.Entry{ID: c.Name, Name: c.Name} }),
		},
		scheme("dasf", "dasf", namesOnly,
			"The draft cites controls 1 to 64, all but 49. Version 3.0 of March 2026 adds nine.",
			entries(f.catalogs.DASF, func(c catalogEntry) packfile.Entry {
				return packfile.Entry{ID: c.ID, Name: c.Name, Kind: "control"}
			})),
		{ID: "enisa", Title: "ENISA Threat Landscape 2025", Note: "Cited as a whole.", Open: true},
		{ID: "other", Title: "Other documents", Note: "As the draft prints them.", Open: true},
	}}, nil
}

// commitHash is what a version string says beyond what a reader needs.
var commitHash = regexp.MustCompile(`(?: repository)? commit [0-9a-f]{40}`)

func entries(list []catalogEntry, entry func(catalogEntry) packfile.Entry) []packfile.Entry {
	out := make([]packfile.Entry, len(list))
	for i, c := range list {
		out[i] = entry(c)
	}
	return out
}

var retired = regexp.MustCompile(`\bRetired in (\d{4}\.\d\d): ((?:AML\.T[\d.]*\d to AML\.T[\d.]*\d(?:, )?)+)`)

// atlasEntries returns mitigations, techniques, and techniques under the ids that ATLAS has retired,
// since a draft may cite these.
func atlasEntries(f *facts) ([]packfile.Entry, error) {
	history := func(c catalogEntry) string {
		var s []string
		if c.FormerName != "" {
			s = append(s, "Named "+c.FormerName+" in release 2026.04.")
		}
		if c.Since != "" {
			s = append(s, "New in "+strings.Replace(c.Since, " to ", " or one of the releases up to ", 1)+".")
		}
		return strings.Join(s, " ")
	}
	all := entries(f.catalogs.Mitigations, func(c catalogEntry) packfile.Entry {
		return packfile.Entry{ID: c.ID, Name: c.Name, Kind: "mitigation", Note: history(c)}
	})
	names := map[string]string{}
	all = append(all, entries(f.catalogs.Techniques, func(c catalogEntry) packfile.Entry {
		names[c.ID] = cmp.Or(c.FullName, c.Name)
		return packfile.Entry{ID: c.ID, Name: names[c.ID], Kind: "technique", Note: history(c)}
	})...)

	found := retired.FindStringSubmatch(f.catalogs.Sources["mitre-atlas"].Note)
	if found == nil {
		return nil, fmt.Errorf("informative-catalogs.json: sources.mitre-atlas.note no longer says which techniques are retired")
	}
	for pair := range strings.SplitSeq(found[2], ", ") {
		from, to, _ := strings.Cut(pair, " to ")
		if names[to] == "" {
			return nil, fmt.Errorf("informative-catalogs.json: sources.mitre-atlas.note: %s is no technique", to)
		}
		all = append(all, packfile.Entry{ID: from, Name: names[to], Kind: "retired", Note: "Retired in release " + found[1] + ", now " + to + "."})
	}
	return all, nil
}

// cited returns the ids of a scheme that the draft cites for a Focus Area, each once, with the place
// of the first.
func cited(f *facts, scheme string) (ids []string, place map[string]string) {
	place = map[string]string{}
	for i := range f.profile.Entries {
		e := &f.profile.Entries[i]
		for n, c := range e.cells() {
			for _, r := range c.References {
				if r.Scheme == scheme && place[r.ID] == "" {
					place[r.ID] = e.Subcategory + "/" + areaIDs[n]
					ids = append(ids, r.ID)
				}
			}
		}
	}
	return ids, place
}

func citedActions(f *facts) ([]packfile.Entry, error) {
	under := map[string]string{}
	for _, a := range f.ai6001.Actions {
		under[a.ID] = a.Subcategory
	}
	ids, place := cited(f, "nist-ai-rmf")
	var out []packfile.Entry
	for _, id := range ids {
		if under[id] == "" {
			return nil, fmt.Errorf("cyber-ai-profile.json: %s: %s is no action of ai-600-1-risks.json", place[id], id)
		}
		out = append(out, packfile.Entry{ID: id, Name: "Generative AI Profile, action under " + under[id], Kind: "action"})
	}
	return out, nil
}

func citedControls(f *facts) ([]packfile.Entry, error) {
	titles := map[string]string{}
	for _, c := range f.controls.Controls {
		titles[c.Label] = c.Title
	}
	ids, place := cited(f, "nist-sp-800-53")
	var out []packfile.Entry
	for _, id := range ids {
		if titles[id] == "" {
			return nil, fmt.Errorf("cyber-ai-profile.json: %s: %s is no control of sp800-53-controls.json", place[id], id)
		}
		out = append(out, packfile.Entry{ID: id, Name: titles[id], Kind: "control"})
	}
	return out, nil
}
