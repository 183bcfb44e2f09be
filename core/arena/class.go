// Class: the block sizes, and how many pages a span of each takes.

package arena

import "math/bits"

const (
	pageBits = 12
	pageSize = 1 << pageBits

	smallMax = 128      // up to here classes are 8 bytes apart
	classMax = 32 << 10 // longest block of a class; above, a block is its own span
	minBlock = 16       // shortest block: a free one keeps a link in it
	steps    = 8        // classes per doubling above smallMax: rounding costs at most 1/8
	fineBase = 256      // up to twice this there are twice as many: small collections are that long, and 16 bytes of 280 were 5 % of all of a hash of ten fields
	classes  = (smallMax-minBlock)/8 + 1 + 8*steps + steps
)

// sizes holds the block size of every class; spanPages the pages of its spans.
var sizes, spanPages = makeClasses()

// smallClass finds the class of up to 1 KB in one load.
var smallClass = makeSmallClass()

func makeClasses() (size [classes]uint32, pages [classes]uint32) {
	c := 0
	for n := minBlock; n <= smallMax; n += 8 {
		size[c] = uint32(n)
		c++
	}
	for base := smallMax; base < classMax; base *= 2 {
		n := steps
		if base == fineBase {
			n = 2 * steps
		}
		for i := 1; i <= n; i++ {
			size[c] = uint32(base + base*i/n)
			c++
		}
	}
	for c := range size {
		pages[c] = fewestPages(size[c])
	}
	return size, pages
}

// fewestPages is the shortest span, of 4 pages at least, whose rest after the last block is under 1/64; the best
// of up to 32 pages if there is none.
func fewestPages(size uint32) uint32 {
	best, bestRest := uint32(4), uint32(1<<31)
	for p := uint32(4); p <= 32; p++ {
		if p*pageSize < size {
			continue
		}
		rest := p * pageSize % size
		if rest*64 <= p*pageSize {
			return p
		}
		if rest/p < bestRest {
			best, bestRest = p, rest/p
		}
	}
	return best
}

func makeSmallClass() (t [1024/8 + 1]uint8) {
	c := 0
	for i := range t {
		for int(sizes[c]) < i*8 {
			c++
		}
		t[i] = uint8(c)
	}
	return t
}

// classOf is the class of a block of n bytes, 0 <= n <= classMax.
func classOf(n int) int {
	if n <= 1024 {
		return int(smallClass[(n+7)>>3])
	}
	n--
	top := bits.Len(uint(n)) - 1         // 2^top <= n < 2^(top+1)
	step := n >> (top - 3) & (steps - 1) // eighth of the doubling
	first := (smallMax-minBlock)/8 + 1   // first class above smallMax
	first += steps                       // and those beside them from fineBase on
	return first + (top-7)*steps + step
}

// SizeOf is how many bytes a block asked for with n bytes takes.
func SizeOf(n int) int {
	if n <= classMax {
		return int(sizes[classOf(n)])
	}
	return (n + pageSize - 1) &^ (pageSize - 1)
}
