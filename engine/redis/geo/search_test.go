// Tests of searches against looking at every point, with formulas of another kind.

package geo

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestDistance(t *testing.T) {
	a, b := FromScore(3479099956230698), FromScore(3479447370796909)
	if d := Distance(a, b); math.Abs(d-166274.1516) > 5e-5 {
		t.Errorf("Palermo to Catania: %v", d)
	}
	if d := Distance(a, a); d != 0 {
		t.Errorf("from a point to itself: %v", d)
	}
	if d := Distance(Point{0, 0}, Point{180, 0}); math.Abs(d-math.Pi*earth) > 1e-8 {
		t.Errorf("half around: %v", d)
	}
}

// chord is a distance by way of the straight line through the earth.
func chord(a, b Point) float64 {
	var d float64
	x, y := vector(a), vector(b)
	for i := range x {
		d += (x[i] - y[i]) * (x[i] - y[i])
	}
	return 2 * earth * math.Asin(min(math.Sqrt(d)/2, 1))
}

func vector(p Point) [3]float64 {
	lat, lon := p.Lat*math.Pi/180, p.Lon*math.Pi/180
	return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}

// inside is what a shape means: true, false, or neither where a point is too near to its border.
func inside(s *Shape, p Point) (in, sure bool) {
	near := func(d, limit float64) (bool, bool) { return d <= limit, math.Abs(d-limit) > 1e-6*limit+1e-3 }
	if !s.Box {
		return near(chord(s.At, p), s.Radius*s.Unit)
	}
	lat, sure1 := near(chord(Point{p.Lon, s.At.Lat}, p), s.Height*s.Unit/2)
	lon, sure2 := near(chord(Point{s.At.Lon, p.Lat}, p), s.Width*s.Unit/2)
	return lat && lon, sure1 && sure2
}

func randomShape(r *rand.Rand, most float64) Shape {
	s := Shape{At: Point{r.Float64()*200 - 100, r.Float64()*120 - 60}, Unit: []float64{1, 1000, 0.3048, 1609.34}[r.IntN(4)]}
	size := func() float64 { return math.Pow(10, 1+r.Float64()*(most-1)) / s.Unit }
	if s.Box = r.IntN(2) == 0; s.Box {
		s.Width, s.Height = size(), size()
	} else {
		s.Radius = size()
	}
	return s
}

// TestSearch: what a search finds in its cells is what the shape holds, wherever the edges of the map are far enough away.
func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	found, holes := 0, 0
	for range 3000 {
		s := randomShape(r, 5.9)
		cover, q := s.Cover(), s.Search()
		for range 40 {
			reach := 3 * s.reach() / earth / radian
			p := Point{s.At.Lon + (r.Float64()*2-1)*reach, s.At.Lat + (r.Float64()*2-1)*reach}
			if !p.Valid() {
				continue
			}
			score := p.Score()
			p = FromScore(score)
			times := 0
			for _, c := range cover.Cells() {
				if from, to := c.Scores(); score >= from && score < to {
					times++
				}
			}
			if times > 1 {
				t.Fatalf("%+v: %v is in %d cells", s, p, times)
			}
			in, sure := inside(&s, p)
			d, ok := q.Holds(p, true)
			_, plain := q.Holds(p, false)
			if ok != plain {
				t.Fatalf("%+v: %v is held or not as the distance is asked for", s, p)
			}
			if !sure {
				continue
			}
			if ok != in {
				t.Fatalf("%+v: %v held %v, is inside %v", s, p, ok, in)
			}
			if in && math.Abs(d-chord(s.At, p)) > 1e-3 {
				t.Fatalf("%+v: %v is %v away, not %v", s, p, d, chord(s.At, p))
			}
			if in {
				found++
				if times == 0 {
					holes++
				}
			}
		}
	}
	if found < 5000 {
		t.Errorf("only %d points inside", found)
	}
	if holes > 0 {
		t.Errorf("%d of %d points inside are in no cell", holes, found)
	}
}

// TestCoverAnything: whatever the numbers are, a cover is one to nine cells, none of them twice.
func TestCoverAnything(t *testing.T) {
	odd := []float64{0, math.Copysign(0, -1), 1e-320, 1e-9, 1, 5000e3, mercator, 4e7, 1e300, math.MaxFloat64, math.Inf(1)}
	for _, lon := range []float64{-180, -179.99999, 0, 1e-300, 180} {
		for _, lat := range []float64{-MaxLat, -81, -67, 0, 67, 81, MaxLat} {
			for _, a := range odd {
				for _, b := range odd {
					for _, s := range []Shape{{At: Point{lon, lat}, Radius: a, Unit: 1609.34}, {At: Point{lon, lat}, Box: true, Width: a, Height: b, Unit: 0.3048}} {
						cover, q := s.Cover(), s.Search()
						seen := map[Cell]bool{}
						for _, c := range cover.Cells() {
							if seen[c] || c.step < 1 || c.step > steps {
								t.Fatalf("%+v: cells %v", s, cover.Cells())
							}
							seen[c] = true
						}
						if len(seen) == 0 {
							t.Fatalf("%+v: no cell", s)
						}
						if _, ok := q.Holds(s.At, true); !ok {
							t.Fatalf("%+v does not hold its middle", s)
						}
					}
				}
			}
		}
	}
}

func BenchmarkHolds(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var points [1024]Point
	for i := range points {
		points[i] = Point{13 + r.Float64()/10, 52 + r.Float64()/10}
	}
	s := Shape{At: Point{13.05, 52.05}, Radius: 3, Unit: 1000}
	q := s.Search()
	for _, measured := range []bool{false, true} {
		name := "found"
		if measured {
			name = "measured"
		}
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				q.Holds(points[i&1023], measured)
			}
		})
	}
}
