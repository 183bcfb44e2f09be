// Tests of the counters and their histogram.

package redis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

func TestHistogramBuckets(t *testing.T) {
	last := -1
	for d := time.Duration(1); d < time.Hour; d += 1 + d/20 {
		i := bucketOf(d)
		if i < last || i >= histogramBuckets {
			t.Fatalf("%v: bucket %d after %d", d, i, last)
		}
		last = i
		if top := bucketTop(i); i < histogramBuckets-1 && (top < d || float64(top) > float64(d)*1.13+1) {
			t.Fatalf("%v: bucket %d ends at %v", d, i, top)
		}
	}
	if bucketOf(0) != bucketOf(1) || bucketOf(-5) != bucketOf(1) {
		t.Error("nothing and less are the shortest")
	}
}

func TestPercentiles(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	var h histogram
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(rnd.ExpFloat64() * 1e5)
		all = append(all, d)
		h.add(d, 1)
	}
	slices.Sort(all)
	counts := make([]uint64, histogramBuckets)
	for i := range counts {
		counts[i] = uint64(h.buckets[i].Load())
	}
	for i, p := range percentiles(counts, []float64{0.5, 0.99, 0.999}) {
		want := all[[]int{5000, 9900, 9990}[i]]
		if float64(p) < float64(want)*0.85 || float64(p) > float64(want)*1.2 {
			t.Errorf("%v, want about %v", p, want)
		}
	}
}

// TestCountersOfManyWorkers: totals are right while workers, more than there are shards, count at once.
func TestCountersOfManyWorkers(t *testing.T) {
	e := newRig(t, core.Options{}).e
	get := e.table.find([]byte("get"))
	var wg sync.WaitGroup
	for serial := range 2 * shards {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 100 {
				c := e.counters(serial)
				c.row(get.id).calls.Add(1)
				c.row(get.id).histogram().add(time.Microsecond, 2)
				c.hits.Add(1)
			}
		}()
	}
	wg.Wait()
	n := uint64(0)
	for _, k := range e.totals(get.id).times {
		n += k
	}
	if calls, hits, _, _ := e.sums(); calls != 200*shards || hits != 200*shards || n != 400*shards {
		t.Errorf("%d calls, %d hits, %d times", calls, hits, n)
	}
}

// TestErrorKindsBounded: codes that clients make up do not fill the memory.
func TestErrorKindsBounded(t *testing.T) {
	e := newRig(t, core.Options{}).e
	for i := range 10_000 {
		e.countError(fmt.Sprintf("E%d text", i))
	}
	e.countError("ONE")
	if n := e.errorKinds.Size(); n > errorKinds {
		t.Errorf("%d kinds", n)
	}
	e.errorKinds.Clear()
	e.countError(strings.Repeat("X", longestKind+1))
	e.countError(strings.Repeat("X", longestKind) + " text")
	if n := e.errorKinds.Size(); n != 1 {
		t.Errorf("%d kinds, of a code that is too long and one that is not", n)
	}
	if e.errorsTotal.Load() != 10_003 {
		t.Error("some were not counted")
	}
}
