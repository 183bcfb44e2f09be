// Tests of the packed registers: each is independent of its neighbours, in every position.

package hll

import (
	"math/rand/v2"
	"testing"
)

func TestDenseRegisters(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	regs := make([]byte, Registers*6/8)
	var m model
	for range 60_000 {
		i, rank := rnd.IntN(Registers), uint8(rnd.IntN(64))
		if rnd.IntN(20) == 0 {
			i = []int{0, 1, Registers - 2, Registers - 1}[rnd.IntN(4)]
		}
		if setDense(regs, i, rank) != (rank > m[i]) {
			t.Fatalf("register %d from %d to %d: wrong answer", i, m[i], rank)
		}
		m[i] = max(m[i], rank)
	}
	var h, want histogram
	h.dense(regs)
	for i, v := range m {
		if getDense(regs, i) != v {
			t.Fatalf("register %d is %d, want %d", i, getDense(regs, i), v)
		}
		want[v]++
	}
	if h != want {
		t.Errorf("histogram %v, want %v", h, want)
	}
}
