package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"plumbline/assessment/store"
	"plumbline/content/contenttest"
)

const (
	storeDocs     = "../../docs/store.md"
	failuresBegin = "<!-- compared with the program: go test ./cmd/plumbline -run TestWhatCanGoWrong -->\n"
	failuresEnd   = "<!-- end of what is compared -->\n"
)

// failure brings about what a row of the table in docs/store.md says. Several can be of one row.
type failure struct {
	what string // the first column
	// make makes it so in an empty folder and returns the path of the store; nil is sound.
	make func(t *testing.T, dir string) string
	// run are commands of which each must do what the table says; nil is one that reads and one that
	// writes.
	run     [][]string
	cramped bool  // no file can grow beyond a kilobyte
	changes bool  // something in the folder may be other afterwards; else nothing is, to the last bit
	err     error // what can not be brought about from outside: the message and the code are those of this
}

var (
	reads  = []string{"session", "show", "T"}
	writes = []string{"rate", "T", "GV.OC-03/defend", "--current", "1"}
	begins = []string{"session", "new", "--org", "Tern", "--name", "N"}
	drops  = []string{"session", "delete", "T", "--yes"}
)

func failures(t *testing.T) []failure {
	pass, table := newFile(t, "sesame"), newFile(t, "item_id,current\nGV.OC-02/secure,1\n")
	random := make([]byte, 100_000)
	rand.NewChaCha8([32]byte{1}).Read(random)
	pack := t.TempDir()
	mustDo(t, os.CopyFS(pack, contenttest.NextDraft().Files()))
	page := os.Getpagesize()
	const notOurs = "it does not begin as a store does: a text, zeros, what a full disk left of a new file, no good meta page, pages of no such size, another format of bbolt"
	return []failure{
		{what: "there is no file, and the command needs one", make: at(nothing), run: [][]string{{"verify"}, {"store", "encrypt"}, {"store", "decrypt"}}},
		{what: "it is a folder", make: at(func(p string) error { return os.Mkdir(p, 0o700) })},
		{what: "it is a FIFO, a socket or a device", make: at(func(p string) error { return unix.Mkfifo(p, 0o600) })},
		{what: "it is a FIFO, a socket or a device", make: at(listen)},
		{what: "it is a FIFO, a socket or a device", make: func(*testing.T, string) string { return os.DevNull }},
		{what: "a part of its path is a file", make: func(t *testing.T, dir string) string { return filepath.Join(sound(t, dir), "x.db") }},
		{what: "it is a symbolic link", changes: true, make: func(t *testing.T, dir string) string { return linked(t, dir, sound(t, dir)) }},
		{what: "it is a symbolic link that leads nowhere", make: func(t *testing.T, dir string) string { return linked(t, dir, "stick/store.db") }},
		{what: "it is a symbolic link in a circle", make: func(t *testing.T, dir string) string { return linked(t, dir, "link.db") }},
		{what: "it can not be made, since the folder can not be written to", run: [][]string{begins}, make: func(t *testing.T, dir string) string {
			return filepath.Join(closed(t, filepath.Join(dir, "closed"), 0o500), "store.db")
		}},
		{what: "there is no room to make it", cramped: true, make: at(nothing), run: [][]string{begins}},
		{what: "it can not be read", make: func(t *testing.T, dir string) string { return chmod(t, sound(t, dir), 0) }},
		{what: "its folder can not be entered", make: func(t *testing.T, dir string) string {
			sub := filepath.Join(dir, "closed")
			mustDo(t, os.Mkdir(sub, 0o700))
			path := sound(t, sub)
			closed(t, sub, 0)
			return path
		}},
		{what: "it can not be written to, and is only read", run: [][]string{reads, {"verify"}}, make: func(t *testing.T, dir string) string { return chmod(t, sound(t, dir), 0o400) }},
		{what: "it can not be written to, and something is to be changed", run: [][]string{writes, begins, {"store", "encrypt", "--new-passphrase-file", pass}}, make: func(t *testing.T, dir string) string {
			return chmod(t, sound(t, dir), 0o400)
		}},
		{what: "it is a backup, and something is to be changed", run: [][]string{writes, begins}, make: func(t *testing.T, dir string) string {
			backup := filepath.Join(dir, "backups", "store.db.20260131T090000.000Z")
			mustDo(t, os.Mkdir(filepath.Dir(backup), 0o700))
			mustDo(t, os.Rename(sound(t, dir), backup))
			return backup
		}},
		{what: "others can write to its folder", changes: true, run: [][]string{writes}, make: func(t *testing.T, dir string) string {
			path := sound(t, dir)
			mustDo(t, os.Chmod(dir, 0o777))
			return path
		}},

		{what: "it is empty", make: bytesOf(func([]byte) []byte { return nil })},
		{what: notOurs, make: bytesOf(func([]byte) []byte { return []byte("Dear Sir or Madam,\n") })},
		{what: notOurs, make: bytesOf(func(b []byte) []byte { return make([]byte, len(b)) })},
		{what: "it is no store, and there is no backup beside it", make: func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "store.db")
			mustDo(t, os.WriteFile(path, random, 0o600))
			return path
		}},
		{what: notOurs, make: bytesOf(func([]byte) []byte { return make([]byte, page) })},
		{what: "it is cut off, wherever that is", make: bytesOf(func(b []byte) []byte { return b[:page] })},
		{what: "it is cut off, wherever that is", make: bytesOf(func(b []byte) []byte { return b[:3*page] })},
		{what: "the first of its two meta pages is lost", changes: true, make: bytesOf(func(b []byte) []byte { clear(b[:page]); return b })},
		{what: notOurs, make: bytesOf(func(b []byte) []byte { clear(b[:2*page]); return b })},
		{what: notOurs, make: metas(8, 3000)},
		{what: notOurs, make: metas(4, 1)},
		{what: "it is a bbolt file of another program", make: buckets(sound, func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("plumbline")) })},
		{what: "its header has nonsense for a schema", make: header(sound, "schema", "")},
		{what: "its header has nonsense for a schema", make: header(sound, "schema", "two")},
		{what: "pages in it are damaged", make: rotten},
		{what: "it is of a newer version of Plumbline", make: header(sound, "schema", strconv.Itoa(store.Schema+1))},
		{what: "it is of an older version, and is only read", err: &store.OlderError{Path: "store.db", Schema: 1}},
		{what: "the last event of a session was changed", make: altered},
		{what: "the summary of a session can not be read, and it is asked for by its name", make: buckets(sound, func(tx *bolt.Tx) error {
			return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
				if !bytes.HasPrefix(name, []byte("s/")) {
					return nil
				}
				return b.Put([]byte("!sum"), []byte("nonsense"))
			})
		})},

		{what: "another process has it open", make: busy},
		{what: "a process that died has left its number beside it", changes: true, make: func(t *testing.T, dir string) string {
			path := sound(t, dir)
			mustDo(t, os.WriteFile(filepath.Join(dir, "store.db.pid"), []byte("1\n"), 0o600))
			return path
		}},

		{what: "there is no room for an answer", cramped: true, run: [][]string{writes, begins}},
		{what: "there is no room for the backup before a deletion", cramped: true, run: [][]string{drops}},
		{what: "there is no room for the backup before an import", cramped: true, run: [][]string{
			{"import", "../../assessment/bundle/testdata/format-1.plumb"}, {"import", table, "--into", "T"},
		}},
		{what: "there is no room for the backup before a session moves to another pack", cramped: true, run: [][]string{
			{"session", "migrate", "T", "--pack", pack, "--reason", "a new draft"},
		}},
		{what: "the folder of the backups can not be made, before a deletion", make: unbacked, run: [][]string{drops}},
		{what: "the backup of the day fails", make: unbacked, run: [][]string{writes}, changes: true},
		{what: "the file can not be written anew after a deletion", changes: true, run: [][]string{drops}, make: func(t *testing.T, dir string) string {
			path := sound(t, dir)
			mustDo(t, os.MkdirAll(filepath.Join(dir, ".store.db.rewrite", "in the way"), 0o700))
			return path
		}},
		{what: "there is no room to encrypt it", cramped: true, run: [][]string{{"store", "encrypt", "--new-passphrase-file", pass}}},

		{what: "it is encrypted, and there is no terminal to ask on", make: encrypted},
		{what: "the passphrase is wrong", make: encrypted, run: [][]string{with(newFile(t, "sesam"), reads), with(newFile(t, "sesam"), writes)}},
		{what: "the description of its encryption is damaged", run: [][]string{with(pass, reads), with(pass, writes), reads}, make: header(encrypted, "encryption", "nonsense")},
		{what: "a passphrase was given, and it is not encrypted", run: [][]string{with(pass, reads), with(pass, writes)}},
	}
}

// The table in docs/store.md says what the program does: each row is brought about, and then the message,
// the exit code and what becomes of the files must be as it says.
func TestWhatCanGoWrong(t *testing.T) {
	rows, tried := tableOfFailures(t), make(map[string]bool)
	for _, f := range failures(t) {
		tried[f.what] = true
		t.Run(f.what, func(t *testing.T) {
			row, ok := rows[f.what]
			if !ok {
				t.Fatalf("%s has no such row", storeDocs)
			}
			if f.err != nil {
				row.compare(t, exitCode(f.err), "plumbline: "+message(f.err))
				return
			}
			if f.make == nil {
				f.make = sound
			}
			if f.run == nil {
				f.run = [][]string{reads, writes}
			}
			dir := t.TempDir()
			path := f.make(t, dir)
			for _, args := range f.run {
				before := all(t, dir)
				code, said := f.do(t, append([]string{"--store", path}, args...))
				row.compare(t, code, said)
				if after := all(t, dir); !f.changes && after != before {
					t.Errorf("%q: there was\n%s, there is\n%s", args, before, after)
				}
			}
		})
	}
	for what := range rows {
		if !tried[what] {
			t.Errorf("%s has a row that is not tried: %s", storeDocs, what)
		}
	}
}

// outcome is what a row says that happens.
type outcome struct {
	says string // with "…" for what differs; "" where nothing is said
	code int
}

// tableOfFailures reads the table.
func tableOfFailures(t *testing.T) map[string]outcome {
	t.Helper()
	page, err := os.ReadFile(storeDocs)
	mustDo(t, err)
	_, rest, begins := strings.Cut(string(page), failuresBegin)
	table, _, ends := strings.Cut(rest, failuresEnd)
	if !begins || !ends {
		t.Fatalf("%s has no table to compare", storeDocs)
	}
	rows := make(map[string]outcome)
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		code, err := strconv.Atoi(cells[2])
		if err != nil {
			continue // the head of the table
		}
		rows[cells[0]] = outcome{strings.Trim(cells[1], "`–"), code}
	}
	return rows
}

// compare holds what the program did against the row. Before what the row has, a message names what was
// being done.
func (o outcome) compare(t *testing.T, code int, said string) {
	t.Helper()
	if code != o.code {
		t.Errorf("exit code %d, not %d", code, o.code)
	}
	if o.says == "" {
		if said != "" {
			t.Errorf("it says %q", said)
		}
		return
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(o.says), "…", ".*")
	if !regexp.MustCompile(`(?m)^plumbline: ([a-z][^:"]*: )*` + pattern + "$").MatchString(said) {
		t.Errorf("it does not say\n%s\nbut\n%s", o.says, said)
	}
}

// do runs the program and returns its exit code and what it says. It runs without the right of root to read
// and write what permissions forbid.
func (f failure) do(t *testing.T, args []string) (code int, said string) {
	t.Helper()
	cmd := plumbline(args...)
	if f.cramped {
		sh, err := exec.LookPath("sh")
		if err != nil {
			t.Skip(err) // there is no shell to limit the size of files
		}
		cmd = exec.Command(sh, append([]string{"-c", `ulimit -f 1; exec plumbline "$@"`, sh}, args...)...)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	ran := make(chan error)
	go func() {
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			for _, capability := range []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH} {
				if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil {
					ran <- fmt.Errorf("drop capability %d: %w", capability, err)
					return
				}
			}
		}
		ran <- cmd.Run()
	}()
	err := <-ran
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stderr.String()
}

// all describes what is in a folder, to the last bit.
func all(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	mustDo(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) {
			return nil // a folder that was closed on purpose
		}
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v", path, info.Mode())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrPermission) {
				return err
			}
			fmt.Fprintf(&b, " %v %x", info.ModTime(), sha256.Sum256(data))
		}
		b.WriteByte('\n')
		return nil
	}))
	return b.String()
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newFile makes a file in a folder of its own.
func newFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	mustDo(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// with gives a command the passphrase in a file.
func with(file string, args []string) []string {
	return append([]string{"--store-passphrase-file", file}, args...)
}

// kept are files, by their paths below a folder.
type kept map[string][]byte

// keep makes a store in a folder that goes again, and returns what is in that then.
func keep(fill func(path string) error) (kept, error) {
	dir, err := os.MkdirTemp("", "plumbline-test-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	files := make(kept)
	err = fill(filepath.Join(dir, "store.db"))
	if err == nil {
		err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			files[name], err = os.ReadFile(path)
			return err
		})
	}
	return files, err
}

// put writes the files to a folder and returns the path of the store.
func (k kept) put(t *testing.T, dir string) string {
	t.Helper()
	for name, data := range k {
		path := filepath.Join(dir, name)
		mustDo(t, errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)))
	}
	return filepath.Join(dir, "store.db")
}

var (
	soundFiles = sync.OnceValues(func() (kept, error) {
		return keep(func(path string) error {
			for _, args := range [][]string{
				{"session", "new", "--org", "Tern", "--name", "T"},
				{"rate", "T", "GV.OC-01/secure", "--current", "2", "--note", strings.Repeat("as seen in the minutes of March ", 40)},
			} {
				if out, err := plumbline(append([]string{"--store", path}, args...)...).CombinedOutput(); err != nil {
					return fmt.Errorf("%q: %w: %s", args, err, out)
				}
			}
			return nil
		})
	})
	encryptedFiles = sync.OnceValues(func() (kept, error) {
		return keep(func(path string) error {
			s, err := store.Open(path, store.Options{})
			if err != nil {
				return err
			}
			_, errBackup := s.Backup()
			return errors.Join(errBackup, s.Encrypt([]byte("sesame")), s.Close())
		})
	})
)

// sound makes a store with the session T, and a backup of it.
func sound(t *testing.T, dir string) string {
	t.Helper()
	files, err := soundFiles()
	mustDo(t, err)
	return files.put(t, dir)
}

// encrypted makes an empty store with the passphrase "sesame", and a backup of before it had that.
func encrypted(t *testing.T, dir string) string {
	t.Helper()
	files, err := encryptedFiles()
	mustDo(t, err)
	return files.put(t, dir)
}

// busy is sound, and this process has it open.
func busy(t *testing.T, dir string) string {
	t.Helper()
	path := sound(t, dir)
	s, err := store.Open(path, store.Options{})
	mustDo(t, err)
	t.Cleanup(func() { s.Close() })
	return path
}

// unbacked is sound without backups, and with a file where their folder should be.
func unbacked(t *testing.T, dir string) string {
	t.Helper()
	path, folder := sound(t, dir), filepath.Join(dir, "backups")
	mustDo(t, errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)))
	return path
}

// at has something made where the store should be.
func at(do func(path string) error) func(*testing.T, string) string {
	return func(t *testing.T, dir string) string {
		t.Helper()
		path := filepath.Join(dir, "store.db")
		mustDo(t, do(path))
		return path
	}
}

func nothing(string) error { return nil }

func listen(path string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

func linked(t *testing.T, dir, to string) string {
	t.Helper()
	link := filepath.Join(dir, "link.db")
	mustDo(t, os.Symlink(to, link))
	return link
}

func chmod(t *testing.T, path string, mode fs.FileMode) string {
	t.Helper()
	mustDo(t, os.Chmod(path, mode))
	return path
}

// closed gives a folder, which is made where there is none, a mode until the test ends.
func closed(t *testing.T, dir string, mode fs.FileMode) string {
	t.Helper()
	mustDo(t, os.MkdirAll(dir, 0o700))
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	return chmod(t, dir, mode)
}

// bytesOf is sound with other bytes.
func bytesOf(change func([]byte) []byte) func(*testing.T, string) string {
	return func(t *testing.T, dir string) string {
		t.Helper()
		path := sound(t, dir)
		data, err := os.ReadFile(path)
		mustDo(t, err)
		mustDo(t, os.WriteFile(path, change(data), 0o600))
		return path
	}
}

// metas is sound with another number of 4 bytes in both meta pages, whose check sums are right.
func metas(offset int, value uint32) func(*testing.T, string) string {
	return bytesOf(func(b []byte) []byte {
		for _, at := range []int{16, os.Getpagesize() + 16} {
			binary.NativeEndian.PutUint32(b[at+offset:], value)
			sum := fnv.New64a()
			sum.Write(b[at : at+56])
			binary.NativeEndian.PutUint64(b[at+56:], sum.Sum64())
		}
		return b
	})
}

// rotten is sound, but that the pages below its first one are of a kind that they can not be.
func rotten(t *testing.T, dir string) string {
	t.Helper()
	return bytesOf(func(b []byte) []byte {
		page := os.Getpagesize()
		var root, newest uint64
		for _, at := range []int{16, page + 16} {
			if txid := binary.NativeEndian.Uint64(b[at+48:]); txid >= newest {
				newest, root = txid, binary.NativeEndian.Uint64(b[at+16:])
			}
		}
		spoiled := 0
		for n := 2; (n+1)*page <= len(b); n++ {
			if flags := b[n*page+8:]; binary.NativeEndian.Uint16(flags) == 2 && uint64(n) != root {
				binary.NativeEndian.PutUint16(flags, 0x40)
				spoiled++
			}
		}
		if spoiled == 0 {
			t.Fatal("all of it is in one page")
		}
		return b
	})(t, dir)
}

// altered is sound, but that somebody has changed an event.
func altered(t *testing.T, dir string) string {
	t.Helper()
	return bytesOf(func(b []byte) []byte {
		return bytes.ReplaceAll(b, []byte("minutes of March"), []byte("minutes of April"))
	})(t, dir)
}

// buckets changes a store of some kind from inside.
func buckets(of func(*testing.T, string) string, change func(*bolt.Tx) error) func(*testing.T, string) string {
	return func(t *testing.T, dir string) string {
		t.Helper()
		path := of(t, dir)
		db, err := bolt.Open(path, 0o600, nil)
		mustDo(t, err)
		mustDo(t, errors.Join(db.Update(change), db.Close()))
		return path
	}
}

// header sets a value in the header of a store of some kind.
func header(of func(*testing.T, string) string, key, value string) func(*testing.T, string) string {
	return buckets(of, func(tx *bolt.Tx) error {
		h := tx.Bucket([]byte("plumbline"))
		return errors.Join(h.Put([]byte("readable from"), []byte("9.9.0")), h.Put([]byte(key), []byte(value)))
	})
}
