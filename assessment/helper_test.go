package assessment_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plumbline/assessment"
	"plumbline/content"
)

const (
	sessionID = "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6"
	otherID   = "0b9d2c1e-58a4-4c37-8f10-6a2d9e3b7c45"
)

func catalog(t rapid.TB) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatalf("embedded pack: %v", err)
	}
	return cat
}

// noon is a moment of every act; minute n is noon and n minutes.
var noon = time.Date(2026, 9, 26, 12, 0, 0, 0, time.UTC)

func minute(n int) assessment.Act {
	return assessment.Act{Who: "Ada", Time: noon.Add(time.Duration(n) * time.Minute)}
}

// start begins a session on the full path.
func start(t rapid.TB) *assessment.Session {
	t.Helper()
	s, _, err := assessment.New(catalog(t), assessment.Info{
		ID: sessionID, Organization: "Example Utility", Name: "2026", Path: assessment.Full,
	}, minute(0))
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// must does an act that may not fail.
func must(t rapid.TB, s *assessment.Session, edit func(*assessment.Edit) error) assessment.Delta {
	t.Helper()
	d, err := s.Do(minute(1), edit)
	if err != nil {
		t.Fatalf("Do: %v", err)
	}
	return d
}

// refused does an act that must fail with that error and leave no trace.
func refused(t rapid.TB, s *assessment.Session, want error, edit func(*assessment.Edit) error) {
	t.Helper()
	before := stored(t, s)
	d, err := s.Do(minute(1), edit)
	switch {
	case err == nil:
		t.Fatalf("Do: no error, want %v", want)
	case want != nil && !errors.Is(err, want):
		t.Fatalf("Do: %v, want %v", err, want)
	case len(d.Events) > 0:
		t.Fatalf("Do: %d events and the error %v", len(d.Events), err)
	}
	sameStored(t, stored(t, s), before)
}

func stored(t rapid.TB, s *assessment.Session) assessment.Stored {
	t.Helper()
	st, err := s.Stored()
	if err != nil {
		t.Fatalf("Stored: %v", err)
	}
	return st
}

func load(t rapid.TB, st assessment.Stored) *assessment.Session {
	t.Helper()
	s, err := assessment.Load(catalog(t), st)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

func sameStored(t rapid.TB, got, want assessment.Stored) {
	t.Helper()
	sameRecords(t, got.Records, want.Records)
	if !slices.EqualFunc(got.Journal, want.Journal, slices.Equal) {
		t.Fatalf("journal of %d events is not the one of %d events", len(got.Journal), len(want.Journal))
	}
}

func sameRecords(t rapid.TB, got, want map[string][]byte) {
	t.Helper()
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if string(got[k]) != string(want[k]) {
			t.Fatalf("record %s is\n%s, want\n%s", k, got[k], want[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok {
			t.Fatalf("record %s is there: %s", k, got[k])
		}
	}
}

// say puts into words all that a snapshot says but the journal that it came by.
func say(t rapid.TB, s *assessment.Snapshot) string {
	t.Helper()
	var out strings.Builder
	add := func(what string, v any) {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("encode %s: %v", what, err)
		}
		fmt.Fprintf(&out, "%s %s\n", what, raw)
	}
	add("info", s.Info())
	add("pack", s.Pack())
	if tier, ok := s.Tier(); ok {
		add("tier", tier)
	}
	for sub := range s.Catalog().Subcategories() {
		if b := s.Base(sub.ID); b != (assessment.BaseRating{}) {
			add(sub.ID, b)
		}
	}
	for e := range s.Entries() {
		if !reflect.ValueOf(*e.Response).IsZero() {
			add(e.Item.ID.String(), e.Response)
		}
	}
	add("brand", s.Brand())
	add("systems", s.Systems())
	add("actions", s.Actions())
	add("labels", s.Labels())
	return out.String()
}

// line says an entry with all that decides its place in a list.
func line(e assessment.Entry) string {
	return fmt.Sprintf("%v %d %v %v %v", e.Item.ID, e.Gap(), e.Priority, e.Response.Grade(), e.State)
}

func lines(list []assessment.Entry) []string {
	var out []string
	for _, e := range list {
		out = append(out, line(e))
	}
	return out
}

func item(t rapid.TB, s string) content.ItemID {
	t.Helper()
	id, err := content.ParseItemID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func level(t rapid.TB, n int) assessment.Rating {
	t.Helper()
	r, err := assessment.AtLevel(n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// find returns the first item in Core order for which ok holds.
func find(t rapid.TB, ok func(*content.Item) bool) *content.Item {
	t.Helper()
	for it := range catalog(t).Items() {
		if ok(it) {
			return it
		}
	}
	t.Fatal("the pack has no such item")
	return nil
}

func standard(it *content.Item) bool { return it.StandardPractices }

// The generators below draw what people do. Reason texts are fixed: what they say decides nothing.

var ratings = rapid.Map(rapid.IntRange(0, 4), func(n int) assessment.Rating { return assessment.Rating(n) })

// targets are ratings without level 0.
var targets = rapid.Map(rapid.SampledFrom([]int{0, 2, 3, 4}), func(n int) assessment.Rating { return assessment.Rating(n) })

// answer is what a person may say of one item.
type answer struct {
	item     content.ItemID
	current  assessment.Rating
	target   assessment.Rating
	method   assessment.Method // None adds no evidence
	priority content.Priority  // 0 leaves the draft's
	out      bool
	inherit  bool // where that is possible
	base     assessment.Rating
}

func (a answer) give(e *assessment.Edit, cat *content.Catalog) error {
	err := errors.Join(
		e.Base(a.item.Sub, a.base, ""),
		e.Rate(a.item, a.current),
		e.Target(a.item, a.target, "as decided"),
		e.Prioritize(a.item, a.priority, "as decided"),
	)
	if it, _ := cat.Item(a.item); a.inherit && it.StandardPractices && a.base.Known() {
		err = errors.Join(err, e.Inherit(a.item))
	}
	if a.method != assessment.None {
		err = errors.Join(err, e.AddEvidence(a.item, assessment.Evidence{Method: a.method, Ref: "the register"}))
	}
	if a.out {
		err = errors.Join(err, e.Exclude(a.item, "not pursued"))
	}
	return err
}

// answers draws answers to at most n items, each of another Subcategory or Focus Area, so that the
// order in which they are given can decide nothing. (Base ratings reach across Focus Areas: an item
// that inherits brings the only base rating of its Subcategory.)
func answers(cat *content.Catalog, n int) *rapid.Generator[[]answer] {
	return rapid.Custom(func(t *rapid.T) []answer {
		indexes := rapid.SliceOfNDistinct(rapid.IntRange(0, cat.Len()-1), 0, n, rapid.ID[int]).Draw(t, "items")
		base := make(map[string]assessment.Rating)
		var list []answer
		for _, i := range indexes {
			id := cat.At(i).ID
			if _, ok := base[id.Sub]; !ok {
				base[id.Sub] = ratings.Draw(t, "base")
			}
			list = append(list, answer{
				item: id, base: base[id.Sub],
				current:  ratings.Draw(t, "current"),
				target:   targets.Draw(t, "target"),
				method:   assessment.Method(rapid.IntRange(0, 4).Draw(t, "method")),
				priority: content.Priority(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "priority")),
				out:      rapid.IntRange(0, 4).Draw(t, "out") == 0,
				inherit:  rapid.IntRange(0, 2).Draw(t, "inherit") == 0,
			})
		}
		return list
	})
}

// scope draws which part of the pack a session covers.
func scope(t *rapid.T, in *assessment.Info) {
	in.Path = rapid.SampledFrom(assessment.Paths[:]).Draw(t, "path")
	for _, a := range []content.Area{content.Secure, content.Defend} {
		if rapid.IntRange(0, 4).Draw(t, "area out") == 0 {
			in.Areas[a] = assessment.AreaScope{Out: true, Answer: "not used"}
		}
	}
}

// assessed draws a session with answers in it.
func assessed(t *rapid.T) *assessment.Session {
	s := start(t)
	given := answers(catalog(t), 40).Draw(t, "answers")
	if _, err := s.Do(minute(1), func(e *assessment.Edit) error {
		err := e.Info(func(in *assessment.Info) { scope(t, in) })
		for _, a := range given {
			err = errors.Join(err, a.give(e, s.Catalog()))
		}
		return err
	}); err != nil {
		t.Fatalf("answer: %v", err)
	}
	return s
}

// drawItem draws one of the entries for which ok holds; the case is skipped where there is none.
func drawItem(t *rapid.T, s *assessment.Session, ok func(assessment.Entry) bool) assessment.Entry {
	var list []assessment.Entry
	for e := range s.Entries() {
		if ok(e) {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		t.Skip("no such item in this session")
	}
	return rapid.SampledFrom(list).Draw(t, "item")
}

func words(n int) string { return strings.Repeat("word ", n) }

func fails(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %q", err, want)
	}
}
