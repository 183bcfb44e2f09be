// The file system: names, directories, locks, and the power.

package simdisk

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// ErrPowerOff is the answer to everything once the power is gone.
var ErrPowerOff = errors.New("simdisk: the power is gone")

// Disk is a disk and the system that runs on it.
type Disk struct {
	mu     sync.Mutex // guards all below and every node
	root   *node
	locks  map[string]bool
	off    bool
	steps  int
	limit  int // steps after which the power goes; -1 never
	onStep func(Moment)
	now    func() time.Time
}

// New gives an empty disk with a root directory.
func New() *Disk { return on(newDir(0o755)) }

func on(root *node) *Disk {
	return &Disk{root: root, locks: map[string]bool{}, limit: -1, now: func() time.Time { return time.Unix(0, 0) }}
}

// SetClock gives the time that files are changed at. Without it, it is always the same.
func (d *Disk) SetClock(now func() time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = now
}

// Steps is how many operations have changed something.
func (d *Disk) Steps() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.steps
}

// CutAfter lets n steps happen, counted from the first of the disk, and takes the power away before the next.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit = n
}

// Off takes the power away now.
func (d *Disk) Off() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
}

// Settle makes everything safe, as a machine does that is shut down.
func (d *Disk) Settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.root.settle()
}

// OnStep calls f before every step: the disk is as the last one has left it, and time has passed since, in which others may
// have told of what they wrote. f must not use the disk but through the Moment.
func (d *Disk) OnStep(f func(Moment)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onStep = f
}

// Moment is the disk between two steps. It is good until the function that got it returns.
type Moment struct {
	Step int    // how many there were
	Op   string // what comes next
	Name string // on this file or directory
	d    *Disk
}

// PowerCut gives the disk as it would be found if the power had gone now.
func (m Moment) PowerCut(seed int64) *Disk { return on(newCutter(seed).node(m.d.root)) }

// Kill gives the disk as it would be found if only the process had ended now: everything is there, safe or not.
func (m Moment) Kill() *Disk { return on(copier{}.node(m.d.root)) }

// PowerCut takes the power away and gives the disk as it is found afterwards.
func (d *Disk) PowerCut(seed int64) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
	return Moment{d: d}.PowerCut(seed)
}

// Kill ends the process that runs on the disk, and gives the disk to the next one.
func (d *Disk) Kill() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
	return Moment{d: d}.Kill()
}

// look runs f with the disk locked.
func (d *Disk) look(op, name string, f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := ErrPowerOff
	if !d.off {
		err = f()
	}
	return inPath(op, name, err)
}

// step runs f, which changes something or returns an error.
func (d *Disk) step(op, name string, f func() error) error {
	return d.look(op, name, func() error { return d.stepHeld(op, name, f) })
}

func (d *Disk) stepHeld(op, name string, f func() error) error {
	if d.limit >= 0 && d.steps >= d.limit {
		d.off = true
		return ErrPowerOff
	}
	if d.onStep != nil {
		d.onStep(Moment{d.steps, op, name, d})
	}
	if err := f(); err != nil {
		return err
	}
	d.steps++
	return nil
}

// inPath wraps an error as package os does. io.EOF stays as it is.
func inPath(op, name string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// words are the names on the way to a path.
func words(name string) []string {
	name = path.Clean("/" + filepath.ToSlash(name))
	return strings.FieldsFunc(name, func(r rune) bool { return r == '/' })
}

func (d *Disk) find(name string) (*node, error) {
	n := d.root
	for _, w := range words(name) {
		if !n.dir {
			return nil, syscall.ENOTDIR
		}
		if n = n.names[w]; n == nil {
			return nil, syscall.ENOENT
		}
	}
	return n, nil
}

// parent gives the directory of a path and the last name.
func (d *Disk) parent(name string) (*node, string, error) {
	w := words(name)
	if len(w) == 0 {
		return nil, "", syscall.EINVAL
	}
	n, err := d.find(strings.Join(w[:len(w)-1], "/"))
	if err == nil && !n.dir {
		err = syscall.ENOTDIR
	}
	return n, w[len(w)-1], err
}

// Open opens or makes a file. Making one and emptying one are steps.
func (d *Disk) Open(name string, flags int, perm fs.FileMode) (vfs.File, error) {
	var f *file
	err := d.look("open", name, func() error {
		dir, last, err := d.parent(name)
		if err != nil {
			return err
		}
		n := dir.names[last]
		switch {
		case n == nil && flags&os.O_CREATE == 0:
			return syscall.ENOENT
		case n == nil:
			n = newFile(perm)
			n.mod = d.now()
			err = d.stepHeld("create", name, func() error { dir.link(last, n); return nil })
		case flags&(os.O_CREATE|os.O_EXCL) == os.O_CREATE|os.O_EXCL:
			return syscall.EEXIST
		case n.dir && flags&(os.O_WRONLY|os.O_RDWR) != 0:
			return syscall.EISDIR
		case flags&os.O_TRUNC != 0 && len(n.data) > 0:
			err = d.stepHeld("truncate", name, func() error { n.truncate(0); return nil })
		}
		f = &file{d: d, n: n, name: name, flags: flags}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Rename moves a name, over another if there is one.
func (d *Disk) Rename(from, to string) error {
	return d.step("rename", to, func() error {
		a, old, err := d.parent(from)
		if err != nil {
			return err
		}
		b, name, err := d.parent(to)
		if err != nil {
			return err
		}
		n := a.names[old]
		if n == nil {
			return syscall.ENOENT
		}
		if over := b.names[name]; over != nil && over != n && (over.dir || n.dir) {
			return syscall.EEXIST
		}
		if a == b {
			a.rename(old, name)
		} else {
			b.link(name, n)
			a.unlink(old)
		}
		return nil
	})
}

// Remove removes a file or an empty directory.
func (d *Disk) Remove(name string) error {
	return d.step("remove", name, func() error {
		dir, last, err := d.parent(name)
		if err != nil {
			return err
		}
		switch n := dir.names[last]; {
		case n == nil:
			return syscall.ENOENT
		case len(n.names) > 0:
			return syscall.ENOTEMPTY
		}
		dir.unlink(last)
		return nil
	})
}

// MkdirAll makes a directory and those on the way to it, one step each.
func (d *Disk) MkdirAll(name string, perm fs.FileMode) error {
	return d.look("mkdir", name, func() error {
		n := d.root
		for _, w := range words(name) {
			next := n.names[w]
			if next == nil {
				next = newDir(perm)
				next.mod = d.now()
				if err := d.stepHeld("mkdir", name, func() error { n.link(w, next); return nil }); err != nil {
					return err
				}
			}
			if !next.dir {
				return syscall.ENOTDIR
			}
			n = next
		}
		return nil
	})
}

// SyncDir makes the names in a directory safe.
func (d *Disk) SyncDir(name string) error {
	return d.step("syncdir", name, func() error {
		n, err := d.find(name)
		if err != nil {
			return err
		}
		if !n.dir {
			return syscall.ENOTDIR
		}
		n.syncDir()
		return nil
	})
}

// Stat describes a file or directory.
func (d *Disk) Stat(name string) (info fs.FileInfo, err error) {
	err = d.look("stat", name, func() error {
		n, err := d.find(name)
		if err == nil {
			info = about(path.Base(filepath.ToSlash(name)), n)
		}
		return err
	})
	return info, err
}

// ReadDir lists a directory by name.
func (d *Disk) ReadDir(name string) (list []fs.DirEntry, err error) {
	err = d.look("open", name, func() error {
		n, err := d.find(name)
		if err != nil {
			return err
		}
		if !n.dir {
			return syscall.ENOTDIR
		}
		for _, child := range slices.Sorted(maps.Keys(n.names)) {
			list = append(list, fs.FileInfoToDirEntry(about(child, n.names[child])))
		}
		return nil
	})
	return list, err
}

// Lock takes a name for one process; a disk that went through PowerCut or Kill has no locks.
func (d *Disk) Lock(name string) (io.Closer, error) {
	f, err := d.Open(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	name = path.Clean("/" + filepath.ToSlash(name))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locks[name] {
		return nil, vfs.ErrLocked
	}
	d.locks[name] = true
	return &lock{f, d, name}, nil
}

type lock struct {
	io.Closer
	d    *Disk
	name string
}

func (l *lock) Close() error {
	l.d.mu.Lock()
	delete(l.d.locks, l.name)
	l.d.mu.Unlock()
	return l.Closer.Close()
}

// info is what Stat tells.
type info struct {
	name string
	size int64
	mode fs.FileMode
	mod  time.Time
}

func about(name string, n *node) info { return info{name, int64(len(n.data)), n.mode, n.mod} }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return i.mod }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
