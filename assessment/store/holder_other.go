//go:build !linux

package store

import (
	"os"
	"strconv"
)

// holder returns the process that says that it has the file at path open for writing, 0 when none
// does. It is asked only while somebody holds the lock; what a process that died has left can name the
// wrong one until then.
func holder(path string) int { return announced(path) }

// announce tells other processes who has the store open, until withdraw is called. Nothing depends on
// it but a message.
func announce(path string) (withdraw func()) {
	name := pidPath(path)
	os.Remove(name)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return func() {}
	}
	f.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	f.Close()
	return func() { os.Remove(name) }
}
