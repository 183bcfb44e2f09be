// Cell: a rectangle of the map whose points are neighbours in a sorted set.

package geo

// Cell is the first 2*step bits of a score.
type Cell struct {
	bits uint64
	step uint
}

// Scores is the range of the cell's scores; the second is the first that is not in it.
func (c Cell) Scores() (from, to float64) {
	shift := 2*steps - 2*c.step
	return float64(c.bits << shift), float64((c.bits + 1) << shift)
}

const (
	latBits = 0x5555555555555555
	lonBits = latBits << 1
)

// moved is the cell so many to the east and to the north, -1…1. The map is a ring in both directions.
func (c Cell) moved(east, north int) Cell {
	unused := 64 - 2*c.step
	lat, lon := c.bits&latBits, c.bits&lonBits
	// With all bits of the other axis set, a carry goes from a bit to the next one of its own axis.
	fillLat, fillLon := uint64(latBits)>>unused, uint64(lonBits)>>unused
	switch {
	case east > 0:
		lon += fillLat + 1
	case east < 0:
		lon = (lon | fillLat) - (fillLat + 1)
	}
	switch {
	case north > 0:
		lat += fillLon + 1
	case north < 0:
		lat = (lat | fillLon) - (fillLon + 1)
	}
	if east != 0 {
		lon &= fillLon
	}
	if north != 0 {
		lat &= fillLat
	}
	return Cell{lat | lon, c.step}
}
