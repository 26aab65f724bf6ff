package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"plumbline/assessment"
	"plumbline/content"
)

// Values of the command line. Each checks itself while the arguments are parsed, so that a bad one is
// wrong usage before anything is opened.

// verbatim lets a parser take a text as it is given. Kong's own way goes through JSON, which would make
// another path of one that is not UTF-8.
var verbatim = kong.KindMapper(reflect.String, kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
	t, err := ctx.Scan.PopValue("string")
	if err == nil {
		target.SetString(fmt.Sprint(t.Value))
	}
	return err
}))

// which names the session that a command is about.
type which struct {
	Session string `arg:"" help:"Id of the session, its first 4 or more characters, or its name."`
}

// level is an achievement level, 0 to 3.
type level struct{ rating assessment.Rating }

// UnmarshalText reads the digit.
func (l *level) UnmarshalText(text []byte) (err error) {
	l.rating, err = ranged(text, "a level (0 Not, 1 Partially, 2 Largely, 3 Fully achieved)", assessment.AtLevel)
	return err
}

// aim is a target, 1 to 3.
type aim struct{ rating assessment.Rating }

// UnmarshalText reads the digit.
func (a *aim) UnmarshalText(text []byte) (err error) {
	a.rating, err = ranged(text, "a target (1 Partially, 2 Largely, 3 Fully achieved)", assessment.TargetAt)
	return err
}

func (a *aim) number() int {
	n, _ := a.rating.Level()
	return n
}

// ranged reads a number and lets check judge it.
func ranged[T any](text []byte, what string, check func(int) (T, error)) (v T, err error) {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return v, fmt.Errorf("%q is not %s", text, what)
	}
	return check(n)
}

// priority is a priority of the draft, by number or word; 0 is none.
type priority struct{ of content.Priority }

// UnmarshalText reads 0 to 3, or the draft's word in any case.
func (p *priority) UnmarshalText(text []byte) error {
	for n := content.Priority(0); n <= content.Foundational; n++ {
		if string(text) == strconv.Itoa(int(n)) || n.Valid() && strings.EqualFold(string(text), n.String()) {
			p.of = n
			return nil
		}
	}
	return fmt.Errorf("%q is not a priority (1 High, 2 Moderate, 3 Foundational)", text)
}

// path is the name of a path.
type path struct{ name assessment.Path }

// UnmarshalText reads the name.
func (p *path) UnmarshalText(text []byte) (err error) {
	p.name, err = assessment.ParsePath(string(text))
	return err
}

// day is a date, 2026-11-21.
type day struct{ date assessment.Date }

// UnmarshalText reads the date.
func (d *day) UnmarshalText(text []byte) (err error) {
	if d.date, err = assessment.ParseDate(string(text)); err == nil && d.date == "" {
		err = fmt.Errorf("a date such as 2026-11-21 is missing")
	}
	return err
}

// itemArg names an item, or a Subcategory where the command takes one. People write ids in lower case
// and without zeros; such ids are understood, and the command says how.
type itemArg struct {
	given string
	id    content.ItemID
}

// UnmarshalText reads an item id.
func (a *itemArg) UnmarshalText(text []byte) error {
	a.given = string(text)
	sub, area, _ := strings.Cut(a.given, "/")
	sub, ok := subcategory(sub)
	if !ok {
		return fmt.Errorf("%q is not an item id such as GV.OC-01/secure", a.given)
	}
	if area == "" {
		return fmt.Errorf("%q names no Focus Area: %[2]s/secure, %[2]s/defend or %[2]s/thwart", a.given, sub)
	}
	in, err := content.ParseArea(area)
	a.id = content.ItemID{Sub: sub, Area: in}
	return err
}

// notice tells the person where an id was understood rather than read.
func (a *itemArg) notice(p *program) {
	if a.given != a.id.String() {
		p.say("%q is taken as %v", a.given, a.id)
	}
}

// subArg names a Subcategory.
type subArg struct{ given, id string }

// UnmarshalText reads the id of a Subcategory.
func (a *subArg) UnmarshalText(text []byte) error {
	a.given = string(text)
	var ok bool
	if a.id, ok = subcategory(a.given); !ok {
		return fmt.Errorf("%q is not a Subcategory such as GV.OC-01", a.given)
	}
	return nil
}

func (a *subArg) notice(p *program) {
	if a.given != a.id {
		p.say("%q is taken as %s", a.given, a.id)
	}
}

// ASCII alone, and no (?i): it would fold letters of other alphabets into these.
var subPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Za-z]{2})\.([A-Za-z]{2})-([0-9]{1,2})$`)
})

func subcategory(s string) (string, bool) {
	m := subPattern().FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	return fmt.Sprintf("%s.%s-%02s", strings.ToUpper(m[1]), strings.ToUpper(m[2]), m[3]), true
}

// cell is a cell of the grid of targets: "GV/secure=3".
type cell struct {
	of    assessment.Cell
	level int
}

// UnmarshalText reads Function, Focus Area and level.
func (c *cell) UnmarshalText(text []byte) error {
	place, digit, _ := strings.Cut(string(text), "=")
	function, area, _ := strings.Cut(place, "/")
	var a aim
	in, err := content.ParseArea(area)
	if err == nil {
		err = a.UnmarshalText([]byte(digit))
	}
	if err != nil {
		return fmt.Errorf("%q is not a cell such as GV/secure=3: %w", text, err)
	}
	*c = cell{assessment.Cell{Function: strings.ToUpper(function), Area: in}, a.number()}
	return nil
}

// areaAnswer takes a Focus Area in or out of scope: "defend=out:no AI in defense".
type areaAnswer struct {
	area  content.Area
	scope assessment.AreaScope
}

// UnmarshalText reads area, in or out, and the answer that decides it. Out needs one. Thwart can not
// go out.
func (a *areaAnswer) UnmarshalText(text []byte) (err error) {
	name, rest, _ := strings.Cut(string(text), "=")
	verdict, answer, _ := strings.Cut(rest, ":")
	if a.area, err = content.ParseArea(name); err != nil {
		return err
	}
	a.scope = assessment.AreaScope{Out: verdict == "out", Answer: answer}
	if verdict != "in" && verdict != "out" || a.scope.Out && strings.TrimSpace(answer) == "" {
		return fmt.Errorf("%q is not a scoping answer such as defend=out:REASON or defend=in", text)
	}
	if a.scope.Out && a.area == content.Thwart {
		return assessment.ErrThwart
	}
	return nil
}

// delimiter is what separates the cells of CSV.
type delimiter struct{ sign rune }

// UnmarshalText reads the sign, or "tab".
func (d *delimiter) UnmarshalText(text []byte) error {
	switch string(text) {
	case ",", ";", "\t":
		d.sign = rune(text[0])
	case "tab":
		d.sign = '\t'
	default:
		return fmt.Errorf("%q is not a delimiter (a comma, a semicolon or tab)", text)
	}
	return nil
}
