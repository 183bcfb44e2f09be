// Random frames of memcached's binary protocol, and the frames that come back.

package diff

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// binFrame is one request. Its version is filled in for each server when it is sent.
type binFrame struct {
	opcode        byte
	magic         byte
	ext, key, val string
	lengths       [3]int // what the header says of ext, key and body instead of the truth; -1 the truth
	casKey        string // take the version this key was last seen with; "" for cas
	cas           uint64
	ends          bool // the server closes the connection after it
}

func (f binFrame) String() string {
	odd := ""
	if f.lengths != [3]int{-1, -1, -1} {
		odd = fmt.Sprintf(" lengths %v", f.lengths)
	}
	return fmt.Sprintf("%#02x ext %x key %s value %s cas %d %q%s", f.opcode, f.ext, short(f.key), short(f.val), f.cas, f.casKey, odd)
}

func (f binFrame) append(b []byte, opaque uint32, cas uint64) []byte {
	lengths := [3]int{len(f.ext), len(f.key), len(f.ext) + len(f.key) + len(f.val)}
	for i, n := range f.lengths {
		if n >= 0 {
			lengths[i] = n
		}
	}
	b = append(b, f.magic, f.opcode)
	b = binary.BigEndian.AppendUint16(b, uint16(lengths[1]))
	b = append(b, byte(lengths[0]), 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(lengths[2]))
	b = binary.BigEndian.AppendUint32(b, opaque)
	b = binary.BigEndian.AppendUint64(b, cas)
	return append(append(append(b, f.ext...), f.key...), f.val...)
}

const (
	opNoop      = 0x0a
	binaryHead  = 24
	syncOpaque  = 0x53594e43
	unsetOpaque = 0x4e4f4e45 // of a frame that the original gives no opaque of its own
)

var binaryKeys = []string{"a", "b", "c", "d:1", "d:2", "n1", "n2", "n3", "k\x00\r\n", " sp ace ", "\xff\xfe", strings.Repeat("L", 250)}

func anyOf[T any](s *source, from ...T) T { return from[s.IntN(len(from))] }

func be32(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
func be64(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// binaryExpiry is never, the usual, beyond a month (a moment: past or future), and never create.
func binaryExpiry(s *source) uint32 {
	return anyOf[uint32](s, 0, 0, 0, 0, 100, 2592000, 2592001, 86400*365, 4102444800, 0xffffffff)
}

func binaryValue(s *source) string {
	switch s.IntN(10) {
	case 0:
		return ""
	case 1:
		return strings.Repeat(anyOf(s, "v", "\x00", "x\r\n", "\x80\x0a"), s.IntN(300))
	case 2:
		return anyOf(s, "-1", "1x", " 12", "12 ", "9999999999999999999999", "0009", "x")
	default:
		return strconv.Itoa(s.IntN(1200))
	}
}

// quietOf is the quiet form of an opcode, the opcode itself if it has none.
var quietOf = map[byte]byte{0x00: 0x09, 0x0c: 0x0d, 0x01: 0x11, 0x02: 0x12, 0x03: 0x13, 0x04: 0x14, 0x05: 0x15, 0x06: 0x16, 0x08: 0x18, 0x0e: 0x19, 0x0f: 0x1a, 0x1d: 0x1e, 0x23: 0x24}

// binaryCodes is what requests are drawn from; the frequent ones come more than once.
var binaryCodes = []byte{0, 0, 0, 0, 0x0c, 0x0c, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 0x0e, 0x0e, 0x0f, 0x1c, 0x1c, 0x1d, 0x1d, 0x23, 0x23, opNoop, 0x0b, 0x10, 8, 0x99}

// randomFrame makes a request that both servers can answer and stay in step after.
func randomFrame(s *source) binFrame {
	f := binFrame{magic: 0x80, lengths: [3]int{-1, -1, -1}, opcode: binaryCodes[s.IntN(len(binaryCodes))]}
	if f.opcode == 8 && !s.chance(8) {
		f.opcode = 0
	}
	f.fill(s)
	if q, ok := quietOf[f.opcode]; ok && s.chance(3) {
		f.opcode = q
	}
	return f
}

// fill makes the parts that an opcode wants. No flush has a delay: in the original it revives what an earlier flush has
// removed. No value is of blanks only, and no number comes near 2^63: to count with one, the original reads on behind it.
func (f *binFrame) fill(s *source) {
	if f.opcode < 7 || f.opcode >= 0x0c && f.opcode != 0x10 && f.opcode < 0x60 {
		f.key = binaryKeys[s.IntN(len(binaryKeys))]
	}
	switch f.opcode {
	case 1, 2, 3:
		f.ext = be32(anyOf[uint32](s, 0, 0, 1, 0xdeadbeef)) + be32(binaryExpiry(s))
		f.val = binaryValue(s)
		if s.chance(1500) {
			f.val = strings.Repeat("x", 1<<20+s.IntN(1000))
		}
	case 5, 6:
		f.ext = be64(anyOf[uint64](s, 0, 1, 1, 7, 1000, 1<<50)) + be64(uint64(s.IntN(2000))) + be32(binaryExpiry(s))
	case 8:
		f.ext = anyOf(s, "", be32(0))
	case 0x0e, 0x0f:
		f.val = binaryValue(s)
	case 0x10:
		f.key = anyOf(s, "bogus", "reset", "detail off", "detail", "detail x")
	case 0x1c, 0x1d, 0x23:
		f.ext = be32(binaryExpiry(s))
	case 0x99:
		f.opcode = anyOf[byte](s, 0x1f, 0x25, 0x30, 0x40, 0x99, 0xff, 0x20)
	}
	switch f.opcode {
	case 1, 2, 3, 4, 5, 6, 0x0e, 0x0f:
		if s.chance(10) {
			f.casKey = f.key
		} else if s.chance(12) {
			f.cas = 1<<40 + 7
		}
	}
}

// breakFrame makes lengths, magic or shape wrong in a way that the original answers by closing.
func breakFrame(s *source) binFrame {
	f := randomFrame(s)
	for len(f.val) > 1<<16 {
		f = randomFrame(s)
	}
	f.ends = true
	switch s.IntN(5) {
	case 0: // more key or extras than body
		f.lengths[2] = max(0, len(f.ext)+len(f.key)-1-s.IntN(3))
		if len(f.ext)+len(f.key) == 0 {
			f.lengths = [3]int{-1, 1 + s.IntN(200), 0}
			f.val = strings.Repeat("p", 300)
		}
	case 1:
		f.magic = anyOf[byte](s, 0x81, 0x00, 'g', 0x7f)
		f.val = strings.Repeat("p", 300) // the original looks at whole headers only
	case 2: // a key that is too long
		f = binFrame{magic: 0x80, lengths: [3]int{-1, -1, -1}, opcode: anyOf[byte](s, 0, 1, 4, 0x99), ext: "", key: strings.Repeat("K", 251+s.IntN(2000)), ends: true}
	case 3: // extras that the opcode does not have
		f = binFrame{magic: 0x80, lengths: [3]int{-1, -1, -1}, opcode: anyOf[byte](s, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x1c, 0x1d, 0x23), ext: strings.Repeat("e", anyOf(s, 1, 2, 3, 7, 9, 255)), key: "a", ends: true}
	default: // no key
		f = binFrame{magic: 0x80, lengths: [3]int{-1, -1, -1}, opcode: anyOf[byte](s, 0, 4, 0x0c, 9, 0x0d), ext: "", ends: true}
	}
	return f
}

// readsItem tells whether the original holds the item until its answer is sent: a number made shorter is then not padded.
func (f binFrame) readsItem() bool {
	switch f.opcode {
	case 0, 9, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x23, 0x24:
		return true
	}
	return false
}

func (f binFrame) counts() bool {
	return f.opcode == 5 || f.opcode == 6 || f.opcode == 0x15 || f.opcode == 0x16
}

// binReply is one response; cas is compared only as zero or not.
type binReply struct {
	head   string // everything but opaque and version
	opaque uint32
	cas    uint64
	body   string
}

func (r binReply) String() string {
	shown := 0
	if r.cas != 0 {
		shown = 1
	}
	return fmt.Sprintf("-%x opaque %d cas %d body %s", r.head, r.opaque, shown, short(r.body))
}

// cutReplies reads whole responses from the start of b.
func cutReplies(b []byte) (replies []binReply, rest []byte) {
	for len(b) >= binaryHead {
		n := binaryHead + int(binary.BigEndian.Uint32(b[8:]))
		if len(b) < n {
			break
		}
		replies = append(replies, binReply{head: string(b[:12]), opaque: binary.BigEndian.Uint32(b[12:]), cas: binary.BigEndian.Uint64(b[16:]), body: string(b[binaryHead:n])})
		b = b[n:]
	}
	return replies, b
}
