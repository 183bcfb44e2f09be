// Publishers and subscribers of three languages.

package clients

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestNodePubSub(t *testing.T) {
	script(t, nodeModule(t, "ioredis"), filepath.Join(harness.Root(), "e2e/node/ioredis_pubsub.js"), harness.Redis(t))
}

func TestPythonPubSub(t *testing.T) {
	script(t, harness.Python(t, "redis"), filepath.Join(harness.Root(), "e2e/python/redis_pubsub.py"), harness.Redis(t))
}

func TestGoRedisPubSub(t *testing.T) {
	s := harness.Redis(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			ctx := deadline(t)
			c := redis.NewClient(&redis.Options{Addr: s.Addr, Protocol: protocol})
			defer c.Close()
			sub := c.Subscribe(ctx, "news")
			defer sub.Close()
			ok(t, sub.PSubscribe(ctx, "w*"))
			for range 2 {
				if _, err := sub.Receive(ctx); err != nil { // the confirmations
					t.Fatal(err)
				}
			}
			equal(t, "PUBLISH", c.Publish(ctx, "news", "first").Val(), 1)
			equal(t, "PUBLISH", c.Publish(ctx, "weather", "rain").Val(), 1)
			for _, want := range []string{"Message<news: first>", "Message<weather: rain>"} {
				m, err := sub.ReceiveMessage(ctx)
				ok(t, err)
				equal(t, "message", m.String(), want)
			}
			shard := c.SSubscribe(ctx, "shard")
			defer shard.Close()
			if _, err := shard.Receive(ctx); err != nil {
				t.Fatal(err)
			}
			equal(t, "SPUBLISH", c.SPublish(ctx, "shard", "mine").Val(), 1)
			m, err := shard.ReceiveMessage(ctx)
			ok(t, err)
			equal(t, "shard message", m.Payload, "mine")
			equal(t, "PUBSUB NUMSUB", c.PubSubNumSub(ctx, "news").Val()["news"], 1)
			messages := sub.Channel()
			go func() {
				for i := range 2000 {
					c.Publish(ctx, "news", i)
				}
			}()
			for i := range 2000 {
				equal(t, "message in order", (<-messages).Payload, fmt.Sprint(i))
			}
		})
	}
	s.Alive(t)
}

func TestRueidisPubSub(t *testing.T) {
	ctx := deadline(t)
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{harness.Redis(t).Addr}, DisableCache: true})
	ok(t, err)
	defer c.Close()
	got, ready := make(chan string, 10), make(chan bool, 1)
	single, release := c.Dedicate()
	defer release()
	single.SetPubSubHooks(rueidis.PubSubHooks{
		OnMessage:      func(m rueidis.PubSubMessage) { got <- m.Channel + "=" + m.Message },
		OnSubscription: func(rueidis.PubSubSubscription) { ready <- true },
	})
	ok(t, single.Do(ctx, single.B().Subscribe().Channel("news").Build()).Error())
	<-ready
	n, err := c.Do(ctx, c.B().Publish().Channel("news").Message("hi").Build()).AsInt64()
	ok(t, err)
	equal(t, "PUBLISH", n, 1)
	equal(t, "message", <-got, "news=hi")
}
