package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"plumbline/assessment"
)

// The durability of the store, tried: processes are killed, the power is cut, calls fail, room runs out.
// Nothing that was acknowledged may be lost, and whatever is left must open and check clean.
//
// `make test` runs a short form of it on every system. `make torture` runs all of it, on Linux with strace,
// and fails where a part can not be run. Both print how much was tried.
//
// What is done to a store is in torture_script_test.go, what a power cut leaves in torture_disk_test.go, and
// what needs Linux in torture_linux_test.go and torture_room_linux_test.go.

const (
	// tortureVariable asks for all of it. Its value is the file that the table is written to.
	tortureVariable = "PLUMBLINE_TORTURE"
	timeVariable    = "TORTURE_TIME" // for the random kills, such as 10m
	seedVariable    = "TORTURE_SEED" // of all that is random
)

func init() {
	children["script"] = childScript
	children["judge"] = childJudge
	children["race"] = childRace
}

// torture is one run of all of it.
type torture struct {
	full   bool
	seed   uint64
	time   time.Duration // for the random kills, half of it for single processes, half for several at once; and for how much else is random
	folder string        // for stores; in memory, where the system has such a place
	judges chan *judge

	mu     sync.Mutex
	counts []*count
}

// count is a line of the table.
type count struct {
	what, script string
	tried        int    // kills, images, faults
	of           string // of how many, or of what kinds
	acknowledged int    // events that had to be there, in all stores that were judged
	lost         int    // of these
	unopenable   int
	left         int // stores with something left behind

	mu    sync.Mutex
	first map[string]string // an example of each kind of failure
}

// linuxTorture is the part that needs Linux and strace; nil elsewhere.
var linuxTorture func(*testing.T, *torture)

func TestTorture(t *testing.T) {
	p := &torture{full: os.Getenv(tortureVariable) != "", seed: 1, time: time.Minute}
	var err error
	if s := os.Getenv(seedVariable); s != "" {
		if p.seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	if s := os.Getenv(timeVariable); s != "" {
		if p.time, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	p.folder = t.TempDir()
	if memory, err := os.MkdirTemp("/dev/shm", "plumbline-torture-*"); err == nil {
		p.folder = memory
		t.Cleanup(func() { os.RemoveAll(memory) })
	}
	p.judges = make(chan *judge, runtime.GOMAXPROCS(0))
	for range cap(p.judges) {
		p.judges <- &judge{t: t}
	}

	t.Run("PowerCutsByComparison", p.powerCutsByComparison)
	t.Run("RandomKills", p.randomKills)
	t.Run("RandomRaces", p.randomRaces)
	if p.full && linuxTorture == nil {
		t.Error("all of it needs Linux")
	} else if p.full {
		linuxTorture(t, p)
	}
	p.report(t)
}

// count begins a line of the table.
func (p *torture) count(what, script string) *count {
	c := &count{what: what, script: script, first: make(map[string]string)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = append(p.counts, c)
	return c
}

// add counts a store that was judged; after says what had happened to it.
func (c *count) add(w *script, done int, v verdict, after string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried++
	c.acknowledged += w.moments[done].events(nil)
	c.lost += v.Lost
	kind := ""
	if v.Lost > 0 {
		kind = "lost"
	}
	if v.Unopenable {
		c.unopenable++
		kind = "unopenable"
	}
	if v.Left {
		c.left++
		kind = "left behind"
	}
	if kind != "" && c.first[kind] == "" {
		c.first[kind] = fmt.Sprintf("%s: %s", after, v.Why)
	}
}

// noticed reports whether it is clear by now that a broken store is broken.
func (c *count) noticed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.HasPrefix(c.what, brokenPrefix) && c.lost+c.unopenable >= 10
}

// sound fails the test unless all that was counted went well.
func (c *count) sound(t *testing.T) {
	t.Helper()
	if c.tried == 0 {
		t.Errorf("%s, %s: nothing was tried", c.what, c.script)
	}
	for kind, first := range c.first {
		t.Errorf("%s, %s: %d lost, %d unopenable, %d with something left behind; the first %s: %s",
			c.what, c.script, c.lost, c.unopenable, c.left, kind, first)
	}
}

// broken fails the test unless losses were noticed: what was tried was not the store but something that
// keeps its promises less well. A trial that can not fail proves nothing.
func (c *count) broken(t *testing.T) {
	t.Helper()
	if c.lost+c.unopenable == 0 {
		t.Errorf("%s, %s: %d tried, and nobody noticed that it is broken", c.what, c.script, c.tried)
	}
}

// report prints the table, and writes it to the file that was asked for.
func (p *torture) report(t *testing.T) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "tried\tscript\ttimes\tof\tacknowledged\tlost\tunopenable\tleft behind")
	var tried, lost, unopenable int
	for _, broken := range []bool{false, true} {
		for _, c := range p.counts {
			if strings.HasPrefix(c.what, brokenPrefix) != broken {
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%d\t%d\t%d\n", c.what, c.script, c.tried, c.of, c.acknowledged, c.lost, c.unopenable, c.left)
			if !broken {
				tried += c.tried
				lost += c.lost
				unopenable += c.unopenable
			}
		}
	}
	w.Flush()
	fmt.Fprintf(&b, "\nWithout what is broken on purpose: tried %d, acknowledged answers lost %d, files that do not open %d\n", tried, lost, unopenable)
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	table := strings.Join(lines, "\n") + "\n"
	if !p.full {
		t.Logf("the short form, seed %d:\n%s", p.seed, table)
		return
	}
	fmt.Printf("\nTorture of the store, seed %d, random kills for %v\n\n%s\n", p.seed, p.time, table)
	if err := os.WriteFile(os.Getenv(tortureVariable), []byte(table), 0o666); err != nil {
		t.Error(err)
	}
}

// brokenPrefix begins the lines of the table in which losses are wanted.
const brokenPrefix = "BROKEN: "

// chance returns a source of it that depends on the seed and on what it is for.
func (p *torture) chance(what string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(what))
	return rand.New(rand.NewPCG(p.seed, h.Sum64()))
}

// fresh returns an empty folder. The caller removes it.
func (p *torture) fresh(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(p.folder, "")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// prepared does the preparation of a script once; the function that it returns makes copies.
func (p *torture) prepared(t *testing.T, w *script) (again func() string) {
	t.Helper()
	template := p.fresh(t)
	t.Cleanup(func() { os.RemoveAll(template) })
	if err := w.prepare(template); err != nil {
		t.Fatal(err)
	}
	return func() string {
		dir := p.fresh(t)
		if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
			t.Error(err)
		}
		// CopyFS makes what everybody can read, about which the store would warn.
		err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			return os.Chmod(path, fileMode)
		})
		if err != nil {
			t.Error(err)
		}
		return dir
	}
}

// childScript plays the script of the name arg. After a comma stands what it does after errors.
func childScript(path, arg string) error {
	runtime.LockOSThread() // strace counts the calls of each thread; what creates a store is this one
	name, after, _ := strings.Cut(arg, ",")
	return newScript(name).play(path, after, os.Stdout)
}

// A judge is a process that opens what is left of stores. Should one of them kill it, that says all.
type judge struct {
	t *testing.T
	c *child
}

// childJudge reads lines with a script, the number of steps that are done, and a path; it prints verdicts.
func childJudge(_, _ string) error {
	debug.SetMaxStack(16 << 20) // the search of a tree of pages that goes in circles ends sooner
	in := json.NewDecoder(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	scripts := make(map[string]*script)
	for {
		var q question
		if err := in.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if scripts[q.Script] == nil {
			scripts[q.Script] = newScript(q.Script)
		}
		if err := out.Encode(scripts[q.Script].judge(q.Path, q.Done)); err != nil {
			return err
		}
	}
}

type question struct {
	Script string
	Path   string
	Done   int
}

// judge has the store of a script that is in a folder judged after so many steps.
func (p *torture) judge(w *script, folder string, done int) (v verdict) {
	j := <-p.judges
	defer func() { p.judges <- j }()
	if j.c == nil {
		j.c = startChild(j.t, "judge", "", "")
	}
	q, err := json.Marshal(question{w.name, w.place(folder), done})
	if err == nil {
		_, err = j.c.stdin.Write(append(q, '\n'))
	}
	if err == nil && j.c.lines.Scan() {
		err = json.Unmarshal(j.c.lines.Bytes(), &v)
	} else if err == nil {
		err = errors.New("it ended")
	}
	if err != nil {
		j.c.cmd.Process.Kill()
		j.c.cmd.Wait()
		v = verdict{Unopenable: true, Why: fmt.Sprintf("whoever opens it breaks down: %v, %.2000s", err, j.c.stderr.String())}
		j.c = nil
	}
	return v
}

// judgeImages has all images of a record judged, each once.
func (p *torture) judgeImages(t *testing.T, w *script, r record, c *count) {
	t.Helper()
	type key struct {
		sum  [32]byte
		done int
	}
	seen := make(map[key]bool)
	kinds := make(map[string]int)
	images := make(chan image)
	var wait sync.WaitGroup
	for range cap(p.judges) {
		wait.Go(func() {
			dir := p.fresh(t)
			defer os.RemoveAll(dir)
			for i := range images {
				at := filepath.Join(dir, "image")
				if err := errors.Join(os.RemoveAll(at), i.disk.write(at)); err != nil {
					t.Error(err)
					continue
				}
				done := w.prepared + i.done
				c.add(w, done, p.judge(w, at, done), i.kind)
			}
		})
	}
	for i := range r.images(p.chance(c.what + c.script)) {
		if c.noticed() {
			break
		}
		k := key{i.disk.sum(), i.done}
		if !seen[k] {
			seen[k] = true
			kinds[i.kind]++
			images <- i
		}
	}
	close(images)
	wait.Wait()
	var of []string
	for _, kind := range imageKinds {
		of = append(of, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	c.of = strings.Join(of, ", ")
}

// compared is a record that was made without looking at the system calls: by comparing the file before and
// after each step. bbolt writes the pages of a transaction, syncs, writes the meta page, and syncs; what it
// wrote in between can not be told this way, so the steps must be single transactions that leave the file
// in its place and as long as it was.
func (p *torture) compared(t *testing.T, w *script) record {
	t.Helper()
	dir := p.prepared(t, w)()
	defer os.RemoveAll(dir)
	before, numbers, err := readDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := w.place(dir)
	r := record{before: before}
	number := numbers[path]
	st := stage{path: path, options: w.options(w.prepared)}
	defer st.close()
	old := before[number].data
	for _, step := range w.steps[w.prepared:] {
		if err := step.do(&st); err != nil {
			t.Fatal(err)
		}
		now := readFile(t, path)
		const size = 4096 // whatever the size of a page is, it is a multiple
		var metas []op
		if len(now) > len(old) {
			r.ops = append(r.ops, op{kind: opTruncate, file: number, at: int64(len(now))}, op{kind: opSync, file: number})
		}
		m, err := newestMeta(strings.NewReader(string(now)), int64(len(now)))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(now); at += size {
			page := now[at : at+size]
			if at < len(old) && string(old[at:at+size]) == string(page) {
				continue
			}
			o := op{kind: opWrite, file: number, at: int64(at), data: page}
			if at < 2*int(m.pageSize) {
				metas = append(metas, o)
			} else {
				r.ops = append(r.ops, o)
			}
		}
		if len(metas) != 1 {
			t.Fatalf("step %s changed %d meta pages, so it was not one transaction", step.name, len(metas))
		}
		r.ops = append(r.ops, op{kind: opSync, file: number}, metas[0], op{kind: opSync, file: number}, op{kind: opDone})
		old = now
	}
	return r
}

// powerCutsByComparison cuts the power in answers, and in those of a program that does not sync.
func (p *torture) powerCutsByComparison(t *testing.T) {
	for _, name := range []string{"only answers", "only sealed answers"} {
		w := newScript(name)
		r := p.compared(t, w)
		c := p.count("power cuts, writes by comparison", name)
		p.judgeImages(t, w, r, c)
		c.sound(t)
	}
	w := newScript("only answers")
	r := p.compared(t, w).without(func(bool) bool { return true })
	c := p.count(brokenPrefix+"power cuts, nothing is synced", w.name)
	p.judgeImages(t, w, r, c)
	c.broken(t)
}

// randomKills kills processes in the middle of scripts.
func (p *torture) randomKills(t *testing.T) {
	const rounds = 2
	chance := p.chance("kills")
	until := time.Now().Add(p.time / 2)
	type prepared struct {
		w     *script
		again func() string
		c     *count
	}
	var all []prepared
	for _, s := range scripts {
		w := newScript(s.name)
		all = append(all, prepared{w, p.prepared(t, w), p.count("random kills", w.name)})
	}
	for round := 0; p.full && time.Now().Before(until) || !p.full && round < rounds; round++ {
		for _, a := range all {
			dir := a.again()
			child := startChild(t, "script", a.w.place(dir), a.w.name)
			var printed []string
			for range chance.IntN(len(a.w.steps) - a.w.prepared) {
				printed = append(printed, child.line(t))
			}
			if p.full {
				time.Sleep(time.Duration(chance.IntN(10_000)) * time.Microsecond)
			}
			child.cmd.Process.Kill()
			for child.lines.Scan() { // what it managed to say before it died
				printed = append(printed, child.lines.Text())
			}
			child.cmd.Wait()
			done, err := a.w.acknowledged(printed)
			if err != nil {
				t.Fatal(err)
			}
			a.c.add(a.w, done, p.judge(a.w, dir, done), fmt.Sprintf("killed after %d steps", done))
			os.RemoveAll(dir)
		}
	}
	for _, a := range all {
		a.c.sound(t)
	}
}

// childRace works on a store at the same time as others do, as fast as it can, until it is killed. It
// answers in a session of the name arg, or, where that begins with "-", makes sessions and deletes them. It
// prints the session, and the end of its journal, 0 where it is deleted; and says before it deletes that it
// will, since one that is killed after that, and before it can print, may have deleted it or not.
func childRace(path, arg string) error {
	session, d := newSession(arg)
	for round := 0; ; round++ {
		s, err := openBusy(path, Options{Now: atStart})
		if err != nil {
			return err
		}
		for range 40 {
			if err := s.Apply(d); err != nil {
				return err
			}
			fmt.Println(d.Session, d.Summary.Head.Seq, d.Summary.Head.Hash, stays)
			if !strings.HasPrefix(arg, "-") {
				d = answer(session, int(session.Head().Seq))
				continue
			}
			fmt.Println(d.Session, d.Summary.Head.Seq, d.Summary.Head.Hash, goes)
			if _, err := s.Delete(d.Session); err != nil {
				return err
			}
			fmt.Println(d.Session, 0, assessment.Hash{}, stays)
			session, d = newSession(fmt.Sprint(arg, round))
			break
		}
		if err := s.Close(); err != nil {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond) // who waits looks every 50 ms
	}
}

// raced is what is known of a session of a race: where its journal ended when that was last acknowledged, at
// 0 once it was deleted, and whether a deletion was asked for since, of which nothing more was heard.
type raced struct {
	head  assessment.Head
	going bool
}

// How a line of a race ends.
const stays, goes = "stays", "goes"

// randomRaces has several processes work on one store at once, and kills them all.
func (p *torture) randomRaces(t *testing.T) {
	const rounds, perStore = 2, 10
	chance := p.chance("races")
	until := time.Now().Add(p.time / 2)
	c := p.count("random kills", "three at once")
	var path string
	var acknowledged map[string]raced
	var killed, answers int
	for round := 0; p.full && time.Now().Before(until) || !p.full && round < rounds; round++ {
		if round%perStore == 0 {
			dir := p.fresh(t)
			t.Cleanup(func() { os.RemoveAll(dir) })
			path, acknowledged = filepath.Join(dir, "plumbline.db"), make(map[string]raced)
		}
		var all []*child
		for _, name := range []string{"one", "two", "-gone"} {
			all = append(all, startChild(t, "race", path, fmt.Sprint(name, round)))
		}
		for range 1 + chance.IntN(20) { // lines of the first, while the others work too
			heard(t, acknowledged, all[0].line(t))
			answers++
		}
		if p.full {
			time.Sleep(time.Duration(chance.IntN(10_000)) * time.Microsecond)
		}
		for _, child := range all {
			child.cmd.Process.Kill()
			killed++
		}
		for _, child := range all {
			for child.lines.Scan() {
				heard(t, acknowledged, child.lines.Text())
				answers++
			}
			child.cmd.Wait()
			if s := child.stderr.String(); s != "" {
				t.Errorf("round %d: a process failed: %s", round, s)
			}
		}
		c.tried++
		c.acknowledged += len(acknowledged)
		if err := holds(path, acknowledged, c); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
	c.of = fmt.Sprintf("%d killed, %d acknowledged", killed, answers)
	c.sound(t)
}

// heard takes up what a process of a race has printed.
func heard(t *testing.T, acknowledged map[string]raced, line string) {
	t.Helper()
	var id, hash, then string
	var r raced
	if _, err := fmt.Sscan(line, &id, &r.head.Seq, &hash, &then); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if err := r.head.Hash.UnmarshalText([]byte(hash)); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	r.going = then == goes
	acknowledged[id] = r
}

// holds counts what is missing of what was acknowledged in a race. Of a session that was going it takes up
// whether it is gone, which holds from then on.
func holds(path string, acknowledged map[string]raced, c *count) error {
	s, err := Open(path, Options{Now: atStart})
	if err != nil {
		c.unopenable++
		return err
	}
	defer s.Close()
	if err := s.Check(); err != nil {
		c.unopenable++
		return err
	}
	var bad []error
	for id, r := range acknowledged {
		st, err := s.Load(id)
		if r.going {
			if errors.Is(err, ErrNotFound) {
				r.head = assessment.Head{}
			}
			r.going = false
			acknowledged[id] = r
		}
		head := r.head
		switch {
		case head.Seq == 0 && errors.Is(err, ErrNotFound):
			continue
		case head.Seq == 0:
			err = cmp.Or(err, fmt.Errorf("session %s was deleted and is there", id))
		case err == nil && uint64(len(st.Journal)) < head.Seq:
			err = fmt.Errorf("session %s ends at %d, and %d was saved", id, len(st.Journal), head.Seq)
		case err == nil:
			e, decodeErr := assessment.DecodeEvent(st.Journal[head.Seq-1])
			if err = decodeErr; err == nil && e.Hash() != head.Hash {
				err = fmt.Errorf("session %s has another event %d than was saved", id, head.Seq)
			}
		}
		if err != nil {
			c.lost++
			bad = append(bad, err)
		}
	}
	return errors.Join(bad...)
}
