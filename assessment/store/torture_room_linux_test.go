package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"plumbline/assessment"
)

// Here room runs out for real: on a small file system in memory, at a limit for the size of files, and on a
// file system that is mounted for reading only. The file systems are mounted in a namespace of the process.

func init() {
	children["room"] = childRoom
	children["remount"] = childRemount
}

// place is where there is little room.
type place struct {
	make func(dir string, size int64) error
	more func(dir string) error // gives a little more room
	free func(dir string) error // gives as much as there is
	why  error
}

// ballast is a file that is removed when room is wanted.
func ballast(dir string) string { return filepath.Join(dir, "ballast") }

const ballastSize = 64 << 10

var places = map[string]place{
	"small file system": {
		make: func(dir string, size int64) error {
			err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size+ballastSize))
			if err == nil {
				err = os.WriteFile(ballast(dir), make([]byte, ballastSize), fileMode)
			}
			return err
		},
		more: func(dir string) error { return os.Remove(ballast(dir)) },
		free: func(dir string) error { return unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, "size=64m") },
		why:  unix.ENOSPC,
	},
	"limit of file size": {
		make: func(_ string, size int64) error { return limitFiles(size) },
		more: func(string) error { return limitFiles(mostRoom + ballastSize) },
		free: func(string) error { return limitFiles(1 << 30) },
		why:  unix.EFBIG,
	},
}

func limitFiles(size int64) error {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit)
	limit.Cur = uint64(size)
	return errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
}

const (
	leastRoom = 4 << 10
	mostRoom  = 320 << 10
	roomStep  = 4 << 10
)

// childRoom creates a store and answers, in a place of the kind arg of every size, until there is no room,
// and once more. It prints a line for each size: how much was acknowledged, and whether the store could be created
// at once.
func childRoom(path, arg string) error {
	place := places[arg]
	for size := int64(leastRoom); size <= mostRoom; size += roomStep {
		dir := filepath.Join(filepath.Dir(path), fmt.Sprint(size))
		if err := os.Mkdir(dir, folderMode); err != nil {
			return err
		}
		if err := place.make(dir, size); err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		head, created, err := fill(filepath.Join(dir, "plumbline.db"), place)
		if err != nil {
			return fmt.Errorf("%s of %d bytes: %w", arg, size, err)
		}
		fmt.Println(head.Seq, created)
	}
	return nil
}

// fill creates a store and answers until there is no room, gets more, and fills that.
func fill(path string, place place) (acknowledged assessment.Head, created bool, err error) {
	dir := filepath.Dir(path)
	give := []func(dir string) error{place.more, place.free}
	o := Options{Now: atStart}
	s, err := Open(path, o)
	if created = err == nil; !created {
		if !errors.Is(err, place.why) && !strings.Contains(err.Error(), place.why.Error()) {
			return acknowledged, false, err
		}
		entries, listErr := os.ReadDir(dir)
		entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == "ballast" })
		if listErr != nil || len(entries) > 0 {
			return acknowledged, false, fmt.Errorf("a failed creation has left %v, %w", entries, listErr)
		}
		if err := give[0](dir); err != nil {
			return acknowledged, false, err
		}
		give = give[1:]
		if s, err = Open(path, o); err != nil {
			return acknowledged, false, fmt.Errorf("with more room: %w", err)
		}
	}
	session, d := newSession("room")
	fills := func() error {
		for n := range 100_000 {
			if err := s.Apply(d); err != nil {
				return err
			}
			acknowledged = d.Summary.Head
			d = answer(session, n)
		}
		return errors.New("there is no end of room")
	}
	for _, more := range give {
		if err := fills(); !errors.Is(err, ErrFull) || !errors.Is(err, place.why) {
			return acknowledged, created, fmt.Errorf("without room: %w", err)
		}
		if err := s.Apply(d); !errors.Is(err, ErrFull) {
			return acknowledged, created, fmt.Errorf("without room, again: %w", err)
		}
		if err := s.Check(); err != nil {
			return acknowledged, created, fmt.Errorf("full: %w", err)
		}
		if err := more(dir); err != nil {
			return acknowledged, created, err
		}
	}
	// What was refused is taken now.
	if err := errors.Join(s.Apply(d), s.Close()); err != nil {
		return acknowledged, created, fmt.Errorf("with room again: %w", err)
	}
	acknowledged = d.Summary.Head
	if s, err = Open(path, o); err != nil {
		return acknowledged, created, err
	}
	st, err := s.Load(d.Session)
	if err = errors.Join(err, s.Check(), s.Close()); err != nil {
		return acknowledged, created, err
	}
	if head, err := st.Verify(); head != acknowledged {
		return acknowledged, created, fmt.Errorf("the journal ends at %v, and %v was acknowledged (%w)", head, acknowledged, err)
	}
	return acknowledged, created, nil
}

// childRemount has the file system of a store mounted for reading only, and back.
func childRemount(path, _ string) error {
	dir := filepath.Dir(path)
	mount := func(flags uintptr) error { return unix.Mount("tmpfs", dir, "tmpfs", flags, "") }
	if err := mount(0); err != nil {
		return err
	}
	session, d := newSession("kept")
	another := filepath.Join(dir, "another.db")
	for n := range 3 {
		s, err := Open(path, Options{Now: atStart})
		if err != nil {
			return err
		}
		if err := s.Apply(d); err != nil {
			return err
		}
		if err := mount(unix.MS_REMOUNT | unix.MS_RDONLY); !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("the system lets the file system be made read-only under a store that is open: %w", err)
		}
		if err := errors.Join(s.Close(), mount(unix.MS_REMOUNT|unix.MS_RDONLY)); err != nil {
			return err
		}
		if s, err = Open(path, Options{Now: atStart}); err != nil {
			return err
		}
		st, err := s.Load(d.Session)
		if err := errors.Join(err, s.Check()); err != nil {
			return err
		}
		if head, err := st.Verify(); head != d.Summary.Head || !s.ReadOnly() {
			return fmt.Errorf("it ends at %v, not %v (read-only: %v, %w)", head, d.Summary.Head, s.ReadOnly(), err)
		}
		acknowledged := d.Summary.Head.Seq
		d = answer(session, n)
		if err := s.Apply(d); !errors.Is(err, ErrReadOnly) {
			return fmt.Errorf("answer: %w", err)
		}
		if _, err := Open(another, Options{}); !errors.Is(err, unix.EROFS) || exists(another) {
			return fmt.Errorf("create: %w", err)
		}
		if err := errors.Join(s.Close(), mount(unix.MS_REMOUNT)); err != nil {
			return err
		}
		fmt.Println(acknowledged, true)
	}
	return nil
}

// room runs out of it.
func (p *torture) room(t *testing.T) {
	for _, r := range []struct{ child, arg, what string }{
		{"room", "small file system", "full file system"},
		{"room", "limit of file size", "limit of file size"},
		{"remount", "", "mounted read-only"},
	} {
		c := p.count(r.what, "answers")
		dir := p.fresh(t)
		defer os.RemoveAll(dir)
		cmd := exec.Command(os.Args[0], filepath.Join(dir, "plumbline.db"), r.arg)
		cmd.Env = append(os.Environ(), childVariable+"="+r.child)
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		out, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = fmt.Errorf("%w: %s", err, exit.Stderr)
			}
			t.Errorf("%s: %v", r.what, err)
			c.lost++ // something, if not an answer
		}
		uncreated := 0
		for line := range strings.Lines(string(out)) {
			var n int
			var created bool
			if _, err := fmt.Sscan(line, &n, &created); err != nil {
				t.Errorf("%q: %v", line, err)
			}
			if !created {
				uncreated++
			}
			c.tried++
			c.acknowledged += n
		}
		if r.child == "room" {
			c.of = fmt.Sprintf("sizes from %d to %d KiB; in %d no store could be created", leastRoom>>10, mostRoom>>10, uncreated)
		}
		c.sound(t)
	}
}
