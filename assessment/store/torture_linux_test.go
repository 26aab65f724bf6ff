package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func init() { linuxTorture = tortureByStrace }

// changing are the system calls by which the store changes its files and has them on the disk.
var changing = []string{"pwrite64", "ftruncate", "fdatasync", "fsync", "linkat", "renameat", "unlinkat", "mkdirat"}

// harmless are calls with a path or a descriptor that change nothing. Whatever else a script calls on its
// files makes the test fail, so that no way of writing is overlooked.
var harmless = []string{
	"openat", "close", "read", "pread64", "fstat", "newfstatat", "lseek", "fcntl", "flock", "getdents64", "readlinkat", "statx", "faccessat2",
	"mmap", "madvise", "epoll_ctl", "ioctl", "execve",
}

// call is one system call of a trace.
type call struct {
	thread   string
	name     string
	args     []string
	result   string
	injected bool
}

// trace is a script that was played under strace.
type trace struct {
	calls   []call
	printed []string
	done    int
	err     error // how the process ended
}

// strace plays a script in a folder, with more flags for strace.
func (p *torture) strace(t *testing.T, w *script, dir, after string, flags ...string) trace {
	t.Helper()
	log := filepath.Join(p.fresh(t), "strace")
	defer os.RemoveAll(filepath.Dir(log))
	flags = append([]string{"-f", "-qq", "-e", "signal=none", "-o", log}, flags...)
	cmd := exec.Command("strace", append(flags, os.Args[0], w.place(dir), w.name+","+after)...)
	cmd.Env = append(os.Environ(), childVariable+"=script", "GOMAXPROCS=1")
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	tr := trace{err: cmd.Run()}
	if tr.err != nil {
		tr.err = fmt.Errorf("%w: %s", tr.err, stderr.String())
	}
	tr.printed = strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	var err error
	if tr.done, err = w.acknowledged(tr.printed); err != nil {
		t.Error(err)
	}
	if tr.calls, err = readTrace(log); err != nil {
		t.Error(err)
	}
	return tr
}

var traceLine = regexp.MustCompile(`^(\d+) +(?:<\.\.\. \w+ resumed>|(\w+)\()(.*)$`)

// readTrace reads what strace has written. A call stands where it began.
func readTrace(path string) ([]call, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	type begun struct {
		at   int
		text string
	}
	var calls []call
	waiting := make(map[string]begun)
	for line := range strings.Lines(string(data)) {
		m := traceLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue // a signal, or the end of a thread
		}
		thread, name, text := m[1], m[2], m[3]
		at := len(calls)
		if name == "" {
			at, text = waiting[thread].at, waiting[thread].text+text
		} else {
			calls = append(calls, call{thread: thread, name: name})
		}
		if before, ok := strings.CutSuffix(text, " <unfinished ...>"); ok {
			waiting[thread] = begun{at, before}
		}
		text, calls[at].injected = strings.CutSuffix(text, " (INJECTED)")
		if end := strings.LastIndex(text, ")"); end > 0 && !strings.HasSuffix(text, "...>") {
			if equals := strings.LastIndex(text, " = "); equals > 0 {
				calls[at].result = text[equals+3:]
				end = strings.LastIndex(text[:equals], ")")
			}
			calls[at].args = strings.Split(text[:end], ", ")
		}
	}
	return calls, nil
}

func (tr trace) count(name string) (n int) {
	for _, c := range tr.calls {
		if c.name == name {
			n++
		}
	}
	return n
}

// tortureByStrace is the part that looks into a running process.
func tortureByStrace(t *testing.T, p *torture) {
	if err := exec.Command("strace", "-f", "--seccomp-bpf", "-o", os.DevNull, "true").Run(); err != nil {
		t.Fatalf("all of it needs strace: %v", err)
	}
	t.Run("Room", p.room)
	t.Run("Ext4", p.ext4)
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			w := newScript(s.name)
			again := p.prepared(t, w)
			calls := p.calls(t, w, again())
			t.Run("PowerCuts", func(t *testing.T) {
				r := p.record(t, w, again(), givesUp)
				c := p.count("power cuts", w.name)
				p.judgeImages(t, w, r, c)
				c.sound(t)
			})
			if w.cutsOnly {
				return
			}
			t.Run("Kills", func(t *testing.T) {
				p.killAtEachCall(t, w, again, calls, p.count("killed before each call", w.name)).sound(t)
			})
			t.Run("Errors", func(t *testing.T) { p.failEachCall(t, w, again, calls) })
			t.Run("LostPages", func(t *testing.T) { p.lostPages(t, w, again, calls, patient) })
			if w.name == "answers" {
				t.Run("LostPagesAndAnew", func(t *testing.T) { p.lostPages(t, w, again, calls, restarts) })
			}
		})
	}
	t.Run("Broken", p.broken)
}

// broken tries what is not the store, but keeps its promises less well.
func (p *torture) broken(t *testing.T) {
	for _, s := range brokenScripts {
		t.Run(s.name, func(t *testing.T) {
			w := newScript(s.name)
			again := p.prepared(t, w)
			calls := p.calls(t, w, again())
			p.killAtEachCall(t, w, again, calls, p.count(brokenPrefix+"killed before each call", w.name)).broken(t)
		})
	}
	for _, sync := range []struct {
		missing, script string
		which           func(folder bool) bool
	}{
		{"no file is synced", "answers", func(folder bool) bool { return !folder }},
		{"no folder is synced", "first use", func(folder bool) bool { return folder }},
		{"no folder is synced", "answers", func(folder bool) bool { return folder }},
		{"no folder is synced", "turn", func(folder bool) bool { return folder }},
	} {
		t.Run(sync.missing+", "+sync.script, func(t *testing.T) {
			w := newScript(sync.script)
			r := p.record(t, w, p.prepared(t, w)(), givesUp)
			c := p.count(brokenPrefix+"power cuts, "+sync.missing, w.name)
			p.judgeImages(t, w, r.without(sync.which), c)
			c.broken(t)
		})
	}
}

// calls plays a script without doing it any harm and counts its calls. It fails if something was written
// by a call that is not one of those.
func (p *torture) calls(t *testing.T, w *script, dir string) map[string]int {
	defer os.RemoveAll(dir)
	tr := p.strace(t, w, dir, givesUp, "-y", "-e", "trace=%file,%desc")
	if tr.err != nil {
		t.Fatal(tr.err)
	}
	counts := make(map[string]int)
	for _, c := range tr.calls {
		args := strings.Join(c.args, ", ")
		switch {
		case !strings.Contains(args, dir):
		case slices.Contains(changing, c.name):
			counts[c.name]++
		case c.name == "mmap" && strings.Contains(args, "PROT_WRITE"):
			t.Errorf("%s maps a file to write to it: %v", w.name, c.args)
		case !slices.Contains(harmless, c.name):
			t.Errorf("%s calls %s%v, which is neither harmless nor one of those that are tried", w.name, c.name, c.args)
		}
	}
	return counts
}

// fault is what strace does to a call.
type fault struct {
	inject string
	stays  bool // it does it to all later ones of the kind, too
}

// point is a call that a fault begins at: the n-th of its kind, from 1.
type point struct {
	name string
	n    int
}

// flags are strace's.
func (f fault) flags(at point) []string {
	inject := fmt.Sprintf("inject=%s:%s:when=%d", at.name, f.inject, at.n)
	if f.stays {
		inject += "+"
	}
	flags := []string{"-e", "trace=" + strings.Join(changing, ","), "-e", inject}
	if !f.kills() {
		flags = append(flags, "--seccomp-bpf") // faster; strace 6.1 does not kill with it
	}
	return flags
}

func (f fault) kills() bool { return f.inject == "signal=KILL" }

// hit reports whether the fault met the call that was meant, and no other before. strace counts the calls of
// each thread; this counts all.
func (f fault) hit(tr trace, at point) bool {
	if f.kills() {
		return tr.err != nil && tr.count(at.name) == at.n
	}
	n := 0
	for _, c := range tr.calls {
		if c.name == at.name {
			n++
			if c.injected || n == at.n {
				return c.injected && n == at.n
			}
		}
	}
	return false
}

// each plays a script once for each of its calls, with a fault at that call, and hands judge what was left.
// Every call must be hit.
func (p *torture) each(t *testing.T, w *script, again func() string, calls map[string]int, after string, f fault,
	judge func(dir string, at point, tr trace),
) {
	t.Helper()
	const tries = 3
	play := func(at point) {
		for range tries {
			dir := again()
			defer os.RemoveAll(dir)
			tr := p.strace(t, w, dir, after, f.flags(at)...)
			if f.hit(tr, at) {
				judge(dir, at, tr)
				return
			}
			if w.sealed() && tr.err == nil && tr.count(at.name) < at.n {
				return // keys are random, and so is how many pages they take
			}
		}
		t.Errorf("%s: call %d of %s was not hit", w.name, at.n, at.name)
	}
	points := make(chan point)
	var wait sync.WaitGroup
	for range 2 * cap(p.judges) {
		wait.Go(func() {
			for at := range points {
				play(at)
			}
		})
	}
	for _, name := range changing {
		n := calls[name]
		if w.sealed() && n > 0 {
			n += 2 // when they take more pages than in the run that was counted
		}
		for i := range n {
			points <- point{name, i + 1}
		}
	}
	close(points)
	wait.Wait()
}

// killAtEachCall kills the process just before each of its calls.
func (p *torture) killAtEachCall(t *testing.T, w *script, again func() string, calls map[string]int, c *count) *count {
	t.Helper()
	total := 0
	var each []string
	for _, name := range changing {
		if n := calls[name]; n > 0 {
			total += n
			each = append(each, fmt.Sprintf("%d %s", n, name))
		}
	}
	c.of = fmt.Sprintf("%d calls: %s", total, strings.Join(each, ", "))
	p.each(t, w, again, calls, givesUp, fault{inject: "signal=KILL"}, func(dir string, at point, tr trace) {
		c.add(w, tr.done, p.judge(w, dir, tr.done), fmt.Sprintf("killed before call %d of %s, after step %d", at.n, at.name, tr.done))
	})
	if c.tried != total && !w.sealed() {
		t.Errorf("%s: %d of %d calls were hit", w.name, c.tried, total)
	}
	return c
}

// injected are the errors that calls are made to fail with.
var injected = []struct {
	name          string
	errno         unix.Errno
	passes, stays bool
}{
	{"EIO", unix.EIO, true, true},
	{"ENOSPC", unix.ENOSPC, true, true},
	{"EDQUOT", unix.EDQUOT, true, false},
	{"EROFS", unix.EROFS, false, true}, // a file system that has found itself damaged
}

// failEachCall has each call fail, once, and from then on. A fault that passes must not keep the script from
// its end; one that stays must leave the store as it was.
func (p *torture) failEachCall(t *testing.T, w *script, again func() string, calls map[string]int) {
	for _, e := range injected {
		if e.stays {
			p.failing(t, w, again, calls, e.errno, fault{"error=" + e.name, true}, p.count(e.name+" from each call on", w.name))
		}
		if e.passes {
			p.failing(t, w, again, calls, e.errno, fault{"error=" + e.name, false}, p.count(e.name+" at each call", w.name))
		}
	}
}

func (p *torture) failing(t *testing.T, w *script, again func() string, calls map[string]int, errno unix.Errno, f fault, c *count) {
	t.Helper()
	told := make(map[string]int)
	var mu sync.Mutex
	p.each(t, w, again, calls, patient, f, func(dir string, at point, tr trace) {
		after := fmt.Sprintf("%s, %s %d", c.what, at.name, at.n)
		c.add(w, tr.done, p.judge(w, dir, tr.done), after)
		if tr.err != nil {
			t.Errorf("%s: %v", after, tr.err)
		}
		// Where opening failed, the store of the next try has a thread of its own, which meets it again.
		met := 0
		for _, c := range tr.calls {
			if c.injected {
				met++
			}
		}
		if !f.stays && met == 1 && tr.done != len(w.steps) {
			t.Errorf("%s: the fault passed, and the script ended after step %d: %q", after, tr.done, tr.printed)
		}
		how, err := reaction(tr, at.name, errno)
		if err != nil {
			t.Errorf("%s: %v", after, err)
		}
		mu.Lock()
		told[how]++
		mu.Unlock()
	})
	var of []string
	for _, how := range slices.Sorted(maps.Keys(told)) {
		of = append(of, fmt.Sprintf("%d %s", told[how], how))
	}
	c.of = strings.Join(of, ", ")
	c.sound(t)
}

// reaction returns how the store took a fault, and what is wrong with that. The first word of what the
// process printed first about it tells:
//
//	full     there was no room, and nothing was changed
//	stopped  nothing was written any more before the store was reopened
//	failed   something else than saving an answer did not succeed
//	warning  the backup of the day did not succeed
//	silent   nothing was printed: what failed does not matter
func reaction(tr trace, name string, errno unix.Errno) (how string, err error) {
	how = "silent"
	var first string
	for _, line := range tr.printed {
		if strings.HasPrefix(line, "went on") {
			return how, errors.New(line)
		}
		word, rest, _ := strings.Cut(line, ": ")
		if how == "silent" && slices.Contains([]string{"full", "stopped", "failed", "warning"}, word) {
			how, first = word, rest
		}
	}
	if how == "silent" {
		// The next one who opens the store removes what was not removed.
		if name != "unlinkat" {
			err = errors.New("nobody was told")
		}
		return how, err
	}
	if !strings.Contains(first, errno.Error()) {
		err = fmt.Errorf("the cause is not told: %s", first)
	}
	if strings.HasPrefix(first, "answer") || strings.HasPrefix(first, "session") {
		want := "stopped"
		if (errno == unix.ENOSPC || errno == unix.EDQUOT) && (name == "pwrite64" || name == "ftruncate") {
			want = "full"
		}
		// Opening the store, the first thing a step may do, is not saving yet.
		if how != want && !strings.Contains(first, "open store") {
			err = errors.Join(err, fmt.Errorf("%s, want %s: %s", how, want, first))
		}
	}
	return how, err
}

// lostPages has each sync of a file fail once, as Linux does it: what was to be written is dropped, reading
// goes on showing it, and the next sync succeeds. Then the script goes on, and the power is cut.
func (p *torture) lostPages(t *testing.T, w *script, again func() string, calls map[string]int, after string) {
	what := "sync failed, later power cuts"
	if after == restarts {
		what = "sync failed, begun anew, later power cuts"
	}
	c := p.count(what, w.name)
	of := 0
	for _, name := range []string{"fdatasync", "fsync"} {
		for n := range calls[name] {
			r := p.record(t, w, again(), after, "-e", fmt.Sprintf("inject=%s:error=EIO:when=%d", name, n+1))
			r.coarse = true
			if !slices.ContainsFunc(r.ops, func(o op) bool { return o.kind == opLost }) {
				continue // of a folder
			}
			of++
			p.judgeImages(t, w, r, c)
		}
	}
	c.of = fmt.Sprintf("%d syncs that failed", of)
	c.sound(t)
}

// record plays a script and returns what it did to its files.
func (p *torture) record(t *testing.T, w *script, dir, after string, flags ...string) record {
	t.Helper()
	defer os.RemoveAll(dir)
	before, numbers, err := readDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	flags = append(flags, "--seccomp-bpf", "-xx", "-s", "100000000", "-e", "trace=write,openat,close,"+strings.Join(changing, ","))
	tr := p.strace(t, w, dir, after, flags...)
	if tr.err != nil {
		t.Fatal(tr.err)
	}
	r := record{before: before, nodes: make(map[int]bool)}
	made := func(folder bool) int {
		n := len(before) + len(r.nodes) + 1
		r.nodes[n] = folder
		return n
	}
	open := make(map[string]int) // by descriptor
	name := func(path string, number int) op {
		dir, base := filepath.Split(path)
		o := op{kind: opName, file: numbers[filepath.Clean(dir)], bind: map[string]int{base: number}}
		if o.file == 0 {
			t.Fatalf("%s is in no folder that is known", path)
		}
		if numbers[path] = number; number == 0 {
			delete(numbers, path)
		}
		return o
	}
	for _, c := range tr.calls {
		if strings.HasPrefix(c.result, "-1 ") {
			// A folder whose sync fails is no matter of lost pages; file systems stop there.
			if number, ok := open[c.args[0]]; ok && c.injected && !r.folder(number) {
				r.ops = append(r.ops, op{kind: opLost, file: number})
			}
			continue
		}
		switch c.name {
		case "openat":
			path := unhex(t, c.args[1])
			if !strings.HasPrefix(path, dir) {
				delete(open, c.result)
				continue
			}
			if numbers[path] == 0 {
				r.ops = append(r.ops, name(path, made(false)))
			}
			open[c.result] = numbers[path]
		case "close":
			delete(open, c.args[0])
		case "mkdirat":
			r.ops = append(r.ops, name(unhex(t, c.args[1]), made(true)))
		case "linkat":
			r.ops = append(r.ops, name(unhex(t, c.args[3]), numbers[unhex(t, c.args[1])]))
		case "unlinkat":
			r.ops = append(r.ops, name(unhex(t, c.args[1]), 0))
		case "renameat":
			from, to := unhex(t, c.args[1]), unhex(t, c.args[3])
			o := name(to, numbers[from])
			away := name(from, 0)
			if away.file != o.file {
				t.Fatalf("%s is renamed to another folder, which is not one operation", from)
			}
			o.bind[filepath.Base(from)] = 0
			r.ops = append(r.ops, o)
		case "write":
			for range strings.Count(unhex(t, c.args[1]), "done ") {
				r.ops = append(r.ops, op{kind: opDone})
			}
		default:
			number, ok := open[c.args[0]]
			if !ok {
				continue
			}
			o := op{file: number}
			switch c.name {
			case "pwrite64":
				o.kind, o.data, o.at = opWrite, []byte(unhex(t, c.args[1])), number64(t, c.args[3])
				if fmt.Sprint(len(o.data)) != c.result {
					t.Fatalf("a write of %d bytes is logged as one of %s", len(o.data), c.result)
				}
			case "ftruncate":
				o.kind, o.at = opTruncate, number64(t, c.args[1])
			case "fsync", "fdatasync":
				o.kind = opSync
			}
			r.ops = append(r.ops, o)
		}
	}
	return r
}

// unhex reads a string as strace -xx prints it.
func unhex(t *testing.T, quoted string) string {
	t.Helper()
	s, err := strconv.Unquote(quoted)
	if err != nil {
		t.Fatalf("%.80s: %v", quoted, err)
	}
	return s
}

func number64(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
