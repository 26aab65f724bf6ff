package intake

import (
	"fmt"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// statement is one thing that a file says of one subject.
type statement struct {
	place Place
	about subject
	claim claim
	// updated is when, by the file, the item's answer was last changed; nil where the file does not
	// tell, the zero time where it says never.
	updated *time.Time
	whole   bool // taken over with all that the file says of the subject, or not at all
	seq     int  // in the file
}

// subject is what a statement is about: an item, a Subcategory as a whole, or an action of the plan.
type subject struct {
	sub    string
	area   content.Area
	whole  bool   // the Subcategory and its base rating
	action string // the title of an action; the others are then zero
}

func ofItem(id content.ItemID) subject { return subject{sub: id.Sub, area: id.Area} }
func ofWhole(sub string) subject       { return subject{sub: sub, whole: true} }

func (a subject) id() content.ItemID { return content.ItemID{Sub: a.sub, Area: a.area} }

func (a subject) String() string {
	switch {
	case a.action != "":
		return fmt.Sprintf("action %q", shortLine(a.action, maxShown))
	case a.whole:
		return a.sub
	}
	return a.id().String()
}

func (a subject) isItem() bool { return !a.whole && a.action == "" }

// known reports whether the pack has the subject.
func (a subject) known(cat *content.Catalog) bool {
	switch {
	case a.action != "":
		return true
	case a.whole:
		_, ok := cat.Subcategory(a.sub)
		return ok
	}
	_, ok := cat.Index(a.id())
	return ok
}

// response returns what the session has of the item that the subject is.
func (a subject) response(s *assessment.Session) *assessment.Response {
	i, _ := s.Catalog().Index(a.id()) // the plan asks known first
	return s.Response(i)
}

// state adds a statement of the file. A remark of which nothing can be seen says nothing.
func (f *File) state(at Place, about subject, c claim) {
	if r, ok := c.(remarkClaim); ok && tidy(r.text) == "" {
		return
	}
	f.statements = append(f.statements, statement{place: at, about: about, claim: c})
}

// itemClaim is something that a file says of a Subcategory and that a session has a place for in items
// alone: it is a claim where a Focus Area was chosen, and otherwise a remark.
type itemClaim struct {
	claim
	otherwise remarkClaim
}

// scored is a statement on a scale of the file: it says nothing until its value was mapped.
type scored struct {
	scale    string
	value    string
	proposed assessment.Rating
	as       func(assessment.Rating) claim // what the mapped value says
}

func (c scored) field() field                           { return c.as(assessment.Unrated).field() }
func (c scored) says() string                           { return c.value }
func (scored) show(*assessment.Session, subject) string { return "" }
func (scored) apply(*recorder, *assessment.Session, subject) error {
	panic("intake: a value of another scale was not mapped")
}
