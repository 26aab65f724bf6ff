package intake

import (
	"bytes"
	"fmt"
)

// read finds out what the file is, and reads it.
func (f *File) read(data []byte) *Problem {
	if len(data) > MaxSize {
		return refuse(Place{}, "", fmt.Sprintf("has %d bytes, at most %d are read", len(data), MaxSize), "")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return refuse(Place{}, "", "is empty", "")
	}
	return refuse(Place{}, "", "is of no kind that is read", "")
}
