// The geo commands under comparison: a few indexes whose points meet, all over the map and in one city, and the edges of the map.

package diff

import (
	"math"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// geoKey is an index of points; now and then it is another key.
func geoKey(s *source) []string {
	if s.chance(15) {
		return key(s)
	}
	return word("g1", "g2", "g3", "{t}g")(s)
}

func geoMember(s *source) []string {
	if s.chance(10) {
		return []string{strconv.Itoa(s.IntN(40))}
	}
	return []string{"p" + strconv.Itoa(s.IntN(120))}
}

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// position is a longitude and a latitude: anywhere, in one city, on a coarse grid where many are the same, or at an edge.
func position(s *source) []string {
	switch s.IntN(16) {
	case 0:
		return one(word("180", "-180", "179.9999", "-179.9999", "0"), float)(s)
	case 1, 2, 3, 4:
		return []string{degrees(13.3 + s.Float64()/5), degrees(52.4 + s.Float64()/5)}
	case 5, 6:
		return []string{strconv.Itoa(s.IntN(8)*45 - 180 + s.IntN(2)), strconv.Itoa(s.IntN(9)*20 - 80)}
	case 7:
		return []string{degrees(180 * float64(2*s.IntN(2)-1) * (1 - s.Float64()/1000)), degrees(s.Float64()*170 - 85)}
	case 8:
		return []string{degrees(s.Float64()*360 - 180), degrees(float64(2*s.IntN(2)-1) * (85.05112878 - s.Float64()/10))}
	case 9:
		return []string{word("180", "-180", "0", "-0", "1e-7", "-1e-12", "13.4", "1e-300")(s)[0], word("85.05112878", "-85.05112878", "0", "52.5", "1e-9", "-1e-300")(s)[0]}
	case 10:
		if s.chance(6) {
			return []string{one(word("181", "-180.1", "inf", "-inf", "nan", "1e308", "", "x", " 1"), edge)(s)[0], word("0", "86", "-85.06", "-inf", "nan", "1e300")(s)[0]}
		}
	}
	return []string{degrees(s.Float64()*360 - 180), degrees(s.Float64()*170 - 85)}
}

// goodPosition has both numbers.
func goodPosition(s *source) []string {
	for {
		if p := position(s); len(p) == 2 {
			return p
		}
	}
}

func unitOf(s *source) []string {
	return word("m", "km", "KM", "ft", "mi", "M", "Mi", "m", "km", "cm", "")(s)
}

// extent is a length: from nothing to more than the earth has room for.
func extent(s *source) []string {
	switch s.IntN(14) {
	case 0:
		return word("0", "-1", "inf", "nan", "1e300", "1e-300", "x", "", "-0", "20037726.37", "40000000")(s)
	case 1:
		return edge(s)
	}
	return []string{degrees(math.Pow(10, s.Float64()*7.6-0.5))}
}

// crowd is what takes an index past the length of packed ones.
func crowd(s *source) []string {
	var out []string
	for range 60 + s.IntN(120) {
		out = append(append(out, degrees(13.3+s.Float64()/5), degrees(52.4+s.Float64()/5)), "w"+strconv.Itoa(s.IntN(400)))
	}
	return out
}

// grid is a crowd of which many stand at the same distance.
func grid(s *source) []string {
	var out []string
	for range 60 + s.IntN(120) {
		out = append(out, strconv.Itoa(s.IntN(9)-4), strconv.Itoa(s.IntN(9)-4), "w"+strconv.Itoa(s.IntN(400)))
	}
	return out
}

var (
	geoFrom    = one(opt("frommember", geoMember), opt("fromlonlat", goodPosition), opt("fromlonlat", goodPosition), opt("fromlonlat", lit("0", "0")))
	geoBy      = one(opt("byradius", extent, unitOf), opt("bybox", extent, extent, unitOf))
	geoCount   = opt("count", one(word("1", "2", "3", "5", "10", "20", "200", "0", "-1", "9223372036854775807"), number), maybe(opt("any")))
	geoOptions = some(opt("asc"), opt("desc"), geoCount, opt("any"))
	geoShown   = some(opt("withdist"), opt("withhash"), opt("withcoord"), opt("asc"), opt("desc"), geoCount)
	geoStored  = some(opt("store", geoKey), opt("storedist", geoKey), opt("asc"), opt("desc"), geoCount, opt("withdist"))
	geoClash   = some(geoFrom, geoBy, opt("storedist"), opt("store", geoKey), opt("count"), opt("withdist"))
	whyFar     = "the C library's and our sine differ in the last place now and then; " + whyDigits
)

var geoRows = []row{
	{name: "geoadd", weight: 6, args: seq(geoKey, some(opt("nx"), opt("xx"), opt("ch")), rep(1, 8, seq(goodPosition, geoMember)))},
	{name: "geoadd", weight: 2, args: seq(geoKey, crowd)},
	{name: "geoadd", weight: 2, args: seq(geoKey, grid)},
	{name: "zadd", weight: 1, args: seq(geoKey, score, geoMember)},
	{name: "zrem", weight: 1, args: seq(geoKey, rep(1, 5, geoMember))},
	{name: "geopos", weight: 3, args: seq(geoKey, rep(0, 5, geoMember))},
	{name: "geohash", weight: 3, args: seq(geoKey, rep(0, 5, geoMember))},
	{name: "geodist", weight: 4, args: seq(geoKey, geoMember, geoMember, maybe(unitOf)), same: distances, why: whyFar},
	{name: "geosearch", weight: 14, args: seq(geoKey, geoFrom, geoBy, geoShown), same: distances, why: whyFar},
	{name: "geosearch", weight: 2, args: seq(geoKey, geoFrom, geoBy, geoClash), same: distances, why: whyFar},
	{name: "geosearchstore", tame: true, weight: 4, args: seq(geoKey, geoKey, geoFrom, geoBy, geoOptions, maybe(opt("storedist")))},
	{name: "georadius", tame: true, weight: 4, args: seq(geoKey, goodPosition, extent, unitOf, one(geoShown, geoStored)), same: distances, why: whyFar},
	{name: "georadius_ro", weight: 3, args: seq(geoKey, goodPosition, extent, unitOf, one(geoShown, geoStored)), same: distances, why: whyFar},
	{name: "georadiusbymember", tame: true, weight: 4, args: seq(geoKey, geoMember, extent, unitOf, one(geoShown, geoStored)), same: distances, why: whyFar},
	{name: "georadiusbymember_ro", weight: 3, args: seq(geoKey, geoMember, extent, unitOf, one(geoShown, geoStored)), same: distances, why: whyFar},
	{name: "zrange", weight: 2, args: seq(geoKey, lit("0", "-1", "withscores")), same: distances, why: whyFar},
	{name: "object encoding", weight: 1, args: geoKey},
	{name: "del", weight: 1, args: geoKey},
}

// distances is doubles for numbers that may be off in the last place, as distances are. Of long ones that is the last digit shown, where 7.2 rounds after
// multiplying.
func distances(_ []string, a, b harness.Reply) bool { return nearNumbers(a, b) }

func nearNumbers(a, b harness.Reply) bool {
	if a.Kind != b.Kind || len(a.Elems) != len(b.Elems) || a.Null != b.Null {
		return false
	}
	if len(a.Elems) == 0 && equalNumbers(a, b) {
		return true
	}
	if len(a.Elems) > 0 {
		for i := range a.Elems {
			if !nearNumbers(a.Elems[i], b.Elems[i]) {
				return false
			}
		}
		return true
	}
	x, err1 := strconv.ParseFloat(a.Str, 64)
	y, err2 := strconv.ParseFloat(b.Str, 64)
	off := 1e-14 * math.Abs(y)
	if math.Abs(y) > 1e6 {
		off = 1.01e-4
	}
	return err1 == nil && err2 == nil && strings.Contains(b.Str, ".") && math.Abs(x-y) <= off
}
