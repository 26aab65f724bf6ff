//go:build unix && !linux

package store

// undumpable does nothing: the limit on core dumps is all that there is.
func undumpable() {}
