package store

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// holder returns the process that has the file at path locked, 0 when the kernel does not say.
func holder(path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	locks, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer locks.Close()
	return findHolder(locks, uint64(st.Dev), st.Ino)
}

// findHolder reads /proc/locks (proc_locks(5)): lines such as
//
//	1: FLOCK  ADVISORY  WRITE 4242 fe:00:131104 0 EOF
//
// with the device in hexadecimal. Some file systems (btrfs, overlay) show another device there than
// stat does, so the inode alone is taken where no line has both.
func findHolder(locks io.Reader, device, inode uint64) (pid int) {
	number := strconv.FormatUint(inode, 10)
	exact := fmt.Sprintf("%02x:%02x:%s", unix.Major(device), unix.Minor(device), number)
	for lines := bufio.NewScanner(locks); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 6 || f[1] != "FLOCK" { // a line of one who waits has "->" there
			continue
		}
		n, err := strconv.Atoi(f[4])
		if err != nil || n <= 0 {
			continue
		}
		if f[5] == exact {
			return n
		}
		if strings.HasSuffix(f[5], ":"+number) {
			pid = n
		}
	}
	return pid
}

// announce does nothing: the kernel tells who has a file locked.
func announce(string) (withdraw func()) { return func() {} }
