// The bitmap and HyperLogLog commands under comparison. They share their keys with the strings, so that every command meets values of every kind.

package diff

import (
	"strconv"
	"strings"
)

var bitmapRows = []row{
	{name: "bitcount", weight: 2, args: seq(key, one(lit(), seq(bitIndex, bitIndex), seq(bitIndex, bitIndex, bitUnit)))},
	{name: "bitfield", weight: 6, args: seq(key, rep(0, 4, fieldOp)), odd: bitEdge},
	{name: "bitfield_ro", weight: 2, args: seq(key, rep(0, 4, one(fieldRead, fieldRead, fieldRead, fieldOp)))},
	{name: "bitop", weight: 4, args: seq(word("and", "OR", "xor", "not"), key, rep(1, 4, key))},
	{name: "bitop not", weight: 2, args: seq(key, key)},
	{name: "bitop", args: seq(word("nand", "", "an", "nota"), key, key)},
	{name: "bitop or", args: one(seq(zkey, key, key), seq(key, key, zkey))}, // other types as destination and as source
	{name: "setbit", args: seq(zkey, bitOffset, word("0", "1")), odd: bitEdge},
	{name: "bitfield", args: seq(zkey, rep(0, 2, fieldOp)), odd: bitEdge},
	{name: "bitpos", weight: 4, args: seq(key, word("0", "1", "0", "1", "0", "1", "2", "-1", "a"),
		one(lit(), bitIndex, seq(bitIndex, bitIndex), seq(bitIndex, bitIndex, bitUnit)))},
	{name: "getbit", weight: 2, args: seq(key, bitOffset)},
	{name: "setbit", weight: 6, args: seq(key, bitOffset, word("0", "1", "1", "0", "1", "2", "-1", "x")), odd: bitEdge},
	{name: "setrange", weight: 2, args: seq(key, offset, word("\xff\xff\xff", "\xff", "\x00\x00", strings.Repeat("\xff", 40)))}, // long runs of ones and zeroes
}

// HyperLogLogs have keys of their own besides the common ones, else they would seldom live long enough to become dense.
var hllRows = []row{
	{name: "pfadd", weight: 8, args: seq(hllKey, rep(0, 6, hllElement))},
	{name: "pfadd", weight: 3, args: seq(hllKey, manyElements)},
	{name: "pfcount", weight: 3, args: seq(hllKey)},
	{name: "pfcount", weight: 3, args: rep(1, 4, hllKey)},
	{name: "pfmerge", weight: 3, args: rep(1, 4, hllKey)},
	{name: "pfdebug", weight: 2, args: seq(word("encoding", "Decode", "todense", "foo", "encoding", "decode"), hllKey)},
	{name: "pfdebug getreg", args: hllKey},
	{name: "pfmerge", args: seq(hllKey, hllKey, zkey)},
	{name: "pfadd", args: seq(zkey, hllElement)},
	{name: "get", weight: 8, args: hllKey},
	{name: "copy", args: seq(hllKey, hllKey, opt("replace"))},
	{name: "object encoding", args: hllKey},
	{name: "del", weight: 2, args: hllKey},
	{name: "set", weight: 2, args: seq(hllKey, forged)},
	{name: "setrange", args: seq(hllKey, word("5", "14", "15"), word("\x00", "\x01", "\x80"))},
	{name: "config set hll-sparse-max-bytes", tame: true, args: word("3000", "0", "20", "100", "3000", "1000", "16384", "-1", "x")},
}

// bitIndex is a place in a value, in bytes or in bits, from either end.
func bitIndex(s *source) []string {
	if s.chance(6) {
		return edge(s)
	}
	return []string{strconv.Itoa(s.IntN(400) - 150)}
}

func bitUnit(s *source) []string { return word("byte", "BIT", "bit", "Byte", "bits", "")(s) }

// bitEdge is an edge that is no place for a bit far out, where it would make a value so long that the run would measure nothing but copying.
func bitEdge(s *source) []string {
	for {
		e := edge(s)
		if n, err := strconv.ParseInt(e[0], 10, 64); err != nil || n < 20_000 || n >= 1<<32 {
			return e
		}
	}
}

// bitOffset is a place for a bit.
func bitOffset(s *source) []string {
	if s.chance(8) {
		return one(bitEdge, word("#1", "4294967297", "34359738368"))(s)
	}
	return []string{strconv.Itoa(s.IntN(700))}
}

// fieldPlace is an offset of BITFIELD, half of them in units of the field.
func fieldPlace(s *source) []string {
	if s.chance(2) {
		return []string{"#" + strconv.Itoa(s.IntN(12))}
	}
	if s.chance(12) {
		return word("#-1", "#", "##1", "#1 ", "#9223372036854775807", "#4294967296")(s)
	}
	return bitOffset(s)
}

// fieldKind is a type of BITFIELD.
func fieldKind(s *source) []string {
	if s.chance(10) {
		return word("u64", "i65", "u0", "i0", "u-1", "x8", "", "u", "i", "U8", "u08", "u8x", "u 8", "i64", "u63", "i9223372036854775807")(s)
	}
	if s.chance(2) {
		return []string{"u" + strconv.Itoa(1+s.IntN(63))}
	}
	return []string{"i" + strconv.Itoa(1+s.IntN(64))}
}

// fieldNumber is what is set or added.
func fieldNumber(s *source) []string {
	if s.chance(3) {
		return word("9223372036854775807", "-9223372036854775808", "4611686018427387904", "-4611686018427387905", "127", "128", "-129", "255", "256", "-1")(s)
	}
	return number(s)
}

var (
	fieldRead = seq(opt("get"), fieldKind, fieldPlace)
	fieldOp   = one(fieldRead,
		seq(opt("set"), fieldKind, fieldPlace, fieldNumber),
		seq(opt("incrby"), fieldKind, fieldPlace, fieldNumber),
		seq(opt("overflow", word("wrap", "SAT", "fail", "sat", "fail")), opt("incrby"), word("u2", "i3", "u8", "i8", "i63", "i64", "u63"), fieldPlace, fieldNumber),
		seq(opt("overflow", word("wrap", "SAT", "fail", "foo", "")), opt("set"), word("u2", "i3", "u8", "i8", "i63", "i64", "u63"), fieldPlace, fieldNumber))
)

func hllKey(s *source) []string {
	if s.chance(10) {
		return key(s)
	}
	return word("y1", "y2", "y3", "y4", "y5")(s)
}

// hllElement is one of many, or one that comes often.
func hllElement(s *source) []string {
	if s.chance(3) {
		return value(s)
	}
	return []string{strconv.Itoa(s.IntN(100_000))}
}

// manyElements bring a HyperLogLog across the limit of the sparse form now and then.
func manyElements(s *source) []string {
	out := make([]string, 50+s.IntN(400))
	for i := range out {
		out[i] = strconv.Itoa(s.IntN(1 << 30))
	}
	return out
}

// forged are strings that say they are HyperLogLogs. All are wrong in a way that the original notices as well: what it does to runs that go
// beyond the registers differs between its versions. And none has runs up to somewhere in the middle, so that a PFADD fails at its first element if it
// fails: the original keeps what was added before that, here nothing is.
func forged(s *source) []string {
	const head = "HYLL\x01\x00\x00\x00"
	const zeroes = "\x7f\xff" // one run over all registers
	return word(
		"HYLL", "", "HYLL"+strings.Repeat("\x00", 12), "HYLM\x01"+strings.Repeat("\x00", 11),
		"HYLL\x02"+strings.Repeat("\x00", 11)+zeroes,
		"HYLL\x00"+strings.Repeat("\x00", 11)+zeroes,
		head+strings.Repeat("\x00", 8), // no registers, and a count that holds
		head+"\x05\x00\x00\x00\x00\x00\x00\x00", head+"\x00\x00\x00\x00\x00\x00\x00\x80",
		head+"\x00\x00\x00\x00\x00\x00\x00\x80"+zeroes,
		head+"\x09\x00\x00\x00\x00\x00\x00\x00"+zeroes,
		head+"\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xf0\x0e", // zeroes in two runs
		// Dense ones, of bytes that an inline request need not escape; some ranks are such that no hash has them.
		"HYLL\x00\x01\x02\x03"+strings.Repeat("\x00", 7)+"\x80"+strings.Repeat("A0!", 4096),
		"HYLL\x00\x00\x00\x00"+strings.Repeat("\x00", 7)+"\x80"+strings.Repeat("~", 12288),
		"HYLL\x00\x00\x00\x00"+strings.Repeat("\x00", 7)+"\x80"+strings.Repeat("~", 12287),
		"HYLL\x00\x00\x00\x00"+strings.Repeat("\x00", 7)+"\x80"+strings.Repeat("~", 12289),
	)(s)
}
