//go:build arenadebug

// What an operation on a big collection costs, counted in blocks of memory that are looked at: nobody holds a shard for a whole collection.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// Steps that one small operation may take: on a collection that is big already, and on the way there, where the thresholds bound what is converted.
const (
	mostSteps       = 400
	mostConversions = 8000
)

// stepsRig is a rig whose freeing in the background waits until the test has counted, and calls later.
func stepsRig(t *testing.T) (r *rig, c *fake, later func()) {
	gate, later := latch(t)
	r = newRig(t, core.Options{Spawn: func(name string, f func()) {
		go func() {
			if name == "lazyfree" {
				<-gate
			}
			f()
		}()
	}})
	return r, r.client(), later
}

// TestNoOperationPaysForTheWhole adds elements one by one and takes them away again; # is the number of the element.
func TestNoOperationPaysForTheWhole(t *testing.T) {
	const n, big = 3000, 1200
	r, c, _ := stepsRig(t)
	for _, pair := range [][2]string{{"hset k f# v#", "hdel k f#"}, {"sadd k m#", "srem k m#"}, {"sadd k #", "srem k #"}, {"zadd k # m#", "zrem k m#"}, {"rpush k element#", "lpop k"}, {"lpush k element#", "rpop k"},
		{"xadd k 1-# f v#", "xdel k 1-#"}, {"xadd k 1-# f v#", "xtrim k maxlen -#"}, {"hset k f# v#", "hpexpire k 1000000 fields 1 f#"}, {"sadd k m#", "spop k"}, {"zadd k # m#", "zpopmin k"}, {"zadd k # m#", "zincrby k 1e3 m#"}} {
		c.do("flushall")
		worst, worstBig := int64(0), int64(0)
		step := func(line string, i, size int) {
			line = strings.ReplaceAll(strings.ReplaceAll(line, "-#", strconv.Itoa(n-i)), "#", strconv.Itoa(i))
			if strings.HasPrefix(line, "x") && !strings.HasPrefix(line, "xtrim") {
				line = strings.ReplaceAll(line, "1"+strconv.Itoa(n-i), "1-"+strconv.Itoa(i))
			}
			before := r.store.Steps()
			if reply := c.do(strings.Fields(line)...); reply[0] == '-' {
				t.Fatal(line, reply)
			}
			if steps := r.store.Steps() - before; size > big {
				worstBig = max(worstBig, steps)
			} else {
				worst = max(worst, steps)
			}
		}
		for i := 1; i <= n; i++ {
			step(pair[0], i, i)
		}
		for i := 1; i <= n; i++ {
			step(pair[1], i, n-i)
		}
		if worst > mostConversions || worstBig > mostSteps {
			t.Errorf("%v: one operation took %d steps, on a big one %d", pair, worst, worstBig)
		}
	}
}

// TestDroppingTheWholeIsLeftToTheBackground: whoever removes or replaces a big collection does not free it.
func TestDroppingTheWholeIsLeftToTheBackground(t *testing.T) {
	const n = 4000
	for _, make := range []string{"hset k @@f:", "sadd k @m:", "zadd k #m:", "rpush k @element-:", "debug xadd"} {
		for _, line := range []string{"del k", "unlink k", "set k v", "getdel k", "pexpire k 0", "rename other k", "copy other k replace", "sunionstore k nokey", "zunionstore k 1 nokey", "sort nokey store k", "spop k 100000", "flushdb async", "restore k 0 ^other replace", "hdel k f1", "move k 1"} {
			r, c, later := stepsRig(t)
			if make == "debug xadd" {
				for i := 1; i <= 2000; i++ {
					c.do("xadd", "k", "1-"+strconv.Itoa(i), "field", "a-value-that-is-not-so-short-"+strconv.Itoa(i))
				}
			} else if reply := c.do(spread(make + strconv.Itoa(n))...); reply[0] == '-' {
				t.Fatal(reply)
			}
			c.do("set", "other", "v")
			words := strings.Fields(line)
			for i, w := range words {
				if w[0] == '^' {
					words[i] = unbulk(c.do("dump", w[1:]))
				}
			}
			before := r.store.Steps()
			reply := c.do(words...)
			if steps := r.store.Steps() - before; steps > mostSteps && words[0] != "spop" { // which replies all of them
				t.Errorf("%s, then %s: %d steps, reply %.40q", make, line, steps, reply)
			}
			later()
		}
	}
}
