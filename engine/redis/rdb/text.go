// Text: one string as it lies in a value.

package rdb

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core/pack"
)

// Text is a string: plain bytes, a number that stands for its decimal form, or LZF. It aliases the payload.
type Text struct {
	raw  []byte
	num  int64 // the number; of LZF the length unpacked
	form byte  // int8s, int16s, int32s, lzfText; else plain
}

// Len is the string's length.
func (t Text) Len() int {
	switch t.form {
	case 0:
		return len(t.raw)
	case lzfText:
		return int(t.num)
	}
	return pack.Number(t.num).Len()
}

// Plain is the string where it lies in the payload as it is.
func (t Text) Plain() ([]byte, bool) { return t.raw, t.form == 0 }

// Fill writes the string to dst, which is Len bytes long: into memory that is not on the Go heap, without a copy there.
func (t Text) Fill(dst []byte) {
	switch t.form {
	case 0:
		copy(dst, t.raw)
	case lzfText:
		if !pack.Decompress(dst, t.raw) {
			panic("rdb: a text that was measured does not unpack")
		}
	default:
		strconv.AppendInt(dst[:0], t.num, 10)
	}
}

// view is the string, in the payload or in scratch, which grows as needed.
func (t Text) view(scratch *[]byte) []byte {
	if t.form == 0 {
		if t.raw == nil {
			return noText
		}
		return t.raw
	}
	n := t.Len()
	if cap(*scratch) < n {
		*scratch = make([]byte, max(n, 64))
	}
	b := (*scratch)[:n]
	t.Fill(b)
	return b
}

var noText = []byte{}
