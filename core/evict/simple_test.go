// Tests of noeviction, random and volatile-ttl.
package evict

import "testing"

func TestTTLPicksTheNextToExpire(t *testing.T) {
	p, _ := policy(t, "volatile-ttl", Options{})
	cands := []Candidate{{ExpireAt: 300}, {}, {ExpireAt: 100}, {ExpireAt: 200}}
	if got := p.Pick(cands); got != 2 {
		t.Fatalf("picked %d", got)
	}
	if got := p.Pick(cands[1:2]); got != -1 {
		t.Fatalf("picked %d of one item without expiry", got)
	}
}

func TestNoEvictionNeverPicks(t *testing.T) {
	p, _ := policy(t, "noeviction", Options{Samples: 5})
	if got := p.Pick([]Candidate{{}, {ExpireAt: 1}}); got != -1 || p.Samples() != 0 {
		t.Fatalf("picked %d, %d samples", got, p.Samples())
	}
}

func TestIdleTimeIsKnownWithoutLRU(t *testing.T) {
	for _, name := range []string{"noeviction", "allkeys-random", "volatile-random", "volatile-ttl"} {
		p, clock := policy(t, name, Options{})
		a := p.Insert(1, 1, 0)
		clock.ms += 7000
		if s, ok := p.Idle(a); !ok || s != 7 {
			t.Errorf("%s: idle %d %v", name, s, ok)
		}
		if s, _ := p.Idle(p.Hit(1, a)); s != 0 {
			t.Errorf("%s: idle %d after a hit", name, s)
		}
	}
}
