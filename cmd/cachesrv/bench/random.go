// Random numbers for the generator: a splitmix64 stream, seeded, without locks or allocation.

package bench

import "math/bits"

// random is a splitmix64 stream. The zero value is a valid stream; every lane group owns its own.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return mix64(r.state)
}

// below returns a number in [0, n), n > 0, by the multiply-shift method; its bias of n/2^64 is of no matter here.
func (r *random) below(n uint64) uint64 {
	high, _ := bits.Mul64(r.next(), n)
	return high
}

// unit returns a number in [0, 1).
func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// mix64 spreads x over 64 bits; a bijection.
func mix64(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
