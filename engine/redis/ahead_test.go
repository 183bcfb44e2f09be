package redis

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestLookingAheadChangesNoReply: the same pipelines on a store that is worth looking ahead in, and on one that is not.
func TestLookingAheadChangesNoReply(t *testing.T) {
	plain, ahead := newRig(t, core.Options{}).client(), newRig(t, core.Options{}).client()
	for _, c := range []*fake{plain, ahead} {
		c.do("SELECT", "9")
		c.do("SET", "filler", strings.Repeat("x", map[bool]int{true: 5 << 20, false: 1}[c == ahead]))
		c.do("SELECT", "0")
	}
	r := rand.New(rand.NewPCG(5, 6))
	key := func() string { return fmt.Sprint("k", r.IntN(5)) }
	word := func() string { return fmt.Sprint("m", r.IntN(200)) }
	for range 300 {
		var in strings.Builder
		for range 1 + r.IntN(40) {
			k, m := key(), word()
			for _, words := range [][][]string{
				{{"SADD", "s" + k, m}, {"SISMEMBER", "s" + k, m}, {"SADD", "s" + k, m, word(), "a"}},
				{{"HSET", "h" + k, m, "v"}, {"HGET", "h" + k, m}, {"HGET", "h" + k, word()}},
				{{"ZADD", "z" + k, "1.5", m}, {"ZSCORE", "z" + k, m}, {"ZINCRBY", "z" + k, "2", m}},
				{{"SET", k, m}, {"GET", k}, {"DEL", k}, {"GET", key()}},
				{{"PING"}, {"ECHO", m}, {"DEL", "s" + key(), "h" + key()}, {"RENAME", k, "x"}},
				{{"SELECT", fmt.Sprint(r.IntN(2))}, {"MULTI"}, {"SISMEMBER", "s" + k, m}, {"EXEC"}},
				{{"GET"}, {"NOSUCH", k}, {"LPUSH", "s" + k, m}, {"FLUSHDB"}},
			}[r.IntN(7)] {
				if words[0] != "FLUSHDB" || r.IntN(20) == 0 {
					in.WriteString(request(words...))
				}
			}
		}
		if want, got := plain.feed(in.String()), ahead.feed(in.String()); got != want {
			t.Fatalf("%q\ngot  %q\nwant %q", in.String(), got, want)
		}
	}
}

// TestHashedOnce: the hash from looking ahead is taken for the very argument it was made of, and for no other.
func TestHashedOnce(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("SET", "filler", strings.Repeat("x", 5<<20))
	in := []byte(request("GET", "one") + request("GET", "one") + request("GET", "two"))
	c.w, c.tx = c.worker, c.worker.Tx
	c.lookAhead(in)
	defer c.tx.Leave()
	if len(c.ahead) != 3 || !c.entered {
		t.Fatalf("%d requests were looked at", len(c.ahead))
	}
	for i, name := range []string{"one", "one", "two"} {
		if k := c.ahead[i].Key; string(k.Name) != name || k.Hash != c.e.store.Key([]byte(name)).Hash {
			t.Errorf("request %d is on %q with a hash of its own", i, k.Name)
		}
	}
	mark := c.ahead[0].Key
	c.ahead[0].Key.Hash++ // to tell it
	if k := c.key(mark.Name); k.Hash != mark.Hash+1 {
		t.Error("the argument was hashed again")
	}
	if k := c.key([]byte("one")); k.Hash != mark.Hash {
		t.Error("the hash was taken for another argument")
	}
	c.entered, c.ahead, c.w = false, nil, nil
}
