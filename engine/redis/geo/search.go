// Search: a circle or a box on the map, the cells that cover it, and which points it holds.

package geo

import "math"

// Shape is what is searched: a circle, or with Box a box. Its sizes are in units of so many meters.
type Shape struct {
	At            Point
	Box           bool
	Radius        float64
	Width, Height float64
	Unit          float64
}

// Cover is at most nine cells that hold all points of a shape, in the order in which they are to be walked.
type Cover struct {
	cells [9]Cell
	n     int
}

// Cells are the cells.
func (c *Cover) Cells() []Cell { return c.cells[:c.n] }

// estimate is how far the map may be halved so that a cell is not narrower than a radius, but for places near the edge.
func estimate(radius, lat float64) uint {
	if radius == 0 {
		return steps
	}
	n := 1
	for ; radius < mercator; radius *= 2 {
		n++
	}
	n -= 2
	if lat > 66 || lat < -66 {
		n--
		if lat > 80 || lat < -80 {
			n--
		}
	}
	return uint(min(max(n, 1), steps))
}

// reach is the radius of a circle around the shape, in meters.
func (s *Shape) reach() float64 {
	if !s.Box {
		return s.Radius * s.Unit
	}
	w, h := s.Width/2, s.Height/2
	return math.Sqrt(float64(w*w)+float64(h*h)) * s.Unit
}

// bounds are the parallels and meridians around the shape. A shape that reaches beyond a pole gets meridians that mean little.
func (s *Shape) bounds() (lat, lon span) {
	w, h := s.Radius, s.Radius
	if s.Box {
		w, h = s.Width/2, s.Height/2
	}
	w, h = s.Unit*w, s.Unit*h
	north := h / earth / radian
	narrow := s.At.Lat + north
	if s.At.Lat < 0 {
		narrow = s.At.Lat - north
	}
	east := w / earth / math.Cos(narrow*radian) / radian
	return span{s.At.Lat - north, s.At.Lat + north}, span{s.At.Lon - east, s.At.Lon + east}
}

// Cover finds the cells. It is the original's choice of cells, which misses points in a few places near the edges of the map.
func (s *Shape) Cover() (c Cover) {
	lat, lon := s.bounds()
	n := estimate(s.reach(), s.At.Lat)
	mid := Cell{encode(s.At, MaxLat, n), n}
	if n > 1 && mid.falls(lat, lon) {
		n--
		mid = Cell{encode(s.At, MaxLat, n), n}
	}
	mLat, mLon := area(mid.bits, n)
	// With more than a few cells on the map, a side that the middle cell reaches beyond needs no neighbours.
	all := n < 2
	north, south := all || !(mLat.max > lat.max), all || !(mLat.min < lat.min)
	east, west := all || !(mLon.max > lon.max), all || !(mLon.min < lon.min)
	c.add(true, mid)
	c.add(north, mid.moved(0, 1))
	c.add(south, mid.moved(0, -1))
	c.add(east, mid.moved(1, 0))
	c.add(west, mid.moved(-1, 0))
	c.add(north && east, mid.moved(1, 1))
	c.add(north && west, mid.moved(-1, 1))
	c.add(south && east, mid.moved(1, -1))
	c.add(south && west, mid.moved(-1, -1))
	return c
}

// add takes a cell in that is needed. On a map of few cells the neighbours on both sides are the same one.
func (c *Cover) add(needed bool, cell Cell) {
	if needed && (c.n < 2 || c.cells[c.n-1] != cell) {
		c.cells[c.n] = cell
		c.n++
	}
}

// falls tells that the cells around c do not reach as far as they must.
func (c Cell) falls(lat, lon span) bool {
	north, _ := area(c.moved(0, 1).bits, c.step)
	south, _ := area(c.moved(0, -1).bits, c.step)
	_, east := area(c.moved(1, 0).bits, c.step)
	_, west := area(c.moved(-1, 0).bits, c.step)
	return north.max < lat.max || south.min > lat.min || east.max < lon.max || west.min > lon.min
}

// Search is a shape ready for many points. It is a value for the stack.
type Search struct {
	shape    Shape
	cos      float64 // of the middle's latitude
	radius   bound   // of a circle
	width    bound   // half of a box's
	height   float64 // half of a box's, in meters; of a circle a little more than the radius
	lat, lon float64 // the middle in radians
}

// Search prepares a shape whose middle is a valid point.
func (s *Shape) Search() Search {
	q := Search{shape: *s, lat: s.At.Lat * radian, lon: s.At.Lon * radian, cos: cosine(s.At.Lat * radian)}
	if s.Box {
		q.width, q.height = newBound(s.Width*s.Unit/2), s.Height*s.Unit/2
	} else {
		q.radius = newBound(s.Radius * s.Unit)
		q.height = q.radius.meters * (1 + 1e-9)
	}
	return q
}

// Holds tells whether a point is in the shape, and with measured its distance from the middle in meters.
func (q *Search) Holds(p Point, measured bool) (distance float64, ok bool) {
	lat := p.Lat * radian
	if earth*math.Abs(lat-q.lat) > q.height {
		return 0, false
	}
	v, cos := sine((p.Lon*radian-q.lon)/2), cosine(lat)
	if q.shape.Box && !q.width.holds(haversine(0, v, cos, cos)) {
		return 0, false
	}
	if q.shape.Box && !measured {
		return 0, true
	}
	if v == 0 {
		distance = latDistance(q.shape.At.Lat, p.Lat)
		return distance, q.shape.Box || !(distance > q.radius.meters)
	}
	h := haversine(sine((lat-q.lat)/2), v, q.cos, cos)
	if !q.shape.Box && !q.radius.holds(h) {
		return 0, false
	}
	if measured {
		distance = meters(h)
	}
	return distance, true
}
