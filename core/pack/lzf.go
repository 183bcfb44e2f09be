// LZF: the compression of RDB strings and of cold list nodes.

package pack

import "encoding/binary"

// Format: a control byte below lzfMaxLiteral announces that many bytes plus one, which follow. Any other is a copy from the
// output already written: its upper three bits are the length less 2, 7 meaning that a byte to be added follows; its lower five bits
// and the next byte are the distance less 1.
const (
	lzfMaxLiteral  = 32
	lzfMaxCopy     = 264 // 7 + 255 + 2
	lzfMaxDistance = 1 << 13
)

// lzfSlots is a power of two: as many starts of three bytes are remembered. 64 KB a Squeezer.
const (
	lzfBits  = 14
	lzfSlots = 1 << lzfBits
)

// Squeezer compresses. It holds the table of a compression, which need not be cleared between two: positions are counted on, and what
// is older than the input counts as empty. One per worker; its zero value is ready. Not for two goroutines at once.
type Squeezer struct {
	seen [lzfSlots]uint32 // position + 1 where three bytes with this hash last began
	base uint32           // position of the first byte of the current input
}

// Compress appends src in LZF to dst if that takes at most limit bytes, and says whether it did; else dst comes back as it was.
// It grows dst only when its capacity is less than limit more. Redis asks for 4 bytes less than src has in RDB strings and for
// 8 less in list nodes.
func (q *Squeezer) Compress(dst, src []byte, limit int) ([]byte, bool) {
	start := len(dst)
	if limit <= 0 || len(src) < 4 || uint64(len(src)) >= 1<<31 {
		return dst, false
	}
	if uint64(q.base)+uint64(len(src)) >= 1<<32-1 {
		*q = Squeezer{}
	}
	out := lzfOutput{b: grow(dst, limit), at: start}
	ok := q.run(&out, src)
	q.base += uint32(len(src))
	if !ok {
		return dst[:start], false
	}
	return out.b[:out.at], true
}

// run writes src as literals and copies; false when the output is full.
func (q *Squeezer) run(out *lzfOutput, src []byte) bool {
	literal := 0 // where the bytes begin that are not written yet
	p := 0
	for p+3 <= len(src) {
		slot := &q.seen[lzfHash(src[p:])]
		at := int64(*slot) - 1 - int64(q.base)
		*slot = q.base + uint32(p) + 1
		if at < 0 || p-int(at) > lzfMaxDistance || src[at] != src[p] || src[at+1] != src[p+1] || src[at+2] != src[p+2] {
			p++
			continue
		}
		n := lzfCommon(src, int(at), p)
		if !out.literal(src[literal:p]) || !out.copy(p-int(at), n) {
			return false
		}
		p += n
		literal = p
		// Two starts within the copy are remembered: all of them would cost more than they find.
		for k := p - 2; k < p && k+3 <= len(src); k++ {
			q.seen[lzfHash(src[k:])] = q.base + uint32(k) + 1
		}
	}
	return out.literal(src[literal:])
}

func lzfHash(b []byte) uint32 {
	v := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	return v * 0x9E3779B1 >> (32 - lzfBits)
}

// lzfCommon is how many bytes from p on are the same as those from at on, where three are known to be.
func lzfCommon(src []byte, at, p int) int {
	most := min(len(src)-p, lzfMaxCopy)
	n := 3
	for n+8 <= most && binary.LittleEndian.Uint64(src[at+n:]) == binary.LittleEndian.Uint64(src[p+n:]) {
		n += 8
	}
	for n < most && src[at+n] == src[p+n] {
		n++
	}
	return n
}

// lzfOutput is a buffer that is not to grow: b[at:] is free.
type lzfOutput struct {
	b  []byte
	at int
}

func (o *lzfOutput) literal(s []byte) bool {
	for len(s) > 0 {
		n := min(len(s), lzfMaxLiteral)
		if len(o.b)-o.at < n+1 {
			return false
		}
		o.b[o.at] = byte(n - 1)
		copy(o.b[o.at+1:], s[:n])
		o.at += n + 1
		s = s[n:]
	}
	return true
}

func (o *lzfOutput) copy(distance, n int) bool {
	if len(o.b)-o.at < 3 {
		return false
	}
	distance--
	n -= 2
	if n < 7 {
		o.b[o.at] = byte(n<<5 | distance>>8)
	} else {
		o.b[o.at] = byte(7<<5 | distance>>8)
		o.b[o.at+1] = byte(n - 7)
		o.at++
	}
	o.b[o.at+1] = byte(distance)
	o.at += 2
	return true
}

// LZFLen walks compressed bytes without writing and gives the length of what they hold, and whether they are whole and copy only from
// what they have written. So a payload that announces more than it holds is found out before anything is allocated; 3 bytes
// hold 264 at most.
func LZFLen(src []byte) (n int, ok bool) {
	for p := 0; p < len(src); {
		length, distance, next := lzfToken(src, p)
		if next == 0 || distance > n {
			return 0, false
		}
		n += length
		p = next
	}
	return n, true
}

// Decompress writes what src holds to dst and says whether it was whole and filled dst exactly; if not, dst's content is void.
func Decompress(dst, src []byte) bool {
	at := 0
	for p := 0; p < len(src); {
		n, distance, next := lzfToken(src, p)
		if next == 0 || distance > at || n > len(dst)-at {
			return false
		}
		switch {
		case distance == 0:
			copy(dst[at:at+n], src[p+1:])
		case distance >= n:
			copy(dst[at:at+n], dst[at-distance:])
		default:
			repeat(dst[at-distance:at+n], distance)
		}
		at += n
		p = next
	}
	return at == len(dst)
}

// repeat fills b with its first period bytes over and over.
func repeat(b []byte, period int) {
	for period < len(b) {
		period += copy(b[period:], b[:period])
	}
}

// lzfToken reads the token at p: a run of n bytes that follow if distance is 0, else a copy. next is 0 if the token is cut.
func lzfToken(src []byte, p int) (n, distance, next int) {
	c := int(src[p])
	p++
	if c < lzfMaxLiteral {
		if n = c + 1; n > len(src)-p {
			return 0, 0, 0
		}
		return n, 0, p + n
	}
	n = c>>5 + 2
	if n == 9 {
		if p == len(src) {
			return 0, 0, 0
		}
		n += int(src[p])
		p++
	}
	if p == len(src) {
		return 0, 0, 0
	}
	return n, (c&0x1F)<<8 + int(src[p]) + 1, p + 1
}
