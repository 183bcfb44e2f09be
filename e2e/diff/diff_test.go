// The comparison runs themselves, and proof that they would notice a difference.

package diff

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// total is how many commands a run sends to memcached in all its dialects; Redis, which has more of them, gets two and a half times as many.
func total(t testing.TB) int {
	n := 200_000
	if v := os.Getenv("CACHESRV_DIFF_COMMANDS"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	if testing.Short() {
		n /= 10
	}
	return n
}

// seed is the test's own, so that what a run finds comes from the change it is run for; CACHESRV_SEED names another, or with "random" has it taken from the clock, to look
// for what no run has met. It is always printed.
func seed(t testing.TB) uint64 {
	own := fnv.New64a()
	own.Write([]byte(t.Name()))
	n := own.Sum64()
	switch v := os.Getenv("CACHESRV_SEED"); v {
	case "":
	case "random":
		n = uint64(time.Now().UnixNano())
	default:
		var err error
		if n, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("%s: seed %d (repeat with CACHESRV_SEED=%d)\n", t.Name(), n, n)
	return n
}

// share is the part that a dialect of Redis gets, in percent.
var share = map[string]int{"resp2": 40, "resp3": 28, "inline": 19, "inline-resp3": 8, "password": 5}

// textShare is the part of memcached's commands that are classic text, in percent.
const textShare = 25

// redisFlags are what both servers are started with: the slow log would hold other commands on each.
var redisFlags = []string{"--slowlog-log-slower-than=-1", "--enable-debug-command=yes"}

func startPair(t testing.TB, d *dialect, ours func(testing.TB, ...string) *harness.Server) *pair {
	flags := append(append([]string(nil), redisFlags...), d.flags...)
	var plain []string
	for _, f := range flags {
		name, value, _ := strings.Cut(f, "=")
		plain = append(plain, name, value)
	}
	return &pair{d: d, ours: ours(t, flags...), theirs: harness.OracleRedis(t, plain...)}
}

func TestRedisDifferential(t *testing.T) {
	for i := range dialects {
		d := &dialects[i]
		t.Run(d.name, func(t *testing.T) {
			found := newCollector(t)
			x := &session{t: t, p: startPair(t, d, harness.Redis), s: newSource(seed(t)), wheel: newWheel(redisRows()), found: found}
			x.run(total(t) * 5 / 2 * share[d.name] / 100)
			found.finish()
			t.Logf("%d commands compared", x.sent)
		})
	}
}

// TestNoticesADifference compares the real server with itself and falsifies one rare reply.
func TestNoticesADifference(t *testing.T) {
	oracle := func(t testing.TB, args ...string) *harness.Server {
		var plain []string
		for _, f := range args {
			name, value, _ := strings.Cut(f, "=")
			plain = append(plain, name, value)
		}
		return harness.OracleRedis(t, plain...)
	}
	p := startPair(t, &dialects[0], oracle)
	p.mangle = func(args []string, r harness.Reply) harness.Reply {
		if strings.EqualFold(args[0], "strlen") && r.Raw == ":4\r\n" {
			r.Raw, r.Str = ":5\r\n", "5"
		}
		return r
	}
	found := newCollector(t)
	x := &session{t: t, p: p, s: newSource(7), wheel: newWheel(redisRows()), found: found}
	x.run(60_000)
	if len(found.found) != 1 {
		t.Fatalf("want exactly the one falsified reply noticed, got %d: %v", len(found.found), found.found)
	}
	m := found.found[0]
	if m.ours != ":5\r\n" || m.theirs != ":4\r\n" || !strings.HasPrefix(strings.ToLower(m.history[len(m.history)-1]), "strlen") {
		t.Errorf("noticed the wrong thing: %v", m)
	}
	if len(m.history) > 3 {
		t.Errorf("not shrunk: %v", m)
	}
}

// quietMemcached starts the original without its background threads: they hold items for moments in which decr does
// not pad a shorter number with blanks.
func quietMemcached(t testing.TB) *harness.Server {
	return harness.OracleMemcached(t, "-o", "no_lru_maintainer,no_lru_crawler")
}

func TestMemcachedDifferential(t *testing.T) {
	found := newCollector(t)
	x := &mcSession{t: t, s: newSource(seed(t)), found: found, a: side{server: harness.Memcached(t)}, b: side{server: quietMemcached(t)}}
	x.run(total(t) * textShare / 100)
	found.finish()
	t.Logf("%d requests compared", x.sent)
}

// denseShare is how many more requests of the text protocol, in percent of a whole run, are compared many at a time. Every pair of servers gets a
// quarter of them: from some hundred thousand requests on, incr of the original may read on into what an earlier item left behind a number.
const denseShare = 200

func TestDenseMemcachedDifferential(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			found := newCollector(t)
			x := &mcSession{t: t, s: newSource(seed(t)), found: found, dense: true, a: side{server: harness.Memcached(t)}, b: side{server: quietMemcached(t)}}
			x.run(total(t) * denseShare / 400)
			found.finish()
			t.Logf("%d requests compared", x.sent)
		})
	}
}

// TestNoticesAMemcachedDifference compares the real server with itself and falsifies one rare reply.
func TestNoticesAMemcachedDifference(t *testing.T) {
	found := newCollector(t)
	x := &mcSession{t: t, s: newSource(11), found: found, a: side{server: quietMemcached(t)}, b: side{server: quietMemcached(t)}}
	x.a.mangle = func(stream string) string { return strings.Replace(stream, "TOUCHED\r\n", "STORED\r\n", 1) }
	x.run(5_000)
	if len(found.found) == 0 {
		t.Fatal("a falsified reply was not noticed")
	}
	for _, m := range found.found {
		if !strings.Contains(m.theirs, "TOUCHED") || len(m.history) > 3 {
			t.Errorf("noticed the wrong thing, or did not shrink it: %v", m)
		}
	}
}
