// Tests of popping, of members by chance and of scans; what the journal gets.

package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestSortedSetPops(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.do("zadd", "z", "1", "a", "2", "b", "3", "c", "4", "d", "5", "e", "6", "f")
		c.want(flat("a", "1"), "zpopmin", "z")
		c.want(flat("f", "6", "e", "5"), "zpopmax", "z", "2")
		c.want("*0\r\n", "zpopmin", "z", "0")
		c.want("*0\r\n", "zpopmin", "none")
		c.want("*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nd\r\n$1\r\n4\r\n", "zmpop", "2", "none", "z", "max")
		c.do("hello", "3")
		c.want("*1\r\n*2\r\n$1\r\nb\r\n,2\r\n", "zpopmin", "z", "1")
		c.want("*2\r\n$1\r\nc\r\n,3\r\n", "zpopmin", "z")
		c.want("_\r\n", "zmpop", "1", "z", "min")
		c.want(":0\r\n", "exists", "z")
	})
}

func TestSortedSetRandom(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.want("$-1\r\n", "zrandmember", "z")
		c.want("*0\r\n", "zrandmember", "z", "5")
		for i := range 100 {
			c.do("zadd", "z", fmt.Sprint(i), fmt.Sprint("m", i))
		}
		seen := map[string]int{}
		for range 2_000 {
			seen[c.do("zrandmember", "z")]++
		}
		if len(seen) < 95 {
			t.Errorf("only %d of 100 members ever came", len(seen))
		}
		for _, count := range []int{1, 5, 33, 34, 60, 99} {
			for range 50 {
				words := strings.Fields(c.do("zrandmember", "z", fmt.Sprint(count)))
				different := map[string]bool{}
				for _, w := range words[1:] {
					if w[0] == 'm' {
						different[w] = true
					}
				}
				if len(different) != count {
					t.Fatalf("%d different members of %d", len(different), count)
				}
			}
		}
		if reply := c.do("zrandmember", "z", "-500"); !strings.HasPrefix(reply, "*500\r\n") {
			t.Errorf("%.20q", reply)
		}
		if reply := c.do("zrandmember", "z", "-5", "withscores"); !strings.HasPrefix(reply, "*10\r\n") {
			t.Errorf("%.20q", reply)
		}
	})
}

func TestSortedSetScan(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.do("zadd", "z", "0.1", "a", "2", "b")
		c.do("zadd", "unnamed", "1", "")
		c.want("*2\r\n$1\r\n0\r\n*2\r\n$0\r\n\r\n$1\r\n1\r\n", "zscan", "unnamed", "0", "match", "*")
		got := c.do("zscan", "z", "0", "match", "a")
		digits := "0.1"
		if strings.HasSuffix(t.Name(), "=0") {
			digits = "0.10000000000000001" // that is how Redis shows it there
		}
		if want := "*2\r\n" + bulk("0") + flat("a", digits); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		for i := range 120 {
			c.do("zadd", "z", fmt.Sprint(i), fmt.Sprint("m", i))
		}
		seen := map[string]bool{}
		for cursor, calls := "0", 0; ; calls++ {
			words := strings.Fields(c.do("zscan", "z", cursor, "count", "7"))
			cursor = words[2]
			for i := 5; i < len(words); i += 4 {
				seen[words[i]] = true
			}
			if cursor == "0" {
				break
			}
			if calls > 200 {
				t.Fatal("no end")
			}
		}
		if len(seen) != 122 {
			t.Errorf("%d members seen of 122", len(seen))
		}
	})
}

// TestSortedSetJournal looks at what stands for commands that name more than they change.
func TestSortedSetJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	var d diary
	r.store.SetJournal(&d)
	for _, line := range []string{"zadd z 1 a 2 b 3 c", "zadd z 1 a", "zincrby z 5 a", "zmpop 3 x y z min count 2", "zmpop 1 x max", "zrem z none", "zremrangebyscore z 100 200",
		"zunionstore d 1 z", "zunionstore none 1 none", "zinterstore d 1 none", "zpopmax z 5"} {
		c.do(strings.Fields(line)...)
	}
	want := []string{"0 zadd z 1 a 2 b 3 c", "0 zincrby z 5 a", "0 ZPOPMIN z 2", "0 zunionstore d 1 z", "0 zinterstore d 1 none", "0 zpopmax z 5"}
	if strings.Join(d.lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(d.lines, "\n"), strings.Join(want, "\n"))
	}
}
