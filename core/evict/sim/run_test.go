// Tests of the replay against plain models.
package sim

import (
	"math"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core/evict"
)

// Exact LRU against a slice that is searched.
func TestExactLRU(t *testing.T) {
	for _, trace := range Synthetic(5000, 1) {
		for _, capacity := range []int{1, 7, 100} {
			var list []uint32
			hits := 0
			for _, k := range trace.Keys {
				if i := slices.Index(list, k); i >= 0 {
					hits++
					list = slices.Delete(list, i, i+1)
				} else if len(list) == capacity {
					list = list[1:]
				}
				list = append(list, k)
			}
			if got := ExactLRU(trace, capacity); got.Hits != hits || got.Accesses != len(trace.Keys) {
				t.Errorf("%s, %d: %+v, want %d hits", trace.Name, capacity, got, hits)
			}
		}
	}
}

// fullScan is LRU that looks at every item: Run with it must equal exact LRU. It also checks what Run tells policies.
type fullScan struct {
	evict.Policy
	t        *testing.T
	now      uint32
	capacity int
	in       map[uint64]uint32
}

func (p *fullScan) Insert(hash uint64, _ uint32, _ int64) uint32 {
	if _, ok := p.in[hash]; ok || len(p.in) == p.capacity {
		p.t.Fatalf("insert of %x into %d items", hash, len(p.in))
	}
	p.now++
	p.in[hash] = p.now
	return p.now
}

func (p *fullScan) Hit(hash uint64, access uint32) uint32 {
	if p.in[hash] != access {
		p.t.Fatalf("hit of %x with word %d, want %d", hash, access, p.in[hash])
	}
	p.now++
	p.in[hash] = p.now
	return p.now
}

func (p *fullScan) Pick(cands []evict.Candidate) int {
	best := 0
	for i, c := range cands {
		if p.in[c.Hash] != c.Access {
			p.t.Fatalf("candidate %+v, want word %d", c, p.in[c.Hash])
		}
		if c.Access < cands[best].Access {
			best = i
		}
	}
	return best
}

func (p *fullScan) Evicted(c evict.Candidate) { delete(p.in, c.Hash) }

func (p *fullScan) Samples() int { return 40 * p.capacity } // all of them, but for a chance of e^-40 each

func TestRunKeepsTheBooks(t *testing.T) {
	clock := &Clock{}
	plain, err := evict.New("allkeys-lru", evict.Options{NowMs: clock.NowMs})
	if err != nil {
		t.Fatal(err)
	}
	for _, trace := range Synthetic(3000, 1) {
		const capacity = 10
		p := &fullScan{Policy: plain, t: t, capacity: capacity, in: map[uint64]uint32{}}
		got, want := Run(p, clock, trace, capacity, 1), ExactLRU(trace, capacity)
		if got != want {
			t.Errorf("%s: %+v, want %+v", trace.Name, got, want)
		}
	}
}

func TestSampledLRUIsNearExact(t *testing.T) {
	for _, trace := range Synthetic(40_000, 1)[:3] {
		got, err := Ratio("allkeys-lru", 10, trace, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Ratio(Exact, 0, trace, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want) > 2 {
			t.Errorf("%s: %.1f, exact %.1f", trace.Name, got, want)
		}
	}
}
