// Files and directories: what is seen, what is safe, and the changes between.

package simdisk

import (
	"io/fs"
	"slices"
	"time"
)

// sector is the unit in which a write reaches the disk or does not.
const sector = 512

// node is a file or a directory. The disk's mutex guards all of it. The arrays behind data and safe are shared with copies of the
// disk: bytes below the length are never changed in place, and what appends does so behind a clipped slice or as the only owner.
type node struct {
	dir  bool
	mode fs.FileMode
	mod  time.Time

	data    []byte       // the file as the running system sees it
	safe    []byte       // as it surely is on the disk
	changes []change     // between the two, oldest first
	lost    map[int]bool // sectors that a failed Sync has dropped: a later one does not write them

	names map[string]*node // the directory as the running system sees it
	kept  map[string]*node // as it surely is on the disk
	moves []move           // between the two, oldest first
}

// change is a write at an offset, or with data nil the new length of the file.
type change struct {
	at   int64
	data []byte
}

// move is a change of names in one directory: made (from is empty), removed (to is empty) or renamed.
type move struct {
	from, to string
	n        *node
}

func newFile(mode fs.FileMode) *node { return &node{mode: mode} }

func newDir(mode fs.FileMode) *node {
	return &node{dir: true, mode: mode | fs.ModeDir, names: map[string]*node{}, kept: map[string]*node{}}
}

// write puts b at an offset and remembers it.
func (n *node) write(at int64, b []byte) {
	c := change{at, slices.Clone(b)}
	n.changes = append(n.changes, c)
	if at == int64(len(n.data)) {
		n.data = append(n.data, c.data...)
	} else {
		n.data = apply(slices.Clone(n.data), c)
	}
	for s := int(at) / sector; s <= (int(at)+len(b)-1)/sector; s++ {
		delete(n.lost, s)
	}
}

// truncate sets the length and remembers it.
func (n *node) truncate(size int64) {
	c := change{at: size}
	n.changes = append(n.changes, c)
	n.data = apply(slices.Clip(n.data), c)
}

// apply does a change to bytes that the caller owns up to their length; the result may share them.
func apply(b []byte, c change) []byte {
	end := c.at + int64(len(c.data))
	if end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	if c.data == nil {
		return b[:c.at:c.at]
	}
	copy(b[c.at:end], c.data)
	return b
}

// sync makes what is seen safe, but for what a failed Sync has dropped before.
func (n *node) sync() {
	n.safe, n.changes = n.surviving(), nil
}

// surviving is what is seen, with the safe bytes where a failed Sync dropped newer ones.
func (n *node) surviving() []byte {
	if len(n.lost) == 0 {
		return slices.Clip(n.data)
	}
	b := slices.Clone(n.data)
	for s := range n.lost {
		if s*sector < len(b) {
			copySector(b, n.safe, s)
		}
	}
	return b
}

// copySector makes a sector of b the one of from, zeroes where that is too short.
func copySector(b, from []byte, s int) {
	to := b[s*sector : min((s+1)*sector, len(b))]
	done := 0
	if s*sector < len(from) {
		done = copy(to, from[s*sector:])
	}
	clear(to[done:])
}

// failSync drops what is not safe: the pages count as clean though they never reached the disk.
func (n *node) failSync() {
	if n.lost == nil {
		n.lost = map[int]bool{}
	}
	for _, c := range n.changes {
		for s := int(c.at) / sector; s*sector < int(c.at)+len(c.data); s++ {
			n.lost[s] = true
		}
	}
	n.changes = nil
}

// link, unlink and rename change names.
func (n *node) link(name string, child *node) {
	n.names[name] = child
	n.moves = append(n.moves, move{to: name, n: child})
}

func (n *node) unlink(name string) {
	n.moves = append(n.moves, move{from: name, n: n.names[name]})
	delete(n.names, name)
}

func (n *node) rename(from, to string) {
	m := move{from: from, to: to, n: n.names[from]}
	n.moves = append(n.moves, m)
	m.apply(n.names)
}

func (m move) apply(names map[string]*node) {
	if m.from != "" && names[m.from] == m.n {
		delete(names, m.from)
	}
	if m.to != "" {
		names[m.to] = m.n
	}
}

// syncDir makes the names safe.
func (n *node) syncDir() {
	n.kept, n.moves = cloneNames(n.names), nil
}

func cloneNames(names map[string]*node) map[string]*node {
	c := make(map[string]*node, len(names))
	for name, n := range names {
		c[name] = n
	}
	return c
}

// settle makes a whole tree safe.
func (n *node) settle() {
	if !n.dir {
		n.lost = nil
		n.sync()
		return
	}
	n.syncDir()
	for _, child := range n.names {
		child.settle()
	}
}
