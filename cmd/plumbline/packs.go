package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
)

// pack is a content pack on disk, a folder or a zip. Its files can be read until it is closed.
type pack struct {
	io.Closer
	files fs.FS
	cat   *content.Catalog
}

// openPack reads a pack from a folder or a zip, with all checks. Errors name the path, and where the
// pack is refused, the file and the place in it.
func openPack(path string) (p *pack, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read pack %q: %w", path, err)
		}
	}()
	info, err := os.Stat(path) // before it is opened: opening a pipe waits
	if err != nil {
		return nil, cause(err)
	}
	p = new(pack)
	switch {
	case info.IsDir():
		root, err := os.OpenRoot(path) // links that lead out of the folder are not followed
		if err != nil {
			return nil, cause(err)
		}
		p.Closer, p.files = root, root.FS()
	case info.Mode().IsRegular():
		data, err := readFile(path, content.MaxZip)
		if err != nil {
			return nil, err
		}
		p.Closer = io.NopCloser(nil)
		if p.files, err = content.ZipFiles(data); err != nil {
			return nil, err
		}
	default:
		return nil, usagef("it is neither a folder nor a zip")
	}
	if p.cat, err = content.Load(p.files); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// packFolder is where a pack is kept beside a store.
func packFolder(store string, pin assessment.PackPin) (string, error) {
	name := fmt.Sprintf("%s-%.12s", pin.ID, pin.Facts)
	if strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name) || strings.HasPrefix(name, ".") {
		return "", fmt.Errorf("%w: %q is not the name of a pack", assessment.ErrPack, pin.ID)
	}
	return filepath.Join(filepath.Dir(store), "packs", name), nil
}

// packsBeside finds the packs to which the sessions of a store can be pinned: the one that is built in,
// and those that were kept beside the store when a session was migrated or imported.
func packsBeside(store string) assessment.Packs {
	return func(pin assessment.PackPin) (*content.Catalog, error) {
		built, err := content.Embedded()
		if err != nil || pin.Names(built) {
			return built, err
		}
		kept, err := openKept(store, pin)
		if err != nil {
			return nil, err
		}
		return kept.cat, kept.Close()
	}
}

// openKept opens the pack that a session is pinned to, of those that were kept beside a store.
func openKept(store string, pin assessment.PackPin) (*pack, error) {
	folder, err := packFolder(store, pin)
	if err != nil {
		return nil, err
	}
	if dir := filepath.Dir(store); filepath.Base(dir) == "backups" { // the packs are beside the store that it is a copy of
		if of, err := packFolder(dir, pin); err == nil && isFolder(of) && !isFolder(folder) {
			folder = of
		}
	}
	if !isFolder(folder) {
		return nil, fmt.Errorf("%w: it needs %v, which is neither built in nor at %q", assessment.ErrPack, pin, folder)
	}
	kept, err := openPack(folder)
	if err != nil {
		return nil, fmt.Errorf("%w: it needs %v: %w", assessment.ErrPack, pin, err)
	}
	if !pin.Names(kept.cat) {
		return nil, errors.Join(fmt.Errorf("%w: it needs %v, and %q holds another pack", assessment.ErrPack, pin, folder), kept.Close())
	}
	return kept, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// keepPack puts a copy of a pack beside a store, so that sessions pinned to it can be opened later. A
// copy of the same or a later edition stays as it is. The copy is complete and on disk, or not there.
func keepPack(store string, cat *content.Catalog, files fs.FS) (err error) {
	of := cat.Pack()
	folder, err := packFolder(store, assessment.PackPin{ID: of.ID, Edition: of.Edition, Facts: of.Facts})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep pack %s at %q: %w", of.ID, folder, cause(err))
		}
	}()
	if kept, err := openPack(folder); err == nil {
		have := kept.cat.Pack()
		if err := kept.Close(); err != nil {
			return err
		}
		if have.Facts == of.Facts && have.Edition >= of.Edition {
			return nil
		}
	}
	all := filepath.Dir(folder)
	if err := os.MkdirAll(all, 0o700); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(all, ".draft-*") // mode 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft) // which is gone when all went well
	if err := copyPack(draft, files); err != nil {
		return err
	}
	made, err := openPack(draft)
	if err != nil {
		return err
	}
	if err := made.Close(); err != nil {
		return err
	}
	if made.cat.Pack() != of {
		return errors.New("the copy is another pack")
	}
	old := draft + ".old"
	defer os.RemoveAll(old)
	if err := os.Rename(folder, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(draft, folder); err != nil {
		return errors.Join(err, ignoreMissing(os.Rename(old, folder)))
	}
	return syncDir(all)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// copyPack copies the files of a pack, which was loaded and so has known names, into an empty folder.
func copyPack(folder string, files fs.FS) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return err
		}
		f, err := root.OpenFile(e.Name(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return syncDir(folder)
}
