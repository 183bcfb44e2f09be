// Tests of what clients see of the queues of the policy memcached-lru.

package memcached

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// segmented is a rig with the policy memcached-lru, a limit, and these settings.
func segmented(t *testing.T, limit int64, settings ...string) (*rig, *client) {
	t.Helper()
	r := newRig(t, settings...)
	if err := r.store.SetPolicy(segmentedPolicy); err != nil {
		t.Fatal(err)
	}
	r.store.SetMaxMemory(limit)
	return r, r.client()
}

var itemStat = regexp.MustCompile(`STAT items:\d+:(\S+) (\d+)\r\n`)

// items sums the figures of stats items over all classes; of ages it is the highest.
func (c *client) items() map[string]int {
	sums := map[string]int{}
	for _, m := range itemStat.FindAllStringSubmatch(c.send("stats items\r\n"), -1) {
		n, _ := strconv.Atoi(m[2])
		if name := m[1]; strings.HasPrefix(name, "age") {
			sums[name] = max(sums[name], n)
		} else {
			sums[name] += n
		}
	}
	return sums
}

// expect compares some of the figures, given as "name number …".
func (c *client) expect(t *testing.T, figures string) {
	t.Helper()
	words, got := strings.Fields(figures), c.items()
	for i := 0; i < len(words); i += 2 {
		if want, _ := strconv.Atoi(words[i+1]); got[words[i]] != want {
			t.Errorf("%s is %d, want %d", words[i], got[words[i]], want)
		}
	}
}

// storeMany stores items of one size under names from prefix.
func (c *client) storeMany(prefix string, n, ttl int) (stored int) {
	for i := range n {
		if c.send(fmt.Sprintf("set %s%06d 0 %d 100\r\n%s\r\n", prefix, i, ttl, strings.Repeat("x", 100))) == replyStored+"\r\n" {
			stored++
		}
	}
	return stored
}

// Reads take an item from COLD to WARM, and stats items tells of it as of the queues, their ages, and who was found where.
func TestQueuesInStatsItems(t *testing.T) {
	r, c := segmented(t, 16<<20, "CACHESRV_TEMPORARY_TTL=60")
	c.storeMany("k", 100, 0)
	r.tick(10_000)
	got := c.items()
	if got["number"] != 100 || got["number_hot"]+got["number_cold"] != 100 || got["number_hot"] < 5 || got["number_hot"] > 25 {
		t.Fatalf("a fifth of the items is to be in HOT: %v", got)
	}
	c.expect(t, "age 10 number_warm 0 number_temp 0 hits_to_cold 0")
	c.send("get k000000\r\n")
	c.expect(t, "hits_to_cold 1 moves_to_warm 0 number_warm 0 age 10")
	c.send("get k000000\r\n")
	c.expect(t, "hits_to_cold 2 moves_to_warm 1 moves_to_cold 1 number_warm 1 age_warm 0")
	r.tick(5_000)
	c.expect(t, "age_warm 5 age 15")
	c.send("mg k000000 v\r\n")
	c.expect(t, "hits_to_warm 1 moves_within_lru 1 age_warm 0")
	c.send("get k000099\r\nget k000099\r\ngets k000099\r\n")
	c.expect(t, "hits_to_hot 3")
	c.send("gat 0 k000000\r\nmg k000000 T0\r\n")
	c.expect(t, "hits_to_warm 1") // they count as touches
	c.storeMany("short", 7, 60)
	c.send("get short000003\r\nget short000003\r\nget short000003\r\n")
	c.expect(t, "number_temp 7 hits_to_temp 3")
	c.send("set short000003 0 61 1\r\nx\r\n")
	c.expect(t, "number_temp 6")
	if got := c.send("stats\r\n"); !strings.Contains(got, "STAT moves_to_warm 1\r\n") || !strings.Contains(got, "STAT moves_within_lru") {
		t.Error("stats does not know of the moves")
	}
	c.send("stats reset\r\n")
	c.expect(t, "hits_to_cold 0 moves_to_warm 0 hits_to_temp 0 number_temp 6")
}

// Under pressure COLD is evicted; what was read twice stays, and what lives short is not touched, until nothing else is there.
func TestQueuesUnderPressure(t *testing.T) {
	r, c := segmented(t, 1<<20, "CACHESRV_TEMPORARY_TTL=60")
	c.storeMany("short", 1000, 60)
	c.storeMany("warm", 500, 0)
	c.storeMany("more", 1000, 0)
	for range 2 {
		for i := range 500 {
			c.send(fmt.Sprintf("get warm%06d\r\n", i))
		}
	}
	r.tick(3_000)
	if n := c.storeMany("flood", 6000, 0); n != 6000 {
		t.Errorf("%d of 6000 were stored", n)
	}
	got := c.items()
	if got["number_temp"] != 1000 {
		t.Errorf("%d of 1000 temporary items are there", got["number_temp"])
	}
	share := func(name string) float64 { return float64(got[name]) / float64(got["number"]-got["number_temp"]) }
	if hot := share("number_hot"); hot < 0.1 || hot > 0.3 {
		t.Errorf("%.2f of the items are in HOT, want 0.2: %v", hot, got)
	}
	if got["evicted"] == 0 || got["moves_to_cold"] < got["evicted"] || got["evicted_unfetched"] == 0 {
		t.Errorf("%v", got)
	}
	// A store of nothing but temporary items is full until they are due.
	if n := c.storeMany("shorter", 20_000, 50); n == 20_000 {
		t.Error("everything fits")
	}
	refused := false
	for range 100 { // a last item that may go may have been left
		got := c.send("set last 0 50 100\r\n" + strings.Repeat("x", 100) + "\r\n")
		refused = refused || got == replyNoMemory+"\r\n"
	}
	if !refused {
		t.Error("a store full of temporary items takes more")
	}
	if got := c.items(); got["outofmemory"] == 0 || got["number_temp"] < got["number"]*95/100 {
		t.Errorf("%v", got)
	}
	c.send("lru temp_ttl -1\r\n")
	if n := c.storeMany("free", 100, 0); n != 100 {
		t.Errorf("%d of 100 were stored though nothing is held any more", n)
	}
}

// lru tune changes the shares while the server runs.
func TestTuneChangesTheShares(t *testing.T) {
	_, c := segmented(t, 1<<20)
	for _, want := range []float64{0.2, 0.6, 0.05} {
		c.send(fmt.Sprintf("lru tune %.0f 20 100 2\r\n", 100*want))
		c.storeMany("k"+strconv.Itoa(int(100*want)), 12_000, 0)
		got := c.items()
		if hot := float64(got["number_hot"]) / float64(got["number"]); hot < want-0.06 || hot > want+0.06 {
			t.Errorf("%.2f of the items are in HOT, want %.2f", hot, want)
		}
	}
}

// In flat mode there is one queue, which the original calls COLD; the default policy has none.
func TestQueuesOfOtherPolicies(t *testing.T) {
	r, c := segmented(t, 0)
	for policy, cold := range map[string]int{"allkeys-lru": 20, "allkeys-adaptive": 0} {
		if err := r.store.SetPolicy(policy); err != nil {
			t.Fatal(err)
		}
		c.storeMany("k", 20, 0)
		c.send("get k000001\r\nget k000001\r\n")
		c.expect(t, fmt.Sprintf("number 20 number_hot 0 number_warm 0 number_cold %d moves_to_warm 0", cold))
	}
}

// The census of a store larger than it looks at stands for all, and no item is lost.
func TestCensusShares(t *testing.T) {
	c := new(census)
	c.n[9] = [4]int64{10, 20, 60, 10}
	if got, want := c.share(9, 1003), [4]int64{100, 200, 603, 100}; got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := c.share(9, 100), [4]int64{10, 20, 60, 10}; got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := c.share(8, 5), [4]int64{2: 5}; got != want {
		t.Errorf("a class that was not met: %v, want %v", got, want)
	}
}
