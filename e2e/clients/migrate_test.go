// MIGRATE between our server and redis-server, in both directions.

package clients

import (
	"context"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMigrateThereAndBack(t *testing.T) {
	ctx := deadline(t)
	ours, theirs := harness.Redis(t, "--enable-debug-command", "yes"), harness.OracleRedis(t, "--requirepass", "secret")
	c := redis.NewClient(&redis.Options{Addr: ours.Addr})
	defer c.Close()
	p := redis.NewClient(&redis.Options{Addr: theirs.Addr, Password: "secret"})
	defer p.Close()
	fillTypes(t, ctx, c)
	before, err := c.Do(ctx, "debug", "digest").Text()
	ok(t, err)
	keys := c.Keys(ctx, "*").Val()
	move := func(from *redis.Client, port int, auth ...any) {
		t.Helper()
		words := append([]any{"migrate", "127.0.0.1", port, "", 0, 5000}, auth...)
		words = append(words, "keys")
		for _, k := range keys {
			words = append(words, k)
		}
		text, err := from.Do(ctx, words...).Text()
		ok(t, err)
		equal(t, "MIGRATE", text, "OK")
		equal(t, "keys left behind", from.DBSize(ctx).Val(), 0)
	}
	move(c, portOf(t, theirs.Addr), "auth", "secret")
	equal(t, "keys moved", p.DBSize(ctx).Val(), int64(len(keys)))
	move(p, portOf(t, ours.Addr))
	after, err := c.Do(ctx, "debug", "digest").Text()
	ok(t, err)
	equal(t, "DEBUG DIGEST", after, before)
	ours.Alive(t)
}

func portOf(t *testing.T, address string) (port int) {
	t.Helper()
	if _, err := fmt.Sscanf(address, "127.0.0.1:%d", &port); err != nil {
		t.Fatal(address, err)
	}
	return port
}

// fillTypes makes keys of every type, small and big.
func fillTypes(t *testing.T, ctx context.Context, c *redis.Client) {
	pipe := c.Pipeline()
	pipe.Set(ctx, "text", "hello", 0)
	pipe.Set(ctx, "number", 42, 0)
	pipe.PFAdd(ctx, "hll", "a", "b", "c")
	for i := range 1500 {
		pipe.HSet(ctx, "hash", i, fmt.Sprint("value ", i))
		pipe.RPush(ctx, "list", fmt.Sprint("element ", i))
		pipe.SAdd(ctx, "ints", i)
		pipe.SAdd(ctx, "set", fmt.Sprint("member ", i))
		pipe.ZAdd(ctx, "zset", redis.Z{Score: float64(i) / 7, Member: fmt.Sprint("member ", i)})
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: "stream", ID: fmt.Sprint(i+1, "-1"), Values: []any{"n", i}})
		if i < 5 {
			pipe.HSet(ctx, "small hash", i, i)
			pipe.SAdd(ctx, "small set", fmt.Sprint("m", i))
			pipe.ZAdd(ctx, "small zset", redis.Z{Score: float64(i), Member: fmt.Sprint("m", i)})
		}
	}
	pipe.XGroupCreate(ctx, "stream", "group", "0")
	pipe.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "group", Consumer: "one", Streams: []string{"stream", ">"}, Count: 10, Block: -1})
	_, err := pipe.Exec(ctx)
	ok(t, err)
}
