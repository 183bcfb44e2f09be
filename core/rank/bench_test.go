// What a sorted set of a million members costs, in bytes and in time. Orders of use are random, as on a leaderboard.

package rank

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/table"
)

const million = 1_000_000

// board is a tree of a million members of 15 bytes.
type board struct {
	a    *arena.Arena
	tree Tree
	all  []arena.Ref
	r    *rand.Rand
}

func newBoard(b *testing.B, score func(r *rand.Rand, i int) float64) *board {
	a := newArena(b)
	d := &board{a: a, tree: Open(a, Root{}), r: rand.New(rand.NewPCG(1, 1))}
	for i := range million {
		m := NewMember(a, score(d.r, i), []byte(fmt.Sprintf("player:%08d", i)))
		d.tree.Insert(m)
		d.all = append(d.all, m)
	}
	return d
}

func fraction(r *rand.Rand, _ int) float64 { return r.Float64() * 1e6 }
func points(r *rand.Rand, _ int) float64   { return float64(r.IntN(1000)) }

// BenchmarkBytesPerMember loads a million members of 15 bytes with a table as their index, then gives them other scores.
func BenchmarkBytesPerMember(b *testing.B) {
	for _, kind := range []struct {
		name string
		pick func(r *rand.Rand, i int) float64
	}{{"fractions", fraction}, {"points", points}, {"up", func(_ *rand.Rand, i int) float64 { return float64(i) }}} {
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				d := newBoard(b, kind.pick)
				index, _ := table.New(d.a)
				for _, m := range d.all {
					index.Insert(d.r.Uint64(), m, false)
				}
				b.ReportMetric(float64(d.tree.NodeBytes())/million, "B-nodes")
				b.ReportMetric(float64(d.tree.Bytes())/million, "B-tree+blocks")
				b.ReportMetric(float64(d.a.Mapped())/million, "B-all-mapped")
				for range 2 * million {
					d.tree.Update(d.all[d.r.IntN(million)], fraction(d.r, 0))
				}
				b.ReportMetric(float64(d.tree.NodeBytes())/million, "B-nodes-updated")
				b.ReportMetric(float64(d.a.Mapped())/million, "B-all-mapped-updated")
			}
		})
	}
}

func BenchmarkMillion(b *testing.B) {
	for _, kind := range []struct {
		name string
		pick func(r *rand.Rand, i int) float64
	}{{"fractions", fraction}, {"points", points}} {
		d := newBoard(b, kind.pick)
		some := func() arena.Ref { return d.all[d.r.IntN(million)] }
		b.Run(kind.name+"/update", func(b *testing.B) {
			for b.Loop() {
				d.tree.Update(some(), kind.pick(d.r, 0))
			}
		})
		b.Run(kind.name+"/nudge", func(b *testing.B) { // ZINCRBY with a little
			for b.Loop() {
				m := some()
				d.tree.Update(m, Score(d.a, m)+1)
			}
		})
		b.Run(kind.name+"/rank", func(b *testing.B) {
			for b.Loop() {
				d.tree.Rank(some())
			}
		})
		b.Run(kind.name+"/below", func(b *testing.B) {
			for b.Loop() {
				d.tree.Below(kind.pick(d.r, 0), false)
			}
		})
		b.Run(kind.name+"/delete+insert", func(b *testing.B) {
			for b.Loop() {
				m := some()
				d.tree.Delete(m)
				d.tree.Insert(m)
			}
		})
		b.Run(kind.name+"/top10", func(b *testing.B) {
			for b.Loop() {
				c := d.tree.Seek(d.tree.Len() - 1)
				for range 10 {
					m, _, _ := d.tree.Descend(&c)
					sink += len(Name(d.a, m))
				}
			}
		})
		b.Run(kind.name+"/any100", func(b *testing.B) {
			for b.Loop() {
				c := d.tree.Seek(d.r.IntN(million - 100))
				for range 100 {
					m, _, _ := d.tree.Ascend(&c)
					sink += len(Name(d.a, m))
				}
			}
		})
	}
}

// BenchmarkBuild is the time of one member.
func BenchmarkBuild(b *testing.B) {
	d := newBoard(b, fraction)
	sorted := make([]arena.Ref, 0, million)
	c := d.tree.Seek(0)
	for m, _, ok := d.tree.Ascend(&c); ok; m, _, ok = d.tree.Ascend(&c) {
		sorted = append(sorted, m)
	}
	b.Run("sorted", func(b *testing.B) {
		d.tree.FreeStep(2*million, func(arena.Ref) {})
		for i := 0; b.Loop(); i++ {
			if i > 0 && i%million == 0 {
				d.tree.FreeStep(2*million, func(arena.Ref) {})
			}
			d.tree.Insert(sorted[i%million])
		}
	})
	b.Run("builder", func(b *testing.B) {
		build := NewBuilder(d.a)
		for i := 0; b.Loop(); i++ {
			if i%million == 0 {
				build.Abandon()
			}
			build.Add(sorted[i%million])
		}
		build.Abandon()
	})
}

var sink int
