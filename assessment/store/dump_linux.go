package store

import "golang.org/x/sys/unix"

// undumpable has the kernel write no core dump of this process. The limit alone is not enough: it does not
// hold for a core_pattern that hands dumps to a program. Debuggers of the same user are kept out as well.
func undumpable() { unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
