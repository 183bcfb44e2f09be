//go:build arenadebug

// The memory limit holds at all times: no command takes more than there is, for a moment either.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// boundedLines are commands whose results do not follow from their words.
var boundedLines = []string{"copy hb new", "copy lb new", "copy sb new", "copy zb new", "copy xb new", "copy huge new", "sunionstore new sb s2 si", "sunionstore sb sb s2", "sinterstore new sb s3", "sdiffstore new sb s2",
	"zunionstore new 2 zb z2", "zunionstore new 3 zb sb si", "zinterstore new 2 zb z3", "zinterstore zb 2 zb sb", "zdiffstore new 2 zb z2", "zrangestore new zb 0 -1", "zrangestore new zb 3 40",
	"geosearchstore new places fromlonlat 15 37 byradius 5000 km", "georadius places 15 37 5000 km store new", "sort lb alpha store new", "sort lb by nosort get # get nokey get # store new", "sort es by nosort get hug* get hug* store new",
	"bitop or new huge st", "bitop not new huge", "pfmerge new hll hll2", "restore new 0 ^hb", "restore new 0 ^sb", "restore new 0 ^zb", "restore new 0 ^lb", "restore new 0 ^xb", "restore new 0 ^huge"}

func (f *fake) fillBounded() {
	f.fill()
	f.do("set", "huge", strings.Repeat("x", 20_000))
	for _, line := range []string{"sadd s3 @m:100", "sadd sb @x:400", "sadd si 1 2 3 100000", "zadd zb #y:400", "zadd z3 #m:100 ", "hset hb @@g:300", "rpush es e e e", "rpush lb @element-of-a-list-:300"} {
		f.do(spread(line)...)
	}
	for i := range 200 {
		f.do("geoadd", "places", "13."+strings.Repeat("1", i%9+1), "38.11", "p"+strings.Repeat("q", i))
	}
}

// TestLimitHoldsWhateverIsDerived runs the lines with ever more room, until it is enough.
func TestLimitHoldsWhateverIsDerived(t *testing.T) {
	r := newRig(t, core.Options{Shards: 4, Databases: 2})
	packedLimits(t, r)
	c := r.client()
	c.fillBounded()
	for _, line := range boundedLines {
		words := spread(line)
		for i, w := range words {
			if w[0] == '^' {
				words[i] = unbulk(c.do("dump", w[1:]))
			}
		}
		refused := 0
		for room := int64(2000); ; room += 2000 + room/3 {
			r.store.SetMaxMemory(0)
			c.fillBounded()
			limit := r.store.Memory().Used + room
			r.store.SetMaxMemory(limit)
			r.store.PeakUsed()
			reply := c.do(words...)
			if peak := r.store.PeakUsed(); peak > limit {
				t.Errorf("%s with %d bytes of room: %d bytes beyond the limit, reply %.40q", line, room, peak-limit, reply)
			}
			if reply[0] != '-' {
				break
			}
			if refused++; !strings.HasPrefix(reply, "-OOM command not allowed") || room > 10<<20 {
				t.Fatalf("%s with %d bytes of room: %s", line, room, reply)
			}
		}
		if refused == 0 {
			t.Errorf("%s was never refused: the test proves nothing", line)
		}
	}
}
