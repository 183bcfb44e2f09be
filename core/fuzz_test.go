// The store and its model under operations that a fuzzer chooses: every random number of the model test is a byte of its input.

package core

import (
	"math/rand/v2"
	"testing"
)

// byteSource gives bytes as random numbers, and when they are used up any.
type byteSource struct {
	data []byte
	rest uint64
}

func (b *byteSource) Uint64() uint64 {
	if len(b.data) == 0 {
		b.rest = b.rest*6364136223846793005 + 1442695040888963407
		return b.rest
	}
	x := uint64(b.data[0])
	b.data = b.data[1:]
	return x * 0x0101010101010101
}

func FuzzStore(f *testing.F) {
	f.Fuzz(func(t *testing.T, ops []byte) {
		w := newWorld(t, 1)
		src := &byteSource{data: ops[:min(len(ops), 4_000)]}
		w.r = rand.New(src)
		for len(src.data) > 0 {
			w.step()
		}
		w.verify()
		w.tx.Exclusive(func() { w.tx.Flush(-1, true) })
		audit(t, w.s)
	})
}
