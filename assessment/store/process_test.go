package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plumbline/assessment"
)

// These tests run the test binary again as other processes. What a child has to do is in the
// environment, what it did it prints, a line each.

const childVariable = "PLUMBLINE_STORE_TEST_CHILD"

// children are what a process can be started as; some systems have more. The arguments are the store's
// path and one more.
var children = map[string]func(path, arg string) error{
	"hold":   childHold,
	"create": childCreate,
	"write":  childWrite,
	"stream": childStream,
	"churn":  childChurn,
	"turn":   childTurn,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		if err := children[name](os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a process that was started.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  *bufio.Scanner
	stderr strings.Builder
}

func startChild(t *testing.T, name, path, arg string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0], path, arg)}
	c.cmd.Env = append(os.Environ(), childVariable+"="+name)
	if sealTests {
		c.cmd.Env = append(c.cmd.Env, sealedVariable+"=1")
	}
	c.cmd.Stderr = &c.stderr
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.cmd.Process.Kill()
		c.cmd.Wait()
	})
	return c
}

// line returns the next line that the child prints.
func (c *child) line(t *testing.T) string {
	t.Helper()
	if !c.lines.Scan() {
		t.Fatalf("child ended: %v, %s", c.cmd.Wait(), c.stderr.String())
	}
	return c.lines.Text()
}

// rest returns what the child prints until it ends, and fails if it does not end well.
func (c *child) rest(t *testing.T) (lines []string) {
	t.Helper()
	for c.lines.Scan() {
		lines = append(lines, c.lines.Text())
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("child: %v, %s", err, c.stderr.String())
	}
	return lines
}

// openBusy opens the store as soon as it is free. Each try waits for the lock by itself.
func openBusy(path string, o Options) (s *Store, err error) {
	for range 600 {
		if s, err = open(path, o); !errors.Is(err, ErrBusy) {
			return s, err
		}
	}
	return nil, err
}

func childHold(path, _ string) error {
	s, err := open(path, Options{})
	if err != nil {
		return err
	}
	fmt.Println(os.Getpid())
	io.Copy(io.Discard, os.Stdin)
	return s.Close()
}

// childCreate waits for its stdin to end, then opens or creates the store and adds a session of the
// name arg. A leading "-" means a file system without hard links.
func childCreate(path, arg string) error {
	session, d := newSession(arg)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	if strings.HasPrefix(arg, "-") && !exists(path) {
		if err := create(path, released[:], "", noLink); err != nil {
			return err
		}
	}
	s, err := openBusy(path, Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(s.Apply(d, answer(session, 1)), s.Close()); err != nil {
		return err
	}
	fmt.Println(session.Info().ID)
	return nil
}

func noLink(from, to string) error {
	return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EPERM}
}

// childWrite makes a session of the name arg and answers 40 times, opening the store each time.
func childWrite(path, arg string) error {
	session, d := newSession(arg)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	for n := range 40 {
		s, err := openBusy(path, Options{})
		if err != nil {
			return err
		}
		if err := errors.Join(s.Apply(d), s.Close()); err != nil {
			return err
		}
		fmt.Println(session.Info().ID, d.Summary.Head.Seq)
		d = answer(session, n)
	}
	return nil
}

// childChurn replaces the file again and again, by deleting sessions.
func childChurn(path, arg string) error {
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	for n := range 40 {
		_, d := newSession(fmt.Sprint(arg, n))
		s, err := openBusy(path, Options{})
		if err != nil {
			return err
		}
		err = s.Apply(d)
		if err == nil {
			_, err = s.Delete(d.Session)
		}
		if err := errors.Join(err, s.Close()); err != nil {
			return err
		}
	}
	return nil
}

// childStream answers in the session arg until it is killed, and prints the sequence of each answer
// that is saved.
func childStream(path, arg string) error {
	s, err := open(path, Options{})
	if err != nil {
		return err
	}
	st, err := s.Load(arg)
	if err != nil {
		return err
	}
	session, err := assessment.Load(catalog(), st)
	if err != nil {
		return err
	}
	for n := int(session.Head().Seq); ; n++ {
		d := answer(session, n)
		if err := s.Apply(d); err != nil {
			return err
		}
		if _, err := fmt.Println(d.Summary.Head.Seq); err != nil {
			return err
		}
	}
}

// A second process is told at once who has the store.
func TestBusy(t *testing.T) {
	path := testPath(t)
	c := startChild(t, "hold", path, "")
	pid, err := strconv.Atoi(c.line(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		began := time.Now()
		_, err = open(path, Options{ReadOnly: readOnly})
		took := time.Since(began)
		var busy *BusyError
		if !errors.As(err, &busy) || busy.PID != pid {
			t.Fatalf("error %v, want one that names %d", err, pid)
		}
		if want := fmt.Sprintf("in use by process %d", pid); !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
		if took > 5*time.Second { // 0.1 s, and what a busy machine adds
			t.Errorf("it took %v", took)
		}
	}
	c.stdin.Close()
	c.rest(t)
	openTest(t, path, Options{})
}

// Several processes create one store at the same time. Nobody's answer is lost, with and without hard
// links.
func TestCreationRace(t *testing.T) {
	for _, prefix := range []string{"", "-"} {
		t.Run(map[string]string{"": "link", "-": "lock"}[prefix], func(t *testing.T) {
			path := testPath(t)
			var all []*child
			for n := range 8 {
				all = append(all, startChild(t, "create", path, fmt.Sprint(prefix, "session ", n)))
			}
			for _, c := range all {
				c.line(t)
			}
			for _, c := range all { // go
				c.stdin.Close()
			}
			var saved []string
			for _, c := range all {
				saved = append(saved, c.rest(t)...)
			}
			s := openTest(t, path, Options{})
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			for _, id := range saved {
				if head := sessionHead(t, s, id); head.Seq != 3 {
					t.Errorf("session %s ends at %v", id, head)
				}
			}
			if len(saved) != len(all) {
				t.Errorf("%d of %d saved anything", len(saved), len(all))
			}
			for _, name := range names(t, filepath.Dir(path)) {
				if name != "plumbline.db" && name != "backups" && name != "plumbline.db.lock" {
					t.Errorf("left behind: %s", name)
				}
			}
		})
	}
}

// Without hard links who creates waits for who else does, and never replaces what is there.
func TestCreateLocked(t *testing.T) {
	path := testPath(t)
	draft := path + ".new"
	writeFile(t, draft, []byte("draft"))
	release, err := lock(path+".lock", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := createLocked(draft, path, 0); !errors.Is(err, ErrBusy) || exists(path) {
		t.Errorf("locked: error %v, made: %v", err, exists(path))
	}
	release()
	if err := createLocked(draft, path, 0); err != nil || string(readFile(t, path)) != "draft" {
		t.Errorf("free: error %v", err)
	}
	writeFile(t, draft, []byte("another draft"))
	if err := createLocked(draft, path, 0); err != nil || string(readFile(t, path)) != "draft" {
		t.Errorf("taken: error %v, and the file is %q", err, readFile(t, path))
	}
}

// Processes write to one store at once, from its creation on, while another one keeps replacing the
// file. Every answer that was saved is there in the end.
func TestWriteAtOnce(t *testing.T) {
	path := testPath(t)
	if sealTests { // not from its creation on: it is created plain, and then encrypted
		if err := openTest(t, path, Options{}).Close(); err != nil {
			t.Fatal(err)
		}
	}
	writers := []*child{
		startChild(t, "write", path, "one"), startChild(t, "write", path, "two"), startChild(t, "churn", path, "gone"),
	}
	for _, c := range writers {
		c.line(t)
	}
	for _, c := range writers {
		c.stdin.Close()
	}
	saved := make([][]string, len(writers))
	var wait sync.WaitGroup
	for i, c := range writers {
		wait.Go(func() { saved[i] = c.rest(t) })
	}
	wait.Wait()
	s := openTest(t, path, Options{})
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	for i, lines := range saved[:2] {
		if len(lines) != 40 {
			t.Fatalf("writer %d saved %d answers", i, len(lines))
		}
		id, last, _ := strings.Cut(lines[len(lines)-1], " ")
		if head := sessionHead(t, s, id); fmt.Sprint(head.Seq) != last {
			t.Errorf("session %s ends at %v, and %s was saved", id, head, last)
		}
	}
	list, err := s.Sessions()
	if err != nil || len(list) != 2 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
}

// A process is killed right after it said that an answer was saved.
func TestKill(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	_, d := newSession("first")
	apply(t, s, d)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		c := startChild(t, "stream", path, d.Session)
		var last string
		for range 1 + round%7 {
			last = c.line(t)
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for c.lines.Scan() { // what it managed to say before it died
			last = c.lines.Text()
		}
		c.cmd.Wait()
		saved, err := strconv.ParseUint(last, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		s := openTest(t, path, Options{})
		if err := s.Check(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if head := sessionHead(t, s, d.Session); head.Seq < saved {
			t.Fatalf("round %d: the journal ends with %d, and %d was saved", round, head.Seq, saved)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
