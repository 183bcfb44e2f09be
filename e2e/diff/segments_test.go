// memcached's queues beside the original's: who is evicted, who is held, and what stats items tells of it.

package diff

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

const (
	queueKeys  = 40     // of each kind, a tenth of what fits
	queueFlood = 1000   // more than twice what fits
	queueLimit = "4"    // MB
	queueValue = 10_000 // bytes, so that the original has all in one class
)

// queueView is what a client sees of a server's queues.
type queueView struct {
	read, unread, temporary int // how many of each kind are left after the flood
	held                    int // temporary items that were taken and are still there when the server is full of them
	full                    []string
	items                   map[string]int // stats items after the flood
}

// TestQueuesAsTheOriginals: the same items survive a flood of unread ones: what is read again and again and what lives shorter than
// temporary_ttl. A server that is full of the latter takes nothing more.
func TestQueuesAsTheOriginals(t *testing.T) {
	if os.Getenv("CACHESRV_SUBJECT") == "oracle" {
		t.Skip("the original has no such policy by that name")
	}
	ours := viewQueues(t, harness.Memcached(t, "--udp-port=0", "--maxmemory="+queueLimit+"mb", "--maxmemory-policy=memcached-lru", "--temporary-ttl=60"))
	theirs := viewQueues(t, harness.OracleMemcached(t, "-m", queueLimit, "-o", "temporary_ttl=60"))
	for _, v := range []queueView{ours, theirs} {
		if v.read != queueKeys || v.unread != 0 || v.temporary != queueKeys {
			t.Errorf("%d of %d items that are read often are left, %d of those that are not, %d of those that live short", v.read, queueKeys, v.unread, v.temporary)
		}
		if n := v.items; n["number_temp"] != queueKeys || n["hits_to_temp"] != queueKeys || n["evicted_unfetched"] != n["evicted"] {
			t.Errorf("stats items: %v", v.items)
		}
		if v.held < 0 {
			t.Errorf("%d temporary items were evicted", -v.held)
		}
	}
	if a, b := fmt.Sprintf("%q", ours.full), fmt.Sprintf("%q", theirs.full); a != b {
		t.Errorf("when full\nours:   %s\ntheirs: %s", a, b)
	}
	// These depend on when the original's maintainer ran, and on how much fits.
	for _, name := range []string{"number_cold", "evicted", "hits_to_cold", "hits_to_warm", "moves_to_warm"} {
		if a, b := ours.items[name], theirs.items[name]; a < b/2-queueKeys || a > 2*b+queueKeys {
			t.Errorf("%s is %d, the original's %d", name, a, b)
		}
	}
	if n := ours.items; n["number_warm"] != queueKeys || n["number_hot"]*100 > 27*(n["number"]-n["number_temp"]) || n["number_hot"] == 0 {
		t.Errorf("a fifth of the items is to be in HOT, and in WARM what is read often: %v", n)
	}
}

func viewQueues(t *testing.T, s *harness.Server) (v queueView) {
	c := s.Dial(t)
	value := strings.Repeat("x", queueValue)
	set := func(key string, ttl int) string {
		c.Send(fmt.Sprintf("set %s 0 %d %d\r\n%s\r\n", key, ttl, queueValue, value))
		return c.Line()
	}
	left := func(prefix string, n int) (found int) {
		for i := range n {
			c.Send(fmt.Sprintf("get %s%d\r\n", prefix, i))
			if len(c.UntilEnd()) > 1 {
				found++
			}
		}
		return found
	}
	for i := range queueKeys {
		set(fmt.Sprint("read", i), 0)
		set(fmt.Sprint("unread", i), 0)
		set(fmt.Sprint("temporary", i), 60)
	}
	left("read", queueKeys)
	for i := range queueFlood {
		if i%50 == 0 {
			left("read", queueKeys)
		}
		if got := set(fmt.Sprint("flood", i), 61); got != "STORED" {
			t.Fatalf("item %d of the flood: %s", i, got)
		}
	}
	v.read, v.unread, v.temporary = left("read", queueKeys), left("unread", queueKeys), left("temporary", queueKeys)
	v.items = queueStats(c)
	for i := range queueFlood {
		if set(fmt.Sprint("temporary", i), 59) == "STORED" {
			v.held++
		}
	}
	v.held = left("temporary", queueFlood) - v.held
	v.full = append(v.full, set("temporary2", 0))
	c.Send("get temporary2\r\n")
	v.full = append(v.full, c.UntilEnd()...)
	return v
}

// queueStats are the figures of the class with most items.
func queueStats(c *harness.Conn) map[string]int {
	classes, most := map[string]map[string]int{}, map[string]int{}
	c.Send("stats items\r\n")
	for _, line := range c.UntilEnd() {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ':' || r == ' ' })
		if len(words) != 5 {
			continue
		}
		class := classes[words[2]]
		if class == nil {
			class = map[string]int{}
			classes[words[2]] = class
		}
		class[words[3]], _ = strconv.Atoi(words[4])
		if class["number"] > most["number"] {
			most = class
		}
	}
	return most
}
