// Tests of the generic key commands.

package redis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestKeys(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, step := range []struct{ line, want string }{
		{"mset a 1 b 2 c 3", "+OK\r\n"}, {"exists a b a no", ":3\r\n"}, {"touch a no b", ":2\r\n"}, {"type a", "+string\r\n"}, {"type no", "+none\r\n"}, {"dbsize", ":3\r\n"},
		{"del a no a", ":1\r\n"}, {"unlink b no", ":1\r\n"}, {"keys *", "*1\r\n$1\r\nc\r\n"}, {"keys [a-c]", "*1\r\n$1\r\nc\r\n"}, {"keys x*", "*0\r\n"}, {"randomkey", "$1\r\nc\r\n"},
		{"rename no x", "-ERR no such key\r\n"}, {"rename c c", "+OK\r\n"}, {"renamenx c c", ":0\r\n"}, {"set d 4 ex 50", "+OK\r\n"}, {"renamenx c d", ":0\r\n"}, {"rename d c", "+OK\r\n"},
		{"get c", "$1\r\n4\r\n"}, {"ttl c", ":50\r\n"}, {"renamenx c e", ":1\r\n"}, {"ttl e", ":50\r\n"},
		{"copy e f", ":1\r\n"}, {"ttl f", ":50\r\n"}, {"copy e f", ":0\r\n"}, {"copy e f replace", ":1\r\n"}, {"copy no f replace", ":0\r\n"}, {"copy e e", "-ERR source and destination objects are the same\r\n"},
		{"copy e e db 1", ":1\r\n"}, {"copy e e db 99", "-ERR DB index is out of range\r\n"}, {"copy e f db x", "-ERR value is not an integer or out of range\r\n"}, {"copy e f foo", "-ERR syntax error\r\n"},
		{"move e 0", "-ERR source and destination objects are the same\r\n"}, {"move e 1", ":0\r\n"}, {"move e 2", ":1\r\n"}, {"move e 2", ":0\r\n"}, {"move e 16", "-ERR DB index is out of range\r\n"},
		{"select 2", "+OK\r\n"}, {"ttl e", ":50\r\n"}, {"select 16", "-ERR DB index is out of range\r\n"}, {"select x", "-ERR value is not an integer or out of range\r\n"},
		{"select 99999999999", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
		{"swapdb 2 3", "+OK\r\n"}, {"dbsize", ":0\r\n"}, {"swapdb x 1", "-ERR invalid first DB index\r\n"}, {"swapdb 1 x", "-ERR invalid second DB index\r\n"}, {"swapdb 1 99", "-ERR DB index is out of range\r\n"},
		{"select 3", "+OK\r\n"}, {"dbsize", ":1\r\n"}, {"flushdb", "+OK\r\n"}, {"dbsize", ":0\r\n"}, {"select 0", "+OK\r\n"}, {"dbsize", ":1\r\n"}, {"flushall async", "+OK\r\n"}, {"dbsize", ":0\r\n"},
		{"flushall foo", "-ERR syntax error\r\n"}, {"randomkey", "$-1\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}

// scan walks the whole database and returns the names in order.
func (f *fake) scan(options ...string) (names []string) {
	for cursor := "0"; ; {
		lines := strings.Split(f.do(append([]string{"scan", cursor}, options...)...), "\r\n")
		cursor = lines[2]
		for i := 5; i < len(lines); i += 2 {
			names = append(names, lines[i])
		}
		if cursor == "0" {
			slices.Sort(names)
			return slices.Compact(names)
		}
	}
}

func TestScan(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	var all, sevens []string
	for i := range 1000 {
		name := "key:" + strconv.Itoa(i)
		all = append(all, name)
		if strings.HasSuffix(name, "7") {
			sevens = append(sevens, name)
		}
		c.do("set", name, "v")
	}
	slices.Sort(all)
	slices.Sort(sevens)
	for _, o := range [][]string{nil, {"count", "1"}, {"count", "100000"}, {"type", "STRING"}, {"match", "*"}, {"match", "key:*", "count", "33"}} {
		if got := c.scan(o...); !slices.Equal(got, all) {
			t.Errorf("%q: %d names", o, len(got))
		}
	}
	if got := c.scan("match", "*7"); !slices.Equal(got, sevens) {
		t.Errorf("match: %d names", len(got))
	}
	if got := c.scan("type", "list"); len(got) != 0 {
		t.Errorf("lists: %q", got)
	}
	for _, bad := range []string{"scan x", "scan -", "scan 1x", "scan 18446744073709551616"} {
		c.want("-ERR invalid cursor\r\n", strings.Fields(bad)...)
	}
	for _, bad := range []string{"scan 0 count 0", "scan 0 count -1", "scan 0 foo", "scan 0 count", "scan 0 match"} {
		c.want("-ERR syntax error\r\n", strings.Fields(bad)...)
	}
	c.want("-ERR value is not an integer or out of range\r\n", "scan", "0", "count", "x")
	if reply := c.do("keys", "key:1?"); !strings.HasPrefix(reply, "*10\r\n") {
		t.Errorf("keys: %.20q", reply)
	}
}

func TestScanCursor(t *testing.T) {
	for in, want := range map[string]string{"": "0", "0": "0", "+5": "5", "-1": "18446744073709551615", "18446744073709551615": "18446744073709551615", "007": "7"} {
		if n, ok := scanCursor([]byte(in)); !ok || fmt.Sprint(n) != want {
			t.Errorf("%q: %d %v", in, n, ok)
		}
	}
}
