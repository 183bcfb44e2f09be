// Tests of BITOP against the operation done bit by bit, with the destination among the sources in every way.

package redis

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// combine is BITOP on plain strings.
func combine(op string, sources []string) string {
	size := 0
	for _, s := range sources {
		size = max(size, len(s))
	}
	out := make([]byte, size)
	for i := range out {
		for n, s := range sources {
			var b byte
			if i < len(s) {
				b = s[i]
			}
			switch {
			case op == "not":
				out[i] = ^b
			case n == 0:
				out[i] = b
			case op == "and":
				out[i] &= b
			case op == "or":
				out[i] |= b
			default:
				out[i] ^= b
			}
		}
	}
	return string(out)
}

func TestBitopAgainstModel(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	rnd := rand.New(rand.NewPCG(5, 5))
	model := map[string]string{}
	for step := range 3000 {
		name := "k" + strconv.Itoa(rnd.IntN(5))
		switch rnd.IntN(6) {
		case 0:
			delete(model, name)
			c.do("del", name)
		case 1, 2:
			model[name] = string(bitsOf(rnd, rnd.IntN(90)))
			c.do("set", name, model[name])
		}
		if rnd.IntN(2) == 0 {
			c.do("expire", name, "1000")
		}
		op := []string{"and", "or", "xor", "not"}[rnd.IntN(4)]
		line, sources := []string{"bitop", op, name}, []string(nil)
		for range 1 + rnd.IntN(4) {
			from := "k" + strconv.Itoa(rnd.IntN(5))
			line, sources = append(line, from), append(sources, model[from])
			if op == "not" {
				break
			}
		}
		was := c.do("get", name)
		want := combine(op, sources)
		c.want(":"+strconv.Itoa(len(want))+"\r\n", line...)
		if want == "" {
			if changed := c.dirty == 1; changed != (was != "$-1\r\n") {
				t.Fatalf("step %d, %q: an empty result counts as a change: %v", step, line, changed)
			}
			delete(model, name)
			c.want(":0\r\n", "exists", name)
			continue
		}
		model[name] = want
		if got := c.do("get", name); got != bulk(want) {
			t.Fatalf("step %d, %q: got %q, want %q", step, line, got, bulk(want))
		}
		c.want(":-1\r\n", "ttl", name)
		c.want(bulk("raw"), "object", "encoding", name)
	}
}

func TestBitopErrors(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want("-ERR syntax error\r\n", "bitop", "nand", "d", "a")
	c.want("-ERR BITOP NOT must be called with a single source key.\r\n", "bitop", "not", "d", "a", "b")
	c.want("-ERR wrong number of arguments for 'bitop' command\r\n", "bitop", "not", "d")
}

// TestBitopOverOtherTypes: as a source another type is an error, as the destination it is replaced, with all it owns.
func TestBitopOverOtherTypes(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	big := []string{"zadd", "z"}
	for i := range 500 {
		big = append(big, strconv.Itoa(i), "m"+strconv.Itoa(i))
	}
	c.want(":500\r\n", big...)
	c.do("set", "a", "\x0f")
	c.want("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "bitop", "or", "d", "a", "z")
	c.want("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "bitop", "or", "z", "a", "z")
	c.want(":500\r\n", "zcard", "z")
	c.want(":1\r\n", "bitop", "not", "z", "a")
	c.want(bulk("\xf0"), "get", "z")
	c.want(":1\r\n", "del", "z")
	c.do(big...)
	c.want(":0\r\n", "bitop", "not", "z", "nosuch")
	c.want(":0\r\n", "exists", "z")
}

// TestBitopManySources: more than the handler has room for on its stack, and longer than one block.
func TestBitopManySources(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	line := []string{"bitop", "or", "d"}
	var sources []string
	for i := range 40 {
		name, v := "k"+strconv.Itoa(i), strings.Repeat("\x00", 1000*i)+"\x01"
		c.do("set", name, v)
		line, sources = append(line, name), append(sources, v)
	}
	c.want(":39001\r\n", line...)
	c.want(bulk(combine("or", sources)), "get", "d")
}
