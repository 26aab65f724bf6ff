package bundle_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"plumbline/assessment/bundle"
)

// Bundles as the versions of Plumbline have written them are in testdata, whole and redacted, and are read
// for ever. Those of a new format version are exported from the store in assessment/store/testdata:
//
//	plumbline --store COPY.db export 55edc5e8 --out format-N.plumb
//	plumbline --store COPY.db export 55edc5e8 --redact organization,evidence --out format-N-redacted.plumb
func TestFixtures(t *testing.T) {
	const id, head = "55edc5e8-a9d3-46d5-aa35-6e4d7fbe37ec", "31:f43c19e6d7d92a6f" // of the session in that store
	for version := 1; version <= bundle.FormatVersion; version++ {
		for name, redacted := range map[string]bool{"format-%d.plumb": false, "format-%d-redacted.plumb": true} {
			t.Run(fmt.Sprintf(name, version), func(t *testing.T) {
				data, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf(name, version)))
				if err != nil {
					t.Fatalf("no file of it is kept: %v", err)
				}
				c := read(t, data)
				if len(c.Sessions) != 1 || len(c.Packs) != 1 || (c.Redacted != nil) != redacted {
					t.Fatalf("it has %d sessions, %d packs, redacted %v", len(c.Sessions), len(c.Packs), c.Redacted)
				}
				s := c.Sessions[0]
				if s.ID != id || s.Head.String() != head || len(s.Stored.Records) < 15 {
					t.Errorf("it has session %s at %v, with %d records", s.ID, s.Head, len(s.Stored.Records))
				}
				if redacted {
					return // there is no journal to compare the records with
				}
				if got, err := s.Stored.Verify(); err != nil || got != s.Head {
					t.Errorf("its journal ends at %v, error %v", got, err)
				}
			})
		}
	}
}
