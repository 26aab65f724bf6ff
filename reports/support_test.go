package reports_test

import (
	"testing"
	"time"

	"plumbline/content"
	"plumbline/reports"
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

func options() reports.Options {
	return reports.Options{Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf}
}
