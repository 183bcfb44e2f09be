// An open file: writing.

package crypt

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
)

// sealAtOnce is how many plain bytes are sealed before they are handed down.
const sealAtOnce = 16 * maxPlain

var errMiddle = errors.New("an encrypted file is written at its end only")

// ready looks whether the file may be written, and takes away what lies behind its end.
func (f *file) ready() error {
	switch {
	case !f.writes:
		return &fs.PathError{Op: "write", Path: f.name, Err: syscall.EBADF}
	case f.broken != nil:
		return f.broken
	case f.x.torn == nil && !f.x.marked:
		return nil
	}
	if err := f.f.Truncate(f.x.end.sealed); err != nil {
		return err
	}
	if f.x.torn != nil { // or what is torn could come back behind what is written now
		if err := f.f.Sync(); err != nil {
			return err
		}
	}
	f.x.marked, f.x.torn = false, nil
	f.look.forget()
	return nil
}

// Write seals p at the end of the file. What it says was taken is whole frames.
func (f *file) Write(p []byte) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(); err != nil {
		return 0, err
	}
	if !f.anywhere && f.x.end.plain > 0 && !f.wrote {
		return 0, &fs.PathError{Op: "write", Path: f.name, Err: errMiddle}
	}
	for n < len(p) {
		c, err := f.seals(frameData, p[n:min(len(p), n+sealAtOnce)])
		n += c
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// seals appends frames with p to the file, or a mark, and gives how many bytes of p are in it now. What was written in part is cut away.
func (f *file) seals(kind byte, p []byte) (int, error) {
	start := f.x.end
	b := slices.Grow(f.buf[:0], headerLen+len(p)+(len(p)/maxPlain+1)*frameOver)
	if f.seal == nil {
		k, err := f.s.cover(filepath.Dir(f.name))
		if err != nil {
			return 0, err
		}
		var header []byte
		header, f.seal = newHeader(f.kind, k)
		b = append(b, header...)
		f.x.end.sealed = headerLen
	}
	ends := []place{f.x.end} // of the frames in b
	for at := 0; at < len(p) || kind == frameMark && len(ends) == 1; {
		part := p[at:min(len(p), at+maxPlain)]
		last := ends[len(ends)-1]
		h := head{kind, len(part), last.plain, f.x.synced}
		b = f.seal.appendFrame(b, h, part)
		ends = append(ends, place{last.sealed + h.size(), h.end()})
		at += len(part)
	}
	f.buf = b[:0]
	n, err := f.f.Write(b)
	f.wrote = true
	f.look.forget()
	f.flow.w.forget()
	done := 0
	for done+1 < len(ends) && ends[done+1].sealed <= start.sealed+int64(n) {
		if kind == frameData {
			f.x.note(ends[done])
		}
		done++
	}
	if err == nil && done < len(ends)-1 {
		err = io.ErrShortWrite
	}
	if kind == frameMark && f.kind == kindWhole {
		f.x.marked = err == nil
		ends = ends[:1]
		done = 0
	}
	f.x.end = ends[done]
	if err == nil {
		return len(p), nil
	}
	if done == 0 && start.sealed == 0 {
		f.x.end, f.seal = place{}, nil
	}
	if cut := f.f.Truncate(f.x.end.sealed); cut != nil {
		f.broken = cut
	}
	return int(f.x.end.plain - start.plain), err
}

// Truncate cuts the plain file to size.
func (f *file) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(); err != nil {
		return err
	}
	if size < 0 || size > f.x.end.plain {
		return &fs.PathError{Op: "truncate", Path: f.name, Err: syscall.EINVAL}
	}
	f.wrote = true // from here on it is written at the end
	safe := f.x.synced
	if err := f.cut(size); err != nil {
		return err
	}
	if size < safe {
		return f.f.Sync()
	}
	return nil
}

// cut takes away what lies behind a plain offset. Of the frame that it goes through the first part is sealed anew.
func (f *file) cut(size int64) error {
	if size == f.x.end.plain {
		return nil
	}
	f.cuts++
	f.look.forget()
	f.flow.w.forget()
	if size == 0 {
		if err := f.f.Truncate(0); err != nil {
			return err
		}
		f.x, f.seal = &extent{}, nil
		return nil
	}
	k := walker{&f.look, f.seal, f.x.before(size)}
	var keep []byte
	for k.plain < size {
		h, err := k.head()
		if err == nil && h.end() > size {
			if keep, err = k.open(h); err == nil {
				keep = append([]byte(nil), keep[:size-h.offset]...)
				break
			}
		}
		if err != nil {
			if bad(err) || err == io.EOF {
				err = k.verdict(f.name, err)
			}
			return err
		}
		k.skip(h)
	}
	if err := f.f.Truncate(k.sealed); err != nil {
		return err
	}
	f.look.forget()
	f.x.cut(k.place)
	if len(keep) == 0 {
		return nil
	}
	_, err := f.seals(frameData, keep)
	return err
}

// Sync makes the file safe. A whole file is complete then.
func (f *file) Sync() error {
	f.mu.Lock()
	if f.writes && f.broken != nil {
		defer f.mu.Unlock()
		return f.broken
	}
	if f.writes && f.kind == kindWhole {
		if err := f.mark(); err != nil {
			f.mu.Unlock()
			return err
		}
	}
	cuts, size := f.cuts, int64(0)
	if f.writes {
		size = f.x.end.plain
	}
	f.mu.Unlock()
	err := f.f.Sync()
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil:
		f.failed = true
	case f.writes && !f.failed && f.cuts == cuts:
		f.x.synced = max(f.x.synced, size)
	}
	return err
}

// mark ends a whole file, if it is not.
func (f *file) mark() error {
	if f.x.marked {
		return nil
	}
	if err := f.ready(); err != nil {
		return err
	}
	_, err := f.seals(frameMark, nil)
	return err
}

// finish is the end of writing: a whole file gets its mark if it has none, and a log that is safe up to its end says so.
func (f *file) finish() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.wrote && !(f.writes && f.seal == nil && f.kind == kindWhole) || f.broken != nil {
		return nil
	}
	if f.kind == kindWhole {
		return f.mark()
	}
	if f.seal == nil || f.failed || f.x.synced < f.x.end.plain {
		return nil
	}
	if _, err := f.seals(frameMark, nil); err != nil {
		return nil // it is good without
	}
	return f.f.Sync()
}
