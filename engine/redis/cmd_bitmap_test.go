// Tests of SETBIT, GETBIT, BITCOUNT and BITPOS: at their edges, and that a value grows no further than it may.

package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestSingleBits(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want(":0\r\n", "getbit", "k", "7")
	c.want(":0\r\n", "setbit", "k", "7", "1")
	c.want(":1\r\n", "setbit", "k", "7", "1")
	c.want(":1\r\n", "getbit", "k", "7")
	c.want(":0\r\n", "getbit", "k", "4294967295")
	c.want(bulk("\x01"), "get", "k")
	c.want(":0\r\n", "setbit", "k", "25", "0")
	c.want(bulk("\x01\x00\x00\x00"), "get", "k")
	c.want("+OK\r\n", "set", "n", "12")
	c.want(bulk("int"), "object", "encoding", "n")
	c.want(":0\r\n", "setbit", "n", "0", "0")
	c.want(bulk("raw"), "object", "encoding", "n")
	c.want(bulk("12"), "get", "n")
	c.want("+OK\r\n", "set", "e", "v", "ex", "100")
	c.do("setbit", "e", "100", "1")
	c.want(":100\r\n", "ttl", "e")
}

// TestSetbitDirty: a bit that was so already is no change, a value that became longer is one.
func TestSetbitDirty(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, step := range []struct {
		offset, bit string
		dirty       int
	}{{"8", "0", 1}, {"8", "0", 0}, {"9", "1", 1}, {"9", "1", 0}, {"9", "0", 1}, {"100", "0", 1}, {"100", "0", 0}} {
		c.do("setbit", "k", step.offset, step.bit)
		if c.dirty != step.dirty {
			t.Errorf("SETBIT %s %s: %d changes, want %d", step.offset, step.bit, c.dirty, step.dirty)
		}
	}
}

func TestBitcountAndBitpos(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const noInt, syntax = "-ERR value is not an integer or out of range\r\n", "-ERR syntax error\r\n"
	c.do("set", "k", "\x00\xff\xf0")
	c.do("set", "full", "\xff\xff")
	c.do("set", "empty", "")
	for _, w := range []struct{ reply, line string }{
		{":12\r\n", "bitcount k"}, {":8\r\n", "bitcount k 0 1"}, {":4\r\n", "bitcount k -1 -1"}, {":6\r\n", "bitcount k 13 18 bit"},
		{":12\r\n", "bitcount k -9223372036854775808 9223372036854775807 BYTE"}, {":0\r\n", "bitcount k -10 -20"}, {":0\r\n", "bitcount k 2 1"},
		{":0\r\n", "bitcount nosuch"}, {":0\r\n", "bitcount nosuch 0 -1 bit"}, {":0\r\n", "bitcount empty 0 -1"},
		{syntax, "bitcount nosuch 0"}, {syntax, "bitcount nosuch 0 1 bits"}, {syntax, "bitcount k 0 1 bit x"}, {noInt, "bitcount nosuch a b bits"},
		{":0\r\n", "bitpos k 0"}, {":8\r\n", "bitpos k 1"}, {":20\r\n", "bitpos k 0 1"}, {":-1\r\n", "bitpos k 0 1 1"},
		{":11\r\n", "bitpos k 1 11 12 bit"}, {":-1\r\n", "bitpos k 1 20 23 BIT"}, {":16\r\n", "bitpos full 0"}, {":16\r\n", "bitpos full 0 1"},
		{":-1\r\n", "bitpos full 0 0 -1"}, {":-1\r\n", "bitpos full 0 2"}, {":-1\r\n", "bitpos empty 0"}, {":0\r\n", "bitpos nosuch 0"},
		{":-1\r\n", "bitpos nosuch 1 5 9 bit"}, {noInt, "bitpos k a"}, {"-ERR The bit argument must be 1 or 0.\r\n", "bitpos k 2"},
		{noInt, "bitpos k 1 a"}, {syntax, "bitpos k 1 0 b bits"}, {noInt, "bitpos k 1 0 b bit"}, {syntax, "bitpos k 1 0 0 bit x"},
	} {
		c.want(w.reply, strings.Fields(w.line)...)
	}
}

// TestR17BitOffsets: places beyond the longest value are refused before anything grows.
func TestR17BitOffsets(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, at := range []string{"-1", "4294967296", "34359738368", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-0", "+1", " 1",
		"1.0", "nan", "inf", "1e400", "", "#0"} {
		c.want("-ERR bit offset is not an integer or out of range\r\n", "setbit", "k", at, "1")
		c.want("-ERR bit offset is not an integer or out of range\r\n", "getbit", "k", at)
	}
	for _, bit := range []string{"2", "-1", "", "x", "9223372036854775807", "1.0"} {
		c.want("-ERR bit is not an integer or out of range\r\n", "setbit", "k", "0", bit)
	}
	c.want("+OK\r\n", "config", "set", "proto-max-bulk-len", "1mb")
	c.want("-ERR bit offset is not an integer or out of range\r\n", "setbit", "k", "8388608", "1")
	c.want(":0\r\n", "exists", "k")
	c.want(":0\r\n", "setbit", "k", "8388607", "1")
	c.want(":1048576\r\n", "strlen", "k")
}

// TestBitsOOM: what a bit makes of a value counts before it is made.
func TestBitsOOM(t *testing.T) {
	c := newRig(t, core.Options{MaxMemory: 4 << 20}).client()
	const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
	c.want(oom, "setbit", "k", "80000000", "1")
	c.want(oom, "bitfield", "k", "get", "u1", "0", "set", "u8", "80000000", "1")
	c.want(oom, "bitfield", "k", "incrby", "u8", "#10000000", "1")
	c.want("*1\r\n:0\r\n", "bitfield", "k", "get", "u8", "80000000")
	c.want(":0\r\n", "exists", "k")
}

// TestBitInALongValueEvictsNothing: what is long already needs no room for the whole of it.
func TestBitInALongValueEvictsNothing(t *testing.T) {
	c := newRig(t, core.Options{MaxMemory: 4 << 20, Policy: "allkeys-lru"}).client()
	c.want(":0\r\n", "setbit", "bits", "24000000", "1") // 3 MB
	for i := range 1000 {
		c.do("set", fmt.Sprint("k", i), "v")
	}
	for i := range 100 {
		c.want(":0\r\n", "setbit", "bits", fmt.Sprint(20_000_000+i), "1")
		c.do("setrange", "bits", "2600000", "x")
	}
	c.want(":1001\r\n", "dbsize")
}
