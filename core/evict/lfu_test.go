// Tests of sampled LFU.
package evict

import "testing"

// The counters that Redis's own configuration file promises for these numbers of hits.
func TestLFUCounterGrowsLogarithmically(t *testing.T) {
	tests := []struct{ factor, hits, low, high int }{
		{0, 100, 104, 106}, // every hit counts, from 5
		{0, 1000, 255, 255},
		{1, 1000, 40, 60},
		{10, 100, 8, 13},
		{10, 1000, 14, 24},
		{10, 100_000, 125, 160},
		{10, 1_000_000, 255, 255},
		{100, 1000, 7, 12},
		{100, 100_000, 42, 57},
	}
	for _, test := range tests {
		p, _ := policy(t, "allkeys-lfu", Options{LFULogFactor: test.factor, LFUDecayMinutes: 1})
		const items = 10
		sum := 0
		for range items {
			a := p.Insert(1, 1, 0)
			for range test.hits {
				a = p.Hit(1, a)
			}
			n, ok := p.Freq(a)
			if !ok {
				t.Fatal("LFU has no frequency")
			}
			sum += n
		}
		if mean := sum / items; mean < test.low || mean > test.high {
			t.Errorf("factor %d, %d hits: %d, want %d to %d", test.factor, test.hits, mean, test.low, test.high)
		}
	}
}

func TestLFUCounterDecaysWithTime(t *testing.T) {
	for _, test := range []struct{ decay, minutes, want int }{{1, 30, 75}, {10, 30, 102}, {0, 1000, 105}, {1, 200, 0}} {
		p, clock := policy(t, "allkeys-lfu", Options{LFUDecayMinutes: test.decay})
		a := p.Insert(1, 1, 0)
		for range 100 {
			a = p.Hit(1, a)
		}
		clock.ms += int64(test.minutes) * 60_000
		if n, _ := p.Freq(a); n != test.want {
			t.Errorf("decay %d, %d minutes: %d, want %d", test.decay, test.minutes, n, test.want)
		}
		// A hit starts from the decayed counter and restarts its time.
		if n, _ := p.Freq(p.Hit(1, a)); n != min(test.want+1, lfuMax) {
			t.Errorf("decay %d, %d minutes: %d after a hit", test.decay, test.minutes, n)
		}
	}
}

func TestLFUPicksTheLeastUsed(t *testing.T) {
	p, _ := policy(t, "allkeys-lfu", Options{})
	cands := make([]Candidate, 5)
	for i := range cands {
		cands[i].Access = p.Insert(0, 1, 0)
		for range (i*2 + 3) % 5 {
			cands[i].Access = p.Hit(0, cands[i].Access)
		}
	}
	if got := p.Pick(cands); got != 1 {
		t.Fatalf("picked %d", got)
	}
	if _, ok := p.Idle(cands[0].Access); ok {
		t.Fatal("LFU keeps no idle time")
	}
}

func TestLFUWithFreq(t *testing.T) {
	p, clock := policy(t, "allkeys-lfu", Options{LFUDecayMinutes: 1})
	for _, test := range []struct{ n, want int }{{0, 0}, {100, 100}, {255, 255}, {256, 255}, {-1, 0}} {
		a, ok := p.WithFreq(test.n)
		if n, _ := p.Freq(a); !ok || n != test.want || a > AccessMask {
			t.Errorf("%d: %d, %v", test.n, n, ok)
		}
	}
	a, _ := p.WithFreq(100)
	clock.ms += 10 * 60_000
	if n, _ := p.Freq(a); n != 90 {
		t.Errorf("%d ten minutes later, want 90", n)
	}
	if _, ok := p.WithIdle(5); ok {
		t.Error("LFU keeps no idle time")
	}
}
