// The layer: names, and which data key a file has.

package crypt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// ErrPlain says that a file was not written through the layer.
var ErrPlain = errors.New("not encrypted")

// FS encrypts the files of the file system below.
type FS struct {
	below vfs.FS
	root  string // where the ring is, absolute
	w     Wrapper

	mu      sync.Mutex // guards all below; a leaf, but for the file system below
	keys    map[keyName]*dataKey
	current *dataKey        // for new files; nil until one is made
	covered map[string]bool // directories whose files find their key in a ring
}

// New puts the layer over a file system, for the data below dir. The ring is read if there is one, and made with the first file.
func New(below vfs.FS, dir string, w Wrapper) (*FS, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &FS{below: below, root: root, w: w, keys: map[keyName]*dataKey{}, covered: map[string]bool{}}
	if _, err := s.find(dir); err != nil {
		return nil, err
	}
	return s, nil
}

// Below is the file system that the layer stands on, for who copies files as they are.
func (s *FS) Below() vfs.FS { return s.below }

// find reads the nearest ring at or above a directory; false if there is none. The caller holds mu or is alone.
func (s *FS) find(dir string) (bool, error) {
	key := dir
	if abs, err := filepath.Abs(dir); err == nil {
		key = abs // a relative name means something else when the server changes its directory
	}
	if s.covered[key] {
		return true, nil
	}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		r, err := loadRing(s.below, at, s.w)
		switch {
		case err == nil:
			for _, k := range r {
				s.keys[k.name] = k
			}
			if s.current == nil {
				s.current = r[len(r)-1]
			}
			s.covered[key] = s.keys[s.current.name] != nil && r.has(s.current.name)
			return s.covered[key], nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
		if up := filepath.Dir(at); up == at {
			return false, nil
		}
	}
}

func (r ring) has(name keyName) bool {
	for _, k := range r {
		if k.name == name {
			return true
		}
	}
	return false
}

// cover sees to it that files made in a directory find their key again, and gives the key.
func (s *FS) cover(dir string) (*dataKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, err := s.find(dir); found || err != nil {
		return s.current, err
	}
	if s.current == nil {
		k, err := newDataKey(s.w)
		if err != nil {
			return nil, err
		}
		s.current, s.keys[k.name] = k, k
	}
	r := ring{s.current}
	if abs, err := filepath.Abs(dir); err == nil {
		if in, err := filepath.Rel(s.root, abs); err == nil && filepath.IsLocal(in) {
			dir = s.root
		}
	}
	if old, err := loadRing(s.below, dir, s.w); err == nil { // another data directory's
		r = append(old, s.current)
	}
	if err := r.save(s.below, dir); err != nil {
		return nil, err
	}
	return s.current, nil
}

// key finds a data key by its name for a file of a directory.
func (s *FS) key(dir string, name keyName) (*dataKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[name]; k != nil {
		return k, nil
	}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		r, err := loadRing(s.below, at, s.w)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, k := range r {
			s.keys[k.name] = k
		}
		if k := s.keys[name]; k != nil {
			return k, nil
		}
		if filepath.Dir(at) == at {
			break
		}
	}
	return nil, fmt.Errorf("%w: it is encrypted under data key %x, which no %s here has", ErrWrongKey, name, RingName)
}

// Open opens a file. A new one is a log with os.O_APPEND and a whole file without. Files are written at their end only.
func (s *FS) Open(name string, flags int, perm fs.FileMode) (vfs.File, error) {
	if filepath.Base(name) == RingName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	f := &file{s: s, name: name, kind: kindWhole, anywhere: flags&os.O_APPEND != 0}
	if f.anywhere {
		f.kind = kindLog
	}
	if f.writes = flags&(os.O_WRONLY|os.O_RDWR) != 0; f.writes {
		flags = flags&^os.O_WRONLY | os.O_RDWR | os.O_APPEND
	}
	if flags&os.O_CREATE != 0 {
		if _, err := s.cover(filepath.Dir(name)); err != nil {
			return nil, err
		}
	}
	below, err := s.below.Open(name, flags, perm)
	if err != nil {
		return nil, err
	}
	f.f = below
	if err := f.begin(); err != nil {
		return nil, errors.Join(err, below.Close())
	}
	return f, nil
}

// begin reads the header, and of a file that is to be written the extent.
func (f *file) begin() error {
	f.look.f, f.flow.w.f = f.f, f.f
	f.flow.place = place{headerLen, 0}
	h := make([]byte, 512)
	n, err := f.f.ReadAt(h, 0)
	if err != nil && err != io.EOF {
		return err
	}
	h = h[:n]
	switch {
	case n == 0:
		f.x = &extent{}
		return nil
	case headerTorn(h):
		return f.beginTorn()
	case n < headerLen || !bytes.HasPrefix(h, headerMagic):
		return &BadFile{f.name, 0, 0, "write it anew with encryption on, or see `cachesrv keys encrypt`", ErrPlain}
	}
	name, version := headerKey(h)
	if version != 1 {
		return &BadFile{f.name, 8, 0, fmt.Sprintf("version %d of the container is not known", version), ErrDamaged}
	}
	k, err := f.s.key(filepath.Dir(f.name), name)
	if errors.Is(err, ErrWrongKey) {
		return &BadFile{f.name, 16, 0, err.Error(), ErrWrongKey}
	}
	if err != nil {
		return err
	}
	if f.seal, err = openHeader(h, k); err != nil {
		return &BadFile{f.name, 0, 0, err.Error(), ErrDamaged}
	}
	f.kind = f.seal.kind
	if f.writes {
		f.x, err = measure(f.name, &f.look, f.seal)
	}
	return err
}

// headerTorn tells whether a header was never written in full.
func headerTorn(h []byte) bool {
	if len(h) < headerLen && bytes.HasPrefix(h, headerMagic[:min(len(h), len(headerMagic))]) {
		return true
	}
	return len(bytes.Trim(h, "\x00")) == 0
}

// beginTorn opens a file without a header: it is empty, unless frames behind say that something had been synced.
func (f *file) beginTorn() error {
	e := &BadFile{f.name, 0, 0, "the header is missing", ErrTorn}
	for at := int64(0); ; {
		b, err := f.look.view(at, windowLen)
		if err != nil {
			return err
		}
		if len(b) < headLen {
			f.x = &extent{torn: e}
			return nil
		}
		i := bytes.Index(b, frameMagic)
		if i < 0 {
			at += int64(len(b) - len(frameMagic) + 1)
			continue
		}
		at += int64(i)
		if b, err = f.look.view(at, headLen); err != nil {
			return err
		}
		if h, ok := parseHead(b); ok && h.synced > 0 {
			e.Err = ErrDamaged
			return e
		}
		at++
	}
}

// Rename implements vfs.FS. The ring of the new directory gets the key if it has not.
func (s *FS) Rename(from, to string) error {
	if filepath.Dir(from) != filepath.Dir(to) {
		if _, err := s.cover(filepath.Dir(to)); err != nil {
			return err
		}
	}
	return s.below.Rename(from, to)
}

// Remove implements vfs.FS.
func (s *FS) Remove(name string) error { return s.below.Remove(name) }

// MkdirAll implements vfs.FS.
func (s *FS) MkdirAll(name string, perm fs.FileMode) error { return s.below.MkdirAll(name, perm) }

// SyncDir implements vfs.FS.
func (s *FS) SyncDir(name string) error { return s.below.SyncDir(name) }

// Lock implements vfs.FS. The file of a lock stays as it is.
func (s *FS) Lock(name string) (io.Closer, error) { return s.below.Lock(name) }

// Stat implements vfs.FS. The size is that of the plain file; 0 of one that cannot be opened.
func (s *FS) Stat(name string) (fs.FileInfo, error) {
	info, err := s.below.Stat(name)
	if err != nil {
		return nil, err
	}
	return plainInfo{info, s, name}, nil
}

// ReadDir implements vfs.FS.
func (s *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := s.below.ReadDir(name)
	for i, e := range list {
		list[i] = plainEntry{e, s, filepath.Join(name, e.Name())}
	}
	return list, err
}

type plainEntry struct {
	fs.DirEntry
	s    *FS
	name string
}

func (e plainEntry) Info() (fs.FileInfo, error) {
	info, err := e.DirEntry.Info()
	if err != nil {
		return nil, err
	}
	return plainInfo{info, e.s, e.name}, nil
}

type plainInfo struct {
	fs.FileInfo
	s    *FS
	name string
}

func (i plainInfo) Size() int64 {
	if !i.Mode().IsRegular() {
		return i.FileInfo.Size()
	}
	f, err := i.s.Open(i.name, os.O_RDONLY, 0)
	if err != nil {
		return 0
	}
	defer f.Close()
	size, _ := f.Size()
	return size
}
