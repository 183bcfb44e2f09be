// What a client is subscribed to, and what becomes of it when its user loses the right.

package redis

import (
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// R14: whoever is subscribed to what its user may no longer hear is cut off; others go on.
func TestR14SubscriberLosesChannel(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	admin := dial(t, address)
	admin.expect("+OK\r\n", "ACL", "SETUSER", "u", "on", "nopass", "+@all", "resetchannels", "&news", "&w*")
	as := func(reply string, words ...string) *wire {
		w := dial(t, address)
		w.expect("+OK\r\n", "AUTH", "u", "x")
		w.expect(reply, words...)
		return w
	}
	news := as(told("subscribe", "news", 1), "SUBSCRIBE", "news")
	weather := as(told("subscribe", "weather", 1), "SUBSCRIBE", "weather")
	pattern := as(told("psubscribe", "w*", 1), "PSUBSCRIBE", "w*")
	shard := as(told("ssubscribe", "wind", 1), "SSUBSCRIBE", "wind")
	admin.expect("+OK\r\n", "ACL", "SETUSER", "u", "&more") // more than before: nobody goes
	admin.expect(":2\r\n", "PUBLISH", "weather", "rain")
	weather.expect(told("message", "weather", "rain"))
	pattern.expect(told("pmessage", "w*", "weather", "rain"))
	admin.expect("+OK\r\n", "ACL", "SETUSER", "u", "resetchannels", "&news")
	weather.closed()
	pattern.closed()
	shard.closed()
	admin.expect(":1\r\n", "PUBLISH", "news", "on")
	news.expect(told("message", "news", "on"))
	within(t, "only one left", func() bool { return r.e.registry.subscriptions.Load() == 1 })
}

func TestEverySubscription(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client().client
	if !c.everySubscription(func(kind, string) bool { return false }) {
		t.Error("one without any has some")
	}
	s := &subscriber{}
	c.public.subs.Store(s)
	s.add(c, toChannels, "a")
	s.add(c, toPatterns, "b")
	s.add(c, toShards, "c")
	var all []string
	c.everySubscription(func(k kind, name string) bool {
		all = append(all, joinWords[k]+" "+name)
		return true
	})
	if want := []string{"subscribe a", "psubscribe b", "ssubscribe c"}; !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
	if c.everySubscription(func(_ kind, name string) bool { return name != "b" }) {
		t.Error("b was not asked about")
	}
	if n := c.subscriptions(); n != [kinds]int32{1, 1, 1} || c.subscriptionBytes() != 3*(subscriptionBytes+1) {
		t.Error(n, c.subscriptionBytes())
	}
	for k := range kinds {
		for _, sub := range s.maps[k] {
			s.drop(c, k, sub)
		}
	}
	if c.subscriptionBytes() != 0 || r.e.registry.subscriptions.Load() != 0 {
		t.Error("something is left")
	}
}
