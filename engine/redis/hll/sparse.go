// Sparse registers: a sequence of opcodes that each cover a run of equal ones.

package hll

import "strconv"

// The opcodes:
//
//	00llllll           l+1 registers that are zero
//	01llllll llllllll  the same, the length with 14 bits
//	1vvvvvll           l+1 registers with the value v+1
const (
	shortZeroes = 64
	longRun     = 1 << 6 // marks the two-byte form
	valueRun    = 1 << 7
	maxValue    = 32
	maxRun      = 4 // of a value
)

// opcode reads the one at the start of b: how often which value, and its width. run is 0 for one that is cut off.
func opcode(b []byte) (value uint8, run, width int) {
	switch c := b[0]; {
	case c&valueRun != 0:
		return c>>2&31 + 1, int(c&3) + 1, 1
	case c&longRun == 0:
		return 0, int(c&63) + 1, 1
	case len(b) < 2:
		return 0, 0, 1
	default:
		return 0, int(c&63)<<8 + int(b[1]) + 1, 2
	}
}

// lengths gives, by the first byte, how many registers an opcode covers; 0 for those of two bytes. Finding a register is a walk over hundreds of
// opcodes, and this makes a step of it one load.
var lengths = func() (t [256]uint8) {
	for c := range t {
		if c&longRun == 0 || c&valueRun != 0 {
			_, run, _ := opcode([]byte{byte(c)})
			t[c] = uint8(run)
		}
	}
	return t
}()

// appendRun appends the opcode for a run, which a single one must be able to express.
func appendRun(b []byte, value uint8, run int) []byte {
	switch {
	case value > 0:
		return append(b, valueRun|(value-1)<<2|byte(run-1))
	case run <= shortZeroes:
		return append(b, byte(run-1))
	default:
		return append(b, longRun|byte((run-1)>>8), byte(run-1))
	}
}

// runs walks over the opcodes of a sparse string, each checked against the number of registers. It is a value and allocates nothing.
type runs struct {
	rest       []byte
	first, run int // registers that the current opcode covers
	value      uint8
}

func runsOf(b []byte) runs { return runs{rest: b[headBytes:]} }

func (r *runs) next() bool {
	if len(r.rest) == 0 {
		return false
	}
	r.first += r.run
	c := r.rest[0]
	width := 1
	if r.run = int(lengths[c]); r.run == 0 {
		r.value, r.run, width = opcode(r.rest)
	} else if r.value = 0; c&valueRun != 0 {
		r.value = c>>2&31 + 1
	}
	if r.run == 0 || r.run > Registers-r.first {
		r.run = 0 // complete will say no: there is a rest
		return false
	}
	r.rest = r.rest[width:]
	return true
}

// complete tells, after the last run, whether all registers were covered and nothing is left.
func (r *runs) complete() bool { return len(r.rest) == 0 && r.first+r.run == Registers }

// cursor is an opcode and its first register, where a search may begin: whoever sets registers in ascending order need not walk from the start again.
type cursor struct{ at, first int }

var start = cursor{at: headBytes}

// setSparse raises one register: the opcode that covers it is replaced by up to three. The steps, and which neighbours are joined
// afterwards, decide about the bytes; they are those of the original. The search begins at from, which it moves to a place that is good for all
// registers behind this one: two opcodes back, as the one before may be joined with what follows it.
func setSparse(b []byte, index int, rank uint8, limit int, from *cursor) (out []byte, changed bool, err error) {
	if rank > maxValue {
		return promote(b, index, rank)
	}
	before, at, first, beforeFirst := from.at, from.at, from.first, from.first
	for {
		if at >= len(b) {
			return b, false, ErrCorrupt
		}
		run, width := int(lengths[b[at]]), 1
		if run == 0 {
			if _, run, width = opcode(b[at:]); run == 0 {
				return b, false, ErrCorrupt
			}
		}
		if index < first+run {
			break
		}
		*from = cursor{before, beforeFirst}
		before, beforeFirst, at, first = at, first, at+width, first+run
	}
	old, run, width := opcode(b[at:])
	if old >= rank {
		return b, false, nil
	}
	var room [5]byte
	put := room[:0]
	if index > first {
		put = appendRun(put, old, index-first)
	}
	put = appendRun(put, rank, 1)
	if last := first + run - 1; index < last {
		put = appendRun(put, old, last-index)
	}
	grow := len(put) - width
	if grow > 0 && len(b)+grow > limit {
		return promote(b, index, rank)
	}
	b = replace(b, at, width, put)
	b = join(b, before)
	Forget(b)
	return b, true, nil
}

// replace puts other bytes where n are at a place.
func replace(b []byte, at, n int, put []byte) []byte {
	old := len(b)
	if grow := len(put) - n; grow > 0 {
		b = append(b, put[:grow]...) // any bytes: room
		copy(b[at+len(put):], b[at+n:old])
	} else {
		copy(b[at+len(put):], b[at+n:])
		b = b[:old+grow]
	}
	copy(b[at:], put)
	return b
}

// join makes one opcode of two neighbours with the same value, as far as a change can have made such.
func join(b []byte, at int) []byte {
	for range 5 {
		if at >= len(b) {
			break
		}
		value, run, width := opcode(b[at:])
		if value > 0 && at+1 < len(b) {
			next, more, _ := opcode(b[at+1:])
			if next == value && run+more <= maxRun {
				appendRun(b[:at+1], value, run+more)
				b = append(b[:at], b[at+1:]...)
				continue
			}
		}
		at += width
	}
	return b
}

// promote makes a sparse string dense and raises one register.
func promote(b []byte, index int, rank uint8) ([]byte, bool, error) {
	b, err := ToDense(b)
	if err != nil {
		return b, false, err
	}
	if setDense(b[headBytes:], index, rank) {
		Forget(b)
	}
	return b, true, nil
}

// ToDense gives a sparse string the dense form in the same slice, grown by append. The remembered cardinality stays. On an error b is as it was.
func ToDense(b []byte) ([]byte, error) {
	var whole [DenseBytes]byte
	copy(whole[:], b[:headBytes])
	whole[encodingAt] = dense
	r := runsOf(b)
	for r.next() {
		if r.value == 0 {
			continue
		}
		for i := r.first; i < r.first+r.run; i++ {
			setDense(whole[headBytes:], i, r.value)
		}
	}
	if !r.complete() {
		return b, ErrCorrupt
	}
	return append(b[:0], whole[:]...), nil
}

// AppendText appends the opcodes of a sparse string for people: z and Z are zeroes in the short and the long form, v a value and how often.
func AppendText(dst, b []byte) []byte {
	blank := false
	for b = b[headBytes:]; len(b) > 0; {
		value, run, width := opcode(b)
		if run == 0 {
			break
		}
		if blank {
			dst = append(dst, ' ')
		}
		blank = true
		switch {
		case value > 0:
			dst = append(dst, "v:"...)
			dst = strconv.AppendUint(dst, uint64(value), 10)
			dst = append(dst, ',')
		case width == 1:
			dst = append(dst, "z:"...)
		default:
			dst = append(dst, "Z:"...)
		}
		dst = strconv.AppendInt(dst, int64(run), 10)
		b = b[width:]
	}
	return dst
}
