// Command budgets copies the output of go test -bench and puts a table behind it: each figure that has
// a budget, its floor where it has one, and whether it is within. It judges nothing but what it reads
// and always exits 0: a machine that is busy is no reason to fail.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

// budget is a figure of a benchmark that must not exceed most; of one whose name ends in a slash, of each
// of its parts. floor names the metric that it is measured against in the same run, if there is one.
type budget struct {
	what, bench, metric string
	most                float64
	unit                string
	scale               float64 // from the metric to unit
	floor               string
}

var budgets = []budget{
	{"first frame, empty store", "FirstFrame/sessions=0", "x-floor", 1.25, "× a minimal program's", 1, "ms/floor"},
	{"first frame, 100 sessions", "FirstFrame/sessions=100", "x-floor", 1.25, "× a minimal program's", 1, "ms/floor"},
	{"first frame, 10,000 sessions", "FirstFrame/sessions=10000", "x-floor", 1.25, "× a minimal program's", 1, "ms/floor"},
	{"anonymous memory, 10,000 sessions", "FirstFrame/sessions=10000", "MB-anon", 60, "MB", 1, ""},
	{"key to frame at 200×60, p99", "KeyToFrame", "p99-ms", 5, "ms", 1, ""},
	{"durable answer", "Answer", "x-floor", 1.3, "× a bare bbolt Put of the same bytes", 1, "µs/floor"},
	{"list of 10,000 sessions", "Sessions10k", "ms/10k", 150, "ms", 1, ""},
	{"scoring 318 items", "Score318", "ns/op", 50, "µs", 1e-3, ""},
	{"memory of a file at the limits", "Limits/", "MiB-peak", 256, "MiB", 1, ""},
	{"time for a file at the limits", "Limits/", "s", 10, "s", 1, ""},
	{"report HTML", "Report/html", "ns/op", 30, "ms", 1e-6, ""},
	{"report Markdown", "Report/md", "ns/op", 10, "ms", 1e-6, ""},
	{"report CSV", "Report/csv", "ns/op", 10, "ms", 1e-6, ""},
	{"report JSON", "Report/json", "ns/op", 10, "ms", 1e-6, ""},
	{"report PDF", "Report/pdf", "ns/op", 300, "ms", 1e-6, ""},
	{"report DOCX", "Report/docx", "ns/op", 300, "ms", 1e-6, ""},
	{"report XLSX", "Report/xlsx", "ns/op", 300, "ms", 1e-6, ""},
	{"report OSCAL", "Report/oscal", "ns/op", 300, "ms", 1e-6, ""},
}

func main() {
	figures := make(map[string]map[string]float64) // by benchmark and metric
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		fmt.Println(in.Text())
		fields := strings.Fields(in.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i] // the number of processors
		}
		m := make(map[string]float64)
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				m[fields[i+1]] = v
			}
		}
		figures[name] = m
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nfigure\tmeasured\tbudget\t\tfloor\tin the same run")
	for _, b := range budgets {
		what, v, ok := b.what, 0.0, false
		for name, of := range figures {
			if name != b.bench && !(strings.HasSuffix(b.bench, "/") && strings.HasPrefix(name, b.bench)) {
				continue
			}
			if f, has := of[b.metric]; has && (!ok || f > v) {
				v, ok = f, true
				if name != b.bench {
					what = b.what + ": " + strings.TrimPrefix(name, b.bench)
				}
			}
		}
		if !ok {
			fmt.Fprintf(w, "%s\tnot measured\t%g %s\n", b.what, b.most, b.unit)
			continue
		}
		v *= b.scale
		verdict := "within"
		if v > b.most {
			verdict = "OVER"
		}
		floor := ""
		if b.floor != "" {
			floor = fmt.Sprintf("%.4g %s", figures[b.bench][b.floor], strings.TrimSuffix(b.floor, "/floor"))
		}
		fmt.Fprintf(w, "%s\t%.3g\t%g %s\t%s\t%s\n", what, v, b.most, b.unit, verdict, floor)
	}
	w.Flush()
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "read the benchmarks:", err)
		os.Exit(1)
	}
}
