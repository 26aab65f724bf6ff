package reports_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
)

// fullSession is a session with every item rated, targeted, noted, owned and with evidence: two of
// three are below target, so that the longest part of the report, gap by gap, is long.
func fullSession(tb testing.TB, cat *content.Catalog) *assessment.Snapshot {
	tb.Helper()
	act := assessment.Act{Who: "A. Assessor", Time: time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)}
	s, _, err := assessment.New(cat, assessment.Info{
		ID: "00000000-0000-4000-8000-000000000001", Organization: "Full", Name: "Everything", Path: assessment.Full,
	}, act)
	if err != nil {
		tb.Fatal(err)
	}
	note := strings.Repeat("The review of September found that most, not all, of the systems do what was agreed. ", 5)
	_, err = s.Do(act, func(e *assessment.Edit) error {
		p, err := assessment.AllAt(3)
		if err != nil {
			return err
		}
		if _, err := e.Apply(p, "Decided by the committee", false); err != nil {
			return err
		}
		for it := range cat.Items() {
			current, _ := assessment.AtLevel(it.Index % 4)
			for _, err := range []error{
				e.Rate(it.ID, current), e.Note(it.ID, fmt.Sprintf("%v: %s", it.ID, note)), e.Owner(it.ID, "Head of platform security"),
				e.AddEvidence(it.ID, assessment.Evidence{Method: assessment.Methods[it.Index%4], Ref: "Minutes of the review, section 4"}),
			} {
				if err != nil {
					return err
				}
			}
		}
		_, err = e.PutAction(assessment.Action{Title: "Close what is open", Items: []content.ItemID{cat.At(0).ID, cat.At(1).ID}, Owner: "Head of platform security"})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s.Snapshot()
}

// BenchmarkReport writes each format of the gap report of a full session. The metric allowed-ms is the
// time that it may take on a machine with two small cores.
func BenchmarkReport(b *testing.B) {
	s := fullSession(b, embedded(b))
	allowed := map[reports.Format]float64{
		reports.HTML: 30, reports.Markdown: 10, reports.JSON: 10, reports.CSV: 10,
		reports.PDF: 300, reports.DOCX: 300, reports.XLSX: 300, reports.OSCAL: 300,
	}
	for _, f := range reports.Formats(reports.Gap) {
		b.Run(string(f), func(b *testing.B) {
			o := options()
			var size bytes.Buffer
			if err := reports.Write(&size, reports.Gap, f, s, o); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := reports.Write(io.Discard, reports.Gap, f, s, o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N), "ms/op")
			b.ReportMetric(allowed[f], "allowed-ms")
			b.ReportMetric(float64(size.Len())/1024, "KiB")
		})
	}
}
