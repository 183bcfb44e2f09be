// Points on the earth, kept as sorted sets: adding them and reading them one by one.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/engine/redis/geo"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func geoCommands() []*command {
	const group, since = "geo", "3.2.0"
	return []*command{
		{name: "geoadd", arity: -5, flags: write | denyoom, cats: catGeo, keys: oneKey(rw | updates), run: cmdGEOADD,
			group: group, since: since, cost: "O(log N) for each member, N being the number of members", past: []change{{"6.2.0", "`CH`, `NX` and `XX`."}},
			syntax: `key:key0 [condition:<NX | XX>]^6.2.0 [change=CH]^6.2.0 longitude_latitude_member:{longitude:double latitude:double member}...`,
			sum:    "Adds members with their positions, or moves them."},
		{name: "geodist", arity: -4, flags: readonly, cats: catGeo, keys: oneKey(ro | reads), run: cmdGEODIST,
			group: group, since: since, syntax: "key:key0 member1 member2 [unit:<M | KM | FT | MI>]", cost: "O(1)", sum: "Tells how far two members are from each other."},
		{name: "geohash", arity: -2, flags: readonly, cats: catGeo, keys: oneKey(ro | reads), run: cmdGEOHASH,
			group: group, since: since, syntax: "key:key0 member...", cost: "O(N), N being the number of members asked for", sum: "Reads members' positions as geohash texts."},
		{name: "geopos", arity: -2, flags: readonly, cats: catGeo, keys: oneKey(ro | reads), run: cmdGEOPOS,
			group: group, since: since, syntax: "key:key0 member...", cost: "O(N), N being the number of members asked for", sum: "Reads members' positions."},
	}
}

// point reads a longitude and a latitude.
func point(args [][]byte) (p geo.Point, err error) {
	if p.Lon, err = float(args[0], errNotFloat); err != nil {
		return p, err
	}
	if p.Lat, err = float(args[1], errNotFloat); err != nil {
		return p, err
	}
	if !p.Valid() {
		return p, errGeoPair(p.Lon, p.Lat)
	}
	return p, nil
}

// unit reads a unit of length, as so many meters.
func unit(b []byte) (float64, error) {
	switch {
	case equalFold(b, "m"):
		return 1, nil
	case equalFold(b, "km"):
		return 1000, nil
	case equalFold(b, "ft"):
		return 0.3048, nil
	case equalFold(b, "mi"):
		return 1609.34, nil
	}
	return 0, errGeoUnit
}

// placeOf finds a member's position.
func placeOf(z *value.SortedSet, member []byte) (geo.Point, bool) {
	score, ok := z.Score(member)
	if !ok {
		return geo.Point{}, false
	}
	return geo.FromScore(score), true
}

// distance replies with a distance: always four digits behind the point, and always as a string.
func (c *client) distance(d float64) {
	var buf [40]byte
	c.bulk(appendDistance(buf[:0], d))
}

// appendDistance rounds to the nearest, a half to the even one.
func appendDistance(b []byte, d float64) []byte {
	n := int64(math.MinInt64) // what the original makes of that which is not a number
	if d = math.RoundToEven(d * 10000); d < 1<<63 {
		n = int64(d)
	}
	return appendFixed(b, n, 4)
}

// position replies with a point.
func (c *client) position(p geo.Point) {
	c.array(2)
	c.human(p.Lon)
	c.human(p.Lat)
}

// human replies with a number for people.
func (c *client) human(f float64) {
	if c.v3 {
		c.w.Out = append(appendHuman(append(c.w.Out, ','), f), '\r', '\n')
		return
	}
	var buf [40]byte
	c.bulk(appendHuman(buf[:0], f))
}

// GEOADD key [NX|XX] [CH] longitude latitude member [longitude latitude member …]
func cmdGEOADD(c *client) error {
	var how value.Change
	countChanged := false
	s := scanner{args: c.args[2:]}
	for options := true; options; {
		switch {
		case s.word("nx"):
			how |= value.IfNew
		case s.word("xx"):
			how |= value.IfThere
		case s.word("ch"):
			countChanged = true
		default:
			options = false
		}
	}
	if len(s.args) == 0 || len(s.args)%3 != 0 || how == value.IfNew|value.IfThere {
		return errSyntax
	}
	for i := 0; i < len(s.args); i += 3 {
		if _, err := point(s.args[i:]); err != nil {
			return err
		}
	}
	z, err := c.findSorted(0)
	if err != nil {
		return err
	}
	added, updated, err := 0, 0, nil
	if z.Ok() || how&value.IfThere == 0 {
		added, updated, err = c.putScores(&z, how, givenPoint(s.args), s.args, 3, givenPoint)
	}
	return c.scoresPut(added, updated, countChanged, err)
}

// givenPoint is the score of a point that was checked before.
func givenPoint(words [][]byte) float64 {
	p, _ := point(words)
	return p.Score()
}

// GEOPOS key [member …]
func cmdGEOPOS(c *client) error {
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	c.array(len(c.args) - 2)
	for _, member := range c.args[2:] {
		if p, ok := placeOf(&z, member); ok {
			c.position(p)
		} else {
			c.nullArray()
		}
	}
	return nil
}

// GEOHASH key [member …]
func cmdGEOHASH(c *client) error {
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	c.array(len(c.args) - 2)
	for _, member := range c.args[2:] {
		if score, ok := z.Score(member); ok {
			var buf [geo.TextLength]byte
			c.bulk(geo.AppendText(buf[:0], score))
		} else {
			c.null()
		}
	}
	return nil
}

// GEODIST key member1 member2 [M|KM|FT|MI]
func cmdGEODIST(c *client) error {
	meters := 1.0
	if len(c.args) == 5 {
		var err error
		if meters, err = unit(c.args[4]); err != nil {
			return err
		}
	}
	if len(c.args) > 5 {
		return errSyntax
	}
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	a, ok1 := placeOf(&z, c.args[2])
	b, ok2 := placeOf(&z, c.args[3])
	if ok1 && ok2 {
		c.distance(geo.Distance(a, b) / meters)
	} else {
		c.null()
	}
	return nil
}
