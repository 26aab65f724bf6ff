package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/content"
)

// Redaction is what a redaction makes of sessions.
type Redaction struct {
	Classes  []Class
	Sessions []Session // without journals and labeled snapshots, each with the head that it was cut from
	Findings []Finding

	terms  terms
	issued map[string]bool // what it put in the place of texts
}

// Finding says what a redaction did to one field, in how many places.
type Finding struct {
	Field   string // kind of record and path of members: "response.evidence.ref"
	Class   Class  // "" where something inside the text was replaced
	Outcome Treated
	Count   int
}

// Treated says what a redaction did to a text.
type Treated string

// What is done to texts.
const (
	Removed  Treated = "removed"
	Masked   Treated = "masked" // by a mark that something was there
	Renamed  Treated = "renamed"
	Replaced Treated = "replaced inside"
)

const (
	mask    = "[redacted]" // stands for a text that can not be missing
	someone = "[name]"     // for a name that several people share
)

// Redact takes out of sessions what belongs to the classes. Names get aliases, the same in the whole
// bundle, also where they stand inside a text that stays. The names are those that stand, or ever
// stood by the journal, in a field for names: someone who is only mentioned in a note is found by no
// program, which is what taking out the notes is for. Cat tells words from names (see vocabulary).
//
// In texts that stay, whole names are found in any case and however they are joined. The parts of a
// person's name with three letters or more, with the initial before them, and those of an
// organization's with four, count as names too, but for words of titles and companies; a part that is
// a common word counts where it is written as a name is. "Ada Lovelace, CISO" is Ada Lovelace. What
// looks like an e-mail address, a link, a path or the name of a file goes, too.
func Redact(sessions []Session, classes []Class, cat *content.Catalog) (*Redaction, error) {
	if len(classes) == 0 {
		return nil, errors.New("redact: nothing is named that should go")
	}
	r := &redactor{
		Redaction: Redaction{Classes: classes, issued: map[string]bool{mask: true, someone: true}}, common: vocabulary(cat),
		aliases: make(map[treatment]map[string]string), counts: make(map[Finding]int),
	}
	sessions = Contents{Sessions: sessions}.sorted()
	for _, pass := range []func(Session) error{
		func(s Session) error { return s.eachRecord(r.learn) },
		func(s Session) error { return s.eachEvent(r.learn) },
	} {
		for _, s := range sessions {
			if err := pass(s); err != nil {
				return nil, fmt.Errorf("redact session %s: %w", s.ID, err)
			}
		}
	}
	for _, s := range sessions {
		made, err := r.session(s)
		if err != nil {
			return nil, fmt.Errorf("redact session %s: %w", s.ID, err)
		}
		r.Sessions = append(r.Sessions, made)
	}
	for f, n := range r.counts {
		f.Count = n
		r.Findings = append(r.Findings, f)
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Outcome, b.Outcome))
	})
	return &r.Redaction, nil
}

// eachRecord calls f with every text that a session holds.
func (s Session) eachRecord(f func(text, field)) error {
	for _, k := range slices.Sorted(maps.Keys(s.Stored.Records)) {
		if err := eachText(kindOf(k), s.Stored.Records[k], f); err != nil {
			return err
		}
	}
	return nil
}

// eachEvent calls f with every text that a session ever held, and those of its acts.
func (s Session) eachEvent(f func(text, field)) error {
	for i, raw := range s.Stored.Journal {
		e, err := assessment.DecodeEvent(raw)
		if err != nil {
			return &assessment.DamageError{Seq: uint64(i) + 1, Why: err.Error()}
		}
		f(text{"journal.who", e.Who}, fieldName)
		f(text{"journal.reason", e.Reason}, fieldProse)
		if e.After == nil { // what was before came after an earlier event
			continue
		}
		if err := eachText(e.Kind, e.After, f); err != nil {
			return err
		}
	}
	return nil
}

func eachText(kind assessment.Kind, raw []byte, f func(text, field)) error {
	list, err := textsIn(kind, raw)
	for _, t := range list {
		f(t, fields()[t.path])
	}
	return err
}

// redactor is a redaction in the making.
type redactor struct {
	Redaction
	common  map[string]bool
	aliases map[treatment]map[string]string // by what they stand for, folded
	counts  map[Finding]int
}

// hides reports whether the redaction takes out what belongs to these classes, and by which of them.
func (r *Redaction) hides(classes []Class) (Class, bool) {
	for _, c := range classes {
		if slices.Contains(r.Classes, c) {
			return c, true
		}
	}
	return "", false
}

var aliasWords = map[treatment]string{
	treatPerson: "Person", treatOrganization: "Organization", treatSession: "Session", treatUnit: "Unit", treatSystem: "AI system",
}

// aliasForm is what an alias looks like. A real name can look so too ("Unit 8200"), so the form proves
// nothing: an alias of an earlier redaction gets one like any name.
var aliasForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:Person|Organization|Session|Unit|AI system) [A-Z0-9]+$`)
})

// learn takes note of a text that may not be seen.
func (r *redactor) learn(t text, f field) {
	class, hidden := r.hides(f.classes)
	if !hidden || f.how == treatOpaque || r.stays(t, f) {
		return
	}
	add := func(s, alias string, rank int, cased bool) {
		r.terms.add(term{class: class, text: s, alias: alias, rank: rank, cased: cased})
	}
	ws := wordsOf(t.value)
	cased := len(ws) == 1 && r.common[ws[0].folded]
	if aliasForm().MatchString(t.value) && slices.Contains([]treatment{treatPerson, treatOrganization, treatSession, treatUnit, treatSystem}, f.how) {
		add(t.value, r.alias(f.how, t.value), rankName, false) // its parts are words of the program
		return
	}
	switch f.how {
	case treatPerson:
		alias, who := r.alias(f.how, t.value), whoIs(t.value)
		for _, whole := range []string{t.value, who} {
			if ws := wordsOf(whole); long(whole, 3) && !(len(ws) == 1 && titles(ws[0].folded)) {
				add(whole, alias, rankName, len(ws) == 1 && r.common[ws[0].folded])
			}
		}
		for _, part := range strings.Fields(who) {
			part = strings.Trim(part, ".,;:()[]/&")
			if first, _ := utf8.DecodeRuneInString(part); long(part, 3) && !unicode.IsLower(first) && !titles(fold(part)) && len(wordsOf(who)) > 1 {
				add(part, alias, rankPart, r.common[fold(part)])
			}
		}
	case treatOrganization:
		alias := r.alias(f.how, t.value)
		if long(t.value, 2) {
			add(t.value, alias, rankName, cased)
		}
		initials := ""
		for _, w := range ws {
			part := t.value[w.from:w.to]
			initials += string([]rune(part)[:1])
			if len(ws) > 1 && long(part, 4) && !companies(w.folded) && !titles(w.folded) && !r.common[w.folded] {
				add(part, alias, rankPart, false)
			}
		}
		if initials = strings.ToUpper(initials); letters(initials) >= 3 {
			add(initials, alias, rankPart, true)
		}
	case treatSession, treatUnit, treatSystem:
		alias := r.alias(f.how, t.value)
		if letters(t.value) > 0 && (len(ws) > 1 || long(t.value, 4) && !r.common[ws[0].folded] && !titles(ws[0].folded)) {
			add(t.value, alias, rankName, false)
		}
	default:
		if distinct(t.value, len(ws)) {
			add(t.value, mask, rankText, false)
		}
	}
}

// distinct reports whether a text says so much that finding it elsewhere can be no coincidence.
func distinct(s string, words int) bool {
	return words >= 3 && len(s) >= 12 || len(s) >= 6 && slices.ContainsFunc(patterns(), func(p pattern) bool { return p.re.MatchString(s) })
}

// whoIs returns the name in "Dr. Ada Lovelace, head of security" or "Ada Lovelace (CISO)". What has only
// one word before the comma may be a name turned round, and stays whole.
func whoIs(s string) string {
	who := s
	if i := strings.IndexAny(s, ",;(/"); i > 0 && len(strings.Fields(s[:i])) > 1 {
		who = s[:i]
	}
	list := strings.Fields(who)
	for len(list) > 1 && titles(fold(strings.Trim(list[0], "."))) {
		list = list[1:]
	}
	return strings.Join(list, " ")
}

// alias returns what stands for a name, the same each time.
func (r *redactor) alias(how treatment, s string) string {
	if r.aliases[how] == nil {
		r.aliases[how] = make(map[string]string)
	}
	if how == treatPerson {
		s = whoIs(s)
	}
	key := fold(strings.Join(strings.Fields(s), " "))
	if a, ok := r.aliases[how][key]; ok {
		return a
	}
	n := len(r.aliases[how]) + 1
	number := strconv.Itoa(n)
	if how == treatOrganization {
		number = column(n)
	}
	a := aliasWords[how] + " " + number
	r.aliases[how][key], r.issued[a] = a, true
	return a
}

// column is "A", "B", … "Z", "AA", …
func column(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// stays reports whether a text of a class that is taken out says nothing that has to go: it is one that
// this redaction put there, a role of the pack, or an answer in the words of the program.
func (r *Redaction) stays(t text, f field) bool {
	return t.value == "" || r.issued[t.value] || f.how == treatPerson && isRole(t.value) || t.path == "session.areas.answer" && isAnswer(t.value)
}

// isRole reports whether a text is a role of the pack, which names nobody.
func isRole(s string) bool {
	return slices.ContainsFunc(content.Roles[:], func(role string) bool { return strings.EqualFold(role, s) })
}

// isAnswer reports whether a scoping answer is one that the program gives.
func isAnswer(s string) bool { return answers()[s] }

var answers = sync.OnceValue(func() map[string]bool {
	known := make(map[string]bool)
	three := []assessment.Answer{assessment.NotAsked, assessment.Yes, assessment.No}
	for _, builds := range three {
		for _, deploys := range three {
			for _, uses := range three {
				for _, defends := range three {
					for _, a := range assessment.Scoping(assessment.AIRoles{Builds: builds, Deploys: deploys, Uses: uses, Defends: defends}) {
						known[a.Answer] = true
					}
				}
			}
		}
	}
	return known
})

// session redacts a session.
func (r *redactor) session(s Session) (Session, error) {
	made := Session{ID: s.ID, Head: s.Head, Stored: assessment.Stored{Records: make(map[string][]byte)}}
	for _, k := range slices.Sorted(maps.Keys(s.Stored.Records)) {
		kind := kindOf(k)
		if kind == assessment.KindSnapshot || kind == assessment.KindMerge { // they name heads of journals, which are not there
			r.counts[Finding{Field: string(kind), Outcome: Removed}]++
			continue
		}
		_, subject, _ := strings.Cut(k, "/")
		raw, err := rewrite(kind, s.Stored.Records[k], func(path string, f field, s string) (string, bool) {
			return r.text(path, subject, f, s)
		})
		if err != nil {
			return made, fmt.Errorf("record %q: %w", k, err)
		}
		made.Stored.Records[k] = raw
	}
	in, err := infoOf(made.Stored.Records)
	made.Name = in.Name
	return made, err
}

// text redacts a text.
func (r *redactor) text(path, subject string, f field, s string) (string, bool) {
	class, hidden := r.hides(f.classes)
	count := func(class Class, outcome Treated) { r.counts[Finding{Field: path, Class: class, Outcome: outcome}]++ }
	switch {
	case hidden && r.stays(text{path, s}, f), !hidden && f.how == treatOpaque:
		return s, true
	case hidden && (f.how == treatRemove || f.how == treatOpaque):
		count(class, Removed)
		return "", false
	case hidden && f.how == treatMask:
		count(class, Masked)
		return mask, true
	case hidden && f.how == treatAction:
		count(class, Renamed)
		a := "Action " + subject
		r.issued[a] = true
		return a, true
	case hidden:
		count(class, Renamed)
		return r.alias(f.how, s), true
	}
	n := 0
	for _, p := range patterns() {
		if _, on := r.hides(p.classes); !on {
			continue
		}
		s = p.re.ReplaceAllStringFunc(s, func(found string) string {
			n++
			blank := found[:len(found)-len(strings.TrimLeft(found, " \t\n"))]
			return blank + p.alias
		})
	}
	s, more := r.terms.replace(s)
	if n+more > 0 {
		count("", Replaced)
	}
	return s, true
}
