package intake

import (
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
)

// oscalFile is what is read of an OSCAL profile.
type oscalFile struct {
	Profile struct {
		Metadata struct {
			Version string `json:"oscal-version"`
		} `json:"metadata"`
		Imports []struct {
			Include []struct {
				IDs []string `json:"with-ids"`
			} `json:"include-controls"`
		} `json:"imports"`
		Modify struct {
			Alters []struct {
				Control string `json:"control-id"`
				Adds    []struct {
					Props []oscalProp `json:"props"`
				} `json:"adds"`
			} `json:"alters"`
		} `json:"modify"`
	} `json:"profile"`
}

type oscalProp struct {
	Name    string `json:"name"`
	NS      string `json:"ns"`
	Value   string `json:"value"`
	Class   string `json:"class"`
	Remarks string `json:"remarks"`
}

// oscalMembers are the members that an OSCAL 1.x profile may have, at any place.
var oscalMembers = strings.Fields(`
	profile uuid metadata imports merge modify back-matter
	title published last-modified version oscal-version revisions document-ids props links roles
	parties responsible-parties actions remarks scheme identifier
	name ns value class group href rel media-type resource-fragment text
	id short-name description role-id party-uuids type date system address email-addresses external-ids
	telephone-numbers number member-of-organizations location-uuids locations urls
	addresses addr-lines city state postal-code country
	include-all include-controls exclude-controls with-child-controls with-ids matching pattern
	combine method flat as-is custom groups controls params insert-controls order
	set-parameters param-id depends-on label usage constraints guidelines values select how-many choice tests expression
	alters control-id removes by-name by-class by-id by-item-name by-ns adds position parts prose
	resources citation rlinks hashes algorithm base64 filename
`)

// readOSCAL reads the targets of an OSCAL profile: those of our own props. Which controls a profile
// includes is told, and changes nothing.
func (f *File) readOSCAL(data []byte) *Problem {
	var doc oscalFile
	if at, err := decode(data, "", &doc); err != nil {
		return refuse(at, "", err.Error(), "")
	}
	p := &doc.Profile
	if !oscalVersion(p.Metadata.Version) {
		return refuse(Place{Path: "profile.metadata.oscal-version"}, p.Metadata.Version, "is not a version of OSCAL that is read", "1.0.4 and later versions 1 are")
	}
	subs, others := 0, []string(nil)
	for _, in := range p.Imports {
		for _, c := range in.Include {
			for _, id := range c.IDs {
				if _, ok := canonicalSub(id); ok {
					subs++
				} else {
					others = append(others, fmt.Sprintf("%q", shortLine(id, 40)))
				}
			}
		}
	}
	if subs > 0 {
		f.notice(Place{Path: "profile.imports"}, "", fmt.Sprintf("includes %s of CSF 2.0; that alone sets no target", counted(subs, "Subcategory", "Subcategories")), "")
	}
	if len(others) > 0 {
		f.notice(Place{Path: "profile.imports"}, "", "includes controls that are no Subcategories and were ignored: "+few(others), "")
	}
	for i, alter := range p.Modify.Alters {
		for j, add := range alter.Adds {
			for k, prop := range add.Props {
				if prop.NS == assessment.OSCALNamespace && prop.Name == "target" {
					f.oscalTarget(fmt.Sprintf("profile.modify.alters[%d].adds[%d].props[%d]", i, j, k), alter.Control, prop)
				}
			}
		}
	}
	if len(f.statements) == 0 {
		f.notice(Place{}, "", "The profile has no targets by Focus Area, as Plumbline writes them.", "")
	}
	return nil
}

func (f *File) oscalTarget(path, control string, p oscalProp) {
	at := Place{Path: path}
	sub, ok := f.subcategory(at, control)
	if !ok {
		return
	}
	area, err := content.ParseArea(p.Class)
	if err != nil {
		f.skip(at, p.Class, "is the class of a target and names no Focus Area", "write secure, defend or thwart")
		return
	}
	n, err := strconv.Atoi(p.Value)
	target, out := assessment.TargetAt(n)
	if err != nil || out != nil {
		f.skip(at, p.Value, "is not a target", "write 1, 2 or 3")
		return
	}
	f.state(at, ofItem(content.ItemID{Sub: sub, Area: area}), targetClaim{target, plain(p.Remarks)})
}

// plain returns what a text of Markdown shows, as we write it: lines as paragraphs, signs escaped.
func plain(s string) string {
	var out strings.Builder
	escaped := false
	for _, r := range strings.ReplaceAll(s, "\n\n", "\n") {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		out.WriteRune(r)
	}
	return out.String()
}

// oscalVersion reports whether a version is 1.0.4 or a later 1.x. Some tools write "v1.1.2".
func oscalVersion(s string) bool {
	parts := strings.Split(strings.TrimPrefix(s, "v"), ".")
	if len(parts) != 3 || parts[0] != "1" {
		return false
	}
	minor, err := strconv.Atoi(parts[1])
	patch, errPatch := strconv.Atoi(parts[2])
	return err == nil && errPatch == nil && minor >= 0 && patch >= 0 && (minor > 0 || patch >= 4)
}
