// Freeing, moving and copying whole dicts.

package dict

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// evacuate has the arena empty its sparsest spans. between is called between two calls of Compact.
func (k *keeper) evacuate(budget int, between func()) (moved int) {
	if k.a.Evacuate(1) == 0 {
		return 0
	}
	for from := uint64(0); ; {
		k.open()
		next, n := k.d.Compact(from, budget)
		k.close()
		moved += n
		if from = next; from == 0 {
			break
		}
		if between != nil {
			between()
		}
	}
	k.a.Settle()
	return moved
}

func TestCompactGivesBack(t *testing.T) {
	for _, kind := range []Kind{Set, Map} {
		r := rand.New(rand.NewPCG(1, 5))
		k := newKeeper(t, kind, 1<<32)
		for i := range 30_000 {
			k.set(fmt.Sprint("field:", i), "value", int64(i%2*(1+r.IntN(1000))))
		}
		for name := range k.model {
			if r.IntN(5) > 0 {
				k.remove(name)
			}
		}
		before := k.a.Waste()
		moved := k.evacuate(500, nil)
		k.verify()
		if after := k.a.Waste(); moved == 0 || after*4 > before {
			t.Fatalf("kind %d: %d blocks moved, waste %d before, %d after", kind, moved, before, after)
		}
	}
}

// TestCompactAmongChanges: the owner may change the dict between two steps.
func TestCompactAmongChanges(t *testing.T) {
	for seed := range uint64(6) {
		r := words{rand.New(rand.NewPCG(seed, 6))}
		k := newKeeper(t, Map, 1<<30)
		for range 10 {
			for range 800 {
				k.set(r.name(), r.value(), r.expiry())
			}
			for len(k.model) > 150 {
				k.remove(k.any(r.Rand))
			}
			k.evacuate(1+r.IntN(60), func() {
				for range r.IntN(12) {
					if r.IntN(2) == 0 && len(k.model) > 0 {
						k.remove(k.any(r.Rand))
					} else {
						k.set(r.name(), r.value(), r.expiry())
					}
				}
			})
			k.verify()
		}
		k.free(1000)
	}
}

func TestClone(t *testing.T) {
	for _, kind := range []Kind{Set, Map} {
		r := words{rand.New(rand.NewPCG(1, 8))}
		k := newKeeper(t, kind, 1<<30)
		for range 1_000 {
			k.set(r.name(), r.value(), r.expiry())
		}
		k.open()
		twin, ok := k.d.Clone()
		if !ok {
			t.Fatal("the arena is full")
		}
		k.verifyDict(&twin)
		if used := k.a.Used(); used != k.d.Bytes()+twin.Bytes() {
			t.Fatalf("two dicts of %d and %d bytes take %d", k.d.Bytes(), twin.Bytes(), used)
		}
		for !k.d.FreeStep(64) { // what is done to one is nothing to the other
		}
		k.d = twin
		k.close()
		k.verify()
		k.free(64)
	}
}

// TestCloneWithoutMemory: a copy that does not fit leaves nothing behind.
func TestCloneWithoutMemory(t *testing.T) {
	r := words{rand.New(rand.NewPCG(1, 9))}
	k := newKeeper(t, Map, 1<<20)
	for k.set(r.name(), r.value(), r.expiry()) {
	}
	k.open()
	if _, ok := k.d.Clone(); ok {
		t.Fatal("1 MB that is full holds twice what is in it")
	}
	k.verify()
	k.fill()
	if _, ok := k.d.Clone(); ok {
		t.Fatal("a full arena holds another dict")
	}
	k.verify()
	k.free(10)
}

func BenchmarkFree(b *testing.B) {
	k := newKeeper(b, Map, 8<<30)
	for n := 0; b.Loop(); {
		if n == 0 {
			b.StopTimer()
			k.d, _ = New(k.a, Map)
			for n = 0; n < 200_000; n++ {
				name := fmt.Appendf(nil, "field:%08d", n)
				k.d.Insert(k.hash(name), name, name, 0)
			}
			b.StartTimer()
		}
		before := k.d.Len()
		k.d.FreeStep(1)
		n -= before - k.d.Len()
	}
}
