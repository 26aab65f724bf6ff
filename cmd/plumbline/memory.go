package main

import (
	"os"
	"runtime/debug"
)

// usualMemory is how much memory the program takes before it looks harder for what can be given back, in
// bytes. Go's collector by itself waits until twice of what is needed is in use, and what is needed to
// read the largest files that are read is about this much. It is no limit: what needs more gets more.
const usualMemory = 160 << 20

// spareMemory keeps the program to that, unless the environment says otherwise in Go's own way.
func spareMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(usualMemory)
	}
}
