// Tests of the geo commands, and searches against distances one by one. The figures are those that the real server replies.

package redis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

const sicily = "geoadd Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania"

func (f *fake) line(reply, line string) {
	f.rig.t.Helper()
	f.want(reply, strings.Fields(line)...)
}

func TestGeoPoints(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.line(":2\r\n", sicily)
		c.line(bulk("3479099956230698"), "zscore Sicily Palermo")
		c.line("*3\r\n*2\r\n"+bulk("13.36138933897018433")+bulk("38.11555639549629859")+"*-1\r\n*2\r\n"+bulk("15.08726745843887329")+bulk("37.50266842333162032"),
			"geopos Sicily Palermo none Catania")
		c.line("*2\r\n*-1\r\n*-1\r\n", "geopos none a b")
		c.line("*0\r\n", "geopos Sicily")
		c.line(flat("sqc8b49rny0", "sqdtr74hyu0"), "geohash Sicily Palermo Catania")
		c.line("*1\r\n$-1\r\n", "geohash none a")
		for unit, want := range map[string]string{"": "166274.1516", " km": "166.2742", " MI": "103.3182", " ft": "545518.8700"} {
			c.line(bulk(want), "geodist Sicily Palermo Catania"+unit)
		}
		c.line(bulk("0.0000"), "geodist Sicily Palermo Palermo")
		c.line("$-1\r\n", "geodist Sicily Palermo none")
		c.line("$-1\r\n", "geodist none a b")

		c.line(":0\r\n", "geoadd Sicily nx 1 1 Palermo")
		c.line(":1\r\n", "geoadd Sicily ch xx 1 1 Palermo 2 2 New")
		c.line(":0\r\n", "geoadd none xx 1 1 a")
		c.line(":0\r\n", "exists none")
		c.line(":2\r\n", "zcard Sicily")

		// Scores that no point has.
		c.line(":5\r\n", "zadd odd -1 a inf b -inf c 1e300 d 0.5 e")
		c.line(flat("bp05b5048p0", "00bh0hbj200", "00bh0hbj200", "00bh0hbj200", "00bh0hbj200"), "geohash odd a b c d e")
		c.line("*2\r\n*2\r\n"+bulk("180")+bulk("85.0511287799999991")+"*2\r\n"+bulk("-179.99999731779098511")+bulk("-85.05112751263942528"), "geopos odd a b")
		c.line("*1\r\n*3\r\n"+bulk("e")+bulk("10560.8118")+":0\r\n", "georadius odd 0 0 100000 km withhash withdist")

		c.do("hello", "3")
		c.line("*1\r\n*2\r\n,180\r\n,85.0511287799999991\r\n", "geopos odd a")
		c.line("*2\r\n_\r\n_\r\n", "geopos odd x y")
		c.line(bulk("0.0000"), "geodist odd a a")
	})
}

// TestGeoArguments covers R17: what is wrong with a request is said in the original's words and order, and nothing changes.
func TestGeoArguments(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.line(":2\r\n", sicily)
	c.do("set", "s", "x")
	const (
		syntax, wrong, notFloat = "-ERR syntax error\r\n", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "-ERR value is not a valid float\r\n"
		from                    = "geosearch Sicily fromlonlat 15 37 "
		by                      = "byradius 200 km "
	)
	arity := func(name string) string { return "-ERR wrong number of arguments for '" + name + "' command\r\n" }
	for line, want := range map[string]string{
		"geoadd k 1 2":                                              arity("geoadd"),
		"geoadd k 1 2 a 3 4":                                        syntax,
		"geoadd k nx xx 1 2 a":                                      syntax,
		"geoadd k nx ch ch":                                         syntax,
		"geoadd k 1 x a":                                            notFloat,
		"geoadd k nan 1 a":                                          notFloat,
		"geoadd k 1 2 a 181 2 b":                                    "-ERR invalid longitude,latitude pair 181.000000,2.000000\r\n",
		"geoadd k inf -inf a":                                       "-ERR invalid longitude,latitude pair inf,-inf\r\n",
		"geoadd s 1 x a":                                            notFloat,
		"geoadd s 1 2 a":                                            wrong,
		"geodist Sicily a b parsec":                                 "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n",
		"geodist Sicily a b km more":                                syntax,
		"geodist s a b":                                             wrong,
		"geopos s a":                                                wrong,
		"geohash s a":                                               wrong,
		"geosearch Sicily fromlonlat 15 37":                         arity("geosearch"),
		"geosearch s fromlonlat x y bybox a b c":                    wrong,
		"geosearch Sicily " + by + "asc withdist":                   "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch\r\n",
		"GeoSearch Sicily " + by + "asc withdist":                   "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GeoSearch\r\n",
		from + "asc withdist":                                       "-ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch\r\n",
		from + by + "frommember Palermo":                            syntax,
		from + by + "bybox 1 1 km":                                  syntax,
		from + "byradius -1 km":                                     "-ERR radius cannot be negative\r\n",
		from + "byradius nan km":                                    "-ERR need numeric radius\r\n",
		from + "byradius 1 lm":                                      "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n",
		from + "bybox x 1 km":                                       "-ERR need numeric width\r\n",
		from + "bybox 1 x km":                                       "-ERR need numeric height\r\n",
		from + "bybox 1 -1 km":                                      "-ERR height or width cannot be negative\r\n",
		from + by + "count 0":                                       "-ERR COUNT must be > 0\r\n",
		from + by + "count -9223372036854775808":                    "-ERR COUNT must be > 0\r\n",
		from + by + "count 9223372036854775808":                     "-ERR value is not an integer or out of range\r\n",
		from + by + "count":                                         syntax,
		from + by + "any":                                           "-ERR the ANY argument requires COUNT argument\r\n",
		from + by + "store d":                                       syntax,
		from + by + "storedist":                                     syntax,
		from + by + "count 9223372036854775807":                     flat("Catania", "Palermo"),
		from + by + "count 9223372036854775807 any":                 flat("Palermo", "Catania"),
		"geosearch Sicily frommember none " + by:                    "-ERR could not decode requested zset member\r\n",
		"geosearch none frommember none " + by:                      "*0\r\n",
		"geosearchstore d Sicily fromlonlat 1 1 " + by + "withdist": "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n",
		"georadius Sicily 15 37 200 km store d withcoord":           "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n",
		"georadius Sicily 15 99 200 km":                             "-ERR invalid longitude,latitude pair 15.000000,99.000000\r\n",
		"georadius_ro Sicily 15 37 200 km store d":                  syntax,
		"georadius Sicily 15 37 200 km store":                       syntax,
		"georadiusbymember none m x parsec":                         "*0\r\n",
		"georadiusbymember Sicily none 1 km":                        "-ERR could not decode requested zset member\r\n",
	} {
		c.line(want, line)
	}
	c.line(":0\r\n", "exists k d")
	c.line(":2\r\n", "zcard Sicily")
}

// crossing is points around a crossroads, many at the same distance.
const crossing = "geoadd x 1 0 e 0 1 n -1 0 w 0 -1 s 1 1 ne 1 -1 se -1 1 nw -1 -1 sw 0 0 o 2 0 e2 -2 0 w2 0 2 n2 0 -2 s2"

func TestGeoSearch(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.line(":13\r\n", crossing)
		for options, want := range map[string]string{
			"":                   "o e n ne e2 n2 s2 s se w2 w nw sw",
			" asc":               "o n s e w ne se nw sw n2 s2 e2 w2",
			" desc":              "e2 w2 n2 s2 ne se nw sw e w n s o",
			" count 4":           "o s n w",
			" count 3 desc":      "e2 w2 n2",
			" count 3 any":       "o e n",
			" any desc count 99": "e2 w2 n2 s2 ne se nw sw e w n s o",
		} {
			c.line(flat(strings.Fields(want)...), "geosearch x fromlonlat 0 0 byradius 300 km"+options)
			c.line(flat(strings.Fields(want)...), "georadius x 0 0 300 km"+options)
		}
		c.line("*2\r\n*4\r\n"+bulk("o")+bulk("0.0003")+":3377699720527872\r\n*2\r\n"+bulk("0.00000268220901489")+bulk("0.00000126736058093")+
			"*4\r\n"+bulk("s")+bulk("111.2262")+":2627013882172437\r\n*2\r\n"+bulk("0.00000268220901489")+bulk("-0.99999945914297683"),
			"geosearch x fromlonlat 0 0 bybox 300 500 km withdist withhash withcoord count 2")
		c.line(flat("o"), "geosearch x frommember o byradius 0 m")
		c.line(flat("o", "e", "n", "s", "w"), "georadiusbymember_ro x o 150 km asc") // o is not quite at the crossing
		c.line("*0\r\n", "geosearch x fromlonlat 90 45 bybox 0 0 m")
		if got := c.do("geosearch", "x", "fromlonlat", "0", "0", "byradius", "inf", "km"); !strings.HasPrefix(got, "*13\r\n") {
			t.Errorf("with no bounds: %q", got)
		}
	})
}

func TestGeoStore(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.line(":13\r\n", crossing)
		c.line(":3\r\n", "geosearchstore d x fromlonlat 0 0 byradius 300 km count 3 any")
		c.line(flat("o", "e", "n"), "geosearch d fromlonlat 0 0 byradius 300 km")
		c.line(":2\r\n", "geosearchstore d x frommember o byradius 200 km storedist count 2")
		c.line(flat("o", "0"), "zrange d 0 0 withscores")
		c.line(":1\r\n", "zcount d 111 112")
		c.line(":0\r\n", "geosearchstore d none frommember o byradius 200 km")
		c.line(":0\r\n", "exists d")
		c.line(":13\r\n", "georadius x 0 0 300 km store d")
		c.line(":0\r\n", "georadius x 90 45 1 m store d")
		c.line(":0\r\n", "exists d")

		// The last of several destinations counts.
		c.line(":1\r\n", "georadiusbymember x o 0 m storedist a store b storedist c")
		c.line(":1\r\n", "exists a b c")
		c.line(flat("o", "0"), "zrange c 0 -1 withscores")
		c.line(":1\r\n", "georadiusbymember x o 0 m store storedist")
		c.line(":1\r\n", "exists storedist")

		// A source that is its own destination.
		c.line(":5\r\n", "geosearchstore x x fromlonlat 0 0 bybox 230 230 km count 5")
		c.line(":5\r\n", "zcard x")
	})
}

// TestGeoModel compares searches with the distances that GEODIST tells, one by one.
func TestGeoModel(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		rnd := rand.New(rand.NewPCG(6, 6))
		degree := func(most float64) string { return fmt.Sprintf("%.6f", (rnd.Float64()*2-1)*most) }
		var names []string
		for i := range 300 {
			names = append(names, fmt.Sprint("p", i))
			c.do("geoadd", "g", degree(20), degree(20), names[i])
		}
		for range 100 {
			at, radius := names[rnd.IntN(len(names))], math.Pow(10, 4+2*rnd.Float64())
			within := map[string]float64{}
			for _, n := range names {
				d, err := strconv.ParseFloat(strings.Split(c.do("geodist", "g", at, n), "\r\n")[1], 64)
				if err != nil {
					t.Fatal(err)
				}
				if d <= radius {
					within[n] = d
				}
			}
			reply := strings.Split(c.do("geosearch", "g", "frommember", at, "byradius", fmt.Sprint(radius), "m", "asc"), "\r\n")
			got := reply[2 : len(reply)-1]
			last := 0.0
			for i := 0; i < len(got); i += 2 {
				d, ok := within[got[i]]
				if !ok || d < last {
					t.Fatalf("%s within %f of %s: %f after %f, known %v", got[i], radius, at, d, last, ok)
				}
				last = d
			}
			if len(got) != 2*len(within)-1 {
				t.Fatalf("%d within %f of %s, want %d", (len(got)+1)/2, radius, at, len(within))
			}
		}
	})
}

// TestGeoAllocs: searching costs the same few allocations however much is found.
func TestGeoAllocs(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	for i := range 1000 {
		c.do("geoadd", "g", fmt.Sprintf("%.4f", float64(i)/1000), "1", fmt.Sprint("p", i))
	}
	for _, line := range []string{"geosearch g fromlonlat 0 1 byradius 60 km withdist withcoord", "geosearch g fromlonlat 0 1 byradius 60 km asc withhash"} {
		in := []byte(request(strings.Fields(line)...))
		n := testing.AllocsPerRun(100, func() {
			c.worker.Out = c.worker.Out[:0]
			c.Feed(c.worker, in)
		})
		if n > 10 { // of hundreds of results; the race detector's build throws memory away by chance
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}
