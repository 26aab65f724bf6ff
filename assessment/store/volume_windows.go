package store

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// volumeOf says what a folder lies on.
func volumeOf(dir string) (volume, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return volume{}, err
	}
	var v volume
	if err := windows.GetDiskFreeSpaceEx(path, &v.free, nil, nil); err != nil {
		return volume{}, err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return volume{}, err
	}
	var kind [windows.MAX_PATH + 1]uint16
	if err := windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &kind[0], uint32(len(kind))); err != nil {
		return volume{}, err
	}
	v.kind = windows.UTF16ToString(kind[:])
	switch windows.GetDriveType(root) {
	case windows.DRIVE_REMOTE:
		v.remote = true
	case windows.DRIVE_RAMDISK:
		v.memory = true
	}
	return v, nil
}
