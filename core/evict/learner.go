// The learner: counts how old items of each level are when they are accessed again, and ranks them by it.
package evict

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	levels = 8
	// Ages are counted in buckets: single units below 8, then four buckets for every doubling.
	ages = 8 + (stampBits-3)*4

	// keep is the share of the counts that survives an update: an event's half-life is about 70 updates.
	keep = 0.99
	// A level's counts are mixed with shareLevel accesses that behave like the average of all levels, and these with
	// shareNothing accesses of which half come back, evenly over the logarithm of the age. With
	// that alone the index falls with age, so that the policy starts as LRU.
	shareLevel   = 32
	shareNothing = 4
)

// learner's counters and indexes are atomics, each read or written alone; mu guards the sums.
type learner struct {
	reuses [levels][ages]atomic.Uint32 // events since the last update
	starts [levels]atomic.Uint32
	index  [levels][ages]atomic.Uint32 // bits of a float32 that is never negative, so they compare like it
	every  atomic.Uint32               // units between updates
	due    atomic.Uint32               // the time of the next update, in whole 32 bits

	mu     sync.Mutex
	sumR   [levels][ages]float64
	sumN   [levels]float64
	points [ages + 1]point // scratch of rankLevel
}

const learnerBytes = int(unsafe.Sizeof(learner{}))

func newLearner() *learner {
	l := &learner{}
	l.compute()
	return l
}

// start counts an access that put an item on that level.
func (l *learner) start(level, weight uint32) { l.starts[level].Add(weight) }

// reuse counts an access to an item that was on that level, at that age.
func (l *learner) reuse(level, age, weight uint32) { l.reuses[level][bucket(age)].Add(weight) }

// rank is the index of an item, for comparison only.
func (l *learner) rank(level, age uint32) uint32 { return l.index[level][bucket(age)].Load() }

func bucket(age uint32) uint32 {
	if age < 8 {
		return age
	}
	octave := uint32(bits.Len32(age)) - 1
	return 8 + (octave-3)*4 + age>>(octave-2)&3
}

// edge is the lowest age of a bucket.
func edge(b int) float64 {
	if b < 8 {
		return float64(b)
	}
	return float64(uint32(4+(b-8)%4) << ((b-8)/4 + 1))
}

// update takes in the new counts when it is time to; whoever comes while another does it goes on. It costs some
// 10 us, no more than once in 512 accesses.
func (l *learner) update(now uint32) {
	if int32(now-l.due.Load()) < 0 || !l.mu.TryLock() {
		return
	}
	defer l.mu.Unlock()
	l.due.Store(now + l.every.Load())
	for level := range l.sumR {
		for b := range l.sumR[level] {
			s := &l.sumR[level][b]
			*s = *s*keep + float64(l.reuses[level][b].Swap(0))
		}
		l.sumN[level] = l.sumN[level]*keep + float64(l.starts[level].Swap(0))
	}
	l.compute()
}

// compute derives the index of every level and age from the sums.
func (l *learner) compute() {
	var all [ages]float64
	n := float64(shareNothing)
	for b := range all {
		all[b] = shareNothing * 0.5 * math.Log((edge(b+1)+8)/(edge(b)+8)) / math.Log((edge(ages)+8)/8)
		for level := range l.sumR {
			all[b] += l.sumR[level][b]
		}
	}
	for level := range l.sumN {
		n += l.sumN[level]
	}
	for level := range l.sumR {
		var mixed [ages]float64
		for b := range mixed {
			mixed[b] = l.sumR[level][b] + shareLevel*all[b]/n
		}
		l.rankLevel(level, &mixed, l.sumN[level]+shareLevel)
	}
}

// point is an age in the plane of what an item costs up to then (place times time) and brings (hits).
type point struct{ cost, hits float64 }

// rankLevel sets the index of each age to the best ratio of hits to cost that any later moment
// of giving up offers: the slope of the upper convex hull of the points to its right.
func (l *learner) rankLevel(level int, reuses *[ages]float64, n float64) {
	p := &l.points
	alive := n
	for b := range reuses {
		width := edge(b+1) - edge(b)
		p[b+1] = point{p[b].cost + width*max(alive-reuses[b]/2, 1e-9), p[b].hits + reuses[b]}
		alive -= reuses[b]
	}
	var hull [ages + 1]int
	top := 0
	hull[0] = ages
	for b := ages - 1; b >= 0; b-- {
		for top > 0 && slope(p[b], p[hull[top-1]]) >= slope(p[b], p[hull[top]]) {
			top--
		}
		l.index[level][b].Store(math.Float32bits(float32(slope(p[b], p[hull[top]]))))
		top++
		hull[top] = b
	}
}

func slope(a, b point) float64 { return (b.hits - a.hits) / (b.cost - a.cost) }
