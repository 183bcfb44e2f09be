// Counters: statistics of commands and lookups. Every worker adds to its own; readers sum them up.

package redis

import (
	"math/bits"
	"strings"
	"sync/atomic"
	"time"
)

// shards is the number of separate sets of counters. Workers beyond it share.
const shards = 64

// counters are one worker's statistics. All fields are atomic, since INFO reads them from elsewhere.
type counters struct {
	rows         []rowCounters
	hits, misses atomic.Int64
	dirty        atomic.Int64
	_            [64]byte // the next worker's counters lie on other cache lines
}

// rowCounters are those of one command.
type rowCounters struct {
	calls, nanos, rejected, failed atomic.Int64
	times                          atomic.Pointer[histogram]
}

func (c *counters) row(id int) *rowCounters { return &c.rows[id] }

// histogram gives the command's latencies, made at its first call.
func (r *rowCounters) histogram() *histogram {
	h := r.times.Load()
	if h == nil {
		h = new(histogram)
		if !r.times.CompareAndSwap(nil, h) {
			h = r.times.Load()
		}
	}
	return h
}

// reset clears the counters of one command.
func (r *rowCounters) reset() {
	r.calls.Store(0)
	r.nanos.Store(0)
	r.rejected.Store(0)
	r.failed.Store(0)
	r.times.Store(nil)
}

// histogram counts durations in buckets of an eighth of a power of two of nanoseconds: 12 % wide at most.
type histogram struct {
	buckets [histogramBuckets]atomic.Uint32
}

const (
	histogramSub     = 3 // bits within a power of two
	histogramBuckets = 40 << histogramSub
)

func bucketOf(d time.Duration) int {
	n := uint64(max(d, 1))
	top := bits.Len64(n) - 1
	if top < histogramSub {
		return int(n)
	}
	return min((top-histogramSub+1)<<histogramSub+int(n>>(top-histogramSub))&(1<<histogramSub-1), histogramBuckets-1)
}

// bucketTop is the longest duration that falls into bucket i.
func bucketTop(i int) time.Duration {
	if i < 1<<histogramSub {
		return time.Duration(i)
	}
	shift := i>>histogramSub - 1
	return time.Duration((uint64(1<<histogramSub+i&(1<<histogramSub-1))+1)<<shift - 1)
}

func (h *histogram) add(d time.Duration, n int) { h.buckets[bucketOf(d)].Add(uint32(n)) }

// percentiles are the durations below which the given shares (ascending, 0 to 1) of all lie.
func percentiles(counts []uint64, shares []float64) []time.Duration {
	var total uint64
	for _, n := range counts {
		total += n
	}
	out := make([]time.Duration, len(shares))
	var seen uint64
	next := 0
	for i, n := range counts {
		seen += n
		for next < len(shares) && n > 0 && float64(seen) >= shares[next]*float64(total) {
			out[next] = bucketTop(i)
			next++
		}
	}
	return out
}

// counters gives the counters of a worker, made when it is first seen.
func (e *Engine) counters(serial int) *counters {
	slot := &e.perWorker[uint(serial)%shards]
	c := slot.Load()
	if c == nil {
		c = &counters{rows: make([]rowCounters, len(e.table.rows))}
		if !slot.CompareAndSwap(nil, c) {
			c = slot.Load()
		}
	}
	return c
}

// eachCounters visits the counters of all workers.
func (e *Engine) eachCounters(f func(*counters)) {
	for i := range e.perWorker {
		if c := e.perWorker[i].Load(); c != nil {
			f(c)
		}
	}
}

// rowTotals are the statistics of one command over all workers.
type rowTotals struct {
	calls, nanos, rejected, failed int64
	times                          []uint64 // nil: never measured
}

func (e *Engine) totals(id int) rowTotals {
	var t rowTotals
	e.eachCounters(func(c *counters) {
		r := c.row(id)
		t.calls += r.calls.Load()
		t.nanos += r.nanos.Load()
		t.rejected += r.rejected.Load()
		t.failed += r.failed.Load()
		if h := r.times.Load(); h != nil {
			if t.times == nil {
				t.times = make([]uint64, histogramBuckets)
			}
			for i := range h.buckets {
				t.times[i] += uint64(h.buckets[i].Load())
			}
		}
	})
	return t
}

// calls is the number of commands run, and of lookups that found and missed their key.
func (e *Engine) sums() (calls, hits, misses, dirty int64) {
	e.eachCounters(func(c *counters) {
		for i := range c.rows {
			calls += c.rows[i].calls.Load()
		}
		hits += c.hits.Load()
		misses += c.misses.Load()
		dirty += c.dirty.Load()
	})
	return
}

// errorKinds bounds the number of different codes counted, since scripts can make up their own.
const errorKinds = 128

// longestKind is the longest code that is counted by itself: it is kept, and scripts make up their own.
const longestKind = 128

// countError counts an error reply under its first word.
func (e *Engine) countError(s string) {
	e.errorsTotal.Add(1)
	code := s
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' {
			code = s[:i]
			break
		}
	}
	if n, ok := e.errorKinds.Load(code); ok {
		n.Inc()
		return
	}
	if e.errorKinds.Size() < errorKinds && len(code) <= longestKind { // a script may say anything
		n, _ := e.errorKinds.LoadOrCompute(strings.Clone(code), newCounter)
		n.Inc()
	}
}

// resetStats clears everything that CONFIG RESETSTAT clears.
func (e *Engine) resetStats() {
	e.eachCounters(func(c *counters) {
		for i := range c.rows {
			c.rows[i].reset()
		}
		c.hits.Store(0)
		c.misses.Store(0)
	})
	e.errorsTotal.Store(0)
	e.errorKinds.Clear()
	e.protocolErrors.Store(0)
	e.evictedClients.Store(0)
	e.expiredFields.Store(0)
	e.rates.reset()
	e.store.ResetStats()
	if s := e.server.Load(); s != nil {
		s.ResetStats()
	}
}
