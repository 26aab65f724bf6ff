package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"plumbline/assessment/store"
)

// writeFile puts data into a file that is complete or not there: a temporary file beside it that only
// its owner can read, synced, read back and judged by check, then moved to its name. A file that
// exists is left alone without force (errExists); what is no file never is replaced. A symbolic link
// at the end of the path is not followed: with force the link gives way, not what it points to. A store
// and what belongs to it never gives way. When ctx ends before the move, nothing is left behind.
func (p *program) writeFile(ctx context.Context, path string, data []byte, force bool, check func([]byte) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %q: %w", path, err)
		}
	}()
	if err := p.mayWrite(path, force); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, temporary) // mode 0600
	if err != nil {
		return cause(err)
	}
	defer os.Remove(tmp.Name()) // which is gone when all went well

	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return cause(err)
	}
	back, err := os.ReadFile(tmp.Name())
	if err != nil {
		return cause(err)
	}
	if !bytes.Equal(back, data) {
		return fmt.Errorf("the file does not hold what was written to it")
	}
	if err := check(back); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("interrupted, nothing was written: %w", err)
	}
	if force {
		if err := p.mayWrite(path, true); err != nil { // what came there while the file was made and checked
			return err
		}
		err = os.Rename(tmp.Name(), path)
	} else {
		err = publish(tmp.Name(), path)
	}
	if err != nil {
		return cause(err)
	}
	sweep(dir)
	return syncDir(dir)
}

// temporary is how the names of temporary files look.
const temporary = ".plumbline-*.tmp"

// sweep removes from a folder what a run that was killed has left there: temporary files that are older
// than a day, so none that somebody is writing. It is no reason to fail.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir) // what could not be read stays
	for _, e := range entries {
		match, _ := filepath.Match(temporary, e.Name()) // the pattern is in order
		if info, err := e.Info(); match && err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// mayWrite says why path can not be written to.
func (p *program) mayWrite(path string, force bool) error {
	err := mayReplace(path, force)
	if err != nil && !errors.Is(err, errExists) {
		return err
	}
	// Also without force: nobody is to be told of a flag that does not help.
	if at, errPath := p.storePath(); errPath == nil && store.Keeps(at, path) {
		return fmt.Errorf("%w: it is the store in use, or a backup or another file of it; take another name", errOutput)
	}
	if store.Is(path) {
		return fmt.Errorf("%w: it begins as a store does, so it may hold sessions; take another name, or remove it yourself", errOutput)
	}
	return err
}

// mayReplace says why path can not be written to, whatever is in the file there. A link to a device, a pipe
// or a folder stays: it is one that others go by, such as /dev/stdout.
func mayReplace(path string, force bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cause(err)
	case info.IsDir():
		return fmt.Errorf("%w: it is a directory", errOutput)
	case info.Mode()&fs.ModeSymlink != 0 && !force:
		return fmt.Errorf("%w: it is a symbolic link", errExists)
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeSymlink == 0:
		return fmt.Errorf("%w: it is no regular file", errOutput)
	case !force:
		return errExists
	case info.Mode()&fs.ModeSymlink != 0:
		if target, err := os.Stat(path); err == nil && !target.Mode().IsRegular() {
			return fmt.Errorf("%w: %w", errOutput, errLeadsOn)
		}
	}
	return nil
}

// publish gives the file a name that nothing has yet. Unlike a rename, a link never replaces what came
// there in the meantime; file systems without links get the rename.
func publish(tmp, path string) error {
	err := os.Link(tmp, path)
	if errors.Is(err, fs.ErrExist) {
		return errExists
	}
	if err != nil {
		if err := mayReplace(path, false); err != nil {
			return err
		}
		return os.Rename(tmp, path)
	}
	return nil
}

// syncDir makes a new name in the folder last. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return cause(err)
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) { // a file system that does not sync folders
		err = nil
	}
	return cause(errors.Join(err, d.Close()))
}

// hashFile returns the name of a file, without its folder, and the hex SHA-256 of its content.
func hashFile(ctx context.Context, path string) (name, sum string, err error) {
	fail := func(err error) (string, string, error) {
		return "", "", fmt.Errorf("read evidence file %q: %w", path, cause(err))
	}
	f, _, err := openRegular(path)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, readerFunc(func(b []byte) (int, error) {
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		return f.Read(b)
	})); err != nil {
		return fail(err)
	}
	return filepath.Base(path), hex.EncodeToString(h.Sum(nil)), nil
}

// openRegular opens a file to read it, and refuses what is no regular file.
func openRegular(path string) (*os.File, os.FileInfo, error) {
	info, err := os.Stat(path) // before it is opened: opening a pipe waits
	if err != nil {
		return nil, nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, usagef("it is no regular file")
	}
	f, err := os.Open(path)
	return f, info, cause(err)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// cause takes the path out of an error of the system: messages say it once, quoted. A path that the
// system does not take is wrong usage.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if errors.Is(err, syscall.ENAMETOOLONG) {
		return usagef("the path is too long")
	}
	return err
}
