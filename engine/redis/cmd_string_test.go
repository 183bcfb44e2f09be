// Tests of the string commands: against a plain model, and at their edges.

package redis

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestStrings(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("$-1\r\n", "get", "a")
	c.want("+OK\r\n", "set", "a", "hello")
	c.want(bulk("hello"), "get", "a")
	c.want(":5\r\n", "strlen", "a")
	c.want(":0\r\n", "setnx", "a", "x")
	c.want(":1\r\n", "setnx", "b", "x")
	c.want(bulk("x"), "getset", "b", "y")
	c.want(bulk("y"), "getdel", "b")
	c.want("$-1\r\n", "getdel", "b")
	c.want(":8\r\n", "append", "a", "foo")
	c.want(bulk("raw"), "object", "encoding", "a")
	c.want(bulk("ello"), "getrange", "a", "1", "4")
	c.want(bulk("oo"), "substr", "a", "-2", "-1")
	c.want(bulk(""), "getrange", "a", "5", "2")
	c.want(bulk("hellofoo"), "getrange", "a", "-9223372036854775808", "9223372036854775807")
	c.want(":8\r\n", "setrange", "a", "2", "LL")
	c.want(":10\r\n", "setrange", "a", "9", "!")
	c.want(bulk("heLLofoo\x00!"), "get", "a")
	c.want(":0\r\n", "setrange", "new", "5", "")
	c.want(":0\r\n", "exists", "new")
	c.want("-ERR offset is out of range\r\n", "setrange", "a", "-1", "x")
	c.want("-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n", "setrange", "a", "536870912", "x")
	c.want("-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n", "setrange", "a", "9223372036854775807", "x")
	c.want("+OK\r\n", "mset", "x", "1", "y", "2", "x", "3")
	c.want("*4\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n$1\r\n3\r\n", "mget", "x", "y", "no", "x")
	c.want(":0\r\n", "msetnx", "z", "1", "y", "9")
	c.want(":1\r\n", "msetnx", "z", "1", "z", "2")
	c.want(bulk("2"), "get", "z")
	c.want("-ERR wrong number of arguments for 'mset' command\r\n", "mset", "x", "1", "y")
	c.want("-ERR wrong number of arguments for 'msetnx' command\r\n", "msetnx", "x", "1", "y")
}

// TestStringsModel runs random commands against a Go map.
func TestStringsModel(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	model := map[string]string{}
	rnd := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		b := make([]byte, rnd.IntN([]int{3, 30, 700}[rnd.IntN(3)]))
		for i := range b {
			b[i] = byte(rnd.UintN(256))
		}
		return string(b)
	}
	maybe := func(k string) string {
		if v, ok := model[k]; ok {
			return bulk(v)
		}
		return "$-1\r\n"
	}
	for range 30_000 {
		k, v := "k"+strconv.Itoa(rnd.IntN(5)), word()
		switch rnd.IntN(9) {
		case 0:
			c.want("+OK\r\n", "set", k, v)
			model[k] = v
		case 1:
			c.want(maybe(k), "get", k)
		case 2:
			model[k] += v
			c.want(":"+strconv.Itoa(len(model[k]))+"\r\n", "append", k, v)
		case 3:
			at := rnd.IntN(600)
			if v != "" {
				old := model[k]
				if len(old) < at+len(v) {
					old += strings.Repeat("\x00", at+len(v)-len(old))
				}
				model[k] = old[:at] + v + old[at+len(v):]
			}
			c.want(":"+strconv.Itoa(len(model[k]))+"\r\n", "setrange", k, strconv.Itoa(at), v)
		case 4:
			from, to := rnd.IntN(40)-20, rnd.IntN(40)-20
			c.want(bulk(slice(model[k], from, to)), "getrange", k, strconv.Itoa(from), strconv.Itoa(to))
		case 5:
			c.want(maybe(k), "getset", k, v)
			model[k] = v
		case 6:
			if rnd.IntN(8) == 0 {
				c.want(maybe(k), "getdel", k)
				delete(model, k)
			}
		case 7:
			c.want(":"+strconv.Itoa(len(model[k]))+"\r\n", "strlen", k)
		case 8:
			to := "k" + strconv.Itoa(rnd.IntN(5))
			if _, ok := model[k]; ok {
				c.want("+OK\r\n", "rename", k, to)
				old := model[k]
				delete(model, k)
				model[to] = old
			}
		}
	}
	c.want(":"+strconv.Itoa(len(model))+"\r\n", "dbsize")
}

// slice is GETRANGE in the words of its documentation.
func slice(s string, from, to int) string {
	if from < 0 && to < 0 && from > to {
		return ""
	}
	if from < 0 {
		from = max(0, from+len(s))
	}
	if to < 0 {
		to = max(0, to+len(s))
	}
	if to >= len(s) {
		to = len(s) - 1
	}
	if from > to || s == "" {
		return ""
	}
	return s[from : to+1]
}

// TestR9SameKeyManyTimes: a request may name the same long value again and again; its reply ends somewhere all the same.
func TestR9SameKeyManyTimes(t *testing.T) {
	r := newRig(t, core.Options{})
	r.e.maxReply = 1 << 20
	c := r.client()
	long := strings.Repeat("v", 1<<16)
	c.want("+OK\r\n", "SET", "k", long)
	c.want(":1\r\n", "HSET", "h", "f", long)
	again := strings.Fields(strings.Repeat("k ", 17))
	c.want("-ERR the reply would be too long; ask for less at once\r\n", append([]string{"MGET"}, again...)...)
	c.want("-ERR the reply would be too long; ask for less at once\r\n", append([]string{"HMGET", "h"}, strings.Fields(strings.Repeat("f ", 17))...)...)
	c.want("$1\r\nx\r\n", "ECHO", "x")
}
