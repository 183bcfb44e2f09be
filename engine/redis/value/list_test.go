// Lists against a plain slice under random operations, across their encodings, and in a store that runs full.

package value

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
)

// listTwin is a list under a key and the slice that it must equal.
type listTwin struct {
	t       *testing.T
	tx      *core.Tx
	store   *core.Store
	lim     *Limits
	buf     []byte
	all     []string
	full    bool // the arena may be full
	refused int
}

func newListTwin(t *testing.T, fill, depth string, o core.Options) *listTwin {
	set := config.Defaults(config.Redis)
	for name, v := range map[string]string{"list-max-listpack-size": fill, "list-compress-depth": depth} {
		if err := set.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	o.Shards, o.NoActiveSweep, o.Seed = 1, true, [2]uint64{1, 2}
	s, err := core.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &listTwin{t: t, tx: s.NewTx(), store: s, lim: NewLimits(set)}
}

// with runs f with the list under its lock, withKey with that of another key.
func (w *listTwin) with(f func(l *List)) { w.withKey("list", f) }

func (w *listTwin) withKey(name string, f func(l *List)) {
	w.tx.Enter()
	defer w.tx.Leave()
	k := w.store.Key([]byte(name))
	w.tx.Lock1(k)
	defer w.tx.Unlock()
	var l List
	l.Open(At(w.tx, w.lim, 0, k, w.tx.Find(0, k)), &w.buf)
	f(&l)
}

func (w *listTwin) check(ok bool, format string, args ...any) {
	w.t.Helper()
	if !ok {
		w.t.Fatalf(format, args...)
	}
}

// did says whether a change was made; a refused one must have changed nothing.
func (w *listTwin) did(err error) bool {
	w.t.Helper()
	if err == nil {
		return true
	}
	w.check(w.full && errors.Is(err, core.ErrNoMemory), "refused: %v", err)
	w.refused++
	return false
}

func (w *listTwin) same(l *List) {
	w.t.Helper()
	w.check(l.Len() == len(w.all), "%d elements, not %d", l.Len(), len(w.all))
	c := l.Seek(0)
	for i, s := range w.all {
		e, ok := c.Next()
		w.check(ok && e.Equal([]byte(s)), "element %d is %.40q, not %.40q", i, e.Append(nil), s)
	}
	_, ok := c.Next()
	w.check(!ok, "more than %d elements", len(w.all))
	w.check(l.tx.Find(0, l.key).Ok() == (len(w.all) > 0), "a key without a list, or the other way round")
}

func listText(r *rand.Rand) string {
	switch x := r.IntN(20); {
	case x < 10:
		return fmt.Sprint(r.IntN(10))
	case x < 17:
		return strings.Repeat("x", r.IntN(40)) + fmt.Sprint(r.IntN(5))
	case x < 19:
		return strings.Repeat("medium ", r.IntN(100))
	}
	return strings.Repeat("long ", r.IntN(3_000))
}

func (w *listTwin) step(r *rand.Rand, l *List, grow int) {
	n := len(w.all)
	if n == 0 || r.IntN(100) < grow {
		front := r.IntN(2) == 0
		var values [][]byte
		for range 1 + r.IntN(8) {
			values = append(values, []byte(listText(r)))
		}
		k, err := l.Push(front, values)
		w.did(err)
		for _, v := range values[:k] {
			if front {
				w.all = slices.Insert(w.all, 0, string(v))
			} else {
				w.all = append(w.all, string(v))
			}
		}
		return
	}
	i, s := r.IntN(n), listText(r)
	switch r.IntN(9) {
	case 0, 1:
		at := []int{0, n - 1}[r.IntN(2)]
		if w.did(l.Delete(at, 1)) {
			w.all = slices.Delete(w.all, at, at+1)
		}
	case 2:
		k := 1 + r.IntN(n-i)
		if w.did(l.Delete(i, k)) {
			w.all = slices.Delete(w.all, i, i+k)
		}
	case 3:
		if k := r.IntN(n - i + 1); k < n && w.did(l.Trim(i, k)) {
			w.all = slices.Clone(w.all[i : i+k])
		}
	case 4, 5:
		if w.did(l.Set(i, []byte(s))) {
			w.all[i] = s
		}
	case 6, 7:
		after := r.IntN(2)
		if w.did(l.Insert(i, after == 1, []byte(s))) {
			w.all = slices.Insert(w.all, i+after, s)
		}
	case 8:
		s, fromEnd := w.all[i], r.IntN(2) == 0
		limit := 1 + r.IntN(3)
		gone, err := l.Remove([]byte(s), limit, fromEnd)
		if !w.did(err) {
			return
		}
		for range gone {
			at := slices.Index(w.all, s)
			if fromEnd {
				for at = len(w.all) - 1; w.all[at] != s; at-- {
				}
			}
			w.check(at >= 0, "too many removed")
			w.all = slices.Delete(w.all, at, at+1)
		}
		w.check(gone == limit || !slices.Contains(w.all, s), "%d removed, %d asked for", gone, limit)
	}
}

var listSettings = [][2]string{{"-2", "0"}, {"-1", "1"}, {"5", "0"}, {"1", "0"}, {"0", "0"}, {"60", "2"}, {"-5", "0"}, {"-2147483648", "2147483647"}}

func TestListAgainstSlice(t *testing.T) {
	for i, set := range listSettings {
		t.Run(set[0]+","+set[1], func(t *testing.T) {
			w := newListTwin(t, set[0], set[1], core.Options{})
			before := w.store.Memory().Used
			r := rand.New(rand.NewPCG(uint64(i), 3))
			encodings := map[core.Enc]int{}
			for i := range 3_000 {
				w.with(func(l *List) {
					for range 1 + r.IntN(3) { // several changes through one handle too
						w.step(r, l, 55-30*(i/300%2))
					}
					if i%20 == 0 {
						w.same(l)
					}
				})
				w.with(func(l *List) {
					w.check(l.Len() == len(w.all), "%d elements when opened again, not %d", l.Len(), len(w.all))
					if l.Ok() {
						encodings[l.it.Enc()]++
					}
				})
			}
			w.check(encodings[ListPacked] > 5 && encodings[ListBig] > 20, "encodings met: %v", encodings)
			w.with(func(l *List) {
				w.same(l)
				if n := l.Len(); n > 0 {
					w.did(l.Delete(0, n))
				}
			})
			w.check(w.store.Memory().Used-before < 100<<10, "%d bytes left of a list that is gone", w.store.Memory().Used-before)
		})
	}
}

func TestListInFullStore(t *testing.T) {
	for i, set := range listSettings[:4] {
		w := newListTwin(t, set[0], set[1], core.Options{Reserve: 1 << 20})
		w.full = true
		r := rand.New(rand.NewPCG(uint64(i), 4))
		for i := range 4_000 {
			w.with(func(l *List) {
				w.step(r, l, 75-25*(i/400%2))
				if i%10 == 0 {
					w.same(l)
				}
			})
		}
		w.with(func(l *List) { w.same(l) })
		w.check(w.refused > 10, "%v: the store was full %d times", set, w.refused)
	}
}

// TestListSnapshot changes lists of all encodings after a snapshot has begun: it must see them as they were.
func TestListSnapshot(t *testing.T) {
	for i, set := range listSettings[:6] {
		w := newListTwin(t, set[0], set[1], core.Options{})
		r := rand.New(rand.NewPCG(uint64(i), 5))
		const keys = 60
		var twins [keys][]string
		change := func(steps, grow int) {
			for k := range keys {
				w.all = twins[k]
				w.withKey(fmt.Sprint(k), func(l *List) {
					for range steps {
						w.step(r, l, grow)
					}
				})
				twins[k] = w.all
			}
		}
		change(12, 80)
		want := map[string]string{}
		for k := range keys {
			if len(twins[k]) > 0 {
				want[fmt.Sprint(k)] = strings.Join(twins[k], "\n")
			}
		}
		got := map[string]string{}
		snap, err := w.store.Snapshot(nil, func(_ int, it core.Item) error {
			var l List
			var buf []byte
			l.Open(At(w.tx, w.lim, 0, core.Key{}, it), &buf)
			var list []string
			c := l.Seek(0)
			for e, ok := c.Next(); ok; e, ok = c.Next() {
				list = append(list, string(e.Append(nil)))
			}
			got[string(it.Name())] = strings.Join(list, "\n")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		change(3, 40)
		if err := snap.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.check(len(got) == len(want), "%v: %d lists seen, not %d", set, len(got), len(want))
		for k, s := range want {
			w.check(got[k] == s, "%v: list %s is not what it was", set, k)
		}
	}
}
