// kill -9 and SIGTERM at any moment of load, rewrites and snapshots.

package faults

import (
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

const (
	killers = 6  // clients
	batch   = 3  // transactions of each that are on their way at once
	keep    = 50 // entries that a list is cut to
)

// checker is one client over all lives of the server: it counts, and knows how far it was told that it had come.
type checker struct {
	id          int
	sent, acked int
}

// write counts on until the connection ends. Half of the clients use scripts, the others transactions.
func (c *checker) write(s *harness.Server, acks *atomic.Int64) {
	conn, err := s.TryDial()
	if err != nil {
		return
	}
	defer conn.Close()
	id := strconv.Itoa(c.id)
	c.sent = c.acked
	for {
		var in []byte
		for range batch {
			c.sent++
			n := strconv.Itoa(c.sent)
			if c.id%2 == 0 {
				in = harness.AppendCommand(in, []string{"EVAL", "redis.call('incr',KEYS[1]) redis.call('rpush',KEYS[2],ARGV[1]) redis.call('ltrim',KEYS[2],-50,-1)", "2", "n:" + id, "l:" + id, n})
			} else {
				in = harness.AppendCommand(in, []string{"MULTI"})
				in = harness.AppendCommand(in, []string{"INCR", "n:" + id})
				in = harness.AppendCommand(in, []string{"RPUSH", "l:" + id, n})
				in = harness.AppendCommand(in, []string{"LTRIM", "l:" + id, "-50", "-1"})
				in = harness.AppendCommand(in, []string{"EXEC"})
			}
		}
		if _, err := conn.Write(in); err != nil {
			return
		}
		for range batch {
			replies := 1
			if c.id%2 != 0 {
				replies = 5
			}
			for range replies {
				r, err := conn.TryReply(20 * time.Second)
				if err != nil || r.Kind == '-' {
					return
				}
			}
			c.acked++
			acks.Add(1)
		}
	}
}

// check reads what the client has after a restart, and goes on from there.
func (c *checker) check(t *testing.T, conn *harness.Conn) {
	t.Helper()
	id := strconv.Itoa(c.id)
	n, _ := strconv.Atoi(conn.Do("GET", "n:"+id).Str)
	if n < c.acked || n > c.sent {
		t.Errorf("client %d: the counter is %d, acknowledged %d, sent %d", c.id, n, c.acked, c.sent)
	}
	list := conn.Do("LRANGE", "l:"+id, "0", "-1").Elems
	if len(list) != min(n, keep) {
		t.Errorf("client %d: %d entries with a counter of %d", c.id, len(list), n)
	}
	for i, e := range list {
		if want := n - len(list) + 1 + i; e.Str != strconv.Itoa(want) {
			t.Errorf("client %d: entry %d is %s, want %d", c.id, i, e.Str, want)
			break
		}
	}
	c.acked, c.sent = n, n
}

// answers waits until the server has loaded its data.
func answers(t *testing.T, s *harness.Server) *harness.Conn {
	t.Helper()
	conn := s.Dial(t)
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		conn.SendAny(harness.Command("GET", "n:0"))
		r, err := conn.TryReply(20 * time.Second)
		if err == nil && r.Kind != '-' {
			return conn
		}
		if err != nil || !strings.HasPrefix(r.Str, "LOADING") || time.Now().After(end) {
			t.Fatalf("after a restart: %q\n%s", r.Raw, s.Output())
		}
	}
}

// lives runs the server again and again on one directory, and ends it with sig after a random number of acknowledgements.
func lives(t *testing.T, n int, sig syscall.Signal, args ...string) {
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("CACHESRV_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	args = append([]string{"--dir=" + dir, "--appendonly=yes", "--enable-debug-command=yes", "--save="}, args...)
	clients := make([]*checker, killers)
	for i := range clients {
		clients[i] = &checker{id: i}
	}
	total, modes := int64(0), map[string]int{}
	for life := range n {
		s := harness.Redis(t, args...)
		conn := answers(t, s)
		for _, c := range clients {
			c.check(t, conn)
		}
		if t.Failed() {
			t.Fatalf("life %d of seed %d\n%s", life, seed, s.Output())
		}
		if life == 0 {
			conn.Do("DEBUG", "POPULATE", "20000")
		}
		var acks atomic.Int64
		var wait sync.WaitGroup
		for _, c := range clients {
			wait.Add(1)
			harness.Go(func() {
				defer wait.Done()
				c.write(s, &acks)
			})
		}
		mode := []string{"load", "rewrite", "save"}[life%3]
		modes[mode]++
		until := int64(1 + dice.IntN(300))
		await(t, &acks, until)
		if mode != "load" {
			io.WriteString(conn, harness.Command(map[string]string{"rewrite": "BGREWRITEAOF", "save": "BGSAVE"}[mode]))
			await(t, &acks, until+int64(dice.IntN(400)))
		}
		s.Signal(t, sig)
		code := s.Wait(t, 20*time.Second)
		if sig == syscall.SIGTERM && code != 0 {
			t.Errorf("life %d: exit status %d\n%s", life, code, s.Output())
		}
		wait.Wait()
		conn.Close()
		total += acks.Load()
	}
	s := harness.Redis(t, args...)
	conn := answers(t, s)
	for _, c := range clients {
		c.check(t, conn)
	}
	orphans(t, dir)
	t.Logf("%d ends (%v), %d acknowledged transactions", n, modes, total)
}

// await waits until enough was acknowledged.
func await(t *testing.T, acks *atomic.Int64, n int64) {
	t.Helper()
	for end := time.Now().Add(time.Minute); acks.Load() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d acknowledgements", acks.Load(), n)
		}
	}
}

// orphans looks for files that killed snapshots and rewrites have left.
func orphans(t *testing.T, dir string) {
	t.Helper()
	for _, pattern := range []string{"temp-*", "appendonlydir/temp-*"} {
		left, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest"))
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
	if err == nil && !strings.HasPrefix(string(manifest), "file ") {
		return // encrypted; what sweeps is the same code
	}
	all, _ := os.ReadDir(filepath.Join(dir, "appendonlydir"))
	for _, f := range all {
		if name := f.Name(); !strings.HasSuffix(name, ".manifest") && !strings.Contains(string(manifest), "file "+name+" ") {
			t.Errorf("%s is in no list", name)
		}
	}
}

// times is how many lives a test has: few, unless a campaign says how many.
func times(few int) int {
	if n, err := strconv.Atoi(os.Getenv("CACHESRV_KILLS")); err == nil {
		return n
	}
	return few
}

// TestF1Kill: nothing that was acknowledged is lost, transactions and scripts are whole, and every restart succeeds. CACHESRV_KILLS is how many kills.
func TestF1Kill(t *testing.T) {
	for _, policy := range []string{"always", "everysec"} {
		t.Run(policy, func(t *testing.T) { lives(t, times(6), syscall.SIGKILL, "--appendfsync="+policy) })
	}
}

// TestF1KillEncrypted is the same with encryption at rest; afterwards nothing of the data can be read in any file.
func TestF1KillEncrypted(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("5a", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	lives(t, times(3), syscall.SIGKILL, "--appendfsync=everysec", "--encryption-key-file="+key)
}

// TestF16Storm ends the server in order again and again under load.
func TestF16Storm(t *testing.T) {
	lives(t, times(4), syscall.SIGTERM, "--appendfsync=everysec")
}
