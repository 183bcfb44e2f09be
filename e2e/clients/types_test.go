// go-redis on every data type, in both protocol versions.

package clients

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestGoRedisTypes(t *testing.T) {
	s := harness.Redis(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			ctx := deadline(t)
			c := redis.NewClient(&redis.Options{Addr: s.Addr, Protocol: protocol, DB: 5})
			defer c.Close()
			ok(t, c.FlushDB(ctx).Err())
			hashAndList(t, ctx, c)
			leaderboard(t, ctx, c)
			setsAndCounting(t, ctx, c)
			streamOfEvents(t, ctx, c)
			towns(t, ctx, c)
		})
	}
	s.Alive(t)
}

func hashAndList(t *testing.T, ctx context.Context, c *redis.Client) {
	type product struct {
		Name  string  `redis:"name"`
		Price float64 `redis:"price"`
		Stock int     `redis:"stock"`
	}
	ok(t, c.HSet(ctx, "product", product{"Chair", 79.5, 4}).Err())
	equal(t, "HINCRBY", c.HIncrBy(ctx, "product", "stock", -1).Val(), 3)
	var p product
	ok(t, c.HGetAll(ctx, "product").Scan(&p))
	equal(t, "HGETALL", p, product{"Chair", 79.5, 3})
	equal(t, "HRANDFIELD", len(c.HRandFieldWithValues(ctx, "product", 2).Val()), 2)
	for i := range 2000 {
		ok(t, c.RPush(ctx, "list", i, fmt.Sprint("element ", i)).Err())
	}
	equal(t, "LLEN", c.LLen(ctx, "list").Val(), 4000)
	equal(t, "LRANGE", fmt.Sprint(c.LRange(ctx, "list", 1998, 2001).Val()), "[999 element 999 1000 element 1000]")
	equal(t, "LPOS", c.LPos(ctx, "list", "element 1500", redis.LPosArgs{}).Val(), 3001)
	key, moved, err := c.LMPop(ctx, "right", 3, "nosuch", "list").Result()
	ok(t, err)
	equal(t, "LMPOP", fmt.Sprintf("%s%v", key, moved), "list[element 1999 1999 element 1998]")
}

func leaderboard(t *testing.T, ctx context.Context, c *redis.Client) {
	var all []redis.Z
	for i := range 1000 {
		all = append(all, redis.Z{Score: float64(i) / 4, Member: fmt.Sprint("player:", i)})
	}
	equal(t, "ZADD", c.ZAdd(ctx, "board", all...).Val(), 1000)
	equal(t, "ZINCRBY", c.ZIncrBy(ctx, "board", 0.125, "player:0").Val(), 0.125)
	equal(t, "ZREVRANGE", fmt.Sprint(c.ZRevRangeWithScores(ctx, "board", 0, 1).Val()), "[{249.75 player:999} {249.5 player:998}]")
	equal(t, "ZRANGE BYSCORE", fmt.Sprint(c.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "board", Start: "(1", Stop: "2", ByScore: true, Count: 2, Offset: 1}).Val()), "[player:6 player:7]")
	rank, err := c.ZRankWithScore(ctx, "board", "player:10").Result()
	ok(t, err)
	equal(t, "ZRANK WITHSCORE", rank, redis.RankScore{Rank: 10, Score: 2.5})
	equal(t, "ZMSCORE", fmt.Sprint(c.ZMScore(ctx, "board", "player:1", "nosuch").Val()), "[0.25 0]")
	equal(t, "ZPOPMIN", fmt.Sprint(c.ZPopMin(ctx, "board", 2).Val()), "[{0.125 player:0} {0.25 player:1}]")
	equal(t, "ZINTERSTORE", c.ZInterStore(ctx, "both", &redis.ZStore{Keys: []string{"board", "board"}, Weights: []float64{1, 3}}).Val(), 998)
	equal(t, "ZSCORE", c.ZScore(ctx, "both", "player:4").Val(), 4)
	equal(t, "EXPIRE", c.Expire(ctx, "board", time.Hour).Val(), true)
	equal(t, "RENAME", c.Rename(ctx, "board", "old-board").Val(), "OK")
	if ttl := c.TTL(ctx, "old-board").Val(); ttl < 59*time.Minute {
		t.Errorf("TTL after RENAME: %v", ttl)
	}
}

func setsAndCounting(t *testing.T, ctx context.Context, c *redis.Client) {
	ok(t, c.SAdd(ctx, "a", 1, 2, 3, "x").Err())
	ok(t, c.SAdd(ctx, "b", 2, 3, 4).Err())
	equal(t, "SINTERCARD", c.SInterCard(ctx, 0, "a", "b").Val(), 2)
	equal(t, "SUNIONSTORE", c.SUnionStore(ctx, "u", "a", "b").Val(), 5)
	equal(t, "SMISMEMBER", fmt.Sprint(c.SMIsMember(ctx, "u", "x", "y").Val()), "[true false]")
	ok(t, c.PFAdd(ctx, "hll", "a", "b", "c").Err())
	equal(t, "PFCOUNT", c.PFCount(ctx, "hll").Val(), 3)
	ok(t, c.SetBit(ctx, "bits", 100, 1).Err())
	equal(t, "BITOP", c.BitOpNot(ctx, "not", "bits").Val(), 13)
	equal(t, "BITCOUNT", c.BitCount(ctx, "not", nil).Val(), 103)
	equal(t, "SORT", fmt.Sprint(c.Sort(ctx, "b", &redis.Sort{Order: "desc"}).Val()), "[4 3 2]")
}

func streamOfEvents(t *testing.T, ctx context.Context, c *redis.Client) {
	for i := range 300 {
		ok(t, c.XAdd(ctx, &redis.XAddArgs{Stream: "events", ID: fmt.Sprintf("%d-%d", 1+i/10, i%10), Values: []string{"n", fmt.Sprint(i)}}).Err())
	}
	ok(t, c.XGroupCreate(ctx, "events", "g", "5-0").Err())
	read, err := c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "me", Streams: []string{"events", ">"}, Count: 20, Block: -1}).Result()
	ok(t, err)
	equal(t, "XREADGROUP", read[0].Messages[0].ID, "5-1")
	equal(t, "XACK", c.XAck(ctx, "events", "g", "5-1", "5-2").Val(), 2)
	equal(t, "XPENDING", c.XPending(ctx, "events", "g").Val().Count, 18)
	claimed, next, err := c.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: "events", Group: "g", Consumer: "you", Start: "0", Count: 5}).Result()
	ok(t, err)
	equal(t, "XAUTOCLAIM", fmt.Sprintf("%d %s", len(claimed), next), "5 5-8")
	equal(t, "XTRIM", c.XTrimMaxLen(ctx, "events", 100).Val(), 200)
	info, err := c.XInfoStream(ctx, "events").Result()
	ok(t, err)
	equal(t, "XINFO", fmt.Sprintf("%d %s %d", info.Length, info.FirstEntry.ID, info.Groups), "100 21-0 1")
}

func towns(t *testing.T, ctx context.Context, c *redis.Client) {
	ok(t, c.GeoAdd(ctx, "towns", &redis.GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556},
		&redis.GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669}).Err())
	near, err := c.GeoSearchLocation(ctx, "towns", &redis.GeoSearchLocationQuery{GeoSearchQuery: redis.GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200,
		RadiusUnit: "km", Sort: "ASC"}, WithDist: true}).Result()
	ok(t, err)
	if len(near) != 2 || near[0].Name != "Catania" || near[0].Dist != 56.4413 {
		t.Errorf("GEOSEARCH: %+v", near)
	}
}
