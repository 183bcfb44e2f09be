// A cursor turns round, starts outside, and is sought again after changes.

package rank

import (
	"fmt"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestCursorTurns(t *testing.T) {
	w := newTwin(t)
	for i := range 500 {
		w.insert(float64(i), "x"+fmt.Sprint(i))
	}
	c := w.tree.Seek(0)
	for i := range 500 { // one up, one down, one up, so that every place, leaf ends included, is turned at
		m, _, _ := w.tree.Ascend(&c)
		w.check(m == w.all[i].m, "up to %d", i)
		w.tree.Descend(&c) // stands on i+1, beyond the end for the last
		m, _, _ = w.tree.Ascend(&c)
		w.check(m == w.all[i].m, "back on %d", i)
		w.check(c.Rank() == i+1, "rank %d, not %d", c.Rank(), i+1)
	}
	c = w.tree.Seek(-1)
	_, _, ok := w.tree.Ascend(&c)
	m, _, found := w.tree.Ascend(&c)
	w.check(!ok && found && m == w.all[0].m, "from before the start to the first")
	c = w.tree.Seek(500)
	_, _, ok = w.tree.Descend(&c)
	m, _, found = w.tree.Descend(&c)
	w.check(!ok && found && m == w.all[499].m, "from after the end to the last")
}

func TestCursorIsSmall(t *testing.T) {
	w := newTwin(t)
	for i := range 2_000 {
		w.insert(float64(i), fmt.Sprint(i))
	}
	c := w.tree.Seek(0)
	seen := 0
	allocs := testing.AllocsPerRun(5, func() {
		c = w.tree.Seek(0)
		for seen = 0; ; seen++ {
			if _, _, ok := w.tree.Ascend(&c); !ok {
				break
			}
		}
		w.tree.Rank(w.all[1_000].m)
		w.tree.Update(w.all[1_000].m, 5.5)
		w.tree.Update(w.all[1_000].m, 1_000)
	})
	if seen != 2_000 || allocs != 0 && !arena.Debug {
		t.Fatalf("%d seen, %v allocations", seen, allocs)
	}
}
