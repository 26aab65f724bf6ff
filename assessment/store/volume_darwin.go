package store

import "golang.org/x/sys/unix"

// volumeOf says what a folder lies on.
func volumeOf(dir string) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return volume{}, err
	}
	return volume{
		kind:   unix.ByteSliceToString(st.Fstypename[:]),
		remote: st.Flags&unix.MNT_LOCAL == 0,
		free:   st.Bavail * uint64(st.Bsize),
	}, nil
}
