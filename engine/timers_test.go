// timers against a plain map under random operations.

package engine

import (
	"math/rand/v2"
	"testing"
)

func TestTimersAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var h timers
	model := map[*Conn]int64{}
	conns := make([]*Conn, 200)
	for i := range conns {
		conns[i] = &Conn{ID: uint64(i)}
	}
	for step := range 200000 {
		c := conns[rnd.IntN(len(conns))]
		switch op := rnd.IntN(10); {
		case op < 5:
			when := rnd.Int64N(1000) + 1
			h.set(c, when)
			if old, ok := model[c]; !ok || when < old {
				model[c] = when
			}
		case op < 8:
			h.remove(c)
			delete(model, c)
		default:
			now := rnd.Int64N(1000)
			least := int64(0)
			for _, when := range model {
				if least == 0 || when < least {
					least = when
				}
			}
			if h.next() != least {
				t.Fatalf("step %d: next is %d, want %d", step, h.next(), least)
			}
			got := h.due(now)
			if (got != nil) != (least != 0 && least <= now) {
				t.Fatalf("step %d: due(%d) = %v with the first at %d", step, now, got, least)
			}
			if got != nil {
				if model[got] != least {
					t.Fatalf("step %d: due gave the one of %d, not of %d", step, model[got], least)
				}
				delete(model, got)
			}
		}
		if len(h.heap) != len(model) {
			t.Fatalf("step %d: %d timers, want %d", step, len(h.heap), len(model))
		}
		for i, e := range h.heap {
			if int(e.c.timerPos) != i+1 {
				t.Fatalf("step %d: the connection at %d believes to be at %d", step, i, e.c.timerPos-1)
			}
		}
	}
}
