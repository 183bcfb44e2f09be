// Tests of class_tally.go.

package memcached

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestClassesAddUp: what is counted by class is what is counted over all, for whatever command.
func TestClassesAddUp(t *testing.T) {
	r := newRig(t)
	c := r.client()
	long := strings.Repeat("x", 400)
	for _, line := range []string{
		"set a 0 0 1\r\n5\r\n", "set b 0 0 400\r\n" + long + "\r\n", "get a b c\r\n", "gets a\r\n", "gat 100 a b c\r\n", "touch b 5\r\n", "touch c 5\r\n", "incr a 5\r\n", "decr a 5\r\n", "incr c 1\r\n",
		"append b 0 0 1\r\nx\r\n", "prepend c 0 0 1\r\nx\r\n", "cas a 0 0 1 999999\r\n1\r\n", "cas c 0 0 1 1\r\n1\r\n", "delete a\r\n", "delete a\r\n",
		"ms d 400\r\n" + long + "\r\n", "mg d v\r\n", "mg d T30 v\r\n", "mg e v\r\n", "mg f N30 v\r\n", "ms n 1\r\n5\r\n", "ma n\r\n", "ma n MD\r\n", "ma zz\r\n", "ms n 1 C1\r\n7\r\n", "md n\r\n", "md zz\r\n", "ms d 1 MA\r\ny\r\n",
	} {
		c.send(line)
	}
	if got := c.send("gets b\r\n"); strings.HasPrefix(got, "VALUE b 0 401 ") {
		version := strings.Fields(got)[4]
		c.send("cas b 0 0 1 " + version + "\r\n1\r\n")
	} else {
		t.Fatalf("%q", got)
	}
	for _, general := range []counter{getHits, deleteHits, incrHits, decrHits, casHits, casBadval, touchHits} {
		n := int64(0)
		for class := range classLimit {
			n += r.e.ofClass(class, classOf[general])
		}
		if want := int64(r.e.sum(general)); n != want || n == 0 {
			t.Errorf("%s: %d over the classes, %d in all", counterNames[general], n, want)
		}
	}
	size := core.ItemBytes(1, &core.Value{Bytes: []byte(long)})
	if n := r.e.ofClass(classID(size), classSets); n != 2 {
		t.Errorf("%d sets in the class of long values", n)
	}
	c.send("stats reset\r\n")
	if n := r.e.ofClass(classID(size), classSets); n != 0 {
		t.Errorf("%d sets after a reset", n)
	}
}

// TestRemovals tells items that were read from those that were not, and those with an expiry.
func TestRemovals(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.send("set read 0 0 1\r\nx\r\nget read\r\nset unread 0 50 1\r\nx\r\n")
	class := classID(core.ItemBytes(4, &core.Value{Bytes: []byte("x")}))
	timed := classID(core.ItemBytes(6, &core.Value{Bytes: []byte("x"), ExpireAt: 1}))
	tx := r.store.NewTx()
	tx.Enter()
	defer tx.Leave()
	for _, name := range []string{"read", "unread"} {
		k := r.store.Key([]byte(name))
		tx.Lock1(k)
		it := tx.Find(0, k)
		r.e.Removed(0, it, core.Evicted)
		r.e.Removed(0, it, core.Expired)
		tx.Unlock()
	}
	row := func(class int) (n [removalCounts]uint64) {
		for c := range n {
			n[c] = r.e.removals[class][c].Load()
		}
		return n
	}
	if got, want := row(class), [removalCounts]uint64{evicted: 1, expired: 1}; got != want {
		t.Errorf("one that was read: %v, want %v", got, want)
	}
	if got, want := row(timed), [removalCounts]uint64{evicted: 1, evictedTimed: 1, evictedUnread: 1, expired: 1, expiredUnread: 1}; got != want {
		t.Errorf("one that was not: %v, want %v", got, want)
	}
	if n := r.e.removals.sum(evicted); n != 2 {
		t.Errorf("%d evicted in all", n)
	}
}
