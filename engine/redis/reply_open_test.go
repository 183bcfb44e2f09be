// Arrays whose number of elements comes last.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func TestOpenArray(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.w = c.worker
	for _, n := range []int{0, 1, 9, 10, 99, 100, 12345} {
		c.worker.Out = append(c.worker.Out[:0], "before"...)
		outer := c.openArray()
		inner := c.openArray()
		for range n {
			c.integer(1)
		}
		c.closeArray(inner, n)
		c.closeArray(outer, n)
		want := string(resp.AppendArray(resp.AppendArray([]byte("before"), n), n)) + strings.Repeat(":1\r\n", n)
		if got := string(c.worker.Out); got != want {
			t.Errorf("%d: got %.60q, want %.60q", n, got, want)
		}
	}
}
