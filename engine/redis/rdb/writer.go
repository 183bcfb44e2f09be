// Writer: the elements that values are made of, put together.

package rdb

import (
	"encoding/binary"
	"math"

	"github.com/cachesrv/cachesrv/core/pack"
)

// Writer appends to Out. One is meant to be kept by whoever writes many values: compressing takes a table of 64 KB.
type Writer struct {
	Out      []byte
	Compress bool   // long texts in LZF
	Name     []byte // the key, which a file has behind the kind; nil in payloads

	// Full takes what is in Out, when that is about FullAt bytes, and gives an empty buffer to go on with. nil: Out grows.
	Full   func(b []byte) []byte
	FullAt int

	squeeze *pack.Squeezer
	small   []byte // a text compressed
}

// squeezeFrom is the length from which a text is tried to compress, and squeezeGain by how many bytes it must get shorter. squeezeTo is the
// longest where the memory for it must be bounded.
const (
	squeezeFrom = 21
	squeezeTo   = 16 << 20
	squeezeGain = 4
	longestInt  = 11 // the longest decimal of 32 bits
)

// Kind begins a value; a file has its key between the two.
func (w *Writer) Kind(k Kind) {
	w.Out = append(w.Out, byte(k))
	if w.Name != nil {
		w.Text(w.Name)
	}
}

// Length writes a length, or a number in the same form.
func (w *Writer) Length(n uint64) { w.Out = appendLength(w.Out, n) }

func appendLength(b []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(b, len6|byte(n))
	case n < 1<<14:
		return append(b, len14|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, len32), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, len64), n)
}

// Text writes a string: a small number, LZF or as it is, whichever is shortest and allowed.
func (w *Writer) Text(s []byte) {
	if w.Full != nil && len(w.Out) >= w.FullAt {
		w.Out = w.Full(w.Out)
	}
	if len(s) <= longestInt {
		if n, ok := pack.ParseInt(s); ok && n == int64(int32(n)) {
			w.number(n)
			return
		}
	}
	if w.Compress && len(s) >= squeezeFrom && (w.Full == nil || len(s) <= squeezeTo) && w.squeezed(s) {
		return
	}
	w.Length(uint64(len(s)))
	w.Raw(s)
}

// Raw writes bytes as they are, long ones in pieces if there is a Full to take them.
func (w *Writer) Raw(s []byte) {
	for w.Full != nil && len(w.Out)+len(s) > w.FullAt {
		n := max(w.FullAt-len(w.Out), 0)
		w.Out = w.Full(append(w.Out, s[:n]...))
		s = s[n:]
	}
	w.Out = append(w.Out, s...)
}

// Elem writes an element of a pack as a text.
func (w *Writer) Elem(e pack.Elem) {
	if e.Text != nil {
		w.Text(e.Text)
	} else {
		w.Number(e.Num)
	}
}

// Number writes the decimal form of a number as a text.
func (w *Writer) Number(n int64) {
	if n == int64(int32(n)) {
		w.number(n)
		return
	}
	e := pack.Number(n)
	w.Length(uint64(e.Len()))
	w.Out = e.Append(w.Out)
}

func (w *Writer) number(n int64) {
	switch {
	case n == int64(int8(n)):
		w.Out = append(w.Out, int8s, byte(n))
	case n == int64(int16(n)):
		w.Out = binary.LittleEndian.AppendUint16(append(w.Out, int16s), uint16(n))
	default:
		w.Out = binary.LittleEndian.AppendUint32(append(w.Out, int32s), uint32(n))
	}
}

func (w *Writer) squeezed(s []byte) bool {
	if w.squeeze == nil {
		w.squeeze = new(pack.Squeezer)
	}
	small, ok := w.squeeze.Compress(w.small[:0], s, len(s)-squeezeGain)
	if ok {
		w.LZF(small, len(s))
	}
	switch {
	case cap(small) > keepScratch:
		small = nil
	case cap(small) < len(s): // it was not used, or too small
		small = make([]byte, 0, max(2*len(s), 1<<10))
	}
	w.small = small
	return ok
}

// LZF writes a text of n bytes that is compressed already.
func (w *Writer) LZF(small []byte, n int) {
	w.Out = append(w.Out, lzfText)
	w.Length(uint64(len(small)))
	w.Length(uint64(n))
	w.Raw(small)
}

// Score writes a score in binary, as members of KindZset2 have it.
func (w *Writer) Score(f float64) {
	w.Out = binary.LittleEndian.AppendUint64(w.Out, math.Float64bits(f))
}

// Millis writes a time in ms.
func (w *Writer) Millis(ms int64) { w.Out = binary.LittleEndian.AppendUint64(w.Out, uint64(ms)) }

// PackedNode writes a node of KindQuicklist2 that is a listpack, LongNode one that is a single element. The number of
// nodes comes before them, as a Length.
func (w *Writer) PackedNode(lp []byte) {
	w.Length(packedNode)
	w.Text(lp)
}

func (w *Writer) LongNode(element []byte) {
	w.Length(plainNode)
	w.Text(element)
}
