// Tests of the HyperLogLog commands: replies, encodings, the remembered count, and strings that somebody forged.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/hll"
)

const (
	notHLL  = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"
	badRuns = "-INVALIDOBJ Corrupted HLL object detected\r\n"
)

func TestHyperLogLog(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want(":0\r\n", "pfcount", "h")
	c.want(":1\r\n", "pfadd", "h")
	c.want(":0\r\n", "pfadd", "h")
	c.want(":0\r\n", "pfcount", "h")
	c.want(":1\r\n", "pfadd", "h", "a", "b", "c")
	c.want(":0\r\n", "pfadd", "h", "c", "a")
	c.want(bulk("raw"), "object", "encoding", "h")
	c.want(":3\r\n", "pfcount", "h")
	c.want(":1\r\n", "pfadd", "i", "c", "d")
	c.want(":4\r\n", "pfcount", "h", "i", "nosuch", "h")
	c.want("+OK\r\n", "pfmerge", "m", "h", "i")
	c.want(":4\r\n", "pfcount", "m")
	c.want("+OK\r\n", "pfmerge", "empty")
	c.want(":0\r\n", "pfcount", "empty")
	c.want("+sparse\r\n", "pfdebug", "encoding", "m")
	c.want(":1\r\n", "pfdebug", "todense", "m")
	c.want(":0\r\n", "pfdebug", "todense", "m")
	c.want(":4\r\n", "pfcount", "m")
	c.want("+dense\r\n", "pfdebug", "encoding", "m")
	c.want("+OK\r\n", "pfmerge", "h", "m")
	c.want("+dense\r\n", "pfdebug", "encoding", "h")
	c.want(":4\r\n", "pfcount", "h")
	c.want("-ERR HLL encoding is not sparse\r\n", "pfdebug", "decode", "h")
	c.want("-ERR Unknown PFDEBUG subcommand 'foo'\r\n", "pfdebug", "foo", "h")
	c.want("-ERR The specified key does not exist\r\n", "pfdebug", "decode", "nosuch")
	if got := c.do("pfdebug", "getreg", "i"); strings.Count(got, ":") != hll.Registers || strings.Count(got, ":0\r\n") != hll.Registers-2 {
		t.Errorf("registers of two elements: %d, %d of them zero", strings.Count(got, ":"), strings.Count(got, ":0\r\n"))
	}
	c.want("+OK\r\n", "pfselftest")
	c.want(":1\r\n", "expire", "h", "100")
	c.want(":1\r\n", "pfadd", "h", "z")
	c.want(":100\r\n", "ttl", "h")
}

// TestHyperLogLogLimit follows the setting that says when the sparse form ends.
func TestHyperLogLogLimit(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	fill := func(key string) string {
		for i := range 200 {
			c.do("pfadd", key, strconv.Itoa(i))
		}
		return c.do("pfdebug", "encoding", key)
	}
	if got := fill("a"); got != "+sparse\r\n" {
		t.Error(got)
	}
	c.want("+OK\r\n", "config", "set", "hll-sparse-max-bytes", "100")
	if got := fill("b"); got != "+dense\r\n" {
		t.Error(got)
	}
	if a, b := c.do("pfcount", "a"), c.do("pfcount", "b"); a != b {
		t.Errorf("counts differ with the form: %s %s", a, b)
	}
}

// TestPfcountRemembers: counting changes the value once, and only then is there something for the journal.
func TestPfcountRemembers(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("pfadd", "h", "a")
	before := c.do("get", "h")
	for n, dirty := range []int{1, 0} {
		c.want(":1\r\n", "pfcount", "h")
		if c.dirty != dirty {
			t.Errorf("count %d: %d changes, want %d", n, c.dirty, dirty)
		}
	}
	if c.do("get", "h") == before {
		t.Error("the count is not kept")
	}
	c.do("pfadd", "h", "a")
	if c.dirty != 0 {
		t.Error("a known element counts as a change")
	}
	c.want(":1\r\n", "pfcount", "h", "h")
	if c.dirty != 0 {
		t.Error("counting a union counts as a change")
	}
}

// TestR19ForgedHyperLogLog: headers that are wrong, runs that do not add up, lengths that would be copied.
func TestR19ForgedHyperLogLog(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	head := "HYLL\x01" + strings.Repeat("\x00", 10) + "\x80" // no count that one could believe
	c.do("pfadd", "good", "a")
	for _, v := range []string{"", "foo", "12", "HYLL", head[:15], "HYLL\x02" + head[5:], "HYLL\x00" + head[5:] + "\x7f\xff", "HYLL\x00" + strings.Repeat("\x00", hll.DenseBytes)} {
		c.do("set", "h", v)
		for _, line := range []string{"pfadd h", "pfadd h a", "pfcount h", "pfcount good h", "pfmerge h", "pfmerge new good h", "pfdebug getreg h", "pfdebug decode h"} {
			c.want(notHLL, strings.Fields(line)...)
		}
		c.want(bulk(v), "get", "h")
	}
	for _, runs := range []string{"", "\x7f", "\x7f\xfe", "\x7f\xff\x00", "\x7f\xff\x80", "\x80", strings.Repeat("\x80", 3*hll.Registers), strings.Repeat("\x7f\xff", 200_000)} {
		c.do("set", "h", head+runs)
		for _, line := range []string{"pfcount h", "pfcount good h", "pfmerge h", "pfmerge new good h", "pfdebug getreg h", "pfdebug todense h"} {
			c.want(badRuns, strings.Fields(line)...)
		}
		c.want(bulk(head+runs), "get", "h")
		for i := range 20 {
			c.do("pfadd", "h", strconv.Itoa(i)) // where the runs end before its register it is refused, else it changes them
		}
		c.do("pfdebug", "decode", "h")
	}
	c.want(":0\r\n", "exists", "new")
	c.want(":1\r\n", "pfcount", "good")
}
