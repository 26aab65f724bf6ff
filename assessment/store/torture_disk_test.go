package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// This is a model of a disk that does no more than it has to: what was written to a file is on it after a
// sync of that file, a name after a sync of the folder that it is in. Before that, any part of it may be
// there when the power goes, in any order, and a write may be cut at any sector. A record of what a script
// did to its files, from strace or from comparing them, gives all the images that a power cut at any
// moment of it can leave.

const sector = 512

// op is one operation of a record.
type op struct {
	kind opKind
	file int            // the file or folder that it changes or syncs; 0 for opDone
	at   int64          // opWrite: where; opTruncate: the new size
	data []byte         // opWrite: what
	bind map[string]int // opName: names in the folder and what they name from now on, 0: nothing
}

type opKind int

const (
	opWrite opKind = iota
	opTruncate
	opName
	opSync
	opLost // a sync failed: the system has dropped what was to be written, and says nothing of that later
	opDone // a step was acknowledged
)

// disk is what is on it: files and folders by number. The numbers are never used again.
type disk map[int]*node

// node is a file or a folder.
type node struct {
	folder bool
	data   []byte
	names  map[string]int
}

// rootFolder is the number of the folder that all is in. Its own name is on the disk from the beginning.
const rootFolder = 1

// with returns the disk after some operations. It shares with d what they do not change.
func (d disk) with(ops ...op) disk {
	d = maps.Clone(d)
	own := make(map[int]bool)
	for _, o := range ops {
		if !own[o.file] {
			was := d[o.file]
			d[o.file] = &node{was.folder, slices.Clone(was.data), maps.Clone(was.names)}
			own[o.file] = true
		}
		d[o.file].apply(o)
	}
	return d
}

func (n *node) apply(o op) {
	switch o.kind {
	case opWrite:
		if end := o.at + int64(len(o.data)); end > int64(len(n.data)) {
			n.resize(end)
		}
		copy(n.data[o.at:], o.data)
	case opTruncate:
		n.resize(o.at)
	case opName:
		for name, file := range o.bind {
			if n.names[name] = file; file == 0 {
				delete(n.names, name)
			}
		}
	}
}

func (n *node) resize(size int64) {
	data := make([]byte, size)
	copy(data, n.data)
	n.data = data
}

// sum is a hash of all that can be reached.
func (d disk) sum() [sha256.Size]byte {
	h := sha256.New()
	var walk func(n *node)
	walk = func(n *node) {
		var b [8]byte
		if !n.folder {
			binary.LittleEndian.PutUint64(b[:], uint64(len(n.data)))
			h.Write(b[:])
			h.Write(n.data)
			return
		}
		for _, name := range slices.Sorted(maps.Keys(n.names)) {
			fmt.Fprintf(h, "%q:", name)
			walk(d[n.names[name]])
		}
		h.Write([]byte("."))
	}
	walk(d[rootFolder])
	return [sha256.Size]byte(h.Sum(nil))
}

// write makes all that can be reached in a folder of this machine, which is there and empty.
func (d disk) write(folder string) error {
	var walk func(n *node, path string) error
	walk = func(n *node, path string) error {
		if !n.folder {
			return os.WriteFile(path, n.data, fileMode)
		}
		if err := os.MkdirAll(path, folderMode); err != nil {
			return err
		}
		for name, file := range n.names {
			if err := walk(d[file], filepath.Join(path, name)); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(d[rootFolder], folder)
}

// record is what a script did to its files.
type record struct {
	before disk
	ops    []op
	nodes  map[int]bool // folder or not, of all that was made later
	coarse bool         // of the images only those with all or nothing since the last sync
}

// image is a disk after a power cut.
type image struct {
	disk disk
	done int // steps that were acknowledged before, the preparation not counted
	kind string
}

// The kinds of images, and in what order they are counted.
var imageKinds = []string{"all", "subset", "part", "torn", "random"}

const (
	allSubsets   = 6  // up to so many operations since the last sync, every subset is tried
	randomImages = 64 // of those that are more
	mostCuts     = 31 // of one write
)

// images gives out what a power cut can leave at every moment of a record. Between two syncs the set of
// what may be missing only grows, so it looks once before each sync, at all that is not on the disk then.
//
// Of n operations that a cut can undo or do, each alone, there are
//
//	all     the image with all of them, and the one with none
//	subset  with n <= allSubsets every other subset
//	part    with n > allSubsets the first k of them for each k, all but one, and each one alone
//	random  with n > allSubsets so many random subsets, each with one write cut at a random sector
//	torn    one write cut at each sector, its first or its last part there, and of the others all, or those before
func (r record) images(random *rand.Rand) iter.Seq[image] {
	return func(yield func(image) bool) { r.cutEverywhere(random, yield) }
}

func (r record) cutEverywhere(random *rand.Rand, yield func(image) bool) {
	synced := maps.Clone(r.before)
	for n, folder := range r.nodes {
		synced[n] = &node{folder: folder, names: make(map[string]int)}
	}
	enough := false
	var open []op // since the last sync of its file
	done := 0
	cut := func() {
		give := func(kind string, ops ...op) {
			enough = enough || !yield(image{synced.with(ops...), done, kind})
		}
		n := len(open)
		give("all")
		give("all", open...)
		if r.coarse {
			return
		}
		choose := func(in func(i int) bool) (ops []op) {
			for i, o := range open {
				if in(i) {
					ops = append(ops, o)
				}
			}
			return ops
		}
		if n <= allSubsets {
			for set := range 1<<n - 1 {
				give("subset", choose(func(i int) bool { return set>>i&1 == 1 })...)
			}
		} else {
			for k := range n {
				give("part", open[:k]...)
				give("part", choose(func(i int) bool { return i != k })...)
				give("part", open[k])
			}
			for range randomImages {
				ops := choose(func(int) bool { return random.IntN(2) == 0 })
				for _, i := range random.Perm(len(ops)) {
					if ops[i].kind == opWrite {
						at := sector * random.IntN((len(ops[i].data)+sector-1)/sector)
						ops[i] = torn(ops[i], at, random.IntN(2) == 0)
						break
					}
				}
				give("random", ops...)
			}
		}
		for i, o := range open {
			if o.kind != opWrite {
				continue
			}
			cuts := (len(o.data) - 1) / sector
			for c := range min(cuts, mostCuts) {
				at := sector * (1 + c)
				if cuts > mostCuts {
					at = sector * (1 + random.IntN(cuts))
				}
				for _, first := range []bool{true, false} {
					part := torn(o, at, first)
					give("torn", slices.Concat(open[:i], []op{part})...)
					give("torn", slices.Concat(open[:i], []op{part}, open[i+1:])...)
				}
			}
		}
	}
	changed := false
	for _, o := range r.ops {
		if enough {
			return
		}
		switch o.kind {
		case opDone:
			done++
			changed = true
		case opLost:
			cut()
			open = slices.DeleteFunc(open, func(p op) bool { return p.file == o.file })
		case opSync:
			if changed {
				cut()
			}
			changed = false
			its := func(p op) bool { return p.file == o.file }
			synced = synced.with(slices.DeleteFunc(slices.Clone(open), func(p op) bool { return !its(p) })...)
			open = slices.DeleteFunc(open, its)
		default:
			open = append(open, o)
			changed = true
		}
	}
	cut()
}

// torn returns the first part of a write, or its last.
func torn(o op, at int, first bool) op {
	if first {
		o.data = o.data[:at]
	} else {
		o.data, o.at = o.data[at:], o.at+int64(at)
	}
	return o
}

// folder reports whether a file is one.
func (r record) folder(file int) bool {
	if n, ok := r.before[file]; ok {
		return n.folder
	}
	return r.nodes[file]
}

// without returns the record as it would be of a program that leaves out some syncs.
func (r record) without(which func(folder bool) bool) record {
	r.ops = slices.DeleteFunc(slices.Clone(r.ops), func(o op) bool { return o.kind == opSync && which(r.folder(o.file)) })
	return r
}

// readDisk reads a folder of this machine, as what is on the disk. It returns the numbers of what it found,
// by path.
func readDisk(folder string) (disk, map[string]int, error) {
	d := make(disk)
	numbers := make(map[string]int)
	var walk func(path string) (int, error)
	walk = func(path string) (int, error) {
		number := len(d) + 1
		n := &node{}
		d[number], numbers[path] = n, number
		info, err := os.Lstat(path)
		if err != nil {
			return 0, err
		}
		if n.folder = info.IsDir(); !n.folder {
			n.data, err = os.ReadFile(path)
			return number, err
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return 0, err
		}
		n.names = make(map[string]int)
		for _, e := range entries {
			if n.names[e.Name()], err = walk(filepath.Join(path, e.Name())); err != nil {
				return 0, err
			}
		}
		return number, nil
	}
	_, err := walk(folder)
	return d, numbers, err
}
