package redis

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cachesrv/cachesrv/core"
)

func TestMultiExec(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want("+OK\r\n", "multi")
	c.want("-ERR MULTI calls can not be nested\r\n", "multi")
	c.want("-ERR WATCH inside MULTI is not allowed\r\n", "watch", "k")
	c.want("+QUEUED\r\n", "set", "k", "1")
	c.want("+QUEUED\r\n", "lpush", "k", "x")
	c.want("+QUEUED\r\n", "incr", "k")
	c.want("+QUEUED\r\n", "select", "99")
	c.want("+QUEUED\r\n", "ping")
	c.want("*5\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n:2\r\n-ERR DB index is out of range\r\n+PONG\r\n", "exec")
	c.want("-ERR EXEC without MULTI\r\n", "exec")
	c.want("-ERR DISCARD without MULTI\r\n", "discard")
	c.want("+OK\r\n", "multi")
	c.want("+QUEUED\r\n", "set", "k", "3")
	c.want("+OK\r\n", "discard")
	c.want(bulk("2"), "get", "k")
	c.want("+OK\r\n", "multi")
	c.want("*0\r\n", "exec")
}

func TestR13ExecAfterError(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, bad := range []string{"nosuch", "get", "set k", "config nosuch", "shutdown now"} {
		c.want("+OK\r\n", "multi")
		c.want("+QUEUED\r\n", "set", "k", "1")
		if got := c.do(strings.Fields(bad)...); got[0] != '-' {
			t.Fatalf("%s: %q", bad, got)
		}
		c.want("+QUEUED\r\n", "set", "k", "2")
		c.want("-EXECABORT Transaction discarded because of previous errors.\r\n", "exec")
		c.want("$-1\r\n", "get", "k")
	}
	c.want("+OK\r\n", "multi")
	c.want("-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n", "exec", "1")
	c.want("-ERR EXEC without MULTI\r\n", "exec")
}

func TestR13GiantMulti(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("multi")
	value := strings.Repeat("v", 1000)
	var pipeline strings.Builder
	for i := range 1000 {
		pipeline.WriteString(request("set", fmt.Sprint("k", i), value))
	}
	c.feed(pipeline.String())
	if held := c.public.held.Load(); held < 1_000_000 || held > 1_500_000 {
		t.Errorf("1 MB of requests counts as %d", held)
	}
	c.want("+OK\r\n", "discard")
	if held := c.public.held.Load(); held != 0 || c.multi != nil {
		t.Errorf("%d bytes held after DISCARD", held)
	}
	c.want(":0\r\n", "dbsize")
}

func TestWatch(t *testing.T) {
	r := newRig(t, core.Options{Databases: 3})
	a, b := r.client(), r.client()
	b.do("select", "2")
	b.do("set", "there", "1")
	b.do("select", "0")
	for _, test := range []struct {
		name  string
		write []string
		kept  bool
	}{
		{"changed", []string{"set k 2"}, false},
		{"changed to the same", []string{"set k 1"}, false},
		{"another key", []string{"set j 2"}, true},
		{"another database", []string{"select 1", "set k 2", "select 0"}, true},
		{"read", []string{"get k"}, true},
		{"gone", []string{"del k"}, false},
		{"renamed", []string{"rename k j"}, false},
		{"flushed", []string{"flushall"}, false},
		{"another flushed", []string{"select 1", "flushdb", "select 0"}, true},
		{"swapped", []string{"swapdb 0 1"}, false},
		{"two others swapped", []string{"swapdb 1 2"}, true},
		{"given an expiry", []string{"expire k 100"}, false},
	} {
		b.do("set", "k", "1")
		a.want("+OK\r\n", "watch", "k", "k", "none")
		for _, line := range test.write {
			if got := b.do(strings.Fields(line)...); got[0] == '-' {
				t.Fatalf("%s: %q", line, got)
			}
		}
		a.do("multi")
		a.want("+QUEUED\r\n", "echo", "hi")
		want := "*-1\r\n"
		if test.kept {
			want = "*1\r\n" + bulk("hi")
		}
		if got := a.do("exec"); got != want {
			t.Errorf("%s: EXEC says %q", test.name, got)
		}
	}
	b.do("flushall")
	b.do("set", "k", "1", "px", "1000")
	a.do("watch", "k")
	r.now.Add(2000)
	a.do("multi")
	a.want("*-1\r\n", "exec")
	a.do("watch", "k") // not there: nothing can expire
	b.do("flushall")
	a.do("multi")
	a.want("*0\r\n", "exec")
	a.do("hello", "3")
	a.do("watch", "k")
	b.do("set", "k", "1")
	a.do("multi")
	a.want("_\r\n", "exec")
	a.do("watch", "k")
	b.do("set", "k", "2")
	a.want("+OK\r\n", "unwatch")
	a.do("multi")
	a.want("*0\r\n", "exec")
}

// TestTransactionJournal checks that what a transaction does stands together, and that one which changes nothing leaves no trace.
func TestTransactionJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	for _, line := range []string{"multi", "get a", "set a 1", "incrbyfloat a 1.5", "flushall", "set b 1", "exec", "multi", "get a", "exec"} {
		c.do(strings.Fields(line)...)
	}
	want := "0 MULTI|0 set a 1|0 SET a 2.5 KEEPTTL|0 flushall|0 set b 1|0 EXEC"
	if got := strings.Join(d.lines, "|"); got != want {
		t.Errorf("journal: %s", got)
	}
}

func TestTransactionWithoutMemory(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("set", "k", "1")
	c.do("multi")
	c.want("+QUEUED\r\n", "set", "a", strings.Repeat("x", 1000))
	r.store.SetMaxMemory(1)
	c.want("-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n", "exec")
	c.do("multi")
	c.want("-OOM command not allowed when used memory > 'maxmemory'.\r\n", "set", "a", "1")
	c.want("-EXECABORT Transaction discarded because of previous errors.\r\n", "exec")
	c.do("multi")
	c.want("+QUEUED\r\n", "del", "k")
	c.want("*1\r\n:1\r\n", "exec")
}

// TestTransfersAreAtomic moves money between accounts in transactions, some of them over the whole store, while others look: the
// sum never changes. Optimistic increments by WATCH lose nothing either.
func TestTransfersAreAtomic(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	const accounts, workers, rounds = 8, 4, 60
	ctx := context.Background()
	admin := redis.NewClient(&redis.Options{Addr: address})
	defer admin.Close()
	names := make([]string, accounts)
	for i := range names {
		names[i] = fmt.Sprint("account", i)
		admin.Set(ctx, names[i], 100, 0)
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := redis.NewClient(&redis.Options{Addr: address})
			defer c.Close()
			for i := range rounds {
				from, to := names[(w+i)%accounts], names[(w*3+i*5+1)%accounts]
				_, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
					p.DecrBy(ctx, from, int64(i))
					if i%5 == 0 {
						p.DBSize(ctx)
					}
					p.IncrBy(ctx, to, int64(i))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				sum := 0
				got := c.MGet(ctx, names...).Val()
				for _, v := range got {
					n := 0
					fmt.Sscan(v.(string), &n)
					sum += n
				}
				if sum != accounts*100 {
					t.Errorf("the accounts hold %d", sum)
				}
				for {
					err = c.Watch(ctx, func(tx *redis.Tx) error {
						n, _ := tx.Get(ctx, "counter").Int()
						_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
							p.Set(ctx, "counter", n+1, 0)
							return nil
						})
						return err
					}, "counter")
					if err != redis.TxFailedErr {
						break
					}
				}
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if n, _ := admin.Get(ctx, "counter").Int(); n != workers*rounds {
		t.Errorf("%d of %d optimistic increments are left", n, workers*rounds)
	}
}
