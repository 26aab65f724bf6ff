package assessment_test

import (
	"errors"
	"testing"

	"plumbline/assessment"
)

// filled returns a session on the full path with a target, a rating and evidence for every item.
func filled(b *testing.B) *assessment.Session {
	b.Helper()
	s := start(b)
	must(b, s, func(e *assessment.Edit) (err error) {
		for it := range s.Catalog().Items() {
			err = errors.Join(err,
				e.Rate(it.ID, level(b, it.Index%4)), e.Target(it.ID, level(b, 1+it.Index%3), "board"), e.Note(it.ID, "as seen"),
				e.AddEvidence(it.ID, assessment.Evidence{Method: assessment.Methods[it.Index%4], Ref: "the register"}))
		}
		return err
	})
	return s
}

func BenchmarkScore318(b *testing.B) {
	s := filled(b).Snapshot()
	b.ReportAllocs()
	for b.Loop() {
		if sc := s.Score(); sc.Session.Total.Rated() != s.Catalog().Len() {
			b.Fatalf("%d rated", sc.Session.Total.Rated())
		}
	}
	b.ReportMetric(50_000, "budget-ns/op")
}

func BenchmarkGaps(b *testing.B) {
	s := filled(b).Snapshot()
	b.ReportAllocs()
	for b.Loop() {
		if len(s.Gaps()) == 0 {
			b.Fatal("no gaps")
		}
	}
}

// A session after a few sittings: every item answered, and 2,000 events.
func BenchmarkLoad(b *testing.B) {
	s := filled(b)
	for n := 0; s.Head().Seq < 2000; n++ {
		it := s.Catalog().At(n % s.Catalog().Len())
		must(b, s, func(e *assessment.Edit) error { return e.Rate(it.ID, level(b, n/s.Catalog().Len()%4)) })
	}
	st := stored(b, s)
	b.Run("Load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			load(b, st)
		}
	})
	b.Run("FirstUndo", func(b *testing.B) { // which has to read the journal
		b.ReportAllocs()
		for b.Loop() {
			if _, err := load(b, st).Undo(minute(1)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := st.Verify(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// One key: a rating, its event, and the summary that goes to the store with it.
func BenchmarkAct(b *testing.B) {
	s := filled(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		it := s.Catalog().At(n % s.Catalog().Len())
		current, _ := s.Response(it.Index).Current.Level()
		must(b, s, func(e *assessment.Edit) error { return e.Rate(it.ID, level(b, (current+1)%4)) })
	}
}
