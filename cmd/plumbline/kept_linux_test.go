package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"plumbline/assessment/store"
	"plumbline/reports"
	"plumbline/tui"
)

// The store, its backups, and what was moved aside stay what they are under every name that they have, with
// --force too, and so does any other store. What stands in the way of one file of a report stops all of it.
func TestStoreIsNotWrittenOver(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	path, elsewhere := at("store.db"), at("other.db")
	run := func(args ...string) (string, error) {
		out, said, err := inProcess(t.Context(), append([]string{"--store=" + path, "--by=Ada"}, args...)...)
		return strings.TrimSpace(out) + said, err
	}
	var backup, aside string
	for _, step := range []struct {
		args []string
		out  *string
	}{
		{[]string{"session", "new", "--org=Tern", "--name=T"}, nil},
		{[]string{"session", "new", "--org=Tern", "--name=S", "--store=" + elsewhere}, nil},
		{[]string{"store", "backup"}, &backup},
		{[]string{"--json", "store", "restore", "--swap", "--yes"}, nil},
	} {
		if step.out == nil && step.args[0] == "--json" {
			step.args = append(step.args, backup)
		}
		out, err := run(step.args...)
		if err != nil {
			t.Fatalf("%q: %v: %s", step.args, err, out)
		}
		if step.out != nil {
			*step.out = out
		}
	}
	if found, _ := filepath.Glob(path + ".aside-*"); len(found) == 1 {
		aside = found[0]
	}
	key, here := at("key"), filepath.Join(t.TempDir(), "here")
	err := errors.Join(
		os.WriteFile(key, keyFiles(t)["key"], 0o600),
		os.WriteFile(aside, []byte("damaged, and all that is left"), 0o600),
		os.Symlink(path, at("link.db")), os.Symlink("link.db", at("link to a link")), os.Link(path, at("second name")),
		os.Symlink(backup, at("link to a backup")), os.Symlink(aside, at("link to the aside")),
		os.Mkdir(at("oscal"), 0o700),
		os.Symlink(dir, here),
		os.Link(elsewhere, at("oscal/assessment-plan.json")),
		os.Link(path, at("r.md.sig")),
	)
	if err != nil {
		t.Fatal(err)
	}
	// A store that nothing could open any more.
	damaged, err := os.ReadFile(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for i := 64; i < len(damaged); i++ {
		damaged[i] = 0
	}
	if err := os.WriteFile(at("damaged.db"), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	targets := []string{
		path, filepath.Join(here, "store.db"), at("link.db"), at("link to a link"), at("second name"), backup, at("link to a backup"), aside, at("link to the aside"),
		path + ".lock", elsewhere, at("damaged.db"),
	}
	t.Chdir(dir)
	before := everything(t)
	refused := func(what string, err error) {
		t.Helper()
		if code := exitCode(err); code != exitRefused {
			t.Errorf("%s: exit code %d, not %d: %v", what, code, exitRefused, err)
		} else if said := message(err); !strings.Contains(said, "take another name") || strings.Contains(said, "--force replaces") {
			t.Errorf("%s: it says %q", what, said)
		}
	}
	for _, target := range targets {
		for _, force := range []bool{false, true} {
			for _, args := range [][]string{
				{"export", "T"},
				{"export", "T", "--redact=all"},
				{"export", "T", "--recipient=" + testRecipient},
				{"report", "T", "--format=html"},
				{"report", "T", "--format=json"},
				{"report", "T", "--format=oscal"},
				{"report", "T", "--format=md", "--sign=" + key},
			} {
				args = append(args, "--out="+target)
				if force {
					args = append(args, "--force")
				}
				_, err := run(args...)
				refused(strings.Join(args, " "), err)
			}
		}
	}
	for _, args := range [][]string{
		{"report", "T", "--format=md", "--sign=" + key, "--out=" + at("r.md"), "--force"}, // onto the signature
		{"report", "T", "--format=oscal", "--out=" + at("oscal"), "--force"},
	} {
		_, err := run(args...)
		refused(strings.Join(args, " "), err)
	}
	if after := everything(t); after != before {
		t.Errorf("the folder was\n%s\nand is\n%s", before, after)
	}
}

// The app writes by the same rules, to its own store and to that of others.
func TestAppSparesStores(t *testing.T) {
	tr := openTransfer(t, true)
	sums, err := tr.store.Sessions()
	if err != nil {
		t.Fatal(err)
	}
	s, damage, err := loadID(tr.store.Store, sums[0].ID)
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	elsewhere := filepath.Join(t.TempDir(), "other.db")
	if st, err := store.Open(elsewhere, store.Options{}); err != nil || st.Close() != nil {
		t.Fatal(err)
	}
	for _, path := range []string{tr.store.Path(), elsewhere} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, force := range []bool{false, true} {
			_, errBundle := tr.exportBundle(context.Background(), tui.BundleExport{Session: sums[0].ID, Path: path, Force: force})
			_, errReport := tr.export(context.Background(), s.Snapshot(), reports.Gap, reports.HTML, reports.Options{}, path, force)
			for what, err := range map[string]error{"a bundle": errBundle, "a report": errReport} {
				if !errors.Is(err, errOutput) || errors.Is(err, fs.ErrExist) {
					t.Errorf("%s onto %q, force %v: %v", what, path, force, err)
				}
			}
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%q is another: %v", path, err)
		}
	}
}

// A link that others go by, to a pipe, a device or a folder, stays with --force too.
func TestLinksToDevicesStay(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	st := "--store=" + at("store.db")
	if _, said, err := inProcess(t.Context(), st, "session", "new", "--org=Tern", "--name=T", "--by=Ada"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	err := errors.Join(
		syscall.Mkfifo(at("pipe"), 0o600), os.Mkdir(at("folder"), 0o700),
		os.Symlink("pipe", at("to a pipe")), os.Symlink("to a pipe", at("to a link")), os.Symlink("folder", at("to a folder")), os.Symlink("/dev/null", at("to a device")),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"to a pipe", "to a link", "to a folder", "to a device"} {
		for _, args := range [][]string{{"report", "T", "--format=html"}, {"export", "T"}} {
			_, _, err := inProcess(t.Context(), append(args, st, "--force", "--out="+at(name))...)
			if exitCode(err) != exitRefused || !strings.Contains(message(err), "no regular file") || !strings.Contains(message(err), "--out -") {
				t.Errorf("%q onto a link %s: %v", args, name, err)
			}
			if info, err := os.Lstat(at(name)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("%q onto a link %s: it is %v, %v", args, name, info, err)
			}
		}
	}
}
