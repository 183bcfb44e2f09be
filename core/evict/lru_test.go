// Tests of sampled LRU.
package evict

import "testing"

func TestLRUIdleIsSecondsSinceAccess(t *testing.T) {
	p, clock := policy(t, "allkeys-lru", Options{})
	a := p.Insert(1, 1, 0)
	clock.ms += 90_500
	if s, ok := p.Idle(a); !ok || s < 90 || s > 91 {
		t.Fatalf("idle %d %v", s, ok)
	}
	a = p.Hit(1, a)
	if s, _ := p.Idle(a); s != 0 {
		t.Fatalf("idle %d after a hit", s)
	}
	if _, ok := p.Freq(a); ok {
		t.Fatal("LRU keeps no frequency")
	}
}

func TestLRUPicksTheLongestIdleAcrossTheWrap(t *testing.T) {
	p, clock := policy(t, "allkeys-lru", Options{})
	clock.ms = (1<<24 - 20) * 1000
	var cands []Candidate
	for range 4 { // the last two are stamped after the 24 bits have wrapped
		cands = append(cands, Candidate{Access: p.Insert(0, 1, 0)})
		clock.ms += 15_000
	}
	for want := range cands {
		if got := p.Pick(cands); got != want {
			t.Fatalf("picked %d, want %d", got, want)
		}
		cands[want].Access = p.Hit(0, cands[want].Access)
		clock.ms += 1000
	}
}

func TestVolatileLRUPassesOverLastingItems(t *testing.T) {
	p, clock := policy(t, "volatile-lru", Options{})
	old := Candidate{Access: p.Insert(0, 1, 0)}
	clock.ms += 5000
	young := Candidate{Access: p.Insert(0, 1, 0), ExpireAt: clock.ms + 1}
	if got := p.Pick([]Candidate{old, young}); got != 1 {
		t.Fatalf("picked %d", got)
	}
	if got := p.Pick([]Candidate{old, old}); got != -1 {
		t.Fatalf("picked %d of items without expiry", got)
	}
}

func TestLRUWithIdle(t *testing.T) {
	p, clock := policy(t, "volatile-ttl", Options{}) // it keeps the clock of LRU too
	for _, test := range []struct{ seconds, want int64 }{{0, 0}, {100, 100}, {1<<24 - 1, 1<<24 - 1}, {1<<24 + 5, 5}} {
		a, ok := p.WithIdle(test.seconds)
		if s, _ := p.Idle(a); !ok || s != test.want || a > AccessMask {
			t.Errorf("%d seconds ago: %d, %v", test.seconds, s, ok)
		}
		clock.ms += 7000
		if s, _ := p.Idle(a); s != (test.want+7)&AccessMask {
			t.Errorf("%d seconds ago: %d seven seconds later", test.seconds, s)
		}
		clock.ms -= 7000
	}
	if _, ok := p.WithFreq(5); ok {
		t.Error("LRU keeps no frequency")
	}
}
