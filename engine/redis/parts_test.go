// Fields that go by themselves when they are due.

package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// TestFieldsGoByThemselves waits for the sweeper of a real store: fields go, the journal is told, the key goes with the last.
func TestFieldsGoByThemselves(t *testing.T) {
	for _, entries := range []string{"512", "0"} {
		r := newRig(t, core.Options{})
		var d diary
		r.store.SetJournal(&d)
		c := r.client()
		c.do("config", "set", "hash-max-listpack-entries", entries)
		c.do("hset", "h", "a", "1", "b", "2", "c", "3")
		c.do("hset", "stays", "a", "1", "b", "2")
		c.want(ints(1, 1), "hpexpire", "h", "100", "fields", "2", "a", "b")
		c.want(ints(1), "hpexpire", "h", "200", "fields", "1", "c")
		c.want(ints(1), "hpexpire", "stays", "100", "fields", "1", "a")
		r.now.Add(1000)
		d.lines = nil
		r.store.SetActiveExpire(true)
		for until := time.Now().Add(10 * time.Second); c.do("exists", "h") != ":0\r\n" || c.do("hlen", "stays") != ":1\r\n"; {
			if time.Now().After(until) {
				t.Fatal("due for ten seconds and still there")
			}
			r.now.Add(50)
		}
		r.store.SetActiveExpire(false)
		c.want("*2\r\n"+bulk("b")+bulk("2"), "hgetall", "stays")
		seen := map[string]bool{}
		for _, l := range d.lines {
			seen[l] = true
		}
		for _, want := range []string{"0 HDEL h a", "0 HDEL h b", "0 HDEL h c", "0 HDEL stays a"} {
			if !seen[want] || len(d.lines) != 4 {
				t.Errorf("journal: %s", fmt.Sprint(d.lines))
			}
		}
	}
}
