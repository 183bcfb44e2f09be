// Tests of BITFIELD: its arithmetic against big integers, its errors, and that refused operations leave the rest in place.

package redis

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// exactly adds without limits and then applies what is to become of a sum that does not fit.
func exactly(value *big.Int, by int64, bits int, signed bool, o overflow) (sum *big.Int, fits bool) {
	one := big.NewInt(1)
	least, most := big.NewInt(0), new(big.Int).Lsh(one, uint(bits))
	span := new(big.Int).Set(most)
	if signed {
		most.Rsh(most, 1)
		least.Neg(most)
	}
	most.Sub(most, one)
	sum = new(big.Int).Add(value, big.NewInt(by))
	over, under := sum.Cmp(most) > 0, sum.Cmp(least) < 0
	switch {
	case !over && !under:
		return sum, true
	case o == saturate && over:
		return most, false
	case o == saturate:
		return least, false
	}
	sum.Sub(sum, least).Mod(sum, span).Add(sum, least)
	return sum, false
}

func TestFieldArithmetic(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	edges := []int64{0, 1, -1, 2, 127, 128, -128, -129, 1 << 62, 1<<63 - 1, -1 << 63, -1<<63 + 1}
	draw := func() int64 {
		if rnd.IntN(2) == 0 {
			return edges[rnd.IntN(len(edges))]
		}
		return int64(rnd.Uint64()) >> rnd.IntN(64)
	}
	for range 100_000 {
		bits, o, set := 1+rnd.IntN(64), overflow(rnd.IntN(2)), rnd.IntN(2) == 0
		by, raw := draw(), draw()
		if set { // any number, and nothing to add
			by = 0
		}
		value := raw
		if !set {
			value = raw << (64 - bits) >> (64 - bits) // what a field can hold
		}
		want, fits := exactly(big.NewInt(value), by, bits, true, o)
		if far := new(big.Int).Sub(big.NewInt(1<<(bits-1)-1), big.NewInt(value)); bits < 64 && o == saturate && !far.IsInt64() {
			want = big.NewInt(1<<(bits-1) - 1) // the original's oddity
		}
		if x, ok := addSigned(value, by, bits, o); ok != fits || int64(x) != want.Int64() {
			t.Fatalf("i%d %d + %d, mode %d: %d %v, want %v %v", bits, value, by, o, int64(x), ok, want, fits)
		}
		if bits == 64 {
			continue
		}
		unsigned := uint64(raw)
		if !set {
			unsigned = unsigned << (64 - bits) >> (64 - bits)
		}
		want, fits = exactly(new(big.Int).SetUint64(unsigned), by, bits, false, o)
		if x, ok := addUnsigned(unsigned, by, bits, o); ok != fits || x != want.Uint64() {
			t.Fatalf("u%d %d + %d, mode %d: %d %v, want %v %v", bits, unsigned, by, o, x, ok, want, fits)
		}
	}
}

func TestBitfield(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, w := range []struct{ reply, line string }{
		{"*0\r\n", "bitfield k"},
		{"*0\r\n", "bitfield k overflow sat"},
		{"*2\r\n:0\r\n:0\r\n", "bitfield k get u8 0 get i64 #7"},
		{":0\r\n", "exists k"},
		{"*3\r\n:0\r\n:5\r\n:4\r\n", "bitfield k set u8 0 5 GET u8 0 IncrBy i5 #0 4"},
		{bulk("%"), "get k"},
		{"*1\r\n:37\r\n", "bitfield_ro k get u8 0"},
		{"*4\r\n:0\r\n:-56\r\n:127\r\n$-1\r\n", "bitfield k set i8 8 100 incrby i8 8 100 overflow sat incrby i8 8 500 overflow fail incrby i8 8 1"},
		{bulk("%\x7f"), "get k"},
		{"*1\r\n:0\r\n", "bitfield k set u63 #1 -1"},
		{":16\r\n", "strlen k"},
		{"*1\r\n:-1\r\n", "bitfield k get i63 #1"},
		{"*1\r\n:-9223372036854775808\r\n", "bitfield j incrby i64 0 -9223372036854775808"},
		{"*1\r\n:9223372036854775807\r\n", "bitfield j incrby i64 0 -1"},
	} {
		c.want(w.reply, strings.Fields(w.line)...)
	}
	c.do("hello", "3")
	c.want("*1\r\n_\r\n", "bitfield", "j", "overflow", "fail", "incrby", "u1", "0", "2")
}

// TestBitfieldDirty: what was written counts, refused and equal values do not; growing does, so that copies of the value stay alike.
func TestBitfieldDirty(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, step := range []struct {
		line  string
		dirty int
	}{
		{"bitfield k set u8 0 7 incrby u8 0 1", 2}, {"bitfield k set u8 0 8", 0}, {"bitfield k get u8 0", 0},
		{"bitfield k overflow fail incrby u8 0 255", 0}, {"bitfield k overflow fail incrby u8 #9 256", 1}, {"bitfield k set u8 #9 0", 0},
	} {
		c.do(strings.Fields(step.line)...)
		if c.dirty != step.dirty {
			t.Errorf("%s: %d changes, want %d", step.line, c.dirty, step.dirty)
		}
	}
	c.want(":10\r\n", "strlen", "k")
}

// TestR17Bitfield: nothing is written before all arguments make sense.
func TestR17Bitfield(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const noType = "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n"
	const noPlace = "-ERR bit offset is not an integer or out of range\r\n"
	const noInt, syntax = "-ERR value is not an integer or out of range\r\n", "-ERR syntax error\r\n"
	for _, w := range []struct{ reply, line string }{
		{noType, "get u64 0"}, {noType, "get i65 0"}, {noType, "get u0 0"}, {noType, "get u-1 0"}, {noType, "get U8 0"}, {noType, "get u 0"},
		{noType, "get 8 0"}, {noType, "get i9223372036854775808 0"}, {noType, "get u08 0"},
		{noPlace, "get u8 -1"}, {noPlace, "get u8 4294967296"}, {noPlace, "get u8 #536870912"}, {noPlace, "get u8 #2305843009213693952"},
		{noPlace, "get u8 #9223372036854775807"}, {noPlace, "get u8 #"}, {noPlace, "get u8 ##1"}, {noPlace, "get u8 nan"},
		{noInt, "set u8 0 9223372036854775808"}, {noInt, "incrby u8 0 1.5"}, {noInt, "set u8 0 inf"},
		{syntax, "get u8"}, {syntax, "set u8 0"}, {syntax, "overflow"}, {syntax, "nosuch u8 0"}, {syntax, "get u8 0 get"},
		{"-ERR Invalid OVERFLOW type specified\r\n", "overflow up incrby u8 0 1"},
	} {
		c.want(w.reply, append([]string{"bitfield", "k", "set", "u8", "0", "1"}, strings.Fields(w.line)...)...)
		c.want(":0\r\n", "exists", "k")
	}
	c.want("-ERR BITFIELD_RO only supports the GET subcommand\r\n", "bitfield_ro", "k", "get", "u8", "0", "set", "u8", "0", "1")
	c.want(syntax, "bitfield_ro", "k", "set", "u8", "0", "1", "x")
	c.want(":0\r\n", "exists", "k")
}

// TestBitfieldAccess: a BITFIELD of nothing but GET reads, everything else may write.
func TestBitfieldAccess(t *testing.T) {
	for line, want := range map[string]access{
		"bitfield k": ro | reads, "bitfield k get u8 0": ro | reads, "bitfield k overflow sat GET u8 0": ro | reads,
		"bitfield k get u8": rw | reads | updates, "bitfield k get u8 0 set u8 0 1": rw | reads | updates, "bitfield k overflow": rw | reads | updates,
	} {
		var args [][]byte
		for _, w := range strings.Fields(line) {
			args = append(args, []byte(w))
		}
		if got := bitfieldAccess(args); got != want {
			t.Errorf("%s: %b, want %b", line, got, want)
		}
	}
}
