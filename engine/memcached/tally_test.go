// Tests of tally.go.

package memcached

import "testing"

func TestTally(t *testing.T) {
	var c tally
	c.inc(getHits)
	c.add(connYields, 3)
	if c.sums[getHits].Load() != 0 {
		t.Error("counted before it was published")
	}
	c.publish()
	c.inc(getHits)
	c.publish()
	c.publish()
	if hits, yields := c.sums[getHits].Load(), c.sums[connYields].Load(); hits != 2 || yields != 3 {
		t.Errorf("hits %d, yields %d", hits, yields)
	}
	c.reset()
	if c.sums[getHits].Load() != 0 {
		t.Error("not reset")
	}
}

func TestCountersHaveNames(t *testing.T) {
	if counters > 32 {
		t.Error("more counters than bits of dirty")
	}
	for c, name := range counterNames {
		if name == "" {
			t.Errorf("counter %d has no name", c)
		}
	}
}
