// Tests of SORT: options, weights from other keys, the window, storing.

package redis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestSort: the replies are those of redis-server 7.0.15, errors included (R17).
func TestSort(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, line := range []string{"sadd s 3 1 2 10", "sadd t b a c", "rpush l 3 1 2 10", "zadd z 1 c 2 a 3 b", "set w1 30", "set w2 20", "set w3 10", "set w10 x", "hset h1 f 5 g one", "hset h2 f 4 g two",
		"hset h3 f 3", "set str x", "sadd u 1 2 3", "rpush bad 1 a", "rpush odd 0x10 1e1 -inf"} {
		if reply := c.do(strings.Fields(line)...); reply[0] == '-' {
			t.Fatal(line, reply)
		}
	}
	const syntax, number, score = "-ERR syntax error\r\n", "-ERR value is not an integer or out of range\r\n", "-ERR One or more scores can't be converted into double\r\n"
	for _, step := range []struct{ line, want string }{
		{"sort s", "1 2 3 10"}, {"sort s desc", "10 3 2 1"}, {"sort s alpha", "1 10 2 3"}, {"sort s desc asc", "1 2 3 10"}, {"sort l", "1 2 3 10"}, {"sort t alpha desc", "c b a"},
		{"sort z alpha", "a b c"}, {"sort z by nosort", "c a b"}, {"sort z by nosort desc", "b a c"}, {"sort z by nosort desc limit 1 1", "a"}, {"sort l by nosort limit 1 2", "1 2"},
		{"sort l by nosort desc limit 1 2", "2 1"}, {"sort l by nosort", "3 1 2 10"}, {"sort l by nosort desc", "10 2 1 3"},
		{"sort s limit 1 2", "2 3"}, {"sort s limit 0 0", ""}, {"sort s limit 3 100", "10"}, {"sort s limit 100 1", ""}, {"sort s limit -5 2", "1 2"}, {"sort s limit 2 -1", "3 10"},
		{"sort s limit 1 9223372036854775807", "2 3 10"}, {"sort s limit 9223372036854775807 9223372036854775807", ""}, {"sort s limit -9223372036854775808 -9223372036854775808", "1 2 3 10"},
		{"sort u by w*", "3 2 1"}, {"sort u by w* get # get w*", "3 10 2 20 1 30"}, {"sort u by h*->f get h*->g", "nil two one"}, {"sort u by h*->f desc get #", "1 2 3"}, {"sort u by h*->", "1 2 3"},
		{"sort u by nosuch*", "1 2 3"}, {"sort s by w*", score}, {"sort s by w* alpha get w*", "10 20 30 x"}, {"sort u get h*->g get nokey", "one nil two nil nil nil"}, {"sort u by # limit 0 0", ""},
		{"sort odd", "-inf 1e1 0x10"}, {"sort nokey", ""}, {"sort t", score}, {"sort bad", score}, {"sort bad alpha", "1 a"}, {"sort str", wrongType}, {"sort h1", wrongType},
		{"sort str foo", syntax}, {"sort s limit", syntax}, {"sort s limit 1", syntax}, {"sort s limit x 1", number}, {"sort s limit 1 x foo", number}, {"sort s by", syntax}, {"sort s get", syntax},
		{"sort s store", syntax}, {"sort_ro s store d", syntax}, {"sort_ro s desc", "10 3 2 1"},
		{"sort s store d", ":4\r\n"}, {"lrange d 0 -1", "1 2 3 10"}, {"type d", "+list\r\n"}, {"sort u by h*->f get h*->g store d", ":3\r\n"}, {"lrange d 0 -1", " two one"},
		{"sort t by nosort store d", ":3\r\n"}, {"lrange d 0 -1", "a b c"}, {"sort t store d", score}, {"lrange d 0 -1", "a b c"}, {"sort nokey store d", ":0\r\n"}, {"exists d", ":0\r\n"},
		{"sort l alpha store l", ":4\r\n"}, {"lrange l 0 -1", "1 10 2 3"}, {"sort u store a store str", ":3\r\n"}, {"exists a", ":0\r\n"}, {"lrange str 0 -1", "1 2 3"},
	} {
		got := c.do(strings.Fields(step.line)...)
		if got[0] == '*' {
			got = texts(got)
		}
		if got != step.want {
			t.Errorf("%s: %q, want %q", step.line, got, step.want)
		}
	}
}

// texts are the strings of an array, nil for a null.
func texts(reply string) string {
	var out []string
	lines := strings.Split(reply, "\r\n")
	for i := 1; i < len(lines)-1; i++ {
		if lines[i] == "$-1" {
			out = append(out, "nil")
		} else {
			i++
			out = append(out, lines[i])
		}
	}
	return strings.Join(out, " ")
}

// TestSortAgainstSlice: random numbers by themselves and by weights, with all windows.
func TestSortAgainstSlice(t *testing.T) {
	for seed := range uint64(6) {
		c := newRig(t, core.Options{}).client()
		r := rand.New(rand.NewPCG(seed, 1))
		kind, numbers := []string{"sadd", "rpush"}[seed%2], map[int]int{}
		var all []int
		for range []int{5, 300, 2000}[seed%3] {
			n := r.IntN(10_000)
			if _, there := numbers[n]; there {
				continue
			}
			numbers[n] = r.IntN(500) - 250
			all = append(all, n)
			c.do(kind, "k", strconv.Itoa(n))
			c.do("set", "w:"+strconv.Itoa(n), strconv.Itoa(numbers[n]))
			c.do("hset", "h:"+strconv.Itoa(n), "weight", strconv.Itoa(numbers[n]), "other", "1")
		}
		for _, by := range []string{"", "w:*", "h:*->weight"} {
			slices.SortFunc(all, func(a, b int) int {
				if by != "" && numbers[a] != numbers[b] {
					return numbers[a] - numbers[b]
				}
				if by != "" { // equal weights go by text
					return strings.Compare(strconv.Itoa(a), strconv.Itoa(b))
				}
				return a - b
			})
			for range 10 {
				skip, count := r.IntN(len(all)+10), r.IntN(len(all)+10)
				var want []string
				for i := skip; i < min(skip+count, len(all)); i++ {
					want = append(want, strconv.Itoa(all[i]))
				}
				line := []string{"sort", "k", "limit", strconv.Itoa(skip), strconv.Itoa(count)}
				if by != "" {
					line = append(line, "by", by)
				}
				if got := texts(c.do(line...)); got != strings.Join(want, " ") {
					t.Fatalf("seed %d, %v: %s, want %v", seed, line, got, want)
				}
			}
		}
	}
}

// TestSortScore: numbers as C reads them.
func TestSortScore(t *testing.T) {
	for text, want := range map[string]float64{
		"": 0, "0": 0, "-0": 0, "12": 12, " 12": 12, "\t\n1.5": 1.5, "+3": 3, ".5": .5, "5.": 5, "1e3": 1000, "0x10": 16, "-0x1p3": -8, "inf": math.Inf(1), "-Infinity": math.Inf(-1), "1\x00abc": 1, "\x00": 0,
		"1.7976931348623157e308": math.MaxFloat64, "0e999": 0, "9223372036854775807": 1 << 63,
	} {
		if got, ok := sortScore([]byte(text)); !ok || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{" ", "a", "1a", "1 ", "nan", "-nan", "1e400", "-1e400", "1e-400", "5e-324", "0x", "1e", "--1", "1_000", "+", ".", "1,5", "infinit"} {
		if f, ok := sortScore([]byte(text)); ok {
			t.Errorf("%q is read as %v", text, f)
		}
	}
}

func TestSortKeys(t *testing.T) {
	table := newTable(families())
	for line, want := range map[string]string{
		"sort k": "1 false", "sort k store d": "1 3 false", "sort k store d store e": "1 5 false", "sort k limit store x": "1 false", "sort k by store store d": "1 5 false",
		"sort k get w*": "1 true", "sort k get # by nosort": "1 false", "sort k by w* store d": "1 5 true", "sort k store": "1 false", "sort k get": "1 false", "sort_ro k store d": "1 false",
	} {
		args := words(strings.Fields(line))
		cmd := table.find(args[0])
		var got []string
		for walk := cmd.walkKeys(args); walk.next(); {
			got = append(got, strconv.Itoa(walk.arg))
		}
		if got := fmt.Sprint(strings.Join(got, " "), " ", cmd.roams(args)); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestSortJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	c.do("sadd", "s", "2", "1")
	for _, step := range []struct{ line, want string }{
		{"sort s", ""}, {"sort s store d", "0 sort s store d"}, {"sort nokey store d", "0 sort nokey store d"}, {"sort nokey store d", ""},
	} {
		d.lines = nil
		c.do(strings.Fields(step.line)...)
		if got := strings.Join(d.lines, "; "); got != step.want {
			t.Errorf("%s: journal got %q, want %q", step.line, got, step.want)
		}
	}
}

// TestSORTBoundsWhatGETMultiplies: patterns times elements is no number to set memory aside for, and what they lead to is no reply without end.
func TestSORTBoundsWhatGETMultiplies(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	push := []string{"RPUSH", "k"}
	for i := range 100_000 {
		push = append(push, strconv.Itoa(i))
	}
	c.want(":100000\r\n", push...)
	sort := append([]string{"SORT", "k", "BY", "nosort"}, strings.Fields(strings.Repeat("GET # ", 20_000))...)
	c.want("-ERR value is out of range\r\n", sort...)
	c.want("-ERR value is out of range\r\n", append(sort, "STORE", "d")...)
	c.do("SET", "big", strings.Repeat("v", 1<<20))
	c.want(":1000\r\n", append([]string{"RPUSH", "same"}, strings.Fields(strings.Repeat("g ", 1000))...)...)
	c.want("-ERR value is out of range\r\n", "SORT", "same", "BY", "nosort", "GET", "bi*", "STORE", "d")
	c.want(":0\r\n", "EXISTS", "d")
}
