package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
)

// console is a program in a terminal of its own.
type console struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	out  chan []byte
	seen string
	tall bool
}

func open(t *testing.T, program string, args ...string) *console {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "HOME="+t.TempDir())
	return start(t, cmd)
}

// start starts a program in a terminal of its own.
func start(t *testing.T, cmd *exec.Cmd) *console {
	t.Helper()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, cmd: cmd, tty: tty, out: make(chan []byte)}
	go func() {
		defer close(c.out)
		for {
			buf := make([]byte, 1<<14)
			n, err := tty.Read(buf)
			if err != nil {
				return
			}
			c.out <- buf[:n]
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill() // an error means that it has ended, as it should
		for range c.out {
		}
		tty.Close()
	})
	return c
}

// wait reads until the text is drawn, and returns what was drawn up to then.
func (c *console) wait(text string) string {
	c.t.Helper()
	limit := time.After(20 * time.Second)
	for !strings.Contains(c.seen, text) {
		select {
		case more, ok := <-c.out:
			if !ok {
				c.t.Fatalf("the program ended before it showed %q:\n%q", text, c.seen)
			}
			c.seen += string(more)
		case <-limit:
			c.t.Fatalf("%q was never shown:\n%q", text, c.seen)
		}
	}
	seen := c.seen
	c.seen = ""
	return seen
}

// waitSaved has the whole screen drawn anew until it says that everything is saved.
func (c *console) waitSaved() {
	c.t.Helper()
	for {
		c.tall = !c.tall
		rows := uint16(24)
		if c.tall {
			rows = 25
		}
		if err := pty.Setsize(c.tty, &pty.Winsize{Rows: rows, Cols: 80}); err != nil {
			c.t.Fatal(err)
		}
		if strings.Contains(c.wait("undoes)"), "saved ✓") { // the notice stands at the end of the screen
			return
		}
	}
}

// rest reads until the program has ended, and returns what was drawn up to then.
func (c *console) rest() string {
	c.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case more, ok := <-c.out:
			if !ok {
				return c.seen
			}
			c.seen += string(more)
		case <-limit:
			c.t.Fatalf("the program does not end:\n%q", c.seen)
		}
	}
}

func (c *console) key(s string) {
	c.t.Helper()
	if _, err := c.tty.WriteString(s); err != nil {
		c.t.Fatal(err)
	}
}

func buildApp(t testing.TB) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "plumbline")
	if msg, err := exec.Command("go", "build", "-o", out, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, msg)
	}
	return out
}

// The screen said "saved"; then the app is killed. The answer is there, every time.
func TestKilledAppLosesNothing(t *testing.T) {
	program := buildApp(t)
	path := filepath.Join(t.TempDir(), "client.db")
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	id := makeSession(t, path, cat)
	for round := range 5 {
		c := open(t, program, "--store", path, "--by", "Dana")
		c.wait("Harborline")
		c.key("\r")
		c.wait("CURRENT")
		// The place of the walk is written behind the answer; killed in between, the app resumes at an
		// item that is rated. To the next unrated one, then.
		c.key("N")
		c.key("2")
		c.wait("undoes)")
		c.waitSaved()
		if err := c.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		c.cmd.Wait() // killed, so with an error
		if got := reopen(t, path, cat, id).Tally().Rated(); got != round+1 {
			t.Fatalf("round %d: the screen said saved %d times, the store holds %d ratings", round, round+1, got)
		}
	}
}

// A signal to end is the same as the key: what was answered, and the note that is being typed, is stored,
// and the exit code is 0.
func TestTerminatedAppSaves(t *testing.T) {
	program := buildApp(t)
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		path := filepath.Join(t.TempDir(), "client.db")
		id := makeSession(t, path, cat)
		c := open(t, program, "--store", path, "--by", "Dana")
		c.wait("Harborline")
		c.key("\r")
		c.wait("CURRENT")
		c.key("2")
		c.wait("undoes)")
		c.key("n")
		c.wait("Note on")
		c.key("\x1b[200~two of five\x1b[201~")
		c.wait("two of five")
		if err := c.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		c.rest()
		if err := c.cmd.Wait(); err != nil {
			t.Errorf("%v: the app ended with %v", sig, err)
		}
		s := reopen(t, path, cat, id)
		if got := s.Tally().Rated(); got != 1 {
			t.Errorf("%v: the store holds %d ratings, not 1", sig, got)
		}
		noted := 0
		for i := range cat.Len() {
			if s.Response(i).Note == "two of five" {
				noted++
			}
		}
		if noted != 1 {
			t.Errorf("%v: the note that was being typed is at %d items", sig, noted)
		}
	}
}

func makeSession(t *testing.T, path string, cat *content.Catalog) (id string) {
	t.Helper()
	st, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	id = "7c1f0b52-0000-4000-8000-000000000000"
	_, d, err := assessment.New(cat, assessment.Info{ID: id, Organization: "Harborline", Name: "baseline"},
		assessment.Act{Who: "test", Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Apply(d); err != nil {
		t.Fatal(err)
	}
	return id
}

func reopen(t *testing.T, path string, cat *content.Catalog, id string) *assessment.Session {
	t.Helper()
	st, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	stored, err := st.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stored.Verify(); err != nil {
		t.Fatal(err)
	}
	s, err := assessment.Load(cat, stored)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The app works on the plain terminals of ssh, screen, tmux and a console, answers, and ends. Without one, or
// on one that can place nothing, it says what works instead.
func TestTerminals(t *testing.T) {
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		env  []string
		runs bool
	}{
		{"vt100", []string{"TERM=vt100"}, true},
		{"linux", []string{"TERM=linux"}, true},
		{"screen", []string{"TERM=screen", "STY=1.pts-0.host"}, true},
		{"ssh", []string{"TERM=xterm", "SSH_TTY=/dev/pts/9", "SSH_CONNECTION=10.0.0.1 5 10.0.0.2 22"}, true},
		{"unknown", []string{"TERM=nobody-knows-it"}, true},
		{"none", []string{"TERM="}, true},
		{"dumb", []string{"TERM=dumb"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "client.db")
			id := makeSession(t, path, cat)
			cmd := plumbline("--store", path, "--by", "Dana")
			cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, tc.env...)
			c := start(t, cmd)
			if !tc.runs {
				if said := c.rest(); !strings.Contains(said, "the app needs a terminal") || strings.Contains(said, "\x1b") {
					t.Errorf("it says %q", said)
				}
				if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitUsage {
					t.Errorf("it ended with %v", err)
				}
				return
			}
			c.wait("Harborline")
			c.key("\r")
			c.wait("CURRENT")
			c.key("2")
			c.wait("undoes)")
			c.key("q")
			c.rest()
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			waitForEcho(t, c.tty, true)
			if got := reopen(t, path, cat, id).Tally().Rated(); got != 1 {
				t.Errorf("the store holds %d ratings", got)
			}
		})
	}
}
