// Sorted sets as items' structures: changed, copied, moved, compacted and freed by the store, against a Go map.

package core

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/cachesrv/cachesrv/core/racing"
	"github.com/cachesrv/cachesrv/core/sorted"
)

// boards are sorted sets of numbers by name, in a store and in a model.
type boards struct {
	*testing.T
	s     *Store
	tx    *Tx
	model map[string]map[string]float64
}

func (x *boards) under(f func(keys []Key), names ...string) {
	var keys []Key
	for _, n := range names {
		keys = append(keys, x.s.Key([]byte(n)))
	}
	x.tx.Lock(keys)
	defer x.tx.Unlock()
	f(keys)
}

// change gives n members scores, or removes them; it makes the board if need be.
func (x *boards) change(name string, r *rand.Rand, n int, add bool) {
	x.under(func(keys []Key) {
		k, m := keys[0], x.model[name]
		if m == nil {
			z, ok := sorted.New(x.s.mem)
			if !ok {
				x.Fatal("no memory")
			}
			root := make([]byte, sorted.RootBytes)
			z.Encode(root)
			if err := x.tx.Put(0, k, Value{Bytes: root, Type: SortedSet, Enc: 2, Owns: true}); err != nil {
				x.Fatal(err)
			}
			m = map[string]float64{}
			x.model[name] = m
		}
		e := x.tx.Edit(0, k, x.tx.Read(0, k))
		z := sorted.Open(x.s.mem, e.Root)
		for range n {
			member := strconv.AppendInt(nil, r.Int64N(3_000), 10)
			hash, score := x.tx.Hash(member), float64(r.IntN(100))
			switch found := z.Find(hash, member); {
			case add && found == 0:
				z.Insert(hash, member, score)
				m[string(member)] = score
			case add:
				z.Update(found, score)
				m[string(member)] = score
			case found != 0:
				z.Remove(hash, found)
				delete(m, string(member))
			}
		}
		z.Encode(e.Root)
		e.Done()
	}, name)
}

func (x *boards) verify() {
	x.Helper()
	n := 0
	x.tx.Each(0, func(it Item) bool {
		n++
		z := sorted.Open(x.s.mem, it.Value())
		got, last, c := map[string]float64{}, -1.0, z.Seek(0)
		for m, score, ok := z.Ascend(&c); ok; m, score, ok = z.Ascend(&c) {
			if score < last {
				x.Fatalf("%s is out of order", it.Name())
			}
			last = score
			got[string(z.Name(m))] = score
		}
		if !maps.Equal(got, x.model[string(it.Name())]) {
			x.Fatalf("%s has %d members, not as it should be", it.Name(), len(got))
		}
		return true
	})
	if n != len(x.model) {
		x.Fatalf("%d boards, want %d", n, len(x.model))
	}
}

func TestSortedBodiesUnderRandomOperations(t *testing.T) {
	for seed := range uint64(3) {
		s, tx, _ := clocked(t, Options{Shards: 4})
		x := &boards{T: t, s: s, tx: tx, model: map[string]map[string]float64{}}
		r := rand.New(rand.NewPCG(seed, 8))
		for i := range racing.Times(600) {
			a, b := "b"+strconv.Itoa(r.IntN(9)), "b"+strconv.Itoa(r.IntN(9))
			switch op := r.IntN(20); {
			case op < 8:
				x.change(a, r, r.IntN(80), true)
			case op == 8: // too big to be freed at once
				x.change(a, r, 6_000, true)
			case op < 13:
				x.change(a, r, r.IntN(900), false)
			case op < 15:
				x.under(func(keys []Key) { x.tx.Delete(0, keys[0]) }, a)
				delete(x.model, a)
			case op == 15:
				x.under(func(keys []Key) {
					if ok, err := x.tx.Move(0, keys[0], 0, keys[1]); ok && err == nil && a != b {
						x.model[b] = x.model[a]
						delete(x.model, a)
					}
				}, a, b)
			case op < 18:
				x.under(func(keys []Key) {
					if ok, err := x.tx.Copy(0, keys[0], 0, keys[1]); ok && err == nil && a != b {
						x.model[b] = maps.Clone(x.model[a])
					}
				}, a, b)
			default:
				x.s.Compact()
			}
			if i%100 == 0 {
				x.verify()
			}
		}
		x.verify()
		(&sets{T: t, s: s}).settle()
		audit(t, s)
	}
}
