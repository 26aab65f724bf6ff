package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Here the power is cut of a real file system. A script is played on ext4, which lies in a file; the process
// is stopped at random, and what has come to the file by then, and not what waits in memory, is mounted again
// and judged. That needs root, and loop devices; where they are not to be had it is skipped, since the model
// of torture_disk_test.go leaves more than any file system does.

func init() { children["ext4"] = childExt4 }

// cut is what became of a store in one image.
type cut struct {
	Done int // steps that were acknowledged
	verdict
}

// ext4Able returns why no file system can be made and mounted, or nil.
func ext4Able(folder string) error {
	if os.Getuid() != 0 {
		return errors.New("it needs root")
	}
	dir, err := os.MkdirTemp(folder, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	disk := filepath.Join(dir, "disk")
	if err := makeExt4(disk); err != nil {
		return err
	}
	mnt := filepath.Join(dir, "mnt")
	if err := mountExt4(disk, mnt); err != nil {
		return err
	}
	return unmount(mnt)
}

func makeExt4(disk string) error {
	const size = 16 << 20
	if err := os.WriteFile(disk, nil, fileMode); err != nil {
		return err
	}
	if err := os.Truncate(disk, size); err != nil {
		return err
	}
	return run("mkfs.ext4", "-q", "-F", disk)
}

// mountExt4 mounts a disk, on which nothing is written but on demand: the image of one is taken while nobody
// writes to it.
func mountExt4(disk, mnt string) error {
	if err := os.MkdirAll(mnt, folderMode); err != nil {
		return err
	}
	return run("mount", "-t", "ext4", "-o", "loop,commit=300", disk, mnt)
}

func unmount(mnt string) error { return run("umount", mnt) }

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		cmd = exec.Command(path, args...)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

// childExt4 prints what became of a script in as many images as asked for. It runs where it sees its mounts
// alone. The argument is the script, how many images, the seed, and what the process is started with.
func childExt4(folder, arg string) error {
	args := strings.Split(arg, "|")
	w := newScript(args[0])
	times, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(args[2], 10, 64)
	if err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(seed, 0))
	fresh, disk, image := filepath.Join(folder, "fresh"), filepath.Join(folder, "disk"), filepath.Join(folder, "image")
	mnt := filepath.Join(folder, "mnt")
	if err := errors.Join(makeExt4(fresh), mountExt4(fresh, mnt)); err != nil {
		return err
	}
	// What the first step makes a store in has to be there, and nothing else.
	if err := errors.Join(os.Chmod(mnt, folderMode), w.prepare(mnt), unmount(mnt)); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for range times {
		if err := errors.Join(copyFile(fresh, disk), mountExt4(disk, mnt)); err != nil {
			return err
		}
		printed, err := stopped(w, mnt, chance, args[3:], func() error { return copyFile(disk, image) })
		if err := errors.Join(err, unmount(mnt)); err != nil {
			return err
		}
		var c cut
		if c.Done, err = w.acknowledged(printed); err != nil {
			return err
		}
		if err := mountExt4(image, mnt); err != nil {
			return err
		}
		os.Remove(filepath.Join(mnt, "lost+found")) // which is no matter of ours
		c.verdict = w.judge(w.place(mnt), c.Done)
		if err := errors.Join(unmount(mnt), out.Encode(c)); err != nil {
			return err
		}
	}
	return nil
}

// stopped plays a script, stops the process at random, has a look taken at what there is, and kills it. It
// returns what the process has printed.
func stopped(w *script, mnt string, chance *rand.Rand, starter []string, look func() error) (printed []string, err error) {
	args := append(starter[:len(starter):len(starter)], os.Args[0], w.place(mnt), w.name+","+givesUp)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"=script")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for range chance.IntN(len(w.steps) - w.prepared) {
		if lines.Scan() {
			printed = append(printed, lines.Text())
		}
	}
	time.Sleep(time.Duration(chance.IntN(15_000)) * time.Microsecond)
	err = stop(cmd.Process.Pid)
	if err == nil {
		err = look()
	}
	cmd.Process.Kill()
	for lines.Scan() { // what it had said by then
		printed = append(printed, lines.Text())
	}
	cmd.Wait()
	if err == nil && stderr.Len() > 0 {
		err = errors.New(stderr.String())
	}
	return printed, err
}

// stop stops a process and waits until none of its threads is in a call of the system any more. One that has
// ended is stopped.
func stop(pid int) error {
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		return err
	}
	for {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		if err != nil {
			return err
		}
		runs := false
		for _, task := range tasks {
			stat, err := os.ReadFile(task)
			if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
				continue
			} else if err != nil {
				return err
			}
			_, state, _ := strings.Cut(string(stat), ") ")
			runs = runs || !strings.ContainsAny(state[:1], "TtZX")
		}
		if !runs {
			return nil
		}
		time.Sleep(100 * time.Microsecond)
	}
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, fileMode)
}

// ext4 cuts the power of that file system.
func (p *torture) ext4(t *testing.T) {
	if err := ext4Able(p.folder); err != nil {
		t.Skipf("no file system to cut the power of: %v", err)
	}
	times := 5 + int(p.time/(2*time.Second)) // for each script
	for _, s := range scripts {
		c := p.count("power cuts on ext4", s.name)
		p.cutExt4(t, newScript(s.name), times, c)
		c.sound(t)
	}
	c := p.count(brokenPrefix+"power cuts on ext4, nothing is synced", "answers")
	p.cutExt4(t, newScript("answers"), times, c,
		"strace", "-D", "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:retval=0")
	c.broken(t)
}

func (p *torture) cutExt4(t *testing.T, w *script, times int, c *count, starter ...string) {
	t.Helper()
	dir := p.fresh(t)
	defer os.RemoveAll(dir)
	seed := p.chance(c.what + c.script).Uint64()
	args := append([]string{w.name, strconv.Itoa(times), strconv.FormatUint(seed, 10)}, starter...)
	cmd := exec.Command(os.Args[0], dir, strings.Join(args, "|"))
	cmd.Env = append(os.Environ(), childVariable+"=ext4")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS} // its mounts end with it
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s, %s: %v: %s", c.what, c.script, err, stderr.String())
	}
	for line := range strings.Lines(string(out)) {
		var got cut
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		c.add(w, got.Done, got.verdict, fmt.Sprintf("cut after %d steps", got.Done))
	}
	c.of = "images of the disk"
}
