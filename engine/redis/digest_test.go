// Tests of the digests.

package redis

import (
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestDigest has what redis-server 7.0 says of the same data.
func TestDigest(t *testing.T) {
	r := newRig(t, core.Options{})
	allowDebug(r.set)
	c := r.client()
	none := "+0000000000000000000000000000000000000000\r\n"
	c.want(none, "debug", "digest")
	c.do("set", "a", "hello")
	c.want("*2\r\n+36b23a1456b2dce2c3ed252c456761301dba8060\r\n"+none, "debug", "digest-value", "a", "nokey")
	before := c.do("debug", "digest")
	c.do("set", "b", "1", "ex", "100")
	c.do("select", "3")
	c.do("set", "a", "hello")
	if after := c.do("debug", "digest"); after == before || after == none {
		t.Errorf("%q before, %q after", before, after)
	}
	c.do("flushdb")
	c.do("select", "0")
	c.do("del", "b")
	c.want(before, "debug", "digest")
	c.do("expire", "a", "50")
	one := c.do("debug", "digest")
	c.do("expire", "a", "70")
	c.want(one, "debug", "digest")
	if one == before {
		t.Error("an expiry does not show")
	}
}
