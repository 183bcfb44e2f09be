// Tests of the learner against the definition of its index, computed the slow way.
package evict

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestBucketsCoverEveryAge(t *testing.T) {
	for age := range uint32(1 << stampBits) {
		b := int(bucket(age))
		if b >= ages || float64(age) < edge(b) || float64(age) >= edge(b+1) {
			t.Fatalf("age %d is in bucket %d: %v to %v", age, b, edge(b), edge(b+1))
		}
	}
}

func TestIndexIsTheBestRatioOverAllHorizons(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l := newLearner()
		var reuses [ages]float64
		sum := 0.0
		for b := range reuses {
			if r.IntN(3) == 0 {
				reuses[b] = r.Float64() * 10
				sum += reuses[b]
			}
		}
		n := sum * (1 + r.Float64())
		l.rankLevel(0, &reuses, n)
		alive := n
		for a := range reuses {
			best, hits, cost, left := 0.0, 0.0, 0.0, alive
			for b := a; b < ages; b++ {
				cost += (edge(b+1) - edge(b)) * (left - reuses[b]/2)
				hits += reuses[b]
				left -= reuses[b]
				best = max(best, hits/cost)
			}
			got := float64(math.Float32frombits(l.index[0][a].Load()))
			if math.Abs(got-best) > 1e-4*best {
				t.Fatalf("age bucket %d: index %g, want %g", a, got, best)
			}
			alive -= reuses[a]
		}
	}
}

func TestLearnerStartsAsLRU(t *testing.T) {
	l := newLearner()
	for level := range uint32(levels) {
		for b := 1; b < ages; b++ {
			if l.rank(level, uint32(edge(b))) > l.rank(level, uint32(edge(b-1))) {
				t.Fatalf("level %d: the index rises at age %v", level, edge(b))
			}
		}
	}
}

// In a loop every item comes back at the same age: the older, the sooner, the more worth.
func TestLearnerRanksALoopTheOtherWayRound(t *testing.T) {
	l := newLearner()
	l.every.Store(64)
	for i := range uint32(100) {
		l.start(3, 100)
		l.reuse(3, 1000, 100)
		l.update(i * 64)
	}
	if !(l.rank(3, 900) > l.rank(3, 500) && l.rank(3, 500) > l.rank(3, 100)) {
		t.Fatalf("index at 900, 500, 100: %x %x %x", l.rank(3, 900), l.rank(3, 500), l.rank(3, 100))
	}
}

func TestLearnerUpdatesWhenDue(t *testing.T) {
	l := newLearner()
	l.every.Store(64)
	now := uint32(math.MaxUint32 - 100) // wraps on the way
	l.due.Store(now)
	updates := 0
	for range 1000 {
		l.start(0, 1)
		l.update(now)
		if l.starts[0].Load() == 0 {
			updates++
		}
		now++
	}
	if updates != 16 {
		t.Fatalf("%d updates in 1000 units, want one in 64", updates)
	}
}
