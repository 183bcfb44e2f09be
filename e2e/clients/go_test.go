// Go clients: go-redis, rueidis, gomemcache.

package clients

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// ok fails the test on an error that the caller did not expect.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestGoRedis(t *testing.T) {
	s := harness.Redis(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) { goRedis(t, s, protocol) })
	}
}

func goRedis(t *testing.T, s *harness.Server, protocol int) {
	ctx := deadline(t)
	c := redis.NewClient(&redis.Options{Addr: s.Addr, Protocol: protocol, DB: 3, ClientName: "go-redis"})
	defer c.Close()
	ok(t, c.FlushAll(ctx).Err())
	ok(t, c.Set(ctx, "k", "v", time.Hour).Err())
	v, err := c.Get(ctx, "k").Result()
	ok(t, err)
	equal(t, "GET", v, "v")
	if _, err := c.Get(ctx, "nosuch").Result(); !errors.Is(err, redis.Nil) {
		t.Errorf("GET of no key: %v", err)
	}
	equal(t, "SETNX", c.SetNX(ctx, "k", "w", 0).Val(), false)
	equal(t, "INCRBY", c.IncrBy(ctx, "n", 41).Val()+c.Incr(ctx, "n").Val(), 41+42)
	equal(t, "INCRBYFLOAT", c.IncrByFloat(ctx, "f", 1.5).Val(), 1.5)
	equal(t, "MSET", c.MSet(ctx, "a", 1, "b", 2).Val(), "OK")
	equal(t, "MGET", fmt.Sprint(c.MGet(ctx, "a", "nosuch", "b").Val()), "[1 <nil> 2]")
	if ttl := c.TTL(ctx, "k").Val(); ttl < 59*time.Minute || ttl > time.Hour {
		t.Errorf("TTL %v", ttl)
	}
	equal(t, "EXPIRE NX", c.ExpireNX(ctx, "k", time.Hour).Val(), false)
	equal(t, "GETEX", c.GetEx(ctx, "k", 0).Val(), "v")
	equal(t, "GETDEL", c.GetDel(ctx, "k").Val(), "v")
	ok(t, c.MSet(ctx, "x1", "ohmytext", "x2", "mynewtext").Err())
	lcs, err := c.LCS(ctx, &redis.LCSQuery{Key1: "x1", Key2: "x2", Idx: true, WithMatchLen: true}).Result()
	ok(t, err)
	equal(t, "LCS", lcs.Len, 6)
	pipelined(t, ctx, c)
	equal(t, "SCAN", scanned(ctx, c), 1000)
	info := c.Info(ctx, "server", "keyspace").Val()
	if !strings.Contains(info, "redis_version:7.2") || !strings.Contains(info, "db3:keys=") {
		t.Errorf("INFO: %s", info)
	}
	name, err := c.ClientGetName(ctx).Result()
	ok(t, err)
	equal(t, "CLIENT GETNAME", name, "go-redis")
	if list := c.ClientList(ctx).Val(); !strings.Contains(list, "name=go-redis") {
		t.Errorf("CLIENT LIST: %s", list)
	}
	cmds, err := c.Command(ctx).Result()
	ok(t, err)
	if cmds["get"] == nil || cmds["get"].Arity != 2 {
		t.Errorf("COMMAND: %v", cmds["get"])
	}
	concurrent(t, ctx, c)
}

func pipelined(t *testing.T, ctx context.Context, c *redis.Client) {
	t.Helper()
	cmds, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range 1000 {
			p.Set(ctx, fmt.Sprintf("scan:%d", i), i, 0)
		}
		return nil
	})
	ok(t, err)
	equal(t, "pipeline", len(cmds), 1000)
}

func scanned(ctx context.Context, c *redis.Client) int {
	seen := map[string]bool{}
	it := c.Scan(ctx, 0, "scan:*", 50).Iterator()
	for it.Next(ctx) {
		seen[it.Val()] = true
	}
	return len(seen)
}

func concurrent(t *testing.T, ctx context.Context, c *redis.Client) {
	t.Helper()
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		harness.Go(func() {
			defer wg.Done()
			for range 100 {
				if err := c.Incr(ctx, "together").Err(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	equal(t, "2000 concurrent INCR", c.Get(ctx, "together").Val(), "2000")
}

func TestGoRedisPassword(t *testing.T) {
	ctx := deadline(t)
	s := harness.Redis(t, "--requirepass=secret")
	good := redis.NewClient(&redis.Options{Addr: s.Addr, Password: "secret"})
	defer good.Close()
	ok(t, good.Ping(ctx).Err())
	bad := redis.NewClient(&redis.Options{Addr: s.Addr, Password: "wrong"})
	defer bad.Close()
	if err := bad.Ping(ctx).Err(); err == nil || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("wrong password: %v", err)
	}
}

func TestRueidis(t *testing.T) {
	ctx := deadline(t)
	s := harness.Redis(t)
	// Client-side caching needs tracking, which the first part does not have.
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.Addr}, DisableCache: true, ForceSingleClient: true})
	ok(t, err)
	defer c.Close()
	ok(t, c.Do(ctx, c.B().Set().Key("k").Value("v").ExSeconds(100).Build()).Error())
	v, err := c.Do(ctx, c.B().Get().Key("k").Build()).ToString()
	ok(t, err)
	equal(t, "GET", v, "v")
	if err := c.Do(ctx, c.B().Get().Key("nosuch").Build()).Error(); !rueidis.IsRedisNil(err) {
		t.Errorf("GET of no key: %v", err)
	}
	n, err := c.Do(ctx, c.B().Incrby().Key("n").Increment(7).Build()).AsInt64()
	ok(t, err)
	equal(t, "INCRBY", n, 7)
	cmds := make(rueidis.Commands, 0, 500)
	for i := range 500 {
		cmds = append(cmds, c.B().Set().Key(fmt.Sprint("m", i)).Value(fmt.Sprint(i)).Build())
	}
	for _, r := range c.DoMulti(ctx, cmds...) {
		ok(t, r.Error())
	}
	all, err := c.Do(ctx, c.B().Mget().Key("m0", "m499", "nosuch").Build()).AsStrSlice()
	ok(t, err)
	equal(t, "MGET", strings.Join(all, " "), "0 499 ")
	var wg sync.WaitGroup
	for range 16 { // one connection, pipelined by the client itself
		wg.Add(1)
		harness.Go(func() {
			defer wg.Done()
			for range 200 {
				if err := c.Do(ctx, c.B().Incr().Key("together").Build()).Error(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	v, err = c.Do(ctx, c.B().Get().Key("together").Build()).ToString()
	ok(t, err)
	equal(t, "3200 concurrent INCR", v, "3200")
}

func TestGomemcache(t *testing.T) {
	s := harness.Memcached(t)
	c := memcache.New(s.Addr)
	c.Timeout = 10 * time.Second
	ok(t, c.Ping())
	ok(t, c.Set(&memcache.Item{Key: "k", Value: []byte("v"), Flags: 77, Expiration: 100}))
	it, err := c.Get("k")
	ok(t, err)
	equal(t, "value and flags", fmt.Sprint(string(it.Value), it.Flags), "v77")
	it.Value = []byte("w")
	ok(t, c.CompareAndSwap(it))
	if err := c.CompareAndSwap(it); !errors.Is(err, memcache.ErrCASConflict) {
		t.Errorf("second CAS: %v", err)
	}
	if err := c.Add(&memcache.Item{Key: "k", Value: nil}); !errors.Is(err, memcache.ErrNotStored) {
		t.Errorf("add: %v", err)
	}
	ok(t, c.Replace(&memcache.Item{Key: "k", Value: []byte("10")}))
	ok(t, c.Append(&memcache.Item{Key: "k", Value: []byte("0")}))
	ok(t, c.Prepend(&memcache.Item{Key: "k", Value: []byte("1")}))
	n, err := c.Increment("k", 5)
	ok(t, err)
	equal(t, "incr", n, 1105)
	n, err = c.Decrement("k", 2000)
	ok(t, err)
	equal(t, "decr", n, 0)
	ok(t, c.Touch("k", 50))
	if _, err := c.GetAndTouch("k", 60); err != nil {
		t.Errorf("gat: %v", err)
	}
	var keys []string
	for i := range 300 {
		k := fmt.Sprint("many", i)
		keys = append(keys, k)
		ok(t, c.Set(&memcache.Item{Key: k, Value: []byte(k)}))
	}
	all, err := c.GetMulti(append(keys, "nosuch"))
	ok(t, err)
	equal(t, "get of 301 keys", len(all), 300)
	ok(t, c.Delete("k"))
	if err := c.Delete("k"); !errors.Is(err, memcache.ErrCacheMiss) {
		t.Errorf("second delete: %v", err)
	}
	ok(t, c.FlushAll())
	if _, err := c.Get("many1"); !errors.Is(err, memcache.ErrCacheMiss) {
		t.Errorf("after flush_all: %v", err)
	}
	if err := c.Set(&memcache.Item{Key: "big", Value: make([]byte, 2<<20)}); err == nil {
		t.Error("2 MB were stored")
	}
	ok(t, c.Ping())
}
