// An open file: reading.

package crypt

import (
	"io"
	"sync"
	"syscall"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// file is an open file of the layer.
type file struct {
	s        *FS
	f        vfs.File
	name     string
	kind     byte
	writes   bool // it may be written
	anywhere bool // it was opened for appending: where it was read to does not matter

	mu     sync.Mutex // guards all below; never held while the file below is synced
	seal   *fileSeal  // nil while nothing is in the file
	x      *extent    // nil until somebody has to know
	look   window     // of everything but reading on
	flow   flow
	wrote  bool
	broken error  // what made it impossible to go on writing
	failed bool   // a Sync has failed: nothing more is safe
	cuts   int    // how often it was cut
	buf    []byte // of Write
}

// flow is reading on from where one was.
type flow struct {
	place
	w      window
	rest   []byte // plain bytes that were not asked for yet
	marked bool
	err    error
}

// extent measures the file if that was not done.
func (f *file) extent() (*extent, error) {
	if f.x == nil {
		x, err := measure(f.name, &f.look, f.seal)
		if err != nil {
			return nil, err
		}
		f.x = x
	}
	return f.x, nil
}

// Size is the length of the plain file: of a torn log, of what is good.
func (f *file) Size() (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.x == nil && f.kind == kindWhole {
		if n, ok, err := f.sizeByMark(); ok || err != nil {
			return n, err
		}
	}
	x, err := f.extent()
	if err != nil {
		return 0, err
	}
	return x.end.plain, nil
}

// sizeByMark asks the mark at the end of a whole file.
func (f *file) sizeByMark() (int64, bool, error) {
	sealed, err := f.f.Size()
	if err != nil || sealed < headerLen+frameOver {
		return 0, false, err
	}
	k := walker{&f.look, f.seal, place{sealed: sealed - frameOver}}
	b, err := k.w.view(k.sealed, headLen)
	if err != nil {
		return 0, false, err
	}
	h, ok := parseHead(b)
	if !ok || h.kind != frameMark {
		return 0, false, nil
	}
	_, err = k.open(h)
	return h.offset, err == nil, nil
}

// Read implements io.Reader. A file that is not good gives what is good of it, and then a BadFile.
func (f *file) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seal == nil {
		if f.x.torn != nil {
			return 0, f.x.torn
		}
		return 0, io.EOF
	}
	r := &f.flow
	for len(r.rest) == 0 && len(p) > 0 {
		if r.err == nil {
			r.err = f.nextFrame(r)
		}
		if r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (f *file) nextFrame(r *flow) error {
	k := walker{&r.w, f.seal, r.place}
	h, err := k.head()
	if err == nil {
		r.rest, err = k.open(h)
	}
	if err == nil && r.marked && f.kind == kindWhole {
		err = errNoFrame // nothing follows the end
	}
	if err == io.EOF && (r.marked || f.kind == kindLog) {
		return io.EOF
	}
	if err != nil {
		r.rest = nil
		if err == io.EOF || bad(err) {
			return k.verdict(f.name, err)
		}
		return err
	}
	k.skip(h)
	r.place, r.marked = k.place, h.kind == frameMark
	return nil
}

// ReadAt implements io.ReaderAt.
func (f *file) ReadAt(p []byte, at int64) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at < 0 {
		return 0, syscall.EINVAL
	}
	x, err := f.extent()
	if err != nil {
		return 0, err
	}
	if f.seal == nil || at >= x.end.plain {
		return 0, f.after(x)
	}
	k := walker{&f.look, f.seal, x.before(at)}
	for n < len(p) {
		if k.plain >= x.end.plain {
			return n, f.after(x)
		}
		h, err := k.head()
		if err == nil && h.end() > at {
			var plain []byte
			if plain, err = k.open(h); err == nil {
				c := copy(p[n:], plain[at-h.offset:])
				n, at = n+c, at+int64(c)
			}
		}
		if err != nil {
			if bad(err) || err == io.EOF {
				err = k.verdict(f.name, err)
			}
			return n, err
		}
		k.skip(h)
	}
	return n, nil
}

// after is what reading behind the end gives.
func (f *file) after(x *extent) error {
	if x.torn != nil {
		return x.torn
	}
	return io.EOF
}

// Close writes what tells that the file ended in order.
func (f *file) Close() error {
	err := f.finish()
	if closed := f.f.Close(); err == nil {
		err = closed
	}
	return err
}
