// Walking over a container: where it ends, and whether a bad place is damage or a tail that was never promised.

package crypt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrDamaged says that a file is not what was written. It is wrapped with name and offset.
var ErrDamaged = errors.New("damaged")

// ErrTorn says that a log ends in the middle of what was being written, as after a crash: everything before is good. It is an io.ErrUnexpectedEOF.
var ErrTorn = fmt.Errorf("the end is torn: %w", io.ErrUnexpectedEOF)

// BadFile is what is wrong with a file.
type BadFile struct {
	Name   string
	Offset int64 // in the file on the disk
	Plain  int64 // in the plain file: all before is good
	What   string
	Err    error
}

func (e *BadFile) Error() string {
	return fmt.Sprintf("%s: %s at offset %d (%d of the plain file): %s", e.Name, e.Err, e.Offset, e.Plain, e.What)
}

func (e *BadFile) Unwrap() error { return e.Err }

// windowLen is how much is read at once: a frame fits.
const windowLen = 2 * maxPlain

// window looks at a file through a buffer.
type window struct {
	f     io.ReaderAt
	buf   []byte
	at    int64
	plain []byte // the frame that was opened last
}

// view gives n bytes at an offset, or those that are there. They are good until the next call.
func (w *window) view(at int64, n int) ([]byte, error) {
	if at < w.at || at+int64(n) > w.at+int64(len(w.buf)) {
		if w.buf == nil {
			w.buf = make([]byte, windowLen)
		}
		got, err := w.f.ReadAt(w.buf[:windowLen], at)
		if err != nil && err != io.EOF {
			w.forget()
			return nil, err
		}
		w.at, w.buf = at, w.buf[:got]
	}
	from := at - w.at
	return w.buf[from:min(from+int64(n), int64(len(w.buf)))], nil
}

func (w *window) forget() { w.buf = w.buf[:0] }

// place is where a frame begins, in the container and in the plain file.
type place struct{ sealed, plain int64 }

// walker goes from frame to frame.
type walker struct {
	w    *window
	seal *fileSeal
	place
}

// outcome of a step that gave no frame.
var (
	errNoFrame = errors.New("no frame begins here")
	errShort   = errors.New("the frame is cut")
	errOpen    = errors.New("the frame does not open")
)

// head looks at the next frame's clear part. io.EOF at the end of the file.
func (k *walker) head() (head, error) {
	b, err := k.w.view(k.sealed, headLen)
	if err != nil {
		return head{}, err
	}
	if len(b) == 0 {
		return head{}, io.EOF
	}
	h, ok := parseHead(b)
	switch {
	case len(b) < headLen:
		return h, errShort
	case !ok || h.offset != k.plain:
		return h, errNoFrame
	}
	return h, nil
}

// open opens the frame that head found. The bytes are good until the next one is opened.
func (k *walker) open(h head) ([]byte, error) {
	b, err := k.w.view(k.sealed, int(h.size()))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) < h.size() {
		return nil, errShort
	}
	plain, err := k.seal.openFrame(k.w.plain[:0], b)
	if err != nil {
		return nil, errOpen
	}
	k.w.plain = plain
	return plain, nil
}

func (k *walker) skip(h head) { k.sealed, k.plain = k.sealed+h.size(), h.end() }

// bad tells whether err says that no good frame is here, and not that the disk fails.
func bad(err error) bool { return err == errNoFrame || err == errShort || err == errOpen }

// promised tells whether any good frame behind the walker's place says that this place was synced.
func (k *walker) promised() (bool, error) {
	for at := k.sealed; ; {
		b, err := k.w.view(at, windowLen)
		if err != nil || len(b) < headLen {
			return false, err
		}
		i := bytes.Index(b, frameMagic)
		if i < 0 {
			at += int64(len(b) - len(frameMagic) + 1)
			continue
		}
		at += int64(i)
		if b, err = k.w.view(at, headLen); err != nil {
			return false, err
		}
		if h, ok := parseHead(b); ok && h.synced > k.plain {
			other := walker{k.w, k.seal, place{at, h.offset}}
			if _, err = other.open(h); err == nil {
				return true, nil
			}
			if !bad(err) {
				return false, err
			}
		}
		at++
	}
}

// verdict is what is wrong at the walker's place, where no good frame is.
func (k *walker) verdict(name string, why error) error {
	e := &BadFile{name, k.sealed, k.plain, why.Error(), ErrDamaged}
	if k.seal.kind == kindWhole {
		if why == io.EOF {
			e.What = "the file ends without its mark"
		}
		return e
	}
	promised, err := k.promised()
	if err != nil {
		return err
	}
	if promised {
		e.What += ", though it was on the disk before what follows"
	} else {
		e.Err = ErrTorn
	}
	return e
}
