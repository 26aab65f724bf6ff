package assessment

import (
	"encoding/json"
	"fmt"

	"plumbline/content"
)

// Rating is an achievement level, 0 to 3, or unrated. The zero value is Unrated, so that what was
// never answered can not turn into a 0. Targets are Ratings too, of level 1 to 3; there the zero
// value means "no target".
type Rating uint8

// Unrated is the rating of what was never answered; as a target, NoTarget.
const (
	Unrated  Rating = 0
	NoTarget        = Unrated
)

// MaxLevel is the highest level of the scale.
const MaxLevel = 3

// Scale names the scale that every artefact states (docs/methodology.md).
const Scale = "achievement 0-3"

var levelWords = [MaxLevel + 1]string{"Not achieved", "Partially achieved", "Largely achieved", "Fully achieved"}

// AtLevel returns the rating of level n, 0 to 3, or an error.
func AtLevel(n int) (Rating, error) {
	if n < 0 || n > MaxLevel {
		return Unrated, fmt.Errorf("%d is not a level (0 Not, 1 Partially, 2 Largely, 3 Fully achieved)", n)
	}
	return Rating(n + 1), nil
}

// TargetAt returns the target of level n, 1 to 3, or an error.
func TargetAt(n int) (Rating, error) {
	if n < 1 || n > MaxLevel {
		return NoTarget, fmt.Errorf("%d is not a target (1 Partially, 2 Largely, 3 Fully achieved)", n)
	}
	return Rating(n + 1), nil
}

// check refuses what is neither a level nor Unrated.
func (r Rating) check() error {
	if r == Unrated {
		return nil
	}
	_, err := AtLevel(int(r) - 1)
	return err
}

// Level returns the level, 0 to 3, and whether there is one.
func (r Rating) Level() (int, bool) { return int(r) - 1, r != Unrated }

// Known reports whether r is a level rather than Unrated.
func (r Rating) Known() bool { return r != Unrated }

// String returns the digit, or "–".
func (r Rating) String() string {
	if n, ok := r.Level(); ok {
		return fmt.Sprint(n)
	}
	return "–"
}

// Word returns the level in words: "Largely achieved", or "unrated".
func (r Rating) Word() string {
	if n, ok := r.Level(); ok {
		return levelWords[n]
	}
	return "unrated"
}

// LevelWord returns the words of a level, 0 to 3.
func LevelWord(n int) string { return levelWords[n] }

// LevelTest returns the question that decides whether a level is reached: could you show it today,
// across the whole scope? Where a question has two halves, the weaker half decides.
func LevelTest(n int) string {
	return [...]string{
		"Nothing that you could show today, or only a plan.",
		"You could show it for some of the scope, or some of what it asks.",
		"You could show it for most of the scope; what is missing is known and small.",
		"You could show it today, across the whole scope, and it is kept up.",
	}[n]
}

// MarshalJSON writes the level, or null.
func (r Rating) MarshalJSON() ([]byte, error) {
	if n, ok := r.Level(); ok {
		return json.Marshal(n)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads a level or null.
func (r *Rating) UnmarshalJSON(data []byte) error {
	var n *int
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	*r = Unrated
	if n == nil {
		return nil
	}
	var err error
	*r, err = AtLevel(*n)
	return err
}

// Method says how an evidence entry was obtained. Stronger methods are greater.
type Method uint8

// The evidence methods, weakest first. None is the grade of an item without evidence.
const (
	None Method = iota
	Asserted
	Interviewed
	Examined
	Tested
)

// Methods lists the methods of an evidence entry, strongest first.
var Methods = [...]Method{Tested, Examined, Interviewed, Asserted}

var methodNames = [...]string{"none", "asserted", "interviewed", "examined", "tested"}

// String returns the word: "examined".
func (m Method) String() string { return methodNames[m] }

// Supported reports whether evidence of this grade supports a rating: Examined or Tested.
func (m Method) Supported() bool { return m >= Examined }

// MarshalText writes the word.
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText accepts what ParseMethod accepts.
func (m *Method) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMethod(string(text))
	return err
}

// ParseMethod reads the word of an evidence method.
func ParseMethod(s string) (Method, error) {
	for _, m := range Methods {
		if m.String() == s {
			return m, nil
		}
	}
	return None, fmt.Errorf("unknown evidence method %q (tested, examined, interviewed or asserted)", s)
}

// Path says which priorities a session covers. It can be switched at any time without loss.
type Path string

// The paths.
const (
	Quick    Path = "quick"    // High
	Standard Path = "standard" // High and Moderate
	Full     Path = "full"     // all
)

// Paths lists the paths, shortest first.
var Paths = [...]Path{Quick, Standard, Full}

// Covers reports whether items of this priority are on the path.
func (p Path) Covers(pr content.Priority) bool {
	switch p {
	case Quick:
		return pr == content.High
	case Standard:
		return pr <= content.Moderate
	}
	return true
}

// ParsePath reads the name of a path.
func ParsePath(s string) (Path, error) {
	for _, p := range Paths {
		if string(p) == s {
			return p, nil
		}
	}
	return "", fmt.Errorf("unknown path %q (quick, standard or full)", s)
}

// Date is a day, "2006-01-02"; "" is no day. Dates compare as strings do.
type Date string
