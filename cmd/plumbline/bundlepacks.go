package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/content"
)

// bundlePacks finds the packs to which sessions of a bundle are pinned: where the store finds them, else
// in the bundle.
type bundlePacks struct {
	beside  assessment.Packs
	carried []bundle.Pack
	loaded  []loadedPack // of those, what was looked for and is not beside the store
}

func packsOf(c *bundle.Contents, store string) *bundlePacks {
	return &bundlePacks{beside: packsBeside(store), carried: c.Packs}
}

// find is an assessment.Packs.
func (b *bundlePacks) find(pin assessment.PackPin) (*content.Catalog, error) {
	if i := slices.IndexFunc(b.loaded, func(p loadedPack) bool { return pin.Names(p.cat) }); i >= 0 {
		return b.loaded[i].cat, nil
	}
	cat, missing := b.beside(pin)
	if missing == nil {
		return cat, nil
	}
	i := slices.IndexFunc(b.carried, func(p bundle.Pack) bool { return p.ID == pin.ID && p.Facts == pin.Facts })
	if i < 0 || !b.carried[i].Whole() {
		return nil, missing
	}
	pack, err := loadPack(b.carried[i])
	if err == nil && !pin.Names(pack.cat) {
		err = fmt.Errorf("%w: it needs %v, and the bundle holds another pack in its place", assessment.ErrPack, pin)
	}
	if err != nil {
		return nil, err
	}
	b.loaded = append(b.loaded, pack)
	return pack.cat, nil
}

// loadedPack is a pack that came in a bundle.
type loadedPack struct {
	files fs.FS
	cat   *content.Catalog
}

// loadPack loads a pack out of a bundle, with all checks that a pack from a zip gets.
func loadPack(pack bundle.Pack) (loadedPack, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range pack.Files {
		e, err := w.Create(f.Name)
		if err == nil {
			_, err = e.Write(f.Content)
		}
		if err != nil {
			return loadedPack{}, err
		}
	}
	if err := w.Close(); err != nil {
		return loadedPack{}, err
	}
	files, err := content.ZipFiles(b.Bytes())
	if err != nil {
		return loadedPack{}, err
	}
	cat, err := content.Load(files)
	return loadedPack{files, cat}, err
}
