package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
)

// BenchmarkFirstFrame starts the built program in a terminal, with an empty store and with one of
// 10,000 sessions, and takes the time until a session's name (or the welcome) is on the screen. The
// floor is the first frame of testdata/minimal, built alike and started in turn with it, so that both
// meet the same machine. The budget is a ratio of 1.25 of the medians.
func BenchmarkFirstFrame(b *testing.B) {
	app, minimal := build(b, "."), build(b, "../../testdata/minimal")
	for _, n := range []int{0, 100, 10_000} {
		path := filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", n))
		text := "No sessions yet"
		if n > 0 {
			fillStore(b, path, n)
			text = fmt.Sprintf("Organization %d", n-1)
		}
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			var floor, took []time.Duration
			var memory []int
			for b.Loop() {
				for range 15 { // enough for a median, however short the run
					d, _ := firstFrame(b, "first frame", minimal)
					floor = append(floor, d)
					d, kib := firstFrame(b, text, app, "--store", path)
					took, memory = append(took, d), append(memory, kib)
				}
			}
			b.ReportMetric(0, "ns/op") // the metrics below say more
			b.ReportMetric(ms(median(took)), "ms/frame")
			b.ReportMetric(ms(median(floor)), "ms/floor")
			b.ReportMetric(float64(median(took))/float64(median(floor)), "x-floor")
			slices.Sort(memory)
			b.ReportMetric(float64(memory[len(memory)/2])/1024, "MB-anon")
		})
	}
}

func build(b *testing.B, pkg string) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", pkg, err, msg)
	}
	return out
}

// fillStore makes a store of n sessions, each with a few answers.
func fillStore(b *testing.B, path string, n int) {
	b.Helper()
	cat, err := content.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	st, err := store.Open(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var batch []assessment.Delta
	for i := range n {
		act := assessment.Act{Who: "bench", Time: time.Date(2026, 11, 21, 0, 0, i, 0, time.UTC)}
		s, d, err := assessment.New(cat, assessment.Info{
			ID:           fmt.Sprintf("%08x-0000-4000-8000-000000000000", i),
			Organization: fmt.Sprintf("Organization %d", i), Name: "baseline",
		}, act)
		if err != nil {
			b.Fatal(err)
		}
		batch = append(batch, d)
		d, err = s.Do(act, func(e *assessment.Edit) error {
			for k := range 10 {
				r, _ := assessment.AtLevel(k % 4)
				if err := e.Rate(cat.At(3*k+i%100).ID, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if batch = append(batch, d); len(batch) >= 1000 || i == n-1 {
			if err := st.Apply(batch...); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
}

// firstFrame starts a program in a terminal and returns how long it took until text was drawn, and how
// much anonymous memory it held then, in KiB. The program is killed.
func firstFrame(b *testing.B, text, program string, args ...string) (time.Duration, int) {
	b.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "HOME="+b.TempDir())
	began := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		b.Fatal(err)
	}
	defer tty.Close()
	defer cmd.Wait()
	defer cmd.Process.Kill()
	stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	var seen []byte
	buf := make([]byte, 1<<16)
	for !bytes.Contains(seen, []byte(text)) {
		n, err := tty.Read(buf)
		if err != nil {
			b.Fatalf("%s ended before it showed %q: %v\n%q", program, text, err, seen)
		}
		seen = append(seen, buf[:n]...)
	}
	took := time.Since(began)
	return took, anonymous(b, cmd.Process.Pid)
}

func anonymous(b *testing.B, pid int) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return kib
		}
	}
	b.Fatal("no RssAnon in /proc")
	return 0
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
