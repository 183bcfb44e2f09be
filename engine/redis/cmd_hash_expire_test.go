// Tests of the expiry of fields. The replies are those of Redis 7.4 and 8.0; there is no server here to compare with.

package redis

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// ints is the reply with an array of integers.
func ints(list ...int64) string {
	s := "*" + strconv.Itoa(len(list)) + "\r\n"
	for _, n := range list {
		s += ":" + strconv.FormatInt(n, 10) + "\r\n"
	}
	return s
}

// bothWays runs a test on packed hashes and on big ones.
func bothWays(t *testing.T, f func(t *testing.T, r *rig, c *fake)) {
	for _, entries := range []string{"512", "0"} {
		t.Run("packed up to "+entries, func(t *testing.T) {
			r := newRig(t, core.Options{})
			c := r.client()
			c.want("+OK\r\n", "config", "set", "hash-max-listpack-entries", entries)
			f(t, r, c)
		})
	}
}

func TestFieldExpiry(t *testing.T) {
	bothWays(t, func(t *testing.T, r *rig, c *fake) {
		now := r.now.Load()
		c.do("hset", "h", "a", "1", "b", "2", "c", "3")
		c.want(ints(-1, -2), "httl", "h", "fields", "2", "a", "nosuch")
		c.want(ints(-2, -2), "httl", "nosuch", "fields", "2", "a", "b")
		c.want(ints(1, -2), "hexpire", "h", "10", "fields", "2", "a", "nosuch")
		c.want(ints(-2), "hexpire", "nosuch", "10", "fields", "1", "a")
		c.want(ints(10, -1), "httl", "h", "fields", "2", "a", "b")
		c.want(ints(10_000), "hpttl", "h", "fields", "1", "a")
		c.want(ints(now+10_000), "hpexpiretime", "h", "fields", "1", "a")
		c.want(ints(now/1000+10), "hexpiretime", "h", "fields", "1", "a")
		c.want(ints(1), "hpexpire", "h", "9001", "fields", "1", "a")
		c.want(ints(10), "httl", "h", "fields", "1", "a") // rounded up
		c.want(ints(1), "hexpireat", "h", fmt.Sprint(now/1000+20), "fields", "1", "b")
		c.want(ints(20_000), "hpttl", "h", "fields", "1", "b")
		// The conditions: no expiry counts as one that lies behind all others.
		c.want(ints(0, 0, 1), "hexpire", "h", "30", "nx", "fields", "3", "a", "b", "c")
		c.want(ints(0), "hexpire", "h", "30", "gt", "fields", "1", "c")
		c.want(ints(1, 0), "hexpire", "h", "25", "lt", "fields", "2", "c", "a")
		c.want(ints(1), "hpersist", "h", "fields", "1", "c")
		c.want(ints(-1, -2), "hpersist", "h", "fields", "2", "c", "nosuch")
		c.want(ints(0), "hexpire", "h", "30", "xx", "fields", "1", "c")
		c.want(ints(0), "hexpire", "h", "30", "gt", "fields", "1", "c")
		c.want(ints(1), "hexpire", "h", "30", "lt", "fields", "1", "c")
		c.want(ints(1), "hexpire", "h", "40", "GT", "FIELDS", "1", "c")
		c.want(ints(1), "hexpire", "h", "50", "xx", "fields", "1", "c")
		// A moment in the past deletes.
		c.want(ints(2, -2), "hexpireat", "h", "1", "fields", "2", "c", "c")
		c.want(":2\r\n", "hlen", "h")
		c.want(ints(2, 2), "hexpire", "h", "0", "fields", "2", "a", "b")
		c.want(":0\r\n", "exists", "h")
	})
}

// TestFieldsDueAreInvisible: to every command but HLEN, until the sweeper has been there.
func TestFieldsDueAreInvisible(t *testing.T) {
	bothWays(t, func(t *testing.T, r *rig, c *fake) {
		c.do("hset", "h", "a", "1", "b", "2", "c", "3", "d", "4")
		c.want(ints(1, 1), "hpexpire", "h", "100", "fields", "2", "a", "c")
		r.now.Add(99)
		c.want(bulk("1"), "hget", "h", "a")
		r.now.Add(1)
		c.want("$-1\r\n", "hget", "h", "a")
		c.want(":0\r\n", "hexists", "h", "a")
		c.want(":0\r\n", "hstrlen", "h", "a")
		c.want("*2\r\n$-1\r\n"+bulk("2"), "hmget", "h", "a", "b")
		c.want(ints(-2), "httl", "h", "fields", "1", "a")
		c.want(ints(-2), "hexpire", "h", "100", "fields", "1", "a")
		c.want(ints(-2), "hpersist", "h", "fields", "1", "a")
		c.want(":0\r\n", "hdel", "h", "a")
		c.want(":4\r\n", "hlen", "h")
		for range 20 {
			if got := c.do("hrandfield", "h"); got != bulk("b") && got != bulk("d") {
				t.Errorf("drew %q", got)
			}
		}
		for words, n := range map[string]string{"hgetall h": "*4", "hkeys h": "*2", "hvals h": "*2", "hrandfield h 10": "*2", "hrandfield h -7": "*7",
			"hscan h 0 count 100": "*2\r\n$1\r\n0\r\n*4"} {
			if got := c.do(strings.Fields(words)...); !strings.HasPrefix(got, n+"\r\n") || strings.Contains(got, "\r\na\r\n") || strings.Contains(got, "\r\nc\r\n") {
				t.Errorf("%s: %q", words, got)
			}
		}
		c.want(":1\r\n", "hincrby", "h", "a", "1") // a new one, which stays
		c.want(ints(-1), "httl", "h", "fields", "1", "a")
		c.want(":1\r\n", "hset", "h", "c", "new")
		c.want(ints(-1), "httl", "h", "fields", "1", "c")
		c.want(":4\r\n", "hlen", "h")
	})
}

// TestFieldExpiryAndSetting: HSET makes a field stay, HINCRBY and HINCRBYFLOAT do not.
func TestFieldExpiryAndSetting(t *testing.T) {
	bothWays(t, func(t *testing.T, r *rig, c *fake) {
		c.do("hset", "h", "a", "1", "b", "1", "c", "1", "d", "1")
		c.want(ints(1, 1, 1, 1), "hexpire", "h", "100", "fields", "4", "a", "b", "c", "d")
		c.want(":0\r\n", "hset", "h", "a", "2")
		c.want(":0\r\n", "hset", "h", "d", "2", "d", "3")
		c.want(":2\r\n", "hincrby", "h", "b", "1")
		c.want(bulk("1.5"), "hincrbyfloat", "h", "c", "0.5")
		c.want(ints(-1, 100, 100, -1), "httl", "h", "fields", "4", "a", "b", "c", "d")
		c.want("*4\r\n"+bulk("2")+bulk("2")+bulk("1.5")+bulk("3"), "hmget", "h", "a", "b", "c", "d")
		c.want(":1\r\n", "copy", "h", "g")
		c.want("+OK\r\n", "rename", "g", "i")
		c.want(ints(-1, 100, 100, -1), "httl", "i", "fields", "4", "a", "b", "c", "d")
	})
}

func TestFieldExpiryEncoding(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("hset", "h", "a", "1")
	c.want(bulk("listpack"), "object", "encoding", "h")
	c.do("hexpire", "h", "100", "fields", "1", "a")
	c.want(bulk("listpackex"), "object", "encoding", "h")
	c.do("hpersist", "h", "fields", "1", "a")
	c.want(bulk("listpackex"), "object", "encoding", "h")
	c.do("hset", "h", strings.Repeat("x", 65), "1")
	c.want(bulk("hashtable"), "object", "encoding", "h")
}

func TestGetAndSetWithExpiry(t *testing.T) {
	bothWays(t, func(t *testing.T, r *rig, c *fake) {
		c.want(":1\r\n", "hsetex", "h", "fields", "2", "a", "1", "b", "2")
		c.want(":0\r\n", "hsetex", "h", "fnx", "fields", "2", "new", "1", "a", "2")
		c.want(":0\r\n", "hsetex", "h", "fxx", "fields", "2", "new", "1", "a", "2")
		c.want(":0\r\n", "hsetex", "nosuch", "fxx", "fields", "1", "a", "2")
		c.want(":0\r\n", "exists", "nosuch")
		c.want(":1\r\n", "hsetex", "h", "ex", "10", "fxx", "fields", "1", "a", "3")
		c.want(ints(10, -1), "httl", "h", "fields", "2", "a", "b")
		c.want(":1\r\n", "hsetex", "h", "keepttl", "fields", "1", "a", "4")
		c.want(ints(10), "httl", "h", "fields", "1", "a")
		c.want(":1\r\n", "hsetex", "h", "fields", "1", "a", "5")
		c.want(ints(-1), "httl", "h", "fields", "1", "a")
		c.want("*3\r\n"+bulk("5")+"$-1\r\n"+bulk("2"), "hgetex", "h", "px", "7000", "fields", "3", "a", "nosuch", "b")
		c.want(ints(7, 7), "httl", "h", "fields", "2", "a", "b")
		c.want("*1\r\n"+bulk("5"), "hgetex", "h", "fields", "1", "a")
		c.want("*1\r\n"+bulk("5"), "hgetex", "h", "persist", "fields", "1", "a")
		c.want(ints(-1, 7), "httl", "h", "fields", "2", "a", "b")
		c.want("*1\r\n$-1\r\n", "hgetex", "nosuch", "ex", "1", "fields", "1", "a")
		c.want("*2\r\n"+bulk("2")+"$-1\r\n", "hgetdel", "h", "fields", "2", "b", "b")
		c.want(":1\r\n", "hlen", "h")
		c.want("*1\r\n"+bulk("5"), "hgetex", "h", "pxat", "1", "fields", "1", "a")
		c.want(":0\r\n", "exists", "h")
		c.want("*1\r\n$-1\r\n", "hgetdel", "h", "fields", "1", "a")
		c.want(":1\r\n", "hsetex", "h", "exat", "1", "fields", "1", "a", "1") // set, and gone at once
		c.want(":0\r\n", "exists", "h")
		c.want(":1\r\n", "hsetex", "h", "fields", "1", "a", "1")
		c.want("*1\r\n"+bulk("1"), "hgetdel", "h", "fields", "1", "a")
		c.want(":0\r\n", "exists", "h")
	})
}

// TestR17FieldExpiryBadInput: each mistake has its error, in the order in which the arguments are looked at.
func TestR17FieldExpiryBadInput(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("hset", "h", "f", "1")
	const fields, number = "-ERR Mandatory argument FIELDS is missing or not at the right position\r\n", "-ERR value is not an integer or out of range\r\n"
	const match, positive = "-ERR The `numfields` parameter must match the number of arguments\r\n", "-ERR Number of fields must be a positive integer\r\n"
	const greater, sign = "-ERR Parameter `numFields` should be greater than 0\r\n", "-ERR invalid expire time, must be >= 0\r\n"
	for _, step := range []struct{ line, want string }{
		{"hexpire h 10 fields 1", "-ERR wrong number of arguments for 'hexpire' command\r\n"},
		{"hexpire h x fields 1 f", number}, {"hexpire h -1 fields 1 f", sign}, {"hexpire h 9223372036854775807 fields 1 f", "-ERR invalid expire time in 'hexpire' command\r\n"},
		{"hexpireat h 70368744178 fields 1 f", "-ERR invalid expire time in 'hexpireat' command\r\n"}, {"hpexpireat h 70368744177664 fields 1 f", "-ERR invalid expire time in 'hpexpireat' command\r\n"},
		{"hpexpire h 70368744177663 fields 1 f", "-ERR invalid expire time in 'hpexpire' command\r\n"}, {"hpexpire h -9223372036854775808 fields 1 f", sign},
		{"hexpire h 10 foo 1 f", fields}, {"hexpire h 10 nx xx fields 1 f", fields}, {"hexpire h 10 nx gt fields 1 f", fields},
		{"hexpire h 10 fields 0 f", greater}, {"hexpire h 10 fields x f", greater}, {"hexpire h 10 fields 9223372036854775808 f", greater}, {"hexpire h 10 fields -1 f", greater},
		{"hexpire h 10 fields 2 f", match}, {"hexpire h 10 fields 1 f g", match}, {"hexpire h 10 fields 9223372036854775807 f", match},
		{"hexpire nosuch x fields 1 f", number}, {"hexpire h 10 f nx fields 1", fields},
		{"httl h foo 1 f", fields}, {"httl h fields 0 f", positive}, {"httl h fields 2 f", match}, {"httl h fields 1", "-ERR wrong number of arguments for 'httl' command\r\n"},
		{"hpersist h foo 1 f", fields}, {"hpersist h fields x f", positive}, {"hpersist h fields 2 f", match},
		{"hgetdel h foo 1 f", fields}, {"hgetdel h fields x f", positive}, {"hgetdel h fields 2 f", match},
		{"hgetex h ex 10 fields", positive}, {"hgetex h ex 10 1 f", fields}, {"hgetex h ex x fields 1 f", number}, {"hgetex h ex -1 fields 1 f", sign}, {"hgetex h foo 1 f", fields},
		{"hgetex h exat 70368744178 fields 1 f", "-ERR invalid expire time in 'hgetex' command\r\n"}, {"hgetex h fields 2 f", match}, {"hgetex h persist fields 1", match},
		{"hsetex h foo fields 1 f v", "-ERR unknown argument: foo\r\n"}, {"hsetex h ex 1 px 1 fields 1 f v", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n"},
		{"hsetex h keepttl ex 1 fields 1 f v", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n"},
		{"hsetex h fnx fxx fields 1 f v", "-ERR Only one of FXX or FNX arguments can be specified\r\n"}, {"hsetex h fnx fxx fxx ex", "-ERR Only one of FXX or FNX arguments can be specified\r\n"},
		{"hsetex h fnx keepttl fnx ex", "-ERR Only one of FXX or FNX arguments can be specified\r\n"}, {"hsetex h fnx ex 1 fields", "-ERR wrong number of arguments for 'hsetex' command\r\n"}, {"hsetex h fnx keepttl ex 1", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n"},
		{"hsetex h fields 2 f v", "-ERR wrong number of arguments for 'hsetex' command\r\n"}, {"hsetex h fields x f v", "-ERR invalid number of fields\r\n"},
		{"hsetex h fields 1 f v", ":1\r\n"}, {"hsetex h ex x fields 1 f v", number}, {"hsetex h ex -1 fields 1 f v", sign},
		{"hsetex h fields 9223372036854775807 f v", "-ERR invalid number of fields\r\n"}, {"hsetex h fields 1 f v w", "-ERR wrong number of arguments for 'hsetex' command\r\n"},
		{"hsetex h fnx keepttl fnx", "-ERR wrong number of arguments for 'hsetex' command\r\n"}, {"hsetex h fnx fnx fnx ex", "-ERR Only one of FXX or FNX arguments can be specified\r\n"},
		{"hsetex h fnx ex 10 ex", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n"}, {"hsetex h fnx fnx2 x ex", "-ERR unknown argument: fnx2\r\n"},
		{"hsetex h keepttl fnx x ex", "-ERR unknown argument: x\r\n"}, {"hsetex h fnx keepttl fields 1", "-ERR wrong number of arguments for 'hsetex' command\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}

// TestFieldExpiryModel runs random commands on fields that come and go against a plain map.
func TestFieldExpiryModel(t *testing.T) {
	bothWays(t, func(t *testing.T, r *rig, c *fake) {
		type fact struct {
			value string
			at    int64
		}
		model := map[string]fact{}
		rnd := rand.New(rand.NewPCG(5, 6))
		look := func(f string) (fact, bool) {
			v, ok := model[f]
			if ok && v.at != 0 && v.at <= r.now.Load() {
				return fact{}, false
			}
			return v, ok
		}
		for range 20_000 {
			f, v := fmt.Sprint("f", rnd.IntN(12)), strconv.Itoa(rnd.IntN(1000))
			old, ok := look(f)
			switch rnd.IntN(8) {
			case 0:
				c.do("hset", "h", f, v)
				model[f] = fact{v, 0}
			case 1:
				ms := int64(1 + rnd.IntN(300))
				code := int64(-2)
				if ok {
					code = 1
					model[f] = fact{old.value, r.now.Load() + ms}
				}
				c.want(ints(code), "hpexpire", "h", strconv.FormatInt(ms, 10), "fields", "1", f)
			case 2:
				want := int64(-2)
				if ok && old.at == 0 {
					want = -1
				} else if ok {
					want = old.at - r.now.Load()
				}
				c.want(ints(want), "hpttl", "h", "fields", "1", f)
			case 3:
				want := "*1\r\n$-1\r\n"
				if ok {
					want = "*1\r\n" + bulk(old.value)
				}
				c.want(want, "hmget", "h", f)
			case 4:
				want := ":0\r\n"
				if ok {
					want = ":1\r\n"
					delete(model, f)
				}
				c.want(want, "hdel", "h", f)
			case 5:
				r.now.Add(int64(rnd.IntN(40)))
			case 6:
				c.want(":1\r\n", "hsetex", "h", "px", "150", "fields", "1", f, v)
				model[f] = fact{v, r.now.Load() + 150}
			case 7:
				n, _ := strconv.Atoi(old.value)
				model[f] = fact{strconv.Itoa(n + 3), old.at}
				c.want(fmt.Sprintf(":%d\r\n", n+3), "hincrby", "h", f, "3")
			}
		}
	})
}
