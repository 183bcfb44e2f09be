// Which key comes next: uniform, sequential or Zipf over n keys.

package bench

import (
	"fmt"
	"math"
)

// The distributions that --dist names.
const (
	distUniform    = "uniform"
	distZipf       = "zipf"
	distSequential = "sequential"
)

// distScattered passes over every key once, as sequential does, but in the order of a spread. Scenarios use it.
const distScattered = "scattered"

var distributions = []string{distZipf, distUniform, distSequential}

// chooser yields key numbers in [0, n). One goroutine owns it.
type chooser struct {
	dist   string
	n      uint64
	random random
	at     uint64 // next number, sequential only
	end    uint64 // sequential wraps from here to start
	start  uint64
	zipf   zipf
	spread spread
	drawn  []uint32 // numbers drawn ahead; nil: draw when asked
	turn   int      // the next of them
}

// newChooser makes the chooser of lane group `part` of `parts`. Sequential choosers split the range among the
// parts, so that together they pass over every key once.
func newChooser(dist string, n uint64, s float64, seed uint64, part, parts int) (*chooser, error) {
	if n == 0 {
		return nil, fmt.Errorf("no keys to choose from")
	}
	c := &chooser{dist: dist, n: n, random: random{state: mix64(seed + uint64(part)*0x632be59bd9b4e019)}}
	switch dist {
	case distUniform:
	case distSequential, distScattered:
		c.spread = newSpread(n)
		c.start = n * uint64(part) / uint64(parts)
		c.end = n * uint64(part+1) / uint64(parts)
		if c.start == c.end { // more parts than keys
			c.start, c.end = 0, n
		}
		c.at = c.start
	case distZipf:
		if !(s > 0) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("zipf exponent %v: must be above 0", s)
		}
		c.zipf = newZipf(n, s)
		c.spread = newSpread(n)
	default:
		return nil, fmt.Errorf("distribution %q: one of zipf, uniform, sequential", dist)
	}
	return c, nil
}

// drawAhead draws n numbers into the given memory; next hands these out from then on, again and again. Drawing from
// a zipf distribution takes 5 to 20 times as long as the rest of a request.
func (c *chooser) drawAhead(n int, into []uint32) {
	for range n {
		into = append(into, uint32(c.next()))
	}
	c.drawn = into
}

// next returns the next key number.
func (c *chooser) next() uint64 {
	if c.drawn != nil {
		k := c.drawn[c.turn]
		if c.turn++; c.turn == len(c.drawn) {
			c.turn = 0
		}
		return uint64(k)
	}
	switch c.dist {
	case distSequential:
		return c.step()
	case distScattered:
		return c.spread.place(c.step())
	case distZipf:
		return c.spread.place(c.zipf.rank(&c.random))
	}
	return c.random.below(c.n)
}

// step passes over the chooser's range, again and again.
func (c *chooser) step() uint64 {
	k := c.at
	if c.at++; c.at == c.end {
		c.at = c.start
	}
	return k
}

// zipf samples ranks 0..n-1 with probability proportional to (rank+1)^-s, for any s > 0. It draws from the
// integral of x^-s over [1/2, n+1/2], which it can invert, and rejects the few draws that fall between that curve
// and the steps of the true distribution. No table, so n may be large; about 50 ns a draw.
type zipf struct {
	n       float64
	s       float64
	low     float64 // integral at 1.5 minus the height of the first step: where draws start
	width   float64 // integral at n+1/2 minus low
	certain float64 // draws closer than this to their step's right side need no exact test
}

func newZipf(n uint64, s float64) zipf {
	z := zipf{n: float64(n), s: s}
	z.low = z.integral(1.5) - 1
	z.width = z.integral(z.n+0.5) - z.low
	z.certain = 2 - z.inverse(z.integral(2.5)-math.Pow(2, -s))
	return z
}

// integral of x^-s from 1 to x.
func (z *zipf) integral(x float64) float64 {
	l := math.Log(x)
	return expm1Over((1-z.s)*l) * l
}

// inverse of integral.
func (z *zipf) inverse(y float64) float64 {
	t := math.Max(y*(1-z.s), -1)
	return math.Exp(log1pOver(t) * y)
}

func (z *zipf) rank(r *random) uint64 {
	for {
		y := z.low + r.unit()*z.width
		x := z.inverse(y)
		k := math.Min(math.Max(math.Floor(x+0.5), 1), z.n)
		if k-x <= z.certain || y >= z.integral(k+0.5)-math.Exp(-z.s*math.Log(k)) {
			return uint64(k) - 1
		}
	}
}

// expm1Over is (e^x - 1)/x, log1pOver is ln(1+x)/x, both continuous at 0: they make s = 1 no special case.
func expm1Over(x float64) float64 {
	if math.Abs(x) < 1e-8 {
		return 1 + x/2
	}
	return math.Expm1(x) / x
}

func log1pOver(x float64) float64 {
	if math.Abs(x) < 1e-8 {
		return 1 - x/2
	}
	return math.Log1p(x) / x
}

// spread is a bijection of [0, n) that scatters the popular ranks over the key range, so that hot keys are not
// neighbours. Every target sees the same one.
type spread struct{ n, factor uint64 }

func newSpread(n uint64) spread {
	factor := uint64(0x9e3779b1) % n
	for factor < 2 || common(factor, n) != 1 {
		if factor++; factor >= n {
			return spread{n: n, factor: 1}
		}
	}
	return spread{n: n, factor: factor}
}

// place needs rank*factor to fit 64 bits; both are below n, which options.go keeps below 2^32.
func (s spread) place(rank uint64) uint64 { return rank * s.factor % s.n }

// common is the greatest common divisor.
func common(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
