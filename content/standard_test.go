package content

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The standard that docs/content.md sets for the authored text, as far as a machine can hold it.
func TestStandardOfTheText(t *testing.T) {
	attributed := regexp.MustCompile(`(?i)\bNIST(,| \w+)? (says?|asks?|wants?|recommends?|requires?|expects?)\b|according to NIST`)
	closed := regexp.MustCompile(`^(Is|Are|Do|Does|Did|Can|Could|Has|Have|Will|Would|Should)\b`)
	for it := range catalog(t).Items() {
		if n := len(strings.Fields(it.Question)); n > 35 {
			t.Errorf("%s: the question has %d words, at most 35 are wanted", it.ID, n)
		}
		if !strings.HasSuffix(it.Question, "?") || strings.Count(it.Question, "?") != 1 || closed.MatchString(it.Question) {
			t.Errorf("%s: not one open question: %s", it.ID, it.Question)
		}
		for what, n := range map[string][3]int{
			"good_practice": {len(it.GoodPractice), 2, 4},
			"evidence":      {len(it.Evidence), 2, 3},
			"actions":       {len(it.Actions), 1, 3},
			"roles":         {len(it.Roles), 1, 6},
			"words of why":  {len(strings.Fields(it.Why)), 15, 110},
			"words of hint": {len(strings.Fields(it.Hint)), 0, 25},
		} {
			if n[0] < n[1] || n[0] > n[2] {
				t.Errorf("%s: %s: %d, want %d to %d", it.ID, what, n[0], n[1], n[2])
			}
		}
		for _, text := range texts(it) {
			if attributed.MatchString(text) {
				t.Errorf("%s: words are put into NIST's mouth: %s", it.ID, text)
			}
		}
	}
}

// texts lists what is authored of an item.
func texts(it *Item) []string {
	list := append([]string{it.Question, it.Why, it.Hint}, it.GoodPractice...)
	list = append(list, it.Evidence...)
	for _, s := range it.Actions {
		list = append(list, s.Text)
	}
	return list
}

// Whoever reads "SBOM" for the first time finds it in the glossary.
func TestGlossaryHasEveryAbbreviation(t *testing.T) {
	c := catalog(t)
	known := map[string]bool{}
	for term := range c.Glossary() {
		for word := range strings.FieldsSeq(term.Term) {
			known[strings.Trim(word, "(),")] = true
		}
		known[term.Term] = true
	}
	abbreviation := regexp.MustCompile(`\b[A-Za-z]*[A-Z][A-Za-z]*[A-Z][A-Za-z]*\b`)
	id := regexp.MustCompile(`\b[A-Z]{2}\.[A-Z]{2}(-\d\d)?\b`)
	missing := map[string]string{}
	look := func(where, text string) {
		for _, a := range abbreviation.FindAllString(id.ReplaceAllString(text, ""), -1) {
			if one := strings.TrimSuffix(a, "s"); !known[a] && !known[one] {
				missing[a] = where
			}
		}
	}
	for it := range c.Items() {
		for _, text := range append(texts(it), it.Considerations, it.Opportunities) {
			look(it.ID.String(), text)
		}
		look(it.ID.String(), strings.Join(it.Roles, " "))
	}
	for s := range c.Subcategories() {
		look(s.ID, s.Title+" "+s.Outcome+" "+s.General)
	}
	for a, where := range missing {
		t.Errorf("%s (%s) is not in the glossary", a, where)
	}
}

var update = flag.Bool("update", false, "write docs/glossary.md anew")

// docs/glossary.md is the pack's glossary, for people who do not have the app at hand.
func TestGlossaryDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Glossary\n\nThe abbreviations and terms that Plumbline's content uses, explained in our words. " +
		"The app shows the same list at the end of its help (`?`). Names of Functions and Categories are NIST's.\n\n| Term | Meaning |\n|---|---|\n")
	for term := range catalog(t).Glossary() {
		b.WriteString("| " + term.Term + " | " + term.Meaning + " |\n")
	}
	const path = "../docs/glossary.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/glossary.md is not the pack's glossary; go test ./content -run GlossaryDocument -update writes it anew")
	}
}
