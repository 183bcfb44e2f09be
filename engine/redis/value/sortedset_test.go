// Sorted sets in both forms, and between them, against a plain model under random operations.

package value

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
)

// shelf is a store with one key of interest, and the limits of packed collections.
type shelf struct {
	t   testing.TB
	set *config.Settings
	lim *Limits
	tx  *core.Tx
	key core.Key
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	store, err := core.Open(core.Options{Shards: 2, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	s := &shelf{t: t, set: config.Defaults(config.Redis), tx: store.NewTx(), key: store.Key([]byte("board"))}
	s.lim = NewLimits(s.set)
	s.tx.Enter()
	s.tx.Lock1(s.key)
	t.Cleanup(func() { s.tx.Unlock(); s.tx.Leave() })
	return s
}

func (s *shelf) limit(name, n string) {
	if err := s.set.Set(name, n); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) sorted() SortedSet {
	return OpenSortedSet(At(s.tx, s.lim, 0, s.key, s.tx.Find(0, s.key)))
}

type scored struct {
	name  string
	score float64
}

type scoreModel map[string]float64

func (m scoreModel) sorted() []scored {
	var all []scored
	for name, score := range m {
		all = append(all, scored{name, score})
	}
	slices.SortFunc(all, func(x, y scored) int {
		return cmp.Or(cmp.Compare(x.score, y.score), strings.Compare(x.name, y.name))
	})
	return all
}

// put is Put in the words of ZADD's documentation.
func (m scoreModel) put(name string, score float64, how Change) (float64, Outcome, error) {
	old, there := m[name]
	switch {
	case there && how&IfNew != 0, !there && how&IfThere != 0:
		return 0, Refused, nil
	case !there:
		m[name] = score
		return score, Added, nil
	case how&Increment != 0:
		score += old
	}
	switch {
	case math.IsNaN(score):
		return 0, Refused, ErrNaN
	case how&IfGreater != 0 && score <= old, how&IfLess != 0 && score >= old:
		return 0, Refused, nil
	case score == old:
		return score, Same, nil
	}
	m[name] = score
	return score, Updated, nil
}

func modelScore(r *rand.Rand) float64 {
	switch r.IntN(8) {
	case 0:
		return []float64{math.Inf(1), math.Inf(-1), 0, 1e17, -5e18, 1e-7, 1 << 53, math.MaxFloat64}[r.IntN(8)]
	case 1, 2:
		return math.Round(r.NormFloat64()*1e4) / 100
	}
	return float64(r.IntN(20) - 5)
}

func modelName(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return fmt.Sprint(r.IntN(2000) - 500)
	case 1:
		return strings.Repeat("x", r.IntN(80))
	case 2:
		return string([]byte{byte(r.IntN(256)), 0, 255})
	}
	return fmt.Sprint("m", r.IntN(150))
}

func TestSortedSetModel(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 5))
			s := newShelf(t)
			m := scoreModel{}
			forms := map[bool]int{}
			for i := range 6_000 {
				if i%500 == 0 {
					s.limit("zset-max-listpack-entries", []string{"0", "8", "128", "100000"}[r.IntN(4)])
					s.limit("zset-max-listpack-value", []string{"3", "64"}[r.IntN(2)])
				}
				if i%700 == 699 {
					s.tx.Delete(0, s.key)
					clear(m)
				}
				s.step(r, m)
				z := s.sorted()
				if z.Ok() {
					forms[z.big()]++
				}
				if i%40 == 0 {
					s.same(m)
				}
			}
			if forms[true] < 200 || forms[false] < 200 {
				t.Errorf("forms seen: %v", forms)
			}
		})
	}
}

func (s *shelf) step(r *rand.Rand, m scoreModel) {
	s.t.Helper()
	z := s.sorted()
	name := modelName(r)
	all := m.sorted()
	if len(all) > 0 && r.IntN(2) == 0 {
		name = all[r.IntN(len(all))].name
	}
	switch op := r.IntN(20); {
	case op < 12:
		how := []Change{0, 0, 0, IfNew, IfThere, IfGreater, IfLess, Increment, Increment | IfGreater, IfThere | IfLess}[r.IntN(10)]
		score := modelScore(r)
		got, outcome, err := z.Put([]byte(name), score, how)
		want, wantOutcome, wantErr := m.put(name, score, how)
		if got != want || outcome != wantOutcome || err != wantErr {
			s.t.Fatalf("put %q %v %b: %v %v %v, want %v %v %v", name, score, how, got, outcome, err, want, wantOutcome, wantErr)
		}
	case op < 15:
		ok, err := z.Remove([]byte(name))
		if _, there := m[name]; ok != there || err != nil {
			s.t.Fatalf("remove %q: %v %v", name, ok, err)
		}
		delete(m, name)
	case op == 15:
		from := r.IntN(len(all) + 1)
		span := Span{from, from + r.IntN(6)}
		n, err := z.RemoveSpan(span)
		gone := all[from:min(len(all), span.To)]
		if n != len(gone) || err != nil {
			s.t.Fatalf("%d of %v removed, want %d (%v)", n, span, len(gone), err)
		}
		for _, g := range gone {
			delete(m, g.name)
		}
	default:
		s.ask(r, &z, all)
	}
	z.Finish()
}

// ask compares what a range of scores holds, and one member.
func (s *shelf) ask(r *rand.Rand, z *SortedSet, all []scored) {
	q := ScoreRange{modelScore(r), modelScore(r), r.IntN(2) == 0, r.IntN(2) == 0}
	n, first := 0, -1
	for i, x := range all {
		if !q.below(x.score) && !q.above(x.score) {
			if n++; first < 0 {
				first = i
			}
		}
	}
	if span := z.ScoreSpan(&q); span.Len() != n || n > 0 && span.From != first {
		s.t.Fatalf("%+v is %v, want %d from %d", q, span, n, first)
	}
	if len(all) == 0 {
		return
	}
	i := r.IntN(len(all))
	rank, score, ok := z.Rank([]byte(all[i].name))
	if !ok || rank != i || score != all[i].score {
		s.t.Fatalf("rank of %v is %d %v %v, want %d", all[i], rank, score, ok, i)
	}
	w := z.From(i, true)
	for ; i >= 0; i-- {
		if e, ok := w.Next(); !ok || !e.Equal([]byte(all[i].name)) || w.Score() != all[i].score {
			s.t.Fatalf("going down, rank %d is %s %v", i, e.Append(nil), w.Score())
		}
	}
	if _, ok := w.Next(); ok {
		s.t.Fatal("something before the first")
	}
}

func (s *shelf) same(m scoreModel) {
	s.t.Helper()
	z := s.sorted()
	all := m.sorted()
	if z.Len() != len(all) || z.Ok() != (len(all) > 0) {
		s.t.Fatalf("%d members, want %d", z.Len(), len(all))
	}
	w := z.From(0, false)
	for i, x := range all {
		e, ok := w.Next()
		if score, there := z.Score([]byte(x.name)); !ok || !e.Equal([]byte(x.name)) || w.Score() != x.score || !there || score != x.score {
			s.t.Fatalf("rank %d is %s %v, want %v", i, e.Append(nil), w.Score(), x)
		}
	}
	if !z.big() && z.Ok() && (len(z.it.Value()) != len(z.packed()) || !z.packed().Valid(true)) {
		s.t.Fatalf("the listpack is no listpack: %q", z.it.Value())
	}
	seen := map[string]bool{}
	for cursor := uint64(0); ; {
		cursor = z.Scan(cursor, 10, func(member, _ []byte) { seen[string(member)] = true })
		if cursor == 0 {
			break
		}
	}
	if len(seen) != len(all) {
		s.t.Fatalf("a scan sees %d members of %d", len(seen), len(all))
	}
}

// TestNameSpan compares ranges of names among equal scores.
func TestNameSpan(t *testing.T) {
	for _, entries := range []string{"0", "1000"} {
		s := newShelf(t)
		s.limit("zset-max-listpack-entries", entries)
		r := rand.New(rand.NewPCG(1, 1))
		m := scoreModel{}
		for range 300 {
			z, name := s.sorted(), fmt.Sprint(r.IntN(900))
			z.Put([]byte(name), 0, 0)
			z.Finish()
			m[name] = 0
		}
		all := m.sorted()
		for range 2_000 {
			var q NameRange
			for _, e := range []*NameEnd{&q.Min, &q.Max} {
				switch r.IntN(6) {
				case 0:
					e.Least = true
				case 1:
					e.Most = true
				default:
					e.Name, e.Ex = fmt.Append(nil, r.IntN(900)), r.IntN(2) == 0
				}
			}
			var want []string
			for _, x := range all {
				name := []byte(x.name)
				if !q.below(pack.Text(name)) && !q.above(pack.Text(name)) {
					want = append(want, x.name)
				}
			}
			z := s.sorted()
			for _, reverse := range []bool{false, true} {
				span := z.NameSpan(&q, reverse)
				if span.Len() != len(want) || len(want) > 0 && all[span.From].name != want[0] {
					t.Fatalf("%+v (reverse %v) is %v, want %d", q, reverse, span, len(want))
				}
			}
		}
	}
}

// TestReplaceSorted stores results of different sizes over whatever is there.
func TestReplaceSorted(t *testing.T) {
	s := newShelf(t)
	for _, n := range []int{1, 5, 500, 3, 0, 0, 200, 128, 129} {
		p := At(s.tx, s.lim, 0, s.key, s.tx.Find(0, s.key))
		there := p.Ok()
		d, _ := p.Draft()
		m := scoreModel{}
		for i := range n {
			name := fmt.Sprint(i * 7919 % 10007)
			d.Insert(s.tx.Hash([]byte(name)), []byte(name), float64(i%10)/4)
			m[name] = float64(i%10) / 4
		}
		z, ok := d.Finish()
		if !ok {
			t.Fatal("no memory")
		}
		if changed, err := p.ReplaceSorted(z); err != nil || changed != (n > 0 || there) {
			t.Fatalf("%d members: %v %v", n, changed, err)
		}
		s.same(m)
		if z := s.sorted(); n > 0 && z.big() != (n > 128) {
			t.Errorf("%d members: big is %v", n, z.big())
		}
	}
}

// TestExpect goes by the number that is announced, as Redis does.
func TestExpect(t *testing.T) {
	for _, c := range []struct {
		members, length int
		big             bool
	}{{1, 1, false}, {128, 64, false}, {129, 1, true}, {1, 65, true}} {
		s := newShelf(t)
		z := s.sorted()
		if err := z.Expect(c.members, c.length); err != nil {
			t.Fatal(err)
		}
		z.Put([]byte("m"), 1, 0)
		z.Finish()
		if z := s.sorted(); z.big() != c.big || z.Len() != 1 {
			t.Errorf("%+v: big is %v", c, z.big())
		}
	}
	s := newShelf(t)
	z := s.sorted()
	z.Put([]byte("old"), 1, 0)
	z = s.sorted()
	if err := z.Expect(200, 1); err != nil || !z.big() || z.Len() != 1 {
		t.Errorf("200 announced: %v, big %v", err, z.big())
	}
}

func TestSortedSetAllocations(t *testing.T) {
	for _, entries := range []string{"0", "128"} {
		s := newShelf(t)
		s.limit("zset-max-listpack-entries", entries)
		score, name := 0.5, []byte("member:1")
		for i := range 20 {
			z := s.sorted()
			z.Put(fmt.Append(nil, "member:", i), float64(i), 0)
			z.Finish()
		}
		if n := testing.AllocsPerRun(200, func() {
			z := s.sorted()
			score++
			z.Put(name, score, 0)
			z.Finish()
			z = s.sorted()
			z.Rank(name)
			w := z.From(0, false)
			for range 10 {
				w.Next()
				score += w.Score() / 1e9
			}
		}); n > 0 {
			t.Errorf("entries %s: %v allocations", entries, n)
		}
	}
}
