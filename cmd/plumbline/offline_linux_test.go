package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// requireTools makes a missing strace or a refused namespace a failure. CI sets it: there, a skipped proof
// would be none.
const requireTools = "PLUMBLINE_TEST_OFFLINE"

// workOn is a session from beginning to end on the command line, on a store of its own. It makes the files
// that it writes in the folder it is called in.
var workOn = [][]string{
	{"session", "new", "--org", "Tern", "--name", "T", "--path", "quick", "--target", "2"},
	{"rate", "T", "GV.OC-04/secure", "--current", "1", "--note", "two of five sites, see https://example.org/"},
	{"evidence", "T", "GV.OC-04/secure", "--method", "examined", "--ref", "https://example.org/policy.pdf"},
	{"action", "T", "add", "--title", "Write it down", "--item", "GV.OC-04/secure"},
	{"system", "T", "add", "--name", "Triage", "--kind", "large language model"},
	{"snapshot", "T", "create", "before"},
	{"export", "T", "--out", "t.plumb"},
	{"verify", "t.plumb"},
	{"store", "backup"},
	{"session", "delete", "T", "--yes"},
	{"import", "t.plumb"},
	{"store", "compact"},
}

// lookAt only reads a store. What it prints and writes follows from the store and --as-of alone.
var lookAt = [][]string{
	{"version", "--json"},
	{"session", "list", "--json"},
	{"session", "show", "T"},
	{"score", "T"},
	{"gaps", "T", "--json"},
	{"content", "show", "GV.OC-04/secure"},
	{"verify", "--json"},
	{"store", "backups"},
	{"report", "T", "--format", "html"},
	{"report", "T", "--format", "md"},
	{"report", "T", "--format", "json"},
	{"report", "T", "--format", "csv"},
	{"report", "T", "--format", "pdf"},
	{"report", "T", "--format", "docx"},
	{"report", "T", "--format", "xlsx"},
	{"report", "T", "--format", "oscal", "--out", "t.zip"},
	{"report", "T", "--kind", "executive", "--format", "pdf"},
	{"export", "T", "--out", "again.plumb"},
}

// Nothing that the program does makes a system call of the network, not even for a socket between
// processes of this machine, and it starts no other program; store doctor starts this one once more.
// strace sees every call.
func TestOpensNoSocket(t *testing.T) {
	strace := tool(t, "strace", "-f", "-o", os.DevNull, "true")
	program := buildAsReleased(t)

	t.Run("command line", func(t *testing.T) {
		dir := t.TempDir()
		calls := func(args ...string) []call {
			t.Helper()
			trace := filepath.Join(t.TempDir(), "trace")
			cmd := exec.Command(strace, slices.Concat(traced, []string{"-o", trace, program, "--store", filepath.Join(dir, "s.db")}, args)...)
			cmd.Dir, cmd.Env = dir, quiet(dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%q: %v\n%s", args, err, out)
			}
			return callsOf(t, trace)
		}
		for _, args := range slices.Concat(workOn, lookAt) {
			if calls := calls(args...); len(calls) != 1 || !calls[0].starts(program) {
				t.Errorf("%q: beside its own start: %q", args, calls)
			}
		}
		backups, err := filepath.Glob(filepath.Join(dir, "backups", "s.db.*"))
		if err != nil || len(backups) == 0 {
			t.Fatalf("%d backups, %v", len(backups), err)
		}
		if calls := calls("store", "restore", backups[0], "--swap", "--yes"); len(calls) != 1 {
			t.Errorf("restore: beside its own start: %q", calls)
		}
		// The one command that starts a process (docs/security.md), and that is this program.
		examine := fmt.Sprintf(`execve("/proc/self/exe", ["plumbline", "--store=%s", "store", "examine"]`, filepath.Join(dir, "s.db"))
		if calls := calls("store", "doctor"); len(calls) != 2 || !calls[0].starts(program) || !strings.HasPrefix(string(calls[1]), examine) {
			t.Errorf("doctor: %q, and beside its own start only %s is expected", calls, examine)
		}
	})

	app := func(t *testing.T, env ...string) []call {
		dir := t.TempDir()
		trace := filepath.Join(dir, "trace")
		t.Setenv("TMUX", "") // of the terminal that the test runs in
		os.Unsetenv("TMUX")
		for _, kv := range env {
			name, value, _ := strings.Cut(kv, "=")
			t.Setenv(name, value)
		}
		c := open(t, strace, slices.Concat(traced, []string{"-o", trace, program, "demo"})...)
		c.wait("Northwater")
		c.key("\r")
		c.wait("CURRENT")
		c.key("2")
		c.wait("undoes)")
		c.key("D")
		c.wait("ATTAINMENT")
		c.key("R")
		c.wait("FORMAT")
		c.key("\x03")
		stuck := time.AfterFunc(20*time.Second, func() { c.tty.Close() }) // a hangup, which ends it
		for range c.out {
		}
		if !stuck.Stop() {
			t.Error("ctrl+c does not end the app")
		}
		if err := c.cmd.Wait(); err != nil {
			t.Errorf("the app ended with %v", err)
		}
		return callsOf(t, trace)
	}
	t.Run("app", func(t *testing.T) {
		if calls := app(t); len(calls) != 1 || !calls[0].starts(program) {
			t.Errorf("beside its own start: %q", calls)
		}
	})
	// The one exception (docs/security.md): inside tmux the library for colors asks tmux what the terminal
	// can show.
	t.Run("app in tmux", func(t *testing.T) {
		bin := t.TempDir()
		if err := os.WriteFile(filepath.Join(bin, "tmux"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		calls := app(t, "TMUX=/nowhere,1,0", "TERM=tmux-256color", "PATH="+bin+":"+os.Getenv("PATH"))
		if len(calls) == 0 || !calls[0].starts(program) {
			t.Fatalf("the trace begins with %q", calls)
		}
		t.Logf("beside its own start: %q", calls[1:])
		for _, c := range calls[1:] {
			if !strings.Contains(string(c), `"tmux", "info"`) && !strings.Contains(string(c), `"/bin/sh", "`+bin+`/tmux", "info"`) {
				t.Errorf("beside tmux info: %q", c)
			}
		}
	})
}

// With no network at all, not even the loopback, the program says and writes the same, byte for byte.
func TestNeedsNoNetwork(t *testing.T) {
	unshare := tool(t, "unshare", "-rn", "true")
	program := buildAsReleased(t)
	made := t.TempDir()
	for _, args := range workOn {
		cmd := exec.Command(unshare, append([]string{"-rn", program, "--store", filepath.Join(made, "s.db")}, args...)...)
		cmd.Dir, cmd.Env = made, quiet(made)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q without a network: %v\n%s", args, err, out)
		}
	}
	stored, err := os.ReadFile(filepath.Join(made, "s.db"))
	if err != nil {
		t.Fatal(err)
	}

	// The folder has the same name both times, since messages name files.
	look := func(command ...string) (out []byte, files map[string]string) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "work")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "s.db"), stored, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range lookAt {
			line := slices.Concat(command, []string{program, "--store", "s.db", "--as-of", "2026-11-30"}, args)
			cmd := exec.Command(line[0], line[1:]...)
			cmd.Dir, cmd.Env = dir, quiet(parent)
			said, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%q: %v\n%s", line, err, said)
			}
			out = fmt.Appendf(out, "%q\n%s", args, said)
		}
		files = make(map[string]string)
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "s.db" {
				return err
			}
			data, err := os.ReadFile(path)
			files[d.Name()] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out, files
	}
	with, filesWith := look()
	without, filesWithout := look(unshare, "-rn")
	if !bytes.Equal(with, without) {
		t.Errorf("with a network:\n%s\nwithout:\n%s", with, without)
	}
	if len(filesWith) < 9 {
		t.Errorf("only %d files were written", len(filesWith))
	}
	for name, data := range filesWith {
		if filesWithout[name] != data {
			t.Errorf("%s is another file without a network", name)
		}
	}
}

// buildAsReleased builds the program without C, as what ships is built. With C, package os/user would ask
// the C library for the user's name, and that asks a name service daemon, through a socket.
func buildAsReleased(t *testing.T) string {
	t.Helper()
	t.Setenv("CGO_ENABLED", "0")
	return buildApp(t)
}

// tool returns the path of a program with which a call works, or skips the test.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		err = exec.Command(path, args...).Run()
	}
	switch {
	case err == nil:
		return path
	case os.Getenv(requireTools) != "":
		t.Fatalf("%s %q: %v, and %s is set", name, args, err, requireTools)
	}
	t.Skipf("%s %q: %v", name, args, err)
	return ""
}

// quiet is an environment that says nothing of who runs the test.
func quiet(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "USER=tester", "TERM=xterm-256color", "TZ=UTC"}
}

// traced are strace's flags: every process, whatever makes or uses a socket, and whatever becomes another
// program.
var traced = []string{"-f", "-qq", "-s", "200", "-e", "trace=%network,execve,execveat", "-e", "signal=none"}

// A call is one line of strace's.
type call string

// starts reports whether it is the start of the program.
func (c call) starts(program string) bool {
	return strings.HasPrefix(string(c), fmt.Sprintf("execve(%q", program))
}

var processID = regexp.MustCompile(`^\d+ +`)

func callsOf(t *testing.T, trace string) (calls []call) {
	t.Helper()
	data, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = processID.ReplaceAllString(strings.TrimSpace(line), "")
		// A call that was interrupted by another thread's has a second line.
		if line != "" && !strings.HasPrefix(line, "<...") {
			calls = append(calls, call(line))
		}
	}
	// Whether strace lets go of a thread before it has seen it end is a race, and says nothing of a call.
	if n := len(calls); n > 0 && strings.HasPrefix(string(calls[n-1]), "???( <detached") {
		calls = calls[:n-1]
	}
	return calls
}
