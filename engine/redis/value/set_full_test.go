// Sets where memory ends again and again, against a plain map, kept in each of the three ways.

package value

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
)

// openSet is the set as a command finds it.
func (b *bench) openSet() Set { return OpenSet(At(b.tx, b.lim, 0, b.key, b.tx.Find(0, b.key))) }

// fill uses memory up with items of many sizes, so that there is hardly a free block of any class.
func (b *bench) fill() (n int) {
	for size := 60_000; size > 0; size = size * 9 / 10 {
		for {
			k := b.store.Key(fmt.Appendf(nil, "filler%d", n))
			b.tx.Lock1(k)
			err := b.tx.Put(0, k, core.Value{Bytes: make([]byte, size)})
			b.tx.Unlock()
			if err != nil {
				break
			}
			n++
		}
	}
	return n
}

// drain frees some of the fillers.
func (b *bench) drain(n, some int) {
	for range some {
		k := b.store.Key(fmt.Appendf(nil, "filler%d", b.r.IntN(n)))
		b.tx.Lock1(k)
		b.tx.Delete(0, k)
		b.tx.Unlock()
	}
}

func (b *bench) member() string {
	switch b.r.IntN(8) {
	case 0:
		return fmt.Sprint("member:", b.r.IntN(100))
	case 1:
		return fmt.Sprint(b.r.Int64() >> b.r.IntN(64))
	}
	return fmt.Sprint(b.r.IntN(60))
}

// stepSet does one random operation to the set and to its model. Where memory is used up, an operation may fail and then has done nothing.
func (b *bench) stepSet(model map[string]bool) {
	b.t.Helper()
	s, m := b.openSet(), b.member()
	switch op := b.r.IntN(10); {
	case op < 5:
		err := s.Expect([]byte(m), 1)
		added := false
		if err == nil {
			added, err = s.Add([]byte(m))
		}
		if err == nil && added == model[m] {
			b.t.Fatalf("adding %q: %v, %v, there: %v", m, added, err, model[m])
		}
		if err == nil {
			model[m] = true
		}
	case op < 8:
		if gone := s.Remove([]byte(m)); gone != model[m] {
			b.t.Fatalf("removing %q: %v", m, gone)
		}
		delete(model, m)
	case len(model) == 0:
	case op == 8:
		m = string(s.Pop(nil))
		if !model[m] {
			b.t.Fatalf("%q popped", m)
		}
		delete(model, m)
	case len(model) > 2:
		var gone []string
		err := s.PopMany(1+b.r.IntN(len(model)-1), func(e pack.Elem) { gone = append(gone, string(e.Append(nil))) })
		for _, m := range gone {
			if err == nil {
				delete(model, m)
			}
		}
	}
	s.Done()
}

func (b *bench) compareSet(model map[string]bool) {
	b.t.Helper()
	s := b.openSet()
	var have []string
	for i := s.Iter(); i.Next(); {
		have = append(have, string(i.Text()))
	}
	slices.Sort(have)
	if want := slices.Sorted(maps.Keys(model)); !slices.Equal(have, want) || s.Len() != len(model) || s.Ok() != (len(model) > 0) {
		b.t.Fatalf("%d members %q, want %q", s.Len(), have, want)
	}
	if m := b.member(); s.Has([]byte(m)) != model[m] {
		b.t.Fatalf("has %q: %v", m, !model[m])
	}
}

func TestSetWhereMemoryEnds(t *testing.T) {
	for name, small := range map[string][2]int{"small": {512, 128}, "border": {20, 30}, "big": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 2<<20, 3)
			b.limit("set-max-intset-entries", small[0])
			b.limit("set-max-listpack-entries", small[1])
			model, fillers := map[string]bool{}, 0
			for i := range 4000 {
				if i%100 == 50 {
					fillers = b.fill()
				}
				b.tx.Lock1(b.key)
				b.stepSet(model)
				b.compareSet(model)
				b.tx.Unlock()
				if i%100 == 0 && fillers > 0 {
					b.drain(fillers, fillers/4)
				}
			}
		})
	}
}
