// Tests of the ghosts against a plain map.
package evict

import (
	"math/rand/v2"
	"testing"
)

func TestGhostsReturnWhatWasPut(t *testing.T) {
	type entry struct{ level, stamp uint32 }
	g := newGhosts(4096)
	model := map[uint64]entry{}
	r := rand.New(rand.NewPCG(1, 2))
	now := uint32(1<<stampBits - 50_000) // wraps on the way
	lost, strangers := 0, 0
	const rounds = 200_000
	for range rounds {
		now += uint32(r.IntN(3))
		hash := mix(uint64(r.IntN(3000)))
		if r.IntN(2) == 0 {
			e := entry{uint32(r.IntN(levels)), now - uint32(r.IntN(1000))}
			g.put(hash, word(e.stamp, e.level), now)
			model[hash] = e
			continue
		}
		level, age, ok := g.take(hash, now)
		want, known := model[hash]
		delete(model, hash)
		switch {
		case !ok && known:
			lost++ // its set was full
		case ok && !known:
			strangers++
		case ok:
			// Times are kept in steps of 1<<coarse units.
			if d := int32(age) - int32(now-want.stamp); d < -1<<coarse || d > 1<<coarse || level != want.level {
				strangers++
			}
		}
	}
	if lost > rounds/50 || strangers > rounds/200 {
		t.Fatalf("of %d: %d lost, %d somebody else's", rounds, lost, strangers)
	}
}

func TestGhostsForgetTheOldestUnlessWellKnown(t *testing.T) {
	g := newGhosts(ghostWays) // one set
	hash := func(i int) uint64 { return uint64(i + 1) }
	g.put(hash(0), word(0, 3), 1000) // old, but level 3 counts for an eighth of its age
	for i := 1; i <= ghostWays; i++ {
		g.put(hash(i), word(uint32(500+16*i), 0), 1000)
	}
	if _, _, ok := g.take(hash(1), 1000); ok {
		t.Fatal("the oldest of level 0 is still there")
	}
	for _, i := range []int{0, 2, ghostWays} {
		if _, _, ok := g.take(hash(i), 1000); !ok {
			t.Fatalf("ghost %d is gone", i)
		}
	}
	if _, _, ok := g.take(hash(0), 1000); ok {
		t.Fatal("a ghost was found twice")
	}
}
