package official

import (
	"fmt"
	"strings"
)

// response is what is read of the Reference Tool's JSON export: a tree of elements.
type response struct {
	Elements []element `json:"elements"`
}

type element struct {
	ID       string    `json:"elementIdentifier"`
	Type     string    `json:"elementTypeIdentifier"`
	Text     string    `json:"text"`
	Elements []element `json:"elements"`
}

var referenceMembers = []string{"response", "elements", "elementIdentifier", "elementTypeIdentifier", "title", "text"}

func (e *element) is(what string) bool { return strings.EqualFold(e.Type, what) }

func (e *element) withdrawn() bool {
	for i := range e.Elements {
		if e.Elements[i].is("withdraw_reason") {
			return true
		}
	}
	return false
}

func readResponse(c *collector, r *response) (Source, error) {
	return Source{Kind: ReferenceJSON}, readElements(c, nil, "", "response.elements", r.Elements)
}

// readElements reads the elements below one of the Core; in is nil above the Functions, where a
// framework may enclose them.
func readElements(c *collector, in *Entry, parent, path string, elements []element) error {
	for i := range elements {
		e := &elements[i]
		path := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case e.is("function"), e.is("category"), e.is("subcategory"):
			if isWithdrawn(e.ID, e.withdrawn()) {
				c.leaveOut(e.withdrawn())
				c.withdrawn += entriesBelow(e)
				continue
			}
			entry, err := c.add(e.ID, parent, e.Text)
			if err == nil {
				err = readElements(c, entry, e.ID, path+".elements", e.Elements)
			} else {
				err = at(path, err)
			}
			if err != nil {
				return err
			}
		case strings.Contains(strings.ToLower(e.Type), "example"):
			if in == nil || levelOf(in.ID) != subcategory {
				continue
			}
			if err := c.example(in, exampleMark().ReplaceAllString(e.Text, "")); err != nil {
				return at(path, err)
			}
		case parent == "":
			if err := readElements(c, nil, "", path+".elements", e.Elements); err != nil {
				return err
			}
		}
	}
	return nil
}

// entriesBelow counts the entries that are left out with the one that they stand below.
func entriesBelow(e *element) int {
	n := 0
	for i := range e.Elements {
		if below := &e.Elements[i]; below.is("category") || below.is("subcategory") {
			n += 1 + entriesBelow(below)
		}
	}
	return n
}

// exampleMark is the number with which the Reference Tool begins an example: "Ex1: ".
var exampleMark = expression(`^\s*Ex\s?\d+\s*:\s*`)
