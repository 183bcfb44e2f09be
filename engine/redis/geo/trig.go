// Sine, cosine and arcsine, rounded as a good C library rounds them.

package geo

import "math"

// Go's own are up to a unit off in the last place, which shows in distances with all digits. Here a value is a double and the rest of it that
// does not fit: the sum is right to some 62 bits.

// The table has so many angles to a radian, and goes a little beyond a right angle.
const (
	grid   = 128
	tabled = 203
)

// angle is an exact sine and cosine: the double and what it lacks.
type angle struct{ sin, sinRest, cos, cosRest float64 }

var angles = makeAngles()

const (
	piRest     = 1.2246467991473532e-16 // Pi beyond math.Pi
	halfPiRest = piRest / 2
)

// makeAngles adds the first angle again and again, with twice the digits of a double. It takes some microseconds.
func makeAngles() (t [tabled]angle) {
	one := angle{0.0078124205273828315, -4.102755709382617e-19, 0.9999694825770951, 5.427791428371788e-17}
	t[0] = angle{cos: 1}
	for i := 1; i < len(t); i++ {
		a := &t[i-1]
		sc, scRest := product(a.sin, a.sinRest, one.cos, one.cosRest)
		cs, csRest := product(a.cos, a.cosRest, one.sin, one.sinRest)
		cc, ccRest := product(a.cos, a.cosRest, one.cos, one.cosRest)
		ss, ssRest := product(a.sin, a.sinRest, one.sin, one.sinRest)
		t[i].sin, t[i].sinRest = sum(sc, scRest, cs, csRest)
		t[i].cos, t[i].cosRest = sum(cc, ccRest, -ss, -ssRest)
	}
	return t
}

func product(a, aRest, b, bRest float64) (p, rest float64) {
	p = a * b
	rest = math.FMA(a, b, -p) + (float64(a*bRest) + float64(aRest*b))
	return joined(p, rest)
}

func sum(a, aRest, b, bRest float64) (s, rest float64) {
	s = a + b
	v := s - a
	rest = (a - (s - v)) + (b - v)
	return joined(s, rest+aRest+bRest)
}

// joined makes the first part the double nearest to both. The second is much smaller.
func joined(a, rest float64) (hi, lo float64) {
	hi = a + rest
	return hi, rest - (hi - a)
}

// sinOf is the sine of 0…Pi/2.
func sinOf(x float64) (s, rest float64) {
	if x < 1.0/8 {
		z := x * x
		p := z * (-1.0/6 + z*(1.0/120+z*(-1.0/5040+z*(1.0/362880-z*(1.0/39916800)))))
		return joined(x, x*p)
	}
	i := int(x*grid + 0.5)
	r := x - float64(i)/grid
	a := &angles[i]
	rs, rc := small(r)
	p := a.cos * rs
	rest = math.FMA(a.cos, rs, -p) + (a.sinRest + a.sin*rc + a.cosRest*rs)
	hi, lo := joined(a.sin, p)
	return joined(hi, lo+rest)
}

// small is the sine of a small angle, and its cosine less 1.
func small(r float64) (s, c float64) {
	z := r * r
	return r + r*z*(-1.0/6+z*(1.0/120)), z * (-1.0/2 + z*(1.0/24-z*(1.0/720)))
}

// sine is the sine of -Pi…Pi.
func sine(x float64) float64 {
	y := math.Abs(x)
	var s float64
	if y <= math.Pi/2 {
		s, _ = sinOf(y)
	} else {
		y = max(math.Pi-y, 0)
		hi, lo := sinOf(y)
		s = hi + (lo + piRest*math.Cos(y))
	}
	return math.Copysign(s, x)
}

// cosine is the cosine of -Pi/2…Pi/2.
func cosine(x float64) float64 {
	x = math.Abs(x)
	i := int(x*grid + 0.5)
	r := x - float64(i)/grid
	a := &angles[i]
	rs, rc := small(r)
	p := a.sin * rs
	return a.cos + (a.cosRest + a.cos*rc - p - (math.FMA(a.sin, rs, -p) + a.sinRest*rs))
}

// arcsine is that of 0…1. Rounding makes a sine greater than 1 of two points opposite to each other now and then: that is not a number.
func arcsine(s float64) float64 {
	switch {
	case s > 0.75:
		half := (1 - s) / 2
		root := math.Sqrt(half)
		if root == 0 || root != root {
			return math.Pi/2 - 2*root
		}
		y, rest := arcsineOf(root, math.FMA(-root, root, half)/(2*root))
		hi := math.Pi/2 - 2*y
		return hi + ((math.Pi/2 - hi) - 2*y + (halfPiRest - 2*rest))
	case s < 1.0/16:
		z := s * s
		return s + s*z*(1.0/6+z*(3.0/40+z*(15.0/336+z*(105.0/3456+z*(945.0/42240+z*(10395.0/599040+z*(135135.0/9676800)))))))
	}
	y, rest := arcsineOf(s, 0)
	return y + rest
}

// arcsineOf takes a nearly right angle and corrects it by what its sine is off.
func arcsineOf(s, more float64) (y, rest float64) {
	y = math.Asin(s)
	hi, lo := sinOf(y)
	return y, (s - hi - lo + more) / math.Sqrt(1-s*s)
}
