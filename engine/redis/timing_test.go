// Tests of timing: every command is counted once, however the clock was read.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestTimingCountsAll(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	in := strings.Repeat(request("get", "a"), 37) + request("set", "a", "b") + request("get", "a") + request("nosuch") + request("get") +
		request("keys", "*") + request("get", "a") + strings.Repeat(request("ping"), 16) + request("set", "a", "b")
	c.feed(in)
	for name, want := range map[string]int64{"get": 39, "set": 2, "keys": 1, "ping": 16} {
		got := r.e.totals(r.e.table.find([]byte(name)).id)
		times := uint64(0)
		for _, n := range got.times {
			times += n
		}
		if got.calls != want || int64(times) != want || got.nanos <= 0 {
			t.Errorf("%s: %d calls, %d times, %d ns; want %d", name, got.calls, times, got.nanos, want)
		}
	}
	if calls, _, _, _ := r.e.sums(); calls != 58 {
		t.Errorf("%d commands in all", calls)
	}
}
