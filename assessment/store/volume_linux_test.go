package store

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestJudgeFastCommit(t *testing.T) {
	const inUse, notInUse = "fc stats:\n41 commits\n2 ineligible\n77 numblks\n", "fc stats:\n0 commits\n0 ineligible\n0 numblks\n"
	for _, tt := range []struct {
		info, release string
		want          Verdict
	}{
		{inUse, "6.1.0-18-amd64", OK},
		{inUse, "5.17.0", OK},
		{inUse, "5.15.0-91-generic", Warning},
		{inUse, "5.15.27", OK},
		{inUse, "5.15.26", Warning},
		{inUse, "5.10.94", OK},
		{inUse, "5.10.0-8-amd64", Warning},
		{inUse, "5.4.0", OK}, // it is not in that kernel
		{inUse, "4.18.0-553.el8_10.x86_64", OK},
		{notInUse, "5.15.0", OK},
		{"", "5.15.0", Note},
		{"something else", "5.15.0", Note},
		{inUse, "", Note},
	} {
		got := judgeFastCommit(tt.info, tt.release)
		if got.Verdict != tt.want || got.Text == "" || tt.want == Warning && !strings.Contains(got.Advice, "5.17") {
			t.Errorf("%q on %q: %+v, want %s", tt.info, tt.release, got, tt.want)
		}
	}
}

// Each network file system is called one, and no disk is.
func TestMagics(t *testing.T) {
	for magic, remote := range map[uint32]bool{
		unix.NFS_SUPER_MAGIC: true, unix.CIFS_SUPER_MAGIC: true, unix.SMB2_SUPER_MAGIC: true, unix.V9FS_MAGIC: true, unix.FUSE_SUPER_MAGIC: true,
		unix.EXT4_SUPER_MAGIC: false, unix.XFS_SUPER_MAGIC: false, unix.BTRFS_SUPER_MAGIC: false, unix.TMPFS_MAGIC: false,
	} {
		if v := magics[magic]; v.kind == "" || v.remote != remote {
			t.Errorf("%#x is %+v", magic, v)
		}
	}
}
