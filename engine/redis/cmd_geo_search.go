// Searching for points on the earth: rows and arguments. What is found is the business of geo_hits.go.

package redis

import (
	"github.com/cachesrv/cachesrv/engine/redis/geo"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func geoSearchCommands() []*command {
	const (
		cost    = "O(N + M log M), N being the number of members in the cells around the shape and M of those in it"
		units   = "unit:<M | KM | FT | MI>"
		order   = "[order:<ASC | DESC>]"
		with    = "[WITHCOORD] [WITHDIST] [WITHHASH]"
		near    = "radius:double " + units + " " + with
		store   = ` ["STORE" key:key1] ["STOREDIST" key:key2]`
		anyNew  = ` [count:{"COUNT" count:int [ANY]^6.2.0}] ` + order
		anyOld  = ` [count:{"COUNT" count:int [ANY]}] ` + order
		shape   = `from:<"FROMMEMBER" member | "FROMLONLAT" longitude_latitude:{longitude:double latitude:double}> by:<circle:{"BYRADIUS" radius:double ` + units + `} | box:{"BYBOX" width:double height:double ` + units + `}> ` + order + ` [count:{"COUNT" count:int [ANY]}] `
		around  = "Finds members within a distance from a point."
		aroundM = "Finds members within a distance from a member."
		byPoint = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"
		byBoth  = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"
	)
	anyCame, upperCame := change{"6.2.0", "`ANY` for `COUNT`."}, change{"7.0.0", "Units in upper case."}
	row := func(name string, arity int, f flags, keys []keySpec, syntax string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: f, cats: catGeo, keys: keys, run: run, group: "geo", syntax: syntax, cost: cost}
	}
	about := func(cmd *command, since, sum string, gone deprecation, past ...change) *command {
		cmd.since, cmd.sum, cmd.gone, cmd.past = since, sum, gone, past
		return cmd
	}
	storing := func(cmd *command) *command {
		cmd.roams = storesTwice
		return cmd
	}
	source := oneKey(ro | reads)
	return []*command{
		about(row("geosearch", -7, readonly, source, "key:key0 "+shape+with, cmdGEOSEARCH),
			"6.2.0", "Finds members within a circle or a box.", deprecation{}, upperCame),
		about(row("geosearchstore", -8, write|denyoom, fromTo(ow|updates, ro|reads), "destination:key0 source:key1 "+shape+"[STOREDIST]", cmdGEOSEARCHSTORE),
			"6.2.0", "Stores the members within a circle or a box as another sorted set.", deprecation{}, upperCame),
		about(storing(row("georadius", -6, write|denyoom, storedBehind(6), "key:key0 longitude:double latitude:double "+near+anyNew+store, cmdGEORADIUS)),
			"3.2.0", around, deprecation{"6.2.0", byPoint}, anyCame, upperCame),
		about(row("georadius_ro", -6, readonly, source, "key:key0 longitude:double latitude:double "+near+anyNew, cmdGEORADIUS),
			"3.2.10", around, deprecation{"6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument"}, anyCame),
		about(storing(row("georadiusbymember", -5, write|denyoom, storedBehind(5), "key:key0 member "+near+anyOld+store, cmdGEORADIUSBYMEMBER)),
			"3.2.0", aroundM, deprecation{"6.2.0", byBoth}, upperCame),
		about(row("georadiusbymember_ro", -5, readonly, source, "key:key0 member "+near+anyOld, cmdGEORADIUSBYMEMBER),
			"3.2.10", aroundM, deprecation{"6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"}),
	}
}

// storedBehind is a source at 1 and destinations behind words from an argument on.
func storedBehind(first int) []keySpec {
	return []keySpec{{access: ro | reads, first: 1, step: 1},
		{access: ow | updates, keyword: "store", first: first, step: 1}, {access: ow | updates, keyword: "storedist", first: first, step: 1}}
}

// storesTwice tells that a request may name several destinations. The last one counts, while the key specs find the first.
func storesTwice(args [][]byte) bool {
	n := 0
	for _, a := range args[min(5, len(args)):] {
		if equalFold(a, "store") || equalFold(a, "storedist") {
			n++
		}
	}
	return n > 1
}

// geoOrder is how results are sorted.
type geoOrder uint8

const (
	asFound geoOrder = iota
	nearest
	farthest
)

// geoQuery is a search's arguments.
type geoQuery struct {
	c         *client
	source    value.SortedSet
	searching bool // GEOSEARCH: the shape is among the options

	shape              geo.Shape
	placed, fromMember bool
	circle             bool

	order                         geoOrder
	count                         int64 // 0: all
	any                           bool  // the first ones that are found will do
	withCoord, withDist, withHash bool

	dest      []byte // nil: reply
	storeDist bool
}

// GEOSEARCH key FROMMEMBER member | FROMLONLAT longitude latitude BYRADIUS radius unit | BYBOX width height unit [ASC|DESC] [COUNT count [ANY]]
// [WITHCOORD] [WITHDIST] [WITHHASH]
func cmdGEOSEARCH(c *client) error {
	q := geoQuery{c: c, searching: true}
	if err := q.open(0); err != nil {
		return err
	}
	return q.run(c.args[2:])
}

// GEOSEARCHSTORE destination source FROMMEMBER member | FROMLONLAT longitude latitude BYRADIUS radius unit | BYBOX width height unit [ASC|DESC]
// [COUNT count [ANY]] [STOREDIST]
func cmdGEOSEARCHSTORE(c *client) error {
	q := geoQuery{c: c, searching: true, dest: c.args[1]}
	if err := q.open(1); err != nil {
		return err
	}
	return q.run(c.args[3:])
}

// GEORADIUS key longitude latitude radius unit [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE key] [STOREDIST key]
func cmdGEORADIUS(c *client) (err error) {
	q := geoQuery{c: c}
	if err = q.open(0); err != nil {
		return err
	}
	if q.shape.At, err = point(c.args[2:]); err != nil {
		return err
	}
	if err = q.radius(c.args[4:]); err != nil {
		return err
	}
	return q.run(c.args[6:])
}

// GEORADIUSBYMEMBER key member radius unit [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE key] [STOREDIST key]
func cmdGEORADIUSBYMEMBER(c *client) error {
	q := geoQuery{c: c}
	if err := q.open(0); err != nil {
		return err
	}
	if q.source.Ok() { // without a set nobody looks at what is asked of it
		if err := q.member(c.args[2]); err != nil {
			return err
		}
		if err := q.radius(c.args[3:]); err != nil {
			return err
		}
	}
	return q.run(c.args[5:])
}

func (q *geoQuery) open(key int) (err error) {
	q.source, err = q.c.readSorted(key)
	return err
}

// member takes the position of one as the middle.
func (q *geoQuery) member(name []byte) error {
	p, ok := placeOf(&q.source, name)
	if !ok {
		return errGeoMember
	}
	q.shape.At = p
	return nil
}

// radius reads a circle's radius and its unit.
func (q *geoQuery) radius(args [][]byte) (err error) {
	if q.shape.Radius, err = float(args[0], errGeoRadius); err != nil {
		return err
	}
	if q.shape.Radius < 0 {
		return errGeoNegative
	}
	q.shape.Unit, err = unit(args[1])
	return err
}

// box reads a box's sides and their unit.
func (q *geoQuery) box(args [][]byte) (err error) {
	if q.shape.Width, err = float(args[0], errGeoWidth); err != nil {
		return err
	}
	if q.shape.Height, err = float(args[1], errGeoHeight); err != nil {
		return err
	}
	if q.shape.Width < 0 || q.shape.Height < 0 {
		return errGeoBox
	}
	q.shape.Unit, err = unit(args[2])
	return err
}

// run reads the options and does the search.
func (q *geoQuery) run(options [][]byte) error {
	s := scanner{args: options}
	for s.more() {
		q.option(&s)
	}
	if s.err != nil {
		return s.err
	}
	if err := q.clash(); err != nil {
		return err
	}
	if q.count != 0 && q.order == asFound && !q.any {
		q.order = nearest
	}
	return q.answer()
}

func (q *geoQuery) option(s *scanner) {
	store := !q.searching && q.c.cmd.flags&write != 0
	switch {
	case s.word("withdist"):
		q.withDist = true
	case s.word("withhash"):
		q.withHash = true
	case s.word("withcoord"):
		q.withCoord = true
	case s.word("any"):
		q.any = true
	case s.word("asc"):
		q.order = nearest
	case s.word("desc"):
		q.order = farthest
	case q.searching && q.dest != nil && s.word("storedist"):
		q.storeDist = true
	case q.searching && q.shaped(s):
	default:
		if v, ok := s.option("count"); ok {
			if q.count = s.integer(v, errNotInt); q.count <= 0 {
				s.fail(errGeoCount)
			}
		} else if v, ok := s.option("store"); ok && store {
			q.dest, q.storeDist = v, false
		} else if v, ok := s.option("storedist"); ok && store {
			q.dest, q.storeDist = v, true
		} else {
			s.fail(errSyntax)
		}
	}
}

// shaped takes the options that say where and how far.
func (q *geoQuery) shaped(s *scanner) bool {
	n := len(s.args)
	var err error
	switch {
	case n > 1 && (!q.placed || q.fromMember) && s.word("frommember"):
		if q.placed, q.fromMember = true, true; q.source.Ok() {
			err = q.member(s.args[0])
		}
		s.args = s.args[1:]
	case n > 2 && !q.fromMember && s.word("fromlonlat"):
		q.placed = true
		q.shape.At, err = point(s.args)
		s.args = s.args[2:]
	case n > 2 && !q.shape.Box && s.word("byradius"):
		q.circle = true
		err = q.radius(s.args)
		s.args = s.args[2:]
	case n > 3 && !q.circle && s.word("bybox"):
		q.shape.Box = true
		err = q.box(s.args)
		s.args = s.args[3:]
	default:
		return false
	}
	if err != nil {
		s.fail(err)
	}
	return true
}

// clash finds what does not go together.
func (q *geoQuery) clash() error {
	switch {
	case q.dest != nil && (q.withDist || q.withHash || q.withCoord):
		if q.searching {
			return errGeoStoring
		}
		return errGeoStore
	case q.searching && !q.placed:
		return errGeoFrom(q.c.args[0])
	case q.searching && !q.circle && !q.shape.Box:
		return errGeoBy(q.c.args[0])
	case q.any && q.count == 0:
		return errGeoAny
	}
	return nil
}
