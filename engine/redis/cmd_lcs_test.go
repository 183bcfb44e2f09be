// Tests of LCS against the plain recursive definition.

package redis

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// lcsModel is the length by definition, with a memory.
func lcsModel(x, y string, memo map[[2]int]int) int {
	if x == "" || y == "" {
		return 0
	}
	at := [2]int{len(x), len(y)}
	if n, ok := memo[at]; ok {
		return n
	}
	n := max(lcsModel(x[1:], y, memo), lcsModel(x, y[1:], memo))
	if x[0] == y[0] {
		n = max(n, 1+lcsModel(x[1:], y[1:], memo))
	}
	memo[at] = n
	return n
}

func contains(s, sub string) bool {
	for i := 0; sub != "" && i < len(s); i++ {
		if s[i] == sub[0] {
			sub = sub[1:]
		}
	}
	return sub == ""
}

func TestLCSModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	word := func() string {
		b := make([]byte, rnd.IntN(25))
		for i := range b {
			b[i] = "abcd"[rnd.IntN(4)]
		}
		return string(b)
	}
	for range 2000 {
		x, y := word(), word()
		table := lcsTable([]byte(x), []byte(y))
		n := int(table[len(table)-1])
		if want := lcsModel(x, y, map[[2]int]int{}); n != want {
			t.Fatalf("%s %s: %d, want %d", x, y, n, want)
		}
		common := make([]byte, n)
		ranges := lcsWalk(table, []byte(x), []byte(y), common)
		if !contains(x, string(common)) || !contains(y, string(common)) {
			t.Fatalf("%s is not in %s and %s", common, x, y)
		}
		joined := ""
		for i := len(ranges) - 1; i >= 0; i-- {
			m := ranges[i]
			if x[m.a:m.a+m.n] != y[m.b:m.b+m.n] {
				t.Fatalf("%s %s: range %+v differs", x, y, m)
			}
			joined += x[m.a : m.a+m.n]
		}
		if joined != string(common) {
			t.Fatalf("%s %s: ranges give %s, not %s", x, y, joined, common)
		}
	}
}

func TestLCS(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("mset", "a", "ohmytext", "b", "mynewtext")
	c.want(bulk("mytext"), "lcs", "a", "b")
	c.want(":6\r\n", "lcs", "a", "b", "len")
	c.want("*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n", "lcs", "a", "b", "idx", "minmatchlen", "4", "withmatchlen")
	c.want(bulk(""), "lcs", "a", "no")
	c.want("-ERR If you want both the length and indexes, please just use IDX.\r\n", "lcs", "a", "b", "len", "idx")
	c.want("-ERR syntax error\r\n", "lcs", "a", "b", "foo")
	if err := r.set.Set("proto-max-bulk-len", strconv.Itoa(1<<20)); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 1000)
	c.do("mset", "a", long, "b", long)
	c.want("-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n", "lcs", "a", "b", "len")
}
