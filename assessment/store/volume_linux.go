package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// magics are the numbers by which statfs(2) tells file systems apart, of those that a store is likely to
// lie on.
var magics = map[uint32]volume{
	unix.EXT4_SUPER_MAGIC: {kind: "ext4"}, unix.XFS_SUPER_MAGIC: {kind: "xfs"}, unix.BTRFS_SUPER_MAGIC: {kind: "btrfs"},
	unix.F2FS_SUPER_MAGIC: {kind: "f2fs"}, unix.OVERLAYFS_SUPER_MAGIC: {kind: "overlay"}, unix.MSDOS_SUPER_MAGIC: {kind: "FAT"},
	unix.EXFAT_SUPER_MAGIC: {kind: "exFAT"}, unix.ECRYPTFS_SUPER_MAGIC: {kind: "ecryptfs"},
	0x2FC12FC1: {kind: "zfs"}, 0x7366746E: {kind: "ntfs3"},

	unix.TMPFS_MAGIC: {kind: "tmpfs", memory: true}, unix.RAMFS_MAGIC: {kind: "ramfs", memory: true},

	unix.NFS_SUPER_MAGIC: {kind: "nfs", remote: true}, unix.SMB_SUPER_MAGIC: {kind: "smb", remote: true},
	unix.CIFS_SUPER_MAGIC: {kind: "cifs", remote: true}, unix.SMB2_SUPER_MAGIC: {kind: "smb2", remote: true},
	unix.V9FS_MAGIC: {kind: "9p", remote: true}, unix.FUSE_SUPER_MAGIC: {kind: "fuse", remote: true},
	unix.AFS_SUPER_MAGIC: {kind: "afs", remote: true}, unix.AFS_FS_MAGIC: {kind: "afs", remote: true},
	unix.CODA_SUPER_MAGIC: {kind: "coda", remote: true}, unix.CEPH_SUPER_MAGIC: {kind: "ceph", remote: true},
	unix.OCFS2_SUPER_MAGIC: {kind: "ocfs2", remote: true}, 0x01161970: {kind: "gfs2", remote: true},
	0x0BD00BD0: {kind: "lustre", remote: true},
}

// volumeOf says what a folder lies on.
func volumeOf(dir string) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return volume{}, err
	}
	v, known := magics[uint32(st.Type)]
	if !known {
		v.kind = fmt.Sprintf("of type %#x", uint32(st.Type))
	}
	v.free = st.Bavail * uint64(st.Bsize)
	if uint32(st.Type) == unix.EXT4_SUPER_MAGIC {
		v.fastCommit = fastCommitOf(dir)
	}
	return v, nil
}

// fastCommitOf says whether an ext4 file system under a folder uses fast commits, as far as one can know
// without being root.
func fastCommitOf(dir string) Finding {
	var st unix.Stat_t
	var host unix.Utsname
	if unix.Stat(dir, &st) != nil || unix.Uname(&host) != nil {
		return judgeFastCommit("", "")
	}
	// The kernel names the folders of its statistics after the device.
	device, err := filepath.EvalSymlinks(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev)))
	if err != nil {
		return judgeFastCommit("", unix.ByteSliceToString(host.Release[:]))
	}
	info, err := os.ReadFile(filepath.Join("/proc/fs/ext4", filepath.Base(device), "fc_info"))
	if err != nil {
		info = nil
	}
	return judgeFastCommit(string(info), unix.ByteSliceToString(host.Release[:]))
}

// judgeFastCommit judges what a kernel of that release ("5.15.0-91-generic") says of the fast commits of a
// file system (/proc/fs/ext4/DEVICE/fc_info, "" where it can not be read). bbolt's documentation says
// that files of its can be damaged by them with Linux from 5.10 to before 5.17, where the fixes are not
// in: those of 5.10.94 and 5.15.27 have them.
func judgeFastCommit(info, release string) Finding {
	const check = "ext4 fast_commit"
	parts := strings.FieldsFunc(release, func(r rune) bool { return r < '0' || r > '9' })
	var version [3]int
	for i := range min(len(parts), len(version)) {
		version[i], _ = strconv.Atoi(parts[i])
	}
	major, minor, patch := version[0], version[1], version[2]
	affected := major == 5 && minor >= 10 && minor < 17 && !(minor == 10 && patch >= 94) && !(minor == 15 && patch >= 27)
	switch {
	case release == "":
		return Finding{check, Note, "whether it is in use is unknown", ""}
	case !affected:
		return Finding{check, OK, fmt.Sprintf("no concern with Linux %s", release), ""}
	}
	const advice = "update the kernel to 5.17 or later, or turn it off (as root: tune2fs -O ^fast_commit DEVICE, unmounted)"
	// "fc stats:\n0 commits\n0 ineligible\n…"
	commits := strings.Fields(info)
	if len(commits) < 4 || commits[3] != "commits" {
		return Finding{check, Note, fmt.Sprintf("whether it is in use is unknown; with Linux %s it can damage a store when the power fails", release), advice}
	}
	if commits[2] == "0" {
		return Finding{check, OK, "not in use since the file system was mounted", ""}
	}
	return Finding{check, Warning, fmt.Sprintf("it is in use, and with Linux %s it can damage a store when the power fails", release), advice}
}
