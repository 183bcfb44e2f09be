// The estimate: from how many registers have which value to how many elements were seen.

package hll

import (
	"encoding/binary"
	"math"
)

// histogram says how many registers have each value. Forged ones may have values that no hash gives.
type histogram [64]int

// dense counts packed registers. Two counters take turns, because many neighbours are equal and would wait for each other's stores.
func (h *histogram) dense(regs []byte) {
	var even, odd [64]uint32
	for at := 0; at < len(regs); at += 6 {
		w := eight(regs, at)
		even[w&63]++
		odd[w>>6&63]++
		even[w>>12&63]++
		odd[w>>18&63]++
		even[w>>24&63]++
		odd[w>>30&63]++
		even[w>>36&63]++
		odd[w>>42&63]++
	}
	for i := range h {
		h[i] = int(even[i] + odd[i])
	}
}

// sparse counts runs; false if they do not add up.
func (h *histogram) sparse(b []byte) bool {
	r := runsOf(b)
	for r.next() {
		h[r.value] += r.run
	}
	return r.complete()
}

// plain counts unpacked registers. Where few are set, most words of eight are zero.
func (h *histogram) plain(regs *[Registers]uint8) {
	var even, odd [64]uint32
	for i := 0; i < Registers; i += 8 {
		w := binary.LittleEndian.Uint64(regs[i : i+8])
		if w == 0 {
			h[0] += 8
			continue
		}
		even[w&63]++
		odd[w>>8&63]++
		even[w>>16&63]++
		odd[w>>24&63]++
		even[w>>32&63]++
		odd[w>>40&63]++
		even[w>>48&63]++
		odd[w>>56&63]++
	}
	for i := range h {
		h[i] += int(even[i] + odd[i])
	}
}

// perfect is 1/(2 ln 2), the bias of the estimator for very many registers.
const perfect = 0.721347520444481703680

// estimate is Otmar Ertl's improved raw estimator. The explicit conversions keep compilers from fusing a multiplication with an
// addition, which would round otherwise on some machines than on others.
func (h *histogram) estimate() uint64 {
	const m = float64(Registers)
	z := float64(m * tau((m-float64(h[rankBits+1]))/m))
	for i := rankBits; i >= 1; i-- {
		z = float64(0.5 * float64(z+float64(h[i])))
	}
	z += float64(m * sigma(float64(h[0])/m))
	e := math.Round(float64(perfect*m*m) / z)
	if e >= 1<<63 || math.IsNaN(e) { // only forged registers are that full
		return 1 << 63
	}
	return uint64(e)
}

// sigma corrects for registers that are still zero.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += float64(x * y)
		y += y
		if z == before {
			return z
		}
	}
}

// tau corrects for registers that have reached the end.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= float64(float64((1-x)*(1-x)) * y)
		if z == before {
			return z / 3
		}
	}
}
