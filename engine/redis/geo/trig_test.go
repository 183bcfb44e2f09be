// Tests of sine, cosine and arcsine against series of many digits.

package geo

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exact is the sine or cosine of x to some 200 bits: the series from x^from on.
func exact(x float64, from int64) *big.Float {
	num := func(f float64) *big.Float { return new(big.Float).SetPrec(256).SetFloat64(f) }
	square := new(big.Float).Mul(num(x), num(x))
	term, sum := num(1), num(0)
	if from == 1 {
		term = num(x)
	}
	for n := from; n < 80; n += 2 {
		sum.Add(sum, term)
		term.Mul(term, square)
		term.Quo(term, num(float64(-(n+1)*(n+2))))
	}
	return sum
}

// off is the difference between a value and the exact one, in units of the value's last place.
func off(got float64, want *big.Float) float64 {
	d, _ := new(big.Float).Sub(new(big.Float).SetPrec(256).SetFloat64(got), want).Float64()
	return math.Abs(d) / (math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got))
}

func TestTrig(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	const most = 0.505 // a half is the rounding itself
	for i := range 4000 {
		x := r.Float64()*2*math.Pi - math.Pi
		switch i % 4 {
		case 1:
			x = math.Pow(10, -9*r.Float64())
		case 2:
			x /= 10
		}
		if e := off(sine(x), exact(x, 1)); e > most {
			t.Fatalf("sine(%v) is off by %v", x, e)
		}
		if c := x / 2; c > -1.5 && c < 1.5 {
			if e := off(cosine(c), exact(c, 0)); e > most+0.1 { // close to a right angle little is left of it
				t.Fatalf("cosine(%v) is off by %v", c, e)
			}
		}
		s := math.Abs(math.Mod(x, 1))
		if i%8 == 3 {
			s = 1 - math.Pow(10, -16*r.Float64())
		}
		y := arcsine(s)
		back, _ := new(big.Float).Sub(new(big.Float).SetFloat64(s), exact(y, 1)).Float64()
		cos, _ := exact(y, 0).Float64()
		if e := math.Abs(back/cos) / (math.Nextafter(y, 2) - y); s < 1-1e-9 && e > most {
			t.Fatalf("arcsine(%v) is off by %v", s, e)
		}
		if c := math.Sqrt((1 - s) * (1 + s)); s >= 1-1e-9 && math.Abs(y-(math.Pi/2-(c+c*c*c/6))) > 3e-16 {
			t.Fatalf("arcsine(%v) = %v", s, y)
		}
	}
	for x, want := range map[float64]float64{0: 0, math.Pi: piRest, -math.Pi: -piRest} {
		if got := sine(x); got != want {
			t.Errorf("sine(%v) = %v", x, got)
		}
	}
	if arcsine(1) != math.Pi/2 || arcsine(0) != 0 || !math.IsNaN(arcsine(1.0000000000000002)) {
		t.Error("arcsine at its ends")
	}
}
