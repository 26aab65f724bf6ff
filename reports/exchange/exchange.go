// Package exchange writes the files of other tools that assess CSF 2.0: .csfp and .csfa, and the audit
// file of CISO Assistant. These tools keep one rating for each Subcategory, and a session has three, one
// for each Focus Area; so each file comes with a list of what it does not carry, to be shown before it is
// written. Nothing is rolled up: .csfp and .csfa take the base ratings, or the ratings of one Focus Area.
// docs/formats.md has the mappings.
//
// None of these files has a place to say that a session's journal is damaged, so none must be written of
// such a session; reports.Build refuses that.
package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// row is what a file with one rating for each Subcategory says of one.
type row struct {
	sub     string
	out     string // why it does not apply; "" where it does
	current assessment.Rating
	target  assessment.Rating
	notes   []string
	refs    []string
	by      string
	at      time.Time
	entry   *assessment.Entry // nil for a base rating
}

// rows are the Subcategories in Core order, rated by their base ratings or, with an area, by their items
// of that Focus Area. A Subcategory without such an item is left out. What is not in profile has no rating.
func rows(s *assessment.Snapshot, area *content.Area) []row {
	var list []row
	for sub := range s.Catalog().Subcategories() {
		if area == nil {
			b := s.Base(sub.ID)
			r := row{sub: sub.ID, current: b.Current, by: wire.Text(b.By), at: b.At}
			r.note("", b.Note)
			list = append(list, r)
			continue
		}
		if i, ok := s.Catalog().Index(content.ItemID{Sub: sub.ID, Area: *area}); ok {
			list = append(list, itemRow(s, s.Entry(i)))
		}
	}
	return list
}

func itemRow(s *assessment.Snapshot, e assessment.Entry) row {
	a := e.Response
	r := row{sub: e.Item.ID.Sub, entry: &e}
	switch e.State {
	case assessment.OutOfProfile:
		r.out = oneLine(a.Out)
	case assessment.AreaOutOfScope:
		r.out = e.State.Words() + ": " + oneLine(s.Info().Areas[e.Item.ID.Area].Decided())
	case assessment.OutsidePath:
		r.note("", assessment.ExchangeOutside)
	default:
		r.current, r.target = a.Current, a.Target
		if a.Inherited {
			r.note(assessment.TemplateInherited, r.sub)
		}
	}
	r.note("", r.out)
	r.note("", a.Note)
	priority := priorityText(e.Priority)
	if e.Priority != e.Item.Priority {
		priority += "; " + assessment.TemplateProposed + priorityText(e.Item.Priority) + ". " + a.PriorityReason
	}
	r.note(assessment.ExchangePriority, priority)
	r.note(assessment.ExchangeReason, a.TargetReason)
	if x := a.Accepted; x != nil {
		r.note(assessment.ExchangeAccepted, x.Reason+assessment.ExchangeApprover+x.Approver+assessment.ExchangeExpires+string(x.Expires))
	}
	for _, v := range a.Evidence {
		r.refs = append(r.refs, strings.TrimSpace(fmt.Sprintf("%v %s", v.Method, v.Date))+": "+wire.Text(v.Ref))
	}
	if a.Current.Known() {
		r.by, r.at = wire.Text(a.By), a.At
	}
	return r
}

// note adds a note; an empty one adds nothing. One of ours, with a head in front, stands on one line.
func (r *row) note(head, text string) {
	switch text = wire.Text(text); {
	case text == "":
	case head == "":
		r.notes = append(r.notes, text)
	default:
		r.notes = append(r.notes, head+oneLine(text))
	}
}

// priorityText is a priority with its number: "1 High".
func priorityText(p content.Priority) string { return fmt.Sprintf("%d %v", uint8(p), p) }

// day is the day of the rating; "" without one.
func (r *row) day() string {
	if !r.current.Known() || r.at.IsZero() {
		return ""
	}
	return string(assessment.DayOf(r.at))
}

// source says in a line what a file was made from: all that every artifact has to state, as short as it
// can be said.
func source(s *assessment.Snapshot, o wire.Options) string {
	p, in, t := s.Catalog().Pack(), s.Info(), s.Tally()
	var areas []string
	for _, a := range content.Areas {
		if !in.Areas[a].Out {
			areas = append(areas, a.Label())
		}
	}
	return fmt.Sprintf("Plumbline %s, session %s, journal %v, as of %s; measured against %s (%s), pack %s, edition %d, SHA-256 %s; "+
		"Focus Areas in scope: %s; path: %s; scale: %s; coverage: %d of %d; order of gaps: %s. %s",
		o.Version, in.ID, s.Head(), o.Day(), p.Source, p.Status, p.ID, p.Edition, p.SHA256,
		strings.Join(areas, ", "), in.Path, assessment.Scale, t.Compared, t.InProfile, assessment.OrderRule, wire.Wording)
}

// shortSource says where a record comes from, for a file that says it whole elsewhere.
func shortSource(s *assessment.Snapshot, o wire.Options) string {
	p := s.Catalog().Pack()
	return fmt.Sprintf("Plumbline %s, session %s, journal %v; pack %s, edition %d (%s); the wording is Plumbline's, not NIST's.",
		o.Version, s.Info().ID, s.Head(), p.ID, p.Edition, p.Status)
}

// marking is the classification marking in a sentence, "" where the session has none.
func marking(s *assessment.Snapshot) string {
	if m := oneLine(s.Info().Marking); m != "" {
		return "Classification marking: " + m + "."
	}
	return ""
}

// taken says which of the ratings the file takes.
func taken(area *content.Area) string {
	if area == nil {
		return "base ratings of the Subcategories"
	}
	return assessment.ExchangeArea + area.Label() + ", " + area.Name()
}

// ratingsLost says which ratings of the session a file with one for each Subcategory does not carry.
func ratingsLost(s *assessment.Snapshot, area *content.Area) []string {
	var lines []string
	rated, outside, base := 0, 0, 0
	for e := range s.Entries() {
		switch {
		case area != nil && e.Item.ID.Area == *area:
			if e.State == assessment.OutsidePath && e.Response.Current.Known() {
				outside++
			}
		case e.State == assessment.Rated:
			rated++
		}
	}
	for sub := range s.Catalog().Subcategories() {
		if s.Base(sub.ID).Current.Known() {
			base++
		}
	}
	if area == nil {
		lines = append(lines, fmt.Sprintf("it takes %s; the ratings of %s, and all targets, stay behind",
			count(base, "base rating"), count(rated, "item")))
		if base == 0 {
			lines = append(lines, "the session has no base rating, so every Subcategory is unrated in the file")
		}
		return lines
	}
	lines = append(lines, fmt.Sprintf("it takes the Focus Area %s alone; the ratings of %s of the other two, and %s, stay behind",
		area.Label(), count(rated, "item"), count(base, "base rating")))
	if s.Info().Areas[*area].Out {
		lines = append(lines, "that Focus Area is out of scope, so nothing in the file applies")
	}
	if outside > 0 {
		lines = append(lines, count(outside, "rating")+" outside the path stay behind: nothing outside it counts in the session either")
	}
	return lines
}

// count says how many there are: "1 item", "2 items", "3 Subcategories".
func count(n int, one string) string {
	if stem, ok := strings.CutSuffix(one, "y"); ok && n != 1 {
		one = stem + "ies"
	} else if n != 1 {
		one += "s"
	}
	return fmt.Sprintf("%d %s", n, one)
}

func writeJSON(w io.Writer, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

// stamp is a time as these files hold it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// orNull is nil for an empty text.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// levelOf is a level, or nil: what is unknown is never 0.
func levelOf(r assessment.Rating) *int {
	n, ok := r.Level()
	if !ok {
		return nil
	}
	return &n
}
