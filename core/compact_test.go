// Compaction: after churn the store takes what a fresh load of the same data takes.

package core

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/racing"
)

func TestChurnLeavesNoHoles(t *testing.T) {
	items := racing.Times(150_000)
	sizes := [][2]int{{32, 33}, {10, 200}, {100, 101}, {1, 120}} // of the values in each round
	fill := func(rounds [][2]int) (*Store, int64) {
		s := openStore(t, Options{Shards: 16})
		tx := s.NewTx()
		tx.Enter()
		defer tx.Leave()
		for _, size := range rounds {
			r := rand.New(rand.NewPCG(uint64(size[0]), 1))
			for i := range items {
				put(t, tx, fmt.Sprintf("memtier-%08d", i), string(make([]byte, size[0]+r.IntN(size[1]-size[0]))), 0)
			}
		}
		for s.mem.Waste() > compactMin/4 && s.Compact() > 0 {
		}
		return s, s.mem.Mapped()
	}
	_, fresh := fill(sizes[len(sizes)-1:])
	churned, after := fill(sizes)
	if after > fresh+fresh/10 {
		t.Fatalf("%d bytes after churn, %d when fresh; classes %+v", after, fresh, churned.Classes())
	}
	tx := churned.NewTx()
	tx.Enter()
	defer tx.Leave()
	r := rand.New(rand.NewPCG(1, 1))
	for i := range items {
		k := churned.Key(fmt.Appendf(nil, "memtier-%08d", i))
		tx.Lock1(k)
		if it := tx.Find(0, k); len(it.Value()) != 1+r.IntN(119) {
			t.Fatalf("%s has lost its value", k.Name)
		}
		tx.Unlock()
	}
}
