//go:build !race

// memcached's own queues as plain lists: the model of the policy memcached-lru. Not under the race detector: one goroutine, millions of accesses.
package sim

import (
	"container/list"
	"math"
	"testing"

	"github.com/cachesrv/cachesrv/core/evict"
)

// queued is an item of the model.
type queued struct {
	key             uint32
	in              *list.List
	at              *list.Element
	time            int // of the access that counts
	fetched, active bool
}

// queues are HOT, WARM and COLD with their shares and factors of COLD's age.
type queues struct {
	hot, warm, cold       list.List // from the head to the tail
	items                 map[uint32]*queued
	now                   int
	hotShare, warmShare   float64
	hotFactor, warmFactor float64
}

func newQueues(hot, warm float64) *queues {
	return &queues{items: map[uint32]*queued{}, hotShare: hot, warmShare: warm, hotFactor: 0.2, warmFactor: 2}
}

func (q *queues) move(it *queued, to *list.List) {
	if it.in != nil {
		it.in.Remove(it.at)
	}
	it.in, it.at = to, to.PushFront(it)
}

func (q *queues) access(key uint32, capacity int) (hit bool) {
	q.now++
	it := q.items[key]
	switch {
	case it == nil:
		for len(q.items) >= capacity {
			q.evict()
		}
		it = &queued{key: key, time: q.now}
		q.items[key] = it
		q.move(it, &q.hot)
	case !it.fetched:
		it.fetched = true
	case it.in == &q.cold:
		it.time = q.now
		q.move(it, &q.warm)
	case !it.active:
		it.active, it.time = true, q.now
	}
	q.juggle()
	return it.time != q.now || it.fetched
}

func (q *queues) evict() {
	for _, l := range []*list.List{&q.cold, &q.hot, &q.warm} {
		if tail := l.Back(); tail != nil {
			it := tail.Value.(*queued)
			l.Remove(tail)
			delete(q.items, it.key)
			return
		}
	}
}

// juggle is what the original's maintainer thread does.
func (q *queues) juggle() {
	coldAge := 0.0
	if tail := q.cold.Back(); tail != nil {
		coldAge = float64(q.now - tail.Value.(*queued).time)
	}
	for moved := true; moved; {
		moved = q.drain(&q.hot, q.hotShare, coldAge*q.hotFactor)
		moved = q.drain(&q.warm, q.warmShare, coldAge*q.warmFactor) || moved
	}
}

func (q *queues) drain(l *list.List, share, longest float64) bool {
	tail := l.Back()
	if tail == nil {
		return false
	}
	it := tail.Value.(*queued)
	switch {
	case it.active:
		it.active = false
		it.time = q.now
		q.move(it, &q.warm)
	case float64(l.Len()) > share*float64(len(q.items)) || float64(q.now-it.time) > longest:
		q.move(it, &q.cold)
	default:
		return false
	}
	return true
}

func (q *queues) run(t Trace, capacity int) Result {
	r := Result{Accesses: len(t.Keys)}
	for _, k := range t.Keys {
		if q.access(k, capacity) {
			r.Hits++
		}
	}
	return r
}

// The policy does what the queues do: its hit ratio is theirs, also where the shares are far from usual, though it knows only samples.
func TestSegmentedIsLikeTheQueues(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		for trace := range Contest(5_000, 50_000, seed) {
			for _, share := range [][2]float64{{0.2, 0.4}, {0.7, 0.1}, {0.05, 0.75}} {
				for _, percent := range []int{10, 25} {
					capacity := trace.Distinct * percent / 100
					tune := evict.DefaultSegments
					tune.HotShare, tune.WarmShare, tune.HotFactor = share[0], share[1], 1
					clock := &Clock{ms: 1 << 40}
					p, err := evict.New("memcached-lru", evict.Options{NowMs: clock.NowMs, Seed: seed, Segments: tune})
					if err != nil {
						t.Fatal(err)
					}
					model := newQueues(share[0], share[1])
					model.hotFactor = 1
					got, want := Run(p, clock, trace, capacity, seed).Ratio(), model.run(trace, capacity).Ratio()
					if math.Abs(got-want) > 2 {
						t.Errorf("seed %d, %s, shares %v, %d %%: %.1f, the queues %.1f", seed, trace.Name, share, percent, got, want)
					}
				}
			}
		}
	}
}
