package store

import (
	"os"
	"strconv"
	"strings"
)

// pidPath is where, on systems other than Linux, a process that has a store open says so.
func pidPath(path string) string { return path + ".pid" }

// announced is the process that says that it has the store at path open, 0 where none does.
func announced(path string) int {
	b, err := os.ReadFile(pidPath(path))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
