// Tests of unions, intersections and differences, against the plain words of their documentation.

package redis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

func TestSortedSetAlgebra(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.do("zadd", "x", "1", "a", "2", "b", "3", "c")
		c.do("zadd", "y", "10", "b", "20", "c", "30", "d")
		c.want(flat("a", "1", "b", "12", "c", "23", "d", "30"), "zunion", "2", "x", "y", "withscores")
		c.want(flat("b", "c"), "zinter", "2", "x", "y")
		c.want(flat("a", "1"), "zdiff", "2", "x", "y", "withscores")
		c.want(flat("b", "c"), "zinter", "2", "x", "y", "aggregate", "min", "weights", "1", "0.5")
		c.want(flat("c", "-20", "b", "-10"), "zinter", "2", "x", "y", "withscores", "weights", "1", "-1", "aggregate", "min")
		c.want(flat("d", "0", "a", "1", "b", "2", "c", "3"), "zunion", "2", "x", "y", "weights", "1", "0", "withscores", "aggregate", "max")
		c.want(":4\r\n", "zunionstore", "x", "2", "x", "y")
		c.want(":3\r\n", "zinterstore", "y", "2", "x", "y", "weights", "2", "3")
		c.want(":0\r\n", "zdiffstore", "y", "2", "y", "x")
		c.want(":0\r\n", "exists", "y")
		c.want(":4\r\n", "zintercard", "1", "x")
		c.want(":3\r\n", "zintercard", "2", "x", "x", "limit", "3")
		c.want(":4\r\n", "zintercard", "2", "x", "x", "limit", "0")
		c.want("*0\r\n", "zinter", "2", "x", "none")
		c.do("zadd", "inf", "inf", "m", "-inf", "n")
		c.want(flat("m", "0", "n", "0"), "zunion", "1", "inf", "weights", "0", "withscores")
		c.want(flat("m", "0", "n", "0"), "zunion", "2", "inf", "inf", "weights", "1", "-1", "withscores")
		c.do("hello", "3")
		c.want("*2\r\n*2\r\n$1\r\nn\r\n,-inf\r\n*2\r\n$1\r\nm\r\n,inf\r\n", "zunion", "1", "inf", "withscores", "weights", "0.5")
	})
}

// TestSortedSetAlgebraModel compares the three operations over sets of different sizes and forms with Go maps.
func TestSortedSetAlgebraModel(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		rnd := rand.New(rand.NewPCG(4, 4))
		for range 60 {
			var sets [3]map[string]float64
			for i := range sets {
				sets[i] = map[string]float64{}
				key := fmt.Sprint("set", i)
				c.do("del", key)
				for range rnd.IntN([]int{1, 20, 300}[rnd.IntN(3)]) {
					name, score := fmt.Sprint("m", rnd.IntN(200)), float64(rnd.IntN(100))
					sets[i][name] = score
					c.do("zadd", key, fmt.Sprint(score), name)
				}
			}
			all, both, first := map[string]float64{}, map[string]float64{}, map[string]float64{}
			for i, set := range sets {
				for name, score := range set {
					all[name] += score
					if i > 0 {
						continue
					}
					_, in1 := sets[1][name]
					_, in2 := sets[2][name]
					if in1 && in2 {
						both[name] = score + sets[1][name] + sets[2][name]
					}
					if !in1 && !in2 {
						first[name] = score
					}
				}
			}
			for command, want := range map[string]map[string]float64{"zunion": all, "zinter": both, "zdiff": first} {
				c.want(ranked(want), command, "3", "set0", "set1", "set2", "withscores")
				c.want(":"+strconv.Itoa(len(want))+"\r\n", command+"store", "out", "3", "set0", "set1", "set2")
				c.want(ranked(want), "zrange", "out", "0", "-1", "withscores")
			}
			c.want(":"+strconv.Itoa(len(both))+"\r\n", "zintercard", "3", "set0", "set1", "set2")
		}
	})
}

// ranked is the reply with a sorted set and its scores.
func ranked(set map[string]float64) string {
	var names, words []string
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.SortStableFunc(names, func(a, b string) int { return int(set[a] - set[b]) })
	for _, name := range names {
		words = append(words, name, fmt.Sprint(set[name]))
	}
	return flat(words...)
}
