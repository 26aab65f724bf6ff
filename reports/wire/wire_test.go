package wire_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

func embedded(tb testing.TB) *content.Catalog {
	tb.Helper()
	cat, err := content.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

func examples(tb testing.TB) []*assessment.Session {
	tb.Helper()
	sessions, err := example.Sessions(embedded(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return sessions
}

// empty is a session in which nothing was answered.
func empty(tb testing.TB) *assessment.Session {
	tb.Helper()
	s, _, err := assessment.New(embedded(tb), assessment.Info{
		ID: "00000000-0000-4000-8000-000000000003", Organization: "O", Name: "N",
	}, assessment.Act{Who: "W", Time: time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func options() wire.Options {
	return wire.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 11, 30, 0, 5, time.FixedZone("", 7200)), AsOf: example.AsOf}
}

func encode(tb testing.TB, e wire.Envelope) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := e.Encode(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestEnvelope(t *testing.T) {
	s := empty(t).Snapshot()
	got := string(encode(t, wire.Wrap(wire.KindTarget, options(), nil, s, wire.Targeted{Preset: "all-3"})))
	for _, want := range []string{
		`"schema": "plumbline/target/1"`, `"generated": "2026-11-21T09:30:00Z"`, `"as_of": "2026-11-21"`,
		`"status": "initial preliminary draft"`, `"version": "0.0.0-test"`, `"not asked"`, `"coverage_threshold": 60`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s:\n%s", want, got)
		}
	}
	if got := string(encode(t, wire.Wrap(wire.KindVersion, options(), nil, nil, wire.Build{}))); !strings.Contains(got, `"pack": null`) || strings.Contains(got, `"session"`) {
		t.Errorf("without pack and session: %s", got)
	}
}

// What is not known is null, and never 0.
func TestUnknownIsNull(t *testing.T) {
	s := empty(t).Snapshot()
	f := wire.ScoresOf(s).Session.Total
	if f.Attainment != nil || f.Interval != nil || f.AtTarget != nil || f.Supported != nil || f.Coverage == nil || !f.Withheld {
		t.Errorf("figures of a session without answers: %+v", f)
	}
	raw, err := json.Marshal(wire.ItemEntryOf(s, s.Entry(0), ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"current":null`, `"target":null`, `"gap":null`, `"accepted":null`, `"updated":null`, `"evidence":[]`, `"asked":[]`, `"actions":[]`} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("lacks %s: %s", want, raw)
		}
	}
	for in, want := range map[wire.AIRoles]string{
		wire.SessionOf(s).AI:                          `{"builds":null,"deploys":null,"uses":null,"uses_in_defense":null}`,
		{Builds: assessment.No, Uses: assessment.Yes}: `{"builds":false,"deploys":null,"uses":true,"uses_in_defense":null}`,
	} {
		if got, err := json.Marshal(in); string(got) != want || err != nil {
			t.Errorf("AI roles %s, %v; want %s", got, err, want)
		}
	}
}

// A gap counts in profile alone, whatever is recorded beside it.
func TestGapOutsideTheProfileIsNull(t *testing.T) {
	s := examples(t)[0]
	act := assessment.Act{Who: "W", Time: options().Generated}
	if _, err := s.Do(act, func(e *assessment.Edit) error {
		return e.Info(func(in *assessment.Info) { in.Path = assessment.Quick })
	}); err != nil {
		t.Fatal(err)
	}
	outside := 0
	for e := range s.Entries() {
		row := wire.ItemEntryOf(s.Snapshot(), e, example.AsOf)
		if e.Known() && !e.State.InProfile() {
			outside++
		}
		if in := e.State.InProfile() && e.Known(); (row.Gap != nil) != in {
			t.Errorf("%v, %v: gap %v", e.Item.ID, e.State, row.Gap)
		}
	}
	if outside == 0 {
		t.Error("no item outside the profile has a rating and a target")
	}
}

func TestGapsCount(t *testing.T) {
	for _, s := range examples(t) {
		tally := s.Tally()
		g := wire.GapsOf(s.Snapshot(), example.AsOf)
		got := []int{len(g.Gaps), len(g.Unknown), g.NoTarget.Rated + g.NoTarget.Unrated}
		want := []int{tally.Gaps, tally.Targeted - tally.Compared, tally.InProfile - tally.Targeted}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: gaps, unknown, without target (-want +got):\n%s", s.Info().Name, diff)
		}
		if n := len(s.Accepted(example.AsOf)); g.Accepted.InForce != n {
			t.Errorf("%s: %d accepted in force, want %d", s.Info().Name, g.Accepted.InForce, n)
		}
	}
}

// What could steer a terminal is escaped, and comes back as it was.
func TestEncodeIsQuiet(t *testing.T) {
	const text = "a\u202Eb\u009b31m\uFEFF\x7f\U000E0041\u2028é👩‍💻\x1b[0m"
	got := encode(t, wire.Wrap(wire.KindReport, options(), nil, nil, wire.Written{File: text}))
	for _, r := range string(got) {
		if r != '\n' && (r < ' ' || strings.ContainsRune("\u202E\u009b\uFEFF\x7f\U000E0041\u2028\u200D", r)) {
			t.Errorf("holds %U", r)
		}
	}
	var back struct{ Data wire.Written }
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if back.Data.File != text {
		t.Errorf("%q came back as %q", text, back.Data.File)
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain\ntext", "plain\ntext"},
		{"a\x1b[31mb", "a[31mb"},
		{"a\tb", "a b"},
		{"\u202Eé", "é"},
	} {
		if got := wire.Text(c.text); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestPreset(t *testing.T) {
	for _, c := range []struct{ name, want string }{{"all-3", "all-3"}, {"", ""}, {"session 7c1f0b52-6d3e", "session"}} {
		if got := wire.Preset(c.name); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}
