// What a sorted set of a million members costs, in bytes and in time. Orders of use are random, as on a leaderboard.

package sorted

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

const million = 1_000_000

func names() [][]byte {
	all := make([][]byte, million)
	for i := range all {
		all[i] = []byte(fmt.Sprintf("player:%08d", i))
	}
	return all
}

func board(b *testing.B, all [][]byte) (*twin, *rand.Rand) {
	w := newTwin(b)
	r := rand.New(rand.NewPCG(1, 1))
	for _, name := range all {
		w.set.Insert(w.hash(name), name, r.Float64()*1e6)
	}
	return w, r
}

func BenchmarkBytesPerMember(b *testing.B) {
	all := names()
	for b.Loop() {
		w, r := board(b, all)
		b.ReportMetric(float64(w.set.Bytes())/million, "B")
		b.ReportMetric(float64(w.a.Mapped())/million, "B-mapped")
		for range million {
			name := all[r.IntN(million)]
			w.set.Update(w.set.Find(w.hash(name), name), r.Float64()*1e6)
		}
		b.ReportMetric(float64(w.a.Mapped())/million, "B-mapped-updated")
	}
}

func BenchmarkMillion(b *testing.B) {
	all := names()
	w, r := board(b, all)
	b.Run("update", func(b *testing.B) {
		for b.Loop() {
			name := all[r.IntN(million)]
			w.set.Update(w.set.Find(w.hash(name), name), r.Float64()*1e6)
		}
	})
	b.Run("rank", func(b *testing.B) {
		for b.Loop() {
			name := all[r.IntN(million)]
			w.set.Rank(w.set.Find(w.hash(name), name))
		}
	})
	b.Run("clone", func(b *testing.B) {
		for b.Loop() {
			c, _ := w.set.Clone()
			c.FreeStep(3 * million)
		}
	})
}

// BenchmarkDraft makes a set of a million members, each way.
func BenchmarkDraft(b *testing.B) {
	all := names()
	w := newTwin(b)
	r := rand.New(rand.NewPCG(1, 1))
	score := map[string]func() float64{"fractions": r.Float64, "equal": func() float64 { return 1 }}
	for _, kind := range []string{"fractions", "equal"} {
		b.Run(kind+"/draft", func(b *testing.B) {
			for b.Loop() {
				d, _ := NewDraft(w.a)
				for _, name := range all {
					d.Insert(w.hash(name), name, score[kind]())
				}
				s, _ := d.Finish()
				s.FreeStep(3 * million)
			}
		})
		b.Run(kind+"/insert", func(b *testing.B) {
			for b.Loop() {
				s, _ := New(w.a)
				for _, name := range all {
					s.Insert(w.hash(name), name, score[kind]())
				}
				s.FreeStep(3 * million)
			}
		})
	}
}
