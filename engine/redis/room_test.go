// Tests of making room for what a command derives from other keys.

package redis

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestRoomIsMadeForWhatIsDerived: where others may go, they go before the result is stored, and the limit holds.
func TestRoomIsMadeForWhatIsDerived(t *testing.T) {
	r := newRig(t, core.Options{Policy: "allkeys-lru"})
	c := r.client()
	for i := range 6000 {
		c.do("set", "filler"+strconv.Itoa(i), strings.Repeat("f", 400))
	}
	r.now.Add(100_000)
	sadd := []string{"sadd", "s"}
	for i := range 5000 {
		sadd = append(sadd, fmt.Sprintf("member-%d", i))
	}
	c.want(":5000\r\n", sadd...)
	limit := r.store.Memory().Used + 1000
	r.store.SetMaxMemory(limit)
	for _, line := range []string{"sunionstore d1 s", "copy s d2", "zunionstore d3 1 s"} {
		if got := c.do(strings.Fields(line)...); got != ":5000\r\n" && got != ":1\r\n" {
			t.Errorf("%s: %s", line, got)
		}
		if used := r.store.Memory().Used; used > limit {
			t.Errorf("%s: %d bytes beyond the limit", line, used-limit)
		}
	}
	c.want(":5000\r\n", "scard", "s")
	if r.store.Stats().Evicted == 0 {
		t.Error("nobody had to go: the test proves nothing")
	}
}

// TestRoomInTransactionsAndScripts: nothing can be evicted there; without eviction the result is refused, with it the next write makes up for it.
func TestRoomInTransactionsAndScripts(t *testing.T) {
	for policy, want := range map[string]string{"noeviction": "-OOM", "allkeys-lru": ":1"} {
		r := newRig(t, core.Options{Policy: policy})
		c := r.client()
		c.do("set", "s", strings.Repeat("x", 50_000))
		r.store.SetMaxMemory(r.store.Memory().Used + 10_000)
		c.do("multi")
		c.do("copy", "s", "d")
		if got := c.do("exec"); !strings.HasPrefix(got, "*1\r\n"+want) {
			t.Errorf("%s: EXEC replied %q", policy, got)
		}
		r.store.SetMaxMemory(0)
		c.do("del", "d")
		r.store.SetMaxMemory(r.store.Memory().Used + 10_000)
		if got := c.do("eval", "return redis.call('copy', 's', 'd')", "0"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: EVAL replied %q", policy, got)
		}
	}
}

// TestOvershootOfOneStep: EXEC makes room for all that its requests announce before the first of them; a script that has the store to itself does so at
// each write. Only one that holds the locks of its keys cannot evict: what it writes may pass the limit until the next write. The original passes it with all three.
func TestOvershootOfOneStep(t *testing.T) {
	const limit, each, n = 4 << 20, 32 << 10, 400 // three times the limit is written
	for name, c := range map[string]struct {
		step func(c *fake)
		most int64
	}{
		"exec": {func(c *fake) {
			c.do("multi")
			for i := range n / 16 {
				c.do("set", "new"+strconv.Itoa(i), strings.Repeat("n", each))
			}
			if got := c.do("exec"); !strings.HasPrefix(got, "*25\r\n+OK") {
				t.Errorf("EXEC: %.60q", got)
			}
		}, 0},
		"roaming script": {func(c *fake) {
			c.want(":1\r\n", "eval", "for i = 1, 400 do redis.call('set', 'new' .. i, string.rep('n', 32768)) end return 1", "0")
		}, each}, // a table that grows for the last of them is not foreseen
		"script with keys": {func(c *fake) {
			c.want(":1\r\n", "eval", "for i = 1, 400 do redis.call('rpush', KEYS[1], string.rep('n', 32768)) end return 1", "1", "new")
		}, 2 * each * n},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, core.Options{Policy: "allkeys-lru"})
			cl := r.client()
			for i := range 3000 {
				cl.do("set", "old"+strconv.Itoa(i), strings.Repeat("o", 1000))
			}
			r.now.Add(100_000)
			r.store.SetMaxMemory(max(limit, r.store.Memory().Used+2*each))
			bound := r.store.MaxMemory()
			c.step(cl)
			over := r.store.Memory().Used - bound
			t.Logf("%d bytes beyond the limit of %d", over, bound)
			if over > c.most {
				t.Errorf("%d bytes beyond the limit, at most %d", over, c.most)
			}
			cl.do("set", "after", "x")
			if over := r.store.Memory().Used - bound; over > 0 {
				t.Errorf("still %d bytes beyond it after the next write", over)
			}
		})
	}
}
