// Reader: the words of a ledger that is whole.

package ledger

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The reasons why a ledger cannot be read.
var (
	ErrCut     = errors.New("it is cut, or was never finished")
	ErrDamaged = errors.New("it is damaged: its checksum does not fit")
	ErrWords   = errors.New("it holds other words than it should")
)

// Reader reads a ledger. The first error sticks: words after it are zero, and Err tells it.
type Reader struct {
	in  *bufio.Reader
	end int64 // bytes before the end
	err error
}

// NewReader reads the whole file of that size once, to compare its checksum, and then gives its words.
func NewReader(f io.ReaderAt, size int64) (*Reader, error) {
	var end [endBytes]byte
	if size < endBytes {
		return nil, ErrCut
	}
	if _, err := f.ReadAt(end[:], size-endBytes); err != nil {
		return nil, err
	}
	if n := binary.LittleEndian.Uint64(end[:]); string(end[12:]) != endMark || n != uint64(size-endBytes) {
		return nil, ErrCut
	}
	r := &Reader{end: size - endBytes}
	var buf [64 << 10]byte
	sum := uint32(0)
	for body := io.NewSectionReader(f, 0, r.end); ; {
		n, err := body.Read(buf[:])
		sum = Sum(sum, buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if sum != binary.LittleEndian.Uint32(end[8:]) {
		return nil, ErrDamaged
	}
	r.in = bufio.NewReaderSize(io.NewSectionReader(f, 0, r.end), 64<<10)
	return r, nil
}

// Fail makes err the reader's error if it has none.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Uint reads a number of at most max.
func (r *Reader) Uint(max uint64) uint64 {
	if r.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(r.in)
	switch {
	case err != nil:
		r.Fail(ErrWords)
		return 0
	case n > max:
		r.Fail(fmt.Errorf("%w: %d where at most %d can be", ErrWords, n, max))
		return 0
	}
	return n
}

// Int reads a number that an int64 holds.
func (r *Reader) Int() int64 { return int64(r.Uint(math.MaxInt64)) }

// Bool reads a yes or no.
func (r *Reader) Bool() bool { return r.Uint(1) == 1 }

// Bytes reads what Writer.Bytes wrote, at most max bytes, which are the caller's.
func (r *Reader) Bytes(max int) []byte {
	n := int64(r.Uint(uint64(max)))
	if r.err != nil {
		return nil
	}
	if n > r.end {
		r.Fail(ErrWords)
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r.in, b); err != nil {
		r.Fail(ErrWords)
		return nil
	}
	return b
}

// Section reads a name that must be the next word.
func (r *Reader) Section(name string) {
	if got := r.Bytes(64); r.err == nil && string(got) != name {
		r.Fail(fmt.Errorf("%w: %q where %q should be", ErrWords, got, name))
	}
}

// Done tells that nothing is left.
func (r *Reader) Done() {
	if _, err := r.in.ReadByte(); r.err == nil && err != io.EOF {
		r.Fail(fmt.Errorf("%w: more of them than there should be", ErrWords))
	}
}
