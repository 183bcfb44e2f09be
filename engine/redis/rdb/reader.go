// reader: lengths, numbers and texts from the front of a value.

package rdb

import (
	"encoding/binary"
	"math"

	"github.com/cachesrv/cachesrv/core/pack"
)

// A length begins with two bits that say how long it is itself; len64 and len32 fill the byte. special is no length but
// a text in one of the forms below it.
const (
	len6  = 0x00
	len14 = 0x40
	len32 = 0x80
	len64 = 0x81

	special = 0xC0
	int8s   = special | 0
	int16s  = special | 1
	int32s  = special | 2
	lzfText = special | 3
)

// reader takes bytes from the front of b. The first thing that is wrong latches, and everything read after it is empty.
type reader struct {
	b     []byte
	at    int
	what  string // is wrong, "" nothing
	short bool   // which is that the bytes end too early
}

func (r *reader) fail(what string) {
	if r.what == "" {
		r.what = what
	}
}

func (r *reader) ok() bool { return r.what == "" }

func (r *reader) left() int { return len(r.b) - r.at }

// raw takes n bytes, which alias b.
func (r *reader) raw(n uint64) []byte {
	if !r.ok() || n > uint64(r.left()) {
		r.short = r.short || r.ok()
		r.fail("ends too early")
		return nil
	}
	at := r.at
	r.at += int(n)
	return r.b[at:r.at:r.at]
}

func (r *reader) byte() byte {
	if b := r.raw(1); b != nil {
		return b[0]
	}
	return 0
}

// length takes a length, or a number that is written like one.
func (r *reader) length() uint64 {
	c := r.byte()
	return r.lengthFrom(c)
}

func (r *reader) lengthFrom(c byte) uint64 {
	switch {
	case c < len14:
		return uint64(c)
	case c < len32:
		return uint64(c&0x3F)<<8 | uint64(r.byte())
	case c == len32:
		if b := r.raw(4); b != nil {
			return uint64(binary.BigEndian.Uint32(b))
		}
	case c == len64:
		if b := r.raw(8); b != nil {
			return binary.BigEndian.Uint64(b)
		}
	default:
		r.fail("no length where one should stand")
	}
	return 0
}

// count takes the number of things that follow, each of which takes at least size bytes: more than can be there is wrong at once.
func (r *reader) count(size int) int {
	n := r.length()
	if n > uint64(r.left()/size) {
		r.fail("announces more than there is")
		return 0
	}
	return int(n)
}

// millis takes a time in ms.
func (r *reader) millis() int64 {
	if b := r.raw(8); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// double takes a score in binary.
func (r *reader) double() float64 {
	if b := r.raw(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// First bytes of a score in decimal that is no finite number; others are the length of its digits.
const (
	scoreNaN   = 253
	scoreInf   = 254
	scoreMinus = 255
)

// score takes a score in decimal.
func (r *reader) score() float64 {
	switch n := r.byte(); n {
	case scoreNaN:
		return math.NaN()
	case scoreInf:
		return math.Inf(1)
	case scoreMinus:
		return math.Inf(-1)
	default:
		f, ok := parseScore(r.raw(uint64(n)))
		if !ok {
			r.fail("a score that is no number")
		}
		return f
	}
}

// text takes a text. An LZF text is whole and as long as it says, then.
func (r *reader) text() Text {
	c := r.byte()
	switch {
	case c < special:
		return Text{raw: r.raw(r.lengthFrom(c))}
	case c == int8s:
		return Text{num: int64(int8(r.byte())), form: c}
	case c == int16s:
		if b := r.raw(2); b != nil {
			return Text{num: int64(int16(binary.LittleEndian.Uint16(b))), form: c}
		}
	case c == int32s:
		if b := r.raw(4); b != nil {
			return Text{num: int64(int32(binary.LittleEndian.Uint32(b))), form: c}
		}
	case c == lzfText:
		size, n := r.length(), r.length()
		raw := r.raw(size)
		if got, ok := pack.LZFLen(raw); !r.ok() || !ok || n == 0 || uint64(got) != n {
			r.fail("an LZF text that does not unpack")
			return Text{}
		}
		return Text{raw: raw, num: int64(n), form: c}
	default:
		r.fail("a text of no known form")
	}
	return Text{}
}
