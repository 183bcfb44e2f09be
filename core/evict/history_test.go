// Tests of the seconds of a clock's ticks.
package evict

import (
	"sync/atomic"
	"testing"
)

// What is remembered of any tick is its second, or near to it if it is long ago; compared with a list of all.
func TestHistoryKnowsTheSecond(t *testing.T) {
	var h history
	var clock atomic.Uint32
	clock.Store(1<<32 - 500) // it comes round in between
	var real []uint32        // by tick, from the first on
	first := clock.Load()
	for second := uint32(1_800_000_000); len(real) < 20_000; second++ {
		h.note(&clock, second)
		clock.Add(5)
		for uint32(len(real)) <= clock.Load()-first {
			real = append(real, second)
		}
	}
	now := real[len(real)-1]
	for i, second := range real {
		got, ok := h.at(first + uint32(i))
		age := now - second
		tolerated := uint32(1) // the tick before a mark is of the second before
		if age > historyExact {
			tolerated = age / 4
		}
		if off := int32(got - second); !ok || uint32(max(off, -off)) > max(tolerated, 1) {
			t.Fatalf("tick %d of second %d, %d ago: %d, %v", i, second, age, got, ok)
		}
	}
	if cap(h.marks) != historyMax {
		t.Errorf("room for %d marks, %d are counted", cap(h.marks), historyMax)
	}
}

func TestHistoryOfNothing(t *testing.T) {
	var h history
	if _, ok := h.at(5); ok {
		t.Error("it knows the time of a tick that nobody noted")
	}
}

// A clock that nothing else moves is not used up by the seconds.
func TestHistorySparesAQuietClock(t *testing.T) {
	var h history
	var clock atomic.Uint32
	for second := range uint32(1_000_000) {
		h.note(&clock, second+1)
	}
	if n := clock.Load(); n > 100 {
		t.Errorf("%d ticks", n)
	}
}

// The time since an item was put or moved, as memcached shows it, also after a restart.
func TestSegmentedKnowsIdleTimes(t *testing.T) {
	p, clock := segments(t, 100, DefaultSegments)
	old := put(p, 0)
	clock.ms += 10_000
	young := put(p, 0)
	clock.ms += 5_000
	idle := func(p Policy, c Candidate, want int64) {
		t.Helper()
		if got, ok := p.Idle(c.Access); !ok || got != want {
			t.Fatalf("idle for %d s (%v), want %d", got, ok, want)
		}
	}
	idle(p, old, 15)
	idle(p, young, 5)
	old.Access = p.Hit(1, old.Access)
	idle(p, old, 15) // the first read moves nothing
	for range 30 {
		put(p, 0)
	}
	old.Access = p.Hit(1, old.Access) // from COLD to WARM
	idle(p, old, 0)
	clock.ms += 3_000
	idle(p, old, 3)
	old.Access = p.Hit(1, old.Access) // to the head of WARM, though nothing was inserted in this second
	idle(p, old, 0)

	q := reborn(t, p, 100).(*segmented)
	q.now = clock.now
	idle(q, young, 8)
}
