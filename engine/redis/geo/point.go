// Point: a place on the earth, and how it is packed into a score.

package geo

import "math"

// The part of the earth that can be indexed. Towards the poles the projection has no end.
const (
	MaxLon = 180.0
	MaxLat = 85.05112878
)

// steps is how often each axis is halved for a score.
const steps = 26

// Point is in degrees.
type Point struct{ Lon, Lat float64 }

// Valid tells that a point can be indexed.
func (p Point) Valid() bool {
	return p.Lon >= -MaxLon && p.Lon <= MaxLon && p.Lat >= -MaxLat && p.Lat <= MaxLat
}

// Score packs a valid point.
func (p Point) Score() float64 { return float64(encode(p, MaxLat, steps)) }

// FromScore unpacks a score: the middle of its smallest cell. Any number is the score of some point.
func FromScore(score float64) Point { return unpack(toBits(score)) }

// HashOf is the integer that a score is shown as.
func HashOf(score float64) int64 { return truncate(score) }

// encode finds the cell of a point after halving both axes n times. The edge of the map falls into a cell beyond the last.
func encode(p Point, maxLat float64, n uint) uint64 {
	lat := (p.Lat + maxLat) / (maxLat + maxLat)
	lon := (p.Lon + MaxLon) / (MaxLon + MaxLon)
	scale := float64(uint64(1) << n)
	return spread(uint32(lat*scale)) | spread(uint32(lon*scale))<<1
}

func unpack(bits uint64) Point {
	lat, lon := area(bits, steps)
	return Point{
		Lon: min(max((lon.min+lon.max)/2, -MaxLon), MaxLon),
		Lat: min(max((lat.min+lat.max)/2, -MaxLat), MaxLat),
	}
}

// span is a range of degrees.
type span struct{ min, max float64 }

// area is what a cell of n halvings covers. Bits beyond those are nothing valid, but mean something.
func area(bits uint64, n uint) (lat, lon span) {
	return axis(gather(bits), MaxLat, n), axis(gather(bits>>1), MaxLon, n)
}

func axis(i uint32, limit float64, n uint) span {
	scale, width := float64(uint64(1)<<n), limit+limit
	return span{
		min: -limit + float64(float64(i)/scale*width),
		max: -limit + float64(float64(i+1)/scale*width),
	}
}

// spread puts a zero bit before every bit; gather takes every other bit, from the lowest on.
func spread(x uint32) uint64 {
	v := uint64(x)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f0f0f0f0f
	v = (v | v<<2) & 0x3333333333333333
	return (v | v<<1) & 0x5555555555555555
}

func gather(v uint64) uint32 {
	v &= 0x5555555555555555
	v = (v | v>>1) & 0x3333333333333333
	v = (v | v>>2) & 0x0f0f0f0f0f0f0f0f
	v = (v | v>>4) & 0x00ff00ff00ff00ff
	v = (v | v>>8) & 0x0000ffff0000ffff
	return uint32(v | v>>16)
}

// truncate makes an int64 of any score, as x86 does: what does not fit becomes the least one. Go leaves that to the processor.
func truncate(score float64) int64 {
	if score >= -(1<<63) && score < 1<<63 {
		return int64(score)
	}
	return math.MinInt64
}

// toBits is truncate for the unsigned half of the numbers.
func toBits(score float64) uint64 {
	if score >= 1<<63 {
		return uint64(truncate(score-(1<<63))) ^ 1<<63
	}
	return uint64(truncate(score))
}

const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

// TextLength is the length of a point's geohash text.
const TextLength = 11

// AppendText appends the standard geohash of a score's point. It halves latitudes from the poles on, so the bits are not the score's. 52 bits
// are enough for ten letters; the last one is always 0.
func AppendText(b []byte, score float64) []byte {
	bits := encode(FromScore(score), 90, steps)
	for shift := 2*steps - 5; shift > 0; shift -= 5 {
		b = append(b, alphabet[bits>>shift&31])
	}
	return append(b, '0')
}
