// Sets against a plain Go map under random operations, through all the ways in which they are kept, and in a store that runs full.

package value

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
)

// setTwin is some sets, each under a key and as a map.
type setTwin struct {
	t     *testing.T
	tx    *core.Tx
	store *core.Store
	lim   *Limits
	want  [3]map[string]bool
	seed  uint64
	full  bool // memory may end
	short int  // how often it did
}

func newSetTwin(t *testing.T, seed uint64, o core.Options, settings ...string) *setTwin {
	set := config.Defaults(config.Redis)
	for i := 0; i < len(settings); i += 2 {
		if err := set.Set(settings[i], settings[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	o.Shards, o.NoActiveSweep, o.Seed = 1, true, [2]uint64{seed, 2}
	s, err := core.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &setTwin{t: t, tx: s.NewTx(), store: s, lim: NewLimits(set), seed: seed}
	for i := range w.want {
		w.want[i] = map[string]bool{}
	}
	return w
}

func (w *setTwin) key(i int) core.Key { return w.store.Key([]byte{'s', byte('0' + i)}) }

func (w *setTwin) place(i int) Place {
	return At(w.tx, w.lim, 0, w.key(i), w.tx.Find(0, w.key(i)))
}

// with runs f with all sets open, under their lock.
func (w *setTwin) with(f func(s []Set)) {
	w.tx.Enter()
	defer w.tx.Leave()
	w.tx.LockAll()
	defer w.tx.Unlock()
	var s []Set
	for i := range w.want {
		s = append(s, OpenSet(w.place(i)))
	}
	f(s)
}

func (w *setTwin) failf(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("seed %d: %s", w.seed, fmt.Sprintf(format, args...))
}

// verify compares the i-th set with its map.
func (w *setTwin) verify(i int) {
	w.t.Helper()
	s := OpenSet(w.place(i))
	want := w.want[i]
	if s.Len() != len(want) || s.Ok() != (len(want) > 0) {
		w.failf("set %d has %d members, there: %v, want %d", i, s.Len(), s.Ok(), len(want))
	}
	seen := map[string]bool{}
	for it := s.Iter(); it.Next(); {
		seen[string(it.Text())] = true
	}
	if !maps.Equal(seen, want) {
		w.failf("set %d: %v, want %v", i, seen, want)
	}
	for m := range want {
		if !s.Has([]byte(m)) {
			w.failf("set %d has not %q", i, m)
		}
	}
	if s.Has([]byte("never")) || s.Has([]byte("-0")) {
		w.failf("set %d has what was never added", i)
	}
	if s.Ok() {
		w.verifyKind(&s)
	}
}

// verifyKind checks that the bytes are what their encoding says.
func (w *setTwin) verifyKind(s *Set) {
	w.t.Helper()
	switch v := s.it.Value(); s.Enc() {
	case SetInts:
		if !pack.Intset(v).Valid(true) {
			w.failf("not a valid intset: %x", v)
		}
	case SetPacked:
		if !pack.Listpack(v).Valid(true) {
			w.failf("not a valid listpack: %x", v)
		}
	case SetBig:
		if !s.it.Owns() || s.it.Owned() != s.d.Bytes() {
			w.failf("a big set owns %d bytes, says %d", s.d.Bytes(), s.it.Owned())
		}
	}
}

// member is one of a pool that goes through all encodings.
func (w *setTwin) member(r *rand.Rand, texts bool) []byte {
	switch n := r.IntN(40); {
	case texts && n < 20:
		return fmt.Appendf(nil, "m%d", r.IntN(200))
	case texts && n == 20:
		return []byte(strings.Repeat("x", 62+r.IntN(4)))
	case texts && n == 21:
		return []byte([]string{"", "01", "+1", "1.0", "\x00", "-"}[r.IntN(6)])
	case n == 22:
		return strconv.AppendInt(nil, []int64{math.MaxInt64, math.MinInt64, math.MaxInt32 + 1, math.MinInt16 - 1}[r.IntN(4)], 10)
	}
	return strconv.AppendInt(nil, int64(r.IntN(150)-30), 10)
}

// step does one random thing to one set.
func (w *setTwin) step(r *rand.Rand, s []Set, texts bool, grow int) {
	i := r.IntN(len(w.want))
	set, want := &s[i], w.want[i]
	refused := func(err error) bool {
		if err != nil && !(w.full && errors.Is(err, core.ErrNoMemory)) {
			w.failf("%v", err)
		}
		if err != nil {
			w.short++
		}
		return err != nil
	}
	switch op := r.IntN(10); {
	case op < grow:
		members := make([][]byte, 1+r.IntN(6))
		for j := range members {
			members[j] = w.member(r, texts)
		}
		if refused(set.Expect(members[0], len(members))) {
			return
		}
		for _, m := range members {
			added, err := set.Add(m)
			if !refused(err) && added == want[string(m)] {
				w.failf("adding %q says %v", m, added)
			}
			if err == nil {
				want[string(m)] = true
			}
		}
		set.Done()
	case op < 7:
		for range r.IntN(4) {
			m := w.member(r, texts)
			if set.Remove(m) != want[string(m)] {
				w.failf("removing %q says %v", m, !want[string(m)])
			}
			delete(want, string(m))
		}
		set.Done()
	case op == 7 && set.Len() > 0:
		if m := set.Random().Append(nil); !want[string(m)] {
			w.failf("a random member that is none: %q", m)
		}
		m := set.Pop(nil)
		if !want[string(m)] {
			w.failf("popped what was no member: %q", m)
		}
		delete(want, string(m))
		set.Done()
	case op == 8 && set.Len() > 1:
		n := r.IntN(set.Len())
		popped := map[string]bool{}
		if refused(set.PopMany(n, func(m pack.Elem) { popped[string(m.Append(nil))] = true })) {
			return
		}
		set.Done()
		if len(popped) != n {
			w.failf("popped %d of %d", len(popped), n)
		}
		for m := range popped {
			if !want[m] {
				w.failf("popped what was no member: %q", m)
			}
			delete(want, m)
		}
	case op == 9:
		n := r.IntN(set.Len() + 1)
		seen := map[string]bool{}
		set.Distinct(n, func(m pack.Elem) { seen[string(m.Append(nil))] = want[string(m.Append(nil))] })
		if len(seen) != n || slices.Contains(slices.Collect(maps.Values(seen)), false) {
			w.failf("%d of %d different members by chance: %v", n, set.Len(), seen)
		}
	}
}

func TestSetAgainstMap(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newSetTwin(t, seed, core.Options{}, "set-max-intset-entries", []string{"512", "40", "0"}[seed%3], "set-max-listpack-entries", []string{"128", "20", "0", "60"}[seed%4])
		for round := range 120 {
			texts, grow := r.IntN(3) > 0, 2+r.IntN(5)
			for range 30 {
				w.with(func(s []Set) { w.step(r, s, texts, grow) })
			}
			w.with(func([]Set) {
				for i := range w.want {
					w.verify(i)
				}
				if round%20 == 19 {
					i := r.IntN(len(w.want))
					w.tx.Delete(0, w.key(i))
					w.want[i] = map[string]bool{}
				}
			})
		}
	}
}

// TestSetInFullStore: what is refused for lack of memory has changed nothing.
func TestSetInFullStore(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := newSetTwin(t, seed, core.Options{Reserve: 64 << 20}, "set-max-intset-entries", "10", "set-max-listpack-entries", "10")
		w.full = true
		w.with(func([]Set) { w.fill() })
		for round := range 40 {
			for range 20 {
				w.with(func(s []Set) { w.step(r, s, true, 6) })
			}
			w.with(func([]Set) {
				for i := range w.want {
					w.verify(i)
				}
				if round%8 == 7 { // a little room
					w.tx.Delete(0, w.store.Key(fmt.Appendf(nil, "hog%d", round/8)))
				}
			})
		}
		if w.short == 0 {
			w.failf("memory never ended")
		}
	}
}

// fill takes all memory.
func (w *setTwin) fill() {
	hog := make([]byte, 1<<20)
	for n := 0; len(hog) > 0; n++ {
		if w.tx.Put(0, w.store.Key(fmt.Appendf(nil, "hog%d", n)), core.Value{Bytes: hog}) != nil {
			hog = hog[:len(hog)/2]
		}
	}
}

// TestSetEncodings: how a set is kept, for the cases where the rules of Redis 7.2 are easily got wrong.
func TestSetEncodings(t *testing.T) {
	numbers := func(from, to int) (out []string) {
		for i := from; i < to; i++ {
			out = append(out, strconv.Itoa(i))
		}
		return out
	}
	texts := func(n int) (out []string) {
		for i := range n {
			out = append(out, "m"+strconv.Itoa(i))
		}
		return out
	}
	for name, c := range map[string]struct {
		steps [][]string
		want  core.Enc
	}{
		"integers":                  {[][]string{numbers(0, 3)}, SetInts},
		"integers at the limit":     {[][]string{numbers(0, 512)}, SetInts},
		"too many at once":          {[][]string{numbers(0, 513)}, SetBig},
		"too many in the end":       {[][]string{numbers(0, 512), numbers(512, 513)}, SetBig},
		"too many, all there":       {[][]string{numbers(0, 10), append(numbers(0, 10), slices.Repeat([]string{"1"}, 600)...)}, SetBig},
		"texts":                     {[][]string{{"a"}}, SetPacked},
		"texts at the limit":        {[][]string{texts(128)}, SetPacked},
		"too many texts at once":    {[][]string{texts(129)}, SetBig},
		"too many texts in the end": {[][]string{texts(128), {"x"}}, SetBig},
		"a long text":               {[][]string{{strings.Repeat("x", 65)}}, SetBig},
		"the longest short text":    {[][]string{{strings.Repeat("x", 64)}}, SetPacked},
		"integers and a text":       {[][]string{numbers(0, 127), {"a"}}, SetPacked},
		"too many and a text":       {[][]string{numbers(0, 128), {"a"}}, SetBig},
		"integers and a long text":  {[][]string{{"1"}, {strings.Repeat("x", 65)}}, SetBig},
		"a text, then integers":     {[][]string{{"a"}, numbers(0, 127)}, SetPacked},
		"129 integers at once":      {[][]string{numbers(0, 129)}, SetInts},
		"a text first of many":      {[][]string{append([]string{"a"}, numbers(0, 128)...)}, SetBig},
	} {
		w := newSetTwin(t, 1, core.Options{})
		w.with(func([]Set) {
			for _, step := range c.steps {
				s := OpenSet(w.place(0))
				if err := s.Expect([]byte(step[0]), len(step)); err != nil {
					t.Fatal(err)
				}
				for _, m := range step {
					if _, err := s.Add([]byte(m)); err != nil {
						t.Fatal(err)
					}
				}
				s.Done()
			}
			s := OpenSet(w.place(0))
			if s.Enc() != c.want {
				t.Errorf("%s: kept as %d, want %d", name, s.Enc(), c.want)
			}
		})
	}
}

// TestSetScan: what is there from start to end is visited, though the set grows and shrinks between the calls and becomes big.
func TestSetScan(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 5))
		w := newSetTwin(t, seed, core.Options{})
		change := func(s *Set, from, to int, remove bool) {
			for i := from; i < to; i++ {
				m := fmt.Appendf(nil, "extra%d", i)
				if remove {
					s.Remove(m)
				} else if _, err := s.Add(m); err != nil {
					t.Fatal(err)
				}
			}
			s.Done()
		}
		stay := []int{20, 500, 3000}[seed%3]
		w.with(func(s []Set) {
			for i := range stay {
				s[0].Add(fmt.Appendf(nil, "stay%d", i))
			}
			s[0].Done()
		})
		seen, extra := map[string]bool{}, 0
		for cursor, first := uint64(0), true; cursor != 0 || first; first = false {
			w.with(func(s []Set) {
				cursor = s[0].Scan(cursor, 10, func(m pack.Elem) { seen[string(m.Text)] = true })
			})
			w.with(func(s []Set) {
				if more := r.IntN(60); r.IntN(2) == 0 {
					change(&s[0], extra, extra+more, false)
					extra += more
				} else {
					change(&s[0], max(0, extra-more), extra, true)
					extra = max(0, extra-more)
				}
			})
		}
		for i := range stay {
			if !seen[fmt.Sprint("stay", i)] {
				t.Fatalf("seed %d: stay%d was not visited", seed, i)
			}
		}
	}
}

// TestSetChanceIsFair draws from small sets and samples: no member may come much more often than another.
func TestSetChanceIsFair(t *testing.T) {
	for _, members := range [][]string{{"1", "2", "3", "4", "5"}, {"a", "b", "3", "d", "e"}} {
		w := newSetTwin(t, 9, core.Options{})
		w.with(func(s []Set) {
			for _, m := range members {
				s[0].Add([]byte(m))
			}
			s[0].Done()
			drawn, sampled := map[string]int{}, map[string]int{}
			const rounds = 20_000
			for range rounds {
				drawn[string(s[0].Random().Append(nil))]++
				s[0].Distinct(2, func(m pack.Elem) { sampled[string(m.Append(nil))]++ })
			}
			for _, m := range members {
				if n := drawn[m]; n < rounds/5*9/10 || n > rounds/5*11/10 {
					t.Errorf("%s drawn %d times of %d", m, n, rounds)
				}
				if n := sampled[m]; n < rounds*2/5*9/10 || n > rounds*2/5*11/10 {
					t.Errorf("%s in %d samples of %d", m, n, rounds)
				}
			}
		})
	}
}
