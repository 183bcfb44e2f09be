// Dice: the random numbers of the policies, the runtime's own or a repeatable sequence.
package evict

import (
	"math/rand/v2"
	"sync/atomic"
)

// dice without a seed draws from the generator that the runtime keeps for each thread: about 3 ns, and nothing
// that processors would share. With a seed it is a counter under a scrambler, for tests and simulations.
type dice struct {
	seeded bool
	state  atomic.Uint64
}

func (d *dice) seed(s uint64) {
	d.seeded = s != 0
	d.state.Store(mix(s))
}

func (d *dice) roll() uint64 {
	if d.seeded {
		return mix(d.state.Add(0x9e3779b97f4a7c15))
	}
	return rand.Uint64()
}

// mix is a bijective scrambler of 64 bits (multiply and shift).
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}
