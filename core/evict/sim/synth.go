// Made-up traces that no policy was tuned on: popularity, scans, shifting hot spots, loops, stacks.
package sim

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"sort"
)

// Synthetic makes the traces of about n accesses each.
func Synthetic(n int, seed uint64) []Trace {
	r := rand.New(rand.NewPCG(seed, 2))
	keys := max(n/20, 10)
	return []Trace{
		generate("zipf 0.6", n, zipf(r, keys, 0.6)),
		generate("zipf 0.9", n, zipf(r, keys, 0.9)),
		generate("zipf 1.2", n, zipf(r, keys, 1.2)),
		generate("uniform", n, func() uint32 { return uint32(r.IntN(keys)) }),
		generate("zipf and scans", n, scans(r, keys)),
		generate("drift", n, drift(r, keys)),
		generate("jump", n, jump(r, keys, n/8)),
		generate("stack", n, stack(r)),
		generate("loop and zipf", n, loops(r, keys)),
		generate("recency then loop", n, phases(r, keys, n/4)),
		generate("once or twice", n, twice(r)),
	}
}

// Contest makes the traces on which whole servers are compared: n accesses each, to some multiple of that many keys. They come one
// at a time, since a trace takes 4 bytes an access.
func Contest(keys, n int, seed uint64) iter.Seq[Trace] {
	return func(yield func(Trace) bool) {
		for i, load := range contest {
			r := rand.New(rand.NewPCG(seed, uint64(3+i)))
			if !yield(generate(load.name, n, load.make(r, keys, n))) {
				return
			}
		}
	}
}

// contest is the traces of Contest.
var contest = []struct {
	name string
	make func(r *rand.Rand, keys, n int) func() uint32
}{
	{"zipf 0.9", func(r *rand.Rand, keys, _ int) func() uint32 { return zipf(r, keys, 0.9) }},
	{"zipf 1.1", func(r *rand.Rand, keys, _ int) func() uint32 { return zipf(r, keys, 1.1) }},
	{"scans", func(r *rand.Rand, keys, _ int) func() uint32 { return scans(r, keys) }},
	{"loop", func(_ *rand.Rand, keys, _ int) func() uint32 { return loop(keys) }},
	{"drift", func(r *rand.Rand, keys, _ int) func() uint32 { return drift(r, keys) }},
	{"jump", func(r *rand.Rand, keys, n int) func() uint32 { return jump(r, keys, max(n/8, 1)) }},
}

// generate renumbers the keys by first appearance.
func generate(name string, n int, next func() uint32) Trace {
	number := make(map[uint32]uint32)
	t := Trace{Name: name, Keys: make([]uint32, n)}
	for i := range t.Keys {
		k := next()
		v, ok := number[k]
		if !ok {
			v = uint32(len(number))
			number[k] = v
		}
		t.Keys[i] = v
	}
	t.Distinct = len(number)
	return t
}

func zipf(r *rand.Rand, keys int, s float64) func() uint32 {
	sums := make([]float64, keys)
	sum := 0.0
	for i := range sums {
		sum += math.Pow(float64(i+1), -s)
		sums[i] = sum
	}
	return func() uint32 { return uint32(sort.SearchFloat64s(sums, r.Float64()*sum)) }
}

// scans: popular keys, and every so often a run of keys that never come back.
func scans(r *rand.Rand, keys int) func() uint32 {
	popular := zipf(r, keys, 0.9)
	fresh, left := uint32(keys), 0
	return func() uint32 {
		if left == 0 && r.IntN(keys*2) == 0 {
			left = keys / 2
		}
		if left > 0 {
			left--
			fresh++
			return fresh
		}
		return popular()
	}
}

// drift: the ranking moves on by a key every few accesses.
func drift(r *rand.Rand, keys int) func() uint32 {
	popular := zipf(r, keys, 0.9)
	n := uint32(0)
	return func() uint32 { n++; return popular() + n/8 }
}

// jump: all popular keys are replaced by others at once.
func jump(r *rand.Rand, keys, every int) func() uint32 {
	popular := zipf(r, keys/4, 0.9)
	n := 0
	return func() uint32 { n++; return popular() + uint32(n/every*keys) }
}

// stack: what was used lately is used again, at distances spread evenly over the logarithm.
func stack(r *rand.Rand) func() uint32 {
	var used []uint32
	fresh := uint32(0)
	return func() uint32 {
		k := fresh
		if len(used) > 10 && r.Float64() > 0.2 {
			k = used[len(used)-1-int(math.Exp(r.Float64()*math.Log(float64(len(used)))))%len(used)]
		} else {
			fresh++
		}
		used = append(used, k)
		return k
	}
}

// loop: every key in turn, again and again.
func loop(keys int) func() uint32 {
	n := 0
	return func() uint32 { n++; return uint32(n % keys) }
}

// loops: half popular keys, half one long loop.
func loops(r *rand.Rand, keys int) func() uint32 {
	popular := zipf(r, keys, 0.9)
	n := 0
	return func() uint32 {
		if r.IntN(2) == 0 {
			return popular()
		}
		n++
		return uint32(keys + n%keys)
	}
}

// phases: stack and loop in turn.
func phases(r *rand.Rand, keys, every int) func() uint32 {
	recent := stack(r)
	n := 0
	return func() uint32 {
		n++
		if n/every%2 == 0 {
			return recent()
		}
		return uint32(1<<30 + n%(keys/2))
	}
}

// twice: a stream of new keys, each of which comes once more after a while, or not.
func twice(r *rand.Rand) func() uint32 {
	fresh := uint32(0)
	var again []uint32
	return func() uint32 {
		if len(again) > 1000 && r.IntN(2) == 0 {
			k := again[0]
			again = again[1:]
			return k
		}
		fresh++
		if r.IntN(2) == 0 {
			again = append(again, fresh)
		}
		return fresh
	}
}

// Describe is a line about a trace.
func (t Trace) Describe() string {
	return fmt.Sprintf("%s: %d accesses to %d keys", t.Name, len(t.Keys), t.Distinct)
}
