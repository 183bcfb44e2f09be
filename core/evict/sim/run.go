// The replay: a fixed number of items, victims sampled as the store does it, and exact LRU to compare with.
package sim

import (
	"math/rand/v2"

	"github.com/cachesrv/cachesrv/core/evict"
)

// Result counts the accesses of one replay.
type Result struct{ Hits, Accesses int }

// Ratio is the share of hits in percent.
func (r Result) Ratio() float64 { return 100 * float64(r.Hits) / float64(max(r.Accesses, 1)) }

// Hash is the 64-bit hash of a key number, different for every seed.
func Hash(key uint32, seed uint64) uint64 {
	x := uint64(key) + seed*0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Clock is a time for policies that want one; Run advances it by a second with every access, so
// that LRU's seconds tell accesses apart.
type Clock struct{ ms int64 }

// NowMs is the current time.
func (c *Clock) NowMs() int64 { return c.ms }

// Run replays a trace with room for capacity items; keys are numbers below 2*Distinct. A lookup that finds
// nothing inserts the key, after a sampled victim has made room.
func Run(p evict.Policy, clock *Clock, t Trace, capacity int, seed uint64) Result {
	rnd := rand.New(rand.NewPCG(seed, 1))
	where := make([]int32, 2*t.Distinct+1) // position in items plus one
	items := make([]evict.Candidate, 0, capacity)
	cands := make([]evict.Candidate, max(p.Samples(), 1))
	at := make([]int, len(cands))
	r := Result{Accesses: len(t.Keys)}
	p.Resize(capacity)
	for _, key := range t.Keys {
		clock.ms += 1000
		if i := where[key]; i > 0 {
			r.Hits++
			items[i-1].Access = p.Hit(items[i-1].Hash, items[i-1].Access)
			continue
		}
		h := Hash(key, seed)
		if p.WantsMiss() {
			p.Miss(h)
		}
		if len(items) == capacity {
			for i := range cands {
				at[i] = rnd.IntN(capacity)
				cands[i] = items[at[i]]
			}
			v := p.Pick(cands)
			if v < 0 {
				continue // noeviction: the write is refused
			}
			p.Evicted(cands[v])
			where[items[at[v]].Ref] = 0
			last := items[capacity-1]
			items[at[v]] = last
			where[last.Ref] = int32(at[v]) + 1
			if at[v] == capacity-1 {
				where[last.Ref] = 0
			}
			items = items[:capacity-1]
		}
		items = append(items, evict.Candidate{Hash: h, Access: p.Insert(h, 1, 0), Ref: uint64(key), Size: 1})
		where[key] = int32(len(items))
	}
	return r
}

// ExactLRU replays a trace through a true least-recently-used list.
func ExactLRU(t Trace, capacity int) Result {
	const nobody = ^uint32(0)
	n := 2*t.Distinct + 1
	prev, next := make([]uint32, n), make([]uint32, n)
	in := make([]bool, n)
	head, tail, held := nobody, nobody, 0
	unlink := func(k uint32) {
		if prev[k] != nobody {
			next[prev[k]] = next[k]
		} else {
			head = next[k]
		}
		if next[k] != nobody {
			prev[next[k]] = prev[k]
		} else {
			tail = prev[k]
		}
	}
	r := Result{Accesses: len(t.Keys)}
	for _, k := range t.Keys {
		switch {
		case in[k]:
			r.Hits++
			unlink(k)
		case held == capacity:
			in[tail] = false
			unlink(tail)
			in[k] = true
		default:
			held++
			in[k] = true
		}
		prev[k], next[k] = nobody, head
		if head != nobody {
			prev[head] = k
		} else {
			tail = k
		}
		head = k
	}
	return r
}
