package origin_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plumbline/reports/origin"
)

const examples = "../../docs/examples"

func example(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, "northwater-health-2026-baseline-"+name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every example tells what it is of, or is of a format that does not.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(examples, "northwater-health-2026-baseline-*"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimPrefix(filepath.Base(path), "northwater-health-2026-baseline-")
		t.Run(name, func(t *testing.T) {
			o, err := origin.Read(example(t, name))
			if filepath.Ext(name) == ".csv" && name != "profile-ciso.csv" {
				if !errors.Is(err, origin.ErrNoHead) {
					t.Fatalf("%v, want ErrNoHead", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", o)
		})
	}
}
