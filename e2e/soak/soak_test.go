// The soak: hundreds of clients that do everything at once, for as long as CACHESRV_SOAK says.

package soak

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// A run in CI is short; `CACHESRV_SOAK=10m CACHESRV_SOAK_CLIENTS=500` is the real one.
const (
	shortRun     = 4 * time.Second
	shortClients = 60
)

// patience is how long one reply may take: scripts hold the store for up to a quarter of a second here.
const patience = 30 * time.Second

// player is one client with its own randomness.
type player struct {
	*rand.Rand
	c    *harness.Conn
	n    int
	done int
}

func (p *player) key() string { return fmt.Sprint("key:", p.IntN(200)) }

// do sends one request and wants any answer at all that is well formed.
func (p *player) do(args ...string) (harness.Reply, error) {
	p.c.SendAny(harness.Command(args...))
	return p.c.TryReply(patience)
}

// part is one way of being a client. It plays one short scene; an error ends the connection, and a new one follows.
type part struct {
	name string
	play func(p *player) error
}

// ask does what do does, and takes the error alone.
func (p *player) ask(args ...string) error {
	_, err := p.do(args...)
	return err
}

// all sends requests as one pipeline and reads as many replies.
func (p *player) all(lines ...[]string) error {
	var out []byte
	for _, l := range lines {
		out = harness.AppendCommand(out, l)
	}
	p.c.SendAny(string(out))
	for range lines {
		if _, err := p.c.TryReply(patience); err != nil {
			return err
		}
	}
	return nil
}

func line(words ...string) []string { return words }

var parts = []part{
	{"strings", func(p *player) error {
		var lines [][]string
		for range 1 + p.IntN(30) {
			switch p.IntN(4) {
			case 0:
				lines = append(lines, line("SET", p.key(), strings.Repeat("v", p.IntN(3000)), "PX", strconv.Itoa(1+p.IntN(3000))))
			case 1:
				lines = append(lines, line("GET", p.key()))
			case 2:
				lines = append(lines, line("INCR", "counter:"+strconv.Itoa(p.IntN(10))))
			default:
				lines = append(lines, line("DEL", p.key(), p.key()))
			}
		}
		return p.all(lines...)
	}},
	{"collections", func(p *player) error {
		n := strconv.Itoa(p.IntN(1000))
		return p.all(line("HSET", "h"+p.key(), "f"+n, n), line("ZADD", "z"+p.key(), n, "m"+n), line("SADD", "s"+p.key(), n), line("XADD", "x"+p.key(), "MAXLEN", "~", "200", "*", "f", n),
			line("ZRANGE", "z"+p.key(), "0", "10"), line("SPOP", "s"+p.key()), line("SUNIONSTORE", "s"+p.key(), "s"+p.key(), "s"+p.key()), line("RENAME", "h"+p.key(), "h"+p.key()))
	}},
	{"transactions", func(p *player) error {
		a, b := "account:"+strconv.Itoa(p.IntN(20)), "account:"+strconv.Itoa(p.IntN(20))
		lines := [][]string{line("WATCH", a), line("GET", a), line("MULTI"), line("DECRBY", a, "5"), line("INCRBY", b, "5")}
		switch p.IntN(12) {
		case 0:
			lines = append(lines, line("DBSIZE"))
		case 1:
			lines = append(lines, line("DISCARD"))
		case 2:
			lines = append(lines, line("NOSUCH"))
		}
		return p.all(append(lines, line("EXEC"))...)
	}},
	{"producers", func(p *player) error {
		q := "queue:" + strconv.Itoa(p.IntN(5))
		return p.all(line("LPUSH", q, "job"), line("LTRIM", q, "0", "1000"), line("ZADD", "zq:"+q, "1", strconv.Itoa(p.IntN(100))))
	}},
	{"consumers", func(p *player) error {
		q := "queue:" + strconv.Itoa(p.IntN(5))
		switch p.IntN(5) {
		case 0:
			return p.ask("BLPOP", q, "queue:"+strconv.Itoa(p.IntN(5)), "0.05")
		case 1:
			return p.ask("BLMOVE", q, "queue:"+strconv.Itoa(p.IntN(5)), "LEFT", "RIGHT", "0.05")
		case 2:
			return p.ask("BZPOPMIN", "zq:"+q, "0.05")
		case 3:
			return p.ask("XREAD", "BLOCK", "50", "STREAMS", "x"+p.key(), "$")
		}
		p.c.SendAny(harness.Command("BRPOP", "nobody:pushes", "0")) // and goes away while it waits
		time.Sleep(time.Duration(p.IntN(20)) * time.Millisecond)
		return errGone
	}},
	{"publishers", func(p *player) error {
		var lines [][]string
		for range 20 {
			lines = append(lines, line("PUBLISH", "channel:"+strconv.Itoa(p.IntN(10)), strings.Repeat("m", p.IntN(200))))
		}
		return p.all(lines...)
	}},
	{"subscribers", func(p *player) error {
		p.c.SendAny(harness.Command("SUBSCRIBE", "channel:"+strconv.Itoa(p.IntN(10)), "__keyevent@0__:expired") + harness.Command("PSUBSCRIBE", "channel:*"))
		for range 50 + p.IntN(100) {
			if _, err := p.c.TryReply(500 * time.Millisecond); err != nil {
				break // quiet is no error: the publishers may be gone
			}
		}
		return errGone
	}},
	{"scripts", func(p *player) error {
		switch p.IntN(4) {
		case 0:
			return p.ask("EVAL", "return redis.call('incrby', KEYS[1], ARGV[1])", "1", "counter:1", "3")
		case 1:
			return p.ask("EVAL", "local t = {} for i = 1, 1000 do t[i] = i end return redis.call('set', KEYS[1], #t)", "1", p.key())
		case 2:
			return p.ask("EVAL", "return redis.call('exists', ARGV[1] .. ':x')", "0", p.key())
		}
		return p.ask("EVAL", "error('on purpose ' .. math.random())", "0")
	}},
	{"caches", func(p *player) error {
		if err := p.ask("HELLO", "3"); err != nil {
			return err
		}
		if err := p.ask("CLIENT", "TRACKING", "ON"); err != nil {
			return err
		}
		for range 20 {
			p.c.SendAny(harness.Command("GET", p.key()))
			for {
				r, err := p.c.TryReply(patience)
				if err != nil {
					return err
				}
				if r.Kind != '>' {
					break
				}
			}
		}
		return errGone
	}},
	{"admins", func(p *player) error {
		switch p.IntN(9) {
		case 0:
			return p.ask("INFO")
		case 1:
			return p.ask("CLIENT", "LIST")
		case 2:
			return p.ask("SLOWLOG", "GET", "10")
		case 3:
			return p.ask("SCAN", "0", "COUNT", "100")
		case 4:
			return p.ask("KEYS", "account:*")
		case 5:
			return p.ask("CLIENT", "KILL", "SKIPME", "yes", "ID", strconv.Itoa(100+p.IntN(2000))) // not who watches
		case 6:
			return p.ask("MEMORY", "PURGE")
		case 7:
			p.c.SendAny(harness.Command("MONITOR"))
			for range 20 {
				if _, err := p.c.TryReply(patience); err != nil {
					break
				}
			}
			return errGone
		}
		return p.ask("CONFIG", "SET", "notify-keyspace-events", []string{"KEA", ""}[p.IntN(2)])
	}},
	{"keepers", func(p *player) error {
		switch p.IntN(8) {
		case 0:
			return p.ask("BGSAVE")
		case 1:
			return p.ask("BGREWRITEAOF")
		case 2:
			return p.ask("CONFIG", "SET", "appendfsync", []string{"always", "everysec", "no"}[p.IntN(3)])
		case 3:
			return p.ask("CONFIG", "SET", "appendonly", []string{"yes", "yes", "no"}[p.IntN(3)])
		case 4: // settings of the eviction, with keys locked
			return p.all(line("MULTI"), line("SET", p.key(), "v"), line("CONFIG", "SET", "maxmemory-policy", []string{"allkeys-lru", "allkeys-lfu"}[p.IntN(2)]), line("EXEC"))
		case 5:
			return p.all(line("SET", p.key(), "v"), line("WAITAOF", "1", "0", "1000"))
		case 6:
			return p.ask("SAVE")
		}
		return p.ask("DEBUG", []string{"RELOAD", "LOADAOF"}[p.IntN(2)])
	}},
	{"rude", func(p *player) error {
		// One that hangs up before it is accepted leaves its place in the listener's queue taken: a few dozen that do nothing else keep it full, and
		// the system then turns the others away for as long as they care to knock.
		if p.IntN(10) > 0 {
			if err := p.ask("PING"); err != nil {
				return err
			}
		}
		switch p.IntN(3) {
		case 0:
			p.c.SendAny("*3\r\n$3\r\nSET\r\n$5\r\nhal") // half a request
		case 1:
			p.c.SendAny("*1\r\n$-9\r\n")
		default:
			p.c.SendAny(strings.Repeat(harness.Command("GET", p.key()), 50)) // reads none of it
		}
		return errGone
	}},
}

// errGone ends a scene by hanging up.
var errGone = fmt.Errorf("gone on purpose")

// run is one client's life: scenes on connections that end and are opened again.
func run(s *harness.Server, n int, until time.Time, what *part, scenes *atomic.Int64, errs chan<- error) {
	p := &player{Rand: rand.New(rand.NewPCG(uint64(n), 99)), n: n}
	defer func() {
		if p.c != nil {
			p.c.Close()
		}
	}()
	for time.Now().Before(until) {
		if p.c == nil {
			var err error
			if p.c, err = s.TryDial(); err != nil {
				errs <- fmt.Errorf("client %d (%s): %w", n, what.name, err)
				return
			}
		}
		if err := what.play(p); err != nil || p.IntN(200) == 0 {
			p.c.Close()
			p.c = nil
		}
		scenes.Add(1)
	}
}

func TestSoak(t *testing.T) {
	length, clients := shortRun, shortClients
	if v := os.Getenv("CACHESRV_SOAK"); v != "" {
		var err error
		if length, err = time.ParseDuration(v); err != nil {
			t.Fatal(err)
		}
		clients = 500
	}
	if v := os.Getenv("CACHESRV_SOAK_CLIENTS"); v != "" {
		var err error
		if clients, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	s := harness.Redis(t, "--maxmemory=64mb", "--maxmemory-policy=allkeys-lru", "--appendonly=yes", "--enable-debug-command=yes")
	admin := s.Dial(t)
	number := func(section, field string) int64 {
		for _, l := range strings.Split(admin.Do("INFO", section).Str, "\r\n") {
			if v, ok := strings.CutPrefix(l, field+":"); ok {
				n, err := strconv.ParseInt(v, 10, 64)
				if err != nil {
					t.Fatalf("%s is %q", field, v)
				}
				return n
			}
		}
		t.Fatalf("INFO %s has no %s", section, field)
		return 0
	}
	// What the first of everything makes for good is made before the baseline is taken.
	var scenes atomic.Int64
	errs := make(chan error, clients+len(parts))
	round := func(clients int, length time.Duration) {
		until := time.Now().Add(length)
		var wg sync.WaitGroup
		for n := range clients {
			wg.Add(1)
			harness.Go(func() {
				defer wg.Done()
				run(s, n, until, &parts[n%len(parts)], &scenes, errs)
			})
		}
		wg.Wait()
		admin.Do("FLUSHALL")
		admin.Do("MEMORY", "PURGE")
		admin.Do("CONFIG", "SET", "notify-keyspace-events", "", "appendonly", "yes", "appendfsync", "everysec", "maxmemory-policy", "allkeys-lru")
	}
	round(min(clients, 2*len(parts)), time.Second)
	harness.Eventually(t, 20*time.Second, "only the admin is left", func() (bool, string) {
		n, jobs := number("clients", "connected_clients"), number("persistence", "aof_rewrite_in_progress")+number("persistence", "rdb_bgsave_in_progress")
		return n == 1 && jobs == 0, fmt.Sprintf("%d clients, %d jobs", n, jobs)
	})
	fds, memory, goroutines := s.FDs(t), number("memory", "used_memory"), number("debug", "go_goroutines")
	round(clients, length)
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	harness.Eventually(t, 20*time.Second, "everything is given back", func() (bool, string) {
		left := map[string]int64{}
		for _, f := range []struct {
			section, field string
			most           int64
		}{
			{"clients", "connected_clients", 1}, {"clients", "blocked_clients", 0}, {"clients", "tracking_clients", 0}, {"clients", "clients_in_timeout_table", 0},
			{"persistence", "aof_rewrite_in_progress", 0}, {"persistence", "rdb_bgsave_in_progress", 0}, {"stats", "pubsub_channels", 0}, {"stats", "pubsub_patterns", 0}, {"stats", "tracking_total_keys", 0},
			{"memory", "used_memory", memory + 1<<20}, {"debug", "go_goroutines", goroutines + 2},
		} {
			if n := number(f.section, f.field); n > f.most {
				left[f.field] = n
			}
		}
		if n := s.FDs(t); n > fds {
			left["descriptors"] = int64(n - fds)
		}
		return len(left) == 0, fmt.Sprint(left)
	})
	s.Alive(t)
	t.Logf("%d scenes by %d clients in %v, resident %d MB, %d threads", scenes.Load(), clients, length, s.RSS(t)>>20, s.Threads(t))
}
