package content

import (
	"fmt"
	"strings"
)

// Area is one of the three Focus Areas of the Cyber AI Profile (NIST IR 8596 iprd).
type Area uint8

// The Focus Areas, in the draft's order.
const (
	Secure Area = iota // Securing AI System Components
	Defend             // Conducting AI-Enabled Cyber Defense
	Thwart             // Thwarting AI-Enabled Cyber Attacks
)

// Areas lists the Focus Areas in the draft's order.
var Areas = [...]Area{Secure, Defend, Thwart}

var areaNames = [...]struct{ id, label, name string }{
	{"secure", "Secure", "Securing AI System Components"},
	{"defend", "Defend", "Conducting AI-Enabled Cyber Defense"},
	{"thwart", "Thwart", "Thwarting AI-Enabled Cyber Attacks"},
}

// String returns the id: "secure", "defend" or "thwart".
func (a Area) String() string { return areaNames[a].id }

// Label returns the one word that screens and tables use: "Secure".
func (a Area) Label() string { return areaNames[a].label }

// Name returns NIST's name of the Focus Area.
func (a Area) Name() string { return areaNames[a].name }

// MarshalText writes the id.
func (a Area) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText accepts what ParseArea accepts.
func (a *Area) UnmarshalText(text []byte) (err error) {
	*a, err = ParseArea(string(text))
	return err
}

// ParseArea accepts an id, in any case. It folds no letters of other alphabets into ASCII.
func ParseArea(s string) (Area, error) {
	for i, n := range areaNames {
		if strings.ToLower(s) == n.id {
			return Area(i), nil
		}
	}
	return 0, fmt.Errorf("unknown Focus Area %q (secure, defend or thwart)", s)
}

// Priority is the priority that the draft proposes for an item: 1 High, 2 Moderate,
// 3 Foundational (IR 8596 iprd, section 2). It says what to do first, nothing else. The zero value
// means that none is given.
type Priority uint8

// The draft's priorities.
const (
	High         Priority = 1
	Moderate     Priority = 2
	Foundational Priority = 3
)

// Valid reports whether p is 1, 2 or 3.
func (p Priority) Valid() bool { return p >= High && p <= Foundational }

// String returns the draft's word, or "–" for the zero value.
func (p Priority) String() string {
	switch p {
	case High:
		return "High"
	case Moderate:
		return "Moderate"
	case Foundational:
		return "Foundational"
	}
	return "–"
}

// ItemID names an item: one Subcategory of CSF 2.0 seen through one Focus Area.
type ItemID struct {
	Sub  string // "GV.OC-01"
	Area Area
}

// isSub reports whether s has the form "GV.OC-01".
func isSub(s string) bool {
	upper := func(i int) bool { return s[i] >= 'A' && s[i] <= 'Z' }
	digit := func(i int) bool { return s[i] >= '0' && s[i] <= '9' }
	return len(s) == 8 && upper(0) && upper(1) && s[2] == '.' && upper(3) && upper(4) && s[5] == '-' && digit(6) && digit(7)
}

// String returns the id in the form "GV.OC-01/secure".
func (id ItemID) String() string { return id.Sub + "/" + id.Area.String() }

// Function returns the id of the item's Function, "GV".
func (id ItemID) Function() string { return id.Sub[:2] }

// Category returns the id of the item's Category, "GV.OC".
func (id ItemID) Category() string { return id.Sub[:5] }

// MarshalText writes the id in the form of String.
func (id ItemID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText accepts what ParseItemID accepts.
func (id *ItemID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseItemID(string(text))
	return err
}

// ParseItemID reads "GV.OC-01/secure": ASCII, exactly in this form. It says nothing of whether a
// pack knows the item.
func ParseItemID(s string) (ItemID, error) {
	sub, area, ok := strings.Cut(s, "/")
	if ok && isSub(sub) {
		for _, a := range Areas {
			if area == a.String() {
				return ItemID{sub, a}, nil
			}
		}
	}
	return ItemID{}, fmt.Errorf("%q is not an item id such as GV.OC-01/secure", s)
}
