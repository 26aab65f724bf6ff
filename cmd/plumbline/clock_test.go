package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plumbline/reports/wire"
)

// inProcess runs a command in this process, and returns what it printed.
func inProcess(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	return inProcessAt(ctx, time.Now(), args...)
}

// inProcessAt is inProcess with a clock that stands still.
func inProcessAt(ctx context.Context, now time.Time, args ...string) (stdout, stderr string, err error) {
	var out, said bytes.Buffer
	p := &program{stdin: os.Stdin, stdout: &out, stderr: &said, now: func() time.Time { return now }}
	err = p.do(ctx, args, func(int) {})
	return out.String(), said.String(), err
}

// A clock that was set back changes no order, and is told of: where the journal is checked, and where a
// report stands on it.
func TestClockSetBack(t *testing.T) {
	dir := t.TempDir()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(now time.Time, args ...string) (string, string) {
		t.Helper()
		out, said, err := inProcessAt(t.Context(), now, append([]string{"--store=" + filepath.Join(dir, "s.db"), "--by=Ada"}, args...)...)
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		return out, said
	}
	report := func(now time.Time, args ...string) string {
		t.Helper()
		path := filepath.Join(dir, "r.md")
		at(now, append([]string{"report", "T", "--out=" + path, "--force"}, args...)...)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	at(noon, "session", "new", "--org=Tern", "--name=T", "--target=2")
	at(noon, "rate", "T", "GV.OC-04/secure", "--current=0")
	at(noon, "accept", "T", "GV.OC-04/secure", "--reason=x", "--approver=Ada", "--expires=2026-12-01")
	if out, said := at(noon, "verify"); strings.Contains(out+said, "clock") || strings.Contains(report(noon), "Clock") {
		t.Errorf("of a clock that was never set back it says %s%s", out, said)
	}
	at(noon.Add(-3*time.Hour), "rate", "T", "GV.OC-04/defend", "--current=1")

	out, said := at(noon, "verify", "--json")
	var got struct{ Data wire.Verification }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	row := got.Data.Sessions[0]
	last := uint64(row.Events)
	if diff := cmp.Diff([]wire.Setback{{Seq: last, By: 3 * 60 * 60}}, row.Setbacks); diff != "" || !row.OK || !got.Data.OK {
		t.Errorf("%s\n%s", diff, out)
	}
	if !strings.Contains(said, "the clock was set back by 3h0m0s between event") {
		t.Errorf("it says %q", said)
	}
	bundle := filepath.Join(dir, "t.plumb")
	at(noon, "export", "T", "--out="+bundle)
	if _, said, _ := inProcess(t.Context(), "verify", bundle); !strings.Contains(said, "the clock was set back by 3h0m0s") {
		t.Errorf("of a bundle it says %q", said)
	}
	if !strings.Contains(report(noon), "set back 1 time in the journal, first by 3h0m0s between event") {
		t.Error("the report does not tell of the clock")
	}

	// The clock of who reports may be the wrong one: then what has expired counts again, and that is said.
	for _, tc := range []struct {
		now  time.Time
		args []string
		warn bool
		told bool
	}{
		{now: noon.AddDate(0, 0, 30)},
		{now: noon},
		{now: noon.AddDate(-56, 0, 0), warn: true, told: true},
		{now: noon.AddDate(-1, 0, 0), args: []string{"--as-of=2026-12-02"}},
		{now: noon, args: []string{"--as-of=2020-01-01"}, told: true},
	} {
		_, said := at(tc.now, append([]string{"score", "T"}, tc.args...)...)
		if warned := strings.Contains(said, "warning: the clock says"); warned != tc.warn {
			t.Errorf("at %v, %q: it says %q", tc.now, tc.args, said)
		}
		if told := strings.Contains(report(tc.now, tc.args...), "is before the session's last change, on 2026-11-21"); told != tc.told {
			t.Errorf("at %v, %q: the report tells of it: %v", tc.now, tc.args, told)
		}
	}
}

// A moment that no date has four digits for is refused before anything is done; the last one of the year 9999
// is not.
func TestSourceDateEpoch(t *testing.T) {
	dir := t.TempDir()
	store := "--store=" + filepath.Join(dir, "s.db")
	if _, said, err := inProcess(t.Context(), store, "session", "new", "--org=Tern", "--name=T", "--by=Ada"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for epoch, want := range map[string]int{
		"0": exitDone, "253402300799": exitDone,
		"253402300800": exitUsage, "9223372036854775807": exitUsage, "9223372036854775808": exitUsage,
		"-1": exitUsage, "-62135596801": exitUsage, "-9223372036854775808": exitUsage, "1e9": exitUsage,
	} {
		t.Setenv("SOURCE_DATE_EPOCH", epoch)
		out := filepath.Join(dir, epoch+".html")
		for _, args := range [][]string{{"score", "T", "--json"}, {"gaps", "T"}, {"report", "T", "--out=" + out}} {
			_, _, err := inProcess(t.Context(), append(args, store)...)
			if code := exitCode(err); code != want {
				t.Errorf("%s: %q: exit code %d, not %d: %v", epoch, args, code, want, err)
			} else if err != nil && !strings.Contains(message(err), "9999") {
				t.Errorf("%s: %q: it says %q", epoch, args, message(err))
			}
		}
		if _, err := os.Stat(out); (err == nil) != (want == exitDone) {
			t.Errorf("%s: the report: %v", epoch, err)
		}
	}
}
