// Reader: the records of a file, one after the other, in place.

package aof

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// Kind is what Next has found.
type Kind int

// The kinds.
const (
	Record     Kind = iota // a command: Words
	Time                   // #TS: Seconds
	Sum                    // the end of a group
	Mark                   // the bare # before a SELECT
	Annotation             // another one
)

// Damage says what is wrong with a file, and where.
type Damage struct {
	File   string
	Offset int64 // where the record begins that is damaged
	Why    string
	Short  bool // the file ends in the middle of it
}

func (d *Damage) Error() string {
	return fmt.Sprintf("%s: offset %d: %s", d.File, d.Offset, d.Why)
}

// Reader reads a file between two offsets. What it holds of it at once is one record, and at least a buffer.
type Reader struct {
	Words   [][]byte // of the record; they and Raw lie in the buffer until the next call
	Raw     []byte   // its bytes, or the annotation's
	Offset  int64    // where it begins
	Seconds int64

	name   string
	file   vfs.File
	buf    []byte // of the file, from base; buf[at:] is to come
	base   int64
	at     int
	limit  int64
	sum    sum
	synced int64
}

const (
	readerBuffer = 1 << 20
	longestLine  = 120 // what Redis reads of an annotation at once
	longestCount = 22
)

// NewReader reads the bytes from offset to limit. name is for errors.
func NewReader(file vfs.File, name string, offset, limit int64) *Reader {
	return &Reader{file: file, name: name, base: offset, limit: limit}
}

// Name is what errors call the file.
func (r *Reader) Name() string { return r.name }

// Limit moves the end.
func (r *Reader) Limit(limit int64) { r.limit = limit }

// End is the offset behind what Next has returned.
func (r *Reader) End() int64 { return r.base + int64(r.at) }

var errShort = errors.New("short")

// Next reads the next record or annotation. io.EOF at the end; *Damage for what makes no sense; other errors are the file system's.
func (r *Reader) Next() (Kind, error) {
	r.Offset = r.End()
	if r.Offset >= r.limit {
		return 0, io.EOF
	}
	for {
		kind, n, need, err := r.parse()
		if err == errShort {
			err = r.fill(need)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return 0, err
		}
		r.Raw = r.buf[r.at : r.at+n]
		r.at += n
		return kind, nil
	}
}

// NextHeld is Next as long as the buffer holds what it needs, so that words given before stay where they are. false: ask Next.
func (r *Reader) NextHeld() (Kind, bool) {
	if r.Offset = r.End(); r.Offset >= r.limit {
		return 0, false
	}
	kind, n, _, err := r.parse()
	if err != nil {
		return 0, false
	}
	r.Raw = r.buf[r.at : r.at+n]
	r.at += n
	return kind, true
}

// fill reads until need bytes are there, and more if that is cheap.
func (r *Reader) fill(need int) error {
	left := r.limit - r.base - int64(len(r.buf))
	have := len(r.buf) - r.at
	if int64(need-have) > left {
		return r.damaged("the file ends in the middle of a record", true)
	}
	size := max(int(min(readerBuffer, left+int64(have))), need+need/4)
	if cap(r.buf) < size {
		buf := make([]byte, have, size)
		copy(buf, r.buf[r.at:])
		r.buf = buf
	} else {
		r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
	}
	r.base, r.at = r.base+int64(r.at), 0
	room := r.buf[have:cap(r.buf)]
	if int64(len(room)) > left {
		room = room[:left]
	}
	n, err := r.file.ReadAt(room, r.base+int64(have))
	r.buf = r.buf[:have+n]
	if have+n >= need {
		return nil
	}
	if err == nil || err == io.EOF {
		return r.damaged("the file ends in the middle of a record", true)
	}
	return fmt.Errorf("%s: offset %d: %w", r.name, r.base+int64(have+n), err)
}

func (r *Reader) damaged(why string, short bool) *Damage {
	return &Damage{File: r.name, Offset: r.Offset, Why: why, Short: short}
}

// parse looks at what is in the buffer: n bytes are the next record or annotation, or errShort and how many bytes are needed to go on.
func (r *Reader) parse() (kind Kind, n, need int, err error) {
	b := r.buf[r.at:]
	if len(b) == 0 {
		return 0, 0, 1, errShort
	}
	switch b[0] {
	case '#':
		return r.annotation(b)
	case '*':
		return r.record(b)
	}
	return 0, 0, 0, r.damaged(fmt.Sprintf("%q where a record or an annotation should begin", b[0]), false)
}

func (r *Reader) annotation(b []byte) (kind Kind, n, need int, err error) {
	end := bytes.IndexByte(b[:min(len(b), longestLine)], '\n')
	switch {
	case end < 0 && len(b) >= longestLine:
		return 0, 0, 0, r.damaged("an annotation that does not end", false)
	case end < 0:
		return 0, 0, len(b) + 1, errShort
	case b[end-1] != '\r':
		return 0, 0, 0, r.damaged("an annotation without a proper end", false)
	}
	line := b[:end-1]
	n = end + 1
	switch {
	case len(line) == 1:
		return Mark, n, 0, nil
	case bytes.HasPrefix(line, []byte(sumMark)):
		var ok bool
		if r.sum, r.synced, ok = parseSum(line); !ok {
			return 0, 0, 0, r.damaged("a checksum that cannot be read", false)
		}
		return Sum, n, 0, nil
	case bytes.HasPrefix(line, []byte(timeMark)):
		seconds, used := digitsOf(line[len(timeMark):])
		if used == 0 || used != len(line)-len(timeMark) {
			return 0, 0, 0, r.damaged("a time that cannot be read", false)
		}
		r.Seconds = seconds
		return Time, n, 0, nil
	}
	return Annotation, n, 0, nil
}

func (r *Reader) record(b []byte) (kind Kind, n, need int, err error) {
	count, at, need, err := r.count(b, 0)
	if err != nil {
		return 0, 0, need, err
	}
	if count < 1 {
		return 0, 0, 0, r.damaged("a record without words", false)
	}
	r.Words = r.Words[:0]
	for ; count > 0; count-- {
		if at == len(b) {
			return 0, 0, at + 1, errShort
		}
		if b[at] != '$' {
			return 0, 0, 0, r.damaged(fmt.Sprintf("%q where a word should begin", b[at]), false)
		}
		length, from, need, err := r.count(b, at)
		if err != nil {
			return 0, 0, need, err
		}
		to := from + int(length)
		if to+2 > len(b) {
			return 0, 0, to + 2, errShort
		}
		if b[to] != '\r' || b[to+1] != '\n' {
			return 0, 0, 0, r.damaged("a word without a proper end", false)
		}
		r.Words = append(r.Words, b[from:to:to])
		at = to + 2
	}
	return Record, at, 0, nil
}

// count reads the number behind the mark at b[at], and its line's end.
func (r *Reader) count(b []byte, at int) (n int64, after, need int, err error) {
	rest := b[at+1:]
	n, used := digitsOf(rest)
	if used+1 >= len(rest) {
		if used < len(rest) && rest[used] != '\r' {
			return 0, 0, 0, r.damaged("a length that is no number", false)
		}
		if used > longestCount {
			return 0, 0, 0, r.damaged("a length that does not end", false)
		}
		return 0, 0, len(b) + 1, errShort
	}
	if used == 0 || rest[used] != '\r' || rest[used+1] != '\n' || used > 1 && rest[0] == '0' {
		return 0, 0, 0, r.damaged("a length that is no number", false)
	}
	if n > 1<<40 {
		return 0, 0, 0, r.damaged("a length that cannot be", false)
	}
	return n, at + 1 + used + 2, 0, nil
}
