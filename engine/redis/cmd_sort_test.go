// Tests of SORT that are not comparisons with the original: what it refuses.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

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
