// Client-side caching under comparison: several clients at both servers, and everything that each of them gets, in its order.

package diff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// cast are the clients of a scene at one server: a and b speak version 3, c and d version 2.
type cast struct {
	conns map[string]*harness.Conn
	ids   map[string]string
	fence int
}

const castNames = "abcd"

// newCast opens the connections. Their numbers begin at first, at both servers alike.
func newCast(t *testing.T, s *harness.Server, first int) *cast {
	x := &cast{conns: map[string]*harness.Conn{}, ids: map[string]string{}}
	for last := 0; last < first-1; {
		c := s.Dial(t)
		last, _ = strconv.Atoi(strings.Trim(c.Do("client", "id").Raw, ":\r\n"))
		if c.Close(); last >= first {
			t.Fatalf("connection %d is open already", last)
		}
	}
	for i, name := range strings.Split(castNames, "") {
		c := s.Dial(t)
		if name < "c" {
			c.Do("hello", "3")
		}
		x.conns[name], x.ids[name] = c, strconv.Itoa(first+i)
	}
	return x
}

// play sends one client's requests in one packet, and gives what all get by it. @x in a request is the number of client x.
func (x *cast) play(who string, lines []string) string {
	in := ""
	for _, l := range lines {
		for name, id := range x.ids {
			l = strings.ReplaceAll(l, "@"+name, id)
		}
		in += harness.Command(strings.Fields(l)...)
	}
	got := map[string]string{who: x.until(who, in)}
	for range 2 { // what one client causes for another has been posted by now; the second fence is behind it
		for _, name := range strings.Split(castNames, "") {
			got[name] += x.until(name, "")
		}
	}
	redirected := strings.Split("\r\n"+strings.TrimSuffix(got["b"], "\r\n"), "\r\n>") // those of different clients come in any order
	slices.Sort(redirected)
	got["b"] = strings.Join(redirected, "|")
	return fmt.Sprintf("%q", got)
}

// until sends requests and one more that is answered in every state, in one packet, and reads up to its reply.
func (x *cast) until(name, in string) (out string) {
	x.fence++
	mark := "fence" + strconv.Itoa(x.fence)
	c := x.conns[name]
	c.Send(in + harness.Command("ping", mark))
	for {
		r := c.Reply()
		switch {
		case strings.Contains(r.Raw, mark):
			return out
		case strings.Contains(r.Raw, "\r\nstandalone\r\n"): // HELLO names the version
			out += "hello"
		default:
			out += r.Raw
		}
	}
}

// trackingScenes are steps: a client's name and its requests.
var trackingScenes = []string{`
	a client tracking on | set k 1 | get k | set k 2 | get k
	c set k 3
	a get k | multi | set k 5 | get x | exec | ping
	c set x 1 | set k 1
	a get k | flushdb | ping
	c flushall
	a get k | mget k l m k
	c mset k 1 l 1 | select 1 | set m 1 | select 0
	a get k
	c select 3 | flushdb | select 0 | swapdb 0 1 | swapdb 0 1
	a get k
	c swapdb 0 1 | swapdb 0 1 | rename k k2 | copy k2 k | move k 2
	a hget k2 f | exists k2 | object encoding k2 | watch k2 | type z | dump z
	c del k2 | rpush z 1 | lmove z z left right | pexpire z -1
	a client reply skip | set y 2 | ping
	a hello 2 | get y
	c set y 3
	a get y | hello 3
	c set y 4
	a get y | client tracking on noloop | set y 5 | set y 6
	a get y | reset | hello 3 | client trackinginfo
	c set y 7`, `
	a client tracking on bcast prefix p prefix q | client trackinginfo | client getredir
	b client tracking on bcast noloop
	c set p2 1 | set p1 1 | set q1 1 | set x 1 | set p1 2
	b set p1 1 | set z 1
	a multi | set p3 1 | incr n | set p3 2 | exec | ping
	c flushall
	c mset p1 1 p2 2 p3 3 z 1 | del p1 p2 p9 | flushdb
	a client tracking on bcast prefix r | client tracking on bcast prefix rr | client tracking on | client tracking off
	c set p1 1 | set r1 1
	b client tracking off | client tracking on bcast prefix p1 | client trackinginfo
	c set p1 1 | set p11 1 | set p 1
	b reset | client trackinginfo`, `
	a client tracking on redirect @b | get k | set k 1
	c set k 2
	a get k | set k 3
	c flushall
	a client tracking on redirect @a | get k | set k 1 | client trackinginfo
	c client tracking on redirect @b | get k | set k 2 | client trackinginfo
	a flushall
	c get k | client tracking on redirect @c | get k | set k 2
	c client tracking on redirect @d | get k | set k 2
	c client tracking off | client tracking on bcast redirect @a | set k 2 | set j 1`, `
	d subscribe foo
	a client tracking on redirect @d | get k | set k 1 | get k
	b client tracking on redirect @d | get j
	c set k 2 | set j 1 | publish foo x
	c flushall
	a client tracking off | client tracking on bcast redirect @d | set y 1 | set x 1 | set y 2
	d unsubscribe foo
	a set y 1
	d psubscribe f* | hello 3 | ping
	a set y 1`, `
	a client tracking on optin | get a | client caching yes | get b | get c
	c mset a 1 b 1 c 1
	a client caching yes | client getname | client caching no | client caching maybe | get a | get b
	c mset a 1 b 1 c 1
	a client caching yes | multi | get a | get b | exec | get c
	c mset a 1 b 1 c 1
	a multi | get a | client caching yes | get b | exec | get c
	c mset a 1 b 1 c 1
	a client caching yes | nope | get a
	c mset a 1 b 1 c 1
	a client tracking on optout | client tracking off | client tracking on optout | client caching yes | client caching no | get a | get b
	c mset a 1 b 1 c 1
	a client caching no | client trackinginfo | ping | client trackinginfo`, `
	c client tracking foo | client tracking on foo | client tracking on redirect | client tracking on redirect x | client tracking on redirect 0 | client tracking maybe redirect -1
	c client tracking off redirect 99999 | client tracking on prefix a | client tracking on bcast optin optout | client tracking on optin optout | client tracking on redirect @c redirect @c
	c client caching yes | client caching x | client getredir | client trackinginfo | client tracking | client caching | client getredir x
	c client tracking on bcast prefix foo prefix foobar | client tracking on bcast prefix ab prefix a
	a client trackinginfo | client tracking on bcast prefix foo prefix bar | client tracking on bcast prefix bark | client tracking on bcast prefix b | client tracking on optin | client tracking on bcast
	a client tracking on bcast prefix x | client tracking on bcast | client trackinginfo`}

func TestTrackingScenes(t *testing.T) {
	ours, theirs := harness.Redis(t), harness.OracleRedis(t)
	for i, scene := range trackingScenes {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			us, them := newCast(t, ours, 12*(i+1)), newCast(t, theirs, 12*(i+1))
			for line := range strings.Lines(scene) {
				if who, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
					lines := strings.Split(rest, " | ")
					if a, b := us.play(who, lines), them.play(who, lines); a != b {
						t.Fatalf("%s\n\tours:   %s\n\ttheirs: %s", line, a, b)
					}
				}
			}
			us.conns["a"].Do("flushall")
			them.conns["a"].Do("flushall")
		})
	}
}

// trackingWords are requests of the random trackingScenes: # is a key.
var trackingWords = strings.Split(`get #|get #|get #|mget # #|mget # # #|exists # #|hget # f|strlen #|lrange # 0 -1|getrange # 0 2|scard #|sort_ro # desc|touch #
set # 1|set # 1|mset # 1 # 2|del #|unlink # #|incr #|append # x|rpush # a|lpop #|hset # f v|hdel # f|sadd # m|spop #|rename # #|copy # #|getset # 1|getdel #|expire # 100|persist #|lmove # # left left|sunionstore # # #|msetnx # 1 # 1|setrange # 1 x|getex # persist|move # 1
client tracking on|client tracking on noloop|client tracking on optin|client tracking on optout|client tracking on bcast|client tracking on bcast noloop prefix k|client tracking on bcast prefix k1|client tracking off|client tracking off
client tracking on redirect @b|client tracking on redirect @b noloop|client caching yes|client caching no|client caching yes|client trackinginfo|client getredir
flushdb|flushall|select 1|select 0|reset|hello 3|ping|multi|exec|discard|client reply skip|unwatch`, "\n")

func trackingStep(r *rand.Rand) (who string, lines []string) {
	who = "acd"[r.IntN(3):][:1]
	open := false
	for range 1 + r.IntN(6) {
		group := [...]int{0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4}[r.IntN(11)]
		row := strings.Split(trackingWords[group], "|")
		line := row[r.IntN(len(row))]
		switch {
		case line == "flushall" && r.IntN(3) > 0, line == "reset" && r.IntN(3) > 0:
			continue
		case line == "multi":
			open = true
		case open && (line == "exec" || line == "discard" || line == "reset"):
			open = false
		case open && (line == "hello 3" || line == "client reply skip"): // other text; the fence would get no reply
			continue
		case line == "client reply skip":
			lines = append(lines, line, "ping")
			continue
		}
		for strings.Contains(line, "#") {
			line = strings.Replace(line, "#", "k"+strconv.Itoa(r.IntN(8)), 1)
		}
		lines = append(lines, line)
	}
	if open {
		lines = append(lines, "exec")
	}
	return who, lines
}

func TestTrackingAtRandom(t *testing.T) {
	n := seed(t)
	r := rand.New(rand.NewPCG(n, 4))
	us, them := newCast(t, harness.Redis(t), 12), newCast(t, harness.OracleRedis(t), 12)
	var before []string
	for i := range 400 {
		who, lines := trackingStep(r)
		if len(lines) == 0 {
			continue
		}
		before = append(before, fmt.Sprint(who, " ", strings.Join(lines, " | ")))
		if a, b := us.play(who, lines), them.play(who, lines); a != b {
			t.Fatalf("step %d, seed %d:\n%s\n\tours:   %s\n\ttheirs: %s", i, n, strings.Join(before[max(0, len(before)-12):], "\n"), a, b)
		}
	}
}
