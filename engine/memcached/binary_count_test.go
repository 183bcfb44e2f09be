// Tests of binary_count.go.

package memcached

import (
	"math"
	"testing"
)

func countFrame(op byte, key string, delta, initial uint64, expiry uint32) request {
	return request{op: op, key: key, ext: be64(delta) + be64(initial) + be32(expiry)}
}

func TestBinaryCounting(t *testing.T) {
	c := newRig(t).client()
	for i, s := range []struct {
		q    request
		st   status
		want uint64
	}{
		{countFrame(0x05, "n", 1, 10, neverCreate), statusNotFound, 0},
		{countFrame(0x06, "n", 1, 10, neverCreate), statusNotFound, 0},
		{countFrame(0x05, "n", 7, 10, 0), statusOK, 10},
		{countFrame(0x05, "n", 7, 99, 0), statusOK, 17},
		{countFrame(0x06, "n", 7, 99, neverCreate), statusOK, 10},
		{countFrame(0x06, "n", 11, 0, 0), statusOK, 0},
		{countFrame(0x05, "n", math.MaxUint64, 0, 0), statusOK, math.MaxUint64},
		{countFrame(0x05, "n", 3, 0, 0), statusOK, 2},
		{countFrame(0x06, "down", 5, math.MaxUint64, 100), statusOK, math.MaxUint64},
		{countFrame(0x05, "text", 1, 0, 0), statusNotNumber, 0},
		{countFrame(0x15, "text", 1, 0, 0), statusNotNumber, 0},
		{countFrame(0x05, "empty", 1, 0, 0), statusNotNumber, 0},
	} {
		if i == 0 {
			c.ask(setFrame(0x11, "text", "abc", 0, 0), setFrame(0x11, "empty", "", 0, 0))
		}
		got := c.one(s.q)
		if got.st != s.st || s.st == statusOK && (got.val != be64(s.want) || got.cas == 0) {
			t.Errorf("step %d: %+v", i, got)
		}
	}
	if got := c.ask(countFrame(0x15, "n", 1, 0, 0), countFrame(0x16, "quiet", 1, 42, 0)); len(got) != 0 {
		t.Errorf("quiet: %+v", got)
	}
	text := c.r.client()
	if got := text.send("get n quiet\r\n"); got != "VALUE n 0 20\r\n3                   \r\nVALUE quiet 0 2\r\n42\r\nEND\r\n" {
		t.Errorf("%q", got)
	}
}

// TestBinaryCountExpiry: a number is created with the expiry; counting leaves it.
func TestBinaryCountExpiry(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.one(countFrame(0x05, "n", 1, 5, 10))
	r.tick(9_000)
	if got := c.one(countFrame(0x05, "n", 1, 5, 1000)); got.val != be64(6) {
		t.Errorf("%+v", got)
	}
	r.tick(2_000)
	if got := c.one(countFrame(0x05, "n", 1, 5, neverCreate)); got.st != statusNotFound {
		t.Errorf("%+v", got)
	}
}
