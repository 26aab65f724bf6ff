package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	children["limit"] = childLimit
	children["read"] = childRead
	children["crowd"] = childCrowd
	children["core"] = childCore
	sealedToo["NoRoom"] = TestNoRoom
	sealedToo["ReadOnlyFile"] = TestReadOnlyFile
}

// childLimit answers in a new session until there is no room, since the size of its files is limited.
// It prints what was saved, then gets room and tries again.
func childLimit(path, _ string) error {
	s, err := open(path, Options{})
	if err != nil {
		return err
	}
	session, d := newSession("first")
	if err := s.Apply(d); err != nil {
		return err
	}
	if _, err := s.Sessions(); err != nil { // comes after the daily backup
		return err
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	limit := syscall.Rlimit{Cur: 100_000, Max: was.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	for n := range 10_000 {
		d = answer(session, n)
		if err = s.Apply(d); err != nil {
			break
		}
		fmt.Println(d.Summary.Head.Seq)
	}
	if !errors.Is(err, ErrFull) || !errors.Is(err, unix.EFBIG) || !strings.Contains(err.Error(), path) {
		return fmt.Errorf("without room the error is %w", err)
	}
	if again := s.Apply(d); !errors.Is(again, ErrFull) {
		return fmt.Errorf("a second try without room: %w", again)
	}
	if err := s.Check(); err != nil {
		return err
	}
	fmt.Println("full")
	if st, err := s.Load(d.Session); err != nil || uint64(len(st.Journal)) != d.Summary.Head.Seq-1 {
		return fmt.Errorf("%d events, %w", len(st.Journal), err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := s.Apply(d); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	fmt.Println(d.Summary.Head.Seq)
	return s.Close()
}

// Where there is no room an answer is refused and the store stays as it was; with room it is taken.
func TestNoRoom(t *testing.T) {
	path := testPath(t)
	lines := startChild(t, "limit", path, "").rest(t)
	if len(lines) < 3 || lines[len(lines)-2] != "full" {
		t.Fatalf("child printed %q", lines)
	}
	s := openTest(t, path, Options{})
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	list, err := s.Sessions()
	if err != nil || len(list) != 1 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	if got := fmt.Sprint(list[0].Head.Seq); got != lines[len(lines)-1] {
		t.Errorf("the journal ends with %s, and %s was saved", got, lines[len(lines)-1])
	}
}

// childCrowd brings a store up to date by a step that makes it large, where files can be arg bytes long;
// then it tries again with room.
func childCrowd(path, arg string) error {
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	size, err := strconv.ParseUint(arg, 10, 64)
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: was.Max}); err != nil {
		return err
	}
	o := Options{layouts: madeUp(), Warn: func(error) {}}
	o.layouts[len(released)+1].step = note(strings.Repeat("b", 1<<20))
	_, err = open(path, o)
	if !errors.Is(err, ErrFull) || !errors.Is(err, unix.EFBIG) {
		return fmt.Errorf("without room the error is %w", err)
	}
	fmt.Println(err)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	s, err := open(path, o)
	if err != nil {
		return err
	}
	return s.Close()
}

// Where there is no room for a step, it is not made; where there is none for the backup, nothing is.
func TestMigrateNoRoom(t *testing.T) {
	bothForms(t, func(t *testing.T) {
		for _, tt := range []struct {
			name, limit, want string
		}{
			{"for the step", "500000", "the step to schema " + schemaNow(len(released)+2) + ": no room to write"},
			{"for the backup", "5000", "nothing was changed: there must be a backup first"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				path := testPath(t)
				session := older(t, path)
				if got := startChild(t, "crowd", path, tt.limit).rest(t); len(got) != 1 || !strings.Contains(got[0], tt.want) {
					t.Fatalf("child printed %q", got)
				}
				s := openTest(t, path, Options{layouts: madeUp()})
				if got := steps(t, s, session.Info().ID); got != "a"+strings.Repeat("b", 1<<20) {
					t.Errorf("the steps done are %.10q, of %d letters", got, len(got))
				}
				if err := s.Check(); err != nil {
					t.Error(err)
				}
				same(t, s, session)
			})
		}
	})
}

func TestNoRoomErrors(t *testing.T) {
	write := func(op string, err error) error {
		return fmt.Errorf("commit: %w", &os.PathError{Op: op, Path: "plumbline.db", Err: err})
	}
	tests := []struct {
		err  error
		want error
	}{
		{write("write", unix.ENOSPC), unix.ENOSPC},
		{write("write", unix.EDQUOT), unix.EDQUOT},
		{errors.New("file resize error: truncate plumbline.db: file too large"), unix.EFBIG},
		{write("write", unix.EIO), nil},
		// A sync that failed has thrown away what it could not write, whatever the reason.
		{write("sync", unix.ENOSPC), nil},
		{unix.ENOSPC, nil},
		{errors.New("file sync error: sync plumbline.db: no space left on device"), nil},
	}
	for _, tt := range tests {
		if got := noRoom(tt.err); got != tt.want {
			t.Errorf("noRoom(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

// childCore opens a store and prints whether the system would dump the memory of this process, and how
// large a dump could be.
func childCore(path, arg string) error {
	limit := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &limit); err != nil {
		return err
	}
	s, err := open(path, Options{})
	if err != nil {
		return err
	}
	if arg != "" {
		if err := s.Encrypt([]byte(arg)); err != nil {
			return err
		}
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		return err
	}
	now := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &now); err != nil {
		return err
	}
	fmt.Println(dumpable, now.Cur == 0, now.Max == 0, now.Cur == limit.Cur)
	return s.Close()
}

// A process that has the keys of a store leaves no core dump. Where the limit on their size is 0 anyway,
// it is the other switch alone that tells.
func TestNoCoreDump(t *testing.T) {
	path := testPath(t)
	for _, tt := range []struct {
		what, arg string
		sealed    bool
		want      *regexp.Regexp
	}{
		{"plain", "", false, regexp.MustCompile(`^1 \w+ \w+ true$`)}, // as it was
		{"encrypts", testPassphrase, false, regexp.MustCompile(`^0 true true \w+$`)},
		{"opens what is encrypted", "", true, regexp.MustCompile(`^0 true true \w+$`)},
	} {
		sealTests = tt.sealed
		got := startChild(t, "core", path, tt.arg).rest(t)
		sealTests = false
		if len(got) != 1 || !tt.want.MatchString(got[0]) {
			t.Errorf("%s: %q, want %v", tt.what, got, tt.want)
		}
	}
}

// childRead opens a store that it may not write to.
func childRead(path, _ string) error {
	s, err := open(path, Options{})
	if err != nil {
		return err
	}
	list, err := s.Sessions()
	if err != nil {
		return err
	}
	_, d := newSession("another")
	if err := s.Apply(d); !errors.Is(err, ErrReadOnly) {
		return fmt.Errorf("apply: %w", err)
	}
	fmt.Println(s.ReadOnly(), len(list))
	return s.Close()
}

// A store that may not be written to is opened for reading.
func TestReadOnlyFile(t *testing.T) {
	path := testPath(t)
	s := openTest(t, path, Options{})
	_, d := newSession("first")
	apply(t, s, d)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	before, beside := state(t, path), names(t, filepath.Dir(path))

	c := startUnprivileged(t, "read", path, "")
	if got := c.rest(t); !reflect.DeepEqual(got, []string{"true 1"}) {
		t.Errorf("child printed %q", got)
	}
	if after := state(t, path); after != before {
		t.Errorf("the file was %s and is %s", before, after)
	}
	if after := names(t, filepath.Dir(path)); !reflect.DeepEqual(after, beside) {
		t.Errorf("beside it were %q and are %q", beside, after)
	}
}

// A FIFO in the place of a store is refused, not waited for.
func TestFIFO(t *testing.T) {
	path := testPath(t)
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		if _, err := open(path, Options{ReadOnly: readOnly}); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("error %v", err)
		}
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("it is %v now (%v)", info.Mode(), err)
	}
	if _, err := open("/dev/null", Options{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("/dev/null: error %v", err)
	}
}

func TestFindHolder(t *testing.T) {
	const locks = `1: POSIX  ADVISORY  READ 11 fe:00:131104 128 128
2: FLOCK  ADVISORY  WRITE 12 fe:00:999 0 EOF
3: FLOCK  ADVISORY  WRITE 13 00:1f:131104 0 EOF
4: FLOCK  ADVISORY  WRITE 14 fe:00:131104 0 EOF
4: -> FLOCK  ADVISORY  WRITE 15 fe:00:131104 0 EOF
5: FLOCK  ADVISORY  WRITE 16 fe:00:1131104 0 EOF
6: FLOCK  ADVISORY  WRITE -1 fe:00:77 0 EOF
nonsense
`
	tests := []struct {
		major, minor uint32
		inode        uint64
		want         int
	}{
		{0xfe, 0, 131104, 14},
		{0, 0x1f, 131104, 13},
		{8, 1, 999, 12}, // the kernel shows another device than stat
		{0xfe, 0, 77, 0},
		{0xfe, 0, 1, 0},
	}
	for _, tt := range tests {
		if got := findHolder(strings.NewReader(locks), unix.Mkdev(tt.major, tt.minor), tt.inode); got != tt.want {
			t.Errorf("%x:%x:%d is held by %d, want %d", tt.major, tt.minor, tt.inode, got, tt.want)
		}
	}
}

// startUnprivileged is startChild for a process that permissions hold for: root writes to any file, so it
// must not have the capabilities that let it.
func startUnprivileged(t *testing.T, name, path, arg string) *child {
	t.Helper()
	started := make(chan *child)
	go func() {
		defer close(started)
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			for _, capability := range []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH} {
				if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil {
					t.Errorf("drop capability %d: %v", capability, err)
					return
				}
			}
		}
		started <- startChild(t, name, path, arg)
	}()
	c, ok := <-started
	if !ok {
		t.FailNow()
	}
	return c
}
