// The process is killed under load: with an append-only file nothing that was acknowledged may be missing afterwards.

package faults

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// writers are clients that write numbers and remember which were acknowledged. Every number is written in two places at once, by a transaction or a
// script, and appended to a list.
type writers struct {
	acked []atomic.Int64
	sent  []atomic.Int64
	total atomic.Int64
	wait  sync.WaitGroup
}

func newWriters(n int) *writers {
	return &writers{acked: make([]atomic.Int64, n), sent: make([]atomic.Int64, n)}
}

// begin lets all clients write until their connections end.
func (w *writers) begin(t *testing.T, s *harness.Server) {
	for id := range w.acked {
		c, err := s.TryDial()
		if err != nil {
			t.Fatal(err)
		}
		w.wait.Add(1)
		harness.Go(func() {
			defer w.wait.Done()
			w.write(c, id)
		})
	}
}

const pairScript = "redis.call('SET',KEYS[1],ARGV[1]) redis.call('RPUSH',KEYS[2],ARGV[1]) return 'OK'"

func (w *writers) write(c *harness.Conn, id int) {
	last, list := fmt.Sprint("last:", id), fmt.Sprint("list:", id)
	for {
		seq := strconv.FormatInt(w.sent[id].Add(1), 10)
		in, replies := harness.Command("EVAL", pairScript, "2", last, list, seq), 1
		if id%2 == 0 {
			in = harness.Command("MULTI") + harness.Command("SET", last, seq) + harness.Command("RPUSH", list, seq) + harness.Command("EXEC")
			replies = 4
		}
		c.SendAny(in)
		for range replies {
			r, err := c.TryReply(20 * time.Second)
			if err != nil {
				return
			}
			if r.IsError() {
				return
			}
		}
		w.acked[id].Store(w.sent[id].Load())
		w.total.Add(1)
	}
}

// check compares what is there with what was acknowledged.
func (w *writers) check(t *testing.T, c *harness.Conn) {
	t.Helper()
	for id := range w.acked {
		list := c.Do("LRANGE", fmt.Sprint("list:", id), "0", "-1").Strings()
		n, acked, sent := int64(len(list)), w.acked[id].Load(), w.sent[id].Load()
		if n < acked || n > sent {
			t.Errorf("client %d: %d entries, acknowledged %d, sent %d", id, n, acked, sent)
		}
		for i, entry := range list {
			if entry != strconv.Itoa(i+1) {
				t.Fatalf("client %d: entry %d is %s", id, i, entry)
			}
		}
		if last := c.Do("GET", fmt.Sprint("last:", id)); n > 0 && last.Str != strconv.FormatInt(n, 10) {
			t.Errorf("client %d: half a transaction: %d entries, last %s", id, n, last.Str)
		}
		w.sent[id].Store(n) // what was not acknowledged may be there or not
	}
}

func TestF1KilledUnderLoad(t *testing.T) {
	const kills = 3
	for _, policy := range []string{"always", "everysec", "no"} {
		t.Run(policy, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			t.Log("seed", seed)
			dice := rand.New(rand.NewPCG(seed, 1))
			dir := t.TempDir()
			flags := []string{"--dir=" + dir, "--appendonly=yes", "--appendfsync=" + policy, "--auto-aof-rewrite-min-size=20kb", "--auto-aof-rewrite-percentage=50"}
			w := newWriters(8)
			for range kills {
				s := harness.Redis(t, flags...)
				c := s.Dial(t)
				loaded(t, c)
				w.check(t, c)
				w.begin(t, s)
				goal := w.total.Load() + 50 + dice.Int64N(1000)
				harness.Eventually(t, 20*time.Second, "enough was acknowledged", func() (bool, string) { return w.total.Load() >= goal, "" })
				if dice.IntN(2) == 0 {
					c.Do("BGREWRITEAOF")
				}
				s.Signal(t, syscall.SIGKILL)
				s.Wait(t, 10*time.Second)
				w.wait.Wait()
			}
			s := harness.Redis(t, flags...)
			c := s.Dial(t)
			loaded(t, c)
			w.check(t, c)
			t.Log(w.total.Load(), "acknowledged")
		})
	}
}

// loaded waits until the data is.
func loaded(t *testing.T, c *harness.Conn) {
	t.Helper()
	harness.Eventually(t, 20*time.Second, "the data is loaded", func() (bool, string) {
		r := c.Do("GET", "x")
		return !r.IsError(), r.String()
	})
}

// TestF16SecondServer: two servers never write to one data directory.
func TestF16SecondServer(t *testing.T) {
	dir := t.TempDir()
	first := harness.Redis(t, "--dir="+dir, "--appendonly=yes")
	port := harness.FreePort(t)
	second := harness.Start(t, "redis", harness.Bin(t), port, "--engine=redis", "--port="+strconv.Itoa(port), "--dir="+dir, "--appendonly=yes")
	if code := second.Wait(t, 10*time.Second); code == 0 {
		t.Error("the second server ended as if all was well")
	}
	second.AwaitOutput(t, "another server is using this data directory", time.Second)
	first.Alive(t)
}
