package bundle

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"plumbline/content"
)

// word is a run of letters or of digits in a text. Where people write without blanks between words,
// each letter is one.
type word struct {
	from, to int // bytes
	folded   string
}

// wordsOf splits a text. "Ada_Lovelace2.pdf" has four words.
func wordsOf(s string) []word {
	var list []word
	class := func(r rune) int {
		switch {
		case unspaced(r):
			return 3
		case unicode.IsLetter(r), unicode.IsMark(r):
			return 1
		case unicode.IsDigit(r):
			return 2
		}
		return 0
	}
	last := 0
	for i, r := range s {
		c := class(r)
		n := i + utf8.RuneLen(r)
		switch {
		case c == 0:
		case c == last && c != 3:
			list[len(list)-1].to = n
		default:
			list = append(list, word{from: i, to: n})
		}
		last = c
	}
	for i := range list {
		list[i].folded = fold(s[list[i].from:list[i].to])
	}
	return list
}

// unspaced reports whether a letter belongs to a script that puts no blanks between words, or joins
// endings to them.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// fold makes words comparable without regard to case. Upper and lower: some letters meet only by both.
func fold(s string) string { return strings.ToLower(strings.ToUpper(norm.NFC.String(s))) }

// term is what may not stand in a redacted text, and what stands there instead.
type term struct {
	class Class
	text  string // as it was written
	fold  string // that, folded
	words []string
	alias string
	cased bool // it means what it says only in this case: "Will", not "will"
	rank  int  // of two terms with the same words the lower one counts
}

// terms finds terms in texts.
type terms struct {
	all []*term
	// by their first words, as many as they have, three at most
	first map[string][]*term
}

// firstWords is how many words of a term are its key. Notes may begin alike by thousands.
const firstWords = 3

// add takes a term. Where its words are known, the term that is there stays, unless the new one ranks
// before it.
func (ts *terms) add(t term) {
	t.text = norm.NFC.String(t.text)
	t.fold = fold(t.text)
	for _, w := range wordsOf(t.text) {
		t.words = append(t.words, w.folded)
	}
	if len(t.words) == 0 {
		return
	}
	key := strings.Join(t.words[:min(len(t.words), firstWords)], " ")
	for _, have := range ts.first[key] {
		if slices.Equal(have.words, t.words) {
			switch {
			case t.rank < have.rank:
				*have = t
			case t.rank == have.rank && have.alias != t.alias && t.rank == rankPart:
				have.alias = someone // of one of several people
			}
			return
		}
	}
	if ts.first == nil {
		ts.first = make(map[string][]*term)
	}
	ts.all = append(ts.all, &t)
	ts.first[key] = append(ts.first[key], &t)
	if len(t.words) > 1 && t.rank < rankText {
		joined := strings.Join(t.words, "") // "AdaLovelace"
		ts.first[joined] = append(ts.first[joined], &t)
	}
}

const (
	rankName = iota // a whole name
	rankPart        // a part of one
	rankText        // a text of another kind
)

// replace returns the text with every term replaced, and how many were.
func (ts *terms) replace(s string) (string, int) {
	s = norm.NFC.String(s)
	ws := wordsOf(s)
	var b strings.Builder
	n, done := 0, 0
	for i := 0; i < len(ws); {
		t, length := ts.at(s, ws[i:])
		if t == nil {
			i++
			continue
		}
		from := ws[i].from
		if i > 0 && t.class == Names && ws[i-1].from >= done && initial(s, ws[i-1], from) {
			from = ws[i-1].from
		}
		b.WriteString(s[done:from])
		b.WriteString(t.alias)
		i += length
		done = ws[i-1].to
		n++
	}
	if n == 0 {
		return s, 0
	}
	b.WriteString(s[done:])
	return b.String(), n
}

// initial reports whether a word is the initial of the name that begins there: "A. Lovelace".
func initial(s string, w word, name int) bool {
	first, size := utf8.DecodeRuneInString(s[w.from:])
	return size == w.to-w.from && unicode.IsUpper(first) && strings.Trim(s[w.to:name], " ") == "."
}

// at returns the longest term with which the words begin, and how many of them it is.
func (ts *terms) at(s string, ws []word) (best *term, length int) {
	key := ""
	for i := range min(len(ws), firstWords) {
		key += ws[i].folded
		for _, t := range ts.first[key] {
			n := len(t.words)
			if i == 0 && n > 1 {
				n = 1 // all in one word
			}
			if n <= length || n > len(ws) {
				continue
			}
			same := n == 1 || slices.EqualFunc(ws[:n], t.words, func(w word, folded string) bool { return w.folded == folded })
			if same && (!t.cased || sameCase(s[ws[0].from:ws[n-1].to], t.text)) {
				best, length = t, n
			}
		}
		key += " "
	}
	return best, length
}

// sameCase reports whether a word is written as the term is, or in capitals alone.
func sameCase(got, want string) bool {
	return got == want || got == strings.ToUpper(want)
}

// pattern is what is found by its form rather than by what it says.
type pattern struct {
	what    string
	re      *regexp.Regexp
	alias   string
	classes []Class
}

// patterns are what looks like an address or a place, whoever wrote it.
var patterns = sync.OnceValue(func() []pattern {
	return []pattern{
		{
			"an e-mail address", regexp.MustCompile(`[^\s<>()"',;:@\[\]]+@[^\s<>()"',;:@\[\]]+\.[^\s<>()"',;:@\[\]]*[^\s<>()"',;:@.\[\]]`),
			"[address]",
			[]Class{Names, Organizations},
		},
		{
			"an address on a network", regexp.MustCompile(`(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>"']+`),
			"[link]",
			[]Class{Organizations, Evidence},
		},
		{
			"a path or the name of a file", regexp.MustCompile(`(?i)(?:\b[a-z]:\\|\\\\|~/|(?:^|\s)\.{0,2}/[^\s/]+/)[^\s"'<>|]+` +
				`|[\pL\pN_\-./\\]*[\pL\pN_\-]\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|csv|txt|md|png|jpe?g|gif|eml|msg|zip|json|ya?ml|log|vsdx?|html?)\b`),
			"[file]",
			[]Class{Names, Evidence},
		},
	}
})

// vocabulary are the words that a pack writes in small letters. A name that is one of them is a name
// only where it is written as one.
func vocabulary(cat *content.Catalog) map[string]bool {
	known := make(map[string]bool, 8000)
	add := func(texts ...string) {
		for _, s := range texts {
			for _, w := range wordsOf(s) {
				if written := s[w.from:w.to]; written == strings.ToLower(written) {
					known[w.folded] = true
				}
			}
		}
	}
	for sub := range cat.Subcategories() {
		add(sub.Title, sub.Outcome, sub.General)
	}
	for it := range cat.Items() {
		add(it.Question, it.Why, it.Considerations, it.Opportunities, it.Hint)
		add(it.GoodPractice...)
		add(it.Evidence...)
		for _, a := range it.Actions {
			add(a.Text)
		}
	}
	return known
}

// titles are words of titles, roles and teams, and those of our own aliases: none is part of a name.
var titles = set(`mr mrs ms dr prof sir
	chief officer head lead leader director manager vice president board chair member deputy acting interim
	ciso cio cto ceo cfo coo cro cpo dpo vp svp evp soc iam
	it ot ai ml hr qa pr ops devops secops team group unit department office desk function committee council
	security risk audit compliance legal privacy data information technology technical business operations operational
	engineering engineer software platform cloud network infrastructure architecture architect analyst analytics
	procurement third party vendor training communications response incident product project program owner user admin
	administrator consultant assessor auditor specialist advisor external internal global regional senior junior
	the and for with von van der den del della de la le bin ibn
	person organization session unit system action redacted address link file name`)

// companies are words in the names of organizations that name none by themselves.
var companies = set(`inc ltd llc llp plc corp corporation company gmbh ag se kg sa sas srl spa bv nv ab oy as aps pty limited
	group holding holdings partners international global national federal state county city university college school
	institute hospital hospitals clinic health healthcare medical bank banking financial insurance energy power water
	utility utilities logistics transport systems solutions services technologies technology digital software media
	industries industrial manufacturing foods retail stores agency authority ministry department council trust
	foundation association society public north south east west central united american european general first`)

// set returns a function that says whether a word is among those, in small letters.
func set(words string) func(string) bool {
	all := sync.OnceValue(func() map[string]bool {
		m := make(map[string]bool)
		for _, w := range strings.Fields(words) {
			m[w] = true
		}
		return m
	})
	return func(w string) bool { return all()[w] }
}

// letters counts the letters of a text.
func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// long reports whether a word has so many letters that it can be told from others: some scripts say in
// two what others say in more.
func long(s string, least int) bool {
	n := letters(s)
	return n >= least || n >= 2 && len(wordsOf(s)) == n
}
