// Client-side caching as a library does it: rueidis, in its usual mode and with broadcasting.

package clients

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestRueidisCaching(t *testing.T) {
	s := harness.Redis(t)
	for name, options := range map[string][]string{"optin": nil, "bcast": {"PREFIX", "k", "BCAST"}} {
		t.Run(name, func(t *testing.T) { rueidisCaching(t, s, options) })
	}
}

func rueidisCaching(t *testing.T, s *harness.Server, options []string) {
	ctx := deadline(t)
	var told atomic.Int64
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.Addr}, ForceSingleClient: true, ClientTrackingOptions: options,
		OnInvalidations: func([]rueidis.RedisMessage) { told.Add(1) }})
	ok(t, err)
	defer c.Close()
	writer := s.Dial(t)
	read := func(key string) (string, bool) {
		r := c.DoCache(ctx, c.B().Get().Key(key).Cache(), time.Hour)
		v, err := r.ToString()
		ok(t, err)
		return v, r.IsCacheHit()
	}
	for i := range 50 {
		key, value := fmt.Sprint("k", i%7), fmt.Sprint("v", i)
		writer.Do("set", key, value)
		for end := time.Now().Add(10 * time.Second); ; { // until the invalidation is here
			if v, _ := read(key); v == value {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s stays what it was before %s was written", key, value)
			}
		}
	}
	hits := 0
	for i := range 70 {
		if v, hit := read(fmt.Sprint("k", i%7)); hit {
			hits++
		} else if v == "" {
			t.Error("an empty value")
		}
	}
	if hits < 63 {
		t.Errorf("%d of 70 reads were answered from the copies", hits)
	}
	before := told.Load()
	writer.Do("flushall")
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // an older invalidation may still be on its way: the copies decide
		_, err := c.DoCache(ctx, c.B().Get().Key("k1").Cache(), time.Hour).ToString()
		if rueidis.IsRedisNil(err) && told.Load() > before {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("after flushing: %v, %d invalidations", err, told.Load()-before)
		}
	}
}
