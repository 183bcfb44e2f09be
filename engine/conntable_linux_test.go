// The table of descriptors against a map.

package engine

import (
	"math/rand/v2"
	"testing"
)

func TestConnTableAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	var table connTable
	model := map[int]*Conn{}
	for range 100000 {
		fd := rnd.IntN(5000)
		if rnd.IntN(10) == 0 {
			fd = rnd.IntN(tableChunk * tableChunks)
		}
		switch rnd.IntN(3) {
		case 0:
			c := &Conn{fd: fd}
			if !table.set(fd, c) {
				t.Fatalf("no place for %d", fd)
			}
			model[fd] = c
		case 1:
			table.set(fd, nil)
			delete(model, fd)
		}
		if table.get(fd) != model[fd] {
			t.Fatalf("at %d: %v, want %v", fd, table.get(fd), model[fd])
		}
	}
	for fd, c := range model {
		if table.get(fd) != c {
			t.Fatalf("at %d: %v, want %v", fd, table.get(fd), c)
		}
	}
	for _, fd := range []int{-1, tableChunk * tableChunks} {
		if table.set(fd, &Conn{}) {
			t.Errorf("%d was accepted", fd)
		}
	}
}
