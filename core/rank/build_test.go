// The builder makes trees of every size, that live on; what was not finished leaves nothing behind.

package rank

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestBuilder(t *testing.T) {
	sizes := []int{0, 1, 2, leafFill, leafFill + 1, 2 * leafFill, leafFill * innerFill, leafFill*innerFill + 1,
		leafFill*innerFill*2 + 7, leafFill*innerFill*innerFill + 1}
	if arena.Debug {
		sizes = sizes[:len(sizes)-1]
	}
	for _, n := range sizes {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newTwin(t)
			b := NewBuilder(w.a)
			for i := range n {
				p := pair{float64(i / 10), fmt.Sprintf("%09d", i), 0}
				p.m = NewMember(w.a, p.score, []byte(p.name))
				w.check(b.InOrder(p.m), "%d is out of order", i)
				w.check(b.Add(p.m), "%d was refused", i)
				w.check(!b.InOrder(p.m), "%d is in order twice", i)
				w.all = append(w.all, p)
			}
			root, ok := b.Finish()
			w.check(ok, "not finished")
			b.Abandon()
			w.tree = Open(w.a, root)
			w.verify()
			r := rand.New(rand.NewPCG(uint64(n), 1))
			for i := range 2_000 / (1 + n/5_000) {
				w.step(r, i, 40, scores[0].pick)
			}
			w.verify()
			w.empty()
		})
	}
}

func TestBuilderAbandoned(t *testing.T) {
	a, err := arena.New(256 << 10)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	m := NewMember(a, 1, nil)
	before := a.Used()
	b := NewBuilder(a)
	for b.Add(m) { // the same again and again: a builder does not compare
	}
	if b.t.Len() < 5_000 {
		t.Fatalf("full after %d", b.t.Len())
	}
	b.Abandon()
	if a.Used() != before {
		t.Fatalf("%d bytes left", a.Used()-before)
	}
}
