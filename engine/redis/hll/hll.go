// Package hll counts distinct elements in the HyperLogLog strings of Redis, byte for byte: a header of 16 bytes and 16,384
// registers of six bits, kept sparse (runs of equal registers) while they are few, else dense. It knows byte slices only; strings
// that somebody forged are told apart from good ones and never read beyond their ends.
package hll

import (
	"encoding/binary"
	"errors"
)

// Sizes of the format.
const (
	Registers  = 1 << indexBits
	DenseBytes = headBytes + Registers*6/8
	MaxBytes   = headBytes + 2*Registers // of a sparse one: an opcode takes two bytes at most and covers a register at least

	indexBits = 14             // of the hash that choose the register
	rankBits  = 64 - indexBits // of the hash whose trailing zeroes are counted
	headBytes = 16

	dense  = 0
	sparse = 1
)

// The header: "HYLL", the encoding, three bytes unused, the cardinality as it was last counted (64 bits, little endian; the top
// bit says that the registers have changed since).
const (
	encodingAt = 4
	cacheAt    = 8
	staleAt    = headBytes - 1
	stale      = 1 << 7
)

// ErrCorrupt is a sparse string whose runs do not cover the registers exactly.
var ErrCorrupt = errors.New("hll: runs do not add up")

// Valid tells whether b may be one of ours: its header, and the length of a dense one. All other functions ask for that.
func Valid(b []byte) bool {
	return len(b) >= headBytes && string(b[:4]) == "HYLL" &&
		(b[encodingAt] == sparse || b[encodingAt] == dense && len(b) == DenseBytes)
}

// Dense tells which of the two forms b has.
func Dense(b []byte) bool { return b[encodingAt] == dense }

// AppendNew appends one that has seen nothing.
func AppendNew(dst []byte) []byte {
	dst = append(dst, "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	return appendRun(dst, 0, Registers)
}

// Cached gives the cardinality that the header remembers; false if the registers have changed since.
func Cached(b []byte) (uint64, bool) {
	return binary.LittleEndian.Uint64(b[cacheAt:]), b[staleAt]&stale == 0
}

// Remember writes a cardinality into the header.
func Remember(b []byte, n uint64) { binary.LittleEndian.PutUint64(b[cacheAt:], n) }

// Forget marks the remembered cardinality as outdated.
func Forget(b []byte) { b[staleAt] |= stale }

// Add counts an element in. A dense b changes in place; a sparse one is edited like a slice by append and belongs to the result from
// then on; it becomes dense when it would grow beyond limit bytes. changed: a register has. On an error b is as it was.
func Add(b, element []byte, limit int) (out []byte, changed bool, err error) {
	index, rank := place(element)
	if Dense(b) {
		changed = setDense(b[headBytes:], index, rank)
		if changed {
			Forget(b)
		}
		return b, changed, nil
	}
	from := start
	return setSparse(b, index, rank, limit, &from)
}

// Count estimates how many distinct elements were added, from the registers alone.
func Count(b []byte) (uint64, error) {
	var h histogram
	if Dense(b) {
		h.dense(b[headBytes:])
	} else if !h.sparse(b) {
		return 0, ErrCorrupt
	}
	return h.estimate(), nil
}
