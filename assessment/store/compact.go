package store

import (
	"fmt"
	"os"
)

// Compact writes the file anew without the room that nothing uses, and returns its size in bytes before
// and after. Until the new file is on disk and was compared with the old one, the old one stays.
func (s *Store) Compact() (before, after int64, err error) {
	err = s.do(func() error {
		err := s.writable()
		if err == nil {
			before, err = sizeOf(s.path)
		}
		if err == nil {
			err = s.rewrite()
		}
		if err == nil {
			after, err = sizeOf(s.path)
		}
		if err != nil {
			return fmt.Errorf("compact: %w", err)
		}
		return nil
	})
	return before, after, err
}

func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
