package official

import (
	"fmt"
	"slices"
	"strings"
)

// oscalCatalog is what is read of an OSCAL catalog: groups (Functions) of controls (Categories) of
// controls (Subcategories).
type oscalCatalog struct {
	Metadata struct {
		Title   string `json:"title"`
		Version string `json:"version"`
	} `json:"metadata"`
	Groups []oscalControl `json:"groups"`
}

// oscalControl is a group or a control.
type oscalControl struct {
	ID    string `json:"id"`
	Props []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"props"`
	Parts []struct {
		Name  string `json:"name"`
		Prose string `json:"prose"`
	} `json:"parts"`
	Groups   []oscalControl `json:"groups"`
	Controls []oscalControl `json:"controls"`
}

// oscalMembers are the members that an OSCAL 1.x catalog may have, at any place.
var oscalMembers = strings.Fields(`
	catalog uuid metadata params controls groups back-matter
	title published last-modified version oscal-version revisions document-ids props links roles
	parties responsible-parties actions remarks scheme identifier
	name ns value class group href rel media-type resource-fragment text
	id short-name description role-id party-uuids type address email-addresses external-ids
	telephone-numbers number member-of-organizations location-uuids locations urls
	addresses addr-lines city state postal-code country
	depends-on label usage constraints guidelines values select how-many choice tests expression
	parts prose resources citation rlinks hashes algorithm base64 filename
`)

func (o *oscalControl) withdrawn() bool {
	for _, p := range o.Props {
		if p.Name == "status" && strings.EqualFold(p.Value, "withdrawn") {
			return true
		}
	}
	return false
}

// outcome is the prose of a group's overview or of a control's statement.
func (o *oscalControl) outcome() string {
	for _, p := range o.Parts {
		if p.Name == "overview" || p.Name == "statement" {
			return p.Prose
		}
	}
	return ""
}

func readCatalog(c *collector, cat *oscalCatalog) (Source, error) {
	src := Source{Kind: OSCALCatalog, Title: short(cat.Metadata.Title, 200), Version: short(cat.Metadata.Version, 40)}
	return src, readGroups(c, "", "catalog.groups", cat.Groups)
}

func readGroups(c *collector, parent, path string, groups []oscalControl) error {
	for i := range groups {
		g := &groups[i]
		path := fmt.Sprintf("%s[%d]", path, i)
		// A Category that states nothing is one that the catalog before version 1.2.0 forgot to mark.
		silent := levelOf(g.ID) == category && strings.TrimSpace(g.outcome()) == ""
		if silent || isWithdrawn(g.ID, g.withdrawn()) {
			c.leaveOut(g.withdrawn())
			c.leaveOutBelow(g)
			continue
		}
		e, err := c.add(g.ID, parent, g.outcome())
		if err != nil {
			return at(path, err)
		}
		for k, p := range g.Parts {
			if e == nil || p.Name != "example" || levelOf(g.ID) != subcategory {
				continue
			}
			if err := c.example(e, p.Prose); err != nil {
				return at(fmt.Sprintf("%s.parts[%d]", path, k), err)
			}
		}
		if err := readGroups(c, g.ID, path+".groups", g.Groups); err != nil {
			return err
		}
		if err := readGroups(c, g.ID, path+".controls", g.Controls); err != nil {
			return err
		}
	}
	return nil
}

// leaveOutBelow counts what stands below an entry that is left out.
func (c *collector) leaveOutBelow(o *oscalControl) {
	for _, below := range slices.Concat(o.Groups, o.Controls) {
		c.leaveOut(below.withdrawn())
		c.leaveOutBelow(&below)
	}
}
