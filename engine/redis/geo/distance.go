// Distances on the sphere.

package geo

import "math"

const (
	radian   = 0.017453292519943295 // a degree
	earth    = 6372797.560856       // the radius in meters
	mercator = 20037726.37          // half the width of the map in meters
)

// Distance is that of two points in meters, by the haversine formula.
func Distance(a, b Point) float64 {
	if v := sine((b.Lon*radian - a.Lon*radian) / 2); v != 0 {
		u := sine((b.Lat*radian - a.Lat*radian) / 2)
		return meters(haversine(u, v, cosine(a.Lat*radian), cosine(b.Lat*radian)))
	}
	return latDistance(a.Lat, b.Lat)
}

// latDistance is that of two points with the same longitude.
func latDistance(a, b float64) float64 { return earth * math.Abs(b*radian-a*radian) }

// haversine is the square of the sine of half the angle between two points. u and v are the sines of half the differences of latitude and
// longitude, the others the cosines of the latitudes.
func haversine(u, v, cosA, cosB float64) float64 {
	return float64(u*u) + float64(cosA*cosB*v*v)
}

// meters is the distance that a haversine stands for.
func meters(h float64) float64 { return 2 * earth * arcsine(math.Sqrt(h)) }

// bound is a greatest distance. Most haversines tell without an arcsine whether they are within.
type bound struct {
	meters        float64
	inside, about float64 // up to inside it is within; beyond about it is not
}

func newBound(m float64) bound {
	s := math.Sin(min(m/(2*earth), math.Pi/2))
	h := s * s
	return bound{m, h * (1 - 1e-12), h*(1+1e-12) + math.SmallestNonzeroFloat64}
}

func (b *bound) holds(h float64) bool {
	if h < b.inside {
		return true
	}
	return h <= b.about && !(meters(h) > b.meters)
}
